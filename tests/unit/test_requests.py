"""Decisions that commands write down: each carried out once, or answered with the reason."""

from datetime import date
from typing import Any

import pytest
from fakes.world import World, entry

from mapping.values import Item, Status


@pytest.fixture
def world() -> World:
    made = World()
    made.read(entry("写报告", due="2024-05-27"), entry("评估周期", "李四", "2024-05-24"))
    made.once()
    return made


def ask(world: World, verb: str, target: str, **args: str) -> str:
    world.engine.request(verb, target, args)
    ((_, answer),) = world.engine.carry_out()
    return answer


def first(world: World) -> Item:
    return next(i for i in world.items() if i.description == "写报告")


def report_done(world: World, **cells: Any) -> None:
    world.actors["board"].edit("r000001", status="已完成", **cells)
    world.once()


def test_what_was_carried_out_is_not_carried_out_again(world: World) -> None:
    assert ask(world, "close", first(world).id, why="取消", by="me") == "closed"
    count = len(world.log())
    assert world.engine.carry_out() == []
    assert len(world.log()) == count


def test_close_writes_why_and_who(world: World) -> None:
    ask(world, "close", first(world).id, why="取消", by="me")
    item = first(world)
    assert item.closed
    assert (item.closed.on, item.closed.why) == (world.now().date(), "取消")
    line = next(c for c in world.log(item.id) if c.kind == "close")
    assert (line.actor, line.why, line.place) == ("me", "取消", "command")
    world.once()
    assert "取消" in world.rows()[0]["note"]
    assert world.quiet()


def test_close_twice_changes_nothing(world: World) -> None:
    ask(world, "close", first(world).id, why="取消")
    before = first(world)
    assert ask(world, "close", before.id, why="另一个原因") == "closed already"
    assert first(world) == before


@pytest.mark.parametrize("verb", ["close", "verify"])
def test_an_item_that_is_not_there_is_answered(world: World, verb: str) -> None:
    assert "ML-000000000" in ask(world, verb, "ML-000000000", why="x")


def test_a_verb_of_a_newer_program_is_answered(world: World) -> None:
    count = len(world.log())
    assert "does not know" in ask(world, "dance", first(world).id)
    assert len(world.log()) == count


def test_verify_needs_a_report(world: World) -> None:
    """D5."""
    assert "no completion" in ask(world, "verify", first(world).id, by="李四")
    assert first(world).status is Status.IN_PROGRESS


def test_verify_makes_it_done_once(world: World) -> None:
    """D5."""
    report_done(world)
    assert ask(world, "verify", first(world).id, by="李四") == "done"
    item = first(world)
    assert item.verified
    assert (item.verified.by, item.verified.on, item.status) == (
        "李四",
        world.now().date(),
        Status.DONE,
    )
    assert "done already" in ask(world, "verify", item.id, by="王五")
    assert first(world).verified == item.verified


def test_a_refusal_takes_the_report_back_with_the_reason(world: World) -> None:
    """D5."""
    report_done(world, note="已交", completed=date(2024, 5, 20))
    answer = ask(world, "verify", first(world).id, by="李四", refuse="缺图")
    assert answer == "sent back to the owner"
    item = first(world)
    assert (item.completed, item.status, item.verified) == (None, Status.IN_PROGRESS, None)
    assert item.note
    assert "已交" in item.note
    assert "缺图" in item.note
    world.once()
    assert world.rows()[0]["status"] == "进行中"
    assert world.rows()[0]["completed"] is None
    assert world.quiet()
    report_done(world)  # and the owner may report it again
    assert ask(world, "verify", item.id, by="李四") == "done"


def test_a_closed_item_is_not_verified(world: World) -> None:
    report_done(world)
    ask(world, "close", first(world).id, why="取消")
    assert "closed or done" in ask(world, "verify", first(world).id, by="李四")


def test_a_plan_that_nobody_holds_is_answered(world: World) -> None:
    assert "P-nothing" in ask(world, "release", "P-nothing")


def test_decisions_are_carried_out_in_their_order(world: World) -> None:
    report_done(world)
    item_id = first(world).id
    world.engine.request("verify", item_id, {"by": "李四", "refuse": "缺图"})
    world.engine.request("verify", item_id, {"by": "李四"})
    answers = [answer for _, answer in world.engine.carry_out()]
    assert answers == ["sent back to the owner", "no completion was reported yet"]


def test_a_person_who_edits_after_a_decision_is_not_overruled_in_silence(world: World) -> None:
    """Promise 2: a command beats a tool; the loser stands in the log."""
    item_id = first(world).id
    world.actors["board"].edit("r000001", note="我的话")
    ask(world, "close", item_id, why="取消")
    world.once()
    log = world.log(item_id)
    item = first(world)
    kept = [str(c.new) for c in log if c.kind == "conflict"]
    assert "我的话" in (item.note or "") or any("我的话" in k for k in kept)
    assert world.quiet()
