"""What can be read and written of a team inside one transaction. I/O by handle.

Statements only: whatever is decided is decided in the pure modules. JSON stands in text columns, so
that any database does.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from mapping.lens import value_to_json
from mapping.values import Finding
from sync import decode
from sync import queries as q
from sync import tables as t
from sync.join import Mention
from sync.links import Link
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
    item_to_json,
    told_to_json,
)

KEPT_STATES = 20


class Transaction:
    """What can be read and written inside ``Store.transaction``."""

    def __init__(self, connection: sa.Connection, team: str, run: str = "") -> None:
        self._c = connection
        self.team = team
        self.run = run

    # --- what runs statements, here and in the modules of single tables ---

    def _of(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        return {"of_team": self.team, **{f"of_{name}": value for name, value in asked.items()}}

    def rows(self, query: sa.Select[Any], **asked: Any) -> Sequence[Any]:
        """Return what a query finds."""
        return self._c.execute(query, self._of(asked)).all()

    def column(self, query: sa.Select[Any], **asked: Any) -> list[Any]:
        """Return the first value of each row that a query finds."""
        return list(self._c.scalars(query, self._of(asked)))

    def one(self, query: sa.Select[Any], **asked: Any) -> Any:
        """Return the first value that a query finds, None if it finds nothing."""
        return self._c.scalar(query, self._of(asked))

    def do(self, statement: sa.Executable, **asked: Any) -> None:
        """Run a statement."""
        self._c.execute(statement, self._of(asked))

    def put(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows or replace those with the same key."""
        if rows:
            self._c.execute(q.put(table), [{"team": self.team, **row} for row in rows])

    # --- items ---

    def items(self) -> dict[str, Stored]:
        """Return all items by id, in the order in which they came."""
        return decode.items(self.rows(q.ITEMS))

    def some_items(self, wanted: Iterable[str]) -> dict[str, Stored]:
        """Return the items with these ids."""
        out: dict[str, Stored] = {}
        for part in _parts(sorted(set(wanted))):
            out |= decode.items(self.rows(q.SOME_ITEMS, wanted=part))
        return out

    def item_ids(self) -> set[str]:
        """Return the ids of all items."""
        return set(self.column(q.ITEM_IDS))

    def overdue(self, today: date) -> dict[str, Stored]:
        """Return the open items whose due day has passed."""
        return decode.items(self.rows(q.OVERDUE, today=today.isoformat()))

    def open_items(self) -> dict[str, Stored]:
        """Return the items still to be done, in the order in which they came."""
        return decode.items(self.rows(q.OPEN_ITEMS))

    def refusals(self) -> dict[str, int]:
        """Return, by item, how often a reported completion was refused (D5)."""
        return Counter(self.column(q.REFUSED_ITEMS))

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
        return decode.items(self.rows(q.UNLINKED, tracker=tracker))

    def behind(self, tracker: str) -> list[str]:
        """Return ids of items that a tracker does not show as they are, the oldest item first."""
        return self.column(q.BEHIND, tracker=tracker)

    # --- the change log ---

    def log(self, changes: Sequence[Change], at: str) -> int:
        """Append to the log; return the sequence number of the last line."""
        last = self.last_seq()
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
            self._c.execute(q.LOG, rows)
        return last + len(rows)

    def changes(self, item: str | None = None, *, since: int = 0) -> list[Change]:
        """Return the log in its order: of one item, or all of the team after ``since``."""
        if item is None:
            return [decode.change(row) for row in self.rows(q.CHANGES, since=since)]
        return [decode.change(row) for row in self.rows(q.CHANGES_OF_ITEM, since=since, item=item)]

    def made_about(self, tracker: str, now: datetime, within: timedelta) -> set[str]:
        """Return the items whose row was made in a tracker not long ago, by the time recorded."""
        return {
            row.item
            for row in self.rows(q.MADE, kind="row-create", place=tracker)
            if abs(now - datetime.fromisoformat(row.at)) < within
        }

    def restless(self, since: str, at_least: int) -> dict[tuple[str, str], list[Change]]:
        """Return, by (item, field), the changes of fields that changed that often since a time."""
        return {
            (row.item, row.field): [
                c for c in self.changes(row.item) if c.field == row.field and c.kind == "change"
            ]
            for row in self.rows(q.RESTLESS, kind="change", since=since, least=at_least)
        }

    def last_seq(self) -> int:
        """Return the number of the log's last line, of whatever team; 0 if there is none."""
        return self._c.scalar(q.LAST_SEQ) or 0

    def changes_of(self, items: Iterable[str]) -> dict[str, list[Change]]:
        """Return, by item, the log of these items in its order."""
        out: dict[str, list[Change]] = {}
        for part in _parts(sorted(set(items))):
            for row in self.rows(q.CHANGES_OF_SOME, wanted=part):
                out.setdefault(row.item, []).append(decode.change(row))
        return out

    # --- rows in trackers ---

    def links(self, tracker: str, wanted: Iterable[str] | None = None) -> dict[str, Link]:
        """Return a tracker's links by item; of these items only, where given."""
        if wanted is None:
            return {row[0]: decode.link(row) for row in self.rows(q.LINKS, tracker=tracker)}
        out: dict[str, Link] = {}
        for part in _parts(sorted(set(wanted))):
            rows = self.rows(q.SOME_LINKS, tracker=tracker, wanted=part)
            out |= {row[0]: decode.link(row) for row in rows}
        return out

    def shown_in(self, tracker: str) -> list[str]:
        """Return the items that have a live row in a tracker."""
        return self.column(q.SHOWN_IN, tracker=tracker)

    def all_links(self) -> list[tuple[str, Link]]:
        """Return (tracker, link) of all trackers."""
        return [(tracker, decode.link(link)) for tracker, *link in self.rows(q.ALL_LINKS)]

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
        self.do(q.PLAN_AGAIN, tracker=tracker)

    def drop_links(self, tracker: str, items: Iterable[str]) -> None:
        """Forget the rows of these items."""
        for part in _parts(list(items)):
            self.do(q.DROP_LINKS, tracker=tracker, wanted=part)

    # --- states of whole files ---

    def remember(self, tracker: str, seq: int, before: Mapping[str, Base | None]) -> None:
        """Keep the bases as they were before state ``seq``; the oldest states are let go."""
        have = set(self.column(q.HISTORY_HAS, tracker=tracker, seq=seq))
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
        for statement in q.OLD_STATES:
            self.do(statement, tracker=tracker, last=seq - KEPT_STATES)

    def remembered(self, tracker: str) -> dict[int, dict[str, Base | None]]:
        """Return, by state, the bases as they were before it (None: no row yet)."""
        out: dict[int, dict[str, Base | None]] = {}
        for row in self.rows(q.HISTORY, tracker=tracker):
            base = None if row.base is None else KeptBase(row.base)
            out.setdefault(row.seq, {})[row.item] = base
        return out

    def state_of(self, tracker: str, digest: str) -> int | None:
        """Return the last state that these very bytes showed, None if they are new."""
        seq: int | None = self.one(q.STATE_OF, tracker=tracker, digest=digest)
        return seq

    def put_state(self, tracker: str, digest: str, seq: int) -> None:
        """Remember which state these bytes show."""
        self.put(t.states, [{"tracker": tracker, "digest": digest, "seq": seq}])

    # --- trackers ---

    def tracker(self, name: str) -> TrackerState:
        """Return what is known of a tracker."""
        data = self.one(q.TRACKER, name=name)
        if data is None:
            return TrackerState()
        known = {f.name for f in fields(TrackerState)}
        values = {k: v for k, v in json.loads(data).items() if k in known}
        for listed in ("released", "held", "carried", "looked"):
            values[listed] = tuple(values.get(listed, ()))
        return TrackerState(**values)

    def tracker_names(self) -> list[str]:
        """Return the names of the trackers that were ever worked."""
        return self.column(q.TRACKER_NAMES)

    def put_tracker(self, name: str, state: TrackerState) -> None:
        """Write what is known of a tracker."""
        data = {f.name: getattr(state, f.name) for f in fields(state)}
        self.put(t.trackers, [{"name": name, "data": dump(data)}])

    # --- the journal ---

    def put_intents(self, tracker: str, intents: Sequence[Intent], *, state: str = "open") -> None:
        """Journal writes before they leave."""
        last = self.last_seq()
        rows = [
            {
                "token": i.token,
                "tracker": tracker,
                "item": i.item,
                "kind": i.kind,
                "state": state,
                "at": i.at,
                "data": dump(i.data),
                "seq": last,
            }
            for i in intents
        ]
        self.put(t.intents, rows)

    def intents(self, tracker: str, *, state: str = "open") -> list[Intent]:
        """Return the journal's writes of a state, the oldest first.

        Those that are ``open`` have no known outcome yet; see `lost` and `past` for the others.
        """
        return [
            Intent(token=r.token, item=r.item, kind=r.kind, at=r.at, data=json.loads(r.data))
            for r in self.rows(q.INTENTS, tracker=tracker, state=state)
        ]

    def lost(self, tracker: str) -> list[Intent]:
        """Return the creations that were given up as lost and sent anew, the oldest first."""
        return self.intents(tracker, state="lost")

    def put_past(self, tracker: str, writes: Sequence[Intent]) -> None:
        """Keep what writes replaced, as a search that lags may show it: ``version``, ``cells``."""
        if writes:
            self.put_intents(tracker, writes, state="past")

    def past(self, tracker: str) -> list[Intent]:
        """Return the writes of which is kept what they replaced."""
        return self.intents(tracker, state="past")

    def settle(self, tokens: Iterable[str], *, lost: bool = False) -> None:
        """Record that outcomes are known; those of a creation that got lost are kept."""
        for part in _parts(list(tokens)):
            self.do(q.INTENTS_LOST if lost else q.DROP_INTENTS, wanted=part)

    # --- documents ---

    def document(self, key: str) -> DocumentRow | None:
        """Return a document that was read, by its key."""
        rows = self.rows(q.DOCUMENT, key=key)
        return decode.document(rows[0]) if rows else None

    def documents_since(self, seen_at: str, keys: Iterable[str] = ()) -> list[DocumentRow]:
        """Return the documents first seen since a time, and those with these keys."""
        rows = self.rows(q.DOCUMENTS_SINCE, since=seen_at, wanted=sorted(set(keys)))
        return [decode.document(row) for row in rows]

    def documents(self) -> list[DocumentRow]:
        """Return all documents that were read, by the start of the meeting."""
        return [decode.document(r) for r in self.rows(q.DOCUMENTS)]

    def documents_on(self, day: str) -> list[DocumentRow]:
        """Return the documents of meetings that began on a day (ISO 8601)."""
        return [decode.document(r) for r in self.rows(q.DOCUMENTS_ON, day=day)]

    def documents_of(self, series: str) -> list[DocumentRow]:
        """Return the documents of a series, by the start of the meeting."""
        return [decode.document(r) for r in self.rows(q.DOCUMENTS_OF_SERIES, series=series)]

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
        return [decode.mention(r) for r in self.rows(q.MENTIONS, document=document)]

    def mentioned(self, document: str) -> list[str]:
        """Return the items that a document told of, by their places in it."""
        return self.column(q.MENTIONED, document=document)

    def last_told(self, items: Sequence[str]) -> dict[str, tuple[str, Mention]]:
        """Return, by item, (document, mention) of the latest meeting that spoke of it."""
        out: dict[str, tuple[str, Mention]] = {}
        for part in _parts(list(items)):
            rows = self.rows(q.LAST_TOLD, wanted=part)
            out |= {r.item: (r.document, decode.mention(r)) for r in rows}
        return out

    def told_in(self, documents: Sequence[str]) -> set[str]:
        """Return the items that any of these documents spoke of."""
        out: set[str] = set()
        for part in _parts(list(documents)):
            out |= set(self.column(q.TOLD_IN, wanted=part))
        return out

    def put_mentions(self, document: str, mentions: Sequence[Mention]) -> None:
        """Replace what a document told."""
        self.do(q.DROP_MENTIONS, document=document)
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
        rows = self.rows(q.CANDIDATE, id=item)
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
        self.do(q.DROP_CANDIDATES, document=document)
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
        rows = self.rows(q.FINDINGS) if source is None else self.rows(q.FINDINGS_OF, source=source)
        return [
            OpenFinding(
                source=r.source,
                about=r.about,
                finding=finding_from_json(json.loads(r.data)),
                first_at=r.first_at,
            )
            for r in rows
        ]

    def put_findings(self, source: str, found: Mapping[str, Finding], at: str) -> None:
        """Open findings; one that is open already keeps the time it was first seen."""
        rows = [
            {"source": source, "about": about, "data": dump(finding_to_json(f)), "first_at": at}
            for about, f in found.items()
        ]
        if rows:
            self._c.execute(q.PUT_FINDINGS, [{"team": self.team, **row} for row in rows])

    def drop_findings(
        self, source: str, about: Iterable[str] | None = None, *, prefix: str | None = None
    ) -> None:
        """Close findings whose cause is gone: all of a source, those named, or by a prefix."""
        if prefix is not None:
            self.do(q.DROP_PREFIX, source=source, prefix=prefix, length=len(prefix))
        elif about is None:
            self.do(q.DROP_SOURCE, source=source)
        for part in _parts(list(about or ())):
            self.do(q.DROP_FINDINGS, source=source, wanted=part)

    def keep_findings(self, source: str, found: Mapping[str, Finding | None], at: str) -> None:
        """Open those that are found, close those that are told to be gone (None)."""
        self.drop_findings(source, [about for about, f in found.items() if f is None])
        self.put_findings(source, {about: f for about, f in found.items() if f}, at)

    def close_findings(self, about: Iterable[str]) -> None:
        """Close findings, of whatever source, by what they are about."""
        for part in _parts(sorted(set(about))):
            self.do(q.CLOSE_FINDINGS, wanted=part)

    def sources(self) -> set[str]:
        """Return all that open findings come from."""
        return set(self.column(q.SOURCES))

    # --- requests ---

    def request(self, verb: str, target: str, args: Mapping[str, Any], at: str) -> None:
        """Write a decision down for the next pass."""
        row = {"team": self.team, "at": at, "verb": verb, "target": target, "args": dump(args)}
        self._c.execute(q.REQUEST, row)

    def requests(self) -> list[Request]:
        """Return the decisions not carried out yet, in their order."""
        return [decode.request(r) for r in self.rows(q.REQUESTS)]

    def answered(self, last: int = 5) -> list[tuple[Request, str]]:
        """Return the last decisions that were carried out, with what became of each."""
        return [(decode.request(r), r.result) for r in self.rows(q.ANSWERED, last=last)][::-1]

    def answer(self, request: int, result: str) -> None:
        """Record what became of a decision."""
        self.do(q.ANSWER, id=request, result=result)

    # --- the lease ---

    def fence(self) -> int:
        """Return the fencing number in force; 0 if nobody has ever held the lease."""
        return self.one(q.FENCE) or 0

    def lease(self) -> tuple[str | None, Mapping[str, Any], str]:
        """Return (holder or None, what is known of it, until when it holds)."""
        rows = self.rows(q.LEASE)
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
