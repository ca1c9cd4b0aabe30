"""Packages of .xlsx files, taken apart. Nothing here uses the Excel connector."""

import hashlib
import io
import posixpath
import re
import zipfile
from typing import Any

from lxml import etree
from openpyxl.utils.cell import range_boundaries
from python_calamine import CalamineWorkbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "[Content_Types].xml"


class Package:
    """The parts of a file by name, in their order."""

    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            self._parts = {name: archive.read(name) for name in archive.namelist()}

    def names(self) -> list[str]:
        return list(self._parts)

    def raw(self, name: str) -> bytes:
        return self._parts[name]

    def text(self, name: str) -> str:
        return self._parts[name].decode()

    def set(self, name: str, text: str | bytes) -> None:
        self._parts[name] = text if isinstance(text, bytes) else text.encode()

    def xml(self, name: str) -> Any:
        return etree.fromstring(self._parts[name])

    def set_xml(self, name: str, root: Any) -> None:
        self._parts[name] = etree.tostring(
            root, xml_declaration=True, encoding="UTF-8", standalone=True
        )

    def replace(self, name: str, old: str, new: str) -> None:
        assert self.text(name).count(old) == 1, f"{old!r} is not there once in {name}"
        self.set(name, self.text(name).replace(old, new))

    def insert_after(self, name: str, pattern: str, new: str) -> None:
        text, count = re.subn(f"({pattern})", lambda m: m[1] + new, self.text(name))
        assert count == 1, f"{pattern!r} is not there once in {name}"
        self.set(name, text)

    def add(self, name: str, text: str, content_type: str = "") -> None:
        assert name not in self._parts
        self.set(name, text)
        if content_type:
            override = f'<Override PartName="/{name}" ContentType="{content_type}"/></Types>'
            self.replace(TYPES, "</Types>", override)

    def relate(self, source: str, kind: str, target: str) -> str:
        """Add a relationship and return its id."""
        name = rels_name(source)
        empty = f'<Relationships xmlns="{_RELS}"></Relationships>'
        text = self._parts.get(name, empty.encode()).decode()
        number = 1 + max((int(n) for n in re.findall(r'Id="rId(\d+)"', text)), default=0)
        link = f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/></Relationships>'
        self.set(name, text.replace("</Relationships>", link))
        return f"rId{number}"

    def relations(self, source: str) -> dict[str, tuple[str, str]]:
        """Return id -> (last word of the type, target part); targets outside are left out."""
        name = rels_name(source)
        if name not in self._parts:
            return {}
        return {
            link.get("Id"): (
                link.get("Type").rpartition("/")[2],
                posixpath.normpath(
                    posixpath.join("/", posixpath.dirname(source), link.get("Target"))
                )[1:],
            )
            for link in self.xml(name)
            if link.get("TargetMode") != "External"
        }

    def sheets(self) -> dict[str, str]:
        """Return the sheets' names -> parts, in their order."""
        book = self.book
        links = self.relations(book)
        return {
            sheet.get("name"): links[sheet.get(f"{{{REL}}}id")][1]
            for sheet in self.xml(book).iter(f"{{{MAIN}}}sheet")
        }

    @property
    def book(self) -> str:
        """The name of the workbook's part."""
        return next(part for kind, part in self.relations("").values() if kind == "officeDocument")

    def related(self, source: str, kind: str) -> list[str]:
        return [part for word, part in self.relations(source).values() if word == kind]

    def drop(self, name: str) -> None:
        """Take a part out, with its content type and every relationship to it."""
        self._parts.pop(name, None)
        self.set(
            TYPES, re.sub(rf'<Override [^>]*"/{re.escape(name)}"[^>]*/>', "", self.text(TYPES))
        )
        short = posixpath.basename(name)
        for rels in [n for n in self._parts if n.endswith(".rels")]:
            text = re.sub(
                rf'<Relationship [^>]*"[^"]*{re.escape(short)}"[^>]*/>', "", self.text(rels)
            )
            self.set(rels, text)

    def add_extension(self, name: str, extension: str) -> None:
        text = self.text(name)
        end = text.rindex("</")
        if text.endswith("</extLst>", 0, end):
            end -= len("</extLst>")
            self.set(name, text[:end] + extension + text[end:])
        else:
            self.set(name, f"{text[:end]}<extLst>{extension}</extLst>{text[end:]}")

    def to_bytes(self) -> bytes:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self._parts.items():
                archive.writestr(name, data)
        return target.getvalue()


def rels_name(source: str) -> str:
    folder, name = posixpath.split(source)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def parts(data: bytes) -> dict[str, str]:
    """Return each part's name -> the SHA-256 of its bytes."""
    package = Package(data)
    return {name: hashlib.sha256(package.raw(name)).hexdigest() for name in package.names()}


def values(data: bytes, sheet: str | None = None) -> list[list[Any]]:
    """Return a sheet's values as calamine reads them; the first row is the sheet's row 1."""
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        name = sheet or book.sheet_names[0]
        return book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def bounds(ref: str) -> tuple[int, int, int, int]:
    """Return a range's first column, first row, last column, last row."""
    left, top, right, bottom = range_boundaries(ref)
    assert left is not None
    assert top is not None
    assert right is not None
    assert bottom is not None
    return left, top, right, bottom


def tag(name: str) -> str:
    """Return a name of the spreadsheet's own namespace as lxml writes it."""
    return f"{{{MAIN}}}{name}"
