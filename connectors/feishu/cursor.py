"""How far a look has come, and from where the next one begins. Pure.

The service's copies lag behind its writes ("wait some seconds", Bitable FAQ; how many is not said).
So a look begins some minutes before the latest change that was seen, until so much time has passed
without another that nothing from before it can still come to light.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

OVERLAP_S = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """What is known of the rows, as of one look.

    Attributes:
        by: the id of the column of last changes; empty where only a whole look will do.
        at: the latest change that was seen, in ms by the service's clock.
        floor: the change from which the next look reads, likewise.
        reached: when ``at`` was seen first, in seconds by our clock.
        told: what tells which rows from ``floor`` on were handed over already.
    """

    by: str = ""
    at: int = 0
    floor: int = 0
    reached: float = 0.0
    told: str = ""

    def __str__(self) -> str:
        return json.dumps([self.by, self.at, self.floor, self.reached, self.told])


def parse(text: str | None) -> Cursor:
    """Return a cursor; one that cannot be read asks for a whole look."""
    try:
        by, at, floor, reached, told = json.loads(text or "")
        return Cursor(
            by=str(by), at=int(at), floor=int(floor), reached=float(reached), told=str(told)
        )
    except (ValueError, TypeError):
        return Cursor()


def advance(since: Cursor, at: int, now: float) -> Cursor:
    """Return the cursor after a look that read from ``since.floor`` on.

    Args:
        since: where the look began.
        at: the latest change that it saw.
        now: in seconds by our clock.
    """
    if at > since.at or not since.reached:
        floor = max(since.floor, at - OVERLAP_S * 1000)
        return replace(since, at=at, floor=floor, reached=now)
    if now - since.reached >= OVERLAP_S:
        return replace(since, floor=since.at + 1)
    return since


def digest(versions: Mapping[str, str | None]) -> str:
    """Return what tells one set of rows from another."""
    whole = json.dumps(sorted(versions.items()))
    return hashlib.sha256(whole.encode()).hexdigest()[:16]
