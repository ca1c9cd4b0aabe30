"""What the rules look at, gathered from the store. I/O by handle."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from mapping.calendar import Calendar
from mapping.people import Directory
from mapping.values import Item, Meeting, Status
from minuteloop.config import TeamConfig
from minuteloop.config_models import Rules
from minutes.remarks import promised_day
from sync import outbox
from sync.meetings import meeting_from
from sync.stored import Change, DocumentRow, Draft, OpenFinding
from sync.transaction import Transaction
from tracking.escalation import first_alerts
from tracking.scene import Approval, Found, Minutes, Refusal, Row, Scene, Thresholds, Tracked

KEPT = timedelta(days=200)  # minutes that are looked at; older ones as long as items are open
RECENT = timedelta(days=60)  # minutes whose items are looked at even when they are done
VERSION = 12  # signs of a digest
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def scene_of(
    config: TeamConfig,
    tx: Transaction,
    now: datetime,
    directory: Directory,
    calendar: Calendar,
    *,
    items: Mapping[str, Tracked] | None = None,
    everything: bool = False,
) -> Scene:
    """Return a team as it stands, without the rows of its items but where their data is stale.

    Args:
        config: the team's.
        tx: an open transaction; reading is enough.
        now: aware, in the team's zone.
        directory: its people.
        calendar: its working days.
        items: what ``items_of`` gave; left out: the open ones and those of recent minutes.
        everything: all minutes, however old.
    """
    if items is None:
        items = items_of(tx, now, calendar)
    if everything:
        documents = tx.documents()
    else:
        of_open = (t.item.meeting_id for t in items.values() if t.item.is_open)
        documents = tx.documents_since((now - KEPT).isoformat(), filter(None, of_open))
    recent = [r.key for r in documents if now - datetime.fromisoformat(r.seen_at) < RECENT]
    findings: dict[str, list[Found]] = {}
    for open_finding in tx.findings():
        found = Found(
            place=_place(open_finding),
            finding=open_finding.finding,
            first_at=datetime.fromisoformat(open_finding.first_at),
        )
        findings.setdefault(open_finding.source, []).append(found)
    drafts = {d.key: d for d in outbox.drafts(tx)}
    data_at = _data_at(config, tx)
    limit = config.rules.stale_after
    stale = {name: at for name, at in data_at.items() if at is not None and now - at > limit}
    on_stale = {item for name in stale for item in tx.shown_in(name)} & items.keys()
    scene = Scene(
        now=now,
        directory=directory,
        calendar=calendar,
        rules=thresholds(config.rules, approval=config.settings.minutes.approval == "host"),
        items=items,
        minutes=tuple(_minutes(tx, documents, drafts, findings, recent)),
        findings=tuple(
            f for s, several in findings.items() if s.startswith("tracker:") for f in several
        ),
        stale=stale,
    )
    return with_rows(config, tx, scene, on_stale) if on_stale else scene


def with_rows(config: TeamConfig, tx: Transaction, scene: Scene, items: Iterable[str]) -> Scene:
    """Return a scene in which these items have their rows in the trackers."""
    wanted = {i for i in items if i in scene.items}
    data_at = _data_at(config, tx)
    rows: dict[str, list[Row]] = {}
    for tracker in config.trackers:
        for item, link in tx.links(tracker.name, wanted).items():
            if link.state == "live":
                row = Row(
                    tracker=tracker.name,
                    kind=tracker.kind,
                    link=link.link,
                    label=link.label or link.row_id,
                    data_at=data_at[tracker.name],
                )
                rows.setdefault(item, []).append(row)
    shown = {i: replace(scene.items[i], rows=tuple(found)) for i, found in rows.items()}
    return replace(scene, items={**scene.items, **shown})


def items_of(
    tx: Transaction,
    now: datetime,
    calendar: Calendar,
    *,
    everything: bool = False,
    ahead: bool = False,
) -> dict[str, Tracked]:
    """Return the open items and those of recent minutes, with what the log tells of them.

    Args:
        tx: an open transaction.
        now: aware, in the team's zone.
        calendar: the team's.
        everything: all items, done and closed ones too.
        ahead: read what notes promise of items that are neither late nor blocked yet.
    """
    if everything:
        stored = tx.items()
    else:
        recent = [r.key for r in tx.documents_since((now - RECENT).isoformat())]
        stored = tx.open_items()
        stored |= tx.some_items(tx.told_in(recent) - stored.keys())
    today = now.date()
    stuck = {s.item.id for s in stored.values() if s.item.is_open and _is_stuck(s.item, today)}
    refusals = tx.refusals()
    refused = {i for i in refusals if i in stored and not stored[i].item.completed}
    asked = {s.item.id for s in stored.values() if s.item.is_open} if ahead else stuck
    logs = tx.changes_of(asked | refused)
    alerts = first_alerts(outbox.sent(tx, "F3")) if stuck else {}
    return {
        item_id: Tracked(
            item=s.item,
            promised=_promised(s.item, logs.get(item_id, ()), calendar)
            if item_id in asked
            else None,
            moved_at=_moved_at(logs.get(item_id, ())),
            alerted_at=alerts.get((item_id, str(s.item.due))),
            blocked_since=_blocked_since(logs.get(item_id, ())),
            refusal=_refusal(logs[item_id]) if item_id in refused else None,
            refused=refusals.get(item_id, 0),
        )
        for item_id, s in stored.items()
    }


def _place(found: OpenFinding) -> str:
    """Return what tells a finding again.

    One of minutes is told by its words: it is the same in the draft, in what was approved and in a
    later version, where it stands in another line.
    """
    if not found.source.startswith("document:"):
        return f"{found.source}:{found.about}"
    words = hashlib.sha256(found.finding.message.encode()).hexdigest()[:12]
    return f"{found.source}:{found.finding.code}:{words}"


def _data_at(config: TeamConfig, tx: Transaction) -> dict[str, datetime | None]:
    return {t.name: _at(tx.tracker(t.name).data_at) for t in config.trackers}


def thresholds(rules: Rules, *, approval: bool) -> Thresholds:
    """Return the thresholds of a team file as the rules take them."""
    same = set(Thresholds.__dataclass_fields__) & set(Rules.model_fields)
    values = {name: getattr(rules, name) for name in same}
    return Thresholds(
        **{
            **values,
            "off": frozenset(rules.off),
            "digest_weekday": WEEKDAYS.index(rules.digest_weekday),
            "verification": rules.verification == "required",
            "approval": approval,
        }
    )


def _is_stuck(item: Item, today: date) -> bool:
    late = item.due is not None and item.due < today
    return late or item.status in (Status.LATE, Status.BLOCKED)


def expected_days(tx: Transaction, items: Iterable[Item], calendar: Calendar) -> dict[str, date]:
    """Return the new days that remarks, in a tool or in minutes, tell for items (D6), by id.

    That is the day by which a late item is not asked about, and what is said to be a new day of
    another; a day on which a blocked item is to be resolved is none.
    """
    told = {item.id: item for item in items}
    noted = [i.id for i in told.values() if i.note and i.is_open]
    logs = tx.changes_of(noted)
    out = {}
    for item in told.values():
        day = item.expected
        if item.id in logs:
            late = item.status is Status.LATE or (
                item.due is not None and item.late_for == item.due
            )
            any_promise = late and item.status is not Status.BLOCKED
            day = _promised(item, logs[item.id], calendar, moved=not any_promise)
        if day and day != item.due:
            out[item.id] = day
    return out


def _promised(
    item: Item, log: Sequence[Change], calendar: Calendar, *, moved: bool = False
) -> date | None:
    """Return the day that the note or the minutes promise; a note is as old as its last change."""
    noted = [c.at for c in log if c.field == "note" and c.kind == "change"]
    at = datetime.fromisoformat(noted[-1]) if noted else item.created_at
    told = promised_day(item.note or "", at.date(), calendar, moved=moved) if at else None
    return told or item.expected


def _moved_at(log: Sequence[Change]) -> datetime | None:
    by_people = [c for c in log if c.kind == "change" and c.place != "rule"]
    return datetime.fromisoformat(by_people[-1].at) if by_people else None


def _blocked_since(log: Sequence[Change]) -> date | None:
    changes = [c for c in log if c.kind == "change" and c.field == "status"]
    if not changes or changes[-1].new != Status.BLOCKED.value:
        return None
    return datetime.fromisoformat(changes[-1].at).date()


def _refusal(log: Sequence[Change]) -> Refusal | None:
    for change in reversed(log):
        if change.kind == "refuse":
            return Refusal(
                mark=f"{change.seq}:{change.at}",  # a number comes again in an older copy
                at=datetime.fromisoformat(change.at),
                by=change.actor,
                reason=change.why,
            )
    return None


def _minutes(
    tx: Transaction,
    rows: Iterable[DocumentRow],
    drafts: Mapping[str, Draft],
    findings: Mapping[str, Sequence[Found]],
    recent: Sequence[str],
) -> Iterable[Minutes]:
    read = set()
    for row in rows:
        read.add(row.key)
        draft = drafts.get(row.key)
        approval = _asked(draft) if draft else None
        if approval is None and row.approved:
            approval = Approval(
                state="approved",
                asked_at=datetime.fromisoformat(row.seen_at),
                version=row.digest[:VERSION],
                by=row.approved.get("by"),
                at=_at(row.approved.get("at")),
            )
        yield Minutes(
            id=row.key,
            meeting=meeting_from(row.meeting),
            file=row.file,
            seen_at=datetime.fromisoformat(row.seen_at),
            series=row.series,
            items=tuple(tx.mentioned(row.key)) if row.key in recent else (),
            drafted=draft.items if draft else (),
            findings=tuple(findings.get(f"document:{row.key}", ())),
            approval=approval,
            agenda=row.is_agenda and draft is None,
        )
    for key, draft in drafts.items():
        if key not in read:
            meeting: Meeting = meeting_from(draft.meeting)
            yield Minutes(
                id=key,
                meeting=meeting,
                file=draft.file,
                seen_at=datetime.fromisoformat(draft.seen_at),
                series=draft.series,
                drafted=draft.items,
                findings=tuple(findings.get(f"document:{key}", ())),
                approval=_asked(draft),
            )


def _asked(draft: Draft) -> Approval:
    return Approval(
        state=draft.state,
        version=draft.digest[:VERSION],
        asked_at=datetime.fromisoformat(draft.asked_at),
        by=draft.by,
        at=_at(draft.at),
        reason=draft.reason,
    )


def _at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
