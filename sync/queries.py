"""The statements of the store, built once: only their parameters change from call to call.

What a statement is asked for is named ``of_`` and the column's name, so that no parameter is taken
for a value to be written; ``of_wanted`` is a list.
"""

from dataclasses import fields
from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from sync import tables as t
from sync.links import AGAIN, OVER, REFUSED, Link


def of(table: sa.Table, *names: str) -> "sa.ColumnElement[bool]":
    """Return the condition that a row is the team's, and has these columns' values."""
    return sa.and_(*(table.c[name] == sa.bindparam(f"of_{name}") for name in ("team", *names)))


def _among(column: "sa.Column[object]") -> "sa.ColumnElement[bool]":
    return column.in_(sa.bindparam("of_wanted", expanding=True))


@cache
def put(table: sa.Table) -> sa.Insert:
    """Insert rows or replace those with the same key."""
    keys = [c.name for c in table.primary_key]
    statement = insert(table)
    rest = {c.name: statement.excluded[c.name] for c in table.c if c.name not in keys}
    if not rest:
        return statement.on_conflict_do_nothing()
    return statement.on_conflict_do_update(index_elements=keys, set_=rest)


_ITEM = [t.items.c[name] for name in ("id", "rev", "born", "data", "origins")]
ITEMS = sa.select(*_ITEM).where(of(t.items)).order_by(t.items.c.born)
SOME_ITEMS = sa.select(*_ITEM).where(of(t.items), _among(t.items.c.id))
ITEM_IDS = sa.select(t.items.c.id).where(of(t.items))
OPEN_ITEMS = sa.select(*_ITEM).where(of(t.items), t.items.c.is_open == 1).order_by(t.items.c.born)
REFUSED_ITEMS = sa.select(t.changes.c.item).where(of(t.changes), t.changes.c.kind == "refuse")
OVERDUE = sa.select(*_ITEM).where(
    of(t.items), t.items.c.is_open == 1, t.items.c.due < sa.bindparam("of_today")
)
SHOWN_IN = sa.select(t.links.c.item).where(of(t.links, "tracker"), t.links.c.state == "live")
UNLINKED = sa.select(*_ITEM).where(
    of(t.items),
    t.items.c.is_open == 1,
    t.items.c.id.not_in(
        sa.select(t.links.c.item).where(of(t.links, "tracker"), t.links.c.state != REFUSED)
    ),
)
_state = sa.func.coalesce(t.links.c.state, "")
_is_over = sa.or_(*(_state == state for state in OVER))
BEHIND = (
    sa.select(t.items.c.id)
    .select_from(
        sa.outerjoin(
            t.items, t.links, sa.and_(of(t.links, "tracker"), t.links.c.item == t.items.c.id)
        )
    )
    .where(
        of(t.items),
        sa.or_(
            t.links.c.item.is_(None),
            t.links.c.rev < t.items.c.rev,
            t.links.c.naming == 1,
            t.links.c.parked == AGAIN,
        ),
        sa.not_(sa.and_(_is_over, t.items.c.is_open == 0)),
    )
    .order_by(t.items.c.born)
)

LAST_SEQ = sa.select(sa.func.max(t.changes.c.seq))
LOG = sa.insert(t.changes)
_CHANGES = sa.select(t.changes).order_by(t.changes.c.seq)
CHANGES = _CHANGES.where(of(t.changes), t.changes.c.seq > sa.bindparam("of_since"))
CHANGES_OF_ITEM = CHANGES.where(t.changes.c.item == sa.bindparam("of_item"))
CHANGES_OF_SOME = _CHANGES.where(of(t.changes), _among(t.changes.c.item))
MADE = (
    sa.select(t.changes.c.item, t.changes.c.at)
    .where(of(t.changes, "kind", "place"))
    .order_by(t.changes.c.seq.desc())
    .limit(20_000)
)
RESTLESS = (
    sa.select(t.changes.c.item, t.changes.c.field)
    .where(of(t.changes, "kind"), t.changes.c.at >= sa.bindparam("of_since"))
    .group_by(t.changes.c.item, t.changes.c.field)
    .having(sa.func.count() >= sa.bindparam("of_least"))
)

_LINK = [t.links.c[f.name] for f in fields(Link)]
LINKS = sa.select(*_LINK).where(of(t.links, "tracker"))
SOME_LINKS = LINKS.where(_among(t.links.c.item))
ALL_LINKS = sa.select(t.links.c.tracker, *_LINK).where(of(t.links))
PLAN_AGAIN = sa.update(t.links).where(of(t.links, "tracker")).values(parked=AGAIN)
DROP_LINKS = sa.delete(t.links).where(of(t.links, "tracker"), _among(t.links.c.item))

HISTORY = sa.select(t.history).where(of(t.history, "tracker"))
HISTORY_HAS = sa.select(t.history.c.item).where(of(t.history, "tracker", "seq"))
OLD_STATES = tuple(
    sa.delete(table).where(of(table, "tracker"), table.c.seq <= sa.bindparam("of_last"))
    for table in (t.history, t.states)
)
STATE_OF = sa.select(t.states.c.seq).where(of(t.states, "tracker", "digest"))

TRACKER = sa.select(t.trackers.c.data).where(of(t.trackers, "name"))
TRACKER_NAMES = sa.select(t.trackers.c.name).where(of(t.trackers)).order_by(t.trackers.c.name)

INTENTS = sa.select(t.intents).where(of(t.intents, "tracker", "state")).order_by(t.intents.c.seq)
_TOKENS = sa.and_(of(t.intents), _among(t.intents.c.token))
INTENTS_LOST = sa.update(t.intents).where(_TOKENS).values(state="lost")
DROP_INTENTS = sa.delete(t.intents).where(_TOKENS)

DOCUMENT = sa.select(t.documents).where(of(t.documents, "key"))
DOCUMENTS_SINCE = (
    sa.select(t.documents)
    .where(
        of(t.documents),
        sa.or_(t.documents.c.seen_at >= sa.bindparam("of_since"), _among(t.documents.c.key)),
    )
    .order_by(t.documents.c.start)
)
DOCUMENTS = sa.select(t.documents).where(of(t.documents)).order_by(t.documents.c.start)
DOCUMENTS_ON = DOCUMENTS.where(sa.func.substr(t.documents.c.start, 1, 10) == sa.bindparam("of_day"))
DOCUMENTS_OF_SERIES = DOCUMENTS.where(t.documents.c.series == sa.bindparam("of_series"))
MENTIONS = sa.select(t.mentions).where(of(t.mentions, "document"))
MENTIONED = (
    sa.select(t.mentions.c.item)
    .where(of(t.mentions, "document"))
    .order_by(t.mentions.c.place, t.mentions.c.item)
)
LAST_TOLD = (
    sa.select(t.mentions)
    .select_from(
        sa.join(
            t.mentions,
            t.documents,
            sa.and_(
                t.documents.c.team == t.mentions.c.team, t.documents.c.key == t.mentions.c.document
            ),
        )
    )
    .where(of(t.mentions), _among(t.mentions.c.item))
    .order_by(sa.func.coalesce(t.documents.c.start, ""), t.documents.c.seq)
)
TOLD_IN = sa.select(t.mentions.c.item).where(of(t.mentions), _among(t.mentions.c.document))
DROP_MENTIONS = sa.delete(t.mentions).where(of(t.mentions, "document"))
CANDIDATE = sa.select(t.candidates).where(of(t.candidates, "id"))
DROP_CANDIDATES = sa.delete(t.candidates).where(of(t.candidates, "document"))

FINDINGS = (
    sa.select(t.findings).where(of(t.findings)).order_by(t.findings.c.first_at, t.findings.c.about)
)
FINDINGS_OF = FINDINGS.where(t.findings.c.source == sa.bindparam("of_source"))
_put_finding = insert(t.findings)
PUT_FINDINGS = _put_finding.on_conflict_do_update(
    index_elements=["team", "source", "about"], set_={"data": _put_finding.excluded.data}
)
DROP_SOURCE = sa.delete(t.findings).where(of(t.findings, "source"))
DROP_PREFIX = DROP_SOURCE.where(
    sa.func.substr(t.findings.c.about, 1, sa.bindparam("of_length")) == sa.bindparam("of_prefix")
)
DROP_FINDINGS = DROP_SOURCE.where(_among(t.findings.c.about))
CLOSE_FINDINGS = sa.delete(t.findings).where(of(t.findings), _among(t.findings.c.about))
SOURCES = sa.select(t.findings.c.source).where(of(t.findings)).distinct()

REQUEST = sa.insert(t.requests)
_REQUESTS = sa.select(t.requests).where(of(t.requests))
REQUESTS = _REQUESTS.where(t.requests.c.result.is_(None)).order_by(t.requests.c.id)
ANSWERED = (
    _REQUESTS.where(t.requests.c.result.is_not(None))
    .order_by(t.requests.c.id.desc())
    .limit(sa.bindparam("of_last"))
)
ANSWER = sa.update(t.requests).where(of(t.requests, "id")).values(result=sa.bindparam("of_result"))

FENCE = sa.select(t.leases.c.fence).where(of(t.leases))
LEASE = sa.select(t.leases).where(of(t.leases))
