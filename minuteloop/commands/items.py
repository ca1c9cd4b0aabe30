"""``items``: the items as the store holds them."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mapping.people import Directory
from mapping.values import Item, Status
from mapping.words import COLUMNS
from minuteloop import results, workdays
from minuteloop.clock import SystemClock
from minuteloop.commands.passes import load
from minuteloop.commands.stores import reading, told_plainly
from minuteloop.errors import ConfigError


def run(
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
            out += results.items(tx, found, [t.name for t in team.trackers], calendar)
    if as_json:
        typer.echo(json.dumps(out, ensure_ascii=False))
    else:
        _print_items(out, loaded.teams[0].settings.language)
    return 0


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
