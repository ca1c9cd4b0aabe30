"""How English writes days: the forms, in the order in which they are tried. Pure.

Text is plain already (``dates_scan.make_plain``): lower case, single blanks. A form never begins
or ends inside a word; the scanner sees to that.
"""

from dataclasses import replace
from datetime import date, timedelta

from mapping.days import MONTH_NAME, WEEKDAY_NAME, month_number, number, weekday_number
from minutes import dates_points as points
from minutes.dates_points import Context, Form, Parts, Point, refuse

_OFFSETS = {"next": 1, "the next": 1, "following": 1, "the following": 1, "last": -1, "coming": 1}
_DAY_WORDS = {
    **dict.fromkeys(("today", "tonight", "this morning", "this afternoon", "this evening"), 0),
    **dict.fromkeys(("tomorrow", "tmrw", "tmr", "tmw", "tomo", "tomorow", "tommorow"), 1),
    "the day after tomorrow": 2,
    "day after tomorrow": 2,
    "overmorrow": 2,
    "yesterday": -1,
}
_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen", "twenty"),
)
_COUNTS = {w: n for n, w in enumerate(_WORDS)} | {"a": 1, "an": 1, "thirty": 30, "sixty": 60}
_COUNTS |= {"forty": 40, "ninety": 90, "the": 1}
_NTH = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 0, "final": 0}
_SHORT_UNITS = {"h": "hour", "hr": "hour", "d": "day", "w": "week", "wk": "week"}


def _offset(m: Parts) -> int:
    return _OFFSETS.get(m.get("rel") or "", 0)


def _count(text: str | None) -> int:
    return number(text or "") or _COUNTS.get(text or "", 0)


def _year(m: Parts) -> int | None:
    digits = (m.get("y") or "").lstrip("'")
    return int(digits) + (2000 if len(digits) == 2 else 0) if digits else None


def _day(m: Parts, ctx: Context) -> Point:
    year, day = _year(m), int(m.get("d") or 0)
    if m.get("tie") and year is None and ctx.reference and day - ctx.reference.year % 100 in (0, 1):
        return refuse("ambiguous_order")  # Jun-24 is June 2024 to some
    return points.on(year, month_number(m.get("name") or ""), day, ctx)


def _span(m: Parts, ctx: Context) -> Point:
    start = _day(m, ctx)
    if start.day is None:
        return start
    end = points.on(start.day.year, start.day.month, int(m.get("e") or 0), ctx)
    return points.end_range(replace(start, floating=False), end)


def _day_of_month(m: Parts, ctx: Context) -> Point:
    if m.get("rel"):
        return points.in_month(_offset(m), int(m.get("d") or 0), ctx)
    return points.day_of_month(int(m.get("d") or 0), ctx)


def _month_end(m: Parts, ctx: Context) -> Point:
    if m.get("name"):
        return points.end_of(_year(m), month_number(m.get("name") or ""), ctx)
    return points.in_month(_offset(m), None, ctx)


def _quarter_end(m: Parts, ctx: Context) -> Point:
    if m.get("q"):
        nth = _NTH.get(m.get("q") or "") or (
            4 if m.get("q") in _NTH else int((m.get("q") or "0")[0])
        )
        return points.end_of(_year(m), 3 * nth, ctx)
    return points.end_of_quarter(_offset(m), ctx)


def _half_end(m: Parts, ctx: Context) -> Point:
    return points.end_of(_year(m), 6 if m.get("h") in ("1", "first", "1st") else 12, ctx)


def _year_end(m: Parts, ctx: Context) -> Point:
    return points.end_of_year(_year(m), ctx, _offset(m))


def _weekday(m: Parts, ctx: Context) -> Point:
    weekday, rel = weekday_number(m.get("w") or ""), m.get("rel")
    if rel == "this":
        return points.this_weekday(weekday, ctx)
    if rel == "last":
        return points.in_week(weekday, -1, ctx)
    if rel == "next":
        return points.next_week_weekday(weekday, ctx)
    return points.next_weekday(weekday, ctx)


def _day_of_week(m: Parts, ctx: Context) -> Point:
    return points.in_week(weekday_number(m.get("w") or ""), _offset(m), ctx)


def _weekday_and_week(m: Parts, ctx: Context) -> Point:
    bare = points.next_weekday(weekday_number(m.get("w") or ""), ctx)
    weeks = _count(m.get("n")) or 1
    return points.relative(bare.day + timedelta(weeks=weeks)) if bare.day else bare


def _dated_weekday(m: Parts, ctx: Context) -> Point:
    point = points.day_of_month(int(m.get("d") or 0), ctx)
    if point.day and point.day.weekday() != weekday_number(m.get("w") or ""):
        return refuse("contradictory")
    return point


def _week_end(m: Parts, ctx: Context) -> Point:
    return points.end_of_week(_offset(m), ctx)


def _nth(m: Parts, ctx: Context) -> Point:
    end = _month_end(m, ctx)
    if end.day is None:
        return end
    nth = _NTH.get(
        m.get("n") or "", int((m.get("n") or "0")[0]) if (m.get("n") or "0")[0].isdecimal() else 0
    )
    weekday = weekday_number(m.get("w") or "") if m.get("w") else None
    return points.nth_in_month(nth, weekday, end.day.replace(day=1), ctx)


def _day_word(m: Parts, ctx: Context) -> Point:
    if ctx.reference is None:
        return refuse(points.NO_REFERENCE)
    return points.relative(ctx.reference + timedelta(days=_DAY_WORDS[m.get("day") or ""]))


def _after(m: Parts, ctx: Context) -> Point:
    unit = (m.get("unit") or "").rstrip("'s").replace("-", " ")
    if m.get("half"):
        return points.after(6, "month", ctx) if unit == "year" else refuse("vague_word")
    unit = _SHORT_UNITS.get(unit, unit)
    count = _count(m.get("n"))
    if unit == "fortnight":
        return points.after(2 * count, "week", ctx)
    if unit.split()[0] in ("business", "working", "work", "workday", "bd", "wd"):
        unit = "workday"
    return points.after(count, unit.removeprefix("calendar "), ctx)


def _before_holiday(m: Parts, ctx: Context) -> Point:
    name = {"nat": "国庆", "may": "五一"}.get((m.get("name") or "")[:3], "元旦")
    return points.before_holiday(name, ctx)


def _iso_week_day(m: Parts, _ctx: Context) -> Point:
    try:
        return Point(
            day=date.fromisocalendar(
                int(m.get("y") or 0), int(m.get("n") or 0), int(m.get("d") or 0)
            )
        )
    except ValueError:
        return refuse("impossible_date")


_ORD = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?(?!\d)"
_STRICT_ORD = r"(?P<d>\d{1,2})(?:st|nd|rd|th)"
_NAME = rf"(?P<name>{MONTH_NAME})"
_W = rf"(?P<w>{WEEKDAY_NAME})"
# A year that is none of ours is impossible, not absent; 1430 is an hour.
_Y4 = r"(?P<y>(?:19|[2-9]\d)\d{2}(?![\d:]))"
_Y = r"(?P<y>(?:19|[2-9]\d)\d{2}(?![\d:])|'\d{2}(?!\d)|\d{2}(?![\d:./-]| ?[ap]\.?m| o'?clock|h))"
_E = r"(?P<e>\d{1,2})(?:st|nd|rd|th)?"
_TO = r" ?(?:~|-{1,2}|to|until|till?|through|thru) ?"
_N = rf"(?P<n>\d{{1,3}}|an?|{'|'.join(_WORDS[:0:-1])}|thirty|forty|sixty|ninety)(?: \(\d{{1,3}}\))?"
_UNIT = (
    "(?P<unit>(?:full |calendar |clear )?(?:business|working|work)[ -]days?|calendar days?"
    "|workdays?"
    r"|fortnights?|days?|weeks?|months?|years?|hours?|hrs?|wks?|bds?|wds?|(?<=\d)[hdw])(?:'s|')?"
)
_NOW = (
    r"(?:now|today|(?:the date of )?(?:this|the|today's) (?:meeting|call)(?: date)?|meeting date)"
)
_END = r"(?:(?:the )?(?:very )?(?:end|close|last day)(?:[ -]of)?[ -]?|eo)"
_REL = "(?:(?:the |this )?(?P<rel>this|next|last|current|following|the following)|the)"
_CAL = r"(?:calendar |business |working |work )?"
_CAL_UNIT = r"(?:week|month|quarter|year|sprint|iteration|semester|term|half|weekend|cycle|phase)"

FORMS = (
    Form(
        "r",
        rf"(?:every|each) (?:other |second |single )?(?:\d+ )?(?:{WEEKDAY_NAME}|[a-z]+)s?"
        "|(?:bi-?|semi-?)?(?:daily|weekly|monthly|quarterly|annually|yearly)|fortnightly"
        "|biannual(?:ly)?"
        "|(?:on )?(?:mon|tues|wednes|thurs|fri|satur|sun)days|recurring|regularly"
        "|periodic(?:ally)?"
        r"|(?:once|twice) (?:a|per) (?:day|week|month|year)|per (?:week|month|day)",
    ),
    Form("l", r"lunar(?: [a-z]+)?|chinese new year|cny|spring festival|lunar new year"),
    # a day of a month that is named
    Form(
        "d",
        rf"(?:from |between )?(?:the )?{_ORD}{_TO}(?:the )?{_E}(?: of|-)? ?{_NAME}(?:,? ?{_Y4})?",
        _span,
        full=True,
    ),
    Form(
        "d",
        rf"between (?:the )?{_ORD} and (?:the )?{_E}(?: of)? ?{_NAME}(?:,? ?{_Y4})?",
        _span,
        full=True,
    ),
    Form("d", rf"between {_NAME} {_ORD} and {_E}(?:,? ?{_Y4})?", _span, full=True),
    Form(
        "d",
        rf"{_NAME} ?(?:the )?{_ORD}{_TO}(?:the )?{_E}(?![\d:/.]| ?[ap]m"
        rf"| ?{MONTH_NAME})(?:,? ?{_Y4})?",
        _span,
        full=True,
    ),
    Form(
        "d",
        rf"(?:the )?{_ORD}(?: day of | of the | of |-|/|\.| )?{_NAME}(?:(?: of |, ?| |-|/){_Y}"
        rf"|{_Y4})?",
        _day,
        full=True,
    ),
    Form("d", rf"{_Y4}[ /-]{_NAME}[ /-]{_ORD}", _day, full=True),
    Form(
        "d",
        rf"{_NAME}(?:(?P<tie>-)| )?(?:the )?{_ORD}(?:(?:,? ?|-|/){_Y4}|,? ?(?P<y>'\d{{2}}))?",
        _day,
        full=True,
    ),
    Form("d", r"(?P<y>\d{4})-?w(?P<n>\d{2})-?(?P<d>[1-7])", _iso_week_day, full=True),
    # ends of periods
    Form(
        "d",
        rf"(?:the )?(?P<n>first|second|third|fourth|last|final|[1-4](?:st|nd|rd|th)) "
        rf"(?:{_W}|(?:working|business|work) ?day|workday|weekday) (?:of"
        rf"|in) (?:(?:{_REL} )?month|{_NAME}(?:,? {_Y4})?)",
        _nth,
    ),
    Form(
        "d",
        rf"(?:{_END}(?:of )?|eom )-?{_NAME}(?:,? {_Y4})?|{_NAME}[ -]end"
        rf"|within {_NAME}(?: (?P<y>20\d\d))?",
        _month_end,
    ),
    Form(
        "d",
        rf"{_END}(?:{_REL} )?{_CAL}month|(?:the )?month'?s?[ -]end|eom"
        rf"|within (?!the next)(?:{_REL} )?{_CAL}month(?! of)|{_REL} month[ -]end",
        _month_end,
    ),
    Form(
        "d",
        rf"{_END}(?:of )?(?:the )?(?:q(?P<q>[1-4])|(?P<q>first|second|third|fourth"
        rf"|[1-4](?:st|nd|rd|th)) quarter)(?:,?(?: of)? ?{_Y4})?"
        rf"|(?:(?P<y>20\d\d) )?q(?P<q>[1-4])(?:,? ?(?P<y>20\d\d))?[ -](?:end|close)",
        _quarter_end,
    ),
    Form(
        "d",
        rf"{_END}(?:{_REL} )?{_CAL}quarter|(?:(?:{_REL} )?|the )quarter'?s?[ -]end|eoq"
        rf"|within (?!the next)(?:{_REL} )?{_CAL}quarter",
        _quarter_end,
    ),
    Form(
        "d",
        rf"{_END}(?:of )?(?:h(?P<h>[12])|the (?P<h>first|second|1st"
        rf"|2nd) half(?: of the year)?)(?:,? {_Y4})?|h(?P<h>[12])[ -]end",
        _half_end,
    ),
    Form(
        "d",
        rf"{_END}(?:of )?(?:(?:{_REL} )?{_CAL}year|{_Y4})|(?:(?:{_REL} )?|the )year'?s?[ -]end"
        rf"|eoy(?: {_Y4})?|within (?!the next)(?:{_REL} )?{_CAL}year",
        _year_end,
    ),
    Form(
        "d",
        rf"{_END}(?:{_REL} )?{_CAL}week|(?:the )?week'?s[ -]end|eow(?: (?:of )?(?P<rel>this"
        rf"|next) week)?|within (?!the next)(?:{_REL} )?{_CAL}week(?! (?:of|after|from))",
        _week_end,
    ),
    Form(
        "T",
        "eod|cob|cop|eob|(?:the )?(?:end|close)[ -]of[ -](?:the )?(?:business |working |work )?day"
        "|(?:the )?(?:close|end) of (?:business|play|trading)",
    ),
    # weekdays
    Form(
        "d",
        rf"{_W},? (?:of )?(?:the )?(?P<rel>this|next|last|following) week|(?P<rel>this|next"
        rf"|last) week(?:,| on|'s|:)? {_W}",
        _day_of_week,
    ),
    Form(
        "d",
        rf"(?P<n>an?|one|two|three) weeks? (?:on|from) (?:this )?{_W}|{_W} (?:week(?! of| \d)"
        "|after next)",
        _weekday_and_week,
    ),
    Form("d", rf"{_W},? (?:the )?{_STRICT_ORD}(?! of| ?{MONTH_NAME})", _dated_weekday),
    Form("d", rf"(?:this |the )?(?P<rel>this|next|last|coming|upcoming|following) {_W}", _weekday),
    Form("w", rf"{_W}(?!'s ?[a-z])", _weekday),
    Form("d", rf"(?P<day>{'|'.join(sorted(_DAY_WORDS, key=len, reverse=True))})", _day_word),
    Form(
        "d",
        r"before (?:the )?(?P<name>national day|may day|new year'?s day)(?: holidays?)?",
        _before_holiday,
    ),
    # counted from today
    Form(
        "d",
        "(?:(?:with)?in|not? (?:more|later) than"
        rf"|after)?(?: the next)? ?{_N} {_UNIT}(?: ?time)? (?:from|of|after|following) {_NOW}",
        _after,
    ),
    Form(
        "e",
        rf"(?:(?:with)?in )?(?:{_N}|a few|several|a couple of) {_UNIT} (?:of|after|before|from"
        "|following|prior to|ahead of|upon|since|post)",
    ),
    Form("d", r"(?:with)?in (?P<half>half an?|half) (?P<unit>year)", _after),
    Form(
        "d",
        "(?:within|inside|in|over|not? (?:more|later) than)(?: the)?(?: next| following"
        rf"| coming)? ?{_N}[ -]?{_UNIT}(?: ?time)?",
        _after,
    ),
    Form(
        "d",
        rf"(?:the )?{_STRICT_ORD}(?: of (?:the|this|(?P<rel>next)) month)?(?! (?:of|quarter|half"
        "|week|floor|draft|version|round|phase|item|time|meeting|sprint|party|person|place))"
        rf"|(?P<rel>next|this) month(?:,| on)?(?: the)? (?P<d>\d{{1,2}})(?:st|nd|rd|th)",
        _day_of_month,
    ),
    # no day
    Form(
        "a",
        r"around|about|circa|approximately|approx\.?|roughly|or so|ish|w/c|w/b|wc"
        "|week (?:commencing|beginning|starting|of)|maybe|possibly|probably|perhaps|hopefully"
        "|likely|tentative(?:ly)?",
    ),
    Form("n", r"w/e|week[ -]end(?:ing|ed)"),
    Form(
        "v",
        "(?:early|mid|late|middle|beginning|start|first half|second half|first week|last week"
        "|second week|third week|top|later)(?: of| in|-| ){0,3}(?:the )?"
        rf"(?:{_REL} )?(?:{MONTH_NAME}|{_CAL_UNIT}|q[1-4]|(?:19|20)\d\d)(?: (?:19|20)\d\d)?",
    ),
    Form(
        "b",
        "(?:(?:end|end of) )?(?:fy|fiscal year|financial year"
        rf"|fiscal) ?'?\d{{0,4}}(?: ?q[1-4])?|{_END}(?:the )?(?:{_CAL_UNIT}|fiscal [a-z]+"
        r"|project|summer|winter|spring|autumn|fall|phase \d)",
    ),
    Form(
        "b",
        r"(?:calendar |cal)?week \d{1,2}|(?:cw|kw|wk) ?\d{1,2}|(?:\d{4}-?)?w\d{2}"
        rf"|(?:{_REL} )?(?:few |couple of )?{_CAL}{_CAL_UNIT}s?|over the weekend"
        r"|q[1-4](?:,? ?'?(?:19|20)?\d\d)?|(?:(?:19|20)\d\d )?q[1-4]"
        r"|h[12](?:,? ?(?:19|20)\d\d)?"
        rf"|{MONTH_NAME}(?:,? ?(?:19|20)\d\d)?|(?:19|20)\d\d(?! ?[\d./:-])|spring|summer|autumn"
        "|fall|winter|christmas|xmas|easter|thanksgiving|new year|the holidays?",
    ),
    Form("b", rf"{_N}[ -]?{_UNIT}"),
    Form(
        "v",
        "tb[dca]|to be (?:determined|decided|confirmed|advised|agreed|announced|scheduled"
        "|defined|discussed)|pending|ongoing|on-going|on going|continuous(?:ly)?|continuing|"
        "in progress|open-?ended|open|long[ -]term|short[ -]term|medium[ -]term"
        "|when(?:ever)? (?:available|possible|ready|convenient|needed|time (?:permits|allows))"
        "|as (?:needed|required|appropriate)|"
        "in due course|in (?:a|the next) few (?:days|weeks|months|hours)|(?:a few|several"
        "|a couple(?: of)?|some) (?:days|weeks|months|hours)|in (?:a couple of|several|some"
        "|the coming|the next|coming) (?:days|weeks|months|hours)|"
        "at some point|some ?time|eventually|shortly|later|later on|soon(?:er|est)?"
        "|(?:sooner )?rather than later|(?:in the )?(?:near|foreseeable) future"
        "|not (?:yet )?(?:set|defined|decided|known)|unknown|unscheduled|flexible|no (?:rush"
        "|deadline|due date|hurry)|"
        "(?:for |by |before |at |until )?(?:the )?next (?:meeting|call|time|session|sync"
        "|stand-?up|release|sprint|review|retro)|backlog|future|one day|someday",
    ),
    Form(
        "u",
        r"asap|a\.s\.a\.p\.?|as soon as (?:possible|practical|practicable|feasible|you can"
        "|we can)|immediate(?:ly)?|urgent(?:ly)?|right away|straight away|straightaway|at once"
        "|promptly|at (?:your|the) earliest(?: convenience| opportunity)?|earliest"
        "|high priority|top priority|without delay",
    ),
)
