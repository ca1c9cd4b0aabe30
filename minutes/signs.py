"""What marks a line as an item: ``ACTION:``, ``TODO(name)``, labels of fields, states. Pure."""

import re

from mapping.words import HEADERS, plain
from minutes.labels import field_of, labels_in

# The fields of an item that a label within a line may name.
FIELDS = frozenset(HEADERS) & {
    *("description", "owner", "department", "support", "due", "revised", "completed", "status"),
    *("acceptance", "deliverable", "note"),
}
# Labels so short that only their colon tells them from the words around.
_SHORT_LABELS = (
    "截止",
    "状态",
    "备注",
    "期限",
    "时限",
    "措施",
    "责任",
    "任务",
    "时间",
    "进度",
    "配合",
    "协助",
)
_HAN_LABELS = {
    plain(word): name
    for name, words in HEADERS.items()
    if name in FIELDS
    for word in words
    if not word.isascii() and (len(word) >= 3 or word in _SHORT_LABELS)
}
_HAN_LABEL = re.compile(
    "("
    + "|".join(sorted(map(re.escape, _HAN_LABELS), key=lambda w: (-len(w), w)))
    + r")\s*(?:[(（][^)）]{0,6}[)）])?\s*"
    r"(?::|(?<=时间)\s*(?=\d)|(?<=日期)\s*(?=\d)|(?<=截止)\s*(?=\d))"
)
SEPARATORS = " \t,，;；、|｜—–-:：。.·~→>"
_MARK = re.compile(
    r"\W{0,3}(?:"
    r"#action(?:item)?\b:?\s*"
    r"|\[(?:action|todo|ai|行动项|待办)\]\s*:?\s*"
    r"|action(?: ?items?| ?points?)?\s*(?:[(\[](?P<a>[^)\]]{1,40})[)\]])?\s*\d{0,2}\s*[:：]\s*"
    r"|to-?do\s*[(\[](?P<b>[^)\]]{1,40})[)\]]\s*[:：]?\s*"
    r"|to-?do\s*(?:[:：]|-(?=\s))\s*"
    r"|action ?items?\s+[-–—]\s+(?=[A-Z])"
    r"|next step\s*[:：]\s*|follow[- ]?up\s*[:：]\s*"
    r"|(?:行动项?|待办(?:事项)?|后续行动|跟进事项)\s*(?:[(【\[](?P<c>[^)】\]]{1,"
    r"20})[)】\]])?\s*\d{0,2}\s*[:：]\s*"
    r")",
    re.IGNORECASE,
)
_MARK_CAPITAL = re.compile(
    r"\W{0,3}(?:AI|AP)\s*(?:[(\[](?P<a>[^)\]]{1,40})[)\]])?\s*[:：]\s*|TO-?DO\s+(?=\S)|"
    r"ToDo\s+(?=\S)"
)
_W3C = re.compile(
    r"\W{0,3}action\s+(?=[A-Z][\w.'-]*(?:(?:,| and) [A-Z][\w.'-]*){0,3} (?:to|agreed to|will)\b)",
    re.IGNORECASE,
)
_INNER_MARK = re.compile(r"(?<=[\s.;。；…])(?:ACTION(?: ITEM)?|AI|TODO)\s*[:：]\s*(?=\S)")
TODO_TXT = re.compile(r"(?:\([A-Z]\) |x \d{4}-\d\d-\d\d )(?:\d{4}-\d\d-\d\d )?")
ORG = re.compile(
    r"(?:\*+ )?(TODO|DOING|NOW|LATER|WAITING|DONE|NEXT|CANCELL?ED|IN-PROGRESS) +(?=\S)"
)
STATE = re.compile(
    r"[\s,，;；。.]*(?:--+|——?|–|(?<=\s)-(?=\s)|->|→|=>|"
    r"[(（【\[])\s*(?P<state>(?:已)?(?:经)?(?:补充)?(?:完成|闭环|关闭|解决|办结|落实|取消|上线)|"
    r"进行中|处理中|未开始|延期|受阻|搁置|done|completed?|closed?|in progress|open|ongoing|"
    r"blocked|finished|"
    r"update:? complete)(?:了)?\s*[)）】\]]?[。.\s]*$",
    re.IGNORECASE,
)
_STRUCKSTATE = re.compile(r"已?取消|不做了|cancell?ed", re.IGNORECASE)


def mark_of(text: str) -> tuple[int, str] | None:
    """Return where the words after a mark begin, and whom the mark names; None without one."""
    for pattern in (_MARK, _MARK_CAPITAL, _W3C):
        if match := pattern.match(plain(text)):
            name = next((n for n in match.groupdict().values() if n), "")
            return match.end(), text[match.start() + match[0].find(name) :][: len(name)]
    return None


def inner_mark(text: str) -> int | None:
    """Return where the words after a mark within a line begin; None without one."""
    match = _INNER_MARK.search(plain(text))
    return match.end() if match else None


def mark_before(text: str, start: int) -> str:
    """Return the words before a mark within a line whose own words begin at ``start``."""
    match = _INNER_MARK.search(plain(text))
    return text[: match.start()].strip() if match and match.end() == start else ""


def fields_in(text: str) -> list[tuple[int, int, str]]:
    """Return the labels in a line: where each begins, where its value begins, its field."""
    form = plain(text)
    found = [(m.start(), m.end(), _HAN_LABELS[m[1]]) for m in _HAN_LABEL.finditer(form)]
    for start, end, words in labels_in(text):
        if any(s < end and start < e for s, e, _ in found):
            continue
        parts = words.split(" ")
        group = words.lower() in ("members", "people", "participants")
        if group and re.search(r"\w $", form[:start]):
            continue  # All crew members: …
        for cut in range(len(parts)):
            name = field_of(" ".join(parts[cut:]))
            if name in FIELDS and (cut == 0 or name not in ("description", "note")):
                begin = start + len(" ".join(parts[:cut])) + (1 if cut else 0)
                found.append((begin, end, name))
                break
    return sorted(found)
