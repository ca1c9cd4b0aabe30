"""The hub over a project of Jira: minutes in, people at work, answers lost, processes killed."""

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
from contract.jira_harness import USERS, JiraHarness, account_of
from fakes.jira import FakeJira
from fakes.network import FAULTS
from fakes.world import TEAM, World, entry

from connectors.jira import Jira, client
from connectors.jira.client import Client
from mapping.cells import User
from mapping.values import Item, Status
from sync.look import Report

ZHANG, LI = (
    User(f"acct-{n}", name, mail)
    for n, name, mail in (
        ("a1", "Zhang San", "zhang@example.com"),
        ("a2", "李四", "li@example.com"),
    )
)


class Killed(BaseException):
    """The process died here."""


class Table(World):
    """One team's hub over one project of Jira."""

    def __init__(self, folder: Path, *, cloud: bool = True) -> None:
        self.folder, self.cloud = folder, cloud
        self.harness: JiraHarness | None = None
        super().__init__(verification=False)

    def restart(self) -> None:
        super().restart()
        if self.harness is None:
            self.harness = JiraHarness(self.folder, cloud=self.cloud)
            self.fake, self.hand = self.harness.fake, self.harness.hand
            self.fake.clock = self.clock
            self.fake.accounts = {user.key: account_of(user) for user in (ZHANG, LI)}
            self.setup = replace(
                self.harness.setup,
                clock=self.clock,
                people=TEAM.people,
                departments=TEAM.departments,
            )
        tracker = replace(self.trackers["board"], kind="jira", connector=Jira(self.setup))
        self.trackers["board"] = tracker

    def a_pass(self) -> Report:
        return self.once()["board"]

    def passes(self, count: int) -> Report:
        for _ in range(count - 1):
            self.a_pass()
        return self.a_pass()

    def quiet(self) -> bool:
        before = (len(self.fake.writes()), self.log()[-1].seq)
        report = self.a_pass()
        return report.state == "ok" and (len(self.fake.writes()), self.log()[-1].seq) == before

    def row(self, description: str) -> str:
        [row] = [r for r in self.hand.rows() if self.hand.read(r, "description") == description]
        return row

    def item(self, description: str) -> Item:
        [item] = [i for i in self.items() if i.description == description]
        return item

    def shown(self) -> list[str]:
        return sorted(str(self.hand.read(row, "description")) for row in self.hand.rows())


@pytest.fixture(params=[True, False], ids=["cloud", "data center"])
def base(tmp_path: Path, request: pytest.FixtureRequest) -> Table:
    return Table(tmp_path, cloud=request.param)


@pytest.fixture
def two(base: Table) -> Table:
    """Two items that are rows."""
    base.read(entry("写报告", due="2024-05-27"), entry("评估周期", "李四", "2024-06-03"))
    base.passes(2)
    return base


def test_minutes_become_rows_and_the_next_pass_is_quiet(base: Table) -> None:
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


def test_an_idle_pass_is_one_request(two: Table) -> None:
    for _ in range(5):
        before = len(two.fake.calls)
        assert two.a_pass().tally.calls == 1
        assert len(two.fake.calls) - before == 1


def test_edits_of_people_come_in(two: Table) -> None:
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


def test_minutes_and_a_person_at_once(two: Table) -> None:
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


def test_an_edit_between_look_and_write_is_merged(two: Table) -> None:
    """The service takes every write: the row is read right before, and then merged anew."""
    two.read(
        entry("写报告", due="2024-05-30", note="纪要"), entry("评估周期", "李四", "2024-06-03")
    )
    row = two.row("写报告")

    def act(call: str) -> None:
        if call.startswith(("GET /issue/2", "POST /issue/bulkfetch", "PUT")):
            two.fake.before = None
            two.hand.edit(row, due=date(2024, 6, 7))

    two.fake.before = act
    two.passes(3)
    assert two.hand.read(row, "due") == date(2024, 6, 7)
    assert two.hand.read(row, "note") == "纪要"
    assert two.item("写报告").due == date(2024, 6, 7)
    assert two.quiet()


def test_rows_that_people_add_and_copy_get_ids_of_their_own(two: Table) -> None:
    """Failure 10."""
    two.hand.add(description="人加的", owner=(ZHANG,), status="进行中")
    original = two.row("评估周期")
    told = two.hand.read(original, "id")
    two.hand.copy(original)
    two.passes(2)
    assert two.hand.read(original, "id") == told
    shown = [two.hand.read(row, "id") for row in two.hand.rows()]
    assert len(shown) == len(set(shown)) == 4
    assert None not in shown
    assert len(two.items()) == 4
    assert two.quiet()


def test_an_issue_that_is_not_there_closes_nothing_at_once(two: Table) -> None:
    """Failures 36, 38: the service does not say whether it was deleted or is hidden from us."""
    two.hand.delete(two.row("写报告"))
    for _ in range(3):
        two.clock.advance(900)  # only a look at all rows can see it
        two.a_pass()
        assert two.item("写报告").closed is None
        assert two.shown() == ["评估周期"]
    two.clock.advance(3600)
    two.passes(2)
    assert two.item("写报告").closed is not None
    assert two.shown() == ["评估周期"]
    assert two.quiet()


def test_an_issue_that_is_to_be_seen_again_closes_nothing(two: Table) -> None:
    """Failure 37: a right that comes back within the hour."""
    row = two.row("写报告")
    two.fake.hidden = {row}
    two.clock.advance(900)
    two.passes(2)
    two.fake.hidden = set()
    for _ in range(6):
        two.clock.advance(900)
        two.a_pass()
    assert two.item("写报告").closed is None
    assert two.shown() == ["写报告", "评估周期"]
    assert two.quiet()


@pytest.mark.parametrize("act", ["archive", "move"])
def test_a_row_that_went_elsewhere_closes_nothing(two: Table, act: str) -> None:
    """Failures 38, 46."""
    getattr(two.fake, act)(two.row("写报告"))
    for _ in range(6):
        two.clock.advance(900)
        assert two.a_pass().state == "ok"
    assert two.item("写报告").closed is None
    assert two.shown() == ["评估周期"]
    assert two.quiet()


def test_a_project_that_may_no_longer_be_seen_deletes_nothing(two: Table) -> None:
    """Failures 36, 38, 73."""
    two.fake.project_seen = False
    two.clock.advance(900)
    report = two.a_pass()
    assert report.state == "failed"
    assert "看不到" in str(report.error)
    assert all(item.closed is None for item in two.items())
    two.fake.project_seen = True
    assert two.a_pass().state == "ok"
    assert two.shown() == ["写报告", "评估周期"]
    assert two.quiet()


def test_rows_that_no_search_shows_delete_nothing(two: Table) -> None:
    """Failures 36, 37."""
    two.fake.hidden = set(two.fake.issues)
    for _ in range(3):
        two.clock.advance(900)
        assert two.a_pass().state == "ok"
    assert all(item.closed is None for item in two.items())
    two.fake.hidden = set()
    two.passes(2)
    assert two.shown() == ["写报告", "评估周期"]
    assert two.quiet()


def test_a_lost_label_comes_back(two: Table) -> None:
    """Failure 13: the issue is known by its own id."""
    row = two.row("写报告")
    label = two.hand.read(row, "id")
    two.hand.clear_id(row)
    two.passes(2)
    assert two.hand.read(row, "id") == label
    assert len(two.items()) == 2
    assert two.quiet()


def test_statuses_take_the_ways_of_the_workflow(two: Table) -> None:
    """A reminder's rule sets what is late; a person reopens; each on the workflow's ways."""
    two.fake.lead(("进行中", "受阻"), ("受阻", "延期"), ("延期", "已完成"), ("已完成", "进行中"))
    row = two.row("写报告")
    two.clock.advance(10 * 86400)
    two.passes(2)
    assert two.hand.read(row, "status") == "延期"
    two.hand.edit(row, status="已完成")
    two.passes(2)
    assert two.item("写报告").status is Status.DONE
    assert two.quiet()


def test_a_lost_database_is_rebuilt_from_the_rows(two: Table) -> None:
    """Failure 6."""
    before = {(i.id, i.description) for i in two.items()}
    two.lose_store()
    two.read(entry("写报告", due="2024-05-27"), entry("评估周期", "李四", "2024-06-03"))
    two.passes(2)
    assert {(i.id, i.description) for i in two.items()} == before
    assert two.shown() == ["写报告", "评估周期"]
    assert two.quiet()


# --- lost answers


def two_passes(base: Table) -> None:
    """Make two rows; then an edit on either side of one of them."""
    base.a_pass()
    if "写报告" in base.shown():
        base.hand.edit(base.row("写报告"), note="人写的")
    base.read(entry("写报告", due="2024-05-27", acceptance="含数据"), entry("评估周期", "李四"))
    base.passes(2)


def has_come_to_rest(base: Table) -> bool:
    base.clock.advance(600)
    base.passes(3)
    row = base.row("写报告")
    return (
        base.shown() == ["写报告", "评估周期"]
        and base.hand.read(row, "acceptance") == "含数据"
        and base.quiet()
    )


@pytest.mark.parametrize("cloud", [True, False], ids=["cloud", "data center"])
@pytest.mark.parametrize("fault", FAULTS)
def test_struck_at_every_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, *, cloud: bool
) -> None:
    """Failures 1, 2, 26: a fault at any single call is healed, and each item has one row."""
    monkeypatch.setattr(client, "TIMEOUT_S", (5.0, 0.3))
    at = 0
    while True:
        folder = tmp_path / str(at)
        folder.mkdir()
        base = Table(folder, cloud=cloud)
        base.read(entry("写报告", due="2024-05-27"), entry("评估周期", "李四"))
        with base.fake.fault("", skip=at, **FAULTS[fault]):
            two_passes(base)
            struck = not base.fake.faults
        if not struck:
            break  # there was no such call any more
        assert has_come_to_rest(base), f"{fault} at call {at}"
        at += 1
    assert at >= 9  # database, table, people, rows, two creations, rows, row, change


@pytest.mark.parametrize("after", [True, False])
def test_a_lost_creation_while_searches_lag_makes_no_second_row(
    base: Table, *, after: bool
) -> None:
    """Failure 3: "not found" is no answer before the lag has passed."""
    base.fake.lag_s = 90.0
    base.read(entry("写报告", due="2024-05-27"), entry("评估周期", "李四"))
    with base.fake.fault("POST /issue", kind="reset", after=after):
        base.passes(8)
    assert base.shown() == ["写报告", "评估周期"]
    base.passes(3)
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


@pytest.mark.parametrize("cloud", [True, False], ids=["cloud", "data center"])
@pytest.mark.parametrize("after", [True, False])
def test_killed_at_every_call(tmp_path: Path, *, after: bool, cloud: bool) -> None:
    """Failures 2, 5, 7: whatever was under way, each item has one row, and all comes to rest."""
    at = 1
    while True:
        folder = tmp_path / str(at)
        folder.mkdir()
        base = Table(folder, cloud=cloud)
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
    assert at > 9


@pytest.mark.parametrize("cloud", [True, False], ids=["cloud", "data center"])
@pytest.mark.parametrize("after", [True, False])
def test_killed_before_a_new_issue_is_in_its_status(
    tmp_path: Path, *, after: bool, cloud: bool
) -> None:
    """The workflow's first status, in which an issue is made, is nobody's edit."""
    at = 1
    while True:
        folder = tmp_path / str(at)
        folder.mkdir()
        base = Table(folder, cloud=cloud)
        base.read(entry("写报告", status=Status.BLOCKED), entry("评估周期", status=Status.BLOCKED))
        try:
            with dying(at, after=after):
                base.passes(2)
        except Killed:
            base.restart()
        else:
            break
        base.clock.advance(600)
        base.passes(3)
        assert [i.status for i in base.items()] == [Status.BLOCKED] * 2, f"killed at call {at}"
        assert [base.hand.read(r, "status") for r in base.hand.rows()] == ["受阻"] * 2
        assert base.quiet()
        at += 1
    assert at > 9


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
kind = "jira"
server = "{url}"
email = "robot@example.com"
api_token = "env:TOKEN"
project = "ACT"
issue_type = "Task"
[trackers.statuses]
in-progress = ["In Progress", "To Do"]
done = "Done"
late = "In Progress"
blocked = "In Progress"
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


def test_the_program_fills_a_project(tmp_path: Path) -> None:
    fake = FakeJira(MachineClock(), accounts=[account_of(user) for user in USERS])
    text = TEAM_FILE.format(url=fake.base_url)
    (tmp_path / "minuteloop.toml").write_text(text, encoding="utf-8")
    bad = run(tmp_path, "wrong", "check")
    assert bad.returncode == 1
    assert "登录被拒绝" in bad.stdout
    done = run(tmp_path, fake.token, "check", "--prepare")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "jira, columns Summary, Assignee, Due date" in done.stdout
    minutes = tmp_path / "inbox" / "周会.md"
    minutes.write_text(MINUTES, encoding="utf-8")
    os.utime(minutes, (datetime.now(UTC).timestamp() - 60,) * 2)
    told = json.loads(run(tmp_path, fake.token, "once", "--json").stdout)
    assert told["trackers"][0]["created"] == 2, told
    rows = {str(fake.read(r, "summary")): r for r in fake.rows()}
    assert set(rows) == {"整理供应商名单", "起草培训计划"}
    assert fake.raw(rows["整理供应商名单"], "assignee") == USERS[0].key
    fake.edit(rows["起草培训计划"], {"duedate": "2024-06-05"})
    writes = len(fake.writes())
    told = json.loads(run(tmp_path, fake.token, "once", "--json").stdout)
    assert told["trackers"][0]["pulled"] == 1
    assert len(fake.writes()) == writes  # what a person wrote is not written back
    items = json.loads(run(tmp_path, fake.token, "items", "--json").stdout)
    assert {i["description"]: i["due"] for i in items}["起草培训计划"] == "2024-06-05"
