"""An Airtable base behind real HTTP: its shapes, limits, errors and vices, and people who work in it.

Stateful, strict, one table. What it does follows the vendor's reference as far as that goes; where
the reference is silent it takes the harder way: more than five calls a second are punished for
half a minute, pages are forgotten, a filter may lag, one row of a call that is refused spoils all.
"""

import json
import re
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from itertools import count
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

from fakes.server import Fault, Faults, body_of, cut, mounted, reply

from connectors.base import Clock
from mapping.cells import Cell, User, is_empty

TABLE = "tblFake0000000001"
TABLE_NAME = "行动项"
_NUMBERS = count(1)
COMPUTED = {"formula", "rollup", "lastModifiedTime", "createdTime", "autoNumber", "createdBy"}
PLAIN = {"singleLineText", "multilineText", "richText", "email", "url", "phoneNumber"}
MERGEABLE = {"singleLineText", "multilineText", "number", "singleSelect", "multipleSelects", "date"}
LONGEST_TEXT = 100_000
Json = Mapping[str, Any]


class Refused(Exception):  # noqa: N818  # an answer, no fault of the fake
    """The service says no."""

    def __init__(self, status: int, kind: str = "", message: str = "", **headers: str) -> None:
        super().__init__(kind)
        self.status, self.headers = status, headers
        self.body: Any = {"error": {"type": kind, "message": message or f"refused: {kind}"}}
        if status == 404:
            self.body = {"error": "NOT_FOUND"}
        if status == 429 and kind == "RATE_LIMIT_REACHED":
            self.body = {"errors": [{"error": kind, "message": "Rate limit exceeded"}]}


@dataclass
class Row:
    """One record; ``states`` is (when, cells by field id; None once deleted)."""

    created: datetime
    states: list[tuple[datetime, dict[str, Any] | None]]

    @property
    def now(self) -> dict[str, Any] | None:
        return self.states[-1][1]


def columns_for(
    names: Mapping[str, str],
    statuses: Sequence[str],
    departments: Sequence[str],
    types: Mapping[str, str] | None = None,
) -> list[Json]:
    """Return columns for all our fields; ``types`` changes what is usual."""
    usual = {
        "owner": "singleCollaborator",
        "department": "singleSelect",
        "due": "date",
        "support": "multipleSelects",
        "completed": "date",
        "status": "singleSelect",
        "id": "singleLineText",
        **(types or {}),
    }
    words = {"status": statuses, "department": departments, "support": departments}
    columns: list[Json] = []
    for name, label in names.items():
        kind = usual.get(name, "multilineText")
        options: dict[str, Any] = {}
        if kind in ("singleSelect", "multipleSelects"):
            options = {"choices": [{"name": w} for w in words.get(name, ())]}
        if kind == "date":
            options = {"dateFormat": {"name": "iso"}}
        columns.append({"name": label, "type": kind, "options": options})
    return columns


class FakeAirtable:
    """The service with one base, one table, one token.

    Attributes:
        calls: (method, path below /v0, body or query) of every request.
        faults: what goes wrong next.
        lag_s: listings show rows as they were so long ago.
        page_life_s: pages are forgotten after so long.
        level: what the token's user may do in the base.
        scopes: of the token.
        quota: calls on rows that are left this month; None for no end.
        filters: whether formulas with times are understood.
        strict: more than five calls a second are punished.
    """

    def __init__(self, clock: Clock, columns: Sequence[Json], users: Mapping[str, Json]) -> None:
        self.clock = clock
        self.base_id = f"app{next(_NUMBERS):014d}"
        self.token = "patFake"
        self.users = dict(users)
        self.table_name: str | None = TABLE_NAME
        self.rows: dict[str, Row] = {}
        self.columns: list[dict[str, Any]] = []
        self.calls: list[tuple[str, str, Any]] = []
        self.faults = Faults()
        self.lag_s, self.page_life_s = 0.0, 300.0
        self.level = "create"
        self.scopes = {"data.records:read", "data.records:write", "schema.bases:read"}
        self.scopes |= {"schema.bases:write"}
        self.quota: int | None = None
        self.filters = self.strict = True
        self.writes = 0
        self._times: deque[float] = deque()
        self._banned = 0.0
        self._pages: dict[str, tuple[float, list[Any]]] = {}
        self._last = datetime.min.replace(tzinfo=UTC)
        self._lock = threading.RLock()
        for column in columns:
            self.add_column(column)

    # --- the server ---

    @property
    def url(self) -> str:
        """The address of this fake; all fakes of a process share one server."""
        return mounted(self, self.base_id)

    def serve(self, http: BaseHTTPRequestHandler) -> None:
        data = body_of(http)
        where = urlsplit(http.path)
        path = unquote(where.path).removeprefix(f"/{self.base_id}/v0")
        query = parse_qs(where.query, keep_blank_values=True)
        if len(http.path) > 16_000:
            query = {"too long": [""]}
        body = json.loads(data) if data else None
        with self._lock:
            self.calls.append((http.command, path, body if body is not None else query))
            fault = self.faults.strike(f"{http.command} {path}")
            status, headers = 200, dict[str, str]()
            answer: Any = {}
            if fault is None or fault.after:
                status, headers, answer = self._answer(http, path, query, body or {})
        if fault is not None:
            if cut(http, fault):
                return
            status, headers = fault.status, dict(fault.headers)
            answer = None if fault.kind == "garbage" else fault.body
        data = b"<html>gateway</html>" if answer is None else json.dumps(answer).encode()
        shown = {name.replace("_", "-"): value for name, value in headers.items()}
        reply(http, self.clock, status, data, shown)

    def fail(self, match: str, kind: str = "answer", **more: Any) -> None:
        """Let the next calls whose method and path contain ``match`` go wrong."""
        self.faults.append(Fault(match, kind, **{"status": 200, **more}))

    def fault(self, match: str, kind: str = "answer", **more: Any) -> AbstractContextManager[None]:
        """Let calls whose method and path contain ``match`` go wrong while this lasts."""
        return self.faults.during(match, kind, **{"status": 200, **more})

    def _answer(
        self, http: BaseHTTPRequestHandler, path: str, query: dict[str, list[str]], body: Any
    ) -> tuple[int, dict[str, str], Any]:
        try:
            self._pace()
            self._sign_in(http.headers.get("Authorization"))
            return 200, {}, self._routed(http.command, path, query, body)
        except Refused as no:
            return no.status, no.headers, no.body

    def _sign_in(self, header: str | None) -> None:
        if header != f"Bearer {self.token}":
            raise Refused(401, "AUTHENTICATION_REQUIRED", "Authentication required")

    def _routed(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> Any:
        if "too long" in query:
            raise Refused(414, "REQUEST_URI_TOO_LONG")
        for wanted, pattern, work in self._routes():
            found = re.fullmatch(pattern, path)
            if found and method == wanted:
                return work(*found.groups(), query, body)
        raise Refused(404)

    def _pace(self) -> None:
        """Five calls a second; who makes more is shut out for half a minute."""
        now = self.clock.monotonic()
        while self._times and now - self._times[0] >= 1.0:
            self._times.popleft()
        self._times.append(now)
        if self.strict and (now < self._banned or len(self._times) > 5):
            self._banned = max(self._banned, now + 30.0)
            raise Refused(429, "RATE_LIMIT_REACHED")

    def _routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        return [
            ("GET", r"/meta/bases/([^/]+)/tables", self._schema),
            ("POST", r"/meta/bases/([^/]+)/tables", self._make_table),
            ("POST", r"/meta/bases/([^/]+)/tables/([^/]+)/fields", self._make_field),
            ("GET", r"/meta/bases/([^/]+)", self._base),
            ("POST", r"/([^/]+)/([^/]+)/listRecords", self._list_post),
            ("GET", r"/([^/]+)/([^/]+)", self._list),
            ("POST", r"/([^/]+)/([^/]+)", self._create),
            ("GET", r"/([^/]+)/([^/]+)/(rec[^/]+)", self._get),
            ("PATCH", r"/([^/]+)/([^/]+)", self._update),
            ("DELETE", r"/([^/]+)/([^/]+)", self._delete),
        ]

    # --- rights ---

    def _at(self, base: str, scope: str, table: str = TABLE) -> None:
        known = {TABLE, self.table_name} if self.table_name else set()
        if base != self.base_id or scope not in self.scopes or table not in known | {TABLE}:
            raise Refused(403, "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND")
        if scope.endswith(":write") and self.level in ("read", "comment"):
            raise Refused(403, "INVALID_PERMISSIONS")
        if scope.startswith("data.") and self.quota is not None:
            self.quota -= 1
            if self.quota < 0:
                raise Refused(429, "PUBLIC_API_BILLING_LIMIT_EXCEEDED", "Monthly limit exceeded")

    # --- the base and its columns ---

    def _schema(self, base: str, query: Json, body: Json) -> Json:
        self._at(base, "schema.bases:read")
        first = self.columns[0]["id"] if self.columns else ""
        shown = {"id": TABLE, "name": self.table_name, "fields": self.columns, "views": []}
        shown["primaryFieldId"] = first
        other = {"id": "tblOther000000001", "name": "Other", "fields": [], "views": []}
        other["primaryFieldId"] = ""
        return {"tables": [other, *([shown] if self.table_name else [])]}

    def _base(self, base: str, query: Json, body: Json) -> Json:
        self._at(base, "schema.bases:read")
        members = [
            {
                "userId": key,
                "email": u["email"],
                "permissionLevel": "edit",
                "grantedByUserId": "usrOwner",
                "createdTime": "2024-01-01T00:00:00.000Z",
            }
            for key, u in self.users.items()
            if u.get("email")
        ]
        people = {"baseCollaborators": members[:1], "workspaceCollaborators": members[1:]}
        nobody: Json = {"baseCollaborators": [], "workspaceCollaborators": []}
        return {
            "id": base,
            "name": "Actions",
            "createdTime": "2024-01-01T00:00:00.000Z",
            "permissionLevel": self.level,
            "workspaceId": "wspFake",
            "individualCollaborators": people,
            "groupCollaborators": nobody,
            "inviteLinks": {"baseInviteLinks": [], "workspaceInviteLinks": []},
        }

    def _make_table(self, base: str, query: Json, body: Json) -> Json:
        self._at(base, "schema.bases:write")
        self._creator()
        self.table_name, self.columns = body["name"], []
        for raw in body["fields"]:
            self.add_column(raw)
        return {"id": TABLE, "name": self.table_name, "fields": self.columns, "views": []}

    def _make_field(self, base: str, table: str, query: Json, body: Json) -> Json:
        self._at(base, "schema.bases:write", table)
        self._creator()
        if any(c["name"] == body["name"] for c in self.columns):
            raise Refused(422, "DUPLICATE_OR_EMPTY_FIELD_NAME")
        return self.add_column(body)

    def _creator(self) -> None:
        if self.level != "create":
            raise Refused(403, "INVALID_PERMISSIONS")

    def add_column(self, raw: Json) -> dict[str, Any]:
        """Make a column as "Create field" does."""
        kind, options = raw["type"], dict(raw.get("options") or {})
        if kind in ("singleSelect", "multipleSelects"):
            if set(options) != {"choices"} or not all(c.get("name") for c in options["choices"]):
                raise Refused(422, "INVALID_FIELD_TYPE_OPTIONS_FOR_CREATE")
            options["choices"] = [_choice(c["name"]) for c in options["choices"]]
        if kind == "date" and "dateFormat" not in options:
            raise Refused(422, "INVALID_FIELD_TYPE_OPTIONS_FOR_CREATE")
        made = {"id": f"fld{next(_NUMBERS):014d}", "name": raw["name"], "type": kind}
        self.columns.append({**made, **({"options": options} if options else {})})
        self.writes += 1
        return self.columns[-1]

    def column(self, name: str) -> dict[str, Any]:
        """Return a column by its name or its id; KeyError if there is none."""
        for column in self.columns:
            if name in (column["name"], column["id"]):
                return column
        raise KeyError(name)

    def _column(self, name: str) -> dict[str, Any]:
        try:
            return self.column(name)
        except KeyError:
            text = f'Unknown field name: "{name}"'
            raise Refused(422, "UNKNOWN_FIELD_NAME", text) from None

    # --- listing ---

    def _list_post(self, base: str, table: str, query: Json, body: Json) -> Json:
        options = {k: v if isinstance(v, list) else [str(v)] for k, v in body.items()}
        options["fields[]"] = options.pop("fields", [])
        return self._list(base, table, options, {})

    def _list(self, base: str, table: str, query: dict[str, list[str]], body: Json) -> Json:
        self._at(base, "data.records:read", table)
        known = {"fields[]", "filterByFormula", "pageSize", "offset", "returnFieldsByFieldId"}
        if set(query) - known:
            raise Refused(422, "INVALID_REQUEST_UNKNOWN")
        fields = [self._column(f)["id"] for f in query.get("fields[]", ())]
        by_id = query.get("returnFieldsByFieldId", [""])[0] in ("1", "true", "True")
        size = int(query.get("pageSize", ["100"])[0])
        if not 1 <= size <= 100:
            raise Refused(422, "INVALID_PAGE_SIZE")
        if query.get("offset"):
            kept = self._pages.pop(query["offset"][0], None)
            if kept is None or self.clock.monotonic() - kept[0] > self.page_life_s:
                raise Refused(422, "LIST_RECORDS_ITERATOR_NOT_AVAILABLE")
            rows = kept[1]
        else:
            formula = query.get("filterByFormula", [""])[0]
            test = Formula(self, formula).parsed() if formula else None
            horizon = self.clock.wall() - timedelta(seconds=self.lag_s)
            rows = [
                (row_id, row, cells)
                for row_id, row in sorted(self.rows.items(), key=lambda r: r[0][::-1])
                if (cells := _cells_at(row, horizon if self.lag_s else None)) is not None
                and (test is None or test(row_id, row, cells) not in (0, False, "", None))
            ]
        page: dict[str, Any] = {
            "records": [
                self._shown(i, row, cells, fields, by_id=by_id) for i, row, cells in rows[:size]
            ]
        }
        if rows[size:]:
            page["offset"] = f"itr{next(_NUMBERS):014d}/{rows[size][0]}"
            self._pages[page["offset"]] = (self.clock.monotonic(), rows[size:])
        return page

    def _get(self, base: str, table: str, row_id: str, query: Json, body: Json) -> Json:
        self._at(base, "data.records:read", table)
        row = self.rows.get(row_id)
        if row is None or row.now is None:
            raise Refused(404)
        return self._shown(row_id, row, row.now, by_id="returnFieldsByFieldId" in query)

    def _shown(
        self, row_id: str, row: Row, cells: Json, fields: Sequence[str] = (), *, by_id: bool = True
    ) -> Json:
        """Return a record: cells by field id or by name, empty ones left out."""
        shown = {}
        for column in self.columns:
            stored = cells.get(column["id"])
            if column["type"] == "lastModifiedTime":
                stored = _moment(row.states[-1][0])
            if (not fields or column["id"] in fields) and stored not in (None, "", [], False):
                shown[column["id" if by_id else "name"]] = self._value(column, stored)
        return {"id": row_id, "createdTime": _moment(row.created), "fields": shown}

    def _value(self, column: Json, stored: Any) -> Any:
        if column["type"] == "singleCollaborator":
            return self._user(stored)
        if column["type"] == "multipleCollaborators":
            return [self._user(key) for key in stored]
        return stored + "\n" if column["type"] == "richText" else stored

    def _user(self, key: str) -> Json:
        return {"id": key, **self.users.get(key, {"name": "Former collaborator"})}

    # --- writing ---

    def _create(self, base: str, table: str, query: Json, body: Json) -> Json:
        self._at(base, "data.records:write", table)
        records = body.get("records") or [body]
        if len(records) > 10:
            raise Refused(422, "INVALID_RECORDS")
        stored = [self._stored(r["fields"], cast=bool(body.get("typecast"))) for r in records]
        rows = [self.put(None, cells) for cells in stored]
        by_id = bool(body.get("returnFieldsByFieldId"))
        made = [self._shown(i, self.rows[i], self.rows[i].now or {}, by_id=by_id) for i in rows]
        return {"records": made} if "records" in body else made[0]

    def _update(self, base: str, table: str, query: Json, body: Json) -> Json:
        self._at(base, "data.records:write", table)
        records = body.get("records")
        if not isinstance(records, list) or not 1 <= len(records) <= 10:
            raise Refused(422, "INVALID_RECORDS", "You can only update up to 10 records")
        by_id = bool(body.get("returnFieldsByFieldId"))
        cast = bool(body.get("typecast"))
        merge = (body.get("performUpsert") or {}).get("fieldsToMergeOn")
        targets = [self._target(r, merge) for r in records]
        stored = [self._stored(r["fields"], cast=cast) for r in records]
        made, changed = list[str](), list[str]()
        answer = []
        for target, cells in zip(targets, stored, strict=True):
            row_id = self.put(target, cells)
            (changed if target else made).append(row_id)
            row = self.rows[row_id]
            answer.append(self._shown(row_id, row, row.now or {}, by_id=by_id))
        told = {"createdRecords": made, "updatedRecords": changed} if merge else {}
        return {"records": answer, **told}

    def _target(self, record: Json, merge: Sequence[str] | None) -> str | None:
        """Return the row that is meant; None for one that is to be made."""
        if "id" in record or merge is None:
            row = self.rows.get(record.get("id", ""))
            if row is None or row.now is None:
                raise Refused(422, "ROW_DOES_NOT_EXIST", f"Record ID {record.get('id')}")
            return str(record["id"])
        keys = {}
        for name in merge:
            column = self._column(name)
            if column["type"] not in MERGEABLE or not 1 <= len(merge) <= 3:
                raise Refused(422, "INVALID_REQUEST_UNKNOWN")
            keys[column["id"]] = record["fields"].get(name)
        if None in keys.values():
            return None
        same = [
            i
            for i, row in self.rows.items()
            if row.now is not None and all(row.now.get(k) == v for k, v in keys.items())
        ]
        if len(same) > 1:
            text = f"Cannot update more than one record for the merge fields {keys}"
            raise Refused(422, "INVALID_REQUEST_UNKNOWN", text)
        return same[0] if same else None

    def _stored(self, fields: Json, *, cast: bool) -> dict[str, Any]:
        cells = {}
        for name, value in fields.items():
            column = self._column(name)
            cells[column["id"]] = self._fit(column, value, cast=cast)
        return cells

    def _fit(self, column: Json, value: Any, *, cast: bool) -> Any:
        kind = column["type"]
        bad = Refused(
            422,
            "INVALID_VALUE_FOR_COLUMN",
            f'Field "{column["name"]}" cannot accept the provided value',
        )
        if kind in COMPUTED:
            raise bad
        if value in (None, "", []):
            return None
        if kind in PLAIN:
            if not isinstance(value, str) or len(value) > LONGEST_TEXT:
                raise bad
            return " ".join(value.splitlines()) if kind == "singleLineText" else value
        if kind == "singleSelect":
            return self._option(column, value, bad, cast=cast)
        if kind == "multipleSelects":
            if not isinstance(value, list):
                raise bad
            return [self._option(column, v, bad, cast=cast) for v in value]
        if kind == "date":
            if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
                raise bad
            return value
        if kind == "dateTime":
            return _in_utc(value, column["options"]["timeZone"])
        if kind in ("singleCollaborator", "multipleCollaborators"):
            people = value if isinstance(value, list) else [value]
            keys = [p.get("id") if isinstance(p, dict) else p for p in people]
            if isinstance(value, list) != (kind == "multipleCollaborators") or any(
                key not in self.users for key in keys
            ):
                raise bad
            return keys if kind == "multipleCollaborators" else keys[0]
        raise bad

    def _option(self, column: Json, value: Any, bad: Refused, *, cast: bool) -> str:
        choices = column["options"]["choices"]
        if not isinstance(value, str):
            raise bad
        if value not in [c["name"] for c in choices]:
            if not cast or self.level != "create":
                text = f'Insufficient permissions to create new select option ""{value}""'
                raise Refused(422, "INVALID_MULTIPLE_CHOICE_OPTIONS", text)
            choices.append(_choice(value))
        return value

    def _delete(self, base: str, table: str, query: dict[str, list[str]], body: Json) -> Json:
        self._at(base, "data.records:write", table)
        ids = query.get("records[]", [])
        if not 1 <= len(ids) <= 10:
            raise Refused(422, "INVALID_RECORDS")
        if any(i not in self.rows or self.rows[i].now is None for i in ids):
            raise Refused(403, "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND")
        for row_id in ids:
            self.drop(row_id)
        return {"records": [{"id": i, "deleted": True} for i in ids]}

    # --- what everybody does to rows ---

    def put(self, row_id: str | None, cells: Json) -> str:
        """Make or change a row; what is None is cleared."""
        at = self._tick()
        row_id = row_id or f"rec{next(_NUMBERS):014d}"
        row = self.rows.setdefault(row_id, Row(created=at, states=[]))
        before = (row.now or {}) if row.states else {}
        after = {k: v for k, v in {**before, **cells}.items() if v not in (None, "", [])}
        row.states.append((at, after))
        self.writes += 1
        return row_id

    def drop(self, row_id: str) -> None:
        """Put a row into the trash."""
        self.rows[row_id].states.append((self._tick(), None))
        self.writes += 1

    def _tick(self) -> datetime:
        now = self.clock.wall()
        self._last = max(now, self._last + timedelta(milliseconds=1))
        return self._last

    def count(self, match: str) -> int:
        """Count the calls whose method and path contain ``match``."""
        return sum(match in f"{method} {path}" for method, path, _ in self.calls)


def _cells_at(row: Row, horizon: datetime | None) -> dict[str, Any] | None:
    states = [s for s in row.states if horizon is None or s[0] <= horizon]
    return states[-1][1] if states else None


def _choice(name: str) -> Json:
    return {"id": f"sel{next(_NUMBERS):014d}", "name": name, "color": "blueLight2"}


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _in_utc(value: str, zone: str) -> str:
    """Return a moment as it is kept; one without an offset is of the field's own zone."""
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC if zone in ("utc", "client") else ZoneInfo(zone))
    return _moment(at.astimezone(UTC))


Test = Callable[[str, Row, Json], Any]


class Formula:
    """The part of the formula language that is understood here; all else is refused."""

    _TOKEN = re.compile(
        r"\s*(?:'((?:\\.|[^'\\])*)'|\{([^}]*)\}|([A-Z_]+)|(>=|<=|=|>|<|\(|\)|,))", re.DOTALL
    )

    def __init__(self, fake: FakeAirtable, text: str) -> None:
        self.fake = fake
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while text[at:].strip():
            found = self._TOKEN.match(text, at)
            if found is None:
                raise self._bad()
            kind = "sfni"[next(n for n, g in enumerate(found.groups()) if g is not None)]
            self.tokens.append((kind, next(g for g in found.groups() if g is not None)))
            at = found.end()

    def parsed(self) -> Test:
        test = self._compared()
        if self.tokens:
            raise self._bad()
        return test

    def _bad(self) -> Refused:
        return Refused(422, "INVALID_FILTER_BY_FORMULA", "The formula for filtering is invalid")

    def _compared(self) -> Test:
        left = self._value()
        if self.tokens and self.tokens[0] in (("i", "="), ("i", ">=")):
            _, sign = self.tokens.pop(0)
            right = self._value()
            if sign == "=":
                return lambda *row: (left(*row) or "") == (right(*row) or "")
            return lambda *row: left(*row) >= right(*row)
        return left

    def _value(self) -> Test:
        if not self.tokens:
            raise self._bad()
        kind, text = self.tokens.pop(0)
        if kind == "s":
            plain = re.sub(r"\\(.)", r"\1", text)
            return lambda *_: plain
        if kind == "f":
            field_id = self.fake._column(text)["id"]
            return lambda _i, _r, cells: cells.get(field_id)
        if kind != "n" or not self.tokens or self.tokens.pop(0) != ("i", "("):
            raise self._bad()
        arguments: list[Test] = []
        while self.tokens and self.tokens[0] != ("i", ")"):
            arguments.append(self._compared())
            if self.tokens and self.tokens[0] == ("i", ","):
                self.tokens.pop(0)
        if not self.tokens:
            raise self._bad()
        self.tokens.pop(0)
        return self._function(text, arguments)

    def _function(self, name: str, arguments: list[Test]) -> Test:
        if name == "OR":
            return lambda *row: any(a(*row) for a in arguments)
        if name == "RECORD_ID" and not arguments:
            return lambda row_id, *_: row_id
        if not self.fake.filters:
            raise self._bad()
        if name == "CREATED_TIME" and not arguments:
            return lambda _i, row, _c: row.created.replace(microsecond=0)
        if name == "LAST_MODIFIED_TIME" and not arguments:
            return lambda _i, row, _c: row.states[-1][0].replace(microsecond=0)
        if name == "DATETIME_PARSE" and len(arguments) == 1:
            return lambda *row: datetime.fromisoformat(arguments[0](*row))
        raise self._bad()


class Hand:
    """Somebody who works in the table; rows by the service's id, columns by our field.

    Args:
        fake: the service.
        columns: our field, and ``id``, -> the column's name when it was made.
    """

    def __init__(self, fake: FakeAirtable, columns: Mapping[str, str]) -> None:
        self.fake = fake
        self.ids = {n: fake.column(label)["id"] for n, label in columns.items()}

    def rows(self, item_id: str | None = None) -> list[str]:
        """List the rows that are there, or those that carry an id."""
        return [
            i
            for i, row in self.fake.rows.items()
            if row.now is not None and (item_id is None or self.read(i, "id") == item_id)
        ]

    def table(self) -> list[dict[str, Cell]]:
        """Return all rows as they are seen."""
        return [{name: self.read(row, name) for name in self.ids} for row in self.rows()]

    def read(self, row: str, name: str) -> Cell:
        column = self.fake.column(self.ids[name])
        stored = (self.fake.rows[row].now or {}).get(column["id"])
        if column["type"] == "singleCollaborator":
            stored = [stored] if stored else []
        if column["type"] in ("singleCollaborator", "multipleCollaborators"):
            return tuple(User(k, str(self.fake._user(k)["name"])) for k in stored or ())
        if column["type"] == "multipleSelects":
            return tuple(stored or ())
        if name in ("due", "completed") and re.fullmatch(r"\d{4}-\d\d-\d\d", str(stored)):
            return date.fromisoformat(str(stored))
        return stored or None

    def edit(self, row: str, **cells: Cell) -> None:
        self._put(row, cells)

    def add(self, **cells: Cell) -> str:
        return self._put(None, cells)

    def copy(self, row: str) -> str:
        """Duplicate a row with all that stands in it, the id too."""
        return self.fake.put(None, self.fake.rows[row].now or {})

    def delete(self, row: str) -> None:
        self.fake.drop(row)

    def restore(self, row: str) -> None:
        """Take a row back out of the trash; its last change stays what it was."""
        state = next(s for s in reversed(self.fake.rows[row].states) if s[1] is not None)
        self.fake.rows[row].states.append(state)
        self.fake.writes += 1

    def clear_id(self, row: str) -> None:
        self._put(row, {"id": None})

    def mistype_id(self, row: str) -> None:
        """Put another character in place of the last."""
        text = str(self.read(row, "id"))
        self._put(row, {"id": text[:-1] + ("7" if text[-1] != "7" else "8")})

    def sort(self, name: str, *, reverse: bool = False) -> None:
        """Sort the view: the service's own order knows nothing of it."""

    def _put(self, row: str | None, cells: Mapping[str, Cell]) -> str:
        return self.fake.put(row, {self.ids[n]: self._shape(n, c) for n, c in cells.items()})

    def _shape(self, name: str, cell: Cell) -> Any:
        if is_empty(cell):
            return None
        if isinstance(cell, date):
            return cell.isoformat()
        if isinstance(cell, tuple):
            keys = [c.key if isinstance(c, User) else c for c in cell]
            single = self.fake.column(self.ids[name])["type"] == "singleCollaborator"
            return keys[0] if single else keys
        return cell
