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
_MEETING = re.compile(r"(?:会会议|会议)$|(?<=.)meeting$")
_MEETING_TWICE = re.compile(r"(?<=会)\s*会议$")
_OPEN_END = re.compile(r"[\s\-–—_:：|(（\[【]+$")
_NOTHING = frozenset(("", "会", "meeting"))


@lru_cache(maxsize=4096)
def subject_of(title: str | None) -> str:
    """Return a title without the words for the kind of document, folded; empty if none is left.

    仓库选址会议程 and 仓库选址会会议纪要, Agenda: Pricing and Pricing meeting minutes, are alike.
    """
    text = plain((title or "").strip())
    text = _KIND_LAST.sub("", _KIND_FIRST.sub("", text))
    key = _MEETING.sub(lambda m: "会" if m[0][0] == "会" else "", fold(text))
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


def is_same_meeting(one: Meeting, other: Meeting) -> bool:
    """Say whether two documents are of one meeting: subject and day agree, and no hour differs."""
    subject = subject_of(one.title)
    if not subject or subject != subject_of(other.title):
        return False
    first, second = one.start or "", other.start or ""
    if "T" in first and "T" in second:
        return first == second
    return bool(first) and first[:10] == second[:10]
