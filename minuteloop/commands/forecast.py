"""``forecast``: what the rules would send in the next days if nobody did anything."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape

from mapping.people import Directory
from minuteloop import workdays
from minuteloop.commands.passes import clock_for, load
from minuteloop.commands.stores import told_plainly
from minuteloop.config import TeamConfig
from minuteloop.scene import items_of, scene_of
from minuteloop.team import open_store
from sync import outbox
from tracking.forecast import forecast
from tracking.outbox import UNHEARD


def run(path: Path | None, *, days: int, now: str | None, as_json: bool) -> int:
    """Print what would be sent, by day; nothing is sent."""
    loaded = load(path)
    out = [line for team in loaded.teams for line in _of(team, days, now)]
    out.sort(key=lambda line: datetime.fromisoformat(line["at"]))
    if as_json:
        typer.echo(json.dumps(out, ensure_ascii=False))
        return 0
    console = Console(soft_wrap=True, highlight=False)
    day = ""
    for line in out:
        if line["at"][:10] != day:
            day = line["at"][:10]
            console.print(f"[bold]{day}[/bold]")
        about = f" ({' '.join(line['about'])})" if line["about"] else ""
        to, form = ", ".join(line["to"]), line["form"]
        console.print(escape(f"  {line['at'][11:16]}  {line['rule']} {form} to {to}{about}"))
    if not out:
        console.print(f"nothing in the next {days} days")
    return 0


def _of(team: TeamConfig, days: int, now: str | None) -> list[dict[str, Any]]:
    clock, directory = clock_for(team, now), Directory(team.team())
    calendar = workdays.load(team.settings.calendar, team.workdays)
    with told_plainly(team):
        store = open_store(team, make=False)
        with store.reading() as tx:
            items = items_of(tx, clock.now(), calendar, ahead=True)
            scene = scene_of(team, tx, clock.now(), directory, calendar, items=items)
            scene = replace(scene, stale={})  # the tools are read in the days to come
            ahead = forecast(scene, days)
            known = outbox.posted(tx, {notice.key for _, notice in ahead})
        store.close()
    heard = {p.notice.key for p in known.values() if p.state not in UNHEARD}
    return [
        {
            "at": at.isoformat(timespec="seconds"),
            "team": team.name,
            "rule": notice.rule,
            "form": notice.form,
            "to": [notice.to],
            "about": list(notice.about),
        }
        for at, notice in ahead
        if notice.key not in heard
    ]
