"""A Feishu base behind real HTTP: its shapes, limits, codes and vices, and people who work in it.

Stateful, strict, one table. What it does follows the vendor's reference as far as that goes; where
the reference is silent it takes the harder way (it makes unknown options, cuts nothing, and shows
old copies when ``lag_s`` is set).
"""

import json
import re
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from fakes.server import Fault, Faults, body_of, cut, mounted, reply

from connectors.base import Clock
from mapping.cells import Cell, User, is_empty, show

APP, TABLE, WIKI = "bascnFakeBase", "tblFake", "wikcnFakeNode"
_NUMBERS = count(1)
READ_ONLY = {19, 20, 24, 1001, 1002, 1003, 1004, 1005, 3001}
UNFIT = {1: 1254060, 3: 1254062, 4: 1254063, 5: 1254064, 11: 1254066, 15: 1254068}
OPERATORS = {"is", "isNot", "contains", "doesNotContain", "isEmpty", "isNotEmpty"}
OPERATORS |= {"isGreater", "isGreaterEqual", "isLess", "isLessEqual"}
DAY_OPERATORS = {"is", "isEmpty", "isNotEmpty", "isGreater", "isLess"}
Json = Mapping[str, Any]


def columns_for(
    names: Mapping[str, str],
    statuses: Sequence[str],
    departments: Sequence[str],
    types: Mapping[str, int] | None = None,
) -> list[Json]:
    """Return columns for all our fields; ``types`` changes what is usual."""
    usual = {"owner": 11, "department": 3, "support": 4, "due": 5, "completed": 5, "status": 3}
    words = {"status": statuses, "department": departments, "support": departments}
    columns: list[Json] = []
    for name, label in names.items():
        kind = {**usual, **(types or {})}.get(name, 1)
        held: Json | None = {"multiple": False} if kind == 11 else None
        if kind in (3, 4):
            held = {"options": [{"name": w} for w in words.get(name, ())]}
        columns.append({"field_name": label, "type": kind, "property": held})
    return columns


class Refused(Exception):  # noqa: N818  # an answer, no fault of the fake
    """The service says no."""

    def __init__(self, code: int, status: int = 200, **extra: Any) -> None:
        super().__init__(code)
        self.code, self.status, self.extra = code, status, extra


@dataclass
class Row:
    """One record; ``states`` is (when, cells by field id; None once deleted)."""

    created: int
    states: list[tuple[int, dict[str, Any] | None]]
    editor: str = "ou_app"

    @property
    def now(self) -> dict[str, Any] | None:
        return self.states[-1][1]


Shown = tuple[Row, int, dict[str, Any]]  # a row, its last change, its cells


class FakeFeishu:
    """The service with one base, one table, one app.

    Attributes:
        calls: (method, path below /open-apis, body) of every request, sign-in included.
        faults: what goes wrong next.
        lag_s: search and batch_get show rows as they were so long ago.
        advanced, manager: advanced permissions are on; the app may manage the base.
        hidden_rows, hidden_columns: what the app may not see.
        lenient: an unknown name in ``field_names`` is passed over instead of refused.
        styles: HTTP status of refusals: None as the reference says, else always this one.
    """

    def __init__(self, clock: Clock, columns: Sequence[Json], users: Mapping[str, Json]) -> None:
        self.clock = clock
        self.secret = "app-s3cret"
        self.app_id = f"cli_{next(_NUMBERS)}"
        self.users = dict(users)
        self.rows: dict[str, Row] = {}
        self.columns: list[dict[str, Any]] = []
        self.time_zone = "Asia/Shanghai"
        self.calls: list[tuple[str, str, Any]] = []
        self.faults = Faults()
        self.lag_s = 0.0
        self.advanced, self.manager, self.lenient = False, True, False
        self.hidden_rows: set[str] = set()
        self.hidden_columns: set[str] = set()
        self.style: int | None = None
        self.most = 500
        self.scopes = {"bitable:app", "contact:user.id:readonly"}
        self.token, self.token_until = "", 0.0
        self.writes = 0
        self._tokens: dict[tuple[str, str], tuple[str, Any]] = {}
        self._last = 0
        self._lock = threading.RLock()
        self._writing = threading.Lock()
        for column in columns:
            self.add_column(column)

    # --- the server ---

    @property
    def url(self) -> str:
        """The address of this fake; all fakes of a process share one server."""
        mounted(self, "open-apis")  # the vendor's client takes no address with a path
        return mounted(self, self.app_id)

    def serve(self, http: BaseHTTPRequestHandler) -> None:
        data = body_of(http)
        where = urlsplit(http.path)
        path = where.path.partition("/open-apis")[2]
        query = {k: v[0] for k, v in parse_qs(where.query).items()}
        body = json.loads(data) if data else None
        with self._lock:
            self.calls.append((http.command, path, body))
            fault = self.faults.strike(f"{http.command} {path}")
        status, headers = 200, {}
        answer: Any = {}
        if fault is None or fault.after:
            status, answer = self._answer(http, path, query, body)
        if fault is not None:
            if cut(http, fault):
                return
            status, headers = fault.status, dict(fault.headers)
            answer = None if fault.kind == "garbage" else fault.body
        data = b"<html>gateway</html>" if answer is None else json.dumps(answer).encode()
        reply(http, self.clock, status, data, headers)

    def fail(self, match: str, kind: str = "answer", **more: Any) -> None:
        """Let the next calls whose method and path contain ``match`` go wrong."""
        self.faults.append(Fault(match, kind, **{"status": 200, **more}))

    def fault(self, match: str, kind: str = "answer", **more: Any) -> AbstractContextManager[None]:
        """Let calls whose method and path contain ``match`` go wrong while this lasts."""
        return self.faults.during(match, kind, **{"status": 200, **more})

    def _answer(
        self, http: BaseHTTPRequestHandler, path: str, query: dict[str, str], body: Any
    ) -> tuple[int, Any]:
        if path == "/auth/v3/tenant_access_token/internal":
            return 200, self._sign_in(body)
        try:
            self._check_token(http.headers.get("Authorization"))
            data = self._routed(http.command, path, query, body or {})
        except Refused as no:
            status = self.style or no.status
            return status, {"code": no.code, "msg": f"refused {no.code}", **no.extra}
        return 200, {"code": 0, "msg": "success", "data": data}

    def _routed(self, command: str, path: str, query: dict[str, str], body: Json) -> Any:
        for method, pattern, work in self._routes():
            found = re.fullmatch(pattern, path)
            if found and method == command:
                return work(*found.groups(), query, body)
        raise Refused(99991201, 404)

    def _routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        base = "/bitable/v1/apps/([^/]+)"
        table = rf"{base}/tables/([^/]+)"
        return [
            ("GET", base, self._meta),
            ("GET", f"{base}/tables", self._tables),
            ("GET", f"{table}/fields", self._list_fields),
            ("POST", f"{table}/fields", self._create_field),
            ("PUT", f"{table}/fields/([^/]+)", self._update_field),
            ("POST", f"{table}/records/search", self._search),
            ("POST", f"{table}/records/batch_get", self._batch_get),
            ("POST", f"{table}/records/batch_create", self._batch_create),
            ("POST", f"{table}/records/batch_update", self._batch_update),
            ("POST", f"{table}/records/batch_delete", self._batch_delete),
            ("GET", "/wiki/v2/spaces/get_node", self._wiki),
            ("POST", "/contact/v3/users/batch_get_id", self._user_ids),
        ]

    # --- sign-in and rights ---

    def _sign_in(self, body: Json) -> Json:
        if body.get("app_id") != self.app_id:
            return {"code": 10003, "msg": "invalid app_id"}
        if body.get("app_secret") != self.secret:
            return {"code": 10015, "msg": "app secret invalid"}
        now = self.clock.monotonic()
        if not self.token or self.token_until - now < 1800:
            self.token, self.token_until = f"t-{uuid.uuid4().hex}", now + 7200
        return {
            "code": 0,
            "msg": "ok",
            "tenant_access_token": self.token,
            "expire": int(self.token_until - now),
        }

    def _check_token(self, header: str | None) -> None:
        if not header:
            raise Refused(99991661, 400)
        if header != f"Bearer {self.token}" or self.clock.monotonic() >= self.token_until:
            raise Refused(99991663, 400)

    def _need(self, scope: str) -> None:
        if scope not in self.scopes:
            told = {"permission_violations": [{"scope": scope, "url": "https://x"}]}
            raise Refused(99991672, 400, error=told)

    def _at(self, app: str, table: str = TABLE) -> None:
        self._need("bitable:app")
        if app != APP:
            raise Refused(91402)
        if table != TABLE:
            raise Refused(1254041)

    # --- the base and its columns ---

    def _meta(self, app: str, query: Json, body: Json) -> Json:
        self._at(app)
        told = {"app_token": APP, "name": "Actions", "revision": 1, "is_advanced": self.advanced}
        return {"app": {**told, "time_zone": self.time_zone}}

    def _tables(self, app: str, query: Json, body: Json) -> Json:
        self._at(app)
        item = {"table_id": TABLE, "revision": 41, "name": "行动项"}
        return {"has_more": False, "page_token": TABLE, "total": 1, "items": [item]}

    def _list_fields(self, app: str, table: str, query: dict[str, str], body: Json) -> Json:
        self._at(app, table)
        shown = [c for c in self.columns if c["field_name"] not in self.hidden_columns]
        return self._page(shown, query, 20, 100)

    def _page(
        self, items: Sequence[Any], query: dict[str, str], default: int, most: int
    ) -> dict[str, Any]:
        size = int(query.get("page_size", default))
        if size > most:
            raise Refused(99992402, 400)
        token = query.get("page_token", "0")
        if not token.isdigit() or int(token) > len(items):
            raise Refused(1254002)
        end = int(token) + size
        page: dict[str, Any] = {"has_more": end < len(items), "total": len(items)}
        page["items"] = list(items[int(token) : end])
        if page["has_more"] or most == 100:  # fields give a token even at the end
            page["page_token"] = str(min(end, len(items)))
        return page

    def _create_field(self, app: str, table: str, query: dict[str, str], body: Json) -> Json:
        self._at(app, table)
        self._manage()
        if any(c["field_name"] == body["field_name"] for c in self.columns):
            raise Refused(1254014)
        return dict(self._once(query, body, lambda: {"field": _bare(self.add_column(body))}))

    def _update_field(self, app: str, table: str, field_id: str, query: Json, body: Json) -> Json:
        self._at(app, table)
        self._manage()
        column = self._by_id(field_id)
        if body.get("type") != column["type"]:
            raise Refused(1254012)
        kept = {o.get("id") for o in (body.get("property") or {}).get("options", ())}
        for option in (column.get("property") or {}).get("options", ()):
            if option["id"] not in kept:  # the cells of an option that is not sent are emptied
                for row in self.rows.values():
                    if row.now and row.now.get(field_id) == option["name"]:
                        row.now.pop(field_id)
        column.update(self._column({"description": "", **body}, field_id))
        self.writes += 1
        return {"field": _bare(column)}

    def _manage(self) -> None:
        if not self.manager:
            raise Refused(1254302, 403)

    def add_column(self, body: Json) -> dict[str, Any]:
        made = self._column(body, f"fld{next(_NUMBERS):06d}")
        made["is_primary"] = not self.columns
        self.columns.append(made)
        self.writes += 1
        return made

    def _column(self, body: Json, field_id: str) -> dict[str, Any]:
        held = deepcopy(body.get("property"))
        for option in (held or {}).get("options", ()):
            option.setdefault("id", f"opt{next(_NUMBERS)}")
            option.setdefault("color", 0)
        about = body.get("description") or ""
        return {
            "field_id": field_id,
            "field_name": body["field_name"].strip(),
            "type": body["type"],
            "property": held,
            "description": about["text"] if isinstance(about, dict) else about,
        }

    def _by_id(self, field_id: str) -> dict[str, Any]:
        found = [c for c in self.columns if c["field_id"] == field_id]
        if not found:
            raise Refused(1254044)
        return found[0]

    def column(self, name: str) -> dict[str, Any]:
        """Return a column by its name, as the API is asked for it."""
        found = [c for c in self.columns if c["field_name"] == name]
        if not found or name in self.hidden_columns:
            raise Refused(1254045)
        return found[0]

    # --- reading rows ---

    def _seen(self) -> dict[str, Shown]:
        """Return the rows as the copy that is asked shows them: row, last change, cells."""
        horizon = self.now_ms() - self.lag_s * 1000
        if self.advanced and not self.manager:
            return {}
        shown = {}
        for row_id, row in self.rows.items():
            states = [s for s in row.states if not self.lag_s or s[0] <= horizon]
            if states and states[-1][1] is not None and row_id not in self.hidden_rows:
                shown[row_id] = (row, *states[-1])
        return shown  # type: ignore[return-value]  # None was left out

    def _search(self, app: str, table: str, query: dict[str, str], body: Json) -> Json:
        self._at(app, table)
        names = body.get("field_names")
        if names is None:
            names = [c["field_name"] for c in self.columns]
        known = {c["field_name"] for c in self.columns} - self.hidden_columns
        if not self.lenient and set(names) - known:
            raise Refused(1254045)
        rows = list(self._seen().items())
        wanted = body.get("filter")
        if wanted:
            rows = [r for r in rows if self._fits(wanted, r[1])]
        for order in reversed(body.get("sort") or ()):
            column = self.column(order["field_name"])
            rows.sort(key=lambda r: self._value(column, *r[1]) or 0, reverse=order.get("desc"))
        page = self._page(rows, query, 20, 500)
        auto = bool(body.get("automatic_fields"))
        page["items"] = [self._item(i, *r, names=names, auto=auto) for i, r in page["items"]]
        return page

    def _fits(self, wanted: Json, row: Shown) -> bool:
        if wanted.get("conjunction") not in ("and", "or") or len(wanted["conditions"]) > 50:
            raise Refused(1254018)
        if len(json.dumps(wanted)) > 2000:
            raise Refused(1254107)
        found = [self._holds(c, row) for c in wanted["conditions"]]
        return all(found) if wanted["conjunction"] == "and" else any(found)

    def _holds(self, condition: Json, row: Shown) -> bool:
        column = self.column(condition["field_name"])
        operator, value = condition["operator"], condition.get("value")
        days = column["type"] in (5, 1001, 1002)
        allowed = DAY_OPERATORS if days else OPERATORS
        if operator not in allowed or column["type"] in (19, 20) or not isinstance(value, list):
            raise Refused(1254018)
        if len(value) > 10 or (operator in ("isEmpty", "isNotEmpty")) != (not value):
            raise Refused(1254018)
        stored = self._value(column, *row)
        if operator in ("isEmpty", "isNotEmpty"):
            return bool((stored is None) == (operator == "isEmpty"))
        if days:
            return self._is_then(operator, value, self._value(column, *row))
        shown = _plain(stored)
        hit: bool = value[0] in shown if "ontain" in operator else value[0] == shown
        return hit != (operator in ("isNot", "doesNotContain"))

    def _is_then(self, operator: str, value: Sequence[str], stored: int | None) -> bool:
        """Compare days in the base's zone: a filter's moment counts from its midnight on."""
        if value[0] != "ExactDate" or stored is None:
            return False
        one, other = (self.day(int(ms)) for ms in (stored, int(value[1])))
        return {"is": one == other, "isGreater": one > other, "isLess": one < other}[operator]

    def day(self, ms: int) -> date:
        """Return the day of a moment in the base's zone."""
        zone = ZoneInfo(self.time_zone.replace("Beijing", "Shanghai"))
        return datetime.fromtimestamp(ms / 1000, zone).date()

    def _value(self, column: Json, row: Row, changed: int, cells: Json) -> Any:
        if column["type"] == 1001:
            return row.created
        return changed if column["type"] == 1002 else cells.get(column["field_id"])

    def _item(
        self,
        row_id: str,
        row: Row,
        changed: int,
        cells: Json,
        *,
        names: Sequence[str] | None = None,
        auto: bool = True,
    ) -> Json:
        fields = {}
        for column in self.columns:
            value = self._value(column, row, changed, cells)
            if value is None or (names is not None and column["field_name"] not in names):
                continue
            if column["type"] == 11:
                value = [{"id": k, "email": "", "avatar_url": "", **self._user(k)} for k in value]
            fields[column["field_name"]] = deepcopy(value)
        item: dict[str, Any] = {"record_id": row_id, "fields": fields}
        if auto:
            by = {"id": row.editor, "name": self._user(row.editor)["name"]}
            item |= {"created_time": row.created, "last_modified_time": changed}
            item |= {"created_by": by, "last_modified_by": by}
        return item

    def _user(self, key: str) -> Json:
        name = self.users.get(key, {}).get("name", key)
        return {"name": name, "en_name": name}

    def _batch_get(self, app: str, table: str, query: Json, body: Json) -> Json:
        self._at(app, table)
        ids = body["record_ids"]
        if not 1 <= len(ids) <= 100:
            raise Refused(99992402, 400)
        shown = self._seen()
        blind = self.advanced and not self.manager
        forbidden = [
            i
            for i in ids
            if (blind or i in self.hidden_rows) and i in self.rows and self.rows[i].now is not None
        ]
        auto = bool(body.get("automatic_fields"))
        return {
            "records": [self._item(i, *shown[i], auto=auto) for i in ids if i in shown],
            "absent_record_ids": [i for i in ids if i not in shown and i not in forbidden],
            "forbidden_record_ids": forbidden,
        }

    # --- writing rows ---

    def _once(self, query: dict[str, str], body: Any, work: Callable[[], Any]) -> Any:
        """Do a thing once for one client_token."""
        token = query.get("client_token")
        if token is None:
            return work()
        try:
            good = str(uuid.UUID(token)) == token and uuid.UUID(token).version == 4
        except ValueError:
            good = False
        if not good:
            raise Refused(1254037, 400)
        told = json.dumps(body, sort_keys=True)
        if ("", token) in self._tokens:
            before, answer = self._tokens["", token]
            if before != told:
                raise Refused(1255006, 400)
            return answer
        answer = work()
        self._tokens["", token] = (told, answer)
        return answer

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._writing.acquire(blocking=False):
            raise Refused(1254291)
        try:
            self._manage()
            yield
        finally:
            self._writing.release()

    def _batch_create(self, app: str, table: str, query: dict[str, str], body: Json) -> Json:
        self._at(app, table)
        records = body["records"]
        if len(records) > self.most:
            raise Refused(1254104)

        def make() -> Json:
            stored = [self._stored(r["fields"]) for r in records]
            ids = [self.put(None, cells) for cells in stored]
            made = zip(ids, records, strict=True)
            return {"records": [_echo(i, r["fields"]) for i, r in made]}

        with self._alone():
            return dict(self._once(query, body, make))

    def _batch_update(self, app: str, table: str, query: Json, body: Json) -> Json:
        self._at(app, table)
        if len(body["records"]) > self.most:
            raise Refused(1254104)
        with self._alone():
            changes = [(r["record_id"], self._stored(r["fields"])) for r in body["records"]]
            self._all_there([row_id for row_id, _ in changes])
            for row_id, cells in changes:
                self.put(row_id, cells)
            return {"records": [_echo(r["record_id"], r["fields"]) for r in body["records"]]}

    def _batch_delete(self, app: str, table: str, query: Json, body: Json) -> Json:
        self._at(app, table)
        if len(body["records"]) > 500:
            raise Refused(1254104)
        with self._alone():
            self._all_there(body["records"])
            for row_id in body["records"]:
                self.drop(row_id)
            return {"records": [{"deleted": True, "record_id": i} for i in body["records"]]}

    def _all_there(self, row_ids: Sequence[str]) -> None:
        if any(i not in self.rows or self.rows[i].now is None for i in row_ids):
            raise Refused(1254043)

    def _stored(self, fields: Json) -> dict[str, Any]:
        """Return what is stored for fields as they are written; refuse what does not fit."""
        stored = {}
        for name, value in fields.items():
            column = self.column(name)
            if column["type"] in READ_ONLY:
                raise Refused(1254015, 400)
            if value is not None and not self._is_fit(column, value):
                raise Refused(UNFIT.get(column["type"], 1254015))
            stored[column["field_id"]] = _kept(column["type"], value)
        for name, value in fields.items():  # an unknown option is made
            column = self.column(name)
            words = [value] if isinstance(value, str) else value
            for word in words or () if column["type"] in (3, 4) else ():
                options = column["property"]["options"]
                if word not in [o["name"] for o in options]:
                    options.append({"id": f"opt{next(_NUMBERS)}", "name": word, "color": 0})
        return stored

    def _is_fit(self, column: Json, value: Any) -> bool:
        kind = column["type"]
        if kind in (1, 3):
            return isinstance(value, str)
        if kind == 4:
            return isinstance(value, list) and all(isinstance(v, str) for v in value)
        if kind == 5:
            return isinstance(value, int) and not isinstance(value, bool)
        if kind == 11:
            users = isinstance(value, list) and all(isinstance(v, dict) for v in value)
            return users and all(set(v) == {"id"} and v["id"] in self.users for v in value)
        if kind == 15:
            return isinstance(value, dict) and set(value) == {"text", "link"}
        return True

    def put(self, row_id: str | None, cells: Json, editor: str = "ou_app") -> str:
        """Make a row or change one; cells as they are stored."""
        with self._lock:
            at = self._tick()
            if row_id is None:
                row_id = f"rec{next(_NUMBERS):08d}"
                self.rows[row_id] = Row(at, [])
            row = self.rows[row_id]
            before = (row.states[-1][1] if row.states else None) or {}
            merged = {k: v for k, v in {**before, **cells}.items() if v is not None}
            row.states.append((at, merged))
            row.editor = editor
            self.writes += 1
            return row_id

    def drop(self, row_id: str) -> None:
        with self._lock:
            self.rows[row_id].states.append((self._tick(), None))
            self.writes += 1

    def now_ms(self) -> int:
        return int(self.clock.wall().timestamp() * 1000)

    def _tick(self) -> int:
        self._last = max(self._last + 1, self.now_ms())
        return self._last

    # --- contacts and wiki ---

    def _user_ids(self, query: Json, body: Json) -> Json:
        self._need("contact:user.id:readonly")
        if len(body["emails"]) > 50:
            raise Refused(99992402, 400)
        by_email = {u["email"]: k for k, u in self.users.items() if u.get("email")}
        found = [
            {"email": e, **({"user_id": by_email[e]} if e in by_email else {})}
            for e in body["emails"]
        ]
        return {"user_list": found}

    def _wiki(self, query: dict[str, str], body: Json) -> Json:
        if query.get("token") != WIKI:
            raise Refused(131005, 400)
        return {"node": {"obj_type": "bitable", "obj_token": APP, "node_token": WIKI}}

    # --- for tests ---

    def count(self, match: str) -> int:
        """Return how many calls so far contain a text in method and path."""
        return sum(match in f"{method} {path}" for method, path, _ in self.calls)


def _echo(row_id: str, fields: Json) -> Json:
    """Return a row as a write answers it: in the written shape, without times."""
    shown = {k: v for k, v in fields.items() if v is not None}
    return {"record_id": row_id, "id": row_id, "fields": deepcopy(shown)}


def _kept(kind: int, value: Any) -> Any:
    """Return a value as it is kept: text in pieces, people by their ids."""
    if kind == 1 and isinstance(value, str):
        if len(value) > 100_000:
            raise Refused(1254130)
        return [{"text": value, "type": "text"}] if value else None
    return [u["id"] for u in value] or None if kind == 11 and value is not None else value


def _bare(column: Json) -> Json:
    """Return a column as a change of it answers: without what is told about it."""
    return {k: v for k, v in column.items() if k != "description"}


def _plain(stored: Any) -> str:
    if isinstance(stored, list):
        return "".join(s["text"] if isinstance(s, dict) else str(s) for s in stored)
    return "" if stored is None else str(stored)


class Hand:
    """Somebody who works in the table; rows by the service's id, columns by our field.

    Args:
        fake: the service.
        columns: our field, and ``id``, -> the column's name when it was made.
    """

    def __init__(self, fake: FakeFeishu, columns: Mapping[str, str]) -> None:
        self.fake = fake
        self.ids = {n: fake.column(label)["field_id"] for n, label in columns.items()}

    def rows(self, item_id: str | None = None) -> list[str]:
        """List the rows that are there, or those that carry an id."""
        return [
            i
            for i, row in self.fake.rows.items()
            if row.now is not None and (item_id is None or self.read(i, "id") == item_id)
        ]

    def read(self, row: str, name: str) -> Cell:
        column = self.fake._by_id(self.ids[name])
        stored = (self.fake.rows[row].now or {}).get(column["field_id"])
        if column["type"] == 11:
            return tuple(User(k, str(self.fake._user(k)["name"])) for k in stored or ())
        if column["type"] == 4:
            return tuple(stored or ())
        if column["type"] == 5 and isinstance(stored, int):
            return self.fake.day(stored)
        text = _plain(stored) or None
        if name in ("due", "completed") and text and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return date.fromisoformat(text)
        return text

    def edit(self, row: str, **cells: Cell) -> None:
        self._put(row, cells)

    def add(self, **cells: Cell) -> str:
        return self._put(None, cells)

    def copy(self, row: str) -> str:
        """Copy a row with all that stands in it, the id too."""
        return self.fake.put(None, self.fake.rows[row].now or {}, "ou_lisi")

    def delete(self, row: str) -> None:
        self.fake.drop(row)

    def restore(self, row: str) -> None:
        """Take a row back that was deleted."""
        state = next(s for _, s in reversed(self.fake.rows[row].states) if s is not None)
        self.fake.rows[row].states.append((self.fake._tick(), state))

    def clear_id(self, row: str) -> None:
        self._put(row, {"id": None})

    def mistype_id(self, row: str) -> None:
        """Put another character in place of the last."""
        text = str(self.read(row, "id"))
        self._put(row, {"id": text[:-1] + ("7" if text[-1] != "7" else "8")})

    def sort(self, name: str, *, reverse: bool = False) -> None:
        """Put the rows in another order."""
        order = sorted(self.fake.rows, key=lambda row: str(self.read(row, name)), reverse=reverse)
        self.fake.rows = {row: self.fake.rows[row] for row in order}

    def _put(self, row: str | None, cells: Mapping[str, Cell]) -> str:
        stored = {self.ids[n]: self._shape(self.ids[n], cell) for n, cell in cells.items()}
        return self.fake.put(row, stored, "ou_lisi")

    def _shape(self, field_id: str, cell: Cell) -> Any:
        if is_empty(cell):
            return None
        if self.fake._by_id(field_id)["type"] == 1:
            return [{"text": show(cell), "type": "text"}]
        if isinstance(cell, date):
            zone = ZoneInfo(self.fake.time_zone.replace("Beijing", "Shanghai"))
            return int(datetime(cell.year, cell.month, cell.day, tzinfo=zone).timestamp() * 1000)
        if isinstance(cell, tuple):
            return [c.key if isinstance(c, User) else c for c in cell]
        return cell
