"""Action items from the tables that list work, row by row. Pure."""

import re
from collections.abc import Iterator, Sequence

from mapping.words import HEADERS, clean, plain
from minutes.document import Row, TableCell
from minutes.drafts import Desk, Draft, Origin, draft, value_of
from minutes.labels import Part, part_of
from minutes.lines import read_entry
from minutes.sections import Grid
from minutes.signs import FIELDS

_NOTHING = re.compile(
    r"[\s\-—–_/\\.…*]*$|(?:本次|本周|会议)?(?:暂)?(?:无|没有)(?:行动项|待办|事项|任务)?[。.]?$|"
    r"(?:none|nil|n/?a|tbd|todo|to do)\.?$|合计|总计|小计|填写|示例|example\b",
    re.IGNORECASE,
)
_CARRIED = re.compile(
    r"上次|上期|上周|上月|上一|上回|前次|前期|历史|遗留行动|last|previous|prior|matters ?arising|"
    r"outstanding|carried|carry",
    re.IGNORECASE,
)
_DONE = re.compile(r"已经?完成|\b(?:done|completed)\b", re.IGNORECASE)  # tasks done last week
# Columns that are no fields of an item themselves.
_NO_FIELDS = frozenset(HEADERS) - FIELDS | {"description"}


def rows_of(grid: Grid, desk: Desk) -> Iterator[Draft]:
    """Yield the drafts of a list of work, in the order of its rows."""
    fields = grid.header.fields
    work = grid.header.work
    if work is None:
        return
    filled = _filled_down(grid)
    carried = grid.section.part is Part.FOLLOW_UP or bool(
        _CARRIED.search(plain(grid.section.title)) and "status" in fields
    )
    tracker = {"status", "completed"} <= fields.keys() and not carried
    before: str | None = None
    for row in grid.rows:
        cell = row.cells[work]
        words = cell.text
        if row.struck or cell.struck or (cell.merged and words == before):
            continue
        before = words
        if _NOTHING.match(plain(words).strip()) or _is_header(row, grid):
            continue
        values = _values(row, grid, filled)
        yield from _drafts(values, row, cell, grid, desk, carried=carried, tracker=tracker)


def _values(row: Row, grid: Grid, filled: dict[tuple[int, str], str]) -> dict[str, str]:
    values = {}
    for name, column in grid.header.fields.items():
        cell = row.cells[column]
        text = "" if cell.struck else cell.text
        values[name] = text or filled.get((row.line, name), "")
    return values


def _drafts(
    values: dict[str, str],
    row: Row,
    cell: TableCell,
    grid: Grid,
    desk: Desk,
    *,
    carried: bool,
    tracker: bool,
) -> Iterator[Draft]:
    box = next((c.box for c in row.cells if c.box is not None), None)
    fields = {name: text for name, text in values.items() if name not in _NO_FIELDS}
    if carried and "status" not in fields and _DONE.search(plain(grid.section.title)):
        fields["status"] = "已完成"
    meeting = grid.section.meeting
    if "owner" not in fields:
        # one column for everything: each line of the cell is an entry of its own
        for text in _lines(cell.text):
            read = read_entry(text, desk, meeting, sure=True)
            if read is None:
                continue
            yield draft(
                {**fields, **read.fields},
                desk=desk,
                line=row.line,
                source=read.source,
                origin=Origin.TABLE,
                meeting=meeting,
                index=grid.index,
                box=box,
                who=read.who,
                carried=carried,
                tracker=tracker,
            )
        return
    text = _joined(cell.text)
    told = None
    if "due" not in fields:
        # no column for the day: a limit may stand in the words of the task
        since = desk.find_day(values.get("raised", ""), meeting) or desk.days.get(meeting)
        limits = [s.due for s in desk.dues.find(text, since) if s.marked and not s.finished]
        told = limits[-1] if limits and limits[-1].text else None
    fields["description"] = _CONTINUED.sub("", text) or text
    if box is None and fields.get("status") in _BOXES:
        box = _BOXES[fields["status"]]
    yield draft(
        fields,
        desk=desk,
        line=row.line,
        source=text,
        origin=Origin.TABLE,
        meeting=meeting,
        index=grid.index,
        box=box,
        told=told,
        carried=carried,
        tracker=tracker,
        continued=bool(_CONTINUED.search(text)),
    )


_BOXES = {"☐": " ", "□": " ", "☑": "x", "☒": "x", "✅": "x"}
_CONTINUED = re.compile(
    r"\s*[(（\[【](?:上周|上次|上期|上月|前次)?(?:延续|延期|结转|遗留|续|继续|carried over|"
    r"carried|continued)[^)）\]】]*[)）\]】]\s*$"
)


def _joined(text: str) -> str:
    return clean(re.sub(r"\s*\n\s*", " " if text.isascii() else "", text))


def _lines(text: str) -> Sequence[str]:
    return [line for raw in text.split("\n") if (line := clean(raw)) and not _NOTHING.match(line)]


def _is_header(row: Row, grid: Grid) -> bool:
    """Say whether a row repeats the header, or names a part of the table and no work."""
    texts = [cell.text for cell in row.cells]
    if sum(t == title for t, title in zip(texts, grid.header.titles, strict=True) if t) >= 2:
        return True
    filled = {t for t in texts if t}
    alone = len(filled) == 1 and len(texts) > 2
    return alone and (part_of(next(iter(filled))) is not None or row.cells[-1].merged)


def _filled_down(grid: Grid) -> dict[tuple[int, str], str]:
    """Return the owners of rows that leave the cell blank because it is the row above's.

    Only where most rows do so: a single blank cell is a missing owner.
    """
    column = grid.header.fields.get("owner")
    if column is None:
        return {}
    rows = [row for row in grid.rows if not row.struck]
    blank = [row for row in rows if not row.cells[column].text]
    if len(rows) < 4 or len(blank) * 2 < len(rows) or not rows[0].cells[column].text:
        return {}
    filled, last = {}, ""
    for row in rows:
        last = row.cells[column].text or last
        if row in blank and value_of(row.cells[grid.header.work or 0].text):
            filled[(row.line, "owner")] = last
    return filled
