"""Which property of the data source is which of our fields. Pure.

A property is found by the name that the team file wants; one that was found once is known by its id
from then on, whatever people call it. The title, which every table has once, is the description
where no other property bears its name and the team file names none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors.base import Setup
from connectors.errors import SchemaError
from connectors.notion.wire import KINDS, LIMITS, WRITABLE, Json, as_dict, as_list, decoded
from mapping.cells import Field, Kind, User
from mapping.words import FIELDS, REQUIRED, fold

_TEXTS = frozenset({Kind.TEXT, Kind.OPTION})
_LISTED = frozenset({Kind.TEXT, Kind.OPTION, Kind.OPTIONS, Kind.USERS})
FITTING: Mapping[str, frozenset[Kind]] = {
    **dict.fromkeys(FIELDS, _TEXTS),
    "description": frozenset({Kind.TEXT}),
    "owner": _LISTED,
    "support": _LISTED,
    "department": frozenset({Kind.TEXT, Kind.OPTION, Kind.OPTIONS}),
    "due": frozenset({Kind.DATE, Kind.TEXT}),
    "completed": frozenset({Kind.DATE, Kind.TEXT}),
}
_WORDS = {
    Kind.TEXT: "Text",
    Kind.OPTION: "Select",
    Kind.OPTIONS: "Multi-select",
    Kind.DATE: "Date",
    Kind.USERS: "Person",
}
# a relation shows ids of other pages, the others no words at all
_UNUSABLE = frozenset({"relation", "checkbox", "button", "verification", "place", "location"})
_OPTIONS = frozenset({"select", "status", "multi_select"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A property of the data source ("Data source properties", read 2026-11).

    Attributes:
        id: as the service writes it, URL-encoded.
        options: name -> id; None where there are none to choose from.
        raw: as the service lists it.
    """

    id: str
    name: str
    type: str
    options: Mapping[str, str] | None = None
    raw: Json = field(default_factory=dict, compare=False, repr=False)

    @property
    def key(self) -> str:
        """The id, decoded: by it a page's property is known."""
        return decoded(self.id)

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
        notes: what is not carried or has another name, one sentence each.
    """

    by_field: Mapping[str, Column]
    notes: tuple[str, ...] = ()

    @property
    def keys(self) -> dict[str, str]:
        """Ours -> the column's id, decoded."""
        return {name: column.key for name, column in self.by_field.items()}

    @property
    def writable(self) -> list[str]:
        """The fields that can be written."""
        return [n for n, c in self.by_field.items() if c.writable and n != "id"]


def columns_of(source: Json) -> list[Column]:
    """Return the properties of a data source."""
    found = []
    for name, raw in as_dict(source.get("properties")).items():
        held = as_dict(raw)
        type_ = str(held.get("type") or "")
        options = None
        if type_ in _OPTIONS:
            listed = as_list(as_dict(held.get(type_)).get("options"))
            options = {str(o.get("name") or ""): str(o.get("id") or "") for o in listed}
        named = str(held.get("name") or name)
        column = Column(
            id=str(held.get("id") or ""), name=named, type=type_, options=options, raw=held
        )
        found.append(column)
    return found


def must_be_there(setup: Setup) -> list[str]:
    """Return the fields without whose column nothing works, and those the team file names."""
    return [n for n in setup.columns if n in {"id", *REQUIRED, *setup.named}]


def match(columns: Sequence[Column], setup: Setup, known: Mapping[str, str]) -> dict[str, Column]:
    """Find the column of each of our fields, whatever its type.

    Args:
        columns: all that the data source has.
        setup: which names are wanted.
        known: ours -> the id, decoded, of the column that it had before.
    """
    found: dict[str, Column] = {}
    for name, wanted in setup.columns.items():
        exact = [c for c in columns if c.name == wanted]
        alike = exact or [c for c in columns if fold(c.name) == fold(wanted)]
        if len(alike) == 1:
            found[name] = alike[0]
    by_key = {c.key: c for c in columns}
    for name in setup.columns:
        before = by_key.get(known.get(name, ""))
        if name not in found and before is not None and before not in found.values():
            found[name] = before
    title = next((c for c in columns if c.type == "title"), None)
    if (
        "description" not in {*found, *setup.named}
        and title is not None
        and title not in found.values()
    ):
        found["description"] = title
    return {name: found[name] for name in setup.columns if name in found}


def bind(columns: Sequence[Column], setup: Setup, known: Mapping[str, str], where: str) -> Bound:
    """Find the column of each of our fields; arguments as of ``match``.

    Raises:
        SchemaError: a column that must be there is missing or of a type that does not fit.
    """
    must, matched = must_be_there(setup), match(columns, setup, known)
    missing = [name for name in must if name not in matched]
    if missing:
        raise _missing(columns, setup, missing, matched, where)
    found: dict[str, Column] = {}
    notes: list[str] = []
    for name, wanted in setup.columns.items():
        column = matched.get(name)
        if column is None:
            notes.append(f"{where} has no column {wanted!r}: {name} is not kept there")
            continue
        why = _misfit(name, column)
        if why and name in must:
            raise SchemaError(
                f"{where}: {column.name!r} {why}", field=name, hint=_retype(name, column)
            )
        if why:
            notes.append(f"{where}: {column.name!r} {why}: {name} is not kept there")
            continue
        found[name] = column
        if fold(column.name) != fold(wanted):
            notes.append(
                f"{where}: the column {column.name!r} is used for {name} ({wanted!r} is not "
                "there) - give it that name, or name it under [trackers.fields]"
            )
        if not column.writable:
            notes.append(f"{where}: {column.name!r} can only be read; {name} is not written")
    return Bound(by_field=found, notes=tuple(notes))


def _misfit(name: str, column: Column) -> str:
    """Say why a column cannot hold a field; empty if it can."""
    if name == "id":
        wrong = "is no column of text, and the ids cannot be written there"
        return "" if column.type == "rich_text" else wrong
    if column.type in _UNUSABLE or column.kind not in FITTING[name]:
        return f"is of a type ({column.type}) that cannot hold {name}"
    return ""


def _retype(name: str, column: Column) -> str:
    kinds = FITTING[name] if name != "id" else frozenset({Kind.TEXT})
    fitting = " or ".join(_WORDS[k] for k in Kind if k in kinds)
    return f"change the type of {column.name!r} to {fitting}, or name another column for {name}"


def _missing(
    columns: Sequence[Column],
    setup: Setup,
    missing: Sequence[str],
    matched: Mapping[str, Column],
    where: str,
) -> SchemaError:
    wanted = ", ".join(f"{setup.columns[n]!r} ({n})" for n in missing)
    spare = [c.name for c in columns if c not in matched.values()]
    there = f"; it has {', '.join(repr(n) for n in spare[:20])}" if spare else ""
    return SchemaError(
        f"{where} has no column {wanted}{there}",
        field=missing[0],
        hint="rename a column back, or name it under [trackers.fields]; check --prepare makes what "
        "is named there",
    )


def offered(name: str, column: Column, users: Mapping[str, User]) -> Field:
    """Return a column as the engine is told of it."""
    options = None if column.options is None else tuple(o for o in column.options if o)
    return Field(
        name=name,
        label=column.name,
        kind=column.kind,
        writable=column.writable,
        options=options,
        users=users if column.kind is Kind.USERS else {},
        text_limit=LIMITS.get(column.type),
        multiple=column.type == "people",
    )
