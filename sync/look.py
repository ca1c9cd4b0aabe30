"""One look at a tracker, taken over in one transaction: match, guard, merge. I/O by handle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.base import Changes, Record, RowState, Schema
from connectors.errors import StaleError, at
from mapping.cells import show
from mapping.lens import is_blank
from mapping.people import Directory
from sync import findings, guard
from sync.absence import THERE, Fate, Judged, displaced, judge, nameless, unseen, unsettled
from sync.doubt import (
    accounted,
    forget_late,
    given_up,
    keep_apart,
    leaving,
    move_link,
    sent_by,
    settle,
    take_as_answer,
    take_out,
    unanswered,
    unlinked,
)
from sync.lag import is_past, is_within, lag_of, less_past
from sync.ledger import Ledger, Rules, run_rules
from sync.links import OVER, REFUSED, SEEN, Link, stale
from sync.match import Matched, match_rows
from sync.push import plan_again
from sync.rewind import go_back, keep_bases
from sync.rows import Rows, emptied
from sync.stored import Intent, TrackerState
from sync.tracker import Memory, Report, Tracker, beat_of, is_another, lens_of, offers
from sync.transaction import Transaction


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was seen of a tracker, and all that it takes to take it over.

    Attributes:
        intents: the writes without an answer; ``found``, what asking for their rows by id told.
        settings: digest of what the team file says that changes how rows are read.
        retry: what the tool refused is to be planned once more.
        again: the pass has looked before, and the guard has judged what was lost by then.
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

    def take_in(
        self, tx: Transaction, told: Mapping[str, Fate], *, rebuild_only: bool = False
    ) -> None:
        """Take over what was seen.

        Args:
            tx: an open transaction.
            told: by item, what asking for its row by id told.
            rebuild_only: only rows that carry ids of ours that the store does not know.

        Raises:
            AskFirst: rows are missing that ``told`` does not tell of; nothing is to be kept.
            Halted: a person is to be asked; nothing is to be kept.
            StaleError: rows were lost since the pass looked first; nothing is to be kept.
        """
        name, schema, language = self.tracker.name, self.schema, self.directory.team.language
        state = tx.tracker(name)
        halt = guard.check_identity(name, state.identity, schema.identity, language)
        _stop_for(halt, state)
        past: dict[str, list[Intent]] = {}
        for intent in tx.past(name):
            past.setdefault(intent.item, []).append(intent)
        rows = self._rows(tx, state)
        work = _Work(look=self, tx=tx, told=told, rows=rows, state=state, past=past)
        work.run(rebuild_only=rebuild_only)

    def _rows(self, tx: Transaction, state: TrackerState) -> Rows:
        name, schema = self.tracker.name, self.schema
        lens = lens_of(self.tracker, schema, self.directory, self.now)
        is_idle = not (self.changes.records or self.changes.complete or self.intents)
        links = {} if is_idle else {i: x for i, x in tx.links(name).items() if x.state != REFUSED}
        if is_another(state, schema):  # no row is the one with that number there
            links = {i: replace(x, row_id="", version=None) for i, x in links.items()}
        is_read_anew = self.settings != state.settings  # the team file may know what it did not
        return Rows(
            lens=lens,
            scope=self.tracker.scope,
            ledger=Ledger(tx, self.directory, self.now.isoformat()),
            links=links,
            today=self.now.date(),
            whole_file=schema.whole_file,
            tally=self.report.tally,
            returned=frozenset(schema.fields) - set(state.carried or schema.fields),
            unread=findings.unread(tx, name, lens.fields) if is_read_anew else {},
            same_columns=state.carried == tuple(schema.fields),
        )


def _stop_for(halt: guard.Halt | None, state: TrackerState) -> None:
    """Leave all as it is if the guard asks a question that nobody has answered."""
    if halt and halt.plan not in state.released:
        raise Halted(halt)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """Whose row is whose.

    Attributes:
        unanswered: by item, the creations of which no row was known when rows were matched.
        missing: the items whose row was not seen though it should have been.
    """

    matched: Matched
    unanswered: Mapping[str, Intent]
    missing: Sequence[str]


@dataclass(slots=True, kw_only=True)
class _Work:
    """The work of taking one look over.

    Attributes:
        told: by item, what asking for its row by id told.
        rows: what comes of its rows.
        state: what is known of the tracker; it moves with each state of a file that is kept.
        past: by item, our writes of which is kept what they replaced.
        in_doubt: a cell may be past, and its row is to be listed again.
    """

    look: Look
    tx: Transaction
    told: Mapping[str, Fate]
    rows: Rows
    state: TrackerState
    past: Mapping[str, Sequence[Intent]]
    in_doubt: bool = False

    @property
    def _name(self) -> str:
        return self.look.tracker.name

    def run(self, *, rebuild_only: bool) -> None:
        """Take the look over, or only rows with ids that the store does not know."""
        look, rows, changes = self.look, self.rows, self.look.changes
        settle(rows, look.intents, look.found, changes.records, look.schema, now=look.now)
        # what we wrote, and what people typed, are two states of a file
        self.state = keep_bases(rows, self.state, looked=False)
        if not changes.records and not changes.complete:
            self._close(None, Judged(fates=self.told, absent=self.state.absent), adopted=True)
            return
        seen = self._see(self.told)
        if rebuild_only:
            for item_id, record in seen.matched.rebuilt.items():
                rows.rebuild(item_id, record)
            self._write()
            return
        if is_another(self.state, look.schema):
            for item_id in seen.missing:  # left behind: nobody deleted them (promise 5)
                rows.give_up(item_id)
            seen = replace(seen, missing=())
        if any(i not in self.told for i in seen.missing):
            raise AskFirst(seen.missing)
        judged = judge(
            seen.missing,
            self.told,
            links=rows.links,
            matched=seen.matched,
            complete=changes.complete,
            absent=self.state.absent,
            now=look.now,
        )
        still = unsettled(rows.links, self.told, judged.fates)
        if any(i not in still for _, i in seen.matched.waiting):
            seen = self._see(judged.fates)
        changed = {
            i: r
            for i, r in seen.matched.pairs.items()
            if not rows.is_same(i, r) and not self._is_past(i, r)
        }
        self._check_losses(seen, judged, changed)
        self._take_over(seen, judged, changed)

    def _is_past(self, item_id: str, record: Record) -> bool:
        was = is_past(record, self.past.get(item_id, ()))
        self.in_doubt |= was  # or somebody put back just what stood there
        return was

    def _is_young(self, intent: Intent) -> bool:
        return is_within(lag_of(self.look.schema), intent.at, self.look.now)

    # --- whose row is whose ---

    def _see(self, fates: Mapping[str, Fate]) -> _Seen:
        """Tell which rows are which items; where that hangs on a row not seen, ask for it first."""
        look, rows, changes, tx = self.look, self.rows, self.look.changes, self.tx
        if look.schema.whole_file:
            self.state = go_back(rows, self.state, changes)
        stable = look.schema.stable_rows
        made = unanswered(rows)
        standing = {i for i, fate in self.told.items() if stable and fate in THERE}
        if stable and not changes.complete:
            standing |= nameless(rows.links, changes.records)
        taken_out = leaving(rows) if stable else {}
        over = self._gone_by_us(taken_out)
        self.in_doubt |= any(r.row_id in over for r in changes.records)  # or it stands yet
        matched = match_rows(
            rows.lens,
            [r for r in changes.records if r.row_id not in over] if over else changes.records,
            rows.links,
            tx.item_ids(),
            unlinked=unlinked(rows, made),
            team=tx.team,
            stable_rows=stable,
            complete=changes.complete,
            resent={i: [sent_by(x).cells for x in lost] for i, lost in given_up(rows).items()},
            accounted={i: [sent_by(x).cells for x in met] for i, met in accounted(rows).items()},
            leaving={r: sent_by(x).cells for r, x in taken_out.items()},
            going=() if look.schema.checks_version else taken_out,
            over=self._closed_without_row(made, taken_out),
            standing=standing,
            unsettled=unsettled(rows.links, self.told, fates) if stable else (),
            unclear=() if changes.complete else findings.unclear(tx, self._name),
        )
        missing = self._missing(matched)
        if stable and not is_another(self.state, look.schema):
            others = displaced(rows.links, matched, changes.records)
            if others - self.told.keys():
                raise AskFirst(sorted({*others, *missing}))  # all in one go
        return _Seen(matched=matched, unanswered=made, missing=missing)

    def _gone_by_us(self, taken_out: Mapping[str, Intent]) -> set[str]:
        """Return the rows that we took out so lately that a search may show them still."""
        young = {row for row, intent in taken_out.items() if self._is_young(intent)}
        if not young:
            return young
        return young - {link.row_id for link in self.rows.links.values()}  # one that became an item

    def _closed_without_row(
        self, made: Mapping[str, Intent], taken_out: Mapping[str, Intent]
    ) -> set[str]:
        """Return the closed items whose row was deleted and of which a request may make another."""
        rows = self.rows
        late = {*given_up(rows), *(i.item for i in taken_out.values())} - made.keys()
        late = {i for i in late if i in rows.links and rows.links[i].state in OVER}
        stored = self.tx.some_items(late) if late and self.look.schema.stable_rows else {}
        return {i for i, s in stored.items() if s.item.closed is not None}

    def _missing(self, matched: Matched) -> list[str]:
        """Return the items whose row was not seen though it should have been."""
        look, tx, stable = self.look, self.tx, self.look.schema.stable_rows
        lost = unseen(self.rows.links, matched, look.changes, stable_rows=stable)
        if lost and look.changes.complete:  # the search may not know yet what was just made
            lost -= {x.item for x in tx.intents(self._name)}
            lost -= tx.made_about(self._name, look.now, lag_of(look.schema))
        return sorted(lost)

    # --- taking over ---

    def _check_losses(self, seen: _Seen, judged: Judged, changed: Mapping[str, Record]) -> None:
        """Let the guard look at what would be lost, before anything is taken over."""
        links, name, lens = self.rows.links, self._name, self.rows.lens
        gone = [i for i in seen.missing if judged.fates[i] is Fate.GONE]
        blank = [
            i
            for i, r in changed.items()
            if i in links and links[i].state in SEEN and emptied(lens, links[i], r)
        ]
        if self.look.again and (gone or blank):  # the guard judges the losses of a pass once
            raise StaleError(
                at(name, "本轮查看后又有行被删除或清空", "rows went while the pass ran")
            )
        halt = guard.check_losses(
            name,
            gone=gone,
            emptied=[i for i in blank if is_blank(changed[i].cells)],
            partly=[i for i in blank if not is_blank(changed[i].cells)],
            rows=sum(link.state == "live" or i in gone for i, link in links.items()),
            language=self.look.directory.team.language,
        )
        _stop_for(halt, self.state)

    def _take_over(self, seen: _Seen, judged: Judged, changed: Mapping[str, Record]) -> None:
        rows, matched, look = self.rows, seen.matched, self.look
        hidden = {i for i, link in rows.links.items() if link.state == RowState.HIDDEN}
        self._forget_columns(matched)
        rows.ledger.load({*changed, *matched.name, *seen.missing})
        for item_id in matched.resent:
            move_link(rows, item_id, matched.pairs[item_id])
        for record, item_id in matched.late:
            take_out(rows, item_id, record)
        self._take_answers(seen)
        for item_id, record in matched.rebuilt.items():
            rows.rebuild(item_id, record)
        self._merge_rows(seen, changed)
        for item_id in seen.missing:
            fate = judged.fates[item_id]
            if fate not in (Fate.LIVE, Fate.ELSEWHERE) and item_id in rows.links:
                rows.lose(item_id, hidden=fate is Fate.HIDDEN, by_us=self._was_to_go(item_id))
        for item_id, link in [*rows.links.items()] if look.changes.complete else ():
            if link.state == "back" and item_id not in matched.pairs:
                rows.links[item_id] = rows.moved[item_id] = replace(link, state="gone")
                rows.forget(item_id)
        adopted = self._adopt(matched)
        look.memory.late = list(matched.late)
        if look.changes.complete:
            last, listed = self.state.complete_at, look.changes.records
            forget_late(rows, listed, look.schema, last, hidden=hidden)
        self._close(matched, judged, adopted=adopted)

    def _was_to_go(self, item_id: str) -> bool:
        """Say whether an item's row was being taken out as another's second one."""
        if self.look.schema.checks_version:
            return False  # somebody worked in it, so that no request of ours takes it out
        asked = leaving(self.rows).get(self.rows.links[item_id].row_id)
        return asked is not None and asked.item != item_id

    def _forget_columns(self, matched: Matched) -> None:
        """Let rows that a look does not show while a column comes back tell of it when they do.

        It may be a new column, so that an empty cell is no edit (failure 66).
        """
        rows = self.rows
        for item_id, link in [*rows.links.items()] if rows.returned else ():
            if link.state in SEEN and item_id not in matched.seen:
                base = {
                    name: replace(b, away=True) if name in rows.returned else b
                    for name, b in link.base.items()
                }
                kept = replace(link, base=base, version=stale(link.version))
                rows.links[item_id] = rows.moved[item_id] = kept

    def _take_answers(self, seen: _Seen) -> None:
        """Take rows that are met for answers that were lost, before any of them is merged.

        What they show so far is ours: in a file it is a state before the one of the look, in which
        people typed what the merge takes, and added the rows that are adopted.
        """
        rows, matched = self.rows, seen.matched
        made = unanswered(rows) if seen.unanswered else {}  # less those just met
        lost = given_up(rows) if made else {}
        met = [
            take_as_answer(rows, made[item_id], record, lost.get(item_id, ()))
            for item_id, record in (*matched.pairs.items(), *matched.name.items())
            if item_id in made and not self._is_past(item_id, record)
        ]
        if any(met):
            self.state = keep_bases(rows, self.state, looked=False)

    def _merge_rows(self, seen: _Seen, changed: Mapping[str, Record]) -> None:
        """Merge rows that are items': those that carry the id of theirs, then those that do not."""
        rows = self.rows
        for item_id, record in seen.matched.pairs.items():
            link = rows.links.get(item_id)
            if item_id not in changed and item_id not in seen.matched.resent:
                rows.place(item_id, record)
            elif link is not None and link.state in SEEN and _is_all_blank(link, record):
                rows.lose(item_id, hidden=False)
            else:
                self._merge(item_id, record, naming=False)
        for item_id, record in seen.matched.name.items():
            if not self._is_past(item_id, record):
                self._merge(item_id, record, naming=True)

    def _merge(self, item_id: str, record: Record, *, naming: bool) -> None:
        """Merge a row, but for what it may show of the past."""
        # a cell that was written over counts as past for so long only, a version whenever it shows
        young = [x for x in self.past.get(item_id, ()) if self._is_young(x)]
        told = less_past(record, young, self.rows.links.get(item_id))
        self.in_doubt |= told is not record
        self.rows.merge(item_id, told, naming=naming)

    def _adopt(self, matched: Matched) -> bool:
        """Make items of rows that people added; hold many at first contact (failure 8)."""
        rows, name, takes_new = self.rows, self._name, self.look.tracker.scope.adopt
        for record, item_id in matched.copies:
            maybe_ours = record.row_id in matched.maybe_ours
            if not (takes_new or maybe_ours):
                continue
            if rows.adopt(record, copy_of=item_id) and maybe_ours:
                keep_apart(rows, item_id, record)
        unknown = [r for r in matched.unknown if show(r.cells.get("description")).strip()]
        if not takes_new:
            return True
        if not self.state.contacted:
            what = [f"{r.row_id}:{show(r.cells.get('description'))}" for r in unknown]
            halt = guard.check_first_contact(name, what, self.look.directory.team.language)
            if halt and halt.plan not in self.state.released:
                self.look.report.halted(halt)
                self.look.report.adopting = True
                return False
        for record in unknown:
            rows.adopt(record)
        return True

    # --- writing it down ---

    def _close(self, matched: Matched | None, judged: Judged, *, adopted: bool) -> None:
        """Let the rules run, and keep all that came of the look.

        Args:
            matched: what the rows are; None if no row was looked at.
            judged: what became of those that were not shown.
            adopted: the rows that people added are items now; else they are still to be read.
        """
        look, rows, tx = self.look, self.rows, self.tx
        changed = {i: s for i in rows.ledger.changed if (s := rows.ledger.get(i)) is not None}
        run_rules(look.rules, rows.ledger, changed, look.now)
        self._write()
        self.state = keep_bases(rows, self.state, looked=True)
        if look.schema.whole_file and look.changes.digest:
            tx.put_state(self._name, look.changes.digest, self.state.seq)
        if matched is not None:
            found = findings.unsure(matched, rows.lens.text, adopt=look.tracker.scope.adopt)
            found |= {a: f for a, f in rows.findings.items() if f and a.startswith("table:")}
            now = rows.ledger.at
            findings.keep_table(tx, self._name, look.changes, look.schema, found, at=now)
        tx.settle(
            x.token for of_item in self.past.values() for x in of_item if not self._is_young(x)
        )
        offered = offers(look.schema)
        again = look.retry or self.state.offered not in ("", offered)
        if again:
            plan_again(tx, self._name)
        state = self._state_after(matched, judged, adopted=adopted)
        retried_at = rows.ledger.at if again else state.retried_at or rows.ledger.at
        tx.put_tracker(self._name, replace(state, offered=offered, retried_at=retried_at))

    def _state_after(
        self, matched: Matched | None, judged: Judged, *, adopted: bool
    ) -> TrackerState:
        """Return what is known of the tracker from now on."""
        look, state, rows = self.look, self.state, self.rows
        changes, schema, now = look.changes, look.schema, rows.ledger.at
        cursor = state.cursor if self.in_doubt else changes.cursor  # what is in doubt comes again
        return replace(
            state,
            cursor=cursor if adopted else None,
            identity=schema.identity or state.identity,
            contacted=state.contacted or (matched is not None and adopted),
            data_at=now,
            complete_at=now if changes.complete else state.complete_at,
            again=state.again and not rows.tally.pulled,
            settings=look.settings if changes.complete else state.settings,
            carried=tuple(schema.fields),
            held=_held(state, matched, complete=changes.complete),
            absent=judged.absent,
            beat=beat_of(schema, changes.calls if changes.complete else state.beat),
            released=() if adopted else state.released,
            failed_since=None,
        )

    def _write(self) -> None:
        """Write items, links and the findings on rows."""
        rows, tx = self.rows, self.tx
        rows.ledger.flush()
        tx.drop_links(self._name, rows.dropped)
        tx.put_links(self._name, rows.moved.values())
        findings.keep_rows(tx, rows)


def _is_all_blank(link: Link, record: Record) -> bool:
    """Say whether nothing is left of all that stood in a row."""
    stood = any(b.cell not in (None, (), "") for b in link.base.values())
    return stood and is_blank(record.cells)


def _held(state: TrackerState, matched: Matched | None, *, complete: bool) -> tuple[str, ...]:
    """Return the items that are not written while a row resembles them."""
    if matched is None:
        return state.held
    before = () if complete else state.held
    return tuple(sorted({*before, *matched.held} - matched.seen))
