"""Two weeks of a team, pass by pass, and the mails as its people read them: docs/two-weeks.md.

To write them anew: MINUTELOOP_TRANSCRIPT=write pytest -n 0 tests/e2e/test_two_weeks.py.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from fakes.mailbox import Mail, Mailbox
from fakes.office import Office

PAGE = Path(__file__).parents[2] / "docs" / "two-weeks.md"
_PASS = re.compile(r"(<!-- pass (\S+) -->\n+```text\n)(.*?)(```\n)", re.DOTALL)

TEAM = """\
team = "产品部"

[rules]
leaders = ["沈嘉禾"]

[[people]]
name = "沈嘉禾"
department = "产品部"
email = "shen@example.com"

[[people]]
name = "顾楠"
department = "市场部"
email = "gu@example.com"

[[people]]
name = "陆明远"
department = "技术部"
email = "lu@example.com"

[[people]]
name = "苏婉清"
department = "客服部"
email = "su@example.com"

[[people]]
name = "何睿"
department = "运营部"
email = "he@example.com"

[[people]]
name = "周岚"
department = "运营部"
email = "zhou@example.com"

[[departments]]
name = "产品部"
head = "沈嘉禾"

[[departments]]
name = "市场部"
head = "顾楠"

[[departments]]
name = "技术部"
head = "陆明远"

[[departments]]
name = "客服部"
head = "苏婉清"

[[departments]]
name = "运营部"
head = "周岚"

[[trackers]]
name = "跟踪表"
kind = "excel"
path = "tracker.xlsx"

[[channels]]
name = "mail"
kind = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
sender = "minuteloop@example.com"
"""
FIRST = """\
# 会议纪要

**会议名称：** 产品规划会
**会议时间：** 2024-05-20 14:00～15:30
**会议地点：** 3楼会议室
**主持人：** 沈嘉禾　**记录人：** 顾楠
**参会人：** 沈嘉禾、顾楠、陆明远、苏婉清、何睿
**缺席人：** 周岚（出差）

## 一、会议目标

确定第三季度的优先功能，改进客户投诉的处理。

## 二、决策结论

1. 【同意】第三季度先做A类功能，依据是上半年的客户反馈。

## 三、行动项清单

| 行动项描述 | 负责人 | 所属部门 | 计划完成时间 | 交付标准 |
| --- | --- | --- | --- | --- |
| 输出《客户投诉处理流程V2.0》 | 苏婉清 | 客服部 | 2024-05-27 | 包含一级响应机制、流程节点图 |
| 评估A类功能开发周期 | 陆明远 | 技术部 | 2024-05-24 | 提交《开发时间评估表》 |
| 协调市场部人员支持Q3产品推广 | 何睿 | 运营部 | 2024-05-22 | 确认3名人员名单及职责分工 |
| 更新产品介绍页 | 顾楠 | 市场部 | 尽快 | 含A类功能的说明 |

## 四、下次会议安排

2024-05-27 10:00，3楼会议室
"""
SECOND = """\
# 会议纪要

**会议名称：** 产品规划会
**会议时间：** 2024-05-27 10:00～11:00
**会议地点：** 3楼会议室
**主持人：** 沈嘉禾　**记录人：** 顾楠
**参会人：** 沈嘉禾、顾楠、陆明远、苏婉清、何睿、周岚
**缺席人：** 无

## 一、会议目标

跟进上次的行动项。

## 二、决策结论

1. 【同意】A类功能六月中旬开始开发，依据是开发时间评估表。

## 三、行动项清单

| 行动项描述 | 负责人 | 所属部门 | 计划完成时间 | 交付标准 |
| --- | --- | --- | --- | --- |
| 制定A类功能开发计划 | 陆明远 | 技术部 | 2024-05-31 | 含里程碑和人员安排 |

## 四、下次会议安排

2024-06-03 10:00，3楼会议室
"""
FLOW, STUDY, STAFF, PAGE_ITEM = (
    "输出《客户投诉处理流程V2.0》",
    "评估A类功能开发周期",
    "协调市场部人员支持Q3产品推广",
    "更新产品介绍页",
)
PLAN = "制定A类功能开发计划"
Deed = Callable[[Office], object]


def verify(text: str, now: str, *refuse: str) -> Deed:
    def carried_out(office: Office) -> object:
        return office.call("verify", office.item(text)["id"], "--now", now, *refuse)

    return carried_out


# What people did before each pass.
DEEDS: dict[str, tuple[Deed, ...]] = {
    "2024-05-20T17:30": (lambda o: o.drop("产品规划会-20240520.md", FIRST),),
    "2024-05-21T09:00": (lambda o: o.type(PAGE_ITEM, 计划完成时间=date(2024, 5, 30)),),
    "2024-05-22T09:00": (),
    "2024-05-23T09:00": (),
    "2024-05-23T17:00": (lambda o: o.type(STAFF, 备注="待市场部确认，预计2024-05-28完成"),),
    "2024-05-24T09:00": (),
    "2024-05-25T09:00": (),
    "2024-05-25T18:00": (
        lambda o: o.type(
            STUDY,
            实际完成时间=date(2024, 5, 25),
            状态="已完成",
            交付成果="《开发时间评估表》",
            备注="因需求评审延迟1天",
        ),
    ),
    "2024-05-27T09:00": (verify(STUDY, "2024-05-27T08:30"),),
    "2024-05-27T18:00": (
        lambda o: o.type(
            FLOW,
            实际完成时间=date(2024, 5, 27),
            状态="已完成",
            交付成果="《客户投诉处理流程V2.0》文档",
        ),
    ),
    "2024-05-28T14:00": (verify(FLOW, "2024-05-28T13:00", "--refuse", "缺少流程节点图"),),
    "2024-05-29T09:00": (
        lambda o: o.drop("产品规划会-20240527.md", SECOND),
        lambda o: o.type(FLOW, 实际完成时间=date(2024, 5, 28), 状态="已完成"),
    ),
    "2024-05-29T17:00": (
        verify(FLOW, "2024-05-29T16:00"),
        lambda o: o.type(STAFF, 状态="受阻", 备注="等待市场部名单，预计2024-05-31解决"),
    ),
    "2024-05-30T09:00": (),
    "2024-05-30T17:00": (
        lambda o: o.type(PAGE_ITEM, 实际完成时间=date(2024, 5, 30), 状态="已完成"),
    ),
    "2024-05-31T09:00": (),
    "2024-05-31T17:00": (
        lambda o: o.type(
            STAFF, 实际完成时间=date(2024, 5, 31), 状态="已完成", 交付成果="3人名单及分工"
        ),
    ),
    "2024-06-01T09:00": (),
    "2024-06-03T09:00": (
        verify(STAFF, "2024-06-03T08:30"),
        verify(PAGE_ITEM, "2024-06-03T08:30"),
    ),
}
NAMES = {
    "shen": "沈嘉禾",
    "gu": "顾楠",
    "lu": "陆明远",
    "su": "苏婉清",
    "he": "何睿",
    "zhou": "周岚",
}


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox().running() as running:
        yield running


def shown(mails: Sequence[Mail]) -> str:
    """Return mails as people read them; one that several got, each for themselves, once."""
    readers: dict[str, list[str]] = {}
    for mail in mails:
        body = mail.parsed.get_body(("plain",))
        assert body is not None
        words = "\n".join(body.get_content().strip().splitlines())
        text = f"Subject: {mail.parsed['Subject']}\n\n{words}\n"
        readers.setdefault(text, []).append(NAMES[mail.to.partition("@")[0]])
    line = f"\n{'─' * 40}\n\n"
    parts = (f"To: {', '.join(names)}\n{text}" for text, names in readers.items())
    return line.join(parts) or "(nothing)\n"


def test_the_page_shows_what_people_read(tmp_path: Path, mailbox: Mailbox) -> None:
    office = Office(tmp_path, TEAM.format(port=mailbox.port))
    told = {}
    for now, deeds in DEEDS.items():
        for deed in deeds:
            deed(office)
        mailbox.read.clear()
        office.once(now)
        told[now] = shown(mailbox.read)
    text = PAGE.read_text(encoding="utf-8")
    if os.environ.get("MINUTELOOP_TRANSCRIPT") == "write":
        text = _PASS.sub(lambda m: m[1] + told[m[2]] + m[4], text)
        PAGE.write_text(text, encoding="utf-8", newline="\n")
    shown_there = {m[2]: m[3] for m in _PASS.finditer(text)}
    assert shown_there == told
    assert {i["status"] for i in office.items() if i["description"] != PLAN} == {"done"}
