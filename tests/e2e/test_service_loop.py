"""The hub over one table of each service: minutes in, people at work, rows and rights that go."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from contract.shared import changed
from e2e.hubs import JIRA, Hub, only
from fakes.world import World, entry

from connectors.registry import load
from mapping.values import Status


def test_minutes_become_rows_and_the_next_pass_is_quiet(hub: Hub) -> None:
    hub.read(entry("写报告", due="2024-05-27", department="技术部"), entry("评估周期", "王五"))
    report = hub.a_pass()
    assert (report.state, report.tally.created) == ("ok", 2)
    row = hub.row("写报告")
    assert hub.hand.read(row, "owner") == (hub.service.zhang,)
    assert hub.hand.read(row, "due") == date(2024, 5, 27)
    assert hub.hand.read(row, "status") == "进行中"
    assert hub.hand.read(row, "department") == "技术部"
    assert hub.hand.read(hub.row("评估周期"), "owner") == ()  # no account: told, not guessed
    assert "owner-unknown" in hub.findings()
    assert hub.item("评估周期").owner == "王五"
    assert hub.quiet()
    assert hub.quiet()


def test_an_idle_pass_is_one_request(two: Hub) -> None:
    for _ in range(5):
        before = len(two.fake.calls)
        assert two.a_pass().tally.calls == 1
        assert len(two.fake.calls) - before == 1


def test_a_start_asks_for_columns_and_people_once(two: Hub) -> None:
    """What a look costs is the look alone: it says how often all rows are read (failure 70)."""
    before = len(two.fake.calls)
    load(two.service.kind)(two.setup).describe()
    asked = len(two.fake.calls) - before
    for _ in range(3):
        two.restart()
        two.clock.advance(900)
        before = len(two.fake.calls)
        assert two.a_pass().tally.calls == 1
        assert len(two.fake.calls) - before == asked + 1
        with two.store.reading() as tx:
            assert tx.tracker("board").complete_at == two.now().isoformat()


# --- people at work


def test_edits_of_people_come_in(two: Hub) -> None:
    """Failure 14: the words too are a field like any other."""
    row = two.row("写报告")
    two.hand.edit(row, due=date(2024, 6, 7), owner=(two.service.li,), note="等数据", status="受阻")
    assert two.a_pass().tally.pulled >= 1
    item = two.item("写报告")
    assert (item.due, item.owner, item.note, item.status) == (
        date(2024, 6, 7),
        "李四",
        "等数据",
        Status.BLOCKED,
    )
    two.hand.edit(row, note=None, owner=(two.service.zhang,), description="写季度报告")
    two.a_pass()
    item = two.item("写季度报告")
    assert (item.note, item.owner) == (None, "张三")
    assert two.quiet()


@only("notion")
def test_who_edited_a_row_is_told(two: Hub) -> None:
    two.hand.edit(two.row("写报告"), owner=(two.service.li,), note="等数据")
    two.a_pass()
    two.hand.edit(two.row("写报告"), note=None, owner=(two.service.zhang,))
    two.a_pass()
    assert any(change.actor == "张三" for change in two.log(two.item("写报告").id))


def test_minutes_and_a_person_at_once(two: Hub) -> None:
    """Failures 27 and 28: apart by field; on the same field the person's edit stays."""
    two.hand.edit(two.row("写报告"), due=date(2024, 6, 7))
    two.read(
        entry("写报告", due="2024-05-30", acceptance="含数据"),
        entry("评估周期", "李四", "2024-06-03"),
    )
    two.passes(2)
    row = two.row("写报告")
    assert two.hand.read(row, "due") == date(2024, 6, 7)
    assert two.hand.read(row, "acceptance") == "含数据"
    assert any(change.kind == "conflict" for change in two.log())
    assert two.quiet()


@only(*JIRA, "notion")
def test_an_edit_between_look_and_write_is_merged(two: Hub) -> None:
    """The service takes every write: the row is read right before, and then merged anew."""
    two.read(
        entry("写报告", due="2024-05-30", note="纪要"), entry("评估周期", "李四", "2024-06-03")
    )
    row = two.row("写报告")

    def act(call: str) -> None:
        reads_one = ("GET /issue/2", "POST /issue/bulkfetch", "PUT", "GET /pages", "PATCH")
        if call.startswith(reads_one):
            two.fake.before = None
            two.hand.edit(row, due=date(2024, 6, 7))

    two.fake.before = act
    two.passes(3)
    assert two.fake.before is None
    assert two.hand.read(row, "due") == date(2024, 6, 7)
    assert two.hand.read(row, "note") == "纪要"
    assert two.item("写报告").due == date(2024, 6, 7)
    assert two.quiet()


def test_rows_that_people_add_and_copy_get_ids_of_their_own(two: Hub) -> None:
    """Failure 10."""
    two.hand.add(description="人加的", owner=(two.service.zhang,), status="进行中")
    original = two.row("评估周期")
    told = two.hand.read(original, "id")
    two.hand.copy(original)
    two.passes(2)
    assert two.hand.read(original, "id") == told
    shown = [two.hand.read(row, "id") for row in two.hand.rows()]
    assert len(shown) == len(set(shown)) == 4
    assert None not in shown
    assert len(two.items()) == 4
    assert two.quiet()


# --- rows and rights that go


@only("airtable", "feishu", "notion")
def test_a_deleted_row_closes_its_item(two: Hub) -> None:
    two.hand.delete(two.row("写报告"))
    two.clock.advance(900)  # only a look at all rows can see it
    two.a_pass()
    assert two.item("写报告").closed is not None
    assert two.shown() == ["评估周期"]
    assert two.quiet()


@only("airtable", "feishu", "notion")
def test_all_rows_deleted_waits_for_a_person(two: Hub) -> None:
    """Failure 36."""
    for row in two.hand.rows():
        two.hand.delete(row)
    two.clock.advance(900)
    assert two.a_pass().state == "halted"
    assert all(item.closed is None for item in two.items())


def test_rights_that_were_taken_away_delete_nothing(two: Hub) -> None:
    """Failures 36, 37, 38, 73."""
    attributes, words = two.service.barred
    with changed(two.fake, **attributes):
        two.clock.advance(900)
        report = two.a_pass()
        assert report.state == "failed"
        assert words in str(report.error)
        assert all(item.closed is None for item in two.items())
    assert two.a_pass().state == "ok"
    assert two.shown() == ["写报告", "评估周期"]
    assert two.quiet()


@only("feishu")
def test_rights_that_are_given_back_in_an_advanced_base(two: Hub) -> None:
    """Failures 36, 37, 73: it stays one with rights of its own, and we manage it again."""
    with changed(two.fake, advanced=True):
        with changed(two.fake, manager=False):
            two.clock.advance(900)
            assert two.a_pass().state == "failed"
        assert two.a_pass().state == "ok"
        assert two.shown() == ["写报告", "评估周期"]
        assert all(item.closed is None for item in two.items())
        assert two.quiet()


@only(*JIRA, "notion")
@pytest.mark.parametrize("act", ["archive", "move"])
def test_a_row_that_went_elsewhere_closes_nothing(two: Hub, act: str) -> None:
    """Failures 38, 46."""
    getattr(two.fake, act)(two.row("写报告"))
    for _ in range(6):
        two.clock.advance(900)
        assert two.a_pass().state == "ok"
    assert two.item("写报告").closed is None
    assert two.shown() == ["评估周期"]
    assert two.quiet()


@only(*JIRA, "notion")
def test_rows_that_no_search_shows_delete_nothing(two: Hub) -> None:
    """Failures 36, 37."""
    with changed(two.fake, hidden=set(two.hand.rows())):
        for _ in range(3):
            two.clock.advance(900)
            assert two.a_pass().state == "ok"
        assert all(item.closed is None for item in two.items())
    two.passes(2)
    assert two.shown() == ["写报告", "评估周期"]
    assert two.quiet()


@only(*JIRA)
def test_an_issue_that_is_not_there_closes_nothing_at_once(two: Hub) -> None:
    """Failures 36, 38: the service does not say whether it was deleted or is hidden from us."""
    two.hand.delete(two.row("写报告"))
    for _ in range(3):
        two.clock.advance(900)  # only a look at all rows can see it
        two.a_pass()
        assert two.item("写报告").closed is None
        assert two.shown() == ["评估周期"]
    two.clock.advance(3600)
    two.passes(2)
    assert two.item("写报告").closed is not None
    assert two.shown() == ["评估周期"]
    assert two.quiet()


@only(*JIRA)
def test_an_issue_that_is_to_be_seen_again_closes_nothing(two: Hub) -> None:
    """Failure 37: a right that comes back within the hour."""
    with changed(two.fake, hidden={two.row("写报告")}):
        two.clock.advance(900)
        two.passes(2)
    for _ in range(6):
        two.clock.advance(900)
        two.a_pass()
    assert two.item("写报告").closed is None
    assert two.shown() == ["写报告", "评估周期"]
    assert two.quiet()


@only("notion")
def test_a_page_that_is_not_there_is_deleted_after_two_looks_an_hour_apart(two: Hub) -> None:
    """Failure 38: purged from the trash, or no longer shared: Notion does not say."""
    two.fake.purge(two.row("写报告"))
    for _ in range(4):
        two.clock.advance(900)
        assert two.a_pass().state == "ok"
        assert two.item("写报告").closed is None
    two.clock.advance(900)
    two.a_pass()
    assert two.item("写报告").closed is not None
    assert two.item("评估周期").closed is None
    assert two.quiet()


@only("feishu")
def test_a_hidden_row_closes_nothing_and_comes_back(two: Hub) -> None:
    """Failure 38."""
    with changed(two.fake, hidden_rows={two.row("写报告")}):
        two.clock.advance(900)
        two.a_pass()
        assert two.item("写报告").closed is None
    two.hand.edit(two.row("写报告"), note="又见")
    two.clock.advance(900)
    two.a_pass()
    assert two.item("写报告").note == "又见"
    assert two.shown() == ["写报告", "评估周期"]
    assert two.quiet()


@only("airtable")
def test_calls_that_are_spent_pause_the_tracker_and_lose_nothing(two: Hub) -> None:
    two.read(entry("写报告", due="2024-05-27", note="新"), entry("评估周期", "李四", "2024-06-03"))
    two.fake.quota = 0
    report = two.a_pass()
    assert report.state == "failed"
    assert "2024-06-01" in str(report.error)
    assert (report.retry_after_s or 0) > 86400
    two.fake.quota = None
    two.passes(2)
    assert two.hand.read(two.row("写报告"), "note") == "新"
    assert two.quiet()


# --- ids, statuses, databases


@only(*JIRA)
def test_a_lost_label_comes_back(two: Hub) -> None:
    """Failure 13: the issue is known by its own id."""
    row = two.row("写报告")
    label = two.hand.read(row, "id")
    two.hand.clear_id(row)
    two.passes(2)
    assert two.hand.read(row, "id") == label
    assert len(two.items()) == 2
    assert two.quiet()


@only(*JIRA)
def test_statuses_take_the_ways_of_the_workflow(two: Hub) -> None:
    """A reminder's rule sets what is late; a person reopens; each on the workflow's ways."""
    two.fake.lead(("进行中", "受阻"), ("受阻", "延期"), ("延期", "已完成"), ("已完成", "进行中"))
    row = two.row("写报告")
    two.clock.advance(10 * 86400)
    two.passes(2)
    assert two.hand.read(row, "status") == "延期"
    two.hand.edit(row, status="已完成")
    two.passes(2)
    assert two.item("写报告").status is Status.DONE
    assert two.quiet()


def test_a_lost_database_is_rebuilt_from_the_rows(two: Hub) -> None:
    """Failure 6."""
    before = {(i.id, i.description) for i in two.items()}
    two.lose_store()
    two.read(entry("写报告", due="2024-05-27"), entry("评估周期", "李四", "2024-06-03"))
    two.passes(2)
    assert {(i.id, i.description) for i in two.items()} == before
    assert two.shown() == ["写报告", "评估周期"]
    assert two.quiet()


# --- columns


def test_a_column_that_is_named_and_renamed_in_the_tool_is_still_used(two: Hub) -> None:
    """Failure 65: across restarts, whatever name the team file had for it when it was found."""
    two.setup = replace(two.setup, named=frozenset({"note"}))
    two.restart()
    two.read(entry("订会议室", "李四"))
    two.a_pass()
    two.harness.rename("note")
    two.restart()
    assert two.a_pass().state == "ok"
    assert load(two.service.kind)(two.setup).describe().fields["note"]


# --- whose time counts


def test_a_deletion_counts_by_the_time_of_the_pass(
    two: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failure 3: two minutes after a row was made by ``--now``, whatever the machine's clock says.

    Where nobody says what became of a row, a second complete look an hour later is needed.
    """
    two.hand.delete(two.row("写报告"))
    ahead = [timedelta(hours=1)]
    monkeypatch.setattr(two, "now", lambda: World.now(two) + ahead[0])
    two.restart()
    two.a_pass()
    ahead[0] += timedelta(hours=2)
    two.a_pass()
    assert two.item("写报告").closed is not None
    assert two.item("评估周期").closed is None
    assert two.quiet()
