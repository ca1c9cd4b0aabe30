"""What a meeting is called, of what type it is and whether it is sensitive. Pure."""

import re
from collections.abc import Mapping, Sequence

from mapping.values import MeetingType
from mapping.words import clean, fold, plain
from minutes.labels import Part, bare, fact_of, part_of
from minutes.moments import FULL_DAY
from minutes.sections import Grid, Line

_GENERIC = re.compile(
    r"(?:会议|例会|本次会议)?(?:纪要|记录|议程|纪录|行动项|跟踪表)*$|"
    r"(?:draft|minutesof(?:the)?meeting|meetingdetails|meetinginformation|meetingsummary|"
    r"meeting|minutes|agenda|actionitems?|notes|meetingminutes|todo|meetingnotes|meetinginfo|"
    r"information|links|attendees)\d*$"
)
_TYPES = (
    (MeetingType.DECISION, r"决策|decision meeting|board decision"),
    (
        MeetingType.CROSS_DEPARTMENT,
        r"协调会|跨部门|跨单位|cross[- ]?(?:department|functional|team)|coordination meeting",
    ),
    (
        MeetingType.REGULAR,
        (
            r"例会|周会|月会|双周会|晨会|早会|季会|年会|常规|"
            r"\b(?:bi-?weekly|weekly|monthly|quarterly|fortnightly|daily|regular)\b"
        ),
    ),
    (MeetingType.SPECIAL, r"专项|专题|专案|启动|复盘|kick-?\s?off|post-?mortem|\bspecial\b"),
)
_SECRET = re.compile(r"\W*(?:密级|机密|绝密|(?:商业)?秘密|confidential|保密)", re.IGNORECASE)


def title_of(
    told: str | None, parts: Sequence[Line | Grid], name: str, front: Mapping[str, str]
) -> str | None:
    """Return the title: a label's, the first heading's, a first line's, the file's, in this order.

    Args:
        told: what a label such as 会议名称 says.
        parts: the lines and grids of the meeting.
        name: the file's name.
        front: the front matter.
    """
    lines = [p for p in parts if isinstance(p, Line)]
    if told:
        moment = FULL_DAY.search(plain(told))
        if moment and moment.start() > 0:
            return told[: moment.start()].rstrip(" ,，(（-—:：")
        return told
    for line in lines:
        if line.heading == 1 and not _is_generic(line.text):
            return _undated(line.text)
    first = next((n for n, x in enumerate(lines) if x.label and fact_of(x.label)), 0)
    for line in [*lines[:1], *lines[max(0, first - 1) : first], *lines[:2]]:
        if line.depth < 0 and not line.label and _is_title(line.text):
            return _undated(line.text)
    if named := next(
        (v for k, v in front.items() if fold(k) in ("title", "标题", "会议名称")), None
    ):
        return clean(named) or None
    stem = _undated(re.sub(r"\.\w{2,8}$", "", name).replace("_", " "))
    return stem.strip(" -") or None


def _is_title(text: str) -> bool:
    if not 3 <= len(text) <= 60 or text.startswith(("【", "[", "(", "（")):
        return False
    if _SECRET.match(plain(text)) or re.search(r"[。!！?？;；]", text) or _is_generic(text):
        return False
    if _FIELD.match(text):
        return False
    moment = FULL_DAY.match(plain(text))
    rest = text[moment.end() :] if moment else ""
    return not moment or bool(re.search(r"[^\W\d_]{3}", rest) and not re.search(r"\d:\d\d", rest))


# A line that tells a fact under a name of its own: Client Name: Acme
_FIELD = re.compile(r"[A-Z][\w/ ]{0,24}\b(?i:name|date|time|location|place|number|id|room): ")


def _is_generic(text: str) -> bool:
    return bool(_GENERIC.match(fold(bare(text)))) or part_of(text) not in (None, Part.OTHER)


def _undated(title: str) -> str:
    """Return a title without a day behind it; one in front belongs to the name."""
    title = clean(title)
    match = FULL_DAY.search(plain(title))
    if match and match.start() > 0 and not title[match.end() :].strip(" )）】]"):
        return title[: match.start()].rstrip(" (（【[-—,，") or title
    return title


def type_of(label: str | None, title: str | None) -> MeetingType | None:
    """Return the type (S1) that a label or else the title says, None if neither does."""
    for text in (label, title):
        for kind, pattern in _TYPES:
            if text and re.search(pattern, plain(text), re.IGNORECASE):
                return kind
    return None


def is_sensitive(
    title: str | None,
    parts: Sequence[Line | Grid],
    words: Sequence[str],
    front: Mapping[str, str],
) -> bool:
    """Say whether a title has a sensitive word, or a line or a page header declares secrecy (F5).

    Args:
        title: the meeting's.
        parts: its lines and grids.
        words: words that make minutes sensitive.
        front: front matter and page headers; ``header`` and ``footer`` may have several lines.
    """
    keys = [fold(word) for word in words if fold(word)]
    lines = [part for part in parts[:40] if isinstance(part, Line)]
    titles = [title or "", *[line.text for line in lines if line.heading == 1][:1]]
    if any(key in fold(text) for key in keys for text in titles):
        return True
    edges = [x for name in ("header", "footer") for x in front.get(name, "").split("\n")]
    told = [line.value if fact_of(line.label or "") else line.text for line in lines
            if _SECRET.match(plain(line.text))]  # fmt: skip
    told += [text for text in edges if _SECRET.match(plain(text))]
    told += [value for name, value in front.items() if fact_of(name) == "secrecy"]
    secret = (*keys, "绝密", "秘密", "内部机密", "confidential", "secret")
    return any(key in fold(text) for text in told for key in secret)
