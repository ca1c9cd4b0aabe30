"""An agenda and its minutes are of one meeting; two meetings are never taken for one."""

import pytest

from mapping.titles import is_same_meeting, name_of, subject_of
from mapping.values import Meeting


@pytest.mark.parametrize(
    "titles",
    [
        ("仓库选址会", "仓库选址会议程", "仓库选址会会议纪要", "倉庫選址會 會議記錄", "会议纪要：仓库选址会", "仓库选址会-议程"),
        ("2024-05-20 周会议程", "2024.05.20周会纪要", "20240520周会"),
        ("产品规划会议议程", "产品规划会纪要", "产品规划会会议纪要"),
        ("Pricing", "Agenda: Pricing", "Pricing minutes", "Minutes of the Pricing meeting", "Pricing - Meeting Notes"),
    ],
)  # fmt: skip
def test_words_for_the_kind_of_document_say_nothing_of_the_meeting(titles: tuple[str, ...]) -> None:
    assert len({subject_of(title) for title in titles}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("第12次周会议程", "第13次周会纪要"),
        ("预算会议程", "预算评审会纪要"),
        ("议程评审会", "评审会"),
        ("纪要模板评审会", "模板评审会"),
        ("Minutes app review", "App review"),
        ("Release notes review", "Release review"),
        ("C++ 评审会议程", "C# 评审会纪要"),
        ("1.5 版本评审会议程", "15 版本评审会纪要"),
        ("Q3+Q4 预算会议程", "Q3Q4 预算会纪要"),
        ("Q3-4 budget agenda", "Q34 budget minutes"),
        ("A/B 测试会议程", "AB 测试会纪要"),
    ],
)
def test_other_words_do(one: str, other: str) -> None:
    assert subject_of(one) != subject_of(other)


@pytest.mark.parametrize(
    "title", [None, "", "会议纪要", "會議議程", "Agenda", "Meeting minutes", "会议"]
)
def test_a_title_that_says_only_its_kind_is_none(title: str | None) -> None:
    assert subject_of(title) == ""
    one = Meeting(title=title, start="2024-05-20T14:00")
    assert not is_same_meeting(one, one)


@pytest.mark.parametrize(
    ("start", "same"),
    [
        ("2024-05-20T14:00", True),
        ("2024-05-20", True),
        ("2024-05-20T16:00", False),
        ("2024-05-21T14:00", False),
        (None, False),
    ],
)
def test_the_day_and_the_hour_if_both_tell_it_agree(start: str | None, same: bool) -> None:
    agenda = Meeting(title="面试会议程", start="2024-05-20T14:00")
    assert is_same_meeting(agenda, Meeting(title="面试会纪要", start=start)) is same
    assert is_same_meeting(Meeting(title="面试会纪要", start=start), agenda) is same


@pytest.mark.parametrize(
    ("title", "name"),
    [
        *(("产品周会纪要", "产品周会"), ("产品周会", "产品周会"), ("官网改版启动会会议纪要", "官网改版启动会")),
        *(("倉庫選址會 會議記錄", "倉庫選址會"), ("会议纪要：仓库选址会", "仓库选址会"), ("选址会（华东）纪要", "选址会（华东）")),
        *(("仓库选址会-议程", "仓库选址会"), ("产品规划会议纪要", "产品规划会议"), ("Minutes of the Pricing meeting", "Pricing meeting")),
        *(("Pricing Minutes", "Pricing"), ("Release notes review", "Release notes review")),
        *(("会议纪要", "会议纪要"), ("Meeting minutes", "Meeting minutes"), ("", "")),
    ],
)  # fmt: skip
def test_what_people_call_the_meeting(title: str, name: str) -> None:
    assert name_of(title) == name
