"""A document that was read becomes items of the hub. I/O by handle; the matching is pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mapping import ids
from mapping.lens import values
from mapping.people import Directory
from mapping.values import Entry, Finding, Item, Reading
from mapping.words import fold
from sync.entries import Entries, item_of, seed_of, told_by
from sync.join import Joined, Mention, join_again, join_series
from sync.ledger import Ledger
from sync.links import Known
from sync.meetings import (
    completed,
    document_key,
    facts_of,
    meeting_from,
    other_half,
    series_of,
    with_agenda,
)
from sync.stored import Candidate, DocumentRow
from sync.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """What a document came to."""

    key: str
    state: str  # read | unchanged
    items: int
    findings: tuple[Finding, ...]


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
    half, maybe = other_half(tx, meeting, key=key, of_agenda=is_agenda)
    other = known or half
    if other is not None and is_agenda and not other.is_agenda:
        tx.put_document(with_agenda(other, meeting))  # its minutes are in already
        return TakenIn(key=other.key, state="read", items=0, findings=())
    if other is not None:
        meeting = completed(meeting, meeting_from(other.meeting))
        reading = replace(reading, meeting=meeting)
    at = now.isoformat()
    ledger = Ledger(tx, directory, at)
    reading, candidates = _with_accepted(tx, _in_team_spelling(reading, directory), key)
    series = series_of(meeting)
    before = tx.mentions(key)
    joined = _join(ledger, reading, key, before)
    if known is not None and known.is_agenda:
        joined = replace(joined, gone=())  # minutes need not repeat what their agenda carried
    writer = Entries(ledger, reading, key, file)
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
        item_id = ids.draw(tx.team, seed_of(key, entry))
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
    item = item_of(
        entry,
        item_id,
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


def _which_meeting(maybe: Sequence[DocumentRow], *, zh: bool) -> Finding:
    files = ("、" if zh else ", ").join(row.file for row in maybe)
    message = (
        f"同一天可能有几次这样的会议，不能确定 {files} 是不是这次会议的；请写明会议的开始时间"
        if zh
        else "there may be more than one such meeting that day, and it is not certain whether "
        f"{files} is of this one: please say at what time it began"
    )
    return Finding(code="match-uncertain", message=message)


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
        drawn = ids.draw(tx.team, seed_of(key, entries[n]))
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
