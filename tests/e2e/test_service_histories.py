"""Histories of people, faults and deaths over each service; then quiet, and the promises hold.

The moves are those of the simulation over memory trackers; faults strike the connector's methods,
the journal, and, here, the requests themselves.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from contract.airtable_harness import AirtableHarness
from contract.feishu_harness import FeishuHarness
from contract.jira_harness import JiraHarness
from contract.notion_harness import NotionHarness
from fakes.clock import FakeClock
from fakes.faulty import Faulty, Script
from simulation import test_state_machine as machine
from simulation import world as worlds
from simulation.seeds import seeds
from simulation.world import Board, World

from connectors.registry import load

SALT = 1
CUT: tuple[dict[str, Any], ...] = (
    {"kind": "reset"},
    {"kind": "reset", "after": True},
    {"kind": "garbage", "after": True},
)
REVIEWED = (("已完成", "done"), ("延期", "indeterminate"), ("受阻", "indeterminate"))


@dataclass(frozen=True, kw_only=True)
class Service:
    """What the histories have to know of a service.

    Attributes:
        harness: makes a table.
        abilities: of its flavours, by the name of the flavour's boards.
        kinds: the boards of each world.
        strikes: what goes wrong with requests.
        struck: stands in the requests that faults strike.
        writes: counts the requests that changed something.
        seeds: how many histories a world has, where no more are asked for.
        known: the account that bears 张三's name, where no other does so.
    """

    harness: Callable[..., Any]
    abilities: Mapping[str, Mapping[str, Any]]
    kinds: tuple[list[str], ...]
    strikes: tuple[dict[str, Any], ...]
    struck: str = ""
    writes: Callable[[Any], int] = field(default=lambda fake: len(fake.writes()))
    seeds: int = 3
    known: str | None = None


SERVICES: Mapping[str, Service] = {
    "airtable": Service(
        harness=AirtableHarness,
        abilities={"airtable": {}, "airtable-texts": {"texts": True, "filters": False}},
        kinds=(["airtable"], ["airtable-texts", "plain"], ["plain", "airtable"]),
        strikes=(
            *CUT,
            {"status": 502, "after": True},
            {"status": 503},
            {"status": 429, "body": {"errors": [{"error": "RATE_LIMIT_REACHED", "message": "x"}]}},
            {"status": 422, "body": {"error": {"type": "LIST_RECORDS_ITERATOR_NOT_AVAILABLE"}}},
        ),
        struck="/tbl",
        writes=lambda fake: int(fake.writes),
        known="usrZhang",
    ),
    "feishu": Service(
        harness=FeishuHarness,
        abilities={
            "feishu": {},
            "feishu-texts": {"texts": True, "changes": False, "wiki": True},
            "feishu-400": {"style": 400, "time_zone": "Pacific/Kiritimati"},
        },
        kinds=(
            ["feishu"],
            ["feishu-texts", "plain"],
            ["plain", "feishu-400"],
            ["feishu", "feishu"],
        ),
        strikes=(
            *CUT,
            {"status": 502, "after": True},
            {"status": 429, "body": {"code": 99991400}, "headers": {"x-ogw-ratelimit-reset": "1"}},
            {"body": {"code": 1254607}, "after": True},
            {"body": {"code": 1254291}},
            {"status": 400, "body": {"code": 99991663}},
        ),
        struck="records",
        writes=lambda fake: int(fake.writes),
        seeds=5,
        known="ou_zhang",
    ),
    "jira": Service(
        harness=JiraHarness,
        abilities={
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
        },
        kinds=(["jira"], ["jira-lagging"], ["jira-dc", "plain"]),
        strikes=(
            *CUT,
            {"kind": "html", "after": True},
            {"status": 503, "after": True},
            {"status": 429, "headers": {"Retry-After": "1"}},
            {"status": 409},
        ),
    ),
    "notion": Service(
        harness=NotionHarness,
        abilities={
            "notion": {"by_database": True},
            "notion-lagging": {"lag_s": 25.0},
            "notion-texts": {
                "types": {"owner": "rich_text", "status": "status", "due": "rich_text"}
            },
        },
        kinds=(["notion"], ["notion-lagging"], ["notion-texts", "plain"]),
        strikes=(
            *CUT,
            {"kind": "html", "after": True},
            {"status": 503, "after": True, "committed": True},
            {"status": 429, "body": {"code": "rate_limited"}, "headers": {"Retry-After": "1"}},
            {"status": 529, "body": {"code": "service_overload"}},
            {"status": 409, "body": {"code": "conflict_error"}},
        ),
    ),
}
FLAVOURS = {flavour: tool for tool, service in SERVICES.items() for flavour in service.abilities}
HISTORIES = [
    pytest.param(kinds, seed, id=f"{'-'.join(kinds)}-{seed}")
    for service in SERVICES.values()
    for kinds in service.kinds
    for seed in seeds(service.seeds)
]


def service_board(
    flavour: str, name: str, clock: FakeClock, script: Script, folder: Path
) -> tuple[Board, Any]:
    """Return a table of a service as a board of a world, and the service."""
    tool = FLAVOURS[flavour]
    service = SERVICES[tool]
    harness = service.harness(folder, **service.abilities[flavour])
    harness.fake.clock = clock
    if service.known:
        users = harness.fake.users
        users[service.known] = {**users[service.known], "name": "张三"}
    harness.setup = replace(harness.setup, clock=clock, name=name)
    board = Board(
        name=name,
        desk=harness.hand,
        faulty=Faulty(harness.connector(), clock, script),
        build=lambda: load(tool)(harness.setup),
        users=harness.connector().describe().fields["owner"].users,
        fingerprint=lambda: service.writes(harness.fake),
        careful=True,
    )
    return board, harness.fake


@pytest.fixture(autouse=True)
def services_in_worlds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let worlds be made with services in them."""
    made: list[tuple[Service, Any]] = []
    usual, settle, a_pass = worlds.make_board, World.settle, World.a_pass

    def make_board(kind: str, number: int, clock: FakeClock, script: Script, folder: Path) -> Board:
        if kind not in FLAVOURS:
            return usual(kind, number, clock, script, folder)
        home = folder / f"{kind}{number}"
        home.mkdir()
        board, fake = service_board(kind, home.name, clock, script, home)
        made.append((SERVICES[FLAVOURS[kind]], fake))
        return board

    def settle_without_faults(world: World) -> int:
        for _, fake in made:
            fake.faults.clear()
        return settle(world)

    def struck_pass(world: World) -> Any:
        rng = random.Random(f"{SALT} {world.script.seed} {world.passes}")
        for service, fake in made:
            if world.script.chance and rng.random() < 0.5:
                times = rng.choice((1, 1, 2, 9))
                strike = rng.choice(service.strikes)
                fake.fail(service.struck, **strike, skip=rng.randrange(5), times=times)
        return a_pass(world)

    monkeypatch.setattr(worlds, "make_board", make_board)
    monkeypatch.setattr(World, "settle", settle_without_faults)
    monkeypatch.setattr(World, "a_pass", struck_pass)


@pytest.mark.parametrize(("kinds", "seed"), HISTORIES)
def test_a_table_ends_as_promised(kinds: list[str], seed: int, tmp_path: Path) -> None:
    random.seed(seed)  # the waits between tries are drawn from it
    machine.play(seed, kinds, tmp_path, moves=30)


def test_killed_at_boundaries_of_the_journal(tmp_path: Path) -> None:
    """Failures 1, 2, 26."""
    machine.test_killed_at_every_boundary_of_the_journal(["feishu"], tmp_path)
