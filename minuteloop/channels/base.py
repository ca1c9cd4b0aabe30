"""The protocol between the outbox and a channel. All values are frozen.

A channel knows its service and nothing of rules. It sends one message by one call, and says what
the service's own answer said: HTTP 200 alone is no success.
"""

from typing import Protocol

from mapping.notices import Message
from mapping.said import Said
from mapping.values import Person


class ChannelError(Exception):
    """A message was not taken.

    Attributes:
        said: what is wrong and what to do, for the administrator; never a secret.
        retry_after_s: how long the service wants to be left alone, if it says so.
        left: the message may have been taken: the answer was lost.
        alone: it is for this message, or its person, alone: others may be taken.
    """

    def __init__(
        self,
        said: Said,
        *,
        retry_after_s: float | None = None,
        left: bool = False,
        alone: bool = False,
    ) -> None:
        super().__init__(said.en)
        self.said = said
        self.retry_after_s = retry_after_s
        self.left = left
        self.alone = alone


class Channel(Protocol):
    """A way to people.

    Attributes:
        name: as in the team file.
        kind: as in the team file.
        personal: a message reaches its person alone (sensitive ones may go).
        repeatable: the service or the reader's program knows a message again by its id, so that
            one whose answer was lost may go again.
        confirmed: success means that the service took it (``apprise`` cannot say so).
        limit: bytes of UTF-8 that the text of one message may have, as sent.
    """

    name: str
    kind: str
    personal: bool
    repeatable: bool
    confirmed: bool
    limit: int

    def doubts(self) -> tuple[Said, ...]:
        """Return what looks wrong with its settings, without asking the service.

        Raises:
            ChannelError: nothing can be sent with them.
        """
        ...

    def cannot_reach(self, person: Person) -> Said | None:
        """Say who cannot be reached by it and why, with what to add; None if they can be.

        A group is reached whoever is named: see ``cannot_mention``.
        """
        ...

    def cannot_mention(self, person: Person) -> Said | None:
        """Say what to add so that a message to a group calls a person; None if it does."""
        ...

    def size(self, message: Message) -> int:
        """Return how many bytes of ``limit`` a message takes."""
        ...

    def due_in(self) -> float:
        """Return in how many seconds the pace lets the next message go."""
        ...

    def send(self, message: Message) -> None:
        """Send it; return only if the service says that it took it.

        Raises:
            ChannelError: it did not, or nobody knows.
        """
        ...
