"""A table of a fake Notion for the contract suite."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from contract.harnesses import (
    COLUMN_NAMES,
    DEPARTMENTS,
    FOREIGN,
    PEOPLE,
    SECRET,
    Trouble,
    setup_for,
)
from fakes.clock import FakeClock
from fakes.notion import FakeNotion, columns_for

from connectors.base import Connector
from connectors.errors import AuthError, SchemaError, TransientError
from connectors.registry import load
from mapping.cells import Cell, User
from mapping.values import Status
from mapping.words import STATUSES

USERS = tuple(
    User(f"00000000-0000-4000-8000-00000000000{n}", p.name, p.email)
    for n, p in enumerate(PEOPLE, 1)
)


class NotionHarness:
    """A data source in which a connection and people work."""

    def __init__(
        self,
        folder: Path,
        *,
        types: Mapping[str, str] | None = None,
        by_database: bool = False,
        **abilities: Any,
    ) -> None:
        self.clock = FakeClock()
        statuses = [STATUSES["zh"][status] for status in Status]
        columns = columns_for(COLUMN_NAMES, statuses, [d.name for d in DEPARTMENTS], types)
        self.fake = FakeNotion(self.clock, {**columns, FOREIGN: "rich_text"}, USERS)
        self.fake.token = SECRET
        for name, value in abilities.items():
            setattr(self.fake, name, value)
        place = {"database_id": self.fake.database_id}
        options = place if by_database else {"data_source_id": self.fake.source_id}
        self.setup = setup_for({**options, "base_url": self.fake.base_url}, self.clock, folder)

    def connector(self) -> Connector:
        return load("notion")(self.setup)

    def add(self, **cells: Cell) -> None:
        self.fake.add(self._named(cells))

    def edit(self, item_id: str, **cells: Cell) -> None:
        for name, cell in cells.items():
            label = COLUMN_NAMES[name]
            if isinstance(cell, str) and self.fake.column(label).type == "date":
                self.fake.retype(label, "rich_text")  # no words stand in a date: people do this
        self.fake.edit(self._row(item_id), self._named(cells))

    def copy(self, item_id: str) -> None:
        self.fake.copy(self._row(item_id))

    def delete(self, item_id: str) -> None:
        self.fake.trash(self._row(item_id))

    def foreign(self, item_id: str) -> object:
        return self.fake.read(self._row(item_id), FOREIGN)

    def set_foreign(self, item_id: str, text: str) -> None:
        self.fake.edit(self._row(item_id), {FOREIGN: text})

    def rename(self, name: str) -> None:
        self.fake.rename(COLUMN_NAMES[name], "别的列")

    def settle(self) -> None:
        self.clock.advance(self.fake.lag_s + 1)

    def fingerprint(self) -> object:
        return self.fake.fingerprint()

    def provoke(self) -> Mapping[str, Trouble]:
        fault, reads = self.fake.fault, ("describe", "pull", "find")
        slow = {"status": 429, "times": 99, "headers": {"Retry-After": "30"}}
        limited = {"code": "rate_limited", "message": "slow down"}
        busy = {"code": "service_overload", "message": "later"}
        inside = {"object": "error", "code": "internal_server_error", "message": "no"}
        always: dict[str, Any] = {"match": "data_source", "times": 99}
        return {
            "wrong token": Trouble(AuthError, self._with(token="another")),
            "no right to read": Trouble(AuthError, self._with(rights=set())),
            "no right to add": Trouble(AuthError, self._with(rights={"read", "users"}), ("apply",)),
            "not shared": Trouble(SchemaError, self._with(shared=False)),
            "in the trash": Trouble(SchemaError, self._with(in_trash=True)),
            "column gone": Trouble(SchemaError, self._without("due")),
            "rate limit": Trouble(TransientError, fault("", body=limited, **slow)),
            "overload": Trouble(TransientError, fault("", body=busy, **{**slow, "status": 529})),
            "server fails": Trouble(TransientError, fault(**always), reads),
            "bad gateway": Trouble(TransientError, fault(kind="html", **always), reads),
            "cut off": Trouble(TransientError, fault(kind="reset", **always), reads),
            "half an answer": Trouble(TransientError, fault(kind="garbage", **always), reads),
            "error in a 200": Trouble(
                TransientError, fault(status=200, body=inside, **always), reads
            ),
            "no network": Trouble(TransientError, self._elsewhere()),
        }

    @contextmanager
    def _with(self, **what: Any) -> Iterator[None]:
        before = {name: getattr(self.fake, name) for name in what}
        for name, value in what.items():
            setattr(self.fake, name, value)
        yield
        for name, value in before.items():
            setattr(self.fake, name, value)

    @contextmanager
    def _without(self, name: str) -> Iterator[None]:
        column = self.fake.drop_column(COLUMN_NAMES[name])
        yield
        self.fake.columns[column.id] = column

    @contextmanager
    def _elsewhere(self) -> Iterator[None]:
        setup = self.setup
        options = {**setup.options, "base_url": "http://127.0.0.1:9"}
        self.setup = replace(setup, options=options)
        yield
        self.setup = setup

    @staticmethod
    def _named(cells: Mapping[str, Cell]) -> dict[str, Cell]:
        return {COLUMN_NAMES[name]: cell for name, cell in cells.items()}

    def _row(self, item_id: str) -> str:
        label = COLUMN_NAMES["id"]
        return next(p for p in self.fake.rows() if self.fake.read(p, label) == item_id)
