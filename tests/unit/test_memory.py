from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from fakes.clock import FakeClock
from fakes.faulty import Person as Hand

from connectors.base import Outcome, Record, RowState, Setup, Write
from connectors.errors import ConflictError, PermanentError, SchemaError
from connectors.memory import Column, Memory, table_for
from mapping.cells import Cell, Cells, Kind, User
from mapping.values import Department, Person
from mapping.words import COLUMNS

SETUP = Setup(
    name="board",
    options={},
    columns=COLUMNS["zh"],
    people=(
        Person(name="张三", email="a@example.com"),
        Person(name="李四", accounts={"memory": "li"}),
    ),
    departments=(Department(name="技术部"),),
    clock=FakeClock(),
)
ROW: dict[str, Cell] = {"description": "写报告", "due": date(2024, 5, 27), "status": "进行中"}


class Desk:
    """A table, a connector to it and somebody who works in it."""

    def __init__(self, **abilities: Any) -> None:
        self.clock = FakeClock()
        self.table = table_for(SETUP)
        for name, value in abilities.items():
            setattr(self.table, name, value)
        self.setup = replace(SETUP, options={"table": self.table}, clock=self.clock)
        self.memory = Memory(self.setup)
        self.hand = Hand(self.table, COLUMNS["zh"], self.clock)

    def send(self, *writes: Write) -> list[Outcome]:
        return list(self.memory.apply(writes))

    def make(self, item_id: str = "ML-1", cells: Cells = ROW) -> Record:
        [outcome] = self.send(Write(id=item_id, cells=cells))
        assert outcome.record is not None
        return outcome.record


def test_a_restart_sees_the_same_rows() -> None:
    desk = Desk()
    record = desk.make()
    assert list(Memory(desk.setup).pull(None).records) == [record]


def test_without_a_table_it_makes_its_own() -> None:
    one, two = Memory(SETUP), Memory(SETUP)
    one.apply([Write(id="ML-1", cells=ROW)])
    assert len(one.pull(None).records) == 1
    assert not two.pull(None).records


def test_accounts_are_found_by_id_then_address_then_name() -> None:
    desk = Desk()
    users = desk.memory.describe().fields["owner"].users
    assert {name: user.key for name, user in users.items()} == {"张三": "u1", "李四": "li"}


def test_two_accounts_of_one_name_are_no_answer() -> None:
    """Failure 67: never somebody at random."""
    desk = Desk(accounts=(User("1", "王五"), User("2", "王五"), User("3", "赵六")))
    people = (Person(name="王五"), Person(name="赵六"), Person(name="孙七"))
    users = Memory(replace(desk.setup, people=people)).describe().fields["owner"].users
    assert users == {"赵六": User("3")}


def test_versions_change_with_every_edit() -> None:
    desk = Desk()
    first = desk.make()
    desk.hand.edit(first.row_id, note="人写的")
    [now] = desk.memory.find(["ML-1"])
    assert now.version != first.version
    assert now.editor == "李四"


def test_a_table_that_checks_no_version_lets_the_last_win() -> None:
    desk = Desk(checks_version=False)
    record = desk.make()
    desk.hand.edit(record.row_id, note="人写的")
    write = Write(id="ML-1", cells={"note": "我们"}, row_id=record.row_id, if_version="0")
    [outcome] = desk.send(write)
    assert outcome.error is None
    assert desk.hand.read(record.row_id, "note") == "我们"


def test_a_key_that_was_used_makes_no_second_row() -> None:
    desk = Desk(idempotent_create=True)
    write = Write(id="ML-1", cells=ROW, token="key")
    one, two = desk.send(write, write)
    assert one == two
    assert len(desk.hand.rows("ML-1")) == 1


def test_without_keys_a_second_create_is_a_second_row() -> None:
    desk = Desk()
    write = Write(id="ML-1", cells=ROW, token="key")
    one, two = desk.send(write, write)
    assert one.record is not None
    assert two.record is not None
    assert one.record.created < two.record.created
    assert len(desk.memory.find(["ML-1"])) == 2


def test_the_search_lags_behind_creates_and_edits() -> None:
    """Failure 3."""
    desk = Desk(search_lag_s=30.0)
    record = desk.make()
    assert not desk.memory.find(["ML-1"])
    assert not desk.memory.pull(None).records
    desk.clock.advance(30)
    assert list(desk.memory.find(["ML-1"])) == [record]
    desk.hand.edit(record.row_id, note="新")
    [old] = desk.memory.find(["ML-1"])
    assert old == record
    desk.clock.advance(30)
    [new] = desk.memory.find(["ML-1"])
    assert new.cells["note"] == "新"


def test_no_edit_falls_between_two_looks_while_the_search_lags() -> None:
    """Failure 19: the cursor stays behind by the lag and by the grain of the edit times."""
    desk = Desk(search_lag_s=45.0, grain_s=60.0)
    record = desk.make()
    desk.clock.advance(300)
    cursor = desk.memory.pull(None).cursor
    told: set[Cell] = set()
    for second in range(0, 240, 7):
        if second < 120:
            desk.hand.edit(record.row_id, note=str(second))
        desk.clock.advance(7)
        changes = desk.memory.pull(cursor)
        cursor = changes.cursor
        told |= {row.cells["note"] for row in changes.records}
    assert {str(second) for second in range(0, 120, 7)} <= told
    assert not changes.records


def test_deleted_rows_are_told_only_where_the_table_tells() -> None:
    for tells in (True, False):
        desk = Desk(reports_deletes=tells)
        record = desk.make()
        cursor = desk.memory.pull(None).cursor
        desk.hand.delete(record.row_id)
        gone = [RowState.GONE] if tells else []
        assert [r.state for r in desk.memory.pull(cursor).records] == gone
        assert [r.state for r in desk.memory.find(["ML-1"])] == gone
        assert not desk.memory.pull(None).records


def test_a_restored_row_is_the_same_row() -> None:
    desk = Desk()
    record = desk.make()
    desk.hand.delete(record.row_id)
    desk.hand.restore(record.row_id)
    [back] = desk.memory.find(["ML-1"])
    assert (back.row_id, back.cells, back.state) == (record.row_id, record.cells, RowState.LIVE)


def test_a_deleted_row_takes_no_write() -> None:
    desk = Desk()
    record = desk.make()
    desk.hand.delete(record.row_id)
    for row_id in (record.row_id, "r999999"):
        [outcome] = desk.send(Write(id="ML-1", cells={"note": "x"}, row_id=row_id))
        assert isinstance(outcome.error, ConflictError)


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("status", "飞起来"),
        ("status", date(2024, 5, 20)),
        ("department", "法务部"),
        ("support", ("法务部",)),
        ("support", "技术部"),
        ("due", "下周五"),
        ("owner", "张三"),
        ("owner", ("张三",)),
        ("owner", (User("nobody"),)),
        ("owner", (User("u1"), User("li"))),
        ("note", ("a",)),
        ("note", "x" * 11),
        ("meeting", "locked"),
        ("colour", "red"),
    ],
)
def test_what_a_column_does_not_take(name: str, cell: Cell) -> None:
    desk = Desk()
    desk.table.columns[COLUMNS["zh"]["note"]] = Column(text_limit=10)
    desk.table.columns[COLUMNS["zh"]["meeting"]] = Column(writable=False)
    [outcome] = desk.send(Write(id="ML-1", cells={**ROW, name: cell}))
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == name
    assert not desk.hand.rows()


def test_what_a_column_takes() -> None:
    desk = Desk()
    desk.table.columns[COLUMNS["zh"]["owner"]] = Column(kind=Kind.USERS, multiple=True)
    cells: dict[str, Cell] = {
        "owner": (User("u1"), User("li")),
        "support": ("技术部",),
        "department": None,
        "note": "",
    }
    record = desk.make(cells={**ROW, **cells})
    assert record.cells["owner"] == cells["owner"]
    assert record.cells["support"] == ("技术部",)
    assert record.cells["note"] is record.cells["department"] is None
    assert record.cells["completed"] is None


def test_a_column_that_is_needed_is_missing() -> None:
    """Failure 65."""
    for name in ("id", "due", "note"):
        desk = Desk()
        del desk.table.columns[COLUMNS["zh"][name]]
        setup = replace(desk.setup, named=frozenset({"note"}))
        with pytest.raises(SchemaError) as caught:
            Memory(setup).describe()
        assert caught.value.field == name
        assert COLUMNS["zh"][name] in caught.value.message


def test_a_column_that_may_be_missing_is_not_carried() -> None:
    desk = Desk()
    del desk.table.columns[COLUMNS["zh"]["note"]]
    schema = desk.memory.describe()
    assert "note" not in schema.fields
    assert len(schema.notes) == 1
    assert "note" not in desk.make().cells


def test_prepare_makes_what_is_missing_once() -> None:
    desk = Desk()
    del desk.table.columns[COLUMNS["zh"]["due"]]
    assert len(desk.memory.prepare()) == 1
    assert desk.memory.describe().fields["due"].kind is Kind.DATE
    assert not desk.memory.prepare()


def test_calls_count_pages() -> None:
    desk = Desk(page=10)
    assert desk.memory.pull(None).calls == 1
    for n in range(25):
        desk.make(f"ML-{n}")
    assert desk.memory.pull(None).calls == 3


def test_edit_times_are_cut_to_the_grain() -> None:
    desk = Desk(grain_s=60.0)
    desk.clock.advance(59)
    assert desk.table.edit_time(desk.clock.wall()).second == 0
