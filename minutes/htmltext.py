"""HTML inside Markdown: tables with spans, lists, headings and text. Pure.

A small scanner of tags with limits; nothing is loaded and nothing is run.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from minutes.document import Heading, RefusedError, Table, TableCell
from minutes.inline import BREAK, drop_comments, plain, render
from minutes.outline import Draft, Place, make_cell, make_row, read_lines

_MAX_SPAN = 64
_MAX_COLUMNS = 256
_MAX_CELLS = 500_000
_MAX_NESTING = 8

_TAG = re.compile(
    r"<(/?)(p|div|h[1-6]|ul|ol|li|table|caption|thead|tbody|tfoot|tr|td|th|script|style|pre|template"
    r"|details|summary|blockquote|section|article|figure|figcaption|center|dl|dt|dd|hr)((?:[\s/][^<>]*)?)>",
    re.IGNORECASE,
)
_SILENT = frozenset(("script", "style", "pre", "template"))
_SPAN = re.compile(r"\b(row|col)span\s*=\s*[\"']?\s*(\d{1,9})", re.IGNORECASE)
_GAP = re.compile(f"[ \t]*(?:{BREAK}[ \t]*)+")


@dataclass(slots=True)
class _Cell:
    head: bool
    rowspan: int
    colspan: int
    parts: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


@dataclass(slots=True)
class _Table:
    line: int
    rows: list[tuple[int, list[_Cell]]] = field(default_factory=list)
    in_head: bool = False
    head_rows: int = 0
    cell: _Cell | None = None


def read_html(source: str, line: int, *, quote: int = 0) -> Iterator[Draft]:
    """Yield the drafts of a block of HTML.

    Raises:
        RefusedError: a table is larger than any that people write.
    """
    source = drop_comments(source)
    tables: list[_Table] = []
    lists = 0
    text: list[str] = []
    text_line, number, done = line, line, 0
    opened = ""  # the tag that the text stands in, where it matters: li or h1-h6
    silent = ""
    for found in _TAG.finditer(source):
        between = source[done : found.start()]
        closing, name, rest = bool(found[1]), found[2].lower(), found[3]
        done = found.end()
        if silent:
            silent = "" if closing and name == silent else silent
            number += between.count("\n") + found[0].count("\n")
            continue
        if tables:
            _into_cell(tables[-1], between)
        elif between:
            text.append(between)
        number += between.count("\n")
        if name in _SILENT:
            silent = "" if closing else name
        elif name in ("table", "thead", "tbody", "tfoot", "tr", "td", "th") and (
            tables or (name == "table" and not closing)
        ):
            if not tables:
                yield from _flush(text, text_line, opened, lists, quote)
                text, opened = [], ""
            finished = _table_tag(tables, closing=closing, name=name, rest=rest, line=number)
            if finished:
                yield Draft(finished)
            text_line = number
        elif tables:
            _into_cell(tables[-1], BREAK)
        else:
            yield from _flush(text, text_line, opened, lists, quote)
            text, text_line = [], number
            if name in ("ul", "ol"):
                lists = max(0, lists - 1) if closing else lists + 1
            opened = (
                name if not closing and (name == "li" or (name[0] == "h" and name != "hr")) else ""
            )
        number += found[0].count("\n")
    while tables:
        finished = _table_tag(tables, closing=True, name="table", rest="", line=number)
        if finished:
            yield Draft(finished)
    if not silent:
        text.append(source[done:])
    yield from _flush(text, text_line, opened, lists, quote)


def _flush(text: list[str], line: int, opened: str, lists: int, quote: int) -> Iterator[Draft]:
    raw = "".join(text)
    if not raw.strip():
        return
    lines = render(raw).split("\n")
    if opened.startswith("h"):
        heading = plain(" ".join(lines))[0]
        if heading:
            yield Draft(Heading(text=heading, level=int(opened[1]), line=line))
        return
    while lines and not lines[0].strip():
        lines, line = lines[1:], line + 1
    place = Place(line, quote, max(0, lists - 1), item=opened == "li", group=-1)
    indents = [len(part) - len(part.lstrip()) for part in lines]
    yield from read_lines(lines, indents, place)


def _into_cell(table: _Table, text: str) -> None:
    if table.cell is not None and text:
        table.cell.parts.append(text)


def _table_tag(
    tables: list[_Table], *, closing: bool, name: str, rest: str, line: int
) -> Table | None:
    """Take a table's tag in; return the outermost table when it ends."""
    if name == "table" and not closing:
        if len(tables) >= _MAX_NESTING:
            raise RefusedError(
                "表格嵌套层次太深，没有读取。请把表格改为上下并列。",
                "Tables are nested too deeply. Write them one below the other.",
            )
        tables.append(_Table(line))
        return None
    table = tables[-1]
    if name == "table":
        tables.pop()
        made = _made(table)
        if not tables:
            return made
        if tables[-1].cell is not None and made:
            tables[-1].cell.tables.append(made)
        return None
    if name in ("thead", "tbody", "tfoot"):
        table.in_head = name == "thead" and not closing
    elif name == "tr":
        table.cell = None
        if not closing:
            table.rows.append((line, []))
            table.head_rows += table.in_head
    elif closing:
        table.cell = None
    else:
        if not table.rows:
            table.rows.append((line, []))
        spans = {kind.lower(): int(size) for kind, size in _SPAN.findall(rest)}
        down = spans.get("row", 1)
        table.cell = _Cell(
            head=name == "th",
            rowspan=down or _MAX_CELLS,
            colspan=max(1, min(spans.get("col", 1), _MAX_SPAN)),
        )
        table.rows[-1][1].append(table.cell)
    return None


def _made(table: _Table) -> Table | None:
    """Spread merged cells over the places they cover."""
    rows: list[tuple[int, list[TableCell]]] = []
    below: dict[int, tuple[TableCell, int]] = {}  # column -> cell from above, rows it still covers
    total = 0
    for line, cells in table.rows:
        out: list[TableCell] = []
        for cell in cells:
            _take_from_above(out, below)
            made = _cell(cell)
            covered = replace(made, merged=True, tables=())
            for at in range(cell.colspan):
                if cell.rowspan > 1:
                    below[len(out)] = (covered, cell.rowspan - 1)
                out.append(covered if at else made)
        _take_from_above(out, below)
        total += len(out)
        if len(out) > _MAX_COLUMNS or total > _MAX_CELLS:
            raise _too_large()
        rows.append((line, out))
    width = max((len(cells) for _, cells in rows), default=0)
    if not width or width * len(rows) > _MAX_CELLS:
        if width:
            raise _too_large()
        return None
    empty = TableCell(text="")
    made_rows = tuple(
        make_row((*cells, *(empty,) * (width - len(cells))), line) for line, cells in rows if cells
    )
    header = table.head_rows
    if not header:
        while (
            header < len(table.rows)
            and table.rows[header][1]
            and all(cell.head for cell in table.rows[header][1])
        ):
            header += 1
    return Table(rows=made_rows, line=table.line, header=min(header, len(made_rows)))


def _too_large() -> RefusedError:
    return RefusedError(
        "有一个表格太大，不像会议纪要。请拆分或删去这个表格。",
        "A table is too large for minutes. Split it or leave it out.",
    )


def _take_from_above(out: list[TableCell], below: dict[int, tuple[TableCell, int]]) -> None:
    while len(out) in below:
        column = len(out)
        cell, left = below.pop(column)
        if left > 1:
            below[column] = (cell, left - 1)
        out.append(cell)
        if len(out) > _MAX_COLUMNS:
            return


def _cell(cell: _Cell) -> TableCell:
    raw = " ".join("".join(cell.parts).split("\n"))
    rendered = _GAP.sub(BREAK, render(raw)).strip(f"{BREAK} \t")
    return make_cell(rendered, tables=tuple(cell.tables))
