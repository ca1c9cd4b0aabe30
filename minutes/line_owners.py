"""Steps that take off a line whoever it names, at its beginning or its end. Pure."""

import re

from mapping.words import plain
from minutes.dues import DueRead
from minutes.line_reader import LineReader, Read
from minutes.names import are_names, at_name, is_signature
from minutes.rims import (
    AFTER_DASH,
    ASIDE,
    AT,
    BETWEEN,
    BLANK,
    BRACKET,
    CHARGE,
    COLON,
    COLUMN,
    DASH,
    DOES,
    HANDLES,
    NAMED,
    NAMES_NAMED,
    TAGS,
    TAIL,
    TAIL_DAY,
    TO,
    joint,
    pieces,
)
from minutes.signs import SEPARATORS, fields_in
from minutes.verbs import IMPERATIVES

_INSIDE = re.compile(r"[(（]([^()（）]{2,60})[)）]")


def take_bracketed(line: LineReader) -> None:
    """Take off a bracket of labels behind the task, a day behind it at most."""
    for match in _INSIDE.finditer(line.text, line.a, line.b):
        labels = fields_in(match[1])
        after = line.text[match.end() : line.b].strip(SEPARATORS)
        if not labels or labels[0][0] or not after:
            continue
        if line.desk.dues.phrase(after, line.reference) is None:
            continue
        ends = [start for start, _, _ in labels[1:]] + [len(match[1])]
        for (_, begin, name), end in zip(labels, ends, strict=True):
            line.fields.setdefault(name, match[1][begin:end].strip(SEPARATORS))
        if "owner" in line.fields:
            _take_at(line, sure=True)
            line.who = line.people.read(line.fields["owner"])
        line.due = line.due or line.desk.dues.phrase(after, line.reference)
        line.b = match.start()
        return


def take_owner(line: LineReader, *, sure: bool) -> None:
    """Take off whoever is named at the beginning or at the end."""
    if line.who is not None:
        return
    takes = (_take_at, _take_bracket, _take_charge)
    for take in (*takes, _take_prefix, _take_suffix):
        if take(line, sure=sure):
            line.trim()
            return


def _take_at(line: LineReader, *, sure: bool) -> bool:
    del sure  # an @ is sure everywhere
    runs = list(AT.finditer(line.text, line.a, line.b))
    if not runs:
        return False
    first, last = runs[0], runs[-1]
    if line.is_rim(line.a, first.start()) or line.text[line.a : first.start()].strip() == "":
        end = first
        names = [first]
        for run in runs[1:]:
            if BETWEEN.fullmatch(line.text, end.end(), run.start()):
                names.append(run)
                end = run
        _set(line, [at_name(n, line.people) for n in names])
        line.a = end.start(1) + len(at_name(end, line.people))
        return True
    names = [last]
    for run in reversed(runs[:-1]):
        if BETWEEN.fullmatch(line.text, run.end(), names[0].start()):
            names.insert(0, run)
    if line.is_rim(last.end(), line.b) or len(runs) == len(names):
        tail = line.text[last.end() : line.b].strip(" )）,，。.;；")
        if not tail:
            _set(line, [at_name(n, line.people) for n in names])
            line.b = names[0].start()
            return True
    return False


def take_columns(line: LineReader) -> None:
    """Take apart a line whose parts are set off by tabs or wide blanks: task, owner, day."""
    parts = [(m.start(), m.end()) for m in COLUMN.finditer(line.text, line.a, line.b)]
    if len(parts) < 3:
        return
    words = [line.text[start:end].strip() for start, end in parts]
    names = [n for n, w in enumerate(words) if are_names(w, line.people, sure=True)]
    if len(names) != 1 or len(words[names[0]]) > 30:
        return
    task = next(n for n in range(len(parts)) if n != names[0])
    days = [(n, d) for n, w in enumerate(words) if n not in (task, names[0])
            and (d := line.desk.dues.phrase(w, line.reference))]  # fmt: skip
    _set(line, [words[names[0]]])
    if days:
        line.due = days[-1][1]
    line.a, line.b = parts[task]


def _take_bracket(line: LineReader, *, sure: bool) -> bool:
    match = BRACKET.match(line.text, line.a, line.b)
    if not match or not match.end() < line.b:
        return False
    if all_named := NAMES_NAMED.match(line.text, line.a, line.b):
        _set(line, NAMED.findall(all_named[0]))
        line.a = all_named.end()
        return True
    name = next(g for g in match.groups() if g)
    round_ = match[0].lstrip().startswith(("(", "（"))
    if are_names(name, line.people, sure=sure and not round_) or (
        sure and not round_ and HANDLES.fullmatch(name) and name.lower() not in TAGS
    ):
        _set(line, [name])
        line.a = match.end()
        return True
    return False


def _take_charge(line: LineReader, *, sure: bool) -> bool:
    """Take off who is in charge of a task named before: 测试用例，张三负责."""
    match = CHARGE.search(plain(line.rest))
    if not sure or not match or not match.start():
        return False
    name = line.rest[match.start("who") : match.end("who")]
    if not are_names(name, line.people, sure=True):
        return False
    _set(line, [name])
    if not line.rest[match.end() :].strip(SEPARATORS):
        line.b = line.a + match.start()
    return True


def _take_prefix(line: LineReader, *, sure: bool) -> bool:
    rest = line.text[line.a : min(line.b, line.a + 80)]
    match = TO.match(rest)
    if match and are_names(match[1], line.people, sure=sure, single=sure):
        _set(line, [match[1]])
        line.a += match.end()
        return True
    known = line.people.known
    if sure and known and (hit := joint(known).match(plain(rest))):
        verb = re.match(r" ([a-z]+)\b", rest[hit.end() :])
        does = DOES.match(plain(rest), hit.end())
        if does or (verb and (line.marked or verb[1] in IMPERATIVES)):
            _set(line, [rest[: hit.end()]])
            line.a += does.end() if does else hit.end()
            return True
    for pattern in (COLON, DASH, BLANK):
        match = pattern.match(rest)
        if not match:
            continue
        single = pattern is not BLANK and bool(re.match(r"\s*[Tt]o [a-z]", rest[match.end() :]))
        if are_names(match[1], line.people, sure=sure, single=single, blank=pattern is BLANK):
            _set(line, [match[1]])
            line.a += match.end()
            return True
    return False


def take_tail(line: LineReader, *, sure: bool) -> None:
    """Take off a bracket at the end that holds the owner, or the owner and the day."""
    match = TAIL.search(line.text, max(line.a, line.b - 80), line.b)
    if not match or match.start() <= line.a:
        # 活动页文案（高翔/蔡文静）12.12
        match = TAIL_DAY.search(line.text, max(line.a, line.b - 80), line.b)
        if not match or match.start() <= line.a:
            return
        day = line.desk.dues.phrase(match[2], line.reference)
        if day is None or not are_names(match[1], line.people, sure=True):
            return
        _set(line, [match[1]])
        line.due = line.due or day
        line.b = match.start()
        return
    inside = match[1] or match[2]
    names: list[str] = []
    due: DueRead | None = None
    for piece in pieces(NAMED.sub(r"\1", re.sub(r"^name=", "", inside))):
        day = line.desk.dues.phrase(piece, line.reference)
        if day and due is None:
            due = day
            continue
        name = re.sub(r"^(?:and|&) ", "", piece)
        at = name.startswith(("@", "责任人", "负责人"))
        single = NAMED.search(inside) is not None
        if not at and not are_names(name, line.people, sure=True, single=single):
            return
        names.append(re.sub(r"^(?:责任人|负责人)[:：\s]*", "", name))
    who = line.people.read("、".join(names))
    if names and (sure or line.people.is_known(who.owner or "")):
        line.who = who
        line.due = line.due or due
        line.b = match.start()
        line.trim()


def take_aside(line: LineReader, *, sure: bool) -> None:
    """Set a bracket behind the owner aside; one with an owner of its own is a further item.

    ``Send the text - JILAYNE (Review and post - ALL)``
    """
    match = ASIDE.search(line.text, line.a, line.b)
    if not sure or not match or not is_signature(match[1], line.people):
        return
    inside = match[2]
    signed = AFTER_DASH.search(inside)
    if signed and signed.start() > 2 and is_signature(signed[1], line.people):
        task = inside[: signed.start()].strip(SEPARATORS)
        who = line.people.read(signed[1])
        line.extra = (Read(fields={"description": task}, source=inside, who=who),)
    line.b = match.start(2) - 1
    line.trim()


def _take_suffix(line: LineReader, *, sure: bool) -> bool:
    match = AFTER_DASH.search(line.text, max(line.a, line.b - 60), line.b)
    if not match and (known := line.people.known) and sure:
        tail = line.text[max(line.a, line.b - 40) : line.b]
        hits = [h for h in known.finditer(plain(tail)) if h.end() == len(tail)]
        if hits and hits[0].start() > 1 and tail[hits[0].start() - 1] in " ,，;；、":
            _set(line, [hits[0][0]])
            line.b -= len(hits[0][0])
            return True
    if (
        match
        and match.start() > line.a
        and sure
        and is_signature(match[1], line.people, dashed=match[0].lstrip()[:1] in "-–—")
    ):
        _set(line, [match[1]])
        line.b = match.start()
        return True
    return False


def _set(line: LineReader, names: list[str]) -> None:
    line.who = line.people.read("、".join(names))
