"""Changes to items gathered in one transaction, and written with their log lines. I/O by handle."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from mapping import ids
from mapping.lens import Value, values, with_value
from mapping.people import Directory
from mapping.values import Closed, Item
from sync.stored import Change, Stored
from sync.transaction import Transaction


class RuleOutcome(Protocol):
    """What a rule wants an item to be."""

    @property
    def item(self) -> Item: ...  # noqa: D102
    @property
    def rule(self) -> str: ...  # noqa: D102
    @property
    def why(self) -> str: ...  # noqa: D102


Rules = Callable[[Iterable[tuple[Item, Mapping[str, str]]], datetime], Sequence[RuleOutcome]]


class Ledger:
    """Reads items when they are asked for; `flush` writes what changed, log lines first."""

    def __init__(self, tx: Transaction, directory: Directory, at: str) -> None:
        self.tx = tx
        self.directory = directory
        self.at = at
        self._items: dict[str, Stored] = {}
        self._all = False
        self._changed: dict[str, int] = {}
        self._born: dict[str, int] = {}
        self._settled: set[str] = set()
        self._log: list[Change] = []
        self._taken: set[str] | None = None

    def load(self, wanted: Iterable[str] | None = None) -> dict[str, Stored]:
        """Read items into the ledger: these, or all; return what it holds now."""
        if wanted is None:
            if not self._all:
                self._items = {**self.tx.items(), **self._items}
                self._all = True
            return self._items
        missing = [i for i in wanted if i not in self._items]
        if missing and not self._all:
            self._items |= self.tx.some_items(missing)
        return self._items

    def get(self, item_id: str) -> Stored | None:
        """Return an item as it is now, None if there is none."""
        return self.load([item_id]).get(item_id)

    def draw(self, seed: str) -> str:
        """Draw an id that no item has."""
        if self._taken is None:
            self._taken = self.tx.item_ids()
        attempt = 0
        while (item_id := ids.draw(self.tx.team, seed, attempt)) in self._taken:
            attempt += 1
        return item_id

    def note(self, change: Change) -> None:
        """Add a line to the log that changes no item."""
        self._log.append(change)

    def create(self, item: Item, *, origin: str, place: str, why: str, actor: str | None) -> None:
        """Add a new item; from now on it counts as known to us."""
        item = replace(item, created_at=datetime.fromisoformat(self.at))
        known = {n: origin for n, v in values(item).items() if v not in (None, ())}
        self._items[item.id] = Stored(item=item, origins=known)
        if self._taken is not None:
            self._taken.add(item.id)
        self._mark(
            Change(
                item=item.id,
                kind="create",
                place=place,
                why=why,
                actor=actor,
                field="description",
                new=item.description,
            )
        )

    def change(
        self,
        item_id: str,
        name: str,
        new: Value,
        *,
        origin: str,
        place: str,
        why: str,
        actor: str | None = None,
    ) -> None:
        """Set one field of an item."""
        stored = self._items[item_id]
        old = values(stored.item)[name]
        item = with_value(stored.item, name, new, self.directory)
        self._items[item_id] = replace(stored, item=item, origins={**stored.origins, name: origin})
        self._mark(
            Change(
                item=item_id,
                kind="change",
                place=place,
                why=why,
                actor=actor,
                field=name,
                old=old,
                new=new,
            )
        )

    def amend(self, item: Item, change: Change) -> None:
        """Replace an item as a whole, with the log line that tells why."""
        self._items[item.id] = replace(self._items[item.id], item=item)
        self._mark(change)

    def settle(self, item: Item) -> None:
        """Replace what trackers do not carry of an item; its fields were changed one by one."""
        self._items[item.id] = replace(self._items[item.id], item=item)
        self._settled.add(item.id)

    def close(self, item_id: str, closed: Closed, *, place: str, actor: str | None) -> None:
        """Close an item that will not be done; its rows get a note."""
        item = self._items[item_id].item
        note = self._closing_note(closed)
        self.amend(
            replace(item, closed=closed, note=f"{item.note}\n{note}" if item.note else note),
            Change(item=item_id, kind="close", place=place, why=closed.why, actor=actor),
        )

    def reopen(self, item: Item, *, why: str, place: str, actor: str | None) -> None:
        """Take a closed item up again; the note on its closing goes."""
        change = Change(item=item.id, kind="reopen", place=place, why=why, actor=actor)
        self.amend(self.opened(item), change)

    def opened(self, item: Item) -> Item:
        """Return an item as it is open, without the note on its closing."""
        note = item.note or ""
        if item.closed is not None:
            note = note.replace(self._closing_note(item.closed), "").strip("\n")
        return replace(item, closed=None, note=note or None)

    def _closing_note(self, closed: Closed) -> str:
        if self.directory.team.language == "zh":
            return f"【已关闭：{closed.why}，{closed.on}】"
        return f"[closed: {closed.why}, {closed.on}]"

    def _mark(self, change: Change) -> None:
        self._log.append(change)
        if change.item is not None:
            self._changed[change.item] = len(self._log)
            self._born.setdefault(change.item, len(self._log))

    @property
    def changed(self) -> Mapping[str, int]:
        """Which items changed since the last flush."""
        return self._changed

    def flush(self) -> None:
        """Write the log and the changed items."""
        if self._settled:
            self.tx.put_items(self._items[i] for i in self._settled)
            self._settled = set()
        if not self._log:
            return
        last = self.tx.log(self._log, self.at)
        first = last - len(self._log)
        for item_id, n in self._changed.items():
            stored = self._items[item_id]
            born = stored.born or first + self._born[item_id]
            self._items[item_id] = replace(stored, rev=first + n, born=born)
        self.tx.put_items(self._items[i] for i in self._changed)
        over = [i for i in self._changed if not self._items[i].item.is_open]
        self.tx.close_findings(f"item-gone:{i}" for i in over)
        self._log, self._changed, self._born = [], {}, {}


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
