"""One data source: its columns, people and pages, read. I/O by the client."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.base import RowState, Setup
from connectors.decoded import Decoded
from connectors.errors import SchemaError, TransientError, at
from connectors.kept import Kept
from connectors.notion.client import PAGE, Client
from connectors.notion.columns import Bound, bind, columns_of
from connectors.notion.faults import MissingError, RefusedError
from connectors.notion.people import Accounts, People
from connectors.notion.wire import (
    Json,
    Row,
    as_dict,
    as_list,
    held_by_id,
    is_cut,
    moved_out,
    plain_id,
    row_of,
    stamp,
)
from mapping.said import Said

BY_ID = 100  # conditions of one filter
RESTARTS = 3  # of a look whose cursor went with its row


class CursorError(Exception):
    """A cursor is no longer good: the row it stood on went meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The columns and people as they were found.

    Attributes:
        source: the data source's id.
        at: when, by the monotonic clock.
    """

    source: str
    bound: Bound
    people: People
    at: float

    @property
    def notes(self) -> tuple[Said, ...]:
        """What a person should know of both."""
        return self.bound.notes + self.people.notes


@dataclass(kw_only=True)
class Seen:
    """What one look at the rows told.

    Attributes:
        whole: every row that was asked for was listed.
        began: when, by the service's own clock; None if it did not tell.
    """

    rows: dict[str, Row] = field(default_factory=dict)
    whole: bool = True
    began: datetime | None = None


class Table:
    """The data source that the team file names.

    Args:
        setup: ``options`` has ``data_source_id`` or ``database_id``.
        client: asks the service.
        kept: what an earlier process knew.
    """

    def __init__(self, setup: Setup, client: Client, kept: Kept) -> None:
        self._setup = setup
        self._client = client
        self._kept = kept
        self._source_id = plain_id(str(setup.options.get("data_source_id") or ""))
        self._database_id = plain_id(str(setup.options.get("database_id") or ""))
        self._people = Accounts(setup, client)
        self._decoded = Decoded[Row]()

    @property
    def where(self) -> str:
        """What messages call it."""
        return self._setup.name

    # --- columns and people ---

    def source(self) -> Json:
        """Return the data source as the service shows it.

        Raises:
            SchemaError: there is none, or the team file does not say which.
        """
        if self._source_id:
            found = self._source_named()
        else:
            found = self._client.read("GET", f"data_sources/{self._of_database()}")
        if found.get("in_trash"):
            raise SchemaError(
                at(self.where, "该表在 Notion 的回收站中", "the table is in the trash of Notion"),
                hint=_RESTORE_HINT,
            )
        return found

    def _source_named(self) -> Json:
        try:
            return self._client.read("GET", f"data_sources/{self._source_id}")
        except MissingError:
            try:
                database = self._client.read("GET", f"databases/{self._source_id}")
            except (MissingError, RefusedError):
                database = {}
            if not database:
                raise
        raise SchemaError(
            at(
                self.where,
                "data_source_id 是一个数据库的 id",
                "data_source_id is the id of a database",
            ),
            hint=_listed(
                database,
                "请写为 database_id，或写明它的数据源",
                "write it as database_id, or name its data source",
            ),
        )

    def _of_database(self) -> str:
        """Return the id of the one data source of the database."""
        try:
            database = self._client.read("GET", f"databases/{self._database_id}")
        except MissingError:
            try:
                self._client.read("GET", f"data_sources/{self._database_id}")
            except (MissingError, RefusedError):
                pass
            else:
                text = at(
                    self.where,
                    "database_id 是一个数据源的 id",
                    "database_id is the id of a data source",
                )
                hint = Said("请写为 data_source_id", "write it as data_source_id")
                raise SchemaError(text, hint=hint) from None
            raise
        sources = [plain_id(str(s.get("id"))) for s in as_list(database.get("data_sources"))]
        if self._kept.source in sources:
            return self._kept.source
        if len(sources) == 1 and not database.get("in_trash"):
            return sources[0]
        if database.get("in_trash"):
            text = at(
                self.where, "该数据库在 Notion 的回收站中", "the database is in the trash of Notion"
            )
            raise SchemaError(text, hint=_RESTORE_HINT)
        raise SchemaError(
            at(
                self.where,
                f"该数据库有 {len(sources)} 张表",
                f"the database has {len(sources)} tables",
            ),
            hint=_listed(database, "请把其中一张写为 data_source_id", "name one as data_source_id"),
        )

    def look(self, known: Mapping[str, str], people: People | None = None) -> Look:
        """Look at the columns, and at the people unless they are given.

        Args:
            known: ours -> the id of the column that it had before.
            people: as they were found before.

        Raises:
            SchemaError: a column that must be there is missing or of a wrong type.
        """
        source = self.source()
        bound = bind(columns_of(source), self._setup, known)
        found = people or self._people.find()
        at = self._setup.clock.monotonic()
        return Look(source=plain_id(str(source.get("id"))), bound=bound, people=found, at=at)

    # --- rows ---

    def scan(self, look: Look, by: str, since: datetime | None) -> Seen:
        """List the rows made or changed since a moment, all of them for None, the oldest first.

        Args:
            look: the columns.
            by: ``created_time`` or ``last_edited_time``; the order in which nothing is passed
                over when rows are added or changed meanwhile.
            since: inclusive.
        """
        for _ in range(RESTARTS):
            try:
                return self._scan(look, by, since)
            except CursorError:
                continue
        raise TransientError(at(self.where, _TOO_FAST.zh, _TOO_FAST.en))

    def _scan(self, look: Look, by: str, since: datetime | None) -> Seen:
        """List rows in windows: one query ends after 10,000, and says so ("Query", 2026-11)."""
        seen = Seen()
        while True:
            body: dict[str, Any] = {"sorts": [{"timestamp": by, "direction": "ascending"}]}
            if since is not None:
                body["filter"] = {"timestamp": by, by: {"on_or_after": stamp(since)}}
            last, is_cut_off = since, False
            for answer in self._query(look, body):
                seen.began = seen.began or self._client.server_time
                for row in self._rows(look, answer):
                    seen.rows[row.record.row_id] = row
                    last = (row.made if by == "created_time" else row.edited) or last
                is_cut_off |= as_dict(answer.get("request_status")).get("type") == "incomplete"
            if not is_cut_off:
                return seen
            if last == since:  # more than 10,000 rows of one minute
                seen.whole = False
                return seen
            since = last

    def with_ids(self, look: Look, ids: Sequence[str]) -> list[Row]:
        """Find the rows that carry ids of ours, wherever they stand in the table."""
        column = look.bound.by_field["id"]
        found: list[Row] = []
        for start in range(0, len(ids), BY_ID):
            each = [
                {"property": column.id, "rich_text": {"equals": item}}
                for item in ids[start : start + BY_ID]
            ]
            body = {"filter": each[0] if len(each) == 1 else {"or": each}}
            for answer in self._again(look, body):
                found += self._rows(look, answer)
        return list({row.record.row_id: row for row in found}.values())

    def _again(self, look: Look, body: Json) -> list[Json]:
        for _ in range(RESTARTS):
            try:
                return list(self._query(look, body))
            except CursorError:
                continue
        raise TransientError(at(self.where, _TOO_FAST.zh, _TOO_FAST.en))

    def page(self, look: Look, page_id: str) -> Row | None:
        """Ask for one page by its own id; None if it is not there or may not be seen.

        The trash tells of itself; a page that went elsewhere is not in sight.
        """
        try:
            page = self._client.read("GET", f"pages/{page_id}")
        except MissingError:
            return None
        return self.row(look, page)

    def row(self, look: Look, page: Json) -> Row:
        """Return a page as a row, with what the service cut off."""
        bound = look.bound
        held = held_by_id(page)
        shown = {name: held[key] for name, key in bound.keys.items() if key in held}
        whole = {
            name: self._whole(str(page.get("id")), bound.by_field[name].id, part)
            for name, part in shown.items()
            if is_cut(part)
        }
        self._people.meet(shown.values())
        row = row_of(page, shown | whole, self._people.known, bound.writable)
        if row.source and row.source != look.source and row.record.state is RowState.LIVE:
            return moved_out(row, RowState.HIDDEN)
        return row

    def _rows(self, look: Look, answer: Json) -> Iterator[Row]:
        for page in as_list(answer.get("results")):
            if page.get("object") == "page":
                row = self._listed(look, page)
                if row.record.state is RowState.LIVE:
                    yield row

    def _listed(self, look: Look, page: Json) -> Row:
        if any(is_cut(p) for p in held_by_id(page).values()):
            return self.row(look, page)  # the page does not tell all of it
        page_id = str(page.get("id") or "")
        return self._decoded.row(look, page_id, page, lambda: self.row(look, page))

    def _query(self, look: Look, body: Json) -> Iterator[Json]:
        """Ask page by page.

        Raises:
            CursorError: the row that a page would begin with has gone.
            RefusedError: a column is not what it was.
        """
        path = f"data_sources/{look.source}/query"
        wanted = list(dict.fromkeys(look.bound.keys.values()))  # encoded by the client
        cursor: str | None = None
        while True:
            sent = {**body, "page_size": PAGE} | ({"start_cursor": cursor} if cursor else {})
            try:
                answer = self._client.read("POST", path, body=sent, filter_properties=wanted)
            except RefusedError:
                if cursor is None:
                    raise
                raise CursorError from None
            yield answer
            cursor = self._client.next_page(answer, cursor)
            if cursor is None:
                return

    def _whole(self, page_id: str, property_id: str, held: Json) -> Json:
        """Return all of a property of which a page shows the first 25."""
        type_ = str(held.get("type") or "")
        path = f"pages/{page_id}/properties/{property_id}"
        items = [as_dict(item.get(type_)) for item in self._client.pages(path)]
        return {**held, type_: items}


_RESTORE_HINT = Said("请在那里恢复，或另写一张表", "restore it there, or name another one")
_TOO_FAST = Said("表的变化快于读取", "the table changes faster than it can be read")


def _listed(database: Json, zh: str, en: str) -> Said:
    """Return a hint followed by the data sources of a database."""
    sources = as_list(database.get("data_sources"))
    found = [(s.get("name"), plain_id(str(s.get("id")))) for s in sources]
    in_zh = "；".join(f"{name or '（无名）'} = {key}" for name, key in found)
    in_en = "; ".join(f"{name or 'without a name'} = {key}" for name, key in found)
    return Said(f"{zh}：{in_zh or '一个也没有'}", f"{en}: {in_en or 'it shows none'}")
