"""From lines to blocks: list items people number by hand, fake headings, recovered tables. Pure.

Readers of every format hand in drafts; what a draft is can depend on its neighbours, so ``settle``
decides when all are there.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from minutes.document import Block, Heading, ListItem, Paragraph, Row, Table, TableCell
from minutes.inline import BREAK, plain
from minutes.marks import BOX_SIGNS, split_box, split_mark

_TITLE_LENGTH = 20
_NOT_TITLE = re.compile(
    r"[。；;！!？?，,@]|[:：].|\d\s*[月/.-]\s*\d|\d{2,}[年日]|^(?:同意|由|请|請|责成|責成|要求|暂缓|暫緩)"
    r"|机密|機密|密级|密級|仅限|僅限|confidential",
    re.IGNORECASE,
)
_SECTION = re.compile(
    r"(?:目标|目標|目的|议题|議題|议程|議程|结论|結論|决议|決議|决定|決定|行动项|行動項目?|待办|待辦|讨论|討論"
    r"|概况|概況|背景|情况|情況|安排|任务|任務|跟进|跟進|总结|總結|清单|清單|事项|事項|内容|內容)[:：]?$"
)
_WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef]")
_BRACKETED = re.compile(r"[【［\[〖](?P<title>[^【】\[\]［］〖〗]+)[】］\]〗][:：]?")
_COLON_LINE = re.compile(r"[^\s:：|｜][^:：|｜。；;]{0,38}[:：]")
_FIRST = frozenset(("1", "一", "①", "⑴", "a", "A", "㈠", "⒈", "❶"))
_PIPE = re.compile(r"(?<!\\)[|｜]")
_RULE_LINE = re.compile(r"[\s|｜:：+\-—－–=＝─━_]*[\-—－–=＝─━]{2}[\s|｜:：+\-—－–=＝─━_]*")


@dataclass(frozen=True, slots=True)
class Draft:
    """A block before its neighbours are known.

    Attributes:
        style: of the hand-made mark of a list item (``Mark.style``); empty for other blocks.
        raw: the text with its mark.
        indent: columns before the line.
        opens: indented by one sign of two columns or more (U+3000), which opens a paragraph.
    """

    block: Block
    style: str = ""
    raw: str = ""
    indent: int = 0
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where lines stand in a document.

    Attributes:
        line: number of the first of them.
        quote: depth of block quotes.
        depth: of a list item made from these lines.
        item: the lines are a list item, marked by the format itself.
        number: its number.
        group: the list it belongs to.
    """

    line: int
    quote: int = 0
    depth: int = 0
    item: bool = False
    number: str | None = None
    group: int = 0


def read_lines(lines: Sequence[str], indents: Sequence[int], place: Place) -> Iterator[Draft]:
    """Turn the rendered lines of one paragraph or list item into drafts.

    Args:
        lines: rendered (see ``minutes.inline``), one for each line of the source.
        indents: columns of white space before each.
        place: where they stand.
    """
    at = 0
    current: Draft | None = None
    while at < len(lines):
        if not (at == 0 and place.item) and (end := _table_end(lines, at)):
            if current:
                yield current
            current = None
            yield Draft(bare_table(lines[at:end], place.line + at))
            at = end
            continue
        for piece in lines[at].split(BREAK):
            first = at == 0 and current is None
            nested = place.item and indents[at] > indents[0]
            draft = _draft(piece, indents[at], place, place.line + at, first=first, nested=nested)
            if draft is None:
                continue
            if current and _goes_on(current, draft):
                current = _joined(current, draft)
            else:
                if current:
                    yield current
                current = draft
        at += 1
    if current:
        yield current


def _draft(
    rendered: str, indent: int, place: Place, line: int, *, first: bool, nested: bool
) -> Draft | None:
    text, struck, bold = plain(rendered)
    if not text:
        return None
    mark = split_mark(text)
    if place.item and first:
        number, box = place.number, None
        if mark:
            number, box, text = number or mark.number, mark.box, mark.text
        block: Block = ListItem(
            text=text, line=line, depth=place.depth, number=number, box=box, struck=struck,
            quote=place.quote, group=place.group,
        )  # fmt: skip
        return Draft(block, "", text, indent)
    if mark and (mark.text or mark.box is not None):
        depth = place.depth + nested
        block = ListItem(
            text=mark.text, line=line, depth=depth, number=mark.number, box=mark.box,
            struck=struck, quote=place.quote, group=place.group,
        )  # fmt: skip
        return Draft(block, mark.style, text, indent)
    block = Paragraph(text=text, line=line, struck=struck, bold=bold, quote=place.quote)
    return Draft(block, "", text, indent, opens=rendered.startswith("\u3000"))


def _goes_on(current: Draft, draft: Draft) -> bool:
    """Say whether a line continues the block before it, by its indent or as wrapped text."""
    block, more = current.block, draft.block
    if not isinstance(more, Paragraph) or more.struck != getattr(block, "struck", False):
        return False
    if isinstance(block, ListItem):
        if draft.indent > current.indent:
            return not draft.opens
        last = block.text.rpartition("\n")[2]
        return len(last) >= 40 and not _WIDE.search(last[-1:]) and more.text[:1].islower()
    if not isinstance(block, Paragraph) or block.bold or more.bold:
        return False
    if draft.opens or draft.indent > current.indent + 3 or _COLON_LINE.fullmatch(more.text):
        return False
    lone = block.text if "\n" not in block.text else ""
    return not (lone and (_COLON_LINE.fullmatch(lone) or _is_bracketed(lone))) and not (
        _is_bracketed(more.text)
    )


def _joined(current: Draft, draft: Draft) -> Draft:
    block = current.block
    assert isinstance(block, Paragraph | ListItem)  # noqa: S101  # what _goes_on lets through
    assert isinstance(draft.block, Paragraph)  # noqa: S101
    return replace(current, block=replace(block, text=f"{block.text}\n{draft.block.text}"))


# --- tables without a separator row ---------------------------------------------------------------


def _table_end(lines: Sequence[str], at: int) -> int:
    """Return where the run of table rows that begins at ``at`` ends, 0 if none does."""
    width = _width(lines[at])
    rule_first = width == 0 and bool(_PIPE.search(lines[at]) or "+" in lines[at])
    if width < 2 and not (rule_first and _RULE_LINE.fullmatch(lines[at])):
        return 0
    end, rows = at, 0
    while end < len(lines):
        found = _width(lines[end])
        if found == 0 and _RULE_LINE.fullmatch(lines[end]):
            end += 1
            continue
        width = width or found
        spare = found == width + 1 and not split_row(lines[end])[-1].strip()
        if found < 2 or not (found == width or spare):
            break
        rows += 1
        end += 1
    return end if rows >= 2 else 0


def _width(line: str) -> int:
    """Count the cells of a line that may be a row; 0 for a separator line, 1 for no row."""
    if _RULE_LINE.fullmatch(line):
        return 0
    pipes = len(_PIPE.findall(line))
    return len(split_row(line)) if pipes >= 2 or (not pipes and line.count("\t") >= 2) else 1


def split_row(line: str) -> list[str]:
    """Split a row at its pipes; outer pipes count for nothing."""
    if "|" not in line and "｜" not in line:
        return line.split("\t")
    cells = _PIPE.split(line.strip())
    if len(cells) > 1 and not cells[0].strip():
        del cells[0]
        if len(cells) > 1 and not cells[-1].strip():
            del cells[-1]
    return cells


def bare_table(lines: Sequence[str], line: int) -> Table:
    """Make a table of rendered lines; lines of dashes part the header from the rest."""
    rows: list[tuple[int, list[str]]] = []
    header = 0
    for at, text in enumerate(lines):
        if _RULE_LINE.fullmatch(text):
            header = header or (len(rows) if len(rows) <= 2 else 0)
        else:
            rows.append((line + at, split_row(text)))
    width = len(rows[0][1])
    rows = [(number, cells[:width]) for number, cells in rows]
    return make_table(rows, header=header, line=line)


def make_table(rows: Sequence[tuple[int, Sequence[str]]], *, header: int, line: int) -> Table:
    """Make a table of (line, rendered cells); short rows are filled, all get the same width."""
    width = max((len(cells) for _, cells in rows), default=0)
    made = []
    for number, cells in rows:
        row = tuple(make_cell(cell) for cell in cells) + (_EMPTY,) * (width - len(cells))
        made.append(make_row(row, number))
    return Table(rows=tuple(made), line=line, header=min(header, len(made)))


def make_row(cells: tuple[TableCell, ...], line: int) -> Row:
    """Make a row; it is struck if all its words are."""
    struck = any(cell.struck for cell in cells) and all(
        cell.struck or not cell.text or cell.merged for cell in cells
    )
    return Row(cells=cells, line=line, struck=struck)


_EMPTY = TableCell(text="")


def make_cell(rendered: str, *, tables: tuple[Table, ...] = ()) -> TableCell:
    """Make a cell of rendered text; a lone box at its head is told apart."""
    if not rendered and not tables:
        return _EMPTY
    text, struck, _ = plain(rendered)
    box = None
    if text and (text[0] in BOX_SIGNS or text[0] in "[［【(（") and _boxes(text) <= 1:
        box, text = split_box(text)
    return TableCell(text=text, struck=struck, box=box, tables=tables)


def _boxes(text: str) -> int:
    return sum(sign in BOX_SIGNS for sign in text)


# --- what neighbours tell -------------------------------------------------------------------------


def is_title(text: str) -> bool:
    """Say whether a line can be a heading: short, no sentence, no label with a value, no day."""
    limit = _TITLE_LENGTH if _WIDE.search(text) else 2 * _TITLE_LENGTH
    return 0 < len(text) <= limit and "\n" not in text and not _NOT_TITLE.search(text)


def _is_bracketed(text: str) -> bool:
    found = _BRACKETED.fullmatch(text)
    if not found:
        return False
    return is_title(found["title"]) and len(found["title"].strip()) > 1


def settle(drafts: Sequence[Draft]) -> tuple[Block, ...]:
    """Decide fake headings, and depth and group of list items, from their neighbours."""
    lone = [_is_lone(drafts, at) for at in range(len(drafts))]
    any_lone = any(lone)
    out: list[Block] = []
    level, lists = 0, _Lists()
    for at, draft in enumerate(drafts):
        block = draft.block
        following = drafts[at + 1].block if at + 1 < len(drafts) else None
        rank = _rank(draft, following, lone=lone[at], any_lone=any_lone)
        if rank:
            text = draft.raw if isinstance(block, ListItem) else draft.raw or _text(block)
            above = 0 if rank == 2 and not out else max(level, 1)
            top = 1 if not above else min(6, above + rank)
            block = Heading(text=text, level=top, line=block.line, fake=True)
        elif isinstance(block, Heading):
            level = block.level
        if isinstance(block, Heading | Table):
            lists.leave()
        elif isinstance(block, ListItem):
            block = lists.place(draft, block, out[-1] if out else None)
        out.append(block)
    return tuple(out)


def _text(block: Block) -> str:
    return "" if isinstance(block, Table) else block.text


class _Lists:
    """Where the next list item belongs."""

    def __init__(self) -> None:
        self.group = 0
        self.stack: list[str] = []  # styles of hand-made marks, outermost first
        self.known: dict[int, tuple[int, int]] = {}  # list of the format -> (group, added depth)
        self.number = 0  # of the last item of the outermost numbered list, 0 without one

    def leave(self) -> None:
        """Begin anew: what follows belongs to no list before."""
        self.stack = []
        self.known = {}
        self.number = 0

    def place(self, draft: Draft, block: ListItem, before: Block | None) -> ListItem:
        """Return the item with its depth and group."""
        if draft.style:
            if _enter(self.stack, draft, block):
                self.group += 1
            return replace(block, depth=block.depth + len(self.stack) - 1, group=self.group)
        if block.group not in self.known:
            self.known[block.group] = self._opened(block, before)
        group, added = self.known[block.group]
        if not block.depth and not added:
            number = block.number or ""
            self.number = int(number) if number.isascii() and number.isdigit() else 0
        return replace(block, depth=block.depth + added, group=group)

    def _opened(self, block: ListItem, before: Block | None) -> tuple[int, int]:
        """Place a list of the format itself; one right below a numbered item is its part."""
        if isinstance(before, ListItem) and before.line < block.line <= _end(before) + 1:
            if self.stack:
                return self.group, len(self.stack)
            if self.number and before.number and block.number is None and not before.depth:
                return self.group, 1
        if self.number and block.number == str(self.number + 1):
            return self.group, 0
        self.group += 1
        self.stack = []
        return self.group, 0


def _end(block: ListItem) -> int:
    return block.line + block.text.count("\n")


def _is_lone(drafts: Sequence[Draft], at: int) -> bool:
    """Say whether it is a line like 一、… without a sibling right before or after it."""
    draft = drafts[at]
    if draft.style not in ("han", "hanround") or at + 1 >= len(drafts):
        return False
    before = drafts[at - 1].style if at else ""
    return draft.style not in (before, drafts[at + 1].style)


def _rank(draft: Draft, following: Block | None, *, lone: bool, any_lone: bool) -> int:
    """Return how deep a fake heading a draft is; 0 if it is none."""
    block = draft.block
    if isinstance(block, ListItem):
        if draft.style not in ("han", "hanround") or block.depth or block.quote or block.struck:
            return 0
        if block.box is not None or not is_title(block.text):
            return 0
        if not (lone or (any_lone and _SECTION.search(block.text))):
            return 0
        return 1 if draft.style == "han" else 2
    if not isinstance(block, Paragraph) or block.struck or block.quote or block.note:
        return 0
    if _is_bracketed(block.text):
        return 1
    if _COLON_LINE.fullmatch(block.text) and len(block.text) <= 40:
        return 3 if isinstance(following, ListItem | Table) else 0
    return 2 if block.bold and is_title(block.text) else 0


def _enter(stack: list[str], draft: Draft, block: ListItem) -> bool:
    """Move to the list level of a hand-made mark; True if a new list begins."""
    style = draft.style
    if style in ("bullet", "box"):
        style = f"bullet {draft.indent}"
    if style not in stack:
        stack.append(style)
        return len(stack) == 1
    del stack[stack.index(style) + 1 :]
    return len(stack) == 1 and block.number in _FIRST
