"""What is kept of a meeting: its key and facts, and an agenda beside its minutes. I/O by handle."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mapping import titles
from mapping.values import Absence, Item, Meeting, MeetingType, NextMeeting
from mapping.words import fold
from sync.stored import DocumentRow
from sync.transaction import Transaction


def document_key(team: str, meeting: Meeting, file: str) -> str:
    """Return what tells the same minutes again: title and start, else the file's name."""
    told = (fold(meeting.title or ""), meeting.start or "")
    text = "\0".join((team, *(told if any(told) else ("file", file))))
    return "M-" + hashlib.sha256(text.encode()).hexdigest()[:10]


def series_of(meeting: Meeting) -> str | None:
    """Return what the titles of one series share, None if nothing is left of the title."""
    return titles.series_of(meeting.title) or None


def meeting_of(document: DocumentRow | None, item: Item) -> Mapping[str, Any] | None:
    """Return an item's meeting as ``items --json`` shows it."""
    if document is not None:
        facts = document.meeting
        title = item.meeting or facts.get("title")
        return {"id": document.key, "title": title, "start": facts.get("start")}
    return {"id": None, "title": item.meeting, "start": None} if item.meeting else None


def facts_of(meeting: Meeting) -> dict[str, Any]:
    """Return a meeting as it is kept: JSON."""
    n = meeting.next
    return {
        "title": meeting.title,
        "type": meeting.type.value if meeting.type else None,
        "start": meeting.start,
        "end": meeting.end,
        "place": meeting.place,
        "host": meeting.host,
        "recorder": meeting.recorder,
        "attendees": list(meeting.attendees),
        "absent": [{"name": a.name, "reason": a.reason} for a in meeting.absent],
        "goals": list(meeting.goals),
        "topics": list(meeting.topics),
        "next": {"start": n.start, "place": n.place, "topic": n.topic},
        "sensitive": meeting.sensitive,
        "planned_min": meeting.planned_min,
    }


def meeting_from(facts: Mapping[str, Any]) -> Meeting:
    """Return the meeting whose facts were kept; what an older version did not keep is empty."""
    told = dict(facts)
    kind, following = told.get("type"), told.get("next") or {}
    lists = {name: tuple(told.get(name) or ()) for name in ("attendees", "goals", "topics")}
    absent = tuple(Absence(**a) for a in told.get("absent") or ())
    return Meeting(
        **{
            **told,
            **lists,
            "type": MeetingType(kind) if kind else None,
            "absent": absent,
            "next": NextMeeting(**following),
        }
    )


def other_half(
    tx: Transaction, meeting: Meeting, *, key: str, of_agenda: bool
) -> tuple[DocumentRow | None, list[DocumentRow]]:
    """Return the minutes of an agenda, or the agenda of minutes, that has a title of its own.

    Where only one of them tells the hour, they are of one meeting if nothing else is of a meeting
    of that subject and day. Else there is none, and what it may be is returned beside.
    """
    near = [
        (row, facts)
        for row in tx.documents_on((meeting.start or "")[:10])
        if row.key != key and titles.is_near(facts := meeting_from(row.meeting), meeting)
    ]
    halves = [
        row
        for row, facts in near
        if row.is_agenda is not of_agenda and titles.is_same_meeting(facts, meeting)
    ]
    found = [row for row in halves if row.start == meeting.start]
    if not found and len(near) == 1:
        found = halves
    return (found[0], []) if len(found) == 1 else (None, halves)


def completed(meeting: Meeting, other: Meeting) -> Meeting:
    """Add what only the agenda tells: topics, and how long they were to take (E1)."""
    return replace(
        meeting,
        topics=meeting.topics or other.topics,
        planned_min=meeting.planned_min or other.planned_min,
    )


def with_agenda(known: DocumentRow, agenda: Meeting) -> DocumentRow:
    """Return minutes completed by an agenda that came after them; nothing else changes."""
    meeting = completed(meeting_from(known.meeting), agenda)
    tally = {**known.tally, "topics": len(meeting.topics)}
    return replace(known, meeting=facts_of(meeting), tally=tally)
