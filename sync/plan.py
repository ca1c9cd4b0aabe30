"""What a tracker is to be told of one item. Pure: the plan is a value that is shown and applied."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from connectors.base import Record, Write
from mapping import ids
from mapping.cells import Cell, is_empty
from mapping.lens import Lens, Value, is_blank, read, values, write
from mapping.values import Finding, Item, Status
from sync.links import Link
from sync.merge import Based

UNWRITTEN = ">"  # marks a finding on what a tool could not be told, beside those on what it says


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPlan:
    """One row to make or change, or only to be known as agreed.

    Attributes:
        do: ``create``, ``update``, ``link`` (only the id is written), ``remove`` or ``none``.
        cells: what is written.
        ours: the hub's values of the fields that are written.
        before: what stands in those cells now.
        settled: fields whose base moves without a write.
        findings: on fields, what the tool cannot say (marked ``UNWRITTEN``) and what it says that
            cannot be read; None closes an earlier finding.
        rev: the item's revision that is planned.
        unfinished: something is left for later: the row stays behind.
        token: the journal's name of the write, once it has one.
        resent: it was sent before, and no answer came.
        instead: the row, deleted, in whose place one is made.
        parked: the item's revision that the tool refused, where only the id is written then.
    """

    item: str
    do: str
    cells: Mapping[str, Cell] = field(default_factory=dict)
    ours: Mapping[str, Value] = field(default_factory=dict)
    before: Mapping[str, Cell] = field(default_factory=dict)
    settled: Mapping[str, Based] = field(default_factory=dict)
    findings: Mapping[str, Finding | None] = field(default_factory=dict)
    link: Link | None = None
    label: str = ""
    rev: int = 0
    unfinished: bool = False
    token: str = ""
    resent: bool = False
    instead: str | None = None
    parked: int = 0

    def to_write(self) -> Write:
        """Return the write that carries it out."""
        link = self.link
        return Write(
            id="" if self.do == "remove" else self.item,
            cells=self.cells,
            row_id=link.row_id if link else None,
            if_version=link.if_version if link else None,
            token=self.token,
            set_id=bool(link and link.naming),
            remove=self.do == "remove",
        )


def plan_create(lens: Lens, item: Item, told: Collection[str] = ()) -> RowPlan:
    """Plan a new row.

    Args:
        lens: how the tool is written.
        item: as the hub holds it.
        told: fields with an open finding that they could not be written: a creation was refused,
            and one that holds nothing by now has nothing left to be told of.
    """
    cells: dict[str, Cell] = {}
    findings: dict[str, Finding | None] = {}
    ours = values(item)
    for name in lens.fields:
        if is_empty(ours[name]):
            if name in told:
                findings[name + UNWRITTEN] = None
            continue
        put = write(lens, name, ours[name], None)
        findings[name + UNWRITTEN] = put.finding
        if put.write:
            cells[name] = put.cell
    return RowPlan(item=item.id, do="create", cells=cells, ours=ours, findings=findings)


FIGHT = 6  # changes of one field in a day, back and forth between two values


def is_fight(told: Sequence[tuple[str, Value]]) -> bool:
    """Say whether a field's latest changes, (where, value), are two programs at odds (failure 55).

    A person changes a mind; only a program puts the same value back every time.
    """
    last = told[-FIGHT:]
    if len(last) < FIGHT or len({v for _, v in last}) != 2:
        return False
    by_value = {value: {where for where, v in last if v == value} for _, value in last}
    turns = all(a[1] != b[1] for a, b in pairwise(last))
    return turns and all(len(places) == 1 for places in by_value.values())


def plan_update(
    lens: Lens,
    item: Item,
    link: Link,
    frozen: Collection[str] = (),
    told: Collection[str] = (),
) -> RowPlan:
    """Plan the change of a row: only fields whose value the hub changed since the base.

    Args:
        lens: how the tool is written.
        item: as the hub holds it.
        link: its row.
        frozen: fields that two programs fight over; they are left as they are.
        told: fields with an open finding that they could not be written.
    """
    cells: dict[str, Cell] = {}
    settled: dict[str, Based] = {}
    findings: dict[str, Finding | None] = {}
    ours = values(item)
    as_left = _reported_here(lens, item, link)
    for name in lens.fields:
        based = link.base.get(name)
        if based is None or name in as_left:
            continue
        if based.ours == ours[name] and not based.again:
            if name in told and _says(lens, name, ours[name], based):
                findings[name + UNWRITTEN] = None
            continue
        if name in frozen:
            findings[name + UNWRITTEN] = _at_odds(lens, name)
            continue
        put = write(lens, name, ours[name], based.cell)
        findings[name + UNWRITTEN] = put.finding
        if put.unread:
            findings[name] = put.unread
        if put.write:
            cells[name] = put.cell
        else:
            settled[name] = replace(based, ours=ours[name], again=False)
    do = "update" if cells else "link" if link.naming else "none"
    return RowPlan(
        item=item.id,
        do=do,
        cells=cells,
        ours={n: ours[n] for n in cells},
        before={n: link.base[n].cell for n in cells},
        settled=settled,
        findings=findings,
        link=link,
        label=link.label,
        unfinished=bool(frozen),
    )


def plan_clear(plan: RowPlan, record: Record) -> RowPlan | None:
    """Plan to empty a row again that was empty when it was written; None if it was not.

    Somebody emptied it since it was read, and the tool checks no version. That is a loss, for the
    next look to judge as if nothing had been written; what we wrote would make it a row. If we
    wrote its words, it is one.

    Args:
        plan: what was written.
        record: the row, as it was answered.
    """
    link = plan.link
    if plan.do != "update" or link is None:
        return None
    others = {n: cell for n, cell in record.cells.items() if n not in plan.cells}
    written = {n: cell for n, cell in record.cells.items() if not is_empty(cell)}
    stood = {n for n, based in link.base.items() if not is_empty(based.cell)}
    went = stood & others.keys()
    if not (written and is_blank(others) and stood <= record.cells.keys()):
        return None
    if "description" not in went or (len(went) < 2 and ids.parse(record.id) is not None):
        return None  # words alone are written again
    return RowPlan(
        item=plan.item,
        do="update",
        cells={n: () if isinstance(cell, tuple) else None for n, cell in written.items()},
        ours={n: link.base[n].ours for n in written},
        before=written,
        settled={n: link.base[n] for n in plan.settled},
        link=replace(link, version=record.version, naming=False),
        label=plan.label,
        rev=link.rev,
    )


def _says(lens: Lens, name: str, value: Value, based: Based) -> bool:
    """Say whether a cell says a value without a loss."""
    put = write(lens, name, value, based.cell)
    return not put.write and put.finding is None and put.unread is None


def _at_odds(lens: Lens, name: str) -> Finding:
    label = lens.fields[name].label
    message = lens.text(
        f"“{label}”一天内被两个程序来回改了 {FIGHT} 次以上，已停止写入；请关掉其中一个自动化",
        f'"{label}" was changed back and forth by two programs {FIGHT} times or more in a day and '
        "is no longer written; switch one of them off",
    )
    return Finding(code="option-unknown", message=message)


def _reported_here(lens: Lens, item: Item, link: Link) -> Sequence[str]:
    """Return the fields that stay as the person left them who reported the completion (D5)."""
    if item.completed is None or item.verified or item.status is Status.DONE or item.closed:
        return ()
    based = link.base.get("status")
    says_done = based is not None and read(lens, "status", based.cell).value == Status.DONE.value
    return ("status", "completed") if says_done else ()
