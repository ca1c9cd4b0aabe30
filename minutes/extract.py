"""From a document's blocks to what its minutes say: the facts, the decisions, the items. Pure.

The way of a document: ``stream`` puts each line and table under the part it stands in; ``meeting``
reads the facts; ``tables``, ``entries`` and ``prose`` recognise drafts of items; ``join`` makes one
of those that tell the same task; ``findings`` says what is missing.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

from mapping.calendar import Calendar
from mapping.values import Reading, Team
from minutes import dates
from minutes.document import Document
from minutes.drafts import Desk, Draft
from minutes.dues import Dues
from minutes.entries import drafts_of
from minutes.meeting import Around, read_meeting
from minutes.stream import Grid, Line, stream
from minutes.owners import People
from minutes.tables import rows_of

SENSITIVE_WORDS = ("财务", "战略", "机密", "confidential")


def extract(
    document: Document,
    *,
    name: str,
    team: Team | None,
    calendar: Calendar,
    day: date | None = None,
    sensitive_words: Sequence[str] = SENSITIVE_WORDS,
) -> Reading:
    """Return what a document says.

    Args:
        document: its blocks.
        name: the file's name; its day and words stand in where the text tells none.
        team: whose people and departments are known; None knows nobody and finds nobody unknown.
        calendar: working days and holidays.
        day: the meeting's day where nothing else tells it.
        sensitive_words: words of a title that make minutes sensitive (F5).
    """
    parts = stream(document)
    order = dates.order_of(_texts(parts))
    around = Around(name, document.front, day)
    meetings = {
        number: read_meeting(
            tuple(group),
            around,
            team=team,
            calendar=calendar,
            sensitive_words=sensitive_words,
            order=order,
        )
        for number, group in groupby(parts, key=lambda part: part.section.meeting)
    }
    if not meetings:
        meetings = {0: read_meeting((), around, team=team, calendar=calendar,
                                    sensitive_words=sensitive_words, order=order)}
    named = [n for m in meetings.values() for n in (*m.attendees, m.host, m.recorder) if n]
    people = People(team, [*named, *_column_names(parts)])
    desk = Desk(
        people=people,
        dues=Dues(calendar, order),
        calendar=calendar,
        days={number: m.day for number, m in meetings.items()},
    )
    drafts = list(_drafts(parts, desk))
    return Reading(meeting=meetings[0], entries=tuple(d.entry for d in drafts if d.certain))


def _texts(parts: Sequence[Line | Grid]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Line):
            yield part.text
        else:
            for row in part.rows:
                yield from (cell.text for cell in row.cells)


def _column_names(parts: Sequence[Line | Grid]) -> Iterator[str]:
    """Yield the names in the owners' columns: people whom the document may name again."""
    for part in parts:
        column = part.header.fields.get("owner") if isinstance(part, Grid) else None
        if column is not None and isinstance(part, Grid):
            for row in part.rows:
                text = row.cells[column].text
                if 1 < len(text) <= 20 and not any(c in text for c in "、,，/;；&\n（("):
                    yield text


def _drafts(parts: Sequence[Line | Grid], desk: Desk) -> Iterator[Draft]:
    for is_grid, group in groupby(parts, key=lambda part: isinstance(part, Grid)):
        if is_grid:
            for part in group:
                if isinstance(part, Grid) and not part.header.is_agenda:
                    yield from rows_of(part, desk)
        else:
            yield from drafts_of([p for p in group if isinstance(p, Line)], desk)
