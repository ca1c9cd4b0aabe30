"""A person at work on a workbook: types, sorts, copies, inserts, deletes, saves.

It judges the Excel connector, so it uses nothing of it. What a person does not touch stays as it
is, but for the chain of calculation, which is written anew at each save.
"""

import io
import os
import posixpath
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from fakes.packages import MAIN, REL, Package, bounds, tag
from lxml import etree
from openpyxl import load_workbook
from openpyxl.formula.translate import Translator
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.cell import coordinate_from_string
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, to_excel

Value = str | int | float | bool | date | None
_CELL = r"\$?[A-Z]{1,3}\$?[1-9]\d*"
_FORMULA = re.compile(rf"((?:'[^']+'|[\w.]+)!)?(?<![\w.\[])({_CELL})(?::({_CELL}))?(?![\w(\]])")


def save(path: Path, data: bytes) -> None:
    """Save the way Excel does: a new file takes the old one's place."""
    draft = path.with_name("3F0A9C1E")
    draft.write_bytes(data)
    os.replace(draft, path)  # noqa: PTH105  # the call that is meant


def edit(path: Path, change: Callable[[Any], None]) -> None:
    """Load a plain workbook with openpyxl, let ``change`` work on it, save it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = load_workbook(path)
        change(book)
        target = io.BytesIO()
        book.save(target)
    save(path, target.getvalue())


class _Desk:
    """One sheet of a file on a person's desk; saved when the work is done."""

    def __init__(self, path: Path, sheet: str | None) -> None:
        self.path = path
        self.package = Package(path.read_bytes())
        sheets = self.package.sheets()
        self.name = sheet or next(iter(sheets))
        self.part = sheets[self.name]
        self.root = self.package.xml(self.part)
        self.data = self.root.find(tag("sheetData"))
        pr = self.package.xml(self.package.book).find(tag("workbookPr"))
        mac = pr is not None and pr.get("date1904") in {"1", "true"}
        self.epoch = CALENDAR_MAC_1904 if mac else CALENDAR_WINDOWS_1900

    def row(self, number: int) -> Any:
        """Return a row, made at its place if it is not there."""
        place = 0
        for row in self.data:
            if int(row.get("r")) == number:
                return row
            place += int(row.get("r")) < number
        made = etree.Element(tag("row"), r=str(number), nsmap=self.root.nsmap)
        self.data.insert(place, made)
        return made

    def cell(self, ref: str) -> Any:
        letter, number = coordinate_from_string(ref)
        column, row, place = column_index_from_string(letter), self.row(number), 0
        for cell in row:
            at = column_index_from_string(coordinate_from_string(cell.get("r"))[0])
            if at == column:
                return cell
            place += at < column
        made = etree.Element(tag("c"), r=ref, nsmap=self.root.nsmap)
        row.insert(place, made)
        return made

    def put(self, ref: str, value: Value) -> None:
        cell = self.cell(ref)
        formula = cell.find(tag("f"))
        assert formula is None or not formula.get("ref"), f"{ref} is the master of a formula"
        for child in list(cell):
            cell.remove(child)
        cell.attrib.pop("t", None)
        if value is None:
            return
        if isinstance(value, str):
            cell.set("t", "s")
            value = self._share(value)
        elif isinstance(value, bool):
            cell.set("t", "b")
            value = int(value)
        elif isinstance(value, date):
            value = int(to_excel(value, self.epoch))  # type: ignore[no-untyped-call]
        etree.SubElement(cell, tag("v")).text = str(value)

    def _share(self, text: str) -> int:
        """Add a text to the shared strings and return its number."""
        found = self.package.related(self.package.book, "sharedStrings")
        if not found:
            found = [posixpath.join(posixpath.dirname(self.package.book), "sharedStrings.xml")]
            kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
            self.package.add(found[0], f'<sst xmlns="{MAIN}"/>', kind)
            self.package.relate(self.package.book, f"{REL}/sharedStrings", "sharedStrings.xml")
        strings = self.package.xml(found[0])
        entry = etree.SubElement(etree.SubElement(strings, tag("si")), tag("t"))
        entry.text = text
        entry.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        count = len(strings.findall(tag("si")))
        strings.set("uniqueCount", str(count))
        strings.set("count", str(max(count, int(strings.get("count", 0)) + 1)))
        self.package.set_xml(found[0], strings)
        return count - 1

    def tables(self) -> Iterator[tuple[str, Any]]:
        for part in self.package.related(self.part, "table"):
            yield part, self.package.xml(part)

    def save(self) -> None:
        """Save; as Excel does, the chain of calculation is written anew."""
        dimension = self.root.find(tag("dimension"))
        refs = [cell.get("r") for cell in self.root.iter(tag("c"))]
        spots = [coordinate_from_string(ref) for ref in refs]
        if dimension is not None and spots:
            columns = [column_index_from_string(letter) for letter, _ in spots]
            numbers = [number for _, number in spots]
            for _, table in self.tables():
                left, top, right, bottom = bounds(table.get("ref"))
                columns += (left, right)
                numbers += (top, bottom)
            first = f"{get_column_letter(min(columns))}{min(numbers)}"
            dimension.set("ref", f"{first}:{get_column_letter(max(columns))}{max(numbers)}")
        for row in self.root.iter(tag("row")):
            row.attrib.pop("spans", None)
        self.package.set_xml(self.part, self.root)
        self._write_chain()
        save(self.path, self.package.to_bytes())

    def _write_chain(self) -> None:
        package = self.package
        chain = etree.fromstring(f'<calcChain xmlns="{MAIN}"/>')
        parts = package.sheets()
        for sheet in package.xml(package.book).iter(tag("sheet")):
            for formula in package.xml(parts[sheet.get("name")]).iter(tag("f")):
                place = formula.getparent().get("r")
                etree.SubElement(chain, tag("c"), r=place, i=sheet.get("sheetId"))
        found = package.related(package.book, "calcChain")
        if found and len(chain):
            package.set_xml(found[0], chain)
        elif found:
            package.drop(found[0])
        elif len(chain):
            name = posixpath.join(posixpath.dirname(package.book), "calcChain.xml")
            kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
            package.add(name, etree.tostring(chain).decode(), kind)
            package.relate(package.book, f"{REL}/calcChain", "calcChain.xml")


def person_edit(path: Path, cells: Mapping[str, Value], sheet: str | None = None) -> None:
    """Type values into cells (``{"C5": "王敏"}``; None clears) and save; all else stays."""
    desk = _Desk(path, sheet)
    for ref, value in cells.items():
        desk.put(ref, value)
    desk.save()


def clear_ids(path: Path, column: str, rows: range, sheet: str | None = None) -> None:
    """Empty the id cells of rows."""
    person_edit(path, {f"{column}{row}": None for row in rows}, sheet)


def sort_rows(path: Path, order: list[int], first: int, sheet: str | None = None) -> None:
    """Put the rows from ``first`` on in another order: ``order`` holds their present numbers."""
    desk = _Desk(path, sheet)
    moved = {number: list(desk.row(number)) for number in order}
    for number in order:
        for cell in moved[number]:
            cell.getparent().remove(cell)
    for target, number in enumerate(order, first):
        _place(desk.row(target), moved[number], target)
    desk.save()


def copy_row(path: Path, source: int, target: int, sheet: str | None = None) -> None:
    """Copy a row and paste it over another; a paste right below a table makes the table longer."""
    desk = _Desk(path, sheet)
    row = desk.row(target)
    for cell in list(row):
        row.remove(cell)
    copies = [etree.fromstring(etree.tostring(cell)) for cell in desk.row(source)]
    _place(row, copies, target)
    for part, table in desk.tables():
        left, top, right, bottom = bounds(table.get("ref"))
        if target == bottom + 1 and not int(table.get("totalsRowCount", "0")):
            ref = f"{get_column_letter(left)}{top}:{get_column_letter(right)}{target}"
            for node in (table, *table.iter(tag("autoFilter"))):
                node.set("ref", ref)
            desk.package.set_xml(part, table)
    desk.save()


def _place(row: Any, cells: list[Any], number: int) -> None:
    """Put cells into a row, their formulas moved along."""
    for cell in cells:
        letter, _ = coordinate_from_string(cell.get("r"))
        formula = cell.find(tag("f"))
        if formula is not None:
            assert formula.get("t") in {None, "normal"}, "shared formulas are not moved"
            moved = Translator(f"={formula.text}", cell.get("r"))
            formula.text = moved.translate_formula(f"{letter}{number}")[1:]
        cell.set("r", f"{letter}{number}")
        row.append(cell)


def insert_row(path: Path, at: int, sheet: str | None = None) -> None:
    """Insert an empty row above row ``at``; everything below moves down."""
    _shift(path, sheet, at, 1, across=False)


def delete_row(path: Path, at: int, sheet: str | None = None) -> None:
    """Delete row ``at``; everything below moves up."""
    _shift(path, sheet, at, -1, across=False)


def insert_column(path: Path, at: str, header: str = "列1", sheet: str | None = None) -> None:
    """Insert a column left of ``at``; a table through which it goes gets ``header``."""
    number = column_index_from_string(at)
    before = {part: bounds(table.get("ref")) for part, table in _Desk(path, sheet).tables()}
    _shift(path, sheet, number, 1, across=True)
    desk = _Desk(path, sheet)
    for part, table in desk.tables():
        left, top, right, _ = before[part]
        if left < number <= right:
            columns = table.find(tag("tableColumns"))
            ids = [int(column.get("id")) for column in columns]
            made = etree.Element(tag("tableColumn"), id=str(max(ids) + 1), name=header)
            columns.insert(number - left, made)
            columns.set("count", str(len(columns)))
            desk.package.set_xml(part, table)
            desk.put(f"{at}{top}", header)
    desk.save()


def _shift(path: Path, sheet: str | None, at: int, by: int, *, across: bool) -> None:
    """Move all that stands at or behind a row or column, and all references to it."""
    desk = _Desk(path, sheet)
    package = desk.package
    for row in list(desk.data):
        number = int(row.get("r"))
        if not across and by < 0 and number == at:
            desk.data.remove(row)
        elif not across and number >= at:
            row.set("r", str(number + by))
            for cell in row:
                letter, _ = coordinate_from_string(cell.get("r"))
                cell.set("r", f"{letter}{number + by}")
        elif across:
            for cell in row:
                cell.set("r", _moved(cell.get("r"), at, by, across=True))
    for column in desk.root.iter(tag("col")):
        for side in ("min", "max"):
            if across and int(column.get(side)) >= at:
                column.set(side, str(int(column.get(side)) + by))
    _retarget(desk.root, desk.name, at, by, across=across, own=True)
    for kind in ("table", "comments", "threadedComment"):
        for part in package.related(desk.part, kind):
            root = package.xml(part)
            _retarget(root, desk.name, at, by, across=across, own=True)
            package.set_xml(part, root)
    for part in package.related(desk.part, "vmlDrawing"):
        word = "Column" if across else "Row"
        text = re.sub(
            rf"(<x:{word}>)(\d+)",
            lambda m: m[1] + str(int(m[2]) + (by if int(m[2]) >= at - (by > 0) else 0)),
            package.text(part),
        )
        package.set(part, text)
    for part in [n for n in package.names() if re.match(r"xl/(worksheets|charts)/[^/]*\.xml$", n)]:
        if part != desk.part:
            root = package.xml(part)
            _retarget(root, desk.name, at, by, across=across, own=False)
            package.set_xml(part, root)
    book = package.xml(package.book)
    _retarget(book, desk.name, at, by, across=across, own=False)
    package.set_xml(package.book, book)
    desk.save()


def _retarget(root: Any, name: str, at: int, by: int, *, across: bool, own: bool) -> None:
    """Move the ranges and formulas of a part; on its own sheet also those without a sheet."""
    for node in list(root.iter(etree.Element)):
        word = etree.QName(node).localname
        if own and word not in {"c", "row"}:
            for key in ("ref", "sqref"):
                if key in node.attrib:
                    moved = [_moved(r, at, by, across=across) for r in node.get(key).split()]
                    if not any(moved):
                        node.getparent().remove(node)
                    else:
                        node.set(key, " ".join(filter(None, moved)))
        if own and word == "sqref" and node.text:
            node.text = " ".join(
                filter(None, (_moved(r, at, by, across=across) for r in node.text.split()))
            )
        elif node.text and word in {"f", "formula", "formula1", "formula2", "definedName"}:
            node.text = _moved_formula(node.text, name, at, by, across=across, own=own)


def _moved(ref: str, at: int, by: int, *, across: bool) -> str:
    """Return where a cell or range stands now, empty if it is gone."""
    first, _, last = ref.partition(":")
    start, end = (_axis(r, across=across) for r in (first, last or first))
    if by > 0:
        start, end = (n + by if n >= at else n for n in (start, end))
    else:
        start, end = start + by * (start > at), end + by * (end >= at)
    if end < start:
        return ""
    made = _with_axis(first, start, across=across)
    return f"{made}:{_with_axis(last, end, across=across)}" if last else made


def _axis(ref: str, *, across: bool) -> int:
    letters, digits = re.sub(r"[^A-Z]", "", ref), re.sub(r"\D", "", ref)
    return column_index_from_string(letters) if across else int(digits)


def _with_axis(ref: str, number: int, *, across: bool) -> str:
    if across:
        return re.sub(r"[A-Z]+", get_column_letter(number), ref)
    return re.sub(r"\d+", str(number), ref)


def _moved_formula(text: str, name: str, at: int, by: int, *, across: bool, own: bool) -> str:
    def move(match: re.Match[str]) -> str:
        prefix = match[1] or ""
        if prefix.strip("'!") != name and (prefix or not own):
            return match[0]
        ref = f"{match[2]}:{match[3]}" if match[3] else match[2]
        return prefix + (_moved(ref, at, by, across=across) or "#REF!")

    pieces = text.split('"')  # every second piece is a text in quotes
    return '"'.join(_FORMULA.sub(move, p) if n % 2 == 0 else p for n, p in enumerate(pieces))
