"""Action items from lines: entries of lists, check boxes, marks such as ``ACTION:``. Pure.

A line is read from both ends: what names the owner, the day, the state is taken off until the words
of the task are left, which therefore always stand in the document as they are.
"""

import re

from mapping.words import clean
from minutes.drafts import Desk
from minutes.line_owners import take_aside, take_bracketed, take_columns, take_owner, take_tail
from minutes.line_reader import LineReader, Read
from minutes.signs import SEPARATORS


def read_entry(text: str, desk: Desk, meeting: int, *, sure: bool) -> Read | None:
    """Take a line apart.

    Args:
        text: the line, without its number and check box.
        desk: the people and the days.
        meeting: which meeting of the file.
        sure: the place says already that it is an item, so that unknown names may be owners.

    Returns:
        None if nothing is left that could be a task.
    """
    reader = LineReader(clean(text), desk, meeting)
    sure = reader.take_mark() or sure
    reader.take_state()
    take_bracketed(reader)
    reader.take_labels()
    reader.trim()
    reader.blank_open_owner()
    reader.take_tag()
    take_aside(reader, sure=sure)
    if sure:
        take_columns(reader)
    for _ in range(2):
        if reader.who is None:
            take_tail(reader, sure=sure)
        reader.take_days()
        take_owner(reader, sure=sure)
        reader.take_leading_day()
        reader.trim()
    if re.match(r"[Tt]o [a-z]", reader.rest):
        reader.a += 3
    description = _closed(reader.rest)
    if len(description) < 2 or not re.search(r"[^\W\d_]", description):
        return None
    return Read(
        fields={**reader.fields, "description": description},
        source=clean(text),
        who=reader.who,
        due=reader.due,
        marked=reader.marked,
        extra=reader.extra,
    )


def _closed(text: str) -> str:
    """Return a text without a bracket that lost its other half."""
    text = text.strip(SEPARATORS)
    for left, right in ("()", "（）", "[]", "【】"):
        if text.endswith(left) or (
            text.count(left) > text.count(right) and text.rfind(left) > len(text) - 3
        ):
            text = text[: text.rfind(left)].rstrip(SEPARATORS)
        if text.endswith(right) and text.count(right) > text.count(left):
            text = text[:-1].rstrip(SEPARATORS)
    return text
