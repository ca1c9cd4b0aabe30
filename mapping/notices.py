"""What a rule has to tell a person, and what became of it. Pure.

A notice leaves once for each key: rule, subject, period, person and channel. Its text is made when
it leaves, from what is so by then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mapping.values import Person


class NoticeKind(StrEnum):
    """What a channel may be told to carry."""

    MINUTES = "minutes"
    REMINDER = "reminder"
    DIGEST = "digest"
    ALERT = "alert"
    FINDING = "finding"
    REVIEW = "review"


KINDS: Mapping[str, NoticeKind] = {
    "C3": NoticeKind.MINUTES,
    "D2": NoticeKind.REMINDER,
    "D5": NoticeKind.REMINDER,
    "D6": NoticeKind.REMINDER,
    "F4": NoticeKind.REMINDER,
    "D3": NoticeKind.DIGEST,
    "D4": NoticeKind.DIGEST,
    "F3": NoticeKind.ALERT,
    "C1": NoticeKind.ALERT,
    "B3": NoticeKind.FINDING,
    "E1": NoticeKind.REVIEW,
}


class NoticeState(StrEnum):
    """What became of a notice on one channel."""

    WAITING = "waiting"
    LEAVING = "leaving"  # on the wire, or was when the process ended
    SENT = "sent"
    FAILED = "failed"  # is tried again until it is given up
    WITHDRAWN = "withdrawn"  # its reason went, or its period ended, before it left
    UNKNOWN = "unknown"  # the answer was lost, and it must not go twice


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something to tell one person.

    Attributes:
        rule: the handbook's id.
        form: which of the rule's texts; with the rule it names the template (``D2-ahead``).
        subject: what it is about as one thing: an item's id, a meeting's, a department's name,
            a finding's place.
        period: what makes the same cause a new one: a due day, a week, a day.
        to: the person's name, as in the team file.
        about: ids of the items that it tells of, in the order in which it tells them.
        sensitive: goes only to persons, never to a group (F5).
        facts: what its text names beside the items.
        wording: which of the rule's texts, where it is not the form's: one notice may be worded
            by what is so when it leaves (minutes that are missing, or came late).
    """

    rule: str
    form: str
    subject: str
    period: str
    to: str
    about: tuple[str, ...] = ()
    sensitive: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)
    wording: str = ""

    @property
    def text(self) -> str:
        """Return the name of its text."""
        return f"{self.rule}-{self.wording or self.form}"

    @property
    def kind(self) -> NoticeKind:
        """Return what kind it is for channels."""
        return KINDS[self.rule]

    @property
    def key(self) -> str:
        """Return what tells the same notice again, on whatever channel."""
        return f"{self.rule}|{self.form}|{self.subject}|{self.period}|{self.to}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A notice in the outbox, for one channel.

    Attributes:
        channel: empty where no channel carries it.
        first_at: when it was put there; once it was refused, when that was for the first time.
        tries: how often it was refused.
        next_at: when it is tried again, None for the next pass, or never if it is final.
        error: why it was not taken.
        message: the id of the message in which it left, or may have left.
        sent_at: when it is known to have been taken.
    """

    notice: Notice
    channel: str
    state: NoticeState
    first_at: datetime
    tries: int = 0
    next_at: datetime | None = None
    error: str | None = None
    message: str | None = None
    sent_at: datetime | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Return what the outbox knows it by."""
        return self.notice.key, self.channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One matter of a message. All is plain text: a channel escapes it for its service.

    Attributes:
        title: what it is about, one line.
        lines: sentences, one a line.
        bullets: a list after them.
        link: words, and the address for people that they stand for.
        more: how many entries the last bullet stands for, where the list is cut.
    """

    title: str
    lines: tuple[str, ...] = ()
    bullets: tuple[str, ...] = ()
    link: tuple[str, str] | None = None
    more: int = 0


def left_out(number: int, language: str) -> str:
    """Return the last entry of a list that is cut: how many it had more, and where they stand."""
    if language == "zh":
        return f"… 另有 {number} 项，见跟踪表或会议纪要"
    return f"… and {number} more: see the tracker or the minutes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What goes out at once.

    Attributes:
        id: stays the same when it goes again; a valid left part of a mail's Message-ID.
        to: one person for a channel to persons; those to mention for one to a group.
        title: one line.
    """

    id: str
    to: tuple[Person, ...]
    title: str
    sections: tuple[Section, ...]
    language: str = "zh"
