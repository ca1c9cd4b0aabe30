"""What anybody may read of a team: its items, log, findings, and the cells of its tools."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from simulation.tools import Tool

from mapping.cells import Cell, User, is_empty
from mapping.values import Item
from mapping.words import clean

FIELDS = (
    *("description", "owner", "department", "support", "due", "completed", "status"),
    *("deliverable", "note", "acceptance", "meeting"),
)
TEXTS = ("description", "deliverable", "note", "acceptance")
Rows = Mapping[str, Mapping[str, Cell]]  # of a file: its cells by row and field
NAME = re.compile(r"[A-Z][a-z]{6}")  # of a piece of work


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the change log, as ``history`` shows it."""

    item: str | None
    kind: str
    place: str
    field: str | None
    old: object
    new: object


@dataclass(frozen=True, slots=True)
class Note:
    """One open finding, as ``status`` shows it; ``about`` is the field, or ``row``.

    Attributes:
        waits: it says that a row waits until something else is clear.
    """

    tracker: str
    item: str | None
    about: str
    code: str
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Hub:
    """What anybody may read of a team: items, log, findings."""

    items: Mapping[str, Item]
    log: Sequence[Line]
    notes: Sequence[Note]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a tool can express.

    Attributes:
        statuses: ours -> its options, the first is written.
        accounts: names for which it has an account; None where owners are text.
        options: by field, what may stand there.
        limits: by field, the longest text.
    """

    statuses: Mapping[str, Sequence[str]]
    accounts: frozenset[str] | None
    options: Mapping[str, frozenset[str]]
    limits: Mapping[str, int]


def carries(tool: Tool, name: str) -> bool:
    """Say whether a tool has a column for a field."""
    desk: Any = tool.desk
    columns = desk.file.columns if tool.is_file else desk.table.columns
    return tool.setup.columns[name] in columns


def cells_of(tool: Tool) -> Rows:
    return {uid: {n: tool.desk.read(uid, n) for n in ("id", *FIELDS)} for uid in tool.desk.rows()}


def work_of(item: Item) -> str | None:
    found = NAME.search(item.description)
    return found[0] if found else None


def values_of(item: Item) -> dict[str, object]:
    owner = (item.owner,) if item.owner else item.owners
    return {
        "description": item.description,
        "owner": "、".join(owner) or None,
        "department": item.department,
        "support": "、".join(item.support) or None,
        "due": item.due,
        "completed": item.completed,
        "status": str(item.status),
        "deliverable": item.deliverable,
        "note": item.note,
        "acceptance": item.acceptance,
        "meeting": item.meeting,
    }


def plain(cell: object) -> object:
    if isinstance(cell, tuple):
        return "、".join(c.name if isinstance(c, User) else str(c) for c in cell) or None
    return cell or None


def holds(cell: Cell, mark: str | date) -> bool:
    if isinstance(mark, date):
        return cell == mark
    return not is_empty(cell) and mark in str(plain(cell))


def same_text(cell: Cell, value: object, *, normalises: bool) -> bool:
    return folded(cell, normalises=normalises) == folded(value, normalises=normalises)


def folded(text: object, *, normalises: bool) -> str:
    plain = clean(str(text or ""))
    if normalises:
        plain = "\n".join(line.rstrip() for line in plain.split("\n")).replace("_", "*")
    return plain


def known_of(hub: Hub) -> tuple[str, set[object]]:
    """Return all texts and all days that the hub holds or has logged."""
    found = [value for item in hub.items.values() for value in values_of(item).values()]
    found += [value for line in hub.log for value in (line.old, line.new)]
    texts = [
        "、".join(value) if isinstance(value, tuple) else value
        for value in found
        if isinstance(value, (str, tuple))
    ]
    return "\n".join(texts), {value for value in found if isinstance(value, date)}
