"""What is written changes the bytes of its own cells and of nothing else."""

import io
import struct
import zipfile
from collections.abc import Mapping
from datetime import date
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from fakes import workbooks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from connectors.excel.book import Book, Format, Styles
from connectors.excel.calc import forget
from connectors.excel.load import frame_of
from connectors.excel.package import Package
from connectors.excel.patch import Edits, Look, Value, edit
from connectors.excel.refs import place
from connectors.excel.scan import scan
from connectors.excel.wire import serial
from connectors.excel.xml import Splice, XmlError, set_attrs, splice, tree

PLAIN = Look(Styles((Format(dates=False, look=()), Format(dates=True, look=()))), epoch_1904=False)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def sheet(rows: str, *, prefix: str = "", before: str = "", after: str = "") -> bytes:
    name = f":{prefix[:-1]}" if prefix else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{prefix}worksheet xmlns{name}="{MAIN}">{before}'
        f"<{prefix}sheetData>{rows}</{prefix}sheetData>{after}</{prefix}worksheet>"
    ).encode()


def changed(xml: bytes, cells: Mapping[tuple[int, int], Value], **more: Any) -> bytes:
    return edit(xml, frame_of(xml), Edits(cells, **more), PLAIN)


# --- cells ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "cells", "after"),
    [
        (  # a shared string becomes its own text, the style and the order of attributes stay
            '<row r="1"><c s="2" r="A1" t="s"><v>4</v></c><c r="B1"><v>1</v></c></row>',
            {(1, 1): "a<b"},
            (
                '<row r="1"><c r="A1" s="2" t="inlineStr"><is><t xml:space="preserve">a&lt;b</t></is>'
                '</c><c r="B1"><v>1</v></c></row>'
            ),
        ),
        (  # cleared
            '<row r="1"><c r="A1" s="2" t="s"><v>4</v></c></row>',
            {(1, 1): None},
            '<row r="1"><c r="A1" s="2"/></row>',
        ),
        (  # nothing there, nothing wanted
            '<row r="1"><c r="A1"/></row>',
            {(1, 2): None, (7, 7): None},
            '<row r="1"><c r="A1"/></row>',
        ),
        (  # between two others, the spans grow where they must
            '<row r="1" spans="1:3"><c r="A1"/><c r="C1"/></row>',
            {(1, 2): date(2024, 5, 1), (1, 4): date(2024, 5, 1)},
            (
                '<row r="1" spans="1:4"><c r="A1"/><c r="B1" s="1"><v>45413</v></c><c r="C1"/>'
                '<c r="D1" s="1"><v>45413</v></c></row>'
            ),
        ),
        (  # a row without cells, written as one tag
            '<row r="3" ht="20"/><row r="5"></row>',
            {(3, 1): date(2024, 5, 1), (5, 1): date(2024, 5, 1)},
            (
                '<row r="3" ht="20"><c r="A3" s="1"><v>45413</v></c></row>'
                '<row r="5"><c r="A5" s="1"><v>45413</v></c></row>'
            ),
        ),
        (  # rows that are not there yet
            '<row r="3"/>',
            {(2, 1): date(2024, 5, 1), (9, 1): date(2024, 5, 1), (4, 1): date(2024, 5, 1)},
            (
                '<row r="2"><c r="A2" s="1"><v>45413</v></c></row><row r="3"/>'
                '<row r="4"><c r="A4" s="1"><v>45413</v></c></row>'
                '<row r="9"><c r="A9" s="1"><v>45413</v></c></row>'
            ),
        ),
        (  # rows and cells that do not tell their place
            "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>",
            {(1, 2): None, (2, 1): None, (2, 3): date(2024, 5, 1)},
            (
                '<row><c><v>1</v></c><c r="B1"/></row>'
                '<row><c r="A2"/><c r="C2" s="1"><v>45413</v></c></row>'
            ),
        ),
        (  # a formula stays, whatever is wanted
            '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>',
            {(1, 1): "x"},
            '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>',
        ),
        (  # tags in comments and CDATA are no tags
            (
                '<!-- <row r="1"><c r="A1"/></row> --><row r="1"><c r="A1" t="inlineStr"><is><t>'
                "<![CDATA[</c></row>]]></t></is></c></row>"
            ),
            {(1, 1): None},
            '<!-- <row r="1"><c r="A1"/></row> --><row r="1"><c r="A1"/></row>',
        ),
        (  # > and / in attributes
            "<row r='1' x='>'><c r='A1' y=\"/>\"><v>1</v></c></row>",
            {(1, 1): None},
            "<row r='1' x='>'><c r=\"A1\" y=\"/&gt;\"/></row>",
        ),
    ],
)
def test_cells(rows: str, cells: Mapping[tuple[int, int], Value], after: str) -> None:
    assert changed(sheet(rows), cells) == sheet(after)


def test_a_byte_order_mark() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="B1"/></row>'
    mark = b"\xef\xbb\xbf"
    assert changed(mark + sheet(rows), {(1, 1): None}) == mark + sheet(
        '<row r="1"><c r="A1"/><c r="B1"/></row>'
    )


def test_a_sheet_without_rows() -> None:
    xml = sheet("").replace(b"<sheetData></sheetData>", b"<sheetData/>")
    assert changed(xml, {(2, 1): date(2024, 5, 1)}) == sheet(
        '<row r="2"><c r="A2" s="1"><v>45413</v></c></row>'
    )


def test_prefixes() -> None:
    xml = sheet('<x:row r="1"><x:c r="A1"/></x:row>', prefix="x:")
    assert changed(xml, {(1, 1): "a"}) == sheet(
        '<x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t xml:space="preserve">a</x:t></x:is></x:c>'
        "</x:row>",
        prefix="x:",
    )


def test_a_new_row_looks_like_another() -> None:
    rows = (
        '<row r="1" spans="1:3" ht="30" customHeight="1" hidden="1" s="0" customFormat="1">'
        '<c r="A1" s="7" t="s"><v>0</v></c><c r="C1" s="8"/></row>'
    )
    new = (
        '<row r="2" spans="1:3" ht="30" customHeight="1" s="0" customFormat="1">'
        '<c r="A2" s="7"/><c r="B2" s="1"><v>45413</v></c><c r="C2" s="8"/></row>'
    )
    assert changed(sheet(rows), {(2, 2): date(2024, 5, 1)}, like={2: 1}) == sheet(rows + new)


def test_the_style_of_a_column_counts_where_no_cell_is() -> None:
    cols = '<cols><col min="2" max="3" width="9" style="5"/></cols>'
    after = changed(sheet('<row r="1"/>', before=cols), {(1, 3): "a", (1, 4): "b"})
    assert b'<c r="C1" s="5" t=' in after
    assert b'<c r="D1" t=' in after


def test_the_dimension_grows_only_where_it_must() -> None:
    before = '<dimension ref="A1:C4"/>'
    xml = sheet('<row r="1"/>', before=before)
    assert b'ref="A1:C4"' in changed(xml, {(4, 3): "a"})
    assert b'ref="A1:D6"' in changed(xml, {(6, 4): "a"})


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"<worksheet>",
        b"<worksheet/>",
        b"<!DOCTYPE worksheet><worksheet><sheetData/></worksheet>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet><sheetData>&a;</sheetData></worksheet>',
        b'<?xml version="1.0" encoding="gb2312"?><worksheet><sheetData/></worksheet>',
        '<?xml version="1.0" encoding="UTF-16"?><worksheet><sheetData/></worksheet>'.encode(
            "utf-16"
        ),
        b'<worksheet><sheetData><row r="1"/><row r="1"/></sheetData></worksheet>',
        b'<worksheet><sheetData><row r="0"/></sheetData></worksheet>',
        b'<worksheet><sheetData><row r="1"><c r="A2"/></row></sheetData></worksheet>',
        b'<worksheet><sheetData><row r="1"><c r="1"/></row></sheetData></worksheet>',
        b"<worksheet>" + b"<a>" * 100 + b"</a>" * 100 + b"<sheetData/></worksheet>",
    ],
)
def test_what_is_no_sheet(xml: bytes) -> None:
    with pytest.raises(XmlError):
        changed(xml, {(1, 1): "a"})


def test_two_changes_of_one_place_are_refused() -> None:
    with pytest.raises(ValueError, match="two changes"):
        splice(b"abcdef", [Splice(1, 4, b""), Splice(2, 3, b"")])
    assert splice(b"abc", [Splice(1, 1, b"1"), Splice(1, 1, b"2"), Splice(1, 2, b"3")]) == b"a123c"


def test_attributes_are_set_and_taken_away() -> None:
    xml = b'<a x="1" y="&lt;"><b/></a>'
    assert splice(xml, [set_attrs(xml, tree(xml), {"x": None, "z": '"'})]) == (
        b'<a y="&lt;" z="&quot;"><b/></a>'
    )


# --- random sheets --------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=12)
VALUES = st.one_of(
    TEXTS,
    st.integers(-9999, 99999),
    st.booleans(),
    st.dates(date(2000, 1, 1), date(2099, 1, 1)),
    st.none(),
)
GRIDS = st.dictionaries(st.tuples(st.integers(1, 12), st.integers(1, 6)), VALUES, max_size=30)
EDITS = st.dictionaries(
    st.tuples(st.integers(1, 16), st.integers(1, 8)),
    st.one_of(TEXTS.map(str.strip), st.dates(date(2000, 1, 1), date(2099, 1, 1)), st.none()),
    min_size=1,
    max_size=12,
)


def made_by_openpyxl(grid: Mapping[tuple[int, int], Any]) -> bytes:
    book = openpyxl.Workbook()
    page: Any = book.active
    for (row, col), value in grid.items():
        cell = page.cell(row, col)
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def made_by_xlsxwriter(grid: Mapping[tuple[int, int], Any]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        page = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for (row, col), value in grid.items():
            if isinstance(value, date):
                page.write_datetime(row - 1, col - 1, value, day)
            elif isinstance(value, str):
                page.write_string(row - 1, col - 1, value)
            elif value is not None:
                page.write(row - 1, col - 1, value)
    return target.getvalue()


def values(data: bytes) -> dict[tuple[int, int], Any]:
    lines = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
    return {
        (row, col): value
        for row, line in enumerate(lines.to_python(skip_empty_area=False), 1)
        for col, value in enumerate(line, 1)
        if value != ""
    }


def without(xml: bytes, cells: set[tuple[int, int]]) -> bytes:
    """Return a sheet's XML without these cells, without rows that then hold none, and tags."""
    spans = scan(xml)
    cuts = []
    for row in spans.rows.values():
        if all((row.number, cell.col) in cells for cell in row.cells) and (
            row.cells or any(r == row.number for r, _ in cells)
        ):
            cuts.append(Splice(row.start, row.end, b""))
            continue
        if any(r == row.number for r, _ in cells):
            cuts.append(Splice(row.start, row.inside, b""))
        cuts += [
            Splice(cell.start, cell.end, b"")
            for cell in row.cells
            if (row.number, cell.col) in cells
        ]
    frame = frame_of(xml)
    dimension = frame.get("dimension")
    if dimension is not None:
        cuts.append(Splice(dimension.start, dimension.end, b""))
    begin, inside, close, end = spans.data
    if inside == end:
        cuts.append(Splice(begin, end, b"<sheetData></sheetData>"))
    del close
    return splice(xml, cuts)


@pytest.mark.parametrize("make", [made_by_openpyxl, made_by_xlsxwriter])
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(grid=GRIDS, edits=EDITS)
def test_all_bytes_but_those_of_the_cells_stay(
    make: Any, grid: dict[tuple[int, int], Any], edits: dict[tuple[int, int], Any]
) -> None:
    edits = {at: value or None for at, value in edits.items()}
    before = make(grid)
    package = Package.parse("a.xlsx", before)
    book = Book(package)
    part = book.sheets[0].part
    xml = package.read(part)
    look = Look(book.styles, book.epoch_1904)
    new = edit(xml, frame_of(xml), Edits(edits), look)
    assert without(new, set(edits)) == without(xml, set(edits))
    after = package.rebuild({part: new})
    dated = any(f.dates for f in book.styles.formats)
    wanted = values(before) | {
        at: value.isoformat() if isinstance(value, date) and not dated else value
        for at, value in edits.items()
    }
    assert values(after) == {at: value for at, value in wanted.items() if value is not None}
    assert edit(new, frame_of(new), Edits({}), look) == new


@settings(max_examples=25, deadline=None)
@given(grid=GRIDS, data=st.data())
def test_cells_that_are_there_change_alone(
    grid: dict[tuple[int, int], Any], data: st.DataObject
) -> None:
    """Outside the very bytes of these cells nothing changes at all, tags of rows included."""
    xml = Package.parse("a", made_by_xlsxwriter(grid)).read("xl/worksheets/sheet1.xml")
    there = [(r.number, c.col) for r in scan(xml).rows.values() for c in r.cells]
    chosen = data.draw(st.lists(st.sampled_from(there), unique=True)) if there else []
    new = changed(xml, dict.fromkeys(chosen, "新"))

    def rest(text: bytes) -> bytes:
        cells = [
            Splice(c.start, c.end, place(r.number, c.col).encode())
            for r in scan(text).rows.values()
            for c in r.cells
            if (r.number, c.col) in chosen
        ]
        return splice(text, cells)

    assert rest(new) == rest(xml)


# --- dates ----------------------------------------------------------------------------------------


def look_of(data: bytes) -> Look:
    book = Book(Package.parse("a.xlsx", data))
    return Look(book.styles, book.epoch_1904)


@pytest.mark.parametrize(
    ("code", "dates"),
    [
        ("yyyy-mm-dd", True),
        ('yyyy"年"m"月"d"日"', True),
        ("[$-804]yyyy/m/d;@", True),
        ("m/d", True),
        ("General", False),
        ("0.00", False),
        ('0"day"', False),
        ("[Red]0", False),
        ("h:mm", False),
        ("@", False),
        ("[h]:mm:ss", False),
        (r"0\d", False),
    ],
)
def test_which_formats_show_a_day(code: str, dates: bool) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.add_worksheet().write(0, 0, 1, book.add_format({"num_format": code}))
    assert look_of(target.getvalue()).styles.dates(1) is dates


def test_a_format_for_days_that_looks_the_same_is_preferred() -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        page = book.add_worksheet()
        looks: list[dict[str, Any]] = [{}, {"bold": True}, {"bold": True, "border": 1}]
        for col, more in enumerate(looks):
            page.write(0, col, 1, book.add_format({"num_format": "yyyy-mm-dd", **more}))
            page.write(1, col, 1, book.add_format(more or {"italic": True}))
    styles = look_of(target.getvalue()).styles
    xml = Package.parse("a", target.getvalue()).read("xl/worksheets/sheet1.xml")
    cells = {(r.number, c.col): int(c.attrs["s"]) for r in scan(xml).rows.values() for c in r.cells}
    for col in (2, 3):
        assert styles.dated_like(cells[2, col]) == cells[1, col]
    assert styles.dated_like(cells[2, 1]) is None


def test_days_of_1904() -> None:
    xml = sheet('<row r="1"><c r="A1" s="1"/></row>')
    look = Look(PLAIN.styles, epoch_1904=True)
    new = edit(xml, frame_of(xml), Edits({(1, 1): date(2024, 5, 1)}), look)
    assert b"<v>43951</v>" in new
    assert serial(date(2024, 5, 1)) - 43951 == 1462


# --- the package ----------------------------------------------------------------------------------

KINDS = {
    "rich": workbooks.rich,
    "own": workbooks.own_layout,
    "wps": workbooks.wps_like,
    "table": workbooks.plain_table,
    "prefixed": workbooks.prefixed,
    "shared": workbooks.shared_formulas,
    "libreoffice": workbooks.libreoffice_made,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_package_rebuilt_without_changes_is_the_same_bytes(kind: str) -> None:
    data = KINDS[kind]()
    package = Package.parse("a.xlsx", data)
    assert package.rebuild({}) == data
    part = Book(package).sheets[0].part
    again = Package.parse("a.xlsx", package.rebuild({part: package.read(part)}))
    assert again.parts == package.parts
    assert [again.read(p) for p in again.parts] == [package.read(p) for p in package.parts]


@pytest.mark.parametrize("kind", KINDS)
def test_other_parts_are_copied_as_they_lie_in_the_file(kind: str) -> None:
    data = KINDS[kind]()
    package = Package.parse("a.xlsx", data)
    part = Book(package).sheets[0].part
    new = package.rebuild({part: package.read(part) + b"<!-- longer -->", package.parts[-1]: None})
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(io.BytesIO(new)) as made,
    ):
        assert made.testzip() is None
        assert made.namelist() == old.namelist()[:-1]
        for info in made.infolist():
            was = old.getinfo(info.filename)
            assert info.date_time == was.date_time
            assert info.external_attr == was.external_attr
            if info.filename == part:
                assert made.read(info) == old.read(was) + b"<!-- longer -->"
                continue
            assert raw(new, info) == raw(data, was)
        assert made.comment == old.comment


def raw(data: bytes, info: zipfile.ZipInfo) -> bytes:
    """Return a part's local block, head included."""
    name, extra = struct.unpack_from("<2H", data, info.header_offset + 26)
    return data[info.header_offset : info.header_offset + 30 + name + extra + info.compress_size]


def test_parts_with_a_descriptor_and_a_comment_in_the_file() -> None:
    class Pipe(io.RawIOBase):
        """A target that cannot be wound back: sizes then follow the parts."""

        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, part: Any) -> int:
            self.data += part
            return len(part)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("a.xml", b"<a/>" * 100)
        package.writestr("b.xml", b"<b/>" * 100)
        package.comment = "备注".encode()
    found = Package.parse("a.xlsx", bytes(pipe.data))
    new = found.rebuild({"a.xml": b"<c/>"})
    with zipfile.ZipFile(io.BytesIO(new)) as made:
        assert made.testzip() is None
        assert made.read("a.xml") == b"<c/>"
        assert made.read("b.xml") == b"<b/>" * 100
        assert made.comment == "备注".encode()


# --- calculations ---------------------------------------------------------------------------------


def test_the_order_of_calculation_goes_only_when_formulas_move() -> None:
    book = Book(Package.parse("a.xlsx", workbooks.rich()))
    kept = forget(book, moved=False)
    assert set(kept) <= {"xl/workbook.xml"}
    gone = forget(book, moved=True)
    assert gone["xl/calcChain.xml"] is None
    for part in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
        old, new = book.package.read(part), gone[part]
        assert new is not None
        assert b"calcChain" in old
        assert b"calcChain" not in new
        assert len(tree(old).children) == len(tree(new).children) + 1


def test_without_formulas_nothing_is_asked_for() -> None:
    book = Book(Package.parse("a.xlsx", workbooks.plain_table()))
    assert forget(book, moved=False) == {}


def test_a_workbook_that_says_nothing_of_calculation() -> None:
    data = workbooks.own_layout()
    package = Package.parse("a.xlsx", data)
    xml = package.read("xl/workbook.xml")
    node = tree(xml).get("calcPr")
    assert node is not None
    without_it = splice(xml, [Splice(node.start, node.end, b"")])
    book = Book(Package.parse("a.xlsx", package.rebuild({"xl/workbook.xml": without_it})))
    new = forget(book, moved=False)["xl/workbook.xml"]
    assert new is not None
    names = [child.name for child in tree(new).children]
    assert names.index("calcPr") > names.index("sheets")
