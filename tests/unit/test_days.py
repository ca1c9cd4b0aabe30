"""Days in a tracker's cell: only a full or yearless day counts, anything else is None."""

import time
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from mapping.days import near, number, order_pair, parse_day, plain, weekday_number, year_number

TODAY = date(2024, 5, 20)

DAYS = (
    *("2024-06-15", "2024/6/15", "2024.6.15", "2024.06.15", "20240615", "2024-6-15", "2024/06/15"),
    *(
        "2024年6月15日",
        "2024 年 6 月 15 日",
        "24年6月15日",
        "2024年06月15号",
        "二〇二四年六月十五日",
    ),
    *("113年6月15日", "民国113年6月15日", "民國 113 年 6 月 15 日", "113/6/15", "113.06.15"),
    *(
        "民國一一三年六月十五日",
        "6月15日",
        "6月15号",
        "6月15號",
        "六月十五日",
        "６月１５日",
        "２０２４／６／１５",
    ),
    *("6/15", "06-15", "6.15", "15/6", "15/06/2024", "06/15/2024", "15.06.2024", "15-06-2024"),
    *(
        "June 15",
        "June 15, 2024",
        "15 June 2024",
        "15th June",
        "15th of June",
        "Jun 15",
        "15-Jun-2024",
    ),
    *(
        "June 15th, 2024",
        "Sat, 15 June 2024",
        "Saturday 15 June",
        "JUNE 15",
        "Jun-15",
        " 2024-06-15 ",
    ),
    *("2024-06-15 18:00", "2024-06-15 00:00:00", "2024-06-15T18:00:00Z", "2024-06-15T18:00+08:00"),
    *(
        "6月15日 18:00",
        "6月15日下午3点",
        "2024/6/15 6:30 PM",
        "June 15, 5pm",
        "2024年6月15日 周六 18:00",
    ),
    *(
        "6月15日（周六）",
        "６月１５日（週六）",
        "6/15（六）",
        "2024-06-15 (Sat)",
        "6月15日 星期六",
        "June 15 (Sat)",
    ),
)

NO_DAYS = (
    *(
        "下周五",
        "下週五",
        "周五",
        "明天",
        "6月",
        "6月底",
        "月底",
        "6月中旬",
        "Q3",
        "3天内",
        "2024年",
        "2024-06",
    ),
    *(
        "待定",
        "尽快",
        "ASAP",
        "TBD",
        "next Friday",
        "Friday",
        "tomorrow",
        "EOM",
        "by June 15",
        "6月15日前",
    ),
    *(
        "1/2",
        "06/07/2024",
        "3-5",
        "24/7",
        "13/13",
        "6月31日",
        "2024-02-30",
        "2023-02-29",
        "February 30",
    ),
    *(
        "6月1日至6月15日",
        "6/1-6/15",
        "6月15日、6月20日",
        "6月15日或6月20日",
        "约6月15日",
        "6月15日左右",
    ),
    *(
        "",
        " ",
        "-",
        "无",
        "N/A",
        "v2.5.27",
        "1.2.3",
        "192.168.1.1",
        "13800138000",
        "50%",
        "周一鸣",
        "May",
    ),
    *(
        "20241345",
        "0/5",
        "2024",
        "15",
        "6.15元",
        "2024-06-15-1",
        "农历六月十五",
        "1024年6月15日",
        "x" * 500,
    ),
)

FORMATS = (
    *("{y}-{m:02}-{d:02}", "{y}/{m}/{d}", "{y}.{m}.{d}", "{y}{m:02}{d:02}", "{y}年{m}月{d}日"),
    *(
        "{roc}/{m}/{d}",
        "民國{roc}年{m}月{d}日",
        "{roc}年{m}月{d}日",
        "{d} {name} {y}",
        "{name} {d}, {y}",
    ),
    *("{d}-{name}-{y}", "{y}-{m:02}-{d:02}T09:00:00", "{y} 年 {m} 月 {d} 日"),
)
MONTHS = (*("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),)


@pytest.mark.parametrize("text", DAYS)
def test_a_day_is_read(text: str) -> None:
    assert parse_day(text, TODAY) == date(2024, 6, 15)


@pytest.mark.parametrize("text", NO_DAYS)
def test_anything_else_is_no_day(text: str) -> None:
    assert parse_day(text, TODAY) is None


@given(st.dates(date(2015, 1, 1), date(2035, 12, 31)), st.sampled_from(FORMATS))
@bounded(max_examples=300, deadline=None)
def test_every_day_is_read_in_every_format(day: date, form: str) -> None:
    text = form.format(
        y=day.year, m=day.month, d=day.day, roc=day.year - 1911, name=MONTHS[day.month - 1]
    )
    assert parse_day(text, TODAY) == day, text


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(-60, 300))
@bounded(max_examples=200, deadline=None)
def test_without_a_year_it_is_the_nearest_at_most_60_days_back(today: date, offset: int) -> None:
    day = today + timedelta(days=offset)
    assert near(day.month, day.day, today) == day
    assert parse_day(f"{day.month}月{day.day}日", today) == day


def test_61_days_back_is_next_year() -> None:
    assert near(3, 20, TODAY) == date(2025, 3, 20)
    assert near(3, 21, TODAY) == date(2024, 3, 21)


def test_a_leap_day_in_no_leap_year_is_no_day() -> None:
    assert near(2, 29, date(2025, 3, 1)) is None
    assert near(2, 29, date(2024, 1, 1)) == date(2024, 2, 29)


@given(st.text(max_size=80))
@bounded(max_examples=300, deadline=None)
def test_no_text_raises(text: str) -> None:
    parse_day(text, TODAY)


def test_a_long_cell_takes_no_time() -> None:
    start = time.process_time()
    for unit in ("6月15日", "2024-", "1", "June ", " ", "（"):
        parse_day(unit * 100_000, TODAY)
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("7", 7), ("31", 31), ("七", 7), ("十", 10), ("十二", 12), ("二十", 20), ("二十七", 27)),
        *(
            ("廿七", 27),
            ("三十一", 31),
            ("卅一", 31),
            ("两", 2),
            ("〇", 0),
            ("十十", None),
            ("x", None),
        ),
        *(("两三", None), ("", None)),
    ],
)
def test_numbers(text: str, value: int | None) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("2024年", 2024), ("24年", 2024), ("113年", 2024), ("民国113年", 2024)),
        *(("2024.", 2024), ("2024/", 2024)),
        *(
            ("民国九十九年", 2010),
            ("二〇二四年", 2024),
            ("二零二四年", 2024),
            ("民国一一三年", 2024),
        ),
    ],
)
def test_years(text: str, value: int) -> None:
    assert year_number(text) == value


def test_weekdays() -> None:
    assert [weekday_number(f"周{c}") for c in "一二三四五六日"] == list(range(7))
    assert [weekday_number(f"星期{c}") for c in "1234567"] == list(range(7))
    assert weekday_number("礼拜天") == 6
    assert [weekday_number(n) for n in ("monday", "tues", "thurs", "sun")] == [0, 1, 3, 6]


def test_the_order_of_two_numbers() -> None:
    assert order_pair(6, 15) == order_pair(15, 6) == (6, 15)
    assert order_pair(5, 5) == (5, 5)
    assert order_pair(6, 7) is None
    assert order_pair(13, 40) is None


def test_characters_are_made_plain() -> None:
    assert "".join(map(plain, "２０２４年６月１５號（週六）～")) == "2024年6月15号(周六)~"
    assert "".join(map(plain, "國慶節前兩個工作天內")) == "国庆节前两个工作天内"
