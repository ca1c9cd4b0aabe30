"""Tables of minutes: lists of work as grids, forms and all else as lines. Pure.

A form is a table of labels with their values beside or below them.
"""

import re
from collections.abc import Iterator

from minutes.columns import Header, header_at, heads_facts, is_work
from minutes.document import Row, Table, TableCell
from minutes.labels import Part, bare, fact_of, field_of, is_talk, part_of
from minutes.running import WORKING, text_lines, unwrapped
from minutes.sections import Grid, Line, State


def table_parts(table: Table, state: State) -> Iterator[Line | Grid]:
    """Yield the grids and the forms that a table holds."""
    rows = table.rows
    at = 0
    while at < len(rows):
        if state.section.part not in WORKING and heads_facts(rows, at):
            yield from _facts(rows[at], rows[at + 1], state)
            at += 2
            continue
        header = header_at(rows, at)
        if header is None:
            yield from _form_row(rows[at], state)
            at += 1
            continue
        end = at + header.rows
        while end < len(rows) and not _ends(rows[end], header) and not header_at(rows, end):
            end += 1
        body = rows[at + header.rows : end]
        grid = Grid(header=header, rows=body, line=rows[at].line, section=state.section)
        among = state.section.part in (Part.ACTIONS, Part.FOLLOW_UP)
        talk = state.section.part is Part.OTHER and is_talk(state.section.title)
        if header.is_agenda or is_work(header, among_actions=among, talk=talk):
            yield grid
        else:
            yield from _plain_rows(grid, state)
        at = end


def _facts(labels: Row, values: Row, state: State) -> Iterator[Line | Grid]:
    """Yield the basic information whose labels stand in one row and its values in the next."""
    for label, value in zip(labels.cells, values.cells, strict=True):
        if value.merged or not (value.text or value.tables):
            continue
        if fact_of(label.text) and not label.merged:
            yield from _pair(bare(label.text), value, values, state)
        else:
            yield from _cell(value, values, state)


def _distinct(row: Row) -> list[TableCell]:
    return [cell for cell in row.cells if not cell.merged and (cell.text or cell.tables)]


def _ends(row: Row, header: Header) -> bool:
    """Say whether a row no longer belongs to the list above it: a title, a label and its text."""
    cells = _distinct(row)
    width = len(row.cells)
    if not cells or width < 3:
        return False
    texts = {cell.text for cell in row.cells if cell.text}
    first = cells[0].text
    if len(texts) == 1 and all(cell.text == first for cell in row.cells):
        return part_of(first) is not None or len(first) > 60
    spread = any(cell.merged for cell in row.cells) or width > 3
    known = bool(part_of(bare(first)) or fact_of(first)) and first not in header.titles
    return len(texts) <= 2 and known and spread


def _form_row(row: Row, state: State) -> Iterator[Line | Grid]:
    """Yield the labels of a form's row with their values, or its cells as text."""
    cells = _distinct(row)
    known = [_is_label(cell) for cell in cells]
    at = 0
    while at < len(cells):
        empty = len(cells) == 1 and not _spans(row)
        if known[at] and (empty or (at + 1 < len(cells) and not known[at + 1])):
            value = None if empty else cells[at + 1]
            yield from _pair(bare(cells[at].text), value, row, state)
            at += 2
            continue
        if not known[at] or len(cells) == 1:
            yield from _cell(cells[at], row, state)
        at += 1


def _is_label(cell: TableCell) -> bool:
    label = bare(cell.text)
    short = 0 < len(label) <= 24 and "\n" not in cell.text.strip() and not cell.tables
    return short and bool(fact_of(label) or field_of(label) or part_of(label))


def _spans(row: Row) -> bool:
    """Say whether the row is one cell from side to side."""
    return all(cell.merged or n == 0 for n, cell in enumerate(row.cells))


def _pair(label: str, value: TableCell | None, row: Row, state: State) -> Iterator[Line | Grid]:
    part = part_of(label)
    text = value.text if value else ""
    long = "\n" in text or bool(value and value.tables) or len(text) > 60
    plain_field = field_of(label) == "description" and not long
    if field_of(label) and part is Part.OTHER:
        part = None
    if part is not None and not plain_field and (long or not fact_of(label) or part is Part.NEXT):
        state.open(label)
        yield Line(text=label, line=row.line, section=state.section, heading=6, cell=True)
        if value:
            yield from _cell(value, row, state)
        state.close()
        return
    yield Line(
        text=f"{label}：{text}",
        line=row.line,
        section=state.section,
        label=label,
        start=len(label) + 1,
        struck=row.struck or bool(value and value.struck),
        cell=True,
    )


def _cell(cell: TableCell, row: Row, state: State) -> Iterator[Line | Grid]:
    before = state.opened
    for _, text in unwrapped(cell.text):
        for part in filter(None, map(str.strip, _INNER.split(text))):
            line = Line(
                text=part,
                line=row.line,
                section=state.section,
                struck=row.struck or cell.struck,
                box=cell.box,
                cell=True,
            )
            yield from text_lines(line, state)
    if state.opened is not before:
        state.close()
    for table in cell.tables:
        yield from table_parts(table, state)


# Before a point that a cell numbers within one line, and before a label that opens a part there.
_INNER = re.compile(
    r"(?<=[。;；:：])\s*(?=(?:\d{1,2}|[一二三四五六七八九十]{1,2})[.、．)）](?!\d)|[\u2460-\u2473])"
    r"|(?<=\S)\s+(?=\d{1,2}[)）、]\s*\D|[\u2460-\u2473])"
    r"|(?<=[\s。;；])(?=(?:遗留问题|遺留問題|会议结论|會議結論|结论|結論|决议|決議|待办|待辦|"
    r"行动项|行動項目|后续行动)\s*[:：])"
)


def _plain_rows(grid: Grid, state: State) -> Iterator[Line | Grid]:
    """Yield a table that is no list of work as text, each column under its own title."""
    parts = [part_of(title) for title in grid.header.titles]
    for row in grid.rows:
        for column, cell in enumerate(row.cells):
            if cell.merged or not (cell.text or cell.tables):
                continue
            if parts[column] in WORKING:
                state.open(grid.header.titles[column])
                yield from _cell(cell, row, state)
                state.close()
            else:
                yield from _cell(cell, row, state)
