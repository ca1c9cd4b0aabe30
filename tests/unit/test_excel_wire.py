from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.excel import refs, wire
from connectors.excel.shift import Shift
from connectors.excel.xml import tree
from mapping.cells import Cell, User


def at(year: int, month: int, day: int, hour: int, minute: int) -> datetime:
    """Return a time as a workbook holds it, which knows no zones."""
    return datetime(year, month, day, hour, minute)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("", None),
        ("\u3000 a \n", "a"),
        ("a\r\nb\rc", "a\nb\nc"),
        (0.0, "0"),
        (-2.0, "-2"),
        (1e15, "1e+15"),
        (0.1 + 0.2, "0.3"),
        (123456789012.0, "123456789012"),
        (False, "FALSE"),
        (time(9, 5), "09:05:00"),
        (timedelta(hours=30), "1 day, 6:00:00"),
        (date(2024, 5, 1), "2024-05-01"),
        (at(2024, 5, 1, 9, 5), "2024-05-01 09:05"),
    ],
)
def test_text(value: Any, shown: str | None) -> None:
    assert wire.text(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (date(1999, 12, 31), "1999-12-31"),
        (date(2000, 1, 1), date(2000, 1, 1)),
        (date(2100, 12, 31), date(2100, 12, 31)),
        (date(2101, 1, 1), "2101-01-01"),
        (at(2024, 5, 1, 23, 59), date(2024, 5, 1)),
        (39999.0, "39999"),
        (40000.0, date(2009, 7, 6)),
        (60000.0, date(2064, 4, 8)),
        (60001.0, "60001"),
        (45413.5, "45413.5"),
        (" 2024-05-01 ", date(2024, 5, 1)),
        ("2024-13-01", "2024-13-01"),
        ("1999-05-01", "1999-05-01"),
        ("5月1日", "5月1日"),
        (time(9, 0), "09:00:00"),
        ("", None),
    ],
)
def test_day(value: Any, shown: Cell) -> None:
    assert wire.day(value) == shown


def test_day_of_1904() -> None:
    assert wire.day(43951.0, epoch_1904=True) == date(2024, 5, 1)


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.booleans())
def test_a_day_and_its_number(day: date, epoch_1904: bool) -> None:
    number = wire.serial(day, epoch_1904=epoch_1904)
    start = date(1904, 1, 1) if epoch_1904 else date(1899, 12, 30)
    assert start + timedelta(days=number) == day
    assert wire.day(day.isoformat()) == day


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (None, None),
        ("", None),
        ((), None),
        ("  ", None),
        ("\x00\x0b", None),
        (" a\r\nb ", "a\nb"),
        (("x", "y"), "x、y"),
        ((User("1", "张三"), User("2")), "张三、2"),
        (date(2024, 5, 1), date(2024, 5, 1)),
        ("🚀" * 20_000, "🚀" * 16_383),
        ("x" * 40_000, "x" * 32_767),
    ],
)
def test_what_is_written(cell: Cell, value: Any) -> None:
    assert wire.to_write(cell) == value


@given(st.text(max_size=60), st.sampled_from(["", "x:"]))
def test_an_element_holds_any_text(text: str, prefix: str) -> None:
    written = wire.to_write(text)
    assert written is None or isinstance(written, str)
    made = wire.element(prefix, 7, 28, {"r": "AB7", "s": "3", "t": "s", "cm": "1"}, written)
    node = tree(made)
    assert node.attrs == {"r": "AB7", "s": "3"} | ({"t": "inlineStr"} if written else {})
    if written:
        shown = node.children[0].children[0].text.replace("_x005F_", "_")
        assert shown == written or "_x005F_" in written


def test_a_number_and_an_empty_cell_keep_the_style() -> None:
    assert wire.element("", 2, 1, {"s": "5", "t": "str"}, 45413) == (
        b'<c r="A2" s="5"><v>45413</v></c>'
    )
    assert wire.element("x:", 2, 1, {"r": "A2", "s": "5", "vm": "1"}, None) == (
        b'<x:c r="A2" s="5"/>'
    )


@given(st.integers(1, refs.MAX_COLUMN), st.integers(1, refs.MAX_ROW))
def test_places(column: int, row: int) -> None:
    assert refs.column(refs.letters(column)) == column
    assert refs.cell(refs.place(row, column)) == (row, column)


@pytest.mark.parametrize("text", ["", "A", "1", "A0", "ABCD1", "A1:", "A1:B", "#REF!", "A:A"])
def test_what_is_no_place(text: str) -> None:
    assert refs.area(text) is None or text == "A1:"


@pytest.mark.parametrize(
    ("formula", "moved"),
    [
        ("A20+A21", "A20+A23"),
        ("$A$21:B$30", "$A$23:B$32"),
        ("SUM(A2:A20)", "SUM(A2:A22)"),
        ("SUM(A1:A20)", "SUM(A1:A22)"),
        ("SUM(A20:F20)", "SUM(A20:F20)"),
        ("SUM(A2:A19)", "SUM(A2:A19)"),
        ("SUM(A2:A25)", "SUM(A2:A27)"),
        ("SUM(A:A)+SUM(21:22)", "SUM(A:A)+SUM(23:24)"),
        ('"A21"&A21', '"A21"&A23'),
        ('"say ""A21"""&A21', '"say ""A21"""&A23'),
        ("LOG10(A21)", "LOG10(A23)"),
        ("Tab[A21]+A21", "Tab[A21]+A23"),
        ("Tab[[#This Row],[A21]]", "Tab[[#This Row],[A21]]"),
        ("表!A21+其他!A21", "表!A23+其他!A21"),
        ("'表'!A21+'it''s A21'!A21", "'表'!A23+'it''s A21'!A21"),
        ("A21X+_A21+x.A21", "A21X+_A21+x.A21"),
        ("IF(B21=TRUE,1,21)", "IF(B23=TRUE,1,21)"),
    ],
)
def test_formulas_when_lines_move(formula: str, moved: str) -> None:
    assert Shift(21, 2, first=2).formula(formula, "表", grow=True) == moved


def test_an_area_above_grows_only_where_it_is_meant() -> None:
    assert Shift(21, 2, first=2).formula("SUM(A2:A20)", "表") == "SUM(A2:A20)"
