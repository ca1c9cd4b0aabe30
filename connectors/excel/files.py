"""The workbook as a file: read whole, replaced whole, never half. All I/O of this connector.

Order of a save: own lock, draft beside the file, fsync, the draft read back and judged by the
caller, the file compared once more with what was read, a dated copy of it kept, then one rename.
Whatever fails, the file is as it was.
"""

import contextlib
import csv
import errno
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from connectors.base import Clock
from connectors.errors import (
    AuthError,
    BusyError,
    ConnectorError,
    SchemaError,
    StaleError,
    TransientError,
)
from mapping.said import Said

_DOING = {"read": "读取", "written": "写入", "replaced": "替换"}
KEPT = 20  # copies of the file as it was before we wrote
_STALE = timedelta(hours=24)  # a lock file so old was left behind by a crash
_DRAFT_STALE = timedelta(hours=1)
_PATIENCE_S = (0.1, 0.3, 0.6)  # between looks at a file that is just being replaced
_SHARING = {32, 33}  # ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION (System Error Codes)
_SAVING = re.compile(r"[0-9A-F]{8}(\.tmp)?")  # Excel saves under such a name, then renames
# OneDrive adds the computer's name, browsers and others a number, Nutstore and Dropbox a word
_COPY = re.compile(
    r"-(?=[a-z0-9-]*[A-Z])[A-Za-z0-9-]{2,30}|[ _]?[(（]\d{1,2}[)）]|.*(冲突|衝突|[Cc]onflict).*"
)


def digest(data: bytes) -> str:
    """Return what tells two states of a file apart."""
    return hashlib.sha256(data).hexdigest()


def problem(error: OSError, path: Path, doing: str) -> ConnectorError:
    """Return our error for one of the system's; ``doing`` is read, written or replaced."""
    cannot = Said(f"{path} 无法{_DOING[doing]}", f"{path} cannot be {doing}")
    if getattr(error, "winerror", None) in _SHARING or error.errno in {errno.EBUSY, errno.ETXTBSY}:
        return BusyError(
            Said(f"{path.name} 正被其他程序打开", f"{path.name} is open in another program")
        )
    if error.errno == errno.EROFS:
        return AuthError(
            Said(f"{path} 在只读磁盘上", f"{path} is on a read-only disk"),
            hint=Said("请移到别处，或改正 `path`", "move it, or change `path`"),
        )
    if isinstance(error, PermissionError):
        # rights that allow it and a system that does not: a share's way to say that it is in use
        allowed = doing == "replaced" or os.access(path, os.W_OK if doing == "written" else os.R_OK)
        if os.name == "nt" or (allowed and error.errno != errno.EPERM):
            return BusyError(
                Said(
                    f"{path.name} 现在无法{_DOING[doing]}：正被其他程序打开",
                    f"{path.name} cannot be {doing} now: it is open in another program",
                )
            )
        return AuthError(
            Said(f"{cannot.zh}：没有权限", f"{cannot}: no rights"),
            hint=Said("请给运行账号授予该文件的权限", "give this account rights to the file"),
        )
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return TransientError(
            Said(f"{cannot.zh}：磁盘已满", f"{cannot}: the disk is full"),
            hint=Said("请腾出空间", "make room"),
        )
    if isinstance(error, IsADirectoryError):
        return SchemaError(
            Said(f"{path} 是文件夹", f"{path} is a folder"),
            hint=Said(
                "请在团队配置文件的 path 里写明工作簿", "name the workbook in the team file: path"
            ),
        )
    return TransientError(
        Said(f"{cannot.zh}：{error.strerror or error}", f"{cannot}: {error.strerror or error}")
    )


class WorkbookFile:
    """One workbook on a disk or a share.

    Args:
        path: of the workbook.
        state: a folder of ours for the copies.
        name: of the tracker; part of the names in that folder.
        clock: the machine's time.
    """

    def __init__(self, path: Path, state: Path, name: str, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        key = hashlib.sha256(str(path).encode()).hexdigest()[:8]
        safe = re.sub(r"[^\w.-]+", "_", name) or "tracker"
        # beside no team's state but where all of this machine look: two may share a workbook
        real = hashlib.sha256(os.path.realpath(path).encode()).hexdigest()[:16]
        self._lock = Path(tempfile.gettempdir()) / "minuteloop-locks" / f"{real}.lock"
        self.backups = state / "backups" / f"{safe}-{key}"

    def read(self) -> bytes:
        """Return all bytes of the file.

        Raises:
            BusyError: it is open without sharing, or just being replaced.
            SchemaError: there is none.
            AuthError: it may not be read.
            TransientError: the disk or the share does not answer.
        """
        for wait in (*_PATIENCE_S, None):
            try:
                return self.path.read_bytes()
            except FileNotFoundError:
                if wait is None or not self.path.parent.is_dir():
                    break
                if not self._is_being_saved():
                    break
                self._clock.sleep(wait)
            except OSError as error:
                raise problem(error, self.path, "read") from error
        if self._is_being_saved():
            raise self._missing()
        if not self.path.parent.is_dir():
            raise SchemaError(
                Said(f"没有文件夹 {self.path.parent}", f"there is no folder {self.path.parent}"),
                hint=Said(
                    "请改正团队配置文件里的 `path`，或连接网络盘",
                    "mend `path` in the team file, or connect the drive",
                ),
            )
        raise SchemaError(
            Said(f"没有工作簿 {self.path}", f"there is no workbook {self.path}"),
            hint=Said(
                "请运行 `check --prepare` 新建，或改正团队配置文件里的 `path`",
                "run `check --prepare` to make it, or mend `path` in the team file",
            ),
        )

    def _missing(self) -> BusyError:
        name = self.path.name
        return BusyError(
            Said(f"{name} 暂时不在：正在保存", f"{name} is missing just now: it is being saved")
        )

    def _names(self) -> list[str]:
        try:
            return [path.name for path in self.path.parent.iterdir()]
        except OSError:
            return []

    def _age(self, path: Path) -> timedelta | None:
        try:
            changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except OSError:
            return None
        return self._clock.wall() - changed

    def _is_being_saved(self) -> bool:
        """Say whether somebody has the missing file open or is replacing it."""
        if self.holder() is not None:
            return True
        for name in self._names():
            age = self._age(self.path.parent / name) if _SAVING.fullmatch(name) else None
            if age is not None and abs(age) < timedelta(minutes=2):
                return True
        return False

    def exists(self) -> bool:
        """Say whether the file is there."""
        return self.path.exists()

    def check_place(self) -> None:
        """See that a missing file is really missing, and not just being replaced."""
        if self._is_being_saved():
            raise self._missing()

    def holder(self) -> Said | None:
        """Return who has the workbook open, as the office program's lock file tells; else None.

        A lock file older than a day is what a crash left behind. Should it be alive after all, the
        program that holds it saves over our change later; the next pass sees that and writes again.
        """
        name = self.path.name
        for lock in (f"~${name}", f"~${name[2:]}", f".~lock.{name}#"):
            path = self.path.parent / lock
            age = self._age(path)
            if age is not None and age < _STALE:
                return _user(path)
        return None

    def rivals(self) -> list[str]:
        """Return files beside it that a sync client made of two versions of it."""
        stem, suffix = self.path.stem, self.path.suffix.lower()
        found = []
        for name in self._names():
            other = Path(name)
            if other.suffix.lower() != suffix or name == self.path.name or name[:1] in {".", "~"}:
                continue
            rest = other.stem[len(stem) :]
            if other.stem.startswith(stem) and _COPY.fullmatch(rest):
                found.append(name)
        return sorted(found)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes of ours from writing the file meanwhile.

        Raises:
            BusyError: one of them is at it.
        """
        try:
            self._lock.parent.mkdir(parents=True, exist_ok=True)
            handle = self._lock.open("a+b")
            with contextlib.suppress(OSError):  # other accounts of this machine may work it too
                self._lock.parent.chmod(0o1777)
                self._lock.chmod(0o666)
        except OSError as error:
            raise problem(error, self._lock, "written") from error
        with handle:
            _take(handle, self.path.name)
            yield

    def check_writable(self) -> None:
        """See that the file may be replaced now.

        Raises:
            BusyError: a person has it open.
            AuthError: it is read-only.
        """
        holder = self.holder()
        if holder is not None:
            raise BusyError(
                Said(
                    f"{self.path.name} 正打开着：{holder.zh}",
                    f"{self.path.name} is open: {holder}",
                ),
                hint=Said("关闭后即写入改动", "changes are written once it is closed"),
            )
        real = Path(os.path.realpath(self.path))
        try:
            if not real.stat().st_mode & 0o222:
                raise AuthError(
                    Said(f"{self.path} 是只读的", f"{self.path} is read-only"),
                    hint=Said("请允许运行账号写入", "allow writing for the account that runs this"),
                )
            with real.open("r+b"):  # a program that shares nothing refuses this
                pass
        except OSError as error:
            raise problem(error, real, "written") from error

    def replace(self, old: bytes, new: bytes, judge: Callable[[bytes], None]) -> None:
        """Put new bytes in place of those that were read.

        Args:
            old: what was read and changed.
            new: what the file is to be.
            judge: is given the bytes as they lie on the disk; raises to stop.

        Raises:
            StaleError: the file is no longer ``old``.
            BusyError: it was opened meanwhile.
            ConnectorError: it could not be written; the file is as it was.
        """
        real = Path(os.path.realpath(self.path))
        draft = real.with_name(f".{real.name}.{os.getpid()}.tmp")
        self._sweep(real)
        try:
            try:
                _write(draft, new)
                _dress(draft, real)
                judge(draft.read_bytes())
            except OSError as error:
                raise problem(error, draft, "written") from error
            self._keep(old)
            try:
                if digest(real.read_bytes()) != digest(old):
                    raise self.stale()
                if self.holder() is not None:
                    raise BusyError(
                        Said(
                            f"{self.path.name} 刚刚被打开", f"{self.path.name} was opened just now"
                        )
                    )
                self._rename(draft, real)
            except FileNotFoundError:
                raise self.stale() from None
            except OSError as error:
                raise problem(error, real, "replaced") from error
        finally:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
        _sync_folder(real.parent)

    def stale(self) -> StaleError:
        """Return the error for a file that somebody saved while we worked on it."""
        name = self.path.name
        return StaleError(
            Said(f"{name} 一直在反复保存", f"{name} is being saved again and again"),
            hint=Said("停下来后即写入改动", "changes are written once it rests"),
        )

    def _rename(self, draft: Path, real: Path) -> None:
        for wait in (*_PATIENCE_S, None):
            try:
                draft.replace(real)
            except PermissionError:  # a virus scanner or an indexer looks at it for a moment
                if wait is None:
                    raise
                self._clock.sleep(wait)
            else:
                return

    def _sweep(self, real: Path) -> None:
        """Remove drafts that a killed process of ours left."""
        pattern = re.compile(re.escape(f".{real.name}.") + r"\d+\.tmp")
        for name in self._names():
            path = real.parent / name
            if pattern.fullmatch(name) and (self._age(path) or timedelta()) > _DRAFT_STALE:
                with contextlib.suppress(OSError):
                    path.unlink()

    def _keep(self, data: bytes) -> None:
        """Keep a copy of the file as it was; the oldest go."""
        try:
            self.backups.mkdir(parents=True, exist_ok=True)
            there = sorted(p.name for p in self.backups.glob("*" + self.path.suffix))
            if there and (self.backups / there[-1]).read_bytes() == data:
                return  # a save that failed before kept it
            last = int(there[-1][:6]) if there and there[-1][:6].isdigit() else 0
            stamp = self._clock.wall().strftime("%Y%m%dT%H%M%SZ")
            _write(self.backups / f"{last + 1:06d}-{stamp}{self.path.suffix}", data)
            for name in there[: max(0, len(there) + 1 - KEPT)]:
                (self.backups / name).unlink(missing_ok=True)
        except OSError as error:
            raise problem(error, self.backups, "written") from error


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _dress(draft: Path, real: Path) -> None:
    """Give a draft the rights, the owner and the extended attributes of the file."""
    status = real.stat()
    if hasattr(os, "chown"):
        with contextlib.suppress(PermissionError):
            os.chown(draft, status.st_uid, status.st_gid)
    shutil.copystat(real, draft)
    os.utime(draft)


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut, where folders can be synced."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _take(handle: IO[bytes], name: str) -> None:
    """Lock an open file of ours, without waiting; it is free again when the process ends."""
    try:
        if os.name == "nt":
            import msvcrt  # noqa: PLC0415  # only there

            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl  # noqa: PLC0415  # only there

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise BusyError(
            Said(
                f"{name} 正由本程序的另一个进程写入",
                f"{name} is being written by another process of ours",
            )
        ) from None


def _user(lock: Path) -> Said:
    """Return whom a lock file names; the two layouts are not documented, so this only helps."""
    try:
        data = lock.read_bytes()[:512]
    except OSError:
        return _by("Excel", "")
    if lock.name.startswith(".~lock."):
        fields = next(csv.reader([data.decode("utf-8", "replace")]), [])
        names = [field.strip() for field in fields[:2] if field.strip()]
        return _by("LibreOffice", names[0] if names else "")
    wide = data[55:].decode("utf-16-le", "ignore") if len(data) > 55 else ""
    length = data[0] if data else 0
    name = wide[:length].strip("\0 ") or data[1 : 1 + length].decode("utf-8", "ignore").strip("\0 ")
    return _by("Excel", name if name.isprintable() else "")


def _by(program: str, name: str) -> Said:
    return Said(f"{name or '有人'}在用 {program}", f"in {program}, by {name or 'somebody'}")
