"""Closing the loop: D5 check and refusal; F5 who may hear of sensitive items at all."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from fakes.scenes import at, blocked, found, item, minutes, scene, told, tracked

from mapping.values import Item, Status
from tracking.due import due
from tracking.scene import Approval, Refusal, Tracked

DONE = date(2024, 5, 21)
REFUSAL = Refusal(mark="r1", at=at("2024-05-21T10:00"), by="王五", reason="缺附件")


def _reported(**values: Any) -> Item:
    return item("2024-05-22", completed=DONE, meeting_id="M", **values)


@pytest.mark.parametrize(
    ("follow_up", "to"),
    [("host", "王五"), ("head", "李四"), ("钱七", "钱七"), ("zhangsan", "张三"), ("走了", "李四")],
)
def test_d5_asks_the_follow_up_person(follow_up: str, to: str) -> None:
    one = scene("2024-05-22", _reported(), minutes=[minutes()], follow_up=follow_up)
    assert told(one, "D5") == [f"D5-check A > {to}"]


def test_d5_falls_back_to_the_head_then_to_the_first_leader() -> None:
    unknown = minutes(host="客户代表")
    assert told(scene("2024-05-22", _reported(), minutes=[unknown]), "D5") == ["D5-check A > 李四"]
    assert told(scene("2024-05-22", _reported()), "D5") == ["D5-check A > 李四"]
    alone = _reported(owner="钱七")
    assert told(scene("2024-05-22", alone, leaders=("周总", "李四")), "D5") == ["D5-check A > 周总"]
    assert told(scene("2024-05-22", alone), "D5") == []


def test_d5_asks_once_a_completed_day_and_again_after_a_refusal() -> None:
    def key(of: Tracked, now: str) -> str:
        return next(n.key for n in due(scene(now, of)) if n.rule == "D5")

    one = tracked(_reported())
    assert key(one, "2024-05-22") == key(one, "2024-06-22")
    another = replace(one, item=replace(one.item, completed=date(2024, 5, 22)))
    assert key(one, "2024-05-22") != key(another, "2024-05-22")
    assert key(one, "2024-05-22") != key(replace(one, refused=1), "2024-05-22")


def test_d5_is_not_asked_without_verification_nor_when_it_is_done() -> None:
    assert told(scene("2024-05-22", _reported(), verification=False), "D5") == []
    assert told(scene("2024-05-22", _reported(status=Status.DONE)), "D5") == []
    assert told(scene("2024-05-22", item()), "D5") == []


@pytest.mark.parametrize(
    ("now", "heard"),
    [("2024-05-21T10:00", True), ("2024-05-28T09:59", True), ("2024-05-28T10:00", False)],
)
def test_d5_a_refusal_goes_back_to_the_owner_for_a_week(now: str, heard: bool) -> None:
    one = tracked(item("2024-06-30"), refusal=REFUSAL)
    notices = [n for n in due(scene(now, one)) if n.rule == "D5"]
    assert [(n.to, n.period, n.facts["reason"]) for n in notices] == [
        ("张三", "r1", "缺附件")
    ] * heard


def test_d5_a_refusal_is_over_when_it_is_reported_anew() -> None:
    one = tracked(_reported(), refusal=REFUSAL)
    assert told(scene("2024-05-22", one), "D5") == ["D5-check A > 李四"]


# --- F5 ---


def _secret(**values: Any) -> Item:
    return item("2024-05-22", meeting_id="M", sensitive=True, **values)


def test_f5_one_who_was_not_there_is_stood_in_for_by_the_leaders() -> None:
    there, away = _secret(key="A"), _secret(key="B", owner="钱七")
    leaders = ("周总", "赵六", "外人")
    heard = told(scene("2024-05-21", there, away, minutes=[minutes()], leaders=leaders), "D2")
    assert heard == ["D2-ahead A > 张三", "D2-ahead B > 周总", "D2-ahead B > 赵六"]
    assert told(scene("2024-05-21", away, minutes=[minutes()]), "D2") == []


def test_f5_an_item_is_sensitive_by_itself_or_by_its_minutes() -> None:
    plain = item("2024-05-22", owner="钱七", meeting_id="M")
    of = minutes(sensitive=True)
    (notice,) = due(scene("2024-05-21", plain, minutes=[of], leaders=("周总",), off=_but("D2")))
    assert (notice.to, notice.sensitive) == ("周总", True)
    (notice,) = due(scene("2024-05-21", plain, minutes=[minutes()], off=_but("D2")))
    assert (notice.to, notice.sensitive) == ("钱七", False)


def test_f5_without_its_minutes_only_leaders_hear_of_a_sensitive_item() -> None:
    one = _secret(owner="王五")
    assert told(scene("2024-05-21", one, leaders=("周总",)), "D2") == ["D2-ahead A > 周总"]


def test_f5_d3_tells_sensitive_items_apart_and_only_to_a_head_who_may_see_them() -> None:
    items = [item("2024-07-31", key="P"), _secret(key="S")]
    of = minutes(attendees=("张三",))
    assert told(scene("2024-05-21", *items, minutes=[of], leaders=("周总",)), "D3") == [
        "D3-digest 技术部 > 李四"
    ]
    was_there = scene("2024-05-21", *items, minutes=[minutes(attendees=("张三", "李四"))])
    leads = scene("2024-05-21", *items, minutes=[of], leaders=("李四",))
    for one in (was_there, leads):
        notices = [n for n in due(one) if n.rule == "D3"]
        assert [(n.form, n.about, n.sensitive) for n in notices] == [
            ("digest", ("P",), False),
            ("sensitive", ("S",), True),
        ]


def test_f5_f3_alerts_the_leaders_once_where_neither_head_nor_raise_to_may_see() -> None:
    one = _secret()
    of = scene("2024-06-14", one, minutes=[minutes()], leaders=("周总",), raise_to="钱七")
    assert told(of, "F3") == ["F3-alert A > 周总"]


def test_f5_progress_and_distribution_leave_out_what_one_may_not_see() -> None:
    """An item of a sensitive meeting that a plain one speaks of too."""
    secret = minutes(key="S", title="财务会", sensitive=True, host="周总", recorder=None)
    of = minutes("2024-05-20T10:00", items=("A", "B"), then="2024-05-22T10:00")
    items = [item(key="A", meeting_id="M"), item(key="B", meeting_id="S")]
    notices = due(scene("2024-05-21", *items, minutes=[of, secret], off=_but("D4", "C3")))
    plain = {(n.form, n.to): (n.about, n.sensitive) for n in notices if n.subject != "S"}
    assert plain == {
        ("distribute", "王五"): (("A", "B"), True),  # he was at both
        ("distribute", "赵六"): (("A",), False),
        ("distribute", "张三"): (("A", "B"), True),
        ("distribute", "李四"): (("A",), False),
        ("progress", "王五"): (("A", "B"), True),
        ("progress", "赵六"): (("A",), False),
    }


def test_f5_every_notice_about_sensitive_minutes_is_marked() -> None:
    waiting = Approval(state="waiting", asked_at=at("2024-05-20T16:00"))
    of = [
        minutes(key="A", seen="2024-05-22T14:01", sensitive=True, findings=(found(),)),
        minutes(key="B", sensitive=True, approval=waiting),
    ]
    notices = due(scene("2024-05-24", minutes=of))
    assert {n.text for n in notices} == {
        *("C1-late", "B3-finding", "C3-distribute", "C3-approve", "C3-approve-again")
    }
    assert all(n.sensitive for n in notices)


def test_f5_the_owner_of_a_row_hears_of_its_finding_only_if_he_may() -> None:
    row = found("due-vague", item="A", place="board:A")
    one = scene("2024-05-10", _secret(owner="钱七"), findings=(row,), leaders=("周总",))
    assert told(one, "B3") == ["B3-finding board:A > 周总"]


def test_f5_blocked_sensitive_items_ask_who_was_there() -> None:
    one = blocked(due="2024-07-31", meeting_id="M", sensitive=True)
    assert told(scene("2024-05-21", one, minutes=[minutes()], leaders=("周总",)), "D4") == [
        *("D4-blocked A > 张三", "D4-blocked A > 周总"),
    ]


def _but(*rules: str) -> frozenset[str]:
    every = {"B3", "C1", "C3", "D2", "D3", "D4", "D5", "D6", "E1", "F3", "F4"}
    return frozenset(every - set(rules))
