"""Which row is which item. Pure.

Ours is the id in the row; words only help where the id is not there. Whatever is not certain is
told to a person and joined with nothing (failures 8, 10, 14, 81-84).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from connectors.base import Record, RowState
from mapping import ids
from mapping.cells import Cells
from mapping.lens import Lens, is_blank
from sync.links import OVER, Known, Link, distance
from sync.merge import Base
from sync.resemblance import find_lost, match_words
from sync.twins import come_after_all, of_two_requests, parted


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
        come = come_after_all(of_id, link, accounted.get(item_id, ()), stands=stands)
        same = [r for r in of_id if r not in come]
        late += [(record, item_id) for record in come]
        twins: Sequence[Record] = ()
        touched: Sequence[Record] = ()
        if stands:
            twins, touched, others = parted(same, link, sent, leaving)
        elif item_id in over and all(r.row_id != links[item_id].row_id for r in same):
            twins, maybe, made = parted(same, None, sent, leaving)
            pairs.update((item_id, row) for row in [*maybe, *made][:1])
            others = [*maybe, *made][1:]
        else:
            first, *others = _oldest_first(same, link, stable_rows=stable_rows)
            if others and (sent or any(r.row_id in leaving for r in same)):
                first, twins, touched, others = of_two_requests(same, link, sent, leaving, going)
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
    strays = [r for r, i in copies if not stable_rows or not _is_own(links.get(i), pairs.get(i))]
    found, doubtful = find_lost(lens, [*rest, *strays], lost) if lost else ({}, [])
    likely = [*((row, item_id) for item_id, row in found.items()), *doubtful]
    waiting += [(row, item_id) for row, item_id in likely if item_id in unsettled]
    taken = {id(row) for row, _ in likely}
    found = {i: r for i, r in found.items() if i not in unsettled}
    doubtful = [(r, i) for r, i in doubtful if i not in unsettled]
    named |= found
    copies = [(r, i) for r, i in copies if id(r) not in taken]
    rest = [r for r in rest if id(r) not in taken]
    without_row = {i: known for i, known in unlinked.items() if i not in pairs and i not in named}
    linked, uncertain, unknown = match_words(lens, rest, without_row)
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


def _is_own(link: Link | None, record: Record | None) -> bool:
    """Say whether a row is the very one that is known: beside it, one of its id is its copy."""
    return link is not None and record is not None and link.row_id == record.row_id


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
