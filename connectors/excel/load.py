"""Opens a workbook and finds the sheet that holds the action items. Pure: bytes in, values out.

Parts are unpacked within limits before calamine is given the file, and a block of cells that is too
large to be laid out is refused: calamine itself would take all memory for it.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from io import BytesIO

from python_calamine import CalamineError, CalamineWorkbook

from connectors.errors import SchemaError
from connectors.excel.book import Book, SheetPart
from connectors.excel.layout import (
    HEADER_ROWS,
    Grid,
    Header,
    Wanted,
    find_header,
    missing,
    missing_error,
)
from connectors.excel.package import Package, damaged
from connectors.excel.refs import Area, area, letters
from connectors.excel.scan import scan
from connectors.excel.xml import Node, XmlError, tree
from mapping.said import Said
from mapping.words import clean

_MAX_CELLS = 8_000_000  # calamine lays out the whole block that the cells span
_FAR = re.compile(rb"r\s*=\s*[\"'](?:(?:[B-Zb-z][A-Za-z]|[A-Za-z]{3,})[0-9]|[A-Za-z]*[0-9]{6})")
_NAMED = ("xl/sharedStrings.xml", "xl/styles.xml")  # calamine opens them by these names
_VIEWS = (b"<sheetViews", b"</sheetViews>")
_DATA = re.compile(rb"<((?:[\w.-]+:)?)sheetData\s*(/?)>")


@dataclass(frozen=True, slots=True)
class Spec:
    """What is read from a workbook: the tracker's settings that matter here."""

    sheet: str | None
    columns: Mapping[str, str]
    named: frozenset[str]
    language: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """A sheet, opened: its XML, the XML without rows as a tree, its values, its header."""

    book: Book
    part: SheetPart
    xml: bytes
    frame: Node
    merges: tuple[Area, ...]
    raw: Grid
    wanted: Wanted
    header: Header


def open_book(name: str, data: bytes) -> Book:
    """Open a workbook file; raises as ``survey``."""
    return Book(Package.parse(name, data))


def source(book: Book, spec: Spec) -> str:
    """Return a digest of all bytes that rows are read from, so that none is read for it.

    How people look at a sheet is left out: it is another one with each save.
    """
    told = hashlib.sha256(repr((book.sheets, book.epoch_1904)).encode(errors="backslashreplace"))
    sheets = candidates(book, spec.sheet)
    for part in _shared(book):
        _tell(told, part.encode(errors="backslashreplace"), book.package.read(part))
    for sheet in sheets:
        xml = book.package.read(sheet.part)
        rows = xml.find(b"sheetData")
        head = rows if xml[rows - 1 : rows] == b"<" else 0  # with a prefix: all of it counts
        start, end = (xml.find(tag, 0, head) for tag in _VIEWS)
        start, end = (start, end) if 0 <= start < end else (0, 0)
        tables = repr(book.tables(sheet)).encode(errors="backslashreplace")
        _tell(told, memoryview(xml)[:start], memoryview(xml)[end:], tables)
    return told.hexdigest()


def _tell(told: "hashlib._Hash", *pieces: bytes | memoryview) -> None:
    for piece in pieces:
        told.update(b"%d:" % len(piece))
        told.update(piece)


def survey(book: Book, spec: Spec) -> list[Loaded]:
    """Return the sheets that have a header with our columns, complete or not.

    Raises:
        BusyError: the file is being written.
        SchemaError: it is no workbook that can be read, or no sheet has a header.
    """
    name = book.name
    workbook = _open(book)
    found: list[Loaded] = []
    trouble: SchemaError | None = None
    for part in candidates(book, spec.sheet):
        try:
            loaded = _load(book, workbook, part, spec)
        except SchemaError as error:  # a sheet that nobody asked for may be as it likes
            trouble = error
        else:
            if loaded is not None:
                found.append(loaded)
    if found:
        return found
    if trouble is not None:
        raise trouble
    where = (
        Said(f"工作表“{spec.sheet}”", f"sheet {spec.sheet!r}")
        if spec.sheet
        else Said("所有可见的工作表", "any sheet that is shown")
    )
    raise SchemaError(
        Said(
            f"{name}：{where.zh}的前 {HEADER_ROWS} 行里没有找到表头；"
            f"需要的列：{'、'.join(spec.columns.values())}",
            f"{name}: no header was found in the first {HEADER_ROWS} rows of {where}; "
            f"columns wanted: {', '.join(map(repr, spec.columns.values()))}",
        ),
        hint=Said("请在团队配置文件里写明工作表和列名", "name sheet and columns in the team file"),
    )


def choose(found: Sequence[Loaded]) -> Loaded:
    """Return the one sheet that has all columns.

    Raises:
        SchemaError: there is none, or more than one.
    """
    fitting = [loaded for loaded in found if not missing(loaded.header, loaded.wanted)]
    if len(fitting) > 1:
        name, names = fitting[0].book.name, [loaded.part.name for loaded in fitting]
        raise SchemaError(
            Said(
                f"{name}：不止一个工作表可能是行动项表：{'、'.join(names)}",
                f"{name}: more than one sheet could hold the action items: "
                f"{', '.join(map(repr, names))}",
            ),
            hint=Said(
                '请在团队配置文件里写明是哪一个：sheet = "..."',
                'name the one that is meant in the team file: sheet = "..."',
            ),
        )
    if not fitting:
        best = closest(found)
        raise missing_error(best.header, best.wanted)
    return fitting[0]


def closest(found: Sequence[Loaded]) -> Loaded:
    """Return the sheet with most of our columns; of two equal ones the first."""
    return max(found, key=lambda loaded: len(loaded.header.columns))


def candidates(book: Book, wanted: str | None) -> Sequence[SheetPart]:
    """Return the sheets to look at: the named one, or all that people see.

    Raises:
        SchemaError: there is no sheet of the name that is wanted.
    """
    sheets = book.sheets
    if wanted is None:
        return [sheet for sheet in sheets if sheet.visible] or sheets
    for form in (str, clean, lambda text: clean(text).casefold()):
        for sheet in sheets:
            if form(sheet.name) == form(wanted):
                return [sheet]
    names = [sheet.name for sheet in sheets]
    near = get_close_matches(wanted, names, 1, 0.5)
    raise SchemaError(
        Said(
            f"{book.name} 没有工作表“{wanted}”；现有：{'、'.join(names)}",
            f"{book.name} has no sheet {wanted!r}; it has {', '.join(map(repr, names))}",
        ),
        hint=Said(f"是不是“{near[0]}”？", f"did you mean {near[0]!r}?")
        if near
        else Said("请在团队配置文件里写明其中一个", "name one of them in the team file"),
    )


def _open(book: Book) -> CalamineWorkbook:
    # every part that calamine is going to open is unpacked here first, within limits
    for part in (book.part, *(sheet.part for sheet in book.sheets), *_shared(book)):
        book.package.read(part)
    try:
        return CalamineWorkbook.from_filelike(BytesIO(book.package.data))
    except CalamineError as error:
        raise damaged(book.name, str(error), str(error)) from None


def _shared(book: Book) -> list[str]:
    """Return the parts that all sheets are read with: texts and formats."""
    kinds = {"sharedStrings", "styles"}
    named = [part for kind, part in book.relations(book.part).values() if kind in kinds]
    return [part for part in dict.fromkeys((*named, *_NAMED)) if part in book.package]


def _load(book: Book, workbook: CalamineWorkbook, part: SheetPart, spec: Spec) -> Loaded | None:
    where = Said(f"{book.name} 的工作表“{part.name}”", f"{book.name}, sheet {part.name!r}")
    wanted = Wanted(spec.columns, spec.named, where)
    xml = book.package.read(part.part)
    try:
        _check_extent(wanted.where, xml)
        frame = frame_of(xml)
        raw = workbook.get_sheet_by_name(part.name).to_python(skip_empty_area=False)
    except (XmlError, CalamineError) as error:
        raise unreadable(book.name, part.name, error) from None
    merged = frame.get("mergeCells")
    merges = [area(node.attrs.get("ref", "")) for node in merged.children] if merged else []
    blocks = tuple(merge for merge in merges if merge is not None)
    header = find_header(raw, blocks, wanted)
    if header is None:
        return None
    return Loaded(book, part, xml, frame, blocks, raw, wanted, header)


def unreadable(name: str, sheet: str, error: XmlError | CalamineError) -> SchemaError:
    """Return the error for a sheet that cannot be understood."""
    why = error.said.zh if isinstance(error, XmlError) else str(error)
    return damaged(name, f"工作表“{sheet}”：{why}", f"sheet {sheet!r}: {error}")


def _check_extent(where: Said, xml: bytes) -> None:
    """Refuse a sheet whose cells span a block too large to be laid out."""
    if _FAR.search(xml) is None:
        return  # at most 52 columns and 99,999 rows
    cells = [
        (row.number, one.col)
        for row in scan(xml).rows.values()
        for one in row.cells
        if xml[one.end - 2 : one.end] != b"/>"
    ]
    last = max((row for row, _ in cells), default=0)
    widest = max((col for _, col in cells), default=0)
    if last * widest > _MAX_CELLS:
        raise SchemaError(
            Said(
                f"{where.zh}：单元格一直延伸到 {letters(widest)} 列、第 {last} 行",
                f"{where}: its cells reach to column {letters(widest)} and row {last}",
            ),
            hint=Said("请删去离表格很远的内容", "delete what stands far outside the table"),
        )


def frame_of(xml: bytes) -> Node:
    """Return a sheet without its rows, as a tree; its places are those of the whole part."""
    start = _DATA.search(xml)
    end = xml.rfind(b"</" + start[1] + b"sheetData") if start and not start[2] else -1
    if start is None or end < start.end():
        return tree(xml)
    frame = tree(xml[: start.end()] + xml[end:])
    cut, gap = start.end(), end - start.end()
    for node in frame.walk():
        for name in ("start", "inside", "close", "end"):
            at = getattr(node, name)
            if at > cut or (at == cut and (name == "start" or node.start < cut != node.inside)):
                setattr(node, name, at + gap)
            elif at == cut and name == "close":
                node.close += gap
    return frame
