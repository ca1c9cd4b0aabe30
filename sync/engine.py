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

from connectors.base import Changes, Connector, Outcome, Record, RowState, Schema
from connectors.errors import (
    AuthError,
    BusyError,
    ConflictError,
    ConnectorError,
    PermanentError,
    SchemaError,
    TransientError,
    UnknownOutcomeError,
)
from mapping.cells import to_json as cell_to_json
from mapping.lens import Lens, value_to_json
from mapping.people import Directory
from mapping.values import Finding, Item, Severity
from sync.ledger import Ledger
from sync.look import AskFirst, Look, Memory, Report, Rules, Tracker, lens_of, run_rules
from sync.match import Link
from sync.merge import Base, Based
from sync.plan import FIGHT, RowPlan, is_fight, plan_create, plan_update
from sync.requests import carry_out
from sync.rows import Scope, Tally
from sync.store import Change, Intent, Request, Store, TrackerState, Transaction

log = logging.getLogger(__name__)

COMPLETE_EVERY = timedelta(minutes=15)  # only a complete look can see deletions


class Engine:
    """Carries out the passes of one team over its store and trackers.

    Args:
        store: the team's store; its lease is the caller's business.
        directory: the team's people.
        rules: what changes items by itself.
        now: the time of all that is decided and recorded, aware, in the team's zone.
        dry: plan only: no connector is written to.
    """

    def __init__(
        self,
        store: Store,
        directory: Directory,
        *,
        rules: Rules,
        now: Callable[[], datetime],
        dry: bool = False,
    ) -> None:
        self.store = store
        self.directory = directory
        self.rules = rules
        self.now = now
        self.dry = dry
        self._memory: dict[str, Memory] = {}

    # --- a pass over one tracker ---

    def pull(self, tracker: Tracker, *, rebuild_only: bool = False) -> Report:
        """Read a tracker and take over what people did there.

        Args:
            tracker: which one.
            rebuild_only: take over only rows that carry ids of ours (a store that was lost is
                rebuilt before minutes are read); all else waits for the ordinary pull.
        """
        report = Report(name=tracker.name, kind=tracker.kind)
        try:
            self._pull(tracker, report, rebuild_only=rebuild_only)
        except ConnectorError as error:
            self._failed(tracker, report, error)
        return report

    def push(self, tracker: Tracker, report: Report) -> Report:
        """Write to a tracker what it does not show yet; nothing if its pull did not succeed."""
        if report.state in ("failed", "paused"):
            return report
        if report.state == "halted" and not report.adopting:
            self._finish(tracker, report)
            return report
        try:
            self._push(tracker, report)
        except ConnectorError as error:
            self._failed(tracker, report, error)
        self._finish(tracker, report)
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
        """Carry out the decisions that were written down."""
        with self.store.transaction() as tx:
            return carry_out(tx, self.directory, self.now())

    def contacted(self, tracker: Tracker) -> bool:
        """Say whether a tracker was ever read."""
        with self.store.transaction() as tx:
            return tx.tracker(tracker.name).contacted

    # --- pull ---

    def _pull(self, tracker: Tracker, report: Report, *, rebuild_only: bool) -> None:
        with self.store.transaction() as tx:
            state, open_intents = tx.tracker(tracker.name), tx.intents(tracker.name)
        cursor = None if rebuild_only else state.cursor
        if cursor is not None and self._complete_is_due(tracker, state):
            cursor = None
        changes = tracker.connector.pull(cursor)
        report.tally.calls += changes.calls
        if changes.digest and not changes.complete and not open_intents:
            self._same_file(tracker, changes)
            return
        schema = self._schema(tracker, changes)
        found: list[Record] = []
        if open_intents and not rebuild_only:
            found = list(tracker.connector.find(sorted({i.item for i in open_intents})))
            report.tally.calls += 1
        look = Look(
            tracker=tracker,
            schema=schema,
            changes=changes,
            directory=self.directory,
            now=self.now(),
            rules=self.rules,
            memory=self._memory[tracker.name],
            report=report,
            intents=open_intents,
            found=found,
        )
        try:
            with self.store.transaction() as tx:
                look.take_in(tx, {}, rebuild_only=rebuild_only)
        except AskFirst as ask:  # rows were not seen: only asking by id tells that they are gone
            report.tally = Tally(calls=report.tally.calls)
            states = self._look_for(tracker, ask.items, report)
            with self.store.transaction() as tx:
                look.take_in(tx, states, rebuild_only=rebuild_only)

    def _same_file(self, tracker: Tracker, changes: Changes) -> None:
        """Note that a file was looked at and is the one that was read before."""
        with self.store.transaction() as tx:
            state = tx.tracker(tracker.name)
            at = self.now().isoformat()
            tx.put_tracker(
                tracker.name, replace(state, cursor=changes.cursor, data_at=at, failed_since=None)
            )

    def _complete_is_due(self, tracker: Tracker, state: TrackerState) -> bool:
        memory = self._memory.get(tracker.name)
        if memory is not None and memory.schema.whole_file:
            return False  # every look at a file that changed is complete
        last = datetime.fromisoformat(state.complete_at) if state.complete_at else None
        return last is None or abs(self.now() - last) >= COMPLETE_EVERY

    def _schema(self, tracker: Tracker, changes: Changes | None = None) -> Schema:
        """Return the table's columns: asked for once a process, of a file when it changed."""
        memory = self._memory.get(tracker.name)
        seen = changes is not None and changes.complete
        moved = memory is not None and memory.schema.whole_file and seen
        if memory is None or moved:
            schema = tracker.connector.describe()
            memory = replace(memory, schema=schema) if memory else Memory(schema=schema)
            self._memory[tracker.name] = memory
        return memory.schema

    def _look_for(self, tracker: Tracker, missing: Sequence[str], report: Report) -> dict[str, str]:
        """Ask for rows by id: only that confirms that one is gone (promise 5)."""
        records = tracker.connector.find(missing)
        report.tally.calls += 1
        looks = dict.fromkeys(missing, RowState.GONE.value)
        for record in records:
            for item_id in missing:
                if record.id is not None and record.id.strip().upper() == item_id:
                    looks[item_id] = record.state.value
        return looks

    # --- push ---

    def _push(self, tracker: Tracker, report: Report) -> None:
        with self.store.transaction() as tx:
            if not tx.behind(tracker.name) and tracker.name not in self._memory:
                return
        schema = self._schema(tracker)
        memory = self._memory[tracker.name]
        lens = lens_of(tracker, schema, self.directory, self.now())
        with self.store.transaction() as tx:
            plans = self._plans(tx, tracker, lens)
        plans += [
            RowPlan(item=i, do="remove", link=_row_of(r), label=r.label) for r, i in memory.late
        ]
        memory.late = []
        report.planned = [p for p in plans if p.do != "none"]
        if self.dry:
            return
        quiet = [p for p in plans if p.do == "none"]
        if quiet:
            with self.store.transaction() as tx:
                self._record(tx, tracker, schema, [(p, None, "") for p in quiet], report)
        size = max(1, schema.max_batch)
        for start in range(0, len(report.planned), size):
            self._send(tracker, schema, report.planned[start : start + size], report)

    def _plans(self, tx: Transaction, tracker: Tracker, lens: Lens) -> list[RowPlan]:
        behind = tx.behind(tracker.name)
        stored = tx.some_items(behind)
        links = tx.links(tracker.name, behind)
        in_doubt = {i.item for i in tx.intents(tracker.name)}
        sensitive, types = _meetings(tx)
        held = set(tx.tracker(tracker.name).held)
        frozen = self._frozen(tx) if behind else {}
        plans = []
        for item_id in behind:
            item, link = stored[item_id].item, links.get(item_id)
            if item_id in in_doubt or (link and link.state != "live"):
                continue
            if link is None:
                wanted = _goes_to(tracker.scope, item, self.directory, sensitive, types)
                if item.closed is None and item_id not in held and wanted:
                    plans.append(plan_create(lens, item))
            elif link.parked != stored[item_id].rev:
                plans.append(plan_update(lens, item, link, frozen.get(item_id, ())))
        return plans

    def _frozen(self, tx: Transaction) -> dict[str, list[str]]:
        """Return, by item, the fields that two programs fight over."""
        since = (self.now() - timedelta(days=1)).isoformat()
        frozen: dict[str, list[str]] = {}
        for (item_id, name), changes in tx.restless(since, FIGHT).items():
            if is_fight([(c.place, c.new) for c in changes]):
                frozen.setdefault(item_id, []).append(name)
        return frozen

    def _send(
        self, tracker: Tracker, schema: Schema, batch: Sequence[RowPlan], report: Report
    ) -> None:
        connector = tracker.connector
        at = self.now().isoformat()
        sent = [(p, uuid.uuid4().hex) for p in batch]
        with self.store.transaction() as tx:
            tx.put_intents(tracker.name, [_intent(p, token, at) for p, token in sent])
        writer: Connector = connector  # type: ignore[assignment]  # a dry engine never comes here
        try:
            report.tally.calls += 1
            outcomes = writer.apply([p.to_write(token) for p, token in sent])
        except UnknownOutcomeError:
            raise  # the journal keeps the intents: looked for before anything is sent again
        except ConnectorError:
            with self.store.transaction() as tx:
                tx.settle([token for _, token in sent])
            raise
        with self.store.transaction() as tx:
            told = [(p, o, t) for (p, t), o in zip(sent, outcomes, strict=True)]
            self._record(tx, tracker, schema, told, report)

    def _record(
        self,
        tx: Transaction,
        tracker: Tracker,
        schema: Schema,
        told: Sequence[tuple[RowPlan, Outcome | None, str]],
        report: Report,
    ) -> None:
        """Record outcomes row by row: link, base, log; the base moves only with an answer."""
        stored = tx.some_items(p.item for p, _, _ in told)
        known = tx.links(tracker.name, [p.item for p, _, _ in told])
        links: list[Link] = []
        before: dict[str, Base | None] = {}
        lines: list[Change] = []
        found: dict[str, Finding | None] = {}
        settled: list[str] = []
        for plan, outcome, token in told:
            error = outcome.error if outcome else None
            found |= {f"{plan.item}:{n}": _placed(f, plan) for n, f in plan.findings.items()}
            if error is not None:
                found[f"{plan.item}:row"] = self._row_error(plan, error)
                if isinstance(error, UnknownOutcomeError):
                    continue
            else:
                found.setdefault(f"{plan.item}:row", None)
            if token:
                settled.append(token)
            if plan.do == "remove":
                lines.append(self._line(tracker, plan, "remove"))
                continue
            link = _link_after(plan, outcome, known.get(plan.item), stored[plan.item].rev)
            if link is None:
                continue
            old = known.get(plan.item)
            if old is None or old.base != link.base:
                before[plan.item] = old.base if old else None
            links.append(link)
            if outcome is not None and outcome.record is not None:
                lines.append(self._line(tracker, plan, plan.do))
                if plan.do == "create":
                    report.tally.created += 1
                else:
                    report.tally.updated += 1
        tx.put_links(tracker.name, links)
        tx.settle(settled)
        if lines:
            tx.log(lines, self.now().isoformat())
        tx.keep_findings(f"tracker:{tracker.name}", found, self.now().isoformat())
        if schema.whole_file and (before or lines):
            state = tx.tracker(tracker.name)
            seq = state.seq + bool(before)
            tx.remember(tracker.name, seq, before)
            # the file is another one now: what was read before may come back as an older copy
            tx.put_tracker(tracker.name, replace(state, seq=seq, cursor=None))

    def _line(self, tracker: Tracker, plan: RowPlan, kind: str) -> Change:
        zh = self.directory.team.language == "zh"
        fields = "、".join(plan.cells) if zh else ", ".join(plan.cells)
        why = f"写入 {tracker.name}：{fields}" if zh else f"written to {tracker.name}: {fields}"
        return Change(item=plan.item, kind=f"row-{kind}", place=tracker.name, why=why)

    def _row_error(self, plan: RowPlan, error: ConnectorError) -> Finding | None:
        if isinstance(error, (ConflictError, TransientError, BusyError)):
            return None  # nobody needs to do anything: the next pass reads again
        return Finding(
            code="option-unknown" if isinstance(error, SchemaError) else "unreadable",
            message=str(error),
            severity=Severity.ERROR,
            row=plan.label or None,
            item=plan.item,
        )

    # --- the tracker's own state ---

    def _failed(self, tracker: Tracker, report: Report, error: ConnectorError) -> None:
        report.state = "paused" if isinstance(error, BusyError) else "failed"
        report.error = str(error)
        if isinstance(error, TransientError):
            report.retry_after_s = error.retry_after_s
        if isinstance(error, (AuthError, SchemaError)):
            self._memory.pop(tracker.name, None)
        self._finish(tracker, report)

    def _finish(self, tracker: Tracker, report: Report) -> None:
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


def _placed(finding: Finding | None, plan: RowPlan) -> Finding | None:
    return finding and replace(finding, row=plan.label or None, item=plan.item)


def _row_of(record: Record) -> Link:
    return Link(item="", row_id=record.row_id, version=record.version, label=record.label)


def _intent(plan: RowPlan, token: str, at: str) -> Intent:
    data = {
        "cells": {n: cell_to_json(c) for n, c in plan.cells.items()},
        "ours": {n: value_to_json(v) for n, v in plan.ours.items()},
        "row": plan.link.row_id if plan.link else None,
    }
    return Intent(token=token, item=plan.item, kind=plan.do, at=at, data=data)


def _link_after(
    plan: RowPlan, outcome: Outcome | None, known: Link | None, rev: int
) -> Link | None:
    """Return the link as it is after an outcome, None if there is none yet."""
    start = known or plan.link
    if outcome is None:
        return start and replace(start, base={**start.base, **plan.settled}, rev=rev)
    record, error = outcome.record, outcome.error
    if record is None:
        if start is not None and isinstance(error, PermanentError):
            return replace(start, parked=rev)
        return None
    base = {**(start.base if start else {}), **plan.settled}
    for name, cell in record.cells.items():
        if name in plan.cells or (start is None and name in plan.ours):
            base[name] = Based(cell, plan.ours[name])
    return Link(
        item=plan.item,
        row_id=record.row_id,
        version=record.version,
        link=record.link,
        label=record.label,
        rev=rev,
        base=base,
    )


def _meetings(tx: Transaction) -> tuple[set[str], dict[str, str]]:
    """Return the keys of sensitive meetings (F5), and the types by key."""
    sensitive, types = set(), {}
    for row in tx.documents():
        if row.meeting.get("sensitive"):
            sensitive.add(row.key)
        if row.meeting.get("type"):
            types[row.key] = str(row.meeting["type"])
    return sensitive, types


def _goes_to(
    scope: Scope,
    item: Item,
    directory: Directory,
    sensitive: set[str],
    types: Mapping[str, str],
) -> bool:
    """Say whether an item is for a tracker, by ``only`` and ``sensitive``."""
    if item.meeting_id in sensitive and not scope.sensitive:
        return False
    department = item.department or directory.department_of(item.owner)
    if scope.departments and department not in scope.departments:
        return False
    if scope.owners and item.owner not in scope.owners:
        return False
    return not scope.types or types.get(item.meeting_id or "") in scope.types
