"""What the rules would send in the next days if nobody did anything. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from mapping.notices import Notice
from tracking.due import due
from tracking.meetings import awaited
from tracking.moments import DAY
from tracking.outbox import is_quiet
from tracking.rules import late
from tracking.scene import Scene, Tracked
from tracking.view import View


def forecast(
    scene: Scene, days: int, *, known: Collection[str] = ()
) -> tuple[tuple[datetime, Notice], ...]:
    """Return what would be sent, with the moment, by time.

    Args:
        scene: of now.
        days: how many to look ahead.
        known: keys of notices that wait or were sent; they are left out.
    """
    seen = set(known)
    out = []
    items = scene.items
    for moment in _moments(scene, days):
        if "D6" not in scene.rules.off:
            items = {i: _as_of(one, moment.date(), scene) for i, one in items.items()}
        notices = due(replace(scene, now=moment, items=items))
        alerted = {n.subject for n in notices if n.text == "F3-alert"}
        items = {i: _alerted(one, moment) if i in alerted else one for i, one in items.items()}
        for notice in notices:
            if notice.key not in seen:
                seen.add(notice.key)
                out.append((moment, notice))
    return tuple(out)


def _moments(scene: Scene, days: int) -> Iterator[datetime]:
    """Return now, then the moments at which something becomes due, up to so many days on.

    Those are the start of each day, the hour of digests, and the hours by which minutes of the
    meetings that are announced are to be there (C1). What falls into quiet hours is told when
    they end.
    """
    now, rules = scene.now, scene.rules
    starts = [now]
    for n in range(days + 1):
        day = now.date() + n * DAY
        starts += [datetime.combine(day, at, now.tzinfo) for at in (time(), rules.digest_time)]
    within = timedelta(hours=rules.minutes_within_hours)
    starts += [over + within for _, _, over in awaited(View(scene))]
    last = now + timedelta(days=days)
    heard = {_heard_at(at, rules.quiet_hours) for at in starts if now <= at <= last}
    yield from sorted(at for at in heard if at <= last)


def _heard_at(moment: datetime, quiet_hours: tuple[time, time] | None) -> datetime:
    """Return when something that is due at a moment may leave."""
    if quiet_hours is None or not is_quiet(moment.time(), quiet_hours):
        return moment
    until = moment.replace(hour=quiet_hours[1].hour, minute=quiet_hours[1].minute, second=0)
    return until.replace(microsecond=0) if until > moment else until + DAY


def _alerted(tracked: Tracked, now: datetime) -> Tracked:
    """Return an item as the alert of now leaves it."""
    return tracked if tracked.alerted_at else replace(tracked, alerted_at=now)


def _as_of(tracked: Tracked, today: date, scene: Scene) -> Tracked:
    """Return an item as the rule of late items leaves it on a day."""
    change = late(tracked.item, today, scene.directory.team.language)
    return replace(tracked, item=change.item) if change else tracked
