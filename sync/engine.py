"""One team's passes: read each tracker, take over, apply the rules, write what is due. I/O.

A pass is level-triggered: it looks at what is, decides in pure functions, acts, records. Killed
between any two lines, the next pass ends where this one would have.

Order of a tracker's work: pull (network) -> match, guard, merge (one transaction) -> plan ->
journal (transaction) -> apply (network) -> record (transaction). No transaction spans a call.
"""

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.base import Changes, Record, RowState, Schema
from connectors.errors import (
    AuthError,
    BusyError,
    ConnectorError,
    SchemaError,
    StaleError,
    TransientError,
)
from mapping.people import Directory
from sync import findings
from sync.absence import Fate, answers
from sync.guard import Halt
from sync.lag import lag_of
from sync.ledger import Ledger, Rules, run_rules
from sync.look import AskFirst, Halted, Look
from sync.push import Push
from sync.requests import carry_out
from sync.store import LeaseLostError, Store, StoreError
from sync.stored import Request, TrackerState
from sync.tracker import (
    Memory,
    Report,
    Tally,
    Tracker,
    Waiting,
    beat_of,
    is_another,
    offers,
    settings_of,
)
from sync.transaction import Transaction

log = logging.getLogger(__name__)

RETRY_EVERY = timedelta(days=1)  # for what a tool refused, where nothing tells that it may take it
LOOKS = 3  # so often a file that is saved while we work on it is looked at in a pass
AWAY = "away"  # in place of what columns can take, while one that is needed is not there
COMPLETE_EVERY = timedelta(minutes=15)  # only a complete look can see deletions


class Engine:
    """Carries out the passes of one team over its store and trackers.

    Args:
        store: the team's store; its lease is the caller's business.
        directory: the team's people.
        rules: what changes items by itself.
        now: the time of all that is decided and recorded, aware, in the team's zone.
        dry: plan only: no connector is written to.
        token: makes the journal's name of a write, unique for ever.
    """

    def __init__(
        self,
        store: Store,
        directory: Directory,
        *,
        rules: Rules,
        now: Callable[[], datetime],
        dry: bool = False,
        token: Callable[[], str] = lambda: uuid.uuid4().hex,
    ) -> None:
        self.store = store
        self.directory = directory
        self.rules = rules
        self.now = now
        self.dry = dry
        self.token = token
        self._memory: dict[str, Memory] = {}

    # --- a pass over one tracker ---

    def pull(self, tracker: Tracker, *, rebuild_only: bool = False, again: bool = False) -> Report:
        """Read a tracker and take over what people did there.

        Args:
            tracker: which one.
            rebuild_only: take over only rows that carry ids of ours (a store that was lost is
                rebuilt before minutes are read); all else waits for the ordinary pull.
            again: the pass has looked before; rows lost since are left to the next pass, and with
                them all that this look shows.
        """
        report = Report(name=tracker.name, kind=tracker.kind)
        try:
            self._pull(tracker, report, rebuild_only=rebuild_only, again=again)
        except ConnectorError as error:
            self._failed(tracker, report, error)
        return report

    def push(self, tracker: Tracker, report: Report, *, looks: int = LOOKS) -> Report:
        """Write to a tracker what it does not show yet; nothing if its pull did not succeed.

        A file that somebody saved since it was pulled is looked at again first: it may be an
        older copy, and a plan made from another file would hide that.
        """
        if report.state in ("failed", "paused"):
            return report
        if report.state == "halted" and not report.adopting:
            self.finish(tracker, report)
            return report
        try:
            self._push(tracker, report)
        except StaleError as error:
            if looks > 1:
                again = self.pull(tracker, again=True)
                again.tally = report.tally.plus(again.tally)
                return self.push(tracker, again, looks=looks - 1)
            self._failed(tracker, report, error)
        except ConnectorError as error:
            self._failed(tracker, report, error)
        self.finish(tracker, report)
        return report

    def sync(self, tracker: Tracker) -> Report:
        """Pull, then push."""
        return self.push(tracker, self.pull(tracker))

    def apply_rules(self) -> list[str]:
        """Let the rules change items; return the ids of those they changed."""
        with self.store.transaction() as tx:
            ledger = Ledger(tx, self.directory, self.now().isoformat())
            today = self.now().date()
            changed = run_rules(self.rules, ledger, tx.overdue(today), self.now())
            ledger.flush()
        return changed

    def request(self, verb: str, target: str, args: Mapping[str, str]) -> None:
        """Write a decision down; the next pass carries it out, whoever works the team."""
        with self.store.transaction() as tx:
            tx.request(verb, target, args, self.now().isoformat())

    def release(self, plan: str) -> None:
        """Write down that a held plan may go through."""
        self.request("release", plan, {})

    def carry_out(self) -> list[tuple[Request, str]]:
        """Carry out the decisions that were written down; one that fails stops no other."""
        with self.store.reading() as tx:
            waiting = tx.requests()
        answers = []
        for request in waiting:
            try:
                with self.store.transaction() as tx:
                    if request not in tx.requests():
                        continue  # another thread was quicker
                    result = carry_out(tx, self.directory, request, self.now())
            except (StoreError, LeaseLostError):
                raise
            except Exception as error:
                log.exception("fault of the program", extra={"request": request.verb})
                result = f"{type(error).__name__} - this is a fault of the program"
                with self.store.transaction() as tx:
                    tx.answer(request.id, result)
            answers.append((request, result))
        return answers

    def forget_others(self, trackers: Sequence[str]) -> None:
        """Close the findings on trackers that the team file no longer names."""
        kept = {f"tracker:{name}" for name in trackers}
        with self.store.transaction() as tx:
            for source in tx.sources():
                if source.startswith("tracker:") and source not in kept:
                    tx.drop_findings(source)

    def contacted(self, tracker: Tracker) -> bool:
        """Say whether a tracker was ever read, so that its rows with our ids are known."""
        with self.store.reading() as tx:
            return tx.tracker(tracker.name).data_at is not None

    # --- pull ---

    def _pull(self, tracker: Tracker, report: Report, *, rebuild_only: bool, again: bool) -> None:
        with self.store.reading() as tx:
            state, open_intents = tx.tracker(tracker.name), tx.intents(tracker.name)
            retry = self._retry_is_due(tx, tracker, state)
            is_troubled = bool(tx.findings(f"tracker:{tracker.name}"))
            freed = _is_freed(tx, tracker.name, state)
        settings = settings_of(tracker, self.directory)
        cursor = state.cursor
        changed = settings != state.settings
        if rebuild_only or changed or retry or self._complete_is_due(tracker, state, freed=freed):
            cursor = None
        changes = None
        if not (rebuild_only or changed or retry or open_intents):
            changes = self._look_while_waiting(tracker, state, report)
            if report.state == "halted":
                return
        if changes is None:
            if cursor is None and is_troubled:
                self._look_at_columns(tracker)
            changes = tracker.connector.pull(cursor)
            report.tally.calls += changes.calls
        if changes.digest and not changes.complete and not open_intents:
            self._same_file(tracker, changes)
            return
        schema = self._schema(tracker, changes)
        others = bool(state.carried) and set(state.carried) != set(schema.fields)
        if (others or is_another(state, schema)) and not changes.complete:
            changes = tracker.connector.pull(None)  # other columns or rows: all are read first
            report.tally.calls += changes.calls
        found: list[Record] = []
        if open_intents and schema.whole_file:  # read twice it may be two, its rows elsewhere
            found = list(changes.records)
        elif open_intents and not rebuild_only:
            found = list(tracker.connector.find(sorted({i.item for i in open_intents})))
            report.tally.calls += 1
            changes = with_found(changes, found)
        look = Look(
            tracker=tracker,
            schema=schema,
            changes=changes,
            directory=self.directory,
            now=self.now(),
            rules=self.rules,
            memory=self._memory[tracker.name],
            report=report,
            intents=() if rebuild_only else open_intents,
            found=found,
            settings=settings,
            retry=retry,
            again=again,
        )
        try:
            self._ask_and_take_in(look, tracker, report, rebuild_only=rebuild_only)
        except Halted as halted:
            report.tally = Tally(calls=report.tally.calls)
            report.halted(halted.halt)
        if not rebuild_only:
            self._memory[tracker.name].waiting = self._waiting(look, report)

    def _look_while_waiting(
        self, tracker: Tracker, state: TrackerState, report: Report
    ) -> Changes | None:
        """Ask whether anything changed since a look of which a person is asked (failure 70).

        While nothing did, the tracker stays halted without all its rows being read. Returns a look
        at all rows, where the tool has no other; None if there is to be one, or nothing is asked.
        """
        memory = self._memory.get(tracker.name)
        waiting = memory.waiting if memory else None
        if waiting is None or waiting.halt.plan in state.released:
            return None
        if abs(self.now() - waiting.at) >= COMPLETE_EVERY * waiting.beat:
            return None
        changes = tracker.connector.pull(waiting.cursor)
        report.tally.calls += changes.calls
        if changes.records or changes.complete:
            return changes if changes.complete else None
        report.halted(waiting.halt)
        report.adopting = waiting.adopting
        if waiting.adopting:  # what is known was taken in then, and is no older now
            with self.store.transaction() as tx:
                state = tx.tracker(tracker.name)
                tx.put_tracker(tracker.name, replace(state, data_at=self.now().isoformat()))
        return None

    def _waiting(self, look: Look, report: Report) -> Waiting | None:
        """Return what is to be remembered of a look of which a person is asked."""
        seen, schema = look.changes, look.schema
        if report.state != "halted" or not seen.complete or seen.calls < 2 or not seen.cursor:
            return None
        halt = Halt(plan=report.plan or "", reason=report.error or "", items=report.held_items)
        return Waiting(
            halt=halt,
            cursor=seen.cursor,
            adopting=report.adopting,
            at=self.now(),
            # what is put back may keep its old time, so that only such a look shows it
            beat=beat_of(schema, seen.calls) if report.adopting else 1,
        )

    def _ask_and_take_in(
        self, look: Look, tracker: Tracker, report: Report, *, rebuild_only: bool
    ) -> None:
        """Take in; where rows were not seen, first ask for them by id: only that tells."""
        told: dict[str, Fate] = {}
        while True:
            try:
                self._take_in(look, told, rebuild_only=rebuild_only)
            except AskFirst as ask:
                unasked = [i for i in ask.items if i not in told]
                told |= self._look_for(tracker, unasked, report)
                report.tally = Tally(calls=report.tally.calls)
            else:
                return

    def _take_in(self, look: Look, told: Mapping[str, Fate], *, rebuild_only: bool) -> None:
        with self.store.transaction() as tx:
            look.take_in(tx, told, rebuild_only=rebuild_only)

    def _same_file(self, tracker: Tracker, changes: Changes) -> None:
        """Note that a file was looked at and shows the rows that were read before."""
        with self.store.transaction() as tx:
            state = tx.tracker(tracker.name)
            at = self.now().isoformat()
            findings.keep_table(tx, tracker.name, changes, None, {}, at=at)
            tx.put_state(tracker.name, changes.digest, state.seq)
            tx.put_tracker(
                tracker.name, replace(state, cursor=changes.cursor, data_at=at, failed_since=None)
            )

    def _retry_is_due(self, tx: Transaction, tracker: Tracker, state: TrackerState) -> bool:
        """Say whether it is time to try once more what the tool refused: once a day (promise 6)."""
        if state.retried_at is None:
            return False
        last = datetime.fromisoformat(state.retried_at)
        if abs(self.now() - last) < RETRY_EVERY:
            return False
        return findings.is_refusing(tx, tracker.name)

    def _complete_is_due(self, tracker: Tracker, state: TrackerState, *, freed: bool) -> bool:
        memory = self._memory.get(tracker.name)
        if memory is not None and memory.schema.whole_file:
            return freed  # else every look at a file that changed is complete
        last = datetime.fromisoformat(state.complete_at) if state.complete_at else None
        return last is None or abs(self.now() - last) >= COMPLETE_EVERY * state.beat

    def _schema(self, tracker: Tracker, changes: Changes | None = None) -> Schema:
        """Return the table's columns: asked for first, and when a look shows others."""
        memory = self._memory.get(tracker.name)
        if memory is None or (changes is not None and shows_others(changes, memory.schema)):
            schema = tracker.connector.describe()
            memory = replace(memory, schema=schema) if memory else Memory(schema=schema)
            self._memory[tracker.name] = memory
        return memory.schema

    def _look_at_columns(self, tracker: Tracker) -> None:
        """Ask again for columns, options and people that a process has long known.

        What a finding asks for, an option, an account, a column, counts without a restart once
        somebody has added it (promise 6). Where nothing is found, nothing is asked.
        """
        memory = self._memory.get(tracker.name)
        if memory is not None and not memory.schema.whole_file:
            self._memory[tracker.name] = replace(memory, schema=tracker.connector.describe())

    def _look_for(
        self, tracker: Tracker, missing: Sequence[str], report: Report
    ) -> dict[str, Fate]:
        """Ask for rows by id: only that confirms that one is gone (promise 5).

        Not found is no answer for a row that was made just now: the search may not know it yet.
        """
        schema = self._memory[tracker.name].schema
        with self.store.reading() as tx:
            links = tx.links(tracker.name, missing)
            young = tx.made_about(tracker.name, self.now(), lag_of(schema))
        records = tracker.connector.find(missing)
        report.tally.calls += 1
        return answers(missing, records, links, young=young, stable_rows=schema.stable_rows)

    # --- push ---

    def _push(self, tracker: Tracker, report: Report) -> None:
        if tracker.name not in self._memory:
            with self.store.reading() as tx:
                if not tx.behind(tracker.name):
                    return  # a quiet pass over a file does not even look at its columns
        schema = self._schema(tracker)
        push = Push(
            store=self.store,
            tracker=tracker,
            schema=schema,
            directory=self.directory,
            now=self.now(),
            memory=self._memory[tracker.name],
            report=report,
            token=self.token,
            dry=self.dry,
        )
        push.run()
        if push.refused and not schema.whole_file:
            self._look_after_refusal(tracker)

    def _look_after_refusal(self, tracker: Tracker) -> None:
        """Ask for the columns that refused a write: one that is away now may soon be back.

        What the columns can take is kept, so that the write is tried again when they can take it,
        although no look between saw them otherwise.
        """
        try:
            self._look_at_columns(tracker)
        except SchemaError:
            self._keep_offered(tracker, AWAY)
            raise
        self._keep_offered(tracker, offers(self._memory[tracker.name].schema))

    def _keep_offered(self, tracker: Tracker, offered: str) -> None:
        with self.store.transaction() as tx:
            state = tx.tracker(tracker.name)
            if offered != state.offered:
                tx.put_tracker(tracker.name, replace(state, offered=offered))

    # --- the tracker's own state ---

    def _failed(self, tracker: Tracker, report: Report, error: ConnectorError) -> None:
        report.state = "paused" if isinstance(error, BusyError) else "failed"
        report.error = error.text(self.directory.team.language)
        if isinstance(error, TransientError):
            report.retry_after_s = error.retry_after_s
        if isinstance(error, (AuthError, SchemaError)):
            self._memory.pop(tracker.name, None)
        self.finish(tracker, report)

    def finish(self, tracker: Tracker, report: Report) -> None:
        """Record how a pass over a tracker ended."""
        with self.store.transaction() as tx:
            state = tx.tracker(tracker.name)
            bad = report.state == "failed"
            now = self.now().isoformat()
            tx.put_tracker(
                tracker.name,
                replace(
                    state,
                    state=report.state,
                    error=report.error,
                    plan=report.plan,
                    failed_since=(state.failed_since or now) if bad else None,
                ),
            )
            report.findings = [f.finding for f in tx.findings(f"tracker:{tracker.name}")]


def _is_freed(tx: Transaction, tracker: str, state: TrackerState) -> bool:
    """Say whether an item without a row is over that some row was not to be taken for."""
    if not state.held:
        return False
    links, items = tx.links(tracker, state.held), tx.some_items(state.held)
    return any(not s.item.is_open and i not in links for i, s in items.items())


def with_found(changes: Changes, found: Sequence[Record]) -> Changes:
    """Return a look with the rows that were asked for by id: a list may know of them later."""
    listed = {record.row_id for record in changes.records}
    unlisted = [r for r in found if r.state is RowState.LIVE and r.row_id not in listed]
    return replace(changes, records=[*changes.records, *unlisted]) if unlisted else changes


def shows_others(changes: Changes, schema: Schema) -> bool:
    """Say whether a look shows other columns than are known: a file may always have others."""
    shown = {name for record in changes.records for name in record.cells}
    gone = bool(changes.records) and changes.complete and not shown >= schema.fields.keys()
    return gone or not shown <= schema.fields.keys() or (schema.whole_file and changes.complete)
