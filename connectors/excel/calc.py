"""What a workbook keeps of its calculations, and has to forget when cells change. Pure.

The order of calculation (``calcChain``) names each cell with a formula: it goes when one is made or
moves, and the program that opens the file makes a new one. Results that were kept are calculated
afresh at opening (``fullCalcOnLoad``), as formulas anywhere may look at a cell that was changed.
"""

import re

from connectors.excel.book import Book
from connectors.excel.xml import Node, Splice, set_attrs, splice, tree

_TYPES = "[Content_Types].xml"
_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f[\s/>]")
# ECMA-376 part 1, 18.2.27: what may stand before calcPr in a workbook
_BEFORE = frozenset(
    {
        *("fileVersion", "fileSharing", "workbookPr", "AlternateContent", "workbookProtection"),
        *("bookViews", "sheets", "functionGroups", "externalReferences", "definedNames"),
        *("revisionPtr", "absPath"),
    }
)


def forget(book: Book, *, moved: bool) -> dict[str, bytes | None]:
    """Return the parts that change when cells do.

    Args:
        book: the workbook.
        moved: cells with formulas were made or moved.
    """
    chain = next(
        (
            part
            for kind, part in book.relations(book.part).values()
            if kind == "calcChain" and part in book.package
        ),
        None,
    )
    if chain is None and not moved and not _has_formulas(book):
        return {}
    changed: dict[str, bytes | None] = {}
    xml = book.package.read(book.part)
    new = _calculate(xml, book.root)
    if new != xml:
        changed[book.part] = new
    if moved and chain is not None:
        changed[chain] = None
        folder, _, name = book.part.rpartition("/")
        for part, key in ((f"{folder}/_rels/{name}.rels", "Target"), (_TYPES, "PartName")):
            listed = book.package.read(part)
            changed[part] = _without(listed, key, chain.rpartition("/")[2])
    return changed


def _has_formulas(book: Book) -> bool:
    return any(_FORMULA.search(book.package.read(sheet.part)) for sheet in book.sheets)


def _calculate(xml: bytes, root: Node) -> bytes:
    """Ask for a full calculation at opening."""
    node = root.get("calcPr")
    if node is not None:
        if node.attrs.get("fullCalcOnLoad") in {"1", "true"}:
            return xml
        return splice(xml, [set_attrs(xml, node, {"fullCalcOnLoad": "1"})])
    before = [child for child in root.children if child.name in _BEFORE]
    at = max((child.end for child in before), default=root.inside)
    return splice(xml, [Splice(at, at, f'<{root.prefix}calcPr fullCalcOnLoad="1"/>'.encode())])


def _without(xml: bytes, key: str, name: str) -> bytes:
    """Take out the entry of a list of parts that names this one."""
    root = tree(xml)
    gone = [n for n in root.children if n.attrs.get(key, "").rpartition("/")[2] == name]
    return splice(xml, [Splice(node.start, node.end, b"") for node in gone])
