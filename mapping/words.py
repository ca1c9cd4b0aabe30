"""Words that documents and tools use for our fields and statuses, and the folding of text. Pure.

Folded text serves as a match key only: it is never stored or shown.
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

from mapping.values import Status

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufe0e\ufe0f]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_NOT_WORD = re.compile(r"[\W_]+")

# The names of columns where the team file names none.
COLUMNS = {
    "zh": {
        "description": "行动项描述",
        "owner": "负责人",
        "department": "所属部门",
        "due": "计划完成时间",
        "completed": "实际完成时间",
        "status": "状态",
        "deliverable": "交付成果",
        "note": "备注",
        "acceptance": "交付标准",
        "support": "配合部门",
        "meeting": "会议",
        "id": "编号",
    },
    "en": {
        "description": "Action",
        "owner": "Owner",
        "department": "Department",
        "due": "Due",
        "completed": "Completed",
        "status": "Status",
        "deliverable": "Deliverable",
        "note": "Notes",
        "acceptance": "Acceptance",
        "support": "Support",
        "meeting": "Meeting",
        "id": "ID",
    },
}
FIELDS = tuple(name for name in COLUMNS["zh"] if name != "id")
REQUIRED = ("description", "owner", "due", "status")

STATUSES = {
    "zh": {
        Status.IN_PROGRESS: "进行中",
        Status.DONE: "已完成",
        Status.LATE: "延期",
        Status.BLOCKED: "受阻",
    },
    "en": {
        Status.IN_PROGRESS: "In progress",
        Status.DONE: "Done",
        Status.LATE: "Late",
        Status.BLOCKED: "Blocked",
    },
}

# Words that people write for a status; whole cells only.
STATUS_WORDS = {
    Status.IN_PROGRESS: (
        *("进行中", "进行", "未开始", "待开始", "未完成", "待办", "待处理", "处理中", "推进中"),
        *("跟进中", "持续跟进", "正常", "按计划", "in progress", "open", "not started", "new"),
        *("ongoing", "to do", "todo", "doing", "pending", "started", "wip", "on track", "active"),
    ),
    Status.DONE: (
        *("已完成", "完成", "已办结", "办结", "已关闭", "关闭", "已结束", "已解决", "已落实"),
        *("已交付", "done", "completed", "complete", "closed", "finished", "resolved"),
    ),
    Status.LATE: (
        *("延期", "已延期", "逾期", "已逾期", "延迟", "延误", "滞后", "超期"),
        *("late", "delayed", "overdue", "postponed", "behind", "slipped"),
    ),
    Status.BLOCKED: (
        *("受阻", "阻塞", "卡住", "暂停", "搁置", "阻碍"),
        *("blocked", "on hold", "stuck", "waiting", "impeded"),
    ),
}


@cache
def _converter() -> Any:
    import opencc  # noqa: PLC0415  # loads its tables: only where Chinese text is folded

    return opencc.OpenCC("t2s")


def clean(text: str) -> str:
    """Remove what nobody sees (zero-width, control, soft hyphen) and outer blanks; NFC."""
    text = _CONTROL.sub("", _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFC", text.replace("\u3000", " ").replace("\xa0", " ")).strip()


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Return a match key: NFKC, lower case, simplified characters, no blanks or punctuation."""
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    if _HAN.search(text):
        text = _converter().convert(text)
    return _NOT_WORD.sub("", text)


@cache
def _status_keys() -> dict[str, Status]:
    return {fold(word): status for status, words in STATUS_WORDS.items() for word in words}


def status_of(text: str) -> Status | None:
    """Return the status that a word stands for, None if it is none that people use."""
    return _status_keys().get(fold(text))
