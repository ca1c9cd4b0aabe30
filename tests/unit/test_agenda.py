"""The carry-over list (A3, D4, D6): what it holds, and that it reads back as the same items."""

import io
import shutil
import subprocess
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from fakes.stage import HOSTILE, NOW, Weeks, item, minutes, people, scene, tracked
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from mapping.values import Closed, Entry, Item, NextMeeting, Reading, Status
from minuteloop.agenda_docx import docx
from minutes.extract import extract
from minutes.read import read_bytes
from tracking.agenda import Agenda, Standing, agenda, markdown, series_called, sheet
from tracking.scene import Minutes, Scene

COMING = {"place": "3楼", "next": NextMeeting(start="2024-05-27T14:00", topic="二期方案")}


def documents() -> list[Minutes]:
    return [
        minutes("产品周会", "2024-05-13T14:00", id="M-0"),
        minutes(id="M-1", items=("ML-K7Q000009",), meeting=COMING),
        minutes("财务月会", id="M-2", series="财务月会", meeting={"sensitive": True}),
    ]


def of_week(number: int, text: str = "写报告", **more: object) -> Item:
    return item(number, text, meeting_id="M-1", **more)


def made(*items: object, language: str = "zh", title: str = "产品周会") -> Agenda:
    at = at_desk(*items, language=language)
    return agenda(at, series_called(at, title))


def at_desk(*items: object, language: str = "zh") -> Scene:
    return scene(*items, documents=documents(), directory=people(language=language))  # type: ignore[arg-type]


def read(data: bytes, name: str = "agenda.md") -> Reading:
    document = read_bytes(data, name)
    return extract(document, name=name, team=people().team, calendar=Weeks())


LATE = of_week(1, due=date(2024, 5, 17), status=Status.LATE, note="等评审\n预计 6月3日完成")
BLOCKED = of_week(2, "评估周期", status=Status.BLOCKED, department="客服部")
REPORTED = of_week(3, "访谈客户", completed=date(2024, 5, 23))
OPEN = of_week(4, "整理需求", due=None, due_text="待定", owner=None, owners=("张三", "李四"))


# --- what it holds ---


def test_the_items_stand_in_the_order_of_the_meeting() -> None:
    """D4, D6: late, blocked, waiting for the check, in progress."""
    later = of_week(5, due=date(2024, 5, 20))
    shown = made(OPEN, REPORTED, BLOCKED, later, LATE).carried
    assert [c.item.id[-1] for c in shown] == ["1", "5", "2", "3", "4"]
    assert [c.standing for c in shown] == [
        *(Standing.LATE, Standing.LATE, Standing.BLOCKED, Standing.REPORTED, Standing.OPEN)
    ]
    assert [c.days_late for c in shown] == [5, 4, None, None, None]


def test_done_and_closed_items_are_not_carried() -> None:
    done = of_week(5, status=Status.DONE)
    closed = of_week(6, closed=Closed(on=date(2024, 5, 20), why="取消"))
    assert made(done, closed).carried == ()
    assert "没有未完成的行动项。" in markdown(made(done))


def test_only_items_of_the_series_are_carried() -> None:
    """Those of its meetings, and those that it spoke of."""
    other, spoken, first = item(5), item(9, "评审"), item(6, meeting_id="M-0")
    assert {c.item.id[-1] for c in made(other, spoken, first).carried} == {"9", "6"}
    at = at_desk(other, spoken, first)
    assert len(agenda(at).carried) == 3


def test_sensitive_items_stay_in_their_own_meeting() -> None:
    """F5."""
    secret, marked = item(5, "调薪", meeting_id="M-2"), of_week(6, "并购", sensitive=True)
    whole = agenda(at_desk(secret, marked, LATE))
    assert ([c.item.id for c in whole.carried], whole.hidden) == ([LATE.id], 2)
    assert "另有 2 项来自敏感会议，未列出。" in markdown(whole)
    assert "调薪" not in markdown(whole)
    theirs = made(secret, marked, LATE, title="财务月会")
    assert ([c.item.id for c in theirs.carried], theirs.hidden) == ([secret.id], 0)


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("产品周会", ["M-0", "M-1"]),
        (" 產品週會 ", ["M-0", "M-1"]),
        ("产品", ["M-0", "M-1"]),
        ("财务", ["M-2"]),
        ("会", []),
        ("", []),
        ("采购会", []),
    ],
)
def test_a_series_goes_by_the_title_of_a_meeting_or_a_part_of_it(
    title: str, found: list[str]
) -> None:
    assert [m.id for m in series_called(at_desk(), title)] == found


def test_the_facts_are_those_of_the_next_meeting() -> None:
    """A3: template 1."""
    laid = sheet(made(LATE))
    assert laid.facts == (
        ("会议名称", "产品周会"),
        ("会议时间", "2024-05-27 14:00"),
        ("会议地点", "3楼"),
        ("主持人", "李四"),
        ("记录人", "王五"),
    )
    assert laid.topics == (
        ("议题", "议题说明", "预计时长", "汇报人"),
        ("上次行动项跟踪", "延期 1", "", "李四"),
        ("二期方案", "", "", ""),
    )


@pytest.mark.parametrize(
    ("announced", "now", "told"),
    [
        ("2024-05-27T14:00", "2024-05-27T14:10", "2024-05-27 14:00"),  # it has just begun
        ("2024-05-27T14:00", "2024-05-27T16:00", ""),
        ("2024-05-27T14:00", "2024-06-20T10:00", ""),
        ("2024-05-27", "2024-05-27T23:59", "2024-05-27"),
        ("2024-05-27", "2024-05-28T00:00", ""),
    ],
)
def test_the_next_meeting_does_not_lie_in_the_past(announced: str, now: str, told: str) -> None:
    """Its minutes did not come: when the one after it is, nobody has said."""
    moment = datetime.fromisoformat(now).replace(tzinfo=NOW.tzinfo)
    last = minutes(meeting={"place": "3楼", "next": NextMeeting(start=announced, topic="二期")})
    laid = sheet(agenda(scene(LATE, now=moment, documents=[last]), [last]))
    assert laid.facts[1:3] == (("会议时间", told), ("会议地点", "3楼"))
    assert laid.topics[-1][0] == "二期"


@pytest.mark.parametrize(
    ("found", "zh", "en"),
    [
        (tracked(LATE), "已晚 5 个工作日；请定新的日期", "5 working days late; new day to be set"),
        (
            tracked(of_week(1, due=date(2024, 5, 23), note="【未通过核实：缺图，2024-05-22】")),
            "已晚 1 个工作日；请说明原因；请定新的日期",
            "1 working day late; reason to be told; new day to be set",
        ),
        (
            tracked(of_week(1, due=date(2024, 5, 23)), promised=date(2024, 6, 3)),
            "已晚 1 个工作日；请说明原因；新的日期 2024-06-03",
            "1 working day late; reason to be told; new day 2024-06-03",
        ),
        (
            tracked(BLOCKED, blocked_since=date(2024, 5, 20)),
            "受阻自 2024-05-20；请定由谁、在哪一天解决",
            "blocked since 2024-05-20; who resolves it by when is to be set",
        ),
        (
            tracked(BLOCKED, promised=date(2024, 5, 30)),
            "2024-05-30 前解决",
            "to be resolved by 2024-05-30",
        ),
        (tracked(REPORTED), "已报完成，待核实", "reported as done, to be checked"),
        (tracked(OPEN), "请定一位负责人", "one owner to be named"),
        (tracked(of_week(1)), "", ""),
    ],
)
def test_each_item_says_what_the_meeting_has_to_settle(found: object, zh: str, en: str) -> None:
    assert sheet(made(found)).items[1][-1] == zh
    assert sheet(made(found, language="en")).items[1][-1] == en


# --- read back ---


def expected(found: Item) -> tuple[object, ...]:
    owner = (found.owner,) if found.owner else found.owners
    note = "\n".join(filter(None, (found.note or "").split("\n"))) or None
    return (
        *(found.description, owner, found.department, found.due, found.completed),
        *(found.status, note),
    )


def got(entry: Entry) -> tuple[object, ...]:
    owner = (entry.owner,) if entry.owner else entry.owners
    return (
        *(entry.description, owner, entry.department, entry.due, entry.completed),
        *(entry.status, entry.note),
    )


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", ["md", "docx"])
def test_it_is_read_back_as_the_same_items(language: str, kind: str) -> None:
    items = (LATE, BLOCKED, REPORTED, OPEN)
    carried = made(*items, language=language)
    data = docx(carried) if kind == "docx" else markdown(carried).encode()
    reading = read(data, f"agenda.{kind}")
    assert [got(e) for e in reading.entries] == [expected(i) for i in items]
    assert all(entry.carried for entry in reading.entries)
    assert reading.possible == ()
    meeting = reading.meeting
    assert (meeting.title, meeting.start) == ("产品周会", "2024-05-27T14:00")
    assert (meeting.place, meeting.host, meeting.recorder) == ("3楼", "李四", "王五")


def test_an_agenda_of_no_series_is_read_back_too() -> None:
    whole = agenda(at_desk(LATE, BLOCKED))
    assert [e.description for e in read(markdown(whole).encode()).entries] == ["写报告", "评估周期"]


@pytest.mark.parametrize("kind", ["md", "docx"])
def test_text_of_documents_breaks_no_table(kind: str) -> None:
    bad = of_week(1, HOSTILE, note=HOSTILE, owner=HOSTILE, owners=(HOSTILE,), department=HOSTILE)
    carried = made(bad, of_week(2, "长" * 10_000, note="x|" * 10_000), BLOCKED)
    data = docx(carried) if kind == "docx" else markdown(carried).encode()
    reading = read(data, f"a.{kind}")
    assert BLOCKED.description in [e.description for e in reading.entries]
    hostile = next(e for e in reading.entries if "**x**" in e.description)
    assert "<b>&amp;</b> @all" in hostile.description
    assert "1. z" in (hostile.note or "")


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_note_stands_in_its_cell(text: str) -> None:
    carried = made(of_week(1, note=text), BLOCKED)
    document = read_bytes(docx(carried), "a.docx")
    rows = [line for line in markdown(carried).splitlines() if line.startswith("| ML-")]
    assert len(rows) == 2
    assert document.blocks


# --- the file ---


def test_without_items_there_is_no_table_of_them() -> None:
    document = read_bytes(docx(made()), "a.docx")
    assert sum(hasattr(block, "rows") for block in document.blocks) == 2


def test_the_parts_of_the_file_are_well_formed() -> None:
    archive = zipfile.ZipFile(io.BytesIO(docx(made(of_week(1, HOSTILE)))))
    assert archive.testzip() is None
    for name in archive.namelist():
        etree.fromstring(archive.read(name))


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_an_office_program_opens_it(tmp_path: Path) -> None:
    (tmp_path / "agenda.docx").write_bytes(docx(made(LATE, BLOCKED)))
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = ["soffice", profile, "--headless", "--convert-to", "txt:Text (encoded):UTF8"]
    subprocess.run(
        [*command, "--outdir", str(tmp_path), str(tmp_path / "agenda.docx")],
        check=True,
        capture_output=True,
        timeout=120,
    )
    text = (tmp_path / "agenda.txt").read_text(encoding="utf-8-sig")
    for words in ("会议议程", "上次行动项跟踪", "写报告", "预计 6月3日完成", "受阻"):
        assert words in text
