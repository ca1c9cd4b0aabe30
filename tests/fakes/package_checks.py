"""The cheap strict checks of a package: what Excel would mend or refuse, though others do not.

Necessary, not sufficient: only Excel itself says the last word.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from fakes.packages import REL, TYPES, Package, bounds, rels_name, tag
from lxml import etree
from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.cell import coordinate_from_string, range_boundaries
from python_calamine import CalamineWorkbook


def check_package(data: bytes, *, load: bool = True) -> list[str]:
    """Return what Excel would mend or refuse, one sentence each; empty if nothing is wrong.

    Args:
        data: the file.
        load: load it with openpyxl and calamine too, which takes most of the time.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            bad = archive.testzip()
    except zipfile.BadZipFile as error:
        return [f"not a ZIP file: {error}"]
    faults = [f"{bad} is damaged"] if bad else []
    faults += [f"{name} is there twice" for name in {n for n in names if names.count(n) > 1}]
    package = Package(data)
    for name in names:
        if name.endswith((".xml", ".rels", ".vml")):
            try:
                package.xml(name)
            except etree.XMLSyntaxError as error:
                faults.append(f"{name} is no XML: {error}")
    if faults:
        return faults
    faults += _check_types(package)
    faults += _check_relations(package)
    if not faults:
        faults += _check_book(package)
    return faults or (_check_loading(data) if load else [])


def _check_types(package: Package) -> Iterator[str]:
    types = package.xml(TYPES)
    defaults = {node.get("Extension").lower() for node in types if node.get("Extension")}
    overrides = [node.get("PartName")[1:] for node in types if node.get("PartName")]
    for name in package.names():
        # the default of .xml says nothing: all but customXml has a type of its own
        general = not name.endswith(".xml") or name.startswith("customXml/")
        known = general and name.rpartition(".")[2].lower() in defaults
        if name not in overrides and name != TYPES and not known:
            yield f"{name} has no content type"
    for name in overrides:
        if name not in package.names():
            yield f"content type of {name}, which is not there"
        if overrides.count(name) > 1:
            yield f"{name} has two content types"


def _check_relations(package: Package) -> Iterator[str]:
    for name in package.names():
        if name.endswith(".rels"):
            ids = [link.get("Id") for link in package.xml(name)]
            if len(set(ids)) < len(ids):
                yield f"{name} has an id twice"
        else:
            links = package.relations(name)
            for _, part in links.values():
                if part not in package.names():
                    yield f"{name} points to {part}, which is not there"
            if name.endswith(".xml") and rels_name(name) in package.names():
                known = {link.get("Id") for link in package.xml(rels_name(name))}
                used = {v for node in package.xml(name).iter() for v in _links_of(node)}
                yield from (
                    f"{name} uses {link}, which is no relationship" for link in used - known
                )


def _links_of(node: Any) -> list[str]:
    return [value for key, value in node.attrib.items() if key == f"{{{REL}}}id" and value]


def _check_book(package: Package) -> Iterator[str]:
    book = package.xml(package.book)
    names = [node.get("name").casefold() for node in book.iter(tag("sheet"))]
    sheet_ids = [node.get("sheetId") for node in book.iter(tag("sheet"))]
    defined = [
        (node.get("name").casefold(), node.get("localSheetId"))
        for node in book.iter(tag("definedName"))
    ]
    if any(len(set(keys)) < len(keys) for keys in (names, sheet_ids, defined)):
        yield "a sheet, a sheet's id or a defined name is there twice"
    limits = _limits(package)
    formulas: dict[str, set[str]] = {}
    table_ids: list[str] = []
    table_names = [name for name, _ in defined]
    for sheet, part in package.sheets().items():
        root = package.xml(part)
        cells = {cell.get("r"): cell for cell in root.iter(tag("c"))}
        formulas[sheet] = {ref for ref, cell in cells.items() if cell.find(tag("f")) is not None}
        yield from (f"{sheet}: {fault}" for fault in _check_sheet(root, limits))
        tables = [bounds(package.xml(t).get("ref")) for t in package.related(part, "table")]
        if any(_overlap(a, b) for n, a in enumerate(tables) for b in tables[:n]):
            yield f"{sheet}: two tables overlap"
        for table in package.related(part, "table"):
            node = package.xml(table)
            table_ids.append(node.get("id"))
            table_names.append(node.get("displayName").casefold())
            yield from (f"{sheet}, {table}: {f}" for f in _check_table(node, root, cells, package))
    if len(set(table_ids)) < len(table_ids) or len(set(table_names)) < len(table_names):
        yield "two tables have one id or name"
    yield from _check_calc_chain(package, formulas)


def _limits(package: Package) -> tuple[int, int]:
    """Return the number of cell styles and of shared strings."""
    styles = package.related(package.book, "styles")
    strings = package.related(package.book, "sharedStrings")
    formats = package.xml(styles[0]).find(tag("cellXfs")) if styles else ()
    texts = package.xml(strings[0]).findall(tag("si")) if strings else ()
    return len(formats), len(texts)


# the order that the schema wants (ECMA-376 part 1, CT_Worksheet)
_ORDER = (
    *(
        "sheetPr",
        "dimension",
        "sheetViews",
        "sheetFormatPr",
        "cols",
        "sheetData",
    ),
    *(
        "sheetCalcPr",
        "sheetProtection",
        "protectedRanges",
        "scenarios",
        "autoFilter",
        "sortState",
    ),
    *(
        "dataConsolidate",
        "customSheetViews",
        "mergeCells",
        "phoneticPr",
        "conditionalFormatting",
        "dataValidations",
    ),
    *(
        "hyperlinks",
        "printOptions",
        "pageMargins",
        "pageSetup",
        "headerFooter",
        "rowBreaks",
    ),
    *(
        "colBreaks",
        "customProperties",
        "cellWatches",
        "ignoredErrors",
        "smartTags",
        "drawing",
    ),
    *(
        "legacyDrawing",
        "legacyDrawingHF",
        "drawingHF",
        "picture",
        "oleObjects",
        "controls",
    ),
    *(
        "webPublishItems",
        "tableParts",
        "extLst",
    ),
)


def _check_sheet(root: Any, limits: tuple[int, int]) -> Iterator[str]:
    order = [_ORDER.index(name) for node in root if (name := etree.QName(node).localname) in _ORDER]
    if order != sorted(order):
        yield "its elements are out of order"
    above = 0
    shared: dict[str, bool] = {}
    for row in root.iter(tag("row")):
        number = int(row.get("r", above + 1))
        if number <= above:
            yield f"row {number} stands below row {above}"
        above, left = number, 0
        for cell in row.iter(tag("c")):
            if cell.get("r") is None:  # it stands right of the one before
                left += 1
                continue
            letter, at = coordinate_from_string(cell.get("r"))
            column = column_index_from_string(letter)
            if at != number or column <= left:
                yield f"cell {cell.get('r')} stands in the wrong place"
            left = column
            yield from _check_cell(cell, limits, shared)
    yield from (f"shared formula {si} has no master" for si, there in shared.items() if not there)
    merged = [range_boundaries(node.get("ref")) for node in root.iter(tag("mergeCell"))]
    if any(_overlap(a, b) for n, a in enumerate(merged) for b in merged[:n]):
        yield "merged cells overlap"
    for name in ("mergeCells", "dataValidations", "tableParts"):
        node = root.find(tag(name))
        if node is not None and node.get("count") not in {None, str(len(node))}:
            yield f"the count of {name} is wrong"


def _check_cell(cell: Any, limits: tuple[int, int], shared: dict[str, bool]) -> Iterator[str]:
    ref, kind = cell.get("r"), cell.get("t", "n")
    value, formula = cell.findtext(tag("v")), cell.find(tag("f"))
    if int(cell.get("s", 0)) >= max(1, limits[0]):
        yield f"cell {ref} has a style that is not there"
    if kind == "s" and not 0 <= int(value or -1) < limits[1]:
        yield f"cell {ref} has a text that is not there"
    if kind == "inlineStr" and (cell.find(tag("is")) is None or value is not None):
        yield f"cell {ref} has no inline text"
    if kind == "n" and value:
        try:
            float(value)
        except ValueError:
            yield f"cell {ref} holds {value!r} as a number"
    if formula is not None and formula.get("t") == "shared":
        index = formula.get("si")
        shared[index] = shared.get(index, False) or bool(formula.get("ref"))
    text = "".join(cell.itertext())
    if len(text) > 32_767 + len(formula.text or "" if formula is not None else ""):
        yield f"cell {ref} holds more than 32,767 characters"


def _check_table(node: Any, root: Any, cells: Mapping[str, Any], package: Package) -> Iterator[str]:
    left, top, right, bottom = bounds(node.get("ref"))
    columns = list(node.iter(tag("tableColumn")))
    names = [decoded(column.get("name")) for column in columns]
    count = node.find(tag("tableColumns")).get("count")
    if len(columns) != right - left + 1 or count != str(len(columns)):
        yield "the number of columns is not the width of its range"
    if len({name.casefold() for name in names}) < len(names):
        yield "two columns have one name"
    if len({column.get("id") for column in columns}) < len(columns):
        yield "two columns have one id"
    if bottom <= top and node.get("headerRowCount", "1") == "1":
        yield "it has no data row"
    for number, name in enumerate(names, left):
        ref = f"{get_column_letter(number)}{top}"
        if ref not in cells or _text_of(cells[ref], package) != name:
            yield f"header cell {ref} is not {name!r}"
    area = node.find(tag("autoFilter"))
    total = int(node.get("totalsRowCount", "0"))
    if area is not None and bounds(area.get("ref")) != (left, top, right, bottom - total):
        yield "its filter has another range"
    dimension = root.find(tag("dimension"))
    if dimension is not None:
        outer = bounds(dimension.get("ref"))
        if not (outer[0] <= left and outer[1] <= top and outer[2] >= right and outer[3] >= bottom):
            yield "it reaches beyond the sheet's dimension"
    merged = [range_boundaries(m.get("ref")) for m in root.iter(tag("mergeCell"))]
    if any(_overlap((left, top, right, bottom), m) for m in merged):
        yield "it holds merged cells"


def _check_calc_chain(package: Package, formulas: Mapping[str, set[str]]) -> Iterator[str]:
    by_id = {
        node.get("sheetId"): formulas[node.get("name")]
        for node in package.xml(package.book).iter(tag("sheet"))
    }
    for part in package.related(package.book, "calcChain"):
        sheet = "1"
        for cell in package.xml(part):
            sheet = cell.get("i", sheet)
            if cell.get("r") not in by_id.get(sheet, set()):
                yield f"the calculation chain names {cell.get('r')}, which has no formula"


def _check_loading(data: bytes) -> list[str]:
    """Load with openpyxl and calamine: they must agree on the sheets and on each sheet's text.

    openpyxl leaves ``_x000D_`` in a text as it is; all others read the sign it stands for.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells what it would lose on saving
        book = load_workbook(io.BytesIO(data), data_only=True)
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as other:
        if other.sheet_names != book.sheetnames:
            return ["openpyxl and calamine see other sheets"]
        for name in other.sheet_names:
            rows = other.get_sheet_by_name(name).to_python(skip_empty_area=False)
            page = book[name]
            texts = [
                (n, m, cell)
                for n, row in enumerate(rows, 1)
                for m, cell in enumerate(row, 1)
                if isinstance(cell, str) and cell
            ]
            for row, column, text in texts:
                seen = page.cell(row, column).value
                if decoded(str(seen)).replace("\r", "") != text.replace("\r", ""):
                    return [f"{name} {row}:{column} reads {text!r} and {seen!r}"]
    return []


def _overlap(a: Any, b: Any) -> bool:
    return bool(a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3])


def decoded(name: str) -> str:
    """Return a text in which ``_xHHHH_`` is the sign it stands for."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), name)


def _text_of(cell: Any, package: Package) -> str:
    """Return a cell's text as it is shown: phonetic hints left out."""
    source = cell
    if cell.get("t") == "s":
        strings = package.xml(package.related(package.book, "sharedStrings")[0])
        source = strings.findall(tag("si"))[int(cell.findtext(tag("v")))]
    elif cell.get("t") == "inlineStr":
        source = cell.find(tag("is"))
    else:
        return cell.findtext(tag("v")) or ""
    runs = [*source.findall(tag("t")), *source.findall(f"{tag('r')}/{tag('t')}")]
    return "".join(run.text or "" for run in runs)
