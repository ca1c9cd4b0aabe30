"""A base of the fake Airtable for the contract suite and the simulation."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from contract.shared import (
    COLUMN_NAMES,
    DEPARTMENTS,
    FOREIGN,
    SECRET,
    ByHand,
    Trouble,
    changed,
    elsewhere,
    setup_for,
)
from fakes.airtable import TABLE, FakeAirtable, Hand, columns_for
from fakes.clock import FakeClock

from connectors.airtable import Airtable
from connectors.base import Connector
from connectors.errors import AuthError, SchemaError, TransientError
from mapping.cells import Cell
from mapping.words import STATUSES

USERS = {
    "usrZhang": {"name": "Zhang San", "email": "zhangsan@example.com"},
    "usrLi": {"name": "李四", "email": "LiSi@example.com"},
    "usrOther": {"name": "李四"},
}
FIELDS = ("owner", "department", "support", "due", "completed", "status")
TEXTS = dict.fromkeys(FIELDS, "singleLineText")


class AirtableHarness(ByHand):
    """A table of a base, with columns of the usual types or with texts throughout.

    Args:
        folder: for the connector's own files.
        texts: all columns are texts.
        table: how the team file names the table.
        abilities: attributes of the fake.
    """

    def __init__(
        self, folder: Path, *, texts: bool = False, table: str = TABLE, **abilities: Any
    ) -> None:
        self.clock = FakeClock()
        columns = columns_for(
            {**COLUMN_NAMES, "foreign": FOREIGN},
            list(STATUSES["zh"].values()),
            [department.name for department in DEPARTMENTS],
            TEXTS if texts else None,
        )
        self.texts = texts
        self.fake = FakeAirtable(self.clock, columns, USERS)
        self.fake.token = SECRET
        for name, value in abilities.items():
            setattr(self.fake, name, value)
        options = {"base_url": self.fake.url, "base_id": self.fake.base_id, "table": table}
        self.setup = setup_for(options, self.clock, folder)
        self.hand = Hand(self.fake, {**COLUMN_NAMES, "foreign": FOREIGN})

    def connector(self) -> Connector:
        return Airtable(self.setup)

    def edit(self, item_id: str, **cells: Cell) -> None:
        if isinstance(cells.get("due"), str) and not self.texts:
            pytest.skip("a column of dates takes no words there")
        self.hand.edit(self._row(item_id), **cells)

    def rename(self, name: str) -> None:
        self.fake.column(COLUMN_NAMES[name])["name"] += " (旧)"

    def settle(self) -> None:
        self.clock.advance(self.fake.lag_s + 1)

    def fingerprint(self) -> object:
        return self.fake.writes

    def provoke(self) -> Mapping[str, Trouble]:
        rows = ("pull", "find", "apply")
        spent = {"error": {"type": "PUBLIC_API_BILLING_LIMIT_EXCEEDED", "message": "spent"}}
        late = self._failing(f" /{self.fake.base_id}/", kind="reset")
        return {
            "column deleted": Trouble(SchemaError, self._without("计划完成时间")),
            "column of another type": Trouble(SchemaError, self._retyped("负责人", "checkbox")),
            "wrong token": Trouble(AuthError, changed(self.fake, token="another")),
            "no scope": Trouble(AuthError, changed(self.fake, scopes=set())),
            "may only read": Trouble(AuthError, changed(self.fake, level="read"), ("apply",)),
            "another base": Trouble(AuthError, elsewhere(self, base_id="appOther")),
            "another table": Trouble(SchemaError, elsewhere(self, table="tblOther")),
            "too many calls": Trouble(TransientError, self._failing("", status=429)),
            "quota spent": Trouble(TransientError, self._failing("", status=429, body=spent)),
            "server down": Trouble(TransientError, self._failing("", status=503)),
            "401": Trouble(AuthError, self._failing("", status=401)),
            "403": Trouble(AuthError, self._failing("", status=403)),
            "404": Trouble(SchemaError, self._failing("", status=404)),
            "broken JSON": Trouble(TransientError, self._failing("", kind="garbage")),
            "connection cut": Trouble(TransientError, self._failing("", kind="reset")),
            "rows are cut": Trouble(TransientError, late, rows),
        }

    @contextmanager
    def _without(self, label: str) -> Iterator[None]:
        columns = list(self.fake.columns)
        self.fake.columns.remove(self.fake.column(label))
        yield
        self.fake.columns = columns

    @contextmanager
    def _retyped(self, label: str, kind: str) -> Iterator[None]:
        column = self.fake.column(label)
        before = column["type"]
        column["type"] = kind
        yield
        column["type"] = before

    @contextmanager
    def _failing(self, match: str, kind: str = "answer", **more: Any) -> Iterator[None]:
        self.fake.fail(match, kind, times=10**6, **more)
        yield
        self.fake.faults.clear()
