from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.calendar import Calendar, add_workdays, workdays_after

days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


class Week:
    """Monday to Friday, and what is named beside it."""

    def __init__(self, off: set[date] | None = None, on: set[date] | None = None) -> None:
        self.off = off or set()
        self.on = on or set()

    def is_workday(self, day: date) -> bool:
        return day in self.on or (day.weekday() < 5 and day not in self.off)

    def has_data(self, day: date) -> bool:
        return True

    def holiday(self, name: str, year: int) -> tuple[date, date] | None:
        return None


MAY = Week(off={date(2024, 5, 1), date(2024, 5, 2), date(2024, 5, 3)}, on={date(2024, 5, 11)})


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2024, 5, 20), 0, date(2024, 5, 20)),
        (date(2024, 5, 20), 1, date(2024, 5, 21)),
        (date(2024, 5, 24), 1, date(2024, 5, 27)),
        (date(2024, 5, 25), 0, date(2024, 5, 25)),
        (date(2024, 5, 25), 1, date(2024, 5, 27)),
        (date(2024, 4, 30), 1, date(2024, 5, 6)),
        (date(2024, 5, 10), 1, date(2024, 5, 11)),  # a Saturday that is worked
    ],
)
def test_add_workdays(start: date, count: int, end: date) -> None:
    assert add_workdays(MAY, start, count) == end


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        (date(2024, 5, 20), date(2024, 5, 20), 0),
        (date(2024, 5, 21), date(2024, 5, 20), 0),
        (date(2024, 5, 24), date(2024, 5, 26), 0),
        (date(2024, 5, 24), date(2024, 5, 27), 1),
        (date(2024, 4, 30), date(2024, 5, 6), 1),
        (date(2024, 5, 10), date(2024, 5, 12), 1),
    ],
)
def test_workdays_after(start: date, end: date, count: int) -> None:
    assert workdays_after(MAY, start, end) == count


@given(days, st.integers(1, 40))
def test_both_count_alike(start: date, count: int) -> None:
    calendar: Calendar = MAY
    end = add_workdays(calendar, start, count)
    assert calendar.is_workday(end)
    assert workdays_after(calendar, start, end) == count
    assert workdays_after(calendar, start, end - timedelta(days=1)) == count - 1
