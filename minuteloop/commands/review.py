"""``review``: the figures of a quarter or a span, and what they propose (E1, E2)."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import typer

from mapping.people import Directory
from minuteloop import workdays
from minuteloop.commands.passes import clock_for, load
from minuteloop.commands.stores import reading, told_plainly
from minuteloop.config import TeamConfig
from minuteloop.errors import ConfigError
from minuteloop.retention import count_over_age
from minuteloop.review_html import page
from minuteloop.scene import items_of, scene_of
from sync.transaction import Transaction
from tracking.figures import Held, Inputs, Logged, Review
from tracking.moments import DAY, Quarter
from tracking.recipients import Recipients
from tracking.report import as_markdown, as_text, report
from tracking.review import review
from tracking.review_json import to_json
from tracking.scene import Minutes

_QUARTER = re.compile(r"(\d{4})-?[Qq]([1-4])")
_REVIEWING = 14  # days of a quarter in which the one before it is reviewed
# What shows that somebody looked after an item: in a tool, by a command, in a meeting.
_MOVES = frozenset(("change", "conflict", "verify", "refuse", "reopen", "mention"))


class Span(NamedTuple):
    """What the command's options name; the days count themselves."""

    quarter: str | None = None
    first: str | None = None
    last: str | None = None


def run(
    path: Path | None,
    *,
    span: Span,
    as_json: bool,
    html: Path | None,
    markdown: Path | None,
    now: str | None,
) -> int:
    """Print the review of every team; write it as a page or as Markdown too where a file is named.

    Returns:
        1 if a file cannot be written.

    Raises:
        ConfigError: the options name no span.
    """
    reviews = [_review(team, span, now) for team in load(path).teams]
    reports = [report(one) for one in reviews]
    if as_json:
        told = {"teams": [to_json(one) for one in reviews]}
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        typer.echo("\n".join(map(as_text, reports)))
    failed = _write(html, lambda: page(reports))
    return int(_write(markdown, lambda: "\n".join(map(as_markdown, reports))) or failed)


def _write(file: Path | None, content: Callable[[], str]) -> bool:
    """Write a file where one is wanted; return whether that failed."""
    if file is None:
        return False
    try:
        file.write_text(content(), encoding="utf-8", newline="\n")
    except OSError as error:
        typer.echo(f"{file}: cannot be written: {error.strerror or error}", err=True)
        return True
    return False


def days_of(span: Span, today: date) -> tuple[date, date]:
    """Return first and last day of what is reviewed.

    Without options the quarter before that of ``today`` in its first two weeks, else that of
    ``today``; ``--from`` alone reaches until today.

    Raises:
        ConfigError: the options name no span.
    """
    if span.quarter is not None:
        if span.first is not None or span.last is not None:
            raise ConfigError(["--quarter: names a span already - leave out --from and --to"])
        named = _QUARTER.fullmatch(span.quarter.strip())
        if named is None or not date.min.year < int(named[1]) < date.max.year:
            raise ConfigError(
                [f'--quarter: found "{span.quarter}", must be a quarter such as 2024Q2']
            )
        return _days(Quarter(int(named[1]), int(named[2])))
    if span.first is None and span.last is None:
        present = Quarter(today.year, (today.month + 2) // 3)
        is_new = (today - present.first).days < _REVIEWING
        return _days(Quarter.before(today) if is_new else present)
    if span.first is None:
        raise ConfigError(["--to: needs --from, the first day"])
    first = _day("--from", span.first)
    last = _day("--to", span.last) if span.last is not None else today
    if first > last:
        raise ConfigError([f"--from: {first} is after {last}, the last day"])
    return first, last


def _days(quarter: Quarter) -> tuple[date, date]:
    return quarter.first, quarter.next - DAY


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ConfigError([f'{option}: found "{text}", must be a day such as 2024-05-20']) from None


def _review(team: TeamConfig, span: Span, now: str | None) -> Review:
    clock, directory = clock_for(team, now), Directory(team.team())
    first, last = days_of(span, clock.now().date())
    calendar = workdays.load(team.settings.calendar, team.workdays)
    with told_plainly(team), reading(team) as tx:
        items = items_of(tx, clock.now(), calendar, everything=True)
        scene = scene_of(team, tx, clock.now(), directory, calendar, items=items, everything=True)
        who = Recipients(scene)
        return review(
            Inputs(
                now=scene.now,
                first=first,
                last=last,
                directory=directory,
                calendar=calendar,
                items=[
                    replace(one.item, sensitive=who.is_sensitive(one.item))
                    for one in scene.items.values()
                ],
                meetings=list(_held(tx, scene.minutes)),
                log=list(_logged(tx)),
                goal=scene.rules.on_time_goal,
                threshold=scene.rules.late_alert_working_days,
                max_topics=team.rules.max_topics,
                within_hours=scene.rules.minutes_within_hours,
                over_age=count_over_age(team, tx, scene.now) or 0,
                kept_years=scene.rules.retention_years,
            )
        )


def _held(tx: Transaction, minutes: tuple[Minutes, ...]) -> Iterator[Held]:
    tallies = {row.key: row.tally for row in tx.documents()}
    for one in minutes:
        yield Held(
            meeting=one.meeting,
            seen_at=one.seen_at,
            series=one.series,
            tally=tallies.get(one.id, {}),
            planned=one.meeting.planned_min,
            agenda=one.agenda,
        )


def _logged(tx: Transaction) -> Iterator[Logged]:
    """Yield what became of items, not what was written to tools."""
    for change in tx.changes():
        if change.item and not change.kind.startswith("row-"):
            yield Logged(
                item=change.item,
                field=change.field or "" if change.kind == "change" else "",
                old=change.old,
                new=change.new,
                at=datetime.fromisoformat(change.at),
                by_rule=change.place == "rule" or change.kind not in _MOVES,
            )
