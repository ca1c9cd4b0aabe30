"""Archived minutes that are older than they are kept (F6): found, and deleted by command. I/O.

Only what lies in the archive's folders of a year (``2024年专项会议纪要``) is looked at, and nothing
behind a symbolic link: what people put beside them is not ours.
"""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from minuteloop import inbox as box
from minuteloop.config import TeamConfig
from sync.stored import DocumentRow
from sync.transaction import Transaction

_YEAR = re.compile(r"((?:19|20)\d{2})年")
_AGAIN = re.compile(r" \(\d+\)$")  # what `inbox.move` adds to a name that is taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Aged:
    """A file of the archive that is older than it is kept.

    Attributes:
        path: below the archive's folder.
        day: of its meeting; the last of the folder's year where that is not known.
        meeting: the document's row, None where the store knows none.
    """

    path: Path
    day: date
    size: int
    meeting: DocumentRow | None = None

    @property
    def name(self) -> str:
        """The path as text, with slashes; what is no UTF-8 is made readable."""
        return "/".join(box.name_of(Path(part)) for part in self.path.parts)


def kept_from(today: date, years: int) -> date:
    """Return the first day whose minutes are still within the years that they are kept."""
    try:
        return today.replace(year=today.year - years)
    except ValueError:  # 29 February
        return date(today.year - years, 2, 28)


def over_age(team: TeamConfig, tx: Transaction, now: datetime) -> list[Aged]:
    """Return what is older than the team keeps it, oldest first; nothing where F6 is off.

    Raises:
        OSError: the archive cannot be looked into.
    """
    if "F6" in team.rules.off:
        return []
    first = kept_from(now.date(), team.rules.retention_years)
    rows, found = tx.documents(), []
    for year, path in files(team.archive):
        if year > first.year:
            continue
        with suppress(FileNotFoundError):  # taken away meanwhile
            aged = _look(team.archive, path, year, rows)
            if aged.day < first:
                found.append(aged)
    return sorted(found, key=lambda aged: (aged.day, aged.name))


def count_over_age(team: TeamConfig, tx: Transaction, now: datetime) -> int | None:
    """Count what is older than the team keeps it (F6); None if the archive cannot be read."""
    try:
        return len(over_age(team, tx, now))
    except OSError:
        return None


def delete(archive: Path, path: Path) -> None:
    """Delete a file of the archive.

    Args:
        archive: the folder.
        path: below it.

    Raises:
        OSError: it is not there, is no plain file of that folder, or cannot be deleted.
    """
    root = archive.resolve(strict=True)
    folder = (root / path.parent).resolve(strict=True)
    file = folder / path.name
    if folder != root / path.parent or file.is_symlink() or not file.is_file():
        raise OSError("is no longer a plain file of the archive")
    file.unlink()


def files(archive: Path) -> Iterator[tuple[int, Path]]:
    """Yield the plain files in the folders of a year, with the year, paths below the archive."""
    if not archive.exists():
        return
    for folder in sorted(archive.iterdir()):
        named = _YEAR.match(folder.name)
        if named is None or folder.is_symlink() or not folder.is_dir():
            continue
        for at, folders, names in os.walk(folder, onerror=_raise):
            folders.sort()
            for name in sorted(names):
                file = Path(at) / name
                if not box.is_ignored(name) and file.is_file() and not file.is_symlink():
                    yield int(named[1]), file.relative_to(archive)


def _raise(error: OSError) -> None:
    raise error


def _look(archive: Path, path: Path, year: int, rows: Sequence[DocumentRow]) -> Aged:
    """Return a file with the day of its meeting, which its name or its bytes tell."""
    name = Path(box.name_of(path))
    named = {name.name, f"{_AGAIN.sub('', name.stem)}{name.suffix}"}
    mine = [r for r in rows if r.file in named and (r.start or "")[:4] == str(year)]
    if len(mine) != 1:
        digest = _digest(archive / path)
        same = [r for r in rows if r.digest == digest]
        # several of that name, and none with these bytes: the latest, which keeps it longest
        mine = same or sorted(mine, key=lambda r: r.start or "")
    row = mine[-1] if mine else None
    day = date.fromisoformat(row.start[:10]) if row and row.start else date(year, 12, 31)
    return Aged(path=path, day=day, size=(archive / path).stat().st_size, meeting=row)


def _digest(file: Path) -> str:
    if file.stat().st_size > box.LARGEST:
        return ""  # it was never read
    try:
        return box.digest_of(file.read_bytes())
    except OSError:
        return ""
