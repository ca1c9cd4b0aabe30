"""What became of rows that a look does not show (promise 5, failures 10 and 38)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.base import Changes, Record, RowState
from mapping import ids
from sync.absence import (
    ABSENT_FOR,
    ALL,
    Fate,
    Judged,
    answers,
    displaced,
    judge,
    nameless,
    unseen,
    unsettled,
)
from sync.links import Link
from sync.match import Matched

A, B, C = (ids.draw("产品部", text) for text in "abc")
LINKS = {i: Link(item=i, row_id=f"row-{n}") for n, i in enumerate((A, B, C))}
NOW = datetime(2024, 5, 20, 9, tzinfo=UTC)
SOON = timedelta(minutes=1)


def row(item: str, place: str | None = None, state: RowState = RowState.LIVE) -> Record:
    return Record(
        row_id=LINKS[item].row_id if place is None else place, id=item, cells={}, state=state
    )


def matched(*items: str, waiting: Sequence[tuple[Record, str]] = ()) -> Matched:
    return Matched(
        pairs={i: row(i) for i in items},
        name={},
        unknown=[],
        copies=[],
        rebuilt={},
        late=[],
        uncertain=[],
        held=set(),
        waiting=waiting,
    )


def look(*records: Record, complete: bool = True) -> Changes:
    return Changes(records=records, cursor=None, complete=complete)


def judged(
    seen: Matched,
    told: dict[str, Fate],
    *,
    at: datetime = NOW,
    before: Judged | None = None,
    complete: bool = True,
) -> Judged:
    missing = sorted(told)
    absent = before.absent if before else {}
    return judge(missing, told, links=LINKS, matched=seen, complete=complete, absent=absent, now=at)


# --- what is missing ---


def test_only_a_complete_look_makes_rows_missing() -> None:
    seen = matched(A)
    assert unseen(LINKS, seen, look(row(A)), stable_rows=True) == {B, C}
    assert unseen(LINKS, seen, look(row(A), complete=False), stable_rows=True) == set()


@pytest.mark.parametrize("stable", [True, False])
def test_a_row_that_is_listed_as_gone_is_missing(stable: bool) -> None:
    changes = look(row(A), row(B, state=RowState.GONE), complete=False)
    assert unseen(LINKS, matched(A), changes, stable_rows=stable) == {B}


def test_a_row_that_is_known_to_be_gone_is_not_missed() -> None:
    links = {**LINKS, B: replace(LINKS[B], state="gone"), C: replace(LINKS[C], state="hidden")}
    assert unseen(links, matched(A), look(row(A)), stable_rows=True) == {C}


def test_another_row_in_the_place_of_one_displaces_it() -> None:
    assert displaced(LINKS, matched(A, B), [row(A), row(B, "row-9")]) == {B}


def test_a_row_whose_id_is_not_written_yet_is_where_it_was() -> None:
    links = {**LINKS, B: replace(LINKS[B], naming=True), C: replace(LINKS[C], naming=True)}
    assert nameless(links, [row(A), row(C)]) == {B}


# --- what asking for it by id tells ---


def told_of(*found: Record, young: Sequence[str] = (), stable: bool = True) -> Fate:
    return answers([A], found, LINKS, young=young, stable_rows=stable)[A]


def test_what_asking_tells() -> None:
    assert told_of() is Fate.GONE
    assert told_of(young=[A]) is Fate.HIDDEN
    assert told_of(row(A, state=RowState.ABSENT)) is Fate.ABSENT
    assert told_of(row(A), row(A, state=RowState.GONE)) is Fate.LIVE
    assert told_of(row(A, "row-9")) is Fate.ELSEWHERE
    assert told_of(row(A, "row-9"), row(A, state=RowState.HIDDEN)) is Fate.HIDDEN
    assert told_of(row(A, "row-9"), stable=False) is Fate.LIVE


# --- what it comes to ---


def test_what_a_service_says_stands() -> None:
    told = {B: Fate.GONE, C: Fate.HIDDEN}
    assert judged(matched(A), told).fates == told


def test_absent_is_gone_after_two_complete_looks_an_hour_apart() -> None:
    told = {B: Fate.ABSENT}
    first = judged(matched(A, C), told)
    assert first.fates[B] is Fate.HIDDEN
    assert first.absent == {B: NOW.isoformat()}
    early = judged(matched(A, C), told, at=NOW + ABSENT_FOR - SOON, before=first)
    assert early.fates[B] is Fate.HIDDEN
    last = judged(matched(A, C), told, at=NOW + ABSENT_FOR, before=early)
    assert last.fates[B] is Fate.GONE
    assert last.absent == {}


def test_a_look_at_changes_judges_no_absence() -> None:
    first = judged(matched(A, C), {B: Fate.ABSENT})
    later = NOW + 2 * ABSENT_FOR
    second = judged(matched(A), {B: Fate.ABSENT}, at=later, before=first, complete=False)
    assert second.fates[B] is Fate.HIDDEN
    assert second.absent == first.absent
    shown = judged(matched(B), {}, at=later, before=first, complete=False)
    assert shown.absent == {}


def test_where_no_row_is_visible_none_is_gone_until_a_person_is_asked() -> None:
    told = {A: Fate.ABSENT, B: Fate.GONE, C: Fate.GONE}
    first = judged(matched(), told)
    assert set(first.fates.values()) == {Fate.HIDDEN}
    assert [*first.absent] == [ALL]
    last = judged(matched(), told, at=NOW + ABSENT_FOR, before=first)
    assert set(last.fates.values()) == {Fate.GONE}  # all at once: that is for the guard
    assert [*last.absent] == [ALL]


def test_where_one_is_said_to_be_hidden_none_is_gone_however_long() -> None:
    told = {A: Fate.HIDDEN, B: Fate.GONE, C: Fate.ABSENT}
    first = judged(matched(), told)
    last = judged(matched(), told, at=NOW + 9 * ABSENT_FOR, before=first)
    assert set(last.fates.values()) == {Fate.HIDDEN}
    assert last.absent == {}


def test_a_row_that_waits_is_there_to_be_seen() -> None:
    waiting = matched(waiting=[(row(A, "row-9"), A)])
    told = {A: Fate.ABSENT, B: Fate.GONE, C: Fate.GONE}
    assert judged(waiting, told).fates == {A: Fate.HIDDEN, B: Fate.GONE, C: Fate.GONE}


def test_a_place_is_free_once_its_row_is_gone() -> None:
    told = {A: Fate.ABSENT, B: Fate.HIDDEN, C: Fate.GONE}
    assert unsettled(LINKS, told, told) == [A]
    assert unsettled(LINKS, told, {**told, A: Fate.HIDDEN}) == [A]
    assert unsettled(LINKS, told, {**told, A: Fate.GONE}) == []
    links = {A: replace(LINKS[A], state="gone")}
    assert unsettled(links, told, told) == []
