"""A tracker as passes see it: what the team file says, what a pass tells, what is remembered."""

import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from datetime import datetime

from connectors.base import Reader, Record, Schema
from mapping.lens import Lens
from mapping.people import Directory
from mapping.values import Finding
from sync.guard import Halt
from sync.plan import RowPlan
from sync.stored import TrackerState

SLOWEST = 24  # a complete look comes every six hours at least, whatever it costs


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What goes to a tracker, and what its rows may do."""

    name: str
    rank: Mapping[str, int]
    adopt: bool = True
    sensitive: bool = False
    departments: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracker:
    """A tool as the team file names it.

    Attributes:
        connector: what reads it; for ``plan`` only that half is ever called.
        statuses: ours -> the tool's options.
    """

    name: str
    kind: str
    connector: Reader
    scope: Scope
    statuses: Mapping[str, tuple[str, ...]]


@dataclass
class Tally:
    """What a pass did to one tracker, counted."""

    created: int = 0
    updated: int = 0
    closed: int = 0
    pulled: int = 0
    conflicts: int = 0
    calls: int = 0

    def plus(self, other: "Tally") -> "Tally":
        """Return what both did."""
        return Tally(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


@dataclass
class Report:
    """What a pass told of one tracker."""

    name: str
    kind: str
    state: str = "ok"
    tally: Tally = field(default_factory=Tally)
    plan: str | None = None
    error: str | None = None
    retry_after_s: float | None = None
    findings: list[Finding] = field(default_factory=list)
    planned: list[RowPlan] = field(default_factory=list)
    adopting: bool = False  # halted only in what it takes in; it is still written to
    held_items: tuple[str, ...] = ()  # what the halted plan would close

    def halted(self, halt: Halt) -> None:
        """Say that the tracker waits for a person."""
        self.state, self.plan, self.error = "halted", halt.plan, halt.reason
        self.held_items = halt.items


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A look at all rows of which a person is asked something.

    Attributes:
        halt: what is asked.
        cursor: the look's; it only ever tells whether anything changed since.
        adopting: what is known was taken in, the rest is held.
        at: when; ``beat``: so many times rarer than usual the next look at all rows is due.
    """

    halt: Halt
    cursor: str
    adopting: bool
    at: datetime
    beat: int


@dataclass
class Memory:
    """What one process keeps of a tracker between its passes.

    Attributes:
        late: second rows of a request that was carried out twice, to be taken out.
        waiting: the last look, if a person is asked about it and it took several calls.
    """

    schema: Schema
    waiting: Waiting | None = None
    late: list[tuple[Record, str]] = field(default_factory=list)


def lens_of(tracker: Tracker, schema: Schema, directory: Directory, now: datetime) -> Lens:
    """Return how a tracker's cells are read and written."""
    return Lens(
        fields=schema.fields,
        statuses=tracker.statuses,
        directory=directory,
        today=now.date(),
        language=directory.team.language,
    )


def settings_of(tracker: Tracker, directory: Directory) -> str:
    """Return a digest of what the team file says that changes how a tracker's rows are read."""
    team = directory.team
    people = [
        (p.name, p.aliases, p.department, p.email, sorted(p.accounts.items())) for p in team.people
    ]
    units = [d.name for d in team.departments]
    said = (sorted(tracker.statuses.items()), tracker.scope, people, units, team.language)
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def offers(schema: Schema) -> str:
    """Return a digest of what a tool's columns can take."""
    parts = [
        (f.name, f.kind, f.writable, f.options, f.text_limit, sorted(f.users))
        for f in schema.fields.values()
    ]
    return hashlib.sha256(repr(sorted(parts)).encode()).hexdigest()[:16]


def is_another(state: TrackerState, schema: Schema) -> bool:
    """Say whether the table is another one than was synced before."""
    return bool(state.identity) and state.identity != schema.identity


def beat_of(schema: Schema, calls: int) -> int:
    """Return how many times rarer than usual looks at all rows are, by the calls of one."""
    return min(max(1, calls), SLOWEST) if schema.metered else 1
