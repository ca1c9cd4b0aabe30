"""What can be read and written of a team inside one transaction. I/O by handle.

Statements only: whatever is decided is decided in the pure modules. JSON stands in text columns, so
that any database does.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as _insert

from mapping.lens import value_from_json, value_to_json
from mapping.values import Finding
from sync import tables as t
from sync.match import REFUSED, Link, Mention
from sync.merge import Base
from sync.stored import (
    Candidate,
    Change,
    DocumentRow,
    Intent,
    KeptBase,
    OpenFinding,
    Request,
    Stored,
    TrackerState,
    base_text,
    dump,
    entry_from_json,
    entry_to_json,
    finding_from_json,
    finding_to_json,
    item_from_json,
    item_to_json,
    told_from_json,
    told_to_json,
)

KEPT_STATES = 20


class Transaction:
    """What can be read and written inside ``Store.transaction``."""

    def __init__(self, connection: sa.Connection, team: str, run: str = "") -> None:
        self.connection = connection
        self.team = team
        self.run = run

    # --- for statements, here and in the modules of single tables ---

    def rows(self, query: Any) -> Sequence[Any]:
        """Return what a query finds."""
        return self.connection.execute(query).all()

    def put(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows or replace those with the same key."""
        if not rows:
            return
        keys = [c.name for c in table.primary_key]
        statement = _insert(table)
        rest = {c.name: statement.excluded[c.name] for c in table.c if c.name not in keys}
        statement = (
            statement.on_conflict_do_update(index_elements=keys, set_=rest)
            if rest
            else statement.on_conflict_do_nothing()
        )
        self.connection.execute(statement, [{"team": self.team, **row} for row in rows])

    def where(self, table: sa.Table, **equal: Any) -> Any:
        """Return the condition for the team's rows with these values."""
        return sa.and_(table.c.team == self.team, *(table.c[k] == v for k, v in equal.items()))

    # --- items ---

    def items(self) -> dict[str, Stored]:
        """Return all items by id, in the order in which they came."""
        query = sa.select(t.items).where(self.where(t.items)).order_by(t.items.c.born)
        return {row.id: _stored(row) for row in self.rows(query)}

    def some_items(self, wanted: Iterable[str]) -> dict[str, Stored]:
        """Return the items with these ids."""
        out: dict[str, Stored] = {}
        for part in _parts(sorted(set(wanted))):
            query = sa.select(t.items).where(self.where(t.items), t.items.c.id.in_(part))
            out |= {row.id: _stored(row) for row in self.rows(query)}
        return out

    def item_ids(self) -> set[str]:
        """Return the ids of all items."""
        return set(self.connection.scalars(sa.select(t.items.c.id).where(self.where(t.items))))

    def overdue(self, today: date) -> dict[str, Stored]:
        """Return the open items whose due day has passed."""
        query = sa.select(t.items).where(
            self.where(t.items), t.items.c.is_open == 1, t.items.c.due < today.isoformat()
        )
        return {row.id: _stored(row) for row in self.rows(query)}

    def open_items(self) -> dict[str, Stored]:
        """Return the items still to be done, in the order in which they came."""
        query = sa.select(t.items).where(self.where(t.items, is_open=1)).order_by(t.items.c.born)
        return {row.id: _stored(row) for row in self.rows(query)}

    def refused(self) -> set[str]:
        """Return the items of which a reported completion was refused (D5)."""
        query = sa.select(t.changes.c.item).where(self.where(t.changes, kind="refuse")).distinct()
        return set(self.connection.scalars(query))

    def put_items(self, stored: Iterable[Stored]) -> None:
        """Write items; their ``rev`` is the caller's: the seq of their last change."""
        rows = [
            {
                "id": s.item.id,
                "rev": s.rev,
                "born": s.born,
                "is_open": int(s.item.is_open),
                "due": s.item.due.isoformat() if s.item.due else None,
                "data": dump(item_to_json(s.item)),
                "origins": dump(dict(s.origins)),
            }
            for s in stored
        ]
        self.put(t.items, rows)

    def unlinked(self, tracker: str) -> dict[str, Stored]:
        """Return the open items that have no row in a tracker and never had one."""
        linked = sa.select(t.links.c.item).where(
            self.where(t.links, tracker=tracker), t.links.c.state != REFUSED
        )
        query = sa.select(t.items).where(
            self.where(t.items), t.items.c.is_open == 1, t.items.c.id.not_in(linked)
        )
        return {row.id: _stored(row) for row in self.rows(query)}

    def behind(self, tracker: str) -> list[str]:
        """Return ids of items that a tracker does not show as they are, the oldest item first."""
        join = sa.outerjoin(
            t.items,
            t.links,
            sa.and_(
                t.links.c.team == self.team,
                t.links.c.tracker == tracker,
                t.links.c.item == t.items.c.id,
            ),
        )
        stale = sa.or_(
            t.links.c.item.is_(None), t.links.c.rev < t.items.c.rev, t.links.c.naming == 1
        )
        over = sa.and_(sa.func.coalesce(t.links.c.state, "") == "gone", t.items.c.is_open == 0)
        query = (
            sa.select(t.items.c.id)
            .select_from(join)
            .where(self.where(t.items), stale, sa.not_(over))
            .order_by(t.items.c.born)
        )
        return list(self.connection.scalars(query))

    # --- the change log ---

    def log(self, changes: Sequence[Change], at: str) -> int:
        """Append to the log; return the sequence number of the last line."""
        last = self.connection.scalar(sa.select(sa.func.max(t.changes.c.seq))) or 0
        rows = [
            {
                "seq": last + n,
                "team": self.team,
                "at": at,
                "item": c.item,
                "kind": c.kind,
                "field": c.field,
                "old": dump(value_to_json(c.old)),
                "new": dump(value_to_json(c.new)),
                "place": c.place,
                "actor": c.actor,
                "why": c.why,
                "run": self.run,
            }
            for n, c in enumerate(changes, 1)
        ]
        if rows:
            self.connection.execute(sa.insert(t.changes), rows)
        return last + len(rows)

    def changes(self, item: str | None = None, *, since: int = 0) -> list[Change]:
        """Return the log in its order: of one item, or all of the team after ``since``."""
        query = sa.select(t.changes).where(self.where(t.changes), t.changes.c.seq > since)
        if item is not None:
            query = query.where(t.changes.c.item == item)
        return [
            Change(
                item=r.item,
                kind=r.kind,
                place=r.place,
                why=r.why,
                field=r.field,
                old=value_from_json(r.field or "", json.loads(r.old)),
                new=value_from_json(r.field or "", json.loads(r.new)),
                actor=r.actor,
                at=r.at,
                seq=r.seq,
                run=r.run,
            )
            for r in self.rows(query.order_by(t.changes.c.seq))
        ]

    def made_about(self, tracker: str, now: datetime, within: timedelta) -> set[str]:
        """Return the items whose row was made in a tracker not long ago, by the time recorded."""
        made = self.where(t.changes, kind="row-create", place=tracker)
        newest = sa.select(t.changes.c.item, t.changes.c.at).where(made)
        newest = newest.order_by(t.changes.c.seq.desc()).limit(20_000)
        return {
            row.item
            for row in self.rows(newest)
            if abs(now - datetime.fromisoformat(row.at)) < within
        }

    def restless(self, since: str, at_least: int) -> dict[tuple[str, str], list[Change]]:
        """Return, by (item, field), the changes of fields that changed that often since a time."""
        recent = sa.and_(
            self.where(t.changes), t.changes.c.kind == "change", t.changes.c.at >= since
        )
        query = (
            sa.select(t.changes.c.item, t.changes.c.field)
            .where(recent)
            .group_by(t.changes.c.item, t.changes.c.field)
            .having(sa.func.count() >= at_least)
        )
        return {
            (row.item, row.field): [
                c for c in self.changes(row.item) if c.field == row.field and c.kind == "change"
            ]
            for row in self.rows(query)
        }

    def last_seq(self) -> int:
        """Return the number of the log's last line, of whatever team; 0 if there is none."""
        return self.connection.scalar(sa.select(sa.func.max(t.changes.c.seq))) or 0

    def changes_of(self, items: Iterable[str]) -> dict[str, list[Change]]:
        """Return, by item, the log of these items in its order."""
        out: dict[str, list[Change]] = {}
        for part in _parts(sorted(set(items))):
            query = sa.select(t.changes).where(self.where(t.changes), t.changes.c.item.in_(part))
            for row in self.rows(query.order_by(t.changes.c.seq)):
                out.setdefault(row.item, []).append(_change(row))
        return out

    # --- rows in trackers ---

    def links(self, tracker: str, wanted: Iterable[str] | None = None) -> dict[str, Link]:
        """Return a tracker's links by item; of these items only, where given."""
        query = sa.select(t.links).where(self.where(t.links, tracker=tracker))
        if wanted is None:
            return {row.item: _link(row) for row in self.rows(query)}
        out: dict[str, Link] = {}
        for part in _parts(sorted(set(wanted))):
            rows = self.rows(query.where(t.links.c.item.in_(part)))
            out |= {row.item: _link(row) for row in rows}
        return out

    def all_links(self) -> list[tuple[str, Link]]:
        """Return (tracker, link) of all trackers."""
        rows = self.rows(sa.select(t.links).where(self.where(t.links)))
        return [(row.tracker, _link(row)) for row in rows]

    def put_links(self, tracker: str, links: Iterable[Link]) -> None:
        """Write links."""
        rows = [
            {
                "tracker": tracker,
                "item": x.item,
                "row_id": x.row_id,
                "state": x.state,
                "version": x.version,
                "link": x.link,
                "label": x.label,
                "rev": x.rev,
                "parked": x.parked,
                "naming": int(x.naming),
                "base": base_text(x.base),
            }
            for x in links
        ]
        self.put(t.links, rows)

    def plan_again(self, tracker: str) -> None:
        """Let every row of a tracker be planned once more."""
        self.connection.execute(
            sa.update(t.links).where(self.where(t.links, tracker=tracker)).values(rev=0, parked=0)
        )

    def drop_links(self, tracker: str, items: Iterable[str]) -> None:
        """Forget the rows of these items."""
        for item in items:
            self.connection.execute(
                sa.delete(t.links).where(self.where(t.links, tracker=tracker, item=item))
            )

    # --- states of whole files ---

    def remember(self, tracker: str, seq: int, before: Mapping[str, Base | None]) -> None:
        """Keep the bases as they were before state ``seq``; the oldest states are let go."""
        have = set(
            self.connection.scalars(
                sa.select(t.history.c.item).where(self.where(t.history, tracker=tracker, seq=seq))
            )
        )
        rows = [
            {
                "tracker": tracker,
                "seq": seq,
                "item": item,
                "base": None if base is None else base_text(base),
            }
            for item, base in before.items()
            if item not in have
        ]
        self.put(t.history, rows)
        for table in (t.history, t.states):
            old = sa.and_(self.where(table, tracker=tracker), table.c.seq <= seq - KEPT_STATES)
            self.connection.execute(sa.delete(table).where(old))

    def remembered(self, tracker: str) -> dict[int, dict[str, Base | None]]:
        """Return, by state, the bases as they were before it (None: no row yet)."""
        out: dict[int, dict[str, Base | None]] = {}
        query = sa.select(t.history).where(self.where(t.history, tracker=tracker))
        for row in self.rows(query):
            base = None if row.base is None else KeptBase(row.base)
            out.setdefault(row.seq, {})[row.item] = base
        return out

    def state_of(self, tracker: str, digest: str) -> int | None:
        """Return the last state that these very bytes showed, None if they are new."""
        where = self.where(t.states, tracker=tracker, digest=digest)
        return self.connection.scalar(sa.select(t.states.c.seq).where(where))

    def put_state(self, tracker: str, digest: str, seq: int) -> None:
        """Remember which state these bytes show."""
        self.put(t.states, [{"tracker": tracker, "digest": digest, "seq": seq}])

    # --- trackers ---

    def tracker(self, name: str) -> TrackerState:
        """Return what is known of a tracker."""
        where = self.where(t.trackers, name=name)
        data = self.connection.scalar(sa.select(t.trackers.c.data).where(where))
        if data is None:
            return TrackerState()
        known = {f.name for f in fields(TrackerState)}
        values = {k: v for k, v in json.loads(data).items() if k in known}
        for listed in ("released", "held", "carried"):
            values[listed] = tuple(values.get(listed, ()))
        return TrackerState(**values)

    def tracker_names(self) -> list[str]:
        """Return the names of the trackers that were ever worked."""
        query = sa.select(t.trackers.c.name).where(self.where(t.trackers))
        return list(self.connection.scalars(query.order_by(t.trackers.c.name)))

    def put_tracker(self, name: str, state: TrackerState) -> None:
        """Write what is known of a tracker."""
        data = {f.name: getattr(state, f.name) for f in fields(state)}
        self.put(t.trackers, [{"name": name, "data": dump(data)}])

    # --- the journal ---

    def put_intents(self, tracker: str, intents: Sequence[Intent]) -> None:
        """Journal writes before they leave."""
        last = self.connection.scalar(sa.select(sa.func.max(t.changes.c.seq))) or 0
        rows = [
            {
                "token": i.token,
                "tracker": tracker,
                "item": i.item,
                "kind": i.kind,
                "state": "open",
                "at": i.at,
                "data": dump(i.data),
                "seq": last,
            }
            for i in intents
        ]
        self.put(t.intents, rows)

    def intents(self, tracker: str, *, state: str = "open") -> list[Intent]:
        """Return the writes whose outcome is not known, the oldest first."""
        where = self.where(t.intents, tracker=tracker, state=state)
        return [
            Intent(token=r.token, item=r.item, kind=r.kind, at=r.at, data=json.loads(r.data))
            for r in self.rows(sa.select(t.intents).where(where).order_by(t.intents.c.seq))
        ]

    def lost(self, tracker: str) -> list[Intent]:
        """Return the creations that were given up as lost and sent anew, the oldest first."""
        return self.intents(tracker, state="lost")

    def settle(self, tokens: Iterable[str], *, lost: bool = False) -> None:
        """Record that outcomes are known; those of a creation that got lost are kept."""
        for part in _parts(list(tokens)):
            where = sa.and_(t.intents.c.team == self.team, t.intents.c.token.in_(part))
            if lost:
                self.connection.execute(sa.update(t.intents).where(where).values(state="lost"))
            else:
                self.connection.execute(sa.delete(t.intents).where(where))

    # --- documents ---

    def document(self, key: str) -> DocumentRow | None:
        """Return a document that was read, by its key."""
        rows = self.rows(sa.select(t.documents).where(self.where(t.documents, key=key)))
        return _document(rows[0]) if rows else None

    def documents(self) -> list[DocumentRow]:
        """Return all documents that were read, by the start of the meeting."""
        query = sa.select(t.documents).where(self.where(t.documents))
        return [_document(r) for r in self.rows(query.order_by(t.documents.c.start))]

    def put_document(self, row: DocumentRow) -> None:
        """Write a document."""
        data = {f.name: getattr(row, f.name) for f in fields(row)}
        data |= {
            "meeting": dump(row.meeting),
            "tally": dump(row.tally),
            "approved": dump(row.approved) if row.approved else None,
        }
        self.put(t.documents, [{**data, "seq": self.last_seq()}])

    def mentions(self, document: str) -> list[Mention]:
        """Return what a document told of items, in its order."""
        where = self.where(t.mentions, document=document)
        return [_mention(r) for r in self.rows(sa.select(t.mentions).where(where))]

    def last_told(self, items: Sequence[str]) -> dict[str, tuple[str, Mention]]:
        """Return, by item, (document, mention) of the latest meeting that spoke of it."""
        join = sa.join(
            t.mentions,
            t.documents,
            sa.and_(
                t.documents.c.team == t.mentions.c.team, t.documents.c.key == t.mentions.c.document
            ),
        )
        out: dict[str, tuple[str, Mention]] = {}
        for part in _parts(list(items)):
            query = (
                sa.select(t.mentions)
                .select_from(join)
                .where(t.mentions.c.team == self.team, t.mentions.c.item.in_(part))
                .order_by(sa.func.coalesce(t.documents.c.start, ""), t.documents.c.seq)
            )
            out |= {r.item: (r.document, _mention(r)) for r in self.rows(query)}
        return out

    def told_in(self, documents: Sequence[str]) -> set[str]:
        """Return the items that any of these documents spoke of."""
        out: set[str] = set()
        for part in _parts(list(documents)):
            query = sa.select(t.mentions.c.item).where(
                t.mentions.c.team == self.team, t.mentions.c.document.in_(part)
            )
            out |= set(self.connection.scalars(query))
        return out

    def put_mentions(self, document: str, mentions: Sequence[Mention]) -> None:
        """Replace what a document told."""
        self.connection.execute(
            sa.delete(t.mentions).where(self.where(t.mentions, document=document))
        )
        rows = [
            {
                "document": document,
                "item": m.item,
                "place": m.place,
                "told": dump(told_to_json(m.told)),
                "source": m.source,
            }
            for m in mentions
        ]
        self.put(t.mentions, rows)

    def candidate(self, item: str) -> Candidate | None:
        """Return what may be an item, by the id that it would have."""
        rows = self.rows(sa.select(t.candidates).where(self.where(t.candidates, id=item)))
        if not rows:
            return None
        row = rows[0]
        return Candidate(
            id=row.id,
            document=row.document,
            place=row.place,
            entry=entry_from_json(json.loads(row.entry)),
        )

    def put_candidates(self, document: str, candidates: Sequence[Candidate]) -> None:
        """Replace what a document may tell."""
        where = self.where(t.candidates, document=document)
        self.connection.execute(sa.delete(t.candidates).where(where))
        rows = [
            {
                "id": c.id,
                "document": document,
                "place": c.place,
                "entry": dump(entry_to_json(c.entry)),
            }
            for c in candidates
        ]
        self.put(t.candidates, rows)

    # --- findings ---

    def findings(self, source: str | None = None) -> list[OpenFinding]:
        """Return the open findings, the oldest first."""
        query = sa.select(t.findings).where(self.where(t.findings))
        if source is not None:
            query = query.where(t.findings.c.source == source)
        return [
            OpenFinding(
                source=r.source,
                about=r.about,
                finding=finding_from_json(json.loads(r.data)),
                first_at=r.first_at,
            )
            for r in self.rows(query.order_by(t.findings.c.first_at, t.findings.c.about))
        ]

    def put_findings(self, source: str, found: Mapping[str, Finding], at: str) -> None:
        """Open findings; one that is open already keeps the time it was first seen."""
        rows = [
            {"source": source, "about": about, "data": dump(finding_to_json(f)), "first_at": at}
            for about, f in found.items()
        ]
        if rows:
            statement = _insert(t.findings)
            statement = statement.on_conflict_do_update(
                index_elements=["team", "source", "about"], set_={"data": statement.excluded.data}
            )
            self.connection.execute(statement, [{"team": self.team, **row} for row in rows])

    def drop_findings(
        self, source: str, about: Iterable[str] | None = None, *, prefix: str | None = None
    ) -> None:
        """Close findings whose cause is gone: all of a source, those named, or by a prefix."""
        where = self.where(t.findings, source=source)
        if prefix is not None:
            where = sa.and_(where, t.findings.c.about.startswith(prefix, autoescape=True))
        if about is None:
            self.connection.execute(sa.delete(t.findings).where(where))
            return
        for part in _parts(list(about)):
            self.connection.execute(
                sa.delete(t.findings).where(where, t.findings.c.about.in_(part))
            )

    def keep_findings(self, source: str, found: Mapping[str, Finding | None], at: str) -> None:
        """Open those that are found, close those that are told to be gone (None)."""
        self.drop_findings(source, [about for about, f in found.items() if f is None])
        self.put_findings(source, {about: f for about, f in found.items() if f}, at)

    def close_findings(self, about: Iterable[str]) -> None:
        """Close findings, of whatever source, by what they are about."""
        for part in _parts(sorted(set(about))):
            where = sa.and_(t.findings.c.team == self.team, t.findings.c.about.in_(part))
            self.connection.execute(sa.delete(t.findings).where(where))

    def sources(self) -> set[str]:
        """Return all that open findings come from."""
        query = sa.select(t.findings.c.source).where(self.where(t.findings)).distinct()
        return set(self.connection.scalars(query))

    # --- requests ---

    def request(self, verb: str, target: str, args: Mapping[str, Any], at: str) -> None:
        """Write a decision down for the next pass."""
        row = {"team": self.team, "at": at, "verb": verb, "target": target, "args": dump(args)}
        self.connection.execute(sa.insert(t.requests).values(**row))

    def requests(self) -> list[Request]:
        """Return the decisions not carried out yet, in their order."""
        where = sa.and_(self.where(t.requests), t.requests.c.result.is_(None))
        query = sa.select(t.requests).where(where).order_by(t.requests.c.id)
        return [_request(r) for r in self.rows(query)]

    def answered(self, last: int = 5) -> list[tuple[Request, str]]:
        """Return the last decisions that were carried out, with what became of each."""
        where = sa.and_(self.where(t.requests), t.requests.c.result.is_not(None))
        query = sa.select(t.requests).where(where).order_by(t.requests.c.id.desc()).limit(last)
        return [(_request(r), r.result) for r in self.rows(query)][::-1]

    def answer(self, request: int, result: str) -> None:
        """Record what became of a decision."""
        self.connection.execute(
            sa.update(t.requests)
            .where(self.where(t.requests), t.requests.c.id == request)
            .values(result=result)
        )

    # --- the lease ---

    def fence(self) -> int:
        """Return the fencing number in force; 0 if nobody has ever held the lease."""
        return self.connection.scalar(sa.select(t.leases.c.fence).where(self.where(t.leases))) or 0

    def lease(self) -> tuple[str | None, Mapping[str, Any], str]:
        """Return (holder or None, what is known of it, until when it holds)."""
        rows = self.rows(sa.select(t.leases).where(self.where(t.leases)))
        return (rows[0].holder, json.loads(rows[0].data), rows[0].until) if rows else (None, {}, "")

    def put_lease(
        self, fence: int, holder: str | None, data: Mapping[str, Any], until: str
    ) -> None:
        """Write who works the team."""
        row = {"fence": fence, "holder": holder, "data": dump(data), "until": until}
        self.put(t.leases, [row])


def _parts(values: Sequence[Any], size: int = 500) -> Iterator[Sequence[Any]]:
    """Cut a list into what one statement may name (SQLite: 32,766 variables; fewer plan better)."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _stored(row: Any) -> Stored:
    return Stored(
        item=item_from_json(json.loads(row.data)),
        rev=row.rev,
        born=row.born,
        origins=json.loads(row.origins),
    )


def _change(row: Any) -> Change:
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


def _link(row: Any) -> Link:
    return Link(
        item=row.item,
        row_id=row.row_id,
        state=row.state,
        version=row.version,
        link=row.link,
        label=row.label,
        rev=row.rev,
        parked=row.parked,
        naming=bool(row.naming),
        base=KeptBase(row.base),
    )


def _document(row: Any) -> DocumentRow:
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


def _request(row: Any) -> Request:
    return Request(
        id=row.id, at=row.at, verb=row.verb, target=row.target, args=json.loads(row.args)
    )


def _mention(row: Any) -> Mention:
    return Mention(
        item=row.item,
        place=row.place,
        told=told_from_json(json.loads(row.told)),
        source=row.source,
    )
