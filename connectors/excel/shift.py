"""Formulas and places when lines of a sheet move down. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from connectors.excel.refs import Area

_TOKEN = re.compile(
    r"""
      (?P<text>"(?:[^"]|"")*")
    | (?P<sheet>(?:'(?:[^']|'')*'|[^\W\d][\w.]*)!)
    | (?P<part>\[(?:[^\[\]]|\[[^\]]*\])*\])
    | (?P<ref>(?<![\w.])(?P<a>\$?[A-Za-z]{1,3}\$?)(?P<m>[1-9][0-9]{0,6})
        (?::(?P<b>\$?[A-Za-z]{1,3}\$?)(?P<n>[1-9][0-9]{0,6}))?(?![\w.(!]))
    | (?P<lines>(?<![\w.$:])(?P<c>\$?)(?P<o>[1-9][0-9]{0,6})
        :(?P<d>\$?)(?P<p>[1-9][0-9]{0,6})(?![\w.]))
    | (?P<word>[^\W\d][\w.]*)
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Shift:
    """Lines from ``at`` on move down by ``by``.

    Attributes:
        first: the first row of data; a block of several lines, or from this one on, that ends
            right above ``at`` takes in the lines that are made, where it is meant to.
    """

    at: int
    by: int
    first: int

    def row(self, row: int) -> int:
        """Return where a line is afterwards."""
        return row + self.by if row >= self.at else row

    def bottom(self, top: int, bottom: int, *, grow: bool) -> int:
        """Return where an area ends afterwards."""
        if grow and bottom == self.at - 1 and (top < bottom or top == self.first):
            return bottom + self.by
        return self.row(bottom)

    def area(self, area: Area, *, grow: bool = False) -> Area:
        """Return where an area is afterwards."""
        bottom = self.bottom(area.top, area.bottom, grow=grow)
        return Area(self.row(area.top), area.left, bottom, area.right)

    def formula(self, text: str, sheet: str, *, grow: bool = False) -> str:
        """Return a formula of this sheet as it must be afterwards."""

        def change(top: int, bottom: int) -> tuple[int, int]:
            return self.row(top), self.bottom(top, bottom, grow=grow)

        return rewrite(text, sheet, change)


def rewrite(
    text: str, sheet: str, change: Callable[[int, int], tuple[int, int]], *, own: bool = True
) -> str:
    """Give other lines to all places of one sheet in a formula.

    Args:
        text: the formula.
        sheet: the sheet's name.
        change: first and last line of a place -> the new ones; called with two equal ones for a
            single cell.
        own: the formula stands in that sheet, so that places without a sheet's name are in it.
    """
    mine = own

    def put(match: re.Match[str]) -> str:
        nonlocal mine
        if match["sheet"]:
            name = match["sheet"][:-1]
            if name[:1] == "'":
                name = name[1:-1].replace("''", "'")
            mine = name.casefold() == sheet.casefold()
            return match[0]
        here, mine = mine, own
        if not here:
            return match[0]
        if match["ref"]:
            if match["n"] is None:
                return f"{match['a']}{change(int(match['m']), int(match['m']))[0]}"
            top, bottom = change(int(match["m"]), int(match["n"]))
            return f"{match['a']}{top}:{match['b']}{bottom}"
        if match["lines"]:
            top, bottom = change(int(match["o"]), int(match["p"]))
            return f"{match['c']}{top}:{match['d']}{bottom}"
        return match[0]

    return _TOKEN.sub(put, text)


def lines_of(text: str, sheet: str, *, own: bool) -> list[tuple[int, int]]:
    """Return first and last line of each place of one sheet in a formula."""
    found: list[tuple[int, int]] = []

    def note(top: int, bottom: int) -> tuple[int, int]:
        found.append((min(top, bottom), max(top, bottom)))
        return top, bottom

    rewrite(text, sheet, note, own=own)
    return found
