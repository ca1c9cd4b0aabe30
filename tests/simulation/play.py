"""A history from its first event to the oracle's word."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest import mock

from simulation import coda, people, quick
from simulation.history import STYLES, History, Process, TeamAtWork, other_table
from simulation.tools import BrokenError, TableDesk, Tool

import sync.lease
from sync.store import LeaseLostError

HOST = {"host": "another machine", "boot": "", "pid": 1, "started": None}


def play(seed: int, style: str = "sparing", *, tell: bool = False) -> History:
    """Play one history of a style (``history.STYLES``).

    Raises:
        BrokenError: a promise was broken; the history is in its ``history`` attribute.
    """
    with elsewhere(), quick.remembering():
        world = History(seed, STYLES[style])
        world.told = [] if tell else None
        world.people_act = people.act
        try:
            _live(world)
        except BrokenError as error:
            error.history = world  # type: ignore[attr-defined]
            raise
    return world


@contextmanager
def elsewhere() -> Iterator[None]:
    """Let all processes be of other machines, so that time alone ends a lease."""
    with mock.patch.object(sync.lease, "_me", return_value=HOST):
        yield


def _live(world: History) -> None:
    rng = world.rng
    _begin(world)
    middle = rng.randrange(world.style.rounds) if rng.random() < 0.5 else None
    for n in range(world.style.rounds):
        for _ in range(rng.randrange(2, 16)):
            people.act(world)
            world.time.advance(rng.choice((1, 3, 20, 61)))
        people.robots_act(world)
        _environment(world)
        world.time.advance(rng.choice((30, 61, 200, 600, 1000, 4000)))
        if rng.random() < 0.08:
            world.time.advance(86400)
        world.chance = rng.choice((0.0, 0.0, 0.1, 0.3))
        dies_in = rng.randrange(40) if rng.random() < 0.25 else None
        world.kill_in = None if "kills" in world.spared else dies_in
        meddling = 0.25 if rng.random() < 0.2 else 0.0
        world.meddling = 0.0 if "meddling" in world.spared else meddling
        for team in world.teams:
            world.a_pass(team)
            _administrate(world, team)
        world.kill_in = None
        unsure = world.unanswered or any(tool.lags for tool in world.tools.values())
        world.unanswered = False
        if rng.random() < (0.7 if unsure else 0.2):  # what was written is not shown everywhere yet
            world.time.advance(5)
            world.chance = 0.0
            for team in world.teams:
                world.a_pass(team)
        if n == middle:
            _quiet(world)
            for team in world.teams:
                team.witness.settle(world.hub(team))
            world.quiet = False
    _quiet(world)
    coda.run(world)


def _quiet(world: History) -> None:
    world.settle()
    world.check()


def _begin(world: History) -> None:
    rng = world.rng
    for tool in world.tools.values():
        if tool.is_file or rng.random() < 0.3:
            many = rng.random() < 0.06
            for _ in range(rng.randrange(21, 26) if many else rng.randrange(3)):
                work = people.new_work(world, world.teams[0])
                world.teams[0].witness.works[work] += 1
                people.fill(world, tool, None, {"description": people._words(world, work)})
            if many:
                world.happened("first-contact-many")
    for _ in range(rng.randrange(1, 4)):
        people.minutes(world)


def _administrate(world: History, team: TeamAtWork) -> None:
    """The administrator looks at what is halted: mends a mistake, or lets through what is so."""
    for name, report in team.halts.items():
        world.happened("halted")
        tool = world.tools[name]
        if world.mistake is not None:
            people.undo_mistake(world)
        elif (
            tool.moods.other is None
            and world.gone(tool, report) == {*report.held_items}
            and world.rng.random() < 0.6
        ):
            world.say("released", name, report.plan)
            world.happened("released")
            team.released.add(name)
            world.let_through(team, report.held_items)
            with world.peek(team) as tx:
                tx.request("release", report.plan or "", {}, world.now().isoformat())


def _environment(world: History) -> None:
    """What befalls tools, processes and the database."""
    rng = world.rng
    for name, chance, befall in BEFALLS:
        if rng.random() < chance and name not in world.spared:
            world.say("befalls", name)
            befall(world)


def _some_tool(world: History) -> Tool:
    return world.rng.choice(list(world.tools.values()))


def _blind(world: History) -> None:
    tool = _some_tool(world)
    tool.moods.blind = not tool.moods.blind and not tool.is_file and not world.fragile
    _for_less_than_an_hour(tool)


def _hide(world: History) -> None:
    tool = _some_tool(world)
    rows = tool.desk.rows()
    if rows and not tool.is_file and not world.fragile:
        tool.moods.hidden = set(world.rng.sample(rows, min(2, len(rows))))
        _for_less_than_an_hour(tool)


def _for_less_than_an_hour(tool: Tool) -> None:
    """After an hour, what a mute tool does not show counts as deleted."""
    if tool.is_mute:
        tool.moods.hidden_until = tool.clock.wall() + timedelta(minutes=55)


def _show(world: History) -> None:
    for tool in world.tools.values():
        tool.moods.hidden = set()
        tool.moods.blind = False


def _skips(world: History) -> None:
    _some_tool(world).moods.skips = world.rng.choice((0.0, 0.0 if world.fragile else 0.5))


def _outage(world: History) -> None:
    tool = _some_tool(world)
    tool.moods.broken = not tool.moods.broken
    if tool.moods.broken:
        world.happened("outage")


def _swap(world: History) -> None:
    """Somebody points the configuration at another table, and back: the program is restarted."""
    tools = [t for t in world.tools.values() if isinstance(t.desk, TableDesk)]
    swapped = [t for t in tools if t.moods.other is not None]
    if swapped:
        swapped[0].moods.other = None
    elif tools and not world.fragile:
        tool = world.rng.choice(tools)
        tool.moods.other = other_table(tool.setup, full=world.rng.random() < 0.5)
        world.happened("table-swapped")
    for team in world.teams:
        world._start(team)


def _restart(world: History) -> None:
    for team in world.teams:
        world._start(team)


def _back_up(world: History) -> None:
    world.back_up(world.rng.choice(world.teams))


def _restore(world: History) -> None:
    world.restore(world.rng.choice(world.teams))


def _lose(world: History) -> None:
    world.lose(world.rng.choice(world.teams))


def _two_daemons(world: History) -> None:
    """A second process of the team starts and takes the lease while the first still works."""
    team = world.rng.choice(world.teams)
    first = team.process
    assert first is not None
    if _lease(world, first) is None:
        return
    world.happened("two-daemons")

    def second() -> None:
        if team.process is not first:
            return  # it was started anew meanwhile, and has not asked for the lease
        other = world._process(team)
        world.say("a second process takes over")
        late = world.time.at + timedelta(seconds=120)
        if _take(other, late):
            world.taken_over = team.name
            world.quiet, was = True, world.quiet
            kill, world.kill_in = world.kill_in, None
            connectors = {tool: tool.inner for tool in team.tools.values()}
            try:
                for tool in connectors:
                    tool.restart()
                world._work(other)
            except LeaseLostError as error:
                raise BrokenError("the newer process lost its lease") from error
            world.quiet, world.kill_in = was, kill
            for tool, inner in connectors.items():  # the first one's call is still under way
                tool.inner = inner
            team.process = other

    world.second = second


def _lease(world: History, process: Process) -> int | None:
    return process.store.fence if _take(process, world.time.at) else None


def _take(process: Process, at: datetime) -> bool:
    with_kills = process.store.world.kill_in
    process.store.world.kill_in = None
    other = sync.lease._take(process.store, f"p{id(process)}", at.astimezone(UTC))
    process.store.world.kill_in = with_kills
    return other is None


def _mistake(world: History) -> None:
    people.undo_mistake(world)


def _column(world: History) -> None:
    people.rename_back(world)


def _robots_rest(world: History) -> None:
    world.robots = []


BEFALLS: tuple[tuple[str, float, Callable[[History], None]], ...] = (
    ("blind", 0.03, _blind),
    ("hide", 0.04, _hide),
    ("show", 0.15, _show),
    ("skips", 0.06, _skips),
    ("outage", 0.04, _outage),
    ("swap", 0.03, _swap),
    ("restart", 0.05, _restart),
    ("backup", 0.10, _back_up),
    ("restore-database", 0.03, _restore),
    ("lose", 0.02, _lose),
    ("two-daemons", 0.03, _two_daemons),
    ("mistake-undone", 0.3, _mistake),
    ("column-back", 0.4, _column),
    ("robots-rest", 0.2, _robots_rest),
)
