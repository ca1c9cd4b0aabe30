"""Payloads of Airtable and cells of ours; columns; what its errors mean."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from contract.shared import setup_for
from fakes.clock import FakeClock
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.airtable.columns import bind, column, offered
from connectors.airtable.faults import Answer, to_error
from connectors.airtable.wire import (
    KINDS,
    TEXT_LIMIT,
    WRITABLE,
    cell,
    empty,
    midnight,
    payload,
    text_of,
    zone,
)
from connectors.base import Setup
from connectors.columns import named
from connectors.errors import (
    AuthError,
    ConnectorError,
    PermanentError,
    SchemaError,
    TransientError,
    UnknownOutcomeError,
)
from connectors.fit import ShapeError, UnfitError, version
from mapping.cells import Cell, Kind, User, is_empty
from mapping.words import COLUMNS

DAY = date(2024, 5, 20)
ZHANG = User("usrZhang", "张三", "zhangsan@example.com")


# --- cells


@pytest.mark.parametrize(
    ("type_", "value", "wanted"),
    [
        ("singleLineText", "写报告", "写报告"),
        ("multilineText", "one\ntwo", "one\ntwo"),
        ("richText", "**bold**\n", "**bold**"),
        (
            "multilineText",
            'ask <airtable:mention id="menX">@Zhang</airtable:mention>.',
            "ask @Zhang.",
        ),
        ("multilineText", "a < b <script> &amp;", "a < b <script> &amp;"),
        ("number", 3.0, "3"),
        ("percent", 0.12, "0.12"),
        ("singleSelect", "进行中", "进行中"),
        ("multipleSelects", ["技术部", "市场部"], ("技术部", "市场部")),
        ("date", "2024-05-20", DAY),
        ("date", "下周五", "下周五"),
        ("date", "2024-13-40", "2024-13-40"),
        ("singleCollaborator", {"id": "usrZhang", "email": "e", "name": "Z"}, (ZHANG,)),
        ("multipleCollaborators", [{"id": "usrZhang"}], (ZHANG,)),
        ("rollup", {"specialValue": "NaN"}, "NaN"),
        ("formula", {"error": "#ERROR!"}, "#ERROR!"),
        ("multipleLookupValues", ["a", None, "b"], "a、b"),
        ("multipleLookupValues", [{"id": "usrX", "name": "王五"}], "王五"),
    ],
)
def test_a_payload_is_read(type_: str, value: Any, wanted: Cell) -> None:
    assert cell(value, type_, None, {}) == wanted


@pytest.mark.parametrize("type_", ["singleLineText", "richText", *KINDS])
def test_an_absent_cell_is_empty(type_: str) -> None:
    assert cell(None, type_, UTC, {}) == empty(type_)
    assert is_empty(empty(type_))


def test_a_person_has_the_address_by_which_he_was_found() -> None:
    users = cell({"id": "usrZhang", "name": "Z"}, "singleCollaborator", None, {"usrZhang": "z@x"})
    assert users == (ZHANG,)
    assert isinstance(users, tuple)
    assert isinstance(users[0], User)
    assert users[0].email == "z@x"


@pytest.mark.parametrize("type_", ["singleCollaborator", "multipleCollaborators"])
def test_a_column_of_people_with_words_in_it_is_of_another_type_by_now(type_: str) -> None:
    with pytest.raises(ShapeError):
        cell("张三", type_, None, {})


@pytest.mark.parametrize(
    ("type_", "value", "wanted"),
    [
        ("multilineText", "x", "x"),
        ("singleSelect", "进行中", "进行中"),
        ("multipleSelects", ("a", "b", "a"), ["a", "b"]),
        ("date", DAY, "2024-05-20"),
        ("singleCollaborator", (ZHANG,), {"id": "usrZhang"}),
        ("multipleCollaborators", (ZHANG,), [{"id": "usrZhang"}]),
    ],
)
def test_a_cell_is_sent(type_: str, value: Cell, wanted: Any) -> None:
    assert payload(value, type_, None) == wanted


@pytest.mark.parametrize("type_", sorted(WRITABLE))
def test_an_empty_cell_is_sent_so_that_it_clears(type_: str) -> None:
    wanted: Any = [] if type_ in ("multipleSelects", "multipleCollaborators") else None
    assert payload(None, type_, UTC) == payload((), type_, UTC) == payload("", type_, UTC) == wanted


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("date", "下周五"),
        ("dateTime", "下周五"),
        ("singleSelect", ("a",)),
        ("multipleSelects", "a"),
        ("singleCollaborator", "张三"),
        ("multilineText", DAY),
        ("multilineText", "长" * (TEXT_LIMIT + 1)),
    ],
)
def test_a_cell_of_another_kind_is_refused(type_: str, value: Cell) -> None:
    with pytest.raises(UnfitError):
        payload(value, type_, UTC)


def test_the_longest_text_is_sent() -> None:
    assert payload("长" * TEXT_LIMIT, "multilineText", None) == "长" * TEXT_LIMIT


@pytest.mark.parametrize("name", sorted(available_timezones()))
def test_failure_53_a_day_stays_the_same_day_in_every_zone(name: str) -> None:
    """Also on the days on which clocks are changed, at midnight in some zones."""
    there = zone(name)
    assert there is not None
    for n in range(0, 800, 1 if name in ("Africa/Cairo", "Asia/Beirut") else 53):
        day = date(2023, 12, 31) + timedelta(days=n)
        assert cell(midnight(day, there), "dateTime", there, {}) == day


@given(
    day=st.dates(min_value=date(1900, 1, 2), max_value=date(9999, 12, 30)),
    name=st.sampled_from(["utc", "Asia/Shanghai", "Pacific/Kiritimati", "Pacific/Pago_Pago"]),
)
@settings(max_examples=60, deadline=None)
def test_any_day_comes_back(day: date, name: str) -> None:
    there = zone(name)
    assert cell(payload(day, "dateTime", there), "dateTime", there, {}) == day
    assert cell(payload(day, "date", None), "date", None, {}) == day


def test_a_time_of_day_is_of_the_day_in_the_field_s_zone() -> None:
    late = "2024-05-19T16:00:00.000Z"
    assert cell(late, "dateTime", ZoneInfo("Asia/Shanghai"), {}) == DAY
    assert cell(late, "dateTime", zone("utc"), {}) == date(2024, 5, 19)


@pytest.mark.parametrize("name", ["client", "Mars/Olympus", "", "../etc"])
def test_no_zone(name: str) -> None:
    assert zone(name) is None


def test_a_version_changes_with_the_words_but_not_with_a_person_s_name() -> None:
    def of(**cells: Cell) -> str:
        return version("ML-1", cells)

    assert of(owner=(ZHANG,)) == of(owner=(User("usrZhang", "Zhang San"),))
    assert of(owner=(ZHANG,)) != of(owner=())
    assert of(due=DAY) != of(due="2024-05-20")
    assert version("ML-1", {}) != version(None, {})


def test_any_payload_is_read_as_words() -> None:
    payloads: list[Any] = [None, "", True, False, 1.5, 2.0, [], ["a", 1], {}]
    assert [text_of(v) for v in payloads] == [
        *(None, None, "TRUE", None, "1.5", "2", None, "a、1", None),
    ]


# --- columns


def raw(name: str, type_: str = "multilineText", **options: Any) -> dict[str, Any]:
    return {"id": f"fld{name}", "name": name, "type": type_, "options": options}


def usual() -> dict[str, dict[str, Any]]:
    names = COLUMNS["zh"]
    columns = {label: raw(label) for label in names.values()}
    columns["计划完成时间"] = raw("计划完成时间", "date")
    columns["编号"] = raw("编号", "singleLineText")
    return columns


def setup() -> Setup:
    return setup_for({}, FakeClock(), Path())


def test_columns_are_found_by_name_and_then_known_by_id() -> None:
    columns = usual()
    bound = bind([column(c) for c in columns.values()], setup(), {})
    columns["状态"]["name"] = "Stand"
    again = bind([column(c) for c in columns.values()], setup(), bound.ids)
    assert again.ids == bound.ids
    assert any("'Stand'" in note.en and "[trackers.fields]" in note.zh for note in again.notes)
    with pytest.raises(SchemaError, match="'状态'"):
        bind([column(c) for c in columns.values()], setup(), {})


@pytest.mark.parametrize(
    ("label", "changed", "said"),
    [
        ("编号", {"type": "number"}, "ids cannot be written"),
        ("编号", {"type": "formula", "options": {"result": {"type": "singleLineText"}}}, "ids"),
        ("负责人", {"type": "multipleRecordLinks"}, "cannot hold owner"),
        ("状态", {"type": "checkbox"}, "cannot hold status"),
        ("状态", {"type": "multipleSelects"}, "cannot hold status"),
        ("计划完成时间", {"type": "dateTime", "options": {"timeZone": "client"}}, "own zone"),
        ("计划完成时间", {"type": "dateTime"}, "own zone"),
    ],
)
def test_failure_65_a_column_that_does_not_fit_is_named(
    label: str, changed: dict[str, Any], said: str
) -> None:
    columns = usual()
    columns[label] |= changed
    with pytest.raises(SchemaError, match=said) as caught:
        bind([column(c) for c in columns.values()], setup(), {})
    assert label in caught.value.hint or label in caught.value.message
    assert caught.value.hint


def test_what_is_not_needed_is_not_carried_and_told_once() -> None:
    columns = usual()
    columns["备注"] = raw("备注", "multipleRecordLinks")
    del columns["会议"]
    bound = bind([column(c) for c in columns.values()], setup(), {})
    assert "note" not in bound.by_field
    assert "meeting" not in bound.by_field
    assert len(bound.notes) == 2


@pytest.mark.parametrize(
    ("type_", "options", "kind", "writable"),
    [
        ("formula", {"result": {"type": "date", "options": {}}}, Kind.DATE, False),
        ("rollup", {"result": {"type": "number"}}, Kind.TEXT, False),
        ("multipleLookupValues", {"result": {"type": "singleSelect"}}, Kind.TEXT, False),
        ("createdBy", {}, Kind.USERS, False),
        ("number", {"precision": 0}, Kind.TEXT, False),
        ("email", {}, Kind.TEXT, True),
        ("dateTime", {"timeZone": "utc"}, Kind.DATE, True),
    ],
)
def test_failure_22_what_is_computed_is_read_and_never_written(
    type_: str, options: dict[str, Any], kind: Kind, *, writable: bool
) -> None:
    found = column(raw("x", type_, **options))
    assert (found.kind, found.writable) == (kind, writable)
    field = offered("note", found, {})
    assert (field.kind, field.writable) == (kind, writable)


def test_two_columns_of_like_names_are_not_guessed() -> None:
    columns = [column(raw("STATUS")), column(raw("status "))]
    assert named(columns, "Status") is None
    assert named(columns, "STATUS") == columns[0]
    assert named(columns[:1], "Status") == columns[0]


# --- errors


def said(type_: str) -> dict[str, Any]:
    return {"error": {"type": type_, "message": "no"}}


ERRORS: list[tuple[int, Any, bool, type[ConnectorError]]] = [
    (400, said("INVALID_REQUEST"), True, PermanentError),
    (401, said("AUTHENTICATION_REQUIRED"), False, AuthError),
    (402, said("PAYMENT_REQUIRED"), False, AuthError),
    (403, said("INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND"), False, AuthError),
    (404, {"error": "NOT_FOUND"}, False, SchemaError),
    (404, said("NOT_FOUND"), False, SchemaError),
    (404, said("MODEL_ID_NOT_FOUND"), True, SchemaError),
    (408, None, False, TransientError),
    (413, None, True, PermanentError),
    (422, said("UNKNOWN_FIELD_NAME"), True, SchemaError),
    (422, said("INVALID_VALUE_FOR_COLUMN"), True, PermanentError),
    (422, said("INVALID_MULTIPLE_CHOICE_OPTIONS"), True, PermanentError),
    (422, said("ROW_DOES_NOT_EXIST"), True, PermanentError),
    (422, said("INVALID_REQUEST_UNKNOWN"), True, PermanentError),
    (429, {"errors": [{"error": "RATE_LIMIT_REACHED", "message": "x"}]}, True, TransientError),
    (429, None, False, TransientError),
    (429, said("PUBLIC_API_BILLING_LIMIT_EXCEEDED"), True, TransientError),
    (500, said("SERVER_ERROR"), False, TransientError),
    (500, said("SERVER_ERROR"), True, UnknownOutcomeError),
    (502, None, True, UnknownOutcomeError),
    (503, None, True, UnknownOutcomeError),
    (503, None, False, TransientError),
    (200, None, False, TransientError),
    (200, None, True, UnknownOutcomeError),
    (200, said("WHATEVER"), True, PermanentError),
    (302, None, False, SchemaError),
    (407, None, False, AuthError),
]


@pytest.mark.parametrize(("status", "body", "write", "wanted"), ERRORS)
def test_errors_are_named_by_what_happens_next(
    status: int, body: Any, wanted: type[ConnectorError], *, write: bool
) -> None:
    answer = Answer(status=status, body=body, write=write)
    assert not answer.is_good
    error = to_error(answer, "board")
    assert type(error) is wanted
    assert error.message.startswith("board")
    if wanted in (AuthError, SchemaError):
        assert error.hint


def test_failure_70_after_too_many_calls_the_half_minute_is_waited_out() -> None:
    assert _wait(Answer(status=429)) == 30.0
    assert _wait(Answer(status=429, wait_s=3.0)) == 30.0
    assert _wait(Answer(status=429, wait_s=45.0)) == 45.0


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (datetime(2026, 11, 22, 10, tzinfo=UTC), "2026-12-01"),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), "2027-01-01"),
    ],
)
def test_a_month_s_calls_that_are_spent_say_until_when(at: datetime, until: str) -> None:
    body = said("PUBLIC_API_BILLING_LIMIT_EXCEEDED")
    error = to_error(Answer(status=429, body=body, at=at), "board")
    wait = _wait(Answer(status=429, body=body, at=at))
    assert until in error.message
    assert wait is not None
    assert (at + timedelta(seconds=wait)).date() == date.fromisoformat(until)


def _wait(answer: Answer) -> float | None:
    error = to_error(answer, "board")
    assert isinstance(error, TransientError)
    return error.retry_after_s
