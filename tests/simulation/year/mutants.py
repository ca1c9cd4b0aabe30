"""Broken notices: one-line defects put into a copy of the shipped source, and who finds them.

``python -m simulation.year.mutants`` (from the folder ``tests``) lets teams live under each defect
until the ledger finds it out, and prints after how many days; ``--only`` names some.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from simulation.mutants import ROOT, Mutant

PACKAGES = ("connectors", "mapping", "minuteloop", "minutes", "sync", "tracking")

MUTANTS = (
    Mutant(
        "what was sent leaves again",
        "tracking/outbox.py",
        "        elif row.state in _OPEN:\n            new = replace(row, notice=notice)",
        "        elif row.state in (*_OPEN, NoticeState.SENT):\n"
        "            new = replace(row, notice=notice, state=NoticeState.WAITING)",
    ),
    Mutant(
        "an alert that nobody heard is raised",
        "tracking/escalation.py",
        "    if tracked.alerted_at is None:\n        return False\n"
        "    last = max(filter(None, (tracked.alerted_at, tracked.moved_at)))\n"
        "    since = min(since, view.workdays.after(view.local(last).date()))",
        "    if tracked.moved_at:\n"
        "        since = min(since, view.workdays.after(view.local(tracked.moved_at).date()))",
    ),
    Mutant(
        "stale data is escalated",
        "tracking/view.py",
        "if self.scene.stale and any(",
        "if False and any(",
    ),
    Mutant(
        "the sent log is not asked",
        "minuteloop/sent_log.py",
        "        return {key: message for key, message in told.items() if message != _REFUSED}",
        "        return {}",
    ),
    Mutant(
        "nothing is noted before it goes on the wire",
        "minuteloop/notify.py",
        "        self._sent.leaving(keys, bundle.id)",
        "        pass",
    ),
    Mutant(
        "nothing is withdrawn",
        "tracking/outbox.py",
        "        if key not in wanted and row.state in _OPEN:",
        "        if False:",
    ),
    Mutant(
        "quiet hours are not kept",
        "tracking/outbox.py",
        "    if is_quiet(now.time(), quiet_hours):",
        "    if False:",
    ),
    Mutant(
        "what is sensitive goes to groups",
        "tracking/outbox.py",
        "if notice.kind in r.kinds and (r.personal or not notice.sensitive)",
        "if notice.kind in r.kinds",
    ),
    Mutant(
        "what is sensitive is told to anybody",
        "tracking/recipients.py",
        "        if not self.is_sensitive(item) or person in self.leaders:",
        "        if True:",
    ),
    Mutant(
        "what may have left by a robot goes again",
        "minuteloop/notify.py",
        "                    repeatable=channel.repeatable,",
        "                    repeatable=True,",
    ),
    Mutant(
        "what may have left after the copy goes again by robots",
        "tracking/outbox.py",
        "    if not repeatable:\n        return replace(row, state=NoticeState.UNKNOWN",
        "    if False:\n        return replace(row, state=NoticeState.UNKNOWN",
    ),
    Mutant(
        "what goes again takes new notices with it",
        "tracking/outbox.py",
        '            key: tuple[str, ...] = (row.channel, "again", row.message)',
        '            key: tuple[str, ...] = (row.channel, "one", row.notice.to)',
    ),
    Mutant(
        "each notice is a message of its own",
        "tracking/outbox.py",
        '            key = (row.channel, "one", row.notice.to)',
        '            key = (row.channel, "one", row.notice.key)',
    ),
    Mutant(
        "one full mailbox holds up the others",
        "minuteloop/notify.py",
        "                well = error.alone",
        "                well = False",
    ),
    Mutant(
        "days off are working days",
        "tracking/moments.py",
        "        self.today_is_one = calendar.is_workday(today)",
        "        self.today_is_one = True",
    ),
)


def stale() -> list[str]:
    """Return the names of mutants whose ``old`` does not stand once in their file."""
    out = []
    for mutant in MUTANTS:
        count = (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.old)
        if count != 1:
            out.append(f"{mutant.name}: {count} times in {mutant.file}")
    return out


def hunt(mutant: Mutant, *, teams: int, days: int, first: int = 1) -> tuple[int, int] | None:
    """Let teams live under a defect; return the team and the days after which it was found."""
    with tempfile.TemporaryDirectory() as folder:
        for package in PACKAGES:
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / package, Path(folder) / package, ignore=ignore)
        path = Path(folder) / mutant.file
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
        for seed in range(first, first + teams):
            found = _found(folder, seed, days)
            if found is not None:
                return seed, found
    return None


def _found(folder: str, seed: int, days: int) -> int | None:
    code = "import sys; from simulation.year.mutants import child; child(*map(int, sys.argv[1:]))"
    paths = os.pathsep.join((folder, str(ROOT / "tests")))
    run = subprocess.run(
        [sys.executable, "-c", code, str(seed), str(days)],
        env={**os.environ, "PYTHONPATH": paths},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise RuntimeError(run.stderr)
    return int(run.stdout) if run.stdout.strip() else None


def child(seed: int, days: int) -> None:
    """Print after how many days a team's ledger found something, if it did."""
    from simulation.year.__main__ import lives  # noqa: PLC0415  # where the broken source is found

    for day, story in lives(seed, days):
        if story.ledger.wrong:
            print(day)
            return


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m simulation.year.mutants", description=__doc__)
    parser.add_argument("--teams", type=int, default=6)
    parser.add_argument("--days", type=int, default=120)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", default="", help="part of a name")
    args = parser.parse_args()
    for name in stale():
        print(f"does not fit the source: {name}")
    chosen = [m for m in MUTANTS if args.only in m.name]
    missed = 0
    with ThreadPoolExecutor(args.jobs) as pool:
        found = pool.map(lambda m: hunt(m, teams=args.teams, days=args.days), chosen)
        for mutant, at in zip(chosen, found, strict=True):
            told = f"caught in team {at[0]} after {at[1]} days" if at else "NOT CAUGHT"
            print(f"{mutant.name:50} {told}", flush=True)
            missed += at is None
    print(f"{len(chosen) - missed} of {len(chosen)} caught")
    return 1 if missed or stale() else 0


if __name__ == "__main__":
    sys.exit(main())
