"""A tracker that is one file, in memory: no row has an id or a time of its own, all travel together.

What the Excel connector promises, without the cost of a workbook: rows are found by the id that
stands in them, else by their place if the same still stands there; a batch is one save or none;
an older copy may be put back; a file that is another one than was looked at is not written.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from connectors.base import Changes, Outcome, Record, Schema, Setup, Write
from connectors.errors import (
    ConflictError,
    ConnectorError,
    PermanentError,
    SchemaError,
    StaleError,
)
from connectors.memory import Column
from mapping.cells import Cell, Field, is_empty
from mapping.words import REQUIRED

Line = dict[str, Cell]  # a row's cells by the column's name, empty ones left out; UID tells it
UID = "\0uid"  # what tells a row for ever; a person and the simulation know it, the tool does not


@dataclass
class Copy:
    """The file as it was after a save; ``stamp`` makes two saves of the same rows differ."""

    lines: list[Line]
    stamp: int


@dataclass
class File:
    """A file that people and programs save.

    Attributes:
        lines: its rows, in their order.
        saves: the last copies, the oldest first; the present one is the last.
        stamp: changes with each save.
    """

    columns: dict[str, Column]
    lines: list[Line] = field(default_factory=list)
    saves: list[Copy] = field(default_factory=list)
    stamp: int = 0
    max_batch: int = 500
    kept: int = 12
    _uids: "count[int]" = field(default_factory=lambda: count(1), repr=False)
    _stamps: "count[int]" = field(default_factory=lambda: count(1), repr=False)

    def uid(self) -> str:
        """Return a mark for a new row."""
        return f"f{next(self._uids):06d}"

    def save(self) -> None:
        """Keep the rows as they are now."""
        self.stamp = next(self._stamps)
        self.saves.append(Copy([dict(line) for line in self.lines], self.stamp))
        del self.saves[: -self.kept]

    def put_back(self, copy: Copy, *, anew: bool = False) -> None:
        """Put a copy in the file's place: its very bytes, or the same rows saved anew."""
        self.lines = [dict(line) for line in copy.lines]
        if anew:
            self.save()
        else:
            self.stamp = copy.stamp
            self.saves.append(copy)

    @property
    def digest(self) -> str:
        """What tells these bytes from others."""
        return f"d{self.stamp}"


class FileLike:
    """A connector to a ``File``: ``options["file"]``."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._file: File = setup.options["file"]
        self._id = setup.columns["id"]
        self._looked = ""

    def describe(self) -> Schema:
        fields, notes = {}, []
        for name, label in self._setup.columns.items():
            column = self._file.columns.get(label)
            if column is None and name in {"id", *REQUIRED, *self._setup.named}:
                raise SchemaError(f"there is no column {label}", field=name, hint="rename it back")
            if column is None:
                notes.append(f"no column {label}, so {name} is not carried")
            elif name != "id":
                fields[name] = Field(
                    name=name,
                    label=label,
                    kind=column.kind,
                    options=column.options,
                    text_limit=column.text_limit,
                )
        return Schema(
            fields=fields,
            max_batch=self._file.max_batch,
            whole_file=True,
            checks_version=True,
            stable_rows=False,
            idempotent_create=True,
            search_lag_s=0.0,
            notes=tuple(notes),
        )

    def pull(self, cursor: str | None) -> Changes:
        self.describe()
        digest = self._looked = self._file.digest
        if cursor == digest:
            return Changes(records=(), cursor=digest, calls=1, digest=digest)
        return Changes(
            records=self._records(), cursor=digest, complete=True, calls=1, digest=digest
        )

    def find(self, ids: Sequence[str]) -> Sequence[Record]:
        self.describe()
        wanted = set(ids)
        return [record for record in self._records() if record.id in wanted]

    def apply(self, batch: Sequence[Write]) -> Sequence[Outcome]:
        """Carry out a batch in one save; what changes nothing is not saved."""
        fields = self.describe().fields
        if self._looked not in ("", self._file.digest):
            raise StaleError("the file was saved since it was looked at")
        before = [dict(line) for line in self._file.lines]
        records = self._records()
        told = [self._write(write, records, fields) for write in batch]
        if self._file.lines != before:
            self._file.save()
            self._looked = self._file.digest
        now = {line[UID]: n for n, line in enumerate(self._file.lines)}
        return [
            Outcome(record=self._record(now[uid]) if uid in now else None, error=error)
            for uid, error in told
        ]

    def prepare(self) -> Sequence[str]:
        return []

    def _records(self) -> list[Record]:
        named = [label for label in self._setup.columns.values() if label in self._file.columns]
        return [
            self._record(n)
            for n, line in enumerate(self._file.lines)
            if any(label in line for label in named)
        ]

    def _record(self, n: int) -> Record:
        line, columns = self._file.lines[n], self._file.columns
        found = line.get(self._id)
        cells = {
            name: line.get(label, columns[label].empty)
            for name, label in self._setup.columns.items()
            if name != "id" and label in columns
        }
        seen = repr((found, cells))
        return Record(
            row_id=str(n + 2),
            id=found if isinstance(found, str) else None,
            cells=cells,
            version=hashlib.blake2b(seen.encode(), digest_size=8).hexdigest(),
            label=f"Sheet1!{n + 2}",
        )

    def _write(
        self, write: Write, records: Sequence[Record], fields: Mapping[str, Field]
    ) -> tuple[str, ConnectorError | None]:
        """Carry out one write; return which row it met, and what was wrong."""
        lines = self._file.lines
        refused = next((name for name in write.cells if name not in fields), None)
        if refused:
            error = PermanentError(f"there is no column for {refused}", field=refused)
            return "", error
        there = [r for r in self._records() if r.id == write.id]
        if write.row_id is None and there:
            return str(lines[int(there[0].row_id) - 2][UID]), None  # made already: not again
        if write.row_id is None:
            line: Line = {UID: self._file.uid(), self._id: write.id}
            lines.append(line)
        else:
            try:
                place = self._locate(write, records)
            except ConflictError as error:
                return "", error
            line = lines[place]
            if write.remove:
                lines[place] = {UID: line[UID]}
                return "", None
            if write.set_id:
                line[self._id] = write.id
        for name, cell in write.cells.items():
            label = self._setup.columns[name]
            if is_empty(cell):
                line.pop(label, None)
            else:
                line[label] = cell
        return str(line[UID]), None

    def _locate(self, write: Write, records: Sequence[Record]) -> int:
        """Find the line that a write means, as it was before this batch."""
        version = write.if_version
        same = [r for r in records if write.id and r.id == write.id]
        if len(same) == 1 and not write.set_id:
            if version in (None, same[0].version):
                return int(same[0].row_id) - 2
            raise ConflictError("the row has changed since it was read")
        at = next((r for r in records if r.row_id == write.row_id), None)
        if at and version is not None and at.version == version:
            return int(at.row_id) - 2
        if at and version is None and (at in same or (write.set_id and at.id is None)):
            return int(at.row_id) - 2
        like = [r for r in records if version is not None and r.version == version]
        if len(like) == 1:
            return int(like[0].row_id) - 2
        raise ConflictError("there is no such row any more")
