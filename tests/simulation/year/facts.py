"""What the ledger knows: the team's file, people, work and minutes, as plain values of its own."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

import chinese_calendar

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
MONTH = timedelta(days=30)


@cache
def is_workday(day: date) -> bool:
    """Say whether a day is worked in China, by the State Council's plan."""
    return bool(chinese_calendar.is_workday(day))


def worked(start: date, end: date) -> int:
    """Count the working days after ``start``, up to ``end``."""
    return sum(is_workday(start + n * DAY) for n in range(1, (end - start).days + 1))


def workday_after(day: date, count: int) -> date:
    """Return the working day so many after a day."""
    while count:
        day += DAY
        count -= is_workday(day)
    return day


@dataclass(kw_only=True)
class Rules:
    """The thresholds, as the team file says them."""

    ahead: int = 2
    digest_weekday: int = 0
    digest_time: time = time(9)
    late: int = 3
    raise_to: str = ""
    leaders: tuple[str, ...] = ()
    important: tuple[str, ...] = ("战略", "启动")
    check: bool = True
    follow_up: str = "host"
    within: timedelta = timedelta(hours=24)
    distribute: int = 1
    stale: timedelta = timedelta(hours=24)
    quiet: tuple[time, time] | None = None
    approval: bool = False
    off: frozenset[str] = frozenset()


@dataclass(kw_only=True)
class Route:
    """A channel, as the team file says it."""

    name: str
    personal: bool
    repeatable: bool
    sends: frozenset[str]


@dataclass(kw_only=True)
class Task:
    """A piece of work, as the hub can know it.

    Attributes:
        meeting: file of the minutes it comes from; empty if nobody knows any more.
        came_at: when the hub took it in; None if that is not known.
        promised: the day that its note promises.
        moved_at: when a person last changed it, as far as the hub can tell.
        unsure: the hub lost count of who moved it when.
        vague: there is no day in its cell, but words.
        trackers: those in which it has a row.
    """

    id: str
    text: str
    owner: str | None
    department: str | None
    meeting: str
    title: str
    due: date | None
    came_at: datetime | None
    sensitive: bool = False
    blocked: bool = False
    status_late: bool = False
    completed: date | None = None
    promised: date | None = None
    moved_at: datetime | None = None
    unsure: bool = False
    vague: bool = False
    done: date | None = None
    closed: date | None = None
    refusals: int = 0
    refused_at: datetime | None = None
    trackers: frozenset[str] = frozenset()

    @property
    def is_open(self) -> bool:
        return self.done is None and self.closed is None


@dataclass(kw_only=True)
class Meeting:
    """Minutes that the hub has seen.

    Attributes:
        start: and ``end``: of the meeting.
        next_start: of the next one, as these minutes announce it.
        findings: codes of what they leave open, with the lines.
        owners: of the work they tell of, with the lines.
        state: ``plain`` where nobody is asked, else ``waiting``, ``approved``, ``refused``.
        version: how often the recorder wrote them.
        tasks: ids of the work that they speak of, once it is in.
    """

    file: str
    title: str
    start: datetime
    end: datetime
    host: str
    recorder: str
    attendees: tuple[str, ...]
    next_start: datetime | None
    seen_at: datetime
    sensitive: bool = False
    findings: tuple[tuple[str, str], ...] = ()
    owners: tuple[tuple[str, str], ...] = ()
    state: str = "plain"
    asked_at: datetime | None = None
    said_at: datetime | None = None
    version: int = 1
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Want:
    """A notice that may leave now.

    Attributes:
        subject: what it is about: an item's id, a file, a series and a day, a department.
        period: what makes it another one than the last.
        must: it has to leave; else it may.
    """

    rule: str
    form: str
    subject: str
    period: str
    to: str
    about: tuple[str, ...] = ()
    sensitive: bool = False
    must: bool = True

    @property
    def matter(self) -> tuple[str, str, str, str]:
        """What its reader sees."""
        return self.rule, self.form, self.subject, self.to

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What tells it from every other."""
        return (*self.matter, self.period)
