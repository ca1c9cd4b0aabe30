"""The stream of lines and grids that recognition works on, each under the part it stands in. Pure.

Headings, labels that open a part (``待办：``), forms made of tables and cells of several lines all
become the same two things: a ``Line`` and a ``Grid``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from mapping.words import plain
from minutes.document import Block, Document, Heading, ListItem, Paragraph
from minutes.forms import table_parts
from minutes.labels import NUMBERING, bare, part_of
from minutes.moments import FULL_DAY
from minutes.running import (
    WORKING,
    bare_entry,
    entry_lines,
    labelled,
    leads_to,
    listed_lines,
    opens_list,
    text_lines,
    unwrapped,
)
from minutes.sections import Grid, Line, State

_OF_MEETING = re.compile(
    r"^\W*\d{4}|会议|會議|例会|例會|纪要|紀要|记录|記錄|meeting", re.IGNORECASE
)
_TOLD = re.compile(r"^[^:：]{2,12}[:：]\s*\S|。$")
_SENTENCE = re.compile(r"[。;；]|[,，].*[,，]|[.!?]$")


def stream(document: Document) -> tuple[Line | Grid, ...]:
    """Return a document's lines and grids in their order."""
    state = State()
    counts = bool(document.encoding)  # lines are counted in text files only
    found: list[Line | Grid] = []
    blocks = _whole(document.blocks) if counts else document.blocks
    for block, after in zip_longest(blocks, blocks[1:]):
        state.parent = _nests(block, after)
        for part in _block(block, state, counts=counts):
            found.append(replace(part, index=len(found)))
    return tuple(_unticked(found))


def _whole(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks of a text file; a list below its label is one paragraph with it.

    The list may be set off by its indent: ``待办：甲`` and, below the first task, ``乙``.
    """
    found: list[Block] = []
    for block in blocks:
        last = found[-1] if found else None
        if isinstance(last, Paragraph) and isinstance(block, Paragraph) and not block.bold:
            lines = last.text.split("\n")
            if block.line == last.line + len(lines) and opens_list(lines[-1]):
                found[-1] = replace(last, text=f"{last.text}\n{block.text}")
                continue
        found.append(block)
    return found


def _unticked(parts: Sequence[Line | Grid]) -> Iterator[Line | Grid]:
    """Yield the parts, without the ticks of lists that only tell what was done.

    Outside a list of work that is one where nothing is left to do: no other box stands beside.
    """
    boxed = {p.section for p in parts if isinstance(p, Line) and p.box not in (None, "x")}
    for part in parts:
        if isinstance(part, Line) and part.box == "x" and part.section.part not in WORKING:
            yield part if part.section in boxed else replace(part, box=None)
        else:
            yield part


def _nests(block: Block, after: Block | None) -> bool:
    """Say whether the second block is nested in the first one, a list item."""
    if not (isinstance(block, ListItem) and isinstance(after, ListItem)):
        return False
    return after.depth > block.depth


def _block(block: Block, state: State, *, counts: bool) -> Iterator[Line | Grid]:
    if isinstance(block, Heading):
        yield from _heading(block, state)
    elif isinstance(block, Paragraph):
        if block.bold:
            state.close()
        lines = unwrapped(block.text)
        listed = listed_lines([text for _, text in lines], state)
        for n, (offset, text) in enumerate(lines):
            line = Line(
                text=text,
                line=block.line + offset * counts,
                section=state.section,
                struck=block.struck,
                quote=block.quote,
                note=block.note,
            )
            yield from (bare_entry(line, state) if n in listed else text_lines(line, state))
    elif isinstance(block, ListItem):
        yield from _item(block, state, counts=counts)
    else:
        yield from table_parts(block, state)


def _heading(block: Heading, state: State) -> Iterator[Line | Grid]:
    text = block.text
    line = Line(text=text, line=block.line, section=state.section)
    label = labelled(text)
    entry = _is_sentence(bare(text)) and part_of(text) is None
    if block.fake and (entry or (label and text[label[1] :].strip())):
        # 一、同意…。 is an entry, not a heading
        yield from text_lines(line, state)
        return
    below = bool(state.headings) and block.level > state.headings[-1][0]
    among = below and state.around.own and state.around.part in WORKING
    if among and _TOLD.search(text) and part_of(text) is None:
        # ### 张三：写接口。 below a heading of work is a task
        yield from entry_lines(replace(line, depth=0, bullet=True), 0, state)
        return
    if block.fake and text.rstrip().endswith((":", "：")):
        state.open(leads_to(text) or text)
        yield replace(line, section=state.section, heading=6)
        return
    day = FULL_DAY.search(plain(text))
    top = bool(state.headings and state.day) and block.level <= state.headings[0][0]
    again = top or (block.level == state.dated and bool(_OF_MEETING.search(text)))
    if day and again and state.is_other(day[0]):
        state.next_meeting(day[0])
    if day and not state.headings:
        state.day = day[0]
    elif day and not state.day and not block.fake and _OF_MEETING.search(text):
        state.day, state.dated = day[0], block.level
    state.enter(text, block.level + block.fake)
    yield replace(line, section=state.section, heading=max(1, block.level))


def _is_sentence(text: str) -> bool:
    return len(text) > 30 or bool(_SENTENCE.search(text))


def _item(block: ListItem, state: State, *, counts: bool) -> Iterator[Line]:
    parts = unwrapped(block.text, entry=True) or [(0, "")]
    offset, text = parts[0]
    base = Line(
        text=text,
        line=block.line + offset * counts,
        section=state.section,
        depth=block.depth,
        bullet=block.number is None,
        box=block.box,
        struck=block.struck,
        quote=block.quote,
    )
    match = NUMBERING.match(text)
    yield from entry_lines(base, match.end() if match else 0, state)
    for offset, text in parts[1:]:
        rest = replace(
            base,
            text=text,
            line=block.line + offset * counts,
            section=state.section,
            depth=block.depth + 1,
            box=None,
        )
        number = NUMBERING.match(text)
        yield from entry_lines(rest, number.end() if number else 0, state)
