"""What a table's column takes of a cell, and what tells a row's versions apart. Pure.

For tables whose columns have options and accounts, and that tell no version of a row.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol, TypeVar

from connectors import columns
from connectors.errors import ConnectorError, PermanentError, at
from mapping.cells import Cell, Cells, User, is_empty, show
from mapping.cells import to_json as cell_to_json
from mapping.said import Said

T = TypeVar("T")

_ENCODER = json.JSONEncoder(separators=(",", ":"))

OPTION_HINT = Said(
    "请在该工具中添加该选项，或运行 check --prepare",
    "add the option in the tool, or run check --prepare",
)
VALUE_HINT = Said("请改正内容，或修改列的类型", "correct the value, or the column's type")


class ShapeError(ValueError):
    """A payload is not of the type that its column had when the columns were read."""


class UnfitError(ValueError):
    """A cell that the column cannot take.

    Args:
        said: why.
    """

    def __init__(self, said: Said) -> None:
        super().__init__(str(said))
        self.said = said


def moved(row: str | None) -> Said:
    """Say that a row is not as it was read."""
    return Said(f"行 {row} 读取后有人改过", f"row {row} was changed since it was read")


def not_sent(error: ConnectorError) -> Said:
    """Say that a write was not sent, for another one before it failed."""
    return Said(f"未发送：{error.said.zh}", f"not sent: {error.said}")


def other_type(where: str) -> Said:
    """Say that a column changed its type twice while it was read."""
    return at(where, "有一列的类型正在变化", "a column changes its type while it is read")


class Column(columns.Column, Protocol):
    """A column that may have options."""

    @property
    def options(self) -> tuple[str, ...] | None:
        """What may stand there; None where anything may."""
        ...

    @property
    def multiple(self) -> bool:
        """Whether a cell takes several people."""
        ...


def no_such(value: Cell) -> UnfitError:
    """Return the error for a cell of a kind that the column does not hold."""
    return UnfitError(Said(f"不能填“{show(value)}”", f"takes no {show(value)!r}"))


def too_long(limit: int) -> UnfitError:
    """Return the error for a text longer than a column takes."""
    return UnfitError(Said(f"最多 {limit} 个字符", f"takes at most {limit} characters"))


def every(value: Cell, wanted: type[T]) -> list[T]:
    """Return the values of a cell that holds several.

    Raises:
        UnfitError: one is of another kind.
    """
    listed = value if isinstance(value, tuple) else ()
    found: list[T] = [v for v in listed if isinstance(v, wanted)]
    if not isinstance(value, tuple) or len(found) < len(listed):
        raise no_such(value)
    return found


def sort_out(
    cells: Cells, columns: Mapping[str, Column], payload: Callable[[str, Cell], object]
) -> tuple[dict[str, Cell], tuple[PermanentError, ...]]:
    """Tell the cells that their columns take from the others, before the service is asked.

    Args:
        cells: what is to be written.
        columns: ours -> the column, of those fields that are carried.
        payload: makes what would be sent of a field's cell; raises UnfitError.

    Returns:
        The cells that fit, and why each of the others does not.
    """
    fitting: dict[str, Cell] = {}
    errors: list[PermanentError] = []
    for name, cell in cells.items():
        column = columns.get(name) if name != "id" else None
        if column is None:
            said = Said(f"{name} 不在这张表中", f"{name} is not kept in this table")
            errors.append(PermanentError(said, field=name))
        elif why := _why(cell, column, partial(payload, name, cell)):
            said = Said(f"“{column.name}”列{why.zh}", f"{column.name!r} {why}")
            errors.append(PermanentError(said, field=name))
        else:
            fitting[name] = cell
    return fitting, tuple(errors)


def _why(cell: Cell, column: Column, payload: Callable[[], object]) -> Said | None:
    if not column.writable:
        return Said("只能读取", "can only be read")
    try:
        payload()
    except UnfitError as error:
        return error.said
    if is_empty(cell):
        return None
    values = cell if isinstance(cell, tuple) else (cell,)
    unknown = [v for v in values if isinstance(v, str) and v not in (column.options or ())]
    if column.options is not None and unknown:  # a service may make options of typing errors
        return Said(f"没有选项 {'、'.join(unknown)}", f"has no option {', '.join(unknown)}")
    if sum(isinstance(v, User) for v in values) > 1 and not column.multiple:
        return Said("只能填一个人", "takes one person only")
    return None


def version(id_: str | None, cells: Mapping[str, Cell]) -> str:
    """Return what changes when a carried cell of a row does."""
    shown = [id_, {name: _identity(c) for name, c in sorted(cells.items())}]
    whole = _ENCODER.encode(shown)
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def _identity(value: Cell) -> Any:
    """Return a cell without what is only shown: a person's name may change elsewhere."""
    if isinstance(value, tuple):
        return [v.key if isinstance(v, User) else v for v in value]
    return cell_to_json(value)
