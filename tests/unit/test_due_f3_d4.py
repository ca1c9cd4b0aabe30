"""What goes beyond the owner: F3 risk alerts and what they are raised to, D4 for blocked items."""

from dataclasses import replace
from datetime import date

import pytest
from fakes.scenes import at, blocked, item, scene, told, tracked

from mapping.values import Item, Status
from tracking.due import due
from tracking.scene import Tracked

# 22 May 2024 is a Wednesday: the fourth working day after it is Tuesday the 28th


@pytest.mark.parametrize(
    ("now", "heard"),
    [
        ("2024-05-27T23:59", False),
        ("2024-05-28T00:00", True),
        ("2024-05-29T12:00", True),
        ("2024-06-01T12:00", True),  # a Saturday: begun before, still so
    ],
)
def test_f3_alerts_the_head_on_the_fourth_working_day(now: str, heard: bool) -> None:
    assert told(scene(now, item("2024-05-22")), "F3") == ["F3-alert A > 李四"] * heard


def test_f3_counts_make_up_days_and_holidays() -> None:
    """After 24 April: 25, 26, the worked Sunday 28, Monday 29; nothing counts from 1 to 5 May."""
    one = item("2024-04-24", created="2024-04-08")
    days = [n.facts["days"] for n in due(scene("2024-05-05", one)) if n.rule == "F3"]
    assert days == ["5"]
    assert not told(scene("2024-04-28", one), "F3")
    assert told(scene("2024-04-29", one), "F3")


@pytest.mark.parametrize(("bound", "first"), [(0, "23"), (1, "24"), (2, "27"), (5, "30")])
def test_f3_bound_is_the_team_s(bound: int, first: str) -> None:
    heard = [
        day
        for day in range(20, 32)
        if told(scene(f"2024-05-{day}", item("2024-05-22"), late_alert_working_days=bound), "F3")
    ]
    assert heard[0] == int(first)


@pytest.mark.parametrize(("bound", "every"), [(3, 3), (1, 1), (0, 1), (5, 5)])
def test_f3_comes_again_by_its_rhythm(bound: int, every: int) -> None:
    """Failure 86: each period once, and again when the next begins."""
    one = item("2024-04-30", created="2024-04-08")
    firsts: dict[str, str] = {}
    for n in range(1, 32):
        day = f"2024-05-{n:02d}"
        for notice in due(scene(day, one, late_alert_working_days=bound)):
            if notice.rule == "F3":
                firsts.setdefault(notice.key, notice.facts["days"])
    days = [int(told_days) for told_days in firsts.values()]
    assert days == list(range(bound + 1, days[-1] + 1, every))
    assert len(days) > 2


def _alerted(of: Item | Tracked, first: int, last: int) -> list[int]:
    """Return the days of May on which an alert is a new one."""
    days: dict[str, int] = {}
    for n in range(first, last + 1):
        for notice in due(scene(f"2024-05-{n:02d}T12:00", of)):
            if notice.rule == "F3":
                days.setdefault(notice.key, n)
    return list(days.values())


@pytest.mark.parametrize("day", ["2024-05-08", "2024-05-09", "2024-05-10"])
def test_f3_comes_again_by_its_first_alert_where_the_item_came_in_late(day: str) -> None:
    """The digest of 27 May brings the first one, whichever working day after its due day that is."""
    assert _alerted(item(day, created="2024-05-22"), 22, 31) == [27, 30]


@pytest.mark.parametrize("day", ["2024-05-08", "2024-05-09", "2024-05-10"])
def test_f3_comes_again_by_its_first_alert_where_a_day_for_resolving_it_is_over(day: str) -> None:
    assert _alerted(blocked("2024-05-22", day), 1, 31) == [23, 28, 31]


def test_f3_is_not_told_anew_when_an_item_is_no_longer_blocked() -> None:
    """Its alerts keep their numbers: at most the next one comes."""
    one = blocked("2024-05-22", "2024-05-10")
    free = tracked(item("2024-05-10"), promised="2024-05-22")
    numbers = [
        {n.period for n in due(scene("2024-05-23", of)) if n.rule == "F3"} for of in (one, free)
    ]
    assert numbers[0] == numbers[1]
    assert numbers[0]


def test_f3_for_a_new_due_day_begins_anew() -> None:
    keys = [
        next(n.key for n in due(scene(now, item(day))) if n.rule == "F3")
        for day, now in (("2024-05-22", "2024-05-28"), ("2024-05-23", "2024-05-29"))
    ]
    assert keys[0] != keys[1]


@pytest.mark.parametrize(
    ("promised", "heard"), [(None, True), ("2024-05-27", True), ("2024-05-28", False)]
)
def test_f3_rests_while_blocked_with_a_day_ahead(promised: str | None, heard: bool) -> None:
    assert bool(told(scene("2024-05-28", blocked(promised, "2024-05-22")), "F3")) is heard


def test_f3_goes_on_where_a_late_item_has_only_a_new_day() -> None:
    one = tracked(item("2024-05-22"), promised="2024-06-03")
    assert told(scene("2024-05-28", one), "F3") == ["F3-alert A > 李四"]


def test_f3_head_of_the_item_s_department_else_of_the_owner_s() -> None:
    items = [
        item("2024-05-22", key="A", department="客服部"),
        item("2024-05-22", key="B"),
        item("2024-05-22", key="C", department="市场部"),  # has no head
        item("2024-05-22", key="D", owner="钱七"),
        item("2024-05-22", key="E", department="客 服 部"),
    ]
    heard = ["F3-alert A > 王五", "F3-alert B > 李四", "F3-alert C > 李四", "F3-alert E > 王五"]
    assert told(scene("2024-05-28", *items), "F3") == heard
    with_raise = told(scene("2024-05-28", *items, raise_to="周总"), "F3")
    assert with_raise == [*heard[:3], "F3-alert D > 周总", heard[3]]


@pytest.mark.parametrize(
    ("now", "moved", "raised"),
    [
        ("2024-05-30T12:00", None, False),
        ("2024-05-31T00:00", None, True),  # three working days after the first alert
        ("2024-05-31T12:00", "2024-05-27T23:59", True),  # before the alert
        ("2024-05-31T12:00", "2024-05-29T00:00", False),
        ("2024-06-06T12:00", "2024-06-04T00:00", False),
        ("2024-06-14T12:00", "2024-06-04T00:00", True),  # moved once, and then no more
    ],
)
def test_f3_is_raised_when_the_alert_moved_nobody_for_as_long(
    now: str, moved: str | None, raised: bool
) -> None:
    first = at("2024-05-28T09:00")
    one = tracked(item("2024-05-22"), moved_at=at(moved) if moved else None, alerted_at=first)
    heard = told(scene(now, one, raise_to="周总"), "F3")
    assert heard == ["F3-alert A > 李四", *["F3-raised A > 周总"] * raised]


@pytest.mark.parametrize(
    ("alerted", "raised"),
    [(None, False), ("2024-06-03T09:00", False), ("2024-05-31T09:00", True)],
)
def test_f3_is_raised_only_when_an_alert_was_sent_that_long_ago(
    alerted: str | None, raised: bool
) -> None:
    """Nothing ran, or no channel took it: nobody heard, and nobody passed it over."""
    one = tracked(item("2024-05-22"), alerted_at=at(alerted) if alerted else None)
    heard = told(scene("2024-06-05", one, raise_to="周总"), "F3")
    assert heard == ["F3-alert A > 李四", *["F3-raised A > 周总"] * raised]


def test_f3_is_not_raised_to_the_head_that_hears_it_anyway_nor_to_the_unknown() -> None:
    for name in ("李四", "无此人", ""):
        one = tracked(item("2024-05-22"), alerted_at=at("2024-05-28"))
        heard = told(scene("2024-05-31", one, raise_to=name), "F3")
        assert heard == ["F3-alert A > 李四"]


def test_f3_is_raised_by_the_head_s_first_alert_where_the_item_came_in_late() -> None:
    late = item("2024-04-22", created="2024-05-23")
    one = tracked(late, alerted_at=at("2024-05-27T09:00"))  # with the first digest
    assert told(scene("2024-05-29", one, raise_to="周总"), "F3") == ["F3-alert A > 李四"]
    assert "F3-raised A > 周总" in told(scene("2024-05-30", one, raise_to="周总"), "F3")


def test_f3_is_raised_only_after_a_day_for_resolving_it_was_over_for_as_long() -> None:
    one = replace(blocked("2024-05-30", "2024-05-22"), alerted_at=at("2024-05-28"))
    assert told(scene("2024-06-04", one, raise_to="周总"), "F3") == ["F3-alert A > 李四"]
    assert "F3-raised A > 周总" in told(scene("2024-06-05", one, raise_to="周总"), "F3")


@pytest.mark.parametrize("now", ["2024-05-27T00:00", "2024-05-31T23:59", "2024-06-02T12:00"])
def test_d4_asks_owner_and_head_who_resolves_it_by_when(now: str) -> None:
    one = blocked(due="2024-06-30")
    assert told(scene(now, one), "D4") == ["D4-blocked A > 张三", "D4-blocked A > 李四"]


def test_d4_asks_again_each_week_and_not_first_on_a_day_off() -> None:
    one = blocked(due="2024-06-30", created="2024-04-08")
    days = [f"2024-05-{n:02d}" for n in range(1, 32)]
    periods = {day: {n.period for n in due(scene(day, one)) if n.rule == "D4"} for day in days}
    firsts = {p: day for day in reversed(days) for p in periods[day]}
    assert firsts == {
        "2024-W18": "2024-05-01",  # 29 and 30 April were worked
        "2024-W19": "2024-05-06",
        "2024-W20": "2024-05-13",
        "2024-W21": "2024-05-20",
        "2024-W22": "2024-05-27",
    }
    assert told(scene("2024-06-10T12:00", one), "D4") == []  # a Monday off
    assert len(told(scene("2024-06-11T00:00", one), "D4")) == 2


def test_d4_rests_till_the_day_that_is_told_then_asks_each_week() -> None:
    one = blocked("2024-05-23", due="2024-06-30")
    heard = {day: told(scene(f"2024-05-{day}", one), "D4") for day in ("22", "23", "24", "31")}
    asked = ["D4-blocked A > 张三", "D4-blocked A > 李四"]
    assert heard == {"22": [], "23": ["D4-blocked-today A > 张三"], "24": asked, "31": asked}
    days = (24, 26, 31)
    keys = [{n.key for n in due(scene(f"2024-05-{d}", one)) if n.rule == "D4"} for d in days]
    assert keys[0] == keys[1]
    assert keys[0].isdisjoint(keys[2])


def test_d4_after_a_promised_friday_asks_on_monday() -> None:
    one = blocked("2024-05-24", due="2024-06-30")
    assert not told(scene("2024-05-26", one), "D4")
    assert told(scene("2024-05-27", one), "D4")


def test_d4_asks_nobody_twice_and_only_of_blocked_items() -> None:
    head = blocked(due="2024-06-30", owner="李四")
    assert told(scene("2024-05-27", head), "D4") == ["D4-blocked A > 李四"]
    others = [
        item("2024-06-30", key=s.value, status=s, completed=date(2024, 5, 20))
        for s in (Status.BLOCKED, Status.DONE)
    ]
    assert told(scene("2024-05-27", *others, item("2024-06-30")), "D4") == []


def test_f3_and_d4_can_be_off() -> None:
    items = [blocked(due="2024-05-22")]
    assert told(scene("2024-05-28", *items, off=frozenset({"F3", "D4"})), "F3", "D4") == []
    assert {line[:2] for line in told(scene("2024-05-28", *items), "F3", "D4")} == {"F3", "D4"}
