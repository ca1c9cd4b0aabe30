import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.values import Status
from mapping.words import (
    COLUMNS,
    FIELDS,
    REQUIRED,
    STATUS_WORDS,
    STATUSES,
    clean,
    fold,
    status_of,
)


def test_both_languages_name_the_same_columns() -> None:
    assert set(COLUMNS["zh"]) == set(COLUMNS["en"]) == {*FIELDS, "id"}
    assert set(REQUIRED) <= set(FIELDS)
    for names in COLUMNS.values():
        assert len(set(names.values())) == len(names)


@pytest.mark.parametrize("language", STATUSES)
@pytest.mark.parametrize("status", Status)
def test_our_own_words_are_read_back(language: str, status: Status) -> None:
    assert status_of(STATUSES[language][status]) is status


@pytest.mark.parametrize(
    ("status", "word"), [(status, word) for status, words in STATUS_WORDS.items() for word in words]
)
def test_every_word_stands_for_one_status(status: Status, word: str) -> None:
    assert status_of(word) is status
    assert status_of(f" {word.upper()} ") is status


@pytest.mark.parametrize("word", ["進行中", "受 阻", "已完成。", "ＤＯＮＥ", "In-Progress"])
def test_status_words_as_people_write_them(word: str) -> None:
    assert status_of(word) is not None


@pytest.mark.parametrize("word", ["", "?", "基本完成一半", "完成了吗", "not done yet", "100"])
def test_what_is_no_status(word: str) -> None:
    assert status_of(word) is None


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  写报告 ", "写报告"),
        ("\u3000写\u3000报告\xa0", "写 报告"),
        ("写\u200b报\ufeff告", "写报告"),
        ("so\u00adlution\x00", "solution"),
        ("e\u0301", "\u00e9"),
        ("一\n二\t三", "一\n二\t三"),
    ],
)
def test_clean(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("評估A類功能開發週期", "评估Ａ类功能开发周期"),
        ("输出《客户投诉处理流程V2.0》", "输出 客户投诉处理流程 v20"),
        ("Ship it!", "ship  IT"),
        ("写\u200b报告", "写报告"),
    ],
)
def test_fold_finds_the_same(one: str, two: str) -> None:
    assert fold(one) == fold(two)


@pytest.mark.parametrize(
    ("one", "two"), [("Q3报告", "Q4报告"), ("张三", "张四"), ("5月27日", "5月28日")]
)
def test_fold_keeps_apart(one: str, two: str) -> None:
    assert fold(one) != fold(two)
