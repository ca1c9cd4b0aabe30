"""A Bitable payload and a cell of ours, both ways."""

import uuid
import zoneinfo
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from connectors.feishu.wire import (
    TEXT_LIMIT,
    Scope,
    Type,
    as_uuid4,
    cell,
    milliseconds,
    payload,
    zone,
)
from connectors.fit import ShapeError, UnfitError, version
from mapping.cells import Cell, User

SHANGHAI = ZoneInfo("Asia/Shanghai")
SCOPE = Scope(zone=SHANGHAI, emails={"ou_1": "zhang@example.com"})
ZONES = sorted(zoneinfo.available_timezones())
URL = "https://example.com/spec?a=1&b=%20"


@pytest.mark.parametrize(
    ("type_", "told", "meant"),
    [
        (Type.TEXT, [{"text": "写", "type": "text"}, {"text": "报告", "type": "text"}], "写报告"),
        (
            Type.TEXT,
            [
                {"type": "mention", "mentionType": "User", "token": "ou_1", "text": "@张三"},
                {"type": "text", "text": " 见 "},
                {"type": "url", "text": "规范", "link": URL},
            ],
            "@张三 见 规范",
        ),
        (Type.TEXT, "as a write echoes it", "as a write echoes it"),
        (Type.TEXT, [{"type": "url", "text": "a@b.c", "link": "mailto:a@b.c"}], "a@b.c"),
        (Type.TEXT, [], None),
        (Type.TEXT, "", None),
        (Type.TEXT, None, None),
        (Type.NUMBER, 12.0, "12"),
        (Type.NUMBER, 12.5, "12.5"),
        (Type.NUMBER, 0, "0"),
        (Type.SELECT, "进行中", "进行中"),
        (Type.SELECT, None, None),
        (Type.MULTISELECT, ["技术部", "客服部"], ("技术部", "客服部")),
        (Type.MULTISELECT, None, ()),
        (Type.DATE, 1690992000000, date(2023, 8, 3)),  # 16:00 UTC is midnight in Shanghai
        (Type.DATE, 1690992000000 - 1, date(2023, 8, 2)),
        (Type.DATE, -1, date(1970, 1, 1)),
        (Type.DATE, 10**20, str(10**20)),
        (Type.DATE, "下周五", "下周五"),
        (Type.DATE, None, None),
        (Type.PERSON, None, ()),
        (Type.PHONE, "+8613800000000", "+8613800000000"),
        (Type.URL, {"text": "规范", "link": URL}, f"规范 {URL}"),
        (Type.URL, {"text": URL, "link": URL}, URL),
        (Type.URL, {"text": "", "link": URL}, URL),
        (
            Type.ATTACHMENT,
            [{"file_token": "T", "name": "a.docx"}, {"name": "b.pdf"}],
            "a.docx、b.pdf",
        ),
        (Type.FORMULA, {"type": 1, "value": [{"text": "高", "type": "text"}]}, "高"),
        (Type.FORMULA, {"type": 2, "value": [3]}, "3"),
        (Type.FORMULA, {"type": 5, "value": [1690992000000]}, "2023-08-03"),
        (Type.LOOKUP, {"type": 3, "value": ["甲", "乙"]}, "甲、乙"),
        (Type.LOOKUP, {"type": 11, "value": [{"id": "ou_1", "name": "张三"}]}, "张三"),
        (Type.FORMULA, None, None),
        (18, {"link_record_ids": ["rec1"]}, "rec1"),
        (22, {"name": "总部", "full_address": "北京 总部"}, "总部"),
        (Type.AUTO_NUMBER, "SR-12", "SR-12"),
    ],
)
def test_what_a_payload_means(type_: int, told: Any, meant: Cell) -> None:
    assert cell(told, type_, SCOPE) == meant


def test_people_are_known_by_account_and_found_by_the_team_s_e_mail() -> None:
    told = [{"id": "ou_1", "name": "Zhang San", "en_name": "", "email": ""}, {"id": "ou_2"}]
    people = cell(told, Type.PERSON, SCOPE)
    assert isinstance(people, tuple)
    one, two = people
    assert isinstance(one, User)
    assert (one.key, one.name, one.email) == ("ou_1", "Zhang San", "zhang@example.com")
    assert two == User("ou_2")


def test_a_column_that_changed_its_type_is_not_read_as_empty() -> None:
    with pytest.raises(ShapeError):
        cell([{"text": "张三", "type": "text"}], Type.PERSON, SCOPE)
    with pytest.raises(ShapeError):
        cell("张三", Type.PERSON, SCOPE)


@pytest.mark.parametrize(
    ("type_", "wanted", "sent"),
    [
        (Type.TEXT, "写\r\n报告\r\x0b", "写\n报告\n"),
        (Type.TEXT, None, None),
        (Type.TEXT, "", None),
        (Type.TEXT, "\x00", None),
        (Type.SELECT, "进行中", "进行中"),
        (Type.MULTISELECT, ("技术部", "客服部", "技术部"), ["技术部", "客服部"]),
        (Type.MULTISELECT, (), None),
        (Type.PERSON, (User("ou_1", "张三", "a@b.c"),), [{"id": "ou_1"}]),
        (Type.PERSON, (), None),
        (Type.DATE, date(2023, 8, 3), 1690992000000),
        (Type.DATE, None, None),
        (Type.URL, URL, {"text": URL, "link": URL}),
        (Type.URL, f"规范 第二版 {URL}", {"text": "规范 第二版", "link": URL}),
    ],
)
def test_what_is_sent(type_: int, wanted: Cell, sent: Any) -> None:
    assert payload(wanted, type_, SCOPE) == sent


@pytest.mark.parametrize(
    ("type_", "wanted"),
    [
        (Type.TEXT, date(2024, 5, 20)),
        (Type.TEXT, ("技术部",)),
        (Type.TEXT, "长" * (TEXT_LIMIT + 1)),
        (Type.DATE, "下周五"),
        (Type.PERSON, "张三"),
        (Type.PERSON, ("张三",)),
        (Type.MULTISELECT, "技术部"),
        (Type.MULTISELECT, (User("ou_1"),)),
        (Type.URL, "没有地址"),
    ],
)
def test_what_a_column_cannot_take(type_: int, wanted: Cell) -> None:
    with pytest.raises(UnfitError):
        payload(wanted, type_, SCOPE)


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)), st.sampled_from(ZONES))
def test_a_day_is_the_same_day_in_every_zone_of_the_world(day: date, name: str) -> None:
    """Failure 53."""
    scope = Scope(zone=ZoneInfo(name))
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=scope.zone)
    assume(noon.astimezone(UTC).astimezone(scope.zone).date() == day)  # Samoa left one out
    told = payload(day, Type.DATE, scope)
    assert cell(told, Type.DATE, scope) == day
    assert cell(told - 1, Type.DATE, scope) != day


@pytest.mark.parametrize(
    ("name", "hours"),
    [
        ("Asia/Beijing", 8),  # the vendor's own sample; zoneinfo knows no such zone
        ("Asia/Shanghai", 8),
        ("Pacific/Kiritimati", 14),
        ("Etc/GMT+12", -12),
        ("UTC+8", 8),
        ("GMT-05:30", -5.5),
        ("UTC", 0),
    ],
)
def test_zones(name: str, hours: float) -> None:
    found = zone(name)
    assert found is not None
    assert datetime(2024, 5, 20, tzinfo=UTC).astimezone(found).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize("name", ["Asia/Nowhere", "/etc/passwd", "", "../UTC", "UTC+99"])
def test_what_is_no_zone(name: str) -> None:
    assert zone(name) is None


def test_days_of_a_base_in_shanghai_are_not_those_of_utc() -> None:
    assert milliseconds(date(2024, 5, 20), SHANGHAI) == 1716134400000
    assert milliseconds(date(2024, 5, 20), UTC) == 1716163200000


def test_a_version_changes_with_what_is_carried_and_with_nothing_else() -> None:
    cells: dict[str, Cell] = {"note": "a", "owner": (User("ou_1", "张三"),), "due": None}
    assert version("ML-1", cells) == version("ML-1", dict(reversed(cells.items())))
    assert version("ML-1", cells) == version("ML-1", {**cells, "owner": (User("ou_1", "Zhang"),)})
    assert version("ML-1", cells) != version("ML-1", {**cells, "note": "b"})
    assert version("ML-1", cells) != version("ML-1", {**cells, "owner": (User("ou_2"),)})
    assert version("ML-1", cells) != version(None, cells)


@given(st.lists(st.text(), max_size=4))
def test_a_client_token_is_a_uuid_of_version_4_and_always_the_same(parts: list[str]) -> None:
    made = as_uuid4(*parts)
    assert str(uuid.UUID(made)) == made
    assert uuid.UUID(made).version == 4
    assert uuid.UUID(made).variant == uuid.RFC_4122
    assert as_uuid4(*parts) == made
    assert as_uuid4(*parts, "x") != made
