"""What the owner hears: D2 ahead and on the day, D6 for reason and new day, F4 daily."""

from dataclasses import replace
from datetime import UTC, date
from typing import Any

import pytest
from fakes.scenes import DECISION, at, blocked, item, minutes, scene, told, tracked

from mapping.people import Directory
from mapping.refusals import refusal_line
from mapping.values import Closed, Item, MeetingType, Status, Team
from tracking.due import due
from tracking.scene import Tracked

# 22 May 2024 is a Wednesday; 25 and 26 May are a weekend


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2024-05-19T23:59", []),
        ("2024-05-20T00:00", ["D2-ahead A > 张三"]),
        ("2024-05-21T23:59", ["D2-ahead A > 张三"]),
        ("2024-05-22T00:00", ["D2-today A > 张三"]),
        ("2024-05-22T23:59", ["D2-today A > 张三"]),
        ("2024-05-23T00:00", []),
    ],
)
def test_d2_goes_two_calendar_days_before_and_on_the_day(now: str, expected: list[str]) -> None:
    assert told(scene(now, item("2024-05-22")), "D2") == expected


def test_d2_ahead_is_one_notice_though_its_first_day_was_missed() -> None:
    keys = {n.key for d in ("20", "21") for n in due(scene(f"2024-05-{d}", item("2024-05-22")))}
    assert len([key for key in keys if key.startswith("D2")]) == 1


def test_d2_counts_calendar_days_over_a_weekend() -> None:
    assert told(scene("2024-05-25", item("2024-05-27")), "D2") == ["D2-ahead A > 张三"]


@pytest.mark.parametrize(("days", "first"), [(0, "22"), (1, "21"), (5, "17")])
def test_d2_days_before_are_the_team_s(days: int, first: str) -> None:
    heard = [
        day
        for day in range(10, 25)
        if told(scene(f"2024-05-{day}", item("2024-05-22"), remind_days_before=days), "D2")
    ]
    assert heard == list(range(int(first), 23))


def test_d2_for_a_new_due_day_is_a_new_notice() -> None:
    keys = [
        {n.key for n in due(scene("2024-05-21", item(day))) if n.rule == "D2"}
        for day in ("2024-05-22", "2024-05-23")
    ]
    assert not keys[0] & keys[1]


def test_d2_reminds_of_blocked_items_too() -> None:
    assert told(scene("2024-05-29", blocked()), "D2") == ["D2-ahead A > 张三"]


@pytest.mark.parametrize(
    "over",
    [
        {"completed": date(2024, 5, 21)},
        {"status": Status.DONE, "completed": date(2024, 5, 21)},
        {"closed": Closed(on=date(2024, 5, 21), why="取消")},
        {"due": None},
    ],
)
@pytest.mark.parametrize("now", ["2024-05-21", "2024-05-22", "2024-05-29"])
def test_d2_d6_f3_f4_are_for_what_is_open_due_and_not_reported(
    now: str, over: dict[str, Any]
) -> None:
    one = replace(item(meeting="战略会" if over != {"due": None} else None), **over)
    assert told(scene(now, one), "D2", "D6", "F3", "F4") == []


@pytest.mark.parametrize(
    ("now", "heard"),
    [
        ("2024-05-24T23:59", False),
        ("2024-05-25T00:00", True),  # the day after, though a Saturday
        ("2024-05-26T12:00", False),  # Sunday
        ("2024-05-27T00:00", True),
        ("2024-05-31T12:00", True),
        ("2024-06-10T12:00", False),  # a Monday off
    ],
)
def test_d6_asks_on_the_day_after_then_on_working_days(now: str, heard: bool) -> None:
    assert told(scene(now, item("2024-05-24")), "D6") == ["D6-ask A > 张三"] * heard


def test_d6_asks_on_a_sunday_that_is_worked() -> None:
    days = [d for d in range(26, 31) if told(scene(f"2024-04-{d}", _early()), "D6")]
    assert days == [26, 28, 29, 30]  # 27 April is off, 28 is worked for the May holiday
    assert not any(told(scene(f"2024-05-0{d}", _early()), "D6") for d in range(1, 6))


def _early() -> Item:
    return item("2024-04-24", created="2024-04-08")


def test_d6_is_a_new_notice_each_day_and_one_a_day() -> None:
    moments = ("2024-05-27T00:00", "2024-05-27T23:59", "2024-05-28T09:00")
    keys = [[n.key for n in due(scene(m, item("2024-05-24"))) if n.rule == "D6"] for m in moments]
    assert keys[0] == keys[1]
    assert keys[1] != keys[2]


@pytest.mark.parametrize(
    ("promised", "heard"), [("2024-05-27", True), ("2024-05-28", False), ("2024-06-03", False)]
)
def test_d6_rests_until_the_promised_day_has_passed(promised: str, heard: bool) -> None:
    one = tracked(item("2024-05-22"), promised=promised)
    assert bool(told(scene("2024-05-28", one), "D6")) is heard


def test_d6_asks_for_the_day_alone_where_a_reason_is_told() -> None:
    asked = [
        notice.facts["ask"]
        for note in (None, "等市场部")
        for notice in due(scene("2024-05-27", item("2024-05-24", note=note)))
        if notice.rule == "D6"
    ]
    assert asked == ["reason,day", "day"]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("more", "asked"), [("", "reason,day"), ("\n", "reason,day"), ("\n等市场部", "day")]
)
def test_d6_takes_no_refusal_for_the_owner_s_reason(language: str, more: str, asked: str) -> None:
    """D5: the line in the note is the checker's."""
    refused = "\n".join(
        refusal_line(why, date(2024, 5, 23), language) for why in ("缺少\n流程图", "仍缺】[")
    )
    one = item("2024-05-24", note=refused + more)
    told_facts = [n.facts["ask"] for n in due(scene("2024-05-27", one)) if n.rule == "D6"]
    assert told_facts == [asked]


def test_d6_leaves_blocked_items_to_d4() -> None:
    heard = told(scene("2024-05-27", blocked(due="2024-05-24")), "D6", "D4")
    assert heard == ["D4-blocked A > 张三", "D4-blocked A > 李四"]


@pytest.mark.parametrize(
    ("created", "now", "heard"),
    [
        ("2024-05-23T10:00", "2024-05-24T12:00", False),
        ("2024-05-23T10:00", "2024-05-27T08:59", False),  # Monday, before the digest
        ("2024-05-23T10:00", "2024-05-27T09:00", True),
        ("2024-05-27T09:00", "2024-05-31T12:00", False),  # not later than the digest
        ("2024-05-27T08:59", "2024-05-27T09:00", True),
        ("2024-05-22T23:59", "2024-05-23T12:00", True),  # came in on its due day: not late then
    ],
)
def test_items_late_when_they_came_in_rest_until_the_next_digest(
    created: str, now: str, heard: bool
) -> None:
    one = item("2024-05-22", created=created, meeting="战略会")
    assert bool(told(scene(now, one), "D6")) is heard
    assert bool(told(scene(now, one), "F4")) is heard


def test_items_late_when_they_came_in_bring_no_alert_no_question_no_check_before() -> None:
    late: list[Item] = [
        item("2024-04-22", key="A", created="2024-05-23"),
        item("2024-04-22", key="B", created="2024-05-23", status=Status.BLOCKED),
        item("2024-04-22", key="C", created="2024-05-23", completed=date(2024, 4, 30)),
    ]
    assert told(scene("2024-05-24T12:00", *late)) == []
    heard = told(scene("2024-05-27T09:00", *late, follow_up="head"))
    assert {line.split(" > ")[0] for line in heard} == {
        *("D6-ask A", "F3-alert A", "F3-alert B", "D4-blocked B", "D5-check C", "D3-digest 技术部")
    }


def test_an_hour_counts_where_the_team_is() -> None:
    """An item that came in at 17:00 UTC came in on the next day in Shanghai."""
    one = replace(item("2024-05-22"), created_at=at("2024-05-23T01:00").astimezone(UTC))
    assert told(scene("2024-05-24T12:00", one), "D6") == []


@pytest.mark.parametrize(
    ("title", "kind", "heard"),
    [
        ("公司战略研讨", None, True),
        ("專案啟動會", None, True),  # traditional characters
        ("Q3 Kick off", None, True),
        ("STRATEGY day", None, True),
        ("产品周会", None, False),
        ("预算会", DECISION, True),
        ("预算会", MeetingType.REGULAR, False),
    ],
)
def test_f4_is_for_important_meetings_by_type_or_title(
    title: str, kind: MeetingType | None, heard: bool
) -> None:
    of = minutes(title=title, type=kind, items=("A",))
    one = item("2024-06-30", meeting_id="M", meeting=title)
    assert bool(told(scene("2024-05-21", one, minutes=[of]), "F4")) is heard


def test_f4_goes_on_working_days_by_the_title_that_the_item_keeps() -> None:
    one = item("2024-06-30", meeting="战略会", created="2024-04-08")
    days = [f"2024-05-{d:02d}" for d in range(1, 13)]
    heard = [int(day[-2:]) for day in days if told(scene(day, one), "F4")]
    assert heard == [6, 7, 8, 9, 10, 11]  # 11 May is a Saturday that is worked


def test_f4_words_and_types_are_the_team_s() -> None:
    one = item("2024-06-30", meeting="战略会")
    assert told(scene("2024-05-21", one, important_words=("预算", "")), "F4") == []


@pytest.mark.parametrize("rule", ["D2", "D6", "F4"])
def test_a_rule_that_is_off_says_nothing(rule: str) -> None:
    items = [
        item("2024-05-22", key="A", meeting="战略会"),
        item("2024-05-17", key="B", meeting="战略会"),
    ]
    heard = {n.rule for n in due(scene("2024-05-21", *items))}
    assert rule in heard
    assert {n.rule for n in due(scene("2024-05-21", *items, off=frozenset({rule})))} == (
        heard - {rule}
    )


@pytest.mark.parametrize("now", ["2024-05-21", "2024-05-22", "2024-05-24", "2024-05-29"])
def test_nothing_is_told_on_stale_data_but_the_digest(now: str) -> None:
    """Failure 88: a tool that is down makes nobody late."""
    items: list[Item | Tracked] = [
        item("2024-05-22", key="A", meeting="战略会"),
        item("2024-05-22", key="B", meeting="战略会", completed=date(2024, 5, 20)),
        blocked(key="C", due="2024-05-22"),
    ]
    stale = scene(now, *items, stale={"board": None}, follow_up="head")
    assert {line.split()[0] for line in told(stale)} == {"D3-digest"}
    assert len(told(scene(now, *items, stale={"another": None}, follow_up="head"))) > 3


def test_f2_an_owner_who_is_unknown_or_gone_is_stood_in_for_by_the_head() -> None:
    items = [
        item("2024-05-22", key="A", owner="离职者", department="客服部"),
        item("2024-05-22", key="B", owner=None, department="运营部"),
        item("2024-05-22", key="C", owner="离职者"),
        item("2024-05-22", key="D", owner="离职者", department="市场部"),
        item("2024-05-22", key="E", owner="zhangsan"),
    ]
    assert told(scene("2024-05-21", *items), "D2") == [
        *("D2-ahead A > 王五", "D2-ahead B > 赵六", "D2-ahead E > 张三"),
    ]


def test_nobody_in_the_team_file_nothing_to_tell() -> None:
    empty = scene("2024-05-27", item(), directory=Directory(Team(name="t")))
    assert due(empty) == ()
