"""The columns of a table, and which of them is which of our fields. Pure.

Rows are read and written by the columns' ids alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from connectors import columns as shared
from connectors.airtable.wire import KINDS, TEXT_LIMIT, TEXTS, UNUSABLE, WRITABLE, zone
from connectors.base import Setup
from mapping.cells import Field, Kind, User
from mapping.said import Said

_WORDS = {
    Kind.TEXT: Said("Long text", "Long text"),
    Kind.OPTION: Said("Single select", "Single select"),
    Kind.OPTIONS: Said("Multiple select", "Multiple select"),
    Kind.DATE: Said("Date", "Date"),
    Kind.USERS: Said("User", "User"),
}  # the tool speaks English alone
_FOR_IDS = frozenset({"singleLineText", "multilineText"})  # what an upsert takes as its key


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the table ("Field types and cell values", read 2026-11).

    Attributes:
        type: the service's word; of a formula, rollup or lookup that of its result.
        zone: of a moment; None where each viewer sees his own.
        computed: nobody can write there.
    """

    id: str
    name: str
    type: str
    options: tuple[str, ...] | None = None
    zone: tzinfo | None = None
    computed: bool = False

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
        return self.type in WRITABLE and not self.computed

    @property
    def multiple(self) -> bool:
        """Whether a cell takes several people."""
        return self.type != "singleCollaborator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """Our fields and their columns.

    Attributes:
        by_field: ours, and ``id``, -> its column.
        notes: what is not carried or has another name, one sentence each.
    """

    by_field: Mapping[str, Column]
    notes: tuple[Said, ...] = ()

    @property
    def ids(self) -> dict[str, str]:
        """Ours -> the column's id."""
        return {name: column.id for name, column in self.by_field.items()}


def column(raw: Mapping[str, Any]) -> Column:
    """Return a column as "Get base schema" lists it."""
    held = _object(raw.get("options"))
    result = _object(held.get("result"))
    type_, computed = str(raw.get("type") or ""), "result" in held
    if result.get("type") and type_ != "multipleLookupValues":
        type_, held = str(result["type"]), _object(result.get("options"))
    choices = held.get("choices")
    options = None
    if KINDS.get(type_) in (Kind.OPTION, Kind.OPTIONS):
        found = choices if isinstance(choices, list) else []
        options = tuple(str(c.get("name") or "") for c in found if isinstance(c, dict))
    return Column(
        id=str(raw.get("id") or ""),
        name=str(raw.get("name") or ""),
        type=type_,
        options=options,
        zone=zone(str(held.get("timeZone") or "client")) if type_ == "dateTime" else None,
        computed=computed,
    )


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def bind(columns: Sequence[Column], setup: Setup, known: Mapping[str, str]) -> Bound:
    """Find the column of each of our fields.

    Args:
        columns: all that the table has.
        setup: which names are wanted, and which must be there.
        known: ours -> the id of the column that it had before.

    Raises:
        SchemaError: a column that must be there is missing or of a type that does not fit.
    """
    matched = shared.match(columns, setup, known)
    found, notes = shared.bind(columns, setup, matched, misfit=_misfit, mend=_mend)
    return Bound(by_field=found, notes=tuple(notes))


def _misfit(name: str, column_: Column) -> Said | None:
    """Say why a column cannot hold a field; None if it can."""
    if name == "id" and (column_.type not in _FOR_IDS or column_.computed):
        return shared.NO_IDS
    if column_.type in UNUSABLE or column_.kind not in shared.FITTING[name]:
        return Said(
            f"的类型是 {column_.type}，不适合这一项",
            f"is of the type {column_.type}, which cannot hold {name}",
        )
    if column_.type == "dateTime" and column_.zone is None:
        return Said(
            "按每个人自己的时区显示时间，因此无法确定日期",
            "shows each viewer the time of his own zone, so its days cannot be told",
        )
    return None


def _mend(name: str, column_: Column) -> Said:
    if column_.type == "dateTime":
        return Said(
            f"请在“{column_.name}”列关闭 'Include time'，或为所有人选定一个时区",
            f"switch off 'Include time' in {column_.name!r}, or choose one time zone for all",
        )
    return shared.retype(name, column_, shared.FITTING[name], _WORDS)


def offered(name: str, column_: Column, users: Mapping[str, User]) -> Field:
    """Return a column as the engine is told of it."""
    return Field(
        name=name,
        label=column_.name,
        kind=column_.kind,
        writable=column_.writable,
        options=column_.options,
        users=users if column_.kind is Kind.USERS else {},
        text_limit=TEXT_LIMIT if column_.type in TEXTS else None,
        multiple=column_.type == "multipleCollaborators",
    )
