"""Reading Markdown and plain text: what CommonMark knows and what people write instead."""

from contextlib import suppress
from pathlib import Path

import pytest

from minutes.document import (
    Document,
    Heading,
    ListItem,
    Paragraph,
    RefusedError,
    Table,
)
from minutes.inline import plain, render
from minutes.markdown import MAX_CHARACTERS, MAX_LINES, read_markdown
from minutes.marks import split_mark
from minutes.read import read, read_bytes

STRUCTURED = Path(__file__).parent.parent / "data" / "structured"


def short(document: Document) -> list[str]:
    """Blocks as one string each: line, kind, what is set, text."""
    return [f"{block.line} {_short(block)}" for block in document.blocks]


def _short(block: Heading | Paragraph | ListItem | Table) -> str:
    if isinstance(block, Heading):
        return f"{'f' if block.fake else 'h'}{block.level} {block.text}"
    if isinstance(block, Paragraph):
        return f"{'>' * block.quote}p{'~' if block.struck else ''} {block.text}"
    if isinstance(block, Table):
        return "t " + " / ".join("|".join(cell.text for cell in row.cells) for row in block.rows)
    box = "" if block.box is None else f"[{block.box}]"
    return (
        f"{'  ' * block.depth}{block.number or '-'}{box}{'~' if block.struck else ''} {block.text}"
    )


def blocks(text: str) -> list[str]:
    return short(read_markdown(text))


def table(text: str) -> Table:
    return next(block for block in read_markdown(text).blocks if isinstance(block, Table))


# --- text inside a block --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("**同意** 采购", "同意 采购"),
        ("**结论：**需补充材料", "结论：需补充材料"),
        ("__bold__ and *it* and _it_", "bold and it and it"),
        ("由技术部*负责评估，客服部*负责整理", "由技术部*负责评估，客服部*负责整理"),
        ("市场部*", "市场部*"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("snake_case_name a__b__c", "snake_case_name a__b__c"),
        ('[需求](https://a.b/c_(d) "title") 完成', "需求 完成"),
        ("[a [b] c](x) ![图](y.png) [![z](i)](u)", "a [b] c 图 z"),
        ("[张三]: 完成报告", "[张三]: 完成报告"),
        ("[[页面|文字]] [[页面]]", "文字 页面"),
        ("见[^1]附件", "见附件"),
        ("<https://a.b/_c_> <a@b.cn>", "https://a.b/_c_ a@b.cn"),
        ("a<br>b<BR/>c", "a\nb\nc"),
        ("<span style='x'>甲</span><!-- 不 -->乙", "甲乙"),
        ("3 < 5 && 5 > 3", "3 < 5 && 5 > 3"),
        ("a&nbsp;b&amp;c&#x4e2d;&bogus;", "a b&c中&bogus;"),
        ("`**code**` 和 ``a`b``", "**code** 和 a`b"),
        ("`不成对", "`不成对"),
        (r"\*不是\* 1\. \[ \]", "*不是* 1. [ ]"),
        ("~~旧~~新", "新"),
        ("7月10日~7月18日 a~b", "7月10日~7月18日 a~b"),
        ("<del>旧</del>新", "新"),
        ("📅 2025-08-07 ✅同意", "📅 2025-08-07 ✅同意"),
    ],
)
def test_inline(raw: str, expected: str) -> None:
    text, struck, _ = plain(render(raw))
    assert (text, struck) == (expected, False)


def test_wholly_struck_text_keeps_its_words() -> None:
    assert plain(render("~~@何雨桐 替换~~ ")) == ("@何雨桐 替换", True, False)


def test_rendering_keeps_the_lines() -> None:
    raw = "**a\nb** [c\nd](e\n'f') <!-- g\nh --> `i\nj` ~~k\nl~~ <b\nx>m</b>"
    assert render(raw).count("\n") == raw.count("\n")


@pytest.mark.parametrize(
    ("line", "number", "box", "text"),
    [
        ("１．甲", "1", None, "甲"),
        ("1、甲", "1", None, "甲"),
        ("1.甲", "1", None, "甲"),
        ("2.Review it", "2", None, "Review it"),
        ("3) 甲", "3", None, "甲"),
        ("（4）甲", "4", None, "甲"),
        ("一、甲", "一", None, "甲"),
        ("（二）乙", "二", None, "乙"),
        ("①甲", "①", None, "甲"),
        ("⑵ 甲", "⑵", None, "甲"),
        ("a) do", "a", None, "do"),
        ("□ 甲", None, " ", "甲"),
        ("☐甲", None, " ", "甲"),
        ("☑ 甲", None, "x", "甲"),
        ("✅ 甲", None, "x", "甲"),
        ("【 】甲", None, " ", "甲"),
        ("［ ］甲", None, " ", "甲"),
        ("［x］ 甲", None, "x", "甲"),
        ("【√】甲", None, "x", "甲"),
        ("[/] 甲", None, "/", "甲"),
        ("[>] 甲", None, ">", "甲"),
        ("[-] 甲", None, "-", "甲"),
        ("[]甲", None, " ", "甲"),
        ("( ) do", None, " ", "do"),
        ("1、□ 甲", "1", " ", "甲"),
        ("□ 1、甲", "1", " ", "甲"),
        ("• 甲", None, None, "甲"),
        ("·甲", None, None, "甲"),
        ("– do", None, None, "do"),
    ],
)
def test_marks(line: str, number: str | None, box: str | None, text: str) -> None:
    mark = split_mark(line)
    assert mark
    assert (mark.number, mark.box, mark.text) == (number, box, text)


@pytest.mark.parametrize(
    "line",
    [
        "3.5倍", "2025年5月20日", "12.25 上线", "9:30 开始", "5月底前", "10%", "【张三】完成", "[蔡宗翰] 擬",
        "（张三）完成", "-5度", "3.x版本", "一季度", "二期", "#action alice", "A. Smith to do", "十天内",
    ],
)  # fmt: skip
def test_no_marks(line: str) -> None:
    assert split_mark(line) is None


# --- blocks ---------------------------------------------------------------------------------------


def test_common_blocks() -> None:
    text = "# 标题\n\n段一\n段二\n\n- 甲\n  - 乙\n    续\n\n> 引\n>> 深\n\n1. 一\n2. 二\n"
    assert blocks(text) == [
        "1 h1 标题",
        "3 p 段一\n段二",
        "6 - 甲",
        "7   - 乙\n续",
        "10 >p 引",
        "11 >>p 深",
        "13 1 一",
        "14 2 二",
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_mark(end: str) -> None:
    data = "\ufeff# 标题\n\n- [x] 甲\n".replace("\n", end).encode()
    assert short(read_bytes(data, "a.md")) == ["1 h1 标题", "3 -[x] 甲"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("#标题", "1 h1 标题"),
        ("##行动项", "1 h2 行动项"),
        ("＃＃ 行动项", "1 h2 行动项"),
        ("#\u3000标题", "1 h1 标题"),
        ("##Notes", "1 h2 Notes"),
        ("##**2024年5月20日**", "1 h2 2024年5月20日"),
        ("##2024-05-20", "1 h2 2024-05-20"),
        ("#action alice write it", "1 p #action alice write it"),
        ("#123 fixed", "1 p #123 fixed"),
        ("#周会 #研发", "1 p #周会 #研发"),
    ],
)
def test_heading_without_a_blank(line: str, expected: str) -> None:
    assert blocks(line) == [expected]


def test_setext_heading() -> None:
    assert blocks("會議\n===\n\n討論\n---\n") == ["1 h1 會議", "4 h2 討論"]


def test_rule_under_labels_is_no_heading() -> None:
    assert blocks("时间：5月20日\n---\n\n甲\n乙\n---\n") == ["1 p 时间：5月20日", "4 p 甲\n乙"]


def test_status_characters() -> None:
    text = "- [ ] a\n- [x] b\n- [X] - c\n- [/] d\n- [-] ~~e~~\n- [>] f\n* [] g\n"
    assert [line[2:] for line in blocks(text)] == [
        "-[ ] a",
        "-[x] b",
        "-[x] c",
        "-[/] d",
        "-[-]~ e",
        "-[>] f",
        "-[ ] g",
    ]


def test_code_is_left_out() -> None:
    assert blocks(
        "甲\n\n```\n- [ ] 乙\n```\n\n~~~\n| a | b | c |\n~~~\n\n<pre>\n- 丙\n</pre>\n"
    ) == ["1 p 甲"]


def test_indented_text_is_no_code() -> None:
    assert blocks("甲\n\n    1、乙\n    2、丙\n") == ["1 p 甲", "3 1 乙", "4 2 丙"]


def test_lists_numbered_by_hand() -> None:
    text = "1、甲\n（1）乙\n（2）丙\n2、丁\n- 戊\n3、己\n"
    assert blocks(text) == ["1 1 甲", "2   1 乙", "3   2 丙", "4 2 丁", "5   - 戊", "6 3 己"]


def test_full_width_indents() -> None:
    text = "一、会议目标\n　　总结６月设备停机情况。\n\n二、决策结论\n　　１、同意更换。\n　　２、暂缓。\n　　　　依据不足。\n"
    assert blocks(text) == [
        "1 f2 一、会议目标",
        "2 p 总结６月设备停机情况。",
        "4 f2 二、决策结论",
        "5 1 同意更换。",
        "6 2 暂缓。",
        "7 p 依据不足。",
    ]


def test_numbered_tasks_are_no_headings() -> None:
    assert blocks("一、同意采购\n二、请张三跟进\n三、散会\n\n完\n") == [
        "1 一 同意采购",
        "2 二 请张三跟进",
        "3 三 散会",
        "5 p 完",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("【行动项】\n1、甲\n", ["1 f2 【行动项】", "2 1 甲"]),
        ("# 纪要\n\n**待办事项**\n\n- 甲\n", ["1 h1 纪要", "3 f3 待办事项", "5 - 甲"]),
        ("# 纪要\n\n待办：\n- 甲\n", ["1 h1 纪要", "3 f4 待办：", "4 - 甲"]),
        ("主持人：\n记录人：张三\n", ["1 p 主持人：", "2 p 记录人：张三"]),
        ("【转自群“筹备”，2025年12月3日】\n", ["1 p 【转自群“筹备”，2025年12月3日】"]),
        ("**张三：6月15日前完成报告**\n", ["1 p 张三：6月15日前完成报告"]),
        ("**会议时间：** 2025-05-19\n**主持人：** 赵明哲\n", ["1 p 会议时间： 2025-05-19\n主持人： 赵明哲"]),
    ],
)  # fmt: skip
def test_fake_headings(text: str, expected: list[str]) -> None:
    assert blocks(text) == expected


def test_lists_go_on_and_part() -> None:
    items = [
        block
        for block in read_markdown("1. a\n- b\n- c\n\n2. d\n\n## x\n\n- e\n\ntext\n\n* f\n").blocks
        if isinstance(block, ListItem)
    ]
    assert [(item.text, item.depth, item.group) for item in items] == [
        ("a", 0, 1), ("b", 1, 1), ("c", 1, 1), ("d", 0, 1), ("e", 0, 2), ("f", 0, 3),
    ]  # fmt: skip


def test_paragraphs_of_an_item_follow_it() -> None:
    text = "- 甲\n\n  负责人：张三\n- 乙\n  截止：周五\n后话\n"
    assert blocks(text) == ["1 - 甲", "3 p 负责人：张三", "4 - 乙\n截止：周五", "6 p 后话"]


def test_wrapped_english_goes_on() -> None:
    text = "- ACTION: Alice to send the revised colour tokens to\nthe engineering team\n"
    assert len(blocks(text)) == 1


def test_containers_and_definitions_are_no_text() -> None:
    text = ":::info\n- 时间\n:::\n\n见 [规格][spec] 与 [spec]\n\n[spec]: https://a.b/c\n"
    assert blocks(text) == ["2 - 时间", "5 p 见 规格 与 spec"]


def test_quoted_mail_headers_are_left_out() -> None:
    assert blocks("> 发件人：张三\n> 主题：周会\n> 请李四完成\n") == ["3 >p 请李四完成"]


# --- front matter ---------------------------------------------------------------------------------


def test_front_matter_is_text() -> None:
    text = "---\ndate: 2024-05-20\nat: 12:30\nowner: no\ntags: [周会, 研发]\ndeep: {a: {b: c}}\n---\n# 甲\n"
    document = read_markdown(text)
    assert document.front == {
        "date": "2024-05-20",
        "at": "12:30",
        "owner": "no",
        "tags": "周会, 研发",
    }
    assert short(document) == ["8 h1 甲"]


@pytest.mark.parametrize(
    "text",
    [
        "---\n# 甲\n---\n乙\n",
        "---\n- a\n---\n",
        "---\n: [}\n---\n",
        "---\n" + "[" * 9000 + "\n---\n甲\n",
        "---\n" + "a: b\n" * 9000 + "---\n甲\n",
        "---\n!!python/object/apply:os.system [ls]\n---\n甲\n",
    ],
)
def test_what_is_no_front_matter_is_text(text: str) -> None:
    document = read_markdown(text)
    assert document.front == {}


def test_anchors_do_not_explode() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{name}: &{name} [{','.join([f'*{old}'] * 9)}]\n"
        for old, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert set(read_markdown(f"---\n{bomb}---\n").front) == {"a"}


# --- tables ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "header"),
    [
        pytest.param("| 行动项 | 负责人 |\n| --- | :-: |\n| 甲 | 张三 |\n", 1, id="gfm"),
        pytest.param("前文\n| 行动项 | 负责人 |\n|-|-|\n| 甲 | 张三 |\n后文\n", 1, id="gfm in text"),
        pytest.param("行动项 | 负责人\n--- | ---\n甲 | 张三 | 多\n", 1, id="no outer pipes, surplus cell"),
        pytest.param("｜行动项｜负责人｜\n｜——｜——｜\n｜甲｜张三｜\n", 1, id="full-width separator"),
        pytest.param("> | 行动项 | 负责人 |\n> |---|---|\n> | 甲 | 张三 |\n", 1, id="in a quote"),
        pytest.param("+-----+-----+\n| 行动项 | 负责人 |\n+=====+=====+\n| 甲 | 张三 |\n+-----+-----+\n", 1, id="grid"),
        pytest.param("| 行动项 | 负责人 |\n|---|---|---|\n| 甲 | 张三 |\n", 1, id="separator of another width"),
        pytest.param(
            "<table><tr><th>行动项</th><th>负责人</th></tr>\n\n<tr><td>甲\n<td>张三</table>\n", 1, id="html"
        ),
    ],
)  # fmt: skip
def test_tables_with_a_header(text: str, header: int) -> None:
    made = table(text)
    assert [[cell.text for cell in row.cells] for row in made.rows] == [
        ["行动项", "负责人"],
        ["甲", "张三"],
    ]
    assert made.header == header


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("| 行动项 | 负责人 | 时间 |\n| 甲 | 张三 | 6/15 |\n", id="pipes"),
        pytest.param("三、清单\n行动项｜负责人｜时间\n甲｜张三｜6/15\n\n四、完\n", id="full-width"),
        pytest.param("行动项\t负责人\t时间\n甲\t张三\t6/15\n", id="tabs"),
        pytest.param(
            "1. 清单\n\n   行动项 | 负责人 | 时间\n   甲 | 张三 | 6/15\n", id="in an item"
        ),
    ],
)
def test_tables_without_separator(text: str) -> None:
    made = table(text)
    assert [[cell.text for cell in row.cells] for row in made.rows] == [
        ["行动项", "负责人", "时间"],
        ["甲", "张三", "6/15"],
    ]
    assert made.header == 0


def test_rows_know_their_lines() -> None:
    made = table("前\n\n| a | b |\n|---|---|\n| c | d |\n| e | f |\n")
    assert (made.line, [row.line for row in made.rows]) == (3, [3, 5, 6])


def test_cells() -> None:
    made = table(
        "| a | b | c |\n|---|---|---|\n| x \\| y | 一<br>二 | |\n| ~~旧~~ | ~~旧~~ |\n| [ ] 甲 | ☑ | **粗** |\n"
    )
    rows = [[cell.text for cell in row.cells] for row in made.rows[1:]]
    assert rows == [["x | y", "一\n二", ""], ["旧", "旧", ""], ["甲", "", "粗"]]
    assert [row.struck for row in made.rows] == [False, False, True, False]
    assert [cell.box for cell in made.rows[3].cells] == [" ", "x", None]


def test_last_cell_may_be_empty() -> None:
    made = table("甲｜乙｜丙\n一｜二｜三\n四｜五｜\n")
    assert [len(row.cells) for row in made.rows] == [3, 3, 3]


def test_one_line_with_pipes_is_text() -> None:
    assert blocks("4. 劉怡君 | 製作圖卡 | 114.12.05\n") == ["1 4 劉怡君 | 製作圖卡 | 114.12.05"]


def test_html_table_spans() -> None:
    made = table(
        "<table>\n<thead><tr><th rowspan=2>项</th><th colspan='2'>责任</th></tr>\n"
        "<tr><th>部门</th><th>人</th></tr></thead>\n"
        '<tr><td>甲</td><td rowspan="9">技术部</td><td>孙立<br>马骁</td></tr>\n'
        "<tr><td><p>乙</p></td><td><s>旧</s></td></tr>\n</table>\n"
    )
    assert [[cell.text for cell in row.cells] for row in made.rows] == [
        ["项", "责任", "责任"],
        ["项", "部门", "人"],
        ["甲", "技术部", "孙立\n马骁"],
        ["乙", "技术部", "旧"],
    ]
    assert made.header == 2
    assert [row.line for row in made.rows] == [2, 3, 4, 5]
    assert [cell.merged for cell in made.rows[3].cells] == [False, True, False]


def test_html_tables_nest() -> None:
    made = table("<table><tr><td>外<table><tr><td>内</td></tr></table></td></tr></table>\n")
    cell = made.rows[0].cells[0]
    assert cell.text == "外"
    assert cell.tables[0].rows[0].cells[0].text == "内"


@pytest.mark.parametrize(
    "text",
    [
        "<table>" + "<tr>" + "<td colspan=64>a" * 5 + "</table>",
        "<table>" + "<tr><td>a" * 3000 + "<tr>" + "<td>b" * 250 + "</table>",
        "<table><tr><td>" * 20,
    ],
)
def test_tables_without_end_are_refused(text: str) -> None:
    with pytest.raises(RefusedError):
        read_markdown(text)


def test_html_blocks() -> None:
    text = (
        "<details>\n<summary>纪要</summary>\n<h3>行动项</h3>\n<ul>\n<li>甲\n<li><input type=checkbox checked> 乙</li>\n"
        "</ul>\n<p>丙</p>\n<script>丁</script>\n</details>\n<!-- - [ ] 模板 -->\n"
    )
    assert blocks(text) == ["2 p 纪要", "3 h3 行动项", "5 - 甲", "6 -[x] 乙", "8 p 丙"]


# --- whole documents ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(STRUCTURED.glob("*.md")), ids=lambda path: path.stem)
def test_structured_documents_read(path: Path) -> None:
    source = path.read_text(encoding="utf-8").split("\n")
    document = read(path)
    assert document.encoding == "utf-8"
    lines = [block.line for block in document.blocks]
    assert lines == sorted(lines)
    for block in document.blocks:
        if isinstance(block, Heading) and not block.fake:
            assert block.text[-4:] in source[block.line - 1].replace("\ufe0f", "")


def test_text_files_read_alike() -> None:
    data = (STRUCTURED / "zh-fullwidth-equipment.md").read_bytes()
    assert read_bytes(data, "a.txt") == read_bytes(data, "a.md")


@pytest.mark.parametrize(
    "text", ["a" * (MAX_CHARACTERS + 1), "\n" * (2 * MAX_LINES + 1), "a\n" * (MAX_LINES + 1)]
)
def test_too_long_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="too long"):
        read_markdown(text)


@pytest.mark.parametrize(
    "unit",
    ["- a\n", "| a | b |\n", "> ", "[", "*a ", "`a``", "<a ", "[a](", "一、甲\n", "<table>\n<tr>", "a\tb\tc\n", "# a\n"],
)  # fmt: skip
def test_what_could_be_slow_is_read(unit: str) -> None:
    """Speed itself is measured in benchmarks/documents.py."""
    with suppress(RefusedError):
        assert read_markdown(unit * (40_000 // len(unit))).encoding in ("", "utf-8")
