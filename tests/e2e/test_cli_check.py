"""``check``: what is said of a team that cannot work, and what --prepare makes.

Once as a process; the rest calls the command itself, which takes a tenth of the time.
"""

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from mapping.values import Severity
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
    (warning,) = told(done, "warning")
    assert f"inbox: there is no {folder / 'inbox'}" in warning
    assert sorted(path.name for path in folder.iterdir()) == ["minuteloop.toml"]  # only looked at

    made = run("check", "--prepare", cwd=folder)
    assert (made.returncode, made.stderr) == (0, "")
    assert (folder / "board.xlsx").is_file()
    assert (folder / "inbox").is_dir()
    before = (folder / "board.xlsx").read_bytes()

    again = run("check", "--prepare", cwd=folder)
    assert again.returncode == 0
    assert (told(again, "error"), told(again, "warning")) == ([], [])
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
    (line,) = check._calendar(team, date(2031, 12, 1))
    assert line.severity is Severity.WARNING
    assert "holidays are known only until" in line.text


def test_nothing_runs_with_a_wrong_configuration(folder: Path) -> None:
    write(folder, more="langage = 'zh'")
    done = run("check", "--prepare", cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == 'minuteloop.toml: langage: unknown key - did you mean "language"?\n'
    assert [path.name for path in folder.iterdir()] == ["minuteloop.toml"]


def test_without_channels_nothing_is_sent(folder: Path, look: Look) -> None:
    assert "channels: there are none" in look(send_test=True).stdout
