"""Days and hours that the rules count by: working days, digests, quarters, meetings. Pure.

All hours are the team's own: what is written as ``2024-05-20T14:00`` is meant where the team is.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from mapping.calendar import Calendar, add_workdays
from mapping.values import Meeting

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
_UNTOLD_LENGTH = timedelta(hours=2)  # of a meeting of which only the start is known


class Workdays:
    """Working days up to one day, counted once for however many items ask."""

    def __init__(self, calendar: Calendar, today: date) -> None:
        self._calendar = calendar
        self._today = today
        self._after = [0]  # at n: working days after the day that is n days before today
        self.today_is_one = calendar.is_workday(today)

    def after(self, start: date) -> int:
        """Return the working days after ``start`` up to and including today; 0 if none."""
        days = (self._today - start).days
        for n in range(len(self._after) - 1, days):
            day = self._today - n * DAY
            self._after.append(self._after[-1] + self._calendar.is_workday(day))
        return self._after[max(0, days)]


def workday_before(calendar: Calendar, day: date) -> date:
    """Return the last working day before a day."""
    day -= DAY
    while not calendar.is_workday(day):
        day -= DAY
    return day


@dataclass(frozen=True, slots=True)
class Digest:
    """A weekly digest (D3).

    Attributes:
        day: the nominal one: the week's day of the team file.
        at: when it begins; the next working day where the nominal one is off.
    """

    day: date
    at: datetime


def digest_of(day: date, calendar: Calendar, hour: time, zone: tzinfo | None) -> Digest:
    """Return the digest whose nominal day is ``day``."""
    worked = add_workdays(calendar, day - DAY, 1)
    return Digest(day=day, at=datetime.combine(worked, hour, zone))


def digest_now(now: datetime, calendar: Calendar, weekday: int, hour: time) -> Digest:
    """Return the latest digest that has begun."""
    day = now.date() - (now.weekday() - weekday) % 7 * DAY
    while (digest := digest_of(day, calendar, hour, now.tzinfo)).at > now:
        day -= WEEK
    return digest


def digest_after(moment: datetime, calendar: Calendar, weekday: int, hour: time) -> Digest:
    """Return the first digest that begins later than ``moment``, which is in the team's zone."""
    digest = digest_now(moment, calendar, weekday, hour)
    while digest.at <= moment:
        digest = digest_of(digest.day + WEEK, calendar, hour, moment.tzinfo)
    return digest


@dataclass(frozen=True, slots=True)
class Quarter:
    """Three months of a year (E1)."""

    year: int
    number: int

    @classmethod
    def before(cls, day: date) -> "Quarter":
        """Return the last one that is over on a day."""
        number = (day.month - 1) // 3
        return cls(day.year, number) if number else cls(day.year - 1, 4)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def next(self) -> date:
        """The first day after it."""
        return date(self.year + self.number // 4, 3 * (self.number % 4) + 1, 1)

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"


def moment_of(written: str, zone: tzinfo | None) -> tuple[datetime, bool]:
    """Return what ``2024-05-20T14:00`` or ``2024-05-20`` names, and whether the hour is told."""
    return datetime.fromisoformat(written).replace(tzinfo=zone), "T" in written


def end_of(meeting: Meeting, zone: tzinfo | None) -> datetime | None:
    """Return when a meeting was over (C1).

    That is its end; else its start; a day without an hour counts to its end. None without a start.
    """
    if meeting.start is None:
        return None
    written = meeting.start
    if meeting.end and meeting.end[:10] >= meeting.start[:10]:
        written = meeting.end
    moment, has_hour = moment_of(written, zone)
    return moment if has_hour else moment + DAY


def is_ahead(meeting: Meeting, moment: datetime) -> bool:
    """Say whether a meeting has not begun at a moment; a day without an hour is ahead whole."""
    if meeting.start is None:
        return False
    start, has_hour = moment_of(meeting.start, moment.tzinfo)
    return moment < (start if has_hour else start + DAY)


def expected_end(start: str, zone: tzinfo | None) -> datetime:
    """Return when a meeting that is announced will be over, as far as one can know (C1)."""
    moment, has_hour = moment_of(start, zone)
    return moment + (_UNTOLD_LENGTH if has_hour else DAY)
