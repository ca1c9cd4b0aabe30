"""The accounts of a workspace: whom the team's people are there. I/O by the client."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from connectors.base import Setup
from connectors.errors import AuthError, at
from connectors.notion.client import Client
from connectors.notion.faults import MissingError, RefusedError
from connectors.notion.wire import Json, as_dict, as_list, plain_id, user_of
from mapping.cells import User
from mapping.said import Said
from mapping.values import Person

_EMAILS_HINT = Said(
    "请给它读取用户信息（含邮箱）的能力",
    "give it the capability to read user information including e-mail addresses",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The workspace's accounts.

    Attributes:
        accounts: a team member's name -> the account.
        notes: what a person should know, one sentence each.
    """

    accounts: Mapping[str, User] = field(default_factory=dict)
    notes: tuple[Said, ...] = ()


class Accounts:
    """Finds accounts, and learns their names.

    Args:
        setup: whom to look for.
        client: asks the service.

    Attributes:
        known: id -> account; one of a team member bears the name of the team file.
    """

    def __init__(self, setup: Setup, client: Client) -> None:
        self._setup = setup
        self._client = client
        self.known: dict[str, User] = {}

    def find(self) -> People:
        """Find the team's accounts by id or e-mail; guests are in no list."""
        notes: list[Said] = []
        try:
            listed = [user_of(raw, {}) for raw in self._client.pages("users")]
        except (AuthError, RefusedError):
            listed = []
            notes.append(
                at(
                    self._setup.name,
                    f"该连接无权列出人员，因此无法用邮箱查找；{_EMAILS_HINT.zh}",
                    f"the connection may not list people, so e-mails find nobody - {_EMAILS_HINT}",
                )
            )
        if listed and not any(user.email for user in listed):
            notes.append(
                at(
                    self._setup.name,
                    f"该连接看不到邮箱，因此无法用邮箱查找；{_EMAILS_HINT.zh}",
                    "the connection is told no e-mail addresses, so they find nobody - "
                    f"{_EMAILS_HINT}",
                )
            )
        known = {user.key: user for user in listed}
        by_email = {user.email.casefold(): user for user in listed if user.email}
        accounts = {}
        for person in self._setup.people:
            found = self._account(person, known, by_email)
            if found is not None:
                accounts[person.name] = known[found.key] = found
        self.known |= known
        return People(accounts=accounts, notes=tuple(notes))

    def _account(
        self, person: Person, known: Mapping[str, User], by_email: Mapping[str, User]
    ) -> User | None:
        account = person.accounts.get("notion")
        if account:
            key = plain_id(account)
            found = known.get(key) or self._user(key)
        else:
            found = by_email.get((person.email or "").casefold())
        return User(found.key, person.name, found.email) if found else None

    def _user(self, key: str) -> User | None:
        """Ask for one account: guests answer to their id alone."""
        try:
            return user_of(self._client.read("GET", f"users/{key}"), {})
        except AuthError:
            return User(key)  # it may be right: we are not allowed to see
        except (MissingError, RefusedError):
            return None

    def meet(self, properties: Iterable[Json]) -> None:
        """Learn the names of people that no list showed, guests most likely."""
        for held in properties:
            if held.get("type") not in ("people", "created_by", "last_edited_by"):
                continue
            value = held.get(str(held.get("type")))
            for raw in as_list(value) or [as_dict(value)]:
                key = str(raw.get("id") or "")
                if key and key not in self.known:
                    named = user_of(raw, {})
                    is_group = raw.get("object") == "group"
                    found = named if named.name or is_group else self._user(key)
                    self.known[key] = found or named
