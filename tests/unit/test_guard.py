"""The guard's bounds, as the handbook's users rely on them."""

import pytest

from sync import guard


@pytest.mark.parametrize(
    ("gone", "rows", "halts"),
    [(0, 0, False), (1, 1, True), (1, 2, False), (5, 20, False), (6, 30, False), (6, 29, True)],
)
def test_bounds(gone: int, rows: int, halts: bool) -> None:
    """Failures 36-42: more than 5 and more than 20 %, or every row."""
    ids = [f"i{n}" for n in range(gone)]
    halt = guard.check_losses("b", gone=ids, emptied=(), rows=rows, language="zh")
    assert (halt is not None) is halts


def test_a_plan_is_bound_to_what_it_would_do() -> None:
    """Failure 77."""
    one = guard.check_losses("b", gone=["x", "y"], emptied=(), rows=2, language="en")
    same = guard.check_losses("b", gone=["y", "x"], emptied=(), rows=2, language="zh")
    other = guard.check_losses("b", gone=["x"], emptied=["y"], rows=2, language="en")
    assert one
    assert same
    assert other
    assert one.plan == same.plan != other.plan
    assert one.plan in one.reason
    assert one.items == ("x", "y")


def test_an_item_gone_and_emptied_counts_once() -> None:
    halt = guard.check_losses(
        "b", gone=[f"i{n}" for n in range(5)], emptied=["i0"], rows=20, language="en"
    )
    assert halt is None


def test_first_contact() -> None:
    assert guard.check_first_contact("b", [str(n) for n in range(20)], "zh") is None
    assert guard.check_first_contact("b", [str(n) for n in range(21)], "en") is not None


def test_another_table() -> None:
    """Failures 12 and 40."""
    assert guard.check_identity("b", "", "t1", "zh") is None
    assert guard.check_identity("b", "t1", "t1", "zh") is None
    assert guard.check_identity("b", "t1", "t2", "en") is not None


def test_a_value_cleared_in_the_only_row_is_an_edit() -> None:
    """Failure 42: no false alarm."""
    halt = guard.check_losses("b", gone=(), emptied=(), partly=["x"], rows=1, language="zh")
    assert halt is None
    many = [f"i{n}" for n in range(6)]
    assert guard.check_losses("b", gone=(), emptied=(), partly=many, rows=6, language="zh")
