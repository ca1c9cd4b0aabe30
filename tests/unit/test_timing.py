"""What only the time tells of minutes and agendas (A1, C1)."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from mapping.values import Meeting
from minuteloop import workdays
from tracking.timing import findings

CALENDAR = workdays.load("CN")
ZONE = ZoneInfo("Asia/Shanghai")


def codes(
    seen: str, start: str | None, end: str | None = None, *, off: tuple[str, ...] = ()
) -> list[str]:
    found = findings(
        Meeting(start=start, end=end, topics=("选址",)),
        datetime.fromisoformat(seen).replace(tzinfo=ZONE),
        CALENDAR,
        within_hours=24,
        off=frozenset(off),
        language="zh",
    )
    return [f.code for f in found]


@pytest.mark.parametrize(
    ("seen", "start", "end", "late"),
    [
        ("2024-05-21T15:30", "2024-05-20T14:00", "2024-05-20T15:30", False),
        ("2024-05-21T15:31", "2024-05-20T14:00", "2024-05-20T15:30", True),
        ("2024-05-21T14:01", "2024-05-20T14:00", None, True),
        ("2024-05-22T00:00", "2024-05-20", None, False),  # the day counts to its end
        ("2024-05-22T00:01", "2024-05-20", None, True),
        ("2024-05-21T13:00", "2024-05-20T14:00", "2024-05-19T15:30", False),  # a wrong end
        ("2024-06-20T10:00", "2024-05-20T14:00", None, False),  # brought in later, on purpose
        ("2024-05-22T00:01", None, None, False),
    ],
)
def test_minutes_are_due_a_day_after_the_meeting_s_end(
    seen: str, start: str | None, end: str | None, late: bool
) -> None:
    """C1."""
    assert codes(seen, start, end) == ["minutes-late"] * late
    assert codes(seen, start, end, off=("C1",)) == []


@pytest.mark.parametrize(
    ("seen", "late"),
    [
        ("2024-05-17T18:00", False),
        ("2024-05-18T10:00", False),  # a Saturday: Monday is the next working day
        ("2024-05-20T09:00", True),
        ("2024-05-20T15:00", False),  # over: these are minutes
    ],
)
def test_topics_are_fixed_a_working_day_ahead(seen: str, late: bool) -> None:
    """A1."""
    assert codes(seen, "2024-05-20T14:00") == ["topic-late"] * late
