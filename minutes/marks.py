"""Marks that people put before a line: numbers, bullets, check boxes. Pure.

CommonMark knows ``1.`` and ``- [ ]``; people also write １．、1、一、（二）① □ 【 】 and many more.
"""

import re
import unicodedata
from dataclasses import dataclass

# What stands in a box, and signs that are a box by themselves -> the box of the document model.
_INSIDE = {
    **dict.fromkeys(("", " "), " "),
    **dict.fromkeys(("x", "X", "✓", "✔", "√", "v", "V", "×x", "☑", "✅"), "x"),
    **dict.fromkeys(("/", "~"), "/"),
    **dict.fromkeys(("-", "×", "✗", "✘"), "-"),
    **dict.fromkeys((">", "→"), ">"),
}
BOX_SIGNS = {
    **dict.fromkeys("□☐◻⬜❏❑▢🔲❐❒", " "),
    **dict.fromkeys("☑☒✅✔✓√🗹🗸", "x"),
    **dict.fromkeys("❌✗✘🗷", "-"),
}
_SIGNS = "".join(BOX_SIGNS)
_BOX = re.compile(
    rf"(?:(?P<sign>[{_SIGNS}])|[\[［【](?P<inside>\s*[^\s\]］】]?\s*)[\]］】](?![\(\[:：])"
    r"|[（(](?P<round>\s+|\s*[xX✓✔√]\s*)[)）])\s*"
)
_HAN = "一二三四五六七八九十百"
_CIRCLED = "①-⑳❶-❿➀-➉➊-➓㉑-㉟㊱-㊿⑴-⒇⒈-⒛㈠-㈩⓵-⓾"
_NUMBER = re.compile(
    rf"(?:(?P<han>[{_HAN}]{{1,4}})\s*(?:、|[．.](?![\d０-９]))"
    rf"|[（(]\s*(?P<hanround>[{_HAN}]{{1,4}})\s*[)）](?:[、．.])?"
    r"|(?P<digit>[\d０-９]{1,3})\s*(?:、|．(?![\d０-９])|\.(?=\s|$|[A-Z@\"'(\[*]|(?![\d０-９])[^\x00-\x7f]))"
    r"|(?P<half>[\d０-９]{1,3})\s*[)）]"
    r"|[（(]\s*(?P<round>[\d０-９]{1,3})\s*[)）](?:[、．.])?"
    rf"|(?P<circled>[{_CIRCLED}])(?:[、．.])?"
    r"|(?P<letter>[a-zA-Z])[)）](?=\s|[^\x00-\x7f])"
    r"|[（(](?P<letterround>[a-z])[)）](?=\s|[^\x00-\x7f]))\s*"
)
_BULLET = re.compile(r"(?:[-*+–—○](?=\s)|[•●◦▪▫■◆◇►▸▶➢➤·∙・‣⁃◎](?=\s|[^\W_]|[\[【（《“@]))\s*")


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands before a line.

    Attributes:
        style: the kind of mark (``han``, ``digit``, ``bullet`` ...): equal in siblings of a list.
        number: as written, digits as ASCII; None for a bullet or a box.
        box: as in ``ListItem``.
        text: the line after the mark.
    """

    style: str
    number: str | None
    box: str | None
    text: str


def split_box(text: str) -> tuple[str | None, str]:
    """Take a check box off the head of a line; (None, text) if there is none."""
    found = _BOX.match(text)
    if not found:
        return None, text
    if found["sign"]:
        box = BOX_SIGNS.get(found["sign"])
    else:
        inside = found["inside"] if found["inside"] is not None else found["round"]
        box = _INSIDE.get(inside.strip())
    return (box, text[found.end() :]) if box is not None else (None, text)


def split_mark(text: str) -> Mark | None:
    """Take bullet, number and box, in any order, off the head of a line; None without any."""
    style, number, box = "", None, None
    rest = text.lstrip()
    for _ in range(3):
        if box is None:
            box, rest = split_box(rest)
            style = style or ("box" if box is not None else "")
        if number is None and (found := _NUMBER.match(rest)):
            kind = found.lastgroup or "digit"
            number = (
                found[kind] if kind == "circled" else unicodedata.normalize("NFKC", found[kind])
            )
            style, rest = kind, rest[found.end() :]
        elif not style and (found := _BULLET.match(rest)):
            style, rest = "bullet", rest[found.end() :]
        elif style == "box" and (found := _BULLET.match(rest)):
            rest = rest[found.end() :]
    return Mark(style, number, box, rest) if style else None
