"""A small world for tests of the hub: one team, memory trackers, a clock, documents as values."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fakes.clock import FakeClock
from fakes.faulty import Person as Actor

from connectors.base import Setup
from connectors.memory import Memory, Table, table_for
from mapping.people import Directory
from mapping.values import Department, Entry, Item, Meeting, Person, Reading, Status, Team
from mapping.words import COLUMNS, STATUSES
from sync.engine import Engine
from sync.intake import TakenIn, take_in
from sync.store import Store
from sync.stored import Change, Stored
from sync.tracker import Report, Scope, Tracker
from tracking import rules

ZONE = ZoneInfo("Asia/Shanghai")
TEAM = Team(
    name="产品部",
    people=(
        Person(name="张三", department="技术部", email="zhang@example.com"),
        Person(name="李四", department="产品部", email="li@example.com"),
        Person(name="王五", department="客服部", email="wang@example.com"),
    ),
    departments=tuple(Department(name=n) for n in ("技术部", "产品部", "客服部")),
)


class World:
    """One team's hub over memory trackers.

    Args:
        trackers: names, in order of precedence.
        verification: D5, as the team file says it.
        people_columns: whether owners are accounts of the tool; else they are plain text.
    """

    def __init__(
        self,
        *trackers: str,
        verification: bool = True,
        people_columns: bool = True,
        **table: Any,
    ) -> None:
        self.clock = FakeClock()
        self.names = trackers or ("board",)
        self.verification = verification
        self.tables: dict[str, Table] = {}
        self.actors: dict[str, Actor] = {}
        self.setups: dict[str, Setup] = {}
        for name in self.names:
            people = TEAM.people if people_columns else ()
            setup = self._setup(name, people, None)
            made = table_for(setup)
            for key, value in table.items():
                setattr(made, key, value)
            self.tables[name] = made
            self.setups[name] = self._setup(name, people, made)
            self.actors[name] = Actor(made, COLUMNS["zh"], self.clock)
        self.store = Store.open("sqlite://", TEAM.name)
        self.restart()
        self._digests = itertools.count()

    def _setup(self, name: str, people: tuple[Person, ...], table: Table | None) -> Setup:
        return Setup(
            name=name,
            options={"table": table} if table else {},
            columns=COLUMNS["zh"],
            statuses={s: (w,) for s, w in STATUSES["zh"].items()},
            people=people,
            departments=TEAM.departments,
            team=TEAM.name,
            clock=self.clock,
        )

    def restart(self) -> None:
        """Start the program anew over the same store."""
        self.engine = Engine(self.store, Directory(TEAM), rules=self._rules, now=self.now)
        rank = {name: n for n, name in enumerate(self.names)}
        self.trackers = {
            name: Tracker(
                name=name,
                kind="memory",
                connector=Memory(self.setups[name]),
                scope=Scope(name=name, rank=rank),
                statuses=self.setups[name].statuses,
            )
            for name in self.names
        }

    def lose_store(self) -> None:
        """Begin with an empty database."""
        self.store = Store.open("sqlite://", TEAM.name)
        self.restart()

    def now(self) -> datetime:
        return self.clock.now().astimezone(ZONE)

    def _rules(self, items: Any, now: datetime) -> Sequence[rules.RuleChange]:
        return rules.apply(items, now.date(), language="zh", verification=self.verification)

    def once(self) -> dict[str, Report]:
        """One pass: pull all, apply the rules, push all."""
        self.clock.advance(60)
        self.engine.carry_out()
        for name in self.names:
            if not self.engine.contacted(self.trackers[name]):
                self.engine.pull(self.trackers[name], rebuild_only=True)
        reports = {name: self.engine.pull(self.trackers[name]) for name in self.names}
        self.engine.apply_rules()
        return {n: self.engine.push(self.trackers[n], r) for n, r in reports.items()}

    def quiet(self) -> bool:
        """Run a pass; say whether it changed nothing at all."""
        before = [str(t.history) for t in self.tables.values()]
        seq = self.log()[-1].seq if self.log() else 0
        self.once()
        after = [str(t.history) for t in self.tables.values()]
        return before == after and (self.log()[-1].seq if self.log() else 0) == seq

    def read(self, *entries: Entry, title: str = "产品周会", day: str = "2024-05-20") -> TakenIn:
        """Drop minutes with these entries."""
        reading = Reading(
            meeting=Meeting(title=title, start=f"{day}T10:00"), entries=tuple(entries)
        )
        with self.store.transaction() as tx:
            return take_in(
                tx,
                Directory(TEAM),
                reading,
                file=f"{title}.md",
                digest=f"d{next(self._digests)}",
                now=self.now(),
            )

    def items(self) -> list[Item]:
        with self.store.transaction() as tx:
            return [s.item for s in tx.items().values()]

    def stored(self, item_id: str) -> Stored:
        with self.store.transaction() as tx:
            return tx.items()[item_id]

    def log(self, item: str | None = None) -> list[Change]:
        with self.store.transaction() as tx:
            return tx.changes(item)

    def rows(self, name: str = "board") -> list[dict[str, Any]]:
        """Return the live rows by our field's names."""
        actor = self.actors[name]
        return [{"row": r, **{f: actor.read(r, f) for f in COLUMNS["zh"]}} for r in actor.rows()]

    def findings(self, name: str = "board") -> list[str]:
        with self.store.transaction() as tx:
            return [f.finding.code for f in tx.findings(f"tracker:{name}")]


def entry(
    description: str, owner: str | None = "张三", due: str | None = None, **more: Any
) -> Entry:
    day = date.fromisoformat(due) if due else None
    made = Entry(
        description=description,
        owner=owner,
        owners=(owner,) if owner else (),
        due=day,
        due_text=due,
        line=1,
        source=description,
    )
    return replace(made, **more)


__all__ = ["TEAM", "Status", "World", "entry"]
