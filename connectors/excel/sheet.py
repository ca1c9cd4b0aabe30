"""A sheet, read: its layout and the rows in it. Pure: bytes in, values out.

calamine gives the values. What it does not tell (formulas, errors, which it shows as nothing) is
looked up in the sheet's XML, and only if there is any.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from hashlib import blake2b
from io import BytesIO
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from connectors.base import Record
from connectors.errors import SchemaError
from connectors.excel import wire
from connectors.excel.book import Book, SheetPart, Table
from connectors.excel.layout import (
    Body,
    Grid,
    Header,
    Lines,
    Wanted,
    body,
    find_header,
    foreign_ids,
    missing,
    missing_error,
)
from connectors.excel.package import Package, damaged
from connectors.excel.refs import Area, area, cell, column
from connectors.excel.scan import scan
from connectors.excel.xml import Node, XmlError, tree
from mapping.cells import Cell
from mapping.values import Finding, Severity
from mapping.words import FIELDS, clean

READER = "1"  # goes up when the same bytes are read in another way
DAYS = frozenset({"due", "completed"})
_MAX_CELLS = 20_000_000  # calamine lays out the whole block that the cells span
_TOLD = 20  # findings of one kind in one read

_PLACE = rb"r\s*=\s*[\"']([A-Za-z]*)([0-9]+)[\"']"
_PLACES = re.compile(_PLACE)
_FAR = re.compile(rb"r\s*=\s*[\"'](?:(?:[B-Zb-z][A-Za-z]|[A-Za-z]{3})[0-9]|[A-Za-z]*[0-9]{6})")
_FORMULA = re.compile(
    rb"<((?:[\w.-]+:)?)c(\s[^>]*)?>\s*<\1f(?:\s[^>]*)?(?:/>|>([^<]*)</\1f>)", re.ASCII
)
_MAYBE_FORMULA = re.compile(rb"f[\s/>]")
_MAYBE_ERROR = re.compile(rb"t\s*=\s*[\"']e[\"']")
_ERROR = re.compile(rb"<(?:[\w.-]+:)?c\s([^>]*\bt=[\"']e[\"'][^>]*)>")
_R = re.compile(rb"\br=[\"']([A-Z]{1,3}[0-9]+)[\"']")
_DATA = re.compile(rb"<((?:[\w.-]+:)?)sheetData\s*(/?)>")


@dataclass(frozen=True, slots=True)
class Spec:
    """What is read from a workbook: the tracker's settings that matter here."""

    sheet: str | None
    columns: Mapping[str, str]
    named: frozenset[str]


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands in cells beside values; places are (row, column) from 1.

    Attributes:
        formulas: place -> its text.
        errors: cells that show an error (#N/A).
    """

    formulas: Mapping[tuple[int, int], str]
    errors: frozenset[tuple[int, int]]


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook as it was read.

    Attributes:
        fields: our field -> its column (from 1); never ``id``.
        id_column: the column of the ids.
        records: the rows in their order; ``row_id`` is the row's number.
        findings: what a person should look at.
    """

    book: Book
    part: SheetPart
    xml: bytes
    frame: Node
    header: Header
    table: Table | None
    merges: tuple[Area, ...]
    filtered: Area | None
    raw: Grid
    facts: Facts
    body: Body
    records: tuple[Record, ...]
    findings: tuple[Finding, ...]

    @property
    def fields(self) -> Mapping[str, int]:
        """Return our field -> its column."""
        return {f: n for f, n in self.header.columns.items() if f != "id"}

    @cached_property
    def by_id(self) -> Mapping[str, Sequence[Record]]:
        """Rows by what stands in their id cell."""
        found: dict[str, list[Record]] = {}
        for record in self.records:
            if record.id is not None:
                found.setdefault(record.id, []).append(record)
        return found

    @cached_property
    def by_row(self) -> Mapping[str, Record]:
        """Rows by their place."""
        return {record.row_id: record for record in self.records}


def read(name: str, data: bytes, spec: Spec) -> Sheet:
    """Read the sheet that holds the action items.

    Raises:
        BusyError: the file is being written.
        SchemaError: it is no workbook that can be read, or a column is missing.
    """
    book = Book(Package.parse(name, data))
    workbook = _open(book)
    seen: list[tuple[SheetPart, Header]] = []
    fitting: list[_Loaded] = []
    for part in candidates(book, spec.sheet):
        loaded = _load(book, workbook, part, spec)
        if loaded.header is None:
            continue
        seen.append((part, loaded.header))
        if not missing(loaded.header, loaded.wanted):
            fitting.append(loaded)
    if len(fitting) > 1:
        names = ", ".join(repr(loaded.part.name) for loaded in fitting)
        raise SchemaError(
            f"{name}: more than one sheet could hold the action items: {names}",
            hint="name the one that is meant in the team file: sheet = \"...\"",
        )
    if not fitting:
        raise _no_sheet(book, spec, seen)
    return _sheet(book, fitting[0])


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
        f"{book.name} has no sheet {wanted!r}; it has {', '.join(map(repr, names))}",
        hint=f"did you mean {near[0]!r}?" if near else "name one of them in the team file",
    )


def _open(book: Book) -> CalamineWorkbook:
    # every part that calamine is going to open is unpacked here first, within limits
    parts = [book.part, *(sheet.part for sheet in book.sheets)]
    kinds = {"sharedStrings", "styles"}
    parts += [p for kind, p in book.relations(book.part).values() if kind in kinds]
    for part in parts:
        if part in book.package:
            book.package.read(part)
    try:
        return CalamineWorkbook.from_filelike(BytesIO(book.package.data))
    except CalamineError as error:
        raise damaged(book.name, str(error)) from None


@dataclass(frozen=True, slots=True)
class _Loaded:
    part: SheetPart
    xml: bytes
    frame: Node
    merges: tuple[Area, ...]
    raw: Grid
    wanted: Wanted
    header: Header | None


def _load(book: Book, workbook: CalamineWorkbook, part: SheetPart, spec: Spec) -> _Loaded:
    wanted = Wanted(spec.columns, spec.named, f"{book.name}, sheet {part.name!r}")
    xml = book.package.read(part.part)
    _check_extent(wanted.where, xml)
    try:
        frame = tree(_frame(xml))
        raw = workbook.get_sheet_by_name(part.name).to_python(skip_empty_area=False)
    except (XmlError, CalamineError) as error:
        raise damaged(book.name, f"sheet {part.name!r}: {error}") from None
    merged = frame.get("mergeCells")
    merges = [area(node.attrs.get("ref", "")) for node in merged.children] if merged else []
    blocks = tuple(merge for merge in merges if merge is not None)
    return _Loaded(part, xml, frame, blocks, raw, wanted, find_header(raw, blocks, wanted))


def _check_extent(where: str, xml: bytes) -> None:
    """Refuse a sheet whose cells span a block too large to be laid out."""
    if _FAR.search(xml) is None:
        return  # at most 52 columns and 99,999 rows
    places = _PLACES.findall(xml)
    last = max(int(number[:9]) for _, number in places)
    widest = max((letters.upper() for letters, _ in places), key=lambda name: (len(name), name))
    if last * column(widest.decode()) > _MAX_CELLS:
        raise SchemaError(
            f"{where}: its cells reach to column {widest.decode()} and row {last}",
            hint="delete what stands far outside the table",
        )


def _frame(xml: bytes) -> bytes:
    """Return a sheet's XML without its rows."""
    start = _DATA.search(xml)
    if start is None or start[2]:
        return xml
    end = xml.rfind(b"</" + start[1] + b"sheetData")
    return xml[: start.end()] + xml[end:] if end >= 0 else xml


def _no_sheet(
    book: Book, spec: Spec, seen: Sequence[tuple[SheetPart, Header]]
) -> SchemaError:
    if not seen:
        where = f"sheet {spec.sheet!r}" if spec.sheet else "any sheet that is shown"
        names = ", ".join(repr(name) for name in spec.columns.values())
        return SchemaError(
            f"{book.name}: no header was found in the first 30 rows of {where}; "
            f"columns wanted: {names}",
            hint="run `check --prepare`, or name sheet and columns in the team file",
        )
    part, header = max(seen, key=lambda pair: len(pair[1].columns))
    return missing_error(
        header, Wanted(spec.columns, spec.named, f"{book.name}, sheet {part.name!r}")
    )


def _facts(xml: bytes) -> Facts:
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


def _sheet(book: Book, loaded: _Loaded) -> Sheet:
    header = loaded.header
    assert header is not None  # noqa: S101  # only fitting sheets come here
    raw, facts = loaded.raw, _facts(loaded.xml)
    tables = [
        t
        for t in book.tables(loaded.part)
        if t.header and t.area.top == header.row and t.area.holds(header.row, header.columns["id"])
    ]
    table = tables[0] if tables else None
    node = loaded.frame.get("autoFilter")
    filtered = area(node.attrs.get("ref", "")) if node else None
    columns = _Columns(header, raw, facts, loaded.merges, epoch_1904=book.epoch_1904)
    foreign = foreign_ids([i for i in columns.ids[header.row :] if i is not None])
    if foreign:
        raise SchemaError(
            f"{loaded.wanted.where}: column {loaded.wanted.columns['id']!r} holds numbers of its "
            f"own ({', '.join(foreign)})",
            field="id",
            hint='give our ids a column of their own: [trackers.fields] id = "..."',
        )
    by_row: dict[int, list[str]] = {}
    for (row, _), formula in facts.formulas.items():
        by_row.setdefault(row, []).append(formula)
    lines = Lines(columns.cells, columns.ids, raw, by_row)
    rows = body(header, lines, columns.filled(), loaded.merges, table, filtered)
    records = tuple(columns.record(row, loaded.part.name) for row in rows.rows)
    return Sheet(
        book=book,
        part=loaded.part,
        xml=loaded.xml,
        frame=loaded.frame,
        header=header,
        table=table,
        merges=loaded.merges,
        filtered=filtered,
        raw=raw,
        facts=facts,
        body=rows,
        records=records,
        findings=columns.findings(rows.rows, loaded.part.name),
    )


_NONE: frozenset[str] = frozenset()


def _texts(column: Sequence[Any]) -> list[str]:
    """Return a column as text, nothing as ``""``."""
    text = wire.text
    return [
        v.strip() if type(v) is str and "\r" not in v else text(v) or "" for v in column
    ]


class _Columns:
    """Our columns of a sheet, converted column by column: far faster than cell by cell."""

    def __init__(
        self, header: Header, raw: Grid, facts: Facts, merges: Sequence[Area], *, epoch_1904: bool
    ) -> None:
        self.header = header
        self.raw = raw
        self.facts = facts
        self.names = tuple(f for f in FIELDS if f in header.columns)
        self.numbers = tuple(header.columns[f] for f in self.names)
        self.merges = [
            m
            for m in merges
            if m.left == m.right and m.left in self.numbers and m.top > header.row
        ]
        columns: Sequence[Sequence[Any]] = list(zip(*raw, strict=True))
        blank = ("",) * len(raw)
        taken = [columns[n - 1] if n <= len(columns) else blank for n in self.numbers]
        at_id = header.columns["id"]
        keys = [_texts(columns[at_id - 1] if at_id <= len(columns) else blank)]
        self.ids: list[str | None] = [key or None for key in keys[0]]
        values: list[list[Cell]] = []
        for name, column in zip(self.names, taken, strict=True):
            if name in DAYS:
                days = [wire.day(v, epoch_1904=epoch_1904) if v != "" else None for v in column]
                values.append(days)
                keys.append([str(v) if v is not None else "" for v in days])
            else:
                keys.append(_texts(column))
                values.append([key or None for key in keys[-1]])
        self._spread(values, keys[1:])
        self.rows = list(zip(*values, strict=True))
        self.keys = list(zip(*keys, strict=True))
        self.absent: dict[int, set[str]] = {}  # row -> fields whose value is not known
        self.sealed: dict[int, set[str]] = {}
        self._mark()

    def _spread(self, values: Sequence[list[Cell]], keys: Sequence[list[str]]) -> None:
        """Let what is merged down stand in each line that holds something itself."""
        for merge in self.merges:
            at = self.numbers.index(merge.left)
            for row in self._covered(merge):
                if any(column[row - 1] is not None for column in values):
                    values[at][row - 1] = values[at][merge.top - 1]
                    keys[at][row - 1] = keys[at][merge.top - 1]

    def _covered(self, merge: Area) -> range:
        return range(merge.top + 1, min(merge.bottom, len(self.raw)) + 1)

    def _mark(self) -> None:
        """Note what cannot be known or written: formulas, errors, what a merge hides."""
        names = dict(zip(self.numbers, self.names, strict=True))
        for row, number in self.facts.formulas:
            if number in names:
                self.sealed.setdefault(row, set()).add(names[number])
                if row > len(self.raw) or self.raw[row - 1][number - 1] == "":
                    self.absent.setdefault(row, set()).add(names[number])
        for row, number in self.facts.errors:
            if number in names:
                self.absent.setdefault(row, set()).add(names[number])
        for merge in self.merges:
            for row in self._covered(merge):
                self.sealed.setdefault(row, set()).add(names[merge.left])

    def filled(self) -> list[bool]:
        """Say for each line whether something of ours stands in it."""
        found = [any(keys) for keys in self.keys]
        for row, number in self.facts.errors:
            if row <= len(found) and number in self.numbers:
                found[row - 1] = True
        return found

    def cells(self, row: int) -> Mapping[str, Cell]:
        """Return our cells of a line."""
        return dict(zip(self.names, self.rows[row - 1], strict=True))

    def record(self, row: int, sheet: str) -> Record:
        """Return a line as a row of the tracker."""
        cells = dict(zip(self.names, self.rows[row - 1], strict=True))
        seen = "\x1f".join(self.keys[row - 1])
        absent, sealed = self.absent.get(row), self.sealed.get(row)
        if absent or sealed:
            for field in absent or ():
                del cells[field]
            seen += repr((sorted(absent or ()), sorted(sealed or ())))
        return Record(
            row_id=str(row),
            id=self.ids[row - 1],
            cells=cells,
            version=blake2b(seen.encode(errors="replace"), digest_size=12).hexdigest(),
            label=f"{sheet}!{row}",
            sealed=frozenset(sealed) if sealed else _NONE,
        )

    def findings(self, rows: Sequence[int], sheet: str) -> tuple[Finding, ...]:
        """Return what a person should look at."""
        found: list[Finding] = []
        known = set(rows)
        texts = self.header.texts
        for row, number in sorted(self.facts.errors):
            if row in known and number in self.numbers:
                found.append(
                    Finding(
                        code="unreadable",
                        row=f"{sheet}!{row}",
                        message=f"column {texts[number]!r} shows an error; it is left as it is",
                    )
                )
        for field in DAYS & set(self.names):
            number = self.header.columns[field]
            bare = [r for r in rows if wire.is_serial(self.raw[r - 1][number - 1])]
            if bare:
                found.append(
                    Finding(
                        code="due-vague",
                        severity=Severity.INFO,
                        row=f"{sheet}!{bare[0]}",
                        message=f"column {texts[number]!r} holds {len(bare)} days without a date "
                        "format; they are read as days, please format the column",
                    )
                )
        return tuple(found[:_TOLD])
