"""Cuts a text into the pieces that ``minutes.dates`` puts together. Pure.

The text is made plain first (half-width, lower case, simplified, single blanks); then each place
is matched once against the forms, and what none of them knows is a piece of kind ``x``. No form has
an unbounded repeat, so the work is linear in the text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import count

from mapping.days import CLOCK, HAN_WEEKDAY, WEEKDAY_NAME, plain, weekday_number
from minutes import dates_en, dates_words, dates_zh
from minutes.dates_numbers import numeric, numeric_range
from minutes.dates_points import Context, Form, Parts, Point, next_weekday


@dataclass(frozen=True, slots=True)
class Plain:
    """A text as the forms know it, and where each of its characters stood.

    Attributes:
        at: one more than there are characters; the last is the length of the original.
    """

    text: str
    at: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the plain text; ``kind`` and ``full`` as in ``Form``."""

    kind: str
    start: int
    end: int
    resolve: Callable[[Context], Point] | None = None
    full: bool = False
    written: bool = False  # a day in figures or by its month: its weekday may stand beside it


_HAN = re.compile("[\u3400-\u9fff]")
# A day does not begin inside a longer number; behind 1. to 19. it may: the number of an entry.
_INSIDE = re.compile(r"(?:\d[-/年月]?|[2-9]\d\.)\d\Z")
_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0e\ufe0f")


def make_plain(text: str) -> Plain:
    """Fold a text; blanks beside Chinese characters go, any others become one."""
    chars: list[str] = []
    at: list[int] = []
    for place, raw in enumerate(text):
        if raw in _INVISIBLE:
            continue
        for char in plain(raw):
            blank = char.isspace()
            if blank and (not chars or chars[-1] == " "):
                continue
            if len(chars) > 1 and chars[-1] == " " and _joins(chars[-2], char):
                chars.pop()
                at.pop()
            chars.append(" " if blank else char)
            at.append(place)
    if chars and chars[-1] == " ":
        chars.pop()
        at.pop()
    return Plain("".join(chars), (*at, len(text)))


def _joins(left: str, right: str) -> bool:
    if left < "\u3400" and right < "\u3400":
        return False
    han_left, han_right = _HAN.match(left), _HAN.match(right)
    return bool((han_left and right.isalnum()) or (han_right and left.isalnum()))


def _numeric(m: Parts, ctx: Context) -> Point:
    text = (m.get("blob") or "").replace(" ", "")
    point = numeric(text, ctx)
    return numeric_range(text, ctx) if point.reason == "unknown" else point


def _weekday_mark(m: Parts, ctx: Context) -> Point:
    return next_weekday(weekday_number(m.get("w") or ""), ctx)


_MASKS = (
    Form("x", r"《[^》]{0,80}》"),
    Form(
        "x",
        r"https?://[^\s\u3400-\u9fff]{1,500}|(?<![a-z\d.+_-])[a-z\d.+_-]{1,64}@[a-z\d-]{1,64}\.[a-z.]{2,20}"
        r"|[#@](?:[a-z\d_.-]{1,32}|[\u3400-\u9fff]{2,4})",
    ),
    Form(
        "x",
        r"(?<![a-z])(?:v|ver|version|rev|release|room|rm|no|item|section|chapter|sprint|phase"
        "|page|step|build|issue|ticket|pr|bug|task|id|ip|port|tel|phone|bay|gate"
        r"|block)\.?[ #-]{0,2}\d{1,20}(?:[-./]\d{1,9}){0,6}",
    ),
    Form(
        "x", r"(?:版本|版|编号|电话|房间|会议室|工号|单号|型号|第):?\d{1,20}(?:[-./]\d{1,9}){1,6}"
    ),
    Form(
        "x",
        r"\d{1,20}(?:[-./,]\d{1,9}){0,6}(?:%|‰|万|亿|元|倍|美元|分之|[kmg]b(?![a-z])|期|版|级|层|楼|栋|号楼|室|人"
        "|个(?!工作|月|星|礼|自|小)|条|项|次|份|页|分(?!钟)|米|厘米|毫米|公里|吨|公斤|克|℃|度|只|台|套|件|辆|家|块|元)",
    ),
    Form(
        "i",
        "(?:⏳|🛫|✅|❌|➕|scheduled:|created:|start:|done:"
        r"|closed:) ?[<\[]?\d{4}-\d{2}-\d{2}[^>\]\s]{0,12}[>\]]?",
    ),
)
_NUMBERS = (
    Form("x", r"(?<![\d./-])1?\d\.(?=\d{1,2}月\d)"),  # 1.5月31日: the number of an entry
    Form("t", rf"{CLOCK}(?: ?(?:~|-{{1,2}}|至|到|to) ?{CLOCK})?"),
    Form(
        "W",
        rf"[(\[【<] ?(?P<w>{HAN_WEEKDAY}|[一二三四五六日]|{WEEKDAY_NAME}) ?[)\]】>]",
        _weekday_mark,
    ),
    Form("K", r"📅|🗓|⏰|\[?\(?due::"),
    Form(
        "d",
        r"(?<![a-z\d_.$€£¥])(?<![a-z\d][-/])(?P<blob>\d{8}"
        r"|(?:19|20)\d\d(?: [-/.] |[-/.] )\d{1,2}(?: [-/.] |[-/.] )\d{1,2}"
        r"|\d{1,8}(?:[-/.~]\d{1,8}){1,6})(?![\d_%a-su-z月]|t(?!\d)|[-/.]\d)[日号]?",
        _numeric,
    ),
    Form("x", r"\d{1,40}(?:[-./:,~]\d{1,40}){0,40}"),
)
_MARKS = (
    Form(
        "t",
        r"(?<=[日号一二三四五六天])晚(?![上间于点期])|(?:凌晨|早上|上午|中午|下午|傍晚|晚上|晚间|早晨|午前|午后|夜里|零点)(?!茶)",
    ),
    Form(",", r"[,;、。.!|/]"),
    Form("(", r"[(\[【「《{]|<(?=\d{4}-)"),  # <2024-06-15 Sat>, but >6月15日
    Form(")", r"[)\]】」》}]|(?<=[\da-z])>"),
    Form("~", r"~|-{1,3}"),
    Form("n", r"[:*_`'\"“”‘’]"),
    Form("x", r"[a-z][a-z'_-]{0,40}"),
)


def _wrap(form: Form) -> Form:
    return Form(form.kind, rf"(?<![a-z])(?:{form.pattern})(?![a-z])", form.resolve, form.full)


_KNOWN = (
    *_MASKS,
    *dates_zh.FORMS,
    *dates_words.ZH,
    *map(_wrap, (*dates_en.FORMS, *dates_words.EN)),
    *_NUMBERS,
    *_MARKS,
)


def _idle() -> Form:
    """Return the form of characters that stand in no other form: passed over at once."""
    used = "".join(sorted({c for form in _KNOWN for c in form.pattern if c > "\u33ff"}))
    return Form("x", rf"[^\x00-\u33ff\ua000-\U0010ffff{used}]+")


_FORMS = (_idle(), *_KNOWN)


@cache
def _which() -> re.Pattern[str]:
    """Return the pattern that says which form matches."""
    bare = (re.sub(r"\(\?P<\w+>", "(?:", form.pattern) for form in _FORMS)
    return re.compile("|".join(f"(?P<f{n}>{pattern})" for n, pattern in enumerate(bare)))


@cache
def _own(n: int) -> re.Pattern[str]:
    """Return a form's own pattern; a document needs few of them."""
    return re.compile(_number_groups(_FORMS[n].pattern))


def _number_groups(pattern: str) -> str:
    """Make the names of groups unique: the branches of a form may share a name."""
    numbers = count()
    return re.sub(r"\(\?P<(\w+)>", lambda m: f"(?P<{m[1]}_{next(numbers)}>", pattern)


def scan(text: str) -> list[Piece]:
    """Return the pieces of a plain text in order; blanks between them are left out."""
    pieces: list[Piece] = []
    place = 0
    for match in _which().finditer(text):
        if text[place : match.start()].strip():
            pieces.append(Piece("x", place, match.start()))
        place = match.end()
        n = int((match.lastgroup or "f0")[1:])
        form = _FORMS[n]
        resolve = None
        if form.resolve and _INSIDE.search(text, max(0, match.start() - 3), match.start() + 1):
            pieces.append(Piece("x", match.start(), match.end()))
            continue
        if form.resolve:
            named = _own(n).match(text, match.start())
            if named is None or named.end() != match.end():
                pieces.append(Piece("x", match.start(), match.end()))
                continue
            resolve = _bind(form, named)
        written = form.full or form.resolve is _numeric
        pieces.append(Piece(form.kind, *match.span(), resolve, form.full, written))
    if text[place:].strip():
        pieces.append(Piece("x", place, len(text)))
    return pieces


def _bind(form: Form, match: re.Match[str]) -> Callable[[Context], Point]:
    groups = match.groupdict().items()
    parts = {name.rpartition("_")[0]: value for name, value in groups if value is not None}
    resolver = form.resolve
    assert resolver is not None  # noqa: S101  # only called for forms that have one
    return lambda ctx: resolver(parts, ctx)
