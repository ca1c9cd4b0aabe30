"""What the harnesses of the contract suite share: the team, the protocol, people at work."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from fakes.clock import FakeClock

from connectors.base import Connector, Setup
from connectors.errors import ConnectorError
from mapping.cells import Cell
from mapping.values import Department, Person, Status
from mapping.words import COLUMNS, STATUSES

COLUMN_NAMES = COLUMNS["zh"]
FOREIGN = "优先级"  # a column that is none of ours
SECRET = "s3cret-hunter2"
PEOPLE = (
    Person(name="张三", aliases=("zhangsan",), department="技术部", email="zhangsan@example.com"),
    Person(name="李四", department="客服部", email="lisi@example.com"),
)
DEPARTMENTS = tuple(Department(name=name) for name in ("技术部", "客服部", "市场部"))
CALLS = ("describe", "pull", "find", "apply")


@dataclass(frozen=True)
class Trouble:
    """Something that goes wrong, the error that must come of it, and the calls that notice."""

    error: type[ConnectorError]
    made: AbstractContextManager[None]
    calls: tuple[str, ...] = CALLS


class Harness(Protocol):
    """One table, fresh for each test. Rows are named by our id, columns by our field."""

    clock: FakeClock

    def connector(self) -> Connector:
        """Build a new instance on the same table."""
        ...

    def add(self, **cells: Cell) -> None:
        """Add a row by hand; ``id`` may be among the cells."""
        ...

    def edit(self, item_id: str, **cells: Cell) -> None:
        """Change cells of a row by hand."""
        ...

    def copy(self, item_id: str) -> None:
        """Copy a row, id and all, below the others."""
        ...

    def delete(self, item_id: str) -> None:
        """Delete a row by hand."""
        ...

    def foreign(self, item_id: str) -> object:
        """Read the row's cell in a column that is none of ours."""
        ...

    def set_foreign(self, item_id: str, text: str) -> None:
        """Write into the row's cell in a column that is none of ours."""
        ...

    def rename(self, name: str) -> None:
        """Rename the column of one of our fields."""
        ...

    def settle(self) -> None:
        """Let pass what must pass until everybody sees the last change."""
        ...

    def fingerprint(self) -> object:
        """Return a value that changes with every write."""
        ...

    def provoke(self) -> Mapping[str, Trouble]:
        """List the troubles that can be made here, by name."""
        ...


def setup_for(options: Mapping[str, object], clock: FakeClock, folder: Path) -> Setup:
    """Return the setup of a team with two people, three departments and all columns."""
    return Setup(
        name="board",
        options={**options, "token": SECRET},
        columns=COLUMN_NAMES,
        statuses={status.value: (STATUSES["zh"][status],) for status in Status},
        people=PEOPLE,
        departments=DEPARTMENTS,
        team="产品部",
        folder=str(folder),
        state=str(folder / "state"),
        clock=clock,
    )


class ByHand:
    """What people do in a table, by way of a ``hand`` that knows its rows by their own names."""

    hand: Any

    def add(self, **cells: Cell) -> None:
        self.hand.add(**cells)

    def edit(self, item_id: str, **cells: Cell) -> None:
        self.hand.edit(self._row(item_id), **cells)

    def copy(self, item_id: str) -> None:
        self.hand.copy(self._row(item_id))

    def delete(self, item_id: str) -> None:
        self.hand.delete(self._row(item_id))

    def foreign(self, item_id: str) -> object:
        found: object = self.hand.read(self._row(item_id), "foreign")
        return found

    def set_foreign(self, item_id: str, text: str) -> None:
        self.hand.edit(self._row(item_id), foreign=text)

    def _row(self, item_id: str) -> Any:
        return self.hand.rows(item_id)[0]


@contextmanager
def changed(thing: object, **values: Any) -> Iterator[None]:
    """Let attributes of something have other values while this lasts."""
    before = {name: getattr(thing, name) for name in values}
    for name, value in values.items():
        setattr(thing, name, value)
    yield
    for name, value in before.items():
        setattr(thing, name, value)


@contextmanager
def elsewhere(harness: Any, **options: object) -> Iterator[None]:
    """Let a harness's connectors be built with other options while this lasts."""
    setup = harness.setup
    with changed(harness, setup=replace(setup, options={**setup.options, **options})):
        yield
