"""What stands in a tool's row, in a form that all tools share. Pure.

A connector turns its service's payload into these cells and back; what a cell means for an item is
decided by ``mapping.lens``. A field that is absent from ``cells`` is not carried by the tool: that
is never the same as empty (None).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class User:
    """An account in a tool. Two are the same if their keys are.

    Attributes:
        key: the tool's immutable id.
        name: how the tool shows it; not compared.
        email: where the tool tells it; not compared.
    """

    key: str
    name: str = field(default="", compare=False)
    email: str | None = field(default=None, compare=False)


# text or option name | day | several options | several people | empty
Cell = str | date | tuple[str, ...] | tuple[User, ...] | None
Cells = Mapping[str, Cell]


class Kind(StrEnum):
    """How a tool holds a field."""

    TEXT = "text"  # str or None
    DATE = "date"  # date or None; str where a person typed something that is no date cell
    OPTION = "option"  # str or None: one of ``options``
    OPTIONS = "options"  # tuple of str; () is empty
    USERS = "users"  # tuple of User; () is empty


LISTS = (Kind.OPTIONS, Kind.USERS)  # where () is empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One of our fields as a tool offers it.

    Attributes:
        name: ours (``due``).
        label: the column's name as people see it there.
        options: what may be written; None if anything may. Never empty for want of rights.
        makes_options: whether ``prepare`` makes those that are missing.
        users: a team member's name -> the account found for it.
        text_limit: longest text in characters; None if unlimited.
        one_line: for TEXT: a line break that is written becomes a blank.
        follows: a new row has the tool's own value first, a call of its own sets ours.
        multiple: for USERS: whether more than one may stand there.
    """

    name: str
    label: str
    kind: Kind = Kind.TEXT
    writable: bool = True
    options: tuple[str, ...] | None = None
    makes_options: bool = True
    users: Mapping[str, User] = field(default_factory=dict)
    text_limit: int | None = None
    one_line: bool = False
    follows: bool = False
    multiple: bool = False


def to_json(cell: Cell) -> Any:
    """Return a JSON value from which ``from_json`` makes the same cell."""
    if isinstance(cell, date):
        return {"day": cell.isoformat()}
    if isinstance(cell, tuple):
        if cell and isinstance(cell[0], User):
            return {"users": [[u.key, u.name, u.email] for u in cell if isinstance(u, User)]}
        return {"list": list(cell)}
    return cell


def from_json(value: Any) -> Cell:
    """Return the cell that ``to_json`` was given."""
    if isinstance(value, dict):
        if "day" in value:
            return date.fromisoformat(value["day"])
        if "users" in value:
            return tuple(User(*u) for u in value["users"])
        return tuple(value["list"])
    return value if isinstance(value, str) else None


def is_empty(cell: Cell) -> bool:
    """Say whether nothing stands in a cell."""
    return cell is None or cell in ("", ())


def show(cell: Cell) -> str:
    """Return a cell as people read it."""
    if cell is None:
        return ""
    if isinstance(cell, tuple):
        return "、".join(c.name or c.key if isinstance(c, User) else c for c in cell)
    return cell.isoformat() if isinstance(cell, date) else cell
