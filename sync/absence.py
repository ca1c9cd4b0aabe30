"""What became of a row that a look does not show. Pure.

That a row is not among those that were seen says nothing by itself. What counts, and how much:

- A complete look, or one that lists the row as gone, makes it *missing* (`unseen`); so does
  another row that is taken for it, where rows have ids of their own (`displaced`).
- What is missing is asked for by id, in a second read (`answers`). Only ``gone`` is a deletion;
  ``hidden`` says nothing of one (promise 5).
- ``absent`` - not found, and the service does not say which of the two - is hidden at first, and
  gone once two complete looks, an hour apart, showed other rows and not this one (`judge`).
- Until that is known its place is not free: a row that could take it waits (`unsettled`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from connectors.base import Changes, Record, RowState
from mapping import ids
from sync.links import SEEN, Link
from sync.match import Matched

ABSENT_FOR = timedelta(hours=1)  # a row of which nobody says why it is not found may come back
ALL = "*"  # in place of an item: none of our rows is visible


class Fate(StrEnum):
    """What is known of a row that a look did not show: what a tool says of it, and one more."""

    LIVE = RowState.LIVE.value  # it stands: the look only missed it
    GONE = RowState.GONE.value
    HIDDEN = RowState.HIDDEN.value
    ABSENT = RowState.ABSENT.value
    ELSEWHERE = "elsewhere"  # it is gone, and another row carries the id


THERE = (Fate.LIVE, Fate.HIDDEN)  # the row stands, shown to us or not


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of the rows that a look did not show.

    Attributes:
        fates: by item; what is still ``absent`` counts as hidden.
        absent: items, or ``ALL``, -> since when nobody says why they are not found.
    """

    fates: Mapping[str, Fate]
    absent: Mapping[str, str]


def unseen(
    links: Mapping[str, Link], matched: Matched, changes: Changes, *, stable_rows: bool
) -> set[str]:
    """Return the items whose row was not seen though it should have been.

    A look at changes need show none; what it lists as gone is to be asked for all the same.
    """
    known = {i for i, link in links.items() if link.state in SEEN}
    lost = known - matched.seen - {*matched.held}
    if changes.complete:
        return lost
    own = {link.row_id: i for i, link in links.items()} if stable_rows else {}
    return lost & {
        own.get(r.row_id) if own else ids.parse(r.id)
        for r in changes.records
        if r.state is RowState.GONE
    }


def displaced(links: Mapping[str, Link], matched: Matched, records: Sequence[Record]) -> set[str]:
    """Return the items that another row was taken for while their own was not shown.

    That one may be a copy: the original did not change, slipped through, or is not for us. So it
    takes no place before that of the original is known to be free (failure 10). Only where rows
    have ids of their own can one be told from another.
    """
    listed = {r.row_id for r in records}
    taken = (matched.seen | {*matched.held}) & links.keys()
    return {i for i in taken if links[i].row_id not in listed}


def nameless(links: Mapping[str, Link], records: Sequence[Record]) -> set[str]:
    """Return the items whose row a look at changes did not list, and no id can ask for.

    Their id was spoilt in it, or not written yet: it did not change, so it is where it was.
    """
    listed = {r.row_id for r in records}
    return {i for i, x in links.items() if x.naming and x.state in SEEN and x.row_id not in listed}


def answers(
    asked: Sequence[str],
    found: Sequence[Record],
    links: Mapping[str, Link],
    *,
    young: Collection[str],
    stable_rows: bool,
) -> dict[str, Fate]:
    """Tell what asking for rows by id says of them.

    Args:
        asked: the items.
        found: the rows that carry their ids, in every state.
        links: their rows, as they are known.
        young: items whose row was made just now: the search may not know it yet, so that not
            found is no answer.
        stable_rows: ``Schema.stable_rows``.
    """
    told = {i: Fate.HIDDEN if i in young else Fate.GONE for i in asked}
    others = set()  # ids that live rows carry which are not the items' own
    for record in found:
        item_id = ids.parse(record.id)
        if item_id not in told:
            continue
        link = links.get(item_id)
        own = not stable_rows or link is None or record.row_id in ("", link.row_id)
        if own and told[item_id] is not Fate.LIVE:
            told[item_id] = Fate(record.state.value)
        elif not own and record.state is RowState.LIVE:
            others.add(item_id)
    gone = {i for i in others if told[i] is Fate.GONE}
    return told | dict.fromkeys(gone, Fate.ELSEWHERE)


def judge(
    missing: Sequence[str],
    told: Mapping[str, Fate],
    *,
    links: Mapping[str, Link],
    matched: Matched,
    complete: bool,
    absent: Mapping[str, str],
    now: datetime,
) -> Judged:
    """Say what became of rows of which asking for them by id did not tell it (failure 38).

    A row of which the service does not say why it is not found is gone once two complete looks,
    an hour apart, showed other rows, of ours or taken for ours; until then it is not visible.
    Where none is visible and some may be hidden, none is known to be gone; if nobody says for an
    hour that one is hidden, the guard asks a person.

    Args:
        missing: the items whose row was not seen though it should have been.
        told: what asking for rows by id told, of these and of others.
        links: the rows known so far.
        matched: what the rows are that were seen.
        complete: the look showed all rows.
        absent: what earlier looks left open, as in `Judged`.
        now: the time of decisions.
    """
    said = {told[i] for i in missing}
    since = {i: datetime.fromisoformat(at) for i, at in absent.items()}
    visible = matched.seen
    if visible or matched.waiting:  # a row that waits for one of them is there to be seen
        unclear = [i for i in missing if told[i] is Fate.ABSENT]
        judged: Sequence[str] = unclear
    else:
        unclear = list(missing) if said & {Fate.HIDDEN, Fate.ABSENT} else []
        whole = {i for i, x in links.items() if x.state in SEEN} == set(missing)
        judged = [ALL] if unclear and whole and Fate.HIDDEN not in said else []
    if complete:
        since = {i: min(since.get(i, now), now) for i in judged}
    elif visible:
        since = {i: at for i, at in since.items() if i != ALL and i not in visible}
    gone = {i for i in judged if complete and now - since[i] >= ABSENT_FOR}
    fates = {i: Fate.GONE if {i, ALL} & gone else Fate.HIDDEN for i in unclear}
    return Judged(
        fates={**told, **fates},
        absent={i: at.isoformat() for i, at in since.items() if i == ALL or i not in gone},
    )


def unsettled(
    links: Mapping[str, Link], told: Mapping[str, Fate], fates: Mapping[str, Fate]
) -> list[str]:
    """Return the items of whose row nobody knows what became: not found, and not yet gone.

    Args:
        links: the rows known so far.
        told: what asking for rows by id told.
        fates: what is known by now, as `judge` says; before that, ``told``.
    """
    return [
        i
        for i, fate in told.items()
        if fate is Fate.ABSENT and fates[i] is not Fate.GONE
        if i in links and links[i].state in SEEN
    ]
