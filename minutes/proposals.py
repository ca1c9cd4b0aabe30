"""What somebody else proposes as action items, held against the document. Pure.

Every field must be quoted from the document: task and day from one line, the owner from anywhere.
The day is read by ``minutes.dates`` alone. What is left may be an item; nothing here is certain.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mapping.calendar import Calendar
from mapping.values import Entry, Reading, Team
from mapping.words import clean, fold, plain
from minutes import dates
from minutes.document import Document, Heading, Table
from minutes.owners import NOBODY, Kind, Owners, People
from minutes.running import unwrapped

_LONGEST = 300  # characters of a task; more is no task but a passage
_ALIKE = 0.7


@dataclass(frozen=True, slots=True)
class Piece:
    """One line of a document, or one row of a table.

    Attributes:
        form: the text as words are looked for in it, character by character (``words.plain``).
        is_row: its cells are told together: who knows one of them knows the row.
    """

    text: str
    line: int
    form: str
    is_row: bool = False


def pieces_of(document: Document) -> Iterator[Piece]:
    """Yield the lines and rows of a document; what is struck through or an aside is left out."""
    counts = bool(document.encoding)  # lines are counted in text files only
    for block in document.blocks:
        if isinstance(block, Table):
            yield from _rows(block)
        elif isinstance(block, Heading):
            yield _piece(block.text, block.line)
        elif not block.struck and not getattr(block, "note", False):
            for offset, text in unwrapped(block.text):
                yield _piece(text, block.line + offset * counts)


def _rows(table: Table) -> Iterator[Piece]:
    for row in table.rows:
        if row.struck:
            continue
        cells = [cell for cell in row.cells if not (cell.merged or cell.struck)]
        yield _piece(" | ".join(cell.text for cell in cells), row.line, is_row=True)
        for cell in cells:
            for inner in cell.tables:
                yield from _rows(inner)


def _piece(text: str, line: int, *, is_row: bool = False) -> Piece:
    text = _cleaned(text)
    return Piece(text, line, plain(text), is_row)


def _cleaned(text: str) -> str:
    return " ".join(clean(text.replace("\n", " ")).split())


def possible(
    proposals: Sequence[Any],
    pieces: Sequence[Piece],
    reading: Reading,
    *,
    team: Team,
    calendar: Calendar,
) -> Iterator[Entry]:
    """Yield the proposals that the document bears out and that the reading does not have.

    Args:
        proposals: as the model made them; anything may stand there.
        pieces: of the document.
        reading: the first one.
        team: whose people are known.
        calendar: working days and holidays.
    """
    meeting = reading.meeting
    named = [n for n in (*meeting.attendees, meeting.host, meeting.recorder) if n]
    people = People(team, named)
    order = dates.order_of(piece.text for piece in pieces)
    known = _Known((*reading.entries, *reading.possible))
    for proposal in proposals:
        if not isinstance(proposal, Mapping):
            continue
        description, due = proposal.get("description"), proposal.get("due") or ""
        if not isinstance(description, str) or not isinstance(due, str):
            continue
        place = _place(description, due, pieces)
        who = _owner(proposal.get("owner"), people, pieces)
        if place is None or who is None or known.has(*place):
            continue
        piece, start, end = place
        told = dates.parse(_quoted(due, piece), meeting.day, calendar, order=order) if due else None
        entry = Entry(
            description=piece.text[start:end],
            owner=who.owner,
            owners=who.owners,
            department=who.department,
            support=who.support,
            due=told.day if told else None,
            due_text=told.text if told and told.kind != "none" else None,
            line=piece.line,
            source=piece.text[start:end],
        )
        known.add(entry)
        yield entry


def _find(words: str, piece: Piece) -> tuple[int, int] | None:
    """Return where words stand in a piece, None if they do not; a part of a word is no word."""
    form = plain(_cleaned(words))
    if not form:
        return None
    before = r"(?<![A-Za-z0-9])" if form[0].isascii() and form[0].isalnum() else ""
    after = r"(?![A-Za-z0-9])" if form[-1].isascii() and form[-1].isalnum() else ""
    match = re.search(before + re.escape(form) + after, piece.form)
    return match.span() if match else None


def _quoted(words: str, piece: Piece) -> str:
    """Return words as the piece has them; nothing where it does not have them."""
    span = _find(words, piece)
    return piece.text[slice(*span)] if span else ""


def _place(description: str, due: str, pieces: Iterable[Piece]) -> tuple[Piece, int, int] | None:
    """Return the first piece that has the task and, in the same line, its day."""
    if not 1 < len(description) <= _LONGEST or not re.search(r"[^\W\d_]", description):
        return None
    for piece in pieces:
        span = _find(description, piece)
        if span and (not due or _find(due, piece)):
            return (piece, *span)
    return None


def _owner(told: object, people: People, pieces: Sequence[Piece]) -> Owners | None:
    """Return who is named, None if it is not in the document or is no name."""
    names = []
    for name in told if isinstance(told, list) else [told] if told else []:
        words = _quoted_anywhere(name, pieces) if isinstance(name, str) else ""
        if not words:
            return None
        names.append(words)
    who = people.read("、".join(names)) if names else NOBODY
    named = all(people.kind(name) in (Kind.PERSON, Kind.GROUP) for name in who.owners)
    return who if named else None


def _quoted_anywhere(words: str, pieces: Iterable[Piece]) -> str:
    return next((found for piece in pieces if (found := _quoted(words, piece))), "")


class _Known:
    """The items that are known, by their lines and by their words."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._by_line: dict[int, list[Entry]] = {}
        self._tasks: list[tuple[str, frozenset[str]]] = []
        self._told: list[str] = []
        for entry in entries:
            self.add(entry)

    def add(self, entry: Entry) -> None:
        if entry.line is not None:
            self._by_line.setdefault(entry.line, []).append(entry)
        task = fold(entry.description)
        self._tasks.append((task, _pairs(task)))
        told = (entry.description, entry.acceptance, entry.deliverable, entry.note)
        self._told += [fold(words) for words in told if words]

    def has(self, piece: Piece, start: int, end: int) -> bool:
        """Say whether a stretch of a piece is a known item, or belongs to one."""
        for entry in self._by_line.get(piece.line, ()):
            spans = [_find(words, piece) for words in (entry.source, entry.description)]
            found = [span for span in spans if span]
            if piece.is_row or not found or any(s < end and start < e for s, e in found):
                return True
        task = fold(piece.text[start:end])
        if any(task in words for words in self._told):
            return True
        pairs = _pairs(task)
        return any(
            (other in task and 2 * len(other) >= len(task))
            or 2 * len(pairs & others) >= _ALIKE * (len(pairs) + len(others))
            for other, others in self._tasks
        )


def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[n : n + 2] for n in range(max(1, len(text) - 1)))
