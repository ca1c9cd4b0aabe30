"""The due day that words name, with the finding that they call for where they name none. Pure."""

import re
from dataclasses import dataclass
from datetime import date

from mapping.calendar import Calendar
from mapping.words import clean, plain
from minutes import dates


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRead:
    """What a due place says.

    Attributes:
        day: None where the words name no single day.
        text: the words as written; None if there are none.
        code: the finding for a missing day; None with a day.
        warnings: findings beside a day (``due-past``, ``due-weekday``, ``no-calendar-data``).
    """

    day: date | None = None
    text: str | None = None
    code: str | None = "due-missing"
    warnings: tuple[str, ...] = ()


NO_DAY = DueRead()


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Words for a due day within a line.

    Attributes:
        start: where the words begin that belong to it but not to the task (``截止``, a bracket).
        end: where such words end.
        marked: a word says that it is a limit (``前``, ``by``), so it may stand amid a sentence.
        finished: it is the day on which the item was done.
    """

    start: int
    end: int
    due: DueRead
    marked: bool = False
    finished: bool = False


_MISSING = re.compile(r"[\s\-—–_/\\.…*]*$|(?:无|没有|none|n/?a|nil)$", re.IGNORECASE)
_CODES = {"impossible_date": "due-impossible", "no_calendar_data": "no-calendar-data"}
_WARNINGS = {
    "past_date": "due-past",
    "weekday_mismatch": "due-weekday",
    "no_calendar_data": "no-calendar-data",
}
_VAGUE = re.compile(
    r"尽快|尽早|尽速|近期|近日|立即|立刻|马上|即刻|即日起?|抓紧|适时|择期|择日|随时|节后|年后|"
    r"待定|待排期|长期|持续|(?:下次|下一次)(?:会议|例会|周会)(?:召开)?(?:之?前|上|时)?|"
    r"\b(?:asap|as soon as possible|soon|immediately|right away|at once|tbd|tbc|ongoing|"
    r"eventually|later|"
    r"when possible|next (?:week|month|quarter|sprint|meeting|call|time))\b",
    re.IGNORECASE,
)
# What ends a phrase that hangs on an event (验收后3天内); 背后的原理 is none.
_AFTER_EVENT = re.compile(r"\d|[前后後内內时時起底末]$")
_EVENT = re.compile(
    r"(?:before|after|by|until|once|within \w+ \w+ (?:of|after)) (?:the )?(?:next |upcoming )?"
    r"(?:launch|release|meeting|call|sprint|go-live|go live|review|demo|audit|deadline|retro|"
    r"cut-?over|"
    r"release|conference|summit|board meeting|end of the (?:sprint|call|project)|approval|"
    r"sign-?off|kick-?off|"
    r"deployment|rollout|migration|freeze|holidays?|vacation)\b.*$",
    re.IGNORECASE,
)


# Before a day that is none then, only its week or about it.
_ABOUT = re.compile(
    r"\b(?:w/[cb]|wc|week (?:commencing|beginning|starting|of)|around|about|circa|approx\.?)\s*\Z",
    re.IGNORECASE,
)


class Dues:
    """Reads due days.

    Args:
        calendar: working days and holidays.
        order: how the document writes two numbers for a day.
        dotted: its full dates are written ``2024.05.20``, so that ``5.27`` is 27 May.
    """

    def __init__(
        self, calendar: Calendar, order: dates.Order | None = None, *, dotted: bool = False
    ) -> None:
        self._calendar = calendar
        self._order = order
        self._dotted = dotted

    def read(self, text: str, reference: date | None) -> DueRead:
        """Return what a due cell or label says."""
        text = clean(text)
        if _MISSING.match(plain(text)):
            return NO_DAY
        return self._of(self._parse(text, reference), text)

    def _parse(self, text: str, reference: date | None) -> dates.Due:
        order = self._order
        if order is None and self._dotted and re.fullmatch(r"\d{1,2}\.\d{1,2}", plain(text)):
            order = dates.Order.MONTH_FIRST
        return dates.parse(text, reference, self._calendar, order=order)

    def phrase(self, text: str, reference: date | None) -> DueRead | None:
        """Return what a text says if all of it is a phrase for a day, else None."""
        words = clean(text).strip(" ,，;；.。)）(（")
        if not words or len(words) > 40:
            return None
        due = self._parse(words, reference)
        if due.day or due.reason in ("ambiguous_order", "impossible_date"):
            told = _OF_DAYS.sub("", plain(words))
            return None if re.search("[\u3400-\u9fff]", told) else self._of(due, words)
        short = len(words) <= 14 and len(words.split()) <= 3
        if due.reason == "event_relative" and not words.isascii():
            short = short and bool(_AFTER_EVENT.search(plain(words)))
        return self._of(due, words) if due.kind == "vague" and short else None

    def _of(self, due: dates.Due, text: str) -> DueRead:
        text = _worded(text)
        warnings = tuple(_WARNINGS[w] for w in due.warnings if w in _WARNINGS)
        if due.day:
            return DueRead(day=due.day, text=text, code=None, warnings=warnings)
        return DueRead(text=text, code=_CODES.get(due.reason or "", "due-vague"))

    def find(self, text: str, reference: date | None) -> list[Span]:
        """Return the due days that a line names, in the order of the line."""
        form = plain(text)
        spans = [self._tag(m, text, reference) for m in _TAGS.finditer(form)]
        for found in dates.search(text, reference, self._calendar, order=self._order):
            if not _meets(spans, found.start, found.end):
                about = _ABOUT.search(form, max(0, found.start - 24), found.start)
                begin = about.start() if about else found.start
                words = text[begin : found.end]
                start, end = _around(form, begin, found.end)
                due = self._of(found.due, words)
                spans.append(
                    Span(
                        start=start,
                        end=end,
                        due=DueRead(text=due.text, code="due-vague") if about else due,
                        marked=start < found.start or bool(_LIMIT.search(plain(words))),
                    )
                )
        for pattern in (_EVENT, _VAGUE):
            for match in pattern.finditer(form):
                if not _meets(spans, match.start(), match.end()):
                    start, end = _around(form, match.start(), match.end())
                    words = text[match.start() : match.end()]
                    spans.append(
                        Span(
                            start=start,
                            end=end,
                            due=DueRead(text=words.rstrip(" .。"), code="due-vague"),
                            marked=True,
                        )
                    )
        whole = [s for s in spans if s.end > s.start and not _belongs(form, s)]
        return sorted(whole, key=lambda span: span.start)

    def _tag(self, match: re.Match[str], text: str, reference: date | None) -> Span:
        """Return what a task plug-in's sign says: 📅 is due, ✅ is done, the others are neither."""
        group = match.lastgroup or "other"
        kind = group.rstrip("_")
        words = text[match.start(group) : match.end(group)].strip()
        due = NO_DAY if kind == "other" else self.read(words, reference)
        return Span(
            start=match.start(),
            end=match.end(),
            due=due,
            marked=kind == "due",
            finished=kind == "done",
        )


_GATHERING = re.compile(
    r"\b(?:schedul|hold|host|organi[sz]|arrang|book|plan|set up|attend|join|announc|call|conven|"
    r"run)(?:e|ing)?\b[^.;]*\b(?:meetings?|calls?|sessions?|workshops?|events?|demos?|webinars?|talks?|"
    r"syncs?|interviews?|meet-?ups?|trainings?|retros?|summit|conference)\b[^.;]*$",
    re.IGNORECASE,
)
_SET_LIMIT = re.compile(r"\b(?:by|before|due|deadline|until|till|no later|latest)\b", re.IGNORECASE)


def is_gathering(before: str, words: str) -> bool:
    """Say whether a day is that of the meeting that is to be set: book a call on 7 June.

    Args:
        before: what stands before the day in its line.
        words: the day with the words around it.
    """
    return bool(_GATHERING.search(before[-120:])) and not _SET_LIMIT.search(words)


_DAY = r"\d{4}-\d{1,2}-\d{1,2}"
_TAGS = re.compile(
    rf"(?:📅|📆|🗓)\s*(?P<due>{_DAY})"
    rf"|[\[(]due::\s*(?P<due_>[^\])]+)[\])]|\bdue:(?P<due__>{_DAY})"
    rf"|DEADLINE:\s*[<\[](?P<due___>{_DAY})[^>\]]*[>\]]"
    rf"|(?:✅|✔)\s*(?P<done>{_DAY})|[\[(]completion::\s*(?P<done_>[^\])]+)[\])]"
    rf"|(?P<other>(?:⏳|🛫|➕|❌)\s*{_DAY}|(?:SCHEDULED|CLOSED):\s*[<\[][^>\]]*[>\]]"
    rf"|[\[(](?:start|scheduled|created)::[^\])]*[\])]|🔁[^📅⏳🛫✅]*|[⏫🔼🔽⏬🔺])"
)
_LIMIT = re.compile(
    r"前|内|底|截止|之前|\b(?:by|due|before|no later|within|until|till|eod|cob|end of)\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"(?:[\s,;(\[—–-]|(?:于|在|应于|须于|争取|最晚|最迟|不晚于|不迟于|截止(?:日期|时间|到|至|"
    r"日)?|完成时间|期限|时限|(?<![权有无极受局额上下])限|"
    r"ddl|deadline|due(?: date| by| on)?|by)\s*:?)+$",
    re.IGNORECASE,
)
_AFTER = re.compile(r"(?:\s|[)\]]|(?:之?前|以前|截止|完成)(?=[\s)\].。;；]*$))*")


# The characters and words of which phrases for a day are made; others belong to a task.
_OF_DAYS = re.compile(
    r"国庆|元旦|春节|五一|端午|中秋|清明|劳动节|十一|假期|工作|自然|小时|星期|礼拜|季度|不晚于|"
    r"不迟于|最晚|最迟|截止|截至|"
    r"之前|以前|之内|以内|左右|完成|提交|不超过|预计|计划|"
    r"[年月日号周天个上下本这今明后大前内底末初旬中午晚早间至到起止两"
    r"一二三四五六七八九十百零〇民国财半节当于在的或]"
)


def _meets(spans: list[Span], start: int, end: int) -> bool:
    return any(s.start < end and start < s.end for s in spans)


def _belongs(form: str, span: Span) -> bool:
    """Say whether vague words are a part of the sentence: ``push it to the next meeting``."""
    before = form[max(0, span.start - 12) : span.start]
    return span.due.day is None and bool(_LINKED.search(before))


_LINKED = re.compile(r"\b(?:to|the|at|in|for|of|from|with|an?|our|this|during)\s*$", re.IGNORECASE)


def _worded(text: str) -> str:
    """Return the words of a day without the signs and the one bracket around them."""
    text = text.strip(" \t,，;；|｜:：")
    if re.fullmatch(r"[(（\[【][^()（）\[\]【】]*[)）\]】]", text):
        text = text[1:-1].strip()
    return text


def _around(form: str, start: int, end: int) -> tuple[int, int]:
    """Return the span with the signs and words around it that belong to no task."""
    base = max(0, start - 24)
    before = _BEFORE.search(form[base:start])
    after = _AFTER.match(form, end, end + 24)
    return base + before.start() if before else start, after.end() if after else end
