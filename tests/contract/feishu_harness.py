"""A base of the fake Feishu for the contract suite and the simulation."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
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
from fakes.clock import FakeClock
from fakes.feishu import APP, TABLE, WIKI, FakeFeishu, Hand, columns_for

from connectors.base import Connector
from connectors.errors import AuthError, SchemaError, TransientError
from connectors.registry import load
from mapping.cells import Cell
from mapping.words import STATUSES

USERS = {
    "ou_zhang": {"name": "Zhang San", "email": "zhangsan@example.com"},
    "ou_li": {"name": "李四", "email": "lisi@example.com"},
    "ou_app": {"name": "Minuteloop"},
    "ou_lisi": {"name": "李四"},
}
PLACE = {"app_token": APP, "table_id": TABLE}
TEXTS = dict.fromkeys(("owner", "department", "support", "due", "completed", "status"), 1)


class FeishuHarness(ByHand):
    """A table of a base, with columns of the usual types or with texts throughout.

    Args:
        folder: for the connector's own files.
        texts: all columns are texts.
        changes: there is a column that tells of last changes.
        wiki: the base stands in a wiki.
        abilities: attributes of the fake.
    """

    def __init__(
        self,
        folder: Path,
        *,
        texts: bool = False,
        changes: bool = True,
        wiki: bool = False,
        **abilities: Any,
    ) -> None:
        self.clock = FakeClock()
        columns = columns_for(
            {**COLUMN_NAMES, "foreign": FOREIGN},
            list(STATUSES["zh"].values()),
            [department.name for department in DEPARTMENTS],
            TEXTS if texts else None,
        )
        if changes:
            columns.append({"field_name": "最后更新时间", "type": 1002})
        self.texts = texts
        self.fake = FakeFeishu(self.clock, columns, USERS)
        self.fake.secret = SECRET
        for name, value in abilities.items():
            setattr(self.fake, name, value)
        place = {"wiki_token": WIKI, "table_id": TABLE} if wiki else PLACE
        options = {
            "base_url": self.fake.url,
            "app_id": self.fake.app_id,
            "app_secret": SECRET,
            **place,
        }
        self.setup = setup_for(options, self.clock, folder)
        self.hand = Hand(self.fake, {**COLUMN_NAMES, "foreign": FOREIGN})

    def connector(self) -> Connector:
        return load("feishu")(self.setup)

    def edit(self, item_id: str, **cells: Cell) -> None:
        if isinstance(cells.get("due"), str) and not self.texts:
            pytest.skip("a column of dates takes no words there")
        self.hand.edit(self._row(item_id), **cells)

    def rename(self, name: str) -> None:
        self.fake.column(COLUMN_NAMES[name])["field_name"] = COLUMN_NAMES[name] + " (旧)"

    def settle(self) -> None:
        self.clock.advance(self.fake.lag_s + 1)

    def fingerprint(self) -> object:
        return self.fake.writes

    def provoke(self) -> Mapping[str, Trouble]:
        token = "auth/v3"
        gone = ("pull", "find", "apply")
        return {
            "column deleted": Trouble(SchemaError, self._without("计划完成时间")),
            "column hidden": Trouble(SchemaError, self._hidden("状态")),
            "column of another type": Trouble(SchemaError, self._retyped("负责人", 7)),
            "wrong secret": Trouble(AuthError, changed(self.fake, secret="another")),
            "no scope": Trouble(AuthError, changed(self.fake, scopes=set())),
            "sign-in refused": Trouble(AuthError, self._failing(token, body={"code": 10014})),
            "another base": Trouble(SchemaError, self._place(app_token="bascnOther")),
            "another table": Trouble(SchemaError, self._place(table_id="tblOther")),
            "not added to the base": Trouble(AuthError, self._failing("apps", body=_said(91403))),
            "too many calls": Trouble(
                TransientError,
                self._failing(
                    "apps",
                    status=429,
                    body=_said(99991400),
                    headers={"x-ogw-ratelimit-reset": "3"},
                ),
            ),
            "quota spent": Trouble(TransientError, self._failing("apps", body=_said(99991403))),
            "server down": Trouble(TransientError, self._failing("apps", status=502)),
            "401": Trouble(AuthError, self._failing("apps", status=401)),
            "403": Trouble(AuthError, self._failing("apps", status=403)),
            "404": Trouble(SchemaError, self._failing("apps", status=404)),
            "broken JSON": Trouble(TransientError, self._failing("apps", kind="garbage")),
            "connection cut": Trouble(TransientError, self._failing("apps", kind="reset")),
            "rows answer an error in a 200": Trouble(
                TransientError, self._failing("/records/", body=_said(1254607)), gone
            ),
        }

    @contextmanager
    def _without(self, label: str) -> Iterator[None]:
        columns = list(self.fake.columns)
        self.fake.columns.remove(self.fake.column(label))
        yield
        self.fake.columns = columns

    @contextmanager
    def _hidden(self, label: str) -> Iterator[None]:
        self.fake.hidden_columns.add(label)
        yield
        self.fake.hidden_columns.clear()

    @contextmanager
    def _retyped(self, label: str, kind: int) -> Iterator[None]:
        column = self.fake.column(label)
        before = column["type"]
        column["type"] = kind
        yield
        column["type"] = before

    def _place(self, **options: str) -> AbstractContextManager[None]:
        """Name another place outright, also where a wiki was named."""
        return elsewhere(self, wiki_token=None, **{**PLACE, **options})

    @contextmanager
    def _failing(self, match: str, kind: str = "answer", **more: Any) -> Iterator[None]:
        self.fake.fail(match, kind, times=10**6, **more)
        yield
        self.fake.faults.clear()


def _said(code: int) -> Mapping[str, object]:
    return {"code": code, "msg": "no"}
