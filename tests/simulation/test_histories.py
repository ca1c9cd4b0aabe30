"""A short run of the simulation; the long one is ``python -m simulation`` (docs/simulation.md)."""

import subprocess
import sys
from pathlib import Path

import pytest
from simulation import mutants
from simulation.play import play
from simulation.tools import BrokenError

TESTS = Path(__file__).resolve().parents[1]

# Seeds that once broke a promise, by what came of it.
FAILED_ONCE = (
    pytest.param(3, id="an emptied row was nobody's business"),
    pytest.param(9, id="an emptied row was deleted again and again"),
    pytest.param(12, id="an edit in a row whose creation had no answer"),
    pytest.param(14, id="the same, while the process was killed"),
    pytest.param(20, id="a row that was not made up for"),
    pytest.param(24, id="a restored row without its item"),
    pytest.param(5, id="a cut text came back from a rebuild as an edit"),
    pytest.param(41, id="a finding stayed with a row that an older copy does not have"),
    pytest.param(81, id="a finding went with its row and did not come back"),
    pytest.param(133, id="a reported completion was taken for an edit elsewhere"),
    pytest.param(178, id="nobody was told of a cut text whose writing had no answer"),
    pytest.param(240, id="a finding stayed on what was said by then"),
    pytest.param(277, id="two rows of equal words were told apart by nothing"),
    pytest.param(283, id="a column that was away at a creation stayed out for good"),
    pytest.param(479, id="a second row that went took the finding on the first along"),
    pytest.param(481, id="a deleted row, brought back by an older copy, was made again"),
    pytest.param(511, id="a copy lost its place to the original that was edited"),
    pytest.param(530, id="three edits in a column that was away before looked like an older copy"),
    pytest.param(663, id="a search that lags took our own write back"),
    pytest.param(939, id="an update without an answer, in a row whose id was spoilt"),
    pytest.param(994, id="a creation was answered by a row that stood there already"),
    pytest.param(1018, id="a deleted second row was asked for in every pass"),
    pytest.param(1269, id="to plan a row once more was taken for an edit elsewhere"),
    pytest.param(1816, id="what was typed into a row without an answer stayed there alone"),
    pytest.param(1858, id="two items for a row that lost its id before its answer came"),
    pytest.param(1939, id="the same, of an item that was done by then"),
    pytest.param(2031, id="a row seen without a column was never looked at again"),
    pytest.param(2799, id="an older copy closed an item whose id it could not have"),
    pytest.param(3158, id="a creation that was sent again told nothing of a cut text"),
    pytest.param(484, id="a row into which an id was pasted is not that id's row"),
    pytest.param(515, id="a look at changes showed a copy of a hidden row"),
    pytest.param(913, id="the same, and the copy was edited"),
    pytest.param(579, id="a complete look showed a copy of a hidden row"),
    pytest.param(1168, id="a complete look missed a row and showed its copy"),
    pytest.param(21118, id="a row was restored unseen, and copied"),
    pytest.param(20148, id="a copy that waits is written in more than once"),
    pytest.param(20474, id="a copy in a file was reworded before it had an id of its own"),
    pytest.param(20664, id="the same, and an older copy was put back"),
    pytest.param(20770, id="an older copy showed rows that were adopted since"),
    pytest.param(20784, id="the same, a row whose owner was changed"),
    pytest.param(21250, id="copies in a file that nobody can tell apart"),
    pytest.param(21835, id="another table had rows of the same ids, as no tool has"),
    pytest.param(21999, id="an older copy was put back before our write, and edited"),
    pytest.param(21382, id="a second row that was not taken out yet became an item"),
    pytest.param(30093, id="copies in a file, many rows deleted, taken for an older copy"),
    pytest.param(31625, id="two processes took one of two rows out each"),
    pytest.param(32374, id="a cut text was emptied in the pass that tried it again"),
    pytest.param(33653, id="an older copy showed the words of a row that was nobody's"),
    pytest.param(36247, id="a row was missed when a column came back"),
    pytest.param(61792, id="a row whose id was spoilt was given up for a late twin"),
    pytest.param(31269, id="a late request, in a tool that rewrites texts, beat its own text"),
    pytest.param(30331, id="a look at changes took in rows that were not clear"),
    pytest.param(34192, id="a search that lags took our write back where an id was spoilt"),
    pytest.param(100144, id="the same, by a state that was replaced before any look showed it"),
    pytest.param(34413, id="what a tool could not say was taken for an edit elsewhere"),
    pytest.param(300141, id="a second row of a request, worked in, was left to itself"),
    pytest.param(300463, id="a row that was added after the first look was counted with those"),
    pytest.param(300984, id="a late row became an item after looks that showed no row"),
    pytest.param(710035, id="a request of a lost database wrote over what that alone knew"),
)
FAILED_SHORT = (  # the same, of histories of half the length
    pytest.param(1845, id="a lost database, and an id that was pasted into another row"),
    pytest.param(3830, id="a row that was emptied was the answer to the creation of another"),
    pytest.param(4513, id="rows met beside a write without an answer, and an older copy"),
    pytest.param(2427, id="a row with another day was nobody's until the day was emptied"),
    pytest.param(6017, id="a second row of an id, where new rows are not taken in"),
    pytest.param(5686, id="a request that was under way when another process took over"),
    pytest.param(3758, id="two older copies of a file were put back between two looks"),
    pytest.param(3867, id="a request that was sent again took another item's row"),
    pytest.param(7325, id="a row was restored and copied while another was made for its item"),
    pytest.param(70013, id="an older copy of a file was put back, and a row of it copied"),
)
FAILED_SPARING = (  # the same, of histories in which not everything is present
    pytest.param(4897, id="what an older request had sent was taken for an edit"),
    pytest.param(4093, id="the same, a set that was empty then"),
    pytest.param(2076, id="a released plan closed the items of the only tool"),
    pytest.param(6806, id="the only row of one's own, among another team's"),
    pytest.param(10433, id="a restored database knew a released plan"),
    pytest.param(18817, id="a column came back before the search knew the row"),
    pytest.param(27905, id="both rows of a request were taken out"),
    pytest.param(19605, id="a file was sorted between a look and the search for a lost answer"),
    pytest.param(5270, id="a row whose id is spoilt, and which the tool refuses for good"),
    pytest.param(3535, id="a row was deleted, and a column came back"),
    pytest.param(19062, id="the note on a closing, written late, was taken for an edit"),
    pytest.param(28660, id="a row whose owner was another's, till the minutes said so"),
    pytest.param(69000, id="another team's row, told to that team"),
    pytest.param(70000, id="a copy of a row took the place of another row of the same words"),
    pytest.param(70810, id="what a row of a file resembled was over, and nobody saved the file"),
    pytest.param(82379, id="a file lost its last row after the others counted as deleted"),
    pytest.param(86699, id="a refused write took the finding on its cell away"),
    pytest.param(88271, id="another id was pasted over that of a row that the tool refuses"),
    pytest.param(43560, id="the same, in a row that is refused for another cell"),
    pytest.param(59383, id="a late request wrote into a row that had been emptied"),
    pytest.param(55962, id="a late row of an item that was deleted"),
    pytest.param(53725, id="many rows that the search did not know yet at the first contact"),
    pytest.param(23466, id="a hidden row in a form of the tool's own, and a column came back"),
    pytest.param(34456, id="a creation, refused for now when sent again, came late"),
    pytest.param(37014, id="the same, more than an hour later"),
    pytest.param(40941, id="a row that was worked in went late, when the other had gone for it"),
    pytest.param(36724, id="an older copy showed the id that a row made anew had before"),
    pytest.param(37770, id="a row was emptied before a rule wrote into it"),
    pytest.param(33503, id="a copy that people worked in was taken for a row that came late"),
    pytest.param(61323, id="a row that was to be taken out for its copy was worked in first"),
    pytest.param(69164, id="a row was refused with a person whom the tool does not know"),
    pytest.param(6583, id="a finding outlived an item that never got its row"),
    pytest.param(24441, id="a finding outlived a row that an older copy had shown again"),
)
QUICK_MUTANTS = (
    "journal left out",
    "lag ignored: not found yet is not there",
    "a missing row is read as deleted",
    "answer of a creation not linked",
    "versions are not checked",
)


@pytest.mark.parametrize("seed", FAILED_ONCE)
def test_what_failed_once(seed: int) -> None:
    play(seed, "long")


@pytest.mark.parametrize("seed", FAILED_SHORT)
def test_what_failed_once_in_short(seed: int) -> None:
    play(seed, "short")


@pytest.mark.parametrize("seed", FAILED_SPARING)
def test_what_failed_once_in_a_sparing_history(seed: int) -> None:
    play(seed)


@pytest.mark.parametrize("seed", range(1000, 1010))
def test_all_promises_hold(seed: int) -> None:
    play(seed)


def test_the_same_seed_is_the_same_history_in_another_process() -> None:
    """Sets and hashes order nothing that can be seen."""
    code = "from simulation.play import play; print(play(1000).trace)"
    traces = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONPATH": str(TESTS), "PYTHONHASHSEED": number},
            cwd=TESTS.parent,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for number in ("1", "2")
    }
    assert traces == {play(1000).trace + "\n"}


def test_histories_are_long_and_full_of_faults() -> None:
    world = play(1001)
    assert world.events >= 100
    assert len(world.vices) >= 10


def test_all_mutants_fit_the_source() -> None:
    assert mutants.stale() == []
    assert len(mutants.MUTANTS) >= 25


@pytest.mark.parametrize("name", QUICK_MUTANTS)
def test_a_broken_engine_is_found_out(name: str) -> None:
    (mutant,) = [m for m in mutants.MUTANTS if m.name == name]
    assert mutants.hunt(mutant, most=60) is not None


def test_the_oracle_tells_what_is_broken() -> None:
    """A world in which a row is doubled behind the engine's back is broken."""
    world = play(1002)
    team = world.teams[0]
    tool = next(iter(team.tools.values()))
    uid = next(u for u in tool.desk.rows() if world.row_of(team, tool, u))
    cells = {name: tool.desk.read(uid, name) for name in ("id", "description")}
    tool.desk.put(None, cells)
    with pytest.raises(BrokenError, match="one row each"):
        world.check()
