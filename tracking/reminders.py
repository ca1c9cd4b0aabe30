"""What the owner is reminded of, and the check of what is reported (D2, D5, D6, F4). Pure."""

from collections.abc import Iterator
from datetime import timedelta

from mapping.notices import Notice
from mapping.refusals import own_words
from mapping.values import Item
from mapping.words import fold
from tracking.moments import DAY, WEEK
from tracking.scene import Tracked
from tracking.view import View, is_blocked


def due_soon(view: View) -> Iterator[Notice]:
    """Remind the owner some days before the due day, and on it (D2)."""
    ahead = timedelta(days=view.rules.remind_days_before)
    for tracked in view.urgent:
        due = tracked.item.due
        if due == view.today:
            yield from _to_owner(view, tracked, "D2", "today", str(due))
        elif due is not None and view.today < due <= view.today + ahead:
            yield from _to_owner(view, tracked, "D2", "ahead", str(due))


def overdue(view: View) -> Iterator[Notice]:
    """Ask the owner of a late item for the reason and a new day (D6).

    On the day after the due day, then on each working day, until a day is promised.
    """
    for tracked in view.urgent:
        due = tracked.item.due
        if due is None or due >= view.today or is_blocked(tracked) or view.has_promise(tracked):
            continue
        if due + DAY == view.today or view.workdays.today_is_one:
            ask = "day" if own_words(tracked.item.note) else "reason,day"
            yield from _to_owner(view, tracked, "D6", "ask", str(view.today), ask=ask)


def daily(view: View) -> Iterator[Notice]:
    """Keep the owners at the items of important meetings each working day (F4)."""
    if not view.workdays.today_is_one:
        return
    important = _Important(view)
    for tracked in view.unreported:
        if important.holds(tracked.item):
            yield from _to_owner(view, tracked, "F4", "daily", str(view.today))


def reported(view: View) -> Iterator[Notice]:
    """Ask the follow-up person to check what the owner reported (D5)."""
    if not view.rules.verification:
        return
    for tracked in view.pressing:
        item = tracked.item
        if item.completed is not None:
            again = f":{tracked.refused}" if tracked.refused else ""
            period = f"{item.completed}{again}"
            yield from view.tell(tracked, "D5", "check", period, view.who.follow_up(item))


def refused(view: View) -> Iterator[Notice]:
    """Tell the owner that a completion was not accepted, and why (D5)."""
    for tracked in view.open:
        refusal = tracked.refusal
        if refusal is None or tracked.item.completed is not None:
            continue
        if view.now < refusal.at + WEEK:
            reason, by = refusal.reason, refusal.by or ""
            yield from _to_owner(view, tracked, "D5", "refused", refusal.mark, reason=reason, by=by)


class _Important:
    """Tells the items of important meetings: by the meeting's type, or a word in its title."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._words = tuple(filter(None, map(fold, view.rules.important_words)))
        self._meetings: dict[tuple[str | None, str | None], bool] = {}

    def holds(self, item: Item) -> bool:
        meeting = (item.meeting_id, item.meeting)
        if meeting not in self._meetings:
            self._meetings[meeting] = self._is_important(item)
        return self._meetings[meeting]

    def _is_important(self, item: Item) -> bool:
        minutes = self._view.who.minutes_of(item)
        meeting = minutes.meeting if minutes else None
        if meeting and meeting.type in self._view.rules.important_types:
            return True
        folded = fold((meeting.title if meeting else item.meeting) or "")
        return any(word in folded for word in self._words)


def _to_owner(
    view: View,
    tracked: Tracked,
    rule: str,
    form: str,
    period: str,
    **facts: str,
) -> Iterator[Notice]:
    owner = view.who.owner(tracked.item)
    return view.tell(tracked, rule, form, period, owner, facts=facts)
