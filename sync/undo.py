"""Taking changes back: a new change each, that respects what was done since. I/O by handle."""

from collections.abc import Sequence
from datetime import datetime

from mapping.cells import is_empty
from mapping.lens import Value, values
from mapping.values import Closed
from sync.ledger import Ledger
from sync.merge import NEVER_EMPTY
from sync.stored import Change
from sync.transaction import Transaction

UNDONE = ("change", "conflict", "create", "close", "reopen")


def select(tx: Transaction, what: str) -> Sequence[Change]:
    """Return the changes that a word stands for, the newest first.

    ``17`` is one line of the log, ``pass:R-…`` all of a pass, ``actor:张三`` all of a person's.
    Passes and persons stand for edits that were taken over and for what rules and minutes changed;
    the loser of a conflict is brought back only by its own number.
    """
    kind, _, name = what.partition(":")
    if what.isdecimal():
        return [c for c in tx.changes() if c.seq == int(what) and c.kind in UNDONE]
    found = [c for c in tx.changes() if c.kind in UNDONE and c.kind != "conflict"]
    if kind == "pass":
        found = [c for c in found if c.run == name]
    elif kind == "actor":
        found = [c for c in found if c.actor == name]
    else:
        found = []
    return found[::-1]


def undo(ledger: Ledger, what: str, now: datetime, actor: str | None) -> str:
    """Take changes back where nothing later stands against it; say what became of each."""
    zh = ledger.directory.team.language == "zh"
    changes = select(ledger.tx, what)
    if not changes:
        return f"nothing to take back: no change {what}"
    answers = [_one(ledger, change, now, actor, zh=zh) for change in changes]
    return "; ".join(answers)


def _one(ledger: Ledger, change: Change, now: datetime, actor: str | None, *, zh: bool) -> str:
    stored = ledger.get(change.item or "")
    if stored is None:
        return f"{change.seq}: its item is gone"
    item = stored.item
    why = f"撤销第 {change.seq} 条" if zh else f"takes back {change.seq}"
    if change.kind in ("change", "conflict") and change.field:
        return _set_back(ledger, change, why, actor)
    if change.kind in ("create", "reopen"):
        if item.closed:
            return f"{change.seq}: {item.id} is closed already"
        ledger.close(item.id, Closed(on=now.date(), why=why), place="command", actor=actor)
        return f"{change.seq}: {item.id} closed"
    if item.closed is None:
        return f"{change.seq}: {item.id} is open already"
    ledger.reopen(item, why=why, place="command", actor=actor)
    return f"{change.seq}: {item.id} opened again"


def _set_back(ledger: Ledger, change: Change, why: str, actor: str | None) -> str:
    """Put a field's old value, or the loser of a conflict, in place of what it is now."""
    item_id, name = str(change.item), str(change.field)
    present: Value = values(ledger.load([item_id])[item_id].item)[name]
    lost = change.kind == "conflict"
    expected, wanted = (change.old, change.new) if lost else (change.new, change.old)
    if name in NEVER_EMPTY and is_empty(wanted):
        return f"{change.seq}: {name} of {item_id} cannot be empty; it stays"
    if present == wanted:
        return f"{change.seq}: {name} of {item_id} is so already"
    if present != expected:
        return f"{change.seq}: {name} of {item_id} was changed since; that stands"
    ledger.change(
        item_id, name, wanted, origin="command:undo", place="command", why=why, actor=actor
    )
    return f"{change.seq}: {name} of {item_id} taken back"
