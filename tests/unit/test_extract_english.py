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


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Try to mend the crane", ("Try to mend the crane", ())),
        ("Moving to the new quay", ("Moving to the new quay", ())),
        ("Reminder to bring the maps", ("Reminder to bring the maps", ())),
        ("Mark to bring the maps", ("bring the maps", ("Mark",))),
        ("AL: send the letter", ("send the letter", ("AL",))),
        ("AL, CF: send the letter", ("send the letter", ("AL", "CF"))),
        ("PR: send the letter", ("PR: send the letter", ())),
        ("Dee / Eve will mend the crane", ("mend the crane", ("Dee", "Eve"))),
        ("Gather the logs (Ann, Bo)", ("Gather the logs", ("Ann", "Bo"))),
        ("Gather the logs (@dee, and other crane members)", ("Gather the logs", ("dee", "other crane members"))),
        ("[name=Dee] & [name=Eve] mend the crane", ("mend the crane", ("Dee", "Eve"))),
        ("Crane PR: the last one ([name=Dee] & [name=Eve])", ("Crane PR: the last one", ("Dee", "Eve"))),
        ("Dee: to read the log", ("read the log", ("Dee",))),
        ("@dee and @eve to read the log", ("read the log", ("dee", "eve"))),
        ("D3 - Create Port Stories", ("D3 - Create Port Stories", ())),
        ("All Crew Members: Review the log and vote", ("Review the log and vote", ("All Crew Members",))),
        ("Everybody please read the log", ("read the log", ("Everybody",))),
        ("Treasurer to pay the bill", ("pay the bill", ("Treasurer",))),
        ("The lamp is out - the Clerk to chase again", ("chase again", ("the Clerk",))),
    ],
)  # fmt: skip
def test_who_is_named_in_an_entry(line: str, expected: tuple[str, tuple[str, ...]]) -> None:
    """Rules B1 and F2: verbs and terms are nobody, a role is no one person."""
    (entry,) = reading(f"{HEAD}## Action items\n\n- {line}\n").entries
    assert (entry.description, entry.owners) == expected
    assert entry.owner in (*expected[1], None)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Bo: Will share the log", [("share the log", ("Bo",), None)]),
        ("All agree => Bo will mend the crane", [("mend the crane", ("Bo",), None)]),
        ("Bo: will it rain on the day?", []),
        ("Bo: shall we close this one", []),
    ],
)
def test_what_somebody_says_that_they_will_do(line: str, expected: list[object]) -> None:
    assert items(f"## Notes\n\n- {line}\n") == expected


@pytest.mark.parametrize(
    "heading",
    ["Action items for all members", "Action items for everyone", "Actions (new)", "Follow-ups"],
)
def test_further_headings_of_work(heading: str) -> None:
    assert items(f"## {heading}\n\n- Mend the crane\n") == [("Mend the crane", (), None)]


def test_work_below_a_topic_of_the_agenda() -> None:
    assert items("## Agenda\n\n- Action items\n- Budget\n- Crane\n") == []
    below = "## Agenda\n\n- Crane\n  - **Action items**\n    - Dee to mend it\n- Budget\n"
    assert items(below) == [("mend it", ("Dee",), None)]


@pytest.mark.parametrize(
    "text",
    [
        "## Follow-up from last meeting / discussions\n\n- The new quay\n- The lamp needs paint\n",
        "## Actions\n\n- Next meeting will be Dec 2 at the usual time\n",
        "## Next steps\n\n- Next call March 6 10:00\n",
        "## Actions\n\n- Mend the crane (Ann Lee)\n\n  - in progress\n",
        "## Actions\n\n- @bo is working with the port on the lamp\n",
        "## Actions\n\n- The next meeting of the working group will be at 9AM on June 7\n",
        "## Actions\n\n- By the end of Thursday\n",
        "## Actions\n\n- Ann said that the lamp is mended\n",
        "## Actions\n\n### Deliverables - on hold\n\n- Paint the lamp\n",
    ],
)
def test_topics_states_and_meetings_are_no_work(text: str) -> None:
    assert [words for words, _, _ in items(text)] in ([], ["Mend the crane"])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("**Action** Bo agreed to lead the list", ("lead the list", ("Bo",), None)),
        ("**Action** The lamp is for May. Bo will ask his friend.", ("ask his friend", ("Bo",), None)),
        ("Action Item - Finish the list", ("Finish the list", (), None)),
    ],
)  # fmt: skip
def test_marks_without_a_colon(line: str, expected: tuple[str, tuple[str, ...], None]) -> None:
    assert items(f"## Notes\n\n{line}\n") == [expected]


@pytest.mark.parametrize("line", ["Hide it until it is signed", "Revamp the page once it was seen"])
def test_what_is_under_way_aside_makes_no_report(line: str) -> None:
    assert items(f"## Action items\n\n- {line}\n") == [(line, (), None)]


@pytest.mark.parametrize(
    ("line", "due"),
    [
        ("Schedule a call with the port on 30 May 2024", None),
        ("Organise the workshop on Friday", None),
        ("Schedule a call with the port by 30 May", "2024-05-30"),
        ("Send the log on 30 May", "2024-05-30"),
    ],
)
def test_the_day_of_a_meeting_that_is_to_be_set_is_no_due_day(line: str, due: str | None) -> None:
    assert [day for _, _, day in items(f"## Action items\n\n- {line}\n")] == [due]


def test_a_line_with_a_label_of_its_own_does_not_go_on() -> None:
    text = (
        "Action: Finish the roles of the whole of the crew of the crane\nPassed to: Dee and Eve\n"
    )
    assert (
        items(f"## Notes\n\n{text}")[0][0]
        == "Finish the roles of the whole of the crew of the crane"
    )


def test_a_table_of_what_was_discussed_is_no_list_of_work() -> None:
    table = "Item | Who | Notes\n--- | --- | ---\nNew quay | Ann Lee | It is long.\n"
    assert items(f"## Discussion items\n\n{table}") == []
    assert items(f"## Crane\n\n{table}") == [("New quay", ("Ann Lee",), None)]


def test_a_priority_is_nothing_prior() -> None:
    (entry,) = reading(f"{HEAD}## Priority actions\n\n- Mend the crane\n").entries
    assert not entry.carried


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BO ACTION: ask the port", ("ask the port", ("BO",), None)),
        ("**Action** Once it is there, Dee agreed to call them", ("call them", ("Dee",), None)),
        ("- ACTION: Review the list [v2](https://x.example)\n  and add the sizes (Ann)", ("Review the list v2 and add the sizes", ("Ann",), None)),
    ],
)  # fmt: skip
def test_who_and_what_of_a_mark(text: str, expected: tuple[str, tuple[str, ...], None]) -> None:
    assert items(f"## Notes\n\n{text}\n") == [expected]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("The next meeting of the harbour group will be at 9AM Pacific Time, on Friday June 7, 2024.", "2024-06-07T09:00"),
        ("The next general crew meeting is on June 7, at 12 pm US Eastern Time.", "2024-06-07T12:00"),
        ("Next meeting is June 7th, 2024.", "2024-06-07"),
        ("The next meeting of the harbour team of Bo will be on June 7, 2024.", None),
        ("The next meeting will be in 30 days (6 May 2024).", None),
        ("The next call for papers is on June 7, 2024.", None),
        ("### Next meeting (2024-06-07)\n\n- Chair: Bo", "2024-06-07"),
        ("### Next meeting\n\n- Date: 6/27/2024\n- Time: 12 pm PST", "2024-06-27T12:00"),
        ("### Next meeting\n\n2pm (AEST) on Monday 10th June, 2024", "2024-06-10T14:00"),
    ],
)  # fmt: skip
def test_the_next_meeting_in_a_sentence(text: str, start: str | None) -> None:
    told = reading(f"{HEAD}## Notes\n\n{text}\n").meeting.next
    assert (told.start, told.place) == (start, None)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("Date: 5/20/2024\n\nTime: 12 pm - 12:15 pm PST", "2024-05-20T12:00", "2024-05-20T12:15"),
        ("Date: 20 May 2024\n\nTime: 12PM US Eastern, UTC 1700", "2024-05-20T12:00", None),
        ("#### 20 May 2024 / 8:00 AM PT", "2024-05-20T08:00", None),
        ("May 20, 2024 (7:00am - 8:30am PT)", "2024-05-20T07:00", "2024-05-20T08:30"),
        ("At 7.30pm on Monday 20 May 2024", "2024-05-20T19:30", None),
    ],
)
def test_when_with_the_hour(text: str, start: str, end: str | None) -> None:
    found = reading(f"# Harbour sync\n\n{text}\n").meeting
    assert (found.start, found.end) == (start, end)


def test_who_was_there_without_firms_and_sentences() -> None:
    people = "- Ann Lee, Acme Inc\n- Bo Young, Harbour\n- Cy Fox, Port Works\n"
    rest = "Unfortunately, no film was made.\n\nAnn began with this list:\n\n* Pilot\n* Crane\n"
    found = reading(f"# Sync\n\n## Voting Member Attendees\n\n{people}\n{rest}").meeting
    assert found.attendees == ("Ann Lee", "Bo Young", "Cy Fox")
    found = reading("# Sync\n\nAttendees: Port: Ann Lee, Bo Young, x\n").meeting
    assert found.attendees == ("Ann Lee", "Bo Young")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (
            "DRAFT\n\nMinutes of the harbour crew\n\nDate: 2024-05-20\n",
            "Minutes of the harbour crew",
        ),
        ("Client Name: Acme\n\nDate: 2024-05-20\n", "minutes"),
    ],
)
def test_what_is_no_title(text: str, title: str) -> None:
    assert reading(text).meeting.title == title


def test_decisions_below_topics_and_with_two_signs_behind_a_number() -> None:
    text = "## Topics\n\n- Crane\n  - Decision: leave it\n\n## Decisions\n\n1.) A page is made\n"
    assert [d.text for d in reading(HEAD + text).decisions] == ["leave it", "A page is made"]


def test_a_long_conclusion_with_its_terms_below_is_one() -> None:
    words = "The crew takes over the rules for the quay as they are laid out in the paper, with"
    text = (
        f"## Decisions\n\n- {words}\n  these changes:\n  - shorter\n- The following was agreed:\n"
    )
    (decision,) = reading(HEAD + text).decisions
    assert decision.text == f"{words} these changes"
