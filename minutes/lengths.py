"""How long an agenda plans a meeting to last: the lengths of its topics together (E1). Pure."""

import re
from collections.abc import Iterator, Sequence

from mapping.words import fold, plain
from minutes.document import Row
from minutes.labels import Part
from minutes.moments import hours_in
from minutes.sections import Grid, Line

_DAY = 24 * 60
_HAN = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}
_ONES = "[一二两三四五六七八九]"
_NUMBER = rf"\d{{1,4}}(?:\.\d{{1,2}})?|{_ONES}?十{_ONES}?|{_ONES}|半"
_HOURS = r"(?P<hours>" + _NUMBER + r")\s?个?(?P<half>半)?(?:小时|钟头|hours?|hrs?|h)(?P<more>半)?"
_MINUTES = r"(?P<minutes>" + _NUMBER + r")\s?(?:分钟?|minutes?|mins?|m|')"
_LENGTH = re.compile(rf"(?:{_HOURS})?\s?(?:{_MINUTES})?(?<=\S)", re.IGNORECASE)
_QUARTERS = re.compile(r"(?P<n>[一两三123])刻钟?")
_ABOUT = re.compile(
    r"^(?:大约|大概|约|预计|计划|≈|~|about|approx\.?|ca\.?)\s*|\s*(?:左右|上下)$", re.IGNORECASE
)
_IN_MINUTES = re.compile(r"分钟|min")
_IN_HOURS = re.compile(r"小时|hour")
_REAL = re.compile(r"^用时|实际|actual")
_TOTAL = re.compile(r"\s*(?:合计|总计|小计|共计|总时长|(?:sub)?total\b|sum\b)", re.IGNORECASE)


def planned_minutes(parts: Sequence[Line | Grid]) -> int | None:
    """Return the minutes that a meeting's topics are to take together.

    None where no agenda tells lengths, or where one of its topics tells none that can be read.
    """
    lengths = [
        length
        for part in parts
        if isinstance(part, Grid) and part.header.is_agenda and part.section.part is not Part.NEXT
        for length in _lengths(part)
    ]
    told = [n for n in lengths if n is not None]
    total = round(sum(told))
    return total if len(told) == len(lengths) and 0 < total <= _DAY else None


def _lengths(grid: Grid) -> Iterator[float | None]:
    """Yield the length of each topic of an agenda, None for one that tells none."""
    column, topic = grid.header.fields.get("duration"), grid.header.work
    if column is None or topic is None or _REAL.search(fold(grid.header.titles[column])):
        return
    for row in grid.rows:
        cell = row.cells[column]
        if row.struck or cell.merged or not row.cells[topic].text or _is_total(row):
            continue
        yield minutes_in(cell.text, grid.header.titles[column])


def _is_total(row: Row) -> bool:
    return any(_TOTAL.match(plain(cell.text)) for cell in row.cells)


def minutes_in(text: str, title: str = "") -> float | None:
    """Return the minutes that a cell names, None if it names no length.

    Args:
        text: ``30分钟``, ``0.5小时``, ``1h``, ``半小时``, ``14:00-14:30``; a bare number counts
            where the title tells its unit.
        title: the column's.
    """
    form = _ABOUT.sub("", plain(text).strip().rstrip("。.")).strip()
    if re.fullmatch(r"\d{1,4}(?:\.\d{1,2})?", form):
        unit = plain(title).lower()
        if _IN_MINUTES.search(unit):
            return float(form)
        return float(form) * 60 if _IN_HOURS.search(unit) else None
    if match := _QUARTERS.fullmatch(form):
        return 15.0 * _number(match["n"])
    if form and (match := _LENGTH.fullmatch(form)):
        half = 30 if match["half"] or match["more"] else 0
        return _number(match["hours"]) * 60 + half + _number(match["minutes"])
    start, finish = hours_in(form)
    if start and finish and finish > start:
        return float((finish[0] - start[0]) * 60 + finish[1] - start[1])
    return None


def _number(text: str | None) -> float:
    """Return a number as it is written; 0 without one."""
    if not text:
        return 0.0
    if text == "半":
        return 0.5
    if "十" in text:
        tens, ones = text.split("十")
        return _HAN.get(tens, 1) * 10.0 + _HAN.get(ones, 0)
    return float(_HAN.get(text, 0)) if text in _HAN else float(text)
