"""The configuration: checked as a whole, and turned into what the layers below take.

A problem is one line: file, dotted path, what was found, what is allowed. All are told at once and
nothing runs while there is one.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from connectors.base import Clock, Setup
from mapping.ids import team_code
from mapping.values import Department, Person, Status, Team
from mapping.words import COLUMNS, STATUSES
from minuteloop import config_models as models
from minuteloop import templates
from minuteloop.config_checks import (
    Raw,
    carried_out,
    names_of_people,
    rule_problems,
    shared_problems,
    table,
    team_problems,
)
from minuteloop.config_files import SERVICE_FILE, find, read_all
from minuteloop.config_messages import problems
from minuteloop.config_models import TRACKERS, AnyTracker, Rules, ServiceFile, TeamFile, Tracker
from minuteloop.config_types import shown
from minuteloop.errors import ConfigError
from minuteloop.secrets import FORMS, Secret
from tracking.wording import Templates

__all__ = ["Config", "ConfigError", "TeamConfig", "find", "load"]

ACCOUNTS = frozenset(TRACKERS) & frozenset(models.Person.model_fields)
_COMMON = frozenset(Tracker.model_fields) | {"kind"}
_M = TypeVar("_M", bound=BaseModel)
_UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*]|^\.+|[. ]+$')


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamConfig:
    """One team's settings, those of the service file taken in.

    Attributes:
        file: absolute path of the team file.
        settings: its keys; ``rules`` and ``channels`` are the merged ones.
        store_url: of the store, with an absolute path.
        texts: of notices, where the team has its own, by name.
    """

    file: Path
    settings: TeamFile
    store_url: str
    texts: Templates = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The team's name."""
        return self.settings.team

    @property
    def rules(self) -> Rules:
        """The thresholds, the team's own before those of the service."""
        return self.settings.rules

    @property
    def trackers(self) -> tuple[AnyTracker, ...]:
        """The trackers, in order of precedence."""
        return self.settings.trackers

    @property
    def zone(self) -> ZoneInfo:
        """The team's time zone."""
        return ZoneInfo(self.settings.timezone)

    @property
    def folder(self) -> Path:
        """Where the team file's paths start."""
        return self.file.parent

    @property
    def inbox(self) -> Path:
        """The folder that is watched."""
        return self.folder / Path(self.settings.minutes.inbox).expanduser()

    @property
    def archive(self) -> Path:
        """The folder that takes documents which were read."""
        return self.folder / Path(self.settings.minutes.archive).expanduser()

    @property
    def workdays(self) -> Path | None:
        """The file of further holidays and working days."""
        named = self.settings.workdays
        return self.folder / Path(named).expanduser() if named else None

    def state(self, tracker: str = "") -> Path:
        """Return the folder for own files of the team, or of one of its trackers."""
        folder = self.folder / ".minuteloop" / _file_name(self.name)
        return folder / _file_name(tracker) if tracker else folder

    def team(self) -> Team:
        """Return whom the team's documents and rows may name; heads in the people's spelling."""
        settings = self.settings
        spelling = spellings(settings)
        departments = (
            Department(name=d.name, head=spelling[d.head] if d.head else None)
            for d in settings.departments
        )
        return Team(
            name=settings.team,
            language=settings.language,
            people=tuple(_person(p) for p in settings.people),
            departments=tuple(departments),
        )

    def statuses(self, tracker: Tracker) -> dict[Status, tuple[str, ...]]:
        """Return ours -> a tracker's words for it; the first is written, all are read.

        What the file names comes first, in its order: a word that stands under two of ours reads
        as the first that names it.
        """
        words = dict(tracker.statuses)
        for status, word in STATUSES[self.settings.language].items():
            words.setdefault(status, (word,))
        return words

    def setup(self, tracker: Tracker, clock: Clock) -> Setup:
        """Return what the connector of a tracker is built with."""
        language = self.settings.language
        team = self.team()
        return Setup(
            name=tracker.name,
            options={
                k: v.reveal() if isinstance(v, Secret) else v
                for k, v in tracker
                if k not in _COMMON
            },
            columns=COLUMNS[language] | {str(ours): name for ours, name in tracker.fields.items()},
            named=frozenset(tracker.fields),
            statuses={str(status): words for status, words in self.statuses(tracker).items()},
            people=team.people,
            departments=team.departments,
            language=language,
            team=self.name,
            folder=str(self.folder),
            state=str(self.state(tracker.name)),
            clock=clock,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All teams that the program works.

    Attributes:
        teams: in the order of their files' names; at least one.
        warnings: one line each, of what works but should be mended.
        secrets: all that were looked up, for the log to hide.
    """

    teams: tuple[TeamConfig, ...]
    warnings: tuple[str, ...] = ()
    secrets: tuple[Secret, ...] = ()


def load(path: Path) -> Config:
    """Read a team file, or all of a folder, with the service file beside it.

    Raises:
        ConfigError: with a line for every problem in every file.
    """
    path = path.absolute()
    service_file = (path if path.is_dir() else path.parent) / SERVICE_FILE
    raws, lines = read_all(path, service_file)
    shared = raws.pop(service_file, {})
    service, found = _validated(service_file, shared, ServiceFile)
    lines += [*found, *_lines(service_file, shared_problems(shared))]
    read: list[tuple[Path, TeamFile]] = []
    for file, raw in raws.items():
        settings, found = read_team(file, raw, shared)
        lines += found
        read += [(file, settings)] if settings else []
    lines += _teams_twice(read)
    texts, found = templates.beside(raws)
    lines += found
    if lines or service is None:
        raise ConfigError(dict.fromkeys(lines))
    secrets = [*_secrets(service_file, service), *(s for t in read for s in _secrets(*t))]
    return Config(
        teams=tuple(
            _with_service(file, settings, service, texts[file.parent]) for file, settings in read
        ),
        warnings=(
            *(
                f"{where}: a secret in the file - better {FORMS}"
                for where, s in secrets
                if s.literal
            ),
            *_readers_off(read),
        ),
        secrets=tuple(secret for _, secret in secrets),
    )


def read_team(file: Path, raw: Raw, shared: Raw) -> tuple[TeamFile | None, list[str]]:
    """Return a team file's keys, and a line for each problem in them.

    Args:
        file: the team file, where paths start.
        raw: what it holds.
        shared: what the service file beside it holds.
    """
    settings, lines = _validated(file, raw, TeamFile)
    people, own = names_of_people(raw), table(raw, "rules")
    return settings, [
        *lines,
        *_lines(file, team_problems(raw, file.parent)),
        *_lines(file, shared_problems({k: v for k, v in raw.items() if k != "web"})),
        *_lines(file, rule_problems(own, people, {})),
        *_lines(file.with_name(SERVICE_FILE), rule_problems(table(shared, "rules"), people, own)),
    ]


def _validated(file: Path, raw: Raw, model: type[_M]) -> tuple[_M | None, list[str]]:
    try:
        return model.model_validate(raw, context={"folder": file.parent}), []
    except ValidationError as error:
        return None, _lines(file, problems(error, raw, model, carried_out()))


def _lines(file: Path, found: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{file.name}: {path}: {message}" for path, message in found]


def _teams_twice(read: Iterable[tuple[Path, TeamFile]]) -> Iterator[str]:
    names: dict[str, Path] = {}
    codes: dict[str, str] = {}
    for file, settings in read:
        other = names.setdefault(settings.team, file)
        alike = codes.setdefault(team_code(settings.team), settings.team)
        if other is not file:
            yield f"{file.name}: team: found {shown(settings.team)}, which {other.name} has already"
        elif alike != settings.team:
            yield f"{file.name}: team: ids would begin as those of {alike} - choose another name"


def _with_service(
    file: Path, settings: TeamFile, service: ServiceFile, texts: Templates
) -> TeamConfig:
    """Take in what the service file says and the team file does not; names as people have them."""
    shared, spelling = service.rules, spellings(settings)
    missing = shared.model_fields_set - settings.rules.model_fields_set
    rules = settings.rules.model_copy(update={key: getattr(shared, key) for key in missing})
    names = {
        "leaders": tuple(spelling[name] for name in rules.leaders),
        "raise_to": spelling.get(rules.raise_to, rules.raise_to),
        "follow_up": spelling.get(rules.follow_up, rules.follow_up),
    }
    trackers = []
    for tracker in settings.trackers:
        owners = tuple(spelling[name] for name in tracker.only.owners)
        only = tracker.only.model_copy(update={"owners": owners})
        trackers.append(tracker.model_copy(update={"only": only}))
    taken = {channel.name for channel in settings.channels}
    merged = {
        "rules": rules.model_copy(update=names),
        "trackers": tuple(trackers),
        "channels": (*settings.channels, *(c for c in service.channels if c.name not in taken)),
    }
    store = settings.store if settings.store.model_fields_set else service.store
    database = file.parent / Path(store.url.removeprefix("sqlite:///")).expanduser()
    return TeamConfig(
        file=file,
        settings=settings.model_copy(update=merged),
        store_url=f"sqlite:///{database.as_posix()}",
        texts=texts,
    )


def spellings(settings: TeamFile) -> dict[str, str]:
    """Return name or alias -> the name in [[people]]; an alias of two people is left out."""
    uses = Counter(alias for p in settings.people for alias in {*p.aliases, p.name})
    pairs = ((alias, p.name) for p in settings.people for alias in p.aliases)
    return {alias: name for alias, name in pairs if uses[alias] == 1} | {
        p.name: p.name for p in settings.people
    }


def _secrets(file: Path, model: TeamFile | ServiceFile) -> Iterator[tuple[str, Secret]]:
    """Yield the secrets of a file with file and path."""
    entries: list[tuple[str, BaseModel]] = [(f"channels.{c.name}", c) for c in model.channels]
    if isinstance(model, TeamFile):
        if model.minutes.reader:
            entries.append(("minutes.reader", model.minutes.reader))
        entries.extend((f"trackers.{t.name}", t) for t in model.trackers)
    else:
        entries.append(("web", model.web))
    for path, entry in entries:
        for key, value in entry:
            if isinstance(value, Secret):
                yield f"{file.name}: {path}.{key}", value


def _readers_off(read: Iterable[tuple[Path, TeamFile]]) -> Iterator[str]:
    for file, settings in read:
        reader = settings.minutes.reader
        if reader and reader.key is None:
            yield f"{file.name}: minutes.reader: has no key, so nobody is asked"


def _person(person: models.Person) -> Person:
    accounts = {k: v for k in ACCOUNTS if (v := getattr(person, k))}
    return Person(
        name=person.name,
        aliases=person.aliases,
        department=person.department,
        email=person.email,
        mobile=person.mobile,
        accounts=accounts,
    )


def _file_name(name: str) -> str:
    """Return a name as a folder's: what file systems refuse is replaced, a code tells apart."""
    safe = _UNSAFE.sub("_", name)
    return safe if safe == name else f"{safe}-{team_code(name)}"
