"""``check``: what is said of a team that cannot work, and what --prepare makes.

Once as a process; the rest calls the command itself, which takes a tenth of the time.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from contract.channel_harnesses import HARNESSES
from fakes.mailbox import Mailbox
from fakes.robots import FakeDingtalk, FakeWecom

from mapping.values import Severity
from minuteloop import workdays
from minuteloop.clock import SystemClock
from minuteloop.commands import check
from minuteloop.config import load

TEAM = """
team = "产品部"
{more}
[[people]]
name = "张三"
email = "zhangsan@example.com"
department = "技术部"
[[departments]]
name = "技术部"
head = "张三"
[[trackers]]
name = "board"
kind = "excel"
path = "board.xlsx"
"""


def run(*args: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "minuteloop", *map(str, args)]
    return subprocess.run(  # noqa: PLW1510  # the tests look at the exit code
        command, cwd=cwd, capture_output=True, encoding="utf-8", timeout=60
    )


Look = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def look(folder: Path, capsys: pytest.CaptureFixture[str]) -> Look:
    def run(*, prepare: bool = False, send_test: bool = False) -> subprocess.CompletedProcess[str]:
        file = folder / "minuteloop.toml"
        code = check.run(file, prepare=prepare, send_test=send_test)
        told = capsys.readouterr()
        return subprocess.CompletedProcess([], code, told.out, told.err)

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path)
    return tmp_path


def write(folder: Path, more: str = "", extra: str = "") -> None:
    text = TEAM.format(more=more) + extra
    (folder / "minuteloop.toml").write_text(text, encoding="utf-8")


def told(done: subprocess.CompletedProcess[str], severity: str) -> list[str]:
    """Return the lines of a severity, but for the calendar's: it depends on the day of the test."""
    lines = done.stdout.splitlines()
    return [line for line in lines if line.startswith(severity) and ": calendar: " not in line]


def test_a_missing_workbook_is_an_error_that_prepare_mends(folder: Path) -> None:
    done = run("check", cwd=folder)
    assert done.returncode == 1
    (error,) = told(done, "error")
    assert "产品部: tracker board: " in error
    assert "board.xlsx" in error
    assert "check --prepare" in error
    warning, _ = told(done, "warning")
    assert f"inbox: there is no {folder / 'inbox'}" in warning
    assert sorted(path.name for path in folder.iterdir()) == ["minuteloop.toml"]  # only looked at

    made = run("check", "--prepare", cwd=folder)
    assert (made.returncode, made.stderr) == (0, "")
    assert (folder / "board.xlsx").is_file()
    assert (folder / "inbox").is_dir()
    before = (folder / "board.xlsx").read_bytes()

    again = run("check", "--prepare", cwd=folder)
    assert again.returncode == 0
    assert told(again, "error") == []
    (warning,) = told(again, "warning")
    assert "channels: there are none" in warning
    assert (folder / "board.xlsx").read_bytes() == before


def test_warnings_leave_the_exit_code_alone(folder: Path, look: Look) -> None:
    look(prepare=True)
    more = '[[people]]\nname = "李四"\naliases = ["張三"]\ndepartment = "市场部"\n'
    more += '[[people]]\nname = "王五"\nemail = "ZhangSan@example.com"\n[[departments]]\nname = "财务部"\n'
    write(folder, extra=more)
    done = look()
    assert done.returncode == 0
    warnings = "\n".join(told(done, "warning"))
    for text in (
        "张三 and 李四 share a name",
        "张三 and 王五 share a name",
        "市场部 has people but no [[departments]]",
        "财务部 has no head",
        "no e-mail for 李四",
    ):
        assert text in warnings


def test_a_file_where_a_folder_should_be_is_an_error(folder: Path, look: Look) -> None:
    look(prepare=True)
    (folder / "archive").write_text("in the way", encoding="utf-8")
    done = look()
    assert done.returncode == 1
    assert f"archive: {folder / 'archive'} cannot be written" in told(done, "error")[0]


def test_a_file_that_is_no_database_is_an_error(folder: Path, look: Look) -> None:
    look(prepare=True)
    (folder / "minuteloop.db").write_bytes(b"not a database, " * 300)
    done = look()
    assert done.returncode == 1
    assert "产品部: store: " in told(done, "error")[0]


def test_a_workbook_that_is_none_is_an_error_of_that_tracker_alone(
    folder: Path, look: Look
) -> None:
    look(prepare=True)
    write(folder, extra='[[trackers]]\nname = "other"\nkind = "excel"\npath = "other.xlsx"\n')
    (folder / "other.xlsx").write_bytes(b"no workbook at all")
    done = look()
    assert "tracker board: excel, columns " in "\n".join(told(done, "ok"))
    assert "tracker other: " in "\n".join(told(done, "error") + told(done, "warning"))


def test_a_column_that_the_file_names_must_be_there(folder: Path, look: Look) -> None:
    look(prepare=True)
    write(folder, extra='[trackers.fields]\nnote = "进展说明"\n')
    done = look()
    assert done.returncode == 1
    assert "进展说明" in told(done, "error")[0]
    assert look(prepare=True).returncode == 0
    assert look().returncode == 0


def test_holidays_that_run_out_are_a_warning(folder: Path) -> None:
    write(folder, more='workdays = "days.toml"')
    (folder / "days.toml").write_text("holidays = [2099-01-01]", encoding="utf-8")
    team = load(folder / "minuteloop.toml").teams[0]
    assert [line.severity for line in check._calendar(team, date(2024, 5, 20))] == [None]
    known = workdays.coverage_ends(workdays.load("CN"))
    assert known
    (line,) = check._calendar(team, date(2031, 12, 1))
    assert line.severity is Severity.WARNING
    assert "holidays are known only until" in line.text
    _, later = check._calendar(team, date(known.year, 3, 1))
    assert later.severity is Severity.INFO
    assert f"of {known.year + 1} only weekends" in later.text


def test_nothing_runs_with_a_wrong_configuration(folder: Path) -> None:
    write(folder, more="langage = 'zh'")
    done = run("check", "--prepare", cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == 'minuteloop.toml: langage: unknown key - did you mean "language"?\n'
    assert [path.name for path in folder.iterdir()] == ["minuteloop.toml"]


def test_without_channels_notices_wait(look: Look) -> None:
    look(prepare=True)
    for done in (look(), look(send_test=True)):
        assert done.returncode == 0
        (warning,) = told(done, "warning")
        assert "channels: there are none: notices wait" in warning


def test_what_is_particular_about_the_rules_is_told(folder: Path, look: Look) -> None:
    assert "rules: raise_to is not set" in look().stdout
    rules = '[rules]\noff = ["D2", "F4", "F5"]\nraise_to = "张三"\n[minutes]\napproval = "host"'
    write(folder, more=rules)
    (folder / "templates").mkdir()
    (folder / "templates" / "D6-ask.txt").write_text("原因？", encoding="utf-8")
    done = look()
    assert "rules: raise_to" not in done.stdout
    assert "rules: D2, F4 off" in told(done, "info")[0]
    assert "rules: F5 in off changes nothing" in "\n".join(told(done, "warning"))
    lines = "\n".join(told(done, "ok"))
    assert "rules: minutes wait for their host" in lines
    assert "templates: the team's own: D6-ask" in lines


def test_what_need_not_be_kept_is_told_and_stays_f6(folder: Path, look: Look) -> None:
    year = date.today().year  # noqa: DTZ011  # the command goes by the machine's clock
    for n in (2, 3, 20):
        (folder / "archive" / f"{year - n}年会议纪要").mkdir(parents=True)
        (folder / "archive" / f"{year - n}年会议纪要" / "m.md").write_text("x", encoding="utf-8")
    (folder / "archive" / "旧").mkdir()
    (line,) = [line for line in told(look(), "info") if ": archive: " in line]
    text = f"{year - 20}年会议纪要, {year - 3}年会议纪要: older than 2 years (F6)"
    assert f"archive: {text}: minuteloop retention lists it" in line
    assert len(list((folder / "archive").iterdir())) == 4


def test_nothing_is_checked_with_a_broken_text(folder: Path) -> None:
    (folder / "templates").mkdir()
    (folder / "templates" / "D6-ask.txt").write_text("$why", encoding="utf-8")
    for command in ("check", "once", "run"):
        done = run(command, cwd=folder)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("templates/D6-ask.txt: line 1: unknown name $why")
    assert not (folder / "minuteloop.db").exists()


# --- channels ---

PEOPLE = """
[[people]]
name = "李四"
mobile = "13800000000"
[[people]]
name = "王五"
feishu = "ou_5"
email = "王五"
"""


def channels_of(done: subprocess.CompletedProcess[str], severity: str) -> list[str]:
    return [line.partition("channel ")[2] for line in told(done, severity) if ": channel " in line]


def table(name: str, kind: str, **keys: object) -> str:
    values = "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
    return f'[[channels]]\nname = "{name}"\nkind = "{kind}"\n{values}'


def test_channels_are_looked_at_without_being_used(folder: Path, look: Look) -> None:
    look(prepare=True)
    robot = FakeDingtalk(SystemClock(ZoneInfo("UTC")))
    extra = PEOPLE + table("group", "dingtalk", url=robot.url, secret="hunter2")
    extra += table("lark", "feishu", url="https://open.feishu.cn/open-apis/bot/hook/hunter2")
    extra += table("mail", "smtp", host="localhost", sender="robot@example.com", port=9)
    write(folder, extra=extra)
    done = look()
    assert done.returncode == 0
    assert channels_of(done, "warning") == [
        "group: does not mention 张三, 王五: 没有 mobile（钉钉登录的手机号），请加上",
        "lark: url 应形如 https://open.feishu.cn/open-apis/bot/v2/hook/…",
        "lark: does not mention 张三, 李四: 没有 feishu（open_id 或 user_id），请加上",
        "mail: 李四 没有 email，请加上",
        "mail: 王五 的 email 不是邮箱地址，请改正",
    ]
    assert channels_of(done, "error") == []
    assert robot.requests == []
    assert "hunter2" not in done.stdout + done.stderr


def test_what_no_channel_does_is_told(folder: Path, look: Look) -> None:
    look(prepare=True)
    robot = FakeDingtalk(SystemClock(ZoneInfo("UTC")))
    sends = ["reminder", "alert", "minutes", "finding"]
    group = table("group", "dingtalk", url=robot.url, sends=sends)
    write(folder, extra=PEOPLE + group)
    done = look()
    (warning,) = [line for line in told(done, "warning") if ": channels: " in line]
    assert "none carries digest, review - such notices wait" in warning
    assert "none reaches one person alone" in "\n".join(told(done, "info"))
    mail = table("mail", "smtp", host="localhost", sender="robot@example.com", port=9)
    write(folder, extra=PEOPLE + group + mail)
    done = look()
    (warning,) = [line for line in told(done, "warning") if ": channels: " in line]
    assert "none reaches or mentions 王五 - " in warning
    assert "none reaches one person alone" not in done.stdout
    assert "only groups get" not in done.stdout
    sends = ["reminder", "alert", "review"]
    some = table("mail", "smtp", host="localhost", sender="robot@example.com", port=9, sends=sends)
    write(folder, extra=PEOPLE + group + some)
    told_of = "only groups get minutes, finding, so sensitive ones of these wait (F5) - let mail"
    assert told_of in "\n".join(told(look(), "info"))


def test_each_channel_sends_one_test_message(folder: Path, look: Look) -> None:
    look(prepare=True)
    clock = SystemClock(ZoneInfo("UTC"))
    robot = FakeDingtalk(clock, secret="hunter2")
    box = Mailbox()
    extra = PEOPLE + table("group", "dingtalk", url=robot.url, secret="hunter2")
    sender = "robot@example.com"
    extra += table("mail", "smtp", host="localhost", port=box.port, security="none", sender=sender)
    write(folder, extra=extra)
    with box.running():
        done = look(send_test=True)
    assert done.returncode == 0
    assert channels_of(done, "ok") == [
        "group: a test message was sent to the group and mentions 李四",
        "mail: a test message was sent to 张三 (zhangsan@example.com)",
    ]
    (seen,) = robot.seen
    assert seen.mentions == {"13800000000"}
    assert "产品部：测试消息" in seen.text
    (mail,) = box.read
    assert mail.parsed["Subject"] == "产品部：测试消息"
    assert mail.parsed["Message-ID"].startswith("<test.")


def test_a_channel_that_fails_is_an_error_and_holds_up_no_other(folder: Path, look: Look) -> None:
    look(prepare=True)
    clock = SystemClock(ZoneInfo("UTC"))
    bad, good = FakeWecom(clock), FakeWecom(clock)
    bad.there = False
    extra = table("bad", "wecom", url=bad.url) + table("good", "wecom", url=good.url)
    extra += table("mail", "smtp", host="localhost", sender="nobody")
    write(folder, extra=extra)
    done = look(send_test=True)
    assert done.returncode == 1
    gone, sender = channels_of(done, "error")
    assert gone.startswith("bad: 企业微信：机器人不存在")
    assert sender == "mail: 邮件：sender 不是邮箱地址"
    assert channels_of(done, "ok") == ["good: a test message was sent to the group"]
    assert bad.token not in done.stdout
    assert len(good.seen) == 1


def test_mail_to_nobody_is_an_error(folder: Path, look: Look) -> None:
    text = (folder / "minuteloop.toml").read_text(encoding="utf-8")
    text = text.replace('email = "zhangsan@example.com"', "")
    text += table("mail", "smtp", host="localhost", sender="robot@example.com")
    (folder / "minuteloop.toml").write_text(text, encoding="utf-8")
    done = look(prepare=True, send_test=True)
    assert done.returncode == 1
    assert channels_of(done, "error") == ["mail: nobody can be reached by it, so it was not tested"]


def test_what_apprise_cannot_say_is_said(
    folder: Path, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(prepare=True)
    write(folder, extra=table("other", "apprise", url="json://127.0.0.1:9"))
    with HARNESSES["apprise"]():  # its plugins are loaded
        done = look()
    assert channels_of(done, "ok") == ["other: apprise, which cannot say whether a message arrived"]
    monkeypatch.setitem(sys.modules, "apprise", None)
    done = look()
    assert done.returncode == 1
    assert "pip install minuteloop[apprise]" in channels_of(done, "error")[0]
