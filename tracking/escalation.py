"""What goes beyond the owner: risk alerts (F3) and blocked items (D4). Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from mapping.notices import Notice
from tracking.moments import DAY
from tracking.scene import Tracked
from tracking.view import View, is_blocked

_NUMBER = ":"  # in a period, between the due day and the number of the alert


def risk(view: View) -> Iterator[Notice]:
    """Alert the head to an item that is more than so many working days late (F3).

    Again every time that as many have passed since the first alert. When one was sent and moved
    nobody for as long, the one to whom it is raised hears of it too; without a head, from the
    beginning.
    """
    bound = view.rules.late_alert_working_days
    step = max(1, bound)
    for tracked in view.urgent:
        due = tracked.item.due
        if due is None or due >= view.today or view.is_waiting(tracked):
            continue
        late = view.workdays.after(due)
        if late <= bound:
            continue
        since = _since_first_alert(view, tracked, late)
        passed_over = (late - bound - 1 - since) // step  # nobody was alerted in these
        period = f"{due}{_NUMBER}{passed_over + since // step}"
        facts = {"days": str(late)}
        head, raise_to = view.who.head(tracked.item), view.who.raise_to
        alerts = tuple(view.tell(tracked, "F3", "alert", period, head or raise_to, facts=facts))
        yield from alerts
        if head and raise_to and _is_ignored(view, tracked, since):
            told = {notice.to for notice in alerts}
            raised = view.tell(
                tracked, "F3", "raised", period, raise_to, facts={**facts, "head": head}
            )
            yield from (notice for notice in raised if notice.to not in told)


def first_alerts(sent: Iterable[tuple[Notice, datetime]]) -> Mapping[tuple[str, str], datetime]:
    """Return when the first risk alert for an item and its due day was sent."""
    first: dict[tuple[str, str], datetime] = {}
    for notice, at in sent:
        if notice.form == "alert":
            of = (notice.subject, notice.period.partition(_NUMBER)[0])
            first[of] = min(at, first.get(of, at))
    return first


def _since_first_alert(view: View, tracked: Tracked, late: int) -> int:
    """Return the working days since the first alert of an item so many working days late was due.

    Where it came in late, or was blocked with a day ahead, no alert went before that was over.
    """
    since = late - view.rules.late_alert_working_days - 1
    if view.came_late(tracked.item):
        since = min(since, view.workdays.after(view.first_digest(tracked.item)))
    if is_blocked(tracked) and tracked.promised:
        since = min(since, view.workdays.after(tracked.promised + DAY))
    return since


def _is_ignored(view: View, tracked: Tracked, since: int) -> bool:
    """Say whether nobody moved a late item since its first alert, or for as long again.

    Nobody passed over an alert that was not sent: nothing ran, or no channel took it.
    """
    if tracked.alerted_at is None:
        return False
    last = max(filter(None, (tracked.alerted_at, tracked.moved_at)))
    since = min(since, view.workdays.after(view.local(last).date()))
    return since >= max(1, view.rules.late_alert_working_days)


def blocked(view: View) -> Iterator[Notice]:
    """Ask who resolves what blocks an item, and by when (D4); remind of that day when it is there.

    The question goes out each week, and when a day that was told has passed; not first on a day
    off.
    """
    monday = view.today - view.today.weekday() * DAY
    week = f"{view.today:%G-W%V}"
    for tracked in view.urgent:
        if not is_blocked(tracked):
            continue
        item, promised = tracked.item, tracked.promised
        owner, head = view.who.owner(item), view.who.head(item)
        if promised == view.today:
            yield from view.tell(tracked, "D4", "blocked-today", str(promised), owner)
        elif promised is None:
            if view.workdays.after(monday - DAY):
                yield from view.tell(tracked, "D4", "blocked", week, owner, head)
        elif promised < view.today and view.workdays.after(promised):
            period = f"{promised}:{week}"
            yield from view.tell(tracked, "D4", "blocked", period, owner, head)
