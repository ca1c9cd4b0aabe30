"""The inbox: when a file is ready, which are none, where they go. By a clock that stands still."""

import errno
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes.clock import FakeClock

from mapping.values import MeetingType
from minuteloop import inbox as box
from minuteloop.inbox import Inbox

START = datetime(2025, 5, 20, 9, 0, tzinfo=UTC)


class Folder:
    """An inbox, its clock, and somebody who saves files in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = FakeClock(START)
        self.inbox = Inbox(path)
        self.on_sleep: dict[float, bytes] = {}

    def save(self, name: str, data: bytes = b"# x", *, age_s: float = 0.0) -> Path:
        path = self.path / name
        path.write_bytes(data)
        at = (self.clock.wall() - timedelta(seconds=age_s)).timestamp()
        os.utime(path, (at, at))
        return path

    def look(self, longest_s: float = 10.0) -> tuple[list[str], list[str]]:
        def sleep(seconds: float) -> None:
            self.clock.sleep(seconds)
            for moment in [m for m in self.on_sleep if self.clock.monotonic() >= m]:
                self.save("a.md", self.on_sleep.pop(moment))

        ready, waiting = box.wait_until_settled(
            self.inbox,
            wall=self.clock.wall,
            monotonic=self.clock.monotonic,
            sleep=sleep,
            longest_s=longest_s,
        )
        return [p.name for p in ready], [p.name for p in waiting]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


# --- when a file is ready -------------------------------------------------------------------------


def test_an_old_file_is_ready_at_once(folder: Folder) -> None:
    folder.save("a.md", age_s=5)
    assert folder.look() == (["a.md"], [])
    assert folder.clock.slept == []


def test_a_young_file_is_waited_for(folder: Folder) -> None:
    """Failure 83."""
    folder.save("a.md", age_s=2)
    assert folder.look() == (["a.md"], [])
    assert 3.0 <= folder.clock.monotonic() <= 3.5


def test_a_file_that_still_changes_is_waited_for_ten_seconds_at_most(folder: Folder) -> None:
    folder.save("a.md")
    folder.on_sleep = {float(n): b"# x" * n for n in range(1, 12)}
    assert folder.look() == ([], ["a.md"])
    assert 10.0 <= folder.clock.monotonic() <= 10.5


def test_one_file_that_changes_does_not_keep_the_others(folder: Folder) -> None:
    folder.save("a.md")
    folder.save("b.md", age_s=60)
    folder.on_sleep = {float(n): b"# x" * n for n in range(1, 12)}
    assert folder.look() == (["b.md"], ["a.md"])


def test_without_patience_it_is_looked_at_once(folder: Folder) -> None:
    """As the daemon does, which looks again by itself."""
    folder.save("a.md")
    assert folder.look(0) == ([], ["a.md"])
    assert folder.clock.slept == []
    folder.clock.advance(4.9)
    assert folder.look(0) == ([], ["a.md"])
    folder.clock.advance(0.2)
    assert folder.look(0) == (["a.md"], [])


def test_a_time_stamp_in_the_future_is_no_reason_to_wait_for_ever(folder: Folder) -> None:
    """A share whose clock runs ahead: five seconds of stillness by our own clock will do."""
    folder.save("a.md", age_s=-3600)
    assert folder.look() == (["a.md"], [])
    assert 5.0 <= folder.clock.monotonic() <= 5.5


def test_a_file_that_changed_begins_anew(folder: Folder) -> None:
    folder.save("a.md", age_s=-3600)
    assert folder.look(0) == ([], ["a.md"])
    folder.clock.advance(4)
    folder.save("a.md", b"# another", age_s=-3600)
    folder.clock.advance(4)
    assert folder.look(0) == ([], ["a.md"])
    folder.clock.advance(5)
    assert folder.look(0) == (["a.md"], [])


def test_a_file_that_went_away_is_forgotten(folder: Folder) -> None:
    path = folder.save("a.md")
    folder.look(0)
    path.unlink()
    assert folder.look(0) == ([], [])
    assert folder.inbox.seen == {}


def test_a_file_that_goes_while_it_is_looked_at_is_none(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.save("a.md", age_s=60)
    monkeypatch.setattr(box, "look_at", lambda _: None)
    assert folder.look(0) == ([], ["a.md"])
    assert box.read_twice(folder.path / "a.md") is None


def test_a_file_that_changes_while_it_is_read_is_not_read(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder.save("a.md", b"# half", age_s=60)
    assert box.read_twice(path) == b"# half"
    whole = Path.read_bytes

    def slow(self: Path) -> bytes:
        data = whole(self)
        self.write_bytes(b"# half and the rest")
        return data

    monkeypatch.setattr(Path, "read_bytes", slow)
    assert box.read_twice(path) is None


def test_a_file_that_may_not_be_read_says_so(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder.save("a.md", age_s=60)

    def refuse(_: Path) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(PermissionError):
        box.read_twice(path)


# --- which files are none -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        *("~$纪要.docx", ".~lock.纪要.docx#", ".hidden.md", "~WRL0001.tmp", "纪要.docx.tmp"),
        *("a.md.part", "a.md.crdownload", "a.md~", ".a.md.swp", "desktop.ini", "Thumbs.db"),
        *("a.pdf.findings.txt", "A.PDF.FINDINGS.TXT", ".DS_Store", "纪要.md.swx"),
    ],
)
def test_names_that_are_ignored(folder: Folder, name: str) -> None:
    folder.save(name, age_s=60)
    assert box.is_ignored(name)
    assert folder.look(0) == ([], [])


@pytest.mark.parametrize(
    "name", ["纪要.md", "a.TXT", "纪要 (2).docx", "a.pdf", "没有后缀", "$x.md"]
)
def test_names_that_are_looked_at(folder: Folder, name: str) -> None:
    folder.save(name, age_s=60)
    assert folder.look(0) == ([name], [])


def test_folders_inside_are_not_entered(folder: Folder) -> None:
    (folder.path / "旧.md").mkdir()
    (folder.path / "archive").mkdir()
    (folder.path / "archive" / "a.md").write_bytes(b"# x")
    assert folder.look(0) == ([], [])


def test_a_link_that_leads_nowhere_is_none(folder: Folder) -> None:
    (folder.path / "a.md").symlink_to(folder.path / "nowhere.md")
    assert folder.look(0) == ([], [])


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(box.InboxError, match="nowhere") as caught:
        Inbox(tmp_path / "nowhere").files()
    assert caught.value.text("zh").startswith(f"没有收件文件夹 {tmp_path / 'nowhere'}；")
    assert caught.value.text("en") == str(caught.value)


# --- where they go --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "kind", "name"),
    [
        ("2024-05-20T14:00", MeetingType.SPECIAL, "2024年专项会议纪要"),
        ("2024-05-20", MeetingType.REGULAR, "2024年常规例会纪要"),
        ("2023-01-01", MeetingType.CROSS_DEPARTMENT, "2023年跨部门协调会纪要"),
        ("2023-01-01", MeetingType.DECISION, "2023年决策会议纪要"),
        ("2024-05-20T14:00", None, "2024年会议纪要"),
        (None, None, "2025年会议纪要"),
    ],
)
def test_the_archive_is_by_year_and_type(
    tmp_path: Path, start: str | None, kind: MeetingType | None, name: str
) -> None:
    """F6."""
    assert box.archive_folder(tmp_path, start, kind, 2025) == tmp_path / name


def test_it_moves_never_over_another(folder: Folder) -> None:
    to = folder.path / "archive" / "2025年会议纪要"
    for n in range(3):
        box.move(folder.save("纪要.v1.md", f"# {n}".encode()), to)
    assert {p.name: p.read_bytes() for p in to.iterdir()} == {
        "纪要.v1.md": b"# 0",
        "纪要.v1 (2).md": b"# 1",
        "纪要.v1 (3).md": b"# 2",
    }
    assert folder.look(0) == ([], [])


def test_a_file_made_there_in_the_last_moment_is_not_overwritten(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = folder.path / "archive"
    path = folder.save("a.md", b"ours")
    link = os.link

    def late(source: Path, target: Path) -> None:
        if not (to / "a.md").exists():
            (to / "a.md").write_bytes(b"theirs")
        link(source, target)

    monkeypatch.setattr(os, "link", late)
    assert box.move(path, to).read_bytes() == b"ours"
    assert sorted(p.read_bytes() for p in to.iterdir()) == [b"ours", b"theirs"]


def no_links(*_: object) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")


def test_it_moves_where_there_are_no_links(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", no_links)
    path = folder.save("a.md", b"ours")
    assert box.move(path, folder.path / "archive").read_bytes() == b"ours"
    assert not path.exists()


def test_a_full_disk_leaves_no_pieces_in_the_archive(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another disk, and it is full: half a file there would be one more with every pass."""
    monkeypatch.setattr(os, "link", no_links)
    to = folder.path / "archive"
    path = folder.save("a.md", b"ours" * 1000)
    rename, copy = os.rename, shutil.copyfile

    def other_disk(source: object, target: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    def full(source: Path, target: Path, **_: object) -> None:
        Path(target).write_bytes(b"our")
        raise OSError(errno.ENOSPC, "No space left on device")

    for _ in range(2):
        monkeypatch.setattr(os, "rename", other_disk)
        monkeypatch.setattr(shutil, "copyfile", full)
        with pytest.raises(OSError, match="No space"):
            box.move(path, to)
    assert path.read_bytes() == b"ours" * 1000
    monkeypatch.setattr(os, "rename", rename)
    monkeypatch.setattr(shutil, "copyfile", copy)
    box.move(path, to)
    assert [p.name for p in to.iterdir()] == ["a.md"]


def test_a_file_that_cannot_be_taken_away_leaves_no_copies(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An inbox that may only be read."""
    to = folder.path / "archive"
    path = folder.save("a.md", b"ours")
    unlink = Path.unlink

    def refuse(self: Path, *, missing_ok: bool = False) -> None:
        if self == path:
            raise PermissionError(errno.EACCES, "Permission denied")
        unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    for _ in range(2):
        with pytest.raises(PermissionError):
            box.move(path, to)
    monkeypatch.undo()
    assert path.read_bytes() == b"ours"
    assert list(to.iterdir()) == []
    box.move(path, to)
    assert [p.name for p in to.iterdir()] == ["a.md"]


# --- the note beside a refused file ---------------------------------------------------------------


def test_a_note_is_written_once(folder: Folder) -> None:
    path = folder.save("a.pdf")
    note = box.note_of(path)
    assert note.name == "a.pdf.findings.txt"
    box.leave_note(path, "a.pdf: 请转成 Word")
    first = note.stat().st_mtime_ns
    assert note.read_text(encoding="utf-8") == "a.pdf: 请转成 Word\n"
    os.utime(note, ns=(first - 10**9, first - 10**9))
    box.leave_note(path, "a.pdf: 请转成 Word")
    assert note.stat().st_mtime_ns == first - 10**9
    box.leave_note(path, "a.pdf: 另一个原因")
    assert note.read_text(encoding="utf-8") == "a.pdf: 另一个原因\n"
    assert path.read_bytes() == b"# x"  # failure 85: the user's own file is as it was


def test_the_digest_tells_the_same_bytes() -> None:
    assert box.digest_of(b"a") == box.digest_of(b"a") != box.digest_of(b"b")
