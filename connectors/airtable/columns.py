"""Which column is which of our fields. Pure.

A column is found by the name that the team file wants; a column that was found once is known by
its id from then on, whatever people call it. Rows are read and written by these ids alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from connectors.airtable.wire import KINDS, TEXT_LIMIT, TEXTS, UNUSABLE, WRITABLE, zone
from connectors.base import Setup
from connectors.errors import SchemaError
from mapping.cells import Field, Kind, User
from mapping.words import FIELDS, REQUIRED, fold

_TEXTS = frozenset({Kind.TEXT, Kind.OPTION})
_LISTED = frozenset({Kind.TEXT, Kind.OPTION, Kind.OPTIONS, Kind.USERS})
FITTING: Mapping[str, frozenset[Kind]] = {
    **dict.fromkeys(FIELDS, _TEXTS),
    "owner": _LISTED,
    "support": _LISTED,
    "department": frozenset({Kind.TEXT, Kind.OPTION, Kind.OPTIONS}),
    "due": frozenset({Kind.DATE, Kind.TEXT}),
    "completed": frozenset({Kind.DATE, Kind.TEXT}),
    "id": frozenset({Kind.TEXT}),
}
_WORDS = {
    Kind.TEXT: "Long text",
    Kind.OPTION: "Single select",
    Kind.OPTIONS: "Multiple select",
    Kind.DATE: "Date",
    Kind.USERS: "User",
}
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
    def kind(self) -> Kind:
        """How it holds a value."""
        return KINDS.get(self.type, Kind.TEXT)

    @property
    def writable(self) -> bool:
        """Whether a cell of it can be written."""
        return self.type in WRITABLE and not self.computed


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """Our fields and their columns.

    Attributes:
        by_field: ours, and ``id``, -> its column.
        notes: what is not carried or has another name, one sentence each.
    """

    by_field: Mapping[str, Column]
    notes: tuple[str, ...] = ()

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


def bind(columns: Sequence[Column], setup: Setup, known: Mapping[str, str], where: str) -> Bound:
    """Find the column of each of our fields.

    Args:
        columns: all that the table has.
        setup: which names are wanted, and which must be there.
        known: ours -> the id of the column that it had before.
        where: the tracker and table, for messages.

    Raises:
        SchemaError: a column that must be there is missing or of a type that does not fit.
    """
    by_id = {c.id: c for c in columns}
    found: dict[str, Column] = {}
    notes: list[str] = []
    for name, wanted in setup.columns.items():
        match = named(columns, wanted)
        renamed = by_id.get(known.get(name, "")) if match is None else None
        must = name in {"id", *REQUIRED, *setup.named}
        if match is None and renamed is not None and renamed not in found.values():
            match = renamed
            notes.append(
                f"{where}: column {wanted!r} is now called {match.name!r}; it is still used for "
                f"{name} - give it that name under [trackers.fields] of the team file"
            )
        if match is None:
            if must:
                continue
            notes.append(f"{where} has no column {wanted!r}: {name} is not kept there")
        elif (why := _misfit(name, match)) and must:
            raise SchemaError(
                f"{where}: {match.name!r} {why}", field=name, hint=_retype(name, match)
            )
        elif why:
            notes.append(f"{where}: {match.name!r} {why}: {name} is not kept there")
        else:
            found[name] = match
            if not match.writable:
                notes.append(f"{where}: {match.name!r} can only be read; {name} is not written")
    _check_all_there(columns, setup, found, where)
    return Bound(by_field=found, notes=tuple(notes))


def named(columns: Sequence[Column], wanted: str) -> Column | None:
    """Return the one column of a name: as it is written, else whatever its case and blanks."""
    exact = [c for c in columns if c.name == wanted]
    alike = exact or [c for c in columns if fold(c.name) == fold(wanted)]
    return alike[0] if len(alike) == 1 else None


def _misfit(name: str, column_: Column) -> str:
    """Say why a column cannot hold a field; empty if it can."""
    if name == "id" and (column_.type not in _FOR_IDS or column_.computed):
        return "is no column of plain text, and the ids cannot be written there"
    if column_.type in UNUSABLE or column_.kind not in FITTING[name]:
        return f"is of the type {column_.type}, which cannot hold {name}"
    if column_.type == "dateTime" and column_.zone is None:
        return "shows each viewer the time of his own zone, so its days cannot be told"
    return ""


def _retype(name: str, column_: Column) -> str:
    if column_.type == "dateTime":
        return f"switch off 'Include time' in {column_.name!r}, or choose one time zone for all"
    fitting = " or ".join(_WORDS[k] for k in Kind if k in FITTING[name])
    return f"change the type of {column_.name!r} to {fitting}, or name another column for {name}"


def _check_all_there(
    columns: Sequence[Column],
    setup: Setup,
    found: Mapping[str, Column],
    where: str,
) -> None:
    must = [n for n in setup.columns if n in {"id", *REQUIRED, *setup.named} and n not in found]
    if not must:
        return
    wanted = ", ".join(f"{setup.columns[n]!r} ({n})" for n in must)
    spare = [c.name for c in columns if c not in found.values()]
    there = f"; it has {', '.join(repr(n) for n in spare[:20])}" if spare else ""
    raise SchemaError(
        f"{where} has no column {wanted}{there}",
        field=must[0],
        hint="rename a column back, name it under [trackers.fields], or run check --prepare",
    )


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
