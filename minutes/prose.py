"""Action items from sentences: 由X负责…, 请X于…前…, X to do …. Pure."""

from minutes.drafts import Desk, Draft
from minutes.lines import Read
from minutes.stream import Line


def drafts_of(line: Line, desk: Desk) -> list[Draft]:
    return []


def owned(read: Read, desk: Desk, meeting: int) -> Read:
    return read


def second(read: Read, desk: Desk, meeting: int) -> tuple[Read, ...]:
    return ()
