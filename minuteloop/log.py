"""The log: one line a record on standard error, its details after the message."""

import logging
import os
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TextIO

from minuteloop.secrets import Secret

_OURS = ("minuteloop", "minutes", "sync", "tracking", "connectors", "mapping")
_COLOURS = {"WARNING": "\x1b[33m", "ERROR": "\x1b[31m", "CRITICAL": "\x1b[31m"}
_SHORTEST = 4  # a secret of fewer signs stands in half of all words
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Line(logging.Formatter):
    """``2024-05-25 09:00:01 INFO    pulled team=产品部 tracker=board rows=12``.

    Args:
        secrets: values that are replaced wherever they appear.
        colour: whether warnings and errors are coloured.
    """

    def __init__(self, secrets: Iterable[Secret] = (), *, colour: bool = False) -> None:
        super().__init__()
        values = (secret.reveal() for secret in secrets)
        self._hidden = {value for value in values if len(value) >= _SHORTEST}
        self._colour = colour

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line, and the traceback after it where there is one."""
        at = datetime.fromtimestamp(record.created, UTC).astimezone()
        details = (f"{k}={_shown(v)}" for k, v in vars(record).items() if k not in _STANDARD)
        level = f"{record.levelname:<7}"
        if self._colour and record.levelname in _COLOURS:
            level = f"{_COLOURS[record.levelname]}{level}\x1b[0m"
        message = record.getMessage().replace("\n", " ")
        line = " ".join((f"{at:%Y-%m-%d %H:%M:%S}", level, message, *details))
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        for value in self._hidden:
            line = line.replace(value, "***")
        return line


def start(secrets: Iterable[Secret] = (), stream: TextIO | None = None) -> None:
    """Send the log to standard error; called again, it takes the new secrets over.

    Args:
        secrets: all that the configuration knows.
        stream: standard error if left out.
    """
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Line(secrets, colour=stream.isatty() and "NO_COLOR" not in os.environ))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.INFO)


def _shown(value: object) -> str:
    text = str(value)
    return repr(text) if not text or any(c.isspace() or c in "\"'=" for c in text) else text
