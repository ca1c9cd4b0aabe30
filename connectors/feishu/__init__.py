"""A table of a Feishu or Lark base (Bitable) as a tracker; the base may stand in a wiki.

``client`` calls the service, ``faults`` says what its codes mean, ``table`` reads columns, people
and rows, ``columns`` and ``wire`` (pure) say what they are, ``writing`` carries out writes,
``making`` adds what ``check --prepare`` finds missing, ``kept`` is what outlives the process.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TypeVar

from connectors.base import Changes, Outcome, Record, RowState, Schema, Setup, Write
from connectors.errors import AuthError, PermanentError, SchemaError, at
from connectors.feishu import faults, making
from connectors.feishu.client import Client, CodeError
from connectors.feishu.columns import offered
from connectors.feishu.cursor import OVERLAP_S, Cursor, advance, digest, parse
from connectors.feishu.kept import Kept
from connectors.feishu.table import BY_ID, FEW, PAGE, Look, Row, Table
from connectors.feishu.writing import BATCH, Writer
from connectors.fit import ShapeError, other_type
from mapping.cells import is_empty
from mapping.ids import parse as parse_id
from mapping.said import Said

LAG_S = 120.0  # so long our own writes are remembered against a copy that lags
MANY = 100  # ids from which reading all rows is cheaper than asking
FRESH_S = 60.0  # so long the columns are taken to be as they were when they were looked at

T = TypeVar("T")


@dataclass(kw_only=True)
class Seen:
    """What one look told.

    Attributes:
        whole: every row was listed, as far as the service says how many there are.
    """

    rows: dict[str, Row] = field(default_factory=dict)
    whole: bool = False


class Feishu:
    """A table of a base as a tracker (``connectors.base.Connector``).

    Args:
        setup: ``options`` has ``app_id``, ``app_secret``, ``base_url``, ``table_id``, and
            ``app_token`` or ``wiki_token``.
    """

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._client = Client(setup)
        self._table = Table(setup, self._client)
        self._kept = Kept(setup)
        self._known: Look | None = None
        self._is_told = False  # whether ``describe`` has told of the last look
        self._ids: Mapping[str, str] = {}  # ours -> the column's id, as they were found last
        self._rows: dict[str, str] = {}  # our id -> the row's, as they were seen
        self._filled: set[str] = set()  # fields that something stood in
        self._last = Cursor()  # of the last look, and the rows that it told from its floor on
        self._near: Mapping[str, str | None] = {}
        self._answers: dict[str, tuple[float, Row]] = {}  # our last write to a row
        self._size = BATCH

    def __repr__(self) -> str:
        return f"Feishu({self._setup.name!r})"

    # --- the protocol ---

    def describe(self) -> Schema:
        """Look at the base, the columns and the people (see ``connectors.base.Reader``)."""
        look = self._asked(lambda: self._look(afresh=self._is_told))
        self._is_told = True
        return Schema(
            fields={
                name: offered(name, column, look.users)
                for name, column in look.bound.by_field.items()
                if name != "id"
            },
            identity=self._table.place,
            max_batch=BATCH,
            checks_version=True,
            metered=True,
            notes=tuple(note.text(self._setup.language) for note in look.notes),
        )

    def pull(self, cursor: str | None) -> Changes:
        """Read what changed lately, or all (see ``connectors.base.Reader``).

        With a column of the type "Last modified time" the newest rows come first and reading stops
        at what is known; without one every look is a whole one.
        """
        self._asked(self._look)  # what is asked for once a process is no part of a look's calls
        before = self._client.calls
        changes = self._asked(lambda: self._pull(cursor))
        return replace(changes, calls=max(1, self._client.calls - before))

    def find(self, ids: Sequence[str]) -> Sequence[Record]:
        """Look for rows by our ids, past any view (see ``connectors.base.Reader``).

        A row that was known and is not found is asked for by its own id: the service tells whether
        it was deleted or may not be seen. One that was made just now may be said to be deleted: a
        copy lags; what to make of that is the hub's to decide, by its own time.
        """
        return self._asked(lambda: self._find(ids)) if ids else []

    def apply(self, batch: Sequence[Write]) -> Sequence[Outcome]:
        """Carry out writes (see ``connectors.base.Connector``)."""
        return self._asked(lambda: self._apply(batch)) if batch else []

    def prepare(self) -> Sequence[str]:
        """Make the columns and options that are missing (see ``connectors.base.Connector``)."""

        def make() -> Sequence[str]:
            self._kept.open(self._table.place)
            made = making.make(self._setup, self._table, self._client, self._kept.columns)
            self._known = None
            with suppress(SchemaError):  # a column is still missing: ``describe`` says which
                self._kept.save(self._look().bound.ids, {})
            return made

        return self._asked(make)

    # --- the columns ---

    def _asked(self, work: Callable[[], T]) -> T:
        """Do something; if a column has another name or type by now, once more."""
        for is_last in (False, True):
            try:
                return work()
            except CodeError as refused:
                self._known = None
                if refused.code not in faults.MOVED or is_last:
                    raise refused.error from None
            except ShapeError:
                self._known = None
                if is_last:
                    raise PermanentError(other_type(self._setup.name)) from None
            except (AuthError, SchemaError):
                self._known = None
                raise
        raise AssertionError("the loop returns or raises")

    def _look(self, *, afresh: bool = False) -> Look:
        """Return the columns and people, looked at once a process."""
        if self._known is None or afresh:
            self._kept.open(self._table.place)
            self._known = self._table.look(self._columns())
            self._is_told = False
            self._ids = self._known.bound.ids
        return self._known

    def _look_again(self) -> Look:
        """Look at the columns alone."""
        self._known = self._table.look_again(self._look(), self._columns())
        self._ids = self._known.bound.ids
        return self._known

    def _columns(self) -> Mapping[str, str]:
        """Return ours -> the id of the column that it had."""
        return {**self._kept.columns, **self._ids}

    # --- reading ---

    def _pull(self, cursor: str | None) -> Changes:
        look, since = self._look(), parse(cursor)
        modified = look.bound.modified
        by = modified.id if modified is not None else ""
        whole = cursor is None or not by or since.by != by
        seen = self._all(look) if whole else self._latest(look, since)
        fresh = {row_id: self._fresh(row) for row_id, row in seen.rows.items()}
        if whole:
            by = "" if _lags(fresh.values()) else by
            since = self._last if self._last.by == by else Cursor(by=by)
        reached = max([since.at, *(row.told or 0 for row in fresh.values())])
        after = advance(since, reached, self._setup.clock.wall().timestamp()) if by else Cursor()
        near = {i: r.record.version for i, r in fresh.items() if (r.told or 0) >= after.floor}
        after = replace(after, told=digest(near))
        known = self._near if not whole and str(self._last) == cursor else {}
        records = [r.record for i, r in fresh.items() if known.get(i, "") != r.record.version]
        if records and self._lost_a_column(look, records):
            return self._pull(cursor)
        self._last, self._near = after, near
        self._rows |= {r.id: r.row_id for r in records if r.id}
        return Changes(
            records=records,
            cursor=str(after),
            complete=whole and seen.whole and self._may_be_empty(look, fresh),
        )

    def _latest(self, look: Look, since: Cursor) -> Seen:
        """Read the rows that changed last, the newest first, until one is old."""
        modified = look.bound.modified
        name = modified.name if modified is not None else ""
        seen = Seen()
        size = PAGE if len(self._near) >= FEW else FEW
        for page, _ in self._table.search(
            look, page=size, sort=[{"field_name": name, "desc": True}]
        ):
            for row in page:
                if (row.told or 0) < since.floor:
                    return seen
                seen.rows.setdefault(row.record.row_id, row)
        return seen

    def _all(self, look: Look) -> Seen:
        """Read all rows; a row that was missed, because others went meanwhile, voids the look."""
        seen = Seen()
        for _ in range(2):
            seen, totals = Seen(), set()
            try:
                for page, total in self._table.search(look, page=PAGE):
                    totals.add(total)
                    seen.rows |= {row.record.row_id: row for row in page}
            except CodeError as refused:
                if refused.code not in faults.BAD_PAGE:
                    raise
                continue
            if totals <= {len(seen.rows), -1}:
                seen.whole = True
                return seen
        return seen

    def _lost_a_column(self, look: Look, records: Iterable[Record]) -> bool:
        """Say whether a column that is empty throughout has in truth another name now."""
        filled = {n for r in records for n, c in r.cells.items() if not is_empty(c)}
        lost = self._filled - filled
        self._filled |= filled
        if not lost or self._setup.clock.monotonic() - look.at < FRESH_S:
            return False
        return self._look_again().bound.names != look.bound.names

    def _may_be_empty(self, look: Look, rows: Mapping[str, Row]) -> bool:
        """Say whether a look that shows no row at all can be believed (failure 37).

        With advanced permissions an app without the right to manage is told that all is well and
        nothing is there. Rows that were there once are asked for by their own ids.

        Raises:
            AuthError: rows are there, and the search does not show them.
        """
        if rows:
            return True
        known = [row_id for row_id, _ in self._kept.rows.values()] + list(self._rows.values())
        if not known:
            return not look.advanced
        there, forbidden = self._table.by_row_id(look, known[-BY_ID:])
        if forbidden or (there and look.advanced and not self._is_young(known)):
            raise AuthError(
                at(
                    self._setup.name,
                    "应用看不到表中的行",
                    "the table's rows are hidden from the app",
                ),
                hint=Said(
                    "该多维表格已开启高级权限：请给应用“可管理”权限",
                    "advanced permissions are on in the base: give the app 'can manage' there",
                ),
            )
        return not there

    def _is_young(self, row_ids: Iterable[str]) -> bool:
        """Say whether one of these rows was made so lately that a copy may not show it yet."""
        since = self._setup.clock.wall().timestamp() - LAG_S
        wanted = set(row_ids)
        return any(at > since and row in wanted for row, at in self._kept.rows.values())

    def _fresh(self, row: Row) -> Row:
        """Return a row as we wrote it last, where a copy of the service still shows it before."""
        at, answer = self._answers.get(row.record.row_id, (0.0, None))
        if answer is None or self._setup.clock.monotonic() - at > LAG_S:
            return row
        lags = (row.modified or 0) <= (answer.modified or -1)
        return replace(row, record=answer.record) if lags else row

    def _find(self, ids: Sequence[str]) -> Sequence[Record]:
        look, wanted = self._look(), list(dict.fromkeys(ids))
        if len(wanted) <= MANY:
            rows = self._table.with_ids(look, wanted)
        else:
            rows = [r for r in self._all(look).rows.values() if r.record.id in set(wanted)]
        found = [self._fresh(r) for r in rows]
        missing = set(wanted) - {r.record.id for r in found}
        shown = {r.record.row_id for r in found}
        # what carries the id may be a copy of a row that is hidden: the one that we wrote counts
        places = self._rows | {i: row_id for i, (row_id, _) in self._kept.rows.items()}
        asked = {i: places[i] for i in wanted if i in places and places[i] not in shown}
        if not missing and not asked:
            return [r.record for r in found]
        there, forbidden = self._table.by_row_id(look, list(asked.values()))
        found += [self._fresh(row) for row in there.values()]
        records = {r.record.row_id: r.record for r in found if r.record.id in set(wanted)}
        for item, row_id in asked.items():
            if row_id in there and parse_id(there[row_id].record.id) is None:
                records[row_id] = replace(there[row_id].record, id=item)  # it lost its id
        told = {r.id for r in records.values()}
        states = {
            item: self._unseen(look, asked.get(item), there, forbidden)
            for item in wanted
            if item not in told or (item in asked and asked[item] not in records)
        }
        unseen = [
            Record(row_id=places.get(item, ""), id=item, cells={}, state=state)
            for item, state in states.items()
            if state is not RowState.GONE
        ]
        return [*records.values(), *unseen]

    def _unseen(
        self,
        look: Look,
        row_id: str | None,
        there: Mapping[str, Row],
        forbidden: set[str],
    ) -> RowState:
        """Say what may have become of a row that is not shown."""
        if row_id is None:  # without advanced permissions all rows are shown
            return RowState.ABSENT if look.advanced else RowState.GONE
        if row_id in there:
            return RowState.GONE  # it carries another id now
        return RowState.HIDDEN if row_id in forbidden else RowState.GONE

    # --- writing ---

    def _apply(self, batch: Sequence[Write]) -> Sequence[Outcome]:
        look, clock = self._look(), self._setup.clock
        if clock.monotonic() - look.at >= FRESH_S:
            look = self._look_again()  # an option that is gone would be made again by writing it
        writer = Writer(
            self._table,
            self._client,
            clock,
            look,
            look_again=self._look_again,
            fresh=self._fresh,
            size=self._size,
        )
        try:
            return writer.carry_out(batch)
        finally:
            self._size = writer.size
            self._remember(writer)

    def _remember(self, writer: Writer) -> None:
        now, done = self._setup.clock.monotonic(), writer.done
        self._answers = {i: a for i, a in self._answers.items() if now - a[0] <= LAG_S}
        self._answers |= {row.record.row_id: (now, row) for row in done.answers}
        at = self._setup.clock.wall().timestamp()
        self._rows |= done.rows
        self._rows = {i: row for i, row in self._rows.items() if row not in done.gone}
        there = self._kept.rows
        kept = {i: (row, at) for i, row in done.rows.items() if there.get(i, ("",))[0] != row}
        self._kept.forget(done.gone)
        self._kept.save(self._columns(), kept)


def _lags(rows: Iterable[Row]) -> bool:
    """Say whether the column of last changes does not tell of all of them."""
    return any((row.told or 0) < (row.modified or 0) - OVERLAP_S * 1000 for row in rows)
