"""The values of the stream: sections, lines, grids, and where in a document a walk is. Pure."""

import re
from dataclasses import dataclass, field, replace

from minutes.columns import Header
from minutes.document import Row
from minutes.labels import Part, announced, bare, fact_of, part_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the document.

    Attributes:
        part: what stands here by its heading or that of a section around it.
        title: the heading's words; empty before the first one.
        own: the heading itself says the part; it is not taken from around.
        fact: the fact of the meeting whose value stands here (a heading ``Date``).
        meeting: which meeting of the file, from 0.
    """

    part: Part | None = None
    title: str = ""
    own: bool = False
    fact: str | None = None
    meeting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of text.

    Attributes:
        text: without its running number.
        label: the known label that it begins with; ``start`` is where its value begins.
        index: its place in the stream of lines and grids.
        depth: of a list item; -1 for running text.
        heading: level of a heading; 0 for all else.
        bullet: a list item without a number.
        cell: it stands in a table.
    """

    text: str
    line: int
    section: Section
    index: int = 0
    label: str = ""
    start: int = 0
    depth: int = -1
    bullet: bool = False
    heading: int = 0
    box: str | None = None
    struck: bool = False
    quote: int = 0
    note: bool = False
    cell: bool = False

    @property
    def value(self) -> str:
        """The text after the label."""
        return self.text[self.start :].strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table, or a part of one, below its header; its rows all have the table's columns."""

    header: Header
    rows: tuple[Row, ...]
    line: int
    section: Section
    index: int = 0


@dataclass(slots=True)
class State:
    """Where in the document the walk is."""

    headings: list[tuple[int, Section]] = field(default_factory=list)
    opened: Section | None = None  # by a label such as 待办：
    opened_at: int = -1  # depth of the list item that opened it; -1 for a line of text
    cover: int | None = None  # the depth from which items belong to it
    seen_items: bool = False
    styles: list[str] = field(default_factory=list)  # of the numbers written in running text
    meeting: int = 0
    day: str = ""  # the date that the present meeting's label told
    dated: int = 0  # the level of headings that each tell a meeting's day below a title
    parent: bool = False  # something is nested in the present list item

    @property
    def around(self) -> Section:
        """The section of the headings above."""
        return self.headings[-1][1] if self.headings else Section(meeting=self.meeting)

    @property
    def section(self) -> Section:
        """The section that the next line stands in."""
        return self.opened or self.around

    def is_other(self, day: str) -> bool:
        """Say whether a full date is another one than the present meeting's, however written."""
        return _numbers(day) != _numbers(self.day)

    def close(self) -> None:
        """Leave the part that a label opened."""
        self.opened, self.opened_at, self.cover, self.seen_items = None, -1, None, False
        self.styles.clear()

    def enter(self, title: str, level: int) -> None:
        """Go below a heading."""
        self.close()
        while self.headings and self.headings[-1][0] >= level:
            self.headings.pop()
        self.headings.append((level, self._named(title, first=not self.headings)))

    def open(self, title: str, depth: int = -1) -> None:
        """Open a part by a label; ``depth`` is that of the list item that does."""
        self.close()
        self.opened = replace(self._named(title), own=True)
        self.opened_at = depth

    def _named(self, title: str, *, first: bool = False) -> Section:
        part = announced(title)
        if first and (part is Part.OTHER or part is not part_of(title)):
            part = None  # a title such as 情况通报会 says nothing of the parts below it
        return Section(
            part=part or self.around.part,
            title=bare(title),
            own=part is not None and not first,
            fact=fact_of(title) if len(title) <= 30 else None,
            meeting=self.meeting,
        )

    def next_meeting(self, day: str) -> None:
        """Begin the next meeting of the file."""
        self.close()
        self.headings.clear()
        self.meeting += 1
        self.day = day

    def meet(self, depth: int) -> None:
        """Close an opened part that an item of this depth no longer belongs to."""
        if not self.opened:
            return
        if self.cover is None:
            self.cover = depth
            if depth < self.opened_at:
                self.close()
                return
        if depth < self.cover:
            self.close()
            return
        self.seen_items = True


def _numbers(day: str) -> list[int]:
    """Return year, month and day as numbers, or what numbers there are."""
    together = re.fullmatch(r"(\d{4})(\d\d)(\d\d)", day.strip())
    return [int(n) for n in (together.groups() if together else re.findall(r"\d+", day))]
