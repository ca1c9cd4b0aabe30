"""What was recognised of one action item, and what its entry is made of. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from mapping.calendar import Calendar
from mapping.people import split_names
from mapping.values import Entry, Status
from mapping.words import clean
from minutes.dues import DueRead, Dues
from minutes.owners import Owners, People
from minutes.states import expected_in, status_in


class Origin(StrEnum):
    """How an item was told, the surest first."""

    TABLE = "table"
    RECORD = "record"  # labels, one field each
    ENTRY = "entry"  # of a list of work, or a check box
    MARK = "mark"  # ACTION: …
    PROSE = "prose"  # a sentence that gives work to somebody


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An entry with what only findings and joining ask for.

    Attributes:
        certain: it is an item; else only likely one.
        asked: the fields for which its layout has a place.
        tracker: it is a row of a tracker (template 3).
        continued: its own words say that it goes on from the last meeting.
        weak: a sentence of the discussion told it, which a list of actions outweighs.
        topic: what stands around a sentence, which its own words may leave out.
    """

    entry: Entry
    origin: Origin
    who: Owners
    due: DueRead
    meeting: int = 0
    index: int = 0
    certain: bool = True
    asked: frozenset[str] = frozenset()
    tracker: bool = False
    continued: bool = False
    weak: bool = False
    topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What drafts are made with: the people, and the days of the file's meetings."""

    people: People
    dues: Dues
    calendar: Calendar
    days: Mapping[int, date | None] = field(default_factory=dict)

    def find_day(self, text: str, meeting: int) -> date | None:
        """Return the day that a phrase names, None if it names none."""
        return self.dues.read(text, self.days.get(meeting)).day

    def due(self, text: str, meeting: int) -> DueRead:
        """Return the day that a due cell or a phrase names."""
        return self.dues.read(text, self.days.get(meeting))


_EMPTY = frozenset(
    ("", "-", "--", "—", "——", "–", "无", "無", "/", "\\", "n/a", "na", "none", "nil")
)
_EMPTY |= frozenset(("待补充", "待補充"))


def value_of(text: str | None) -> str | None:
    """Return a cell's text, None for a placeholder such as ``-`` or ``无``."""
    text = clean(text or "")
    bare = text.strip(" ()（）[]【】。.").casefold()
    return None if bare in _EMPTY else text


def draft(
    fields: Mapping[str, str],
    *,
    desk: Desk,
    line: int,
    source: str,
    origin: Origin,
    meeting: int = 0,
    index: int = 0,
    box: str | None = None,
    who: Owners | None = None,
    told: DueRead | None = None,
    carried: bool = False,
    **more: object,
) -> Draft:
    """Make a draft of the words found for each field; fields that are absent have no place.

    Args:
        fields: field -> words as written; ``description`` must be there.
        desk: the people and the days.
        line: where it stands.
        source: the words it was read from.
        origin: how it was told.
        meeting: which meeting of the file.
        index: its place in the stream.
        box: what stands in its check box.
        who: the owners, where they were found otherwise than in an owner's place.
        told: the day, where it was found otherwise than in a due place.
        carried: it stands in the list of the last meeting.
        more: further attributes of the draft.
    """
    who = who or desk.people.read(value_of(fields.get("owner")))
    department = (value_of(fields.get("department")) or "").rstrip("*")
    due = _due(fields, told, desk, meeting)
    status, completed = _status(fields, box, desk, meeting)
    note = value_of(fields.get("note"))
    told_later = (note, fields.get("status")) if status is not Status.DONE else ()
    expected = next(
        (day for text in told_later if text and (day := expected_in(text, desk, meeting))), None
    )
    named = (name for name in split_names(value_of(fields.get("support"))) if value_of(name))
    entry = Entry(
        description=fields["description"],
        owner=who.owner,
        owners=who.owners,
        department=department or who.department,
        support=tuple(dict.fromkeys((*named, *who.support))),
        due=due.day,
        due_text=due.text,
        expected=expected if expected != due.day else None,
        acceptance=value_of(fields.get("acceptance")),
        status=status,
        completed=completed,
        deliverable=value_of(fields.get("deliverable")),
        note=note,
        carried=carried,
        line=line,
        source=source,
    )
    return Draft(
        entry=entry,
        origin=origin,
        who=who,
        due=due,
        meeting=meeting,
        index=index,
        asked=frozenset(fields),
        **more,  # type: ignore[arg-type]
    )


def _due(fields: Mapping[str, str], told: DueRead | None, desk: Desk, meeting: int) -> DueRead:
    """Return the day that an item is due by; a revised one stands before the first."""
    due = told or desk.due(fields.get("due", ""), meeting)
    revised = desk.due(fields.get("revised", ""), meeting)
    return revised if revised.day or (revised.text and not due.text) else due


def _status(
    fields: Mapping[str, str], box: str | None, desk: Desk, meeting: int
) -> tuple[Status, date | None]:
    """Return an item's status, and the day of its completion; one with such a day is done."""
    status, told = status_in(fields.get("status"), box)
    completed = desk.find_day(fields.get("completed", ""), meeting)
    completed = completed or (desk.find_day(told, meeting) if told else None)
    return status or (Status.DONE if completed else Status.IN_PROGRESS), completed
