"""The decisions of a meeting with their conclusions (B1), open disputes among them (F1). Pure."""

import re
from collections.abc import Iterator, Sequence

from mapping.values import Conclusion, Decision
from mapping.words import clean, plain
from minutes.document import Document, Table
from minutes.labels import Part, fact_of, part_of
from minutes.sections import Grid, Line

_DISPUTED = (
    r"未(?:能)?(?:达成|形成)(?:共识|一致)|没有?(?:达成|形成)(?:共识|一致)|未取得一致|"
    r"no (?:consensus|agreement)|not (?:yet )?agreed|disputed|unresolved"
)
_MATERIAL = (
    r"需(?:要)?补充(?:材料|资料)|待补充(?:材料|资料)|"
    r"needs? (?:more |further )?(?:material|information|data)"
)
_DEFERRED = r"暂缓|缓议|推迟|搁置|延后(?:再|讨论|决定)|deferred|postponed|on hold|tabled|put off"
_AGREED = r"同意|通过|批准|赞成|agreed|approved|accepted|adopted|carried"
_ORDER = (
    (Conclusion.DISPUTED, re.compile(_DISPUTED, re.IGNORECASE)),
    (Conclusion.NEEDS_MATERIAL, re.compile(_MATERIAL, re.IGNORECASE)),
    (Conclusion.DEFERRED, re.compile(rf"(?:{_DEFERRED})(?!至|到)", re.IGNORECASE)),
    (Conclusion.AGREED, re.compile(rf"(?<!不)(?<!未)(?<!通)(?:{_AGREED})(?!率)", re.IGNORECASE)),
)
_WORD = (
    rf"(?:{_DISPUTED}|{_MATERIAL}|{_DEFERRED}|{_AGREED})"
    r"(?:[,，]\s*(?:需(?:要)?进一步(?:调研|讨论|研究)|further \w+ (?:is )?needed))?"
)
_BEFORE = re.compile(
    rf"\W*(?:【\s*{_WORD}\s*】|\[\s*{_WORD}\s*\]|{_WORD}\s*:|[✅⏸❌]\s*{_WORD})\s*", re.IGNORECASE
)
_AFTER = re.compile(
    rf"\s*(?:【\s*{_WORD}\s*】|\[\s*{_WORD}\s*\]|[✅⏸❌🔁❗]\ufe0f?\s*{_WORD}|:\s+(?:agreed|"
    rf"approved))\s*$",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"[\s\-—–_/]*$|(?:本次)?(?:暂)?(?:无|没有)[。.]?$|(?:none|n/?a|nil)\.?$|(?:临时动议|散会)|"
    r"(?:见|详见|同上|see )",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"依据|理由|原因|背景|后续|说明|备注|basis|reason|background|follow|next|action", re.IGNORECASE
)
_BESIDE_LABEL = re.compile(
    rf"\W*[\u3400-\u9fff]{{0,4}}?(?:{_BESIDE.pattern})[\w ]{{0,12}}:", re.IGNORECASE
)
_MATTER = re.compile(
    r"(?:决策|决议|议题|案由|decision)\s*[\d一二三四五六七八九十]{0,2}\s*[:：]\s*", re.IGNORECASE
)
_NUMBER = re.compile(r"^\s*\d{1,2}[.、．)）]\s*")
_TOPIC = re.compile(
    r"(?:议题|事项|议案|topics?\b|items?\b)\s*[\d一二三四五六七八九十]*\s*[:：、.]?\s*",
    re.IGNORECASE,
)

_WHY = re.compile(
    r"依据|根据|理由|鉴于|基于|因为|由于|考虑到|背景|(?<!缺席)(?<!缺席及)(?<!请假)原因"
    r"|\b(?:basis|based on|reasons?|rationale|because|given (?:that|the)|due to|background"
    r"|in view of|in light of)\b",
    re.IGNORECASE,
)
_NO_REASONS = frozenset(
    {Part.ACTIONS, Part.FOLLOW_UP, Part.NEXT, Part.ATTENDEES, Part.ABSENT}
)  # what stands there explains no decision


def has_basis(document: Document, parts: Sequence[Line | Grid]) -> bool:
    """Say whether minutes tell on what anything was decided (S1): a heading, a column, a word."""
    told = (
        part.text
        for part in parts
        if isinstance(part, Line)
        and part.section.part not in _NO_REASONS
        and fact_of(part.label) != "absent"
    )
    columns = (
        cell.text
        for block in document.blocks
        if isinstance(block, Table)
        for row in block.rows[:1]
        for cell in row.cells
        if len(cell.text) <= 12
    )
    return any(_WHY.search(plain(text)) for text in (*told, *columns))


def decisions_of(parts: Sequence[Line | Grid]) -> Iterator[Decision]:
    """Yield the entries under conclusions, in the order of the document."""
    topic = ""
    for at, part in enumerate(parts):
        if isinstance(part, Grid):
            yield from _of_rows(part)
            continue
        if part.heading:
            below = part.section.part is Part.DECISIONS and not part.section.own
            topic = part.section.title if below else ""
        if part.heading or part.struck or part.note:
            continue
        if part.section.part is not Part.DECISIONS or part.box is not None:
            continue
        if _heads_conclusion(parts, at):
            topic = _MATTER.sub("", _bare(part.text), count=1)
        elif decision := _decision(part, topic):
            yield decision


def _of_rows(grid: Grid) -> Iterator[Decision]:
    """Yield the decisions that a list of work tells in a column of its own."""
    fields = grid.header.fields
    column = fields.get("conclusion")
    if column in (None, grid.header.work) or grid.section.part is Part.FOLLOW_UP:
        return
    for row in grid.rows:
        cell = row.cells[column]
        if row.struck or cell.struck or cell.merged or _NOTHING.match(plain(cell.text).strip()):
            continue
        topic = _NUMBER.sub("", row.cells[fields["topic"]].text) if "topic" in fields else ""
        topic = "" if re.search(r"[.。;；\n]", topic) else topic
        text = _bare(cell.text)
        yield Decision(
            text=f"{topic}：{text}" if topic else text,
            conclusion=conclusion_of(cell.text),
            line=row.line,
        )


def _concludes(line: Line | Grid) -> bool:
    return isinstance(line, Line) and bool(line.label) and part_of(line.label) is Part.DECISIONS


def _heads_conclusion(parts: Sequence[Line | Grid], at: int) -> bool:
    """Say whether an entry only names the matter: its basis and its conclusion stand below it."""
    line = parts[at]
    if not isinstance(line, Line) or line.label or conclusion_of(line.text) is not None:
        return False
    if _BESIDE_LABEL.match(plain(line.text)):
        return False
    for below in parts[at + 1 : at + 6]:
        if _concludes(below):
            return True
        if not isinstance(below, Line) or not _BESIDE_LABEL.match(plain(below.text)):
            return False
    return False


def _decision(line: Line, about: str) -> Decision | None:
    own = bool(line.label) and part_of(line.label) is Part.DECISIONS
    if line.label and not own and (_BESIDE.search(plain(line.label)) or fact_of(line.label)):
        return None
    text = line.value if own else line.text
    if line.depth > 0 and not own and conclusion_of(text) is None:
        return None
    opens = len(text) <= 60 and text.rstrip().endswith((":", "："))  # longer ones decide something
    if _NOTHING.match(plain(text).strip()) or opens:
        return None
    if _BESIDE_LABEL.match(plain(text)):
        return None
    conclusion = conclusion_of(line.label if own and conclusion_of(line.label) else text)
    text = _bare(text)
    topic = (_topic(line) or about) if own else ""
    return Decision(
        text=f"{topic}：{text}" if topic else text, conclusion=conclusion, line=line.line
    )


def _topic(line: Line) -> str:
    """Return the topic under whose heading a conclusion stands; empty where there is none."""
    title = line.section.title
    match = _TOPIC.match(title) or _MATTER.match(title)
    if match and title[match.end() :]:
        return title[match.end() :].strip()
    return "" if part_of(title) is not None or not title else title if match else ""


def conclusion_of(text: str) -> Conclusion | None:
    """Return what was decided, None if no word says it."""
    form = plain(text)
    for conclusion, pattern in _ORDER:
        if pattern.search(form):
            return conclusion
    return None


def _bare(text: str) -> str:
    """Return a decision without the mark of its conclusion before or after it."""
    form = plain(text)
    match = _BEFORE.match(form)
    start = match.end() if match and match.end() < len(form) else 0
    match = _AFTER.search(form, start)
    end = match.start() if match and match.start() > start else len(form)
    return clean(text[start:end]).strip(" 。.;；:：📌•·✅⏸❌")
