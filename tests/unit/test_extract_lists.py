"""Lists of work as teams without a form write them: who shares what, without marks, in tables."""

import pytest
from fakes.docx import docx, tbl, tc, tr

from mapping.values import Reading, Status
from minuteloop import workdays
from minutes.extract import extract
from minutes.read import read_bytes

CALENDAR = workdays.load("CN")
HEAD = "# 小组周会\n\n会议时间：2024-05-20 10:00-11:00\n\n参会人：张三丰、李思远、王五\n\n"

Told = tuple[str, tuple[str, ...]]


def reading(data: str | bytes, name: str = "minutes.md") -> Reading:
    document = read_bytes(data.encode() if isinstance(data, str) else data, name)
    return extract(document, name=name, team=None, calendar=CALENDAR)


def items(data: str | bytes, name: str = "minutes.md") -> list[Told]:
    return [(e.description, e.owners) for e in reading(data, name).entries]


TWO = [("写接口", ("张三丰",)), ("画原型", ("李思远",))]


@pytest.mark.parametrize(
    "text",
    [
        "## 对本周的开发进行分工\n\n- 张三丰：写接口\n- 李思远：画原型\n",
        "## 需求文档分工\n\n写接口：张三丰\n画原型：李思远\n",
        "## 下周组内工作分配（初步）\n\n- 张三丰：写接口\n- 李思远：画原型\n",
        "## 内容\n\n- 进度都正常\n- 讨论本周任务和分工：\n  - 张三丰：写接口\n  - 李思远：画原型\n",
        "## 内容\n\n1. 看了演示\n2. 后续任务布置\n   - 张三丰：写接口\n   - 李思远：画原型\n",
        "## 议题\n\n1. 汇报进展\n   - 张三丰：看书\n2. 布置了后面需要完成的任务：\n   - 张三丰：写接口\n   - 李思远：画原型\n",
        "## 下一步的计划（先跑通再优化，不求快）：\n\n- 写接口（张三丰）\n- 画原型（李思远）\n",
    ],
)  # fmt: skip
def test_a_heading_that_says_who_does_what(text: str) -> None:
    assert items(HEAD + text) == TWO


@pytest.mark.parametrize(
    "text",
    [
        "## 内容\n\n- 完成组员的任务分配\n- 看了演示\n- 定下接口\n",  # nothing stands below it
        "## 内容\n\n- 上周布置了一些任务，改了文档。\n- 看了演示\n",  # a sentence is no heading
        "## 内容\n\n- 解决的问题\n  - 改掉了登录的错误\n",
        "## 内容\n\n- 任务1：\n  - 交流进度\n- 任务2：\n  - 交流心得\n",  # topics, numbered
        "## 团队分工\n\n- 前端：张三丰\n- 后端：李思远\n",  # who is what in the team
        "# 第二次任务分工\n\n- 交流进度\n- 看了演示\n",  # the title of it all
        "## 进展\n\n- ✅ 登录页 - 已上线\n- ✅ 注册页 - 已上线\n",  # a tick that only adorns
        "## 決議\n\n- 車長由總務處部員陳真擔任。\n",  # an office, no work
        "## 任务安排\n\n- 张三丰\n- 李思远、王五\n",
    ],
)
def test_what_gives_no_work(text: str) -> None:
    assert items(HEAD + text) == []


def test_ticks_beside_open_boxes_tell_what_is_done() -> None:
    found = reading(f"{HEAD}## 进展\n\n- ✅ 上线登录页\n- ⬜ 上线注册页\n").entries
    assert [(e.description, e.status) for e in found] == [
        ("上线登录页", Status.DONE),
        ("上线注册页", Status.IN_PROGRESS),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "待办事项：写接口\n画原型\n\n下次开会时间：2024/05/27\n",
        "代辦事項:寫接口\n\t 畫原型\n\n下次開會時間:2024/05/27\n",
        "接下来要做的事：\n写接口\n画原型\n\n收获：学会了调试\n",
        "## 待办\n\n写接口\n画原型\n",
    ],
)
def test_a_list_without_marks(text: str) -> None:
    found = [e.description for e in reading(HEAD + text).entries]
    assert found in (["写接口", "画原型"], ["寫接口", "畫原型"])


def test_running_text_below_a_label_is_no_list() -> None:
    text = "后续计划：\n会上没有定下来。时间另外通知，大家注意看群\n有什么想法？\n"
    assert items(HEAD + text) == []


def test_names_below_a_task_are_its_owners() -> None:
    text = "## 任务安排\n\n- 写接口\n  - 张三丰\n  - 王五\n- 画原型\n  - 李思远\n"
    assert items(HEAD + text) == [("写接口", ("张三丰", "王五")), ("画原型", ("李思远",))]


def test_a_field_of_work_is_no_task() -> None:
    text = "## 任务安排\n\n- 后端\n  - 写接口\n  - 部署到服务器\n- 更新说明内容\n"
    assert [d for d, _ in items(HEAD + text)] == ["写接口", "部署到服务器", "更新说明内容"]


def test_a_short_name_beside_longer_ones() -> None:
    """A name of two characters is one where all entries begin, or end, with a name."""
    text = "# 小组周会\n\n## 分工\n\n- 钱多多：写接口\n- 赵敏：画原型\n"
    assert items(text) == [("写接口", ("钱多多",)), ("画原型", ("赵敏",))]
    text = "# 小组周会\n\n## 分工\n\n- 写接口：钱多多，赵敏\n- 画原型：孙小小\n"
    assert items(text) == [("写接口", ("钱多多", "赵敏")), ("画原型", ("孙小小",))]
    assert items("# 小组周会\n\n## 分工\n\n- 陈列：摆好样品\n- 包装：订盒子\n") == [
        ("陈列：摆好样品", ()),
        ("包装：订盒子", ()),
    ]


@pytest.mark.parametrize(
    ("line", "description", "due"),
    [
        ("写接口，张三丰负责", "写接口", None),
        ("写接口：由张三丰同学负责。", "写接口", None),
        ("写接口，张三丰负责，5月24日前", "写接口", "2024-05-24"),
        ("写接口，张三丰负责，5月24日前交第一版", "写接口，张三丰负责，5月24日前交第一版", "2024-05-24"),
    ],
)  # fmt: skip
def test_who_is_in_charge_is_told_behind(line: str, description: str, due: str | None) -> None:
    (entry,) = reading(f"{HEAD}## 分工\n\n1. {line}\n").entries
    assert (entry.description, entry.owner) == (description, "张三丰")
    assert (entry.due.isoformat() if entry.due else None) == due


@pytest.mark.parametrize("header", ["任务分工 | 负责人", "本周工作分配 | 小组成员"])
def test_a_column_that_is_called_like_a_part(header: str) -> None:
    text = f"## 安排\n\n| {header} |\n| --- | --- |\n| 写接口 | 张三丰 |\n| 画原型 | 李思远 |\n"
    assert items(HEAD + text) == TWO


def test_tasks_that_were_done_last_week_are_done() -> None:
    text = "## 上周已完成任务\n\n| 任务 | 负责人 |\n| --- | --- |\n| 写接口 | 张三丰 |\n"
    (entry,) = reading(HEAD + text).entries
    assert (entry.carried, entry.status) == (True, Status.DONE)


def test_a_list_of_work_in_a_form_with_wide_cells() -> None:
    """The form's grid is finer than the list: each title covers several columns."""
    wide, first, more = '<w:gridSpan w:val="3"/>', '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    form = tbl(
        tr("主持人", "王五", "地点", tc("会议室", '<w:gridSpan w:val="2"/>')),
        tr("条目", "姓名", tc("工作内容", wide)),
        tr(tc("下周任务分配", first), tc("张三丰", first), tc("写接口", wide)),
        tr(tc("", more), tc("", more), tc("画原型", wide)),
    )
    assert items(docx(form), "minutes.docx") == [("写接口", ("张三丰",)), ("画原型", ("张三丰",))]


def test_tasks_told_in_headings() -> None:
    text = "## 4.分工\n\n### 张三丰：负责写接口。\n\n### 李思远：画原型\n"
    text += "\n## 5.下次会议：5月27日\n"
    assert [o for _, o in items(HEAD + text)] == [("张三丰",), ("李思远",)]


def test_a_number_before_a_task_is_no_part_of_it() -> None:
    text = "## 行动计划\n\n- **任务1**：写接口 - 责任人：张三丰\n- **任务2**：画原型 - 责任人：李思远\n"
    assert items(HEAD + text) == TWO


def test_other_business_is_no_list_of_work() -> None:
    text = "## 三、其他事项\n\n1. 配置库的完善\n\n## 行动计划\n\n- 写接口（张三丰）\n"
    assert items(HEAD + text) == TWO[:1]
    text = "## 记录\n\n- 下次代辦清單：\n  - 写接口（张三丰）\n"
    assert items(HEAD + text) == TWO[:1]


def test_a_part_that_a_label_opened_ends_with_the_day_of_another_meeting() -> None:
    text = "确认分工：\n\n写接口：张三丰\n\n2024/5/27\n\n1. 看了演示\n2. 接口已联通\n"
    assert items(HEAD + text) == TWO[:1]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("@张三丰，收集故事背后的认知原理", ("收集故事背后的认知原理", ("张三丰",), None)),
        ("后端 API 对接（下周）", ("后端 API 对接", (), "下周")),
        ("@阿狸B梦（临时），写接口", ("（临时），写接口", ("阿狸B梦",), None)),
        ("写接口（验收后）", ("写接口", (), "验收后")),
    ],
)
def test_what_stays_of_a_line(line: str, expected: tuple[str, tuple[str, ...], str | None]) -> None:
    (entry,) = reading(f"{HEAD}## 待办\n\n- {line}\n").entries
    assert (entry.description, entry.owners, entry.due_text) == expected


def test_meetings_below_one_title_are_apart() -> None:
    """Each dated heading begins a meeting: days count from its own, and no tasks are joined."""
    text = (
        "# 会议纪要\n\n## 20240520会议纪要\n\n会议日期：2024年5月20日 8:30\n\n参会人：张三丰\n\n"
        "### 任务\n\n- 写接口（张三丰，本周五）\n\n"
        "## 20240527会议纪要\n\n### 任务\n\n- 画原型（李思远，本周五）\n- 写接口，本周五\n"
    )
    result = reading(text)
    assert result.meeting.start == "2024-05-20T08:30"
    assert [(e.description, e.owners, e.due and e.due.day) for e in result.entries] == [
        ("写接口", ("张三丰",), 24),
        ("画原型", ("李思远",), 31),
        ("写接口", (), 31),
    ]
