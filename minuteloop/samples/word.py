"""Makes a Word document of a few lines of Markdown: headings, paragraphs, lists, tables. Pure."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from minuteloop.word import WIDTH, package, paragraph, table


def docx(text: str) -> bytes:
    """Return a document; a line with ``#`` is its title, ``##`` a heading, ``|`` a table's row."""
    return package("".join(_blocks(line.strip() for line in text.splitlines())))


def _blocks(lines: Iterable[str]) -> Iterator[str]:
    for is_table, group in groupby(lines, lambda line: line.startswith("|")):
        if is_table:
            yield _table(list(group))
            continue
        for line in filter(None, group):
            mark, _, rest = line.partition(" ")
            style = {"#": "Title", "##": "Heading1"}.get(mark)
            yield paragraph(rest, style) if style else paragraph(line)


def _table(lines: list[str]) -> str:
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rows = [cells[0], *cells[2:]]  # the second line only parts the header from the rest
    return table(rows, [WIDTH[False] // len(rows[0])] * len(rows[0]))
