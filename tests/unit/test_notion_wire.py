"""Pages and cells, both ways."""

from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import RowState
from connectors.notion import wire
from mapping.cells import Cell, User

DAY = date(2024, 5, 27)
KNOWN = {"u1": User("u1", "张三", "zhang@example.com")}


def held(type_: str, value: Any) -> dict[str, Any]:
    return {"id": "x", "type": type_, type_: value}


def item(text: str, kind: str = "text") -> dict[str, Any]:
    return {"type": kind, kind: {}, "plain_text": text}


@pytest.mark.parametrize(
    ("property_", "cell"),
    [
        (held("title", [item("写"), item("报告")]), "写报告"),
        (held("rich_text", [item("请 "), item("@李四", "mention"), item(" 看")]), "请 @李四 看"),
        (held("rich_text", [item("E=mc^2", "equation")]), "E=mc^2"),
        (held("rich_text", [item("a\r\nb\rc")]), "a\nb\nc"),
        (held("rich_text", []), None),
        (held("rich_text", None), None),
        (held("number", 3), "3"),
        (held("number", 2.5), "2.5"),
        (held("number", 4.0), "4"),
        (held("number", None), None),
        (held("checkbox", False), "FALSE"),
        (held("select", {"id": "1", "name": "高"}), "高"),
        (held("select", None), None),
        (held("status", {"id": "1", "name": "Done"}), "Done"),
        (held("multi_select", [{"name": "甲"}, {"name": "乙"}]), ("甲", "乙")),
        (held("multi_select", []), ()),
        (held("date", {"start": "2024-05-27", "end": None, "time_zone": None}), DAY),
        (held("date", None), None),
        (held("people", [{"object": "user", "id": "u1"}]), (User("u1"),)),
        (held("people", []), ()),
        (held("url", "https://example.com"), "https://example.com"),
        (held("email", None), None),
        (held("created_time", "2024-05-27T23:59:00.000Z"), DAY),
        (held("last_edited_by", {"object": "user", "id": "u9"}), (User("u9"),)),
        (held("unique_id", {"prefix": "TASK", "number": 42}), "TASK-42"),
        (held("unique_id", {"prefix": None, "number": 42}), "42"),
        (held("files", [{"name": "报告.docx"}, {"name": "b.png"}]), "报告.docx、b.png"),
        (held("formula", {"type": "string", "string": "甲"}), "甲"),
        (held("formula", {"type": "boolean", "boolean": True}), "TRUE"),
        (held("formula", {"type": "date", "date": {"start": "2024-05-27"}}), DAY),
        (held("formula", {"type": "unsupported", "unsupported": {}}), None),
        (held("rollup", {"type": "number", "number": 2, "function": "sum"}), "2"),
        (held("rollup", {"type": "array", "array": [held("title", [item("甲")])]}), "甲"),
        (held("rollup", {"type": "incomplete", "incomplete": {}}), None),
        (held("button", {}), None),
        (held("place", None), None),
        ({}, None),
    ],
)
def test_what_stands_in_a_property(property_: dict[str, Any], cell: Cell) -> None:
    assert wire.cell_of(property_, KNOWN) == cell


def test_a_person_has_the_name_that_is_known() -> None:
    user = wire.user_of({"id": "u1"}, KNOWN)
    assert (user.name, user.email) == ("张三", "zhang@example.com")
    told = {"id": "u2", "name": "李四", "person": {"email": "li@example.com"}}
    assert wire.user_of(told, {}).email == "li@example.com"


@pytest.mark.parametrize(
    ("start", "end", "zone", "day"),
    [
        ("2024-05-27T23:30:00.000+08:00", None, None, DAY),
        ("2024-05-27T00:10:00.000+14:00", None, None, DAY),
        ("2024-05-27T23:50:00.000-12:00", None, None, DAY),
        ("2024-05-26T16:10:00.000Z", None, "Asia/Shanghai", DAY),
        ("2024-05-27T09:00:00", None, "Asia/Shanghai", DAY),
        ("2024-05-27T09:00:00.000Z", None, "Mars/Olympus", DAY),
        ("2024-05-20", "2024-05-27", None, DAY),
        ("2024-05-27T01:00:00.000+08:00", "2024-05-27T02:00:00.000+08:00", None, DAY),
    ],
)
def test_the_day_of_a_moment_is_the_one_that_people_see(
    start: str, end: str | None, zone: str | None, day: date
) -> None:
    """Failure 53: a day is never moved by way of UTC; a range ends when it is due."""
    assert wire.day_of({"start": start, "end": end, "time_zone": zone}) == day


def test_what_is_no_date_is_shown_as_it_stands() -> None:
    assert wire.day_of({"start": "soon"}) == "soon"
    assert wire.day_of({}) is None


@settings(max_examples=60, deadline=None)
@given(
    st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    st.sampled_from(sorted(available_timezones())),
    st.integers(0, 24 * 60 - 1),
)
def test_a_day_survives_in_every_zone_of_the_world(day: date, zone: str, minute: int) -> None:
    """Failure 53, with zones of more than twelve hours and the days on which clocks change."""
    written = wire.value_of("date", day, {}, {})
    assert wire.cell_of(held("date", written["date"]), {}) == day
    moment = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    told = (moment + timedelta(minutes=minute)).isoformat(timespec="seconds")
    assert wire.day_of({"start": told, "time_zone": None}) == date.fromisoformat(told[:10])


def test_a_moment_in_utc_with_a_zone_is_a_day_of_that_zone() -> None:
    for hours in range(-12, 15):
        zone = timezone(timedelta(hours=hours))
        moment = datetime(2024, 5, 27, 0, 30, tzinfo=zone)
        assert wire.day_of({"start": moment.isoformat()}) == DAY


@pytest.mark.parametrize(
    ("before", "day", "value"),
    [
        ({}, DAY, {"start": "2024-05-27"}),
        ({"start": "2024-05-01", "end": None}, DAY, {"start": "2024-05-27"}),
        (
            {"start": "2024-05-20", "end": "2024-05-24"},
            DAY,
            {"start": "2024-05-20", "end": "2024-05-27"},
        ),
        (
            {"start": "2024-05-20T09:00:00.000+08:00", "end": "2024-05-24T09:00:00.000+08:00"},
            DAY,
            {"start": "2024-05-20", "end": "2024-05-27"},
        ),
        ({"start": "2024-05-27", "end": "2024-06-03"}, DAY, {"start": "2024-05-27"}),
        ({"start": "2024-06-01", "end": "2024-06-03"}, DAY, {"start": "2024-05-27"}),
    ],
)
def test_the_start_of_a_range_stays(
    before: dict[str, Any], day: date, value: dict[str, Any]
) -> None:
    assert wire.date_value(day, before) == value


OPTIONS = {"高": "o1", "低": "o2"}


@pytest.mark.parametrize(
    ("type_", "cell", "value"),
    [
        ("rich_text", None, []),
        ("rich_text", DAY, [{"type": "text", "text": {"content": "2024-05-27"}}]),
        ("title", "x", [{"type": "text", "text": {"content": "x"}}]),
        ("select", "高", {"id": "o1"}),
        ("status", None, None),
        ("multi_select", ("高", "低"), [{"id": "o1"}, {"id": "o2"}]),
        ("multi_select", (), []),
        ("multi_select", None, []),
        ("people", (User("u1"), User("u2")), [{"id": "u1"}, {"id": "u2"}]),
        ("people", (), []),
        ("date", None, None),
        ("url", "", None),
        ("url", "https://example.com", "https://example.com"),
    ],
)
def test_what_is_written(type_: str, cell: Cell, value: object) -> None:
    assert wire.value_of(type_, cell, OPTIONS, {}) == {type_: value}


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=40), st.integers(0, 200))
def test_long_texts_are_parted_and_come_back_whole(seed: str, times: int) -> None:
    text = seed * times
    items = wire.rich_text(text)
    contents = [i["text"]["content"] for i in items]
    assert all(0 < len(c.encode("utf-16-le")) <= 2 * wire.PIECE for c in contents)
    assert "".join(contents) == text


def test_the_longest_text_fits_whatever_its_signs_are() -> None:
    for sign in ("长", "🚀", "𠮷", "a"):
        assert len(wire.rich_text(sign * wire.TEXT_LIMIT)) <= wire.PIECES
        assert len((sign * wire.TEXT_LIMIT).encode()) < 480_000


def test_half_a_sign_is_no_sign() -> None:
    assert wire.rich_text("a\ud83d")[0]["text"]["content"] == "a\ufffd"


@pytest.mark.parametrize(
    "text",
    [
        "248104cd-477e-80af-bc30-000bd28de8f9",
        "248104cd477e80afbc30000bd28de8f9",
        " 248104CD477E80AFBC30000BD28DE8F9 ",
        "https://www.notion.so/team/Tasks-248104cd477e80afbc30000bd28de8f9?v=1b2c3d4e5f60718293a4b5c6d7e8f901",
    ],
)
def test_an_id_is_known_in_all_its_spellings(text: str) -> None:
    assert wire.plain_id(text) == "248104cd-477e-80af-bc30-000bd28de8f9"


def test_what_is_no_id_stays() -> None:
    assert wire.plain_id(" board ") == "board"


def page(**more: Any) -> dict[str, Any]:
    return {
        "object": "page",
        "id": "p1",
        "created_time": "2024-05-20T08:00:00.000Z",
        "last_edited_time": "2024-05-20T08:01:00.000+00:00",
        "last_edited_by": {"object": "user", "id": "u1"},
        "parent": {"type": "data_source_id", "data_source_id": "s"},
        "url": "https://app.notion.com/p/p1",
        "properties": {
            "Name": {"id": "title", "type": "title", "title": [item("写报告\n二")]},
            "编号": {"id": "%3AUPp", "type": "rich_text", "rich_text": [item("ML-X")]},
            "公式": {"id": "f", "type": "formula", "formula": {"type": "number", "number": 1}},
        },
        **more,
    }


COLUMNS = {"description": "title", "id": ":UPp", "note": "f", "due": "gone"}


def read(shown: dict[str, Any]) -> wire.Row:
    by_id = wire.held_by_id(shown)
    found = {name: by_id[column] for name, column in COLUMNS.items() if column in by_id}
    return wire.row_of(shown, found, KNOWN, ["description"])


def row(**more: Any) -> wire.Row:
    return read(page(**more))


def test_a_page_is_a_row() -> None:
    record = row().record
    assert (record.row_id, record.id, record.state) == ("p1", "ML-X", RowState.LIVE)
    assert record.cells == {"description": "写报告\n二", "note": "1"}
    assert record.label == "写报告"
    assert record.link == "https://app.notion.com/p/p1"
    assert record.editor == "张三"
    assert row().edited == datetime.fromisoformat("2024-05-20T08:01:00+00:00")


def test_a_version_tells_what_people_write_and_nothing_else() -> None:
    """Failure 23: neither an edit time nor a formula makes another version."""
    again = page(last_edited_time="2024-05-21T08:00:00.000Z")
    again["properties"]["公式"]["formula"]["number"] = 2
    same = read(again)
    assert same.record.version == row().record.version
    again["properties"]["编号"]["rich_text"] = []
    other = read(again)
    assert other.record.version != row().record.version
    assert other.record.id is None


def test_trash_and_archive_are_told_apart() -> None:
    assert row(in_trash=True, is_archived=True).record.state is RowState.GONE
    assert row(is_archived=True).record.state is RowState.HIDDEN


def test_what_may_be_cut() -> None:
    people = [{"id": str(n)} for n in range(25)]
    assert wire.is_cut(held("people", people))
    assert not wire.is_cut(held("people", people[1:]))
    assert wire.is_cut(held("rich_text", [item("@x", "mention")] * 25))
    assert not wire.is_cut(held("rich_text", [item("x")] * 60))
