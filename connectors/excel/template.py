"""A new workbook for action items (D1), made with openpyxl. Nothing is read, one file is written.

The sheet holds a real table with one empty data row: Excel allows no table without one. Whoever
adds the first item fills that row before adding any below it. Rules for colours and drop-downs
reach far below the table, so that rows added later have them too.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.dimensions import SheetFormatProperties
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from connectors.errors import SchemaError
from mapping.said import Said
from mapping.values import Status
from mapping.words import FIELDS, STATUSES

TABLE = "ActionItems"
DATE_FORMAT = "yyyy-mm-dd"
_LAST_ROW = 20_000  # as far as drop-downs and colours reach
_SOON_DAYS = 3
_INLINE_LIST = 255  # characters that Excel takes in a drop-down's own list
_HEADER_LIMIT = 255  # characters in a table column's name
_SHEET_LIMIT = 31
_SHEET_SIGNS = frozenset("[]:*?/\\")
_WIDTHS = {
    "id": 15,
    "description": 40,
    "owner": 11,
    "department": 13,
    "due": 13,
    "completed": 13,
    "status": 10,
    "deliverable": 22,
    "note": 30,
    "acceptance": 26,
    "support": 14,
    "meeting": 20,
}
_CENTRED = frozenset({"id", "owner", "department", "due", "completed", "status"})
_INK, _PAPER, _FAINT = "1F3A5F", "F3F5F8", "8A94A3"
_LATE, _SOON = "FDE3E1", "FFF4D6"


@dataclass(frozen=True, slots=True)
class _Words:
    """What the workbook itself says, in one language."""

    font: str
    lists: str
    note: str
    option_title: str
    option: str
    date_title: str
    date: str
    page: str


_WORDS = {
    "zh": _Words(
        font="Microsoft YaHei",
        lists="选项",
        note="编号由 Minuteloop 填写，请不要修改。\n"
        "新增行动项：在表格下方直接写一行，编号留空即可。",
        option_title="请从列表中选择",
        option="这一列只能填写：{}",
        date_title="这不是日期",
        date="请填写准确到日的日期，例如 2024-05-27。仍要保留这段文字吗？",
        page="第 &P 页，共 &N 页",
    ),
    "en": _Words(
        font="Calibri",
        lists="Lists",
        note="The ID is filled in by Minuteloop: please leave it as it is.\n"
        "New action item: write a row right below the table, without an ID.",
        option_title="Please choose from the list",
        option="This column takes only: {}",
        date_title="This is not a date",
        date="Please give a date exact to the day, e.g. 2024-05-27. Keep this text all the same?",
        page="Page &P of &N",
    ),
}


def make(
    path: Path,
    *,
    sheet: str,
    columns: Mapping[str, str],
    statuses: Mapping[str, tuple[str, ...]],
    people: Sequence[str],
    departments: Sequence[str],
    language: str,
) -> None:
    """Make a workbook with an empty table of action items.

    Args:
        path: where; its folder is made if it is missing.
        sheet: the name of the sheet.
        columns: our field, or ``id`` -> the column's header. They stand in the order of D1.
        statuses: ours -> the words for it; all are offered, the ones for done are greyed.
        people: names suggested for the owner; others may be typed.
        departments: likewise.
        language: ``zh`` or ``en``, of notes and messages.

    Raises:
        SchemaError: a name that a sheet or a table column cannot have.
        FileExistsError: something is there already; it is left alone.
        OSError: the file cannot be written.
    """
    path = Path(path)
    if path.exists():
        raise FileExistsError(f"{path} is there already")
    words = _WORDS.get(language, _WORDS["en"])
    known = STATUSES.get(language, STATUSES["en"])
    options = {status: statuses.get(status) or (known[status],) for status in Status}
    headers = _headers(columns)
    _check_sheet(sheet)

    book = Workbook()
    book.properties.creator = "Minuteloop"
    page = book.active
    assert isinstance(page, Worksheet)  # noqa: S101  # a new workbook has one sheet
    page.title = sheet
    _write_columns(page, headers, words)
    _add_table(page, headers)
    _add_dates(page, headers, words)
    lists = _Lists(book, words)
    choices = _unique(word for words_of in options.values() for word in words_of)
    lists.add(page, headers, "status", choices, blocking=True)
    lists.add(page, headers, "department", _unique(departments), blocking=False)
    lists.add(page, headers, "owner", _unique(people), blocking=False)
    _add_colours(page, headers, options[Status.DONE])
    _set_up_print(page, words)
    _save(book, path)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    """Return the values that are not empty, each once, in their order."""
    return tuple(dict.fromkeys(v.strip() for v in values if v.strip()))


def _headers(columns: Mapping[str, str]) -> dict[str, str]:
    """Put the columns in order and see that Excel takes their names (else it asks for a repair)."""
    headers = {f: " ".join(columns[f].split()) for f in ("id", *FIELDS) if f in columns}
    seen: dict[str, str] = {}
    for field, header in headers.items():
        if not 0 < len(header) <= _HEADER_LIMIT:
            raise SchemaError(
                Said(f"列名不能是“{header[:40]}”", f"a column cannot be named {header[:40]!r}"),
                field=field,
                hint=Said(
                    f"请用 1 到 {_HEADER_LIMIT} 个字",
                    f"name it with 1 to {_HEADER_LIMIT} characters",
                ),
            )
        other = seen.setdefault(header.casefold(), field)
        if other != field:
            raise SchemaError(
                Said(
                    f"有两列都叫“{header}”：{other} 和 {field}",
                    f"two columns are named {header!r}: {other} and {field}",
                ),
                field=field,
                hint=Said("请给每列不同的名字", "give each column a name of its own"),
            )
    return headers


def _check_sheet(name: str) -> None:
    fits = 0 < len(name) <= _SHEET_LIMIT and not _SHEET_SIGNS & set(name)
    if not fits or name != name.strip("'") or name.casefold() == "history":  # Excel keeps that one
        raise SchemaError(
            Said(f"工作表不能叫“{name}”", f"a sheet cannot be named {name!r}"),
            hint=Said(
                f"请用 1 到 {_SHEET_LIMIT} 个字，不含 [ ] : * ? / \\",
                f"use 1 to {_SHEET_LIMIT} characters, none of [ ] : * ? / \\",
            ),
        )


def _write_columns(page: Worksheet, headers: Mapping[str, str], words: _Words) -> None:
    """Write the header, and what every cell of a column looks like down to the last row."""
    edge = Side(style="thin", color="D5DAE1")
    for number, (field, header) in enumerate(headers.items(), 1):
        cell = page.cell(1, number, header)
        cell.data_type = "s"  # a header that begins with = is still a name
        cell.font = Font(name=words.font, size=10, bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor=_FAINT if field == "id" else _INK)
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        column = page.column_dimensions[get_column_letter(number)]
        column.width = _WIDTHS[field]
        for styled in (column, page.cell(2, number)):
            styled.font = Font(
                name=words.font, size=10, color=_FAINT if field == "id" else "1F2328"
            )
            styled.alignment = Alignment(
                horizontal="center" if field in _CENTRED else "left",
                vertical="center",
                wrap_text=field not in {"id", "due", "completed"},
            )
            if field == "id":
                styled.number_format = "@"
                styled.fill = PatternFill("solid", fgColor=_PAPER)
            elif field in {"due", "completed"}:
                styled.number_format = DATE_FORMAT
        page.cell(2, number).border = Border(bottom=edge)
        if field == "id":
            cell.comment = Comment(words.note, "Minuteloop", height=84, width=300)
    # two lines in each row: not every program fits a row to its text when it opens a file
    page.sheet_format = SheetFormatProperties(defaultRowHeight=30, customHeight=True)
    page.freeze_panes = "C2" if "description" in headers and "id" in headers else "A2"


def _add_table(page: Worksheet, headers: Mapping[str, str]) -> None:
    table = Table(displayName=TABLE, ref=f"A1:{get_column_letter(len(headers))}2")
    table.tableStyleInfo = TableStyleInfo(name="TableStyleMedium2", showRowStripes=False)
    page.add_table(table)


def _reach(headers: Mapping[str, str], field: str) -> str:
    letter = get_column_letter(list(headers).index(field) + 1)
    return f"{letter}2:{letter}{_LAST_ROW}"


def _add_dates(page: Worksheet, headers: Mapping[str, str], words: _Words) -> None:
    """Ask before text is kept in a column of days; text is still possible (待定)."""
    rule = DataValidation(
        type="date",
        operator="between",
        formula1="DATE(2000,1,1)",
        formula2="DATE(2100,12,31)",
        allow_blank=True,
        showErrorMessage=True,
        errorStyle="warning",
        errorTitle=words.date_title,
        error=words.date,
    )
    for field in ("due", "completed"):
        if field in headers:
            rule.add(_reach(headers, field))
    if rule.sqref:
        page.add_data_validation(rule)


class _Lists:
    """The drop-downs' lists: in the rule itself, or on a hidden sheet where they do not fit."""

    def __init__(self, book: Workbook, words: _Words) -> None:
        self._book = book
        self._words = words
        self._page: Worksheet | None = None

    def add(
        self,
        page: Worksheet,
        headers: Mapping[str, str],
        field: str,
        choices: Sequence[str],
        *,
        blocking: bool,
    ) -> None:
        """Offer choices in a column; what is not among them is refused only if blocking."""
        if field not in headers or not choices:
            return
        rule = DataValidation(
            type="list",
            formula1=self._formula(field, choices),
            allow_blank=True,
            showErrorMessage=blocking,
        )
        if blocking:
            rule.errorTitle = self._words.option_title
            rule.error = self._words.option.format("、".join(choices))[:225]  # Excel's limit
        rule.add(_reach(headers, field))
        page.add_data_validation(rule)

    def _formula(self, field: str, choices: Sequence[str]) -> str:
        text = ",".join(choices)
        # in a rule a comma parts two choices, and a list that begins with = is a formula
        if len(text.encode("utf-16-le")) // 2 <= _INLINE_LIST and not any(
            set(c) & set(',"=') for c in choices
        ):
            return f'"{text}"'
        if self._page is None:
            taken = self._words.lists.casefold() == self._book.worksheets[0].title.casefold()
            self._page = self._book.create_sheet(self._words.lists + "_" * taken)
            self._page.sheet_state = "hidden"
        column = self._page.max_column + 1 if self._page["A1"].value else 1
        for row, choice in enumerate(choices, 1):
            self._page.cell(row, column, choice).data_type = "s"
        letter, name = get_column_letter(column), f"{field.title()}List"
        place = f"'{self._page.title}'!${letter}$1:${letter}${len(choices)}"
        self._book.defined_names[name] = DefinedName(name, attr_text=place)
        return name


def _add_colours(page: Worksheet, headers: Mapping[str, str], done: Sequence[str]) -> None:
    """Colour rows: done faint, overdue red, due soon yellow."""
    if "status" not in headers or "due" not in headers:
        return
    status, day = ("$" + _reach(headers, field).partition(":")[0] for field in ("status", "due"))
    quoted = (word.replace('"', '""') for word in done)
    is_done = "OR({})".format(",".join(f'{status}="{word}"' for word in quoted))
    # a blank is the day 0, and text is later than any day: only numbers are looked at
    is_open = f"ISNUMBER({day}),NOT({is_done})"
    rules = (
        (is_done, DifferentialStyle(font=Font(color=_FAINT))),
        (f"AND({is_open},{day}<TODAY())", _painted(_LATE)),
        (f"AND({is_open},{day}>=TODAY(),{day}<=TODAY()+{_SOON_DAYS})", _painted(_SOON)),
    )
    rows = f"A2:{get_column_letter(len(headers))}{_LAST_ROW}"
    for formula, style in rules:
        page.conditional_formatting.add(rows, Rule(type="expression", formula=[formula], dxf=style))


def _painted(colour: str) -> DifferentialStyle:
    return DifferentialStyle(fill=PatternFill(bgColor=colour))


def _set_up_print(page: Worksheet, words: _Words) -> None:
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = "9"  # A4
    page.page_setup.fitToWidth = 1
    page.page_setup.fitToHeight = 0  # as many pages as it takes
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_title_rows = "1:1"
    page.print_options.horizontalCentered = True
    page.page_margins = PageMargins(left=0.4, right=0.4, top=0.6, bottom=0.8)
    page.oddFooter = HeaderFooterItem(
        left=_HeaderFooterPart("&A"), right=_HeaderFooterPart(words.page)
    )


def _save(book: Workbook, path: Path) -> None:
    """Write beside the place and rename: nobody ever sees half a workbook."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with draft.open("wb") as file:
            book.save(file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
