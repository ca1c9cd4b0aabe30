"""Histories of people, faults and deaths over an Airtable base; then quiet, and the promises hold.

The moves are those of the simulation over memory trackers; faults strike the connector's methods,
the journal, and, here, the requests themselves.
"""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from contract.airtable_harness import AirtableHarness
from fakes.airtable import FakeAirtable
from fakes.clock import FakeClock
from fakes.faulty import Faulty, Script
from simulation import test_state_machine as machine
from simulation import world as worlds
from simulation.seeds import seeds
from simulation.world import Board, World

from connectors.airtable import Airtable

ABILITIES: dict[str, dict[str, Any]] = {
    "airtable": {},
    "airtable-texts": {"texts": True, "filters": False},
}
KINDS = (["airtable"], ["airtable-texts", "plain"], ["plain", "airtable"])
SALT = 1
STRIKES: tuple[dict[str, Any], ...] = (
    {"kind": "reset"},
    {"kind": "reset", "after": True},
    {"kind": "garbage", "after": True},
    {"status": 502, "after": True},
    {"status": 503},
    {"status": 429, "body": {"errors": [{"error": "RATE_LIMIT_REACHED", "message": "x"}]}},
    {"status": 422, "body": {"error": {"type": "LIST_RECORDS_ITERATOR_NOT_AVAILABLE"}}},
)


def airtable_board(
    kind: str, name: str, clock: FakeClock, script: Script, folder: Path
) -> tuple[Board, FakeAirtable]:
    harness = AirtableHarness(folder, **ABILITIES[kind])
    harness.fake.clock = clock
    harness.fake.users["usrZhang"] = {**harness.fake.users["usrZhang"], "name": "张三"}
    harness.setup = replace(harness.setup, clock=clock, name=name)

    def fingerprint() -> object:
        return harness.fake.writes

    board = Board(
        name=name,
        desk=harness.hand,
        faulty=Faulty(harness.connector(), clock, script),
        build=lambda: Airtable(harness.setup),
        users=harness.connector().describe().fields["owner"].users,
        fingerprint=fingerprint,
        careful=True,
    )
    return board, harness.fake


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> list[FakeAirtable]:
    """Let worlds be made with bases in them; returns the services, in the order they were made."""
    made: list[FakeAirtable] = []
    usual = worlds.make_board

    def make_board(kind: str, number: int, clock: FakeClock, script: Script, folder: Path) -> Board:
        if kind not in ABILITIES:
            return usual(kind, number, clock, script, folder)
        home = folder / f"{kind}{number}"
        home.mkdir()
        board, fake = airtable_board(kind, home.name, clock, script, home)
        made.append(fake)
        return board

    settle = World.settle

    def settle_without_faults(world: World) -> int:
        for fake in made:
            fake.faults.clear()
        return settle(world)

    a_pass = World.a_pass

    def struck_pass(world: World) -> Any:
        rng = random.Random(f"{SALT} {world.script.seed} {world.passes}")
        for fake in made:
            if world.script.chance and rng.random() < 0.5:
                times = rng.choice((1, 1, 2, 9))
                fake.fail("/tbl", **rng.choice(STRIKES), skip=rng.randrange(5), times=times)
        return a_pass(world)

    monkeypatch.setattr(worlds, "make_board", make_board)
    monkeypatch.setattr(World, "settle", settle_without_faults)
    monkeypatch.setattr(World, "a_pass", struck_pass)
    return made


@pytest.mark.parametrize("seed", seeds(3))
@pytest.mark.parametrize("kinds", KINDS, ids="-".join)
def test_a_base_ends_as_promised(kinds: list[str], seed: int, tmp_path: Path) -> None:
    random.seed(seed)  # the waits between tries are drawn from it
    machine.play(seed, kinds, tmp_path, moves=30)
