"""The texts of notices as people write them: a small language of lines and names. Pure.

The first line of a text is its title, the others are sentences. A line that begins with ``- `` is
made once for each item. ``$due`` stands for what ``NAMES`` says, ``$$`` for a dollar. What stands
in ``[...]`` with a name is left out where the name has nothing to say, and so is a whole line
whose other names all have nothing to say.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import Template

# Every text there is: the rule and the form of a notice.
FORMS = (
    *("D2-ahead", "D2-today", "D6-ask", "F3-alert", "F3-raised"),
    *("D4-blocked", "D4-blocked-today", "D4-progress", "D3-digest", "D3-sensitive"),
    *("D5-check", "D5-refused", "F4-daily", "B3-finding", "C1-late", "C1-missing"),
    *("C3-approve", "C3-approve-again", "C3-refused", "C3-distribute", "E1-review"),
)
TITLE = "title"  # the title of a whole message

# Of the whole message.
COMMON = frozenset(
    ("team", "to", "what", "count", "today", "next_workday", "hours", "threshold", "goal")
)
# Of one notice: a sentence that names one of these is made for each notice.
OF_NOTICE = frozenset(
    (
        *("title", "minutes", "start", "place", "host", "recorder", "attendees", "file"),
        *("department", "day", "reason", "quarter", "summary", "reply_by", "by", "copy"),
    )
)
# Of one item, or of one finding: a sentence that names one of these is made for each of them.
OF_ITEM = frozenset(
    (
        *("id", "description", "owner", "support", "due", "completed", "status", "acceptance"),
        *("deliverable", "note", "meeting", "days", "late", "expected", "blocked_since"),
        *("where", "stale", "instead", "ask", "head", "draft", "line", "finding"),
    )
)
NAMES = COMMON | OF_NOTICE | OF_ITEM

_OPTIONAL = re.compile(r"\[[^\[\]]*\$[^\[\]]*\]")
_LONGEST = 20_000  # characters of a text; a file of another kind is told, not read


class WordingError(ValueError):
    """A text cannot be used.

    Attributes:
        problems: number of the line, and what is wrong there.
    """

    def __init__(self, problems: Sequence[tuple[int, str]]) -> None:
        super().__init__("; ".join(f"{line}: {text}" for line, text in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line that is there or left out as a whole."""

    template: Template
    names: frozenset[str]
    optional: bool


@dataclass(frozen=True, slots=True)
class Wording:
    """A line with names in it."""

    pieces: tuple[Piece, ...]

    @property
    def names(self) -> frozenset[str]:
        """The names in it."""
        return frozenset().union(*(piece.names for piece in self.pieces))

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the line with its values, empty if all names outside of brackets are."""
        needed = [name for p in self.pieces if not p.optional for name in p.names]
        if needed and not any(values.get(name) for name in needed):
            return ""
        kept = (
            piece
            for piece in self.pieces
            if not piece.optional or all(values.get(name) for name in piece.names)
        )
        empty = dict.fromkeys(self.names, "")
        return "".join(piece.template.substitute({**empty, **values}) for piece in kept).strip()


@dataclass(frozen=True, slots=True)
class Text:
    """What a section says."""

    title: Wording
    lines: tuple[Wording, ...] = ()
    bullets: tuple[Wording, ...] = ()

    @property
    def head(self) -> frozenset[str]:
        """The names in all but the lines of items."""
        return self.title.names.union(*(line.names for line in self.lines))


Templates = Mapping[str, Text]


def parse(source: str) -> Text:
    """Return the text that a file holds.

    Raises:
        WordingError: a name that there is not, a stray dollar, nothing at all.
    """
    if len(source) > _LONGEST:
        raise WordingError([(1, f"is longer than {_LONGEST} characters - this is no such text")])
    numbered = [
        (number, line.strip()) for number, line in enumerate(source.splitlines(), 1) if line.strip()
    ]
    problems = [(number, what) for number, line in numbered for what in _problems(line)]
    if not numbered:
        problems = [(1, "is empty - the first line is the title")]
    elif numbered[0][1].startswith("- "):
        problems.append((numbered[0][0], "is a line of items - the first line is the title"))
    if problems:
        raise WordingError(problems)
    (_, title), *rest = numbered
    lines = [line for _, line in rest]
    return Text(
        title=_wording(title),
        lines=tuple(_wording(line) for line in lines if not line.startswith("- ")),
        bullets=tuple(_wording(line[2:].strip()) for line in lines if line.startswith("- ")),
    )


def _problems(line: str) -> Iterator[str]:
    for match in Template.pattern.finditer(line):
        name = match["named"] or match["braced"]
        if match["invalid"] is not None:
            yield "a stray $ - write $$ for the sign itself"
        elif name is not None and name not in NAMES:
            close = difflib.get_close_matches(name, NAMES, n=1)
            hint = f"did you mean ${close[0]}? " if close else ""
            yield f"unknown name ${name} - {hint}allowed: {', '.join(sorted(NAMES))}"


def _wording(line: str) -> Wording:
    pieces, start = [], 0
    for match in _OPTIONAL.finditer(line):
        pieces += [_piece(line[start : match.start()]), _piece(match[0][1:-1], optional=True)]
        start = match.end()
    return Wording((*pieces, _piece(line[start:])))


def _piece(text: str, *, optional: bool = False) -> Piece:
    template = Template(text)
    names = frozenset(template.get_identifiers())
    return Piece(template, names, optional and bool(names))
