"""A clock that stands still until it is told to move."""

from datetime import UTC, datetime, timedelta


class FakeClock:
    """The machine's time and the team's, both set by the test; to sleep is to move on.

    Args:
        start: aware; what ``now`` and ``wall`` say first.
    """

    def __init__(self, start: datetime = datetime(2024, 5, 20, 8, 0, tzinfo=UTC)) -> None:
        self._start = start
        self._passed = 0.0
        self.shift = timedelta()  # of ``now`` against the machine, as --now makes it
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.wall() + self.shift

    def wall(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._passed += seconds
