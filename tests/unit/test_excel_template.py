"""The workbook that ``check --prepare`` makes: D1's columns, sound by the strict checks."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes.workbooks import check_package, values
from openpyxl import load_workbook

from connectors.errors import SchemaError
from connectors.excel.template import DATE_FORMAT, TABLE, make
from mapping.words import COLUMNS, STATUSES

ZH = {status.value: (word,) for status, word in STATUSES["zh"].items()}


def made(
    path: Path,
    *,
    columns: Mapping[str, str] = COLUMNS["zh"],
    statuses: Mapping[str, tuple[str, ...]] = ZH,
    people: Sequence[str] = ("张三", "李四"),
    departments: Sequence[str] = ("技术部", "客服部"),
    sheet: str = "行动项",
    language: str = "zh",
) -> Any:
    make(
        path / "tracker.xlsx",
        sheet=sheet,
        columns=columns,
        statuses=statuses,
        people=people,
        departments=departments,
        language=language,
    )
    data = (path / "tracker.xlsx").read_bytes()
    assert check_package(data) == []
    return load_workbook(io.BytesIO(data))


def rules_of(page: Any) -> dict[str, Any]:
    return {
        str(rule.sqref).partition(":")[0][0]: rule for rule in page.data_validations.dataValidation
    }


def reach(area: Any) -> int:
    return int(max(part.max_row for part in area.sqref.ranges))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_columns_of_d1_in_their_order_the_id_first(tmp_path: Path, language: str) -> None:
    book = made(tmp_path, columns=COLUMNS[language], language=language)
    header = [cell.value for cell in book.worksheets[0][1]]
    given = list(COLUMNS[language].values())
    assert header == [given[-1], *given[:-1]]


def test_one_real_table_with_one_empty_row(tmp_path: Path) -> None:
    page = made(tmp_path).worksheets[0]
    table = page.tables[TABLE]
    assert (table.ref, table.autoFilter.ref) == ("A1:L2", "A1:L2")
    assert [cell.value for cell in page[2]] == [None] * 12
    assert page.title == "行动项"


def test_days_are_days_for_thousands_of_rows(tmp_path: Path) -> None:
    page = made(tmp_path).worksheets[0]
    for letter in ("E", "F"):
        assert page.column_dimensions[letter].number_format == DATE_FORMAT
        assert page[f"{letter}2"].number_format == DATE_FORMAT
    assert page.column_dimensions["A"].number_format == "@"


def test_status_is_chosen_and_people_are_suggested(tmp_path: Path) -> None:
    statuses = {**ZH, "in-progress": ("进行中", "待办"), "late": ("进行中", "延期")}
    rules = rules_of(made(tmp_path, statuses=statuses).worksheets[0])
    status, owner, department = rules["G"], rules["C"], rules["D"]
    assert status.formula1 == '"进行中,待办,已完成,延期,受阻"'
    assert (status.showErrorMessage, owner.showErrorMessage) == (True, False)
    assert department.formula1 == '"技术部,客服部"'
    assert department.showErrorMessage is False
    assert reach(status) >= 10_000


def test_a_day_is_asked_for_but_text_can_stay(tmp_path: Path) -> None:
    rule = rules_of(made(tmp_path).worksheets[0])["E"]
    assert (rule.type, rule.errorStyle) == ("date", "warning")


@pytest.mark.parametrize(
    "people", [[f"同事{n:03}" for n in range(60)], ["Lee, Anna", "王敏"], ['"阿强"'], ["=1+1"]]
)
def test_a_list_that_does_not_fit_a_rule_stands_on_a_hidden_sheet(
    tmp_path: Path, people: list[str]
) -> None:
    book = made(tmp_path, people=people, departments=people)
    page, lists = book.worksheets
    assert lists.sheet_state == "hidden"
    for letter, name in (("C", "OwnerList"), ("D", "DepartmentList")):
        assert rules_of(page)[letter].formula1 == name
        sheet, _, ref = book.defined_names[name].attr_text.partition("!")
        assert sheet.strip("'") == lists.title
        assert (
            [row[0].value for row in lists[ref.replace("$", "")]] == people
            if len(people) > 1
            else True
        )
    assert all(cell.data_type == "s" for row in lists.iter_rows() for cell in row if cell.value)


def test_the_hidden_sheet_never_takes_the_name_of_the_first(tmp_path: Path) -> None:
    book = made(tmp_path, people=["a, b"], sheet="选项")
    assert len({name.casefold() for name in book.sheetnames}) == 2


def test_a_list_of_the_longest_length_stays_in_the_rule(tmp_path: Path) -> None:
    fits, too_long = ["字" * 127, "词" * 127], ["字" * 128, "词" * 127]
    (tmp_path / "b").mkdir()
    assert len(made(tmp_path, people=fits).worksheets) == 1
    assert len(made(tmp_path / "b", people=too_long).worksheets) == 2


def test_rows_are_coloured_by_due_day_and_status(tmp_path: Path) -> None:
    statuses = {**ZH, "done": ("已完成", '办"结')}
    page = made(tmp_path, statuses=statuses).worksheets[0]
    (area,) = page.conditional_formatting
    done, late, soon = (rule.formula[0] for rule in area.rules)
    assert done == 'OR($G2="已完成",$G2="办""结")'
    assert late == f"AND(ISNUMBER($E2),NOT({done}),$E2<TODAY())"
    assert "$E2>=TODAY()" in soon
    assert reach(area) >= 10_000


def test_the_header_stays_and_is_printed_on_each_page(tmp_path: Path) -> None:
    page = made(tmp_path).worksheets[0]
    assert page.freeze_panes == "C2"
    assert page.print_title_rows == "$1:$1"
    assert (page.page_setup.orientation, page.page_setup.fitToWidth) == ("landscape", 1)
    assert page.sheet_properties.pageSetUpPr.fitToPage is True
    assert "Minuteloop" in page["A1"].comment.text


def test_columns_that_are_not_wanted_are_left_out(tmp_path: Path) -> None:
    columns = {"due": "截止", "description": "=任务", "status": "#N/A", "id": "编号", "owner": "谁"}
    page = made(tmp_path, columns=columns).worksheets[0]
    assert [cell.value for cell in page[1]] == ["编号", "=任务", "谁", "截止", "#N/A"]
    assert [cell.data_type for cell in page[1]] == ["s"] * 5


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ({"id": "编号", "description": "事项", "note": "事项 "}, "note"),
        ({"id": "ID", "description": "id"}, "description"),
        ({"id": "编号", "description": " "}, "description"),
        ({"id": "编号", "description": "长" * 256}, "description"),
    ],
)
def test_names_that_excel_would_mend_are_refused(
    tmp_path: Path, columns: dict[str, str], field: str
) -> None:
    with pytest.raises(SchemaError) as error:
        made(tmp_path, columns=columns)
    assert error.value.field == field
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("sheet", ["", "a/b", "字" * 32, "'x'", "History"])
def test_sheet_names_that_excel_refuses(tmp_path: Path, sheet: str) -> None:
    with pytest.raises(SchemaError):
        made(tmp_path, sheet=sheet)


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "tracker.xlsx").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        made(tmp_path)
    assert (tmp_path / "tracker.xlsx").read_bytes() == b"mine"


def test_the_folder_is_made_and_nothing_else_is_left(tmp_path: Path) -> None:
    made(tmp_path / "a" / "b")
    assert [p.name for p in (tmp_path / "a" / "b").iterdir()] == ["tracker.xlsx"]


def test_values_of_an_empty_tracker(tmp_path: Path) -> None:
    made(tmp_path)
    assert len(values((tmp_path / "tracker.xlsx").read_bytes())) == 1
