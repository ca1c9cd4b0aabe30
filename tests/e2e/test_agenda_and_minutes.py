"""An agenda (template 1), then the minutes of its meeting: two files, one meeting."""

from pathlib import Path

import pytest
from fakes.office import Office, team_file

AGENDA = """# 会议议程

| 会议名称 | 会议时间 | 会议地点 | 主持人 | 记录人 |
| --- | --- | --- | --- | --- |
| 仓库选址会 | 2025-05-19 10:00-11:00 | 二楼 | 李四 | 王五 |

| 议题 | 议题说明 | 预计时长 | 汇报人 |
| --- | --- | --- | --- |
| 选址 | 看三处的图 | 半小时 | 张三 |
| 人手 | 分两班 | 15分钟 | 王五 |
"""
MINUTES = """# 会议纪要

| 会议名称 | 会议时间 | 会议地点 | 主持人 | 记录人 |
| --- | --- | --- | --- | --- |
| 仓库选址会 | 2025-05-19 10:00-11:15 | 二楼 | 李四 | 王五 |

## 决策结论

1. 【同意】租东区的仓库。

## 行动项清单

| 行动项 | 负责人 | 截止日期 | 交付标准 |
| --- | --- | --- | --- |
| 签租约 | 张三 | 2025-05-23 | 双方盖章 |
"""
REVIEW = ("review", "--quarter", "2025Q2", "--json", "--now", "2025-06-16T09:00")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def lengths(office: Office) -> tuple[int, int, int]:
    told = office.call(*REVIEW).json["teams"][0]
    return (
        told["minutes"]["meetings"],
        told["length"]["planned_minutes"],
        told["length"]["planned_real_minutes"],
    )


def test_the_agenda_first(office: Office) -> None:
    """E1: planned against real; C1 and C3 count from the minutes."""
    office.drop("议程.md", AGENDA)
    told = office.once("2025-05-15T09:00")
    assert [(d["state"], d["items"]) for d in told["documents"]] == [("read", 0)]
    assert (office.items(), office.rows()) == ([], [])
    assert "C3" not in {n["rule"] for n in told["notices"]}
    assert lengths(office) == (0, 0, 0)
    office.once("2025-05-20T12:00")

    office.drop("纪要.md", MINUTES)
    told = office.once("2025-05-20T13:00")
    assert "minutes-late" in office.codes()
    assert {n["to"][0] for n in told["notices"] if n["rule"] == "C3"} == {"李四", "王五"}
    assert office.texts() == ["签租约"]
    assert lengths(office) == (1, 45, 75)
    assert office.quiet("2025-05-20T13:00")


def test_both_at_once_and_the_agenda_again(office: Office) -> None:
    office.drop("纪要.md", MINUTES)
    office.drop("议程.md", AGENDA)
    office.once("2025-05-19T15:00")
    assert office.codes() == []  # no line of the minutes is gone
    assert (office.texts(), lengths(office)) == (["签租约"], (1, 45, 75))
    office.drop("议程.md", AGENDA)
    office.once("2025-05-19T16:00")
    assert office.codes() == []  # no line of the minutes is gone
    assert (office.texts(), lengths(office)) == (["签租约"], (1, 45, 75))


@pytest.mark.parametrize("order", [("议程.md", "纪要.md"), ("纪要.md", "议程.md")])
def test_titles_of_their_own(office: Office, order: tuple[str, str]) -> None:
    """C1, E1: 仓库选址会议程 and 仓库选址会会议纪要 of one day are one meeting."""
    texts = {
        "议程.md": AGENDA.replace("| 仓库选址会 |", "| 仓库选址会议程 |"),
        "纪要.md": MINUTES.replace("| 仓库选址会 |", "| 仓库选址会会议纪要 |"),
    }
    for name, now in zip(order, ("2025-05-19T09:00", "2025-05-19T15:00"), strict=True):
        office.drop(name, texts[name])
        office.once(now)
    assert (office.texts(), lengths(office)) == (["签租约"], (1, 45, 75))
    told = office.once("2025-05-21T09:00")
    assert "C1" not in {n["rule"] for n in told["notices"]}
    other = texts["纪要.md"].replace("10:00-11:15", "16:00-17:00")
    office.drop("另一份.md", other)
    office.once("2025-05-21T09:10")
    assert lengths(office) == (2, 45, 75)  # a meeting of another hour is another meeting


def test_an_agenda_waits_for_no_approval_its_minutes_do(tmp_path: Path) -> None:
    """C3."""
    office = Office(tmp_path, team_file(more='[minutes]\napproval = "host"'))
    office.drop("议程.md", AGENDA)
    assert office.once("2025-05-15T09:00")["documents"][0]["state"] == "read"
    office.drop("纪要.md", MINUTES)
    told = office.once("2025-05-19T13:00")
    assert told["documents"][0]["state"] == "awaiting-approval"
    assert {n["to"][0] for n in told["notices"] if n["rule"] == "C3"} == {"李四"}
    office.call("approve", "纪要.md", "--now", "2025-05-19T14:00")
    office.once("2025-05-19T14:00")
    assert (office.texts(), lengths(office)) == (["签租约"], (1, 45, 75))
