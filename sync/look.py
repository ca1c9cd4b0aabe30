"""One look at a tracker, brought into the hub: match, guard, merge. I/O by handle."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from connectors.base import Changes, Reader, Record, RowState, Schema
from connectors.errors import StaleError, at
from mapping import ids
from mapping.cells import from_json, show
from mapping.lens import Lens, is_blank, values
from mapping.people import Directory
from mapping.values import Finding, Item, Severity
from sync import guard
from sync.doubt import (
    ABSENT_FOR,
    forget_late,
    given_up,
    is_old_row,
    is_within,
    keep_apart,
    keep_lost,
    lag_of,
    leaving,
    move_link,
    sent_by,
    settle,
    take_as_answer,
    take_out,
    unanswered,
)
from sync.ledger import Ledger
from sync.match import REFUSED, Known, Link, Matched, match_rows
from sync.plan import UNWRITTEN, RowPlan
from sync.rows import Rows, Scope, Tally, emptied, known_items, unsure
from sync.states import choose_base
from sync.stored import Change, Intent, Stored, TrackerState
from sync.transaction import KEPT_STATES, Transaction

SEEN = ("live", "hidden")  # states of a link to a row that is not known to be gone
ELSEWHERE = "elsewhere"  # the row is gone, another one carries the id
THERE = (RowState.LIVE.value, RowState.HIDDEN.value)  # the row stands, shown to us or not
SLOWEST = 24  # a complete look comes every six hours at least, whatever it costs
ALL = "*"  # in place of an item: none of our rows is visible


class RuleOutcome(Protocol):
    """What a rule wants an item to be."""

    @property
    def item(self) -> Item: ...  # noqa: D102
    @property
    def rule(self) -> str: ...  # noqa: D102
    @property
    def why(self) -> str: ...  # noqa: D102


Rules = Callable[[Iterable[tuple[Item, Mapping[str, str]]], datetime], Sequence[RuleOutcome]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracker:
    """A tool as the team file names it.

    Attributes:
        connector: what reads it; for ``plan`` only that half is ever called.
        statuses: ours -> the tool's options.
    """

    name: str
    kind: str
    connector: Reader
    scope: Scope
    statuses: Mapping[str, tuple[str, ...]]


@dataclass
class Report:
    """What a pass told of one tracker."""

    name: str
    kind: str
    state: str = "ok"
    tally: Tally = field(default_factory=Tally)
    plan: str | None = None
    error: str | None = None
    retry_after_s: float | None = None
    findings: list[Finding] = field(default_factory=list)
    planned: list[RowPlan] = field(default_factory=list)
    adopting: bool = False  # halted only in what it takes in; it is still written to
    held_items: tuple[str, ...] = ()  # what the halted plan would close

    def halted(self, halt: guard.Halt) -> None:
        """Say that the tracker waits for a person."""
        self.state, self.plan, self.error = "halted", halt.plan, halt.reason
        self.held_items = halt.items


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A look at all rows of which a person is asked something.

    Attributes:
        halt: what is asked.
        cursor: the look's; it only ever tells whether anything changed since.
        adopting: what is known was taken in, the rest is held.
        at: when; ``beat``: so many times rarer than usual the next look at all rows is due.
    """

    halt: guard.Halt
    cursor: str
    adopting: bool
    at: datetime
    beat: int


@dataclass
class Memory:
    """What one process keeps of a tracker between its passes.

    Attributes:
        late: second rows of a request that was carried out twice, to be taken out.
        waiting: the last look, if a person is asked about it and it took several calls.
    """

    schema: Schema
    waiting: Waiting | None = None
    late: list[tuple[Record, str]] = field(default_factory=list)


def lens_of(tracker: Tracker, schema: Schema, directory: Directory, now: datetime) -> Lens:
    """Return how a tracker's cells are read and written."""
    return Lens(
        fields=schema.fields,
        statuses=tracker.statuses,
        directory=directory,
        today=now.date(),
        language=directory.team.language,
    )


def is_another(state: TrackerState, schema: Schema) -> bool:
    """Say whether the table is another one than was synced before."""
    return bool(state.identity) and state.identity != schema.identity


def offers(schema: Schema) -> str:
    """Return a digest of what a tool's columns can take."""
    parts = [
        (f.name, f.kind, f.writable, f.options, f.text_limit, sorted(f.users))
        for f in schema.fields.values()
    ]
    return hashlib.sha256(repr(sorted(parts)).encode()).hexdigest()[:16]


def beat_of(schema: Schema, calls: int) -> int:
    """Return how many times rarer than usual looks at all rows are, by the calls of one."""
    return min(max(1, calls), SLOWEST) if schema.metered else 1


def keep_table(
    tx: Transaction,
    tracker: str,
    changes: Changes,
    schema: Schema | None,
    found: Mapping[str, Finding],
    *,
    at: str,
    rows: bool,
) -> None:
    """Keep the findings on a table as a whole: those that stand keep the time they came.

    Args:
        tx: an open transaction.
        tracker: its name.
        changes: the look, with what the connector found.
        schema: what the tool does not carry; None if its rows were not looked at: what was found
            in them stands.
        found: further findings, by what they are about.
        at: now.
        rows: all rows were seen, so that findings on rows that are no more are over.
    """
    source = f"tracker:{tracker}"
    now = dict(found)
    now |= {f"table:look:{f.row}:{f.message}": f for f in changes.findings}
    if schema is not None:
        told = [
            *((Severity.ERROR, fault) for fault in schema.faults),
            *((Severity.INFO, note) for note in schema.notes),
        ]
        now |= {
            f"table:note:{message}": Finding(code="unreadable", message=message, severity=severity)
            for severity, message in told
        }
    over = ["table:look:None:"]
    over += ["table:look:", "table:note:", "table:older"] if schema is not None else []
    over += ["row:"] if rows else []
    stale = [
        f.about
        for f in tx.findings(source)
        if f.about.startswith(tuple(over)) and f.about not in now
    ]
    tx.drop_findings(source, stale)
    tx.put_findings(source, now, at)


def run_rules(
    rules: Rules, ledger: Ledger, wanted: Mapping[str, Stored], now: datetime
) -> list[str]:
    """Let the rules change items; return the ids of those they changed."""
    ledger.load(wanted)
    changed = []
    for outcome in rules([(s.item, s.origins) for s in wanted.values()], now):
        stored = ledger.get(outcome.item.id)
        if stored is None or stored.item == outcome.item:
            continue
        old, new = values(stored.item), values(outcome.item)
        differing = [name for name in old if old[name] != new[name]]
        for name in differing:
            ledger.change(
                outcome.item.id,
                name,
                new[name],
                origin=f"rule:{outcome.rule}",
                place="rule",
                why=f"{outcome.rule}: {outcome.why}",
            )
        ledger.settle(outcome.item)
        changed += [outcome.item.id] if differing else []
    return changed


class AskFirst(Exception):  # noqa: N818  # a question, not an error
    """Rows were not seen that should have been: ask for them by id, then take in again."""

    def __init__(self, items: Sequence[str]) -> None:
        super().__init__(items)
        self.items = items


class Halted(Exception):  # noqa: N818  # a question, not an error
    """The guard wants a person's word first; nothing of the look is to be kept."""

    def __init__(self, halt: guard.Halt) -> None:
        super().__init__(halt.plan)
        self.halt = halt


@dataclass(kw_only=True)
class Look:
    """One look at a tracker, taken over inside one transaction.

    Attributes:
        again: the pass has looked before, and the guard has judged what was lost by then.
        in_doubt: a cell may be past, and its row is to be listed again.
    """

    tracker: Tracker
    schema: Schema
    changes: Changes
    directory: Directory
    now: datetime
    rules: Rules
    memory: Memory
    report: Report
    intents: Sequence[Intent]
    found: Sequence[Record]
    settings: str
    retry: bool = False
    again: bool = False
    in_doubt: bool = field(default=False, init=False)

    def take_in(
        self, tx: Transaction, looks: Mapping[str, str], *, rebuild_only: bool = False
    ) -> None:
        """Take over what was seen.

        Args:
            tx: an open transaction.
            looks: by item, what asking for its row by id told.
            rebuild_only: only rows that carry ids of ours that the store does not know.

        Raises:
            AskFirst: rows are missing that ``looks`` does not tell of; nothing is to be kept.
            Halted: a person is to be asked; nothing is to be kept.
            StaleError: rows were lost since the pass looked first; nothing is to be kept.
        """
        self.tx, self.looks, self.told = tx, looks, looks
        self.in_doubt = False
        self.state = tx.tracker(self.tracker.name)
        self.replaced = self._recent(self.state.replaced)
        self.absent, self.answered = self.state.absent, False
        self.at = self.now.isoformat()
        self.language = self.directory.team.language
        self.lens = lens_of(self.tracker, self.schema, self.directory, self.now)
        name = self.tracker.name
        halt = guard.check_identity(name, self.state.identity, self.schema.identity, self.language)
        if halt and halt.plan not in self.state.released:
            raise Halted(halt)
        ledger = Ledger(tx, self.directory, self.at)
        is_idle = not (self.changes.records or self.changes.complete or self.intents)
        links = {} if is_idle else {i: x for i, x in tx.links(name).items() if x.state != REFUSED}
        if is_another(self.state, self.schema):  # no row is the one with that number there
            links = {i: replace(x, row_id="", version=None) for i, x in links.items()}
        rows = Rows(
            lens=self.lens,
            scope=self.tracker.scope,
            ledger=ledger,
            links=links,
            today=self.now.date(),
            whole_file=self.schema.whole_file,
            tally=self.report.tally,
            returned=frozenset(self.schema.fields) - set(self.state.carried or self.schema.fields),
            unread=self._unread() if self.settings != self.state.settings else {},
            same_columns=self.state.carried == tuple(self.schema.fields),
        )
        listed = self.changes.records
        settle(rows, self.intents, self.found, listed, self.schema, now=self.now)
        self._keep_state(rows, looked=False)  # what we wrote, and what people typed, are two states
        if not self.changes.records and not self.changes.complete:
            self._close(rows, matched=None, adopted=True)
            return
        matched = self._match(rows)
        if rebuild_only:
            for item_id, record in matched.rebuilt.items():
                rows.rebuild(item_id, record)
            self._write(rows)
            return
        missing = self._missing(rows, matched)
        if is_another(self.state, self.schema):
            self._leave_behind(rows, missing)
            missing = []
        if any(i not in self.looks for i in missing):
            raise AskFirst(missing)
        self._judge_absence(rows, matched, missing)
        if any(not self._is_unsettled(rows, i) for _, i in matched.waiting):
            matched = self._match(rows)
            missing = self._missing(rows, matched)
        changed = {
            i: r
            for i, r in matched.pairs.items()
            if not rows.is_same(i, r) and not self._is_past(i, r)
        }
        gone = [i for i in missing if self.looks[i] == RowState.GONE.value]
        blank = [i for i, r in changed.items() if i in links and self._is_emptied(links[i], r)]
        if self.again and (gone or blank):  # the guard judges the losses of a pass once
            raise StaleError(
                at(name, "本轮查看后又有行被删除或清空", "rows went while the pass ran")
            )
        live = sum(link.state == "live" or i in gone for i, link in links.items())
        halt = guard.check_losses(
            name,
            gone=gone,
            emptied=[i for i in blank if is_blank(matched.pairs[i].cells)],
            partly=[i for i in blank if not is_blank(matched.pairs[i].cells)],
            rows=live,
            language=self.language,
        )
        if halt and halt.plan not in self.state.released:
            raise Halted(halt)
        self._take_over(rows, matched, changed, missing)

    def _judge_absence(self, rows: Rows, matched: Matched, missing: Sequence[str]) -> None:
        """Say what became of rows of which asking for them by id did not tell it (failure 38).

        A row of which the service does not say why it is not found is gone once two complete
        looks, an hour apart, showed other rows, of ours or taken for ours; until then it is not
        visible. Where none is visible and some may be hidden, none is known to be gone; if nobody
        says for an hour that one is hidden, the guard asks a person.
        """
        told, absent = {self.looks[i] for i in missing}, RowState.ABSENT.value
        since = {i: datetime.fromisoformat(at) for i, at in self.state.absent.items()}
        visible = {*matched.pairs, *matched.name}
        if visible or matched.waiting:  # a row that waits for one of them is there to be seen
            unclear = [i for i in missing if self.looks[i] == absent]
            judged: Sequence[str] = unclear
        else:
            unclear = list(missing) if told & {RowState.HIDDEN.value, absent} else []
            whole = {i for i, x in rows.links.items() if x.state in SEEN} == set(missing)
            judged = [ALL] if unclear and whole and RowState.HIDDEN.value not in told else []
        if self.changes.complete:
            since = {i: min(since.get(i, self.now), self.now) for i in judged}
        elif visible:
            since = {i: at for i, at in since.items() if i != ALL and i not in visible}
        gone = {i for i in judged if self.changes.complete and self.now - since[i] >= ABSENT_FOR}
        states = {i: RowState.GONE if {i, ALL} & gone else RowState.HIDDEN for i in unclear}
        self.looks = {**self.looks, **{i: state.value for i, state in states.items()}}
        self.absent = {i: at.isoformat() for i, at in since.items() if i == ALL or i not in gone}

    def _unread(self) -> dict[str, list[str]]:
        """Return, by item, the fields that could not be read: the team file may know them now."""
        out: dict[str, list[str]] = {}
        for found in self.tx.findings(f"tracker:{self.tracker.name}"):
            item_id, _, name = found.about.partition(":")
            if name in self.lens.fields:
                out.setdefault(item_id, []).append(name)
        return out

    def _is_past(self, item_id: str, record: Record) -> bool:
        """Say whether a search that lags shows a row as it was before we wrote to it."""
        return any(v == record.version for v, _ in self.state.superseded.get(item_id, ()))

    def _less_past(self, item_id: str, record: Record, link: Link | None) -> Record:
        """Return a row less the cells that show what we wrote over: the search may not know yet.

        The row is none that we ever saw, so nothing but such a cell tells that it is past. Where a
        person did put it back, a look after the lag shows it still.
        """
        past = {
            name
            for cells, _ in self.replaced.get(item_id, ())
            for name, cell in cells.items()
            if name in record.cells and record.cells[name] == from_json(cell)
            if link and name in link.base and record.cells[name] != link.base[name].cell
        }
        self.in_doubt |= bool(past)
        kept = {name: cell for name, cell in record.cells.items() if name not in past}
        return replace(record, cells=kept) if past else record

    def _is_emptied(self, link: Link, record: Record) -> bool:
        return link.state in SEEN and emptied(self.lens, link, record)

    # --- whose row is whose ---

    def _match(self, rows: Rows) -> Matched:
        if self.schema.whole_file:
            self._choose_base(rows)
        stable = self.schema.stable_rows
        matched = match_rows(
            self.lens,
            self.changes.records,
            rows.links,
            self.tx.item_ids(),
            unlinked=self._unlinked(rows),
            team=self.tx.team,
            stable_rows=stable,
            complete=self.changes.complete,
            resent={i: [sent_by(x).cells for x in lost] for i, lost in given_up(rows).items()},
            leaving={r: sent_by(x).cells for r, x in leaving(rows).items()} if stable else {},
            standing={i for i, told in self.told.items() if stable and told in THERE}
            | self._nameless(rows),
            unsettled=[i for i in self.told if stable and self._is_unsettled(rows, i)],
            unclear=() if self.changes.complete else self._unclear(),
        )
        displaced = {*self._displaced(rows, matched)}
        if displaced - self.told.keys():
            raise AskFirst(sorted({*displaced, *self._missing(rows, matched)}))  # all in one go
        return matched

    def _unclear(self) -> set[str]:
        """Return the rows of which the last complete look could not tell whose they are."""
        about = [f.about for f in self.tx.findings(f"tracker:{self.tracker.name}")]
        return {a.removeprefix("row:") for a in about if a.startswith("row:")}

    def _nameless(self, rows: Rows) -> set[str]:
        """Return the items whose row a look at changes did not list, and no id can ask for.

        Their id was spoilt in it, or not written yet: it did not change, so it is where it was.
        """
        if self.changes.complete or not self.schema.stable_rows:
            return set()
        listed = {r.row_id for r in self.changes.records}
        return {
            i
            for i, x in rows.links.items()
            if x.naming and x.state in SEEN and x.row_id not in listed
        }

    def _is_unsettled(self, rows: Rows, item_id: str) -> bool:
        """Say whether nobody knows what became of an item's row: not found, and not yet gone."""
        link, absent = rows.links.get(item_id), RowState.ABSENT.value
        was_there = link is not None and link.state in SEEN
        unclear = self.told[item_id] == absent and self.looks[item_id] != RowState.GONE.value
        return was_there and unclear

    def _unlinked(self, rows: Rows) -> dict[str, Known]:
        """Return the items without a row, as they were sent where there was no answer yet."""
        tx = self.tx
        self.unanswered = unanswered(rows)
        wanted = {*rows.dropped, *self.unanswered}
        known = known_items(tx.unlinked(self.tracker.name) | tx.some_items(wanted))
        for item_id, intent in self.unanswered.items():
            if item_id in known:
                told = {**known[item_id].values, **sent_by(intent).ours}
                known[item_id] = replace(known[item_id], values=told)
        return known

    def _displaced(self, rows: Rows, matched: Matched) -> list[str]:
        """Return the items that another row was taken for while their own was not shown.

        That one may be a copy: the original did not change, slipped through, or is not for us. So
        it takes no place before that of the original is known to be free (failure 10).
        """
        if not self.schema.stable_rows or is_another(self.state, self.schema):
            return []
        listed = {r.row_id for r in self.changes.records}
        return sorted(
            i
            for i in {*matched.pairs, *matched.name, *matched.held} & rows.links.keys()
            if rows.links[i].row_id not in listed
        )

    def _choose_base(self, rows: Rows) -> None:
        """Recognise an older copy of the file that was put back (design: nearest state)."""
        name, digest = self.tracker.name, self.changes.digest
        choice = choose_base(
            self.tx.team,
            self.changes.records,
            {i: x for i, x in rows.links.items() if x.state == "live"},
            self.tx.remembered(name),
            current=self.state.seq,
            known=self.tx.state_of(name, digest) if digest else None,
            again=self.state.again,
            looked=self.state.looked,
        )
        if choice is None:
            return
        seq, bases = choice
        for item_id, base in bases.items():
            link = rows.links[item_id]
            rows.before.setdefault(item_id, link.base)
            if base is None:
                rows.dropped.append(item_id)
                rows.forget(item_id)
                del rows.links[item_id]
            else:
                rows.links[item_id] = replace(link, base=base, rev=0, version=None)
                rows.moved[item_id] = rows.links[item_id]
        self.state = replace(self.state, again=True)
        zh = self.language == "zh"
        why = (
            f"{name} 的文件是较早的一份（状态 {seq}），其后的改动将重新写入"
            if zh
            else f"the file of {name} is an older copy (state {seq}); what came after is written "
            "again"
        )
        rows.ledger.note(Change(item=None, kind="older-file", place=name, why=why))
        rows.findings["table:older"] = Finding(code="match-uncertain", message=why)

    def _missing(self, rows: Rows, matched: Matched) -> list[str]:
        """Return the items whose row was not seen though it should have been."""
        known = {i for i, link in rows.links.items() if link.state in SEEN}
        seen = {*matched.pairs, *matched.name, *matched.held}
        own = {link.row_id: i for i, link in rows.links.items()} if self.schema.stable_rows else {}
        told = {
            own.get(r.row_id) if own else ids.parse(r.id)
            for r in self.changes.records
            if r.state is RowState.GONE
        }
        fresh = {x.item for x in self.tx.intents(self.tracker.name)}
        if self.changes.complete:
            lost = known - seen - fresh
            if lost:
                lag = lag_of(self.schema)
                lost -= self.tx.made_about(self.tracker.name, self.now, lag)
            return sorted(lost)
        return sorted((known - seen) & told)

    def _leave_behind(self, rows: Rows, missing: Sequence[str]) -> None:
        """Give up rows of the table that was replaced: nobody deleted them (promise 5)."""
        for item_id in missing:
            rows.dropped.append(item_id)
            rows.forget(item_id)
            del rows.links[item_id]
            rows.moved.pop(item_id, None)

    # --- taking over ---

    def _take_over(
        self,
        rows: Rows,
        matched: Matched,
        changed: Mapping[str, Record],
        missing: Sequence[str],
    ) -> None:
        hidden = {i for i, link in rows.links.items() if link.state == RowState.HIDDEN}
        rows.ledger.load({*changed, *matched.name, *missing})
        for item_id, record in matched.rebuilt.items():
            rows.rebuild(item_id, record)
        for item_id in matched.resent:
            move_link(rows, item_id, matched.pairs[item_id])
        for record, item_id in matched.late:
            take_out(rows, item_id, record)
        self.unanswered = unanswered(rows) if self.unanswered else {}  # less those just met
        lost = given_up(rows) if self.unanswered else {}
        for item_id, record in matched.pairs.items():
            link = rows.links.get(item_id)
            if item_id not in changed and item_id not in matched.resent:
                rows.place(item_id, record)
            elif link is not None and link.state in SEEN and self._all_blank(link, record):
                rows.lose(item_id, hidden=False)
            else:
                self._answer(rows, item_id, record, lost)
                told = self._less_past(item_id, record, rows.links.get(item_id))
                rows.merge(item_id, told, naming=False)
        for item_id, record in matched.name.items():
            if self._is_past(item_id, record):
                continue
            self._answer(rows, item_id, record, lost)
            told = self._less_past(item_id, record, rows.links.get(item_id))
            rows.merge(item_id, told, naming=True)
        for item_id in missing:
            if self.looks[item_id] in (RowState.LIVE.value, ELSEWHERE):
                continue  # it is there, the look only missed it
            if item_id in rows.links:
                rows.lose(item_id, hidden=self.looks[item_id] == RowState.HIDDEN.value)
        for item_id, link in [*rows.links.items()] if self.changes.complete else ():
            if link.state == "back" and item_id not in matched.pairs:
                rows.links[item_id] = rows.moved[item_id] = replace(link, state="gone")
        adopted = self._adopt(rows, matched)
        self.memory.late = list(matched.late)
        if self.changes.complete:
            forget_late(
                rows, self.changes.records, self.schema, self.state.complete_at, hidden=hidden
            )
        self._close(rows, matched=matched, adopted=adopted)

    def _answer(
        self, rows: Rows, item_id: str, record: Record, lost: Mapping[str, Sequence[Intent]]
    ) -> None:
        """Take a row for the answer to the creation of its item, if there was none.

        The creation is given up if the item has the row again that was deleted before it was sent.
        """
        intent = self.unanswered.get(item_id)
        if intent is None or is_blank(record.cells):
            return
        if is_old_row(rows, intent, record):
            keep_lost(rows, intent)
            return
        take_as_answer(rows, intent, record, lost.get(item_id, ()))
        self.answered = True

    def _all_blank(self, link: Link, record: Record) -> bool:
        return is_blank(record.cells) and any(
            b.cell not in (None, (), "") for b in link.base.values()
        )

    def _adopt(self, rows: Rows, matched: Matched) -> bool:
        """Make items of rows that people added; hold many at first contact (failure 8)."""
        for record, item_id in matched.copies:
            maybe_ours = record.row_id in matched.maybe_ours
            if not (self.tracker.scope.adopt or maybe_ours):
                continue
            if rows.adopt(record, copy_of=item_id) and maybe_ours:
                keep_apart(rows, item_id, record)
        unknown = [r for r in matched.unknown if show(r.cells.get("description")).strip()]
        if not self.tracker.scope.adopt:
            return True
        if not self.state.contacted:
            what = [f"{r.row_id}:{show(r.cells.get('description'))}" for r in unknown]
            halt = guard.check_first_contact(self.tracker.name, what, self.language)
            if halt and halt.plan not in self.state.released:
                self.report.halted(halt)
                self.report.adopting = True
                return False
        for record in unknown:
            rows.adopt(record)
        return True

    # --- writing it down ---

    def _close(self, rows: Rows, *, matched: Matched | None, adopted: bool) -> None:
        tx, name = self.tx, self.tracker.name
        changed = {i: s for i in rows.ledger.changed if (s := rows.ledger.get(i)) is not None}
        run_rules(self.rules, rows.ledger, changed, self.now)
        self._write(rows)
        self._keep_state(rows, looked=not self.answered)
        if self.schema.whole_file and self.changes.digest:
            tx.put_state(name, self.changes.digest, self.state.seq)
        if matched is not None:
            self._table_findings(rows, matched)
        offered = offers(self.schema)
        again = self.retry or self.state.offered not in ("", offered)
        if again:
            self._offer_again()
        tx.put_tracker(
            name,
            replace(
                self.state,
                cursor=self._cursor() if adopted else None,
                identity=self.schema.identity or self.state.identity,
                contacted=self.state.contacted or (matched is not None and adopted),
                data_at=self.at,
                complete_at=self.at if self.changes.complete else self.state.complete_at,
                again=self.state.again and not rows.tally.pulled,
                settings=self.settings if self.changes.complete else self.state.settings,
                carried=self._carried(matched),
                offered=offered,
                retried_at=self.at if again else self.state.retried_at or self.at,
                held=self._held(matched),
                absent=self.absent,
                beat=self._beat(),
                superseded=self._recent(self.state.superseded),
                replaced=self.replaced,
                released=() if adopted else self.state.released,
                failed_since=None,
            ),
        )

    def _cursor(self) -> str | None:
        """Return where the next look goes on; with a cell left out, it lists its row again."""
        return self.state.cursor if self.in_doubt else self.changes.cursor

    def _keep_state(self, rows: Rows, *, looked: bool) -> None:
        """Keep the bases that have moved so far as those before another state of a file."""
        if not (self.schema.whole_file and rows.before):
            return
        seq, states = self.state.seq + 1, self.state.looked
        self.tx.remember(self.tracker.name, seq, rows.before)
        rows.before.clear()
        if looked:
            states = (*(s for s in states if s > seq - KEPT_STATES), seq)
        self.state = replace(self.state, seq=seq, looked=states)

    def _carried(self, matched: Matched | None) -> tuple[str, ...]:
        """Return the fields that all rows were read with: not those that a look just missed."""
        seen = {*matched.pairs, *matched.name} if matched else set()
        missed = {i for i, told in self.looks.items() if told == RowState.LIVE.value} - seen
        before = self.state.carried if missed and self.state.carried else self.schema.fields
        return tuple(name for name in self.schema.fields if name in before)

    def _beat(self) -> int:
        calls = self.changes.calls if self.changes.complete else self.state.beat
        return beat_of(self.schema, calls)

    def _recent(self, past: Mapping[str, Sequence[Sequence[Any]]]) -> dict[str, list[Any]]:
        """Return, by item, what our writes replaced so lately that the search may still show it."""
        lag = lag_of(self.schema)
        kept = {
            item_id: [(was, at) for was, at in told if is_within(lag, at, self.now)]
            for item_id, told in past.items()
        }
        return {item_id: told for item_id, told in kept.items() if told}

    def _held(self, matched: Matched | None) -> tuple[str, ...]:
        """Return the items that are not written while a row resembles them."""
        if matched is None:
            return self.state.held
        before = () if self.changes.complete else self.state.held
        return tuple(sorted({*before, *matched.held} - {*matched.pairs, *matched.name}))

    def _offer_again(self) -> None:
        """The columns can take other things than before: plan what they could not, and all else."""
        name = self.tracker.name
        refused: dict[str, list[str]] = {}
        for found in self.tx.findings(f"tracker:{name}"):
            item_id, _, what = found.about.partition(":")
            if what.endswith(UNWRITTEN):
                refused.setdefault(item_id, []).append(what.removesuffix(UNWRITTEN))
        changed = []
        for item_id, link in self.tx.links(name, refused).items():
            names = refused[item_id]
            base = {n: replace(b, again=b.again or n in names) for n, b in link.base.items()}
            changed.append(replace(link, base=base))
        self.tx.put_links(name, changed)
        self.tx.plan_again(name)

    def _write(self, rows: Rows) -> None:
        name = self.tracker.name
        rows.ledger.flush()
        self.tx.drop_links(name, rows.dropped)
        self.tx.put_links(name, rows.moved.values())
        for item_id in rows.forgotten:
            self.tx.drop_findings(f"tracker:{name}", prefix=f"{item_id}:")
        known = {f.about for f in self.tx.findings(f"tracker:{name}")} if rows.findings else ()
        found = {
            a: f
            for a, f in rows.findings.items()
            if a in known or (f is not None and a not in rows.told_elsewhere)
        }
        self.tx.keep_findings(f"tracker:{name}", found, self.at)
        self._relabel(rows)

    def _relabel(self, rows: Rows) -> None:
        """Let the findings on rows that were looked at, and stand elsewhere now, say where."""
        labels = {i: link.label for i, link in rows.moved.items() if link.label}
        if not labels:
            return
        source = f"tracker:{self.tracker.name}"
        moved = {
            f.about: replace(f.finding, row=label)
            for f in self.tx.findings(source)
            if (label := labels.get(f.about.partition(":")[0])) and f.finding.row != label
        }
        self.tx.put_findings(source, moved, self.at)

    def _table_findings(self, rows: Rows, matched: Matched) -> None:
        found = unsure(matched, self.lens.text, adopt=self.tracker.scope.adopt)
        older = rows.findings.get("table:older")
        if older:
            found["table:older"] = older
        name, complete = self.tracker.name, self.changes.complete
        keep_table(self.tx, name, self.changes, self.schema, found, at=self.at, rows=complete)
