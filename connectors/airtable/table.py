"""Reading one table of a base: its place, columns, people and rows. I/O by the client."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from pyairtable import formulas

from connectors.airtable.client import Client, Json, RefusedError
from connectors.airtable.columns import Bound, Column, bind, column
from connectors.airtable.faults import NO_PAGE
from connectors.airtable.wire import cell, text_of
from connectors.base import Record, Setup
from connectors.decoded import Decoded
from connectors.errors import SchemaError, TransientError, at
from connectors.fit import version
from mapping.cells import Cells, Kind, User
from mapping.said import Said

ASKED = 100  # rows that are asked for by their ids in one call: a page
RESTARTS = 3  # a listing whose pages the service forgot begins anew
_READ_ONLY = frozenset({"none", "read", "comment"})
_USER_ID = "usr"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The columns and people as they were looked at.

    Attributes:
        table: the table's id.
        columns: all of the table.
        users: a person's name -> the account.
    """

    table: str
    columns: Sequence[Column]
    bound: Bound
    users: Mapping[str, User]
    notes: tuple[Said, ...]
    faults: tuple[Said, ...]

    @property
    def emails(self) -> Mapping[str, str]:
        """Account -> the e-mail by which a person of the team was found."""
        return {u.key: u.email for u in self.users.values() if u.email}


class Table:
    """The table that the setup names, by its id or its name.

    Args:
        setup: ``options`` has ``table``.
        client: of the base.
    """

    def __init__(self, setup: Setup, client: Client) -> None:
        self._setup = setup
        self._client = client
        self._decoded = Decoded[Record]()
        self.wanted = str(setup.options["table"])

    # --- the table itself ---

    def all_tables(self) -> list[Json]:
        """List the base's tables."""
        listed = (self._client.tables().body or {}).get("tables")
        return [t for t in listed if isinstance(t, dict)] if isinstance(listed, list) else []

    def choose(self, tables: Sequence[Json]) -> Json | None:
        """Return the table that is meant; None if there is none."""
        by_id = [t for t in tables if t.get("id") == self.wanted]
        by_name = by_id or [t for t in tables if t.get("name") == self.wanted]
        return by_name[0] if by_name else None

    def columns(self) -> tuple[str, Sequence[Column]]:
        """Return the table's id and its columns.

        Raises:
            SchemaError: there is no such table.
        """
        tables = self.all_tables()
        found = self.choose(tables)
        if found is None:
            there = [f"{t.get('name')} ({t.get('id')})" for t in tables]
            raise SchemaError(
                at(
                    self._setup.name,
                    f"base {self._client.base_id} 中没有表“{self.wanted}”",
                    f"the base {self._client.base_id} has no table {self.wanted!r}",
                ),
                hint=Said(
                    f"table 可以是：{'、'.join(there) or '一个也看不到'}",
                    f"set table to one of: {', '.join(there) or 'none can be seen'}",
                ),
            )
        fields = found.get("fields")
        listed = fields if isinstance(fields, list) else []
        return str(found.get("id")), [column(raw) for raw in listed if isinstance(raw, dict)]

    def look(self, columns: tuple[str, Sequence[Column]], known: Mapping[str, str]) -> Look:
        """Look at the columns and the people.

        Args:
            columns: as ``columns`` lists them.
            known: ours -> the id of the column that it had before.

        Raises:
            SchemaError: a column is missing.
        """
        bound = bind(columns[1], self._setup, known)
        notes = list(bound.notes)
        faults: list[Said] = []
        by_account = any(c.kind is Kind.USERS for c in bound.by_field.values())
        members = self._members(notes if by_account else [], rights=faults)
        users = self._people(members, notes) if by_account else {}
        return Look(
            table=columns[0],
            columns=columns[1],
            bound=bound,
            users=users,
            notes=tuple(notes),
            faults=tuple(faults),
        )

    def look_again(self, look: Look) -> Look:
        """Look at the columns alone."""
        _, columns = self.columns()
        bound = bind(columns, self._setup, look.bound.ids)
        return replace(look, columns=columns, bound=bound)

    # --- people ---

    def _members(self, notes: list[Said], *, rights: list[Said]) -> Mapping[str, str] | None:
        """Return e-mail -> account of all who may work in the base; None if that is not told."""
        try:
            told = self._client.base().body or {}
        except RefusedError as refused:
            why = refused.error.said
            notes.append(
                at(
                    self._setup.name,
                    f"无法用邮箱查找人员（{why.zh}）；请给令牌 schema.bases:read 权限，"
                    '或在团队配置文件中为每个人写明 airtable = "usr…"',
                    f"people are not found by e-mail ({why}) - give the token the scope "
                    'schema.bases:read, or set airtable = "usr…" of each person in the team file',
                )
            )
            return None
        level = told.get("permissionLevel")
        if level in _READ_ONLY:
            rights.append(
                at(
                    self._setup.name,
                    f"令牌的用户在该 base 中的权限是 {level}，什么也写不了；"
                    "请让该用户成为 Editor（右上角 Share）",
                    f"the token's user may only {level} in this base, so nothing can be written - "
                    "make that user an Editor (Share, at the top right)",
                )
            )
        individual = told.get("individualCollaborators")
        groups = individual.values() if isinstance(individual, dict) else ()
        members = [m for g in groups if isinstance(g, list) for m in g if isinstance(m, dict)]
        return {
            str(m["email"]).lower(): str(m["userId"])
            for m in members
            if m.get("email") and m.get("userId")
        }

    def _people(self, members: Mapping[str, str] | None, notes: list[Said]) -> Mapping[str, User]:
        """Find the team's people: by the id in the team file, else by e-mail."""
        users: dict[str, User] = {}
        for person in self._setup.people:
            account = person.accounts.get("airtable")
            email = person.email
            key = account or (members or {}).get((email or "").lower())
            if account and not account.startswith(_USER_ID):
                notes.append(
                    at(
                        self._setup.name,
                        f"{person.name} 的“{account}”不是用户 id（usr…）；请去掉它而用邮箱",
                        f"{account!r} of {person.name} is no user id (usr…) - leave it out and go "
                        "by e-mail",
                    )
                )
            elif key:
                users[person.name] = User(key, person.name, email)
        return users

    # --- rows ---

    def rows(self, look: Look, formula: str = "") -> tuple[dict[str, Record], datetime]:
        """Read rows, all pages; and the service's time when it began.

        Pages are kept by the service for some minutes only; where it forgot them the listing begins
        anew, and what was collected is thrown away ("List records").

        Raises:
            RefusedError: the service refused it.
            ConnectorError: it could not be asked.
        """
        for _ in range(RESTARTS):
            try:
                return self._listing(look, formula)
            except RefusedError as refused:
                if refused.type != NO_PAGE:
                    raise
        raise TransientError(
            at(
                self._setup.name,
                "读取过程中服务丢失了分页",
                "the service forgets its pages while they are read",
            )
        )

    def _listing(self, look: Look, formula: str) -> tuple[dict[str, Record], datetime]:
        found: dict[str, Record] = {}
        fields = list(look.bound.ids.values())
        offset, began = "", None
        while True:
            answer = self._client.page(look.table, fields, formula, offset)
            body = answer.body or {}
            began = began or answer.at
            listed = body.get("records")
            if not isinstance(listed, list):
                raise TransientError(
                    at(self._setup.name, "服务没有返回行", "the service told no rows")
                )
            for raw in listed:  # a row that moved between two pages comes twice
                record = self._listed(raw, look)
                found[record.row_id] = record
            offset = str(body.get("offset") or "")
            if not offset:
                ordered = sorted(found.values(), key=lambda r: r.created)
                return {r.row_id: r for r in ordered}, began

    def with_ids(self, look: Look, ids: Sequence[str]) -> dict[str, Record]:
        """Read the rows in whose id column one of these stands."""
        cell_ = formulas.Field(look.bound.by_field["id"].id)
        wanted = set(ids)
        rows: dict[str, Record] = {}
        for some in chunks(list(dict.fromkeys(ids)), ASKED):
            formula = formulas.OR(*(formulas.EQ(cell_, _plain(i)) for i in some))
            rows |= self.rows(look, str(formula))[0]
        return {row_id: r for row_id, r in rows.items() if r.id in wanted}

    def by_row_id(self, look: Look, row_ids: Sequence[str]) -> dict[str, Record]:
        """Read rows by the service's own ids; those that are not there are left out."""
        rows: dict[str, Record] = {}
        for some in chunks(list(dict.fromkeys(row_ids)), ASKED):
            formula = formulas.OR(*(formulas.EQ(formulas.RECORD_ID(), _plain(i)) for i in some))
            rows |= self.rows(look, str(formula))[0]
        return rows

    def _listed(self, raw: Any, look: Look) -> Record:
        row_id = str(raw.get("id") or "") if isinstance(raw, dict) else ""
        return self._decoded.row(look, row_id, raw, lambda: self.record(raw, look))

    def record(self, raw: Any, look: Look) -> Record:
        """Return a row as a listing or a write shows it.

        Raises:
            ShapeError: a column has another type by now.
        """
        item = raw if isinstance(raw, dict) else {}
        shown = item.get("fields")
        fields = shown if isinstance(shown, dict) else {}
        id_ = text_of(fields.get(look.bound.by_field["id"].id))
        emails = look.emails
        cells: Cells = {
            name: cell(fields.get(c.id), c.type, c.zone, emails)
            for name, c in look.bound.by_field.items()
            if name != "id"
        }
        row_id = str(item.get("id") or "")
        return Record(
            row_id=row_id,
            id=id_,
            cells=cells,
            version=version(id_, cells),
            label=f"{self._setup.name} {id_ or row_id}",
            link=f"https://airtable.com/{self._client.base_id}/{look.table}/{row_id}",
            created=f"{item.get('createdTime') or ''} {row_id}",
        )


def changed_since(moment: datetime) -> str:
    """Return the formula of the rows that were made or edited since then.

    What "Last modified" tells of a row that was never edited is not documented: hence both.
    """
    return str(
        formulas.OR(
            formulas.GTE(formulas.CREATED_TIME(), moment),
            formulas.GTE(formulas.LAST_MODIFIED_TIME(), moment),
        )
    )


def _plain(text: str) -> str:
    """Return an id as it may stand in a formula: no id of ours or theirs holds other signs."""
    return "".join(c for c in text if c.isprintable())


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut a list into pieces of at most ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
