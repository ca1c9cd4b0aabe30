import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.cells import Cell, User, from_json, is_empty, show, to_json

users = st.builds(User, st.text(), st.text(), st.none() | st.text())
cells: st.SearchStrategy[Cell] = st.one_of(
    st.none(),
    st.text(),
    st.dates(),
    st.lists(st.text()).map(tuple),
    st.lists(users).map(tuple),
)


@given(cells)
def test_a_cell_survives_the_store(cell: Cell) -> None:
    back = from_json(json.loads(json.dumps(to_json(cell))))
    assert back == cell
    assert type(back) is type(cell)


@given(st.lists(users, min_size=1).map(tuple))
def test_a_user_keeps_name_and_address(cell: tuple[User, ...]) -> None:
    back = from_json(json.loads(json.dumps(to_json(cell))))
    assert isinstance(back, tuple)
    kept = [(u.name, u.email) for u in back if isinstance(u, User)]
    assert kept == [(u.name, u.email) for u in cell]


def test_a_day_is_no_text_and_text_no_day() -> None:
    """Failure 53: a day is stored as a day."""
    assert from_json(to_json(date(2024, 5, 20))) == date(2024, 5, 20)
    assert from_json(to_json("2024-05-20")) == "2024-05-20"


def test_a_user_is_its_key() -> None:
    assert User("ou_1", "张三", "a@example.com") == User("ou_1", "Zhang San")
    assert User("ou_1", "张三") != User("ou_2", "张三")
    assert len({User("ou_1", "张三"), User("ou_1")}) == 1


@pytest.mark.parametrize("cell", [None, "", ()])
def test_empty(cell: Cell) -> None:
    assert is_empty(cell)
    assert show(cell) == ""


@pytest.mark.parametrize("cell", [" ", "无", "0", date(2024, 5, 20), ("a",), (User("u"),), ("",)])
def test_not_empty(cell: Cell) -> None:
    assert not is_empty(cell)


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("进行中", "进行中"),
        (date(2024, 5, 20), "2024-05-20"),
        (("客服部", "市场部"), "客服部、市场部"),
        ((User("ou_1", "张三"), User("ou_2")), "张三、ou_2"),
    ],
)
def test_show(cell: Cell, shown: str) -> None:
    assert show(cell) == shown
