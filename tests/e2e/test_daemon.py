"""`minuteloop run` as a process: minutes dropped, edits made while it runs, signals, kill -9."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

STRUCTURED = Path(__file__).parents[1] / "data" / "structured"
TEAM = """
team = "产品部"
[[people]]
name = "陈思远"
[[people]]
name = "林晓彤"
[[people]]
name = "赵明哲"
[[people]]
name = "唐雪"
[[trackers]]
name = "board"
kind = "excel"
path = "tracker.xlsx"
every = "1s"
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


class Desk:
    """A team's folder, and the people and programs that work in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.book = folder / "tracker.xlsx"
        (folder / "inbox").mkdir()
        (folder / "minuteloop.toml").write_text(TEAM, encoding="utf-8")
        self.call("check", "--prepare")
        self.service: subprocess.Popen[bytes] | None = None

    def call(self, *words: str, code: int | None = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "minuteloop", *words],
            cwd=self.folder,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def start(self) -> None:
        with (self.folder / "log.txt").open("ab") as log:
            self.service = subprocess.Popen(
                [sys.executable, "-m", "minuteloop", "run"], cwd=self.folder, stdout=log, stderr=log
            )

    def log(self) -> str:
        return (self.folder / "log.txt").read_text(encoding="utf-8")

    def drop(self, name: str, text: str | None = None) -> None:
        source = STRUCTURED / name
        if text is None:
            shutil.copy(source, self.folder / "inbox" / name)
        else:
            (self.folder / "inbox" / name).write_text(text, encoding="utf-8")
        os.utime(self.folder / "inbox" / name, (1e9, 1e9))

    def items(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.call("items", "--json", "--all"))
        return found

    def rows(self) -> list[dict[str, Any]]:
        sheet = openpyxl.load_workbook(self.book).worksheets[0]
        head, *rest = sheet.iter_rows(values_only=True)
        return [dict(zip(map(str, head), row, strict=True)) for row in rest if any(row)]

    def edit(self, row: int, name: str, value: object) -> None:
        book = openpyxl.load_workbook(self.book)
        sheet = book.worksheets[0]
        column = [c.value for c in sheet[1]].index(name) + 1
        sheet.cell(row, column).value = value  # type: ignore[assignment]
        book.save(self.book)

    def wait(self, what: Callable[[], bool], seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < end, self.log()
            time.sleep(0.2)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    if made.service is not None and made.service.poll() is None:
        made.service.kill()
        made.service.wait()


def test_the_loop_runs_by_itself_and_survives_what_processes_meet(desk: Desk) -> None:
    desk.start()
    assert desk.service is not None
    desk.drop("zh-product-planning.md")
    desk.wait(lambda: len(desk.rows()) >= 4)
    assert not list((desk.folder / "inbox").iterdir())
    assert len(list((desk.folder / "archive").rglob("zh-product-planning.md"))) == 1

    desk.edit(2, "备注", "等法务意见")
    desk.wait(lambda: any(i["note"] == "等法务意见" for i in desk.items()))

    target = desk.items()[0]["id"]
    desk.call("close", target, "--why", "并入二期")
    desk.wait(lambda: any(i["closed"] for i in desk.items()))
    desk.wait(lambda: any("并入二期" in str(r["备注"]) for r in desk.rows()))

    desk.service.send_signal(signal.SIGHUP)
    desk.wait(lambda: "configuration read again" in desk.log())
    config = desk.folder / "minuteloop.toml"
    config.write_text(TEAM + "bogus = 1\n", encoding="utf-8")
    desk.service.send_signal(signal.SIGHUP)
    desk.wait(lambda: "configuration not taken over" in desk.log())
    config.write_text(TEAM, encoding="utf-8")

    desk.edit(3, "备注", "改于运行中")
    desk.wait(lambda: any(i["note"] == "改于运行中" for i in desk.items()))
    count = len(desk.rows())
    desk.service.kill()
    desk.service.wait()

    before = desk.book.read_bytes()
    desk.call("once")  # a dead process's lease is taken over at once
    assert desk.book.read_bytes() == before
    assert len(desk.rows()) == count

    desk.start()
    desk.wait(lambda: desk.log().count("at work") >= 3)
    desk.service.terminate()
    assert desk.service.wait(20) == 0
    assert "ended" in desk.log()
    assert "Traceback" not in desk.log()


def test_once_beside_a_living_daemon_says_who_holds_the_team(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failures 7 and 76."""
    desk.start()
    desk.wait(lambda: "at work" in desk.log())
    done = json.loads(desk.call("once", "--json", code=1))
    assert desk.service is not None
    assert str(desk.service.pid) in done["errors"][0]["error"]
