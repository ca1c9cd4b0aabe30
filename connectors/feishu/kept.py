"""What outlives the process: which column and which row was which. I/O on one small file.

Without it nothing is lost: columns are found by name, rows by the ids that stand in them. With it a
renamed column stays bound, and a row that is not shown can be asked for by its own id, which tells
a deleted row from one that the app may not see.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from connectors import kept
from connectors.base import Setup


class Kept:
    """One table's memory.

    Args:
        setup: says where the file is, which is made when it is first written.
    """

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._file = Path(setup.state) / "feishu.json"
        self._table = ""
        self.columns: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self.rows: dict[str, tuple[str, float]] = {}
        self._gone: set[str] = set()
        self._stale = False

    def open(self, table: str) -> None:
        """Read what is kept of a table; what was kept of another is of no use."""
        self._table = table
        found = self._read()
        self.columns = {**kept.columns_of(found, self._setup), **self.columns}
        self._names = kept.texts(found.get("names"))
        self.rows = {**self._others(found), **self.rows}

    def forget(self, row_ids: Collection[str]) -> None:
        """Forget rows that were taken out."""
        self._stale = self._stale or bool(row_ids)
        self._gone |= set(row_ids)
        self.rows = {i: row for i, row in self.rows.items() if row[0] not in self._gone}

    def save(self, columns: Mapping[str, str], rows: Mapping[str, tuple[str, float]]) -> None:
        """Add to what is kept, if it is new; only ever called when something was written anyway.

        Args:
            columns: ours -> the column's id.
            rows: our id -> the row's id, and when it was written there, in seconds since 1970.
        """
        names = kept.names_of(columns, self._setup)
        if (self.columns, self._names) == (columns, names) and not rows and not self._stale:
            return
        self._stale = False
        self.columns, self._names = dict(columns), names
        self.rows |= rows
        whole = {
            "table": self._table,
            "columns": self.columns,
            "names": names,
            "rows": {**self._others(self._read()), **self.rows},
        }
        kept.write(self._file, whole)

    def _others(self, found: Mapping[str, Any]) -> dict[str, tuple[str, float]]:
        rows = _rows(found.get("rows"))
        return {i: row for i, row in rows.items() if row[0] not in self._gone}

    def _read(self) -> Mapping[str, Any]:
        return kept.read(self._file, table=self._table)


def _rows(found: Any) -> dict[str, tuple[str, float]]:
    pairs = found.items() if isinstance(found, dict) else ()
    return {
        k: (v[0], float(v[1]))
        for k, v in pairs
        if isinstance(v, list | tuple)
        and len(v) == 2
        and isinstance(v[0], str)
        and isinstance(v[1], int | float)
    }
