"""Markdown and plain text into the document model. Pure.

markdown-it-py finds the blocks; the text inside them, tables and what CommonMark does not know
(see ``minutes.outline``) are ours. Only block rules run, so time grows in proportion to the text.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from mapping.said import Said
from minutes.document import Document, Heading, RefusedError
from minutes.htmltext import read_html
from minutes.inline import clean_source, plain, render
from minutes.outline import Draft, Place, make_table, read_lines, settle, split_row

MAX_CHARACTERS = 20_000_000
MAX_LINES = 300_000  # with text on them; about as many empty ones may stand between
_MAX_FRONT = 16_384
_MAX_FRONT_ENTRIES = 200

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TIGHT_HEADING = re.compile(r"^([ \t>]*)([#＃]{1,6})([^\s#＃]|\u3000|(?<=＃) )(.*)$", re.MULTILINE)
_CONTAINER = re.compile(r"^([ \t>]*):{3,}[ \t]*\w*[ \t]*(.*)$", re.MULTILINE)
_DEFINITION = re.compile(
    r"^ {0,3}\[([^\[\]\n]{1,200})\]:[ \t]*(?:<[^<>\n]*>|(?:[a-z][a-z0-9+.-]*://|mailto:|[#/.])\S*)"
    r"(?:[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\)))?[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_SEPARATOR = re.compile(r"[|｜:：\-—－– \t]*[|｜][|｜:：\-—－– \t]*")
_DASHES = re.compile(r"\s*[:：]?[\-—－–]+[:：]?\s*")
_LABELLED = re.compile(r"[^\s:：]{1,20}\s*[:：]\s*\S")
_MAIL = re.compile(
    r"^\s*(?:From|Sent|To|Cc|Subject|Date|发件人|收件人|抄送|主题|发送时间|寄件者|收件者|主旨|日期)\s*[:：]",
    re.IGNORECASE,
)
_MAIL_FROM = re.compile(r"^\s*(?:From|发件人|寄件者)\s*[:：]", re.IGNORECASE | re.MULTILINE)
_WIDTHS = {"\u3000": 2, "\t": 4}


def read_markdown(text: str, *, encoding: str = "utf-8", notes: tuple[Said, ...] = ()) -> Document:
    """Turn Markdown or plain text into a document.

    Raises:
        RefusedError: it is larger or stranger than minutes ever are.
    """
    if len(text) > MAX_CHARACTERS:
        raise RefusedError(
            f"文字太长（{len(text):,} 字，上限 {MAX_CHARACTERS:,} 字）。请只保留纪要内容。",
            f"The text is too long ({len(text):,} characters; at most {MAX_CHARACTERS:,}). "
            "Keep only the minutes.",
        )
    text = clean_source(text.replace("\r\n", "\n").replace("\r", "\n"))
    ends = text.count("\n")
    if ends - text.count("\n\n") > MAX_LINES or ends > 2 * MAX_LINES:
        raise RefusedError(
            f"文字太长（超过 {MAX_LINES:,} 行）。请只保留纪要内容。",
            f"The text is too long (more than {MAX_LINES:,} lines). Keep only the minutes.",
        )
    front, text = _front_matter(text)
    text, references = _prepared(text)
    reader = _Reader(text, references)
    try:
        drafts = list(reader.drafts())
    except RecursionError:
        raise RefusedError(
            "列表或引用嵌套层次太深，没有读取。请减少缩进层次。",
            "Lists or quotes are nested too deeply. Indent them less.",
        ) from None
    return Document(blocks=settle(drafts), front=front, encoding=encoding, notes=notes)


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """Take YAML front matter off; its lines stay, empty, so that line numbers hold."""
    found = _FRONT.match(text[: _MAX_FRONT + 8]) if text.startswith("---") else None
    if not found:
        return {}, text
    import yaml  # noqa: PLC0415  # only where there is front matter

    try:
        # BaseLoader leaves every scalar as it is written: no dates, no booleans, no numbers.
        loaded = yaml.load(found[1], Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}, text
    if not isinstance(loaded, dict):
        return {}, text
    front = {}
    for key, value in list(loaded.items())[:_MAX_FRONT_ENTRIES]:
        if isinstance(key, str) and (words := _scalars(value)):
            front[key.strip()] = words
    return front, "\n" * found[0].count("\n") + text[found.end() :]


def _scalars(value: Any) -> str:
    """Return the text of a scalar, or of a list of them; anything deeper is left out."""
    if isinstance(value, list):
        return ", ".join(
            part.strip() for part in value[:_MAX_FRONT_ENTRIES] if isinstance(part, str)
        )
    return value.strip() if isinstance(value, str) else ""


def _prepared(text: str) -> tuple[str, frozenset[str]]:
    """Write in CommonMark what people write otherwise, line for line."""
    if "#" in text or "＃" in text:
        text = _TIGHT_HEADING.sub(_heading, text)
    if ":::" in text:
        text = _CONTAINER.sub(r"\1\2", text)
    references: set[str] = set()
    if "]:" in text:
        references = {" ".join(label.split()).casefold() for label in _DEFINITION.findall(text)}
        text = _DEFINITION.sub("", text) if references else text
    return text, frozenset(references)


def _heading(found: re.Match[str]) -> str:
    """Give ``#标题`` its blank; tags, issue numbers and robot commands (#action) stay."""
    before, signs, rest = found[1], found[2].replace("＃", "#"), (found[3] + found[4]).strip()
    tag = len(signs) == 1 and not (_HAN.match(rest) and " #" not in rest and len(rest) <= 40)
    word = rest.lstrip("*_")
    sure = signs != found[2] or found[3] == "\u3000" or (len(signs) > 1 and word[:1].isdigit())
    if tag or not (word[:1].isalpha() or _HAN.match(word) or sure):
        return found[0]
    return f"{before}{signs} {rest}"


# --- block rules ----------------------------------------------------------------------------------


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _table_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    """Find a table with its separator row: one token for the whole of it."""
    if start + 2 > end or state.sCount[start + 1] < state.blkIndent:
        return False
    separator = _line(state, start + 1)
    if separator[:1] not in "|｜:-—－–：" or not _SEPARATOR.fullmatch(separator):
        return False
    head = _line(state, start)
    if not all(_DASHES.fullmatch(cell) for cell in split_row(separator)):
        return False
    if "|" not in head and "｜" not in head:
        return False
    if silent:
        return True
    stops = state.md.block.ruler.getRules("blockquote")
    line = start + 2
    while line < end and state.sCount[line] >= state.blkIndent:
        text = _line(state, line)
        if "|" not in text and "｜" not in text:
            break
        if text[0] not in "|｜" and any(stop(state, line, end, True) for stop in stops):  # noqa: FBT003
            break
        line += 1
    token = state.push("minutes_table", "", 0)
    token.map = [start, line]
    token.content = "\n".join(_line(state, at) for at in range(start, line))
    state.line = line
    return True


def _html_table_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    """Find an HTML table to its end, empty lines included."""
    head = _line(state, start)
    if not head.startswith("<") or "<table" not in head.lower() or state.env.get("open_table"):
        return False
    depth, line = 0, start
    while line < end:
        text = _line(state, line).lower()
        depth += text.count("<table") - text.count("</table")
        line += 1
        if depth <= 0:
            break
    else:
        state.env["open_table"] = True  # no table ends any more: do not look again
        return False
    if silent:
        return True
    token = state.push("html_block", "", 0)
    token.map = [start, line]
    token.content = "\n".join(_line(state, at) for at in range(start, line))
    state.line = line
    return True


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": 100})
    block = parser.block.ruler
    # Indented lines are text in minutes, never code; link definitions are taken out before, as
    # CommonMark would drop a line like "[name]: task".
    block.disable(["code", "reference"])
    block.before("fence", "minutes_table", _table_rule, {"alt": ["paragraph", "reference"]})
    block.before(
        "html_block",
        "html_table",
        _html_table_rule,
        {"alt": ["paragraph", "reference", "blockquote"]},
    )
    parser.core.ruler.enableOnly(["block"])
    return parser


# --- tokens ---------------------------------------------------------------------------------------


class _Reader:
    """Walks the blocks of one text."""

    def __init__(self, text: str, references: frozenset[str]) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.references = references
        self.quote = 0
        self.lists: list[str] = []
        self.group = 0
        # Containers from outside in: "quote", or the number of a list item (None for a bullet).
        self.items: list[dict[str, Any]] = []

    def drafts(self) -> Iterator[Draft]:
        heading: Token | None = None
        for token in _parser().parse(self.text, {}):
            kind = token.type
            if kind == "inline":
                yield from self._heading(token, heading) if heading else self._paragraph(token)
            elif kind == "heading_open":
                heading = token
            elif kind == "heading_close":
                heading = None
            elif kind == "minutes_table":
                yield from self._table(token)
            elif kind == "html_block":
                assert token.map  # noqa: S101  # every block token has its lines
                self._close_item()
                yield from read_html(token.content, token.map[0] + 1, quote=self.quote)
            elif kind in ("blockquote_open", "blockquote_close"):
                self.quote += token.nesting
            elif kind == "list_item_open":
                self.items.append({"number": token.info or None, "quote": self.quote, "new": True})
            elif kind == "list_item_close":
                self.items.pop()
            elif kind in ("bullet_list_open", "ordered_list_open"):
                self.group += not self.items
                self._close_item()
        return

    def _close_item(self) -> None:
        """End the text of the item: what follows is no longer its own."""
        if self.items:
            self.items[-1]["new"] = False

    def _heading(self, token: Token, opened: Token) -> Iterator[Draft]:
        assert token.map  # noqa: S101
        level = int(opened.tag[1])
        lines = token.content.split("\n")
        if opened.markup in ("-", "=") and (len(lines) > 1 or _LABELLED.match(lines[0])):
            # lines above a drawn line are no heading
            yield from self._paragraph(token)
            return
        text = plain(render(token.content, self.references))[0]
        if text:
            yield Draft(Heading(text=text, level=level, line=token.map[0] + 1))

    def _paragraph(self, token: Token) -> Iterator[Draft]:
        assert token.map  # noqa: S101
        start = token.map[0]
        raw = token.content
        if "\t" in raw and not self.items and not self.quote:
            raw = "\n".join(self.lines[start : start + raw.count("\n") + 1])
        if self.quote and _MAIL_FROM.search(raw):
            raw = "\n".join("" if _MAIL.match(line) else line for line in raw.split("\n"))
        lines = render(raw, self.references).split("\n")
        indents = [self._indent(start + at) for at in range(len(lines))]
        item = self.items[-1] if self.items and self.items[-1]["quote"] == self.quote else None
        place = Place(
            start + 1,
            self.quote,
            max(0, len(self.items) - 1),
            item=bool(item and item["new"]),
            number=item["number"] if item else None,
            group=self.group,
        )
        self._close_item()
        yield from read_lines(lines, indents, place)

    def _indent(self, line: int) -> int:
        text = self.lines[line] if line < len(self.lines) else ""
        width = 0
        for sign in text:
            if sign not in " \t\u3000>":
                break
            width += _WIDTHS.get(sign, 1)
        return width

    def _table(self, token: Token) -> Iterator[Draft]:
        assert token.map  # noqa: S101
        self._close_item()
        start = token.map[0] + 1
        lines = token.content.split("\n")
        both = "｜" in lines[1]
        references = self.references
        rows = []
        for at, line in enumerate(lines):
            if at == 1:
                continue
            cells = split_row(line) if both else _gfm_row(line)
            rows.append((start + at, [render(cell, references) for cell in cells]))
        width = len(rows[0][1])
        rows = [(number, cells[: max(width, 1)]) for number, cells in rows]
        yield Draft(make_table(rows, header=1, line=start))


_GFM_PIPE = re.compile(r"(?<!\\)\|")


def _gfm_row(line: str) -> list[str]:
    """Split a row at its pipes but for escaped ones."""
    line = line.strip()
    line = line.removeprefix("|")
    if line.endswith("|") and not line.endswith("\\|"):
        line = line[:-1]
    cells = _GFM_PIPE.split(line) if "|" in line else [line]
    return [cell.strip().replace("\\|", "|") for cell in cells]
