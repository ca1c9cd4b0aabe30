"""Histories of people, faults and deaths over a Feishu base; then quiet, and the promises hold.

The moves are those of the simulation over memory trackers; faults strike the connector's methods,
the journal, and, here, the requests themselves.
"""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from contract.feishu_harness import FeishuHarness
from fakes.clock import FakeClock
from fakes.faulty import Faulty, Script
from fakes.feishu import FakeFeishu
from simulation import test_state_machine as machine
from simulation import world as worlds
from simulation.seeds import seeds
from simulation.world import Board, World

from connectors.registry import load

ABILITIES: dict[str, dict[str, Any]] = {
    "feishu": {},
    "feishu-texts": {"texts": True, "changes": False, "wiki": True},
    "feishu-400": {"style": 400, "time_zone": "Pacific/Kiritimati"},
}
KINDS = (["feishu"], ["feishu-texts", "plain"], ["plain", "feishu-400"], ["feishu", "feishu"])
SALT = 1
STRIKES: tuple[dict[str, Any], ...] = (
    {"kind": "reset"},
    {"kind": "reset", "after": True},
    {"kind": "garbage", "after": True},
    {"status": 502, "after": True},
    {"status": 429, "body": {"code": 99991400}, "headers": {"x-ogw-ratelimit-reset": "1"}},
    {"body": {"code": 1254607}, "after": True},
    {"body": {"code": 1254291}},
    {"status": 400, "body": {"code": 99991663}},
)


def feishu_board(
    kind: str, name: str, clock: FakeClock, script: Script, folder: Path
) -> tuple[Board, FakeFeishu]:
    harness = FeishuHarness(folder, **ABILITIES[kind])
    harness.fake.clock = clock
    harness.fake.users["ou_zhang"] = {**harness.fake.users["ou_zhang"], "name": "张三"}
    harness.setup = replace(harness.setup, clock=clock, name=name)

    def fingerprint() -> object:
        return harness.fake.writes

    board = Board(
        name=name,
        desk=harness.hand,
        faulty=Faulty(harness.connector(), clock, script),
        build=lambda: load("feishu")(harness.setup),
        users=harness.connector().describe().fields["owner"].users,
        fingerprint=fingerprint,
        careful=True,
    )
    return board, harness.fake


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> list[FakeFeishu]:
    """Let worlds be made with bases in them; returns the services, in the order they were made."""
    made: list[FakeFeishu] = []
    usual = worlds.make_board

    def make_board(kind: str, number: int, clock: FakeClock, script: Script, folder: Path) -> Board:
        if kind not in ABILITIES:
            return usual(kind, number, clock, script, folder)
        home = folder / f"{kind}{number}"
        home.mkdir()
        board, fake = feishu_board(kind, home.name, clock, script, home)
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
                fake.fail("records", **rng.choice(STRIKES), skip=rng.randrange(5), times=times)
        return a_pass(world)

    monkeypatch.setattr(worlds, "make_board", make_board)
    monkeypatch.setattr(World, "settle", settle_without_faults)
    monkeypatch.setattr(World, "a_pass", struck_pass)
    return made


@pytest.mark.parametrize("seed", seeds(5))
@pytest.mark.parametrize("kinds", KINDS, ids="-".join)
def test_a_base_ends_as_promised(kinds: list[str], seed: int, tmp_path: Path) -> None:
    random.seed(seed)  # the waits between tries are drawn from it
    machine.play(seed, kinds, tmp_path, moves=30)


def test_killed_at_boundaries_of_the_journal(tmp_path: Path) -> None:
    """Failures 1, 2, 26."""
    machine.test_killed_at_every_boundary_of_the_journal(["feishu"], tmp_path)
