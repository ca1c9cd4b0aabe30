"""``once`` and ``plan``: one full pass, or what it would do."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape

from mapping.notices import NoticeState, Posted
from minuteloop import config, log, results
from minuteloop.clock import SystemClock, parse_now
from minuteloop.config import Config, TeamConfig
from minuteloop.errors import ConfigError
from minuteloop.team import PassReport, TeamWork, open_store
from sync.lease import HeldError, hold
from sync.store import StoreError

LEASE_WAIT_S = 30.0
_NOTICES = {NoticeState.FAILED: "red", NoticeState.UNKNOWN: "yellow"}
_STATES = {"ok": "green", "paused": "yellow", "halted": "yellow", "failed": "red"}


def load(path: Path | None) -> Config:
    """Load the configuration and start the log.

    Raises:
        ConfigError: it cannot be used.
    """
    loaded = config.load(config.find(path))
    log.start(loaded.secrets)
    return loaded


def clock_for(team: TeamConfig, now: str | None) -> SystemClock:
    """Return a team's clock, stopped at ``--now`` where it is given.

    Raises:
        ConfigError: ``now`` is no time.
    """
    try:
        return SystemClock(team.zone, parse_now(now, team.zone) if now else None)
    except ValueError as error:
        raise ConfigError([f"--now: {error}"]) from None


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Show what is being done, to people at a terminal only."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status("") as status:
        yield lambda text: status.update(escape(text))


def once(path: Path | None, *, now: str | None, as_json: bool) -> int:
    """Make one full pass over every team; a team that fails stops no other.

    Returns:
        1 if a tracker or a store failed, or somebody else works a team.
    """
    loaded = load(path)
    with progress() as tell:
        reports = [_once(team, clock_for(team, now), tell) for team in loaded.teams]
    at = clock_for(loaded.teams[0], now).now()
    if as_json:
        typer.echo(json.dumps(results.one_pass(at, reports), ensure_ascii=False))
    else:
        for report in reports:
            _print(report)
    return int(any(r.failed for r in reports))


def _once(team: TeamConfig, clock: SystemClock, tell: Callable[[str], None]) -> PassReport:
    try:
        store = open_store(team)
    except StoreError as error:
        return PassReport(team=team.name, error=str(error))
    try:
        with hold(store, clock, wait_s=LEASE_WAIT_S):
            return TeamWork(team, clock, store).once(progress=tell)
    except HeldError as error:
        text = f"the team is being worked by {error}; nothing was done"
        return PassReport(team=team.name, error=text)
    except StoreError as error:
        return PassReport(team=team.name, error=str(error))
    finally:
        store.close()


def _print(report: PassReport) -> None:
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"[bold]{escape(report.team)}[/bold]")
    for document in report.documents:
        text = f"  {document.file}: {document.state}"
        if document.state in ("read", "unchanged"):
            text += f", {document.items} items, {document.findings} findings"
        console.print(escape(text))
        if document.error:
            console.print(f"    [yellow]{escape(document.error)}[/yellow]")
    for tracker in report.trackers:
        tally = tracker.tally
        colour = _STATES.get(tracker.state, "red")
        console.print(
            f"  {escape(tracker.name)}: [{colour}]{tracker.state}[/{colour}], "
            f"{tally.created} created, {tally.updated} updated, {tally.pulled} taken over, "
            f"{tally.closed} closed, {tally.conflicts} conflicts"
        )
        if tracker.error:
            console.print(f"    [{colour}]{escape(tracker.error)}[/{colour}]")
        for found in tracker.findings:
            place = f"{found.row}: " if found.row else ""
            console.print(f"    [yellow]{escape(place + found.message)}[/yellow]")
    for line, colour in _notices(report.notices):
        console.print(f"  [{colour}]{escape(line)}[/{colour}]" if colour else f"  {escape(line)}")
    if report.error:
        console.print(f"  [red]{escape(report.error)}[/red]")


def _notices(rows: Sequence[Posted]) -> Iterator[tuple[str, str]]:
    """Yield a line for each rule, channel and outcome, with the colour it has.

    What no channel carries is counted only: nobody hears of it.
    """
    seen: dict[tuple[str, str, NoticeState, str], dict[str, None]] = {}
    for row in filter(lambda row: row.channel, rows):
        key = (row.notice.rule, row.channel, row.state, row.error or "")
        seen.setdefault(key, {})[row.notice.to] = None
    for (rule, channel, state, error), people in seen.items():
        why = f" ({error})" if error else ""
        colour = _NOTICES.get(state, "")
        yield f"{rule} to {', '.join(people)}: {state.value} by {channel}{why}", colour
    unheard = [r for r in rows if not r.channel and r.state is NoticeState.WAITING]
    if unheard:
        rules = ", ".join(sorted({row.notice.rule for row in unheard}))
        yield f"{len(unheard)} notices wait, no channel carries them: {rules}", ""


def plan(path: Path | None, *, now: str | None, as_json: bool) -> int:
    """Show what the next pass would do; change nothing anywhere.

    Returns:
        1 if a tracker could not be read.
    """
    loaded = load(path)
    changes: list[dict[str, Any]] = []
    trackers: list[dict[str, Any]] = []
    notices: list[dict[str, Any]] = []
    failed = False
    with progress() as tell:
        for team in loaded.teams:
            found, report = _plan(team, clock_for(team, now), tell)
            changes += found
            failed = failed or report.failed
            trackers += [results.tracker(team.name, t) for t in report.trackers]
            notices += [results.notice(team.name, n, "planned") for n in report.notices]
            if report.error:
                typer.echo(f"{team.name}: {report.error}", err=True)
    held = [t["plan"] for t in trackers if t["plan"]]
    plan_id = held[0] if len(held) == 1 else results.plan_id(changes)
    if as_json:
        out = {"id": plan_id, "changes": changes, "notices": notices, "trackers": trackers}
        typer.echo(json.dumps(out, ensure_ascii=False))
    else:
        _print_plan(plan_id, changes, trackers, notices)
    return int(failed)


def _plan(
    team: TeamConfig, clock: SystemClock, tell: Callable[[str], None]
) -> tuple[list[dict[str, Any]], PassReport]:
    try:
        kept = open_store(team, make=False)
    except StoreError as error:
        return [], PassReport(team=team.name, error=str(error))
    copy = kept.snapshot()
    kept.close()
    with copy.transaction() as tx:
        last = tx.last_seq()
    report = TeamWork(team, clock, copy, dry=True).once(progress=tell)
    with copy.transaction() as tx:
        lines = tx.changes(since=last)
        changes = [e for t in report.trackers for e in results.planned(tx, team.name, t, lines)]
        elsewhere = [c["item"] for c in changes]
        names = [t.name for t in report.trackers]
        changes = [*results.in_hub(team.name, lines, names, elsewhere), *changes]
    copy.close()
    return changes, report


def _print_plan(
    plan_id: str,
    changes: Sequence[dict[str, Any]],
    trackers: Sequence[dict[str, Any]],
    notices: Sequence[dict[str, Any]],
) -> None:
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"plan {plan_id}: {len(changes)} changes")
    marks = {"create": "+", "adopt": "+", "close": "-"}
    for change in changes:
        mark = marks.get(change["do"], "~")
        row = f" ({change['row']})" if change["row"] else ""
        risk = "  [red]high risk[/red]" if change["risk"] == "high" else ""
        head = f"{mark} {change['where']}: {change['do']} {change['item'] or ''}{row}"
        console.print(f"{escape(head)}{risk}")
        for name, field in change["fields"].items():
            old, new = _shown(field["from"]), _shown(field["to"])
            console.print(escape(f"    {name}: {old} -> {new}   ({field['why']})"))
    people: dict[tuple[str, ...], dict[str, None]] = {}
    for notice in notices:
        key = (notice["rule"], notice["channel"] or "", *notice["about"])
        people.setdefault(key, {}).update(dict.fromkeys(notice["to"]))
    for (rule, channel, *about), to in people.items():
        by = f" by {channel}" if channel else ""
        items = f": {' '.join(about)}" if about else ""
        console.print(escape(f"! {rule} to {', '.join(to)}{by}{items}"))
    for tracker in trackers:
        if tracker["error"]:
            console.print(f"[yellow]{escape(tracker['name'] + ': ' + tracker['error'])}[/yellow]")


def _shown(value: Any) -> str:
    if value in (None, [], ""):
        return "(empty)"
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)
