"""``parse``: what would be read from documents. Stores nothing."""

import json
import logging
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from mapping.calendar import Calendar
from mapping.said import Said
from mapping.values import Reading, Severity, Team
from minuteloop import workdays
from minuteloop.errors import ConfigError
from minutes.as_json import to_json
from minutes.document import RefusedError
from minutes.extract import SENSITIVE_WORDS, extract
from minutes.findings import MAX_TOPICS
from minutes.read import read

if TYPE_CHECKING:
    from minuteloop.config import TeamConfig
    from minuteloop.second_reader import SecondReader

log = logging.getLogger(__name__)
_MANY = 5  # files, from which on a terminal is told how far we are


@dataclass(frozen=True, slots=True)
class _Reader:
    """For whom documents are read; without a team nobody is unknown."""

    calendar: Calendar
    team: Team | None = None
    sensitive_words: tuple[str, ...] = SENSITIVE_WORDS
    max_topics: int = MAX_TOPICS
    second: "SecondReader | None" = None
    off: tuple[str, ...] = ()

    @property
    def language(self) -> str:
        """Of what is told of a file that is not read."""
        return self.team.language if self.team else "en"

    def read(self, file: Path, day: date | None) -> Reading:
        document = read(file)
        reading = extract(
            document,
            name=file.name,
            team=self.team,
            calendar=self.calendar,
            day=day,
            sensitive_words=self.sensitive_words,
            max_topics=self.max_topics,
        )
        if self.second is not None:
            reading = self.second.add(reading, document, calendar=self.calendar, file=file.name)
        findings = tuple(f for f in reading.findings if f.rule not in self.off)
        return replace(reading, findings=findings)


def run(files: list[Path], *, as_json: bool, day: date | None, config: Path | None) -> int:
    """Print what each file holds, in the order given.

    Args:
        files: the documents.
        as_json: one JSON object a line; else a table for people.
        day: the meeting's day where neither text nor file name tells it.
        config: a team file or a folder of them; None reads for nobody in particular.

    Returns:
        1 if a file was refused, else 0.

    Raises:
        ConfigError: the configuration cannot be used, or does not tell whose a file is.
    """
    readers = _readers(files, config)
    refused = False
    for file, reader in _told(list(zip(files, readers, strict=True))):
        reading = _read(file, reader, day)
        refused |= isinstance(reading, str)
        if as_json:
            answer = {"error": reading} if isinstance(reading, str) else to_json(reading)
            line = json.dumps({"file": str(file), **answer}, ensure_ascii=False)
            print(line, flush=True)  # noqa: T201  # standard output carries the answer
        else:
            _show(file, reading)
    return int(refused)


def _read(file: Path, reader: _Reader, day: date | None) -> Reading | str:
    """Return what a file holds, or why it is refused; one bad file stops no other."""
    try:
        return reader.read(file, day)
    except RefusedError as error:
        return error.text(reader.language)
    except OSError as error:
        why = error.strerror or error
        return Said(f"文件无法读取：{why}", f"cannot be read: {why}").text(reader.language)
    except Exception as error:
        log.exception("a document brought the reader down", extra={"file": str(file)})
        name = type(error).__name__
        return Said(
            f"程序自身出错（{name}），详情见日志；请把日志发给程序的维护者",
            f"the reader failed ({name}) - this is a fault of the program",
        ).text(reader.language)


def _readers(files: list[Path], config: Path | None) -> list[_Reader]:
    if config is None:
        return [_Reader(workdays.load("CN"))] * len(files)
    from minuteloop import log as logs  # noqa: PLC0415  # all of it only where a team is named
    from minuteloop.clock import SystemClock  # noqa: PLC0415
    from minuteloop.config import load  # noqa: PLC0415
    from minuteloop.second_reader import second_reader_of  # noqa: PLC0415

    loaded = load(config)
    logs.start(loaded.secrets)
    teams = loaded.teams
    readers = {
        team.name: _Reader(
            workdays.load(team.settings.calendar, team.workdays),
            team.team(),
            team.rules.sensitive_words,
            team.rules.max_topics,
            second_reader_of(team, SystemClock(team.zone)),
            team.rules.off,
        )
        for team in teams
    }
    return [readers[_team_of(file, teams).name] for file in files]


def _team_of(file: Path, teams: "Sequence[TeamConfig]") -> "TeamConfig":
    """Return the team a file belongs to: the only one, or the one whose inbox holds it."""
    if len(teams) == 1:
        return teams[0]
    place = file.absolute()
    owners = [t for t in teams if place.is_relative_to(t.inbox.absolute())]
    if len(owners) != 1:
        names = ", ".join(t.file.name for t in teams)
        raise ConfigError([f"{file}: is in no team's inbox - name one team file with -c: {names}"])
    return owners[0]


def _told(work: list[tuple[Path, _Reader]]) -> Iterable[tuple[Path, _Reader]]:
    """Go through the work; a terminal that does not show the answer is told how far we are."""
    if len(work) <= _MANY or sys.stdout.isatty() or not sys.stderr.isatty():
        return work
    from rich.console import Console  # noqa: PLC0415  # only where somebody looks
    from rich.progress import track  # noqa: PLC0415

    return track(work, "reading", console=Console(stderr=True), transient=True)


def _show(file: Path, reading: Reading | str) -> None:
    """Print a document for people."""
    from rich import box  # noqa: PLC0415  # not needed for JSON
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console(highlight=False)
    console.print(Text(str(file), style="bold"))
    if isinstance(reading, str):
        console.print(Text(f"  refused: {reading}", style="red"), soft_wrap=True)
        return
    meeting = reading.meeting
    facts = (meeting.title, meeting.type, meeting.start, meeting.place, meeting.host)
    console.print(Text("  " + " · ".join(fact for fact in facts if fact)))
    if reading.entries:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for name in ("line", "what", "who", "due", "department", "status"):
            table.add_column(name, overflow="fold", ratio=1 if name == "what" else None)
        for entry in reading.entries:
            who = entry.owner or "、".join(entry.owners)
            due = str(entry.due or entry.due_text or "")
            cells = (entry.line, entry.description, who, due, entry.department, entry.status)
            table.add_row(*(Text(str(cell or "")) for cell in cells))
        console.print(table)
    else:
        console.print("  no action items")
    styles = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "dim"}
    for finding in reading.findings:
        place = f"line {finding.line}: " if finding.line else ""
        rule = f" ({finding.rule})" if finding.rule else ""
        told = f"  {finding.severity}: {place}{finding.message} [{finding.code}{rule}]"
        console.print(Text(told, style=styles[finding.severity]), soft_wrap=True)
