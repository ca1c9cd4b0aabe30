"""What may be an item: a finding, until a person takes it over."""

from dataclasses import replace
from datetime import date

from fakes.world import TEAM, World, entry

from mapping.people import Directory
from mapping.values import Entry, Finding, Meeting, Reading, Status
from sync.intake import TakenIn, take_in

SURE = entry("写报告", due="2024-05-27")
MAYBE = entry("再看看价格", "李四", line=9)


def read(world: World, digest: str, *, maybe: Entry = MAYBE) -> TakenIn:
    reading = Reading(
        meeting=Meeting(title="周会", start="2024-05-20T10:00"),
        entries=(SURE,),
        findings=(Finding(code="possible-item", message="可能是行动项", line=9),),
        possible=(maybe,),
    )
    with world.store.transaction() as tx:
        return take_in(tx, Directory(TEAM), reading, file="周会.md", digest=digest, now=world.now())


def test_a_possible_item_becomes_one_at_a_persons_word_and_stays_one() -> None:
    world = World()
    taken = read(world, "1")
    world.once()
    assert len(world.items()) == len(world.rows()) == 1
    item = taken.findings[0].item
    assert item is not None
    assert f"minuteloop accept {item}" in taken.findings[0].message

    world.engine.request("accept", item, {"by": "李四"})
    world.once()
    assert [i.description for i in world.items()] == ["写报告", "再看看价格"]
    assert len(world.rows()) == 2
    assert world.quiet()

    again = read(world, "2")
    world.once()
    assert not again.findings
    assert len(world.items()) == 2
    assert world.quiet()


def test_all_that_a_possible_item_tells_is_taken_over() -> None:
    world = World()
    entry_ = replace(
        MAYBE, deliverable="比价表", completed=date(2024, 5, 17), status=Status.BLOCKED
    )
    taken = read(world, "1", maybe=entry_)
    world.engine.request("accept", str(taken.findings[0].item), {})
    world.once()
    item = world.items()[-1]
    assert (item.deliverable, item.completed) == ("比价表", date(2024, 5, 17))
    assert item.status is Status.BLOCKED


def test_what_nobody_takes_over_stays_a_finding() -> None:
    world = World()
    read(world, "1")
    world.engine.request("accept", "ML-000000000", {})
    assert "no possible item" in world.engine.carry_out()[0][1]
    again = read(world, "2")
    assert [f.code for f in again.findings] == ["possible-item"]
    assert len(world.items()) == 1
