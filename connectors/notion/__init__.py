"""A table of Notion (a data source of a database) as a tracker.

``client`` calls the service by its official client, ``faults`` says what its codes mean, ``table``
reads columns, people and pages, ``columns`` and ``wire`` (pure) say what they are, ``writing``
carries out writes, ``making`` adds what ``check --prepare`` finds missing, ``kept`` is what
outlives the process.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from connectors.base import Changes, Outcome, Record, RowState, Schema, Setup, Write
from connectors.errors import AuthError, SchemaError, at
from connectors.kept import Kept
from connectors.notion import making
from connectors.notion.client import PAGE, Client
from connectors.notion.columns import offered
from connectors.notion.faults import RefusedError
from connectors.notion.table import Look, Seen, Table
from connectors.notion.wire import Row, moment_of, plain_id, stamp
from connectors.notion.writing import BATCH, Writer
from mapping.ids import parse
from mapping.values import Finding

LAG_S = 120.0  # the lag of queries is not documented: so long a copy may show what was before
OVERLAP = timedelta(seconds=LAG_S + 60)  # and edit times are cut to the minute ("Page", 2026-11)
GRAIN = timedelta(minutes=1)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a look has come.

    Attributes:
        at: edits before this moment were seen, by the service's own clock; None: none were.
        source: the data source that it is about.
        told: what tells which rows near ``at`` were handed over already.
    """

    at: datetime | None = None
    source: str = ""
    told: str = ""

    def __str__(self) -> str:
        return json.dumps([stamp(self.at) if self.at else None, self.source, self.told])


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Our last write to a row.

    Attributes:
        at: when, by the monotonic clock.
        answer: the row as it was returned.
        before: the versions that it had before, as far as a copy may still show them.
    """

    at: float
    answer: Row
    before: frozenset[str | None] = frozenset()


class Notion:
    """A data source as a tracker (``connectors.base.Connector``).

    Args:
        setup: ``options`` has ``token``, ``base_url``, and ``data_source_id`` or
            ``database_id``.
    """

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        place = str(setup.options.get("data_source_id") or setup.options.get("database_id") or "")
        self._client = Client(setup)
        self._kept = Kept(Path(setup.state) / "notion.json", plain_id(place), setup)
        self._table = Table(setup, self._client, self._kept)
        self._known: Look | None = None
        self._is_told = False  # whether ``describe`` has told of the last look
        self._columns = dict(self._kept.columns)  # ours -> the id that it had last
        self._rows: dict[str, str] = {}  # our id -> the page's, as they were seen
        self._told: tuple[str, Mapping[str, str | None]] = ("", {})
        self._written: dict[str, Written] = {}
        self._moved: set[str] = set()  # rows that were not as they had been read

    def __repr__(self) -> str:
        return f"Notion({self._setup.name!r})"

    # --- the protocol ---

    def describe(self) -> Schema:
        """Look at the table, its columns and the people (see ``connectors.base.Reader``)."""
        look = self._look(afresh=self._is_told)
        self._is_told = True
        return Schema(
            fields={
                name: offered(name, column, look.people.accounts)
                for name, column in look.bound.by_field.items()
                if name != "id"
            },
            identity=look.source,
            max_batch=BATCH,
            checks_version=True,
            notes=tuple(note.text(self._setup.language) for note in look.notes),
        )

    def pull(self, cursor: str | None) -> Changes:
        """Read what changed lately, or all (see ``connectors.base.Reader``)."""
        self._asked(self._look)  # what is asked for once a process is no part of a look's calls
        before = self._client.calls
        changes = self._asked(lambda: self._pull(cursor))
        return replace(changes, calls=max(1, self._client.calls - before))

    def find(self, ids: Sequence[str]) -> Sequence[Record]:
        """Look for rows by our ids, past any view (see ``connectors.base.Reader``).

        No query shows the trash: a row that was known and is not found is asked for by its own
        id. It is gone only if the service says that it is in the trash; one that was archived or
        went to another table is not visible, and of a page that is not there at all the service
        does not say whether it was purged or is no longer shared.
        """
        return self._asked(lambda: self._find(ids)) if ids else []

    def apply(self, batch: Sequence[Write]) -> Sequence[Outcome]:
        """Carry out writes, each by itself (see ``connectors.base.Connector``)."""
        if not batch:
            return []
        writer = Writer(
            self._table,
            self._client,
            self._look(),
            look_again=lambda: self._look(afresh=True),
            fresh=self._fresh,
        )
        try:
            return self._asked(lambda: writer.carry_out(batch), again=False)
        finally:
            self._remember(writer)

    def prepare(self) -> Sequence[str]:
        """Make the columns and options that are missing (see ``connectors.base.Connector``)."""
        self._known = None
        made = making.make(self._setup, self._table, self._client, self._columns)
        look = self._look()
        self._kept.save(look.source, look.bound.keys, {})
        return made

    # --- the columns ---

    def _asked(self, work: Callable[[], T], *, again: bool = True) -> T:
        """Do something; if a column is not what it was, look at the columns and do it again."""
        for is_last in (False, True):
            try:
                return work()
            except (RefusedError, AuthError, SchemaError) as error:
                known, self._known = self._known, None
                if is_last or not again or known is None or not isinstance(error, RefusedError):
                    raise
        raise AssertionError("the loop returns or raises")

    def _look(self, *, afresh: bool = False) -> Look:
        """Return the columns and people, looked at once a process."""
        if self._known is None or afresh:
            self._known = self._table.look(self._columns)
            self._columns |= self._known.bound.keys
            self._is_told = False
        return self._known

    # --- reading ---

    def _pull(self, cursor: str | None) -> Changes:
        look, since = self._look(), _parse(cursor)
        is_whole = cursor is None or since.source != look.source
        at = None if is_whole or since.at is None else since.at - OVERLAP
        seen = self._table.scan(look, "created_time" if is_whole else "last_edited_time", at)
        if not is_whole:
            self._look_at_moved(look, seen)
        rows = {row_id: self._fresh(row) for row_id, row in seen.rows.items()}
        for row in rows.values():
            self._rows.setdefault(row.record.id or "", row.record.row_id)
        reached = _reached(since if not is_whole else Cursor(), rows, seen.began)
        near = {
            i: r.record.version
            for i, r in rows.items()
            if reached is None or (r.edited is not None and r.edited >= reached - OVERLAP)
        }
        after = str(Cursor(at=reached, source=look.source, told=_digest(near)))
        told = self._told[1] if not is_whole and self._told[0] == cursor else {}
        self._told = (after, near)
        complete = is_whole and seen.whole and self._may_be_empty(look, rows)
        return Changes(
            records=[r.record for i, r in rows.items() if told.get(i, "") != r.record.version],
            cursor=after if seen.whole else cursor,
            complete=complete,
            findings=() if seen.whole else (self._too_many(),),
        )

    def _look_at_moved(self, look: Look, seen: Seen) -> None:
        """Read rows again that were not as they had been read, whatever their edit time says."""
        for row_id in self._moved - set(seen.rows):
            row = self._table.page(look, row_id)
            if row is not None and row.record.state is RowState.LIVE:
                seen.rows[row_id] = row
        self._moved.clear()

    def _may_be_empty(self, look: Look, rows: Mapping[str, Row]) -> bool:
        """Say whether a look that shows none of our rows can be believed (failures 36, 37).

        A table without a row is what a connection without rights to its pages may be shown: a row
        that was there is asked for by its own id.

        Raises:
            SchemaError: the table is in the trash.
        """
        known = self._pages(look)
        if not known or any(row.record.id in known for row in rows.values()):
            return True
        self._table.source()
        row = self._table.page(look, next(reversed(known.values())))
        return row is not None and row.record.state is RowState.GONE

    def _pages(self, look: Look) -> dict[str, str]:
        """Return our ids -> the pages that carried them: those that we wrote before others."""
        kept = self._kept.rows if self._kept.source == look.source else {}
        return {i: row for i, row in {**self._rows, **kept}.items() if i}

    def _too_many(self) -> Finding:
        said = at(
            self._setup.name,
            "同一分钟内的行太多，无法全部列出",
            "too many rows of one minute: not all of them can be listed",
        )
        return Finding(code="unreadable", message=said.text(self._setup.language))

    def _fresh(self, row: Row) -> Row:
        """Return a row as we wrote it last, where a copy of the service still shows it before."""
        last = self._written.get(row.record.row_id)
        if last is None or self._setup.clock.monotonic() - last.at > LAG_S:
            return row
        told, ours = row.edited, last.answer.edited
        if told is None or ours is None or told > ours:
            return row
        return last.answer if told < ours or row.record.version in last.before else row

    def _find(self, ids: Sequence[str]) -> Sequence[Record]:
        look, wanted = self._look(), list(dict.fromkeys(ids))
        found = {
            row.record.row_id: self._fresh(row).record
            for row in self._table.with_ids(look, wanted)
            if row.record.id in set(wanted)
        }
        known = self._pages(look)  # what carries the id may be a copy of a page that is hidden
        for item in wanted:
            if item not in known or known[item] in found:
                continue
            row = self._table.page(look, known[item])
            if row is None:
                state = RowState.ABSENT
                found[known[item]] = Record(row_id=known[item], id=item, cells={}, state=state)
            elif row.record.state is not RowState.LIVE or parse(row.record.id) in (None, item):
                # a page that went to a table with other columns bears no id any more
                found[row.record.row_id] = replace(row.record, id=item)
        return list(found.values())

    # --- writing ---

    def _remember(self, writer: Writer) -> None:
        now, done = self._setup.clock.monotonic(), writer.done
        self._written = {i: w for i, w in self._written.items() if now - w.at <= LAG_S}
        rows = {}
        for before, after in done.answers:
            row_id = after.record.row_id
            last = self._written.get(row_id)
            versions = {before.record.version} if before else set()
            earlier = (last.before | versions if last else versions) - {after.record.version}
            self._written[row_id] = Written(at=now, answer=after, before=frozenset(earlier))
            if after.record.id:
                rows[after.record.id] = row_id
        self._moved |= done.moved - {""}
        self._rows = {i: r for i, r in {**self._rows, **rows}.items() if r not in done.gone}
        if self._known is not None and (rows or done.gone):
            seen = {**self._pages(self._known), **rows}
            self._kept.save(self._known.source, self._known.bound.keys, seen, done.gone)


def _parse(cursor: str | None) -> Cursor:
    """Return a cursor; one that cannot be read begins anew."""
    try:
        at, source, told = json.loads(cursor or "")
        return Cursor(at=moment_of(at) if at else None, source=str(source), told=str(told))
    except (ValueError, TypeError):
        return Cursor()


def _reached(since: Cursor, rows: Mapping[str, Row], began: datetime | None) -> datetime | None:
    """Return the moment up to which edits were seen, never one of our own clock.

    It is the latest edit that was seen. After many at once it goes on with the service's clock,
    or they would be listed for ever.
    """
    edits = [row.edited for row in rows.values() if row.edited is not None]
    latest = max([*edits, *([since.at] if since.at else [])], default=None)
    if latest is None or began is None:
        return latest
    return min(latest, began - GRAIN) if len(rows) <= PAGE else max(latest, began - GRAIN)


def _digest(near: Mapping[str, str | None]) -> str:
    whole = json.dumps(sorted(near.items()))
    return hashlib.sha256(whole.encode()).hexdigest()[:16]
