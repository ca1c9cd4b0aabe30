"""The review of a quarter or of a span: its figures (E1). Pure.

An item belongs to the span in which its due day lies, as that day stands now; how often days were
moved is told apart, and so is how many items kept the day that was planned first. Done is what was
checked (D5); what is reported only waits. Closed items are counted, and in no share.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from mapping.calendar import Calendar, workdays_after
from mapping.people import Directory
from mapping.titles import subject_of
from mapping.values import Item, Meeting, Status
from tracking.moments import end_of, expected_end, moment_of

_NO_FINDING = frozenset(("items", "topics", "agenda"))
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A meeting with its minutes.

    Attributes:
        seen_at: when the first version of the minutes was there.
        tally: how many topics and items they told, and of each code how many findings.
        planned: minutes that it was to last, None where nobody told.
        agenda: only its agenda has come.
    """

    meeting: Meeting
    seen_at: datetime
    series: str | None = None
    tally: Mapping[str, int] = field(default_factory=dict)
    planned: int | None = None
    agenda: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A line of the change log.

    Attributes:
        by_rule: no person stands behind it.
    """

    item: str
    field: str
    old: object
    new: object
    at: datetime
    by_rule: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What is reviewed; days are the team's, ``first`` and ``last`` count themselves.

    Attributes:
        now: aware, in the team's zone.
        goal: share of items that should be done on time.
        threshold: working days late after which an item that nobody touched is missed (F3).
        log: in its order.
        over_age: archived documents that are older than ``kept_years`` (F6), today.
    """

    now: datetime
    first: date
    last: date
    directory: Directory
    calendar: Calendar
    items: Sequence[Item] = ()
    meetings: Sequence[Held] = ()
    log: Sequence[Logged] = ()
    goal: float = 0.8
    threshold: int = 3
    max_topics: int = 5
    within_hours: int = 24
    over_age: int = 0
    kept_years: int = 2

    @property
    def today(self) -> date:
        """The day of the review."""
        return self.now.date()

    def has(self, day: date | None) -> bool:
        """Say whether a day lies in the span."""
        return day is not None and self.first <= day <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How the items of a span, of a department or of an owner were done.

    Attributes:
        due: all that count: those below together.
        late: done after their due day.
        to_check: reported as done, and not checked yet.
        overdue: past their due day and not done.
    """

    name: str = ""
    due: int = 0
    on_time: int = 0
    late: int = 0
    to_check: int = 0
    overdue: int = 0

    @property
    def share(self) -> float | None:
        """The share that was done on time, None where nothing was due."""
        return self.on_time / self.due if self.due else None

    @property
    def not_in_time(self) -> int:
        """How many were late or are overdue."""
        return self.late + self.overdue


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """An item and a number that is told of it."""

    item: Item
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Planned against real length, of the meetings where both are told.

    Attributes:
        timed: meetings whose real length is told; ``real`` is theirs, in minutes.
        over: meetings that lasted longer than planned.
    """

    timed: int = 0
    real: int = 0
    planned_meetings: int = 0
    planned: int = 0
    planned_real: int = 0
    over: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The figures.

    Attributes:
        items: of all that were due in the span.
        kept_first: done by the day that was planned first.
        not_yet: due in the span, but later than today.
        closed: closed without being done.
        departments, owners: most not in time first.
        redated: items whose day was moved to a later one, with how often, most first.
        blocked: items that were blocked, with the working days, longest first.
        findings: by code, most first.
        in_time, minutes_late, missing: minutes by C1; ``untimed`` tell no time of their meeting.
        many_topics: meetings with more topics than the team wants.
        missed: overdue by more than the threshold without any move, with working days late.
    """

    inputs: Inputs
    items: Tally
    kept_first: int
    not_yet: int
    closed: int
    departments: tuple[Tally, ...]
    owners: tuple[Tally, ...]
    redated: tuple[About, ...]
    blocked: tuple[About, ...]
    findings: Mapping[str, int]
    meetings: int
    told_items: int
    in_time: int
    minutes_late: int
    missing: int
    untimed: int
    lengths: Lengths
    many_topics: int
    missed: tuple[About, ...]

    @property
    def in_time_share(self) -> float | None:
        """The share of minutes that were there in time; missing ones count as late."""
        timed = self.in_time + self.minutes_late + self.missing
        return self.in_time / timed if timed else None


def review(inputs: Inputs) -> Review:
    """Return the figures of a span."""
    known = {item.id: item for item in inputs.items}
    mine = [i for i in inputs.items if inputs.has(i.due)]
    counted = [i for i in mine if i.closed is None and _counts(i, inputs.today)]
    moves = [c for c in inputs.log if c.field == "due" and c.item in known and _is_later(c)]
    firsts = {c.item: c.old for c in reversed(moves)}
    told = [h for h in inputs.meetings if not h.agenda]
    held = [h for h in told if inputs.has(_day(h, inputs.now.tzinfo))]
    in_time = [flag for h in held if (flag := _in_time(h, inputs)) is not None]
    times = Counter(c.item for c in moves if inputs.has(_local(c.at, inputs)))
    return Review(
        inputs=inputs,
        items=_tally("", counted),
        kept_first=sum(_is_done_by(i, firsts.get(i.id, i.due)) for i in counted),
        not_yet=sum(i.closed is None and not _counts(i, inputs.today) for i in mine),
        closed=sum(i.closed is not None for i in mine),
        departments=_by(lambda i: i.department or _own(i, inputs), counted),
        owners=_by(lambda i: i.owner, counted),
        redated=tuple(About(item=known[i], number=n) for i, n in times.most_common()),
        blocked=tuple(_blocked(inputs)),
        findings=_findings(held),
        meetings=len(held),
        told_items=sum(h.tally.get("items", 0) for h in held),
        in_time=sum(in_time),
        minutes_late=len(in_time) - sum(in_time),
        missing=_missing(inputs),
        untimed=len(held) - len(in_time),
        lengths=_lengths(held, inputs.now.tzinfo),
        many_topics=sum(_topics(h) > inputs.max_topics for h in held),
        missed=tuple(_missed(counted, inputs)),
    )


# --- items ---


def _counts(item: Item, today: date) -> bool:
    """Say whether an item that is due in the span is over, reported, or past its day."""
    is_past = item.due is not None and item.due < today
    return is_past or item.status is Status.DONE or item.completed is not None


def _tally(name: str, items: Iterable[Item]) -> Tally:
    counts = Counter(_outcome(item) for item in items)
    return Tally(
        name=name,
        due=counts.total(),
        on_time=counts["on_time"],
        late=counts["late"],
        to_check=counts["to_check"],
        overdue=counts["overdue"],
    )


def _outcome(item: Item) -> str:
    if item.status is Status.DONE:
        return "on_time" if _is_done_by(item, item.due) else "late"
    return "to_check" if item.completed is not None else "overdue"


def _is_done_by(item: Item, day: object) -> bool:
    """Say whether an item was done by a day; one without a day of completion was."""
    if item.status is not Status.DONE or not isinstance(day, date):
        return False
    done = item.completed or (item.verified.on if item.verified else None)
    return done is None or done <= day


def _by(key: Callable[[Item], str | None], items: Sequence[Item]) -> tuple[Tally, ...]:
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item) or "", []).append(item)
    tallies = [_tally(name, theirs) for name, theirs in groups.items()]
    return tuple(sorted(tallies, key=lambda t: (-t.not_in_time, -t.due, t.name)))


def _own(item: Item, inputs: Inputs) -> str | None:
    return inputs.directory.department_of(item.owner)


def _is_later(change: Logged) -> bool:
    old, new = change.old, change.new
    return isinstance(old, date) and isinstance(new, date) and new > old


def _missed(items: Iterable[Item], inputs: Inputs) -> Iterator[About]:
    moved: dict[str, date] = {}
    for change in inputs.log:
        if not change.by_rule:
            moved[change.item] = _local(change.at, inputs)
    late = []
    for item in items:
        if (
            _outcome(item) != "overdue"
            or item.due is None
            or moved.get(item.id, item.due) > item.due
        ):
            continue
        days = workdays_after(inputs.calendar, item.due, inputs.today)
        if days > inputs.threshold:
            late.append(About(item=item, number=days))
    yield from sorted(late, key=lambda a: (-a.number, a.item.id))


def _blocked(inputs: Inputs) -> Iterator[About]:
    """Yield the items that were blocked in the span, with the working days of it."""
    lines: dict[str, list[Logged]] = {}
    for change in inputs.log:
        if change.field == "status":
            lines.setdefault(change.item, []).append(change)
    found = []
    for item in inputs.items:
        spans = list(_spans(item, lines.get(item.id, ()), inputs))
        if spans:
            days = sum(workdays_after(inputs.calendar, start, end) for start, end in spans)
            found.append(About(item=item, number=days))
    yield from sorted(found, key=lambda a: (-a.number, a.item.id))


def _spans(item: Item, changes: Sequence[Logged], inputs: Inputs) -> Iterator[tuple[date, date]]:
    """Yield from when until when an item was blocked, as far as that lies in the span."""
    blocked = Status.BLOCKED.value
    was = changes[0].old == blocked if changes else item.status is Status.BLOCKED
    born = _local(item.created_at, inputs) if item.created_at else inputs.first
    since = born if was else None
    last = min(inputs.last, inputs.today)
    ends: list[tuple[date | None, date]] = []
    for change in changes:
        day = _local(change.at, inputs)
        if change.new == blocked:
            since = since or day
        elif since is not None:
            ends.append((since, day))
            since = None
    if since is not None:
        ends.append((since, item.closed.on if item.closed else last))
    for start, end in ends:
        if start is not None and start <= last and end >= inputs.first:
            yield max(start, inputs.first), min(end, last)


# --- meetings ---


def _day(held: Held, zone: tzinfo | None) -> date:
    return held.meeting.day or held.seen_at.astimezone(zone).date()


def _local(moment: datetime, inputs: Inputs) -> date:
    return moment.astimezone(inputs.now.tzinfo).date()


def _in_time(held: Held, inputs: Inputs) -> bool | None:
    """Say whether minutes were there in time (C1), None where the meeting tells no time."""
    over = end_of(held.meeting, inputs.now.tzinfo)
    return None if over is None else held.seen_at <= over + inputs.within_hours * _HOUR


def _missing(inputs: Inputs) -> int:
    """Count the meetings of the span that minutes or an agenda announced and none told (C1)."""
    told: dict[str, list[str]] = {}
    starts = set()
    held_on = set()
    for held in inputs.meetings:
        if held.series and held.meeting.start and not held.agenda:
            told.setdefault(held.series, []).append(held.meeting.start[:10])
            starts.add(held.meeting.start)
            held_on.add((subject_of(held.meeting.title), held.meeting.start[:10]))
    missing = set()
    for held in inputs.meetings:
        start = held.meeting.start if held.agenda else held.meeting.next.start
        if held.agenda and start in starts:
            continue
        if held.series is None or start is None or not inputs.has(date.fromisoformat(start[:10])):
            continue
        subject = subject_of(held.meeting.title)
        if subject and (subject, start[:10]) in held_on:
            continue
        over = expected_end(start, inputs.now.tzinfo)
        is_over = over + inputs.within_hours * _HOUR <= inputs.now
        if is_over and all(day < start[:10] for day in told.get(held.series, ())):
            missing.add((subject_of(held.series) or held.series, start[:10]))
    return len(missing)


def _lengths(meetings: Iterable[Held], zone: tzinfo | None) -> Lengths:
    real = [(n, held.planned) for held in meetings if (n := _length(held.meeting, zone))]
    planned = [(n, wanted) for n, wanted in real if wanted]
    return Lengths(
        timed=len(real),
        real=sum(n for n, _ in real),
        planned_meetings=len(planned),
        planned=sum(wanted for _, wanted in planned),
        planned_real=sum(n for n, _ in planned),
        over=sum(n > wanted for n, wanted in planned),
    )


def _length(meeting: Meeting, zone: tzinfo | None) -> int | None:
    """Return how many minutes a meeting lasted, None where its hours are not told."""
    if meeting.start is None or meeting.end is None:
        return None
    (start, has_start), (end, has_end) = (moment_of(w, zone) for w in (meeting.start, meeting.end))
    return (end - start) // _MINUTE if has_start and has_end and end > start else None


def _topics(held: Held) -> int:
    return max(held.tally.get("topics", 0), len(held.meeting.topics))


def _findings(meetings: Iterable[Held]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for held in meetings:
        counts.update({code: n for code, n in held.tally.items() if code not in _NO_FINDING})
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
