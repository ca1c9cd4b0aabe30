"""What goes beyond the owner: risk alerts (F3) and blocked items (D4). Pure."""

from collections.abc import Iterator
from datetime import date

from mapping.calendar import add_workdays
from mapping.notices import Notice
from tracking.moments import DAY
from tracking.scene import Tracked
from tracking.view import View, is_blocked


def risk(view: View) -> Iterator[Notice]:
    """Alert the head to an item that is more than so many working days late (F3).

    Again every time that as many have passed. When the first alert moved nobody for as long, the
    one to whom it is raised hears of it too; without a head, from the beginning.
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
        period = f"{due}:{(late - bound - 1) // step}"
        facts = {"days": str(late)}
        head, raise_to = view.who.head(tracked.item), view.who.raise_to
        alerts = tuple(view.tell(tracked, "F3", "alert", period, head or raise_to, facts=facts))
        yield from alerts
        if head and raise_to and _is_ignored(view, tracked, due):
            told = {notice.to for notice in alerts}
            raised = view.tell(
                tracked, "F3", "raised", period, raise_to, facts={**facts, "head": head}
            )
            yield from (notice for notice in raised if notice.to not in told)


def _is_ignored(view: View, tracked: Tracked, due: date) -> bool:
    """Say whether nobody moved a late item since its first alert, or for as long again."""
    bound = view.rules.late_alert_working_days
    step = max(1, bound)
    if view.workdays.after(due) - bound - 1 < step:
        return False
    first = add_workdays(view.scene.calendar, due, bound + 1)
    if view.came_late(tracked.item):
        first = max(first, view.first_digest(tracked.item))
    if is_blocked(tracked) and tracked.promised:
        first = max(first, tracked.promised + DAY)  # no alert went before
    if tracked.moved_at:
        first = max(first, view.local(tracked.moved_at).date())
    return view.workdays.after(first) >= step


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
