"""Days as people write them in a cell: ``2024年6月15日``, ``June 15``, ``113/6/15``. Pure.

``parse_day`` takes a full or yearless day and nothing else. The rest are the pieces of which the
wider grammar of ``minutes.dates`` is made too.
"""

import re
import unicodedata
from datetime import date, timedelta
from functools import lru_cache

# A day without a year is the first such day that is not further back than this.
BACK = timedelta(days=60)
ROC = 1911  # year 1 of the Republic of China is 1912
_LONGEST = 64  # characters; no way to write a day is longer

# Traditional and simplified by turns: only characters that dates are written with.
_PAIRS = (
    "週周禮礼個个後后國国慶庆節节號号內内兩两點点時时間间遲迟於于開开會会這这來来勞劳動动從从為为調调預预"
    "計计過过結结歲岁曆历農农陰阴陽阳當当將将現现請请須须應应儘尽盡尽陸陆長长緊紧陣阵階阶啟启業业項项聖圣"
    "誕诞訂订驗验驟骤書书說说討讨論论發发佈布單单終终約约見见導导檢检準准級级層层報报圍围歸归確确認认還还"
    "沒没達达給给與与線线幾几數数隨随變变話话簽签審审測测試试進进條条無无頭头維维運运營营關关實实參参處处劃划"
    "議议辦办繳缴擬拟標标盤盘覆复復复齊齐備备畢毕陳陈臨临屆届滿满據据貨货廠厂"
)
_SIMPLE = str.maketrans(dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True)))
_STROKES = str.maketrans("‐‑‒–—―−﹣－～〜∼﹏", "---------~~~~")
_HAN_DIGITS = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# Pieces of patterns, for text that went through ``plain``.
MONTH_NAME = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![a-z])\.?"
)
WEEKDAY_NAME = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:s|nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?"
    r"|sat(?:urday)?|sun(?:day)?)(?![a-z])\.?"
)
HAN_WEEKDAY = r"(?:周|星期|礼拜)[一二三四五六日天1-7]"
NUMBER = r"(?:\d{1,2}(?!\d)|[一二三四五六七八九十廿卅]{1,3})"
HAN_YEAR = r"(?:\d{4}|民国[\d〇零一二三四五六七八九十]{1,3}|\d{2,3}|[〇零一二三四五六七八九]{4})年"
MIXED_YEAR = r"\d{4}[-/.]"  # before a month with its sign: 2024.6月15日
CLOCK = (
    r"(?:t?\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?: ?[ap]\.?m\.?)?(?:z|[+-]\d{2}:?\d{2})?"
    r"|\d{1,2}(?:\.\d{2})? ?[ap]\.?m\b\.?"
    r"|(?:凌晨|早上|上午|中午|下午|傍晚|晚上|早|晚)?\d{1,2}[点时](?:半|整|钟|\d{1,2}分?)?"
    r"|(?:凌晨|早上|上午|中午|下午|傍晚|晚上)[一二三四五六七八九十两]{1,3}点半?)"
)


@lru_cache(maxsize=8192)
def plain(char: str) -> str:
    """Return a character as the patterns know it: half-width, lower case, simplified."""
    folded = unicodedata.normalize("NFKC", char.translate(_STROKES))
    return folded.lower().translate(_STROKES).translate(_SIMPLE)


def make_day(year: int, month: int, day: int) -> date | None:
    """Return the day, None if there is no such day or the year is none of ours."""
    if not 1980 <= year <= 2099:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def near(month: int, day: int, today: date) -> date | None:
    """Return the first such day that is at most 60 days before ``today``; None if it has none."""
    oldest = today - BACK
    year = oldest.year + ((month, day) < (oldest.month, oldest.day))
    return make_day(year, month, day)


def number(text: str) -> int | None:
    """Return the number below 100 that digits or Chinese numerals say (``15``, ``二十七``)."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.replace("廿", "二十").replace("卅", "三十").partition("十")
    if not ten:
        return _HAN_DIGITS.get(text)
    high = _HAN_DIGITS.get(tens) if tens else 1
    low = _HAN_DIGITS.get(ones) if ones else 0
    return None if high is None or low is None else high * 10 + low


def year_number(text: str) -> int | None:
    """Return the year of ``2024年``, ``2024.``, ``24年``, ``民国113年``, ``二〇二四年``."""
    digits = text.rstrip("年-/.")
    roc = digits.startswith("民国")
    digits = digits.removeprefix("民国")
    if "十" in digits:
        year = number(digits)
    else:
        year = int("".join(str(_HAN_DIGITS.get(c, c)) for c in digits))
    if year is None:
        return None
    return year + (ROC if roc else {2: 2000, 3: ROC}.get(len(digits), 0))


def month_number(name: str) -> int:
    """Return 1-12 for the English name of a month or its short form."""
    return _MONTHS.index(name[:3]) + 1


def weekday_number(name: str) -> int:
    """Return 0 (Monday) to 6 for ``周五``, ``五``, ``friday`` and their other forms."""
    if name[:3] in _WEEKDAYS:
        return _WEEKDAYS.index(name[:3])
    return "一二三四五六日1234567".index(name[-1].replace("天", "日")) % 7


_WEEKDAY = rf"(?:[(\[] ?(?:{HAN_WEEKDAY}|[一二三四五六日]|{WEEKDAY_NAME}) ?[)\]]|{HAN_WEEKDAY})"
_SUFFIX = rf"(?: ?,? ?{_WEEKDAY})?(?:(?: |, ?)?(?:at )?{CLOCK})?"
_DAY_FIRST = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?"
_LEADING = rf"(?:{WEEKDAY_NAME},? )?"
_NAME = rf"(?P<name>{MONTH_NAME})"
_FORMS = tuple(
    re.compile(form + _SUFFIX)
    for form in (
        r"(?P<y>\d{4})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})",
        r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})",
        r"(?P<roc>1\d{2})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})",
        rf"(?P<hy>{HAN_YEAR}|{MIXED_YEAR})?(?P<hm>{NUMBER})月(?P<hd>{NUMBER})[日号]?",
        r"(?P<a>\d{1,2})(?P<s>[-/.])(?P<b>\d{1,2})(?:(?P=s)(?P<y>\d{4}))?",
        rf"{_LEADING}{_DAY_FIRST}(?: of|[- ])? ?{_NAME}(?:(?:, ?|[- ])(?P<y>\d{{4}}))?",
        rf"{_LEADING}{_NAME}[- ]?{_DAY_FIRST}(?:(?:, ?| )(?P<y>\d{{4}}))?",
    )
)


def order_pair(a: int, b: int) -> tuple[int, int] | None:
    """Return month and day where only one order of two numbers is possible, else None."""
    if a == b or (a <= 12 < b <= 31):
        return a, b
    return (b, a) if b <= 12 < a <= 31 else None


def parse_day(text: str, today: date) -> date | None:
    """Return the day that a cell names in full or without its year; None for anything else.

    A weekday in brackets and a time of day may stand behind it. ``1/2`` has two readings and
    gives None, as do ``下周五`` and a day that does not exist.

    Args:
        text: the cell.
        today: a day without a year is the first one at most 60 days before this.
    """
    if len(text) > _LONGEST or text.strip() == "24/7":
        return None
    folded = " ".join("".join(map(plain, text)).split())
    folded = re.sub(r"(?<=[年月日号民国]) | (?=[年月日号])", "", folded)
    for form in _FORMS:
        if match := form.fullmatch(folded):
            return _day(match.groupdict(), today)
    return None


def _day(part: dict[str, str | None], today: date) -> date | None:
    if name := part.get("name"):
        month, day = month_number(name), int(part["d"] or 0)
    elif part.get("hm"):
        month, day = number(part["hm"] or "") or 0, number(part["hd"] or "") or 0
    elif part.get("a"):
        pair = order_pair(int(part["a"] or 0), int(part["b"] or 0))
        if pair is None:
            return None
        month, day = pair
    else:
        month, day = int(part["m"] or 0), int(part["d"] or 0)
    if year := part.get("y"):
        return make_day(int(year), month, day)
    if roc := part.get("roc"):
        return make_day(int(roc) + ROC, month, day)
    if han := part.get("hy"):
        return make_day(year_number(han) or 0, month, day)
    return near(month, day, today)
