"""The three-way merge: a table of cases, and its laws over all values."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.cells import Cell, Field, Kind, User
from mapping.lens import Lens, Value, read, write
from mapping.people import Directory
from mapping.values import Person, Status, Team
from sync.merge import Based, beats, merge_row, merge_told

DAY, LATER, THIRD = date(2024, 5, 27), date(2024, 6, 3), date(2024, 6, 10)
TEAM = Team(name="t", people=(Person(name="张三"), Person(name="李四")))
LENS = Lens(
    fields={
        "description": Field(name="description", label="行动项描述"),
        "owner": Field(name="owner", label="负责人"),
        "due": Field(name="due", label="计划完成时间", kind=Kind.DATE),
        "status": Field(name="status", label="状态", kind=Kind.OPTION),
        "support": Field(name="support", label="配合部门", kind=Kind.OPTIONS),
        "note": Field(name="note", label="备注"),
    },
    statuses={
        Status.IN_PROGRESS: ("进行中", "评审中"),
        Status.DONE: ("已完成",),
        Status.LATE: ("延期",),
        Status.BLOCKED: ("受阻",),
    },
    directory=Directory(TEAM),
    today=date(2024, 5, 20),
)


@pytest.mark.parametrize(
    ("user", "found", "owner"),
    [
        (User("u1", "张三"), True, "张三"),
        (User("u1", "Zhang San"), True, "张三"),  # the account that was found, however it is shown
        (User("u7", "张三", "zhang@example.com"), True, "张三"),
        (User("u2", "张三"), True, "张三 <u2>"),
        (User("u2", "张三", "zhang2@example.com"), True, "张三 <zhang2@example.com>"),
        (User("u2", "张三", "zhang2@example.com"), False, "张三 <zhang2@example.com>"),
        (User("u2", "张三"), False, "张三"),  # no account was found, and nothing objects
        (User("u2", "钱七"), True, "钱七"),
    ],
)
def test_a_namesake_is_not_taken_for_the_team_s_person(user: User, found: bool, owner: str) -> None:
    zhang = Person(name="张三", email="zhang@example.com")
    users = {"张三": User("u1", "张三", "zhang@example.com")} if found else {}
    column = Field(name="owner", label="负责人", kind=Kind.USERS, users=users)
    team = Directory(Team(name="t", people=(zhang, Person(name="李四"))))
    lens = replace(LENS, fields={"owner": column, "support": column}, directory=team)
    seen = read(lens, "owner", (user,))
    assert seen.value == (owner,)
    assert (seen.finding is None) == (owner == "张三")
    assert read(lens, "support", (user,)).value == (owner,)
    assert not write(lens, "owner", seen.value, (user,)).write


@pytest.mark.parametrize(
    ("name", "base", "cell", "ours", "wins", "taken", "lost"),
    [
        ("due", (DAY, DAY), DAY, DAY, True, None, None),
        ("due", (DAY, DAY), LATER, DAY, True, LATER, None),
        ("due", (DAY, DAY), DAY, LATER, True, None, None),
        ("due", (DAY, DAY), LATER, LATER, True, None, None),
        ("due", (DAY, DAY), LATER, THIRD, True, LATER, THIRD),
        ("due", (DAY, DAY), LATER, THIRD, False, None, LATER),
        ("due", (DAY, DAY), None, DAY, True, "empty", None),
        ("due", (DAY, DAY), "下周五", DAY, True, None, None),
        ("due", None, LATER, DAY, True, LATER, DAY),
        ("due", None, LATER, None, True, LATER, None),
        ("due", None, None, DAY, True, None, None),
        ("status", ("进行中", "in-progress"), "评审中", "in-progress", True, None, None),
        ("note", ("a", "a" * 50), "b", "a" * 50, True, "b", None),
        ("support", (("甲",), ("甲",)), ("甲", "乙"), ("甲", "丙"), True, ("甲", "丙", "乙"), None),
        (
            "support",
            (("甲", "乙"), ("甲", "乙")),
            ("甲",),
            ("甲", "乙", "丙"),
            True,
            ("甲", "丙"),
            None,
        ),
    ],
)
def test_one_field(
    name: str,
    base: tuple[Cell, Value] | None,
    cell: Cell,
    ours: Value,
    wins: bool,
    taken: Value,
    lost: Value,
) -> None:
    merged = merge_row(
        LENS,
        {name: Based(*base)} if base else {},
        {name: cell},
        {name: ours},
        wins={name: wins},
    )
    took = [t.new for t in merged.takes] + [c.kept for c in merged.conflicts if c.tool_won]
    assert took == ([] if taken is None else [None if taken == "empty" else taken])
    assert [c.lost for c in merged.conflicts] == ([] if lost is None else [lost])


texts = st.sampled_from(["", "写报告", "写季度报告", "x" * 40, "进行中", "2024-05-27"])
cells: st.SearchStrategy[Cell] = st.one_of(st.none(), texts.map(lambda t: t or None))


@given(base=cells, cell=cells, ours=cells, wins=st.booleans())
def test_laws(base: Cell, cell: Cell, ours: Cell, wins: bool) -> None:
    mine: Value = ours if isinstance(ours, str) else None
    held: Value = base if isinstance(base, str) else None
    merged = merge_row(
        LENS, {"note": Based(base, held)}, {"note": cell}, {"note": mine}, wins={"note": wins}
    )
    result = mine
    for take in merged.takes:
        result = take.new
    for conflict in merged.conflicts:
        result = conflict.kept
    theirs = read(LENS, "note", cell).value
    assert result in (mine, theirs)  # every value comes from an input
    if cell == base:
        assert result == mine  # only ours changed
        assert not merged.base
    elif mine == held:
        assert result == theirs  # only theirs changed
        assert not merged.conflicts
    elif theirs == mine:
        assert not merged.conflicts  # the same change twice is none
    else:
        assert {merged.conflicts[0].kept, merged.conflicts[0].lost} == {mine, theirs}
    if cell != base:
        assert merged.base["note"].cell == cell  # the base is what the tool shows now


def test_what_was_merged_is_quiet() -> None:
    """Promise 4: merging again what is agreed on says nothing."""
    first = merge_row(
        LENS, {}, {"due": "待定", "note": "x"}, {"due": DAY, "note": "y"}, wins={"note": True}
    )
    again = merge_row(
        LENS, first.base, {"due": "待定", "note": "x"}, {"due": DAY, "note": "x"}, wins={}
    )
    assert not again.takes
    assert not again.conflicts


def test_people_are_read_by_account_name_and_address() -> None:
    lens = Lens(
        fields={"owner": Field(name="owner", label="负责人", kind=Kind.USERS)},
        statuses={},
        directory=Directory(
            Team(
                name="t",
                people=(Person(name="张三", email="z@example.com", accounts={"x": "ou_1"}),),
            )
        ),
        today=DAY,
    )
    for user in (User("ou_1"), User("9", "张三"), User("9", "Zhang", "z@example.com")):
        assert read(lens, "owner", (user,)).value == ("张三",)
    unknown = read(lens, "owner", (User("9", "外人"),))
    assert unknown.value == ("外人",)
    assert unknown.finding is not None
    assert unknown.finding.code == "owner-unknown"


def test_precedence() -> None:
    rank = {"a": 0, "b": 1}
    assert beats(rank, "a", "tracker:b")
    assert not beats(rank, "b", "tracker:a")
    assert beats(rank, "b", "minutes:M-1")
    assert beats(rank, "b", "rule:D6")
    assert not beats(rank, "a", "command:verify")


@pytest.mark.parametrize(
    ("base", "told", "ours", "origin", "latest", "same", "taken", "lost"),
    [
        (DAY, DAY, LATER, "tracker:a", True, True, None, None),  # nothing new is told
        (DAY, LATER, DAY, "minutes:1", True, True, LATER, None),
        (DAY, LATER, THIRD, "tracker:a", True, True, None, LATER),  # a person beats minutes
        (DAY, LATER, THIRD, "rule:x", True, True, LATER, None),  # minutes beat a rule
        (DAY, LATER, THIRD, "minutes:2", False, True, None, LATER),  # a later meeting stands
        (DAY, None, DAY, "minutes:1", True, True, "empty", None),  # emptied in the same document
        (DAY, None, DAY, "minutes:1", True, False, None, None),  # absent in another one
        (None, LATER, None, "", True, True, LATER, None),
        (None, LATER, DAY, "tracker:a", True, False, None, LATER),
    ],
)
def test_minutes_as_a_side(
    base: Value,
    told: Value,
    ours: Value,
    origin: str,
    latest: bool,
    same: bool,
    taken: Value,
    lost: Value,
) -> None:
    merged = merge_told(
        {"due": base} if base else ({} if same else None),
        {"due": told},
        {"due": ours},
        origins={"due": origin},
        latest=latest,
        same_document=same,
    )
    assert [t.new for t in merged.takes] == (
        [] if taken is None else [None if taken == "empty" else taken]
    )
    assert [c.lost for c in merged.conflicts] == ([] if lost is None else [lost])


@pytest.mark.parametrize(("name", "value"), [("status", "in-progress"), ("description", "写报告")])
def test_what_an_item_must_have_is_written_again_where_it_was_emptied(
    name: str, value: str
) -> None:
    merged = merge_row(
        LENS, {name: Based(value, value)}, {name: None}, {name: value}, wins={name: True}
    )
    assert not merged.takes
    assert merged.base[name] == Based(None, value, again=True)
    assert [(c.kept, c.lost) for c in merged.conflicts] == [(value, None)]


def test_a_cut_text_is_no_side_of_its_own() -> None:
    """Failure 68: what a tool shows of a text is never taken for an edit, whoever comes first."""
    whole, short = "长" * 60, "长" * 39 + "…"
    lens = replace(LENS, fields={"note": Field(name="note", label="备注", text_limit=40)})
    shown = merge_row(lens, {}, {"note": short}, {"note": whole}, wins={})
    assert not shown.takes
    assert not shown.conflicts
    assert shown.base["note"] == Based(short, whole, again=True)  # the plan tells that it is cut
    rebuilt = merge_row(LENS, {}, {"note": whole}, {"note": short}, wins={"note": False})
    assert [take.new for take in rebuilt.takes] == [whole]


def test_a_cell_that_says_ours_as_far_as_it_can_is_no_conflict() -> None:
    base = {"status": Based("受阻", "blocked")}
    shared = replace(LENS, statuses={Status.IN_PROGRESS: ("处理中",), Status.LATE: ("处理中",)})
    merged = merge_row(shared, base, {"status": "处理中"}, {"status": "late"}, wins={})
    assert not merged.takes
    assert not merged.conflicts
    assert merged.base["status"] == Based("处理中", "late")


def test_an_edit_in_a_cell_that_could_not_say_ours_is_no_conflict() -> None:
    base = {"note": Based("长…", "长" * 9, again=True)}
    merged = merge_row(LENS, base, {"note": "短"}, {"note": "长" * 9}, wins={"note": False})
    assert [take.new for take in merged.takes] == ["短"]
    assert not merged.conflicts


@pytest.mark.parametrize("wins", [True, False])
def test_our_words_in_the_tools_form_win_against_nothing(wins: bool) -> None:
    """Failure 51: a request that was carried out late, in a tool that rewrites texts."""
    ours, shown = "甲 _乙_ \r\n丙", "甲 *乙*\n丙"
    base = {"note": Based(None, None)}
    merged = merge_row(LENS, base, {"note": shown}, {"note": ours}, wins={"note": wins})
    assert not merged.takes
    assert [(c.kept, c.lost, c.tool_won) for c in merged.conflicts] == [(ours, shown, False)]
    assert merged.base["note"].ours != ours  # so the row is written again
    edited = merge_row(LENS, base, {"note": f"{shown}丁"}, {"note": ours}, wins={"note": wins})
    assert [c.tool_won for c in edited.conflicts] == [wins]


def test_a_cell_that_stands_has_its_finding_in_every_look() -> None:
    base = {"due": Based("待定", DAY)}
    merged = merge_row(LENS, base, {"due": "待定"}, {"due": DAY}, wins={})
    assert not merged.base
    assert merged.findings["due"] is not None
