"""Histories of people, faults and deaths over a project of Jira; then quiet, and the promises hold.

The moves are those of the simulation over memory trackers; faults strike the connector's methods,
the journal, and, here, the requests themselves.
"""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from contract.jira_harness import JiraHarness
from fakes.clock import FakeClock
from fakes.faulty import Faulty, Script
from fakes.jira import FakeJira
from fakes.server import Fault
from simulation import test_state_machine as machine
from simulation import world as worlds
from simulation.seeds import seeds
from simulation.world import Board, World

from connectors.registry import load

REVIEWED = (("已完成", "done"), ("延期", "indeterminate"), ("受阻", "indeterminate"))
ABILITIES: dict[str, dict[str, Any]] = {
    "jira": {"page": 7},
    "jira-lagging": {"lag_s": 25.0},
    "jira-dc": {
        "cloud": False,
        "page": 7,
        "kinds": {"due": "textfield"},
        "statuses": (("进行中", "new"), ("评审", "indeterminate"), *REVIEWED),
        "ways": (
            ("进行中", "评审"),
            *(("评审", name) for name, _ in REVIEWED),
            *((name, "进行中") for name, _ in REVIEWED),
        ),
    },
}
KINDS = (["jira"], ["jira-lagging"], ["jira-dc", "plain"])
SALT = 1
STRIKES: tuple[dict[str, Any], ...] = (
    {"kind": "reset"},
    {"kind": "reset", "after": True},
    {"kind": "garbage", "after": True},
    {"kind": "html", "after": True},
    {"status": 503, "after": True},
    {"status": 429, "headers": {"Retry-After": "1"}},
    {"status": 409},
)


def jira_board(
    kind: str, name: str, clock: FakeClock, script: Script, folder: Path
) -> tuple[Board, FakeJira]:
    harness = JiraHarness(folder, **ABILITIES[kind])
    harness.fake.clock = clock
    harness.setup = replace(harness.setup, clock=clock, name=name)

    def fingerprint() -> object:
        return len(harness.fake.writes())

    board = Board(
        name=name,
        desk=harness.hand,
        faulty=Faulty(harness.connector(), clock, script),
        build=lambda: load("jira")(harness.setup),
        users=harness.connector().describe().fields["owner"].users,
        fingerprint=fingerprint,
        careful=True,
    )
    return board, harness.fake


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> list[FakeJira]:
    """Let worlds be made with tables in them; returns the services, in the order of their making."""
    made: list[FakeJira] = []
    usual = worlds.make_board

    def make_board(kind: str, number: int, clock: FakeClock, script: Script, folder: Path) -> Board:
        if kind not in ABILITIES:
            return usual(kind, number, clock, script, folder)
        home = folder / f"{kind}{number}"
        home.mkdir()
        board, fake = jira_board(kind, home.name, clock, script, home)
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
def test_a_project_ends_as_promised(kinds: list[str], seed: int, tmp_path: Path) -> None:
    machine.play(seed, kinds, tmp_path, moves=30)
