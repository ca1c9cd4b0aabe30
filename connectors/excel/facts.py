"""Formulas and errors in a sheet's XML; calamine shows them as values or as nothing. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from connectors.excel.refs import Area, area, cell
from connectors.excel.scan import scan

_FORMULA = re.compile(
    rb"<((?:[\w.-]+:)?)c(\s[^>]*)?>\s*<\1f(\s[^>]*?)?(?:/>|>([^<]*)</\1f\s*>)", re.ASCII
)
_MAYBE_FORMULA = re.compile(rb"f[\s/>]")
_ERROR = re.compile(rb"<(?:[\w.-]+:)?c\s([^>]*\bt\s*=\s*[\"']e[\"'][^>]*)>")
_PLACE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{1,3}[0-9]+)[\"']")
_FILLED = re.compile(rb"\bref\s*=\s*[\"']([^\"']*)[\"']")
_MAX_FILLED = 200_000  # cells of array formulas that are looked at


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands in cells beside values; places are (row, column) from 1.

    Attributes:
        formulas: place -> its text; ``""`` where it stands in another cell (shared, or an array
            that fills this one).
        errors: cells that show an error (#N/A).
    """

    formulas: Mapping[tuple[int, int], str]
    errors: frozenset[tuple[int, int]]


def find_facts(xml: bytes) -> Facts:
    """Find formulas and errors, cheaply where there are none.

    Raises:
        XmlError: the part is no sheet.
    """
    if not (_MAYBE_FORMULA.search(xml) or b'"e"' in xml or b"'e'" in xml):
        return Facts({}, frozenset())
    formulas: dict[tuple[int, int], str] = {}
    errors: set[tuple[int, int]] = set()
    arrays: list[Area | None] = []
    for match in _FORMULA.finditer(xml):
        at = _place(match[2])
        if at is None:
            return _counted(xml)
        formulas[at] = (match[4] or b"").decode(errors="replace")
        filled = _FILLED.search(match[3] or b"") if b"array" in (match[3] or b"") else None
        if filled is not None:
            arrays.append(area(filled[1].decode(errors="replace")))
    for match in _ERROR.finditer(xml):
        at = _place(match[1])
        if at is None:
            return _counted(xml)
        errors.add(at)
    _fill(formulas, arrays)
    return Facts(formulas, frozenset(errors))


def _place(attrs: bytes | None) -> tuple[int, int] | None:
    found = _PLACE.search(attrs or b"")
    return cell(found[1].decode()) if found else None


def _counted(xml: bytes) -> Facts:
    """Find the same in a sheet whose cells do not tell their places."""
    cells = [(row.number, one) for row in scan(xml).rows.values() for one in row.cells]
    formulas = {(n, one.col): one.formula for n, one in cells if one.formula is not None}
    arrays = [
        area(one.formula_attrs.get("ref", ""))
        for _, one in cells
        if one.formula_attrs.get("t") == "array"
    ]
    _fill(formulas, arrays)
    return Facts(formulas, frozenset((n, one.col) for n, one in cells if one.attrs.get("t") == "e"))


def _fill(formulas: dict[tuple[int, int], str], arrays: Iterable[Area | None]) -> None:
    """Count the cells that an array formula fills as formulas: to write there would break it."""
    budget = _MAX_FILLED
    for block in arrays:
        if block is None:
            continue
        budget -= (block.bottom - block.top + 1) * (block.right - block.left + 1)
        if budget < 0:
            return
        for row in range(block.top, block.bottom + 1):
            for col in range(block.left, block.right + 1):
                formulas.setdefault((row, col), "")
