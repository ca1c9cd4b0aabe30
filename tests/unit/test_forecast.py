"""What the rules would send in the next days if nobody did anything."""

from dataclasses import replace
from datetime import time, timedelta

from fakes.scenes import at, blocked, item, minutes, scene, short, tracked

from tracking.due import due
from tracking.forecast import forecast
from tracking.scene import Scene


def _lines(of: Scene, days: int, known: frozenset[str] = frozenset()) -> list[str]:
    return [f"{at:%m-%d %H:%M} {short(n)}" for at, n in forecast(of, days, known=known)]


def test_days_are_stepped_through_and_each_key_comes_once() -> None:
    of = scene("2024-05-20T08:00", item("2024-05-22"), raise_to="周总")
    assert _lines(of, 12) == [
        "05-20 08:00 D2-ahead A > 张三",
        "05-20 08:00 D3-digest 技术部 > 李四",  # of the week before, if nobody told it yet
        "05-20 09:00 D3-digest 技术部 > 李四",
        "05-22 00:00 D2-today A > 张三",
        "05-23 00:00 D6-ask A > 张三",
        "05-24 00:00 D6-ask A > 张三",
        "05-27 00:00 D6-ask A > 张三",
        "05-27 09:00 D3-digest 技术部 > 李四",
        "05-28 00:00 D6-ask A > 张三",
        "05-28 00:00 F3-alert A > 李四",
        "05-29 00:00 D6-ask A > 张三",
        "05-30 00:00 D6-ask A > 张三",
        "05-31 00:00 D6-ask A > 张三",
        "05-31 00:00 F3-alert A > 李四",
        "05-31 00:00 F3-raised A > 周总",
    ]


def test_known_keys_are_left_out_and_the_end_is_so_many_days_from_now() -> None:
    of = scene("2024-05-20T09:30", item("2024-05-22"))
    known = frozenset(notice.key for notice in due(of))
    assert _lines(of, 2, known) == ["05-22 00:00 D2-today A > 张三"]
    assert _lines(of, 1, known) == []
    assert len(_lines(of, 0)) == len(known)
    early = scene("2024-05-20T08:00", item("2024-07-31"))
    assert _lines(early, 7)[-1] == "05-20 09:00 D3-digest 技术部 > 李四"
    assert _lines(early, 8)[-1] == "05-27 09:00 D3-digest 技术部 > 李四"


def test_items_become_late_as_days_pass_and_what_is_given_stays_as_it_is() -> None:
    """The rule of late items runs too: a blocked item is none of them."""
    of = scene("2024-05-20T09:30", item("2024-05-22", key="A"), blocked(key="B"))
    before = dict(of.items)
    foreseen = [n for moment, n in forecast(of, 10) if moment == at("2024-05-27T09:00")]
    assert [n.about for n in foreseen if n.rule == "D3"] == [("A", "B")]
    assert dict(of.items) == before


def test_a_rule_that_is_off_is_not_foreseen() -> None:
    of = scene("2024-05-20T09:30", item("2024-05-22"), off=frozenset({"D6"}))
    assert {notice.rule for _, notice in forecast(of, 10)} == {"D2", "D3", "F3"}


def test_moments_lie_in_order_and_end_with_the_days() -> None:
    """The forecast agrees with a pass at any of its moments."""
    of = scene(
        "2024-05-20T16:30",
        tracked(item("2024-05-23", meeting_id="M"), promised="2024-05-25"),
        blocked("2024-05-24", key="B"),
        minutes=[minutes(then="2024-05-27T14:00", items=("A", "B"))],
    )
    found = forecast(of, 14)
    moments = [moment for moment, _ in found]
    assert moments == sorted(moments)
    assert moments[-1] <= of.now + timedelta(days=14)
    for moment, notice in found:
        assert notice.key in {n.key for n in due(replace(of, now=moment))}


def test_minutes_are_missed_by_the_hour() -> None:
    """C1: two hours after the start that was announced, or at the agenda's end, and a day later."""
    of = scene(
        "2024-05-20T16:30",
        minutes=[
            minutes(then="2024-05-27T14:00", seen="2024-05-20T16:00"),
            minutes(
                "2024-05-28T10:00", key="N", title="评审会", end="2024-05-28T11:30", agenda=True
            ),
        ],
    )
    foreseen = [line for line in _lines(of, 14) if " C1-" in line]
    assert foreseen == [
        *("05-28 16:00 C1-missing 产品周会 > 王五", "05-28 16:00 C1-missing 产品周会 > 赵六"),
        *("05-29 11:30 C1-missing 评审会 > 王五", "05-29 11:30 C1-missing 评审会 > 赵六"),
    ]
    hours = (time(16), time(8, 30))
    late = replace(of, rules=replace(of.rules, quiet_hours=hours))
    assert "05-29 08:30 C1-missing 产品周会 > 王五" in _lines(late, 14)


def test_what_falls_into_quiet_hours_is_told_when_they_end() -> None:
    hours = (time(21), time(8, 30))
    of = scene("2024-05-20T22:00", item("2024-05-22"), quiet_hours=hours)
    assert _lines(of, 3) == [
        "05-21 08:30 D2-ahead A > 张三",
        "05-21 08:30 D3-digest 技术部 > 李四",
        "05-22 08:30 D2-today A > 张三",
        "05-23 08:30 D6-ask A > 张三",
    ]
