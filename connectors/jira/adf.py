"""Rich text of Jira Cloud ("Atlassian Document Format") and plain text, both ways. Pure.

"Document structure" (developer.atlassian.com, read 2026-11). A text that we write comes back as it
was: a paragraph for each blank line in it, a hard break for each other end of a line. What people
write is read as its words.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_BLOCKS = frozenset({"paragraph", "heading", "codeBlock", "mediaSingle", "mediaGroup", "rule"})
_ATTRIBUTES = {
    "mention": ("text", "id"),
    "emoji": ("text", "shortName"),
    "status": ("text",),
    "inlineCard": ("url",),
    "blockCard": ("url",),
    "embedCard": ("url",),
    "placeholder": ("text",),
}


def document(text: str) -> dict[str, Any] | None:
    """Return a text as a document; None for nothing."""
    if not text:
        return None
    content = [{"type": "paragraph", "content": _lines(part)} for part in text.split("\n\n")]
    return {"type": "doc", "version": 1, "content": content}


def _lines(part: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for n, line in enumerate(part.split("\n")):
        if n:
            found.append({"type": "hardBreak"})
        if line:  # an empty text is refused
            found.append({"type": "text", "text": line})
    return found


def text_of(node: Any) -> str:
    """Return a document as people read it."""
    if isinstance(node, str):
        return node
    content = _content(node)
    return _joined(content) if content else ""


def _content(node: Any) -> list[Mapping[str, Any]]:
    content = node.get("content") if isinstance(node, dict) else None
    return [c for c in content if isinstance(c, dict)] if isinstance(content, list) else []


def _joined(blocks: list[Mapping[str, Any]]) -> str:
    return "\n\n".join(_block(block) for block in blocks)


def _block(node: Mapping[str, Any]) -> str:
    kind, content = node.get("type"), _content(node)
    match kind:
        case "bulletList" | "orderedList":
            marks = [
                f"{n}. " if kind == "orderedList" else "- " for n in range(1, len(content) + 1)
            ]
            return "\n".join(m + _tight(item) for m, item in zip(marks, content, strict=True))
        case "taskList" | "decisionList":
            return "\n".join("- " + _inline(item) for item in content)
        case "table":
            return "\n".join(" | ".join(_tight(c) for c in _content(row)) for row in content)
        case "panel" | "blockquote" | "expand" | "nestedExpand" | "layoutSection" | "layoutColumn":
            return _joined(content)
        case "rule":
            return "---"
        case _:
            return _inline(node)


def _tight(node: Mapping[str, Any]) -> str:
    """Return an item of a list, or a cell, without blank lines between its blocks."""
    return "\n".join(_block(block) for block in _content(node))


def _inline(node: Mapping[str, Any]) -> str:
    kind = str(node.get("type") or "")
    attributes = node.get("attrs")
    told = attributes if isinstance(attributes, dict) else {}
    if kind == "text":
        return str(node.get("text") or "")
    if kind == "hardBreak":
        return "\n"
    if kind == "date":
        return _day(told.get("timestamp"))
    if kind in _ATTRIBUTES:
        return next((str(told[name]) for name in _ATTRIBUTES[kind] if told.get(name)), "")
    return "".join(
        _block(child) if child.get("type") in _BLOCKS else _inline(child)
        for child in _content(node)
    )


def _day(timestamp: Any) -> str:
    try:
        return datetime.fromtimestamp(int(timestamp) / 1000, UTC).date().isoformat()
    except (TypeError, ValueError, OverflowError, OSError):
        return ""
