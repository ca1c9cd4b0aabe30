"""What connectors to services share: keeping their pace, and trying again what may be tried again.

The vendors' clients retry in ways that make rows twice or give up in silence; their own retries are
turned off and these are used.
"""

import threading
from collections.abc import Callable
from typing import TypeVar

import tenacity

from connectors.base import Clock
from connectors.errors import TransientError, UnknownOutcomeError

TRIES = 4
LONGEST_WAIT_S = 60.0  # a longer wait is the engine's: the tracker fails and is tried again later

_T = TypeVar("_T")


class Pace:
    """At least so many seconds from one call to the next, for all who share a key.

    Args:
        interval_s: seconds between calls.
    """

    def __init__(self, interval_s: float) -> None:
        self.interval_s = interval_s
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self, clock: Clock) -> None:
        """Wait for the next place; callers are served in the order they came."""
        with self._lock:
            now = clock.monotonic()
            place = max(now, self._next)
            self._next = place + self.interval_s
        if place > now:
            clock.sleep(place - now)

    def left(self, clock: Clock) -> float:
        """Return the seconds until the next place, which is not taken by asking."""
        with self._lock:
            return max(0.0, self._next - clock.monotonic())

    def hold_off(self, clock: Clock, seconds: float) -> None:
        """Let nobody call for so long: the service said so."""
        with self._lock:
            self._next = max(self._next, clock.monotonic() + seconds)


_paces: dict[tuple[str, ...], Pace] = {}
_paces_lock = threading.Lock()


def pace(*key: str, interval_s: float) -> Pace:
    """Return the pace that all trackers of this process share for a key, e.g. host and tenant."""
    with _paces_lock:
        return _paces.setdefault(key, Pace(interval_s))


def paced(work: Callable[[], _T], pace: "Pace", clock: Clock, *, repeatable: bool) -> _T:
    """Do one call as ``call`` does, each try at its pace; a wait asked for is the pace's too.

    Args:
        work: the call; it raises the errors of ``connectors.errors``.
        pace: of the service, shared by all that it counts together.
        clock: waits are taken from it.
        repeatable: as for ``call``.

    Raises:
        ConnectorError: what the last try raised.
    """

    def once() -> _T:
        pace.wait(clock)
        try:
            return work()
        except TransientError as error:
            if error.retry_after_s and error.retry_after_s <= LONGEST_WAIT_S:
                pace.hold_off(clock, error.retry_after_s)
            raise

    return call(once, clock, repeatable=repeatable)


def call(work: Callable[[], _T], clock: Clock, *, repeatable: bool) -> _T:
    """Do one call to a service, and again after passing faults.

    Args:
        work: the call; it raises the errors of ``connectors.errors``.
        clock: waits are taken from it.
        repeatable: whether it does no harm twice. If not, a call whose answer was lost is never
            sent again: the engine looks first.

    Raises:
        ConnectorError: what the last try raised.
    """

    def again(error: BaseException) -> bool:
        if isinstance(error, UnknownOutcomeError):
            return repeatable
        if not isinstance(error, TransientError):
            return False
        return (error.retry_after_s or 0.0) <= LONGEST_WAIT_S

    backoff = tenacity.wait_random_exponential(multiplier=1, max=20)

    def wait(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after_s if isinstance(error, TransientError) else None
        return float(asked) if asked is not None else backoff(state)

    trying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(again),
        stop=tenacity.stop_after_attempt(TRIES),
        wait=wait,
        sleep=clock.sleep,
        reraise=True,
    )
    return trying(work)
