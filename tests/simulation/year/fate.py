"""When the process dies."""

from dataclasses import dataclass

from simulation.tools import Killed


@dataclass
class Fate:
    """When the process dies: at which of the steps that follow, or at a channel's next message."""

    left: int | None = None
    wire: str | None = None

    def point(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise Killed
