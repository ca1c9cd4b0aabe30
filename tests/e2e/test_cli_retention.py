"""``retention``: what is too old is listed, and deleted only at a word (F6)."""

import os
from pathlib import Path

import pytest
from fakes.office import Office, minutes

THEN = "2022-05-19T15:00"
LATER = "2024-05-20T09:00"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office = Office(tmp_path)
    office.drop("旧.md", minutes(("输出流程图", "张三", "2022-05-21"), day="2022-05-19"))
    office.once(THEN)
    office.drop("新.md", minutes(("评估周期", "李四", "2024-05-22"), day="2024-05-18"))
    office.once("2024-05-18T15:00")
    return office


def archived(office: Office) -> list[str]:
    return sorted(p.name for p in office.archive.rglob("*.md"))


def test_it_lists_and_deletes_only_what_is_too_old(office: Office) -> None:
    before, items = office.everything(), office.items()
    (team,) = office.call("retention", "--json", "--now", LATER).json["teams"]
    (file,) = team["files"]
    assert (file["path"], file["day"]) == ("2022年常规例会纪要/旧.md", "2022-05-19")
    assert file["meeting"]["title"] == "产品周会"
    assert file["size"] == len((office.archive / file["path"]).read_bytes())
    assert (team["before"], file["deleted"], file["error"]) == ("2022-05-20", False, None)
    text = office.call("retention", "--now", LATER).out
    assert "2022年常规例会纪要/旧.md: 2022-05-19, 产品周会, " in text
    assert "before 2022-05-20: 1; --delete deletes them" in text
    assert office.everything() == before

    text = office.call("retention", "--now", LATER, "--delete").out
    assert "  deleted 2022年常规例会纪要/旧.md: 2022-05-19, 产品周会, " in text
    assert archived(office) == ["新.md"]
    assert office.items() == items
    item = office.item("输出流程图")
    assert item["meeting"]["start"] == "2022-05-19T10:00"
    assert office.history(item["id"])
    again = office.call("retention", "--now", LATER, "--delete")
    assert "nothing is older than 2022-05-20" in again.out
    assert office.quiet(LATER)


def test_a_day_earlier_nothing_is(office: Office) -> None:
    (team,) = office.call("retention", "--json", "--now", "2024-05-19T23:59").json["teams"]
    assert team["files"] == []


def test_the_same_minutes_dropped_again_keep_their_items(office: Office) -> None:
    item = office.item("输出流程图")
    office.call("retention", "--now", LATER, "--delete")
    office.drop("旧.md", minutes(("输出流程图", "张三", "2022-05-23"), day="2022-05-19"))
    office.once(LATER)
    assert office.item("输出流程图")["id"] == item["id"]


def test_status_and_review_say_how_many(office: Office) -> None:
    told = office.status()  # by the machine's clock
    assert told["over_age"] >= 1
    assert "older than 2 years in the archive: " in office.call("status").out
    words = ("review", "--quarter", "2024Q2", "--now", LATER)
    (team,) = office.call(*words, "--json").json["teams"]
    assert team["retention"] == {"years": 2, "over_age": 1}
    assert "归档中超过 2 年的文件 1 个（minuteloop retention）。" in office.call(*words).out
    office.call("retention", "--now", LATER, "--delete")
    assert "retention" not in office.call(*words).out


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="rights do not bind root")
def test_what_cannot_be_deleted_is_told(office: Office) -> None:
    folder = office.archive / "2022年常规例会纪要"
    folder.chmod(0o500)
    try:
        told = office.call("retention", "--now", LATER, "--delete", code=1)
    finally:
        folder.chmod(0o700)
    assert "  not deleted: 2022年常规例会纪要/旧.md: 2022-05-19, 产品周会, " in told.out
    assert "Permission denied" in told.out
    assert archived(office) == ["新.md", "旧.md"]


def test_a_fault_of_the_folder_is_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Path) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "unlink", broken)
    (team,) = office.call("retention", "--json", "--now", LATER, "--delete", code=1).json["teams"]
    assert team["files"][0]["error"] == "Permission denied"
    monkeypatch.setattr(Path, "iterdir", broken)
    told = office.call("retention", "--now", LATER, code=1)
    assert "archive: cannot be looked into: Permission denied" in told.out
