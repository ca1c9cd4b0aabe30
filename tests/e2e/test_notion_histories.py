"""Histories of people, faults and deaths over a Notion table; then quiet, and the promises hold.

The moves are those of the simulation over memory trackers; faults strike the connector's methods,
the journal, and, here, the requests themselves.
"""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from contract.notion_harness import NotionHarness
from fakes.clock import FakeClock
from fakes.faulty import Faulty, Script
from fakes.notion import FakeNotion
from fakes.server import Fault
from simulation import test_state_machine as machine
from simulation import world as worlds
from simulation.seeds import seeds
from simulation.world import Board, World

from connectors.registry import load

ABILITIES: dict[str, dict[str, Any]] = {
    "notion": {"by_database": True},
    "notion-lagging": {"lag_s": 25.0},
    "notion-texts": {"types": {"owner": "rich_text", "status": "status", "due": "rich_text"}},
}
KINDS = (["notion"], ["notion-lagging"], ["notion-texts", "plain"])
SALT = 1
STRIKES: tuple[dict[str, Any], ...] = (
    {"kind": "reset"},
    {"kind": "reset", "after": True},
    {"kind": "garbage", "after": True},
    {"kind": "html", "after": True},
    {"status": 503, "after": True, "committed": True},
    {"status": 429, "body": {"code": "rate_limited"}, "headers": {"Retry-After": "1"}},
    {"status": 529, "body": {"code": "service_overload"}},
    {"status": 409, "body": {"code": "conflict_error"}},
)


def notion_board(
    kind: str, name: str, clock: FakeClock, script: Script, folder: Path
) -> tuple[Board, FakeNotion]:
    harness = NotionHarness(folder, **ABILITIES[kind])
    harness.fake.clock = clock
    harness.setup = replace(harness.setup, clock=clock, name=name)

    def fingerprint() -> object:
        return len(harness.fake.writes())

    board = Board(
        name=name,
        desk=harness.hand,
        faulty=Faulty(harness.connector(), clock, script),
        build=lambda: load("notion")(harness.setup),
        users=harness.connector().describe().fields["owner"].users,
        fingerprint=fingerprint,
        careful=True,
    )
    return board, harness.fake


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> list[FakeNotion]:
    """Let worlds be made with tables in them; returns the services, in the order of their making."""
    made: list[FakeNotion] = []
    usual = worlds.make_board

    def make_board(kind: str, number: int, clock: FakeClock, script: Script, folder: Path) -> Board:
        if kind not in ABILITIES:
            return usual(kind, number, clock, script, folder)
        home = folder / f"{kind}{number}"
        home.mkdir()
        board, fake = notion_board(kind, home.name, clock, script, home)
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
                fault = Fault("", **rng.choice(STRIKES), skip=rng.randrange(5), times=times)
                fake.faults.append(fault)
        return a_pass(world)

    monkeypatch.setattr(worlds, "make_board", make_board)
    monkeypatch.setattr(World, "settle", settle_without_faults)
    monkeypatch.setattr(World, "a_pass", struck_pass)
    return made


@pytest.mark.parametrize("seed", seeds(3))
@pytest.mark.parametrize("kinds", KINDS, ids="-".join)
def test_a_table_ends_as_promised(kinds: list[str], seed: int, tmp_path: Path) -> None:
    machine.play(seed, kinds, tmp_path, moves=30)
