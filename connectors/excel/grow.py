"""Finds room for new rows below those that are there. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors.errors import PermanentError
from connectors.excel.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Room:
    """Where new rows go.

    Attributes:
        places: their numbers, ascending.
        like: the row that they look like; None without one.
        formulas: column -> formula of a calculated column.
        bottom: the last row of the table or filter afterwards; None if it does not grow.
    """

    places: Sequence[int]
    like: int | None = None
    formulas: Mapping[int, str] = field(default_factory=dict)
    bottom: int | None = None


def find_room(sheet: Sheet, count: int) -> Room:
    """Find places for new rows: blank lines after the last row, then lines below."""
    if not count:
        return Room(())
    first = sheet.body.last + 1
    limit = sheet.body.below
    if limit is not None and first + count > limit:
        raise PermanentError("no room")
    return Room(tuple(range(first, first + count)), sheet.body.last)
