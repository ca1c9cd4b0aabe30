"""Which encoding a text file has: a ladder from certain to likely. Pure."""

import re
from dataclasses import dataclass

from mapping.said import Said
from minutes.document import RefusedError

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_HIGH = re.compile("[^\x00-\x7f]")
_SAMPLE = 200_000  # characters looked at where a share is counted


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text file after decoding.

    Attributes:
        note: what a reader should be told; None for sound UTF-8.
    """

    text: str
    encoding: str
    note: Said | None = None


def decode(data: bytes) -> Decoded:
    """Turn bytes into text.

    Raises:
        RefusedError: the bytes are no text.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            text = data[len(bom) :].decode(encoding, errors="replace")
            return _checked(text, encoding, _note(encoding) if encoding != "utf-8" else None)
    if b"\x00" in data[:_SAMPLE]:
        return _wide(data)
    try:
        return _checked(data.decode("utf-8"), "utf-8", None)
    except UnicodeDecodeError:
        return _legacy(data)


def _note(encoding: str) -> Said:
    return Said(
        f"文件不是 UTF-8 编码，已按 {encoding.upper()} 读取。如有乱码，请另存为 UTF-8。",
        f"The file is not UTF-8; it was read as {encoding.upper()}. "
        "If words look wrong, save it as UTF-8.",
    )


def _checked(text: str, encoding: str, note: Said | None) -> Decoded:
    sample = text[:_SAMPLE]
    if len(_CONTROL.findall(sample)) > len(sample) // 100 or (
        sample.count("\ufffd") > 2 + len(sample) // 20
    ):
        raise _no_text()
    return Decoded(text, encoding, note)


def _wide(data: bytes) -> Decoded:
    """Decode UTF-16 without a byte order mark; blanks and line ends show which byte is first."""
    sample = data[:_SAMPLE]
    little = sum(sample.count(sign) for sign in (b"\n\x00", b" \x00", b"\r\x00"))
    big = sum(sample.count(sign) for sign in (b"\x00\n", b"\x00 ", b"\x00\r"))
    for encoding in ("utf-16-le", "utf-16-be") if little >= big else ("utf-16-be", "utf-16-le"):
        if len(data) % 2:
            break
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text and _usual_share(text[:_SAMPLE]) > 0.7:
            return _checked(text, encoding, _note(encoding))
    raise _no_text()


def _no_text() -> RefusedError:
    return RefusedError(
        "文件不是文本（含有二进制数据）。请把会议纪要另存为 .md、.txt 或 .docx。",
        "The file is no text (it holds binary data). Save the minutes as .md, .txt or .docx.",
    )


def _usual_share(text: str) -> float:
    """Return the share of what minutes are made of: ASCII, CJK and its punctuation."""
    usual = len(re.findall("[\t\n\r -~\u2010-\u2027\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]", text))
    return usual / max(1, len(text))


def _legacy(data: bytes) -> Decoded:
    damaged = data.decode("utf-8", errors="replace")
    broken, sound = damaged.count("\ufffd"), len(_HIGH.findall(damaged))
    if broken <= 2 + sound // 50 and sound - broken >= 10 * broken:
        note = Said(
            "文件是 UTF-8 编码，但有损坏的地方，显示为 \ufffd；请核对这些文字。",
            "The file is UTF-8 with damaged places, shown as \ufffd; check the words there.",
        )
        return _checked(damaged, "utf-8", note)
    best, best_share = "", 0.0
    for encoding in ("gb18030", "cp950", "big5hkscs"):
        share = _level_one(data[:_SAMPLE], encoding)
        if share > best_share + 0.001:
            best, best_share = encoding, share
    if best_share < 0.5:
        best = "cp1252"
    text = data.decode(best, errors="replace")
    return _checked(text, best, _note({"cp950": "big5"}.get(best, best)))


def _level_one(data: bytes, encoding: str) -> float:
    """Return the share of everyday characters (level 1 of the set) among all beyond ASCII."""
    text = data.decode(encoding, errors="replace")
    high = [sign for sign in text if sign > "\x7f"]
    if not high:
        return 0.0
    good = 0
    for sign in high:
        if sign == "\ufffd":
            good -= 2
            continue
        try:
            code = sign.encode("gb2312" if encoding == "gb18030" else encoding)
        except UnicodeEncodeError:
            continue
        if len(code) != 2:
            continue
        value = code[0] << 8 | code[1]
        good += 0xB0A1 <= value <= 0xD7F9 if encoding == "gb18030" else 0xA440 <= value <= 0xC67E
        good += value in _PUNCTUATION[encoding == "gb18030"]
    return good / len(high)


_SIGNS = "，。、：；！？（）《》“”‘’—…【】「」『』～·０１２３４５６７８９％＋－．／　①②③④⑤⑥⑦⑧⑨⑩"


def _codes(encoding: str) -> frozenset[int]:
    codes = (sign.encode(encoding, errors="ignore") for sign in _SIGNS)
    return frozenset(code[0] << 8 | code[1] for code in codes if len(code) == 2)


_PUNCTUATION = (_codes("cp950"), _codes("gb2312"))
