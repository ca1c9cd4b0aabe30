"""The protocol between the engine and a tool. All values are frozen.

A connector knows its service and nothing of minutes, rules or the store. It is built with its
configuration, the column names wanted, the team's people and a clock (see ``Setup``).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from connectors.errors import ConnectorError
from mapping.cells import Cells, Field
from mapping.values import Department, Finding, Person


class Clock(Protocol):
    """The machine's time, handed in; connectors never ask the system."""

    def wall(self) -> datetime:
        """Return the machine's time, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a connector is built with.

    Attributes:
        name: the tracker's name in the team file, for messages.
        options: the keys of its kind, checked, secrets resolved.
        columns: our field (and ``id``) -> the tool's column name that is wanted.
        named: those fields whose column the team file names itself (they must be there).
        statuses: ours -> the tool's options for it, the first is written.
        people: the team's people; for each the account is looked up once.
        departments: the team's departments (options of a select column).
        folder: absolute path that relative paths in ``options`` start from.
        state: absolute path of a folder for own files (locks, backups).
        clock: the machine's time.
    """

    name: str
    options: Mapping[str, Any] = field(repr=False)  # holds secrets
    columns: Mapping[str, str]
    named: frozenset[str] = frozenset()
    statuses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    people: tuple[Person, ...] = ()
    departments: tuple[Department, ...] = ()
    language: str = "zh"
    team: str = ""
    folder: str = "."
    state: str = "."
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """What a tool offers and promises.

    Attributes:
        fields: ours -> its column; a field that is absent is not carried. Never holds ``id``.
        identity: what tells this table from another; a change halts the tracker (empty: no table
            identity, as in a file; the guard alone watches).
        max_batch: most writes in one ``apply``.
        whole_file: the tool is one file: an older copy may be put back, all rows travel together;
            ``apply`` refuses a file that is neither what ``pull`` saw nor what it wrote since.
        reports_deletes: ``pull`` may list records in state ``gone``.
        checks_version: ``apply`` refuses a write whose ``if_version`` is no longer the row's.
        stable_rows: ``row_id`` stays a row's own for ever (False: it is a place in the file).
        search_lag_s: seconds after which a created row is sure to be found by its id; the engine
            waits at least this long, and 120 s where the service documents none (None).
        idempotent_create: a repeated create with the same ``token`` makes no second row.
        metered: calls are counted by the month; the more of them a complete look takes, the
            farther apart such looks are.
        notes: what the tool does not carry, one sentence each, said once as information.
        faults: what keeps us from working the tool, one sentence each, said as errors.
    """

    fields: Mapping[str, Field]
    identity: str = ""
    max_batch: int = 1
    whole_file: bool = False
    reports_deletes: bool = False
    checks_version: bool = False
    stable_rows: bool = True
    search_lag_s: float | None = None
    idempotent_create: bool = False
    metered: bool = False
    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


class RowState(StrEnum):
    """What a look at a row told."""

    LIVE = "live"
    GONE = "gone"  # deleted or in the trash, and the service says so
    HIDDEN = "hidden"  # not visible to us: says nothing of deletion
    ABSENT = "absent"  # not found, and the service does not say which of the two it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row as the tool shows it.

    Attributes:
        row_id: the tool's id of the row; stable if ``Schema.stable_rows``, else its place.
        id: what stands in the id column, as it stands there (it may be no id at all, or None).
        cells: our field -> cell; only fields that the tool carries.
        version: opaque; changes when the row does. None if the tool has none.
        label: what people call the row, e.g. ``Sheet1!7`` or ``PROJ-12``.
        link: address that opens the row, if there is one.
        created: order in which rows were made, as the tool tells it; of two rows with one id the
            smaller is the original. Empty if unknown.
        editor: who changed the row last, as the tool tells it.
        sealed: fields that cannot be written in this row, e.g. a formula stands there.
    """

    row_id: str
    id: str | None
    cells: Cells
    version: str | None = None
    state: RowState = RowState.LIVE
    label: str = ""
    link: str | None = None
    created: str = ""
    editor: str | None = None
    sealed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What ``pull`` saw.

    Attributes:
        records: rows, at least all that changed since the cursor; one each, in the tool's order.
        cursor: opaque text for the next ``pull``; survives a restart and a new instance.
        complete: every live row is listed, in one unbroken look. Only then may absence mean
            anything.
        calls: requests that it took; signing in, columns and people are not counted.
        findings: what a person should look at in the table as a whole.
        digest: for whole files, a digest of the bytes that were read; else empty.
    """

    records: Sequence[Record]
    cursor: str | None
    complete: bool = False
    calls: int = 0
    findings: tuple[Finding, ...] = ()
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One row to make or change.

    Attributes:
        id: ours; stored in the row, so that a repeated create finds it. Empty on ``remove``.
        cells: only what changes (on create: what is not empty); None, () clear a cell.
        row_id: the row to change; None makes one.
        if_version: the version it was read with; a row that moved since is a ``ConflictError``.
        token: the journal's, for services that take an idempotency key; unique a write.
        set_id: write ``id`` into the row (an adopted row, a copy that gets its own).
        remove: take the row out again (the younger of two that a late request made).
    """

    id: str
    cells: Cells
    row_id: str | None = None
    if_version: str | None = None
    token: str = ""
    set_id: bool = False
    remove: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one ``Write``: the row as the tool returned it, or why not.

    ``record`` and ``error`` may both be there: the row was written, but a field of it was not.
    """

    record: Record | None = None
    error: ConnectorError | None = None


class Reader(Protocol):
    """The half of a connector that changes nothing: all that ``plan`` is handed (failure 78)."""

    def describe(self) -> Schema:
        """Look at the table's columns, options and people.

        Raises:
            AuthError: credentials or rights are wrong.
            SchemaError: a required column, or one that the team file names, is missing.
            TransientError: the service cannot be reached now.
            BusyError: the file is being written.
        """
        ...

    def pull(self, cursor: str | None) -> Changes:
        """Read the rows that changed since ``cursor``; all of them for None.

        Raises:
            ConnectorError: as ``describe``; nothing is known then, least of all a deletion.
        """
        ...

    def find(self, ids: Sequence[str]) -> Sequence[Record]:
        """Look for the rows that carry these ids of ours, in every state, past any filter.

        Returns one record or more for each id that was found, none for one that was not. It reads
        afresh, never from a cache. A row that the tool knows as this id's by an id of its own is
        told whatever its id cell shows by now.

        Raises:
            ConnectorError: as ``describe``.
        """
        ...


class Connector(Reader, Protocol):
    """A tool that can be read and written."""

    def apply(self, batch: Sequence[Write]) -> Sequence[Outcome]:
        """Carry out writes; one outcome each, in the same order. At most ``max_batch``.

        A bad row is an ``Outcome`` with an error, never an exception.

        Raises:
            UnknownOutcomeError: the call left and no answer came: any of it may have had effect.
            StaleError: a whole file is another one than the plan was made from.
            ConnectorError: otherwise, and only when nothing was sent.
        """
        ...

    def prepare(self) -> Sequence[str]:
        """Make what is missing: the file, the table, columns, options, as far as rights allow.

        Called by ``check --prepare`` only. Returns one sentence for each thing made.

        Raises:
            ConnectorError: as ``describe``.
        """
        ...


Factory = Callable[[Setup], Connector]
