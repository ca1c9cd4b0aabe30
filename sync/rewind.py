"""The bases of a whole file, kept with each of its states and gone back to. I/O by handle."""

from dataclasses import replace

from connectors.base import Changes
from mapping.values import Finding
from sync.rows import Rows
from sync.states import choose_base
from sync.stored import Change, TrackerState
from sync.transaction import KEPT_STATES


def go_back(rows: Rows, state: TrackerState, changes: Changes) -> TrackerState:
    """Recognise an older copy of the file that was put back (design: nearest state).

    Args:
        rows: the look that is taken in; its bases become those of that state.
        state: what is known of the tracker.
        changes: what the file shows.

    Returns:
        What is known of the tracker then.
    """
    tx, name = rows.ledger.tx, rows.scope.name
    choice = choose_base(
        tx.team,
        changes.records,
        {i: x for i, x in rows.links.items() if x.state == "live"},
        tx.remembered(name),
        current=state.seq,
        known=tx.state_of(name, changes.digest) if changes.digest else None,
        again=state.again,
        looked=state.looked,
    )
    if choice is None:
        return state
    seq, bases = choice
    for item_id, base in bases.items():
        link = rows.links[item_id]
        rows.before.setdefault(item_id, link.base)
        if base is None:
            rows.give_up(item_id)
        else:
            rows.links[item_id] = replace(link, base=base, rev=0, version=None)
            rows.moved[item_id] = rows.links[item_id]
    why = rows.lens.text(
        f"{name} 的文件是较早的一份（状态 {seq}），其后的改动将重新写入",
        f"the file of {name} is an older copy (state {seq}); what came after is written again",
    )
    rows.ledger.note(Change(item=None, kind="older-file", place=name, why=why))
    rows.findings["table:older"] = Finding(code="match-uncertain", message=why)
    return replace(state, again=True)


def keep_bases(rows: Rows, state: TrackerState, *, looked: bool) -> TrackerState:
    """Keep the bases that have moved so far as those before another state of a file.

    Args:
        rows: the look that is taken in.
        state: what is known of the tracker.
        looked: people typed what moved them; else we wrote it.

    Returns:
        What is known of the tracker then.
    """
    if not (rows.whole_file and rows.before):
        return state
    seq, states = state.seq + 1, state.looked
    rows.ledger.tx.remember(rows.scope.name, seq, rows.before)
    rows.before.clear()
    if looked:
        states = (*(s for s in states if s > seq - KEPT_STATES), seq)
    return replace(state, seq=seq, looked=states)
