"""Where in a table the header stands and what its columns are. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mapping.words import HEADERS, fold
from minutes.document import Row, TableCell
from minutes.labels import Part, announced, fact_of, field_of, part_of

_RANK = {fold(word): rank for words in HEADERS.values() for rank, word in enumerate(words)}
_GENERIC = frozenset(
    {"内容", "时间", "日期", "人员", "姓名", "安排", "项目", "date", "time", "when", "by"}
)
# What may say the work, the best first.
_TASKS_IN_ORDER = ("description", "problem", "conclusion", "topic")
_TASKS = frozenset(_TASKS_IN_ORDER)
# Fields that make no header by themselves: a form has them as labels.
_BESIDE = frozenset({"meeting", "raised", "id", "number", "note", "due", "duration"})
# Fields that a list of work has; no basic information stands beside them.
_OF_WORK = frozenset(
    {"description", "owner", "due", "completed", "status", "acceptance", "deliverable", "revised"}
)
# What a label of basic information may mean in a list too, and is no sign of work there.
_ALSO = frozenset({None, "meeting", "raised"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The header of a list of work.

    Attributes:
        fields: field -> column.
        titles: what the header says, one text a column.
        rows: how many rows it takes, 1 or 2.
    """

    fields: dict[str, int]
    titles: tuple[str, ...]
    rows: int

    @property
    def is_agenda(self) -> bool:
        """An agenda: topics with presenters or minutes, and nobody who is to do anything."""
        talk = {"presenter", "duration"} & self.fields.keys()
        return bool(talk) and not {"owner", "status", "acceptance"} & self.fields.keys()

    @property
    def work(self) -> int | None:
        """The column that says what is to be done."""
        for name in _TASKS_IN_ORDER:
            if name in self.fields:
                return self.fields[name]
        return None


def header_at(rows: Sequence[Row], start: int) -> Header | None:
    """Return the header that begins in a row, None if the row is none."""
    upper = rows[start]
    texts = [cell.text for cell in upper.cells]
    if not _may_head(texts) or len({t for t in texts if t}) < 2:
        return None
    if start + 1 < len(rows):
        lower = rows[start + 1]
        joined = _joined(upper, lower)
        if joined and (header := _header(joined, [c.text for c in lower.cells], 2)):
            return header
    # a title over several columns counts once
    wide = zip(upper.cells, (None, *upper.cells), strict=False)
    once = ["" if c.merged and before and c.text == before.text else c.text for c, before in wide]
    return _header(texts, texts, 1) or _header(once, once, 1)


def heads_facts(rows: Sequence[Row], start: int) -> bool:
    """Say whether a row names basic information (template 1), its values in the one row below.

    Where several rows of values follow it is a list: of meetings, of dates.
    """
    titles = [cell.text for cell in rows[start].cells if not cell.merged]
    if start + 1 >= len(rows) or not all(titles):
        return False
    facts = [fact_of(title) for title in titles]
    known = {fact for fact in facts if fact not in (None, "ignored")}
    if len(known) < 3 or len(titles) * 2 > sum(map(bool, facts)) * 3:
        return False
    names = [field_of(title) for title in titles]
    pairs = list(zip(facts, names, strict=True))
    if any(fact is None and name in _OF_WORK for fact, name in pairs):
        return False
    if sum(fact is not None and name in _ALSO for fact, name in pairs) < 2:
        return False  # all its words are those of a list too: 主题, 时间, 人员
    values = _filled(rows[start + 1])
    if not values or sum(bool(fact_of(cell.text)) for cell in values) * 2 > len(values):
        return False
    after = next((n for n in range(start + 2, len(rows)) if _filled(rows[n])), None)
    return after is None or _begins_anew(rows, after)


def _filled(row: Row) -> list[TableCell]:
    return [cell for cell in row.cells if not cell.merged and (cell.text or cell.tables)]


def _begins_anew(rows: Sequence[Row], at: int) -> bool:
    """Say whether a row is no further row of values: a label, a title, another header."""
    first, *others = _filled(rows[at])
    label = bool(fact_of(first.text) or part_of(first.text))
    return label or not others or header_at(rows, at) is not None


def _may_head(texts: Sequence[str]) -> bool:
    """Say whether a row may be a header: its cells are short, without dates or sentences."""
    filled = [t for t in texts if t]
    return bool(filled) and not any(
        len(t) > 40 or "。" in t or re.search(r"\d{4}[-/.年]\s?\d|\d:\d\d", t) for t in filled
    )


def _joined(upper: Row, lower: Row) -> list[str] | None:
    """Return the joined titles of a header in two rows, None if it has only one."""
    titles, split, kept = [], 0, 0
    for above, below in zip(upper.cells, lower.cells, strict=False):
        if above.text == below.text or not below.text:
            kept += 1
            titles.append(above.text)
            continue
        known = field_of(below.text) or field_of(above.text + below.text)
        if known is None and not _STARTS.match(fold(below.text)):
            return None
        split += 1
        titles.append(f"{above.text}/{below.text}")
    return titles if split >= 2 and kept >= 1 else None


def _header(titles: Sequence[str], lower: Sequence[str], rows: int) -> Header | None:
    fields: dict[str, int] = {}
    ranks: dict[str, int] = {}
    for column, title in enumerate(titles):
        name = _field(title, lower[column] if rows > 1 else title)
        if name is None:
            continue
        rank = _RANK.get(fold(title), 50) + (100 if fold(title) in _GENERIC else 0)
        if name not in fields or rank < ranks[name]:
            fields[name], ranks[name] = column, rank
    if "owner" in fields and {"due", "status"} & fields.keys() and not _TASKS & fields.keys():
        # somebody is to do something by a day: the column without a known name says what
        unknown = [n for n, title in enumerate(titles) if title and _field(title, title) is None]
        if unknown:
            fields["description"] = unknown[0]
    header = Header(fields=fields, titles=tuple(titles), rows=rows)
    filled = sum(bool(t) for t in titles)
    known = len(fields)
    if known < 2 or known * 2 < filled or not fields.keys() - _BESIDE:
        return None
    return header


# A column's words by their end, where the whole is not known: 列管事项, 责任部门及人.
_BY_END = (
    ("owner", r"(?:责任|负责|牵头|主办|承办|落实|执行)(?:部门|单位|科室)[及和与]?\w{0,2}人员?$"),
    ("due", r"(?<!实际)(?<!新)(?<!原)(?:完成|截止|提交|交付)(?:时间|日期|时限|期限)$|^纳期$"),
    ("status", r"^是否(?:已)?(?:关闭|完成|闭环|办结|解决)$"),
    ("number", r"编号$|序号$|代号$"),
    ("status", r"(?:办理|执行|落实|处理|改善|完成|追踪)(?:情况|情形|状况)(?:说明)?$"),
    ("description", r"(?<!决定)(?<!决议)(?<!议定)(?<!注意)(?<!其他)(?:事项|任务|行动项|措施)$"),
)  # fmt: skip
_STARTS = re.compile(r"(?:开始|起始|启动|起|start|from|begin)(?:时间|日期|date)?$")


def _field(title: str, lower: str) -> str | None:
    if lower != title and "/" in title:
        above = title[: -len(lower) - 1]
        if _STARTS.match(fold(lower)):
            return None
        for text in (above + lower, lower + above, lower, above):
            if name := field_of(text):
                return name
        return None
    return field_of(title) or _by_end(title)


def _by_end(title: str) -> str | None:
    """Return what a title that is no known word names all the same: 本周任务分工, 成员姓名."""
    if announced(title) is Part.ACTIONS:
        return "description"
    if _OWNER.search(title.strip()):
        return "owner"
    key = fold(title)
    short = len(key) <= 12
    return next((name for name, end in _BY_END if short and re.search(end, key)), None)


_OWNER = re.compile("(?:负责人|負責人|责任人|責任人|成员姓名|成員姓名|组员|組員|成员|成員)$")


def is_work(header: Header, *, among_actions: bool, talk: bool = False) -> bool:
    """Say whether the table under a header lists work that somebody is to do.

    Args:
        header: the table's header.
        among_actions: it stands under a heading such as 行动项.
        talk: it stands under a heading such as Discussion items, where a name is who spoke.
    """
    if header.is_agenda or header.work is None:
        return False
    names = header.fields.keys()
    if among_actions and "description" in names:
        return True
    if "description" in names and _is_strong(header.titles[header.fields["description"]]):
        return True
    return ("owner" in names and bool({"due", "status", "completed", "acceptance"} & names)) or (
        "description" in names and "owner" in names and not talk
    )


_STRONG = re.compile(
    r"行动|待办|措施|跟进事项|后续|下一步|任务|整改|追踪|action|task|todo|nextstep|followup"
)


def _is_strong(title: str) -> bool:
    return bool(_STRONG.search(fold(title)))
