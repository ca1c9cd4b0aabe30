"""A sheet, read: the rows in it, as records. Pure: bytes in, values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import blake2b
from typing import Any

from connectors.base import Record
from connectors.errors import SchemaError
from connectors.excel import wire
from connectors.excel.book import Book, SheetPart, Table
from connectors.excel.facts import Facts, find_facts
from connectors.excel.layout import Body, Grid, Header, Lines, body, foreign_ids, own_table
from connectors.excel.load import Loaded, Spec, choose, open_book, survey, unreadable
from connectors.excel.refs import Area, area
from connectors.excel.xml import Node, XmlError
from mapping.cells import Cell
from mapping.ids import parse
from mapping.said import Said
from mapping.values import Finding, Severity
from mapping.words import FIELDS

READER = "1"  # goes up when the same bytes are read in another way
DAYS = frozenset({"due", "completed"})
_MAX_MERGED = 200_000  # lines in merged blocks that are looked at
_TOLD = 20  # findings in one read


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
    others: Sequence[Area]
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
        """Rows by their id, in its one spelling; what is no id counts as it stands there."""
        found: dict[str, list[Record]] = {}
        for record in self.records:
            if record.id is not None:
                found.setdefault(parse(record.id) or record.id, []).append(record)
        return found

    @cached_property
    def by_version(self) -> Mapping[str | None, Sequence[Record]]:
        """Rows by what they hold."""
        found: dict[str | None, list[Record]] = {}
        for record in self.records:
            found.setdefault(record.version, []).append(record)
        return found

    @cached_property
    def by_row(self) -> Mapping[str, Record]:
        """Rows by their place."""
        return {record.row_id: record for record in self.records}


@dataclass(frozen=True)
class Page:
    """The sheet that holds the action items, opened: all that its rows are read from."""

    loaded: Loaded
    facts: Facts
    tables: tuple[Table, ...]
    filtered: Area | None

    @cached_property
    def contents(self) -> str:
        """What is another one as soon as any row may read otherwise; far cheaper than rows."""
        loaded = self.loaded
        around = (
            loaded.part.name,
            loaded.book.epoch_1904,
            loaded.merges,
            self.tables,
            self.filtered,
            sorted(self.facts.formulas.items()),
            sorted(self.facts.errors),
        )
        told = blake2b(repr(around).encode(errors="backslashreplace"), digest_size=16)
        told.update(repr(loaded.raw).encode(errors="backslashreplace"))
        return told.hexdigest()


def open_page(book: Book, spec: Spec) -> Page:
    """Find the sheet that holds the action items.

    Raises:
        BusyError: the file is being written.
        SchemaError: it is no workbook that can be read, or a column is missing.
    """
    loaded = choose(survey(book, spec))
    try:
        facts = find_facts(loaded.xml)
    except XmlError as error:
        raise unreadable(book.name, loaded.part.name, error) from None
    node = loaded.frame.get("autoFilter")
    filtered = area(node.attrs.get("ref", "")) if node else None
    return Page(loaded, facts, book.tables(loaded.part), filtered)


def read(name: str, data: bytes, spec: Spec) -> Sheet:
    """Read the sheet that holds the action items; raises as ``open_page``."""
    return sheet_of(open_page(open_book(name, data), spec), spec.language)


def sheet_of(page: Page, language: str) -> Sheet:
    """Read the rows of a sheet.

    Raises:
        SchemaError: the column of our ids holds others.
    """
    loaded, facts, filtered = page.loaded, page.facts, page.filtered
    book, header, raw = loaded.book, loaded.header, loaded.raw
    table, others = own_table(page.tables, header)
    columns = _Columns(header, raw, facts, loaded.merges, epoch_1904=book.epoch_1904)
    by_row: dict[int, dict[int, str]] = {}
    for (row, number), formula in facts.formulas.items():
        by_row.setdefault(row, {})[number] = formula
    lines = Lines(columns.cells, columns.ids, columns.filled(), raw, by_row, loaded.merges, others)
    rows = body(header, lines, table, filtered)
    records = tuple(columns.record(row, loaded.part.name) for row in rows.rows)
    foreign = foreign_ids([r.id for r in records if r.id is not None])
    if foreign:
        raise SchemaError(
            Said(
                f"{loaded.wanted.where.zh}：“{loaded.wanted.columns['id']}”列里是别的编号"
                f"（{'、'.join(foreign)}）",
                f"{loaded.wanted.where}: column {loaded.wanted.columns['id']!r} holds numbers of "
                f"its own ({', '.join(foreign)})",
            ),
            field="id",
            hint=Said(
                '请为本程序的编号另设一列：[trackers.fields] id = "..."',
                'give our ids a column of their own: [trackers.fields] id = "..."',
            ),
        )
    return Sheet(
        book=book,
        part=loaded.part,
        xml=loaded.xml,
        frame=loaded.frame,
        header=header,
        table=table,
        others=others,
        merges=loaded.merges,
        filtered=filtered,
        raw=raw,
        facts=facts,
        body=rows,
        records=records,
        findings=columns.findings(rows.rows, loaded.part.name, language),
    )


_NONE: frozenset[str] = frozenset()


def _texts(column: Sequence[Any]) -> list[str]:
    """Return a column as text, nothing as ``""``."""
    try:  # nearly always all is text; this way it is four times as fast
        texts = list(map(str.strip, column))
    except TypeError:
        return [wire.text(v) or "" for v in column]
    return texts if "\r" not in "".join(texts) else [wire.text(v) or "" for v in column]


def _days(column: Sequence[Any], *, epoch_1904: bool) -> list[Cell]:
    """Return a column as days, or as text where none stand."""
    known: dict[date, Cell] = {}
    days: list[Cell] = []
    for value in column:
        if value == "":
            days.append(None)
        elif type(value) is date:  # the same days stand there again and again
            if value not in known:
                known[value] = wire.day(value)
            days.append(known[value])
        else:
            days.append(wire.day(value, epoch_1904=epoch_1904))
    return days


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
        self.hidden = [m for m in merges if m.top > header.row]
        self.merges = [m for m in self.hidden if m.left == m.right and m.left in self.numbers]
        columns: Sequence[Sequence[Any]] = list(zip(*raw, strict=True))
        blank = ("",) * len(raw)
        taken = [columns[n - 1] if n <= len(columns) else blank for n in self.numbers]
        at_id = header.columns["id"]
        keys = [_texts(columns[at_id - 1] if at_id <= len(columns) else blank)]
        self.ids: list[str | None] = [key or None for key in keys[0]]
        values: list[list[Cell]] = []
        for name, values_of in zip(self.names, taken, strict=True):
            if name in DAYS:
                values.append(_days(values_of, epoch_1904=epoch_1904))
                keys.append([str(v) if v is not None else "" for v in values[-1]])
            else:
                keys.append(_texts(values_of))
                values.append([key or None for key in keys[-1]])
        self._spread(values, keys[1:])
        self.rows = list(zip(*values, strict=True))
        self.keys = list(zip(*keys, strict=True))
        self.absent: dict[int, set[str]] = {}  # row -> fields whose value is not known
        self.sealed: dict[int, set[str]] = {}
        self._mark()

    def _spread(self, values: Sequence[list[Cell]], keys: Sequence[list[str]]) -> None:
        """Let what is merged down stand in each line that holds something itself."""
        budget = _MAX_MERGED
        for merge in self.merges:
            at = self.numbers.index(merge.left)
            rows = range(merge.top + 1, min(merge.bottom, len(self.raw)) + 1)
            budget -= len(rows)
            for row in rows if budget > 0 else ():
                if any(column[row - 1] is not None for column in values):
                    values[at][row - 1] = values[at][merge.top - 1]
                    keys[at][row - 1] = keys[at][merge.top - 1]

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
        budget = _MAX_MERGED
        for merge in self.hidden:
            rows = range(merge.top, min(merge.bottom, len(self.raw)) + 1)
            budget -= len(rows)
            for row in rows if budget > 0 else ():
                for number, name in names.items():
                    shown = row == merge.top and number == merge.left
                    if merge.left <= number <= merge.right and not shown:
                        self.sealed.setdefault(row, set()).add(name)

    def filled(self) -> list[bool]:
        """Say for each line whether something of ours stands in it that is no formula."""
        found = [any(keys) for keys in self.keys]
        numbers = (self.header.columns["id"], *self.numbers)
        for row in self.sealed:
            if row <= len(found) and found[row - 1]:
                cells = zip(numbers, self.keys[row - 1], strict=True)
                formulas = self.facts.formulas
                found[row - 1] = any(key and (row, number) not in formulas for number, key in cells)
        for row, number in self.facts.errors:
            if row <= len(found) and number in numbers and (row, number) not in self.facts.formulas:
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

    def findings(self, rows: Sequence[int], sheet: str, language: str) -> tuple[Finding, ...]:
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
                        message=Said(
                            f"“{texts[number]}”列显示错误值，未采用，那里保持原样；请改正公式或填写内容",
                            f"column {texts[number]!r} shows an error; it is left as it is",
                        ).text(language),
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
                        message=Said(
                            f"“{texts[number]}”列有 {len(bare)} 个日期没有设置日期格式，"
                            "已按日期读取；请把该列设为日期格式",
                            f"column {texts[number]!r} holds {len(bare)} days without a date "
                            "format; they are read as days, please format the column",
                        ).text(language),
                    )
                )
        return tuple(found[:_TOLD])
