"""A project of a fake Jira for the contract suite, Cloud and Data Center."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
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
from fakes.jira import Account, FakeJira

from connectors.base import Connector
from connectors.errors import AuthError, SchemaError, TransientError
from connectors.jira.wire import PROPERTY
from connectors.registry import load
from mapping.cells import Cell, User
from mapping.values import Status
from mapping.words import STATUSES

CATEGORIES = {Status.IN_PROGRESS: "indeterminate", Status.DONE: "done"}
WORKFLOW = [(STATUSES["zh"][status], CATEGORIES.get(status, "indeterminate")) for status in Status]
KINDS = {
    "department": "select",
    "support": "multiselect",
    "completed": "datepicker",
    "note": "textarea",
    "acceptance": "textarea",
}
SYSTEM = {"description": "summary", "owner": "assignee", "due": "duedate", "status": "status"}


def account_of(user: User) -> Account:
    return Account(user.key, user.name, user.email or "")


def users_of(people: Sequence[Any]) -> tuple[User, ...]:
    """Return an account of each person, as both flavours could name them."""
    return tuple(User(f"acct-{n}", p.name, p.email) for n, p in enumerate(people, 1))


USERS = users_of(PEOPLE)


class Hand:
    """Somebody who works in the project; rows by the issue's id, columns by our field.

    Args:
        fake: the service.
        columns: our field, and ``id``, -> the field's name when it was made.
    """

    def __init__(self, fake: FakeJira, columns: Mapping[str, str]) -> None:
        self.fake = fake
        self.keys = {
            name: SYSTEM.get(name) or fake.field_named(label).id
            for name, label in columns.items()
            if name != "id"
        }

    def rows(self, item_id: str | None = None) -> list[str]:
        """List the rows that are there, or those that carry an id."""
        rows = self.fake.rows()
        return [r for r in rows if item_id is None or self.read(r, "id") == item_id]

    def read(self, row: str, name: str) -> Cell:
        if name == "id":
            return next((x for x in self.fake.labels(row) if x.startswith("ML-")), None)
        key = self.keys[name]
        if key == "status":
            return self.fake.read(row, "status")
        found = self.fake.fields[key]
        raw = self.fake.raw(row, key)
        if found.schema["type"] == "user":
            account = self.fake.accounts.get(raw)
            return (User(account.key, account.name, account.email),) if account else ()
        if found.kind == "multiselect":
            named = {o["id"]: o["value"] for o in found.options or ()}
            return tuple(named[v] for v in raw or ())
        text = self.fake.read(row, key)
        if name in ("due", "completed") and text and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return date.fromisoformat(text)
        return text

    def edit(self, row: str, **cells: Cell) -> None:
        if "id" in cells:
            told = cells.pop("id")
            others = [x for x in self.fake.labels(row) if not x.startswith("ML-")]
            self.fake.label(row, *others, *([str(told)] if told else []))
            self.fake.issues[row].properties.pop(PROPERTY, None)
        if cells:
            self.fake.edit(row, {self.keys[name]: cell for name, cell in cells.items()})

    def add(self, **cells: Cell) -> str:
        row = self.fake.add({})
        self.edit(row, **cells)
        return row

    def copy(self, row: str) -> str:
        return self.fake.copy(row)

    def delete(self, row: str) -> None:
        self.fake.delete(row)

    def clear_id(self, row: str) -> None:
        """Take the label away; the property is not to be seen by people."""
        self.fake.label(row, *(x for x in self.fake.labels(row) if not x.startswith("ML-")))

    def mistype_id(self, row: str) -> None:
        """Put another character in place of the last."""
        text = str(self.read(row, "id"))
        self.fake.label(row, text[:-1] + ("7" if text[-1] != "7" else "8"))

    def sort(self, name: str, *, reverse: bool = False) -> None:
        """Put the rows in another order."""
        order = sorted(self.fake.issues, key=lambda row: str(self.read(row, name)), reverse=reverse)
        self.fake.issues = {row: self.fake.issues[row] for row in order}


class JiraHarness(ByHand):
    """A project in which an account and people work.

    Attributes:
        fills: fields that the tool fills by itself in a new row.
    """

    fills = frozenset({"status"})

    def __init__(
        self,
        folder: Path,
        *,
        cloud: bool = True,
        kinds: Mapping[str, str] | None = None,
        statuses: Sequence[tuple[str, str]] = (),
        ways: Sequence[tuple[str, str]] = (),
        **abilities: Any,
    ) -> None:
        self.clock = FakeClock()
        self.fake = FakeJira(
            self.clock,
            cloud=cloud,
            accounts=[account_of(user) for user in USERS],
            statuses=statuses or WORKFLOW,
        )
        self.fake.token = SECRET
        departments = [d.name for d in DEPARTMENTS]
        for name, label in {**COLUMN_NAMES, "foreign": FOREIGN}.items():
            if name in SYSTEM or name == "id":
                continue
            kind = {**KINDS, **(kinds or {})}.get(name, "textfield")
            self.fake.add_field(label, kind, departments if "select" in kind else ())
        if ways:
            self.fake.lead(*ways, wants={"已完成": ("resolution",)})
        self.hand = Hand(self.fake, {**COLUMN_NAMES, "foreign": FOREIGN})
        for name, value in abilities.items():
            setattr(self.fake, name, value)
        options = {"server": self.fake.base_url, "project": "ACT", "issue_type": "Task"}
        setup = setup_for(options, self.clock, folder)
        if cloud:
            who = {"email": self.fake.email, "api_token": SECRET, "token": None}
            setup = replace(setup, options={**setup.options, **who})
        self.setup = setup

    def connector(self) -> Connector:
        return load("jira")(self.setup)

    def rename(self, name: str) -> None:
        self.fake.fields[self.hand.keys[name]].name = "别的列"

    def settle(self) -> None:
        self.clock.advance(self.fake.lag_s + 1)

    def fingerprint(self) -> object:
        return self.fake.fingerprint()

    def provoke(self) -> Mapping[str, Trouble]:
        fault, reads = self.fake.fault, ("describe", "pull", "find")
        slow: dict[str, Any] = {"status": 429, "times": 99, "headers": {"Retry-After": "30"}}
        inside = {"errorMessages": ["no"], "errors": {}}
        always: dict[str, Any] = {"match": "", "times": 99}
        some = self.fake.rights
        return {
            "wrong token": Trouble(AuthError, changed(self.fake, token="another")),
            "answered as nobody": Trouble(
                AuthError, changed(self.fake, token="another", anonymous=True)
            ),
            "a person has to log in": Trouble(AuthError, changed(self.fake, captcha=True)),
            "no right to read": Trouble(
                AuthError,
                changed(self.fake, rights={*some} - {"BROWSE_PROJECTS"}),
                ("describe", "pull"),
            ),
            "no right to add": Trouble(
                AuthError, changed(self.fake, rights=some - {"CREATE_ISSUES"})
            ),
            "no right to move": Trouble(
                AuthError, changed(self.fake, rights=some - {"TRANSITION_ISSUES"})
            ),
            "project not to be seen": Trouble(SchemaError, changed(self.fake, project_seen=False)),
            "field off the screen": Trouble(SchemaError, self._off_screen("due")),
            "field gone": Trouble(SchemaError, self._without("due")),
            "rate limit": Trouble(TransientError, fault("", **slow)),
            "server fails": Trouble(TransientError, fault(**always), reads),
            "bad gateway": Trouble(TransientError, fault(kind="html", **always), reads),
            "cut off": Trouble(TransientError, fault(kind="reset", **always), reads),
            "half an answer": Trouble(TransientError, fault(kind="garbage", **always), reads),
            "a page instead of an answer": Trouble(
                TransientError, fault(kind="html", status=200, **always), reads
            ),
            "error in a 200": Trouble(
                TransientError, fault(status=200, body=inside, **always), reads
            ),
            "no network": Trouble(TransientError, elsewhere(self, server="http://127.0.0.1:9")),
        }

    @contextmanager
    def _off_screen(self, name: str) -> Iterator[None]:
        found = self.fake.fields[self.hand.keys[name]]
        found.on_create = False
        yield
        found.on_create = True

    @contextmanager
    def _without(self, name: str) -> Iterator[None]:
        before = dict(self.fake.fields)
        del self.fake.fields[self.hand.keys[name]]
        yield
        self.fake.fields = before
