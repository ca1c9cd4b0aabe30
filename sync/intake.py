"""A document that was read becomes items of the hub. I/O by handle; the matching is pure."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mapping import ids, titles
from mapping.lens import Value, values
from mapping.people import Directory
from mapping.values import (
    Absence,
    Entry,
    Finding,
    Item,
    Meeting,
    MeetingType,
    NextMeeting,
    Reading,
    Status,
)
from mapping.words import fold
from sync.join import Joined, Mention, join_again, join_series
from sync.ledger import Ledger
from sync.match import Known
from sync.merge import merge_told
from sync.stored import Candidate, Change, DocumentRow, Stored
from sync.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """What a document came to."""

    key: str
    state: str  # read | unchanged
    items: int
    findings: tuple[Finding, ...]


def document_key(team: str, meeting: Meeting, file: str) -> str:
    """Return what tells the same minutes again: title and start, else the file's name."""
    told = (fold(meeting.title or ""), meeting.start or "")
    text = "\0".join((team, *(told if any(told) else ("file", file))))
    return "M-" + hashlib.sha256(text.encode()).hexdigest()[:10]


def series_of(meeting: Meeting) -> str | None:
    """Return what the titles of one series share, None if nothing is left of the title."""
    return titles.series_of(meeting.title) or None


def told_by(entry: Entry, *, same_document: bool) -> dict[str, Value]:
    """Return the values that an entry tells; a later meeting does not reword an item."""
    owner = (entry.owner,) if entry.owner else entry.owners
    told: dict[str, Value] = {
        "owner": owner,
        "department": entry.department,
        "support": entry.support,
        "due": entry.due,
        "completed": entry.completed,
        "deliverable": entry.deliverable,
        "note": entry.note,
        "acceptance": entry.acceptance,
    }
    if same_document:
        told["description"] = entry.description
    if same_document or entry.carried or entry.status is not Status.IN_PROGRESS:
        told["status"] = entry.status.value
    return told


def take_in(
    tx: Transaction,
    directory: Directory,
    reading: Reading,
    *,
    file: str,
    digest: str,
    now: datetime,
    seen_at: str | None = None,
    approved: Mapping[str, str] | None = None,
    ahead: bool = False,
) -> TakenIn:
    """Bring what a document tells into the hub, as one more side of the merge.

    Args:
        tx: an open transaction.
        directory: the team's people.
        reading: what was read.
        file: the file's name, for messages.
        digest: of the file's bytes; the same bytes change nothing.
        now: the time that is recorded.
        seen_at: when its first version was there, if that was before now.
        approved: by whom and when, where a host was asked (C3).
        ahead: it is an agenda, and its meeting is still to come.
    """
    meeting = reading.meeting
    key = document_key(tx.team, meeting, file)
    known = tx.document(key)
    if known is not None and known.digest == digest:
        return TakenIn(key=key, state="unchanged", items=len(reading.entries), findings=())
    is_agenda = reading.agenda and (ahead or not reading.entries)
    half, maybe = _other_half(tx, meeting, key=key, of_agenda=is_agenda)
    other = known or half
    if other is not None and is_agenda and not other.is_agenda:
        tx.put_document(_with_agenda(other, meeting))  # its minutes are in already
        return TakenIn(key=other.key, state="read", items=0, findings=())
    if other is not None:
        meeting = _completed(meeting, meeting_from(other.meeting))
        reading = replace(reading, meeting=meeting)
    at = now.isoformat()
    ledger = Ledger(tx, directory, at)
    reading, candidates = _with_accepted(tx, _in_team_spelling(reading, directory), key)
    series = series_of(meeting)
    before = tx.mentions(key)
    joined = _join(ledger, reading, key, before)
    if known is not None and known.is_agenda:
        joined = replace(joined, gone=())  # minutes need not repeat what their agenda carried
    writer = _Writer(ledger, reading, key, file)
    writer.know(before, tx.last_told(sorted(joined.items.values())))
    mentions = [
        writer.entry(n, entry, joined.items.get(n)) for n, entry in enumerate(reading.entries)
    ]
    findings = [*reading.findings, *_open_ends(joined, reading, ledger)]
    if maybe:
        findings.append(_which_meeting(maybe, zh=directory.team.language == "zh"))
    ledger.flush()
    tx.put_candidates(key, candidates)
    tx.put_mentions(key, [*{m.item: m for m in mentions}.values()])
    tx.put_document(
        DocumentRow(
            key=key,
            file=file,
            digest=digest,
            series=series,
            start=meeting.start,
            meeting=facts_of(meeting),
            read_at=at,
            seen_at=seen_at or (known.seen_at if known else at),
            tally=_tally(reading, findings, ahead=ahead),
            approved=approved,
        )
    )
    source = f"document:{key}"
    tx.drop_findings(source)
    tx.put_findings(source, {_about(n, f): f for n, f in enumerate(findings)}, at)
    return TakenIn(key=key, state="read", items=len(mentions), findings=tuple(findings))


def _with_accepted(tx: Transaction, reading: Reading, key: str) -> tuple[Reading, list[Candidate]]:
    """Tell what was taken over before from what may still be an item; name how to take it over."""
    possible = iter(reading.possible)
    findings: list[Finding] = []
    accepted: list[Entry] = []
    candidates: list[Candidate] = []
    known = tx.item_ids()
    for finding in reading.findings:
        entry = next(possible, None) if finding.code == "possible-item" else None
        if entry is None:
            findings.append(finding)
            continue
        item_id = ids.draw(tx.team, _seed(key, entry))
        if item_id in known:
            accepted.append(entry)
            continue
        message = f"{finding.message} (minuteloop accept {item_id})"
        findings.append(replace(finding, message=message, item=item_id))
        candidates.append(Candidate(id=item_id, document=key, place=len(candidates), entry=entry))
    entries = sorted((*reading.entries, *accepted), key=lambda e: e.line or 0)
    return (
        replace(
            reading,
            entries=tuple(entries) if accepted else reading.entries,
            findings=tuple(findings),
        ),
        candidates,
    )


def accept(tx: Transaction, ledger: Ledger, item_id: str, actor: str | None) -> str:
    """Make an item of what may be one, at a person's word."""
    candidate = tx.candidate(item_id)
    if candidate is None:
        return f"there is no possible item {item_id}"
    if ledger.get(item_id) is not None:
        return "an item already"
    document, entry = tx.document(candidate.document), candidate.entry
    title = document.meeting.get("title") if document else None
    item = Item(
        id=item_id,
        description=entry.description,
        owner=entry.owner,
        owners=entry.owners,
        department=entry.department,
        support=entry.support,
        due=entry.due,
        due_text=entry.due_text,
        acceptance=entry.acceptance,
        note=entry.note,
        meeting=title,
        meeting_id=candidate.document,
        sensitive=bool(document and document.meeting.get("sensitive")),
    )
    zh = ledger.directory.team.language == "zh"
    where = document.file if document else ""
    why = f"采纳自纪要 {where}" if zh else f"taken over from {where}"
    ledger.create(
        item, origin=f"minutes:{candidate.document}", place="command", why=why, actor=actor
    )
    told = told_by(entry, same_document=True)
    mentions = tx.mentions(candidate.document)
    new = Mention(item=item_id, place=len(mentions), told=told, source=entry.source)
    tx.put_mentions(candidate.document, [*mentions, new])
    for found in tx.findings(f"document:{candidate.document}"):
        if found.finding.item == item_id:
            tx.drop_findings(found.source, [found.about])
    return "an item now"


def _in_team_spelling(reading: Reading, directory: Directory) -> Reading:
    """Name departments as the team file does, where it knows them."""

    def spelled(entry: Entry) -> Entry:
        unit = directory.unit(entry.department) if entry.department else None
        support = tuple(directory.unit(s) or s for s in entry.support)
        return replace(entry, department=unit or entry.department, support=support)

    return replace(
        reading,
        entries=tuple(map(spelled, reading.entries)),
        possible=tuple(map(spelled, reading.possible)),
    )


def _about(n: int, finding: Finding) -> str:
    """Return what a finding is about; one on a vanished line goes when its item is over."""
    return f"item-gone:{finding.item}" if finding.code == "item-gone" else f"{n:04d}"


def _tally(reading: Reading, findings: Sequence[Finding], *, ahead: bool) -> dict[str, int]:
    """Count what the review asks for: items, topics, and each kind of finding (E1)."""
    counts = Counter(f.code for f in findings)
    kind = {"agenda": 1} if ahead else {}
    return {
        "items": len(reading.entries),
        "topics": len(reading.meeting.topics),
        **kind,
        **counts,
    }


def _other_half(
    tx: Transaction, meeting: Meeting, *, key: str, of_agenda: bool
) -> tuple[DocumentRow | None, list[DocumentRow]]:
    """Return the minutes of an agenda, or the agenda of minutes, that has a title of its own.

    Where only one of them tells the hour, they are of one meeting if nothing else is of a meeting
    of that subject and day. Else there is none, and what it may be is returned beside.
    """
    near = [
        (row, facts)
        for row in tx.documents_on((meeting.start or "")[:10])
        if row.key != key and titles.is_near(facts := meeting_from(row.meeting), meeting)
    ]
    halves = [
        row
        for row, facts in near
        if row.is_agenda is not of_agenda and titles.is_same_meeting(facts, meeting)
    ]
    found = [row for row in halves if row.start == meeting.start]
    if not found and len(near) == 1:
        found = halves
    return (found[0], []) if len(found) == 1 else (None, halves)


def _which_meeting(maybe: Sequence[DocumentRow], *, zh: bool) -> Finding:
    files = ("、" if zh else ", ").join(row.file for row in maybe)
    message = (
        f"同一天可能有几次这样的会议，不能确定 {files} 是不是这次会议的；请写明会议的开始时间"
        if zh
        else "there may be more than one such meeting that day, and it is not certain whether "
        f"{files} is of this one: please say at what time it began"
    )
    return Finding(code="match-uncertain", message=message)


def _completed(meeting: Meeting, other: Meeting) -> Meeting:
    """Add what only the agenda tells: topics, and how long they were to take (E1)."""
    return replace(
        meeting,
        topics=meeting.topics or other.topics,
        planned_min=meeting.planned_min or other.planned_min,
    )


def _with_agenda(known: DocumentRow, agenda: Meeting) -> DocumentRow:
    """Return minutes completed by an agenda that came after them; nothing else changes."""
    meeting = _completed(meeting_from(known.meeting), agenda)
    tally = {**known.tally, "topics": len(meeting.topics)}
    return replace(known, meeting=facts_of(meeting), tally=tally)


def facts_of(meeting: Meeting) -> dict[str, Any]:
    """Return a meeting as it is kept: JSON."""
    n = meeting.next
    return {
        "title": meeting.title,
        "type": meeting.type.value if meeting.type else None,
        "start": meeting.start,
        "end": meeting.end,
        "place": meeting.place,
        "host": meeting.host,
        "recorder": meeting.recorder,
        "attendees": list(meeting.attendees),
        "absent": [{"name": a.name, "reason": a.reason} for a in meeting.absent],
        "goals": list(meeting.goals),
        "topics": list(meeting.topics),
        "next": {"start": n.start, "place": n.place, "topic": n.topic},
        "sensitive": meeting.sensitive,
        "planned_min": meeting.planned_min,
    }


def meeting_from(facts: Mapping[str, Any]) -> Meeting:
    """Return the meeting whose facts were kept; what an older version did not keep is empty."""
    told = dict(facts)
    kind, following = told.get("type"), told.get("next") or {}
    lists = {name: tuple(told.get(name) or ()) for name in ("attendees", "goals", "topics")}
    absent = tuple(Absence(**a) for a in told.get("absent") or ())
    return Meeting(
        **{
            **told,
            **lists,
            "type": MeetingType(kind) if kind else None,
            "absent": absent,
            "next": NextMeeting(**following),
        }
    )


def _join(ledger: Ledger, reading: Reading, key: str, before: list[Mention]) -> Joined:
    """Say which entries are items that are known already."""
    tx, entries, series = ledger.tx, reading.entries, series_of(reading.meeting)
    again = join_again(entries, before, tuple(ledger.directory.people))
    rest = [n for n in range(len(entries)) if n not in again.items]
    stored = ledger.load()
    taken = {*again.items.values(), *again.gone}
    same = [d for d in tx.documents_of(series) if d.key != key] if series else []
    in_series = tx.told_in(sorted(d.key for d in same))
    start = reading.meeting.start or ""
    later = tx.told_in(sorted(d.key for d in same if start and (d.start or "") > start))
    open_items = [  # minutes that come late may speak of what is over by now
        s
        for s in stored.values()
        if (s.item.is_open or s.item.id in later) and s.item.id not in taken
    ]
    told = {i for i, _ in tx.last_told([s.item.id for s in open_items]).items()}
    by_hand = {
        s.item.id
        for s in open_items
        if s.item.id not in told and _agrees(s.item, [entries[n] for n in rest])
    }
    joined = join_series(
        [entries[n] for n in rest],
        [Known(id=s.item.id, values=values(s.item)) for s in open_items],
        same_series=in_series | by_hand,
    )
    items = {**again.items, **{rest[k]: i for k, i in joined.items.items()}}
    for n in rest:  # the store was lost, the rows were not: the same words draw the same id
        drawn = ids.draw(tx.team, _seed(key, entries[n]))
        if n in items or drawn not in stored or drawn in items.values():
            continue
        known = stored[drawn].item
        if known.meeting_id in (None, key) or fold(known.description) == fold(
            entries[n].description
        ):
            items[n] = drawn
    unsure = {**again.uncertain, **{rest[k]: v for k, v in joined.uncertain.items()}}
    return Joined(
        items=items,
        gone=again.gone,
        uncertain={n: v for n, v in unsure.items() if n not in items},
    )


def _agrees(item: Item, entries: list[Entry]) -> bool:
    """Say whether an entry tells a row that was added by hand: no contrary due day."""
    key = fold(item.description)
    return any(
        fold(e.description) == key and (not e.due or not item.due or e.due == item.due)
        for e in entries
    )


def _seed(key: str, entry: Entry) -> str:
    return f"{key}\0{fold(entry.description)}\0{entry.owner or ''}"


def _open_ends(joined: Joined, reading: Reading, ledger: Ledger) -> list[Finding]:
    """Return findings on items that vanished and on entries that may be known already."""
    zh = ledger.directory.team.language == "zh"
    findings = []
    for item_id in joined.gone:
        stored = ledger.get(item_id)
        if stored is None or not stored.item.is_open:
            continue
        text = stored.item.description
        message = (
            f"“{text}”（{item_id}）已不在这份纪要里；行动项保持不变，若不再做请执行 "
            "minuteloop close"
            if zh
            else f'"{text}" ({item_id}) is no longer in these minutes; it stays as it is; if it '
            "will not be done: minuteloop close"
        )
        findings.append(Finding(code="item-gone", message=message, item=item_id))
    for n, maybe in joined.uncertain.items():
        entry = reading.entries[n]
        others = "、".join(maybe) if zh else ", ".join(maybe)
        message = (
            f"“{entry.description}”可能就是已有的 {others}，不能确定，已作为新的行动项"
            if zh
            else f'"{entry.description}" may be {others}; that is not certain, so it came in as '
            "an item of its own"
        )
        findings.append(Finding(code="match-uncertain", message=message, line=entry.line))
    return findings


class _Writer:
    """Writes the entries of one document into the ledger."""

    def __init__(self, ledger: Ledger, reading: Reading, key: str, file: str) -> None:
        self.ledger = ledger
        self.meeting = reading.meeting
        self.key = key
        self.file = file
        self._before: Mapping[str, Mention] = {}
        self._latest: Mapping[str, tuple[str, Mention]] = {}

    @property
    def _zh(self) -> bool:
        return self.ledger.directory.team.language == "zh"

    def know(self, before: Sequence[Mention], latest: Mapping[str, tuple[str, Mention]]) -> None:
        """Take what this document told before, and what minutes told last of each item."""
        self._before = {m.item: m for m in before}
        self._latest = latest

    def entry(self, n: int, entry: Entry, item_id: str | None) -> Mention:
        """Create or change the item that an entry speaks of; return the mention."""
        mine = self._before.get(item_id or "")
        if item_id is None:
            item_id = self._create(entry)
        else:
            self._update(item_id, entry, mine)
        told = told_by(entry, same_document=True)
        return Mention(item=item_id, place=n, told=told, source=entry.source)

    def _create(self, entry: Entry) -> str:
        item_id = self.ledger.draw(_seed(self.key, entry))
        item = Item(
            id=item_id,
            description=entry.description,
            owner=entry.owner,
            owners=entry.owners,
            department=entry.department,
            support=entry.support,
            due=entry.due,
            due_text=entry.due_text,
            expected=entry.expected,
            completed=entry.completed,
            status=entry.status,
            acceptance=entry.acceptance,
            deliverable=entry.deliverable,
            note=entry.note,
            meeting=self.meeting.title,
            meeting_id=self.key,
            carried=entry.carried,
            sensitive=self.meeting.sensitive,
        )
        line = entry.line
        if self._zh:
            why = f"纪要 {self.file}" + (f" 第 {line} 行" if line else "")
        else:
            why = f"minutes {self.file}" + (f", line {line}" if line else "")
        self.ledger.create(
            item, origin=f"minutes:{self.key}", place="minutes", why=why, actor=self.file
        )
        return item_id

    def _update(self, item_id: str, entry: Entry, mine: Mention | None) -> None:
        stored = self.ledger.get(item_id)
        if stored is None:
            return
        latest = self._latest.get(item_id)
        last = mine or (latest[1] if latest else None)
        is_latest = latest is None or latest[0] == self.key or self._later_than(latest[0])
        told = told_by(entry, same_document=mine is not None)
        if mine is None and last is not None and not entry.carried:
            told.pop("status", None)
        merged = merge_told(
            last.told if last else None,
            told,
            values(stored.item),
            origins=stored.origins,
            latest=is_latest,
            same_document=mine is not None,
        )
        why = f"纪要 {self.file}" if self._zh else f"minutes {self.file}"
        for take in merged.takes:
            self.ledger.change(
                item_id,
                take.field,
                take.new,
                origin=f"minutes:{self.key}",
                place="minutes",
                why=why,
                actor=self.file,
            )
        for conflict in merged.conflicts:
            self.ledger.note(
                Change(
                    item=item_id,
                    kind="conflict",
                    place="minutes",
                    why=why,
                    field=conflict.field,
                    old=conflict.kept,
                    new=conflict.lost,
                    actor=self.file,
                )
            )
        self._amend(item_id, entry)

    def _later_than(self, other: str) -> bool:
        row = self.ledger.tx.document(other)
        return row is None or (self.meeting.start or "") >= (row.start or "")

    def _amend(self, item_id: str, entry: Entry) -> None:
        """Keep what trackers do not carry: the words of the date, the expected day, carried."""
        stored: Stored | None = self.ledger.get(item_id)
        if stored is None:
            return
        item = stored.item
        new = replace(
            item,
            due_text=entry.due_text if entry.due == item.due and entry.due_text else item.due_text,
            expected=entry.expected or item.expected,
            carried=item.carried or entry.carried,
            meeting_id=item.meeting_id or (None if entry.carried else self.key),
            sensitive=item.sensitive if item.meeting_id else self.meeting.sensitive,
        )
        if new != item:
            why = f"纪要 {self.file}" if self._zh else f"minutes {self.file}"
            self.ledger.amend(
                new,
                Change(item=item_id, kind="mention", place="minutes", why=why, actor=self.file),
            )


def meeting_of(document: DocumentRow | None, item: Item) -> Mapping[str, Any] | None:
    """Return an item's meeting as ``items --json`` shows it."""
    if document is not None:
        facts = document.meeting
        title = item.meeting or facts.get("title")
        return {"id": document.key, "title": title, "start": facts.get("start")}
    return {"id": None, "title": item.meeting, "start": None} if item.meeting else None
