"""Points outside lists of work whose form names the owner: 张三：…, …（张三）. Pure."""

import re

from mapping.words import plain
from minutes.drafts import Desk, Draft, Origin, draft
from minutes.labels import Part
from minutes.line_reader import Read
from minutes.lines import read_entry
from minutes.rims import COLON, DOES, joint
from minutes.sections import Line
from minutes.verbs import IMPERATIVES

_REPORT = re.compile(
    r"\b(?:is|are|was|were|has|have|had) (?:now |been |already |not |all |both |also "
    r")*(?:\w+(?:ed|en|wn)|done|set|put|"
    r"made|built|held|\w+ing)\b|"
    r"(?:ongoing|on going|completed|reviewed|finished|published|released|merged|closed|approved|"
    r"started|discussed|"
    r"added|updated|presented|introduced|announced)[.\s]*$|^\w+ing on |not \w+ yet\W*$|^(?:we|"
    r"they|he|she|it|i) |\?\s*$",
    re.IGNORECASE,
)
_WHEN = re.compile(r"\b(?:until|unless|once|when|if) ")
_REPORT_HAN = re.compile(
    r"^(?:已|目前|当前已|上周|昨天|本周已)|[?？]$|^(?:以下|如下|本次会议)|(?:如下|以下)$"
)


def made(read: Read, line: Line, desk: Desk, origin: Origin, **more: object) -> Draft:
    """Make a draft of what was read of a line."""
    carried = line.section.part is Part.FOLLOW_UP
    return draft(
        read.fields,
        desk=desk,
        line=line.line,
        source=read.source,
        origin=origin,
        meeting=line.section.meeting,
        index=line.index,
        box=line.box,
        who=read.who,
        told=read.due,
        carried=carried,
        **more,
    )


def is_report(form: str) -> bool:
    """Say whether a text tells what was or is, not what is to be done."""
    if not form.isascii():
        return bool(_REPORT_HAN.search(form))
    first = re.match(r"\W*(\w+)", form)
    told = first is not None and first[1].lower() in IMPERATIVES
    main = _WHEN.split(form)[0]  # hide it until it is signed: what is under way is told aside
    return not told and bool(_REPORT.search(form if len(main) < 4 else main))


def followed(line: Line, desk: Desk) -> list[Draft]:
    """Return the items behind a label such as 后续: each clause that names its owner first."""
    found = []
    for clause in re.split(r"[;；。]", line.value):
        read = read_entry(clause, desk, line.section.meeting, sure=True)
        if read and read.who and desk.people.is_known(read.who.owner or ""):
            found.append(made(read, line, desk, Origin.PROSE))
    return found


_LIMIT = re.compile(r"[日底周月天]\w?之?[前内]")
_NO_PROMISE = re.compile(r"仍|尚|了|预计|建议|可能|希望|反馈|认为|觉得|汇报|介绍|目前|已|[?？]")


def promised(line: Line, desk: Desk) -> list[Draft]:
    """Return the item of an entry that begins with somebody known and names a day to come.

    ``张三：5月27日前提交报告``, ``张三跟踪到货，9月5日前组织验收``
    """
    form = plain(line.text)
    if line.depth < 0 or line.section.part is not None or _NO_PROMISE.search(form):
        return []
    first, known = COLON.match(line.text), desk.people.known
    spoken = first and desk.people.is_known(first[1])
    name = joint(known).match(form) if known and not spoken else None
    if not spoken and not (name and DOES.match(form, name.end()) and _LIMIT.search(form)):
        return []
    read = read_entry(line.text, desk, line.section.meeting, sure=not spoken)
    day, held = read.due.day if read and read.due else None, desk.days.get(line.section.meeting)
    if read is None or read.who is None or day is None or held is None or day < held:
        return []
    return [] if is_report(form) else [made(read, line, desk, Origin.PROSE)]


_SIGNED = re.compile(
    r"(?P<task>.{6,"
    r"}?(?<!汇报)(?<!介绍)(?<!分享)(?<!报告)(?<!说明)(?<!讨论)(?<!主持))\s*[(（](?P<who>[^()（）]"
    r"{2,30})[)）][。.]?$"
)


# The hand of the one in charge behind a task: 补充测试报告 --张三 8月25日
_DASHED = re.compile(r"(?<![-—])(?:--|——)\s*[\u3400-\u9fff]{2,3}(?![\u3400-\u9fff])")


def signed(line: Line, desk: Desk) -> list[Draft]:
    """Return the item of a point that ends with the names of those who do it: …同步（峰光）."""
    if _DASHED.search(line.text):
        read = read_entry(line.text, desk, line.section.meeting, sure=True)
        if read is not None and read.who is not None:
            return [made(read, line, desk, Origin.PROSE)]
    match = _SIGNED.match(line.text) if line.depth >= 0 else None
    if not match or not re.search("[\u3400-\u9fff]", match["task"]):
        return []
    names = [n for n in re.split(r"[、,，/\s]+", match["who"]) if n]
    if not all(desk.people.is_known(n) for n in names):
        return []
    read = Read(
        fields={"description": match["task"]},
        source=line.text,
        who=desk.people.read(match["who"]),
    )
    return [made(read, line, desk, Origin.PROSE, weak=True)]
