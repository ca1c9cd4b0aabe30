"""From a document's blocks to what its minutes say: the facts, the decisions, the items. Pure.

The way of a document: ``stream`` puts each line and table under the part it stands in; ``meeting``
reads the facts; ``tables``, ``entries`` and ``prose`` recognise drafts of items; ``join`` makes one
of those that tell the same task; ``findings`` says what is missing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import groupby

from mapping.calendar import Calendar
from mapping.people import split_names
from mapping.values import Decision, Finding, Meeting, Reading, Severity, Team
from minutes import dates
from minutes.decisions import decisions_of, has_basis
from minutes.document import Document
from minutes.drafts import Desk, Draft
from minutes.dues import Dues
from minutes.entries import drafts_of
from minutes.findings import MAX_TOPICS, Writer
from minutes.join import join
from minutes.labels import Part
from minutes.meeting import Around, read_meeting
from minutes.owners import People, is_han_name
from minutes.sections import Grid, Line
from minutes.stream import stream
from minutes.tables import rows_of

_DOTTED = re.compile(r"(?<!\d)(?:19|20)\d{2}\.\d{1,2}\.\d{1,2}(?!\d)")
SENSITIVE_WORDS = ("财务", "战略", "机密", "confidential")


def extract(
    document: Document,
    *,
    name: str,
    team: Team | None,
    calendar: Calendar,
    day: date | None = None,
    sensitive_words: Sequence[str] = SENSITIVE_WORDS,
    max_topics: int = MAX_TOPICS,
) -> Reading:
    """Return what a document says.

    Args:
        document: its blocks.
        name: the file's name; its day and words stand in where the text tells none.
        team: whose people and departments are known; None knows nobody and finds nobody unknown.
        calendar: working days and holidays.
        day: the meeting's day where nothing else tells it.
        sensitive_words: words of a title that make minutes sensitive (F5).
        max_topics: more topics on an agenda are a finding (A1).
    """
    parts = stream(document)
    order = dates.order_of(_texts(parts))
    read = partial(
        read_meeting,
        around=Around(name, document.front, day),
        team=team,
        calendar=calendar,
        sensitive_words=sensitive_words,
        order=order,
    )
    groups = groupby(parts, key=lambda part: part.section.meeting)
    meetings = {number: read(tuple(group)) for number, group in groups} or {0: read(())}
    desk = _desk(parts, meetings, team, calendar, order)
    told = groupby(_drafts(parts, desk), key=lambda draft: draft.meeting)
    joined = [join(list(group)) for _, group in told]
    drafts = [draft for one in joined for draft in one.drafts]
    repeated = [pair for one in joined for pair in one.repeated]
    decisions = tuple(decisions_of(parts))
    language = _language(team, parts)
    writer = Writer(language, max_topics)
    listed = any(part.section.part is Part.ACTIONS for part in parts)
    work = listed or any(draft.certain for draft in drafts)
    return Reading(
        meeting=meetings[0],
        decisions=decisions,
        entries=tuple(draft.entry for draft in drafts if draft.certain),
        possible=tuple(draft.entry for draft in drafts if not draft.certain),
        findings=(
            *_notes(document, language),
            *_findings(
                writer,
                meetings[0],
                parts=parts,
                drafts=drafts,
                repeated=repeated,
                decisions=decisions,
                work=work,
                basis=has_basis(document, parts),
            ),
        ),
        agenda=_is_agenda(
            meetings[0],
            new=listed or any(d.certain and not d.entry.carried for d in drafts),
            said=bool(decisions) or _has_discussion(parts),
        ),
    )


def _desk(
    parts: Sequence[Line | Grid],
    meetings: Mapping[int, Meeting],
    team: Team | None,
    calendar: Calendar,
    order: dates.Order | None,
) -> Desk:
    """Return the people whom the document may mean, and the days from which it counts."""
    named = [n for m in meetings.values() for n in (*m.attendees, m.host, m.recorder) if n]
    return Desk(
        people=People(
            team, [*named, *_handles(parts), *_column_names(parts), *_listed_names(parts)]
        ),
        dues=Dues(calendar, order, dotted=any(map(_DOTTED.search, _texts(parts)))),
        calendar=calendar,
        days={number: m.day for number, m in meetings.items()},
    )


def _is_agenda(meeting: Meeting, *, new: bool, said: bool) -> bool:
    """Say whether a document only tells what is to be spoken of (A3), old work included (D6)."""
    return bool(meeting.topics) and not (new or said)


def _notes(document: Document, language: str) -> Iterator[Finding]:
    """Yield what the reading itself has to tell: another encoding, something left out."""
    for note in document.notes:
        code = "encoding" if document.encoding else "text-cut"
        yield Finding(code=code, message=note.text(language), severity=Severity.INFO)


def _language(team: Team | None, parts: Sequence[Line | Grid]) -> str:
    """Return the language of findings: the team's, without a team the document's."""
    if team and team.name:
        return team.language
    chinese = any("\u3400" <= c <= "\u9fff" for text in _texts(parts) for c in text)
    return "zh" if chinese else "en"


def _findings(
    writer: Writer,
    meeting: Meeting,
    *,
    parts: Sequence[Line | Grid],
    drafts: Sequence[Draft],
    repeated: Sequence[tuple[Draft, Draft]],
    decisions: Sequence[Decision],
    work: bool,
    basis: bool,
) -> Iterator[Finding]:
    grids = [part for part in parts if isinstance(part, Grid)]
    agenda = any(grid.header.is_agenda for grid in grids)
    yield from writer.of_meeting(meeting, decisions, agenda=agenda, items=work, basis=basis)
    yield from writer.of_decisions(decisions)
    for part in parts:
        if isinstance(part, Line):
            yield from writer.of_materials(part.line, part.text)
    asked = any("acceptance" in draft.asked for draft in drafts)
    for draft in drafts:
        yield from writer.of_draft(draft, asked=asked)
    for kept, other in repeated:
        yield writer.finding("duplicate", kept.entry.description, line=other.entry.line)


def _has_discussion(parts: Sequence[Line | Grid]) -> bool:
    """Say whether something stands under a heading such as 讨论 or 情况."""
    return any(
        isinstance(part, Line)
        and not part.heading
        and part.section.own
        and part.section.part is Part.OTHER
        for part in parts
    )


def _texts(parts: Sequence[Line | Grid]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Line):
            yield part.text
        else:
            for row in part.rows:
                yield from (cell.text for cell in row.cells)


def _handles(parts: Sequence[Line | Grid]) -> Iterator[str]:
    """Yield the handles behind the names of those who were there: Ann Lee @annlee."""
    for part in parts:
        if isinstance(part, Line) and part.section.part is Part.ATTENDEES:
            yield from re.findall(r"(?<!\w)@([\w-]{2,30})", part.text)


def _column_names(parts: Sequence[Line | Grid]) -> Iterator[str]:
    """Yield the names in the owners' columns: people whom the document may name again."""
    for part in parts:
        column = part.header.fields.get("owner") if isinstance(part, Grid) else None
        if column is not None and isinstance(part, Grid):
            for row in part.rows:
                text = row.cells[column].text
                if 1 < len(text) <= 20 and not any(c in text for c in "、,，/;；&\n（("):
                    yield text


def _listed_names(parts: Sequence[Line | Grid]) -> Iterator[str]:
    """Yield the names that begin or end the entries of a list of work, one with each.

    Names of two characters look like many a word; beside longer ones they are names.
    """
    entries = (p for p in parts if isinstance(p, Line) and p.section.part is Part.ACTIONS)
    for _, group in groupby(entries, key=lambda line: line.section):
        pairs = [_SIDES.match(line.text) for line in group if not line.heading]
        for side in (1, 2):
            texts = [match[side] for match in pairs if match]
            names = [n for text in texts for n in split_names(text)]
            if len(texts) > 1 and all(map(is_han_name, names)) and max(map(len, names)) > 2:
                yield from names


_SIDES = re.compile(r"([^:：]+?)\s*[:：]\s*([^:：]+?)\s*$")


def _drafts(parts: Sequence[Line | Grid], desk: Desk) -> Iterator[Draft]:
    for is_grid, group in groupby(parts, key=lambda part: isinstance(part, Grid)):
        if is_grid:
            for part in group:
                if isinstance(part, Grid) and not part.header.is_agenda:
                    yield from rows_of(part, desk)
        else:
            yield from drafts_of([p for p in group if isinstance(p, Line)], desk)
