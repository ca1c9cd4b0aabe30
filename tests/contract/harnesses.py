"""What the contract suite needs of each connector: a table, people in it, and ways to break it."""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

import xlsxwriter
from fakes import desk, packages
from fakes.clock import FakeClock
from fakes.faulty import Faulty
from fakes.faulty import Person as Hand
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import from_excel

from connectors.base import Connector, Setup
from connectors.errors import BusyError, ConnectorError, SchemaError
from connectors.memory import Column, Memory, Table, table_for
from connectors.registry import load
from mapping.cells import Cell, show
from mapping.values import Department, Person, Status
from mapping.words import COLUMNS, STATUSES

SHEET = "跟踪表"
COLUMN_NAMES = COLUMNS["zh"]
SHEET = "跟踪表"
FOREIGN = "优先级"  # a column that is none of ours
SECRET = "s3cret-hunter2"
PEOPLE = (
    Person(name="张三", aliases=("zhangsan",), department="技术部", email="zhangsan@example.com"),
    Person(name="李四", department="客服部", email="lisi@example.com"),
)
DEPARTMENTS = tuple(Department(name=name) for name in ("技术部", "客服部", "市场部"))


CALLS = ("describe", "pull", "find", "apply")


@dataclass(frozen=True)
class Trouble:
    """Something that goes wrong, the error that must come of it, and the calls that notice."""

    error: type[ConnectorError]
    made: AbstractContextManager[None]
    calls: tuple[str, ...] = CALLS


class Harness(Protocol):
    """One table, fresh for each test. Rows are named by our id, columns by our field."""

    clock: FakeClock

    def connector(self) -> Connector:
        """Build a new instance on the same table."""
        ...

    def add(self, **cells: Cell) -> None:
        """Add a row by hand; ``id`` may be among the cells."""
        ...

    def edit(self, item_id: str, **cells: Cell) -> None:
        """Change cells of a row by hand."""
        ...

    def copy(self, item_id: str) -> None:
        """Copy a row, id and all, below the others."""
        ...

    def delete(self, item_id: str) -> None:
        """Delete a row by hand."""
        ...

    def foreign(self, item_id: str) -> object:
        """Read the row's cell in a column that is none of ours."""
        ...

    def set_foreign(self, item_id: str, text: str) -> None:
        """Write into the row's cell in a column that is none of ours."""
        ...

    def rename(self, name: str) -> None:
        """Rename the column of one of our fields."""
        ...

    def settle(self) -> None:
        """Let pass what must pass until everybody sees the last change."""
        ...

    def fingerprint(self) -> object:
        """Return a value that changes with every write."""
        ...

    def provoke(self) -> Mapping[str, "Trouble"]:
        """List the troubles that can be made here, by name."""
        ...


def setup_for(options: Mapping[str, object], clock: FakeClock, folder: Path) -> Setup:
    """Return the setup of a team with two people, three departments and all columns."""
    return Setup(
        name="board",
        options={**options, "token": SECRET},
        columns=COLUMN_NAMES,
        statuses={status.value: (STATUSES["zh"][status],) for status in Status},
        people=PEOPLE,
        departments=DEPARTMENTS,
        team="产品部",
        folder=str(folder),
        state=str(folder / "state"),
        clock=clock,
    )


class MemoryHarness:
    """A table in memory, with the abilities of several tools."""

    def __init__(self, folder: Path, *, wrapped: bool = False, **abilities: Any) -> None:
        self.clock = FakeClock()
        self.wrapped = wrapped
        self.table: Table = table_for(setup_for({}, self.clock, folder))
        self.table.columns[FOREIGN] = Column()
        for name, value in abilities.items():
            setattr(self.table, name, value)
        self.setup = setup_for({"table": self.table}, self.clock, folder)
        self.hand = Hand(self.table, {**COLUMN_NAMES, "foreign": FOREIGN}, self.clock)

    def connector(self) -> Connector:
        memory = Memory(self.setup)
        return Faulty(memory, self.clock) if self.wrapped else memory

    def add(self, **cells: Cell) -> None:
        self.hand.add(**cells)

    def edit(self, item_id: str, **cells: Cell) -> None:
        self.hand.edit(self._row(item_id), **cells)

    def copy(self, item_id: str) -> None:
        self.hand.copy(self._row(item_id))

    def delete(self, item_id: str) -> None:
        self.hand.delete(self._row(item_id))

    def foreign(self, item_id: str) -> object:
        return self.hand.read(self._row(item_id), "foreign")

    def set_foreign(self, item_id: str, text: str) -> None:
        self.hand.edit(self._row(item_id), foreign=text)

    def rename(self, name: str) -> None:
        label = COLUMN_NAMES[name]
        self.table.columns[label + " (旧)"] = self.table.columns.pop(label)

    def settle(self) -> None:
        self.clock.advance(self.table.search_lag_s + 1)

    def fingerprint(self) -> object:
        return sum(len(states) for states in self.table.history.values())

    def provoke(self) -> Mapping[str, Trouble]:
        return {"column renamed": Trouble(SchemaError, self._renamed())}

    @contextmanager
    def _renamed(self) -> Iterator[None]:
        self.rename("due")
        yield
        label = COLUMN_NAMES["due"]
        self.table.columns[label] = self.table.columns.pop(label + " (旧)")

    def _row(self, item_id: str) -> str:
        return self.hand.rows(item_id)[0]


class Sheet:
    """Somebody who works in a workbook; rows by number, columns by our field.

    Args:
        path: of the workbook.
        columns: our field, and ``id``, -> the column's header.
    """

    def __init__(self, path: Path, columns: Mapping[str, str]) -> None:
        self.path = path
        self.columns = columns

    def rows(self, item_id: str | None = None) -> list[int]:
        """List the rows in which something stands, or those that carry an id."""
        grid, top, places = self._grid()
        numbers = [n for n in range(top + 1, len(grid) + 1) if any(c != "" for c in grid[n - 1])]
        return [n for n in numbers if item_id is None or grid[n - 1][places["id"]] == item_id]

    def table(self) -> list[dict[str, object]]:
        """Return all rows as they are seen, empty cells as None."""
        grid, _, places = self._grid()
        return [
            {name: _plain(name, grid[n - 1][place]) for name, place in places.items()}
            for n in self.rows()
        ]

    def read(self, row: int, name: str) -> object:
        grid, _, places = self._grid()
        return _plain(name, grid[row - 1][places[name]])

    def edit(self, row: int, **cells: Cell) -> None:
        _, _, places = self._grid()
        typed = {
            f"{get_column_letter(places[name] + 1)}{row}": _typed(cell)
            for name, cell in cells.items()
        }
        desk.person_edit(self.path, typed)

    def add(self, **cells: Cell) -> int:
        """Fill the next empty row; a table grows along."""
        _, top, places = self._grid()
        last = max(self.rows(), default=top)
        if last > top:
            desk.copy_row(self.path, last, last + 1)
        self.edit(last + 1, **{**dict.fromkeys(places), **cells})
        return last + 1

    def copy(self, row: int) -> int:
        target = max(self.rows()) + 1
        desk.copy_row(self.path, row, target)
        return target

    def delete(self, row: int) -> None:
        desk.delete_row(self.path, row)

    def clear_id(self, row: int) -> None:
        self.edit(row, id=None)

    def mistype_id(self, row: int) -> None:
        text = str(self.read(row, "id"))
        self.edit(row, id=text[:-1] + ("7" if text[-1] != "7" else "8"))

    def sort(self, name: str, *, reverse: bool = False) -> None:
        rows = self.rows()
        order = sorted(rows, key=lambda row: str(self.read(row, name)), reverse=reverse)
        if rows:
            desk.sort_rows(self.path, order, rows[0])

    def rename(self, name: str, header: str) -> None:
        _, top, places = self._grid()
        desk.person_edit(self.path, {f"{get_column_letter(places[name] + 1)}{top}": header})

    def _grid(self) -> tuple[list[list[Any]], int, dict[str, int]]:
        """Return the sheet, the number of its header row, and the place of each column."""
        grid = packages.values(self.path.read_bytes())
        for number, line in enumerate(grid, 1):
            if self.columns["description"] in line:
                places = {n: line.index(head) for n, head in self.columns.items() if head in line}
                return grid, number, places
        raise AssertionError("the sheet has no header")


def _plain(name: str, value: Any) -> object:
    if name in ("due", "completed") and isinstance(value, float):
        return from_excel(value).date()  # typed where no format was, which a program would set
    return None if value == "" else value


def _typed(cell: Cell) -> str | date | None:
    return show(cell) if isinstance(cell, tuple) else cell


class ExcelHarness:
    """A real workbook in a folder, as ``check --prepare`` makes it or as a team has it."""

    def __init__(self, folder: Path, *, own: bool) -> None:
        self.clock = FakeClock(datetime.now(UTC))
        self.path = folder / "跟踪表.xlsx"
        (folder / "state").mkdir()
        columns = {**COLUMN_NAMES, "foreign": FOREIGN}
        if own:
            self.path.write_bytes(_own_workbook())
        self.setup = setup_for({"path": self.path.name, "sheet": SHEET}, self.clock, folder)
        if not own:
            load("excel")(self.setup).prepare()
            desk.insert_column(self.path, "C", FOREIGN)
        self.hand = Sheet(self.path, columns)
        self.settle()

    def connector(self) -> Connector:
        return load("excel")(self.setup)

    def add(self, **cells: Cell) -> None:
        self.hand.add(**cells)

    def edit(self, item_id: str, **cells: Cell) -> None:
        self.hand.edit(self._row(item_id), **cells)

    def copy(self, item_id: str) -> None:
        self.hand.copy(self._row(item_id))

    def delete(self, item_id: str) -> None:
        self.hand.delete(self._row(item_id))

    def foreign(self, item_id: str) -> object:
        return self.hand.read(self._row(item_id), "foreign")

    def set_foreign(self, item_id: str, text: str) -> None:
        self.hand.edit(self._row(item_id), foreign=text)

    def rename(self, name: str) -> None:
        self.hand.rename(name, "别的列")

    def settle(self) -> None:
        self.clock.advance(60)

    def fingerprint(self) -> object:
        return (
            self.path.read_bytes(),
            self.path.stat().st_mtime_ns,
            sorted(self.path.parent.iterdir()),
        )

    def provoke(self) -> Mapping[str, Trouble]:
        return {
            "half written": Trouble(BusyError, self._bytes(self.path.read_bytes()[:2000])),
            "empty file": Trouble(BusyError, self._bytes(b"")),
            "open in Excel": Trouble(BusyError, self._beside("~$跟踪表.xlsx"), ("apply",)),
            "open in LibreOffice": Trouble(
                BusyError, self._beside(".~lock.跟踪表.xlsx#"), ("apply",)
            ),
            "no workbook at all": Trouble(SchemaError, self._bytes(b"not a workbook" * 100)),
            "file gone": Trouble(SchemaError, self._gone()),
            "column renamed": Trouble(SchemaError, self._renamed()),
        }

    @contextmanager
    def _bytes(self, data: bytes) -> Iterator[None]:
        whole = self.path.read_bytes()
        desk.save(self.path, data)
        yield
        desk.save(self.path, whole)

    @contextmanager
    def _beside(self, name: str) -> Iterator[None]:
        lock = self.path.with_name(name)
        lock.write_bytes(b"\x06lisi  ".ljust(165, b"\0"))
        yield
        lock.unlink()

    @contextmanager
    def _gone(self) -> Iterator[None]:
        whole = self.path.read_bytes()
        self.path.unlink()
        yield
        desk.save(self.path, whole)

    @contextmanager
    def _renamed(self) -> Iterator[None]:
        whole = self.path.read_bytes()
        self.rename("due")
        yield
        desk.save(self.path, whole)

    def _row(self, item_id: str) -> int:
        return self.hand.rows(item_id)[0]


def _own_workbook() -> bytes:
    """Make a sheet without a table: two title rows, the columns in an order of its own."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        page = book.add_worksheet(SHEET)
        page.merge_range("A1:M1", "2024年重点工作")
        page.write("A2", "填报单位：产品部")
        names = [name for name in COLUMN_NAMES if name != "id"]
        heads = [COLUMN_NAMES[name] for name in reversed(names)]
        heads = [*heads[:3], FOREIGN, *heads[3:], COLUMN_NAMES["id"]]
        page.write_row(2, 0, heads)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name in ("due", "completed"):
            place = heads.index(COLUMN_NAMES[name])
            page.set_column(place, place, 12, day)
    return target.getvalue()


def _memory(**abilities: Any) -> Callable[[Path], Harness]:
    return lambda folder: MemoryHarness(folder, **abilities)


def _excel(*, own: bool) -> Callable[[Path], Harness]:
    return lambda folder: ExcelHarness(folder, own=own)


def _feishu(**abilities: Any) -> Callable[[Path], Harness]:
    def make(folder: Path) -> Harness:
        from contract.feishu_harness import FeishuHarness  # noqa: PLC0415  # it needs this module

        return FeishuHarness(folder, **abilities)

    return make


def _notion(**abilities: Any) -> Callable[[Path], Harness]:
    def make(folder: Path) -> Harness:
        from contract.notion_harness import NotionHarness  # noqa: PLC0415  # it needs this module

        return NotionHarness(folder, **abilities)

    return make


def _airtable(**abilities: Any) -> Callable[[Path], Harness]:
    def make(folder: Path) -> Harness:
        from contract.airtable_harness import AirtableHarness  # noqa: PLC0415  # it needs this module

        return AirtableHarness(folder, **abilities)

    return make


def _jira(**abilities: Any) -> Callable[[Path], Harness]:
    def make(folder: Path) -> Harness:
        from contract.jira_harness import JiraHarness  # noqa: PLC0415  # it needs this module

        return JiraHarness(folder, **abilities)

    return make


_REVIEWED = (("已完成", "done"), ("延期", "indeterminate"), ("受阻", "indeterminate"))
_BACK = tuple((name, "进行中") for name, _ in _REVIEWED)
HARNESSES: Mapping[str, Mapping[str, Callable[[Path], Harness]]] = {
    "airtable": {
        "base": _airtable(),
        "by name, texts": _airtable(table="行动项", texts=True),
        "lagging": _airtable(lag_s=3.0),
    },
    "excel": {
        "made": _excel(own=False),
        "own": _excel(own=True),
    },
    "feishu": {
        "base": _feishu(),
        "wiki, texts": _feishu(wiki=True, texts=True, changes=False),
        "lagging": _feishu(lag_s=3.0, style=400, time_zone="Asia/Beijing"),
    },
    "jira": {
        "cloud": _jira(lag_s=5.0, page=50),
        "data center": _jira(
            cloud=False,
            kinds={"due": "textfield", "note": "textfield"},
            statuses=(("进行中", "new"), ("评审", "indeterminate"), *_REVIEWED),
            ways=(("进行中", "评审"), *((("评审", name)) for name, _ in _REVIEWED), *_BACK),
            page=30,
        ),
    },
    "memory": {
        "plain": _memory(page=20, max_batch=30),
        "modern": _memory(reports_deletes=True, idempotent_create=True, max_batch=1),
        "lagging": _memory(search_lag_s=90.0, grain_s=60.0, checks_version=False),
        "mute": _memory(mute=True),
        "wrapped": _memory(wrapped=True),
    },
    "notion": {
        "select": _notion(by_database=True),
        "status, lagging": _notion(types={"status": "status", "owner": "rich_text"}, lag_s=5.0),
    },
}
