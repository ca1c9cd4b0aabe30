"""The line that a refused completion leaves in an item's note: made, and known again (D5). Pure."""

import re
from datetime import date

from mapping.said import Said

_LINE = re.compile(r"【未通过核实：.*】|\[not accepted: .*\]")


def refusal_line(reason: str, day: date, language: str) -> str:
    """Return what the owner reads in the note: one line, whatever the reason is."""
    told = " ".join(reason.split())
    return Said(f"【未通过核实：{told}，{day}】", f"[not accepted: {told}, {day}]").text(language)


def own_words(note: str | None) -> str:
    """Return what people wrote into a note, without such lines."""
    lines = (line.strip() for line in (note or "").splitlines())
    return "\n".join(line for line in lines if line and not _LINE.fullmatch(line))
