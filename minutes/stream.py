"""The stream of lines and grids that recognition works on, each under the part it stands in. Pure.

Headings, labels that open a part (``待办：``), forms made of tables and cells of several lines all
become the same two things: a ``Line`` and a ``Grid``.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from mapping.words import plain
from minutes.document import Block, Document, Heading, ListItem, Paragraph
from minutes.forms import table_parts
from minutes.labels import NUMBERING, bare, part_of
from minutes.moments import FULL_DAY
from minutes.running import entry_lines, labelled, text_lines, unwrapped
from minutes.sections import Grid, Line, State

_SENTENCE = re.compile(r"[。;；]|[,，].*[,，]|[.!?]$")


def stream(document: Document) -> tuple[Line | Grid, ...]:
    """Return a document's lines and grids in their order."""
    state = State()
    counts = bool(document.encoding)  # lines are counted in text files only
    found: list[Line | Grid] = []
    for block in document.blocks:
        for part in _block(block, state, counts=counts):
            found.append(replace(part, index=len(found)))
    return tuple(found)


def _block(block: Block, state: State, *, counts: bool) -> Iterator[Line | Grid]:
    if isinstance(block, Heading):
        yield from _heading(block, state)
    elif isinstance(block, Paragraph):
        if block.bold:
            state.close()
        for offset, text in unwrapped(block.text):
            line = Line(
                text=text,
                line=block.line + offset * counts,
                section=state.section,
                struck=block.struck,
                quote=block.quote,
                note=block.note,
            )
            yield from text_lines(line, state)
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
    if block.fake and text.rstrip().endswith((":", "：")):
        state.open(text)
        yield replace(line, section=state.section, heading=6)
        return
    day = FULL_DAY.search(plain(text))
    again = state.headings and block.level <= state.headings[0][0] and state.day
    if day and again and day[0] != state.day:
        state.next_meeting(day[0])
    if day and not state.headings:
        state.day = day[0]
    state.enter(text, block.level + block.fake)
    yield replace(line, section=state.section, heading=max(1, block.level))


def _is_sentence(text: str) -> bool:
    return len(text) > 30 or bool(_SENTENCE.search(text))


def _item(block: ListItem, state: State, *, counts: bool) -> Iterator[Line]:
    parts = unwrapped(block.text) or [(0, "")]
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
        yield from entry_lines(rest, 0, state)
