"""Adds columns to a workbook that people had before (``check --prepare``). Pure."""

from collections.abc import Sequence

from connectors.errors import SchemaError
from connectors.excel.layout import missing, own_table
from connectors.excel.load import Loaded, Spec, frame_of
from connectors.excel.patch import Edits, Look, Value, edit
from connectors.excel.refs import MAX_COLUMN, Area, area, letters
from connectors.excel.xml import Node, Splice, attribute, set_attrs, splice
from mapping.said import Said
from mapping.words import REQUIRED


def wanted(found: Loaded, spec: Spec) -> Sequence[str]:
    """Return the fields to add: the id, and columns that the team file names itself."""
    must = missing(found.header, found.wanted)
    return [field for field in must if field == "id" or field in spec.named]


def unnamed(found: Loaded, spec: Spec) -> Sequence[str]:
    """Return required fields that have no column, under names that nobody chose for this file."""
    must = missing(found.header, found.wanted)
    return [field for field in must if field in REQUIRED and field not in spec.named]


def add(found: Loaded, fields: Sequence[str]) -> tuple[dict[str, bytes | None], list[Said]]:
    """Put new columns right of those that are there.

    Returns:
        The parts that change, and one sentence for each column.

    Raises:
        SchemaError: something stands where the columns would go.
    """
    book, header = found.book, found.header
    table, _ = own_table(book.tables(found.part), header)
    last = table.area.right if table else header.width
    places = list(range(last + 1, last + 1 + len(fields)))
    if table is None:
        places = _free(found, last + 1, len(fields))
    elif not all(_is_blank(found, n) for n in places):
        raise SchemaError(
            Said(
                f"{found.wanted.where.zh}：表格右侧要加列的地方已有内容",
                f"{found.wanted.where}: something stands right of the table, where columns would "
                "go",
            ),
            field=fields[0],
            hint=Said(
                f"请在 {letters(last)} 列右侧插入 {len(fields)} 个空列",
                f"insert {len(fields)} empty columns right of column {letters(last)}",
            ),
        )
    names = [found.wanted.columns[field] for field in fields]
    cells: dict[tuple[int, int], Value] = {
        (header.row, n): name for n, name in zip(places, names, strict=True)
    }
    edits = Edits(cells, beside=dict.fromkeys(places, last))
    look = Look(book.styles, book.epoch_1904)
    xml = edit(found.xml, found.frame, edits, look)
    parts: dict[str, bytes | None] = {found.part.part: _widen_filter(found, xml, places[-1])}
    if table is not None:
        part = book.package.read(table.part)
        parts[table.part] = _widen(part, book.tree(table.part), table.area, names)
    told = [
        Said(
            f"已在工作表“{found.part.name}”的 {letters(n)}{header.row} 加上“{name}”列",
            f"added column {name!r} at {letters(n)}{header.row} of sheet {found.part.name!r}",
        )
        for n, name in zip(places, names, strict=True)
    ]
    return parts, told


def _free(found: Loaded, first: int, count: int) -> list[int]:
    places = [n for n in range(first, first + count + 200) if _is_blank(found, n)][:count]
    if len(places) < count or places[-1] > MAX_COLUMN:
        raise SchemaError(
            Said(
                f"{found.wanted.where.zh}：表格右侧没有空列",
                f"{found.wanted.where}: there is no empty column right of the table",
            ),
            hint=Said(f"请插入 {count} 个空列", f"insert {count} empty columns"),
        )
    return places


def _is_blank(found: Loaded, column: int) -> bool:
    top = found.header.row
    if any(m.left <= column <= m.right and m.bottom >= top for m in found.merges):
        return False
    return all(len(row) < column or row[column - 1] == "" for row in found.raw[top - 1 :])


def _widen(xml: bytes, root: Node, old: Area, names: Sequence[str]) -> bytes:
    """Return a table part with more columns."""
    wide = Area(old.top, old.left, old.bottom, old.right + len(names))
    splices = [set_attrs(xml, root, {"ref": str(wide)})]
    filtered = root.get("autoFilter")
    there = area(filtered.attrs.get("ref", "")) if filtered is not None else None
    if filtered is not None and there is not None:
        ref = Area(there.top, there.left, there.bottom, wide.right)
        splices.append(set_attrs(xml, filtered, {"ref": str(ref)}))
    columns = root.get("tableColumns")
    if columns is not None:
        count = len(columns.children) + len(names)
        splices.append(set_attrs(xml, columns, {"count": str(count)}))
        ids = [int(n.attrs["id"]) for n in columns.children if n.attrs.get("id", "").isdigit()]
        new = "".join(
            f'<{columns.prefix}tableColumn id="{number}" name="{attribute(name)}"/>'
            for number, name in enumerate(names, max(ids, default=0) + 1)
        )
        splices.append(Splice(columns.close, columns.close, new.encode()))
    return splice(xml, splices)


def _widen_filter(found: Loaded, xml: bytes, right: int) -> bytes:
    """Let the sheet's own filter take in the new columns."""
    frame = frame_of(xml)
    node = frame.get("autoFilter")
    old = area(node.attrs.get("ref", "")) if node else None
    if node is None or old is None or old.top != found.header.row or old.right >= right:
        return xml
    return splice(
        xml, [set_attrs(xml, node, {"ref": str(Area(old.top, old.left, old.bottom, right))})]
    )
