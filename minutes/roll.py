"""Who was there and who was not: lists of people as minutes write them. Pure.

``市场部：顾清、佟佳；法务室 乔楠`` and ``Ann Lee (chair), Bo Young`` are names; units and titles
around them are none.
"""

import re
from collections.abc import Sequence

from mapping.people import split_names
from mapping.values import Absence, Team
from mapping.words import clean, plain
from minutes.addresses import without_addresses
from minutes.drafts import value_of
from minutes.owners import Kind, People, is_han_name
from minutes.sections import Line

MARK = re.compile(r"[(（\[]([^()（）\[\]]*)[)）\]]")
_HOST_MARK = re.compile(
    r"(?:主持人?|主席|召集人|chair(?:person|man|woman)?|host|facilitator|moderator)$", re.IGNORECASE
)
_RECORDER_MARK = re.compile(
    r"(?:记录人?|纪录|recorder|scribe|minutes?|notes?|note ?taker|secretary)$", re.IGNORECASE
)
_PIECES = re.compile(
    r"[、,，;；/／\n]+|\s+and\s+|\s+(?=@)|和(?=[\u3400-\u9fff]{2,4}$)|\s{2,}", re.IGNORECASE
)
_BEHIND = re.compile(r"\s*[:：]\s*(?=\S)|\s[-–—]{1,2}\s|——")
_POLITE = "(?:先生|女士|小姐|老师|同志)"
_JOB = (
    r"(?:董事长|[副总]{0,2}(?:经理|裁|监)|主任|[处部科课组厂院局]长|协理|襄理|专员|主管|工程师|"
    r"教授|博士)"
)
_TITLED = (
    re.compile(rf"(?P<name>[\u3400-\u9fff]{{2,4}}?){_POLITE}$"),
    re.compile(rf"(?P<name>[\u3400-\u9fff]{{2,4}}?){_JOB}$"),
    re.compile(rf"{_JOB}(?P<name>[\u3400-\u9fff]{{2,3}})$"),
)
_JOB_APART = re.compile(rf"^[副总]?{_JOB}\s+(?=[\u3400-\u9fff]{{2}})")
_NO_NAME = re.compile(r"[a-zA-Z]|[\d\W]+")
_BEFORE_NAME = re.compile(r"^[A-Z][A-Za-z]*(?: [A-Za-z]+){0,2}: ?(?=[A-Z])")  # Crew lead: Ann Lee
_FULL = re.compile(r"[A-Z][\w'’.-]+(?: [A-Z][\w'’.-]*)+$")
_LATIN_TITLE = re.compile(r"(?:Prof|Dr|Mr|Ms|Mrs)\.?\s+(?=[A-Z])")
# A stroke before a reason: 张三/婚假.
_STROKE = re.compile(r"[/／](?=[^/／、,，;；]*(?:假|出差|外出|培训|冲突)(?:$|[、,，;；]))")
_SIDE = re.compile(
    r".*(?:单位|方|代表|线上|线下|现场|远程|(?:主|分)会场|地区?|部门?|中心|处|科|课|组|公司|院|室)$"
    r"|(?:remote|online|on ?site|in person|virtual|by phone|in the room)$",
    re.IGNORECASE,
)


def is_sentence(line: Line) -> bool:
    """Say whether a line of running text is a sentence, not names."""
    if line.depth >= 0 or line.label or not re.search(r"[.:]\s*$", line.text):
        return False
    return len(re.findall(r"\b(?!and\b)[a-z]{2,}\b", line.text)) >= 3


class Roll:
    """Reads lists of people in the spelling of a team."""

    def __init__(self, team: Team | None) -> None:
        self._people = People(team)

    def name(self, text: str) -> str:
        """Return a person's name in the team file's spelling, without what stands around it."""
        text = MARK.sub("", clean(text)).strip(" @＠*。.;；:：")
        text = re.split(r"\s@|\s[-–—]\s|\s{2,}", text)[0].strip(" ,，@")
        text = _BEFORE_NAME.sub("", text)
        if self._is_person(text):
            return self._people.spelling(text)
        text = _JOB_APART.sub("", text)
        form = plain(text)
        for pattern in _TITLED:
            match = pattern.match(form)
            if match and (pattern is _TITLED[0] or is_han_name(match["name"])):
                text = text[match.start("name") : match.end("name")]
                break
        return self._people.spelling(_LATIN_TITLE.sub("", text))

    def _is_person(self, text: str) -> bool:
        return self._people.is_known(text)

    def one(self, text: str | None) -> str | None:
        """Return the first person of a text, None if there is none."""
        if not text:
            return None
        names = split_names(MARK.sub("", without_addresses(text, self._is_person)))
        return self.name(names[0]) if names else None

    def names(self, text: str) -> list[tuple[str, str]]:
        """Return the people of a list, each with what stands in brackets or after a dash behind."""
        text = without_addresses(text, self._is_person)
        masked = MARK.sub(lambda m: "\0" * len(m[0]), text)
        if not text.lstrip().startswith(("@", "＠")):
            masked = re.sub(r"\s@", "\0\0", masked)  # a handle behind a name
        pieces, start = [], 0
        for match in _PIECES.finditer(masked):
            pieces.append(text[start : match.start()])
            start = match.end()
        pieces.append(text[start:])
        if len(pieces) == 1 and re.fullmatch(r"(?:[\u3400-\u9fff\0]{2,}\s?)+", masked.strip()):
            pieces = text.split()
            pieces = [p for p in pieces if not self._is_side(MARK.sub("", p))] or pieces
        found = []
        for piece in pieces:
            marks = [m[1].strip() for m in MARK.finditer(piece)]
            whom, behind = self._person(re.sub(r"等(?:共)?\d*人?$", "", MARK.sub("", piece)))
            name = self.name(whom)
            if name and value_of(name) and len(name) <= 40 and not _NO_NAME.fullmatch(name):
                found.append((name, marks[0] if marks else behind))
        return found

    def _person(self, text: str) -> tuple[str, str]:
        """Return a name without the unit before it, and the words behind a colon or a dash."""
        text = text.strip()
        if self._is_person(text):
            return text, ""
        if match := _BEHIND.search(text):
            before, after = text[: match.start()].strip(), text[match.end() :].strip()
            whose = self._is_side(before) or any(
                is_name(after) and not is_name(before) for is_name in (is_han_name, _FULL.match)
            )
            if ":" in plain(match[0]) and whose:
                return self._person(after)
            return before, after
        unit, blank, name = text.rpartition(" ")
        if blank and self._is_side(unit) and (self._is_person(name) or not name.isascii()):
            return name, ""
        for cut in range(len(text) - 2, max(len(text) - 4, 1), -1):
            if is_han_name(text[cut:]) and self._people.kind(text[:cut]) is Kind.UNIT:
                return (text, "") if is_han_name(text) else (text[cut:], "")
        return text, ""

    def _is_side(self, text: str) -> bool:
        """Say whether words before names tell whose people they are, or where they sat."""
        kind = self._people.kind(text.strip())
        if kind is Kind.PERSON and is_han_name(text):
            return False
        return kind in (Kind.UNIT, Kind.GROUP) or bool(_SIDE.match(plain(text.strip())))

    def attendees(self, lists: list[str]) -> tuple[tuple[str, ...], str | None, str | None]:
        """Return who was there, and who of them is marked as host or recorder."""
        host = recorder = None
        names: dict[str, None] = {}
        for text in _without_firms(lists):
            for name, mark in self.names(text):
                names[name] = None
                if _HOST_MARK.search(plain(mark)):
                    host = host or name
                elif _RECORDER_MARK.search(plain(mark)):
                    recorder = recorder or name
        return tuple(names), host, recorder

    def absent(self, lists: list[str]) -> tuple[Absence, ...]:
        """Return who was not there, with the reason where one is told."""
        found: dict[str, Absence] = {}
        for text in _without_firms(lists):
            for name, mark in self.names(_STROKE.sub("：", text)):
                reasons = [
                    r for r in re.split(r"[,，;；]", mark) if r.strip() and not self._is_unit(r)
                ]
                reason = "，".join(r.strip() for r in reasons) or None
                found.setdefault(name, Absence(name=name, reason=reason))
        return tuple(found.values())

    def _is_unit(self, text: str) -> bool:
        unit = r"(?:部|中心|处|科|组|公司|院|办公室)$"
        directory = self._people.directory
        known = directory and directory.unit(text)
        return bool(known or re.search(unit, text.strip()))


def _without_firms(texts: Sequence[str]) -> Sequence[str]:
    """Return the entries of a list without the firms, where nearly all are a name and a firm."""
    pairs = [MARK.sub("", text).split(", ") for text in texts]
    firms = sum(len(pair) == 2 and " " in pair[0] for pair in pairs)
    if len(texts) < 3 or firms * 3 < len(texts) * 2 or any(len(pair) > 3 for pair in pairs):
        return texts
    return [text.split(", ")[0] for text in texts]
