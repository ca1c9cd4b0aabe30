"""Faults of the machine and of people: each is said with its name, disturbs nothing else, heals.

Run as a script, this file is the desk of ``test_kills_at_any_moment``: it kills passes.
"""

import errno
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fakes import desk
from fakes.clock import FakeClock
from fakes.office import NOW, Office, call, minutes, team_file

from connectors.errors import BusyError
from connectors.excel import files
from minuteloop import inbox as box

THREE = (
    ("写报告", "张三", "2025-05-27", "含数据"),
    ("评估周期", "李四", "2025-05-24", "一页"),
    ("联系客户", "王五", "2025-05-30", "有记录"),
)
ONE_MORE = minutes(("新的一项", "张三", "2025-06-01", "有"), title="另一个会")
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three items in its workbook, to be copied."""
    folder = tmp_path_factory.mktemp("model")
    Office(folder).read(*THREE)
    return folder


@pytest.fixture
def office(tmp_path: Path, model: Path) -> Office:
    return Office.copied(model, tmp_path / "产品 团队")


@contextmanager
def frozen(path: Path) -> Iterator[None]:
    """Let nobody change a file, or what a folder holds; not even root."""
    if ROOT:
        done = subprocess.run(["chattr", "+i", str(path)], capture_output=True, check=False)
        if done.returncode:
            pytest.skip("root writes everywhere, and there is no chattr here")
        try:
            yield
        finally:
            subprocess.run(["chattr", "-i", str(path)], check=True)
        return
    mode = path.stat().st_mode
    path.chmod(mode & 0o555)
    try:
        yield
    finally:
        path.chmod(mode)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """Put a disk of this size in place of a folder."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if (
        not shutil.which("mount")
        or subprocess.run(command, capture_output=True, check=False).returncode
    ):
        pytest.skip("no disk can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, *, leave: int) -> Path:
    """Fill a disk but for so many bytes."""
    path = folder / "ballast"
    free = shutil.disk_usage(folder).free - leave
    path.write_bytes(b"x" * max(0, free))
    return path


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


# --- configuration and folders --------------------------------------------------------------------


def test_a_bad_configuration_is_said_whole_and_nothing_runs(office: Office) -> None:
    good = office.config.read_text(encoding="utf-8")
    office.drop("n.md", ONE_MORE)
    bad = good.replace('kind = "excel"', 'kind = "exel"') + "[rules]\noff = 3\n"
    office.configure("bogus = 1\n" + bad)
    at = office.everything()
    for command in (["once"], ["plan"], ["status"], ["items"], ["check"], ["run"]):
        told = office.call(*command, code=2)
        assert told.out == ""
        lines = told.err.splitlines()
        assert len(lines) == 3, lines
        assert all(line.startswith("minuteloop.toml: ") for line in lines)
    assert office.everything() == at
    office.configure(good)
    assert office.once()["trackers"][0]["created"] == 1


def test_a_kind_that_is_not_built_yet_is_an_error_of_the_configuration(office: Office) -> None:
    text = team_file() + '[[trackers]]\nname = "x"\nkind = "teambition"\napp_id = "a"\n'
    keys = ("app_secret", "tenant_id", "operator_id", "project_id")
    office.configure(text + "".join(f'{key} = "env:HOME"\n' for key in keys))
    told = office.call("once", code=2)
    assert "minuteloop.toml: trackers.x.kind: " in told.err
    assert "teambition" in told.err


def test_a_configuration_that_is_no_toml_or_not_there(office: Office, tmp_path: Path) -> None:
    office.configure('team = "x\n')
    assert "minuteloop.toml: " in office.call("once", code=2).err
    office.config.unlink()
    assert "minuteloop.toml" in office.call("once", code=2).err


def test_a_missing_inbox_is_said_and_minutes_are_read_once_it_is_there(office: Office) -> None:
    office.inbox.rmdir()
    office.type("写报告", 备注="看")
    told = office.call("once", "--now", NOW)
    assert office.item("写报告")["note"] == "看"
    office.inbox.mkdir()
    office.drop("n.md", ONE_MORE)
    office.once()
    assert "新的一项" in office.texts()
    assert str(office.inbox) in told.out + told.err


def test_an_inbox_that_cannot_be_listed_stops_nothing_else(office: Office) -> None:
    office.inbox.rmdir()
    office.inbox.write_text("in the way", encoding="utf-8")
    office.type("写报告", 备注="看")
    told = office.call("once", "--now", NOW, code=None)
    assert office.item("写报告")["note"] == "看"
    assert str(office.inbox) in told.out + told.err
    office.status()
    office.plan()
    office.inbox.unlink()
    office.inbox.mkdir()
    office.drop("n.md", ONE_MORE)
    office.once()
    assert "新的一项" in office.texts()


def test_an_archive_that_cannot_be_made_keeps_the_minutes(office: Office) -> None:
    shutil.rmtree(office.archive)
    office.archive.write_text("in the way", encoding="utf-8")
    office.drop("n.md", ONE_MORE)
    for state in ("read", "unchanged"):
        (document,) = office.once()["documents"]
        assert document["state"] == state
        assert "n.md" in document["error"]
        assert str(office.archive) in document["error"]
    assert "新的一项" in office.texts()
    assert (office.inbox / "n.md").is_file()
    office.archive.unlink()
    office.once()
    assert [p.name for p in office.archive.rglob("*") if p.is_file()] == ["n.md"]
    assert len(office.rows()) == 4
    assert office.quiet()


# --- full disks -----------------------------------------------------------------------------------


def test_a_full_disk_under_the_store(office: Office) -> None:
    """A real one: the database alone lies on it."""
    disk = office.folder / "disk"
    with small_disk(disk, "2m"):
        for path in office.folder.glob("minuteloop.db*"):
            shutil.move(path, disk / path.name)
        office.configure(team_file(more='[store]\nurl = "sqlite:///disk/minuteloop.db"'))
        assert office.quiet()
        ballast = fill(disk, leave=4096)
        lines = [(f"很长的事项{chr(0x5000 + n)}" + "述" * 400, "张三", "", "有") for n in range(40)]
        office.drop("n.md", minutes(*lines, title="大会"))
        before = office.book.read_bytes()
        told = office.call("once", "--json", "--now", NOW, code=1).json
        assert "minuteloop.db" in told["errors"][0]["error"]
        assert "full" in told["errors"][0]["error"]
        assert office.book.read_bytes() == before
        assert (office.inbox / "n.md").is_file()
        ballast.unlink()
        assert office.once()["trackers"][0]["created"] == 40
        assert len(office.rows()) == 43
        assert office.quiet()


def test_a_full_disk_under_the_workbook(office: Office, tmp_path: Path) -> None:
    disk = office.folder / "disk"
    with small_disk(disk, "1m"):
        shutil.move(office.book, disk / "tracker.xlsx")
        office.book = disk / "tracker.xlsx"
        office.configure(team_file('path = "disk/tracker.xlsx"'))
        assert office.quiet()
        ballast = fill(disk, leave=2048)
        before = office.book.read_bytes()
        office.drop("n.md", ONE_MORE)
        told = office.board(code=1)
        assert told["state"] == "failed"
        assert "tracker.xlsx" in told["error"]
        assert "磁盘已满" in told["error"]
        assert office.book.read_bytes() == before
        assert sorted(p.name for p in disk.iterdir()) == ["ballast", "tracker.xlsx"]
        ballast.unlink()
        assert office.board()["created"] == 1
        assert len(office.rows()) == 4
        assert office.quiet()


def test_a_full_disk_under_the_archive(office: Office) -> None:
    disk = office.folder / "disk"
    office.configure(team_file(more='[minutes]\narchive = "disk"'))
    with small_disk(disk, "1m"):
        ballast = fill(disk, leave=0)
        office.drop("n.md", ONE_MORE + "讨论内容\n" * 3000)
        (document,) = office.once()["documents"]
        assert document["state"] == "read"
        assert "n.md" in document["error"]
        assert (office.inbox / "n.md").is_file()
        office.once()
        ballast.unlink()
        office.once()
        kept = [p for p in disk.rglob("*") if p.is_file()]
        assert [p.name for p in kept] == ["n.md"]
        assert len(kept[0].read_bytes()) > 3000
        assert list(office.inbox.iterdir()) == []
        assert len(office.rows()) == 4


@pytest.mark.parametrize("call_of", ["draft", "backup"])
def test_a_write_that_fails_leaves_the_workbook_as_it_was(
    office: Office, monkeypatch: pytest.MonkeyPatch, call_of: str
) -> None:
    """As a full disk fails: while the draft is written, or the copy that is kept."""
    office.drop("n.md", ONE_MORE)
    before = office.book.read_bytes()
    write = files._write

    def some(path: Path, data: bytes) -> None:
        if (path.parent == office.book.parent) == (call_of == "draft"):
            path.write_bytes(data[: len(data) // 2])
            full()
        write(path, data)

    monkeypatch.setattr(files, "_write", some)
    told = office.board(code=1)
    assert (told["state"], told["created"]) == ("failed", 0)
    assert "磁盘已满" in told["error"]
    assert office.book.read_bytes() == before
    assert [p.name for p in office.folder.glob(".tracker*")] == []
    monkeypatch.undo()
    assert office.board()["created"] == 1
    assert len(office.rows()) == 4
    assert office.quiet()


def test_a_rename_that_fails_leaves_the_workbook_as_it_was(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.drop("n.md", ONE_MORE)
    office.type("写报告", 备注="看")
    before = office.book.read_bytes()
    rename = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if Path(target).name == "tracker.xlsx":
            full()
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    told = office.board(code=1)
    assert told["state"] == "failed"
    assert "tracker.xlsx" in told["error"]
    assert office.book.read_bytes() == before
    assert office.item("写报告")["note"] == "看"  # what was read is kept
    monkeypatch.undo()
    assert office.board()["created"] == 1
    assert office.quiet()


# --- what may not be written ----------------------------------------------------------------------


def test_a_read_only_workbook_is_read_and_said(office: Office) -> None:
    office.type("写报告", 备注="看")
    office.drop("n.md", ONE_MORE)
    office.book.chmod(0o444)
    before = office.book.read_bytes()
    told = office.board(code=1)
    assert told["state"] == "failed"
    assert "tracker.xlsx 是只读的" in told["error"]
    assert office.item("写报告")["note"] == "看"
    assert office.book.read_bytes() == before
    office.book.chmod(0o644)
    assert office.board()["created"] == 1
    assert office.quiet()


def test_a_read_only_workbook_with_nothing_to_write_is_no_error(office: Office) -> None:
    office.book.chmod(0o444)
    office.type("写报告", 备注="看")
    office.book.chmod(0o444)
    assert office.board()["state"] == "ok"
    assert office.item("写报告")["note"] == "看"


def test_a_folder_that_may_not_be_written_keeps_the_workbook(office: Office) -> None:
    share = office.folder / "share"
    share.mkdir()
    shutil.move(office.book, share / "tracker.xlsx")
    office.book = share / "tracker.xlsx"
    office.configure(team_file('path = "share/tracker.xlsx"'))
    assert office.quiet()
    office.drop("n.md", ONE_MORE)
    before = office.book.read_bytes()
    with frozen(share):
        told = office.board(code=None)
        assert told["state"] in {"failed", "paused"}
        assert "tracker.xlsx" in told["error"]
        assert office.book.read_bytes() == before
    assert office.board()["created"] == 1
    assert len(office.rows()) == 4
    assert office.quiet()


def test_an_inbox_that_may_not_be_written_is_read_once(office: Office) -> None:
    """The minutes cannot be moved away; they are not read again and again."""
    office.drop("n.md", ONE_MORE)
    office.drop("x.pdf", b"%PDF-1.4")
    with frozen(office.inbox):
        told = {d["file"]: d for d in office.once()["documents"]}
        assert told["n.md"]["state"] == "read"
        assert "n.md" in told["n.md"]["error"]
        assert told["x.pdf"]["state"] == "refused"
        again = {d["file"]: d for d in office.once()["documents"]}
        assert again["n.md"]["state"] == "unchanged"
        assert len(office.rows()) == 4
    office.once()
    assert sorted(p.name for p in office.inbox.iterdir()) == ["x.pdf", "x.pdf.findings.txt"]
    assert [p.name for p in office.archive.rglob("n*.md")] == ["n.md"]


def test_a_database_that_may_not_be_written_is_said(office: Office) -> None:
    office.type("写报告", 备注="看")
    before = office.everything()
    with frozen(office.store):
        told = office.call("once", "--json", "--now", NOW, code=1).json
        assert "minuteloop.db" in told["errors"][0]["error"]
        assert told["trackers"] == []
    kept = office.everything()
    assert {k: v for k, v in kept.items() if "minuteloop.db" not in k} == {
        k: v for k, v in before.items() if "minuteloop.db" not in k
    }
    office.once()
    assert office.item("写报告")["note"] == "看"


# --- the database ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        "once",
        "plan",
        "status",
        "items",
        "history ML-C517RXVAM",
        "close ML-C517RXVAM --why x",
        "verify ML-C517RXVAM",
        "release P-0123456789",
        "undo 1",
    ],
)
def test_every_command_says_that_the_database_is_damaged(office: Office, command: str) -> None:
    """Failures 44 and 75."""
    office.store.write_bytes(b"no database " * 900)
    before = office.everything()
    told = office.call(*command.split(), code=1)
    assert str(office.store) in told.out + told.err
    assert "damaged" in told.out + told.err
    assert "Traceback" not in told.err
    assert office.everything() == before


def test_a_damaged_database_moved_away_is_rebuilt(office: Office) -> None:
    before = {i["description"]: i["id"] for i in office.items()}
    office.drop("n.md", ONE_MORE)
    data = office.store.read_bytes()
    office.store.write_bytes(data[: len(data) // 3])
    told = office.call("once", "--json", "--now", NOW, code=1).json
    assert "damaged" in told["errors"][0]["error"]
    assert (office.inbox / "n.md").is_file()
    for path in office.folder.glob("minuteloop.db*"):
        path.rename(path.with_suffix(".broken"))
    office.once()
    found = {i["description"]: i["id"] for i in office.items()}
    assert found.items() >= before.items()
    assert len(office.rows()) == 4
    assert office.quiet()


def test_a_broken_team_stops_no_other(tmp_path: Path, model: Path) -> None:
    """Promise 6."""
    office = Office.copied(model, tmp_path / "a")
    office.config.rename(office.folder / "a.toml")
    office.config = office.folder
    (office.folder / "b.toml").write_text(
        team_file(
            'path = "b.xlsx"',
            team="乙组",
            more='[store]\nurl = "sqlite:///b.db"\n[minutes]\ninbox = "b"',
        ),
        encoding="utf-8",
    )
    (office.folder / "b.db").write_bytes(b"no database " * 900)
    office.type("写报告", 备注="看")
    told = office.once(code=1)
    assert [t["state"] for t in told["trackers"]] == ["ok"]
    assert [e["team"] for e in told["errors"]] == ["乙组"]
    assert "b.db" in told["errors"][0]["error"]


def test_a_database_held_by_another_program_is_waited_for(office: Office) -> None:
    """A backup or a viewer holds it for a moment."""
    script = "import sqlite3, sys, time; c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
    script += "c.execute('BEGIN IMMEDIATE'); print('held', flush=True); time.sleep(1.0)"
    office.type("写报告", 备注="看")
    with subprocess.Popen(
        [sys.executable, "-c", script, str(office.store)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "held"
        office.once()
    assert office.item("写报告")["note"] == "看"


# --- the workbook ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "code", "word", "damage"),
    [
        ("failed", 1, ".xls", lambda _: OLE + b"\0" * 4096),
        (
            "failed",
            1,
            "打开密码",
            lambda _: OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600,
        ),
        ("paused", 0, "不完整", lambda data: data[: len(data) // 2]),
        ("paused", 0, "文件是空的", lambda _: b""),
        ("failed", 1, "tracker.xlsx", lambda _: b"PK\x03\x04 no zip at all" * 99),
        ("failed", 1, "tracker.xlsx", lambda _: b"<html>please log in</html>" * 9),
    ],
    ids=["xls", "password", "half", "empty", "noise", "html"],
)
def test_a_workbook_that_cannot_be_read_is_said_and_left_alone(
    office: Office, state: str, code: int, word: str, damage: Callable[[bytes], bytes]
) -> None:
    """Failure 69."""
    good = office.book.read_bytes()
    bad = damage(good)
    desk.save(office.book, bad)
    office.drop("n.md", ONE_MORE)
    for _ in range(2):
        told = office.board(code=None)
        if word == "tracker.xlsx":
            assert told["state"] in {"failed", "paused"}
        else:
            assert told["state"] == state
            assert office.call("once", "--now", NOW, code=None).code == code
        assert "tracker.xlsx" in told["error"]
        assert word in told["error"]
        assert office.book.read_bytes() == bad
    assert all(i["closed"] is None for i in office.items())
    assert len(office.items()) == 4  # the minutes were read all the same
    desk.save(office.book, good)
    assert office.board()["created"] == 1
    assert office.quiet()


def test_a_workbook_that_is_not_there_is_said(office: Office) -> None:
    kept = office.book.read_bytes()
    office.book.unlink()
    told = office.board(code=1)
    assert str(office.book) in told["error"]
    assert "check --prepare" in told["error"]
    assert all(i["closed"] is None for i in office.items())
    assert not office.book.exists()
    desk.save(office.book, kept)
    assert office.quiet()


def test_a_new_empty_workbook_in_its_place_halts(office: Office) -> None:
    """Failures 36 and 40: the file was lost and somebody ran prepare."""
    office.book.unlink()
    office.call("check", "--prepare")
    told = office.board()
    assert told["state"] == "halted"
    assert all(i["closed"] is None for i in office.items())


def test_one_tracker_that_fails_holds_up_no_other(tmp_path: Path, model: Path) -> None:
    """Promise 6."""
    office = Office.copied(model, tmp_path / "a")
    office.configure(team_file('path = "nowhere.xlsx"', 'path = "tracker.xlsx"'))
    office.lose_store()
    office.drop("n.md", ONE_MORE)
    told = office.once(code=1)
    assert [(t["name"], t["state"]) for t in told["trackers"]] == [
        ("board", "failed"),
        ("board2", "ok"),
    ]
    assert "nowhere.xlsx" in told["trackers"][0]["error"]
    assert len(office.rows()) == 4


# --- documents ------------------------------------------------------------------------------------


def test_documents_that_cannot_be_read_disturb_no_other(office: Office) -> None:
    office.drop("二进制.md", bytes(range(256)) * 40)
    office.drop("半个.docx", b"PK\x03\x04" + b"\0" * 300)
    office.drop("旧.doc", OLE + b"\0" * 600)
    office.drop("空.md", b"")
    office.drop("国标.md", ONE_MORE.encode("gb18030"))
    told = {d["file"]: d for d in office.once()["documents"]}
    for name in ("二进制.md", "半个.docx", "旧.doc"):
        assert told[name]["state"] == "refused", name
        assert name in told[name]["error"]
        assert (office.inbox / f"{name}.findings.txt").is_file()
        assert (office.inbox / name).is_file()
    assert told["国标.md"]["state"] == "read"
    assert told["空.md"]["state"] in {"read", "refused"}
    assert "新的一项" in office.texts()
    assert len(office.rows()) == 4


def test_a_refused_document_that_is_mended_is_read(office: Office) -> None:
    office.drop("n.md", bytes(range(256)) * 40)
    office.once()
    office.drop("n.md", ONE_MORE)
    assert office.once()["documents"][0]["state"] == "read"
    assert list(office.inbox.iterdir()) == []
    assert office.codes() == []
    assert "新的一项" in office.texts()


def test_a_huge_document_is_refused_at_once(office: Office) -> None:
    path = office.inbox / "大.md"
    with path.open("wb") as file:
        file.write(b"# x\n")
        file.truncate(200_000_000)
    os.utime(path, (1e9, 1e9))
    office.drop("n.md", ONE_MORE)
    begun = time.monotonic()
    told = {d["file"]: d for d in office.once()["documents"]}
    assert time.monotonic() - begun < 20
    assert told["大.md"]["state"] == "refused"
    assert "文件太大" in told["大.md"]["error"]
    assert told["n.md"]["state"] == "read"


def test_a_huge_document_is_not_loaded(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recording of the meeting, dropped beside its minutes."""
    path = office.inbox / "录像.mp4"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    os.utime(path, (1e9, 1e9))
    office.drop("n.md", ONE_MORE)
    whole = Path.read_bytes

    def read(self: Path) -> bytes:
        if self == path:
            raise MemoryError
        return whole(self)

    monkeypatch.setattr(Path, "read_bytes", read)
    told = {d["file"]: d for d in office.once()["documents"]}
    assert told["录像.mp4"]["state"] == "refused"
    assert told["n.md"]["state"] == "read"


def test_a_document_that_brings_the_reader_down_is_refused(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours in one document."""
    from minutes import extract  # noqa: PLC0415  # the module that is broken on purpose

    whole = extract.extract

    def broken(document: Any, **more: Any) -> Any:
        if more["name"] == "a.md":
            raise RecursionError
        return whole(document, **more)

    monkeypatch.setattr(extract, "extract", broken)
    office.drop("a.md", ONE_MORE)
    office.drop("n.md", ONE_MORE)
    told = {d["file"]: d["state"] for d in office.once()["documents"]}
    assert told == {"a.md": "refused", "n.md": "read"}


def test_a_document_that_may_not_be_read_waits_and_is_said(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = box.read_twice

    def refuse(path: Path) -> bytes | None:
        if path.name == "a.md":
            raise PermissionError(errno.EACCES, "Permission denied")
        return read(path)

    monkeypatch.setattr(box, "read_twice", refuse)
    office.drop("a.md", ONE_MORE)
    office.drop("n.md", minutes(("第二项", "李四", "2025-06-01", "有"), title="第三个会"))
    told = {d["file"]: d for d in office.once()["documents"]}
    assert told["a.md"]["state"] == "waiting"
    assert "a.md：文件无法读取" in told["a.md"]["error"]
    assert told["n.md"]["state"] == "read"
    monkeypatch.undo()
    assert office.once()["documents"][0]["state"] == "read"


@pytest.mark.skipif(sys.platform != "linux", reason="names there are always text")
def test_a_file_whose_name_is_no_utf8_disturbs_nothing(office: Office) -> None:
    """As a zip file with names in GBK leaves behind."""
    path = os.path.join(os.fsencode(office.inbox), "会议.md".encode("gb18030"))  # noqa: PTH118
    Path(os.fsdecode(path)).write_bytes(ONE_MORE.encode())
    os.utime(path, (1e9, 1e9))
    office.drop("n.md", minutes(("第二项", "李四", "2025-06-01", "有"), title="第三个会"))
    office.plan()
    told = {d["file"]: d["state"] for d in office.once()["documents"]}
    assert told["n.md"] == "read"
    assert len(told) == 2
    assert "第二项" in office.texts()
    office.status()
    office.once()


# --- one at a time --------------------------------------------------------------------------------


def test_two_passes_at_once_make_one_row_each(office: Office) -> None:
    """Failure 76: the second waits for the first, or says who holds the team."""
    office.drop("n.md", ONE_MORE)
    office.add(行动项描述="手加的", 负责人="张三")
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "minuteloop", "once", "--json", "--now", NOW],
            cwd=office.folder,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    told = [json.loads(p.communicate(timeout=60)[0]) for p in running]
    assert [p.returncode for p in running] == [0, 0]
    assert sum(t["trackers"][0]["created"] for t in told) == 1
    assert sum(t["trackers"][0]["pulled"] for t in told) == 1
    assert len(office.rows()) == len({r["编号"] for r in office.rows()}) == 5
    assert office.quiet()


def test_two_teams_do_not_write_one_workbook_at_once(tmp_path: Path) -> None:
    book = tmp_path / "tracker.xlsx"
    book.write_bytes(b"")
    one, two = (
        files.WorkbookFile(book, tmp_path / team, "board", FakeClock()) for team in ("甲", "乙")
    )
    with one.locked(), pytest.raises(BusyError), two.locked():
        pytest.fail("both write")
    with two.locked():
        pass


# --- killed ---------------------------------------------------------------------------------------

KILLS = 24


@pytest.mark.skipif(not hasattr(os, "fork"), reason="passes are forked, to be quick")
def test_kills_at_any_moment(tmp_path: Path) -> None:
    """Failures 2 and 26: kill -9 of `once`; then a pass: one row each, nothing lost, quiet."""
    tests = str(Path(__file__).parents[1])
    done = subprocess.run(
        [sys.executable, __file__, str(tmp_path), str(KILLS)],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((tests, str(Path(tests).parent)))},
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["kills"] >= 20, told


def _kill_passes(folder: Path, kills: int) -> int:
    """Let people work and kill the passes after it; return how many were killed in their work."""
    office = Office(folder / "office")
    people = _People(office, random.Random(20250520))
    lasts = 0.0
    for _ in range(2):  # the first one loads what is not loaded yet
        people.work()
        begun = time.monotonic()
        office.once()
        lasts = time.monotonic() - begun
    done = 0
    while done < kills:
        people.work()
        if not _killed(office, people.dice.uniform(0, lasts)):
            continue
        done += 1
        if done % 3 == 0:  # killed while it mends what the one before left
            done += _killed(office, people.dice.uniform(0, lasts))
        office.once()
        people.judge(f"after kill {done}")
        if done % 4 == 0:
            assert office.quiet(), f"not quiet after kill {done}"
    assert office.quiet()
    return done


def _killed(office: Office, after_s: float) -> bool:
    """Start a pass and kill it after so long; say whether it was still at work."""
    child = os.fork()
    if child == 0:
        code = call(["once", "--json", "--now", NOW, "-c", str(office.config)]).code
        os._exit(code)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1] == signal.SIGKILL


class _People:
    """People who write minutes and work in the workbook, and what must be there after it."""

    def __init__(self, office: Office, dice: random.Random) -> None:
        self.office, self.dice = office, dice
        self.count = 0
        self.told: dict[str, list[tuple[str, ...]]] = {}
        self.texts: set[str] = set()
        self.notes: dict[str, str] = {}

    def work(self) -> None:
        self.minutes()
        self.dice.choice((self.note, self.note, self.add, self.move))()

    def name(self) -> str:
        self.count += 1
        return f"事项{chr(0x4E00 + 37 * self.count)}{self.count}"

    def minutes(self) -> None:
        self.count += 1
        title = f"会议{chr(0x5500 + self.count)}"
        rows = [(self.name(), "张三", "2025-06-01", "有")]
        self.texts |= {r[0] for r in rows}
        self.office.drop(f"{title}.md", minutes(*rows, title=title))

    def note(self) -> None:
        rows = self.office.rows()
        if rows:
            row = self.dice.choice(rows)
            self.count += 1
            self.notes[str(row["行动项描述"])] = f"备注{self.count}"
            self.office.type(row["row"], 备注=f"备注{self.count}")

    def add(self) -> None:
        text = self.name()
        self.texts.add(text)
        self.office.add(行动项描述=text, 负责人="李四", 计划完成时间=date(2025, 6, 2))

    def move(self) -> None:
        order = [r["row"] for r in self.office.rows()]
        if order:
            self.dice.shuffle(order)
            desk.sort_rows(self.office.book, order, 2)

    def judge(self, when: str) -> None:
        office = self.office
        rows, items = office.rows(), office.items()
        assert sorted(r["行动项描述"] for r in rows) == sorted(self.texts), when
        assert sorted(i["description"] for i in items) == sorted(self.texts), when
        assert {r["编号"] for r in rows} == {i["id"] for i in items}, when
        for row in rows:
            note = self.notes.get(row["行动项描述"])
            assert row["备注"] == note, f"{when}: {row}"
        assert all(i["note"] == self.notes.get(i["description"]) for i in items), when
        assert list(office.inbox.iterdir()) == [], when
        with sqlite3.connect(office.store) as connection:
            open_intents = connection.execute("SELECT count(*) FROM intents").fetchone()[0]
        connection.close()
        assert open_intents == 0, when


if __name__ == "__main__":
    print(json.dumps({"kills": _kill_passes(Path(sys.argv[1]), int(sys.argv[2]))}))
