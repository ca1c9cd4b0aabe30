"""The program as a process, over each service: `check --prepare` and two passes with `once`."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from contract import airtable_harness, feishu_harness, jira_harness, notion_harness
from e2e.hubs import SERVICES
from fakes import airtable, feishu
from fakes.jira import FakeJira
from fakes.notion import FakeNotion
from fakes.service import MachineClock

from mapping.words import COLUMNS

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


@dataclass(frozen=True, kw_only=True)
class Place:
    """A new table that nothing of ours has seen yet.

    Attributes:
        fake: the service.
        token: what the program logs in with.
        tracker: its section of the team file.
        hand: makes somebody who works in it, once it is prepared.
        refused: told where the token is wrong.
        missing: told before it is prepared; None where nothing has to be made.
        prepared: told once it is.
        owner: 张三's account there.
    """

    fake: Any
    token: str
    tracker: str
    hand: Callable[[], Any]
    refused: str
    missing: str | None
    prepared: str
    owner: str


def on_airtable() -> Place:
    columns = airtable.columns_for({"description": "行动项描述"}, (), ())
    fake = airtable.FakeAirtable(MachineClock(), columns, airtable_harness.USERS)
    fake.strict = False  # each process keeps a pace of its own
    return Place(
        fake=fake,
        token=fake.token,
        tracker=f'kind = "airtable"\ntoken = "env:TOKEN"\nbase_id = "{fake.base_id}"\n'
        f'table = "{airtable.TABLE}"\nbase_url = "{fake.url}"\n',
        hand=lambda: airtable.Hand(fake, COLUMNS["zh"]),
        refused="令牌无效",
        missing="“负责人”",
        prepared="airtable, columns 行动项描述",
        owner="usrZhang",
    )


def on_feishu() -> Place:
    columns = feishu.columns_for({"description": "行动项描述"}, (), ())
    fake = feishu.FakeFeishu(MachineClock(), columns, feishu_harness.USERS)
    return Place(
        fake=fake,
        token=fake.secret,
        tracker=f'kind = "feishu"\napp_id = "{fake.app_id}"\napp_secret = "env:TOKEN"\n'
        f'app_token = "{feishu.APP}"\ntable_id = "{feishu.TABLE}"\nbase_url = "{fake.url}"\n',
        hand=lambda: feishu.Hand(fake, COLUMNS["zh"]),
        refused="app secret invalid",
        missing="“负责人”",
        prepared="feishu, columns 行动项描述",
        owner="ou_zhang",
    )


def on_jira() -> Place:
    users = jira_harness.USERS
    fake = FakeJira(MachineClock(), accounts=[jira_harness.account_of(user) for user in users])
    fields = {"description": "Summary", "owner": "Assignee", "due": "Due date"}
    return Place(
        fake=fake,
        token=fake.token,
        tracker=f'kind = "jira"\nserver = "{fake.base_url}"\nemail = "robot@example.com"\n'
        'api_token = "env:TOKEN"\nproject = "ACT"\nissue_type = "Task"\n[trackers.statuses]\n'
        'in-progress = ["In Progress", "To Do"]\ndone = "Done"\nlate = "In Progress"\n'
        'blocked = "In Progress"\n',
        hand=lambda: jira_harness.Hand(fake, fields),
        refused="登录被拒绝",
        missing=None,
        prepared="jira, columns Summary, Assignee, Due date",
        owner=users[0].key,
    )


def on_notion() -> Place:
    users = notion_harness.USERS
    fake = FakeNotion(MachineClock(), {"Name": "title"}, users)
    return Place(
        fake=fake,
        token=fake.token,
        tracker=f'kind = "notion"\ntoken = "env:TOKEN"\ndatabase_id = "{fake.database_id}"\n'
        f'base_url = "{fake.base_url}"\n',
        hand=lambda: notion_harness.Hand(fake, {**COLUMNS["zh"], "description": "Name"}),
        refused="token 无效",
        missing="“负责人”",
        prepared="notion, columns Name",
        owner=users[0].key,
    )


PLACES: Mapping[str, tuple[str, Callable[[], Place]]] = {
    "airtable": ("airtable", on_airtable),
    "feishu": ("feishu", on_feishu),
    "jira": ("jira cloud", on_jira),
    "notion": ("notion", on_notion),
}


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


@pytest.mark.parametrize("kind", PLACES)
def test_the_program_prepares_a_new_table_and_fills_it(tmp_path: Path, kind: str) -> None:
    service, make = PLACES[kind]
    place, writes = make(), SERVICES[service].writes
    (tmp_path / "minuteloop.toml").write_text(TEAM_FILE + place.tracker, encoding="utf-8")
    bad = run(tmp_path, "wrong", "check")
    assert bad.returncode == 1
    assert place.refused in bad.stdout
    if place.missing:
        unprepared = run(tmp_path, place.token, "check")
        assert unprepared.returncode == 1
        assert place.missing in unprepared.stdout
    done = run(tmp_path, place.token, "check", "--prepare")
    assert done.returncode == 0, done.stdout + done.stderr
    assert place.prepared in done.stdout
    minutes = tmp_path / "inbox" / "周会.md"
    minutes.write_text(MINUTES, encoding="utf-8")
    os.utime(minutes, (datetime.now(UTC).timestamp() - 60,) * 2)
    told = json.loads(run(tmp_path, place.token, "once", "--json").stdout)
    assert told["trackers"][0]["created"] == 2, told
    hand = place.hand()
    rows = {str(hand.read(r, "description")): r for r in hand.rows()}
    assert set(rows) == {"整理供应商名单", "起草培训计划"}
    assert [user.key for user in hand.read(rows["整理供应商名单"], "owner")] == [place.owner]
    hand.edit(rows["起草培训计划"], due=date(2024, 6, 5))
    before = writes(place.fake)
    told = json.loads(run(tmp_path, place.token, "once", "--json").stdout)
    assert told["trackers"][0]["pulled"] == 1
    assert writes(place.fake) == before  # what a person wrote is not written back
    items = json.loads(run(tmp_path, place.token, "items", "--json").stdout)
    assert {i["description"]: i["due"] for i in items}["起草培训计划"] == "2024-06-05"


def test_a_token_that_can_write_nothing_is_an_error_of_check(tmp_path: Path) -> None:
    place = on_airtable()
    (tmp_path / "minuteloop.toml").write_text(TEAM_FILE + place.tracker, encoding="utf-8")
    assert run(tmp_path, place.token, "check", "--prepare").returncode == 0
    place.fake.level = "read"
    told = run(tmp_path, place.token, "check")
    assert told.returncode == 1
    assert "什么也写不了" in told.stdout


def test_a_status_that_the_workflow_lacks_is_for_the_team_file(tmp_path: Path) -> None:
    place = on_jira()
    tracker = place.tracker.replace('blocked = "In Progress"', 'blocked = "On Hold"')
    (tmp_path / "minuteloop.toml").write_text(TEAM_FILE + tracker, encoding="utf-8")
    told = run(tmp_path, place.token, "check", "--prepare").stdout
    (line,) = [text for text in told.splitlines() if "On Hold" in text]
    assert "[trackers.statuses]" in line
    assert "--prepare" not in line
