"""The one place that asks the machine for the time.

Two times are told apart: ``now`` is the time of all that we decide or record and may be given by
``--now``; ``wall`` judges what others see (file ages, leases, tokens) and is always the machine's.
"""

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo


class SystemClock:
    """The time for a team.

    Args:
        zone: the team's time zone, in which ``now`` is told.
        fixed_now: aware; what ``--now`` gave. None lets the machine's time run.
    """

    def __init__(self, zone: ZoneInfo, fixed_now: datetime | None = None) -> None:
        self.zone = zone
        self._fixed = fixed_now.astimezone(zone) if fixed_now else None

    def now(self) -> datetime:
        """Return the time of decisions, aware, in the team's zone."""
        return self._fixed or self.wall().astimezone(self.zone)

    def wall(self) -> datetime:
        """Return the machine's time, aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251  # this is where the Clock takes it from

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(max(0.0, seconds))  # noqa: TID251  # this is where the Clock takes it from


def parse_now(text: str, zone: ZoneInfo) -> datetime:
    """Read the time that ``--now`` gives; without a zone it is the team's.

    Raises:
        ValueError: it is no time; the message says what is allowed.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(
            f'found "{text}", must be a time such as 2024-05-25T09:00 or 2024-05-25T09:00+08:00'
        ) from None
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
