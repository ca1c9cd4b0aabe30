r"""What a document looks like after reading, whatever it was written in. Pure.

Markdown and DOCX are both turned into these blocks; everything after is shared. Text is cleaned:
NFC, no soft hyphens or zero-width characters, line ends are ``\n``. Struck-through parts of a text
are left out of it; a text that is struck through wholly keeps its words and says ``struck``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mapping.said import Said, SaidError

# line: line in a Markdown or text file (from 1); in DOCX the number of the body element (paragraph,
# or row of a table, counted through the document from 1).


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading, level 1-6; ``fake`` if only a bold paragraph or a line like 一、… says so."""

    text: str
    level: int
    line: int
    fake: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph of running text; may hold line breaks.

    Attributes:
        quote: how many block quotes it stands in.
        note: it is an aside (a comment of a reviewer, a footnote): evidence, never a task.
    """

    text: str
    line: int
    struck: bool = False
    bold: bool = False
    quote: int = 0
    note: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListItem:
    """One item of a list, its own text only; what is nested follows with a greater ``depth``.

    Attributes:
        depth: 0 for the outermost list.
        number: the mark as written or counted (``1``, ``一``, ``①``); None for a bullet.
        box: what stands in its check box: ``" "`` open, ``"x"`` done, ``"/"`` in progress,
            ``"-"`` cancelled, ``">"`` moved; None without a box.
        group: which list it belongs to; changes when a new list begins.
    """

    text: str
    line: int
    depth: int = 0
    number: str | None = None
    box: str | None = None
    struck: bool = False
    quote: int = 0
    group: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCell:
    """A cell; a merged one stands at each place it covers, ``merged`` at all but the first.

    Attributes:
        tables: tables nested in it; their text is not in ``text``.
    """

    text: str
    merged: bool = False
    struck: bool = False
    box: str | None = None
    tables: tuple["Table", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a table: all rows of a table have the same number of cells."""

    cells: tuple[TableCell, ...]
    line: int
    struck: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table.

    Attributes:
        header: how many of the first rows the document marks as header (0 where it says nothing).
    """

    rows: tuple[Row, ...]
    line: int
    header: int = 0


Block = Heading | Paragraph | ListItem | Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document after reading.

    Attributes:
        blocks: in the order of the document; code blocks and quoted mail headers are left out.
        front: the scalars of the front matter or the document's own properties, as text.
        encoding: of a text file, e.g. ``utf-8``; empty for DOCX.
        notes: what a reader should be told of the reading itself (``encoding``, macros left
            out), one sentence each.
    """

    blocks: tuple[Block, ...]
    front: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    notes: tuple[Said, ...] = ()


class RefusedError(SaidError):
    """A document is not read; the message says why and what to do."""


def nested_too_deeply() -> RefusedError:
    """Return the error for a document nested deeper than any that people write."""
    return RefusedError(
        "文档嵌套层次太深，没有读取。请把内容复制到新文档里，另存为 .docx 或 .md。",
        "The document is nested too deeply. Copy its text into a new document and save that as "
        ".docx or .md.",
    )
