"""When a meeting is: a day with its hours, as facts of minutes tell it. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from mapping.calendar import Calendar
from mapping.days import number
from mapping.words import plain
from minutes import dates

_HAN_NUMBER = "[〇零一二三四五六七八九十]"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"
_YEAR = r"(?:19|[2-9]\d)\d{2}(?!\d)"  # behind an English day; 1430 is an hour
# Years that are none of ours belong to it too: the whole is refused then, not read from its middle.
FULL_DAY = re.compile(
    r"(?<![\d.])(?:(?:(?:中华)?民国)?\d{2,9}\s?年\s?\d{1,2}\s?月\s?\d{1,2}(?!\d)\s?[日号]?"
    rf"|(?:\d{{2,9}}|{_HAN_NUMBER}{{2,4}})年\d{{1,2}}[-/.]\d{{1,2}}(?!\d)"
    rf"|(?:(?:中华)?民国)?{_HAN_NUMBER}{{2,4}}年{_HAN_NUMBER}{{1,3}}月{_HAN_NUMBER}{{1,3}}[日号]"
    r"|\d{4}[-/.]\d{1,2}\s?月\s?\d{1,2}(?!\d)\s?[日号]?"
    r"|\d{4}\s?(?P<s>[-/.])\s?\d{1,2}\s?(?P=s)\s?\d{1,2}(?!\d)"
    r"|1\d{2}(?P<r>[/.])\d{1,2}(?P=r)\d{1,2}(?!\d)"
    r"|(?:19|20)\d{2}(?P<u>[_ ])\d{1,2}(?P=u)\d{1,2}(?!\d)"
    r"|(?<!\d[-/.])\d{1,2}(?P<t>[-/.])\d{1,2}(?P=t)(?:20)?\d{2}(?!\d)"
    rf"|{_YEAR}[-/ ]{_MONTH}[-/ ]\d{{1,2}}(?!\d)"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?: of)?[- ]{_MONTH},?[- ]{_YEAR}"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? {_YEAR}"
    r"|(?:19|20)\d{2}[01]\d[0-3]\d(?!\d))"
)
_SHORT_DAY = re.compile(
    r"(?<![\d.])(?<!\d[-/年])(?:(?:[今本明来次去]年)?\d{1,2}\s?月\s?\d{1,2}(?!\d)\s?[日号]?"
    rf"|{_HAN_NUMBER}{{1,2}}月{_HAN_NUMBER}{{1,3}}[日号]"
    rf"|\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}(?!\w)|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?!\d)"
    r"|\d{1,2}[-/]\d{1,2}(?![\d/-]))"
)
_CLOCK = re.compile(
    r"(?P<half>上午|下午|晚上|晚间|晚|中午|早上|早|傍晚|凌晨)?\s*"
    rf"(?:(?<![\d:.])(?P<hour>\d{{1,2}}|{_HAN_NUMBER}{{1,3}}(?=[点时]))\s?"
    rf"(?:[:.](?P<minute>\d{{2}})(?!\d)"
    rf"|[点时](?P<zh>(?:\d{{1,2}}|{_HAN_NUMBER}{{1,3}})(?=分)|半)?[分正整]?)?)"
    r"(?::\d{2})?\s?(?P<ampm>[ap]\.?m\b\.?)?",
    re.IGNORECASE,
)
# The hour before the day: at 7.30pm on Wednesday
_AHEAD = re.compile(
    r"(?:^|\bat |\bfrom |: )(?P<clock>\d{1,2}(?:[:.]\d{2})?\s?[ap]\.?m\b\.?)"
    r"(?: ?\([^)]{1,12}\))?(?: [\w ]{1,20})??,?(?: on)?(?: \w{3,6}day)?,? ?(?:the )?$",
    re.IGNORECASE,
)
_TO = re.compile(r"\s*(?:--?|–|—{1,2}|~|～|至|到|to|until|till|->|→)\s*", re.IGNORECASE)
_NAMED_YEAR = re.compile(rf"((?:19|20)\d{{2}})[-/ ]({_MONTH})[-/ ](\d{{1,2}})")


@dataclass(frozen=True, slots=True)
class Moment:
    """A day with its hours; ``end`` is where its words end in the text."""

    day: date
    start: tuple[int, int] | None = None
    finish: tuple[int, int] | None = None
    begin: int = 0
    end: int = 0

    @property
    def told(self) -> str:
        """``2024-05-20T14:00``, or the day alone."""
        return _told(self.day, self.start)

    @property
    def ended(self) -> str | None:
        """When it ended, None if that is not told."""
        return _told(self.day, self.finish) if self.finish else None


def _told(day: date, clock: tuple[int, int] | None) -> str:
    return f"{day.isoformat()}T{clock[0]:02}:{clock[1]:02}" if clock else day.isoformat()


def moment_in(
    text: str, reference: date | None, calendar: Calendar, order: dates.Order | None
) -> Moment | None:
    """Return the first day of a text with the hours behind it.

    Args:
        text: what a label or a heading says.
        reference: from which a day without a year counts; None wants the year in the text.
        calendar: as ``dates.parse`` wants it.
        order: how the document writes two numbers.
    """
    form = plain(text)
    for match in _days(form, short=reference is not None):
        day = day_of(match[0], reference, calendar, order)
        if day:
            start, finish, end = _hours(form, match.end())
            if start is None and (
                before := _AHEAD.search(form[max(0, match.start() - 60) : match.start()])
            ):
                start, finish = hours_in(before["clock"])
            return Moment(day, start, finish, match.start(), end)
    return None


def _days(form: str, *, short: bool) -> Iterator[re.Match[str]]:
    """Yield the full days of a text, then those without a year that are no part of a full one."""
    full = list(FULL_DAY.finditer(form))
    yield from full
    for match in _SHORT_DAY.finditer(form) if short else ():
        if all(match.end() <= day.start() or day.end() <= match.start() for day in full):
            yield match


def day_of(
    words: str, reference: date | None, calendar: Calendar, order: dates.Order | None
) -> date | None:
    """Return the day that words name in full; ``2020/Dec/17`` and ``20240520`` too."""
    words = plain(words).replace("_", "-").removeprefix("中华")
    if match := _NAMED_YEAR.fullmatch(words):
        words = f"{match[3]} {match[2]} {match[1]}"
    elif re.fullmatch(r"\d{8}", words):
        words = f"{words[:4]}-{words[4:6]}-{words[6:]}"
    elif re.fullmatch(r"\d{4} \d{1,2} \d{1,2}", words):
        words = words.replace(" ", "-")
    elif match := re.fullmatch(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{2})", words):
        words = f"{match[1]}/{match[3]}/20{match[4]}"
    return dates.parse(words, reference, calendar, order=order).day


_BETWEEN = re.compile(
    r"\s*(?:[(\[][^)\]]{0,12}[)\]]|\((?=\d{1,2}(?::\d{2}|\s?[ap]m))|(?:星期|周|礼拜)[一二三四五六日天]|[,;|T/]|@|(?:at|from)\b|(?:mon|tues|"
    r"wednes|thurs|fri|satur|sun)day)?\s*",
    re.IGNORECASE,
)


def _hours(form: str, at: int) -> tuple[tuple[int, int] | None, tuple[int, int] | None, int]:
    for _ in range(3):
        match = _BETWEEN.match(form, at)
        at = match.end() if match and match.end() > at else at
    first = _CLOCK.match(form, at)
    start = _clock(first, None)
    if first is None or start is None:
        return None, None, at
    end = first.end()
    if between := _TO.match(form, end):
        second = _CLOCK.match(form, between.end())
        finish = _clock(second, first)
        if second and finish:
            if second["ampm"] and not first["ampm"] and finish > start:
                shifted = _clock(first, second)
                start = shifted if shifted and shifted <= finish else start
            return start, finish, second.end()
    return start, None, end


def hours_in(text: str) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
    """Return the times of day that a text begins with: from and to, None where it names none."""
    start, finish, _ = _hours(plain(text).strip(), 0)
    return start, finish


_ENDS = re.compile(
    r"\W*(?:散会|会议结束|结束时间|(?:the )?meeting (?:was )?(?:closed|ended|adjourned)|adjourned|"
    r"close of meeting)(?:时间)?(?: at)?\s*[:(]?\s*(?P<a>.*)"
    r"|\W*会议[于在]?(?P<b>.{2,14}?)(?:结束|散会)",
    re.IGNORECASE,
)


def end_in(text: str) -> tuple[int, int] | None:
    """Return the time at which a line says that the meeting ended: 散会：下午四时."""
    match = _ENDS.match(plain(text))
    return hours_in(match["a"] or match["b"] or "")[0] if match else None


def _clock(match: re.Match[str] | None, like: re.Match[str] | None) -> tuple[int, int] | None:
    """Return hour and minute; a half of the day that is not told is that of ``like``."""
    if match is None or not match["hour"]:
        return None
    bare = not (match["minute"] or match["zh"] or match["ampm"] or match["half"])
    if bare and "点" not in match[0] and "时" not in match[0]:
        return None
    hour = number(match["hour"]) or 0
    minute = 30 if match["zh"] == "半" else number(match["minute"] or match["zh"] or "0") or 0
    half = match["half"] or (like["half"] if like else None)
    ampm = (match["ampm"] or (like["ampm"] if like else None) or "").lower()
    late = half in ("下午", "晚上", "晚间", "晚", "傍晚") or ampm.startswith("p")
    if (late and hour < 12) or (half == "中午" and hour < 3):
        hour += 12
    elif ampm.startswith("a") and hour == 12:
        hour = 0
    return (hour, minute) if hour < 24 and minute < 60 else None
