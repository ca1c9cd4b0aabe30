"""``demo``: it runs the whole loop with nothing configured and no network, and checks itself."""

import os
import re
import socket
import subprocess
import sys
from datetime import date
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
    (r"\bP-[0-9a-f]{10}\b", "PLAN"),
    (r"(?m)^ +\d+(?=  DAY)", "N"),
    (r"data \d+ \w+ old", "data old"),
    (r"(?m) +$", ""),
    (r"(?m)^.*: calendar: .*\n", ""),  # tells how far holidays are known today
)


def run(*args: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MINUTELOOP")}
    command = [sys.executable, "-m", "minuteloop", "demo", *map(str, args)]
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
    done = run(cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "All went as it should" in done.stdout
    assert "\x1b" not in done.stdout  # coloured only on a terminal
    for told in ("延期", "was not taken", "in-progress (reported)", "adopt"):
        assert told in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["minuteloop-demo"]


def test_what_it_says_to_try_next_works(tmp_path: Path) -> None:
    done = run("--dir", "a team", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = re.findall(r"minuteloop (verify ML-\w{9}|once|status) -c 'a team'", done.stdout)
    verify = next(t for t in told if t.startswith("verify"))
    for command in (verify, "once", "items --status done", "check"):
        again = subprocess.run(
            [sys.executable, "-m", "minuteloop", *command.split(), "-c", "a team"],
            cwd=tmp_path,
            check=True,
            capture_output=True,
            encoding="utf-8",
            timeout=QUICK_S,
        )
        if command.startswith("items"):
            assert verify.split()[1] in again.stdout


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / demo.DEFAULT / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("mine", encoding="utf-8")
    refused = run("--dir", demo.DEFAULT, cwd=tmp_path)
    assert refused.returncode == 2
    assert "is there already and is left as it is" in refused.stderr
    assert [path.name for path in mine.parent.iterdir()] == ["mine.txt"]
    other = run(cwd=tmp_path)
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


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_transcript_is_what_it_prints(tmp_path: Path, name: str) -> None:
    """To write it anew: MINUTELOOP_TRANSCRIPT=write pytest -n 0 tests/e2e/test_demo.py."""
    printed = run(cwd=tmp_path).stdout.replace(str(tmp_path), "/home/you")
    printed = re.sub(r"(?m) +$", "", printed)
    text = (ROOT / name).read_text(encoding="utf-8")
    if os.environ.get("MINUTELOOP_TRANSCRIPT") == "write":
        text = _TRANSCRIPT.sub(lambda m: m[1] + printed + m[3], text)
        (ROOT / name).write_text(text, encoding="utf-8", newline="\n")
    shown = _TRANSCRIPT.search(text)
    assert shown is not None
    for pattern, mask in _MASKS:
        printed = re.sub(pattern, mask, printed)
    expected = shown[2]
    for pattern, mask in _MASKS:
        expected = re.sub(pattern, mask, expected)
    assert printed.splitlines() == expected.splitlines()
