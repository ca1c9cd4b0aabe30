"""What outlives the process: which column was which. I/O on one small file.

Without it nothing is lost: columns are found by their names. With it a column that was renamed
while nothing ran stays bound.
"""

import json
import logging
from collections.abc import Mapping
from pathlib import Path

log = logging.getLogger(__name__)


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
        self._table, self.columns = table, {}
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        if isinstance(found, dict) and found.get("table") == table:
            pairs = found.get("columns")
            ids = pairs.items() if isinstance(pairs, dict) else ()
            self.columns = {k: v for k, v in ids if isinstance(v, str)}

    def save(self, columns: Mapping[str, str]) -> None:
        """Keep the columns if they are new; only ever called when something was written anyway."""
        if self.columns == columns:
            return
        self.columns = dict(columns)
        draft = self._file.with_suffix(".new")
        whole = {"table": self._table, "columns": self.columns}
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(whole), encoding="utf-8")
            draft.replace(self._file)
        except OSError as error:
            log.warning("not kept", extra={"action": "keep", "reason": str(error)})
