"""``retention``: archived minutes that are older than they are kept (F6)."""

import json
import logging
from pathlib import Path
from typing import Any

import typer

from minuteloop.commands.passes import clock_for, load
from minuteloop.commands.stores import reading, told_plainly
from minuteloop.config import TeamConfig
from minuteloop.retention import Aged, delete, kept_from, over_age

log = logging.getLogger(__name__)


def run(path: Path | None, *, now: str | None, as_json: bool, remove: bool) -> int:
    """Print what is older than the team keeps it; delete it where that is wanted.

    The store keeps the meetings, their items and the log.

    Returns:
        1 if an archive cannot be looked into, or a file cannot be deleted.
    """
    teams = [_of(team, now, remove=remove) for team in load(path).teams]
    if as_json:
        typer.echo(json.dumps({"teams": teams}, ensure_ascii=False))
    else:
        for team in teams:
            _print(team)
    files = [file for team in teams for file in team["files"]]
    return int(any(team["error"] for team in teams) or any(f["error"] for f in files))


def _of(team: TeamConfig, now: str | None, *, remove: bool) -> dict[str, Any]:
    at, years = clock_for(team, now).now(), team.rules.retention_years
    out: dict[str, Any] = {
        "team": team.name,
        "archive": str(team.archive),
        "years": years,
        "before": kept_from(at.date(), years).isoformat(),
        "off": "F6" in team.rules.off,
        "files": [],
        "error": None,
    }
    with told_plainly(team), reading(team) as tx:
        try:
            found = over_age(team, tx, at)
        except OSError as error:
            out["error"] = f"{team.archive}: cannot be looked into: {error.strerror or error}"
            return out
    out["files"] = [_file(team, aged, remove=remove) for aged in found]
    return out


def _file(team: TeamConfig, aged: Aged, *, remove: bool) -> dict[str, Any]:
    row, error = aged.meeting, None
    if remove:
        try:
            delete(team.archive, aged.path)
            log.info("deleted", extra={"team": team.name, "file": aged.name})
        except OSError as fault:
            error = fault.strerror or str(fault)
    return {
        "path": aged.name,
        "day": aged.day.isoformat(),
        "size": aged.size,
        "meeting": row and {"id": row.key, "title": row.meeting.get("title"), "start": row.start},
        "deleted": remove and error is None,
        "error": error,
    }


def _print(team: dict[str, Any]) -> None:
    typer.echo(f"{team['team']}: {team['archive']}, kept for {team['years']} years")
    if team["off"]:
        typer.echo("  F6 is off: nothing is looked at")
        return
    if team["error"]:
        typer.echo(f"  {team['error']}")
        return
    files = team["files"]
    for file in files:
        title = (file["meeting"] or {}).get("title") or "(meeting not known)"
        line = f"{file['path']}: {file['day']}, {title}, {_size(file['size'])}"
        if file["deleted"]:
            line = f"deleted {line}"
        elif file["error"]:
            line = f"not deleted: {line}: {file['error']}"
        typer.echo(f"  {line}")
    if not files:
        typer.echo(f"  nothing is older than {team['before']}")
    elif not any(f["deleted"] or f["error"] for f in files):
        typer.echo(f"  before {team['before']}: {len(files)}; --delete deletes them")


def _size(count: int) -> str:
    return f"{count / 1024:.0f} kB" if count >= 1024 else f"{count} bytes"
