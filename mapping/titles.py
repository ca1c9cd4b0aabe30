"""What a title calls the meeting; whether an agenda and minutes are of one. Pure."""

import re
from functools import lru_cache

from mapping.values import Meeting
from mapping.words import fold, plain

_KIND_FIRST = re.compile(
    r"^\W*(?:会议)?(?:纪要|记录|纪录|议程)\s*[:\-–—_|】\])]\s*"
    r"|^\W*(?:meeting )?(?:agenda|minutes|notes)\b"
    r"(?:\s*(?:of|for|from)\b(?: the\b)?|\s*[:\-–—_|])\s*",
    re.IGNORECASE,
)
_KIND_LAST = re.compile(
    r"\s*(?:纪要|记录|纪录|议程)\W*$|\s*\b(?:agenda|minutes|notes)\W*$", re.IGNORECASE
)
_SIGN = re.compile(  # C# and C++, 1.5 and 15, A/B and AB are not the same words
    r"\d{4}[-./]\d{1,2}[-./]\d{1,2}"  # but a day is, however it is written
    r"|(?P<sign>(?<=[a-z\d])(?:[+#]+|\s\+\s|/(?=[a-z\d]))|(?<=\d)(?:\.(?=\d)|-(?=[a-z\d])))",
    re.IGNORECASE,
)
_MEETING = re.compile(r"(?:会会议|会议)$|(?<=.)meeting$")
_MEETING_TWICE = re.compile(r"(?<=会)\s*会议$")
_OPEN_END = re.compile(r"[\s\-–—_:：|(（\[【]+$")
_COUNTED = re.compile(
    r"第?[\d一二三四五六七八九十百〇零两]+(?:次|期|周|週|届|屆|季度|季|号|號|年|月|日|度)?|w\d+|q\d|"
    r"january|february|march|april|may|june|july|august|september|october|november|december|week"
)
_NOTHING = frozenset(("", "会", "meeting"))


@lru_cache(maxsize=4096)
def subject_of(title: str | None) -> str:
    """Return a title without the words for the kind of document, folded; empty if none is left.

    仓库选址会议程 and 仓库选址会会议纪要, Agenda: Pricing and Pricing meeting minutes, are alike.
    """
    text = plain((title or "").strip())
    text = _KIND_LAST.sub("", _KIND_FIRST.sub("", text))
    key = _MEETING.sub(lambda m: "会" if m[0][0] == "会" else "", _folded(text))
    return "" if key in _NOTHING else key


def name_of(title: str) -> str:
    """Return a title as people call the meeting, without the words for the kind of document.

    产品周会纪要 is of 产品周会; a title that says nothing else stays as it is.
    """
    if not subject_of(title):
        return title
    text = title.strip()
    form = plain(text)
    first = _KIND_FIRST.match(form)
    start = first.end() if first else 0
    end = last.start() if (last := _KIND_LAST.search(form, start)) else len(form)
    twice = _MEETING_TWICE.search(form, start, end)
    return _OPEN_END.sub("", text[start : twice.start() if twice else end])


def series_of(title: str | None) -> str:
    """Return what the titles of one series share, folded; empty if nothing is left."""
    return _COUNTED.sub("", fold(title or ""))


def theme_of(title: str | None) -> str:
    """Return what agendas and minutes of one series share; empty if nothing is left."""
    return _COUNTED.sub("", subject_of(title)) or series_of(title)


def is_near(one: Meeting, other: Meeting) -> bool:
    """Say whether two documents are of meetings of one subject and day, or of one meeting."""
    subject, day = subject_of(one.title), (one.start or "")[:10]
    return bool(subject and day) and (
        (subject, day) == (subject_of(other.title), (other.start or "")[:10])
    )


def is_same_meeting(one: Meeting, other: Meeting) -> bool:
    """Say whether two documents may be of one meeting: subject and day agree, no hour differs."""
    first, second = one.start or "", other.start or ""
    return is_near(one, other) and ("T" not in first or "T" not in second or first == second)


def _folded(text: str) -> str:
    """Fold a text, but keep the signs that make other words of it."""
    pieces, end = [], 0
    for match in _SIGN.finditer(text):
        if match["sign"]:
            pieces += [fold(text[end : match.start()]), match[0].strip()]
            end = match.end()
    return "".join((*pieces, fold(text[end:])))
