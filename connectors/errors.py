"""Errors of connectors, named by what happens next.

A message says what is wrong and where; ``hint`` tells a person what to do. Neither holds a secret.
Both may be ``Said`` in the languages of teams; a plain text is told as it is in each.
"""

from mapping.said import Said


def both(text: Said | str) -> Said:
    """Return a text in both languages; a plain one is the same in each."""
    return text if isinstance(text, Said) else Said(text, text)


def at(where: str, zh: str, en: str) -> Said:
    """Return a sentence on a place: a tracker, a table, a row."""
    return Said(f"{where}：{zh}", f"{where}: {en}")


class ConnectorError(Exception):
    """Something went wrong between us and a tool.

    Args:
        message: what is wrong and where, in words for a person.
        hint: what to do about it; empty if nothing can be done by a person.
    """

    def __init__(self, message: Said | str, *, hint: Said | str = "") -> None:
        super().__init__(str(message))
        self.message = str(message)
        self.hint = str(hint)
        self._told = (message, hint)

    @property
    def said(self) -> Said:
        """The message in the languages that it has."""
        return both(self._told[0])

    @property
    def advice(self) -> Said:
        """The hint in the languages that it has."""
        return both(self._told[1])

    def text(self, language: str) -> str:
        """Return message and hint in a team's language (``zh``, ``en``), as far as they have it."""
        message, hint = (
            part.text(language) if isinstance(part, Said) else part for part in self._told
        )
        between = "；" if language == "zh" and isinstance(self._told[0], Said) else " - "
        return f"{message}{between}{hint}" if hint else message

    def __str__(self) -> str:
        return self.text("en")


class TransientError(ConnectorError):
    """Network, 429, 5xx, time-out: try again later.

    Args:
        message: what happened.
        hint: what to do.
        retry_after_s: seconds the service asks for; None if it does not say.
    """

    def __init__(
        self, message: Said | str, *, hint: Said | str = "", retry_after_s: float | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


class BusyError(ConnectorError):
    """The tool cannot be worked now because people work in it: an open or half-written file.

    No failure: the tracker is paused and looked at again in the next pass.
    """


class StaleError(BusyError):
    """A whole file is not the one that was looked at: nothing was written; look again first."""


class UnknownOutcomeError(TransientError):
    """The call left, its answer did not come: it may or may not have had its effect."""


class AuthError(ConnectorError):
    """401, 403, a revoked token: nothing works until a person mends it."""


class SchemaError(ConnectorError):
    """A column or option is missing, renamed or of the wrong type.

    Args:
        message: what is missing.
        field: ours; empty if the whole table is meant.
        hint: what to do.
    """

    def __init__(self, message: Said | str, *, field: str = "", hint: Said | str = "") -> None:
        super().__init__(message, hint=hint)
        self.field = field


class PermanentError(ConnectorError):
    """This write will never be accepted as it is: park the row and show it.

    Args:
        message: what the tool refused.
        field: ours, where one field is at fault; the rest of the row may be sent without it.
        hint: what to do.
    """

    def __init__(self, message: Said | str, *, field: str = "", hint: Said | str = "") -> None:
        super().__init__(message, hint=hint)
        self.field = field


class ConflictError(ConnectorError):
    """The row moved since it was read: read it again, merge, then write."""
