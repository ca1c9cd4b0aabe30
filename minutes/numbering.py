"""Automatic numbers and bullets of a DOCX file, counted as Word counts them."""

from dataclasses import dataclass
from typing import Any

from minutes.ooxml import Package, W
from minutes.styles import Style

_VAL = f"{W}val"
_DIGITS = "〇一二三四五六七八九"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
          (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_HAN_FORMATS = frozenset((
    "chineseCounting", "chineseCountingThousand", "ideographDigital", "taiwaneseCounting",
    "taiwaneseCountingThousand", "japaneseCounting", "chineseLegalSimplified", "taiwaneseDigital",
    "ideographLegalTraditional", "koreanCounting", "japaneseDigitalTenThousand",
))  # fmt: skip
# Bullets that are empty boxes: Wingdings and Symbol keep them in the private area.
_BOXES = frozenset("□☐❑❒\uf0a8\uf06f")


@dataclass(frozen=True, slots=True)
class _Level:
    form: str = "decimal"
    text: str = ""
    start: int = 1


class Numbering:
    """The lists of one document and how far each has counted."""

    def __init__(self, package: Package) -> None:
        self._lists: dict[str, tuple[str, dict[int, _Level]]] = {}  # numId -> (counter, levels)
        self._counts: dict[str, list[int]] = {}
        self._current: tuple[str, bool] = ("", False)
        self.group = 0
        for part in package.related("/numbering")[:1]:
            root = package.xml(part)
            if root is not None:
                self._read(root)

    def _read(self, root: Any) -> None:
        abstract: dict[str, dict[int, _Level]] = {}
        for element in root.iter(f"{W}abstractNum"):
            levels = {_index(level): _level(level) for level in element.findall(f"{W}lvl")}
            abstract[element.get(f"{W}abstractNumId") or ""] = levels
        for element in root.iter(f"{W}num"):
            name = element.get(f"{W}numId") or ""
            base = _value(element.find(f"{W}abstractNumId"))
            levels, counter = dict(abstract.get(base, {})), f"abstract {base}"
            for override in element.findall(f"{W}lvlOverride"):
                at = _index(override)
                own, start = override.find(f"{W}lvl"), override.find(f"{W}startOverride")
                if own is not None:
                    levels[at] = _level(own)
                if start is not None:
                    counter = f"num {name}"
                    old = levels.get(at, _Level())
                    levels[at] = _Level(old.form, old.text, _number(_value(start), 1))
            self._lists[name] = (counter, levels)

    def count(
        self, properties: Any | None, style: Style
    ) -> tuple[int, str | None, str | None] | None:
        """Count a paragraph: (depth, number, box) of a list item, None if it is none."""
        own = properties.find(f"{W}numPr") if properties is not None else None
        name = _value(own.find(f"{W}numId")) if own is not None else ""
        level = _value(own.find(f"{W}ilvl")) if own is not None else ""
        if style.numbering is not None:
            name = name or _value(style.numbering.find(f"{W}numId"))
            level = level or _value(style.numbering.find(f"{W}ilvl"))
        if not name or name == "0" or name not in self._lists:
            self._current = ("", False)
            return None
        depth = min(8, _number(level, 0))
        counter, levels = self._lists[name]
        counts = self._counts.setdefault(counter, [])
        for at in range(len(counts), depth + 1):
            counts.append(levels.get(at, _Level()).start - 1)
        counts[depth] += 1
        del counts[depth + 1 :]
        first = depth == 0 and counts[0] == levels.get(0, _Level()).start
        if self._current[0] != name or first:
            self.group += self._current[0] != name or first
        self._current = (name, True)
        kind = levels.get(depth, _Level())
        if kind.form in ("bullet", "none") or not kind.text:
            return depth, None, " " if kind.text in _BOXES and kind.text else None
        return depth, in_form(counts[depth], kind.form), None


def _level(element: Any) -> _Level:
    form = _value(element.find(f"{W}numFmt")) or "decimal"
    return _Level(
        form, _value(element.find(f"{W}lvlText")), _number(_value(element.find(f"{W}start")), 1)
    )


def _index(element: Any) -> int:
    return min(8, _number(element.get(f"{W}ilvl") or "", 0))


def _value(element: Any | None) -> str:
    return (element.get(_VAL) or "") if element is not None else ""


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else otherwise


def in_form(value: int, form: str) -> str:
    """Write a number in a format of Word; decimal where the format has no sign for it."""
    if form in _HAN_FORMATS and 0 < value < 100:
        tens, ones = divmod(value, 10)
        ten = "" if not tens else ("十" if tens == 1 else f"{_DIGITS[tens]}十")
        return ten + (_DIGITS[ones] if ones else "")
    if form.startswith("decimalEnclosedCircle") and 0 < value <= len(_CIRCLED):
        return _CIRCLED[value - 1]
    if form in ("lowerLetter", "upperLetter") and 0 < value <= 26:
        letter = chr(ord("a") + value - 1)
        return letter if form == "lowerLetter" else letter.upper()
    if form in ("lowerRoman", "upperRoman") and 0 < value < 400:
        out = ""
        for size, sign in _ROMAN:
            out += sign * (value // size)
            value %= size
        return out if form == "lowerRoman" else out.upper()
    return str(value)
