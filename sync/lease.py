"""Who works a team: one process at a time, with a number that tells it from all before. I/O.

The machine's clock judges, never ``--now``. A dead process's lease on the same machine is taken
over at once; one of another machine when it was not renewed for a while (failures 7, 76).
"""

import os
import socket
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from sync.store import LeaseLostError, Store, StoreError

HOLDS = timedelta(seconds=60)
RENEW_EVERY_S = 15.0
LOOK_EVERY_S = 0.5


class Clock(Protocol):
    """The machine's time."""

    def wall(self) -> datetime:
        """Return the machine's time, aware."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class HeldError(Exception):
    """Another living process works the team; the message says which."""


@contextmanager
def hold(store: Store, clock: Clock, *, wait_s: float) -> Iterator[None]:
    """Hold the team's lease while the block runs; it is renewed by a thread meanwhile.

    Args:
        store: from now on it writes only while the lease holds.
        clock: the machine's.
        wait_s: how long to wait for a living holder.

    Raises:
        HeldError: somebody else still holds it after that time.
    """
    holder = uuid.uuid4().hex
    give_up = clock.monotonic() + wait_s
    while True:
        other = _take(store, holder, clock.wall())
        if other is None:
            break
        if clock.monotonic() >= give_up:
            raise HeldError(other)
        clock.sleep(LOOK_EVERY_S)
    stop = threading.Event()
    renewing = threading.Thread(
        target=_renew, args=(store, holder, clock.wall, stop), name="lease", daemon=True
    )
    renewing.start()
    try:
        yield
    finally:
        stop.set()
        renewing.join()
        _let_go(store, holder)


def _take(store: Store, holder: str, now: datetime) -> str | None:
    """Take the lease; return who holds it if it cannot be had."""
    store.fence = None
    with store.transaction() as tx:
        other, data, until = tx.lease()
        alive = other is not None and _alive(dict(data), datetime.fromisoformat(until), now)
        if alive:
            return f"process {data.get('pid')} on {data.get('host')}"
        fence = tx.fence() + 1
        tx.put_lease(fence, holder, _me(), (now + HOLDS).isoformat())
    store.fence = fence
    return None


def _renew(store: Store, holder: str, now: Callable[[], datetime], stop: threading.Event) -> None:
    while not stop.wait(RENEW_EVERY_S):
        try:
            with store.transaction() as tx:
                if tx.lease()[0] == holder:
                    tx.put_lease(tx.fence(), holder, _me(), (now() + HOLDS).isoformat())
        except (LeaseLostError, StoreError):
            continue  # whoever writes next is told


def _let_go(store: Store, holder: str) -> None:
    """Give the lease back; the fence stays, so that a thread that comes late can be refused."""
    try:
        with store.transaction() as tx:
            if tx.lease()[0] == holder:
                tx.put_lease(tx.fence(), None, {}, "")
    except (LeaseLostError, StoreError):
        pass  # it is not ours any more, or runs out by itself


def _me() -> dict[str, object]:
    pid = os.getpid()
    return {"host": socket.gethostname(), "boot": _boot(), "pid": pid, "started": _started(pid)}


def _alive(data: dict[str, object], until: datetime, now: datetime) -> bool:
    if data.get("host") == socket.gethostname():
        known = data.get("boot")
        if known and known != _boot():
            return False
        running = _running(int(str(data.get("pid"))), data.get("started"))
        if running is not None:
            return running
    return now < until


def _running(pid: int, started: object) -> bool | None:
    """Say whether a process of this machine lives; None where that cannot be told."""
    if sys.platform == "win32":
        return None  # os.kill(pid, 0) would end it there; the lease runs out instead
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return started is None or _started(pid) == started


def _started(pid: int) -> str | None:
    """Return when a process began, as the kernel tells it; None where it does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return stat.rpartition(")")[2].split()[19]


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
