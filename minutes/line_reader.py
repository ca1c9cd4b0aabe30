"""Steps that take a line apart from both ends, each taking off one thing that it tells. Pure.

What is left between the ends is the words of the task. ``lines`` gives the order of the steps;
those that take off who is named are in ``line_owners``.
"""

import re
from dataclasses import dataclass, field

from mapping.words import plain, status_of
from minutes.drafts import Desk
from minutes.dues import DueRead, Span, is_gathering
from minutes.owners import Owners
from minutes.rims import BRACKET, OPEN_OWNER, TAGS
from minutes.signs import ORG, SEPARATORS, STATE, TODO_TXT, fields_in, mark_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a line says of an item.

    Attributes:
        fields: field -> words, ``description`` among them.
        who: whom it names; None if nobody.
        due: the day it names; None if it names none.
        source: the words it was read from.
        marked: it carries a mark such as ``ACTION:``.
    """

    fields: dict[str, str]
    source: str
    who: Owners | None = None
    due: DueRead | None = None
    marked: bool = False
    extra: tuple["Read", ...] = field(default=())

    @property
    def told(self) -> bool:
        """Somebody or a day is named."""
        return self.who is not None or self.due is not None


# One of these labels behind a task makes the others fields too.
_TELLING = {
    *("owner", "due", "acceptance", "status", "department", "support", "revised", "deliverable")
}
_OF_DAY = "的至到和与及-~—–或会版起"  # behind a day, which then is a part of the task
_SOON = re.compile(r"尽快|尽早|尽速|立即|立刻|马上|即刻|适时|择期|择日|asap\b", re.IGNORECASE)


class LineReader:
    """A line that is being taken apart; ``a`` and ``b`` bound what is left of it for the task.

    Args:
        text: without its number and check box.
        desk: the people and the days.
        meeting: which meeting of the file.
    """

    def __init__(self, text: str, desk: Desk, meeting: int) -> None:
        self.text = text
        self.desk = desk
        self.people = desk.people
        self.meeting = meeting
        self.reference = desk.days.get(meeting)
        self.a, self.b = 0, len(text)
        self.who: Owners | None = None
        self.due: DueRead | None = None
        self.fields: dict[str, str] = {}
        self.marked = False
        self.extra: tuple[Read, ...] = ()
        self._found: tuple[str, list[Span]] | None = None
        self._limit: Span | None = None  # a limit that was read amid the sentence

    @property
    def rest(self) -> str:
        """What is left of the line."""
        return self.text[self.a : self.b]

    @property
    def spans(self) -> list[Span]:
        """The days that the line names."""
        if self._found is None or self._found[0] is not self.text:
            self._found = self.text, self.desk.dues.find(self.text, self.reference)
        return self._found[1]

    def trim(self) -> None:
        """Take off blanks and signs at both ends."""
        while self.a < self.b and self.text[self.a] in SEPARATORS:
            self.a += 1
        while self.a < self.b and self.text[self.b - 1] in SEPARATORS:
            self.b -= 1

    # marks -------------------------------------------------------------------------------------

    def take_mark(self) -> bool:
        """Take off a mark; say whether it is one such as ``ACTION:``, which makes an item sure."""
        if mark := mark_of(self.text):
            self.a, name = mark
            self.marked = True
            if name:
                self.who = self.people.read(name)
        elif (match := TODO_TXT.match(self.text)) or (match := ORG.match(self.text)):
            self.a = match.end()
            if match[0].startswith("x ") or match[0].strip("* ").startswith("DONE"):
                self.fields["status"] = "done"
        return self.marked

    def take_state(self) -> None:
        """Take off a state that is told at the end."""
        if state := STATE.search(plain(self.rest)):
            word = self.rest[state.start("state") : state.end("state")]
            self.fields.setdefault("status", word)
            self.b = self.a + state.start()

    def blank_open_owner(self) -> None:
        """Blank out words that say that nobody is the owner yet: ``负责人待定``."""
        if match := OPEN_OWNER.search(plain(self.rest)):
            start, end = self.a + match.start(), self.a + match.end()
            self.text = self.text[:start] + " " * (end - start) + self.text[end:]

    def take_tag(self) -> None:
        """Take off a bracket at the beginning that holds no name: ``[bug]``."""
        tag = BRACKET.match(self.text, self.a, self.b)
        if tag and tag[tag.lastindex or 1].lower() in TAGS:
            self.a = tag.end()

    # labels ------------------------------------------------------------------------------------

    def take_labels(self) -> None:
        """Take off the labelled fields at the end: ``… 责任人：刘建国；完成时间：3月20日``."""
        labels = fields_in(self.rest)
        if not labels:
            return
        ends = [start for start, _, _ in labels[1:]] + [len(self.rest)]
        pairs = list(zip(labels, ends, strict=True))
        names = {n for (_, begin, n), end in pairs if self.rest[begin:end].strip(SEPARATORS)}
        if not names & _TELLING:
            return
        if names == {"due"} and re.search(r"\bdue:\d", self.rest):
            return  # as plug-ins write it
        if names == {"status"} or (names == {"due"} and len(labels) == 1 and labels[0][0] == 0):
            return
        base = self.a
        description = None
        for (_, begin, name), end in pairs:
            value = self.text[base + begin : base + end]
            if name == "description":
                description = (base + begin, base + end)
            else:
                value = self._without_state(value) if name in ("owner", "due") else value
                value = re.sub(r"[;；].*[:：].*", "", value) if name == "owner" else value
                value = self._day_alone(value) if name == "due" else value
                self.fields.setdefault(name, value.strip(SEPARATORS + "()（）"))
        self.b = base + labels[0][0]
        if description:
            self.a, self.b = description
        if "owner" in self.fields or "department" in self.fields:
            self.who = self.people.read(self.fields.get("owner"))
        self.trim()

    def _day_alone(self, value: str) -> str:
        """Return a due label's value without what stands behind the day: 6月3日，交给李四."""
        day, sign, _ = value.strip(SEPARATORS).partition("，")
        read = self.desk.dues.read
        cut = bool(sign) and not read(value, self.reference).day
        return day if cut and read(day, self.reference).day else value

    def _without_state(self, value: str) -> str:
        """Return a label's value without a state told behind it: 责任人：方岑，已闭环."""
        head, sign, state = value.strip(SEPARATORS).rpartition("，")
        if sign and status_of(state):
            self.fields.setdefault("status", state)
            return head
        return value

    # days --------------------------------------------------------------------------------------

    def take_days(self) -> None:
        """Take off the days at both ends; a limit amid the sentence is read but stays there."""
        if self._limit and self._limit.start > self.a and self.is_rim(self._limit.end, self.b):
            self.b = min(self.b, self._limit.start)
            self.trim()
        if self.due is not None or "due" in self.fields:
            return
        spans = [
            s for s in self.spans
            if s.start < self.b and s.end > self.a
            and not is_gathering(self.text[self.a : s.start], self.text[s.start : s.end])
        ]  # fmt: skip
        for span in spans:
            if span.finished and span.due.text:
                self.fields.setdefault("completed", span.due.text)
        for span in reversed(spans):
            if self.is_rim(span.end, self.b) and self.a < span.start:
                self._cut_end(span)
        if self.due is None:
            self._take_phrase()
        if self.due is None:
            limit = next(
                (s for s in reversed(spans) if s.marked and not s.finished and s.due.text), None
            )
            if limit:
                self.due, self._limit = limit.due, limit

    def is_rim(self, start: int, end: int) -> bool:
        """Say whether nothing but signs stands between two places."""
        return all(c in SEPARATORS + ")）]】" for c in self.text[max(start, 0) : end])

    def _cut_end(self, span: Span) -> None:
        self.b = span.start
        if not span.finished and span.due.text and self.due is None:
            self.due = span.due
        self.trim()

    def _take_phrase(self) -> None:
        """Take off a bare day at the end or, after the owner, at the beginning: ``8/5``."""
        rest = self.rest
        for match in reversed(
            list(re.finditer(r"[,，;；|｜—–(（)）]\s*|\s+-{1,2}\s+|\s+", rest[-60:]))
        ):
            start = len(rest[:-60]) + match.end() if len(rest) > 60 else match.end()
            words = rest[start:].strip(" )）")
            if not words or len(words) > 40 or is_gathering(rest[:start], words):
                continue
            hard = bool(match[0].strip()) or len(match[0]) > 1
            if re.fullmatch(r"\d+\.\d+", plain(words)) and not hard:
                continue
            due = self.desk.dues.phrase(words, self.reference)
            if due and (due.day or hard):
                longer = self._longer(rest, start, due)
                self.due, self.b = longer
                self.b += self.a
                self.trim()
                return

    def _longer(self, rest: str, start: int, due: DueRead) -> tuple[DueRead, int]:
        """Return the longest phrase that ends there: ``23 Jan 2026``, not ``Jan 2026``."""
        best = (due, start)
        for match in re.finditer(
            r"(?:^|(?<=[\s,，;；(（]))(?=\S)", rest[max(0, start - 30) : start]
        ):
            begin = max(0, start - 30) + match.start()
            if re.search("[(（]", rest[begin:start]):
                continue  # a bracket holds all of its phrase
            longer = self.desk.dues.phrase(rest[begin:].strip(" )）"), self.reference)
            if longer and (longer.day or not due.day):
                return longer, begin
        return best

    def take_leading_day(self) -> None:
        """Take off a day that stands between the owner and the task: ``12/10前 出初稿``."""
        if self._limit and self.is_rim(self.a, self._limit.start):
            self.a = max(self.a, self._limit.end)
            self.trim()
        if self.due is not None or "due" in self.fields:
            return
        for span in self.spans:
            touches = span.start <= self.a < span.end and self.text[span.end : span.end + 1]
            named = span.due.day or _SOON.match(plain(self.text[self.a : span.end]))
            if touches and named and not span.finished and touches not in _OF_DAY:
                self.due, self.a = span.due, span.end
                self.trim()
                return
        for match in reversed(list(re.finditer(r"\s+|(?!(?<=\d):\d)[,，:：]\s*", self.rest[:30]))):
            words = self.rest[: match.start()]
            due = self.desk.dues.phrase(words, self.reference) if words else None
            if due and re.search(r"\d|[周月日天前内底]|week|day", words):
                self.due = due
                self.a += match.end()
                self.trim()
                return
