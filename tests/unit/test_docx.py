"""Reading DOCX: each construct that converters lose, and each file that must be refused."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes.docx import archive, docx, p, run, sdt, style, tbl, tc, tr

from minutes.document import (
    Document,
    Heading,
    ListItem,
    Paragraph,
    RefusedError,
    Table,
)
from minutes.read import read, read_bytes

STRUCTURED = Path(__file__).parent.parent / "data" / "structured"


def doc(body: str, **parts: str | bytes) -> Document:
    return read_bytes(docx(body, parts=parts), "minutes.docx")


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks if not isinstance(block, Table)]


def table(document: Document) -> Table:
    return next(block for block in document.blocks if isinstance(block, Table))


def grid(made: Table) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in made.rows]


# --- headings and styles --------------------------------------------------------------------------

STYLES = (
    style("1", "heading 1", '<w:pPr><w:outlineLvl w:val="0"/></w:pPr>')
    + style("2", "heading 2", '<w:pPr><w:outlineLvl w:val="1"/></w:pPr>')
    + style("Own", "会议小节", '<w:basedOn w:val="2"/>')
    + style("Loop", "loop", '<w:basedOn w:val="Loop2"/>')
    + style("Loop2", "loop2", '<w:basedOn w:val="Loop"/>')
    + style("Title", "Title")
    + style("Done", "done", "<w:rPr><w:strike/></w:rPr>", "character")
    + style("Toc1", "toc 1")
)


@pytest.mark.parametrize(
    ("properties", "level"),
    [
        ('<w:pStyle w:val="1"/>', 1),
        ('<w:pStyle w:val="Own"/>', 2),
        ('<w:pStyle w:val="Title"/>', 1),
        ('<w:pStyle w:val="Heading3"/>', 3),
        ('<w:outlineLvl w:val="2"/>', 3),
        ('<w:pStyle w:val="1"/><w:outlineLvl w:val="9"/>', None),
        ('<w:pStyle w:val="Loop"/>', None),
        ("", None),
    ],
)
def test_heading_level(properties: str, level: int | None) -> None:
    (block,) = doc(p("行动项", properties), styles=STYLES).blocks
    assert (block.level if isinstance(block, Heading) else None) == level


def test_styles_part_may_be_missing() -> None:
    (block,) = doc(p("Actions", '<w:pStyle w:val="Heading2"/>')).blocks
    assert block == Heading(text="Actions", level=2, line=1)


def test_bold_paragraph_is_a_fake_heading() -> None:
    first, second = doc(p(run("行动", "<w:b/>") + run("项", "<w:b/>")) + p("甲")).blocks
    assert isinstance(first, Heading)
    assert (first.text, first.fake) == ("行动项", True)
    assert isinstance(second, Paragraph)


def test_bold_sentence_stays_a_paragraph() -> None:
    (block,) = doc(p(run("请张三于下周三前完成，不得延误。", "<w:b/>"))).blocks
    assert isinstance(block, Paragraph)
    assert block.bold


def test_table_of_contents_is_left_out() -> None:
    gallery = '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj>'
    body = sdt(p("一、目标……1"), gallery) + p("二……2", '<w:pStyle w:val="Toc1"/>') + p("正文")
    assert texts(doc(body, styles=STYLES)) == ["正文"]


# --- numbering ------------------------------------------------------------------------------------


def _level(form: str, text: str, level: int = 0, start: int = 1) -> str:
    return (
        f'<w:lvl w:ilvl="{level}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


NUMBERING = (
    f'<w:abstractNum w:abstractNumId="0">{_level("decimal", "%1.")}{_level("lowerLetter", "%2)", 1)}'
    f"</w:abstractNum>"
    f'<w:abstractNum w:abstractNumId="1">{_level("bullet", "•")}</w:abstractNum>'
    f'<w:abstractNum w:abstractNumId="2">{_level("bullet", chr(0xF0A8))}</w:abstractNum>'
    f'<w:abstractNum w:abstractNumId="3">{_level("chineseCounting", "（%1）", start=9)}</w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
    '<w:num w:numId="3"><w:abstractNumId w:val="2"/></w:num>'
    '<w:num w:numId="4"><w:abstractNumId w:val="3"/></w:num>'
    '<w:num w:numId="5"><w:abstractNumId w:val="0"/>'
    '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
)


def _numbered(text: str, number: int, level: int = 0) -> str:
    return p(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def _items(body: str, **parts: str | bytes) -> list[tuple[str, int, str | None, str | None]]:
    blocks = doc(body, numbering=NUMBERING, **parts).blocks
    return [
        (block.text, block.depth, block.number, block.box)
        for block in blocks
        if isinstance(block, ListItem)
    ]


def test_numbers_are_counted() -> None:
    body = _numbered("甲", 1) + _numbered("乙", 1, 1) + _numbered("丙", 1, 1) + _numbered("丁", 1)
    assert _items(body) == [
        ("甲", 0, "1", None),
        ("乙", 1, "a", None),
        ("丙", 1, "b", None),
        ("丁", 0, "2", None),
    ]


def test_override_starts_again() -> None:
    body = _numbered("甲", 1) + p("，") + _numbered("乙", 5)
    assert [number for _, _, number, _ in _items(body)] == ["1", "1"]


def test_bullets_and_box_bullets() -> None:
    body = _numbered("甲", 2) + p("，") + _numbered("乙", 3)
    assert _items(body) == [("甲", 0, None, None), ("乙", 0, None, " ")]


def test_chinese_numbers() -> None:
    body = (
        _numbered("同意甲方案。", 4) + _numbered("同意乙方案。", 4) + _numbered("同意丙方案。", 4)
    )
    assert [number for _, _, number, _ in _items(body)] == ["九", "十", "十一"]


def test_number_zero_takes_a_style_s_list_away() -> None:
    numbered = style("L", "List", '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>')
    body = p("甲", '<w:pStyle w:val="L"/>') + p(
        "乙", '<w:pStyle w:val="L"/><w:numPr><w:numId w:val="0"/></w:numPr>'
    )
    assert _items(body, styles=numbered) == [("甲", 0, "1", None)]


def test_numbers_written_by_hand() -> None:
    blocks = doc(p("1、甲。") + p("（1）乙。") + p("2、丙。")).blocks
    assert [(b.number, b.depth) for b in blocks if isinstance(b, ListItem)] == [
        ("1", 0),
        ("1", 1),
        ("2", 0),
    ]


# --- tables ---------------------------------------------------------------------------------------


def test_merged_cells_repeat() -> None:
    wide, start, more = (
        '<w:gridSpan w:val="2"/>',
        '<w:vMerge w:val="restart"/>',
        "<w:vMerge/>",
    )
    made = table(
        doc(
            tbl(
                tr(tc("序号", start), tc("责任", wide)),
                tr(tc("", more), "部门", "负责人"),
                tr("1", "技术部", "孙立"),
            )
        )
    )
    assert grid(made) == [
        ["序号", "责任", "责任"],
        ["序号", "部门", "负责人"],
        ["1", "技术部", "孙立"],
    ]
    assert [cell.merged for cell in made.rows[0].cells] == [False, False, True]
    assert [cell.merged for cell in made.rows[1].cells] == [True, False, False]


def test_cells_before_the_grid_and_short_rows() -> None:
    made = table(
        doc(tbl(tr("a", "b", "c"), tr("y", properties='<w:gridBefore w:val="1"/>'), tr("z")))
    )
    assert grid(made) == [["a", "b", "c"], ["", "y", ""], ["z", "", ""]]


def test_lines_count_paragraphs_and_rows() -> None:
    document = doc(p("甲") + p("") + tbl(tr("a"), tr("b")) + p("乙"))
    assert [block.line for block in document.blocks] == [1, 3, 5]
    assert [row.line for row in table(document).rows] == [3, 4]


def test_header_rows_as_marked() -> None:
    head = "<w:tblHeader/>"
    made = table(doc(tbl(tr("a", properties=head), tr("b", properties=head), tr("c"))))
    assert made.header == 2


def test_breaks_and_paragraphs_in_a_cell() -> None:
    inner = p("<w:r><w:t>甲</w:t><w:br/><w:t>乙</w:t></w:r>") + p("丙")
    assert grid(table(doc(tbl(tr(tc(inner)))))) == [["甲\n乙\n丙"]]


def test_nested_table_stands_in_its_cell() -> None:
    inner = p("以下：") + tbl(tr("行动项", "责任人"), tr("甲", "孙立")) + p("")
    cell = table(doc(tbl(tr("行动项", tc(inner))))).rows[0].cells[1]
    assert cell.text == "以下："
    (nested,) = cell.tables
    assert grid(nested) == [["行动项", "责任人"], ["甲", "孙立"]]
    assert nested.rows[1].line == 1


def test_deleted_row_and_cell() -> None:
    gone = '<w:del w:id="1" w:author="x"/>'
    made = table(
        doc(tbl(tr("a", tc("x", "<w:cellDel/>")), tr("b", properties=gone), tr("c", properties="")))
    )
    assert grid(made) == [["a"], ["c"]]


def test_rows_and_cells_in_content_controls() -> None:
    made = table(doc(tbl(tr("a", "b"), sdt(tr("c", sdt(tc("d")))))))
    assert grid(made) == [["a", "b"], ["c", "d"]]


def test_box_in_a_cell() -> None:
    made = table(doc(tbl(tr("☑", "☐ 甲", "□是 ☑否"))))
    assert [(c.box, c.text) for c in made.rows[0].cells] == [
        ("x", ""),
        (" ", "甲"),
        (None, "□是 ☑否"),
    ]


def test_struck_row() -> None:
    struck = tc(p(run("甲", "<w:strike/>")))
    made = table(doc(tbl(tr(struck, ""), tr(struck, "乙"))))
    assert [row.struck for row in made.rows] == [True, False]
    assert made.rows[0].cells[0].text == "甲"


# --- text -----------------------------------------------------------------------------------------

_BEGIN, _SEPARATE, _END = (
    f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")
)
_CHECKED = '<w14:checkbox><w14:checked w14:val="1"/></w14:checkbox>'
_BOX = '<w14:checkbox><w14:checked w14:val="0"/></w14:checkbox>'


def _form(inner: str) -> str:
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{inner}</w:ffData></w:fldChar></w:r>'
        f"<w:r><w:instrText>FORM</w:instrText></w:r>{_SEPARATE}{_END}"
    )


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        pytest.param(run("a") + f"<w:ins>{run('b')}</w:ins>", "ab", id="insertion"),
        pytest.param(
            run("a") + "<w:del><w:r><w:delText>b</w:delText></w:r></w:del>", "a", id="deletion"
        ),
        pytest.param(f"<w:moveTo>{run('b')}</w:moveTo>", "b", id="moved to"),
        pytest.param(run("a") + f"<w:moveFrom>{run('b')}</w:moveFrom>", "a", id="moved from"),
        pytest.param(run("a") + sdt(run("b")), "ab", id="inline control"),
        pytest.param(
            run("a") + sdt(run("单击此处输入"), "<w:showingPlcHdr/>"), "a", id="prompt of a control"
        ),
        pytest.param(f'<w:hyperlink r:id="x">{run("@张三")}</w:hyperlink>', "@张三", id="link"),
        pytest.param(f"<w:smartTag>{run('2025年5月')}</w:smartTag>", "2025年5月", id="smart tag"),
        pytest.param(
            f'<w:fldSimple w:instr="DATE">{run("2025-05-20")}</w:fldSimple>', "2025-05-20", id="field"
        ),
        pytest.param(
            f"{_BEGIN}<w:r><w:instrText> DATE </w:instrText></w:r>{_SEPARATE}{run('5月')}{_END}{run('底')}",
            "5月底",
            id="complex field",
        ),
        pytest.param(
            f"{_BEGIN}<w:r><w:instrText>IF</w:instrText></w:r>{_BEGIN}{_SEPARATE}{run('no')}{_END}"
            f"{_SEPARATE}{run('yes')}{_END}",
            "yes",
            id="field in a field",
        ),
        pytest.param(
            _form(
                '<w:ddList><w:result w:val="1"/><w:listEntry w:val="延期"/><w:listEntry w:val="受阻"/></w:ddList>'
            ),
            "受阻",
            id="form drop-down",
        ),
        pytest.param(run("a") + run("b", "<w:vanish/>"), "a", id="hidden"),
        pytest.param(run("a") + run("b", '<w:vanish w:val="0"/>'), "ab", id="hidden switched off"),
        pytest.param(run("a") + run("b", "<w:strike/>"), "a", id="struck part"),
        pytest.param(run("soft\u00adhy") + "<w:r><w:softHyphen/></w:r>" + run("phen"), "softhyphen", id="soft hyphen"),
        pytest.param("<w:r><w:t>a</w:t><w:noBreakHyphen/><w:t>b</w:t></w:r>", "a-b", id="hyphen"),
        pytest.param(run("胡军\u3000于洋\u200b"), "胡军 于洋", id="blanks"),
        pytest.param("<w:r><w:t>a</w:t><w:br/><w:t>b</w:t></w:r>", "a\nb", id="break"),
        pytest.param(
            "<w:r><w:ruby><w:rt><w:r><w:t>zhang</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>张</w:t></w:r>"
            "</w:rubyBase></w:ruby></w:r>",
            "张",
            id="ruby",
        ),
        pytest.param("<m:oMath><m:r><m:t>x+1</m:t></m:r></m:oMath>", "x+1", id="formula"),
        pytest.param(run("e\u0301"), "\u00e9", id="composed"),
    ],
)  # fmt: skip
def test_text(inner: str, expected: str) -> None:
    assert texts(doc(p(inner))) == [expected]


@pytest.mark.parametrize(
    ("inner", "box"),
    [
        pytest.param(sdt(run("☐"), _CHECKED), "x", id="control, checked"),
        pytest.param(sdt(run("☒"), _BOX), " ", id="control, open"),
        pytest.param(_form("<w:checkBox><w:checked/></w:checkBox>"), "x", id="form, checked"),
        pytest.param(_form('<w:checkBox><w:default w:val="1"/></w:checkBox>'), "x", id="form, default"),
        pytest.param(
            _form('<w:checkBox><w:default w:val="1"/><w:checked w:val="0"/></w:checkBox>'), " ", id="form, open"
        ),
        pytest.param('<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>', "x", id="Wingdings, checked"),
        pytest.param('<w:r><w:sym w:font="Wingdings" w:char="F0A8"/></w:r>', " ", id="Wingdings, open"),
        pytest.param(run("□"), " ", id="sign"),
        pytest.param(run("✅"), "x", id="emoji"),
    ],
)  # fmt: skip
def test_check_box(inner: str, box: str) -> None:
    (block,) = doc(p(inner + run(" 更新名单（孙立，8月6日）"))).blocks
    assert isinstance(block, ListItem)
    assert (block.box, block.text) == (box, "更新名单（孙立，8月6日）")


def test_struck_paragraph_keeps_its_words() -> None:
    (block,) = doc(
        p(run("甲", "<w:dstrike/>") + run("乙", '<w:rStyle w:val="Done"/>')), styles=STYLES
    ).blocks
    assert isinstance(block, Paragraph)
    assert (block.text, block.struck) == ("甲乙", True)


def test_block_control_holds_paragraphs_and_tables() -> None:
    document = doc(sdt(p("甲") + tbl(tr("a"))) + p("乙"))
    assert texts(document) == ["甲", "乙"]
    assert grid(table(document)) == [["a"]]


def test_deleted_paragraph_end_joins_the_next() -> None:
    mark = "<w:rPr><w:del/></w:rPr>"
    assert texts(doc(p("请张三", mark) + p("完成报告") + p("乙"))) == ["请张三完成报告", "乙"]
    assert texts(doc(p("末", mark))) == ["末"]


def test_text_box_stands_once_after_its_paragraph() -> None:
    box = f"<w:txbxContent>{p('框内')}</w:txbxContent>"
    both = (
        "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:wsp><wps:txbx>"
        f"{box}</wps:txbx></wps:wsp></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )
    old = f"<w:r><w:pict><v:textbox>{box}</v:textbox></w:pict></w:r>"
    document = doc(p(run("锚") + both) + p(old) + p("后"))
    assert texts(document) == ["锚", "框内", "框内", "后"]
    assert [block.line for block in document.blocks] == [1, 1, 2, 3]


def test_comments_and_footnotes_are_asides() -> None:
    document = doc(
        p(
            run("甲")
            + '<w:r><w:commentReference w:id="7"/></w:r><w:r><w:footnoteReference w:id="2"/></w:r>'
        )
        + p("乙"),
        comments=f'<w:comment w:id="7" w:author="李四">{p("张三来做？")}</w:comment>',
        footnotes=f'<w:footnote w:id="2">{p("见附件")}</w:footnote>',
    )
    assert texts(document) == ["甲", "李四: 张三来做？", "见附件", "乙"]
    assert [isinstance(b, Paragraph) and b.note for b in document.blocks] == [
        False,
        True,
        True,
        False,
    ]


def test_facts_of_properties_and_page_headers() -> None:
    core = (
        '<cp:coreProperties xmlns:cp="x" xmlns:dc="y"><dc:title> 周会纪要 </dc:title>'
        "<dc:creator>someone</dc:creator></cp:coreProperties>"
    )
    document = doc(
        p("甲"), header=p("内部机密"), footer=p("第 1 页 共 3 页"), **{"docProps/core.xml": core}
    )
    assert document.front == {"title": "周会纪要", "header": "内部机密"}
    assert document.encoding == ""


# --- files ----------------------------------------------------------------------------------------


def test_strict_namespace_reads_alike() -> None:
    body = p("甲", '<w:pStyle w:val="1"/>') + tbl(tr("a", "b"))
    parts = {"styles": STYLES}
    usual = read_bytes(docx(body, parts=parts), "a.docx")
    assert read_bytes(docx(body, parts=parts, strict=True), "a.docx") == usual


def test_utf16_part_reads() -> None:
    data = docx(p("甲"), encoding="utf-16", prolog='<?xml version="1.0" encoding="UTF-16"?>')
    assert texts(read_bytes(data, "a.docx")) == ["甲"]


@pytest.mark.parametrize("name", ["minutes.docm", "renamed.docx"])
def test_macros_are_left_out_with_a_note(name: str) -> None:
    data = docx(p("甲"), parts={"word/vbaProject.bin": b"\xd0\xcf\x11\xe0"})
    document = read_bytes(data, name)
    assert texts(document) == ["甲"]
    assert "macros" in document.notes[0].en


_ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
_OUTER = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def _lying_size() -> bytes:
    """A part that is 40 MB although the archive says 4 kB."""
    data = docx("", parts={"word/document.xml": b"<a>" + b" " * (40 << 20) + b"</a>"})
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        size = opened.getinfo("word/document.xml").file_size
    return data.replace(size.to_bytes(4, "little"), (4096).to_bytes(4, "little"))


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "entity expansion": (lambda: docx(p("&b;"), prolog=_ENTITIES), "entities"),
    "outer entity": (lambda: docx(p("&a;"), prolog=_OUTER), "entities"),
    "entities in UTF-16": (lambda: docx(p("a"), prolog=_ENTITIES, encoding="utf-16"), "entities"),
    "entities in styles": (
        lambda: docx(p("a", '<w:pStyle w:val="1"/>'), parts={"styles": "<!DOCTYPE x>"}),
        "entities",
    ),
    "text node of 33 MB": (lambda: docx(p("a" * (33 << 20))), "too large"),
    "a million paragraphs": (lambda: docx("<w:p/>" * 1_600_000), "too large"),
    "zeros as pictures": (
        lambda: docx(p("a"), parts={f"word/media/{n}.png": bytes(33 << 20) for n in range(4)}),
        "unpacks",
    ),
    "size that lies": (_lying_size, "damaged"),
    "cell of 20 million columns": (
        lambda: docx(tbl(tr(tc("a", '<w:gridSpan w:val="20000000"/>')))),
        "wider",
    ),
    "column before the grid": (
        lambda: docx(tbl(tr("a", properties='<w:gridBefore w:val="65"/>'))),
        "wider",
    ),
    "columns without end": (lambda: docx(tbl(tr(*["a"] * 300))), "columns"),
    "cells without end": (
        lambda: docx(tbl(tr(*["a"] * 200), *[tr("b")] * 3000)),
        "tables are too large",
    ),
    "3,000 controls in one another": (
        lambda: docx("<w:sdt><w:sdtContent>" * 3000 + "</w:sdtContent></w:sdt>" * 3000),
        "",
    ),
    "50 controls in one another": (
        lambda: docx("<w:sdt><w:sdtContent>" * 50 + p("a") + "</w:sdtContent></w:sdt>" * 50),
        "nested",
    ),
    "tables in one another": (
        lambda: docx("<w:tbl><w:tr><w:tc>" * 50 + p("a") + "</w:tc></w:tr></w:tbl>" * 50),
        "nested",
    ),
    "smart tags in one another": (
        lambda: docx(f"<w:p>{'<w:smartTag>' * 60}{run('a')}{'</w:smartTag>' * 60}</w:p>"),
        "nested",
    ),
    "too many parts": (
        lambda: docx(p("a"), parts={f"x/{n}": b"" for n in range(5001)}),
        "too many parts",
    ),
    "workbook": (lambda: archive({"xl/workbook.xml": "<a/>"}), "workbook"),
    "presentation": (lambda: archive({"ppt/presentation.xml": "<a/>"}), "presentation"),
    "archive": (lambda: archive({"readme.txt": "a"}), "no Word document"),
    "no body": (lambda: docx("", parts={"word/document.xml": b"<a/>"}), "no Word document"),
    "truncated": (lambda: docx(p("甲"))[:400], "damaged"),
    "broken XML": (lambda: docx("<w:p>"), "damaged"),
    "part in another encoding": (lambda: docx(p("甲"), encoding="gbk"), "damaged"),
    "old format": (lambda: _OLE + "WordDocument".encode("utf-16-le"), "Word 97"),
    "password": (lambda: _OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
    "text": ("会议纪要".encode, "not a ZIP"),
    "PDF": (lambda: b"%PDF-1.7 ...", "PDF"),
    "RTF": (lambda: b"{\\rtf1 ...}", "RTF"),
    "empty": (lambda: b"", "empty"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    make, words = REFUSED[name]
    with pytest.raises(RefusedError) as refused:
        read_bytes(make(), "minutes.docx")
    assert words in str(refused.value)
    assert str(refused.value)[-1] in ".)"
    assert refused.value.text("en") == str(refused.value)
    assert refused.value.text("zh")[-1] == "。"


def test_damaged_stream_is_refused() -> None:
    data = bytearray(docx(p("甲" * 2000)))
    at = data.index(b"word/document.xml") + 40
    data[at : at + 20] = b"\xff" * 20
    with pytest.raises(RefusedError):
        read_bytes(bytes(data), "a.docx")


def test_encrypted_member_is_refused() -> None:
    data = bytearray(docx(p("甲")))
    at = -1
    while (at := data.find(b"PK\x01\x02", at + 1)) >= 0:
        data[at + 8] |= 1
    with pytest.raises(RefusedError, match="password"):
        read_bytes(bytes(data), "a.docx")


@pytest.mark.parametrize("path", sorted(STRUCTURED.glob("*.docx")), ids=lambda path: path.stem)
def test_structured_documents_read(path: Path) -> None:
    document = read(path)
    assert any(isinstance(block, Heading | Table) for block in document.blocks)
    lines = [block.line for block in document.blocks]
    assert lines == sorted(lines)
    for made in document.blocks:
        if isinstance(made, Table):
            assert len({len(row.cells) for row in made.rows}) == 1


def test_tracked_changes_of_a_real_document() -> None:
    document = read(STRUCTURED / "zh-tracked-changes.docx")
    made = next(block for block in document.blocks if isinstance(block, Table))
    assert grid(made)[1] == [
        "补写崩溃监控告警规则",
        "何雨桐",
        "技术部",
        "4月30日",
        "崩溃率超过0.3%五分钟内告警",
    ]
    assert [row[0] for row in grid(made)[1:]] == [
        "补写崩溃监控告警规则",
        "整理发版检查清单",
        "采购真机云测时长",
        "复核支付页回归用例",
    ]
