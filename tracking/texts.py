"""From notices to what people read: title and sections, in the team's words. Pure.

A text is filled when it leaves, from the scene of that moment. What comes from documents and
tools is made one line and cut; escaping it for a service is the channel's business.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mapping.calendar import add_workdays, workdays_after
from mapping.notices import Notice, NoticeKind, Section, left_out
from mapping.people import Directory
from mapping.said import Said
from mapping.titles import name_of
from mapping.values import Finding, Item, Meeting, Status
from mapping.words import STATUSES
from tracking.digests import Part, part_of
from tracking.plain import LENGTH, cut, line, percent
from tracking.scene import Row, Scene, Tracked
from tracking.wording import OF_ITEM, OF_NOTICE, TITLE, Templates, Text

MOST_BULLETS = 200  # of a section
_LENGTHS = {"description": 120, "title": 80, "finding": 400, "draft": 200, "where": 600}
_TO_OWNER = frozenset(
    ("D2-ahead", "D2-today", "D6-ask", "F4-daily", "D5-refused", "D4-blocked-today")
)
_ADDRESS = re.compile(r"https?://[^\s<>\"\x00-\x1f\x7f]{1,500}")
# kind -> what is counted: one of it, several of it
_COUNTED = {
    NoticeKind.MINUTES: (
        Said("份会议纪要", "set of minutes"),
        Said("份会议纪要", "sets of minutes"),
    ),
    NoticeKind.REMINDER: (
        Said("项行动项提醒", "action item reminder"),
        Said("项行动项提醒", "action item reminders"),
    ),
    NoticeKind.DIGEST: (Said("份进展汇总", "progress list"), Said("份进展汇总", "progress lists")),
    NoticeKind.ALERT: (Said("项风险提醒", "risk alert"), Said("项风险提醒", "risk alerts")),
    NoticeKind.FINDING: (
        Said("处待补充", "point to complete"),
        Said("处待补充", "points to complete"),
    ),
    NoticeKind.REVIEW: (Said("份回顾", "review"), Said("份回顾", "reviews")),
}
_PARTS = {
    Part.LATE: Said("延期", "late"),
    Part.AT_RISK: Said("有风险", "at risk"),
    Part.TO_CHECK: Said("待核实", "to be checked"),
    Part.OTHER: Said("其他", "other"),
}
_BLOCKED = (Said("项受阻待解决", "blocked item"), Said("项受阻待解决", "blocked items"))


def render(
    notices: Sequence[Notice], scene: Scene, templates: Templates
) -> tuple[str, tuple[Section, ...]]:
    """Return the title and the sections of one message.

    Args:
        notices: what goes out at once, to one person or, by a group's robot, to several.
        scene: the team as it is when the message leaves.
        templates: the texts by ``RULE-form``, and the one of the title.
    """
    words = _Words(scene, notices)
    title = templates[TITLE].title.fill(words.common)
    groups: dict[str, list[Notice]] = {}
    for notice in notices:
        groups.setdefault(notice.text, []).append(notice)
    sections = (s for name, group in groups.items() for s in words.sections(templates[name], group))
    return title, tuple(sections)


@dataclass(frozen=True, slots=True)
class _Entry:
    """What one line of items tells: an item, one to be, or a finding; or the bare notice."""

    notice: Notice
    tracked: Tracked | None = None
    draft: str = ""
    found: Finding | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """What tells the same matter again, told to another person; first the notice's own."""
        n = self.notice
        item = self.tracked.item.id if self.tracked else None
        return (n.subject, n.period, tuple(sorted(n.facts.items())), item, self.draft, self.found)


class _Words:
    """What the names of texts stand for, in one message."""

    def __init__(self, scene: Scene, notices: Sequence[Notice]) -> None:
        self.scene = scene
        self.zh = scene.directory.team.language == "zh"
        self.today = scene.now.date()
        self.minutes = {m.id: m for m in scene.minutes}
        self._summaries: dict[str, str | None] = {}
        to = dict.fromkeys(notice.to for notice in notices)
        self.common = {
            "team": line(scene.directory.team.name),
            "to": line(self._listed(to)),
            "what": self._what(notices),
            "today": str(self.today),
            "next_workday": str(add_workdays(scene.calendar, self.today, 1)),
            "hours": str(scene.rules.minutes_within_hours),
            "threshold": str(scene.rules.late_alert_working_days),
            "goal": percent(scene.rules.on_time_goal),
        }

    def _say(self, zh: str, en: str) -> str:
        return zh if self.zh else en

    def _listed(self, words: Iterable[str]) -> str:
        return self._say("、", ", ").join(words)

    def _what(self, notices: Sequence[Notice]) -> str:
        """Return how many of which kinds a message tells."""
        subjects: dict[tuple[Said, Said], set[str]] = {}
        for notice in notices:
            blocked = notice.rule == "D4" and notice.form != "progress"
            noun = _BLOCKED if blocked else _COUNTED[notice.kind]
            subjects.setdefault(noun, set()).add(notice.subject)
        parts = []
        for (one, several), found in subjects.items():
            words = one if len(found) == 1 else several
            parts.append(f"{len(found)} {words.text('zh' if self.zh else 'en')}")
        return self._say("，", ", ").join(parts)

    # --- sections ---

    def sections(self, text: Text, notices: Sequence[Notice]) -> Iterator[Section]:
        """Yield the sections that a text makes of notices of one rule and form.

        One for all, unless its sentences tell of one notice or of one item.
        """
        entries = list({e.key: e for n in notices for e in self._entries(n)}.values())
        shared = None if text.head & OF_ITEM else 3 if text.head & OF_NOTICE else 0
        groups: dict[tuple[object, ...], list[_Entry]] = {}
        for entry in entries:
            groups.setdefault(entry.key[:shared], []).append(entry)
        yield from (self._section(text, group) for group in groups.values())

    def _entries(self, notice: Notice) -> list[_Entry]:
        minutes = self.minutes.get(notice.subject)
        found = [
            _Entry(notice, tracked=self.scene.items[i])
            for i in notice.about
            if i in self.scene.items
        ]
        if minutes and notice.rule == "C3" and not found:
            found = [_Entry(notice, draft=draft) for draft in minutes.drafted]
            found += [_Entry(notice, found=f.finding) for f in minutes.findings]
        return found or [_Entry(notice)]

    def _section(self, text: Text, entries: Sequence[_Entry]) -> Section:
        alone = len(entries) == 1
        first = entries[0] if alone else _Entry(entries[0].notice)
        row = self._row(first)
        address = _address(row)
        link = (self._link_words(row, first), address) if row and address else None
        items = sum(entry.tracked is not None for entry in entries)
        head = {**self._values(first, linked=bool(link)), "count": str(items) if items else ""}
        told = (wording.fill(head) for wording in text.lines)
        bullets = [
            cut(bullet, 2 * _LENGTHS["where"])
            for entry in entries
            for values in [self._values(entry, linked=bool(link))]
            for wording in text.bullets
            if (bullet := wording.fill(values))
        ]
        more = max(0, len(bullets) - MOST_BULLETS)
        if more:
            bullets = [*bullets[:MOST_BULLETS], left_out(more, "zh" if self.zh else "en")]
        return Section(
            title=cut(text.title.fill(head), 2 * _LENGTHS["title"]),
            lines=tuple(filter(None, told)),
            bullets=tuple(bullets),
            link=link,
            more=more,
        )

    def _link_words(self, row: Row, entry: _Entry) -> str:
        item = entry.tracked.item.id if entry.tracked else ""
        name = line(row.tracker)
        return self._say(f"在 {name} 中打开 {item}", f"Open {item} in {name}").strip()

    # --- values ---

    def _values(self, entry: _Entry, *, linked: bool) -> dict[str, str]:
        """Return what the names stand for; facts of the notice go before what the scene tells.

        Args:
            entry: whose.
            linked: the section links the row, so the line need not.
        """
        notice, tracked = entry.notice, entry.tracked
        row = self._row(entry)
        told: tuple[Mapping[str, str | None], ...] = (
            self._of_minutes(notice),
            self._of_item(tracked, notice) if tracked else {},
            self._of_finding(entry),
            {"summary": self._summary(notice), "draft": entry.draft},
            {"where": self._where(row, linked=linked)} if row else {},
            notice.facts,
            self._of_facts(notice),
        )
        shown = {
            name: line(text, _LENGTHS.get(name, LENGTH))
            for values in told
            for name, text in values.items()
            if text
        }
        return {**shown, **self.common}

    def _of_facts(self, notice: Notice) -> dict[str, str | None]:
        """Return the facts that are told in words."""
        facts, minutes = notice.facts, self.minutes.get(notice.subject)
        file = facts.get("file") or (minutes.file if minutes else None)
        said = self._say("原因已有，请补上新的日期", "the reason is told, the new day is not")
        return {
            "title": name_of(facts.get("title", "")),
            "line": self._place(facts.get("line", ""), file),
            "late": self._late(facts["days"]) if facts.get("days") else None,
            # the facts themselves are no sentences
            "ask": said if facts.get("ask") == "day" else " ",
            "copy": self._say("抄送给您，供了解。", "In copy, for your information.")
            if facts.get("copy")
            else None,
        }

    def _of_minutes(self, notice: Notice) -> dict[str, str | None]:
        minutes = self.minutes.get(notice.subject)
        if minutes is None:
            return {}
        meeting, approval = minutes.meeting, minutes.approval
        asked = approval.asked_at.astimezone(self.scene.now.tzinfo).date() if approval else None
        reply_by = self._reply_by(asked) if asked and notice.rule == "C3" else None
        return {
            "minutes": minutes.id,
            "title": name_of(meeting.title) if meeting.title else minutes.file,
            "file": minutes.file,
            "start": (meeting.start or "").replace("T", " "),
            "place": meeting.place,
            "host": meeting.host,
            "recorder": meeting.recorder,
            "attendees": self._listed(meeting.attendees),
            "day": _next_day(meeting) if notice.rule == "D4" else None,
            "reason": approval.reason if approval else None,
            "reply_by": reply_by,
        }

    def _reply_by(self, asked: date) -> str:
        """Return the day by which an approval is due; today where that has passed."""
        within = self.scene.rules.distribute_within_working_days
        return str(max(self.today, add_workdays(self.scene.calendar, asked, within)))

    def _of_item(self, tracked: Tracked, notice: Notice) -> dict[str, str | None]:
        item = tracked.item
        promised = str(tracked.promised) if tracked.promised else None
        since = str(tracked.blocked_since) if tracked.blocked_since else None
        days = self._days_late(item)
        return {
            "id": item.id,
            "description": item.description,
            "owner": item.owner or self._listed(item.owners),
            "department": item.department or self._directory.department_of(item.owner),
            "support": self._listed(item.support),
            "due": str(item.due) if item.due else None,
            "completed": str(item.completed) if item.completed else None,
            "status": self._status(item) if _is_news(item, notice) else None,
            "acceptance": item.acceptance,
            "deliverable": item.deliverable,
            "note": item.note,
            "meeting": item.meeting,
            "days": days,
            "late": self._late(days) if days is not None else None,
            "expected": promised if item.is_open else None,
            "blocked_since": since,
            "reason": tracked.refusal.reason if tracked.refusal else None,
            "stale": self._stale(tracked.rows),
            "instead": self._instead(notice, item),
        }

    @property
    def _directory(self) -> Directory:
        return self.scene.directory

    def _status(self, item: Item) -> str:
        if reported(item):
            return self._say("已报完成，待核实", "reported as done, to be checked")
        if item.closed:
            return self._say("已关闭", "closed")
        return STATUSES["zh" if self.zh else "en"][item.status]

    def _days_late(self, item: Item) -> str | None:
        """Return the working days that an item is late, None if it is not."""
        if not item.due or item.due >= self.today or not item.is_open or reported(item):
            return None
        return str(workdays_after(self.scene.calendar, item.due, self.today))

    def _late(self, days: str) -> str:
        if days == "0":
            return self._say("已过期", "past its due day")
        unit = "working day" if days == "1" else "working days"
        return self._say(f"已晚 {days} 个工作日", f"{days} {unit} late")

    def _instead(self, notice: Notice, item: Item) -> str | None:
        """Return why a text for the owner came to somebody else, who is to act for them."""
        if notice.text not in _TO_OWNER:
            return None
        person = self._directory.person(item.owner or "")
        if person and person.name == notice.to:
            return None
        name = item.owner or self._listed(item.owners)
        if not name:
            return self._say("还没有负责人，请您指定一位", "has no owner: please name one")
        return self._say(
            f"负责人 {name} 收不到本提醒，请您转达或另行安排",
            f"its owner, {name}, does not get this: please pass it on or arrange otherwise",
        )

    def _stale(self, rows: Sequence[Row]) -> str | None:
        for row in rows:
            if row.tracker in self.scene.stale:
                at = self.scene.stale[row.tracker]
                if at is None:
                    return self._say(f"{row.tracker} 尚未读到", f"{row.tracker} not read yet")
                when = f"{at.astimezone(self.scene.now.tzinfo):%Y-%m-%d %H:%M}"
                return self._say(f"数据截至 {when}", f"data as of {when}")
        return None

    def _row(self, entry: _Entry) -> Row | None:
        """Return the row in the tracker that the reader uses."""
        if entry.tracked is None:
            return None
        person = self._directory.people.get(entry.notice.to)
        accounts = person.accounts if person else {}
        rows = sorted(
            entry.tracked.rows, key=lambda r: (_address(r) is None, r.kind not in accounts)
        )
        return rows[0] if rows else None

    def _where(self, row: Row, *, linked: bool) -> str:
        address = _address(row)
        if address:
            return "" if linked else f"{row.tracker} {address}"
        return f"{row.tracker} {row.label}"

    def _of_finding(self, entry: _Entry) -> dict[str, str | None]:
        minutes = self.minutes.get(entry.notice.subject)
        found = entry.found
        if found is None:
            return {}
        place = self._place(str(found.line), minutes.file if minutes else None)
        return {"finding": found.message, "line": place if found.line else found.row}

    def _place(self, number: str, file: str | None) -> str:
        """Return a place of a document: Word's lines are paragraphs and rows of tables."""
        if not number.isdecimal():
            return number
        if (file or "").lower().endswith((".docx", ".docm")):
            return self._say(f"第 {number} 段", f"paragraph {number}")
        return self._say(f"第 {number} 行", f"line {number}")

    def _summary(self, notice: Notice) -> str | None:
        """Return how many of a notice's items stand where; counted once a notice."""
        if notice.key not in self._summaries:
            self._summaries[notice.key] = self._counted(notice)
        return self._summaries[notice.key]

    def _counted(self, notice: Notice) -> str | None:
        items = (self.scene.items[i].item for i in notice.about if i in self.scene.items)
        counts = Counter(part_of(item, self.today) for item in items)
        parts = [
            f"{_PARTS[part].zh} {n}" if self.zh else f"{n} {_PARTS[part].en}"
            for part, n in sorted(counts.items())
        ]
        return self._say("，", ", ").join(parts) or None


def _address(row: Row | None) -> str | None:
    """Return a row's link if it is an address that a browser opens."""
    link = row.link if row else None
    return link if link and _ADDRESS.fullmatch(link) else None


def reported(item: Item) -> bool:
    """Say whether an item waits for the check of its reported completion (D5)."""
    return item.is_open and item.completed is not None and item.verified is None


def _is_news(item: Item, notice: Notice) -> bool:
    """Say whether an item's status is worth telling: minutes (C3) tell mostly new items."""
    is_plain = item.status is Status.IN_PROGRESS and item.completed is None and not item.closed
    return notice.rule != "C3" or not is_plain


def _next_day(meeting: Meeting) -> str | None:
    return meeting.next.start.replace("T", " ") if meeting.next.start else None
