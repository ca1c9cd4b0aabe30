"""Notices from a team's folder to a mailbox and a group, over real SMTP and HTTP (D2-D6, F3, C3)."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fakes.mailbox import Mailbox
from fakes.office import Office, minutes, team_file
from fakes.robots import FakeDingtalk

from minuteloop.channels.smtp import Smtp
from minuteloop.clock import SystemClock

PEOPLE = "\n".join(
    f'[[people]]\nname = "{name}"\ndepartment = "{unit}"\nemail = "{mail}@example.com"'
    for name, unit, mail in (
        ("张三", "技术部", "zhang"),
        ("李四", "技术部", "li"),
        ("王五", "客服部", "wang"),
    )
)
HEADS = '[[departments]]\nname = "技术部"\nhead = "李四"\n[[departments]]\nname = "客服部"\nhead = "王五"'
TWO = (("写报告", "张三", "2025-05-27", "含数据"), ("联系客户", "王五", "2025-06-30", "有记录"))


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox().running() as running:
        yield running


def mail(port: int, *, sends: str = "") -> str:
    return (
        f'[[channels]]\nname = "mail"\nkind = "smtp"\nhost = "127.0.0.1"\nport = {port}\n'
        f'security = "none"\nsender = "robot@example.com"\n{sends}\n'
    )


def office(folder: Path, *channels: str, more: str = "") -> Office:
    head = team_file(people={}, more=more)
    return Office(folder, "\n".join([head, PEOPLE, HEADS, *channels]))


@pytest.fixture
def desk(tmp_path: Path, mailbox: Mailbox) -> Office:
    """A team with a mailbox whose minutes were read and told of."""
    made = office(tmp_path, mail(mailbox.port))
    made.read(*TWO)
    mailbox.read.clear()
    return made


def told(report: Any, state: str = "sent") -> list[tuple[str, str, int]]:
    return sorted(
        (n["rule"], n["to"][0], len(n["about"])) for n in report["notices"] if n["state"] == state
    )


def test_minutes_are_distributed_with_the_handbook_s_sentence_c3(
    tmp_path: Path, mailbox: Mailbox
) -> None:
    made = office(tmp_path, mail(mailbox.port))
    report = made.read(*TWO, extra="**参会人：** 张三、李四\n\n")
    assert told(report) == [("C3", "张三", 2), ("C3", "李四", 2), ("C3", "王五", 2)]
    assert sorted(m.to for m in mailbox.read) == [
        f"{n}@example.com" for n in ("li", "wang", "zhang")
    ]
    text = mailbox.read[0].parsed.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "请查收会议纪要" in text
    assert "写报告" in text
    assert made.once()["notices"] == []


def test_a_fortnight_of_an_item_that_nobody_touches(desk: Office, mailbox: Mailbox) -> None:
    heard = {}
    for day in ("24", "25", "26", "27", "28", "29", "30"):
        heard[day] = told(desk.once(f"2025-05-{day}T10:00"))
        assert told(desk.once(f"2025-05-{day}T15:00")) == []
    assert heard == {
        "24": [],
        "25": [("D2", "张三", 1)],
        "26": [("D3", "李四", 1), ("D3", "王五", 1)],
        "27": [("D2", "张三", 1)],
        "28": [("D6", "张三", 1)],
        "29": [("D6", "张三", 1)],
        "30": [("D6", "张三", 1)],
    }
    assert told(desk.once("2025-06-04T10:00")) == [
        ("D3", "李四", 1),
        ("D3", "王五", 1),
        ("D6", "张三", 1),
        ("F3", "李四", 1),
    ]
    assert desk.row("写报告")["状态"] == "延期"
    assert len({m.parsed["Message-ID"] for m in mailbox.read}) == len(mailbox.read)


def test_several_to_one_person_are_one_message(desk: Office, mailbox: Mailbox) -> None:
    desk.once("2025-06-04T10:00")
    assert sorted(m.to for m in mailbox.read) == [
        "li@example.com",
        "wang@example.com",
        "zhang@example.com",
    ]


def test_a_completion_is_checked_refused_and_done_d5(desk: Office, mailbox: Mailbox) -> None:
    desk.type("写报告", 实际完成时间="2025-05-26", 交付成果="报告")
    assert ("D5", "李四", 1) in told(desk.once("2025-05-26T10:00"))  # the host
    key = desk.item("写报告")["id"]
    desk.call("verify", key, "--refuse", "缺少附件", "--now", "2025-05-26T11:00")
    desk.once("2025-05-26T11:05")
    text = mailbox.read[-1].parsed.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "缺少附件" in text
    assert mailbox.read[-1].to == "zhang@example.com"
    desk.type("写报告", 实际完成时间="2025-05-26")
    assert told(desk.once("2025-05-26T12:00")) == [("D5", "李四", 1)]
    desk.call("verify", key, "--now", "2025-05-26T13:00")
    assert told(desk.once("2025-05-26T13:05")) == []
    assert desk.row("写报告")["状态"] == "已完成"
    assert told(desk.once("2025-05-27T10:00")) == []


def test_a_channel_that_is_down_keeps_the_notice_and_the_others_carry_it(
    tmp_path: Path, mailbox: Mailbox
) -> None:
    robot = FakeDingtalk(SystemClock(ZoneInfo("UTC")))
    group = f'[[channels]]\nname = "group"\nkind = "dingtalk"\nurl = "{robot.url}"\nsends = ["reminder"]'
    made = office(tmp_path, mail(mailbox.port), group)
    made.read(*TWO)
    mailbox.refuse["MAIL"] = "451 try later"
    report = made.once("2025-05-25T10:00", code=1)
    assert told(report, "failed") == [("D2", "张三", 1)]
    assert told(report) == [("D2", "张三", 1)]
    assert len(robot.seen) == 1
    failed = next(n for n in report["notices"] if n["state"] == "failed")
    assert failed["channel"] == "mail"
    assert failed["error"]
    state = {c["name"]: c["state"] for c in made.status()["channels"]}
    assert state == {"mail": "failed", "group": "ok"}
    (line,) = [x for x in made.call("check").out.splitlines() if "not taken" in x]
    assert "channel mail" in line
    mailbox.refuse.clear()
    assert told(made.once("2025-05-25T10:00:30"), "failed") == [("D2", "张三", 1)]  # not yet
    assert told(made.once("2025-05-25T10:05")) == [("D2", "张三", 1)]
    assert len(robot.seen) == 1


def test_who_has_no_address_is_named_once(tmp_path: Path, mailbox: Mailbox) -> None:
    made = office(tmp_path, mail(mailbox.port), more='[[people]]\nname = "赵六"')
    made.read(("写报告", "赵六", "2025-05-27", "含数据"))
    report = made.once("2025-05-25T10:00")
    assert {n["error"] for n in report["notices"] if n["to"] == ["赵六"]} == {
        "赵六 没有 email，请加上"
    }


def test_nobody_passed_over_an_alert_that_was_not_sent_f3(tmp_path: Path, mailbox: Mailbox) -> None:
    """Nothing ran for days, then no mail left: the first alert that does is the head's alone."""
    made = office(tmp_path, mail(mailbox.port), more='[rules]\nraise_to = "王五"')
    made.read(*TWO)
    mailbox.refuse["MAIL"] = "451 try later"
    made.once("2025-06-10T10:00", code=1)
    mailbox.refuse.clear()
    days = ("11T10", "11T15", "13T10", "16T10")  # the 16th is the third working day after the 11th
    all_heard = {day: told(made.once(f"2025-06-{day}:00")) for day in days}
    heard = {day: [to for rule, to, _ in all_heard[day] if rule == "F3"] for day in days}
    assert heard == {"11T10": ["李四"], "11T15": [], "13T10": [], "16T10": ["李四", "王五"]}


@pytest.mark.parametrize(
    ("place", "answer"),
    [("RCPT", "554 5.7.1 relay access denied"), (".", "554 5.7.1 rejected"), (".", "452 later")],
)
def test_a_channel_that_refuses_every_person_has_failed(
    desk: Office, mailbox: Mailbox, place: str, answer: str
) -> None:
    mailbox.refuse[place] = answer
    report = desk.once("2025-06-04T10:00", code=1)
    assert {to for _, to, _ in told(report, "failed")} == {"张三", "李四", "王五"}  # all are tried
    mailbox.refuse.clear()
    mailbox.refuse["rcpt TO:<li@example.com>"] = answer
    report = desk.once("2025-06-04T10:05")  # one mailbox is no fault of the channel
    assert {to for _, to, _ in told(report)} == {"张三", "王五"}


def test_a_reason_that_goes_while_a_channel_is_down_is_withdrawn(
    desk: Office, mailbox: Mailbox
) -> None:
    mailbox.refuse["MAIL"] = "451 try later"
    desk.once("2025-05-25T10:00", code=1)
    mailbox.refuse.clear()
    desk.type("写报告", 计划完成时间="2025-06-30")
    report = desk.once("2025-05-25T12:00")
    assert told(report, "withdrawn") == [("D2", "张三", 1)]
    assert mailbox.read == []


@pytest.mark.parametrize("lost", [True, False])
def test_killed_on_the_wire_it_goes_again_under_the_same_id_86(
    desk: Office, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, *, lost: bool
) -> None:
    send = Smtp.send

    def dies(self: Smtp, message: Any) -> None:
        if lost:
            send(self, message)
        raise KeyboardInterrupt

    monkeypatch.setattr(Smtp, "send", dies)
    desk.call("once", "--now", "2025-05-25T10:00", code=130)
    monkeypatch.undo()
    assert told(desk.once("2025-05-25T10:01")) == [("D2", "张三", 1)]
    assert told(desk.once("2025-05-25T10:02")) == []
    assert len({m.parsed["Message-ID"] for m in mailbox.read}) == 1
    assert len(mailbox.read) == 1 + lost


def test_a_robot_s_lost_answer_is_not_sent_twice(tmp_path: Path) -> None:
    robot = FakeDingtalk(SystemClock(ZoneInfo("UTC")))
    group = f'[[channels]]\nname = "group"\nkind = "dingtalk"\nurl = "{robot.url}"'
    made = office(tmp_path, group)
    made.read(*TWO)
    before = len(robot.seen)
    robot.fail("reset", after=True)
    assert told(made.once("2025-05-25T10:00", code=1), "unknown") == [("D2", "张三", 1)]
    assert told(made.once("2025-05-25T12:00")) == []
    assert len(robot.seen) == before + 1


def test_a_database_that_is_restored_or_lost_tells_nothing_twice(
    desk: Office, mailbox: Mailbox
) -> None:
    backup = desk.store.read_bytes()
    desk.once("2025-05-25T10:00")
    sent = len(mailbox.read)
    assert sent == 1
    for beside in desk.folder.glob("minuteloop.db-*"):
        beside.unlink()
    desk.store.write_bytes(backup)
    assert told(desk.once("2025-05-25T11:00")) == []
    for file in desk.folder.glob("minuteloop.db*"):
        file.unlink()
    assert told(desk.once("2025-05-25T12:00")) == []
    assert len(mailbox.read) == sent


@pytest.mark.parametrize("approval", [False, True])
def test_minutes_dropped_again_after_a_lost_database_are_not_late_c1(
    tmp_path: Path, mailbox: Mailbox, *, approval: bool
) -> None:
    more = '[minutes]\napproval = "host"' if approval else ""
    desk = office(tmp_path, mail(mailbox.port), more=more)
    in_time, late = (minutes(*TWO, title=title) for title in ("产品周会", "质量周会"))
    for name, text, now in (("a.md", in_time, "19T15:00"), ("b.md", late, "20T15:00")):
        desk.drop(name, text)
        desk.once(f"2025-05-{now}")
        if approval:
            desk.call("approve", name, "--now", f"2025-05-{now}")
            desk.once(f"2025-05-{now}")
    assert desk.codes() == ["minutes-late"]
    for file in desk.folder.glob("minuteloop.db*"):
        file.unlink()
    mailbox.read.clear()
    for name, text in (("a.md", in_time), ("b.md", late), ("c.md", minutes(title="新会"))):
        desk.drop(name, text)
    desk.once("2025-05-22T09:00")
    if approval:
        for name in ("a.md", "b.md", "c.md"):
            desk.call("approve", name, "--now", "2025-05-22T09:00")
        desk.once("2025-05-22T09:10")
    heard = [m.parsed.get_body(("plain",)).get_content() for m in mailbox.read]  # type: ignore[union-attr]
    late_ones = [line for text in heard for line in text.splitlines() if "纪要交晚了" in line]
    assert late_ones == ["纪要交晚了：新会"]
    assert desk.codes().count("minutes-late") == 2  # b.md was, c.md is


def test_late_minutes_that_an_agenda_announced_stay_late_after_a_lost_database_c1(
    tmp_path: Path, mailbox: Mailbox
) -> None:
    """C1: by its key, agenda and minutes are of one meeting, also where the agenda is unknown."""
    desk = office(tmp_path, mail(mailbox.port))
    agenda = minutes(title="质量评审会议程").partition("## ")[0]
    topics = "| 议题 | 议题说明 | 预计时长 | 汇报人 |\n| --- | --- | --- | --- |\n| 缺陷 | 趋势 | 20分钟 | 张三 |\n"
    desk.drop("a.md", agenda + topics)
    desk.once("2025-05-16T09:00")
    text = minutes(*TWO, title="质量评审会纪要")
    desk.drop("b.md", text)
    told = desk.once("2025-05-20T15:00")
    assert [n["to"] for n in told["notices"] if n["rule"] == "C1"]
    for file in desk.folder.glob("minuteloop.db*"):
        file.unlink()
    desk.drop("b.md", text)
    told = desk.once("2025-05-22T09:00")
    assert desk.codes() == ["minutes-late"]
    assert [n for n in told["notices"] if n["rule"] == "C1" and n["state"] == "sent"] == []


def test_nothing_is_escalated_on_stale_data_88(desk: Office, mailbox: Mailbox) -> None:
    desk.once("2025-06-02T09:00")
    desk.book.rename(desk.book.with_suffix(".away"))
    report = desk.once("2025-06-04T10:00", code=None)
    assert ("F3", "李四", 1) not in told(report)
    assert ("D6", "张三", 1) not in told(report)
    desk.book.with_suffix(".away").rename(desk.book)
    report = desk.once("2025-06-04T11:00")
    assert {("F3", "李四", 1), ("D6", "张三", 1)} <= set(told(report))


def test_quiet_hours_hold_back_what_is_due(tmp_path: Path, mailbox: Mailbox) -> None:
    made = office(tmp_path, mail(mailbox.port), more='[rules]\nquiet_hours = "21:00-08:30"')
    made.read(*TWO)
    assert told(made.once("2025-05-25T07:00"), "waiting") == [("D2", "张三", 1)]
    assert told(made.once("2025-05-25T08:30")) == [("D2", "张三", 1)]


def test_who_has_no_address_is_named_and_hears_it_once_there_is_one(
    tmp_path: Path, mailbox: Mailbox
) -> None:
    made = office(tmp_path, mail(mailbox.port))
    text = made.config.read_text("utf-8")
    made.configure(text.replace('email = "zhang@example.com"', ""))
    report = made.read(*TWO, extra="**参会人：** 张三\n\n")
    (waiting,) = [n for n in report["notices"] if n["state"] == "waiting"]
    assert waiting["to"] == ["张三"]
    assert "张三" in waiting["error"]
    made.configure(text)
    assert told(made.once()) == [("C3", "张三", 2)]


def test_sensitive_minutes_reach_persons_only_f5(tmp_path: Path, mailbox: Mailbox) -> None:
    robot = FakeDingtalk(SystemClock(ZoneInfo("UTC")))
    group = f'[[channels]]\nname = "group"\nkind = "dingtalk"\nurl = "{robot.url}"'
    made = office(tmp_path, mail(mailbox.port), group)
    report = made.read(*TWO, title="财务周会", extra="**参会人：** 张三\n\n")
    heard = {(n["to"][0], n["channel"]) for n in report["notices"] if n["rule"] == "C3"}
    assert heard == {("张三", "mail"), ("李四", "mail")}  # the attendee and the host
    made.once("2025-06-04T10:00")
    assert robot.seen == []
    assert not [m for m in mailbox.read if m.to == "wang@example.com"]


def test_a_rule_that_is_not_wanted_is_off(tmp_path: Path, mailbox: Mailbox) -> None:
    made = office(tmp_path, mail(mailbox.port), more='[rules]\noff = ["C3", "D2"]')
    made.read(*TWO)
    assert told(made.once("2025-05-25T10:00")) == []


def test_a_finding_whose_rule_is_off_is_neither_made_nor_asked_for(
    tmp_path: Path, mailbox: Mailbox
) -> None:
    made = office(tmp_path, mail(mailbox.port), more='[rules]\noff = ["F1"]')
    report = made.read(("写报告", "张三", "尽快", "含数据"))
    assert "due-vague" not in made.codes()
    assert "B3" not in {n["rule"] for n in report["notices"]}
    assert made.item("写报告")["due"] is None


def test_plan_and_forecast_send_nothing(desk: Office, mailbox: Mailbox) -> None:
    (planned,) = desk.plan("2025-05-25T10:00")["notices"]
    assert (planned["rule"], planned["state"]) == ("D2", "planned")
    ahead = desk.call("forecast", "--days", "8", "--now", "2025-05-24T10:00", "--json").json
    assert [(n["at"][:10], n["rule"]) for n in ahead if n["to"] == ["张三"]] == [
        ("2025-05-25", "D2"),
        ("2025-05-27", "D2"),
        ("2025-05-28", "D6"),
        ("2025-05-29", "D6"),
        ("2025-05-30", "D6"),
    ]
    assert mailbox.read == []


def test_a_pass_and_a_plan_say_who_hears_what(desk: Office, tmp_path: Path) -> None:
    planned = desk.call("plan", "--now", "2025-05-26T10:00").out
    key = desk.item("写报告")["id"]
    assert f"! D2 to 张三 by mail: {key}\n" in planned
    sent = desk.call("once", "--now", "2025-05-26T10:00").out
    assert "  D3 to 王五, 李四: sent by mail\n" in sent
    (alone := tmp_path / "alone").mkdir()
    without = office(alone)
    without.read(*TWO)
    line = "  3 notices wait, no channel carries them: C3, D2\n"
    assert line in without.call("once", "--now", "2025-05-25T10:00").out


def test_a_mail_that_is_refused_is_told_once_and_again_when_the_reason_is_another(
    desk: Office, mailbox: Mailbox
) -> None:
    def told(at: str) -> int:
        now = f"2025-05-25T{at}"
        return desk.call("once", "--now", now, code=None).err.count("WARNING not sent")

    mailbox.refuse["RCPT"] = "452 mailbox full"
    assert [told(at) for at in ("10:00", "10:05", "10:30")] == [1, 0, 0]
    mailbox.refuse["RCPT"] = "550 no such mailbox"
    assert [told(at) for at in ("12:00", "15:00")] == [1, 0]
    mailbox.refuse.clear()
    desk.call("once", "--now", "2025-05-25T18:00")
    assert len(mailbox.read) == 1


def test_late_is_not_set_on_stale_data(desk: Office) -> None:
    """Who moved the day in time is not late for the days in which nobody could read it."""
    desk.type("写报告", 计划完成时间="2025-06-10")
    saved = desk.book.read_bytes()
    desk.book.write_bytes(b"x")
    for day in ("28", "29"):
        desk.once(f"2025-05-{day}T10:00", code=1)
    assert desk.item("写报告")["status"] == "in-progress"
    desk.book.write_bytes(saved)
    desk.once("2025-05-30T10:00")
    assert desk.row("写报告")["状态"] == "进行中"
    assert desk.item("写报告")["due"] == "2025-06-10"


def test_a_status_that_a_person_sets_after_the_day_stands_though_the_day_was_moved(
    desk: Office,
) -> None:
    desk.once("2025-05-28T10:00")
    assert desk.row("写报告")["状态"] == "延期"
    desk.type("写报告", 计划完成时间="2025-06-03")
    desk.once("2025-05-28T11:00")
    desk.once("2025-06-04T10:00")  # the new day has passed, and the row says so already
    desk.type("写报告", 状态="进行中")
    desk.once("2025-06-05T10:00")
    assert desk.row("写报告")["状态"] == "进行中"
    assert desk.item("写报告")["status"] == "in-progress"


def test_an_agenda_of_ours_is_not_taken_for_the_minutes(desk: Office, mailbox: Mailbox) -> None:
    """A3, C1: dropped before the meeting it says nothing new, and the minutes are still missing."""
    text = "## 下次会议安排\n\n时间：2025-05-26 10:00\n\n"
    desk.read(*TWO, extra=text)
    mailbox.read.clear()
    at = "2025-05-23T10:00"
    file = desk.inbox / "议程.docx"
    desk.call("agenda", "--meeting", "产品周会", "--docx", str(file), "--now", at)
    os.utime(file, (1e9, 1e9))
    assert ("C3", "李四", 2) not in told(desk.once(at))
    assert {r for r, _, _ in told(desk.once("2025-05-27T17:00"))} >= {"C1"}
    report = desk.read(*TWO, day="2025-05-26", now="2025-05-27T18:00")
    assert ("C3", "李四", 2) in told(report)
    assert "item-gone" not in desk.codes()
