"""What the reader asks the author for (B3): codes, rules, lines and sentences."""

import pytest

from mapping.said import Said
from mapping.values import Finding, Person, Severity, Team
from minuteloop import workdays
from minutes.document import Document, Paragraph
from minutes.extract import extract
from minutes.read import read_bytes

CALENDAR = workdays.load("CN")
HEAD = "# 项目周会\n\n会议时间：2024-05-20 10:00\n主持人：张三\n记录人：李四\n参会人：张三、李四\n\n## 结论\n\n1. 同意上线\n\n"
TABLE = "## 行动项\n\n| 行动项 | 负责人 | 完成时间 | 交付标准 |\n| --- | --- | --- | --- |\n"


def findings(text: str, language: str = "zh") -> list[Finding]:
    team = Team(name="产品部", language=language, people=(Person(name="张三"), Person(name="李四")))
    document = read_bytes(text.encode(), "minutes.md")
    return list(extract(document, name="minutes.md", team=team, calendar=CALENDAR).findings)


def row(
    what: str = "编写文档", who: str = "张三", due: str = "5月30日", how: str = "评审通过"
) -> str:
    return f"{HEAD}{TABLE}| {what} | {who} | {due} | {how} |\n"


def test_a_complete_item_is_no_finding() -> None:
    assert findings(row()) == []


@pytest.mark.parametrize(
    ("text", "code", "rule"),
    [
        (row(who=""), "owner-missing", "B1"),
        (row(who="相关部门"), "owner-vague", "F1"),
        (row(who="张三、李四"), "owner-multiple", "F2"),
        (row(who="王小五"), "owner-unknown", None),
        (row(due="-"), "due-missing", "B1"),
        (row(due="尽快"), "due-vague", "F1"),
        (row(due="每周五"), "due-vague", "F1"),
        (row(due="9月31日"), "due-impossible", "B1"),
        (row(due="2024年5月10日"), "due-past", "B1"),
        (row(due="5月30日（周一）"), "due-weekday", "B1"),
        (row(how=""), "acceptance-missing", "B1"),
    ],
)
def test_what_an_item_leaves_open(text: str, code: str, rule: str | None) -> None:
    (finding,) = findings(text)
    assert (finding.code, finding.rule, finding.line) == (code, rule, 16)
    assert "编写文档" in finding.message


def test_the_sentence_is_in_the_teams_language() -> None:
    (chinese,), (english,) = findings(row(who="")), findings(row(who=""), "en")
    assert chinese.message == "“编写文档”没有写负责人，请写明一位具体的人。"
    assert english.message == "“编写文档” has no owner: name one person."


def test_a_done_item_and_a_carried_one_need_no_standard() -> None:
    """An item that is done is no longer asked about; a follow-up row needs no new standard."""
    done = f"{HEAD}## 行动项\n\n| 行动项 | 负责人 | 完成时间 | 交付标准 | 状态 |\n| --- | --- | --- | --- | --- |\n| 编写文档 | 待定 | | | 已完成 |\n"
    assert findings(done) == []
    carried = f"{HEAD}## 上次会议行动项\n\n| 行动项 | 负责人 | 原计划 | 状态 |\n| --- | --- | --- | --- |\n| 编写文档 | 张三 | 5月17日 | 延期 |\n"
    assert findings(carried) == []


def test_a_standard_that_the_layout_has_no_place_for_is_only_told() -> None:
    (finding,) = findings(f"{HEAD}## 行动项\n\n- 张三：编写文档，5月30日\n")
    assert (finding.code, finding.severity) == ("acceptance-missing", Severity.INFO)


def test_a_dispute_is_marked_and_becomes_no_item() -> None:
    """Rule F1."""
    text = f"{HEAD}2. 由谁牵头未达成共识，需进一步调研\n\n{TABLE}| 编写文档 | 张三 | 5月30日 | 评审通过 |\n"
    found = findings(text)
    assert [(f.code, f.rule, f.line) for f in found] == [("disputed", "F1", 12)]


def test_more_than_five_topics() -> None:
    """Rule A1."""

    def agenda(count: int) -> str:
        rows = "".join(f"| 议题{n} | 说明 | 20分钟 | 张三 |\n" for n in range(count))
        return f"# 会议议程\n\n会议名称：例会\n会议时间：2024-05-20\n\n| 议题 | 议题说明 | 预计时长 | 汇报人 |\n| --- | --- | --- | --- |\n{rows}"

    assert findings(agenda(5)) == []
    (finding,) = findings(agenda(6))
    assert (finding.code, finding.rule) == ("too-many-topics", "A1")


def test_roles_and_parts_that_minutes_lack() -> None:
    """Rules A2, C2 and, for a decision meeting, B1 and S1."""
    text = "# 2024年预算决策会\n\n会议时间：2024-05-20\n参会人：张三、李四\n"
    assert [(f.code, f.rule) for f in findings(text)] == [
        ("role-missing", "A2"),
        ("section-missing", "C2"),
        ("conclusion-missing", "B1"),
        ("section-missing", "S1"),
    ]


_BASIS, _FOLLOW_UP = "决策依据", "后续安排（由谁、何时、做什么）"


@pytest.mark.parametrize(
    ("body", "lack"),
    [
        ("## 结论\n\n1. 同意采购\n", f"{_BASIS}、{_FOLLOW_UP}"),
        ("## 结论\n\n1. 同意采购，因为三家比价最低\n", _FOLLOW_UP),
        (f"## 结论\n\n1. 同意采购\n\n{TABLE}| 签约 | 张三 | 5月30日 | 合同 |\n", _BASIS),
        (f"## 结论\n\n1. 同意采购\n\n{TABLE}| 写原因 | 张三 | 5月30日 | 因为 |\n", _BASIS),
        ("缺席人：王五（原因：请假）\n\n## 结论\n\n1. 同意采购，由张三5月30日前签约\n", _BASIS),
        ("## 结论\n\n### 采购\n\n- 依据：三家比价\n- 结论：同意\n- 后续：张三5月30日前签约\n", ""),
        ("## 结论\n\n| 议题 | 结论 | 依据 | 后续 |\n|--|--|--|--|\n| 采购 | 同意 | 三家比价 | 张三5月30日前签约 |\n", ""),
        (f"## 背景\n\n三家比价\n\n## 结论\n\n1. 同意采购\n\n{TABLE}| 签约 | 张三 | 5月30日 | 合同 |\n", ""),
    ],
)  # fmt: skip
def test_a_decision_meeting_s_minutes_hold_basis_conclusion_and_follow_up(
    body: str, lack: str
) -> None:
    """Rule S1; other meetings are not asked for a basis."""
    head = "# 预算决策会\n\n会议时间：2024-05-20 10:00\n主持人：张三\n记录人：李四\n参会人：张三、李四\n\n"
    told = [f for f in findings(head + body) if f.rule == "S1"]
    assert [(f.code, f.severity) for f in told] == [("section-missing", Severity.WARNING)] * bool(
        lack
    )
    assert all(f"：{lack}。" in f.message for f in told)
    other = findings((head + body).replace("预算决策会", "周例会"))
    assert [f for f in other if f.rule == "S1"] == []


def test_what_is_only_likely_is_proposed() -> None:
    """Rule B2: nothing uncertain becomes an item; a person takes it over."""
    text = f"{HEAD}## 讨论\n\n李四会整理一份对比。\n\n{TABLE}| 编写文档 | 张三 | 5月30日 | 评审通过 |\n"
    found = findings(text)
    assert [(f.code, f.rule, f.severity) for f in found] == [("possible-item", "B2", Severity.INFO)]


def test_notes_of_the_reading_are_handed_on() -> None:
    notes = (Said("已按 GB18030 读取。", "Read as GB18030."),)
    for words, told in (("会议", notes[0].zh), ("Meeting", notes[0].en)):
        blocks = (Paragraph(text=words, line=1),)
        document = Document(blocks=blocks, encoding="gb18030", notes=notes)
        found = extract(document, name="a.txt", team=None, calendar=CALENDAR).findings
        assert [(f.code, f.message) for f in found] == [("encoding", told)]


def test_material_is_named_by_meeting_topic_and_date() -> None:
    """A4."""
    text = (
        "# Q3产品规划会\n\n会议时间：2024-05-20 14:00\n\n"
        "会前材料：Q3产品规划会-功能优先级排序-20240520.pptx、预算v2最终版.xlsx\n"
    )
    document = read_bytes(text.encode(), "a.md")
    reading = extract(document, name="a.md", team=None, calendar=workdays.load("CN", None))
    found = [f for f in reading.findings if f.code == "material-name"]
    assert [f.rule for f in found] == ["A4"]
    assert "预算v2最终版.xlsx" in found[0].message
    assert found[0].line == 5
