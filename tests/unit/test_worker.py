"""A worker a tracker: what one waits for, the others do not."""

import threading
from zoneinfo import ZoneInfo

from minuteloop.clock import SystemClock
from minuteloop.worker import Worker


def test_a_slow_tracker_delays_no_other() -> None:
    """Failure 79."""
    clock = SystemClock(ZoneInfo("Asia/Shanghai"))
    held, done = threading.Event(), threading.Event()
    passes: list[str] = []

    def slow() -> None:
        passes.append("slow")
        held.wait(10)

    def quick() -> float | None:
        passes.append("quick")
        if passes.count("quick") == 3:
            done.set()
            return None
        return 0.0

    workers = [Worker("slow", slow, clock), Worker("quick", quick, clock)]
    for worker in workers:
        worker.start()
    assert done.wait(10)
    assert passes.count("slow") == 1
    held.set()
    for worker in workers:
        worker.stop()
        assert worker.join(10)
