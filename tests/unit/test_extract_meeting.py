"""The facts of the meeting, however minutes tell them."""

from datetime import date

import pytest

from mapping.values import Absence, Meeting, MeetingType, NextMeeting
from minuteloop import workdays
from minutes.extract import extract
from minutes.read import read_bytes

CALENDAR = workdays.load("CN")


def meeting(text: str, name: str = "minutes.md", **more: object) -> Meeting:
    document = read_bytes(text.encode(), "minutes.md")
    return extract(document, name=name, team=None, calendar=CALENDAR, **more).meeting  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("会议时间：2024年5月20日 14:00-15:30", "2024-05-20T14:00", "2024-05-20T15:30"),
        ("会议时间：2024年5月20日（星期一）下午2:00～3:30", "2024-05-20T14:00", "2024-05-20T15:30"),
        ("时间：2024-05-20 上午9点半至11点", "2024-05-20T09:30", "2024-05-20T11:00"),
        ("时间：２０２４年５月２０日９：３０－１１：００", "2024-05-20T09:30", "2024-05-20T11:00"),
        ("時間：113/05/20 14:00", "2024-05-20T14:00", None),
        ("開會時間：民國113年5月20日", "2024-05-20", None),
        ("日期：2024.5.20", "2024-05-20", None),
        ("Date: 20 May 2024, 2pm - 3:30pm", "2024-05-20T14:00", "2024-05-20T15:30"),
        ("When: Monday, May 20, 2024 at 14:00", "2024-05-20T14:00", None),
        ("Date and time: 2024-05-20 14:00 to 15:30", "2024-05-20T14:00", "2024-05-20T15:30"),
        ("Date: 20 May 2024\nTime: 10:00-10:45", "2024-05-20T10:00", "2024-05-20T10:45"),
        ("Date: 20 May 2024\nStart Time: 6pm\nEnd Time: 7:30pm", "2024-05-20T18:00", "2024-05-20T19:30"),
    ],
)  # fmt: skip
def test_when(text: str, start: str, end: str | None) -> None:
    found = meeting(f"# 例会\n\n{text}\n")
    assert (found.start, found.end) == (start, end)


def test_the_day_comes_from_the_text_then_the_front_matter_then_the_name_then_outside() -> None:
    outside = date(2024, 5, 1)
    text, front = "会议时间：2024-05-20\n", "---\ndate: 2024-05-19\n---\n\n# 例会\n\n"
    name = "周会-20240518.md"
    assert meeting(front + text, name, day=outside).day == date(2024, 5, 20)
    assert meeting(front, name, day=outside).day == date(2024, 5, 19)
    assert meeting("# 例会\n", name, day=outside).day == date(2024, 5, 18)
    assert meeting("# 例会\n", day=outside).day == outside
    assert meeting("# 例会\n").day is None


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# 会议纪要\n\n会议名称：产品规划会\n", "产品规划会"),
        ("# 产品规划会会议纪要\n\n时间：2024-05-20\n", "产品规划会会议纪要"),
        ("# 发布站会 2024-05-20\n", "发布站会"),
        ("# 2024-05-20 Steering group\n", "2024-05-20 Steering group"),
        ("设备例会纪要\n\n会议时间：2024-05-20\n地点：三楼\n", "设备例会纪要"),
        ("Design review\n20 May 2024, 15:00, Studio 2\n", "Design review"),
        ("# Action tracker\n\nMeeting: Onboarding kick-off, 2024-05-20\n", "Onboarding kick-off"),
        ("---\ntitle: 产品规划会\n---\n\n- 无\n", "产品规划会"),
    ],
)
def test_the_title(text: str, title: str) -> None:
    assert meeting(text).title == title


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("研发中心周例会", MeetingType.REGULAR),
        ("Platform weekly", MeetingType.REGULAR),
        ("仓储项目启动会", MeetingType.SPECIAL),
        ("專案復盤會", MeetingType.SPECIAL),
        ("Onboarding kick-off", MeetingType.SPECIAL),
        ("搬迁协调会", MeetingType.CROSS_DEPARTMENT),
        ("2024年度预算决策会", MeetingType.DECISION),
        ("产品规划会", None),
    ],
)
def test_the_type_of_a_title(title: str, kind: MeetingType | None) -> None:
    """Rule S1; a label wins over the title."""
    assert meeting(f"# {title}\n\n时间：2024-05-20\n").type is kind
    assert meeting(f"# {title}\n\n会议类型：决策会议\n").type is MeetingType.DECISION


def test_people_and_place() -> None:
    text = (
        "# 例会\n\n**时 间：** 2024-05-20　**地 点：** 三楼\n**主持人：** 张三　**记录人：** 李四\n"
        "**参会人：** 张三、李四（产品部）、王小五\n**缺席人：** 赵六（技术部，出差）、孙七\n"
    )
    found = meeting(text)
    assert (found.place, found.host, found.recorder) == ("三楼", "张三", "李四")
    assert found.attendees == ("张三", "李四", "王小五")
    assert found.absent == (Absence(name="赵六", reason="出差"), Absence(name="孙七"))


def test_people_in_lists_and_by_their_mark() -> None:
    found = meeting(
        "# Sync\n\n## Participants\n\n- @Ann Lee (chair)\n- Bo Young, Acme\n- Cy Fox @cyfox\n"
    )
    assert found.attendees[0] == "Ann Lee"
    assert found.attendees[-1] == "Cy Fox"
    assert found.host == "Ann Lee"


def test_an_official_sentence_tells_it_all() -> None:
    text = "# 专题会议纪要\n\n2024年5月20日下午，张三在三楼会议室主持召开质量专题会。李四、王小五参加，赵六因病请假。李四记录。现纪要如下：\n"
    found = meeting(text)
    assert (found.start, found.host, found.place) == ("2024-05-20", "张三", "三楼会议室")
    assert found.attendees == ("张三", "李四", "王小五")
    assert found.absent == (Absence(name="赵六", reason="因病请假"),)
    assert found.recorder == "李四"


@pytest.mark.parametrize(
    "text",
    [
        "## 下次会议\n\n2024年5月27日 10:00，三楼，检查进度。\n",
        "## 五、下次会议安排\n\n- 时间：2024年5月27日 10:00\n- 地点：三楼\n- 议题：检查进度\n",
        "下次会议：5月27日10:00，三楼，检查进度\n",
    ],
)
def test_the_next_meeting(text: str) -> None:
    found = meeting(f"# 例会\n\n会议时间：2024-05-20 09:00\n\n{text}")
    assert found.start == "2024-05-20T09:00"
    assert found.next == NextMeeting(start="2024-05-27T10:00", place="三楼", topic="检查进度")


@pytest.mark.parametrize(
    ("text", "sensitive"),
    [
        ("# 2024年战略会\n", True),
        ("密级：内部机密\n\n# 例会\n", True),
        ("# 例会\n\n> 机密 仅限参会人员\n", True),
        ("# Weekly\n\nConfidential - attendees only\n", True),
        ("# 例会\n\n密级：公开\n", False),
        ("# 例会\n\n## 讨论\n\n- 财务部介绍了战略和机密文件的管理\n", False),
    ],
)
def test_sensitive_minutes(text: str, sensitive: bool) -> None:
    """Rule F5: a word of the title or a line 密级 / 机密, never the body."""
    assert meeting(text).sensitive is sensitive


def test_goals_and_topics() -> None:
    text = "# 例会\n\n## 会议目标\n\n1. 定下版本\n2. 明确分工\n\n## 议题\n\n- 版本范围\n- 分工\n"
    found = meeting(text)
    assert found.goals == ("定下版本", "明确分工")
    assert found.topics == ("版本范围", "分工")
