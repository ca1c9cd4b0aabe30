"""A project of Jira, Cloud or Data Center, as a tracker.

``client`` calls the service by its client, ``faults`` says what its codes mean, ``project`` reads
rights, fields and statuses, ``issues`` reads issues, ``people`` finds accounts, ``columns``,
``wire``, ``adf`` and ``jql`` (pure) say what they are, ``drafts`` and ``writing`` carry out writes,
``workflow`` moves issues into their status, ``kept`` is what outlives the process.

The id of ours is a label of the issue (by it an issue is found), and a property of it (which people
do not see, and which is not copied).
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from connectors.base import Changes, Outcome, Record, RowState, Schema, Setup, Write
from connectors.errors import AuthError, SchemaError
from connectors.jira.client import Client
from connectors.jira.columns import offered
from connectors.jira.faults import RefusedError
from connectors.jira.issues import Issues
from connectors.jira.project import Look, Project
from connectors.jira.wire import Row, moment_of
from connectors.jira.workflow import Workflow
from connectors.jira.writing import BATCH, Writer
from connectors.kept import Kept
from mapping.ids import parse

# The index lags by seconds, at times by minutes; no bound is documented ("Search after write").
LAG_S = 300.0
OVERLAP = timedelta(seconds=2 * LAG_S)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a look has come.

    Attributes:
        at: up to when changes were seen, by the service's own clock; None if it is not known.
        project: what it is about.
    """

    at: datetime | None = None
    project: str = ""

    def __str__(self) -> str:
        return json.dumps([self.at.isoformat() if self.at else None, self.project])


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Our last write to a row: when, by the monotonic clock, and the row as it was then."""

    at: float
    answer: Row


class Jira:
    """A project as a tracker (``connectors.base.Connector``).

    Args:
        setup: ``options`` has ``server``, ``email`` and ``api_token`` (Cloud) or ``token`` (Data
            Center), ``project``, ``issue_type`` and perhaps ``jql`` and ``base_url``.
    """

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._client = Client(setup)
        host = urlsplit(self._client.server).netloc
        place = f"{host}/{setup.options['project']}"
        self._kept = Kept(Path(setup.state) / "jira.json", place, setup)
        self._project = Project(setup, self._client)
        narrowing = str(setup.options.get("jql") or "").strip()
        self._issues = Issues(self._client, self._project.where, narrowing)
        self._workflow = Workflow(self._client, self._project.where)
        self._host = host
        self._known: Look | None = None
        self._is_told = False  # whether ``describe`` has told of the last look
        self._columns = dict(self._kept.columns)  # ours -> the id that it had last
        self._rows: dict[str, str] = {}  # our id -> the issue's, as they were seen
        self._written: dict[str, Written] = {}
        self._shown: dict[str, str | None] = {}  # the version that a row was last told with
        self._moved: set[str] = set()  # rows that were not as they had been read

    def __repr__(self) -> str:
        return f"Jira({self._setup.name!r})"

    # --- the protocol ---

    def describe(self) -> Schema:
        """Look at rights, fields, statuses and people (see ``connectors.base.Reader``)."""
        look = self._look(afresh=self._is_told)
        self._is_told = True
        people = look.people
        fields = {
            name: offered(
                name, column, people.assignable if column.id == "assignee" else people.all
            )
            for name, column in look.bound.by_field.items()
        }
        return Schema(
            fields=fields,
            identity=f"{self._host}/{look.project}",
            max_batch=BATCH,
            checks_version=True,
            search_lag_s=LAG_S,
            notes=tuple(note.text(self._setup.language) for note in look.notes),
        )

    def pull(self, cursor: str | None) -> Changes:
        """Read what changed lately, or all (see ``connectors.base.Reader``)."""
        is_new = self._known is None
        self._asked(self._look)  # what is asked for once a process is no part of a look's calls
        before = self._client.calls
        changes = self._asked(lambda: self._pull(cursor, is_new=is_new))
        return replace(changes, calls=max(1, self._client.calls - before))

    def find(self, ids: Sequence[str]) -> Sequence[Record]:
        """Look for rows by our ids, past the narrowing (see ``connectors.base.Reader``).

        The index shows no issue that was archived, or that lost its label: a row that was known
        and is not found is asked for by its own id. The service does not say whether one that it
        does not show was deleted or is hidden from us.
        """
        return self._asked(lambda: self._find(ids)) if ids else []

    def apply(self, batch: Sequence[Write]) -> Sequence[Outcome]:
        """Carry out writes (see ``connectors.base.Connector``)."""
        if not batch:
            return []
        writer = Writer(
            self._project,
            self._issues,
            self._client,
            self._workflow,
            self._look(),
            look_again=lambda: self._look(afresh=True),
            statuses=self._setup.statuses,
            shown=self._shown,
        )
        try:
            return self._asked(lambda: writer.carry_out(batch), again=False)
        finally:
            self._remember(writer)

    def prepare(self) -> Sequence[str]:
        """Make nothing: fields, screens and workflows are made by administrators alone.

        What is missing is told by ``describe``; the id, a label, needs no preparation.
        """
        self._known = None
        look = self._look()
        self._kept.save(look.project, look.bound.keys, {})
        return []

    # --- what the project is ---

    def _asked(self, work: Callable[[], T], *, again: bool = True) -> T:
        """Do something; if a field is not what it was, look at the project and do it again."""
        for is_last in (False, True):
            try:
                return work()
            except (RefusedError, AuthError, SchemaError) as error:
                known, self._known = self._known, None
                if is_last or not again or known is None or not isinstance(error, RefusedError):
                    raise
        raise AssertionError("the loop returns or raises")

    def _look(self, *, afresh: bool = False) -> Look:
        """Return the project, looked at once a process."""
        if self._known is None or afresh:
            self._known = self._project.look(self._columns)
            self._columns |= self._known.bound.keys
            self._is_told = False
        return self._known

    # --- reading ---

    def _pull(self, cursor: str | None, *, is_new: bool) -> Changes:
        self._client.begin()
        look, since = self._look(), _parse(cursor)
        is_whole = cursor is None or since.project != look.project
        if is_whole and not is_new:
            # an account without rights is shown an empty list (failure 36), and its zone may be
            # another by now
            look = self._known = replace(look, zone=self._project.check())
        at = None if is_whole or since.at is None else since.at - OVERLAP
        rows = self._issues.scan(look, at, self._seen(look) if is_whole else ())
        self._look_at_moved(look, rows)
        rows = {row_id: self._fresh(row) for row_id, row in rows.items()}
        for row in rows.values():
            self._rows.setdefault(row.record.id or "", row.record.row_id)
            self._shown[row.record.row_id] = row.record.version
        # without the service's clock what was changed last would be listed for ever
        told = [self._client.began, None if is_whole else since.at]
        seen = [row.updated for row in rows.values()]
        reached = max((at for at in (*told, *seen) if at is not None), default=None)
        return Changes(
            records=[row.record for row in rows.values()],
            cursor=str(Cursor(at=reached, project=look.project)),
            complete=is_whole,
        )

    def _look_at_moved(self, look: Look, rows: dict[str, Row]) -> None:
        """Read rows again that were not as they had been read, whatever the index says."""
        if self._moved:
            found = self._issues.by_ids(look, sorted(self._moved))
            rows |= {i: r for i, r in found.items() if r.record.state is RowState.LIVE}
        self._moved.clear()

    def _fresh(self, row: Row) -> Row:
        """Return a row as we wrote it last, where the index still shows it before."""
        last = self._written.get(row.record.row_id)
        if last is None or self._setup.clock.monotonic() - last.at > LAG_S:
            return row
        told, ours = row.updated, last.answer.updated
        return last.answer if told is not None and ours is not None and told < ours else row

    def _seen(self, look: Look) -> dict[str, str]:
        """Return our ids -> the issues that carried them: those that we wrote before others."""
        kept = self._kept.rows if self._kept.source == look.project else {}
        return {i: row for i, row in {**self._rows, **kept}.items() if i}

    def _find(self, ids: Sequence[str]) -> Sequence[Record]:
        look, wanted = self._look(), list(dict.fromkeys(ids))
        rows = self._issues.with_labels(look, wanted)
        found = {r.record.row_id: r.record for r in rows if r.record.id in set(wanted)}
        known = self._seen(look)  # what carries the id may be a copy of an issue that is hidden
        asked = [i for i in wanted if i in known and known[i] not in found]
        there = self._issues.by_ids(look, [known[i] for i in asked]) if asked else {}
        for item in asked:
            row = there.get(known[item])
            if row is None:
                absent = RowState.ABSENT  # 404 does not say why
                found[known[item]] = Record(row_id=known[item], id=item, cells={}, state=absent)
            elif row.record.state is not RowState.LIVE or row.record.id == item:
                found[row.record.row_id] = replace(row.record, id=item)
            elif parse(row.record.id) is None and self._issues.named(known[item]) == item:
                found[row.record.row_id] = replace(row.record, id=item)  # it lost its label
        return list(found.values())

    # --- writing ---

    def _remember(self, writer: Writer) -> None:
        now, done = self._setup.clock.monotonic(), writer.done
        self._written = {i: w for i, w in self._written.items() if now - w.at <= LAG_S}
        rows = {}
        for _, after in done.answers:
            self._written[after.record.row_id] = Written(at=now, answer=after)
            self._shown[after.record.row_id] = after.record.version
            if after.record.id:
                rows[after.record.id] = after.record.row_id
        self._moved |= done.moved - {""}
        self._rows = {i: r for i, r in {**self._rows, **rows}.items() if r not in done.gone}
        if self._known is not None and (rows or done.gone):
            seen = {**self._seen(self._known), **rows}
            self._kept.save(self._known.project, self._known.bound.keys, seen, done.gone)


def _parse(cursor: str | None) -> Cursor:
    """Return a cursor; one that cannot be read begins anew."""
    try:
        at, project = json.loads(cursor or "")
        return Cursor(at=moment_of(at) if at else None, project=str(project))
    except (ValueError, TypeError):
        return Cursor()
