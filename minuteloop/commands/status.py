"""``status``: the health of every team: trackers, the age of their data, what waits."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape

from mapping.notices import NoticeState
from mapping.values import Status
from minuteloop.clock import SystemClock
from minuteloop.commands.passes import load
from minuteloop.config import TeamConfig
from minuteloop.inbox import Inbox, InboxError
from minuteloop.retention import count_over_age
from minuteloop.team import TeamWork, open_store
from sync import outbox
from sync.store import StoreError
from sync.stored import OpenFinding
from sync.transaction import Transaction

_SHOWN = 20  # findings a team that `status` prints; --json tells all


def run(path: Path | None, *, as_json: bool) -> int:
    """Show the health of every team: trackers, their data's age, what waits, findings."""
    loaded = load(path)
    teams = [_status(team) for team in loaded.teams]
    if as_json:
        typer.echo(json.dumps({"teams": teams}, ensure_ascii=False))
    else:
        for team in teams:
            _print_status(team)
    return int(any(t["error"] for t in teams))


def _status(team: TeamConfig) -> dict[str, Any]:
    now = SystemClock(team.zone).now()
    out: dict[str, Any] = {"team": team.name, "error": None}
    try:
        store = open_store(team, make=False)
        work = TeamWork(team, SystemClock(team.zone), store, dry=True)
        with store.reading() as tx:
            out |= _own(team, tx, now)
            out |= _waiting(tx)
            out |= _channels(team, tx)
            out["trackers"] = [_tracker(work, tx, t.name, now) for t in team.trackers]
            out["findings"] = [_finding(found) for found in tx.findings()]
        store.close()
    except StoreError as error:
        out["error"] = str(error)
    return out


def _own(team: TeamConfig, tx: Transaction, now: datetime) -> dict[str, Any]:
    """Return who works the team, and how much there is of what."""
    holder, data, _ = tx.lease()
    stored = [s.item for s in tx.items().values()]
    return {
        "worked_by": dict(data) if holder else None,
        "items": {
            "open": sum(i.is_open for i in stored),
            "late": sum(i.status is Status.LATE and i.is_open for i in stored),
            "reported": sum(bool(i.completed) and i.is_open and i.verified is None for i in stored),
            "all": len(stored),
        },
        "documents": len(tx.documents()),
        "inbox": _in_inbox(team),
        "over_age": count_over_age(team, tx, now),
        "retention_years": team.rules.retention_years,
    }


def _in_inbox(team: TeamConfig) -> int | None:
    try:
        return len(Inbox(team.inbox).files())
    except InboxError:
        return None


def _waiting(tx: Transaction) -> dict[str, Any]:
    """Return what waits for the next pass or for a host, and what became of earlier requests."""
    return {
        "requests": [
            {"id": r.id, "at": r.at, "verb": r.verb, "target": r.target} for r in tx.requests()
        ],
        "answers": [
            {"id": r.id, "verb": r.verb, "target": r.target, "result": result}
            for r, result in tx.answered()
        ],
        "approvals": [
            {"meeting": d.key, "title": d.meeting.get("title"), "file": d.file, "state": d.state}
            for d in outbox.drafts(tx)
        ],
    }


def _channels(team: TeamConfig, tx: Transaction) -> dict[str, Any]:
    tallies = outbox.tallies(tx)
    none = outbox.Tally(counts={})
    return {
        "channels": [
            _channel(c.name, c.kind, tallies.get(c.name, none)) for c in team.settings.channels
        ],
        "unheard": tallies.get("", none).counts.get(NoticeState.WAITING, 0),
    }


def _channel(name: str, kind: str, tally: outbox.Tally) -> dict[str, Any]:
    """Return a channel's health: what it sent, what waits, what went wrong."""
    counts = tally.counts
    return {
        "name": name,
        "kind": kind,
        "state": "failed" if counts.get(NoticeState.FAILED) else "ok",
        "sent": counts.get(NoticeState.SENT, 0),
        "waiting": counts.get(NoticeState.WAITING, 0),
        "failed": counts.get(NoticeState.FAILED, 0),
        "unknown": counts.get(NoticeState.UNKNOWN, 0),
        "sent_at": tally.sent_at,
        "error": tally.error,
    }


def _tracker(work: TeamWork, tx: Transaction, name: str, now: datetime) -> dict[str, Any]:
    state = tx.tracker(name)
    links = tx.links(name).values()
    age = (now - datetime.fromisoformat(state.data_at)).total_seconds() if state.data_at else None
    return {
        "name": name,
        "state": state.state,
        "error": state.error,
        "plan": state.plan,
        "data_at": state.data_at,
        "age_s": None if age is None else max(0, round(age)),
        "stale": work.stale(state.data_at, now),
        "failing_since": state.failed_since,
        "rows": sum(link.state == "live" for link in links),
        "parked": [link.item for link in links if link.parked],
        "unanswered": len(tx.intents(name)),
    }


def _finding(found: OpenFinding) -> dict[str, Any]:
    return {
        "source": found.source,
        "code": found.finding.code,
        "rule": found.finding.rule,
        "severity": str(found.finding.severity),
        "item": found.finding.item,
        "row": found.finding.row,
        "line": found.finding.line,
        "message": found.finding.message,
        "since": found.first_at,
    }


def _print_status(team: dict[str, Any]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"[bold]{escape(team['team'])}[/bold]")
    if team["error"]:
        console.print(f"  [red]{escape(team['error'])}[/red]")
        return
    for line in (*_heading(team), *_on_trackers(team), *_on_waiting(team), *_on_findings(team)):
        console.print(line)


def _heading(team: dict[str, Any]) -> Iterator[str]:
    by, counts, waiting = team["worked_by"], team["items"], team["inbox"]
    who = f"process {by.get('pid')} on {by.get('host')}" if by else "nobody now"
    inbox = "the inbox cannot be read" if waiting is None else f"{waiting} in the inbox"
    yield f"  worked by {escape(who)}"
    yield (
        f"  items: {counts['open']} open, {counts['late']} late, {counts['reported']} reported as "
        f"done, {counts['all']} in all; {team['documents']} documents read, {inbox}"
    )
    if team["over_age"]:
        yield (
            f"  older than {team['retention_years']} years in the archive: {team['over_age']} "
            "(minuteloop retention)"
        )


def _on_trackers(team: dict[str, Any]) -> Iterator[str]:
    for tracker in team["trackers"]:
        age = "never read" if tracker["age_s"] is None else f"data {_age(tracker['age_s'])} old"
        line = f"  {tracker['name']}: {tracker['state']}, {tracker['rows']} rows, {age}"
        if tracker["unanswered"]:
            line += f", {tracker['unanswered']} writes without an answer"
        yield escape(line)
        if tracker["parked"]:
            yield f"    [red]refused: {', '.join(tracker['parked'])}[/red]"
        if tracker["stale"]:
            yield "    [red]older than it should be[/red]"
        if tracker["error"]:
            yield f"    [yellow]{escape(tracker['error'])}[/yellow]"


def _on_waiting(team: dict[str, Any]) -> Iterator[str]:
    for draft in team["approvals"]:
        what = "waits for its host" if draft["state"] == "waiting" else draft["state"]
        yield escape(f"  {draft['meeting']} {draft['file']}: {what}")
    for channel in team["channels"]:
        colour = "red" if channel["state"] == "failed" else "default"
        line = f"{channel['name']}: {channel['state']}, {channel['sent']} notices sent"
        told = [f"{channel[k]} {k}" for k in ("waiting", "failed", "unknown") if channel[k]]
        yield f"  [{colour}]{escape(', '.join([line, *told]))}[/{colour}]"
        if channel["error"]:
            yield f"    [yellow]{escape(channel['error'])}[/yellow]"
    if team["unheard"]:
        yield f"  {team['unheard']} notices wait: no channel carries them"
    for request in team["requests"]:
        yield escape(f"  waits for the next pass: {request['verb']} {request['target']}")
    for answer in team["answers"]:
        yield escape(f"  {answer['verb']} {answer['target']}: {answer['result']}")


def _on_findings(team: dict[str, Any]) -> Iterator[str]:
    found = team["findings"]
    for finding in found[:_SHOWN]:
        place = finding["row"] or (f"line {finding['line']}" if finding["line"] else "")
        text = ": ".join(p for p in (finding["code"], place, finding["message"]) if p)
        yield f"  [yellow]{escape(text)}[/yellow]"
    if len(found) > _SHOWN:
        yield f"  … and {len(found) - _SHOWN} more findings (status --json)"


def _age(seconds: int) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
