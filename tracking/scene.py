"""What the rules look at: one team at one moment. Pure values, made by the shell.

Everything is as the store has it after a pass; days and hours are the team's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from mapping.calendar import Calendar
from mapping.people import Directory
from mapping.values import Finding, Item, Meeting, MeetingType


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The handbook's thresholds as the team wants them; names as in ``[rules]``.

    Attributes:
        quiet_hours: from, until; over midnight where until is the earlier.
        approval: whether minutes wait for the host (C3).
    """

    off: frozenset[str] = frozenset()
    remind_days_before: int = 2
    digest_weekday: int = 0  # Monday
    digest_time: time = time(9)
    late_alert_working_days: int = 3
    raise_to: str = ""
    important_types: tuple[MeetingType, ...] = (MeetingType.DECISION,)
    important_words: tuple[str, ...] = ("战略", "启动", "strategy", "kick-off")
    leaders: tuple[str, ...] = ()
    verification: bool = True
    follow_up: str = "host"
    minutes_within_hours: int = 24
    distribute_within_working_days: int = 1
    on_time_goal: float = 0.8
    retention_years: int = 2
    stale_after: timedelta = timedelta(hours=24)
    quiet_hours: tuple[time, time] | None = None
    approval: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An item's live row in a tracker.

    Attributes:
        link: address of the row for people, None where the tool has none.
        label: what people call the row.
        data_at: when the tracker was last read with success.
    """

    tracker: str
    kind: str
    link: str | None = None
    label: str = ""
    data_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A completion that the follow-up person did not accept (D5).

    Attributes:
        mark: tells one refusal from another.
    """

    mark: str
    at: datetime
    by: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """An item with what is known beside it.

    Attributes:
        rows: in the order of the team file's trackers.
        promised: the day told in the minutes or in the note by which a late item is expected or a
            blocked one is resolved (D4, D6).
        moved_at: when a person last changed it, in minutes, a tool or by a command.
        alerted_at: when the first risk alert for its due day was sent (F3).
        blocked_since: the day on which it became blocked.
        refusal: the last one, as long as nothing was reported since.
        refused: how many there were, so that the next report is a new one to check.
    """

    item: Item
    rows: tuple[Row, ...] = ()
    promised: date | None = None
    moved_at: datetime | None = None
    alerted_at: datetime | None = None
    blocked_since: date | None = None
    refusal: Refusal | None = None
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Where minutes stand with the host (C3).

    Attributes:
        state: ``waiting``, ``approved`` or ``refused``.
        asked_at: when this version was first there to be approved.
        version: tells it from every other; the same words are the same version.
    """

    state: str
    asked_at: datetime
    version: str = ""
    by: str | None = None
    at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An open finding.

    Attributes:
        place: tells it from every other of the team.
    """

    place: str
    finding: Finding
    first_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """Minutes that came in.

    Attributes:
        id: the hub's key of the meeting, ``M-…``.
        series: what the titles of one series share, None without a title.
        seen_at: when the first version was there.
        items: ids of the items it speaks of, in its order; none while it waits for approval.
        drafted: what its items will be called, while it waits for approval: "owner: text (day)".
        approval: None where the team asks nobody.
        agenda: the meeting's agenda, while its minutes have not come.
    """

    id: str
    meeting: Meeting
    file: str
    seen_at: datetime
    series: str | None = None
    items: tuple[str, ...] = ()
    drafted: tuple[str, ...] = ()
    findings: tuple[Found, ...] = ()
    approval: Approval | None = None
    agenda: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One team at one moment.

    Attributes:
        now: aware, in the team's zone.
        items: by id: all that are open, and those that minutes of the last weeks speak of.
        minutes: by the start of the meeting: those of the last months, and those that open items
            come from.
        findings: open ones of trackers (those of minutes stand there).
        stale: trackers whose data is older than the team allows, with the time of their data.
    """

    now: datetime
    directory: Directory
    calendar: Calendar
    rules: Thresholds
    items: Mapping[str, Tracked] = field(default_factory=dict)
    minutes: tuple[Minutes, ...] = ()
    findings: tuple[Found, ...] = ()
    stale: Mapping[str, datetime | None] = field(default_factory=dict)
