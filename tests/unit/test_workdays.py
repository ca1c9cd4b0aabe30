"""Working days: mainland China with its make-up days, other countries, a team's own file."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from mapping.calendar import Calendar, add_workdays
from minuteloop.workdays import WorkdaysError, coverage_ends, holiday_key, load

MAKE_UP = (
    *("2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11", "2024-09-14"),
    *("2024-09-29", "2024-10-12", "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28"),
    *(
        "2025-10-11",
        "2026-01-04",
        "2026-02-14",
        "2026-02-28",
        "2026-05-09",
        "2026-09-20",
        "2026-10-10",
    ),
)
OFF = (
    *(
        "2024-01-01",
        "2024-02-10",
        "2024-02-17",
        "2024-04-04",
        "2024-05-01",
        "2024-06-10",
        "2024-09-16",
    ),
    *(
        "2024-10-07",
        "2025-01-28",
        "2025-02-04",
        "2025-05-05",
        "2025-06-02",
        "2025-10-08",
        "2026-01-02",
    ),
    *(
        "2026-02-16",
        "2026-02-23",
        "2026-04-06",
        "2026-05-05",
        "2026-06-19",
        "2026-09-25",
        "2026-10-07",
    ),
)


@pytest.fixture(scope="module")
def china() -> Calendar:
    return load("CN")


def write(folder: Path, text: str) -> Path:
    path = folder / "workdays.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("day", MAKE_UP)
def test_make_up_days_are_worked(china: Calendar, day: str) -> None:
    assert date.fromisoformat(day).weekday() >= 5
    assert china.is_workday(date.fromisoformat(day))


@pytest.mark.parametrize("day", OFF)
def test_holidays_are_off(china: Calendar, day: str) -> None:
    assert not china.is_workday(date.fromisoformat(day))


@pytest.mark.parametrize(("year", "count"), [(2024, 251), (2025, 248), (2026, 248)])
def test_working_days_of_a_year(china: Calendar, year: int, count: int) -> None:
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
    assert sum(china.is_workday(day) for day in days if day.year == year) == count


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2024-04-26", 5, "2024-05-07"),
        ("2024-09-27", 3, "2024-10-08"),
        ("2025-01-24", 5, "2025-02-07"),
        ("2026-02-13", 2, "2026-02-24"),
    ],
)
def test_counting_over_a_holiday(china: Calendar, start: str, count: int, end: str) -> None:
    assert add_workdays(china, date.fromisoformat(start), count) == date.fromisoformat(end)


@pytest.mark.parametrize(
    ("name", "year", "first", "last"),
    [
        ("国庆", 2024, "2024-10-01", "2024-10-07"),
        ("國慶節", 2024, "2024-10-01", "2024-10-07"),
        ("国庆", 2023, "2023-09-29", "2023-10-06"),  # one block with 中秋
        ("国庆节", 2025, "2025-10-01", "2025-10-08"),
        ("元旦", 2025, "2025-01-01", "2025-01-01"),
        ("元旦", 2024, "2023-12-30", "2024-01-01"),
        ("五一", 2025, "2025-05-01", "2025-05-05"),
        ("劳动节", 2025, "2025-05-01", "2025-05-05"),
        ("春节", 2026, "2026-02-15", "2026-02-23"),
        ("春節", 2026, "2026-02-15", "2026-02-23"),
        ("清明", 2026, "2026-04-04", "2026-04-06"),
        ("端午节", 2024, "2024-06-10", "2024-06-10"),
        ("中秋", 2024, "2024-09-15", "2024-09-17"),
    ],
)
def test_named_holidays(china: Calendar, name: str, year: int, first: str, last: str) -> None:
    assert china.holiday(name, year) == (date.fromisoformat(first), date.fromisoformat(last))


def test_a_holiday_that_nobody_knows_is_none(china: Calendar) -> None:
    assert china.holiday("圣诞", 2024) is None
    assert china.holiday("国庆", 2003) is None


def test_names_of_holidays_are_one() -> None:
    assert {holiday_key(n) for n in ("国庆", "國慶", "国庆节", "國慶節", "十一")} == {"国庆"}
    assert {holiday_key(n) for n in ("五一", "劳动节", "勞動節", "五一节")} == {"五一"}


def test_beyond_the_last_plan_weekends_only_and_it_is_said(china: Calendar) -> None:
    end = coverage_ends(china)
    assert end is not None
    assert (end.month, end.day) == (12, 31)
    assert china.has_data(end)
    beyond = end + timedelta(days=1)
    assert not china.has_data(beyond)
    week = [beyond + timedelta(days=n) for n in range(7)]
    assert [china.is_workday(day) for day in week] == [day.weekday() < 5 for day in week]
    assert china.holiday("国庆", beyond.year) is None
    assert not china.has_data(date(2003, 12, 31))


def test_taiwan_moves_days_too() -> None:
    taiwan = load("tw")
    assert taiwan.is_workday(date(2024, 2, 17))
    assert taiwan.is_workday(date(2025, 2, 8))
    assert not taiwan.is_workday(date(2024, 2, 8))
    assert taiwan.holiday("國慶", 2024) == (date(2024, 10, 10), date(2024, 10, 10))
    # no moves are told for far years: they are not known
    assert taiwan.has_data(date(2025, 6, 1))
    assert not taiwan.has_data(date(2060, 6, 1))


def test_elsewhere() -> None:
    germany, bavaria, america = load("DE"), load("DE-BY"), load("US")
    assert not germany.is_workday(date(2026, 10, 3))
    epiphany = date(2026, 1, 6)
    assert (germany.is_workday(epiphany), bavaria.is_workday(epiphany)) == (True, False)
    assert not america.is_workday(date(2026, 7, 3))  # observed
    assert america.holiday("国庆", 2026) is None
    assert america.holiday("元旦", 2026) == (date(2026, 1, 1), date(2026, 1, 1))
    assert coverage_ends(america) is None
    assert not america.has_data(date(1700, 1, 1))


def test_a_weekend_is_the_country_s() -> None:
    israel = load("IL")
    assert not israel.is_workday(date(2026, 7, 3))  # Friday
    assert israel.is_workday(date(2026, 7, 5))  # Sunday


def test_estimated_days_are_not_data() -> None:
    emirates = load("AE")
    end = coverage_ends(emirates)
    assert end is not None
    assert not emirates.has_data(end + timedelta(days=1))


@pytest.mark.parametrize(
    ("country", "hint"),
    [("china", '"CN"'), ("XX", "no country code"), ("", '"CN" or "US"'), ("Taiwn", '"TW"')],
)
def test_an_unknown_country_has_near_misses(country: str, hint: str) -> None:
    with pytest.raises(WorkdaysError, match="calendar: ") as caught:
        load(country)
    assert hint in str(caught.value)


def test_an_unknown_part_of_a_country_has_near_misses() -> None:
    with pytest.raises(WorkdaysError, match="DE-BY"):
        load("DE-BX")


def test_a_file_adds_a_year(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        'holidays = [2031-01-01, "2031-01-22..2031-01-29"]\nworkdays = [2031-01-19]\n'
        '[names]\n"國慶" = "2031-10-01..2031-10-07"\n',
    )
    calendar = load("CN", path)
    assert not calendar.is_workday(date(2031, 1, 1))
    assert not any(calendar.is_workday(date(2031, 1, day)) for day in range(22, 30))
    assert calendar.is_workday(date(2031, 1, 19))  # a Sunday
    assert calendar.is_workday(date(2031, 1, 20))
    assert not calendar.is_workday(date(2031, 10, 3))
    assert calendar.holiday("国庆节", 2031) == (date(2031, 10, 1), date(2031, 10, 7))
    assert calendar.has_data(date(2031, 7, 1))
    assert not calendar.has_data(date(2032, 7, 1))


def test_a_file_wins_over_the_library(tmp_path: Path, china: Calendar) -> None:
    path = write(tmp_path, 'holidays = ["2024-05-06"]\nworkdays = ["2024-05-01"]\n')
    calendar = load("CN", path)
    assert not calendar.is_workday(date(2024, 5, 6))
    assert calendar.is_workday(date(2024, 5, 1))
    assert calendar.is_workday(date(2024, 5, 7)) == china.is_workday(date(2024, 5, 7))
    assert coverage_ends(calendar) == coverage_ends(china)


def test_a_file_moves_the_end_of_coverage(tmp_path: Path, china: Calendar) -> None:
    end = coverage_ends(china)
    assert end is not None
    path = write(tmp_path, f'holidays = ["{end.year + 1}-01-01"]\n')
    assert coverage_ends(load("CN", path)) == date(end.year + 1, 12, 31)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("holidays = [2031-01-01", "is no TOML"),
        ('holidays = ["2031-02-30"]', 'holidays[0]: "2031-02-30" is no day'),
        ("workdays = [5]", 'workdays[0]: "5" is no day'),
        ("holidays = 2031-01-01", "holidays: "),
        ('holidays = ["2031-02-05..2031-02-01"]', "is no range"),
        ('holidays = ["2031-02-05..2032-02-05"]', "is no range"),
        ("holydays = []", 'holydays: unknown key - did you mean "holidays"?'),
        ("zzz = 1", "zzz: unknown key - allowed: holidays, workdays, names"),
        ("names = 3", "names: write a table"),
        ('[names]\n"国庆" = "soon"', 'names.国庆: "soon" is no day'),
        (
            "holidays = [2031-01-01]\nworkdays = [2031-01-01]",
            "workdays: 2031-01-01 stands in holidays",
        ),
        ("holidays = [2031-01-01T09:00:00]", "is no day"),
    ],
)
def test_a_faulty_file_is_named_with_its_key(tmp_path: Path, text: str, problem: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(WorkdaysError) as caught:
        load("CN", path)
    assert str(path) in str(caught.value)
    assert problem in str(caught.value)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, 'a = 1\nholidays = ["x", "y"]\nworkdays = [1]')
    with pytest.raises(WorkdaysError) as caught:
        load("CN", path)
    assert len(str(caught.value).splitlines()) == 4


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(WorkdaysError, match="cannot be read"):
        load("CN", tmp_path / "none.toml")


def test_an_empty_file_changes_nothing(tmp_path: Path, china: Calendar) -> None:
    calendar = load("CN", write(tmp_path, ""))
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert [calendar.is_workday(d) for d in days] == [china.is_workday(d) for d in days]
