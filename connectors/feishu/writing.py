"""Carrying out writes: as few calls as can be, and a bad row spoils no other. I/O by the client.

A batch is all or nothing there ("Create records", "Update records", read 2026-05): where one row is
refused, the batch is halved until that row stands alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.base import Clock, Outcome, RowState, Write
from connectors.calls import TRIES
from connectors.errors import (
    ConflictError,
    ConnectorError,
    PermanentError,
    UnknownOutcomeError,
)
from connectors.feishu import faults
from connectors.feishu.client import WRITES_S, Client, CodeError, Json
from connectors.feishu.table import Look, Row, Table
from connectors.feishu.wire import as_uuid4, payload
from connectors.fit import VALUE_HINT, moved, sort_out
from mapping.cells import Cell, User, is_empty
from mapping.said import Said

BATCH = 500  # the reference says 1000, older pages and the SDK 500
LEAST = 50  # a batch is not made smaller than this when the table is slow
_USERS = {"user_id_type": "open_id"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A write on its way.

    Attributes:
        cells: what of it the table can take.
        errors: what it cannot take, the first of which is told.
    """

    write: Write
    cells: Mapping[str, Cell]
    errors: tuple[PermanentError, ...] = ()

    @property
    def error(self) -> PermanentError | None:
        """What was left out, if anything was."""
        return self.errors[0] if self.errors else None


@dataclass
class Done:
    """What became of the writes so far.

    Attributes:
        outcomes: by the write's place in the batch.
        rows: our id -> the row that it was written into.
        answers: what the service was told last of a row, and when it had been changed before.
        gone: rows that were taken out.
    """

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)
    answers: list[Row] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


class Writer:
    """Carries out one batch.

    Args:
        table: where.
        client: of the app.
        clock: for waits.
        look: the columns as they are now.
        look_again: reads the columns once more, for they were renamed.
        size: most rows of a call.
    """

    def __init__(
        self,
        table: Table,
        client: Client,
        clock: Clock,
        look: Look,
        *,
        look_again: Callable[[], Look],
        fresh: Callable[[Row], Row],
        size: int,
    ) -> None:
        self._table = table
        self._client = client
        self._clock = clock
        self._look = look
        self._look_again = look_again
        self._fresh = fresh
        self.size = size
        self._strangers: set[User] = set()
        self.done = Done()

    def carry_out(self, batch: Sequence[Write]) -> Sequence[Outcome]:
        """Carry out writes; one outcome each, in the same order.

        Raises:
            ConnectorError: nothing was written, for a reason that is no single row's.
        """
        drafts = {n: self._draft(write) for n, write in enumerate(batch)}
        make = {n: d for n, d in drafts.items() if d.write.row_id is None}
        drop = {n: d for n, d in drafts.items() if d.write.remove}
        change = {n: d for n, d in drafts.items() if n not in make and n not in drop}
        for n, draft in list(make.items()):
            if not draft.cells and draft.error:  # nothing of the row is left
                self.done.outcomes[n] = Outcome(error=make.pop(n).error)
        for work, some in ((self._create, make), (self._update, change), (self._remove, drop)):
            for part in _parts(some, self.size):
                self._attempt(work, part)
        outcomes = [self.done.outcomes[n] for n in range(len(batch))]
        self._complain(outcomes)
        return outcomes

    def _complain(self, outcomes: Sequence[Outcome]) -> None:
        """Raise what kept all rows from being written, unless it is a matter of single rows."""
        errors = [o.error for o in outcomes]
        unknown = next((e for e in errors if isinstance(e, UnknownOutcomeError)), None)
        own = (PermanentError, ConflictError)
        if errors and all(
            e is not None and o.record is None and not isinstance(e, own)
            for e, o in zip(errors, outcomes, strict=True)
        ):
            first = unknown or errors[0]
            if first is not None:
                raise first

    def _attempt(self, work: Callable[[dict[int, Draft]], None], drafts: dict[int, Draft]) -> None:
        """Do a part; where it is refused, find out which row is to blame."""
        drafts = {n: self._without_strangers(draft) for n, draft in drafts.items()}
        try:
            work(drafts)
        except CodeError as refused:
            self._refused(work, drafts, refused)
        except ConnectorError as error:
            for n in drafts:
                self.done.outcomes[n] = Outcome(error=error)

    def _refused(
        self, work: Callable[[dict[int, Draft]], None], drafts: dict[int, Draft], why: CodeError
    ) -> None:
        own = isinstance(why.error, PermanentError) and faults.is_of_one_row(why.code)
        if why.code in faults.MOVED and self._renamed():
            self._attempt(work, drafts)
        elif own and len(drafts) > 1:
            middle = len(drafts) // 2
            for part in _halves(drafts, middle):
                self._attempt(work, part)
        elif own:
            [(n, draft)] = drafts.items()
            fewer = self._without_unfit(draft, why)
            if fewer is None:
                self.done.outcomes[n] = Outcome(error=why.error)
            else:
                self._attempt(work, {n: fewer})
        else:
            for n in drafts:
                self.done.outcomes[n] = Outcome(error=why.error)

    def _renamed(self) -> bool:
        """Look at the columns again; say whether that helps."""
        before = self._look.bound.by_field
        self._look = self._look_again()
        return {n: c.name for n, c in before.items()} != {
            n: c.name for n, c in self._look.bound.by_field.items()
        }

    def _without_unfit(self, draft: Draft, why: CodeError) -> Draft | None:
        """Return a row without the cells that the service complains of; None if there are none."""
        types = faults.unfit_types(why.code)
        columns = self._look.bound.by_field
        to_blame = [
            n for n, c in draft.cells.items() if columns[n].type in types and not is_empty(c)
        ]
        if not to_blame:
            return None
        self._strangers |= {u for n in to_blame for u in _users(draft.cells[n])}
        told = [PermanentError(why.error.said, field=n, hint=_mend(n)) for n in to_blame]
        rest = {n: c for n, c in draft.cells.items() if n not in to_blame}
        return replace(draft, cells=rest, errors=(*draft.errors, *told))

    def _without_strangers(self, draft: Draft) -> Draft:
        """Return a row without the accounts that the service refused before in this batch."""
        named = [n for n, c in draft.cells.items() if self._strangers & _users(c)]
        told = [PermanentError(_REFUSED, field=n, hint=_mend(n)) for n in named]
        rest = {n: c for n, c in draft.cells.items() if n not in named}
        return replace(draft, cells=rest, errors=(*draft.errors, *told)) if named else draft

    # --- what can be said without asking ---

    def _draft(self, write: Write) -> Draft:
        """Leave out the cells that the table would refuse, or take in a way nobody wants."""
        cells, errors = sort_out(write.cells, self._look.bound.by_field, self._payload)
        return Draft(write=write, cells=cells, errors=errors)

    def _payload(self, name: str, cell: Cell) -> Any:
        return payload(cell, self._look.bound.by_field[name].type, self._look.scope)

    def _payloads(self, cells: Mapping[str, Cell]) -> dict[str, Any]:
        columns, scope = self._look.bound.by_field, self._look.scope
        return {columns[n].name: payload(c, columns[n].type, scope) for n, c in cells.items()}

    # --- rows that are made ---

    def _create(self, drafts: dict[int, Draft]) -> None:
        """Make rows; a repeated call carries the same token and makes no second row."""
        id_ = self._look.bound.by_field["id"].name
        rows = [
            {id_: d.write.id, **{k: v for k, v in self._payloads(d.cells).items() if v is not None}}
            for d in drafts.values()
        ]
        token = as_uuid4(*(f"{d.write.token} {d.write.id}" for d in drafts.values()))
        answer = self._write(
            "/records/batch_create",
            {"records": [{"fields": row} for row in rows]},
            params={**_USERS, "client_token": token, "ignore_consistency_check": "false"},
        )
        made = [self._table.row(item, self._look) for item in answer.get("records") or ()]
        by_id = {row.record.id: row for row in made}
        for n, draft in drafts.items():
            row = by_id.get(draft.write.id)
            if row is None:
                self.done.outcomes[n] = Outcome(error=UnknownOutcomeError(_NOT_TOLD))
                continue
            self.done.outcomes[n] = Outcome(record=row.record, error=draft.error)
            self.done.rows[draft.write.id] = row.record.row_id

    def _write(self, path: str, body: Json, *, params: Json, repeatable: bool = True) -> Json:
        try:
            return self._client.write(
                self._table.path(path),
                self._table.place,
                repeatable=repeatable,
                params=params,
                body=body,
            )
        except UnknownOutcomeError:
            self.size = max(LEAST, self.size // 2)  # it may have been too much for the table
            raise

    # --- rows that are changed ---

    def _update(self, drafts: dict[int, Draft]) -> None:
        """Change rows: read them, compare, send what differs; again if no answer came.

        There is no check of versions on the service's side, so rows are read right before they
        are written: an edit made meanwhile is a conflict, and a text with mentions or a day with a
        time in it is not touched if it says what it should say already.
        """
        for attempt in range(TRIES):
            try:
                self._compare_and_send(drafts)
            except UnknownOutcomeError:
                if attempt == TRIES - 1:
                    raise
                self._clock.sleep(WRITES_S * 2**attempt)
            else:
                return

    def _compare_and_send(self, drafts: dict[int, Draft]) -> None:
        row_ids = [d.write.row_id or "" for d in drafts.values()]
        rows, _ = self._table.by_row_id(self._look, row_ids)
        sent: dict[int, tuple[Row, dict[str, Cell], bool]] = {}
        for n, draft in drafts.items():
            found = rows.get(draft.write.row_id or "")
            if found is None:
                self.done.outcomes[n] = Outcome(error=_gone(draft.write))
                continue
            row, write = self._fresh(found), draft.write
            there = row.record
            cells = {name: c for name, c in draft.cells.items() if c != there.cells.get(name)}
            cells = {n: c for n, c in cells.items() if not _both_empty(c, there.cells.get(n))}
            names = write.set_id and write.id != there.id
            if not cells and not names:
                self.done.outcomes[n] = Outcome(record=there, error=draft.error)
            elif write.if_version not in (None, there.version):
                self.done.outcomes[n] = Outcome(error=_moved(write))
            else:
                sent[n] = (row, cells, names)
        if sent:
            self._send_changes(drafts, sent)

    def _send_changes(
        self, drafts: dict[int, Draft], sent: Mapping[int, tuple[Row, dict[str, Cell], bool]]
    ) -> None:
        id_ = self._look.bound.by_field["id"].name
        records = []
        for n, (row, cells, names) in sent.items():
            fields = self._payloads(cells)
            if names:
                fields[id_] = drafts[n].write.id
            records.append({"record_id": row.record.row_id, "fields": fields})
        try:
            answer = self._write(
                "/records/batch_update",
                {"records": records},
                params={**_USERS, "ignore_consistency_check": "false"},
                repeatable=False,
            )
        except CodeError as refused:
            if refused.code != faults.GONE:
                raise
            raise UnknownOutcomeError(_JUST_DELETED) from None  # read again
        told = {str(i.get("record_id")): i for i in answer.get("records") or ()}
        for n, (row, cells, names) in sent.items():
            record = row.record
            echo = self._table.row(told.get(record.row_id) or {"fields": {}}, self._look).record
            shown = echo.cells if record.row_id in told else cells
            id_now = drafts[n].write.id if names else record.id
            now = {**record.cells, **{name: shown[name] for name in cells}}
            after = self._table.with_cells(record, id_now, now)
            self.done.outcomes[n] = Outcome(record=after, error=drafts[n].error)
            self.done.answers.append(replace(row, record=after))
            if drafts[n].write.id:
                self.done.rows[drafts[n].write.id] = record.row_id

    # --- rows that are taken out ---

    def _remove(self, drafts: dict[int, Draft]) -> None:
        row_ids = [d.write.row_id or "" for d in drafts.values()]
        rows, forbidden = self._table.by_row_id(self._look, row_ids)
        sent = {}
        for n, draft in drafts.items():
            write = draft.write
            row = rows.get(write.row_id or "")
            if row is not None and write.if_version not in (None, row.record.version):
                self.done.outcomes[n] = Outcome(error=_moved(write))
            elif row is not None:
                sent[n] = row.record
            elif write.row_id in forbidden:
                self.done.outcomes[n] = Outcome(error=_gone(write))
            else:
                self.done.outcomes[n] = Outcome()  # gone already
        if not sent:
            return
        body = {"records": [record.row_id for record in sent.values()]}
        try:
            self._write("/records/batch_delete", body, params={})
        except CodeError as refused:
            if refused.code != faults.GONE or len(sent) > 1:
                raise
        for n, record in sent.items():
            self.done.outcomes[n] = Outcome(record=replace(record, state=RowState.GONE))
            self.done.gone.append(record.row_id)


def _parts(drafts: dict[int, Draft], size: int) -> list[dict[int, Draft]]:
    items = list(drafts.items())
    return [dict(items[n : n + size]) for n in range(0, len(items), size)]


def _halves(drafts: dict[int, Draft], middle: int) -> list[dict[int, Draft]]:
    items = list(drafts.items())
    return [dict(items[:middle]), dict(items[middle:])]


def _users(cell: Cell) -> set[User]:
    return {u for u in cell if isinstance(u, User)} if isinstance(cell, tuple) else set()


def _both_empty(one: Cell, other: Cell) -> bool:
    return is_empty(one) and is_empty(other)


_REFUSED = Said("服务不接受该账号", "the account is refused")
_NOT_TOLD = Said(
    "服务添加了行，但没有全部返回", "the service made rows and did not tell all of them"
)
_JUST_DELETED = Said("有一行刚被删除", "a row was deleted just now")
_ACCOUNT_HINT = Said(
    "该账号可能属于别的应用，或不在应用的可用范围内：请在团队配置文件中去掉它而用邮箱，"
    "或用该应用看到的 open_id",
    "the account may be of another app or outside this app's range: leave the id out of the team "
    "file and go by e-mail, or take the open_id that this app sees",
)


def _mend(name: str) -> Said:
    return _ACCOUNT_HINT if name in ("owner", "support") else VALUE_HINT


def _gone(write: Write) -> ConflictError:
    return ConflictError(
        Said(
            f"行 {write.row_id} 已不存在，或无权查看",
            f"row {write.row_id} is not there any more, or may not be seen",
        )
    )


def _moved(write: Write) -> ConflictError:
    return ConflictError(moved(write.row_id))
