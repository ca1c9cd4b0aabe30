"""One team at work: what fails alone, and a file that is saved while it is read."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fakes.office import Office, minutes, team_file

from minuteloop import config
from minuteloop.clock import SystemClock
from minuteloop.documents import Inbox
from minuteloop.team import TeamWork, open_store
from sync.engine import Engine
from sync.store import LeaseLostError, Store
from sync.tracker import Report, Tracker

NOW = datetime(2025, 5, 20, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
ONE = minutes(("写报告", "张三", "2025-05-27", "含数据"))
TWO = minutes(("写报告", "张三", "2025-05-28", "含数据"), ("评估周期", "李四", "2025-05-24", "x"))


class Work:
    """A team wired as the program does, in a folder."""

    def __init__(self, folder: Path, text: str | None = None) -> None:
        self.office = Office(folder, text)
        self.settings = config.load(self.office.config).teams[0]
        self.store: Store = open_store(self.settings)
        self.team = TeamWork(self.settings, SystemClock(self.settings.zone, NOW), self.store)


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path)


def silent(_: str) -> None:
    pass


def test_minutes_saved_again_while_they_are_read_are_read_again(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failure 83: what was saved last is not moved away unread."""
    path = work.office.drop("m.md", ONE)
    parse = Inbox.parse

    def slow(self: Inbox, data: bytes, name: str) -> object:
        reading = parse(self, data, name)
        work.office.drop("m.md", TWO)
        return reading

    monkeypatch.setattr(Inbox, "parse", slow)
    report = work.team.once(progress=silent)
    assert [d.state for d in report.documents] == ["read"]
    assert path.read_text(encoding="utf-8") == TWO
    monkeypatch.undo()
    work.team.once(progress=silent)
    assert not path.exists()
    assert sorted(work.office.texts()) == ["写报告", "评估周期"]
    assert work.office.item("写报告")["due"] == "2025-05-28"


def test_a_fault_of_the_program_in_one_tracker_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 6."""
    work = Work(tmp_path, team_file('path = "tracker.xlsx"', 'path = "other.xlsx"'))
    work.office.drop("m.md", ONE)
    pull = Engine.pull

    def broken(self: Engine, tracker: Tracker, *, rebuild_only: bool = False) -> Report:
        if tracker.name == "board":
            raise ZeroDivisionError
        return pull(self, tracker, rebuild_only=rebuild_only)

    monkeypatch.setattr(Engine, "pull", broken)
    report = work.team.once(progress=silent)
    assert [t.state for t in report.trackers] == ["failed", "ok"]
    assert "ZeroDivisionError" in (report.trackers[0].error or "")
    assert "程序自身出错" in (report.trackers[0].error or "")
    assert report.failed
    assert len(work.office.rows(tmp_path / "other.xlsx")) == 1
    monkeypatch.undo()
    assert not work.team.once(progress=silent).failed
    assert work.office.texts() == ["写报告"]


def test_a_lost_lease_ends_the_pass_and_is_said(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failure 76."""

    def lost(*_: object, **__: object) -> Report:
        raise LeaseLostError(work.settings.name)

    monkeypatch.setattr(Engine, "pull", lost)
    report = work.team.once(progress=silent)
    assert report.failed
    assert "another process" in (report.error or "")


def test_data_is_stale_after_the_time_that_the_team_allows(tmp_path: Path) -> None:
    """Failure 74."""
    work = Work(tmp_path, team_file(more='[rules]\nstale_after = "2h"'))
    before = NOW - timedelta(hours=2)
    assert not work.team.stale(None, NOW)
    assert not work.team.stale(before.isoformat(), NOW)
    assert work.team.stale((before - timedelta(seconds=1)).isoformat(), NOW)


def test_a_dry_team_reads_minutes_and_moves_nothing(tmp_path: Path) -> None:
    """Failure 78."""
    work = Work(tmp_path)
    work.office.drop("m.md", ONE)
    work.office.drop("x.pdf", b"%PDF")
    before = work.office.files()
    dry = TeamWork(work.settings, work.team.clock, work.store.snapshot(), dry=True)
    report = dry.once(progress=silent)
    assert [(d.file, d.state) for d in report.documents] == [("m.md", "read"), ("x.pdf", "refused")]
    assert [p.do for p in report.trackers[0].planned] == ["create"]
    assert work.office.files() == before
    assert work.office.items() == []
