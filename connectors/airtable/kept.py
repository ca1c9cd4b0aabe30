"""What outlives the process: which column was which. I/O on one small file.

Without it nothing is lost: columns are found by their names. With it a column that was renamed
while nothing ran stays bound.
"""

from collections.abc import Mapping
from pathlib import Path

from connectors import kept


class Kept:
    """One table's memory.

    Args:
        folder: where the file is; made when it is first written.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "airtable.json"
        self._table = ""
        self.columns: Mapping[str, str] = {}

    def open(self, table: str) -> None:
        """Read what is kept of a table; what was kept of another is of no use."""
        if table == self._table:
            return
        self._table = table
        self.columns = kept.texts(kept.read(self._file, table=table).get("columns"))

    def save(self, columns: Mapping[str, str]) -> None:
        """Keep the columns if they are new; only ever called when something was written anyway."""
        if self.columns == columns:
            return
        self.columns = dict(columns)
        kept.write(self._file, {"table": self._table, "columns": self.columns})
