"""`minuteloop once` on real workbooks: what people do to both sides, and what must come of it."""

import os
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fakes import desk
from fakes.office import NOW, PEOPLE, Office, minutes, process, team_file

from connectors.excel import files
from mapping import ids

THREE = (
    ("写报告", "张三", "2025-05-27", "含数据"),
    ("评估周期", "李四", "2025-05-24", "一页"),
    ("联系客户", "王五", "2025-05-30", "有记录"),
)
RND = dict.fromkeys(("赵明哲", "孙立", "何雨桐", "马骁", "郭佳宁", "林晓彤", "周一鸣"), "研发中心")


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two folders to be copied: a prepared one, and one with three items in its workbook."""
    empty, full = tmp_path_factory.mktemp("empty"), tmp_path_factory.mktemp("full")
    Office(empty)
    Office(full).read(*THREE)
    return empty, full


@pytest.fixture
def office(tmp_path: Path, desks: tuple[Path, Path]) -> Office:
    """A folder with an empty workbook."""
    return Office.copied(desks[0], tmp_path)


@pytest.fixture
def three(tmp_path: Path, desks: tuple[Path, Path]) -> Office:
    """Three items that minutes told and the workbook shows."""
    return Office.copied(desks[1], tmp_path)


def many(count: int) -> list[tuple[str, ...]]:
    names = list(PEOPLE)
    return [
        (f"事项{chr(0x4E00 + 40 * n)}", names[n % 3], f"2025-06-{n % 28 + 1:02}", "有结果")
        for n in range(count)
    ]


# --- minutes in ----------------------------------------------------------------------------------


def test_minutes_become_rows_are_archived_and_the_next_pass_is_quiet(office: Office) -> None:
    told = office.read(*THREE)
    assert told["documents"] == [
        {
            "team": "产品部",
            "file": "m.md",
            "state": "read",
            "items": 3,
            "findings": 0,
            "error": None,
        }
    ]
    assert told["trackers"][0]["created"] == 3
    row = office.row("写报告")
    assert (row["负责人"], row["计划完成时间"], row["状态"]) == (
        "张三",
        date(2025, 5, 27),
        "进行中",
    )
    assert (row["交付标准"], row["会议"]) == ("含数据", "产品周会")
    assert ids.parse(row["编号"]) == row["编号"]
    assert row["编号"] == office.item("写报告")["id"]
    assert list(office.inbox.iterdir()) == []
    assert (office.archive / "2025年常规例会纪要" / "m.md").is_file()
    assert office.quiet()


def test_the_same_bytes_twice_change_nothing_and_lie_beside_each_other(three: Office) -> None:
    three.drop("m.md", minutes(*THREE))
    told = three.once()
    assert told["documents"][0]["state"] == "unchanged"
    assert sorted(p.name for p in three.archive.rglob("*.md")) == ["m (2).md", "m.md"]
    assert len(three.items()) == 3


def test_minutes_edited_and_dropped_again_change_their_rows(three: Office) -> None:
    """Failure 81: a date moved, a line reworded, one more line; under another name."""
    before = [r["编号"] for r in three.rows()]
    three.drop(
        "改过的.md",
        minutes(
            ("写季度报告", "张三", "2025-05-28", "含数据"),
            *THREE[1:],
            ("订会议室", "王五", "2025-05-21", "已订"),
        ),
    )
    three.once()
    assert three.texts() == ["写季度报告", "评估周期", "联系客户", "订会议室"]
    assert [r["编号"] for r in three.rows()][:3] == before
    assert three.row("写季度报告")["计划完成时间"] == date(2025, 5, 28)
    assert three.quiet()


def test_a_text_that_differs_in_a_number_is_another_item(office: Office) -> None:
    office.read(("整理3家供应商报价", "张三", "2025-05-27", "一页"))
    office.read(("整理5家供应商报价", "张三", "2025-05-27", "一页"))
    assert office.texts() == ["整理3家供应商报价", "整理5家供应商报价"]
    assert "item-gone" in office.codes()


def test_a_line_that_vanished_closes_nothing(three: Office) -> None:
    three.drop("m.md", minutes(*THREE[:2]))
    three.once()
    assert len(three.rows()) == 3
    assert all(i["closed"] is None for i in three.items())
    assert "item-gone" in three.codes()
    three.drop("m.md", minutes(*THREE))
    three.once()
    assert len(three.items()) == 3
    assert "item-gone" not in three.codes()
    assert three.quiet()


def test_the_finding_on_a_vanished_line_goes_with_the_item(three: Office) -> None:
    """Promise 6: an exception clears by itself when its cause is gone."""
    three.drop("m.md", minutes(*THREE[:2]))
    three.once()
    three.call("close", three.item("联系客户")["id"], "--why", "不做了", "--now", NOW)
    three.once()
    assert three.item("联系客户")["closed"] == {"on": "2025-05-20", "why": "不做了"}
    assert "item-gone" not in three.codes()


def test_the_next_meeting_of_a_series_carries_its_items(tmp_path: Path) -> None:
    """Failure 82, on the sample of two weeks."""
    office = Office(tmp_path, team_file(people=RND))
    office.drop("zh-weekly-21.md")
    office.once("2025-05-19T18:00")
    assert len(office.rows()) == 4
    first = {r["行动项描述"]: r["编号"] for r in office.rows()}
    office.drop("zh-weekly-22.md")
    office.once("2025-05-26T18:00")
    rows = {r["行动项描述"]: r for r in office.rows()}
    assert {t: rows[t]["编号"] for t in first} == first
    assert set(rows) - set(first) == {"签订日志平台试用协议", "明确深色模式的页面范围"}
    assert rows["支付回调改造为异步队列"]["计划完成时间"] == date(2025, 5, 30)
    assert rows["支付回调改造为异步队列"]["状态"] == "延期"
    assert "压测环境" in rows["支付回调改造为异步队列"]["备注"]
    assert rows["统一设置页图标"]["状态"] == "受阻"
    assert rows["统一设置页图标"]["计划完成时间"] == date(2025, 6, 4)
    assert rows["补齐登录模块自动化用例"]["备注"] == "已写26条"
    done = office.item("整理日志平台三家供应商的费用对比")
    assert done["completed"] == "2025-05-26"
    assert all(i["carried"] for i in office.items() if i["description"] in first)
    assert office.quiet("2025-05-26T18:05")


def test_the_weeks_read_in_the_wrong_order_still_are_four_plus_two(tmp_path: Path) -> None:
    office = Office(tmp_path, team_file(people=RND))
    office.drop("zh-weekly-22.md")
    office.once("2025-05-26T18:00")
    office.drop("zh-weekly-21.md")
    office.once("2025-05-26T18:05")
    assert len(office.items()) == 6
    assert office.quiet("2025-05-26T18:10")


def test_the_weeks_read_in_the_wrong_order_keep_the_later_word(tmp_path: Path) -> None:
    """Failure 83: a file that was synced late from another device."""
    office = Office(tmp_path, team_file(people=RND))
    office.drop("zh-weekly-22.md")
    office.once("2025-05-26T18:00")
    office.drop("zh-weekly-21.md")
    office.once("2025-05-26T18:05")
    assert office.row("支付回调改造为异步队列")["计划完成时间"] == date(2025, 5, 30)
    assert office.row("统一设置页图标")["计划完成时间"] == date(2025, 6, 4)
    assert office.row("统一设置页图标")["状态"] == "受阻"


def test_a_refused_file_stays_with_a_note_until_it_is_mended(office: Office) -> None:
    office.drop("扫描件.pdf", b"%PDF-1.4 ...")
    told = office.once()
    (document,) = told["documents"]
    assert (document["state"], document["items"]) == ("refused", 0)
    assert "扫描件.pdf" in document["error"]
    note = office.inbox / "扫描件.pdf.findings.txt"
    assert note.read_text(encoding="utf-8").startswith("扫描件.pdf：不读取这种文件")
    before = office.files()
    assert office.once()["documents"][0]["state"] == "refused"
    assert office.files() == before
    assert office.codes() == ["unreadable"]


def test_the_finding_on_a_refused_file_goes_with_the_file(office: Office) -> None:
    """Promise 6."""
    office.drop("扫描件.pdf", b"%PDF-1.4 ...")
    office.once()
    (office.inbox / "扫描件.pdf").unlink()
    office.once()
    assert office.codes() == []
    assert list(office.inbox.iterdir()) == []


# --- edits on either side and on both -------------------------------------------------------------


def test_edits_in_the_workbook_reach_the_hub(three: Office) -> None:
    three.type(
        "写报告",
        计划完成时间=date(2025, 6, 3),
        负责人="李四",
        状态="受阻",
        备注="等数据",
        交付成果="《报告》",
        所属部门="产品部",
    )
    told = three.board()
    assert told["pulled"] == 6
    item = three.item("写报告")
    assert (item["due"], item["owner"], item["status"]) == ("2025-06-03", "李四", "blocked")
    assert (item["note"], item["deliverable"], item["department"]) == (
        "等数据",
        "《报告》",
        "产品部",
    )
    (why,) = [c for c in three.history(item["id"]) if c["field"] == "due" and c["kind"] == "change"]
    assert (why["where"], why["from"], why["to"]) == ("board", "2025-05-27", "2025-06-03")
    assert three.quiet()


def test_edits_on_both_sides_of_different_fields_are_both_kept(three: Office) -> None:
    """Failure 27."""
    three.type("写报告", 备注="等数据")
    three.drop("m.md", minutes(("写报告", "张三", "2025-05-28", "含数据"), *THREE[1:]))
    three.once()
    row = three.row("写报告")
    assert (row["备注"], row["计划完成时间"]) == ("等数据", date(2025, 5, 28))
    assert three.quiet()


@pytest.mark.parametrize("first", ["workbook", "minutes", "together"])
def test_a_person_beats_the_minutes_and_the_loser_is_kept(three: Office, first: str) -> None:
    """Failure 28: whichever side is seen first."""
    changed = minutes(("写报告", "张三", "2025-05-28", "含数据"), *THREE[1:])
    if first == "minutes":
        three.drop("m.md", changed)
        three.once()
    three.type("写报告", 计划完成时间=date(2025, 6, 3))
    if first == "workbook":
        three.once()
    if first != "minutes":
        three.drop("m.md", changed)
    three.once()
    assert three.row("写报告")["计划完成时间"] == date(2025, 6, 3)
    item = three.item("写报告")
    assert item["due"] == "2025-06-03"
    log = three.history(item["id"])
    if first != "minutes":  # one after the other is no conflict
        assert [(c["field"], c["to"]) for c in log if c["kind"] == "conflict"] == [
            ("due", "2025-05-28")
        ]
    assert three.quiet()


@pytest.mark.parametrize(
    ("text", "header", "value", "conflicts"),
    [
        ("写报告", "状态", "受阻", []),  # the row that we write, another field
        ("评估周期", "状态", "受阻", []),  # another row
        ("写报告", "计划完成时间", date(2025, 6, 3), [("due", "2025-05-28")]),
    ],
)
def test_failure_69_a_save_meanwhile_is_taken_in(
    three: Office,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    header: str,
    value: object,
    conflicts: list[tuple[str, str]],
) -> None:
    """Somebody saves after ours was drafted, before it takes its place: both are kept."""
    saved: list[str] = []
    keep = files.WorkbookFile._keep

    def keep_and_save(file: files.WorkbookFile, data: bytes) -> None:
        keep(file, data)
        if not saved:
            saved.append(text)
            three.type(text, **{header: value})

    monkeypatch.setattr(files.WorkbookFile, "_keep", keep_and_save)
    three.drop("m.md", minutes(("写报告", "张三", "2025-05-28", "含数据和图"), *THREE[1:]))
    told = three.board()
    assert (saved, told["conflicts"]) == ([text], len(conflicts))
    assert three.row(text)[header] == value  # theirs
    mine = three.row("写报告")
    assert mine["交付标准"] == "含数据和图"  # ours
    assert conflicts or mine["计划完成时间"] == date(2025, 5, 28)
    item = three.item(text)
    assert (item["status"] == "blocked", item["due"] == "2025-06-03") == (
        not conflicts,
        bool(conflicts),
    )
    log = three.history(item["id"])
    assert [(c["field"], c["to"]) for c in log if c["kind"] == "conflict"] == conflicts
    assert len(three.rows()) == 3
    assert three.quiet()


def test_both_sides_changed_alike_is_no_conflict(three: Office) -> None:
    """Failure 32."""
    three.type("写报告", 计划完成时间=date(2025, 5, 28))
    three.drop("m.md", minutes(("写报告", "张三", "2025-05-28", "含数据"), *THREE[1:]))
    told = three.once()
    assert told["trackers"][0]["conflicts"] == 0
    assert [c for c in three.history(three.item("写报告")["id"]) if c["kind"] == "conflict"] == []
    assert three.quiet()


def test_two_workbooks_are_kept_the_same_and_the_first_wins(tmp_path: Path) -> None:
    office = Office(tmp_path, team_file('path = "tracker.xlsx"', 'path = "other.xlsx"'))
    office.read(*THREE)
    other = tmp_path / "other.xlsx"
    ref = office.ref(office.row("写报告")["row"], "计划完成时间")
    desk.person_edit(other, {ref: date(2025, 6, 9)})
    office.once()
    assert office.row("写报告")["计划完成时间"] == date(2025, 6, 9)  # in one pass
    desk.person_edit(other, {ref: date(2025, 6, 10)})
    desk.person_edit(office.book, {ref: date(2025, 6, 11)})
    told = office.once()
    assert sum(t["conflicts"] for t in told["trackers"]) == 1
    assert office.rows(other)[0]["计划完成时间"] == date(2025, 6, 11)
    assert office.quiet()
    desk.delete_row(other, office.row("评估周期")["row"])
    office.once()
    assert office.item("评估周期")["closed"]
    assert "board2" in str(office.row("评估周期")["备注"])
    assert office.quiet()


TWO = team_file('path = "tracker.xlsx"', 'path = "other.xlsx"')


@pytest.mark.parametrize("deleted", ["first", "second"])
def test_deleted_here_and_edited_there_comes_back(tmp_path: Path, deleted: str) -> None:
    """Failure 47: both between two passes, whichever tracker is looked at first."""
    office = Office(tmp_path, TWO)
    office.read(*THREE)
    one, two = office.book, tmp_path / "other.xlsx"
    if deleted == "second":
        one, two = two, one
    desk.delete_row(one, 2)
    desk.person_edit(two, {office.ref(2, "交付成果"): "《报告》"})
    office.once()
    item = office.item("写报告")
    assert (item["closed"], item["deliverable"]) == (None, "《报告》")
    for book in (one, two):
        assert "写报告" in [r["行动项描述"] for r in office.rows(book)]
    assert office.quiet()


def test_one_row_added_to_two_workbooks_is_one_item(tmp_path: Path) -> None:
    office = Office(tmp_path, TWO)
    office.read(*THREE)
    cells = {office.ref(5, "行动项描述"): "同一件", office.ref(5, "负责人"): "张三"}
    for name in ("tracker.xlsx", "other.xlsx"):
        desk.person_edit(tmp_path / name, cells)
    office.once()
    assert len(office.items()) == 4
    assert len(office.rows()) == len(office.rows(tmp_path / "other.xlsx")) == 4
    assert office.quiet()


def test_a_tracker_that_is_added_later_is_filled_and_one_that_is_back_catches_up(
    three: Office,
) -> None:
    other = three.folder / "other.xlsx"
    alone = three.config.read_text(encoding="utf-8")
    three.configure(TWO)
    three.call("check", "--prepare")
    assert [t["created"] for t in three.once()["trackers"]] == [0, 3]
    three.configure(alone)
    three.type("写报告", 备注="仅在一处")
    three.once()
    three.configure(TWO)
    three.once()
    assert {r["行动项描述"]: r["备注"] for r in three.rows(other)}["写报告"] == "仅在一处"
    assert three.quiet()


def test_a_tracker_that_was_renamed(three: Office) -> None:
    """Failure 9: identity does not hang on the settings."""
    three.configure(three.config.read_text(encoding="utf-8").replace('"board"', '"neu"'))
    before = three.files()
    told = three.board()
    assert (told["created"], told["pulled"]) == (0, 0)
    assert three.files() == before
    assert set(three.items()[0]["rows"]) == {"neu"}


def test_a_workbook_that_was_moved_is_the_same(three: Office) -> None:
    three.book = three.book.rename(three.folder / "新名.xlsx")
    three.configure(team_file('path = "新名.xlsx"'))
    told = three.board()
    assert (told["state"], told["created"], told["pulled"]) == ("ok", 0, 0)
    assert three.quiet()


# --- rows that people make, move and take away ----------------------------------------------------


def test_a_row_added_by_hand_becomes_an_item(three: Office) -> None:
    three.add(行动项描述="订会议室", 负责人="张三", 计划完成时间=date(2025, 5, 29))
    told = three.board()
    assert told["pulled"] == 1
    item = three.item("订会议室")
    assert three.row("订会议室")["编号"] == item["id"]
    assert (item["owner"], item["due"], item["status"]) == ("张三", "2025-05-29", "in-progress")
    assert item["meeting"] is None
    assert three.quiet()


def test_an_item_added_by_hand_and_then_told_in_minutes_is_one(three: Office) -> None:
    three.add(行动项描述="订会议室", 负责人="张三")
    three.once()
    three.drop(
        "n.md",
        minutes(("订会议室", "张三", "2025-05-29", "已订"), title="另一个会", day="2025-05-20"),
    )
    three.once()
    assert three.row("订会议室")["计划完成时间"] == date(2025, 5, 29)
    assert len(three.rows()) == 4
    assert three.quiet()


def test_a_row_added_and_told_in_minutes_in_one_pass_is_one(three: Office) -> None:
    three.add(行动项描述="订会议室", 负责人="张三")
    three.drop("m.md", minutes(*THREE, ("订会议室", "张三", "2025-05-29", "已订")))
    three.once()
    assert len(three.rows()) == 4
    assert three.row("订会议室")["计划完成时间"] == date(2025, 5, 29)
    assert three.quiet()


def test_a_copied_row_becomes_an_item_of_its_own(three: Office) -> None:
    """Failure 10."""
    source = three.row("写报告")
    desk.copy_row(three.book, source["row"], 5)
    three.once()
    rows = [r for r in three.rows() if r["行动项描述"] == "写报告"]
    assert rows[0]["编号"] == source["编号"]
    assert len({r["编号"] for r in three.rows()}) == 4
    assert len(three.items()) == 4
    assert three.quiet()


def test_a_copy_pasted_above_the_original_and_edited(three: Office) -> None:
    """The row that still shows what was written keeps the link."""
    desk.insert_row(three.book, 2)
    desk.copy_row(three.book, 4, 2)  # 评估周期 now stands twice
    three.type(2, 行动项描述="评估周期（二期）", 计划完成时间=date(2025, 7, 1))
    before = three.item("评估周期")["id"]
    three.once()
    assert three.row("评估周期")["编号"] == before
    assert three.item("评估周期")["due"] == "2025-05-24"
    assert three.item("评估周期（二期）")["due"] == "2025-07-01"
    assert three.quiet()


def test_sorted_rows_change_nothing(three: Office) -> None:
    desk.sort_rows(three.book, [4, 2, 3], 2)
    told = three.board()
    assert (told["pulled"], told["updated"], told["created"], told["closed"]) == (0, 0, 0, 0)
    three.type("写报告", 备注="排序之后")
    three.once()
    assert three.item("写报告")["note"] == "排序之后"
    assert three.quiet()


def test_sorted_and_edited_between_two_passes(three: Office) -> None:
    desk.sort_rows(three.book, [4, 3, 2], 2)
    three.type("联系客户", 状态="受阻")
    three.add(行动项描述="订会议室")
    three.once()
    assert three.item("联系客户")["status"] == "blocked"
    assert len(three.items()) == 4
    assert three.quiet()


def test_a_deleted_row_closes_the_item_and_comes_not_back(three: Office) -> None:
    desk.delete_row(three.book, three.row("写报告")["row"])
    told = three.board()
    assert told["closed"] == 1
    closed = three.item("写报告")["closed"]
    assert closed["on"] == "2025-05-20"
    assert "board" in closed["why"]
    assert len(three.rows()) == 2
    assert three.quiet()
    assert "写报告" not in [i["description"] for i in three.call("items", "--json").json]
    three.drop("m.md", minutes(*THREE, ("新的一项", "张三", "2025-06-01", "有")))
    three.once()
    assert three.texts() == ["评估周期", "联系客户", "新的一项"]


def test_a_row_whose_cells_were_emptied_closes_the_item(three: Office) -> None:
    row = three.row("写报告")
    three.type(row["row"], **dict.fromkeys([h for h in row if h != "row"]))
    assert three.board()["closed"] == 1
    assert three.item("写报告")["closed"]
    assert three.texts() == ["评估周期", "联系客户"]
    assert three.quiet()


def test_findings_of_a_row_go_with_the_row(three: Office) -> None:
    """Promise 6."""
    three.type("写报告", 计划完成时间="下周五")
    three.once()
    assert "due-vague" in three.codes()
    desk.delete_row(three.book, three.row("写报告")["row"])
    three.once()
    assert three.item("写报告")["closed"]
    assert three.codes() == []


def test_a_row_that_was_deleted_by_mistake_is_put_back(three: Office) -> None:
    kept = three.book.read_bytes()
    desk.delete_row(three.book, three.row("写报告")["row"])
    three.once()
    desk.save(three.book, kept)
    three.once()
    three.type("写报告", 备注="还要做")
    three.once()
    item = three.item("写报告")
    assert item["closed"] is None
    assert "还要做" in item["note"]
    assert len(three.rows()) == 3
    assert three.quiet()


def test_all_rows_emptied_halts_and_nothing_is_lost(three: Office) -> None:
    """Failures 36 and 49."""
    kept = three.book.read_bytes()
    columns = [h for h in three.rows()[0] if h != "row"]
    for at in (2, 3, 4):
        three.type(at, **dict.fromkeys(columns))
    emptied = three.files()
    told = three.board(code=0)
    assert told["state"] == "halted"
    assert told["plan"]
    assert three.files() == emptied
    assert all(i["closed"] is None for i in three.items())
    plan = three.plan()
    assert plan["id"] == told["plan"]
    assert {c["do"] for c in plan["changes"]} == {"close"}
    assert all(c["risk"] == "high" for c in plan["changes"])
    desk.save(three.book, kept)
    assert three.board()["state"] == "ok"
    assert three.quiet()


def test_all_rows_deleted_and_one_typed_halts(three: Office) -> None:
    """Failure 36: another list was pasted over ours."""
    for _ in THREE:
        desk.delete_row(three.book, 2)
    three.add(行动项描述="手加的", 负责人="张三")
    told = three.board()
    assert told["state"] == "halted"
    assert three.texts() == ["手加的"]
    three.call("release", told["plan"])
    three.once()
    assert three.texts() == ["手加的"]
    assert sum(i["closed"] is not None for i in three.items()) == 3
    assert three.quiet()


def test_a_held_plan_goes_through_when_it_is_released(three: Office) -> None:
    for _ in range(3):
        desk.delete_row(three.book, 2)
    plan = three.board()["plan"]
    three.call("release", plan)
    assert three.board()["state"] == "ok"
    assert all(i["closed"] for i in three.items())
    assert three.quiet()


def test_a_release_is_for_that_very_plan_only(three: Office) -> None:
    """Failure 77: what it was bound to must still stand."""
    for _ in range(3):
        desk.delete_row(three.book, 2)
    plan = three.board()["plan"]
    three.call("release", plan)
    three.drop("n.md", minutes(("新的一项", "张三", "2025-06-01", "有"), title="另一个会"))
    three.once()  # the plan goes through, the new item is written
    assert three.texts() == ["新的一项"]
    desk.delete_row(three.book, three.row("新的一项")["row"])
    told = three.board()
    assert told["state"] == "halted"
    assert told["plan"] != plan


def test_six_of_ten_rows_deleted_halt_and_two_do_not(office: Office) -> None:
    office.read(*many(10))
    for _ in range(2):
        desk.delete_row(office.book, 3)
    assert office.board()["closed"] == 2
    for _ in range(6):
        desk.delete_row(office.book, 2)
    told = office.board()
    assert (told["state"], told["closed"]) == ("halted", 0)
    assert sum(i["closed"] is not None for i in office.items()) == 2


def test_ids_cleared_or_mistyped_are_written_again(three: Office) -> None:
    before = {r["行动项描述"]: r["编号"] for r in three.rows()}
    three.type("写报告", 编号=None)
    three.type("评估周期", 编号=before["评估周期"][:-1] + "?")
    three.type("联系客户", 编号="ML-12345678", 备注="同时改了备注")
    three.once()
    assert {r["行动项描述"]: r["编号"] for r in three.rows()} == before
    assert three.item("联系客户")["note"] == "同时改了备注"
    assert len(three.items()) == 3
    assert three.quiet()


def test_all_ids_cleared_are_written_again(three: Office) -> None:
    before = {r["行动项描述"]: r["编号"] for r in three.rows()}
    desk.clear_ids(three.book, "A", range(2, 5))
    desk.sort_rows(three.book, [4, 3, 2], 2)
    three.once()
    assert {r["行动项描述"]: r["编号"] for r in three.rows()} == before
    assert three.quiet()


def test_all_ids_cleared_and_an_edit_in_the_same_save(three: Office) -> None:
    """An edit counts though it came with the loss of all ids."""
    desk.clear_ids(three.book, "A", range(2, 5))
    three.type("写报告", 计划完成时间=date(2025, 6, 6), 备注="同时改了")
    three.once()
    three.once()
    item = three.item("写报告")
    assert (item["due"], item["note"]) == ("2025-06-06", "同时改了")
    assert three.row("写报告")["编号"] == item["id"]
    assert three.codes() == []
    assert three.quiet()


def test_two_ids_swapped_by_hand_are_told_and_nothing_is_lost(three: Office) -> None:
    one, two = three.row("写报告"), three.row("评估周期")
    three.type(one["row"], 编号=two["编号"])
    three.type(two["row"], 编号=one["编号"])
    three.once()
    assert sorted(three.texts()) == sorted(t[0] for t in THREE)
    assert sorted(i["description"] for i in three.items()) == sorted(t[0] for t in THREE)
    assert three.quiet()


def test_an_id_of_another_team_is_left_alone(three: Office) -> None:
    other = ids.draw("别的部", "x")
    three.add(编号=other, 行动项描述="别人的事", 负责人="张三")
    before = three.files()
    told = three.board()
    assert (told["pulled"], told["created"]) == (0, 0)
    assert three.files() == before
    assert len(three.items()) == 3


def test_an_id_in_another_spelling_is_the_id(three: Office) -> None:
    row = three.row("写报告")
    three.type(row["row"], 编号=f" {row['编号'].lower()} ", 备注="看")
    three.once()
    assert three.item("写报告")["note"] == "看"
    assert len(three.items()) == 3
    assert three.quiet()


# --- columns --------------------------------------------------------------------------------------


def _header(old: str, new: str | None) -> Any:
    def change(page: Any) -> None:
        for cell in page[1]:
            if cell.value == old:
                cell.value = new
                for table in page.tables.values():
                    for column in table.tableColumns:
                        if column.name == old:
                            column.name = new or "列1"
                if new is None:
                    cell.value = "列1"

    return change


def test_columns_moved_change_nothing(three: Office) -> None:
    desk.insert_column(three.book, "A", "我的列")
    desk.insert_column(three.book, "D", "颜色")
    told = three.board()
    assert (told["state"], told["pulled"], told["updated"]) == ("ok", 0, 0)
    three.type("写报告", 备注="移动之后", 颜色="红")
    three.once()
    assert three.item("写报告")["note"] == "移动之后"
    assert three.row("写报告")["颜色"] == "红"
    assert three.quiet()


@pytest.mark.parametrize("column", ["计划完成时间", "负责人", "行动项描述", "状态", "编号"])
def test_a_column_that_is_needed_and_renamed_stops_that_tracker(three: Office, column: str) -> None:
    """Failure 65."""
    three.edit(_header(column, "改名"))
    before = three.files()
    told = three.board(code=1)
    assert told["state"] == "failed"
    assert column in told["error"]
    assert "tracker.xlsx" in told["error"]
    assert three.files() == before
    assert all(i["closed"] is None for i in three.items())
    three.edit(_header("改名", column))
    assert three.board()["state"] == "ok"
    assert three.quiet()


def test_a_column_that_is_not_needed_and_removed_is_not_carried(three: Office) -> None:
    three.type("写报告", 备注="要紧")
    three.once()
    three.edit(_header("备注", None))
    told = three.board()
    assert told["state"] == "ok"
    assert any("备注" in f["message"] for f in told["findings"])
    assert three.item("写报告")["note"] == "要紧"
    assert three.quiet()


def test_a_column_that_is_back_empty_is_filled_again(three: Office) -> None:
    """Failure 66: a column that was not there never means that its cells were emptied."""
    three.type("写报告", 备注="要紧")
    three.once()
    three.edit(_header("备注", None))
    three.once()
    three.call("check", "--prepare")
    told = three.sheet()[0]
    if "备注" not in told:  # prepare makes only what the team file names: a person makes it
        desk.insert_column(three.book, "C", "备注")
    three.once()
    assert three.item("写报告")["note"] == "要紧"
    assert three.row("写报告")["备注"] == "要紧"
    assert three.quiet()


def test_a_column_that_is_added_later_is_filled(tmp_path: Path) -> None:
    office = Office(tmp_path, prepare=False)
    _plain(office, ["编号", "行动项描述", "负责人", "计划完成时间", "状态"])
    office.read(*THREE)
    assert office.quiet()
    office.edit(lambda page: page.cell(1, 6, "交付标准"))
    office.once()
    assert office.row("写报告")["交付标准"] == "含数据"
    assert office.quiet()


# --- what cells say -------------------------------------------------------------------------------


def test_text_that_is_no_day_changes_nothing_and_is_left_alone(three: Office) -> None:
    three.type("写报告", 计划完成时间="下周五")
    three.type("评估周期", 计划完成时间="2025年6月3日")
    three.type("联系客户", 计划完成时间="6/15")
    three.once()
    assert three.item("写报告")["due"] == "2025-05-27"
    assert three.row("写报告")["计划完成时间"] == "下周五"
    assert three.item("评估周期")["due"] == "2025-06-03"
    assert three.item("联系客户")["due"] == "2025-06-15"
    assert three.row("联系客户")["计划完成时间"] == "6/15"
    assert three.codes() == ["due-vague"]
    assert three.quiet()
    three.drop("m.md", minutes(("写报告", "张三", "2025-05-28", "含数据"), *THREE[1:]))
    three.once()
    assert three.row("写报告")["计划完成时间"] == "下周五"
    three.type("写报告", 计划完成时间=date(2025, 6, 6))
    three.once()
    assert three.item("写报告")["due"] == "2025-06-06"
    assert three.codes() == []
    assert three.quiet()


def test_a_due_day_that_was_cleared_is_cleared(three: Office) -> None:
    three.type("写报告", 计划完成时间=None)
    three.once()
    assert three.item("写报告")["due"] is None
    assert three.row("写报告")["计划完成时间"] is None
    assert three.quiet()


def test_a_cell_cleared_in_the_only_row_is_an_edit(office: Office) -> None:
    """Failure 42: a guard that cries wolf is forced."""
    office.read(THREE[0])
    office.type("写报告", 计划完成时间=None)
    assert office.board()["state"] == "ok"
    assert office.row("写报告")["行动项描述"] == "写报告"


def test_a_status_that_nobody_knows_is_left_alone(three: Office) -> None:
    three.type("写报告", 状态="飞行中")
    three.once()
    assert three.item("写报告")["status"] == "in-progress"
    assert three.row("写报告")["状态"] == "飞行中"
    assert "option-unknown" in three.codes()
    assert three.quiet()


def test_a_status_that_the_team_file_learns_is_taken_over(three: Office) -> None:
    """Promise 6: the exception clears when its cause is gone."""
    three.type("写报告", 状态="卡住了")
    three.once()
    assert "option-unknown" in three.codes()
    more = 'path = "tracker.xlsx"\n[trackers.statuses]\nblocked = ["受阻", "卡住了"]\n'
    three.configure(team_file(more))
    three.once()
    three.once()
    assert three.codes() == []
    assert three.item("写报告")["status"] == "blocked"
    assert three.row("写报告")["状态"] == "卡住了"
    assert three.quiet()


def test_a_person_that_the_team_file_does_not_know_keeps_the_name(three: Office) -> None:
    """Failure 67."""
    three.type("写报告", 负责人="外星人")
    three.once()
    assert three.item("写报告")["owner"] == "外星人"
    assert three.row("写报告")["负责人"] == "外星人"
    assert three.codes() == ["owner-unknown"]
    assert three.quiet()


def test_a_person_that_the_team_file_learns_is_known(three: Office) -> None:
    """The finding says "add the person there": done so, it is gone (promise 6)."""
    three.type("写报告", 负责人="外星人")
    three.once()
    three.configure(team_file(people={**PEOPLE, "外星人": "技术部"}))
    three.once()
    three.once()
    assert three.codes() == []
    assert three.item("写报告")["owner"] == "外星人"
    assert three.quiet()


def test_two_people_in_the_owners_place_are_a_finding(three: Office) -> None:
    """F2."""
    three.type("写报告", 负责人="张三、李四")
    three.once()
    item = three.item("写报告")
    assert (item["owner"], item["owners"]) == (None, ["张三", "李四"])
    assert three.row("写报告")["负责人"] == "张三、李四"
    assert three.codes() == ["owner-multiple"]
    three.type("写报告", 负责人="李四")
    three.once()
    assert three.item("写报告")["owner"] == "李四"
    assert three.codes() == []
    assert three.quiet()


def asked(told: Any) -> list[str]:
    """Return who is asked about findings (B3)."""
    return sorted(n["to"] for n in told["notices"] if n["rule"] == "B3")


def test_what_we_wrote_ourselves_is_no_finding_when_its_row_is_touched(office: Office) -> None:
    """B3: told of the minutes, once; an edit of another cell says nothing of the owner."""
    first = office.read(
        ("写报告", "赵六", "2025-05-27", "含数据"), ("评估周期", "张三、李四", "2025-05-24", "一页")
    )
    in_minutes = office.codes()
    for text in ("写报告", "评估周期"):
        office.type(text, 备注="开工")
    told = office.once()
    assert office.item("写报告")["note"] == office.item("评估周期")["note"] == "开工"
    assert told["trackers"][0]["findings"] == []
    assert asked(told) == asked(first) != []
    assert office.codes() == in_minutes
    office.type("写报告", 负责人="钱七")
    office.once()
    assert sorted(office.codes()) == sorted([*in_minutes, "owner-unknown"])
    office.type("写报告", 备注="快了")
    office.once()
    assert sorted(office.codes()) == sorted([*in_minutes, "owner-unknown"])
    office.type("写报告", 负责人="张三")
    office.once()
    assert office.codes() == in_minutes
    assert office.quiet()


def test_done_is_a_report_until_it_is_checked(three: Office) -> None:
    """D5."""
    three.type("写报告", 状态="已完成", 交付成果="《报告》")
    three.once()
    item = three.item("写报告")
    assert (item["status"], item["completed"], item["verified"]) == (
        "in-progress",
        "2025-05-20",
        None,
    )
    assert three.row("写报告")["状态"] == "已完成"
    assert three.quiet()
    three.call("verify", item["id"], "--now", "2025-05-21T09:00")
    three.once("2025-05-21T09:05")
    item = three.item("写报告")
    assert (item["status"], item["verified"]["on"]) == ("done", "2025-05-21")
    assert three.row("写报告")["实际完成时间"] == date(2025, 5, 20)
    assert three.quiet("2025-05-21T09:10")


def test_a_refused_completion_goes_back(three: Office) -> None:
    """D5."""
    three.type("写报告", 状态="已完成", 实际完成时间=date(2025, 5, 19))
    three.once()
    ident = three.item("写报告")["id"]
    three.call("verify", ident, "--refuse", "缺流程图", "--now", NOW)
    three.once()
    row = three.row("写报告")
    assert (row["状态"], row["实际完成时间"]) == ("进行中", None)
    assert "缺流程图" in row["备注"]
    assert three.quiet()


def test_late_is_set_once_and_a_person_stands(three: Office) -> None:
    assert three.quiet("2025-05-24T23:59")
    three.once("2025-05-25T00:01")
    assert three.row("评估周期")["状态"] == "延期"
    assert three.row("写报告")["状态"] == "进行中"
    three.type("评估周期", 状态="进行中")
    three.once("2025-05-26T09:00")
    assert three.row("评估周期")["状态"] == "进行中"
    assert three.quiet("2025-05-27T09:00")


def test_a_day_told_in_a_remark_in_the_tool_is_the_expected_one(three: Office) -> None:
    """What stops the question after the new day (D6) is what `items --json` shows."""
    three.once("2025-05-25T00:01")
    asked = three.once("2025-05-26T09:00")["notices"]
    assert [n["state"] for n in asked if n["rule"] == "D6"] == ["withdrawn", "waiting"]
    three.type("评估周期", 备注="供应商延迟，6月3日前完成")
    three.type("写报告", 备注="等数据，由李四5月28日前给出")
    told = three.once("2025-05-27T09:00")["notices"]
    assert [n["state"] for n in told if n["rule"] == "D6"] == ["withdrawn"]
    assert three.item("评估周期")["expected"] == "2025-06-03"
    assert three.item("写报告")["expected"] is None  # no new day of the item, which is not late
    three.type("写报告", 备注="预计7月1日")
    three.once("2025-05-28T09:00")
    assert three.item("写报告")["expected"] == "2025-07-01"
    three.type("写报告", 状态="已完成")
    three.type("评估周期", 备注="等材料，由李四6月3日前解决", 状态="受阻")
    three.once("2025-05-29T09:00")
    assert three.item("评估周期")["expected"] is None


def test_odd_text_comes_and_goes_unchanged(three: Office) -> None:
    odd = "=1+1\n第二行 <&> \"引号\" '单' 🚀"
    three.type("写报告", 备注=odd)
    three.once()
    assert three.item("写报告")["note"].split() == odd.split()
    three.drop("m.md", minutes(*THREE, ("=SUM(A1) 与 @所有人", "张三", "2025-06-01", "-1+2")))
    three.once()
    row = three.row("=SUM(A1) 与 @所有人")
    assert row["交付标准"] == "-1+2"
    assert three.quiet()


# --- first contact --------------------------------------------------------------------------------


def _plain(office: Office, head: list[str], *rows: list[Any]) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(head)
    for row in rows:
        page.append(row)
    book.save(office.book)


HEAD = ["编号", "行动项描述", "负责人", "计划完成时间", "状态", "备注"]


def test_rows_that_were_there_are_linked_adopted_or_told(tmp_path: Path) -> None:
    """Failure 8."""
    office = Office(tmp_path, prepare=False)
    _plain(
        office,
        HEAD,
        [None, "写报告", "张三", date(2025, 5, 27), "进行中", "原有"],
        [None, "评估周期", None, None, None, None],
        [None, "联系客户", "张三", date(2025, 5, 30), "进行中", None],  # another owner
        [None, "旧事项", "李四", None, "受阻", None],
    )
    office.read(*THREE)
    assert sorted(office.texts()) == sorted(["写报告", "评估周期", "联系客户", "旧事项"])
    assert office.row("写报告")["编号"] == office.item("写报告")["id"]
    assert office.item("写报告")["note"] == "原有"
    assert office.row("评估周期")["计划完成时间"] == date(2025, 5, 24)
    assert office.row("联系客户")["编号"] is None
    assert "match-uncertain" in office.codes()
    assert office.item("旧事项")["status"] == "blocked"
    assert office.quiet()
    office.type("联系客户", 负责人="王五")
    office.once()
    assert office.row("联系客户")["编号"] == office.item("联系客户")["id"]
    assert "match-uncertain" not in office.codes()
    assert office.quiet()


def test_many_unknown_rows_at_first_contact_wait(tmp_path: Path) -> None:
    """Failure 8: items that resemble none of them are written meanwhile."""
    office = Office(tmp_path, prepare=False)
    old = [[None, f"旧事项{n}", "李四", None, "进行中", None] for n in range(21)]
    _plain(office, HEAD, *old, [None, "写报告", "张三", None, None, None])
    told = office.read(*THREE)["trackers"][0]
    assert (told["state"], told["pulled"]) == ("halted", 3 - 3)
    assert told["plan"]
    assert len(office.items()) == 3
    assert len(office.rows()) == 24
    assert office.row("写报告")["编号"]
    assert all(r["编号"] is None for r in office.rows() if "旧" in r["行动项描述"])
    assert office.plan()["id"] == told["plan"]
    before = office.files()
    assert office.board()["plan"] == told["plan"]  # the same plan, and nothing is written
    assert office.files() == before
    office.call("release", told["plan"])
    assert office.board()["state"] == "ok"
    assert len(office.items()) == 24
    assert all(r["编号"] for r in office.rows())
    assert office.quiet()


def test_twenty_unknown_rows_do_not_wait(tmp_path: Path) -> None:
    office = Office(tmp_path, prepare=False)
    _plain(office, HEAD, *([None, f"旧事项{n}", "李四", None, "进行中", None] for n in range(20)))
    assert office.board()["state"] == "ok"
    assert len(office.items()) == 20
    assert office.quiet()


# --- what goes where ------------------------------------------------------------------------------


def test_only_what_is_wanted_goes_there_and_keeps_its_row(tmp_path: Path) -> None:
    wanted = 'path = "tracker.xlsx"\nonly = { owners = ["张三"] }'
    office = Office(tmp_path, team_file(wanted))
    office.read(*THREE)
    assert office.texts() == ["写报告"]
    office.type("写报告", 负责人="李四")
    office.once()
    assert office.item("写报告")["owner"] == "李四"
    office.type("写报告", 备注="还在这里")
    office.once()
    assert office.item("写报告")["note"] == "还在这里"
    assert office.texts() == ["写报告"]
    assert office.quiet()


def test_rows_are_not_adopted_where_that_is_off(tmp_path: Path) -> None:
    office = Office(tmp_path, team_file('path = "tracker.xlsx"\nadopt = false'))
    office.read(*THREE)
    office.add(行动项描述="订会议室", 负责人="张三")
    before = office.files()
    office.once()
    assert office.files() == before
    assert len(office.items()) == 3
    office.configure(team_file('path = "tracker.xlsx"'))
    office.once()
    office.once()
    assert len(office.items()) == 4
    assert office.row("订会议室")["编号"]


def test_sensitive_minutes_stay_out_of_trackers_that_do_not_want_them(tmp_path: Path) -> None:
    """F5."""
    office = Office(
        tmp_path, team_file('path = "tracker.xlsx"', 'path = "other.xlsx"\nsensitive = true')
    )
    office.read(*THREE, title="财务分析会")
    assert office.rows() == []
    assert len(office.rows(tmp_path / "other.xlsx")) == 3


def test_two_teams_share_a_sheet(tmp_path: Path) -> None:
    office = Office(tmp_path)
    (tmp_path / "乙").mkdir()
    other = tmp_path / "b.toml"
    other.write_text(
        team_file(team="乙组", more='[minutes]\ninbox = "乙"\narchive = "乙档"'), encoding="utf-8"
    )
    office.config.rename(tmp_path / "a.toml")
    office.config = tmp_path  # both, as a folder
    office.drop("m.md", minutes(*THREE))
    path = tmp_path / "乙" / "m.md"
    path.write_text(minutes(("写报告", "张三", "2025-06-27", "乙组的")), encoding="utf-8")
    os.utime(path, (1e9, 1e9))
    told = office.once()
    assert [(t["team"], t["created"]) for t in told["trackers"]] == [("产品部", 3), ("乙组", 1)]
    rows = office.rows()
    assert [r["行动项描述"] for r in rows] == ["写报告", "评估周期", "联系客户", "写报告"]
    assert len({r["编号"][:6] for r in rows}) == 2
    assert office.quiet()
    office.type(5, 备注="乙改")
    desk.delete_row(office.book, 3)
    office.once()
    found = {(i["team"], i["description"]): i for i in office.items()}
    assert found["乙组", "写报告"]["note"] == "乙改"
    assert found["产品部", "写报告"]["note"] is None
    assert found["产品部", "评估周期"]["closed"]
    assert office.quiet()
    office.add(行动项描述="谁的", 负责人="王五")
    office.once()
    assert [i["team"] for i in office.items() if i["description"] == "谁的"] == ["产品部"]
    assert office.quiet()


# --- the database lost ----------------------------------------------------------------------------


def test_the_database_lost_is_rebuilt_from_the_rows(three: Office) -> None:
    """Failure 6: and the same minutes again find their items."""
    three.type("写报告", 备注="记着", 计划完成时间=date(2025, 6, 3))
    three.add(行动项描述="订会议室", 负责人="张三")
    three.once()
    before = three.rows()
    known = {i["description"]: i["id"] for i in three.items()}
    three.lose_store()
    at = three.files()
    three.once()
    assert three.files() == at
    assert {i["description"]: i["id"] for i in three.items()} == known
    three.drop("m.md", minutes(*THREE))
    three.once()
    assert {i["description"]: i["id"] for i in three.items()} == known
    assert three.item("写报告")["due"] == "2025-06-03"  # a person's edit still beats the minutes
    assert three.rows() == before
    assert three.quiet()


def test_the_database_lost_and_minutes_waiting(three: Office) -> None:
    """Both in one pass: the rows come first."""
    known = {i["description"]: i["id"] for i in three.items()}
    three.lose_store()
    three.drop("m.md", minutes(*THREE))
    told = three.once()
    assert told["trackers"][0]["created"] == 0
    assert {i["description"]: i["id"] for i in three.items()} == known
    assert len(three.rows()) == 3
    assert three.quiet()


def test_an_older_database_put_back(three: Office) -> None:
    """Failure 6: what was made since is found by the ids in the rows."""
    kept = three.store.read_bytes()
    three.drop("n.md", minutes(("新的一项", "张三", "2025-06-01", "有"), title="另一个会"))
    three.type("写报告", 备注="记着")
    three.once()
    three.lose_store()
    three.store.write_bytes(kept)
    three.once()
    assert len(three.rows()) == 4
    assert len(three.items()) == 4
    assert three.item("写报告")["note"] == "记着"
    assert three.quiet()


def test_the_same_minutes_in_an_empty_place_draw_the_same_ids(tmp_path: Path) -> None:
    drawn = []
    for name in ("一", "二"):
        office = Office(tmp_path / name)
        office.read(*THREE)
        drawn.append([i["id"] for i in office.items()])
    assert sorted(drawn[0]) == sorted(drawn[1])


def test_an_older_workbook_put_back_is_no_edit(three: Office) -> None:
    """A file has no rows of its own time."""
    kept = three.book.read_bytes()
    for day in (28, 29):
        three.drop("m.md", minutes(("写报告", "张三", f"2025-05-{day}", "含数据"), *THREE[1:]))
        three.once()
    desk.save(three.book, kept)
    three.once()
    assert three.item("写报告")["due"] == "2025-05-29"
    assert three.row("写报告")["计划完成时间"] == date(2025, 5, 29)
    assert three.quiet()


REPORTED = {"状态": "已完成", "实际完成时间": date(2025, 5, 20), "交付成果": "报告.docx"}


def set_back(three: Office, was: dict[str, Any], **more: Any) -> list[str]:
    """Set the cells of a report back by hand; return the codes of what the pass found."""
    three.type("写报告", **{n: was[n] for n in REPORTED}, **more)
    three.once()
    return three.codes()


@pytest.mark.parametrize("more", [{}, {"备注": "填错行了"}], ids=["alone", "with a note"])
def test_a_report_that_its_owner_sets_back_is_no_older_copy(
    three: Office, more: dict[str, Any]
) -> None:
    """Nothing of ours was written meanwhile, so nothing of ours can be missing."""
    was = three.row("写报告")
    three.type("写报告", **REPORTED)
    three.once()
    assert three.item("写报告")["completed"] == "2025-05-20"
    assert set_back(three, was, **more) == []
    item = three.item("写报告")
    assert (item["status"], item["completed"], item["deliverable"]) == ("in-progress", None, None)
    assert three.row("写报告") == was | more
    assert three.quiet()


def test_a_verified_item_that_is_opened_again_in_its_row_is_no_older_copy(three: Office) -> None:
    was = three.row("写报告")
    three.type("写报告", **REPORTED)
    three.once()
    three.call("verify", three.item("写报告")["id"], "--now", NOW)
    three.once()
    assert set_back(three, was) == []
    assert three.item("写报告")["completed"] is None
    assert three.item("写报告")["status"] == "in-progress"
    assert three.row("写报告")["状态"] == "进行中"
    assert three.quiet()


def test_an_older_workbook_is_known_by_what_we_wrote_though_people_typed_since(
    three: Office,
) -> None:
    kept = three.book.read_bytes()
    new_days = [(text, who, "2025-06-03", what) for text, who, _, what in THREE]
    three.drop("m.md", minutes(*new_days))
    three.once()
    three.type("写报告", 备注="开工", 交付成果="草稿")
    three.once()
    desk.save(three.book, kept)
    three.type("联系客户", 备注="这份是旧的")
    three.once()
    assert {i["due"] for i in three.items()} == {"2025-06-03"}
    assert three.item("写报告")["note"] == "开工"
    assert three.item("联系客户")["note"] == "这份是旧的"
    assert three.quiet()


def test_what_was_found_in_rows_stands_while_they_do(three: Office) -> None:
    """Promise 6: told as long as its cause is there, also where a pass does not read the rows."""

    note = three.ref(2, "备注")
    three.edit(lambda page: setattr(page[note], "value", "#N/A"))
    for _ in range(3):
        three.once()
        assert three.codes() == ["unreadable"]
    three.edit(lambda page: setattr(page.sheet_view, "zoomScale", 120))  # saved again, as it was
    three.once()
    assert three.codes() == ["unreadable"]
    three.edit(lambda page: setattr(page[note], "value", "等对方回复"))
    three.once()
    assert three.codes() == []


# --- what is told ---------------------------------------------------------------------------------


def test_plan_changes_nothing_on_the_disk(three: Office) -> None:
    """Failure 78: hashes and times of every file, the database's too."""
    three.type("写报告", 备注="看")
    three.add(行动项描述="订会议室")
    desk.delete_row(three.book, three.row("联系客户")["row"])
    three.drop("n.md", minutes(("新的一项", "张三", "2025-06-01", "有"), title="另一个会"))
    three.drop("扫描件.pdf", b"%PDF-1.4 ...")
    before = three.everything()
    told = three.plan()
    assert three.everything() == before
    assert {(c["where"], c["do"]) for c in told["changes"]} >= {
        ("board", "update"),
        ("board", "adopt"),
        ("board", "close"),
        ("board", "create"),
    }
    assert three.plan() == told
    assert three.everything() == before
    done = three.board()
    assert (done["created"], done["closed"]) == (1, 1)
    assert three.plan()["changes"] == []


def test_plan_without_a_database_makes_none(office: Office) -> None:
    office.lose_store()
    office.drop("m.md", minutes(*THREE))
    before = office.everything()
    told = office.plan()
    assert sum(c["do"] == "create" and c["where"] == "board" for c in told["changes"]) == 3
    assert office.everything() == before


def test_what_only_shows_changes_nothing_on_the_disk(three: Office) -> None:
    before = three.everything()
    three.items()
    three.status()
    three.history(three.item("写报告")["id"])
    assert three.everything() == before


NOTICE = {"team", "rule", "to", "about", "channel", "state", "error"}
PASS = {"now", "documents", "trackers", "notices"}
DOCUMENT = {"team", "file", "state", "items", "findings", "error"}
TRACKER = {
    *("team", "name", "kind", "state", "created", "updated", "closed", "pulled", "conflicts"),
    *("calls", "findings", "plan", "error"),
}
CHANGE = {"team", "where", "do", "item", "row", "risk", "fields"}
ITEM = {
    *("id", "team", "description", "owner", "owners", "department", "support", "due", "due_text"),
    *("expected", "acceptance", "status", "completed", "deliverable", "note", "carried"),
    *("meeting", "verified", "closed", "rows"),
}


def test_the_json_has_the_shapes_that_scripts_rely_on(three: Office) -> None:
    three.type("写报告", 计划完成时间=date(2025, 6, 3), 负责人="外星人")
    three.drop("n.md", minutes(("新的一项", "张三", "2025-06-01", "有"), title="另一个会"))
    plan = three.plan()
    assert {"id", "changes", "notices"} <= set(plan)
    assert all(set(c) == CHANGE for c in plan["changes"])
    for change in plan["changes"]:
        assert change["do"] in {"create", "update", "close", "adopt", "link"}
        assert change["risk"] in {"low", "high"}
        assert change["team"] == "产品部"
        assert all(set(f) == {"from", "to", "why"} for f in change["fields"].values())
    (due,) = [c["fields"]["due"] for c in plan["changes"] if c["do"] == "update"]
    assert (due["from"], due["to"]) == ("2025-05-27", "2025-06-03")
    assert "board" in due["why"]
    told = three.once()
    assert set(told) >= PASS
    assert told["now"] == "2025-05-20T09:00:00+08:00"
    assert all(set(d) == DOCUMENT for d in told["documents"])
    assert all(set(t) == TRACKER for t in told["trackers"])
    (finding,) = told["trackers"][0]["findings"]
    assert set(finding) == {"code", "row", "message"}
    assert finding["row"].endswith("!2")
    assert all(set(n) == NOTICE for n in told["notices"])
    assert {n["rule"] for n in told["notices"]} == {"B3", "C3"}
    for item in three.items():
        assert set(item) == ITEM
        assert set(item["meeting"]) == {"id", "title", "start"}
        assert set(item["rows"]["board"]) == {"id", "link"}


def test_standard_output_is_json_alone_in_utf8(three: Office) -> None:
    """As a process, in a locale that is not UTF-8; standard error has the log."""
    three.drop("n.md", minutes(("新的一项", "张三", "2025-06-01", "有"), title="另一个会"))
    plain = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    done = process(three.folder, "once", "--json", "--now", NOW, env=plain)
    assert done.returncode == 0
    assert '"产品部"' in done.stdout
    assert len(done.stdout.splitlines()) == 1
    assert "read" in done.stderr


def test_now_may_run_backwards(three: Office) -> None:
    three.type("写报告", 备注="前")
    three.once("2025-06-20T09:00")
    assert three.row("写报告")["状态"] == "延期"
    three.type("写报告", 备注="后")
    three.once("2024-01-01T09:00+00:00")
    log = three.history(three.item("写报告")["id"])
    notes = [c["to"] for c in log if c["field"] == "note"]
    assert notes == ["前", "后"]
    assert three.row("写报告")["状态"] == "延期"  # never taken back
    assert three.quiet("2024-01-01T09:00")


def test_now_without_a_zone_is_the_teams(office: Office) -> None:
    office.configure(team_file(more='timezone = "America/New_York"'))
    told = office.once("2025-05-20T23:30")
    assert told["now"] == "2025-05-20T23:30:00-04:00"
    told = office.once("2025-05-20T23:30+08:00")
    assert told["now"] == "2025-05-20T11:30:00-04:00"


def test_the_exit_codes(three: Office, tmp_path: Path) -> None:
    assert three.call("once", "--now", "gestern", code=None).code == 2
    assert three.call("once", "--bogus", code=None).code == 2
    assert three.call("items", "--status", "bogus", code=None).code == 2
    assert three.call("release", "P-0000000000", code=None).code == 2
    assert three.call("history", "ML-000000000", code=None).code == 2
    three.type("写报告", 计划完成时间="下周五")
    assert three.call("once", "--now", NOW, code=None).code == 0  # findings
    three.drop("a.pdf", b"%PDF")
    assert three.call("once", "--now", NOW, code=None).code == 0  # a refused file
    lock = three.folder / "~$tracker.xlsx"
    lock.write_bytes(b"\x06me" + b" " * 52)
    three.drop("n.md", minutes(("新的一项", "张三", "2025-06-01", "有"), title="另一个会"))
    told = three.board(code=0)
    assert told["state"] == "paused"  # a workbook that is open
    assert "tracker.xlsx 正打开着" in told["error"]
    lock.unlink()
    for _ in range(4):
        desk.delete_row(three.book, 2)
    assert three.board(code=0)["state"] in {"ok", "halted"}
    three.book.unlink()
    assert three.call("plan", "--json", "--now", NOW, code=None).code == 1
    assert three.call("once", "--json", "--now", NOW, code=None).code == 1
    three.config.write_text("team = 3", encoding="utf-8")
    assert three.call("once", code=None).code == 2
    assert three.call("plan", code=None).code == 2


def test_a_workbook_that_is_open_is_read_and_written_once_it_is_closed(three: Office) -> None:
    """Failure 69."""
    lock = three.folder / "~$tracker.xlsx"
    lock.write_bytes(b"\x06me" + b" " * 52)
    three.type("写报告", 备注="开着改的")
    three.add(行动项描述="开着加的", 负责人="张三")
    three.drop("m.md", minutes(("写报告", "张三", "2025-05-28", "含数据"), *THREE[1:]))
    before = three.files()
    told = three.board()
    assert told["state"] == "paused"
    changed = {
        k for k in before.keys() | three.files().keys() if before.get(k) != three.files().get(k)
    }
    assert "tracker.xlsx" not in changed
    assert three.item("写报告")["note"] == "开着改的"
    assert len(three.items()) == 4
    three.once()
    assert len(three.items()) == 4
    lock.unlink()
    three.once()
    assert three.row("写报告")["计划完成时间"] == date(2025, 5, 28)
    assert three.row("开着加的")["编号"] == three.item("开着加的")["id"]
    assert three.quiet()


def test_many_passes_with_edits_on_all_sides_stay_one_row_each(office: Office) -> None:
    """A long run of ordinary days, by a fixed seed."""
    dice = random.Random(7)
    rows = [list(r) for r in many(8)]
    office.drop("m.md", minutes(*rows))
    office.once()
    for n in range(12):
        at = dice.choice(office.rows())["row"]
        step = dice.randrange(6)
        if step == 0:
            office.type(at, 备注=f"备注{n}")
        elif step == 1:
            office.type(at, 计划完成时间=date(2025, 6, 1) + timedelta(days=n))
        elif step == 2:
            office.add(行动项描述=f"手加{chr(0x5000 + 30 * n)}", 负责人="张三")
        elif step == 3:
            order = [r["row"] for r in office.rows()]
            dice.shuffle(order)
            desk.sort_rows(office.book, order, 2)
        elif step == 4:
            dice.choice(rows)[3] = f"标准{n}"
            office.drop("m.md", minutes(*rows))
        else:
            desk.copy_row(office.book, at, office.rows()[-1]["row"] + 1)
        office.once()
        found = [r["编号"] for r in office.rows()]
        assert len(found) == len(set(found)) == len(office.items())
    assert office.quiet()
