"""One team at one moment, as each of the rules needs it: worked out once a pass. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from mapping.notices import Notice
from mapping.values import Item, Status
from tracking.moments import Workdays, digest_after, digest_now
from tracking.recipients import Recipients
from tracking.scene import Minutes, Scene, Tracked


class View:
    """What the rules look at, and what several of them ask.

    Attributes:
        open: items that are still to be done, by their ids.
        pressing: those of them whose people may be addressed now: their data is fresh, and they
            did not come in late after the last digest began.
        unreported: the pressing ones of which nobody said that they are done.
        urgent: those of them that are late, blocked, or due so soon that the owner is reminded.
        series: minutes of each series by the start of the meeting; those without a title are each
            one of their own.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.rules = scene.rules
        self.now = scene.now
        self.today = scene.now.date()
        self.workdays = Workdays(scene.calendar, self.today)
        self.who = Recipients(scene)
        self._digests = (scene.calendar, scene.rules.digest_weekday, scene.rules.digest_time)
        self.digest = digest_now(scene.now, *self._digests)
        self.open, self.pressing, self.unreported, self.urgent = self._parted()
        told = sorted(scene.minutes, key=lambda minutes: (minutes.meeting.start or "", minutes.id))
        self.minutes = tuple(minutes for minutes in told if not minutes.agenda)
        self.agendas = tuple(minutes for minutes in told if minutes.agenda)
        self.series: dict[str, list[Minutes]] = {}
        for minutes in self.minutes:
            self.series.setdefault(series_of(minutes), []).append(minutes)

    def _parted(self) -> tuple[Sequence[Tracked], ...]:
        """Return the open items, those of them that press, and so on, in one go over thousands."""
        soon = self.today + timedelta(days=self.rules.remind_days_before)
        still: list[Tracked] = []
        pressing: list[Tracked] = []
        unreported: list[Tracked] = []
        urgent: list[Tracked] = []
        for item_id in sorted(self.scene.items):
            tracked = self.scene.items[item_id]
            item = tracked.item
            if not item.is_open:
                continue
            still.append(tracked)
            if not self._is_pressing(tracked):
                continue
            pressing.append(tracked)
            if item.completed is None:
                unreported.append(tracked)
                if is_blocked(tracked) or (item.due is not None and item.due <= soon):
                    urgent.append(tracked)
        return still, pressing, unreported, urgent

    def _is_pressing(self, tracked: Tracked) -> bool:
        if self.scene.stale and any(row.tracker in self.scene.stale for row in tracked.rows):
            return False
        if not self.came_late(tracked.item):  # nearly all: moments are compared for the others
            return True
        came_at = tracked.item.created_at
        return came_at is None or came_at < self.digest.at

    def came_late(self, item: Item) -> bool:
        """Say whether an item was late already when it came in."""
        if item.due is None or item.due >= self.today or item.created_at is None:
            return False
        return self.local(item.created_at).date() > item.due

    def first_digest(self, item: Item) -> date:
        """Return the day of the first digest after an item came in."""
        came_at = self.local(item.created_at or self.now)
        return digest_after(came_at, *self._digests).at.date()

    def local(self, moment: datetime) -> datetime:
        """Return a moment by the team's clock."""
        return moment.astimezone(self.now.tzinfo)

    def has_promise(self, tracked: Tracked) -> bool:
        """Say whether a day is told for it that has not passed."""
        return tracked.promised is not None and tracked.promised >= self.today

    def is_waiting(self, tracked: Tracked) -> bool:
        """Say whether an item is blocked, with a day ahead on which that is resolved (D4)."""
        return is_blocked(tracked) and self.has_promise(tracked)

    def tell(
        self,
        tracked: Tracked,
        rule: str,
        form: str,
        period: str,
        *wanted: str | None,
        facts: Mapping[str, str] | None = None,
    ) -> Iterator[Notice]:
        """Give the notices of one item, to those who may see it for those who are wanted (F5)."""
        item = tracked.item
        for name in self.who.allowed(item, *wanted):
            yield Notice(
                rule=rule,
                form=form,
                subject=item.id,
                period=period,
                to=name,
                about=(item.id,),
                sensitive=self.who.is_sensitive(item),
                facts=facts or {},
            )


def is_blocked(tracked: Tracked) -> bool:
    """Say whether an item is blocked (D4)."""
    return tracked.item.status is Status.BLOCKED


def series_of(minutes: Minutes) -> str:
    """Return what minutes of one series share; minutes without a title are their own series."""
    return minutes.series or minutes.id
