"""Histories of people, faults and deaths of the process; then quiet, and the promises must hold.

A failing seed is played again by ``python tests/simulation/test_state_machine.py SEED``.
"""

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from fakes.faulty import Fault
from simulation.world import FAULTS_OF_A_CARELESS_TOOL, MEMORY_KINDS, BrokenError, World

FIELDS = (
    "description",
    "note",
    "deliverable",
    "acceptance",
    "due",
    "status",
    "owner",
    "department",
)
REFUSALS = {Fault.ROW_REFUSED, Fault.FIELD_REFUSED, Fault.ALL_OR_NOTHING}
HEALING = frozenset(Fault) - REFUSALS
MOVES = (
    *(("edit", 30), ("clear", 3), ("vague", 2), ("add", 6), ("copy", 4), ("delete", 4)),
    *(
        ("restore", 2),
        ("clear_id", 3),
        ("mistype_id", 3),
        ("sort", 2),
        ("minutes", 4),
        ("edit_minutes", 4),
    ),
    *(("pass", 40), ("mood", 6), ("restart", 4), ("wait", 10)),
)


def play(seed: int, kinds: Sequence[str], folder: Path, moves: int = 40) -> World:
    """Play one history; raises ``BrokenError`` if a promise is broken."""
    rng = random.Random(seed)
    world = World(kinds, folder, seed=seed)
    names, weights = zip(*MOVES, strict=True)
    world.minutes(3)
    for _ in range(moves):
        _move(world, rng, rng.choices(names, weights)[0])
    world.settle()
    world.check()
    return world


def _move(world: World, rng: random.Random, name: str) -> None:
    where, row, pick = rng.randrange(100), rng.randrange(100), rng.randrange(100)
    match name:
        case "edit":
            world.edit(where, row, rng.choice(FIELDS), pick)
        case "clear":
            world.clear(where, row, rng.choice(("note", "deliverable", "department")))
        case "pass":
            world.script.chance = rng.choice((0.0, 0.1, 0.3))
            careful = all(board.careful for board in world.boards)
            world.script.allowed = HEALING if careful else HEALING & FAULTS_OF_A_CARELESS_TOOL
            world.fate.left = rng.choice((None, None, rng.randrange(12)))
            _meddle(world, rng if rng.random() < 0.3 else None)
            world.a_pass()
        case "mood":
            world.mood(where, pick)
        case "wait":
            world.clock.advance(rng.choice((1, 30, 61, 200, 1000)))
        case "restart":
            world.restart()
        case "sort":
            world.sort(where, reverse=pick % 2 == 0)
        case "minutes":
            world.minutes(1 + pick % 3)
        case "edit_minutes":
            world.edit_minutes(where, pick)
        case "add":
            world.add(where, pick)
        case _:
            getattr(world, name)(where, row)


def _meddle(world: World, rng: random.Random | None) -> None:
    """Let people work while a pass runs, in tools that notice when a row moved."""

    def act() -> None:
        if rng and rng.random() < 0.3:
            where, row = rng.randrange(100), rng.randrange(100)
            if world.boards[where % len(world.boards)].careful:
                world.edit(where, row, rng.choice(FIELDS), row)

    for board in world.boards:
        board.faulty.between = act if rng else None


def kinds_of(seed: int) -> list[str]:
    rng = random.Random(seed)
    return [rng.choice(sorted(MEMORY_KINDS)) for _ in range(rng.randrange(1, 4))]


@pytest.mark.parametrize("seed", range(25))
def test_memory_trackers_end_as_promised(seed: int, tmp_path: Path) -> None:
    play(seed, kinds_of(seed), tmp_path)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", ["excel-made", "excel-own"])
def test_a_workbook_ends_as_promised(kind: str, seed: int, tmp_path: Path) -> None:
    play(seed, [kind, "plain"], tmp_path, moves=25)


def main(seeds: Sequence[int], kinds: Sequence[str] = ()) -> None:
    """Play histories and print what came of them."""
    told: Counter[str] = Counter()
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            try:
                world = play(seed, kinds or kinds_of(seed), Path(folder))
            except BrokenError as error:
                told["violations"] += 1
                print(f"seed {seed} {kinds or kinds_of(seed)}: {error}")
            else:
                told["passes"] += world.passes
                told["kills"] += world.kills
                told["calls"] += world.script.calls
        told["histories"] += 1
    print(dict(told))


if __name__ == "__main__":
    first, last = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else int(sys.argv[1]) + 1
    main(range(first, last), sys.argv[3:])
