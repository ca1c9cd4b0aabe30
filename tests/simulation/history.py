"""One history: a team at work, tools with vices, a process that dies; drawn from one number.

The same seed gives the same history: all chance comes from one generator, all time from one clock,
and the journal's tokens from the seed too.
"""

import hashlib
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fakes.filelike import File
from simulation.oracle import Oracle, mass_closed, mass_made
from simulation.quick import Database, blank
from simulation.seen import NAME, Facts, Hub, Line, Note
from simulation.tools import (
    START,
    BrokenError,
    Clock,
    Fault,
    FileDesk,
    Killed,
    Sent,
    TableDesk,
    Time,
    Tool,
    sent,
)
from simulation.witness import Witness

from connectors.base import Record, Setup, Write
from connectors.memory import Column, Memory, Table, table_for
from mapping import ids
from mapping.cells import Kind
from mapping.people import Directory
from mapping.values import (
    Department,
    Entry,
    Item,
    Meeting,
    Person,
    Reading,
    Severity,
    Status,
    Team,
)
from mapping.words import COLUMNS, STATUSES
from sync.engine import Engine
from sync.intake import take_in
from sync.store import LeaseLostError, Store
from sync.tracker import Report, Scope, Tracker
from sync.transaction import Transaction
from tracking import rules

ZONE = ZoneInfo("Asia/Shanghai")
LABELS = COLUMNS["zh"]
PEOPLE = (
    Person(name="张三", department="技术部", email="zhang@example.com"),
    Person(name="李四", department="产品部", email="li@example.com"),
    Person(name="王五", department="客服部", email="wang@example.com"),
    Person(name="赵六", department="技术部", email="zhao@example.com"),
)
DEPARTMENTS = tuple(Department(name=n) for n in ("技术部", "产品部", "客服部"))
TEAMS = ("产品部", "运营部")
PLAIN: Mapping[str, tuple[str, ...]] = {s: (w,) for s, w in STATUSES["zh"].items()}
LOSSY: Mapping[
    str, tuple[str, ...]
] = {  # many of a tool's to one of ours, and one of a tool's for two of ours
    Status.IN_PROGRESS: ("处理中", "待办"),
    Status.DONE: ("已完成", "已关闭"),
    Status.LATE: ("延期",),
    Status.BLOCKED: ("处理中",),
}
MOST_PASSES = 14
FAR = date(2031, 1, 1)  # days from here on are used once in a history
ID = re.compile(r"ML-[0-9A-Z]{9}")


class MortalStore(Store):
    """A store whose process may die before, at the end of and after every transaction."""

    def __init__(self, database: Database, team: str, world: "History") -> None:
        super().__init__(database, team)  # type: ignore[arg-type]  # all of an engine that it uses
        self.world = world
        self.busy = False

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        self.world.journal()
        with super().transaction() as tx:
            self.busy = True
            try:
                yield tx
                self.world.journal()
            finally:
                self.busy = False
        self.world.journal()


@dataclass
class Process:
    """A running program: what it holds in memory is lost when it dies."""

    team: "TeamAtWork"
    store: MortalStore
    engine: Engine
    trackers: dict[str, Tracker]


@dataclass
class TeamAtWork:
    """One team: its database, its program, its minutes, and what it was told."""

    name: str
    database: Database
    tools: dict[str, Tool]
    adopt: Mapping[str, bool]
    witness: Witness
    verification: bool = True
    process: Process | None = None
    inbox: list[tuple[Reading, list[tuple[str, object]]]] = field(default_factory=list)
    documents: list[Reading] = field(default_factory=list)
    backup: Database | None = None
    let_through_then: frozenset[str] = frozenset()  # tools whose plan was released in the backup
    released: set[str] = field(default_factory=set)
    contacted: set[str] = field(default_factory=set)  # tools
    wrote: set[str] = field(default_factory=set)  # tools: a look at them was taken over before
    strangers: dict[str, Counter[str]] = field(default_factory=dict)  # works, by tool, at contact
    read: set[tuple[str | None, str | None]] = field(default_factory=set)  # since the last loss
    hub: Hub = field(default_factory=lambda: Hub({}, (), ()))
    read_at: int = -1
    log: list[Line] = field(default_factory=list)
    last: int = 0  # number of its last line
    halts: dict[str, Report] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    retry_at: dict[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Style:
    """What histories are like.

    Attributes:
        coda: the share of the acts at its end.
        spares: half of what may happen does not happen, another half in each history: fewer
            things meet, and each meets the others oftener.
    """

    rounds: int
    coda: float
    spares: bool


STYLES = {
    "sparing": Style(rounds=5, coda=0.4, spares=True),
    "short": Style(rounds=6, coda=0.4, spares=False),
    "long": Style(rounds=10, coda=1.0, spares=False),
}
SPARED = (
    *("copy", "delete", "restore", "clear_id", "mistype_id", "paste_id", "sort", "vague"),
    *("next_meeting", "drop_again", "type_same", "mass_delete", "empty_row", "older_copy"),
    *("close", "verify", "rename", "robot"),
    *("blind", "hide", "skips", "outage", "swap", "restart", "restore-database", "lose"),
    *("two-daemons", "kills", "meddling"),
)


class History:
    """The world of one seed. `play` runs it and raises ``BrokenError`` if a promise is broken."""

    def __init__(self, seed: int, style: Style) -> None:
        self.seed = seed
        self.style = style
        chance = random.Random(seed ^ 0x5AE)
        self.spared = {x for x in SPARED if style.spares and chance.random() < 0.5}
        self.rng = random.Random(seed)
        self.time = Time()
        self.vices: Counter[str] = Counter()
        self.events = 0
        self.told: list[str] | None = None
        self._trace = hashlib.blake2b(digest_size=8)
        self._numbers = iter(range(1, 10**6))
        self._tokens = random.Random(seed ^ 0x5EED)
        self.chance = 0.0
        self.kill_in: int | None = None
        self.meddling = 0.0
        self.second: Callable[[], None] | None = None
        self.stamps: dict[str, int] = {}
        self.passing: TeamAtWork | None = None
        self.stood: dict[str, list[tuple[int, int]]] = {}  # this pass's looks: end of log, rows
        self.unanswered = False  # a write has had no answer of late
        self.taken_over = ""  # the team whose process has lost its lease, and does not know
        self.quiet = False
        self._acting = False
        self._set_up()
        self.unseen_by = {team.name for team in self.teams}  # teams that have not seen all once

    @property
    def fragile(self) -> bool:
        """Whether what a team cannot see would be made anew: it has not seen all of it once."""
        return bool(self.unseen_by)

    # --- what is told of it ---

    def say(self, *what: object, event: bool = True) -> None:
        """Add to the trace."""
        text = " ".join(map(str, what))
        self.events += event
        self._trace.update(text.encode())
        if self.told is not None:
            self.told.append(f"{self.events} {self.time.at:%d %H:%M:%S} {text}")

    def happened(self, vice: str) -> None:
        self.vices[vice] += 1

    @property
    def trace(self) -> str:
        """What tells this history from any other."""
        return self._trace.hexdigest()

    # --- setting up ---

    def _set_up(self) -> None:
        rng = self.rng
        count = rng.choices((1, 2, 3, 4), (30, 40, 20, 10))[0]
        self.tools: dict[str, Tool] = {}
        self.facts: dict[str, Facts] = {}
        for n in range(count):
            name = "abcd"[n]
            is_file = rng.random() < 0.28
            self.tools[name] = self._file(name) if is_file else self._table(name)
        shared = [n for n, t in self.tools.items() if not t.is_file]
        self.teams = [self._team(TEAMS[0], self.tools, dict.fromkeys(self.tools, True))]
        if shared and rng.random() < 0.12:
            self.happened("two-teams")
            name = rng.choice(shared)
            self.teams.append(self._team(TEAMS[1], {name: self.tools[name]}, {name: False}))
        self.owners: dict[str, TeamAtWork] = {}
        for team in self.teams:
            self._start(team)
        self.robots: list[tuple[Tool, str, str, str]] = []
        self.mistake: tuple[Tool, list[str]] | None = None
        self.renamed: tuple[Tool, str] | None = None
        self.put_back: dict[str, int] = {}
        self.unlooked: set[str] = set()  # files that were put back, and not looked at since
        self.known_copies: dict[str, set[int]] = {name: set() for name in self.tools}

    def _offset(self) -> float:
        offset = self.rng.choice((0.0, 0.0, 0.0, 7.0, -240.0, 3600.0, -36000.0))
        if offset:
            self.happened("clocks-disagree")
        return offset

    def _setup(self, name: str, clock: Clock, people: tuple[Person, ...], **options: Any) -> Setup:
        return Setup(
            name=name,
            options=options,
            columns=LABELS,
            statuses=self._statuses,
            people=people,
            departments=DEPARTMENTS,
            team=TEAMS[0],
            clock=clock,
        )

    def _table(self, name: str) -> Tool:
        rng = self.rng
        clock = Clock(self.time, self._offset())
        self._statuses: Mapping[str, tuple[str, ...]] = PLAIN
        if rng.random() < 0.2:
            self._statuses = LOSSY
            self.happened("statuses-many-to-one")
        people = PEOPLE if rng.random() < 0.7 else ()
        table = table_for(self._setup(name, clock, people))
        table.identity = f"table-{name}"
        table.max_batch = rng.choice((1, 2, 3, 10, 100))
        table.reports_deletes = rng.random() < 0.3
        table.checks_version = rng.random() < 0.6
        table.idempotent_create = rng.random() < 0.3
        self.happened("key-honoured" if table.idempotent_create else "key-ignored")
        table.search_lag_s = rng.choice((0.0, 0.0, 0.0, 5.0, 90.0))
        if table.search_lag_s:
            self.happened("search-lags")
        table.mute = random.Random(f"mute {self.seed} {name}").random() < 0.25
        table.grain_s = rng.choice((0.0, 0.0, 60.0, 86400.0))
        if table.grain_s:
            self.happened("edit-time-minute" if table.grain_s == 60.0 else "edit-time-day")
        limits = {}
        if rng.random() < 0.2:
            limits["note"] = 40
            self.happened("text-cut")
            column = table.columns[LABELS["note"]]
            table.columns[LABELS["note"]] = replace(column, text_limit=40)
        for optional in ("acceptance", "deliverable", "meeting", "support", "completed"):
            if rng.random() < 0.08:
                del table.columns[LABELS[optional]]
                self.happened("column-missing")
        options = {}
        if rng.random() < 0.2:
            kept = ("技术部", "产品部")
            self.happened("option-missing")
            for wanted in ("department", "support"):
                if LABELS[wanted] in table.columns:
                    column = table.columns[LABELS[wanted]]
                    table.columns[LABELS[wanted]] = replace(column, options=kept)
            options = {"department": frozenset(kept), "support": frozenset(kept)}
        accounts = frozenset(p.name for p in PEOPLE)
        if people and rng.random() < 0.25:
            table.accounts = table.accounts[:-1]
            self.happened("person-missing")
            accounts = frozenset(p.name for p in PEOPLE[:-1])
        desk = TableDesk(table, LABELS, clock)
        self.facts[name] = Facts(
            statuses={str(s): names for s, names in self._statuses.items()},
            accounts=accounts if people else None,
            options=options,
            limits=limits,
        )
        return Tool(
            name,
            self._setup(name, clock, people, table=table),
            desk,
            clock,
            self,
            normalises=rng.random() < 0.35,
            poisonous=rng.random() < 0.15,
            tells_lag=not table.search_lag_s or rng.random() < 0.7,
        )

    def _file(self, name: str) -> Tool:
        rng = self.rng
        clock = Clock(self.time)
        self._statuses = PLAIN
        columns = {label: Column() for label in LABELS.values()}
        for day in ("due", "completed"):
            columns[LABELS[day]] = Column(kind=Kind.DATE)
        for optional in ("acceptance", "meeting", "support"):
            if rng.random() < 0.1:
                del columns[LABELS[optional]]
                self.happened("column-missing")
        file = File(columns=columns, max_batch=rng.choice((1, 500, 500)))
        file.save()
        self.happened("whole-file")
        self.facts[name] = Facts(
            statuses={str(s): names for s, names in PLAIN.items()},
            accounts=None,
            options={},
            limits={},
        )
        setup = self._setup(name, clock, (), file=file)
        return Tool(name, setup, FileDesk(file, LABELS), clock, self)

    def _team(self, name: str, tools: dict[str, Tool], adopt: Mapping[str, bool]) -> TeamAtWork:
        return TeamAtWork(
            name=name,
            database=blank(),
            tools=tools,
            adopt=adopt,
            witness=Witness(name, tools, self.facts),
            verification=self.rng.random() < 0.7,
        )

    # --- the program ---

    def _start(self, team: TeamAtWork) -> None:
        """Start a team's program anew: only the database and the tools remember."""
        for tool in team.tools.values():
            tool.restart()
        team.process = self._process(team)

    def _process(self, team: TeamAtWork) -> Process:
        store = MortalStore(team.database, team.name, self)
        directory = Directory(Team(name=team.name, people=PEOPLE, departments=DEPARTMENTS))

        def run(items: Any, now: datetime) -> Sequence[rules.RuleChange]:
            return rules.apply(items, now.date(), language="zh", verification=team.verification)

        engine = Engine(store, directory, rules=run, now=self.now, token=self.token)
        rank = {name: n for n, name in enumerate(team.tools)}
        trackers = {
            name: Tracker(
                name=name,
                kind="simulated",
                connector=tool,
                scope=Scope(name=name, rank=rank, adopt=team.adopt[name]),
                statuses=tool.setup.statuses,
            )
            for name, tool in team.tools.items()
        }
        return Process(team, store, engine, trackers)

    def now(self) -> datetime:
        return self.time.at.astimezone(ZONE)

    def journal(self) -> None:
        """A boundary of the journal: the process may die here."""
        if self.kill_in is not None:
            self.kill_in -= 1
            if self.kill_in < 0:
                self.kill_in = None
                self.happened("killed-at-journal")
                self.say("killed at the journal")
                raise Killed

    def a_pass(self, team: TeamAtWork) -> dict[str, Report]:
        """Let a team's program do one pass; it may die in it, or lose its lease."""
        self.say("pass", team.name)
        team.witness.pass_began()
        before = self._size(team)
        stamps: dict[str, int] = {}
        self.stamps, self.stood, self.passing = stamps, {}, team
        process = team.process
        assert process is not None
        reports: dict[str, Report] = {}
        try:
            self.taken_over = ""
            reports = self._work(process)
            if self.taken_over == team.name:
                raise BrokenError("one at a time: a process went on without its lease")
        except Killed:
            self._start(team)
        except LeaseLostError:
            self.happened("lease-lost")
            self.say("lease lost")
            self._start(team)
        for name, report in reports.items():
            self.say(name, report.state, report.plan, report.tally)
            if report.retry_after_s:
                after = timedelta(seconds=report.retry_after_s)
                team.retry_at[name] = self.time.at + after
            if report.plan:
                team.halts[name] = report
            else:
                team.halts.pop(name, None)
        team.reports = reports
        came_through = [n for n, r in reports.items() if r.state == "ok" or r.adopting]
        unsure = {
            (name, re.split("[ !]", f.row)[-1])
            for name, report in reports.items()
            for f in report.findings
            if f.row and f.code == "match-uncertain"
        }
        team.witness.pass_ended(came_through, unsure)
        if len(came_through) == len(team.tools):
            self.unseen_by.discard(team.name)
        for name in came_through:
            if name not in self.unlooked:  # else it was put back after the look
                self.put_back.pop(name, None)
                team.witness.vanished.pop(name, None)
                team.witness.taken_back.pop(name, None)
                team.witness.looked_at.pop(name, None)
            desk = team.tools[name].desk
            if isinstance(desk, FileDesk) and stamps.get(name) is not None:
                self.known_copies[name].add(stamps[name])
        self._mass(team, before)
        return reports

    def _work(self, process: Process) -> dict[str, Report]:
        engine, team = process.engine, process.team
        engine.carry_out()
        trackers = {
            name: tracker
            for name, tracker in process.trackers.items()
            if team.retry_at.get(name, START) <= self.time.at
        }
        for tracker in trackers.values():
            if not engine.contacted(tracker):
                engine.pull(tracker, rebuild_only=True)
        self._read_inbox(process)
        if self.rng.random() < 0.7 or self.quiet:
            pulled = {name: engine.pull(tracker) for name, tracker in trackers.items()}
            engine.apply_rules()
            return {name: engine.push(trackers[name], r) for name, r in pulled.items()}
        reports = {}
        for name, tracker in trackers.items():  # as the workers of the daemon do
            report = engine.pull(tracker)
            engine.apply_rules()
            reports[name] = engine.push(tracker, report)
        return reports

    def _read_inbox(self, process: Process) -> None:
        team = process.team
        while team.inbox:
            reading, told = team.inbox[0]
            with process.store.transaction() as tx:
                take_in(
                    tx,
                    process.engine.directory,
                    reading,
                    file=f"{reading.meeting.title}.md",
                    digest=hashlib.sha256(repr(reading).encode()).hexdigest(),
                    now=self.now(),
                )
            team.inbox.pop(0)
            title, start = reading.meeting.title, reading.meeting.start
            forgotten = team.witness.epoch and (title, start) not in team.read
            team.read.add((title, start))
            for work, mark in told:
                known = {*team.witness.told_then, *team.witness.names.values()}
                if forgotten and work in known:
                    continue  # a later meeting may have spoken of it, and stands
                if isinstance(mark, date):
                    team.witness.told_days.append((work, mark))
                else:
                    team.witness.told.append(str(mark))
                team.witness.wanted.add(work)

    def _size(self, team: TeamAtWork) -> tuple[int, dict[str, int]]:
        last = self._last_seq(team)
        rows = {}
        for name, tool in team.tools.items():
            count = sum(1 for u in (*tool.desk.rows(), *tool.desk.bin()) if tool.desk.read(u, "id"))
            rows[name] = count
        return last, rows

    def _last_seq(self, team: TeamAtWork) -> int:
        return self._read(team, "SELECT max(seq) FROM changes")[0][0] or 0

    def _mass(self, team: TeamAtWork, before: tuple[int, dict[str, int]]) -> None:
        """Check that the guard was asked (promise 5)."""
        query = f"SELECT place, seq FROM changes WHERE kind = 'close' AND seq > {before[0]}"
        lines = self._read(team, query)
        closed, last = Counter(place for place, _ in lines), dict(lines)
        for name, count in closed.items():
            if name in team.tools and name not in team.released:
                looks = [rows for end, rows in self.stood.get(name, ()) if end < last[name]]
                left = looks[-1] if looks else 0  # what goes later in the pass, nobody has seen
                wrong = mass_closed(name, count, before[1][name], left=left)
                if wrong:
                    raise BrokenError(wrong)
        query = f"SELECT place, new FROM changes WHERE kind = 'create' AND seq > {before[0]}"
        made: dict[str, list[str]] = defaultdict(list)
        for name, text in self._read(team, query):
            made[name].append(text)
        for name, texts in made.items():
            asks = name not in team.contacted and name not in team.released
            if name in team.tools and asks:  # the guard does so at the first contact
                works = _works(texts)  # what people add after that look is no part of it
                there = works & team.strangers.get(name, works)
                wrong = mass_made(team.witness, name, there.total())
                if wrong:
                    raise BrokenError(wrong)
        for name, report in team.reports.items():
            if report.state == "ok":
                team.released.discard(name)
                team.contacted.add(name)

    def _read(self, team: TeamAtWork, query: str) -> list[tuple[Any, ...]]:
        """Read the log as it lies there, quickly."""
        return list(team.database.raw.execute(query))

    @contextmanager
    def peek(self, team: TeamAtWork) -> Iterator[Transaction]:
        with Store(team.database, team.name).transaction() as tx:  # type: ignore[arg-type]
            yield tx

    def hub(self, team: TeamAtWork) -> Hub:
        """Read what anybody may read; again only if something was written since."""
        written = team.database.raw.total_changes
        if team.read_at != written:
            team.read_at, team.hub = written, self._hub(team)
        return team.hub

    def _hub(self, team: TeamAtWork) -> Hub:
        with self.peek(team) as tx:
            items: dict[str, Item] = {i: s.item for i, s in tx.items().items()}
            for c in tx.changes(since=team.last):  # the log only grows
                team.log.append(Line(c.item, c.kind, c.place, c.field, c.old, c.new))
                team.last = c.seq
            findings = tx.findings()
        return Hub(
            items=items,
            log=team.log,
            notes=[
                Note(
                    f.source.removeprefix("tracker:"),
                    item,
                    f.about.rpartition(":")[2].rstrip(">"),  # what is said, or cannot be
                    f.finding.code,
                    waits=f.about.startswith("row:") and f.finding.severity is Severity.INFO,
                )
                for f in findings
                for item in {f.finding.item, *ID.findall(f.finding.message)}
            ],
        )

    # --- nature (see ``tools.Nature``) ---

    def boundary(self, tool: Tool, call: str, what: Any, *, before: bool) -> None:
        self.say(tool.name, call, what, event=before)
        writes = call == "apply" and before
        for team in self.teams:
            if team.process and team.process.store.busy:
                raise BrokenError(f"a transaction is open over a call: {tool.name} {call}")
            if writes and any(ids.is_of(team.witness.team, item) for item, *_ in what):
                team.wrote.add(tool.name)
            if writes and tool.name in team.tools:
                team.witness.asking(tool, [item for item, row, *_ in what if row is None])
        if self.kill_in is not None:
            self.kill_in -= 1
            if self.kill_in < 0:
                self.kill_in = None
                self.happened("killed-at-call")
                self.say("killed at a call")
                raise Killed
        if self.second is not None and self.rng.random() < 0.3:
            second, self.second = self.second, None
            second()
            if writes:  # it is carried out though another process works by now
                self._made_late(tool, what)
        if self.meddling and not self._acting and self.rng.random() < self.meddling:
            self._acting = True
            self.people_act(self)
            self._acting = False

    people_act: Callable[["History"], None]

    def fault(self, tool: Tool, usable: Iterable[Fault]) -> Fault | None:
        usable = [f for f in usable if f in (FILE_FAULTS if tool.is_file else TABLE_FAULTS)]
        writes = Fault.ANSWER_LOST in usable  # what is lost there costs most, so it is lost often
        if self.rng.random() >= self.chance * (1.5 if writes else 0.4):
            return None
        fault = self.rng.choice([*usable, *(f for f in usable if f in UNANSWERED)])
        self.happened(str(fault))
        self.say("fault", fault)
        self.unanswered |= fault in UNANSWERED
        return fault

    def skip(self, tool: Tool, records: Sequence[Record]) -> list[Record]:
        if self.rng.random() >= tool.moods.skips:
            return list(records)
        self.happened("offset-paging")
        gone = self.rng.randrange(len(records))
        return [r for n, r in enumerate(records) if n != gone]

    def lateness(self) -> float:
        return self.rng.choice((20.0, 60.0, 400.0, 2000.0))

    def late(self, tool: Tool, batch: Sequence[Write]) -> None:
        self.say(tool.name, "carries out late", [(w.id, w.row_id) for w in batch])
        self._made_late(tool, sent(batch))
        for write in batch:
            for team in self.teams:
                work = team.witness.names.get((tool.name, str(write.row_id)))
                if work and (team.witness.epoch or not tool.careful):  # it looks like an edit there
                    for name in write.cells:
                        team.witness.touched(work, name, tool.name)
                if write.row_id is not None and not tool.careful:
                    team.witness.written_over(tool, write)

    def _made_late(self, tool: Tool, batch: Sequence[Sent]) -> None:
        for item_id, row_id, cells, _ in batch:
            found = NAME.search(str(cells.get("description")))
            for team in self.teams if row_id is None else ():
                team.witness.made_late(tool, item_id, found[0] if found else None)

    def shown(self, tool: Tool, records: Sequence[Record]) -> None:
        if self.passing and tool.name in self.passing.tools:
            look = self._last_seq(self.passing), len(tool.desk.rows())
            self.stood.setdefault(tool.name, []).append(look)
        self.unlooked.discard(tool.name)
        if isinstance(tool.desk, FileDesk):
            self.stamps[tool.name] = stamp = tool.desk.file.stamp
            if self.put_back.get(tool.name, stamp) != stamp:  # somebody saved it since
                for team in self.teams:
                    team.witness.copy_is_doubtful(tool.name)
        for team in self.teams:
            if tool.name in team.tools:
                team.witness.shown(tool, records)
                self._meet(team, tool, records)

    def _meet(self, team: TeamAtWork, tool: Tool, records: Sequence[Record]) -> None:
        """Note what a tool shows, till a look is surely taken over: that was the contact."""
        query = f"SELECT 1 FROM changes WHERE kind = 'create' AND place = '{tool.name}' LIMIT 1"
        met = tool.name in team.contacted | team.wrote
        if not met and not self._read(team, query):
            team.strangers[tool.name] = _works(r.cells.get("description") for r in records)

    def unseen(self, tool: Tool, uids: Sequence[str]) -> None:
        for team in self.teams:
            if tool.name in team.tools:
                team.witness.unseen(tool, uids)

    def answered(self, tool: Tool, uids: Sequence[str]) -> None:
        for team in self.teams:
            if tool.name in team.tools:
                team.witness.answered(tool, uids)

    def writing(self, tool: Tool, batch: Sequence[Write]) -> None:
        for team in self.teams:
            if tool.name in team.tools:
                team.witness.writing(tool, batch)

    def written(self, tool: Tool) -> None:
        for team in self.teams:
            if tool.name in team.tools:
                team.witness.written(tool)

    # --- the database ---

    def back_up(self, team: TeamAtWork) -> None:
        self.say("backup")
        team.backup = Database()
        team.backup.copy_from(team.database)
        team.let_through_then = frozenset(team.released)

    def restore(self, team: TeamAtWork) -> None:
        if team.backup is None:
            return
        self.happened("database-restored")
        self.say("database restored")
        team.witness.database_lost()
        self._forget_copies(team)
        team.database.copy_from(team.backup)
        team.released |= team.let_through_then
        self._start(team)

    def lose(self, team: TeamAtWork) -> None:
        self.happened("database-lost")
        self.say("database lost")
        team.witness.database_lost()
        self._forget_copies(team)
        team.backup = None
        team.database.copy_from(blank())
        self._start(team)

    def told_again(self, team: TeamAtWork, reading: Reading) -> None:
        """Tell the witness what minutes say that a lost database may have known."""
        for entry in reading.entries:
            if found := NAME.search(entry.description):
                team.witness.dropped_again(found[0], entry.description, entry.owner)

    def _forget_copies(self, team: TeamAtWork) -> None:
        for reading, _ in team.inbox:
            self.told_again(team, reading)
        team.read_at, team.log, team.last = -1, [], 0
        self.unseen_by.add(team.name)
        team.read = set()
        swapped = any(tool.moods.other is not None for tool in team.tools.values())
        for tool in team.tools.values():
            tool.moods.blind, tool.moods.hidden, tool.moods.skips = False, set(), 0.0
            tool.moods.other = None
        for other in self.teams if swapped else ():
            self._start(other)  # it is another configuration that all of them run with
        self.time.advance(200)  # to mend a database takes longer than any search lags
        for name in team.tools:
            self.known_copies[name] = set()

    # --- quiet ---

    def fingerprint(self) -> object:
        tools = [tool.desk.fingerprint() for tool in self.tools.values()]
        return tools, [self._read(t, "SELECT max(seq) FROM changes") for t in self.teams]

    def calm(self) -> None:
        """Let all faults end, mend all tools; what is late comes first."""
        self.say("calm")
        self.chance, self.kill_in, self.meddling, self.second = 0.0, None, 0.0, None
        self.quiet = True
        self.robots, self.mistake, self.renamed = [], None, None
        for tool in self.tools.values():
            swapped = tool.moods.other is not None
            tool.moods.mend()
            if swapped:
                for team in self.teams:
                    self._start(team)
            for label in LABELS.values():
                desk = tool.desk
                columns = desk.file.columns if isinstance(desk, FileDesk) else desk.table.columns
                if f"{label}（新）" in columns:
                    desk.rename(f"{label}（新）", label)
                    for team in self.teams:
                        team.witness.column_back(tool.name)
        self.time.advance(2100)
        for tool in self.tools.values():
            tool.deliver()
        local = self.now()
        if local.hour >= 17:  # no midnight in the middle: rules act on a new day
            self.time.advance((24 - local.hour) * 3600)

    def settle(self) -> None:
        """Pass until nothing moves any more."""
        self.calm()
        still, enough = 0, 2
        if any(tool.is_mute for tool in self.tools.values()):
            enough = 6  # an hour and more, as long as a row may be absent
        for _ in range(MOST_PASSES + enough):
            before = self.fingerprint()
            calls = {n: dict(t.calls) for n, t in self.tools.items()}
            self.time.advance(1000)
            for team in self.teams:
                self.a_pass(team)
                for name, report in team.halts.items():
                    self.say("released", name, report.plan)
                    assert team.process is not None
                    self.let_through(team, self.gone(team.tools[name], report))
                    team.released.add(name)
                    team.process.engine.release(report.plan or "")
            wrote = {n: t.calls["apply"] - calls[n]["apply"] for n, t in self.tools.items()}
            still = still + 1 if before == self.fingerprint() and not any(wrote.values()) else 0
            if still == enough:
                self._end_states()
                return
        moved = [n for n, w in wrote.items() if w]
        raise BrokenError(f"falls quiet: still busy after {MOST_PASSES} passes; writes to {moved}")

    def let_through(self, team: TeamAtWork, held: Iterable[str]) -> None:
        """Tell the witness that a plan is released that closes these items."""
        items = self.hub(team).items
        team.witness.let_through([items[i] for i in held if i in items])

    def gone(self, tool: Tool, report: Report) -> set[str]:
        """Return the items of a held plan whose rows are gone or emptied, as anybody can see."""
        there = {ids.parse(tool.desk.read(uid, "id")) for uid in tool.desk.rows()}
        return {item for item in report.held_items if item not in there}

    def _end_states(self) -> None:
        for team in self.teams:
            bad = [f"{n}: {r.state}, {r.error}" for n, r in team.reports.items() if r.state != "ok"]
            if bad or len(team.reports) != len(team.tools):
                raise BrokenError("isolates: " + "; ".join(bad))

    def check(self) -> None:
        for team in self.teams:
            wrong = Oracle(team.witness, self.hub(team)).check()
            if wrong:
                raise BrokenError("\n".join(wrong))

    def token(self) -> str:
        """Return a name for a write, drawn from the seed."""
        return f"{self._tokens.getrandbits(128):032x}"

    def row_of(self, team: TeamAtWork, tool: Tool, uid: str) -> str | None:
        """Return the item whose id a row carries."""
        item = ids.parse(tool.desk.read(uid, "id"))
        return item if item and ids.is_of(team.name, item) else None


def _works(texts: Iterable[object]) -> Counter[str]:
    """Count the rows of each work; those that name none are of one."""
    return Counter(found[0] if (found := NAME.search(str(t))) else "" for t in texts)


FILE_FAULTS = frozenset(
    {Fault.SERVER_ERROR, Fault.AUTH, Fault.BUSY, Fault.ANSWER_LOST, Fault.MOVED}
)
UNANSWERED = (Fault.ANSWER_LOST, Fault.CUT_SHORT, Fault.LATE)
TABLE_FAULTS = frozenset(Fault) - {Fault.BUSY}


def other_table(setup: Setup, *, full: bool) -> Memory:
    """Return a connector to another table in this one's place: an empty one, or a copy of it."""
    present: Table = setup.options["table"]
    table = Table(
        columns=dict(present.columns),
        accounts=present.accounts,
        identity="another",
        prefix="s",
    )
    if full:
        for states in present.history.values():
            if not states[-1].gone:
                table.put(None, states[-1].cells, states[-1].at, states[-1].editor)
    return Memory(replace(setup, options={"table": table}))


__all__ = ["Entry", "History", "Meeting", "Table"]
