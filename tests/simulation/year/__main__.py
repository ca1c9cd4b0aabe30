"""``python -m simulation.year --teams 20 --days 366 --seed 1 --jobs 2`` (from ``tests``)."""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from simulation.year.facts import DAY
from simulation.year.office import quiet_log
from simulation.year.setting import FIRST
from simulation.year.story import Story


def lives(seed: int, days: int) -> Iterator[tuple[int, Story]]:
    """Let a team live; yield it after each day."""
    quiet_log()
    quick = "/dev/shm" if Path("/dev/shm").is_dir() else None  # the sent log is synced to disk
    with tempfile.TemporaryDirectory(dir=quick) as folder:
        story = Story(seed, Path(folder))
        for day in range(days):
            story.live(FIRST + day * DAY)
            yield day + 1, story


def live(seed: int, days: int) -> tuple[int, Counter[str], dict[str, int], list[str]]:
    """Live one team's year."""
    *_, (_, story) = lives(seed, days)
    return seed, story.count, dict(story.ledger.sent), story.ledger.wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m simulation.year", description=__doc__)
    parser.add_argument("--teams", type=int, default=20)
    parser.add_argument("--days", type=int, default=366)
    parser.add_argument("--seed", type=int, default=1, help="of the first team")
    parser.add_argument("--jobs", type=int, default=1)
    args = parser.parse_args()
    started = time.perf_counter()
    count, sent, broken = Counter[str](), Counter[str](), 0
    seeds = range(args.seed, args.seed + args.teams)
    work = partial(live, days=args.days)
    with ProcessPoolExecutor(args.jobs) as pool:
        for seed, counted, told, wrong in (
            pool.map(work, seeds) if args.jobs > 1 else map(work, seeds)
        ):
            count.update(counted)
            sent.update(told)
            broken += len(wrong)
            for line in wrong[:20]:
                print(f"team {seed}: {line}", flush=True)
    took = time.perf_counter() - started
    print(f"{args.teams} teams, {args.days} days each, in {took:.0f} s")
    for name, number in sorted(count.items()):
        print(f"  {name:24} {number:7}")
    print("notices that people read, by rule:")
    for name, number in sorted(sent.items()):
        print(f"  {name:24} {number:7}")
    print(f"violations: {broken}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
