"""Which earlier state of a whole file a file that is found comes from. Pure.

A file has no times of its rows. So the states that were written or read are kept, and a file that
is found is compared with each: one that is nearer to an earlier state is an older copy that was put
back, or saved over ours by somebody who had it open, and not a person taking our changes back.

An older copy lacks something that we wrote. A file that lacks only what people typed is one that
they have set back themselves.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType

from connectors.base import Record
from mapping import ids
from mapping.cells import show
from mapping.words import fold
from sync.links import Link, distance
from sync.merge import Base

Bases = Mapping[str, Base | None]

ROW = ""  # in place of a field: the row as a whole


def choose_base(
    team: str,
    records: Sequence[Record],
    links: Mapping[str, Link],
    remembered: Mapping[int, Bases],
    *,
    current: int,
    known: int | None,
    again: bool,
    looked: Collection[int] = (),
) -> tuple[int, Bases] | None:
    """Return (state, the bases that differ in it) if the file comes from an earlier state.

    Args:
        team: whose ids count.
        records: the rows that were found.
        links: the live rows as the store knows them, with the base of the newest state.
        remembered: by state, the bases as they were before it (None: no row yet).
        current: the newest state.
        known: the state that these very bytes showed before, if any: then it is certain.
        again: an older copy was recognised just before; the same once more is meant.
        looked: the states that came of a look, with what people typed; all others we wrote.

    An edit costs 1 a cell, a row that vanished 1. The newest state wins a tie. Where the file
    equals an earlier state in every cell but was saved anew, one single difference to the newest
    state is taken for a person's edit: somebody saved, so somebody changed something. An earlier
    state counts only if the file shows it in a cell that we wrote since and nobody edited after us.
    """
    found, loose = _by_id(team, records, links)
    if links and not found.keys() & links.keys() and not _any_words(links, loose):
        return None  # every row is gone: that is for the guard to ask about
    named = {i for i, link in links.items() if not link.naming}  # others cannot be told by their id
    touched = {i for seq in remembered for i in remembered[seq]} & named
    if known is not None:  # ... but a row whose words no row has is not there
        touched |= _vanished(links, records) - named
    if all(_is_same(links[i], found.get(i)) for i in touched):
        return None  # nothing is looked into where every row is as it was read last
    spare = Counter(_says(record) for record in records)  # rows that no id tells to be an item's
    spare -= Counter(_says(record) for record in found.values())  # its row may have been deleted
    state: dict[str, Base | None] = {i: links[i].base for i in touched}
    words = {i: _words(links[i].base) for i in touched}
    if _cost(state, words, found, loose) == 0:
        return None  # it shows the newest state, whatever else these bytes have shown
    if known is not None:
        older = known < current
        back = _rewind(remembered, known, current, links, looked=looked, spare=spare)
        return (known, back) if older else None
    costs = {current: _cost(state, words, found, loose)}
    by_us: dict[tuple[str, str], bool] = {}  # of each cell: whether its last change is ours
    adopted: dict[str, Base] = {}  # rows that people made: they may have stood there before
    for seq in range(current - 1, current - len(remembered) - 1, -1):
        if seq + 1 not in remembered:
            break
        before = {i: b for i, b in remembered[seq + 1].items() if i in touched}
        for item, base in before.items():
            for name in _changed(base, state[item]):
                by_us.setdefault((item, name), seq + 1 not in looked)
            as_found = state[item]
            if base is None and as_found is not None and seq + 1 in looked:
                adopted[item] = as_found
        state |= before
        ours = [cell for cell, is_ours in by_us.items() if is_ours]
        if any(_is_taken_back(cell, state, links, found, loose) for cell in ours):
            costs[seq] = _cost(state, words, found, loose, adopted)
    best = min(costs, key=lambda s: (costs[s], -s))
    if best == current:
        return None
    if costs[best] == 0 and (costs[current] - costs[best] < 2 or again):
        return None
    return best, _rewind(remembered, best, current, links, looked=looked, spare=spare)


def _by_id(
    team: str, records: Sequence[Record], links: Mapping[str, Link]
) -> tuple[dict[str, Record], dict[str, list[Record]]]:
    """Return the rows by id, and those that carry none by their folded words.

    Of several rows of one id, copies or such into which it was pasted, the nearest to the base.
    """
    found: dict[str, Record] = {}
    loose: dict[str, list[Record]] = {}
    for record in records:
        item_id = ids.parse(record.id)
        if item_id is None:
            loose.setdefault(_says(record), []).append(record)
        elif ids.is_of(team, item_id):
            other, link = found.get(item_id), links.get(item_id)
            if not (other and link) or distance(link.base, record) < distance(link.base, other):
                found[item_id] = record
    return found, loose


def _says(record: Record) -> str:
    return fold(show(record.cells.get("description")))


def _vanished(links: Mapping[str, Link], records: Sequence[Record]) -> set[str]:
    """Return the rows whose words no row of the file has."""
    shown = {_says(record) for record in records}
    return {i for i, link in links.items() if _words(link.base) not in shown}


def _words(base: Base) -> str:
    based = base.get("description")
    return fold(show(based.cell)) if based else ""


def _is_same(link: Link, record: Record | None) -> bool:
    return record is not None and record.version is not None and record.version == link.version


def _any_words(links: Mapping[str, Link], loose: Mapping[str, Sequence[Record]]) -> bool:
    """Say whether a row without an id has the words of a row that we know."""
    return bool(loose) and any(_words(link.base) in loose for link in links.values())


def _cost(
    state: Mapping[str, Base | None],
    words: Mapping[str, str],
    found: Mapping[str, Record],
    loose: Mapping[str, Sequence[Record]],
    adopted: Mapping[str, Base] = MappingProxyType({}),
) -> int:
    total = 0
    for item_id, base in state.items():
        record = found.get(item_id)
        if base is None and record is None and item_id in adopted:
            total += _cost_of_words(adopted[item_id], loose, absent=0)
        elif base is None and record is not None:
            total += 1_000_000  # no copy shows an id before it was drawn
        elif base is None:  # its words, though, may stand in a row that was nobody's
            total += 1 if words[item_id] in loose else 0
        elif record is not None:
            # a column that the state did not have costs too: no copy of it shows that column
            total += distance(base, record) + len(record.cells.keys() - base.keys())
        else:
            total += _cost_of_words(base, loose, absent=1)
    return total


def _cost_of_words(base: Base, loose: Mapping[str, Sequence[Record]], *, absent: int) -> int:
    """Return what a row costs that can be told by its words only."""
    same = loose.get(_words(base), ())
    return min((min(1, distance(base, r)) for r in same), default=absent)


def _changed(before: Base | None, after: Base | None) -> Iterator[str]:
    """Yield the fields whose cell is another one; for a row that came or went, ``ROW``."""
    if before is None or after is None:
        yield ROW
        return
    for name in before.keys() | after.keys():
        if name not in before or name not in after or before[name].cell != after[name].cell:
            yield name


def _is_taken_back(
    cell: tuple[str, str],
    state: Mapping[str, Base | None],
    links: Mapping[str, Link],
    found: Mapping[str, Record],
    loose: Mapping[str, Sequence[Record]],
) -> bool:
    """Say whether a file shows a cell, or lacks a row, as an earlier state does."""
    item, name = cell
    old, new = state[item], links[item].base
    rows = (found[item],) if item in found else loose.get(_words(old or new), ())
    if name == ROW:
        return old is None and not rows
    if old is None or name not in old or name not in new or old[name].cell == new[name].cell:
        return False
    return any(name in r.cells and r.cells[name] == old[name].cell for r in rows)


def _rewind(
    remembered: Mapping[int, Bases],
    to: int,
    current: int,
    links: Mapping[str, Link],
    *,
    looked: Collection[int],
    spare: Mapping[str, int],
) -> Bases:
    """Return the bases of a state, where they differ; None for a row that was not there yet.

    A row that people made, and that the file shows without its id, or, copied, with another's, was
    there before we knew of it.
    """
    left = dict(spare)
    bases: dict[str, Base | None] = {i: link.base for i, link in links.items()}
    for seq in range(current, to, -1):
        for item, base in remembered.get(seq, {}).items():
            as_found = bases.get(item)
            text = _words(as_found) if as_found is not None else ""
            if text and base is None and seq in looked and left.get(text, 0) > 0:
                left[text] -= 1
            elif item in bases:
                bases[item] = base
    return {i: b for i, b in bases.items() if b != links[i].base}
