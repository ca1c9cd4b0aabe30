"""Older copies of a file, told from a person's edits."""

from dataclasses import replace

from fakes.world import TEAM

from connectors.base import Record
from mapping import ids
from sync.links import Link
from sync.merge import Base, Based
from sync.states import choose_base

A, B, C, D, E = (ids.draw(TEAM.name, text) for text in "abcde")


def base(text: str, note: str) -> Base:
    return {"description": Based(text, text), "note": Based(note, note)}


def link(item: str, text: str, note: str) -> Link:
    return Link(item=item, row_id="2", base=base(text, note))


def row(item: str | None, text: str, note: str) -> Record:
    return Record(row_id="2", id=item, cells={"description": text, "note": note})


LINKS = {i: link(i, t, "新") for i, t in ((A, "甲"), (B, "乙"))}
BEFORE = {2: {A: base("甲", "旧"), B: base("乙", "旧")}}


def choose(
    records: list[Record], links: dict[str, Link] = LINKS, **more: object
) -> tuple[int, object] | None:
    told = {"current": 2, "known": None, "again": False, "remembered": BEFORE, **more}
    remembered = told.pop("remembered")
    return choose_base(TEAM.name, records, links, remembered, **told)  # type: ignore[arg-type]


def test_the_newest_state_needs_no_choice() -> None:
    assert choose([row(A, "甲", "新"), row(B, "乙", "新")]) is None


def test_the_very_bytes_of_an_earlier_state_are_an_older_copy() -> None:
    found = choose([row(A, "甲", "旧"), row(B, "乙", "旧")], known=1)
    assert found == (1, BEFORE[2])


def test_bytes_of_an_earlier_state_that_show_the_newest_are_no_older_copy() -> None:
    """What we wrote over an older copy may be the very bytes that we wrote before."""
    assert choose([row(A, "甲", "新"), row(B, "乙", "新")], known=1) is None


def test_all_our_changes_gone_at_once_are_an_older_copy() -> None:
    assert choose([row(A, "甲", "旧"), row(B, "乙", "旧")]) is not None


def test_the_same_once_more_is_meant() -> None:
    assert choose([row(A, "甲", "旧"), row(B, "乙", "旧")], again=True) is None


def test_one_value_set_back_is_a_person() -> None:
    assert choose([row(A, "甲", "旧"), row(B, "乙", "新")]) is None


def test_an_edit_in_an_older_copy_is_seen_as_such() -> None:
    found = choose([row(A, "甲", "旧"), row(B, "乙改", "旧")])
    assert found is not None
    assert found[0] == 1


def test_a_row_made_since_is_missing_in_an_older_copy() -> None:
    links = {**LINKS, C: link(C, "丙", "新")}
    made = {2: {**BEFORE[2], C: None}}
    found = choose([row(A, "甲", "旧"), row(B, "乙", "旧")], links, remembered=made)
    assert found is not None
    assert found[1] == made[2]
    assert choose([row(A, "甲", "旧"), row(C, "丙", "新")], links, remembered=made) is None


def test_a_row_that_people_made_stood_there_before_we_knew_of_it() -> None:
    """Then an older copy shows it without an id; where it lacks the row, it is written again."""
    links = {**LINKS, C: link(C, "丙", "新")}
    made = {2: BEFORE[2], 3: {C: None}}
    older = [row(A, "甲", "旧"), row(B, "乙", "旧")]
    for known in (1, None):
        more = {"current": 3, "remembered": made, "looked": {3}, "known": known}
        assert choose([*older, row(None, "丙", "新")], links, **more) == (1, BEFORE[2])
        assert choose(older, links, **more) == (1, {**BEFORE[2], C: None})
    assert choose([*older, row(C, "丙", "新")], links, **{**more, "known": None}) is None


def test_no_row_left_is_for_the_guard() -> None:
    assert choose([], known=1) is None
    assert choose([]) is None


def test_ids_cleared_are_no_vanished_rows() -> None:
    assert choose([row(None, "甲", "新"), row(None, "乙", "新")]) is None


def test_a_column_that_a_state_did_not_have_costs() -> None:
    """Three edits in a column that was away before are no older copy from that time."""
    without = {2: {i: {"description": x.base["description"]} for i, x in LINKS.items()}}
    assert choose([row(A, "甲", "改"), row(B, "乙", "改")], remembered=without) is None


def test_an_older_copy_takes_back_a_row_whose_id_was_not_written_yet() -> None:
    links = {**LINKS, C: replace(link(C, "丙", "新"), naming=True)}
    made = {2: {**BEFORE[2], C: None}}
    found = choose([row(A, "甲", "旧"), row(B, "乙", "旧")], links, known=1, remembered=made)
    assert found == (1, made[2])


def test_what_people_alone_changed_is_set_back_by_people() -> None:
    """Nothing of ours is gone, so no older copy is there: every cell of it is an edit."""
    back = [row(A, "甲", "旧"), row(B, "乙", "旧")]
    assert choose(back, looked={2}) is None
    assert choose([row(A, "甲", "旧"), row(B, "乙改", "旧")], looked={2}) is None


def test_a_cell_that_we_wrote_tells_an_older_copy_and_no_other_does() -> None:
    """We wrote A's note, then people changed both texts and B's note."""
    links = {A: link(A, "甲二", "新"), B: link(B, "乙二", "新")}
    remembered = {
        2: {A: base("甲", "旧")},
        3: {A: base("甲", "新"), B: base("乙", "旧")},
    }
    more = {"remembered": remembered, "current": 3, "looked": {3}}
    assert choose([row(A, "甲", "新"), row(B, "乙", "旧")], links, **more) is None
    found = choose([row(A, "甲", "旧"), row(B, "乙", "旧")], links, **more)
    assert found == (1, {A: base("甲", "旧"), B: base("乙", "旧")})


def test_a_cell_that_a_person_changed_after_us_is_that_persons() -> None:
    """It says no more whether what we wrote before is gone."""
    remembered = {2: BEFORE[2], 3: {A: base("甲", "中"), B: base("乙", "中")}}
    back = [row(A, "甲", "旧"), row(B, "乙", "旧")]
    assert choose(back, remembered=remembered, current=3) is not None
    assert choose(back, remembered=remembered, current=3, looked={3}) is None


def test_rows_that_people_added_and_deleted_again_are_no_older_copy() -> None:
    links = {**LINKS, C: link(C, "丙", "新")}
    made = {2: {A: base("甲", "旧"), C: None}}
    back = [row(A, "甲", "旧"), row(B, "乙", "新")]
    assert choose(back, links, remembered=made) is not None
    assert choose(back, links, remembered=made, looked={2}) is None


def test_the_bytes_of_a_state_before_a_row_got_its_id_are_an_older_copy() -> None:
    """The row was taken in, and the file was busy ever since: no row in it has an id of ours."""
    links = {A: replace(link(A, "甲", "新"), naming=True), B: replace(LINKS[B], naming=True)}
    remembered: dict[int, dict[str, Base | None]] = {2: {B: None}}
    found = choose([row(None, "甲", "新")], links, known=1, remembered=remembered, looked=(1, 2))
    assert found == (1, {B: None})
    both = [row(None, "甲", "新"), row(None, "乙", "新")]
    assert choose(both, links, known=1, remembered=remembered, looked=(1, 2)) is None


def test_words_of_a_row_made_since_may_stand_in_an_older_copy() -> None:
    """In a row that was nobody's: its id was mistyped, and somebody deleted it before ours came."""
    links = {**LINKS, C: link(C, "丙", "新")}
    remembered: dict[int, dict[str, Base | None]] = {2: {**BEFORE[2], C: None}}
    shown = [row(A, "甲", "旧"), row(B, "乙", "旧"), row(None, "丙", "别的")]
    lacking = {i: link(i, t, "新") for i, t in zip((D, E), "丁戊", strict=True)}
    remembered[2] |= dict.fromkeys(lacking)
    assert choose(shown, links | lacking, remembered=remembered) is not None


def test_a_copied_row_stood_there_before_it_was_an_item() -> None:
    """In the older copy it has its original's id; from before it was copied, there is no row."""
    copy = replace(link(B, "甲", "新"), base=base("甲", "旧"))
    links = {A: LINKS[A], B: copy}
    remembered: dict[int, dict[str, Base | None]] = {2: {B: None}, 3: {A: base("甲", "旧")}}
    told = {"current": 3, "known": 1, "remembered": remembered, "looked": (1, 2)}
    both = [row(A, "甲", "旧"), row(A, "甲", "旧")]
    assert choose(both, links, **told) == (1, {A: base("甲", "旧")})
    assert choose(both[:1], links, **told) == (1, {A: base("甲", "旧"), B: None})


def test_a_row_with_the_id_of_an_item_that_went_is_no_other_items() -> None:
    """It had lost its id and was taken for a new one; in the older copy it has its own again."""
    links = {B: LINKS[B], C: link(C, "甲", "新")}  # A is closed, its row was not there
    remembered: dict[int, dict[str, Base | None]] = {2: {C: None}, 3: {B: base("乙", "旧")}}
    told = {"current": 3, "known": 1, "remembered": remembered, "looked": (1, 2)}
    older = [row(A, "甲", "新"), row(B, "乙", "旧")]
    assert choose(older, links, **told) == (1, {B: base("乙", "旧"), C: None})
    nameless = [row(None, "甲", "新"), row(B, "乙", "旧")]
    assert choose(nameless, links, **told) == (1, {B: base("乙", "旧")})


def test_of_two_rows_of_one_id_the_one_that_is_like_it_counts() -> None:
    """A row of other work, into which the id was pasted, is no change to the one that has it."""
    shown = [row(A, "甲", "新"), row(B, "乙", "新"), row(A, "丙", "旧")]
    assert choose(shown) is None
    links = {**LINKS, C: replace(link(C, "丙", "旧"), naming=True)}
    remembered: dict[int, dict[str, Base | None]] = {2: {**BEFORE[2], C: None}}
    older = [row(A, "甲", "旧"), row(B, "乙", "旧"), row(A, "丙", "旧")]
    found = choose(older, links, remembered=remembered, looked=(2,), known=1)
    assert found == (1, BEFORE[2])
