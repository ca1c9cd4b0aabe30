"""A tracker in memory: a full member of the family, for tests, trials and as a model to copy.

It behaves like a table in a database-like tool: rows with ids of their own, versions, edit times,
a bin, and, where a test wants them, a search that lags and idempotency keys.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

from connectors.base import Changes, Outcome, Record, RowState, Schema, Setup, Write
from connectors.columns import column_made
from connectors.errors import ConflictError, ConnectorError, PermanentError, SchemaError, at
from mapping.cells import Cell, Cells, Field, Kind, User, is_empty
from mapping.said import Said
from mapping.values import Person
from mapping.words import REQUIRED, STATUSES

_LISTS = (Kind.OPTIONS, Kind.USERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table; attributes as in ``mapping.cells.Field``."""

    kind: Kind = Kind.TEXT
    options: tuple[str, ...] | None = None
    text_limit: int | None = None
    writable: bool = True
    multiple: bool = False

    @property
    def empty(self) -> Cell:
        """What an empty cell of this column holds."""
        return () if self.kind in _LISTS else None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A row from one edit to the next; cells by the column's name, empty ones left out."""

    cells: Cells
    version: int
    at: datetime
    editor: str
    gone: bool = False


@dataclass(kw_only=True)
class Table:
    """Rows that several connectors may share, as several programs share a table in a tool.

    Attributes:
        columns: name -> column, the id column among them.
        accounts: who can stand in a column of people.
        identity: tells this table from another.
        prefix: with what the ids of its rows begin; no two tables have a row of one id.
        page: rows that one request returns.
        grain_s: edit times are cut to this many seconds.
        metered: its calls are counted by the month.
        mute: of a row that is not found it does not say whether it was deleted or is not for us.
        search_lag_s: pull and find show rows as they were this long ago.
        history: row id -> its states, oldest first; in the order in which people see the rows.
    """

    columns: dict[str, Column]
    accounts: tuple[User, ...] = ()
    identity: str = "memory-1"
    prefix: str = "r"
    max_batch: int = 100
    page: int = 100
    reports_deletes: bool = False
    checks_version: bool = True
    search_lag_s: float = 0.0
    idempotent_create: bool = False
    mute: bool = False
    metered: bool = False
    grain_s: float = 0.0
    history: dict[str, list[State]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)
    _versions: Iterator[int] = field(default_factory=lambda: count(1), repr=False, compare=False)

    def put(
        self, row_id: str | None, cells: Cells, at: datetime, editor: str, *, gone: bool = False
    ) -> str:
        """Make a row (``row_id`` None) or change one, and return its id."""
        with self.lock:
            row_id = row_id or f"{self.prefix}{len(self.history) + 1:06d}"
            states = self.history.setdefault(row_id, [])
            merged = {**(states[-1].cells if states else {}), **cells}
            kept = {name: cell for name, cell in merged.items() if not is_empty(cell)}
            version = next(self._versions)
            states.append(State(cells=kept, version=version, at=at, editor=editor, gone=gone))
            return row_id

    def now(self, row_id: str) -> State:
        """Return a row as it stands; KeyError if there never was one."""
        return self.history[row_id][-1]

    def seen(self, at: datetime) -> Iterator[tuple[str, State]]:
        """List the rows as the search shows them at a moment, those in the bin included."""
        horizon = at - timedelta(seconds=self.search_lag_s)
        for row_id, states in self.history.items():
            if not self.search_lag_s:
                yield row_id, states[-1]
            elif visible := [state for state in states if state.at <= horizon]:
                yield row_id, visible[-1]

    def edit_time(self, at: datetime) -> datetime:
        """Return a moment as the tool tells it."""
        return at - timedelta(seconds=at.timestamp() % self.grain_s) if self.grain_s else at


def table_for(setup: Setup) -> Table:
    """Make an empty table with all columns that a setup asks for."""
    statuses = setup.statuses or {s: (w,) for s, w in STATUSES[setup.language].items()}
    departments = tuple(department.name for department in setup.departments)
    columns = {
        "owner": Column(kind=Kind.USERS) if setup.people else Column(),
        "department": Column(kind=Kind.OPTION, options=departments) if departments else Column(),
        "support": Column(kind=Kind.OPTIONS, options=departments or None),
        "due": Column(kind=Kind.DATE),
        "completed": Column(kind=Kind.DATE),
        "status": Column(kind=Kind.OPTION, options=tuple(o for s in statuses.values() for o in s)),
    }
    accounts = (
        User(person.accounts.get("memory", f"u{n}"), person.name, person.email)
        for n, person in enumerate(setup.people, start=1)
    )
    return Table(
        columns={label: columns.get(name, Column()) for name, label in setup.columns.items()},
        accounts=tuple(accounts),
    )


class Memory:
    """A connector to a ``Table``.

    Args:
        setup: ``options["table"]`` is the table to work on; left out, an own one is made.
    """

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._table: Table = setup.options.get("table") or table_for(setup)
        self._id = setup.columns["id"]

    def describe(self) -> Schema:
        """Look at the table's columns; raise SchemaError if one that is needed is missing."""
        fields, notes = {}, []
        for name, label in self._setup.columns.items():
            column = self._table.columns.get(label)
            if column is None and name in {"id", *REQUIRED, *self._setup.named}:
                raise SchemaError(
                    at(self._setup.name, f"没有“{label}”列", f"there is no column {label}"),
                    field=name,
                    hint=Said(
                        "请把列名改回来，或运行 check --prepare",
                        "rename the column back, or run check --prepare",
                    ),
                )
            if column is None:
                note = Said("这一项不同步", f"so {name} is not carried")
                text = at(
                    self._setup.name, f"没有“{label}”列，{note.zh}", f"no column {label}, {note}"
                )
                notes.append(text.text(self._setup.language))
            elif name != "id":
                fields[name] = self._field(name, label, column)
        return Schema(
            fields=fields,
            identity=self._table.identity,
            max_batch=self._table.max_batch,
            reports_deletes=self._table.reports_deletes,
            checks_version=self._table.checks_version,
            search_lag_s=self._table.search_lag_s,
            idempotent_create=self._table.idempotent_create,
            metered=self._table.metered,
            notes=tuple(notes),
        )

    def pull(self, cursor: str | None) -> Changes:
        """Read the rows edited since the cursor; for None all, and then the look is complete."""
        table, now = self._table, self._setup.clock.wall()
        since = datetime.fromisoformat(cursor) if cursor else datetime.min.replace(tzinfo=UTC)
        with table.lock:
            self._fields()
            records = [
                self._record(row_id, state)
                for row_id, state in table.seen(now)
                if table.edit_time(state.at) >= since
                and (not state.gone or (table.reports_deletes and cursor))
            ]
        reached = table.edit_time(now - timedelta(seconds=table.search_lag_s))
        return Changes(
            records=records,
            cursor=reached.isoformat(),
            complete=cursor is None,
            calls=max(1, -(-len(records) // table.page)),
        )

    def find(self, ids: Sequence[str]) -> Sequence[Record]:
        """Look for the rows that carry these ids; those in the bin where the tool tells of it."""
        wanted, table = set(ids), self._table
        with table.lock:
            self._fields()
            records = [
                self._record(row_id, state)
                for row_id, state in table.seen(self._setup.clock.wall())
                if state.cells.get(self._id) in wanted
            ]
        if table.mute:
            return [r if r.state is RowState.LIVE else unexplained(r) for r in records]
        return [r for r in records if r.state is RowState.LIVE or table.reports_deletes]

    def apply(self, batch: Sequence[Write]) -> Sequence[Outcome]:
        """Carry out writes, each by itself."""
        with self._table.lock:
            fields = self._fields()
            return [self._write(write, fields) for write in batch]

    def prepare(self) -> Sequence[str]:
        """Add the columns that are missing."""
        wanted = table_for(self._setup).columns
        missing = [label for label in wanted if label not in self._table.columns]
        self._table.columns.update({label: wanted[label] for label in missing})
        told = (column_made(self._setup.name, label) for label in missing)
        return [said.text(self._setup.language) for said in told]

    def _fields(self) -> Mapping[str, Field]:
        return self.describe().fields

    def _field(self, name: str, label: str, column: Column) -> Field:
        users = {}
        if column.kind is Kind.USERS:
            found = ((p.name, self._account(p)) for p in self._setup.people)
            users = {person: user for person, user in found if user}
        return Field(
            name=name,
            label=label,
            kind=column.kind,
            writable=column.writable,
            options=column.options,
            users=users,
            text_limit=column.text_limit,
            multiple=column.multiple,
        )

    def _account(self, person: Person) -> User | None:
        wanted = person.accounts.get("memory")
        for user in self._table.accounts:
            if user.key == wanted or (not wanted and person.email and user.email == person.email):
                return user
        same_name = [user for user in self._table.accounts if user.name == person.name]
        return same_name[0] if len(same_name) == 1 and not wanted else None

    def _record(self, row_id: str, state: State) -> Record:
        columns, id_cell = self._table.columns, state.cells.get(self._id)
        return Record(
            row_id=row_id,
            id=id_cell if isinstance(id_cell, str) else None,
            cells={
                name: state.cells.get(label, columns[label].empty)
                for name, label in self._setup.columns.items()
                if name != "id" and label in columns
            },
            version=str(state.version),
            state=RowState.GONE if state.gone else RowState.LIVE,
            label=f"{self._setup.name} {row_id}",
            created=row_id,
            editor=state.editor,
        )

    def _write(self, write: Write, fields: Mapping[str, Field]) -> Outcome:
        table, at = self._table, self._setup.clock.wall()
        try:
            repeated = table.idempotent_create and table.tokens.get(write.token)
            if write.row_id is None and repeated:
                return Outcome(record=self._record(repeated, table.now(repeated)))
            if write.row_id is not None:
                self._check_row(write.row_id, write.if_version)
            for name, cell in write.cells.items():
                self._check_cell(name, cell, fields)
        except ConnectorError as error:
            return Outcome(error=error)
        cells = {self._setup.columns[name]: cell for name, cell in write.cells.items()}
        if write.set_id or write.row_id is None:
            cells[self._id] = write.id
        if write.row_id is not None and not write.remove and self._holds(write.row_id, cells):
            return Outcome(record=self._record(write.row_id, table.now(write.row_id)))
        row_id = table.put(write.row_id, cells, at, "minuteloop", gone=write.remove)
        if write.row_id is None and write.token:
            table.tokens[write.token] = row_id
        return Outcome(record=self._record(row_id, table.now(row_id)))

    def _holds(self, row_id: str, cells: Cells) -> bool:
        there = self._table.now(row_id).cells
        return all(
            there.get(name) == cell or (is_empty(cell) and name not in there)
            for name, cell in cells.items()
        )

    def _check_row(self, row_id: str, version: str | None) -> None:
        where = f"{self._setup.name} {row_id}"
        if row_id not in self._table.history or self._table.now(row_id).gone:
            raise ConflictError(at(where, "该行已不存在", "there is no such row any more"))
        known = str(self._table.now(row_id).version)
        if self._table.checks_version and version not in (None, known):
            raise ConflictError(
                at(where, "读取后有人改过该行", "somebody has changed the row since it was read")
            )

    def _check_cell(self, name: str, cell: Cell, fields: Mapping[str, Field]) -> None:
        offered = fields.get(name)
        if offered is None or not offered.writable:
            text = at(self._setup.name, f"{name} 不能写入", f"{name} cannot be written")
            raise PermanentError(text, field=name)
        refusal = _refusal(cell, offered, self._table.accounts)
        if refusal:
            where = f"{self._setup.name} {offered.label}"
            raise PermanentError(at(where, refusal.zh, refusal.en), field=name)


def unexplained(record: Record) -> Record:
    """Return a row as a tool tells of it that does not say why it cannot be found."""
    return replace(record, cells={}, version=None, state=RowState.ABSENT)


_OTHER_KIND = Said("内容类型不符", "a cell of another kind")


def _refusal(cell: Cell, offered: Field, accounts: tuple[User, ...]) -> Said | None:
    """Say why a column would not take a cell; None if it takes it."""
    if is_empty(cell):
        return None
    if offered.kind in _LISTS:
        values = cell if isinstance(cell, tuple) else ()
        users = {v for v in values if isinstance(v, User)}
        if not values or bool(users) != (offered.kind is Kind.USERS):
            return _OTHER_KIND
        if users - set(accounts):
            return Said("不认识该账号", "an account that is not known here")
        if users and len(values) > 1 and not offered.multiple:
            return Said("不止一个人", "more than one person")
        names = {v for v in values if isinstance(v, str)}
    elif offered.kind is Kind.DATE:
        return None if isinstance(cell, date) else Said("不是日期", "no day")
    elif not isinstance(cell, str):
        return _OTHER_KIND
    else:
        if offered.text_limit is not None and len(cell) > offered.text_limit:
            most = offered.text_limit
            return Said(f"超过 {most} 个字符", f"more than {most} characters")
        names = {cell}
    if offered.options is not None and names - set(offered.options):
        return Said("没有该选项", "an option that is not known here")
    return None
