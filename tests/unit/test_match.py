"""Whose row is whose, and which entry is which item."""

import difflib
import time
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from fakes.world import TEAM, entry
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Record
from mapping import ids
from mapping.cells import Cell, Field, Kind
from mapping.lens import Lens, values
from mapping.people import Directory
from mapping.values import Item
from sync.join import LIKE, Mention, alike, join_again, join_series, salient
from sync.links import Known, Link, distance, stale
from sync.match import Matched, match_rows
from sync.merge import Based
from sync.plan import RowPlan, plan_clear

NAMES = ("description", "owner", "due", "note")
LENS = Lens(
    fields={n: Field(name=n, label=n, kind=Kind.DATE if n == "due" else Kind.TEXT) for n in NAMES},
    statuses={},
    directory=Directory(TEAM),
    today=date(2024, 5, 20),
)
A, B, C = (ids.draw(TEAM.name, text) for text in "abc")


def row(place: str, item: str | None, text: str, **cells: Cell) -> Record:
    return Record(
        row_id=place,
        id=item,
        cells={"description": text, "owner": None, "due": None, "note": None, **cells},
        created=place,
    )


def link(item: str, place: str, text: str, **cells: Cell) -> Link:
    shown: dict[str, Cell] = {"description": text, "owner": None, "due": None, "note": None}
    shown |= cells
    base = {n: Based(c, c if not isinstance(c, tuple) else ()) for n, c in shown.items()}
    return Link(item=item, row_id=place, base=base)


def known(item: str, text: str, **more: Any) -> Known:
    return Known(id=item, values=values(Item(id=item, description=text, **more)))


def match(
    records: list[Record],
    links: list[Link],
    items: list[Known],
    *,
    stable: bool = False,
    complete: bool = True,
    **more: Any,
) -> Matched:
    by_item = {x.item: x for x in links}
    return match_rows(
        LENS,
        records,
        by_item,
        {k.id for k in items},
        unlinked={k.id: k for k in items if k.id not in by_item},
        team=TEAM.name,
        stable_rows=stable,
        complete=complete,
        **more,
    )


def test_a_row_that_is_to_be_looked_at_again_is_not_written_over() -> None:
    """Failure 69: it is not known again by its version, and that version guards a write."""
    known_at = replace(link(A, "2", "甲"), version=stale("7"))
    assert known_at.version != "7"
    assert RowPlan(item=A, do="update", link=known_at).to_write().if_version == "7"
    assert stale(None) is None


def test_a_row_is_emptied_again_only_if_more_went_than_its_words() -> None:
    """An item has its words: where they alone are gone, they are written again."""
    plan = RowPlan(item=A, do="update", cells={"note": "完"}, link=link(A, "2", "甲"))
    told = {"description": None, "note": "完"}
    cleared = plan_clear(plan, Record(row_id="2", id=None, cells=told))
    assert cleared is not None
    assert cleared.cells == {"note": None}
    assert plan_clear(plan, Record(row_id="2", id=A, cells=told)) is None
    both = replace(plan, link=link(A, "2", "甲", due="2024-05-22"))
    assert plan_clear(both, Record(row_id="2", id=A, cells=told | {"due": None})) is not None
    assert plan_clear(both, Record(row_id="2", id=None, cells=told | {"due": "2024-05-23"})) is None
    assert (
        plan_clear(both, Record(row_id="2", id=None, cells=told)) is None
    )  # nobody knows what the day is


def test_rows_are_found_by_their_id_wherever_they_stand() -> None:
    found = match(
        [row("9", A, "乙"), row("2", B, "甲")],
        [link(A, "2", "甲"), link(B, "9", "乙")],
        [known(A, "甲"), known(B, "乙")],
    )
    assert {i: r.row_id for i, r in found.pairs.items()} == {A: "9", B: "2"}


def test_an_id_of_another_team_is_left_alone() -> None:
    other = ids.draw("another team", "x")
    found = match([row("2", other, "甲")], [], [known(A, "甲")])
    assert not found.pairs
    assert not found.unknown
    assert not found.rebuilt


def test_a_sound_id_that_is_not_known_is_rebuilt() -> None:
    assert set(match([row("2", A, "甲")], [], []).rebuilt) == {A}


def test_the_original_of_a_copy_is_the_one_nearest_to_its_base() -> None:
    found = match(
        [row("2", A, "甲", note="改了"), row("7", A, "甲")], [link(A, "9", "甲")], [known(A, "甲")]
    )
    assert found.pairs[A].row_id == "7"
    assert [(r.row_id, i) for r, i in found.copies] == [("2", A)]


def test_with_rows_of_their_own_the_linked_row_is_the_original() -> None:
    found = match(
        [row("2", A, "甲"), row("7", A, "甲")], [link(A, "7", "甲")], [known(A, "甲")], stable=True
    )
    assert found.pairs[A].row_id == "7"


def test_a_second_row_of_a_request_that_was_carried_out_twice_goes() -> None:
    """Failure 4: the older stays, the younger is taken out."""
    sent = {A: [row("", A, "甲").cells]}
    records = [row("2", A, "甲"), row("7", A, "甲")]
    found = match(records, [link(A, "7", "甲")], [known(A, "甲")], stable=True, resent=sent)
    assert found.pairs[A].row_id == "2"
    assert [r.row_id for r, _ in found.late] == ["7"]
    assert found.resent == [A]


def test_of_two_rows_the_one_that_a_person_touched_stays() -> None:
    sent = {A: [row("", A, "甲").cells]}
    links = [link(A, "7", "甲")]
    records = [row("2", A, "甲"), row("7", A, "甲", note="有人写过")]
    found = match(records, links, [known(A, "甲")], stable=True, resent=sent)
    assert found.pairs[A].row_id == "7"
    assert [r.row_id for r, _ in found.late] == ["2"]
    both = [row("2", A, "甲", note="也写过"), row("7", A, "甲", note="有人写过")]
    found = match(both, links, [known(A, "甲")], stable=True, resent=sent)
    assert found.pairs[A].row_id == "2"
    assert not found.late
    assert [r.row_id for r, _ in found.copies] == [*found.maybe_ours] == ["7"]


def test_which_of_two_rows_is_taken_out_is_not_turned_round() -> None:
    """Failure 4: a request that takes the one out may be under way; then both would go."""
    sent = {A: [row("", A, "甲").cells]}
    records = [row("2", A, "甲"), row("7", A, "甲", note="有人写过")]
    links = [link(A, "7", "甲", note="有人写过")]
    leaving = {"2": row("", A, "甲").cells}
    found = match(records, links, [known(A, "甲")], stable=True, resent=sent, leaving=leaving)
    assert found.pairs[A].row_id == "7"
    assert [r.row_id for r, _ in found.late] == ["2"]


def test_a_row_that_goes_though_somebody_works_in_it_does_not_stay() -> None:
    """Failure 4: where no version is checked, a request that takes it out may be under way."""
    records = [row("2", A, "甲"), row("7", A, "甲", note="有人写过")]
    told: dict[str, Any] = {"stable": True, "leaving": {"7": row("", A, "甲").cells}}
    found = match(records, [link(A, "2", "甲")], [known(A, "甲")], going={"7"}, **told)
    assert found.pairs[A].row_id == "2"
    assert not found.late
    assert [r.row_id for r, _ in found.copies] == [*found.maybe_ours] == ["7"]
    found = match(records, [link(A, "2", "甲")], [known(A, "甲")], **told)
    assert found.pairs[A].row_id == "7"
    assert [r.row_id for r, _ in found.late] == ["2"]


def test_no_more_rows_are_taken_out_than_requests_were_given_up() -> None:
    """Failures 4 and 10: one more is a copy that a person made, untouched or not."""
    sent = {A: [row("", A, "甲").cells]}
    records = [
        row("2", A, "甲"),
        row("7", A, "甲"),
        row("8", A, "甲"),
        row("9", A, "甲", note="抄"),
    ]
    found = match(records, [link(A, "7", "甲")], [known(A, "甲")], stable=True, resent=sent)
    assert found.pairs[A].row_id == "2"
    assert [r.row_id for r, _ in found.late] == ["7"]
    assert [r.row_id for r, _ in found.copies] == ["8", "9"]
    assert not found.maybe_ours
    leaving = {"7": row("", A, "甲").cells}
    found = match(records, [link(A, "2", "甲")], [known(A, "甲")], stable=True, leaving=leaving)
    assert found.pairs[A].row_id == "2"
    assert [r.row_id for r, _ in found.late] == ["7"]
    assert [r.row_id for r, _ in found.copies] == ["8", "9"]
    assert not found.maybe_ours


def test_a_row_that_is_as_the_item_s_own_and_not_as_sent_is_a_copy() -> None:
    """Failures 4 and 10: as it is or was read, and younger; a tool may fill cells in by itself."""
    sent = {A: [row("", A, "甲").cells]}
    links = [link(A, "7", "甲", note="写过")]
    for was_edited in (False, True):
        own = row("7", A, "甲", note="又写过" if was_edited else "写过")
        records = [own, row("8", A, "甲", note="写过"), replace(own, row_id="9", created="9")]
        found = match(records, links, [known(A, "甲")], stable=True, resent=sent)
        assert found.pairs[A] == own
        assert [r.row_id for r, _ in found.copies] == ["8", "9"]
        assert not found.late
        assert not found.maybe_ours
    older = row("2", A, "甲", note="写过")
    found = match([own, older], links, [known(A, "甲")], stable=True, resent=sent)
    assert found.pairs[A] == older
    alone = [row("8", A, "甲", note="写过"), row("9", A, "甲", note="写过")]
    found = match(alone, links, [known(A, "甲")], stable=True, resent=sent)
    assert found.pairs[A].row_id == "8"  # its own row is gone
    assert [r.row_id for r, _ in found.copies] == ["9"]


def test_a_late_row_is_none_that_people_copied_if_the_item_s_own_is_not_as_it_was_sent() -> None:
    """Failures 4 and 10: for its request a copy was taken in which people worked; one, no more."""
    sent = {A: [row("", A, "甲").cells]}
    own = row("7", A, "甲", note="写过")
    late = [row("8", A, "甲"), row("9", A, "甲")]
    edited, as_sent = [link(A, "7", "甲", note="写过")], [link(A, "7", "甲")]
    found = match([own, *late], edited, [known(A, "甲")], stable=True, accounted=sent)
    assert found.pairs[A] == own
    assert [r.row_id for r, _ in found.late] == ["8"]
    assert [r.row_id for r, _ in found.copies] == ["9"]
    found = match([own, *late], as_sent, [known(A, "甲")], stable=True, accounted=sent)
    assert [r.row_id for r, _ in found.copies] == ["8", "9"]
    found = match(late, edited, [known(A, "甲")], stable=True, accounted=sent)
    assert found.pairs[A].row_id == "8"  # what became of its own is not known
    assert not found.late
    found = match(late, edited, [known(A, "甲")], stable=True, accounted=sent, standing={A})
    assert [r.row_id for r, _ in found.late] == ["8"]


@pytest.mark.parametrize("spoilt", [None, "ML-坏", B])
@pytest.mark.parametrize(("sent", "note"), [(True, None), (True, "有人写过"), (False, None)])
def test_the_row_of_its_own_stays_though_another_has_the_id(
    spoilt: str | None, note: str | None, *, sent: bool
) -> None:
    """Failure 4, with the id spoilt in the row that was made first: the other is no item's row."""
    found = match(
        [row("2", spoilt, "甲"), row("7", A, "甲", note=note)],
        [link(A, "2", "甲")],
        [known(A, "甲")],
        stable=True,
        resent={A: [row("", A, "甲").cells]} if sent else {},
    )
    assert {i: r.row_id for i, r in found.name.items()} == {A: "2"}
    assert not found.pairs
    assert not found.unknown
    twin = sent and note is None
    assert [(r.row_id, i) for r, i in found.late] == ([("7", A)] if twin else [])
    assert [(r.row_id, i) for r, i in found.copies] == ([] if twin else [("7", A)])


@pytest.mark.parametrize(
    ("state", "text"), [("gone", "甲"), ("live", "")], ids=["deleted before", "emptied"]
)
def test_a_row_that_was_given_up_leaves_its_item_to_the_row_with_the_id(
    state: str, text: str
) -> None:
    old = replace(link(A, "2", "甲"), state=state)
    records = [row("2", None, text), row("7", A, "甲")]
    found = match(records, [old], [known(A, "甲")], stable=True)
    assert found.pairs[A].row_id == "7"
    assert not found.name


def test_a_late_twin_is_no_copy_where_the_own_row_was_not_listed() -> None:
    """Failure 4 in a look that lists only what changed."""
    found = match(
        [row("7", A, "甲"), row("8", A, "甲", note="抄来的"), row("9", B, "乙")],
        [link(A, "2", "甲"), link(B, "3", "乙")],
        [known(A, "甲"), known(B, "乙")],
        stable=True,
        complete=False,
        resent={A: [row("", A, "甲").cells]},
        standing={A, B},
    )
    assert [(r.row_id, i) for r, i in found.late] == [("7", A)]
    assert [(r.row_id, i) for r, i in found.copies] == [("8", A), ("9", B)]
    assert not found.pairs
    assert not found.resent


def test_ids_cleared_in_equal_words_are_told_apart_by_what_else_stands_there() -> None:
    found = match(
        [row("2", None, "开会", note="一"), row("3", "ML-坏", "开会", note="二")],
        [link(A, "8", "开会", note="二"), link(B, "9", "开会", note="一")],
        [known(A, "开会"), known(B, "开会")],
    )
    assert {i: r.row_id for i, r in found.name.items()} == {A: "3", B: "2"}
    assert not found.uncertain


def test_what_is_paired_off_decides_between_the_others() -> None:
    """Two rows of equal words lost their ids: one is surely the second item's, one is left."""
    rows = [row("2", None, "甲", note="改"), row("3", None, "甲", note="二")]
    links = [link(A, "2", "甲", note="一"), link(B, "3", "甲", note="二")]
    found = match(rows, links, [known(A, "甲"), known(B, "甲")])
    assert {i: r.row_id for i, r in found.name.items()} == {A: "2", B: "3"}


def test_rows_of_equal_words_that_cannot_be_told_apart_are_for_a_person() -> None:
    """Neither is its item lost, nor is a new one made of it."""
    rows = [row("2", None, "甲", note="一"), row("3", None, "甲", note="二")]
    links = [link(A, "2", "甲", note="三"), link(B, "3", "甲", note="四")]
    found = match(rows, links, [known(A, "甲"), known(B, "甲")])
    assert not found.name
    assert not found.unknown
    assert set(found.held) == {A, B}


def test_a_copy_keeps_its_place_till_its_own_id_is_written() -> None:
    """The original was edited since, so that the copy is nearer to what it was."""
    rows = [row("2", A, "甲", note="改"), row("3", A, "甲", note="一")]
    links = [link(A, "2", "甲", note="一"), replace(link(B, "3", "甲", note="一"), naming=True)]
    found = match(rows, links, [known(A, "甲"), known(B, "甲")])
    assert found.pairs[A].row_id == "2"
    assert found.name[B].row_id == "3"
    assert not found.copies


def test_a_row_whose_words_and_id_changed_is_known_by_the_rest() -> None:
    day = date(2024, 5, 27)
    found = match(
        [row("2", None, "写两份报告", owner="张三", due=day)],
        [link(A, "2", "写报告", owner="张三", due=day)],
        [known(A, "写报告")],
    )
    assert found.name[A].row_id == "2"


def test_two_rows_as_near_to_a_lost_one_are_no_answer() -> None:
    day = date(2024, 5, 27)
    lost = [link(A, "2", "写报告", owner="张三", due=day)]
    near = [
        row("2", None, "写两份报告", owner="张三", due=day),
        row("3", None, "写三份报告", owner="张三", due=day),
    ]
    assert not match(near, lost, [known(A, "写报告")]).name
    far = row("3", None, "写三份报告", owner="李四", due=day)
    assert match([near[0], far], lost, [known(A, "写报告")]).name[A].row_id == "2"


CELLS = st.sampled_from(("甲", "乙", None))
SHEET = st.one_of(
    st.fixed_dictionaries({"owner": CELLS, "due": CELLS, "note": CELLS}),
    st.fixed_dictionaries({"owner": CELLS, "due": CELLS}),  # a column that came later
)


@given(rows=st.lists(SHEET, max_size=5), base=SHEET)
def test_a_lost_row_is_the_only_one_that_differs_in_a_cell_at_most(
    rows: list[dict[str, Cell]], base: dict[str, Cell]
) -> None:
    records = [
        Record(row_id=str(n), id=None, cells={"description": f"新{n}", **cells})
        for n, cells in enumerate(rows)
    ]
    was = Link(item=A, row_id="9", base={n: Based(c, None) for n, c in base.items()})
    near = [r.row_id for r in records if distance(was.base, r) <= 1]
    found = match(records, [was], [known(A, "甲")])
    sure = len(near) == 1 and sum(cell is not None for cell in base.values()) >= 2
    assert [r.row_id for r in found.name.values()] == (near if sure else [])


def test_a_sheet_of_lost_rows_does_not_hold_the_store() -> None:
    """Another sheet saved under the name: neither ids nor words are there any more."""
    count = 6_000
    names = [ids.draw(TEAM.name, str(n)) for n in range(count)]
    links = [link(i, str(n), f"旧{n}", owner=f"甲{n}", note="一") for n, i in enumerate(names)]
    records = [row(str(n), None, f"新{n}", owner=f"乙{n}", note="二") for n in range(count)]
    start = time.process_time()
    found = match(records, links, [known(i, "旧") for i in names])
    assert time.process_time() - start < 6  # rows x links take three times that
    assert not found.name
    assert len(found.unknown) == count


def test_beside_its_original_a_row_is_a_copy_of_that_one_whatever_else_is_lost() -> None:
    """Failure 10: another row of the same words was deleted."""
    found = match(
        [row("3", B, "甲", note="乙的"), row("4", B, "甲", note="乙的")],
        [link(A, "2", "甲", note="甲的"), link(B, "3", "甲", note="乙的")],
        [known(A, "甲"), known(B, "甲")],
        stable=True,
    )
    assert [(r.row_id, i) for r, i in found.copies] == [("4", B)]
    assert A not in found.name


def test_an_overwritten_id_is_seen_through() -> None:
    found = match(
        [row("2", A, "甲"), row("3", A, "乙")],
        [link(A, "2", "甲"), link(B, "3", "乙")],
        [known(A, "甲"), known(B, "乙")],
    )
    assert found.name[B].row_id == "3"
    assert not found.copies


@pytest.mark.parametrize(
    ("cells", "outcome"),
    [
        ({}, "linked"),
        ({"owner": "张三", "due": "2024-05-27"}, "linked"),
        ({"owner": "李四"}, "uncertain"),
        ({"due": "2024-06-27"}, "uncertain"),
        ({"due": "待定"}, "uncertain"),
    ],
)
def test_the_same_words_at_first_contact(cells: dict[str, Cell], outcome: str) -> None:
    """Failure 8: nothing contrary links, all else is for a person."""
    item = known(A, "写报告", owner="张三", owners=("张三",), due=date(2024, 5, 27))
    found = match([row("2", None, "写 报告。", **cells)], [], [item])
    assert set(found.name) == ({A} if outcome == "linked" else set())
    assert set(found.held) == ({A} if outcome == "uncertain" else set())
    assert not found.unknown


def test_two_rows_for_one_item_are_for_a_person() -> None:
    found = match([row("2", None, "甲"), row("3", None, "甲")], [], [known(A, "甲")])
    assert not found.name
    assert len(found.uncertain) == 2


def test_a_row_of_an_item_that_has_one_is_new() -> None:
    found = match([row("2", A, "甲"), row("3", None, "甲")], [link(A, "2", "甲")], [known(A, "甲")])
    assert [r.row_id for r in found.unknown] == ["3"]


# --- documents ---


def told(item: str, place: int, text: str, owner: str | None = "张三") -> Mention:
    return Mention(
        item=item,
        place=place,
        told={"description": text, "owner": (owner,) if owner else ()},
    )


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("提交测试报告初稿", "提交测试报告的初稿", True),
        ("提交3份测试报告", "提交4份测试报告", False),
        ("修订《退款流程》", "修订《投诉流程》", False),
        ("升级 Alpha 服务器", "升级 Beta 服务器", False),
        ("请李四核对预算", "请王五核对预算", False),
        ("提交6月报表", "提交7月报表", False),
        ("写报告", "联系客户", False),
    ],
)
def test_a_reworded_line_in_its_place(old: str, new: str, same: bool) -> None:
    """Failure 81."""
    joined = join_again([entry(new)], [told(A, 0, old)], people=("张三", "李四", "王五"))
    assert (joined.items == {0: A}) is same
    assert (joined.gone == [A]) is not same


def test_another_owner_is_another_item_unless_the_words_are_the_same() -> None:
    assert not join_again([entry("写好报告", "李四")], [told(A, 0, "写报告")]).items
    assert join_again([entry("写报告", "李四")], [told(A, 0, "写报告")]).items == {0: A}


def test_lines_that_moved_are_the_same_lines() -> None:
    joined = join_again(
        [entry("丙"), entry("甲"), entry("乙")],
        [told(A, 0, "甲"), told(B, 1, "乙"), told(C, 2, "丙")],
    )
    assert joined.items == {0: C, 1: A, 2: B}
    assert not joined.gone


def test_a_rewording_does_not_jump_over_its_neighbours() -> None:
    mentions = [told(A, 0, "准备第一轮评审材料包"), told(B, 1, "乙")]
    joined = join_again([entry("乙"), entry("准备首轮评审材料包")], mentions)
    assert joined.items == {0: B}
    assert joined.uncertain[1] == [A]


def test_a_rewording_stands_between_the_same_neighbours() -> None:
    mentions = [told(A, 0, "甲"), told(B, 1, "准备第一轮评审材料包"), told(C, 2, "丙")]
    reworded = entry("准备第一轮评审的材料包")
    joined = join_again([entry("甲"), reworded, entry("丙")], mentions)
    assert joined.items == {0: A, 1: B, 2: C}
    for order in ([reworded, entry("甲"), entry("丙")], [entry("甲"), entry("丙"), reworded]):
        moved = join_again(order, mentions)
        assert set(moved.items.values()) == {A, C}
        assert [B] in moved.uncertain.values()


def test_a_rewording_that_was_joined_is_a_neighbour_of_the_next() -> None:
    mentions = [told(A, 0, "整理第一轮访谈记录"), told(B, 1, "准备第一轮评审材料包")]
    entries = [entry("准备第一轮评审的材料包"), entry("整理第一轮的访谈记录")]
    joined = join_again(entries, mentions)
    assert joined.items == {0: B}
    assert joined.uncertain == {1: [A]}


def test_a_carried_row_may_be_worded_a_little_differently() -> None:
    item = known(A, "准备 Alpha 评审材料包", owner="张三", owners=("张三",))
    carried = entry("准备 Alpha 评审的材料包", carried=True)
    assert join_series([carried], [item], same_series={A}).items == {0: A}
    assert join_series([carried], [item], same_series=()).uncertain == {0: [A]}
    other = entry("准备 Beta 评审的材料包", carried=True)
    assert join_series([other], [item], same_series={A}).uncertain == {0: [A]}
    twin = known(B, "准备 Alpha 评审之材料包", owner="张三", owners=("张三",))
    unsure = join_series([carried], [item, twin], same_series={A, B})
    assert unsure.uncertain == {0: [A, B]}


def test_a_carried_row_speaks_of_any_open_item_a_plain_one_of_its_series() -> None:
    """Failure 82."""
    items = [known(A, "写报告", owner="张三", owners=("张三",)), known(B, "写报告")]
    plain = join_series([entry("写报告")], items[:1], same_series=())
    assert not plain.items
    assert join_series([entry("写报告")], items[:1], same_series={A}).items == {0: A}
    carried = entry("写报告", carried=True)
    assert join_series([carried], items[:1], same_series=()).items == {0: A}
    unsure = join_series([carried], items, same_series=())
    assert not unsure.items
    assert set(unsure.uncertain[0]) == {A, B}


def test_another_owner_in_the_series_is_not_joined() -> None:
    items = [known(A, "写报告", owner="李四", owners=("李四",))]
    assert not join_series([entry("写报告")], items, same_series={A}).items


TEXTS = st.text(alphabet="甲乙丙丁ab", max_size=12)


@given(a=TEXTS, b=TEXTS)
def test_the_bound_on_likeness_hides_nothing(a: str, b: str) -> None:
    ratio = difflib.SequenceMatcher(None, a, b, autojunk=False).ratio()
    assert alike(a, b) == (ratio if ratio >= LIKE else 0.0)


def test_likeness() -> None:
    assert alike("寫報告", "写报告。") == 1.0
    assert alike("写报告", "完全不同的事情") == 0.0
    assert salient("提交《A》3份") == salient("3份《A》提交")
