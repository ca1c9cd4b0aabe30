"""Action items from sentences: 由X负责…, 请X于…前…, X需…, X to do …, X will …. Pure.

A sentence gives work only if it names somebody known (the team file's people and units, those the
minutes name elsewhere) or somebody in the place where official minutes put the one in charge.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mapping.words import clean, plain
from minutes.drafts import Desk, Draft, Origin, draft
from minutes.dues import DueRead, Span, is_gathering
from minutes.grammar import DAY, EN_GROUP, EN_ROLE, GROUP, LEAD, MODAL, han_of, latin_of
from minutes.labels import Part
from minutes.line_reader import Read
from minutes.names import is_deed
from minutes.owners import Kind, Owners
from minutes.sections import Line
from minutes.signs import SEPARATORS, fields_in
from minutes.verbs import IMPERATIVES

_WORK = (Part.ACTIONS, Part.FOLLOW_UP, Part.DECISIONS)
_LONGEST = 1000  # characters; what goes on for longer is no sentence
_NEGATED = re.compile(
    r"已经?|曾|建议|可能|希望|如果|假如|倘若|是否|能否|觉得|认为|担心|听说|昨天|上周|上个?月|"
    r"考虑|争取|大概|或许|"
    r"不[会需用必再]|[?？]"
)
_SPEECH = re.compile(r"说|表示|提到|介绍|反馈|询问|提出|指出|强调|通报|汇报|说明|补充道")
_WAITING = re.compile(r"(?:等|待|视|若|如)[^,，。]*$")
_APPOINTED = ("任", "担任", "擔任", "兼任", "出任")
# What people say in a dialogue gives no work: ``Matteo, suggest we try …``.
_TALK = frozenset({
    "agree", "ask", "compare", "consider", "describe", "discuss", "explain", "explore", "get",
    "give", "help", "introduce", "look", "propose", "raise", "read", "report", "see",
    "share", "show", "stand", "suggest", "support", "talk", "tell", "try", "wait",
    "accept", "acknowledge", "allow", "debate", "declare", "emphasise", "emphasize", "exclude",
    "figure", "highlight", "indicate", "interpret", "mention", "observe", "reiterate", "reject",
    "relate", "rely", "repeat", "seek", "treat", "volunteer", "warn", "watch",
})  # fmt: skip
_DONE = re.compile("(?:全部|全面)?(?:到位|就位|完成|办结|落实|闭环|解决)")  # says no task by itself
_AGREEING = re.compile(r"(?:同意|通过|批准)[^,;。]*$")  # a matter is settled, no work is given
_CONCLUSION = re.compile(r"^(?:会议|一致|原则上?)*(?:同意|通过|决定|议定|明确|确定)[:：,，\s]*")
_EN_NOT = re.compile(
    r"(?:be (?!\w+ing\b)|not\b|have\b|need\b|likely\b|probably\b|never\b|the\b|an?\b|their\b|"
    r"his\b|her\b|date\b|our\b|"
    r"be able|help\b|see\b|want\b|continue to be\b|(?:it|we|they|you|i|he|she|this|that|there)\b)"
)


@dataclass(frozen=True, slots=True)
class Given:
    """Work that a sentence gives: who, what (a span of the line), by when, with whom.

    Attributes:
        begin: where the words about it begin; its own may begin earlier or later.
    """

    who: Owners
    begin: int
    start: int
    end: int
    due: DueRead | None
    support: tuple[str, ...]
    sure: bool
    strong: bool = False  # said so plainly that a list of actions beside it does not outweigh it


def drafts_of(line: Line, desk: Desk) -> list[Draft]:
    """Return the drafts of a line of running text, or of an entry that is no list of work."""
    part = line.section.part
    if part is Part.DECISIONS and _UNSETTLED.search(plain(line.text)):
        return []
    base = line.start if line.label else 0
    found = []
    for given in assignments(line.text[base:], desk, line.section.meeting, among=part in _WORK):
        text = clean(line.text[base + given.start : base + given.end])
        fields = {"support": "、".join(given.support)}
        labels = [x for x in fields_in(text) if x[2] in ("acceptance", "deliverable")]
        if labels and labels[0][0] > 1:
            start, begin, name = labels[0]
            fields[name] = text[begin:].strip(SEPARATORS)
            text = text[:start].rstrip(SEPARATORS)
        if len(text) < 2:
            continue
        found.append(
            draft(
                {"description": text, **fields},
                desk=desk,
                line=line.line,
                source=_clause(line.text, base + given.begin, base + given.end),
                origin=Origin.PROSE,
                meeting=line.section.meeting,
                index=line.index,
                who=given.who,
                told=given.due or desk.dues.read("", None),
                certain=given.sure,
                weak=not given.strong and part not in (Part.ACTIONS, Part.FOLLOW_UP),
                topic=line.section.title + " " + line.text,
            )
        )
    return found


_UNSETTLED = re.compile(
    r"未达成(?:共识|一致)|意见不一|no consensus|not agreed|no agreement", re.IGNORECASE
)


def _clause(text: str, start: int, end: int) -> str:
    """Return the words around a span, from the comma before it to the end of the sentence."""
    left = max(text.rfind(c, 0, start) for c in "。；;，：") + 1
    right = min((n for c in "。；;" if (n := text.find(c, end)) >= 0), default=len(text))
    return text[left:right].strip(" .")


def assignments(text: str, desk: Desk, meeting: int, *, among: bool) -> Iterator[Given]:
    """Yield the work that a line gives to somebody, in its order.

    Args:
        text: the line.
        desk: the people and the days.
        meeting: which meeting of the file.
        among: it stands under conclusions or actions, where sentences hand out work.
    """
    form = plain(text)
    spans = [s for s in desk.dues.find(text, desk.days.get(meeting)) if s.due.text]
    if re.search("[\u3400-\u9fff]", form):
        yield from _han(text, _masked(form, spans), spans, desk, among=among)
    else:
        yield from _latin(text, spans, desk, among=among)


def _masked(form: str, spans: Sequence[Span]) -> str:
    """Return a text with signs for its days, so that patterns need not know how days look."""
    chars = list(form)
    for span in spans:
        words = form[span.start : span.end]
        start = span.start + len(words) - len(words.lstrip(" ,;:"))
        chars[start : span.end] = DAY * (span.end - start)
    return "".join(chars)


# Chinese ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence of a line, and where in the line it begins; ``form`` has signs for its days."""

    text: str
    form: str
    base: int
    spans: tuple[Span, ...]

    def day(self, start: int, end: int) -> Span | None:
        """Return the first day between two places."""
        return next((s for s in self.spans if start <= s.start - self.base < end), None)


def _han(
    text: str, masked: str, spans: Sequence[Span], desk: Desk, *, among: bool
) -> Iterator[Given]:
    start = 0
    for stop in (*[m.end() for m in re.finditer(r"[。;!?；]", masked)], len(masked)):
        if 0 < stop - start <= _LONGEST:
            mine = tuple(s for s in spans if start <= s.start < stop)
            sentence = _Sentence(text[start:stop], masked[start:stop], start, mine)
            yield from _given(sentence, desk, among=among)
        start = stop


def _given(sentence: _Sentence, desk: Desk, *, among: bool) -> Iterator[Given]:
    """Yield the work that a sentence gives: each from its anchor to the next one."""
    grammar = han_of(desk.people)
    form = sentence.form
    helpers = list(grammar.support.finditer(form))
    anchors = [
        anchor
        for anchor in grammar.anchor.finditer(form)
        if _is_anchor(anchor, form)
        and not any(h.start() <= anchor.start() < h.end() for h in helpers)
    ]
    for number, anchor in enumerate(anchors):
        after = anchors[number + 1].start() if number + 1 < len(anchors) else len(form)
        mine = [h for h in helpers if anchor.start() <= h.start() < after]
        first, last = _words(form, anchor, mine, after)
        if form.startswith(_APPOINTED, first) or form[first:last].endswith(("担任", "兼任")):
            continue
        place = "who" if anchor["who"] else "subject"
        end = min([after, *(h.start() for h in mine)])
        day = sentence.day(anchor.start(), after) or sentence.day(end, len(form))
        who = desk.people.read(sentence.text[anchor.start(place) : anchor.end(place)])
        yield Given(
            who=who,
            begin=sentence.base + min(first, anchor.start()),
            start=sentence.base + first,
            end=sentence.base + last,
            due=day.due if day else None,
            support=tuple(
                name
                for h in mine
                for n in _names(sentence.text[h.start("s") : h.end("s")])
                for name in desk.people.read(n).owners or (n,)
            ),
            sure=_is_sure(anchor, who, form, dated=day is not None, among=among),
            strong=among
            or place == "who"
            or day is not None
            or bool(re.search(LEAD, _tail(anchor))),
        )


def _tail(anchor: re.Match[str]) -> str:
    """Return the words that tie those in charge to their work; they may be none."""
    return anchor["tail"] or anchor["does"] or ""


def _is_anchor(anchor: re.Match[str], form: str) -> bool:
    before = form[: anchor.start()]
    if _WAITING.search(before.rsplit(",", 1)[-1]):
        return False
    if anchor["subject"]:
        return bool(re.search(f"{LEAD}|{MODAL}|{DAY}", anchor["does"]))
    return not (anchor["by"] and before.endswith(("理", "缘", "自", "经", "来")))


def _words(
    form: str, anchor: re.Match[str], helpers: Sequence[re.Match[str]], after: int
) -> tuple[int, int]:
    """Return the span of the task: behind its anchor, behind the helpers, or before the anchor."""
    end = min([after, *(h.start() for h in helpers)])
    first, last = _task(form, anchor.end(), end)
    if _tail(anchor).rstrip(DAY + ",").endswith("跟进"):
        first = form.rfind("跟进", anchor.start(), anchor.end())
    if last - first < 2 and helpers:
        first, last = _task(form, helpers[-1].end(), after)
    if last - first < 2 or _DONE.fullmatch(form[first:last]):
        first, last = _before(form, anchor.start())
    return (first, last) if last - first >= 2 else _task(form, anchor.start(), end)


def _is_sure(anchor: re.Match[str], who: Owners, form: str, *, dated: bool, among: bool) -> bool:
    """Say whether a sentence gives work for certain, by its words and by where it stands."""
    tail, asked = _tail(anchor), bool(anchor["who"])
    firm = bool(re.search(f"{LEAD}|需|须|应|务必", tail)) and "主要负责" not in tail
    person = bool(who.owner) or who.code == "owner-multiple"
    if among:
        return firm or dated or (asked and not _AGREEING.search(form[: anchor.start()]))
    if _NEGATED.search(form) or _SPEECH.search(form[: anchor.end() + 2]):
        return False
    if not (person or who.department):
        return False
    if not asked:
        return person and (firm or (dated and bool(re.search("[将会来要]", tail))))
    return person or (firm and dated)


def _task(sentence: str, start: int, end: int) -> tuple[int, int]:
    """Return the span of the task's words, without a day at its end."""
    words = sentence[start:end]
    trailing = re.search(
        rf"[,\s]*{DAY}+(?:之?前|以前|内)?(?:完成|提交|办结|落实)?[,。;；\s]*$", words
    )
    if trailing and trailing.start() > 1:
        end = start + trailing.start()
    while start < end and sentence[start] in " ,:、，：" + DAY:
        start += 1
    while end > start and sentence[end - 1] in " ,:;。.、，；：!?" + DAY:
        end -= 1
    return start, end


def _before(sentence: str, end: int) -> tuple[int, int]:
    """Return the span before the one in charge: 同意修订《…》，由客服部牵头."""
    match = _CONCLUSION.match(sentence)
    return _task(sentence, match.end() if match else 0, end)


def _names(text: str) -> Iterator[str]:
    for name in re.split(r"[、和与及,，/]", text):
        if name.strip():
            yield name.strip()


# English ------------------------------------------------------------------------------------------


def _latin(text: str, spans: Sequence[Span], desk: Desk, *, among: bool) -> Iterator[Given]:
    grammar = latin_of(desk.people)
    for match in grammar.gives.finditer(text):
        if _EN_NOT.match(text, match.end()):
            continue
        given = _latin_given(
            text, desk.people.read(match["s"]), match.end(), spans, sure=_latin_sure(match)
        )
        dated = among and given.due is not None and given.due.day is not None
        yield replace(given, strong=dated or "action" in match["v"])
    order = grammar.orders.match(text)
    if order and order["w"] in IMPERATIVES - _TALK:
        given = _latin_given(text, desk.people.read(order["s"]), order.start("w"), spans, sure=True)
        taken = re.match(r"take (?:the |an )?action\b", text[order.start("w") :])
        yield replace(given, strong=bool(taken))


def _latin_sure(match: re.Match[str]) -> bool:
    return bool(re.match(r"to$|[Ww]ill$|took|takes?|shall", match["v"]))


def _latin_given(text: str, who: Owners, start: int, spans: Sequence[Span], *, sure: bool) -> Given:
    stop = re.compile(r"[.;!?](?=\s|$)|,? (?:and|then) (?=[A-Z][a-z]+ (?:to|will) )").search(
        text, start
    )
    end = stop.start() if stop else len(text)
    day = next((s for s in spans if start <= s.start < end), None)
    if day and is_gathering(text[start : day.start], text[day.start : day.end]):
        day = None
    if day and end - day.end <= 1 and day.start > start + 2:
        end = day.start
    return Given(
        who=who,
        begin=start,
        start=start,
        end=end,
        due=day.due if day else None,
        support=(),
        sure=sure,
    )


# within entries of a list -------------------------------------------------------------------------


def owned(read: Read, desk: Desk, meeting: int) -> Read:
    """Return an entry with the owner that its own sentence names, if it names one."""
    if read.who is not None:
        return read
    text = read.fields["description"]
    form = plain(text)
    if re.search("[\u3400-\u9fff]", form):
        given = next(iter(assignments(text, desk, meeting, among=True)), None)
        if given is None:
            return _group_first(read, desk)
        task = clean(text[given.start : given.end])
    else:
        given = next((g for g in assignments(text, desk, meeting, among=True)), None) or _anyone(
            text, desk
        )
        if given is None:
            return read
        task = clean(text[given.start : given.end])
    if len(task) < 2 or not given.sure:
        return read
    fields = {**read.fields, "description": task}
    if given.support:
        fields.setdefault("support", "、".join(given.support))
    return replace(read, fields=fields, who=given.who, due=read.due or given.due)


_GROUP_FIRST = re.compile(rf"(?P<s>{GROUP})(?=[\u3400-\u9fff])")
_ANYONE = re.compile(
    rf"(?:^|(?<= - )|(?<=[.;,] ))(?P<s>{EN_GROUP}|{EN_ROLE}|[A-Z][a-z]+(?: [A-Z][a-z]+)?"
    rf"(?:(?:, | and "
    rf")[A-Z][a-z]+(?: [A-Z][a-z]+)?){{0,3}})"
    r",? (?P<v>to|will|needs? to|agree[ds] to|please) (?=[a-z])"
)


def _group_first(read: Read, desk: Desk) -> Read:
    """Return an entry that begins with a group: 各部門主管回報名單."""
    text = read.fields["description"]
    match = _GROUP_FIRST.match(plain(text))
    if not match:
        return read
    who = desk.people.read(text[: match.end("s")])
    if who.code != "owner-vague":
        return read
    return replace(read, fields={**read.fields, "description": text[match.end("s") :]}, who=who)


def _anyone(text: str, desk: Desk) -> Given | None:
    for match in _ANYONE.finditer(text):
        names = re.split(r", | and ", match["s"])
        kinds = {desk.people.kind(n) for n in names}
        if any(is_deed(n) and not desk.people.is_known(n) for n in names):
            continue
        if kinds <= {Kind.PERSON, Kind.UNIT, Kind.GROUP} and not _EN_NOT.match(text, match.end()):
            return _latin_given(text, desk.people.read(match["s"]), match.end(), [], sure=True)
    return None


_THEN = re.compile(
    rf",? (?:and )?then (?P<s>{EN_GROUP}|[A-Z][a-z]+(?: [A-Z][a-z]+)?) (?:to|will|needs? to|"
    rf"need to) (?=[a-z])"
)


def second(read: Read, desk: Desk, meeting: int) -> tuple[Read, ...]:
    """Return the further items that an entry's words tell, one for each other owner."""
    del meeting
    found = list(read.extra)
    text = read.fields["description"]
    if match := _THEN.search(text):
        task = text[match.end() :]
        found.append(
            Read(
                fields={"description": task},
                source=text[match.start("s") :],
                who=desk.people.read(match["s"]),
            )
        )
    return tuple(found)
