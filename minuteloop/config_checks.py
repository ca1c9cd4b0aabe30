"""What no single key shows: names that must be known or unique, places that must not fall together.

The checks look at the data as read, so that they speak even where a key beside them is wrong; what
is of the wrong type is passed over here, for it is told already.
"""

import re
import zoneinfo
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from connectors.registry import REGISTRY
from mapping.words import COLUMNS
from minuteloop import workdays
from minuteloop.channels import registry as channels
from minuteloop.config_messages import listed, near
from minuteloop.config_models import CHANNELS, TRACKERS
from minuteloop.config_types import shown

Raw = Mapping[str, Any]
Problems = Iterator[tuple[str, str]]
_MEMORY = re.compile(r"sqlite:(//)?(/?:memory:)?")


def carried_out() -> dict[str, tuple[str, ...]]:
    """Return what this version does of the kinds that a team file may name."""
    return {
        "trackers": tuple(kind for kind in TRACKERS if kind in REGISTRY),
        "channels": tuple(kind for kind in CHANNELS if kind in channels.REGISTRY),
    }


def shared_problems(raw: Raw) -> Problems:
    """Yield path and message for what a team file and a service file may both hold."""
    yield from _store(raw)
    yield from _twice(raw, "channels")
    for name, channel in tables(raw, "channels"):
        yield from _channel(f"channels.{name}", channel)
    if "web" in raw:
        yield "web", "the page is not in this version yet - take the table out"


def team_problems(raw: Raw, folder: Path) -> Problems:
    """Yield path and message for what is wrong across the keys of a team file."""
    yield from _place_and_time(raw, folder)
    for key in ("people", "departments", "trackers"):
        yield from _twice(raw, key)
    people = names_of_people(raw)
    for name, department in tables(raw, "departments"):
        yield from unknown_person(f"departments.{name}.head", text(department, "head"), people)
    for name, tracker in tables(raw, "trackers"):
        yield from _tracker(f"trackers.{name}", raw, tracker)
    yield from _same_workbook(raw, folder)


def rule_problems(rules: Raw, people: frozenset[str], overridden: Raw) -> Problems:
    """Yield path and message for people that rules name and nobody knows.

    Args:
        rules: a table ``[rules]``.
        people: all names and aliases of the team.
        overridden: the table whose values win over these.
    """
    for key, spared in (("raise_to", ""), ("follow_up", "host head")):
        name = text(rules, key)
        if key not in overridden and name not in spared.split():
            yield from unknown_person(f"rules.{key}", name, people)
    leaders = rules.get("leaders")
    if isinstance(leaders, list) and "leaders" not in overridden:
        for n, name in enumerate(leaders, 1):
            yield from unknown_person(f"rules.leaders.#{n}", name, people)


def unknown_person(path: str, name: object, people: frozenset[str]) -> Problems:
    """Yield a problem if a name is given that no [[people]] has."""
    if isinstance(name, str) and name.strip() and name.strip() not in people:
        hint = near(name, people) or " - add [[people]] with this name"
        yield path, f"found {shown(name)}, who is not among the people{hint}"


def names_of_people(raw: Raw) -> frozenset[str]:
    """Return all names of a team, and the aliases that only one person has."""
    names: set[str] = set()
    aliases: Counter[str] = Counter()
    for _, person in tables(raw, "people"):
        name, others = text(person, "name").strip(), person.get("aliases")
        names.add(name)
        words = others if isinstance(others, list) else []
        aliases.update({name, *(word.strip() for word in words if isinstance(word, str))})
    return frozenset(names | {alias for alias, uses in aliases.items() if uses == 1}) - {""}


def _place_and_time(raw: Raw, folder: Path) -> Problems:
    zone = text(raw, "timezone", "UTC")
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        hint = near(zone, zoneinfo.available_timezones()) or ' - write one such as "Asia/Shanghai"'
        yield "timezone", f"found {shown(zone)}, which is no time zone{hint}"
    file = text(raw, "workdays")
    if file and not (folder / file).is_file():
        yield "workdays", f"found {shown(file)}, there is no such file"
        file = ""
    yield from _days("calendar", text(raw, "calendar", "CN"), None)
    if file:
        yield from _days("workdays", "CN", folder / file)
    minutes = table(raw, "minutes")
    inbox, archive = text(minutes, "inbox", "inbox"), text(minutes, "archive", "archive")
    if (folder / inbox).resolve() == (folder / archive).resolve():
        yield "minutes.archive", "is the same folder as minutes.inbox"


def _days(key: str, country: str, file: Path | None) -> Problems:
    try:
        workdays.load(country, file)
    except workdays.WorkdaysError as error:
        for line in str(error).splitlines():
            yield key, line.removeprefix("calendar: ").removeprefix(f"{file}: ")


def _store(raw: Raw) -> Problems:
    url = text(table(raw, "store"), "url", "sqlite:///x")
    if url.startswith(("postgresql:", "postgresql+", "postgres:")):
        yield "store.url", "PostgreSQL is not in this version yet, allowed: sqlite:///FILE"
    elif _MEMORY.fullmatch(url) or not url.startswith("sqlite:///") or "?" in url:
        found = shown(url) if url.startswith("sqlite:") else "another address"
        yield "store.url", f"found {found}, allowed: sqlite:///FILE"


def _later(path: str, section: str, kind: str) -> Problems:
    """Yield a problem for a kind that this version knows by name only."""
    allowed = listed(carried_out()[section])
    found = f"found {shown(kind)}, which is not in this version yet"
    yield f"{path}.kind", f"{found}, allowed: {allowed}"


def _channel(path: str, channel: Raw) -> Problems:
    kind = text(channel, "kind")
    if kind in CHANNELS and kind not in carried_out()["channels"]:
        yield from _later(path, "channels", kind)
    if kind == "smtp" and ("user" in channel) != ("password" in channel):
        found, missing = ("user", "password") if "user" in channel else ("password", "user")
        yield path, f"found {found} without {missing}, must be both or neither"


def _tracker(path: str, raw: Raw, tracker: Raw) -> Problems:
    kind = text(tracker, "kind")
    model = TRACKERS.get(kind)
    if model and kind not in carried_out()["trackers"]:
        yield from _later(path, "trackers", kind)
    if model and model.ways:
        begun = [way for way in model.ways if any(key in tracker for key in way)]
        if len(begun) != 1 or not all(key in tracker for key in begun[0]):
            found = " and ".join(key for way in begun for key in way if key in tracker)
            wanted = ", or ".join(" and ".join(way) for way in model.ways)
            yield path, f"found {found or 'neither'}, must be {wanted}"
    yield from _columns(path, raw, tracker)
    people = names_of_people(raw)
    owners = table(tracker, "only").get("owners")
    for n, owner in enumerate(owners if isinstance(owners, list) else [], 1):
        yield from unknown_person(f"{path}.only.owners.#{n}", owner, people)


def _columns(path: str, raw: Raw, tracker: Raw) -> Problems:
    """Yield a problem for each column that stands for two of our fields."""
    named = {ours: text(table(tracker, "fields"), ours) for ours in table(tracker, "fields")}
    defaults = COLUMNS.get(text(raw, "language", "zh"), {})
    columns = named if text(tracker, "kind") == "jira" else {**defaults, **named}
    for ours, column in named.items():
        others = [other for other in columns if other != ours and columns[other] == column]
        if column and others and (others[0] not in named or ours > others[0]):
            yield (
                f"{path}.fields.{ours}",
                f"found {shown(column)}, which is the column of {others[0]}",
            )


def _same_workbook(raw: Raw, folder: Path) -> Problems:
    """Yield a problem for each tracker that is the same sheet as one before it."""
    seen: dict[tuple[Path, str], str] = {}
    for name, tracker in tables(raw, "trackers"):
        if text(tracker, "kind") == "excel" and text(tracker, "path"):
            place = ((folder / text(tracker, "path")).resolve(), text(tracker, "sheet"))
            if place in seen:
                yield f"trackers.{name}.path", f"is the same sheet as that of {seen[place]}"
            seen.setdefault(place, name)


def _twice(raw: Raw, key: str) -> Problems:
    seen: set[str] = set()
    for label, entry in tables(raw, key):
        name = text(entry, "name").strip()
        if name and name in seen:
            yield f"{key}.{label}", "stands here twice, a name must be unique"
        seen.add(name)


def table(raw: Raw, key: str) -> Raw:
    """Return the table under a key; an empty one for anything else."""
    value = raw.get(key)
    return value if isinstance(value, Mapping) else {}


def tables(raw: Raw, key: str) -> list[tuple[str, Raw]]:
    """Return the tables of a list with the names they go by in messages."""
    value = raw.get(key)
    entries = enumerate(value if isinstance(value, list) else [], 1)
    return [(text(e, "name") or f"#{n}", e) for n, e in entries if isinstance(e, Mapping)]


def text(raw: Raw, key: str, default: str = "") -> str:
    """Return the text under a key; the default where it is missing or no text."""
    value = raw.get(key, default)
    return value if isinstance(value, str) else default
