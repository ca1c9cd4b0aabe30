"""The columns of a table, and which of them is which of our fields. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors import columns as shared
from connectors.base import Setup
from connectors.feishu.wire import KINDS, TEXT_LIMIT, WRITABLE, Type
from mapping.cells import Field, Kind, User
from mapping.said import Said

_WORDS = {
    Kind.TEXT: Said("文本", "Text"),
    Kind.OPTION: Said("单选", "Single option"),
    Kind.OPTIONS: Said("多选", "Multiple options"),
    Kind.DATE: Said("日期", "Date"),
    Kind.USERS: Said("人员", "Person"),
}
_UNSEEN = Said("应用无权查看的列也会显示为缺少", "a column that the app may not see is missing too")
_UNUSABLE = frozenset({Type.CHECKBOX, 3001})  # a tick, a button: no words stand there


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the table ("Field data structure", read 2026-05).

    Attributes:
        raw: as the service lists it; a change has to send all of it back.
    """

    id: str
    name: str
    type: int
    options: tuple[str, ...] | None = None
    multiple: bool = False
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def key(self) -> str:
        """What tells it from the others, whatever its name is."""
        return self.id

    @property
    def kind(self) -> Kind:
        """How it holds a value."""
        return KINDS.get(self.type, Kind.TEXT)

    @property
    def writable(self) -> bool:
        """Whether a cell of it can be written."""
        return self.type in WRITABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """Our fields and their columns.

    Attributes:
        by_field: ours, and ``id``, -> its column.
        modified: the column that tells when a row was changed last, if there is one.
        notes: what is not carried or has another name, one sentence each.
    """

    by_field: Mapping[str, Column]
    modified: Column | None = None
    notes: tuple[Said, ...] = ()

    @property
    def names(self) -> list[str]:
        """The names of all columns that are read."""
        found = [c.name for c in self.by_field.values()]
        return [*found, self.modified.name] if self.modified else found

    @property
    def ids(self) -> dict[str, str]:
        """Ours -> the column's id."""
        return {name: column.id for name, column in self.by_field.items()}


def column(raw: Mapping[str, Any]) -> Column:
    """Return a column as the service lists it."""
    property_ = raw.get("property")
    held = property_ if isinstance(property_, dict) else {}
    listed = held.get("options")
    type_ = int(raw.get("type") or 0)
    options = None
    if type_ in (Type.SELECT, Type.MULTISELECT):
        found = listed if isinstance(listed, list) else []
        options = tuple(str(o.get("name") or "") for o in found if isinstance(o, dict))
    return Column(
        id=str(raw.get("field_id") or ""),
        name=str(raw.get("field_name") or ""),
        type=type_,
        options=options,
        multiple=bool(held.get("multiple", True)) if type_ == Type.PERSON else False,
        raw=raw,
    )


def bind(columns: Sequence[Column], setup: Setup, known: Mapping[str, str]) -> Bound:
    """Find the column of each of our fields.

    Args:
        columns: all that the table has.
        setup: which names are wanted, and which must be there.
        known: ours -> the id of the column that it had before.

    Raises:
        SchemaError: a column that must be there is missing or of a type that does not fit.
    """
    found, notes = shared.bind(
        columns,
        setup,
        shared.match(columns, setup, known),
        misfit=_misfit,
        mend=lambda name, c: shared.retype(name, c, shared.FITTING[name], _WORDS),
        unseen=_UNSEEN,
    )
    modified = next((c for c in columns if c.type == Type.MODIFIED_TIME), None)
    return Bound(by_field=found, modified=modified, notes=tuple(notes))


def _misfit(name: str, column_: Column) -> Said | None:
    """Say why a column cannot hold a field; None if it can."""
    if name == "id" and column_.type != Type.TEXT:
        return shared.NO_IDS
    if column_.type in _UNUSABLE or column_.kind not in shared.FITTING[name]:
        return Said("的类型不适合这一项", f"is of a type that cannot hold {name}")
    return None


def offered(name: str, column_: Column, users: Mapping[str, User]) -> Field:
    """Return a column as the engine is told of it."""
    is_text = column_.kind is Kind.TEXT
    return Field(
        name=name,
        label=column_.name,
        kind=column_.kind,
        writable=column_.writable,
        options=column_.options,
        users=users if column_.kind is Kind.USERS else {},
        text_limit=TEXT_LIMIT if is_text else None,
        multiple=column_.multiple,
    )
