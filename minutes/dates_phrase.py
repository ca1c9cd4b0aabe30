"""Puts the pieces of one phrase together: the grammar of ``minutes.dates``. Pure.

It works on the kinds of the pieces, one character each (``dates_points.Form`` names them), and only
what it matches from end to end is a day. All else is a reason.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from minutes.dates_points import NO_REFERENCE, Context, Point, end_range, refuse, relative
from minutes.dates_scan import Piece


@dataclass(frozen=True, slots=True)
class Term:
    """A piece of a phrase; ``mark`` is the weekday that stands beside a day."""

    piece: Piece
    mark: Piece | None = None

    @property
    def is_day(self) -> bool:
        """It names a day, be it only by its weekday."""
        return self.piece.kind in "dw"


_LEAD = "(?:[ys]+(?=[pK]))?[pKh]*"
_TAIL = "[spKy]*"
_MARKED = rf"(?:[pK]+[dw]{_TAIL}|{_LEAD}[dw][spK]+y*)"

_SINGLE = re.compile(rf"{_LEAD}[dw]{_TAIL}")
# 6月15日前提交初稿: what is to be done may follow, if nothing in it speaks of time
_DEED = re.compile(rf"{_LEAD}[dw]s+y[xyo]+")
# 尽快，最晚6月15日
_LATEST = re.compile(rf"[uv]y*[,~]?{_MARKED}|{_MARKED},?u")
_RANGE = re.compile(
    rf"[pKf]*(d)[syg]*[h~][pK]*([dw]){_TAIL}"
    rf"|[pK]*f(d)p(d){_TAIL}"
    rf"|[pKf]*(w)[syg]*[h~][pK]*(d){_TAIL}"
    rf"|[pK]*f(d)o(d){_TAIL}"
)
# postponed to the new day; the new day after the old one, or before it
_REVISED = re.compile(
    rf".*>[pKhf]*([dw]){_TAIL}"
    rf"|k[dw][sy]*(?:[h,]|,h)?p*([dw]){_TAIL}"
    rf"|{_LEAD}([dw])[sy]*,?k[dw]s?,?"
)
_WHOLE_DAY = re.compile(r"[pK]*T[spK]*")
_REASONS = (
    ("r", "recurring"),
    ("l", "lunar"),
    ("e", "event_relative"),
    ("dd", "two_dates"),
    ("v", "vague_word"),
    ("a", "vague_word"),
    ("u", "vague_word"),
    ("b", "period_without_end"),
    ("g", "period_without_end"),
    ("d", "vague_word"),
)


def reduce(pieces: Sequence[Piece], ctx: Context) -> list[Term]:
    """Drop what adds nothing and join each day with the weekday beside it."""
    kept = [p for p in known(pieces, ctx) if p.kind not in "nti"]
    if any(p.kind in "dw" for p in kept):
        kept = [p for p in kept if p.kind != "T"]
    terms: list[Term] = []
    n = 0
    while n < len(kept):
        piece, rest = kept[n], kept[n + 1 : n + 3]
        kinds = "".join(p.kind for p in rest)
        step = 1
        if piece.kind == "d" and kinds[:1] in ("w", "W"):
            terms.append(Term(piece, rest[0]))
            step = 2
        elif piece.kind == "w" and kinds[:1] == "d" and rest[0].written:
            terms.append(Term(rest[0], piece))
            step = 2
        elif piece.kind == "w" and kinds in (",d", "(d") and rest[1].written:
            terms.append(Term(rest[1], piece))
            step = 3
        elif piece.written and kinds == ",w":
            terms.append(Term(piece, rest[1]))
            step = 3
        elif piece.kind not in "()W":
            terms.append(Term(piece))
        n += step
    return terms


def known(pieces: Sequence[Piece], ctx: Context) -> list[Piece]:
    """Return the pieces, with numbers that are no days as what they are: unknown."""
    return [
        replace(p, kind="x", resolve=None, written=False)
        if p.written and p.resolve and p.resolve(ctx).reason == "unknown"
        else p
        for p in pieces
    ]


def kinds_of(terms: Sequence[Term]) -> str:
    """Return the kinds of the terms, one character each."""
    return "".join(term.piece.kind for term in terms)


def evaluate(terms: Sequence[Term], plain: str, ctx: Context) -> Point:
    """Return the one day that a whole phrase names, else the reason why there is none.

    Args:
        terms: of the phrase, reduced.
        plain: the text that the pieces were cut from.
        ctx: what the phrase is read against.
    """
    while terms and terms[0].piece.kind == ",":
        terms = terms[1:]
    while terms and terms[-1].piece.kind == ",":
        terms = terms[:-1]
    kinds = kinds_of(terms)
    single = _SINGLE.fullmatch(kinds) or _LATEST.fullmatch(kinds)
    if single or (_DEED.fullmatch(kinds) and _is_deed(terms, plain)):
        return _resolve(next(t for t in terms if t.is_day), ctx)
    if found := _RANGE.fullmatch(kinds):
        first, last = (terms[found.start(n)] for n in range(1, 9) if found[n])
        start = _resolve(first, ctx)
        if start.day is None:
            return start
        return end_range(start, _resolve(last, replace(ctx, start=start.day)))
    if found := _REVISED.fullmatch(kinds):
        place = next(found.start(n) for n in (1, 2, 3) if found[n])
        return _resolve(terms[place], ctx)
    if _WHOLE_DAY.fullmatch(kinds):
        return relative(ctx.reference) if ctx.reference else refuse(NO_REFERENCE)
    return _why_not(terms, kinds, ctx)


_DEED_WORDS = re.compile("[\u3400-\u9fff]{1,20}")


def _is_deed(terms: Sequence[Term], plain: str) -> bool:
    deed = next(t.piece for t in terms if t.piece.kind == "y")
    return bool(_DEED_WORDS.fullmatch(plain[deed.start :]))


def _resolve(term: Term, ctx: Context) -> Point:
    """Return the day of a term, checked against the weekday beside it: the date wins."""
    point = term.piece.resolve(ctx) if term.piece.resolve else refuse("unknown")
    near = point.day or next(iter(point.alternatives), None)
    if term.mark is None or term.mark.resolve is None or near is None:
        return point
    told = term.mark.resolve(replace(ctx, reference=near, start=None)).day
    if told is None:
        return point
    if point.day is None:
        # 06/07/2024 (Fri): only one of the readings is a Friday
        fits = [day for day in point.alternatives if day.weekday() == told.weekday()]
        return Point(day=fits[0]) if len(fits) == 1 else point
    if point.day.weekday() != told.weekday():
        if not term.piece.written:
            return refuse("contradictory")  # in two weeks on Friday
        return replace(point, warnings=(*point.warnings, "weekday_mismatch"))
    return point


def _why_not(terms: Sequence[Term], kinds: str, ctx: Context) -> Point:
    if not set(kinds) & set("rlevau"):
        if re.search("[xy][sg]|[pg][xy]", kinds):
            return refuse("event_relative")
        if "x" in kinds:
            return refuse("unknown")
    days = [_resolve(term, ctx) for term in terms if term.is_day]
    if len(days) > 1 and not set(kinds) - set("dwspK,"):
        # 2024-06-15 (June 15): told twice
        same = len({point.day for point in days}) == 1
        return days[0] if same else refuse("two_dates")
    told = kinds + "dd" if len(days) > 1 else kinds
    return next((refuse(reason) for kind, reason in _REASONS if kind in told), refuse("unknown"))
