"""How long an agenda plans a meeting to last (E1)."""

import pytest
from fakes.docx import docx, tbl, tr

from minuteloop import workdays
from minutes.extract import extract
from minutes.lengths import minutes_in
from minutes.read import read_bytes

CALENDAR = workdays.load("CN")


@pytest.mark.parametrize(
    ("text", "title", "minutes"),
    [
        ("30分钟", "", 30),
        ("30 分鐘", "", 30),
        ("９０分", "", 90),
        ("30 min", "", 30),
        ("45 Minutes", "", 45),
        ("20'", "", 20),
        ("0.5小时", "", 30),
        ("1.5 hours", "", 90),
        ("1h", "", 60),
        ("1h30m", "", 90),
        ("1 h 15 min", "", 75),
        ("1小时30分钟", "", 90),
        ("半小时", "", 30),
        ("半個小時", "", 30),
        ("一个半小时", "", 90),
        ("1小时半", "", 90),
        ("两小时", "", 120),
        ("十分钟", "", 10),
        ("二十五分钟", "", 25),
        ("一刻钟", "", 15),
        ("三刻钟", "", 45),
        ("约30分钟", "", 30),
        ("approx. 30 min", "", 30),
        ("30分钟左右", "", 30),
        ("14:00-14:20", "", 20),
        ("下午2点到3点半", "", 90),
        ("30", "预计时长（分钟）", 30),
        ("30", "Planned minutes", 30),
        ("15", "Time (min)", 15),
        ("1.5", "时长（小时）", 90),
        ("30", "预计时长", None),  # of what?
        ("20-30分钟", "", None),
        ("14:00", "", None),
        ("待定", "", None),
        ("2024-05-20", "", None),
        ("约", "", None),
        ("-", "", None),
        ("", "预计时长（分钟）", None),
    ],
)
def test_the_minutes_that_a_cell_names(text: str, title: str, minutes: int | None) -> None:
    assert minutes_in(text, title) == minutes


def planned(
    *rows: str, head: str = "议题|议题说明|预计时长|汇报人", before: str = ""
) -> int | None:
    lines = [head, "|".join(["---"] * (head.count("|") + 1)), *rows]
    text = "# 产品规划会\n\n会议时间：2024-05-20 14:00\n\n" + before
    text += "".join(f"| {line.replace('|', ' | ')} |\n" for line in lines)
    reading = extract(read_bytes(text.encode(), "a.md"), name="a.md", team=None, calendar=CALENDAR)
    assert not reading.entries
    return reading.meeting.planned_min


@pytest.mark.parametrize(
    ("rows", "minutes"),
    [
        (("选址|看图|30分钟|张三", "人手|分配|0.5小时|李四"), 60),
        (("选址|看图|30分钟|张三", "人手|分配|30分钟|李四", "合计||60分钟|"), 60),
        (("选址|看图|30分钟|张三", "人手|分配||李四"), None),  # not of every topic
        (("选址|看图|30分钟|张三", "人手|分配|待定|李四"), None),
        (("选址|看图|30分钟|张三", "|||"), 30),
        (("选址|看图|30分钟|张三", "~~人手~~|~~分配~~|~~20分钟~~|~~李四~~"), 30),
        (("选址|看图|20小时|张三", "人手|分配|20小时|李四"), None),  # no meeting
        (("|||",), None),
    ],
)
def test_the_lengths_of_the_topics_are_added(rows: tuple[str, ...], minutes: int | None) -> None:
    assert planned(*rows) == minutes


@pytest.mark.parametrize(
    ("head", "minutes"),
    [
        ("议题|预计时长（分钟）|汇报人", 45),
        ("Topic|Planned minutes|Presenter", 45),
        ("議題|預計時長（分鐘）|報告人", 45),
        ("议题|用时（分钟）|汇报人", None),  # what it took, not what was planned
        ("议题|实际时长（分钟）|汇报人", None),
    ],
)
def test_the_column_is_that_of_the_plan(head: str, minutes: int | None) -> None:
    assert planned("选址|30|张三", "人手|15|李四", head=head) == minutes


def test_the_topics_of_the_next_meeting_are_not_those_of_this_one() -> None:
    assert planned("选址|看图|30分钟|张三", before="## 下次会议安排\n\n") is None


def test_a_length_that_several_topics_share_counts_once() -> None:
    def cell(text: str, merge: str) -> str:
        return f'<w:tc><w:tcPr><w:vMerge w:val="{merge}"/></w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>'

    body = tbl(
        tr("议题", "预计时长", "汇报人"),
        tr("选址", cell("40分钟", "restart"), "张三"),
        tr("人手", cell("", "continue"), "李四"),
        tr("预算", "20分钟", "王五"),
    )
    found = extract(read_bytes(docx(body), "a.docx"), name="a.docx", team=None, calendar=CALENDAR)
    assert found.meeting.topics == ("选址", "人手", "预算")
    assert found.meeting.planned_min == 60


@pytest.mark.parametrize(
    ("more", "agenda"),
    [
        ("", True),
        ("## 会议目标\n\n定下仓库\n", True),
        ("## 讨论\n\n大家看了三处\n", False),
        ("## 决策结论\n\n1. 同意：租东区\n", False),
        ("## 行动项清单\n\n| 行动项 | 负责人 |\n| --- | --- |\n| 签合同 | 张三 |\n", False),
        ("## 行动项清单\n\n无\n", False),
    ],
)
def test_what_is_an_agenda_and_no_minutes(more: str, agenda: bool) -> None:
    text = f"# 选址会\n\n会议时间：2024-05-20\n\n## 议题\n\n1. 选址\n2. 人手\n\n{more}"
    found = extract(read_bytes(text.encode(), "a.md"), name="a.md", team=None, calendar=CALENDAR)
    assert found.agenda is agenda
