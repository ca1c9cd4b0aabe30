"""What people did, and what the engine was shown of it and did: all that the oracle judges by.

It knows nothing of the engine. Every text that people type holds a mark of its own (``〔abcd〕``), most
days are used once, and every piece of work has a name of its own in its description, so that what
became of an edit, a row or an item can be told without knowing how it was brought there.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from simulation.seen import (
    FIELDS,
    NAME,
    Facts,
    Hub,
    Rows,
    cells_of,
    holds,
    plain,
    values_of,
    work_of,
)
from simulation.tools import FileDesk, Tool

from connectors.base import Record, Write
from mapping import ids
from mapping.cells import Cell, is_empty
from mapping.values import Item

TELLING = ("description", "owner", "due")  # what tells whose a row without an id is
LATE = timedelta(minutes=100)  # an hour, what a search lags, and till the next look at all rows
COMPLETE = timedelta(minutes=15)  # between looks at all rows
NOT_YET = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class Edit:
    """One cell that a person filled."""

    tool: str
    uid: str
    field: str
    mark: str | date
    text: str
    shown: bool = False  # the engine has been shown it in this pass
    taken: bool = False  # ... and that pass came through
    standing: bool = True
    excused: bool = False
    blurred: bool = False  # a lost database does not know any more who typed it and who shows it


@dataclass(slots=True)
class Deletion:
    """A row that a person deleted, or emptied.

    Attributes:
        since: edits before this were everywhere by then; None if that cannot be said.
        alone: no tool had another row of this work then.
    """

    tool: str
    uid: str
    item: str | None
    name: str | None
    since: datetime | None
    alone: bool
    excused: bool = False
    looked: bool = False  # a pass that came through has looked at its file since


@dataclass
class Witness:
    """Remembers what people of one team did, and what the engine saw of it and did."""

    team: str
    tools: Mapping[str, Tool]
    facts: Mapping[str, Facts]
    edits: dict[tuple[str, str, str], Edit] = field(default_factory=dict)
    past: list[Edit] = field(default_factory=list)
    told: list[str] = field(default_factory=list)  # marks that minutes told
    told_days: list[tuple[str, date]] = field(default_factory=list)
    works: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # name -> most items
    doubts: dict[str, set[tuple[str, ...]]] = field(default_factory=lambda: defaultdict(set))
    looks: Counter[str] = field(default_factory=Counter)  # at each tool
    wanted: set[str] = field(default_factory=set)  # names of works that must not be forgotten
    deletions: list[Deletion] = field(default_factory=list)
    ever_deleted: set[str] = field(default_factory=set)  # ids and names
    closed_by_command: set[str] = field(default_factory=set)
    names: dict[tuple[str, str], str] = field(default_factory=dict)  # row -> name of its work
    settled: dict[tuple[str, str], object] = field(default_factory=dict)
    elsewhere: dict[tuple[str, str], datetime] = field(default_factory=dict)  # (work, tool), edited
    all_passed: list[datetime] = field(default_factory=list)  # when passes came through everywhere
    dim: dict[tuple[str, str], datetime] = field(default_factory=dict)  # unseen rows: till when
    refusals: int = 0  # of writes, till this pass began
    vanished: dict[str, set[tuple[str, Cell]]] = field(default_factory=dict)  # by put-back copies
    taken_back: dict[str, set[str]] = field(default_factory=dict)  # works, by such a copy's bytes
    looked_at: dict[str, Mapping[str, Mapping[str, Cell]]] = field(default_factory=dict)
    files: dict[str, Rows | None] = field(default_factory=dict)  # as the engine knows them surely
    glances: dict[str, Rows] = field(default_factory=dict)  # ... once this pass comes through
    restored: dict[tuple[str, str], str] = field(default_factory=dict)  # rows not seen so far
    revived: set[tuple[str, str]] = field(default_factory=set)  # rows that were ever restored
    epoch: int = 0  # how often the database was lost
    first: dict[str, tuple[str, str | None]] = field(default_factory=dict)  # as minutes told it
    told_then: set[str] = field(default_factory=set)  # works told before the database was lost
    over: set[str] = field(default_factory=set)  # works that somebody may have called done
    loose: set[str] = field(default_factory=set)  # names whose rows are no longer told surely
    originals: dict[tuple[str, str], str] = field(default_factory=dict)  # copied rows -> their id
    pasted: dict[tuple[str, str], str] = field(default_factory=dict)  # rows -> an id not theirs
    late: dict[tuple[str, str], datetime] = field(default_factory=dict)  # (tool, work), done late
    sent: dict[tuple[str, str], datetime] = field(default_factory=dict)  # (tool, id), last creation
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)  # ... how many, sent or not
    passed: dict[str, list[datetime]] = field(default_factory=dict)  # when passes came through
    copies: set[tuple[str, str]] = field(default_factory=set)  # rows that are copies of others
    worked_in: set[tuple[str, str]] = field(default_factory=set)  # copies in which somebody typed
    taken_out: list[str] = field(default_factory=list)  # copies that the engine removed
    seconds: set[str] = field(default_factory=set)  # ids and names of rows that it removed
    met: set[tuple[str, str]] = field(default_factory=set)  # rows that the engine surely knows
    glimpsed: set[tuple[str, str]] = field(default_factory=set)  # ... once this pass comes through
    orphans: set[str] = field(default_factory=set)  # writes that only a lost database knew of

    # --- what people do ---

    def typed(self, tool: str, uid: str, name: str, cell: Cell, mark: str | date | None) -> None:
        """Note that a person filled or emptied a cell."""
        known = self.names.get((tool, uid))
        if name == "description" and known and self._only_words_tell(tool, uid):
            self._doubt(known, "nameless", tool, uid)  # nor do the words tell any more whose it is
            self.ever_deleted.add(known)
            self.loose.add(known)
        if known and (tool, known) in self.late:
            self._doubt(known, "late", tool, uid)  # two rows of one request, both were worked in
            self.loose.add(known)
        if self.epoch and known and name in ("description", "owner"):
            self._doubt(known, "told", tool, uid)  # minutes that arrive again may not find it
        says_done = name == "status" and cell in self.facts[tool].statuses["done"]
        if known and (says_done or (name == "completed" and not is_empty(cell))):
            self.over.add(known)  # it may be done by now, and minutes speak of what is open
        if (tool, uid) in self.copies:
            self.worked_in.add((tool, uid))
        self._replaced(tool, uid, name)
        if cell not in (None, ()):
            self.row_back(tool, uid)  # it had been emptied, and is filled again
        if mark is not None:
            self.edits[tool, uid, name] = Edit(tool, uid, name, mark, str(cell))
        if name == "description" and isinstance(cell, str) and (found := NAME.search(cell)):
            if known is None:  # a new row, for work that may have had one here
                self._wanted_again(found[0])
            self.names[tool, uid] = found[0]
        work = self.names.get((tool, uid))
        if work:
            self.touched(work, name, tool)
        if work and self._anonymous(tool, uid):
            self.forget_settled(work)  # it may be taken for this work's row from now on

    def _doubt(self, work: str, cause: str, tool: str, uid: str) -> None:
        """Let a row be one item more; a cause counts once a row between two looks."""
        self.doubts[work].add((cause, tool, uid, str(self.looks[tool])))

    def _one_more(self, work: str) -> None:
        """Let a work be one item more; of another team's in the same table we have none."""
        if work in self.works:
            self.works[work] += 1
            self.loose.add(work)

    def most(self, work: str) -> int:
        return self.works[work] + len(self.doubts[work])

    def _wanted_again(self, work: str) -> None:
        """Excuse deletions: the row that is typed for the work may be taken for its item's."""
        for deletion in self.deletions:
            deletion.excused |= deletion.name == work

    def _anonymous(self, tool: str, uid: str) -> bool:
        desk = self.tools[tool].desk
        return uid in desk.rows() and ids.parse(desk.read(uid, "id")) is None

    def _only_words_tell(self, tool: str, uid: str) -> bool:
        """Say whether no id tells whose row it is: none is there, or in a file that of another."""
        rows = self.tools[tool].desk.rows() if self.tools[tool].is_file else ()
        shared = uid in rows and sum(self.shows(tool, u) == self.shows(tool, uid) for u in rows)
        return self._anonymous(tool, uid) or shared > 1

    def _replaced(self, tool: str, uid: str, name: str) -> None:
        old = self.edits.pop((tool, uid, name), None)
        if old is not None:
            old.excused |= not old.taken
            old.standing = False
            self.past.append(old)

    def row_gone(self, tool: str, uid: str, item: str | None) -> None:
        """Note that a person deleted or emptied a row."""
        work = self.names.get((tool, uid))
        self.originals.pop((tool, uid), None)
        keys = [k for k in self.edits if k[:2] == (tool, uid)]
        worked_in = any(self.edits[key].taken for key in keys)
        for key in keys:
            self._replaced(*key)
        # where nobody has shown us the row yet that a request without an answer made, its absence
        # says nothing (of a file's row an edit tells that we know it); of two rows of a request the
        # other is the item's; and a row that is restored elsewhere takes its item up again
        anyhow = not worked_in if self.tools[tool].is_file else (tool, uid) not in self.met
        anyhow |= item is not None and self._is_doubled(tool, uid, item)
        anyhow |= item is not None and self.pasted.get((tool, uid)) == item
        anyhow |= any(w == work and row[0] != tool for row, w in self.restored.items())
        alone = not work or self._is_alone(tool, uid, work)
        since = self._since(tool, work)
        self.deletions.append(Deletion(tool, uid, item, work, since, alone, excused=anyhow))
        self.ever_deleted |= {x for x in (item, work) if x}
        if work:
            self.forget_settled(work)

    def _is_doubled(self, tool: str, uid: str, item: str) -> bool:
        return any(u != uid and self.shows(tool, u) == item for u in self.tools[tool].desk.rows())

    def _since(self, tool: str, work: str | None) -> datetime | None:
        """Return when all edits of a work that had been made were in all tools a while later.

        None where a tool may refuse a row for good, or did not show one, or a column, then.
        """
        if len(self.all_passed) < 2 or self.tools[tool].poisonous:
            return None
        at = self.all_passed[-2]
        rows = [row for row, known in self.names.items() if known == work]
        rows += [(name, "") for name in self.tools]
        return None if any(self.dim.get(row, at) > at for row in rows) else at

    def _is_alone(self, tool: str, uid: str, work: str) -> bool:
        """Say whether a row is the only one of its work here, and no other tool has several."""
        here = {
            name: [u for u in t.desk.rows() if self.names.get((name, u)) == work]
            for name, t in self.tools.items()
        }
        return here[tool] == [uid] and all(len(rows) <= 1 for rows in here.values())

    def row_back(self, tool: str, uid: str) -> None:
        """Note that a row that was deleted is there again."""
        again = [d for d in self.deletions if (d.tool, d.uid) == (tool, uid)]
        for deletion in again:
            deletion.excused = True
        if again and (work := self.names.get((tool, uid))):
            self.forget_settled(work)
            self.restored[tool, uid] = work
            self.revived.add((tool, uid))
            self._wanted_again(work)

    def twin_back(self, tool: str, uid: str) -> None:
        """Note that a row that we took out is restored: its item has a row, whichever is deleted."""
        item = self.shows(tool, uid)
        for deletion in self.deletions:
            deletion.excused |= (deletion.tool, deletion.item) == (tool, item)

    def file_put_back(
        self,
        tool: str,
        before: Mapping[str, Mapping[str, Cell]],
        after: Mapping[str, Mapping[str, Cell]],
        *,
        certain: bool,
    ) -> None:
        """Note that an older copy took a file's place.

        Args:
            tool: whose file.
            before: its rows till now.
            after: its rows from now on.
            certain: the very bytes that the engine has read before: nobody changed anything.
        """
        for key, edit in [*self.edits.items()]:
            cells = after.get(edit.uid, {})
            if edit.tool == tool and not holds(cells.get(edit.field), edit.mark):
                self._replaced(*key)
        for uid in after.keys() - before.keys():
            self.row_back(tool, uid)
            work = self.names.get((tool, uid))
            shown = ids.parse(after[uid]["id"])
            shared = sum(ids.parse(cells["id"]) == shown for cells in after.values()) > 1
            if work and (shown is None or shared):
                self._doubt(work, "back", tool, uid)  # gone in one copy, back without its own id
                self.loose.add(work)
        rows = {(uid, before[uid]["id"]) for uid in before.keys() - after.keys()}
        self.vanished.setdefault(tool, set()).update(rows)
        if not certain:
            self.copy_is_doubtful(tool)
        for uid in before.keys() & after.keys():
            work = self.names.get((tool, uid))
            alone = sum(self.names.get((tool, u)) == work for u in after) == 1
            other = before[uid]["id"] != after[uid]["id"]
            reworded = before[uid]["description"] != after[uid]["description"]
            nameless = reworded and ids.parse(after[uid]["id"]) is None
            if work and (other or nameless or not alone):
                # a copy has the id of its original again, a row has none, or neither id nor words
                self._doubt(work, "older", tool, uid)
                self.loose.add(work)
        # several copies between two looks are one change, from what was looked at last
        looked = self.looked_at.setdefault(tool, before)
        for uid in before.keys() | after.keys() | looked.keys():
            work = self.names.get((tool, uid))
            same = before.get(uid) == after.get(uid) == looked.get(uid)
            known = certain and (uid in before or uid not in after)
            if not work or same:
                continue
            if known:
                self.taken_back.setdefault(tool, set()).add(work)
                continue
            self.forget_settled(work)
            self.elsewhere[work, tool] = self._now()

    def copy_is_doubtful(self, tool: str) -> None:
        """A file without some rows may as well be one from which they were deleted."""
        for uid, item in self.vanished.pop(tool, ()):
            found = ids.parse(item), self.names.get((tool, uid))
            self.ever_deleted |= {x for x in found if x}
            if found[1]:
                self.forget_settled(found[1])
        for work in self.taken_back.pop(tool, ()):  # or all of it may be meant
            self.forget_settled(work)
            self.elsewhere[work, tool] = self._now()

    def touched(self, work: str, name: str, tool: str) -> None:
        """Note that a field of a work was changed somewhere."""
        self.settled = {k: v for k, v in self.settled.items() if k != (work, name)}
        self.elsewhere[work, tool] = self._now()
        if name in TELLING and any(self._anonymous(*r) for r, w in self.names.items() if w == work):
            self.forget_settled(work)  # a row without an id may fit now, and is its item's

    def column_back(self, tool: str) -> None:
        """Note that a column is there again: to a database that was lost meanwhile it is news."""
        if self.epoch:
            works = {work for (t, _), work in self.names.items() if t == tool}
            self.elsewhere |= {(work, tool): self._now() for work in works}
        self.dim[tool, ""] = self._now()

    def column_away(self, tool: str) -> None:
        """Note that a column is not there: its cells are neither read nor written."""
        self.dim[tool, ""] = NOT_YET

    def copied(self, tool: str, uid: str) -> None:
        """Note that a row is copied: it keeps its id, where we surely know it."""
        item, rows = self.shows(tool, uid), self.tools[tool].desk.rows()
        alone = sum(self.shows(tool, u) == item for u in rows) == 1
        surely = (tool, uid) in self.met and (tool, self.names.get((tool, uid))) not in self.late
        own = self.pasted.get((tool, uid)) != item  # else it gets its own id again, not this one
        works = [self.names.get((tool, u)) for u in rows]
        if (tool, uid) in self.revived and works.count(self.names.get((tool, uid))) > 1:
            own = False  # its item got another row meanwhile
        if item and alone and surely and own and not self.tools[tool].is_file:
            self.originals[tool, uid] = item

    def let_through(self, items: Iterable[Item]) -> None:
        """Note that a plan was released that closes these items."""
        for item in items:
            self.ever_deleted.add(item.id)
            if work := work_of(item):
                self.forget_settled(work)

    def forget_settled(self, work: str) -> None:
        """Note that all of a work may change now."""
        self.settled = {k: v for k, v in self.settled.items() if k[0] != work}

    def edited_elsewhere(
        self, work: str | None, tool: str, *, since: datetime | None = None
    ) -> bool:
        """Say whether a work was edited in another tool, ever or since a time."""
        return any(
            w == work and t != tool and (since is None or at >= since)
            for (w, t), at in self.elsewhere.items()
        )

    def _refusals(self) -> int:
        return sum(tool.refusals for tool in self.tools.values())

    def _now(self) -> datetime:
        clock = next(iter(self.tools.values())).clock
        return clock.wall() - clock.offset

    # --- what the engine sees and does in the tools ---

    def shown(self, tool: Tool, records: Sequence[Record]) -> None:
        """Note which edits the engine is shown."""
        self.looks[tool.name] += 1
        self.answered(tool, [r.row_id for r in records if r.row_id])
        if tool.is_file:
            self._file_shown(tool)
        mine = [e for e in self.edits.values() if e.tool == tool.name and not e.taken]
        rows = {r.row_id: r for r in records}
        if tool.is_file:
            rows = dict(zip(tool.desk.rows(), records, strict=False))
        for edit in mine:
            record = rows.get(edit.uid)
            if record is not None and holds(record.cells.get(edit.field), edit.mark):
                edit.shown = True
        self._shown_beside(tool, {(tool.name, r.row_id): ids.parse(r.id) for r in records})

    def _shown_beside(self, tool: Tool, rows: Mapping[tuple[str, str], str | None]) -> None:
        """Let a copy that alone was worked in be its item's row while a request may come late.

        It may be what the first of two requests made. Its original is to be taken out then, but may
        be worked in before it is, and becomes an item of its own.
        """
        news = {(e.tool, e.uid) for e in self.edits.values() if e.shown and not e.taken}
        for row in self.worked_in & rows.keys():
            made = (tool.name, str(rows[row]))
            sent = self.sent.get(made) if self.asked[made] > 1 else None
            if sent is not None and not self._is_over(tool.name, sent):
                for other in rows.keys() - {row, *news}:
                    if self.originals.get(other) == rows[row]:
                        del self.originals[other]

    def _file_shown(self, tool: Tool) -> None:
        """Excuse a deletion beside which anything else was changed since the look before.

        A file that lacks several of our changes is nearer to an older copy that somebody saved.
        """
        before, now = self.files.get(tool.name), cells_of(tool)
        gone = (before or now).keys() - now.keys()
        only = before is not None and len(gone) == 1
        only = only and now == {uid: r for uid, r in (before or {}).items() if uid not in gone}
        for deletion in self.deletions:
            if deletion.tool == tool.name and not deletion.looked:
                deletion.excused |= not only
        self.glances[tool.name] = now

    def asking(self, tool: Tool, items: Iterable[str]) -> None:
        """Note creations that are about to be sent; where tokens are known none is made twice."""
        self.asked.update((tool.name, item) for item in items if not tool.knows_tokens)

    def writing(self, tool: Tool, batch: Sequence[Write]) -> None:
        """Excuse edits that nobody could have seen: the tool does not tell that a row moved.

        Nor need it where a request of a lost database knew the row: then that alone knew the text.
        Only a second row that a late request may have made is taken out, never a copy.
        """
        for write in batch:
            row = (tool.name, str(write.row_id))
            if write.row_id is None:
                self.sent[tool.name, write.id] = tool.clock.wall()
                self._written_anew(tool.name, write.id)
            if write.remove:
                item = self.shows(*row)
                self.seconds |= {x for x in (item, self.names.get(row)) if x}
                sent = self.sent.get((tool.name, str(item)))
                late = sent is not None and not self._is_over(tool.name, sent)
                if row in self.copies and not late and not self.epoch:
                    self.taken_out.append(" ".join(row))
                if late:
                    self.originals.pop(row, None)  # of two alike, which is the copy?
        for write in batch:
            if tool.careful and not (write.token in self.orphans and tool.takes(write)):
                continue
            for name in FIELDS if write.remove else write.cells:
                edit = self.edits.get((tool.name, str(write.row_id), name))
                if edit is not None and not edit.shown and not edit.taken:
                    edit.excused = True

    def _written_anew(self, tool: str, item: str) -> None:
        """Let the new row be its item's, not one that was restored since the last look."""
        for row in self.restored.keys() - self.glimpsed:
            if row[0] == tool and self.originals.get(row) == item:
                del self.originals[row]

    def _is_over(self, tool: str, at: datetime) -> bool:
        """Say whether nothing that was sent at a time can come late any more, as we have seen."""
        return len(seen := self.passed.get(tool, [])) > 1 and seen[-2] - at > LATE

    def written(self, tool: Tool) -> None:
        """Note whose work stands in rows that the engine made."""
        for uid in tool.desk.rows():
            if (tool.name, uid) not in self.names:
                text = tool.desk.read(uid, "description")
                if isinstance(text, str) and (found := NAME.search(text)):
                    self.names[tool.name, uid] = found[0]
        if tool.name in self.glances:
            self.glances[tool.name] = cells_of(tool)

    def unseen(self, tool: Tool, uids: Iterable[str]) -> None:
        """Note rows that a look did not show: without their id they cannot be asked for either.

        What a request may have made late beside one of them is not seen either.
        """
        for uid in uids:
            key = (tool.name, str(self.shows(tool.name, uid)))
            if key in self.sent and not self._is_over(tool.name, self.sent[key]):
                self.sent[key] = tool.clock.wall()
            work = self.names.get((tool.name, uid))
            self.dim[tool.name, uid] = NOT_YET
            if work and self._anonymous(tool.name, uid):
                self._doubt(work, "unseen", tool.name, uid)
                self.ever_deleted.add(work)
                self.loose.add(work)

    def answered(self, tool: Tool, uids: Iterable[str]) -> None:
        """Note rows that the engine is told of."""
        rows = {(tool.name, uid) for uid in uids}
        self.glimpsed |= rows
        self.dim |= {row: self._now() for row in rows if self.dim.get(row) == NOT_YET}

    def made_late(self, tool: Tool, item: str, work: str | None) -> None:
        """Note that a request made a row late: what was deleted is there again."""
        for deletion in self.deletions:
            deletion.excused |= (deletion.tool, deletion.item) == (tool.name, item)
        if work:
            self.late[tool.name, work] = tool.clock.wall()
        if self.epoch and work:  # the journal that knew of the request may be lost
            self._one_more(work)

    def written_over(self, tool: Tool, write: Write) -> None:
        """Note that a late request put a text that was ours once where another may stand by now.

        A tool without versions lets it: it looks like an edit, in the form that the tool gives it.
        In a row that somebody emptied it looks like new work.
        """
        uid = str(write.row_id)
        work = self.names.get((tool.name, uid))
        if work and not any(self.cell(tool.name, uid, name) for name in ("id", *FIELDS)):
            self._doubt(work, "emptied", tool.name, uid)
            self.loose.add(work)
        for edit in self.edits.values():
            is_ours = holds(write.cells.get(edit.field), edit.mark)
            edit.blurred |= is_ours and self._rewrites(tool.name, edit)

    def _doubled(self, tool: str, item: str) -> None:
        """Let what stands in several rows of one id be an item for each of them."""
        rows = [u for u in self.tools[tool].desk.rows() if self.shows(tool, u) == item]
        for uid in rows[1:]:
            if work := self.names.get((tool, uid)):
                self._one_more(work)

    def place(self, tool: str, uid: str) -> str:
        """Return what findings call a row: in a file its line."""
        desk = self.tools[tool].desk
        return desk.place(uid) if isinstance(desk, FileDesk) and uid in desk.rows() else uid

    def shows(self, tool: str, uid: str) -> str | None:
        return ids.parse(self.tools[tool].desk.read(uid, "id"))

    def pass_began(self) -> None:
        self.glimpsed, self.glances, self.refusals = set(), {}, self._refusals()
        for edit in self.edits.values():
            edit.shown = False

    def pass_ended(
        self, came_through: Iterable[str], unsure: Collection[tuple[str, str]] = ()
    ) -> None:
        """Note which edits have been taken in: shown in a pass that came through.

        Args:
            came_through: the tools.
            unsure: (tool, place) of rows of which a finding says that it is not clear whose they
                are.
        """
        good = set(came_through)
        seen = {(tool, uid) for tool, uid in self.glimpsed if tool in good}
        self.met |= seen
        every, last = self.refusals == self._refusals(), self.all_passed[-1:]
        if good >= self.tools.keys() and every and (not last or self._now() - last[0] >= COMPLETE):
            self.all_passed.append(self._now())
        for name, rows in self.glances.items():
            self.files[name] = rows if name in good else None
            for deletion in self.deletions if name in good else ():
                deletion.looked |= deletion.tool == name and deletion.uid not in rows
        for name in good:
            times, now = self.passed.setdefault(name, []), self.tools[name].clock.wall()
            if not times or now - times[-1] >= COMPLETE:
                times.append(now)
        self.late = {k: at for k, at in self.late.items() if not self._is_over(k[0], at)}
        for row in [*self.restored]:
            if row in seen or (row[0] in good and self.tools[row[0]].is_file):
                del self.restored[row]
        for edit in self.edits.values():
            if edit.shown and edit.tool in good and not edit.taken:
                tool = self.tools[edit.tool]
                if unsure and (edit.tool, self.place(edit.tool, edit.uid)) in unsure:
                    continue
                edit.taken = edit.uid in tool.desk.rows() and bool(
                    ids.parse(tool.desk.read(edit.uid, "id"))
                )

    def dropped_again(self, work: str, description: str, owner: str | None) -> None:
        """Note that minutes arrive which a lost database knew, and what they say of a work.

        If its rows say something else by now, it cannot be told for sure to be the same.
        """
        first = self.first.setdefault(work, (description, owner))
        if not self.epoch:
            return
        self.forget_settled(work)  # what it told since the copy was made is news again
        for key in self.pasted.keys() & self.names.keys():  # it may carry this work's id
            self.forget_settled(self.names[key])
        self.elsewhere[work, "minutes"] = self._now()
        rows = [key for key, known in self.names.items() if known == work and self.is_row(*key)]
        cells = [(self.cell(*key, "description"), self.cell(*key, "owner")) for key in rows]
        same = all((c[0], plain(c[1])) == (description, owner) for c in cells)
        was = first == (description, owner)
        if not (same and was) or work in self.ever_deleted or work in self.over:
            self.works[work] += 1
            self.loose.add(work)

    def database_lost(self) -> None:
        """Note that the log is gone: what stands in no tool any more cannot be asked for."""
        for (tool, uid), work in self.names.items():
            if self._anonymous(tool, uid):
                self._one_more(work)
        self.epoch += 1
        self.met, self.originals, self.all_passed = set(), {}, []
        self.told_then |= self.first.keys()
        self.orphans |= {w.token for t in self.tools.values() for _, late in t.late for w in late}
        self.ever_deleted |= self.seconds  # a restored one may know just these rows
        for tool, desk in ((name, tool.desk) for name, tool in self.tools.items()):
            for item in {self.shows(tool, uid) for uid in desk.rows()} - {None}:
                self._doubled(tool, str(item))  # a request carried out twice, or a copy
        for tool in self.tools:
            self.copy_is_doubtful(tool)
        for edit in self.past:
            edit.excused = True  # at most the log knew it
        for edit in self.edits.values():
            cell = self.cell(edit.tool, edit.uid, edit.field)
            edit.excused |= not holds(cell, edit.mark)
            edit.taken = edit.shown = False
            others = [name for name in self.tools if name != edit.tool]
            grown = isinstance(cell, str) and len(cell) == self.facts[edit.tool].limits.get(
                edit.field
            )
            edit.blurred |= grown and edit.text.startswith(str(cell).removesuffix("…"))
            edit.blurred |= any(self._rewrites(name, edit) for name in others)
        self.told, self.told_days, self.wanted = [], [], set()
        for deletion in self.deletions:
            deletion.excused = True
        exact = {}
        for (work, name), value in self.settled.items():
            rows = [(t, u) for (t, u), w in self.names.items() if w == work and self.is_row(t, u)]
            cells = [self.tools[t].desk.read(u, name) for t, u in rows]
            shows = [ids.parse(self.tools[t].desk.read(u, "id")) for t, u in rows]
            one = len(set(shows)) == 1 and shows[0] and len(rows) == len(self.tools)
            equal = cells and all(plain(cell) == value for cell in cells)
            if name in ("description", "due") and one and equal:
                exact[work, name] = value
        self.settled = exact

    def _rewrites(self, tool: str, edit: Edit) -> bool:
        """Say whether a tool can hold a text only in a form of its own."""
        size = len(edit.text)
        is_cut = size > self.facts[tool].limits.get(edit.field, size)
        return is_cut or self.tools[tool].normalises

    def cell(self, tool: str, uid: str, name: str) -> Cell:
        return self.tools[tool].desk.read(uid, name) if self.is_row(tool, uid) else None

    def is_row(self, tool: str, uid: str) -> bool:
        return uid in self.tools[tool].desk.rows()

    def _standing_days(self) -> set[object]:
        return {
            tool.desk.read(uid, "due") for tool in self.tools.values() for uid in tool.desk.rows()
        }

    def settle(self, hub: Hub) -> None:
        """Remember all values in a moment of quiet: they may change only if somebody acts."""
        self.settled = {}
        count = Counter(work_of(item) for item in hub.items.values())
        for item in hub.items.values():
            work = work_of(item)
            if work and count[work] == 1 and item.closed is None:
                for name, value in values_of(item).items():
                    if name not in ("status", "completed"):  # rules change these by themselves
                        self.settled[work, name] = value
