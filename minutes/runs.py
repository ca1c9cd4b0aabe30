"""The text of a DOCX paragraph: runs, fields, content controls, changes, check boxes."""

import re
from dataclasses import dataclass, field
from typing import Any

from minutes.document import nested_too_deeply
from minutes.inline import BOLD, STRIKE, UNBOLD, UNSTRIKE, clean_marked, clean_source, tidy
from minutes.ooxml import Package, W
from minutes.styles import Look, Style, Styles, flag

MAX_DEPTH = 40
_MAX_DRAWING_DEPTH = 200

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"

ALTERNATE, SDT, CONTENT = f"{_MC}AlternateContent", f"{W}sdt", f"{W}sdtContent"
P, PPR, RPR, VAL = f"{W}p", f"{W}pPr", f"{W}rPr", f"{W}val"
_R, _T = f"{W}r", f"{W}t"
# What is gone once all changes are accepted, and what is no text.
GONE = frozenset(
    (f"{W}del", f"{W}moveFrom", f"{W}rt", f"{W}sdtPr", f"{W}sdtEndPr", f"{W}tblPr", f"{W}trPr",
     f"{W}tcPr", PPR, RPR)
)  # fmt: skip
_DRAWINGS = frozenset((f"{W}drawing", f"{W}pict", f"{W}object", ALTERNATE))
_REFERENCES = {
    f"{W}commentReference": ("/comments", f"{W}comment"),
    f"{W}footnoteReference": ("/footnotes", f"{W}footnote"),
    f"{W}endnoteReference": ("/endnotes", f"{W}endnote"),
}
_SIGNS = {
    f"{W}tab": "\t",
    f"{W}ptab": "\t",
    f"{W}br": "\n",
    f"{W}cr": "\n",
    f"{W}noBreakHyphen": "-",
}
# Signs of the Wingdings fonts, by their code there.
_WINGDINGS = {
    **dict.fromkeys("\xfe\xfd\x52\x54\x78", "☒"),
    **dict.fromkeys("\xa8\x6f\x71\x72\xa3", "☐"),
    **dict.fromkeys("\xfc\x50", "✓"),
    **dict.fromkeys("\xfb\x4f", "✗"),
    "\xe0": "→",
}


@dataclass(slots=True)
class Told:
    """What a paragraph tells.

    Attributes:
        text: rendered (see ``minutes.inline``).
        boxes: its text boxes, each an element with blocks of its own.
        notes: comments, footnotes and endnotes that it refers to.
    """

    text: str = ""
    boxes: list[Any] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Runs:
    """Reads the text of paragraphs; one for a document."""

    def __init__(self, package: Package, styles: Styles) -> None:
        self._styles = styles
        self._asides = _asides(package)

    def read(self, paragraph: Any, style: Style) -> Told:
        """Read one paragraph of the given style."""
        reading = _Reading(self._styles, self._asides, style)
        reading.inside(paragraph, reading.out, 0)
        reading.told.text = clean_marked("".join(reading.out))
        return reading.told


class _Reading:
    """One paragraph being read."""

    def __init__(self, styles: Styles, asides: dict[tuple[str, str], str], style: Style) -> None:
        self.styles = styles
        self.asides = asides
        self.style = style
        self.out: list[str] = []
        self.told = Told()
        self.fields: list[bool] = []  # of each open field: is its result being told?

    def inside(self, parent: Any, out: list[str], depth: int) -> None:
        """Add the text inside an element."""
        if depth > MAX_DEPTH:
            raise nested_too_deeply()
        for element in parent:
            tag = element.tag
            if tag == _R:
                self._run(element, out)
            elif tag == SDT:
                box = check_box(element)
                if box:
                    out.append(box)
                elif not is_placeholder(element):
                    self.inside(content_of(element), out, depth + 1)
            elif tag == ALTERNATE:
                self.inside(chosen(element), out, depth + 1)
            elif tag == _MATH_TEXT:
                out.append(element.text or "")
            elif tag not in GONE and tag != P and len(element):
                self.inside(element, out, depth + 1)

    def _run(self, run: Any, out: list[str]) -> None:
        properties = run.find(RPR)
        look = self.style.look
        if properties is not None:
            look = self.styles.run(properties, self.style)
        if look.hidden:
            return
        parts: list[str] = []
        for element in run:
            tag = element.tag
            if tag == _T:
                if False not in self.fields:
                    parts.append(element.text or "")
            elif tag in _SIGNS:
                parts.append(_SIGNS[tag])
            elif tag == f"{W}sym":
                parts.append(_symbol(element))
            elif tag == f"{W}fldChar":
                parts.append(_field(element, self.fields))
            elif tag in _REFERENCES:
                note = self.asides.get((tag, element.get(f"{W}id") or ""))
                self.told.notes += (note,) if note else ()
            elif tag in _DRAWINGS:
                self.told.boxes += _text_boxes(element, 0)
            elif tag == f"{W}ruby":
                self.inside(element, parts, 1)
        text = "".join(parts)
        if text:
            out.append(_shown(text, look))


def _shown(text: str, look: Look) -> str:
    """Set the signs of struck and bold text, line by line."""
    if not text.strip():
        return text
    if look.struck:
        text = STRIKE + text.replace("\n", f"{UNSTRIKE}\n{STRIKE}") + UNSTRIKE
    return BOLD + text + UNBOLD if look.bold else text


def content_of(control: Any) -> Any:
    """Return the content of a content control."""
    content = control.find(CONTENT)
    return () if content is None else content


def is_placeholder(control: Any) -> bool:
    """Say whether a content control shows its prompt ('click here to enter text')."""
    return flag(control.find(f"{W}sdtPr/{W}showingPlcHdr"))


def check_box(control: Any) -> str:
    """Return the sign of a content control that is a check box, nothing for another."""
    box = control.find(f"{W}sdtPr/{_W14}checkbox")
    if box is None:
        return ""
    checked = box.find(f"{_W14}checked")
    on = checked is not None and (checked.get(f"{_W14}val") or "1") in ("1", "true", "on")
    return "☒" if on else "☐"


def chosen(alternate: Any) -> Any:
    """Return one of two alternatives, the newer if it holds anything: never both."""
    choice = alternate.find(f"{_MC}Choice")
    fallback = alternate.find(f"{_MC}Fallback")
    if fallback is not None and (choice is None or len(choice) == 0):
        return fallback
    return () if choice is None else choice


def _text_boxes(element: Any, depth: int) -> list[Any]:
    if depth > _MAX_DRAWING_DEPTH:
        raise nested_too_deeply()
    if element.tag == f"{W}txbxContent":
        return [element]
    inner = chosen(element) if element.tag == ALTERNATE else element
    return [box for child in inner for box in _text_boxes(child, depth + 1)]


def _symbol(element: Any) -> str:
    code = element.get(f"{W}char") or ""
    if not re.fullmatch(r"[0-9A-Fa-f]{1,5}", code):
        return ""
    value = int(code, 16)
    if "wingdings" in (element.get(f"{W}font") or "").lower():
        return _WINGDINGS.get(chr(value & 0xFF), "")
    return "" if value < 0x20 or 0xD800 <= value <= 0xF8FF else chr(value)


def _field(element: Any, fields: list[bool]) -> str:
    """Follow a field; a form's box or chosen entry is its text."""
    kind = element.get(f"{W}fldCharType")
    if kind == "begin":
        fields.append(False)
        form = element.find(f"{W}ffData")
        return _form(form) if form is not None else ""
    if kind == "separate" and fields:
        fields[-1] = True
    elif kind == "end" and fields:
        fields.pop()
    return ""


def _form(form: Any) -> str:
    box = form.find(f"{W}checkBox")
    if box is not None:
        state = box.find(f"{W}checked")
        return "☒" if flag(state if state is not None else box.find(f"{W}default")) else "☐"
    choice = form.find(f"{W}ddList")
    if choice is None:
        return ""
    entries = [entry.get(VAL) or "" for entry in choice.findall(f"{W}listEntry")]
    picked = choice.find(f"{W}result")
    at = (picked.get(VAL) or "") if picked is not None else "0"
    known = at.isascii() and at.isdigit() and len(at) < 6 and int(at) < len(entries)
    return entries[int(at)] if known else ""


def _asides(package: Package) -> dict[tuple[str, str], str]:
    """Return the text of comments and notes by (tag of the reference, id)."""
    asides: dict[tuple[str, str], str] = {}
    for reference, (ending, tag) in _REFERENCES.items():
        for part in package.related(ending)[:1]:
            root = package.xml(part)
            for note in root.iter(tag) if root is not None else ():
                lines = ["".join(t.text or "" for t in p.iter(_T)) for p in note.iter(P)]
                text = tidy(clean_source("\n".join(line for line in lines if line.strip())))
                author = note.get(f"{W}author")
                if text:
                    text = f"{author}: {text}" if author else text
                    asides[reference, note.get(f"{W}id") or ""] = text
    return asides
