"""Whose a row is that shows no sound id, told by what else stands in it. Pure."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from connectors.base import Record
from mapping.cells import Cell, Cells, is_empty, show
from mapping.lens import Lens, read
from mapping.words import fold
from sync.links import Known, Link, distance
from sync.merge import Base

_Key = tuple[str, tuple[Cell, ...]]  # the name of the cell that is left out, and the others


def find_lost(
    lens: Lens, rows: Sequence[Record], lost: Mapping[str, Link]
) -> tuple[dict[str, Record], list[tuple[Record, str]]]:
    """Find rows whose id was cleared, mistyped or overwritten, by what else stands in them.

    First by the same words, closest to the base first; what is equally close to rows that differ
    is left open: (row, item). Then a row in which nothing but the words changed, if it is the only
    such row.
    """
    by_text: dict[str, list[Record]] = {}
    for row in rows:
        by_text.setdefault(fold(show(row.cells.get("description"))), []).append(row)
    groups: dict[str, list[str]] = {}
    for item_id, link in lost.items():
        groups.setdefault(_text_key(lens, link), []).append(item_id)
    found: dict[str, Record] = {}
    doubtful: list[tuple[Record, str]] = []
    for key, members in groups.items():
        if key and key in by_text:
            pairs, open_items, open_rows = _pair_off(members, by_text[key], lost)
            found |= pairs
            doubtful += [(row, item_id) for item_id in open_items for row in open_rows]
    used = {id(row) for row in (*found.values(), *(row for row, _ in doubtful))}
    unsure = {item_id for _, item_id in doubtful}
    rest = _Near([row for row in rows if id(row) not in used])
    for item_id, link in lost.items():
        if item_id not in found and item_id not in unsure and _facts(link.base) >= 2:
            near = rest.only(link.base)
            if near is not None:
                found[item_id] = near
    return found, doubtful


def _pair_off(
    members: Sequence[str], rows: Sequence[Record], lost: Mapping[str, Link]
) -> tuple[dict[str, Record], list[str], list[Record]]:
    """Pair items with rows of the same words, the closest first; return what is left of both."""
    scores = sorted(
        (distance(lost[item_id].base, row), n, m)
        for n, item_id in enumerate(members)
        for m, row in enumerate(rows)
    )
    pairs: dict[int, int] = {}
    before = -1
    while len(pairs) != before:  # what is paired off may decide between the others
        before = len(pairs)
        used = {*pairs.values()}
        scores = [(s, n, m) for s, n, m in scores if n not in pairs and m not in used]
        rivals = {(s, n, repr(rows[m].cells)) for s, n, m in scores if s}
        ties = Counter((s, n) for s, n, _ in rivals)  # rows that are alike are no rivals
        best: dict[int, int] = {}
        for s, n, m in scores:
            best.setdefault(n, s)
            if s == best[n] and n not in pairs and m not in used and ties[s, n] < 2:
                pairs[n] = m
                used.add(m)
    left = [row for m, row in enumerate(rows) if m not in {*pairs.values()}]
    open_items = [i for n, i in enumerate(members) if n not in pairs] if left else []
    return {members[n]: rows[m] for n, m in pairs.items()}, open_items, left if open_items else []


class _Near:
    """Rows to be found by what a base tells of them, all cells but one.

    Looked up by those cells, so that time grows with the rows and not with rows x links.
    """

    def __init__(self, rows: Sequence[Record]) -> None:
        self._by_columns: dict[frozenset[str], list[Record]] = {}
        for row in rows:
            self._by_columns.setdefault(frozenset(row.cells), []).append(row)
        self._found: dict[tuple[frozenset[str], frozenset[str]], dict[_Key, list[Record]]] = {}
        self._used: set[int] = set()

    def only(self, base: Base) -> Record | None:
        """Take the only row left that differs from a base in one cell at most."""
        cells = {name: based.cell for name, based in base.items()}
        near: dict[int, Record] = {}
        for columns in self._by_columns:
            names = columns.intersection(cells)
            rows = self._index(columns, names)
            for key in _all_but_one(cells, names):
                for row in rows.get(key, ()):
                    if id(row) not in self._used:
                        near[id(row)] = row
                    if len(near) > 1:
                        return None
        self._used |= near.keys()
        return next(iter(near.values()), None)

    def _index(
        self, columns: frozenset[str], names: frozenset[str]
    ) -> Mapping[_Key, Sequence[Record]]:
        if (columns, names) not in self._found:
            index = self._found[columns, names] = {}
            for row in self._by_columns[columns]:
                for key in _all_but_one(row.cells, names):
                    index.setdefault(key, []).append(row)
        return self._found[columns, names]


def _all_but_one(cells: Cells, names: Collection[str]) -> Iterator[_Key]:
    """Return the cells of these names, each left out in turn: the name and the other cells."""
    order = sorted(names)
    for left_out in order or [""]:
        yield left_out, tuple(cells[n] for n in order if n != left_out)


def _facts(base: Base) -> int:
    """Count what stands in a row beside its words and its status."""
    plain = ("description", "status", "meeting")
    return sum(not is_empty(b.cell) for name, b in base.items() if name not in plain)


def _text_key(lens: Lens, link: Link) -> str:
    based = link.base.get("description")
    return fold(show(based.cell)) if based and "description" in lens.fields else ""


def match_words(
    lens: Lens, rows: Sequence[Record], items: Mapping[str, Known]
) -> tuple[dict[str, Record], list[tuple[Record, str]], list[Record]]:
    """Link rows without an id to items without a row: same words, nothing contrary, one to one."""
    by_text: dict[str, list[str]] = {}
    for item_id, known in items.items():
        by_text.setdefault(fold(str(known.values["description"])), []).append(item_id)
    claims: dict[str, list[Record]] = {}
    uncertain: list[tuple[Record, str]] = []
    unknown: list[Record] = []
    for row in rows:
        same = by_text.get(fold(show(row.cells.get("description"))), [])
        agreeing = [i for i in same if not _contrary(lens, row, items[i])]
        if len(agreeing) == 1:
            claims.setdefault(agreeing[0], []).append(row)
        elif same:
            uncertain += [(row, i) for i in (agreeing or same)]
        else:
            unknown.append(row)
    linked: dict[str, Record] = {}
    for item_id, rivals in claims.items():
        if len(rivals) == 1:
            linked[item_id] = rivals[0]
        else:
            uncertain += [(row, item_id) for row in rivals]
    return linked, uncertain, unknown


def _contrary(lens: Lens, row: Record, known: Known) -> bool:
    """Say whether a row names another owner or another due day than an item."""
    for name in ("owner", "due"):
        if name not in row.cells or name not in lens.fields or is_empty(known.values[name]):
            continue
        if is_empty(row.cells[name]):
            continue
        seen = read(lens, name, row.cells[name])
        if not seen.readable or (not is_empty(seen.value) and seen.value != known.values[name]):
            return True
    return False
