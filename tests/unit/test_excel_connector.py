import io
import os
import re
import shutil
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from fakes import workbooks
from fakes.clock import FakeClock
from fakes.package_checks import check_package
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font
from openpyxl.worksheet.table import Table
from python_calamine import CalamineWorkbook

from connectors.base import Record, Setup, Write
from connectors.errors import (
    AuthError,
    BusyError,
    ConflictError,
    PermanentError,
    SchemaError,
    StaleError,
    TransientError,
)
from connectors.excel import Excel, files
from connectors.excel.package import Package
from mapping import ids
from mapping.cells import Cell, Kind
from mapping.values import Severity
from mapping.words import COLUMNS

ZH = COLUMNS["zh"]
HEADERS = list(ZH.values())
SHORT = ["编号", "行动项描述", "负责人", "计划完成时间", "状态"]
IDS = [f"ML-AAA0000{n}X" for n in range(10)]


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Return a time as a workbook holds it, which knows no zones."""
    return datetime(year, month, day, hour, minute)  # noqa: DTZ001


def row(number: int, **cells: Any) -> list[Any]:
    """Return a line in the order of SHORT."""
    line = {
        "id": IDS[number],
        "description": f"任务{number}",
        "owner": "张三",
        "due": at(2024, 6, number + 1),
        "status": "进行中",
    } | cells
    return list(line.values())


class Desk:
    """One workbook in a folder, and connectors on it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "跟踪表.xlsx"
        self.state = folder / "state"
        self.clock = FakeClock(datetime.now(UTC))

    def connect(self, **more: Any) -> Excel:
        options = {"path": self.path.name} | (
            {"sheet": more.pop("sheet")} if "sheet" in more else {}
        )
        settings: dict[str, Any] = {
            "name": "board",
            "options": options,
            "columns": ZH,
            "folder": str(self.path.parent),
            "state": str(self.state),
            "clock": self.clock,
        }
        return Excel(Setup(**(settings | more)))

    def book(self, lines: Sequence[Any], change: Callable[[Any], None] | None = None) -> None:
        book = openpyxl.Workbook()
        page = book.active
        assert page is not None
        page.title = "表"
        for line in lines:
            page.append(list(line))
        for cells in page.iter_rows():
            for cell in cells:
                if isinstance(cell.value, datetime):
                    cell.number_format = "yyyy-mm-dd"
        if change:
            change(page)
        book.save(self.path)

    def page(self) -> Any:
        return openpyxl.load_workbook(self.path).active

    def records(self, **more: Any) -> list[Record]:
        return list(self.connect(**more).pull(None).records)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def descriptions(records: Sequence[Record]) -> list[Cell]:
    return [record.cells.get("description") for record in records]


def change(record: Record, **cells: Cell) -> Write:
    return Write(id=record.id or "", cells=cells, row_id=record.row_id, if_version=record.version)


# --- reading --------------------------------------------------------------------------------------


def test_rows_are_read_with_place_label_and_version(desk: Desk) -> None:
    desk.book([SHORT, row(1), row(2, status="已完成")])
    first, second = desk.records()
    assert (first.row_id, first.label, first.id) == ("2", "表!2", IDS[1])
    assert second.cells == {
        "description": "任务2",
        "owner": "张三",
        "due": date(2024, 6, 3),
        "status": "已完成",
    }
    assert first.version != second.version


def test_the_same_bytes_are_not_parsed_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.book([SHORT, row(1)])
    first = desk.connect().pull(None)
    monkeypatch.setattr("connectors.excel.open_page", None)  # to parse would fail
    again = desk.connect().pull(first.cursor)
    assert (again.records, again.complete, again.digest) == ((), False, first.digest)
    assert again.cursor == first.cursor
    assert again.calls == 1


def _only_looked_at(page: Any) -> None:
    page.sheet_view.selection[0].activeCell = page.sheet_view.selection[0].sqref = "B2"


def test_a_file_that_was_only_saved_again_shows_no_row(desk: Desk) -> None:
    desk.book([SHORT, row(1), row(2, due=45413)])
    first = desk.connect().pull(None)
    before = desk.path.read_bytes()
    desk.book([SHORT, row(1), row(2, due=45413)], _only_looked_at)
    assert desk.path.read_bytes() != before
    again = desk.connect().pull(first.cursor)
    assert (again.records, again.complete) == ((), False)
    assert again.digest != first.digest
    assert desk.connect().pull(again.cursor).cursor == again.cursor


@pytest.mark.parametrize(
    "change",
    [
        lambda page: page.cell(2, 1, "改过"),
        lambda page: page.cell(4, 1, "另一项"),
        lambda page: page.cell(3, 1).__setattr__("value", '="任务"&"2"'),
        lambda page: page.merge_cells("A2:A3"),
        lambda page: page.insert_rows(1),
        lambda page: setattr(page, "title", "另一张"),
        lambda page: setattr(page["D2"], "number_format", "General"),
        lambda page: setattr(page.auto_filter, "ref", "A1:D9"),
    ],
    ids=["cell", "row", "formula", "merge", "moved", "sheet", "format", "filter"],
)
def test_whatever_rows_are_read_from_is_looked_at(desk: Desk, change: Any) -> None:
    desk.book([SHORT, row(1), row(2)])
    cursor = desk.connect().pull(None).cursor
    desk.book([SHORT, row(1), row(2)], change)
    assert desk.connect().pull(cursor).complete


def test_a_row_between_texts_that_look_like_markup_counts(desk: Desk) -> None:
    """A prefix to the names of the sheet, as the OpenXML SDK writes, hides where the rows begin."""
    names = ("<sheetViews", "任务2", "</sheetViews>")
    desk.book([SHORT, *(row(n, description=f"text{n}") for n in range(3))])
    package = Package.parse("a.xlsx", desk.path.read_bytes())
    part = "xl/worksheets/sheet1.xml"
    xml = package.read(part).decode()
    for n, name in enumerate(names, 2):
        text = f'<c r="B{n}" t="inlineStr"><is><t>{name.replace("<", "&lt;")}</t></is></c>'
        xml = re.sub(rf'<c r="B{n}".*?</c>', text, xml)
    xml = re.sub(r"<(/?)(?=\w)", r"<\1x:", xml).replace("xmlns=", "xmlns:x=")
    xml = re.sub(r"&lt;(/?sheetViews>?)", r"<![CDATA[<\1]]>", xml)
    desk.path.write_bytes(package.rebuild({part: xml.encode()}))
    first = desk.connect().pull(None)
    assert [r.cells["description"] for r in first.records] == list(names)
    desk.path.write_bytes(package.rebuild({part: xml.replace("任务2", "改过").encode()}))
    again = desk.connect().pull(first.cursor).records
    assert [r.cells["description"] for r in again] == [names[0], "改过", names[2]]


def test_another_sheet_that_comes_to_look_like_ours_counts(desk: Desk) -> None:
    desk.book([SHORT, row(1)], lambda page: page.parent.create_sheet().append(SHORT[:2]))
    cursor = desk.connect().pull(None).cursor
    desk.book([SHORT, row(1)], lambda page: page.parent.create_sheet().append(SHORT))
    with pytest.raises(SchemaError, match="more than one"):
        desk.connect().pull(cursor)


MERGED = b'<mergeCells count="1"><mergeCell ref="C2:C3"/></mergeCells>'


def test_the_same_rows_written_anew_by_a_program_show_no_row(desk: Desk) -> None:
    desk.book([SHORT, row(1), row(2)])
    first = desk.connect().pull(None)
    package = Package.parse("a.xlsx", desk.path.read_bytes())
    part = "xl/worksheets/sheet1.xml"
    xml = package.read(part).replace(b"<sheetData>", b"<sheetData> ")
    desk.path.write_bytes(package.rebuild({part: xml}))
    again = desk.connect().pull(first.cursor)
    assert (again.records, again.complete) == ((), False)
    assert desk.connect().pull(again.cursor).cursor == again.cursor


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/styles.xml", b"yyyy-mm-dd", b"0.00"),
        ("xl/sharedStrings.xml", b"Wang", b"Zhou"),
        ("xl/workbook.xml", b"<workbookPr", b'<workbookPr date1904="1" '),
        ("xl/workbook.xml", b'"Sheet"', b'"Tasks"'),
        ("xl/worksheets/sheet1.xml", b"</sheetData>", b"</sheetData>" + MERGED),
    ],
)
def test_each_part_that_rows_are_read_from_counts(
    desk: Desk, part: str, old: bytes, new: bytes
) -> None:
    with xlsxwriter.Workbook(desk.path) as book:
        days = book.add_format({"num_format": "yyyy-mm-dd"})
        page = book.add_worksheet("Sheet")
        for number, line in enumerate([SHORT, row(1), row(2, owner="Wang")]):
            for column, value in enumerate(line):
                page.write(number, column, value, days if isinstance(value, datetime) else None)
    cursor = desk.connect().pull(None).cursor
    package = Package.parse("a.xlsx", desk.path.read_bytes())
    assert old in package.read(part)
    desk.path.write_bytes(package.rebuild({part: package.read(part).replace(old, new)}))
    assert desk.connect().pull(cursor).complete


def test_a_file_that_was_only_looked_at_is_not_read(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.book([SHORT, row(1)])
    cursor = desk.connect().pull(None).cursor
    desk.book([SHORT, row(1)], _only_looked_at)
    monkeypatch.setattr("connectors.excel.open_page", None)  # to read would fail
    assert not desk.connect().pull(cursor).complete


def test_other_settings_read_the_same_bytes_anew(desk: Desk) -> None:
    desk.book([[*SHORT, "备注"], [*row(1), "x"]])
    first = desk.connect().pull(None)
    other = desk.connect(columns={**ZH, "note": "说明"}).pull(first.cursor)
    assert other.complete


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("  两边空白\u3000", "两边空白"),
        ("", None),
        ("a\r\nb", "a\nb"),
        ("a_x000D_\nb", "a\nb"),
        (5, "5"),
        (5.0, "5"),
        (0.1, "0.1"),
        (13800000000, "13800000000"),
        (True, "TRUE"),
        ("=x", "=x"),
        ("_x4E00_", "_x4E00_"),
        (at(2024, 5, 1, 9, 30), "2024-05-01 09:30"),
    ],
)
def test_text(desk: Desk, value: Any, shown: str | None) -> None:
    def put(page: Any) -> None:
        page["F2"].value = value
        if isinstance(value, str):
            page["F2"].data_type = "s"

    desk.book([[*SHORT, "备注"], row(1)], put)
    assert desk.records()[0].cells["note"] == shown


@pytest.mark.parametrize(
    ("value", "pattern", "shown"),
    [
        (at(2024, 5, 1), "yyyy-mm-dd", date(2024, 5, 1)),
        (at(2024, 5, 1, 18, 0), "yyyy-mm-dd hh:mm", date(2024, 5, 1)),
        (45413, "General", date(2024, 5, 1)),
        (20240501, "General", "20240501"),
        ("2024-05-01", "General", date(2024, 5, 1)),
        ("2024/5/1", "General", "2024/5/1"),
        ("下周五", "General", "下周五"),
        ("2024-02-30", "General", "2024-02-30"),
        (5, "yyyy-mm-dd", "1900-01-05"),
        (None, "yyyy-mm-dd", None),
        (45413, '[$-804]yyyy"年"m"月"d"日"', date(2024, 5, 1)),
    ],
)
def test_days(desk: Desk, value: Any, pattern: str, shown: Cell) -> None:
    def put(page: Any) -> None:
        page["D2"].value = value
        page["D2"].number_format = pattern

    desk.book([SHORT, row(1)], put)
    assert desk.records()[0].cells["due"] == shown


@pytest.mark.parametrize(("language", "words"), [("zh", "2 个日期"), ("en", "2 days")])
def test_days_without_a_format_are_told_once(desk: Desk, language: str, words: str) -> None:
    desk.book([SHORT, row(1, due=45413), row(2, due=45414)])
    (found,) = desk.connect(language=language).pull(None).findings
    assert found.code == "due-vague"
    assert found.severity is Severity.INFO
    assert words in found.message


def test_another_language_tells_the_findings_anew(desk: Desk) -> None:
    desk.book([SHORT, row(1, due=45413)])
    cursor = desk.connect(language="en").pull(None).cursor
    (found,) = desk.connect(language="zh").pull(cursor).findings
    assert "日期格式" in found.message


def test_an_error_is_told_in_both_languages(desk: Desk) -> None:
    with pytest.raises(SchemaError) as caught:
        desk.connect().pull(None)
    chinese, english = caught.value.text("zh"), caught.value.text("en")
    assert chinese.startswith(f"没有工作簿 {desk.path}；请运行")
    assert english == str(caught.value)
    assert english.startswith(f"there is no workbook {desk.path} - run")


@pytest.mark.parametrize("epoch_1904", [False, True])
def test_the_system_of_1904(desk: Desk, epoch_1904: bool) -> None:
    with xlsxwriter.Workbook(str(desk.path), {"date_1904": epoch_1904}) as book:
        page = book.add_worksheet("表")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        page.write_row(0, 0, SHORT)
        page.write_row(1, 0, row(1, due="x"))
        page.write_datetime(1, 3, at(2024, 5, 1), day)
    connector = desk.connect()
    (record,) = connector.pull(None).records
    assert record.cells["due"] == date(2024, 5, 1)
    (outcome,) = connector.apply([change(record, due=date(2025, 2, 28))])
    assert outcome.record is not None
    assert outcome.record.cells["due"] == date(2025, 2, 28)
    assert desk.page()["D2"].value == at(2025, 2, 28)


def test_a_formula_seals_its_field_and_an_unknown_result_is_left_out(desk: Desk) -> None:
    desk.book([SHORT, row(1, owner="=A1&A1"), row(2)])  # openpyxl keeps no results
    first, second = desk.records()
    assert first.sealed == {"owner"}
    assert "owner" not in first.cells
    assert second.sealed == frozenset()


def test_a_formula_with_a_result_is_read(desk: Desk) -> None:
    with xlsxwriter.Workbook(str(desk.path)) as book:
        page = book.add_worksheet("表")
        page.write_row(0, 0, SHORT)
        page.write_row(1, 0, row(1, due=None))
        page.write_formula("C2", '="李"&"四"', None, "李四")
    (record,) = desk.records()
    assert record.cells["owner"] == "李四"
    assert record.sealed == {"owner"}


def test_an_error_is_neither_a_value_nor_empty(desk: Desk) -> None:
    desk.book([SHORT, row(1, owner="#N/A"), row(2)])
    changes = desk.connect().pull(None)
    assert "owner" not in changes.records[0].cells
    (found,) = changes.findings
    assert found.row == "表!2"
    assert "负责人" in found.message


def test_merged_cells_hold_for_each_row_they_cover(desk: Desk) -> None:
    desk.book([SHORT, row(1), row(2, owner=None), row(3)], lambda p: p.merge_cells("C2:C3"))
    first, second, third = desk.records()
    assert second.cells["owner"] == first.cells["owner"] == "张三"
    assert [set(r.sealed) for r in (first, second, third)] == [set(), {"owner"}, set()]


# --- the header -----------------------------------------------------------------------------------


def test_titles_above_the_header(desk: Desk) -> None:
    lines = [["2024 年重点工作"], ["填报：产品部", None, "状态"], [], SHORT, row(1)]
    desk.book(lines, lambda page: page.merge_cells("A1:E1"))
    (record,) = desk.records()
    assert record.row_id == "5"


def test_a_header_of_two_lines(desk: Desk) -> None:
    def merge(page: Any) -> None:
        for ref in ("A1:A2", "B1:B2", "C1:C2", "D1:E1", "F1:F2"):
            page.merge_cells(ref)

    top = ["编号", "行动项描述", "负责人", "时间", None, "状态"]
    below = [None, None, None, "计划完成时间", "实际完成时间", None]
    line = [IDS[1], "甲", "张三", at(2024, 6, 1), None, "进行中"]
    desk.book([top, below, line], merge)
    (record,) = desk.records()
    assert record.cells["due"] == date(2024, 6, 1)
    assert record.cells["completed"] is None
    assert record.row_id == "3"


def test_headers_are_found_through_blanks_width_and_other_words(desk: Desk) -> None:
    desk.book([[" 编号", "任务内容", "责任人", "要求完成时间", "完成情况"], row(1)])
    (record,) = desk.records()
    assert record.cells["description"] == "任务1"
    assert record.cells["due"] == date(2024, 6, 2)
    assert record.cells["status"] == "进行中"


def test_other_words_are_not_taken_when_two_columns_fit(desk: Desk) -> None:
    desk.book(
        [["编号", "行动项描述", "责任人", "负责同事", "跟进人", "计划完成时间", "状态"], row(1)]
    )
    with pytest.raises(SchemaError) as caught:
        desk.records(columns={**ZH, "owner": "负责人"}, named=frozenset({"owner"}))
    assert caught.value.field == "owner"


def test_columns_may_move_between_passes(desk: Desk) -> None:
    desk.book([SHORT, row(1)])
    connector = desk.connect()
    (before,) = connector.pull(None).records
    desk.book([["x", *reversed(SHORT)], [1, *reversed(row(1))]])
    (after,) = connector.pull(None).records
    assert after.cells == before.cells
    assert after.version == before.version
    (outcome,) = connector.apply([change(before, owner="李四")])
    assert outcome.error is None
    assert desk.page()["D2"].value == "李四"


def test_a_missing_column_is_named_with_a_near_miss(desk: Desk) -> None:
    desk.book([["编号", "行动项描述", "负责的人", "计划完成时间", "状态"], row(1)])
    with pytest.raises(SchemaError) as caught:
        desk.records(named=frozenset({"owner"}))
    text = str(caught.value)
    assert caught.value.field == "owner"
    for words in ("'负责人'", "跟踪表.xlsx", "'表'", "'负责的人'", "rename"):
        assert words in text


def test_a_column_named_in_the_team_file_must_be_there(desk: Desk) -> None:
    desk.book([SHORT, row(1)])
    with pytest.raises(SchemaError) as caught:
        desk.records(columns={**ZH, "note": "跟进记录"}, named=frozenset({"note"}))
    assert caught.value.field == "note"


def test_other_columns_are_not_carried_and_this_is_told(desk: Desk) -> None:
    desk.book([SHORT, row(1)])
    schema = desk.connect().describe()
    assert set(schema.fields) == {"description", "owner", "due", "status"}
    assert any("没有“备注”列" in note for note in schema.notes)
    english = desk.connect(language="en").describe().notes
    assert any("has no column '备注'" in note for note in english)
    assert schema.whole_file
    assert schema.checks_version
    assert not schema.stable_rows
    assert schema.fields["due"].kind is Kind.DATE
    assert schema.fields["status"].options == ("进行中", "已完成", "延期", "受阻")


def test_two_columns_of_one_name(desk: Desk) -> None:
    desk.book([[*SHORT, "状态"], row(1)])
    with pytest.raises(SchemaError, match="2 columns"):
        desk.records()


def test_a_column_of_other_numbers_is_not_taken_for_ours(desk: Desk) -> None:
    desk.book([SHORT, *(row(n, id=str(n)) for n in range(1, 5))])
    with pytest.raises(SchemaError) as caught:
        desk.records()
    assert caught.value.field == "id"


# --- the sheet ------------------------------------------------------------------------------------


def second_sheet(state: str, lines: Sequence[Sequence[Any]]) -> Callable[[Any], None]:
    def put(page: Any) -> None:
        other = page.parent.create_sheet("另一张", 0)
        other.sheet_state = state
        for line in lines:
            other.append(list(line))
        page.parent.active = 1

    return put


def test_a_hidden_sheet_is_not_taken(desk: Desk) -> None:
    desk.book([SHORT, row(1)], second_sheet("hidden", [SHORT, row(2)]))
    assert [r.id for r in desk.records()] == [IDS[1]]


def test_a_hidden_sheet_can_be_named(desk: Desk) -> None:
    desk.book([SHORT, row(1)], second_sheet("veryHidden", [SHORT, row(2)]))
    assert [r.id for r in desk.records(sheet="另一张 ")] == [IDS[2]]


def test_two_sheets_that_fit_are_never_guessed(desk: Desk) -> None:
    desk.book([SHORT, row(1)], second_sheet("visible", [SHORT, row(2)]))
    with pytest.raises(SchemaError, match="more than one sheet"):
        desk.records()
    assert [r.id for r in desk.records(sheet="表")] == [IDS[1]]


def test_a_sheet_that_is_not_there(desk: Desk) -> None:
    desk.book([SHORT, row(1)])
    with pytest.raises(SchemaError, match="'表'"):
        desk.records(sheet="表1")


# --- what is a row --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("below", "found"),
    [
        ([[], ["注：逾期要说明原因"]], 0),
        ([["备注：逾期要说明原因"]], 0),
        ([[None, "说明: 见附件"]], 0),
        ([["合计", 2]], 0),
        ([[None, "总计：2 项"]], 0),
        ([["小计"], [None, "新任务", "李四"]], 1),
        ([[None, "新任务"]], 1),
        ([[None, None, "李四"]], 1),
        ([[], [None, "新任务", "李四"]], 1),
        ([[], [], [None, "新任务", None, at(2024, 6, 9)]], 1),
        ([[], [None, "新任务"]], 0),
        ([[], [IDS[7]]], 1),
        ([[], ["状态", "数量"], ["进行中", 1]], 0),
        ([[], SHORT, [None, "旧任务", "李四", None, "已完成"]], 0),
        ([[], SHORT, [IDS[7], "旧任务", "李四", None, "已完成"]], 1),
        ([[None, "=COUNTA(B2:B3)", None, None, None]], 0),
        ([[None, None, None, None, '=COUNTIF(E2:E3,"已完成")']], 0),
        ([[None, "完成合计表的核对", "李四"]], 1),
    ],
)
def test_what_stands_below_the_rows(desk: Desk, below: list[list[Any]], found: int) -> None:
    desk.book([SHORT, row(1), row(2), *below])
    assert len(desk.records()) == 2 + found


def test_blank_lines_between_rows_are_passed_over(desk: Desk) -> None:
    desk.book([SHORT, row(1), [], row(2), [None, "手工"]])
    assert [r.row_id for r in desk.records()] == ["2", "4", "5"]


def test_a_heading_over_several_columns_is_no_row(desk: Desk) -> None:
    lines = [SHORT, [None, "一、产品组"], row(1), [None, "二、技术组"], row(2)]

    def merge(page: Any) -> None:
        page.merge_cells("A2:E2")
        page.merge_cells("B4:D4")

    desk.book(lines, merge)
    assert [r.id for r in desk.records()] == [IDS[1], IDS[2]]


def test_what_lies_in_the_filter_is_a_row_even_after_blank_lines(desk: Desk) -> None:
    def put(page: Any) -> None:
        page["B6"] = "只有描述"
        page.auto_filter.ref = "A1:E8"

    desk.book([SHORT, row(1)], put)
    assert descriptions(desk.records()) == ["任务1", "只有描述"]


def test_the_totals_of_a_table_are_no_row(desk: Desk) -> None:
    with xlsxwriter.Workbook(str(desk.path)) as book:
        page = book.add_worksheet("表")
        columns = [{"header": name} for name in SHORT]
        columns[1]["total_string"] = "条数"
        columns[2]["total_function"] = "count"
        page.add_table("A1:E4", {"columns": columns, "total_row": True})
        page.write_row("A2", row(1, due=None))
        page.write_row("A3", row(2, due=None))
    assert [r.row_id for r in desk.records()] == ["2", "3"]


# --- writing --------------------------------------------------------------------------------------


def test_a_quiet_apply_leaves_the_file_alone(desk: Desk) -> None:
    desk.book([SHORT, row(1)])
    os.utime(desk.path, (1_600_000_000, 1_600_000_000))
    connector = desk.connect()
    (record,) = connector.pull(None).records
    before = desk.path.stat()
    (outcome,) = connector.apply([change(record, **record.cells)])
    assert outcome.record == record
    after = desk.path.stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)


@pytest.mark.parametrize(
    "text",
    [
        "李四",
        "=1+1",
        "+86",
        "@all",
        "a & <b> \"c\" 'd'",
        "两\n行",
        "🚀𠀀",
        "_x000D_",
        "_x4E00_",
        "x" * 32_767,
        "-",
    ],
)
def test_text_is_written_and_read_back(desk: Desk, text: str) -> None:
    desk.book([SHORT, row(1)])
    connector = desk.connect()
    (record,) = connector.pull(None).records
    (outcome,) = connector.apply([change(record, description=text)])
    assert outcome.error is None
    assert outcome.record is not None
    assert outcome.record.cells["description"] == text
    cell = desk.page()["B2"]
    assert cell.data_type == "s"
    assert desk.records()[0] == outcome.record


def test_text_that_no_cell_can_hold(desk: Desk) -> None:
    desk.book([SHORT, row(1)])
    connector = desk.connect()
    (record,) = connector.pull(None).records
    (outcome,) = connector.apply([change(record, description="🚀" * 20_000, owner="a\x00b\x0bc")])
    assert outcome.record is not None
    assert outcome.record.cells["description"] == "🚀" * 16_383
    assert outcome.record.cells["owner"] == "abc"


def test_cells_are_cleared_and_only_these(desk: Desk) -> None:
    desk.book([[*SHORT, "自用"], [*row(1), "不要动"]])
    connector = desk.connect()
    (record,) = connector.pull(None).records
    (outcome,) = connector.apply([change(record, owner=None, due=None)])
    assert outcome.record is not None
    assert outcome.record.cells == {**record.cells, "owner": None, "due": None}
    assert desk.page()["F2"].value == "不要动"
    assert desk.page()["D2"].number_format == "yyyy-mm-dd"


def test_a_day_takes_the_format_of_its_column(desk: Desk) -> None:
    def put(page: Any) -> None:
        page["D2"].number_format = "yyyy/m/d"
        page["D3"].number_format = "General"

    desk.book([SHORT, row(1), row(2, due="待定")], put)
    connector = desk.connect()
    record = connector.pull(None).records[1]
    (outcome,) = connector.apply([change(record, due=date(2024, 7, 1))])
    assert outcome.record is not None
    assert outcome.record.cells["due"] == date(2024, 7, 1)
    assert desk.page()["D3"].number_format == "yyyy/m/d"


def test_a_day_in_a_workbook_without_formats_for_days(desk: Desk) -> None:
    desk.book([SHORT, row(1, due=None)])
    connector = desk.connect()
    (record,) = connector.pull(None).records
    (outcome,) = connector.apply([change(record, due=date(2024, 7, 1))])
    assert outcome.record is not None
    assert outcome.record.cells["due"] == date(2024, 7, 1)
    assert desk.page()["D2"].value == "2024-07-01"


def test_a_moved_row_is_found_by_its_id(desk: Desk) -> None:
    desk.book([SHORT, row(1), row(2), row(3)])
    records = desk.records()
    desk.book([SHORT, row(3), row(2), row(1)])
    outcomes = desk.connect().apply(
        [change(records[0], owner="甲"), change(records[2], owner="丙")]
    )
    assert [o.record.row_id if o.record else None for o in outcomes] == ["4", "2"]
    assert [desk.page()[f"C{n}"].value for n in (2, 3, 4)] == ["丙", "张三", "甲"]


def test_a_row_that_changed_since_is_a_conflict_and_the_rest_is_written(desk: Desk) -> None:
    desk.book([SHORT, row(1), row(2)])
    first, second = desk.records()
    desk.book([SHORT, row(1, status="受阻"), row(2)])
    writes = [change(first, owner="李四"), change(second, owner="李四")]
    lost, kept = desk.connect().apply(writes)
    assert isinstance(lost.error, ConflictError)
    assert lost.record is None
    assert kept.error is None
    assert [r.cells["owner"] for r in desk.records()] == ["张三", "李四"]


def test_a_row_without_an_id_is_found_by_place_then_by_what_it_held(desk: Desk) -> None:
    desk.book([SHORT, row(1), row(2, id=None)])
    record = desk.records()[1]
    adopt = Write(id=IDS[9], cells={}, row_id="3", if_version=record.version, set_id=True)
    desk.book([SHORT, row(4), row(2, id=None), row(1)])
    (outcome,) = desk.connect().apply([adopt])
    assert outcome.record is not None
    assert (outcome.record.row_id, outcome.record.id) == ("3", IDS[9])
    desk.book([SHORT, row(2, id=None), row(4), row(1)])
    (outcome,) = desk.connect().apply([adopt])
    assert outcome.record is not None
    assert outcome.record.row_id == "2"
    desk.book([SHORT, row(2, id=None, owner="别人"), row(4), row(1)])
    (outcome,) = desk.connect().apply([adopt])
    assert isinstance(outcome.error, ConflictError)


def test_failure_10_a_copied_row_gets_an_id_of_its_own(desk: Desk) -> None:
    desk.book([SHORT, row(1), row(1)])
    connector = desk.connect()
    first, copy = connector.pull(None).records
    assert (first.row_id, copy.row_id) == ("2", "3")
    write = Write(id=IDS[5], cells={}, row_id="3", if_version=copy.version, set_id=True)
    (outcome,) = connector.apply([write])
    assert outcome.error is None
    assert [r.id for r in desk.records()] == [IDS[1], IDS[5]]


def test_of_two_rows_with_one_id_the_place_decides(desk: Desk) -> None:
    desk.book([SHORT, row(1), row(1, owner="李四")])
    connector = desk.connect()
    _, second = connector.pull(None).records
    (outcome,) = connector.apply([change(second, status="受阻")])
    assert outcome.record is not None
    assert outcome.record.row_id == "3"


def test_failure_1_a_repeated_create_finds_its_row(desk: Desk) -> None:
    desk.book([SHORT, row(1)])
    connector = desk.connect()
    write = Write(id=IDS[3], cells={"description": "新", "due": date(2024, 7, 1)}, token="t")
    first, twin = connector.apply([write, write])
    assert first.record == twin.record
    (again,) = desk.connect().apply([write])
    assert again.record == first.record
    assert [r.id for r in desk.records()] == [IDS[1], IDS[3]]
    assert desk.page().max_row == 3


def test_find_returns_every_row_of_an_id(desk: Desk) -> None:
    desk.book([SHORT, row(1), row(2), row(1)])
    found = desk.connect().find([IDS[1], IDS[8]])
    assert [r.row_id for r in found] == ["2", "4"]


def test_remove_empties_a_row_and_moves_nothing(desk: Desk) -> None:
    desk.book([[*SHORT, "自用"], [*row(1), "a"], [*row(2), "b"]])
    connector = desk.connect()
    first, _ = connector.pull(None).records
    write = Write(id="", cells={}, row_id="2", if_version=first.version, remove=True)
    (outcome,) = connector.apply([write])
    assert (outcome.record, outcome.error) == (None, None)
    assert [r.row_id for r in desk.records()] == ["3"]
    assert desk.page()["F2"].value == "a"


def test_a_formula_is_never_overwritten_and_the_rest_is_written(desk: Desk) -> None:
    desk.book([SHORT, row(1, owner='="张"&"三"')])
    connector = desk.connect()
    (record,) = connector.pull(None).records
    (outcome,) = connector.apply([change(record, owner="李四", status="受阻")])
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "owner"
    assert outcome.record is not None
    assert outcome.record.cells["status"] == "受阻"
    assert desk.page()["C2"].value == '="张"&"三"'


# --- new rows -------------------------------------------------------------------------------------

NEW = Write(id=IDS[9], cells={"description": "新的", "owner": "李四", "due": date(2024, 8, 1)})


def add(desk: Desk, *writes: Write) -> list[str]:
    outcomes = desk.connect().apply(writes or [NEW])
    assert [o.error for o in outcomes] == [None] * len(outcomes)
    assert check_package(desk.path.read_bytes()) == []
    return [o.record.row_id for o in outcomes if o.record]


def several(count: int) -> list[Write]:
    return [Write(id=f"ML-BBB0000{n}X", cells={"description": f"新{n}"}) for n in range(count)]


def test_a_new_row_looks_like_the_one_above(desk: Desk) -> None:
    desk.book([[*SHORT, "自用"], [*row(1), "x"]])
    assert add(desk) == ["3"]
    page = desk.page()
    assert page["D3"].number_format == "yyyy-mm-dd"
    assert page["D3"].value == at(2024, 8, 1)
    assert page["F3"].value is None


def test_a_table_grows_with_its_rows(desk: Desk) -> None:
    desk.book([SHORT, row(1)], lambda p: p.add_table(Table(displayName="T", ref="A1:E2")))
    assert add(desk, NEW, *several(2)) == ["3", "4", "5"]
    table = desk.page().tables["T"]
    assert table.ref == "A1:E5"
    assert table.autoFilter is None or table.autoFilter.ref == "A1:E5"


def test_blank_lines_of_a_table_are_filled_first(desk: Desk) -> None:
    def put(page: Any) -> None:
        page.add_table(Table(displayName="T", ref="A1:E6"))
        page["E6"].number_format = "0"

    desk.book([SHORT, row(1)], put)
    assert add(desk, *several(3)) == ["3", "4", "5"]
    assert desk.page().tables["T"].ref == "A1:E6"


def test_a_filter_grows_with_its_rows_and_a_hidden_row_hides_nothing_new(desk: Desk) -> None:
    def put(page: Any) -> None:
        page.auto_filter.ref = "A1:E3"
        page.row_dimensions[3].hidden = True
        page.row_dimensions[3].height = 40

    desk.book([SHORT, row(1), row(2)], put)
    assert add(desk) == ["4"]
    page = desk.page()
    assert page.auto_filter.ref == "A1:E4"
    assert page.row_dimensions[4].hidden is False
    assert page.row_dimensions[4].height == 40


def test_new_rows_go_above_totals_and_what_points_there_follows(desk: Desk) -> None:
    def put(page: Any) -> None:
        page["G1"] = "=B4"
        page["G2"] = "='表'!$B$4+SUM(B2:B3)"
        page["B6"].hyperlink = "https://example.com"
        rule = CellIsRule(operator="equal", formula=['"延期"'])  # type: ignore[no-untyped-call]
        page.conditional_formatting.add("E2:E3", rule)

    lines = [SHORT, row(1), row(2), ["合计", "=COUNTA(B2:B3)"], [], [None, "注：见附件"]]
    desk.book(lines, put)
    assert add(desk, NEW, *several(1)) == ["4", "5"]
    page = desk.page()
    assert [page[f"A{n}"].value for n in (4, 6)] == [IDS[9], "合计"]
    assert page["B6"].value == "=COUNTA(B2:B5)"
    assert page["G1"].value == "=B6"
    assert page["G2"].value == "='表'!$B$6+SUM(B2:B3)"
    assert page["B8"].value == "注：见附件"
    assert page["B8"].hyperlink.ref == "B8"
    assert [str(r.sqref) for r in page.conditional_formatting] == ["E2:E5"]
    assert [r.id for r in desk.records()] == [IDS[1], IDS[2], IDS[9], "ML-BBB00000X"]


def test_a_remark_keeps_its_distance(desk: Desk) -> None:
    desk.book([SHORT, row(1), [], [None, "这里是自由文字"]])
    assert add(desk, *several(2)) == ["3", "4"]
    page = desk.page()
    assert page["B6"].value == "这里是自由文字"
    assert page["B5"].value is None
    assert len(desk.records()) == 3


def test_totals_of_a_table_stay_below(desk: Desk) -> None:
    with xlsxwriter.Workbook(str(desk.path)) as book:
        page = book.add_worksheet("表")
        columns = [{"header": name} for name in SHORT]
        columns[1]["total_string"] = "条数"
        columns[2]["total_function"] = "count"
        page.add_table("A1:E4", {"columns": columns, "total_row": True, "name": "T"})
        page.write_row("A2", row(1, due=None))
        page.write_row("A3", row(2, due=None))
    assert add(desk) == ["4"]
    assert desk.page().tables["T"].ref == "A1:E5"
    assert desk.page()["B5"].value == "条数"
    assert len(desk.records()) == 3


def test_room_is_not_made_where_others_point_there(desk: Desk) -> None:
    def put(page: Any) -> None:
        page.parent.create_sheet("汇总")["A1"] = "=表!B4"

    desk.book([SHORT, row(1), row(2), ["合计", "=COUNTA(B2:B3)"]], put)
    before = desk.path.read_bytes()
    (outcome,) = desk.connect().apply([NEW])
    assert isinstance(outcome.error, PermanentError)
    assert "insert" in outcome.error.hint
    assert desk.path.read_bytes() == before


def test_blank_lines_further_up_serve_where_room_cannot_be_made(desk: Desk) -> None:
    def put(page: Any) -> None:
        page.parent.create_sheet("汇总")["A1"] = "=表!B5"

    desk.book([SHORT, row(1), [], row(2), ["合计", "=COUNTA(B2:B4)"]], put)
    outcomes = desk.connect().apply([NEW, *several(1)])
    assert outcomes[0].record is not None
    assert outcomes[0].record.row_id == "3"
    assert isinstance(outcomes[1].error, PermanentError)


def test_a_calculated_column_goes_on(desk: Desk) -> None:
    with xlsxwriter.Workbook(str(desk.path)) as book:
        page = book.add_worksheet("表")
        columns: list[dict[str, Any]] = [{"header": name} for name in [*SHORT, "长度"]]
        columns[5]["formula"] = "=LEN([@行动项描述])"
        page.add_table("A1:F2", {"columns": columns, "name": "T"})
        page.write_row("A2", row(1, due=None))
    assert add(desk) == ["3"]
    assert desk.page()["F3"].value == desk.page()["F2"].value
    assert "LEN" in str(desk.page()["F3"].value)


def test_numbers_filled_down_ahead_are_no_hindrance(desk: Desk) -> None:
    lines = [["序号", *SHORT], [1, *row(1)], [2], [3]]
    desk.book(lines)
    assert add(desk, *several(3)) == ["3", "4", "5"]
    assert [desk.page()[f"A{n}"].value for n in (3, 4, 5)] == [2, 3, None]


def test_the_first_row_of_an_empty_sheet(desk: Desk) -> None:
    desk.book([SHORT])
    assert desk.records() == []
    assert add(desk) == ["2"]


# --- other people and programs --------------------------------------------------------------------


def test_failure_69_an_open_workbook_is_read_but_not_written(desk: Desk) -> None:
    desk.book([SHORT, row(1)])
    owner = b"\x05Wang " + b" " * 49 + b"\x05\x00" + "Wang".encode("utf-16-le")
    (desk.path.parent / f"~${desk.path.name}").write_bytes(owner)
    connector = desk.connect()
    (record,) = connector.pull(None).records
    before = desk.path.read_bytes()
    with pytest.raises(BusyError, match="Excel, by"):
        connector.apply([change(record, owner="李四")])
    assert desk.path.read_bytes() == before
    (outcome,) = connector.apply([change(record, **record.cells)])  # nothing to write
    assert outcome.record == record


def test_failure_69_open_in_libreoffice(desk: Desk) -> None:
    desk.book([SHORT, row(1)])
    lock = desk.path.parent / f".~lock.{desk.path.name}#"
    lock.write_text(",wang,host,22.11.2026 08:37,file:///home/wang;", encoding="utf-8")
    connector = desk.connect()
    (record,) = connector.pull(None).records
    with pytest.raises(BusyError, match="LibreOffice, by wang"):
        connector.apply([change(record, owner="李四")])
    desk.clock.advance(25 * 3600)  # what a crash left behind
    (outcome,) = connector.apply([change(record, owner="李四")])
    assert outcome.error is None


def test_failure_69_a_file_saved_since_the_look_is_not_written(desk: Desk) -> None:
    """Another file may be an older copy: the next look is to see it as it is."""
    desk.book([SHORT, row(1), row(2)])
    connector = desk.connect()
    first, _ = connector.pull(None).records
    desk.book([SHORT, row(1)])
    before = desk.path.read_bytes()
    for writes in ([change(first, owner="李四")], [NEW], [change(first, **first.cells)]):
        with pytest.raises(StaleError, match="again and again"):
            connector.apply(writes)
    assert desk.path.read_bytes() == before
    connector.pull(None)
    (outcome,) = connector.apply([change(first, owner="李四")])
    assert outcome.error is None


def test_a_file_that_we_wrote_ourselves_is_written_on(desk: Desk) -> None:
    desk.book([SHORT, row(1), row(2)])
    connector = desk.connect()
    for record in connector.pull(None).records:
        (outcome,) = connector.apply([change(record, owner="李四")])
        assert outcome.error is None
    assert [r.cells["owner"] for r in desk.records()] == ["李四", "李四"]


def test_failure_69_a_save_at_the_last_moment_stands(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.book([SHORT, row(1)])
    connector = desk.connect()
    (record,) = connector.pull(None).records

    def somebody_saves(self: Any, data: bytes) -> None:
        desk.book([SHORT, row(1, status="受阻"), row(2)])

    monkeypatch.setattr(files.WorkbookFile, "_keep", somebody_saves)
    with pytest.raises(StaleError):
        connector.apply([change(record, owner="李四")])
    assert [r.cells["status"] for r in desk.records()] == ["受阻", "进行中"]
    assert desk.page()["C2"].value == "张三"


def test_a_copy_made_by_a_sync_program_is_told(desk: Desk) -> None:
    desk.book([SHORT, row(1)])
    connector = desk.connect()
    cursor = connector.pull(None).cursor
    for name in ("跟踪表-PC01.xlsx", "跟踪表 (1).xlsx", "跟踪表（冲突 2024-05-01）.xlsx"):
        shutil.copy(desk.path, desk.path.with_name(name))
    for name in ("跟踪表2023.xlsx", "跟踪表-2023.xlsx", "跟踪表-backup.xlsx", "别的-PC.xlsx"):
        (desk.path.parent / name).write_bytes(b"x")
    found = connector.pull(cursor).findings
    assert sorted(f.code for f in found) == ["duplicate"] * 3


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"", BusyError, "empty"),
        (b"\0" * 4096, BusyError, "zeros"),
        (b"PK\x03\x04 and then", BusyError, "not complete"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, SchemaError, ".xls"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            SchemaError,
            "password",
        ),
        ("编号,负责人\n1,张三\n".encode(), SchemaError, "no .xlsx"),
        (b"<html><table>", SchemaError, "no .xlsx"),
    ],
)
def test_files_that_are_no_workbook(
    desk: Desk, data: bytes, error: type[Exception], words: str
) -> None:
    desk.path.write_bytes(data)
    for call in (lambda: desk.connect().pull(None), lambda: desk.connect().apply([NEW])):
        with pytest.raises(error, match=words):
            call()
    assert desk.path.read_bytes() == data


def test_a_workbook_cut_off_anywhere_is_half_written(desk: Desk) -> None:
    desk.book([SHORT, row(1)])
    data = desk.path.read_bytes()
    for end in range(4, len(data), 397):
        desk.path.write_bytes(data[:end])
        with pytest.raises(BusyError):
            desk.records()


def test_a_workbook_of_another_office(desk: Desk) -> None:
    with zipfile.ZipFile(desk.path, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", "<x/>")
    with pytest.raises(SchemaError, match="workbook"):
        desk.records()


def test_a_workbook_that_is_not_there(desk: Desk) -> None:
    with pytest.raises(SchemaError) as caught:
        desk.records()
    assert "check --prepare" in caught.value.hint
    with pytest.raises(SchemaError, match="no folder"):
        Excel(
            Setup(
                name="x",
                options={"path": "nowhere/a.xlsx"},
                columns=ZH,
                folder=str(desk.path.parent),
                state=str(desk.state),
                clock=desk.clock,
            )
        ).pull(None)


def test_a_workbook_that_is_just_being_replaced(desk: Desk) -> None:
    (desk.path.parent / "3FA90C21").write_bytes(b"half")
    with pytest.raises(BusyError, match="being saved"):
        desk.records()
    with pytest.raises(BusyError, match="being saved"):
        desk.connect().prepare()


def test_no_program_of_ours_writes_at_the_same_time(desk: Desk) -> None:
    desk.book([SHORT, row(1)])
    with desk.connect()._file.locked(), pytest.raises(BusyError, match="another process"):
        desk.connect().apply([NEW])


def test_a_read_only_file_is_left_alone(desk: Desk) -> None:
    desk.book([SHORT, row(1)])
    desk.path.chmod(0o444)
    before = desk.path.read_bytes()
    with pytest.raises(AuthError, match="read-only"):
        desk.connect().apply([NEW])
    assert desk.path.read_bytes() == before


def raising(error: OSError) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail


@pytest.mark.parametrize(
    ("place", "fault", "error"),
    [
        ("pathlib.Path.replace", PermissionError(13, "in use"), BusyError),
        ("os.fsync", OSError(28, "No space left on device"), TransientError),
        ("pathlib.Path.replace", OSError(5, "Input/output error"), TransientError),
        ("os.utime", OSError(30, "Read-only file system"), AuthError),
    ],
)
def test_a_save_that_fails_changes_nothing(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    fault: OSError,
    error: type[Exception],
) -> None:
    desk.book([SHORT, row(1)])
    before = desk.path.read_bytes()
    connector = desk.connect()
    with monkeypatch.context() as patch:
        patch.setattr(place, raising(fault))
        with pytest.raises(error):
            connector.apply([NEW])
    assert desk.path.read_bytes() == before
    left = {path.name for path in desk.path.parent.iterdir()}
    assert left - {"state"} == {desk.path.name}
    assert add(desk) == ["3"]


def test_mode_and_link_survive_a_save(desk: Desk) -> None:
    real = desk.path.parent / "shared"
    real.mkdir()
    desk.book([SHORT, row(1)])
    desk.path.rename(real / "real.xlsx")
    desk.path.symlink_to(real / "real.xlsx")
    (real / "real.xlsx").chmod(0o664)
    add(desk)
    assert desk.path.is_symlink()
    assert (real / "real.xlsx").stat().st_mode & 0o777 == 0o664
    assert len(desk.records()) == 2


def test_a_copy_of_the_file_as_it_was_is_kept(desk: Desk) -> None:
    desk.book([SHORT, row(1)])
    connector = desk.connect()
    states = []
    for number in range(files.KEPT + 3):
        states.append(desk.path.read_bytes())
        (record,) = connector.find([IDS[1]])
        connector.apply([change(record, owner=f"人{number}")])
    kept = sorted(connector._file.backups.iterdir())
    assert [path.read_bytes() for path in kept] == states[-files.KEPT :]


def test_drafts_of_a_killed_process_are_swept_away(desk: Desk) -> None:
    desk.book([SHORT, row(1)])
    old = desk.path.parent / f".{desk.path.name}.4711.tmp"
    new = desk.path.parent / f".{desk.path.name}.4712.tmp"
    old.write_bytes(b"half")
    new.write_bytes(b"half")
    past = time.time() - 7200
    os.utime(old, (past, past))
    add(desk)
    assert not old.exists()
    assert new.exists()


def test_formulas_elsewhere_are_calculated_anew(desk: Desk) -> None:
    desk.path.write_bytes(workbooks.rich())
    connector = desk.connect()
    record = next(r for r in connector.pull(None).records if not r.sealed)
    connector.apply([change(record, status="受阻" if record.cells["status"] != "受阻" else "延期")])
    with zipfile.ZipFile(desk.path) as package:
        assert b'fullCalcOnLoad="1"' in package.read("xl/workbook.xml")
    assert check_package(desk.path.read_bytes()) == []


# --- making what is missing -----------------------------------------------------------------------


def test_prepare_makes_the_workbook(desk: Desk) -> None:
    connector = desk.connect()
    (told,) = connector.prepare()
    assert desk.path.name in told
    assert connector.pull(None).records == ()
    assert set(connector.describe().fields) == set(ZH) - {"id"}
    assert connector.prepare() == []
    assert add(desk) == ["2"]
    assert add(desk, *several(1)) == ["3"]


@pytest.mark.parametrize("table", [False, True])
def test_prepare_adds_the_id_and_named_columns(desk: Desk, table: bool) -> None:
    def put(page: Any) -> None:
        page["D1"].font = Font(bold=True)
        if table:
            page.add_table(Table(displayName="T", ref="A1:D2"))
        else:
            page.auto_filter.ref = "A1:D2"

    desk.book([SHORT[1:], row(1)[1:]], put)
    settings: Mapping[str, Any] = {"columns": {**ZH, "note": "跟进"}, "named": frozenset({"note"})}
    connector = desk.connect(**settings)
    with pytest.raises(SchemaError):
        connector.describe()
    assert len(connector.prepare()) == 2
    page = desk.page()
    assert {page["E1"].value, page["F1"].value} == {"编号", "跟进"}
    assert page["E1"].font.b
    assert (page.tables["T"].ref if table else page.auto_filter.ref) == "A1:F2"
    assert check_package(desk.path.read_bytes()) == []
    (record,) = connector.pull(None).records
    assert record.cells["note"] is None
    assert connector.prepare() == []


def test_prepare_asks_for_room_beside_a_table(desk: Desk) -> None:
    def put(page: Any) -> None:
        page.add_table(Table(displayName="T", ref="A1:D2"))
        page["E2"] = "贴着表格的备注"

    desk.book([SHORT[1:], row(1)[1:]], put)
    with pytest.raises(SchemaError, match="right of the table"):
        desk.connect().prepare()


def test_prepare_does_not_invent_columns_that_nobody_named(desk: Desk) -> None:
    desk.book([["行动项描述", "负责人", "状态"], ["甲", "张三", "进行中"]])
    before = desk.path.read_bytes()
    with pytest.raises(SchemaError):
        desk.connect().prepare()
    assert desk.path.read_bytes() == before


# --- programs that made the file ------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_saves_what_we_wrote(desk: Desk) -> None:
    desk.book([SHORT, row(1), row(2), ["合计", "=COUNTA(B2:B3)"]])
    add(desk, NEW, *several(1))
    ours = desk.records()
    made = workbooks.soffice_convert({"a": desk.path.read_bytes()})
    desk.path.write_bytes(made["a"])
    theirs = desk.records()
    assert [(r.id, r.cells) for r in theirs] == [(r.id, r.cells) for r in ours]
    page: Any = openpyxl.load_workbook(desk.path, data_only=True).active
    assert page["B6"].value == 4
    (outcome,) = desk.connect().apply([change(theirs[0], owner="李四", due=date(2025, 1, 1))])
    assert outcome.record is not None
    assert outcome.record.cells["due"] == date(2025, 1, 1)
    again = workbooks.soffice_convert({"b": desk.path.read_bytes()})
    desk.path.write_bytes(again["b"])
    assert desk.records()[0].cells == outcome.record.cells


def test_speed_stays_near_the_reader_alone(desk: Desk) -> None:
    """A pass over rows that changed costs about as much again as reading them."""
    data = workbooks.big(3000)
    desk.path.write_bytes(data)

    def best(work: Callable[[], Any]) -> float:
        times = []
        for _ in range(5):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
        return min(times)

    def alone() -> None:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        book.get_sheet_by_index(0).to_python(skip_empty_area=False)

    assert best(lambda: desk.connect().pull(None)) < 5 * best(alone)


def test_an_id_in_another_spelling_is_the_same_id(desk: Desk) -> None:
    item = ids.draw("产品部", "x")
    desk.book([SHORT, row(1, id=f" {item.lower()} ")])
    connector = desk.connect()
    (record,) = connector.find([item])
    (outcome,) = connector.apply([Write(id=item, cells={"owner": "李四"}, row_id="9")])
    assert outcome.record is not None
    assert outcome.record.row_id == record.row_id == "2"


def test_cells_that_an_array_formula_fills_are_sealed(desk: Desk) -> None:
    with xlsxwriter.Workbook(str(desk.path)) as book:
        page = book.add_worksheet("表")
        page.write_row(0, 0, SHORT)
        page.write_row(1, 0, row(1, due=None))
        page.write_row(2, 0, row(2, due=None))
        page.write_dynamic_array_formula("C2:C3", "=H2:H3", None, "张三")
        page.write("C3", "李四")
    connector = desk.connect()
    records = connector.pull(None).records
    assert [set(r.sealed) for r in records] == [{"owner"}, {"owner"}]
    assert records[1].cells["owner"] == "李四"
    (outcome,) = connector.apply([change(records[1], owner="王五")])
    assert isinstance(outcome.error, PermanentError)


def test_a_line_of_formulas_filled_down_ahead_is_no_row(desk: Desk) -> None:
    with xlsxwriter.Workbook(str(desk.path)) as book:
        page = book.add_worksheet("表")
        page.write_row(0, 0, [*SHORT, "所属部门", "提醒"])
        page.write_row(1, 0, row(1, due=None))
        for n in range(2, 9):
            page.write_formula(f"F{n}", f'=IF(C{n}="","待填","技术部")', None, "待填")
            page.write_formula(f"G{n}", f'=IF(E{n}="已完成","","跟进")', None, "跟进")
    assert [r.row_id for r in desk.records()] == ["2"]
    assert add(desk, *several(2)) == ["3", "4"]


def test_a_legend_beside_the_table_is_not_in_the_way(desk: Desk) -> None:
    def put(page: Any) -> None:
        page["J3"] = "图例"
        page.merge_cells("J4:K5")
        page["J4"] = "红色 = 已过期"

    desk.book([SHORT, row(1)], put)
    assert add(desk, *several(3)) == ["3", "4", "5"]
    assert desk.page()["J4"].value == "红色 = 已过期"


def test_rows_of_a_second_table_are_not_ours_and_move_with_it(desk: Desk) -> None:
    lines = [SHORT, row(1), [], ["负责人", "状态"], ["张三", "3"], [IDS[5], "已归档"]]
    desk.book(lines)
    connector = desk.connect()
    assert [r.id for r in connector.pull(None).records] == [IDS[1], IDS[5]]
    archived = connector.pull(None).records[1]
    outcomes = connector.apply([NEW, *several(1), change(archived, owner="李四")])
    assert [o.record.row_id if o.record else None for o in outcomes] == ["3", "4", "8"]
    page = desk.page()
    assert (page["A6"].value, page["A7"].value, page["C8"].value) == ("负责人", "张三", "李四")


def test_small_charts_and_links_follow_and_keep_their_size(desk: Desk) -> None:
    with xlsxwriter.Workbook(str(desk.path)) as book:
        page = book.add_worksheet("表")
        page.write_row(0, 0, [*SHORT, "进度"])
        page.write_row(1, 0, [*row(1, due=None), 0.5])
        page.write_row(2, 0, ["合计", "=COUNTA(B2:B2)"])
        page.write_url("B4", "https://example.com", string="注：见附件")
        page.add_sparkline("G2", {"range": "表!F2:F2"})
        page.add_sparkline("G3", {"range": "表!F2:F3"})
        page.data_validation("E2", {"validate": "list", "source": ["进行中"]})
        page.set_h_pagebreaks([2, 3])
    assert add(desk, *several(2)) == ["3", "4"]
    with zipfile.ZipFile(desk.path) as package:
        xml = package.read("xl/worksheets/sheet1.xml").decode()
    assert "<xm:f>表!F2:F2</xm:f><xm:sqref>G2</xm:sqref>" in xml
    assert "<xm:f>表!F2:F5</xm:f><xm:sqref>G5</xm:sqref>" in xml
    assert 'sqref="E2:E4"' in xml
    assert '<hyperlink ref="B6"' in xml
    assert '<brk id="2"' in xml
    assert '<brk id="5"' in xml
    assert "<f>COUNTA(B2:B4)</f>" in xml


@pytest.mark.parametrize("below", [False, True])
def test_a_picture_below_is_not_left_behind(desk: Desk, below: bool) -> None:
    with xlsxwriter.Workbook(str(desk.path)) as book:
        page = book.add_worksheet("表")
        page.write_row(0, 0, SHORT)
        page.write_row(1, 0, row(1, due=None))
        page.write_row(2, 0, ["合计", "=COUNTA(B2:B2)"])
        page.insert_textbox("B9" if below else "H2", "说明")
    (outcome,) = desk.connect().apply([NEW])
    assert (outcome.error is not None) == below
    assert "picture" in str(outcome.error) or not below


def test_a_formula_in_the_column_of_ids_is_told(desk: Desk) -> None:
    with xlsxwriter.Workbook(str(desk.path)) as book:
        page = book.add_worksheet("表")
        page.write_row(0, 0, SHORT)
        page.write_row(1, 0, row(1, id=None, due=None))
        page.write_formula("A2", '="T-"&ROW()', None, "T-2")
    connector = desk.connect()
    (record,) = connector.pull(None).records
    write = Write(id=IDS[1], cells={}, row_id="2", if_version=record.version, set_id=True)
    (outcome,) = connector.apply([write])
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "id"


def test_a_draft_that_reads_otherwise_never_takes_the_place(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.book([SHORT, row(1), row(2)])
    before = desk.path.read_bytes()
    connector = desk.connect()
    first, _ = connector.pull(None).records

    def wrong(xml: bytes, *_: Any) -> bytes:
        return xml.replace(b'r="C3"', b'r="C9"').replace("李四".encode(), b"")

    monkeypatch.setattr("connectors.excel.edit", wrong)
    with pytest.raises(PermanentError, match="not written"):
        connector.apply([change(first, owner="李四")])
    assert desk.path.read_bytes() == before


def test_a_save_that_fails_again_and_again_keeps_one_copy(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.book([SHORT, row(1)])
    connector = desk.connect()
    monkeypatch.setattr("pathlib.Path.replace", raising(PermissionError(13, "in use")))
    for _ in range(3):
        with pytest.raises(BusyError):
            connector.apply([NEW])
    assert len(list(connector._file.backups.iterdir())) == 1


def test_a_workbook_with_a_spoilt_picture_is_read_but_not_written(desk: Desk) -> None:
    data = bytearray(workbooks.rich())
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as package:
        info = next(i for i in package.infolist() if i.filename.endswith(".png"))
    data[info.header_offset + 30 + len(info.filename) + info.compress_size // 2] ^= 0xFF
    desk.path.write_bytes(bytes(data))
    records = desk.records()
    with pytest.raises(BusyError, match="png"):
        desk.connect().apply([change(records[0], owner="某")])
    assert desk.path.read_bytes() == bytes(data)
