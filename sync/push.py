"""Writing to one tracker what it does not show yet: plan, journal, apply, record. I/O.

A write is journalled before it leaves, in one transaction, and struck out with its answer, in the
transaction that moves base, link and log. An intent without an answer is never forgotten: the next
look clears it up before anything is sent again (failures 1-5, 26).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.base import Connector, Outcome, Record, Schema
from connectors.errors import (
    ConnectorError,
    PermanentError,
    UnknownOutcomeError,
)
from mapping.cells import to_json as cell_to_json
from mapping.lens import Lens, value_to_json, write
from mapping.people import Directory
from mapping.values import Finding, Item, Severity
from sync import findings
from sync.doubt import sent_by
from sync.links import REFUSED, Link
from sync.merge import Based
from sync.plan import FIGHT, UNWRITTEN, RowPlan, is_fight, plan_clear, plan_create, plan_update
from sync.recorder import FOR_GOOD, Recorder, Told
from sync.store import Store
from sync.stored import Intent
from sync.tracker import Memory, Report, Scope, Tracker, lens_of
from sync.transaction import Transaction


@dataclass(kw_only=True)
class Push:
    """One tracker's writes of one pass.

    Attributes:
        token: makes the journal's name of a write, unique for ever.
        dry: plan only.
        refused: whether the tool refused something for good.
    """

    store: Store
    tracker: Tracker
    schema: Schema
    directory: Directory
    now: datetime
    memory: Memory
    report: Report
    token: Callable[[], str]
    dry: bool
    refused: bool = False

    def __post_init__(self) -> None:
        self._recorder = Recorder(
            tracker=self.tracker,
            schema=self.schema,
            directory=self.directory,
            now=self.now,
            tally=self.report.tally,
        )

    def run(self) -> None:
        """Write all that is due.

        Raises:
            ConnectorError: the tool could not be written; what was answered is recorded.
        """
        lens = lens_of(self.tracker, self.schema, self.directory, self.now)
        with self.store.transaction() as tx:
            plans = [*self._plans(tx, lens), *self._removals()]
        self.report.planned = [p for p in plans if p.do != "none"]
        if self.dry:
            return
        self.memory.late = []
        quiet = [(p, None) for p in plans if p.do == "none"]
        if quiet:
            with self.store.transaction() as tx:
                self._recorder.record(tx, quiet)
        size = max(1, self.schema.max_batch)
        todo = self.report.planned
        while todo:
            again: list[RowPlan] = []
            for start in range(0, len(todo), size):
                again += self._send(todo[start : start + size])
            with self.store.transaction() as tx:
                self._recorder.record(tx, [(p, None) for p in again if p.do == "none"])
            todo = [p for p in again if p.do != "none"]

    # --- what is due ---

    def _plans(self, tx: Transaction, lens: Lens) -> list[RowPlan]:
        name = self.tracker.name
        behind = tx.behind(name)
        if not behind:
            return []
        stored = tx.some_items(behind)
        links = tx.links(name, behind)
        in_doubt = {i.item: i for i in tx.intents(name)}
        sensitive, types = _meetings(tx)
        held = set(tx.tracker(name).held)
        frozen, told = self._frozen(tx), findings.unwritten(tx, name)
        plans, over = [], []
        for item_id in behind:
            item, rev, link = stored[item_id].item, stored[item_id].rev, links.get(item_id)
            plan = None
            if item_id in in_doubt:
                plan = self._resend(lens, in_doubt[item_id])
            elif link is not None and link.state in ("live", "back"):
                if link.parked != rev and item_id not in held:
                    plan = plan_update(
                        lens, item, link, frozen.get(item_id, ()), told.get(item_id, ())
                    )
            elif self._is_wanted(item, link, rev, held) and _goes_to(
                self.tracker.scope, item, self.directory, sensitive, types
            ):
                plan = plan_create(lens, item, told.get(item_id, ()))
                plan = replace(plan, instead=link.row_id if link and link.row_id else None)
            elif item.closed is not None and (link is None or link.state == REFUSED):
                over.append(item_id)
            if plan is not None:
                done = not plan.token and not plan.unfinished
                plans.append(replace(plan, rev=rev if done else link.rev if link else 0))
        if not self.dry:
            findings.drop_rows(tx, name, over)
            tx.drop_links(name, [i for i in over if i in links])
        return plans

    def _is_wanted(self, item: Item, link: Link | None, rev: int, held: set[str]) -> bool:
        """Say whether an item without a row is to get one."""
        if item.closed is not None or item.id in held:
            return False
        if link is None:
            return True
        if link.state == REFUSED:
            return link.parked != rev
        return link.state == "gone" and item.is_open  # taken up again after its row was deleted

    def _resend(self, lens: Lens, intent: Intent) -> RowPlan | None:
        """Send a creation without an answer again, word for word, if that makes no second row."""
        if intent.kind != "create" or not self.schema.idempotent_create:
            return None
        sent = sent_by(intent)
        return RowPlan(
            item=intent.item,
            do="create",
            cells=sent.cells,
            ours=sent.ours,
            findings={
                name + UNWRITTEN: write(lens, name, value, None).finding
                for name, value in sent.ours.items()
                if name in lens.fields
            },
            token=intent.token,
            resent=True,
            instead=intent.data.get("instead"),
        )

    def _removals(self) -> list[RowPlan]:
        return [
            RowPlan(item=item_id, do="remove", link=_row_of(record), label=record.label)
            for record, item_id in self.memory.late
        ]

    def _frozen(self, tx: Transaction) -> dict[str, list[str]]:
        """Return, by item, the fields that two programs fight over."""
        since = (self.now - timedelta(days=1)).isoformat()
        frozen: dict[str, list[str]] = {}
        for (item_id, name), changes in tx.restless(since, FIGHT).items():
            if is_fight([(c.place, c.new) for c in changes]):
                frozen.setdefault(item_id, []).append(name)
        return frozen

    # --- sending ---

    def _send(self, batch: Sequence[RowPlan]) -> list[RowPlan]:
        """Send one batch; return what is left to do of its rows: refused in part, or emptied."""
        plans = [p if p.token else replace(p, token=self.token()) for p in batch]
        with self.store.transaction() as tx:
            at = self.now.isoformat()
            tx.put_intents(self.tracker.name, [_intent(p, at) for p in plans])
        writer: Connector = self.tracker.connector  # type: ignore[assignment]  # never when dry
        try:
            self.report.tally.calls += 1
            outcomes = writer.apply([p.to_write() for p in plans])
        except UnknownOutcomeError:
            raise  # the journal keeps the intents
        except ConnectorError:
            fresh = [p.token for p, before in zip(plans, batch, strict=True) if not before.token]
            with self.store.transaction() as tx:
                tx.settle(fresh)
            raise
        told = list(zip(plans, outcomes, strict=True))
        self.refused |= any(isinstance(o.error, FOR_GOOD) for o in outcomes)
        with self.store.transaction() as tx:
            void = self._taken(tx, told) | {p.token for p, o in told if _refused_field(p, o)}
            self._recorder.record(tx, [(p, o) for p, o in told if p.token not in void])
            self._recorder.strike_out(tx, [(p, o) for p, o in told if p.token in void])
        in_part = [
            _without(p, f, self._recorder.refusal(p, f, o.error))
            for p, o in told
            if o.error and (f := _refused_field(p, o))
        ]
        alone = [_id_alone(p, p.link) for p, o in told if p.link and _is_nameless(p, o)]
        written = [(p, o.record) for p, o in told if o.record and not o.error]
        cleared = [plan for p, record in written if (plan := plan_clear(p, record))]
        return [*in_part, *alone, *cleared]

    def _taken(self, tx: Transaction, told: Sequence[Told]) -> set[str]:
        """Return the creations, sent again, whose row is another item's by now: to be made anew.

        Before we heard of the row it lost its id and its words, and was taken for a new one.
        """
        again = {o.record.row_id: p for p, o in told if p.resent and o and o.record}
        if not again or not self.schema.stable_rows:
            return set()
        links = tx.links(self.tracker.name).values()
        owners = {x.row_id: x.item for x in links}
        return {p.token for row, p in again.items() if owners.get(row, p.item) != p.item}


def plan_again(tx: Transaction, tracker: str) -> None:
    """Plan what the columns could not take, and all else, once more: they may take it now."""
    refused = findings.unwritten(tx, tracker)
    changed = []
    for item_id, link in tx.links(tracker, refused).items():
        names = refused[item_id]
        base = {n: replace(b, again=b.again or n in names) for n, b in link.base.items()}
        changed.append(replace(link, base=base))
    tx.put_links(tracker, changed)
    tx.plan_again(tracker)


def _refused_field(plan: RowPlan, outcome: Outcome) -> str:
    """Return the field for which a whole row was refused; empty if that is not what happened."""
    error = outcome.error
    if outcome.record is None and isinstance(error, PermanentError) and error.field in plan.cells:
        return error.field
    return ""


def _without(plan: RowPlan, name: str, message: str) -> RowPlan:
    """Return the plan less a field that the tool refused: it stays as it is there, and is told."""
    finding = Finding(code="option-unknown", message=message, severity=Severity.ERROR)
    cells = {n: c for n, c in plan.cells.items() if n != name}
    settled = {**plan.settled}
    if name in plan.before:
        settled[name] = Based(plan.before[name], plan.ours[name])
    idle = plan.do == "update" and not cells
    naming = plan.link is not None and plan.link.naming
    return replace(
        plan,
        do=("link" if naming else "none") if idle else plan.do,
        cells=cells,
        settled=settled,
        findings={**plan.findings, name + UNWRITTEN: finding},
        token="",
        resent=False,
    )


def _is_nameless(plan: RowPlan, outcome: Outcome) -> bool:
    """Say whether a row was refused with the id that it has not got yet."""
    naming = plan.link is not None and plan.link.naming and bool(plan.cells)
    refused = outcome.record is None and isinstance(outcome.error, PermanentError)
    return naming and refused and not _refused_field(plan, outcome)


def _id_alone(plan: RowPlan, link: Link) -> RowPlan:
    """Return the plan that writes nothing but the id: it shows whose the row is, refused or not."""
    return RowPlan(
        item=plan.item, do="link", link=link, label=plan.label, rev=link.rev, parked=plan.rev
    )


def _row_of(record: Record) -> Link:
    return Link(item="", row_id=record.row_id, version=record.version, label=record.label)


def _intent(plan: RowPlan, at: str) -> Intent:
    data = {
        "cells": {n: cell_to_json(c) for n, c in plan.cells.items()},
        "ours": {n: value_to_json(v) for n, v in plan.ours.items()},
        "row": plan.link.row_id if plan.link else None,
        "instead": plan.instead,
    }
    return Intent(token=plan.token, item=plan.item, kind=plan.do, at=at, data=data)


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
    if (item.sensitive or item.meeting_id in sensitive) and not scope.sensitive:
        return False
    department = item.department or directory.department_of(item.owner)
    if scope.departments and department not in scope.departments:
        return False
    if scope.owners and item.owner not in scope.owners:
        return False
    return not scope.types or types.get(item.meeting_id or "") in scope.types
