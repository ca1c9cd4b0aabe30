"""`minuteloop run` as a process of its own: its signals, its log, commands called beside it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fakes import office

from minuteloop import config
from minuteloop.commands import stores
from sync.transaction import Transaction

PATIENCE_S = 60.0  # for a machine on which much else runs
LOOK_EVERY_S = 0.05
QUIET = "state=ok new=0 updated=0 taken=0 closed=0 conflicts=0"
_RUN = ("-m", "minuteloop", "run")


class MachineClock:
    """The machine's time: the program as a process has no other."""

    def wall(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Service:
    """A team's folder and the service that works it.

    Args:
        folder: where the team file is, or will be.
        text: the team file.
        python: what the interpreter is called with instead of ``-m minuteloop run``.
    """

    def __init__(self, folder: Path, text: str, *, python: Sequence[str] = _RUN) -> None:
        self.folder = folder
        self.config = folder / "minuteloop.toml"
        self.inbox = folder / "inbox"
        self.inbox.mkdir(parents=True, exist_ok=True)
        self.configure(text)
        self._python = python
        self._process: subprocess.Popen[bytes] | None = None
        self._begun = 0

    def configure(self, text: str) -> None:
        self.config.write_text(text, encoding="utf-8")

    # --- the service ---

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def start(self) -> None:
        self._begun = len(self.log())
        with (self.folder / "log.txt").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._python],
                cwd=self.folder,
                env=_environment(),
                stdout=log,
                stderr=log,
            )

    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """Let it end as by ``kill -9``, wherever it is."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def end(self) -> float:
        """Ask it to end, once it is at work; return the seconds that it took."""
        self.wait(lambda: self.lines("at work", since=self._begun))
        begun = time.monotonic()
        self.process.terminate()
        assert self.process.wait(PATIENCE_S) == 0, self.log()
        return time.monotonic() - begun

    def reload(self) -> None:
        """Let it read its configuration again, and wait until it is at work with it."""
        before = self.log().count("at work")
        self.process.send_signal(signal.SIGHUP)
        self.wait(lambda: self.log().count("at work") > before)

    # --- what it says ---

    def log(self, since: int = 0) -> str:
        """Return the log from a place on, in characters."""
        file = self.folder / "log.txt"
        return file.read_text(encoding="utf-8")[since:] if file.exists() else ""

    def lines(self, *words: str, since: int = 0) -> list[str]:
        """Return the lines of the log that hold all these words."""
        return [n for n in self.log(since).splitlines() if all(w in n for w in words)]

    def events(self, since: int = 0) -> list[str]:
        """Return the lines of the log but for passes in which nothing happened."""
        return [line for line in self.lines(since=since) if QUIET not in line]

    def passes(self, tracker: str, since: int = 0) -> list[dict[str, str]]:
        """Return the details of a tracker's passes that were well."""
        found = self.lines(" pass ", f"tracker={tracker} state=ok", since=since)
        return [dict(w.split("=", 1) for w in line.split() if "=" in w) for line in found]

    def wait(self, what: Callable[[], object], seconds: float = PATIENCE_S) -> None:
        """Wait until something holds; fail with the log if it does not."""
        end = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < end, "\n".join(self.events()[-40:])
            time.sleep(LOOK_EVERY_S)

    # --- beside it ---

    def call(self, *words: str, code: int | None = 0) -> str:
        """Call the program; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "minuteloop", *words],
            cwd=self.folder,
            env=_environment(),
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=2 * PATIENCE_S,
        )
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def told(self, *words: str) -> Any:
        """Call the program inside this process, which is quicker; return what it told as JSON."""
        return office.call([*words, "--json", "-c", str(self.config)]).json

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Read the team's database."""
        (team,) = config.load(self.config).teams
        with stores.reading(team) as tx:
            yield tx

    def drop(self, name: str, text: str) -> None:
        """Put a file into the inbox that nobody has touched for a while."""
        aside = self.folder / f"{name}.part"
        aside.write_text(text, encoding="utf-8")
        os.utime(aside, (time.time() - 60,) * 2)
        aside.rename(self.inbox / name)


def _environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MINUTELOOP")}
    return kept | {"COLUMNS": "120", "PYTHONUTF8": "1"}
