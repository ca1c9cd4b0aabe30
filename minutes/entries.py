"""Which lines are items: lists of work, records of labels, check boxes, marks. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mapping.people import split_names
from mapping.values import Status
from mapping.words import plain
from minutes import prose
from minutes.assigned import followed, is_report, made, promised, signed
from minutes.drafts import Desk, Draft, Origin, draft
from minutes.labels import NEXT_MEETING, Part, fact_of, field_of, part_of
from minutes.line_reader import Read
from minutes.lines import read_entry
from minutes.owners import Kind
from minutes.sections import Line
from minutes.signs import FIELDS, fields_in, inner_mark, mark_before, mark_of
from minutes.verbs import IMPERATIVES

_WORK = (Part.ACTIONS, Part.FOLLOW_UP)
_SILENT = (Part.GOALS, Part.TOPICS, Part.NEXT, Part.ATTENDEES, Part.ABSENT)
_NOTHING = re.compile(
    r"[\s\-—–_/\\.…*]*$|(?:本次|本周|会议)?(?:暂)?(?:无|没有)(?:行动项|待办|事项|任务|遗留问题|"
    r"新增)*[。.]?$|"
    r"(?:none(?: for now| so far| at this (?:time|point|stage))?|nil|n/?a|tbd|to-?do|"
    r"no (?:new )?action(?: item)?s?(?: .*)?)[.:]?$|(?:见|详见|参见|"
    r"同上|如下|see |as above)|"
    r"(?:done|in progress|ongoing|open|closed|completed?|pending|blocked|on hold)[.!]?$|"
    r"(?:the )?next (?:[\w-]+ ){0,2}(?:meeting|call|session)\b(?: of [\w ]{2,40}?)?:?"
    r"(?: (?:will|is|on|to be|scheduled|in|at|planned)\b|.{0,3}\d|"
    r" (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri)[a-z]* )|"
    r"https?://\S+$|<https?://",
    re.IGNORECASE,
)
_NEWS = re.compile(r"(?:is|are|was|were|has|have|had|did|volunteered)\s")
_CLOSED_BELOW = re.compile(
    r"[【\[(（][\d年月日/.:：\-\s]*(?:问题)?(?:已)?(?:关闭|闭环|完成|解决)|"
    r"(?:问题)?(?:已|已经)?(?:关闭|闭环|完成|解决)\W*$|"
    r"\W{0,2}(?:\d[\d./-]*\s*)?update\s*[:：]\s*(?:complete|done|closed)|确认结果\s*[:：]",
    re.IGNORECASE,
)


def drafts_of(lines: Sequence[Line], desk: Desk) -> Iterator[Draft]:
    """Yield the drafts of a stretch of lines, in their order."""
    at = 0
    default = ""
    while at < len(lines):
        line = lines[at]
        if line.heading:
            default = _person(line.section.title, line, desk)
            at += 1
            continue
        if _is_dead(line):
            at = _after_children(lines, at)
            continue
        if line.depth < 0 and line.section.part in _WORK and _person_line(line, desk):
            default = _person_line(line, desk)
            at += 1
            continue
        end = _record_end(lines, at)
        if end > at:
            yield from _record(lines, at, end, desk)
            at = end
            continue
        found, at = _line(lines, at, desk, default)
        yield from found


def _is_dead(line: Line) -> bool:
    """Say whether a line is cancelled, moved on, or an aside."""
    if line.struck or line.note or line.box in ("-", ">"):
        return True
    return line.quote > 1


def _after_children(lines: Sequence[Line], at: int) -> int:
    """Return the end of what is nested in an entry, or listed below it after a colon."""
    first = lines[at]
    at += 1
    colon = first.text.rstrip().endswith((":", "："))
    while first.depth >= 0 and at < len(lines) and not lines[at].heading:
        below = lines[at].depth == first.depth and lines[at].bullet and not first.bullet and colon
        if lines[at].depth <= first.depth and not below:
            break
        at += 1
    return at


def _person(title: str, line: Line, desk: Desk) -> str:
    """Return the person whom a heading among the actions names: items by person."""
    if line.section.part not in _WORK or line.section.own:
        return ""
    known = _are_known(title, desk) or desk.people.kind(title) is Kind.PERSON
    return title if known else ""


def _are_known(text: str, desk: Desk) -> bool:
    """Say whether a text is nothing but people who are known: Ann (lead), Bo (support)."""
    if len(text) > 40 or re.search(r"[。;；]", text):
        return False
    who = desk.people.read(text.strip(" :：*"))
    return bool(who.owners) and all(map(desk.people.is_known, who.owners))


# records: one label a line ----------------------------------------------------------------------


def _field(line: Line) -> str | None:
    """Return the field that a line's label names, None if it is no field of an item."""
    if not line.label or line.heading or line.box is not None:
        return None
    name = field_of(line.label)
    return name if name in _RECORD else None


_RECORD = FIELDS


def _record_end(lines: Sequence[Line], at: int) -> int:
    """Return the end of the record that begins here, ``at`` if none does."""
    first = lines[at]
    end = at
    names: list[str] = []
    while end < len(lines) and lines[end].section is first.section and (name := _field(lines[end])):
        if name in names and name in ("description", "owner", "due"):
            break
        names += [name, *(n for _, _, n in fields_in(lines[end].text))]
        end += 1
    if end - at == 0:
        return at
    kinds = set(names)
    among = first.section.part in _WORK
    if "description" in kinds and (kinds & {"owner", "due", "status", "acceptance"}):
        strict = names[0] == "description" or among
        return end if strict and (among or kinds & {"owner"}) else at
    if among and end - at >= 2 and kinds & {"owner", "due"} and first.section.title:
        return end
    return at


def _record(lines: Sequence[Line], at: int, end: int, desk: Desk) -> Iterator[Draft]:
    fields: dict[str, str] = {}
    for line in lines[at:end]:
        inner = fields_in(line.text)
        if len(inner) > 1:
            ends = [s for s, _, _ in inner[1:]] + [len(line.text)]
            for (_, begin, field), stop in zip(inner, ends, strict=True):
                fields.setdefault(field, line.text[begin:stop].strip(" ;；,，。"))
        elif name := _field(line):
            fields.setdefault(name, line.value)
    first = lines[at]
    source = fields.get("description") or first.section.title
    fields["description"] = source
    if _NOTHING.match(plain(source).strip()):
        return
    yield draft(
        fields,
        desk=desk,
        line=next((x.line for x in lines[at:end] if _field(x) == "description"), first.line),
        source=source,
        origin=Origin.RECORD,
        meeting=first.section.meeting,
        index=first.index,
        carried=first.section.part is Part.FOLLOW_UP,
    )


# entries ----------------------------------------------------------------------------------------


def _line(lines: Sequence[Line], at: int, desk: Desk, default: str) -> tuple[list[Draft], int]:
    """Return the drafts that begin with a line, and where to go on."""
    line = lines[at]
    part = line.section.part
    if mark_of(line.text) and (part not in _SILENT or part is Part.TOPICS):
        return _marked(lines, at, desk)
    if line.box is not None and part not in (Part.ATTENDEES, Part.ABSENT):
        return _entry(lines, at, desk, default)
    if part_of(line.label or "") in _WORK and field_of(line.label) != "description":
        return prose.drafts_of(line, desk) or followed(line, desk), at + 1
    if part in _WORK and not _is_fact(line):
        return _entry(lines, at, desk, default)
    if part in _SILENT and not (part is Part.TOPICS and (line.depth > 0 or line.bullet)):
        return [], at + 1
    if fact_of(line.label) in ("attendees", "absent"):
        return [], at + 1
    labels = fields_in(line.text)
    owned = any(name == "owner" and start > 4 for start, _, name in labels)
    if owned and len(labels) > 1:
        return _entry(lines, at, desk, default)
    inner = inner_mark(line.text)
    if inner:
        return _inner(line, inner, desk), at + 1
    return prose.drafts_of(line, desk) or signed(line, desk) or promised(line, desk), at + 1


def _is_fact(line: Line) -> bool:
    """Say whether a line among the actions tells of the meeting: a date, who presented."""
    if NEXT_MEETING.match(plain(line.text)):
        return True
    if not line.label or field_of(line.label) == "description":
        return False
    return field_of(line.label) in ("presenter", "duration", "topic") or (
        fact_of(line.label) is not None and line.depth < 0
    )


def _marked(lines: Sequence[Line], at: int, desk: Desk) -> tuple[list[Draft], int]:
    """Return the item that a mark announces, with the lines that go on with ``…``."""
    line = lines[at]
    text = line.text
    at += 1
    while at < len(lines) and lines[at].text.startswith(("...", "…")):
        text += " " + lines[at].text.lstrip(".… ")
        at += 1
    read = read_entry(text, desk, line.section.meeting, sure=True)
    if read is None or _NOTHING.match(plain(read.fields["description"])):
        return [], at
    read = prose.owned(read, desk, line.section.meeting)
    return [made(read, line, desk, Origin.MARK)], at


def _inner(line: Line, start: int, desk: Desk) -> list[Draft]:
    """Return the item of a mark within a line; who speaks there is its owner."""
    read = read_entry(line.text[start:], desk, line.section.meeting, sure=True)
    if read is None:
        return []
    speaker = re.match(r"\s*([^:：—–-]{2,30}?)\s*(?:[:：]|\s[-–—]\s)", line.text)
    before = mark_before(line.text, start)  # DEE ACTION: ask the port
    speaks = before if desk.people.is_known(before) else speaker[1] if speaker else ""
    if read.who is None and desk.people.is_known(speaks):
        read = replace(read, who=desk.people.read(speaks))
    return [made(read, line, desk, Origin.MARK)]


def _entry(lines: Sequence[Line], at: int, desk: Desk, default: str) -> tuple[list[Draft], int]:
    """Return the items of an entry of a list and of what is nested in it."""
    line = lines[at]
    end = _after_children(lines, at)
    children = [x for x in lines[at + 1 : end] if not x.heading]
    record = [x for x in children if _field(x) in _RECORD]
    if record and len(record) * 2 >= len(children) and not _field(line):
        return _with_attributes(line, record, desk), end
    read = _read(line, desk)
    if read and children and read.who is None and all(_person_line(x, desk) for x in children):
        who = desk.people.read("、".join(x.text for x in children))
        return _items(replace(read, who=who), line, desk, default), end
    told = bool(read and (read.told or line.box is not None))
    below = [(x, _read(x, desk)) for x in children if not _is_dead(x)]
    busy = [x for x, r in below if r and (r.told or x.box is not None)]
    name = _person_line(line, desk)
    opens = line.text.rstrip().endswith((":", "：")) and len(line.text) <= 40
    opens = opens or (len(children) > 1 and bool(_FIELD_OF_WORK.match(line.text)))
    if children and (busy or name or (opens and not told)):
        found: list[Draft] = []
        if read and told and not name:
            found += _items(read, line, desk, default)
        nested, _ = _nested(lines[at + 1 : end], desk, name or default)
        return found + nested, end
    found = _items(read, line, desk, default) if read else []
    if found and end < len(lines) and _CLOSED_BELOW.match(plain(lines[end].text)):
        found = [_closed(d) for d in found]
        end += 1
    elif found and children and _CLOSED_BELOW.match(plain(children[0].text)):
        found = [_closed(d) for d in found]
    return found, end


# A word too short for a task, of which others are the parts: 前端, 测试
_FIELD_OF_WORK = re.compile("(?:[\u3400-\u9fff]{2}|[A-Za-z]{2,12})$")


def _nested(lines: Sequence[Line], desk: Desk, default: str) -> tuple[list[Draft], int]:
    found: list[Draft] = []
    at = 0
    while at < len(lines):
        if lines[at].heading or _is_dead(lines[at]):
            at += 1
            continue
        more, at = _line(lines, at, desk, default)
        found += more
    return found, at


def _closed(item: Draft) -> Draft:
    return replace(item, entry=replace(item.entry, status=Status.DONE))


def _person_line(line: Line, desk: Desk) -> str:
    text = line.text.strip(" :：*")
    return text if line.box is None and _are_known(text, desk) else ""


def _with_attributes(line: Line, record: Sequence[Line], desk: Desk) -> list[Draft]:
    read = _read(line, desk)
    if read is None:
        return []
    fields = {name: x.value for x in record if (name := _field(x)) and name != "description"}
    who = desk.people.read(fields["owner"]) if "owner" in fields else read.who
    return [
        made(replace(read, fields={**fields, **read.fields}, who=who), line, desk, Origin.RECORD)
    ]


def _read(line: Line, desk: Desk) -> Read | None:
    text = line.text
    if (
        line.label
        and field_of(line.label) in (None, "description")
        and part_of(line.label) in _WORK
    ):
        text = line.value
    read = read_entry(text, desk, line.section.meeting, sure=True)
    if read is None or _NOTHING.match(plain(text).strip()):
        return None
    return prose.owned(read, desk, line.section.meeting)


def _items(read: Read, line: Line, desk: Desk, default: str) -> list[Draft]:
    """Return the items of an entry, if it is work at all."""
    description = read.fields["description"]
    form = plain(description)
    if _NOTHING.match(form.strip()) or (not read.told and _is_title(line.text)):
        return []
    state = "status" in read.fields or line.box is not None
    if read.who is not None and not state and _NEWS.match(form):
        return []  # @bo is working on it
    if not read.told and not state:
        if line.depth < 0 and not default and not _stands_alone(line.text):
            return []
        if line.text.rstrip().endswith((":", "：")):
            return []
        if is_report(form) or desk.dues.phrase(description, None):
            return []  # news, or a day that the entries below it share
    if _is_name_only(description, desk, ticked=line.box is not None and not read.told):
        return []
    if read.who is None and default:
        read = replace(read, who=desk.people.read(default))
    extra = prose.second(read, desk, line.section.meeting)
    return [made(r, line, desk, Origin.ENTRY) for r in (read, *extra)]


def _is_title(text: str) -> bool:
    """Say whether an entry only names a part of the minutes; 更新项目内容 is longer than that."""
    part = part_of(text)
    return part is not None and (part is not Part.OTHER or text.isascii() or len(text) < 6)


def _stands_alone(text: str) -> bool:
    """Say whether a paragraph under a heading of actions is itself a task, told in a sentence."""
    form = plain(text).strip()
    if form.isascii():
        first = re.match(r"\W*(\w+)", form)
        return (
            bool(first) and form.endswith(".") and first[1].lower() in IMPERATIVES
            if first
            else False
        )
    return (
        form.endswith("。") and len(form) >= 8 and form.count("。") == 1 and not _INTRO.search(form)
    )


_INTRO = re.compile(r"如下|以下|下表|上述|附件|按[期时]|共[计有]?\d+|本次会议|感谢|[?？]")


def _is_name_only(text: str, desk: Desk, *, ticked: bool) -> bool:
    """Say whether an entry is a person and no work; a check box ticks also who is not known."""
    if not ticked:
        return all(map(desk.people.is_known, split_names(text)))
    name = re.split(r"[(（\[,，@/-]", text)[0].strip()
    unknown = " " in name and desk.people.kind(name) is Kind.PERSON
    return desk.people.is_known(name) or unknown
