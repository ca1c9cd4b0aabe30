"""The connector to Feishu and Lark over the fake service: errors, faults, traps, budgets."""

import json
import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from contract.feishu_harness import FeishuHarness
from contract.shared import COLUMN_NAMES, SECRET
from contract.writes import DAY, change, item_id, new
from fakes.feishu import APP, TABLE

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
from connectors.feishu import Feishu, client
from connectors.feishu.faults import Answer, to_error
from mapping.cells import Cell, User
from mapping.values import Person

ROOT = Path(__file__).parents[2]


@pytest.fixture
def base(tmp_path: Path) -> FeishuHarness:
    return FeishuHarness(tmp_path)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "TIMEOUT_S", (1.0, 0.15))


def feishu(harness: FeishuHarness, **changes: Any) -> Feishu:
    return Feishu(replace(harness.setup, **changes) if changes else harness.setup)


def made(harness: FeishuHarness, *writes: Write) -> list[Record]:
    outcomes = feishu(harness).apply(writes)
    harness.settle()
    records = [o.record for o in outcomes if o.record is not None]
    assert len(records) == len(writes)
    return records


def since(harness: FeishuHarness, work: Callable[[], Any], match: str = "") -> int:
    """Return how many calls a piece of work takes."""
    before = harness.fake.count(match)
    work()
    return harness.fake.count(match) - before


# --- what a code means


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (429, 99991400, TransientError),
        (400, 99991400, TransientError),
        (200, 1254290, TransientError),
        (200, 1254291, TransientError),
        (400, 1254036, TransientError),
        (200, 99991403, TransientError),
        (400, 99991401, AuthError),
        (400, 99991672, AuthError),
        (400, 99991662, AuthError),
        (200, 10003, AuthError),
        (200, 10014, AuthError),
        (200, 10015, AuthError),
        (400, 99991663, AuthError),
        (403, 91403, AuthError),
        (200, 91403, AuthError),
        (403, 1254302, AuthError),
        (403, 1254304, AuthError),
        (400, 131006, AuthError),
        (200, 91402, SchemaError),
        (400, 131005, SchemaError),
        (404, 1254040, SchemaError),
        (200, 1254041, SchemaError),
        (200, 1254004, SchemaError),
        (404, 99991201, SchemaError),
        (200, 1254045, SchemaError),
        (200, 1254024, SchemaError),
        (200, 1254015, PermanentError),
        (400, 1254015, PermanentError),
        (200, 1254066, PermanentError),
        (200, 1254130, PermanentError),
        (200, 1254103, PermanentError),
        (403, 1254306, PermanentError),
        (200, 1254043, PermanentError),
        (400, 99992402, PermanentError),
        (200, 7654321, PermanentError),
        (401, -1, AuthError),
        (403, -1, AuthError),
        (407, -1, AuthError),
        (404, -1, SchemaError),
        (302, -1, SchemaError),
        (408, -1, TransientError),
        (429, -1, TransientError),
    ],
)
@pytest.mark.parametrize("write", [False, True])
def test_what_an_answer_means(
    status: int, code: int, error: type[ConnectorError], *, write: bool
) -> None:
    answer = Answer(status=status, body={"code": code, "msg": "m"}, write=write)
    found = to_error(answer, "board")
    assert type(found) is error
    assert "board" in found.message
    assert found.hint or not isinstance(found, AuthError | SchemaError)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        *((200, c) for c in (1254002, 1254607, 1254608, 1255001, 1255002, 1255006, 1500, 2200)),
        *((504, 1255040), (500, 1255040), (500, -1), (502, -1), (200, -1)),
    ],
)
def test_a_write_that_may_have_had_its_effect_is_not_known(status: int, code: int) -> None:
    body = {"code": code, "msg": "m"}
    read = to_error(Answer(status=status, body=body), "board")
    assert type(read) is TransientError
    write = to_error(Answer(status=status, body=body, write=True), "board")
    assert type(write) is UnknownOutcomeError


@pytest.mark.parametrize(
    ("msg", "violations"),
    [
        ("Access denied", [{"scope": "wiki:node:read", "url": "https://x"}]),
        ("Access denied", [{"type": "action_scope_required", "subject": "wiki:node:read"}]),
        ("One of the following scopes is required: [wiki:node:read, wiki:wiki]", None),
    ],
)
def test_a_missing_permission_is_named(msg: str, violations: object) -> None:
    told = {"permission_violations": violations}
    answer = Answer(status=400, body={"code": 99991672, "msg": msg, "error": told})
    hint = to_error(answer, "board").hint
    assert "add wiki:node:read " in hint
    assert "bitable:app" not in hint


def test_a_missing_permission_that_is_not_named_is_not_guessed() -> None:
    error = to_error(Answer(status=400, body={"code": 99991672, "msg": "Denied for x"}), "board")
    assert "Denied for x" in error.message
    assert "what the message asks for" in error.hint
    assert "bitable" not in str(error)


def test_a_violation_is_told_with_its_field() -> None:
    told = {"field_violations": [{"field": "page_size", "value": "9", "description": "max 500"}]}
    answer = Answer(status=400, body={"code": 99992402, "msg": "bad", "error": told})
    assert "page_size: max 500" in to_error(answer, "board").message


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (datetime(2024, 5, 20, 8, tzinfo=UTC), "2024-06-01"),
        (datetime(2024, 12, 31, 15, 59, tzinfo=UTC), "2025-01-01"),
        (datetime(2024, 12, 31, 16, 0, tzinfo=UTC), "2025-02-01"),
    ],
)
def test_a_spent_quota_is_told_with_the_day_it_begins_anew(now: datetime, until: str) -> None:
    error = to_error(Answer(status=200, body={"code": 99991403}, at=now), "board")
    assert isinstance(error, TransientError)
    assert until in error.message
    assert error.retry_after_s is not None
    assert error.retry_after_s > 0


def test_a_spent_quota_is_asked_once_and_not_again(base: FeishuHarness) -> None:
    base.fake.fail("search", body={"code": 99991403, "msg": "quota"}, times=99)
    connector = feishu(base)
    connector.describe()
    with pytest.raises(TransientError):
        connector.pull(None)
    assert base.fake.count("search") == 1


# --- signing in


def test_a_token_is_renewed_before_it_ends_and_kept_until_then(base: FeishuHarness) -> None:
    connector = feishu(base)
    connector.pull(None)
    base.clock.advance(6000)
    assert since(base, lambda: connector.pull(None), "auth") == 0
    base.clock.advance(601)
    assert since(base, lambda: connector.pull(None), "auth") == 1


def test_a_token_that_is_refused_is_fetched_once_more(base: FeishuHarness) -> None:
    """Failure 74."""
    connector = feishu(base)
    connector.pull(None)
    base.fake.token = "t-revoked"
    base.fake.token_until = base.clock.monotonic() + 7200
    assert since(base, lambda: connector.pull(None), "auth") == 1


def test_a_token_that_is_refused_again_is_an_error(base: FeishuHarness) -> None:
    base.fake.fail("apps", status=400, body={"code": 99991663, "msg": "no"}, times=99)
    with pytest.raises(AuthError, match="app_id"):
        feishu(base).pull(None)
    assert base.fake.count("auth") == 2


def test_no_secret_is_told_anywhere(
    base: FeishuHarness, caplog: pytest.LogCaptureFixture, quick: None
) -> None:
    caplog.set_level(logging.DEBUG)
    told = []
    for kind in ("reset", "hang", "garbage"):
        base.fake.faults.clear()
        base.fake.fail("auth", kind, times=99)
        connector = feishu(base)
        with pytest.raises(TransientError) as caught:
            connector.pull(None)
        told.append(f"{caught.value!r} {caught.value} {caught.value.__cause__!r} {connector!r}")
    base.fake.faults.clear()
    connector = feishu(base)
    connector.pull(None)
    whole = " ".join([*told, repr(connector), repr(vars(connector)), caplog.text])
    assert SECRET not in whole
    assert base.fake.token not in caplog.text


def test_a_password_of_netrc_does_not_take_the_token_s_place(
    base: FeishuHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password something", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert feishu(base).pull(None).complete


def test_nobody_there_is_told_as_such(base: FeishuHarness) -> None:
    options = {**base.setup.options, "base_url": "http://127.0.0.1:9"}
    connector = feishu(base, options=options)
    with pytest.raises(TransientError, match="cannot be reached"):
        connector.pull(None)
    with pytest.raises(TransientError) as caught:
        connector.apply([new(1)])
    assert not isinstance(caught.value, UnknownOutcomeError)  # nothing was sent


# --- exactly one row (failures 1, 2, 4)

FAULTS: Mapping[str, Mapping[str, Any]] = {
    "reset before": {"kind": "reset"},
    "reset after": {"kind": "reset", "after": True},
    "timeout before": {"kind": "hang"},
    "timeout after": {"kind": "hang", "after": True},
    "502 before": {"status": 502},
    "502 after": {"status": 502, "after": True},
    "504 after, with a code": {"status": 504, "after": True, "body": {"code": 1255040}},
    "broken JSON before": {"kind": "garbage"},
    "broken JSON after": {"kind": "garbage", "after": True},
    "429": {"status": 429, "body": {"code": 99991400}, "headers": {"x-ogw-ratelimit-reset": "2"}},
    "400 for 429": {"status": 400, "body": {"code": 99991400}},
    "lock not had": {"body": {"code": 1254291}},
    "not ready, carried out": {"body": {"code": 1254607}, "after": True},
    "sent again": {"body": {"code": 1254608}, "after": True},
}
CALLS = (
    *("auth", "GET", "fields", "batch_get_id", "search"),
    *("batch_get", "batch_create", "batch_update", "batch_delete"),
)


def a_day_s_work(harness: FeishuHarness) -> Feishu:
    """Read, make three rows, change two, take one out, look for all."""
    connector = feishu(harness)
    connector.pull(None)
    connector.describe()
    outcomes = connector.apply([new(n) for n in range(3)])
    records = [o.record for o in outcomes]
    assert all(record is not None for record in records)
    one, two, three = (r for r in records if r is not None)
    harness.settle()
    out = Write(id="", cells={}, row_id=three.row_id, if_version=three.version, remove=True)
    again = connector.apply([change(one, note="改"), change(two, due=None), out])
    assert [o.error for o in again] == [None] * 3
    harness.settle()
    found = {r.id: r for r in connector.find([item_id(n) for n in range(3)])}
    assert found[item_id(0)].cells["note"] == "改"
    assert found[item_id(1)].cells["due"] is None
    return connector


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_is_healed_and_makes_no_second_row(
    base: FeishuHarness, quick: None, call: str, fault: str
) -> None:
    base.fake.fail(call, **FAULTS[fault])
    connector = a_day_s_work(base)
    assert not base.fake.faults  # it struck
    assert sorted(str(base.hand.read(r, "id")) for r in base.hand.rows()) == sorted(
        [item_id(0), item_id(1)]
    )
    assert len(connector.pull(None).records) == 2


@pytest.mark.parametrize("fault", [f for f in FAULTS if FAULTS[f].get("after")])
def test_when_all_answers_are_lost_the_row_is_found_by_its_id(
    base: FeishuHarness, quick: None, fault: str
) -> None:
    base.fake.fail("batch_create", **{**FAULTS[fault], "times": 99})
    connector = feishu(base)
    with pytest.raises(UnknownOutcomeError):
        connector.apply([new(1), new(2)])
    base.fake.faults.clear()
    base.settle()
    assert len(base.hand.rows()) == 2
    assert {r.id for r in feishu(base).find([item_id(1), item_id(2)])} == {item_id(1), item_id(2)}


def test_the_journal_s_token_makes_a_repeated_create_the_same(base: FeishuHarness) -> None:
    first = feishu(base).apply([new(1), new(2)])
    again = feishu(base).apply([new(1), new(2)])
    assert [o.record and o.record.row_id for o in first] == [
        o.record and o.record.row_id for o in again
    ]
    assert len(base.hand.rows()) == 2


def test_what_was_done_is_told_though_the_rest_failed(base: FeishuHarness) -> None:
    [row] = made(base, new(1))
    base.fake.fail("batch_update", body={"code": 1254291}, times=99)
    outcomes = feishu(base).apply([new(2), change(row, note="改")])
    assert outcomes[0].record is not None
    assert outcomes[1].record is None
    assert isinstance(outcomes[1].error, TransientError)


def test_an_edit_between_a_lost_answer_and_the_next_try_is_kept(
    base: FeishuHarness, quick: None
) -> None:
    [row] = made(base, new(1))
    base.fake.fail("batch_update", "reset")
    pause = base.clock.sleep

    def sleep(seconds: float) -> None:
        if base.fake.count("batch_update") == 1:
            base.hand.edit(row.row_id, note="人写的")
        pause(seconds)

    base.clock.sleep = sleep  # type: ignore[method-assign]
    [outcome] = feishu(base).apply([change(row, note="我们写的")])
    assert isinstance(outcome.error, ConflictError)
    assert base.hand.read(row.row_id, "note") == "人写的"


# --- what it costs


@pytest.mark.parametrize("count", [0, 3, 150, 450])
def test_an_idle_pass_is_one_request_and_tells_nothing(base: FeishuHarness, count: int) -> None:
    if count:
        made(base, *(new(n) for n in range(count)))
    connector = feishu(base)
    cursor = connector.pull(None).cursor
    for minute in range(20):
        base.clock.advance(60)
        before = len(base.fake.calls)
        changes = connector.pull(None if minute == 15 else cursor)  # a whole look now and then
        if minute != 15:
            assert len(base.fake.calls) - before == changes.calls == 1
            assert not changes.records
        cursor = changes.cursor


def test_an_idle_pass_over_a_large_table_is_one_request(base: FeishuHarness) -> None:
    for start in range(0, 1200, 400):
        made(base, *(new(n) for n in range(start, start + 400)))
    connector = feishu(base)
    cursor = connector.pull(None).cursor
    for minute in range(10):
        base.clock.advance(60)
        before = len(base.fake.calls)
        cursor = connector.pull(cursor).cursor
        cost = len(base.fake.calls) - before
        assert cost == 1 if minute >= 6 else cost <= 3
    base.hand.edit(base.hand.rows()[0], note="改")
    assert [r.cells["note"] for r in connector.pull(cursor).records] == ["改"]
    assert [r.cells["note"] for r in feishu(base).pull(cursor).records] == ["改"]  # restarted


def test_rows_that_were_told_are_told_again_if_the_cursor_was_not_kept(
    base: FeishuHarness,
) -> None:
    [row] = made(base, new(1))
    connector = feishu(base)
    cursor = connector.pull(None).cursor
    base.hand.edit(row.row_id, note="改")
    assert len(connector.pull(cursor).records) == 1
    assert len(connector.pull(cursor).records) == 1  # whoever asked did not get that far
    assert len(feishu(base).pull(cursor).records) == 1


def test_creating_500_items_is_one_write_and_1200_are_three(base: FeishuHarness) -> None:
    connector = feishu(base)
    size = connector.describe().max_batch
    assert size == 500
    for count, calls_ in ((500, 1), (1200, 3)):
        writes = [new(1000 * count + n) for n in range(count)]

        def send(writes: Sequence[Write] = writes) -> None:
            for start in range(0, len(writes), size):
                assert all(o.error is None for o in connector.apply(writes[start : start + size]))

        assert since(base, send, "batch_create") == calls_
    assert base.fake.count("batch_update") == 0


def test_changing_rows_is_one_write(base: FeishuHarness) -> None:
    rows = made(base, *(new(n) for n in range(250)))
    connector = feishu(base)
    connector.describe()
    work = [change(row, note="改") for row in rows]
    before = len(base.fake.calls)
    assert all(o.error is None for o in connector.apply(work))
    paths = [path.rsplit("/", 1)[-1] for _, path, _ in base.fake.calls[before:]]
    assert paths == ["batch_get"] * 3 + ["batch_update"]


def test_writes_to_one_table_keep_their_distance(base: FeishuHarness) -> None:
    """Failure 71."""
    for n in range(4):
        feishu(base).apply([new(n)])
    at = [row.created for row in base.fake.rows.values()]
    assert all(late - early >= 1000 * client.WRITES_S for early, late in pairwise(at))


def test_one_writes_to_a_table_at_a_time(
    base: FeishuHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failure 71: the service refuses who comes while another writes; here nobody does."""
    put = base.fake.put

    def slow(*args: Any) -> str:
        time.sleep(0.02)
        return put(*args)

    monkeypatch.setattr(base.fake, "put", slow)
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda n: feishu(base, name=f"t{n}").apply([new(n)]), range(8)))
    assert all(outcome.error is None for [outcome] in told)
    assert base.fake.count("batch_create") == 8  # none was sent twice


def test_a_wait_that_is_asked_for_is_kept_by_all_trackers_of_the_app(base: FeishuHarness) -> None:
    """Failure 70."""
    one, two = feishu(base), feishu(base, name="other")
    one.pull(None)
    two.pull(None)
    headers = {"x-ogw-ratelimit-reset": "17"}
    base.fake.fail("search", status=429, body={"code": 99991400}, headers=headers)
    one.pull(None)
    assert 17 in base.clock.slept


@pytest.mark.parametrize("told", ["-5", "nan", "soon", "1e99"])
def test_a_wait_that_makes_no_sense_is_our_own(base: FeishuHarness, told: str) -> None:
    headers = {"x-ogw-ratelimit-reset": told}
    base.fake.fail("search", status=429, body={"code": 99991400}, headers=headers)
    feishu(base).pull(None)
    assert all(0 <= s <= calls.LONGEST_WAIT_S for s in base.clock.slept)


# --- rows


def test_a_table_without_a_column_of_changes_is_read_whole(tmp_path: Path) -> None:
    harness = FeishuHarness(tmp_path, changes=False)
    made(harness, new(1), new(2))
    connector = feishu(harness)
    first = connector.pull(None)
    again = connector.pull(first.cursor)
    assert again.complete
    assert len(again.records) == 2
    assert any("最后更新时间" in note for note in connector.describe().notes)


def test_a_column_of_changes_that_watches_some_columns_only_is_not_trusted(
    base: FeishuHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    [row] = made(base, new(1))
    base.clock.advance(3600)
    monkeypatch.setattr(
        base.fake,
        "_value",
        lambda column, row, changed, cells: (
            row.created if column["type"] == 1002 else cells.get(column["field_id"])
        ),
    )
    base.hand.edit(row.row_id, note="改")
    connector = feishu(base)
    cursor = connector.pull(None).cursor
    base.clock.advance(3600)
    base.hand.edit(row.row_id, note="再改")
    changes = connector.pull(cursor)
    assert changes.complete
    assert [r.cells["note"] for r in changes.records] == ["再改"]


def test_a_cursor_of_another_time_or_program_begins_anew(base: FeishuHarness) -> None:
    made(base, new(1))
    for cursor in ("", "nonsense", "[1]", "{}", '["fldGone", 9, 9, 9, ""]', "2024-05-20T08:00"):
        changes = feishu(base).pull(cursor)
        assert changes.complete
        assert len(changes.records) == 1


def test_a_bad_page_token_begins_the_look_again(base: FeishuHarness) -> None:
    """Failure 43."""
    made(base, *(new(n) for n in range(500)))
    made(base, *(new(n) for n in range(500, 620)))
    base.fake.fail("search", body={"code": 1254030, "msg": "bad page token"}, skip=1)
    changes = feishu(base).pull(None)
    assert changes.complete
    assert len(changes.records) == 620


def test_a_look_during_which_rows_went_is_not_complete(base: FeishuHarness) -> None:
    """Failure 20."""
    rows = made(base, *(new(n) for n in range(500)))
    made(base, *(new(n) for n in range(500, 600)))
    page = base.fake._page
    went = iter(rows)

    def deleting(*args: Any) -> Any:
        told = page(*args)
        if args[2:] == (20, 500):
            base.hand.delete(next(went).row_id)
        return told

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(base.fake, "_page", deleting)
        changes = feishu(base).pull(None)
    assert not changes.complete
    assert feishu(base).pull(None).complete


def test_no_view_is_ever_named(base: FeishuHarness) -> None:
    """Failure 39."""
    a_day_s_work(base).pull(None)
    asked = [body for _, path, body in base.fake.calls if path.endswith("search")]
    assert asked
    assert not any("view_id" in body for body in asked)
    assert all(body["field_names"] for body in asked)  # so that a renamed column is noticed


def test_find_asks_for_few_by_a_filter_and_for_many_by_reading_all(base: FeishuHarness) -> None:
    for start in range(0, 900, 300):
        made(base, *(new(n) for n in range(start, start + 300)))
    connector = feishu(base)
    connector.describe()
    few, many = [item_id(n) for n in range(60)], [item_id(n) for n in range(700)]
    assert since(base, lambda: connector.find(few), "search") == 3
    assert since(base, lambda: connector.find(many), "search") == 2
    assert {r.id for r in connector.find(many)} == set(many)


def test_what_the_service_says_of_a_row_is_told_however_young_it_is(base: FeishuHarness) -> None:
    """Failure 3: what to make of a row that lags the hub decides, by the time of a pass."""
    connector = feishu(base)
    connector.pull(None)
    base.fake.lag_s = 60.0
    connector.apply([new(1)])
    base.clock.advance(10)
    assert connector.find([item_id(1)]) == feishu(base).find([item_id(1)]) == []
    base.clock.advance(60)
    [found] = connector.find([item_id(1)])
    assert found.state is RowState.LIVE


def test_a_copy_that_lags_does_not_take_our_write_back(base: FeishuHarness) -> None:
    [row] = made(base, new(1))
    connector = feishu(base)
    cursor = connector.pull(None).cursor
    base.clock.advance(100)
    base.fake.lag_s = 60.0
    connector.apply([change(row, note="改")])
    base.clock.advance(10)
    for changes in (connector.pull(None), connector.pull(cursor)):
        assert all(r.cells["note"] == "改" for r in changes.records)
    [found] = connector.find([item_id(1)])
    assert found.cells["note"] == "改"
    base.hand.edit(row.row_id, note="人写的")
    base.clock.advance(61)
    assert [r.cells["note"] for r in connector.pull(None).records] == ["人写的"]


def test_a_deleted_row_is_told_from_a_hidden_one(base: FeishuHarness) -> None:
    """Failure 38."""
    one, two = made(base, new(1), new(2))
    base.clock.advance(300)
    base.hand.delete(one.row_id)
    base.fake.hidden_rows.add(two.row_id)
    found = feishu(base).find([item_id(1), item_id(2), item_id(3)])
    assert [(r.id, r.state) for r in found] == [(item_id(2), RowState.HIDDEN)]


def test_a_row_that_is_there_and_lost_its_id_is_told(base: FeishuHarness) -> None:
    """Failure 38: a look may have missed it, and nobody deleted it."""
    [row] = made(base, new(1))
    base.hand.edit(row.row_id, id=None)
    base.clock.advance(300)
    [found] = feishu(base).find([item_id(1)])
    assert (found.row_id, found.state) == (row.row_id, RowState.LIVE)
    base.hand.edit(row.row_id, id=item_id(7))
    base.clock.advance(300)
    assert feishu(base).find([item_id(1)]) == []


def test_a_hidden_row_is_told_beside_its_copy(base: FeishuHarness) -> None:
    """Failures 10 and 38, in another process too."""
    [record] = made(base, new(1))
    base.clock.advance(300)
    copy = base.hand.copy(record.row_id)
    base.fake.hidden_rows.add(record.row_id)
    connector = feishu(base)
    connector.pull(None)
    found = {r.row_id: r.state for r in connector.find([item_id(1)])}
    assert found == {copy: RowState.LIVE, record.row_id: RowState.HIDDEN}
    base.hand.delete(record.row_id)
    base.fake.hidden_rows.clear()
    assert [r.row_id for r in feishu(base).find([item_id(1)])] == [copy]


def test_without_its_own_file_a_row_that_may_be_hidden_is_not_deleted(base: FeishuHarness) -> None:
    made(base, new(1))
    base.clock.advance(300)
    base.hand.delete(base.hand.rows()[0])
    (Path(base.setup.state) / "feishu.json").unlink()
    assert feishu(base).find([item_id(1)]) == []  # nothing can be hidden in this base
    base.fake.advanced = True
    [found] = feishu(base).find([item_id(1)])
    assert found.state is RowState.ABSENT


def test_success_with_an_empty_list_is_no_deletion(base: FeishuHarness) -> None:
    """Failures 36 and 37: rights were taken away, and the service says that all is well."""
    made(base, new(1), new(2))
    base.clock.advance(300)
    base.fake.advanced, base.fake.manager = True, False
    for connector in (feishu(base), feishu(base)):
        with pytest.raises(AuthError, match="can manage"):
            connector.pull(None)
    assert all(r.state is RowState.HIDDEN for r in feishu(base).find([item_id(1), item_id(2)]))


def test_an_empty_look_with_advanced_permissions_is_not_complete(base: FeishuHarness) -> None:
    base.fake.advanced = True
    assert not feishu(base).pull(None).complete
    assert any("可管理" in note for note in feishu(base).describe().notes)
    made(base, new(1))
    assert feishu(base).pull(None).complete


def test_a_search_that_shows_nothing_while_rows_are_there_is_not_complete(
    base: FeishuHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(base, new(1))
    base.clock.advance(300)
    empty = {"total": 0, "has_more": False, "items": []}
    monkeypatch.setattr(base.fake, "_search", lambda *args: empty)
    assert not feishu(base).pull(None).complete


def test_a_table_that_people_emptied_is_a_complete_answer(base: FeishuHarness) -> None:
    [row] = made(base, new(1))
    base.clock.advance(300)
    base.hand.delete(row.row_id)
    assert feishu(base).pull(None).complete


def test_a_row_that_was_taken_back_is_seen_again(base: FeishuHarness) -> None:
    """Failure 48."""
    [row] = made(base, new(1))
    base.clock.advance(300)
    base.hand.delete(row.row_id)
    connector = feishu(base)
    cursor = connector.pull(None).cursor
    assert connector.find([item_id(1)]) == []
    base.hand.restore(row.row_id)
    assert [r.id for r in connector.pull(cursor).records] == [item_id(1)]


# --- cells


def test_read_shape_is_not_write_shape(base: FeishuHarness) -> None:
    """A text comes back in pieces, a person with a name, an empty cell not at all."""
    users = feishu(base).describe().fields["owner"].users
    [answer] = made(base, new(1, owner=(users["张三"],), support=("技术部", "客服部")))
    [pulled] = feishu(base).pull(None).records
    assert pulled.cells == answer.cells
    assert pulled.version == answer.version
    assert pulled.cells["completed"] is None
    assert pulled.created
    assert pulled.editor == "Minuteloop"


def test_a_text_with_a_mention_is_left_alone_while_its_words_stay(base: FeishuHarness) -> None:
    [row] = made(base, new(1))
    pieces = [
        {"type": "mention", "mentionType": "User", "token": "ou_li", "text": "@李四"},
        {"type": "text", "text": " 请看"},
    ]
    field_id = base.hand.ids["note"]
    base.fake.put(row.row_id, {field_id: pieces})
    [seen] = feishu(base).pull(None).records
    assert seen.cells["note"] == "@李四 请看"
    feishu(base).apply([change(seen, note="@李四 请看", deliverable="报告")])
    assert (base.fake.rows[row.row_id].now or {})[field_id] == pieces
    assert base.hand.read(row.row_id, "deliverable") == "报告"


def test_a_day_with_a_time_is_left_alone_while_the_day_stays(base: FeishuHarness) -> None:
    [row] = made(base, new(1))
    field_id, evening = base.hand.ids["due"], 1716811200000 + 9 * 3_600_000
    base.fake.put(row.row_id, {field_id: evening})
    [seen] = feishu(base).pull(None).records
    feishu(base).apply([change(seen, due=seen.cells["due"], note="改")])
    assert (base.fake.rows[row.row_id].now or {})[field_id] == evening


@pytest.mark.parametrize("zone", ["Asia/Beijing", "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"])
def test_days_are_those_of_the_base(tmp_path: Path, zone: str) -> None:
    """Failure 53."""
    harness = FeishuHarness(tmp_path, time_zone=zone)
    [row] = made(harness, new(1, due=DAY))
    assert harness.hand.read(row.row_id, "due") == DAY
    harness.hand.edit(row.row_id, completed=date(2024, 3, 31))
    [seen] = feishu(harness).pull(None).records
    assert (seen.cells["due"], seen.cells["completed"]) == (DAY, date(2024, 3, 31))


def test_a_zone_that_nobody_knows_stops_the_tracker(tmp_path: Path) -> None:
    harness = FeishuHarness(tmp_path, time_zone="Asia/Nowhere")
    with pytest.raises(SchemaError, match="time zone"):
        feishu(harness).pull(None)


def test_clearing_sends_null(base: FeishuHarness) -> None:
    users = feishu(base).describe().fields["owner"].users
    [row] = made(base, new(1, owner=(users["张三"],), support=("技术部",), note="备"))
    empty: dict[str, Cell] = {"owner": (), "support": (), "note": None, "due": None}
    made(base, change(row, **empty))
    [seen] = feishu(base).pull(None).records
    assert {n: seen.cells[n] for n in empty} == empty
    [sent] = [b for _, p, b in base.fake.calls if p.endswith("batch_update")]
    assert set(sent["records"][0]["fields"].values()) == {None}


def test_an_unknown_option_is_told_and_never_made(base: FeishuHarness) -> None:
    """Failure 64."""
    outcome = feishu(base).apply([new(1, status="飞起来", support=("技术部", "行政部"))])[0]
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "status"
    assert outcome.record is not None
    assert outcome.record.cells["description"] == "任务 1"
    for name in ("status", "support"):
        options = base.fake.column(COLUMN_NAMES[name])["property"]["options"]
        assert not {"飞起来", "行政部"} & {o["name"] for o in options}


def test_an_option_that_was_renamed_meanwhile_is_not_made_again(base: FeishuHarness) -> None:
    connector = feishu(base)
    connector.describe()
    base.fake.column("状态")["property"]["options"][0]["name"] = "处理中"
    base.clock.advance(120)
    [outcome] = connector.apply([new(1)])
    assert isinstance(outcome.error, PermanentError)
    names = [o["name"] for o in base.fake.column("状态")["property"]["options"]]
    assert "进行中" not in names


@pytest.mark.parametrize("code", [1254066, 99992361])
def test_a_person_of_another_app_is_told_and_the_rest_is_written(
    base: FeishuHarness, code: int
) -> None:
    """Failure 67."""
    foreign = User("ou_of_another_app")
    outcomes = feishu(base).apply([new(1), new(2, owner=(foreign,)), new(3)])
    assert [o.error is None for o in outcomes] == [True, False, True]
    error = outcomes[1].error
    assert isinstance(error, PermanentError)
    assert error.field == "owner"
    assert "e-mail" in error.hint
    assert all(o.record is not None for o in outcomes)
    assert len(base.hand.rows()) == 3
    assert base.hand.read(base.hand.rows(item_id(2))[0], "owner") == ()


def test_two_people_where_one_may_stand(base: FeishuHarness) -> None:
    both = tuple(feishu(base).describe().fields["owner"].users.values())
    [outcome] = feishu(base).apply([new(1, owner=both)])
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "owner"
    base.fake.column("负责人")["property"]["multiple"] = True
    [outcome] = feishu(base).apply([new(2, owner=both)])
    assert outcome.error is None


def test_one_bad_row_of_many_is_found_and_costs_few_calls(base: FeishuHarness) -> None:
    """Failure 72."""
    writes = [new(n) for n in range(100)]
    writes[37] = new(37, owner=(User("ou_nobody"),))
    connector = feishu(base)
    connector.describe()
    outcomes: list[Outcome] = []
    cost = since(base, lambda: outcomes.extend(connector.apply(writes)), "batch_create")
    assert [n for n, o in enumerate(outcomes) if o.error] == [37]
    assert len(base.hand.rows()) == 100
    assert cost <= 16


def test_many_rows_of_one_person_who_is_not_known_cost_few_calls(base: FeishuHarness) -> None:
    stranger = User("ou_nobody")
    connector = feishu(base)
    connector.describe()
    outcomes: list[Outcome] = []
    writes = [new(n, owner=(stranger,)) for n in range(200)]
    cost = since(base, lambda: outcomes.extend(connector.apply(writes)), "batch_create")
    assert all(isinstance(o.error, PermanentError) and o.record for o in outcomes)
    assert all(o.error.field == "owner" for o in outcomes if isinstance(o.error, PermanentError))
    assert len(base.hand.rows()) == 200
    assert cost <= 20


def test_a_full_table_is_asked_once(base: FeishuHarness) -> None:
    base.fake.fail("batch_create", body={"code": 1254103, "msg": "too many"}, times=99)
    outcomes = feishu(base).apply([new(n) for n in range(50)])
    assert base.fake.count("batch_create") == 1
    assert all(isinstance(o.error, PermanentError) for o in outcomes)
    assert all("full" in str(o.error) for o in outcomes)


def test_too_many_rows_for_one_call_are_split(base: FeishuHarness) -> None:
    base.fake.most = 200
    outcomes = feishu(base).apply([new(n) for n in range(500)])
    assert all(o.error is None for o in outcomes)
    assert len(base.hand.rows()) == 500


def test_a_table_that_is_slow_gets_smaller_calls(base: FeishuHarness) -> None:
    connector = feishu(base)
    base.fake.fail("batch_create", body={"code": 1254607}, times=4)
    with pytest.raises(UnknownOutcomeError):
        connector.apply([new(n) for n in range(400)])
    connector.apply([new(n) for n in range(400, 800)])
    sizes = [len(b["records"]) for _, p, b in base.fake.calls if p.endswith("batch_create")]
    assert max(sizes[4:]) == 250


def test_a_row_that_was_deleted_meanwhile_spoils_no_other(
    base: FeishuHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = made(base, new(1), new(2))
    send = base.fake._batch_update

    def deleting(*args: Any) -> Any:
        if base.fake.count("batch_update") == 1:
            base.hand.delete(one.row_id)
        return send(*args)

    monkeypatch.setattr(base.fake, "_batch_update", deleting)
    outcomes = feishu(base).apply([change(one, note="改"), change(two, note="改")])
    assert isinstance(outcomes[0].error, ConflictError)
    assert outcomes[1].error is None
    assert base.hand.read(two.row_id, "note") == "改"


def test_a_row_that_somebody_changed_is_not_taken_out(base: FeishuHarness) -> None:
    [row] = made(base, new(1))
    base.hand.edit(row.row_id, note="人写的")
    out = Write(id="", cells={}, row_id=row.row_id, if_version=row.version, remove=True)
    [outcome] = feishu(base).apply([out])
    assert isinstance(outcome.error, ConflictError)
    assert base.hand.rows() == [row.row_id]


def test_a_row_that_is_gone_already_is_taken_out_without_a_word(base: FeishuHarness) -> None:
    [row] = made(base, new(1))
    base.hand.delete(row.row_id)
    out = Write(id="", cells={}, row_id=row.row_id, if_version=row.version, remove=True)
    assert feishu(base).apply([out]) == [Outcome()]


def test_a_column_of_links_takes_words_with_an_address(base: FeishuHarness) -> None:
    base.fake.column("交付成果")["type"] = 15
    wanted = "规范 https://example.com/spec"
    [row] = made(base, new(1, deliverable=wanted))
    assert row.cells["deliverable"] == wanted
    [seen] = feishu(base).pull(None).records
    assert seen.cells == row.cells
    [outcome] = feishu(base).apply([change(seen, deliverable="一份报告")])
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "deliverable"


# --- columns


def test_a_renamed_column_is_still_used(base: FeishuHarness) -> None:
    """Failure 65: in this process, without a look at the columns first."""
    connector = feishu(base)
    [row] = made(base, new(1))
    cursor = connector.pull(None).cursor
    base.rename("note")
    base.hand.edit(row.row_id, note="改")
    assert [r.cells["note"] for r in connector.pull(cursor).records] == ["改"]
    base.rename("id")
    [found] = connector.find([item_id(1)])
    [outcome] = connector.apply([change(found, note="再改")])
    assert outcome.error is None
    base.rename("description")
    assert connector.apply([new(2)])[0].error is None
    assert any("备注 (旧)" in note for note in connector.describe().notes)


def test_a_renamed_column_is_still_used_after_a_restart(base: FeishuHarness) -> None:
    made(base, new(1, note="备"))
    base.rename("note")
    base.rename("due")
    connector = feishu(base)
    [seen] = connector.pull(None).records
    assert (seen.cells["note"], seen.cells["due"]) == ("备", DAY)
    (Path(base.setup.state) / "feishu.json").write_text("{damaged", encoding="utf-8")
    with pytest.raises(SchemaError, match="计划完成时间"):
        feishu(base).pull(None)


def test_a_renamed_column_is_still_used_where_nothing_was_ever_written(base: FeishuHarness) -> None:
    base.hand.add(description="人加的", note="备")
    connector = feishu(base)
    cursor = connector.pull(None).cursor
    base.rename("note")
    base.rename("due")
    base.hand.add(description="又一行", note="又备", due=DAY)
    seen = {r.cells["note"]: r.cells["due"] for r in connector.pull(cursor).records}
    assert seen["又备"] == DAY


def test_a_column_that_took_another_s_name_is_that_other_one(base: FeishuHarness) -> None:
    made(base, new(1, note="备", deliverable="报告"))
    base.fake.columns.remove(base.fake.column("交付成果"))
    base.fake.column("备注")["field_name"] = "交付成果"
    schema = feishu(base).describe()
    assert "note" not in schema.fields
    [seen] = feishu(base).pull(None).records
    assert seen.cells["deliverable"] == "备"


def test_a_new_column_of_the_wanted_name_takes_the_place_of_the_renamed_one(
    base: FeishuHarness,
) -> None:
    made(base, new(1, note="旧"))
    base.rename("note")
    base.fake.add_column({"field_name": "备注", "type": 1})
    [seen] = feishu(base).pull(None).records
    assert seen.cells["note"] is None


def test_a_service_that_passes_over_unknown_names_empties_nothing(base: FeishuHarness) -> None:
    [row] = made(base, new(1, note="备"))
    connector = feishu(base)
    cursor = connector.pull(None).cursor
    base.fake.lenient = True
    base.rename("note")
    base.clock.advance(120)
    base.hand.edit(row.row_id, deliverable="报告")
    [seen] = connector.pull(cursor).records
    assert seen.cells["note"] == "备"


def test_a_column_that_changed_its_type_meanwhile_is_looked_at_again(base: FeishuHarness) -> None:
    users = feishu(base).describe().fields["owner"].users
    [row] = made(base, new(1, owner=(users["张三"],)))
    connector = feishu(base)
    cursor = connector.pull(None).cursor
    base.fake.column("负责人")["type"] = 1
    base.hand.edit(row.row_id, owner="张三")
    [seen] = connector.pull(cursor).records
    assert seen.cells["owner"] == "张三"


def test_missing_columns_are_named_with_those_that_are_there(base: FeishuHarness) -> None:
    for name in ("owner", "due"):
        base.fake.columns.remove(base.fake.column(COLUMN_NAMES[name]))
    base.fake.add_column({"field_name": "截止日", "type": 5})
    with pytest.raises(SchemaError) as caught:
        feishu(base).describe()
    for word in ("负责人", "计划完成时间", "截止日", "check --prepare"):
        assert word in str(caught.value)


def test_a_column_that_nobody_asked_for_may_be_missing(base: FeishuHarness) -> None:
    base.fake.columns.remove(base.fake.column("交付标准"))
    base.fake.column("会议")["type"] = 7
    schema = feishu(base).describe()
    assert not {"acceptance", "meeting"} & set(schema.fields)
    assert sum("这一项不同步" in note for note in schema.notes) == 2
    with pytest.raises(SchemaError, match="交付标准"):
        feishu(base, named=frozenset({"acceptance"})).describe()
    with pytest.raises(SchemaError, match="会议"):
        feishu(base, named=frozenset({"meeting"})).describe()


def test_the_ids_need_a_column_of_text(base: FeishuHarness) -> None:
    base.fake.column("编号")["type"] = 1005
    with pytest.raises(SchemaError, match="编号") as caught:
        feishu(base).describe()
    assert caught.value.field == "id"


def test_a_formula_is_read_and_never_written(base: FeishuHarness) -> None:
    """Failure 22."""
    [row] = made(base, new(1))
    base.fake.column("备注")["type"] = 20
    base.fake.put(row.row_id, {base.hand.ids["note"]: {"type": 2, "value": [3]}})
    schema = feishu(base).describe()
    assert not schema.fields["note"].writable
    [seen] = feishu(base).pull(None).records
    assert seen.cells["note"] == "3"
    [outcome] = feishu(base).apply([change(seen, note="4", deliverable="报告")])
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "note"
    assert outcome.record is not None
    assert outcome.record.cells["deliverable"] == "报告"


def test_a_wrong_table_is_told_with_those_that_are_there(base: FeishuHarness) -> None:
    options = {**base.setup.options, "table_id": "tblOther"}
    with pytest.raises(SchemaError, match=TABLE) as caught:
        feishu(base, options=options).describe()
    assert "tblOther" in caught.value.message


def test_a_wiki_page_that_is_no_base(tmp_path: Path) -> None:
    harness = FeishuHarness(tmp_path, wiki=True)
    node = {"code": 0, "data": {"node": {"obj_type": "docx", "obj_token": "x"}}}
    harness.fake.fail("get_node", body=node)
    with pytest.raises(SchemaError, match="docx"):
        feishu(harness).describe()
    schema = feishu(harness).describe()
    assert schema.identity == f"{APP}/{TABLE}"


# --- people


def test_people_are_found_by_e_mail_or_by_their_account(base: FeishuHarness) -> None:
    people = (
        Person(name="张三", email="ZhangSan@example.com"),
        Person(name="李四", accounts={"feishu": "ou_li"}, email="nobody@example.com"),
        Person(name="王五", email="wangwu@example.com"),
        Person(name="赵六"),
        Person(name="钱七", accounts={"feishu": "7b1f2"}),
    )
    connector = feishu(base, people=people)
    schema = connector.describe()
    users = schema.fields["owner"].users
    assert {name: user.key for name, user in users.items()} == {"张三": "ou_zhang", "李四": "ou_li"}
    assert any("7b1f2" in note and "open_id" in note for note in schema.notes)
    base.hand.add(description="人加的", owner=(User("ou_zhang"),))
    [seen] = connector.pull(None).records
    assert [u.email for u in seen.cells["owner"]] == ["ZhangSan@example.com"]  # type: ignore[union-attr]


def test_many_people_are_looked_up_fifty_at_a_time(base: FeishuHarness) -> None:
    people = tuple(Person(name=f"P{n}", email=f"p{n}@example.com") for n in range(120))
    assert since(base, lambda: feishu(base, people=people).describe(), "batch_get_id") == 3


def test_without_the_right_to_contacts_the_rest_goes_on(base: FeishuHarness) -> None:
    base.fake.scopes.discard("contact:user.id:readonly")
    schema = feishu(base).describe()
    assert schema.fields["owner"].users == {}
    assert any("contact:user.id:readonly" in note for note in schema.notes)
    assert feishu(base).apply([new(1)])[0].error is None


def test_where_owners_are_words_nobody_is_looked_up(tmp_path: Path) -> None:
    harness = FeishuHarness(tmp_path, texts=True)
    assert since(harness, lambda: feishu(harness).describe(), "batch_get_id") == 0


# --- check --prepare


def bare(harness: FeishuHarness, *keep: str) -> None:
    harness.fake.columns = [c for c in harness.fake.columns if c["field_name"] in keep]


def test_prepare_makes_all_columns_of_a_table_in_which_nothing_stands(base: FeishuHarness) -> None:
    bare(base, "行动项描述")
    base.fake.put(None, {})  # a base that was made by the API has blank rows
    told = feishu(base).prepare()
    assert len(told) == len(COLUMN_NAMES)  # all but the first one, and the last changes
    schema = feishu(base).describe()
    assert set(schema.fields) == set(COLUMN_NAMES) - {"id"}
    assert schema.fields["status"].options == ("进行中", "已完成", "延期", "受阻")
    assert schema.fields["support"].options == ("技术部", "客服部", "市场部")
    assert feishu(base).prepare() == []
    assert feishu(base).apply([new(1)])[0].error is None


def test_prepare_leaves_a_table_of_theirs_its_columns(base: FeishuHarness) -> None:
    bare(base, "行动项描述", "负责人", "状态")
    base.fake.add_column({"field_name": "截止日", "type": 5})
    base.fake.put(None, {base.hand.ids["description"]: [{"text": "旧事", "type": "text"}]})
    connector = feishu(base, named=frozenset({"note"}))
    assert len(connector.prepare()) == 3
    with pytest.raises(SchemaError, match="计划完成时间"):
        connector.describe()
    names = [c["field_name"] for c in base.fake.columns]
    assert names == ["行动项描述", "负责人", "状态", "截止日", "备注", "编号", "最后更新时间"]


def test_prepare_adds_options_and_keeps_what_stands_in_the_cells(base: FeishuHarness) -> None:
    column = base.fake.column("状态")
    column["property"]["options"] = column["property"]["options"][:1]
    column["description"] = "请选择"
    before = json.dumps(column["property"]["options"][0])
    row = base.hand.add(description="旧事", status="进行中")
    base.fake.column("所属部门")["property"]["options"] = []
    told = feishu(base).prepare()
    assert len(told) == 2
    column = base.fake.column("状态")
    assert [o["name"] for o in column["property"]["options"]] == [
        "进行中",
        "已完成",
        "延期",
        "受阻",
    ]
    assert json.dumps(column["property"]["options"][0]) == before
    assert column["description"] == "请选择"
    assert base.hand.read(row, "status") == "进行中"


def test_prepare_without_the_right_to_it_says_so(base: FeishuHarness) -> None:
    bare(base, "行动项描述")
    base.fake.manager = False
    with pytest.raises(AuthError, match="can manage"):
        feishu(base).prepare()


def test_a_lost_answer_makes_no_second_column(base: FeishuHarness, quick: None) -> None:
    bare(base, *(set(COLUMN_NAMES.values()) - {"编号"}), "最后更新时间")
    base.fake.fail(
        "POST /bitable/v1/apps/" + APP + "/tables/" + TABLE + "/fields", "reset", after=True
    )
    feishu(base).prepare()
    names = [c["field_name"] for c in base.fake.columns]
    assert names.count("编号") == 1


# --- the own file


def test_reading_leaves_no_file_behind(base: FeishuHarness) -> None:
    """Failure 78."""
    base.hand.add(description="人加的")
    connector = feishu(base)
    connector.describe()
    connector.pull(None)
    connector.find([item_id(1)])
    assert not Path(base.setup.state).exists()


def test_a_file_that_cannot_be_written_stops_nothing(
    base: FeishuHarness, caplog: pytest.LogCaptureFixture
) -> None:
    Path(base.setup.state).write_text("in the way", encoding="utf-8")
    assert feishu(base).apply([new(1)])[0].error is None
    assert "not kept" in caplog.text


def test_what_was_kept_of_another_table_is_of_no_use(base: FeishuHarness) -> None:
    made(base, new(1))
    file = Path(base.setup.state) / "feishu.json"
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert set(kept["rows"]) == {item_id(1)}
    file.write_text(json.dumps({**kept, "table": "other/table"}), encoding="utf-8")
    base.rename("due")
    with pytest.raises(SchemaError):
        feishu(base).pull(None)


# --- what the page says


def test_the_page_s_table_of_failures_names_tests_that_are_there() -> None:
    page = (ROOT / "docs" / "feishu.md").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| (\d+) \| .+? \| (`.+`) \|$", page)
    numbers = [int(number) for number, _ in rows]
    assert numbers == sorted(set(numbers))
    for number, shown in rows:
        for one in re.findall(r"`([^`]+)`", shown):
            file, _, test = one.partition("::")
            source = (ROOT / file).read_text(encoding="utf-8")
            assert f"def {test}(" in source, f"failure {number}: there is no {one}"


# --- the fake is strict


def test_the_fake_filters_days_as_the_service_does(base: FeishuHarness) -> None:
    """Only by whole days of the base's zone: such a filter cannot tell what changed since."""
    evening = 1716811200000 + 13 * 3_600_000  # of the 28th in Shanghai; 2024-05-27T12:00Z is noon
    base.fake.put(None, {base.hand.ids["due"]: evening})
    connector = feishu(base)

    def hits(operator: str, moment: int) -> int:
        conditions = [
            {
                "field_name": "计划完成时间",
                "operator": operator,
                "value": ["ExactDate", str(moment)],
            }
        ]
        wanted = {"conjunction": "and", "conditions": conditions}
        pages = connector._table.search(connector._look(), filter=wanted)
        return sum(len(rows) for rows, _ in pages)

    assert (hits("is", evening - 3_600_000), hits("isGreater", evening - 3_600_000)) == (1, 0)
    assert hits("isGreater", evening - 86_400_000) == hits("isLess", evening + 86_400_000) == 1
