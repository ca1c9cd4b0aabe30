"""A database for histories: the store's own statements, without what costs time around them.

What the store asks of SQLAlchemy's engine, straight over ``sqlite3`` in memory: a statement is
compiled once, by SQLAlchemy, and then only its parameters are put in. Transactions are SQLite's.
What the same row was decoded into before is taken again: items and links never change.
"""

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any
from unittest import mock

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from sync import decode, outbox, queries
from sync.store import Store
from sync.stored import Stored

_DIALECT = sqlite.dialect(paramstyle="qmark")
_LIST = "of_wanted"
_KEPT = {id(s) for m in (queries, outbox) for s in vars(m).values() if isinstance(s, sa.Executable)}
_KEPT |= {id(s) for s in queries.OLD_STATES}
_compiled: dict[tuple[int, tuple[str, ...]], "_Statement"] = {}
_decode_item, _decode_link = decode.items, decode.link


@lru_cache(20_000)
def _item(row: tuple[Any, ...]) -> tuple[str, Stored]:
    return next(iter(_decode_item([row]).items()))


_link = lru_cache(20_000)(_decode_link)


@contextmanager
def remembering() -> Iterator[None]:
    """Let the store decode a row once in this process."""
    with (
        mock.patch.object(decode, "items", lambda rows: dict(_item(tuple(r)) for r in rows)),
        mock.patch.object(decode, "link", lambda row: _link(tuple(row))),
    ):
        yield


class _Statement:
    """A statement as SQLite takes it."""

    def __init__(self, statement: Any, names: Sequence[str]) -> None:
        self.statement = statement  # as long as it is kept, its ``id`` is its own
        compiled = statement.compile(dialect=_DIALECT, column_keys=list(names) or None)
        self.text = str(compiled)
        self.order: Sequence[str] = compiled.positiontup or ()
        self.fixed = {
            name: bind.value for name, bind in compiled.binds.items() if bind.value is not None
        }
        for name, value in self.fixed.items():
            if isinstance(value, list | tuple):  # a list that stands in the statement
                marks = ", ".join("?" * len(value))
                self.text = self.text.replace(f"__[POSTCOMPILE_{name}]", marks)
        columns = [c.name for c in getattr(statement, "selected_columns", ())]
        self.row: Callable[..., Any] = namedtuple("Row", columns, rename=True)  # type: ignore[misc]  # noqa: PYI024

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        found: list[Any] = []
        for name in self.order:
            if name == _LIST:
                found += given[name]
                continue
            value = given[name] if name in given else self.fixed[name]
            found += value if isinstance(value, list | tuple) else [value]
        return found

    def of_length(self, given: Mapping[str, Any]) -> str:
        if _LIST not in given:
            return self.text
        marks = ", ".join("?" * len(given[_LIST])) or "NULL"
        return self.text.replace(f"__[POSTCOMPILE_{_LIST}]", marks)


def _statement(statement: Any, names: tuple[str, ...]) -> _Statement:
    key = (id(statement), names)
    known = _compiled.get(key)
    if known is None:
        known = _Statement(statement, names)
        if isinstance(statement, sa.Insert) or id(statement) in _KEPT:
            _compiled[key] = known
    return known


class _Result(list[Any]):
    def all(self) -> list[Any]:
        return self


class Connection:
    """What a ``Transaction`` asks of a connection."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw

    def execute(self, statement: Any, given: Any = None) -> _Result:
        rows = given if isinstance(given, list) else [given or {}]
        first = rows[0]
        made = _statement(statement, tuple(first))
        if len(rows) > 1:
            self._raw.executemany(made.text, [made.values(row) for row in rows])
            return _Result()
        found = self._raw.execute(made.of_length(first), made.values(first))
        return _Result(map(made.row._make, found))  # type: ignore[attr-defined]

    def scalars(self, statement: Any, given: Any = None) -> list[Any]:
        return [row[0] for row in self.execute(statement, given)]

    def scalar(self, statement: Any, given: Any = None) -> Any:
        rows = self.execute(statement, given)
        return rows[0][0] if rows else None


class Database:
    """What a ``Store`` asks of an engine; ``raw`` is the database itself."""

    def __init__(self) -> None:
        self.raw = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        self.raw.execute("BEGIN")
        try:
            yield Connection(self.raw)
        except BaseException:
            self.raw.execute("ROLLBACK")
            raise
        self.raw.execute("COMMIT")

    @contextmanager
    def connect(self) -> Iterator["Reading"]:
        yield Reading(self)

    def copy_from(self, other: "Database") -> None:
        """Become what another database is."""
        other.raw.backup(self.raw)


class Reading(Connection):
    """A connection that only reads."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.raw)
        self._database = database

    def execution_options(self, **_options: object) -> "Reading":
        return self

    def begin(self) -> Any:
        return self._database.begin()


@cache
def _template() -> Any:
    return Store.open("sqlite://", "any").engine.raw_connection()


def blank() -> Database:
    """Return an empty, migrated database."""
    made = Database()
    _template().driver_connection.backup(made.raw)
    return made
