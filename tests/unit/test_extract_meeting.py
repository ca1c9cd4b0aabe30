"""The facts of the meeting, however minutes tell them."""

from datetime import date

import pytest
from fakes.docx import docx, p, tbl, tr

from mapping.values import Absence, Meeting, MeetingType, NextMeeting, Person, Team
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
        ("時間：中華民國一一三年五月二十日（星期一）下午二時至三時三十分", "2024-05-20T14:00", "2024-05-20T15:30"),
        ("時間：二〇二四年五月二十日上午十點半", "2024-05-20T10:30", None),
        ("日期：2024-05-20\n時間：上午十時正\n\n會議於上午十一時四十五分結束。", "2024-05-20T10:00", "2024-05-20T11:45"),
        ("時間：2024-05-20 14:00\n\n九、散會（下午3時20分）", "2024-05-20T14:00", "2024-05-20T15:20"),
        ("Date: 2024-05-20\nStart: 13:00   End: 14:10", "2024-05-20T13:00", "2024-05-20T14:10"),
        ("Held on Monday, 20 May 2024 from 11am to 12pm in the cabin", "2024-05-20T11:00", "2024-05-20T12:00"),
        ("日期：2024-05-20\n時間：下午2時30分至4時", "2024-05-20T14:30", "2024-05-20T16:00"),
        ("Date: 20 May 2024\nTime: 9.30am to 10.15am", "2024-05-20T09:30", "2024-05-20T10:15"),
        ("Date: 2024-05-20 13:00\n\nMeeting closed at 14:10.", "2024-05-20T13:00", "2024-05-20T14:10"),
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


def test_labels_in_two_languages() -> None:
    found = meeting(
        "# 周会 Weekly\n\nTime 时间：2024-05-20 09:00\nVenue 地点：三楼 / Zoom\nChair 主持：Ann Lee\n"
        "Minutes 记录：李四\nAttendees 参会：Ann Lee、李四\n缺席 / Apologies：王小五（出差）\n"
    )
    assert (found.place, found.host, found.recorder) == ("三楼 / Zoom", "Ann Lee", "李四")
    assert found.attendees == ("Ann Lee", "李四")
    assert found.absent == (Absence(name="王小五", reason="出差"),)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("参会人：产品部：张三、李四；法务部：王小五", ("张三", "李四", "王小五")),
        ("参会部门及人员：产品部 张三、李四；法务室 王小五", ("张三", "李四", "王小五")),
        ("参加单位及人员：建设单位 张三、李四；监理单位 王小五", ("张三", "李四", "王小五")),
        ("参会人：产品部张三、法务部王小五", ("张三", "王小五")),
        ("出席：張三先生、李四經理、王小五女士", ("張三", "李四", "王小五")),
        (
            "四、出席單位及人員：\n　　業務一組：张三、李四\n　　財會室：王小五\n五、報告事項：略",
            ("张三", "李四", "王小五"),
        ),
        ("应到4人，实到3人：张三、李四、王小五", ("张三", "李四", "王小五")),
        ("Members present: Product: Ann Lee, Dr. Bo Young", ("Ann Lee", "Bo Young")),
        ("参会人：长孙无忧、产品部、张长生", ("长孙无忧", "产品部", "张长生")),
    ],
)
def test_units_and_titles_around_names_are_no_names(text: str, names: tuple[str, ...]) -> None:
    assert meeting(f"# 例会\n\n时间：2024-05-20\n{text}\n").attendees == names


@pytest.mark.parametrize(
    ("text", "name", "reason"),
    [
        ("缺席：王小五：客户拜访", "王小五", "客户拜访"),
        ("缺席：市场部 王小五（出差）", "王小五", "出差"),
        ("缺席：安保部 王小五（值班）", "王小五", "值班"),
        ("致歉：王小五先生（身體不適）", "王小五", "身體不適"),
        ("未能出席：王小五", "王小五", None),
        ("缺席人/原因：王小五/婚假", "王小五", "婚假"),
        ("Apologies received: Bo Young (training)", "Bo Young", "training"),
        ("Not attending: Bo Young", "Bo Young", None),
        ("Members absent: Bo Young – sick leave", "Bo Young", "sick leave"),
    ],
)
def test_why_somebody_is_absent(text: str, name: str, reason: str | None) -> None:
    found = meeting(f"# 例会\n\n时间：2024-05-20\n{text}\n").absent
    assert found == (Absence(name=name, reason=reason),)


def test_labels_that_only_blanks_set_off() -> None:
    found = meeting(
        "# 周会\n\n**时间** 2024-05-20 10:00\n**与会** 张三 / 李四\n**缺席** 王小五（年假）\n"
    )
    assert found.start == "2024-05-20T10:00"
    assert found.attendees == ("张三", "李四")
    assert found.absent == (Absence(name="王小五", reason="年假"),)
    assert meeting("# 周会\n\n时间：2024-05-20\n\n参加 张三的婚礼\n").attendees == ()


def test_numerals_of_formal_minutes_before_the_labels() -> None:
    found = meeting("# 會議\n\n壹、時間：114/05/20\n貳、地點：三樓\n參、主席：張三　紀錄：李四\n")
    assert (found.place, found.host, found.recorder) == ("三樓", "張三", "李四")


def test_a_remark_below_the_agenda_is_no_topic() -> None:
    agenda = "| 议题 | 预计时长 | 汇报人 |\n| --- | --- | --- |\n| 预算 | 20分钟 | 张三 |\n"
    assert meeting(f"# 会议议程\n\n{agenda}\n材料请提前发出。\n").topics == ("预算",)


def test_a_heading_for_the_record_names_no_recorder() -> None:
    found = meeting("# 会议记录\n\n主办单位\n\n记录人：李四\n\n缺席人员：无缺席人员\n")
    assert (found.recorder, found.absent) == ("李四", ())


def test_a_remark_among_the_attendees_is_nobody() -> None:
    text = "# 例会\n\n## 参会人员（应过半数）：\n\n- 张三\n- 李四\n\n请自行补上。也可用昵称。\n"
    found = meeting(f"{text}\n### 已请假人员：\n\n本次无请假人员\n")
    assert (found.attendees, found.absent) == (("张三", "李四"), ())


def test_people_in_lists_and_by_their_mark() -> None:
    found = meeting(
        "# Sync\n\n## Participants\n\n- @Ann Lee (chair)\n- Bo Young, Acme\n- Cy Fox @cyfox\n"
    )
    assert found.attendees[0] == "Ann Lee"
    assert found.attendees[-1] == "Cy Fox"
    assert found.host == "Ann Lee"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        *(("Link：https://meet.example.com/abc", ()), ("meet.jit.si", ()), ("zoom.us/j/1", ())),
        ("Zoom: https://zoom.example/j/1?pwd=a/b", ()),
        ("张三、李四 https://zoom.example/j/1", ("张三", "李四")),
        ("张三（https://x.example/z）、李四，会议链接：https://x.example", ("张三", "李四")),
        ("线上 https://vc.example.cn/j/1 张三、李四", ("张三", "李四")),
        ("Ann Lee <https://x.example/a>, Jitsi: https://x.example", ("Ann Lee",)),
        ("Ann Lee: https://x.example/a; Bo Young - www.example.com/b", ("Ann Lee", "Bo Young")),
        ("ann.lee, J.R. Smith, Bo Young, bo@example.com", ("ann.lee", "J.R. Smith", "Bo Young", "bo@example.com")),
        ("Bo <bo@x.org>, Ann Lee <ann.lee+x@mail.x.org>; eve@x.org", ("Bo", "Ann Lee", "eve@x.org")),
        ("张三 <zhang@x.org>、李四<li@x.org>；赵六（zhao@x.org）", ("张三", "李四", "赵六")),
        ("Ann Lee [ann@x.org](mailto:ann@x.org) and bo@x.org", ("Ann Lee", "bo@x.org")),
    ],
)  # fmt: skip
def test_an_address_is_nobody(text: str, names: tuple[str, ...]) -> None:
    assert meeting(f"# 例会\n\n时间：2024-05-20\n参会人：{text}\n").attendees == names
    assert meeting(f"# 例会\n\n时间：2024-05-20\n主持人：{text}\n").host == (names or (None,))[0]
    table = f"# 例会\n\n| 行动项 | 负责人 |\n| --- | --- |\n| 写方案 | {text} |\n"
    found = extract(read_bytes(table.encode(), "a.md"), name="", team=None, calendar=CALENDAR)
    assert found.entries[0].owners == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("张三 李四 王五 腾讯会议：https://x.example/z", ("张三", "李四", "王五")),
        ("张三 李四: https://x.example/z", ("张三", "李四")),
        ("张三/李四/线上会议 https://x.example/z", ("张三", "李四")),
        ("张三，李四。线上会议室：https://x.example/z", ("张三", "李四")),
        ("张三、李四和王五 线上 https://x.example/z", ("张三", "李四", "王五")),
        ("张三、李四（线上，会议ID：https://x.example/z）", ("张三", "李四")),
        ("会议号：123-456 入口：https://x.example/z 张三、李四", ("张三", "李四")),
        ("Ann Lee / Bo Ray / Zoom: https://x.example/z", ("Ann Lee", "Bo Ray")),
        ("Ann Lee and Bo Ray via Zoom https://x.example/z", ("Ann Lee", "Bo Ray")),
        ("Larry Page - https://x.example/z, Anna Web https://x.example", ("Larry Page", "Anna Web")),
        ("Ann: https://x.example/z, J.Us, Join.Lee", ("Ann", "J.Us", "Join.Lee")),
        ("Google Meet <https://x.example/z>, Ann Lee", ("Ann Lee",)),
    ],
)  # fmt: skip
def test_only_the_words_for_a_link_are_its_label(text: str, names: tuple[str, ...]) -> None:
    assert meeting(f"# 例会\n\n时间：2024-05-20\n参会人：{text}\n").attendees == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Larry Page https://x.example/z", ("Larry Page",)),
        ("张三/李四/会议纪要见 https://x.example/z", ("张三", "李四")),
        ("Ann Lee and Bo Ray, Zoom: https://x.example/z", ("Ann Lee", "Bo Ray")),
    ],
)
def test_an_owner_beside_an_address_is_the_owner(text: str, names: tuple[str, ...]) -> None:
    table = f"# 例会\n\n| 行动项 | 负责人 |\n| --- | --- |\n| 写方案 | {text} |\n"
    found = extract(read_bytes(table.encode(), "a.md"), name="", team=None, calendar=CALENDAR)
    assert found.entries[0].owners == names


def test_who_is_in_the_team_file_is_no_label() -> None:
    text = "# 例会\n\n| 行动项 | 负责人 |\n| --- | --- |\n| 写方案 | Page: https://x.example/z |\n"
    text += "\n参会人：李四、Page: https://x.example/z\n"
    team = Team(name="t", people=(Person(name="Larry Page", aliases=("Page",)),))
    found = extract(read_bytes(text.encode(), "a.md"), name="", team=team, calendar=CALENDAR)
    assert found.entries[0].owner == "Larry Page"
    assert found.meeting.attendees == ("李四", "Larry Page")


def test_the_addresses_of_a_list_are_nobody() -> None:
    lines = ("Ann Lee", "Link: https://x.example/x", "meet.jit.si/abc", "Bo Young")
    text = "# Sync\n\n## Participants\n\n" + "".join(f"- {line}\n" for line in lines)
    assert meeting(text).attendees == ("Ann Lee", "Bo Young")


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
        "## 下次会议\n\n时间：2024年5月27日 10:00；地点：三楼；议题：检查进度\n",
        "5. 下次會議日期\n二零二四年五月二十七日上午十時，三楼，检查进度\n",
        "4. Date of next meeting\n   27 May 2024 at 10:00, 三楼, 检查进度\n",
        "Date of next meeting: 27 May 2024 at 10:00. Place: 三楼. Agenda: 检查进度\n",
    ],
)
def test_the_next_meeting(text: str) -> None:
    found = meeting(f"# 例会\n\n会议时间：2024-05-20 09:00\n\n{text}")
    assert found.start == "2024-05-20T09:00"
    assert found.next == NextMeeting(start="2024-05-27T10:00", place="三楼", topic="检查进度")


@pytest.mark.parametrize(
    "day",
    [
        *("9999-12-31", "9999/12/31", "9999年12月31日", "9999 年 12 月 31 日", "999-12-31"),
        *(
            "九九九九年十二月三十一日",
            "12024年5月6日",
            "12024-05-06",
            "2024-13-01",
            "2024年5月311日",
        ),
        *("31 Dec 9999", "Dec 31, 9999", "31 December, 2199", "2199 May 3", "1112月31日"),
    ],
)
def test_no_day_is_read_from_the_middle_of_an_impossible_one(day: str) -> None:
    written = f"# 例会\n\n会议时间：2024-05-20 09:00\n\n## 下次会议\n\n时间：{day} 14:00，三楼\n"
    assert meeting(written).next.start is None
    assert meeting(f"# 例会\n\n会议时间：{day}\n", day=date(2024, 5, 20)).start == "2024-05-20"


@pytest.mark.parametrize(
    ("day", "start"),
    [
        ("2024.6月3日", "2024-06-03"),
        ("2025年6-3", "2025-06-03"),
        ("去年6月3日", "2023-06-03"),
        ("3 June 1400", "2024-06-03"),
    ],
)
def test_the_next_meeting_keeps_its_year(day: str, start: str) -> None:
    text = f"# 例会\n\n会议时间：2024-05-20\n\n## 下次会议\n\n{day}\n"
    assert meeting(text).next.start == start


@pytest.mark.parametrize(
    ("text", "sensitive"),
    [
        ("# 2024年战略会\n", True),
        ("密级：内部机密\n\n# 例会\n", True),
        ("# 例会\n\n> 机密 仅限参会人员\n", True),
        ("# Weekly\n\nConfidential - attendees only\n", True),
        ("# 董事会纪要（机密）\n\n会议名称：例会\n", True),
        ("# 例会\n\n（商业秘密，仅限参会人员传阅）\n", True),
        ("---\n密级: 机密\n---\n\n# 例会\n", True),
        ("# 例会\n\n密级：公开\n", False),
        ("# 例会\n\n## 讨论\n\n- 财务部介绍了战略和机密文件的管理\n", False),
    ],
)
def test_sensitive_minutes(text: str, sensitive: bool) -> None:
    """Rule F5: a word of the title or a line 密级 / 机密, never the body."""
    assert meeting(text).sensitive is sensitive


def test_a_page_header_declares_secrecy() -> None:
    """Rule F5."""
    page = docx(p("例会"), parts={"header": p("机密")})
    found = extract(read_bytes(page, "a.docx"), name="a.docx", team=None, calendar=CALENDAR)
    assert found.meeting.sensitive


def test_goals_and_topics() -> None:
    text = "# 例会\n\n## 会议目标\n\n1. 定下版本\n2. 明确分工\n\n## 议题\n\n- 版本范围\n- 分工\n"
    found = meeting(text)
    assert found.goals == ("定下版本", "明确分工")
    assert found.topics == ("版本范围", "分工")


# --- basic information in one row of labels with its values below (template 1) ---


def table(*rows: str) -> str:
    """A table of Markdown; the cells of a row stand between bars."""
    head, *body = (f"| {' | '.join(row.split('|'))} |\n" for row in rows)
    return f"{head}|{' --- |' * (rows[0].count('|') + 1)}\n{''.join(body)}\n"


TEMPLATE_1 = (
    "会议名称|会议时间|会议地点|主持人|记录人",
    "仓库盘点会|2024-05-20 14:00-15:30|二楼|张三|李四",
)
TOPICS = ("议题|议题说明|预计时长|汇报人|", "盘点方案|讨论|30分钟|王五|", "人手|分配|半小时|赵六|")


@pytest.mark.parametrize("text", [table(*TEMPLATE_1), table(*TEMPLATE_1, *TOPICS)])
def test_a_row_of_labels_has_its_values_below(text: str) -> None:
    found = meeting(f"# 会议议程\n\n{text}")
    assert (found.title, found.place) == ("仓库盘点会", "二楼")
    assert (found.start, found.end) == ("2024-05-20T14:00", "2024-05-20T15:30")
    assert (found.host, found.recorder) == ("张三", "李四")
    assert found.topics == (("盘点方案", "人手") if "议题" in text else ())


def test_a_row_of_labels_in_word() -> None:
    body = tbl(*(tr(*row.split("|")) for row in TEMPLATE_1))
    found = extract(read_bytes(docx(body), "a.docx"), name="a.docx", team=None, calendar=CALENDAR)
    assert found.meeting.title == "仓库盘点会"
    assert (found.meeting.start, found.meeting.place) == ("2024-05-20T14:00", "二楼")
    assert (found.meeting.host, found.meeting.recorder) == ("张三", "李四")


@pytest.mark.parametrize(
    ("labels", "values"),
    [
        ("会议主题|时间|地点|参会人|主持|缺席", "盘点会|2024-05-20|会议室|张三、李四|张三|王五（出差）"),
        ("會議主題|時間|地點|與會人員|主席|缺席者", "盘点会|2024/05/20|会议室|张三、李四|张三|王五（出差）"),
        ("Meeting|Date|Location|Attendees|Chair|Apologies", "盘点会|20 May 2024|会议室|张三, 李四|张三|王五(出差)"),
    ],
)  # fmt: skip
def test_the_labels_are_those_that_minutes_use(labels: str, values: str) -> None:
    found = meeting(table(labels, values))
    assert (found.title, found.day, found.place) == ("盘点会", date(2024, 5, 20), "会议室")
    assert (found.attendees, found.host) == (("张三", "李四"), "张三")
    assert found.absent == (Absence(name="王五", reason="出差"),)


def test_labels_and_values_may_go_on_in_the_same_table() -> None:
    found = meeting(table(*TEMPLATE_1, "会议类型|参会人|缺席人||", "决策会议|张三、李四|无||"))
    assert (found.place, found.recorder) == ("二楼", "李四")
    more = meeting(
        table("会议名称|会议时间|会议地点", "盘点会|2024-05-20|二楼", "主持人|记录人|参会人", "张三|李四|张三、李四")
    )  # fmt: skip
    assert (more.place, more.host, more.attendees) == ("二楼", "张三", ("张三", "李四"))


def test_a_list_of_meetings_is_no_basic_information() -> None:
    rows = (*TEMPLATE_1, "设备采购会|2024-06-20 14:00|三楼|王五|赵六")
    found = meeting(f"# 例会\n\n会议时间：2024-05-13\n\n## 会议计划\n\n{table(*rows)}")
    assert (found.start, found.place, found.host) == ("2024-05-13", None, None)


def test_the_next_meeting_in_a_table() -> None:
    text = f"# 例会\n\n会议时间：2024-05-13\n\n## 下次会议安排\n\n{table(*TEMPLATE_1)}"
    found = meeting(text)
    assert (found.start, found.place) == ("2024-05-13", None)
    assert found.next == NextMeeting(start="2024-05-20T14:00", place="二楼", topic="仓库盘点会")


@pytest.mark.parametrize(
    "labels",
    [
        "主题|时间|人员",
        "会议|会议时间|会议地点|行动项|负责人",
        "会议名称|会议时间|主持人|状态|任务",
    ],
)
def test_a_list_of_work_is_no_basic_information(labels: str) -> None:
    row = "|".join({"时间": "2024-05-27", "会议时间": "2024-05-20", "状态": "进行中"}.get(k, f"写{k}") for k in labels.split("|"))  # fmt: skip
    text = f"# 例会\n\n会议时间：2024-05-13\n\n## 行动项清单\n\n{table(labels, row)}"
    for written in (text, text.replace("## 行动项清单\n\n", "")):
        found = extract(read_bytes(written.encode(), "a.md"), name="", team=None, calendar=CALENDAR)
        assert found.meeting.start == "2024-05-13"
        assert len(found.entries) == 1
