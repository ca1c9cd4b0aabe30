"""The book of what was due and what people read, and what is wrong between the two.

The ledger imports nothing of the program. It is told what people did and what the hub could know of
it, and holds each message against what the handbook demands at that moment. A notice is judged by
what its reader sees: rule, matter, person; the day that tells it from the last one is the
ledger's own.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from simulation.year.demands import Hub
from simulation.year.facts import Route, Want

PATIENCE = timedelta(hours=2)  # the longest wait until what was refused is tried again
GIVEN_UP = timedelta(days=3)
KINDS = {
    **dict.fromkeys(("D2", "D5", "D6", "F4"), "reminder"),
    **dict.fromkeys(("D3", "D4"), "digest"),
    **dict.fromkeys(("F3", "C1"), "alert"),
    "C3": "minutes",
    "B3": "finding",
    "E1": "review",
}


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one section of a message told one person, as it was read."""

    rule: str
    form: str
    subject: str
    to: str
    about: tuple[str, ...]

    @property
    def matter(self) -> tuple[str, str, str, str]:
        return self.rule, self.form, self.subject, self.to


@dataclass(frozen=True, kw_only=True)
class Try:
    """One message that was handed to a channel.

    Attributes:
        answer: ``taken``, ``refused``, ``lost``, or ``killed``: the process died.
        arrived: people can read it.
        alone: it was refused for its person's sake; the channel is well.
        size: of the text, and ``limit``: what one message may have.
    """

    channel: str
    id: str
    to: tuple[str, ...]
    told: tuple[Told, ...]
    answer: str
    arrived: bool
    alone: bool = False
    size: int
    limit: int
    wait_s: float = 0.0


@dataclass
class History:
    """What became of one notice on one channel."""

    arrived: set[str] = field(default_factory=set)  # ids of the messages in which it was read
    taken: bool = False  # the service said so
    over: bool = False  # it may have been read, and is not to leave again
    missed: bool = False  # it did not leave when it had to; that is told once
    failed_at: datetime | None = None
    first_failed: datetime | None = None
    wait: timedelta = PATIENCE


class Ledger:
    """The book of one team; ``wrong`` holds the promises that were broken."""

    def __init__(self, hub: Hub, routes: Sequence[Route]) -> None:
        self.hub = hub
        self.routes = {r.name: r for r in routes}
        self.unreachable: set[str] = set()  # have no address for personal channels
        self.book: dict[tuple[str, tuple[str, ...]], History] = defaultdict(History)
        self.read: set[tuple[str, str]] = set()  # messages, by channel and id
        self.used: dict[tuple[str, str], set[tuple[str, ...]]] = {}  # what they told
        self.sent: dict[str, int] = defaultdict(int)
        self.wrong: list[str] = []

    # --- judging a pass ---

    def judge(
        self,
        now: datetime,
        tries: Sequence[Try],
        *,
        complete: bool,
        down: frozenset[str] = frozenset(),
        full: frozenset[str] = frozenset(),
    ) -> None:
        """Judge what a pass sent.

        Args:
            now: its time, the team's.
            tries: all messages that were handed to a channel, in their order.
            complete: the process did not die.
            down: channels of which the service took nothing for a while.
            full: people whose mailbox takes nothing.
        """
        wants = {w.matter: w for w in self.hub.wants(now)}
        quiet = self._is_quiet(now)
        if quiet and tries:
            self._blame(now, f"{len(tries)} messages in quiet hours")
        self._judge_together(now, tries)
        for one in tries:
            keys = [k for told in one.told if (k := self._judge_told(now, one, told, wants))]
            self._enter(now, one, keys)
            for told in one.told if one.answer == "taken" else ():
                if (told.rule, told.form) == ("F3", "alert"):
                    self.hub.note_alert(told.subject, now, known=complete)
        if complete and not quiet:
            left_alone = {n for n in self.routes if _failed_twice(n, tries)}
            self._judge_missing(now, wants.values(), down | left_alone, full)

    def _judge_told(
        self,
        now: datetime,
        one: Try,
        told: Told,
        wants: Mapping[tuple[str, str, str, str], Want],
    ) -> tuple[str, ...] | None:
        route, want = self.routes[one.channel], wants.get(told.matter)
        if want is None:
            self._blame(now, f"{one.channel}: {_shown(told)} is not due")
            return None
        if KINDS[told.rule] not in route.sends:
            self._blame(now, f"{one.channel}: {_shown(told)} is not carried by this channel")
        secret = [i for i in told.about if i in self.hub.tasks and self.hub.tasks[i].sensitive]
        if (secret or want.sensitive) and not route.personal:
            self._blame(now, f"{one.channel}: {_shown(told)} is sensitive, and told to a group")
        if any(not self.hub.may_see(told.to, self.hub.tasks[i]) for i in secret):
            self._blame(now, f"{one.channel}: {_shown(told)} is not for {told.to}")
        over = [i for i in told.about if i in self.hub.tasks and not self.hub.tasks[i].is_open]
        if over and told.rule != "C3":
            self._blame(now, f"{one.channel}: {_shown(told)} is about what is over: {over}")
        history = self.book[one.channel, want.key]
        known = history.arrived | ({"?"} if history.over else set())
        if known and not (route.repeatable and one.id in known):
            self._blame(now, f"{one.channel}: {_shown(told)} for {want.period} is doubled")
        if want.key not in self.used.get((one.channel, one.id), {want.key}):
            self._blame(now, f"{one.channel}: {_shown(told)} is new, under a message's old id")
        return want.key

    def _enter(self, now: datetime, one: Try, keys: Sequence[tuple[str, ...]]) -> None:
        route = self.routes[one.channel]
        if one.arrived and (one.channel, one.id) not in self.read:
            self.read.add((one.channel, one.id))  # read again, it says nothing new
            for key in keys:
                self.book[one.channel, key].arrived.add(one.id)
                self.sent[key[0]] += 1
        self.used.setdefault((one.channel, one.id), set()).update(keys)
        lost = one.answer in ("lost", "killed") and not route.repeatable
        for key in keys:
            history = self.book[one.channel, key]
            if one.answer == "taken":
                history.taken = True
            elif lost:
                history.over = True  # at most once: it is not to be seen again
            elif one.answer in ("refused", "lost"):
                history.failed_at = now
                history.first_failed = history.first_failed or now
                history.wait = max(PATIENCE, timedelta(seconds=one.wait_s))

    def _judge_missing(
        self, now: datetime, wants: Iterable[Want], down: frozenset[str], full: frozenset[str]
    ) -> None:
        for want in wants:
            for route in self.routes.values() if want.must else ():
                if KINDS[want.rule] not in route.sends or route.name in down:
                    continue
                if want.sensitive and not route.personal:
                    continue
                if route.personal and (want.to in self.unreachable or want.to in full):
                    continue
                history = self.book[route.name, want.key]
                if history.arrived or history.taken or history.over or history.missed:
                    continue
                failed, first = history.failed_at, history.first_failed
                if failed and now - failed <= history.wait:
                    continue
                if first and failed and failed - first > GIVEN_UP:
                    continue
                history.missed = True
                self._blame(now, f"{route.name}: {_shown(want)} for {want.period} did not leave")

    def _judge_together(self, now: datetime, tries: Sequence[Try]) -> None:
        """Several to one person in one pass are one message, as far as it holds them."""
        fresh: dict[tuple[str, tuple[str, ...]], list[Try]] = defaultdict(list)
        for one in tries:
            if (one.channel, one.id) not in self.used and one.answer == "taken":
                fresh[one.channel, one.to].append(one)
        for (channel, to), some in fresh.items():
            if len(some) > 1 and sum(o.size for o in some) < some[0].limit:
                self._blame(now, f"{channel}: {len(some)} messages to {', '.join(to)} at once")

    def _blame(self, now: datetime, what: str) -> None:
        self.wrong.append(f"{now:%Y-%m-%d %H:%M} {what}")

    def _is_quiet(self, now: datetime) -> bool:
        if self.hub.rules.quiet is None:
            return False
        start, end = self.hub.rules.quiet
        at = now.time()
        return start <= at < end if start <= end else at >= start or at < end


def _failed_twice(channel: str, tries: Sequence[Try]) -> bool:
    """Say whether a channel failed twice in a row, so that it may be left alone for this time."""
    failed = [t.answer != "taken" for t in tries if t.channel == channel and not t.alone]
    return any(a and b for a, b in pairwise(failed))


def _shown(one: Want | Told) -> str:
    return f"{one.rule} {one.form} {one.subject} > {one.to}"
