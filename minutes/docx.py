"""DOCX into the document model: a walker of our own over the parts of the package.

Tracked insertions and moves are accepted, deletions are gone; hidden text is not there; what a
field, a content control or a check box shows is its text; comments and notes are asides.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from mapping.said import Said
from minutes.document import (
    Document,
    Heading,
    ListItem,
    Paragraph,
    RefusedError,
    Row,
    Table,
    TableCell,
    nested_too_deeply,
)
from minutes.inline import clean_source, plain, tidy
from minutes.marks import split_box, split_mark
from minutes.numbering import Numbering
from minutes.ooxml import Package, W, no_word_document
from minutes.outline import Draft, make_cell, make_row, settle
from minutes.runs import (
    ALTERNATE,
    GONE,
    MAX_DEPTH,
    PPR,
    RPR,
    SDT,
    VAL,
    P,
    Runs,
    check_box,
    chosen,
    content_of,
    is_placeholder,
)
from minutes.styles import Style, Styles, flag

_MAX_SPAN = 64
_MAX_COLUMNS = 256
_MAX_CELLS = 500_000
_MAX_FACT = 500  # characters taken from a property or a page header

_TBL, _TR, _TC = f"{W}tbl", f"{W}tr", f"{W}tc"
_HAN = "一二三四五六七八九十"
_PAGE = re.compile(r"[\W\d]*|.*第.*页.*|.*page \d.*", re.IGNORECASE)
_TOC = re.compile(r"(?:toc|目录)\s*\d", re.IGNORECASE)
_EMPTY = TableCell(text="")
_MACROS = Said("文档带有宏，宏没有读取。", "The document holds macros; they were left out.")


def read_docx(data: bytes) -> Document:
    """Turn a DOCX file into a document.

    Raises:
        RefusedError: damaged, protected, hostile, or no Word document.
    """
    package = Package(data)
    root = package.xml(package.main)
    body = root.find(f"{W}body") if root is not None else None
    if body is None:
        raise no_word_document()
    walker = _Walker(package)
    try:
        blocks = settle([*walker.blocks(body, 0), *walker.rest()])
        front = _front(package, walker)
    except RecursionError:
        raise nested_too_deeply() from None
    notes = (_MACROS,) if package.macros else ()
    return Document(blocks=blocks, front=front, notes=notes)


def _front(package: Package, walker: "_Walker") -> dict[str, str]:
    """Return title and subject of the document's properties, and what page headers say."""
    front = {}
    core = package.xml("docProps/core.xml")
    for element in core if core is not None else ():
        name = str(element.tag).rpartition("}")[2]
        text = tidy(clean_source(element.text or ""))
        if name in ("title", "subject") and text:
            front[name] = text[:_MAX_FACT]
    for name in ("header", "footer"):
        lines: list[str] = []
        for part in package.related(f"/{name}")[:6]:
            root = package.xml(part)
            for paragraph in root.iter(P) if root is not None else ():
                text = plain(walker.runs.read(paragraph, Style()).text)[0]
                if text and text not in lines and not _PAGE.fullmatch(text):
                    lines.append(text)
        if lines:
            front[name] = "\n".join(lines)[:_MAX_FACT]
    return front


class _Walker:
    """Walks one document; ``line`` counts the paragraphs and table rows of the body."""

    def __init__(self, package: Package) -> None:
        self.styles = Styles(package)
        self.runs = Runs(package, self.styles)
        self.numbering = Numbering(package)
        self.line = 0
        self.cells = 0
        self.inner = 0  # > 0 inside a cell or text box, whose blocks stand on the line around them
        self.held = ""  # text of a paragraph whose end was deleted: it goes on in the next

    # --- blocks -----------------------------------------------------------------------------------

    def blocks(self, parent: Any, depth: int) -> Iterator[Draft]:
        """Yield the drafts of the paragraphs and tables inside an element."""
        if depth > MAX_DEPTH:
            raise nested_too_deeply()
        for element in parent:
            tag = element.tag
            if tag == P:
                self.line += not self.inner
                yield from self.paragraph(element, depth)
            elif tag == _TBL:
                yield from self.rest()
                table, notes = self.table(element, depth)
                if table:
                    yield Draft(table)
                yield from self._aside(notes)
            elif tag == SDT:
                if not is_placeholder(element) and not _is_contents(element):
                    yield from self.blocks(content_of(element), depth + 1)
            elif tag == ALTERNATE:
                yield from self.blocks(chosen(element), depth + 1)
            elif tag not in GONE:
                yield from self.blocks(element, depth + 1)

    def rest(self) -> Iterator[Draft]:
        """Yield text that waits for a next paragraph, where none comes."""
        text, struck, _ = plain(self.held)
        self.held = ""
        if text:
            yield Draft(Paragraph(text=text, line=self.line, struck=struck), "", text)

    def paragraph(self, element: Any, depth: int) -> Iterator[Draft]:
        """Yield a paragraph, then its text boxes and asides."""
        properties = element.find(PPR)
        style = self.styles.paragraph(properties)
        told = self.runs.read(element, style)
        rendered = self.held + told.text
        self.held = ""
        if _goes_on(properties):
            self.held = rendered
        else:
            draft = self._draft(rendered, properties, style)
            if draft:
                yield draft
        for box in told.boxes:
            self.inner += 1
            yield from self.blocks(box, depth + 1)
            self.inner -= 1
        yield from self._aside(told.notes)

    def _aside(self, notes: list[str]) -> Iterator[Draft]:
        for note in notes:
            yield Draft(Paragraph(text=note, line=self.line, note=True))

    def _draft(self, rendered: str, properties: Any | None, style: Style) -> Draft | None:
        text, struck, bold = plain(rendered)
        counted = self.numbering.count(properties, style)
        line = self.line
        if not text or _TOC.match(style.name):
            return None
        if style.level is not None:
            return Draft(Heading(text=text.replace("\n", " "), level=style.level, line=line))
        if counted:
            depth, number, box = counted
            typed, rest = split_box(text)
            item = ListItem(
                text=rest, line=line, depth=depth, number=number,
                box=typed if typed is not None else box, struck=struck, group=self.numbering.group,
            )  # fmt: skip
            # A counted 一、 may be a heading like a written one; its neighbours decide.
            han = not depth and number is not None and number[0] in _HAN
            return Draft(item, "han", f"{number}、{text}") if han else Draft(item, "", text)
        mark = split_mark(text)
        if mark and (mark.text or mark.box is not None):
            item = ListItem(
                text=mark.text, line=line, number=mark.number, box=mark.box, struck=struck
            )
            return Draft(item, mark.style, text)
        return Draft(Paragraph(text=text, line=line, struck=struck, bold=bold), "", text)

    # --- tables -----------------------------------------------------------------------------------

    def table(self, element: Any, depth: int) -> tuple[Table | None, list[str]]:
        """Return a table with its merged cells spread, and the asides found in it."""
        if depth > MAX_DEPTH:
            raise nested_too_deeply()
        rows: list[tuple[int, list[TableCell]]] = []
        notes: list[str] = []
        above: dict[int, TableCell] = {}
        header = 0
        for row in _parts(element, _TR):
            properties = row.find(f"{W}trPr")
            if properties is not None and properties.find(f"{W}del") is not None:
                continue
            self.line += not self.inner
            if properties is not None and header == len(rows):
                header += flag(properties.find(f"{W}tblHeader"))
            cells, above = self._row(row, above, notes, depth)
            rows.append((self.line, cells))
        width = max((len(cells) for _, cells in rows), default=0)
        self.cells += width * len(rows)
        if self.cells > _MAX_CELLS:
            raise RefusedError(
                "文档里的表格太大，不像会议纪要。请只保留纪要内容后重新保存。",
                "The tables are too large for minutes. Keep only the minutes.",
            )
        if not width:
            return None, notes
        made: tuple[Row, ...] = tuple(
            make_row((*cells, *(_EMPTY,) * (width - len(cells))), line) for line, cells in rows
        )
        return Table(rows=made, line=rows[0][0], header=header), notes

    def _row(
        self, row: Any, above: dict[int, TableCell], notes: list[str], depth: int
    ) -> tuple[list[TableCell], dict[int, TableCell]]:
        """Return the cells of a row, and by column those that may go on in the row below."""
        properties = row.find(f"{W}trPr")
        before = properties.find(f"{W}gridBefore") if properties is not None else None
        out: list[TableCell] = [_EMPTY] * _span(before)
        tops: dict[int, TableCell] = {}
        for cell in _parts(row, _TC):
            properties = cell.find(f"{W}tcPr")
            if properties is None:
                out.append(self._cell(cell, notes, depth))
                continue
            if properties.find(f"{W}cellDel") is not None:
                continue
            down, flat = properties.find(f"{W}vMerge"), properties.find(f"{W}hMerge")
            if flat is not None and flat.get(VAL) != "restart" and out:
                out.append(replace(out[-1], merged=True, tables=()))
                continue
            at, across = len(out), max(1, _span(properties.find(f"{W}gridSpan")))
            if down is not None and down.get(VAL) != "restart" and at in above:
                made = covered = above[at]
            else:
                made = covered = self._cell(cell, notes, depth)
                if down is not None or across > 1:
                    covered = replace(made, merged=True, tables=())
            if down is not None:
                tops[at] = covered
            out += (made, *(covered,) * (across - 1))
            if len(out) > _MAX_COLUMNS:
                raise RefusedError(
                    f"有一个表格超过 {_MAX_COLUMNS} 列，没有读取。请拆分或删去这个表格后重新保存。",
                    f"A table has more than {_MAX_COLUMNS} columns. Split it or leave it out.",
                )
        return out, tops

    def _cell(self, cell: Any, notes: list[str], depth: int) -> TableCell:
        lines: list[str] = []
        tables: list[Table] = []
        self.inner += 1
        self._in_cell(cell, lines, tables, notes, depth=depth + 1)
        self.inner -= 1
        if self.held:
            lines.append(self.held)
            self.held = ""
        if not lines and not tables:
            return _EMPTY
        return make_cell("\n".join(lines), tables=tuple(tables))

    def _in_cell(
        self, parent: Any, lines: list[str], tables: list[Table], notes: list[str], *, depth: int
    ) -> None:
        if depth > MAX_DEPTH:
            raise nested_too_deeply()
        for element in parent:
            tag = element.tag
            inner: Any = ()
            if tag == P:
                properties = element.find(PPR)
                told = self.runs.read(element, self.styles.paragraph(properties))
                text, self.held = self.held + told.text, ""
                if _goes_on(properties):
                    self.held = text
                elif text.strip():
                    lines.append(text)
                notes += told.notes
                for box in told.boxes:
                    self._in_cell(box, lines, tables, notes, depth=depth + 1)
            elif tag == _TBL:
                table, more = self.table(element, depth + 1)
                notes += more
                tables += (table,) if table else ()
            elif tag == SDT:
                box = check_box(element)
                lines += (box,) if box else ()
                inner = () if box or is_placeholder(element) else content_of(element)
            elif tag == ALTERNATE:
                inner = chosen(element)
            elif tag not in GONE:
                inner = element
            if len(inner):
                self._in_cell(inner, lines, tables, notes, depth=depth + 1)


def _parts(parent: Any, wanted: str, depth: int = 0) -> Iterator[Any]:
    """Yield rows or cells, also those inside content controls and the like."""
    if depth > MAX_DEPTH:
        raise nested_too_deeply()
    for element in parent:
        if element.tag == wanted:
            yield element
        elif element.tag not in GONE and len(element):
            inner = content_of(element) if element.tag == SDT else element
            yield from _parts(inner, wanted, depth + 1)


def _span(element: Any | None) -> int:
    if element is None:
        return 0
    value = element.get(VAL) or "0"
    size = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else _MAX_SPAN + 1
    if size > _MAX_SPAN:
        raise RefusedError(
            "有一个合并单元格宽得超出 Word 的上限，没有读取。请重做这个表格后再保存。",
            "A merged cell is wider than any Word table can be. Make that table anew.",
        )
    return size


def _goes_on(properties: Any | None) -> bool:
    """Say whether a paragraph's end was deleted, so that it goes on in the next one."""
    mark = properties.find(RPR) if properties is not None else None
    return mark is not None and (
        mark.find(f"{W}del") is not None or mark.find(f"{W}moveFrom") is not None
    )


def _is_contents(control: Any) -> bool:
    gallery = control.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
    return gallery is not None and gallery.get(VAL) == "Table of Contents"
