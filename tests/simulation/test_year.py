"""A short run of the simulated year; the long one is ``python -m simulation.year``."""

import pytest
from simulation.year import mutants
from simulation.year.__main__ import lives

QUICK_MUTANTS = (
    "what was sent leaves again",
    "quiet hours are not kept",
    "what is sensitive goes to groups",
)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_notice_due_leaves_once_and_no_other(seed: int) -> None:
    *_, (_, story) = lives(seed, 60)
    assert story.ledger.wrong == []
    assert len(story.ledger.sent) >= 8  # rules of which people heard
    assert story.count["messages"] > 150
    assert {"kills", "flaky for a while"} <= story.count.keys()


def test_all_mutants_fit_the_source() -> None:
    assert mutants.stale() == []
    assert len(mutants.MUTANTS) >= 12


@pytest.mark.parametrize("name", QUICK_MUTANTS)
def test_a_broken_outbox_is_found_out(name: str) -> None:
    (mutant,) = [m for m in mutants.MUTANTS if m.name == name]
    assert mutants.hunt(mutant, teams=3, days=20) is not None
