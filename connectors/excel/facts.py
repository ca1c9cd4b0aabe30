"""Formulas and errors in a sheet's XML; calamine shows them as values or as nothing. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from connectors.excel.refs import cell
from connectors.excel.scan import scan

_FORMULA = re.compile(
    rb"<((?:[\w.-]+:)?)c(\s[^>]*)?>\s*<\1f(?:\s[^>]*)?(?:/>|>([^<]*)</\1f>)", re.ASCII
)
_MAYBE_FORMULA = re.compile(rb"f[\s/>]")
_MAYBE_ERROR = re.compile(rb"t\s*=\s*[\"']e[\"']")
_ERROR = re.compile(rb"<(?:[\w.-]+:)?c\s([^>]*\bt=[\"']e[\"'][^>]*)>")
_R = re.compile(rb"\br=[\"']([A-Z]{1,3}[0-9]+)[\"']")


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands in cells beside values; places are (row, column) from 1.

    Attributes:
        formulas: place -> its text.
        errors: cells that show an error (#N/A).
    """

    formulas: Mapping[tuple[int, int], str]
    errors: frozenset[tuple[int, int]]


def find_facts(xml: bytes) -> Facts:
    """Find formulas and errors, cheaply where there are none."""
    formulas: dict[tuple[int, int], str] = {}
    errors: set[tuple[int, int]] = set()
    if _MAYBE_FORMULA.search(xml) or _MAYBE_ERROR.search(xml):
        exact = False
        for match in _FORMULA.finditer(xml):
            name = _R.search(match[2] or b"")
            at = cell(name[1].decode()) if name else None
            if at is None:
                exact = True
                break
            formulas[at] = (match[3] or b"").decode(errors="replace")
        for match in _ERROR.finditer(xml):
            name = _R.search(match[1])
            at = cell(name[1].decode()) if name else None
            if at is None:
                exact = True
                break
            errors.add(at)
        if exact:  # cells without a name of their own: count them
            spans = scan(xml)
            formulas = {
                (r.number, c.col): c.formula or ""
                for r in spans.rows.values()
                for c in r.cells
                if c.formula is not None
            }
            errors = {
                (r.number, c.col)
                for r in spans.rows.values()
                for c in r.cells
                if c.attrs.get("t") == "e"
            }
    return Facts(formulas, frozenset(errors))
