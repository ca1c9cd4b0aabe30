"""A workbook as a ZIP package: limits first, parts out, parts in; all else byte for byte. Pure.

The directory is read here and not by ``zipfile``, for two reasons: each local block of an unchanged
part can then be copied as it is, and a part that unpacks to more than it says is refused before it
does harm. Source of the layout: PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16.
"""

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from connectors.errors import BusyError, SchemaError
from mapping.said import Said

MAX_FILE = 100 << 20  # bytes; 100,000 rows of 12 columns are some 6 MB
MAX_PART = 256 << 20
MAX_TOTAL = 1 << 30
MAX_PARTS = 10_000
MAX_RATIO = 200  # rows pack 10 to 40 times, a part of equal bytes 1,000 times
_FREE_SIZE = 32 << 20  # below this any ratio will do

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_EOCD = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_STORED, _DEFLATED = 0, 8
_ENCRYPTED_FLAG, _DESCRIPTOR_FLAG, _UTF8_FLAG = 1, 8, 0x800
_WIDE = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Entry:
    """One part as the directory tells it; ``record`` is its directory record, raw."""

    name: str
    method: int
    flags: int
    crc: int
    packed: int
    size: int
    offset: int
    record: bytes


def half_written(name: str, zh: str, en: str) -> BusyError:
    """Return the error for a file that is not all there yet; ``zh`` and ``en`` tell why."""
    return BusyError(
        Said(
            f"{name} 不完整（{zh}），可能正在保存，稍后再读",
            f"{name} is not complete ({en}); it is probably being saved",
        )
    )


def damaged(name: str, zh: str, en: str) -> SchemaError:
    """Return the error for a file that is all there and still cannot be understood."""
    return SchemaError(
        Said(f"{name} 无法读取：{zh}", f"{name} cannot be read: {en}"),
        hint=Said(
            "请用 Excel 打开，重新另存为 .xlsx", "open it in Excel and save it once as .xlsx"
        ),
    )


@dataclass(frozen=True)
class Package:
    """The parts of a workbook file; ``name`` is the file's, for messages."""

    name: str
    data: bytes
    entries: tuple[Entry, ...]  # in the order of the directory
    directory_at: int
    end_at: int

    @classmethod
    def parse(cls, name: str, data: bytes) -> "Package":
        """Read the directory.

        Raises:
            BusyError: the file is empty or cut off: it is being written.
            SchemaError: it is another kind of file, protected, or beyond all limits.
        """
        _check_kind(name, data)
        end_at = data.rfind(b"PK\x05\x06", max(0, len(data) - _EOCD.size - 0xFFFF))
        if end_at < 0 or end_at + _EOCD.size > len(data):
            raise half_written(name, "缺少结尾", "its end is missing")
        _, disk, _, _, count, size, at, comment = _EOCD.unpack_from(data, end_at)
        if end_at + _EOCD.size + comment > len(data):
            raise half_written(name, "缺少结尾", "its end is missing")
        if count > MAX_PARTS or at == _WIDE or disk:
            raise damaged(name, "部件太多，不像工作簿", "it has far more parts than a workbook")
        if at + size != end_at:
            raise half_written(name, "目录位置不对", "its directory is not where its end says")
        return cls(name, data, _entries(name, data, at, end_at, count), at, end_at)

    @cached_property
    def _unpacked(self) -> dict[str, bytes]:
        return {}

    @cached_property
    def _by_name(self) -> Mapping[str, Entry]:
        return {_key(entry.name): entry for entry in self.entries}

    def __contains__(self, part: str) -> bool:
        return _key(part) in self._by_name

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the names of all parts."""
        return tuple(entry.name for entry in self.entries)

    def read(self, part: str) -> bytes:
        """Unpack a part, once; never more bytes than its directory record says.

        Raises:
            BusyError: it is cut off or its check sum is wrong.
            SchemaError: there is no such part, or it is packed in a way that workbooks are not.
        """
        entry = self._by_name.get(_key(part))
        if entry is None:
            raise damaged(self.name, f"缺少部件 {part}", f"it has no part {part}")
        if entry.name not in self._unpacked:
            self._unpacked[entry.name] = self._unpack(entry)
        return self._unpacked[entry.name]

    def check(self) -> None:
        """Unpack every part and compare its check sum; raises as ``read``."""
        for entry in self.entries:
            self._unpack(entry)

    def _unpack(self, entry: Entry) -> bytes:
        part = entry.name
        if entry.flags & _ENCRYPTED_FLAG or entry.method not in {_STORED, _DEFLATED}:
            raise damaged(
                self.name,
                f"部件 {part} 已加密，或压缩方式不明",
                f"its part {part} is encrypted or packed in an unknown way",
            )
        start = _body(self.name, self.data, entry)
        body = self.data[start : start + entry.packed]
        if entry.method == _DEFLATED:
            unpacker = zlib.decompressobj(-15)
            try:
                body = unpacker.decompress(body, entry.size + 1)
            except zlib.error as error:
                raise half_written(self.name, f"{part}：{error}", f"{part}: {error}") from None
            if not unpacker.eof:
                raise half_written(
                    self.name,
                    f"{part} 被截断，或大小不符",
                    f"{part} is cut off, or larger than it says",
                )
        if len(body) != entry.size or zlib.crc32(body) != entry.crc:
            raise half_written(
                self.name, f"{part} 校验和不符", f"{part} does not match its check sum"
            )
        return body

    def rebuild(self, changes: Mapping[str, bytes | None]) -> bytes:
        """Return the package with parts replaced, or left out where the new part is None.

        The block and the directory record of every other part stay as they are, but for where the
        block begins; order and time stamps stay too.
        """
        if not changes:
            return self.data
        wanted = {_key(part): body for part, body in changes.items()}
        by_offset = sorted(self.entries, key=lambda entry: entry.offset)
        ends = [entry.offset for entry in by_offset[1:]] + [self.directory_at]
        out = [self.data[: by_offset[0].offset]]
        at = len(out[0])
        records: dict[str, bytes] = {}
        for entry, end in zip(by_offset, ends, strict=True):
            key = _key(entry.name)
            body = wanted.get(key, b"") if key in wanted else b""
            if key in wanted and body is None:
                continue
            if key in wanted:
                block, record = _pack(self.data, entry, body or b"", at)
            else:
                block = self.data[entry.offset : end]
                record = entry.record[:42] + struct.pack("<L", at) + entry.record[46:]
            out.append(block)
            records[entry.name] = record
            at += len(block)
        directory = b"".join(records[e.name] for e in self.entries if e.name in records)
        head = struct.pack("<2H2L", len(records), len(records), len(directory), at)
        tail = self.data[self.end_at : self.end_at + 8] + head + self.data[self.end_at + 20 :]
        return b"".join([*out, directory, tail])


def _key(part: str) -> str:
    return part.replace("\\", "/").lstrip("/").casefold()


def _check_kind(name: str, data: bytes) -> None:
    if not data.strip(b"\0"):
        if not data:
            raise half_written(name, "文件是空的", "it is empty")
        raise half_written(name, "内容全是零", "it holds only zeros")
    if len(data) > MAX_FILE:
        raise damaged(name, f"超过 {MAX_FILE >> 20} MB", f"it is larger than {MAX_FILE >> 20} MB")
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise SchemaError(
                Said(f"{name} 设有打开密码", f"{name} is protected by a password for opening"),
                hint=Said(
                    "请取消密码（文件 → 信息 → 保护工作簿）",
                    "remove the password (File, Info, Protect Workbook)",
                ),
            )
        raise SchemaError(
            Said(
                f"{name} 是旧格式或其他格式的工作簿（.xls 或 .et）",
                f"{name} is a workbook of an old or other format (.xls or .et)",
            ),
            hint=Said(
                "请另存为 .xlsx，并在团队配置文件里改用那个文件",
                "save it as .xlsx and name that file",
            ),
        )
    if not data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise SchemaError(
            Said(f"{name} 不是 .xlsx 工作簿", f"{name} is no .xlsx workbook"),
            hint=Said("请另存为 .xlsx", "save it as .xlsx"),
        )


def _entries(name: str, data: bytes, at: int, end: int, count: int) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    seen: set[str] = set()
    total = 0
    for _ in range(count):
        if at + _CENTRAL.size > end or data[at : at + 4] != b"PK\x01\x02":
            raise half_written(name, "目录已损坏", "its directory is damaged")
        fields = _CENTRAL.unpack_from(data, at)
        flags, method, crc, packed, size = fields[3], fields[4], fields[7], fields[8], fields[9]
        length, extra, comment, offset = fields[10], fields[11], fields[12], fields[16]
        stop = at + _CENTRAL.size + length + extra + comment
        raw = data[at + _CENTRAL.size : at + _CENTRAL.size + length]
        part = raw.decode("utf-8" if flags & _UTF8_FLAG else "cp437", "replace")
        total += size
        bomb = size > _FREE_SIZE and size > MAX_RATIO * packed
        if _WIDE in {packed, size, offset} or size > MAX_PART or total > MAX_TOTAL or bomb:
            raise damaged(name, f"部件 {part} 太大", f"its part {part} is far too large")
        if offset + _LOCAL.size > end or _key(part) in seen:
            raise damaged(
                name,
                f"部件 {part} 重复，或位置超出文件",
                f"its part {part} is there twice, or lies outside the file",
            )
        seen.add(_key(part))
        entries.append(Entry(part, method, flags, crc, packed, size, offset, data[at:stop]))
        at = stop
    if at != end or not entries:
        raise half_written(name, "目录已损坏", "its directory is damaged")
    return tuple(entries)


def _body(name: str, data: bytes, entry: Entry) -> int:
    """Return where a part's packed bytes begin."""
    if data[entry.offset : entry.offset + 4] != b"PK\x03\x04":
        raise half_written(
            name, f"{entry.name} 的位置与目录不符", f"{entry.name} is not where the directory says"
        )
    fields = _LOCAL.unpack_from(data, entry.offset)
    start: int = entry.offset + _LOCAL.size + fields[9] + fields[10]
    if start + entry.packed > len(data):
        raise half_written(name, f"{entry.name} 被截断", f"{entry.name} is cut off")
    return start


def _pack(data: bytes, entry: Entry, body: bytes, at: int) -> tuple[bytes, bytes]:
    """Return a changed part's local block and directory record; names and times are kept."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = packer.compress(body) + packer.flush()
    flags = entry.flags & ~_DESCRIPTOR_FLAG
    local = _LOCAL.unpack_from(data, entry.offset)
    stamp = local[4:6]
    sums = (zlib.crc32(body), len(packed), len(body))
    name = data[entry.offset + _LOCAL.size : entry.offset + _LOCAL.size + local[9]]
    head = _LOCAL.pack(local[0], local[1], flags, _DEFLATED, *stamp, *sums, len(name), 0)
    record = b"".join(
        (
            entry.record[:8],
            struct.pack("<2H", flags, _DEFLATED),
            entry.record[12:16],
            struct.pack("<3L", *sums),
            entry.record[28:42],
            struct.pack("<L", at),
            entry.record[46:],
        )
    )
    return head + name + packed, record
