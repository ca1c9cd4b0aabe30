"""Bases of a whole file that go back to an earlier state."""

from datetime import date

from fakes.world import TEAM

from connectors.base import Changes, Record
from mapping import ids
from mapping.lens import Lens
from mapping.people import Directory
from sync.ledger import Ledger
from sync.links import Link
from sync.merge import Based
from sync.rewind import go_back
from sync.rows import Rows
from sync.store import Store
from sync.stored import TrackerState
from sync.tracker import Scope, Tally

A, B = (ids.draw(TEAM.name, text) for text in "ab")


def test_a_row_that_an_older_copy_lacks_is_not_written_back_though_its_answer_was_just_found() -> (
    None
):
    directory, today = Directory(TEAM), date(2024, 5, 20)
    kept, found = (
        Link(item=i, row_id=f"row-{i}", base={"description": Based(text, text)})
        for i, text in ((A, "甲"), (B, "乙"))
    )
    with Store.open("sqlite://", TEAM.name).transaction() as tx:
        tx.put_state("board", "bytes", 1)
        tx.remember("board", 2, {B: None})
        rows = Rows(
            lens=Lens(fields={}, statuses={}, directory=directory, today=today),
            scope=Scope(name="board", rank={}),
            ledger=Ledger(tx, directory, "2024-05-20T09:00:00+08:00"),
            links={A: kept, B: found},
            today=today,
            whole_file=True,
            tally=Tally(),
            moved={B: found},
        )
        row = Record(row_id=kept.row_id, id=A, cells={"description": "甲"})
        changes = Changes(records=[row], cursor=None, complete=True, digest="bytes")
        assert go_back(rows, TrackerState(seq=2), changes).again
    assert (rows.dropped, rows.moved, rows.links) == ([B], {}, {A: kept})
