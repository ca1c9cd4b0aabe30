"""Carrying out writes: creations by fifties, changes one by one. I/O by the client.

There is no lock and no version ("Edit issue", read 2026-11): the last write of a field wins. So an
issue is read right before it is changed, and only what differs is sent. There is no idempotency key
either: a creation whose answer was lost is never sent again here; the engine looks for its label
first. A bulk creation tells of each issue what it refuses, by field: that one goes without it.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from connectors.base import Outcome, RowState, Write
from connectors.errors import (
    ConflictError,
    ConnectorError,
    PermanentError,
    TransientError,
    UnknownOutcomeError,
)
from connectors.jira.bodies import change_of, new_issue
from connectors.jira.client import Client
from connectors.jira.drafts import Draft, Drafts, answers, draft_of, stands_for
from connectors.jira.faults import (
    ForbiddenError,
    MissingError,
    RefusedError,
    gone,
    moved,
    not_sent,
    retold,
)
from connectors.jira.issues import Issues
from connectors.jira.project import Look, Project
from connectors.jira.wire import Json, Row
from connectors.jira.workflow import Workflow
from mapping.cells import is_empty
from mapping.said import Said

BATCH = 50  # issues of one bulk creation ("Bulk create issue", read 2026-11)
TOGETHER = 10  # issues read in one call before each of them is changed (Cloud)
ROUNDS = 4  # of a creation that goes without what was refused


@dataclass(kw_only=True)
class Done:
    """What was written.

    Attributes:
        answers: the row before (None if it was made) and after.
        gone: issues that were taken out.
        moved: issues that were not as they were read.
    """

    answers: list[tuple[Row | None, Row]] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)


class Writer:
    """Carries out one batch.

    Args:
        project: where.
        issues: of the project.
        client: asks the service.
        workflow: moves issues into their status.
        look: the project as it was found.
        look_again: looks at it afresh.
        statuses: ours -> the tool's words for it.
        shown: row -> the version that it was last told with; a write that names none is for that.
    """

    def __init__(
        self,
        project: Project,
        issues: Issues,
        client: Client,
        workflow: Workflow,
        look: Look,
        *,
        look_again: Callable[[], Look],
        statuses: Mapping[str, tuple[str, ...]],
        shown: Mapping[str, str | None],
    ) -> None:
        self._project = project
        self._issues = issues
        self._client = client
        self._workflow = workflow
        self._look = look
        self._look_again = look_again
        self._statuses = statuses
        self._shown = shown
        self._left = False  # whether anything may have had effect
        self._stopped: ConnectorError | None = None
        self._outcomes: dict[int, Outcome] = {}
        self.done = Done()

    def carry_out(self, batch: Sequence[Write]) -> list[Outcome]:
        """Carry out writes; after a fault that concerns all, the rest is not sent.

        Raises:
            ConnectorError: such a fault, before anything had effect.
        """
        drafts = self._drafts(batch)
        make = {n: d for n, d in drafts.items() if d.write.row_id is None}
        rest = {n: d for n, d in drafts.items() if n not in make}
        for n, draft in list(make.items()):
            if not draft.cells and draft.error:  # nothing of the row is left
                self._outcomes[n] = Outcome(error=make.pop(n).error)
        self._guarded(make, lambda: self._create(make))
        together = TOGETHER if self._client.cloud else 1
        numbers = list(rest)
        for start in range(0, len(numbers), together):
            some = {n: rest[n] for n in numbers[start : start + together]}
            self._guarded(some, lambda some=some: self._change_all(some))  # type: ignore[misc]
        return [self._outcomes[n] for n in range(len(batch))]

    # --- faults ---

    def _guarded(self, drafts: Drafts, work: Callable[[], None]) -> None:
        """Do a part; a fault that no single row is to blame for stops what comes after."""
        if self._stopped is None and drafts:
            try:
                work()
            except ConnectorError as error:
                self._stop(drafts, error)
        elif self._stopped is not None:
            self._fail(drafts, TransientError(not_sent(self._stopped)))

    def _stop(self, drafts: Drafts, error: ConnectorError) -> None:
        if isinstance(error, UnknownOutcomeError):
            self._left = True
        elif not self._left:
            raise error
        self._stopped = error
        self._fail(drafts, error)

    def _fail(self, drafts: Drafts, error: ConnectorError) -> None:
        for n in drafts:
            self._outcomes.setdefault(n, Outcome(error=error))

    def _own(self, error: ConnectorError) -> ConnectorError:
        """Return what a refusal means for its row; raise it if it is no single row's fault."""
        if isinstance(error, ForbiddenError):
            if self._project.lacking():
                raise error
            return PermanentError(retold(error))
        if isinstance(error, MissingError):
            return ConflictError(retold(error))
        if isinstance(error, ConflictError | PermanentError):
            return error
        raise error

    # --- what can be said without asking ---

    def _drafts(self, batch: Sequence[Write]) -> Drafts:
        """Leave out the cells that the project would refuse; look again before an option is."""
        drafts = {n: draft_of(w, self._look, self._project.where) for n, w in enumerate(batch)}
        if any(draft.stale for draft in drafts.values()):
            self._look = self._look_again()
            drafts = {n: draft_of(w, self._look, self._project.where) for n, w in enumerate(batch)}
        return drafts

    # --- issues that are made ---

    def _create(self, drafts: Drafts) -> None:
        made: dict[int, str] = {}
        waiting = dict(drafts)
        try:
            for _ in range(ROUNDS):
                if waiting:
                    waiting = self._create_some(waiting, made, drafts)
        except ConnectorError as error:
            if not made:
                raise
            self._stop({n: d for n, d in drafts.items() if n not in made}, error)
        text = Said("Jira 一再拒绝新建", "the service refuses to make it, again and again")
        self._fail(waiting, PermanentError(text))
        if made:
            self._finish({n: drafts[n] for n in made}, made)

    def _create_some(self, waiting: Drafts, made: dict[int, str], drafts: Drafts) -> Drafts:
        """Make issues; return those that are to be tried once more, with less."""
        issues = [new_issue(d, self._look, cloud=self._client.cloud) for d in waiting.values()]
        try:
            answer = self._client.write(
                "POST", "issue/bulk", {"issueUpdates": issues}, repeatable=False
            )
        except RefusedError as error:
            if isinstance(error.body.get("errors"), list):
                answer = error.body
            elif len(waiting) > 1:  # it is too large, or one of them cannot be read at all
                return self._by_halves(waiting, made, drafts)
            else:
                self._fail(waiting, error)
                return {}
        told = answers(answer, len(waiting))
        again: Drafts = {}
        for (n, draft), (issue, refused) in zip(waiting.items(), told, strict=True):
            if issue:
                made[n] = issue
                self._left = True
            elif refused is None:
                self._left = True
                text = Said("Jira 没有说清建了哪些事务", "the service did not tell all it made")
                self._outcomes[n] = Outcome(error=UnknownOutcomeError(text))
            else:
                fewer = draft.without(refused, self._look, self._project.where)
                if fewer is None:
                    self._outcomes[n] = Outcome(error=refused)
                else:
                    again[n] = drafts[n] = fewer
        return again

    def _by_halves(self, waiting: Drafts, made: dict[int, str], drafts: Drafts) -> Drafts:
        numbers = list(waiting)
        again: Drafts = {}
        for half in (numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :]):
            again |= self._create_some({n: waiting[n] for n in half}, made, drafts)
        return again

    def _finish(self, drafts: Drafts, made: Mapping[int, str]) -> None:
        """Do what a creation cannot: statuses, and owners that it passed over."""
        rows = self._read_back(list(made.values()))
        again: list[str] = []
        for n, draft in drafts.items():
            row = rows.get(made[n])
            if row is None:
                text = Said(
                    f"{self._project.where}：已新建，但看不到",
                    f"{self._project.where}: made, and then not to be seen",
                )
                self._outcomes[n] = Outcome(error=UnknownOutcomeError(text))
                continue
            error, changed = self._complete(draft, row)
            drafts[n] = draft.failed(error) if error else draft
            again += [made[n]] if changed else []
        rows |= self._read_back(again) if again else {}
        for n, draft in drafts.items():
            if n not in self._outcomes:
                row = rows[made[n]]
                self.done.answers.append((None, row))
                self._outcomes[n] = Outcome(record=row.record, error=draft.error)

    def _complete(self, draft: Draft, row: Row) -> tuple[PermanentError | None, bool]:
        """Finish one new issue; return what was refused, and whether anything was changed.

        The issue is there: what comes after is only told, never raised.
        """
        errors: list[PermanentError] = []
        changed = False
        owner = draft.cells.get("owner")
        if not is_empty(owner) and row.record.cells.get("owner") != owner:
            body = change_of(draft.only("owner"), row, self._look, cloud=self._client.cloud)
            try:
                self._put(row.record.row_id, body)
            except ConnectorError as error:
                errors.append(PermanentError(retold(error), field="owner"))
            changed = True
        try:
            changed |= self._move(draft, row)
        except ConnectorError as error:  # it may have come some of the way
            errors.append(PermanentError(retold(error), field="status"))
            changed = True
        return next(iter(errors), None), changed

    def _read_back(self, issues: Sequence[str]) -> dict[str, Row]:
        try:
            return self._issues.by_ids(self._look, issues)
        except ConnectorError as error:
            raise UnknownOutcomeError(
                Said(
                    f"已写入，但读不回来：{error.text('zh')}",
                    f"written, and then not read: {error}",
                )
            ) from None

    # --- issues that are changed ---

    def _change_all(self, drafts: Drafts) -> None:
        """Change issues one by one, and read once what they are then."""
        wanted = list(dict.fromkeys(d.write.row_id or "" for d in drafts.values()))
        before = self._issues.by_ids(self._look, wanted)
        changed: dict[int, tuple[Row, ConnectorError | None]] = {}
        try:
            for n, draft in drafts.items():
                row = before.get(draft.write.row_id or "")
                try:
                    told = self._change(draft, row)
                except ConnectorError as error:
                    if isinstance(error, ConflictError):
                        self.done.moved.add(draft.write.row_id or "")
                    self._outcomes[n] = Outcome(error=self._own(error))
                    continue
                if isinstance(told, Outcome):
                    self._outcomes[n] = told
                elif row is not None:
                    changed[n] = (row, told)
        finally:
            self._tell(changed)

    def _tell(self, changed: Mapping[int, tuple[Row, ConnectorError | None]]) -> None:
        if not changed:
            return
        after = self._read_back([row.record.row_id for row, _ in changed.values()])
        for n, (row, error) in changed.items():
            now = after.get(row.record.row_id)
            if now is None:
                self._outcomes[n] = Outcome(error=gone(row.record.label))
                continue
            self.done.answers.append((row, now))
            self._outcomes[n] = Outcome(record=now.record, error=error)

    def _change(self, draft: Draft, row: Row | None) -> Outcome | ConnectorError | None:
        """Change one issue; return its outcome, or what was refused if it is to be read again."""
        write = draft.write
        if row is None or row.record.state is not RowState.LIVE:
            raise gone(row.record.label if row else write.row_id or "")
        # the index lags: what was found by its id may be newer than what any list has told
        expected = write.if_version or self._shown.get(row.record.row_id)
        if expected != row.record.version:
            raise moved(row.record.label)
        if write.remove:
            return self._remove(row)
        draft = draft.differing(row, self._look, self._statuses)
        names = write.set_id and write.id != row.record.id
        if not draft.cells and not names and draft.status is None:
            return Outcome(record=row.record if not draft.refused_all else None, error=draft.error)
        return self._carry(draft, row, names=names)

    def _carry(self, draft: Draft, row: Row, *, names: bool) -> PermanentError | None:
        """Send fields, then the status; what is refused in one status may be taken in the next."""
        refused: PermanentError | None = None
        try:
            left = self._send(draft, row, names=names)
        except RefusedError as error:
            if draft.status is None:
                raise
            left, refused = draft, error
        try:
            is_moved = self._move(left, row)
        except PermanentError as error:
            return left.error or error
        if refused is not None and is_moved:
            left = self._send(draft, row, names=names)
        elif refused is not None:
            raise refused
        return left.error

    def _send(self, draft: Draft, row: Row, *, names: bool) -> Draft:
        """Send the fields that differ; without those that are refused by name."""
        for _ in range(ROUNDS):
            body = change_of(draft, row, self._look, cloud=self._client.cloud, names=names)
            if not body:
                return draft
            try:
                self._put(row.record.row_id, body)
            except RefusedError as error:
                fewer = draft.without(error, self._look, self._project.where)
                if fewer is None:
                    raise
                draft = fewer
            else:
                return draft
        return draft

    def _put(self, issue: str, body: Json) -> None:
        """Change an issue; the same change twice does no harm."""
        self._client.write("PUT", f"issue/{quote(issue, safe='')}", body, repeatable=True)
        self._left = True

    def _move(self, draft: Draft, row: Row) -> bool:
        """Bring an issue into its status; a row that expresses it already is left alone."""
        goal = draft.status and self._look.status(draft.status)
        if not goal or stands_for(row, goal.name, self._statuses, self._look):
            return False
        self._workflow.move(self._look, row.record.row_id, row.status, goal)
        self._left = True
        return True

    def _remove(self, row: Row) -> Outcome:
        issue = row.record.row_id
        with suppress(MissingError):  # it went meanwhile
            self._client.write("DELETE", f"issue/{quote(issue, safe='')}", None, repeatable=True)
        self._left = True
        self.done.gone.add(issue)
        return Outcome(record=replace(row.record, state=RowState.GONE))
