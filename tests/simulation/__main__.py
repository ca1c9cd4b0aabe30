"""``python -m simulation --seeds 0:1000 --jobs 2`` (from the folder ``tests``): play histories."""

import argparse
import gc
import statistics
import sys
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from simulation.history import STYLES
from simulation.play import play
from simulation.tools import BrokenError


@dataclass
class Played:
    """What a run of seeds came to."""

    events: list[int] = field(default_factory=list)
    vices: Counter[str] = field(default_factory=Counter)
    broken: list[tuple[int, str]] = field(default_factory=list)


def run(seeds: range, style: str) -> Played:
    """Play seeds, one after the other."""
    played = Played()
    gc.disable()  # a part of the seeds is soon over
    for seed in seeds:
        try:
            world = play(seed, style)
        except BrokenError as error:
            played.broken.append((seed, str(error)))
            world = error.history  # type: ignore[attr-defined]
        except Exception as error:  # noqa: BLE001  # the program broke: that is told too
            last = traceback.extract_tb(error.__traceback__)[-1]
            text = f"{type(error).__name__}: {error} at {last.filename}:{last.lineno}"
            played.broken.append((seed, text))
            continue
        played.events.append(world.events)
        played.vices.update(world.vices.keys())
    gc.collect()
    return played


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m simulation", description=__doc__)
    parser.add_argument("--seeds", default="0:1000", help="from:to, or one seed")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--style", choices=STYLES, default="sparing", help="which histories")
    parser.add_argument("--tell", action="store_true", help="print the events of one seed")
    args = parser.parse_args()
    first, _, last = args.seeds.partition(":")
    seeds = range(int(first), int(last) if last else int(first) + 1)
    if args.tell:
        return tell(seeds[0], args.style)
    started = time.perf_counter()
    step = min(50, max(1, len(seeds) // args.jobs))
    parts = [seeds[n : n + step] for n in range(0, len(seeds), step)]
    total = Played()
    with ProcessPoolExecutor(args.jobs) as pool:
        play_all = pool.map if args.jobs > 1 else map
        for part in play_all(partial(run, style=args.style), parts):
            total.events += part.events
            total.vices.update(part.vices)
            for seed, what in part.broken:
                print(f"seed {seed}: {what}", flush=True)
            total.broken += part.broken
    took = time.perf_counter() - started
    print(f"{len(seeds)} histories in {took:.0f} s: {len(seeds) / took:.1f} a second")
    if total.events:
        print(f"median events a history: {statistics.median(total.events):.0f}")
    print("share of histories in which it occurred:")
    for vice, count in sorted(total.vices.items(), key=lambda kv: -kv[1]):
        print(f"  {vice:24} {count / len(seeds):6.1%}")
    print(f"violations: {len(total.broken)}")
    return 1 if total.broken else 0


def tell(seed: int, style: str) -> int:
    """Print one history, event by event."""
    try:
        world = play(seed, style, tell=True)
    except BrokenError as error:
        world = error.history  # type: ignore[attr-defined]
        print("\n".join(world.told or ()))
        print(f"BROKEN: {error}")
        return 1
    print("\n".join(world.told or ()))
    print(f"kept; trace {world.trace}, {world.events} events")
    return 0


if __name__ == "__main__":
    sys.exit(main())
