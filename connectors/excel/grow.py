"""Finds room for new rows, and makes it: the table grows, what lies below moves down. Pure.

New rows go right below the last one: first into blank lines, then, if a total or a remark is in the
way, that moves down with all that is below it. It moves only if nothing outside the sheet's own
part points there (drawings, comments, other sheets); else blank lines further up are taken, and
without any a person is asked to make room.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from xml.sax.saxutils import escape

from connectors.excel.book import Table
from connectors.excel.refs import MAX_ROW, Area, areas, cell, place
from connectors.excel.scan import CellSpan, RowSpan, scan
from connectors.excel.sheet import Sheet
from connectors.excel.shift import Shift, lines_of
from connectors.excel.xml import Splice, set_attrs, splice, start_tag, tag_end, tree
from mapping.said import Said
from mapping.words import fold

_ANCHOR_ROW = re.compile(rb"<(?:[\w.-]+:)?from>.*?<(?:[\w.-]+:)?row>(\d+)<", re.DOTALL)
_NOTE_REF = re.compile(rb"<(?:[\w.-]+:)?(?:comment|threadedComment)\s[^>]*\bref=[\"']([A-Z]+\d+)")
_RELATIVE = re.compile(r"(?<![\w.$!'])[A-Za-z]{1,3}\$?\d|\$[A-Za-z]{1,3}\d")
_SOURCE = re.compile(rb"<(?:[\w.-]+:)?worksheetSource\s[^>]*>")
_PRINT = frozenset({"_xlnm.Print_Area", "_xlnm._FilterDatabase"})  # where a line less does no harm


@dataclass(frozen=True, slots=True)
class Room:
    """Where new rows go.

    Attributes:
        places: their numbers, ascending; fewer than asked for if there is no more room.
        why: why there is no more room; None if there is.
        like: the row that they look like; None without one.
        shift: what moves down for them; None if nothing does.
        bottom: the last of them if it is below all rows that were there; else 0.
    """

    places: Sequence[int]
    why: Said | None = None
    like: int | None = None
    shift: Shift | None = None
    bottom: int = 0

    def moved(self, row: int) -> int:
        """Return where a row that was there is afterwards."""
        return self.shift.row(row) if self.shift else row


def find_room(sheet: Sheet, count: int) -> Room:
    """Find places for new rows."""
    if not count:
        return Room(())
    last, like = sheet.body.last, _like(sheet)
    first = last + 1
    limit, gap = _limit(sheet)
    free = max(0, limit - first - gap) if limit else MAX_ROW - last
    if count <= free:
        places = range(first, first + count)
        return Room(places, like=like, bottom=places[-1])
    if limit:
        shift = Shift(limit, count - free, sheet.header.row + 1)
        why = _obstacle(sheet, shift)
        if not why:
            places = range(first, first + count)
            return Room(places, like=like, shift=shift, bottom=places[-1])
    else:
        why = Said("工作表已满", "the sheet is full")
    known = set(sheet.body.rows)
    between = (row for row in range(sheet.header.row + 1, last) if row not in known)
    blank = [row for row in between if is_free(sheet, row)]
    chosen = sorted([*blank, *range(first, first + free)][:count])
    bottom = chosen[-1] if chosen and chosen[-1] > last else 0
    return Room(chosen, None if len(chosen) == count else why, like, None, bottom)


def _like(sheet: Sheet) -> int | None:
    if sheet.body.rows:
        return sheet.body.last
    first = sheet.header.row + 1
    return first if is_free(sheet, first) else None


def is_free(sheet: Sheet, row: int) -> bool:
    """Say whether a new row may be written into a line: nothing but numbers and formulas there."""
    line = sheet.raw[row - 1] if row <= len(sheet.raw) else ()
    ours = set(sheet.header.columns.values())
    for number, value in enumerate(line[: sheet.header.width], 1):
        taken = value != "" if number in ours else isinstance(value, str) and value.strip()
        if taken and (row, number) not in sheet.facts.formulas:
            return False
    return not any(block.top <= row <= block.bottom for block in _blocks(sheet))


def _blocks(sheet: Sheet) -> list[Area]:
    """Return merged blocks and other tables that take columns of ours."""
    return [one for one in (*sheet.merges, *sheet.others) if one.left <= sheet.header.width]


def _limit(sheet: Sheet) -> tuple[int | None, int]:
    """Return the first line below the rows that is taken, and how many blank ones stay above."""
    first, table = sheet.body.last + 1, sheet.table
    limits = [(block.top, 1) for block in _blocks(sheet) if block.top >= first]
    if sheet.body.below is not None:
        limits.append((sheet.body.below, 0 if sheet.body.below_total else 1))
    if table is not None and table.totals:
        limits.append((table.last + 1, 0))
    found = min(limits, default=None)
    return found if found is not None else (None, 0)


def _obstacle(sheet: Sheet, shift: Shift) -> Said | None:
    """Return why what lies below cannot move down; None if it can."""
    package, here = sheet.book.package, sheet.part
    for kind, part in sheet.book.relations(here.part).values():
        if part not in package:
            continue
        if kind == "drawing":
            rows = [int(row) + 1 for row in _ANCHOR_ROW.findall(package.read(part))]
            if any(row >= shift.at for row in rows):
                return Said("表格下方有图片或图表", "a picture or a chart stands below the table")
        elif kind in {"comments", "threadedComment"}:
            places = [cell(ref.decode()) for ref in _NOTE_REF.findall(package.read(part))]
            if any(found and found[0] >= shift.at for found in places):
                return Said(
                    "表格下方的单元格带有批注", "comments are attached to cells below the table"
                )
        elif kind in {"pivotTable", "queryTable"}:
            return Said(
                "工作表上有数据透视表或查询", "a pivot table or a query stands on the sheet"
            )
    if any(m.top < shift.at <= m.bottom for m in sheet.merges):
        return Said("有合并单元格跨过表格末尾", "cells are merged across the end of the table")
    end = len(sheet.raw)
    for where, formula in _outside(sheet):
        for top, bottom in lines_of(formula, here.name, own=False):
            if top >= shift.at or shift.at <= bottom < end + shift.by:
                return Said(
                    f"{where.zh} 引用了表格下方的内容", f"{where} points to what is below the table"
                )
    return _shared_obstacle(sheet, shift)


def _outside(sheet: Sheet) -> Iterator[tuple[Said, str]]:
    """Return the formulas outside this sheet's part that name the sheet, with where they stand."""
    book = sheet.book
    names = book.root.get("definedNames")
    for node in names.children if names else ():
        if node.attrs.get("name") not in _PRINT:
            name = node.attrs.get("name", "")
            yield Said(f"名称“{name}”", f"the name {name!r}"), node.text
    sign = fold(sheet.part.name)
    for part in book.package.parts:
        if not part.endswith(".xml") or part in {sheet.part.part, book.part}:
            continue
        if not any(f"/{kind}" in part for kind in ("worksheets/", "charts/", "pivotCache/")):
            continue
        xml = book.package.read(part)
        where = Said(part.rpartition("/")[2], part.rpartition("/")[2])
        for text in re.findall(rb">([^<]*![^<]*)<", xml):
            formula = unescape(text.decode(errors="replace"))
            if sign in fold(formula):
                yield where, formula
        for tag in _SOURCE.findall(xml):
            source = tree(tag.rstrip(b"/>") + b"/>").attrs
            name = source.get("sheet", "").replace("'", "''")
            yield where, f"'{name}'!{source.get('ref', '')}"


def _shared_obstacle(sheet: Sheet, shift: Shift) -> Said | None:
    """Tell whether formulas that are written once for many lines stand in the way."""
    if not sheet.facts.formulas:
        return None
    groups: dict[str, list[tuple[int, CellSpan]]] = {}
    for row in scan(sheet.xml).rows.values():
        for one in row.cells:
            if one.formula_attrs.get("t") == "shared":
                groups.setdefault(one.formula_attrs.get("si", ""), []).append((row.number, one))
    for cells in groups.values():
        master = next(((n, c) for n, c in cells if c.formula), None)
        rows = {n for n, _ in cells}
        if master is None or len(rows) == 1:
            continue
        reach = [bottom for _, bottom in lines_of(master[1].formula or "", "", own=True)]
        furthest = max(reach, default=0) + max(rows) - master[0]
        if max(rows) >= shift.at or furthest >= shift.at:
            return Said(
                "向下填充的公式一直用到表格下方",
                "a formula filled down over many lines reaches below the table",
            )
    return None


def formulas(sheet: Sheet) -> Mapping[int, str]:
    """Return the formulas that a new row of the table gets in columns that are not ours."""
    table = sheet.table
    if table is None:
        return {}
    ours = set(sheet.header.columns.values())
    return {
        table.area.left + n: text
        for n, text in enumerate(table.formulas)
        if text and table.area.left + n not in ours and not _RELATIVE.search(text)
    }


def make_room(sheet: Sheet, room: Room) -> bytes:
    """Return the sheet's XML with what lies below moved down, and rules and filter made longer."""
    if not room.bottom:
        return sheet.xml
    return splice(sheet.xml, [*_moved_rows(sheet, room), *_stretched(sheet, room)])


def grow_tables(sheet: Sheet, room: Room) -> dict[str, bytes | None]:
    """Return the parts of tables that become longer or move."""
    changed: dict[str, bytes | None] = {}
    if not room.bottom:
        return changed
    for table in sheet.book.tables(sheet.part):
        new = _new_area(sheet, table, room)
        if new == table.area:
            continue
        xml = sheet.book.package.read(table.part)
        root = sheet.book.tree(table.part)
        splices = [set_attrs(xml, root, {"ref": str(new)})]
        filtered = root.get("autoFilter")
        if filtered is not None:
            found = Area(new.top, new.left, new.bottom - table.totals, new.right)
            splices.append(set_attrs(xml, filtered, {"ref": str(found)}))
        changed[table.part] = splice(xml, splices)
    return changed


def _new_area(sheet: Sheet, table: Table, room: Room) -> Area:
    old = table.area
    if sheet.table is not None and table.part == sheet.table.part:
        bottom = max(table.last, room.bottom) + table.totals
        return Area(old.top, old.left, bottom, old.right)
    return room.shift.area(old) if room.shift else old


def _moved_rows(sheet: Sheet, room: Room) -> list[Splice]:
    """Give new numbers to the lines that move, and to the formulas that point at them."""
    shift = room.shift
    if shift is None:
        return []
    xml, name = sheet.xml, sheet.part.name
    spans = scan(xml)
    splices: list[Splice] = []
    for row in spans.rows.values():
        moves = row.number >= shift.at
        if moves:
            tag = start_tag(
                f"{spans.prefix}row",
                row.attrs | {"r": str(shift.row(row.number))},
                empty=row.empty,
            )
            splices.append(Splice(row.start, row.inside, tag.encode()))
        for one in row.cells:
            if moves and one.named:
                splices.append(_renamed(xml, spans.prefix, row, one, shift))
            if one.formula is not None:
                splices += _reformed(xml, one, shift, name, grow=moves)
    return splices


def _renamed(xml: bytes, prefix: str, row: RowSpan, one: CellSpan, shift: Shift) -> Splice:
    inside = tag_end(xml, one.start)
    attrs = one.attrs | {"r": place(shift.row(row.number), one.col)}
    tag = start_tag(f"{prefix}c", attrs, empty=inside == one.end)
    return Splice(one.start, inside, tag.encode())


def _reformed(xml: bytes, one: CellSpan, shift: Shift, sheet: str, *, grow: bool) -> list[Splice]:
    """Change the formula of a cell, and the area that it says it fills."""
    node = tree(xml[one.start : one.end]).get("f")
    if node is None:
        return []
    at = one.start
    splices = []
    new = shift.formula(node.text, sheet, grow=grow)
    if new != node.text:
        splices.append(Splice(at + node.inside, at + node.close, escape(new).encode()))
    filled = areas(node.attrs.get("ref", ""))
    if filled and shift.area(filled[0]) != filled[0]:
        tag = set_attrs(xml[at : one.end], node, {"ref": str(shift.area(filled[0]))})
        splices.append(Splice(at + tag.start, at + tag.end, tag.new))
    return splices


def _stretched(sheet: Sheet, room: Room) -> list[Splice]:
    """Move and make longer what a sheet says of areas: rules, lists, merges, links, the filter."""
    splices: list[Splice] = []
    for parent in sheet.frame.walk():
        for node in parent.children:
            rule = parent.name if node.name == "sqref" else node.name
            for name in ("ref", "sqref"):
                if name in node.attrs and node.name != "selection":
                    new = _list(sheet, room, rule, node.attrs[name])
                    if new != node.attrs[name]:
                        splices.append(set_attrs(sheet.xml, node, {name: new}))
            if node.name == "brk" and room.shift and node.attrs.get("id", "").isdigit():
                line = int(node.attrs["id"])
                if room.shift.row(line) != line:
                    splices.append(set_attrs(sheet.xml, node, {"id": str(room.shift.row(line))}))
            new = node.text
            if node.name == "sqref":
                new = _list(sheet, room, rule, node.text)
            elif room.shift and node.name in {"formula", "formula1", "formula2", "f"}:
                new = room.shift.formula(node.text, sheet.part.name) if not node.children else new
            if new != node.text:
                splices.append(Splice(node.inside, node.close, escape(new).encode()))
    return splices


_RULES = frozenset({"conditionalFormatting", "dataValidation", "ignoredError"})


def _list(sheet: Sheet, room: Room, rule: str, text: str) -> str:
    """Return a list of areas as it must be afterwards; what is no area is left as it is."""
    old = areas(text)
    if len(old) != len(text.split()):
        return text
    new = [room.shift.area(one) if room.shift else one for one in old]
    grown = [_grown(sheet, room, rule, one, moved) for one, moved in zip(old, new, strict=True)]
    return text if grown == old else " ".join(map(str, grown))


def _grown(sheet: Sheet, room: Room, rule: str, old: Area, moved: Area) -> Area:
    """Take new rows into an area that reached to the last row."""
    first, last = sheet.header.row + 1, sheet.body.last
    if moved.bottom >= room.bottom:
        return moved
    if rule == "autoFilter":
        reaches = old.top == sheet.header.row and old.bottom >= last
    else:
        reaches = rule in _RULES and old.bottom == max(last, first)
        reaches = reaches and (old.top < old.bottom or old.top == first)
    return Area(moved.top, moved.left, room.bottom, moved.right) if reaches else moved
