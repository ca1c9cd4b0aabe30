from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping import ids

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
drawn = st.builds(ids.draw, st.text(max_size=8), st.text(max_size=20), st.integers(0, 50))


@given(drawn)
def test_what_is_drawn_is_an_id(item_id: str) -> None:
    assert len(item_id) == 12
    assert item_id.startswith("ML-")
    assert set(item_id[3:]) <= set(ALPHABET)
    assert ids.parse(item_id) == item_id


@given(st.text(max_size=8), st.text(max_size=20))
def test_an_id_tells_its_team(team: str, seed: str) -> None:
    assert ids.is_of(team, ids.draw(team, seed))
    assert ids.draw(team, seed)[3:6] == ids.team_code(team)


def test_another_team_another_code() -> None:
    assert ids.team_code("产品部") != ids.team_code("技术部")
    assert not ids.is_of("技术部", ids.draw("产品部", "x"))


def test_a_team_written_in_two_normal_forms_is_one_team() -> None:
    assert ids.team_code("Caf\u00e9") == ids.team_code("Cafe\u0301")


def test_the_same_words_give_the_same_id_and_another_attempt_another() -> None:
    assert ids.draw("产品部", "会议 1\0写报告") == ids.draw("产品部", "会议 1\0写报告")
    assert len({ids.draw("产品部", "写报告", attempt) for attempt in range(100)}) == 100


def test_an_id_stays_what_it_was_in_an_older_version() -> None:
    """Rows in the tools carry them: how they are drawn can never change."""
    assert ids.draw("产品部", "写报告") == "ML-C5113TNHN"


def test_few_items_of_a_team_fall_together() -> None:
    """Five characters: 33 million; the store takes the next attempt where two do."""
    assert len({ids.draw("产品部", f"任务 {n}") for n in range(1_000)}) >= 999


@given(drawn, st.integers(3, 11), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_found(item_id: str, place: int, char: str) -> None:
    wrong = item_id[:place] + char + item_id[place + 1 :]
    assert ids.parse(wrong) == (item_id if wrong == item_id else None)


@given(drawn)
def test_every_swap_of_two_characters_is_found(item_id: str) -> None:
    for one, two in combinations(range(3, 12), 2):
        chars = list(item_id)
        chars[one], chars[two] = chars[two], chars[one]
        swapped = "".join(chars)
        assert ids.parse(swapped) == (item_id if swapped == item_id else None)


@given(drawn)
def test_filling_down_makes_no_ids(item_id: str) -> None:
    """A spreadsheet counts the last character on: never an id."""
    last = ALPHABET.index(item_id[-1])
    for step in range(1, 32):
        assert ids.parse(item_id[:-1] + ALPHABET[(last + step) % 32]) is None


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) for c in text)


@given(drawn)
def test_other_spellings_are_forgiven(item_id: str) -> None:
    for spelling in (
        item_id.lower(),
        f"  {item_id}\n",
        f"\u3000{item_id}\xa0",
        full_width(item_id),
        full_width(item_id.lower()),
        item_id.replace("-", "\N{MINUS SIGN}"),
        "ML-" + item_id[3:].replace("0", "O").replace("1", "I"),
        "ml-" + item_id[3:].lower().replace("0", "o").replace("1", "l"),
    ):
        assert ids.parse(spelling) == item_id


@pytest.mark.parametrize(
    "text",
    [None, "", "ML-", 7, 3.5, "ML-K7Q4F7K2", "ML-K7Q4F7K2CC", "K7Q4F7K2C", "MX-K7Q4F7K2C"],
)
def test_what_is_no_id(text: object) -> None:
    assert ids.parse(text) is None


def test_a_letter_outside_the_alphabet_is_no_id() -> None:
    item_id = ids.draw("产品部", "写报告")
    for char in "U!-中 é":
        assert ids.parse(item_id[:5] + char + item_id[6:]) is None


@given(st.text())
def test_parse_takes_any_text(text: str) -> None:
    found = ids.parse(text)
    assert found is None or ids.parse(found) == found
