"""The inbox of a team: each file read, refused, held for the host, taken in and put away. I/O."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mapping.calendar import Calendar
from mapping.people import Directory
from mapping.said import SaidError
from mapping.values import Finding, MeetingType, Reading, Severity
from minuteloop import __version__
from minuteloop import inbox as box
from minuteloop.approvals import Approvals, forget_absent
from minuteloop.arrival import first_seen, timed
from minuteloop.clock import SystemClock
from minuteloop.config import TeamConfig
from minuteloop.errors import fault_of_program
from minuteloop.notes import DocumentReport, Notes
from sync import outbox
from sync.intake import take_in
from sync.meetings import document_key
from sync.store import LeaseLostError, Store, StoreError
from sync.stored import Draft
from tracking.moments import is_ahead

if TYPE_CHECKING:
    from minuteloop.second_reader import SecondReader

log = logging.getLogger(__name__)


class Inbox:
    """Reads what is dropped into a team's inbox.

    Args:
        config: the team's.
        clock: its time.
        store: opened for the team.
        directory: its people.
        calendar: returns its working days.
        dry: nothing is moved, noted or sent anywhere.
    """

    def __init__(
        self,
        config: TeamConfig,
        clock: SystemClock,
        store: Store,
        directory: Directory,
        calendar: Callable[[], Calendar],
        *,
        dry: bool = False,
    ) -> None:
        self.config = config
        self.clock = clock
        self.store = store
        self.directory = directory
        self.calendar = calendar
        self.dry = dry
        self.inbox = box.Inbox(config.inbox)
        self.notes = Notes(config, dry)
        self.approvals = Approvals(store, clock, self.notes, self._timed)
        self._reading = threading.Lock()

    @cached_property
    def second_reader(self) -> "SecondReader | None":
        """Who is asked after our own reading; nobody in a dry pass, which sends nothing."""
        if self.dry or self.config.settings.minutes.reader is None:
            return None
        from minuteloop.second_reader import second_reader_of  # noqa: PLC0415  # parsers likewise

        return second_reader_of(self.config, self.clock)

    def read(self, *, wait_s: float = 0.0, blind: Sequence[str] = ()) -> Sequence[DocumentReport]:
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
        text = self.notes.say(
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
            fault = fault_of_program(error).text(self.config.settings.language)
            text = self.notes.of(name, fault)
            return DocumentReport(file=name, state="waiting", error=text)

    def _read_file(self, path: Path) -> DocumentReport:
        name = box.name_of(path)
        look = box.look_at(path)
        if look is not None and look[0] > box.LARGEST:
            key = f"{look[0]}-{look[1]}"
            size, most = f"{look[0] >> 20} MB", f"{box.LARGEST >> 20} MB"
            text = self.notes.say(
                f"文件太大（{size}，上限 {most}）；请删去或压缩图片后重新放入",
                f"is too large ({size}; at most {most}); take pictures out of it, or compress them",
            )
            return self._refused_before(path, key) or self._refuse(path, key, text)
        try:
            data = box.read_twice(path)
        except OSError as error:
            why = error.strerror or error
            text = self.notes.say(
                f"文件无法读取（{why}），下一轮再试；请检查读取权限",
                f"cannot be read: {why}; it is tried again in each pass",
            )
            return DocumentReport(file=name, state="waiting", error=self.notes.of(name, text))
        if data is None:
            return DocumentReport(file=name, state="waiting")
        digest = box.digest_of(data)
        refused = self._refused_before(path, digest)
        if refused is not None:
            return refused
        draft = self.approvals.draft_of(name, digest)
        if draft is not None and draft.state != "approved":
            return self.approvals.report(path, draft)
        try:
            reading = self.parse(data, name)
        except SaidError as refusal:
            return self._refuse(path, digest, refusal.text(self.config.settings.language))
        approval = self.config.settings.minutes.approval == "host" and not reading.agenda
        if draft is None and approval:
            held = self.approvals.hold(path, digest, reading)
            if held is not None:
                return held
        return self._take_in(path, data, reading, draft)

    def _take_in(
        self, path: Path, data: bytes, reading: Reading, draft: Draft | None
    ) -> DocumentReport:
        name, digest, now = box.name_of(path), box.digest_of(data), self.clock.now()
        key = document_key(self.config.name, reading.meeting, name)
        approved = {"by": draft.by or "", "at": draft.at or ""} if draft else None
        with self.store.transaction() as tx:
            seen_at = first_seen(tx, self.config, now, reading, key=key, digest=digest)
            tx.drop_findings(f"file:{name}")
            taken = take_in(
                tx,
                self.directory,
                self._timed(reading, seen_at),
                file=name,
                digest=digest,
                now=now,
                seen_at=seen_at,
                approved=approved,
                ahead=reading.agenda and is_ahead(reading.meeting, now),
            )
            if not reading.agenda:
                outbox.drop_draft(tx, key)
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

    def _timed(self, reading: Reading, seen_at: str) -> Reading:
        return timed(reading, seen_at, self.config, self.calendar())

    def _forget_files(self, files: Sequence[Path]) -> None:
        """Close the findings on refused files that are no longer there, and take our notes away."""
        here = {box.name_of(path) for path in files}
        with self.store.transaction() as tx:
            told = {s.removeprefix("file:") for s in tx.sources() if s.startswith("file:")}
            gone = told - here
            for name in gone:
                tx.drop_findings(f"file:{name}")
            gone |= forget_absent(tx, here)
        self.notes.take_away(gone)

    def parse(self, data: bytes, name: str) -> Reading:
        """Return what a document tells.

        Args:
            data: its bytes.
            name: its file's name.

        Raises:
            SaidError: it cannot be read; the message says why and what to do.
        """
        from minutes.extract import extract  # noqa: PLC0415  # parsers load when needed
        from minutes.read import read_bytes  # noqa: PLC0415

        try:
            document = read_bytes(data, name)
            reading = extract(
                document,
                name=name,
                team=self.directory.team,
                calendar=self.calendar(),
                sensitive_words=tuple(self.config.rules.sensitive_words),
                max_topics=self.config.rules.max_topics,
            )
            if self.second_reader is not None:
                reading = self.second_reader.add(
                    reading, document, calendar=self.calendar(), file=name
                )
        except SaidError:
            raise
        except Exception as error:  # our own fault: this file is refused, the others go on
            log.exception("fault of the program", extra={"file": name})
            fault = fault_of_program(error)
            raise SaidError(fault.zh, fault.en) from error
        off = self.config.rules.off
        return replace(reading, findings=tuple(f for f in reading.findings if f.rule not in off))

    def _refused_before(self, path: Path, digest: str) -> DocumentReport | None:
        name = box.name_of(path)
        with self.store.transaction() as tx:
            found = {f.about: f.finding.message for f in tx.findings(f"file:{name}")}
        message = found.get(_refusal_key(digest))
        return None if message is None else self.notes.refused(path, message)

    def _refuse(self, path: Path, digest: str, message: str) -> DocumentReport:
        name = box.name_of(path)
        text = self.notes.of(name, message)
        finding = Finding(code="unreadable", message=text, severity=Severity.ERROR)
        with self.store.transaction() as tx:
            tx.drop_findings(f"file:{name}")
            at = self.clock.now().isoformat()
            tx.put_findings(f"file:{name}", {_refusal_key(digest): finding}, at)
        if not self.dry:
            log.warning("refused", extra={"team": self.config.name, "file": name, "reason": text})
        return self.notes.refused(path, text)

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
            text = self.notes.say(
                f"已读取，但无法移到存档文件夹 {archive}（{error}）；请检查权限，或手动移走",
                f"was read but cannot be moved to the archive {archive}: {error}; see to the "
                "rights, or move the file yourself",
            )
            text = self.notes.of(box.name_of(path), text)
            log.warning("not archived", extra={"team": self.config.name, "reason": text})
            return text
        return None


def _refusal_key(digest: str) -> str:
    """Return what tells the same refusal again; a newer program looks at the file anew."""
    return f"{__version__}:{digest}"
