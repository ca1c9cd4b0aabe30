"""Reading one table of a base: its place, columns, people and rows. I/O by the client."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from connectors.base import Record, Setup
from connectors.decoded import Decoded
from connectors.errors import SchemaError, at
from connectors.feishu.client import WIKI_S, Client, CodeError, Json, segment
from connectors.feishu.columns import Bound, Column, bind, column
from connectors.feishu.wire import Scope, Type, cell, text_of, zone
from connectors.fit import version
from mapping.cells import Cells, User
from mapping.said import Said

PAGE = 500  # most rows a page of search
FEW = 100  # rows a page where only what changed lately is read
BY_ID = 100  # most rows of a batch_get
MOST_FIELDS = 100  # columns a page
_EMAILS = 50  # most addresses of a batch_get_id
_FILTER = 1_800  # signs; a filter of more than 2000 is refused
_CONDITIONS = 50
_OPEN_ID = "ou_"
_HOME = "Asia/Shanghai"
_NO_TABLE = frozenset({1254004, 1254041})

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row as the service shows it.

    Attributes:
        modified: when the service says it was changed, in ms.
        told: the same as the column of the last change tells it; None without such a column.
    """

    record: Record
    modified: int | None = None
    told: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The columns and people as they were looked at.

    Attributes:
        columns: all of the table.
        users: a person's name -> the account.
        advanced: rows or columns may be hidden from the app.
        at: when, by the clock that only grows.
    """

    columns: Sequence[Column]
    bound: Bound
    scope: Scope
    users: Mapping[str, User]
    advanced: bool
    notes: tuple[Said, ...]
    at: float


class Table:
    """One table of a base.

    Args:
        setup: ``options`` has ``app_token`` or ``wiki_token``, and ``table_id``.
        client: of the app.
    """

    def __init__(self, setup: Setup, client: Client) -> None:
        self._setup = setup
        self._client = client
        self._decoded = Decoded[Row]()
        self.id = str(setup.options["table_id"])
        self._app = str(setup.options.get("app_token") or "")

    @property
    def app(self) -> str:
        """The base's token; of a base in a wiki it is asked for once ("Get node")."""
        if not self._app:
            node = str(self._setup.options["wiki_token"])
            path = "/open-apis/wiki/v2/spaces/get_node"
            data = self._client.read("GET", path, params={"token": node}, pace_s=WIKI_S)
            found = data.get("node")
            told = found if isinstance(found, dict) else {}
            if told.get("obj_type") != "bitable" or not told.get("obj_token"):
                raise SchemaError(
                    at(
                        self._setup.name,
                        f"该知识库页面是 {told.get('obj_type')}，不是多维表格",
                        f"the wiki page is a {told.get('obj_type')}, not a base",
                    ),
                    hint=Said(
                        "请从多维表格自己的地址中取 wiki_token（/wiki/ 之后）",
                        "take wiki_token from the address of the base itself, after /wiki/",
                    ),
                )
            self._app = str(told["obj_token"])
        return self._app

    @property
    def place(self) -> str:
        """What tells this table from another."""
        return f"{self.app}/{self.id}"

    def path(self, below: str = "") -> str:
        """Return the path of something of the table."""
        return f"{self._base}/tables/{segment(self.id)}{below}"

    @property
    def _base(self) -> str:
        return f"/open-apis/bitable/v1/apps/{segment(self.app)}"

    # --- the table itself ---

    def look(self, known: Mapping[str, str]) -> Look:
        """Look at the base, the columns and the people.

        Args:
            known: ours -> the id of the column that it had before.

        Raises:
            SchemaError: a column is missing, or the table.
            CodeError: the service refused it.
            ConnectorError: it could not be asked.
        """
        told = self._client.read("GET", self._base).get("app")
        meta = told if isinstance(told, dict) else {}
        columns = self.columns()
        bound = bind(columns, self._setup, known)
        notes = list(bound.notes)
        users: Mapping[str, User] = {}
        if any(c.type == Type.PERSON for c in bound.by_field.values()):
            users = self._people(notes)
        if meta.get("is_advanced"):
            notes.append(
                at(
                    self._setup.name,
                    "该多维表格已开启高级权限；请给应用“可管理”权限，否则有的行和列它可能看不到",
                    "advanced permissions are on in this base - give the app 'can manage' there, "
                    "else rows and columns may be hidden from it",
                )
            )
        if bound.modified is None:
            notes.append(
                Said(
                    f"{self._setup.name} 没有“最后更新时间”类型的列，因此每次都要读整张表；"
                    "运行 check --prepare 可添加",
                    f"{self._setup.name} has no column of the type 'Last modified time', so every "
                    "look reads the whole table - check --prepare adds one",
                )
            )
        emails = {u.key: u.email for u in users.values() if u.email}
        return Look(
            columns=columns,
            bound=bound,
            scope=Scope(zone=self._zone(meta, notes), emails=emails),
            users=users,
            advanced=bool(meta.get("is_advanced")),
            notes=tuple(notes),
            at=self._setup.clock.monotonic(),
        )

    def look_again(self, look: Look, known: Mapping[str, str]) -> Look:
        """Look at the columns alone."""
        columns = self.columns()
        bound = bind(columns, self._setup, known)
        return replace(look, columns=columns, bound=bound, at=self._setup.clock.monotonic())

    def _zone(self, meta: Json, notes: list[Said]) -> Any:
        name = str(meta.get("time_zone") or "")
        found = zone(name or _HOME)
        if found is None:
            raise SchemaError(
                at(
                    self._setup.name,
                    f"不认识该多维表格的时区“{name}”，日期无法读取",
                    f"the base's time zone {name!r} is not known, so its days cannot be read",
                ),
                hint=Said(
                    "请在多维表格的设置中另选时区",
                    "choose another time zone in the base's settings",
                ),
            )
        if not name:
            notes.append(
                at(
                    self._setup.name,
                    f"该多维表格未给出时区，日期按 {_HOME} 计",
                    f"the base tells no time zone; days are of {_HOME}",
                )
            )
        return found

    def columns(self) -> Sequence[Column]:
        """List the columns ("List fields"); the base's tables where there is no such one."""
        try:
            return [column(raw) for raw in self._pages(self.path("/fields"), MOST_FIELDS)]
        except CodeError as refused:
            if refused.code not in _NO_TABLE:
                raise
            there = [
                f"{t.get('name')} ({t.get('table_id')})"
                for t in self._pages(f"{self._base}/tables", MOST_FIELDS)
            ]
            raise SchemaError(
                at(
                    self._setup.name,
                    f"该多维表格中没有数据表 {self.id}",
                    f"the base has no table {self.id}",
                ),
                hint=Said(
                    f"table_id 可以是：{'、'.join(there) or '一个也看不到'}",
                    f"set table_id to one of: {', '.join(there) or 'none can be seen'}",
                ),
            ) from None

    def _pages(self, path: str, size: int) -> Iterator[Json]:
        token = ""
        while True:
            params: dict[str, Any] = {"page_size": size}
            if token:
                params["page_token"] = token
            data = self._client.read("GET", path, params=params)
            yield from (item for item in data.get("items") or () if isinstance(item, dict))
            before, token = token, str(data.get("page_token") or "")
            if not data.get("has_more") or token in ("", before):  # a token alone is no "more"
                return

    # --- people ---

    def _people(self, notes: list[Said]) -> Mapping[str, User]:
        """Find the team's people: by the id in the team file, else by e-mail."""
        users: dict[str, User] = {}
        wanted: dict[str, str] = {}
        for person in self._setup.people:
            account = person.accounts.get("feishu")
            if account and account.startswith(_OPEN_ID):
                users[person.name] = User(account, person.name, person.email)
            elif account:
                notes.append(
                    at(
                        self._setup.name,
                        f"{person.name} 的“{account}”不是 open_id（ou_…）；请用该应用看到的那个，"
                        "或不写而用邮箱",
                        f"{account!r} of {person.name} is no open_id (ou_…) - take the one that "
                        "this app sees, or leave it out and go by e-mail",
                    )
                )
            elif person.email:
                wanted[person.email.lower()] = person.name
        try:
            found = self._accounts(list(wanted))
        except CodeError as refused:
            found = {}
            why = refused.error
            notes.append(
                at(
                    self._setup.name,
                    f"无法用邮箱查找人员：{why.text('zh')}",
                    f"people are not found by e-mail: {why}",
                )
            )
        emails = {person.name: person.email for person in self._setup.people}
        for email, key in found.items():
            name = wanted.get(email)
            if name:
                users[name] = User(key, name, emails[name])
        return users

    def _accounts(self, emails: Sequence[str]) -> dict[str, str]:
        """Return e-mail -> open_id; whoever is not found is left out ("Obtain user ID")."""
        found: dict[str, str] = {}
        for some in chunks(emails, _EMAILS):
            data = self._client.read(
                "POST",
                "/open-apis/contact/v3/users/batch_get_id",
                params={"user_id_type": "open_id"},
                body={"emails": list(some), "include_resigned": False},
            )
            for user in data.get("user_list") or ():
                if user.get("user_id") and user.get("email"):
                    found[str(user["email"]).lower()] = str(user["user_id"])
        return found

    # --- rows ---

    def search(
        self, look: Look, *, page: int = PAGE, **body: Any
    ) -> Iterator[tuple[Sequence[Row], int]]:
        """Read rows a page at a time; with each page the total that the service tells.

        No view is named: a view hides rows.
        """
        body = {"field_names": look.bound.names, "automatic_fields": True, **body}
        token = ""
        while True:
            params: dict[str, Any] = {"page_size": page, "user_id_type": "open_id"}
            if token:
                params["page_token"] = token
            path = self.path("/records/search")
            data = self._client.read("POST", path, params=params, body=body)
            items = data.get("items") or ()
            total = data.get("total")
            yield (
                [self._listed(item, look) for item in items],
                total if isinstance(total, int) else -1,
            )
            before, token = token, str(data.get("page_token") or "")
            if not data.get("has_more") or token in ("", before):
                return

    def with_ids(self, look: Look, ids: Sequence[str]) -> list[Row]:
        """Read the rows in whose id column one of these stands."""
        name = look.bound.by_field["id"].name
        rows: list[Row] = []
        most = max(1, min(_CONDITIONS, _FILTER // (len(name) + 70)))
        for some in chunks(ids, most):
            conditions = [{"field_name": name, "operator": "is", "value": [i]} for i in some]
            wanted = {"conjunction": "or", "conditions": conditions}
            for page, _ in self.search(look, filter=wanted):
                rows += page
        return rows

    def by_row_id(self, look: Look, row_ids: Sequence[str]) -> tuple[dict[str, Row], set[str]]:
        """Ask for rows by the service's own ids.

        Returns:
            Those that are there, by id, and the ids of those that the app may not see. The others
            are deleted.
        """
        rows: dict[str, Row] = {}
        forbidden: set[str] = set()
        for some in chunks(row_ids, BY_ID):
            data = self._client.read(
                "POST",
                self.path("/records/batch_get"),
                body={
                    "record_ids": list(some),
                    "user_id_type": "open_id",
                    "automatic_fields": True,
                    "with_shared_url": False,
                },
            )
            found = [self.row(item, look) for item in data.get("records") or ()]
            rows |= {row.record.row_id: row for row in found}
            forbidden |= set(map(str, data.get("forbidden_record_ids") or ()))
        return rows, forbidden

    def _listed(self, item: Json, look: Look) -> Row:
        row_id = str(item.get("record_id") or "")
        return self._decoded.row(look, row_id, item, lambda: self.row(item, look))

    def row(self, item: Json, look: Look) -> Row:
        """Return a row as ``search``, ``batch_get`` or a write shows it.

        Raises:
            ShapeError: a column has another type by now.
        """
        shown = item.get("fields") or {}
        columns = look.bound.by_field
        id_ = text_of(shown.get(columns["id"].name))
        cells = {
            name: cell(shown.get(c.name), c.type, look.scope)
            for name, c in columns.items()
            if name != "id"
        }
        row_id = str(item.get("record_id") or item.get("id") or "")
        created, editor = item.get("created_time"), item.get("last_modified_by")
        modified, told = look.bound.modified, None
        if modified is not None:
            told = _number(shown.get(modified.name))
        record = Record(
            row_id=row_id,
            id=id_,
            cells=cells,
            link=str(item["shared_url"]) if item.get("shared_url") else None,
            created=f"{created:015d} {row_id}" if isinstance(created, int) else "",
            editor=text_of(editor) if isinstance(editor, dict) else None,
        )
        return Row(
            record=self.with_cells(record, id_, cells),
            modified=_number(item.get("last_modified_time")),
            told=told,
        )

    def with_cells(self, record: Record, id_: str | None, cells: Cells) -> Record:
        """Return a row with other contents."""
        return replace(
            record,
            id=id_,
            cells=cells,
            version=version(id_, cells),
            label=f"{self._setup.name} {id_ or record.row_id}",
        )


def _number(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut a list into pieces of at most ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
