"""A Jira behind real HTTP, Cloud or Data Center: shapes, limits, codes and vices, people in it.

Stateful and strict. It follows what is known of the service (REST API 3 of Cloud, 2 of Data
Center); where nothing is known it takes the harder way: unknown clauses, fields off the screen and
values of another shape are refused, searches lag when ``lag_s`` is set, 404 says nothing of why.
"""

import base64
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler
from itertools import count
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

from fakes.jql import JqlError, Query
from fakes.server import Fault, Faults, body_of, cut, mounted, reply

from connectors.base import Clock
from mapping.cells import Cell, User, is_empty, show

RIGHTS = {
    *("BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "ASSIGN_ISSUES", "TRANSITION_ISSUES"),
    "DELETE_ISSUES",
}
SYSTEM = {
    "summary": ("Summary", {"type": "string", "system": "summary"}),
    "description": ("Description", {"type": "string", "system": "description"}),
    "duedate": ("Due date", {"type": "date", "system": "duedate"}),
    "assignee": ("Assignee", {"type": "user", "system": "assignee"}),
    "labels": ("Labels", {"type": "array", "items": "string", "system": "labels"}),
    "resolution": ("Resolution", {"type": "resolution", "system": "resolution"}),
    "priority": ("Priority", {"type": "priority", "system": "priority"}),
}
CUSTOM = {
    "textfield": {"type": "string"},
    "textarea": {"type": "string"},
    "select": {"type": "option"},
    "radiobuttons": {"type": "option"},
    "multiselect": {"type": "array", "items": "option"},
    "datepicker": {"type": "date"},
    "datetime": {"type": "datetime"},
    "userpicker": {"type": "user"},
    "multiuserpicker": {"type": "array", "items": "user"},
    "float": {"type": "number"},
    "cascadingselect": {"type": "option-with-child"},
}
READ_ONLY = {"status", "created", "updated", "resolutiondate", "project", "issuetype"}
CATEGORIES = {"new": "To Do", "indeterminate": "In Progress", "done": "Done"}
BOT = "robot"
_NUMBERS = count(1)
Json = Mapping[str, Any]


@dataclass
class FieldDef:
    """A field; ``options`` are as the service lists them."""

    id: str
    name: str
    schema: dict[str, Any]
    options: list[dict[str, Any]] | None = None
    on_create: bool = True
    on_edit: bool = True
    required: bool = False

    @property
    def kind(self) -> str:
        custom = str(self.schema.get("custom", "")).rpartition(":")[2]
        return custom or str(self.schema.get("system", ""))


@dataclass
class Way:
    """A transition; ``wants`` are the fields that its screen requires."""

    id: str
    name: str
    to: str
    wants: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()


@dataclass
class Account:
    """Somebody; ``key`` is the account id (Cloud) or the login (Data Center)."""

    key: str
    name: str
    email: str
    active: bool = True
    assignable: bool = True
    email_shown: bool = True


@dataclass(frozen=True)
class State:
    """An issue at one time; ``values`` by field id."""

    at: datetime
    values: Mapping[str, Any]
    status: str
    project: str = "10000"
    type: str = "10001"
    archived: bool = False


@dataclass
class Issue:
    """An issue, with all that it ever was."""

    id: str
    keys: list[str]
    made: datetime
    states: list[State]
    properties: dict[str, Any] = field(default_factory=dict)

    @property
    def now(self) -> State:
        return self.states[-1]


class Refused(Exception):  # noqa: N818  # an answer, no fault of the fake
    """The service says no."""

    def __init__(self, code: int, *messages: str, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(code, messages, errors)
        self.status = code
        self.body: dict[str, Any] = {"errorMessages": list(messages), "errors": dict(errors or {})}
        self.headers: dict[str, str] = {}


class FakeJira:
    """A site with one project that matters, and another that issues can be moved to.

    Attributes:
        calls: (method, path below /rest/api/N, body) of every request.
        faults: what goes wrong next.
        rights: what the account may do in the project.
        lag_s: searches show issues as they were so long ago.
        hidden: issues that the account may not see.
        page: the most issues of one page.
        zone: of the account's profile.
        captcha: a person has to log in by a browser first (Data Center).
        anonymous: a wrong login is answered as nobody's, with 200 and nothing in it.
        drops_assignee: assignees are ignored when issues are made (seen on Data Center).
        default_assignee: who is assigned where nobody is named.
        browses_users: the account may look for people.
        lists_assignable: who can be assigned is listed without a name to look for.
        locked: names of statuses in which issues cannot be edited.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        cloud: bool = True,
        accounts: Sequence[Account] = (),
        statuses: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.clock, self.cloud = clock, cloud
        self.email, self.token = "robot@example.com", "jira_secret"
        self.accounts = {a.key: a for a in accounts}
        self.calls: list[tuple[str, str, Any]] = []
        self.faults = Faults()
        self.rights = set(RIGHTS)
        self.lag_s = 0.0
        self.hidden: set[str] = set()
        self.page = 100
        self.zone = "Asia/Shanghai"
        self.captcha = self.anonymous = self.drops_assignee = False
        self.default_assignee: str | None = None
        self.project_seen = self.browses_users = self.lists_assignable = True
        self.locked: set[str] = set()
        self.issues: dict[str, Issue] = {}
        self.projects = {"10000": "ACT", "10100": "OLD"}
        self.types = {"10001": "Task", "10002": "Bug"}
        self.priorities = [{"id": "1", "name": "High"}, {"id": "3", "name": "Medium"}]
        self.resolutions = [{"id": "1", "name": "Done"}, {"id": "2", "name": "Won't Do"}]
        self._serial, self._ids = count(10050), count(20001)
        self.fields: dict[str, FieldDef] = {}
        for key in ("summary", "description", "duedate", "assignee", "labels"):
            name, schema = SYSTEM[key]
            self.fields[key] = FieldDef(key, name, dict(schema), required=key == "summary")
        listed = statuses or (("To Do", "new"), ("In Progress", "indeterminate"), ("Done", "done"))
        self.statuses = {str(3 + n): status for n, status in enumerate(listed)}
        self.ways: dict[str, list[Way]] = {}
        self.join_all()
        self.lock = threading.RLock()
        self._mount = f"j{next(_NUMBERS)}"
        self.before: Callable[[str], None] | None = None

    @property
    def base_url(self) -> str:
        return mounted(self, self._mount)

    @property
    def api(self) -> str:
        return f"{self.base_url}/rest/api/{'3' if self.cloud else '2'}"

    # --- set-up ---

    def add_field(self, name: str, kind: str, options: Sequence[str] = ()) -> FieldDef:
        number = next(self._serial)
        custom = f"com.atlassian.jira.plugin.system.customfieldtypes:{kind}"
        schema = {**CUSTOM[kind], "custom": custom, "customId": number}
        listed = [{"id": str(next(self._serial)), "value": o} for o in options]
        has_options = CUSTOM[kind]["type"] == "option" or CUSTOM[kind].get("items") == "option"
        made = FieldDef(f"customfield_{number}", name, schema, listed if has_options else None)
        self.fields[made.id] = made
        return made

    def add_priority(self) -> None:
        name, schema = SYSTEM["priority"]
        self.fields["priority"] = FieldDef("priority", name, dict(schema), list(self.priorities))

    def field_named(self, name: str) -> FieldDef:
        return next(f for f in self.fields.values() if name in (f.name, f.id))

    def status_id(self, name: str) -> str:
        return next(i for i, (n, _) in self.statuses.items() if n == name)

    def join_all(self) -> None:
        """Let every status lead to every other."""
        self.ways = {
            here: [
                Way(f"{here}{there}", f"to {there}", there)
                for there in self.statuses
                if there != here
            ]
            for here in self.statuses
        }

    def lead(
        self, *ways: tuple[str, str], wants: Mapping[str, tuple[str, ...]] | None = None
    ) -> None:
        """Let the workflow lead along these ways alone; ``wants`` by the status led to."""
        self.ways = {status: [] for status in self.statuses}
        for n, (here, there) in enumerate(ways):
            needed = (wants or {}).get(there, ())
            way = Way(str(11 + n), f"{there}!", self.status_id(there), needed)
            self.ways[self.status_id(here)].append(way)

    # --- people at work; fields by name ---

    def rows(self) -> list[str]:
        """List the issues that people see in the project."""
        return [i.id for i in self.issues.values() if self._is_live(i.now)]

    def raw(self, issue: str, name: str) -> Any:
        if name == "status":
            return self.issues[issue].now.status
        return self.issues[issue].now.values.get(self.field_named(name).id)

    def read(self, issue: str, name: str) -> str | None:
        if name == "status":
            return self.statuses[self.issues[issue].now.status][0]
        return self._text(self.field_named(name), self.raw(issue, name)) or None

    def edit(self, issue: str, cells: Mapping[str, Cell]) -> None:
        values: dict[str, Any] = {}
        status = None
        for name, cell in cells.items():
            if name == "status":
                status = self.status_id(show(cell)) if not is_empty(cell) else None
            else:
                found = self.field_named(name)
                values[found.id] = self._typed(found, cell)
        self.put(issue, values, status=status or self.issues[issue].now.status)

    def add(self, cells: Mapping[str, Cell]) -> str:
        issue = self._make({})
        self.edit(issue.id, cells)
        return issue.id

    def copy(self, issue: str) -> str:
        """Clone an issue: fields and labels go along, properties do not."""
        made = self._make(deepcopy(dict(self.issues[issue].now.values)))
        made.states[-1] = replace(made.now, status=self.issues[issue].now.status)
        return made.id

    def label(self, issue: str, *labels: str) -> None:
        """Replace the labels."""
        self.put(issue, {"labels": list(labels)})

    def labels(self, issue: str) -> list[str]:
        return list(self.issues[issue].now.values.get("labels") or [])

    def delete(self, issue: str) -> None:
        del self.issues[issue]

    def move(self, issue: str, project: str = "10100") -> None:
        found = self.issues[issue]
        found.keys.append(f"{self.projects[project]}-{len(self.issues) + 900}")
        self.put(issue, {}, project=project)

    def archive(self, issue: str, *, archived: bool = True) -> None:
        self.put(issue, {}, archived=archived)

    def put(self, issue: str, values: Mapping[str, Any], **more: Any) -> None:
        found = self.issues[issue]
        merged = {**found.now.values, **values}
        found.states.append(replace(found.now, at=self._now(), values=merged, **more))

    def fingerprint(self) -> object:
        return [(i.id, len(i.states), deepcopy(i.properties)) for i in self.issues.values()]

    def writes(self) -> list[tuple[str, str, Any]]:
        """Return the requests that changed something."""
        reading = ("search", "bulkfetch")
        return [c for c in self.calls if c[0] != "GET" and not any(r in c[1] for r in reading)]

    def fail(self, match: str, kind: str = "answer", **more: Any) -> None:
        """Let the next calls whose method and path contain ``match`` go wrong."""
        self.faults.append(Fault(match, kind, **more))

    def fault(self, match: str, kind: str = "answer", **more: Any) -> AbstractContextManager[None]:
        """Let calls whose method and path contain ``match`` go wrong while this lasts."""
        return self.faults.during(match, kind, **more)

    # --- values ---

    def _now(self) -> datetime:
        return self.clock.wall()

    def _is_live(self, state: State) -> bool:
        return state.project == "10000" and not state.archived

    def _typed(self, found: FieldDef, cell: Cell) -> Any:
        """Return a cell of ours as a person would put it into a field."""
        if is_empty(cell):
            return None
        kind = str(found.schema["type"])
        names = cell if isinstance(cell, tuple) else (cell,)
        if kind == "user":
            return next((u.key for u in names if isinstance(u, User)), None)
        if kind == "array" and found.schema["items"] == "user":
            return [u.key for u in names if isinstance(u, User)]
        if kind == "option":
            return self._option(found, show(cell))
        if kind == "array":
            return [self._option(found, str(n)) for n in names]
        if self._is_rich(found):
            return _document(show(cell))
        return show(cell)

    def _is_rich(self, found: FieldDef) -> bool:
        return self.cloud and found.kind in ("textarea", "description")

    @staticmethod
    def _option(found: FieldDef, name: str) -> str:
        for option in found.options or ():
            if option["value"] == name:
                return str(option["id"])
        made = {"id": f"9{len(found.options or ())}", "value": name}
        (found.options or []).append(made)
        return made["id"]

    def _text(self, found: FieldDef, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, dict):
            return _words(value)
        named = {o["id"]: str(o.get("value") or o.get("name")) for o in found.options or ()}
        values = value if isinstance(value, list) else [value]
        return "、".join(named.get(v, str(v)) for v in values)

    def _make(self, values: Mapping[str, Any]) -> Issue:
        number = str(next(self._ids))
        at = self._now()
        state = State(at, values, next(iter(self.statuses)))
        issue = Issue(number, [f"ACT-{int(number) - 20000}"], at, [state])
        self.issues[number] = issue
        return issue

    # --- HTTP ---

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        data = body_of(handler)
        parts = urlsplit(handler.path)
        found = re.fullmatch(rf"/{self._mount}/rest/api/(\w+)/(.*)", parts.path)
        path = "/" + found[2] if found else parts.path
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
            status, answer, headers = 200, None, dict[str, str]()
            if fault is None or fault.after:
                version = found[1] if found else ""
                asked = parse_qs(parts.query, keep_blank_values=True)
                status, answer, headers = self._answer(
                    method, version, path, asked, body, handler.headers
                )
        if fault is None:
            sent = b"" if answer is None else json.dumps(answer, ensure_ascii=False).encode()
            reply(handler, self.clock, status, sent, headers)
        else:
            self._spoil(handler, fault)

    def _spoil(self, handler: BaseHTTPRequestHandler, fault: Fault) -> None:
        if cut(handler, fault):
            return
        if fault.kind == "garbage":
            reply(handler, self.clock, 200, b'{"issues": [{"id"')
        elif fault.kind == "html":
            text = {"Content-Type": "text/html"}
            reply(
                handler,
                self.clock,
                fault.status,
                b"<html>Bad gateway</html>",
                {**text, **fault.headers},
            )
        else:
            body = dict(fault.body) or {"errorMessages": ["Service unavailable"], "errors": {}}
            reply(handler, self.clock, fault.status, json.dumps(body).encode(), fault.headers)

    def _answer(
        self,
        method: str,
        version: str,
        path: str,
        asked: Mapping[str, list[str]],
        body: Any,
        headers: Message,
    ) -> tuple[int, Any, dict[str, str]]:
        try:
            if version not in ({"2", "3", "latest"} if self.cloud else {"2", "latest"}):
                raise Refused(404, "null for uri")  # noqa: TRY301
            if isinstance(body, bytes):
                raise Refused(400, "There was an error parsing JSON.")  # noqa: TRY301
            if path != "/serverInfo":
                told = self._admit(path, headers)
                if told is not None:
                    return told
            status, answer = self._route(method, path, asked, body or {})
        except Refused as no:
            return no.status, no.body, no.headers
        return status, answer, {}

    def _admit(self, path: str, headers: Message) -> tuple[int, Any, dict[str, str]] | None:
        """Refuse a wrong login; return the answer of a service that answers nobody in particular."""
        told = headers.get("Authorization") or ""
        who = f"{self.email}:{self.token}".encode()
        right = f"Basic {base64.b64encode(who).decode()}" if self.cloud else f"Bearer {self.token}"
        if self.captcha:
            no = Refused(403, "CAPTCHA")
            no.headers["X-Authentication-Denied-Reason"] = "CAPTCHA_CHALLENGE; login-url=http://x/l"
            no.headers["X-Seraph-LoginReason"] = "AUTHENTICATION_DENIED"
            raise no
        if told == right:
            return None
        reason = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
        if self.anonymous and path.startswith("/search"):
            return 200, {"issues": [], "total": 0, "isLast": True}, reason
        no = Refused(401, "You are not authenticated.")
        no.headers.update(reason)
        raise no

    def _route(
        self, method: str, path: str, asked: Mapping[str, list[str]], body: Any
    ) -> tuple[int, Any]:
        one = {k: v[0] for k, v in asked.items()}
        parts = [unquote(p) for p in path.strip("/").split("/")]
        match [method, *parts]:
            case ["GET", "serverInfo"]:
                return 200, self._server_info()
            case ["GET", "myself"]:
                me = Account(BOT, "Robot", self.email)
                return 200, {**self._shown_user(me), "timeZone": self.zone}
            case ["GET", "mypermissions"]:
                return 200, self._permissions(one)
            case ["GET", "field"]:
                return 200, [self._shown_field(f) for f in self.fields.values()]
            case ["GET", "project", key]:
                return 200, self._project(key)
            case ["GET", "project", key, "statuses"]:
                self._project(key)
                listed = [self._status(s) for s in self.statuses]
                return 200, [
                    {"id": i, "name": n, "statuses": listed} for i, n in self.types.items()
                ]
            case ["GET", "issue", "createmeta", key, "issuetypes", _]:
                return 200, self._createmeta(key, one)
            case ["GET" | "POST", "search", "jql"] if self.cloud:
                return 200, self._search(asked, body if method == "POST" else None)
            case ["GET" | "POST", "search"]:
                if self.cloud:
                    raise Refused(410, "The requested API has been removed. Use /search/jql.")
                return 200, self._search(asked, body if method == "POST" else None)
            case ["POST", "issue", "bulkfetch"] if self.cloud:
                return 200, self._bulkfetch(body)
            case ["POST", "issue", "bulk"]:
                return self._bulk(body)
            case ["POST", "issue"]:
                return 201, self._create(body)
            case ["GET", "issue", key]:
                fields = [f for part in asked.get("fields", ["*all"]) for f in part.split(",")]
                found = self._issue(key)
                return 200, self._shown(found, found.now, fields)
            case ["PUT", "issue", key]:
                self._change(self._issue(key), body)
                return 204, None
            case ["DELETE", "issue", key]:
                self._need("DELETE_ISSUES")
                self.delete(self._issue(key).id)
                return 204, None
            case ["GET", "issue", key, "transitions"]:
                return 200, self._transitions(self._issue(key), one.get("expand", ""))
            case ["POST", "issue", key, "transitions"]:
                self._transit(self._issue(key), body)
                return 204, None
            case ["GET", "issue", key, "properties", name]:
                held = self._issue(key).properties
                if name not in held:
                    raise Refused(404, "The property was not found.")
                return 200, {"key": name, "value": held[name]}
            case ["GET", "user"]:
                return 200, self._one_user(one)
            case ["GET", "user", "search"]:
                return 200, self._search_users(one, self.accounts.values())
            case ["GET", "user", "assignable", "search"]:
                if one.get("project") not in self.projects.values():
                    raise Refused(404, "No project could be found.")
                able = [a for a in self.accounts.values() if a.assignable and a.active]
                return 200, self._search_users(one, able, anybody=True)
        raise Refused(404, "null for uri")

    def _need(self, right: str) -> None:
        if right not in self.rights:
            raise Refused(403, "You do not have permission.")

    # --- the site ---

    def _server_info(self) -> Json:
        return {
            "baseUrl": self.base_url,
            "version": "1001.0.0" if self.cloud else "9.12.4",
            "versionNumbers": [1001, 0, 0] if self.cloud else [9, 12, 4],
            "deploymentType": "Cloud" if self.cloud else "Server",
            "serverTime": _stamp(self._now(), "UTC"),
        }

    def _project(self, key: str) -> Json:
        found = next((i for i, k in self.projects.items() if key in (i, k)), None)
        if found is None or not self.project_seen or "BROWSE_PROJECTS" not in self.rights:
            raise Refused(404, f"No project could be found with key '{key}'.")
        types = [{"id": i, "name": n, "subtask": False} for i, n in self.types.items()]
        shown = {"id": found, "key": self.projects[found], "name": "Actions", "issueTypes": types}
        return {**shown, "self": f"{self.api}/project/{found}"}

    def _permissions(self, one: Mapping[str, str]) -> Json:
        known = (
            one.get("projectKey") in self.projects.values() or one.get("projectId") in self.projects
        )
        if not known or not self.project_seen:
            raise Refused(404, "No project could be found.")
        if self.cloud and not one.get("permissions"):
            raise Refused(400, "The 'permissions' query parameter is required.")
        wanted = one["permissions"].split(",") if self.cloud else sorted(RIGHTS)
        if set(wanted) - RIGHTS:
            raise Refused(400, "Unrecognized permission.")
        return {
            "permissions": {
                right: {"id": "1", "key": right, "havePermission": right in self.rights}
                for right in wanted
            }
        }

    def _shown_field(self, found: FieldDef) -> Json:
        shown = {"id": found.id, "key": found.id, "name": found.name, "schema": found.schema}
        names = [found.id.replace("duedate", "due")]
        return {**shown, "custom": "custom" in found.schema, "clauseNames": names}

    def _createmeta(self, key: str, one: Mapping[str, str]) -> Json:
        self._project(key)
        self._need("CREATE_ISSUES")
        seen = [f for f in self.fields.values() if f.on_create]
        if "ASSIGN_ISSUES" not in self.rights:
            seen = [f for f in seen if f.id != "assignee"]
        listed: list[Any] = [
            {
                "fieldId": f.id,
                "key": f.id,
                "name": f.name,
                "required": f.required,
                "hasDefaultValue": False,
                "operations": ["set"],
                "schema": f.schema,
                **({"allowedValues": deepcopy(f.options)} if f.options is not None else {}),
            }
            for f in seen
        ]
        for name in ("project", "issuetype", "reporter"):
            about = {"fieldId": name, "name": name, "required": True, "schema": {"type": name}}
            listed.append({**about, "key": name, "hasDefaultValue": name == "reporter"})
        start, size = int(one.get("startAt", 0)), min(int(one.get("maxResults", 50)), 200)
        page = listed[start : start + size]
        frame = {"startAt": start, "maxResults": size, "total": len(listed)}
        return {**frame, ("fields" if self.cloud else "values"): page}

    def _status(self, status: str) -> Json:
        name, category = self.statuses[status]
        about = {"id": 2, "key": category, "name": CATEGORIES.get(category, category)}
        shown = {"id": status, "name": name, "self": f"{self.api}/status/{status}"}
        return {**shown, "statusCategory": about}

    # --- users ---

    def _shown_user(self, account: Account) -> dict[str, Any]:
        shown: dict[str, Any] = {"displayName": account.name, "active": account.active}
        if account.email_shown:
            shown["emailAddress"] = account.email
        if self.cloud:
            link = f"{self.api}/user?accountId={account.key}"
            return {**shown, "self": link, "accountId": account.key, "accountType": "atlassian"}
        link = f"{self.api}/user?username={account.key}"
        return {**shown, "self": link, "name": account.key, "key": f"JIRAUSER-{account.key}"}

    def _one_user(self, one: Mapping[str, str]) -> Json:
        for account in self.accounts.values():
            if self.cloud and one.get("accountId") == account.key:
                return self._shown_user(account)
            if not self.cloud and (
                one.get("username") == account.key or one.get("key") == f"JIRAUSER-{account.key}"
            ):
                return self._shown_user(account)
        raise Refused(404, "The user does not exist.")

    def _search_users(
        self, one: Mapping[str, str], among: Any, *, anybody: bool = False
    ) -> Sequence[Json]:
        if not self.browses_users and not anybody:
            raise Refused(403, "You do not have permission to browse users.")
        wanted = {"query", "accountId"} if self.cloud else {"username"}
        if set(one) & ({"username", "key"} if self.cloud else {"query", "accountId"}):
            raise Refused(400, "The parameters are not known.")
        if not (anybody and self.lists_assignable) and not wanted & set(one):
            raise Refused(400, "The query is missing.")
        text = str(one.get("query") or one.get("username") or "").casefold()
        found = []
        for account in among:
            if "accountId" in one and account.key != one["accountId"]:
                continue
            told = [account.name, account.email] + ([] if self.cloud else [account.key])
            if any(t.casefold().startswith(text) for t in told):
                found.append(self._shown_user(account))
        start = int(one.get("startAt", 0))
        return found[start : start + int(one.get("maxResults", 50))]

    # --- search ---

    def _search(self, asked: Mapping[str, list[str]], body: Json | None) -> Json:
        self._project("ACT") if "BROWSE_PROJECTS" in self.rights else None
        if body is None:
            told: dict[str, Any] = {k: v[0] for k, v in asked.items()}
            told["fields"] = [f for part in asked.get("fields", []) for f in part.split(",")]
        else:
            told = dict(body)
        known = {"jql", "maxResults", "fields", "expand"}
        known |= {"nextPageToken", "properties", "reconcileIssues"} if self.cloud else set()
        known |= set() if self.cloud else {"startAt", "validateQuery"}
        if set(told) - known:
            raise Refused(400, f"Unrecognized parameter {set(told) - known}")
        try:
            query = Query(str(told.get("jql", "")), ZoneInfo(self.zone), self._now())
        except JqlError as error:
            raise Refused(400, f"Error in the JQL Query: {error}") from None
        if self.cloud and not query.is_bounded:
            raise Refused(400, "Unbounded JQL queries are not allowed here.")
        rows = [(i, s) for i, s in self._indexed() if query.test(self._getter(i, s))]
        for name, *direction in reversed(query.order):
            rows.sort(
                key=lambda row: _order(name, *row),
                reverse=bool(direction) and direction[0].lower() == "desc",
            )
        size = min(int(told.get("maxResults") or 50), self.page)
        fields = told.get("fields") or (["id"] if self.cloud else ["*navigable"])
        if self.cloud:
            return self._by_token(told, rows, size, fields)
        start = int(told.get("startAt") or 0)
        shown = [self._shown(i, s, fields) for i, s in rows[start : start + size]]
        frame = {"startAt": start, "maxResults": size, "total": len(rows)}
        return {"expand": "names,schema", **frame, "issues": shown}

    def _by_token(self, told: Json, rows: Any, size: int, fields: Sequence[str]) -> Json:
        after = ""
        if told.get("nextPageToken"):
            text = base64.b64decode(str(told["nextPageToken"])).decode()
            asked, _, after = text.rpartition("|")
            if asked != told["jql"]:
                raise Refused(400, "The provided nextPageToken is invalid.")
        start = 0
        if after:  # the row it stood behind may have moved or gone: then by its age
            ids = [issue.id for issue, _ in rows]
            start = ids.index(after) + 1 if after in ids else sum(int(i) < int(after) for i in ids)
        page = rows[start : start + size]
        answer: dict[str, Any] = {"issues": [self._shown(i, s, fields) for i, s in page]}
        if start + size < len(rows):
            token = f"{told['jql']}|{page[-1][0].id}".encode()
            return {**answer, "nextPageToken": base64.b64encode(token).decode(), "isLast": False}
        return {**answer, "isLast": True}

    def _indexed(self) -> Iterator[tuple[Issue, State]]:
        if "BROWSE_PROJECTS" not in self.rights or not self.project_seen:
            return
        horizon = self._now() - timedelta(seconds=self.lag_s)
        for issue in self.issues.values():
            known = [s for s in issue.states if s.at <= horizon] if self.lag_s else issue.states
            if known and not known[-1].archived and issue.id not in self.hidden:
                yield issue, known[-1]

    def _getter(self, issue: Issue, state: State) -> Callable[[str], Any]:
        def get(name: str) -> Any:
            name_, category = self.statuses[state.status]
            return {
                "project": [state.project, self.projects[state.project]],
                "issuetype": [state.type, self.types[state.type]],
                "status": [state.status, name_],
                "statuscategory": [category],
                "labels": state.values.get("labels") or [],
                "id": [issue.id],
                "key": issue.keys,
                "updated": state.at,
                "created": issue.made,
                "assignee": [state.values.get("assignee")],
                "priority": [state.values.get("priority")],
            }[name]

        return get

    def _bulkfetch(self, body: Json) -> Json:
        wanted = body["issueIdsOrKeys"]
        if len(wanted) > 100 or set(body) - {"issueIdsOrKeys", "fields", "properties", "expand"}:
            raise Refused(400, "At most 100 issues.")
        found = []
        for key in wanted:
            with suppress(Refused):
                found.append(self._issue(str(key)))
        found.sort(key=lambda issue: int(issue.id))
        return {
            "issues": [self._shown(i, i.now, body.get("fields") or ["*all"]) for i in found],
            "issueErrors": [],
        }

    # --- issues ---

    def _issue(self, key: str) -> Issue:
        for issue in self.issues.values():
            if key == issue.id or key in issue.keys:
                if issue.id in self.hidden or "BROWSE_PROJECTS" not in self.rights:
                    break
                return issue
        raise Refused(404, "Issue does not exist or you do not have permission to see it.")

    def _shown(self, issue: Issue, state: State, only: Sequence[str]) -> Json:
        shown: dict[str, Any] = {
            "status": self._status(state.status),
            "project": {"id": state.project, "key": self.projects[state.project]},
            "issuetype": {"id": state.type, "name": self.types[state.type]},
            "created": _stamp(issue.made, self.zone),
            "updated": _stamp(state.at, self.zone),
            "resolution": None,
        }
        for found in self.fields.values():
            shown[found.id] = self._shown_value(found, state.values.get(found.id))
        if state.values.get("resolution"):
            shown["resolution"] = dict(state.values["resolution"])
        if state.archived:
            shown["archiveddate"] = _stamp(state.at, self.zone)
        everything = {"*all", "*navigable"} & set(only)
        told = {"id": issue.id, "key": issue.keys[-1], "self": f"{self.api}/issue/{issue.id}"}
        if list(only) == ["id"]:
            return told
        fields = {k: v for k, v in shown.items() if everything or k in only}
        return {**told, "expand": "", "fields": fields}

    def _shown_value(self, found: FieldDef, value: Any) -> Any:
        if value is None:
            return [] if found.id == "labels" else None
        kind = str(found.schema["type"])
        if kind == "user":
            return self._shown_user(self.accounts.get(value) or Account(value, value, ""))
        if kind == "array" and found.schema["items"] == "user":
            return [self._shown_user(self.accounts[v]) for v in value]
        if kind in ("option", "priority"):
            return next((dict(o) for o in found.options or () if o["id"] == value), None)
        if kind == "array" and found.schema["items"] == "option":
            return [dict(o) for v in value for o in found.options or () if o["id"] == v]
        return deepcopy(value)

    def _bulk(self, body: Json) -> tuple[int, Json]:
        updates = body["issueUpdates"]
        if not updates or len(updates) > 50:
            raise Refused(400, "The number of issues must be between 1 and 50.")
        made, errors = [], []
        for n, update in enumerate(updates):
            try:
                made.append(self._create(update))
            except Refused as no:
                told = {"status": no.status, "elementErrors": no.body, "failedElementNumber": n}
                errors.append(told)
        return (201 if made else 400), {"issues": made, "errors": errors}

    def _create(self, body: Json) -> Json:
        self._need("CREATE_ISSUES")
        if set(body) - {"fields", "update", "properties", "transition", "historyMetadata"}:
            raise Refused(400, "Unrecognized field.")
        fields = dict(body["fields"])
        if fields.pop("project", {}).get("id") != "10000":
            raise Refused(400, errors={"project": "valid project is required"})
        if fields.pop("issuetype", {}).get("id") not in self.types:
            raise Refused(400, errors={"issuetype": "valid issue type is required"})
        values = self._checked(fields, creating=True)
        missing = [
            f.id
            for f in self.fields.values()
            if f.required and f.on_create and values.get(f.id) in (None, "", [])
        ]
        if missing:
            raise Refused(400, errors={m: f"{m} is required." for m in missing})
        if self.drops_assignee:
            values.pop("assignee", None)
        if "assignee" not in fields and self.default_assignee:
            values["assignee"] = self.default_assignee
        issue = self._make(values)
        self._keep(issue, body)
        return {"id": issue.id, "key": issue.keys[-1], "self": f"{self.api}/issue/{issue.id}"}

    @staticmethod
    def _keep(issue: Issue, body: Json) -> None:
        for held in body.get("properties") or ():
            issue.properties[held["key"]] = held["value"]

    def _change(self, issue: Issue, body: Json) -> None:
        self._need("EDIT_ISSUES")
        if set(body) - {"fields", "update", "properties", "historyMetadata"}:
            raise Refused(400, "Unrecognized field.")
        if issue.now.archived:
            raise Refused(400, "The issue is archived.")
        if self.statuses[issue.now.status][0] in self.locked:
            raise Refused(400, "You can not edit the issue in its present status.")
        if issue.now.project != "10000":
            raise Refused(403, "You do not have permission to edit issues in this project.")
        values = self._checked(body.get("fields") or {}, creating=False)
        for key, operations in (body.get("update") or {}).items():
            if key in values or key != "labels":
                raise Refused(400, f"Field '{key}' cannot be set both ways.")
            labels = list(issue.now.values.get("labels") or [])
            for operation in operations:
                [(what, label)] = operation.items()
                labels = [x for x in labels if x != label] + ([label] if what == "add" else [])
            values["labels"] = self._written(self.fields["labels"], labels)
        if "summary" in values and not values["summary"]:
            raise Refused(400, errors={"summary": "You must specify a summary."})
        self._keep(issue, body)
        if values:
            self.put(issue.id, values)

    def _checked(self, fields: Json, *, creating: bool) -> dict[str, Any]:
        values, errors = {}, {}
        for key, value in fields.items():
            found = self.fields.get(key)
            on_screen = found and (found.on_create if creating else found.on_edit)
            if key == "assignee" and "ASSIGN_ISSUES" not in self.rights:
                on_screen = False
            if found is None or not on_screen or key in READ_ONLY:
                text = "cannot be set. It is not on the appropriate screen, or unknown."
                errors[key] = f"Field '{key}' {text}"
                continue
            try:
                values[key] = self._written(found, value)
            except Refused as no:
                errors[key] = no.body["errorMessages"][0]
        if errors:
            raise Refused(400, errors=errors)
        return values

    def _written(self, found: FieldDef, value: Any) -> Any:
        kind = str(found.schema["type"])
        if value is None:
            return None
        if found.id == "labels":
            if any(not isinstance(x, str) or " " in x or len(x) > 255 for x in value):
                raise Refused(400, "The label contains spaces which is invalid.")
            return list(value)
        if kind == "string":
            return self._written_text(found, value)
        if kind == "date":
            try:
                return date.fromisoformat(value).isoformat()
            except (TypeError, ValueError):
                raise Refused(400, "Error parsing date string.") from None
        if kind == "user":
            return self._written_user(value, assigned=found.id == "assignee")
        if kind in ("option", "priority"):
            return self._chosen(found, value)
        if kind == "array" and isinstance(value, list):
            if found.schema["items"] == "user":
                return [self._written_user(v, assigned=False) for v in value]
            return [self._chosen(found, v) for v in value]
        raise Refused(400, "Operation value must be of another type.")

    def _written_text(self, found: FieldDef, value: Any) -> Any:
        if self._is_rich(found):
            if not isinstance(value, dict) or value.get("type") != "doc":
                raise Refused(400, "Operation value must be an Atlassian Document.")
            if '"text": ""' in json.dumps(value):
                raise Refused(400, "INVALID_INPUT")
            if _units(_words(value)) > 32767:
                raise Refused(400, "CONTENT_LIMIT_EXCEEDED")
            return deepcopy(value)
        if not isinstance(value, str):
            raise Refused(400, "Operation value must be a string")
        if found.kind in ("summary", "textfield"):
            if "\n" in value or "\r" in value:
                raise Refused(400, "The summary is invalid because it contains newline characters.")
            if _units(value) > 255:
                raise Refused(400, "Summary must be less than 255 characters.")
        elif _units(value) > 32767:
            raise Refused(400, "The entered text is too long.")
        return value

    def _written_user(self, value: Any, *, assigned: bool) -> str:
        name = "accountId" if self.cloud else "name"
        if not isinstance(value, dict) or set(value) != {name}:
            raise Refused(400, f"expected an object with '{name}'")
        account = self.accounts.get(value[name])
        if account is None or not account.active or (assigned and not account.assignable):
            raise Refused(400, f"User '{value[name]}' cannot be assigned issues.")
        return account.key

    @staticmethod
    def _chosen(found: FieldDef, value: Any) -> str:
        for option in found.options or ():
            if option.get("disabled"):
                continue
            if value == {"id": option["id"]} or value == {"value": option.get("value", "?")}:
                return str(option["id"])
        raise Refused(400, f"Option id '{value}' is not valid")

    # --- transitions ---

    def _transitions(self, issue: Issue, expand: str) -> Json:
        shown = []
        for way in self.ways[issue.now.status] if "TRANSITION_ISSUES" in self.rights else ():
            told: dict[str, Any] = {"id": way.id, "name": way.name, "to": self._status(way.to)}
            if "transitions.fields" in expand:
                told["fields"] = {
                    f: self._on_screen(f, f in way.wants) for f in (*way.wants, *way.shows)
                }
            shown.append(told)
        return {"expand": "transitions", "transitions": shown}

    def _on_screen(self, key: str, required: bool) -> Json:
        if key == "resolution":
            name, schema = SYSTEM[key]
            allowed: Any = deepcopy(self.resolutions)
        else:
            found = self.fields[key]
            name, schema, allowed = found.name, found.schema, deepcopy(found.options)
        about = {"required": required, "hasDefaultValue": False, "name": name, "schema": schema}
        return {**about, "operations": ["set"]} | ({"allowedValues": allowed} if allowed else {})

    def _transit(self, issue: Issue, body: Json) -> None:
        if "TRANSITION_ISSUES" not in self.rights:
            raise Refused(403, "You do not have permission.")
        wanted = str(body["transition"]["id"])
        way = next((w for w in self.ways[issue.now.status] if w.id == wanted), None)
        if way is None:
            raise Refused(400, f"It seems that you have tried to perform an illegal step: {wanted}")
        fields = dict(body.get("fields") or {})
        off = set(fields) - {*way.wants, *way.shows}
        if off:
            text = "cannot be set. It is not on the appropriate screen, or unknown."
            raise Refused(400, errors={f: f"Field '{f}' {text}" for f in off})
        values: dict[str, Any] = {}
        if "resolution" in fields:
            told = fields.pop("resolution")
            values["resolution"] = next(r for r in self.resolutions if r["id"] == told["id"])
        values |= self._checked(fields, creating=False)
        merged = {**issue.now.values, **values}
        missing = [w for w in way.wants if merged.get(w) in (None, "", [])]
        if missing:
            raise Refused(400, errors={m: f"{m} is required." for m in missing})
        if self.statuses[way.to][1] != "done":
            values["resolution"] = None
        self.put(issue.id, values, status=way.to)


def _order(name: str, issue: Issue, state: State) -> Any:
    match name.lower():
        case "created":
            return issue.made
        case "updated":
            return state.at
        case _:
            return int(issue.keys[-1].rpartition("-")[2])


def _document(text: str) -> Json:
    """Return a text as somebody types it into the editor: a paragraph a line."""
    content = [
        {"type": "paragraph", "content": [{"type": "text", "text": line}] if line else []}
        for line in text.split("\n\n")
    ]
    return {"type": "doc", "version": 1, "content": content}


def _words(node: Json) -> str:
    """Return a document's words, to compare and to count them."""
    if node.get("type") == "text":
        return str(node["text"])
    if node.get("type") == "hardBreak":
        return "\n"
    inner = [_words(child) for child in node.get("content") or ()]
    return ("\n\n" if node.get("type") == "doc" else "").join(inner)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _stamp(moment: datetime, zone: str) -> str:
    local = moment.astimezone(ZoneInfo(zone) if zone != "UTC" else UTC)
    return (
        local.strftime("%Y-%m-%dT%H:%M:%S.")
        + f"{local.microsecond // 1000:03d}"
        + local.strftime("%z")
    )
