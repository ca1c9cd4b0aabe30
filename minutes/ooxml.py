"""The parts of a DOCX package, read as hostile input: every limit is checked before parsing."""

import io
import posixpath
import re
import zipfile
import zlib
from typing import Any

from lxml import etree

from mapping.said import Said
from minutes.document import RefusedError

MAX_FILE = 64 << 20
MAX_MEMBERS = 5_000
MAX_PART = 32 << 20
MAX_TOTAL = 128 << 20
MAX_TAGS = 1_500_000  # in one part; a page of dense tables has about 2,000

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
# ISO 29500 Strict has names of its own for the same things.
_STRICT = (
    (
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/",
        b"http://schemas.openxmlformats.org/officeDocument/2006/",
    ),
)


def damaged(where: Said | str) -> RefusedError:
    """Return the error for a damaged file; ``where`` names the part, or says what is wrong."""
    where = Said(where, where) if isinstance(where, str) else where
    return RefusedError(
        f"文件已损坏（{where.zh}）。请用 Word 或 WPS 打开，重新另存为 .docx。",
        f"The file is damaged ({where.en}). Open it in Word or WPS, save it again as .docx.",
    )


def no_word_document() -> RefusedError:
    """Return the error for a package that holds something else."""
    return RefusedError(
        "文件不是 Word 文档。请把会议纪要另存为 .docx 或 .md。",
        "The file is no Word document. Save the minutes as .docx or .md.",
    )


class Package:
    """An opened DOCX file.

    Attributes:
        main: name of the part with the body.
        macros: it carries macros (they are never read).
    """

    def __init__(self, data: bytes) -> None:
        if len(data) > MAX_FILE:
            raise RefusedError(
                f"文件太大（{len(data) >> 20} MB，上限 {MAX_FILE >> 20} MB）。"
                "请删去或压缩图片后重新保存。",
                f"The file is too large ({len(data) >> 20} MB; at most {MAX_FILE >> 20} MB). "
                "Take pictures out of it, or compress them.",
            )
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            members = self._zip.infolist()
        except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError) as error:
            raise damaged(Said("ZIP 压缩包不完整", "not a whole ZIP archive")) from error
        if len(members) > MAX_MEMBERS:
            raise RefusedError(
                f"文件里的部件超过 {MAX_MEMBERS} 个，没有读取。"
                "请把纪要复制到新文档里，另存为 .docx。",
                f"The file holds too many parts (over {MAX_MEMBERS:,}). Copy the minutes into a "
                "new document and save that as .docx.",
            )
        if sum(member.file_size for member in members) > MAX_TOTAL:
            raise RefusedError(
                f"文件解压后超过 {MAX_TOTAL >> 20} MB，没有读取。请删去图片后重新保存。",
                f"The file unpacks to more than {MAX_TOTAL >> 20} MB. Take pictures out of it.",
            )
        self._names = {member.filename.lstrip("/"): member for member in members}
        self._left = MAX_TOTAL
        self.macros = any(name.lower().endswith("vbaproject.bin") for name in self._names)
        self.main = self._main()

    def _main(self) -> str:
        for kind, target in self.relations("").values():
            if kind.endswith("/officeDocument") and target in self._names:
                if target.startswith(("xl/", "ppt/")):
                    break
                return target
        if "word/document.xml" in self._names:
            return "word/document.xml"
        if any(name.startswith("xl/") for name in self._names):
            raise RefusedError(
                "文件是工作簿，不是会议纪要。请把纪要另存为 .docx 或 .md。",
                "The file is a workbook, not minutes. Save the minutes as .docx or .md.",
            )
        if any(name.startswith("ppt/") for name in self._names):
            raise RefusedError(
                "文件是演示文稿，不是会议纪要。请把纪要另存为 .docx 或 .md。",
                "The file is a presentation. Save the minutes as .docx or .md.",
            )
        raise no_word_document()

    def related(self, ending: str) -> list[str]:
        """Return the parts that the body refers to by a relationship type with this ending."""
        return [
            target
            for kind, target in self.relations(self.main).values()
            if kind.endswith(ending) and target in self._names
        ]

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return id -> (type, part) of a part's inner relationships; never an outer one."""
        folder, name = posixpath.split(part)
        root = self.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
        found = {}
        for element in root.iter(f"{_RELATIONS}Relationship") if root is not None else ():
            if element.get("TargetMode") == "External":
                continue
            target = element.get("Target") or ""
            path = posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")
            found[element.get("Id") or ""] = (element.get("Type") or "", path)
        return found

    def xml(self, name: str) -> Any | None:
        """Parse a part; None if the package lacks it.

        Raises:
            RefusedError: the part is too large, damaged, or declares a document type.
        """
        member = self._names.get(name)
        if member is None:
            return None
        data = _utf8(self._read(member), name)
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            raise RefusedError(
                f"文件里声明了 XML 实体（{name}），Word 从不这样写，为安全起见没有读取。"
                "请把纪要复制到新文档里，另存为 .docx。",
                f"The file declares XML entities ({name}), which Word never writes; it is not "
                "read. Copy the minutes into a new document and save that as .docx.",
            )
        if data.count(b"<") > MAX_TAGS:
            raise RefusedError(
                "文档太大，不像会议纪要。请只保留纪要内容后重新保存。",
                "The document is too large for minutes. Keep only the minutes.",
            )
        for strict, usual in _STRICT:
            if strict in data:
                data = data.replace(strict, usual)
        parser = etree.XMLParser(
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
            huge_tree=False,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            root = etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise damaged(name) from error
        if root is None:
            raise damaged(name)
        return root

    def _read(self, member: zipfile.ZipInfo) -> bytes:
        limit = min(MAX_PART, self._left)
        if member.flag_bits & 1:
            raise RefusedError(
                "文件有密码保护，无法读取。请取消密码后重新保存。",
                "The file is protected by a password. Save it without one.",
            )
        if member.file_size > limit:
            raise _large_part(member.filename)
        try:
            with self._zip.open(member) as stream:
                data = stream.read(limit + 1)  # the size in the archive may be a lie
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError,
                RuntimeError) as error:  # fmt: skip
            raise damaged(member.filename) from error
        if len(data) > limit:
            raise _large_part(member.filename)
        self._left -= len(data)
        return data


def _large_part(name: str) -> RefusedError:
    return RefusedError(
        f"文件里有一个部件太大（{name}），没有读取。请删去图片等多余内容后重新保存。",
        f"A part of the file is too large ({name}). Take out pictures and what is no minutes.",
    )


def _utf8(data: bytes, name: str) -> bytes:
    """Return a part as UTF-8: what stands in its bytes must be seen before parsing."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            text = data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise damaged(name) from error
        return re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1).encode("utf-8", "replace")
    if b"\x00" in data[:64]:
        raise damaged(name)
    return data
