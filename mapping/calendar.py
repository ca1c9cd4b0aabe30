"""Working days as a protocol: who counts days is handed one. Pure."""

from datetime import date, timedelta
from typing import Protocol


class Calendar(Protocol):
    """Which days are worked, make-up days included."""

    def is_workday(self, day: date) -> bool:
        """Say whether work is done on a day; beyond the data, Monday to Friday."""
        ...

    def has_data(self, day: date) -> bool:
        """Say whether the year's holidays are known; False calls for ``no-calendar-data``."""
        ...

    def holiday(self, name: str, year: int) -> tuple[date, date] | None:
        """Return first and last day off of a holiday (``国庆``, ``元旦``), None if unknown."""
        ...


def add_workdays(calendar: Calendar, start: date, count: int) -> date:
    """Return the working day that is ``count`` working days after ``start``.

    Args:
        calendar: which days are worked.
        start: the day counted from; it does not count itself.
        count: at least 0; 0 gives ``start``.
    """
    day = start
    while count > 0:
        day += timedelta(days=1)
        if calendar.is_workday(day):
            count -= 1
    return day


def workdays_after(calendar: Calendar, start: date, end: date) -> int:
    """Count the working days after ``start`` up to and including ``end``; 0 if none."""
    days = (end - start).days
    return sum(calendar.is_workday(start + timedelta(days=n)) for n in range(1, days + 1))
