"""What lists of those who were there hold beside names: firms, groups, sentences. Pure."""

import re
from collections.abc import Sequence

from minutes.sections import Line

_BRACKET = re.compile(r"[(（\[]([^()（）\[\]]*)[)）\]]")
NO_NAME = re.compile(r"[a-zA-Z]|[\d\W]+")
BEFORE_NAME = re.compile(r"^[A-Z][A-Za-z]*(?: [A-Za-z]+){0,2}: ?(?=[A-Z])")  # Crew lead: Ann Lee


def without_firms(texts: Sequence[str]) -> list[str]:
    """Return the entries of a list without the firms, where nearly all are a name and a firm."""
    pairs = [_BRACKET.sub("", text).split(", ") for text in texts]
    firms = sum(len(pair) == 2 and " " in pair[0] for pair in pairs)
    if len(texts) < 3 or firms * 3 < len(texts) * 2 or any(len(pair) > 3 for pair in pairs):
        return list(texts)
    return [text.split(", ")[0] for text in texts]


def is_sentence(line: Line) -> bool:
    """Say whether a line of running text is a sentence, not names."""
    if line.depth >= 0 or line.label or not re.search(r"[.:]\s*$", line.text):
        return False
    return len(re.findall(r"\b(?!and\b)[a-z]{2,}\b", line.text)) >= 3
