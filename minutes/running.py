"""Lines of text and of lists: which go on, and what their labels and titles open. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mapping.words import plain
from minutes.labels import NUMBERING, Part, announced, fact_of, field_of, labels_in, part_of
from minutes.moments import FULL_DAY
from minutes.sections import Line, State

_CHAT = re.compile(
    r"\S{1,16}(?: \S{1,16})?\s+(?:\d{2,4}[-/.年])?\d{1,2}[-/.月]\d{1,2}日?\s+\d{1,"
    r"2}:\d{2}(?::\d{2})?$"
)
_END = re.compile(r"[。.!?;；]\s*$")


def unwrapped(text: str, *, entry: bool = False) -> list[tuple[int, str]]:
    """Split a paragraph into its lines, joining those that were only wrapped.

    Args:
        text: the paragraph.
        entry: it is an entry of a list, where a line in small letters goes on however short the
            one above is: its address may have been taken out.

    Returns:
        the offset of each line's first physical line, and its text; never an empty one.
    """
    found: list[tuple[int, list[str]]] = []
    last = ""
    for offset, part in enumerate(text.split("\n")):
        line = part.strip()
        if not line:
            last = ""
            continue
        if found and (_goes_on(last, line) or (entry and "a" <= line[0] <= "z")):
            found[-1][1].append(line)
        else:
            found.append((offset, [line]))
        last = line
    return [(offset, " ".join(words)) for offset, words in found]


def _goes_on(last: str, line: str) -> bool:
    """Say whether a line of Latin text is the rest of the line before it."""
    if len(last) < 45 or (_END.search(last) and line[0].isupper() and len(last) < 60):
        return False
    if sum(c > "\u2e80" for c in last) * 3 > len(last) or re.search(r"://\S*$", last):
        return False
    label = labels_in(line)
    known = bool(label) and label[0][0] == 0 and (fact_of(label[0][2]) or field_of(label[0][2]))
    return not known and not NUMBERING.match(line) and not _NAMED.match(line)


_NAMED = re.compile(r"[A-Z][\w'-]{1,15}(?: [\w'-]{1,15}){0,2}: \S")  # Passed to: Ann
_SIGNS = re.compile(r"[^\w(（\[【“\"']*")


def labelled(text: str) -> tuple[str, int] | None:
    """Return the known label that a text begins with, and where its value begins."""
    match = NUMBERING.match(text)
    start = match.end() if match else 0
    for begin, end, words in labels_in(text[start : start + 60])[:1]:
        before = text[start : start + begin]
        if _SIGNS.fullmatch(before) and (fact_of(words) or field_of(words) or part_of(words)):
            return words, start + end
    return None


# Parts that a label within running text may open.
_OPENING = frozenset(Part) - {Part.OTHER}
WORKING = frozenset({Part.ACTIONS, Part.FOLLOW_UP, Part.DECISIONS})


def text_lines(line: Line, state: State) -> Iterator[Line]:
    """Yield a line of running text, minding what it opens or closes."""
    form = plain(line.text)
    label = labelled(line.text)
    if not label and _CHAT.match(form) and not fact_of(form.split(None, 1)[0]):
        state.close()
        return
    if state.opened and FULL_DAY.fullmatch(form):
        state.close()  # of another meeting
    if label and not line.text[label[1] :].strip():
        if part_of(label[0]) or fact_of(label[0]):
            state.open(label[0])
            yield replace(line, section=state.section, heading=6)
            return
    elif not label and _is_title(line.text):
        state.open(line.text)
        yield replace(line, section=state.section, heading=6)
        return
    match = NUMBERING.match(line.text)
    if match and match.end() < len(line.text):
        depth = _depth(match[0], state)
        yield from entry_lines(replace(line, depth=depth), match.end(), state)
        return
    if state.opened and (state.seen_items or state.opened_at >= 0):
        if state.opened.part in _TOLD_BELOW and not state.seen_items:
            state.cover = state.opened_at + 1
        else:
            state.close()
    yield from _labelled_line(replace(line, section=state.section), label, state)
    if words := leads_to(line.text):
        state.open(words)


def leads_to(text: str) -> str:
    """Return the words at a sentence's end that announce a list: …，会议议定事项如下：."""
    match = _ANNOUNCED.search(plain(text))
    words = text[match.start("words") : match.end("words")] if match else ""
    return words if words and part_of(words) in WORKING else ""


# Parts whose value may be running text below an entry that names them.
_TOLD_BELOW = (Part.NEXT, Part.ATTENDEES, Part.ABSENT)
_ANNOUNCED = re.compile(r"[,。;]\s*(?P<words>[^,。;:]{2,20}):\s*$")


def _is_title(text: str) -> bool:
    """Say whether a line without a colon is a heading all the same: 行动项清单."""
    if len(text) > 30 or re.search(r"[。,，;；!?！？]|\d\D*\d\D*\d", text):
        return False
    colon = text.rstrip().endswith((":", "："))
    part = announced(text) if colon else part_of(text)
    return part in _OPENING or (part is Part.OTHER and colon)


def _depth(number: str, state: State) -> int:
    style = re.sub(r"\d+|[一二三四五六七八九十]+|[\u2460-\u24ff]", "n", plain(number).strip())
    style += "h" if re.search("[一二三四五六七八九十]", number) else ""
    if style not in state.styles:
        state.styles.append(style)
    else:
        del state.styles[state.styles.index(style) + 1 :]
    return state.styles.index(style)


def opens_list(text: str) -> bool:
    """Say whether a line is a label of work, with a first task or none behind it."""
    label = labelled(text)
    return label is not None and announced(label[0]) in _WORK


def listed_lines(texts: Sequence[str], state: State) -> frozenset[int]:
    """Return which lines of a paragraph are a list of work without marks: 待办：甲 ⏎ 乙 ⏎ 丙.

    They stand below a label or a heading of work, are short and no sentences.
    """
    work = state.section.part in _WORK and not state.seen_items
    found: list[int] = []
    runs: list[list[int]] = [found]
    for n, text in enumerate(texts):
        label = labelled(text)
        if label or _is_title(text):
            opens = announced(label[0] if label else text)
            work = opens in _WORK and (not label or field_of(label[0]) in (None, "description"))
            value = bool(label and text[label[1] :].strip())
            runs.append(found := [n] if work and value else [])
        elif work and len(text) <= 40 and _HAN.search(text) and not _RUNNING.search(text):
            found.append(n)
        else:
            work = False
    return frozenset(n for run in runs if len(run) > 1 for n in run)


_WORK = (Part.ACTIONS, Part.FOLLOW_UP)
_HAN = re.compile("[\u3400-\u9fff]")
_RUNNING = re.compile(r"[。:：？?]\s*$|[。;；].|^\W*$|如下|以下")


def bare_entry(line: Line, state: State) -> Iterator[Line]:
    """Yield a line of a list without marks; the first one may stand behind the list's label."""
    start = 0
    if label := labelled(line.text):
        state.open(label[0])
        start = label[1]
        yield replace(line, text=label[0], section=state.section, heading=6)
    yield from entry_lines(replace(line, depth=0, bullet=True), start, state)


def _labelled_line(line: Line, label: tuple[str, int] | None, state: State) -> Iterator[Line]:
    if not label:
        yield line
        return
    words, start = label
    line = replace(line, label=words, start=start)
    part = part_of(words)
    if fact_of(words) == "start" and line.section.part is not Part.NEXT:
        day = FULL_DAY.search(plain(line.value))
        past = (line.section.part and not state.dated) or (day and state.is_other(day[0]))
        if day and state.day and past and line.depth < 0 and not line.cell:
            state.next_meeting(day[0])
            line = replace(line, section=state.section)
        elif day:
            state.day = day[0]
    if part in WORKING and field_of(words) != "description":
        line = replace(line, section=replace(line.section, part=part, own=True, fact=None))
        if line.depth < 0:
            state.open(words)
            state.seen_items = True
    yield line


# Points of formal minutes that no conclusion above them covers.
_POINTS = re.compile("(?:临时动议|报告事项|讨论事项|其他事项|主席致词|散会)(?:[:(]|$)")
_ASIDE = re.compile(r"\s*[(（][^()（）]*[)）](?=\s*[:：]$)")  # 下一步的计划（先…）：


def entry_lines(line: Line, start: int, state: State) -> Iterator[Line]:
    """Yield an entry of a list; one that is a heading of others opens a part."""
    line = replace(line, text=line.text[start:].strip())
    if not line.text:
        return
    if _POINTS.match(plain(line.text)):
        state.close()
    state.meet(line.depth)
    label = labelled(line.text)
    alone = label is not None and not line.text[label[1] :].strip()
    title = label[0] if label and alone else _ASIDE.sub("", line.text)
    if line.box is None and len(title) <= 30 and (alone or not label):
        colon = line.text.endswith((":", "："))
        part = announced(title) if colon or state.parent else part_of(title)
        free = state.section.part in (None, Part.OTHER)
        sentence = re.search(r"[,，。;；]", title)  # 上周完成了…，… tells of work
        agenda = state.section.part is Part.TOPICS and line.depth > 0  # below one of its topics
        working = part in (Part.ACTIONS, Part.FOLLOW_UP) and (free or agenda) and not sentence
        if (colon and part is not None) or working or fact_of(title) == "next":
            state.open(title, line.depth + (agenda and not colon))
            yield replace(line, section=state.section, heading=6)
            return
    yield from _labelled_line(replace(line, section=state.section), label, state)
