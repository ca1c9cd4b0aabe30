"""A team with trackers, people who work in them, and a process that dies: for simulations.

``World`` plays; ``Oracle`` remembers what people did and says what must hold once all is quiet. It
knows nothing of the engine: it reads the tables, the items and the change log.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from contract.excel_harness import ExcelHarness
from contract.memory_harness import MemoryHarness
from contract.shared import DEPARTMENTS, PEOPLE
from fakes.clock import FakeClock
from fakes.faulty import Fault, Faulty, Killed, Script
from fakes.faulty import Person as Hand

from connectors.base import Connector
from mapping import ids
from mapping.cells import Cell, User
from mapping.people import Directory
from mapping.values import Entry, Finding, Item, Meeting, Reading, Status, Team
from mapping.words import STATUSES
from sync.engine import Engine
from sync.intake import take_in
from sync.store import Store
from sync.stored import Change
from sync.tracker import Report, Scope, Tracker
from sync.transaction import Transaction

TEAM = "产品部"
TEXTS = ("description", "note", "deliverable", "acceptance")
WORDS = {status: STATUSES["zh"][status] for status in Status}
HAND_STATUSES = (WORDS[Status.IN_PROGRESS], WORDS[Status.LATE], WORDS[Status.BLOCKED])
LEFT = {"due": "下周五", "status": None}  # no day, no word: never taken, never rewritten
EXCEPTIONS = ("option-unknown", "unreadable", "match-uncertain")
MOST_LOSSES = 3  # rows that people delete before the next quiet: fewer than the guard minds
MOST_PASSES = 12


class BrokenError(AssertionError):
    """A promise was broken."""


@dataclass
class Fate:
    """When the process dies next: at which boundary of the journal."""

    left: int | None = None

    def point(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise Killed


class MortalStore(Store):
    """A store whose process may die before and after every transaction."""

    def __init__(self, engine: sa.Engine, team: str, fate: Fate) -> None:
        super().__init__(engine, team)
        self.fate = fate

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        self.fate.point()
        with super().transaction() as tx:
            yield tx
        self.fate.point()


class Desk(Protocol):
    """What a person can do in a table; a row is what ``rows`` lists."""

    def rows(self, item_id: str | None = None) -> Sequence[Any]: ...
    def read(self, row: Any, name: str) -> object: ...
    def edit(self, row: Any, **cells: Cell) -> None: ...
    def add(self, **cells: Cell) -> Any: ...
    def copy(self, row: Any) -> Any: ...
    def delete(self, row: Any) -> None: ...
    def clear_id(self, row: Any) -> None: ...
    def mistype_id(self, row: Any) -> None: ...
    def sort(self, name: str, *, reverse: bool = False) -> None: ...


@dataclass
class Board:
    """One tracker, the person in it, and what can go wrong with it."""

    name: str
    desk: Desk
    faulty: Faulty
    build: Callable[[], Connector]
    users: Mapping[str, User]
    fingerprint: Callable[[], object]
    careful: bool  # refuses a write to a row that moved; else the last one wins, whoever it is
    served: bool = True  # by a server that has moods; a file has none
    losses: int = 0
    names: dict[str, set[object]] = field(default_factory=dict)  # a row's ids and words so far
    reworded: set[str] = field(default_factory=set)  # rows, since the last quiet

    def key(self, row: Any) -> str:
        """Return what tells a row for ever, however it is moved: a mark in a column of theirs."""
        mark = self.desk.read(row, "foreign")
        if mark is None:
            mark = f"#{self.name}-{next(_MARKS)}"
            self.desk.edit(row, foreign=mark)
        told = {self.desk.read(row, "id"), self.desk.read(row, "description")} - {None}
        self.names.setdefault(str(mark), set()).update(told)
        return str(mark)

    def is_nameless(self, row: Any) -> bool:
        """Say whether only its words tell a row of a file: reworded, it would be another row."""
        return not self.served and ids.parse(self.desk.read(row, "id")) is None

    def cell(self, name: str, text: str | None) -> Cell:
        """Return how a name is put into a column of people, if it is one."""
        if name == "owner" and self.users:
            return (self.users[text],) if text else ()
        return text


_MARKS = iter(range(10**9))


def memory_board(
    name: str, clock: FakeClock, script: Script, folder: Path, **abilities: Any
) -> Board:
    harness = MemoryHarness(folder, **abilities)
    harness.clock = clock
    harness.setup = replace(harness.setup, clock=clock, name=name)
    harness.hand.clock = clock
    harness.table.identity = name
    table = harness.table
    return Board(
        name=name,
        desk=harness.hand,
        faulty=Faulty(harness.connector(), clock, script),
        build=harness.connector,
        users=harness.connector().describe().fields["owner"].users,
        fingerprint=harness.fingerprint,
        careful=table.checks_version,
    )


def excel_board(name: str, clock: FakeClock, script: Script, folder: Path, *, own: bool) -> Board:
    harness = ExcelHarness(folder, own=own)
    harness.setup = replace(harness.setup, clock=clock, name=name)
    clock.advance(max(0.0, (harness.clock.wall() - clock.wall()).total_seconds()))
    faulty = Faulty(harness.connector(), clock, script)
    faulty.spared = frozenset({Fault.STALE, Fault.ARRIVES_LATE})
    return Board(
        name=name,
        desk=harness.hand,
        faulty=faulty,
        build=harness.connector,
        users={},
        fingerprint=harness.fingerprint,
        careful=True,
        served=False,
    )


MEMORY_KINDS: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "modern": {"reports_deletes": True, "idempotent_create": True, "max_batch": 3},
    "lagging": {"search_lag_s": 30.0, "grain_s": 60.0},
    "trusting": {"checks_version": False, "max_batch": 2},
    "mute": {"mute": True},
}


def make_board(kind: str, number: int, clock: FakeClock, script: Script, folder: Path) -> Board:
    name = f"{kind}{number}"
    home = folder / name
    home.mkdir()
    if kind.startswith("excel"):
        return excel_board(name, clock, script, home, own=kind == "excel-own")
    return memory_board(name, clock, script, home, **MEMORY_KINDS[kind])


@dataclass
class Oracle:
    """What people did, by the mark of the row they did it in."""

    edits: dict[tuple[str, str, str], Cell] = field(default_factory=dict)
    added: dict[tuple[str, str], str] = field(default_factory=dict)
    deleted: list[frozenset[object]] = field(default_factory=list)
    originals: dict[tuple[str, str], str] = field(default_factory=dict)
    made: int = 0  # tasks that people wrote into minutes, added or copied

    def edit(self, board: Board, key: str, cells: Mapping[str, Cell]) -> None:
        for name, cell in cells.items():
            self.edits[board.name, key, name] = cell
        if "description" in cells:
            self.added.pop((board.name, key), None)

    def forget(self, board: Board, key: str) -> None:
        """A person destroyed a row and what they had written in it."""
        self.edits = {k: v for k, v in self.edits.items() if k[:2] != (board.name, key)}
        self.added.pop((board.name, key), None)
        self.originals.pop((board.name, key), None)

    def check(
        self,
        boards: Sequence[Board],
        items: Mapping[str, Item],
        changes: Sequence[Change],
        excused: set[tuple[str, str]],
    ) -> list[str]:
        """Say what is broken; ``excused`` are (board, item) with an open, listed exception."""
        wrong: list[str] = []
        for board in boards:
            wrong += [f"{board.name}: {w}" for w in self._check_board(board, items, excused)]
        wrong += self._check_losses(items, changes)
        wrong += self._check_closed(items, changes)
        late = sum(board.faulty.made_late for board in boards)  # edited before it was taken out
        if len(items) > self.made + late:
            wrong.append(f"{len(items)} items, and people made {self.made}")
        return wrong

    def _check_board(
        self, board: Board, items: Mapping[str, Item], excused: set[tuple[str, str]]
    ) -> Iterator[str]:
        count: Counter[str] = Counter()
        for row in board.desk.rows():
            shown = board.desk.read(row, "id")
            item_id = ids.parse(shown)
            if item_id is None or item_id not in items:
                words = board.desk.read(row, "description")
                if any(b == board.name and items[i].description == words for b, i in excused):
                    self.forget(board, str(board.desk.read(row, "foreign")))
                    continue  # it may be that item, a person was asked
                yield f"row {row} has no id that is known: {shown!r}"
                continue
            count[item_id] += 1
            mark = str(board.desk.read(row, "foreign"))
            if self.originals.get((board.name, mark), item_id) != item_id:
                yield f"{mark} was copied and lost its id {self.originals[board.name, mark]}"
            for name, wanted in expected(items[item_id]).items():
                found = board.desk.read(row, name)
                if found == LEFT.get(name):
                    continue
                if not same(found, wanted) and (board.name, item_id) not in excused:
                    yield f"{item_id} {name}: shows {found!r}, the hub has {wanted!r}"
        yield from (f"{item_id}: {n} rows" for item_id, n in count.items() if n > 1)
        for item_id, item in items.items():
            missing = item.closed is None and not count[item_id]
            if missing and (board.name, item_id) not in excused:
                yield f"{item_id} ({item.description}) has no row"

    def _check_losses(self, items: Mapping[str, Item], changes: Sequence[Change]) -> Iterator[str]:
        known: set[object] = {
            plain(value) for item in items.values() for value in expected(item).values()
        }
        known |= {plain(value) for change in changes for value in (change.old, change.new)}
        known |= {line for text in known if isinstance(text, str) for line in text.split("\n")}
        for (board, key, name), cell in self.edits.items():
            traced = name in TEXTS or name == "due"
            if traced and cell not in (None, "下周五") and plain(cell) not in known:
                yield f"{board} {key}: the edit {name} = {cell!r} is lost"
        for (board, key), text in self.added.items():
            if text not in known:
                yield f"{board} {key}: the added row {text!r} is lost"

    def _check_closed(self, items: Mapping[str, Item], changes: Sequence[Change]) -> Iterator[str]:
        """No item was ever closed, not for a moment, whose row nobody had deleted."""
        for item_id in {change.item for change in changes if change.kind == "close"}:
            words = {c.new for c in changes if c.item == item_id and c.field == "description"}
            if item_id and not any({item_id, *words} & row for row in self.deleted):
                yield f"{item_id} ({items[item_id].description}) was closed, its row not deleted"


def expected(item: Item) -> dict[str, object]:
    """Return what a row must show for an item, in words and days."""
    return {
        "description": item.description,
        "owner": "、".join((item.owner,) if item.owner else item.owners) or None,
        "department": item.department,
        "due": item.due,
        "status": WORDS[item.status],
        "deliverable": item.deliverable,
        "note": item.note,
        "acceptance": item.acceptance,
    }


def plain(value: object) -> object:
    """Return a cell as words, whatever kind of column it stands in."""
    if isinstance(value, tuple):
        return "、".join(v.name if isinstance(v, User) else str(v) for v in value) or None
    return value


def same(found: object, wanted: object) -> bool:
    return (plain(found) or None) == (wanted or None)


class World:
    """All of it; every move is drawn from numbers, so that it can be played again."""

    def __init__(self, kinds: Sequence[str], folder: Path, *, seed: int = 0) -> None:
        self.clock = FakeClock()
        self.fate = Fate()
        self.script = Script(seed=seed)
        self.boards = [
            make_board(kind, n, self.clock, self.script, folder) for n, kind in enumerate(kinds)
        ]
        self.directory = Directory(Team(name=TEAM, people=PEOPLE, departments=DEPARTMENTS))
        self.database = Store.open("sqlite://", TEAM).engine
        self.oracle = Oracle()
        self.inbox: list[Reading] = []
        self.documents: list[Reading] = []
        self.passes = self.kills = self.faults = 0
        self._numbers = iter(range(1, 10**6))
        self._rank = {board.name: n for n, board in enumerate(self.boards)}
        self.restart()

    # --- the process ---

    def restart(self) -> None:
        """Start the process anew: only the database and the tools remember."""
        self.fate.left = None
        for board in self.boards:
            board.faulty.inner = board.build()
        self.store = MortalStore(self.database, TEAM, self.fate)
        self.engine = Engine(
            self.store, self.directory, rules=lambda items, now: [], now=self.clock.now
        )
        self.trackers = [
            Tracker(
                name=board.name,
                kind="memory",
                connector=board.faulty,
                scope=Scope(name=board.name, rank=self._rank),
                statuses={status: (word,) for status, word in WORDS.items()},
            )
            for board in self.boards
        ]

    def a_pass(self) -> list[Report]:
        """Let the process do one pass; it may die in it."""
        self.passes += 1
        try:
            self._read_inbox()
            reports = [self.engine.pull(tracker) for tracker in self.trackers]
            self.engine.apply_rules()
            pairs = zip(self.trackers, reports, strict=True)
            return [self.engine.push(tracker, report) for tracker, report in pairs]
        except Killed:
            self.kills += 1
            self.restart()
            return []

    def _read_inbox(self) -> None:
        while self.inbox:
            reading = self.inbox[0]
            with self.store.transaction() as tx:
                take_in(
                    tx,
                    self.directory,
                    reading,
                    file=f"{reading.meeting.title}.md",
                    digest=repr(reading),
                    now=self.clock.now(),
                )
            self.inbox.pop(0)

    # --- people ---

    def fresh(self) -> int:
        return next(self._numbers)

    def value(self, board: Board, name: str, pick: int) -> Cell:
        """Return a new value of a field; words and days are never used twice."""
        n = self.fresh()
        match name:
            case "due":
                return date(2030, 1, 1) + timedelta(days=n)
            case "status":
                return HAND_STATUSES[pick % len(HAND_STATUSES)]
            case "owner":
                return board.cell("owner", PEOPLE[pick % len(PEOPLE)].name)
            case "department":
                return DEPARTMENTS[pick % len(DEPARTMENTS)].name
        return f"{name} {_spelled(n)}"

    def edit(self, where: int, row: int, name: str, pick: int = 0) -> None:
        spot = self._spot(where, row)
        if spot:
            self._type(*spot, {name: self.value(spot[0], name, pick)})

    def clear(self, where: int, row: int, name: str) -> None:
        spot = self._spot(where, row)
        if spot:
            self._type(*spot, {name: None})

    def vague(self, where: int, row: int) -> None:
        spot = self._spot(where, row)
        if spot:
            self._type(*spot, {"due": "下周五"})

    def _type(self, board: Board, row: Any, cells: Mapping[str, Cell]) -> None:
        key = board.key(row)
        if "description" in cells:
            if board.is_nameless(row):
                return
            board.reworded.add(key)
        board.desk.edit(row, **cells)
        self.oracle.edit(board, key, cells)

    def add(self, where: int, pick: int = 0) -> None:
        board = self.boards[where % len(self.boards)]
        names = ("description", "due", "owner", "note")[: 1 + pick % 4]
        cells = {name: self.value(board, name, pick) for name in names}
        mark = f"#{board.name}-{next(_MARKS)}"
        board.desk.add(**cells, foreign=mark)
        self.oracle.edit(board, mark, cells)
        self.oracle.added[board.name, mark] = str(cells["description"])
        self.oracle.made += 1

    def copy(self, where: int, row: int) -> None:
        spot = self._spot(where, row)
        if spot and not spot[0].is_nameless(spot[1]):
            board, source = spot
            key, item_id = board.key(source), ids.parse(board.desk.read(source, "id"))
            self.oracle.made += 1
            known = board.served and not board.faulty.lag_s
            if known and item_id and len(board.desk.rows(item_id)) == 1:
                self.oracle.originals[board.name, key] = item_id
            copy = board.desk.copy(source)
            board.desk.edit(copy, foreign=f"#{board.name}-{next(_MARKS)}")

    def delete(self, where: int, row: int) -> None:
        spot = self._spot(where, row)
        if spot is None or spot[0].losses >= MOST_LOSSES or len(spot[0].desk.rows()) < 5:
            return
        board, gone = spot
        board.losses += 1
        key = board.key(gone)
        told = board.names[key]
        with self._peek() as tx:  # under which names the hub knows it: a row may have lost its id
            told |= {c.item for c in tx.changes() if {plain(c.old), plain(c.new)} & told}
        self.oracle.deleted.append(frozenset(told))
        self.oracle.forget(board, key)
        board.desk.delete(gone)

    def restore(self, where: int, row: int) -> None:
        """Take a row out of the bin, where the tool has one."""
        board = self.boards[where % len(self.boards)]
        if isinstance(board.desk, Hand):
            gone = [r for r, states in board.desk.table.history.items() if states[-1].gone]
            if gone:
                board.desk.restore(gone[row % len(gone)])
                self.oracle.made += 1  # its id may be another row's by now

    def mood(self, where: int, pick: int) -> None:
        """Let a server change its ways; what it could lose without a word is left out."""
        board = self.boards[where % len(self.boards)]
        if board.served:
            board.faulty.normalise = pick % 2 == 0
            board.faulty.late_s = (60.0, 600.0)[pick % 2]
            board.faulty.blind = board.careful and pick % 3 == 0
            board.faulty.lag_s = 90.0 * (board.careful and pick % 2)

    def clear_id(self, where: int, row: int) -> None:
        spot = self._spot(where, row)
        if spot and self._may_lose_its_id(*spot):
            spot[0].desk.clear_id(spot[1])

    def mistype_id(self, where: int, row: int) -> None:
        spot = self._spot(where, row)
        if spot and spot[0].desk.read(spot[1], "id") and self._may_lose_its_id(*spot):
            spot[0].desk.mistype_id(spot[1])

    def _may_lose_its_id(self, board: Board, row: Any) -> bool:
        key = board.key(row)
        self.oracle.originals.pop((board.name, key), None)
        self.oracle.made += 1  # where the answer to its creation was lost, it may be taken for new
        return board.served or key not in board.reworded

    def sort(self, where: int, *, reverse: bool = False) -> None:
        self.boards[where % len(self.boards)].desk.sort("description", reverse=reverse)

    def minutes(self, count: int = 2) -> None:
        """Somebody drops minutes with a few action items into the inbox."""
        n = self.fresh()
        self.oracle.made += count
        entries = tuple(
            Entry(
                description=f"task {_spelled(self.fresh())}",
                owner=PEOPLE[k % len(PEOPLE)].name,
                owners=(PEOPLE[k % len(PEOPLE)].name,),
                due=date(2030, 1, 1) + timedelta(days=self.fresh()),
                line=10 + k,
            )
            for k in range(count)
        )
        meeting = Meeting(title=f"会议 {_spelled(n)}", start=f"2024-05-{1 + n % 28:02d}")
        reading = Reading(meeting=meeting, entries=entries)
        self.inbox.append(reading)
        self.documents.append(reading)

    def edit_minutes(self, which: int, pick: int) -> None:
        """Somebody edits minutes that were dropped before, and drops them again."""
        if not self.documents:
            return
        which %= len(self.documents)
        old = self.documents[which]
        k = pick % len(old.entries)
        new = replace(old.entries[k], acceptance=f"standard {_spelled(self.fresh())}")
        entries = (*old.entries[:k], new, *old.entries[k + 1 :])
        self.documents[which] = replace(old, entries=entries)
        self.inbox.append(self.documents[which])

    def _spot(self, where: int, row: int) -> tuple[Board, Any] | None:
        board = self.boards[where % len(self.boards)]
        rows = board.desk.rows()
        return (board, rows[row % len(rows)]) if rows else None

    # --- quiet ---

    def settle(self) -> int:
        """Let all faults end and people rest; return how many passes it took to fall quiet."""
        self.script.chance, self.script.at, self.fate.left = 0.0, {}, None
        for board in self.boards:
            board.faulty.blind, board.faulty.between = False, None
            board.losses, board.reworded = 0, set()
        still = 0
        for n in range(1, MOST_PASSES + 1):
            before = self.fingerprint()
            self.clock.advance(7200)
            reports = self.a_pass()
            for report in reports:
                if report.plan:
                    self._release(report)
            still = still + 1 if before == self.fingerprint() else 0
            if still == 2:
                bad = [f"{r.name}: {r.state}, {r.error}" for r in reports if r.state != "ok"]
                if bad:
                    raise BrokenError("; ".join(bad))
                return n - 2
        raise BrokenError(f"no quiet after {MOST_PASSES} passes")

    def _release(self, report: Report) -> None:
        with self._peek() as tx:
            state = tx.tracker(report.name)
            tx.put_tracker(report.name, replace(state, released=(report.plan or "",)))

    def check(self) -> None:
        """Raise if anything does not hold that must hold in the quiet."""
        with self._peek() as tx:
            items = {item_id: stored.item for item_id, stored in tx.items().items()}
            changes = tx.changes()
            found: list[tuple[str, Finding]] = [(f.source, f.finding) for f in tx.findings()]
        excused = {
            (source.removeprefix("tracker:"), str(finding.item))
            for source, finding in found
            if finding.item in items and finding.code in EXCEPTIONS
        }
        wrong = self.oracle.check(self.boards, items, changes, excused)
        if wrong:
            raise BrokenError("\n".join(wrong))

    def values(self) -> dict[str, dict[str, object]]:
        """Return what the hub holds, by item."""
        with self._peek() as tx:
            return {item_id: expected(stored.item) for item_id, stored in tx.items().items()}

    def fingerprint(self) -> object:
        with self._peek() as tx:
            return [board.fingerprint() for board in self.boards], len(tx.changes())

    @contextmanager
    def _peek(self) -> Iterator[Transaction]:
        with Store(self.database, TEAM).transaction() as tx:
            yield tx


def _spelled(n: int) -> str:
    """Spell a number in letters, no two alike: texts that differ in a figure only are a trap."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    rng = random.Random(n)
    return "".join(rng.choice(letters) for _ in range(8)) + letters[n % 26] + letters[n // 26 % 26]


FAULTS_OF_A_CARELESS_TOOL = frozenset(Fault) - {*(Fault.ARRIVES_LATE, Fault.STALE)}
