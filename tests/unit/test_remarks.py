"""What a remark promises (D4, D6)."""

from datetime import date

import pytest

from minuteloop import workdays
from minutes.remarks import promised_day

TODAY = date(2024, 5, 25)


@pytest.mark.parametrize(
    ("note", "day"),
    [
        ("由李四6月3日前解决", date(2024, 6, 3)),
        ("预计6月3日", date(2024, 6, 3)),
        ("因需求评审延迟，改为2024-06-05完成", date(2024, 6, 5)),
        ("新的完成时间：2024-06-03", date(2024, 6, 3)),
        ("预计 6 月 12 日恢复供货", date(2024, 6, 12)),
        ("延期至6月10日\n又延至6月15日", date(2024, 6, 15)),
        ("延期至6月10日；等待测试环境", date(2024, 6, 10)),
        ("blocked by vendor; resolved by 2024-06-07", date(2024, 6, 7)),
        ("new date: Jun 7", date(2024, 6, 7)),
        ("Waiting. Will be done by 7 June", date(2024, 6, 7)),
        ("待市场部确认", None),
        ("6月1日客户来访", None),
        ("等供应商，下周五前给", None),
        ("ready by next Friday", None),
        ("5月20日已完成一半", None),
        ("没有在5月10日前完成", None),
        ("not finished by 2024-05-20", None),
        ("客户5月10日才提交材料", None),
        ("5月10日交付失败", None),
        ("未能在6月3日前解决，改为6月10日前完成", date(2024, 6, 10)),
        ("", None),
    ],
)
def test_the_day_that_a_remark_promises(note: str, day: date | None) -> None:
    assert promised_day(note, TODAY, workdays.load("CN", None)) == day


@pytest.mark.parametrize(
    ("note", "day"),
    [
        ("由李四6月3日前解决", None),
        ("预计6月3日", date(2024, 6, 3)),
        ("因评审延迟，改为2024-06-05完成", date(2024, 6, 5)),
        ("改为由李四负责，6月3日前给出数据", None),
        ("new date: Jun 7; data by Jun 3", date(2024, 6, 7)),
    ],
)
def test_a_new_day_is_told_from_another_promise(note: str, day: date | None) -> None:
    assert promised_day(note, TODAY, workdays.load("CN", None), moved=True) == day
