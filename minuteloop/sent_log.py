"""Which notices have left, kept beside the database. I/O.

A database that is restored from an older copy, or lost, does not know what was sent since. This
file does: a line for each notice and channel, so that nothing is told twice (failure 86).
"""

import hashlib
import logging
import os
from collections.abc import Iterable
from pathlib import Path

log = logging.getLogger(__name__)

KEPT = 50_000  # lines; older ones are let go when the file is twice as long


class SentLog:
    """The notices of a team that have left.

    Args:
        file: made when the first one leaves.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: set[str] | None = None

    def among(self, keys: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Return those of these (key, channel) that have left."""
        known = self._load()
        return {key for key in keys if _mark(key) in known}

    def add(self, keys: Iterable[tuple[str, str]]) -> None:
        """Note that these have left; where the file cannot be written the database knows alone."""
        marks = [_mark(key) for key in keys]
        self._load().update(marks)
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="ascii") as file:
                file.writelines(f"{mark}\n" for mark in marks)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            log.warning("cannot note what was sent", extra={"reason": error.strerror})

    def _load(self) -> set[str]:
        if self._known is None:
            self._known = set(self._lines())
        return self._known

    def _lines(self) -> list[str]:
        try:
            lines = self._file.read_text(encoding="ascii", errors="replace").split("\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            log.warning("cannot read what was sent", extra={"reason": error.strerror})
            return []
        if len(lines) > 2 * KEPT:
            lines = lines[-KEPT:]
            whole = self._file.with_suffix(".tmp")
            whole.write_text("\n".join(lines), encoding="ascii")
            whole.replace(self._file)
        return lines


def _mark(key: tuple[str, str]) -> str:
    return hashlib.sha256("\0".join(key).encode()).hexdigest()[:24]
