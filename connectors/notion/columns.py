"""The properties of a data source, and which of them is which of our fields. Pure.

The title, which every table has once, is the description where no other property bears its name
and the team file names none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from connectors import columns as shared
from connectors.base import Setup
from connectors.notion.wire import KINDS, LIMITS, WRITABLE, Json, as_dict, as_list, decoded
from mapping.cells import Field, Kind, User
from mapping.said import Said

FITTING = {**shared.FITTING, "description": frozenset({Kind.TEXT})}
_WORDS = {
    Kind.TEXT: Said("文本", "Text"),
    Kind.OPTION: Said("单选", "Select"),
    Kind.OPTIONS: Said("多选", "Multi-select"),
    Kind.DATE: Said("日期", "Date"),
    Kind.USERS: Said("人员", "Person"),
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


@dataclass(frozen=True, kw_only=True)
class Bound:
    """Our fields and their columns.

    Attributes:
        by_field: ours, and ``id``, -> its column.
        notes: what is not carried or has another name, one sentence each.
    """

    by_field: Mapping[str, Column]
    notes: tuple[Said, ...] = ()

    @cached_property
    def keys(self) -> dict[str, str]:
        """Ours -> the column's id, decoded."""
        return {name: column.key for name, column in self.by_field.items()}

    @cached_property
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


def match(columns: Sequence[Column], setup: Setup, known: Mapping[str, str]) -> dict[str, Column]:
    """Find the column of each of our fields, whatever its type.

    Args:
        columns: all that the data source has.
        setup: which names are wanted.
        known: ours -> the id, decoded, of the column that it had before.
    """
    found = shared.match(columns, setup, known)
    title = next((c for c in columns if c.type == "title"), None)
    if (
        "description" not in {*found, *setup.named}
        and title is not None
        and title not in found.values()
    ):
        found["description"] = title
    return {name: found[name] for name in setup.columns if name in found}


def bind(columns: Sequence[Column], setup: Setup, known: Mapping[str, str]) -> Bound:
    """Find the column of each of our fields; arguments as of ``match``.

    Raises:
        SchemaError: a column that must be there is missing or of a type that does not fit.
    """
    found, notes = shared.bind(
        columns,
        setup,
        match(columns, setup, known),
        misfit=_misfit,
        mend=lambda name, column: shared.retype(name, column, FITTING[name], _WORDS),
    )
    return Bound(by_field=found, notes=tuple(notes))


def _misfit(name: str, column: Column) -> Said | None:
    """Say why a column cannot hold a field; None if it can."""
    if name == "id":
        return None if column.type == "rich_text" else shared.NO_IDS
    if column.type in _UNUSABLE or column.kind not in FITTING[name]:
        return Said(
            f"的类型（{column.type}）不适合这一项",
            f"is of a type ({column.type}) that cannot hold {name}",
        )
    return None


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
