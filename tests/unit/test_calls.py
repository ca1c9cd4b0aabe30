"""Keeping a service's pace, and trying again what may be tried again."""

import pytest
from fakes.clock import FakeClock

from connectors import calls
from connectors.errors import AuthError, ConnectorError, TransientError, UnknownOutcomeError


class Service:
    def __init__(self, *answers: ConnectorError | str) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self) -> str:
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, ConnectorError):
            raise answer
        return answer


def test_calls_keep_their_distance_for_all_who_share_a_key() -> None:
    clock = FakeClock()
    one, same = calls.pace("host", "t", interval_s=0.5), calls.pace("host", "t", interval_s=0.5)
    for pace in (one, same, one):
        pace.wait(clock)
    assert clock.slept == [0.5, 0.5]
    one.hold_off(clock, 30)
    assert same.left(clock) == one.left(clock) == 30  # to ask takes no place
    same.wait(clock)
    assert clock.slept[-1] == 30


def test_a_passing_fault_is_tried_again_after_the_wait_that_was_asked_for() -> None:
    """Failure 70."""
    clock = FakeClock()
    service = Service(TransientError("429", retry_after_s=7), "ok")
    assert calls.call(service, clock, repeatable=False) == "ok"
    assert clock.slept == [7]


@pytest.mark.parametrize(
    ("error", "repeatable", "asked"),
    [
        (AuthError("401"), True, 1),
        (UnknownOutcomeError("no answer"), False, 1),  # failure 1: look first
        (UnknownOutcomeError("no answer"), True, calls.TRIES),
        (TransientError("503"), False, calls.TRIES),
        (TransientError("429", retry_after_s=3600), True, 1),  # the engine waits, not we
    ],
)
def test_what_is_tried_again(error: ConnectorError, repeatable: bool, asked: int) -> None:
    service = Service(*[error] * calls.TRIES)
    with pytest.raises(type(error)):
        calls.call(service, FakeClock(), repeatable=repeatable)
    assert service.asked == asked
