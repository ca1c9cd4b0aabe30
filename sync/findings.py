"""The findings on one tracker, as they are kept: on cells, rows and the table. I/O by handle.

What a finding is about is its key: ``ITEM:FIELD`` a cell that cannot be read, ``ITEM:FIELD>`` one
that could not be written (``UNWRITTEN``), ``ITEM:row`` the item's row as a whole; ``row:PLACE`` a
row of which nobody can tell whose it is; ``table:...`` the table.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from connectors.base import Changes, Record, Schema
from mapping.cells import show
from mapping.values import Finding, Severity
from mapping.words import clean
from sync.match import Matched
from sync.plan import UNWRITTEN
from sync.rows import Rows
from sync.transaction import Transaction

# --- what stands there ---


def unread(tx: Transaction, tracker: str, fields: Collection[str]) -> dict[str, list[str]]:
    """Return, by item, the fields that could not be read."""
    out: dict[str, list[str]] = {}
    for found in tx.findings(f"tracker:{tracker}"):
        item_id, _, name = found.about.partition(":")
        if name in fields:
            out.setdefault(item_id, []).append(name)
    return out


def unwritten(tx: Transaction, tracker: str) -> dict[str, list[str]]:
    """Return, by item, the fields that could not be written."""
    out: dict[str, list[str]] = {}
    for found in tx.findings(f"tracker:{tracker}"):
        item_id, _, name = found.about.partition(":")
        if name.endswith(UNWRITTEN):
            out.setdefault(item_id, []).append(name.removesuffix(UNWRITTEN))
    return out


def is_refusing(tx: Transaction, tracker: str) -> bool:
    """Say whether there is a field or a row that the tool would not have as it is."""
    about = [f.about for f in tx.findings(f"tracker:{tracker}")]
    return any(a.endswith((UNWRITTEN, ":row")) for a in about)


def unclear(tx: Transaction, tracker: str) -> set[str]:
    """Return the rows of which the last complete look could not tell whose they are."""
    about = [f.about for f in tx.findings(f"tracker:{tracker}")]
    return {a.removeprefix("row:") for a in about if a.startswith("row:")}


# --- what a look tells ---


def keep_rows(tx: Transaction, rows: Rows) -> None:
    """Keep what a look told of rows; those that stand elsewhere now are called so."""
    source, at = f"tracker:{rows.scope.name}", rows.ledger.at
    drop_rows(tx, rows.scope.name, rows.forgotten)
    known = {f.about for f in tx.findings(source)} if rows.findings else ()
    found = {
        a: f
        for a, f in rows.findings.items()
        if a in known or (f is not None and a not in rows.told_elsewhere)
    }
    tx.keep_findings(source, found, at)
    labels = {i: link.label for i, link in rows.moved.items() if link.label}
    if not labels:
        return
    moved = {
        f.about: replace(f.finding, row=label)
        for f in tx.findings(source)
        if (label := labels.get(f.about.partition(":")[0])) and f.finding.row != label
    }
    tx.put_findings(source, moved, at)


def drop_rows(tx: Transaction, tracker: str, items: Collection[str]) -> None:
    """Close what is told of the rows of items that have none."""
    if not items:
        return
    source = f"tracker:{tracker}"
    over = set(items)
    about = [f.about for f in tx.findings(source) if f.about.partition(":")[0] in over]
    tx.drop_findings(source, about)


def keep_table(
    tx: Transaction,
    tracker: str,
    changes: Changes,
    schema: Schema | None,
    found: Mapping[str, Finding],
    *,
    at: str,
) -> None:
    """Keep the findings on a table as a whole: those that stand keep the time they came.

    Args:
        tx: an open transaction.
        tracker: its name.
        changes: the look, with what the connector found; where it is complete, findings on rows
            that are no more are over.
        schema: what the tool does not carry; None if its rows were not looked at: what was found
            in them stands.
        found: further findings, by what they are about.
        at: now.
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
    over += ["row:"] if changes.complete else []
    stale = [
        f.about
        for f in tx.findings(source)
        if f.about.startswith(tuple(over)) and f.about not in now
    ]
    tx.drop_findings(source, stale)
    tx.put_findings(source, now, at)


def unsure(matched: Matched, say: Callable[[str, str], str], *, adopt: bool) -> dict[str, Finding]:
    """Return findings, one a row, on rows that may be an item that is known, or carry its id."""
    maybe: dict[str, tuple[Record, list[str]]] = {}
    for record, item_id in matched.uncertain:
        maybe.setdefault(record.row_id, (record, []))[1].append(item_id)
    out: dict[str, Finding] = {}
    for row_id, (record, items) in maybe.items():
        text = clean(show(record.cells.get("description")))
        message = say(
            f"“{text}”可能就是 {'、'.join(items)}，不能确定，未关联；"
            "若是同一项，请把它的编号填到该行的编号处",
            f'"{text}" may be {" or ".join(items)}; that is not certain and nothing was joined; '
            "if it is, put its id where the row's id belongs",
        )
        out[f"row:{row_id}"] = _of_row(record, message, items[0] if len(items) == 1 else None)
    for record, item_id in matched.waiting:
        message = say(
            f"这一行像是 {item_id}，而 {item_id} 原来的行暂时找不到；"
            "弄清原来的行是否已删除之后再处理",
            f"this row looks like {item_id}, whose own row cannot be found just now; it is dealt "
            "with once it is clear whether that one was deleted",
        )
        told = _of_row(record, message, item_id)
        out[f"row:{record.row_id}"] = replace(told, severity=Severity.INFO)
    for record, item_id in () if adopt else matched.copies:
        if record.row_id in matched.maybe_ours:
            continue  # nobody added it: it is an item
        message = say(
            f"这一行带着 {item_id} 的编号，而 {item_id} 另有一行；这个表中新增的行不收录，"
            "写在这里的内容不会同步：请删除这一行，或清除其编号",
            f"this row carries the id of {item_id}, which has a row of its own; rows that people "
            "add here do not become items, so what is written in it goes nowhere: delete it, or "
            "clear its id",
        )
        out[f"row:{record.row_id}"] = _of_row(record, message, item_id)
    return out


def _of_row(record: Record, message: str, item: str | None) -> Finding:
    return Finding(
        code="match-uncertain",
        message=message,
        severity=Severity.WARNING,
        row=record.label or record.row_id,
        item=item,
    )
