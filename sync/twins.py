"""Rows of one id: which of them a request of ours made twice, and which people copied. Pure."""

from collections.abc import Collection, Mapping, Sequence

from connectors.base import Record
from mapping.cells import Cells
from sync.links import Link, distance
from sync.merge import says


def of_two_requests(
    same: Sequence[Record],
    link: Link | None,
    sent: Sequence[Cells],
    leaving: Mapping[str, Cells],
    going: Collection[str],
) -> tuple[Record, list[Record], list[Record], list[Record]]:
    """Tell rows of one creation that was carried out twice: (stays, taken out, touched, copies).

    The oldest stays, or the oldest that a person has touched; the others that nobody touched are
    taken out again (failure 4). What was decided so is not turned round: then both would go. Where
    a row goes though somebody touched it, that one does not stay either.
    """
    by_age = sorted(same, key=lambda r: (r.row_id in leaving, r.created))
    known = link if any(link and r.row_id == link.row_id for r in same) else None
    twins, touched, copies = parted(by_age, known, sent, leaving)
    ours = [*touched, *twins]
    first = next((r for r in ours if r.row_id not in going), ours[0])
    twins, touched = ([r for r in rows if r is not first] for rows in (twins, touched))
    return first, twins, touched, copies


def parted(
    same: Sequence[Record],
    link: Link | None,
    sent: Sequence[Cells],
    leaving: Mapping[str, Cells],
) -> tuple[list[Record], list[Record], list[Record]]:
    """Part the rows of one id: (ours, untouched; ours, maybe, but touched; copies).

    A request makes one row: rows beyond those of the requests were made by people (failure 10), and
    so was a row that is as the item's own, and not as it was sent.
    """
    due = list(sent)
    twins: list[Record] = []
    maybe: list[Record] = []
    known = {r.row_id for r in same if r.row_id in leaving or (link and r.row_id == link.row_id)}
    for record in same:
        if link is not None and record.row_id == link.row_id and link.base:
            is_twin = distance(link.base, record) == 0
        elif record.row_id in leaving:
            is_twin = _shows(record, leaving[record.row_id])
        else:
            made_by = [n for n, cells in enumerate(due) if _shows(record, cells)]
            is_twin = bool(made_by)
            due = [cells for n, cells in enumerate(due) if n not in made_by[:1]]
        (twins if is_twin else maybe).append(record)
    new = [r for r in maybe if r.row_id not in known]
    alike = {r.row_id for r in new if link and _is_copied(r, link, same)}
    beyond = [r for r in new if r.row_id not in alike][len(due) :]
    copies = [r for r in new if r.row_id in alike or r in beyond]
    return twins, [r for r in maybe if r not in copies], copies


def _is_copied(record: Record, link: Link, same: Sequence[Record]) -> bool:
    """Say whether a row is as the item's own is, or was when it was read last.

    An older one is no copy of it: a tool may fill in cells by itself, and does so in both.
    """
    own = next((r for r in same if r.row_id == link.row_id), None)
    as_read = bool(link.base) and distance(link.base, record) == 0
    if own is None:
        return as_read
    return record.created >= own.created and (as_read or record.cells == own.cells)


def come_after_all(
    same: Sequence[Record], link: Link | None, accounted: Sequence[Cells], *, stands: bool
) -> list[Record]:
    """Return the rows of requests for which others were taken, that people worked in: copies.

    They are as they were sent, and the item's own, which stands, was not when it was read before:
    nobody made them by copying that one.
    """
    if link is None or not accounted or not (stands or any(r.row_id == link.row_id for r in same)):
        return []
    due = [c for c in accounted if not all(says(b.cell, c.get(n)) for n, b in link.base.items())]
    come: list[Record] = []
    for record in same if due else ():
        made_by = [n for n, cells in enumerate(due) if _shows(record, cells)]
        if made_by and record.row_id != link.row_id:
            del due[made_by[0]]
            come.append(record)
    return come


def _shows(record: Record, sent: Cells) -> bool:
    return all(says(cell, sent.get(name)) for name, cell in record.cells.items())
