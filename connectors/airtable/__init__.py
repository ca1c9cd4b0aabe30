"""A table of an Airtable base as a tracker.

``client`` calls the service by pyairtable, ``faults`` says what its errors mean, ``table`` reads
columns, people and rows, ``columns`` and ``wire`` (pure) say what they are, ``writing`` carries out
writes, ``making`` adds what ``check --prepare`` finds missing, ``kept`` is what outlives the
process.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from connectors.airtable import faults, making
from connectors.airtable.client import Client, RefusedError
from connectors.airtable.columns import offered
from connectors.airtable.kept import Kept
from connectors.airtable.table import Look, Table, changed_since
from connectors.airtable.writing import Writer
from connectors.base import Changes, Outcome, Record, Schema, Setup, Write
from connectors.errors import AuthError, PermanentError, SchemaError
from connectors.fit import ShapeError, other_type

MOST = 100  # writes of one ``apply``: their rows are read in one call, and written by tens
# How exact "last modified" is, and how soon a filter shows an edit, is not documented.
OVERLAP = timedelta(minutes=2)

T = TypeVar("T")


class Airtable:
    """A table of a base as a tracker (``connectors.base.Connector``).

    Args:
        setup: ``options`` has ``token``, ``base_id``, ``table`` and ``base_url``.
    """

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._client = Client(setup)
        self._table = Table(setup, self._client)
        self._kept = Kept(setup)
        self._known: Look | None = None
        self._is_told = False  # whether ``describe`` has told of the last look
        self._filters = True  # until the service refuses a filter by time

    def __repr__(self) -> str:
        return f"Airtable({self._setup.name!r})"

    # --- the protocol ---

    def describe(self) -> Schema:
        """Look at the base, the columns and the people (see ``connectors.base.Reader``).

        A repeated creation makes no second row, but it would overwrite what a person wrote into
        the first meanwhile: so it is not promised here, and the engine looks for the row first.
        """
        look = self._asked(lambda: self._look(afresh=self._is_told))
        self._is_told = True
        return Schema(
            fields={
                name: offered(name, column, look.users)
                for name, column in look.bound.by_field.items()
                if name != "id"
            },
            identity=f"{self._client.base_id}/{look.table}",
            max_batch=MOST,
            checks_version=True,
            metered=True,
            notes=tuple(note.text(self._setup.language) for note in look.notes),
            faults=tuple(fault.text(self._setup.language) for fault in look.faults),
        )

    def pull(self, cursor: str | None) -> Changes:
        """Read what changed lately, or all (see ``connectors.base.Reader``).

        A filter shows no deletions, and no new results of formulas: only a whole look does.
        """
        self._asked(self._look)  # what is asked for once a process is no part of a look's calls
        before = self._client.calls
        changes = self._asked(lambda: self._pull(_parse(cursor)))
        return replace(changes, calls=max(1, self._client.calls - before))

    def find(self, ids: Sequence[str]) -> Sequence[Record]:
        """Look for rows by our ids, past any view (see ``connectors.base.Reader``).

        The trash cannot be looked into: a row that is not found is gone. Without the right to read,
        the service refuses to answer; it never shows an empty table instead.
        """
        if not ids:
            return []
        return self._asked(lambda: list(self._table.with_ids(self._look(), ids).values()))

    def apply(self, batch: Sequence[Write]) -> Sequence[Outcome]:
        """Carry out writes (see ``connectors.base.Connector``)."""
        return self._asked(lambda: self._apply(batch)) if batch else []

    def prepare(self) -> Sequence[str]:
        """Make what is missing (see ``connectors.base.Connector``)."""

        def make() -> Sequence[str]:
            made = making.make(self._setup, self._table, self._client, self._remembered)
            self._known = None
            self._kept.save(self._look().bound.ids)
            return made

        return self._asked(make)

    # --- the columns ---

    def _asked(self, work: Callable[[], T]) -> T:
        """Do something; if a column went or has another type by now, once more."""
        for is_last in (False, True):
            try:
                return work()
            except RefusedError as refused:
                self._known = None
                if refused.type != faults.NO_FIELD or is_last:
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
            columns = self._table.columns()
            known = {
                **self._remembered(columns[0]),
                **(self._known.bound.ids if self._known else {}),
            }
            self._known = self._table.look(columns, known)
            self._is_told = False
        return self._known

    def _remembered(self, table: str) -> Mapping[str, str]:
        """Return ours -> the id of the column that it had in an earlier process."""
        self._kept.open(f"{self._client.base_id}/{table}")
        return self._kept.columns

    def _look_again(self) -> Look:
        """Look at the columns alone."""
        self._known = self._table.look_again(self._look())
        return self._known

    # --- reading and writing ---

    def _pull(self, since: datetime | None) -> Changes:
        look = self._look()
        formula = changed_since(since - OVERLAP) if since and self._filters else ""
        try:
            rows, began = self._table.rows(look, formula)
        except RefusedError as refused:
            if not formula or refused.type in (faults.NO_FIELD, ""):
                raise
            if not isinstance(refused.error, PermanentError):
                raise
            self._filters = False
            return self._pull(None)
        return Changes(records=list(rows.values()), cursor=began.isoformat(), complete=not formula)

    def _apply(self, batch: Sequence[Write]) -> Sequence[Outcome]:
        writer = Writer(
            table=self._table,
            client=self._client,
            clock=self._setup.clock,
            look=self._look(),
            look_again=self._look_again,
        )
        outcomes = writer.carry_out(batch)
        if any(outcome.record is not None for outcome in outcomes):
            self._kept.save(self._look().bound.ids)
        return outcomes


def _parse(cursor: str | None) -> datetime | None:
    """Return since when to look; a cursor that cannot be read begins anew."""
    try:
        moment = datetime.fromisoformat(cursor or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None
