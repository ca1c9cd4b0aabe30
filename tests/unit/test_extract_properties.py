"""What holds for every document: no exception, nothing invented, time in proportion to size."""

import time
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.values import Department, Person, Reading, Team
from mapping.words import fold
from minuteloop import workdays
from minutes.as_json import to_json
from minutes.document import Block, Document, Heading, ListItem, Paragraph, Row, Table, TableCell
from minutes.extract import extract
from minutes.read import read_bytes

CALENDAR = workdays.load("CN")
TEAM = Team(
    name="产品部",
    people=(
        Person(name="张三", aliases=("三哥",)),
        Person(name="Alice Morgan", aliases=("Alice",)),
    ),
    departments=(Department(name="技术部"), Department(name="Support")),
)
PIECES = [
    "张三", "李四", "三哥", "欧阳晨", "Alice", "Bob Carter", "技术部", "相关部门", "全体", "@张三", "@bob", "【张三】", "[x]",
    "（张三，6月1日）", "(Alice, 15 June)", "（主）", "：", ":", "，", "。", "；", "、", " — ", " | ", "--", "\n", " ", "（", "）", "[", "】",
    "6月1日前", "下周三", "6/15", "6.15", "2024-06-15", "9月31日", "尽快", "待定", "TBD", "by Friday", "due 15 June", "📅 2024-06-15",
    "责任人：", "负责人", "完成时间：", "截止", "验收标准：", "状态：已完成", "Owner:", "Due:", "任务：", "措施：", "配合部门：",
    "ACTION:", "TODO(bob):", "#action", "AI:", "待办：", "行动项：", "结论：", "议题1", "无", "None", "-", "1、", "（一）", "①", "2.1",
    "由", "请", "责成", "需在", "负责", "牵头", "配合", "同意", "暂缓", "未达成共识", "完成测试报告", "send the draft", " to ", " will ", "and",
    "会议时间：2024年5月20日 14:00-15:30", "Date: 20 May 2024", "参会人：", "Present:", "下次会议：", "密级：机密", "１２", "\u3000", "\u00ad",
]  # fmt: skip
HEADERS = ["行动项", "负责人", "完成时间", "状态", "备注", "部门", "交付标准", "议题", "汇报人", "Action", "Owner", "Due", "序号", "责任", "调整后", "项目", ""]  # fmt: skip
TITLES = ["行动项", "待办", "会议结论", "上次会议行动项", "议程", "讨论", "Action items", "Next steps", "下次会议", "参会人员", "张三", "其他", "x"]  # fmt: skip

texts = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
lines = st.integers(1, 400)
cells = st.builds(TableCell, text=texts, merged=st.booleans(), struck=st.booleans(),
                  box=st.sampled_from([None, " ", "x"]))  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> Table:
    width = draw(st.integers(1, 5))
    header = [TableCell(text=draw(st.sampled_from(HEADERS))) for _ in range(width)]
    body = draw(st.lists(st.lists(cells, min_size=width, max_size=width), max_size=4))
    rows = [header, *body] if draw(st.booleans()) else body
    made = tuple(Row(cells=tuple(row), line=n + 1) for n, row in enumerate(rows))
    return Table(rows=made, line=1)


blocks: st.SearchStrategy[Block] = st.one_of(
    st.builds(Heading, text=st.one_of(st.sampled_from(TITLES), texts), level=st.integers(1, 6),
              line=lines, fake=st.booleans()),
    st.builds(Paragraph, text=texts, line=lines, struck=st.booleans(), bold=st.booleans(),
              quote=st.integers(0, 2), note=st.booleans()),
    st.builds(ListItem, text=texts, line=lines, depth=st.integers(0, 3),
              number=st.sampled_from([None, "1", "一"]), box=st.sampled_from([None, " ", "x", "-", "/", ">"]),
              struck=st.booleans(), group=st.integers(0, 3)),
    tables(),
)  # fmt: skip
documents = st.builds(
    Document,
    blocks=st.lists(blocks, max_size=14).map(tuple),
    encoding=st.sampled_from(["", "utf-8"]),
)


def everything(document: Document) -> str:
    words = []
    for block in document.blocks:
        if isinstance(block, Table):
            words += [cell.text for row in block.rows for cell in row.cells]
        else:
            words.append(block.text)
    return fold("".join(words))


def read(document: Document, team: Team | None = TEAM) -> Reading:
    return extract(document, name="周会-20240520.md", team=team, calendar=CALENDAR)


@settings(max_examples=150, deadline=None)
@given(documents)
def test_no_document_brings_the_reader_down(document: Document) -> None:
    told = to_json(read(document))
    assert list(told) == ["meeting", "decisions", "items", "findings"]
    for item in told["items"]:
        assert item["description"].strip()


@settings(max_examples=150, deadline=None)
@given(documents)
def test_owners_and_days_are_words_of_the_document(document: Document) -> None:
    flat = everything(document)
    names = {p.name for p in TEAM.people}
    for entry in read(document).entries:
        for owner in entry.owners:
            assert fold(owner) in flat
        assert entry.owner is None or entry.owner in names or entry.owner in entry.owners
        if entry.due_text:
            assert fold(entry.due_text) in flat
        assert (entry.due is None) or entry.due_text


@settings(max_examples=80, deadline=None)
@given(documents)
def test_without_a_day_of_the_meeting_no_relative_day_is_told(document: Document) -> None:
    bare = Document(
        blocks=tuple(b for b in document.blocks if "2024" not in repr(b)), encoding="utf-8"
    )
    for entry in extract(bare, name="周会.md", team=TEAM, calendar=CALENDAR).entries:
        assert entry.due is None


@settings(max_examples=60, deadline=None)
@given(documents)
def test_the_same_document_gives_the_same_reading(document: Document) -> None:
    assert read(document) == read(document)


HEAD = "# 会议\n\n会议时间：2024-05-20\n\n参会人：张三、李四\n\n"
LARGE: dict[str, Callable[[int], str]] = {
    "list": lambda n: HEAD + "## 行动项\n\n" + "".join(f"- 张三：完成第{i}号报告，6月1日\n" for i in range(n)),
    "table": lambda n: HEAD + "## 行动项\n\n|任务|负责人|\n|---|---|\n" + "| 完成报告 | 张三 |\n" * n,
    "conclusions": lambda n: HEAD + "## 结论\n\n" + "".join(f"{i}. 由张三负责完成第{i}号报告，李四配合。\n" for i in range(n)),
    "sentence": lambda n: HEAD + "## 结论\n\n由张三负责，" + "李四配合，请张三于6月1日前提交，" * n,
    "brackets": lambda n: HEAD + "## 行动项\n\n- " + "（张三" * n,
    "labels": lambda n: HEAD + "## 行动项\n\n- " + "责任人：" * n,
    "names": lambda n: HEAD + "## 行动项\n\n- " + "、".join(["张三"] * n) + "：完成",
    "words": lambda n: HEAD + "## Actions\n\n- " + "A, and Bob to " * n,
}  # fmt: skip


@pytest.mark.parametrize("kind", LARGE)
def test_time_grows_with_the_size(kind: str) -> None:
    def seconds(count: int) -> float:
        document = read_bytes(LARGE[kind](count).encode(), "a.md")
        begin = time.process_time()
        read(document)
        return time.process_time() - begin

    seconds(20)  # tables and patterns are made once
    small, large = seconds(100), seconds(800)
    assert large < 40 * max(small, 0.01)


def test_an_empty_document_is_read() -> None:
    told = read(Document(blocks=()), None)
    assert told.meeting.day == date(2024, 5, 20)
    assert (told.entries, told.decisions, told.findings) == ((), (), ())
