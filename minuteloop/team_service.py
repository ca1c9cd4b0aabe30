"""One team in the service: a reader, a worker a tracker, a sender of notices, a timer, a watcher.

An event only says "look now"; what is done comes from what is found. So an event that is lost,
repeated or early costs time and nothing else. Each worker fails and recovers by itself.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial

import schedule
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from minuteloop.clock import SystemClock
from minuteloop.config import TeamConfig
from minuteloop.config_models import AnyTracker
from minuteloop.notes import DocumentReport
from minuteloop.team import TeamWork, open_store
from minuteloop.worker import Worker
from sync.lease import HeldError, hold
from sync.store import LeaseLostError, StoreError
from sync.tracker import Report

logger = logging.getLogger(__name__)

NOTICES_S = 60
RESCAN_S = 30  # for folders whose changes nobody announces, such as network drives
SETTLING_S = 1.0  # until a file that still changes is looked at again
LEASE_WAIT_S = 5.0
AGAIN_S = 30.0  # until a team that cannot be worked is tried again
LONGEST_BACKOFF_S = 900.0
END_S = 8.0  # for what is under way when the end is asked for; containers are killed after 10


class TeamService:
    """The threads of one team, from taking its lease until it is told to stop.

    Args:
        team: its configuration.
        before: the configuration that it had until now, if this process worked it already.
    """

    def __init__(self, team: TeamConfig, before: TeamConfig | None = None) -> None:
        self.team = team
        known = before.settings.channels if before else team.settings.channels
        self._changed = {c.name for c in team.settings.channels if c not in known}
        self.clock = SystemClock(team.zone)
        self._stop = threading.Event()
        self._lost = threading.Event()
        self._states: dict[str, str] = {}
        self._failures: dict[str, int] = {}
        self._stale: set[str] = set()
        self._ready = threading.Event()
        self._blind: list[str] = []
        self._workers: dict[str, Worker] = {}
        self._reader: Worker | None = None
        self._notifier: Worker | None = None
        self._troubled: tuple[str, str] | None = None  # what, and why
        self._seen: set[str] = set()  # trackers that were read since the start
        self._thread = threading.Thread(target=self._run, name=f"team {team.name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask all threads of the team to end after what they do now."""
        self._stop.set()
        self._lost.set()

    def join(self) -> None:
        """Wait for their end."""
        self._thread.join(END_S + LEASE_WAIT_S)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._lost.clear()
            try:
                self._work_while_held()
            except HeldError as error:
                self._trouble(logging.WARNING, "held by another", str(error))
            except StoreError as error:
                self._trouble(logging.ERROR, "store", str(error))
            except LeaseLostError:
                logger.warning("taken over by another", extra={"team": self.team.name})
            self._stop.wait(AGAIN_S)

    def _trouble(self, level: int, what: str, reason: str) -> None:
        """Log what keeps the team from being worked; once, until it is worked again."""
        is_new, self._troubled = self._troubled != (what, reason), (what, reason)
        extra = {"team": self.team.name, "reason": reason}
        logger.log(level if is_new else logging.DEBUG, what, extra=extra)

    def _work_while_held(self) -> None:
        with ExitStack() as stack:
            store = open_store(self.team)
            stack.callback(store.close)
            stack.enter_context(hold(store, self.clock, wait_s=LEASE_WAIT_S))
            work = TeamWork(self.team, self.clock, store)
            work.notifier.offer_again(self._changed)
            self._ready.clear()
            self._reader = self._worker("reader", lambda: self._read(work))
            self._workers = {
                t.name: self._worker(f"tracker {t.name}", partial(self._sync, work, t))
                for t in self.team.trackers
            }
            self._seen = set()
            self._notifier = self._worker("notices", lambda: self._notify(work))
            threads = [self._reader, *self._workers.values(), self._notifier]
            stack.callback(self._end, threads)
            stack.enter_context(self._watching(self._reader))
            timer = schedule.Scheduler()
            timer.every(RESCAN_S).seconds.do(self._reader.wake)
            timer.every(NOTICES_S).seconds.do(self._notifier.wake)
            for t in self.team.trackers:
                every = max(1, round(t.every.total_seconds()))
                timer.every(every).seconds.do(self._workers[t.name].wake)
            for thread in threads:
                thread.start()
            logger.info(
                "at work",
                extra={
                    "team": self.team.name,
                    "inbox": str(self.team.inbox),
                    "trackers": ",".join(self._workers) or "none",
                },
            )
            while not self._lost.wait(min(1.0, max(0.05, timer.idle_seconds or 1.0))):
                timer.run_pending()

    def _end(self, threads: Sequence[Worker]) -> None:
        self._ready.set()
        for thread in threads:
            thread.stop()
        until = self.clock.monotonic() + END_S
        for thread in threads:
            if not thread.join(max(0.0, until - self.clock.monotonic())):
                extra = {"team": self.team.name, "worker": thread.name}
                logger.warning("ends although something still waits for an answer", extra=extra)

    def _watching(self, reader: Worker) -> ExitStack:
        """Watch the inbox; where it cannot be watched the slow re-scan does it alone."""
        stack = ExitStack()
        observer = Observer()
        try:
            observer.schedule(_Wakes(reader.wake), str(self.team.inbox))
            observer.start()
        except OSError as error:
            logger.warning(
                "inbox is not watched, only looked at now and then",
                extra={"team": self.team.name, "reason": str(error)},
            )
            return stack
        stack.callback(observer.join)
        stack.callback(observer.stop)
        return stack

    # --- the work of the threads ---

    def _worker(self, name: str, work: Callable[[], float | None]) -> Worker:
        """Return a worker; it ends all work of the team where the lease is lost."""

        def guarded() -> float | None:
            try:
                return work()
            except StoreError as error:
                self._trouble(logging.ERROR, "store", str(error))
                return AGAIN_S
            except LeaseLostError:
                self._lost.set()
                return None

        return Worker(name, guarded, self.clock)

    def _read(self, work: TeamWork) -> float | None:
        work.begin()
        if not self._ready.is_set() or self._blind:
            self._blind = work.rebuild([work.tracker(t) for t in self.team.trackers])
        self._carry_out(work)
        reports = work.inbox.read(blind=self._blind)
        late = work.apply_rules()
        if self._troubled:
            self._troubled = None
            logger.info("recovered", extra={"team": self.team.name})
        first = not self._ready.is_set()
        self._ready.set()
        if self._notifier and any(r.state in ("read", "awaiting-approval") for r in reports):
            self._notifier.wake()
        if first or late or any(r.state == "read" for r in reports):
            for worker in self._workers.values():
                worker.wake()
        return SETTLING_S if _settling(reports) else None

    def _carry_out(self, work: TeamWork) -> None:
        """Carry out what commands wrote down, and let all look at what came of it."""
        if work.carry_out():
            for worker in (self._reader, self._notifier, *self._workers.values()):
                if worker:
                    worker.wake()

    def _notify(self, work: TeamWork) -> float | None:
        """Send what is due, once every tracker was read or has failed: nothing on old data."""
        self._ready.wait()
        if self._lost.is_set() or not self._seen >= self._workers.keys():
            return None
        work.begin()
        work.notifier.run(lambda seconds: not self._lost.wait(seconds))
        return None

    def _sync(self, work: TeamWork, tracker: AnyTracker) -> float | None:
        self._ready.wait()
        if self._lost.is_set():
            return None
        work.begin()
        self._carry_out(work)
        report = work.sync(work.tracker(tracker))
        self._tell(work, report)
        first = tracker.name not in self._seen
        self._seen.add(tracker.name)
        tally = report.tally
        if self._notifier and (first or tally.pulled or tally.closed or tally.created):
            self._notifier.wake()
        return None

    def _tell(self, work: TeamWork, report: Report) -> None:
        """Log a pass in one line; wake the others if it brought something."""
        name, tally = report.name, report.tally
        before = self._states.get(name)
        self._states[name] = report.state
        level = logging.INFO
        if report.state not in ("ok", before):
            level = logging.ERROR if report.state == "failed" else logging.WARNING
        elif report.state != "ok":
            level = logging.DEBUG  # told once; `status` shows that it stands
        extra = {
            "team": self.team.name,
            "tracker": name,
            "state": report.state,
            "new": tally.created,
            "updated": tally.updated,
            "taken": tally.pulled,
            "closed": tally.closed,
            "conflicts": tally.conflicts,
            "calls": tally.calls,
        }
        if report.error:
            extra["reason"] = report.error
        logger.log(level, "pass", extra=extra)
        if before not in (None, "ok") and report.state == "ok":
            logger.info("recovered", extra={"team": self.team.name, "tracker": name})
        self._tell_age(work, name)
        self._back_off(report)
        if tally.pulled or tally.closed:
            for other, worker in self._workers.items():
                if other != name:
                    worker.wake()

    def _tell_age(self, work: TeamWork, name: str) -> None:
        with work.store.transaction() as tx:
            data_at = tx.tracker(name).data_at
        stale = work.stale(data_at, self.clock.now())
        if stale and name not in self._stale:
            extra = {"team": self.team.name, "tracker": name, "data_at": data_at}
            logger.error("data is older than it should be", extra=extra)
        (self._stale.add if stale else self._stale.discard)(name)

    def _back_off(self, report: Report) -> None:
        if report.state != "failed":
            self._failures.pop(report.name, None)
            return
        count = self._failures[report.name] = self._failures.get(report.name, 0) + 1
        every = next(t.every for t in self.team.trackers if t.name == report.name)
        wait = min(LONGEST_BACKOFF_S, every.total_seconds() * 2 ** min(count - 1, 6))
        self._workers[report.name].hold_off(max(wait, report.retry_after_s or 0.0))


def _settling(reports: Sequence[DocumentReport]) -> bool:
    return any(r.state == "waiting" and r.error is None for r in reports)


class _Wakes(FileSystemEventHandler):
    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in ("opened", "closed_no_write"):
            self._wake()
