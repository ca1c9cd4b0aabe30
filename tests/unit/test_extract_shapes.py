"""The shapes in which people write action items: each is a document of its own."""

from datetime import date

import pytest

from mapping.values import Department, Entry, Person, Reading, Status, Team
from minuteloop import workdays
from minutes.extract import extract
from minutes.read import read_bytes

CALENDAR = workdays.load("CN")
TEAM = Team(
    name="产品部",
    people=(
        Person(name="张三", aliases=("三哥",), department="技术部"),
        Person(name="李四", department="市场部"),
        Person(name="王小五", department="技术部"),
        Person(name="陳美玲", department="客服中心"),
        Person(name="Alice Morgan", aliases=("Alice",), department="Product"),
        Person(name="Bob Carter", aliases=("Bob",), department="Engineering"),
    ),
    departments=(Department(name="技术部", head="张三"), Department(name="市场部", head="李四"),
                 Department(name="客服中心"), Department(name="Engineering")),
)  # fmt: skip
HEAD = "# 项目周会\n\n会议时间：2024-05-20 10:00-11:00\n\n参会人：张三、李四、王小五\n\n"
HEAD_EN = "# Project weekly\n\nDate: 2024-05-20 10:00\n\nAttendees: Alice Morgan, Bob Carter\n\n"


def reading(text: str, team: Team | None = TEAM, **more: object) -> Reading:
    document = read_bytes(text.encode(), "minutes.md")
    return extract(document, name="minutes.md", team=team, calendar=CALENDAR, **more)  # type: ignore[arg-type]


def told(entry: Entry) -> tuple[str, str | None, str | None]:
    return entry.description, entry.owner, entry.due.isoformat() if entry.due else None


def items(text: str, team: Team | None = TEAM) -> list[tuple[str, str | None, str | None]]:
    return [told(entry) for entry in reading(text, team).entries]


@pytest.mark.parametrize(
    "header",
    [
        "| 序号 | 行动项 | 责任人 | 部门 | 完成时间 | 交付物 | 状态 |",
        "| 項次 | 待辦事項 | 負責人 | 權責單位 | 預定完成日 | 交付物 | 狀態 |",
        "| # | Action item | Assignee | Dept | Due date | Deliverable | Status |",
        "| No. | What | Who | Team | By when | Output | Progress status |",
        "| No. | Action 行动项 | Owner 负责人 | Dept 部门 | Due 截止时间 | 交付物 Output | 状态 Status |",
    ],
)
def test_a_table_is_read_whatever_its_columns_are_called(header: str) -> None:
    rule = "|" + " --- |" * 7
    row = "| 1 | 编写接口文档 | 张三 | 技术部 | 2024-06-15 | 接口文档 | 已完成 |"
    (entry,) = reading(f"{HEAD}{header}\n{rule}\n{row}\n").entries
    assert told(entry) == ("编写接口文档", "张三", "2024-06-15")
    assert (entry.department, entry.deliverable) == ("技术部", "接口文档")
    assert entry.status is Status.DONE
    assert entry.line == 9


def test_a_table_in_any_order_with_a_header_for_two() -> None:
    table = (
        "| 责任部门/责任人 | 完成时限 | 工作内容 | 验收要求 |\n| --- | --- | --- | --- |\n"
        "| 技术部 张三 | 6月15日 | 编写接口文档 | 评审通过 |\n"
    )
    (entry,) = reading(HEAD + table).entries
    assert told(entry) == ("编写接口文档", "张三", "2024-06-15")
    assert (entry.department, entry.acceptance) == ("技术部", "评审通过")


def test_two_header_rows_and_merged_owners() -> None:
    table = (
        "<table>"
        "<tr><th rowspan=2>事项</th><th colspan=2>责任</th><th colspan=2>完成时间</th></tr>"
        "<tr><th>部门</th><th>责任人</th><th>原计划</th><th>调整后</th></tr>"
        "<tr><td>编写接口文档</td><td rowspan=2>技术部</td><td rowspan=2>张三</td><td>5月30日</td><td>6月7日</td></tr>"
        "<tr><td>部署测试环境</td><td>6月3日</td><td>-</td></tr>"
        "</table>\n"
    )
    assert items(f"{HEAD}## 行动项\n\n{table}") == [
        ("编写接口文档", "张三", "2024-06-07"),
        ("部署测试环境", "张三", "2024-06-03"),
    ]


def test_a_blank_owner_is_missing_but_a_column_of_blanks_repeats_the_one_above() -> None:
    rows = "".join(f"| 任务{n} | {owner} | 6月1日 |\n" for n, owner in
                   enumerate(["张三", "", "", "李四", "", ""], 1))  # fmt: skip
    head = "| 任务 | 负责人 | 完成时间 |\n| --- | --- | --- |\n"
    assert [e.owner for e in reading(HEAD + head + rows).entries] == ["张三"] * 3 + ["李四"] * 3
    one = "| 任务一 | 张三 | 6月1日 |\n| 任务二 | | 6月1日 |\n| 任务三 | 李四 | 6月1日 |\n"
    result = reading(HEAD + head + one)
    assert [e.owner for e in result.entries] == ["张三", None, "李四"]
    assert [f.line for f in result.findings if f.code == "owner-missing"] == [10]


def test_labels_one_a_line() -> None:
    text = f"{HEAD}## 行动项\n\n任务：编写接口文档\n负责人：张三\n截止：6月15日\n验收标准：评审通过\n\n任务：部署测试环境\n负责人：李四\n截止：6月3日\n"
    assert items(text) == [
        ("编写接口文档", "张三", "2024-06-15"),
        ("部署测试环境", "李四", "2024-06-03"),
    ]


def test_labels_nested_below_the_task() -> None:
    text = f"{HEAD}## 待办\n\n1. 编写接口文档\n   - 负责人：张三\n   - 截止日期：6月15日\n2. 部署测试环境\n   - 负责人：李四\n   - 截止日期：6月3日\n"
    assert items(text) == [
        ("编写接口文档", "张三", "2024-06-15"),
        ("部署测试环境", "李四", "2024-06-03"),
    ]


def test_a_vertical_table_for_each_task() -> None:
    table = "| 任务 | 编写接口文档 |\n| --- | --- |\n| 责任人 | 张三 |\n| 完成时间 | 6月15日 |\n| 状态 | 受阻 |\n\n"
    (entry,) = reading(f"{HEAD}## 行动项\n\n{table}").entries
    assert told(entry) == ("编写接口文档", "张三", "2024-06-15")
    assert entry.status is Status.BLOCKED


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("- [ ] 张三：完成测试报告（6月15日前）", ("完成测试报告", "张三", "2024-06-15")),
        ("- [ ] @张三 完成测试报告 📅 2024-06-15", ("完成测试报告", "张三", "2024-06-15")),
        ("- [ ] 完成测试报告 @三哥 截止 6月15日", ("完成测试报告", "张三", "2024-06-15")),
        ("1. 由张三负责，6月15日前提交测试报告。", ("提交测试报告", "张三", "2024-06-15")),
        ("1. 请张三于下周三前提交测试报告。", ("提交测试报告", "张三", "2024-05-29")),
        ("1. 张三需在6月15日前提交测试报告。", ("提交测试报告", "张三", "2024-06-15")),
        ("1. 责成技术部张三6月15日前提交测试报告。", ("提交测试报告", "张三", "2024-06-15")),
        ("- 【张三】完成测试报告 — 6/15", ("完成测试报告", "张三", "2024-06-15")),
        ("- 张三 | 完成测试报告 | 6/15", ("完成测试报告", "张三", "2024-06-15")),
        ("- 完成测试报告（张三，6/15）", ("完成测试报告", "张三", "2024-06-15")),
        ("- 完成测试报告（张三）6.15", ("完成测试报告", "张三", "2024-06-15")),
        ("- @张三 6/15 完成测试报告", ("完成测试报告", "张三", "2024-06-15")),
        ("- 张三 6月15日前 完成测试报告", ("完成测试报告", "张三", "2024-06-15")),
        ("- 张三6月15日前完成测试报告", ("完成测试报告", "张三", "2024-06-15")),
        ("- 完成测试报告 ——张三，6月15日", ("完成测试报告", "张三", "2024-06-15")),
        ("- 完成测试报告：张三", ("完成测试报告", "张三", None)),
        ("- 张三整理测试报告", ("整理测试报告", "张三", None)),
        ("- 完成测试报告。责任人：张三，完成时间 6月15日", ("完成测试报告", "张三", "2024-06-15")),
        ("- 任务：完成测试报告；负责人：张三；截止：6月15日", ("完成测试报告", "张三", "2024-06-15")),
        ("- 张三通知业务方停机，6月15日前", ("通知业务方停机", "张三", "2024-06-15")),
        ("- 李四提交测试报告", ("提交测试报告", "李四", None)),
        ("- 张三（牵头）、李四（配合）：完成测试报告，6月15日前，交付物：报告", ("完成测试报告", "张三", "2024-06-15")),
        ("- Alice 确认测试时间，6/15", ("确认测试时间", "Alice Morgan", "2024-06-15")),
        ("- Alice to draft the text, w/c 17 June", ("draft the text", "Alice Morgan", None)),
        ("- 张三：5月27日~6月15日完成测试报告", ("完成测试报告", "张三", "2024-06-15")),
        ("- 张三：5月27日的测试报告归档", ("5月27日的测试报告归档", "张三", None)),
        ("- 完成测试报告，截止日期 6/15，提交给王小五。责任人：张三", ("完成测试报告", "张三", "2024-06-15")),
        ("- 完成测试报告（责任人：张三；计划：6月中旬）", ("完成测试报告", "张三", None)),
        ("- @张三 和 @李四 完成测试报告（owner：张三），ddl 6/15", ("完成测试报告", "张三", "2024-06-15")),
        ("- 王小五：检视权限——尽快", ("检视权限", "王小五", None)),
        ("- 测试报告由张三牵头，李四协助，6月15日前完成", ("测试报告", "张三", "2024-06-15")),
        ("- 由张三牵头、李四配合，6月15日前完成测试报告", ("完成测试报告", "张三", "2024-06-15")),
        ("- 陳美玲：整理問答，下週五前", ("整理問答", "陳美玲", "2024-05-31")),
        ("- 請陳美玲於6月15日前整理問答", ("整理問答", "陳美玲", "2024-06-15")),
        ("- Alice to send the draft by Friday", ("send the draft", "Alice Morgan", "2024-05-24")),
        ("- Alice: send the draft, due 15 June", ("send the draft", "Alice Morgan", "2024-06-15")),
        ("- Send the draft (Alice, 15 June)", ("Send the draft", "Alice Morgan", "2024-06-15")),
        ("- Send the draft -- Alice", ("Send the draft", "Alice Morgan", None)),
        ("- Send the draft - Owner: Alice; Due: 2024-06-15", ("Send the draft", "Alice Morgan", "2024-06-15")),
        ("- [Alice] Send the draft", ("Send the draft", "Alice Morgan", None)),
        ("- Alice will send the draft by 15 June", ("send the draft", "Alice Morgan", "2024-06-15")),
        ("- [ ] Send the draft @Alice [due:: 2024-06-15]", ("Send the draft", "Alice Morgan", "2024-06-15")),
        ("- Send the draft due:2024-06-15 @Alice", ("Send the draft", "Alice Morgan", "2024-06-15")),
        ("- TODO Send the draft DEADLINE: <2024-06-15 Sat>", ("Send the draft", None, "2024-06-15")),
        ("- [ ] Send the draft 🛫 2024-06-01 ⏳ 2024-06-03", ("Send the draft", None, None)),
    ],
)  # fmt: skip
def test_an_entry_of_a_list_of_work(
    line: str, expected: tuple[str, str | None, str | None]
) -> None:
    assert items(f"{HEAD}## 行动项\n\n{line}\n") == [expected]


@pytest.mark.parametrize(
    "heading",
    ["## 行动项：", "## 四、行动项清单", "## 待办事项", "## 待辦事項", "## TODO", "## Action Items", "## Next steps", "## ✅ 下一步计划",
     "## 遗留问题", "**待办：**", "行动项：", "Action items:", "## To-dos", "## 3. Actions"],
)  # fmt: skip
def test_the_plain_list_below_a_heading(heading: str) -> None:
    assert items(f"{HEAD}{heading}\n\n1. 编写接口文档\n2. 部署测试环境\n") == [
        ("编写接口文档", None, None),
        ("部署测试环境", None, None),
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ACTION: Alice to send the draft by Friday", ("send the draft", "Alice Morgan", "2024-05-24")),
        ("Action Alice to send the draft", ("send the draft", "Alice Morgan", None)),
        ("AI: Bob - draft the plan, due 15 June", ("draft the plan", "Bob Carter", "2024-06-15")),
        ("#action Alice to write the report", ("write the report", "Alice Morgan", None)),
        ("[ACTION] Bob: write the report", ("write the report", "Bob Carter", None)),
        ("TODO(alice): write the report", ("write the report", "Alice Morgan", None)),
        ("**Action item:** Alice will write the report", ("write the report", "Alice Morgan", None)),
        ("- Bob thinks it is late. ACTION: write the report", ("write the report", None, None)),
        ("待办：李四预订会议室，5月22日前", ("预订会议室", "李四", "2024-05-22")),
        ("行动项：张三 更新文档", ("更新文档", "张三", None)),
    ],
)  # fmt: skip
def test_a_mark_makes_an_item_anywhere(
    line: str, expected: tuple[str, str | None, str | None]
) -> None:
    assert items(f"{HEAD}## 讨论\n\n{line}\n") == [expected]


def test_a_marked_line_goes_on_below() -> None:
    text = f"{HEAD_EN}## Discussion\n\nACTION: Alice to write\n... the quarterly report\n"
    assert items(text) == [("write the quarterly report", "Alice Morgan", None)]


def test_ai_is_also_a_subject() -> None:
    assert (
        items(f"{HEAD_EN}## Discussion\n\n- AI captions were shown; we will not use them.\n") == []
    )


@pytest.mark.parametrize(
    ("cell", "owner", "owners", "support"),
    [
        ("张三、李四", None, ("张三", "李四"), ()),
        ("张三/李四", None, ("张三", "李四"), ()),
        ("张三和李四", None, ("张三", "李四"), ()),
        ("张三 李四", None, ("张三", "李四"), ()),
        ("张三（主）李四（协）", "张三", ("张三", "李四"), ("李四",)),
        ("张三（主办）、李四", "张三", ("张三", "李四"), ("李四",)),
        ("李四（协办）、张三（主办）", "张三", ("李四", "张三"), ("李四",)),
        ("牵头：张三；配合：李四", "张三", ("张三", "李四"), ("李四",)),
        ("Alice and Bob", None, ("Alice", "Bob"), ()),
        ("Alice (lead), Bob", "Alice Morgan", ("Alice", "Bob"), ("Bob Carter",)),
        ("三哥", "张三", ("三哥",), ()),
        ("@张三", "张三", ("张三",), ()),
        ("张三（技术部）", "张三", ("张三",), ()),
    ],
)
def test_owners_in_a_cell(
    cell: str, owner: str | None, owners: tuple[str, ...], support: tuple[str, ...]
) -> None:
    """Shape 9 and rule F2: one owner, or the one marked as lead; all stay in ``owners``."""
    table = f"| 任务 | 负责人 |\n| --- | --- |\n| 编写接口文档 | {cell} |\n"
    result = reading(f"{HEAD}## 行动项\n\n{table}")
    (entry,) = result.entries
    assert (entry.owner, entry.owners) == (owner, owners)
    assert entry.support == support
    assert ("owner-multiple" in {f.code for f in result.findings}) is (owner is None)


@pytest.mark.parametrize(
    ("cell", "owners", "department", "code"),
    [
        ("市场部", (), "市场部", "owner-vague"),
        ("市场部*", (), "市场部", "owner-vague"),
        ("项目经理", ("项目经理",), None, "owner-vague"),
        ("全体成员", ("全体成员",), None, "owner-vague"),
        ("相关部门", ("相关部门",), None, "owner-vague"),
        ("Everyone", ("Everyone",), None, "owner-vague"),
        ("Facilities", (), "Facilities", "owner-vague"),
        ("供应商", ("供应商",), None, "owner-vague"),
        ("本人", ("本人",), None, "owner-vague"),
        ("TBD", (), None, "owner-missing"),
        ("待定", (), None, "owner-missing"),
        ("-", (), None, "owner-missing"),
        ("周怡安", ("周怡安",), None, "owner-unknown"),
    ],
)
def test_nobody_is_invented(
    cell: str, owners: tuple[str, ...], department: str | None, code: str
) -> None:
    """Shape 10 and rules B1, F1."""
    table = f"| 任务 | 负责人 |\n| --- | --- |\n| 编写接口文档 | {cell} |\n"
    result = reading(f"{HEAD}## 行动项\n\n{table}")
    (entry,) = result.entries
    assert (entry.owners, entry.department) == (owners, department)
    assert entry.owner == (cell if code == "owner-unknown" else None)
    assert [f.code for f in result.findings if f.code.startswith("owner")] == [code]


def test_without_a_team_nobody_is_unknown() -> None:
    table = "| 任务 | 负责人 |\n| --- | --- |\n| 编写接口文档 | 周怡安 |\n"
    result = reading(HEAD + table, team=None)
    assert [e.owner for e in result.entries] == ["周怡安"]
    assert not [f for f in result.findings if f.code == "owner-unknown"]


def test_a_team_file_that_names_nobody_knows_nobody() -> None:
    table = "| 任务 | 负责人 |\n| --- | --- |\n| 编写接口文档 | 周怡安 |\n"
    result = reading(HEAD + table, team=Team(name="产品部"))
    assert not [f for f in result.findings if f.code == "owner-unknown"]


def test_columns_made_of_blanks_and_tags_before_a_task() -> None:
    text = f"{HEAD}待办：\n【P0】评审脚本    张三    6月14日\n[P1] 回滚方案\t李四\t6月15日\n"
    assert items(text) == [("评审脚本", "张三", "2024-06-14"), ("回滚方案", "李四", "2024-06-15")]


def test_nested_tasks_below_a_topic_and_details_below_a_task() -> None:
    """Shape 11: owner and date decide which of the two it is."""
    topic = "- 上线准备\n  - 张三：准备回滚方案，6月1日\n  - 李四：通知客户，6月3日\n"
    assert items(f"{HEAD}## 行动项\n\n{topic}") == [
        ("准备回滚方案", "张三", "2024-06-01"),
        ("通知客户", "李四", "2024-06-03"),
    ]
    task = "- 张三：准备回滚方案，6月1日\n  - 数据库备份脚本\n  - 演练记录\n"
    assert items(f"{HEAD}## 行动项\n\n{task}") == [("准备回滚方案", "张三", "2024-06-01")]


@pytest.mark.parametrize("form", ["### 张三\n\n- 准备回滚方案\n- 演练\n", "- 张三\n  - 准备回滚方案\n  - 演练\n",
                                  "- 张三：\n  - 准备回滚方案\n  - 演练\n"])  # fmt: skip
def test_items_by_person(form: str) -> None:
    assert [e[:2] for e in items(f"{HEAD}## 行动项\n\n{form}")] == [
        ("准备回滚方案", "张三"),
        ("演练", "张三"),
    ]


def test_a_follow_up_table_updates_items() -> None:
    """Shape 12 and rule D6: rows of the last meeting's list are carried."""
    text = (
        f"{HEAD}## 上次会议行动项\n\n| 行动项 | 负责人 | 原计划 | 状态 | 说明 |\n| --- | --- | --- | --- | --- |\n"
        "| 编写接口文档 | 张三 | 5月17日 | 延期 | 等评审；新完成时间5月31日 |\n| 部署测试环境 | 李四 | 5月17日 | 已完成 | - |\n\n"
        "## 行动项\n\n| 行动项 | 负责人 | 完成时间 | 交付标准 |\n| --- | --- | --- | --- |\n"
        "| 编写接口文档（延续） | 张三 | 5月31日 | 评审通过 |\n| 准备演示 | 李四 | 5月24日 | 录屏 |\n"
    )
    first, second, third = reading(text).entries
    by_text = {e.description: e for e in (first, second, third)}
    report = by_text["编写接口文档"]
    assert report.carried
    assert (report.status, report.due, report.acceptance) == (
        Status.LATE,
        date(2024, 5, 31),
        "评审通过",
    )
    assert report.note == "等评审；新完成时间5月31日"
    assert by_text["部署测试环境"].carried
    assert by_text["部署测试环境"].status is Status.DONE
    assert not by_text["准备演示"].carried


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("接口联调晚于预期；预计2024-06-27完成", date(2024, 6, 27)),
        ("图片失效，改为6月12日", date(2024, 6, 12)),
        ("new date June 21, 2024", date(2024, 6, 21)),
        ("等合同；由李四6月30日前协调解决", None),
        ("已测18/30件", None),
        ("预计很快完成", None),
    ],
)
def test_a_new_date_in_a_remark_is_expected(note: str, expected: date | None) -> None:
    """Rule D6: the planned day stays, the remark's day is what is expected now."""
    table = f"| 行动项 | 负责人 | 计划完成时间 | 状态 | 备注 |\n| --- | --- | --- | --- | --- |\n| 编写接口文档 | 张三 | 2024-06-01 | 延期 | {note} |\n"
    (entry,) = reading(HEAD + table).entries
    assert (entry.due, entry.expected, entry.note) == (date(2024, 6, 1), expected, note)


@pytest.mark.parametrize(
    "text",
    [
        "## 议程\n\n| 议题 | 议题说明 | 预计时长 | 汇报人 |\n| --- | --- | --- | --- |\n| 上线准备 | 需决定 | 20分钟 | 张三 |\n",
        "## Agenda\n\n1. Roll call\n2. Release plan (Alice)\n",
        "## 参会人员\n\n- [x] 张三\n- [ ] 李四（技术部）\n",
        "## Attendees\n\n- [x] Alice Morgan\n- [ ] Bob Carter, Engineering\n",
        "## 讨论\n\n- 张三汇报了上周进展，已于5月10日完成接口开发\n- 李四建议增加自动化测试\n- 决定不做直播\n",
        "## 讨论\n\n- 由于人手不足，进度偏慢\n- 王小五说会后可能再找客户聊一聊\n",
        "## Discussion\n\n- Alice said someone should look at the sitemap.\n- We discussed stock photos.\n",
        "## 行动项\n\n- [-] ~~张三：替换组件~~\n- ~~李四：通知客户~~\n",
        "## 行动项\n\n无\n",
        "## 行动项\n\n| 行动项 | 负责人 |\n| --- | --- |\n| 无 | - |\n",
        "## Action items\n\n- None\n",
        "```\n- [ ] 张三：这是模板\n```\n",
        "## 下次会议\n\n请张三于5月27日前准备材料\n",
        "## 名单\n\n| 姓名 | 部门 |\n| --- | --- |\n| 张三 | 技术部 |\n",
        "## 版本计划\n\n| 版本 | 时间 | 说明 |\n| --- | --- | --- |\n| 5.0 | 2024-06-01 | 上线 |\n",
        "## 决议\n\n1. 同意上线方案。\n2. 会员价上调暂缓，待市场部给出数据后再议。\n",
    ],
)  # fmt: skip
def test_what_is_no_item(text: str) -> None:
    """Shape 13 and rule B2: opinions, reports, agendas and lists of names never become items."""
    head = HEAD_EN if text.startswith(("## Agenda", "## Att", "## Disc", "## Action")) else HEAD
    assert items(head + text) == []


@pytest.mark.parametrize(
    ("line", "expected", "support"),
    [
        ("同意修订流程，由李四牵头，技术部配合提供数据，6月13日前完成。", ("修订流程", "李四", "2024-06-13"), ("技术部",)),
        ("由张三负责制定拓展方案，市场部配合。", ("制定拓展方案", "张三", None), ("市场部",)),
        ("请李四6月6日前把数据发给与会人员。", ("把数据发给与会人员", "李四", "2024-06-06"), ()),
        ("李四6月底前重新测算回收期。", ("重新测算回收期", "李四", "2024-06-30"), ()),
        ("由張三負責制定拓展方案，市場部配合。", ("制定拓展方案", None, None), ()),
    ],
)  # fmt: skip
def test_a_conclusion_that_gives_work(
    line: str, expected: tuple[str, str | None, str | None], support: tuple[str, ...]
) -> None:
    found = reading(f"{HEAD}## 决策结论\n\n1. {line}\n").entries
    if "張三" in line:  # another script, the same person
        expected = (expected[0], "张三", None)
        support = ("市場部",)
    assert [told(e) for e in found] == [expected]
    assert found[0].support == support


def test_a_task_told_in_a_conclusion_and_in_the_list_is_one_item() -> None:
    text = (
        f"{HEAD}## 结论\n\n1. 同意拓展华南渠道。由李四负责制定拓展方案，技术部配合。\n\n"
        "## 行动项\n\n| 行动项 | 负责人 | 完成时间 |\n| --- | --- | --- |\n| 制定华南渠道拓展方案 | 李四 | 6月6日 |\n"
    )
    (entry,) = reading(text).entries
    assert told(entry) == ("制定华南渠道拓展方案", "李四", "2024-06-06")
    assert entry.support == ("技术部",)


def test_the_same_task_twice_in_the_list_is_a_duplicate() -> None:
    text = f"{HEAD}## 行动项\n\n- 张三：编写接口文档，6月6日\n- 编写接口文档（张三，6月6日）\n- 张三：编写接口文档V2，6月6日\n"
    result = reading(text)
    assert [e.description for e in result.entries] == ["编写接口文档", "编写接口文档V2"]
    assert [(f.code, f.line) for f in result.findings if f.code == "duplicate"] == [
        ("duplicate", 10)
    ]


def test_the_discussion_gives_items_only_where_no_list_does() -> None:
    talk = "## Discussion\n\n- Renaming: Bob will draft a proposal for the new names.\n"
    assert items(HEAD_EN + talk) == [("draft a proposal for the new names", "Bob Carter", None)]
    listed = f"{HEAD_EN}{talk}\n## Actions\n\n- Alice to book the room\n"
    result = reading(listed)
    assert [e.description for e in result.entries] == ["book the room"]
    assert [f.line for f in result.findings if f.code == "possible-item"] == [9]


def test_several_meetings_in_one_file_count_from_their_own_day() -> None:
    one = "Date: {day}\n\nAttendees: Alice Morgan, Bob Carter\n\n## Action items\n\n- Alice to test the build by Friday\n\n"
    text = one.format(day="2024-05-20") + one.format(day="2024-05-27")
    assert [e.due for e in reading(text).entries] == [date(2024, 5, 24), date(2024, 5, 31)]


@pytest.mark.parametrize("heading", ["Next steps / 後續行動", "Actions 行动项", "待办 To-do"])
def test_a_heading_in_two_languages(heading: str) -> None:
    assert items(f"{HEAD}## {heading}\n\n- 整理合同台账\n") == [("整理合同台账", None, None)]


def test_the_next_meeting_is_no_item_of_the_list_before_it() -> None:
    found = reading(
        f"{HEAD}## 待办\n\n- 张三：整理台账\n\n下次会议定于5月27日上午9:30，地点不变。\n"
    )
    assert [entry.description for entry in found.entries] == ["整理台账"]
    assert found.meeting.next.start == "2024-05-27T09:30"


@pytest.mark.parametrize(
    ("head", "row", "expected"),
    [
        ("事项 | 责任部门及人 | 完成时限", "编写制度 | 技术部 张三 | 6月15日", ("编写制度", "张三", "2024-06-15")),
        ("事項 | 主辦單位及承辦人 | 期限", "編寫制度 | 技术部 张三 | 6/15", ("編寫制度", "张三", "2024-06-15")),
        ("列管編號 | 列管事項 | 承辦人 | 預定完成日期 | 辦理情形", "113-01 | 編寫制度 | 张三 | 6/15 | 已完成驗收",
         ("編寫制度", "张三", "2024-06-15")),
        ("Action item 行动项 | Owner 负责人 | Due 截止", "编写制度 | 张三 | 6/15", ("编写制度", "张三", "2024-06-15")),
    ],
)  # fmt: skip
def test_columns_named_in_the_words_of_an_office(
    head: str, row: str, expected: tuple[str, str, str]
) -> None:
    rule = "|" + " --- |" * len(head.split("|"))
    assert items(f"{HEAD}## 重点工作\n\n| {head} |\n{rule}\n| {row} |\n") == [expected]


def test_the_lower_row_of_a_header_tells_the_start_from_the_end() -> None:
    """Only the end is the due day."""
    table = (
        "<table><tr><th>任务内容</th><th>责任</th><th>责任</th><th>时间</th><th>时间</th></tr>"
        "<tr><th>任务内容</th><th>部门</th><th>责任人</th><th>开始</th><th>完成</th></tr>"
        "<tr><td>编写制度</td><td>技术部</td><td>张三</td><td>6月3日</td><td>6月15日</td></tr></table>"
    )
    (entry,) = reading(f"{HEAD}{table}\n").entries
    assert told(entry) == ("编写制度", "张三", "2024-06-15")
    assert entry.department == "技术部"


def test_labels_in_black_brackets_are_a_record() -> None:
    text = "【任务】编写制度\n【责任人】张三（牵头），李四（配合）\n【时限】6月15日前\n【验收标准】部门会签\n"
    (entry,) = reading(f"{HEAD}## 议题一 制度\n\n{text}").entries
    assert told(entry) == ("编写制度", "张三", "2024-06-15")
    assert (entry.acceptance, entry.support) == ("部门会签", ("李四",))


@pytest.mark.parametrize("heading", ["按人员分工", "By person", "By owner"])
def test_a_heading_that_orders_the_work_by_person(heading: str) -> None:
    text = f"## {heading}\n\n### 张三\n\n- 编写制度，6月15日前\n\n**李四（主）、王小五（协）**\n\n- 核对台账\n"
    found = reading(HEAD + text).entries
    assert list(map(told, found)) == [
        ("编写制度", "张三", "2024-06-15"),
        ("核对台账", "李四", None),
    ]
    assert found[1].support == ("王小五",)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("跟进：张三编写制度，6月15日前", [("编写制度", "张三", "2024-06-15")]),
        ("后续：张三 6月15日前编写制度；李四 核对台账。",
         [("编写制度", "张三", "2024-06-15"), ("核对台账", "李四", None)]),
        ("后续：无", []),
        ("执行：请张三6月15日前编写制度。", [("编写制度", "张三", "2024-06-15")]),
        ("Follow-up: none for now", []),
        ("Follow-up: Bob to revise the text by 15 June", [("revise the text", "Bob Carter", "2024-06-15")]),
    ],
)  # fmt: skip
def test_a_label_for_what_follows(
    line: str, expected: list[tuple[str, str | None, str | None]]
) -> None:
    assert items(f"{HEAD}## 一、车辆\n\n同意报废。\n\n{line}\n") == expected


@pytest.mark.parametrize(
    ("line", "owner", "helps"),
    [
        ("张三牵头、Bob Carter 配合，6月15日前拿出方案", "张三", "Bob Carter"),
        ("由张三牵头，李四 协助，6月15日前拿出方案", "张三", "李四"),
        ("Bob Carter 牵头、张三配合，6月15日前拿出方案", "Bob Carter", "张三"),
    ],
)
def test_who_leads_and_who_helps_in_two_scripts(line: str, owner: str, helps: str) -> None:
    """F2: a blank stands between a Latin name and the Chinese word behind it."""
    (found,) = reading(f"{HEAD}出席：Bob Carter、张三、李四\n\n## 行动项\n\n- {line}\n").entries
    assert told(found) == ("拿出方案", owner, "2024-06-15")
    assert found.support == (helps,)


@pytest.mark.parametrize("heading", ["行动项", "会后工作", "会后工作清单"])
@pytest.mark.parametrize("line", ["张三尽快更新台账", "张三：立即更新台账", "请张三尽早更新台账"])
def test_a_vague_word_before_the_task_is_its_day(heading: str, line: str) -> None:
    """F1: it is flagged, and is no part of the task."""
    found = reading(f"{HEAD}## {heading}\n\n- {line}\n")
    (entry,) = found.entries
    assert told(entry) == ("更新台账", "张三", None)
    assert entry.due_text
    assert entry.due_text in line
    assert "due-vague" in {finding.code for finding in found.findings}


def test_an_entry_below_a_plain_heading_names_its_owner_and_a_day_to_come() -> None:
    text = (
        "## 一、技术部\n\n1. 张三：6月15日前编写制度\n2. 李四：对账已完成，5月19日前交付\n"
        "3. 王小五：预计6月1日前到货\n4. 李四跟踪到货，6月5日前组织验收\n"
        "5. 张三认为6月底前来得及\n6. 王小五组6月1日前仍有缺口\n"
    )
    assert items(HEAD + text) == [
        ("编写制度", "张三", "2024-06-15"),
        ("跟踪到货，6月5日前组织验收", "李四", "2024-06-05"),
    ]
    report = text.replace("一、技术部", "一、进展情况")
    assert items(HEAD + report) == []


@pytest.mark.parametrize("words", ["议定事项如下", "会议形成如下决议", "形成如下意见"])
def test_a_sentence_announces_the_list_of_conclusions(words: str) -> None:
    text = f"会议听取了汇报，经讨论，{words}：\n\n一、同意采购方案。\n\n二、由张三负责，6月15日前完成比价。\n"
    found = reading(HEAD + text)
    assert found.decisions[0].text == "同意采购方案"
    assert list(map(told, found.entries)) == [("完成比价", "张三", "2024-06-15")]


@pytest.mark.parametrize("line", ["同意由李四主谈。", "同意档案由市场部统一维护。"])
def test_a_settled_matter_gives_no_work(line: str) -> None:
    assert items(f"{HEAD}## 会议结论\n\n1. {line}\n") == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("决议：照案通过，由法务课李四于6月15日前公告办法。", ("公告办法", "李四", "2024-06-15")),
        ("決議：資訊組王小五於一週內提出報告。", ("提出報告", "王小五", "2024-05-27")),
        ("决议：缓议，请总务课补充成本资料。", ("补充成本资料", None, None)),
        ("決議：王小五先生須於6月15日前回覆業主。", ("回覆業主", "王小五", "2024-06-15")),
        ("決議：王小五於下次會議提出企劃書。", ("提出企劃書", "王小五", None)),
    ],
)
def test_a_resolution_of_formal_minutes_gives_work(
    line: str, expected: tuple[str, str | None, str | None]
) -> None:
    assert items(f"{HEAD}案由一：试办\n\n{line}\n\n臨時動議：無\n\n散會\n", None) == [expected]


def test_a_resolution_with_a_day_stands_beside_a_list_of_actions() -> None:
    text = "## Resolutions\n\n1. It was agreed that Bob Carter will revise the plan by 26 May 2024.\n\n## Actions\n\n- Alice to book a room\n"
    assert [entry.owner for entry in reading(HEAD_EN + text).entries] == [
        "Bob Carter",
        "Alice Morgan",
    ]


def test_a_role_in_capitals_is_no_person() -> None:
    (entry,) = reading(f"{HEAD}| 任务 | 负责人 |\n| --- | --- |\n| 确认预算 | PM |\n", None).entries
    assert (entry.owner, entry.owners) == (None, ("PM",))


def test_a_new_day_in_the_status_is_expected() -> None:
    """Rule D6."""
    table = "| 事项 | 责任人 | 完成时限 | 落实情况 |\n| --- | --- | --- | --- |\n"
    row = "| 修订审批单 | 张三 | 5月15日 | 延期至6月10日，等待模板 |\n"
    (entry,) = reading(f"{HEAD}## 上次会议行动项落实情况\n\n{table}{row}").entries
    assert (entry.due, entry.expected) == (date(2024, 5, 15), date(2024, 6, 10))


def test_decisions_in_a_column_of_the_list_of_work() -> None:
    table = "| 议题 | 决议 | 行动项 | 负责人 |\n| --- | --- | --- | --- |\n| 防水 | 同意返工 | B区返工 | 张三 |\n| 塔吊 | 无 | 编写方案 | 李四 |\n"
    (decision,) = reading(HEAD + table).decisions
    assert (decision.text, decision.conclusion) == ("防水：同意返工", "agreed")


def test_a_matter_with_its_basis_and_conclusion_below_is_one_decision() -> None:
    """Rule S1."""
    text = (
        "## 决策事项\n\n（一）年度预算\n\n决策依据：现金流预测。\n\n决策结论：同意，总额三亿元。\n\n"
        "2. 上线新版\n\n依据：用户调研。\n"
    )
    assert [(d.text, d.conclusion) for d in reading(HEAD + text).decisions] == [
        ("年度预算：同意，总额三亿元", "agreed"),
        ("上线新版", None),
    ]


def test_numbers_within_an_entry_are_no_days() -> None:
    text = "1. Lifts\n   1.1 The lift is repaired.\n   1.2 Action: Bob Carter to chase the firm by 31 May.\n"
    assert items(HEAD_EN + text) == [("chase the firm", "Bob Carter", "2024-05-31")]


def test_a_given_name_that_is_another_word() -> None:
    text = "# Sync\n\nDate: 2024-05-20\n\nAttendees: Will Abbot, Ann Lee\n\nAction: Will Abbot to draft the text\n"
    assert items(text, None) == [("draft the text", "Will Abbot", None)]


def test_a_look_back_is_a_report() -> None:
    assert items(f"{HEAD}## 上周事项回顾\n\n1. 网关改造：已上线。\n") == []


def test_the_standard_behind_a_sentence() -> None:
    text = "## 会议结论\n\n1. 由张三于6月15日前完成清点，验收标准：清点表签字。\n"
    (entry,) = reading(HEAD + text).entries
    assert (*told(entry), entry.acceptance) == ("完成清点", "张三", "2024-06-15", "清点表签字")


@pytest.mark.parametrize(("column", "word"), [("是否关闭", "是"), ("是否闭环", "已闭环")])
def test_a_column_that_asks_whether_it_is_done(column: str, word: str) -> None:
    table = f"| 对策 | 担当 | 纳期 | {column} |\n| --- | --- | --- | --- |\n| 编写制度 | 张三 | 6/15 | {word} |\n"
    (entry,) = reading(HEAD + table).entries
    assert told(entry) == ("编写制度", "张三", "2024-06-15")
    assert entry.status is Status.DONE


def test_the_helper_of_a_sentence_comes_without_the_unit() -> None:
    text = "## 会议决议\n\n1. 由设备科张三牵头，财务科李四配合，于6月15日前完成评审。\n"
    assert reading(HEAD + text).entries[0].support == ("李四",)
