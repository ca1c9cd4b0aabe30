"""The inbox: which files are ready, and what becomes of one that was read. I/O.

A file is read when it has not changed for a while by the machine's clock and twice looks the same
(failure 83); the user's own file is never written to (failure 85).
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from mapping.said import SaidError
from mapping.values import MeetingType

SETTLE_S = 5.0
LONGEST_WAIT_S = 10.0
LARGEST = 64 << 20  # bytes; a larger file is not even read (minutes.read refuses it too)
NOTE_SUFFIX = ".findings.txt"

_TEMPORARY = (".tmp", ".temp", ".part", ".partial", ".crdownload", ".download", ".swp", ".swx", "~")
_SYSTEM = frozenset(("desktop.ini", "thumbs.db"))
_TYPES = {
    MeetingType.REGULAR: "常规例会",
    MeetingType.SPECIAL: "专项会议",
    MeetingType.CROSS_DEPARTMENT: "跨部门协调会",
    MeetingType.DECISION: "决策会议",
}

Look = tuple[int, int]  # size in bytes, time of the last change in ns


class InboxError(SaidError):
    """The inbox cannot be read; the message says why and names the folder."""


@dataclass
class Inbox:
    """A watched folder and what was seen in it.

    Attributes:
        folder: only what lies in it directly is read.
        seen: file -> how it looked, and since when (monotonic seconds) it looks so.
    """

    folder: Path
    seen: dict[Path, tuple[Look, float]] = field(default_factory=dict)

    def files(self) -> list[Path]:
        """Return the files that may be minutes, by name.

        Raises:
            InboxError: the folder is not there or cannot be looked into.
        """
        try:
            entries = sorted(self.folder.iterdir())
            return [p for p in entries if not is_ignored(p.name) and p.is_file()]
        except FileNotFoundError:
            raise InboxError(
                f"没有收件文件夹 {self.folder}；请建立这个文件夹，或改正 minutes.inbox",
                f"there is no inbox {self.folder} - make the folder, or mend minutes.inbox",
            ) from None
        except OSError as error:
            why = error.strerror or error
            raise InboxError(
                f"收件文件夹 {self.folder} 无法打开（{why}）；请检查权限和网络盘连接",
                f"the inbox {self.folder} cannot be looked into: {why} - see to its rights and, "
                "on a share, to the connection",
            ) from error

    def settled(self, path: Path, wall: datetime, monotonic: float) -> bool:
        """Look at a file; say whether it has been still for long enough."""
        look = look_at(path)
        if look is None:
            return False
        known = self.seen.get(path)
        if known is None or known[0] != look:
            self.seen[path] = (look, monotonic)
            known = self.seen[path]
        age = wall.timestamp() - look[1] / 1e9
        return age >= SETTLE_S or monotonic - known[1] >= SETTLE_S

    def forget(self, paths: Iterable[Path]) -> None:
        """Forget files that are no longer there."""
        for path in paths:
            self.seen.pop(path, None)


def name_of(path: Path) -> str:
    """Return a file's name as text; one that is no UTF-8 is taken for GB18030 (old zip files)."""
    raw = os.fsencode(path.name)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("gb18030", "backslashreplace")


def is_ignored(name: str) -> bool:
    """Say whether a name is an office program's, an editor's or our own side file."""
    low = name.lower()
    return (
        name.startswith(("~$", ".", "~"))
        or low.endswith((*_TEMPORARY, NOTE_SUFFIX))
        or low in _SYSTEM
    )


def look_at(path: Path) -> Look | None:
    """Return size and time of the last change, None if the file is gone."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return (stat.st_size, stat.st_mtime_ns)


def wait_until_settled(
    inbox: Inbox,
    *,
    wall: Callable[[], datetime],
    monotonic: Callable[[], float],
    sleep: Callable[[float], None],
    longest_s: float,
) -> tuple[Sequence[Path], Sequence[Path]]:
    """Return the files that are ready, and those that still change after ``longest_s``.

    Raises:
        InboxError: the folder cannot be read.
    """
    end = monotonic() + longest_s
    while True:
        files = inbox.files()
        inbox.forget(set(inbox.seen) - set(files))
        ready = [p for p in files if inbox.settled(p, wall(), monotonic())]
        waiting = [p for p in files if p not in ready]
        left = end - monotonic()
        if not waiting or left <= 0:
            return ready, waiting
        sleep(min(0.5, left))


def read_twice(path: Path) -> bytes | None:
    """Read a file; None if it changed meanwhile or is gone.

    Raises:
        OSError: it cannot be read.
    """
    before = look_at(path)
    if before is None:
        return None
    data = path.read_bytes()
    return data if look_at(path) == before else None


def digest_of(data: bytes) -> str:
    """Return what tells the same bytes again."""
    return hashlib.sha256(data).hexdigest()


def archive_folder(archive: Path, start: str | None, kind: MeetingType | None, year: int) -> Path:
    """Return where minutes are kept: year and meeting type (F6)."""
    told = start[:4] if start else str(year)
    return archive / f"{told}年{_TYPES[kind] if kind else '会议'}纪要"


def move(path: Path, folder: Path) -> Path:
    """Move a file into a folder, never over another; return where it is now.

    Raises:
        OSError: it cannot be moved; it is still where it was.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        target = _link(path, folder, path.name)
    except OSError:  # another file system, or one without links: a whole copy first
        copy = folder / f".{path.name}.tmp"
        try:
            shutil.copy2(path, copy)
            target = _free(folder, path.name)
            copy.rename(target)
        finally:
            copy.unlink(missing_ok=True)
    try:
        path.unlink()
    except OSError:  # it stays where it is: then it is not to be here as well
        target.unlink(missing_ok=True)
        raise
    return target


def _link(path: Path, folder: Path, name: str) -> Path:
    """Give a file a second name, never over another."""
    while True:
        target = _free(folder, name)
        try:
            os.link(path, target)
        except FileExistsError:  # somebody was quicker
            continue
        return target


def _free(folder: Path, name: str) -> Path:
    target, n = folder / name, 1
    while target.exists():
        n += 1
        target = folder / f"{Path(name).stem} ({n}){Path(name).suffix}"
    return target


def note_of(path: Path) -> Path:
    """Return the file that tells why a document was refused."""
    return path.with_name(path.name + NOTE_SUFFIX)


def leave_note(path: Path, text: str) -> None:
    """Write the note beside a refused document, if it does not say the same already."""
    note = note_of(path)
    content = text.rstrip("\n") + "\n"
    try:
        if note.read_text(encoding="utf-8") == content:
            return
    except (OSError, UnicodeDecodeError):
        pass
    note.write_text(content, encoding="utf-8")
