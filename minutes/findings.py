"""What minutes leave open, told to their author (B3): what is missing, what to write. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mapping.values import Conclusion, Decision, Finding, Meeting, MeetingType, Severity, Status
from minutes.drafts import Draft, Origin

MAX_TOPICS = 5
_MATERIAL = re.compile(r"附件|材料|资料|資料|attach|material|hand-?out", re.IGNORECASE)
_FILE = re.compile(
    r"[^\s,，、;；:：<>\"“”()（）\[\]|/]+\.(?:pptx?|docx?|pdf|xlsx?|key)\b", re.IGNORECASE
)
_NAMED = re.compile(r".+-.+-(?:19|20)\d{6}")

# code -> rule, severity, sentence in Chinese, sentence in English.
_TEXTS = {
    "owner-missing": (
        "B1",
        Severity.ERROR,
        "“{what}”没有写负责人，请写明一位具体的人。",
        "“{what}” has no owner: name one person.",
    ),
    "owner-vague": (
        "F1",
        Severity.ERROR,
        "“{what}”的负责人“{words}”不是一位具体的人，请写明姓名。",
        "“{what}” is given to “{words}”, which is no named person: name one.",
    ),
    "owner-multiple": (
        "F2",
        Severity.ERROR,
        ("“{what}”写了几位负责人（{words}），请只留一位，其余写作配合，或用（主）标明牵头人。"),
        "“{what}” has several owners ({words}): mark one as lead, the others support.",
    ),
    "owner-unknown": (
        None,
        Severity.WARNING,
        "“{what}”的负责人“{words}”不在团队名单里，请核对姓名，或把他加入团队文件。",
        (
            "“{what}” names “{words}”, who is not in the team file: check the name or add "
            "the person."
        ),
    ),
    "due-missing": (
        "B1",
        Severity.ERROR,
        "“{what}”没有写完成时间，请写明到日，例如 2024-05-27。",
        "“{what}” has no due date: write the exact day, e.g. 2024-05-27.",
    ),
    "due-vague": (
        "F1",
        Severity.ERROR,
        "“{what}”的完成时间“{words}”定不到某一天，请写明到日，例如 2024-05-27。",
        (
            "“{what}” is due “{words}”, which names no single day: write the exact day, e.g. "
            "2024-05-27."
        ),
    ),
    "due-impossible": (
        "B1",
        Severity.ERROR,
        "“{what}”的完成时间“{words}”不存在，请改成正确的日期。",
        "“{what}” is due “{words}”, a day that does not exist: correct the date.",
    ),
    "due-past": (
        "B1",
        Severity.WARNING,
        "“{what}”的完成时间“{words}”早于会议当天，请核对。",
        "“{what}” is due “{words}”, before the meeting: check the date.",
    ),
    "due-weekday": (
        "B1",
        Severity.WARNING,
        "“{what}”的完成时间“{words}”里日期和星期对不上，已按日期理解，请核对。",
        ("“{what}” is due “{words}”, but the weekday does not fit: the date was taken, check it."),
    ),
    "no-calendar-data": (
        None,
        Severity.WARNING,
        (
            "“{what}”的完成时间“{words}”涉及尚未公布的节假日安排，只按周末推算，请核对，"
            "或直接写日期。"
        ),
        (
            "“{what}” is due “{words}”, in a year whose holidays are not known: only "
            "weekends were counted, check the day or write the date."
        ),
    ),
    "acceptance-missing": (
        "B1",
        Severity.WARNING,
        "“{what}”没有写交付标准，请写明交付什么、怎样算完成。",
        (
            "“{what}” has no acceptance standard: write what is handed over and when it "
            "counts as done."
        ),
    ),
    "disputed": (
        "F1",
        Severity.WARNING,
        "“{what}”未达成共识，不作为行动项，请安排进一步调研并在下次会议上决定。",
        (
            "“{what}” was not agreed and is no action item: have it looked into and decided "
            "next time."
        ),
    ),
    "duplicate": (
        None,
        Severity.WARNING,
        "“{what}”在清单里写了两次，已合为一项，请删去一处，或写明两者的区别。",
        (
            "“{what}” stands in the list twice and was taken as one item: delete one or say "
            "how they differ."
        ),
    ),
    "possible-item": (
        "B2",
        Severity.INFO,
        "“{what}”可能是一个行动项。如果是，请写进行动项清单，写明负责人和完成时间。",
        (
            "“{what}” may be an action item: if so, put it into the list with its owner and "
            "due date."
        ),
    ),
    "too-many-topics": (
        "A1",
        Severity.WARNING,
        "“{what}”有 {words} 个议题，一次会议不要超过 {limit} 个，请删减或分成两次开。",
        "“{what}” has {words} topics, more than {limit}: drop some or hold two meetings.",
    ),
    "material-name": (
        "A4",
        Severity.INFO,
        "材料“{what}”的文件名请写成“会议名称-议题-日期”，例如 Q3产品规划会-优先级-20240520。",
        ("Name the material “{what}” as meeting-topic-date, e.g. Q3-planning-priorities-20240520."),
    ),
    "role-missing": (
        "A2",
        Severity.INFO,
        "纪要没有写明{words}，请补上姓名。",
        "The minutes do not name the {words}: add the name.",
    ),
    "section-missing": (
        "C2",
        Severity.INFO,
        "纪要里缺少：{words}。请按模板补上，没有的内容写“无”。",
        (
            "The minutes lack: {words}. Add them as in the template; write “none” where "
            "there is none."
        ),
    ),
    "conclusion-missing": (
        "B1",
        Severity.ERROR,
        "决策会议的纪要没有写明结论，请逐条标明同意、暂缓或需补充材料。",
        (
            "Minutes of a decision meeting hold no conclusion: mark each topic as agreed, "
            "deferred or needs material."
        ),
    ),
}
_ROLES = {"zh": ("主持人", "记录人"), "en": ("host", "recorder")}
_PARTS = {
    "zh": ("会议时间", "参会人", "会议结论", "行动项清单"),
    "en": ("time", "attendees", "conclusions", "list of action items"),
}
_DECISION_PARTS = {  # S1
    "zh": ("决策依据", "后续安排（由谁、何时、做什么）"),
    "en": ("the basis of the decision", "its follow-up (who does what by when)"),
}


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes findings in a team's language (``zh`` or ``en``); ``max_topics`` a meeting (A1)."""

    language: str
    max_topics: int = MAX_TOPICS

    def finding(
        self,
        code: str,
        what: str = "",
        words: str = "",
        line: int | None = None,
        severity: Severity | None = None,
    ) -> Finding:
        """Return a finding with its sentence."""
        rule, usual, zh, en = _TEXTS[code]
        text = en if self.language == "en" else zh
        return Finding(
            code=code,
            rule=rule,
            severity=severity or usual,
            line=line,
            message=text.format(what=_short(what), words=words, limit=self.max_topics),
        )

    def of_draft(self, draft: Draft, *, asked: bool) -> Iterator[Finding]:
        """Yield what an item leaves open.

        Args:
            draft: the item.
            asked: the document has a place for acceptance standards somewhere.
        """
        entry = draft.entry
        if not draft.certain:
            yield self.finding("possible-item", entry.description, line=entry.line)
            return
        if entry.status is Status.DONE:
            return
        what, line = entry.description, entry.line
        if draft.who.code:
            names = "、" if self.language != "en" else ", "
            words = names.join(entry.owners) or entry.department or ""
            yield self.finding(draft.who.code, what, words, line)
        if draft.due.code:
            yield self.finding(draft.due.code, what, entry.due_text or "", line)
        for code in draft.due.warnings:
            if code == "due-past" and (entry.carried or draft.tracker):
                continue
            yield self.finding(code, what, entry.due_text or "", line)
        if entry.acceptance is None and not entry.carried and not draft.tracker:
            place = "acceptance" in draft.asked or (asked and draft.origin is Origin.RECORD)
            yield self.finding(
                "acceptance-missing", what, line=line, severity=None if place else Severity.INFO
            )

    def of_materials(self, line: int, text: str) -> Iterator[Finding]:
        """Yield material files that a line names in another way than the handbook's (A4)."""
        if _MATERIAL.search(text):
            for name in _FILE.findall(text):
                if not _NAMED.fullmatch(name.rpartition(".")[0]):
                    yield self.finding("material-name", name, line=line)

    def of_decisions(self, decisions: Sequence[Decision]) -> Iterator[Finding]:
        """Yield the disputes that stay open (F1)."""
        for decision in decisions:
            if decision.conclusion is Conclusion.DISPUTED:
                yield self.finding("disputed", decision.text, line=decision.line)

    def of_meeting(
        self,
        meeting: Meeting,
        decisions: Sequence[Decision],
        *,
        agenda: bool,
        items: bool,
        basis: bool,
    ) -> Iterator[Finding]:
        """Yield what the facts of the meeting leave open.

        Args:
            meeting: its facts.
            decisions: its decisions.
            agenda: the document holds an agenda with topics (template 1).
            items: the document holds items, or a list for them.
            basis: it tells on what something was decided.
        """
        if agenda and len(meeting.topics) > self.max_topics:
            yield self.finding("too-many-topics", meeting.title or "", str(len(meeting.topics)))
        if not meeting.attendees and not decisions:
            return  # an agenda or a tracker: no minutes
        comma = "、" if self.language != "en" else ", "
        roles = _ROLES["en" if self.language == "en" else "zh"]
        lack = [r for r, n in zip(roles, (meeting.host, meeting.recorder), strict=True) if not n]
        if lack:
            yield self.finding("role-missing", words=comma.join(lack))
        parts = _PARTS["en" if self.language == "en" else "zh"]
        there = (meeting.start, meeting.attendees, decisions, items)
        lack = [p for p, value in zip(parts, there, strict=True) if not value]
        if lack:
            yield self.finding("section-missing", words=comma.join(lack))
        if meeting.type is MeetingType.DECISION:
            if not any(d.conclusion for d in decisions):
                yield self.finding("conclusion-missing")
            wanted = _DECISION_PARTS["en" if self.language == "en" else "zh"]
            lack = [p for p, told in zip(wanted, (basis, items), strict=True) if not told]
            if lack:
                found = self.finding("section-missing", words=comma.join(lack))
                yield replace(found, rule="S1", severity=Severity.WARNING)


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
