"""``agenda``: the list that is carried into the next meeting (D4, D6)."""

from collections.abc import Iterator
from pathlib import Path

import typer

from mapping.people import Directory
from minuteloop import workdays
from minuteloop.agenda_docx import docx
from minuteloop.commands.passes import clock_for, load
from minuteloop.commands.stores import reading, told_plainly
from minuteloop.config import Config, TeamConfig
from minuteloop.errors import ConfigError
from minuteloop.scene import scene_of
from tracking.agenda import Agenda, agenda, markdown, series_called
from tracking.scene import Scene

_SHOWN = 20  # titles that a message names


def run(path: Path | None, *, meeting: str | None, file: Path | None, now: str | None) -> int:
    """Print the agenda as Markdown; write it as DOCX too where a file is named.

    Returns:
        1 if the file cannot be written.

    Raises:
        ConfigError: no series of meetings, or more than one, is called so; or a file is to hold
            the agendas of several teams.
    """
    made = list(_agendas(load(path), meeting, now))
    if file is not None and len(made) > 1:
        teams = ", ".join(team.file.name for team, _ in made)
        raise ConfigError([f"--docx: holds one team's agenda - name one with -c: {teams}"])
    for _, one in made:
        typer.echo(markdown(one))
    if file is not None:
        try:
            file.write_bytes(docx(made[0][1]))
        except OSError as error:
            typer.echo(f"{file}: cannot be written: {error.strerror or error}", err=True)
            return 1
    return 0


def _agendas(
    loaded: Config, meeting: str | None, now: str | None
) -> Iterator[tuple[TeamConfig, Agenda]]:
    scenes = [(team, _scene(team, now)) for team in loaded.teams]
    if meeting is None:
        yield from ((team, agenda(scene)) for team, scene in scenes)
        return
    called = [(team, scene, series_called(scene, meeting)) for team, scene in scenes]
    found = [(team, agenda(scene, series)) for team, scene, series in called if series]
    if not found:
        titles = dict.fromkeys(
            m.meeting.title
            for _, scene in scenes
            for m in reversed(scene.minutes)
            if m.meeting.title
        )
        known = "; ".join(list(titles)[:_SHOWN]) or "none yet"
        raise ConfigError([f'--meeting: no single series is called "{meeting}"; known: {known}'])
    yield from found


def _scene(team: TeamConfig, now: str | None) -> Scene:
    calendar = workdays.load(team.settings.calendar, team.workdays)
    at = clock_for(team, now).now()
    with told_plainly(team), reading(team) as tx:
        return scene_of(team, tx, at, Directory(team.team()), calendar)
