"""The two times, and what ``--now`` may say."""

import time
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from minuteloop.clock import SystemClock, parse_now

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_a_clock_that_nobody_set_tells_the_machines_time_in_the_teams_zone() -> None:
    clock = SystemClock(SHANGHAI)
    before = datetime.now(UTC)
    now = clock.now()
    assert before <= now <= datetime.now(UTC)
    assert now.utcoffset() == timedelta(hours=8)


def test_now_is_fixed_and_the_wall_goes_on() -> None:
    at = datetime(2024, 5, 25, 1, 0, tzinfo=UTC)
    clock = SystemClock(SHANGHAI, at)
    assert clock.now() == at
    assert clock.now().isoformat() == "2024-05-25T09:00:00+08:00"
    assert abs(clock.wall() - datetime.now(UTC)) < timedelta(seconds=10)
    assert clock.wall().utcoffset() == timedelta(0)


def test_sleep_takes_the_time_it_is_told_and_never_less_than_none() -> None:
    clock = SystemClock(SHANGHAI)
    started = time.monotonic()
    first = clock.monotonic()
    clock.sleep(0.01)
    clock.sleep(-5)
    assert clock.monotonic() - first >= 0.01
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-05-25T09:00", datetime(2024, 5, 25, 9, tzinfo=SHANGHAI)),
        (" 2024-05-25 09:00:30 ", datetime(2024, 5, 25, 9, 0, 30, tzinfo=SHANGHAI)),
        ("2024-05-25", datetime(2024, 5, 25, tzinfo=SHANGHAI)),
        ("2024-05-25T01:00Z", datetime(2024, 5, 25, 9, tzinfo=SHANGHAI)),
        ("2024-05-24T20:00-05:00", datetime(2024, 5, 25, 9, tzinfo=SHANGHAI)),
    ],
)
def test_now_is_read(text: str, moment: datetime) -> None:
    read = parse_now(text, SHANGHAI)
    assert read == moment
    assert read.utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize("text", ["", "now", "tomorrow", "2024-02-30", "25.5.2024", "09:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be a time such as 2024-05-25T09:00"):
        parse_now(text, SHANGHAI)


def test_a_day_with_two_offsets_keeps_the_teams_wall() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert parse_now("2024-03-31T09:00", berlin).utcoffset() == timedelta(hours=2)
    fixed = timezone(timedelta(hours=8))
    assert parse_now("2024-03-31T09:00+08:00", berlin) == datetime(2024, 3, 31, 9, tzinfo=fixed)
