"""What outlives the process: which column and which page was which. I/O on one small file.

Without it nothing is lost: columns are found by name, pages by the ids that stand in them. With it
a renamed column stays bound, and a page that no query shows can be asked for by its own id, which
tells the trash from a page that the connection may not see.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

from connectors import kept


class Kept:
    """One table's memory.

    Args:
        folder: where the file is; made when it is first written.
        place: what the team file names; what was kept of another place is of no use.
    """

    def __init__(self, folder: Path, place: str) -> None:
        self._file = folder / "notion.json"
        self._place = place
        found = kept.read(self._file, place=place)
        self.source = str(found.get("source") or "")
        self.columns = kept.texts(found.get("columns"))
        self.rows = kept.texts(found.get("rows"))

    def save(
        self,
        source: str,
        columns: Mapping[str, str],
        rows: Mapping[str, str],
        gone: Collection[str] = (),
    ) -> None:
        """Add to what is kept, if it is new; only called when the table was written anyway.

        Args:
            source: id of the data source.
            columns: ours -> the property's id.
            rows: our id -> the page's.
            gone: pages that were taken out.
        """
        if source != self.source:
            self.rows = {}
        after = {i: r for i, r in {**self.rows, **rows}.items() if r not in gone}
        if (source, dict(columns), after) == (self.source, self.columns, self.rows):
            return
        self.source, self.columns, self.rows = source, dict(columns), after
        whole = {"place": self._place, "source": source, "columns": self.columns, "rows": after}
        kept.write(self._file, whole)
