"""The hub's store: one database, one team's view of it. I/O.

All writing happens inside `Store.transaction`, which is short, never spans a network call, and is
refused to a process that has lost the team's lease (failure 76).

SQLite in WAL mode (https://sqlite.org/wal.html, checked 2026-11): readers never wait for the
writer; BEGIN IMMEDIATE makes two writers wait for each other instead of failing half-way.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from sync.transaction import Transaction

REVISION = "0003"
BUSY_TIMEOUT_S = 30.0
_DAMAGE = ("malformed", "not a database", "disk image")


class StoreError(Exception):
    """The database cannot be used; the message says why and what to do."""


class LeaseLostError(Exception):
    """Another process works this team now: nothing more may be written."""


class Store:
    """One team's view of the database."""

    def __init__(self, engine: sa.Engine, team: str) -> None:
        self.engine = engine
        self.team = team
        self.fence: int | None = None
        self._runs = threading.local()  # a thread makes one pass at a time

    @property
    def run(self) -> str:
        """The pass that this thread makes now; the log names it."""
        return str(getattr(self._runs, "name", ""))

    @run.setter
    def run(self, name: str) -> None:
        self._runs.name = name

    @classmethod
    def open(cls, url: str, team: str) -> "Store":
        """Open the database, make or migrate its tables.

        Args:
            url: ``sqlite:///FILE``; ``sqlite://`` is one in memory.
            team: whose view it is.

        Raises:
            StoreError: it cannot be opened, is damaged, or is newer than this program.
        """
        engine = _engine(url)
        try:
            with engine.connect() as connection:
                answer = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
                if answer != "ok":
                    raise StoreError(_damaged(engine, str(answer)))
                found = _revision(connection)
            if found != REVISION:
                migrate(engine, found)
        except (sa.exc.DatabaseError, sqlite3.DatabaseError) as error:
            raise _told(engine, error, "opened") from error
        return cls(engine, team)

    def snapshot(self) -> "Store":
        """Return a copy in memory: what ``plan`` works on, so that nothing changes anywhere."""
        copy = _engine("sqlite://")
        source, target = self.engine.raw_connection(), copy.raw_connection()
        try:
            source.driver_connection.backup(target.driver_connection)  # type: ignore[union-attr]
        finally:
            source.close()
            target.close()
        return Store(copy, self.team)

    @contextmanager
    def transaction(self) -> Iterator["Transaction"]:
        """Read and write as one; all of it or nothing is kept.

        Raises:
            LeaseLostError: another process has taken the team over.
            StoreError: the disk is full or the file is damaged.
        """
        try:
            with self.engine.begin() as connection:
                tx = Transaction(connection, self.team, self.run)
                if self.fence is not None and tx.fence() != self.fence:
                    raise LeaseLostError(self.team)
                yield tx
        except (sa.exc.DatabaseError, sqlite3.DatabaseError) as error:
            raise _told(self.engine, error, "used") from error

    @contextmanager
    def reading(self) -> Iterator["Transaction"]:
        """Read only; it waits for no writer.

        Raises:
            StoreError: the database cannot be read.
        """
        try:
            with self.engine.connect() as opened:
                connection = opened.execution_options(reading=True)
                with connection.begin():
                    yield Transaction(connection, self.team)
        except (sa.exc.DatabaseError, sqlite3.DatabaseError) as error:
            raise _told(self.engine, error, "read") from error

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()


def _engine(url: str) -> sa.Engine:
    if not url.startswith("sqlite:"):
        raise StoreError(f"{url.partition(':')[0]}: this version keeps its data in SQLite only")
    path = url.removeprefix("sqlite://").removeprefix("/")
    if path and not Path(path).parent.is_dir():
        raise StoreError(f"{path}: its folder does not exist; make it or change store.url")
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=path or None),  # a path may hold any sign
        poolclass=sa.pool.QueuePool if path else sa.pool.StaticPool,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_S},
    )

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        reading = connection.get_execution_options().get("reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _told(engine: sa.Engine, error: Exception, what: str) -> StoreError:
    """Return a database's error in words, with the file's name and what to do."""
    text = str(getattr(error, "orig", None) or error)
    if any(word in text for word in _DAMAGE):
        return StoreError(_damaged(engine, text))
    return StoreError(f"{engine.url.database}: the database cannot be {what}: {text}")


def _damaged(engine: sa.Engine, why: str) -> str:
    return (
        f"{engine.url.database}: the database is damaged ({why}); move the file away (with its "
        "-wal and -shm) and start again: items and links are rebuilt from the ids in the trackers, "
        "and minutes that are dropped again find their items"
    )


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def migrate(engine: sa.Engine, found: str | None) -> None:
    """Bring the tables to this program's revision.

    Raises:
        StoreError: the database was made by a newer program.
    """
    from alembic import command, util  # noqa: PLC0415  # heavy, and needed only when behind
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except util.CommandError as error:
        raise StoreError(
            f"the database is of revision {found}, which this version does not know; use the "
            "newer program that made it"
        ) from error
