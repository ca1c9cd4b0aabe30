"""What outlives the process: which column was which. I/O on one small file.

Without it nothing is lost: columns are found by their names. With it a column that was renamed
while nothing ran stays bound.
"""

from collections.abc import Mapping
from pathlib import Path

from connectors import kept
from connectors.base import Setup


class Kept:
    """One table's memory.

    Args:
        setup: says where the file is, which is made when it is first written.
    """

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._file = Path(setup.state) / "airtable.json"
        self._table = ""
        self.columns: Mapping[str, str] = {}
        self._names: Mapping[str, str] = {}

    def open(self, table: str) -> None:
        """Read what is kept of a table; what was kept of another is of no use."""
        if table == self._table:
            return
        self._table = table
        found = kept.read(self._file, table=table)
        self.columns = kept.columns_of(found, self._setup)
        self._names = kept.texts(found.get("names"))

    def save(self, columns: Mapping[str, str]) -> None:
        """Keep the columns if they are new; only ever called when something was written anyway."""
        names = kept.names_of(columns, self._setup)
        if (self.columns, self._names) == (columns, names):
            return
        self.columns, self._names = dict(columns), names
        whole = {"table": self._table, "columns": self.columns, "names": names}
        kept.write(self._file, whole)
