"""Minutes that wait for their host (C3): each version a draft until he has approved it. I/O."""

import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from mapping.values import Entry, Finding, Reading
from minuteloop import inbox as box
from minuteloop.arrival import first_seen
from minuteloop.clock import SystemClock
from minuteloop.notes import DocumentReport, Notes
from sync import outbox
from sync.meetings import document_key, facts_of, series_of
from sync.store import Store
from sync.stored import Draft
from sync.transaction import Transaction

log = logging.getLogger(__name__)


class Approvals:
    """The drafts of a team's minutes.

    Args:
        store: opened for the team.
        clock: its time.
        notes: of its inbox.
        timed: adds to a reading what the moment of its arrival tells.
    """

    def __init__(
        self,
        store: Store,
        clock: SystemClock,
        notes: Notes,
        timed: Callable[[Reading, str], Reading],
    ) -> None:
        self._store = store
        self._clock = clock
        self._notes = notes
        self._timed = timed
        self._config = notes.config

    def draft_of(self, name: str, digest: str) -> Draft | None:
        """Return what is known of these very bytes as a draft, under whatever name they were."""
        with self._store.reading() as tx:
            known = [d for d in outbox.drafts(tx) if d.digest == digest]
        same = [d for d in known if d.file == name]
        moved = [d for d in known if not (self._config.inbox / d.file).exists()]
        if same or not moved:
            return same[0] if same else None
        draft = replace(moved[0], file=name)
        with self._store.transaction() as tx:
            outbox.put_draft(tx, draft)
        return draft

    def hold(self, path: Path, digest: str, reading: Reading) -> DocumentReport | None:
        """Keep a new version as a draft until the host has seen it; None if it is in already."""
        name, now = box.name_of(path), self._clock.now()
        key = document_key(self._config.name, reading.meeting, name)
        with self._store.transaction() as tx:
            known = tx.document(key)
            if known is not None and known.digest == digest:
                return None
            other = outbox.draft(tx, key)
            held = other and other.state != "refused" and other.file != name
            if other and held and (self._config.inbox / other.file).exists():
                return self._behind(tx, name, other.file)
            seen_at = first_seen(tx, self._config, now, reading, key=key, digest=digest)
            reading = self._timed(reading, seen_at)
            draft = Draft(
                key=key,
                file=name,
                digest=digest,
                state="waiting",
                asked_at=now.isoformat(),
                seen_at=seen_at,
                meeting=facts_of(reading.meeting),
                series=series_of(reading.meeting),
                items=tuple(_called(e) for e in reading.entries),
                findings=len(reading.findings),
            )
            outbox.put_draft(tx, draft)
            tx.drop_findings(f"file:{name}")
            source = f"document:{key}"
            tx.drop_findings(source)
            found = {f"draft:{n}:{f.code}": f for n, f in enumerate(reading.findings)}
            tx.put_findings(source, found, now.isoformat())
        self._notes.take_away({name, other.file if other else name})
        if not self._notes.dry:
            log.info("waits for the host", extra={"team": self._config.name, "file": name})
        return self.report(path, draft)

    def _behind(self, tx: Transaction, name: str, other: str) -> DocumentReport:
        text = self._notes.say(
            f"与 {other} 是同一次会议的纪要，请只留一份（另一份移出收件文件夹）",
            f"these are minutes of the same meeting as {other}: take one of the two out of the "
            "inbox",
        )
        text = self._notes.of(name, text)
        finding = Finding(code="duplicate", message=text)
        tx.put_findings(f"file:{name}", {"behind": finding}, self._clock.now().isoformat())
        return DocumentReport(file=name, state="waiting", error=text)

    def report(self, path: Path, draft: Draft) -> DocumentReport:
        """Return what is told of a draft that is not approved; a refused one gets its note."""
        if draft.state == "waiting":
            return DocumentReport(
                file=draft.file,
                state="awaiting-approval",
                items=len(draft.items),
                findings=draft.findings,
            )
        why = draft.reason or ""
        said = self._notes.say(f"主持人未通过：{why}", f"the host did not approve it: {why}")
        return self._notes.refused(path, self._notes.of(draft.file, said))


def forget_absent(tx: Transaction, here: Collection[str]) -> set[str]:
    """Forget the drafts whose files were taken out before the host saw them; return their names.

    Args:
        tx: of the team's store.
        here: the names of the files in the inbox.
    """
    absent = [draft for draft in outbox.drafts(tx) if draft.file not in here]
    for draft in absent:
        outbox.drop_draft(tx, draft.key)
        tx.drop_findings(f"document:{draft.key}", prefix="draft:")
    return {draft.file for draft in absent}


def _called(entry: Entry) -> str:
    """Return an entry in one line for the host: owner, text, day."""
    owner = entry.owner or "、".join(entry.owners) or entry.department or "?"
    day = entry.due.isoformat() if entry.due else entry.due_text or "?"
    return f"{owner}: {entry.description} ({day})"
