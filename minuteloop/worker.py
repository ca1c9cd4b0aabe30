"""A thread that works whenever it is woken: for one reader, tracker or channel of a team."""

import logging
import threading
from collections.abc import Callable

from minuteloop.clock import SystemClock

logger = logging.getLogger(__name__)

AGAIN_S = 30.0  # until work that failed by a fault of our own is tried again


class Worker:
    """A thread that does one piece of work whenever it is woken, one run at a time.

    Args:
        name: of the thread.
        work: returns seconds after which it wants to be woken again, None if it does not.
        clock: the machine's.
    """

    def __init__(self, name: str, work: Callable[[], float | None], clock: SystemClock) -> None:
        self._work = work
        self._clock = clock
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._not_before = 0.0
        self._again: float | None = None
        self._thread = threading.Thread(target=self._loop, name=name, daemon=True)

    def start(self) -> None:
        """Begin, with a first run at once."""
        self._wake.set()
        self._thread.start()

    def wake(self) -> None:
        """Say "look now"."""
        self._wake.set()

    def hold_off(self, seconds: float) -> None:
        """Do nothing for so long, whoever wakes it."""
        self._not_before = self._clock.monotonic() + seconds

    def stop(self) -> None:
        """Ask it to end after what it does now."""
        self._stop.set()
        self._wake.set()

    @property
    def name(self) -> str:
        """The thread's."""
        return self._thread.name

    def join(self, timeout_s: float) -> bool:
        """Wait for its end; say whether it came."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _loop(self) -> None:
        while not self._stop.is_set():
            self._wake.wait(self._again)
            rest = self._not_before - self._clock.monotonic()
            if rest > 0 and not self._stop.wait(rest):
                continue
            self._wake.clear()
            if self._stop.is_set():
                return
            try:
                self._again = self._work()
            except Exception:
                logger.exception("fault of the program", extra={"worker": self._thread.name})
                self._again = AGAIN_S
                self.hold_off(AGAIN_S)
