"""Carrying out writes: one page a request, for the service has no batches. I/O by the client.

There is no lock and no version ("Update page", read 2026-11): the last write wins. So a page is
read right before it is changed, and only what differs is sent. There is no idempotency key either:
a creation whose answer was lost is never sent again here; the engine looks for its id first.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from connectors.base import Outcome, RowState, Write
from connectors.errors import (
    AuthError,
    ConflictError,
    ConnectorError,
    PermanentError,
    SchemaError,
    TransientError,
    UnknownOutcomeError,
    at,
)
from connectors.fit import not_sent
from connectors.notion.client import Client
from connectors.notion.columns import Column
from connectors.notion.faults import CommittedError, MissingError, RefusedError
from connectors.notion.table import Look, Table
from connectors.notion.wire import LIMITS, MOST_LISTED, Json, Row, rich_text, value_of
from mapping.cells import Cell, User, is_empty, show
from mapping.said import Said

BATCH = 20  # so many pages are read together, some 7 s before the last of them is written
FEW = 2  # as many are asked for one by one: that answer never lags
MOST_BYTES = 480_000  # of one request; the service takes 500 KB ("Request limits", read 2026-11)


@dataclass(kw_only=True)
class Done:
    """What was written.

    Attributes:
        answers: the row before (None if it was made) and after.
        gone: pages that were taken out.
        moved: pages that were not as they were read.
    """

    answers: list[tuple[Row | None, Row]] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)


class Writer:
    """Carries out one batch.

    Args:
        table: where.
        client: asks the service.
        look: the columns.
        look_again: looks at columns and people afresh.
        fresh: a row as we wrote it last, where the service still shows it before.
    """

    def __init__(
        self,
        table: Table,
        client: Client,
        look: Look,
        *,
        look_again: Callable[[], Look],
        fresh: Callable[[Row], Row],
    ) -> None:
        self._table = table
        self._client = client
        self._look = look
        self._look_again = look_again
        self._fresh = fresh
        self._left = False  # whether anything may have had effect
        self.done = Done()

    def carry_out(self, batch: Sequence[Write]) -> list[Outcome]:
        """Carry out writes one by one; after a fault that concerns all, the rest is not sent.

        Raises:
            ConnectorError: such a fault, before anything had effect.
        """
        try:
            current = self._current(batch)
        except RefusedError:  # a column is not what it was
            self._look = self._look_again()
            current = self._current(batch)
        outcomes: list[Outcome] = []
        stopped: ConnectorError | None = None
        for write in batch:
            if stopped is not None:
                outcomes.append(Outcome(error=stopped))
                continue
            try:
                outcomes.append(self._one(write, current))
            except ConflictError as error:
                self.done.moved.add(write.row_id or "")
                outcomes.append(Outcome(error=error))
            except PermanentError as error:
                outcomes.append(Outcome(error=error))
            except UnknownOutcomeError as error:
                self._left = True
                outcomes.append(Outcome(error=error))
                stopped = TransientError(not_sent(error))
            except (TransientError, AuthError, SchemaError) as error:
                if not self._left:
                    raise
                outcomes.append(Outcome(error=error))
                stopped = error
        return outcomes

    # --- what is there ---

    def _current(self, batch: Sequence[Write]) -> dict[str, Row]:
        """Read the rows that are to be changed."""
        wanted = [w for w in batch if w.row_id is not None]
        found: dict[str, Row] = {}
        if len(wanted) > FEW:
            ids = [w.id for w in wanted if w.id and not w.set_id]
            rows = self._table.with_ids(self._look, ids) if ids else []
            found = {row.record.row_id: self._fresh(row) for row in rows}
        for write in wanted:
            if write.row_id is not None and write.row_id not in found:
                row = self._table.page(self._look, write.row_id)
                if row is not None:
                    found[write.row_id] = row
        return found

    def _checked(self, write: Write, row: Row | None) -> Row:
        """Return the row if it is as it was read."""
        where = f"{self._table.where}: {row.record.label if row else write.row_id}"
        if row is None or row.record.state is not RowState.LIVE:
            raise ConflictError(at(where, _NO_ROW.zh, _NO_ROW.en))
        if write.if_version not in (None, row.record.version):
            raise ConflictError(
                at(where, "读取后有人改过该行", "somebody has changed the row since it was read")
            )
        return row

    # --- one row ---

    def _one(self, write: Write, current: Mapping[str, Row]) -> Outcome:
        row = None
        if write.row_id is not None:
            row = current.get(write.row_id)
            if write.remove and row is not None and row.record.state is RowState.GONE:
                return Outcome(record=row.record)
            row = self._checked(write, row)
        if write.remove and row is not None:
            return self._remove(row)
        cells, unfit = self._fit(write.cells)
        if unfit and not cells:
            return Outcome(error=unfit)
        try:
            return self._put(write, row, cells, unfit)
        except RefusedError:  # a column, an option, an account or the row changed meanwhile
            self._look = self._look_again()
        if row is not None:
            row = self._checked(write, self._table.page(self._look, row.record.row_id))
        cells, unfit = self._fit(write.cells)
        try:
            return self._put(write, row, cells, unfit)
        except RefusedError as error:
            return self._bit_by_bit(write, row, cells, unfit or error)

    def _remove(self, row: Row) -> Outcome:
        answer = self._answer(self._patch(row.record.row_id, {"in_trash": True}))
        self.done.gone.add(answer.record.row_id)
        return Outcome(record=answer.record)

    def _put(
        self,
        write: Write,
        row: Row | None,
        cells: Mapping[str, Cell],
        error: PermanentError | None = None,
    ) -> Outcome:
        """Make or change a row, in as many requests as its size takes.

        Raises:
            ConnectorError: as the calls; of a row that was made, never: what came after is told.
        """
        bound = self._look.bound.by_field
        sent: dict[str, Json] = {}
        if row is None or (write.set_id and row.record.id != write.id):
            sent["id"] = {"rich_text": rich_text(write.id)}
        for name, cell in cells.items():
            if not _holds(row, name, cell):
                column, before = bound[name], row.days.get(name, {}) if row else {}
                sent[name] = value_of(column.type, cell, column.options or {}, before)
        after = row
        for part in _parts(sent):
            properties = {bound[name].id: value for name, value in part.items()}
            try:
                after = self._change(after, properties) if after else self._create(properties)
            except ConnectorError as failed:
                if after is None or row is not None:
                    raise
                error = PermanentError(failed.said, field=min(part), hint=failed.advice)
            else:
                self.done.answers.append((row, after))
        return Outcome(record=after.record if after else None, error=error)

    def _change(self, row: Row, properties: Json) -> Row:
        return self._answer(self._patch(row.record.row_id, {"properties": properties}))

    def _create(self, properties: Json) -> Row:
        parent = {"type": "data_source_id", "data_source_id": self._look.source}
        body = {"parent": parent, "properties": properties}
        try:
            page = self._client.write("POST", "pages", body, repeatable=False)
        except CommittedError as error:
            page = {"id": error.resource}
        self._left = True
        return self._answer(page)

    def _patch(self, page_id: str, body: Json) -> Json:
        """Change a page; the same change twice does no harm."""
        try:
            page = self._client.write("PATCH", f"pages/{page_id}", body, repeatable=True)
        except MissingError as error:
            text = Said(f"{error.said.zh}：{_NO_ROW.zh}", f"{error.said}: {_NO_ROW}")
            raise ConflictError(text) from None
        self._left = True
        return page

    def _answer(self, page: Json) -> Row:
        """Return the row of an answer; a connection without the right to read is shown its id."""
        page_id = str(page.get("id") or "")
        try:
            if page.get("properties"):
                return self._table.row(self._look, page)
            row = self._table.page(self._look, page_id)
        except ConnectorError as error:
            text = Said(
                f"已写入，随后未能读取：{error.said.zh}",
                f"written, and then not read: {error.said}",
            )
            raise UnknownOutcomeError(text) from None
        if row is None:
            raise UnknownOutcomeError(
                at(self._table.where, "已写入，随后却看不到", "written, and then not to be seen")
            )
        return row

    # --- what does not fit ---

    def _fit(self, cells: Mapping[str, Cell]) -> tuple[dict[str, Cell], PermanentError | None]:
        """Return the cells that their columns take, and what is wrong with the first other."""
        fitting, unfit = {}, None
        for name, cell in cells.items():
            column = self._look.bound.by_field.get(name)
            why = _refusal(column, cell)
            if not why:
                fitting[name] = cell
            elif unfit is None:
                label = column.name if column else name
                text = Said(f"“{label}”列：{why.zh}", f"{label}: {why}")
                unfit = PermanentError(at(self._table.where, text.zh, text.en), field=name)
        return fitting, unfit

    def _bit_by_bit(
        self, write: Write, row: Row | None, cells: Mapping[str, Cell], error: PermanentError
    ) -> Outcome:
        """Write a row field by field, for the service does not say which one it refuses."""
        made = row is None
        if row is None:
            self._put(write, None, {n: c for n, c in cells.items() if n == "description"})
            row = self.done.answers[-1][1]
        for name, cell in cells.items():
            try:
                self._put(write, row, {name: cell})
            except (RefusedError, ConflictError) as refused:
                error = PermanentError(refused.said, field=name, hint=refused.advice)
            except ConnectorError as failed:
                if not made:  # the next look sees how far it came
                    raise
                error = PermanentError(failed.said, field=name, hint=failed.advice)
            else:
                row = self._latest(row)
        return Outcome(record=row.record, error=error)

    def _latest(self, row: Row) -> Row:
        """Return a row as the last answer showed it."""
        last = self.done.answers[-1][1] if self.done.answers else row
        return last if last.record.row_id == row.record.row_id else row


def _holds(row: Row | None, name: str, cell: Cell) -> bool:
    """Say whether a cell says it already; nothing needs to be said of an empty one that is new."""
    if row is None:
        return is_empty(cell)
    there = row.record.cells.get(name)
    return there == cell or (is_empty(there) and is_empty(cell))


def _parts(properties: Mapping[str, Json]) -> list[dict[str, Json]]:
    """Part properties into requests."""
    parts: list[dict[str, Json]] = []
    size = 0
    for key, value in properties.items():
        width = len(json.dumps(value, ensure_ascii=False).encode())
        if not parts or size + width > MOST_BYTES:
            parts.append({})
            size = 0
        parts[-1][key] = value
        size += width
    return parts


_NO_ROW = Said("该行已不存在", "there is no such row any more")


def _refusal(column: Column | None, cell: Cell) -> Said | None:
    """Say why a column would not take a cell; None if it takes it."""
    if column is None or not column.writable:
        return Said("不能写入", "cannot be written")
    if is_empty(cell):
        return None
    if column.type in LIMITS:
        limit = LIMITS[column.type]
        long = Said(f"超过 {limit} 个字符", f"more than {limit} characters")
        return long if len(show(cell)) > limit else None
    if column.type == "date":
        return None if isinstance(cell, date) else Said("不是日期", "no day")
    names = cell if isinstance(cell, tuple) else (cell,)
    if len(names) > MOST_LISTED:
        return Said(f"一次超过 {MOST_LISTED} 个", f"more than {MOST_LISTED} at once")
    if column.type == "people":
        known = all(isinstance(n, User) and n.key for n in names)
        return None if known else Said("不是账号", "no account")
    if column.type != "multi_select" and len(names) > 1:
        return Said("只能选一个选项", "takes one option")
    unknown = [str(n) for n in names if not isinstance(n, str) or n not in (column.options or {})]
    shown = show(tuple(unknown))
    return Said(f"没有选项 {shown}", f"no option {shown}") if unknown else None
