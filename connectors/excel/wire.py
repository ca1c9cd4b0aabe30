"""A cell of a workbook and a cell of ours, both ways. Pure.

calamine gives text, float, bool, date, datetime, time or timedelta, and ``""`` for nothing.
"""

import re
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.sax.saxutils import escape

from connectors.excel.refs import place
from connectors.excel.xml import content, printable, start_tag
from mapping.cells import Cell, is_empty, show

TEXT_LIMIT = 32_767  # Excel specifications and limits: total characters in a cell
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_SERIALS = range(40_000, 60_001)  # days of 2009 to 2064 that lost their date format
_YEARS = range(2000, 2101)
_EPOCH = date(1899, 12, 30)
_EPOCH_1904 = date(1904, 1, 1)


def text(value: Any) -> str | None:
    """Return what stands in a cell as text, None for nothing."""
    if isinstance(value, str):
        if "\r" in value:
            value = value.replace("\r\n", "\n").replace("\r", "\n")
        return value.strip() or None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date | time | timedelta | int):
        return str(value)
    return None


def _number(value: float) -> str:
    """Return a number as Excel shows it: 15 digits, no ``.0``."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.15g}"


def day(value: Any, *, epoch_1904: bool = False) -> Cell:
    """Return what stands in a column of days: a date, or the text that is there instead.

    A number that looks like a day without its format is taken as one (see ``is_serial``). Text as
    we write it where a workbook has no date format (2024-05-30) is a day too.
    """
    if isinstance(value, datetime):
        value = value.date()
    elif is_serial(value):
        value = (_EPOCH_1904 if epoch_1904 else _EPOCH) + timedelta(days=int(value))
    elif isinstance(value, str) and _ISO.fullmatch(value.strip()):
        try:
            value = date.fromisoformat(value.strip())
        except ValueError:
            return text(value)
    if isinstance(value, date) and value.year in _YEARS:
        return value
    return text(value)


def is_serial(value: Any) -> bool:
    """Say whether a bare number is probably a day whose format was lost."""
    return isinstance(value, float) and value == int(value) and int(value) in _SERIALS


def serial(value: date, *, epoch_1904: bool = False) -> int:
    """Return the number that Excel keeps for a day."""
    return (value - (_EPOCH_1904 if epoch_1904 else _EPOCH)).days


def to_write(cell: Cell) -> str | date | None:
    """Return the one value that a cell of a workbook can hold for a cell of ours."""
    if is_empty(cell):
        return None
    if isinstance(cell, date):
        return cell
    return cut(printable(show(cell)).strip()) or None


def cut(value: str) -> str:
    """Cut a text to what a cell holds, counted as Excel counts (UTF-16)."""
    if len(value) * 2 <= TEXT_LIMIT:
        return value
    return value.encode("utf-16-le")[: TEXT_LIMIT * 2].decode("utf-16-le", "ignore")


def element(
    prefix: str, row: int, col: int, attrs: dict[str, str], value: str | int | None
) -> bytes:
    """Return a cell's element; its style and order of attributes stay, its type follows the value.

    Args:
        prefix: of the sheet's namespace, with its colon.
        row: from 1.
        col: from 1.
        attrs: the attributes that it had.
        value: text, a day's number, or None for an empty cell.
    """
    kept = {"r": place(row, col)} | {k: v for k, v in attrs.items() if k not in {"t", "cm", "vm"}}
    name = prefix + "c"
    if value is None:
        return start_tag(name, kept, empty=True).encode()
    if isinstance(value, int):
        inner = f"<{prefix}v>{value}</{prefix}v>"
    else:
        kept["t"] = "inlineStr"
        words = content(value)
        inner = f'<{prefix}is><{prefix}t xml:space="preserve">{words}</{prefix}t></{prefix}is>'
    return f"{start_tag(name, kept)}{inner}</{name}>".encode()


def formula(prefix: str, row: int, col: int, attrs: dict[str, str], words: str) -> bytes:
    """Return a cell that holds a formula and no result yet; who opens the file calculates it."""
    kept = {"r": place(row, col)} | {k: v for k, v in attrs.items() if k not in {"t", "cm", "vm"}}
    inner = f"<{prefix}f>{escape(printable(words))}</{prefix}f>"
    return f"{start_tag(prefix + 'c', kept)}{inner}</{prefix}c>".encode()
