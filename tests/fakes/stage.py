"""A scene for tests of what is told: a few people, a calendar of plain weeks, items by keyword."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mapping.people import Directory
from mapping.values import Department, Item, Meeting, Person, Status, Team
from tracking.scene import Minutes, Row, Scene, Thresholds, Tracked

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2024, 5, 24, 9, tzinfo=ZONE)  # a Friday
HOSTILE = (
    '**x** [a](http://evil) <b>&amp;</b> @all <at user_id="all"></at> `c` | # h\n- y\r\n1. z'
    "\u202e\u2028\x07\x1b[31m $description $$ [$due]"
)


class Weeks:
    """Monday to Friday."""

    def is_workday(self, day: date) -> bool:
        return day.weekday() < 5

    def has_data(self, day: date) -> bool:
        return True

    def holiday(self, name: str, year: int) -> tuple[date, date] | None:
        return None


def people(*more: Person, language: str = "zh", team: str = "产品部") -> Directory:
    """A team of three, and whoever else is wanted."""
    return Directory(
        Team(
            name=team,
            language=language,
            people=(
                Person(name="张三", department="技术部", accounts={"feishu": "ou_1"}),
                Person(name="李四", department="产品部"),
                Person(name="王五", department="客服部"),
                *more,
            ),
            departments=(
                Department(name="技术部", head="李四"),
                Department(name="客服部", head="王五"),
            ),
        )
    )


def item(number: int = 1, text: str = "写报告", **more: Any) -> Item:
    """An item of 张三, due on the Monday after."""
    given = {"owner": "张三", "due": date(2024, 5, 27), "status": Status.IN_PROGRESS, **more}
    return Item(id=f"ML-K7Q00000{number}", description=text, **given)


def tracked(found: Item, **more: Any) -> Tracked:
    """An item with a row in a workbook."""
    return Tracked(item=found, **{"rows": (row(),), **more})


def row(name: str = "board", kind: str = "excel", link: str | None = None, label: str = "") -> Row:
    return Row(tracker=name, kind=kind, link=link, label=label or "行动项!2")


def minutes(title: str = "产品周会", start: str = "2024-05-20T14:00", **more: Any) -> Minutes:
    """Minutes of a meeting; keywords of ``Meeting`` under ``meeting``."""
    told: Mapping[str, Any] = {"host": "李四", "recorder": "王五", **more.pop("meeting", {})}
    at = datetime.fromisoformat(start).replace(tzinfo=ZONE)
    known: dict[str, Any] = {
        "id": "M-0000000001",
        "file": "a.md",
        "seen_at": at + timedelta(hours=3),
        "series": title,
    }
    return Minutes(meeting=Meeting(title=title, start=start, **told), **{**known, **more})


def scene(
    *items: Tracked | Item,
    now: datetime = NOW,
    directory: Directory | None = None,
    documents: Sequence[Minutes] = (),
    rules: Thresholds | None = None,
    **more: Any,
) -> Scene:
    """A team at a moment."""
    found = [i if isinstance(i, Tracked) else tracked(i) for i in items]
    return Scene(
        now=now,
        directory=directory or people(),
        calendar=Weeks(),
        rules=rules or Thresholds(),
        items={t.item.id: t for t in found},
        minutes=tuple(documents),
        **more,
    )
