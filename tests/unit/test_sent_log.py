"""What is kept of notices beside the database, so that none is told twice (failure 86)."""

from pathlib import Path

import pytest

from minuteloop import sent_log
from minuteloop.sent_log import SentLog

A, B = ("D2|ahead|ML-1|2024-05-27|张三", "mail"), ("D2|ahead|ML-1|2024-05-27|张三", "group")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "sent.log"


def test_what_left_is_known_to_another_process(file: Path) -> None:
    SentLog(file).leaving([A, B], "ml-1")
    assert SentLog(file).among([A, B]) == {A: "ml-1", B: "ml-1"}
    SentLog(file).taken([A])
    assert SentLog(file).among([A, B]) == {A: "", B: "ml-1"}


def test_what_was_refused_did_not_leave(file: Path) -> None:
    log = SentLog(file)
    log.leaving([A], "ml-1")
    log.refused([A])
    assert log.among([A]) == SentLog(file).among([A]) == {}
    log.leaving([A], "ml-2")
    assert SentLog(file).among([A]) == {A: "ml-2"}


def test_lines_of_an_older_version_were_taken(file: Path) -> None:
    SentLog(file).taken([A])
    assert len(file.read_text("ascii").split()[0]) == 24
    assert SentLog(file).among([A]) == {A: ""}


def test_a_line_that_was_cut_is_no_other_s(file: Path) -> None:
    SentLog(file).taken([A])
    with file.open("a", encoding="ascii") as half:
        half.write("0123456789")
    SentLog(file).taken([B])
    assert SentLog(file).among([A, B]) == {A: "", B: ""}


def test_a_long_file_is_cut_to_what_was_told_last(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent_log, "KEPT", 3)
    log = SentLog(file)
    keys = [(f"key {n}", "mail") for n in range(6)]
    log.taken(keys)
    log.taken(keys[:1])
    assert set(SentLog(file).among(keys)) == {keys[0], *keys[4:]}
    assert len(file.read_text("ascii").splitlines()) == 3


def test_a_file_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("no folder", encoding="utf-8")
    log = SentLog(tmp_path / "state" / "sent.log")
    log.taken([A])
    assert log.among([A]) == {A: ""}
