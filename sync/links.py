"""What is known of an item's row in a tracker. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.base import Record
from mapping.lens import Value
from sync.merge import Base

REFUSED = "refused"  # state of a link to no row: the tool will not have the item as it is
AGAIN = -1
STALE = "?"  # before a version: the row is to be merged again, whether it changed since or not
OVER = ("gone", "back")  # states of a link to a row that was deleted
SEEN = ("live", "hidden")  # states of a link to a row that is not known to be gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An item's row in one tracker, as the store knows it.

    Attributes:
        state: ``live``; ``gone`` after it was deleted there; ``back`` where an older copy of a file
            shows it again, as it was; ``hidden`` while not visible;
            ``refused`` where there is no row because the tool would not have it.
        base: by field; empty before the first answer.
        rev: the item's revision that the row is known to show.
        parked: the item's revision that the tool refused for good; 0 if none, ``AGAIN`` if the
            row is to be planned once more.
        naming: the id does not stand in the row yet, and is to be written there.
    """

    item: str
    row_id: str
    state: str = "live"
    version: str | None = None
    link: str | None = None
    label: str = ""
    rev: int = 0
    parked: int = 0
    naming: bool = False
    base: Base = field(default_factory=dict)

    @property
    def if_version(self) -> str | None:
        """What the row is known to be at, for a write that must not meet another one."""
        return self.version and self.version.removeprefix(STALE)


def stale(version: str | None) -> str | None:
    """Return a version by which a row is not known again, and can be written all the same."""
    return version and STALE + version.removeprefix(STALE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What matching needs to know of an item."""

    id: str
    values: Mapping[str, Value]


def distance(base: Base, record: Record) -> int:
    """Count the cells in which a row differs from a base."""
    return sum(
        1
        for name, based in base.items()
        if name in record.cells and record.cells[name] != based.cell
    )
