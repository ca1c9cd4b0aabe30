"""From where the next look at a base begins: no edit falls between two looks, whatever lags."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.feishu.cursor import OVERLAP_S, Cursor, advance, digest, parse


@given(
    st.lists(
        st.tuples(st.integers(0, 2000), st.integers(0, OVERLAP_S - 1)), min_size=1, max_size=30
    ),
    st.lists(st.integers(1, 400), min_size=1, max_size=30),
)
def test_no_edit_falls_between_two_looks(edits: list[tuple[int, int]], waits: list[int]) -> None:
    """Failures 15, 16, 18, 19: each edit is seen by a look after it came to light.

    Edits are (when, how long a copy lags behind it), in seconds.
    """
    since, now, seen = Cursor(by="fld"), 0, set()
    for wait in [*waits, 3000]:
        now += wait
        shown = {(n, at) for n, (at, lag) in enumerate(edits) if at + lag <= now}
        read = {(n, at) for n, at in shown if at * 1000 >= since.floor}
        seen |= read
        assert seen == shown
        latest = max([since.at, *(at * 1000 for _, at in read)])
        since = parse(str(advance(since, latest, 1e9 + now)))


def test_a_quiet_table_is_read_from_behind_its_last_change() -> None:
    since = advance(Cursor(by="fld"), 5_000_000, 1e9)
    assert since.floor == 5_000_000 - OVERLAP_S * 1000
    assert advance(since, 5_000_000, 1e9 + OVERLAP_S - 1) == since
    quiet = advance(since, 5_000_000, 1e9 + OVERLAP_S)
    assert quiet.floor == 5_000_001
    assert advance(quiet, 5_000_000, 2e9) == quiet
    assert advance(quiet, 5_100_000, 2e9).floor == 5_000_001


def test_a_cursor_is_text_that_is_read_again() -> None:
    cursor = Cursor(by="fld1", at=3, floor=2, reached=1.5, told="x")
    assert parse(str(cursor)) == cursor
    assert parse("[]") == parse(None) == parse("7") == Cursor()


def test_a_digest_tells_sets_of_rows_apart() -> None:
    assert digest({"a": "1", "b": "2"}) == digest({"b": "2", "a": "1"})
    assert len({digest(rows) for rows in ({}, {"a": "1"}, {"a": "2"}, {"b": "1"})}) == 4
