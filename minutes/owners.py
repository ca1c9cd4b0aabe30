"""Who stands in an owner's place: persons, units, roles, and which of them is the one owner. Pure.

Nobody is invented: a unit alone is a department, a role or a group stays as written (B1, F2).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from mapping.people import Directory
from mapping.values import Team
from mapping.words import clean, fold, plain
from minutes.addresses import without_addresses
from minutes.initials import initials_of


class Kind(StrEnum):
    """What a name stands for."""

    PERSON = "person"
    UNIT = "unit"
    GROUP = "group"  # a role, everybody, a party outside: nobody in particular
    NONE = "none"  # a placeholder


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """What an owner's place says.

    Attributes:
        owner: the one owner, in the team file's spelling; None if there is not exactly one.
        owners: persons, roles and groups as written.
        code: the finding that it calls for; None if it names one known person.
    """

    owner: str | None = None
    owners: tuple[str, ...] = ()
    department: str | None = None
    support: tuple[str, ...] = ()
    code: str | None = "owner-missing"


NOBODY = Owners()

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁"
    "魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞"
    "樊兰殷施陶洪翟安"
    "颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费"
    "纪靳盛童欧甄项曲"
    "成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕"
    "晋苑邬臧畅宫"
    "嵺苟褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝巩稽井练仲"
    "乐虞卞封竺冼"
    "原衣楚佟栗匡宗台巫鞠僧桑荆谌扬沙薄伏岑习胥蔺"
)
_COMPOUND = (
    "欧阳",
    "上官",
    "司马",
    "诸葛",
    "夏侯",
    "司徒",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "端木",
)
_TITLES = re.compile(
    r"(?<=..)(?:教授|老师|博士|同学|先生|女士|院士|工程师)$|^(?:Prof|Dr|Mr|Ms|Mrs)\.?\s+"
)
_NONE = re.compile(
    r"(?:待定|未定|待确认|待安排|待指定|待分配|暂无|无|没有|tb[dac]|n/?a|none|nobody|unassigned|"
    r"to be (?:decided|"
    r"confirmed|determined|assigned)|[-—–/\\?？.…_*\s]*)$",
    re.IGNORECASE,
)
_GROUP = re.compile(
    r"(?:相关|有关|各|全体|所有|全员|全组|全部|大家|其他|每个|每位|每人|与会|参会|人人|双方|"
    r"团队成员|项目成员|组员)"
    r"|(?:本人|我|我们|自己)$"
    r"|.*(?:供应商|厂商|客户|甲方|乙方|承包商|承包方|第三方|外包方?|施工方|监理|业主)$"
    r"|.*(?:经理|主管|组长|主任|总监|负责人|责任人|主席|秘书|代表|专员|管理员|部长|科长|处长|"
    r"院长|领导|干事|班长|店长|"
    r"厂长|书记|工程师|人员|成员|同事|同学们|员工|发起人|汇报人|作者|导师|助理|委员|窗口|接口人|"
    r"对接人)(?:们)?$"
)
_GROUP_EN = re.compile(
    r"(?:every(?:one|body|\s\w+)|all|all .*|both|anyone|someone|team|teams|the team|whole team|"
    r"we|us|me|myself|i|you|group|pm|po|ceo|cto|cfo|coo|cio|"
    r"(?:\w+ ){0,3}(?:members?|teams|leads?|managers?|owners?|chairs?|directors?|"
    r"representatives?|reps|engineers?|"
    r"developers?|devs|admins?|participants|attendees|volunteers|maintainers|reviewers|"
    r"contributors|staff|"
    r"vendors?|suppliers?|clients?|customers?|contractors?|partners?|users?|facilitator|"
    r"secretary|host|clerk|treasurer|(?:vice[- ])?president|chair(?:man|woman|person)|scribe))$",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r".+(?:部|处|科|科室|中心|组|团队|办|办公室|室|院|公司|课|局|委|委员会|所|厂|车间|部门|学院|"
    r"集团|银行|协会|联盟|"
    r"实验室|事业群|项目部|社区|党委|工会|班)$"
)
_UNIT_EN = re.compile(
    r"(?:.+ )?(?:team|department|dept\.?|unit|division|office|committee|board|council|squad|"
    r"guild|wg|sig|"
    r"working group|center|centre|lab|ltd|inc|company)$|"
    r"(?:engineering|marketing|support|facilities|legal|it|hr|finance|operations|ops|product|"
    r"design|sales|qa|"
    r"security|procurement|logistics|purchasing|quality|manufacturing|production|research|r&d|"
    r"devops|"
    r"infrastructure|infra|platform|customer success|customer service|customer support|human "
    r"resources|"
    r"communications|comms|admin|administration|accounting|compliance|maintenance|warehouse|"
    r"training|data|"
    r"analytics|management|backend|frontend|testing|payroll|treasury|audit|privacy|documentation|"
    r"docs)$",
    re.IGNORECASE,
)
_LATIN_NAME = re.compile(
    r"[A-Z][\w'’.-]*(?: (?:[A-Z]\.?|[A-Z][\w'’-]+|de|van|von|der|la|bin|al|del)){0,3}$"
)
_WORDS = """
action actions the this that these those we it they you he she there what when where who why how
if and or but so then now next note notes update updates status agenda topic topics decision
decisions discussion summary minutes meeting date time place location team all one two first
second new old need needs please also after before once while since because as at by for from in
into of on to with without until unless let make makes going future current prior other others
some any each every no not yes ok done todo open closed in-progress people someone something
anyone attendees present absent owner due links link video recording background risk risks issue
issues question questions problem problems solution solutions survey review draft plan plans
feature features release releases version phase part monday tuesday wednesday thursday friday
saturday sunday january february march april june july august september october november
december can could should would will may might must shall add adds use using i ii iii both
either most many few
"""
# Given names that are other words too: names only where people are listed.
_MONTHLIKE = re.compile(r"(?:Will|May|April|June) [A-Z][\w'-]+$")
_NOT_NAMES = frozenset(_WORDS.split())
_SEPARATOR = re.compile(
    r"\s*(?:[、,;/&+|\n·]|\band\b|以及)\s*|(?<=\0)\s*(?=[^\0\s、,;/&+|·])", re.IGNORECASE
)
_MARK = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_LEAD = re.compile(
    r"(?:主|主办|主责|主要|牵头|负责|总负责|第一责任人|lead|leader|leading|owner|main|primary|"
    r"accountable)"
    r"(?:人|方|者)?$",
    re.IGNORECASE,
)
_HELPER = re.compile(
    r"(?:协|协办|协助|协同|配合|支持|辅助|副|参与|helper|helping|helps|support|supporting|"
    r"supports|assist|assisting|"
    r"assists|backup|secondary|with help)(?:人|方|者)?$",
    re.IGNORECASE,
)
_PLACED = re.compile(
    r"(主办|主责|主|牵头|负责|lead|owner|协办|协助|协同|配合|支持|协|support|helper|assist)(?:人|"
    r"方|部门)?\s*:\s*",
    re.IGNORECASE,
)


class People:
    """Everybody whom a document may mean: the team file's people and those the document names.

    Attributes:
        directory: the team's; None where no team file names anybody: then nobody is unknown.
        known: one pattern of all names that are known, the longest first; None if there is none.
    """

    def __init__(self, team: Team | None, mentioned: Iterable[str] = ()) -> None:
        named = team is not None and bool(team.people or team.departments)
        self.directory = Directory(team) if team and named else None
        names: set[str] = set()
        if team:
            for person in team.people:
                names |= {person.name, *person.aliases}
        units = [d.name for d in team.departments] if team else []
        mentioned = tuple(mentioned)
        self._known: set[str] = set()
        self._initials: frozenset[str] = frozenset()
        for name in mentioned:
            words = name.split()
            if self._may_be_person(name) and not (len(words) > 1 and names.issuperset(words)):
                names |= set(self._forms(name))
        names = {name for name in names if len(fold(name)) > 1}
        self._known = {fold(name) for name in names}
        self.known = _pattern(names)
        self._initials = frozenset(filter(None, map(initials_of, mentioned)))
        self.units = _pattern(units)

    def _may_be_person(self, name: str) -> bool:
        """Say whether a text in a person's place is a name, not a sentence, a unit or a group."""
        if len(name) > 40 or re.search(r"[\d:：。;；!?？]", name) or len(name.split()) > 4:
            return False
        kind = self.kind(name)
        one = len(name.split()) == 1 and (len(name) <= 4 or (name.isascii() and len(name) <= 20))
        return kind is Kind.PERSON or (kind is None and (one or bool(_MONTHLIKE.match(name))))

    @staticmethod
    def _forms(name: str) -> Iterator[str]:
        """Yield the forms under which a document may name one of its own people again."""
        yield name
        if len(name) == 3 and is_han_name(name):
            yield name[1:]
        elif len(name) == 4 and plain(name)[:2] in _COMPOUND:
            yield name[2:]
        words = name.split()
        if len(words) > 1 and words[0].lower() not in _NOT_NAMES and len(words[0]) > 1:
            yield words[0].strip(".,")
            if words[-1][0].isupper() and words[-1].isalpha() and len(words[-1]) > 2:
                yield words[-1]

    def is_known(self, name: str) -> bool:
        """Say whether the team file or the document names this person elsewhere."""
        text = _stripped(name)
        if self.directory and self.directory.person(text):
            return True
        return fold(text) in self._known or text in self._initials

    def spelling(self, name: str) -> str:
        """Return the team file's spelling of a person, the name as written if it has none."""
        person = self.directory.person(_stripped(name)) if self.directory else None
        return person.name if person else name

    def kind(self, name: str) -> Kind | None:
        """Return what a name stands for; None where its form tells nothing."""
        text = _stripped(name)
        form = plain(text)
        if _NONE.match(form):
            return Kind.NONE
        if self.is_known(text):
            return Kind.PERSON
        if self.directory and self.directory.unit(text):
            return Kind.UNIT
        if _GROUP.match(form) or _GROUP_EN.match(form):
            return Kind.GROUP
        if is_han_name(form) and not (len(form) > 2 and _UNIT.match(form)):
            return Kind.PERSON
        if _UNIT.match(form) or _UNIT_EN.match(form):
            return Kind.UNIT
        return Kind.PERSON if is_latin_name(text) else None

    def read(self, text: str | None) -> Owners:
        """Return what an owner's cell or label says."""
        text = clean(without_addresses(text or "", self.is_known))
        if _NONE.match(plain(text)):
            return NOBODY
        persons: list[tuple[str, str]] = []  # name as written, mark
        groups: list[str] = []
        units: list[str] = []
        for name, mark in self._parts(text):
            kind = self.kind(name)
            if kind is Kind.NONE:
                continue
            if kind is Kind.UNIT:
                units.append(name.rstrip("*"))
            elif kind is Kind.GROUP:
                groups.append(name)
            else:
                persons.append((name, mark))
            if mark not in ("lead", "helper", "") and self.kind(mark) is Kind.UNIT:
                units.append(mark)
        return self._judge(persons, groups, units)

    def _judge(self, persons: list[tuple[str, str]], groups: list[str], units: list[str]) -> Owners:
        leads = [n for n, mark in persons if mark == "lead"]
        helpers = [n for n, mark in persons if mark == "helper" or (leads and n not in leads)]
        candidates = leads or [n for n, _ in persons if n not in helpers]
        if len(persons) == 1:
            candidates = [persons[0][0]]
        owner = self.spelling(candidates[0]) if len(candidates) == 1 else None
        names = [n for n, _ in persons] + groups
        if owner:
            unknown = self.directory and not self.directory.person(_stripped(candidates[0]))
            code = "owner-unknown" if unknown else None
        elif persons:
            code = "owner-multiple"
        else:
            code = "owner-vague" if groups or units else "owner-missing"
        return Owners(
            owner=owner,
            owners=tuple(dict.fromkeys(names)),
            department="、".join(dict.fromkeys(units)) or None,
            support=tuple(self.spelling(n) for n in helpers if n != owner),
            code=code,
        )

    def _parts(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield each name with its mark: lead, helper, another word in brackets, or nothing."""
        form = plain(text)
        placed = list(_PLACED.finditer(form))
        if placed and placed[0].start() == 0:
            for here, after in zip(placed, [*placed[1:], None], strict=True):
                mark = "lead" if _LEAD.match(here[1]) else "helper"
                end = after.start() if after else len(text)
                for name, _ in self._split(text[here.end() : end]):
                    yield name, mark
            return
        yield from self._split(text)

    def _split(self, text: str) -> Iterator[tuple[str, str]]:
        form = plain(text)
        whole = _stripped(text)
        if self.is_known(whole):
            yield whole, ""
            return
        cuts = [0]
        masked = _MARK.sub(lambda m: "\0" * len(m[0]), form)
        for match in _SEPARATOR.finditer(masked):
            cuts += [match.start(), match.end()]
        cuts.append(len(text))
        for start, end in zip(cuts[::2], cuts[1::2], strict=True):
            yield from self._name(text[start:end])

    def _name(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield the name, or the names, of a piece between two separators."""
        form = plain(text)
        mark = ""
        if match := _MARK.search(form):
            inner = match[1].strip()
            mark = text[match.start(1) : match.end(1)].strip()
            if _LEAD.match(inner):
                mark = "lead"
            elif _HELPER.match(inner):
                mark = "helper"
            if match.start() == 0 and match.end() == len(form):
                text, mark = text[match.start(1) : match.end(1)], ""
            else:
                text = text[: match.start()].strip() or text[match.end() :]
        name = _stripped(text)
        if not name:
            return
        if self.is_known(name):
            yield name, mark
            return
        words = name.split()
        if len(words) > 1 and all(map(self.is_known, words)):
            for word in words:
                yield _stripped(word), mark
            return
        if self.kind(name) in (Kind.PERSON, Kind.NONE):
            yield name, mark
            return
        pieces = self._pieces(name)
        for piece in pieces:
            yield piece, mark

    def _pieces(self, name: str) -> list[str]:
        """Split names that no separator parts: blanks, 和, a unit before a person."""
        if " " in name or "@" in name:
            words = [w for w in re.split(r"[\s@]+", name) if w]
            if all(self.is_known(w) or is_han_name(w) or self.kind(w) is Kind.UNIT for w in words):
                return words
        for sign in "和与及":
            left, found, right = name.partition(sign)
            if found and all(self.kind(p) is Kind.PERSON for p in (left, right)):
                return [left, right]
        for cut in range(2, min(len(name) - 1, 12)):
            unit, person = name[:cut], name[cut:].lstrip("-—－ ")
            if (
                self.kind(unit) is Kind.UNIT
                and _NONE.match(plain(person)) is None
                and (self.is_known(person) or is_han_name(person))
                and self.kind(name) is not Kind.UNIT
            ):
                return [unit.rstrip("-— "), person]
        return [name]


def _pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    """Return a pattern that finds any of the names in ``plain`` text, the longest first."""
    forms = sorted(
        {plain(clean(name)) for name in names if clean(name)}, key=lambda n: (-len(n), n)
    )
    if not forms:
        return None
    parts = (
        rf"(?<![A-Za-z0-9]){re.escape(n)}(?![A-Za-z0-9])" if n.isascii() else re.escape(n)
        for n in forms
    )
    return re.compile("|".join(parts))


def _stripped(name: str) -> str:
    """Return a name without what is written around it: @, brackets, stars, titles."""
    text = clean(name).strip(" \t@＠*_`【】[]［］()（）:：。.,，;；、-—–~“”\"'")
    return _TITLES.sub("", text).strip()


def is_han_name(name: str) -> bool:
    """Say whether a text has the form of a Chinese person's full name."""
    form = plain(name)
    if not re.fullmatch("[\u3400-\u9fff]{2,4}", form):
        return False
    if form[:2] in _COMPOUND:
        return len(form) >= 3
    return len(form) <= 3 and form[0] in SURNAMES


def is_latin_name(name: str) -> bool:
    """Say whether a text has the form of a Latin person's name: capital letters, few words."""
    if not _LATIN_NAME.match(name) or len(name) > 40:
        return False
    return not any(word.lower().strip(".") in _NOT_NAMES for word in name.split())
