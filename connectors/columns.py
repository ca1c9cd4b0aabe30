"""Which column of a table is which of our fields, for tables whose columns have ids. Pure.

A column is found by the name that the team file wants; a column that was found once is known by
its id from then on, whatever people call it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol, TypeVar

from connectors.base import Setup
from connectors.errors import SchemaError, at
from mapping.cells import Kind
from mapping.said import Said
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
}  # how a field may be held
NO_IDS = Said(
    "不是纯文本列，编号无法写入", "is no column of plain text, and the ids cannot be written there"
)
_MOST_NAMED = 20


class Column(Protocol):
    """A column as a table shows it."""

    @property
    def key(self) -> str:
        """What tells it from the others, whatever its name is."""
        ...

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def kind(self) -> Kind:
        """How it holds a value."""
        ...

    @property
    def writable(self) -> bool:
        """Whether a cell of it can be written."""
        ...


C = TypeVar("C", bound=Column)


def required(setup: Setup) -> list[str]:
    """Return the fields without whose column nothing works, and those the team file names."""
    return [n for n in setup.columns if n in {"id", *REQUIRED, *setup.named}]


def named(columns: Sequence[C], wanted: str) -> C | None:
    """Return the one column of a name: as it is written, else whatever its case and blanks."""
    exact = [c for c in columns if c.name == wanted]
    alike = exact or [c for c in columns if fold(c.name) == fold(wanted)]
    return alike[0] if len(alike) == 1 else None


def match(columns: Sequence[C], setup: Setup, known: Mapping[str, str]) -> dict[str, C]:
    """Find the column of each of our fields, whatever its type: by its name, else as it was.

    Args:
        columns: all that the table has.
        setup: which names are wanted.
        known: ours -> the key of the column that it had before.
    """
    by_name = {name: named(columns, wanted) for name, wanted in setup.columns.items()}
    found = {name: column for name, column in by_name.items() if column is not None}
    free = {c.key: c for c in columns if c not in found.values()}
    for name in setup.columns:
        renamed = free.pop(known.get(name, ""), None) if name not in found else None
        if renamed is not None:
            found[name] = renamed
    return found


def bind(
    columns: Sequence[C],
    setup: Setup,
    matched: Mapping[str, C],
    *,
    misfit: Callable[[str, C], Said | None],
    mend: Callable[[str, C], Said],
    unseen: Said | None = None,
) -> tuple[dict[str, C], list[Said]]:
    """Return the columns that are used, and what a person should know of the others.

    Args:
        columns: all that the table has.
        setup: which names are wanted, and which must be there.
        matched: as ``match`` found them.
        misfit: says why a column cannot hold a field, None if it can.
        mend: says what to do then.
        unseen: what else may keep a column from being seen.

    Raises:
        SchemaError: a column that must be there is missing or of a type that does not fit.
    """
    where, must = setup.name, required(setup)
    found: dict[str, C] = {}
    notes: list[Said] = []
    for name, wanted in setup.columns.items():
        column = matched.get(name)
        why = misfit(name, column) if column is not None else None
        if column is None and name not in must:
            notes.append(
                Said(
                    f"{where} 没有“{wanted}”列，这一项不同步",
                    f"{where} has no column {wanted!r}: {name} is not kept there",
                )
            )
        elif column is not None and why:
            wrong = Said(f"“{column.name}”列{why.zh}", f"{column.name!r} {why}")
            if name in must:
                text = at(where, wrong.zh, wrong.en)
                raise SchemaError(text, field=name, hint=mend(name, column))
            notes.append(
                at(where, f"{wrong.zh}，这一项不同步", f"{wrong}: {name} is not kept there")
            )
        elif column is not None:
            found[name] = column
            notes += _notes(where, name, wanted, column)
    missing = [name for name in must if name not in found]
    if missing:
        raise _missing(columns, setup, missing, found.values(), unseen)
    return found, notes


def _notes(where: str, name: str, wanted: str, column: Column) -> list[Said]:
    """Return what a person should know of a column that is used."""
    notes = []
    if fold(column.name) != fold(wanted):
        notes.append(
            at(
                where,
                f"没有“{wanted}”列，用的是“{column.name}”列；请改回列名，"
                "或在 [trackers.fields] 中写明",
                f"the column {column.name!r} is used for {name} ({wanted!r} is not there) - give "
                "it that name, or name it under [trackers.fields]",
            )
        )
    if not column.writable:
        notes.append(
            at(
                where,
                f"“{column.name}”列只能读取，不写入",
                f"{column.name!r} can only be read; {name} is not written",
            )
        )
    return notes


def _missing(
    columns: Sequence[Column],
    setup: Setup,
    missing: Sequence[str],
    used: Collection[Column],
    unseen: Said | None,
) -> SchemaError:
    zh = "、".join(f"“{setup.columns[n]}”" for n in missing)
    en = ", ".join(f"{setup.columns[n]!r} ({n})" for n in missing)
    spare = [c.name for c in columns if c not in used][:_MOST_NAMED]
    there = Said(
        f"；现有 {'、'.join(f'“{n}”' for n in spare)}" if spare else "",
        f"; it has {', '.join(map(repr, spare))}" if spare else "",
    )
    more = Said(f"；{unseen.zh}", f"; {unseen}") if unseen else Said("", "")
    return SchemaError(
        Said(f"{setup.name} 没有列 {zh}{there.zh}", f"{setup.name} has no column {en}{there}"),
        field=missing[0],
        hint=Said(
            "请把列名改回来，或在 [trackers.fields] 中写明列名，或运行 check --prepare 补上缺少的列"
            + more.zh,
            "rename a column back, name it under [trackers.fields], or run check --prepare"
            + more.en,
        ),
    )


def retype(name: str, column: Column, kinds: Collection[Kind], words: Mapping[Kind, Said]) -> Said:
    """Say which types a column may have instead, in the tool's own words."""
    fitting = [words[k] for k in Kind if k in kinds]
    zh, en = "或".join(f"“{w.zh}”" for w in fitting), " or ".join(w.en for w in fitting)
    return Said(
        f"请把“{column.name}”列的类型改为{zh}，或换一列",
        f"change the type of {column.name!r} to {en}, or name another column for {name}",
    )


def options_for(name: str, setup: Setup) -> list[str]:
    """Return the options that the column of a field has to have."""
    if name == "status":
        return list(dict.fromkeys(words[0] for words in setup.statuses.values() if words))
    if name in ("department", "support"):
        return [department.name for department in setup.departments]
    return []


def column_made(where: str, label: str) -> Said:
    """Say that a column was made."""
    return at(where, f"已添加“{label}”列", f"column {label!r} made")


def options_made(where: str, column: str, options: Sequence[str]) -> Said:
    """Say that a column was given options."""
    return at(
        where,
        f"“{column}”列已添加选项 {'、'.join(options)}",
        f"{column!r} was given the option {', '.join(options)}",
    )
