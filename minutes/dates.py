"""Due days in minutes: a full-match grammar that refuses by default. Pure.

``parse`` reads a date cell or the value of a label: every word of it must be known, else there is
no day. ``search`` reads a sentence and is stricter still: a day counts only with a word beside it
that makes it a deadline (前, 截止, by, due, 📅), or if it names its month. What is vague, relative
to an event, impossible or open to two readings gives no day but a reason.

Two numbers alone (``6/7``) have no order of their own: pass what ``order_of`` says of the document.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from mapping.calendar import Calendar
from mapping.days import order_pair
from minutes.dates_phrase import evaluate, reduce
from minutes.dates_points import Context, Order, Point
from minutes.dates_scan import make_plain, scan
from minutes.dates_search import phrases

__all__ = ["Due", "Found", "Order", "order_of", "parse", "search"]

_LONGEST_CELL = 200  # characters; longer ones are no date cells
_LONGEST_TEXT = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What a phrase says of a day.

    Attributes:
        day: the day, never a guess.
        kind: ``exact``, ``relative``, ``range`` (``day`` is its end); without a day ``vague`` if
            the phrase speaks of time, ``none`` if it does not.
        reason: why there is no day: vague_word, period_without_end, event_relative, recurring,
            ambiguous_order, impossible_date, contradictory, two_dates, lunar, no_reference.
        text: the phrase as written.
        warnings: no_calendar_data, past_date, weekday_mismatch, policy (a convention decided).
        alternatives: other days that the phrase may mean.
    """

    day: date | None
    kind: str
    reason: str | None = None
    text: str = ""
    warnings: tuple[str, ...] = ()
    alternatives: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A date phrase in a sentence.

    Attributes:
        start: where it begins, its marker words included.
        end: where it ends; ``text[start:end]`` may be cut out.
        marked: a word beside it makes it a deadline; else it only names a day in full.
    """

    start: int
    end: int
    due: Due
    marked: bool = True


def parse(
    text: str, reference: date | None, calendar: Calendar, *, order: Order | None = None
) -> Due:
    """Read a date cell or the value of a label.

    Args:
        text: the cell.
        reference: the meeting's day; without it what is relative or lacks its year gives no day.
        calendar: counts working days and knows holidays.
        order: how the document writes two numbers, see ``order_of``.
    """
    text = text.strip()
    if len(text) > _LONGEST_CELL:
        return Due(day=None, kind="none", text=text)
    plain = make_plain(text).text
    ctx = _context(plain, reference, calendar, order)
    return _due(evaluate(reduce(scan(plain), ctx), plain, ctx), text, reference)


def order_of(texts: Iterable[str]) -> Order | None:
    """Return how a document writes two numbers for a day, None if it does not show.

    Args:
        texts: the document's text in any pieces.
    """
    text = "\n".join(texts)[:_LONGEST_TEXT]
    if len(_HAN.findall(text)) > len(text.split()):  # more than a few names
        return Order.HAN
    if _YEAR_FIRST.search(text) and not _PAIR.search(text):
        return Order.HAN
    shown = {_order_shown(int(a), int(b)) for a, b in _PAIR.findall(text)} - {None}
    return shown.pop() if len(shown) == 1 else None


_HAN = re.compile("[\u3400-\u9fff]")
_YEAR_FIRST = re.compile(r"(?<![\d/.-])(?:19|20)\d\d([/.])\d{1,2}\1\d{1,2}(?![\d/.-])")
_PAIR = re.compile(r"(?<![\d/.-])(\d{1,2})/(\d{1,2})/(?:\d{4}|\d{2})(?![\d/])")


def _order_shown(a: int, b: int) -> Order | None:
    if a == b or order_pair(a, b) is None:
        return None
    return Order.MONTH_FIRST if a <= 12 else Order.DAY_FIRST


def _context(
    plain: str, reference: date | None, calendar: Calendar, order: Order | None
) -> Context:
    if order is None and _HAN.search(plain):
        order = Order.HAN
    return Context(reference=reference, calendar=calendar, order=order)


def _due(point: Point, text: str, reference: date | None) -> Due:
    if point.day is None:
        none = point.reason in (None, "unknown")
        return Due(
            day=None,
            kind="none" if none else "vague",
            reason=None if none else point.reason,
            text=text,
            alternatives=point.alternatives,
        )
    past = ("past_date",) if reference and point.day < reference else ()
    return Due(
        day=point.day,
        kind=point.kind,
        text=text,
        warnings=point.warnings + past,
        alternatives=point.alternatives,
    )


def search(
    text: str, reference: date | None, calendar: Calendar, *, order: Order | None = None
) -> tuple[Found, ...]:
    """Find the date phrases of a sentence, in order.

    A vague deadline (尽快, by next week) is found too: its ``due`` has no day but a reason. Where a
    phrase is marked as the deadline, days that are only named are left out.
    """
    read = make_plain(text[:_LONGEST_TEXT])
    ctx = _context(read.text, reference, calendar, order)
    found = []
    for phrase in phrases(text, read, ctx):
        due = _due(phrase.point, text[phrase.start : phrase.end], reference)
        found.append(Found(start=phrase.start, end=phrase.end, due=due, marked=phrase.marked))
    return tuple([one for one in found if one.marked] or found)
