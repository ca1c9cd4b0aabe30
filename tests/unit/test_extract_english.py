"""The shapes in which English minutes tell work and facts: each is a document of its own."""

import pytest

from mapping.values import Reading
from minuteloop import workdays
from minutes.extract import extract
from minutes.read import read_bytes

CALENDAR = workdays.load("CN")
HEAD = "# Harbour sync\n\nDate: 2024-05-20\n\nAttendees: Ann Lee, Bo Young, Cy Fox\n\n"


def reading(text: str) -> Reading:
    document = read_bytes(text.encode(), "minutes.md")
    return extract(document, name="minutes.md", team=None, calendar=CALENDAR)


def items(text: str) -> list[tuple[str, tuple[str, ...], str | None]]:
    """Return the items of a text below the head: words, owners as written, due day."""
    found = reading(HEAD + text).entries
    return [(e.description, e.owners, e.due.isoformat() if e.due else None) for e in found]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Close the current sprint – Due by 7 June", "Close the current sprint"),
        ("Close the current sprint by 7 June", "Close the current sprint"),
        ("Wrap up the next phase (by 7 June)", "Wrap up the next phase"),
    ],
)
def test_a_period_before_a_limit_belongs_to_the_task(line: str, words: str) -> None:
    assert items(f"## Action items\n\n- {line}\n") == [(words, (), "2024-06-07")]


@pytest.mark.parametrize("label", ["Date", "When", "Time"])
def test_a_label_before_a_day_and_an_hour_is_no_sender_of_a_chat(label: str) -> None:
    assert reading(f"# Sync\n\n{label}: 2024-05-20 10:00\n").meeting.start == "2024-05-20T10:00"
