"""What outlives the process: which field and which issue was which. I/O on one small file.

Without it nothing is lost: fields are found by name, issues by the labels that stand in them. With
it a renamed field stays bound, and an issue that no search shows can be asked for by its own id: it
may have moved to another project, or nobody may see it.
"""

import json
import logging
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)


class Kept:
    """One project's memory.

    Args:
        folder: where the file is; made when it is first written.
        place: what the team file names; what was kept of another place is of no use.
    """

    def __init__(self, folder: Path, place: str) -> None:
        self._file = folder / "jira.json"
        self._place = place
        found = self._read()
        self.source = str(found.get("source") or "")
        self.columns = _texts(found.get("columns"))
        self.rows = _texts(found.get("rows"))

    def save(
        self,
        source: str,
        columns: Mapping[str, str],
        rows: Mapping[str, str],
        gone: Collection[str] = (),
    ) -> None:
        """Add to what is kept, if it is new; only called when the project was written anyway.

        Args:
            source: id of the project.
            columns: ours -> the field's id.
            rows: our id -> the issue's.
            gone: issues that were taken out.
        """
        if source != self.source:
            self.rows = {}
        after = {i: r for i, r in {**self.rows, **rows}.items() if r not in gone}
        if (source, dict(columns), after) == (self.source, self.columns, self.rows):
            return
        self.source, self.columns, self.rows = source, dict(columns), after
        whole = {"place": self._place, "source": source, "columns": self.columns, "rows": after}
        draft = self._file.with_suffix(".new")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(whole), encoding="utf-8")
            draft.replace(self._file)
        except OSError as error:
            log.warning("not kept", extra={"action": "keep", "reason": str(error)})

    def _read(self) -> Mapping[str, Any]:
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) and found.get("place") == self._place else {}


def _texts(found: Any) -> dict[str, str]:
    pairs = found.items() if isinstance(found, dict) else ()
    return {k: v for k, v in pairs if isinstance(v, str)}
