"""The rules that change an item by themselves (D5, D6). Pure.

A rule looks at what is and says what the item should be; run again on its own result it says
nothing, so a pass that is repeated or cut short does no harm (failures 86-88).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from mapping.values import Item, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """An item as a rule wants it.

    Attributes:
        rule: the handbook's id.
        why: in the team's language.
    """

    item: Item
    rule: str
    why: str


def late(item: Item, today: date, language: str) -> RuleChange | None:
    """Set 延期 the day after the due day, once for that due day (D6).

    A person's status stands until the due day changes; blocked, done and reported items are left
    alone.
    """
    if item.due is None or item.due >= today or item.late_for == item.due:
        return None
    if item.status is Status.LATE and item.is_open:  # a person's word from now on
        return RuleChange(item=replace(item, late_for=item.due), rule="D6", why="")
    if item.status is not Status.IN_PROGRESS or item.completed or item.closed:
        return None
    why = f"已过计划完成时间 {item.due}" if language == "zh" else f"due day {item.due} has passed"
    return RuleChange(item=replace(item, status=Status.LATE, late_for=item.due), rule="D6", why=why)


def completion(
    item: Item, origins: Mapping[str, str], today: date, language: str, *, verification: bool
) -> RuleChange | None:
    """Take a completion that a person reported in a tool for what it is (D5).

    With verification it is a report: the item stays in progress, ``completed`` is set, and the
    follow-up person is to check it. Without, the item is done. An item that is opened again loses
    its check.
    """
    zh = language == "zh"
    if item.closed:
        return None
    if item.verified and item.status is not Status.DONE:
        why = "重新打开" if zh else "opened again"
        return RuleChange(item=replace(item, verified=None, completed=None), rule="D5", why=why)
    reported_done = item.status is Status.DONE and _by_person(origins.get("status", ""))
    reported_day = item.completed is not None and _by_person(origins.get("completed", ""))
    if item.verified or not (reported_done or (reported_day and item.status is not Status.DONE)):
        return None
    completed = item.completed or today
    if verification:
        by_hand = item.status is Status.IN_PROGRESS or _by_person(origins.get("status", ""))
        if not reported_done and by_hand:
            return None  # known already, or a person says otherwise
        why = "已报完成，待核实" if zh else "reported as done; to be checked"
        new = replace(item, status=Status.IN_PROGRESS, completed=completed)
    else:
        why = "已报完成" if zh else "reported as done"
        new = replace(item, status=Status.DONE, completed=completed)
    return RuleChange(item=new, rule="D5", why=why) if new != item else None


def _by_person(origin: str) -> bool:
    return origin.startswith("tracker:")


def apply(
    items: Iterable[tuple[Item, Mapping[str, str]]],
    today: date,
    *,
    language: str,
    verification: bool,
    off: frozenset[str] = frozenset(),
    unseen: frozenset[str] = frozenset(),
) -> list[RuleChange]:
    """Return what the rules change, one entry an item at most a rule.

    Args:
        items: each with the origins of its values.
        today: in the team's zone.
        language: of the reasons.
        verification: whether a reported completion is to be checked.
        off: ids of rules that the team does not want.
        unseen: ids of items whose data is stale: none of them is late as far as one can know.
    """
    out = []
    for item, origins in items:
        change = completion(item, origins, today, language, verification=verification)
        if change is None and "D6" not in off and item.id not in unseen:
            change = late(item, today, language)
        if change is not None:
            out.append(change)
    return out
