"""A table in memory, with the abilities of several tools."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from contract.shared import COLUMN_NAMES, FOREIGN, ByHand, Trouble, setup_for
from fakes.clock import FakeClock
from fakes.faulty import Faulty
from fakes.faulty import Person as Hand

from connectors.base import Connector
from connectors.errors import SchemaError
from connectors.memory import Column, Memory, Table, table_for


class MemoryHarness(ByHand):
    """A table in memory, with the abilities of several tools."""

    def __init__(self, folder: Path, *, wrapped: bool = False, **abilities: Any) -> None:
        self.clock = FakeClock()
        self.wrapped = wrapped
        self.table: Table = table_for(setup_for({}, self.clock, folder))
        self.table.columns[FOREIGN] = Column()
        for name, value in abilities.items():
            setattr(self.table, name, value)
        self.setup = setup_for({"table": self.table}, self.clock, folder)
        self.hand = Hand(self.table, {**COLUMN_NAMES, "foreign": FOREIGN}, self.clock)

    def connector(self) -> Connector:
        memory = Memory(self.setup)
        return Faulty(memory, self.clock) if self.wrapped else memory

    def rename(self, name: str) -> None:
        label = COLUMN_NAMES[name]
        self.table.columns[label + " (旧)"] = self.table.columns.pop(label)

    def settle(self) -> None:
        self.clock.advance(self.table.search_lag_s + 1)

    def fingerprint(self) -> object:
        return sum(len(states) for states in self.table.history.values())

    def provoke(self) -> Mapping[str, Trouble]:
        return {"column renamed": Trouble(SchemaError, self._renamed())}

    @contextmanager
    def _renamed(self) -> Iterator[None]:
        self.rename("due")
        yield
        label = COLUMN_NAMES["due"]
        self.table.columns[label] = self.table.columns.pop(label + " (旧)")
