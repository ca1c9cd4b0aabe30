"""DOCX into the document model: a walker of our own over the parts of the package.

Tracked insertions and moves are accepted, deletions are gone; hidden text is not there; what a
field, a content control or a check box shows is its text; comments and notes are asides.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from minutes.document import (
    Document,
    Heading,
    ListItem,
    Paragraph,
    RefusedError,
    Row,
    Table,
    TableCell,
)
from minutes.inline import BOLD, STRIKE, UNBOLD, UNSTRIKE, clean_marked, clean_source, plain, tidy
from minutes.marks import split_box, split_mark
from minutes.numbering import Numbering
from minutes.ooxml import Package, W
from minutes.outline import Draft, make_cell, make_row, settle
from minutes.styles import Style, Styles, flag

_MAX_SPAN = 64
_MAX_COLUMNS = 256
_MAX_CELLS = 500_000
_MAX_DEPTH = 40

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"

_P, _TBL, _TR, _TC, _SDT = f"{W}p", f"{W}tbl", f"{W}tr", f"{W}tc", f"{W}sdt"
_R, _T, _RPR, _PPR, _VAL = f"{W}r", f"{W}t", f"{W}rPr", f"{W}pPr", f"{W}val"
_TEXT_BOX = f"{W}txbxContent"
# What is gone once all changes are accepted.
_GONE = frozenset((f"{W}del", f"{W}moveFrom", f"{W}rt", f"{W}sdtPr", f"{W}sdtEndPr", _PPR, _RPR))
_WINGDINGS = {
    **dict.fromkeys("\xfe\xfd\x52\x54\x78", "☒"),
    **dict.fromkeys("\xa8\x6f\x71\x72\xa3", "☐"),
    **dict.fromkeys("\xfc\x50", "✓"),
    **dict.fromkeys("\xfb\x4f", "✗"),
    "\xe0": "→",
}
_PAGE = re.compile(r"[\W\d]*|.*第.*页.*|.*page \d.*", re.IGNORECASE)
_TOC = re.compile(r"(?:toc|目录)\s*\d", re.IGNORECASE)


@dataclass(slots=True)
class _Found:
    """What a paragraph holds beside its text."""

    boxes: list[Any]
    notes: list[str]


def read_docx(data: bytes) -> Document:
    """Turn a DOCX file into a document.

    Raises:
        RefusedError: damaged, protected, hostile, or no Word document.
    """
    package = Package(data)
    root = package.xml(package.main)
    body = root.find(f"{W}body") if root is not None else None
    if body is None:
        raise RefusedError("The file is no Word document. Save the minutes as .docx or .md.")
    walker = _Walker(package)
    try:
        drafts = list(walker.blocks(body, 0))
    except RecursionError:
        raise RefusedError("The document is nested too deeply.") from None
    notes = ("The document holds macros; they were left out.",) if package.macros else ()
    return Document(blocks=settle(drafts), front=_front(package, walker), notes=notes)


def _front(package: Package, walker: "_Walker") -> dict[str, str]:
    """Return title and subject of the document's properties, and what page headers say."""
    front = {}
    core = package.xml("docProps/core.xml")
    for element in core if core is not None else ():
        name = str(element.tag).rpartition("}")[2]
        text = tidy(clean_source(element.text or ""))
        if name in ("title", "subject") and text:
            front[name] = text[:500]
    for name in ("header", "footer"):
        lines: list[str] = []
        for part in package.related(f"/{name}")[:6]:
            root = package.xml(part)
            for paragraph in root.iter(_P) if root is not None else ():
                text = plain(walker.text(paragraph))[0]
                if text and text not in lines and not _PAGE.fullmatch(text):
                    lines.append(text)
        if lines:
            front[name] = "\n".join(lines)[:500]
    return front


class _Walker:
    """Walks one document; ``line`` counts paragraphs and rows of tables of the body."""

    def __init__(self, package: Package) -> None:
        self.styles = Styles(package)
        self.numbering = Numbering(package)
        self.asides = _asides(package)
        self.line = 0
        self.cells = 0
        self.held = ""  # text of a paragraph whose end was deleted: it goes on in the next

    # --- blocks -----------------------------------------------------------------------------------

    def blocks(self, parent: Any, depth: int) -> Iterator[Draft]:
        """Yield the drafts of the paragraphs and tables inside an element."""
        if depth > _MAX_DEPTH:
            raise RefusedError("The document is nested too deeply.")
        for element in parent:
            tag = element.tag
            if tag == _P:
                self.line += depth == 0 or not self._inner
                yield from self.paragraph(element, depth)
            elif tag == _TBL:
                table, notes = self.table(element, depth)
                if table:
                    yield Draft(table)
                for note in notes:
                    yield Draft(Paragraph(text=note, line=self.line, note=True))
            elif tag == _SDT:
                content = element.find(f"{W}sdtContent")
                if content is not None and not _is_toc(element) and not _is_placeholder(element):
                    yield from self.blocks(content, depth + 1)
            elif tag == f"{_MC}AlternateContent":
                yield from self.blocks(_chosen(element), depth + 1)
            elif tag not in _GONE:
                yield from self.blocks(element, depth + 1)

    _inner = 0  # inside a text box: its paragraphs stand on the line of their anchor

    def paragraph(self, element: Any, depth: int) -> Iterator[Draft]:
        """Yield a paragraph, then its text boxes and asides."""
        found = _Found([], [])
        properties = element.find(_PPR)
        style = self.styles.paragraph(properties)
        rendered = self.held + self.text(element, style, found)
        self.held = ""
        if properties is not None and _mark_deleted(properties):
            self.held = rendered
        else:
            draft = self._draft(rendered, properties, style)
            if draft:
                yield draft
        line = self.line
        for box in found.boxes:
            self._inner += 1
            yield from self.blocks(box, depth + 1)
            self._inner -= 1
        for note in found.notes:
            yield Draft(Paragraph(text=note, line=line, note=True))

    def _draft(self, rendered: str, properties: Any | None, style: Style) -> Draft | None:
        text, struck, bold = plain(rendered)
        counted = self.numbering.count(properties, style)
        if not text or _TOC.match(style.name):
            return None
        line = self.line
        level = style.level
        if level is not None:
            return Draft(Heading(text=text.replace("\n", " "), level=level, line=line))
        if counted:
            depth, number, box = counted
            box_typed, rest = split_box(text)
            item = ListItem(
                text=rest if box_typed is not None else text, line=line, depth=depth, number=number,
                box=box_typed if box_typed is not None else box, struck=struck,
                group=self.numbering.group,
            )  # fmt: skip
            han = bool(number) and number[0] in "一二三四五六七八九十"
            raw = f"{number}、{text}" if han else text
            return Draft(item, "han" if han and not depth else "", raw)
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
        if depth > _MAX_DEPTH:
            raise RefusedError("The document is nested too deeply.")
        rows: list[tuple[int, list[TableCell]]] = []
        notes: list[str] = []
        header, above = 0, {}
        outer = depth == 0 or not self._inner
        start = self.line + outer
        for row in _rows(element):
            if _is_deleted_row(row):
                continue
            self.line += outer
            header += header == len(rows) and _is_header(row)
            cells, above = self._row(row, above, notes, depth)
            rows.append((self.line, cells))
        width = max((len(cells) for _, cells in rows), default=0)
        self.cells += width * len(rows)
        if self.cells > _MAX_CELLS:
            raise RefusedError("The tables are too large for minutes. Keep only the minutes.")
        if not width:
            return None, notes
        empty = TableCell(text="")
        made: tuple[Row, ...] = tuple(
            make_row((*cells, *(empty,) * (width - len(cells))), line) for line, cells in rows
        )
        return Table(rows=made, line=start, header=header), notes

    def _row(
        self, row: Any, above: dict[int, TableCell], notes: list[str], depth: int
    ) -> tuple[list[TableCell], dict[int, TableCell]]:
        empty = TableCell(text="")
        out: list[TableCell] = []
        tops: dict[int, TableCell] = {}
        properties = row.find(f"{W}trPr")
        if properties is not None:
            out += (empty,) * _span(properties.find(f"{W}gridBefore"))
        for cell in _cells(row):
            properties = cell.find(f"{W}tcPr")
            across, down = 1, None
            if properties is not None:
                if properties.find(f"{W}cellDel") is not None:
                    continue
                span = properties.find(f"{W}gridSpan")
                across = max(1, _span(span)) if span is not None else 1
                down = properties.find(f"{W}vMerge")
                if down is None and (flat := properties.find(f"{W}hMerge")) is not None:
                    if flat.get(_VAL) != "restart" and out:
                        out.append(replace(out[-1], merged=True))
                        continue
            at = len(out)
            if down is not None and down.get(_VAL) != "restart" and at in above:
                made = above[at]
                covered = made
            else:
                made = self._cell(cell, notes, depth)
                covered = replace(made, merged=True) if across > 1 or down is not None else made
            if down is not None:
                tops[at] = covered
            out.append(made)
            out += (covered,) * (across - 1)
            if len(out) > _MAX_COLUMNS:
                raise RefusedError("A table has too many columns; no Word table does.")
        return out, tops

    def _cell(self, cell: Any, notes: list[str], depth: int) -> TableCell:
        lines: list[str] = []
        tables: list[Table] = []
        self._inner += 1
        self._cell_blocks(cell, lines, tables, notes, depth + 1)
        self._inner -= 1
        if not lines and not tables:
            return TableCell(text="")
        return make_cell("\n".join(lines), tables=tuple(tables))

    def _cell_blocks(
        self, parent: Any, lines: list[str], tables: list[Table], notes: list[str], depth: int
    ) -> None:
        if depth > _MAX_DEPTH:
            raise RefusedError("The document is nested too deeply.")
        for element in parent:
            tag = element.tag
            if tag == _P:
                found = _Found([], [])
                properties = element.find(_PPR)
                style = self.styles.paragraph(properties)
                text = self.held + self.text(element, style, found)
                self.held = ""
                if properties is not None and _mark_deleted(properties):
                    self.held = text
                elif text.strip():
                    lines.append(text)
                for box in found.boxes:
                    self._cell_blocks(box, lines, tables, notes, depth + 1)
                notes += found.notes
            elif tag == _TBL:
                table, more = self.table(element, depth + 1)
                notes += more
                if table:
                    tables.append(table)
            elif tag == _SDT:
                checked = element.find(f"{W}sdtPr/{_W14}checkbox")
                content = element.find(f"{W}sdtContent")
                if checked is not None:
                    lines.append("☒" if _is_checked(checked) else "☐")
                elif content is not None and not _is_placeholder(element):
                    self._cell_blocks(content, lines, tables, notes, depth + 1)
            elif tag not in _GONE and tag != f"{W}tcPr":
                self._cell_blocks(element, lines, tables, notes, depth + 1)
        self.held = ""


def _rows(table: Any) -> Iterator[Any]:
    for element in table:
        if element.tag == _TR:
            yield element
        elif element.tag == _SDT:
            content = element.find(f"{W}sdtContent")
            yield from _rows(content) if content is not None else ()
        elif element.tag not in _GONE and len(element) and element.tag != f"{W}tblPr":
            yield from _rows(element)


def _cells(row: Any) -> Iterator[Any]:
    for element in row:
        if element.tag == _TC:
            yield element
        elif element.tag == _SDT:
            content = element.find(f"{W}sdtContent")
            yield from _cells(content) if content is not None else ()
        elif element.tag not in _GONE and len(element) and element.tag != f"{W}trPr":
            yield from _cells(element)


def _is_deleted_row(row: Any) -> bool:
    properties = row.find(f"{W}trPr")
    return properties is not None and properties.find(f"{W}del") is not None


def _is_header(row: Any) -> bool:
    properties = row.find(f"{W}trPr")
    return properties is not None and flag(properties.find(f"{W}tblHeader"))


def _span(element: Any | None) -> int:
    if element is None:
        return 0
    value = element.get(_VAL) or "0"
    size = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else _MAX_SPAN + 1
    if size > _MAX_SPAN:
        raise RefusedError("A merged cell is wider than any Word table can be.")
    return size


def _mark_deleted(properties: Any) -> bool:
    mark = properties.find(_RPR)
    return mark is not None and (
        mark.find(f"{W}del") is not None or mark.find(f"{W}moveFrom") is not None
    )


def _is_toc(control: Any) -> bool:
    gallery = control.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
    return gallery is not None and gallery.get(_VAL) == "Table of Contents"
