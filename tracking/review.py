"""The review of a quarter or of a span: its figures, worked out (E1). Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta, tzinfo

from mapping.calendar import workdays_after
from mapping.titles import subject_of
from mapping.values import Item, Meeting, Status
from tracking.figures import About, Held, Inputs, Lengths, Logged, Review, Tally
from tracking.moments import end_of, expected_end, moment_of

_NO_FINDING = frozenset(("items", "topics", "agenda"))
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


def review(inputs: Inputs) -> Review:
    """Return the figures of a span."""
    known = {item.id: item for item in inputs.items}
    mine = [i for i in inputs.items if inputs.has(i.due)]
    counted = [i for i in mine if i.closed is None and _counts(i, inputs.today)]
    on_time = [i for i in counted if _outcome(i) == "on_time"]
    redated = [c for c in inputs.log if c.field == "due" and c.item in known]
    firsts = {c.item: c.old for c in reversed(redated) if isinstance(c.old, date)}
    moves = [c for c in redated if _is_later(c)]
    told = [h for h in inputs.meetings if not h.agenda]
    held = [h for h in told if inputs.has(_day(h, inputs.now.tzinfo))]
    in_time = [flag for h in held if (flag := _in_time(h, inputs)) is not None]
    times = Counter(c.item for c in moves if inputs.has(inputs.day_of(c.at)))
    return Review(
        inputs=inputs,
        items=_tally("", counted),
        kept_first=sum(_is_done_by(i, firsts.get(i.id, i.due)) for i in on_time),
        not_yet=sum(i.closed is None and not _counts(i, inputs.today) for i in mine),
        closed=sum(i.closed is not None for i in mine),
        departments=_by(lambda i: i.department or inputs.directory.department_of(i.owner), counted),
        owners=_by(lambda i: i.owner, counted),
        redated=tuple(About(item=known[i], number=n) for i, n in times.most_common()),
        due_or_moved=len({i.id for i in counted} | times.keys()),
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


def _is_later(change: Logged) -> bool:
    old, new = change.old, change.new
    return isinstance(old, date) and isinstance(new, date) and new > old


def _missed(items: Iterable[Item], inputs: Inputs) -> Iterator[About]:
    moved: dict[str, date] = {}
    for change in inputs.log:
        if not change.by_rule:
            moved[change.item] = inputs.day_of(change.at)
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
    born = inputs.day_of(item.created_at) if item.created_at else inputs.first
    since = born if was else None
    last = min(inputs.last, inputs.today)
    ends: list[tuple[date | None, date]] = []
    for change in changes:
        day = inputs.day_of(change.at)
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
