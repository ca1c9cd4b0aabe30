"""What is told of minutes: what they leave open (B3), being late (C1), approval (C3). Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from mapping.notices import Notice
from mapping.titles import subject_of, theme_of
from mapping.values import Item, Severity
from tracking.moments import WEEK, end_of, expected_end
from tracking.scene import Approval, Found, Minutes
from tracking.view import View, series_of

_STALE_MEETING = 2 * WEEK  # of an older one nobody is asked for minutes
_OLD_MINUTES = timedelta(days=30)  # older ones are neither distributed nor asked about


def findings(view: View) -> Iterator[Notice]:
    """Ask host and recorder for what minutes leave open, the owner for what a row does (B3).

    Nobody is asked about minutes that came long after their meeting: an archive brought in.
    """
    for minutes in (*view.agendas, *view.minutes):
        if _came_old(view, minutes):
            continue
        writers = view.who.writers(minutes)
        for found in filter(_is_asked, minutes.findings):
            for name in writers:
                yield _finding(found, name, minutes.file, sensitive=minutes.meeting.sensitive)
    for found in filter(_is_asked, view.scene.findings):
        tracked = view.scene.items.get(found.finding.item or "")
        if tracked is not None and tracked.item.is_open:
            item = tracked.item
            for name in view.who.allowed(item, view.who.owner(item)):
                yield _finding(found, name, "", sensitive=view.who.is_sensitive(item))


def _is_asked(found: Found) -> bool:
    # that minutes are late is told by C1
    return found.finding.severity is not Severity.INFO and found.finding.code != "minutes-late"


def _finding(found: Found, to: str, file: str, *, sensitive: bool) -> Notice:
    finding = found.finding
    where = finding.row if finding.line is None else str(finding.line)
    return Notice(
        rule="B3",
        form="finding",
        subject=found.place,
        period="",
        to=to,
        about=(finding.item,) if finding.item else (),
        sensitive=sensitive,
        facts={
            "code": finding.code,
            "finding": finding.message,
            "file": file,
            "line": where or "",
        },
    )


def late(view: View) -> Iterator[Notice]:
    """Ask host and recorder for minutes that were not there in time (C1).

    One key for one meeting, whether its minutes came late or are missing still.
    """
    within = timedelta(hours=view.rules.minutes_within_hours)
    for minutes in view.minutes:
        over = end_of(minutes.meeting, view.now.tzinfo)
        day = minutes.meeting.day
        if over is None or day is None or view.now - over >= _STALE_MEETING:
            continue
        if minutes.seen_at > over + within:
            yield from _late(view, minutes, day)
    for last, day, over in awaited(view):
        if within <= view.now - over < _STALE_MEETING:
            yield from _late(view, last, day, wording="missing")


def awaited(view: View) -> Iterator[tuple[Minutes, date, datetime]]:
    """Yield what announced a meeting that has no minutes, its day, and when it is over (C1)."""
    zone = view.now.tzinfo
    told = {(_subject(m), str(m.meeting.day)) for m in view.minutes}
    for series in view.series.values():
        last = series[-1]
        announced = last.meeting.next.start
        if not announced or (_subject(last), announced[:10]) in told:
            continue
        if (last.meeting.start or "")[:10] < announced[:10]:
            yield last, date.fromisoformat(announced[:10]), expected_end(announced, zone)
    for agenda in view.agendas:
        meeting = agenda.meeting
        if meeting.start is None or meeting.day is None or _is_told(view, agenda):
            continue
        over = end_of(meeting, zone) if meeting.end else None
        yield agenda, meeting.day, over or expected_end(meeting.start, zone)


def _is_told(view: View, agenda: Minutes) -> bool:
    """Say whether there are minutes of an agenda's meeting, under another title perhaps."""
    of, subject, meeting = series_of(agenda), _subject(agenda), agenda.meeting
    return any(
        minutes.meeting.start == meeting.start
        or (
            minutes.meeting.day == meeting.day
            and (series_of(minutes) == of or _subject(minutes) == subject)
        )
        for minutes in view.minutes
    )


def _subject(minutes: Minutes) -> str:
    """Return what documents of one meeting share, under titles of their own."""
    return subject_of(minutes.meeting.title) or minutes.id


def _late(view: View, minutes: Minutes, day: date, *, wording: str = "") -> Iterator[Notice]:
    """Tell of a meeting's minutes, by themselves or by what announced them.

    The key is that of all documents of the meeting, and can be had from each of them alone.
    """
    facts = {"title": minutes.meeting.title or "", "day": str(day)}
    if not wording:
        facts["file"] = minutes.file
    for name in view.who.writers(minutes):
        yield Notice(
            rule="C1",
            form="late",
            wording=wording,
            subject=theme_of(minutes.meeting.title) or minutes.id,
            period=str(day),
            to=name,
            sensitive=minutes.meeting.sensitive,
            facts=facts,
        )


def approval(view: View) -> Iterator[Notice]:
    """Ask the host for the approval of minutes, tell the recorder of a refusal (C3)."""
    for minutes in view.minutes:
        told = minutes.approval
        if told is None:
            continue
        if told.state == "waiting":
            yield from _asked(view, minutes, told)
        elif told.state == "refused":
            facts = {"reason": told.reason or "", "by": told.by or ""}
            period = _mark(told.at or told.asked_at)
            for name in view.who.known((minutes.meeting.recorder,)):
                yield _of(minutes, "refused", period, to=name, facts=facts)


def _asked(view: View, minutes: Minutes, told: Approval) -> Iterator[Notice]:
    """Ask once, then each working day after those within which minutes should be distributed."""
    days = view.workdays.after(view.local(told.asked_at).date())
    is_again = days > view.rules.distribute_within_working_days and view.workdays.today_is_one
    for name in view.who.approver(minutes):
        yield _of(minutes, "approve", _mark(told.asked_at), to=name)
        if is_again:
            yield _of(minutes, "approve-again", str(view.today), to=name)


def distribution(view: View) -> Iterator[Notice]:
    """Send minutes to all who were there, to the departments concerned and the leaders (C3).

    Once; where the host approves them, each version that was approved.

    Sensitive ones only to those who were there and the leaders (F5). Not minutes that came long
    after their meeting; what could not be sent for as long is no longer sent.
    """
    for minutes in view.minutes:
        told = minutes.approval
        if told is not None and told.state != "approved":
            continue
        ready_at = (told.at if told else None) or minutes.seen_at
        if _came_old(view, minutes) or view.now - ready_at >= _OLD_MINUTES:
            continue
        items = tuple(
            view.scene.items[item_id].item
            for item_id in minutes.items
            if item_id in view.scene.items
        )
        direct = view.who.known((*view.who.present(minutes), *_heads(view, minutes, items)))
        copied = [name for name in view.who.leaders if name not in direct]
        for name, copy in [*((name, "") for name in direct), *((name, "yes") for name in copied)]:
            seen = view.who.seen_by(name, items)
            yield _of(
                minutes,
                "distribute",
                told.version if told else "",
                to=name,
                facts={"copy": copy},
                about=tuple(item.id for item in seen),
                sensitive=any(map(view.who.is_sensitive, seen)),
            )


def _came_old(view: View, minutes: Minutes) -> bool:
    day = minutes.meeting.day
    return day is not None and view.local(minutes.seen_at).date() - day >= _OLD_MINUTES


def _heads(view: View, minutes: Minutes, items: Iterable[Item]) -> Iterator[str | None]:
    """Return the heads of the departments concerned: of the items' own, and those in support."""
    if not minutes.meeting.sensitive:
        plain = (item for item in items if not view.who.is_sensitive(item))
        for item in {(i.department, i.owner, i.support): i for i in plain}.values():
            yield view.who.head(item)
            yield from map(view.who.head_of, item.support)


def _of(
    minutes: Minutes,
    form: str,
    period: str,
    *,
    to: str,
    facts: Mapping[str, str] | None = None,
    about: tuple[str, ...] = (),
    sensitive: bool = False,
) -> Notice:
    meeting = minutes.meeting
    return Notice(
        rule="C3",
        form=form,
        subject=minutes.id,
        period=period,
        to=to,
        about=about,
        sensitive=sensitive or meeting.sensitive,
        facts={"title": meeting.title or "", "file": minutes.file, **(facts or {})},
    )


def _mark(moment: datetime) -> str:
    """Return a moment as a period: the same whatever zone the team is in by then."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
