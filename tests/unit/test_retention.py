"""F6: which archived minutes are older than they are kept, and what deleting may touch."""

import hashlib
import os
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fakes.world import World

from minuteloop.config import TeamConfig, load
from minuteloop.retention import delete, kept_from, over_age
from sync.stored import DocumentRow

NOW = datetime(2024, 5, 20, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


class Archive:
    """A team's archive and what its store knows of it."""

    def __init__(self, folder: Path, rules: str = "") -> None:
        self.folder = folder / "archive"
        self.world = World()
        file = folder / "team.toml"
        file.write_text(f'team = "产品部"\n[rules]\n{rules}\n', encoding="utf-8")
        self.team: TeamConfig = load(file).teams[0]

    def put(self, path: str, data: bytes = b"x") -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        return file

    def know(self, file: str, start: str | None, data: bytes = b"x") -> None:
        """Keep a document's row, as `once` does."""
        row = DocumentRow(
            key=f"M-{file}-{start}",
            file=file,
            digest=hashlib.sha256(data).hexdigest(),
            series=None,
            start=start,
            meeting={"title": "产品周会", "start": start},
            read_at=NOW.isoformat(),
        )
        with self.world.store.transaction() as tx:
            tx.put_document(row)

    def found(self, now: datetime = NOW) -> list[tuple[str, str]]:
        with self.world.store.transaction() as tx:
            return [(a.name, str(a.day)) for a in over_age(self.team, tx, now)]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


@pytest.mark.parametrize(
    ("today", "years", "first"),
    [
        (date(2024, 5, 20), 2, date(2022, 5, 20)),
        (date(2024, 2, 29), 1, date(2023, 2, 28)),
        (date(2024, 2, 29), 4, date(2020, 2, 29)),
        (date(2024, 1, 1), 100, date(1924, 1, 1)),
    ],
)
def test_the_first_day_that_is_kept(today: date, years: int, first: date) -> None:
    assert kept_from(today, years) == first


def test_the_day_is_that_of_the_meeting(archive: Archive) -> None:
    for name, start in (("a.md", "2022-05-19T10:00"), ("b.md", "2022-05-20"), ("c.md", None)):
        archive.put(f"2022年会议纪要/{name}", name.encode())
        archive.know(name, start, name.encode())
    archive.put("2022年会议纪要/d.md", b"d")  # nobody knows it
    archive.put("2021年专项会议纪要/e.md", b"e")
    archive.put("2023年会议纪要/f.md", b"f")
    assert archive.found() == [
        ("2021年专项会议纪要/e.md", "2021-12-31"),
        ("2022年会议纪要/a.md", "2022-05-19"),
    ]
    later = datetime(2025, 1, 1, tzinfo=NOW.tzinfo)
    assert {name[-4:] for name, _ in archive.found(later)} == {
        "a.md",
        "b.md",
        "c.md",
        "d.md",
        "e.md",
    }


def test_an_older_version_and_a_second_name_go_with_their_meeting(archive: Archive) -> None:
    archive.put("2022年会议纪要/m.md", b"first")
    archive.put("2022年会议纪要/m (2).md", b"second")
    archive.know("m.md", "2022-06-01", b"second")
    assert archive.found() == []
    assert len(archive.found(datetime(2024, 6, 2, tzinfo=NOW.tzinfo))) == 2


def test_of_several_of_one_name_the_bytes_tell_which_else_the_latest_counts(
    archive: Archive,
) -> None:
    archive.put("2022年会议纪要/m.md", b"march")
    archive.put("2022年会议纪要/m (2).md", b"june")
    archive.put("2022年会议纪要/m (3).md", b"lost")
    archive.know("m.md", "2022-03-01", b"march")
    archive.know("m.md", "2022-06-01", b"june")
    assert archive.found() == [("2022年会议纪要/m.md", "2022-03-01")]


def test_a_file_that_people_moved_is_known_by_its_bytes(archive: Archive) -> None:
    archive.put("2020年会议纪要/m.md", b"new")
    archive.know("m.md", "2024-05-06", b"new")
    assert archive.found() == []


def test_only_the_folders_of_a_year_are_looked_at(archive: Archive) -> None:
    for path in ("old.md", "模板/old.md", "2020/old.md", "2020年会议纪要/.hidden", "9999年/x.md"):
        archive.put(path)
    assert archive.found() == []
    archive.put("2020年会议纪要/附件/表.xlsx")
    assert archive.found() == [("2020年会议纪要/附件/表.xlsx", "2020-12-31")]


def test_without_an_archive_and_with_f6_off_there_is_nothing(tmp_path: Path) -> None:
    assert Archive(tmp_path).found() == []
    archive = Archive(tmp_path, 'off = ["F6"]')
    archive.put("2001年会议纪要/m.md")
    assert archive.found() == []


def test_the_years_are_the_team_s(tmp_path: Path) -> None:
    archive = Archive(tmp_path, "retention_years = 5")
    archive.put("2018年会议纪要/m.md")
    archive.put("2020年会议纪要/m.md")
    assert [name for name, _ in archive.found()] == ["2018年会议纪要/m.md"]


def test_no_link_is_followed(archive: Archive, tmp_path: Path) -> None:
    outside = tmp_path / "2020年别处"
    outside.mkdir()
    (outside / "m.md").write_bytes(b"x")
    year = archive.put("2020年会议纪要/m.md").parent
    (year / "link.md").symlink_to(outside / "m.md")
    (year / "folder").symlink_to(outside)
    (archive.folder / "2019年会议纪要").symlink_to(outside)
    assert [name for name, _ in archive.found()] == ["2020年会议纪要/m.md"]

    for path in ("2020年会议纪要/link.md", "2020年会议纪要/folder/m.md", "2019年会议纪要/m.md"):
        with pytest.raises(OSError, match="plain file of the archive"):
            delete(archive.folder, Path(path))
    for path in ("../2020年别处/m.md", "2020年会议纪要"):
        with pytest.raises(OSError, match="plain file of the archive"):
            delete(archive.folder, Path(path))
    assert (outside / "m.md").exists()
    assert (year / "link.md").is_symlink()


def test_an_archive_that_is_a_link_itself_is_the_team_s_choice(
    archive: Archive, tmp_path: Path
) -> None:
    share = tmp_path / "share" / "2020年会议纪要"
    share.mkdir(parents=True)
    (share / "m.md").write_bytes(b"x")
    archive.folder.symlink_to(tmp_path / "share")
    ((name, _),) = archive.found()
    delete(archive.folder, Path(name))
    assert not (share / "m.md").exists()


def test_a_name_that_is_no_utf_8_is_shown_and_deleted(archive: Archive) -> None:
    folder = archive.put("2020年会议纪要/m.md").parent
    raw = os.fsencode(folder) + b"/" + "旧.md".encode("gb18030")
    Path(os.fsdecode(raw)).write_bytes(b"x")
    with archive.world.store.transaction() as tx:
        found = {a.name: a.path for a in over_age(archive.team, tx, NOW)}
    assert set(found) == {"2020年会议纪要/m.md", "2020年会议纪要/旧.md"}
    delete(archive.folder, found["2020年会议纪要/旧.md"])
    assert [p.name for p in folder.iterdir()] == ["m.md"]
