"""What commands tell as JSON: a pass, a plan, items. It reads by the handle it is given."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from mapping.calendar import Calendar
from mapping.cells import show
from mapping.lens import value_to_json
from mapping.notices import Posted
from mapping.values import Finding, Item
from minuteloop.scene import expected_days
from minuteloop.team import PassReport
from sync.meetings import meeting_of
from sync.plan import RowPlan
from sync.stored import Change, DocumentRow
from sync.tracker import Report
from sync.transaction import Transaction

HIGH = frozenset(("close",))


def finding(found: Finding) -> dict[str, Any]:
    """Return a tracker's finding."""
    return {"code": found.code, "row": found.row, "message": found.message}


def tracker(team: str, report: Report) -> dict[str, Any]:
    """Return what a pass told of one tracker."""
    tally = report.tally
    return {
        "team": team,
        "name": report.name,
        "kind": report.kind,
        "state": report.state,
        "created": tally.created,
        "updated": tally.updated,
        "closed": tally.closed,
        "pulled": tally.pulled,
        "conflicts": tally.conflicts,
        "calls": tally.calls,
        "findings": [finding(f) for f in report.findings],
        "plan": report.plan,
        "error": report.error,
    }


def notice(team: str, posted: Posted, state: str | None = None) -> dict[str, Any]:
    """Return a notice on one channel; ``state`` where it is another than the outbox's."""
    return {
        "team": team,
        "rule": posted.notice.rule,
        "to": [posted.notice.to],
        "about": list(posted.notice.about),
        "channel": posted.channel or None,
        "state": state or posted.state.value,
        "error": posted.error,
    }


def one_pass(now: datetime, reports: Sequence[PassReport]) -> dict[str, Any]:
    """Return the summary of a pass over all teams."""
    return {
        "now": now.isoformat(timespec="seconds"),
        "documents": [
            {
                "team": r.team,
                "file": d.file,
                "state": d.state,
                "items": d.items,
                "findings": d.findings,
                "error": d.error,
            }
            for r in reports
            for d in r.documents
        ],
        "trackers": [tracker(r.team, t) for r in reports for t in r.trackers],
        "notices": [notice(r.team, n) for r in reports for n in r.notices],
        "errors": [{"team": r.team, "error": r.error} for r in reports if r.error],
    }


def item(
    tx: Transaction,
    found: Item,
    documents: Mapping[str, DocumentRow],
    rows: Mapping[str, Any],
    expected: date | None,
) -> dict[str, Any]:
    """Return an item as ``items --json`` shows it; ``expected`` is what its remark tells (D6)."""
    return {
        "id": found.id,
        "team": tx.team,
        "description": found.description,
        "owner": found.owner,
        "owners": list(found.owners),
        "department": found.department,
        "support": list(found.support),
        "due": value_to_json(found.due),
        "due_text": found.due_text,
        "expected": value_to_json(expected),
        "acceptance": found.acceptance,
        "status": found.status.value,
        "completed": value_to_json(found.completed),
        "deliverable": found.deliverable,
        "note": found.note,
        "carried": found.carried,
        "meeting": meeting_of(documents.get(found.meeting_id or ""), found),
        "verified": found.verified
        and {"by": found.verified.by, "on": found.verified.on.isoformat()},
        "closed": found.closed and {"on": found.closed.on.isoformat(), "why": found.closed.why},
        "rows": dict(rows),
    }


def items(
    tx: Transaction, wanted: Sequence[Item], trackers: Sequence[str], calendar: Calendar
) -> list[dict[str, Any]]:
    """Return items with their meetings and their rows in the trackers of the team file."""
    documents = {d.key: d for d in tx.documents()}
    rows: dict[str, dict[str, Any]] = {}
    for name, link in tx.all_links():
        if link.state in ("live", "hidden") and name in trackers:
            rows.setdefault(link.item, {})[name] = {"id": link.row_id, "link": link.link}
    days = expected_days(tx, wanted, calendar)
    return [item(tx, i, documents, rows.get(i.id, {}), days.get(i.id)) for i in wanted]


# --- plans ---


def planned(
    tx: Transaction, team: str, report: Report, log: Sequence[Change]
) -> list[dict[str, Any]]:
    """Return what the next pass would take over from one tracker, and write to it."""
    rows = {i: link.label or link.row_id for i, link in tx.links(report.name).items()}
    held = [_entry(team, report.name, "close", i, rows.get(i)) for i in report.held_items]
    taken = _gathered(team, report.name, [c for c in log if c.place == report.name], rows)
    known = {entry["item"] for entry in taken}
    written = [p for p in report.planned if p.do != "link" or p.item not in known]
    past = tx.changes_of(p.item for p in written)
    told = [_written(team, report.name, p, past.get(p.item, ())) for p in written]
    return [*held, *taken, *told]


def in_hub(
    team: str, log: Sequence[Change], trackers: Sequence[str], elsewhere: Sequence[str | None]
) -> list[dict[str, Any]]:
    """Return what minutes, rules and commands change in items that no tracker is told of."""
    own = [c for c in log if c.place not in trackers and c.item not in elsewhere]
    return _gathered(team, "hub", own, {})


_DO = {"change": "update", "close": "close", "link": "link", "reopen": "update"}


def _gathered(
    team: str, where: str, log: Sequence[Change], rows: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return one entry an item, with all its fields that change."""
    out: dict[str, dict[str, Any]] = {}
    for change in log:
        do = _DO.get(change.kind)
        if change.kind == "create":
            do = "create" if where == "hub" else "adopt"
        if change.item is None or do is None:
            continue
        entry = out.setdefault(
            change.item, _entry(team, where, do, change.item, rows.get(change.item))
        )
        if do == "close":
            entry["do"], entry["risk"] = do, "high"
        if change.field:
            known = entry["fields"].get(change.field)
            entry["fields"][change.field] = {
                "from": known["from"] if known else value_to_json(change.old),
                "to": value_to_json(change.new),
                "why": _why(change),
            }
    return list(out.values())


def _entry(team: str, where: str, do: str, item: str, row: str | None) -> dict[str, Any]:
    return {
        "team": team,
        "where": where,
        "do": do,
        "item": item,
        "row": row,
        "risk": "high" if do in HIGH else "low",
        "fields": {},
    }


def _written(team: str, where: str, plan: RowPlan, past: Sequence[Change]) -> dict[str, Any]:
    whose = {c.field: c for c in past if c.kind in ("change", "create")}
    origin = next(iter(whose.values()), None)
    fields = {}
    for name, cell in plan.cells.items():
        cause = whose.get(name, origin)
        fields[name] = {
            "from": show(plan.before.get(name)) or None,
            "to": show(cell) or None,
            "why": _why(cause) if cause else "",
        }
    do = {"remove": "close"}.get(plan.do, plan.do)
    row = plan.label or (plan.link.row_id if plan.link else None)
    return {**_entry(team, where, do, plan.item, row), "fields": fields}


def _why(change: Change) -> str:
    if change.place in ("minutes", "rule", "command"):
        return change.why
    return f"{change.actor} in {change.place}" if change.actor else change.why


def plan_id(changes: Sequence[Mapping[str, Any]]) -> str:
    """Return what tells the same plan again."""
    text = repr([(c["where"], c["do"], c["item"], c["row"], c["fields"]) for c in changes])
    return "P-" + hashlib.sha256(text.encode()).hexdigest()[:10]
