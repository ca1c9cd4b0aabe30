"""Changes a sheet's XML in the bytes of the cells that change, and nowhere else. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from connectors.excel import wire
from connectors.excel.book import Styles, number
from connectors.excel.refs import area, place
from connectors.excel.scan import CellSpan, RowSpan, Spans, scan
from connectors.excel.xml import Node, Splice, set_attrs, splice, start_tag

# of a new row these are as in the row above; whether that one is hidden is not
_ROW_ATTRS = ("s", "customFormat", "ht", "customHeight")


@dataclass(frozen=True, slots=True)
class Formula:
    """The formula of a calculated column."""

    text: str


# text | day | formula | an empty cell
Value = str | date | Formula | None


@dataclass(frozen=True, slots=True)
class Edits:
    """What is to change in a sheet; places are (row, column) from 1.

    Attributes:
        cells: place -> text, day, or None for an empty cell.
        like: a row that takes its look from another one -> that row.
        formulas: column -> the formula that a new row gets there (a calculated column).
        samples: rows in which a column's date format is looked for.
        beside: column -> the one whose style a new cell of it takes (a new column).
    """

    cells: Mapping[tuple[int, int], Value]
    like: Mapping[int, int] = field(default_factory=dict)
    formulas: Mapping[int, str] = field(default_factory=dict)
    samples: Sequence[int] = ()
    beside: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Look:
    """How cells of a workbook look and count days."""

    styles: Styles
    epoch_1904: bool


def edit(xml: bytes, frame: Node, edits: Edits, look: Look) -> bytes:
    """Return the sheet's XML with the edits made.

    Args:
        xml: the sheet.
        frame: the sheet without its rows, as a tree (places up to its rows are those of ``xml``).
        edits: what changes.
        look: of the workbook.

    Raises:
        XmlError: the part is no sheet.
    """
    by_row: dict[int, dict[int, Value]] = {}
    for (row, col), value in edits.cells.items():
        by_row.setdefault(row, {})[col] = value
    spans = scan(xml, {*by_row, *edits.like.values(), *edits.samples})
    painter = _Painter(spans, frame, edits, look)
    splices: list[Splice] = []
    new: list[tuple[int, bytes]] = []
    for row, values in sorted(by_row.items()):
        span = spans.rows.get(row)
        if span is None:
            if row in edits.like or any(value is not None for value in values.values()):
                new.append((row, painter.row(row, values)))
        else:
            splices += painter.change(span, values)
    splices += _put_rows(spans, new)
    reached = [p for p, value in edits.cells.items() if value is not None]
    splices += _dimension(xml, frame, reached)
    return splice(xml, splices)


def _put_rows(spans: Spans, new: Sequence[tuple[int, bytes]]) -> list[Splice]:
    """Put new rows between those that are there."""
    if not new:
        return []
    begin, inside, close, end = spans.data
    if inside == end:  # <sheetData/>
        name = f"{spans.prefix}sheetData"
        rows = b"".join(row for _, row in new)
        return [Splice(begin, end, f"<{name}>".encode() + rows + f"</{name}>".encode())]
    numbers = sorted(spans.starts)
    splices = []
    at = 0
    for row, text in new:
        while at < len(numbers) and numbers[at] < row:
            at += 1
        where = spans.starts[numbers[at]] if at < len(numbers) else close
        splices.append(Splice(where, where, text))
    return splices


def _dimension(xml: bytes, frame: Node, reached: Sequence[tuple[int, int]]) -> list[Splice]:
    """Widen the area that the sheet says its cells take, if it says one."""
    node = frame.get("dimension")
    said = area(node.attrs.get("ref", "")) if node else None
    if node is None or said is None or all(said.holds(*one) for one in reached):
        return []
    rows = [said.top, said.bottom, *(row for row, _ in reached)]
    cols = [said.left, said.right, *(col for _, col in reached)]
    first, last = place(min(rows), min(cols)), place(max(rows), max(cols))
    return [set_attrs(xml, node, {"ref": f"{first}:{last}"})]


class _Painter:
    """Writes cells and rows in the look of their neighbours."""

    def __init__(self, spans: Spans, frame: Node, edits: Edits, look: Look) -> None:
        self.spans = spans
        self.edits = edits
        self.look = look
        columns = frame.get("cols")
        self.columns = [
            (number(n.attrs.get("min")), number(n.attrs.get("max")), n.attrs["style"])
            for n in (columns.children if columns else ())
            if "style" in n.attrs
        ]

    def change(self, span: RowSpan, values: Mapping[int, Value]) -> list[Splice]:
        """Change cells of a row that is there."""
        splices = []
        added: list[tuple[int, bytes]] = []
        both: dict[int, Value] = {**self._formulas(span.number, span), **values}
        for col, value in sorted(both.items()):
            there = span.cell(col)
            if there is not None and there.formula is not None:
                continue  # never overwritten, whatever was thought to stand there
            if there is not None:
                text = self._cell(span.number, col, there.attrs, value)
                splices.append(Splice(there.start, there.end, text))
            elif value is not None:
                attrs = self._style(span.number, col, span)
                added.append((col, self._cell(span.number, col, attrs, value)))
        if not added:
            return splices
        if span.empty:
            tag = start_tag(f"{self.spans.prefix}row", _spanned(span.attrs, added))
            text = b"".join(cell for _, cell in added)
            close = f"</{self.spans.prefix}row>".encode()
            return [Splice(span.start, span.end, tag.encode() + text + close)]
        for col, text in added:
            where = next((c.start for c in span.cells if c.col > col), span.close)
            splices.append(Splice(where, where, text))
        attrs = _spanned(span.attrs, added)
        if attrs != span.attrs:
            tag = start_tag(f"{self.spans.prefix}row", attrs)
            splices.append(Splice(span.start, span.inside, tag.encode()))
        return splices

    def row(self, row: int, values: Mapping[int, Value]) -> bytes:
        """Return a row that is not there yet."""
        like = self.spans.rows.get(self.edits.like.get(row, 0))
        attrs = {"r": str(row)}
        if like is not None:
            attrs |= {k: v for k, v in like.attrs.items() if k in {"spans", *_ROW_ATTRS}}
            if "customHeight" not in attrs:
                attrs.pop("ht", None)  # the height that fits the text above
        cells: dict[int, bytes] = {}
        for one in like.cells if like else ():
            if "s" in one.attrs:
                cells[one.col] = self._cell(row, one.col, {"s": one.attrs["s"]}, None)
        both: dict[int, Value] = {**self._formulas(row, None), **values}
        for col, value in both.items():
            if value is not None:
                cells[col] = self._cell(row, col, self._style(row, col, None), value)
        ordered = sorted(cells.items())
        tag = start_tag(f"{self.spans.prefix}row", _spanned(attrs, ordered))
        close = f"</{self.spans.prefix}row>"
        return tag.encode() + b"".join(cell for _, cell in ordered) + close.encode()

    def _formulas(self, row: int, span: RowSpan | None) -> dict[int, Formula]:
        """Return the formulas that a new row gets where it holds nothing."""
        if row not in self.edits.like:
            return {}
        there = {c.col for c in span.cells if c.formula is not None} if span else set()
        return {c: Formula(text) for c, text in self.edits.formulas.items() if c not in there}

    def _cell(self, row: int, col: int, attrs: Mapping[str, str], value: Value) -> bytes:
        kept = dict(attrs)
        if isinstance(value, date):
            style = self._date_style(col, number(kept.get("s")))
            if style is None:  # no format for days in the workbook: text, read as the same day
                return wire.element(self.spans.prefix, row, col, kept, value.isoformat())
            kept["s"] = str(style)
            days = wire.serial(value, epoch_1904=self.look.epoch_1904)
            return wire.element(self.spans.prefix, row, col, kept, days)
        if isinstance(value, Formula):
            return wire.formula(self.spans.prefix, row, col, kept, value.text)
        return wire.element(self.spans.prefix, row, col, kept, value)

    def _style(self, row: int, col: int, span: RowSpan | None) -> dict[str, str]:
        """Return the style of a cell that is not there yet."""
        if span is not None and col in self.edits.beside:
            left = span.cell(self.edits.beside[col])
            return {"s": left.attrs["s"]} if left is not None and "s" in left.attrs else {}
        like = self.spans.rows.get(self.edits.like.get(row, 0))
        above: CellSpan | None = like.cell(col) if like else None
        if above is not None and "s" in above.attrs:
            return {"s": above.attrs["s"]}
        for one in (span, like):
            if one is not None and one.attrs.get("customFormat") in {"1", "true"}:
                return {"s": one.attrs["s"]} if "s" in one.attrs else {}
        return next(({"s": s} for low, high, s in self.columns if low <= col <= high), {})

    def _date_style(self, col: int, own: int) -> int | None:
        """Return a style that shows a day: its own, the column's, or the most like its own."""
        styles = self.look.styles
        if styles.dates(own):
            return own
        for row in self.edits.samples:
            span = self.spans.rows.get(row)
            cell = span.cell(col) if span else None
            if cell is not None and styles.dates(number(cell.attrs.get("s"))):
                return number(cell.attrs.get("s"))
        whole = next((number(s) for low, high, s in self.columns if low <= col <= high), own)
        return whole if styles.dates(whole) else styles.dated_like(own)


def _spanned(attrs: Mapping[str, str], cells: Sequence[tuple[int, bytes]]) -> dict[str, str]:
    """Return a row's attributes with its spans wide enough for new cells."""
    first, _, last = attrs.get("spans", "").partition(":")
    if not (first.isdigit() and last.isdigit() and cells):
        return dict(attrs)
    low = min(int(first), *(col for col, _ in cells), int(first))
    high = max(int(last), *(col for col, _ in cells), int(last))
    return {**attrs, "spans": f"{low}:{high}"}
