"""What is told together: D3 weekly digest, D4 progress before a meeting, E1 quarterly review."""

from datetime import date
from typing import Any

import pytest
from fakes.scenes import at, item, minutes, scene, told, tracked

from mapping.values import Closed, Item, Status
from tracking.due import due

# 20 May 2024 is a Monday


def _digests(now: str, *items: Item, **values: Any) -> list[tuple[str, str]]:
    notices = due(scene(now, *items, **values))
    return [(n.subject, n.period) for n in notices if n.rule == "D3"]


@pytest.mark.parametrize(
    ("now", "period"),
    [
        ("2024-05-20T08:59", "2024-05-13"),
        ("2024-05-20T09:00", "2024-05-20"),
        ("2024-05-26T23:59", "2024-05-20"),
        ("2024-05-27T08:59", "2024-05-20"),
        ("2024-05-27T09:00", "2024-05-27"),
        ("2024-06-10T12:00", "2024-06-03"),  # a Monday off
        ("2024-06-11T08:59", "2024-06-03"),
        ("2024-06-11T09:00", "2024-06-10"),
    ],
)
def test_d3_runs_from_its_hour_to_the_next_one(now: str, period: str) -> None:
    assert _digests(now, item("2024-07-31")) == [("技术部", period)]


def test_d3_day_and_hour_are_the_team_s() -> None:
    values = {"digest_weekday": 4, "digest_time": at("2024-05-20T16:30").time()}
    assert _digests("2024-05-24T16:29", item(), **values) == [("技术部", "2024-05-17")]
    assert _digests("2024-05-24T16:30", item(), **values) == [("技术部", "2024-05-24")]


def test_d3_on_two_nominal_days_off_only_the_later_is_told() -> None:
    """Wednesdays 1 and 8 October 2025 are off: both move to Thursday the 9th."""
    one = item("2025-12-31")
    days = {"digest_weekday": 2}
    assert _digests("2025-10-09T08:59", one, **days) == [("技术部", "2025-09-24")]
    assert _digests("2025-10-09T09:00", one, **days) == [("技术部", "2025-10-08")]


def test_d3_needs_an_item_that_was_there_when_it_began() -> None:
    new = item("2024-07-31", key="B", created="2024-05-20T09:01")
    assert _digests("2024-05-21", new) == []
    assert _digests("2024-05-21", item("2024-07-31", created="2024-05-20T09:00"))
    both = scene("2024-05-21", item("2024-07-31"), new)
    assert [n.about for n in due(both) if n.rule == "D3"] == [("A", "B")]


def test_d3_is_told_to_each_head_by_the_item_s_department_else_the_owner_s() -> None:
    items = [
        item("2024-07-31", key="A"),
        item("2024-07-31", key="B", department="客服部"),
        item("2024-07-31", key="C", department="市场部"),  # no head: the owner's
        item("2024-07-31", key="D", owner="钱七"),
        item("2024-07-31", key="E", owner="钱七", department="某公司"),
        item("2024-07-31", key="F", closed=Closed(on=date(2024, 5, 1), why="")),
    ]
    notices = [n for n in due(scene("2024-05-21", *items)) if n.rule == "D3"]
    assert [(n.to, n.about) for n in notices] == [("王五", ("B",)), ("李四", ("A", "C"))]


def test_d3_tells_late_then_at_risk_then_to_check_then_the_rest() -> None:
    items = [
        item("2024-07-31", key="A"),
        item(None, key="B"),
        item("2024-05-10", key="C", completed=date(2024, 5, 10)),
        item("2024-05-28", key="D"),  # due on the eighth day
        item("2024-05-27", key="E"),
        item("2024-07-31", key="F", status=Status.BLOCKED),
        item("2024-05-14", key="G", status=Status.BLOCKED),
        item("2024-05-10", key="H", status=Status.LATE),
        item("2024-06-30", key="I", status=Status.LATE),
        item("2024-05-20", key="J"),
    ]
    (digest,) = [n for n in due(scene("2024-05-20T09:00", *items)) if n.rule == "D3"]
    assert "".join(digest.about) == "HG" + "JEIF" + "C" + "DAB"


def test_d3_tells_what_is_on_stale_data_too() -> None:
    stale = {"board": at("2024-05-18T09:00")}
    assert _digests("2024-05-21", item(), stale=stale) == [("技术部", "2024-05-20")]


@pytest.mark.parametrize(
    ("then", "now", "heard"),
    [
        ("2024-05-27T14:00", "2024-05-23T23:59", False),
        ("2024-05-27T14:00", "2024-05-24T00:00", True),  # the working day before
        ("2024-05-27T14:00", "2024-05-27T13:59", True),
        ("2024-05-27T14:00", "2024-05-27T14:00", False),
        ("2024-05-27", "2024-05-27T23:59", True),
        ("2024-05-27", "2024-05-28T00:00", False),
        ("2024-06-11T09:00", "2024-06-07T00:00", True),  # over a holiday
        ("2024-06-11T09:00", "2024-06-06T23:59", False),
    ],
)
def test_d4_progress_from_the_working_day_before_until_it_begins(
    then: str, now: str, heard: bool
) -> None:
    of = minutes("2024-05-06T14:00", then=then, items=("A",), seen="2024-05-06T16:00")
    one = item("2024-07-31", meeting_id="M")
    expected = ["D4-progress 产品周会 > 王五", "D4-progress 产品周会 > 赵六"]
    assert told(scene(now, one, minutes=[of]), "D4") == expected * heard


def test_d4_progress_tells_the_open_items_of_the_whole_series() -> None:
    series = [
        minutes("2024-05-06T14:00", key="M1", items=("A", "B"), then="2024-05-22T14:00"),
        minutes("2024-05-20T14:00", key="M2", items=("D", "B"), then="2024-05-27T14:00"),
        minutes("2024-05-20T10:00", key="X", items=("E",), title="另一会"),
    ]
    items = [
        item("2024-07-31", key="A", meeting_id="M1"),
        item("2024-05-20", key="B", meeting_id="M1"),
        item("2024-05-20", key="C", meeting_id="M2", status=Status.DONE),
        item("2024-07-31", key="D", meeting_id="elsewhere"),  # carried from another meeting
        item("2024-07-31", key="E", meeting_id="X"),
        item("2024-07-31", key="F", meeting_id="M2"),
    ]
    notices = [n for n in due(scene("2024-05-24", *items, minutes=series)) if n.rule == "D4"]
    assert {(n.to, n.about, n.period) for n in notices} == {
        ("王五", ("B", "A", "D", "F"), "2024-05-27T14:00"),
        ("赵六", ("B", "A", "D", "F"), "2024-05-27T14:00"),
    }
    over = [item(key="C", meeting_id="M2", status=Status.DONE)]
    assert told(scene("2024-05-24", *over, minutes=series), "D4") == []


@pytest.mark.parametrize(
    ("now", "heard"),
    [
        ("2024-07-01T08:59", False),
        ("2024-07-01T09:00", True),
        ("2024-07-08T08:59", True),
        ("2024-07-08T09:00", False),
        ("2024-10-01T12:00", False),  # off until the 7th
        ("2024-10-08T09:00", True),
    ],
)
def test_e1_review_for_a_week_from_the_first_working_day_of_a_quarter(
    now: str, heard: bool
) -> None:
    quarter = "2024Q2" if now < "2024-10" else "2024Q3"
    notices = [n for n in due(scene(now, item("2024-12-31"))) if n.rule == "E1"]
    assert [(n.to, n.period) for n in notices] == [
        (name, quarter) for name in ("李四", "王五", "赵六")
    ] * heard


def test_e1_goes_to_the_leaders_where_there_are_any() -> None:
    assert told(scene("2024-07-01T09:00", item(), leaders=("周总", "外人")), "E1") == [
        "E1-review 产品部 > 周总"
    ]


def test_e1_in_january_is_of_the_year_before() -> None:
    assert {n.period for n in due(scene("2025-01-02T09:00", item())) if n.rule == "E1"} == {
        "2024Q4"
    }


@pytest.mark.parametrize(
    ("values", "heard"),
    [
        ({"created": "2024-06-30T23:59"}, True),
        ({"created": "2024-07-01T00:00"}, False),
        ({"status": Status.DONE, "completed": date(2024, 4, 1), "created": "2024-03-01"}, True),
        ({"status": Status.DONE, "completed": date(2024, 3, 31), "created": "2024-03-01"}, False),
        ({"closed": Closed(on=date(2024, 3, 31), why=""), "created": "2024-03-01"}, False),
    ],
)
def test_e1_only_if_there_was_an_item_in_it(values: dict[str, Any], heard: bool) -> None:
    one = item("2024-07-31", **values)
    assert bool(told(scene("2024-07-01T09:00", one), "E1")) is heard


def test_e1_counts_items_that_are_known_from_minutes_alone() -> None:
    of = minutes("2024-04-10T14:00", items=("gone",), seen="2024-04-10T16:00")
    assert told(scene("2024-07-01T09:00", minutes=[of]), "E1")
    assert not told(scene("2024-10-08T09:00", minutes=[of]), "E1")


@pytest.mark.parametrize("rule", ["D3", "D4", "E1"])
def test_d3_d4_e1_can_be_off(rule: str) -> None:
    of = minutes("2024-06-24T14:00", then="2024-07-02T14:00", items=("A",))
    one = tracked(item("2024-08-31", meeting_id="M"))
    off = frozenset({rule})
    heard = {n.rule for n in due(scene("2024-07-01T10:00", one, minutes=[of], off=off))}
    assert {"D3", "D4", "E1"} - heard == {rule}
