"""The oracle: what must be so once faults stop. It knows nothing of the engine.

It reads what anybody may read: the items, the change log, the open findings, the cells of the
tools; and what the `Witness` saw of the people.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from simulation.seen import (
    FIELDS,
    TEXTS,
    Hub,
    Note,
    carries,
    folded,
    known_of,
    plain,
    same_text,
    values_of,
    work_of,
)
from simulation.tools import POISON, Tool
from simulation.witness import Edit, Witness

from mapping import ids
from mapping.values import Item

MOST_ROWS, MOST_SHARE, MOST_UNKNOWN = 5, 0.2, 20  # what the guard lets pass, as users are told


class Oracle:
    """Judges what a witness saw by what the hub says."""

    def __init__(self, witness: Witness, hub: Hub) -> None:
        self.witness, self.tools, self.hub = witness, witness.tools, hub
        self.notes = _Notes(hub.notes)
        self.works = Counter(work_of(item) for item in hub.items.values())
        self.texts, self.days = known_of(hub)

    def check(self) -> list[str]:
        """Say what is broken now that all is quiet."""
        rows = {name: self._rows(tool) for name, tool in self.tools.items()}
        wrong: list[str] = []
        for name in self.tools:
            wrong += [f"{name}: {w}" for w in self._check_tool(name, rows[name])]
        for (name, uid), item in self.witness.originals.items():
            if self.witness.is_row(name, uid) and self.witness.shows(name, uid) != item:
                wrong.append(f"one row each: {name} {uid} was copied, and is not {item} any more")
        wrong += [f"loses nothing: {row}, a copy, was taken out" for row in self.witness.taken_out]
        wrong += [f"isolates: {n.tracker} {n.about} still waits" for n in self.hub.notes if n.waits]
        wrong += self._check_over(rows)
        wrong += self._check_lost()
        wrong += self._check_works()
        wrong += self._check_closed()
        wrong += self._check_settled()
        return wrong

    def _rows(self, tool: Tool) -> dict[str, list[str]]:
        """Return the rows of this team by item."""
        rows: dict[str, list[str]] = {}
        for uid in tool.desk.rows():
            item = ids.parse(tool.desk.read(uid, "id"))
            words = any(tool.desk.read(uid, n) not in (None, ()) for n in FIELDS)
            if item is not None and ids.is_of(self.witness.team, item) and words:
                rows.setdefault(item, []).append(uid)
        return rows

    def _check_tool(self, name: str, rows: Mapping[str, list[str]]) -> Iterator[str]:
        for item_id, same in rows.items():
            sure = [u for u in same if (name, self.witness.place(name, u)) not in self.notes.unsure]
            uids = sure or same
            if len(uids) > 1:
                yield f"one row each: {item_id} has {len(uids)} rows {uids}"
            if item_id not in self.hub.items:
                yield f"one row each: row {uids} carries {item_id}, which is no item"
                continue
            if self.notes.any(name, item_id, "match-uncertain"):
                continue
            for field_name in FIELDS:
                wrong = self._differs(name, uids[0], self.hub.items[item_id], field_name)
                if wrong:
                    yield f"converges: {item_id} {field_name}: {wrong}"
                if self._stale(name, uids[0], self.hub.items[item_id], field_name):
                    yield f"isolates: {item_id} {field_name}: its finding stands without a cause"
        tool = self.tools[name]
        for uid in tool.desk.rows():
            work = self.witness.names.get((name, uid))
            if work not in self.witness.works or self.witness.shows(name, uid) is not None:
                continue
            refused = tool.poisonous and any(  # it is known whose it is, its id cannot be written
                self.notes.on(name, i.id) for i in self.hub.items.values() if work_of(i) == work
            )
            told = refused or (name, self.witness.place(name, uid)) in self.notes.places
            if tool.desk.read(uid, "description") and not told:
                yield f"one row each: {uid} is no item's, and nothing is told of it"
        for item_id, item in self.hub.items.items():
            if item.closed is None and item_id not in rows:
                if self.notes.any(name, item_id, "match-uncertain", "unreadable"):
                    continue
                if item.status == "done" and {item_id, work_of(item)} & self.witness.ever_deleted:
                    continue  # it is done, and somebody took its row away
                yield f"one row each: {item_id} ({item.description}) has no row"

    def _differs(self, tool: str, uid: str, item: Item, name: str) -> str | None:
        """Say how a cell differs from the hub's value beyond what the tool can express."""
        desk, facts = self.tools[tool].desk, self.witness.facts[tool]
        if not carries(self.tools[tool], name) or self.notes.about(tool, item.id, "row"):
            return None
        cell, value = desk.read(uid, name), values_of(item)[name]
        if self.notes.about(tool, item.id, name, "option-unknown", "owner-unknown", "due-vague"):
            return None
        says_done = desk.read(uid, "status") in facts.statuses["done"]
        reported = item.completed and not item.verified and not item.closed and says_done
        if name in ("status", "completed") and reported and value != "done":
            return None
        if name == "status":
            good = cell in facts.statuses[str(value)]
        elif name in facts.limits and len(str(value or "")) > facts.limits[name]:
            normal = self.tools[tool].normalises
            short = folded(str(cell or "").rstrip("…"), normalises=normal)
            good = len(short) > 0 and folded(value, normalises=normal).startswith(short)
            good &= self.notes.about(tool, item.id, name, "text-cut")
        elif name in TEXTS or name == "meeting":
            normal = self.tools[tool].normalises
            good = same_text(cell, value, normalises=normal)
        else:
            good = plain(cell) == value
        return None if good else f"shows {cell!r}, the hub has {value!r}"

    def _stale(self, tool: str, uid: str, item: Item, name: str) -> bool:
        """Say whether a finding stands on a cell that says what the hub has, and can say it."""
        if name not in ("due", "department", "note", "owner"):
            return False
        if not self.notes.about(tool, item.id, name) or not carries(self.tools[tool], name):
            return False
        value, facts = values_of(item)[name], self.witness.facts[tool]
        known = facts.options.get(name)
        sayable = known is None or value is None or value in known
        if name == "owner":  # in a text anything may stand that is no name
            names = {*str(value).split("、")} if value else set()
            sayable = facts.accounts is not None and names <= facts.accounts
        sayable &= len(str(value or "")) <= facts.limits.get(name, 10**6) and POISON not in str(
            value
        )
        return sayable and plain(self.tools[tool].desk.read(uid, name)) == value

    def _check_over(self, rows: Mapping[str, Mapping[str, list[str]]]) -> Iterator[str]:
        """Say which findings tell of a closed item that has no row any more."""
        for note in self.hub.notes:
            item = self.hub.items.get(note.item or "")
            if item is None or not item.closed or item.id in rows.get(note.tracker, {}):
                continue
            if note.about in (*FIELDS, "row"):
                yield f"isolates: {item.id} is over, and a finding on its {note.about} stands"

    def _check_lost(self) -> Iterator[str]:
        standing, standing_days = self._standing(), self._standing_days()
        for edit in (*self.witness.past, *self.witness.edits.values()):
            if edit.excused:
                continue
            if isinstance(edit.mark, str):
                found = edit.mark in self.texts or edit.mark in standing
            else:
                found = edit.mark in self.days or edit.mark in standing_days
            if not found:
                yield f"loses nothing: {edit.mark} typed into {edit.tool} {edit.uid} {edit.field}"
        for edit in self.witness.edits.values():
            shown = plain(self.witness.cell(edit.tool, edit.uid, edit.field))
            marked = isinstance(edit.mark, str) and isinstance(shown, str) and edit.mark in shown
            if not marked or edit.blurred or self._is_cut(edit, str(shown)):
                continue
            if not str(shown).startswith(edit.text.strip()):
                yield f"no echo: {edit.text!r}, typed into {edit.tool}, became {shown!r}"
        for mark in self.witness.told:
            if mark not in self.texts:
                yield f"loses nothing: {mark} told by minutes"
        for work, day in self.witness.told_days:
            if day not in self.days:
                yield f"loses nothing: {day} told by minutes for {work}"

    def _is_cut(self, edit: Edit, shown: str) -> bool:
        """Say whether a text grew in the hub (a note on the closing) beyond what a tool holds."""
        limit = self.witness.facts[edit.tool].limits.get(edit.field, len(shown) + 1)
        short = shown.removesuffix("…")
        return (
            len(shown) == limit and edit.text.startswith(short) and f"{edit.text}\n" in self.texts
        )

    def _check_works(self) -> Iterator[str]:
        for work, n in self.works.items():
            if work is not None and n > self.witness.most(work):
                yield f"one row each: {n} items of {work}, at most {self.witness.most(work)} can be"
        standing = self._standing()
        for work in self.witness.wanted:
            if not self.works[work] and work not in self.texts and work not in standing:
                yield f"loses nothing: {work} is forgotten"

    def _check_closed(self) -> Iterator[str]:
        for item in self.hub.items.values():
            evidence = {item.id, work_of(item)} & self.witness.ever_deleted
            if item.closed and not evidence and item.id not in self.witness.closed_by_command:
                yield f"deletes by evidence: {item.id} ({item.description}) was closed by nobody"
        for deletion in self.witness.deletions:
            gone = self.hub.items.get(deletion.item or "")
            if deletion.excused or gone is None or gone.closed or gone.status == "done":
                continue
            if not deletion.alone or self.works[deletion.name] > 1:
                continue
            if self.witness.edited_elsewhere(deletion.name, deletion.tool, since=deletion.since):
                continue
            yield f"deletes by evidence: {gone.id} was deleted in {deletion.tool}, and is open"

    def _check_settled(self) -> Iterator[str]:
        for item in self.hub.items.values():
            work = work_of(item)
            if work is None or self.works[work] > 1:
                continue
            for name, value in values_of(item).items():
                was = self.witness.settled.get((work, name), value)
                if was != value:
                    yield f"converges: {item.id} {name} was {was!r}, nobody changed it: {value!r}"

    def _standing(self) -> str:
        return "\n".join(
            str(plain(tool.desk.read(uid, name)))
            for tool in self.tools.values()
            for uid in tool.desk.rows()
            for name in (*TEXTS, "owner", "due")
        )

    def _standing_days(self) -> set[object]:
        return {
            tool.desk.read(uid, "due") for tool in self.tools.values() for uid in tool.desk.rows()
        }


class _Notes:
    """Open findings, by what they are about."""

    def __init__(self, notes: Iterable[Note]) -> None:
        self._codes: dict[tuple[str, str | None], set[str]] = defaultdict(set)
        self._about: dict[tuple[str, str | None, str], set[str]] = defaultdict(set)
        self.unsure: set[tuple[str, str]] = set()  # places of rows that may be one or another
        self.places: set[tuple[str, str]] = set()
        for note in notes:
            self.places.add((note.tracker, note.about))
            if note.code == "match-uncertain":
                self.unsure.add((note.tracker, note.about))
            self._codes[note.tracker, note.item].add(note.code)
            self._about[note.tracker, note.item, note.about].add(note.code)

    def any(self, tracker: str, item: str, *codes: str) -> bool:
        return bool(self._codes.get((tracker, item), set()) & set(codes))

    def on(self, tracker: str, item: str) -> bool:
        return bool(self._codes.get((tracker, item)))

    def about(self, tracker: str, item: str, about: str, *codes: str) -> bool:
        found = self._about.get((tracker, item, about), set())
        return bool(found & set(codes)) if codes else bool(found)


def mass_closed(tool: str, closed: int, rows: int, *, left: int) -> str | None:
    """Say whether a pass took more for deleted than it may without asking."""
    if closed > MOST_ROWS and closed > MOST_SHARE * rows + 1:
        return f"the guard: {closed} of {rows} items closed at once by {tool}"
    if closed > 1 and not left:
        return f"the guard: all {closed} items closed at once by {tool}"
    return None


def mass_made(witness: Witness, tool: str, made: int) -> str | None:
    """Say whether a pass took in more rows than it may without asking."""
    if made > MOST_UNKNOWN and not witness.epoch:
        return f"the guard: {made} unknown rows taken in at once from {tool}"
    return None
