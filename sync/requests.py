"""Decisions that commands wrote down, carried out by the next pass. I/O by handle."""

from dataclasses import replace
from datetime import datetime

from mapping.people import Directory
from mapping.refusals import refusal_line
from mapping.values import Closed, Status, Verified
from sync import outbox
from sync.intake import accept
from sync.ledger import Ledger
from sync.stored import Change, Request, Stored
from sync.transaction import Transaction
from sync.undo import undo


def carry_out(tx: Transaction, directory: Directory, request: Request, now: datetime) -> str:
    """Carry out what was asked for; return what became of it, in words.

    ``close`` and ``verify`` name an item, ``release`` a plan, ``undo`` changes, ``accept`` what
    may be an item, ``approve`` minutes that wait for the host. What no longer fits is answered
    with the reason and changes nothing.
    """
    ledger = Ledger(tx, directory, now.isoformat())
    result = _result(ledger, request, now)
    tx.answer(request.id, result)
    ledger.flush()
    return result


def _result(ledger: Ledger, request: Request, now: datetime) -> str:
    by = request.args.get("by")
    if request.verb == "release":
        return _release(ledger.tx, request)
    if request.verb == "undo":
        return undo(ledger, request.target, now, by)
    if request.verb == "accept":
        return accept(ledger.tx, ledger, request.target, by)
    if request.verb == "approve":
        return _approve(ledger.tx, request, now)
    stored = ledger.get(request.target)
    if stored is None:
        return f"no item {request.target}"
    if request.verb == "close":
        return _close(ledger, stored, request, now)
    if request.verb == "verify":
        zh = ledger.directory.team.language == "zh"
        return _verify(ledger, stored, request, now, zh=zh)
    return f"{request.verb}: this version does not know what that is"


def _release(tx: Transaction, request: Request) -> str:
    for name in tx.tracker_names():
        state = tx.tracker(name)
        if state.plan == request.target:
            tx.put_tracker(name, replace(state, released=(*state.released, request.target)))
            return f"{name}: let through, if what it was bound to still stands"
    return f"no tracker holds the plan {request.target}"


def _approve(tx: Transaction, request: Request, now: datetime) -> str:
    """Note what the host said of minutes (C3): of the very bytes that were there by then."""
    draft = outbox.draft(tx, request.target)
    if draft is None or draft.state == "approved":
        return "nothing waits for an approval: it is read already, or was taken out of the inbox"
    if draft.digest != request.args.get("digest"):
        return "another version came meanwhile: look at it and decide again"
    reason = request.args.get("refuse")
    state = "approved" if reason is None else "refused"
    by = request.args.get("by")
    outbox.put_draft(tx, replace(draft, state=state, by=by, at=now.isoformat(), reason=reason))
    return state


def _close(ledger: Ledger, stored: Stored, request: Request, now: datetime) -> str:
    if stored.item.closed:
        return "closed already"
    why = str(request.args.get("why", ""))
    ledger.close(
        stored.item.id,
        Closed(on=now.date(), why=why),
        place="command",
        actor=request.args.get("by"),
    )
    return "closed"


def _verify(ledger: Ledger, stored: Stored, request: Request, now: datetime, *, zh: bool) -> str:
    """Accept or refuse a reported completion (D5)."""
    item, by = stored.item, str(request.args.get("by") or "")
    if item.closed or item.verified or item.status is Status.DONE:
        return "nothing to check: it is closed or done already"
    if item.completed is None:
        return "no completion was reported yet"
    refusal = request.args.get("refuse")

    def change(name: str, value: object, why: str) -> None:
        ledger.change(
            item.id,
            name,
            value,  # type: ignore[arg-type]  # values of fields only
            origin="command:verify",
            place="command",
            why=why,
            actor=by or None,
        )

    if refusal is None:
        change("status", Status.DONE.value, "核实通过" if zh else "checked")
        checked = ledger.load([item.id])[item.id].item
        verified = Verified(by=by, on=now.date())
        ledger.amend(
            replace(checked, verified=verified),
            Change(item=item.id, kind="verify", place="command", why=by, actor=by or None),
        )
        return "done"
    why = f"未通过核实：{refusal}" if zh else f"not accepted: {refusal}"
    note = refusal_line(refusal, now.date(), "zh" if zh else "en")
    change("completed", None, why)
    ledger.amend(
        ledger.load([item.id])[item.id].item,
        Change(item=item.id, kind="refuse", place="command", why=refusal, actor=by or None),
    )
    change("note", f"{item.note}\n{note}" if item.note else note, why)
    return "sent back to the owner"
