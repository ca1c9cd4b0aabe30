"""Which notices have left, or may have, kept beside the database. I/O.

A database that is restored from an older copy, or lost, does not know what was sent since. This
file does, so that nothing is told twice (failure 86): a line for each notice and channel before its
message goes on the wire, with the message's id, and one after the service's answer. The last line
holds::

    0123456789abcdef01234567 ml-89ab...     it may have left, in this message
    0123456789abcdef01234567                the service took it
    0123456789abcdef01234567 -              the service refused it
"""

import hashlib
import logging
import os
from collections.abc import Iterable
from pathlib import Path

log = logging.getLogger(__name__)

KEPT = 50_000  # notices; older ones are let go when the file is twice as long
_REFUSED = "-"

Key = tuple[str, str]


class SentLog:
    """The notices of a team that have left.

    Args:
        file: made when the first one leaves.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, str] | None = None
        self._torn = False  # its last line was cut when a process ended
        self._lines = 0

    def among(self, keys: Iterable[Key]) -> dict[Key, str]:
        """Return those of these (key, channel) that have left.

        Each with the id of the message in which it may have left; empty if it was taken.
        """
        known = self._load()
        told = {key: known.get(_mark(key), _REFUSED) for key in keys}
        return {key: message for key, message in told.items() if message != _REFUSED}

    def leaving(self, keys: Iterable[Key], message: str) -> None:
        """Note that these go on the wire now."""
        self._add(keys, message)

    def taken(self, keys: Iterable[Key]) -> None:
        """Note that the service took these."""
        self._add(keys, "")

    def refused(self, keys: Iterable[Key]) -> None:
        """Note that the service took none of these."""
        self._add(keys, _REFUSED)

    def _add(self, keys: Iterable[Key], state: str) -> None:
        """Write a line for each; where the file cannot be written the database knows alone."""
        marks = [_mark(key) for key in keys]
        known = self._load()
        for mark in marks:
            known.pop(mark, None)  # what was told last stands last
            known[mark] = state
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="ascii") as file:
                file.writelines(["\n"] if self._torn else [])
                file.writelines(_line(mark, state) for mark in marks)
                file.flush()
                os.fsync(file.fileno())
            self._torn = False
            self._lines += len(marks)
            if self._lines > 2 * KEPT:
                self._shorten()
        except OSError as error:
            log.warning("cannot note what was sent", extra={"reason": error.strerror})

    def _load(self) -> dict[str, str]:
        if self._known is None:
            self._known = self._read()
        return self._known

    def _read(self) -> dict[str, str]:
        try:
            lines = self._file.read_text(encoding="ascii", errors="replace").split("\n")
        except FileNotFoundError:
            return {}
        except OSError as error:
            log.warning("cannot read what was sent", extra={"reason": error.strerror})
            return {}
        self._torn = lines[-1] != ""
        known: dict[str, str] = {}
        for line in filter(None, lines):
            mark, _, state = line.partition(" ")
            known.pop(mark, None)  # what was told last stands last
            known[mark] = state
        self._lines = len(lines)
        return known

    def _shorten(self) -> None:
        """Write the newest notices alone, all of them or nothing."""
        self._known = dict([*self._load().items()][-KEPT:])
        whole = self._file.with_suffix(".tmp")
        with whole.open("w", encoding="ascii") as file:
            file.writelines(_line(*pair) for pair in self._known.items())
            file.flush()
            os.fsync(file.fileno())
        whole.replace(self._file)
        self._lines = len(self._known)


def _line(mark: str, state: str) -> str:
    return f"{mark} {state}".rstrip() + "\n"


def _mark(key: Key) -> str:
    return hashlib.sha256("\0".join(key).encode()).hexdigest()[:24]
