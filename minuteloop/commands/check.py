"""``check``: what would keep a team from working, one line each, with how to mend it."""

import logging
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from pathlib import Path

import typer

from connectors.base import Connector, Schema, Setup
from connectors.errors import BusyError, ConnectorError
from connectors.registry import load as load_connector
from mapping.cells import Field, Kind
from mapping.notices import Message, NoticeKind, NoticeState, Section
from mapping.values import Severity
from mapping.words import FIELDS, REQUIRED, fold
from minuteloop import config, workdays
from minuteloop.channels.base import Channel, ChannelError
from minuteloop.channels.registry import load as load_channel
from minuteloop.clock import SystemClock
from minuteloop.commands.stores import reading
from minuteloop.config import TeamConfig
from minuteloop.config_models import AnyChannel, AnyTracker
from minuteloop.log import start as start_log
from minuteloop.retention import files
from sync import outbox
from sync.store import Store, StoreError

log = logging.getLogger(__name__)
UNSWITCHED = frozenset(("A3", "D1", "E2", "F5"))  # they neither ask nor tell
_SOON = timedelta(days=60)  # so long before the working days run out is it told
_COLOURS = {"error": typer.colors.RED, "warning": typer.colors.YELLOW, "ok": typer.colors.GREEN}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at; ``severity`` None where all is well."""

    severity: Severity | None
    about: str
    text: str


def run(path: Path | None, *, prepare: bool, send_test: bool) -> int:
    """Look at everything that a pass needs, and print a line for each.

    Args:
        path: what ``-c`` named.
        prepare: make what is missing, where rights allow.
        send_test: let each channel send one message.

    Returns:
        1 if there is an error, 0 on warnings.

    Raises:
        ConfigError: the configuration cannot be used.
    """
    loaded = config.load(config.find(path))
    start_log(loaded.secrets)
    lines = [Line(Severity.WARNING, "configuration", warning) for warning in loaded.warnings]
    for line in lines:
        _print(line, "")
    for team in loaded.teams:
        for line in chain(_team(team, prepare=prepare), _channels(team, send_test=send_test)):
            lines.append(line)
            _print(line, team.name)
    return int(any(line.severity is Severity.ERROR for line in lines))


def _print(line: Line, team: str) -> None:
    word = str(line.severity or "ok")
    start = typer.style(f"{word:<8}", fg=_COLOURS.get(word))
    text = ": ".join(part for part in (team, line.about, line.text) if part)
    typer.echo(f"{start} {text}")


def _team(team: TeamConfig, *, prepare: bool) -> Iterator[Line]:
    yield Line(None, "configuration", str(team.file))
    clock = SystemClock(team.zone)
    yield from _calendar(team, clock.now().date())
    yield from _people(team)
    yield from _rules(team)
    yield _inbox(team.inbox, prepare=prepare)
    if team.archive.exists():
        yield _writable("archive", team.archive, str(team.archive))
        yield from _outlived(team, clock.now().year)
    else:
        yield _made_later("archive", team.archive, f"{team.archive} is made when it is needed")
    yield _store(team)
    if not team.trackers:
        yield Line(None, "trackers", "there are none: the hub works alone")
    for tracker in team.trackers:
        yield from _tracker(tracker, team.setup(tracker, clock), prepare=prepare)


def _calendar(team: TeamConfig, today: date) -> Iterator[Line]:
    code = team.settings.calendar
    ends = workdays.coverage_ends(workdays.load(code, team.workdays))
    if ends is None:
        yield Line(None, "calendar", code)
    elif ends - today > _SOON:
        yield Line(None, "calendar", f"{code}, holidays known until {ends}")
        if ends.year == today.year:
            text = f"of {ends.year + 1} only weekends are known to be off as yet"
            yield Line(Severity.INFO, "calendar", text)
    else:
        mend = "update the program, or list the days in a file named by workdays"
        text = f"{code}: holidays are known only until {ends} - {mend}"
        yield Line(Severity.WARNING, "calendar", text)


def _people(team: TeamConfig) -> Iterator[Line]:
    """Yield what makes it unclear whom a name means, or whom a notice reaches."""
    people, departments = team.team().people, team.team().departments
    names: dict[str, set[str]] = defaultdict(set)
    for person in people:
        for name in filter(None, (person.name, *person.aliases, person.email)):
            names[fold(name)].add(person.name)
    shared = sorted({tuple(sorted(who)) for who in names.values() if len(who) > 1})
    known = {department.name for department in departments}
    units = sorted({p.department for p in people if p.department} - known)
    headless = [d.name for d in departments if d.head is None]
    mute = [p.name for p in people if p.email is None]
    faults = [
        *(
            f"{' and '.join(who)} share a name, alias or e-mail - make them differ"
            for who in shared
        ),
        *(f"{unit} has people but no [[departments]] - add it with its head" for unit in units),
        *(
            f"{name} has no head - nobody hears of its week and of what is late there (D3, F3)"
            for name in headless
        ),
    ]
    if mute:
        faults.append(f"no e-mail for {', '.join(mute)} - add email, mail and tools go by it")
    if not people:
        faults.append("there are none - add [[people]], so that names can be known")
    yield from (Line(Severity.WARNING, "people", fault) for fault in faults)
    if not faults:
        yield Line(None, "people", f"{len(people)}, in {len(departments)} departments")


def _rules(team: TeamConfig) -> Iterator[Line]:
    """Yield what is particular about the rules: what is off, who is missing, own texts."""
    rules = team.rules
    off = [rule for rule in rules.off if rule not in UNSWITCHED]
    if off:
        yield Line(Severity.INFO, "rules", f"{', '.join(off)} off, as the team file says")
    if kept := [rule for rule in rules.off if rule in UNSWITCHED]:
        text = f"{', '.join(kept)} in off changes nothing: see docs/rules.md for what does"
        yield Line(Severity.WARNING, "rules", text)
    if not rules.raise_to and "F3" not in rules.off:
        text = "raise_to is not set: nobody else hears when an alert to a head brings nothing (F3)"
        yield Line(Severity.INFO, "rules", text)
    if team.settings.minutes.approval == "host":
        yield Line(None, "rules", "minutes wait for their host (C3): minuteloop approve")
    if team.texts:
        yield Line(None, "templates", f"the team's own: {', '.join(sorted(team.texts))}")


def _inbox(folder: Path, *, prepare: bool) -> Line:
    if prepare and not folder.exists():
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            reason = error.strerror or str(error)
            return Line(Severity.ERROR, "inbox", f"{folder} cannot be made: {reason}")
        return Line(None, "inbox", f"made {folder}")
    if not folder.exists():
        text = f"there is no {folder} - make it, or run check --prepare"
        return Line(Severity.WARNING, "inbox", text)
    return _writable("inbox", folder, str(folder))


def _outlived(team: TeamConfig, year: int) -> Iterator[Line]:
    """Yield the folders of the archive that need be kept no longer (F6); none is deleted."""
    if "F6" in team.rules.off:
        return
    years = team.rules.retention_years
    last = year - years - 1  # what is of its last day is kept for so many years, too
    try:
        old = dict.fromkeys(path.parts[0] for of, path in files(team.archive) if of <= last)
    except OSError:  # whether it can be written is told above, with the reason
        return
    if old:
        text = f"{', '.join(old)}: older than {years} years (F6): minuteloop retention lists it"
        yield Line(Severity.INFO, "archive", text)


def _made_later(about: str, path: Path, text: str) -> Line:
    """Return whether a pass could make a file or folder."""
    return _writable(about, next(folder for folder in path.parents if folder.exists()), text)


def _writable(about: str, folder: Path, text: str) -> Line:
    """Return ``text`` where files can be made in a folder; the try leaves nothing behind."""
    try:
        with tempfile.TemporaryFile(dir=folder, prefix=".minuteloop-"):
            return Line(None, about, text)
    except OSError as error:
        reason = error.strerror or str(error)
        mend = "give this account the right to"
        return Line(Severity.ERROR, about, f"{folder} cannot be written ({reason}) - {mend}")


def _store(team: TeamConfig) -> Line:
    """Open the database if it is there; a pass makes it, not a look."""
    file = Path(team.store_url.removeprefix("sqlite:///"))
    if not file.exists():
        return _made_later("store", file, f"{file} is made by the first pass")
    try:
        Store.open(team.store_url, team.name).close()
    except StoreError as error:
        return Line(Severity.ERROR, "store", str(error))
    return Line(None, "store", str(file))


def _tracker(tracker: AnyTracker, setup: Setup, *, prepare: bool) -> Iterator[Line]:
    """Yield what a tracker says of itself; what it lacks is made first, if that is wanted."""
    about = f"tracker {tracker.name}"
    try:
        connector: Connector = load_connector(tracker.kind)(setup)
        if prepare:
            yield from (Line(None, about, made) for made in connector.prepare())
        schema = connector.describe()
    except BusyError as error:
        yield Line(Severity.WARNING, about, error.text(setup.language))
    except ConnectorError as error:
        yield Line(Severity.ERROR, about, error.text(setup.language))
    except Exception as error:  # this tracker's check failed: the others are still looked at
        log.exception("a tracker could not be checked", extra={"tracker": tracker.name})
        text = f"{type(error).__name__}: {error} - this is a fault of the program"
        yield Line(Severity.ERROR, about, text)
    else:
        faults = [*((Severity.ERROR, fault) for fault in schema.faults), *_faults(schema, setup)]
        yield from (Line(severity, about, text) for severity, text in faults)
        yield from (Line(Severity.INFO, about, note) for note in schema.notes)
        if not faults:
            carried = [schema.fields[name].label for name in FIELDS if name in schema.fields]
            yield Line(None, about, f"{tracker.kind}, columns {', '.join(carried)}")


def _faults(schema: Schema, setup: Setup) -> Iterator[tuple[Severity, str]]:
    """Yield what the tool's columns cannot take: fields, statuses, departments, people."""
    for name in REQUIRED:
        if name in schema.fields and not schema.fields[name].writable:
            label = schema.fields[name].label
            yield Severity.ERROR, f"{label} cannot be written - give this account the right to"
    wanted = {
        "status": [words[0] for words in setup.statuses.values()],
        "department": [department.name for department in setup.departments],
    }
    for name, words in wanted.items():
        column = schema.fields.get(name)
        missing = _missing(words, column.options if column else None)
        if column and missing:
            text = f"{column.label} has no option {', '.join(missing)}"
            yield Severity.WARNING, f"{text} - {_remedy(column)}"
    owner = schema.fields.get("owner")
    if owner and owner.kind is Kind.USERS:
        unknown = [person.name for person in setup.people if person.name not in owner.users]
        if unknown:
            text = f"no account for {', '.join(unknown)} - add their e-mail or their id there"
            yield Severity.WARNING, f"{text} to [[people]]"


def _remedy(column: Field) -> str:
    """Say what to do where a column lacks options."""
    if column.makes_options:
        return "add it there, or run check --prepare"
    if column.name == "status":
        return "name those of its workflow under [trackers.statuses]"
    return "let an administrator add it there"


def _channels(team: TeamConfig, *, send_test: bool) -> Iterator[Line]:
    """Yield what each channel says of itself, and what came of a test message."""
    if not team.settings.channels:
        yield Line(Severity.WARNING, "channels", "there are none: notices wait - add [[channels]]")
    clock, loaded = SystemClock(team.zone), []
    refused = _refused(team)
    for settings in team.settings.channels:
        about = f"channel {settings.name}"
        try:
            channel = load_channel(settings, clock)
            loaded.append(channel)
            yield from _channel(about, channel, team, signs=_signs(settings))
            if settings.name in refused:
                text = f"the last message was not taken: {refused[settings.name]}"
                hint = "" if send_test else " - `check --send-test` tries it again"
                yield Line(Severity.WARNING, about, text + hint)
            if send_test:
                yield _sent_test(about, channel, team, clock.wall())
        except ChannelError as error:
            yield Line(Severity.ERROR, about, error.said.text(team.settings.language))
        except Exception as error:  # this channel's check failed: the others are still looked at
            log.exception("a channel could not be checked", extra={"channel": settings.name})
            text = f"{type(error).__name__} - this is a fault of the program"
            yield Line(Severity.ERROR, about, text)
    yield from _together(team, loaded)


def _refused(team: TeamConfig) -> dict[str, str]:
    """Return, by channel, why its last message was not taken; those that are well are left out."""
    try:
        with reading(team) as tx:
            tallies = outbox.tallies(tx)
    except StoreError:
        return {}  # its own line tells that
    return {
        name: tally.error
        for name, tally in tallies.items()
        if tally.error and tally.counts.get(NoticeState.FAILED)
    }


def _together(team: TeamConfig, channels: Sequence[Channel]) -> Iterator[Line]:
    """Yield what none of the channels does: a kind of notices, one person alone, somebody."""
    settings = team.settings.channels
    carried = {kind for channel in settings for kind in channel.sends}
    lost = [kind for kind in NoticeKind if kind not in carried]
    if settings and lost:
        text = f"none carries {', '.join(lost)} - such notices wait; see sends"
        yield Line(Severity.WARNING, "channels", text)
    personal = {channel.name for channel in channels if channel.personal}
    alone = {kind for channel in settings if channel.name in personal for kind in channel.sends}
    may_be_secret = carried - {NoticeKind.REVIEW}
    shared = [kind for kind in NoticeKind if kind in may_be_secret and kind not in alone]
    if channels and not personal:
        text = "none reaches one person alone, so sensitive notices wait (F5) - smtp does"
        yield Line(Severity.INFO, "channels", text)
    elif personal and shared:
        text = f"only groups get {', '.join(shared)}, so sensitive ones of these wait (F5)"
        yield Line(Severity.INFO, "channels", f"{text} - let {min(personal)} send them too")
    missed = [
        person.name
        for person in team.team().people
        if all(c.cannot_reach(person) or c.cannot_mention(person) for c in channels)
    ]
    if len(channels) > 1 and missed:  # of one alone its own line tells that
        text = f"none reaches or mentions {', '.join(missed)} - add what the lines above name"
        yield Line(Severity.WARNING, "channels", text)


def _signs(settings: AnyChannel) -> str:
    if "secret" not in type(settings).model_fields:
        return ""
    return ", signed" if getattr(settings, "secret", None) else ", not signed"


def _channel(about: str, channel: Channel, team: TeamConfig, *, signs: str) -> Iterator[Line]:
    """Yield what is odd about a channel, and whom it does not reach or mention."""
    language = team.settings.language
    faults = [doubt.text(language) for doubt in channel.doubts()]
    unmentioned: dict[str, list[str]] = defaultdict(list)
    for person in team.team().people:
        if why := channel.cannot_reach(person):
            faults.append(why.text(language))
        elif why := channel.cannot_mention(person):
            unmentioned[why.text(language)].append(person.name)
    faults += [f"does not mention {', '.join(who)}: {why}" for why, who in unmentioned.items()]
    yield from (Line(Severity.WARNING, about, fault) for fault in faults)
    if not faults:
        told = signs if channel.confirmed else ", which cannot say whether a message arrived"
        yield Line(None, about, f"{channel.kind}{told}")


def _sent_test(about: str, channel: Channel, team: TeamConfig, at: datetime) -> Line:
    """Send a test message: to the first person that a channel reaches or mentions."""
    people = [p for p in team.team().people if channel.cannot_reach(p) is None]
    named = [p for p in people if channel.cannot_mention(p) is None]
    if channel.personal and not named:
        return Line(Severity.ERROR, about, "nobody can be reached by it, so it was not tested")
    to = tuple(named[:1])
    zh = team.settings.language == "zh"
    title = f"{team.name}：测试消息" if zh else f"{team.name}: a test message"
    words = "通知会发到这里，无需处理。" if zh else "Notices will come here; nothing is to be done."
    channel.send(
        Message(
            id=f"test.{at:%Y%m%d.%H%M%S.%f}",
            to=to,
            title=title,
            sections=(Section(title="", lines=(words,)),),
            language=team.settings.language,
        )
    )
    if not channel.confirmed:
        return Line(None, about, "a test message was handed over - look whether it arrived")
    if channel.personal:
        return Line(None, about, f"a test message was sent to {to[0].name} ({to[0].email})")
    called = f" and mentions {to[0].name}" if to else ""
    return Line(None, about, f"a test message was sent to the group{called}")


def _missing(words: Sequence[str], options: Iterable[str] | None) -> list[str]:
    return [] if options is None else [word for word in words if word not in set(options)]
