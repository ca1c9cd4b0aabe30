"""Which row is which item. Pure.

Ours is the id in the row; words only help where the id is not there. Whatever is not certain is
told to a person and joined with nothing (failures 8, 10, 14, 81-84).
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from connectors.base import Record, RowState
from mapping import ids
from mapping.cells import Cell, Cells, is_empty, show
from mapping.lens import Lens, Value, is_blank, read
from mapping.words import fold
from sync.merge import Base, says

REFUSED = "refused"  # state of a link to no row: the tool will not have the item as it is
AGAIN = -1
STALE = "?"  # before a version: the row is to be merged again, whether it changed since or not
OVER = ("gone", "back")  # states of a link to a row that was deleted
SEEN = ("live", "hidden")  # states of a link to a row that is not known to be gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An item's row in one tracker, as the store knows it.

    Attributes:
        state: ``live``; ``gone`` after it was deleted there; ``back`` where an older copy of a file
            shows it again, as it was; ``hidden`` while not visible;
            ``refused`` where there is no row because the tool would not have it.
        base: by field; empty before the first answer.
        rev: the item's revision that the row is known to show.
        parked: the item's revision that the tool refused for good; 0 if none, ``AGAIN`` if the
            row is to be planned once more.
        naming: the id does not stand in the row yet, and is to be written there.
    """

    item: str
    row_id: str
    state: str = "live"
    version: str | None = None
    link: str | None = None
    label: str = ""
    rev: int = 0
    parked: int = 0
    naming: bool = False
    base: Base = field(default_factory=dict)

    @property
    def if_version(self) -> str | None:
        """What the row is known to be at, for a write that must not meet another one."""
        return self.version and self.version.removeprefix(STALE)


def stale(version: str | None) -> str | None:
    """Return a version by which a row is not known again, and can be written all the same."""
    return version and STALE + version.removeprefix(STALE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What matching needs to know of an item."""

    id: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """What the rows of a tracker are.

    Attributes:
        pairs: item id -> its row.
        name: rows that are a known item's but do not carry its id (rightly): id -> row.
        unknown: rows that are no item yet, in the tool's order.
        copies: rows that carry the id of another row: (row, that id).
        maybe_ours: those of them that a request of ours made, or may have: nobody need have added
            them.
        rebuilt: rows with a sound id of this team that the store does not know.
        late: second rows that a request of ours made which was carried out twice: (row, id).
        uncertain: rows that resemble an item but not surely: (row, item id).
        held: ids of items that some uncertain row resembles.
        resent: items that had two rows of our own; the pair is the one that stays.
        waiting: rows that carry the id or the words of an item of whose own row nobody knows yet
            what became of it: (row, item id).
    """

    pairs: Mapping[str, Record]
    name: Mapping[str, Record]
    unknown: Sequence[Record]
    copies: Sequence[tuple[Record, str]]
    rebuilt: Mapping[str, Record]
    late: Sequence[tuple[Record, str]]
    uncertain: Sequence[tuple[Record, str]]
    held: Collection[str]
    resent: Sequence[str] = ()
    waiting: Sequence[tuple[Record, str]] = ()
    maybe_ours: Collection[str] = ()

    @property
    def seen(self) -> set[str]:
        """The items that are known and of which a row was seen."""
        return {*self.pairs, *self.name}


def distance(base: Base, record: Record) -> int:
    """Count the cells in which a row differs from a base."""
    return sum(
        1
        for name, based in base.items()
        if name in record.cells and record.cells[name] != based.cell
    )


def match_rows(
    lens: Lens,
    records: Sequence[Record],
    links: Mapping[str, Link],
    items: Collection[str],
    *,
    unlinked: Mapping[str, Known],
    team: str,
    stable_rows: bool,
    complete: bool,
    resent: Mapping[str, Sequence[Cells]] = MappingProxyType({}),
    accounted: Mapping[str, Sequence[Cells]] = MappingProxyType({}),
    leaving: Mapping[str, Cells] = MappingProxyType({}),
    going: Collection[str] = (),
    over: Collection[str] = (),
    standing: Collection[str] = (),
    unsettled: Collection[str] = (),
    unclear: Collection[str] = (),
) -> Matched:
    """Tell which rows are which items.

    Args:
        lens: how the tool's cells are read.
        records: the rows that were seen, in the tool's order.
        links: the rows known so far, by item.
        items: the ids of all items of the team, closed ones too.
        unlinked: the open items that never had a row in this tool.
        team: the team's name; rows with another team's id are left alone.
        stable_rows: ``Schema.stable_rows``.
        complete: all rows are listed, so that a link without a row is one whose id was lost.
        resent: items whose creation was sent more than once -> the cells that each request had
            sent whose row has not come to light.
        accounted: the same of requests for whose row one was taken in which people worked.
        leaving: rows that are being taken out, a request that does so may still be under way ->
            what they held.
        going: those of them that go whatever people typed into them since.
        over: closed items whose row was deleted: what a request makes late does not bring them
            back.
        standing: items whose own row is known to stand though it is not listed.
        unsettled: items whose own row is not listed and not known to be gone: no other row takes
            its place meanwhile.
        unclear: rows of which a look at all rows could not tell whose they are: without an id of
            their own they wait for the next such look.
    """
    pairs: dict[str, Record] = {}
    rebuilt: dict[str, Record] = {}
    copies: list[tuple[Record, str]] = []
    late: list[tuple[Record, str]] = []
    twice: list[str] = []
    maybe_ours: set[str] = set()
    loose: list[Record] = []
    by_id: dict[str, list[Record]] = {}
    by_row = {link.row_id: link.item for link in links.values()} if stable_rows else {}
    named: dict[str, Record] = {}
    unnamed = {} if stable_rows else {x.row_id: x for x in links.values() if x.naming}
    for record in records:
        if record.state is not RowState.LIVE:
            continue
        item_id = ids.parse(record.id)
        own = by_row.get(record.row_id)
        new = unnamed.get(record.row_id)
        if own is not None and own in items and item_id != own and _stays(links[own], record):
            named[own] = record
        elif new is not None and item_id != new.item and distance(new.base, record) == 0:
            named[new.item] = record  # a copy stands where it stood, its own id is not written yet
        elif item_id is None:
            loose.append(record)
        elif ids.is_of(team, item_id):
            by_id.setdefault(item_id, []).append(record)
    waiting = [(r, i) for i in unsettled for r in by_id.pop(i, ())]
    for item_id, of_id in by_id.items():
        link, sent = links.get(item_id), resent.get(item_id, ())
        stands = item_id in standing or item_id in named
        come = _come_after_all(of_id, link, accounted.get(item_id, ()), stands=stands)
        same = [r for r in of_id if r not in come]
        late += [(record, item_id) for record in come]
        twins: Sequence[Record] = ()
        touched: Sequence[Record] = ()
        if stands:
            twins, touched, others = _parted(same, link, sent, leaving)
        elif item_id in over and all(r.row_id != links[item_id].row_id for r in same):
            twins, maybe, made = _parted(same, None, sent, leaving)
            pairs.update((item_id, row) for row in [*maybe, *made][:1])
            others = [*maybe, *made][1:]
        else:
            first, *others = _oldest_first(same, link, stable_rows=stable_rows)
            if others and (sent or any(r.row_id in leaving for r in same)):
                first, twins, touched, others = _of_two_requests(same, link, sent, leaving, going)
                twice.append(item_id)
            (pairs if item_id in items else rebuilt)[item_id] = first
        late += [(record, item_id) for record in twins]
        copies += [(record, item_id) for record in (*touched, *others)]
        maybe_ours |= {record.row_id for record in touched}
    rest: list[Record] = []
    for record in loose:
        owner = by_row.get(record.row_id)
        if owner is not None and owner not in pairs and owner in items:
            (pairs if is_blank(record.cells) else named)[owner] = record  # emptied is a loss
        elif not is_blank(record.cells) and record.row_id not in unclear:
            rest.append(record)
    copies = [(r, i) for r, i in copies if r.row_id not in unclear]
    placed = {*pairs, *named, *standing, *(i for _, i in waiting)}
    lost = {
        i: link
        for i, link in links.items()
        if complete and link.state not in OVER and i not in placed and i in items
    }
    found, doubtful = _find_lost(lens, [*rest, *(r for r, _ in copies)], lost) if lost else ({}, [])
    likely = [*((row, item_id) for item_id, row in found.items()), *doubtful]
    waiting += [(row, item_id) for row, item_id in likely if item_id in unsettled]
    taken = {id(row) for row, _ in likely}
    found = {i: r for i, r in found.items() if i not in unsettled}
    doubtful = [(r, i) for r, i in doubtful if i not in unsettled]
    named |= found
    copies = [(r, i) for r, i in copies if id(r) not in taken]
    rest = [r for r in rest if id(r) not in taken]
    without_row = {i: known for i, known in unlinked.items() if i not in pairs and i not in named}
    linked, uncertain, unknown = _match_words(lens, rest, without_row)
    named |= linked
    return Matched(
        pairs=pairs,
        name=named,
        unknown=unknown,
        copies=copies,
        rebuilt=rebuilt,
        late=late,
        uncertain=[*uncertain, *doubtful],
        held={i for _, i in (*uncertain, *doubtful)},
        resent=[i for i in twice if i in pairs],
        waiting=waiting,
        maybe_ours=maybe_ours,
    )


def _stays(link: Link, record: Record) -> bool:
    """Say whether a row of an item's own stays its own though it does not carry its id.

    Whatever id was put into it, it does; where the id was cleared or spoilt, unless the row was
    deleted before or is empty now: then another row with the id may be the item's.
    """
    alive = link.state not in OVER and not is_blank(record.cells)
    return alive or ids.parse(record.id) is not None


def _oldest_first(same: list[Record], link: Link | None, *, stable_rows: bool) -> list[Record]:
    if len(same) == 1:
        return same
    base: Base = link.base if link else {}
    order = {id(record): n for n, record in enumerate(same)}
    return sorted(
        same,
        key=lambda r: (
            0 if stable_rows and link and r.row_id == link.row_id else 1,
            distance(base, r) if not stable_rows else 0,
            r.created,
            order[id(r)],
        ),
    )


def _of_two_requests(
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
    twins, touched, copies = _parted(by_age, known, sent, leaving)
    ours = [*touched, *twins]
    first = next((r for r in ours if r.row_id not in going), ours[0])
    twins, touched = ([r for r in rows if r is not first] for rows in (twins, touched))
    return first, twins, touched, copies


def _parted(
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


def _come_after_all(
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


def _find_lost(
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


_Key = tuple[str, tuple[Cell, ...]]  # the name of the cell that is left out, and the others


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


def _match_words(
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
