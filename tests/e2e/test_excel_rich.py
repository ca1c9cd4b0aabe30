"""A rich workbook in the hands of a person and of the connector, in turns (failures 52, 66, 69).

Whatever the connector writes, every other part of the file keeps its bytes and every other cell of
the sheet its XML; Excel's strict rules hold, and openpyxl, calamine and LibreOffice read the values.
"""

import io
import random
import re
import shutil
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes import workbooks as books
from fakes.clock import FakeClock
from fakes.package_checks import decoded
from fakes.packages import Package, tag
from fakes.rich_parts import SHEET1
from lxml import etree
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from connectors.base import Connector, Record, Setup, Write
from connectors.registry import load
from mapping import ids
from mapping.cells import Cell
from mapping.values import Status
from mapping.words import COLUMNS, STATUSES

ROUNDS = 100
OPENED = 8  # so many of the states are opened by LibreOffice
FIELDS = ("description", "owner", "department", "due", "completed", "status", "deliverable", "note")
TEXTS = (
    *(
        "=1+1",
        "+86 10",
        "-",
        "@所有人",
        "a & b < c > d",
        "第一行\n第二行",
        "  前后有空格 ",
        "🚀 上线",
    ),
    *(
        "_x000D_ 字样",
        "'引号' \"双引号\"",
        "待定",
        "0012",
        "#N/A",
        "\u200b零宽",
        "长" * 400,
        "TRUE",
        "é",
    ),
)
OPEN = ("进行中", "已完成", "延期", "受阻")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime.now(UTC) + timedelta(hours=1))


def connect(path: Path, clock: FakeClock, columns: Mapping[str, str] | None = None) -> Connector:
    state = path.parent / "state"
    state.mkdir(exist_ok=True)
    wanted = columns or {f: COLUMNS["zh"][f] for f in ("id", *FIELDS)}
    setup = Setup(
        name="board",
        options={"path": path.name, "sheet": books.SHEET},
        columns=wanted,
        statuses={status.value: (STATUSES["zh"][status],) for status in Status},
        team=books.TEAM,
        folder=str(path.parent),
        state=str(state),
        clock=clock,
    )
    return load("excel")(setup)


def any_cell(dice: random.Random, field: str) -> Cell:
    if dice.random() < 0.15 and field != "description":
        return None
    if field in {"due", "completed"}:
        return date(2024, 1, 1) + timedelta(days=dice.randrange(900))
    return dice.choice(OPEN) if field == "status" else f"{dice.choice(TEXTS)}{dice.randrange(99)}"


class Worker:
    """A person who does one thing at a time in the rich workbook, and saves."""

    def __init__(self, path: Path, dice: random.Random) -> None:
        self.path, self.dice = path, dice
        self.serial = 0

    def work(self) -> None:
        steps: Sequence[Callable[[], None]] = (
            *(self.type, self.type, self.type_elsewhere, self.sort, self.copy),
            *(self.insert, self.delete, self.insert_column, self.clear, self.nothing),
        )
        self.dice.choice(steps)()

    def rows(self) -> list[int]:
        """The rows of the table's body."""
        left, _, right = self._table().partition(":")
        return list(range(row_of(left) + 1, row_of(right) + 1))

    def column(self, header: str) -> str:
        line = books.values(self.path.read_bytes(), books.SHEET)[3]
        return get_column_letter(line.index(header) + 1)

    def type(self) -> None:
        free = sorted(set(self.rows()) - self._formula_rows())
        cells: dict[str, Any] = {}
        for _ in range(self.dice.randint(1, 4)):
            field = self.dice.choice(FIELDS)
            value = any_cell(self.dice, field)
            cells[f"{self.column(COLUMNS['zh'][field])}{self.dice.choice(free)}"] = value
        books.person_edit(self.path, cells)

    def type_elsewhere(self) -> None:
        row = self.dice.choice(self.rows())
        books.person_edit(self.path, {f"{self.column('优先级')}{row}": "高", "P2": "随手记"})

    def sort(self) -> None:
        rows = self.rows()
        order = self.dice.sample(rows, len(rows))
        books.sort_rows(self.path, order, rows[0])

    def copy(self) -> None:
        rows = self.rows()
        if len(rows) < 25:
            books.copy_row(self.path, self.dice.choice(rows), rows[-1] + 1)

    def insert(self) -> None:
        if len(self.rows()) < 25:
            books.insert_row(self.path, self.dice.choice(self.rows()))

    def delete(self) -> None:
        if len(self.rows()) > 6:
            books.delete_row(self.path, self.dice.choice(self.rows()))

    def insert_column(self) -> None:
        if self.serial < 3:
            self.serial += 1
            letter = get_column_letter(self.dice.randint(2, 9))
            books.insert_column(self.path, letter, f"新列{self.serial}")

    def clear(self) -> None:
        row = self.dice.choice(self.rows())
        books.clear_ids(self.path, self.column("编号"), range(row, row + 1))

    def nothing(self) -> None:
        pass

    def _table(self) -> str:
        found = Package(self.path.read_bytes()).xml("xl/tables/table1.xml").get("ref")
        assert isinstance(found, str)
        return found

    def _formula_rows(self) -> set[int]:
        """The rows with a formula beside the calculated column: nobody types over it."""
        formulas = Package(self.path.read_bytes()).xml(SHEET1).iter(tag("f"))
        return {row_of(f.getparent().get("r")) for f in formulas if "Tracker" not in (f.text or "")}


def writes_for(dice: random.Random, records: Sequence[Record], made: int) -> list[Write]:
    """Draw writes: changes of rows, now and then an id for a row without one, or a new row."""
    batch = []
    for record in dice.sample(list(records), min(len(records), dice.randint(1, 4))):
        fields = [f for f in FIELDS if f in record.cells and f not in record.sealed]
        chosen = dice.sample(fields, dice.randint(1, min(4, len(fields))))
        own = ids.parse(record.id)
        batch.append(
            Write(
                id=own or ids.draw(books.TEAM, f"adopted {made} {record.row_id}"),
                cells={field: any_cell(dice, field) for field in chosen},
                row_id=record.row_id,
                if_version=record.version,
                set_id=own is None,
            )
        )
    if dice.random() < 0.3 and len(records) < 25:
        batch.append(
            Write(
                id=ids.draw(books.TEAM, f"new {made}"),
                cells={field: any_cell(dice, field) for field in FIELDS},
                token=f"token {made}",
            )
        )
    return batch


def as_read(cell: Cell) -> Cell:
    """Return a cell as a workbook gives it back: inner form kept, outer blanks and control signs gone."""
    return cell.strip() or None if isinstance(cell, str) else cell


@pytest.mark.parametrize("seed", [20240520])
def test_a_hundred_rounds_of_a_person_and_the_connector(
    tmp_path: Path, clock: FakeClock, seed: int
) -> None:
    dice = random.Random(seed)
    path = tmp_path / "tracker.xlsx"
    path.write_bytes(books.rich())
    worker = Worker(path, dice)
    states: dict[str, bytes] = {}
    written = 0
    for number in range(ROUNDS):
        worker.work()
        before = path.read_bytes()
        faults = books.check_package(before, load=False)
        assert faults == [], f"round {number}, by hand: {faults}"
        clock.advance(60)
        connector = connect(path, clock)
        records = connector.pull(None).records
        batch = writes_for(dice, records, number)
        outcomes = connector.apply(batch)
        after = path.read_bytes()
        faults = books.check_package(after, load=number % 10 == 0)
        assert faults == [], f"round {number}: {faults}"
        places = check_outcomes(connect(path, clock), after, batch, [o.record for o in outcomes])
        assert all(o.error is None for o in outcomes), [str(o.error) for o in outcomes]
        grew = any(write.row_id is None for write in batch)
        check_rest(Package(before), Package(after), places, grew=grew)
        written += len(places)
        if number % (ROUNDS // OPENED) == 0:
            states[f"round{number}"] = after
        clock.advance(60)
        assert path.read_bytes() == after
    assert written > ROUNDS
    if shutil.which("soffice") is None:
        pytest.skip("all held, but soffice is not installed to open the files")
    opened = books.soffice_convert(states)
    assert opened.keys() == states.keys()
    path.write_bytes(opened["round0"])  # as LibreOffice left it
    clock.advance(60)
    saved = connect(path, clock)
    (written_there,) = saved.apply(
        [
            Write(
                id=(row := saved.pull(None).records[0]).id or "",
                row_id=row.row_id,
                cells={"note": "再写"},
            )
        ]
    )
    assert written_there.record is not None
    assert written_there.record.cells["note"] == "再写"
    assert books.check_package(path.read_bytes()) == []
    for name, data in opened.items():
        theirs, ours = (column_of(d, "行动项描述") for d in (data, states[name]))
        assert theirs == ours, name


KINDS: Mapping[str, Callable[[], bytes]] = {
    "own": books.own_layout,
    "own_1904": lambda: books.own_layout(date_1904=True),
    "wps": books.wps_like,
    "plain": books.plain_table,
    "prefixed": books.prefixed,
    "shared": books.shared_formulas,
    "libreoffice": books.libreoffice_made,
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_workbook_takes_changes_and_new_rows(
    tmp_path: Path, clock: FakeClock, kind: str
) -> None:
    dice = random.Random(kind)
    columns = books.OWN_COLUMNS if kind.startswith("own") else None
    path = tmp_path / "tracker.xlsx"
    path.write_bytes(KINDS[kind]())
    for number in range(6):
        before = path.read_bytes()
        clock.advance(60)
        connector = connect(path, clock, columns)
        records = connector.pull(None).records
        assert [ids.parse(record.id) is not None for record in records] == [True] * len(records)
        batch = [w for w in writes_for(dice, records, number) if w.row_id is not None]
        outcomes = connector.apply(batch)
        assert [o.error for o in outcomes] == [None] * len(batch)
        after = path.read_bytes()
        assert books.check_package(after) == []
        places = check_outcomes(
            connect(path, clock, columns), after, batch, [o.record for o in outcomes], columns
        )
        check_rest(Package(before), Package(after), places, grew=False)
        clock.advance(60)
        new = Write(
            id=ids.draw(books.TEAM, f"new {number}"),
            cells={field: any_cell(dice, field) for field in FIELDS},
        )
        known = connect(path, clock, columns).pull(None).records
        (made,) = connect(path, clock, columns).apply([new])
        assert made.error is None
        assert books.check_package(path.read_bytes()) == []
        now = connect(path, clock, columns).pull(None).records
        assert {(r.id, tuple(r.cells.items())) for r in known} < {
            (r.id, tuple(r.cells.items())) for r in now
        }
        assert len(now) == len(known) + 1
        assert next(r for r in now if r.id == new.id).cells == {
            field: as_read(cell) for field, cell in new.cells.items()
        }
        texts = [str(cell) for row in books.values(path.read_bytes()) for cell in row]
        assert kind[:3] != "own" or {"合计", "注：逾期事项由责任部门书面说明"} <= set(texts)


def test_the_workbook_that_is_made_takes_its_first_rows(tmp_path: Path, clock: FakeClock) -> None:
    dice = random.Random(1)
    path = tmp_path / "tracker.xlsx"
    assert connect(path, clock, COLUMNS["zh"]).prepare()
    assert connect(path, clock, COLUMNS["zh"]).prepare() == []
    assert connect(path, clock, COLUMNS["zh"]).pull(None).records == ()
    expected: list[Cell] = []
    for number in (1, 2, 4):  # one row, then two at once, then more
        clock.advance(60)
        before = path.read_bytes()
        batch = [
            Write(
                id=ids.draw(books.TEAM, f"{number} {n}"),
                cells={field: any_cell(dice, field) for field in FIELDS},
            )
            for n in range(number)
        ]
        connector = connect(path, clock, COLUMNS["zh"])
        outcomes = connector.apply(batch)
        assert [o.error for o in outcomes] == [None] * number
        expected += [as_read(write.cells["description"]) for write in batch]
        after = path.read_bytes()
        assert books.check_package(after) == []
        records = connect(path, clock, COLUMNS["zh"]).pull(None).records
        assert [record.cells["description"] for record in records] == expected
        assert [record.row_id for record in records] == [str(n + 2) for n in range(len(expected))]
        table = Package(after).xml("xl/tables/table1.xml")
        assert table.get("ref") == f"A1:L{len(expected) + 1}"
        assert frame_of(Package(before)) == frame_of(Package(after))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            page = load_workbook(io.BytesIO(after))[books.SHEET]
        for row in range(2, len(expected) + 2):
            looks = [(page.cell(row, 1).number_format, page.cell(row, 5).number_format)]
            assert looks == [("@", "yyyy-mm-dd")]
            assert page.cell(row, 2).alignment.wrap_text


def test_another_table_below_is_left_alone(tmp_path: Path, clock: FakeClock) -> None:
    others = ["姓名", "电话", "邮箱", "城市", "组", "座位", "分机", "生日", "备注2"]
    contact = ["孙悦", "555-0100", "sunyue@example.com", "上海", "甲", "3-12", "41", "五月", "无"]

    def write(book: Any) -> None:
        page = book.add_worksheet(books.SHEET)
        for top, headers, rows in (
            (0, books.HEADERS, [[str(cell or "") for cell in row] for row in books.sample_rows(3)]),
            (6, others, [contact, contact[::-1]]),
        ):
            columns = [{"header": header} for header in headers]
            page.add_table(top, 0, top + len(rows), 8, {"columns": columns, "data": rows})

    path = tmp_path / "tracker.xlsx"
    path.write_bytes(books.made(write))
    connector = connect(path, clock)
    assert len(connector.pull(None).records) == 3
    batch = [
        Write(id=ids.draw(books.TEAM, str(n)), cells={"description": f"事项 {n}", "owner": "王敏"})
        for n in range(100, 105)
    ]
    assert [outcome.error for outcome in connector.apply(batch)] == [None] * 5
    assert books.check_package(path.read_bytes()) == []
    grid = books.values(path.read_bytes())
    assert others in grid
    assert contact in grid
    assert len(connect(path, clock).pull(None).records) == 8


def test_a_row_that_is_taken_out_is_gone_though_a_formula_stays(
    tmp_path: Path, clock: FakeClock
) -> None:
    path = tmp_path / "tracker.xlsx"
    path.write_bytes(books.rich())
    connector = connect(path, clock)
    row = next(r for r in connector.pull(None).records if r.sealed)
    connector.apply(
        [Write(id="", cells={}, row_id=row.row_id, if_version=row.version, remove=True)]
    )
    rest = connect(path, clock).pull(None).records
    assert row.row_id not in [record.row_id for record in rest]
    assert len(rest) == 11


def column_of(data: bytes, header: str) -> list[str]:
    grid = books.values(data, books.SHEET)
    place = grid[3].index(header)
    return [line[place] for line in grid[4:] if line[place] != ""]


def check_outcomes(
    fresh: Connector,
    data: bytes,
    batch: Sequence[Write],
    returned: Sequence[Record | None],
    columns: Mapping[str, str] | None = None,
) -> set[str]:
    """See that each row reads as it was written, here and elsewhere; return the cells written."""
    pulled = {record.row_id: record for record in fresh.pull(None).records}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        page = load_workbook(io.BytesIO(data))[books.SHEET]
    names = columns or COLUMNS["zh"]
    top = next(row for row in page.iter_rows() if names["description"] in [c.value for c in row])
    headers = {str(cell.value): place for place, cell in enumerate(top, 1)}
    places = set()
    for write, record in zip(batch, returned, strict=True):
        assert record is not None
        again = pulled[record.row_id]
        assert (again.id, again.cells, again.version) == (record.id, record.cells, record.version)
        assert record.id == write.id
        for field, cell in write.cells.items():
            assert record.cells[field] == as_read(cell), (field, cell)
            seen: Any = page.cell(int(record.row_id), headers[names[field]])
            value = seen.value.date() if isinstance(seen.value, datetime) else seen.value
            value = decoded(value) if isinstance(value, str) else value
            shown = cell is not None or seen.hyperlink is None  # else openpyxl shows the address
            assert not shown or as_read(value) == as_read(cell), (seen.coordinate, cell)
            assert seen.data_type != "f"
            places.add(seen.coordinate)
        if write.row_id is None and "用时" in headers:  # a calculated column goes on
            assert page.cell(int(record.row_id), headers["用时"]).data_type == "f"
        if write.set_id or write.row_id is None:
            places.add(f"{get_column_letter(headers[names['id']])}{record.row_id}")
    return places


def check_rest(before: Package, after: Package, places: set[str], *, grew: bool) -> None:
    """See that nothing changed but the cells written and what Excel needs beside them."""
    chain = "xl/calcChain.xml"
    had = chain in before.names()
    assert [n for n in before.names() if n != chain] == [n for n in after.names() if n != chain]
    changed = {n for n in after.names() if before.raw(n) != after.raw(n)}
    allowed = {SHEET1, "xl/workbook.xml"}
    if had and chain not in after.names():
        allowed |= {"[Content_Types].xml", "xl/_rels/workbook.xml.rels"}
    if grew:
        allowed |= {"xl/tables/table1.xml"}
    assert changed <= allowed, changed - allowed
    calc = re.compile(r"<(?:x:)?calcPr[^>]*/?>(?:</calcPr>)?")
    texts = [calc.sub("", package.text("xl/workbook.xml")) for package in (before, after)]
    assert texts[0] == texts[1]
    refs = re.compile(r' ref="[^"]*"')
    for table in [name for name in after.names() if name.startswith("xl/tables/")]:
        texts = [refs.sub("", package.text(table)) for package in (before, after)]
        assert texts[0] == texts[1]
        area = after.xml(table).get("ref")
        assert all(row_of(ref) <= row_of(area.partition(":")[2]) for ref in places)
    new_rows = row_numbers(after) - row_numbers(before)
    old, new = cells_of(before), cells_of(after)
    for ref in old.keys() | new.keys():
        if ref not in places and not (grew and (row_of(ref) in new_rows or ref not in old)):
            assert old.get(ref) == new.get(ref), ref
    assert frame_of(before) == frame_of(after)
    reckons = b"<f" in before.raw(SHEET1)  # its formulas look at what was changed
    if reckons and any(old.get(ref) != new.get(ref) for ref in places):
        assert 'fullCalcOnLoad="1"' in calc.findall(after.text("xl/workbook.xml"))[0]


def row_of(ref: str) -> int:
    return int(re.sub(r"\D", "", ref))


def row_numbers(package: Package) -> set[int]:
    return {int(row.get("r")) for row in package.xml(SHEET1).iter(tag("row"))}


def cells_of(package: Package) -> dict[str, bytes]:
    root = package.xml(SHEET1)
    return {cell.get("r"): etree.tostring(cell, method="c14n") for cell in root.iter(tag("c"))}


def frame_of(package: Package) -> str:
    """The sheet's XML without its rows and its dimension: kept to the byte."""
    text = re.sub(r"<(x:)?sheetData>.*</(x:)?sheetData>", "", package.text(SHEET1), flags=re.DOTALL)
    return re.sub(r"<(x:)?dimension[^>]*>", "", text)
