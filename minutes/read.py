"""Reads a file of minutes, whatever it is written in; what is no minutes is refused with a hint."""

from pathlib import Path

from minutes.document import Document, RefusedError

TEXT = frozenset((".md", ".markdown", ".txt"))
WORD = frozenset((".docx", ".docm"))
MAX_TEXT = 40 << 20  # bytes; UTF-16 takes two for a character
MAX_FILE = 64 << 20

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

_AS_DOCX = "Open it in Word, WPS or LibreOffice and save it as .docx."
_HINTS = {
    **dict.fromkeys((".doc", ".wps", ".rtf", ".odt", ".pages", ".dot", ".dotx"), _AS_DOCX),
    ".pdf": "A PDF is not read: drop the .docx or .md that it was made from.",
    **dict.fromkeys(
        (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".heic", ".tif", ".tiff", ".svg"),
        "A picture is not read: type the minutes, or let a text recognition make a .docx of it.",
    ),
    **dict.fromkeys(
        (".xlsx", ".xls", ".xlsm", ".csv", ".et", ".ods"),
        "A workbook is no minutes: name it as a tracker in the team file, or copy the table into "
        "a .docx.",
    ),
    **dict.fromkeys((".ppt", ".pptx", ".key", ".dps"), "Copy the minutes into a .docx or .md."),
    **dict.fromkeys((".html", ".htm", ".mht"), "Save the page's text as .docx or .md."),
    **dict.fromkeys((".eml", ".msg"), "Copy the text of the mail into a .docx, .md or .txt."),
    **dict.fromkeys(
        (".mp3", ".m4a", ".wav", ".mp4", ".mov"), "A recording is not read: drop its minutes."
    ),
    **dict.fromkeys((".zip", ".rar", ".7z", ".gz"), "Unpack it and drop the minutes themselves."),
}
_MAGIC = (
    (b"%PDF", _HINTS[".pdf"], "a PDF"),
    (b"{\\rtf", _AS_DOCX, "RTF"),
    (b"\x89PNG", _HINTS[".png"], "a picture"),
    (b"\xff\xd8\xff", _HINTS[".png"], "a picture"),
    (b"GIF8", _HINTS[".png"], "a picture"),
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
        raise RefusedError(f"The file cannot be read: {error.strerror or error}.") from error
    return read_bytes(data, path.name)


def read_bytes(data: bytes, name: str) -> Document:
    """Read minutes from bytes; ``name`` tells the kind.

    Raises:
        RefusedError: they are not read; the message says why and what to do.
    """
    suffix = _check_kind(name)
    if not data.strip():
        raise RefusedError("The file is empty.")
    if len(data) > MAX_FILE:
        raise RefusedError(f"The file is too large (at most {MAX_FILE >> 20} MB).")
    if data.startswith(_OLE):
        raise _ole(data)
    for magic, hint, what in _MAGIC:
        if data.startswith(magic):
            raise RefusedError(f"The file is {what}, though it is called {suffix}. {hint}")
    zipped = data.startswith(b"PK\x03\x04")
    if suffix in WORD:
        if not zipped:
            raise RefusedError(
                f"The file is no Word document, though it is called {suffix} (not a ZIP archive). "
                f"{_AS_DOCX}"
            )
        from minutes.docx import read_docx  # noqa: PLC0415  # lxml only where it is needed

        return read_docx(data)
    if zipped:
        raise RefusedError(f"The file is an archive, though it is called {suffix}. {_AS_DOCX}")
    return _read_text(data)


def _check_kind(name: str) -> str:
    suffix = Path(name).suffix.lower()
    if suffix not in TEXT | WORD:
        hint = _HINTS.get(suffix, "Save the minutes as .docx, .md or .txt.")
        raise RefusedError(f"A file of this kind ({suffix or 'no ending'}) is not read. {hint}")
    return suffix


def _ole(data: bytes) -> RefusedError:
    if _ENCRYPTED in data:
        return RefusedError(
            "The document is protected by a password. Save it without one (File, Info, Protect "
            "Document, Encrypt with Password, leave it empty)."
        )
    return RefusedError(f"The document has the old format of Word 97-2003 (.doc). {_AS_DOCX}")


def _read_text(data: bytes) -> Document:
    if len(data) > MAX_TEXT:
        raise RefusedError(f"The text is too long (at most {MAX_TEXT >> 20} MB).")
    from minutes.encodings import decode  # noqa: PLC0415
    from minutes.markdown import read_markdown  # noqa: PLC0415  # markdown-it likewise

    decoded = decode(data)
    notes = (decoded.note,) if decoded.note else ()
    return read_markdown(decoded.text, encoding=decoded.encoding, notes=notes)
