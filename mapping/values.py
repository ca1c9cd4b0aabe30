"""The values that every layer shares. Pure.

Names and allowed words are those of the program's JSON, so that a value prints as what it is.
Handbook rules are named by their ids (B1, F1 ...).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Status(StrEnum):
    """The four statuses of the tracker (D1)."""

    IN_PROGRESS = "in-progress"
    DONE = "done"
    LATE = "late"
    BLOCKED = "blocked"


class Severity(StrEnum):
    """How much a finding matters: an error needs a person, an info only tells."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class MeetingType(StrEnum):
    """The meeting types of the handbook (S1)."""

    REGULAR = "regular"
    SPECIAL = "special"
    CROSS_DEPARTMENT = "cross-department"
    DECISION = "decision"


class Conclusion(StrEnum):
    """What was decided (B1), or that it was not (F1)."""

    AGREED = "agreed"
    DEFERRED = "deferred"
    NEEDS_MATERIAL = "needs-material"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody named in the team file.

    Attributes:
        name: the spelling that items and notices use.
        aliases: other names that documents and tools use for the same person.
        accounts: tool kind (``feishu``, ``jira`` ...) -> id there, where e-mail does not find it.
    """

    name: str
    aliases: tuple[str, ...] = ()
    department: str | None = None
    email: str | None = None
    mobile: str | None = None
    accounts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """An organisational unit and the one who answers for it (D3, F3)."""

    name: str
    head: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Whom a team's documents and rows may name."""

    name: str
    language: str = "zh"
    people: tuple[Person, ...] = ()
    departments: tuple[Department, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """One who was not there, with the reason if it was given."""

    name: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NextMeeting:
    """What the minutes say of the next meeting; ``start`` as in ``Meeting``."""

    start: str | None = None
    place: str | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """The facts of a meeting (C2).

    Attributes:
        start: ``YYYY-MM-DDTHH:MM``, or ``YYYY-MM-DD`` where no time is told; local to the team.
        end: likewise.
        planned_min: minutes that an agenda gives to its topics together (E1).
    """

    title: str | None = None
    type: MeetingType | None = None
    start: str | None = None
    end: str | None = None
    place: str | None = None
    host: str | None = None
    recorder: str | None = None
    attendees: tuple[str, ...] = ()
    absent: tuple[Absence, ...] = ()
    goals: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    next: NextMeeting = NextMeeting()
    sensitive: bool = False
    planned_min: int | None = None

    @property
    def day(self) -> date | None:
        """The day of the meeting, from which relative dates count."""
        return date.fromisoformat(self.start[:10]) if self.start else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One conclusion of the minutes."""

    text: str
    conclusion: Conclusion | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that a person should look at.

    Attributes:
        code: one of the codes of the program's JSON, e.g. ``due-vague``.
        rule: handbook id, e.g. ``F1``; None where no rule of the handbook stands behind it.
        line: line (Markdown) or body element (DOCX) of a document.
        row: what people call the row in a tool, e.g. ``Sheet1!7``.
        message: what is wrong, where, and what to write instead.
    """

    code: str
    message: str
    rule: str | None = None
    severity: Severity = Severity.WARNING
    line: int | None = None
    row: str | None = None
    item: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An action item as one document tells it.

    Attributes:
        owner: the one owner (F2) in the team file's spelling; None if there is not exactly one.
        owners: everybody in the owner's place, as written.
        due: the planned day, never a guess; ``due_text`` holds the words it was read from.
        expected: a new date told only in a remark (D6).
        carried: the row comes from a follow-up table and updates the item it speaks of.
        source: the words it was read from.
    """

    description: str
    owner: str | None = None
    owners: tuple[str, ...] = ()
    department: str | None = None
    support: tuple[str, ...] = ()
    due: date | None = None
    due_text: str | None = None
    expected: date | None = None
    acceptance: str | None = None
    status: Status = Status.IN_PROGRESS
    completed: date | None = None
    deliverable: str | None = None
    note: str | None = None
    carried: bool = False
    line: int | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that was read from one document; entries in the order of the document.

    Attributes:
        possible: what may be an item but is not certain: one for each finding ``possible-item``,
            in the same order. A person takes it over, or nobody does.
        agenda: it names topics, and tells neither discussion nor decisions nor work (template 1).
    """

    meeting: Meeting
    decisions: tuple[Decision, ...] = ()
    entries: tuple[Entry, ...] = ()
    findings: tuple[Finding, ...] = ()
    possible: tuple[Entry, ...] = ()
    agenda: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Who checked a reported completion, and when (D5)."""

    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """When and why an item is no longer to be done."""

    on: date
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An action item as the hub holds it (D1).

    Attributes:
        id: ours, see ``mapping.ids``.
        meeting: the meeting's title as trackers show it; ``meeting_id`` is the hub's key of it.
        late_for: the due day for which the rule has set ``late`` (it does so once a due day).
        sensitive: it comes from sensitive minutes (F5).
    """

    id: str
    description: str
    owner: str | None = None
    owners: tuple[str, ...] = ()
    department: str | None = None
    support: tuple[str, ...] = ()
    due: date | None = None
    due_text: str | None = None
    expected: date | None = None
    completed: date | None = None
    status: Status = Status.IN_PROGRESS
    acceptance: str | None = None
    deliverable: str | None = None
    note: str | None = None
    meeting: str | None = None
    meeting_id: str | None = None
    carried: bool = False
    verified: Verified | None = None
    closed: Closed | None = None
    late_for: date | None = None
    sensitive: bool = False
    created_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Still to be done: neither done nor closed."""
        return self.closed is None and self.status is not Status.DONE
