"""A small file of its own that a connector may lose without harm. I/O."""

import json
import logging
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from connectors.base import Setup

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


def columns_of(found: Mapping[str, Any], setup: Setup) -> dict[str, str]:
    """Return ours -> the column's id, as a file held it, as far as the team file asks for it still.

    An id stands for a column that was renamed in the tool, never for another one that the team file
    names since.
    """
    names, wanted = texts(found.get("names")), setup.columns
    return {
        name: column
        for name, column in texts(found.get("columns")).items()
        if name not in setup.named or names.get(name, wanted.get(name)) == wanted.get(name)
    }


def names_of(columns: Mapping[str, str], setup: Setup) -> dict[str, str]:
    """Return the names by which the team file asks for columns, to be kept with their ids."""
    return {name: setup.columns[name] for name in columns if name in setup.columns}


class Kept:
    """What outlives the process of one table: which column and which row was which.

    Without it nothing is lost: columns are found by name, rows by the ids that stand in them. With
    it a renamed column stays bound, and a row that no search shows can be asked for by its own id.

    Args:
        file: where it is; made when it is first written.
        place: what the team file names; what was kept of another place is of no use.
        setup: what columns the team file asks for.
    """

    def __init__(self, file: Path, place: str, setup: Setup) -> None:
        self._file = file
        self._setup = setup
        self._place = place
        found = read(self._file, place=place)
        self.source = str(found.get("source") or "")
        self.columns = columns_of(found, setup)
        self._names = texts(found.get("names"))
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
        names = names_of(columns, self._setup)
        before = (self.source, self.columns, self._names, self.rows)
        if (source, dict(columns), names, after) == before:
            return
        self.source, self.columns, self._names, self.rows = source, dict(columns), names, after
        whole = {
            "place": self._place,
            "source": source,
            "columns": self.columns,
            "names": names,
            "rows": after,
        }
        write(self._file, whole)
