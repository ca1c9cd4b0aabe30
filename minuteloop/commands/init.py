"""``init``: write a team file, and make what it names."""

import json
import sys
import tomllib
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import typer

from connectors.errors import ConnectorError
from connectors.registry import load
from minuteloop import config
from minuteloop.clock import SystemClock
from minuteloop.config_files import TEAM_FILE
from minuteloop.config_models import Excel
from minuteloop.errors import ConfigError

_QUESTIONS = {
    "team": "The team's name",
    "language": "Language of notices and columns (zh, en)",
    "timezone": "Time zone",
    "calendar": "Working days of which country (CN, TW, US ...)",
    "workbook": "The Excel workbook that holds the action items",
}
_TEMPLATE = """\
# What every key means, and all the others there are: config.example.toml of the project.
# `minuteloop check` says whether all is well.

team = {team}
language = {language}                 # of notices and default column names: zh | en
timezone = {timezone}
calendar = {calendar}                 # working days: a country code

[minutes]
inbox = "inbox"                 # drop minutes here: .md, .txt, .docx
archive = "archive"             # they go here when they were read

[store]
url = "sqlite:///minuteloop.db"

# Whom minutes and trackers may name. A name that is not listed here is told as a finding.
# [[people]]
# name = "张三"
# aliases = ["zhangsan"]
# department = "技术部"
# email = "zhangsan@example.com"
{people}
# [[departments]]
# name = "技术部"
# head = "张三"                  # hears of what is late, and of each week's list

[[trackers]]
name = "tracker"
kind = "excel"
path = {workbook}

[rules]                         # the handbook's thresholds; what is left out has its default
quiet_hours = "21:00-08:30"     # nothing is sent then; a day's notices are due from midnight on

# How notices go out. Without channels they wait. The other kinds: docs/channels.md.
# [[channels]]
# name = "mail"
# kind = "smtp"
# host = "smtp.example.com"
# user = "robot@example.com"
# password = "env:SMTP_PASSWORD"
# sender = "robot@example.com"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the team file says; None where nobody said anything yet."""

    team: str | None = None
    language: str | None = None
    timezone: str | None = None
    calendar: str | None = None
    workbook: str | None = None
    people: tuple[str, ...] = ()


def run(folder: Path, given: Answers) -> int:
    """Write ``minuteloop.toml`` into a folder, with an inbox and, if there is none, a workbook.

    Args:
        folder: is made if it is missing.
        given: what flags said; the rest is asked on a terminal, else has its default.

    Returns:
        1 if something could not be made, else 0.

    Raises:
        ConfigError: the file is there already, or an answer does not fit.
    """
    file = folder.absolute() / TEAM_FILE
    if file.exists():
        raise ConfigError([f"{file}: is there already and is left as it is"])
    asking = sys.stdin.isatty() and sys.stdout.isatty()
    answers = _complete(given, file, asking=asking)
    text = _text(answers)
    _, lines = config.read_team(file, tomllib.loads(text), {})
    if lines:
        raise ConfigError(lines)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8", newline="\n") as out:
            out.write(text)
        typer.echo(f"wrote {file}")
        _make(file)
    except (OSError, ConnectorError) as error:
        typer.echo(f"{file}: {error}", err=True)
        return 1
    where = "" if folder.resolve() == Path.cwd() else f" -c {folder}"
    typer.echo(f"next: put minutes into {file.parent / 'inbox'}, then run minuteloop once{where}")
    return 0


def _make(file: Path) -> None:
    """Make the inbox, and the workbook where there is none; one that is there is left as it is."""
    (team,) = config.load(file).teams
    team.inbox.mkdir(parents=True, exist_ok=True)
    (tracker,) = (t for t in team.trackers if isinstance(t, Excel))
    connector = load(tracker.kind)(team.setup(tracker, SystemClock(team.zone)))
    if (team.folder / tracker.path).exists():
        typer.echo("the workbook is there: minuteloop check --prepare adds what it lacks")
        return
    for made in connector.prepare():
        typer.echo(made)


def _complete(given: Answers, file: Path, *, asking: bool) -> Answers:
    defaults = {
        "team": file.parent.name or "team",
        "language": "zh",
        "timezone": "Asia/Shanghai",
        "calendar": "CN",
        "workbook": "tracker.xlsx",
    }
    said = asdict(given)
    for key, question in _QUESTIONS.items():
        if said[key] is None:
            said[key] = _ask(key, question, defaults[key], file) if asking else defaults[key]
    if asking and not given.people:
        names = typer.prompt("People, parted by commas (may be empty)", default="")
        said["people"] = tuple(
            n for part in names.replace("，", ",").split(",") if (n := part.strip())
        )
    return replace(given, **said)


def _ask(key: str, question: str, default: str, file: Path) -> str:
    """Ask until the answer fits."""

    def fits(answer: str) -> str:
        if key != "workbook":
            raw = {"team": "x", key: answer}
            if lines := config.read_team(file, raw, {})[1]:
                raise typer.BadParameter(lines[0].partition(": ")[2])
        return answer

    return str(typer.prompt(question, default=default, value_proc=fits))


def _text(answers: Answers) -> str:
    people = "".join(f"\n[[people]]\nname = {_quoted(name)}\n" for name in answers.people)
    return _TEMPLATE.format(
        people=people, **{key: _quoted(str(getattr(answers, key))) for key in _QUESTIONS}
    )


def _quoted(text: str) -> str:
    """Return a text as TOML writes it; JSON's form is the same but for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
