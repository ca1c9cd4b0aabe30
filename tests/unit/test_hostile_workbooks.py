"""Files that are broken, by accident or on purpose: a clear error, soon, and nothing is harmed."""

import io
import random
import re
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from fakes import workbooks
from fakes.clock import FakeClock

from connectors.base import Setup, Write
from connectors.errors import BusyError, ConnectorError, SchemaError
from connectors.excel import Excel
from connectors.excel.package import MAX_PARTS, Package
from mapping.words import COLUMNS

KINDS: tuple[Callable[[], bytes], ...] = (
    workbooks.rich,
    workbooks.own_layout,
    workbooks.wps_like,
    workbooks.plain_table,
    workbooks.prefixed,
    workbooks.shared_formulas,
    workbooks.libreoffice_made,
)
JUNK = (
    *(b"", b"-1", b"0", b"x", b"1e9", b"NaN", b"#", b"true", b"&#0;", b"\xff\xfe", "١".encode()),
    *(b"1048577", b"99999999999999999999", b"A0", b"XFD1048576", b"A1:XFD1048576", b"A1:A1:A1"),
)
NEW = Write(id="ML-ZZZ00000Z", cells={"description": "新"})


def connect(path: Path, columns: Mapping[str, str] | None = None) -> Excel:
    return Excel(
        Setup(
            name="x",
            options={"path": path.name},
            columns={**COLUMNS["zh"], **(columns or {})},
            folder=str(path.parent),
            state=str(path.parent / "state"),
            clock=FakeClock(),
        )
    )


def pack(parts: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in parts.items():
            package.writestr(name, body)
    return target.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


# --- seeded mutations -----------------------------------------------------------------------------


def mutate(data: bytes, dice: random.Random) -> bytes:
    """Break a workbook: bytes of the file, or names, values and tags of its parts."""
    kind = dice.random()
    if kind < 0.15:
        raw = bytearray(data)
        for _ in range(dice.randint(1, 8)):
            raw[dice.randrange(len(raw))] = dice.randrange(256)
        return bytes(raw)
    if kind < 0.2:
        return data[: dice.randrange(len(data))]
    parts = unpack(data)
    hot = re.compile(r"workbook|sheet\d|styles|sharedStrings|table\d|rels|Types")
    for _ in range(dice.randint(1, 4)):
        name = dice.choice([part for part in parts if hot.search(part)])
        if dice.random() < 0.05:
            del parts[name]
        else:
            parts[name] = mutate_part(parts[name], dice)
    return pack(parts)


def mutate_part(xml: bytes, dice: random.Random) -> bytes:
    kind = dice.random()
    if kind < 0.2:
        start = dice.randrange(len(xml) + 1)
        end = start + dice.randint(1, 200) if kind < 0.15 else len(xml)
        return xml[:start] + xml[end:]
    changes: list[tuple[bytes, Callable[[bytes], bytes]]] = [
        (rb'(?<==")[^"]*(?=")', lambda _: dice.choice(JUNK)),
        (rb'(?<==")[^"]*(?=")', lambda _: dice.choice(JUNK)),
        (rb"<[^>]*>", lambda _: b""),
        (rb"(?<=>)[^<]+(?=<)", lambda _: dice.choice(JUNK)),
        (rb"<\w+[^>]*/>", lambda found: found * dice.randint(2, 4)),
    ]
    pattern, put = dice.choice(changes)
    found = list(re.finditer(pattern, xml))
    if not found:
        return xml
    match = dice.choice(found)
    return xml[: match.start()] + put(match[0]) + xml[match.end() :]


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_whatever_is_broken_ends_in_a_clear_error_or_a_sound_file(
    kind: int, tmp_path: Path
) -> None:
    path = tmp_path / "a.xlsx"
    columns = workbooks.OWN_COLUMNS if KINDS[kind] is workbooks.own_layout else {}
    ends = {"read": 0, "refused": 0, "written": 0}
    messages: list[str] = []
    for seed in range(30):
        data = mutate(KINDS[kind](), random.Random(f"{kind}/{seed}"))
        path.write_bytes(data)
        connector = connect(path, columns)
        start = time.perf_counter()
        try:
            records = connector.pull(None).records
            ends["read"] += 1
            batch = [
                Write(
                    id=r.id,
                    cells={"owner": "某", "due": None},
                    row_id=r.row_id,
                    if_version=r.version,
                )
                for r in records[:3]
                if r.id
            ]
            outcomes = connector.apply([*batch, NEW])
        except ConnectorError as error:
            ends["refused"] += 1
            messages.append(error.message)
            assert path.read_bytes() == data, seed
        else:
            after = connect(path, columns).find([NEW.id])
            assert len(after) == (outcomes[-1].error is None), seed
            ends["written"] += 1
        assert time.perf_counter() - start < 5, seed
    assert min(ends.values()) > 0, ends
    assert all(messages)


# --- what somebody made on purpose ----------------------------------------------------------------


def with_sheet(change: Callable[[bytes], bytes]) -> bytes:
    parts = unpack(workbooks.plain_table())
    parts["xl/worksheets/sheet1.xml"] = change(parts["xl/worksheets/sheet1.xml"])
    return pack(parts)


def refused(path: Path, data: bytes, error: type[ConnectorError] = SchemaError) -> str:
    path.write_bytes(data)
    start = time.perf_counter()
    with pytest.raises(error) as caught:
        connect(path).pull(None)
    assert time.perf_counter() - start < 5
    return str(caught.value)


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = with_sheet(lambda xml: xml.replace(b"</sheetData>", b" " * (80 << 20) + b"</sheetData>"))
    assert len(bomb) < 1 << 20
    assert "too large" in refused(tmp_path / "a.xlsx", bomb)


def test_a_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    data = bytearray(with_sheet(lambda xml: xml + b" " * (20 << 20)))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as package:
        info = package.getinfo("xl/worksheets/sheet1.xml")
    small = zlib.crc32(b"")
    for signature, at in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        start = -1
        while (start := data.find(signature, start + 1)) >= 0:
            if info.filename.encode() in data[start : start + 100]:
                packed = struct.unpack_from("<L", data, start + at + 4)[0]
                struct.pack_into("<3L", data, start + at, small, packed, 10)
    refused(tmp_path / "a.xlsx", bytes(data), BusyError)


def test_thousands_of_parts(tmp_path: Path) -> None:
    parts = {f"x/{n}.xml": b"" for n in range(MAX_PARTS + 1)}
    assert "parts" in refused(tmp_path / "a.xlsx", pack(parts))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_one_part_twice(tmp_path: Path) -> None:
    target = io.BytesIO(workbooks.plain_table())
    with zipfile.ZipFile(target, "a") as package:
        package.writestr("XL/worksheets/Sheet1.xml", b"<worksheet/>")
    assert "twice" in refused(tmp_path / "a.xlsx", target.getvalue())


def test_a_cell_at_the_far_corner(tmp_path: Path) -> None:
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    data = with_sheet(lambda xml: xml.replace(b"</sheetData>", far))
    assert "XFD" in refused(tmp_path / "a.xlsx", data)
    end = b"</row></sheetData>"
    for name in (b"XFD1048576", b"A1:XFD1048576", b"xfd1048576", b"ABCD1"):
        lost = b'<c r="' + name + b'" t="s"><v>1</v></c>' + end
        parts = unpack(workbooks.plain_table())
        part = "xl/worksheets/sheet1.xml"
        refused(tmp_path / "a.xlsx", pack(parts | {part: parts[part].replace(end, lost)}))
    spaced = far.replace(b'r="', b"r = '").replace(b'">', b"'>")
    data = with_sheet(lambda xml: xml.replace(b"</sheetData>", spaced))
    assert "XFD" in refused(tmp_path / "a.xlsx", data)


def test_entities_are_refused(tmp_path: Path) -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    data = with_sheet(lambda xml: xml.replace(b"<worksheet", laughs + b"<worksheet", 1))
    assert "document type" in refused(tmp_path / "a.xlsx", data)
    parts = unpack(workbooks.plain_table())
    book = parts["xl/workbook.xml"]
    parts["xl/workbook.xml"] = book.replace(b"<workbook", laughs + b"<workbook", 1)
    assert "document type" in refused(tmp_path / "a.xlsx", pack(parts))


def test_deep_nesting(tmp_path: Path) -> None:
    deep = b"</sheetData>" + b"<x>" * 100_000 + b"</x>" * 100_000
    refused(tmp_path / "a.xlsx", with_sheet(lambda xml: xml.replace(b"</sheetData>", deep)))


def test_blocks_merged_over_everything(tmp_path: Path) -> None:
    merges = b'<mergeCell ref="A2:XFD1048576"/>' * 2000
    path = tmp_path / "a.xlsx"
    path.write_bytes(
        with_sheet(
            lambda xml: xml.replace(
                b"</sheetData>", b"</sheetData><mergeCells>" + merges + b"</mergeCells>"
            )
        )
    )
    start = time.perf_counter()
    connect(path).pull(None)
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    "target", ["../../../etc/passwd", "/xl/nothing.xml", "http://x/y", "", "%"]
)
def test_relationships_that_lead_nowhere(tmp_path: Path, target: str) -> None:
    parts = unpack(workbooks.plain_table())
    links = parts["xl/_rels/workbook.xml.rels"]
    parts["xl/_rels/workbook.xml.rels"] = links.replace(
        b'"worksheets/sheet1.xml"', f'"{target}"'.encode()
    )
    refused(tmp_path / "a.xlsx", pack(parts))


def test_a_string_that_is_not_in_the_list(tmp_path: Path) -> None:
    refused(tmp_path / "a.xlsx", with_sheet(lambda xml: xml.replace(b"<v>1</v>", b"<v>99999</v>")))


def test_parts_packed_in_another_way() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_LZMA) as package:
        package.writestr("a.xml", b"<a/>")
    found = Package.parse("a.xlsx", target.getvalue())
    with pytest.raises(SchemaError):
        found.read("a.xml")


def test_text_that_looks_like_tags_is_text(tmp_path: Path) -> None:
    """Formulas are looked for in bytes; what only looks like one does no harm."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbooks.plain_table())
    connector = connect(path)
    record = connector.pull(None).records[0]
    text = '</t></is></c><c r="C2"><f>1</f> t="e" <v>#N/A'
    write: dict[str, Any] = {"row_id": record.row_id, "if_version": record.version}
    (outcome,) = connector.apply([Write(id=record.id or "", cells={"description": text}, **write)])
    assert outcome.record is not None
    assert outcome.record.cells == {**record.cells, "description": text}
    assert outcome.record.sealed == frozenset()
