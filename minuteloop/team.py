"""One team at work: its inbox, store, trackers and rules wired together."""

import logging
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from connectors import registry
from connectors.base import Connector
from connectors.errors import ConnectorError
from mapping.calendar import Calendar
from mapping.notices import Posted
from mapping.people import Directory
from mapping.values import Item
from minuteloop.clock import SystemClock
from minuteloop.config import TeamConfig
from minuteloop.config_models import Tracker as TrackerConfig
from minuteloop.documents import Inbox
from minuteloop.errors import fault_of_program
from minuteloop.inbox import LONGEST_WAIT_S
from minuteloop.notes import DocumentReport
from minuteloop.notify import Notifier
from sync.engine import Engine
from sync.store import LeaseLostError, Store, StoreError
from sync.tracker import Report, Scope, Tracker
from tracking import rules

log = logging.getLogger(__name__)

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassReport:
    """What a pass told of one team."""

    team: str
    documents: Sequence[DocumentReport] = ()
    trackers: Sequence[Report] = ()
    notices: Sequence[Posted] = ()
    channels: Sequence[str] = ()  # those that did not work
    error: str | None = None

    @property
    def failed(self) -> bool:
        """Whether a tracker, a channel or the store failed."""
        trackers = any(t.state == "failed" for t in self.trackers)
        return self.error is not None or trackers or bool(self.channels)


class TeamWork:
    """A team's passes.

    Args:
        config: the team's.
        clock: its time.
        store: opened for the team.
        dry: plan only: nothing is written, moved or sent anywhere.
    """

    def __init__(
        self, config: TeamConfig, clock: SystemClock, store: Store, *, dry: bool = False
    ) -> None:
        self.config = config
        self.clock = clock
        self.store = store
        self.dry = dry
        self.directory = Directory(config.team())
        self.engine = Engine(store, self.directory, rules=self._rules, now=clock.now, dry=dry)
        self._trackers: dict[str, Tracker] = {}
        self._unseen: frozenset[str] = frozenset()
        self.inbox = Inbox(config, clock, store, self.directory, self._days, dry=dry)
        self.notifier = Notifier(config, clock, store, self.directory, self._days, dry=dry)

    def _days(self) -> Calendar:
        return self.calendar

    @cached_property
    def calendar(self) -> Calendar:
        """Which days the team works."""
        from minuteloop import workdays  # noqa: PLC0415  # loads years of holidays

        return workdays.load(self.config.settings.calendar, self.config.workdays)

    def _rules(
        self, items: Iterable[tuple[Item, Mapping[str, str]]], now: datetime
    ) -> Sequence[rules.RuleChange]:
        settings = self.config.rules
        return rules.apply(
            items,
            now.date(),
            language=self.config.settings.language,
            verification=settings.verification == "required" and "D5" not in settings.off,
            off=frozenset(settings.off),
            unseen=self._unseen,
        )

    def look_at_ages(self) -> None:
        """Find the items in trackers whose data is stale: their day may be another by now."""
        now = self.clock.now()
        with self.store.reading() as tx:
            names = [t.name for t in self.config.trackers]
            stale = [name for name in names if self.stale(tx.tracker(name).data_at, now)]
            self._unseen = frozenset(item for name in stale for item in tx.shown_in(name))

    def apply_rules(self) -> list[str]:
        """Let the rules change items; return the ids of those they changed."""
        self.look_at_ages()
        return self.engine.apply_rules()

    # --- a pass ---

    def once(self, *, wait_s: float = LONGEST_WAIT_S, progress: Progress = print) -> PassReport:
        """Make one full pass: decisions, minutes, trackers in, rules, trackers out.

        Args:
            wait_s: how long to wait for files of the inbox that still change.
            progress: is told what is being done, for people who wait.
        """
        name = self.config.name
        documents: Sequence[DocumentReport] = ()
        self.begin()
        try:
            self.carry_out()
            self.engine.forget_others([t.name for t in self.config.trackers])
            trackers = [self.tracker(t) for t in self.config.trackers]
            blind = self.rebuild(trackers)
            progress(f"{name}: inbox")
            documents = self.inbox.read(wait_s=wait_s, blind=blind)
            pulled = []
            for tracker in trackers:
                progress(f"{name}: {tracker.name}: read")
                pulled.append(self._guarded(tracker, self.engine.pull))
            self.apply_rules()
            reports = []
            for tracker, report in zip(trackers, pulled, strict=True):
                progress(f"{name}: {tracker.name}: write")
                reports.append(self.push(tracker, report))
            progress(f"{name}: notices")
            notices, fault = self._notices()
        except StoreError as error:
            log.error("the store failed", extra={"team": name, "reason": str(error)})  # noqa: TRY400
            return PassReport(team=name, documents=documents, error=str(error))
        except LeaseLostError:
            text = "another process has taken this team over; nothing more was written here"
            return PassReport(team=name, documents=documents, error=text)
        return PassReport(
            team=name,
            documents=documents,
            trackers=reports,
            notices=notices,
            channels=sorted(self.notifier.failed),
            error=fault,
        )

    def _notices(self) -> tuple[Sequence[Posted], str | None]:
        """Send what is due; a fault of our own in a rule is told, and loses nothing."""
        try:
            return self.notifier.run(), None
        except (StoreError, LeaseLostError):
            raise
        except Exception as error:
            log.exception("fault of the program", extra={"team": self.config.name})
            return (), fault_of_program(error).text(self.config.settings.language)

    def begin(self) -> None:
        """Begin a pass: what the log gets from now on bears its number."""
        self.store.run = "R-" + uuid.uuid4().hex[:8]

    def carry_out(self) -> bool:
        """Carry out what commands wrote down; say whether there was anything."""
        self.look_at_ages()
        answers = self.engine.carry_out()
        for request, result in answers:
            log.info(
                "request",
                extra={"team": self.config.name, "action": request.verb, "result": result},
            )
        return bool(answers)

    def rebuild(self, trackers: Sequence["Tracker | Report"]) -> list[str]:
        """Take in rows that carry our ids, before minutes are read into a store that is new.

        Returns the names of the trackers that cannot be read just now: a file that is being
        saved. One that fails holds nothing up.
        """
        blind = []
        for tracker in trackers:
            if isinstance(tracker, Tracker) and not self.engine.contacted(tracker):
                report = self._guarded(tracker, lambda t: self.engine.pull(t, rebuild_only=True))
                if report.state == "paused":
                    blind.append(tracker.name)
        return blind

    def sync(self, tracker: "Tracker | Report") -> Report:
        """Pull, rules, push of one tracker: what its worker does."""
        report = self._guarded(tracker, self.engine.pull)
        self.apply_rules()
        return self.push(tracker, report)

    def push(self, tracker: "Tracker | Report", report: Report) -> Report:
        """Write to a tracker what is due; a fault in it stops nothing else."""
        return self._guarded(tracker, lambda t: self.engine.push(t, report))

    def _guarded(self, tracker: "Tracker | Report", work: Callable[[Tracker], Report]) -> Report:
        if isinstance(tracker, Report):
            return tracker
        try:
            return work(tracker)
        except (StoreError, LeaseLostError):
            raise
        except Exception as error:  # our own fault: this tracker fails, the others go on
            log.exception(
                "fault of the program", extra={"team": self.config.name, "tracker": tracker.name}
            )
            text = fault_of_program(error).text(self.config.settings.language)
            report = Report(name=tracker.name, kind=tracker.kind, state="failed", error=text)
            self.engine.finish(tracker, report)
            return report

    def tracker(self, config: TrackerConfig) -> "Tracker | Report":
        """Return a tracker ready to work, or the report that it cannot be."""
        known = self._trackers.get(config.name)
        if known is not None:
            return known
        kind: str = getattr(config, "kind", "")
        try:
            setup = self.config.setup(config, self.clock)
            connector: Connector = registry.load(kind)(setup)
        except ConnectorError as error:
            text = error.text(self.config.settings.language)
            return Report(name=config.name, kind=kind, state="failed", error=text)
        rank = {t.name: n for n, t in enumerate(self.config.trackers)}
        tracker = Tracker(
            name=config.name,
            kind=kind,
            connector=connector,
            scope=Scope(
                name=config.name,
                rank=rank,
                adopt=config.adopt,
                sensitive=config.sensitive,
                departments=tuple(config.only.departments),
                owners=tuple(config.only.owners),
                types=tuple(str(t) for t in config.only.types),
            ),
            statuses=setup.statuses,
        )
        self._trackers[config.name] = tracker
        return tracker

    # --- health ---

    def stale(self, data_at: str | None, now: datetime) -> bool:
        """Say whether a tracker's data is older than the team allows."""
        if data_at is None:
            return False
        limit: timedelta = self.config.rules.stale_after
        return now - datetime.fromisoformat(data_at) > limit


def open_store(config: TeamConfig, *, make: bool = True) -> Store:
    """Open the team's store; with ``make`` False an empty one in memory where there is none.

    Raises:
        StoreError: it cannot be opened.
    """
    file = Path(config.store_url.removeprefix("sqlite:///"))
    if not make and not file.exists():
        return Store.open("sqlite://", config.name)
    return Store.open(config.store_url, config.name)
