"""``history``: who changed an item, where, when and why."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape

from mapping.lens import value_to_json
from minuteloop.commands.passes import load
from minuteloop.commands.stores import find_item, reading, told_plainly
from minuteloop.config import TeamConfig
from sync.stored import Change


def run(path: Path | None, text: str, *, as_json: bool = False) -> int:
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
