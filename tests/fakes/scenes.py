"""Small scenes for the tests of rules: one team, a few items and minutes, one moment."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from mapping.notices import Notice
from mapping.people import Directory
from mapping.values import (
    Department,
    Finding,
    Item,
    Meeting,
    MeetingType,
    NextMeeting,
    Person,
    Severity,
    Status,
    Team,
)
from minuteloop.workdays import load
from tracking.due import due
from tracking.scene import Found, Minutes, Row, Scene, Thresholds, Tracked

ZONE = ZoneInfo("Asia/Shanghai")
CHINA = load("CN")  # 2024: 1-5 May off, 28 April and 11 May worked; 10 June off
TEAM = Team(
    name="产品部",
    people=(
        Person(name="张三", aliases=("zhangsan",), department="技术部"),
        Person(name="李四", department="技术部"),
        Person(name="王五", department="客服部"),
        Person(name="赵六", department="运营部"),
        Person(name="钱七"),
        Person(name="周总", department="总经办"),
    ),
    departments=(
        Department(name="技术部", head="李四"),
        Department(name="客服部", head="王五"),
        Department(name="运营部", head="赵六"),
        Department(name="市场部"),
    ),
)


def at(text: str) -> datetime:
    """Return a moment by the team's clock; a day begins at midnight."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def item(
    due: str | None = "2024-05-22", *, key: str = "A", created: str = "2024-05-06", **values: Any
) -> Item:
    """Return an item of 张三, which came in on a Monday."""
    values.setdefault("owner", "张三")
    return Item(
        id=key,
        description=f"任务{key}",
        due=date.fromisoformat(due) if due else None,
        created_at=at(created),
        **values,
    )


def tracked(of: Item | None = None, *, promised: str | None = None, **values: Any) -> Tracked:
    """Return an item with a row on the team's board."""
    return Tracked(
        item=of or item(),
        rows=(Row(tracker="board", kind="excel"),),
        promised=date.fromisoformat(promised) if promised else None,
        **values,
    )


def blocked(promised: str | None = None, due: str | None = "2024-05-31", **values: Any) -> Tracked:
    """Return an item that is blocked."""
    return tracked(item(due, status=Status.BLOCKED, **values), promised=promised)


def minutes(
    start: str | None = "2024-05-20T14:00",
    *,
    key: str = "M",
    seen: str = "2024-05-20T16:00",
    title: str = "产品周会",
    then: str | None = None,
    **values: Any,
) -> Minutes:
    """Return minutes of a meeting that 王五 led, 赵六 recorded and 张三 attended."""
    of_meeting = {
        name: values.pop(name)
        for name in ("end", "host", "recorder", "attendees", "sensitive", "type")
        if name in values
    }
    told = {"host": "王五", "recorder": "赵六", "attendees": ("王五", "张三"), **of_meeting}
    return Minutes(
        id=key,
        meeting=Meeting(title=title, start=start, next=NextMeeting(start=then), **told),
        file=f"{key}.md",
        seen_at=at(seen),
        series=values.pop("series", title),
        **values,
    )


def found(code: str = "due-vague", severity: Severity = Severity.ERROR, **values: Any) -> Found:
    """Return an open finding."""
    place = values.pop("place", f"M:{code}")
    finding = Finding(code=code, message="请写明日期", severity=severity, **values)
    return Found(place=place, finding=finding, first_at=at("2024-05-20T16:00"))


def scene(
    now: str, *items: Tracked | Item, minutes: Iterable[Minutes] = (), **values: Any
) -> Scene:
    """Return a scene; what is no value of a scene is a threshold."""
    of_scene = {
        name: values.pop(name) for name in ("findings", "stale", "directory") if name in values
    }
    all_items = [one if isinstance(one, Tracked) else tracked(one) for one in items]
    return Scene(
        now=at(now),
        calendar=CHINA,
        rules=Thresholds(**values),
        items={one.item.id: one for one in all_items},
        minutes=tuple(minutes),
        **{"directory": Directory(TEAM), **of_scene},
    )


def told(of: Scene, *rules: str) -> list[str]:
    """Return what is due as ``RULE-form subject > person``, of some rules only if named."""
    return [short(notice) for notice in due(of) if not rules or notice.rule in rules]


def short(notice: Notice) -> str:
    """Return a notice in one line."""
    return f"{notice.text} {notice.subject} > {notice.to}"


DECISION = MeetingType.DECISION
