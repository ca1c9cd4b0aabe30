"""An agenda as a Word document (template 1), which the program reads as well as Markdown. Pure."""

from collections.abc import Sequence

from minuteloop.word import WIDTH, package, paragraph, table
from tracking.agenda import Agenda, cell_lines, sheet

_FACTS = (2000, 6000)
_TOPICS = (28, 48, 10, 14)  # shares of the page, in hundredths
_ITEMS = (10, 25, 7, 8, 9, 9, 6, 13, 13)


def docx(agenda: Agenda) -> bytes:
    """Return an agenda as the bytes of a DOCX file."""
    laid = sheet(agenda)
    parts = [
        paragraph(laid.title, "Title"),
        _table(laid.facts, _FACTS, header=False),
        paragraph(laid.topics_title, "Heading1"),
        _table(laid.topics, _on_page(_TOPICS)),
        paragraph(laid.items_title, "Heading1"),
    ]
    if len(laid.items) > 1:
        parts.append(_table(laid.items, _on_page(_ITEMS)))
    parts += [paragraph(note) for note in laid.notes]
    return package("".join(parts), landscape=True)


def _on_page(shares: Sequence[int]) -> list[int]:
    return [WIDTH[True] * share // 100 for share in shares]


def _table(rows: Sequence[Sequence[str]], widths: Sequence[int], *, header: bool = True) -> str:
    cells = [["\n".join(cell_lines(text)) for text in row] for row in rows]
    return table(cells, widths, header=header)
