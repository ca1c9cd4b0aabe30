"""What a phrase for a day comes to: the arithmetic behind ``minutes.dates``. Pure.

Every function returns a ``Point``: a day, or the reason why there is none. Nothing is guessed.
"""

import calendar as months
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from mapping.calendar import Calendar, add_workdays
from mapping.days import BACK, make_day, near

Parts = Mapping[str, str | None]


class Order(StrEnum):
    """How a document writes two numbers for a day.

    HAN: as Chinese does and all who write the year first, so that ``6/7`` is 7 June; but
    ``06/07/2024`` still has two readings. The others are for documents whose own dates leave no
    doubt; see ``dates.order_of``.
    """

    HAN = "han"
    MONTH_FIRST = "month-first"
    DAY_FIRST = "day-first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a phrase is read against.

    Attributes:
        reference: the day that relative phrases count from; None if unknown.
        order: how two numbers are read; None if unknown.
        start: the first day of the range whose end is read; None outside a range.
    """

    reference: date | None
    calendar: Calendar
    order: Order | None = None
    start: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A day or the reason for none.

    Attributes:
        kind: ``exact``, ``relative``, ``range`` or, without a day, ``vague``.
        floating: the year was not told.
    """

    day: date | None
    kind: str = "exact"
    reason: str | None = None
    warnings: tuple[str, ...] = ()
    alternatives: tuple[date, ...] = field(default=())
    floating: bool = False


Resolver = Callable[[Parts, Context], Point]


@dataclass(frozen=True, slots=True)
class Form:
    """A way to write something that matters to dates.

    Attributes:
        kind: one character: ``d`` a day, ``w`` a weekday alone, ``W`` a weekday in brackets,
            ``t`` a time of day, ``T`` the end of a day; ``K`` a key such as ``due:``, ``p`` and
            ``s`` deadline words before and behind a day, ``n`` words that add nothing, ``y`` a verb
            of doing; ``h`` to, ``~`` a stroke, ``f`` from, ``>`` moved to, ``k`` the old day,
            ``,`` ``o`` ``(`` ``)`` as they look; and what makes a phrase no day: ``v`` vague,
            ``u`` urgent, ``b`` a period without its end, ``a`` about, ``g`` from then on,
            ``r`` recurring, ``l`` lunar, ``e`` counted from an event, ``i`` a day of another
            meaning, ``x`` anything else.
        resolve: gives the day that the match names.
        full: such a day names its month, and needs no word beside it to be one.
    """

    kind: str
    pattern: str
    resolve: Resolver | None = None
    full: bool = False


NO_REFERENCE = "no_reference"


def refuse(reason: str) -> Point:
    """Return the point that is none."""
    return Point(day=None, kind="vague", reason=reason)


def _last(year: int, month: int) -> date | None:
    return make_day(year, month, months.monthrange(year, month)[1]) if 1 <= month <= 12 else None


def _shift(day: date, count: int) -> date:
    """Return the same day ``count`` months on, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def relative(day: date | None, *warnings: str, alternatives: tuple[date, ...] = ()) -> Point:
    """Return a day that was counted, with its warnings."""
    if day is None or not 1980 <= day.year <= 2099:
        return refuse("impossible_date")
    return Point(day=day, kind="relative", warnings=warnings, alternatives=alternatives)


def on(year: int | None, month: int, day: int, ctx: Context) -> Point:
    """Return the day of a month; without a year the nearest, in a range the next."""
    if year is not None:
        found = make_day(year, month, day)
    elif ctx.start is not None:
        start = ctx.start
        found = make_day(start.year + ((month, day) < (start.month, start.day)), month, day)
    elif ctx.reference is not None:
        found = near(month, day, ctx.reference)
    else:
        return refuse(NO_REFERENCE if make_day(2000, month, day) else "impossible_date")
    return Point(day=found, floating=year is None) if found else refuse("impossible_date")


def in_month(offset: int, day: int | None, ctx: Context) -> Point:
    """Return a day (None: the last) of the month ``offset`` months from the reference."""
    if ctx.reference is None:
        return refuse(NO_REFERENCE)
    first = _shift(ctx.reference.replace(day=1), offset)
    if day is None:
        return relative(_last(first.year, first.month))
    found = make_day(first.year, first.month, day)
    return Point(day=found) if found else refuse("impossible_date")


def day_of_month(day: int, ctx: Context) -> Point:
    """Return the next such day of a month; the reference day itself counts."""
    anchor = ctx.start or ctx.reference
    if not 1 <= day <= 31:
        return refuse("impossible_date")
    if anchor is None:
        return refuse(NO_REFERENCE)
    if ctx.start:
        found = make_day(anchor.year, anchor.month, day)
        return Point(day=found) if found else refuse("impossible_date")
    for offset in range(3):
        first = _shift(anchor.replace(day=1), offset)
        found = make_day(first.year, first.month, day)
        if found and found >= anchor:
            return Point(day=found, floating=True)
    return refuse("impossible_date")


def end_of(year: int | None, month: int, ctx: Context) -> Point:
    """Return the last day of a month; without a year the nearest one."""
    if year is not None:
        return relative(_last(year, month))
    if ctx.reference is None:
        return refuse(NO_REFERENCE)
    if not 1 <= month <= 12:
        return refuse("impossible_date")
    anchor = ctx.start or ctx.reference - BACK
    ends = (_last(anchor.year + n, month) for n in range(2))
    return relative(next((end for end in ends if end and end >= anchor), None))


def end_of_quarter(offset: int, ctx: Context) -> Point:
    """Return the last day of the quarter ``offset`` quarters from the reference's."""
    if ctx.reference is None:
        return refuse(NO_REFERENCE)
    return in_month(2 - (ctx.reference.month - 1) % 3 + 3 * offset, None, ctx)


def end_of_year(year: int | None, ctx: Context, offset: int = 0) -> Point:
    """Return 31 December of a year, or of the one ``offset`` years from the reference's."""
    if year is None:
        if ctx.reference is None:
            return refuse(NO_REFERENCE)
        year = ctx.reference.year + offset
    return relative(make_day(year, 12, 31))


def next_weekday(weekday: int, ctx: Context) -> Point:
    """Return the next such day after the reference; in a range the next after its start."""
    anchor = ctx.start or ctx.reference
    if anchor is None:
        return refuse(NO_REFERENCE)
    return relative(anchor + timedelta(days=(weekday - anchor.weekday() - 1) % 7 + 1))


def in_week(weekday: int, offset: int, ctx: Context) -> Point:
    """Return the weekday of the ISO week ``offset`` weeks from the reference's."""
    if ctx.reference is None:
        return refuse(NO_REFERENCE)
    days = weekday - ctx.reference.weekday() + 7 * offset
    return relative(ctx.reference + timedelta(days=days))


def this_weekday(weekday: int, ctx: Context) -> Point:
    """Return the day that ``this Friday`` means: of this week, if it has not passed."""
    point = in_week(weekday, 0, ctx)
    if point.day and ctx.reference and point.day < ctx.reference:
        coming = point.day + timedelta(days=7)
        return relative(coming, "policy", alternatives=(point.day,))
    return point


def next_week_weekday(weekday: int, ctx: Context) -> Point:
    """Return the day that ``next Friday`` means; where custom differs, with a warning."""
    point, bare = in_week(weekday, 1, ctx), next_weekday(weekday, ctx)
    if point.day and bare.day and bare.day != point.day:
        return replace(point, warnings=("policy",), alternatives=(bare.day,))
    return point


def end_of_week(offset: int, ctx: Context, *, weekend: bool = False) -> Point:
    """Return the last working day of a week; ``weekend`` if the words may mean its Sunday."""
    if ctx.reference is None:
        return refuse(NO_REFERENCE)
    sunday = ctx.reference + timedelta(days=6 - ctx.reference.weekday() + 7 * offset)
    week = [sunday - timedelta(days=n) for n in range(7)]
    last = next((day for day in week if ctx.calendar.is_workday(day)), sunday)
    if last < ctx.reference:
        last = sunday
    warnings = [] if ctx.calendar.has_data(last) else ["no_calendar_data"]
    others = (sunday,) if last != sunday and weekend else ()
    if others or last == sunday:
        warnings.append("policy")
    return relative(last, *warnings, alternatives=others)


def after(count: int, unit: str, ctx: Context) -> Point:
    """Return the day ``count`` days, weeks, months, years or workdays after the reference."""
    if ctx.reference is None:
        return refuse(NO_REFERENCE)
    if not 1 <= count <= 1000:
        return refuse("vague_word")
    if unit == "workday":
        return count_workdays(ctx.reference, count, ctx)
    if unit in ("month", "year"):
        return relative(_shift(ctx.reference, count * (12 if unit == "year" else 1)))
    if unit == "hour":
        if count % 24:
            return refuse("vague_word")
        count //= 24
    return relative(ctx.reference + timedelta(days=count * (7 if unit == "week" else 1)))


def count_workdays(start: date, count: int, ctx: Context) -> Point:
    """Return the working day ``count`` after ``start``, warned of years without data."""
    if count > 300:
        return refuse("impossible_date")
    day = add_workdays(ctx.calendar, start, count)
    known = all(ctx.calendar.has_data(d) for d in (start + timedelta(days=1), day))
    return relative(day, *(() if known else ("no_calendar_data",)))


# Where the festival and the first day off agree, "before" has one meaning.
_FESTIVALS = {"国庆": ((10, 1), (10, 10)), "元旦": ((1, 1),), "五一": ((5, 1),)}


def _span(name: str, ctx: Context) -> tuple[date, date] | None:
    """Return the days off of the next such holiday, if the calendar knows them."""
    if ctx.reference is None:
        return None
    for year in (ctx.reference.year, ctx.reference.year + 1):
        span = ctx.calendar.holiday(name, year)
        if span and span[1] >= ctx.reference:
            return span
    return None


def before_holiday(name: str, ctx: Context) -> Point:
    """Return the day before a holiday that begins on the festival itself, else refuse."""
    if ctx.reference is None:
        return refuse(NO_REFERENCE)
    fixed = _FESTIVALS.get(name)
    if not fixed:
        return refuse("vague_word")
    month, day = fixed[0]
    year = ctx.reference.year
    if span := _span(name, ctx):
        first = span[0]
        if (first.month, first.day) not in fixed:
            return refuse("vague_word")
        if first > ctx.reference:
            return relative(first - timedelta(days=1))
        year += 1
    festival = date(year, month, day)
    if festival <= ctx.reference:
        festival = date(year + 1, month, day)
    if ctx.calendar.has_data(festival):
        # known, and yet no such holiday there, or not the one that comes next
        span = ctx.calendar.holiday(name, festival.year)
        if span is None or (span[0].month, span[0].day) not in fixed:
            return refuse("vague_word")
        return relative(span[0] - timedelta(days=1))
    return relative(festival - timedelta(days=1), "no_calendar_data")


def workday_after_holiday(name: str, nth: int, ctx: Context) -> Point:
    """Return the nth working day after a holiday."""
    span = _span(name, ctx)
    return count_workdays(span[1], nth, ctx) if span else refuse("vague_word")


def end_range(start: Point, end: Point) -> Point:
    """Return the end of a range, if it does not lie before its start."""
    if start.day is None or end.day is None:
        return end if end.day is None else start
    if start.day > end.day and not (start.floating and end.kind == "exact" and not end.floating):
        return refuse("contradictory")
    if end.floating and (end.day - start.day).days > 183:
        return refuse("contradictory")  # 6月15日至6月1日
    warnings = tuple(dict.fromkeys((*start.warnings, *end.warnings)))
    return replace(end, kind="range", warnings=warnings)


def nth_in_month(nth: int, weekday: int | None, first: date | None, ctx: Context) -> Point:
    """Return the nth (0: last) weekday, or working day for None, of the month of ``first``."""
    if first is None:
        return refuse(NO_REFERENCE)
    last = _last(first.year, first.month) or first
    days = [first + timedelta(days=n) for n in range(last.day)]
    if weekday is None:
        found = [d for d in days if ctx.calendar.is_workday(d)]
    else:
        found = [d for d in days if d.weekday() == weekday]
    if nth > len(found):
        return refuse("impossible_date")
    warned = weekday is None and not ctx.calendar.has_data(first)
    return relative(found[nth - 1], *(("no_calendar_data",) if warned else ()))
