"""A connector that misbehaves as told, and the people who work in a table beside it.

A fault strikes one call; a mood (``lag_s``, ``normalise``, ``blind``, ``hidden``) lasts until the
test takes it back. Which call gets which fault comes from a script or from a seeded generator, so
that every history can be played again.
"""

import random
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeVar

from connectors.base import (
    Changes,
    Clock,
    Connector,
    Outcome,
    Reader,
    Record,
    RowState,
    Schema,
    Write,
)
from connectors.errors import (
    AuthError,
    BusyError,
    ConflictError,
    PermanentError,
    TransientError,
    UnknownOutcomeError,
)
from connectors.memory import Table
from mapping.cells import Cell, Cells

T = TypeVar("T")


class Killed(BaseException):
    """The process died here."""


class Fault(StrEnum):
    """What goes wrong with one call."""

    ERROR_BEFORE = "error-before"  # nothing was sent
    RATE_LIMITED = "rate-limited"  # nothing was done, come back in 30 s
    AUTH = "auth"  # nothing was done, a person is needed
    BUSY = "busy"  # people work in it
    ANSWER_LOST = "answer-lost"  # all was done, no answer came
    ARRIVES_LATE = "arrives-late"  # no answer came, and it is done later
    CUT_SHORT = "cut-short"  # the first half was done, no answer came
    REST_REFUSED = "rest-refused"  # the first half was done, the rest is to be tried again
    ALL_OR_NOTHING = "all-or-nothing"  # one row is bad, so nothing was done
    ROW_REFUSED = "row-refused"  # one row is bad, the others were done
    FIELD_REFUSED = "field-refused"  # one row was written without one of its fields
    CONFLICT = "conflict"  # one row is said to have moved
    STALE = "stale"  # the answer of the last like call comes again
    KILL_BEFORE = "kill-before"
    KILL_AFTER = "kill-after"


READ_FAULTS = (
    *(Fault.ERROR_BEFORE, Fault.RATE_LIMITED, Fault.AUTH, Fault.BUSY, Fault.STALE),
    *(Fault.KILL_BEFORE, Fault.KILL_AFTER),
)
WRITE_FAULTS = tuple(fault for fault in Fault if fault is not Fault.STALE)


@dataclass
class Script:
    """Which fault strikes which call; calls are counted from 1 over all methods.

    Attributes:
        at: number of a call -> its fault; beats chance.
        chance: of a fault in any other call.
        allowed: faults that chance may draw.
    """

    at: Mapping[int, Fault] = field(default_factory=dict)
    chance: float = 0.0
    seed: int = 0
    allowed: frozenset[Fault] = frozenset(Fault)
    calls: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def draw(self, faults: Sequence[Fault]) -> Fault | None:
        """Return the fault of the next call, None if it goes well."""
        self.calls += 1
        if self.calls in self.at:
            return self.at[self.calls]
        usable = [fault for fault in faults if fault in self.allowed]
        return (
            self._random.choice(usable) if usable and self._random.random() < self.chance else None
        )


class Faulty:
    """A connector around another one.

    Attributes:
        script: which calls go wrong; several wrappers may share one.
        log: every call with its fault, for the report of a failing seed.
        lag_s: rows made here are not found for so long (their own answer shows them).
        tells_lag: whether ``describe`` says so; if not it says None.
        normalise: the server cuts trailing blanks, ends lines with a line feed, and makes NFC.
        blind: no right to read: pull is complete and empty, find says hidden.
        hidden: row ids that we may no longer see.
        made_late: rows that late requests made.
        late_s: when a late request is carried out after all.
        spared: faults that this tool cannot have.
        between: what somebody else does just before a call, and right after a read.
    """

    def __init__(self, inner: Connector, clock: Clock, script: Script | None = None) -> None:
        self.inner = inner
        self.clock = clock
        self.script = script or Script()
        self.log: list[tuple[int, str, Fault | None]] = []
        self.writes: list[Write] = []
        self.lag_s = 0.0
        self.tells_lag = True
        self.normalise = False
        self.blind = False
        self.hidden: set[str] = set()
        self.late_s = 60.0
        self.made_late = 0
        self.spared: frozenset[Fault] = frozenset()
        self.between: Callable[[], None] | None = None
        self._shown_at: dict[str, float] = {}
        self._late: list[tuple[float, Sequence[Write]]] = []
        self._last: dict[str, Any] = {}

    def describe(self) -> Schema:
        schema = self._read("describe", self.inner.describe)
        if self.lag_s:
            return replace(schema, search_lag_s=self.lag_s if self.tells_lag else None)
        return schema

    def pull(self, cursor: str | None) -> Changes:
        key = "pull" if cursor is None else "pull-since"
        changes = self._read(key, lambda: self.inner.pull(cursor))
        if self.blind:
            return replace(changes, records=())
        shown = [r for r in changes.records if r.row_id not in self.hidden and self._indexed(r)]
        return replace(changes, records=shown)

    def find(self, ids: Sequence[str]) -> Sequence[Record]:
        found = self._read(f"find {sorted(ids)}", lambda: self.inner.find(ids))
        return [
            replace(record, cells={}, state=RowState.HIDDEN)
            if self.blind or record.row_id in self.hidden
            else record
            for record in found
            if self._indexed(record)
        ]

    def apply(self, batch: Sequence[Write]) -> Sequence[Outcome]:
        if not batch:
            return []
        fault = self._draw("apply", WRITE_FAULTS)
        self._before(fault)
        if fault is Fault.ARRIVES_LATE:
            self._late.append((self.clock.monotonic() + self.late_s, batch))
            raise UnknownOutcomeError("no answer came")
        if fault is Fault.CUT_SHORT:
            self._carry_out(batch[: (len(batch) + 1) // 2])
            raise UnknownOutcomeError("the connection broke in the middle")
        outcomes = self._spoil(fault, batch)
        if fault is Fault.ANSWER_LOST:
            raise UnknownOutcomeError("no answer came")
        if fault is Fault.KILL_AFTER:
            raise Killed
        return outcomes

    def prepare(self) -> Sequence[str]:
        return self.inner.prepare()

    def deliver(self) -> None:
        """Let the server carry out what was late and is due by now."""
        due = [batch for at, batch in self._late if at <= self.clock.monotonic()]
        self._late = [(at, batch) for at, batch in self._late if at > self.clock.monotonic()]
        for batch in due:
            self._carry_out(batch)
            self.made_late += sum(write.row_id is None for write in batch)

    def _draw(self, call: str, faults: Sequence[Fault]) -> Fault | None:
        self.deliver()
        if self.between:
            self.between()
        fault = self.script.draw([fault for fault in faults if fault not in self.spared])
        self.log.append((self.script.calls, call, fault))
        return fault

    def _before(self, fault: Fault | None) -> None:
        match fault:
            case Fault.KILL_BEFORE:
                raise Killed
            case Fault.ERROR_BEFORE:
                raise TransientError("the service cannot be reached")
            case Fault.RATE_LIMITED:
                raise TransientError("too many requests", retry_after_s=30.0)
            case Fault.AUTH:
                raise AuthError("the token was refused", hint="make a new token")
            case Fault.BUSY:
                raise BusyError("somebody has it open")

    def _read(self, key: str, look: Callable[[], T]) -> T:
        faults = [f for f in READ_FAULTS if f is not Fault.STALE or key.startswith("pull")]
        fault = self._draw(key, faults)
        self._before(fault)
        if fault in (Fault.ANSWER_LOST, Fault.CUT_SHORT, Fault.ARRIVES_LATE):
            raise TransientError("no answer came")
        if fault is Fault.STALE and key in self._last:
            stale: T = self._last[key]
            return stale
        answer = look()
        if self.between:
            self.between()
        self._last[key] = answer
        if fault is Fault.KILL_AFTER:
            raise Killed
        return answer

    def _spoil(self, fault: Fault | None, batch: Sequence[Write]) -> list[Outcome]:
        """Carry out what the fault leaves of a batch; its first row is the bad one."""
        first, rest = batch[0], batch[1:]
        if fault is Fault.REST_REFUSED:
            half = (len(batch) + 1) // 2
            refused = Outcome(error=TransientError("too many at once", retry_after_s=1.0))
            return [*self._carry_out(batch[:half]), *[refused] * (len(batch) - half)]
        if fault is Fault.ALL_OR_NOTHING:
            undone = Outcome(error=TransientError("another row of the batch was refused"))
            return [Outcome(error=PermanentError("the row is refused")), *[undone] * len(rest)]
        if fault is Fault.ROW_REFUSED:
            refused = Outcome(error=PermanentError("the row is refused"))
            return [refused, *self._carry_out(rest)]
        if fault is Fault.CONFLICT and first.row_id is not None:
            return [Outcome(error=ConflictError("the row has moved")), *self._carry_out(rest)]
        if fault is Fault.FIELD_REFUSED and first.cells:
            name = min(first.cells)
            cells = {n: cell for n, cell in first.cells.items() if n != name}
            done = self._carry_out([replace(first, cells=cells)])[0]
            error = done.error or PermanentError("an option that is not known here", field=name)
            return [replace(done, error=error), *self._carry_out(rest)]
        return self._carry_out(batch)

    def _carry_out(self, batch: Sequence[Write]) -> list[Outcome]:
        if not batch:
            return []
        self.writes += batch
        sent = [replace(w, cells=_normal(w.cells)) for w in batch] if self.normalise else batch
        outcomes = list(self.inner.apply(sent))
        for write, outcome in zip(batch, outcomes, strict=True):
            if write.row_id is None and outcome.record:
                self._shown_at.setdefault(
                    outcome.record.row_id, self.clock.monotonic() + self.lag_s
                )
        return outcomes

    def _indexed(self, record: Record) -> bool:
        shown_at = self._shown_at.get(record.row_id)
        return shown_at is None or self.clock.monotonic() >= shown_at


def only_reader(connector: Connector) -> Reader:
    """Return a connector without its hands, as ``plan`` is given one (failure 78)."""

    class OnlyReader:
        describe = staticmethod(connector.describe)
        pull = staticmethod(connector.pull)
        find = staticmethod(connector.find)

    return OnlyReader()


def _normal(cells: Cells) -> Cells:
    return {name: _normal_cell(cell) for name, cell in cells.items()}


def _normal_cell(cell: Cell) -> Cell:
    if not isinstance(cell, str):
        return cell
    lines = cell.replace("\r\n", "\n").split("\n")
    return unicodedata.normalize("NFC", "\n".join(line.rstrip() for line in lines)).rstrip()


class Person:
    """Somebody who works in a memory table by hand; columns by our field's name.

    Args:
        table: where.
        columns: our field, and ``id``, -> the column's name.
        clock: when.
        name: who.
    """

    def __init__(
        self, table: Table, columns: Mapping[str, str], clock: Clock, name: str = "李四"
    ) -> None:
        self.table = table
        self.columns = columns
        self.clock = clock
        self.name = name

    def rows(self, item_id: str | None = None) -> list[str]:
        """List the rows that are there, or those that carry an id."""
        return [
            row_id
            for row_id, states in self.table.history.items()
            if not states[-1].gone and (item_id is None or self.read(row_id, "id") == item_id)
        ]

    def read(self, row: str, name: str) -> Cell:
        label = self.columns.get(name, name)
        return self.table.now(row).cells.get(label, self.table.columns[label].empty)

    def edit(self, row: str, **cells: Cell) -> None:
        self._put(row, cells)

    def add(self, **cells: Cell) -> str:
        return self._put(None, cells)

    def copy(self, row: str) -> str:
        """Copy a row with all that stands in it, the id too."""
        return self._put(None, self.table.now(row).cells)

    def delete(self, row: str) -> None:
        self.table.put(row, {}, self.clock.wall(), self.name, gone=True)

    def restore(self, row: str) -> None:
        """Take a row out of the bin, as it was."""
        self._put(row, {})

    def clear_id(self, row: str) -> None:
        self._put(row, {"id": None})

    def mistype_id(self, row: str) -> None:
        """Put another character in place of the last."""
        text = str(self.read(row, "id"))
        self._put(row, {"id": text[:-1] + ("7" if text[-1] != "7" else "8")})

    def sort(self, name: str, *, reverse: bool = False) -> None:
        """Put the rows in another order."""
        order = sorted(
            self.table.history, key=lambda row: str(self.read(row, name)), reverse=reverse
        )
        self.table.history = {row: self.table.history[row] for row in order}

    def _put(self, row_id: str | None, cells: Cells) -> str:
        named = {self.columns.get(name, name): cell for name, cell in cells.items()}
        return self.table.put(row_id, named, self.clock.wall(), self.name)
