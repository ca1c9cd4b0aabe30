"""The hub over an Airtable base: minutes in, people at work, answers lost, processes killed."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from contract.airtable_harness import USERS, AirtableHarness
from fakes.airtable import TABLE, FakeAirtable, Hand, columns_for
from fakes.network import FAULTS
from fakes.world import TEAM, World, entry

from connectors.airtable import Airtable, client
from connectors.airtable.client import Client
from mapping.cells import User
from mapping.values import Item, Status
from mapping.words import COLUMNS
from sync.look import Report

ZHANG, LI = User("usrZhang", "张三"), User("usrLi", "李四")


class Killed(BaseException):
    """The process died here."""


class Base(World):
    """One team's hub over one table of a base."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.harness: AirtableHarness | None = None
        super().__init__(verification=False)

    def restart(self) -> None:
        super().restart()
        if self.harness is None:
            self.harness = AirtableHarness(self.folder)
            self.harness.fake.clock = self.clock
            self.fake, self.hand = self.harness.fake, self.harness.hand
            self.fake.users = {
                "usrZhang": {"name": "Zhang San", "email": "zhang@example.com"},
                "usrLi": {"name": "李四", "email": "li@example.com"},
            }
            self.setup = replace(
                self.harness.setup,
                clock=self.clock,
                people=TEAM.people,
                departments=TEAM.departments,
            )
            Airtable(self.setup).prepare()
        tracker = replace(self.trackers["board"], kind="airtable", connector=Airtable(self.setup))
        self.trackers["board"] = tracker

    def a_pass(self) -> Report:
        return self.once()["board"]

    def passes(self, count: int) -> Report:
        for _ in range(count - 1):
            self.a_pass()
        return self.a_pass()

    def quiet(self) -> bool:
        before = (self.fake.writes, self.log()[-1].seq)
        return self.a_pass().state == "ok" and (self.fake.writes, self.log()[-1].seq) == before

    def row(self, description: str) -> str:
        [row] = [r for r in self.hand.rows() if self.hand.read(r, "description") == description]
        return row

    def item(self, description: str) -> Item:
        [item] = [i for i in self.items() if i.description == description]
        return item

    def shown(self) -> list[str]:
        return sorted(str(self.hand.read(row, "description")) for row in self.hand.rows())


@pytest.fixture
def base(tmp_path: Path) -> Base:
    return Base(tmp_path)


@pytest.fixture
def two(base: Base) -> Base:
    """Two items that are rows, and long enough ago that no look repeats them."""
    base.read(entry("写报告", due="2024-05-27"), entry("评估周期", "李四", "2024-06-03"))
    base.a_pass()
    base.clock.advance(600)
    base.a_pass()
    return base


def test_minutes_become_rows_and_the_next_pass_is_quiet(base: Base) -> None:
    base.read(entry("写报告", due="2024-05-27", department="技术部"), entry("评估周期", "王五"))
    report = base.a_pass()
    assert (report.state, report.tally.created) == ("ok", 2)
    row = base.row("写报告")
    assert base.hand.read(row, "owner") == (ZHANG,)
    assert base.hand.read(row, "due") == date(2024, 5, 27)
    assert base.hand.read(row, "status") == "进行中"
    assert base.hand.read(row, "department") == "技术部"
    assert base.hand.read(base.row("评估周期"), "owner") == ()  # no account: told, not guessed
    assert "owner-unknown" in base.findings()
    assert base.item("评估周期").owner == "王五"
    assert base.quiet()
    assert base.quiet()


def test_an_idle_pass_is_one_request(two: Base) -> None:
    for _ in range(5):
        before = len(two.fake.calls)
        assert two.a_pass().tally.calls == 1
        assert len(two.fake.calls) - before == 1


def test_edits_of_people_come_in(two: Base) -> None:
    """Failure 14: the words too are a field like any other."""
    row = two.row("写报告")
    two.hand.edit(row, due=date(2024, 6, 7), owner=(LI,), note="等数据", status="受阻")
    assert two.a_pass().tally.pulled >= 1
    item = two.item("写报告")
    assert (item.due, item.owner, item.note, item.status) == (
        date(2024, 6, 7),
        "李四",
        "等数据",
        Status.BLOCKED,
    )
    two.hand.edit(row, note=None, owner=(ZHANG,), description="写季度报告")
    two.a_pass()
    item = two.item("写季度报告")
    assert (item.note, item.owner) == (None, "张三")
    assert two.quiet()


def test_minutes_and_a_person_at_once(two: Base) -> None:
    """Failures 27 and 28: apart by field; on the same field the person's edit stays."""
    two.hand.edit(two.row("写报告"), due=date(2024, 6, 7))
    two.read(
        entry("写报告", due="2024-05-30", acceptance="含数据"),
        entry("评估周期", "李四", "2024-06-03"),
    )
    two.passes(2)
    row = two.row("写报告")
    assert two.hand.read(row, "due") == date(2024, 6, 7)
    assert two.hand.read(row, "acceptance") == "含数据"
    assert any(change.kind == "conflict" for change in two.log())
    assert two.quiet()


def test_rows_that_people_add_and_copy_get_ids_of_their_own(two: Base) -> None:
    """Failure 10."""
    two.hand.add(description="人加的", owner=(ZHANG,), status="进行中")
    two.hand.copy(two.row("评估周期"))
    two.passes(2)
    told = [two.hand.read(row, "id") for row in two.hand.rows()]
    assert len(told) == len(set(told)) == 4
    assert None not in told
    assert len(two.items()) == 4
    assert two.quiet()


def test_a_deleted_row_closes_its_item(two: Base) -> None:
    two.hand.delete(two.row("写报告"))
    two.clock.advance(900)  # only a look at all rows can see it
    two.a_pass()
    assert two.item("写报告").closed is not None
    assert two.shown() == ["评估周期"]
    assert two.quiet()


def test_rights_that_were_taken_away_delete_nothing(two: Base) -> None:
    """Failures 36, 38, 73."""
    scopes, two.fake.scopes = two.fake.scopes, set()
    two.clock.advance(900)
    report = two.a_pass()
    assert report.state == "failed"
    assert "data.records:read" in str(report.error)
    assert all(item.closed is None for item in two.items())
    two.fake.scopes = scopes
    assert two.a_pass().state == "ok"
    assert two.shown() == ["写报告", "评估周期"]
    assert two.quiet()


def test_all_rows_deleted_waits_for_a_person(two: Base) -> None:
    """Failure 36."""
    for row in two.hand.rows():
        two.hand.delete(row)
    two.clock.advance(900)
    assert two.a_pass().state == "halted"
    assert all(item.closed is None for item in two.items())


def test_calls_that_are_spent_pause_the_tracker_and_lose_nothing(two: Base) -> None:
    two.fake.quota = 0
    two.read(entry("写报告", due="2024-05-27", note="新"), entry("评估周期", "李四", "2024-06-03"))
    report = two.a_pass()
    assert report.state == "failed"
    assert "2024-06-01" in str(report.error)
    assert (report.retry_after_s or 0) > 86400
    two.fake.quota = None
    two.passes(2)
    assert two.hand.read(two.row("写报告"), "note") == "新"
    assert two.quiet()


def test_a_lost_database_is_rebuilt_from_the_rows(two: Base) -> None:
    """Failure 6."""
    before = {(i.id, i.description) for i in two.items()}
    two.lose_store()
    two.read(entry("写报告", due="2024-05-27"), entry("评估周期", "李四", "2024-06-03"))
    two.passes(2)
    assert {(i.id, i.description) for i in two.items()} == before
    assert two.shown() == ["写报告", "评估周期"]
    assert two.quiet()


# --- lost answers


def two_passes(base: Base) -> None:
    """Make two rows; then an edit on either side of one of them."""
    base.a_pass()
    if "写报告" in base.shown():
        base.hand.edit(base.row("写报告"), note="人写的")
    base.read(entry("写报告", due="2024-05-27", acceptance="含数据"), entry("评估周期", "李四"))
    base.passes(2)


def has_come_to_rest(base: Base) -> bool:
    base.clock.advance(600)
    base.passes(3)
    row = base.row("写报告")
    return (
        base.shown() == ["写报告", "评估周期"]
        and base.hand.read(row, "acceptance") == "含数据"
        and base.quiet()
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_struck_at_every_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """Failures 1, 2, 26: a fault at any single call is healed, and each item has one row."""
    monkeypatch.setattr(client, "TIMEOUT_S", (5, 0.25))
    at = 0
    while True:
        folder = tmp_path / str(at)
        folder.mkdir()
        base = Base(folder)
        base.read(entry("写报告", due="2024-05-27"), entry("评估周期", "李四"))
        base.fake.fail("", skip=at, **FAULTS[fault])
        two_passes(base)
        if base.fake.faults:
            break  # there was no such call any more
        assert has_come_to_rest(base), f"{fault} at call {at}"
        at += 1
    assert at >= 7  # the base twice, rows, create, rows, read, change


@pytest.mark.parametrize("after", [True, False])
def test_a_lost_answer_while_filters_lag_makes_no_second_row(base: Base, *, after: bool) -> None:
    """Failure 3: the row is not shown yet, so it is sent again: the upsert finds it."""
    base.fake.lag_s = 90.0
    base.fake.fail("PATCH", "reset", after=after, times=2)
    base.read(entry("写报告", due="2024-05-27"), entry("评估周期", "李四"))
    assert base.a_pass().state == "failed"
    base.passes(6)
    assert base.shown() == ["写报告", "评估周期"]
    assert base.quiet()


@contextmanager
def dying(at: int, *, after: bool) -> Iterator[None]:
    """Let the process die before or after a request."""
    send = Client._send
    count = [0]

    def dying_send(self: Client, *args: Any, **more: Any) -> Any:
        count[0] += 1
        if count[0] == at and not after:
            raise Killed
        answer = send(self, *args, **more)
        if count[0] == at:
            raise Killed
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "_send", dying_send)
        yield


@pytest.mark.parametrize("after", [True, False])
def test_killed_at_every_call(tmp_path: Path, *, after: bool) -> None:
    """Failures 2, 5, 7: whatever was under way, each item has one row, and all comes to rest."""
    at = 1
    while True:
        folder = tmp_path / str(at)
        folder.mkdir()
        base = Base(folder)
        base.read(entry("写报告", due="2024-05-27"), entry("评估周期", "李四"))
        try:
            with dying(at, after=after):
                two_passes(base)
        except Killed:
            base.restart()
            base.read(
                entry("写报告", due="2024-05-27", acceptance="含数据"), entry("评估周期", "李四")
            )
        else:
            break
        assert has_come_to_rest(base), f"killed at call {at}"
        at += 1
    assert at > 7


# --- the program as a process


class MachineClock:
    """The machine's time: the program as a process has no other."""

    def wall(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


TEAM_FILE = """
team = "产品部"
[[people]]
name = "张三"
email = "zhangsan@example.com"
department = "技术部"
[[people]]
name = "李四"
email = "lisi@example.com"
[[departments]]
name = "技术部"
head = "张三"
[[trackers]]
name = "board"
kind = "airtable"
token = "env:TOKEN"
base_id = "{base}"
table = "{table}"
base_url = "{url}"
"""

MINUTES = """# 产品周会纪要

会议时间：2024-05-20 10:00
主持人：李四

## 行动项

| 行动项 | 负责人 | 完成时间 | 交付标准 |
| --- | --- | --- | --- |
| 整理供应商名单 | 张三 | 2024-05-27 | 含三家报价 |
| 起草培训计划 | 李四 | 2024-05-30 | 一页纸 |
"""


def run(folder: Path, token: str, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "minuteloop", *args, "-c", "minuteloop.toml"],
        cwd=folder,
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        env={"PATH": "/usr/bin:/bin", "TOKEN": token, "PYTHONUTF8": "1", "HOME": str(folder)},
    )


def test_the_program_prepares_a_new_table_and_fills_it(tmp_path: Path) -> None:
    fake = FakeAirtable(MachineClock(), columns_for({"description": "行动项描述"}, (), ()), USERS)
    fake.strict = False  # each process keeps a pace of its own
    text = TEAM_FILE.format(base=fake.base_id, table=TABLE, url=fake.url)
    (tmp_path / "minuteloop.toml").write_text(text, encoding="utf-8")
    bad = run(tmp_path, "wrong", "check")
    assert bad.returncode == 1
    assert "令牌无效" in bad.stdout
    done = run(tmp_path, fake.token, "check", "--prepare")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "airtable, columns 行动项描述" in done.stdout
    minutes = tmp_path / "inbox" / "周会.md"
    minutes.write_text(MINUTES, encoding="utf-8")
    os.utime(minutes, (datetime.now(UTC).timestamp() - 60,) * 2)
    told = json.loads(run(tmp_path, fake.token, "once", "--json").stdout)
    assert told["trackers"][0]["created"] == 2, told
    hand = Hand(fake, COLUMNS["zh"])
    rows = {str(hand.read(r, "description")): r for r in hand.rows()}
    assert set(rows) == {"整理供应商名单", "起草培训计划"}
    assert hand.read(rows["整理供应商名单"], "owner") == (User("usrZhang"),)
    hand.edit(rows["起草培训计划"], due=date(2024, 6, 5))
    writes = fake.writes
    told = json.loads(run(tmp_path, fake.token, "once", "--json").stdout)
    assert told["trackers"][0]["pulled"] == 1
    assert fake.writes == writes  # what a person wrote is not written back
    items = json.loads(run(tmp_path, fake.token, "items", "--json").stdout)
    assert {i["description"]: i["due"] for i in items}["起草培训计划"] == "2024-06-05"
