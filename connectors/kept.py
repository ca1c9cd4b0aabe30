"""A small file of its own that a connector may lose without harm. I/O."""

import json
import logging
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)


def read(file: Path, **same: str) -> Mapping[str, Any]:
    """Return what a file holds; nothing where it is missing, damaged, or about another place.

    Args:
        file: which one.
        same: keys of it that must have these values.
    """
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict) or any(found.get(k) != v for k, v in same.items()):
        return {}
    return found


def write(file: Path, whole: Mapping[str, Any]) -> None:
    """Replace a file as a whole; where that cannot be done nothing is lost."""
    draft = file.with_suffix(".new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(whole), encoding="utf-8")
        draft.replace(file)
    except OSError as error:
        log.warning("not kept", extra={"action": "keep", "reason": str(error)})


def texts(found: Any) -> dict[str, str]:
    """Return the texts of an object that a file held."""
    pairs = found.items() if isinstance(found, dict) else ()
    return {k: v for k, v in pairs if isinstance(v, str)}


class Kept:
    """What outlives the process of one table: which column and which row was which.

    Without it nothing is lost: columns are found by name, rows by the ids that stand in them. With
    it a renamed column stays bound, and a row that no search shows can be asked for by its own id.

    Args:
        file: where it is; made when it is first written.
        place: what the team file names; what was kept of another place is of no use.
    """

    def __init__(self, file: Path, place: str) -> None:
        self._file = file
        self._place = place
        found = read(self._file, place=place)
        self.source = str(found.get("source") or "")
        self.columns = texts(found.get("columns"))
        self.rows = texts(found.get("rows"))

    def save(
        self,
        source: str,
        columns: Mapping[str, str],
        rows: Mapping[str, str],
        gone: Collection[str] = (),
    ) -> None:
        """Add to what is kept, if it is new; only called when it was written anyway.

        Args:
            source: id of the table.
            columns: ours -> the column's id.
            rows: our id -> the row's.
            gone: rows that were taken out.
        """
        if source != self.source:
            self.rows = {}
        after = {i: r for i, r in {**self.rows, **rows}.items() if r not in gone}
        if (source, dict(columns), after) == (self.source, self.columns, self.rows):
            return
        self.source, self.columns, self.rows = source, dict(columns), after
        whole = {"place": self._place, "source": source, "columns": self.columns, "rows": after}
        write(self._file, whole)
