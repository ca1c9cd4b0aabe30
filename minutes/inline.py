"""The text inside a Markdown block: emphasis, links, code and HTML tags become plain text. Pure.

Line breaks are kept one for one, so that a line of the result is a line of the source. Every step
is a single scan: time grows in proportion to the text.
"""

import html
import re
import unicodedata
from collections.abc import Collection

# Signs of our own inside rendered text, taken out of the input before (see ``clean_source``).
STRIKE, UNSTRIKE, BOLD, UNBOLD, BREAK = "\x01", "\x02", "\x03", "\x04", "\x0b"

# Noncharacters stand for signs that are no mark-up (escaped, or inside code).
_LITERAL = "\\`*_~<>[]&|!#()"
_MASK = {ord(sign): chr(0xFDD0 + at) for at, sign in enumerate(_LITERAL)}
_UNMASK = {0xFDD0 + at: sign for at, sign in enumerate(_LITERAL)}

_SPECIAL = re.compile(r"[\\`*_~<\[&]")
_NOT_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufdd0-\ufdef\ufe0e\ufe0f\ufeff]"
)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_TICKS = re.compile(r"`+")
_AUTOLINK = re.compile(r"<((?:[A-Za-z][A-Za-z0-9+.-]{1,31}:|[\w.+-]{1,64}@)[^\s<>]*)>")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)((?:[\s/][^<>]*)?)>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_WIKI = re.compile(r"!?\[\[(?:[^\[\]|\n]*\|)?([^\[\]|\n]*)\]\]")
_LINK = re.compile(
    r"!?\[([^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)\]"
    r"\(\s*(?:<[^<>\n]*>|[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)"
    r"(?:\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?\s*\)"
)
_REFERENCE = re.compile(r"!?\[([^\[\]]+)\](?:\[([^\[\]]*)\])?")
_FOOTNOTE = re.compile(r"\[\^[^\[\]\s]+\]")
_STRONG = re.compile(
    r"\*\*([^*]+(?:\*(?!\*)[^*]+)*)\*\*|(?<![\w\\])__([^_]+(?:_(?!_)[^_]+)*)__(?!\w)"
)
# A mark that its face sets off from the words behind it: **Action** send the letter
_BOLD_MARK = re.compile(
    r"^(\s*)(?:\*\*|__)(action(?: item)?|to-?do)(?:\*\*|__)(?=\s+\w)", re.IGNORECASE | re.MULTILINE
)
_EMPHASIS = re.compile(
    r"(?<![\w*])\*(?![\s*])([^*\n]*[^*\s])\*(?!\*)|(?<![\w_])_(?![\s_])([^_\n]*[^_\s])_(?!\w)"
)
_STRUCK = re.compile(r"~~(?!~)([^~]+(?:~(?!~)[^~]+)*)~~(?!~)")
_STRUCK_PART = re.compile("\x01[^\x02]*\x02")
_SIGNS = re.compile("[\x01-\x04]")
_UNTIDY = re.compile("[\x0b\u3000\xa0\t]")
_BOLD_PART = re.compile("\x03[^\x04]*\x04")
_WORD = re.compile(r"\w")
_INVISIBLE = re.compile(
    "[\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufdd0-\ufdef\ufe0e\ufe0f\ufeff]"
)


def clean_source(text: str) -> str:
    """Remove from a whole text what nobody sees, and compose it; tabs and line ends stay."""
    return unicodedata.normalize("NFC", _NOT_TEXT.sub("", text))


def clean_marked(text: str) -> str:
    """Clean likewise a text that already holds our own signs."""
    return text if text.isascii() else unicodedata.normalize("NFC", _INVISIBLE.sub("", text))


def render(raw: str, references: Collection[str] = ()) -> str:
    """Return the text of a block with signs for struck and bold parts and for breaks.

    Args:
        raw: the block's Markdown; may hold line ends.
        references: folded labels of the document's link definitions.
    """
    if not _SPECIAL.search(raw):
        return raw
    text = raw
    if "\\" in text:
        text = _ESCAPE.sub(lambda found: found[1].translate(_MASK), text)
    if "`" in text:
        text = _code(text)
    if "<" in text:
        text = _tags(text)
    if "&" in text:
        text = _ENTITY.sub(
            lambda found: _NOT_TEXT.sub("", html.unescape(found[0])).translate(_MASK), text
        )
    if "[" in text:
        text = _links(text, references)
    if "**" in text or "__" in text:
        text = _BOLD_MARK.sub(r"\1\2:", text)
        text = _STRONG.sub(lambda found: _span(found[1] or found[2], BOLD, UNBOLD), text)
    if "*" in text or "_" in text:
        text = _EMPHASIS.sub(lambda found: found[1] or found[2], text)
    if "~~" in text:
        text = _STRUCK.sub(lambda found: _span(found[1], STRIKE, UNSTRIKE), text)
    return text.translate(_UNMASK)


def plain(rendered: str) -> tuple[str, bool, bool]:
    """Return (text, struck, bold) of rendered text.

    Struck parts are left out; if nothing else is there they are kept and ``struck`` is true.
    """
    struck = bold = False
    if _SIGNS.search(rendered):
        if STRIKE in rendered:
            kept = _STRUCK_PART.sub("", rendered)
            struck = not _WORD.search(kept)
            rendered = rendered if struck else kept
            rendered = rendered.replace(STRIKE, "").replace(UNSTRIKE, "")
        bold = BOLD in rendered and not _WORD.search(_BOLD_PART.sub("", rendered))
        rendered = _SIGNS.sub("", rendered)
    return tidy(rendered), struck, bold


def tidy(text: str) -> str:
    """Make blanks plain and breaks line ends."""
    if not _UNTIDY.search(text):
        return text.strip()
    return (
        text.replace(BREAK, "\n")
        .replace("\u3000", " ")
        .replace("\xa0", " ")
        .replace("\t", "  ")
        .strip()
    )


def _span(text: str, start: str, end: str) -> str:
    """Mark each line by itself, so that a line can be taken alone."""
    return start + text.strip(" ").replace("\n", f"{end}\n{start}") + end


def _code(text: str) -> str:
    """Take the ticks off code spans; what is inside stays as it is."""
    runs = list(_TICKS.finditer(text))
    later: dict[int, list[int]] = {}
    for at in range(len(runs) - 1, -1, -1):
        later.setdefault(len(runs[at][0]), []).append(at)
    out: list[str] = []
    done, skip = 0, -1
    for at, run in enumerate(runs):
        same = later[len(run[0])]
        while same and same[-1] <= at:
            same.pop()
        if at <= skip or not same:
            continue
        skip = same.pop()
        out += (text[done : run.start()], text[run.end() : runs[skip].start()].translate(_MASK))
        done = runs[skip].end()
    return "".join((*out, text[done:]))


def _tags(text: str) -> str:
    text = drop_comments(text)
    text = _AUTOLINK.sub(lambda found: found[1].translate(_MASK), text)
    return _TAG.sub(_tag, text)


def drop_comments(text: str) -> str:
    """Remove HTML comments but keep their line ends."""
    at = text.find("<!--")
    out: list[str] = []
    done = 0
    while at >= 0:
        end = text.find("-->", at + 4)
        if end < 0:
            break
        out += (text[done:at], "\n" * text.count("\n", at, end))
        done = end + 3
        at = text.find("<!--", done)
    return "".join((*out, text[done:])) if done else text


def _tag(found: re.Match[str]) -> str:
    closing, name, rest = found[1], found[2].lower(), found[3]
    ends = "\n" * found[0].count("\n")
    if name in ("br", "p", "div", "li", "tr"):
        return (BREAK if name == "br" or closing else "") + ends
    if name in ("del", "s", "strike"):
        return (UNSTRIKE if closing else STRIKE) + ends
    if name in ("b", "strong"):
        return (UNBOLD if closing else BOLD) + ends
    if name == "input" and "checkbox" in rest.lower():
        return ("☑" if "checked" in rest.lower() else "☐") + ends
    return ends


def _links(text: str, references: Collection[str]) -> str:
    if "[[" in text:
        text = _WIKI.sub(lambda found: found[1], text)
    if "](" in text:
        text = _LINK.sub(lambda found: _same_lines(found[0], found[1]), text)
        text = _LINK.sub(lambda found: _same_lines(found[0], found[1]), text)  # an image in a link
    if "[^" in text:
        text = _FOOTNOTE.sub("", text)
    if references:
        text = _REFERENCE.sub(lambda found: _resolve(found, references), text)
    return text


def _resolve(found: re.Match[str], references: Collection[str]) -> str:
    label = found[2] or found[1]
    return (
        _same_lines(found[0], found[1])
        if " ".join(label.split()).casefold() in references
        else found[0]
    )


def _same_lines(before: str, after: str) -> str:
    return after + "\n" * (before.count("\n") - after.count("\n"))
