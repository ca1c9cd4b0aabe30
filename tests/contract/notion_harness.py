"""A table of a fake Notion for the contract suite."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from contract.shared import (
    COLUMN_NAMES,
    DEPARTMENTS,
    FOREIGN,
    PEOPLE,
    SECRET,
    ByHand,
    Trouble,
    changed,
    elsewhere,
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


class Hand:
    """Somebody who works in the table; rows by the page's id, columns by our field.

    Args:
        fake: the service.
        columns: our field, and ``id``, -> the column's name when it was made.
    """

    def __init__(self, fake: FakeNotion, columns: Mapping[str, str]) -> None:
        self.fake = fake
        self.keys = {name: fake.column(label).id for name, label in columns.items()}

    def label(self, name: str) -> str:
        """Return what a column is called now."""
        return self.fake.columns[self.keys[name]].name

    def rows(self, item_id: str | None = None) -> list[str]:
        """List the rows that are there, or those that carry an id."""
        rows = self.fake.rows()
        return [r for r in rows if item_id is None or self.read(r, "id") == item_id]

    def read(self, row: str, name: str) -> Cell:
        column = self.fake.columns[self.keys[name]]
        raw = self.fake.raw(row, column.name)
        if column.type == "people":
            users = {**self.fake.users, **self.fake.guests}
            return tuple(users.get(u["id"], User(u["id"])) for u in raw or ())
        if column.type == "multi_select":
            return tuple(option["name"] for option in raw or ())
        text = self.fake.read(row, column.name)
        if name in ("due", "completed") and text and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return date.fromisoformat(text)
        return text

    def edit(self, row: str, **cells: Cell) -> None:
        for name, cell in cells.items():
            if isinstance(cell, str) and self.fake.column(self.label(name)).type == "date":
                self.fake.retype(self.label(name), "rich_text")  # a date holds no words
        self.fake.edit(row, {self.label(name): cell for name, cell in cells.items()})

    def add(self, **cells: Cell) -> str:
        row = self.fake.add({})
        self.edit(row, **cells)
        return row

    def copy(self, row: str) -> str:
        """Copy a row with all that stands in it, the id too."""
        return self.fake.copy(row)

    def delete(self, row: str) -> None:
        self.fake.trash(row)

    def restore(self, row: str) -> None:
        """Take a row out of the trash."""
        self.fake.restore(row)

    def clear_id(self, row: str) -> None:
        self.edit(row, id=None)

    def mistype_id(self, row: str) -> None:
        """Put another character in place of the last."""
        text = str(self.read(row, "id"))
        self.edit(row, id=text[:-1] + ("7" if text[-1] != "7" else "8"))

    def sort(self, name: str, *, reverse: bool = False) -> None:
        """Put the rows in another order."""
        order = sorted(self.fake.pages, key=lambda row: str(self.read(row, name)), reverse=reverse)
        self.fake.pages = {row: self.fake.pages[row] for row in order}


class NotionHarness(ByHand):
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
        self.hand = Hand(self.fake, {**COLUMN_NAMES, "foreign": FOREIGN})
        for name, value in abilities.items():
            setattr(self.fake, name, value)
        place = {"database_id": self.fake.database_id}
        options = place if by_database else {"data_source_id": self.fake.source_id}
        self.setup = setup_for({**options, "base_url": self.fake.base_url}, self.clock, folder)

    def connector(self) -> Connector:
        return load("notion")(self.setup)

    def rename(self, name: str) -> None:
        self.fake.rename(COLUMN_NAMES[name], "别的列")

    def settle(self) -> None:
        self.clock.advance(self.fake.lag_s + 1)

    def fingerprint(self) -> object:
        return self.fake.fingerprint()

    def provoke(self) -> Mapping[str, Trouble]:
        fault, reads = self.fake.fault, ("describe", "pull", "find")
        slow: dict[str, Any] = {"status": 429, "times": 99, "headers": {"Retry-After": "30"}}
        limited = {"code": "rate_limited", "message": "slow down"}
        busy = {"code": "service_overload", "message": "later"}
        inside = {"object": "error", "code": "internal_server_error", "message": "no"}
        always: dict[str, Any] = {"match": "data_source", "times": 99}
        return {
            "wrong token": Trouble(AuthError, changed(self.fake, token="another")),
            "no right to read": Trouble(AuthError, changed(self.fake, rights=set())),
            "no right to add": Trouble(
                AuthError, changed(self.fake, rights={"read", "users"}), ("apply",)
            ),
            "not shared": Trouble(SchemaError, changed(self.fake, shared=False)),
            "in the trash": Trouble(SchemaError, changed(self.fake, in_trash=True)),
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
            "no network": Trouble(TransientError, elsewhere(self, base_url="http://127.0.0.1:9")),
        }

    @contextmanager
    def _without(self, name: str) -> Iterator[None]:
        column = self.fake.drop_column(COLUMN_NAMES[name])
        yield
        self.fake.columns[column.id] = column
