"""Writes whose answer never came: looked for, given up, or found a second time. I/O by handle.

Nothing is sent again before it was looked for; "not found" counts only once the tool's search must
know (failures 1-4).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from connectors.base import Record, RowState, Schema
from mapping import ids
from mapping.cells import LISTS, Cell, Cells, from_json, to_json
from mapping.lens import Value, is_blank, value_from_json, value_to_json, values
from sync.absence import ABSENT_FOR
from sync.lag import is_within, lag_of
from sync.links import OVER, Known, Link
from sync.merge import Based, as_said, says
from sync.rows import Rows
from sync.stored import Change, Intent

LATE_FOR = timedelta(hours=1)  # so long a creation that was given up may come late


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a write had sent: the cells, and the hub's values behind them."""

    cells: Cells
    ours: Mapping[str, Value]


def sent_by(intent: Intent) -> Sent:
    """Return what a write had sent."""
    cells = {n: from_json(c) for n, c in intent.data["cells"].items()}
    ours = {n: value_from_json(n, v) for n, v in intent.data["ours"].items() if n in cells}
    return Sent(cells=cells, ours=ours)


def _lost(rows: Rows) -> dict[str, Intent]:
    """Return, by token, the creations that were given up; the journal is read once a look."""
    if rows.lost is None:
        rows.lost = {i.token: i for i in rows.ledger.tx.lost(rows.scope.name)}
    return rows.lost


def _forget(rows: Rows, tokens: Iterable[str]) -> None:
    """Strike writes out, given up or not: what became of them is known, or too long ago."""
    over = [*tokens]
    rows.ledger.tx.settle(over)
    for token in over:
        _lost(rows).pop(token, None)


def given_up(rows: Rows) -> dict[str, list[Intent]]:
    """Return, by item, the creations that were given up and sent anew, their rows not yet met."""
    return _by_item(x for x in _unmet(rows) if not x.data.get("accounted"))


def accounted(rows: Rows) -> dict[str, list[Intent]]:
    """Return, by item, those for which a row was taken that people worked in: it may be a copy."""
    return _by_item(x for x in _unmet(rows) if x.data.get("accounted"))


def _unmet(rows: Rows) -> list[Intent]:
    return [intent for intent in _lost(rows).values() if intent.data["row"] is None]


def _by_item(intents: Iterable[Intent]) -> dict[str, list[Intent]]:
    out: dict[str, list[Intent]] = {}
    for intent in intents:
        out.setdefault(intent.item, []).append(intent)
    return out


def leaving(rows: Rows) -> dict[str, Intent]:
    """Return, by row, the second rows of creations that are taken out, as requests made them."""
    return {i.data["row"]: i for i in _lost(rows).values() if i.data["row"] is not None}


def unanswered(rows: Rows) -> dict[str, Intent]:
    """Return, by item, the creations of which no row is known, given up or not."""
    tx, name = rows.ledger.tx, rows.scope.name
    lost = [intent for of_item in given_up(rows).values() for intent in of_item]
    return {
        i.item: i
        for i in (*lost, *tx.intents(name))
        if i.kind == "create" and (i.item not in rows.links or _replaces_deleted(rows, i))
    }


def _replaces_deleted(rows: Rows, intent: Intent) -> bool:
    """Say whether a creation was to make a row in place of the item's own, which was deleted.

    One that was sent before that row was made was not: the row is deleted, and nothing takes its
    place. In a file the row that is found may as well be the one that an older copy shows again.
    """
    known, instead = rows.links.get(intent.item), intent.data.get("instead")
    if known is None or known.state not in OVER or instead is None or rows.whole_file:
        return False
    return known.row_id in (instead, "")  # no row has a number in a table that took its place


def unlinked(rows: Rows, made: Mapping[str, Intent]) -> dict[str, Known]:
    """Return the items without a row, as they were sent where there was no answer yet.

    Args:
        rows: the look that is taken in.
        made: by item, the creations of which no row is known.
    """
    tx = rows.ledger.tx
    stored = tx.unlinked(rows.scope.name) | tx.some_items({*rows.dropped, *made})
    out = {}
    for item_id, s in stored.items():
        if not s.item.is_open:
            continue  # what people add now is work of its own
        sent = sent_by(made[item_id]).ours if item_id in made else {}
        told = {**values(s.item), **sent}
        out[item_id] = Known(id=item_id, values=told)
    return out


def _is_old_row(rows: Rows, intent: Intent, record: Record) -> bool:
    """Say whether a row is the one that was deleted before a creation was sent."""
    return _replaces_deleted(rows, intent) and rows.links[intent.item].row_id == record.row_id


def settle(
    rows: Rows,
    intents: Sequence[Intent],
    found: Sequence[Record],
    listed: Sequence[Record],
    schema: Schema,
    *,
    now: datetime,
) -> None:
    """Clear up open intents: a row that was found is the answer, one that was not may be late.

    Args:
        rows: the look that is taken in.
        intents: the writes without an answer.
        found: what asking for their items' rows by id told.
        listed: the rows of the look; one whose id was spoilt since is an answer too.
        schema: the tool's promises on its search and on repeated creations.
        now: the time of decisions.
    """
    tx = rows.ledger.tx
    by_id: dict[str, list[Record]] = {}
    for record in found:
        item_id = ids.parse(record.id)
        if item_id is not None:
            by_id.setdefault(item_id, []).append(record)
    places = {r.row_id: r for r in listed if r.state is RowState.LIVE and schema.stable_rows}
    owners = {x.row_id: i for i, x in rows.links.items()} if schema.stable_rows else {}
    lost = given_up(rows) if found else {}
    for intent in intents:
        link = rows.links.get(intent.item)
        told = [r for r in by_id.get(intent.item, ()) if not _is_old_row(rows, intent, r)]
        states = {r.state for r in told}
        same = sorted((r for r in told if r.state is RowState.LIVE), key=lambda r: r.created)
        same = [r for r in same if owners.get(r.row_id, intent.item) == intent.item]
        if link is not None and schema.stable_rows and not _replaces_deleted(rows, intent):
            own = [r for r in same if r.row_id == link.row_id]
            same = own or [places[p] for p in (link.row_id,) if p in places]
        young = is_within(lag_of(schema), intent.at, now)
        if (
            intent.kind == "update"
            and link
            and young
            and any(r.version == link.if_version for r in same)
        ):
            continue  # as it was before: the search may not know yet
        if same and intent.kind != "remove":
            _take(rows, intent, same[0], lost.get(intent.item, ()))
        elif intent.kind != "create":
            tx.settle([intent.token])
        elif schema.idempotent_create or RowState.HIDDEN in states:
            continue  # sent again word for word under the same token; or there, but not for us
        elif RowState.ABSENT in states and is_within(ABSENT_FOR, intent.at, now):
            continue  # it was seen before, and may be there
        elif not young:
            _keep_lost(rows, intent)


def take_as_answer(rows: Rows, intent: Intent, record: Record, older: Sequence[Intent]) -> bool:
    """Take a row for the answer to the creation of its item; say whether it is.

    The creation is given up if the item has the row again that was deleted before it was sent.

    Args:
        rows: the look that is taken in.
        intent: the creation, of which no row is known.
        record: the row.
        older: the creations of its item that were given up.
    """
    if is_blank(record.cells):
        return False
    if _is_old_row(rows, intent, record):
        _keep_lost(rows, intent)
        return False
    _take(rows, intent, record, older)
    return True


def _take(rows: Rows, asked: Intent, record: Record, older: Sequence[Intent] = ()) -> None:
    """Take a row that was found for the answer that was lost.

    What an older creation of the item had sent, and nobody has touched, is no edit of what was sent
    last: the row is the answer to that one of them which it shows best (failure 4).

    Args:
        rows: the look that is taken in.
        asked: the write whose answer was lost.
        record: the row.
        older: the creations of its item that were given up.
    """
    intent = _nearest([asked, *older], record) if asked.kind == "create" else asked
    if intent is not asked and asked.token not in {i.token for i in older}:
        _keep_lost(rows, asked)  # its own row may come yet
    _forget(rows, [intent.token])
    known = None if _replaces_deleted(rows, asked) else rows.links.get(intent.item)
    sent = sent_by(intent)
    base = dict(known.base) if known else {}
    for name, cell in record.cells.items():
        if name not in rows.lens.fields:
            continue
        if known is None or (name in sent.cells and _was_written(known, name, cell, sent)):
            base[name] = _as_made(rows, sent, name, cell)
    link = Link(
        item=intent.item,
        row_id=record.row_id,
        version=None,  # what else stands there is for the merge to see
        link=record.link,
        label=record.label,
        base=base,
    )
    if known is None or known.base != base:
        rows.before.setdefault(intent.item, known.base if known else None)
    rows.links[intent.item] = rows.moved[intent.item] = link
    if intent.item in rows.dropped:
        rows.dropped.remove(intent.item)
    why = rows.lens.text("找回了没有收到答复的写入", "a write whose answer was lost was found")
    rows.ledger.note(Change(item=intent.item, kind="link", place=rows.scope.name, why=why))


def _was_written(known: Link, name: str, cell: Cell, sent: Sent) -> bool:
    """Say whether a cell is what was sent; one that stands as it did is not, though it be like."""
    before = known.base.get(name)
    stands = before is not None and before.cell == cell
    return cell == sent.cells[name] or (says(cell, sent.cells[name]) and not stands)


def move_link(rows: Rows, item_id: str, record: Record) -> None:
    """Move an item's link to the row of a creation that was carried out late (failure 4)."""
    link = rows.links.get(item_id)
    if link is None or link.row_id == record.row_id:
        return
    intent = leaving(rows).get(record.row_id) or _made_by(rows, item_id, record)
    sent = sent_by(intent)
    carried = record.cells.keys() & rows.lens.fields.keys()
    base = {name: _as_made(rows, sent, name, record.cells[name]) for name in carried}
    _forget(rows, [intent.token])
    _give_up(rows, link)
    rows.before.setdefault(item_id, link.base)
    rows.links[item_id] = rows.moved[item_id] = replace(
        link, row_id=record.row_id, version=None, base=base, rev=0
    )


def _give_up(rows: Rows, link: Link) -> None:
    """Keep what a row holds that is to go: if it is met again, it is no copy that people made."""
    data = {
        "cells": {name: to_json(based.cell) for name, based in link.base.items()},
        "ours": {name: value_to_json(based.ours) for name, based in link.base.items()},
    }
    _take_out(rows, link.item, link.row_id, data)


def take_out(rows: Rows, item_id: str, record: Record) -> None:
    """Keep which row a creation made that was carried out twice, and is to go: one, no more."""
    if record.row_id not in leaving(rows):
        intent = _made_by(rows, item_id, record)
        _forget(rows, [intent.token])
        _take_out(rows, item_id, record.row_id, intent.data)


def keep_apart(rows: Rows, item_id: str, record: Record) -> None:
    """Let a row that became an item of its own account for the request that may have made it."""
    if record.row_id not in leaving(rows) and item_id in given_up(rows):
        intent = _nearest(given_up(rows)[item_id], record)
        kept = replace(intent, data={**intent.data, "accounted": True})
        rows.ledger.tx.put_intents(rows.scope.name, [kept], state="lost")
        _lost(rows)[kept.token] = kept


def _take_out(rows: Rows, item_id: str, row_id: str, data: Mapping[str, Any]) -> None:
    token, data = f"{rows.scope.name}:{row_id}", {**data, "row": row_id}
    _keep_lost(rows, Intent(token=token, item=item_id, kind="create", at="", data=data))


def _keep_lost(rows: Rows, intent: Intent) -> None:
    """Keep a creation that is given up, from now on; it may be carried out yet."""
    tx, kept = rows.ledger.tx, replace(intent, at=rows.ledger.at)
    tx.put_intents(rows.scope.name, [kept])
    tx.settle([kept.token], lost=True)
    _lost(rows)[kept.token] = kept


def _made_by(rows: Rows, item_id: str, record: Record) -> Intent:
    """Return the creation, given up, that is most likely to have made a row."""
    first = given_up(rows).get(item_id, [])
    return _nearest([*first, *accounted(rows).get(item_id, [])], record)


def _nearest(intents: Sequence[Intent], record: Record) -> Intent:
    """Return the creation that a row shows best; the first of those that it shows as well."""

    def others(intent: Intent) -> int:
        sent = sent_by(intent).cells
        return sum(not says(cell, sent.get(name)) for name, cell in record.cells.items())

    return min(intents, key=others)


def forget_late(
    rows: Rows,
    listed: Sequence[Record],
    schema: Schema,
    last: str | None,
    *,
    hidden: Collection[str],
) -> None:
    """Forget, after a look at all rows, the creations that can no longer come late.

    They could not by the ``last`` such look either, so that this one shows whatever came. What
    shows up from now on was made by people (failure 10), whatever it looks like. Where an item's
    row was not shown to both, another row of it may have been hidden too (failure 38). A second row
    that is another item's by then goes no more.

    Args:
        rows: the look that is taken in.
        listed: its rows.
        schema: the tool's promises on its search.
        last: when the look at all rows before this one was.
        hidden: the items whose row was not shown before this look.
    """
    if last is None:
        return
    places = {r.row_id for r in listed}
    owners = {x.row_id: i for i, x in rows.links.items() if x.state not in OVER}
    before = datetime.fromisoformat(last) - LATE_FOR - lag_of(schema)

    def was_shown(item_id: str) -> bool:
        link = rows.links.get(item_id)
        there = link is None or link.state in OVER or link.row_id in places
        return there and item_id not in hidden

    def is_over(intent: Intent) -> bool:
        row = intent.data["row"]
        owner = owners.get(row, intent.item)
        met = row in places and owner == intent.item
        young = datetime.fromisoformat(intent.at) > before
        return not met and not young and was_shown(intent.item) and was_shown(owner)

    over = [i.token for i in _lost(rows).values() if is_over(i)]
    _forget(rows, over)


def _as_made(rows: Rows, sent: Sent, name: str, cell: Cell) -> Based:
    """Return a field's base as a creation made it; what was not sent is judged afresh.

    What follows a creation may not have come to it: then what stands there is the tool's own.
    """
    if rows.lens.fields[name].follows and not says(cell, sent.cells.get(name)):
        return Based(cell, None)
    if name not in sent.cells:
        return Based(() if rows.lens.fields[name].kind in LISTS else None, None)
    shown = cell if says(cell, sent.cells[name]) else sent.cells[name]  # else it was edited since
    return as_said(rows.lens, name, sent.ours[name], shown)
