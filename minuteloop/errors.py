"""Errors that end a command before it begins, and how a fault of our own is told."""

from collections.abc import Iterable

from mapping.said import Said


class ConfigError(Exception):
    """The configuration cannot be used, or there is none.

    Args:
        lines: one for each problem: file, path, what was found, what is allowed.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))


def fault_of_program(error: Exception) -> Said:
    """Return what is told of a fault of our own."""
    name = type(error).__name__
    return Said(
        f"程序自身出错（{name}），详情见日志；请把日志发给程序的维护者",
        f"{name} - this is a fault of the program; the log tells more",
    )
