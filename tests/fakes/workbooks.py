"""Workbooks as people have them, made on the spot: the bytes of an .xlsx file.

XlsxWriter makes what it can; what it cannot (threaded comments, slicers, pivot tables ...) is put
into the package by hand, as Excel writes it. What people do to them is
in ``fakes.desk``, what is checked in ``fakes.package_checks``.
"""

import io
import re
import shutil
import struct
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import xlsxwriter
from fakes import rich_parts
from fakes.desk import (
    clear_ids,
    copy_row,
    delete_row,
    edit,
    insert_column,
    insert_row,
    person_edit,
    sort_rows,
)
from fakes.package_checks import check_package
from fakes.packages import MAIN, Package, parts, values
from fakes.rich_parts import HEAD, SHEET1, STATUSES, WORKBOOK

from mapping import ids
from mapping.words import COLUMNS

__all__ = [
    "OWN_COLUMNS",
    "SHEET",
    "TEAM",
    "big",
    "check_package",
    "clear_ids",
    "copy_row",
    "delete_row",
    "edit",
    "insert_column",
    "insert_row",
    "libreoffice_made",
    "made",
    "own_layout",
    "parts",
    "person_edit",
    "plain_table",
    "prefixed",
    "rich",
    "sample_rows",
    "shared_formulas",
    "soffice_convert",
    "sort_rows",
    "values",
    "wps_like",
]

TEAM = "产品部"
SHEET = "跟踪表"
HEADERS = [
    COLUMNS["zh"][field]
    for field in (
        *("id", "description", "owner", "department", "due", "completed"),
        *("status", "deliverable", "note"),
    )
]
# a workbook that a team made for itself: our field -> its own header
OWN_COLUMNS = {
    "id": "系统编号",
    "description": "任务内容",
    "owner": "责任人",
    "department": "责任部门",
    "due": "要求完成时间",
    "completed": "实际完成",
    "status": "完成情况",
    "deliverable": "成果物",
    "note": "说明",
}
_TASKS = (
    ("整理仓库盘点差异清单", "王敏", "仓储部"),
    ("续签物业合同并归档", "赵强", "行政部"),
    ("发布移动端 3.2 版本说明", "Anna", "技术部"),
    ("安排第三季度安全培训", "陈晨", "人事部"),
    ("确认展会搭建报价（含运输）", "刘洋", "市场部"),
    ("核对 5 月差旅报销 & 补齐发票", "王敏", "财务部"),
    ("更新《门店巡检手册》第 4 章", "孙悦", "运营部"),
    ('回访 "A 级" 客户 <前 10 名>', "赵强", "客服部"),
    ("完成机房空调更换", "陈晨", "行政部"),
    ("梳理接口清单\n并标出停用项", "Anna", "技术部"),
    ("编写新人上手指南 🚀", "孙悦", "人事部"),
    ("汇总供应商评分表", "刘洋", "采购部"),
)


def sample_rows(count: int = len(_TASKS)) -> list[list[Any]]:
    """Return rows in the order of ``HEADERS``: id, text, days, status; empty cells are None."""
    rows: list[list[Any]] = []
    for number in range(count):
        text, owner, department = _TASKS[number % len(_TASKS)]
        if number >= len(_TASKS):
            text = f"{text}（{number}）"
        due = date(2024, 6, 3) + timedelta(days=number % 90)
        status = STATUSES[number % 4]
        done = due - timedelta(days=1) if status == "已完成" else None
        note = "等待对方回复" if status == "受阻" else None
        given = f"附件 {number}" if done else None
        item = ids.draw(TEAM, str(number))
        rows.append([item, text, owner, department, due, done, status, given, note])
    return rows


def made(write: Callable[[Any], None], **options: Any) -> bytes:
    """Let ``write`` fill a workbook of XlsxWriter and return its bytes."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, **options}) as book:
        write(book)
    return target.getvalue()


def _put(page: Any, row: int, column: int, cells: Sequence[Any], day: Any) -> None:
    for offset, cell in enumerate(cells):
        if isinstance(cell, date):
            page.write_datetime(row, column + offset, cell, day)
        elif cell is not None:
            page.write(row, column + offset, cell)


# --- a workbook with everything in it -------------------------------------------------------------


@cache
def rich() -> bytes:
    """Make a workbook with nearly all that Excel can hold; a table from row 4, 12 items.

    Columns A to I are ``HEADERS``; J to L (优先级, 进度, 用时) are the team's own. D7 and E9 hold
    formulas; L is a calculated column.
    """
    package = Package(made(_write_rich))
    rich_parts.add_threaded_comments(package)
    rich_parts.add_slicer(package)
    rich_parts.add_extended_validation(package)
    rich_parts.add_pivot(package)
    rich_parts.add_custom_xml(package)
    rich_parts.look_like_excel(package)
    rich_parts.add_calc_chain(package)
    return package.to_bytes()


def _write_rich(book: Any) -> None:
    page, lists, total = (book.add_worksheet(name) for name in (SHEET, "选项", "汇总"))
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    bold, red = book.add_format({"bold": True}), book.add_format({"font_color": "#C00000"})
    page.merge_range("A1:L1", "产品部行动项跟踪表", bold)
    page.merge_range("A2:L2", "每周一更新；问题请找王敏", book.add_format({"italic": True}))
    rows = sample_rows()
    last = 4 + len(rows)
    headers = [*HEADERS, "优先级", "进度", "用时"]
    formula = '=IF([@实际完成时间]="","",[@实际完成时间]-[@计划完成时间])'
    columns: list[dict[str, Any]] = [{"header": header} for header in headers]
    columns[11]["formula"] = formula
    page.add_table(3, 0, last - 1, 11, {"name": "Tracker", "columns": columns})
    for number, row in enumerate(rows):
        _put(page, 4 + number, 0, [*row, "高中低"[number % 3], number / 12], day)
        days = -1 if row[5] else ""
        page.write_formula(4 + number, 11, _plain(formula), None, days)
    page.write_formula("D7", "=INDEX(选项!$B$1:$B$4,2)", None, "技术部")
    page.write_formula("E9", "=DATE(2024,6,14)", day, 45457)
    page.write_rich_string("B8", "安排第三季度", red, "安全", "培训")
    page.write_url("H6", "https://example.com/contract.pdf", string="附件 1")
    page.write_comment("B5", "口径以财务为准", {"author": "赵强", "x_scale": 2})
    page.write_comment(
        "C6",
        "[线程批注]\n\n你的 Excel 版本可读取此线程批注。\n\n批注:\n    周五前能给吗？",
        {"author": "tc={5B3C9A10-0D4E-4A7B-9C58-0F6D2C1B7E11}"},
    )
    page.data_validation("J5:J500", {"validate": "list", "source": ["高", "中", "低"]})
    page.conditional_format("K5:K500", {"type": "data_bar", "data_bar_2010": True})
    page.conditional_format(
        "A5:L500",
        {"type": "formula", "criteria": '=AND($E5<TODAY(),$G5<>"已完成")', "format": red},
    )
    page.conditional_format("J5:J500", {"type": "icon_set", "icon_style": "3_traffic_lights"})
    page.add_sparkline("N5", {"range": f"{SHEET}!K5:K16"})
    page.insert_image("N7", "logo.png", {"image_data": io.BytesIO(_png())})
    page.insert_textbox("N12", "红色 = 已过期")
    page.freeze_panes(4, 2)
    page.set_column("B:B", 40)
    page.set_row(9, None, None, {"hidden": True})
    page.set_row(11, 30)
    page.set_header("&L&A&R&D")
    page.ignore_errors({"number_stored_as_text": "A1:L500"})
    for number, word in enumerate(STATUSES):
        lists.write(number, 0, word)
        lists.write(number, 1, ("仓储部", "技术部", "人事部", "市场部")[number])
        total.write(number, 0, word)
        total.write_formula(number, 1, f"=COUNTIF({SHEET}!$G$5:$G$16,A{number + 1})", None, 3)
        total.write_row(10 + number, 0, [word, 3])
        total.write_row(1 + number, 6, [word, 3])
    total.write_row("A10", ["状态", "数量"])
    total.write_row("G1", ["行标签", "求和项:数量"])
    total.write_row("G6", ["总计", 12])
    total.write_dynamic_array_formula("E1:E4", "=_xlfn.UNIQUE(选项!A1:A4)", None, "进行中")
    lists.hide()
    chart = book.add_chart({"type": "column"})
    chart.add_series({"categories": "=汇总!$A$1:$A$4", "values": "=汇总!$B$1:$B$4"})
    page.insert_chart("N16", chart)
    book.define_name("StatusWords", "=选项!$A$1:$A$4")
    book.define_name(f"{SHEET}!Print_Area", f"={SHEET}!$A$1:$L$16")


def _plain(formula: str) -> str:
    return formula.replace("[@", "Tracker[[#This Row],[").replace("时间]", "时间]]")


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    pixels = zlib.compress((b"\0" + b"\x1f\x3a\x5f" * 24) * 24)
    header = struct.pack(">IIBBBBB", 24, 24, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


# --- other kinds ----------------------------------------------------------------------------------


@cache
def own_layout(*, date_1904: bool = False, with_ids: bool = True) -> bytes:
    """Make a team's own sheet: merged titles, its own headers (row 4), totals below, no table.

    Column A counts the rows, the columns of ``OWN_COLUMNS`` follow, the id column is the last.
    """

    def write(book: Any) -> None:
        page = book.add_worksheet(SHEET)
        day = book.add_format({"num_format": 'yyyy"年"m"月"d"日"'})
        bold = book.add_format({"bold": True, "border": 1, "bg_color": "#DDEBF7"})
        page.merge_range("A1:J1", "2024年重点工作督办表", bold)
        page.merge_range("A2:D2", "填报单位：产品部")
        page.merge_range("E2:J2", "填报日期：2024年6月3日")
        fields = [field for field in OWN_COLUMNS if field != "id"]
        headers = ["序号", *(OWN_COLUMNS[field] for field in fields)]
        page.write_row(3, 0, [*headers, OWN_COLUMNS["id"]] if with_ids else headers, bold)
        rows = sample_rows(8)
        for number, row in enumerate(rows):
            _put(page, 4 + number, 0, [number + 1, *row[1:], *([row[0]] if with_ids else [])], day)
        end = 4 + len(rows)
        page.write(end, 0, "合计", bold)
        page.write_formula(end, 1, f"=COUNTA(B5:B{end})", bold, len(rows))
        page.write_formula(end, 6, f'=COUNTIF(G5:G{end},"已完成")', bold, 2)
        page.write_formula(end, 7, f"=SUM(A5:A{end})", bold, sum(range(1, len(rows) + 1)))
        page.write(end + 2, 0, "注：逾期事项由责任部门书面说明")

    return made(write, date_1904=date_1904)


@cache
def wps_like() -> bytes:
    """Make what WPS saves: a plain range with a filter, its own namespace, absolute targets."""

    def write(book: Any) -> None:
        page = book.add_worksheet(SHEET)
        day = book.add_format({"num_format": "yyyy/m/d"})
        page.write_row(0, 0, HEADERS)
        rows = sample_rows(9)
        for number, row in enumerate(rows, 1):
            _put(page, number, 0, row, day)
        page.autofilter(0, 0, len(rows), 6)
        page.write_formula("H3", '=_xlfn.DISPIMG("ID_1F3A5F",1)', None, "")

    package = Package(made(write))
    package.replace(
        SHEET1,
        "<worksheet ",
        '<worksheet xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData" ',
    )
    package.add(
        "xl/cellimages.xml",
        f'{HEAD}<etc:cellImages xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData"/>',
        "application/vnd.wps-officedocument.cellimage+xml",
    )
    package.relate(
        WORKBOOK,
        "http://www.wps.cn/officeDocument/2020/cellImage",
        "cellimages.xml",
    )
    package.replace("docProps/app.xml", "Microsoft Excel", "WPS 表格")
    links = "xl/_rels/workbook.xml.rels"
    package.set(links, re.sub(r'Target="(?!/)', 'Target="/xl/', package.text(links)))
    return package.to_bytes()


@cache
def plain_table() -> bytes:
    """Make a table with ``HEADERS`` in row 1 and six items, nothing else."""

    def write(book: Any) -> None:
        page = book.add_worksheet(SHEET)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        rows = sample_rows(6)
        columns = [{"header": header} for header in HEADERS]
        page.add_table(0, 0, len(rows), len(HEADERS) - 1, {"name": "Tracker", "columns": columns})
        for number, row in enumerate(rows, 1):
            _put(page, number, 0, row, day)

    return made(write)


@cache
def prefixed() -> bytes:
    """Make ``plain_table`` with a prefix at every element (``x:row``), as some SDKs write."""
    package = Package(plain_table())
    for name in package.names():
        if name.startswith("xl/") and name.endswith(".xml") and "theme" not in name:
            text = re.sub(r"(</?)(?=[A-Za-z][\w.-]*[\s/>])", r"\1x:", package.text(name))
            package.set(name, text.replace(f'xmlns="{MAIN}"', f'xmlns:x="{MAIN}"'))
    return package.to_bytes()


@cache
def shared_formulas() -> bytes:
    """Make a plain range whose columns J and K hold one shared formula each, with cached values.

    K's formula is shared in two pieces with the master in the first row of each.
    """

    def write(book: Any) -> None:
        page = book.add_worksheet(SHEET)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        page.write_row(0, 0, [*HEADERS, "标签", "天数"])
        for number, row in enumerate(sample_rows(10), 1):
            _put(page, number, 0, row, day)
            page.write_formula(number, 9, f'=C{number + 1}&"/"&D{number + 1}', None, "x")
            page.write_formula(number, 10, f"=E{number + 1}-DATE(2024,1,1)", None, 154 + number)

    package = Package(made(write))
    text = package.text(SHEET1)
    for column, index, first, last in (("J", 0, 2, 11), ("K", 1, 2, 6), ("K", 2, 7, 11)):
        for row in range(first, last + 1):
            shared = f'<f t="shared" ref="{column}{first}:{column}{last}" si="{index}">\\2</f>'
            text = re.sub(
                rf'(<c r="{column}{row}"[^>]*>)<f>(.*?)</f>',
                rf"\1{shared}" if row == first else rf'\1<f t="shared" si="{index}"/>',
                text,
            )
    package.set(SHEET1, text)
    return package.to_bytes()


def big(rows: int) -> bytes:
    """Make a table of 12 columns and many rows (header in row 1): all our columns."""
    headers = [*HEADERS, *(COLUMNS["zh"][field] for field in ("acceptance", "support", "meeting"))]

    def write(book: Any) -> None:
        page = book.add_worksheet(SHEET)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        columns = [{"header": header} for header in headers]
        page.add_table(0, 0, rows, len(headers) - 1, {"name": "Tracker", "columns": columns})
        for number, row in enumerate(sample_rows(rows), 1):
            more = (f"验收单 {number}", "财务部", f"周会 {number % 50}")
            _put(page, number, 0, [*row, *more], day)

    return made(write)


def soffice_convert(files: dict[str, bytes], to: str = "xlsx") -> dict[str, bytes]:
    """Let LibreOffice open files and save them anew, all in one start.

    Returns what it could open, under the same names; a file that is missing could not be opened.
    """
    program = shutil.which("soffice")
    if program is None:
        raise FileNotFoundError("soffice is not installed")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, data in files.items():
            (root / f"{name}.xlsx").write_bytes(data)
        kind = "xlsx:Calc MS Excel 2007 XML" if to == "xlsx" else to
        command = [
            program,
            "--headless",
            "--norestore",
            f"-env:UserInstallation={(root / 'p').as_uri()}",
        ]
        command += ["--convert-to", kind, "--outdir", str(root / "out")]
        command += [str(root / f"{name}.xlsx") for name in files]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        made = {name: root / "out" / f"{name}.{to}" for name in files}
        return {name: path.read_bytes() for name, path in made.items() if path.exists()}


@cache
def libreoffice_made() -> bytes:
    """Return the plain table as LibreOffice saved it (made by soffice once, see tests/data)."""
    return (Path(__file__).parents[1] / "data/workbooks/libreoffice.xlsx").read_bytes()
