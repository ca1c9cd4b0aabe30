"""The ledger: changes gathered, then written with their log lines in one go."""

from datetime import date

import pytest

from mapping import ids
from mapping.people import Directory
from mapping.values import Closed, Item, Person, Status, Team
from sync.ledger import Ledger
from sync.store import Store
from sync.stored import Change

TEAM = Team(name="产品部", people=(Person(name="张三", aliases=("三哥",)),))
AT = "2025-05-20T09:00:00+08:00"


@pytest.fixture
def store() -> Store:
    return Store.open("sqlite://", TEAM.name)


def a_ledger(tx: object) -> Ledger:
    return Ledger(tx, Directory(TEAM), AT)  # type: ignore[arg-type]


def make(ledger: Ledger, text: str = "写报告", **more: object) -> str:
    item_id = ledger.draw(text)
    item = Item(id=item_id, description=text, **more)  # type: ignore[arg-type]
    ledger.create(item, origin="minutes:M-1", place="minutes", why="纪要", actor="m.md")
    return item_id


def change(ledger: Ledger, item_id: str, name: str, new: object) -> None:
    ledger.load([item_id])
    ledger.change(item_id, name, new, origin="tracker:board", place="board", why="改", actor="李四")  # type: ignore[arg-type]


def test_nothing_is_written_before_flush_and_nothing_twice(store: Store) -> None:
    with store.transaction() as tx:
        ledger = a_ledger(tx)
        item_id = make(ledger)
        assert tx.items() == {}
        assert list(ledger.changed) == [item_id]
        ledger.flush()
        assert list(tx.items()) == [item_id]
        assert ledger.changed == {}
        ledger.flush()
        assert len(tx.changes()) == 1


def test_rev_is_the_number_of_the_last_change_and_born_of_the_first(store: Store) -> None:
    with store.transaction() as tx:
        ledger = a_ledger(tx)
        one, two = make(ledger, "一"), make(ledger, "二")
        change(ledger, one, "note", "甲")
        ledger.flush()
        items = tx.items()
        assert (items[one].born, items[one].rev) == (1, 3)
        assert (items[two].born, items[two].rev) == (2, 2)
        change(ledger, two, "note", "乙")
        ledger.flush()
        items = tx.items()
        assert (items[two].born, items[two].rev) == (2, 4)
        assert items[one].rev == 3
    with store.transaction() as tx:
        again = a_ledger(tx)
        change(again, one, "due", date(2025, 6, 1))
        again.flush()
        assert (tx.items()[one].born, tx.items()[one].rev) == (1, 5)


def test_a_change_is_logged_with_both_values_and_who(store: Store) -> None:
    with store.transaction() as tx:
        ledger = a_ledger(tx)
        item_id = make(ledger, due=date(2025, 5, 27))
        change(ledger, item_id, "due", date(2025, 6, 3))
        ledger.flush()
        line = tx.changes(item_id)[-1]
        assert (line.field, line.old, line.new) == ("due", date(2025, 5, 27), date(2025, 6, 3))
        assert (line.place, line.actor, line.why, line.at) == ("board", "李四", "改", AT)
        stored = tx.items()[item_id]
        assert stored.origins["due"] == "tracker:board"
        assert stored.origins["description"] == "minutes:M-1"
        assert "note" not in stored.origins  # nobody said anything of it


def test_an_owner_is_taken_in_the_teams_spelling(store: Store) -> None:
    with store.transaction() as tx:
        ledger = a_ledger(tx)
        item_id = make(ledger)
        change(ledger, item_id, "owner", ("三哥",))
        ledger.flush()
        assert tx.items()[item_id].item.owner == "张三"


def test_a_new_due_day_ends_the_expected_one(store: Store) -> None:
    with store.transaction() as tx:
        ledger = a_ledger(tx)
        item_id = make(ledger, due=date(2025, 5, 1), expected=date(2025, 6, 1), due_text="五一")
        change(ledger, item_id, "due", date(2025, 6, 3))
        ledger.flush()
        item = tx.items()[item_id].item
        assert (item.due, item.due_text, item.expected) == (date(2025, 6, 3), "2025-06-03", None)


def test_closing_adds_a_note_and_a_line(store: Store) -> None:
    closed = Closed(on=date(2025, 5, 20), why="并入二期")
    with store.transaction() as tx:
        ledger = a_ledger(tx)
        one, two = make(ledger, "一"), make(ledger, "二", note="原有")
        for item_id in (one, two):
            ledger.close(item_id, closed, place="command", actor="me")
        ledger.flush()
        items = tx.items()
        assert items[one].item.note == "【已关闭：并入二期，2025-05-20】"
        assert items[two].item.note == "原有\n【已关闭：并入二期，2025-05-20】"
        assert not items[one].item.is_open
        assert [c.kind for c in tx.changes(one)] == ["create", "close"]
        ledger.reopen(items[two].item, why="误关", place="command", actor="me")
        ledger.flush()
        assert tx.items()[two].item.note == "原有"
        assert tx.items()[two].item.is_open


def test_an_id_is_drawn_once_only(store: Store) -> None:
    with store.transaction() as tx:
        ledger = a_ledger(tx)
        first = make(ledger)
        second = make(ledger)
        assert first != second
        assert all(ids.parse(i) == i and ids.is_of(TEAM.name, i) for i in (first, second))
        ledger.flush()
        assert make(a_ledger(tx)) not in {first, second}


def test_what_is_not_there_is_none_and_a_note_changes_no_item(store: Store) -> None:
    with store.transaction() as tx:
        ledger = a_ledger(tx)
        assert ledger.get("ML-none") is None
        ledger.note(Change(item="ML-none", kind="gone", place="board", why=""))
        assert ledger.changed == {}
        ledger.flush()
        assert tx.items() == {}
        assert [c.kind for c in tx.changes()] == ["gone"]


def test_the_ledger_sees_its_own_changes_before_they_are_written(store: Store) -> None:
    with store.transaction() as tx:
        ledger = a_ledger(tx)
        item_id = make(ledger)
        change(ledger, item_id, "status", Status.BLOCKED.value)
        stored = ledger.get(item_id)
        assert stored is not None
        assert stored.item.status is Status.BLOCKED
        assert ledger.load()[item_id] == stored  # all is read, what was changed is kept
