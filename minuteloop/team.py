"""One team at work: its inbox, store, trackers and rules wired together."""

import logging
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from connectors import registry
from connectors.base import Connector
from connectors.errors import ConnectorError
from mapping.calendar import Calendar
from mapping.people import Directory
from mapping.said import Said
from mapping.values import Finding, Item, MeetingType, Reading, Severity
from minuteloop import __version__
from minuteloop import inbox as box
from minuteloop.clock import SystemClock
from minuteloop.config import TeamConfig
from minuteloop.config_models import Tracker as TrackerConfig
from sync.engine import Engine
from sync.intake import take_in
from sync.look import Report, Tracker
from sync.rows import Scope
from sync.store import LeaseLostError, Store, StoreError
from tracking import rules

if TYPE_CHECKING:
    from minuteloop.second_reader import SecondReader

log = logging.getLogger(__name__)

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReport:
    """What became of one file of the inbox."""

    file: str
    state: str  # read | unchanged | waiting | refused
    items: int = 0
    findings: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassReport:
    """What a pass told of one team."""

    team: str
    documents: Sequence[DocumentReport] = ()
    trackers: Sequence[Report] = ()
    error: str | None = None

    @property
    def failed(self) -> bool:
        """Whether something failed that a script should hear of."""
        return self.error is not None or any(t.state == "failed" for t in self.trackers)


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
        self.inbox = box.Inbox(config.inbox)
        self._trackers: dict[str, Tracker] = {}
        self._reading = threading.Lock()

    @cached_property
    def calendar(self) -> Calendar:
        """Which days the team works."""
        from minuteloop import workdays  # noqa: PLC0415  # loads years of holidays

        return workdays.load(self.config.settings.calendar, self.config.workdays)

    @cached_property
    def second_reader(self) -> "SecondReader | None":
        """Who is asked after our own reading; nobody in a dry pass, which sends nothing."""
        if self.dry or self.config.settings.minutes.reader is None:
            return None
        from minuteloop.second_reader import second_reader_of  # noqa: PLC0415  # parsers likewise

        return second_reader_of(self.config, self.clock)

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
        )

    def _say(self, zh: str, en: str) -> str:
        """Return a sentence in the team's language."""
        return Said(zh, en).text(self.config.settings.language)

    def _of(self, name: str, text: str) -> str:
        """Return a sentence about a file, its name first."""
        return self._say(f"{name}：{text}", f"{name}: {text}")

    # --- a pass ---

    def once(self, *, wait_s: float = box.LONGEST_WAIT_S, progress: Progress = print) -> PassReport:
        """One full pass: decisions, minutes, trackers in, rules, trackers out.

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
            documents = self.read_inbox(wait_s=wait_s, blind=blind)
            pulled = []
            for tracker in trackers:
                progress(f"{name}: {_name(tracker)}: read")
                pulled.append(self._guarded(tracker, self.engine.pull))
            self.engine.apply_rules()
            reports = []
            for tracker, report in zip(trackers, pulled, strict=True):
                progress(f"{name}: {_name(tracker)}: write")
                reports.append(self.push(tracker, report))
        except StoreError as error:
            log.error("the store failed", extra={"team": name, "reason": str(error)})  # noqa: TRY400
            return PassReport(team=name, documents=documents, error=str(error))
        except LeaseLostError:
            text = "another process has taken this team over; nothing more was written here"
            return PassReport(team=name, documents=documents, error=text)
        return PassReport(team=name, documents=documents, trackers=reports)

    def begin(self) -> None:
        """Begin a pass: what the log gets from now on bears its number."""
        self.store.run = "R-" + uuid.uuid4().hex[:8]

    def carry_out(self) -> None:
        """Carry out what commands wrote down."""
        for request, result in self.engine.carry_out():
            log.info(
                "request",
                extra={"team": self.config.name, "action": request.verb, "result": result},
            )

    def rebuild(self, trackers: Sequence["Tracker | Report"]) -> list[str]:
        """Before minutes are read into a store that is new, take in rows that carry our ids.

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
        self.engine.apply_rules()
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
            text = self._fault(error)
            report = Report(name=tracker.name, kind=tracker.kind, state="failed", error=text)
            self.engine.finish(tracker, report)
            return report

    def _fault(self, error: Exception) -> str:
        name = type(error).__name__
        return self._say(
            f"程序自身出错（{name}），详情见日志；请把日志发给程序的维护者",
            f"{name} - this is a fault of the program; the log tells more",
        )

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

    # --- the inbox ---

    def read_inbox(
        self, *, wait_s: float = 0.0, blind: Sequence[str] = ()
    ) -> Sequence[DocumentReport]:
        """Read the minutes that are ready; each file by itself.

        Args:
            wait_s: how long to wait for files that still change.
            blind: trackers that were never read and cannot be now. They may hold the items of a
                store that was lost: while the store is empty, minutes wait for them.
        """
        with self._reading:
            try:
                ready, waiting = box.wait_until_settled(
                    self.inbox,
                    wall=self.clock.wall,
                    monotonic=self.clock.monotonic,
                    sleep=self.clock.sleep,
                    longest_s=wait_s,
                )
            except box.InboxError as error:
                self._tell_inbox(error.text(self.config.settings.language))
                return ()
            self._tell_inbox(None)
            if blind and self._is_empty():
                reports = [self._wait_for(path, blind) for path in ready]
            else:
                reports = [self._read(path) for path in ready]
            self._forget_files([*ready, *waiting])
            reports += [DocumentReport(file=box.name_of(p), state="waiting") for p in waiting]
        return sorted(reports, key=lambda r: r.file)

    def _is_empty(self) -> bool:
        with self.store.transaction() as tx:
            return not tx.item_ids() and not tx.documents()

    def _wait_for(self, path: Path, blind: Sequence[str]) -> DocumentReport:
        text = self._say(
            f"等 {'、'.join(blind)} 能读取后再读：数据库是新的，已有的行动项可能在那里",
            f"waits until {', '.join(blind)} can be read: the store is new, and the items may be "
            "there",
        )
        return DocumentReport(file=box.name_of(path), state="waiting", error=text)

    def _tell_inbox(self, fault: str | None) -> None:
        """Keep the finding on an inbox that cannot be read; log when it comes and when it goes."""
        with self.store.transaction() as tx:
            before = [f.finding.message for f in tx.findings("inbox")]
            if before == ([fault] if fault else []):
                return
            tx.drop_findings("inbox")
            if fault:
                finding = Finding(code="unreadable", message=fault, severity=Severity.ERROR)
                tx.put_findings("inbox", {"folder": finding}, self.clock.now().isoformat())
        if fault:
            log.warning("inbox", extra={"team": self.config.name, "reason": fault})
        else:
            log.info("inbox is there again", extra={"team": self.config.name})

    def _read(self, path: Path) -> DocumentReport:
        """Read one file; a fault of our own in it stops no other."""
        try:
            return self._read_file(path)
        except (StoreError, LeaseLostError):
            raise
        except Exception as error:
            name = box.name_of(path)
            log.exception("fault of the program", extra={"team": self.config.name, "file": name})
            text = self._of(name, self._fault(error))
            return DocumentReport(file=name, state="waiting", error=text)

    def _read_file(self, path: Path) -> DocumentReport:
        name = box.name_of(path)
        look = box.look_at(path)
        if look is not None and look[0] > box.LARGEST:
            key = f"{look[0]}-{look[1]}"
            size, most = f"{look[0] >> 20} MB", f"{box.LARGEST >> 20} MB"
            text = self._say(
                f"文件太大（{size}，上限 {most}）；请删去或压缩图片后重新放入",
                f"is too large ({size}; at most {most}); take pictures out of it, or compress them",
            )
            return self._refused_before(name, key) or self._refuse(path, key, text)
        try:
            data = box.read_twice(path)
        except OSError as error:
            why = error.strerror or error
            text = self._say(
                f"文件无法读取（{why}），下一轮再试；请检查读取权限",
                f"cannot be read: {why}; it is tried again in each pass",
            )
            return DocumentReport(file=name, state="waiting", error=self._of(name, text))
        if data is None:
            return DocumentReport(file=name, state="waiting")
        digest = box.digest_of(data)
        refused = self._refused_before(name, digest)
        if refused is not None:
            self._leave_note(path, refused.error or "")
            return refused
        try:
            reading = self._parse(data, name)
        except Refusal as refusal:
            return self._refuse(path, digest, str(refusal))
        with self.store.transaction() as tx:
            tx.drop_findings(f"file:{name}")
            taken = take_in(
                tx, self.directory, reading, file=name, digest=digest, now=self.clock.now()
            )
        error_text = None if self.dry else self._put_away(path, data, reading)
        if taken.state == "read" and not self.dry:
            log.info(
                "read",
                extra={
                    "team": self.config.name,
                    "file": name,
                    "items": taken.items,
                    "findings": len(taken.findings),
                },
            )
        return DocumentReport(
            file=name,
            state=taken.state,
            items=taken.items,
            findings=len(taken.findings),
            error=error_text,
        )

    def _forget_files(self, files: Sequence[Path]) -> None:
        """Close the findings on refused files that are no longer there, and take our notes away."""
        here = {f"file:{box.name_of(path)}" for path in files}
        with self.store.transaction() as tx:
            gone = {s for s in tx.sources() if s.startswith("file:")} - here
            for source in gone:
                tx.drop_findings(source)
        for source in () if self.dry else gone:
            box.note_of(self.config.inbox / source.removeprefix("file:")).unlink(missing_ok=True)

    def _parse(self, data: bytes, name: str) -> Reading:
        from minutes.document import RefusedError  # noqa: PLC0415  # parsers load when needed
        from minutes.extract import extract  # noqa: PLC0415
        from minutes.read import read_bytes  # noqa: PLC0415

        try:
            document = read_bytes(data, name)
            reading = extract(
                document,
                name=name,
                team=self.directory.team,
                calendar=self.calendar,
                sensitive_words=tuple(self.config.rules.sensitive_words),
                max_topics=self.config.rules.max_topics,
            )
            if self.second_reader is None:
                return reading
            return self.second_reader.add(reading, document, calendar=self.calendar, file=name)
        except RefusedError as error:
            raise Refusal(error.text(self.config.settings.language)) from error
        except Exception as error:  # our own fault: this file is refused, the others go on
            log.exception("fault of the program", extra={"file": name})
            raise Refusal(self._fault(error)) from error

    def _refused_before(self, name: str, digest: str) -> DocumentReport | None:
        with self.store.transaction() as tx:
            for found in tx.findings(f"file:{name}"):
                if found.about == _refusal_key(digest):
                    return _refused(name, found.finding.message)
        return None

    def _refuse(self, path: Path, digest: str, message: str) -> DocumentReport:
        name = box.name_of(path)
        text = self._of(name, message)
        finding = Finding(code="unreadable", message=text, severity=Severity.ERROR)
        with self.store.transaction() as tx:
            tx.drop_findings(f"file:{name}")
            at = self.clock.now().isoformat()
            tx.put_findings(f"file:{name}", {_refusal_key(digest): finding}, at)
        log.warning("refused", extra={"team": self.config.name, "file": name, "reason": text})
        self._leave_note(path, text)
        return _refused(name, text)

    def _leave_note(self, path: Path, text: str) -> None:
        if self.dry:
            return
        try:
            box.leave_note(path, text)
        except OSError as error:  # the finding says it all the same; tried again in each pass
            extra = {"file": box.name_of(path), "reason": error.strerror}
            log.debug("no note beside it", extra=extra)

    def _put_away(self, path: Path, data: bytes, reading: Reading) -> str | None:
        """Move a read document to the archive; return why it could not be, None if it was."""
        try:
            if box.read_twice(path) != data:
                return None  # saved again meanwhile: the next pass reads it
            meeting = reading.meeting
            kind: MeetingType | None = meeting.type
            folder = box.archive_folder(
                self.config.archive, meeting.start, kind, self.clock.now().year
            )
            box.move(path, folder)
            box.note_of(path).unlink(missing_ok=True)
        except OSError as error:
            archive = self.config.archive
            text = self._say(
                f"已读取，但无法移到存档文件夹 {archive}（{error}）；请检查权限，或手动移走",
                f"was read but cannot be moved to the archive {archive}: {error}; see to the "
                "rights, or move the file yourself",
            )
            text = self._of(box.name_of(path), text)
            log.warning("not archived", extra={"team": self.config.name, "reason": text})
            return text
        return None

    # --- health ---

    def stale(self, data_at: str | None, now: datetime) -> bool:
        """Say whether a tracker's data is older than the team allows."""
        if data_at is None:
            return False
        limit: timedelta = self.config.rules.stale_after
        return now - datetime.fromisoformat(data_at) > limit


class Refusal(Exception):  # noqa: N818  # a document is refused; the program goes on
    """A document is not read; the message says why and what to do."""


def _refusal_key(digest: str) -> str:
    """Return what tells the same refusal again; a newer program looks at the file anew."""
    return f"{__version__}:{digest}"


def _refused(name: str, message: str) -> DocumentReport:
    return DocumentReport(file=name, state="refused", findings=1, error=message)


def _name(tracker: "Tracker | Report") -> str:
    return tracker.name


def open_store(config: TeamConfig, *, make: bool = True) -> Store:
    """Open the team's store; with ``make`` False an empty one in memory where there is none.

    Raises:
        StoreError: it cannot be opened.
    """
    file = Path(config.store_url.removeprefix("sqlite:///"))
    if not make and not file.exists():
        return Store.open("sqlite://", config.name)
    return Store.open(config.store_url, config.name)
