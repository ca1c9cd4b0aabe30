"""What is told together: a department's week (D3), progress (D4), a quarter's review (E1). Pure."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from enum import IntEnum

from mapping.calendar import add_workdays
from mapping.notices import Notice
from mapping.values import Item, Status
from tracking.moments import DAY, WEEK, Quarter, moment_of, workday_before
from tracking.scene import Minutes, Tracked
from tracking.view import View

_SOON = timedelta(days=7)


class Part(IntEnum):
    """Where an item stands in a digest, in the order in which digests tell them (D3)."""

    LATE = 0
    AT_RISK = 1  # blocked, or due within a week
    TO_CHECK = 2  # reported as done
    OTHER = 3


def part_of(item: Item, today: date) -> Part:
    """Return where an open item stands in a digest."""
    if item.completed is not None:
        return Part.TO_CHECK
    if item.due is not None and item.due < today:
        return Part.LATE
    if item.status in {Status.BLOCKED, Status.LATE}:
        return Part.AT_RISK
    is_soon = item.due is not None and item.due <= today + _SOON
    return Part.AT_RISK if is_soon else Part.OTHER


def in_order(items: Iterable[Item], today: date) -> tuple[str, ...]:
    """Return the ids of open items as digests tell them: by part, in each the first due first."""
    ranked = sorted((part_of(i, today), i.due or date.max, i.id) for i in items)
    return tuple(item_id for _, _, item_id in ranked)


def weekly(view: View) -> Iterator[Notice]:
    """Tell each head the open items of the department once a week (D3).

    Sensitive ones in a notice of their own, and only to a head who may see them (F5).
    """
    departments: dict[str, list[Tracked]] = {}
    for tracked in view.open:
        department = view.who.department(tracked.item)
        if department:
            departments.setdefault(department, []).append(tracked)
    for department, theirs in sorted(departments.items()):
        head = view.who.head_of(department)
        if head is None:
            continue
        plain = [one for one in theirs if not view.who.is_sensitive(one.item)]
        secret = [
            one
            for one in theirs
            if view.who.is_sensitive(one.item) and view.who.may_see(head, one.item)
        ]
        for form, some in (("digest", plain), ("sensitive", secret)):
            if any(_was_there(one, view.digest.at) for one in some):
                yield Notice(
                    rule="D3",
                    form=form,
                    subject=department,
                    period=str(view.digest.day),
                    to=head,
                    about=in_order((one.item for one in some), view.today),
                    sensitive=form == "sensitive",
                    facts={"department": department},
                )


def _was_there(tracked: Tracked, moment: datetime) -> bool:
    return tracked.item.created_at is None or tracked.item.created_at <= moment


def progress(view: View) -> Iterator[Notice]:
    """Give host and recorder the open items of a series before its next meeting (D4).

    From the working day before until the meeting begins; a day without an hour counts whole.
    """
    near = {key: series[-1] for key, series in view.series.items() if _is_near(view, series[-1])}
    items = _items_of(view, near)
    for key, last in near.items():
        start = last.meeting.next.start or ""
        for name in view.who.writers(last):
            seen = view.who.seen_by(name, items[key])
            if seen:
                yield Notice(
                    rule="D4",
                    form="progress",
                    subject=key,
                    period=start,
                    to=name,
                    about=in_order(seen, view.today),
                    sensitive=last.meeting.sensitive or any(map(view.who.is_sensitive, seen)),
                    facts={"title": last.meeting.title or "", "day": start.replace("T", " ")},
                )


def _is_near(view: View, last: Minutes) -> bool:
    if last.meeting.next.start is None:
        return False
    start, has_hour = moment_of(last.meeting.next.start, view.now.tzinfo)
    begins = workday_before(view.scene.calendar, start.date())
    return begins <= view.today and view.now < (start if has_hour else start + DAY)


def _items_of(view: View, series: Iterable[str]) -> dict[str, list[Item]]:
    """Return the open items of each series: of its meetings, or spoken of there."""
    of: dict[str, list[Item]] = {}
    for key in series:
        meetings = {minutes.id for minutes in view.series[key]}
        spoken = {item_id for minutes in view.series[key] for item_id in minutes.items}
        items = (tracked.item for tracked in view.open)
        of[key] = [item for item in items if item.id in spoken or item.meeting_id in meetings]
    return of


def review(view: View) -> Iterator[Notice]:
    """Give the leaders, else all heads, the review of the quarter past (E1).

    From the first working day of a quarter on, for a week, if there was anything to review.
    """
    quarter = Quarter.before(view.today)
    first = add_workdays(view.scene.calendar, quarter.next - DAY, 1)
    begins = datetime.combine(first, view.rules.digest_time, view.now.tzinfo)
    if not begins <= view.now < begins + WEEK or not _had_items(view, quarter):
        return
    for name in view.who.leaders or view.who.heads():
        yield Notice(
            rule="E1",
            form="review",
            subject=view.scene.directory.team.name,
            period=str(quarter),
            to=name,
            facts={"quarter": str(quarter)},
        )


def _had_items(view: View, quarter: Quarter) -> bool:
    """Say whether any item was open in a quarter, or any minutes of it had some."""
    return any(_existed(view, one.item, quarter) for one in view.scene.items.values()) or any(
        minutes.items and quarter.first <= (minutes.meeting.day or quarter.next) < quarter.next
        for minutes in view.minutes
    )


def _existed(view: View, item: Item, quarter: Quarter) -> bool:
    came = view.local(item.created_at).date() if item.created_at else quarter.first
    over = item.closed.on if item.closed else None
    if over is None and item.status is Status.DONE:
        over = item.completed or (item.verified.on if item.verified else None)
    return came < quarter.next and (over is None or over >= quarter.first)
