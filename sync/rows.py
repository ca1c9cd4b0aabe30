"""The rows of one look at a tracker, merged into items and links. I/O by handle."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from connectors.base import Record
from mapping import ids
from mapping.cells import is_empty, show
from mapping.lens import Lens, is_blank, item_from, read, values, write
from mapping.values import Closed, Finding, Item, Status
from mapping.words import REQUIRED, clean
from sync.ledger import Ledger
from sync.links import OVER, Link, distance, stale
from sync.merge import NEVER_EMPTY, Base, Based, Merged, beats, merge_row, says
from sync.plan import UNWRITTEN
from sync.stored import Change, Intent, Stored
from sync.tracker import Scope, Tally


@dataclass
class Rows:
    """The work of taking one look's rows in: links, bases and findings that come of it.

    Attributes:
        moved: links to be written; ``dropped``, items whose link is to be deleted.
        before: bases as they were, by item; None where there was no row.
        findings: by what they are about; None closes one.
        told_elsewhere: what findings are about that may stand here, but are not opened.
        forgotten: items whose row is gone, and with it all findings on it.
        returned: fields whose column was away and is there again.
        unread: by item, fields that could not be read and are to be read again.
        same_columns: the tool carries the fields that it carried at the last look.
        lost: by token, the creations that were given up; None until they are asked for.
    """

    lens: Lens
    scope: Scope
    ledger: Ledger
    links: dict[str, Link]
    today: date
    whole_file: bool
    tally: Tally
    moved: dict[str, Link] = field(default_factory=dict)
    before: dict[str, Base | None] = field(default_factory=dict)
    findings: dict[str, Finding | None] = field(default_factory=dict)
    told_elsewhere: set[str] = field(default_factory=set)
    dropped: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    returned: frozenset[str] = frozenset()
    unread: Mapping[str, Collection[str]] = field(default_factory=dict)
    same_columns: bool = False
    lost: dict[str, Intent] | None = None

    def _put(self, link: Link, *, known: Link | None) -> None:
        if known is None or known.base != link.base:
            self.before.setdefault(link.item, known.base if known else None)
        if known != link:
            self.moved[link.item] = link
            self.links[link.item] = link

    def _version(self, record: Record) -> str | None:
        """Return by what a row is known again; None while a column of it is away."""
        is_whole = record.cells.keys() >= self.lens.fields.keys()
        return record.version if is_whole else stale(record.version)

    def _say(self, zh: str, en: str) -> str:
        return self.lens.text(zh, en)

    def forget(self, item_id: str) -> None:
        """Close the findings on an item's row, which is no more."""
        self.forgotten.append(item_id)
        self.findings = {a: f for a, f in self.findings.items() if not a.startswith(f"{item_id}:")}

    def give_up(self, item_id: str) -> None:
        """Know of no row of an item any more."""
        self.dropped.append(item_id)
        self.forget(item_id)
        del self.links[item_id]
        self.moved.pop(item_id, None)

    # --- rows that are known ---

    def is_same(self, item_id: str, record: Record) -> bool:
        """Say whether a row is as it was when it was last read, so that nothing is to be merged."""
        link = self.links.get(item_id)
        return (
            link is not None
            and self.same_columns
            and link.state == "live"
            and not link.naming
            and record.version is not None
            and record.version == link.version
            and item_id not in self.unread
        )

    def place(self, item_id: str, record: Record) -> None:
        """Note where a row that is the same stands now."""
        link = self.links[item_id]
        if (link.row_id, link.label) != (record.row_id, record.label):
            moved = replace(link, row_id=record.row_id, label=record.label, link=record.link)
            self.links[item_id] = self.moved[item_id] = moved

    def merge(self, item_id: str, record: Record, *, naming: bool) -> None:
        """Merge one row with its item."""
        stored, record = self.ledger.get(item_id), called(record, item_id)
        if stored is None:
            return
        link = self.links.get(item_id)
        if link is not None and link.state in OVER:
            if not is_blank(record.cells):  # a row that was emptied stays where it is
                self._came_back(stored, link, record)
            return
        if link is not None and is_blank(record.cells) and link.base:
            return  # emptied: dealt with as a loss
        known = link or Link(item=item_id, row_id=record.row_id)
        known = replace(known, base=self._since_away(known.base, record))
        stored = self._edit_wins(stored, known, record)
        merged = self._merged(stored, known, record)
        self._take(item_id, record, merged)
        self._withdrawn(stored, known, record)
        self._findings(item_id, record, merged.findings, changed=merged.base)
        self._keep_from_opening(stored, known, record)
        if link is None:
            self.ledger.note(
                Change(
                    item=item_id,
                    kind="link",
                    place=self.scope.name,
                    why=self._say("同一行动项的现有行", "a row that was there is the same item"),
                    actor=record.editor,
                )
            )
        base = {**known.base, **merged.base}
        after = values(self.ledger.load([item_id])[item_id].item)
        behind = any(base[n].ours != after[n] or base[n].again for n in merged.base)
        self._put(
            replace(
                known,
                row_id=record.row_id,
                state="live",
                version=self._version(record),
                link=record.link,
                label=record.label,
                naming=naming,
                parked=0 if naming and not known.naming else known.parked,  # the id can be written
                base=base,
                rev=0 if behind else known.rev,
            ),
            known=link,
        )

    def _since_away(self, base: Base, record: Record) -> Base:
        """Leave out what a column that came back shows empty: nobody emptied it (failure 66)."""
        back = {n for n, b in base.items() if n in record.cells and (n in self.returned or b.away)}
        if not back:
            return base
        new = {n for n in back if is_empty(record.cells[n])}
        return {
            n: replace(b, away=False) if n in back else b for n, b in base.items() if n not in new
        }

    def _merged(self, stored: Stored, known: Link, record: Record) -> Merged:
        ours, rank, name = values(stored.item), self.scope.rank, self.scope.name
        return merge_row(
            self.lens,
            known.base,
            record.cells,
            ours,
            wins={n: beats(rank, name, stored.origins.get(n, "")) for n in ours},
            again=self.unread.get(known.item, ()),
        )

    def _take(self, item_id: str, record: Record, merged: Merged) -> None:
        name, actor = self.scope.name, record.editor
        for take in merged.takes:
            self.tally.pulled += 1
            self.ledger.change(
                item_id,
                take.field,
                take.new,
                origin=f"tracker:{name}",
                place=name,
                why=self._say(f"在 {name} 中修改", f"edited in {name}"),
                actor=actor,
            )
        for conflict in merged.conflicts:
            self.tally.conflicts += 1
            self.ledger.note(
                Change(
                    item=item_id,
                    kind="conflict",
                    place=name,
                    why=self._say(
                        "两处都改过，未采用的值记在这里", "changed in two places; this value lost"
                    ),
                    field=conflict.field,
                    old=conflict.kept,
                    new=conflict.lost,
                    actor=actor,
                )
            )
            if conflict.tool_won:
                self.tally.pulled += 1
                self.ledger.change(
                    item_id,
                    conflict.field,
                    conflict.kept,
                    origin=f"tracker:{name}",
                    place=name,
                    why=self._say(f"在 {name} 中修改", f"edited in {name}"),
                    actor=actor,
                )

    def _withdrawn(self, stored: Stored, known: Link, record: Record) -> None:
        """Take a reported completion back when the person who reported it does (D5)."""
        item, based = stored.item, known.base.get("status")
        if based is None or "status" not in record.cells or record.cells["status"] == based.cell:
            return
        if item.completed is None or item.verified or item.status is Status.DONE:
            return
        was = read(self.lens, "status", based.cell).value
        now = read(self.lens, "status", record.cells["status"]).value
        if was == Status.DONE.value and now not in (None, was):
            completed = record.cells.get("completed")
            if is_empty(completed):
                self.ledger.change(
                    item.id,
                    "completed",
                    None,
                    origin=f"tracker:{self.scope.name}",
                    place=self.scope.name,
                    why=self._say("撤回完成报告", "completion taken back"),
                    actor=record.editor,
                )

    def _findings(
        self,
        item_id: str,
        record: Record,
        found: Mapping[str, Finding | None],
        *,
        changed: Collection[str],
    ) -> None:
        """Keep what cells say; what could not be written into one that changed is past."""
        for name, finding in found.items():
            self.findings[f"{item_id}:{name}"] = finding and replace(
                finding, row=record.label or record.row_id, item=item_id
            )
            if name in changed:
                self.findings[f"{item_id}:{name}{UNWRITTEN}"] = None

    def _keep_from_opening(self, stored: Stored, known: Link, record: Record) -> None:
        """Note the findings on cells that still show what we wrote and nobody typed here.

        They were told where the value came from; an edit of another cell says nothing new of it.
        """
        ours, name = values(stored.item), self.scope.name
        for n, based in known.base.items():
            if is_empty(ours[n]):
                continue  # what stands there and says nothing to us was typed
            typed_here = stored.origins.get(n) in (f"tracker:{name}", f"adopted:{name}")
            shows_ours = record.cells.get(n) == based.cell and n in self.lens.fields
            if shows_ours and not typed_here and read(self.lens, n, based.cell).value == ours[n]:
                self.told_elsewhere.add(f"{stored.item.id}:{n}")

    def _came_back(self, stored: Stored, link: Link, record: Record) -> None:
        """Deal with a row that was deleted and is there again (failure 48)."""
        item = stored.item
        if self.whole_file and not item.is_open and distance(link.base, record) == 0:
            message = self._say(
                f"{item.id} 的行已删除过，现又出现；若要恢复，请修改该行任意内容",
                f"the row of {item.id} was deleted and is there again; to take the item up again, "
                "change anything in the row",
            )
            self.findings[f"{item.id}:row"] = Finding(
                code="match-uncertain", message=message, row=record.label, item=item.id
            )
            known = replace(link, state="back", row_id=record.row_id, version=record.version)
            self._put(known, known=link)
            return
        self.findings[f"{item.id}:row"] = None
        if item.closed and item.closed.why == self._gone_why(self.scope.name):
            self._reopen(item, self._say("该行已恢复", "its row is there again"), record)
        base = {n: self._judged_afresh(n, b) for n, b in link.base.items()}
        self.before.setdefault(item.id, None)
        self.links[item.id] = replace(link, state="live", base=base, rev=0)
        self.moved[item.id] = self.links[item.id]
        self.merge(item.id, record, naming=False)

    def _edit_wins(self, stored: Stored, link: Link, record: Record) -> Stored:
        """Take an item up again that was closed by a deletion elsewhere, unknown to who edits here.

        Deleted here and edited there, the edit wins, in whatever order the tools are read (47).
        What counts is the item as it was open: the note on its closing is no other person's edit.
        """
        item = stored.item
        if item.closed is None or link.rev >= stored.rev:
            return stored
        others = (n for n in self.scope.rank if n != self.scope.name)
        where = next((n for n in others if item.closed.why == self._gone_why(n)), None)
        if where is None:
            return stored
        merged = self._merged(replace(stored, item=self.ledger.opened(item)), link, record)
        edited = {t.field for t in merged.takes} | {c.field for c in merged.conflicts if c.tool_won}
        if self._tells_closing(item, record):
            edited.discard("note")  # our own request, carried out late
        if not edited:
            return stored
        why = self._say(
            f"在 {self.scope.name} 中有修改，修改优先，{where} 中的行将重新写入",
            f"edited in {self.scope.name}: the edit stands, and the row in {where} is "
            "written again",
        )
        self._reopen(item, why, record)
        return self.ledger.load([item.id])[item.id]

    def _tells_closing(self, item: Item, record: Record) -> bool:
        """Say whether a row's note is the one that we write when an item is closed."""
        if "note" not in self.lens.fields:
            return False
        ours = write(self.lens, "note", item.note, None).cell
        return says(record.cells.get("note"), ours)

    def _reopen(self, item: Item, why: str, record: Record) -> None:
        self.ledger.reopen(item, why=why, place=self.scope.name, actor=record.editor)

    def _judged_afresh(self, name: str, based: Based) -> Based:
        """Return a base that keeps no "cannot be said": its finding went with the row."""
        is_said = name in self.lens.fields and read(self.lens, name, based.cell).value == based.ours
        return based if is_said else replace(based, again=True)

    # --- rows that are new ---

    def rebuild(self, item_id: str, record: Record) -> None:
        """Make an item again from a row that carries its id: the tools are the backup."""
        # a row of a tracker that takes sensitive items may be one: it goes nowhere else meanwhile
        blank = Item(id=item_id, description=item_id, sensitive=self.scope.sensitive)
        item, found = item_from(self.lens, blank, record.cells)
        self.ledger.create(
            item,
            origin=f"adopted:{self.scope.name}",
            place=self.scope.name,
            why=self._say("按表格中的编号重建", "rebuilt from the id in its row"),
            actor=record.editor,
        )
        self._new_link(item, record, found, naming=False)

    def adopt(self, record: Record, *, copy_of: str | None = None) -> str | None:
        """Make an item of a row that a person added; return its id."""
        text = clean(show(record.cells.get("description")))
        if not text:
            return None
        original = self.ledger.get(copy_of) if copy_of else None
        secret = original is not None and original.item.sensitive
        blank = Item(id="", description=text, sensitive=secret)
        item, found = item_from(self.lens, blank, record.cells)
        seed = "\0".join((self.scope.name, record.row_id, text, copy_of or ""))
        item = replace(item, id=self.ledger.draw(seed))
        why = (
            self._say(f"复制自 {copy_of} 的行", f"a copy of the row of {copy_of}")
            if copy_of
            else self._say(f"在 {self.scope.name} 中新增", f"added in {self.scope.name}")
        )
        self.ledger.create(
            item,
            origin=f"adopted:{self.scope.name}",
            place=self.scope.name,
            why=why,
            actor=record.editor,
        )
        self.tally.pulled += 1
        self._new_link(item, record, found, naming=True)
        return item.id

    def _new_link(
        self, item: Item, record: Record, found: Mapping[str, Finding], *, naming: bool
    ) -> None:
        ours, record = values(item), called(record, item.id)
        self._findings(item.id, record, found, changed=())
        self._put(
            Link(
                item=item.id,
                row_id=record.row_id,
                version=self._version(record),
                link=record.link,
                label=record.label,
                naming=naming,
                base={
                    n: Based(cell, None if is_empty(cell) and n in NEVER_EMPTY else ours[n])
                    for n, cell in record.cells.items()
                    if n in self.lens.fields
                },
            ),
            known=None,
        )

    # --- rows that are lost ---

    def lose(self, item_id: str, *, hidden: bool, by_us: bool = False) -> None:
        """Deal with a row that is gone for sure, or that is not visible (failures 36-48).

        Args:
            item_id: whose row it was.
            hidden: it is not visible.
            by_us: a request of ours was to take it out, and may have done so late.
        """
        link, stored = self.links[item_id], self.ledger.get(item_id)
        if stored is None:
            return
        if hidden:
            self._put(replace(link, state="hidden"), known=link)
            return
        item = stored.item
        self.before.setdefault(item_id, link.base)  # an older copy of a file has the row
        if item.is_open and (by_us or self._edited_elsewhere(stored, link)):
            self.give_up(item_id)
            why = (
                self._say(
                    "该行曾被当作重复行删除，其间有人填写，行将重新写入",
                    "its row was being taken out as a second one while somebody worked in it; the "
                    "row is written again",
                )
                if by_us
                else self._say(
                    "行被删除，但别处同时有修改，修改优先，行将重新写入",
                    "its row was deleted while it was edited elsewhere; the edit stands and the "
                    "row is written again",
                )
            )
            self.ledger.note(Change(item=item_id, kind="gone", place=self.scope.name, why=why))
            return
        self.forget(item_id)
        self._put(replace(link, state="gone", naming=False), known=link)
        if not item.is_open:
            return
        self.tally.closed += 1
        closed = Closed(on=self.today, why=self._gone_why(self.scope.name))
        self.ledger.close(item_id, closed, place=self.scope.name, actor=None)

    def _gone_why(self, tracker: str) -> str:
        return self._say(f"已在 {tracker} 中删除", f"its row was deleted in {tracker}")

    def _edited_elsewhere(self, stored: Stored, link: Link) -> bool:
        """Say whether somebody edited the item elsewhere since its row showed it."""
        ours = values(stored.item)
        own = f"tracker:{self.scope.name}"
        return link.rev < stored.rev and any(
            based.ours != ours[n]
            and stored.origins.get(n, "").startswith(("tracker:", "minutes:"))
            and stored.origins.get(n) != own
            for n, based in link.base.items()
        )


def called(record: Record, item_id: str) -> Record:
    """Return a row with its label, in which a tool may show the id, as that of its own item."""
    if record.id == item_id or not record.id or ids.parse(record.id) is None:
        return record
    return replace(record, label=record.label.replace(record.id, item_id))


def emptied(lens: Lens, link: Link, record: Record) -> bool:
    """Say whether a row lost all that was in it, or a value that a row must have."""
    if not link.base:
        return False
    if is_blank(record.cells):
        return any(not is_empty(b.cell) for b in link.base.values())
    return any(
        name in link.base
        and name in record.cells
        and name in lens.fields
        and is_empty(record.cells[name])
        and not is_empty(link.base[name].cell)
        for name in REQUIRED
    )
