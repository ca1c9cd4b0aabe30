"""Where in a sheet the header, the columns and the rows are. Pure.

People put titles above a header, totals and remarks below, and move columns about: nothing is
known from the last time, all is found again at each read. What counts as a row:

- What carries an id of ours is a row, wherever it stands below the header.
- A line with something in one of our columns is a row, if it joins the lines above it or lies in
  the area of the table or of the filter.
- After a blank line outside that area a line is a row only if its description and one more of our
  columns are filled: a line of free text is a remark.
- Totals, remarks (``注：…``), headings over several columns and blank lines are no rows; from the
  header of a second table on, only ids count.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

from connectors.errors import SchemaError
from connectors.excel.book import Table
from connectors.excel.refs import Area
from mapping.ids import PREFIX, parse
from mapping.said import Said
from mapping.words import FIELDS, REQUIRED, clean, fold, header_of

HEADER_ROWS = 30  # a header is looked for in so many rows from the top
_HEADER_LENGTH = 255  # characters, as in the column of a table
_SHORT = 20  # characters; longer text is no header and no word for totals
_FOREIGN = 3  # so many other values in the id column, and none of ours: it is another column
_TOTALS = frozenset(
    fold(word)
    for word in (
        *("合计", "总计", "小计", "共计", "总数", "汇总", "累计", "合计数", "本页合计"),
        *("total", "totals", "subtotal", "grand total", "sum", "count"),
    )
)
_TOTAL_LINE = re.compile(
    r"(合计|总计|小计|共计|总数|累计|(grand |sub)?totals?)\s*[:：]?[\d\s.,%项条个]*"
)
_REMARK = re.compile(
    r"([*※]?\s*(备?注|说明|填表说明|填写说明|制表人?|填表人?|编制人?|审核人?|审批人?|批准人?|更新日期|"
    r"制表日期|notes?|remarks?|legend|prepared by|approved by|last updated)\s*\d*\s*[:：])",
    re.IGNORECASE,
)
_AGGREGATE = re.compile(
    r"\b(SUBTOTAL|SUM|COUNTA?|COUNTIFS?|SUMIFS?|AVERAGE|AGGREGATE)\s*\(", re.IGNORECASE
)

Grid = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a sheet: its row (from 1), our columns (from 1), and every text in it."""

    row: int
    columns: Mapping[str, int]
    texts: Mapping[int, str]

    @property
    def width(self) -> int:
        """The last column that has a header."""
        return max(self.texts)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for, and how messages call it.

    Attributes:
        columns: our field, or ``id`` -> the column's name.
        named: fields whose column the team file names itself.
        where: file and sheet, for messages.
    """

    columns: Mapping[str, str]
    named: frozenset[str]
    where: Said


def find_header(grid: Grid, merges: Sequence[Area], wanted: Wanted) -> Header | None:
    """Find the row that names most of our columns; of two equal ones the upper. None without any.

    Raises:
        SchemaError: two columns have the same wanted name.
    """
    best: tuple[tuple[int, int], int] | None = None
    for row in range(1, min(len(grid), HEADER_ROWS) + 1):
        texts = _texts(grid, merges, row)
        fields = _match(texts, wanted, strict=False)
        required = sum(field in {*REQUIRED, "id"} for field in fields)
        score = (required, len(fields))
        if required >= 2 and (best is None or score > best[0]):
            best = (score, row)
    if best is None:
        return None
    texts = _texts(grid, merges, best[1])
    return Header(best[1], _match(texts, wanted, strict=True), texts)


def _texts(grid: Grid, merges: Sequence[Area], row: int) -> dict[int, str]:
    """Return the texts of a row, with those merged down into it from above."""
    line = {
        n: value.strip()
        for n, value in enumerate(grid[row - 1], 1)
        if isinstance(value, str) and value.strip() and len(value) <= _HEADER_LENGTH
    }
    for merge in merges:
        if merge.top < row <= merge.bottom and merge.left not in line:
            above = grid[merge.top - 1]
            value = above[merge.left - 1] if merge.left <= len(above) else ""
            if merge.left == merge.right and isinstance(value, str) and value.strip():
                line[merge.left] = value.strip()
    return dict(sorted(line.items()))


def _match(texts: Mapping[int, str], wanted: Wanted, *, strict: bool) -> dict[str, int]:
    """Find our columns: by the wanted name as it is, then folded, then by other words for it."""
    found: dict[str, int] = {}
    for form in (clean, fold):
        keys = {n: key for n, text in texts.items() if (key := form(text))}
        for field, name in wanted.columns.items():
            if field in found:
                continue
            key = form(name)
            free = [n for n, other in keys.items() if other == key and n not in found.values()]
            if len(free) > 1 and strict:
                raise SchemaError(
                    Said(
                        f"{wanted.where.zh}：有 {len(free)} 列都叫“{name}”",
                        f"{wanted.where}: {len(free)} columns are named {name!r}",
                    ),
                    field=field,
                    hint=Said("请给其中一列改名", "rename one of them"),
                )
            if free:
                found[field] = free[0]
    others = {n: header_of(text) for n, text in texts.items() if n not in found.values()}
    for field in FIELDS:
        if field not in found and field in wanted.columns and field not in wanted.named:
            free = [n for n, meant in others.items() if meant == field]
            if len(free) == 1:
                found[field] = free[0]
    return found


def missing(header: Header, wanted: Wanted) -> list[str]:
    """Return the fields that must have a column and have none."""
    must = [f for f in wanted.columns if f in {*REQUIRED, "id"} or f in wanted.named]
    return [field for field in must if field not in header.columns]


def missing_error(header: Header, wanted: Wanted) -> SchemaError:
    """Return the error for columns that must be there: all of them, and what could be meant."""
    fields = missing(header, wanted)
    names = {field: wanted.columns[field] for field in fields}
    texts = [t for n, t in header.texts.items() if n not in header.columns.values()]
    listed = ", ".join(f"{name!r} ({field})" for field, name in names.items())
    there = header.texts.values()
    near = [
        (hit[0], name) for name in names.values() if (hit := get_close_matches(name, texts, 1, 0.5))
    ]
    rename = Said(
        "，".join(f"把“{old}”改名为“{new}”" for old, new in near) + "，或" if near else "",
        "; ".join(f"rename {old!r} to {new!r}" for old, new in near) + ", or " if near else "",
    )
    return SchemaError(
        Said(
            f"{wanted.where.zh}：没有列 {'、'.join(f'“{n}”' for n in names.values())}；"
            f"第 {header.row} 行有 {'、'.join(there)}",
            f"{wanted.where}: no column {listed}; row {header.row} has "
            f"{', '.join(map(repr, there))}",
        ),
        field=fields[0],
        hint=Said(
            f"请{rename.zh}运行 `check --prepare` 补上缺少的列，或在团队配置文件里写明列名",
            f"{rename.en}run `check --prepare` to add what is missing, or name the columns in the "
            "team file",
        ),
    )


def is_ours(text: str) -> bool:
    """Say whether a text is an id of some team, or was one before somebody spoilt it."""
    return text[: len(PREFIX)].upper() == PREFIX or parse(text) is not None


def foreign_ids(values: Collection[str]) -> list[str]:
    """Return what stands in the id column if it is plainly a column of something else."""
    others = [value for value in values if not is_ours(value)]
    return others[:3] if len(set(others)) >= _FOREIGN and len(others) == len(values) else []


def own_table(tables: Sequence[Table], header: Header) -> tuple[Table | None, list[Area]]:
    """Return the table object that a header belongs to, and the areas of all others."""
    own = [
        table
        for table in tables
        if table.header
        and table.area.top == header.row
        and any(table.area.holds(header.row, number) for number in header.columns.values())
    ]
    own.sort(key=lambda t: -sum(t.area.holds(header.row, n) for n in header.columns.values()))
    rest = [table.area for table in tables if table not in own[:1]]
    return (own[0] if own else None), [area for area in rest if area.left <= header.width]


@dataclass(frozen=True, slots=True)
class Body:
    """What is below a header.

    Attributes:
        rows: the numbers of the rows, ascending.
        last: the last of them in this table, not in a second one below; the header's row if
            there is none.
        below: the first line after it in which something stands that is no row; None without.
        below_total: that line is a totals row, which may follow without a gap.
    """

    rows: tuple[int, ...]
    last: int
    below: int | None
    below_total: bool


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a sheet, as ``body`` looks at them; what is right of the header is not told.

    Attributes:
        cells: row -> our cells as text or day, blank ones None.
        ids: text of the id cell of each line.
        filled: for each line, whether something of ours stands in it that is no formula.
        raw: all values of each line.
        formulas: row -> column -> text of the formula.
        merges: merged blocks.
        others: other tables.
    """

    cells: Callable[[int], Mapping[str, Any]]
    ids: Sequence[str | None]
    filled: Sequence[bool]
    raw: Grid
    formulas: Mapping[int, Mapping[int, str]]
    merges: Sequence[Area]
    others: Sequence[Area]

    def texts(self, row: int, width: int) -> list[str]:
        """Return the texts that stand in a line and are no results of formulas."""
        own = self.formulas.get(row, {})
        return [
            value.strip()
            for n, value in enumerate(self.raw[row - 1][:width], 1)
            if isinstance(value, str) and value.strip() and n not in own
        ]


def body(header: Header, lines: Lines, table: Table | None, filtered: Area | None) -> Body:
    """Tell rows from all else below a header (see the module).

    Args:
        header: of the sheet.
        lines: all lines of the sheet, also those above the header.
        table: the table object that the header belongs to.
        filtered: the area of the sheet's own filter.
    """
    covered = max(
        table.last if table else header.row,
        filtered.bottom if filtered and filtered.top == header.row else header.row,
    )
    totals = range(table.last + 1, table.area.bottom + 1) if table else range(0)
    wide = {m.top for m in lines.merges if _spans(m, header)}
    names = {fold(text) for text in header.texts.values()}
    rows: list[int] = []
    previous = last = header.row  # the line that the next one joins; the last row of this table
    ended = False
    below: int | None = None
    below_total = False
    for row in range(header.row + 1, len(lines.raw) + 1):
        item_id = lines.ids[row - 1]
        is_total = row in totals
        if item_id is not None and is_ours(item_id):
            is_row = not is_total
        else:
            texts = lines.texts(row, header.width)
            foreign = any(other.top <= row <= other.bottom for other in lines.others)
            is_total = is_total or _is_total(header, lines, row, texts)
            if not (lines.filled[row - 1] or texts or foreign or is_total):
                continue
            ended = ended or foreign or (not is_total and _is_header(texts, names))
            joins = row <= max(previous + 1, covered)
            is_row = (
                lines.filled[row - 1]
                and not (ended or is_total or row in wide or _is_remark(texts))
                and (joins or _is_full(lines.cells(row)))
            )
        if is_row:
            rows.append(row)
        if is_row and not ended:
            last = previous = row
            below = None
        elif below is None:
            below, below_total = row, is_total
    return Body(tuple(rows), last, below, below_total)


def _spans(merge: Area, header: Header) -> bool:
    covered = [c for c in header.columns.values() if merge.left <= c <= merge.right]
    return merge.top > header.row and len(covered) > 1


def _is_total(header: Header, lines: Lines, row: int, texts: Sequence[str]) -> bool:
    """Say whether a line sums up others: by a word for it, or by nothing but sums over columns."""
    cells = lines.cells(row)
    if isinstance(cells.get("due"), date):
        return False
    if texts and len(texts[0]) <= _SHORT and fold(texts[0]) in _TOTALS:
        return True
    if texts and _TOTAL_LINE.fullmatch(texts[0].casefold()):
        return True
    formulas = lines.formulas.get(row, {})
    ours = [header.columns[f] for f in ("description", "owner") if cells.get(f)]
    if any(n not in formulas for n in ours):
        return False
    return any(_AGGREGATE.search(formula) for formula in formulas.values())


def _is_remark(texts: Sequence[str]) -> bool:
    """Say whether a line is one for the reader: ``注：…``, ``制表人：张三 | 日期：5月1日``."""
    return (
        bool(texts) and all(":" in t or "：" in t for t in texts) and bool(_REMARK.match(texts[0]))
    )


def _is_header(texts: Sequence[str], names: Collection[str]) -> bool:
    """Say whether a line is the header of a second table: short texts, most of them headers."""
    if len(texts) < 2 or any(len(text) > _SHORT for text in texts):
        return False
    hits = sum(fold(text) in names or header_of(text) is not None for text in texts)
    return hits >= 2 and hits * 2 > len(texts)


def _is_full(cells: Mapping[str, Any]) -> bool:
    filled = [field for field, cell in cells.items() if cell is not None]
    return "description" in filled and len(filled) > 1
