"""Places in a sheet: ``B7``, ``A1:L20``, and formulas that name them. Pure.

Rows and columns count from 1 here, as people count them.
"""

import re
from dataclasses import dataclass
from functools import cache

MAX_ROW = 1_048_576
MAX_COLUMN = 16_384
_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")


@cache
def letters(column: int) -> str:
    """Return a column's letters: 1 is A."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


@cache
def column(text: str) -> int:
    """Return the number of a column from its letters."""
    number = 0
    for char in text.upper():
        number = number * 26 + ord(char) - 64
    return number


def place(row: int, col: int) -> str:
    """Return a cell's name."""
    return f"{letters(col)}{row}"


def cell(text: str) -> tuple[int, int] | None:
    """Return row and column of a cell's name, None if it is none."""
    match = _CELL.fullmatch(text)
    return (int(match[2]), column(match[1])) if match else None


@dataclass(frozen=True, slots=True)
class Area:
    """A block of cells, both ends in it."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        first, last = place(self.top, self.left), place(self.bottom, self.right)
        return first if first == last else f"{first}:{last}"

    def holds(self, row: int, col: int) -> bool:
        """Say whether a cell is in it."""
        return self.top <= row <= self.bottom and self.left <= col <= self.right


def area(text: str) -> Area | None:
    """Return the block that ``A1`` or ``A1:L20`` names, None if it names none."""
    first, _, last = text.partition(":")
    one, two = cell(first), cell(last or first)
    if one is None or two is None:
        return None
    return Area(min(one[0], two[0]), min(one[1], two[1]), max(one[0], two[0]), max(one[1], two[1]))


def areas(text: str) -> list[Area]:
    """Return the blocks of a list as validations and colour rules have it (``sqref``)."""
    return [found for part in text.split() if (found := area(part)) is not None]
