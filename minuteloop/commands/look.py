"""``items``, ``history`` and ``status``: what the store holds, shown."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mapping import ids
from mapping.lens import value_to_json
from mapping.notices import NoticeState
from mapping.people import Directory
from mapping.values import Item, Status
from mapping.words import COLUMNS
from minuteloop import told, workdays
from minuteloop.clock import SystemClock
from minuteloop.commands.passes import load
from minuteloop.config import Config, TeamConfig
from minuteloop.errors import ConfigError
from minuteloop.inbox import Inbox, InboxError
from minuteloop.retention import count_over_age
from minuteloop.team import TeamWork, open_store
from sync import outbox
from sync.store import StoreError
from sync.stored import Change
from sync.transaction import Transaction

_SHOWN = 20  # findings a team that `status` prints; --json tells all


@contextmanager
def reading(team: TeamConfig) -> Iterator[Transaction]:
    """Read a team's store; an empty one where there is none yet.

    Raises:
        StoreError: it cannot be opened.
    """
    store = open_store(team, make=False)
    try:
        with store.reading() as tx:
            yield tx
    finally:
        store.close()


def items(
    path: Path | None,
    *,
    as_json: bool,
    status: str | None,
    owner: str | None,
    overdue: bool,
    everything: bool,
) -> int:
    """Show the items as the store holds them."""
    loaded = load(path)
    if status is not None and status not in set(Status):
        allowed = ", ".join(Status)
        raise ConfigError([f'--status: found "{status}", must be one of {allowed}'])
    out: list[dict[str, Any]] = []
    for team in loaded.teams:
        today = SystemClock(team.zone).now().date()
        person = Directory(team.team()).person(owner) if owner else None
        wanted_owner = person.name if person else owner
        with told_plainly(team), reading(team) as tx:
            found = [
                s.item
                for s in tx.items().values()
                if _wanted(
                    s.item, status, wanted_owner, today if overdue else None, everything=everything
                )
            ]
            found.sort(key=lambda i: (i.due or date.max, i.id))
            calendar = workdays.load(team.settings.calendar, team.workdays)
            out += told.items(tx, found, [t.name for t in team.trackers], calendar)
    if as_json:
        typer.echo(json.dumps(out, ensure_ascii=False))
    else:
        _print_items(out, loaded.teams[0].settings.language)
    return 0


@contextmanager
def told_plainly(team: TeamConfig) -> Iterator[None]:
    """End the command with what is wrong with a team's store."""
    try:
        yield
    except StoreError as error:
        raise SystemExit(_fail(f"{team.name}: {error}")) from None


def _fail(text: str) -> int:
    typer.echo(text, err=True)
    return 1


def _wanted(
    item: Item, status: str | None, owner: str | None, late_on: date | None, *, everything: bool
) -> bool:
    if not everything and item.closed is not None:
        return False
    if status is not None and item.status.value != status:
        return False
    if owner is not None and owner not in (item.owner, *item.owners):
        return False
    return late_on is None or (item.is_open and item.due is not None and item.due < late_on)


def _print_items(found: list[dict[str, Any]], language: str) -> None:
    names = COLUMNS[language]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("id", "description", "owner", "due", "status"):
        table.add_column(names[name], no_wrap=name != "description")
    for item in found:
        owner = item["owner"] or "、".join(item["owners"])
        status = item["status"]
        if item["closed"]:
            status = "closed"
        elif item["completed"] and status != "done":
            status += " (reported)"
        cells = (item["id"], item["description"], owner, item["due"] or "", status)
        table.add_row(*(escape(str(c or "")) for c in cells))
    Console(highlight=False).print(table)


def find_item(loaded: Config, text: str) -> tuple[TeamConfig, str]:
    """Return the team and the id of the item that a command names.

    Raises:
        ConfigError: no team has such an item.
    """
    item_id = ids.parse(text)
    if item_id is None:
        raise ConfigError([f'"{text}" is no id of an item; it looks like ML-K7Q4F7K2C'])
    for team in loaded.teams:
        with told_plainly(team), reading(team) as tx:
            if item_id in tx.some_items([item_id]):
                return team, item_id
    raise ConfigError([f"there is no item {item_id}"])


def history(path: Path | None, text: str, *, as_json: bool = False) -> int:
    """Show who changed an item: what, where, when and why; losers of conflicts too."""
    loaded = load(path)
    team, item_id = find_item(loaded, text)
    with told_plainly(team), reading(team) as tx:
        lines = tx.changes(item_id)
        item = tx.some_items([item_id])[item_id].item
    if as_json:
        typer.echo(json.dumps([_line(c) for c in lines], ensure_ascii=False))
        return 0
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"[bold]{item.id}[/bold] {escape(item.description)}")
    for change in lines:
        console.print(escape(_sentence(change, team)))
    return 0


def _line(change: Change) -> dict[str, Any]:
    return {
        "change": change.seq,
        "pass": change.run or None,
        "at": change.at,
        "kind": change.kind,
        "where": change.place,
        "who": change.actor,
        "field": change.field,
        "from": value_to_json(change.old),
        "to": value_to_json(change.new),
        "why": change.why,
    }


def _sentence(change: Change, team: TeamConfig) -> str:
    at = datetime.fromisoformat(change.at).astimezone(team.zone)
    who = f" {change.actor}" if change.actor else ""
    run = change.run or "-"
    head = f"{change.seq:>5}  {at:%Y-%m-%d %H:%M}  {run:<10}  {change.kind:<10} {change.place}{who}"
    if change.kind == "conflict":
        lost, kept = _text(change.new), _text(change.old)
        return f"{head}: {change.field}: {lost} was not taken, {kept} stays ({change.why})"
    if change.kind == "change":
        return f"{head}: {change.field}: {_text(change.old)} -> {_text(change.new)} ({change.why})"
    return f"{head}: {change.why}"


def _text(value: object) -> str:
    if value in (None, (), ""):
        return "(empty)"
    return "、".join(value) if isinstance(value, tuple) else str(value)


def status(path: Path | None, *, as_json: bool) -> int:
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
    clock = SystemClock(team.zone)
    now = clock.now()
    out: dict[str, Any] = {"team": team.name, "error": None}
    try:
        store = open_store(team, make=False)
        work = TeamWork(team, clock, store, dry=True)
        with store.reading() as tx:
            holder, data, _ = tx.lease()
            stored = [s.item for s in tx.items().values()]
            out["worked_by"] = dict(data) if holder else None
            out["items"] = {
                "open": sum(i.is_open for i in stored),
                "late": sum(i.status is Status.LATE and i.is_open for i in stored),
                "reported": sum(
                    bool(i.completed) and i.is_open and i.verified is None for i in stored
                ),
                "all": len(stored),
            }
            out["documents"] = len(tx.documents())
            out["inbox"] = _in_inbox(team)
            out["over_age"] = count_over_age(team, tx, now)
            out["retention_years"] = team.rules.retention_years
            out["requests"] = [
                {"id": r.id, "at": r.at, "verb": r.verb, "target": r.target} for r in tx.requests()
            ]
            out["answers"] = [
                {"id": r.id, "verb": r.verb, "target": r.target, "result": result}
                for r, result in tx.answered()
            ]
            out["approvals"] = [
                {
                    "meeting": d.key,
                    "title": d.meeting.get("title"),
                    "file": d.file,
                    "state": d.state,
                }
                for d in outbox.drafts(tx)
            ]
            tallies = outbox.tallies(tx)
            out["channels"] = [
                _channel(c.name, c.kind, tallies.get(c.name) or outbox.Tally(counts={}))
                for c in team.settings.channels
            ]
            unheard = tallies.get("")
            out["unheard"] = unheard.counts.get(NoticeState.WAITING, 0) if unheard else 0
            out["trackers"] = [_tracker(work, tx, t.name, now) for t in team.trackers]
            out["findings"] = [
                {
                    "source": f.source,
                    "code": f.finding.code,
                    "rule": f.finding.rule,
                    "severity": str(f.finding.severity),
                    "item": f.finding.item,
                    "row": f.finding.row,
                    "line": f.finding.line,
                    "message": f.finding.message,
                    "since": f.first_at,
                }
                for f in tx.findings()
            ]
        store.close()
    except StoreError as error:
        out["error"] = str(error)
    return out


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


def _in_inbox(team: TeamConfig) -> int | None:
    try:
        return len(Inbox(team.inbox).files())
    except InboxError:
        return None


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


def _print_status(team: dict[str, Any]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"[bold]{escape(team['team'])}[/bold]")
    if team["error"]:
        console.print(f"  [red]{escape(team['error'])}[/red]")
        return
    by = team["worked_by"]
    who = f"process {by.get('pid')} on {by.get('host')}" if by else "nobody now"
    counts = team["items"]
    waiting = team["inbox"]
    inbox = "the inbox cannot be read" if waiting is None else f"{waiting} in the inbox"
    console.print(f"  worked by {escape(who)}")
    console.print(
        f"  items: {counts['open']} open, {counts['late']} late, {counts['reported']} reported as "
        f"done, {counts['all']} in all; {team['documents']} documents read, {inbox}"
    )
    if team["over_age"]:
        console.print(
            f"  older than {team['retention_years']} years in the archive: {team['over_age']} "
            "(minuteloop retention)"
        )
    for tracker in team["trackers"]:
        age = "never read" if tracker["age_s"] is None else f"data {_age(tracker['age_s'])} old"
        line = f"  {tracker['name']}: {tracker['state']}, {tracker['rows']} rows, {age}"
        if tracker["unanswered"]:
            line += f", {tracker['unanswered']} writes without an answer"
        console.print(escape(line))
        if tracker["parked"]:
            console.print(f"    [red]refused: {', '.join(tracker['parked'])}[/red]")
        if tracker["stale"]:
            console.print("    [red]older than it should be[/red]")
        if tracker["error"]:
            console.print(f"    [yellow]{escape(tracker['error'])}[/yellow]")
    for draft in team["approvals"]:
        what = "waits for its host" if draft["state"] == "waiting" else draft["state"]
        console.print(escape(f"  {draft['meeting']} {draft['file']}: {what}"))
    for channel in team["channels"]:
        colour = "red" if channel["state"] == "failed" else "default"
        line = f"{channel['name']}: {channel['state']}, {channel['sent']} notices sent"
        told = [f"{channel[k]} {k}" for k in ("waiting", "failed", "unknown") if channel[k]]
        console.print(f"  [{colour}]{escape(', '.join([line, *told]))}[/{colour}]")
        if channel["error"]:
            console.print(f"    [yellow]{escape(channel['error'])}[/yellow]")
    if team["unheard"]:
        console.print(f"  {team['unheard']} notices wait: no channel carries them")
    for request in team["requests"]:
        console.print(escape(f"  waits for the next pass: {request['verb']} {request['target']}"))
    for answer in team["answers"]:
        text = f"  {answer['verb']} {answer['target']}: {answer['result']}"
        console.print(escape(text))
    found = team["findings"]
    for finding in found[:_SHOWN]:
        place = finding["row"] or (f"line {finding['line']}" if finding["line"] else "")
        text = ": ".join(p for p in (finding["code"], place, finding["message"]) if p)
        console.print(f"  [yellow]{escape(text)}[/yellow]")
    if len(found) > _SHOWN:
        console.print(f"  … and {len(found) - _SHOWN} more findings (status --json)")


def _age(seconds: int) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
