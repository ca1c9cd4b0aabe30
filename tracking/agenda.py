"""The list that is carried into the next meeting, as its agenda (A3, D4, D6). Pure.

The table of items has the columns of minutes, and its cells hold what the store holds: an agenda
that is filled in and dropped as minutes is read back as the same items, changed only where people
changed it. What is worked out stands in a column of its own, which no reader takes for a value.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from itertools import chain

from mapping.calendar import workdays_after
from mapping.refusals import own_words
from mapping.values import Item, Meeting, Status
from mapping.words import COLUMNS, STATUSES, clean, fold
from tracking.moments import expected_end
from tracking.plain import cut, escaped
from tracking.scene import Minutes, Scene, Tracked

_LONGEST = 4000  # characters of a cell
_FIELDS = ("id", "description", "owner", "department", "due", "completed", "status", "note")


class Standing(IntEnum):
    """Where an item stands, in the order in which a meeting takes them up."""

    LATE = 0
    BLOCKED = 1
    REPORTED = 2  # waits for its check
    OPEN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """An open item on the list.

    Attributes:
        days_late: working days after its due day, None if it is not late.
    """

    tracked: Tracked
    standing: Standing
    days_late: int | None

    @property
    def item(self) -> Item:
        """The item."""
        return self.tracked.item


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """What the next meeting goes through.

    Attributes:
        meeting: facts of the next meeting, as far as they are known.
        carried: the open items, in their order.
        hidden: how many sensitive items of other meetings were left out (F5).
    """

    language: str
    today: date
    meeting: Meeting
    carried: tuple[Carried, ...]
    hidden: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """An agenda as it is laid out; a table's first line is its header.

    Attributes:
        facts: name and value, a line each.
        notes: sentences under the items.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    topics_title: str
    topics: tuple[tuple[str, ...], ...]
    items_title: str
    items: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


def series_called(scene: Scene, title: str) -> tuple[Minutes, ...]:
    """Return the minutes of the series that a title names, in their order; none if unclear.

    The title of one of its meetings, or a part of it that no other series has.
    """
    wanted = fold(title)
    same = {_series(m) for m in scene.minutes if fold(m.meeting.title or "") == wanted}
    if not same and wanted:
        same = {_series(m) for m in scene.minutes if wanted in fold(m.meeting.title or "")}
    if len(same) != 1:
        return ()
    return tuple(m for m in scene.minutes if _series(m) in same and not m.agenda)


def agenda(scene: Scene, series: Sequence[Minutes] = ()) -> Agenda:
    """Return the agenda of the next meeting of a series; without one, that of the whole team.

    Args:
        scene: the team at this moment.
        series: minutes of one series, by the start of the meeting.
    """
    ids = {m.id for m in series}
    spoken = {i for m in series for i in m.items}
    is_sensitive = any(m.meeting.sensitive for m in series)
    sensitive = {m.id for m in scene.minutes if m.meeting.sensitive}
    chosen, hidden = [], 0
    for tracked in scene.items.values():
        item = tracked.item
        of_series = item.meeting_id in ids or item.id in spoken
        if not item.is_open or (series and not of_series):
            continue
        if (item.sensitive or item.meeting_id in sensitive) and not (is_sensitive and of_series):
            hidden += 1
            continue
        chosen.append(_carried(tracked, scene))
    return Agenda(
        language=scene.directory.team.language,
        today=scene.now.date(),
        meeting=_next(series[-1].meeting, scene.now)
        if series
        else Meeting(title=scene.directory.team.name),
        carried=tuple(
            sorted(chosen, key=lambda c: (c.standing, c.item.due or date.max, c.item.id))
        ),
        hidden=hidden,
    )


def _series(minutes: Minutes) -> str:
    return minutes.series or minutes.id


def _next(last: Meeting, now: datetime) -> Meeting:
    """Return what the last minutes tell of the next meeting; its people stay the same.

    A time that is past was that of another meeting, of which no minutes came, or of none.
    """
    coming = last.next
    is_past = coming.start is not None and expected_end(coming.start, now.tzinfo) <= now
    return Meeting(
        title=last.title,
        type=last.type,
        start=None if is_past else coming.start,
        place=coming.place or last.place,
        host=last.host,
        recorder=last.recorder,
        topics=(coming.topic,) if coming.topic else (),
        sensitive=last.sensitive,
    )


def _carried(tracked: Tracked, scene: Scene) -> Carried:
    item, today = tracked.item, scene.now.date()
    days = None
    if item.due is not None and item.due < today and item.completed is None:
        days = workdays_after(scene.calendar, item.due, today)
    if item.completed is not None:
        standing = Standing.REPORTED
    elif item.status is Status.BLOCKED:
        standing = Standing.BLOCKED
    else:
        standing = Standing.OPEN if days is None else Standing.LATE
    return Carried(tracked=tracked, standing=standing, days_late=days)


# --- as it is laid out ---


def sheet(agenda: Agenda) -> Sheet:
    """Return an agenda in the words of its language (template 1)."""
    zh = agenda.language == "zh"
    meeting = agenda.meeting
    told = (
        meeting.title,
        (meeting.start or "").replace("T", " "),
        meeting.place,
        meeting.host,
        meeting.recorder,
    )
    labels = (
        ("会议名称", "会议时间", "会议地点", "主持人", "记录人")
        if zh
        else ("Meeting", "Time", "Place", "Host", "Recorder")
    )
    first = "上次行动项跟踪" if zh else "Action items of the last meeting"
    names = COLUMNS["zh" if zh else "en"]
    header = (*(names[f] for f in _FIELDS), "跟踪提示" if zh else "Where it stands")
    return Sheet(
        title="会议议程" if zh else "Agenda",
        facts=tuple((label, text or "") for label, text in zip(labels, told, strict=True)),
        topics_title="议题" if zh else "Topics",
        topics=(
            ("议题", "议题说明", "预计时长", "汇报人")
            if zh
            else ("Topic", "Details", "Duration", "Presenter"),
            (first, _summary(agenda), "", meeting.host or ""),
            *((topic, "", "", "") for topic in meeting.topics),
        ),
        items_title=first,
        items=(header, *(_row(one, agenda) for one in agenda.carried)),
        notes=tuple(_notes(agenda)),
    )


def _row(carried: Carried, agenda: Agenda) -> tuple[str, ...]:
    item = carried.item
    zh = agenda.language == "zh"
    return (
        item.id,
        item.description,
        item.owner or ("、" if zh else ", ").join(item.owners),
        item.department or "",
        str(item.due) if item.due else item.due_text or "",
        str(item.completed) if item.completed else "",
        STATUSES["zh" if zh else "en"][item.status],
        item.note or "",
        ("；" if zh else "; ").join(_hints(carried, zh=zh)),
    )


def _hints(carried: Carried, *, zh: bool) -> Iterator[str]:
    """Yield how late an item is, and what the meeting has to settle about it (D4, D6)."""
    item, promised = carried.item, carried.tracked.promised
    if carried.days_late is not None:
        unit = "working day" if carried.days_late == 1 else "working days"
        yield f"已晚 {carried.days_late} 个工作日" if zh else f"{carried.days_late} {unit} late"
    if carried.standing is Standing.LATE:
        if not own_words(item.note):
            yield "请说明原因" if zh else "reason to be told"
        if promised:
            yield f"新的日期 {promised}" if zh else f"new day {promised}"
        else:
            yield "请定新的日期" if zh else "new day to be set"
    if carried.standing is Standing.BLOCKED:
        if since := carried.tracked.blocked_since:
            yield f"受阻自 {since}" if zh else f"blocked since {since}"
        if promised:
            yield f"{promised} 前解决" if zh else f"to be resolved by {promised}"
        else:
            yield "请定由谁、在哪一天解决" if zh else "who resolves it by when is to be set"
    if carried.standing is Standing.REPORTED:
        yield "已报完成，待核实" if zh else "reported as done, to be checked"
    if item.owner is None:
        yield "请定一位负责人" if zh else "one owner to be named"


def _summary(agenda: Agenda) -> str:
    zh = agenda.language == "zh"
    words = (
        ("延期", "受阻", "待核实", "进行中")
        if zh
        else ("late", "blocked", "to be checked", "in progress")
    )
    standings = [c.standing for c in agenda.carried]
    counts = [(word, standings.count(Standing(n))) for n, word in enumerate(words)]
    told = [f"{word} {n}" if zh else f"{n} {word}" for word, n in counts if n]
    return ("，" if zh else ", ").join(told)


def _notes(agenda: Agenda) -> Iterator[str]:
    zh = agenda.language == "zh"
    if not agenda.carried:
        yield "没有未完成的行动项。" if zh else "No action item is open."
    if agenda.hidden:
        n = agenda.hidden
        yield (
            f"另有 {n} 项来自敏感会议，未列出。"
            if zh
            else f"{n} more from sensitive meetings are not listed."
        )


# --- as Markdown ---


def markdown(agenda: Agenda) -> str:
    """Return an agenda as Markdown; text of documents is escaped."""
    laid = sheet(agenda)
    parts = [
        [f"# {laid.title}"],
        [*_table(laid.facts)],
        [f"## {laid.topics_title}"],
        [*_table(laid.topics)],
        [f"## {laid.items_title}"],
        [*_table(laid.items)] if len(laid.items) > 1 else [],
        list(laid.notes),
    ]
    return "\n".join(chain.from_iterable((*part, "") for part in parts if part))


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for n, row in enumerate(rows):
        yield "| " + " | ".join(map(_cell, row)) + " |"
        if n == 0:
            yield "|" + " --- |" * len(row)


def _cell(text: str) -> str:
    return "<br>".join(map(escaped, cell_lines(text)))


def cell_lines(text: str) -> tuple[str, ...]:
    """Return the lines of a cell's text: no control characters, no blank lines."""
    lines = (clean(re.sub(r"\s+", " ", part)) for part in cut(text, _LONGEST).splitlines())
    return tuple(filter(None, lines))
