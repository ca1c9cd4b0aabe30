"""Due days in minutes: a full-match grammar that refuses by default. Pure.

``parse`` reads a date cell or the value of a label: every word of it must be known, else there is
no day. ``search`` reads a sentence and is stricter still: a day counts only with a word beside it
that makes it a deadline (前, 截止, by, due, 📅), or if it names its month. What is vague, relative
to an event, impossible or open to two readings gives no day but a reason.

Two numbers alone (``6/7``) have no order of their own: pass what ``order_of`` says of the document.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from mapping.calendar import Calendar
from mapping.days import order_pair
from minutes.dates_points import Context, Order, Point, end_range, refuse, relative
from minutes.dates_scan import Piece, Plain, make_plain, scan

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
    read = make_plain(text)
    ctx = _context(read.text, reference, calendar, order)
    pieces = _known(scan(read.text), ctx)
    return _due(_evaluate(_reduce(pieces), ctx), text, reference)


def order_of(texts: Iterable[str]) -> Order | None:
    """Return how a document writes two numbers for a day, None if it does not show.

    Args:
        texts: the document's text in any pieces.
    """
    text = "\n".join(texts)[:_LONGEST_TEXT]
    han = len(_HAN.findall(text))
    if 4 * han > len(text.split()):
        return Order.HAN
    orders = {_order_shown(int(a), int(b)) for a, b in _PAIR.findall(text)} - {None}
    return orders.pop() if len(orders) == 1 else None


_HAN = re.compile("[\u3400-\u9fff]")
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
        kind = "none" if point.reason in (None, "unknown") else "vague"
        reason = None if kind == "none" else point.reason
        return Due(day=None, kind=kind, reason=reason, text=text, alternatives=point.alternatives)
    warnings = point.warnings
    if reference and point.day < reference:
        warnings = (*warnings, "past_date")
    return Due(
        day=point.day,
        kind=point.kind,
        text=text,
        warnings=warnings,
        alternatives=point.alternatives,
    )


# -- the grammar over kinds of pieces (see Form) -------------------------------------------------

_LEAD = "[pKh]*"
_TAIL = "[spKy]*"
_SINGLE = re.compile(rf"{_LEAD}[dw]{_TAIL}")
_LATEST = re.compile(
    rf"[uv],?(?:[pK]+[dw]{_TAIL}|{_LEAD}[dw][spK]+y*)|(?:[pK]+[dw]{_TAIL}|{_LEAD}[dw][spK]+y*),?u"
)
_RANGE = re.compile(
    rf"[pKf]*(d)[syg]*[h~][pK]*([dw]){_TAIL}|[pKf]*(w)[syg]*[h~][pK]*(d){_TAIL}|[pK]*f(d)o(d){_TAIL}"
)
_REVISED = re.compile(
    rf".*>[pKhf]*([dw]){_TAIL}|k[dw][sy]*(?:[h,]|,h)?[p]*([dw]){_TAIL}|{_LEAD}([dw])[sy]*,?k[dw]s?,?"
)
_WHOLE_DAY = re.compile(r"[pK]*T[spK]*")
_REASONS = (
    ("r", "recurring"),
    ("l", "lunar"),
    ("e", "event_relative"),
    ("d{2}", "two_dates"),
    ("v", "vague_word"),
    ("a", "vague_word"),
    ("u", "vague_word"),
    ("b", "period_without_end"),
    ("g", "period_without_end"),
)


@dataclass(frozen=True, slots=True)
class _Term:
    """A piece after reduction; ``mark`` is the weekday that stands beside a day."""

    piece: Piece
    mark: Piece | None = None

    @property
    def kind(self) -> str:
        return self.piece.kind


def _known(pieces: Sequence[Piece], ctx: Context) -> list[Piece]:
    """Return the pieces, with numbers that are no days as what they are: unknown."""
    return [
        replace(p, kind="x") if p.resolve and p.resolve(ctx).reason == "unknown" else p
        for p in pieces
    ]


def _reduce(pieces: Sequence[Piece]) -> list[_Term]:
    """Drop what adds nothing and join each day with the weekday beside it."""
    kept = [p for p in pieces if p.kind not in "nti"]
    if any(p.kind in "dw" for p in kept):
        kept = [p for p in kept if p.kind != "T"]
    terms: list[_Term] = []
    n = 0
    while n < len(kept):
        piece, rest = kept[n], kept[n + 1 : n + 3]
        kinds = "".join(p.kind for p in rest)
        if piece.kind == "d" and kinds[:1] in ("w", "W"):
            terms.append(_Term(piece, rest[0]))
            n += 2
        elif piece.kind == "w" and kinds[:1] == "d" and rest[0].written:
            terms.append(_Term(rest[0], piece))
            n += 2
        elif piece.kind == "w" and kinds in (",d", "(d") and rest[1].written:
            terms.append(_Term(rest[1], piece))
            n += 3
        elif piece.written and kinds == ",w":
            terms.append(_Term(piece, rest[1]))
            n += 3
        elif piece.kind in "()W":
            n += 1
        else:
            terms.append(_Term(piece))
            n += 1
    return terms


def _evaluate(terms: Sequence[_Term], ctx: Context) -> Point:
    """Return the one day that a whole phrase names, else the reason why there is none."""
    while terms and terms[0].kind == ",":
        terms = terms[1:]
    while terms and terms[-1].kind == ",":
        terms = terms[:-1]
    kinds = "".join(term.kind for term in terms)
    if _SINGLE.fullmatch(kinds) or _LATEST.fullmatch(kinds):
        return _resolve(next(t for t in terms if t.kind in "dw"), ctx)
    if found := _RANGE.fullmatch(kinds):
        first, second = (terms[found.start(n)] for n in range(1, 7) if found[n])
        start = _resolve(first, ctx)
        if start.day is None:
            return start
        return end_range(start, _resolve(second, replace(ctx, start=start.day)))
    if found := _REVISED.fullmatch(kinds):
        place = next(found.start(n) for n in (1, 2, 3) if found[n])
        return _resolve(terms[place], ctx)
    if _WHOLE_DAY.fullmatch(kinds):
        return relative(ctx.reference) if ctx.reference else refuse("no_reference")
    return _why_not(terms, kinds, ctx)


def _resolve(term: _Term, ctx: Context) -> Point:
    assert term.piece.resolve is not None  # noqa: S101  # d and w always have one
    point = term.piece.resolve(ctx)
    if term.mark is None or term.mark.resolve is None:
        return point
    reference = point.day or (point.alternatives[0] if point.alternatives else None)
    if reference is None:
        return point
    named = term.mark.resolve(replace(ctx, reference=reference, start=None)).day
    if named is None:
        return point
    if point.day is None:
        # 06/07/2024 (Fri): only one of the readings is a Friday
        fits = [d for d in point.alternatives if d.weekday() == named.weekday()]
        return Point(day=fits[0]) if len(fits) == 1 else point
    if point.day.weekday() != named.weekday():
        return replace(point, warnings=(*point.warnings, "weekday_mismatch"))
    return point


def _why_not(terms: Sequence[_Term], kinds: str, ctx: Context) -> Point:
    points = [_resolve(term, ctx) for term in terms if term.kind in "dw"]
    days = [point for point in points if point.reason != "unknown"]
    if "x" not in kinds and len(days) > 1 and not set(kinds) - set("dwspK,ohk~"):
        told = {point.day for point in days}
        if len(told) == 1 and not set(kinds) & set("oh~k"):
            return days[0]
    if "x" in kinds and not set(kinds) & set("rlevau"):
        counted = re.search("x[sg]|[pg]x", kinds)
        return refuse("event_relative" if counted else "unknown")
    for kind, reason in _REASONS:
        if len(kind) == 1 and kind in kinds:
            return refuse(reason)
        if kind == "d{2}" and len(days) > 1:
            return refuse(reason)
    return refuse("vague_word" if days else "unknown")


def search(
    text: str, reference: date | None, calendar: Calendar, *, order: Order | None = None
) -> tuple[Found, ...]:
    """Find the date phrases of a sentence, in order.

    A vague deadline (尽快, by next week) is found too: its ``due`` has no day but a reason. Where a
    phrase is marked as the deadline, days that are only named are left out.
    """
    read = make_plain(text[:_LONGEST_TEXT])
    ctx = _context(read.text, reference, calendar, order)
    pieces = _known(scan(read.text), ctx)
    found = [
        one
        for first, last in _segments(pieces, read.text)
        if (one := _find(pieces, first, last, text, read, ctx))
    ]
    marked = [one for one in found if one.marked]
    return tuple(marked or found)


_WITHIN = re.compile(r"[内前]$|^(?:with|inside )?in |^(?:eo[dmqyb]|eow|cob|cop)$")
_EVENT = re.compile(
    r"(?:后|起|之日|收到|接到|[到获]批|签订|签署|验收|上线|审批|通知|发布)[^,;。，；]{0,6}$"
)
_PAST = re.compile(
    r"(?:已[经于在]?|曾[于经在]?|自从?|从|根据|按照?|依据|上次|关于|了)[于在]?$"
    r"|(?<!be )(?<!get )\b(?:[a-z]{2,15}ed|sent|held|met|was|were|of|since|from|as of) (?:on )?$"
)
_NOT_DUE = re.compile(
    r"(?:的|会议|例会|周会|召开|举行|版|以来|当天|发布会|至今|起|后|开始|启动)|,?(?:已|共|累计|完成率|仍|尚|总|还)"
    r"| ?(?:meeting|call|minutes|session|version|release)"
)
_AS_OF = re.compile(r",?(?:已|共|累计|完成率|完成|仍|尚|总|还)")
_COUNTED = re.compile(r"^[\d一二两三四五六七八九十半].*(?:内|后)$")
_NAMES = re.compile(r"(?:May|June|April|August|Sun|Jan|Jun|Mar|Mon|March|Summer)\s+[A-Z][a-z]")
_KEEP = frozenset(
    "于 在 on 计划 计划于 预计 预计于 拟于 定于 力争 争取 确保 暂定 暂定于 不超过".split()
)


def _segments(pieces: Sequence[Piece], plain: str) -> Iterable[tuple[int, int]]:
    """Yield first and last piece of every stretch that may be one date phrase."""
    start = 0
    for n in range(len(pieces) + 1):
        if n < len(pieces) and not _breaks(pieces, n):
            continue
        first, last = start, n - 1
        while first <= last and _loose(pieces[first], plain, "s),oh~nr(ta"):
            first += 1
        while first <= last and _loose(pieces[last], plain, "n,o(~hfkKpt)", edge=True):
            last -= 1
        if first <= last:
            yield first, last
        start = n + 1


def _breaks(pieces: Sequence[Piece], n: int) -> bool:
    kind = pieces[n].kind
    if kind != ",":
        return kind in "xyi"
    return not (0 < n < len(pieces) - 1 and pieces[n - 1].kind == "w" and pieces[n + 1].full)


def _loose(piece: Piece, plain: str, kinds: str, *, edge: bool = False) -> bool:
    """Say whether a piece at the edge of a phrase is no part of it."""
    word = plain[piece.start : piece.end]
    if piece.kind == "p" or (piece.kind == "t" and "p" in kinds):
        return piece.kind in kinds and word.isascii() and piece.kind == "p"
    return piece.kind in kinds and (edge or word not in _KEEP)


def _find(
    pieces: Sequence[Piece], first: int, last: int, text: str, read: Plain, ctx: Context
) -> Found | None:
    """Return the phrase of these pieces, None if it is no deadline."""
    inner = pieces[first : last + 1]
    terms = _reduce(inner)
    kinds = "".join(term.kind for term in terms)
    days = [term.piece for term in terms if term.kind in "dw"]
    begin, end = inner[0].start, inner[-1].end
    before, behind = read.text[max(0, begin - 24) : begin], read.text[end : end + 12]
    words = [read.text[p.start : p.end] for p in inner if p.kind in "dwT"]
    marked = bool(re.search(r"[pKs>]|[dw][h~][dw]", kinds)) or any(map(_WITHIN.search, words))
    if not marked and days:
        doing = last + 1 < len(pieces) and pieces[last + 1].kind == "y"
        placed = inner[0].kind == "n"
        if _PAST.search(before) or _NOT_DUE.match(behind):
            return None
        marked = doing or placed
        if not marked and not all(p.full for p in days):
            return None
    named = next((p for p in inner if p.kind in "dwb"), inner[0])
    if _NAMES.match(text, read.at[named.start]):
        return None
    counted = bool(days) and bool(_COUNTED.search(words[0]))
    if "g" in kinds and not (counted and kinds[0] == "g"):
        return None
    if (
        days
        and words[0].startswith("may ")
        and not marked
        and re.match(r" [a-z]+s(?![a-z])", behind)
    ):
        return None
    if (
        kinds.startswith("p")
        and read.text[begin : begin + 2] in ("截至", "截止")
        and _AS_OF.match(behind)
    ):
        return None
    if not days and not re.search(r"u|T|e|[pK>].*[bvrl]|[bvrl].*s", kinds):
        return None
    if not days and kinds == "T" and not marked:
        return None
    if kinds == "e" and not re.match("(?:with)?in ", read.text[begin:end]):
        return None
    if counted and (kinds[0] == "g" or _EVENT.search(before)):
        point = refuse("event_relative")
    else:
        point = _evaluate(terms, ctx)
    if point.day is None and point.reason in (None, "unknown"):
        return None
    left, right = _with_brackets(text, read.at[begin], read.at[end - 1] + 1)
    return Found(
        start=left, end=right, due=_due(point, text[left:right], ctx.reference), marked=marked
    )


_BRACKETS = dict(zip("([（【［{<〔", ")]）】］}>〕", strict=True))


def _with_brackets(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a span by the brackets that hold nothing else."""
    inside = text[start:end]
    close = next((c for o, c in _BRACKETS.items() if inside.count(o) > inside.count(c)), None)
    if close and text[end : end + 1] == close:
        end += 1
    close = _BRACKETS.get(text[start])
    if close and text[end : end + 1] == close and close not in text[start:end]:
        return start, end + 1
    left = start
    while left and text[left - 1] == " ":
        left -= 1
    right = end
    while text[right : right + 1] == " ":
        right += 1
    close = _BRACKETS.get(text[left - 1]) if left else None
    return (left - 1, right + 1) if close and text[right : right + 1] == close else (start, end)
