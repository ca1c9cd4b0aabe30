"""Working days and holidays of a country, with a file of the team's own days on top.

Mainland China comes from ``chinesecalendar``: the State Council's plan with its make-up days, year
by year, nothing beyond the last plan it holds. Other countries come from ``holidays``, which goes
on calculating for ever: a year counts as known only while it holds no estimated day and, where the
government moves working days about, while those moves are told.

The file (``workdays.toml``)::

    holidays = [2027-01-01, "2027-02-05..2027-02-11"]
    workdays = [2027-02-20]             # make-up days: worked although at a weekend
    [names]                             # optional: named days off, so that 国庆前 is understood
    "国庆" = "2027-10-01..2027-10-07"

A year that it lists counts as known. It wins over the library, ``workdays`` over ``holidays``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from mapping.calendar import Calendar

_DAY = timedelta(days=1)
_YEARS = range(2000, 2091)  # beyond them no coverage is looked for

# What people say -> the name in ``chinesecalendar``, the name in ``holidays``.
_NAMES = {
    "国庆": ("National Day", "national day"),
    "元旦": ("New Year's Day", "new year's day"),
    "五一": ("Labour Day", "labor day"),
    "春节": ("Spring Festival", "chinese new year"),
    "清明": ("Tomb-sweeping Day", "tomb-sweeping day"),
    "端午": ("Dragon Boat Festival", "dragon boat festival"),
    "中秋": ("Mid-autumn Festival", "mid-autumn festival"),
}
_SAME = {
    **{name: name for name in _NAMES},
    "國慶": "国庆",
    "十一": "国庆",
    "新年": "元旦",
    "劳动": "五一",
    "勞動": "五一",
    "春節": "春节",
    "過年": "春节",
    "过年": "春节",
}
_FIXED = {"元旦": (1, 1), "五一": (5, 1)}  # everywhere


class WorkdaysError(ValueError):
    """A country or a file of days that cannot be used; the message says why and what to write."""


def load(country: str, override: Path | None = None) -> Calendar:
    """Return a country's working days.

    Args:
        country: code of ISO 3166 (``CN``, ``TW``), with a subdivision where it matters (``DE-BY``).
        override: a TOML file of further days, see above; None without one.

    Raises:
        WorkdaysError: an unknown country, or a fault in the file; all its faults at once.
    """
    code = country.strip().upper()
    base = _China() if code in ("CN", "CHN") else _elsewhere(code)
    if override is None:
        return base
    off, worked, names = _read(override)
    return _Overridden(base, off, worked, names, frozenset(d.year for d in off | worked))


def coverage_ends(calendar: Calendar) -> date | None:
    """Return the last day whose holidays are known, None if no end is in sight."""
    known = [year for year in _YEARS if calendar.has_data(date(year, 7, 1))]
    if not known:
        return None
    year = known[0]
    while year + 1 in known:
        year += 1
    return None if year == _YEARS[-1] else date(year, 12, 31)


def holiday_key(name: str) -> str:
    """Return the one name of a holiday: 国庆 for 國慶節, 国庆节, 十一."""
    name = name.strip()
    bare = name.removesuffix("节").removesuffix("節")
    return _SAME.get(name) or _SAME.get(bare, name)


def _run(days: Mapping[date, Any], inside: date) -> tuple[date, date]:
    """Return the first and last of the days around one of them that follow without a gap."""
    first = last = inside
    while first - _DAY in days:
        first -= _DAY
    while last + _DAY in days:
        last += _DAY
    return first, last


@cache
def _chinese() -> Any:
    import chinese_calendar  # noqa: PLC0415  # only where a team works in China

    return chinese_calendar


@cache
def _planned() -> range:
    years = {day.year for day in _chinese().holidays}
    return range(min(years), max(years) + 1)


@dataclass(frozen=True, slots=True)
class _China:
    """The State Council's plans."""

    def is_workday(self, day: date) -> bool:
        # the library's own function raises beyond its data and looks for its end at every call
        plans = _chinese()
        return day in plans.workdays or (day.weekday() < 5 and day not in plans.holidays)

    def has_data(self, day: date) -> bool:
        return day.year in _planned()

    def holiday(self, name: str, year: int) -> tuple[date, date] | None:
        key = holiday_key(name)
        if key not in _NAMES:
            return None
        days = _chinese().holidays
        if key in _FIXED:
            festival = date(year, *_FIXED[key])
            return _run(days, festival) if festival in days else None
        label = _NAMES[key][0]
        first = next((d for d, v in days.items() if v == label and d.year == year), None)
        return _run(days, first) if first else None


def _elsewhere(code: str) -> Calendar:
    import holidays  # noqa: PLC0415  # 55 ms: only where it is needed

    country, _, subdivision = code.partition("-")
    try:
        plain = holidays.country_holidays(country)
        english = "en_US" if "en_US" in plain.supported_languages else None
        days = holidays.country_holidays(
            country, subdiv=subdivision or None, language=english, years=()
        )
    except NotImplementedError:
        raise WorkdaysError(_unknown(code, country, subdivision)) from None
    return _Elsewhere(days, _last_moves(days))


def _unknown(code: str, country: str, subdivision: str) -> str:
    import difflib  # noqa: PLC0415  # only where something is wrong

    import holidays  # noqa: PLC0415
    from holidays.registry import COUNTRIES  # noqa: PLC0415

    codes = holidays.list_supported_countries(include_aliases=False)
    if country in codes and subdivision:
        near = difflib.get_close_matches(subdivision, codes[country], n=3, cutoff=0.4)
        allowed = ", ".join(f"{country}-{s}" for s in near or codes[country][:5])
        return f'calendar: "{code}" is no part of {country} with days of its own - try {allowed}'
    names = {entry[0].upper(): entry[1] for entry in COUNTRIES.values()}
    near = difflib.get_close_matches(country, [*codes, *names], n=3, cutoff=0.5)
    hint = " or ".join(dict.fromkeys(f'"{names.get(n, n)}"' for n in near)) or '"CN" or "US"'
    return (
        f'calendar: "{code}" is no country code (ISO 3166, two letters) with known holidays'
        f" - did you mean {hint}?"
    )


def _last_moves(days: Any) -> int | None:
    """Return the last year for which moved working days are told, None if they never move.

    A move stands in the library's tables as four numbers: the day off and the day worked for it.
    """
    tables = [getattr(days, "special_public_holidays", {})]
    years = [
        year
        for table in tables
        for year, entries in table.items()
        if any(_is_move(e) for e in _as_entries(entries))
    ]
    return max(years, default=None)


def _as_entries(entries: Any) -> Iterable[Any]:
    return entries if entries and isinstance(entries[0], tuple) else (entries,)


def _is_move(entry: Any) -> bool:
    return len(entry) >= 4 and all(isinstance(part, int) for part in entry[:4])


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """A country of ``holidays``."""

    days: Any
    last_moves: int | None
    known: dict[int, bool] = field(default_factory=dict)

    def is_workday(self, day: date) -> bool:
        return bool(self.days.is_working_day(day))

    def has_data(self, day: date) -> bool:
        if day.year not in self.known:
            self.known[day.year] = self._is_known(day.year)
        return self.known[day.year]

    def _is_known(self, year: int) -> bool:
        if not self.days.start_year <= year <= self.days.end_year:
            return False
        if self.last_moves is not None and year > self.last_moves:
            return False
        return not any("estimated" in name for name in self._of(year).values())

    def _of(self, year: int) -> dict[date, str]:
        date(year, 1, 1) in self.days  # noqa: B015  # looking a day up fills its year
        return {d: name for d, name in self.days.items() if d.year == year}

    def holiday(self, name: str, year: int) -> tuple[date, date] | None:
        key = holiday_key(name)
        if key not in _NAMES:
            return None
        days = self._of(year)
        if key in _FIXED:
            festival = date(year, *_FIXED[key])
            return _run(days, festival) if festival in days else None
        wanted = _NAMES[key][1]
        named = [d for d, text in sorted(days.items()) if wanted in text.casefold()]
        return _run(days, named[0]) if named else None


@dataclass(frozen=True, slots=True)
class _Overridden:
    """A calendar under the days of a file."""

    base: Calendar
    off: frozenset[date]
    worked: frozenset[date]
    names: Mapping[str, tuple[date, date]]
    years: frozenset[int]

    def is_workday(self, day: date) -> bool:
        if day in self.worked:
            return True
        return day not in self.off and self.base.is_workday(day)

    def has_data(self, day: date) -> bool:
        return day.year in self.years or self.base.has_data(day)

    def holiday(self, name: str, year: int) -> tuple[date, date] | None:
        return self.names.get(f"{holiday_key(name)} {year}") or self.base.holiday(name, year)


def _read(path: Path) -> tuple[frozenset[date], frozenset[date], dict[str, tuple[date, date]]]:
    """Return days off, days worked and named holidays of a file."""
    import difflib  # noqa: PLC0415  # neither is needed where no file is
    import tomllib  # noqa: PLC0415

    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise WorkdaysError(f"{path}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkdaysError(f"{path}: is no TOML: {error}") from None
    problems: list[str] = []
    for key in table.keys() - {"holidays", "workdays", "names"}:
        near = difflib.get_close_matches(key, ("holidays", "workdays", "names"), n=1)
        hint = f' - did you mean "{near[0]}"?' if near else " - allowed: holidays, workdays, names"
        problems.append(f"{key}: unknown key{hint}")
    off = _days(table.get("holidays", []), "holidays", problems)
    worked = _days(table.get("workdays", []), "workdays", problems)
    names: dict[str, tuple[date, date]] = {}
    named = table.get("names", {})
    if not isinstance(named, dict):
        problems.append("names: write a table, [names], with one holiday a line")
        named = {}
    for name, value in named.items():
        for item in value if isinstance(value, list) else [value]:
            span = _span(item, f"names.{name}", problems)
            if span:
                names[f"{holiday_key(name)} {span[1].year}"] = span
                off |= _all(span)
    problems += [
        f"workdays: {day} stands in holidays too - take it out of one of them"
        for day in sorted(_days(table.get("holidays", []), "", []) & worked)
    ]
    if problems:
        raise WorkdaysError("\n".join(f"{path}: {problem}" for problem in problems))
    return frozenset(off), frozenset(worked), names


def _days(value: Any, key: str, problems: list[str]) -> set[date]:
    if not isinstance(value, list):
        problems.append(f"{key}: {value!r} is no list - write [2027-01-01, ...]")
        return set()
    spans = (_span(item, f"{key}[{n}]", problems) for n, item in enumerate(value))
    return {day for span in spans if span for day in _all(span)}


def _all(span: tuple[date, date]) -> set[date]:
    return {span[0] + n * _DAY for n in range((span[1] - span[0]).days + 1)}


def _span(value: Any, key: str, problems: list[str]) -> tuple[date, date] | None:
    """Return first and last day of ``2027-01-01`` or ``"2027-02-05..2027-02-11"``."""
    if type(value) is date:
        return value, value
    parts = value.split("..") if isinstance(value, str) else []
    try:
        first, last = (date.fromisoformat(parts[n].strip()) for n in (0, -1))
    except (ValueError, IndexError):
        shown = value if isinstance(value, str) else str(value)
        problems.append(
            f'{key}: "{shown}" is no day - write 2027-02-05 or "2027-02-05..2027-02-11"'
        )
        return None
    if len(parts) > 2 or last < first or (last - first).days > 60:
        problems.append(f'{key}: "{value}" is no range of at most 60 days, first day first')
        return None
    return first, last
