"""Finds the phrases of a sentence that are deadlines: the strict half of ``minutes.dates``. Pure.

A sentence names days for many reasons: when something happened, whose birthday it is, which
release it was. A phrase counts only with a word that limits (前, by, due), with a verb of doing
right behind it, or if it names a day in full and nothing says that it is another day.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from minutes.dates_phrase import Term, evaluate, kinds_of, known, reduce
from minutes.dates_points import Context, Point, refuse
from minutes.dates_scan import Piece, Plain, scan


@dataclass(frozen=True, slots=True)
class Phrase:
    """A deadline in a text; ``marked`` if a word beside it makes it one."""

    start: int
    end: int
    point: Point
    marked: bool


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Pieces that may be one phrase, with what stands around them in the plain text.

    Attributes:
        kinds: of its terms.
        days: its days, each with its words.
        text: all its words.
        following: kind of the piece behind it.
        limited: it holds a word that limits.
    """

    pieces: Sequence[Piece]
    terms: Sequence[Term]
    kinds: str
    days: Sequence[tuple[Piece, str]]
    text: str
    before: str
    behind: str
    following: str
    limited: bool


# Words that may open a phrase for a day, though they add nothing to it.
_OPENING = frozenset(
    (
        *("于", "在", "on", "计划", "计划于", "预计", "预计于", "拟于", "定于"),
        *("力争", "争取", "确保", "暂定", "暂定于", "不超过"),
    )
)
_WITHIN = re.compile(r"[内前]$|^(?:with|inside )?in |^(?:eo[dmqyb]|eow|cob|cop)$")
_COUNTED = re.compile(r"^[\d一二两三四五六七八九十半].*(?:内|后)$")
_EVENT = re.compile(
    r"(?:后|起|之日|收到|接到|[到获]批|签订|签署|验收|上线|审批|通知|发布)[^,;。]{0,6}$"
)
_PAST = re.compile(
    r"(?:已[经于在]?|曾[于经在]?|自从?|从|根据|按照?|依据|上次|关于|了)[于在]?$"
    r"|(?<!be )(?<!get )\b(?:[a-z]{2,15}ed|sent|held|met|was|were|of|since|from|for"
    "|as of)(?: on| the)? $"
)
_NOT_DUE = re.compile(
    r"(?:的|会议|例会|周会|召开|举行|版|以来|当天|发布会|至今|起|后|开始|启动)"
    r"|,?(?:已|共|累计|完成率|仍|尚|总|还)| ?(?:meeting|call|minutes|session|version|release)"
)
_AS_OF = re.compile(r",?(?:已|共|累计|完成率|完成|仍|尚|总|还)")
_NAMES = re.compile(r"(?:May|June|April|August|Sun|Jan|Jun|Mar|Mon|March|Summer)\s+[A-Z][a-z]")
_UNDATED = re.compile(r"u|T|[pK].*[bvrl]|v.*s|[brl]s$")
_FULL = re.compile(r"\d{3,4}[-/.]\d|\d{8}|\d{1,2}([-/.])\d{1,2}\1\d{4}")
_WEAK = re.compile(r"\d{1,2}[-.]\d{1,2}")  # 2.4 may be metres
_MODAL = re.compile("may |march ")  # we may 5 times ...
_PLURAL = re.compile(" [a-z]+s(?![a-z])")
_BRACKETS = dict(zip("([（【［{<〔", ")]）】］}>〕", strict=True))


def phrases(text: str, read: Plain, ctx: Context) -> Iterator[Phrase]:
    """Yield the deadlines of a text in order.

    Args:
        text: as written.
        read: the same text made plain.
        ctx: what relative phrases count from.
    """
    pieces = known(scan(read.text), ctx)
    for first, last in _stretches(pieces, read.text):
        following = pieces[last + 1].kind if last + 1 < len(pieces) else ""
        stretch = _stretch(pieces[first : last + 1], following, read.text, ctx)
        named = next((p for p in stretch.pieces if p.kind in "dwb"), pieces[first])
        if _NAMES.match(text, read.at[named.start]) or not _is_deadline(stretch):
            continue
        point = _point(stretch, read.text, ctx)
        if point:
            start, end = read.at[pieces[first].start], read.at[pieces[last].end - 1] + 1
            yield Phrase(*_with_brackets(text, start, end), point, _is_marked(stretch))


def _stretches(pieces: Sequence[Piece], plain: str) -> Iterator[tuple[int, int]]:
    """Yield first and last piece of every stretch that may be one phrase."""
    start = 0
    for n in range(len(pieces) + 1):
        if n < len(pieces) and not _breaks(pieces, n, plain):
            continue
        first, last = start, n - 1
        while first <= last and _opens_nothing(pieces[first], plain):
            first += 1
        while first <= last and _closes_nothing(pieces[last], plain):
            last -= 1
        if first <= last:
            yield first, last
        start = n + 1


def _breaks(pieces: Sequence[Piece], n: int, plain: str) -> bool:
    kind, following = pieces[n].kind, pieces[n + 1] if n + 1 < len(pieces) else None
    period = kind == "b" or (kind in "h~(" and n > 0 and pieces[n - 1].kind == "b")
    if period and following and following.kind in "pK":
        # close the present sprint by 7 June: the period is what is done, not when
        return plain[following.start : following.end].isascii()
    if kind == ")":
        return following is None or following.kind != "s"
    if kind == "," and following and n:
        return not (pieces[n - 1].kind == "w" and following.full)
    return kind in ",xyi"


def _opens_nothing(piece: Piece, plain: str) -> bool:
    word = plain[piece.start : piece.end]
    return piece.kind in "s),oh~ta" or (piece.kind == "n" and word not in _OPENING)


def _closes_nothing(piece: Piece, plain: str) -> bool:
    # 截止 may close a phrase, "by" opens the next
    word = plain[piece.start : piece.end]
    return piece.kind in "n,o(~hfkK)" or (piece.kind == "p" and word.isascii())


def _stretch(pieces: Sequence[Piece], following: str, plain: str, ctx: Context) -> _Stretch:
    terms = reduce(pieces, ctx)
    kinds = kinds_of(terms)
    begin, end = pieces[0].start, pieces[-1].end
    spoken = (plain[p.start : p.end] for p in pieces if p.kind in "dwT")
    return _Stretch(
        pieces=pieces,
        terms=terms,
        kinds=kinds,
        days=tuple((t.piece, plain[t.piece.start : t.piece.end]) for t in terms if t.is_day),
        text=plain[begin:end],
        before=plain[max(0, begin - 24) : begin],
        behind=plain[end : end + 12],
        following=following,
        limited=bool(set(kinds) & set("pKs>")) or any(map(_WITHIN.search, spoken)),
    )


def _is_marked(one: _Stretch) -> bool:
    opened = one.pieces[0].kind == "n"
    return one.limited or bool(one.days and (opened or one.following == "y"))


def _is_counted(one: _Stretch) -> bool:
    return bool(one.days and _COUNTED.search(one.days[0][1]))


def _is_deadline(one: _Stretch) -> bool:
    """Say whether a stretch speaks of a deadline, not of another day, a name or a number."""
    if not one.days:
        if one.kinds == "e":
            return bool(_WITHIN.search(one.text))
        return bool(_UNDATED.search(one.kinds)) and (one.kinds != "T" or one.following == "y")
    if "g" in one.kinds and not (_is_counted(one) and one.kinds[0] == "g"):
        return False
    if one.limited:
        return not (one.text.startswith(("截至", "截止")) and _AS_OF.match(one.behind))
    if _PAST.search(one.before) or _NOT_DUE.match(one.behind):
        return False
    if any(_WEAK.fullmatch(word) for _, word in one.days):
        return False
    return _is_marked(one) or all(
        (piece.full and not (_MODAL.match(word) and _PLURAL.match(one.behind))) or _FULL.match(word)
        for piece, word in one.days
    )


def _point(one: _Stretch, plain: str, ctx: Context) -> Point | None:
    """Return what a stretch says, None if that is nothing to tell anybody."""
    if _is_counted(one) and (one.kinds[0] == "g" or _EVENT.search(one.before)):
        return refuse("event_relative")
    point = evaluate(one.terms, plain[: one.pieces[-1].end], ctx)
    if point.day is None and point.reason in (None, "unknown"):
        return None
    doubtful = point.day is None and point.reason not in ("ambiguous_order", "impossible_date")
    return None if doubtful and one.days and not _is_marked(one) else point


def _with_brackets(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a span by the brackets that hold nothing else."""
    for opened, closed in _BRACKETS.items():
        inside = text[start:end]
        if inside.count(opened) > inside.count(closed) and text[end : end + 1] == closed:
            end += 1
    left = len(text[:start].rstrip(" "))
    right = end + len(text[end:]) - len(text[end:].lstrip(" "))
    close = _BRACKETS.get(text[left - 1]) if left else None
    return (left - 1, right + 1) if close and text[right : right + 1] == close else (start, end)
