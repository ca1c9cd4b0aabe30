"""The facts of the meeting (C2): from labels, forms, headings and official sentences. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from mapping.calendar import Calendar
from mapping.values import Meeting, NextMeeting, Team
from mapping.words import clean, fold, plain
from minutes import dates
from minutes.drafts import value_of
from minutes.labels import NEXT_MEETING, PART_FACTS, Part, bare, fact_of, labels_in, part_of
from minutes.lengths import planned_minutes
from minutes.moments import FULL_DAY, Moment, end_in, hours_in, moment_in
from minutes.roll import MARK, Roll, is_sentence
from minutes.sections import Grid, Line
from minutes.titles import is_sensitive, title_of, type_of

_LISTS = frozenset({"attendees", "absent", "goals", "topics"})
_CALLED = re.compile(
    r"(?:[,，。]|^)(?P<host>[^,，。\d年月日]{2,12}?)(?:同志)?(?:在(?P<place>[^,，。]{2,"
    r"20}?))?主持(?:召开|会议|了)"
)
_CALLED_IN = re.compile(r"在(?P<place>[^,，。]{2,20}?)(?:召开|举行|举办)")
_TOOK_PART = re.compile(
    r"(?P<names>[^。；;]{2,200}?)(?:等)?(?:参加|出席|列席)(?:了)?(?:会议)?(?=[,，。；;]|$)"
)
_AWAY = re.compile(
    r"(?P<name>[\u3400-\u9fff]{2,4}?)(?P<reason>因[^,，。；;]{1,12}?(?:请假|缺席|未参加|未出席|"
    r"未能参加))"
)
_WROTE = re.compile(r"(?:^|[,，。；;])(?P<name>[\u3400-\u9fff]{2,4})(?:负责)?记录(?=[。,，；;]|$)")
_NEXT_IN = re.compile(
    r"(?:下次|下一次|下回)(?:会议|开会|碰头|例会|评审|讨论|复盘|时间)*(?:定于|定在|为|在|于|:|："
    r")?\s*(?=\S)"
)
_NEXT_IN_EN = re.compile(
    r"\b(?:the )?next (?:[\w-]+ ){0,3}(?:meeting|call|session)s?(?! for\b)"
    r"(?: of (?:the |this )?(?:\w+ )?(?:group|board|council|committee|wg|sig|tsc))?"
    r" (?:will be(?: held)?|is(?: on| scheduled(?: for| on)?)?|to be held|on)\b\s*",
    re.IGNORECASE,
)
_CLOCK_FIRST = re.compile(r"\d{1,2}(?::\d{2}\b|(?:[:.]\d{2})?\s?[ap]\.?m\b)", re.IGNORECASE)


_HEAD = 20  # lines at the beginning that may hold basic information without a sign
# Signs that a time names a day too, so that its first numbers are no hours.
_OF_A_DAY = re.compile(r"[年月日号/]|\d{4}|\d[.-]\d{1,2}\s+\d")
_FRONT = ("date", "day", "time", "会议时间", "日期", "时间", "meetingdate", "datetime")


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a document and may tell its day and title."""

    name: str
    front: Mapping[str, str]
    day: date | None


_NOBODY = re.compile("(?:本次)?[无無沒没].{0,6}[人员員]$")  # 本次无缺席人员


@dataclass(slots=True)
class _Told:
    """What the document says of each fact, the first word winning."""

    words: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    next: list[tuple[str, str]] = field(default_factory=list)  # label, value

    def tell(self, fact: str, value: str) -> None:
        value = clean(value).strip(" ;；,，|")
        if not value_of(value) or (fact in ("attendees", "absent") and _NOBODY.match(value)):
            return
        few = not re.search(r"\d\D*\d\D*\d", value.split(":")[0])
        clock = _CLOCK_FIRST.match(plain(value)) and not FULL_DAY.search(plain(value))
        if fact == "start" and (clock or few or not _OF_A_DAY.search(plain(value))):
            fact = "clock" if hours_in(value)[0] else fact
        if fact in _LISTS:
            self.lists.setdefault(fact, []).append(value)
        else:
            self.words.setdefault(fact, value)


def read_meeting(
    parts: Sequence[Line | Grid],
    around: Around,
    *,
    team: Team | None,
    calendar: Calendar,
    sensitive_words: Sequence[str],
    order: dates.Order | None,
) -> Meeting:
    """Return the facts of one meeting.

    Args:
        parts: the lines and grids of this meeting.
        around: file name, front matter and the day given from outside.
        team: whose spelling of names is taken.
        calendar: as ``dates.parse`` wants it.
        sensitive_words: words that make the minutes sensitive (F5).
        order: how the document writes two numbers for a day.
    """
    told = _collect(parts)
    reader = _Reader(calendar, order)
    when = reader.when(told, parts, around)
    title = title_of(told.words.get("title"), parts, around.name, around.front)
    roll = Roll(team)
    attendees, host, recorder = roll.attendees(told.lists.get("attendees", []))
    host = roll.one(told.words.get("host")) or host
    recorder = roll.one(told.words.get("recorder")) or recorder
    start = when.told if when else None
    end = when.ended if when else None
    if when and when.start is None:
        begins, ends = hours_in(told.words.get("clock", ""))
        ends = ends or hours_in(told.words.get("end", ""))[0]
        start = Moment(when.day, begins).told
        end = Moment(when.day, ends).told if begins and ends else None
    if when and start and "T" in start and end is None and (ends := _ending(parts)):
        end = Moment(when.day, ends).told
    place = told.words.get("place") or _place_behind(parts, when)
    return Meeting(
        title=title,
        type=type_of(told.words.get("type"), title),
        start=start,
        end=end,
        place=place.strip("。.") if place else None,
        host=host,
        recorder=recorder,
        attendees=attendees,
        absent=roll.absent(told.lists.get("absent", [])),
        goals=tuple(told.lists.get("goals", ())),
        topics=tuple(told.lists.get("topics", ())),
        next=reader.next(told, when.day if when else around.day),
        sensitive=is_sensitive(title, parts, sensitive_words, around.front),
        planned_min=planned_minutes(parts),
    )


def _ending(parts: Sequence[Line | Grid]) -> tuple[int, int] | None:
    """Return the time at which one of the last lines says that the meeting ended."""
    lines = (p for p in reversed(parts[-12:]) if isinstance(p, Line))
    return next((ends for line in lines if (ends := end_in(bare(line.text)))), None)


def _place_behind(parts: Sequence[Line | Grid], when: Moment | None) -> str | None:
    """Return the place behind a time without a label: 14 October 2025, 15:00, Studio 2."""
    if when is None or when.start is None:
        return None
    for part in parts[:4]:
        if isinstance(part, Line) and not part.label and not part.heading:
            match = FULL_DAY.match(plain(part.text))
            if match and match.start() == when.begin and len(part.text) > when.end:
                rest = _rest(part.text[when.end :])
                return rest[0] if rest else None
    return None


def _collect(parts: Sequence[Line | Grid]) -> _Told:
    told = _Told()
    over = False
    for part in parts:
        if isinstance(part, Grid):
            _from_grid(part, told)
        elif part.heading:
            if part.section.part is Part.NEXT and FULL_DAY.search(plain(part.text)):
                told.next.append(("?", part.text))
            over = over and part_of(part.text) is None
        elif part.section.part is Part.ATTENDEES and (over or is_sentence(part)):
            over = True  # what goes on below a list of names names nobody
        else:
            _from_line(part, told)
    _from_columns(parts, told)
    _from_sentences(parts, told)
    return told


_SET_OFF = re.compile(
    r"(?P<label>[\u3400-\u9fff]{2,6}\s|[A-Za-z][A-Za-z ]{2,20}?\s{2})\s*(?P<value>\S.*)"
)


def _from_columns(parts: Sequence[Line | Grid], told: _Told) -> None:
    """Read labels that only blanks set off, where two lines of the head or more have them."""
    found = []
    for part in parts[:_HEAD]:
        if isinstance(part, Grid) or part.heading or part.label or part.section.part is not None:
            continue
        if match := _SET_OFF.match(part.text):
            fact = fact_of(match["label"])
            if fact not in (None, "title", "next", "ignored", "goals", "topics"):
                found.append((str(fact), match["value"]))
    if len({fact for fact, _ in found}) > 1:
        for fact, value in found:
            told.tell(fact, value)


def _from_grid(grid: Grid, told: _Told) -> None:
    column = grid.header.fields.get("topic", grid.header.work)
    if grid.header.is_agenda and column is not None:
        for row in grid.rows:
            told.tell("topics", row.cells[column].text)


_WORKING = (Part.ACTIONS, Part.FOLLOW_UP, Part.DECISIONS)


def _from_line(line: Line, told: _Told) -> None:
    part = line.section.part
    work = line.struck or line.note or (part in _WORKING and line.section.own)
    told_next = (line.label and fact_of(line.label) == "next") or NEXT_MEETING.match(
        plain(line.text)
    )
    if work and not told_next:
        return
    pairs = _pairs(line.text)
    if part is Part.NEXT:
        told.next += [(fact_of(label) or "", value) for label, value in pairs] or [("", line.text)]
        return
    known = [(fact, value) for label, value in pairs if (fact := fact_of(label))]
    after = False
    for fact, value in known:
        if fact == "next":
            told.next.append(("", value))
            after = True
        elif after and fact in ("start", "place", "topics"):
            told.next.append((fact, value))
        elif fact != "ignored":
            told.tell(fact, value)
    if known:
        return
    form = plain(line.text)
    if match := _NEXT_IN.search(form):
        told.next.append(("?", line.text[match.end() :]))
    elif match := _NEXT_IN_EN.search(form):
        told.next.append(("when", line.text[match.end() :]))
    if line.depth > 0:
        return
    fact = line.section.fact
    if fact == "recorder" and not _WHO_WROTE.search(line.section.title):
        return  # a heading such as Minutes or Notes
    notes = part is Part.OTHER and not line.section.title.endswith(("人", "员", "員", "者"))
    if fact in ("host", "recorder") and (len(line.text) > 20 or notes):
        return
    remark = line.depth < 0 and line.text.rstrip().endswith("。")
    if remark and "topics" in told.lists and (fact == "topics" or part is Part.TOPICS):
        return
    if fact and fact not in ("ignored", "next"):
        told.tell(fact, line.text)
    elif part in PART_FACTS and not (part in _WHO and re.search("。.", line.text)):
        told.tell(PART_FACTS[part], line.text)


_WHO = (Part.ATTENDEES, Part.ABSENT)
_WHO_WROTE = re.compile("[人員员者]|by|taker|secretary|scribe|recorder", re.IGNORECASE)


def _pairs(text: str) -> list[tuple[str, str]]:
    """Return the labels that stand in a line with their values."""
    found = [
        (start, end, words)
        for start, end, words in labels_in(text)
        if fact_of(words) or part_of(words)
    ]
    if not found or not _is_lead(text[: found[0][0]]):
        return []
    ends = [start for start, _, _ in found[1:]] + [len(text)]
    return [(words, text[end:stop]) for (_, end, words), stop in zip(found, ends, strict=True)]


def _is_lead(text: str) -> bool:
    """Say whether what stands before a label is only a sign or a number."""
    return not re.search(r"[^\W\d_]", re.sub(r"应到\s*\d+\s*人", "", plain(text)))


def _from_sentences(parts: Sequence[Line | Grid], told: _Told) -> None:
    """Read the running sentences of official minutes: who held them, where, who was there."""
    for part in parts[:12]:
        if isinstance(part, Grid) or part.heading or part.section.part in _WORKING:
            continue
        form = plain(part.text)
        if not FULL_DAY.search(form) or not re.search(r"召开|主持|举行|参加", form):
            continue
        told.tell("start", part.text)
        if match := _CALLED.search(form):
            told.tell("host", part.text[match.start("host") : match.end("host")])
            if match["place"]:
                told.tell("place", part.text[match.start("place") : match.end("place")])
        elif match := _CALLED_IN.search(form):
            told.tell("place", part.text[match.start("place") : match.end("place")])
        for sentence in re.finditer(r"[^。]+", form):
            text = part.text[sentence.start() : sentence.end()]
            if (match := _TOOK_PART.match(sentence[0])) and "attendees" not in told.lists:
                host = told.words.get("host")
                names = text[match.start("names") : match.end("names")]
                told.tell("attendees", f"{host}、{names}" if host else names)
            for match in _AWAY.finditer(sentence[0]):
                reason = text[match.start("reason") : match.end("reason")]
                told.tell("absent", f"{text[match.start('name') : match.end('name')]}（{reason}）")
            if match := _WROTE.search(sentence[0]):
                told.tell("recorder", text[match.start("name") : match.end("name")])
        return


class _Reader:
    """Reads days, as this document writes them."""

    def __init__(self, calendar: Calendar, order: dates.Order | None) -> None:
        self._calendar = calendar
        self._order = order

    def moment(self, text: str, reference: date | None) -> Moment | None:
        return moment_in(text, reference, self._calendar, self._order)

    def when(self, told: _Told, parts: Sequence[Line | Grid], around: Around) -> Moment | None:
        """Return when the meeting was: text, front matter, file name, given day, in this order."""
        outside = self._outside(around)
        for text in self._dated(told, parts):
            if moment := self.moment(text, outside.day if outside else None):
                return moment
        return outside

    def _dated(self, told: _Told, parts: Sequence[Line | Grid]) -> list[str]:
        texts = [told.words[f] for f in ("start", "date") if f in told.words]
        texts += [v for f, v in told.words.items() if f == "title"]
        lines = [p for p in parts if isinstance(p, Line)]
        texts += [line.text for line in lines if line.heading == 1][:1]
        texts += [x.text for x in lines[:4] if x.section.part is None and x.depth < 0][:3]
        return texts

    def _outside(self, around: Around) -> Moment | None:
        for key, value in around.front.items():
            if fold(key) in _FRONT and (moment := self.moment(value.replace("T", " "), None)):
                return moment
        stem = re.sub(r"\.\w{2,8}$", "", around.name)
        if moment := self.moment(stem, None):
            return Moment(moment.day)
        return Moment(around.day) if around.day else None

    def next(self, told: _Told, day: date | None) -> NextMeeting:
        start = place = topic = None
        for label, value in told.next:
            if label in ("place", "topics", "title"):
                if label == "place":
                    place = place or clean(value).strip("。. ;；") or None
                else:
                    topic = topic or clean(value).strip("。. ;；") or None
                continue
            if label in ("host", "recorder", "attendees", "absent", "ignored"):
                continue
            moment = self.moment(value, day)
            if moment is None:
                clock = hours_in(value)[0] if label in ("start", "clock") else None
                if clock and start and "T" not in start:
                    start = f"{start}T{clock[0]:02}:{clock[1]:02}"
                continue
            if start is None and not (label == "when" and day and moment.day <= day):
                start = moment.told
                rest = _rest(value[moment.end :]) if label != "when" else []
                place = place or (rest[0] if rest else None)
                topic = topic or (rest[1] if len(rest) > 1 else None)
        return NextMeeting(start=start, place=place, topic=topic)


_LABELLED = re.compile(
    r"^\s*(?:会议|會議)?(?:地[点點]|议题|議題|主题|主題|place|venue|location|topics?|agenda)\s*[:：]",
    re.IGNORECASE,
)
_ZONE = re.compile(
    r"\W*(?:\w+ ){0,2}(?:utc|gmt|beijing|time|[cemp][ds]?t|bst|ce?st|aest)\W*\d*", re.IGNORECASE
)


def _rest(text: str) -> list[str]:
    """Return what stands behind the time: the place, then the topic."""
    text = re.sub(r"^[^()（）]{0,12}[)）]", "", MARK.sub("", text))
    parts = [
        _LABELLED.sub("", p).strip(" 。.;；") for p in re.split(r"[,，。;；]|\s{2,}|\.\s", text)
    ]
    found = [p for p in parts if re.search(r"\w", p) and not _ZONE.fullmatch(p)]
    return [re.sub(r"^(?:in|at) (?=[A-Z])", "", p) for p in found]
