"""What a review is made of, and its figures (E1). Pure values.

An item belongs to the span in which its due day lies, as that day stands now; how often days were
moved is told apart, and so is how many items kept the day that was planned first. Done is what was
checked (D5); what is reported only waits. Closed items are counted, and in no share.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from mapping.calendar import Calendar
from mapping.people import Directory
from mapping.values import Item, Meeting


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A meeting with its minutes.

    Attributes:
        seen_at: when the first version of the minutes was there.
        tally: how many topics and items they told, and of each code how many findings.
        planned: minutes that it was to last, None where nobody told.
        agenda: only its agenda has come.
    """

    meeting: Meeting
    seen_at: datetime
    series: str | None = None
    tally: Mapping[str, int] = field(default_factory=dict)
    planned: int | None = None
    agenda: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A line of the change log.

    Attributes:
        by_rule: no person stands behind it.
    """

    item: str
    field: str
    old: object
    new: object
    at: datetime
    by_rule: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What is reviewed; days are the team's, ``first`` and ``last`` count themselves.

    Attributes:
        now: aware, in the team's zone.
        goal: share of items that should be done on time.
        threshold: working days late after which an item that nobody touched is missed (F3).
        log: in its order.
        over_age: archived documents that are older than ``kept_years`` (F6), today.
    """

    now: datetime
    first: date
    last: date
    directory: Directory
    calendar: Calendar
    items: Sequence[Item] = ()
    meetings: Sequence[Held] = ()
    log: Sequence[Logged] = ()
    goal: float = 0.8
    threshold: int = 3
    max_topics: int = 5
    within_hours: int = 24
    over_age: int = 0
    kept_years: int = 2

    @property
    def today(self) -> date:
        """The day of the review."""
        return self.now.date()

    def has(self, day: date | None) -> bool:
        """Say whether a day lies in the span."""
        return day is not None and self.first <= day <= self.last

    def day_of(self, moment: datetime) -> date:
        """Return the team's day of a moment."""
        return moment.astimezone(self.now.tzinfo).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How the items of a span, of a department or of an owner were done.

    Attributes:
        due: all that count: those below together.
        late: done after their due day.
        to_check: reported as done, and not checked yet.
        overdue: past their due day and not done.
    """

    name: str = ""
    due: int = 0
    on_time: int = 0
    late: int = 0
    to_check: int = 0
    overdue: int = 0

    @property
    def share(self) -> float | None:
        """The share that was done on time, None where nothing was due."""
        return self.on_time / self.due if self.due else None

    @property
    def not_in_time(self) -> int:
        """How many were late or are overdue."""
        return self.late + self.overdue


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """An item and a number that is told of it."""

    item: Item
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Planned against real length, of the meetings where both are told.

    Attributes:
        timed: meetings whose real length is told; ``real`` is theirs, in minutes.
        over: meetings that lasted longer than planned.
    """

    timed: int = 0
    real: int = 0
    planned_meetings: int = 0
    planned: int = 0
    planned_real: int = 0
    over: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The figures.

    Attributes:
        items: of all that were due in the span.
        kept_first: of those done on time, by the day that was planned first too.
        not_yet: due in the span, but later than today.
        closed: closed without being done.
        departments, owners: most not in time first.
        redated: items whose day was moved to a later one, with how often, most first.
        due_or_moved: items that were due, or were moved, out of the span too.
        blocked: items that were blocked, with the working days, longest first.
        findings: by code, most first.
        in_time, minutes_late, missing: minutes by C1; ``untimed`` tell no time of their meeting.
        many_topics: meetings with more topics than the team wants.
        missed: overdue by more than the threshold without any move, with working days late.
    """

    inputs: Inputs
    items: Tally
    kept_first: int
    not_yet: int
    closed: int
    departments: tuple[Tally, ...]
    owners: tuple[Tally, ...]
    redated: tuple[About, ...]
    due_or_moved: int
    blocked: tuple[About, ...]
    findings: Mapping[str, int]
    meetings: int
    told_items: int
    in_time: int
    minutes_late: int
    missing: int
    untimed: int
    lengths: Lengths
    many_topics: int
    missed: tuple[About, ...]

    @property
    def redated_share(self) -> float | None:
        """The share that was moved of the items that were due or were moved."""
        return len(self.redated) / self.due_or_moved if self.due_or_moved else None

    @property
    def in_time_share(self) -> float | None:
        """The share of minutes that were there in time; missing ones count as late."""
        timed = self.in_time + self.minutes_late + self.missing
        return self.in_time / timed if timed else None
