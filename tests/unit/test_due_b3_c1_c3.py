"""What is told of minutes: B3 findings, C1 late or missing, C3 approval and distribution."""

from dataclasses import replace

import pytest
from fakes.scenes import at, found, item, minutes, scene, told

from mapping.values import Severity, Status
from tracking.due import due
from tracking.scene import Approval, Minutes

# --- B3 ---


def test_b3_asks_host_and_recorder_for_each_finding() -> None:
    of = minutes(
        findings=(
            found("due-vague", line=31),
            found("acceptance-missing", Severity.WARNING),
            found("possible-item", Severity.INFO),
            found("minutes-late", Severity.WARNING),  # told by C1
        )
    )
    assert told(scene("2024-05-20T16:00", minutes=[of]), "B3") == [
        "B3-finding M:due-vague > 王五",
        "B3-finding M:due-vague > 赵六",
        "B3-finding M:acceptance-missing > 王五",
        "B3-finding M:acceptance-missing > 赵六",
    ]
    facts = due(scene("2024-05-20T16:00", minutes=[of]))[0].facts
    assert facts == {"code": "due-vague", "finding": "请写明日期", "file": "M.md", "line": "31"}


def test_b3_asks_once_of_one_who_is_both_and_for_drafts_too() -> None:
    waiting = Approval(state="waiting", asked_at=at("2024-05-20T16:00"))
    of = minutes(recorder="王五", findings=(found(),), approval=waiting)
    assert told(scene("2024-05-20T16:00", minutes=[of]), "B3") == ["B3-finding M:due-vague > 王五"]


def test_b3_asks_nobody_about_an_archive_that_is_brought_in() -> None:
    for seen, asked in (("2024-06-18T10:00", True), ("2024-06-19T10:00", False)):
        of = minutes(seen=seen, findings=(found(),))  # the meeting was on 20 May
        assert bool(told(scene(seen, minutes=[of]), "B3")) is asked


def test_b3_asks_the_owner_for_a_row() -> None:
    rows = [
        found("due-vague", item="A", row="Sheet1!7", place="board:A"),
        found("option-unknown", item="B", place="board:B"),
        found("due-vague", row="Sheet1!9", place="board:9"),
        found("option-unknown", item="unknown", place="board:x"),
    ]
    rows.append(found("due-vague", item="C", place="board:C"))  # it is over: nobody is asked
    items = [item(key="A"), item(key="B", owner="走了", department="技术部")]
    items.append(item(key="C", status=Status.DONE))
    one = scene("2024-05-10", *items, findings=tuple(rows))
    assert told(one, "B3") == ["B3-finding board:A > 张三", "B3-finding board:B > 李四"]
    assert due(one)[0].facts["line"] == "Sheet1!7"


# --- C1 ---


@pytest.mark.parametrize(
    ("start", "end", "seen", "late"),
    [
        ("2024-05-20T14:00", "2024-05-20T15:30", "2024-05-21T15:30", False),
        ("2024-05-20T14:00", "2024-05-20T15:30", "2024-05-21T15:31", True),
        ("2024-05-20T14:00", None, "2024-05-21T14:00", False),
        ("2024-05-20T14:00", None, "2024-05-21T14:01", True),
        ("2024-05-20", None, "2024-05-22T00:00", False),  # the day counts to its end
        ("2024-05-20", None, "2024-05-22T00:01", True),
        ("2024-05-20", "2024-05-20", "2024-05-22T00:00", False),
        ("2024-05-20", "2024-05-20T15:30", "2024-05-21T15:31", True),
        ("2024-05-20T14:00", "2024-05-19T15:30", "2024-05-21T14:00", False),  # a wrong end
        (None, None, "2024-05-30T00:00", False),
    ],
)
def test_c1_minutes_that_came_later_than_a_day(
    start: str | None, end: str | None, seen: str, late: bool
) -> None:
    of = minutes(start, end=end, seen=seen)
    assert (
        told(scene(seen, minutes=[of]), "C1")
        == [
            "C1-late 产品周会 > 王五",
            "C1-late 产品周会 > 赵六",
        ]
        * late
    )


def test_c1_hours_are_the_team_s_and_old_meetings_are_left_alone() -> None:
    of = minutes(seen="2024-05-20T18:01")
    assert told(scene("2024-05-20T19:00", minutes=[of], minutes_within_hours=4), "C1")
    assert not told(scene("2024-05-20T19:00", minutes=[of], minutes_within_hours=5), "C1")
    old = minutes("2024-05-06T14:00", seen="2024-05-15T12:00")
    assert told(scene("2024-05-20T13:59", minutes=[old]), "C1")
    assert not told(scene("2024-05-20T14:00", minutes=[old]), "C1")


@pytest.mark.parametrize(
    ("then", "now", "missing"),
    [
        ("2024-05-27T14:00", "2024-05-28T15:59", False),  # two hours for its length
        ("2024-05-27T14:00", "2024-05-28T16:00", True),
        ("2024-05-27T14:00", "2024-06-10T15:59", True),
        ("2024-05-27T14:00", "2024-06-10T16:00", False),
        ("2024-05-27", "2024-05-28T23:59", False),
        ("2024-05-27", "2024-05-29T00:00", True),
        ("2024-05-20T10:00", "2024-05-29T00:00", False),  # not after the meeting itself
    ],
)
def test_c1_minutes_that_are_missing(then: str, now: str, missing: bool) -> None:
    notices = [n for n in due(scene(now, minutes=[minutes(then=then)])) if n.rule == "C1"]
    assert [(n.text, n.to, n.period) for n in notices] == [
        ("C1-missing", "王五", then[:10]),
        ("C1-missing", "赵六", then[:10]),
    ] * missing


def test_c1_minutes_that_come_are_no_longer_missing_and_no_second_notice() -> None:
    first = minutes(key="M1", then="2024-05-27T14:00")
    missing = due(scene("2024-05-29T09:00", minutes=[first], off=frozenset({"C3"})))
    in_time = minutes("2024-05-28T10:00", key="M2", seen="2024-05-28T12:00")
    assert told(scene("2024-05-29T09:00", minutes=[in_time, first]), "C1") == []
    late = minutes("2024-05-27T14:00", key="M2", seen="2024-05-29T10:00")
    came = due(scene("2024-05-29T10:00", minutes=[first, late], off=frozenset({"C3"})))
    assert {n.text for n in missing} == {"C1-missing"}
    assert {n.text for n in came} == {"C1-late"}
    assert {n.key for n in missing} == {n.key for n in came}  # one for one meeting


def test_c1_is_by_series_and_minutes_without_a_title_stand_alone() -> None:
    of = [
        minutes(key="M1", then="2024-05-27T14:00"),
        minutes("2024-05-27T14:00", key="M2", title="另一会", seen="2024-05-27T16:00"),
    ]
    assert told(scene("2024-05-29", minutes=of), "C1")[0] == "C1-missing 产品周会 > 王五"
    alone = minutes(key="M1", title="", series=None, then="2024-05-27T14:00")
    assert told(scene("2024-05-29", minutes=[alone, of[1]]), "C1")[0] == "C1-missing M1 > 王五"


# --- C3 ---


def _approval(state: str, **values: object) -> Approval:
    return Approval(state=state, asked_at=at("2024-05-20T16:00"), **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "again"),
    [
        ("2024-05-20T16:00", False),
        ("2024-05-21T23:59", False),
        ("2024-05-22T00:00", True),
        ("2024-05-25T12:00", False),  # Saturday
        ("2024-05-27T00:00", True),
    ],
)
def test_c3_asks_the_host_and_again_each_working_day(now: str, again: bool) -> None:
    of = minutes(approval=_approval("waiting"))
    assert told(scene(now, minutes=[of]), "C3") == [
        "C3-approve M > 王五",
        *["C3-approve-again M > 王五"] * again,
    ]


def test_c3_asks_anew_for_a_new_version() -> None:
    keys = [
        due(scene("2024-05-21T16:00", minutes=[minutes(approval=approval)]))[0].key
        for approval in (
            _approval("waiting"),
            Approval(state="waiting", asked_at=at("2024-05-21T10:00")),
        )
    ]
    assert keys[0] != keys[1]


def test_c3_without_a_host_asks_a_leader_else_the_recorder() -> None:
    of = minutes(host="客户代表", approval=_approval("waiting"))
    assert told(scene("2024-05-21", minutes=[of], leaders=("周总",))) == ["C3-approve M > 周总"]
    assert told(scene("2024-05-21", minutes=[of])) == ["C3-approve M > 赵六"]


def test_c3_a_refusal_goes_to_the_recorder_with_its_reason() -> None:
    refused = _approval("refused", reason="日期不对", by="王五", at=at("2024-05-21T09:00"))
    (notice,) = due(scene("2024-05-21T10:00", minutes=[minutes(approval=refused)]))
    assert (notice.text, notice.to, notice.facts["reason"]) == ("C3-refused", "赵六", "日期不对")


def test_c3_distributes_to_those_who_were_there_departments_concerned_and_leaders() -> None:
    items = [
        item(key="A", owner="钱七", department="技术部", support=("客服部", "市场部")),
        item(key="B", owner="赵六"),
    ]
    of = minutes(
        host="周总", recorder=None, attendees=("张三", "zhangsan", "外人"), items=("A", "B", "x")
    )
    one = scene("2024-05-20T16:00", *items, minutes=[of], leaders=("钱七", "张三"))
    notices = [n for n in due(one) if n.rule == "C3"]
    assert [(n.to, n.facts["copy"], n.about) for n in notices] == [
        ("周总", "", ("A", "B")),
        ("张三", "", ("A", "B")),
        ("李四", "", ("A", "B")),
        ("王五", "", ("A", "B")),
        ("赵六", "", ("A", "B")),
        ("钱七", "yes", ("A", "B")),
    ]


def test_c3_distributes_sensitive_minutes_to_those_who_were_there_and_leaders_only() -> None:
    items = [item(key="A", meeting_id="M"), item(key="B", department="技术部")]  # B: carried
    of = minutes(sensitive=True, items=("A", "B"))
    one = scene("2024-05-20T16:00", *items, minutes=[of], leaders=("周总",))
    assert [line[-2:] for line in told(one, "C3")] == ["王五", "赵六", "张三", "周总"]


@pytest.mark.parametrize(
    ("state", "heard"), [("waiting", False), ("refused", False), ("approved", True)]
)
def test_c3_distributes_only_what_is_approved(state: str, heard: bool) -> None:
    of = minutes(approval=_approval(state, at=at("2024-05-21T10:00")))
    texts = {n.text for n in due(scene("2024-05-21T10:00", minutes=[of]))}
    assert ("C3-distribute" in texts) is heard


def test_c3_distributes_a_version_once_whenever_it_was_approved() -> None:
    def keys(version: str, day: str) -> set[str]:
        told = _approval("approved", at=at(day), version=version)
        of = minutes(approval=told)
        return {n.key for n in due(scene("2024-05-23T10:00", minutes=[of])) if n.rule == "C3"}

    first = keys("a", "2024-05-21T10:00")
    assert first == keys("a", "2024-05-22T10:00")  # anew, after the database was put back
    assert not first & keys("b", "2024-05-22T10:00")


@pytest.mark.parametrize(
    ("start", "seen", "heard"),
    [
        ("2024-05-20T14:00", "2024-06-18T23:59", True),
        ("2024-05-20T14:00", "2024-06-19T00:00", False),
        (None, "2024-06-19T00:00", True),
    ],
)
def test_c3_minutes_that_came_long_after_are_not_distributed(
    start: str | None, seen: str, heard: bool
) -> None:
    assert bool(told(scene(seen, minutes=[minutes(start, seen=seen)]), "C3")) is heard


@pytest.mark.parametrize(
    ("now", "heard"), [("2024-07-10T09:59", True), ("2024-07-10T10:00", False)]
)
def test_c3_what_could_not_be_sent_for_long_is_no_longer_sent(now: str, heard: bool) -> None:
    approved = _approval("approved", at=at("2024-06-10T10:00"))
    assert bool(told(scene(now, minutes=[minutes(approval=approved)]), "C3")) is heard


@pytest.mark.parametrize("rule", ["B3", "C1", "C3"])
def test_b3_c1_c3_can_be_off(rule: str) -> None:
    of = minutes(seen="2024-05-22T10:00", findings=(found(),))
    heard = {n.rule for n in due(scene("2024-05-22T10:00", minutes=[of], off=frozenset({rule})))}
    assert heard == {"B3", "C1", "C3"} - {rule}


def test_minutes_in_any_order_give_the_same_notices() -> None:
    of = [
        minutes(f"2024-05-{d}T14:00", key=f"M{d}", then="2024-05-29T14:00")
        for d in ("13", "20", "06")
    ]
    one, other = (scene("2024-05-28", minutes=ms) for ms in (of, reversed(of)))
    assert due(one) == due(other)


# --- an agenda is no minutes ---


AGENDA = minutes("2024-05-27T14:00", key="A", seen="2024-05-22T10:00", agenda=True)


def test_c3_an_agenda_is_not_distributed_as_minutes() -> None:
    assert told(scene("2024-05-22T11:00", minutes=[AGENDA]), "C3") == []
    came = replace(AGENDA, agenda=False, seen_at=at("2024-05-27T16:00"))
    assert told(scene("2024-05-27T17:00", minutes=[came]), "C3")


@pytest.mark.parametrize(
    ("now", "more", "missing"),
    [
        ("2024-05-22T11:00", (), False),
        ("2024-05-28T15:59", (), False),  # two hours for its length
        ("2024-05-28T16:00", (), True),
        ("2024-06-10T16:00", (), False),
        ("2024-05-28T16:00", (minutes("2024-05-27", seen="2024-05-27T18:00"),), False),
        (
            "2024-05-28T16:00",
            (minutes("2024-05-27T14:00", title="别名", seen="2024-05-27T18:00"),),
            False,
        ),
    ],
)
def test_c1_an_agenda_announces_minutes(now: str, more: tuple[Minutes, ...], missing: bool) -> None:
    of = scene(now, minutes=[AGENDA, *more])
    assert told(of, "C1") == ["C1-missing 产品周会 > 王五", "C1-missing 产品周会 > 赵六"] * missing


@pytest.mark.parametrize(
    ("title", "start", "same"),
    [
        ("产品周会会议纪要", "2024-05-27", True),
        ("产品周会 纪要", "2024-05-27T14:10", True),
        ("产品周会纪要", "2024-05-28", False),
        ("产品月会纪要", "2024-05-27", False),
    ],
)
def test_c1_an_agenda_and_its_minutes_meet_under_titles_of_their_own(
    title: str, start: str, same: bool
) -> None:
    agenda = replace(AGENDA, meeting=replace(AGENDA.meeting, title="产品周会议程"), series="A")
    missing = due(scene("2024-05-29T16:00", minutes=[agenda]))
    came = minutes(start, key="M2", title=title, seen=f"{start[:10]}T16:00")
    of = scene("2024-05-29T16:00", minutes=[agenda, came], off=frozenset({"C3"}))
    assert bool(told(of, "C1")) is not same
    late = replace(came, seen_at=at("2024-05-29T16:00"))
    of = scene("2024-05-29T16:00", minutes=[agenda, late], off=frozenset({"C3"}))
    if same:
        assert {n.text for n in due(of)} == {"C1-late"}
        assert {n.key for n in due(of)} == {n.key for n in missing}  # one for one meeting


def test_c1_minutes_under_another_title_are_those_that_were_announced() -> None:
    last = minutes("2024-05-20T14:00", title="产品周会", then="2024-05-27T14:00")
    came = minutes("2024-05-27", key="M2", title="产品周会会议记录", seen="2024-05-27T16:00")
    assert told(scene("2024-05-29T16:00", minutes=[last]), "C1")
    assert told(scene("2024-05-29T16:00", minutes=[last, came]), "C1") == []


def test_c1_two_announcements_of_one_meeting_are_one_notice() -> None:
    last = minutes("2024-05-20T14:00", title="产品周会纪要", then="2024-05-27T14:00")
    agenda = replace(AGENDA, meeting=replace(AGENDA.meeting, title="产品周会议程"), series="A")
    of = scene("2024-05-29T16:00", minutes=[last, agenda])
    assert len({n.key for n in due(of) if n.rule == "C1"}) == 2  # host and recorder


def test_an_agenda_takes_nothing_from_the_minutes_before_it() -> None:
    """C1, D4: what they announced is still asked for."""
    last = minutes("2024-05-20T14:00", then="2024-05-23T14:00")
    with_agenda = scene("2024-05-24T17:00", minutes=[last, AGENDA])
    assert told(with_agenda, "C1") == told(scene("2024-05-24T17:00", minutes=[last]), "C1") != []


def test_b3_an_agenda_with_too_many_topics_is_told() -> None:
    of = replace(AGENDA, findings=(found("too-many-topics", Severity.WARNING),))
    assert told(scene("2024-05-22T11:00", minutes=[of]), "B3")
