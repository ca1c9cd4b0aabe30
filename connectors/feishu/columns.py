"""Which column is which of our fields. Pure.

A column is found by the name that the team file wants; a column that was found once is known by
its id from then on, whatever people call it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.base import Setup
from connectors.errors import SchemaError
from connectors.feishu.wire import KINDS, TEXT_LIMIT, WRITABLE, Type
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
    Kind.TEXT: "Text",
    Kind.OPTION: "Single option",
    Kind.OPTIONS: "Multiple options",
    Kind.DATE: "Date",
    Kind.USERS: "Person",
}
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
    notes: tuple[str, ...] = ()

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
    matches, notes = _match(columns, setup, known, where)
    found: dict[str, Column] = {}
    for name, wanted in setup.columns.items():
        must = name in {"id", *REQUIRED, *setup.named}
        match = matches.get(name)
        if match is None:
            if not must:
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
    modified = next((c for c in columns if c.type == Type.MODIFIED_TIME), None)
    return Bound(by_field=found, modified=modified, notes=tuple(notes))


def _match(
    columns: Sequence[Column], setup: Setup, known: Mapping[str, str], where: str
) -> tuple[dict[str, Column], list[str]]:
    """Return ours -> the column of that name, else the one that it was; and what to tell."""
    by_name = {name: named(columns, wanted) for name, wanted in setup.columns.items()}
    matches = {name: column_ for name, column_ in by_name.items() if column_ is not None}
    free = {c.id: c for c in columns if c not in matches.values()}
    notes = []
    for name, wanted in setup.columns.items():
        renamed = free.pop(known.get(name, ""), None) if name not in matches else None
        if renamed is not None:
            matches[name] = renamed
            notes.append(
                f"{where}: column {wanted!r} is now called {renamed.name!r}; it is still used for "
                f"{name} - give it that name under [trackers.fields] of the team file"
            )
    return matches, notes


def named(columns: Sequence[Column], wanted: str) -> Column | None:
    """Return the one column of a name: as it is written, else whatever its case and blanks."""
    exact = [c for c in columns if c.name == wanted]
    alike = exact or [c for c in columns if fold(c.name) == fold(wanted)]
    return alike[0] if len(alike) == 1 else None


def _misfit(name: str, column_: Column) -> str:
    """Say why a column cannot hold a field; empty if it can."""
    if name == "id" and column_.type != Type.TEXT:
        return "is no column of text, and the ids cannot be written there"
    if column_.type in _UNUSABLE or column_.kind not in FITTING[name]:
        return f"is of a type that cannot hold {name}"
    return ""


def _retype(name: str, column_: Column) -> str:
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
        hint="rename a column back, name it under [trackers.fields], or run check --prepare; a "
        "column that the app may not see is missing too",
    )


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
