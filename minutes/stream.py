"""The stream of lines and grids that recognition works on, each under the part it stands in. Pure.

Headings, labels that open a part (``待办：``), forms made of tables and cells of several lines all
become the same two things: a ``Line`` and a ``Grid``.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from mapping.words import header_of, plain
from minutes.columns import Header, header_at, heads_facts, is_work
from minutes.document import (
    Block,
    Document,
    Heading,
    ListItem,
    Paragraph,
    Row,
    Table,
    TableCell,
)
from minutes.labels import NUMBERING, Part, bare, fact_of, labels_in, part_of
from minutes.moments import FULL_DAY
from minutes.sections import Grid, Line, State


def stream(document: Document) -> tuple[Line | Grid, ...]:
    """Return a document's lines and grids in their order."""
    state = State()
    counts = bool(document.encoding)  # lines are counted in text files only
    found: list[Line | Grid] = []
    for block in document.blocks:
        for part in _block(block, state, counts=counts):
            found.append(replace(part, index=len(found)))
    return tuple(found)


def _block(block: Block, state: State, *, counts: bool) -> Iterator[Line | Grid]:
    if isinstance(block, Heading):
        yield from _heading(block, state)
    elif isinstance(block, Paragraph):
        if block.bold:
            state.close()
        for offset, text in unwrapped(block.text):
            line = Line(
                text=text,
                line=block.line + offset * counts,
                section=state.section,
                struck=block.struck,
                quote=block.quote,
                note=block.note,
            )
            yield from _text(line, state)
    elif isinstance(block, ListItem):
        yield from _item(block, state, counts=counts)
    else:
        yield from _table(block, state)


_CHAT = re.compile(
    r"\S{1,16}(?: \S{1,16})?\s+(?:\d{2,4}[-/.年])?\d{1,2}[-/.月]\d{1,2}日?\s+\d{1,"
    r"2}:\d{2}(?::\d{2})?$"
)
_END = re.compile(r"[。.!?;；]\s*$")
_SENTENCE = re.compile(r"[。;；]|[,，].*[,，]|[.!?]$")


def unwrapped(text: str) -> list[tuple[int, str]]:
    """Split a paragraph into its lines, joining those that were only wrapped.

    Returns:
        the offset of each line's first physical line, and its text; never an empty one.
    """
    found: list[tuple[int, list[str]]] = []
    last = ""
    for offset, part in enumerate(text.split("\n")):
        line = part.strip()
        if not line:
            last = ""
            continue
        if found and _goes_on(last, line):
            found[-1][1].append(line)
        else:
            found.append((offset, [line]))
        last = line
    return [(offset, " ".join(words)) for offset, words in found]


def _goes_on(last: str, line: str) -> bool:
    """Say whether a line of Latin text is the rest of the line before it."""
    if len(last) < 45 or (_END.search(last) and line[0].isupper() and len(last) < 60):
        return False
    if sum(c > "\u2e80" for c in last) * 3 > len(last) or re.search(r"://\S*$", last):
        return False
    label = labels_in(line)
    known = bool(label) and label[0][0] == 0 and (fact_of(label[0][2]) or header_of(label[0][2]))
    return not known and not NUMBERING.match(line)


def _is_sentence(text: str) -> bool:
    return len(text) > 30 or bool(_SENTENCE.search(text))


def _heading(block: Heading, state: State) -> Iterator[Line | Grid]:
    text = block.text
    line = Line(text=text, line=block.line, section=state.section)
    label = _labelled(text)
    entry = _is_sentence(bare(text)) and part_of(text) is None
    if block.fake and (entry or (label and text[label[1] :].strip())):
        # 一、同意…。 is an entry, not a heading
        yield from _text(line, state)
        return
    if block.fake and text.rstrip().endswith((":", "：")):
        state.open(text)
        yield replace(line, section=state.section, heading=6)
        return
    day = FULL_DAY.search(plain(text))
    again = state.headings and block.level <= state.headings[0][0] and state.day
    if day and again and day[0] != state.day:
        state.next_meeting(day[0])
    if day and not state.headings:
        state.day = day[0]
    state.enter(text, block.level + block.fake)
    yield replace(line, section=state.section, heading=max(1, block.level))


_SIGNS = re.compile(r"[^\w(（\[【“\"']*")


def _labelled(text: str) -> tuple[str, int] | None:
    """Return the known label that a text begins with, and where its value begins."""
    match = NUMBERING.match(text)
    start = match.end() if match else 0
    for begin, end, words in labels_in(text[start : start + 60])[:1]:
        before = text[start : start + begin]
        if _SIGNS.fullmatch(before) and (fact_of(words) or header_of(words) or part_of(words)):
            return words, start + end
    return None


# Parts that a label within running text may open.
_OPENING = frozenset(Part) - {Part.OTHER}
_WORKING = frozenset({Part.ACTIONS, Part.FOLLOW_UP, Part.DECISIONS})


def _text(line: Line, state: State) -> Iterator[Line]:
    """Yield a line of running text, minding what it opens or closes."""
    form = plain(line.text)
    if _CHAT.match(form):
        state.close()
        return
    label = _labelled(line.text)
    if label and not line.text[label[1] :].strip():
        if part_of(label[0]) or fact_of(label[0]):
            state.open(label[0])
            yield replace(line, section=state.section, heading=6)
            return
    elif not label and _is_title(line.text):
        state.open(line.text)
        yield replace(line, section=state.section, heading=6)
        return
    match = NUMBERING.match(line.text)
    if match and match.end() < len(line.text):
        depth = _depth(match[0], state)
        yield from _entry(replace(line, depth=depth), match.end(), state)
        return
    if state.opened and (state.seen_items or state.opened_at >= 0):
        state.close()
    yield from _labelled_line(replace(line, section=state.section), label, state)


def _is_title(text: str) -> bool:
    """Say whether a line without a colon is a heading all the same: 行动项清单."""
    if len(text) > 30 or re.search(r"[。,，;；!?！？]|\d\D*\d\D*\d", text):
        return False
    part = part_of(text)
    colon = text.rstrip().endswith((":", "："))
    return part in _OPENING or (part is Part.OTHER and colon)


def _depth(number: str, state: State) -> int:
    style = re.sub(r"\d+|[一二三四五六七八九十]+|[\u2460-\u24ff]", "n", plain(number).strip())
    style += "h" if re.search("[一二三四五六七八九十]", number) else ""
    if style not in state.styles:
        state.styles.append(style)
    else:
        del state.styles[state.styles.index(style) + 1 :]
    return state.styles.index(style)


def _labelled_line(line: Line, label: tuple[str, int] | None, state: State) -> Iterator[Line]:
    if not label:
        yield line
        return
    words, start = label
    line = replace(line, label=words, start=start)
    part = part_of(words)
    if fact_of(words) == "start" and line.section.part is not Part.NEXT:
        day = FULL_DAY.search(plain(line.value))
        past = line.section.part is not None or (day and day[0] != state.day)
        if day and state.day and past and line.depth < 0 and not line.cell:
            state.next_meeting(day[0])
            line = replace(line, section=state.section)
        elif day:
            state.day = day[0]
    if part in _WORKING and header_of(words) != "description":
        line = replace(line, section=replace(line.section, part=part, own=True, fact=None))
        if line.depth < 0:
            state.open(words)
            state.seen_items = True
    yield line


def _item(block: ListItem, state: State, *, counts: bool) -> Iterator[Line]:
    parts = unwrapped(block.text) or [(0, "")]
    offset, text = parts[0]
    base = Line(
        text=text,
        line=block.line + offset * counts,
        section=state.section,
        depth=block.depth,
        bullet=block.number is None,
        box=block.box,
        struck=block.struck,
        quote=block.quote,
    )
    match = NUMBERING.match(text)
    yield from _entry(base, match.end() if match else 0, state)
    for offset, text in parts[1:]:
        rest = replace(
            base,
            text=text,
            line=block.line + offset * counts,
            section=state.section,
            depth=block.depth + 1,
            box=None,
        )
        yield from _entry(rest, 0, state)


def _entry(line: Line, start: int, state: State) -> Iterator[Line]:
    """Yield an entry of a list; one that is a heading of others opens a part."""
    line = replace(line, text=line.text[start:].strip())
    if not line.text:
        return
    state.meet(line.depth)
    label = _labelled(line.text)
    alone = label is not None and not line.text[label[1] :].strip()
    title = label[0] if label and alone else line.text
    if line.box is None and len(title) <= 30 and (alone or not label):
        part = part_of(title)
        colon = line.text.endswith((":", "："))
        free = state.section.part in (None, Part.OTHER)
        working = part in (Part.ACTIONS, Part.FOLLOW_UP) and free
        if (colon and part is not None) or working:
            state.open(title, line.depth)
            yield replace(line, section=state.section, heading=6)
            return
    yield from _labelled_line(replace(line, section=state.section), label, state)


def _table(table: Table, state: State) -> Iterator[Line | Grid]:
    """Yield the grids and the forms that a table holds."""
    rows = table.rows
    at = 0
    while at < len(rows):
        if state.section.part not in _WORKING and heads_facts(rows, at):
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
        if header.is_agenda or is_work(header, among_actions=among):
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
    return short and bool(fact_of(label) or header_of(label) or part_of(label))


def _spans(row: Row) -> bool:
    """Say whether the row is one cell from side to side."""
    return all(cell.merged or n == 0 for n, cell in enumerate(row.cells))


def _pair(label: str, value: TableCell | None, row: Row, state: State) -> Iterator[Line | Grid]:
    part = part_of(label)
    text = value.text if value else ""
    long = "\n" in text or bool(value and value.tables) or len(text) > 60
    plain_field = header_of(label) == "description" and not long
    if header_of(label) and part is Part.OTHER:
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
            yield from _text(line, state)
    if state.opened is not before:
        state.close()
    for table in cell.tables:
        yield from _table(table, state)


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
            if parts[column] in _WORKING:
                state.open(grid.header.titles[column])
                yield from _cell(cell, row, state)
                state.close()
            else:
                yield from _cell(cell, row, state)
