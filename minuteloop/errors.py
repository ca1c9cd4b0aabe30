"""Errors that end a command before it begins."""

from collections.abc import Iterable


class ConfigError(Exception):
    """The configuration cannot be used, or there is none.

    Args:
        lines: one for each problem: file, path, what was found, what is allowed.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))
