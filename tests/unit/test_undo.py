"""`undo`: a change taken back, out to the trackers, and what was done since respected."""

from datetime import date

from fakes.world import World, entry


def edited(**cells: object) -> tuple[World, str]:
    world = World("a", "b")
    world.read(entry("写报告", due="2024-05-27"))
    world.once()
    world.store.run = "R-1"
    world.actors["a"].edit("r000001", **cells)  # type: ignore[arg-type]
    world.once()
    world.store.run = "R-2"
    return world, world.items()[0].id


def test_one_change_goes_back_in_every_tracker() -> None:
    world, item = edited(due=date(2024, 6, 3))
    seq = next(c.seq for c in world.log(item) if c.field == "due")
    world.engine.request("undo", str(seq), {"by": "李四"})
    world.once()
    assert world.rows("a")[0]["due"] == world.rows("b")[0]["due"] == date(2024, 5, 27)
    assert world.log(item)[-3].why == f"撤销第 {seq} 条"
    assert world.quiet()


def test_a_later_edit_stands() -> None:
    world, item = edited(due=date(2024, 6, 3))
    seq = next(c.seq for c in world.log(item) if c.field == "due")
    world.actors["b"].edit("r000001", due=date(2024, 6, 10))
    world.once()
    world.engine.request("undo", str(seq), {})
    assert "stands" in world.engine.carry_out()[0][1]
    world.once()
    assert world.rows("a")[0]["due"] == date(2024, 6, 10)


def test_the_loser_of_a_conflict_comes_back() -> None:
    """Failure 28: one command restores it."""
    world, item = edited(note="甲说")
    world.actors["a"].edit("r000001", note="乙说")
    world.actors["b"].edit("r000001", note="丙说")
    world.once()
    lost = next(c for c in world.log(item) if c.kind == "conflict")
    world.engine.request("undo", str(lost.seq), {})
    world.once()
    assert world.rows("a")[0]["note"] == world.rows("b")[0]["note"] == "丙说"
    assert world.quiet()


def test_all_of_a_pass_and_all_of_a_person() -> None:
    for what in ("pass:R-1", "actor:李四"):
        world, _ = edited(due=date(2024, 6, 3), note="等数据", deliverable="初稿")
        world.engine.request("undo", what, {})
        world.once()
        row = world.rows("b")[0]
        assert (row["due"], row["note"], row["deliverable"]) == (date(2024, 5, 27), None, None)
        assert world.quiet()


def test_a_closed_item_is_opened_again_and_a_created_one_closed() -> None:
    world, item = edited(note="x")
    world.engine.request("close", item, {"why": "误"})
    world.once()
    seq = next(c.seq for c in world.log(item) if c.kind == "close")
    world.engine.request("undo", str(seq), {})
    world.once()
    assert world.items()[0].closed is None
    born = next(c.seq for c in world.log(item) if c.kind == "create")
    world.engine.request("undo", str(born), {})
    world.once()
    assert world.items()[0].closed is not None


def test_what_there_is_not_is_said() -> None:
    world, _ = edited(note="x")
    world.engine.request("undo", "9999", {})
    assert "nothing to take back" in world.engine.carry_out()[0][1]
