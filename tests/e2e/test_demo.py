"""``demo``: it runs the whole loop with nothing configured and no network, and checks itself."""

import json
import os
import re
import socket
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from minuteloop import samples
from minuteloop.commands import demo
from minuteloop.config import load

QUICK_S = 60
ROOT = Path(__file__).parents[2]
_TRANSCRIPT = re.compile(r"(<!-- transcript -->\n```text\n)(.*?)(```\n)", re.DOTALL)
_MASKS = (
    (r"\b\d{4}-\d\d-\d\d( \d\d:\d\d)?", "DAY"),
    (r"\bML-\w{9}\b", "ML-ID"),
    (r"\b[PR]-[0-9a-f]{8,10}\b", "PLAN or PASS"),
    (r"minuteloop undo \d+", "minuteloop undo N"),
    (r"(?m)^ +\d+(?=  DAY)", "N"),
    (r"data \d+ \w+ old", "data old"),
    (r"会议结束 \d+ 小时", "会议结束 N 小时"),
    (r"\d+ notices wait.*", "N notices wait"),
    (r"(?m)^! (D4|E1) .*\n", ""),  # some days bring a list or a review more
    (r"(?m) +$", ""),
    (r"(?m)^.*: calendar: .*\n", ""),  # tells how far holidays are known today
)


def run(*args: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MINUTELOOP")}
    command = [sys.executable, "-m", "minuteloop", *map(str, args)]
    return subprocess.run(  # noqa: PLW1510  # the tests look at the exit code
        command,
        cwd=cwd,
        env=environment | {"COLUMNS": "100"},
        capture_output=True,
        encoding="utf-8",
        timeout=QUICK_S,
        stdin=subprocess.DEVNULL,
    )


def test_the_loop_as_a_process(tmp_path: Path) -> None:
    done = run("demo", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "All went as it should" in done.stdout
    assert "\x1b" not in done.stdout  # coloured only on a terminal
    for told in ("延期", "was not taken", "in-progress (reported)", "adopt", "1 项行动项提醒"):
        assert told in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["minuteloop-demo"]


def test_what_it_says_to_try_next_works(tmp_path: Path) -> None:
    done = run("demo", "--dir", "a team", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = re.findall(r"minuteloop (verify ML-\w{9}|undo \d+) -c 'a team'", done.stdout)
    verify, undo = (command.split() for command in told)
    others = (["once"], ["status"], ["check"], ["forecast", "--days", "7"], ["agenda"])
    for command in (verify, undo, *others):
        tried = run(*command, "-c", "a team", cwd=tmp_path)
        assert tried.returncode == 0, (command, tried.stderr)
    shown = json.loads(run("items", "--json", "-c", "a team", cwd=tmp_path).stdout)
    items = {item["description"]: item for item in shown}
    assert items[demo.SHOPS]["id"] == verify[1]
    assert items[demo.SHOPS]["status"] == "done"
    before = date.fromisoformat(done.stdout.split(f"{demo.REPLY}: 计划完成时间 ")[1][:10])
    assert items[demo.REPLY]["due"] == str(before + timedelta(days=2))  # as the minutes say now


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / demo.DEFAULT / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("mine", encoding="utf-8")
    refused = run("demo", "--dir", demo.DEFAULT, cwd=tmp_path)
    assert refused.returncode == 2
    assert "is there already and is left as it is" in refused.stderr
    assert [path.name for path in mine.parent.iterdir()] == ["mine.txt"]
    other = run("demo", cwd=tmp_path)
    assert other.returncode == 0, other.stderr
    assert (tmp_path / f"{demo.DEFAULT}-2" / "minuteloop.toml").is_file()
    assert mine.read_text(encoding="utf-8") == "mine"


def test_no_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the demo reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert demo.run(tmp_path / "team") == 0
    assert "All went as it should" in capsys.readouterr().out


def test_a_step_that_goes_wrong_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unchanged(today: date) -> dict[str, bytes]:
        name, data = next(iter(samples.minutes(today).items()))
        return {name: data}

    monkeypatch.setattr(samples, "edited", unchanged)
    assert demo.run(tmp_path / "team") == 1
    told = capsys.readouterr()
    assert "demo: step 5: the new day was not taken over" in told.err
    assert "All went as it should" not in told.out


def test_a_reminder_that_would_not_go_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = samples.team_file().replace("[rules]", '[rules]\noff = ["D2"]')
    monkeypatch.setattr(samples, "team_file", lambda: text)
    assert demo.run(tmp_path / "team") == 1
    assert "demo: step 8: 何睿 would not be told of" in capsys.readouterr().err


@pytest.mark.parametrize("today", ["2024-02-29", "2025-12-30", "2026-01-03", "2027-10-05"])
def test_samples_on_any_day(tmp_path: Path, today: str) -> None:
    """The samples read alike over the ends of months and years, and on holidays."""
    from minuteloop import workdays  # noqa: PLC0415
    from minutes.extract import extract  # noqa: PLC0415
    from minutes.read import read_bytes  # noqa: PLC0415

    day = date.fromisoformat(today)
    file = tmp_path / "minuteloop.toml"
    file.write_text(samples.team_file(), encoding="utf-8")
    (team,) = load(file).teams
    dues = []
    for name, data in samples.minutes(day).items():
        reading = extract(
            read_bytes(data, name), name=name, team=team.team(), calendar=workdays.load("CN")
        )
        assert reading.meeting.start is not None
        dues += [entry.due and (entry.due - day).days for entry in reading.entries]
        assert all(entry.owner for entry in reading.entries)
    assert dues == [4, -3, 6, None, -3, 2, 5]


def test_the_transcripts_are_what_it_prints(tmp_path: Path) -> None:
    """To write them anew: MINUTELOOP_TRANSCRIPT=write pytest -n 0 tests/e2e/test_demo.py."""
    printed = run("demo", cwd=tmp_path).stdout.replace(str(tmp_path), "/home/you")
    printed = re.sub(r"(?m) +$", "", printed)
    for page in (ROOT / "README.md", ROOT / "README.zh-CN.md"):
        text = page.read_text(encoding="utf-8")
        if os.environ.get("MINUTELOOP_TRANSCRIPT") == "write":
            text = _TRANSCRIPT.sub(lambda m: m[1] + printed + m[3], text)
            page.write_text(text, encoding="utf-8", newline="\n")
        shown = _TRANSCRIPT.search(text)
        assert shown is not None
        assert masked(printed) == masked(shown[2]), page.name


def masked(text: str) -> list[str]:
    """The lines without what differs from day to day and from run to run."""
    for pattern, mask in _MASKS:
        text = re.sub(pattern, mask, text)
    return text.splitlines()
