"""Writes on their way: what of them the table can take, and in which calls. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.base import Record, Write
from connectors.errors import PermanentError
from mapping.cells import Cell, is_empty

BATCH = 10  # most rows of a call


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A write on its way.

    Attributes:
        cells: what of it the table can take; of a change, only what differs.
        errors: what it cannot take, the first of which is told.
        there: of a change, the row as it was read right before.
    """

    write: Write
    cells: Mapping[str, Cell]
    errors: tuple[PermanentError, ...] = ()
    there: Record | None = None

    @property
    def error(self) -> PermanentError | None:
        """What was left out, if anything was."""
        return self.errors[0] if self.errors else None


Drafts = dict[int, Draft]  # by the write's place in the batch


def parts(drafts: Drafts, size: int = BATCH) -> list[Drafts]:
    """Cut into pieces; one id twice in one upsert is not documented, so it goes into two."""
    cut: list[Drafts] = []
    for n, draft in drafts.items():
        last = cut[-1] if cut else None
        ids = {d.write.id for d in last.values() if d.write.id} if last else set()
        if last is None or len(last) >= size or draft.write.id in ids:
            cut.append({n: draft})
        else:
            last[n] = draft
    return cut


def differs(wanted: Cell, there: Cell) -> bool:
    """Say whether a cell says something else than is wanted."""
    return wanted != there and not (is_empty(wanted) and is_empty(there))
