"""What services have in common in what they answer: times, waits, faults."""

from datetime import UTC, datetime

import pytest

from connectors.answers import failed, seconds_until, time_of
from connectors.errors import TransientError, UnknownOutcomeError
from mapping.said import Said

NOW = datetime(2024, 5, 20, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("30", 30.0),
        (1.5, 1.5),
        ("Mon, 20 May 2024 08:01:00 GMT", 60.0),
        ("2024-05-20T08:00:05+00:00", 5.0),
        ("2024-05-20T08:00Z", 0.0),
        ("2024-05-20T08:00:05", None),  # of no zone
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_a_wait_is_read_in_each_form(told: object, seconds: float | None) -> None:
    assert seconds_until(told, NOW) == seconds


@pytest.mark.parametrize(
    ("headers", "at"),
    [
        ({"Date": "Mon, 20 May 2024 08:00:00 GMT"}, NOW),
        ({"Date": "Mon, 20 May 2024 08:00:00 -0000"}, None),  # of no zone
        ({"Date": "today"}, None),
        ({}, None),
    ],
)
def test_the_service_s_own_time(headers: dict[str, str], at: datetime | None) -> None:
    assert time_of(headers) == at


def test_a_write_that_failed_may_have_been_carried_out() -> None:
    text = Said("服务出错", "the service failed")
    read, write = (failed(text, write=write, retry_after_s=3.0) for write in (False, True))
    assert type(read) is TransientError
    assert type(write) is UnknownOutcomeError
