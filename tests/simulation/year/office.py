"""A real team at work for the simulated year: its program, its tool, its channels, and their ills.

The program is the shipped one, from the inbox to the outbox. Only the tracker (a table in memory),
the channels (they note what they are handed) and the database (in memory) are ours, so that they
can fail, and the process can die, at any step of a message's way.
"""

import logging
import os
import random
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from simulation import quick
from simulation.tools import Killed
from simulation.year.channels import Post, marked
from simulation.year.fate import Fate
from simulation.year.ledger import Try

from connectors.base import Changes, Outcome, Record, Schema, Write
from connectors.errors import TransientError
from connectors.memory import Column, Memory, Table, table_for
from mapping.notices import Posted
from minuteloop import config, notify
from minuteloop.config import TeamConfig
from minuteloop.team import PassReport, TeamWork
from sync.store import Store
from sync.tracker import Scope, Tracker
from sync.transaction import Transaction
from tracking import texts

ZONE = ZoneInfo("Asia/Shanghai")
_SETTLED = 1e9


@dataclass
class Clock:
    """The one time of a team's year."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def wall(self) -> datetime:
        return self.at.astimezone(UTC)

    def monotonic(self) -> float:
        return self.at.timestamp()

    def sleep(self, seconds: float) -> None:
        assert seconds <= 0, f"a pass waits {seconds} s"


class MortalStore(Store):
    """A store whose process may die before and after every transaction."""

    fate: Fate

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        self.fate.point()
        with super().transaction() as tx:
            yield tx
        self.fate.point()


class Tool:
    """A table whose service is down for a while."""

    def __init__(self, inner: Memory) -> None:
        self.inner = inner
        self.down = False

    def _ask(self) -> Memory:
        if self.down:
            raise TransientError("the service cannot be reached")
        return self.inner

    def describe(self) -> Schema:
        return self._ask().describe()

    def pull(self, cursor: str | None) -> Changes:
        return self._ask().pull(cursor)

    def find(self, ids: Sequence[str]) -> Sequence[Record]:
        return self._ask().find(ids)

    def apply(self, batch: Sequence[Write]) -> Sequence[Outcome]:
        return self._ask().apply(batch)

    def prepare(self) -> Sequence[str]:
        return []


# --- the team ---


class Office:
    """A team's folder, its program, and what befalls both.

    Args:
        folder: where it is made.
        text: the team file.
        clock: the team's time.
        rng: where its luck comes from.
    """

    def __init__(self, folder: Path, text: str, clock: Clock, rng: random.Random) -> None:
        self.folder, self.clock, self.rng = folder, clock, rng
        self.fate = Fate()
        self.database = quick.blank()
        self.tables: dict[str, Table] = {}
        self.posts: dict[str, Post] = {}
        self.down: set[str] = set()
        (folder / "inbox").mkdir(parents=True)
        self.configure(text)

    def configure(self, text: str) -> None:
        """Write the team file and start the program anew."""
        file = self.folder / "minuteloop.toml"
        file.write_text(text, encoding="utf-8")
        (self.config,) = config.load(file).teams
        self.start()

    def start(self) -> None:
        """Start the program: a new process knows only what was kept."""
        self.fate.left = None
        store = MortalStore(self.database, self.config.name)  # type: ignore[arg-type]
        store.fate = self.fate
        self.work = TeamWork(self.config, self.clock, store)  # type: ignore[arg-type]
        self.tools = {}
        rank = {t.name: n for n, t in enumerate(self.config.trackers)}
        for settings in self.config.trackers:
            setup = self.config.setup(settings, self.clock)
            table = self.tables.get(settings.name)
            if table is None:
                table = self.tables[settings.name] = table_for(setup)
                for ours in ("owner", "department", "support"):
                    table.columns[setup.columns[ours]] = Column()
                table.columns[setup.columns["due"]] = Column()
            tool = Tool(Memory(replace(setup, options={"table": table})))
            self.tools[settings.name] = tool
            self.work._trackers[settings.name] = Tracker(
                name=settings.name,
                kind="memory",
                connector=tool,
                scope=Scope(name=settings.name, rank=rank, sensitive=settings.sensitive),
                statuses=setup.statuses,
            )
            self.columns: Mapping[str, str] = setup.columns
        for channel in self.config.settings.channels:
            personal = channel.kind == "smtp"
            post = self.posts.get(channel.name)
            if post is None:
                limit = 60_000 if personal else 3_000
                post = Post(
                    channel.name,
                    channel.kind,
                    self.rng,
                    self.fate,
                    personal=personal,
                    limit=limit,
                )
                self.posts[channel.name] = post
            self.work.notifier.channels[channel.name] = post

    # --- a pass ---

    def once(
        self, *, dies_after: int | None = None, dies_on: str | None = None
    ) -> tuple[PassReport | None, list[Try]]:
        """Make a pass; ``dies_after`` steps of its outbox, or on a channel's wire, it dies."""
        for post in self.posts.values():
            post.tries = []
        for name, tool in self.tools.items():
            tool.down = name in self.down
        run = self.work.notifier.run

        def mortal(wait: Callable[[float], bool] | None = None) -> list[Posted]:
            self.fate.left, self.fate.wire = dies_after, dies_on
            return run(wait)

        self.work.notifier.run = mortal  # type: ignore[method-assign]
        vars(notify)["render"] = marked(texts.render)
        report = None
        try:
            report = self.work.once(progress=lambda _: None, wait_s=0)
        except Killed:
            pass
        finally:
            vars(notify)["render"] = texts.render
            self.work.notifier.run = run  # type: ignore[method-assign]
            self.fate.left = self.fate.wire = None
        tries = [one for post in self.posts.values() for one in post.tries]
        if report is None:
            self.start()
        return report, tries

    # --- the inbox ---

    def drop(self, name: str, text: str) -> None:
        path = self.folder / "inbox" / name
        path.write_text(text, encoding="utf-8")
        os.utime(path, (_SETTLED, _SETTLED))

    def drop_again(self, names: Sequence[str]) -> None:
        """Put archived minutes back into the inbox."""
        for path in sorted((self.folder / "archive").rglob("*.md")):
            if path.name in names:
                shutil.move(path, self.folder / "inbox" / path.name)
                os.utime(self.folder / "inbox" / path.name, (_SETTLED, _SETTLED))

    # --- the tool ---

    def row(self, tracker: str, item: str) -> str | None:
        """Return the row that carries an id."""
        label = self.columns["id"]
        for row_id, states in self.tables[tracker].history.items():
            if not states[-1].gone and states[-1].cells.get(label) == item:
                return row_id
        return None

    def cell(self, tracker: str, item: str, name: str) -> Any:
        row = self.row(tracker, item)
        assert row is not None
        return self.tables[tracker].now(row).cells.get(self.columns[name])

    def type(self, tracker: str, item: str, **cells: Any) -> None:
        """Let a person type into the cells of an item's row."""
        row = self.row(tracker, item)
        assert row is not None
        named = {self.columns[name]: cell for name, cell in cells.items()}
        self.tables[tracker].put(row, named, self.clock.wall(), "somebody")

    # --- the database ---

    def copy(self) -> quick.Database:
        """Return a copy of the database, as a backup is."""
        made = quick.Database()
        made.copy_from(self.database)
        return made

    def restore(self, copy: quick.Database | None) -> None:
        """Put an older copy in the database's place; none: it is lost."""
        self.database = quick.blank()
        if copy is not None:
            self.database.copy_from(copy)
        self.start()

    @contextmanager
    def kept(self) -> Iterator[Transaction]:
        with self.work.store.reading() as tx:
            yield tx

    def ask(self, verb: str, target: str, **args: str) -> None:
        """Write a person's decision down, as the commands do."""
        with self.work.store.transaction() as tx:
            tx.request(verb, target, args, self.clock.now().isoformat())


def quiet_log() -> None:
    """Let the program's log be."""
    logging.getLogger("minuteloop").setLevel(logging.CRITICAL + 1)
    logging.getLogger("sync").setLevel(logging.CRITICAL + 1)
    logging.getLogger("tracking").setLevel(logging.CRITICAL + 1)


__all__ = ["Clock", "Office", "TeamConfig"]
