"""Writes turned into edits of a sheet. Pure: nothing is looked up, nothing is sent.

A row is found again by its id, wherever it has moved; without one by its place, if the same stands
there that the writer saw; then by what it held, if only one row holds just that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from connectors.base import Record, Write
from connectors.errors import ConflictError, ConnectorError, PermanentError
from connectors.excel import wire
from connectors.excel.grow import Room
from connectors.excel.sheet import Sheet
from mapping.said import Said


@dataclass(slots=True)
class Target:
    """Where a write goes, and what it met; ``row`` is None where nothing is to be read back."""

    row: int | None = None
    error: ConnectorError | None = None


@dataclass(slots=True)
class Draft:
    """All that a batch changes.

    Attributes:
        targets: one for each write, in their order.
        cells: place -> new value, only where it differs from what is there.
        new: rows that are made, ascending.
    """

    targets: list[Target] = field(default_factory=list)
    cells: dict[tuple[int, int], str | date | None] = field(default_factory=dict)
    new: list[int] = field(default_factory=list)


def locate(sheet: Sheet, write: Write) -> Record:
    """Find the row that a write means.

    Raises:
        ConflictError: it is gone, or is no longer what the writer saw.
    """
    version = write.if_version
    same = sheet.by_id.get(write.id, ()) if write.id else ()
    if len(same) == 1 and not write.set_id:
        if version is None or same[0].version == version:
            return same[0]
        raise ConflictError(
            Said(
                f"{same[0].label} 读取之后又有改动",
                f"{same[0].label} has changed since it was read",
            )
        )
    at = sheet.by_row.get(write.row_id or "")
    if at is not None:
        if version is not None and at.version == version:
            return at
        if version is None and (at in same or (write.set_id and at.id is None)):
            return at
    like = sheet.by_version.get(version, ()) if version is not None else ()
    if len(like) == 1:
        return like[0]
    where, name = Said(f"第 {write.row_id} 行", f"row {write.row_id}"), sheet.book.name
    if at is not None:
        where = Said(at.label, at.label)
    raise ConflictError(
        Said(
            f"{name} 的 {where.zh} 已不是读取时的那一行",
            f"{where} of {name} is no longer the row that was read",
        )
    )


def change(sheet: Sheet, draft: Draft, room: Room, write: Write) -> Target:
    """Add to a draft what a write changes in a row that is there."""
    try:
        record = locate(sheet, write)
    except ConflictError as error:
        return Target(error=error)
    row = room.moved(int(record.row_id))
    target = Target(row)
    columns = sheet.header.columns
    if write.remove:
        _clear(sheet, draft, record, row)
        return Target()
    refused: list[tuple[str, Said]] = []
    for name, cell in write.cells.items():
        if name not in columns:
            refused.append((name, Said(f"没有 {name} 列", f"there is no column for {name}")))
            continue
        value = wire.to_write(cell)
        if name in record.cells and record.cells[name] == value:
            continue
        if name in record.sealed:
            text = sheet.header.texts[columns[name]]
            why = Said(
                f"“{text}”列在这一行是公式或合并单元格",
                f"column {text!r} holds a formula or is merged in this row",
            )
            refused.append((name, why))
            continue
        draft.cells[row, columns[name]] = value
    if write.set_id and record.id != write.id:
        if (int(record.row_id), columns["id"]) in sheet.facts.formulas:
            why = Said("编号列里是公式", "a formula stands in the column of the ids")
            refused.append(("id", why))
        else:
            draft.cells[row, columns["id"]] = write.id
    if refused:
        target.error = PermanentError(
            Said(
                f"{record.label}：{'；'.join(why.zh for _, why in refused)}",
                f"{record.label}: {'; '.join(why.en for _, why in refused)}",
            ),
            field=refused[0][0],
            hint=Said(
                "请把公式换成值，或改动它引用的内容",
                "replace the formula by a value, or edit what it is calculated from",
            ),
        )
    return target


def _clear(sheet: Sheet, draft: Draft, record: Record, row: int) -> None:
    """Empty our cells of a row; its line stays, so that nothing else on the sheet moves."""
    for name, col in sheet.header.columns.items():
        if name in record.sealed or (int(record.row_id), col) in sheet.facts.formulas:
            continue
        if name == "id" or name not in record.cells or record.cells[name] is not None:
            draft.cells[row, col] = None


def fill(sheet: Sheet, draft: Draft, room: Room, row: int, write: Write) -> Target:
    """Add to a draft a new row."""
    draft.new.append(row)
    columns = sheet.header.columns
    draft.cells[row, columns["id"]] = write.id
    there = room.shift is None or row < room.shift.at  # else the line that was there moves down
    refused = []
    for name, cell in write.cells.items():
        value = wire.to_write(cell)
        if value is None:
            continue
        if name not in columns or (there and (row, columns[name]) in sheet.facts.formulas):
            refused.append(name)
        else:
            draft.cells[row, columns[name]] = value
    if not refused:
        return Target(row)
    return Target(
        row,
        PermanentError(
            Said(
                f"{sheet.part.name}!{row}：{'、'.join(refused)} 无法写入",
                f"{sheet.part.name}!{row}: {', '.join(refused)} cannot be written there",
            ),
            field=refused[0],
            hint=Said(
                "请把公式换成值，或加上这一列", "replace the formula by a value, or add the column"
            ),
        ),
    )


def _no_room(sheet: Sheet, room: Room) -> Target:
    part, name, why = sheet.part.name, sheet.book.name, room.why or Said("", "")
    return Target(
        error=PermanentError(
            Said(
                f"{name} 的工作表“{part}”没有地方加新行：{why.zh}",
                f"{part!r} of {name} has no room for a new row: {why}",
            ),
            hint=Said(
                "请在合计或备注上方插入几个空行",
                "insert some blank rows above the totals or remarks",
            ),
        )
    )


def is_create(sheet: Sheet, write: Write) -> bool:
    """Say whether a write makes a row: it names none, and no row has its id yet."""
    return write.row_id is None and not sheet.by_id.get(write.id)


def make(sheet: Sheet, batch: Sequence[Write], room: Room) -> Draft:
    """Turn a batch into a draft; rows that are made go to the places of ``room``, in order."""
    draft = Draft()
    free = iter(room.places)
    made: dict[str, Target] = {}
    for write in batch:
        if not write.remove and is_create(sheet, write):
            target = made.get(write.id)
            if target is None:
                row = next(free, None)
                target = fill(sheet, draft, room, row, write) if row else _no_room(sheet, room)
                made[write.id] = target
        elif write.row_id is None and not write.remove:
            target = Target(room.moved(int(sheet.by_id[write.id][0].row_id)))
        else:
            target = change(sheet, draft, room, write)
        draft.targets.append(target)
    return draft


def creates(sheet: Sheet, batch: Sequence[Write]) -> int:
    """Return how many rows a batch makes."""
    return len({w.id for w in batch if not w.remove and is_create(sheet, w)})
