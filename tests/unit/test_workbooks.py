"""The fakes themselves: sound workbooks, checks that find faults, people who change only what they mean to."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from fakes import workbooks as books
from fakes.packages import Package
from fakes.rich_parts import SHEET1

from connectors.excel.template import make
from mapping.words import COLUMNS

KINDS: dict[str, Callable[[], bytes]] = {
    "rich": books.rich,
    "own": books.own_layout,
    "own_1904": lambda: books.own_layout(date_1904=True),
    "own_without_ids": lambda: books.own_layout(with_ids=False),
    "wps": books.wps_like,
    "plain": books.plain_table,
    "prefixed": books.prefixed,
    "shared": books.shared_formulas,
    "libreoffice": books.libreoffice_made,
    "big": lambda: books.big(300),
}


@pytest.fixture
def rich_file(tmp_path: Path) -> Path:
    path = tmp_path / "rich.xlsx"
    path.write_bytes(books.rich())
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_sound(kind: str) -> None:
    assert books.check_package(KINDS[kind]()) == []


def test_the_rich_workbook_holds_what_openpyxl_would_lose() -> None:
    folders = {name.split("/")[1] for name in books.parts(books.rich()) if name.startswith("xl/")}
    assert {
        *("threadedComments", "persons", "slicers", "slicerCaches", "pivotTables", "pivotCache"),
        *("charts", "media", "tables", "calcChain.xml", "metadata.xml", "comments1.xml"),
    } <= folders
    page = Package(books.rich()).text(SHEET1)
    for word in (
        "x14:dataValidation ",
        "x14:cfRule",
        "x14:sparkline",
        "x14:slicer ",
        "legacyDrawing",
    ):
        assert word in page


def test_dates_read_the_same_in_both_systems() -> None:
    first = {
        books.values(books.own_layout(date_1904=old))[4][
            books.values(books.own_layout())[3].index("要求完成时间")
        ]
        for old in (False, True)
    }
    assert first == {date(2024, 6, 3)}


def test_soffice_opens_every_kind(tmp_path: Path) -> None:
    if shutil.which("soffice") is None:
        pytest.skip("soffice is not installed")
    ours = tmp_path / "ours.xlsx"
    make(
        ours,
        sheet="行动项",
        columns=COLUMNS["zh"],
        statuses={},
        people=[f"同事{n}" for n in range(90)],
        departments=["研发, 一部"],
        language="zh",
    )
    files = {kind: maker() for kind, maker in KINDS.items()} | {"ours": ours.read_bytes()}
    made = books.soffice_convert(files)
    assert made.keys() == files.keys()
    for kind, data in made.items():
        assert books.check_package(data) == [], kind
        texts, before = (
            [c for row in books.values(d) for c in row if c] for d in (data, files[kind])
        )
        if kind not in {"rich", "wps", "shared"}:  # formulas there are reckoned anew
            assert [c for c in texts if isinstance(c, str)] == [
                c for c in before if isinstance(c, str)
            ]


FAULTS: dict[str, tuple[str, str, str]] = {
    "header": ("xl/tables/table1.xml", 'name="负责人"', 'name="责任人"'),
    "reaches beyond": ("xl/tables/table1.xml", 'ref="A1:I7"', 'ref="A1:I9"'),
    "number of columns": (
        "xl/tables/table1.xml",
        'tableColumns count="9"',
        'tableColumns count="8"',
    ),
    "wrong place": (SHEET1, '<c r="B3"', '<c r="A3"'),
    "stands below": (SHEET1, '<row r="5"', '<row r="2"'),
    "style that": (SHEET1, 's="1"', 's="99"'),
    "text that": (SHEET1, "<v>11</v>", "<v>999</v>"),
    "no relationship": (SHEET1, 'r:id="rId1"', 'r:id="rId9"'),
    "not there": ("xl/worksheets/_rels/sheet1.xml.rels", "table1.xml", "table2.xml"),
    "no content type": (
        "[Content_Types].xml",
        'PartName="/xl/tables/table1.xml"',
        'PartName="/xl/x"',
    ),
    "no XML": (SHEET1, "</sheetData>", ""),
    "out of order": (SHEET1, "<sheetData>", "<extLst/><sheetData>"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_check_finds(fault: str) -> None:
    part, old, new = FAULTS[fault]
    package = Package(books.plain_table())
    assert old in package.text(part)
    package.set(part, package.text(part).replace(old, new))
    assert any(fault in said for said in books.check_package(package.to_bytes()))


def test_the_check_finds_a_chain_that_names_a_cell_without_formula() -> None:
    package = Package(books.rich())
    package.replace("xl/calcChain.xml", 'r="E9"', 'r="E10"')
    assert "calculation chain" in books.check_package(package.to_bytes())[0]


def test_the_check_finds_half_a_file() -> None:
    assert "ZIP" in books.check_package(books.plain_table()[:4000])[0]


def test_typing_changes_only_the_sheet_and_the_texts(rich_file: Path) -> None:
    books.person_edit(
        rich_file, {"B5": "<新> & 旧", "E6": date(2024, 7, 1), "I16": "补", "C7": None, "K5": 0.5}
    )
    after = rich_file.read_bytes()
    assert books.check_package(after) == []
    page = books.values(after)
    assert (page[4][1], page[5][4], page[15][8]) == ("<新> & 旧", date(2024, 7, 1), "补")
    assert (page[6][2], page[4][10]) == ("", 0.5)
    before, now = books.parts(books.rich()), books.parts(after)
    changed = {name for name in before if before[name] != now.get(name)}
    assert changed == {"xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/calcChain.xml"}


def test_typing_minds_the_1904_system(tmp_path: Path) -> None:
    path = tmp_path / "own.xlsx"
    path.write_bytes(books.own_layout(date_1904=True))
    books.person_edit(path, {"E5": date(2024, 8, 1)})
    assert books.values(path.read_bytes())[4][4] == date(2024, 8, 1)


def test_rows_and_columns_are_moved_with_all_that_names_them(rich_file: Path) -> None:
    before = books.values(books.rich())
    steps: list[Callable[[], None]] = [
        lambda: books.sort_rows(rich_file, list(range(16, 4, -1)), 5),
        lambda: books.copy_row(rich_file, 6, 17),
        lambda: books.insert_row(rich_file, 8),
        lambda: books.delete_row(rich_file, 5),
        lambda: books.insert_column(rich_file, "D", "来源"),
        lambda: books.clear_ids(rich_file, "A", range(5, 7)),
    ]
    for step in steps:
        step()
        assert books.check_package(rich_file.read_bytes()) == []
    after = books.values(rich_file.read_bytes())
    assert after[3][:5] == ["编号", "行动项描述", "负责人", "来源", "所属部门"]
    descriptions = [row[1] for row in before[4:]][::-1]
    expected = [*descriptions[1:3], "", *descriptions[3:], descriptions[1]]
    assert [row[1] for row in after[4:]] == expected
    assert [row[0] for row in after[4:6]] == ["", ""]
    package = Package(rich_file.read_bytes())
    assert 'ref="A4:M17"' in package.text("xl/tables/table1.xml")
    assert "$H$5:$H$16" in package.text("xl/worksheets/sheet3.xml")
    assert "<xm:sqref>H5:H500</xm:sqref>" in package.text(SHEET1)


def test_a_plain_workbook_is_edited_with_openpyxl(tmp_path: Path) -> None:
    path = tmp_path / "plain.xlsx"
    path.write_bytes(books.plain_table())
    books.edit(path, lambda book: book.active.cell(2, 3, "孙悦"))
    assert books.values(path.read_bytes())[1][2] == "孙悦"
