"""Rows of the database become values. Pure."""

import json
from collections.abc import Sequence
from typing import Any

from mapping.lens import value_from_json
from sync.join import Mention
from sync.links import Link
from sync.stored import (
    Change,
    DocumentRow,
    KeptBase,
    Request,
    Stored,
    item_from_json,
    told_from_json,
)


def items(rows: Sequence[Any]) -> dict[str, Stored]:
    """Return items by id; thousands are read at once, and one JSON is far quicker than as many."""
    decoded = json.loads(f"[{','.join(data for *_, data, _ in rows)}]")
    origins = json.loads(f"[{','.join(told for *_, told in rows)}]")
    return {
        item_id: Stored(item=item_from_json(item), rev=rev, born=born, origins=told)
        for (item_id, rev, born, _, _), item, told in zip(rows, decoded, origins, strict=True)
    }


def change(row: Any) -> Change:
    """Return a line of the change log."""
    return Change(
        item=row.item,
        kind=row.kind,
        place=row.place,
        why=row.why,
        field=row.field,
        old=value_from_json(row.field or "", json.loads(row.old)),
        new=value_from_json(row.field or "", json.loads(row.new)),
        actor=row.actor,
        at=row.at,
        seq=row.seq,
        run=row.run,
    )


def link(row: Sequence[Any]) -> Link:
    """Return a link; thousands are read at once, and a row's columns are slow to get by name."""
    item, row_id, state, version, link, label, rev, parked, naming, base = row
    return Link(
        item=item,
        row_id=row_id,
        state=state,
        version=version,
        link=link,
        label=label,
        rev=rev,
        parked=parked,
        naming=bool(naming),
        base=KeptBase(base),
    )


def document(row: Any) -> DocumentRow:
    """Return a document."""
    return DocumentRow(
        key=row.key,
        file=row.file,
        digest=row.digest,
        series=row.series,
        start=row.start,
        meeting=json.loads(row.meeting),
        read_at=row.read_at,
        seen_at=row.seen_at,
        tally=json.loads(row.tally),
        approved=json.loads(row.approved) if row.approved else None,
    )


def request(row: Any) -> Request:
    """Return a request."""
    return Request(
        id=row.id, at=row.at, verb=row.verb, target=row.target, args=json.loads(row.args)
    )


def mention(row: Any) -> Mention:
    """Return what a document tells of an item."""
    return Mention(
        item=row.item,
        place=row.place,
        told=told_from_json(json.loads(row.told)),
        source=row.source,
    )
