"""Channels of the simulated year: they note what they are handed, and misbehave as told.

A message holds, beside its text, what its reader understands of it, for the ledger to read.
"""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulation.tools import Killed
from simulation.year.fate import Fate
from simulation.year.ledger import Told, Try

from mapping.notices import Message, Notice, Section
from mapping.said import Said
from mapping.values import Person
from minuteloop.channels.base import ChannelError

MARK = "§"


@dataclass
class Moods:
    """What is wrong with a channel.

    Attributes:
        down: the service takes nothing.
        muted: it takes nothing, and says for how many seconds.
        flaky: how often an answer is lost.
        full: people whose mailbox takes nothing.
    """

    down: bool = False
    muted: float = 0.0
    flaky: float = 0.0
    full: set[str] = field(default_factory=set)


class Post:
    """A channel that notes what it is handed, and misbehaves as told."""

    confirmed = True

    def __init__(
        self, name: str, kind: str, rng: random.Random, fate: Fate, *, personal: bool, limit: int
    ) -> None:
        self.name, self.kind, self.limit = name, kind, limit
        self.personal = self.repeatable = personal
        self.rng, self.fate, self.moods = rng, fate, Moods()
        self.tries: list[Try] = []

    def doubts(self) -> tuple[Said, ...]:
        return ()

    def cannot_reach(self, person: Person) -> Said | None:
        return Said("加上 email", "add email") if self.personal and not person.email else None

    def cannot_mention(self, person: Person) -> Said | None:
        return None

    def due_in(self) -> float:
        return 0.0

    def size(self, message: Message) -> int:
        told = [message.title]
        for section in message.sections:
            if section.title != MARK:
                told += [section.title, *section.lines, *section.bullets]
        return sum(len(text.encode()) + 1 for text in told)

    def send(self, message: Message) -> None:
        moods = self.moods
        if self.fate.wire == self.name:
            self.fate.wire = None
            self._note(message, "killed", arrived=self.rng.random() < 0.5)
            raise Killed
        try:
            self.fate.point()
        except Killed:
            self._note(message, "killed", arrived=False)
            raise
        people = {person.name for person in message.to}
        if moods.down or moods.muted or (self.personal and people & moods.full):
            alone = not (moods.down or moods.muted)
            self._note(message, "refused", arrived=False, wait_s=moods.muted, alone=alone)
            raise refusal(alone=alone, wait_s=moods.muted)
        if self.rng.random() < moods.flaky:
            self._note(message, "lost", arrived=self.rng.random() < 0.5)
            raise ChannelError(Said("没有答复", "no answer"), left=True)
        try:
            self.fate.point()
        except Killed:
            self._note(message, "killed", arrived=True)
            raise
        self._note(message, "taken", arrived=True)

    def _note(
        self,
        message: Message,
        answer: str,
        *,
        arrived: bool,
        alone: bool = False,
        wait_s: float = 0.0,
    ) -> None:
        told = tuple(
            one
            for section in message.sections
            if section.title == MARK
            for one in read(section.lines[0], [p.name for p in message.to])
        )
        self.tries.append(
            Try(
                channel=self.name,
                id=message.id,
                to=tuple(p.name for p in message.to),
                told=told,
                answer=answer,
                arrived=arrived,
                alone=alone,
                size=self.size(message),
                limit=self.limit,
                wait_s=wait_s,
            )
        )


def refusal(*, alone: bool, wait_s: float) -> ChannelError:
    """Return what a service says that takes nothing, from nobody or from one person."""
    said = Said("邮箱已满", "mailbox full") if alone else Said("服务不可用", "unavailable")
    return ChannelError(said, retry_after_s=wait_s or None, alone=alone)


# --- what a reader of a message sees ---


def marked(render: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``render`` so that its messages hold, beside their text, a section for the ledger."""

    def rendered(
        notices: Sequence[Notice], scene: Any, templates: Any
    ) -> tuple[str, tuple[Section, ...]]:
        title, sections = render(notices, scene, templates)
        marks = (Section(title=MARK, lines=(mark_of(notice),)) for notice in notices)
        return title, (*sections, *marks)

    return rendered


def mark_of(n: Notice) -> str:
    facts = n.facts
    match n.rule:
        case "B3" if facts["file"]:
            subject = f"{facts['file']} {facts['line']} {facts['code']}"
        case "B3":
            tracker = facts["line"].partition(" ")[0]
            subject = f"{n.about[0]} {facts['code']} {tracker}"
        case "C1":
            subject = f"{facts['title']} {facts['day']}"
        case "C3":
            subject = facts["file"]
        case "D4" if n.form == "progress":
            subject = f"{facts['title']} {facts['day']}"
        case "E1":
            subject = n.period
        case _:
            subject = n.subject
    return json.dumps([n.rule, n.form, subject, list(n.about)], ensure_ascii=False)


def read(mark: str, people: Sequence[str]) -> Iterator[Told]:
    """Yield what a section tells each of those that the message is for."""
    rule, form, subject, about = json.loads(mark)
    for name in people:
        yield Told(rule=rule, form=form, subject=subject, to=name, about=tuple(about))
