"""The meetings of a team's year, and the minutes that are written of them."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from simulation.year.facts import DAY, Meeting, is_workday
from simulation.year.office import ZONE
from simulation.year.setting import FIRST, UNITS

SERIES = (
    # title, every so many weeks, sensitive, important
    ("产品周会", 1, False),
    ("新品启动会", 2, False),
    ("财务月度会", 4, True),
    ("战略决策会", 6, True),
)


@dataclass(kw_only=True)
class Plan:
    """A meeting that people hold, and what becomes of its minutes."""

    title: str
    start: datetime
    sensitive: bool
    next_start: datetime | None
    drop_at: datetime | None
    text: str = ""
    version: int = 1
    meeting: Meeting | None = None
    made: list[dict[str, Any]] = field(default_factory=list)

    @property
    def file(self) -> str:
        return f"{self.title}-{self.start:%Y%m%d}.md"


def schedule(rng: random.Random) -> list[Plan]:
    """Fix the year's meetings."""
    plans = []
    for number, (title, weeks, sensitive) in enumerate(SERIES):
        day, starts = FIRST + (1 + number) * DAY, []
        while day < FIRST + 380 * DAY:
            if is_workday(day):
                starts.append(datetime.combine(day, time(10 + 2 * number), ZONE))
            day += weeks * 7 * DAY
        for n, start in enumerate(starts[:-1]):
            told = rng.random() < 0.8
            hours = rng.choices((rng.uniform(1.5, 20), rng.uniform(30, 120), None), (85, 10, 5))[0]
            plans.append(
                Plan(
                    title=title,
                    start=start,
                    sensitive=sensitive,
                    next_start=starts[n + 1] if told else None,
                    drop_at=start + timedelta(hours=1 + hours) if hours else None,
                )
            )
    return plans


def hold(plan: Plan, people: Mapping[str, str], rng: random.Random, numbers: Iterator[int]) -> None:
    """Write a meeting's minutes.

    Args:
        plan: is given the minutes' text and what they tell.
        people: name -> department.
        rng: where the chance comes from.
        numbers: tell one piece of work from another.
    """
    here = list(people)
    host, recorder, *rest = rng.sample(here, 2 + rng.randint(2, 5))
    lines = [
        f"# {plan.title}",
        "",
        f"**会议时间：** {plan.start:%Y-%m-%d %H:%M}～{plan.start + timedelta(hours=1):%H:%M}",
        "**会议地点：** 3楼会议室",
        f"**主持人：** {host}　**记录人：** {recorder}",
        f"**参会人：** {'、'.join((host, recorder, *rest))}",
        "",
        "## 一、会议目标",
        "",
        "跟进各项工作。",
        "",
        "## 三、决策结论",
        "",
        "1. 【同意】按计划推进，依据是上月数据。",
        "",
        "## 四、行动项清单",
        "",
        "| 行动项描述 | 负责人 | 所属部门 | 计划完成时间 | 交付标准 |",
        "| --- | --- | --- | --- | --- |",
    ]
    for _n in range(rng.randint(1, 4)):
        number = next(numbers)
        owner = rng.choice(here)
        unit = people[owner] if rng.random() < 0.7 else rng.choice(UNITS)
        due: date | None = plan.start.date() + rng.randint(2, 30) * DAY
        if rng.random() < 0.06:
            due = plan.start.date()  # late when its minutes come late
        told = str(due)
        if rng.random() < 0.08:
            due, told = None, "尽快"
        text = f"完成第{number:04d}号材料"
        lines.append(f"| {text} | {owner} | {unit} | {told} | 含第{number:04d}号数据 |")
        made = {"text": text, "owner": owner, "department": unit, "due": due}
        plan.made.append({**made, "line": len(lines)})
    if plan.next_start:
        lines += ["", "## 五、下次会议", "", f"{plan.next_start:%Y-%m-%d %H:%M}，3楼会议室"]
    plan.text = "\n".join(lines) + "\n"
    plan.meeting = Meeting(
        file=plan.file,
        title=plan.title,
        start=plan.start,
        end=plan.start + timedelta(hours=1),
        host=host,
        recorder=recorder,
        attendees=(host, recorder, *rest),
        next_start=plan.next_start,
        seen_at=plan.start,
        sensitive=plan.sensitive,
        findings=tuple(("due-vague", str(m["line"])) for m in plan.made if m["due"] is None),
        owners=tuple((str(m["line"]), m["owner"]) for m in plan.made),
    )
