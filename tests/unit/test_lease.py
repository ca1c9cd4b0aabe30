"""The lease: one process a team, a dead one's taken over at once, the old holder's writes refused."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes.clock import FakeClock

from sync import lease
from sync.lease import HeldError, hold
from sync.store import LeaseLostError, Store

TEAM = "产品部"
HOLD = """
import sys, time
from datetime import UTC, datetime
from sync.lease import HeldError, hold
from sync.store import Store
class Clock:
    def wall(self): return datetime.now(UTC)
    def monotonic(self): return time.monotonic()
    def sleep(self, seconds): time.sleep(seconds)
store = Store.open(sys.argv[1], "产品部")
try:
    with hold(store, Clock(), wait_s=float(sys.argv[2])):
        print("held", flush=True)
        time.sleep(float(sys.argv[3]))
        print("done", flush=True)
except HeldError as error:
    print(f"refused: {error}", flush=True)
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'a.db'}"


@pytest.fixture
def store(url: str) -> Store:
    return Store.open(url, TEAM)


def process(url: str, wait_s: float, holds_s: float) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, url, str(wait_s), str(holds_s)],
        stdout=subprocess.PIPE,
        text=True,
    )


def line(running: subprocess.Popen[str]) -> str:
    assert running.stdout is not None
    return running.stdout.readline().strip()


@pytest.fixture
def other(url: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lease for a minute."""
    with process(url, 0, 60) as running:
        assert line(running) == "held"
        yield running
        running.kill()


def pretend(store: Store, until: datetime, **data: object) -> None:
    """Write a lease as another process would have."""
    known: dict[str, object] = {"host": socket.gethostname(), "boot": lease._boot(), "pid": 1}
    with store.transaction() as tx:
        tx.put_lease(7, "somebody", {**known, **data}, until.isoformat())


def write(store: Store) -> None:
    with store.transaction() as tx:
        tx.request("x", "y", {}, "z")


def test_it_is_held_and_let_go(store: Store) -> None:
    clock = FakeClock()
    with hold(store, clock, wait_s=0):
        with store.transaction() as tx:
            holder, data, until = tx.lease()
            assert (tx.fence(), data["pid"]) == (1, os.getpid())
        assert holder
        assert datetime.fromisoformat(until) == clock.wall() + lease.HOLDS
    with store.transaction() as tx:
        assert tx.lease()[0] is None
        assert tx.fence() == 1
    with hold(store, clock, wait_s=0), store.transaction() as tx:
        assert tx.fence() == 2


def test_it_is_let_go_after_an_error(store: Store) -> None:
    with pytest.raises(KeyError), hold(store, FakeClock(), wait_s=0):
        raise KeyError
    with store.transaction() as tx:
        assert tx.lease()[0] is None


def test_a_living_process_is_waited_for_and_then_named(
    store: Store, other: subprocess.Popen[str]
) -> None:
    """Failures 7 and 76."""
    clock = FakeClock(datetime.now(UTC))
    with pytest.raises(HeldError) as caught, hold(store, clock, wait_s=30):
        pytest.fail("two hold it")
    assert str(other.pid) in str(caught.value)
    assert socket.gethostname() in str(caught.value)
    assert 29 <= clock.monotonic() <= 32  # it waited, by the clock it was given


def test_a_killed_process_is_taken_over_at_once(store: Store, other: subprocess.Popen[str]) -> None:
    other.kill()
    other.wait()
    clock = FakeClock(datetime.now(UTC))
    with hold(store, clock, wait_s=0):
        write(store)
    assert clock.slept == []


def test_two_processes_race_and_one_at_a_time_works(url: str, store: Store) -> None:
    running = [process(url, 0, 0.6) for _ in range(3)]
    told = [p.communicate(timeout=60)[0].split("\n") for p in running]
    winners = [t for t in told if t[0] == "held"]
    assert winners
    assert all(t[0] == "held" or t[0].startswith("refused: process ") for t in told)
    with store.transaction() as tx:
        assert tx.fence() == len(winners)  # each holder had a number of its own


def test_the_next_in_line_gets_it_when_the_holder_ends(url: str) -> None:
    first = process(url, 0, 0.5)
    assert line(first) == "held"
    second = process(url, 20, 0)
    assert second.communicate(timeout=60)[0].split() == ["held", "done"]
    assert first.communicate(timeout=60)[0].split() == ["done"]


def test_a_pid_that_was_given_anew_is_no_holder(store: Store) -> None:
    """The number lives, but the process behind it began at another time."""
    pretend(
        store, datetime.now(UTC) + timedelta(hours=1), pid=os.getpid(), started="some other time"
    )
    with hold(store, FakeClock(datetime.now(UTC)), wait_s=0), store.transaction() as tx:
        assert tx.fence() == 8


def test_the_same_process_by_its_start_is_a_holder(store: Store) -> None:
    pid = os.getpid()
    pretend(store, datetime.now(UTC) - timedelta(hours=1), pid=pid, started=lease._started(pid))
    with pytest.raises(HeldError), hold(store, FakeClock(datetime.now(UTC)), wait_s=0):
        pytest.fail("taken from a living process because its renewal was late")


def test_a_lease_from_before_a_restart_of_the_machine_is_dead(store: Store) -> None:
    pid = os.getpid()
    pretend(
        store,
        datetime.now(UTC) + timedelta(hours=1),
        boot="another boot",
        pid=pid,
        started=lease._started(pid),
    )
    with hold(store, FakeClock(datetime.now(UTC)), wait_s=0):
        write(store)


def test_another_machine_holds_it_until_it_runs_out(store: Store) -> None:
    clock = FakeClock(datetime.now(UTC))
    pretend(store, clock.wall() + timedelta(seconds=40), host="elsewhere", boot="x", pid=1)
    with pytest.raises(HeldError, match="process 1 on elsewhere"), hold(store, clock, wait_s=30):
        pytest.fail("taken while it holds")
    with hold(store, clock, wait_s=30), store.transaction() as tx:
        assert tx.fence() == 8
    assert sum(clock.slept) == pytest.approx(40, abs=2)


def test_the_old_holders_writes_are_refused(url: str, store: Store) -> None:
    """Failure 76: it slept, was taken over, and wakes up in the middle of its pass."""
    other = Store.open(url, TEAM)
    with hold(store, FakeClock(), wait_s=0):
        with other.transaction() as tx:  # another machine found it run out
            tx.put_lease(tx.fence() + 1, "other", {}, "2099-01-01T00:00:00+00:00")
        with pytest.raises(LeaseLostError):
            write(store)
    with other.transaction() as tx:
        assert tx.requests() == []
        assert tx.lease()[0] == "other"  # its end takes nothing from the new holder
    other.close()


def test_who_has_let_go_writes_nothing_more_once_another_holds_it(url: str, store: Store) -> None:
    """A thread that did not end in time may still hold the store."""
    other = Store.open(url, TEAM)
    with hold(store, FakeClock(), wait_s=0):
        write(store)
    with hold(other, FakeClock(), wait_s=0):
        write(other)
        with pytest.raises(LeaseLostError):
            write(store)
    other.close()


def test_a_store_that_never_held_it_may_write_a_decision(url: str, store: Store) -> None:
    """`close`, `verify`, `release` write beside a running daemon."""
    other = Store.open(url, TEAM)
    with hold(store, FakeClock(), wait_s=0):
        write(other)
        write(store)
    with store.transaction() as tx:
        assert len(tx.requests()) == 2
    other.close()


def test_it_is_renewed_while_work_goes_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "RENEW_EVERY_S", 0.01)
    clock = FakeClock()
    with hold(store, clock, wait_s=0):
        clock.advance(50)
        end = time.monotonic() + 10
        until = ""
        while time.monotonic() < end:
            with store.transaction() as tx:
                until = tx.lease()[2]
            if datetime.fromisoformat(until) == clock.wall() + lease.HOLDS:
                break
            time.sleep(0.01)
        assert datetime.fromisoformat(until) == clock.wall() + lease.HOLDS
    assert not any(t.name == "lease" for t in threading.enumerate())


def test_teams_have_leases_of_their_own(url: str, store: Store) -> None:
    other = Store.open(url, "另一组")
    with hold(store, FakeClock(), wait_s=0), hold(other, FakeClock(), wait_s=0):
        write(store)
        write(other)
    other.close()
