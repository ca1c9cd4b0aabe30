"""What headings and labels of minutes mean: parts of the document, facts of the meeting. Pure.

Patterns are matched against folded text (``mapping.words.fold``): simplified, no blanks, no
punctuation, lower case.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

from mapping.words import fold, header_of, plain

_Meaning = TypeVar("_Meaning", bound=str)


class Part(StrEnum):
    """What stands under a heading (C2)."""

    ACTIONS = "actions"
    FOLLOW_UP = "follow-up"  # the list of the last meeting
    DECISIONS = "decisions"
    GOALS = "goals"
    TOPICS = "topics"
    NEXT = "next"
    ATTENDEES = "attendees"
    ABSENT = "absent"
    OTHER = "other"  # discussion, reports, background


# A running number or sign before a heading or an entry.
NUMBERING = re.compile(
    r"\s*(?:"
    r"[(（【\[]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[)）】\]、]"
    r"|(?:[壹贰貳叁參参肆伍陆陸柒捌玖拾]{1,2}|[甲乙丙丁戊己庚辛壬癸])[、.．]"
    r"|(?:\d{1,2}|[一二三四五六七八九十]{1,3})[.．]\)?(?!\d)"
    r"|\d{1,2}(?:\.\d{1,2}){1,3}[.:：、]?(?=\s|[^\d\s.:/-])(?!\s*(?:年|月|日|%|元|万))"
    r"|\d{1,2}\s+-\s+"
    r"|[\u2460-\u24ff]"
    r"|第[一二三四五六七八九十\d]{1,3}[项条点][:：、]?"
    r"|(?:任务|任務|事项|事項)\s*(?:\d{1,2}|[一二三四五六七八九十])\s*[:：](?!\s*\d)"
    r"|[•·●○■◆◇▪►➢➤✔✓★*+-]\s*(?=\S)"
    r")\s*"
)
_DECORATION = re.compile(r"^[^\w(（\[【《“\"'@#☐☑☒□✅]+|[\s:：。;；—-]+$")

_NEXT = (
    r"^.{0,4}(?:下次|下一次|下回|下期)|"
    r"^(?:dateof)?next(?:meeting|call|review|walk|session|sync|steering|date)"
)
_LAST = (
    r"上次|上期|上周|上月|上一次|上回|前次|前期|上阶段|往期|历史|遗留行动|列管|last|previous|prior(?!it)|"
    r"mattersarising|outstanding|carriedover|carryover|openactions"
)
_WORK = (
    r"行动|事项|[待代]办|任务|落实|跟进|跟踪|追踪|遗留|完成情况|办理|action|task|todo|item|"
    r"mattersarising|carriedover|carryover|followups|followup$"  # a follow-up of is a discussion
)
_LOOK_BACK = re.compile(r"^(?!.*(?:行动|待办|任务)).*(?:回顾|总结)$")  # 上周工作回顾: a report
_ACTIONS = re.compile(
    r"^(?!任务(?:\d|[一二三四五六七八九十])|其[他它]事项$)(?:会议|按|本次会议|本次|本周|本月|近期|后续|会后|主要|具体|新增|新的|重点|下阶段|下周|"
    r"各部门|散会后|"
    r"下次(?=[待代]办|任务|行动|要做)|补充|当前|其他|待|需|待处理|待解决|下一阶段|我的)*"
    r"(?:行动(?:项目?|计划|事项|方案|清单|点)?|[待代]办(?:事项|任务|项目?|工作|清单)?|任务(?:分配|"
    r"分工|安排|清单)?|"
    r"(?:工作|人员)?分工|(?<=会后)工作(?:事项|清单)?|工作(?:安排|计划|部署|分配)|安排|跟进(?:事项|工作|项)?|跟踪(?:事项|项)|"
    r"追踪(?:事项|项目?)|落实事项|督办事项|办理事项|遗留(?:问题|事项|项|任务)|"
    r"(?:待|需)解决的?(?:问题|事项)|"
    r"下一?步(?:的)?(?:工作|计划|行动|安排|打算)?|下周(?:工作|计划|安排)|整改(?:事项|措施|清单|"
    r"要求)|事项|"
    r"改进措施|执行(?:事项|安排|计划)?|todos?|后续(?:事项|工作|计划|行动|措施|安排|跟进)?|todolist|actionitems?)"
    r"(?:清单|列表|表|汇总|总结|安排|如下|一览|整理|明细|及责任人|及分工|与分工|及时间|跟踪|项目|"
    r"事项|计划|"
    r"及负责人|跟踪表|追踪表|责任表)*"
    r"(?:todos?|actionitems?|actions?|nextsteps?)?(?:\d{1,2}|[一二三四五六七八九十]{1,2})?$"
)
# Work that is divided among people, or still to be done: 对文档编写进行分工, 需要完成的任务.
# 团队分工 tells who is what in a team.
_DIVIDED = re.compile(
    r"^\D{0,16}(?:(?<![与和及])(?<!团队|小组|角色|职责|职能)分工|任务[与和及]分工|"
    r"(?:任务|工作)(?:进行)?(?:分配|布置|分派))"
    r"(?:如下|完成)?$|"
    r"^\D{0,10}(?:待|需|要)(?:完成|做|办|处理)的?(?:任务|工作|事项?|事情)$|"
    r"^\D{0,4}未完成的?(?:任务|工作|事项)$|^(?:进行)?分配\D{0,6}$"
)
_ACTIONS_EN = re.compile(
    r"^(?:the|new|open|key|our|main|team|agreed|current|all|list of|summary of|additional|pending|"
    r"outstanding|immediate|required|other|top|high|priority|urgent)*"
    r"(?:actions?(?:items?|points?|list|log|register|plan|tracker|required|summary|table)?|"
    r"ais|todos?(?:list|items?)?|"
    r"todosand\w+|nextsteps?|nextactions?|followups?(?:actions?|items?|tasks?)?|"
    r"tasks?(?:list|assigned|fornextstage|forthenextstage|fornextweek|fornextmeeting|fornexttime|"
    r"assignments?|items?)?|"
    r"assignments?|actionsarising|workitems|by(?:person|owner|assignee|name)|deliverables|commitments|thingstodo|whodoeswhat)"
    r"(?:items?|byperson|from\w*meeting|arising|forthe\w+|fornext\w+|for(?:all|every)\w*|\d{1,2}|待办\w*|行动\w*)?$"
)
_DECISIONS = re.compile(
    r"^(?:会议|本次会议|本次|主要|集体|表决|最终|形成|如下|讨论[及与和])*"
    r"(?:决策|决议|结论|决定|(?<=如下)意见|议定|共识|纪要结论|表决结果|达成共识|商定|确定)"
    r"(?:结论|事项|内容|结果|情况|要点|如下|及结论|与结论|和结论|与共识|和决议|及决议)*"
    r"(?:decisions?|conclusions?)?$"
    r"|^(?:key|main|meeting|final|informationand|information|notesand|notes|the)*"
    r"(?:decisions?|resolutions?|conclusions?|agreements?|agreed|outcomes?)"
    r"(?:made|taken|reached|log|and\w+|agreed)?$"
    r"|^informationdecisions$|^notesdecisions?$"
)
_GOALS = re.compile(
    r"^(?:会议|本次会议|本次)*(?:目标|目的|主旨)(?:与议题|和议题|及议题)?$|"
    r"^(?:meeting)?(?:goals?|objectives?|purpose|aims?)(?:and\w+)?$"
)
_TOPICS = re.compile(
    r"^(?:会议|本次会议|本次|讨论|主要)*(?:议题|议程)(?:列表|清单|安排|内容|申报)?(?:agenda|"
    r"topics?)?$|"
    r"^(?:meeting|proposed)?(?:agenda|topics?)(?:items?|fortoday|discussed)?$|^agenda议程$"
)
_ATTENDEES = re.compile(
    r"^(?:会议|本次|线上|现场|实际|全体|主要)*"
    r"(?:参会|与会|出席|到会|参加|列席|参与)(?:会议|讨论)?(?:人员?|者|名单|成员|单位|部门|代表|"
    r"领导|及|人名单|情况)*"
    r"(?:attendees?|participants?|attendance|present)?$|"
    r"^(?:应到\d*人?)?实到\d*人?$|"
    r"^(?:meeting|voting|nonvoting|board|tsc|additional|other|also|committee|members?){0,3}"
    r"(?:attendees?|present|participants?|attendance|inattendance|presentmembers|"
    r"whoattended|peoplepresent|peoplepresentlinessaid|membersof?present|attendedby|"
    r"people)(?:list)?$"
)
_ABSENT = re.compile(
    r"^已?(?:缺席|请假|未到|未能?出席|未能参加|没来|缺勤|未参会|因故缺席|致歉)(?:会议)?(?:人员?|者|"
    r"名单|成员|情况|[及与和]?原因)*$|"
    r"^(?:voting|nonvoting|board|committee|members?){0,3}(?:absent|absentees?|apolog(?:y|ies)(?:received)?|notattending|regrets?|notpresent|apologiesforabsence|"
    r"excused|absences?)$"
)
_OTHER = re.compile(
    r"^(?:\w{0,6})(?:讨论|背景|情况|通报|汇报|报告|进展|进度|概况|纪要|总结|会议认为|记录|内容|"
    r"章节|发言|回顾|"
    r"介绍|分享|问答|附件|附录|链接|其他)(?:\w{0,6})$|"
    r"^(?:meeting)?(?:discussions?|notes?|minutes|background|updates?|summary|status|observations?|"
    r"recordings?|links?|announcements?|introductions?|reports?|news|qa|questions|comments?|"
    r"whatwentwell|whatdidnt?o?t?|parkinglot|risks?|wishes|references?|attachments?|"
    r"discussiontopics?"
    r")(?:\w{0,20})$|^\w{1,25}(?:onhold|deferred|parked)$"
)


_ASIDE = re.compile(r"(?<=\w)\s*[(（][^()（）]*[)）]\s*$")  # Attendance (please add yourself)


@lru_cache(maxsize=4096)
def part_of(heading: str) -> Part | None:
    """Return what a heading announces, None if its words tell nothing."""
    return _part(fold(_ASIDE.sub("", bare(heading)))) or _of_both(heading, part_of)


def _part(key: str) -> Part | None:
    if not key or len(key) > 40:
        return None
    if re.search(_LAST, key) and re.search(_WORK, key) and not _LOOK_BACK.search(key):
        return Part.FOLLOW_UP
    for pattern, part in (
        (_ACTIONS, Part.ACTIONS),
        (_ACTIONS_EN, Part.ACTIONS),
        (_DECISIONS, Part.DECISIONS),
        (_GOALS, Part.GOALS),
        (_TOPICS, Part.TOPICS),
        (_ATTENDEES, Part.ATTENDEES),
        (_ABSENT, Part.ABSENT),
    ):
        if pattern.search(key):
            return part
    if re.search(_NEXT, key):
        return Part.NEXT
    return Part.OTHER if _OTHER.search(key) else None


_BOTH = re.compile(
    r"(?P<a>[A-Za-z][A-Za-z .,'&()-]*?)\s*[/|·,-]?\s*(?P<b>[\u3400-\u9fff][^A-Za-z]*)"
    r"|(?P<c>[^A-Za-z]*[\u3400-\u9fff])\s*[/|·,-]?\s*(?P<d>[(A-Za-z][A-Za-z .,'&()-]*)"
)


def _of_both(label: str, meaning: Callable[[str], _Meaning | None]) -> _Meaning | None:
    """Return the meaning of a label in two languages, if both halves have it: ``Host 主持人``."""
    if label.isascii() or len(label) > 60 or not (match := _BOTH.fullmatch(bare(label))):
        return None
    one, other = (meaning(half) for half in match.groups() if half)
    return one if one == other else None


def announced(heading: str) -> Part | None:
    """Return what a line announces that is known to be a heading: by a colon, or what is below."""
    words = _LAST_ASIDE.sub("", bare(heading))
    part = part_of(heading) or part_of(words)
    divided = part in (None, Part.OTHER) and len(words) <= 30 and _DIVIDED.search(fold(words))
    return Part.ACTIONS if divided else part


_LAST_ASIDE = re.compile(r"(?<=\S)\s*[(（][^()（）]*[)）]\s*$")


def is_talk(heading: str) -> bool:
    """Say whether what stands under a heading was only spoken of."""
    return bool(re.search(r"讨论|discuss", fold(heading)))


def bare(text: str) -> str:
    """Return a heading without its number, its signs and a colon at its end."""
    text = _DECORATION.sub("", text.strip())
    if match := NUMBERING.match(text):
        text = text[match.end() :]
    return _DECORATION.sub("", text)


# A sentence that tells when the next meeting is.
NEXT_MEETING = re.compile(
    r"下(?:次|一次|回)(?:会议|例会|周会|开会|碰头)(?:时间|拟|暂|初步)*(?:定于|定在|定|于|为|在|:)"
    r"|(?:the )?next (?:meeting|sync|call)(?: is| will be| takes place)?(?: scheduled| planned)?"
    r"(?: on| for| at|:)",
    re.IGNORECASE,
)

# What labels of the facts mean: label (folded) -> fact of the meeting.
_FACT_WORDS = {
    "title": (
        "会议名称, 会议主题, 会议题目, 名称, 来源会议, 会议, 主题, 会议标题, meeting, "
        "meeting title, meeting name, subject, title, source meeting"
    ),
    "type": "会议类型, 会议类别, 类型, 会议性质, meeting type, type",
    "start": (
        "会议时间, 时间, 日期, 会议日期, 召开时间, 开会时间, 日期时间, 时间日期, "
        "本次会议时间, 会议日期和时间, 时间time, date日期, data日期, 日期date, date, time, "
        "when, date and time, meeting date, meeting time, date time, day, held on, time时间"
    ),
    "clock": "start time, start, 开始时间, 起始时间",
    "end": "end time, end, 结束时间, 散会时间, 散会",
    "place": (
        "会议地点, 地点, 地址, 会议室, 召开地点, 开会地点, 场所, 地点location, location, "
        "place, venue, where, room, location地点"
    ),
    "host": (
        "主持人, 主持, 主席, 会议主持, 会议主持人, 召集人, 主持人员, 会议召集人, "
        "host会议主持人, chair, chairperson, chairman, chairwoman, host, facilitator, "
        "led by, moderator, chaired by, lead, meeting chair, facilitated by, hosted by, "
        "organizer, organiser, lead by"
    ),
    "recorder": (
        "记录人, 记录, 纪录, 会议记录, 会议记录人, 纪录人, 记录员, 记录者, 整理人, 纪要整理, "
        "会议纪录, 笔录, minute taker, recorded by, secretary, recording secretary, "
        "scribe, note taker, notetaker, notes by, minutes by, recorder, minutes, notes, "
        "minutes taken by, notes taken by, minutes recorded by"
    ),
    "attendees": (
        "参会人, 参会人员, 参会, 参会者, 与会人, 与会人员, 与会, 与会者, 出席, 出席人, "
        "出席人员, 出席者, 参加人, 参加人员, 参加, 到会人员, 参与者, 参与人, 参与人员, "
        "参会成员, 会议成员, 人员, 参会名单, 到场, 参与者participants, participants与会人, "
        "attendees, present, participants, attendance, in attendance, attending, "
        "members present, attended by, those present, additional attendees, other attendees, "
        "also present, also in attendance, guests, observers, voting members present"
    ),
    "absent": (
        "缺席人, 缺席, 缺席人员, 缺席者, 请假, 请假人, 请假人员, 缺席及原因, 没来, 未到, "
        "未参会, 缺勤, 缺席人员及原因, 请假及缺席, 缺席情况, absent, apologies, regrets, "
        "absentees, apologies for absence, excused, not present"
    ),
    "goals": "会议目标, 会议目的, 目标, 目的, goals, goal, objective, objectives, purpose",
    "topics": "会议议题, 议题, 议程, 会议议程, agenda, topics",
    "next": (
        "下次会议, 下次开会, 下次会议时间, 下一次会议, 下次碰头, 下次会议安排, 下次例会, "
        "下次会议日期, next meeting, next review, next walk, next call, next sync, "
        "next session, next meeting date"
    ),
    "secrecy": "密级, 保密级别, 机密等级, 机密, 保密等级, confidentiality, classification",
    "ignored": (
        "更新日期, 更新, 更新人, 更新时间, last edited, 编制, 审核, 签发, 主送, 抄送, 版本, "
        "会议录音, 录音, 会议链接, 会议号, 链接, recording, agenda link, link, video, "
        "youtube video, youtube, 发送, 抄报, 下次会议主持人, 预计时长, 校对, 签到, duration"
    ),
}
# The facts that a part of the minutes tells.
PART_FACTS = {
    Part.ATTENDEES: "attendees",
    Part.ABSENT: "absent",
    Part.GOALS: "goals",
    Part.TOPICS: "topics",
}
_PEOPLE = (Part.ATTENDEES, Part.ABSENT)
_FACTS = {fold(w): fact for fact, words in _FACT_WORDS.items() for w in words.split(", ")}


@lru_cache(maxsize=4096)
def fact_of(label: str) -> str | None:
    """Return the fact of the meeting that a label announces, None if it announces none."""
    key = fold(bare(label))
    if key in _FACTS:
        return _FACTS[key]
    if len(key) <= (20 if key.isascii() else 14) and re.match(
        r"下次|下一次|(?:dateof)?next[a-z]", key
    ):
        return "next"
    part = _part(key)
    return PART_FACTS[part] if part in _PEOPLE else _of_both(label, fact_of)


@lru_cache(maxsize=4096)
def field_of(title: str) -> str | None:
    """Return the field that a column's header or a label names, in one language or in two."""
    return header_of(title) or _of_both(title, header_of)


_LABEL = re.compile(
    r"(?:^|(?<=[\s;,。|(]))([^\s:;,。|.!?()\[\]]{1,12}(?: [A-Za-z'/\u3400-\u9fff]{1,12}){0,4}) ?:"
    r"(?!(?<=\d:)\d)"
)
_BOXED = re.compile(r"【\s*([^【】:]{1,12}?)\s*】\s*:?")  # 【责任人】张三
_SPACED = re.compile(r"^\W{0,4}((?:[\u3400-\u9fff] ?){2,6}):")


def labels_in(text: str) -> list[tuple[int, int, str]]:
    """Return where labels with a colon may stand: start, end of the colon, the label's words.

    Of words that run into a label only the known part counts: ``Host 会议主持人``.
    """
    form = plain(text)
    found, rest = [], 0
    if (match := _SPACED.match(form)) and " " in match[1] and is_label(match[1]):
        found, rest = [(match.start(1), match.end(), match[1])], match.end()
    for match in _BOXED.finditer(form, rest):
        if is_label(match[1]):
            found.append((match.start(), match.end(), match[1]))
            rest = match.end()
    for match in _LABEL.finditer(form, rest):
        start, words = match.start(1), match[1]
        while not is_label(words) and " " in words:
            first, words = words.split(" ", 1)
            start += len(first) + 1
        if not is_label(words):
            start, words = match.start(1), match[1]
        found.append((start, match.end(), words))
    return found


@lru_cache(maxsize=4096)
def is_label(words: str) -> bool:
    """Say whether a label's words are known: a fact, a part of the minutes, or a field."""
    part = part_of(words)
    return bool(fact_of(words) or field_of(words) or (part and part is not Part.OTHER))
