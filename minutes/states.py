"""What a document says of an item's state: its status, when it was done, a new date. Pure."""

import re
from datetime import date
from typing import Protocol

from mapping.values import Status
from mapping.words import STATUS_WORDS, plain, status_of

_BOXES = {
    "x": Status.DONE,
    "X": Status.DONE,
    "/": Status.IN_PROGRESS,
    " ": Status.IN_PROGRESS,
    "": Status.IN_PROGRESS,
}
_SIGNS = {
    "✅": Status.DONE,
    "☑": Status.DONE,
    "☒": Status.DONE,
    "✔": Status.DONE,
    "✓": Status.DONE,
    "√": Status.DONE,
    "🟢": Status.IN_PROGRESS,
    "是": Status.DONE,
    "yes": Status.DONE,
    "y": Status.DONE,
    "100%": Status.DONE,
    "x": Status.DONE,
    "☐": Status.IN_PROGRESS,
    "□": Status.IN_PROGRESS,
    "否": Status.IN_PROGRESS,
    "no": Status.IN_PROGRESS,
    "n": Status.IN_PROGRESS,
    "🟡": Status.IN_PROGRESS,
    "🔴": Status.BLOCKED,
}
_WORDS = sorted(
    (
        (plain(word), status)
        for status, words in STATUS_WORDS.items()
        for word in words
        if len(word) > 1 and word not in ("进行", "正常", "new", "active", "to do")
    ),
    key=lambda pair: -len(pair[0]),
)
_STATUS = re.compile("|".join(
    rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word) for word, _ in _WORDS
), re.IGNORECASE)  # fmt: skip
_OF = dict(_WORDS)
_NOT = re.compile(r"(?:未|没有?|尚未|待|not |un)$", re.IGNORECASE)
_DAY = re.compile(r"\d{4}[-/.年]?\d{1,2}[-/.月]?\d{1,2}日?|\d{1,2}[-/.月]\d{1,2}日?")


def status_in(text: str | None, box: str | None = None) -> tuple[Status | None, str | None]:
    """Return the status that a cell or a check box shows, and the words of the day of its end.

    A box says more than a word beside it only where it is ticked. Of a history
    (``0701:open 0720:close``) the last word counts.
    """
    ticked = _BOXES.get(box) if box is not None else None
    told, day = _told(text or "")
    if ticked is Status.DONE:
        return Status.DONE, day
    return told or ticked, day if told is Status.DONE else None


def _told(text: str) -> tuple[Status | None, str | None]:
    form = plain(text).strip().casefold()
    if not form:
        return None, None
    status = status_of(text) or _SIGNS.get(form)
    if status:
        return status, None
    last: tuple[Status | None, re.Match[str]] | None = None
    for match in _STATUS.finditer(form):
        if _NOT.search(form[: match.start()]):
            last = (Status.IN_PROGRESS, match)
        else:
            last = (_OF.get(match[0]), match)
    if last is None:
        sign = next((_SIGNS[c] for c in form if c in _SIGNS and not c.isalpha()), None)
        return sign, None
    day = _DAY.search(form)
    return last[0], text[day.start() : day.end()] if day and last[0] is Status.DONE else None


class _Finder(Protocol):
    def find_day(self, text: str, meeting: int) -> date | None: ...


NEW_DATE = re.compile(
    r"(?:新(?:的)?(?:计划|完成|截止)?(?:时间|日期|日)?|预计(?:于|在|到)?|改(?:为|到|至|在|于)|"
    r"延(?:期|后|长|迟)?(?:至|到)|"
    r"推迟(?:至|到)|顺延(?:至|到)|调整(?:为|至|到)|变更为|"
    r"new (?:due )?date(?: is)?|now (?:due|expected|planned)(?: (?:by|on|for))?|expected(?: "
    r"(?:by|on))?|"
    r"revised (?:to|date)|moved to|postponed to|rescheduled (?:to|for)|delayed (?:to|until)|"
    r"extended (?:to|until)|"
    r"will be (?:done|ready|finished|completed) (?:by|on)|eta)\s*:?\s*",
    re.IGNORECASE,
)


def expected_in(note: str, desk: _Finder, meeting: int) -> date | None:
    """Return the new day that a remark tells for the item itself (D6), None if it tells none."""
    form = plain(note)
    for match in NEW_DATE.finditer(form):
        rest = re.split(r"[,。;，；]|(?<=[a-z]), |\. ", note[match.end() : match.end() + 40])
        day = desk.find_day(_first_phrase(note[match.end() : match.end() + 40], rest[0]), meeting)
        if day:
            return day
    return None


def _first_phrase(text: str, phrase: str) -> str:
    """Return the phrase up to its end; a comma within an English date does not end it."""
    english = re.match(r"[A-Z][a-z]{2,8}\.? \d{1,2}, \d{4}", text)
    return english[0] if english else phrase
