"""The facts of the meeting (C2): from labels, forms, headings and official sentences. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from mapping.calendar import Calendar
from mapping.people import Directory, split_names
from mapping.values import Absence, Meeting, NextMeeting, Team
from mapping.words import clean, fold, plain
from minutes import dates
from minutes.addresses import without_addresses
from minutes.drafts import value_of
from minutes.labels import Part, fact_of, labels_in, part_of
from minutes.lengths import planned_minutes
from minutes.moments import FULL_DAY, Moment, hours_in, moment_in
from minutes.presence import BEFORE_NAME, NO_NAME, is_sentence, without_firms
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
_MARK = re.compile(r"[(（\[]([^()（）\[\]]*)[)）\]]")
_HOST_MARK = re.compile(
    r"(?:主持人?|主席|召集人|chair(?:person|man|woman)?|host|facilitator|moderator)$", re.IGNORECASE
)
_RECORDER_MARK = re.compile(
    r"(?:记录人?|纪录|recorder|scribe|minutes?|notes?|note ?taker|secretary)$", re.IGNORECASE
)


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
        clock = _CLOCK_FIRST.match(plain(value)) and not FULL_DAY.search(plain(value))
        if fact == "start" and (clock or not re.search(r"\d\D*\d\D*\d", value.split(":")[0])):
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
    reader = _Reader(team, calendar, order)
    when = reader.when(told, parts, around)
    title = title_of(told.words.get("title"), parts, around.name, around.front)
    attendees, host, recorder = reader.attendees(told)
    host = reader.one(told.words.get("host")) or host
    recorder = reader.one(told.words.get("recorder")) or recorder
    start = when.told if when else None
    end = when.ended if when else None
    if when and when.start is None:
        begins, ends = hours_in(told.words.get("clock", ""))
        ends = ends or hours_in(told.words.get("end", ""))[0]
        start = Moment(when.day, begins).told
        end = Moment(when.day, ends).told if begins and ends else None
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
        absent=reader.absent(told),
        goals=tuple(told.lists.get("goals", ())),
        topics=tuple(told.lists.get("topics", ())),
        next=reader.next(told, when.day if when else around.day),
        sensitive=is_sensitive(title, parts, sensitive_words),
        planned_min=planned_minutes(parts),
    )


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
    _from_sentences(parts, told)
    return told


def _from_grid(grid: Grid, told: _Told) -> None:
    column = grid.header.fields.get("topic", grid.header.work)
    if grid.header.is_agenda and column is not None:
        for row in grid.rows:
            told.tell("topics", row.cells[column].text)


_PART_FACTS = {
    Part.ATTENDEES: "attendees",
    Part.ABSENT: "absent",
    Part.GOALS: "goals",
    Part.TOPICS: "topics",
}
_WORKING = (Part.ACTIONS, Part.FOLLOW_UP, Part.DECISIONS)


def _from_line(line: Line, told: _Told) -> None:
    part = line.section.part
    work = line.struck or line.note or (part in _WORKING and line.section.own)
    if work and not (line.label and fact_of(line.label) == "next"):
        return
    pairs = _pairs(line.text)
    if part is Part.NEXT:
        told.next += [(fact_of(label) or "", value) for label, value in pairs] or [("", line.text)]
        return
    known = [(fact, value) for label, value in pairs if (fact := fact_of(label))]
    for fact, value in known:
        if fact == "next":
            told.next.append(("", value))
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
    if fact in ("host", "recorder") and (len(line.text) > 20 or part is Part.OTHER):
        return
    if fact and fact not in ("ignored", "next"):
        told.tell(fact, line.text)
    elif part in _PART_FACTS and not (part in _WHO and re.search("。.", line.text)):
        told.tell(_PART_FACTS[part], line.text)


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
    return not re.search(r"[^\W\d_]", text)


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
    """Reads people and days in the spelling of a team."""

    def __init__(self, team: Team | None, calendar: Calendar, order: dates.Order | None) -> None:
        self._directory = Directory(team) if team else None
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

    def name(self, text: str) -> str:
        """Return a person's name in the team file's spelling, without what stands around it."""
        text = _MARK.sub("", clean(text)).strip(" @＠*。.;；:：")
        text = re.split(r"\s@|\s[-–—]\s|\s{2,}", text)[0].strip(" ,，@")
        text = BEFORE_NAME.sub("", text)
        known = self._directory.person(text) if self._directory else None
        return known.name if known else text

    def _is_person(self, text: str) -> bool:
        return bool(self._directory and self._directory.person(text))

    def one(self, text: str | None) -> str | None:
        if not text:
            return None
        names = split_names(_MARK.sub("", without_addresses(text, self._is_person)))
        return self.name(names[0]) if names else None

    def names(self, text: str) -> list[tuple[str, str]]:
        """Return the people of a list with what stands in brackets behind each."""
        text = without_addresses(text, self._is_person)
        masked = _MARK.sub(lambda m: "\0" * len(m[0]), text)
        if not text.lstrip().startswith(("@", "＠")):
            masked = re.sub(r"\s@", "\0\0", masked)  # a handle behind a name
        pieces, start = [], 0
        for match in re.finditer(
            r"[、,，;；/／\n]+|\s+and\s+|\s+(?=@)|和(?=[\u3400-\u9fff]{2,4}$)|\s{2,}", masked
        ):
            pieces.append(text[start : match.start()])
            start = match.end()
        pieces.append(text[start:])
        if len(pieces) == 1 and re.fullmatch(r"(?:[\u3400-\u9fff\0]{2,}\s?)+", masked.strip()):
            pieces = text.split()
        found = []
        for piece in pieces:
            marks = [m[1].strip() for m in _MARK.finditer(piece)]
            name = self.name(re.sub(r"等(?:共)?\d*人?$", "", piece))
            if name and value_of(name) and len(name) <= 40 and not NO_NAME.fullmatch(name):
                found.append((name, marks[0] if marks else ""))
        return found

    def attendees(self, told: _Told) -> tuple[tuple[str, ...], str | None, str | None]:
        """Return who was there, and who of them is marked as host or recorder."""
        host = recorder = None
        names: dict[str, None] = {}
        for text in without_firms(told.lists.get("attendees", ())):
            for name, mark in self.names(text):
                names[name] = None
                if _HOST_MARK.search(mark):
                    host = host or name
                elif _RECORDER_MARK.search(mark):
                    recorder = recorder or name
        return tuple(names), host, recorder

    def absent(self, told: _Told) -> tuple[Absence, ...]:
        found: dict[str, Absence] = {}
        for text in without_firms(told.lists.get("absent", ())):
            for name, mark in self.names(text):
                reasons = [
                    r for r in re.split(r"[,，;；]", mark) if r.strip() and not self._is_unit(r)
                ]
                reason = "，".join(r.strip() for r in reasons) or None
                found.setdefault(name, Absence(name=name, reason=reason))
        return tuple(found.values())

    def _is_unit(self, text: str) -> bool:
        if self._directory and self._directory.unit(text):
            return True
        return bool(re.search(r"(?:部|中心|处|科|组|公司|院|办公室)$", text.strip()))

    def next(self, told: _Told, day: date | None) -> NextMeeting:
        start = place = topic = None
        for label, value in told.next:
            if label in ("place", "topics", "title"):
                if label == "place":
                    place = place or clean(value).strip("。. ") or None
                else:
                    topic = topic or clean(value).strip("。. ") or None
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


_ZONE = re.compile(
    r"\W*(?:\w+ ){0,2}(?:utc|gmt|beijing|time|[cemp][ds]?t|bst|ce?st|aest)\W*\d*", re.IGNORECASE
)


def _rest(text: str) -> list[str]:
    """Return what stands behind the time: the place, then the topic."""
    text = re.sub(r"^[^()（）]{0,12}[)）]", "", _MARK.sub("", text))
    parts = [p.strip(" 。.;；") for p in re.split(r"[,，。;；]|\s{2,}|\.\s", text)]
    return [p for p in parts if re.search(r"\w", p) and not _ZONE.fullmatch(p)]
