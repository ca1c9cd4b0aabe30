"""Carrying out writes: as few calls as can be, and a bad row spoils no other. I/O by the client.

A call takes ten rows and is all or nothing ("Create records", "Update multiple records", read
2026-11): where one row is refused, the call is halved until that row stands alone. Rows are made by
an upsert on the id column, so that a creation that is sent again finds the row it made.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.airtable import faults
from connectors.airtable.client import Client, Json, RefusedError
from connectors.airtable.columns import Column
from connectors.airtable.drafts import Draft, Drafts, differs, parts
from connectors.airtable.table import Look, Table
from connectors.airtable.wire import payload
from connectors.base import Clock, Outcome, Record, RowState, Write
from connectors.calls import TRIES
from connectors.errors import (
    ConflictError,
    ConnectorError,
    PermanentError,
    TransientError,
    UnknownOutcomeError,
)
from connectors.fit import OPTION_HINT, VALUE_HINT, moved, not_sent, sort_out
from mapping.cells import Cell, Kind, is_empty
from mapping.said import Said

PAUSE_S = 1.0  # before rows are read again whose change may or may not have come through


@dataclass
class Writer:
    """Carries out one batch.

    Attributes:
        look: the columns as they are now.
        look_again: reads the columns once more, for they were changed.
    """

    table: Table
    client: Client
    clock: Clock
    look: Look
    look_again: Callable[[], Look]
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    _stopped: ConnectorError | None = None

    def carry_out(self, batch: Sequence[Write]) -> Sequence[Outcome]:
        """Carry out writes; one outcome each, in the same order.

        Raises:
            ConnectorError: nothing was written, for a reason that is no single row's.
        """
        drafts = self._drafts(dict(enumerate(batch)))
        make = {n: d for n, d in drafts.items() if d.write.row_id is None}
        drop = {n: d for n, d in drafts.items() if d.write.row_id is not None and d.write.remove}
        change = {n: d for n, d in drafts.items() if n not in make and n not in drop}
        for n, draft in list(make.items()):
            if not draft.cells and draft.error:  # nothing of the row is left
                self.outcomes[n] = Outcome(error=make.pop(n).error)
        for some in parts(make):
            self._attempt(self._create, some)
        self._attempt(self._change, change)
        self._attempt(self._remove, drop)
        outcomes = [self.outcomes[n] for n in range(len(batch))]
        self._complain(outcomes)
        return outcomes

    def _complain(self, outcomes: Sequence[Outcome]) -> None:
        """Raise what kept all rows from being written, unless it is a matter of single rows."""
        errors = [o.error for o in outcomes if o.record is None]
        own = (PermanentError, ConflictError)
        if len(errors) < len(outcomes) or any(e is None or isinstance(e, own) for e in errors):
            return
        unknown = next((e for e in errors if isinstance(e, UnknownOutcomeError)), None)
        first = unknown or (errors[0] if errors else None)
        if first is not None:
            raise first

    # --- refusals ---

    def _attempt(self, work: Callable[[Drafts], None], drafts: Drafts) -> None:
        """Do a part; where it is refused, find out which row is to blame."""
        drafts = {n: d for n, d in drafts.items() if n not in self.outcomes}
        if not drafts:
            return
        if self._stopped is not None:
            self._fail(drafts, TransientError(not_sent(self._stopped)))
            return
        try:
            work(drafts)
        except RefusedError as refused:
            try:
                self._refused(work, drafts, refused)
            except RefusedError as another:
                self._stop(drafts, another.error)
            except ConnectorError as error:
                self._stop(drafts, error)
        except ConnectorError as error:
            self._stop(drafts, error)

    def _stop(self, drafts: Drafts, error: ConnectorError) -> None:
        """Send no more: it is no single row's fault, the next call would fare no better."""
        self._stopped = error
        self._fail(drafts, error)

    def _fail(self, drafts: Drafts, error: ConnectorError) -> None:
        for n in drafts:
            self.outcomes.setdefault(n, Outcome(error=error))

    def _refused(self, work: Callable[[Drafts], None], drafts: Drafts, why: RefusedError) -> None:
        drafts = {n: d for n, d in drafts.items() if n not in self.outcomes}
        if why.type in (faults.NO_FIELD, faults.NO_OPTION) and self._moved_on():
            self._attempt(work, {n: self._redraft(d) for n, d in drafts.items()})
        elif not isinstance(why.error, PermanentError):
            self._stop(drafts, why.error)
        elif len(drafts) > 1:
            for some in parts(drafts, (len(drafts) + 1) // 2):
                self._attempt(work, some)
        else:
            [(n, draft)] = drafts.items()
            self._alone(work, n, draft, why)

    def _moved_on(self) -> bool:
        """Look at the columns again; say whether they are other ones now."""
        before = self.look
        self.look = self.look_again()
        return self.look.columns != before.columns

    def _redraft(self, draft: Draft) -> Draft:
        """Return what the columns can take of a draft now."""
        again = self._draft(draft.write)
        known = {e.field for e in draft.errors}
        return replace(
            draft,
            cells={n: c for n, c in again.cells.items() if n in draft.cells},
            errors=(*draft.errors, *(e for e in again.errors if e.field not in known)),
        )

    def _alone(
        self, work: Callable[[Drafts], None], n: int, draft: Draft, why: RefusedError
    ) -> None:
        """Deal with one row that is refused: it goes without the cell that is to blame."""
        to_blame = self._blamed(draft, why)
        doubled = None
        if not to_blame and draft.write.row_id is None:
            doubled = self._doubled(draft.write.id)
        if not to_blame and doubled is None:
            to_blame = self._people(draft)
        if to_blame:
            told = [_unfit(why.error, self.look.bound.by_field[name], name) for name in to_blame]
            rest = {name: c for name, c in draft.cells.items() if name not in to_blame}
            fewer = replace(draft, cells=rest, errors=(*draft.errors, *told))
            if rest or draft.write.set_id:
                self._attempt(work, {n: fewer})
            else:
                self.outcomes[n] = Outcome(record=draft.there, error=fewer.error)
        elif doubled is not None:
            write = replace(draft.write, row_id=doubled.row_id, if_version=None)
            self._attempt(self._change, {n: replace(draft, write=write)})
        else:
            self.outcomes[n] = Outcome(error=why.error)

    def _blamed(self, draft: Draft, why: RefusedError) -> list[str]:
        """Return the fields that the service complains of; empty if it does not say."""
        columns = self.look.bound.by_field
        sent = [n for n, c in draft.cells.items() if not is_empty(c)]
        named = [n for n in sent if columns[n].id in why.message]
        named = named or [n for n in sent if f'"{columns[n].name}"' in why.message]
        if not named and why.type == faults.NO_OPTION:
            named = [n for n in sent if columns[n].kind in (Kind.OPTION, Kind.OPTIONS)]
        return named

    def _people(self, draft: Draft) -> list[str]:
        """Return the fields of people: how the service refuses a person is not documented."""
        columns = self.look.bound.by_field
        filled = [n for n, c in draft.cells.items() if not is_empty(c)]
        return [n for n in filled if columns[n].kind is Kind.USERS]

    def _doubled(self, id_: str) -> Record | None:
        """Return the oldest of several rows with one id: an upsert is refused for them."""
        rows = list(self.table.with_ids(self.look, [id_]).values())
        return min(rows, key=lambda r: r.created) if len(rows) > 1 else None

    # --- what can be said without asking ---

    def _drafts(self, writes: Mapping[int, Write]) -> Drafts:
        """Leave out the cells that the table would refuse; look again before an option is."""
        drafts = {n: self._draft(write) for n, write in writes.items()}
        if any(" no option " in e.message for d in drafts.values() for e in d.errors):
            self.look = self.look_again()
            drafts = {n: self._draft(write) for n, write in writes.items()}
        return drafts

    def _draft(self, write: Write) -> Draft:
        cells, errors = sort_out(write.cells, self.look.bound.by_field, self._payload)
        return Draft(write=write, cells=cells, errors=errors)

    def _payload(self, name: str, cell: Cell) -> Any:
        column = self.look.bound.by_field[name]
        return payload(cell, column.type, column.zone)

    def _payloads(self, cells: Mapping[str, Cell]) -> dict[str, Any]:
        columns = self.look.bound.by_field
        return {columns[n].id: self._payload(n, c) for n, c in cells.items()}

    @property
    def _at(self) -> str:
        return self.look.table

    @property
    def _id_column(self) -> str:
        return self.look.bound.by_field["id"].id

    # --- rows that are made ---

    def _create(self, drafts: Drafts) -> None:
        rows = []
        for draft in drafts.values():
            filled = {n: c for n, c in draft.cells.items() if not is_empty(c)}
            rows.append({"fields": {self._id_column: draft.write.id, **self._payloads(filled)}})
        answer = self.client.upsert(self._at, rows, self._id_column)
        by_id = {r.id: r for r in self._told(answer)}
        for n, draft in drafts.items():
            self.outcomes[n] = _outcome(by_id.get(draft.write.id), draft)

    def _told(self, answer: Json) -> list[Record]:
        listed = answer.get("records")
        rows = listed if isinstance(listed, list) else []
        return [self.table.record(raw, self.look) for raw in rows]

    # --- rows that are changed ---

    def _change(self, drafts: Drafts) -> None:
        """Change rows: read them, compare, send what differs.

        The service checks no version, so rows are read right before they are written: an edit made
        meanwhile is a conflict, and a day with a time in it, or a text with mentions, is not
        touched if it says what it should say already.
        """
        for some in parts(self._compare(drafts)):
            self._attempt(self._send, some)

    def _compare(self, drafts: Drafts) -> Drafts:
        """Return what is still to be sent; the others have their outcome."""
        rows = self.table.by_row_id(self.look, [d.write.row_id or "" for d in drafts.values()])
        ready: Drafts = {}
        for n, draft in drafts.items():
            write, there = draft.write, rows.get(draft.write.row_id or "")
            if there is None:
                self.outcomes[n] = Outcome(error=_gone(write))
                continue
            cells = {
                name: c for name, c in draft.cells.items() if differs(c, there.cells.get(name))
            }
            names = write.set_id and write.id != there.id
            if not cells and not names:
                self.outcomes[n] = Outcome(record=there, error=draft.error)
            elif write.if_version not in (None, there.version):
                self.outcomes[n] = Outcome(error=_moved(write))
            else:
                ready[n] = replace(draft, cells=cells, there=there)
        return ready

    def _send(self, drafts: Drafts) -> None:
        """Send changes; where no answer came, read again what became of them."""
        for is_last in (*(False,) * (TRIES - 1), True):
            records = [{"id": d.write.row_id, "fields": self._changed(d)} for d in drafts.values()]
            try:
                told = {r.row_id: r for r in self._told(self.client.update(self._at, records))}
            except (UnknownOutcomeError, RefusedError) as error:
                if is_last or (isinstance(error, RefusedError) and error.type not in faults.GONE):
                    raise
            else:
                for n, draft in drafts.items():
                    row = told.get(draft.write.row_id or "")
                    if row is not None or is_last:
                        self.outcomes[n] = _outcome(row, draft)
                drafts = {n: d for n, d in drafts.items() if n not in self.outcomes}
            if not drafts:
                return
            self.clock.sleep(PAUSE_S)
            drafts = self._compare(drafts)
            if not drafts:
                return

    def _changed(self, draft: Draft) -> dict[str, Any]:
        fields = self._payloads(draft.cells)
        if draft.write.set_id:
            fields[self._id_column] = draft.write.id
        return fields

    # --- rows that are taken out ---

    def _remove(self, drafts: Drafts) -> None:
        for is_last in (*(False,) * (TRIES - 1), True):
            rows = self.table.by_row_id(self.look, [d.write.row_id or "" for d in drafts.values()])
            for n, draft in drafts.items():
                row = rows.get(draft.write.row_id or "")
                if row is None:
                    gone = replace(draft.there, state=RowState.GONE) if draft.there else None
                    self.outcomes[n] = Outcome(record=gone)
                elif draft.write.if_version not in (None, row.version):
                    self.outcomes[n] = Outcome(error=_moved(draft.write))
            drafts = {
                n: replace(d, there=rows[d.write.row_id or ""])
                for n, d in drafts.items()
                if n not in self.outcomes
            }
            try:
                for some in parts(drafts):
                    self.client.delete(
                        self.look.table, [d.write.row_id or "" for d in some.values()]
                    )
                    for n, draft in some.items():
                        there = draft.there and replace(draft.there, state=RowState.GONE)
                        self.outcomes[n] = Outcome(record=there)
            except (UnknownOutcomeError, RefusedError) as error:
                own = isinstance(error, RefusedError)
                if is_last or (own and not _may_be_gone(error)):
                    raise
                self.clock.sleep(PAUSE_S)
            else:
                return


def _outcome(row: Record | None, draft: Draft) -> Outcome:
    if row is None:
        return Outcome(error=UnknownOutcomeError(_NOT_TOLD))
    return Outcome(record=row, error=draft.error)


def _may_be_gone(error: Exception) -> bool:
    """Say whether a refused removal may mean that the row is gone already."""
    return isinstance(error, RefusedError) and (
        error.type in faults.GONE or isinstance(error.error, PermanentError)
    )


_NOT_TOLD = Said("服务没有全部返回它写入的行", "the service did not tell all rows it wrote")
_PERSON_HINT = Said(
    "请把该 base 分享给此人，或在团队配置文件中去掉其 id",
    "share the base with that person, or leave the id out of the team file",
)


def _unfit(error: ConnectorError, column: Column, name: str) -> PermanentError:
    hint = VALUE_HINT
    if column.kind is Kind.USERS:
        hint = _PERSON_HINT
    elif column.options is not None:
        hint = OPTION_HINT
    text = Said(f"“{column.name}”列：{error.said.zh}", f"{column.name!r}: {error.said}")
    return PermanentError(text, field=name, hint=hint)


def _gone(write: Write) -> ConflictError:
    return ConflictError(
        Said(f"行 {write.row_id} 已不存在", f"row {write.row_id} is not there any more")
    )


def _moved(write: Write) -> ConflictError:
    return ConflictError(moved(write.row_id))
