"""``init``: the file it writes, what it makes beside it, and that it never overwrites."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from datetime import time
from pathlib import Path

import pytest

from minuteloop.config import load


def run(*args: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "minuteloop", *map(str, args)]
    return subprocess.run(  # noqa: PLW1510  # the tests look at the exit code
        command,
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


def test_without_a_terminal_the_folder_gives_the_name(tmp_path: Path) -> None:
    done = run("init", "产品部", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    folder = tmp_path / "产品部"
    assert f"wrote {folder / 'minuteloop.toml'}" in done.stdout
    (team,) = load(folder / "minuteloop.toml").teams
    assert (team.name, team.settings.language, team.settings.calendar) == ("产品部", "zh", "CN")
    assert team.rules.quiet_hours == (time(21), time(8, 30))
    assert (folder / "inbox").is_dir()
    assert (folder / "tracker.xlsx").is_file()
    checked = run("check", "-c", "产品部", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout


def test_options_answer_the_questions(tmp_path: Path) -> None:
    options = ["--team", 'A "B" \\ C', "--language", "en", "--timezone", "Europe/Berlin"]
    options += ["--calendar", "DE", "--workbook", "items/board.xlsx"]
    options += ["--person", "Ann Lee", "--person", "Bob"]
    done = run("init", *options, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    (team,) = load(tmp_path / "minuteloop.toml").teams
    assert team.name == 'A "B" \\ C'
    assert (team.settings.language, str(team.zone), team.settings.calendar) == (
        "en",
        "Europe/Berlin",
        "DE",
    )
    assert [person.name for person in team.settings.people] == ["Ann Lee", "Bob"]
    assert (tmp_path / "items" / "board.xlsx").is_file()
    checked = run("check", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout


def test_the_channel_that_it_shows_is_one_once_its_marks_are_gone(tmp_path: Path) -> None:
    assert run("init", cwd=tmp_path).returncode == 0
    file = tmp_path / "minuteloop.toml"
    head, _, sample = file.read_text(encoding="utf-8").partition("# [[channels]]\n")
    (tmp_path / "password").write_text("x", encoding="utf-8")
    sample = sample.replace("# ", "").replace("env:SMTP_PASSWORD", "file:password")
    file.write_text(f"{head}[[channels]]\n{sample}", encoding="utf-8")
    (team,) = load(file).teams
    assert [channel.kind for channel in team.settings.channels] == ["smtp"]


def test_a_file_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "minuteloop.toml"
    file.write_text("mine", encoding="utf-8")
    done = run("init", cwd=tmp_path)
    assert done.returncode == 2
    assert "is there already and is left as it is" in done.stderr
    assert file.read_text(encoding="utf-8") == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["minuteloop.toml"]


def test_an_answer_that_does_not_fit_writes_nothing(tmp_path: Path) -> None:
    done = run("init", "--calendar", "ZZ", "--timezone", "Mars", "--language", "fr", cwd=tmp_path)
    assert done.returncode == 2
    assert [line.split(":")[1].strip() for line in done.stderr.splitlines()] == [
        "language",
        "timezone",
        "calendar",
    ]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "named"),
    [(["a-file/sub"], "a-file"), (["--workbook", "a-file/board.xlsx"], "board.xlsx")],
)
def test_what_cannot_be_made_is_told(tmp_path: Path, options: list[str], named: str) -> None:
    (tmp_path / "a-file").write_text("in the way", encoding="utf-8")
    done = run("init", *options, cwd=tmp_path)
    assert done.returncode == 1
    assert named in done.stderr
    assert "Traceback" not in done.stderr


def test_a_workbook_that_is_there_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "mine.xlsx").write_bytes(b"anything")
    done = run("init", "--workbook", "mine.xlsx", cwd=tmp_path)
    assert done.returncode == 0
    assert "the workbook is there" in done.stdout
    assert (tmp_path / "mine.xlsx").read_bytes() == b"anything"


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals there")
def test_on_a_terminal_it_asks_until_the_answer_fits(tmp_path: Path) -> None:
    import pty  # noqa: PLC0415  # not on Windows

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "minuteloop", "init", "--language", "zh"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs
    ) as child:
        os.close(theirs)
        told = _answer(ours, "产品部\nMars\nAsia/Tokyo\nCN\n\n张三，李四, 王五\n")
        assert child.wait(timeout=60) == 0
    os.close(ours)
    assert '"Mars", which is no time zone' in told
    raw = tomllib.loads((tmp_path / "minuteloop.toml").read_text(encoding="utf-8"))
    assert (raw["team"], raw["timezone"]) == ("产品部", "Asia/Tokyo")
    assert raw["trackers"][0]["path"] == "tracker.xlsx"
    assert [person["name"] for person in raw["people"]] == ["张三", "李四", "王五"]


def _answer(terminal: int, answers: str) -> str:
    """Type answers, and return all that the terminal shows until the program ends."""
    os.write(terminal, answers.encode())
    shown = b""
    read: Callable[[], bytes] = lambda: os.read(terminal, 4096)  # noqa: E731
    try:
        while chunk := read():
            shown += chunk
    except OSError:  # the other end is closed
        pass
    return shown.decode()
