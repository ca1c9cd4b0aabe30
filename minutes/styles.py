"""Paragraph and character styles of a DOCX file, with what they inherit."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from minutes.ooxml import Package, W

_VAL = f"{W}val"
_HEADING = re.compile(r"(?:heading|标题|標題|überschrift|titre)\s*([1-9])", re.IGNORECASE)
_TITLE = frozenset(("title", "标题", "標題"))
_MAX_CHAIN = 12


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks, as far as it changes what the text says."""

    bold: bool = False
    struck: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Style:
    """A style with what it inherits.

    Attributes:
        level: heading level 1-6; None for text.
        numbering: the ``numPr`` element it brings.
    """

    name: str = ""
    level: int | None = None
    look: Look = field(default_factory=Look)
    numbering: Any | None = None


_PLAIN = Style()


class Styles:
    """The styles of one document, resolved when asked for."""

    def __init__(self, package: Package) -> None:
        self._elements: dict[str, Any] = {}
        self._default = ""
        self._known: dict[str, Style] = {}
        for part in package.related("/styles")[:1]:
            root = package.xml(part)
            for element in root.iter(f"{W}style") if root is not None else ():
                name = element.get(f"{W}styleId") or ""
                self._elements[name] = element
                if element.get(f"{W}type") == "paragraph" and element.get(f"{W}default") in (
                    "1",
                    "true",
                    "on",
                ):
                    self._default = name

    def paragraph(self, properties: Any | None) -> Style:
        """Return the style of a paragraph, its own outline level included."""
        if properties is None:
            return self.resolve(self._default)
        named = properties.find(f"{W}pStyle")
        style = self.resolve(named.get(_VAL) or "" if named is not None else self._default)
        outline = properties.find(f"{W}outlineLvl")
        if outline is not None:
            return replace(style, level=_level(outline))
        return style

    def run(self, properties: Any, style: Style) -> Look:
        """Return the look of a run inside a paragraph of this style."""
        look = style.look
        named = properties.find(f"{W}rStyle")
        if named is not None:
            own = self.resolve(named.get(_VAL) or "").look
            look = Look(look.bold or own.bold, look.struck or own.struck, look.hidden or own.hidden)
        return _look(properties, look)

    def resolve(self, name: str) -> Style:
        """Return a style by its id; an unknown one is judged by its name."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._resolved(name)
        return known

    def _resolved(self, name: str) -> Style:
        chain: list[Any] = []
        at = name
        while at in self._elements and len(chain) < _MAX_CHAIN:
            element = self._elements[at]
            if any(element is seen for seen in chain):
                break
            chain.append(element)
            based = element.find(f"{W}basedOn")
            at = based.get(_VAL) or "" if based is not None else ""
        if not chain:
            return Style(name=name, level=_named_level(name)) if name else _PLAIN
        style = _PLAIN
        for element in reversed(chain):
            title = element.find(f"{W}name")
            own = title.get(_VAL) or "" if title is not None else ""
            level = _named_level(own)
            properties = element.find(f"{W}pPr")
            numbering = style.numbering
            if properties is not None:
                outline = properties.find(f"{W}outlineLvl")
                level = _level(outline) if outline is not None and level is None else level
                found = properties.find(f"{W}numPr")
                numbering = found if found is not None else numbering
            look = element.find(f"{W}rPr")
            style = Style(
                own or name,
                level if level is not None else style.level,
                _look(look, style.look) if look is not None else style.look,
                numbering,
            )
        return style


def flag(element: Any | None) -> bool:
    """Say whether a switch such as ``<w:b/>`` is on."""
    return element is not None and element.get(_VAL) not in ("0", "false", "off", "none")


def _look(properties: Any, look: Look) -> Look:
    bold, struck, hidden = look.bold, look.struck, look.hidden
    for element in properties:
        tag = element.tag
        if tag == f"{W}b":
            bold = flag(element)
        elif tag in (f"{W}strike", f"{W}dstrike"):
            struck = flag(element)
        elif tag in (f"{W}vanish", f"{W}webHidden"):
            hidden = flag(element) and tag == f"{W}vanish"
    return Look(bold, struck, hidden)


def _named_level(name: str) -> int | None:
    found = _HEADING.fullmatch(name.strip())
    if found:
        return min(6, int(found[1]))
    return 1 if name.strip().lower() in _TITLE else None


def _level(outline: Any) -> int | None:
    value = outline.get(_VAL) or ""
    return min(6, int(value) + 1) if value.isdigit() and len(value) == 1 and value != "9" else None
