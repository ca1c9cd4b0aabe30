"""The rows and cells of a sheet's XML, each with the bytes it takes. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from connectors.excel.book import number as place_number
from connectors.excel.refs import MAX_ROW, cell
from connectors.excel.xml import XmlError, element_end, feed, guarded, tag_end


@dataclass(slots=True)
class CellSpan:
    """A cell: bytes ``start`` to ``end``; ``formula`` is its text, None without one.

    Attributes:
        named: it tells its own place (``r``).
        formula_attrs: of its formula element.
    """

    col: int
    start: int
    end: int
    attrs: dict[str, str]
    named: bool
    formula: str | None = None
    formula_attrs: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class RowSpan:
    """A row: its start tag ends at ``inside``, its end tag begins at ``close``."""

    number: int
    start: int
    inside: int
    close: int
    end: int
    attrs: dict[str, str]
    cells: list[CellSpan]

    @property
    def empty(self) -> bool:
        """It is written as ``<row/>``."""
        return self.inside == self.end

    def cell(self, col: int) -> CellSpan | None:
        """Return the cell of a column."""
        return next((c for c in self.cells if c.col == col), None)


@dataclass(frozen=True, slots=True)
class Spans:
    """What a scan found.

    Attributes:
        prefix: of the sheet's namespace, with its colon.
        data: start, inside, close and end of the element that holds the rows.
        rows: number -> the rows that were asked for.
        starts: number -> first byte of every row.
    """

    prefix: str
    data: tuple[int, int, int, int]
    rows: Mapping[int, RowSpan]
    starts: Mapping[int, int]


def scan(xml: bytes, wanted: Collection[int] | None = None) -> Spans:
    """Find the bytes of rows and their cells: of those wanted, or of all for None.

    Raises:
        XmlError: the part is no sheet.
    """
    # one function with its handlers inside: local variables are twice as fast as attributes here
    parser = guarded()
    rows: dict[int, RowSpan] = {}
    starts: dict[int, int] = {}
    row: RowSpan | None = None
    span: CellSpan | None = None
    number = col = 0
    prefix = ""
    names = ("", "", "", "")
    data = [-1, -1, -1, -1]
    words: list[str] = []

    def start(name: str, attrs: dict[str, str]) -> None:
        nonlocal row, span, number, col, prefix, names
        if name == names[0]:
            if row is None:
                return
            col += 1
            if "r" in attrs:
                at = cell(attrs["r"])
                if at is None or at[0] != number:
                    raise XmlError(
                        f"单元格 {attrs['r']} 写在第 {number} 行里",
                        f"cell {attrs['r']} stands in row {number}",
                    )
                col = at[1]
            span = CellSpan(col, parser.CurrentByteIndex, 0, attrs, "r" in attrs)
            row.cells.append(span)
        elif name == names[1]:
            number += 1
            if "r" in attrs:
                number = place_number(attrs["r"])
                if not 1 <= number <= MAX_ROW:
                    raise XmlError(f"行号 {attrs['r']} 不成立", f"there can be no row {attrs['r']}")
            col = 0
            begin = parser.CurrentByteIndex
            if number in starts:
                raise XmlError(f"第 {number} 行出现两次", f"row {number} is there twice")
            starts[number] = begin
            if wanted is None or number in wanted:
                row = RowSpan(number, begin, tag_end(xml, begin), 0, 0, attrs, [])
                rows[number] = row
            else:
                row = None
        elif name == names[2] and span is not None:
            span.formula, span.formula_attrs = "", attrs
            words.clear()
            parser.CharacterDataHandler = words.append
        elif not names[0] and name.rpartition(":")[2] == "worksheet":
            prefix = name[: -len("worksheet")]
            names = (prefix + "c", prefix + "row", prefix + "f", prefix + "sheetData")
        elif name == names[3] and data[0] < 0:
            data[0] = parser.CurrentByteIndex
            data[1] = tag_end(xml, data[0])

    def end(name: str) -> None:
        nonlocal row, span
        if name == names[0]:
            if span is not None:
                span.end = element_end(xml, span.start, parser.CurrentByteIndex)
                span = None
        elif name == names[1]:
            if row is not None:
                row.close = parser.CurrentByteIndex
                row.end = element_end(xml, row.start, row.close)
                if row.inside == row.end:
                    row.close = row.end
                row = None
        elif name == names[2]:
            if span is not None and span.formula is not None:
                span.formula = "".join(words)
                parser.CharacterDataHandler = None
        elif name == names[3] and data[2] < 0:
            data[2] = parser.CurrentByteIndex
            data[3] = element_end(xml, data[0], data[2])
            if data[1] == data[3]:
                data[2] = data[3]

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    feed(parser, xml)
    if data[3] < 0:
        raise XmlError("里面没有行", "it holds no rows")
    return Spans(prefix, (data[0], data[1], data[2], data[3]), rows, starts)
