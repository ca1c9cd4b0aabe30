"""Broken engines: one-line defects put into a copy of the shipped source, and who finds them.

``python -m simulation.mutants`` (from the folder ``tests``) plays histories against each until the
oracle finds it out, and prints after how many; ``--most`` bounds them, ``--only`` names some.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("connectors", "mapping", "sync", "tracking")
BATCH = 20  # histories a process plays before it is asked whether that was enough


@dataclass(frozen=True, slots=True)
class Mutant:
    """A deliberate defect: ``old``, which stands once in ``file``, becomes ``new``."""

    name: str
    file: str
    old: str
    new: str


MUTANTS = (
    Mutant(
        "journal left out",
        "sync/push.py",
        "tx.put_intents(self.tracker.name, [_intent(p, at) for p in plans])",
        "tx.put_intents(self.tracker.name, [])",
    ),
    Mutant(
        "lost answer taken for not sent",
        "sync/push.py",
        "            raise  # the journal keeps the intents",
        "            self._forget(plans); raise",
    ),
    Mutant(
        "base moved without an answer",
        "sync/recorder.py",
        "        if not isinstance(error, PermanentError):\n            return None",
        "        if not isinstance(error, PermanentError):\n"
        "            return start and replace(start, rev=plan.rev)",
    ),
    Mutant(
        "answer of a creation not linked",
        "sync/recorder.py",
        "        tx.put_links(name, links)",
        "        tx.put_links(name, [x for x in links if x.item in known])",
    ),
    Mutant(
        "read-back skipped: what was sent is the base",
        "sync/recorder.py",
        "base[name] = Based(cell, plan.ours[name])",
        "base[name] = Based(plan.cells.get(name, cell), plan.ours[name])",
    ),
    Mutant(
        "a row in doubt is written",
        "sync/push.py",
        "            if item_id in in_doubt:",
        "            if False and item_id in in_doubt:",
    ),
    Mutant(
        "findings outlive their row",
        "sync/findings.py",
        "    drop_rows(tx, rows.scope.name, rows.forgotten)",
        "    pass",
    ),
    Mutant(
        "a missing row is read as deleted",
        "sync/absence.py",
        "told[item_id] = Fate(record.state.value)",
        "told[item_id] = Fate.GONE",
    ),
    Mutant(
        "not visible is deleted",
        "sync/look.py",
        "hidden=fate is Fate.HIDDEN",
        "hidden=False",
    ),
    Mutant(
        "not found, and nobody says why, is deleted",
        "sync/absence.py",
        "if complete and now - since[i] >= ABSENT_FOR}",
        "if complete}",
    ),
    Mutant(
        "an incomplete look counts as complete",
        "sync/absence.py",
        "    if changes.complete:\n        return lost",
        "    if True:\n        return lost",
    ),
    Mutant(
        "no complete look again",
        "sync/engine.py",
        ">= COMPLETE_EVERY * state",
        "< -COMPLETE_EVERY * state",
    ),
    Mutant(
        "lag ignored: not found yet is not there",
        "sync/doubt.py",
        "elif not young:",
        "else:",
    ),
    Mutant(
        "a search that lags is believed",
        "sync/look.py",
        "for intent in tx.past(name):",
        "for intent in ():",
    ),
    Mutant(
        "undocumented lag taken for none",
        "sync/lag.py",
        "DEFAULT_LAG_S = 120.0",
        "DEFAULT_LAG_S = 0.0",
    ),
    Mutant(
        "a row that is found is no answer",
        "sync/doubt.py",
        'intent = _nearest([asked, *older], record) if asked.kind == "create" else asked',
        "return",
    ),
    Mutant(
        "guard off: losses",
        "sync/guard.py",
        "    if not lost or not (many or (whole and whole >= rows)):",
        "    if True:",
    ),
    Mutant(
        "guard off: another table",
        "sync/guard.py",
        "    if not known or known == found:",
        "    if True:",
    ),
    Mutant(
        "guard off: first contact",
        "sync/guard.py",
        "    if len(unknown) <= MOST_UNKNOWN:",
        "    if True:",
    ),
    Mutant(
        "a copied row shares the item",
        "sync/look.py",
        "        for record, item_id in matched.copies:",
        "        for record, item_id in ():",
    ),
    Mutant(
        "the youngest of two rows is the original",
        "sync/match.py",
        "0 if stable_rows and link and r.row_id == link.row_id else 1,",
        "1 if stable_rows and link and r.row_id == link.row_id else 0,",
    ),
    Mutant(
        "a second row of one request stays",
        "sync/look.py",
        "look.memory.late = list(matched.late)",
        "look.memory.late = []",
    ),
    Mutant(
        "a creation that was given up counts for ever",
        "sync/look.py",
        "        if look.changes.complete:\n            last, listed",
        "        if False:\n            last, listed",
    ),
    Mutant(
        "the loser of a conflict is not logged",
        "sync/merge.py",
        "conflicts.append(Conflict(field=name, kept=kept, lost=lost, tool_won=won))",
        "takes.append(Take(field=name, old=mine, new=kept))",
    ),
    Mutant(
        "the tool always loses",
        "sync/merge.py",
        "won = wins.get(name, True)",
        "won = False",
    ),
    Mutant(
        "an unreadable cell is empty",
        "sync/merge.py",
        "        elif not seen.readable:",
        "        elif False:",
    ),
    Mutant(
        "base left where it was",
        "sync/rows.py",
        "        base = {**known.base, **merged.base}",
        "        base = {**merged.base, **known.base}",
    ),
    Mutant(
        "a row is not told to be behind after a conflict",
        "sync/rows.py",
        "rev=0 if behind else known.rev",
        "rev=known.rev",
    ),
    Mutant(
        "an echo is compared with the hub",
        "sync/plan.py",
        "        if based.ours == ours[name] and not based.again:",
        "        if based.cell == ours[name] and not based.again:",
    ),
    Mutant(
        "a report of completion is overwritten (D5)",
        "sync/plan.py",
        'return ("status", "completed") if says_done else ()',
        "return ()",
    ),
    Mutant(
        "a deletion beats an edit elsewhere",
        "sync/rows.py",
        "if item.is_open and (by_us or self._edited_elsewhere(stored, link)):",
        "if item.is_open and by_us:",
    ),
    Mutant(
        "a deleted row closes nothing",
        "sync/rows.py",
        "        if not item.is_open:\n            return\n        self.tally.closed += 1",
        "        if True:\n            return\n        self.tally.closed += 1",
    ),
    Mutant(
        "a row deleted in a file closes nothing",
        "sync/rows.py",
        "        if not item.is_open:\n            return\n        self.tally.closed += 1",
        "        if not item.is_open or self.whole_file:\n            return\n"
        "        self.tally.closed += 1",
    ),
    Mutant(
        "a row that people add is never taken in if it holds a note",
        "sync/look.py",
        "            rows.adopt(record)\n",
        '            if not record.cells.get("note"):\n                rows.adopt(record)\n',
    ),
    Mutant(
        "a restored row does not reopen its item",
        "sync/rows.py",
        "if item.closed and item.closed.why == self._gone_why(self.scope.name):",
        "if False:",
    ),
    Mutant(
        "rows with our ids are not taken back into an empty store",
        "sync/look.py",
        "            for item_id, record in seen.matched.rebuilt.items():\n"
        "                rows.rebuild(item_id, record)\n            self._write()",
        "            self._write()",
    ),
    Mutant(
        "an older copy of a file is a person's edit",
        "sync/states.py",
        "        older = known < current",
        "        older = False",
    ),
    Mutant(
        "states of a file are not remembered",
        "sync/rewind.py",
        "    rows.ledger.tx.remember(rows.scope.name, seq, rows.before)",
        "    pass",
    ),
    Mutant(
        "cursor exclusive",
        "connectors/memory/__init__.py",
        "if table.edit_time(state.at) >= since",
        "if table.edit_time(state.at) > since",
    ),
    Mutant(
        "cursor not cut back by the lag",
        "connectors/memory/__init__.py",
        "reached = table.edit_time(now - timedelta(seconds=table.search_lag_s))",
        "reached = table.edit_time(now)",
    ),
    Mutant(
        "versions are not checked",
        "sync/plan.py",
        "if_version=link.if_version if link else None,",
        "if_version=None,",
    ),
    Mutant(
        "cursor moves before the look is kept",
        "sync/engine.py",
        "        look = Look(",
        "        self._ahead(tracker, state, changes)\n        look = Look(",
    ),
    Mutant(
        "the lease is not asked",
        "sync/store.py",
        "if self.fence is not None and tx.fence() != self.fence:",
        "if False:",
    ),
    Mutant(
        "another team's rows are ours",
        "sync/match.py",
        "        elif ids.is_of(team, item_id):",
        "        elif True:",
    ),
    Mutant(
        "an emptied set is not merged",
        "sync/merge.py",
        "if (x in m and x in t) or (x not in b))",
        "if x in m or x in t)",
    ),
    Mutant(
        "minutes beat a person",
        "sync/merge.py",
        'person = origins.get(name, "")',
        'person = origins.get("", "")',
    ),
    Mutant(
        "minutes overwrite without a line in the log",
        "sync/merge.py",
        "conflicts.append(Conflict(field=name, kept=mine, lost=new, tool_won=False))",
        "pass",
    ),
    Mutant(
        "a column that comes back is not made up for",
        "sync/push.py",
        "    tx.plan_again(tracker)",
        "    pass",
    ),
)
EXTRA = {  # helpers that some mutants call; appended to the file
    "sync/push.py": (
        "\n\ndef _forget(self: Push, plans: list[RowPlan]) -> None:\n"
        "    with self.store.transaction() as tx:\n"
        "        tx.settle([p.token for p in plans])\n\n\n"
        "Push._forget = _forget\n"
    ),
    "sync/engine.py": (
        "\n\ndef _ahead(self, tracker, state, changes):\n"
        "    with self.store.transaction() as tx:\n"
        "        if state.contacted:\n"
        "            tx.put_tracker(tracker.name, replace(state, cursor=changes.cursor))\n\n\n"
        "Engine._ahead = _ahead\n"
    ),
}


def stale() -> list[str]:
    """Return the names of mutants whose ``old`` does not stand once in their file."""
    out = []
    for mutant in MUTANTS:
        text = (ROOT / mutant.file).read_text(encoding="utf-8")
        if text.count(mutant.old) != 1:
            out.append(f"{mutant.name}: {text.count(mutant.old)} times in {mutant.file}")
    return out


def copy_source(folder: Path, mutant: Mutant | None) -> None:
    """Copy the packages that are played with, with a defect in them."""
    for package in PACKAGES:
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, folder / package, ignore=ignore, dirs_exist_ok=True)
    if mutant is not None:
        path = folder / mutant.file
        text = path.read_text(encoding="utf-8").replace(mutant.old, mutant.new)
        path.write_text(text + EXTRA.get(mutant.file, ""), encoding="utf-8")


def broken_seeds(folder: Path, seeds: Sequence[int]) -> list[int]:
    """Play seeds against a copy of the source in a process of its own; return those that broke."""
    run = _play(folder, seeds)
    if run.returncode:
        return list(seeds[:1])  # a program that does not even run is found out at once
    return [int(seed) for seed in run.stdout.split()]


def _play(folder: Path, seeds: Sequence[int]) -> subprocess.CompletedProcess[str]:
    code = "import sys; from simulation.mutants import _child; _child(sys.argv[1:])"
    paths = os.pathsep.join((str(folder), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")))
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, seeds)],
        env={**os.environ, "PYTHONPATH": paths},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@cache
def shipped_breaks(seed: int) -> bool:
    """Say whether the shipped engine breaks a promise in this history too.

    Raises:
        RuntimeError: it does not even run here.
    """
    with tempfile.TemporaryDirectory() as shipped:
        copy_source(Path(shipped), None)
        run = _play(Path(shipped), [seed])
    if run.returncode:
        raise RuntimeError(f"the shipped source does not run here:\n{run.stderr}")
    return bool(run.stdout.split())


def _child(seeds: Sequence[str]) -> None:
    from simulation.play import play  # noqa: PLC0415  # here, where the broken source is found

    for seed in seeds:
        try:
            play(int(seed), "long")
        except Exception:  # noqa: BLE001  # a broken promise, or a program that broke by it
            print(seed, flush=True)
            return


def hunt(mutant: Mutant, *, most: int, first: int = 0) -> int | None:
    """Play histories against a mutant; return after how many it was found, None if it was not.

    A history counts only if the shipped engine passes it.
    """
    with tempfile.TemporaryDirectory() as broken:
        copy_source(Path(broken), mutant)
        at = first
        while at < first + most:
            seeds = range(at, min(at + BATCH, first + most))
            found = broken_seeds(Path(broken), seeds)
            if not found:
                at = seeds.stop
            elif shipped_breaks(found[0]):
                at = found[0] + 1
            else:
                return found[0] + 1 - first
    return None


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m simulation.mutants", description=__doc__)
    parser.add_argument("--most", type=int, default=400, help="histories for one mutant")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", default="", help="part of a name")
    args = parser.parse_args()
    for name in stale():
        print(f"does not fit the source: {name}")
    chosen = [m for m in MUTANTS if args.only in m.name]
    missed = 0
    with ThreadPoolExecutor(args.jobs) as pool:
        found = pool.map(lambda m: hunt(m, most=args.most), chosen)
        for mutant, after in zip(chosen, found, strict=True):
            told = f"caught after {after}" if after else f"NOT CAUGHT in {args.most}"
            print(f"{mutant.name:55} {told}", flush=True)
            missed += after is None
    print(f"{len(chosen) - missed} of {len(chosen)} caught")
    return 1 if missed or stale() else 0


if __name__ == "__main__":
    sys.exit(main())
