"""What the answers to writes come to: links, bases, log, findings and journal. I/O by handle."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.base import Outcome, Schema
from connectors.errors import (
    BusyError,
    ConflictError,
    ConnectorError,
    PermanentError,
    SchemaError,
    TransientError,
    UnknownOutcomeError,
)
from mapping.cells import is_empty, show
from mapping.cells import to_json as cell_to_json
from mapping.lens import CUT
from mapping.people import Directory
from mapping.values import Finding, Severity
from sync.lag import lag_of
from sync.links import REFUSED, Link, stale
from sync.merge import Base, Based, says
from sync.plan import UNWRITTEN, RowPlan
from sync.stored import Change, Intent
from sync.tracker import Tally, Tracker
from sync.transaction import Transaction

Told = tuple[RowPlan, Outcome | None]
FOR_GOOD = (PermanentError, SchemaError)  # refusals of a write as it is
SHOWN = 40  # characters of a refused value that are told


@dataclass(frozen=True, kw_only=True)
class Recorder:
    """Records what came of one tracker's writes of one pass."""

    tracker: Tracker
    schema: Schema
    directory: Directory
    now: datetime
    tally: Tally

    def record(self, tx: Transaction, told: Sequence[Told]) -> None:
        """Record outcomes row by row: link, base, log; the base moves only with an answer."""
        name, at = self.tracker.name, self.now.isoformat()
        known = tx.links(name, [p.item for p, _ in told])
        again = {
            i for i, link in known.items() if link.state == "back"
        }  # what they say is told anew
        links: list[Link] = []
        before: dict[str, Base | None] = {}
        lines: list[Change] = []
        found: dict[str, Finding | None] = {}
        for plan, outcome in told:
            error = outcome.error if outcome else None
            row = self._row(plan, outcome)
            unwritten = plan.cells.keys() if error and outcome and outcome.record is None else ()
            found |= {
                f"{plan.item}:{n}": f and replace(f, row=row, item=plan.item)
                for n, f in plan.findings.items()
                if f or n.removesuffix(UNWRITTEN) not in unwritten  # else it is told still
            }
            if isinstance(error, UnknownOutcomeError):
                continue
            refused = _refused_of_a_written_row(outcome)
            if refused and error:
                found[f"{plan.item}:{refused}{UNWRITTEN}"] = self._row_error(
                    plan, error, row, self.refusal(plan, refused, error)
                )
            wrong = self._row_error(plan, error, row) if error and not refused else None
            silent = plan.do == "remove" or plan.parked  # what is told of the row stands
            if wrong or not silent:
                found[f"{plan.item}:row"] = wrong
            old = known.get(plan.item)
            link = None if plan.do == "remove" else _link_after(plan, outcome, old, self.schema)
            shown = set(outcome.record.cells) if outcome and outcome.record else set()
            is_short = outcome is not None and not shown >= self.schema.fields.keys()
            if link is not None and (is_short or plan.item in again):
                link = replace(link, version=stale(link.version))  # it is to be looked at again
            if link is not None:
                links.append(link)
                was = old.base if old and old.state != "gone" else None
                if was != link.base:
                    before[plan.item] = was
            removed = plan.do == "remove" and error is None
            if outcome is not None and (outcome.record is not None or removed):
                lines.append(self._line(plan))
                self._count(plan)
        tx.put_links(name, links)
        self.strike_out(tx, told)
        tx.log(lines, at)
        tx.keep_findings(f"tracker:{name}", found, at)
        self._keep_past(tx, told)
        if self.schema.whole_file and (before or lines or again):
            state = tx.tracker(name)
            seq = state.seq + bool(before)
            tx.remember(name, seq, before)
            # the file is another one now: what was read before may come back as an older copy
            tx.put_tracker(name, replace(state, seq=seq, cursor=None))

    def strike_out(self, tx: Transaction, told: Sequence[Told]) -> None:
        """Strike writes out of the journal that were answered.

        That a creation was not carried out when it was sent again tells nothing of the first time:
        that request may come late yet, and a new one would make a second row. It stays open, to be
        sent under the same token; refused for good, it is given up (failure 4). A file has no late
        requests: the look told what stands in it.
        """
        over, lost = [], []
        for plan, outcome in told:
            error = outcome.error if outcome else None
            is_in_doubt = plan.resent and not self.schema.whole_file
            is_in_doubt = is_in_doubt and outcome is not None and outcome.record is None
            if is_in_doubt and isinstance(error, FOR_GOOD):
                lost.append(plan.token)
            elif plan.token and not is_in_doubt and not isinstance(error, UnknownOutcomeError):
                over.append(plan.token)
        tx.settle(over)
        tx.settle(lost, lost=True)

    def _keep_past(self, tx: Transaction, told: Sequence[Told]) -> None:
        """Keep what of rows is past, where the tool's search may still show it.

        That is the version that was read, and, where the tool did not check that it wrote over
        that very one, what stood in the cells: a person may have made another in between.
        """
        if not lag_of(self.schema):
            return
        past = []
        for plan, outcome in told:
            if plan.link is None or outcome is None or outcome.record is None:
                continue
            if isinstance(outcome.error, UnknownOutcomeError):
                continue  # its journal row is still open
            version = plan.link.if_version
            is_checked = bool(version) and self.schema.checks_version
            before = {} if is_checked else {n: cell_to_json(c) for n, c in plan.before.items()}
            if version or before:
                data = {"version": version, "cells": before}
                at = self.now.isoformat()
                past.append(
                    Intent(token=plan.token, item=plan.item, kind=plan.do, at=at, data=data)
                )
        tx.put_past(self.tracker.name, past)

    def _row(self, plan: RowPlan, outcome: Outcome | None) -> str:
        """Return what to call the row of a plan, one that is not made yet by its item."""
        made = outcome.record.label if outcome and outcome.record else ""
        return made or plan.label or f"{self.tracker.name} {plan.item}"

    def refusal(self, plan: RowPlan, name: str, error: ConnectorError) -> str:
        """Return why a cell was not written, with what it was to say."""
        language = self.directory.team.language
        field, told = self.schema.fields.get(name), show(plan.cells.get(name))
        label = field.label if field else name
        told = told if len(told) <= SHOWN else told[:SHOWN] + CUT
        zh, en = f"“{label}”里的“{told}”：", f'"{told}" in "{label}": '
        return (zh if language == "zh" else en) + error.text(language)

    def _row_error(
        self, plan: RowPlan, error: ConnectorError, row: str, message: str = ""
    ) -> Finding | None:
        if isinstance(error, (ConflictError, TransientError, BusyError)):
            return None  # nobody needs to do anything: the next pass reads again
        return Finding(
            code="option-unknown" if isinstance(error, SchemaError) else "unreadable",
            message=message or error.text(self.directory.team.language),
            severity=Severity.ERROR,
            row=row,
            item=plan.item,
        )

    def _count(self, plan: RowPlan) -> None:
        if plan.do == "create":
            self.tally.created += 1
        else:
            self.tally.updated += 1

    def _line(self, plan: RowPlan) -> Change:
        name = self.tracker.name
        row = f"{plan.link.label} ({plan.link.row_id})" if plan.link else ""
        zh = self.directory.team.language == "zh"
        fields = "、".join(plan.cells) if zh else ", ".join(plan.cells)
        why = f"写入 {name}：{fields}" if zh else f"written to {name}: {fields}"
        if plan.do == "remove":
            why = (
                f"同一编号的第二行 {row} 已从 {name} 删除，较早的一行保留"
                if zh
                else f"the second row with this id, {row}, was taken out of {name}; the older stays"
            )
        elif not plan.cells:
            why = f"把编号写入 {name} 的行" if zh else f"its id was written into its row in {name}"
        return Change(item=plan.item, kind=f"row-{plan.do}", place=name, why=why)


def _refused_of_a_written_row(outcome: Outcome | None) -> str:
    """Return the field that was refused while the rest of its row was written; else empty."""
    if outcome is None or outcome.record is None:
        return ""
    return outcome.error.field if isinstance(outcome.error, PermanentError) else ""


def _link_after(
    plan: RowPlan, outcome: Outcome | None, known: Link | None, schema: Schema
) -> Link | None:
    """Return the link as it is after an outcome, None if there is none yet."""
    start = None if plan.do == "create" else known or plan.link
    if outcome is None:
        known = start and replace(start, base={**start.base, **plan.settled}, rev=plan.rev)
        return known and replace(known, state="live", parked=0)
    record, error = outcome.record, outcome.error
    if record is None:
        if not isinstance(error, PermanentError):
            return None
        parked = start or Link(item=plan.item, row_id="", state=REFUSED)
        return replace(parked, parked=plan.parked or plan.rev)
    base = {**(start.base if start else {}), **plan.settled}
    for name, cell in record.cells.items():
        other = name in plan.cells and not says(cell, plan.cells[name])
        follows = name in schema.fields and schema.fields[name].follows  # set by a call of its own
        new = start is None and error is None and not is_empty(cell) and not follows
        if other and (plan.resent or new):
            base[name] = Based(plan.cells[name], plan.ours[name])  # edited since: for the merge
        elif new and name in plan.ours and not plan.ours[name] and not isinstance(cell, tuple):
            base[name] = Based(None, None)  # it was made empty; people who are set come of the tool
        elif start is None and schema.whole_file and not says(cell, plan.cells.get(name)):
            continue  # it stood there already, and nothing is agreed: for the merge
        elif name in plan.cells or (start is None and name in plan.ours):
            base[name] = Based(cell, plan.ours[name])
    as_left = all(n in base and base[n].cell == c for n, c in record.cells.items())
    return Link(
        item=plan.item,
        row_id=record.row_id,
        version=record.version
        if as_left
        else stale(record.version),  # edited meanwhile: look again
        link=record.link,
        label=record.label,
        rev=plan.rev,
        parked=plan.parked,
        base=base,
    )
