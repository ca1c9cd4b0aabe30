"""A Notion workspace behind real HTTP: its shapes, limits, codes and vices, and people in it.

Stateful and strict. It follows what is known of the service (API version 2025-09-03); where nothing
is known it takes the harder way: unknown options are made, equality is blind to case, queries lag
when ``lag_s`` is set, rows of one minute come in no order that means anything.
"""

import json
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler
from itertools import count
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from fakes.server import Fault, Faults, body_of, cut, mounted, reply

from connectors.base import Clock
from mapping.cells import Cell, User, is_empty, show

VERSIONS = {"2025-09-03", "2026-03-11"}
READ_ONLY = {
    *("created_time", "last_edited_time", "created_by", "last_edited_by", "unique_id"),
    *("formula", "rollup", "button", "verification"),
}
QUERY_MEMBERS = {"filter", "sorts", "start_cursor", "page_size", "result_type"}
CREATE_MEMBERS = {"parent", "properties", "children", "icon", "cover", "template"}
UPDATE_MEMBERS = {"properties", "in_trash", "icon", "cover", "is_locked"}
SHORT = {"url": 2000, "email": 200, "phone_number": 200}
BOT = str(uuid.UUID(int=99))
_NUMBERS = count(1)
Json = Mapping[str, Any]


def columns_for(
    names: Mapping[str, str],
    statuses: Sequence[str],
    departments: Sequence[str],
    types: Mapping[str, str] | None = None,
) -> dict[str, str | tuple[str, Sequence[str]]]:
    """Return name -> type, or type and options, for all our fields; ``types`` changes the usual."""
    usual = {
        "description": "title",
        "owner": "people",
        "department": "select",
        "support": "multi_select",
        "due": "date",
        "completed": "date",
        "status": "select",
    }
    words = {"status": statuses, "department": departments, "support": departments}
    columns: dict[str, str | tuple[str, Sequence[str]]] = {}
    for name, label in names.items():
        kind = {**usual, **(types or {})}.get(name, "rich_text")
        has_options = kind in ("select", "status", "multi_select")
        columns[label] = (kind, words.get(name, ())) if has_options else kind
    return columns


class Refused(Exception):  # noqa: N818  # an answer, no fault of the fake
    """The service says no."""

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.more = status, code, message, more


def invalid(message: str) -> Refused:
    return Refused(400, "validation_error", message)


@dataclass
class Column:
    """A property of a data source; ``options`` are as the service lists them."""

    id: str
    name: str
    type: str
    options: list[dict[str, Any]] = field(default_factory=list)
    default: str | None = None  # of a status


@dataclass(frozen=True)
class State:
    """A page at one time; ``values`` by property id, as they are read."""

    at: datetime
    values: Mapping[str, Any]
    editor: str
    parent: str
    in_trash: bool = False
    is_archived: bool = False


@dataclass
class Page:
    """A row, with all that it ever was."""

    id: str
    made: datetime
    states: list[State]

    @property
    def now(self) -> State:
        return self.states[-1]


class FakeNotion:
    """A workspace with one database and, usually, one data source.

    Attributes:
        calls: (method, path below /v1, body) of every request.
        faults: what goes wrong next.
        rights: what the connection may do.
        lag_s: queries show pages as they were so long ago.
        hidden: pages that the connection may not see.
        shared: whether the database is shared with the connection.
        query_limit: rows after which a query ends.
        partial_users: pages show no more of people than their ids.
        options_closed: options of a status cannot be changed.
    """

    def __init__(
        self,
        clock: Clock,
        columns: Mapping[str, str | tuple[str, Sequence[str]]],
        users: Sequence[User] = (),
        guests: Sequence[User] = (),
    ) -> None:
        self.clock = clock
        self.token = "ntn_secret"
        self.users = {u.key: u for u in users}
        self.guests = {u.key: u for u in guests}
        self.calls: list[tuple[str, str, Any]] = []
        self.faults = Faults()
        self.rights = {"read", "update", "insert", "users", "emails"}
        self.lag_s = 0.0
        self.hidden: set[str] = set()
        self.shared = True
        self.query_limit = 10_000
        self.partial_users = True
        self.options_closed = False
        self.in_trash = False
        self.pages: dict[str, Page] = {}
        self.database_id, self.source_id = str(uuid.uuid4()), str(uuid.uuid4())
        self.other_source = str(uuid.uuid4())
        self.sources = {self.source_id: "行动项"}
        self.columns: dict[str, Column] = {}
        self._serial = count(1)
        for name, kind in columns.items():
            self.add_column(name, *((kind, ()) if isinstance(kind, str) else kind))
        self.lock = threading.RLock()
        self._mount = f"n{next(_NUMBERS)}"
        self.before: Callable[[str], None] | None = None

    @property
    def base_url(self) -> str:
        return mounted(self, self._mount)

    # --- people at work; columns by name ---

    def add_column(self, name: str, type_: str, options: Sequence[str] = ()) -> Column:
        key = "title" if type_ == "title" else f":{next(self._serial)}^\\"
        listed = [{"id": self._option_id(), "name": o, "color": "blue"} for o in options]
        self.columns[key] = Column(key, name, type_, listed)
        return self.columns[key]

    def column(self, name: str) -> Column:
        return next(c for c in self.columns.values() if c.name == name)

    def rename(self, name: str, new: str) -> None:
        self.column(name).name = new

    def drop_column(self, name: str) -> Column:
        return self.columns.pop(self.column(name).id)

    def retype(self, name: str, type_: str) -> None:
        """Change a column's type; what stands there stays as text if it can."""
        column = self.column(name)
        texts = {p.id: self._text(column, p.now.values.get(column.id)) for p in self.pages.values()}
        column.type, column.options = type_, []
        for page in self.pages.values():
            value = self._typed(column, texts[page.id] or None)
            self._put(page, {column.id: value}, page.now.editor, silent=True)

    def rows(self) -> list[str]:
        """List the pages that are in the table."""
        return [p.id for p in self.pages.values() if self._is_live(p.now)]

    def read(self, page: str, name: str) -> str | None:
        column = self.column(name)
        return self._text(column, self.pages[page].now.values.get(column.id)) or None

    def raw(self, page: str, name: str) -> Any:
        return self.pages[page].now.values.get(self.column(name).id)

    def set_raw(self, page: str, name: str, value: Any, by: str = "person") -> None:
        self._put(self.pages[page], {self.column(name).id: value}, by)

    def edit(self, page: str, cells: Mapping[str, Cell], by: str = "person") -> None:
        values = {}
        for name, cell in cells.items():
            column = self.column(name)
            values[column.id] = self._typed(column, cell)
        self._put(self.pages[page], values, by)

    def add(self, cells: Mapping[str, Cell], by: str = "person") -> str:
        page = self._make({}, by)
        self.edit(page.id, cells, by)
        return page.id

    def copy(self, page: str, by: str = "person") -> str:
        return self._make(deepcopy(dict(self.pages[page].now.values)), by).id

    def trash(self, page: str, by: str = "person") -> None:
        self._put(self.pages[page], {}, by, in_trash=True)

    def restore(self, page: str, by: str = "person") -> None:
        self._put(self.pages[page], {}, by, in_trash=False, is_archived=False)

    def archive(self, page: str) -> None:
        self._put(self.pages[page], {}, "person", is_archived=True)

    def move(self, page: str, parent: str | None = None) -> None:
        self._put(self.pages[page], {}, "person", parent=parent or self.other_source)

    def purge(self, page: str) -> None:
        del self.pages[page]

    def add_option(self, name: str, option: str) -> None:
        self.column(name).options.append(
            {"id": self._option_id(), "name": option, "color": "default"}
        )

    def fingerprint(self) -> object:
        return [(p.id, len(p.states)) for p in self.pages.values()], deepcopy(self.columns)

    def writes(self) -> list[tuple[str, str, Any]]:
        """Return the requests that changed something."""
        return [c for c in self.calls if c[0] == "PATCH" or (c[0] == "POST" and c[1] == "/pages")]

    def fail(self, match: str, kind: str = "answer", **more: Any) -> None:
        """Let the next calls whose method and path contain ``match`` go wrong."""
        self.faults.append(Fault(match, kind, **more))

    def fault(self, match: str, kind: str = "answer", **more: Any) -> AbstractContextManager[None]:
        """Let calls whose method and path contain ``match`` go wrong while this lasts."""
        return self.faults.during(match, kind, **more)

    # --- values ---

    @staticmethod
    def _option_id() -> str:
        return str(uuid.uuid4())

    def _option(self, column: Column, name: str) -> dict[str, Any]:
        for option in column.options:
            if option["name"] == name:
                return option
        column.options.append({"id": self._option_id(), "name": name, "color": "default"})
        return column.options[-1]

    def _typed(self, column: Column, cell: Cell) -> Any:
        """Return a cell of ours as a person would put it into a column."""
        match column.type:
            case "title" | "rich_text":
                return [_item(show(cell))] if not is_empty(cell) else []
            case "people":
                users = cell if isinstance(cell, tuple) else ()
                return [{"object": "user", "id": u.key} for u in users if isinstance(u, User)]
            case "multi_select":
                names = cell if isinstance(cell, tuple) else (cell,)
                return [dict(self._option(column, str(n))) for n in names if n]
            case _ if is_empty(cell):
                return None
            case "select" | "status":
                return dict(self._option(column, show(cell)))
            case "date":
                return {"start": show(cell), "end": None, "time_zone": None}
            case _:
                return show(cell)

    @staticmethod
    def _text(column: Column, value: Any) -> str:
        match column.type:
            case "title" | "rich_text":
                return "".join(item["plain_text"] for item in value or ())
            case "people":
                return "、".join(u["id"] for u in value or ())
            case "multi_select":
                return "、".join(o["name"] for o in value or ())
            case "select" | "status":
                return str((value or {}).get("name") or "")
            case "date":
                return str((value or {}).get("start") or "")
            case _:
                return "" if value is None else str(value)

    def _make(self, values: Mapping[str, Any], by: str) -> Page:
        at = self.clock.wall()
        page = Page(str(uuid.uuid4()), at, [State(at, values, self._who(by), self.source_id)])
        for column in self.columns.values():
            if column.type == "status" and column.id not in values and column.default:
                page.states[0] = State(
                    at,
                    {**values, column.id: dict(self._option(column, column.default))},
                    self._who(by),
                    self.source_id,
                )
        self.pages[page.id] = page
        return page

    def _put(
        self, page: Page, values: Mapping[str, Any], by: str, *, silent: bool = False, **more: Any
    ) -> None:
        last = page.now
        at = last.at if silent else self.clock.wall()
        what = {"parent": last.parent, "in_trash": last.in_trash, "is_archived": last.is_archived}
        merged = {**last.values, **values}
        page.states.append(State(at, merged, self._who(by), **{**what, **more}))

    def _who(self, by: str) -> str:
        return BOT if by == "bot" else next(iter(self.users), "u-nobody") if by == "person" else by

    def _is_live(self, state: State) -> bool:
        return not state.in_trash and not state.is_archived and state.parent == self.source_id

    # --- HTTP ---

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        data = body_of(handler)
        parts = urlsplit(handler.path)
        path = parts.path.removeprefix(f"/{self._mount}/v1")
        method = handler.command
        try:
            body = json.loads(data) if data else None
        except ValueError:
            body = data
        if self.before:
            self.before(f"{method} {path}")
        with self.lock:
            self.calls.append((method, path, body))
            fault = self.faults.strike(f"{method} {path}")
            status, answer = 200, dict[str, Any]()
            if fault is None or fault.after:
                status, answer = self._answer(method, path, parse_qs(parts.query), body, handler)
                if len(data) > 512_000:
                    status, answer = 413, {"name": "PayloadTooLarge", "message": "too large"}
        if fault is None:
            reply(handler, self.clock, status, json.dumps(answer, ensure_ascii=False).encode())
        else:
            self._spoil(handler, fault, answer)

    def _spoil(self, handler: BaseHTTPRequestHandler, fault: Fault, answer: Json) -> None:
        if cut(handler, fault):
            return
        if fault.kind == "garbage":
            reply(handler, self.clock, 200, b'{"object": "pa')
        elif fault.kind == "html":
            reply(
                handler, self.clock, 502, b"<html>Bad gateway</html>", {"Content-Type": "text/html"}
            )
        else:
            body = dict(fault.body) or {
                "object": "error",
                "status": fault.status,
                "code": "service_unavailable",
                "message": "Notion is unavailable.",
            }
            if fault.committed:
                body["additional_data"] = {"committed_resource_id": answer.get("id")}
            reply(handler, self.clock, fault.status, json.dumps(body).encode(), fault.headers)

    def _answer(
        self,
        method: str,
        path: str,
        query: Mapping[str, list[str]],
        body: Any,
        handler: BaseHTTPRequestHandler,
    ) -> tuple[int, dict[str, Any]]:
        try:
            work = self._admitted(method, path, query, body, handler.headers)
            return 200, {**work(), "request_id": str(uuid.uuid4())}
        except Refused as no:
            answer = {
                "object": "error",
                "status": no.status,
                "code": no.code,
                "message": no.message,
                "request_id": str(uuid.uuid4()),
            }
            return no.status, answer | ({"additional_data": no.more} if no.more else {})

    def _admitted(
        self,
        method: str,
        path: str,
        query: Mapping[str, list[str]],
        body: Any,
        headers: Message,
    ) -> Callable[[], Json]:
        """Refuse what the service refuses before it looks, in its order."""
        if isinstance(body, bytes):
            raise Refused(400, "invalid_json", "Error parsing JSON body.")
        work = self._route(method, path, query, body or {})
        if headers.get("Authorization") != f"Bearer {self.token}":
            raise Refused(401, "unauthorized", "API token is invalid.")
        version = headers.get("Notion-Version")
        if version is None:
            raise Refused(400, "missing_version", "Notion-Version header should be defined.")
        if version not in VERSIONS:
            raise invalid(f"Notion-Version header `{version}` is not supported.")
        return work

    def _route(
        self, method: str, path: str, query: Mapping[str, list[str]], body: Json
    ) -> Callable[[], Json]:
        match [method, *path.strip("/").split("/")]:
            case ["GET", "users"]:
                return lambda: self._list_users(query)
            case ["GET", "users", key]:
                return lambda: self._one_user(key)
            case ["GET", "databases", key]:
                return lambda: self._database(key)
            case ["GET", "data_sources", key]:
                return lambda: self._source(key)
            case ["PATCH", "data_sources", key]:
                return lambda: self._change_source(key, body)
            case ["POST", "data_sources", key, "query"]:
                return lambda: self._query(key, query, body)
            case ["POST", "pages"]:
                return lambda: self._create(body)
            case ["GET", "pages", key]:
                return lambda: self._shown(self._page(key), self._page(key).now)
            case ["PATCH", "pages", key]:
                return lambda: self._change(key, body)
            case ["GET", "pages", key, "properties", column]:
                return lambda: self._property(key, column, query)
        raise Refused(400, "invalid_request_url", "Invalid request URL.")

    def _need(self, right: str) -> None:
        if right not in self.rights:
            raise Refused(403, "restricted_resource", "Insufficient permissions for this endpoint.")

    @staticmethod
    def _lost(key: str) -> Refused:
        text = f"Could not find object with ID: {key}. Make sure it is shared with your integration"
        return Refused(404, "object_not_found", text, integration_id=BOT)

    # --- users ---

    def _shown_user(self, user: User) -> dict[str, Any]:
        person = {"email": user.email} if user.email and "emails" in self.rights else {}
        shown = {"object": "user", "id": user.key, "name": user.name, "avatar_url": None}
        return {**shown, "type": "person", "person": person}

    def _list_users(self, query: Mapping[str, list[str]]) -> Json:
        self._need("users")
        bot = {"object": "user", "id": BOT, "name": "Minuteloop", "type": "bot", "bot": {}}
        listed = [*(self._shown_user(u) for u in self.users.values()), bot]
        return _paged(listed, query)

    def _one_user(self, key: str) -> Json:
        self._need("users")
        found = {**self.users, **self.guests}.get(key)
        if found is None:
            raise self._lost(key)
        return self._shown_user(found)

    # --- database and data source ---

    def _database(self, key: str) -> Json:
        self._need("read")
        if _bare(key) != _bare(self.database_id) or not self.shared:
            raise self._lost(key)
        return {
            "object": "database",
            "id": self.database_id,
            "in_trash": self.in_trash,
            "data_sources": [{"id": i, "name": n} for i, n in self.sources.items()],
        }

    def _find_source(self, key: str) -> None:
        if _bare(key) not in {_bare(s) for s in self.sources} or not self.shared:
            raise self._lost(key)

    def _source(self, key: str) -> Json:
        self._need("read")
        self._find_source(key)
        return {
            "object": "data_source",
            "id": key,
            "in_trash": self.in_trash,
            "parent": {"type": "database_id", "database_id": self.database_id},
            "title": [_item(self.sources.get(key, ""))],
            "properties": {c.name: self._config(c) for c in self.columns.values()},
        }

    @staticmethod
    def _config(column: Column) -> Json:
        held: dict[str, Any] = {}
        if column.type in ("select", "multi_select", "status"):
            held = {"options": deepcopy(column.options)}
        if column.type == "status":
            ids = [o["id"] for o in column.options]
            held["groups"] = [{"id": "g", "name": "To-do", "color": "gray", "option_ids": ids}]
        shown = {"id": quote(column.id, safe=""), "name": column.name, "description": None}
        return {**shown, "type": column.type, column.type: held}

    def _change_source(self, key: str, body: Json) -> Json:
        self._need("update")
        if set(body) - {"properties", "title", "icon", "in_trash", "parent"}:
            raise invalid("body failed validation: body.x should be not present")
        self._find_source(key)
        for name, change in (body.get("properties") or {}).items():
            column = self._by_name_or_id(name)
            if column is None:
                type_ = next(t for t in change if t not in ("name", "description"))
                if type_ == "title":
                    raise invalid("Cannot create new title property.")
                made = self.add_column(name, type_)
                self._set_options(made, change[type_])
            elif change is None:
                del self.columns[column.id]
            else:
                column.name = change.get("name", column.name)
                if column.type in change:
                    self._set_options(column, change[column.type])
        return self._source(key)

    def _set_options(self, column: Column, held: Json) -> None:
        """Replace the options; one that is left out goes, with what stood in the rows."""
        if "options" not in held:
            return
        if column.type == "status" and self.options_closed:
            raise invalid("Status options cannot be updated.")
        known = {o["id"]: o for o in column.options}
        made = []
        for option in held["options"]:
            if "," in option["name"]:
                raise invalid(f"Invalid select option, commas not allowed: {option['name']}")
            if option.get("id") and option["id"] not in known:
                raise invalid("Invalid option id.")
            made.append({"color": "default", "id": self._option_id(), **option})
        column.options = made

    def _by_name_or_id(self, name: str) -> Column | None:
        for column in self.columns.values():
            if column.name == name or column.id in (name, unquote(name)):
                return column
        return None

    # --- query ---

    def _query(self, key: str, query: Mapping[str, list[str]], body: Json) -> Json:
        self._need("read")
        if extra := set(body) - QUERY_MEMBERS:
            raise invalid(f"body failed validation: body.{min(extra)} should be not present")
        size = body.get("page_size", 100)
        if not isinstance(size, int) or size < 1:
            raise invalid(
                "body failed validation: body.page_size should be ≥ `1` or `undefined`, "
                f"instead was `{size}`."
            )
        size = min(size, 100)
        self._find_source(key)
        only = query.get("filter_properties")
        for name in only or ():
            if name not in self.columns and self._by_name_or_id(name) is None:
                raise invalid(f"Could not find property with name or id: {name}")
        rows = [(p, s) for p, s in self._visible() if self._passes(body.get("filter"), p, s)]
        rows = self._sorted(rows, body.get("sorts") or ())
        start, before = 0, 0
        if "start_cursor" in body:
            start, before = self._from_cursor(body["start_cursor"], [p.id for p, _ in rows])
        size = min(size, self.query_limit - before)
        page, rest = rows[start : start + size], rows[start + size :]
        is_cut = before + len(rows[start:]) > self.query_limit
        more = bool(rest) and before + size < self.query_limit
        answer: dict[str, Any] = {
            "object": "list",
            "results": [self._shown(p, s, only) for p, s in page],
            "next_cursor": f"s:{before + size}:{rest[0][0].id}" if more else None,
            "has_more": more,
            "type": "page_or_data_source",
            "page_or_data_source": {},
        }
        if is_cut:
            reason = "query_result_limit_reached"
            answer["request_status"] = {"type": "incomplete", "incomplete_reason": reason}
        return answer

    @staticmethod
    def _from_cursor(cursor: str, ids: Sequence[str]) -> tuple[int, int]:
        parts = str(cursor).split(":")
        if len(parts) != 3 or parts[2] not in ids:
            raise invalid(f"The start_cursor provided is invalid: {cursor}")
        return ids.index(parts[2]), int(parts[1])

    def _visible(self) -> Iterator[tuple[Page, State]]:
        horizon = self.clock.wall() - timedelta(seconds=self.lag_s)
        for page in self.pages.values():
            known = [s for s in page.states if s.at <= horizon] if self.lag_s else page.states
            if known and self._is_live(known[-1]) and page.id not in self.hidden:
                yield page, known[-1]

    def _passes(self, wanted: Json | None, page: Page, state: State) -> bool:
        if not wanted:
            return True
        if "or" in wanted or "and" in wanted:
            parts = wanted.get("or") or wanted.get("and") or []
            if len(parts) > 100:
                raise invalid("body failed validation: body.filter.or.length should be ≤ `100`")
            told = [self._passes(part, page, state) for part in parts]
            return any(told) if "or" in wanted else all(told)
        if "timestamp" in wanted:
            if "property" in wanted:
                raise invalid("body failed validation: body.filter.property should be not present")
            which = wanted["timestamp"]
            bound = datetime.fromisoformat(wanted[which]["on_or_after"])
            return _floor(page.made if which == "created_time" else state.at) >= bound
        column = self._by_name_or_id(wanted["property"])
        if column is None:
            raise invalid(f"Could not find property with name or id: {wanted['property']}")
        if column.type not in wanted:
            raise invalid(f"database property {column.type} does not match filter")
        text = self._text(column, state.values.get(column.id))
        return text.casefold() == str(wanted[column.type]["equals"]).casefold()

    @staticmethod
    def _sorted(rows: list[tuple[Page, State]], sorts: Sequence[Json]) -> list[tuple[Page, State]]:
        rows = sorted(rows, key=lambda row: row[0].id)  # the ids are random: so is the order
        for sort in reversed(sorts):
            by_made = sort["timestamp"] == "created_time"
            rows.sort(
                key=lambda row: _floor(row[0].made if by_made else row[1].at),
                reverse=sort["direction"] == "descending",
            )
        return rows

    # --- pages ---

    def _page(self, key: str) -> Page:
        self._need("read")
        page = self.pages.get(key)
        if page is None or key in self.hidden or not self.shared:
            raise self._lost(key)
        return page

    def _shown(self, page: Page, state: State, only: Sequence[str] | None = None) -> Json:
        shown = {}
        for column in self.columns.values():
            if state.parent != self.source_id and column.type != "title":
                continue  # another table has other columns
            if only is None or column.id in only or column.name in only:
                value = state.values.get(column.id, [] if column.type in _LISTS else None)
                shown[column.name] = {
                    "id": quote(column.id, safe=""),
                    "type": column.type,
                    column.type: self._shown_value(column, value),
                }
        return {
            "object": "page",
            "id": page.id,
            "created_time": _stamp(page.made),
            "last_edited_time": _stamp(state.at),
            "created_by": {"object": "user", "id": BOT},
            "last_edited_by": {"object": "user", "id": state.editor},
            "cover": None,
            "icon": None,
            "parent": {
                "type": "data_source_id",
                "data_source_id": state.parent,
                "database_id": self.database_id,
            },
            "in_trash": state.in_trash,
            "archived": state.in_trash,
            "is_archived": state.is_archived,
            "is_locked": False,
            "properties": shown,
            "url": f"https://app.notion.com/p/{page.id.replace('-', '')}",
            "public_url": None,
        }

    def _shown_value(self, column: Column, value: Any) -> Any:
        if column.type == "people":
            return [self._shown_in_page(u) for u in (value or [])[:25]]
        if column.type in ("title", "rich_text"):
            kept, mentions = [], 0
            for item in value or []:
                mentions += item["type"] == "mention"
                if item["type"] == "text" or mentions <= 25:
                    kept.append(item)
            return kept
        if column.type == "multi_select":
            return [o for o in (self._current(column, v) for v in value or ()) if o]
        if column.type in ("select", "status"):
            return self._current(column, value)
        return deepcopy(value)

    @staticmethod
    def _current(column: Column, value: Any) -> Any:
        """Return an option as it is called now; one that went is no more in any row."""
        return next((dict(o) for o in column.options if value and o["id"] == value["id"]), None)

    def _shown_in_page(self, user: Json) -> Json:
        full = {**self.users, **self.guests}.get(user["id"])
        return dict(user) if self.partial_users or full is None else self._shown_user(full)

    def _property(self, key: str, column_id: str, query: Mapping[str, list[str]]) -> Json:
        page = self._page(key)
        column = self.columns.get(unquote(column_id))
        if column is None:
            raise self._lost(column_id)
        each = [
            {"object": "property_item", "id": column_id, "type": column.type, column.type: value}
            for value in page.now.values.get(column.id) or []
        ]
        item: Json = {"id": column_id, "type": column.type, column.type: {}, "next_url": None}
        return {**_paged(each, query), "type": "property_item", "property_item": item}

    def _create(self, body: Json) -> Json:
        self._need("insert")
        if extra := set(body) - CREATE_MEMBERS:
            raise invalid(f"body failed validation: body.{min(extra)} should be not present")
        parent = body.get("parent") or {}
        if parent.get("type") != "data_source_id":
            raise invalid("body failed validation: body.parent.data_source_id should be defined")
        self._find_source(parent["data_source_id"])
        page = self._make(self._checked(body.get("properties") or {}), "bot")
        return self._shown(page, page.now)

    def _change(self, key: str, body: Json) -> Json:
        self._need("update")
        if extra := set(body) - UPDATE_MEMBERS:
            raise invalid(f"body failed validation: body.{min(extra)} should be not present")
        page = self._page(key)
        in_trash = body.get("in_trash", page.now.in_trash)
        if page.now.in_trash and in_trash and body.get("properties"):
            raise invalid("Can't edit block that is archived. You must unarchive it first.")
        values = self._checked(body.get("properties") or {})
        self._put(page, values, "bot", in_trash=in_trash)
        return self._shown(page, page.now)

    def _checked(self, properties: Json) -> dict[str, Any]:
        values = {}
        for name, value in properties.items():
            column = self._by_name_or_id(name)
            if column is None:
                raise invalid(f"{name} is not a property that exists.")
            if column.type in READ_ONLY or set(value) != {column.type}:
                raise invalid(f"{column.name} is expected to be {column.type}.")
            values[column.id] = self._written(column, value[column.type])
        return values

    def _written(self, column: Column, value: Any) -> Any:
        match column.type:
            case "title" | "rich_text":
                return _rich_text(value)
            case "people":
                for user in value:
                    if user["id"] not in {**self.users, **self.guests}:
                        raise invalid(f"Could not find user with ID: {user['id']}.")
                if len(value) > 100:
                    raise invalid("body failed validation: people.length should be ≤ `100`")
                return [{"object": "user", "id": user["id"]} for user in value]
            case "multi_select":
                return [self._chosen(column, v) for v in value]
            case "status" if value is None:
                return dict(self._option(column, column.default)) if column.default else None
            case _ if value is None:
                return None
            case "select" | "status":
                return self._chosen(column, value)
            case "date":
                return _date(value)
            case _:
                if not value or len(value) > SHORT[column.type]:
                    raise invalid(f"{column.name} length should be ≤ `{SHORT[column.type]}`")
                return value

    def _chosen(self, column: Column, value: Json) -> Any:
        for option in column.options:
            if value.get("id") == option["id"] or value.get("name") == option["name"]:
                return dict(option)
        if column.type == "status" or "name" not in value or "," in value["name"]:
            raise invalid(f"Invalid {column.type} option.")
        return dict(self._option(column, value["name"]))


_LISTS = ("title", "rich_text", "people", "multi_select")


def _item(text: str, kind: str = "text") -> dict[str, Any]:
    style = dict.fromkeys(("bold", "italic", "strikethrough", "underline", "code"), False)
    held = {"content": text, "link": None} if kind == "text" else {"type": "user"}
    return {
        "type": kind,
        kind: held,
        "annotations": {**style, "color": "default"},
        "plain_text": text,
        "href": None,
    }


def mention(text: str) -> dict[str, Any]:
    """Return a person mentioned in a text."""
    return _item(text, "mention")


def _rich_text(items: Sequence[Json]) -> list[Any]:
    if len(items) > 100:
        raise invalid("body failed validation: rich_text.length should be ≤ `100`")
    for item in items:
        content = item["text"]["content"]
        if len(content.encode("utf-16-le", "surrogatepass")) // 2 > 2000:
            raise invalid("body failed validation: text.content.length should be ≤ `2000`")
    return [_item(item["text"]["content"]) for item in items]


def _date(value: Json) -> Any:
    start, end, zone = value.get("start"), value.get("end"), value.get("time_zone")
    try:
        kinds = {len(t) > 10 for t in (start, end) if t}
        for text in (start, end):
            if text:
                (datetime if len(text) > 10 else date).fromisoformat(text)
    except (TypeError, ValueError):
        raise invalid("date.start should be a valid ISO 8601 date string") from None
    if not start or len(kinds) > 1 or (end and end < start):
        raise invalid("date.start should come before date.end, and be of its kind")
    return {"start": start, "end": end, "time_zone": zone}


def _floor(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _stamp(moment: datetime) -> str:
    return _floor(moment).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _bare(key: str) -> str:
    return key.replace("-", "")


def _paged(items: Sequence[Any], query: Mapping[str, list[str]]) -> dict[str, Any]:
    start = int((query.get("start_cursor") or ["0"])[0])
    size = int((query.get("page_size") or ["100"])[0])
    rest = items[start + size :]
    return {
        "object": "list",
        "results": list(items[start : start + size]),
        "next_cursor": str(start + size) if rest else None,
        "has_more": bool(rest),
    }
