"""The connector to Airtable over the fake service: faults, traps, budgets, rights."""

import ast
import logging
import re
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from contract.airtable_harness import AirtableHarness
from contract.shared import COLUMN_NAMES, SECRET
from contract.writes import change, item_id
from pyairtable import Api
from pyairtable.formulas import match
from requests import HTTPError

from connectors.airtable import Airtable, client, writing
from connectors.base import Outcome, Record, Write
from connectors.errors import (
    AuthError,
    ConflictError,
    PermanentError,
    SchemaError,
    TransientError,
    UnknownOutcomeError,
)
from mapping.cells import Cell, Kind, User
from mapping.values import Person

ROOT = Path(__file__).parents[2]
DAY = date(2024, 5, 20)


@pytest.fixture
def base(tmp_path: Path) -> AirtableHarness:
    return AirtableHarness(tmp_path)


def new(n: int, **cells: Cell) -> Write:
    full: dict[str, Cell] = {"description": f"任务 {n}", "status": "进行中", **cells}
    return Write(id=item_id(n), cells=full, token=f"t{n}")


def create(base: AirtableHarness, *numbers: int, **cells: Cell) -> list[Record]:
    outcomes = Airtable(base.setup).apply([new(n, **cells) for n in numbers])
    base.settle()
    return [good(o) for o in outcomes]


def good(outcome: Outcome) -> Record:
    assert outcome.error is None
    assert outcome.record is not None
    return outcome.record


def writes(base: AirtableHarness) -> int:
    return base.fake.count("PATCH ") + base.fake.count("DELETE ")


# --- calls


@pytest.mark.parametrize("count", [0, 3])
def test_an_idle_pass_is_one_request(base: AirtableHarness, count: int) -> None:
    if count:
        create(base, *range(count))
    connector = Airtable(base.setup)
    base.clock.advance(600)
    cursor = connector.pull(None).cursor
    for _ in range(3):
        base.clock.advance(600)
        before = len(base.fake.calls)
        changes = connector.pull(cursor)
        assert len(base.fake.calls) - before == changes.calls == 1
        assert not changes.records
        assert not changes.complete
        cursor = changes.cursor


def test_an_idle_pass_over_a_large_table_is_one_request(base: AirtableHarness) -> None:
    for n in range(450):
        base.hand.add(description=f"行 {n}")
    base.clock.advance(600)
    connector = Airtable(base.setup)
    first = connector.pull(None)
    assert len(first.records) == 450
    assert first.calls == 5
    base.clock.advance(600)
    assert connector.pull(first.cursor).calls == 1


def test_creating_500_items_is_50_writes(base: AirtableHarness) -> None:
    connector = Airtable(base.setup)
    size = connector.describe().max_batch
    batch = [new(n) for n in range(500)]
    for start in range(0, 500, size):
        assert all(o.record for o in connector.apply(batch[start : start + size]))
    assert writes(base) == 50
    assert len(base.hand.rows()) == 500


def test_changing_100_rows_is_10_writes_and_one_read(base: AirtableHarness) -> None:
    records = create(base, *range(100))
    connector = Airtable(base.setup)
    connector.pull(None)
    before, calls = writes(base), len(base.fake.calls)
    connector.apply([change(r, note="改") for r in records])
    assert writes(base) - before == 10
    assert len(base.fake.calls) - calls == 11
    assert all(base.hand.read(row, "note") == "改" for row in base.hand.rows())


def test_failure_70_calls_to_a_base_keep_their_distance(base: AirtableHarness) -> None:
    """The fake shuts out whoever calls more than five times a second; nobody was."""
    one, other = Airtable(base.setup), Airtable(base.setup)
    for _ in range(10):
        one.pull(None)
        other.pull(None)
    assert base.clock.monotonic() >= (len(base.fake.calls) - 1) * client.BASE_S
    assert not base.fake._banned


def test_failure_70_the_half_minute_after_too_many_calls_is_waited_out(
    base: AirtableHarness,
) -> None:
    connector = Airtable(base.setup)
    connector.describe()
    base.fake._banned = base.clock.monotonic() + 20  # another program made too many
    start = base.clock.monotonic()
    assert connector.pull(None).complete
    assert base.clock.monotonic() - start >= 30


def test_a_wait_that_is_asked_for_is_kept(base: AirtableHarness) -> None:
    connector = Airtable(base.setup)
    connector.describe()
    base.fake.fail("GET /app", status=429, headers={"Retry-After": "45"})
    start = base.clock.monotonic()
    connector.pull(None)
    assert base.clock.monotonic() - start >= 45


def test_a_month_s_calls_that_are_spent_are_said_and_not_asked_again(base: AirtableHarness) -> None:
    """The description of the base still answers then; nothing is tried again."""
    connector = Airtable(base.setup)
    connector.describe()
    base.fake.quota = 0
    before = len(base.fake.calls)
    with pytest.raises(TransientError, match="2024-06-01") as caught:
        connector.pull(None)
    assert len(base.fake.calls) - before == 1
    assert caught.value.retry_after_s is not None
    assert caught.value.retry_after_s > 10 * 86400
    base.fake.quota = None
    assert connector.pull(None).complete


# --- lost answers

FAULTS: dict[str, dict[str, Any]] = {
    "cut before": {"kind": "reset"},
    "cut after": {"kind": "reset", "after": True},
    "no answer in time": {"kind": "hang", "after": True},
    "broken JSON": {"kind": "garbage", "after": True},
    "500 after": {"status": 500, "after": True},
    "503 before": {"status": 503},
    "503 with a wait, after": {"status": 503, "after": True, "headers": {"Retry-After": "2"}},
    "empty answer": {"after": True, "body": {}},
}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "TIMEOUT_S", (5, 0.3))


def as_the_engine_does(connector: Airtable, batch: Sequence[Write]) -> None:
    """Write; after a lost answer look by id, and send again what is not there."""
    left = list(batch)
    for _ in range(5):
        try:
            outcomes = connector.apply(left)
        except TransientError:
            outcomes = [Outcome(error=UnknownOutcomeError("?")) for _ in left]
        left = [w for w, o in zip(left, outcomes, strict=True) if o.record is None]
        if not left:
            return
        found = {r.id for r in connector.find([w.id for w in left])}
        left = [w for w in left if w.id not in found]
        if not left:
            return
    raise AssertionError("it never came through")


@pytest.mark.parametrize("call", [1, 2])
@pytest.mark.parametrize("fault", FAULTS)
def test_failure_1_a_lost_answer_to_a_creation_makes_no_second_row(
    base: AirtableHarness, quick: None, fault: str, call: int
) -> None:
    base.fake.fail("PATCH", skip=call - 1, **FAULTS[fault])
    as_the_engine_does(Airtable(base.setup), [new(n) for n in range(15)])
    assert not base.fake.faults  # it struck
    assert sorted(str(base.hand.read(row, "id")) for row in base.hand.rows()) == sorted(
        item_id(n) for n in range(15)
    )


def test_a_creation_without_an_answer_is_not_sent_again_by_itself(
    base: AirtableHarness, quick: None
) -> None:
    """The vendor's client sends it six times; two at once may make two rows."""
    base.fake.fail("PATCH", kind="reset", after=True)
    with pytest.raises(UnknownOutcomeError):
        Airtable(base.setup).apply([new(1)])
    assert base.fake.count("PATCH") == 1
    assert len(base.hand.rows()) == 1


def test_a_creation_that_is_sent_again_finds_its_row(base: AirtableHarness) -> None:
    """Failures 2 and 4: by the upsert on the id.

    It overwrites what a person wrote there meanwhile: so the engine is to look for the row first.
    """
    assert not Airtable(base.setup).describe().idempotent_create
    [first] = create(base, 1)
    [again] = create(base, 1)
    assert again.row_id == first.row_id
    assert len(base.hand.rows()) == 1


def test_the_same_id_twice_in_one_batch_is_one_row(base: AirtableHarness) -> None:
    one, other = Airtable(base.setup).apply([new(1), new(1)])
    assert good(one).row_id == good(other).row_id
    assert len(base.hand.rows()) == 1


@pytest.mark.parametrize("fault", FAULTS)
def test_a_lost_answer_to_a_change_is_read_again(
    base: AirtableHarness, quick: None, fault: str
) -> None:
    records = create(base, 1, 2)
    connector = Airtable(base.setup)
    connector.pull(None)
    base.fake.fail("PATCH", **FAULTS[fault])
    outcomes = connector.apply([change(r, note="改") for r in records])
    assert [good(o).cells["note"] for o in outcomes] == ["改", "改"]
    assert [base.hand.read(row, "note") for row in base.hand.rows()] == ["改", "改"]


def test_an_edit_between_a_lost_answer_and_the_next_try_is_kept(
    base: AirtableHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    [record] = create(base, 1)
    connector = Airtable(base.setup)
    connector.pull(None)
    base.fake.fail("PATCH", kind="reset")

    def pause(seconds: float) -> None:
        if seconds == writing.PAUSE_S:
            base.edit(item_id(1), note="人写的")
        base.clock.advance(seconds)

    monkeypatch.setattr(base.clock, "sleep", pause)
    [outcome] = connector.apply([change(record, note="我们写的")])
    assert isinstance(outcome.error, ConflictError)
    assert base.hand.read(record.row_id, "note") == "人写的"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_lost_answer_to_a_removal(base: AirtableHarness, quick: None, fault: str) -> None:
    [record, other] = create(base, 1, 2)
    base.fake.fail("DELETE", **FAULTS[fault])
    out = Write(id="", cells={}, row_id=record.row_id, if_version=record.version, remove=True)
    [outcome] = Airtable(base.setup).apply([out])
    assert outcome.error is None
    assert base.hand.rows() == [other.row_id]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", ["/tables", "GET /meta/bases/app", "GET /app"])
def test_a_fault_of_a_read_is_tried_again(
    base: AirtableHarness, quick: None, call: str, fault: str
) -> None:
    create(base, 1)
    base.fake.fail(call, **FAULTS[fault])
    connector = Airtable(base.setup)
    try:
        seen = connector.pull(None)
    except (TransientError, SchemaError):
        assert fault == "empty answer"  # a base without tables, a listing without rows
        seen = connector.pull(None)
    assert [r.id for r in seen.records] == [item_id(1)]


def test_what_was_done_is_told_though_the_rest_failed(base: AirtableHarness) -> None:
    connector = Airtable(base.setup)
    connector.describe()
    base.fake.fail("PATCH", kind="reset", skip=1)
    outcomes = connector.apply([new(n) for n in range(30)])
    assert [o.record is not None for o in outcomes] == [True] * 10 + [False] * 20
    assert all(isinstance(o.error, UnknownOutcomeError) for o in outcomes[10:20])
    assert not any(isinstance(o.error, UnknownOutcomeError) for o in outcomes[20:])
    assert base.fake.count("PATCH") == 2


def test_nobody_there_is_told_as_such(base: AirtableHarness) -> None:
    base.setup = replace(
        base.setup, options={**base.setup.options, "base_url": "http://127.0.0.1:9"}
    )
    with pytest.raises(TransientError, match="cannot be reached") as caught:
        Airtable(base.setup).pull(None)
    assert not isinstance(caught.value, UnknownOutcomeError)


def test_a_redirect_is_not_followed_with_the_token(base: AirtableHarness) -> None:
    base.fake.fail("", status=302, headers={"Location": base.fake.url}, times=9)
    with pytest.raises(SchemaError, match="302"):
        Airtable(base.setup).describe()
    assert len(base.fake.calls) == 1


def test_no_secret_is_told_anywhere(
    base: AirtableHarness, quick: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    connector = Airtable(base.setup)
    told = [repr(connector), repr(connector._client), repr(base.setup)]
    for fault in FAULTS.values():
        base.fake.fail("", **{**fault, "times": 99})
        for call in (lambda: connector.pull(None), lambda: connector.apply([new(1)])):
            with pytest.raises((TransientError, SchemaError, AuthError)) as caught:
                call()
            told += [repr(caught.value), str(caught.value)]
        base.fake.faults.clear()
    assert SECRET not in " ".join(told) + caplog.text


# --- seeing changes


def test_failure_16_the_cursor_overlaps_and_is_of_the_service_s_clock(
    base: AirtableHarness,
) -> None:
    [record] = create(base, 1)
    connector = Airtable(base.setup)
    cursor = connector.pull(None).cursor
    base.clock.advance(300)
    base.edit(item_id(1), note="一")
    first = connector.pull(cursor)
    again = Airtable(base.setup).pull(first.cursor)
    assert [r.row_id for r in first.records] == [r.row_id for r in again.records]
    assert again.records[0].row_id == record.row_id


def test_a_machine_whose_clock_is_wrong_misses_nothing(
    base: AirtableHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(base, 1)
    right = base.clock.wall
    fast = lambda: right() + timedelta(days=400)  # noqa: E731
    setup = replace(base.setup, clock=base.clock)
    connector = Airtable(setup)
    monkeypatch.setattr(connector._setup.clock, "wall", fast)
    monkeypatch.setattr(
        base.fake,
        "clock",
        type("Right", (), {"wall": staticmethod(right), "monotonic": base.clock.monotonic})(),
    )
    cursor = connector.pull(None).cursor
    base.clock.advance(300)
    base.edit(item_id(1), note="人写的")
    assert [r.cells["note"] for r in connector.pull(cursor).records] == ["人写的"]


@pytest.mark.parametrize("cursor", ["", "nonsense", "17", "2024-05-20T08:00:00", "[1,2]"])
def test_a_cursor_that_cannot_be_read_begins_anew(base: AirtableHarness, cursor: str) -> None:
    create(base, 1)
    changes = Airtable(base.setup).pull(cursor)
    assert changes.complete
    assert len(changes.records) == 1


def test_a_service_that_refuses_the_filter_is_read_whole(base: AirtableHarness) -> None:
    create(base, 1)
    connector = Airtable(base.setup)
    cursor = connector.pull(None).cursor
    base.fake.filters = False
    changes = connector.pull(cursor)
    assert changes.complete
    assert [r.id for r in changes.records] == [item_id(1)]
    before = len(base.fake.calls)
    connector.pull(changes.cursor)
    assert len(base.fake.calls) - before == 1


def test_failure_43_pages_that_the_service_forgot_begin_the_look_again(
    base: AirtableHarness,
) -> None:
    for n in range(150):
        base.hand.add(description=f"行 {n}")
    connector = Airtable(base.setup)
    connector.describe()
    base.fake.fail(
        "GET /app",
        skip=1,
        status=422,
        body={"error": {"type": "LIST_RECORDS_ITERATOR_NOT_AVAILABLE", "message": "gone"}},
    )
    changes = connector.pull(None)
    assert changes.complete
    assert changes.calls == 4
    assert len({r.row_id for r in changes.records}) == len(changes.records) == 150


def test_failure_43_a_look_that_never_ends_well_is_no_look(base: AirtableHarness) -> None:
    for n in range(150):
        base.hand.add(description=f"行 {n}")
    connector = Airtable(base.setup)
    connector.describe()
    base.fake.page_life_s = -1.0
    with pytest.raises(TransientError, match="forgets its pages"):
        connector.pull(None)


def test_failure_20_a_row_that_comes_on_two_pages_is_one(
    base: AirtableHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [base.hand.add(description=f"行 {n}") for n in range(110)]
    connector = Airtable(base.setup)
    connector.describe()
    told = base.fake._list
    seen: list[Any] = []

    def twice(*args: Any) -> Any:
        page = dict(told(*args))
        page["records"] = [*seen[:5], *page["records"]]
        seen.extend(page["records"])
        return page

    monkeypatch.setattr(base.fake, "_list", twice)
    assert sorted(r.row_id for r in connector.pull(None).records) == sorted(rows)


def test_many_ids_are_found_by_the_hundred(base: AirtableHarness) -> None:
    """Their addresses would be too long; the client sends them as a body then."""
    connector = Airtable(base.setup)
    for start in range(0, 250, 100):
        connector.apply([new(n) for n in range(start, min(250, start + 100))])
    before = len(base.fake.calls)
    found = connector.find([*(item_id(n) for n in range(250)), item_id(999)])
    assert {r.id for r in found} == {item_id(n) for n in range(250)}
    assert len(base.fake.calls) - before == 3


def test_find_takes_any_words(base: AirtableHarness) -> None:
    create(base, 1)
    odd = ["it's", "a\\", "{x}", "'", "')", "\n", "名", ""]
    assert Airtable(base.setup).find(odd) == []
    assert len(Airtable(base.setup).find([*odd, item_id(1)])) == 1


def test_failure_36_a_table_without_rights_is_an_error_and_never_empty(
    base: AirtableHarness,
) -> None:
    create(base, 1)
    connector = Airtable(base.setup)
    cursor = connector.pull(None).cursor
    base.fake.scopes.remove("data.records:read")
    for work in (
        lambda: connector.pull(cursor),
        lambda: connector.pull(None),
        lambda: connector.find([item_id(1)]),
    ):
        with pytest.raises(AuthError, match="no right") as caught:
            work()
        assert "data.records:read" in caught.value.hint


def test_a_row_taken_back_from_the_trash_is_seen_again(base: AirtableHarness) -> None:
    [record] = create(base, 1)
    base.hand.delete(record.row_id)
    connector = Airtable(base.setup)
    assert connector.pull(None).records == []
    assert connector.find([item_id(1)]) == []
    base.clock.advance(300)
    base.hand.restore(record.row_id)
    assert [r.row_id for r in connector.pull(None).records] == [record.row_id]
    assert [r.row_id for r in connector.find([item_id(1)])] == [record.row_id]


# --- columns


def test_failure_65_a_renamed_column_is_still_used(base: AirtableHarness) -> None:
    [record] = create(base, 1)
    connector = Airtable(base.setup)
    connector.describe()
    base.rename("note")
    base.rename("due")
    before = len(base.fake.calls)
    [outcome] = connector.apply([change(record, note="改", due=DAY)])
    assert good(outcome).cells["due"] == DAY
    assert len(base.fake.calls) - before == 2  # the columns were not looked at again
    for later in (connector, Airtable(base.setup)):  # also after a restart
        schema = later.describe()
        assert schema.fields["due"].label == "计划完成时间 (旧)"
        assert any("用的是“计划完成时间 (旧)”列" in note for note in schema.notes)


def test_failure_65_a_deleted_column_stops_or_is_not_carried(base: AirtableHarness) -> None:
    create(base, 1, note="备")
    connector = Airtable(base.setup)
    connector.pull(None)
    base.fake.columns.remove(base.fake.column("备注"))
    [seen] = connector.pull(None).records
    assert "note" not in seen.cells
    base.fake.columns.remove(base.fake.column("会议"))
    [outcome] = connector.apply([new(2, meeting="周会", deliverable="改")])
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "meeting"
    assert base.hand.read(base.hand.rows(item_id(2))[0], "deliverable") == "改"
    base.fake.columns.remove(base.fake.column("状态"))
    with pytest.raises(SchemaError, match="'状态'") as caught:
        connector.pull(None)
    assert caught.value.field == "status"
    assert "check --prepare" in caught.value.hint


def test_a_column_that_changed_its_type_meanwhile_is_looked_at_again(base: AirtableHarness) -> None:
    [record] = create(base, 1, owner=(User("usrZhang"),))
    connector = Airtable(base.setup)
    connector.pull(None)
    base.fake.column("负责人")["type"] = "singleLineText"
    base.fake.put(record.row_id, {base.hand.ids["owner"]: "张三"})
    [seen] = connector.pull(None).records
    assert seen.cells["owner"] == "张三"


def test_a_wrong_table_is_told_with_those_that_are_there(base: AirtableHarness) -> None:
    base.setup = replace(base.setup, options={**base.setup.options, "table": "Aufgaben"})
    with pytest.raises(SchemaError, match="'Aufgaben'") as caught:
        Airtable(base.setup).describe()
    assert "行动项 (tblFake0000000001)" in caught.value.hint


def test_the_table_s_identity_is_that_of_base_and_table(base: AirtableHarness) -> None:
    by_id = Airtable(base.setup).describe().identity
    base.setup = replace(base.setup, options={**base.setup.options, "table": "行动项"})
    assert Airtable(base.setup).describe().identity == by_id
    assert base.fake.base_id in by_id


# --- people


def test_people_are_found_by_e_mail_or_by_their_id(base: AirtableHarness) -> None:
    people = (
        Person(name="张三", email="ZhangSan@Example.com"),
        Person(name="李四", email="gone@example.com", accounts={"airtable": "usrLi"}),
        Person(name="王五", email="wang@example.com"),
        Person(name="赵六", accounts={"airtable": "zhao@example.com"}),
    )
    base.setup = replace(base.setup, people=people)
    schema = Airtable(base.setup).describe()
    assert {n: u.key for n, u in schema.fields["owner"].users.items()} == {
        "张三": "usrZhang",
        "李四": "usrLi",
    }
    assert any("不是用户 id" in note and "赵六" in note for note in schema.notes)


def test_where_people_are_not_told_the_ids_of_the_team_file_are_used(base: AirtableHarness) -> None:
    people = (
        Person(name="张三", email="zhangsan@example.com"),
        Person(name="李四", accounts={"airtable": "usrLi"}),
    )
    base.setup = replace(base.setup, people=people)
    base.fake.fail(
        f"GET /meta/bases/{base.fake.base_id}", skip=1, status=403, times=1, body={"error": "X"}
    )
    schema = Airtable(base.setup).describe()
    assert list(schema.fields["owner"].users) == ["李四"]
    assert any("schema.bases:read" in note for note in schema.notes)


def test_failure_67_a_person_who_may_not_stand_there_is_told_and_the_rest_is_written(
    base: AirtableHarness,
) -> None:
    gone = (User("usrGone", "钱七"),)
    connector = Airtable(base.setup)
    bad, fine = connector.apply([new(1, owner=gone), new(2)])
    assert isinstance(bad.error, PermanentError)
    assert bad.error.field == "owner"
    assert bad.record is not None
    assert good(fine).id == item_id(2)
    row = base.hand.rows(item_id(1))[0]
    assert base.hand.read(row, "description") == "任务 1"
    assert base.hand.read(row, "owner") == ()
    [outcome] = connector.apply([change(bad.record, owner=gone)])
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "owner"


def test_two_people_where_one_may_stand(base: AirtableHarness) -> None:
    two = (User("usrZhang"), User("usrLi"))
    [outcome] = Airtable(base.setup).apply([new(1, owner=two)])
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "owner"
    base.fake.column("负责人")["type"] = "multipleCollaborators"
    connector = Airtable(base.setup)
    assert connector.describe().fields["owner"].multiple
    [outcome] = connector.apply([new(2, owner=two)])
    assert good(outcome).cells["owner"] == two


# --- options, days, texts


def test_failure_64_an_unknown_option_is_told_and_never_made(base: AirtableHarness) -> None:
    connector = Airtable(base.setup)
    choices = list(base.fake.column("状态")["options"]["choices"])
    [outcome] = connector.apply([new(1, status="飞起来")])
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "status"
    assert outcome.record is not None
    assert base.fake.column("状态")["options"]["choices"] == choices


def test_an_option_that_was_taken_away_meanwhile_costs_that_cell_alone(
    base: AirtableHarness,
) -> None:
    connector = Airtable(base.setup)
    connector.describe()
    choices = base.fake.column("状态")["options"]["choices"]
    choices[:] = [c for c in choices if c["name"] != "延期"]
    outcomes = connector.apply([new(1), new(2, status="延期", department="技术部"), new(3)])
    assert [o.error is None for o in outcomes] == [True, False, True]
    assert isinstance(outcomes[1].error, PermanentError)
    assert outcomes[1].error.field == "status"
    assert len(base.hand.rows()) == 3
    assert base.hand.read(base.hand.rows(item_id(2))[0], "department") == "技术部"
    assert base.fake.count("PATCH") == 2


def test_an_option_that_was_added_meanwhile_is_written(base: AirtableHarness) -> None:
    connector = Airtable(base.setup)
    connector.describe()
    base.fake.column("状态")["options"]["choices"].append({"id": "sel1", "name": "暂停"})
    [outcome] = connector.apply([new(1, status="暂停")])
    assert good(outcome).cells["status"] == "暂停"


@pytest.mark.parametrize("zone", ["utc", "Asia/Shanghai", "America/Los_Angeles", "Pacific/Apia"])
def test_failure_53_days_are_those_of_the_column_s_zone(base: AirtableHarness, zone: str) -> None:
    base.fake.column("计划完成时间").update(type="dateTime", options={"timeZone": zone})
    [record] = create(base, 1, due=DAY)
    assert record.cells["due"] == DAY
    [seen] = Airtable(base.setup).pull(None).records
    assert seen.cells["due"] == DAY


def test_a_day_with_a_time_is_left_alone_while_the_day_stays(base: AirtableHarness) -> None:
    base.fake.column("计划完成时间").update(type="dateTime", options={"timeZone": "utc"})
    [record] = create(base, 1)
    field = base.hand.ids["due"]
    base.fake.put(record.row_id, {field: "2024-05-20T17:30:00.000Z"})
    connector = Airtable(base.setup)
    [seen] = connector.pull(None).records
    connector.apply([change(seen, due=DAY, note="改")])
    assert (base.fake.rows[record.row_id].now or {})[field] == "2024-05-20T17:30:00.000Z"


def test_failure_52_a_text_with_a_mention_is_left_alone_while_its_words_stay(
    base: AirtableHarness,
) -> None:
    marked = 'ask <airtable:mention id="menX">@Zhang</airtable:mention>'
    [record] = create(base, 1)
    base.hand.edit(record.row_id, note=marked)
    connector = Airtable(base.setup)
    [seen] = connector.pull(None).records
    assert seen.cells["note"] == "ask @Zhang"
    before = base.fake.writes
    connector.apply([change(seen, note="ask @Zhang")])
    assert base.fake.writes == before
    assert base.hand.read(record.row_id, "note") == marked


def test_failure_51_a_form_of_the_service_s_own_is_told_by_the_answer(
    base: AirtableHarness,
) -> None:
    base.fake.column("备注")["type"] = "richText"
    base.fake.column("会议")["type"] = "singleLineText"
    [record] = create(base, 1, note="**粗**", meeting="两\n行")
    assert (record.cells["note"], record.cells["meeting"]) == ("**粗**", "两 行")
    [seen] = Airtable(base.setup).pull(None).records
    assert seen.version == record.version


def test_what_is_computed_is_never_sent(base: AirtableHarness) -> None:
    base.fake.column("备注").update(type="formula", options={"result": {"type": "singleLineText"}})
    schema = Airtable(base.setup).describe()
    assert not schema.fields["note"].writable
    [outcome] = Airtable(base.setup).apply([new(1, note="x")])
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "note"
    assert len(base.hand.rows()) == 1


def test_failure_68_a_text_that_is_too_long_is_refused_and_the_rest_written(
    base: AirtableHarness,
) -> None:
    connector = Airtable(base.setup)
    limit = connector.describe().fields["note"].text_limit
    assert limit is not None
    [outcome] = connector.apply([new(1, note="长" * (limit + 1))])
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "note"
    assert outcome.record is not None


# --- rows that spoil others


def test_failure_72_one_bad_row_of_many_is_found_and_costs_few_calls(
    base: AirtableHarness,
) -> None:
    gone = (User("usrGone"),)
    connector = Airtable(base.setup)
    connector.describe()
    outcomes = connector.apply([new(n, owner=gone if n == 13 else ()) for n in range(30)])
    assert [n for n, o in enumerate(outcomes) if o.error] == [13]
    assert all(o.record for o in outcomes)
    assert base.fake.count("PATCH") <= 3 + 9
    assert len(base.hand.rows()) == 30


def test_a_row_that_was_deleted_between_look_and_write_spoils_no_other(
    base: AirtableHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = create(base, 1, 2, 3)
    connector = Airtable(base.setup)
    connector.pull(None)
    sent = base.fake._update

    def late(*args: Any) -> Any:
        if base.hand.rows(item_id(2)):
            base.hand.delete(records[1].row_id)
        return sent(*args)

    monkeypatch.setattr(base.fake, "_update", late)
    outcomes = connector.apply([change(r, note="改") for r in records])
    assert [o.error is None for o in outcomes] == [True, False, True]
    assert isinstance(outcomes[1].error, ConflictError)


def test_failure_10_an_id_that_stands_in_two_rows_is_written_into_the_older(
    base: AirtableHarness,
) -> None:
    """The service refuses an upsert for them, and all others in the same call."""
    [record] = create(base, 1)
    base.copy(item_id(1))
    outcomes = Airtable(base.setup).apply([new(0), new(1, note="新"), new(2)])
    assert [good(o).id for o in outcomes] == [item_id(0), item_id(1), item_id(2)]
    assert good(outcomes[1]).row_id == record.row_id
    assert len(base.hand.rows()) == 4
    found = sorted(Airtable(base.setup).find([item_id(1)]), key=lambda r: r.created)
    assert found[0].row_id == record.row_id
    assert len(found) == 2


def test_a_row_that_somebody_changed_is_not_taken_out(base: AirtableHarness) -> None:
    [record] = create(base, 1)
    base.edit(item_id(1), note="人写的")
    out = Write(id="", cells={}, row_id=record.row_id, if_version=record.version, remove=True)
    [outcome] = Airtable(base.setup).apply([out])
    assert isinstance(outcome.error, ConflictError)
    assert base.hand.rows() == [record.row_id]


# --- making what is missing


def test_prepare_makes_the_table_where_it_is_named(tmp_path: Path) -> None:
    base = AirtableHarness(tmp_path, table="新的表")
    base.fake.table_name = None
    [said] = Airtable(base.setup).prepare()
    assert "已添加表“新的表”" in said
    schema = Airtable(base.setup).describe()
    assert set(schema.fields) == set(COLUMN_NAMES) - {"id"}
    assert schema.fields["status"].options == ("进行中", "已完成", "延期", "受阻")
    assert schema.fields["owner"].kind is Kind.USERS
    assert schema.fields["due"].kind is Kind.DATE
    assert Airtable(base.setup).prepare() == []


def test_prepare_makes_all_columns_in_a_table_without_rows(base: AirtableHarness) -> None:
    base.fake.columns = [c for c in base.fake.columns if c["name"] == "行动项描述"]
    made = Airtable(base.setup).prepare()
    assert len(made) == len(COLUMN_NAMES) - 1
    assert set(Airtable(base.setup).describe().fields) == set(COLUMN_NAMES) - {"id"}


def test_prepare_leaves_a_table_in_use_alone_but_for_what_is_named(base: AirtableHarness) -> None:
    base.hand.add(description="人加的")
    for label in ("编号", "备注", "会议"):
        base.fake.columns.remove(base.fake.column(label))
    base.setup = replace(base.setup, named=frozenset({"note"}))
    made = Airtable(base.setup).prepare()
    assert [re.findall(r"“(.+?)”", m)[0] for m in made] == ["备注", "编号"]


def test_prepare_gives_columns_their_options_and_leaves_no_row(base: AirtableHarness) -> None:
    status, units = base.fake.column("状态"), base.fake.column("配合部门")
    status["options"]["choices"] = status["options"]["choices"][:2]
    units["options"]["choices"] = []
    made = Airtable(base.setup).prepare()
    assert len(made) == 2
    assert base.hand.rows() == []
    schema = Airtable(base.setup).describe()
    assert set(schema.fields["status"].options or ()) == {"进行中", "已完成", "延期", "受阻"}
    assert set(schema.fields["support"].options or ()) == {"技术部", "客服部", "市场部"}
    assert Airtable(base.setup).prepare() == []


def test_prepare_that_was_cut_takes_its_rows_out_the_next_time(base: AirtableHarness) -> None:
    base.fake.column("状态")["options"]["choices"].pop()
    base.fake.column("配合部门")["options"]["choices"].pop()
    base.fake.fail("DELETE", kind="reset", times=1)
    with pytest.raises(TransientError):
        Airtable(base.setup).prepare()
    assert len(base.hand.rows()) == 2
    assert all(not base.hand.read(row, "description") for row in base.hand.rows())
    Airtable(base.setup).prepare()
    assert base.hand.rows() == []


@pytest.mark.parametrize("what", ["options", "column", "table"])
def test_prepare_without_the_right_says_what_to_do(base: AirtableHarness, what: str) -> None:
    base.fake.level = "edit"
    if what == "options":
        base.fake.column("状态")["options"]["choices"].pop()
    elif what == "column":
        base.fake.columns.remove(base.fake.column("编号"))
    else:
        base.setup = replace(base.setup, options={**base.setup.options, "table": "新的表"})
    with pytest.raises(AuthError) as caught:
        Airtable(base.setup).prepare()
    assert "Creator" in caught.value.hint
    assert base.hand.rows() == []


def test_prepare_makes_no_second_column_for_one_that_was_renamed(base: AirtableHarness) -> None:
    create(base, 1)
    base.rename("id")
    base.rename("status")
    assert Airtable(base.setup).prepare() == []


def test_a_user_who_may_only_read_is_told(base: AirtableHarness) -> None:
    base.fake.level = "comment"
    connector = Airtable(base.setup)
    assert any("权限是 comment" in fault for fault in connector.describe().faults)
    assert connector.pull(None).complete
    with pytest.raises(AuthError):
        connector.apply([new(1)])


def test_a_refusal_that_names_nothing_is_tried_without_people(base: AirtableHarness) -> None:
    """Failure 67: how the service refuses a person is not documented."""
    connector = Airtable(base.setup)
    connector.describe()
    refusal = {"error": {"type": "INVALID_REQUEST_UNKNOWN", "message": "Invalid request"}}
    base.fake.fail("PATCH", status=422, body=refusal)
    [outcome] = connector.apply([new(1, owner=(User("usrZhang"),))])
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "owner"
    assert outcome.record is not None
    base.fake.fail("PATCH", status=422, body=refusal, times=2)
    [outcome] = connector.apply([new(2, owner=(User("usrZhang"),))])
    assert isinstance(outcome.error, PermanentError)
    assert outcome.record is None
    assert len(base.hand.rows()) == 1


def test_what_was_written_is_told_though_the_columns_cannot_be_read_then(
    base: AirtableHarness,
) -> None:
    connector = Airtable(base.setup)
    connector.describe()
    gone = {"error": {"type": "UNKNOWN_FIELD_NAME", "message": "Unknown field name"}}
    base.fake.fail("PATCH", skip=1, status=422, body=gone)
    base.fake.fail("/tables", status=403, times=9)
    outcomes = connector.apply([new(n) for n in range(30)])
    assert [o.record is not None for o in outcomes] == [True] * 10 + [False] * 20
    assert isinstance(outcomes[10].error, AuthError)


# --- the fake


def test_the_vendor_s_own_client_works_against_the_fake(base: AirtableHarness) -> None:
    base.fake.strict = False  # it keeps no pace
    api = Api(SECRET, endpoint_url=base.fake.url, retry_strategy=None)
    table = api.table(base.fake.base_id, "行动项")
    assert [f.name for f in table.schema().fields][:2] == ["行动项描述", "负责人"]
    members = api.base(base.fake.base_id).collaborators().individual_collaborators
    assert [c.email for c in (*members.via_base, *members.via_workspace)] == [
        *("zhangsan@example.com", "LiSi@example.com"),
    ]
    made = table.create({"行动项描述": "写报告", "计划完成时间": "2024-05-20", "备注": ""})
    assert made["fields"] == {"行动项描述": "写报告", "计划完成时间": "2024-05-20"}
    assert table.get(made["id"]) == made
    rows = [{"fields": {"编号": f"n{n}", "行动项描述": f"第 {n}"}} for n in range(25)]
    told = table.batch_upsert(rows, key_fields=["编号"])
    assert len(told["createdRecords"]) == 25
    assert len(table.batch_upsert(rows, key_fields=["编号"])["updatedRecords"]) == 25
    assert len(table.all(page_size=10)) == 26
    assert [r["id"] for r in table.all(formula=match({"编号": "n3"}))] == [told["records"][3]["id"]]
    with pytest.raises(HTTPError, match="UNKNOWN_FIELD_NAME"):
        table.batch_update([{"id": made["id"], "fields": {"没有": "x"}}])
    table.batch_delete([made["id"]])
    assert len(table.all()) == 25


# --- the page


def test_the_page_s_table_of_failures_names_tests_that_are_there() -> None:
    text = (ROOT / "docs" / "airtable.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| .+? \| (`.+`) \|$", text, re.MULTILINE)
    numbers = [int(number) for number, _ in rows]
    assert numbers == sorted(set(numbers))
    assert {1, 2, 4, 10, 16, 36, 38, 53, 64, 65, 67, 68, 70, 72, 73} <= set(numbers)
    for number, shown in rows:
        for one in re.findall(r"`([^`]+)`", shown):
            file, _, test = one.partition("::")
            tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
            names = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
            assert test in names, f"failure {number}: there is no {one}"


def test_failure_71_one_writes_to_a_table_at_a_time(
    base: AirtableHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = client.Client._send
    busy: list[bool] = []
    most = [0]

    def slow(self: client.Client, *args: Any, write: bool, **sent: Any) -> Any:
        busy.append(write)
        most[0] = max(most[0], sum(busy))
        time.sleep(0.02)
        try:
            return send(self, *args, write=write, **sent)
        finally:
            busy.remove(write)

    monkeypatch.setattr(client.Client, "_send", slow)
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda n: Airtable(base.setup).apply([new(n)]), range(6)))
    assert [outcome.error for [outcome] in told] == [None] * 6
    assert most == [1]
