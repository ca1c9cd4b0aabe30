"""Documents and items over time: which minutes are the same, which line is which item."""

import itertools
from datetime import date
from typing import Any

import pytest
from fakes.world import TEAM, World, entry

from mapping.people import Directory
from mapping.values import Entry, Finding, Item, Meeting, MeetingType, Reading, Status
from sync.intake import TakenIn, take_in
from sync.meetings import document_key, meeting_from, meeting_of, series_of

_bytes = itertools.count()


def read(
    world: World,
    *entries: Entry,
    title: str | None = "产品周会",
    start: str | None = "2024-05-20T10:00",
    file: str = "m.md",
    digest: str | None = None,
    **facts: Any,
) -> TakenIn:
    """Read minutes into the hub; other bytes each time unless they are given."""
    meeting = Meeting(title=title, start=start, **facts)
    with world.store.transaction() as tx:
        return take_in(
            tx,
            Directory(TEAM),
            Reading(meeting=meeting, entries=tuple(entries)),
            file=file,
            digest=digest or f"bytes {next(_bytes)}",
            now=world.now(),
        )


def texts(world: World) -> list[str]:
    return [i.description for i in world.items()]


def item(world: World, text: str) -> Item:
    (found,) = [i for i in world.items() if i.description == text]
    return found


def codes(world: World) -> list[str]:
    with world.store.transaction() as tx:
        return [f.finding.code for f in tx.findings() if f.source.startswith("document:")]


# --- which minutes are the same -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        (
            ("产品周会", "2024-05-20T10:00", "a.md"),
            ("产品周会", "2024-05-20T10:00", "b.docx"),
            True,
        ),
        (("产品 周会", "2024-05-20T10:00", "a.md"), ("產品周會", "2024-05-20T10:00", "a.md"), True),
        (("产品周会", "2024-05-20T10:00", "a.md"), ("产品周会", "2024-05-27T10:00", "a.md"), False),
        (("产品周会", "2024-05-20T10:00", "a.md"), ("研发周会", "2024-05-20T10:00", "a.md"), False),
        (("产品周会", None, "a.md"), ("产品周会", None, "b.md"), True),
        (("产品周会", None, "a.md"), ("产品周会", "2024-05-20", "a.md"), False),
        ((None, "2024-05-20", "a.md"), (None, "2024-05-20", "b.md"), True),
        ((None, None, "a.md"), (None, None, "a.md"), True),
        ((None, None, "a.md"), (None, None, "b.md"), False),
    ],
)
def test_title_and_start_tell_minutes_and_the_name_only_without_both(
    one: tuple[str | None, str | None, str], two: tuple[str | None, str | None, str], same: bool
) -> None:
    keys = [document_key("产品部", Meeting(title=t, start=s), f) for t, s, f in (one, two)]
    assert (keys[0] == keys[1]) is same
    title, start, file = one
    other = document_key("另一组", Meeting(title=title, start=start), file)
    assert other != keys[0]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("研发中心周例会纪要（第21周）", "研发中心周例会纪要（第22周）"),
        ("产品周会 第3次", "产品周会 第12次"),
        ("2024年5月经营分析会", "2024年6月经营分析会"),
        ("Platform Weekly W21", "Platform weekly w22"),
        ("Q2 Review", "Q3 Review"),
    ],
)
def test_titles_of_one_series(one: str, two: str) -> None:
    series = [series_of(Meeting(title=t)) for t in (one, two)]
    assert series[0] == series[1]
    assert series[0]


def test_titles_of_different_series() -> None:
    assert series_of(Meeting(title="产品周会")) != series_of(Meeting(title="研发周会"))
    assert series_of(Meeting(title="2024年5月")) is None
    assert series_of(Meeting()) is None


def test_the_same_bytes_twice_are_unchanged() -> None:
    world = World()
    assert read(world, entry("写报告"), digest="d").state == "read"
    again = read(world, entry("别的内容"), digest="d")
    assert (again.state, texts(world)) == ("unchanged", ["写报告"])


def test_two_files_of_one_meeting_are_the_same_minutes() -> None:
    """As .md and as .docx, with other bytes and one line more."""
    world = World()
    read(world, entry("写报告"), file="a.md")
    told = read(world, entry("写报告"), entry("评估周期", "李四"), file="a.docx")
    assert told.state == "read"
    assert texts(world) == ["写报告", "评估周期"]
    with world.store.transaction() as tx:
        assert len(tx.documents()) == 1
    assert len(world.log(item(world, "写报告").id)) == 1


# --- read again ------------------------------------------------------------------------------------


def test_a_reworded_line_in_the_same_place_with_the_same_owner_is_the_same() -> None:
    """Failure 81."""
    world = World()
    read(world, entry("写客户投诉报告"), entry("评估周期", "李四"))
    before = item(world, "写客户投诉报告").id
    read(world, entry("写客户投诉处理报告"), entry("评估周期", "李四"))
    assert item(world, "写客户投诉处理报告").id == before
    assert len(world.items()) == 2
    assert codes(world) == []


@pytest.mark.parametrize(
    ("old", "new", "owner"),
    [
        ("整理3家供应商报价", "整理5家供应商报价", "张三"),
        ("跟进张三的合同审批", "跟进李四的合同审批", "王五"),
        ("提交5月20日的巡检表", "提交5月27日的巡检表", "张三"),
        ("修订《门店巡检手册》章节", "修订《门店收银手册》章节", "张三"),
        ("发布移动端 V3.2 说明", "发布移动端 V3.3 说明", "张三"),
        ("写第三季度总结报告", "写第四季度总结报告", "张三"),
    ],
)
def test_texts_that_differ_in_what_counts_are_never_the_same(
    old: str, new: str, owner: str
) -> None:
    world = World()
    read(world, entry(old, owner))
    read(world, entry(new, owner))
    assert sorted(texts(world)) == sorted([old, new])
    assert "item-gone" in codes(world)


def test_a_reworded_line_with_another_owner_is_uncertain_and_not_joined() -> None:
    world = World()
    read(world, entry("写客户投诉报告", "张三"))
    told = read(world, entry("写客户投诉处理报告", "李四"))
    assert len(world.items()) == 2
    assert "match-uncertain" in [f.code for f in told.findings]


def test_the_same_words_with_another_owner_are_the_same_item() -> None:
    world = World()
    read(world, entry("写报告", "张三"))
    read(world, entry("写报告", "李四"))
    assert item(world, "写报告").owner == "李四"


def test_two_lines_with_the_same_words_stay_two() -> None:
    world = World()
    both = (entry("补充材料", "张三", "2024-05-27"), entry("补充材料", "李四", "2024-05-28"))
    read(world, *both)
    before = {i.owner: i.id for i in world.items()}
    read(world, *reversed(both))
    assert {i.owner: i.id for i in world.items()} == before
    assert {i.owner: i.due for i in world.items()} == {
        "张三": date(2024, 5, 27),
        "李四": date(2024, 5, 28),
    }


def test_lines_in_another_order_change_nothing() -> None:
    world = World()
    lines = [entry("写报告"), entry("评估周期", "李四"), entry("联系客户", "王五")]
    read(world, *lines)
    count = len(world.log())
    read(world, *reversed(lines))
    assert len(world.log()) == count


def test_a_line_that_vanished_is_a_finding_and_closes_nothing() -> None:
    world = World()
    read(world, entry("写报告"), entry("评估周期", "李四"))
    told = read(world, entry("写报告"))
    assert [f.code for f in told.findings] == ["item-gone"]
    gone = item(world, "评估周期")
    assert told.findings[0].item == gone.id
    assert gone.is_open
    back = read(world, entry("写报告"), entry("评估周期", "李四", "2024-06-01"))
    assert back.findings == ()
    assert item(world, "评估周期").id == gone.id
    assert len(world.items()) == 2


def test_a_value_that_was_emptied_in_the_minutes_is_emptied() -> None:
    world = World()
    read(world, entry("写报告", due="2024-05-27"))
    read(world, entry("写报告"))
    assert item(world, "写报告").due is None


def test_a_persons_edit_beats_the_minutes_and_the_loser_is_kept() -> None:
    """Failure 28."""
    world = World()
    read(world, entry("写报告", due="2024-05-27", note="甲"))
    world.once()
    world.actors["board"].edit("r000001", due=date(2024, 6, 3))
    world.once()
    read(world, entry("写报告", due="2024-05-28", note="乙"))
    found = item(world, "写报告")
    assert (found.due, found.note) == (date(2024, 6, 3), "乙")
    lost = [(c.field, c.old, c.new) for c in world.log() if c.kind == "conflict"]
    assert lost == [("due", date(2024, 6, 3), date(2024, 5, 28))]
    read(world, entry("写报告", due="2024-05-28", note="丙"))  # told once, not again
    assert len([c for c in world.log() if c.kind == "conflict"]) == 1


# --- the next meeting ------------------------------------------------------------------------------

NEXT = {"start": "2024-05-27T10:00", "file": "n.md"}


def test_an_item_of_the_next_meeting_of_the_series_is_the_same() -> None:
    """Failure 82."""
    world = World()
    read(world, entry("写报告", due="2024-05-27"), title="产品周会（第21周）")
    read(world, entry("写报告", due="2024-06-03"), title="产品周会（第22周）", **NEXT)
    found = item(world, "写报告")
    assert found.due == date(2024, 6, 3)
    assert found.meeting == "产品周会（第21周）"


def test_a_plain_line_of_another_series_is_another_item() -> None:
    world = World()
    read(world, entry("写报告"))
    read(world, entry("写报告"), title="研发周会", **NEXT)
    assert texts(world) == ["写报告", "写报告"]


def test_a_carried_row_brings_status_reason_and_new_day() -> None:
    """D6."""
    world = World()
    read(world, entry("写报告", due="2024-05-27", acceptance="一页"))
    told = entry(
        "写报告",
        carried=True,
        status=Status.LATE,
        note="等数据",
        expected=date(2024, 6, 7),
    )
    read(world, told, **NEXT)
    found = item(world, "写报告")
    assert (found.status, found.note, found.expected) == (Status.LATE, "等数据", date(2024, 6, 7))
    assert (found.due, found.acceptance) == (date(2024, 5, 27), "一页")  # nobody took them back
    assert found.carried


def test_a_carried_row_finds_the_item_of_another_series() -> None:
    world = World()
    read(world, entry("写报告"))
    read(world, entry("写报告", carried=True, status=Status.BLOCKED), title="部门例会", **NEXT)
    assert item(world, "写报告").status is Status.BLOCKED


def test_a_plain_line_does_not_take_a_status_back() -> None:
    world = World()
    read(world, entry("写报告"))
    world.once()
    world.actors["board"].edit("r000001", status="受阻")
    world.once()
    read(world, entry("写报告"), **NEXT)
    assert item(world, "写报告").status is Status.BLOCKED


def test_two_items_that_a_row_may_mean_are_a_finding_and_nothing_is_joined() -> None:
    """Failure 81."""
    world = World()
    read(world, entry("补充材料", None))
    read(world, entry("补充材料", None), title="研发周会")
    told = read(world, entry("补充材料", None, carried=True), title="部门例会", **NEXT)
    assert [f.code for f in told.findings] == ["match-uncertain"]
    assert len(world.items()) == 3


def test_an_older_meeting_read_later_does_not_beat_the_newer_word() -> None:
    """Failure 83: a file that was synced late from another device."""
    world = World()
    read(world, entry("写报告", due="2024-06-03"), title="产品周会（第22周）", **NEXT)
    read(world, entry("写报告", due="2024-05-27", note="旧"), title="产品周会（第21周）")
    found = item(world, "写报告")
    assert found.due == date(2024, 6, 3)
    assert found.note == "旧"  # of this the newer minutes said nothing


def test_minutes_of_an_older_meeting_edited_do_not_beat_the_newer_word() -> None:
    world = World()
    read(world, entry("写报告", due="2024-05-27"), title="产品周会（第21周）")
    read(world, entry("写报告", due="2024-06-03"), title="产品周会（第22周）", **NEXT)
    read(world, entry("写报告", due="2024-05-28"), title="产品周会（第21周）")
    assert item(world, "写报告").due == date(2024, 6, 3)


def test_what_is_later_is_told_by_the_log_where_minutes_have_no_day() -> None:
    """`--now` may run backwards; order is the log's own sequence."""
    world = World()
    first = {"title": None, "start": None}
    read(world, entry("写报告", due="2024-05-27", carried=True), file="a.md", **first)
    world.clock.shift -= world.clock.wall() - world.clock.wall().replace(year=2023)
    read(world, entry("写报告", due="2024-06-03", carried=True), file="b.md", **first)
    read(world, entry("写报告", due="2024-06-03", note="x", carried=True), file="b.md", **first)
    assert [i.due for i in world.items()] == [date(2024, 6, 3)]


# --- rows of people, and minutes -------------------------------------------------------------------


def test_an_item_added_by_hand_and_told_later_is_one() -> None:
    world = World()
    world.actors["board"].add(description="订会议室", due=date(2024, 5, 29))
    world.once()
    read(world, entry("订会议室", "张三", "2024-05-29"))
    found = item(world, "订会议室")
    assert found.owner == "张三"
    world.once()
    assert len(world.rows()) == 1


def test_what_a_person_wrote_in_a_row_beats_minutes_that_tell_it_later() -> None:
    """Design: no base, the tool's value beats the minutes."""
    world = World()
    world.actors["board"].add(description="订会议室", owner=(), note="三楼", acceptance="已付款")
    world.once()
    read(world, entry("订会议室", None, note="二楼", acceptance="已订"))
    found = item(world, "订会议室")
    assert (found.note, found.acceptance) == ("三楼", "已付款")
    assert {c.new for c in world.log() if c.kind == "conflict"} == {"二楼", "已订"}


def test_an_item_added_by_hand_with_another_day_is_another() -> None:
    world = World()
    world.actors["board"].add(description="订会议室", due=date(2024, 5, 29))
    world.once()
    read(world, entry("订会议室", None, "2024-06-29"))
    assert len(world.items()) == 2


def test_the_same_minutes_read_into_an_empty_store_draw_the_same_ids() -> None:
    drawn = []
    for _ in range(2):
        world = World()
        read(world, entry("写报告"), entry("评估周期", "李四"), entry("写报告"))
        drawn.append([i.id for i in world.items()])
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0])) == 3


def test_a_lost_store_and_the_same_minutes_find_the_rows() -> None:
    """Failure 6."""
    world = World()
    lines = [entry("写报告", due="2024-05-27"), entry("评估周期", "李四")]
    read(world, *lines)
    world.once()
    before = [r["id"] for r in world.rows()]
    world.lose_store()
    world.once()
    read(world, *lines)
    world.once()
    assert [r["id"] for r in world.rows()] == before
    assert sorted(i.id for i in world.items()) == sorted(before)
    assert world.quiet()


def test_a_deleted_item_does_not_come_back_with_its_minutes() -> None:
    """Failure 48: a stale copy cannot revive it."""
    world = World()
    lines = [entry("写报告"), entry("评估周期", "李四")]
    read(world, *lines)
    world.once()
    world.clock.advance(3600)
    world.actors["board"].delete("r000001")
    world.once()
    read(world, *lines, entry("联系客户", "王五"))
    world.once()
    assert item(world, "写报告").closed
    assert [r["description"] for r in world.rows()] == ["评估周期", "联系客户"]
    assert len(world.items()) == 3


# --- what is kept ----------------------------------------------------------------------------------


def test_all_that_an_entry_tells_is_kept() -> None:
    world = World()
    told = Entry(
        description="写报告",
        owner="张三",
        owners=("张三",),
        department="技术部",
        support=("产品部", "客服部"),
        due=date(2024, 5, 27),
        due_text="下周一",
        expected=date(2024, 6, 1),
        acceptance="一页",
        status=Status.BLOCKED,
        deliverable="《报告》",
        note="等数据",
        carried=True,
        line=31,
        source="写报告 | 张三",
    )
    read(world, told)
    (found,) = world.items()
    for name in Entry.__slots__:
        if name not in {"line", "source"}:
            assert getattr(found, name) == getattr(told, name), name
    assert found.meeting == "产品周会"
    assert found.created_at == world.now()
    (line,) = world.log(found.id)
    assert (line.kind, line.place, line.actor) == ("create", "minutes", "m.md")
    assert "31" in line.why


def test_a_meeting_is_kept_and_shown_with_its_items() -> None:
    world = World()
    read(world, entry("写报告"), host="李四", type=MeetingType.DECISION, sensitive=True)
    (found,) = world.items()
    with world.store.transaction() as tx:
        document = tx.document(found.meeting_id or "")
    assert document is not None
    assert document.meeting["host"] == "李四"
    assert document.meeting["type"] == "decision"
    assert document.meeting["sensitive"] is True
    shown = {"id": document.key, "title": "产品周会", "start": "2024-05-20T10:00"}
    assert meeting_of(document, found) == shown
    assert meeting_of(None, Item(id="ML-1", description="x")) is None


def test_findings_are_those_of_the_last_reading() -> None:
    world = World()
    bad = Finding(code="due-vague", message="尽快", rule="F1", line=3)
    reading = Reading(
        meeting=Meeting(title="产品周会"), entries=(entry("写报告"),), findings=(bad,)
    )
    for digest, findings in (("1", (bad, bad)), ("2", ())):
        with world.store.transaction() as tx:
            take_in(
                tx,
                Directory(TEAM),
                Reading(meeting=reading.meeting, entries=reading.entries, findings=findings),
                file="m.md",
                digest=digest,
                now=world.now(),
            )
        assert len(codes(world)) == len(findings)


# --- the agenda of a meeting, and its minutes (A3, E1) --------------------------------------------


def agenda(world: World, *, ahead: bool = True, **facts: Any) -> TakenIn:
    """Read the agenda of the meeting that ``read`` reads minutes of."""
    told = {"topics": ("选址", "人手"), "planned_min": 45, **facts}
    meeting = Meeting(title="产品周会", start="2024-05-20T10:00", **told)
    with world.store.transaction() as tx:
        return take_in(
            tx,
            Directory(TEAM),
            Reading(meeting=meeting, agenda=True),
            file="agenda.md",
            digest=f"bytes {next(_bytes)}",
            now=world.now(),
            ahead=ahead,
        )


def test_minutes_keep_what_their_agenda_told() -> None:
    world = World()
    key = agenda(world).key
    with world.store.transaction() as tx:
        row = tx.document(key)
    assert row is not None
    assert (row.is_agenda, texts(world)) == (True, [])

    assert read(world, entry("输出流程图"), end="2024-05-20T11:00", host="张三").key == key
    assert texts(world) == ["输出流程图"]
    with world.store.transaction() as tx:
        row = tx.document(key)
        assert row is not None
        assert not row.is_agenda
        kept = meeting_from(row.meeting)
    assert (kept.planned_min, kept.topics) == (45, ("选址", "人手"))
    assert (kept.end, kept.host) == ("2024-05-20T11:00", "张三")
    assert row.tally["topics"] == 2


def test_minutes_own_topics_count_before_those_of_the_agenda() -> None:
    world = World()
    key = agenda(world).key
    read(world, entry("输出流程图"), topics=("价格",), planned_min=30)
    with world.store.transaction() as tx:
        row = tx.document(key)
    assert row is not None
    assert (row.meeting["topics"], row.meeting["planned_min"]) == (["价格"], 30)


@pytest.mark.parametrize("ahead", [True, False])
def test_an_agenda_that_comes_after_the_minutes_only_completes_them(*, ahead: bool) -> None:
    world = World()
    key = read(world, entry("输出流程图"), host="张三").key
    with world.store.transaction() as tx:
        mentions = tx.mentions(key)
    taken = agenda(world, ahead=ahead, host="李四")
    assert (taken.key, taken.findings) == (key, ())
    assert codes(world) == []  # no line of the minutes is gone
    with world.store.transaction() as tx:
        row = tx.document(key)
        assert tx.mentions(key) == mentions
    assert row is not None
    assert (row.file, row.meeting["host"], row.is_agenda) == ("m.md", "张三", False)
    assert (row.meeting["planned_min"], row.tally["topics"]) == (45, 2)
    read(world, entry("输出流程图", due="2024-05-31"))
    assert item(world, "输出流程图").due == date(2024, 5, 31)


def document(world: World, title: str, start: str, *, of_agenda: bool = False) -> TakenIn:
    """Read minutes, or an agenda that tells when it is from as its topic."""
    meeting = Meeting(title=title, start=start, topics=(start,) if of_agenda else ())
    entries = () if of_agenda else (entry("输出流程图"),)
    with world.store.transaction() as tx:
        return take_in(
            tx,
            Directory(TEAM),
            Reading(meeting=meeting, entries=entries, agenda=of_agenda),
            file=f"{title}.md",
            digest=f"bytes {next(_bytes)}",
            now=world.now(),
            ahead=of_agenda,
        )


DAY = "2024-05-20"


@pytest.mark.parametrize(
    ("agendas", "others", "start", "topics", "told"),
    [
        ([f"{DAY}T16:00"], [], DAY, [f"{DAY}T16:00"], []),
        ([DAY], [], f"{DAY}T16:00", [DAY], []),
        ([f"{DAY}T16:00"], [f"{DAY}T09:00"], DAY, [], ["match-uncertain"]),
        ([f"{DAY}T09:00", f"{DAY}T16:00"], [], DAY, [], ["match-uncertain"]),
        ([f"{DAY}T09:00", f"{DAY}T16:00", DAY], [], f"{DAY}T16:00", [f"{DAY}T16:00"], []),
        ([f"{DAY}T16:00"], [f"{DAY}T16:00"], f"{DAY}T09:00", [], []),
    ],
)
def test_minutes_without_an_hour_are_an_agendas_only_if_no_other_meeting_is_near(
    agendas: list[str], others: list[str], start: str, topics: list[str], told: list[str]
) -> None:
    """What cannot be known is a finding, never a guess."""
    world = World()
    for when in agendas:
        document(world, "周会议程", when, of_agenda=True)
    for when in others:
        document(world, "周会会议纪要", when)
    taken = document(world, "周会纪要", start)
    with world.store.transaction() as tx:
        row = tx.document(taken.key)
    assert row is not None
    assert row.meeting["topics"] == topics
    assert [f.code for f in taken.findings] == told


def test_an_agenda_completes_no_minutes_that_may_be_of_another_meeting() -> None:
    world = World()
    document(world, "周会纪要", DAY)
    document(world, "周会会议纪要", f"{DAY}T09:00")
    taken = document(world, "周会议程", f"{DAY}T16:00", of_agenda=True)
    assert [f.code for f in taken.findings] == ["match-uncertain"]
    with world.store.transaction() as tx:
        assert [r.meeting["topics"] for r in tx.documents() if not r.is_agenda] == [[], []]
