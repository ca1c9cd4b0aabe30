"""What only the time tells of minutes: that they came late (C1), that topics did (A1)."""

import pytest
from fakes.scenes import CHINA, at

from mapping.values import Meeting, Severity
from tracking.timing import findings


def codes(seen: str, *, off: frozenset[str] = frozenset(), **facts: object) -> list[str]:
    values = {"title": "产品周会", **facts}
    found = findings(
        Meeting(**values),  # type: ignore[arg-type]
        at(seen),
        CHINA,
        within_hours=24,
        off=off,
        language="zh",
    )
    return [f.code for f in found]


@pytest.mark.parametrize(
    ("start", "end", "seen", "late"),
    [
        ("2024-05-20T14:00", "2024-05-20T15:30", "2024-05-21T15:30", False),
        ("2024-05-20T14:00", "2024-05-20T15:30", "2024-05-21T15:31", True),
        ("2024-05-20T14:00", None, "2024-05-21T14:01", True),
        ("2024-05-20", None, "2024-05-21T23:00", False),  # a day counts to its end
        ("2024-05-20", None, "2024-05-22T00:01", True),
        ("2024-05-20T14:00", "2024-05-19T15:30", "2024-05-21T13:00", False),  # a wrong end
        ("2024-05-20", None, "2024-06-10T00:00", False),  # brought in long after, on purpose
        (None, None, "2024-05-21T16:00", False),
    ],
)
def test_c1_minutes_that_came_later_than_a_day(
    start: str | None, end: str | None, seen: str, *, late: bool
) -> None:
    assert codes(seen, start=start, end=end) == (["minutes-late"] if late else [])


TOPICS = ("排序",)


@pytest.mark.parametrize(
    ("seen", "late"),
    [
        ("2024-05-17T18:00", False),  # the Friday before a Monday
        ("2024-05-18T09:00", False),  # its Saturday: a working day is left to look at it
        ("2024-05-20T09:00", True),  # the same morning
        ("2024-05-20T15:00", False),  # it has begun: these are its minutes
    ],
)
def test_a1_topics_are_fixed_a_working_day_ahead(seen: str, *, late: bool) -> None:
    told = codes(seen, start="2024-05-20T14:00", topics=TOPICS)
    assert told == (["topic-late"] if late else [])
    assert codes(seen, start="2024-05-20T14:00") == []  # no agenda


def test_a_rule_that_is_off_finds_nothing() -> None:
    off = frozenset(("A1", "C1"))
    assert codes("2024-05-20T09:00", off=off, start="2024-05-20T14:00", topics=TOPICS) == []
    assert codes("2024-05-25T09:00", off=off, start="2024-05-20T14:00") == []


def test_a_late_agenda_is_for_information_and_late_minutes_are_a_finding() -> None:
    (late,) = findings(
        Meeting(start="2024-05-20T14:00"),
        at("2024-05-22T14:00"),
        CHINA,
        within_hours=24,
        off=frozenset(),
        language="en",
    )
    assert (late.rule, late.message) == (
        "C1",
        "the minutes came 48 hours after the meeting; they are due within 24 hours",
    )
    (ahead,) = findings(
        Meeting(start="2024-05-20T14:00", topics=TOPICS),
        at("2024-05-20T09:00"),
        CHINA,
        within_hours=24,
        off=frozenset(),
        language="zh",
    )
    assert (ahead.rule, ahead.severity) == ("A1", Severity.INFO)
