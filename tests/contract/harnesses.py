"""What the contract suite needs of each connector: a table, people in it, and ways to break it."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from contract.airtable_harness import AirtableHarness
from contract.excel_harness import ExcelHarness
from contract.feishu_harness import FeishuHarness
from contract.jira_harness import JiraHarness
from contract.memory_harness import MemoryHarness
from contract.notion_harness import NotionHarness
from contract.shared import Harness

_REVIEWED = (("已完成", "done"), ("延期", "indeterminate"), ("受阻", "indeterminate"))
_BACK = tuple((name, "进行中") for name, _ in _REVIEWED)
HARNESSES: Mapping[str, Mapping[str, Callable[[Path], Harness]]] = {
    "airtable": {
        "base": AirtableHarness,
        "by name, texts": partial(AirtableHarness, table="行动项", texts=True),
        "lagging": partial(AirtableHarness, lag_s=3.0),
    },
    "excel": {
        "made": partial(ExcelHarness, own=False),
        "own": partial(ExcelHarness, own=True),
    },
    "feishu": {
        "base": FeishuHarness,
        "wiki, texts": partial(FeishuHarness, wiki=True, texts=True, changes=False),
        "lagging": partial(FeishuHarness, lag_s=3.0, style=400, time_zone="Asia/Beijing"),
    },
    "jira": {
        "cloud": partial(JiraHarness, lag_s=5.0, page=50),
        "data center": partial(
            JiraHarness,
            cloud=False,
            kinds={"due": "textfield", "note": "textfield"},
            statuses=(("进行中", "new"), ("评审", "indeterminate"), *_REVIEWED),
            ways=(("进行中", "评审"), *((("评审", name)) for name, _ in _REVIEWED), *_BACK),
            page=30,
        ),
    },
    "memory": {
        "plain": partial(MemoryHarness, page=20, max_batch=30),
        "modern": partial(MemoryHarness, reports_deletes=True, idempotent_create=True, max_batch=1),
        "lagging": partial(MemoryHarness, search_lag_s=90.0, grain_s=60.0, checks_version=False),
        "mute": partial(MemoryHarness, mute=True),
        "wrapped": partial(MemoryHarness, wrapped=True),
    },
    "notion": {
        "select": partial(NotionHarness, by_database=True),
        "status, lagging": partial(
            NotionHarness, types={"status": "status", "owner": "rich_text"}, lag_s=5.0
        ),
    },
}
