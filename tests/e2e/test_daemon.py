"""`minuteloop run` as a process: minutes dropped, edits made while it runs, signals, kill -9."""

import json
import logging
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fakes.service import Service

from minuteloop import team_service
from minuteloop.clock import SystemClock
from minuteloop.config import load
from minuteloop.team import open_store
from minuteloop.team_service import END_S
from sync.lease import hold

MINUTES = Path(__file__).parents[1] / "data" / "structured" / "zh-product-planning.md"
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


class Desk(Service):
    """A team's service, its workbook, and the people who work in it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, TEAM)
        self.book = folder / "tracker.xlsx"
        self.call("check", "--prepare")

    def items(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.told("items", "--all")
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


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.kill()


def test_the_loop_runs_by_itself_and_survives_what_processes_meet(desk: Desk) -> None:
    desk.start()
    desk.drop("zh-product-planning.md", MINUTES.read_text("utf-8"))
    desk.wait(lambda: len(desk.rows()) >= 4)
    assert not list((desk.folder / "inbox").iterdir())
    assert len(list((desk.folder / "archive").rglob("zh-product-planning.md"))) == 1

    desk.edit(2, "备注", "等法务意见")
    desk.wait(lambda: any(i["note"] == "等法务意见" for i in desk.items()))

    target = desk.items()[0]["id"]
    desk.call("close", target, "--why", "并入二期")
    desk.wait(lambda: any(i["closed"] for i in desk.items()))
    desk.wait(lambda: any("并入二期" in str(r["备注"]) for r in desk.rows()))

    desk.process.send_signal(signal.SIGHUP)
    desk.wait(lambda: "configuration read again" in desk.log())
    desk.configure(TEAM + "bogus = 1\n")
    desk.process.send_signal(signal.SIGHUP)
    desk.wait(lambda: "configuration not taken over" in desk.log())
    desk.configure(TEAM)

    desk.edit(3, "备注", "改于运行中")
    desk.wait(lambda: any(i["note"] == "改于运行中" for i in desk.items()))
    count = len(desk.rows())
    desk.kill()

    before = desk.book.read_bytes()
    desk.call("once")  # a dead process's lease is taken over at once
    assert desk.book.read_bytes() == before
    assert len(desk.rows()) == count

    desk.start()
    assert desk.end() < END_S
    assert "ended" in desk.log()
    assert "Traceback" not in desk.log()


def test_once_beside_a_living_daemon_says_who_holds_the_team(desk: Desk) -> None:
    """Failures 7 and 76."""
    desk.start()
    desk.wait(lambda: "at work" in desk.log())
    done = json.loads(desk.call("once", "--json", code=1))
    assert str(desk.process.pid) in done["errors"][0]["error"]


def test_a_team_that_another_works_is_told_of_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Failure 7."""
    monkeypatch.setattr(team_service, "AGAIN_S", 0.01)
    monkeypatch.setattr(team_service, "LEASE_WAIT_S", 0.0)
    caplog.set_level(logging.DEBUG, "minuteloop")
    (team,) = load(desk.config).teams
    store, service = open_store(team), team_service.TeamService(team)

    def told() -> list[str]:
        return [r.levelname for r in caplog.records if r.message == "held by another"]

    with hold(store, SystemClock(team.zone), wait_s=0):
        service.start()
        desk.wait(lambda: len(told()) >= 3)
        service.stop()
        service.join()
    store.close()
    assert told()[0] == "WARNING"
    assert set(told()[1:]) == {"DEBUG"}
