"""The handbook's own example: the meeting of 20 May 2024, its three items, and the week after.

Template 2 becomes template 3: one item done in time, one a day late, and one that is not done, for
which the market department is waited for. What is due is looked at three times a day; each notice
stands where it is first there.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from fakes.scenes import CHINA, at, minutes, short

from mapping.people import Directory
from mapping.values import Department, Item, Person, Status, Team, Verified
from tracking.due import due
from tracking.rules import apply
from tracking.scene import Row, Scene, Thresholds, Tracked

TEAM = Team(
    name="产品部",
    people=(
        Person(name="主持", department="产品部"),
        Person(name="记录", department="产品部"),
        Person(name="客服", department="客服部"),
        Person(name="客服主管", department="客服部"),
        Person(name="技术", department="技术部"),
        Person(name="技术主管", department="技术部"),
        Person(name="运营", department="运营部"),
        Person(name="运营主管", department="运营部"),
        Person(name="市场主管", department="市场部"),
    ),
    departments=tuple(
        Department(name=f"{unit}部", head=f"{unit}主管")
        for unit in ("客服", "技术", "运营", "市场")
    ),
)
CAME = at("2024-05-20T16:00")
MINUTES = minutes(
    key="M",
    title="产品规划会",
    end="2024-05-20T15:30",
    then="2024-05-27T14:00",
    host="主持",
    recorder="记录",
    attendees=("主持", "客服", "技术", "运营"),
    items=("流程", "评估", "协调"),
)
PLANNED = (
    Item(
        id="流程",
        description="输出《客户投诉处理流程V2.0》",
        owner="客服",
        department="客服部",
        support=("市场部",),
        due=date(2024, 5, 27),
        acceptance="包含一级响应机制、流程节点图",
    ),
    Item(
        id="评估",
        description="评估A类功能开发周期",
        owner="技术",
        department="技术部",
        due=date(2024, 5, 24),
        acceptance="提交《开发时间评估表》",
    ),
    Item(
        id="协调",
        description="协调市场部人员支持Q3产品推广",
        owner="运营",
        department="运营部",
        due=date(2024, 5, 22),
        acceptance="确认3名人员名单及职责分工",
    ),
)
# What people do, and when.
STORY = {
    "2024-05-24T15:00": ("协调", {"note": "待市场部确认"}),
    "2024-05-25T15:00": (
        "评估",
        {
            "completed": date(2024, 5, 25),
            "deliverable": "《开发时间评估表》",
            "note": "因需求评审延迟1天",
        },
    ),
    "2024-05-26T15:00": (
        "评估",
        {"status": Status.DONE, "verified": Verified(by="主持", on=date(2024, 5, 26))},
    ),
    "2024-05-27T15:00": (
        "流程",
        {"completed": date(2024, 5, 27), "deliverable": "《客户投诉处理流程V2.0》文档"},
    ),
    "2024-05-28T15:00": (
        "流程",
        {"status": Status.DONE, "verified": Verified(by="主持", on=date(2024, 5, 28))},
    ),
}


def _scenes() -> Iterator[Scene]:
    """Yield the team at 00:00, 09:00 and 16:00 of each day, its rules applied as a pass does."""
    items = {item.id: replace(item, meeting_id="M", created_at=CAME) for item in PLANNED}
    moved: dict[str, datetime] = {}
    alerted: dict[str, datetime] = {}
    story = {at(moment): happened for moment, happened in STORY.items()}
    now = CAME
    while now < at("2024-06-01T00:00"):
        for moment in [moment for moment in story if moment <= now]:
            key, values = story.pop(moment)
            items[key] = replace(items[key], **values)  # type: ignore[arg-type]
            moved[key] = moment
        for change in apply(
            [(item, {}) for item in items.values()], now.date(), language="zh", verification=True
        ):
            items[change.item.id] = change.item
        scene = Scene(
            now=now,
            directory=Directory(TEAM),
            calendar=CHINA,
            rules=Thresholds(raise_to="市场主管"),
            items={
                key: Tracked(
                    item=item,
                    rows=(Row(tracker="表", kind="excel"),),
                    moved_at=moved.get(key),
                    alerted_at=alerted.get(key),
                )
                for key, item in items.items()
            },
            minutes=(MINUTES,),
        )
        yield scene
        for notice in due(scene):  # all of it is sent
            if notice.text == "F3-alert":
                alerted.setdefault(notice.subject, now)
        day = datetime.combine(now, datetime.min.time(), now.tzinfo)
        hours = [day + timedelta(hours=h) for h in (9, 16, 24)]
        now = next(moment for moment in hours if moment > now)


def test_each_notice_of_the_week_stands_on_its_day() -> None:
    known: set[str] = set()
    lines = []
    for scene in _scenes():
        for notice in due(scene):
            if notice.key not in known:
                known.add(notice.key)
                lines.append(f"{scene.now:%m-%d %H} {short(notice)}")
    assert lines == [
        # Monday: the minutes are read, and the first item is due in two days
        "05-20 16 C3-distribute M > 主持",
        "05-20 16 C3-distribute M > 记录",
        "05-20 16 C3-distribute M > 客服",
        "05-20 16 C3-distribute M > 技术",
        "05-20 16 C3-distribute M > 运营",
        "05-20 16 C3-distribute M > 客服主管",
        "05-20 16 C3-distribute M > 市场主管",
        "05-20 16 C3-distribute M > 技术主管",
        "05-20 16 C3-distribute M > 运营主管",
        "05-20 16 D2-ahead 协调 > 运营",
        # Wednesday
        "05-22 00 D2-today 协调 > 运营",
        "05-22 00 D2-ahead 评估 > 技术",
        # Thursday: not done, so the reason is asked for
        "05-23 00 D6-ask 协调 > 运营",
        "05-24 00 D2-today 评估 > 技术",
        "05-24 00 D6-ask 协调 > 运营",
        "05-24 00 D4-progress 产品规划会 > 主持",
        "05-24 00 D4-progress 产品规划会 > 记录",
        # Saturday: the second is late for a day, then reported, then checked
        "05-25 00 D2-ahead 流程 > 客服",
        "05-25 00 D6-ask 评估 > 技术",
        "05-25 16 D5-check 评估 > 主持",
        # Monday: the weekly check, and the third is reported in time
        "05-27 00 D2-today 流程 > 客服",
        "05-27 00 D6-ask 协调 > 运营",
        "05-27 09 D3-digest 客服部 > 客服主管",
        "05-27 09 D3-digest 运营部 > 运营主管",
        "05-27 16 D5-check 流程 > 主持",
        # Tuesday: the fourth working day after the 22nd
        "05-28 00 D6-ask 协调 > 运营",
        "05-28 00 F3-alert 协调 > 运营主管",
        "05-28 16 C1-missing 产品规划会 > 主持",  # the meeting of the 27th has no minutes
        "05-28 16 C1-missing 产品规划会 > 记录",
        "05-29 00 D6-ask 协调 > 运营",
        "05-30 00 D6-ask 协调 > 运营",
        # Friday: nothing moved since the alert, for as long again
        "05-31 00 D6-ask 协调 > 运营",
        "05-31 00 F3-alert 协调 > 运营主管",
        "05-31 00 F3-raised 协调 > 市场主管",
    ]


def test_the_table_a_week_later_is_template_3() -> None:
    """Kept by hand, the third was still 进行中; the rule set it to 延期 on the 23rd."""
    states = {scene.now: scene.items for scene in _scenes()}
    before, after = (states[at(f"2024-05-{day}")] for day in ("22T16:00", "23T00:00"))
    assert before["协调"].item.status is Status.IN_PROGRESS
    assert after["协调"].item.status is Status.LATE
    assert after["协调"].item.late_for == date(2024, 5, 22)
    end = states[max(states)]
    assert {
        key: (one.item.status, one.item.completed, one.item.note) for key, one in end.items()
    } == {
        "流程": (Status.DONE, date(2024, 5, 27), None),
        "评估": (Status.DONE, date(2024, 5, 25), "因需求评审延迟1天"),
        "协调": (Status.LATE, None, "待市场部确认"),
    }


def test_the_reason_is_asked_for_until_it_is_told_the_new_day_still() -> None:
    asked = {
        scene.now.date(): notice.facts["ask"]
        for scene in _scenes()
        for notice in due(scene)
        if notice.rule == "D6" and notice.subject == "协调"
    }
    assert asked == {
        date(2024, 5, day): "reason,day" if day < 24 else "day"
        for day in (23, 24, 27, 28, 29, 30, 31)
    }
