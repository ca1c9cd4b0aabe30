"""A real workbook on a person's desk, for the contract suite and the simulation."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from contract.shared import COLUMN_NAMES, FOREIGN, ByHand, Trouble, setup_for
from fakes import desk, packages
from fakes.clock import FakeClock
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import from_excel

from connectors.base import Connector
from connectors.errors import BusyError, SchemaError
from connectors.registry import load
from mapping.cells import Cell, show

SHEET = "跟踪表"


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


class ExcelHarness(ByHand):
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
