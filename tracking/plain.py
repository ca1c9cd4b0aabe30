"""What documents and tools say, made fit for one line of plain text. Pure."""

import re

from mapping.words import clean

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~&#$!])")
LENGTH = 200  # characters of a text that stands among others


def line(text: str | None, longest: int = LENGTH) -> str:
    """Return a text as one line without control characters, cut with ``…`` where it is long."""
    head = (text or "")[: 4 * longest + 1000]  # cleaning what is cut off anyway costs time
    return cut(re.sub(r"\s+", " ", clean(re.sub(r"\s", " ", head))).strip(), longest)


def cut(text: str, longest: int) -> str:
    """Return a text of at most ``longest`` characters."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def percent(share: float, goal: float | None = None) -> str:
    """Return a share in per cent, with the decimals that it needs.

    Args:
        share: between 0 and 1.
        goal: what it is shown beside; then only those that tell whether it is reached.
    """
    text = ""
    for digits in range(4):
        text = f"{share:.{digits}%}"
        shown = round(float(text[:-1]) / 100, 6)
        if shown == share if goal is None else (shown >= goal) == (share >= goal):
            break
    return text


def escaped(text: str) -> str:
    """Return a line as Markdown that shows it as it is, within a line or a table's cell."""
    return _SPECIAL.sub(r"\\\1", text)
