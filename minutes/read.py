"""Reads a file of minutes, whatever it is written in; what is no minutes is refused with a hint."""

from pathlib import Path

from mapping.said import Said
from minutes.document import Document, RefusedError

TEXT = frozenset((".md", ".markdown", ".txt"))
WORD = frozenset((".docx", ".docm"))
MAX_TEXT = 40 << 20  # bytes; UTF-16 takes two for a character
MAX_FILE = 64 << 20

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

_AS_DOCX = Said(
    "请用 Word、WPS 或 LibreOffice 打开，另存为 .docx。",
    "Open it in Word, WPS or LibreOffice and save it as .docx.",
)
_HINTS = {
    **dict.fromkeys((".doc", ".wps", ".rtf", ".odt", ".pages", ".dot", ".dotx"), _AS_DOCX),
    ".pdf": Said(
        "PDF 无法读取，请放入生成它的 .docx 或 .md。",
        "A PDF is not read: drop the .docx or .md that it was made from.",
    ),
    **dict.fromkeys(
        (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".heic", ".tif", ".tiff", ".svg"),
        Said(
            "图片无法读取，请录入纪要文字，或用文字识别转成 .docx。",
            "A picture is not read: type the minutes, or let a text recognition make a .docx of "
            "it.",
        ),
    ),
    **dict.fromkeys(
        (".xlsx", ".xls", ".xlsm", ".csv", ".et", ".ods"),
        Said(
            "工作簿不是会议纪要：请在团队配置文件里把它登记为跟踪表，或把表格复制到 .docx。",
            "A workbook is no minutes: name it as a tracker in the team file, or copy the table "
            "into a .docx.",
        ),
    ),
    **dict.fromkeys(
        (".ppt", ".pptx", ".key", ".dps"),
        Said("请把纪要内容复制到 .docx 或 .md。", "Copy the minutes into a .docx or .md."),
    ),
    **dict.fromkeys(
        (".html", ".htm", ".mht"),
        Said("请把网页文字另存为 .docx 或 .md。", "Save the page's text as .docx or .md."),
    ),
    **dict.fromkeys(
        (".eml", ".msg"),
        Said(
            "请把邮件正文复制到 .docx、.md 或 .txt。",
            "Copy the text of the mail into a .docx, .md or .txt.",
        ),
    ),
    **dict.fromkeys(
        (".mp3", ".m4a", ".wav", ".mp4", ".mov"),
        Said("录音录像无法读取，请放入会议纪要。", "A recording is not read: drop its minutes."),
    ),
    **dict.fromkeys(
        (".zip", ".rar", ".7z", ".gz"),
        Said("请解压后放入纪要文件本身。", "Unpack it and drop the minutes themselves."),
    ),
}
_OTHER = Said("请把会议纪要另存为 .docx、.md 或 .txt。", "Save the minutes as .docx, .md or .txt.")
_PICTURE = Said("图片", "a picture")
_MAGIC = (
    (b"%PDF", _HINTS[".pdf"], Said(" PDF", "a PDF")),
    (b"{\\rtf", _AS_DOCX, Said(" RTF", "RTF")),
    (b"\x89PNG", _HINTS[".png"], _PICTURE),
    (b"\xff\xd8\xff", _HINTS[".png"], _PICTURE),
    (b"GIF8", _HINTS[".png"], _PICTURE),
)


def read(path: Path | str) -> Document:
    """Read a file of minutes.

    Raises:
        RefusedError: it is not read; the message says why and what to do.
    """
    path = Path(path)
    _check_kind(path.name)
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE + 1)
    except OSError as error:
        why = error.strerror or error
        raise RefusedError(
            f"文件无法读取：{why}。请检查文件是否还在、有没有读取权限。",
            f"The file cannot be read: {why}. See that it is there and may be read.",
        ) from error
    return read_bytes(data, path.name)


def read_bytes(data: bytes, name: str) -> Document:
    """Read minutes from bytes; ``name`` tells the kind.

    Raises:
        RefusedError: they are not read; the message says why and what to do.
    """
    suffix = _check_kind(name)
    if not data.strip():
        raise RefusedError(
            "文件是空的。请放入写好内容的会议纪要。",
            "The file is empty. Drop the minutes once they are written.",
        )
    if len(data) > MAX_FILE:
        raise RefusedError(
            f"文件太大（上限 {MAX_FILE >> 20} MB）。请删去或压缩图片后重新保存。",
            f"The file is too large (at most {MAX_FILE >> 20} MB). Take pictures out of it, or "
            "compress them.",
        )
    if data.startswith(_OLE):
        raise _ole(data)
    for magic, hint, what in _MAGIC:
        if data.startswith(magic):
            raise RefusedError(
                f"文件后缀是 {suffix}，内容却是{what.zh}。{hint.zh}",
                f"The file is {what.en}, though it is called {suffix}. {hint.en}",
            )
    zipped = data.startswith(b"PK\x03\x04")
    if suffix in WORD:
        if not zipped:
            raise RefusedError(
                f"文件后缀是 {suffix}，内容却不是 Word 文档（不是 ZIP 压缩包）。{_AS_DOCX.zh}",
                f"The file is no Word document, though it is called {suffix} (not a ZIP archive). "
                f"{_AS_DOCX.en}",
            )
        from minutes.docx import read_docx  # noqa: PLC0415  # lxml only where it is needed

        return read_docx(data)
    if zipped:
        raise RefusedError(
            f"文件后缀是 {suffix}，内容却是压缩包或 Office 文档。{_AS_DOCX.zh}",
            f"The file is an archive, though it is called {suffix}. {_AS_DOCX.en}",
        )
    return _read_text(data)


def _check_kind(name: str) -> str:
    suffix = Path(name).suffix.lower()
    if suffix not in TEXT | WORD:
        hint = _HINTS.get(suffix, _OTHER)
        raise RefusedError(
            f"不读取这种文件（{suffix or '没有后缀'}）。{hint.zh}",
            f"A file of this kind ({suffix or 'no ending'}) is not read. {hint.en}",
        )
    return suffix


def _ole(data: bytes) -> RefusedError:
    if _ENCRYPTED in data:
        return RefusedError(
            "文档有密码保护，无法读取。请取消密码后重新保存（文件 → 信息 → 保护文档 → "
            "用密码进行加密，清空密码）。",
            "The document is protected by a password. Save it without one (File, Info, Protect "
            "Document, Encrypt with Password, leave it empty).",
        )
    return RefusedError(
        f"文档是 Word 97-2003 的旧格式（.doc）。{_AS_DOCX.zh}",
        f"The document has the old format of Word 97-2003 (.doc). {_AS_DOCX.en}",
    )


def _read_text(data: bytes) -> Document:
    if len(data) > MAX_TEXT:
        raise RefusedError(
            f"文本太长（上限 {MAX_TEXT >> 20} MB）。请只保留纪要内容。",
            f"The text is too long (at most {MAX_TEXT >> 20} MB). Keep only the minutes.",
        )
    from minutes.encodings import decode  # noqa: PLC0415
    from minutes.markdown import read_markdown  # noqa: PLC0415  # markdown-it likewise

    decoded = decode(data)
    notes = (decoded.note,) if decoded.note else ()
    return read_markdown(decoded.text, encoding=decoded.encoding, notes=notes)
