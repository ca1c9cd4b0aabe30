"""The yes/no questions asked between reading a tracker and taking anything over. Pure.

A yes halts that tracker alone, says why, and stands until a person releases that very plan or its
cause is gone (failures 36-44, 49).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

MOST_ROWS = 5
MOST_SHARE = 0.2
MOST_UNKNOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """Why a tracker waits for a person.

    Attributes:
        plan: id of the plan that is held; the same for the same plan, seen again.
        reason: in words, in the team's language.
        items: the ids that it would close or empty.
    """

    plan: str
    reason: str
    items: tuple[str, ...] = ()


def plan_id(tracker: str, kind: str, bound_to: Sequence[str]) -> str:
    """Return the id of a held plan, drawn from all that it is bound to."""
    text = "\0".join((tracker, kind, *sorted(bound_to)))
    return "P-" + hashlib.sha256(text.encode()).hexdigest()[:10]


def too_many(count: int, rows: int) -> bool:
    """Say whether losing ``count`` of ``rows`` rows in one pass needs a person's word."""
    return count > MOST_ROWS and count > MOST_SHARE * rows


def check_losses(
    tracker: str,
    *,
    gone: Sequence[str],
    emptied: Sequence[str],
    partly: Sequence[str] = (),
    rows: int,
    language: str,
) -> Halt | None:
    """Halt when every row is gone or emptied, or too many at once.

    Args:
        tracker: its name.
        gone: ids of items whose row is gone.
        emptied: ids of items whose row lost all that stood in it.
        partly: ids of items whose row lost a value that a row must have.
        rows: how many rows the tracker had.
        language: ``zh`` or ``en``.
    """
    lost = sorted({*gone, *emptied, *partly})
    whole = len({*gone, *emptied})
    many = too_many(len(lost), rows)
    if not lost or not (many or (whole and whole >= rows)):
        return None
    emptied = [*emptied, *partly]
    plan = plan_id(tracker, "losses", [f"gone {i}" for i in gone] + [f"empty {i}" for i in emptied])
    reason = (
        f"{rows} 行中有 {len(gone)} 行不见了、{len(emptied)} 行被清空；为防误删已暂停，"
        f"未采用任何改动。"
        f"若确实如此，请执行 minuteloop release {plan}；否则请恢复表格"
        if language == "zh"
        else f"of {rows} rows {len(gone)} are gone and {len(emptied)} emptied; halted, nothing was "
        f"taken over. If this is meant: minuteloop release {plan}; else put the table back"
    )
    return Halt(plan=plan, reason=reason, items=tuple(lost))


def check_first_contact(tracker: str, unknown: Sequence[str], language: str) -> Halt | None:
    """Hold the adoption of many unknown rows at first contact (failure 8).

    Args:
        tracker: its name.
        unknown: what tells each unknown row, e.g. its place and text.
        language: ``zh`` or ``en``.
    """
    if len(unknown) <= MOST_UNKNOWN:
        return None
    plan = plan_id(tracker, "adopt", unknown)
    reason = (
        f"表中已有 {len(unknown)} 行不认识的内容，暂未收为行动项；确认后请执行 "
        f"minuteloop release {plan}"
        if language == "zh"
        else f"{len(unknown)} rows there are not known yet and were not taken in as items; if they "
        f"are to be: minuteloop release {plan}"
    )
    return Halt(plan=plan, reason=reason)


def check_identity(tracker: str, known: str, found: str, language: str) -> Halt | None:
    """Halt when the table is not the one that was synced before (failures 12, 40)."""
    if not known or known == found:
        return None
    plan = plan_id(tracker, "identity", (known, found))
    reason = (
        f"表格换成了另一张（原 {known}，现 {found}）；若确实更换，请执行 minuteloop release {plan}"
        if language == "zh"
        else f"the table is another one (was {known}, is {found}); if it was replaced on purpose: "
        f"minuteloop release {plan}"
    )
    return Halt(plan=plan, reason=reason)
