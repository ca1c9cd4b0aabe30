"""The simulated tools: a connector over a table or a file, with the vices of the real ones.

A *desk* is what people see and do in a tool. A *tool* is what the engine is handed: it misbehaves
as it is told, counts calls, and notes which of people's edits the engine has been shown.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from fakes.filelike import UID, File, FileLike

from connectors.base import Changes, Connector, Outcome, Record, RowState, Schema, Setup, Write
from connectors.errors import (
    AuthError,
    BusyError,
    ConflictError,
    PermanentError,
    TransientError,
    UnknownOutcomeError,
)
from connectors.memory import Memory, Table
from mapping.cells import Cell, Cells, is_empty


class BrokenError(AssertionError):
    """A promise was broken."""


POISON = "☢"  # a text with this in it is refused for good by a tool that cannot hold it


class Killed(BaseException):
    """The process died here."""


class Fault(StrEnum):
    """What goes wrong with one call."""

    SERVER_ERROR = "server-error"  # nothing was done
    BAN = "rate-limited"  # nothing was done, and nothing will be for a while
    AUTH = "auth"  # nothing was done, a person is needed
    BUSY = "file-busy"  # people work in it
    ANSWER_LOST = "answer-lost"  # all was done, no answer came
    LATE = "late-request"  # no answer came, and it is done later
    CUT_SHORT = "cut-short"  # the first half was done, no answer came
    PARTIAL = "partial-batch"  # the first half was done, the rest is to be tried again
    ALL_OR_NOTHING = "all-or-nothing"  # one row is bad for now, so nothing was done
    MOVED = "said-to-have-moved"  # one row is said to have changed


READ_FAULTS = (Fault.SERVER_ERROR, Fault.BAN, Fault.AUTH, Fault.BUSY)
WRITE_FAULTS = (*READ_FAULTS, *(f for f in Fault if f not in READ_FAULTS))


class Clock:
    """The world's time as one machine tells it: clocks disagree."""

    def __init__(self, world: "Time", offset_s: float = 0.0) -> None:
        self._world = world
        self.offset = timedelta(seconds=offset_s)

    def wall(self) -> datetime:
        return self._world.at + self.offset

    def monotonic(self) -> float:
        return (self._world.at - START).total_seconds()

    def sleep(self, seconds: float) -> None:
        self._world.at += timedelta(seconds=seconds)


START = datetime(2024, 5, 20, 1, 0, tzinfo=UTC)  # a Monday, 9 o'clock in Shanghai


@dataclass
class Time:
    """The one true time."""

    at: datetime = START

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Desk(Protocol):
    """What people see and do in a tool; ``uid`` tells a row for ever."""

    def rows(self) -> list[str]: ...
    def bin(self) -> list[str]: ...
    def read(self, uid: str, name: str) -> Cell: ...
    def put(self, uid: str | None, cells: Cells) -> str: ...
    def delete(self, uid: str) -> None: ...
    def move(self, order: Sequence[str]) -> None: ...
    def rename(self, name: str, label: str) -> None: ...
    def fingerprint(self) -> object: ...


class TableDesk:
    """A table in a database-like tool."""

    def __init__(self, table: Table, columns: Mapping[str, str], clock: Clock) -> None:
        self.table, self.columns, self.clock = table, columns, clock

    def rows(self) -> list[str]:
        return [uid for uid, states in self.table.history.items() if not states[-1].gone]

    def bin(self) -> list[str]:
        return [uid for uid, states in self.table.history.items() if states[-1].gone]

    def read(self, uid: str, name: str) -> Cell:
        label = self.columns[name]
        column = self.table.columns.get(label)
        return self.table.now(uid).cells.get(label, column.empty if column else None)

    def put(self, uid: str | None, cells: Cells) -> str:
        named = {self.columns[name]: cell for name, cell in cells.items()}
        return self.table.put(uid, named, self.clock.wall(), "李四")

    def delete(self, uid: str) -> None:
        self.table.put(uid, {}, self.clock.wall(), "李四", gone=True)

    def move(self, order: Sequence[str]) -> None:
        rest = [uid for uid in self.table.history if uid not in order]
        self.table.history = {uid: self.table.history[uid] for uid in (*order, *rest)}

    def rename(self, name: str, label: str) -> None:
        self.table.columns = {
            (label if known == name else known): column
            for known, column in self.table.columns.items()
        }

    def fingerprint(self) -> object:
        return [(uid, s[-1].version, s[-1].gone) for uid, s in self.table.history.items()]


class FileDesk:
    """A file that people open, change and save."""

    def __init__(self, file: File, columns: Mapping[str, str]) -> None:
        self.file, self.columns = file, columns

    def _line(self, uid: str) -> dict[str, Cell]:
        return next(line for line in self.file.lines if line[UID] == uid)

    def rows(self) -> list[str]:
        return [str(line[UID]) for line in self.file.lines if len(line) > 1]

    def bin(self) -> list[str]:
        return []

    def place(self, uid: str) -> str:
        """Return the number of a row's line; emptied lines count."""
        return str(self.file.lines.index(self._line(uid)) + 2)

    def read(self, uid: str, name: str) -> Cell:
        return self._line(uid).get(self.columns[name])

    def put(self, uid: str | None, cells: Cells) -> str:
        if uid is None:
            line: dict[str, Cell] = {UID: self.file.uid()}
            self.file.lines.append(line)
        else:
            line = self._line(uid)
        for name, cell in cells.items():
            if is_empty(cell):
                line.pop(self.columns[name], None)
            else:
                line[self.columns[name]] = cell
        self.file.save()
        return str(line[UID])

    def delete(self, uid: str) -> None:
        self.file.lines = [line for line in self.file.lines if line[UID] != uid]
        self.file.save()

    def move(self, order: Sequence[str]) -> None:
        place = {uid: n for n, uid in enumerate(order)}
        self.file.lines.sort(key=lambda line: place.get(str(line[UID]), len(place)))
        self.file.save()

    def rename(self, name: str, label: str) -> None:
        self.file.columns = {
            (label if known == name else known): column
            for known, column in self.file.columns.items()
        }
        self.file.lines = [
            {(label if known == name else known): cell for known, cell in line.items()}
            for line in self.file.lines
        ]
        self.file.save()

    def fingerprint(self) -> object:
        return self.file.digest


def normal(cell: Cell) -> Cell:
    """Return a text as a server that normalises keeps it."""
    if not isinstance(cell, str):
        return cell
    lines = unicodedata.normalize("NFC", cell).replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip().replace("_", "*")


@dataclass
class Moods:
    """What is wrong with a tool for a while, until it is mended."""

    blind: bool = False  # no right to read: an empty list, and no error
    hidden: set[str] = field(default_factory=set)  # rows that we may not see
    hidden_until: datetime | None = None  # a mute tool shows them before they count as deleted
    skips: float = 0.0  # how often a row slips through while pages are turned
    banned_until: datetime | None = None
    broken: bool = False  # nothing works till a person mends it
    other: Connector | None = None  # another table stands in this one's place
    fate: Fault | None = None  # what befalls the next write

    def mend(self) -> None:
        self.blind, self.hidden, self.skips = False, set(), 0.0
        self.banned_until, self.broken, self.other, self.fate = None, False, None, None


class Tool:
    """A connector that misbehaves as told.

    Args:
        name: the tracker's.
        setup: what its connector is built with.
        clock: its server's.
        nature: decides what goes wrong, and is told what happened.
    """

    def __init__(
        self,
        name: str,
        setup: Setup,
        desk: TableDesk | FileDesk,
        clock: Clock,
        nature: "Nature",
        *,
        normalises: bool = False,
        poisonous: bool = False,
        tells_lag: bool = True,
    ) -> None:
        self.name, self.setup, self.desk, self.clock, self.nature = name, setup, desk, clock, nature
        self.normalises, self.poisonous, self.tells_lag = normalises, poisonous, tells_lag
        self.moods = Moods()
        self.inner: Connector = self.build()
        self.late: list[tuple[datetime, Sequence[Write]]] = []
        self.overtaken = False
        self.refusals = 0  # batches of which a write was refused
        self.calls = {"describe": 0, "pull": 0, "find": 0, "apply": 0}
        self.made: dict[str, str] = {}  # rows that a request of the engine made in time -> the id

    @property
    def is_file(self) -> bool:
        return isinstance(self.desk, FileDesk)

    @property
    def is_mute(self) -> bool:
        """Whether it does not say why a row is not found."""
        return isinstance(self.desk, TableDesk) and self.desk.table.mute

    @property
    def max_batch(self) -> int:
        """How many writes a request takes."""
        held = self.desk.file if isinstance(self.desk, FileDesk) else self.desk.table
        return held.max_batch

    @property
    def lags(self) -> bool:
        """Whether its search takes longer to know than the shortest time between two passes."""
        return isinstance(self.desk, TableDesk) and self.desk.table.search_lag_s > 5

    @property
    def careful(self) -> bool:
        """Whether a write to a row that moved is refused."""
        return not isinstance(self.desk, TableDesk) or self.desk.table.checks_version

    @property
    def knows_tokens(self) -> bool:
        """Whether it makes one row of a creation that it is sent twice."""
        return isinstance(self.desk, TableDesk) and self.desk.table.idempotent_create

    def takes(self, write: Write) -> bool:
        """Say whether a write finds its row as it had been read."""
        if not isinstance(self.desk, TableDesk) or write.row_id not in self.desk.rows():
            return False
        return str(self.desk.table.now(write.row_id).version) == write.if_version

    def build(self) -> Connector:
        return FileLike(self.setup) if isinstance(self.desk, FileDesk) else Memory(self.setup)

    def restart(self) -> None:
        """A new process makes a new connector."""
        self.inner = self.moods.other or self.build()

    def describe(self) -> Schema:
        self._before("describe")
        schema = self.inner.describe()
        self._after("describe", schema.identity)
        return schema if self.tells_lag else replace(schema, search_lag_s=None)

    def pull(self, cursor: str | None) -> Changes:
        self._before("pull")
        changes = whole = self.inner.pull(cursor)
        if self.moods.blind:
            self.nature.happened("empty-list")
            changes = replace(changes, records=())
        records = [r for r in changes.records if r.row_id not in self.moods.hidden]
        if len(records) < len(changes.records):
            self.nature.happened("row-hidden")
        paged = changes.complete and not self.is_file
        if self.moods.skips and paged and len(records) > 1:
            records = self.nature.skip(self, records)
        changes = replace(changes, records=records)
        if self.moods.other is None:
            self.nature.shown(self, records)
            shown = {r.row_id for r in records}
            self.nature.unseen(self, [r.row_id for r in whole.records if r.row_id not in shown])
        self._after("pull", [(r.row_id, r.id, r.version) for r in records])
        return changes

    def find(self, ids: Sequence[str]) -> Sequence[Record]:
        self._before("find")
        unseen = RowState.ABSENT if self.is_mute else RowState.HIDDEN
        found = [
            replace(record, cells={}, version=None, state=unseen)
            if self.moods.blind or record.row_id in self.moods.hidden
            else record
            for record in self.inner.find(ids)
        ]
        if any(record.state is RowState.ABSENT for record in found):
            self.nature.happened("absence-unexplained")
        self._after("find", [(r.row_id, r.id, r.version, str(r.state)) for r in found])
        self.nature.answered(self, [r.row_id for r in found if r.state is RowState.LIVE])
        return found

    def apply(self, batch: Sequence[Write]) -> Sequence[Outcome]:
        if not batch:
            return []
        number = self.calls["apply"] + 1
        fault = self._before("apply", batch)
        self.overtaken = self.calls["apply"] > number  # by a process that took the lease meanwhile
        if fault is Fault.LATE:
            after = timedelta(seconds=self.nature.lateness())
            self.late.append((self.clock.wall() + after, batch))
            raise UnknownOutcomeError("no answer came")
        if fault is Fault.CUT_SHORT:
            self._carry_out(batch[: (len(batch) + 1) // 2])
            raise UnknownOutcomeError("the connection broke in the middle")
        outcomes = self._spoil(fault, batch)
        self.refusals += any(outcome.error for outcome in outcomes)
        if fault is Fault.ANSWER_LOST:
            raise UnknownOutcomeError("no answer came")
        made = [o.record.row_id for o in outcomes if o.record]
        self._after("apply", made)
        self.nature.answered(self, made)
        return outcomes

    def prepare(self) -> Sequence[str]:
        return []

    # --- what goes wrong ---

    def _before(self, call: str, batch: Sequence[Write] = ()) -> Fault | None:
        self.calls[call] += 1
        self.nature.boundary(self, call, sent(batch), before=True)
        self.deliver()
        moods = self.moods
        if moods.hidden_until and self.clock.wall() >= moods.hidden_until:
            moods.blind, moods.hidden, moods.hidden_until = False, set(), None
        if moods.banned_until and self.clock.wall() < moods.banned_until:
            raise TransientError("too many requests", retry_after_s=30.0)
        if moods.broken:
            raise AuthError("the token was refused", hint="make a new token")
        fault = self.nature.fault(self, WRITE_FAULTS if call == "apply" else READ_FAULTS)
        if call == "apply" and moods.fate:
            fault, moods.fate = moods.fate, None
        match fault:
            case Fault.SERVER_ERROR:
                raise TransientError("the service cannot be reached")
            case Fault.BAN:
                moods.banned_until = self.clock.wall() + timedelta(seconds=30)
                raise TransientError("too many requests", retry_after_s=30.0)
            case Fault.AUTH:
                raise AuthError("the token was refused", hint="make a new token")
            case Fault.BUSY:
                raise BusyError("somebody has it open")
        return fault

    def _after(self, call: str, answer: object) -> None:
        self.nature.boundary(self, call, answer, before=False)

    def deliver(self) -> None:
        """Let the server carry out what was late and is due by now."""
        now = self.clock.wall()
        due = [batch for at, batch in self.late if at <= now]
        self.late = [(at, batch) for at, batch in self.late if at > now]
        for batch in due:
            self.nature.late(self, batch)
            self._carry_out(batch, in_time=False)

    def _spoil(self, fault: Fault | None, batch: Sequence[Write]) -> Sequence[Outcome]:
        first, rest = batch[0], batch[1:]
        if fault is Fault.PARTIAL:
            half = (len(batch) + 1) // 2
            refused = Outcome(error=TransientError("too many at once", retry_after_s=1.0))
            return [*self._carry_out(batch[:half]), *[refused] * (len(batch) - half)]
        if fault is Fault.ALL_OR_NOTHING:
            return [Outcome(error=TransientError("a row of the batch was refused"))] * len(batch)
        if fault is Fault.MOVED and first.row_id is not None:
            return [Outcome(error=ConflictError("the row has moved")), *self._carry_out(rest)]
        return self._carry_out(batch)

    def _carry_out(self, batch: Sequence[Write], *, in_time: bool = True) -> Sequence[Outcome]:
        outcomes: list[Outcome] = []
        good: list[Write] = []
        for write in batch:
            cells = {n: normal(c) for n, c in write.cells.items()} if self.normalises else None
            good.append(replace(write, cells=cells) if cells is not None else write)
        if self.moods.other is None:
            self.nature.writing(self, good)
            in_time = in_time and not self.overtaken
            for write in good if in_time else ():
                self._made_again(write)
        if self.poisonous and any(_poison(w) for w in good):
            self.nature.happened("row-refused")
            for write in good:
                if _poison(write):
                    outcomes.append(Outcome(error=PermanentError(f"{POISON} cannot be held here")))
                else:
                    outcomes += self.inner.apply([write])
        else:
            outcomes += self.inner.apply(good)
        if self.moods.other is None:
            self.nature.written(self)
            for write, outcome in zip(good, outcomes, strict=True):
                if in_time and write.row_id is None and outcome.record is not None:
                    self.made[outcome.record.row_id] = write.id
        return outcomes

    def _made_again(self, write: Write) -> None:
        """Check that no row is made while one that an earlier request made could be found."""
        if not isinstance(self.desk, TableDesk) or write.row_id is not None or self.moods.blind:
            return
        table = self.desk.table
        if table.idempotent_create and write.token in table.tokens:
            return
        rows = set(self.desk.rows()) - self.moods.hidden
        for uid, item in self.made.items():
            if item == write.id and uid in rows and self.desk.read(uid, "id") == item:
                raise BrokenError(f"one row each: {item} is made again in {self.name} beside {uid}")


def _poison(write: Write) -> bool:
    return any(isinstance(cell, str) and POISON in cell for cell in write.cells.values())


class Nature(Protocol):
    """What decides over a tool's luck, and is told what happened."""

    def boundary(self, tool: Tool, call: str, what: Any, *, before: bool) -> None: ...
    def fault(self, tool: Tool, usable: Iterable[Fault]) -> Fault | None: ...
    def skip(self, tool: Tool, records: Sequence[Record]) -> list[Record]: ...
    def lateness(self) -> float: ...
    def late(self, tool: Tool, batch: Sequence[Write]) -> None: ...
    def happened(self, vice: str) -> None: ...
    def shown(self, tool: Tool, records: Sequence[Record]) -> None: ...
    def unseen(self, tool: Tool, uids: Sequence[str]) -> None: ...
    def answered(self, tool: Tool, uids: Sequence[str]) -> None: ...
    def writing(self, tool: Tool, batch: Sequence[Write]) -> None: ...
    def written(self, tool: Tool) -> None: ...


Sent = tuple[str, str | None, dict[str, Cell], bool]  # id, row, cells, whether it is taken out


def sent(batch: Sequence[Write]) -> list[Sent]:
    """Return what a batch says, as a history is told."""
    return [(w.id, w.row_id, dict(w.cells), w.remove) for w in batch]
