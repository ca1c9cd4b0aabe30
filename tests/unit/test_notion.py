"""The connector to Notion over the fake service: errors, faults, traps, budgets."""

import json
import logging
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from contract.notion_harness import USERS, NotionHarness
from contract.shared import COLUMN_NAMES, SECRET
from contract.writes import DAY, change, item_id, new
from fakes.notion import mention
from notion_client import Client as Sdk
from notion_client.errors import APIResponseError
from notion_client.helpers import collect_paginated_api
from unit.test_failures_table import functions_in

from connectors import calls
from connectors.base import Outcome, Record, RowState, Write
from connectors.errors import (
    AuthError,
    ConflictError,
    ConnectorError,
    PermanentError,
    SchemaError,
    TransientError,
    UnknownOutcomeError,
)
from connectors.notion import Notion, client
from connectors.notion.client import _unreachable
from connectors.notion.faults import Answer, CommittedError, MissingError, RefusedError, to_error
from connectors.notion.writing import BATCH
from mapping.cells import Cell, User
from mapping.values import Person

NOW = datetime(2024, 5, 20, 8, tzinfo=UTC)
LABEL = COLUMN_NAMES


@pytest.fixture
def base(tmp_path: Path) -> NotionHarness:
    return NotionHarness(tmp_path)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "TIMEOUT", httpx.Timeout(0.25))


def notion(harness: NotionHarness, **changes: Any) -> Notion:
    return Notion(replace(harness.setup, **changes) if changes else harness.setup)


def made(harness: NotionHarness, *writes: Write) -> list[Record]:
    connector = notion(harness)
    outcomes = [
        outcome
        for start in range(0, len(writes), BATCH)
        for outcome in connector.apply(writes[start : start + BATCH])
    ]
    harness.settle()
    records = [o.record for o in outcomes if o.record is not None]
    assert len(records) == len(writes)
    return records


def one(outcomes: Any) -> Outcome:
    [outcome] = outcomes
    assert isinstance(outcome, Outcome)
    return outcome


def only_user(record: Record) -> User:
    cell = record.cells["owner"]
    assert isinstance(cell, tuple)
    [user] = cell
    assert isinstance(user, User)
    return user


def requests(harness: NotionHarness, work: Callable[[], Any]) -> list[str]:
    """Return the requests that a piece of work takes, ids left out."""
    before = len(harness.fake.calls)
    work()
    return [f"{m} {p.split('/')[1]}" for m, p, _ in harness.fake.calls[before:]]


# --- what an answer means


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "invalid_json", RefusedError),
        (400, "validation_error", RefusedError),
        (400, "invalid_request_url", SchemaError),
        (400, "invalid_request", SchemaError),
        (400, "missing_version", SchemaError),
        (400, "invalid_beta", SchemaError),
        (400, "invalid_grant", AuthError),
        (401, "unauthorized", AuthError),
        (403, "restricted_resource", AuthError),
        (404, "object_not_found", MissingError),
        (409, "conflict_error", ConflictError),
        (413, "", PermanentError),
        (429, "rate_limited", TransientError),
        (529, "service_overload", TransientError),
        (429, "", TransientError),
        (529, "", TransientError),
        (500, "internal_server_error", UnknownOutcomeError),
        (502, "bad_gateway", UnknownOutcomeError),
        (503, "service_unavailable", UnknownOutcomeError),
        (503, "database_connection_unavailable", UnknownOutcomeError),
        (504, "gateway_timeout", UnknownOutcomeError),
        (502, "", UnknownOutcomeError),
        (200, "", UnknownOutcomeError),
        (200, "internal_server_error", UnknownOutcomeError),
        (200, "validation_error", RefusedError),
        (200, "unauthorized", AuthError),
        (408, "", UnknownOutcomeError),
        (401, "", AuthError),
        (403, "", AuthError),
        (407, "", AuthError),
        (404, "", SchemaError),
        (302, "", SchemaError),
        (400, "", RefusedError),
        (400, "something_new", RefusedError),
        (418, "teapot", PermanentError),
        (599, "something_new", UnknownOutcomeError),
    ],
)
def test_what_a_code_means(status: int, code: str, error: type[ConnectorError]) -> None:
    body = {"code": code, "message": "no"} if code else {}
    found = to_error(Answer(status=status, body=body, write=True, at=NOW), "board")
    assert type(found) is error
    assert found.message.startswith("board")
    if isinstance(found, AuthError | SchemaError) or status == 413:
        assert found.hint  # what to do
    read = to_error(Answer(status=status, body=body, at=NOW), "board")
    assert not isinstance(read, UnknownOutcomeError | ConflictError)
    if error in (UnknownOutcomeError, ConflictError):
        assert type(read) is TransientError


def test_an_answer_that_names_the_page_that_was_saved() -> None:
    body = {
        "code": "service_unavailable",
        "message": "x",
        "additional_data": {"committed_resource_id": "p1"},
    }
    found = to_error(Answer(status=503, body=body, write=True, at=NOW), "board")
    assert isinstance(found, CommittedError)
    assert found.resource == "p1"


@pytest.mark.parametrize(
    ("headers", "more", "wait_s"),
    [
        ({"retry-after": "17"}, {}, 17),
        ({"retry-after": "0.5"}, {}, 0.5),
        ({"retry-after": "Mon, 20 May 2024 08:01:30 GMT"}, {}, 90),
        ({}, {"retry_after": "12"}, 12),
        ({"retry-after": "soon"}, {}, None),
        ({"retry-after": "-3"}, {}, None),
        ({}, {}, None),
    ],
)
def test_the_wait_that_is_asked_for(
    headers: dict[str, str], more: dict[str, str], wait_s: float | None
) -> None:
    body = {"code": "rate_limited", "message": "x", "additional_data": more}
    found = to_error(Answer(status=429, body=body, headers=headers, at=NOW), "board")
    assert isinstance(found, TransientError)
    assert found.retry_after_s == wait_s


def test_a_blocked_connection_is_not_asked_again() -> None:
    more = {"rate_limit_reason": "public_api_request_blocked"}
    body = {"code": "rate_limited", "message": "x", "additional_data": more}
    assert isinstance(to_error(Answer(status=429, body=body, at=NOW), "board"), AuthError)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError("x"), TransientError),
        (httpx.ConnectTimeout("x"), TransientError),
        (httpx.PoolTimeout("x"), TransientError),
        (httpx.ProxyError("x"), TransientError),
        (httpx.ReadTimeout("x"), UnknownOutcomeError),
        (httpx.WriteTimeout("x"), UnknownOutcomeError),
        (httpx.ReadError("x"), UnknownOutcomeError),
        (httpx.WriteError("x"), UnknownOutcomeError),
        (httpx.RemoteProtocolError("x"), UnknownOutcomeError),
        (httpx.UnsupportedProtocol("x"), SchemaError),
        (httpx.InvalidURL("x"), SchemaError),
    ],
)
def test_what_no_answer_means(error: Exception, kind: type[ConnectorError]) -> None:
    assert type(_unreachable(error, "board", write=True)) is kind
    read = _unreachable(error, "board", write=False)
    assert type(read) is (TransientError if kind is UnknownOutcomeError else kind)


def test_a_wait_is_kept_by_all_who_share_the_connection(base: NotionHarness) -> None:
    """Failure 70."""
    slow: dict[str, Any] = {"status": 429, "body": {"code": "rate_limited", "message": "slow"}}
    with base.fake.fault("query", headers={"Retry-After": "20"}, **slow):
        notion(base).pull(None)
    assert base.clock.monotonic() >= 20
    assert len([c for c in base.fake.calls if c[1].endswith("query")]) == 2


def test_a_long_wait_is_handed_on(base: NotionHarness) -> None:
    slow: dict[str, Any] = {"status": 429, "body": {"code": "rate_limited", "message": "slow"}}
    long = base.fake.fault("query", headers={"Retry-After": "600"}, **slow)
    with long, pytest.raises(TransientError) as caught:
        notion(base).pull(None)
    assert caught.value.retry_after_s == 600
    assert "600 s" in caught.value.message
    assert base.clock.monotonic() < 60


def test_calls_keep_the_pace_of_180_a_minute(base: NotionHarness) -> None:
    made(base, *(new(n) for n in range(12)))
    start = base.clock.monotonic()
    connector = notion(base)
    for _ in range(30):
        connector.pull(None)
    assert base.clock.monotonic() - start >= 30 / 3 - 1


def test_the_client_s_own_retries_are_off(base: NotionHarness) -> None:
    with base.fake.fault("data_source", status=500, times=99), pytest.raises(TransientError):
        notion(base).describe()
    assert len(base.fake.calls) == calls.TRIES


# --- five faults at every call, before and after its effect

FAULTS: dict[str, dict[str, Any]] = {
    "reset": {"kind": "reset"},
    "timeout": {"kind": "hang"},
    "server error": {"status": 503},
    "bad gateway": {"kind": "html"},
    "half an answer": {"kind": "garbage"},
}
struck = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())


@struck
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("skip", [0, 1, 2])
@pytest.mark.usefixtures("quick")
def test_a_lost_creation_never_makes_a_second_row(
    base: NotionHarness, fault: dict[str, Any], skip: int, *, after: bool
) -> None:
    """Failures 1-3: the row is not sent again; it is found by its id, or it is not there."""
    batch = [new(n) for n in range(3)]
    connector = notion(base)
    with base.fake.fault("POST /pages", after=after, skip=skip, **fault):
        outcomes = connector.apply(batch)
    creations = [c for c in base.fake.calls if c[:2] == ("POST", "/pages")]
    assert len(creations) == skip + 1
    assert isinstance(outcomes[skip].error, UnknownOutcomeError)
    assert all(o.error is None for o in outcomes[:skip])
    assert all(type(o.error) is TransientError for o in outcomes[skip + 1 :])
    base.clock.advance(120)
    found = {record.id for record in notion(base).find([item_id(n) for n in range(3)])}
    assert found == {item_id(n) for n in range(skip + after)}
    assert len(base.fake.rows()) == skip + after


@struck
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.usefixtures("quick")
def test_a_lost_change_is_made_once_more(
    base: NotionHarness, fault: dict[str, Any], *, after: bool
) -> None:
    [record] = made(base, new(1))
    with base.fake.fault("PATCH", after=after, **fault):
        outcome = one(notion(base).apply([change(record, note="改")]))
    assert outcome.error is None
    assert base.fake.read(record.row_id, LABEL["note"]) == "改"
    assert len(base.fake.rows()) == 1


@struck
@pytest.mark.parametrize("match", ["databases", "data_sources", "users", "query"])
@pytest.mark.usefixtures("quick")
def test_a_read_is_tried_again(tmp_path: Path, fault: dict[str, Any], match: str) -> None:
    base = NotionHarness(tmp_path, by_database=True)
    made(base, *(new(n) for n in range(3)))
    connector = notion(base)
    with base.fake.fault(match, **fault):
        connector.describe()
        assert len(connector.pull(None).records) == 3
    assert len(connector.find([item_id(1)])) == 1


@pytest.mark.usefixtures("quick")
def test_a_fault_that_stays_is_told_and_nothing_is_lost(base: NotionHarness) -> None:
    [record] = made(base, new(1))
    connector = notion(base)
    connector.describe()
    with base.fake.fault("PATCH", kind="reset", times=99):
        outcome = one(connector.apply([change(record, note="改")]))
    assert isinstance(outcome.error, UnknownOutcomeError)
    slow = base.fake.fault("PATCH", times=99, status=429, body={"code": "rate_limited"})
    with slow, pytest.raises(TransientError):
        connector.apply([change(record, note="改")])


def test_a_503_that_saved_the_page_all_the_same(base: NotionHarness) -> None:
    with base.fake.fault("POST /pages", after=True, committed=True):
        outcome = one(notion(base).apply([new(1)]))
    assert outcome.error is None
    assert outcome.record is not None
    assert outcome.record.id == item_id(1)
    assert len(base.fake.rows()) == 1


def test_a_creation_that_was_refused_for_a_collision_is_no_row(base: NotionHarness) -> None:
    body = {"code": "conflict_error", "message": "collision"}
    with base.fake.fault("POST /pages", status=409, body=body):
        outcomes = notion(base).apply([new(1), new(2)])
    assert isinstance(outcomes[0].error, ConflictError)
    assert outcomes[1].error is None
    assert len(base.fake.rows()) == 1


# --- budgets


def test_a_quiet_pass_is_one_request(base: NotionHarness) -> None:
    made(base, *(new(n) for n in range(120)))
    connector = notion(base)
    connector.describe()
    cursor = connector.pull(None).cursor
    base.clock.advance(600)
    cursor = connector.pull(cursor).cursor
    for _ in range(3):
        base.clock.advance(60)
        before = len(base.fake.calls)
        changes = connector.pull(cursor)
        assert len(base.fake.calls) - before == changes.calls == 1
        assert not changes.records
        cursor = changes.cursor


def test_creating_500_items_takes_500_requests(base: NotionHarness) -> None:
    """The service makes one page a request; nothing is read before or after."""
    connector = notion(base)
    connector.describe()
    batches = [[new(n) for n in range(start, start + BATCH)] for start in range(0, 500, BATCH)]
    before = len(base.fake.calls)
    for batch in batches:
        assert all(outcome.error is None for outcome in connector.apply(batch))
    assert len(base.fake.calls) - before == 500
    assert len(base.fake.rows()) == 500


def test_changes_are_read_together_and_written_one_by_one(base: NotionHarness) -> None:
    records = made(base, *(new(n) for n in range(10)))
    connector = notion(base)
    connector.describe()
    sent = requests(base, lambda: connector.apply([change(r, note="改") for r in records]))
    assert sent == ["POST data_sources", *["PATCH pages"] * 10]
    fresh = list(connector.find([item_id(1)]))
    sent = requests(base, lambda: connector.apply([change(fresh[0], note="又改")]))
    assert sent == ["GET pages", "PATCH pages"]


def test_only_what_differs_is_sent(base: NotionHarness) -> None:
    [record] = made(base, new(1, note="备注"))
    notion(base).apply([change(record, note="改", due=DAY, description="任务 1")])
    method, _, body = base.fake.writes()[-1]
    assert method == "PATCH"
    assert len(body["properties"]) == 1


# --- days, people, options, texts


def test_a_range_keeps_its_start_and_a_quiet_field_its_time(base: NotionHarness) -> None:
    [record] = made(base, new(1))
    span = {"start": "2024-05-20", "end": "2024-05-24", "time_zone": None}
    base.fake.set_raw(record.row_id, LABEL["due"], span)
    [seen] = notion(base).pull(None).records
    assert seen.cells["due"] == date(2024, 5, 24)
    notion(base).apply([change(seen, note="改")])
    assert base.fake.raw(record.row_id, LABEL["due"]) == span
    [seen] = notion(base).pull(None).records
    notion(base).apply([change(seen, due=date(2024, 5, 31))])
    raw = base.fake.raw(record.row_id, LABEL["due"])
    assert (raw["start"], raw["end"]) == ("2024-05-20", "2024-05-31")


def test_people_are_found_by_e_mail_or_id_and_guests_by_id(base: NotionHarness) -> None:
    """Failure 67."""
    guest = User("00000000-0000-4000-8000-0000000000aa", "客人", "guest@elsewhere.com")
    base.fake.guests = {guest.key: guest}
    people = (
        Person(name="张三", email="ZhangSan@Example.com"),
        Person(name="客", accounts={"notion": guest.key.replace("-", "")}),
        Person(name="无名", email="nobody@example.com"),
        Person(name="走了", accounts={"notion": "00000000-0000-4000-8000-0000000000ff"}),
    )
    connector = notion(base, people=people)
    users = connector.describe().fields["owner"].users
    assert {name: user.key for name, user in users.items()} == {
        "张三": USERS[0].key,
        "客": guest.key,
    }
    outcome = one(connector.apply([new(1, owner=(users["客"],))]))
    assert outcome.record is not None
    owner = only_user(outcome.record)
    assert (owner.key, owner.name) == (guest.key, "客")


def test_a_stranger_in_a_row_is_told_by_name(base: NotionHarness) -> None:
    guest = User("00000000-0000-4000-8000-0000000000aa", "客人")
    base.fake.guests = {guest.key: guest}
    [record] = made(base, new(1))
    base.fake.edit(record.row_id, {LABEL["owner"]: (guest,)})
    connector = notion(base)
    [seen] = connector.pull(None).records
    assert only_user(seen).name == "客人"
    asked = [c for c in base.fake.calls if c[1] == f"/users/{guest.key}"]
    connector.pull(None)
    assert len(asked) == 1
    assert len([c for c in base.fake.calls if c[1] == f"/users/{guest.key}"]) == 1


@pytest.mark.parametrize("missing", ["users", "emails"])
def test_without_the_right_to_see_people_ids_still_serve(base: NotionHarness, missing: str) -> None:
    base.fake.rights.discard(missing)
    people = (
        Person(name="张三", email="zhangsan@example.com"),
        Person(name="李四", accounts={"notion": USERS[1].key}),
    )
    schema = notion(base, people=people).describe()
    assert {n: u.key for n, u in schema.fields["owner"].users.items()} == {"李四": USERS[1].key}
    assert any("邮箱" in note for note in schema.notes)


def test_more_people_than_a_page_shows(base: NotionHarness) -> None:
    """A page shows 25 of them; rewriting what is shown would take the others away."""
    crowd = tuple(User(f"00000000-0000-4000-8000-000000000{n:03}", f"人{n}") for n in range(130))
    base.fake.users |= {u.key: u for u in crowd}
    [record] = made(base, new(1))
    base.fake.edit(record.row_id, {LABEL["owner"]: crowd})
    [seen] = notion(base).pull(None).records
    assert seen.cells["owner"] == crowd
    outcome = one(notion(base).apply([change(seen, note="改")]))
    assert outcome.record is not None
    assert outcome.record.cells["owner"] == crowd
    assert len(base.fake.raw(record.row_id, LABEL["owner"])) == 130


def test_more_mentions_than_a_page_shows(base: NotionHarness) -> None:
    [record] = made(base, new(1))
    base.fake.set_raw(record.row_id, LABEL["note"], [mention(f"@{n} ") for n in range(40)])
    [seen] = notion(base).pull(None).records
    assert seen.cells["note"] == "".join(f"@{n} " for n in range(40))


def test_an_account_that_has_left_costs_that_field_only(base: NotionHarness) -> None:
    """Failures 67, 72: the service does not say which field it refuses."""
    connector = notion(base)
    gone = connector.describe().fields["owner"].users["李四"]
    del base.fake.users[gone.key]
    outcome = one(connector.apply([new(1, owner=(gone,), note="备注")]))
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "owner"
    assert outcome.record is not None
    assert outcome.record.cells["note"] == "备注"
    assert outcome.record.cells["due"] == DAY
    assert len(base.fake.rows()) == 1
    again = one(connector.apply([change(outcome.record, owner=(gone,), note="改")]))
    assert isinstance(again.error, PermanentError)
    assert again.error.field == "owner"
    assert base.fake.read(outcome.record.row_id, LABEL["note"]) == "改"


def test_an_unknown_option_is_never_made(base: NotionHarness) -> None:
    """Failure 64."""
    before = [o["name"] for o in base.fake.column(LABEL["status"]).options]
    connector = notion(base)
    outcome = one(connector.apply([new(1, status="飞起来", department="客服部")]))
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "status"
    assert outcome.record is not None
    assert outcome.record.cells["department"] == "客服部"
    assert [o["name"] for o in base.fake.column(LABEL["status"]).options] == before


def test_an_option_that_went_meanwhile_is_not_made_again(base: NotionHarness) -> None:
    connector = notion(base)
    connector.describe()
    column = base.fake.column(LABEL["department"])
    column.options = [o for o in column.options if o["name"] != "客服部"]
    outcome = one(connector.apply([new(1, department="客服部")]))
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "department"
    assert outcome.record is not None
    assert "客服部" not in [o["name"] for o in column.options]
    assert len(base.fake.rows()) == 1


def test_an_option_that_was_renamed_meanwhile_is_still_the_one(base: NotionHarness) -> None:
    connector = notion(base)
    connector.describe()
    next(o for o in base.fake.column(LABEL["status"]).options if o["name"] == "延期")["name"] = "晚"
    outcome = one(connector.apply([new(1, status="延期")]))
    assert outcome.error is None
    assert outcome.record is not None
    assert outcome.record.cells["status"] == "晚"


def test_a_status_that_is_cleared_shows_its_default(tmp_path: Path) -> None:
    base = NotionHarness(tmp_path, types={"status": "status"})
    base.fake.column(LABEL["status"]).default = "进行中"
    [record] = made(base, new(1, status="延期"))
    outcome = one(notion(base).apply([change(record, status=None)]))
    assert outcome.record is not None
    assert outcome.record.cells["status"] == "进行中"


def test_a_text_of_several_requests(base: NotionHarness) -> None:
    """Failure 68: a request takes 500 KB, a row may hold more."""
    long = dict.fromkeys(("note", "deliverable", "acceptance"), "🚀" * 100000)
    outcome = one(notion(base).apply([new(1, **long)]))
    assert outcome.error is None
    assert outcome.record is not None
    assert {n: outcome.record.cells[n] for n in long} == long
    assert len(base.fake.writes()) == 3
    assert len(base.fake.rows()) == 1


@pytest.mark.parametrize(
    "what", [{"kind": "reset", "times": 9}, {"status": 400, "body": {"code": "validation_error"}}]
)
def test_a_row_that_was_made_in_part_is_not_made_again(
    base: NotionHarness, what: dict[str, Any]
) -> None:
    long = dict.fromkeys(("note", "deliverable"), "🚀" * 100000)
    with base.fake.fault("PATCH", **what):
        outcome = one(notion(base).apply([new(1, **long)]))
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "deliverable"
    assert outcome.record is not None
    assert outcome.record.cells["note"] == long["note"]
    assert len(base.fake.rows()) == 1


def test_limits_are_those_of_the_column(tmp_path: Path) -> None:
    base = NotionHarness(tmp_path, types={"deliverable": "url", "meeting": "email"})
    schema = notion(base).describe()
    limits = {name: schema.fields[name].text_limit for name in ("note", "deliverable", "meeting")}
    assert limits == {"note": 100_000, "deliverable": 2000, "meeting": 200}
    outcome = one(notion(base).apply([new(1, deliverable="x" * 2001)]))
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "deliverable"


def test_unchanged_rich_text_keeps_its_form(base: NotionHarness) -> None:
    """Failure 52."""
    [record] = made(base, new(1))
    styled = [mention("@李四"), mention(" 看")]
    base.fake.set_raw(record.row_id, LABEL["note"], styled)
    [seen] = notion(base).pull(None).records
    notion(base).apply([change(seen, note="@李四 看", due=None)])
    assert base.fake.raw(record.row_id, LABEL["note"]) == styled
    assert base.fake.raw(record.row_id, LABEL["due"]) is None


# --- columns


def test_a_renamed_column_stays_bound_after_a_restart(base: NotionHarness) -> None:
    """Failure 65."""
    [record] = made(base, new(1))
    running = notion(base)
    running.describe()
    base.fake.rename(LABEL["due"], "Deadline")
    assert one(running.apply([change(record, due=date(2024, 6, 1))])).error is None
    restarted = notion(base)
    schema = restarted.describe()
    assert schema.fields["due"].label == "Deadline"
    assert any("Deadline" in note for note in schema.notes)
    [seen] = restarted.pull(None).records
    assert seen.cells["due"] == date(2024, 6, 1)


def test_a_column_that_goes_while_we_run(base: NotionHarness) -> None:
    """Failure 65: one that nobody needs is no longer carried, one that is needed is named."""
    made(base, new(1, note="备注"))
    connector = notion(base)
    connector.describe()
    base.fake.drop_column(LABEL["note"])
    [seen] = connector.pull(None).records
    assert "note" not in seen.cells
    outcome = one(connector.apply([change(seen, note="改", due=None)]))
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "note"
    assert outcome.record is not None
    assert outcome.record.cells["due"] is None
    base.fake.drop_column(LABEL["due"])
    with pytest.raises(SchemaError) as caught:
        connector.pull(None)
    assert caught.value.field == "due"
    assert LABEL["due"] in caught.value.message


def test_a_column_that_goes_between_look_and_write(base: NotionHarness) -> None:
    records = made(base, *(new(n, note="备注") for n in range(3)))
    connector = notion(base)
    connector.describe()
    base.fake.rename(LABEL["due"], "Deadline")
    base.fake.drop_column(LABEL["meeting"])
    outcomes = connector.apply([change(r, note="改", due=None) for r in records])
    assert all(o.error is None for o in outcomes)
    assert all(base.fake.read(r.row_id, "Deadline") is None for r in records)


def test_a_retyped_column(base: NotionHarness) -> None:
    [record] = made(base, new(1))
    connector = notion(base)
    connector.describe()
    base.fake.retype(LABEL["due"], "rich_text")
    outcome = one(connector.apply([change(record, due=date(2024, 6, 1))]))
    assert isinstance(outcome.error, ConflictError)  # it is read again first
    [seen] = connector.pull(None).records
    assert seen.cells["due"] == "2024-05-27"
    assert one(connector.apply([change(seen, due=date(2024, 6, 1))])).error is None
    assert base.fake.read(record.row_id, LABEL["due"]) == "2024-06-01"
    base.fake.retype(LABEL["due"], "checkbox")
    with pytest.raises(SchemaError, match="checkbox"):
        notion(base).describe()


def test_the_title_is_the_description_where_none_is_named(base: NotionHarness) -> None:
    base.fake.rename(LABEL["description"], "Name")
    schema = notion(base).describe()
    assert schema.fields["description"].label == "Name"
    with pytest.raises(SchemaError, match="行动项描述"):
        notion(base, named=frozenset({"description"})).describe()


def test_columns_that_can_only_be_read(base: NotionHarness) -> None:
    """Failure 22."""
    base.fake.drop_column(LABEL["note"])
    base.fake.add_column(LABEL["note"], "formula")
    base.fake.drop_column(LABEL["meeting"])
    base.fake.add_column(LABEL["meeting"], "relation")
    schema = notion(base).describe()
    assert not schema.fields["note"].writable
    assert "meeting" not in schema.fields
    assert any("relation" in note for note in schema.notes)
    [record] = made(base, new(1))
    base.fake.set_raw(record.row_id, LABEL["note"], {"type": "string", "string": "算"}, by="bot")
    [seen] = notion(base).pull(None).records
    assert (seen.cells["note"], seen.version) == ("算", record.version)
    assert isinstance(one(notion(base).apply([change(seen, note="改")])).error, PermanentError)


# --- which table


def test_a_database_with_several_tables_asks_which(tmp_path: Path) -> None:
    base = NotionHarness(tmp_path, by_database=True)
    assert notion(base).describe().identity == base.fake.source_id
    base.fake.sources[base.fake.other_source] = "归档"
    with pytest.raises(SchemaError) as caught:
        notion(base).describe()
    assert base.fake.source_id in caught.value.hint
    assert "归档" in caught.value.hint
    del base.fake.sources[base.fake.other_source]
    made(base, new(1))
    base.fake.sources[base.fake.other_source] = "归档"
    assert notion(base).describe().identity == base.fake.source_id


def test_the_two_kinds_of_ids_taken_for_each_other(base: NotionHarness) -> None:
    def with_place(**place: str) -> Notion:
        options = {k: v for k, v in base.setup.options.items() if not k.endswith("_id")}
        return notion(base, options={**options, **place})

    with pytest.raises(SchemaError) as caught:
        with_place(data_source_id=base.fake.database_id).describe()
    assert base.fake.source_id in caught.value.hint
    with pytest.raises(SchemaError) as caught:
        with_place(database_id=base.fake.source_id).describe()
    assert "data_source_id" in caught.value.hint
    with pytest.raises(SchemaError) as caught:
        with_place(database_id="00000000-0000-4000-8000-000000000000").describe()
    assert "Connections" in caught.value.hint
    address = f"https://www.notion.so/team/{base.fake.database_id.replace('-', '')}?v=1"
    assert with_place(database_id=address).describe().identity == base.fake.source_id


def test_a_token_that_can_be_none(base: NotionHarness) -> None:
    for token in ("", "ntn_密", "ntn_a\nb"):
        with pytest.raises(AuthError) as caught:
            notion(base, options={**base.setup.options, "token": token})
        assert not token or token not in str(caught.value)
    assert notion(base, options={**base.setup.options, "token": f" {SECRET}\n"}).describe()


def test_an_address_that_is_none(base: NotionHarness) -> None:
    for address in ("ftp://example.com", base.fake.base_url + "/elsewhere"):
        connector = notion(base, options={**base.setup.options, "base_url": address})
        with pytest.raises(SchemaError) as caught:
            connector.describe()
        assert "base_url" in caught.value.hint


# --- looking


def test_a_query_that_ends_after_10_000_rows_goes_on(base: NotionHarness) -> None:
    """A list that was cut off looks like deletions: it is told, and read on in windows."""
    base.fake.query_limit = 7
    for n in range(20):
        base.fake.add({LABEL["description"]: f"行 {n}"})
        base.clock.advance(30)
    changes = notion(base).pull(None)
    assert changes.complete
    assert len(changes.records) == 20
    for n in range(9):  # more of one minute than a query lists
        base.fake.add({LABEL["description"]: f"同 {n}"})
    changes = notion(base).pull(None)
    assert not changes.complete
    assert changes.findings
    assert changes.cursor is None


def test_a_row_that_goes_between_two_pages(base: NotionHarness) -> None:
    """Failures 20, 43: the cursor stood on it; the look begins anew and stays whole."""
    rows = [base.fake.add({LABEL["description"]: f"行 {n}"}) for n in range(130)]
    seen = 0

    def act(call: str) -> None:
        nonlocal seen
        seen += "query" in call
        if seen == 2 and "query" in call:
            shown = sorted(rows)
            base.fake.trash(shown[100])
            base.fake.before = None

    base.fake.before = act
    changes = notion(base).pull(None)
    assert changes.complete
    assert len(changes.records) == 129
    assert len({r.row_id for r in changes.records}) == 129


def test_an_edit_between_two_pages_is_not_passed_over(base: NotionHarness) -> None:
    """Failure 19."""
    connector = notion(base)
    rows = [base.fake.add({LABEL["description"]: f"行 {n}"}) for n in range(130)]
    cursor = connector.pull(None).cursor
    base.clock.advance(600)
    for row in rows:
        base.fake.edit(row, {LABEL["note"]: "一"})
    count = 0

    def act(call: str) -> None:
        nonlocal count
        count += "query" in call
        if count == 2:
            base.clock.advance(120)
            base.fake.edit(rows[0], {LABEL["note"]: "二"})
            base.fake.before = None

    base.fake.before = act
    told = {r.row_id: r.cells["note"] for r in connector.pull(cursor).records}
    assert set(told) == set(rows)
    assert told[rows[0]] == "二"


def test_what_was_told_is_not_told_again_unless_it_was_lost(base: NotionHarness) -> None:
    """Failures 15, 16: the minute is read again, what is known is dropped by its content."""
    connector = notion(base)
    row = base.fake.add({LABEL["description"]: "人加的"})
    first = connector.pull(None)
    base.fake.edit(row, {LABEL["note"]: "一"})
    second = connector.pull(first.cursor)
    assert [r.cells["note"] for r in second.records] == ["一"]
    again = connector.pull(first.cursor)  # what came of the second was never kept
    assert [r.cells["note"] for r in again.records] == ["一"]
    assert not connector.pull(again.cursor).records
    base.fake.edit(row, {LABEL["note"]: "二"})
    third = connector.pull(again.cursor)
    assert [r.cells["note"] for r in third.records] == ["二"]


@pytest.mark.parametrize("hours", [-30, 30])
def test_the_machine_s_clock_may_be_wrong(base: NotionHarness, hours: int) -> None:
    class Wrong:
        def wall(self) -> datetime:
            return datetime.fromtimestamp(base.clock.wall().timestamp() + hours * 3600, UTC)

        monotonic = staticmethod(base.clock.monotonic)
        sleep = staticmethod(base.clock.sleep)

    connector = notion(base, clock=Wrong())
    cursor = connector.pull(None).cursor
    row = base.fake.add({LABEL["description"]: "人加的"})
    changes = connector.pull(cursor)
    assert [r.row_id for r in changes.records] == [row]
    base.clock.advance(300)
    base.fake.edit(row, {LABEL["note"]: "改"})
    changes = connector.pull(changes.cursor)
    assert [r.cells["note"] for r in changes.records] == ["改"]


def test_a_cursor_that_cannot_be_read_or_is_of_another_table(base: NotionHarness) -> None:
    made(base, new(1))
    for cursor in ("", "x", "[1]", json.dumps([None, "other", ""])):
        changes = notion(base).pull(cursor)
        assert changes.complete
        assert len(changes.records) == 1


def test_a_copy_that_lags_is_not_taken_for_an_edit(base: NotionHarness) -> None:
    """Failure 3: what we wrote last is known for two minutes; an edit after it counts."""
    [record] = made(base, new(1, note="旧"))
    base.clock.advance(300)
    connector = notion(base)
    cursor = connector.pull(None).cursor
    base.fake.lag_s = 45.0
    one(connector.apply([change(record, note="新")]))
    base.clock.advance(5)
    [seen] = connector.pull(None).records
    assert seen.cells["note"] == "新"
    base.clock.advance(55)
    base.fake.edit(record.row_id, {LABEL["note"]: "旧"})
    base.clock.advance(60)
    told = [r.cells["note"] for r in connector.pull(cursor).records if r.id == item_id(1)]
    assert told == ["旧"]


def test_a_new_row_that_no_query_shows_yet_is_found(base: NotionHarness) -> None:
    base.fake.lag_s = 60.0
    connector = notion(base)
    one(connector.apply([new(1)]))
    assert not connector.pull(None).records
    [found] = connector.find([item_id(1)])
    assert found.state is RowState.LIVE
    [found] = notion(base).find([item_id(1)])  # another process
    assert found.state is RowState.LIVE


def test_a_row_that_moved_is_read_again_in_the_next_look(base: NotionHarness) -> None:
    [record] = made(base, new(1))
    connector = notion(base)
    cursor = connector.pull(None).cursor
    base.clock.advance(3600)
    cursor = connector.pull(cursor).cursor
    options = base.fake.column(LABEL["status"]).options  # renamed: no row has a new edit time
    next(o for o in options if o["name"] == "进行中")["name"] = "处理中"
    outcome = one(connector.apply([change(record, note="改")]))
    assert isinstance(outcome.error, ConflictError)
    [seen] = connector.pull(cursor).records
    assert seen.cells["status"] == "处理中"
    assert one(connector.apply([change(seen, note="改")])).error is None


# --- gone, hidden, elsewhere


@pytest.mark.parametrize(
    ("act", "state"),
    [
        ("trash", RowState.GONE),
        ("archive", RowState.HIDDEN),
        ("move", RowState.HIDDEN),
        ("purge", RowState.ABSENT),
    ],
)
def test_where_a_row_went(base: NotionHarness, act: str, state: RowState) -> None:
    """Failures 38, 46: only the trash is a deletion that the service tells of."""
    [record, _] = made(base, new(1), new(2))
    getattr(base.fake, act)(record.row_id)
    connector = notion(base)
    changes = connector.pull(None)
    assert changes.complete
    assert [r.id for r in changes.records] == [item_id(2)]
    [found] = connector.find([item_id(1)])
    assert (found.state, found.id) == (state, item_id(1))
    outcome = one(connector.apply([change(record, note="改")]))
    assert isinstance(outcome.error, ConflictError)


@pytest.mark.parametrize(
    ("act", "state"),
    [("trash", RowState.GONE), ("archive", RowState.HIDDEN), ("move", RowState.HIDDEN)],
)
@pytest.mark.parametrize("text", [None, "没有了", item_id(7)])
def test_where_a_row_went_is_told_whatever_its_id_cell_says(
    base: NotionHarness, text: str | None, act: str, state: RowState
) -> None:
    """Failures 38, 46: a page's own id says whose row it was."""
    [record, _] = made(base, new(1), new(2))
    base.hand.edit(record.row_id, id=text)
    getattr(base.fake, act)(record.row_id)
    [found] = notion(base).find([item_id(1)])
    assert (found.row_id, found.id, found.state) == (record.row_id, item_id(1), state)


def test_a_row_that_is_there_and_lost_its_id_is_told(base: NotionHarness) -> None:
    [record] = made(base, new(1))
    base.hand.edit(record.row_id, id=None)
    [found] = notion(base).find([item_id(1)])
    assert (found.row_id, found.state) == (record.row_id, RowState.LIVE)
    base.hand.edit(record.row_id, id=item_id(7))
    assert notion(base).find([item_id(1)]) == []


def test_a_row_that_may_not_be_seen(base: NotionHarness) -> None:
    [record, _] = made(base, new(1), new(2))
    base.fake.hidden.add(record.row_id)
    [found] = notion(base).find([item_id(1)])
    assert found.state is RowState.ABSENT
    base.fake.hidden.clear()
    [found] = notion(base).find([item_id(1)])
    assert found.state is RowState.LIVE


def test_a_hidden_row_is_told_beside_its_copy(base: NotionHarness) -> None:
    """Failures 10 and 37, in another process too."""
    [record] = made(base, new(1))
    copy = base.hand.copy(record.row_id)
    base.fake.hidden.add(record.row_id)
    connector = notion(base)
    connector.pull(None)
    found = {r.row_id: r.state for r in connector.find([item_id(1)])}
    assert found == {copy: RowState.LIVE, record.row_id: RowState.ABSENT}


def test_a_row_that_was_taken_out_of_the_trash(base: NotionHarness) -> None:
    [record] = made(base, new(1))
    base.fake.trash(record.row_id)
    [found] = notion(base).find([item_id(1)])
    assert found.state is RowState.GONE
    base.fake.restore(record.row_id)
    [seen] = notion(base).pull(None).records
    assert seen.version == record.version


def test_an_empty_answer_where_rows_were_is_not_believed(base: NotionHarness) -> None:
    """Failures 36, 37: one row that was there is asked for; the table may be in the trash."""
    records = made(base, new(1), new(2))
    base.fake.hidden = {r.row_id for r in records}
    assert not notion(base).pull(None).complete
    base.fake.hidden = set()
    connector = notion(base)
    assert connector.pull(None).complete
    base.fake.lag_s = 99_999.0  # a search that shows nothing at all
    assert not connector.pull(None).complete
    base.fake.lag_s = 0.0
    for record in records:
        base.fake.trash(record.row_id)
    assert connector.pull(None).complete
    base.fake.in_trash = True
    with pytest.raises(SchemaError, match="trash"):
        connector.pull(None)


def test_rows_that_were_taken_out_are_gone_for_good(base: NotionHarness) -> None:
    [record] = made(base, new(1))
    connector = notion(base)
    out = Write(id="", cells={}, row_id=record.row_id, if_version=record.version, remove=True)
    assert one(connector.apply([out])).error is None
    again = one(connector.apply([out]))
    assert again.record is None or again.record.state is RowState.GONE
    assert again.error is None


# --- prepare


def bare_harness(tmp_path: Path) -> NotionHarness:
    base = NotionHarness(tmp_path)
    base.fake.columns.clear()
    base.fake.add_column("Name", "title")
    return base


def test_an_empty_table_is_given_all_columns(tmp_path: Path) -> None:
    base = bare_harness(tmp_path)
    with pytest.raises(SchemaError, match="编号"):
        notion(base).describe()
    connector = notion(base, named=frozenset({"description"}))
    told = connector.prepare()
    assert any("“行动项描述”" in line for line in told)
    schema = connector.describe()
    assert set(schema.fields) == set(COLUMN_NAMES) - {"id"}
    assert schema.fields["status"].options == ("进行中", "已完成", "延期", "受阻")
    assert schema.fields["department"].options == ("技术部", "客服部", "市场部")
    assert schema.fields["owner"].multiple
    assert connector.prepare() == []
    assert one(connector.apply([new(1)])).error is None


def test_a_table_of_the_team_s_own_is_given_little(base: NotionHarness) -> None:
    for name in ("id", "note", "meeting"):
        base.fake.drop_column(LABEL[name])
    column = base.fake.column(LABEL["status"])
    column.options = [{**column.options[0], "color": "red"}]
    kept = dict(column.options[0])
    base.fake.add({LABEL["description"]: "人加的", LABEL["status"]: "进行中"})
    before = len(base.fake.columns)
    told = notion(base, named=frozenset({"note"})).prepare()
    assert len(base.fake.columns) == before + 2
    assert "meeting" not in notion(base).describe().fields
    assert len(told) == 3
    assert base.fake.column(LABEL["status"]).options[0] == kept


def test_options_of_a_status_may_have_to_be_made_by_hand(tmp_path: Path) -> None:
    base = NotionHarness(tmp_path, types={"status": "status"}, options_closed=True)
    column = base.fake.column(LABEL["status"])
    column.options = column.options[:1]
    assert notion(base).prepare() == []
    assert notion(base).describe().fields["status"].options == ("进行中",)
    base.fake.options_closed = False
    assert notion(base).prepare()
    assert len(base.fake.column(LABEL["status"]).options) == 4


def test_without_the_right_to_change_the_table(tmp_path: Path) -> None:
    base = bare_harness(tmp_path)
    base.fake.rights.discard("update")
    with pytest.raises(AuthError) as caught:
        notion(base).prepare()
    assert "capabilities" in caught.value.hint


# --- other traps


def test_every_request_names_the_version_and_only_known_members(base: NotionHarness) -> None:
    """The fake refuses unknown members, a missing version and a wrong token, as the service does."""
    made(base, new(1))
    sdk = Sdk(auth=SECRET, base_url=base.fake.base_url, retry=False)
    with pytest.raises(APIResponseError, match="not present"):
        sdk.request(f"data_sources/{base.fake.source_id}/query", "POST", body={"is_archived": True})
    sdk.close()


def test_the_official_client_works_against_the_fake(base: NotionHarness) -> None:
    made(base, *(new(n) for n in range(110)))
    sdk = Sdk(auth=SECRET, base_url=base.fake.base_url, retry=False)
    query: Any = sdk.data_sources.query
    rows = collect_paginated_api(query, data_source_id=base.fake.source_id)
    assert len(rows) == 110
    page: Any = sdk.pages.retrieve(rows[0]["id"])
    assert page["properties"][LABEL["id"]]["type"] == "rich_text"
    database: Any = sdk.databases.retrieve(base.fake.database_id)
    assert database["data_sources"][0]["id"] == base.fake.source_id
    sdk.close()


def test_the_sdk_says_nothing_in_the_log(
    base: NotionHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """A refusal of the service quotes what was written: minutes do not belong in a log."""
    caplog.set_level(logging.DEBUG)
    body = {"code": "validation_error", "message": "机密: 任务 1"}
    with base.fake.fault("POST /pages", status=400, body=body, times=9):
        outcome = one(notion(base).apply([new(1)]))
    assert isinstance(outcome.error, PermanentError)
    assert "机密" not in caplog.text
    assert SECRET not in caplog.text


def test_a_row_that_goes_to_the_trash_while_we_write(base: NotionHarness) -> None:
    """The service refuses a change of what is in the trash as if a value were wrong."""
    [record] = made(base, new(1))

    def act(call: str) -> None:
        if call.startswith("PATCH"):
            base.fake.before = None
            base.fake.trash(record.row_id)

    base.fake.before = act
    outcome = one(notion(base).apply([change(record, note="改")]))
    assert isinstance(outcome.error, ConflictError)
    assert base.fake.rows() == []


def test_the_columns_are_looked_at_once_a_pass(base: NotionHarness) -> None:
    connector = notion(base)
    sent = requests(base, lambda: (connector.pull(None), connector.describe()))
    assert sent == ["GET data_sources", "GET users", "POST data_sources"]
    base.fake.add_option(LABEL["status"], "暂停")
    assert "暂停" in (connector.describe().fields["status"].options or ())


@pytest.mark.parametrize(
    ("field", "cell"),
    [
        ("owner", ("张三",)),
        ("owner", tuple(User(str(n)) for n in range(101))),
        ("due", "下周"),
        ("support", ("技术部", "没有")),
        ("department", ("技术部", "客服部")),
        ("nonsense", "x"),
    ],
)
def test_what_a_column_does_not_take_is_never_sent(
    base: NotionHarness, field: str, cell: Cell
) -> None:
    cells = {field: cell}
    outcome = one(notion(base).apply([new(1, **cells)]))
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == field
    assert outcome.record is not None
    assert len(base.fake.writes()) == 1


def test_one_bad_row_stops_no_other(base: NotionHarness) -> None:
    """Failure 72."""
    body = {"code": "validation_error", "message": "no"}
    with base.fake.fault("POST /pages", status=400, body=body, times=3):
        outcomes = notion(base).apply([new(1), new(2), new(3)])
    assert isinstance(outcomes[0].error, PermanentError)
    assert [o.error for o in outcomes[1:]] == [None, None]


def test_what_is_kept_may_be_lost_or_damaged(base: NotionHarness) -> None:
    """Failure 75: names and the ids in the rows will do."""
    [record] = made(base, new(1))
    file = Path(base.setup.state) / "notion.json"
    assert SECRET not in file.read_text(encoding="utf-8")
    for text in ("{", "[]", '{"place": 1}', ""):
        file.write_text(text, encoding="utf-8")
        [seen] = notion(base).pull(None).records
        assert seen.version == record.version
    file.unlink()
    assert len(notion(base).find([item_id(1)])) == 1


def test_looking_keeps_nothing_on_the_disk(base: NotionHarness) -> None:
    """Failure 78."""
    connector = notion(base)
    connector.describe()
    connector.pull(None)
    connector.find([item_id(1)])
    assert not Path(base.setup.state).exists()


# --- the page of the documentation


def test_the_page_names_only_tests_that_are_there() -> None:
    """Parts A, B, D, G and H of the list of failures, as far as a connector can meet them."""
    page = (Path(__file__).parents[2] / "docs" / "notion.md").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| (\d+) \| .+? \| (`.+`) \|$", page)
    numbers = [int(number) for number, _ in rows]
    assert numbers == sorted(set(numbers))
    assert {1, 2, 3, 10, 15, 19, 36, 38, 53, 64, 65, 67, 68, 70, 72, 78} <= set(numbers)
    for number, shown in rows:
        for name in re.findall(r"`([^`]+)`", shown):
            file, _, test = name.partition("::")
            assert test in functions_in(file), f"failure {number}: there is no {name}"
