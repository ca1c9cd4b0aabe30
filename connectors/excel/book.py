"""What the small parts of a workbook tell: sheets, tables, date formats, the 1904 system. Pure.

Parts are found by their relationships, never by the names that Excel happens to give them.
"""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from connectors.excel.package import Package, damaged
from connectors.excel.refs import Area, area
from connectors.excel.xml import Node, XmlError, tree

# ECMA-376 part 1, 18.8.30: the built-in formats that show a day; 27-36 and 50-58 in East Asia
_DATE_FORMATS = frozenset({*range(14, 18), 22, *range(27, 37), *range(50, 59)})
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_DAY_SIGNS = re.compile(r"[dDyY年月日]")


@dataclass(frozen=True, slots=True)
class Table:
    """A table object; ``area`` holds its header and its totals rows."""

    part: str
    name: str
    area: Area
    header: bool
    totals: int
    columns: tuple[str, ...]
    formulas: tuple[str | None, ...]  # of calculated columns

    @property
    def first(self) -> int:
        """The first row of data."""
        return self.area.top + self.header

    @property
    def last(self) -> int:
        """The last row of data."""
        return self.area.bottom - self.totals


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A worksheet as the workbook lists it."""

    name: str
    part: str
    visible: bool


@dataclass(frozen=True)
class Book:
    """A workbook's package, and what its small parts say."""

    package: Package

    @property
    def name(self) -> str:
        """The file's name, for messages."""
        return self.package.name

    def tree(self, part: str) -> Node:
        """Return a part as a tree.

        Raises:
            BusyError: it is cut off.
            SchemaError: it is missing, or no XML that a workbook may hold.
        """
        try:
            return tree(self.package.read(part))
        except XmlError as error:
            raise damaged(self.name, f"{part}：{error.said.zh}", f"{part}: {error}") from None

    def relations(self, part: str) -> Mapping[str, tuple[str, str]]:
        """Return the relationships of a part: id -> (kind, part); outside targets are left out."""
        folder, name = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{name}.rels")
        if rels not in self.package:
            return {}
        found = {}
        for node in self.tree(rels).children:
            target = unquote(node.attrs.get("Target", "")).replace("\\", "/")
            if node.attrs.get("TargetMode") == "External" or not target:
                continue
            path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[node.attrs.get("Id", "")] = (
                node.attrs.get("Type", "").rpartition("/")[2],
                path,
            )
        return found

    @cached_property
    def part(self) -> str:
        """The workbook's own part.

        Raises:
            SchemaError: the package is no workbook in XML.
        """
        kinds = dict(self.relations("").values())
        part = kinds.get("officeDocument", "xl/workbook.xml")
        if part not in self.package or not part.endswith(".xml"):
            raise damaged(self.name, "不是 .xlsx 工作簿", "it is no .xlsx workbook")
        return part

    @cached_property
    def root(self) -> Node:
        """The workbook part as a tree."""
        return self.tree(self.part)

    @cached_property
    def epoch_1904(self) -> bool:
        """Whether days count from 1904."""
        node = self.root.get("workbookPr")
        return node is not None and node.attrs.get("date1904") in {"1", "true"}

    @cached_property
    def sheets(self) -> tuple[SheetPart, ...]:
        """The worksheets in the order of their tabs; charts and macros' sheets are left out."""
        relations = self.relations(self.part)
        listed = self.root.get("sheets")
        found = []
        for node in listed.children if listed else []:
            kind, part = relations.get(node.attr("id") or "", ("", ""))
            if kind == "worksheet" and part in self.package:
                visible = node.attrs.get("state", "visible") == "visible"
                found.append(SheetPart(node.attrs.get("name", ""), part, visible))
        return tuple(found)

    def tables(self, sheet: SheetPart) -> tuple[Table, ...]:
        """Return the table objects of a sheet."""
        found = []
        for kind, part in self.relations(sheet.part).values():
            if kind == "table" and part in self.package:
                table = _table(part, self.tree(part))
                if table is not None:
                    found.append(table)
        return tuple(found)

    @cached_property
    def styles(self) -> "Styles":
        """The cell formats of the workbook."""
        for kind, part in self.relations(self.part).values():
            if kind == "styles" and part in self.package:
                return _styles(self.tree(part))
        return Styles(())


def number(text: str | None) -> int:
    """Return a count in an attribute; what is none counts as 0."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _table(part: str, root: Node) -> Table | None:
    place = area(root.attrs.get("ref", ""))
    columns = root.get("tableColumns")
    if place is None or columns is None or root.name != "table":
        return None
    formulas = [node.get("calculatedColumnFormula") for node in columns.children]
    return Table(
        part=part,
        name=root.attrs.get("displayName", root.attrs.get("name", "")),
        area=place,
        header=root.attrs.get("headerRowCount", "1") != "0",
        totals=number(root.attrs.get("totalsRowCount")),
        columns=tuple(node.attrs.get("name", "") for node in columns.children),
        formulas=tuple(node.text if node is not None else None for node in formulas),
    )


@dataclass(frozen=True, slots=True)
class Format:
    """One entry of ``cellXfs``: whether it shows a day, and how it looks otherwise."""

    dates: bool
    look: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Styles:
    """The cell formats, by their number."""

    formats: tuple[Format, ...]

    def dates(self, style: int) -> bool:
        """Say whether a format shows a day."""
        return 0 <= style < len(self.formats) and self.formats[style].dates

    def dated_like(self, style: int) -> int | None:
        """Return a format that shows a day and otherwise looks like this one, None without one."""
        if not 0 <= style < len(self.formats):
            return None
        look = self.formats[style].look
        for part in (len(look), 3):  # all of the look, then font, fill and border alone
            for index, other in enumerate(self.formats):
                if other.dates and other.look[:part] == look[:part]:
                    return index
        return None


def _styles(root: Node) -> Styles:
    codes: dict[int, str] = {}
    for node in (root.get("numFmts") or root).children:
        if node.name == "numFmt":
            codes[number(node.attrs.get("numFmtId"))] = node.attrs.get("formatCode", "")
    listed = root.get("cellXfs")
    formats = []
    for node in listed.children if listed else []:
        code = number(node.attrs.get("numFmtId"))
        alignment = node.get("alignment")
        look = (
            node.attrs.get("fontId"),
            node.attrs.get("fillId"),
            node.attrs.get("borderId"),
            str(sorted(alignment.attrs.items())) if alignment else None,
        )
        dates = _shows_day(codes[code]) if code in codes else code in _DATE_FORMATS
        formats.append(Format(dates, look))
    return Styles(tuple(formats))


def _shows_day(code: str) -> bool:
    """Say whether a format shows a day; what it says in quotes does not count."""
    return bool(_DAY_SIGNS.search(_QUOTED.sub("", code.partition(";")[0])))
