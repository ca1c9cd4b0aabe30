"""Which accounts the team's people have. I/O by the client.

"User search" (developer.atlassian.com, read 2026-11): Cloud shows an e-mail only where the profile
does, and a search by one may find nothing or another that begins alike, so an account counts only
if it shows that very e-mail, or its id stands in the team file. Names are never searched for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.base import Setup
from connectors.jira.client import Client
from connectors.jira.faults import ForbiddenError, MissingError, RefusedError
from connectors.jira.wire import Json, as_list, key_of, user_of
from mapping.cells import User
from mapping.said import Said
from mapping.values import Person

PAGE = 1000  # of those who can be assigned, more are not considered ("Find users assignable")
_ASSIGNABLE = "user/assignable/search"
_NOBODY = (MissingError, RefusedError, ForbiddenError)


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The accounts that were found.

    Attributes:
        assignable: a team member's name -> the account; issues can be assigned to it.
        all: the same, whether or not they can be.
        known: key -> account, with the name of the team file.
        notes: what a person should know, one sentence each.
    """

    assignable: Mapping[str, User] = field(default_factory=dict)
    all: Mapping[str, User] = field(default_factory=dict)
    known: Mapping[str, User] = field(default_factory=dict)
    notes: tuple[Said, ...] = ()


class Finder:
    """Finds the team's accounts.

    Args:
        setup: the team's people.
        client: asks the service.
        project: the key of the project that they work in.
    """

    def __init__(self, setup: Setup, client: Client, project: str) -> None:
        self._setup = setup
        self._client = client
        self._project = project
        self._by = "query" if client.cloud else "username"

    def find(self) -> People:
        """Find all that can be found."""
        if not self._setup.people:
            return People()
        listed = list(self._assignable())
        known: dict[str, User] = {}
        assignable: dict[str, User] = {}
        found: dict[str, User] = {}
        notes: list[Said] = []
        for person in self._setup.people:
            raw = _pick(person, listed) or self._ask(person)
            if raw is None:
                continue
            account = user_of(raw, {})
            user = User(account.key, person.name, account.email)
            known[user.key] = user
            if raw.get("active") is False:
                notes.append(self._note(person, "账号已停用", "the account is deactivated"))
                continue
            found[person.name] = user
            if raw in listed or self._may_be_assigned(raw):
                assignable[person.name] = user
            else:
                en = "no issue of this project can be assigned to the account"
                notes.append(self._note(person, "该账号不能被指派本项目的事务", en))
        return People(assignable=assignable, all=found, known=known, notes=tuple(notes))

    def _note(self, person: Person, zh: str, en: str) -> Said:
        name = self._setup.name
        return Said(f"{name}：{person.name}：{zh}", f"{name}: {person.name}: {en}")

    def _assignable(self) -> Iterator[Json]:
        """List those whom issues can be assigned to; a large site shows only its first."""
        try:
            yield from self._search(_ASSIGNABLE, {"project": self._project})
        except _NOBODY:
            return  # without a name to search for, some versions answer nothing

    def _search(self, path: str, query: Mapping[str, Any]) -> list[Json]:
        return as_list(self._client.read("GET", path, maxResults=PAGE, **query))

    def _ask(self, person: Person) -> Json | None:
        """Ask for one account by its id, or search for it by its e-mail."""
        account = person.accounts.get("jira")
        try:
            if account:
                return self._named(account)
            if person.email:
                found = self._search("user/search", {self._by: person.email})
                return _pick(person, found)
        except _NOBODY:
            return None
        return None

    def _named(self, account: str) -> Json | None:
        ways = ("accountId",) if self._client.cloud else ("username", "key")
        for way in ways:
            try:
                query: dict[str, Any] = {way: account}
                raw = self._client.read("GET", "user", **query)
            except (MissingError, RefusedError):
                continue
            if isinstance(raw, dict) and key_of(raw):
                return raw
        return None

    def _may_be_assigned(self, raw: Json) -> bool:
        who = "accountId" if self._client.cloud else "username"
        try:
            found = self._search(_ASSIGNABLE, {"project": self._project, who: key_of(raw)})
        except _NOBODY:
            return False
        return any(key_of(other) == key_of(raw) for other in found)


def _pick(person: Person, listed: Sequence[Json]) -> Json | None:
    """Return the account of a person among several; by its id if the team file has one."""
    account = person.accounts.get("jira")
    if account:
        same = [raw for raw in listed if account in (key_of(raw), raw.get("key"))]
    else:
        email = (person.email or "").casefold()
        same = [r for r in listed if email and str(r.get("emailAddress") or "").casefold() == email]
    active = [raw for raw in same if raw.get("active") is not False]
    keys = {key_of(raw) for raw in active}
    return active[0] if len(keys) == 1 else (same[0] if same and not active else None)
