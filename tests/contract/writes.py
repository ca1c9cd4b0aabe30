"""Writes as the engine sends them, for the tests of a connector."""

from datetime import date

from connectors.base import Record, Write
from mapping import ids
from mapping.cells import Cell

DAY = date(2024, 5, 27)


def item_id(n: int) -> str:
    return ids.draw("产品部", f"item {n}")


def new(n: int, **cells: Cell) -> Write:
    """Return the creation of an item; the same number is the same item."""
    told: dict[str, Cell] = {"description": f"任务 {n}", "status": "进行中", "due": DAY}
    return Write(id=item_id(n), cells={**told, **cells}, token=f"token-{n}")


def change(record: Record, **cells: Cell) -> Write:
    """Return a change of a row as it was read."""
    return Write(
        id=record.id or "",
        cells=cells,
        row_id=record.row_id,
        if_version=record.version,
        token=f"change {record.version} {sorted(cells)}",
    )
