"""A team of the simulated year: its people, thresholds and channels, and its team file."""

import random
from datetime import date, time, timedelta

from simulation.year.facts import Route, Rules

FIRST = date(2024, 1, 1)
NAMES = (
    "陈一",
    "林二",
    "张三",
    "李四",
    "王五",
    "赵六",
    "孙七",
    "周八",
    "吴九",
    "郑十",
    "冯元",
    "蒋方",
)
UNITS = ("技术部", "产品部", "客服部", "运营部")


class Setting:
    """A team, as its file says it; people leave it.

    Args:
        number: tells the team from the others.
        rng: where all chance comes from.
    """

    def __init__(self, number: int, rng: random.Random) -> None:
        self.number = number
        self.people = {n: UNITS[k % len(UNITS)] for k, n in enumerate(NAMES)}
        self.heads = {unit: NAMES[k] for k, unit in enumerate(UNITS)}
        self.rules, self._keys = draw_rules(rng)
        self.routes = draw_routes(rng)
        self.boards = ["board", "mirror"] if rng.random() < 0.25 else ["board"]
        self.secret = rng.random() < 0.5  # sensitive items go to the tool
        self.mailless = {NAMES[9]} if rng.random() < 0.5 else set()

    def leaves(self, gone: str, rng: random.Random) -> None:
        """Somebody leaves; another takes the place of a head."""
        del self.people[gone]
        others = list(self.people)
        for unit, head in self.heads.items():
            if head == gone:
                self.heads[unit] = rng.choice(others)
        rules = self.rules
        rules.leaders = tuple(n for n in rules.leaders if n != gone)
        rules.raise_to = rules.raise_to if rules.raise_to != gone else ""
        rules.follow_up = rules.follow_up if rules.follow_up != gone else "host"

    def file(self) -> str:
        """Return the team file."""
        rules = self.rules
        lines = [f'team = "队{self.number}"', "[minutes]"]
        lines.append(f'approval = "{"host" if rules.approval else "none"}"')
        lines += ["[rules]", self._keys, f"leaders = {list(rules.leaders)}".replace("'", '"')]
        lines += [f'raise_to = "{rules.raise_to}"', f'follow_up = "{rules.follow_up}"']
        for n, (name, unit) in enumerate(self.people.items()):
            lines.append(f'[[people]]\nname = "{name}"\ndepartment = "{unit}"')
            if name not in self.mailless:
                lines.append(f'email = "p{n}@example.com"')
        for unit, head in self.heads.items():
            lines.append(f'[[departments]]\nname = "{unit}"')
            if head in self.people:
                lines.append(f'head = "{head}"')
        for board in self.boards:
            lines.append(f'[[trackers]]\nname = "{board}"\nkind = "excel"\npath = "{board}.xlsx"')
            lines.append(f"sensitive = {str(self.secret).lower()}")
        for route in self.routes:
            sends = str(sorted(route.sends)).replace("'", '"')
            lines.append(f'[[channels]]\nname = "{route.name}"\nsends = {sends}')
            if route.personal:
                lines.append('kind = "smtp"\nhost = "localhost"\nsender = "hub@example.com"')
            else:
                lines.append(f'kind = "wecom"\nurl = "https://qyapi.weixin.qq.com/{route.name}"')
        return "\n".join(lines) + "\n"


def draw_rules(rng: random.Random) -> tuple[Rules, str]:
    """Draw the team's thresholds; return them, and as the team file says them."""
    rules = Rules(
        ahead=rng.choice((2, 2, 0, 4)),
        digest_weekday=rng.choice((0, 0, 4, 6)),
        digest_time=rng.choice((time(9), time(9), time(16, 30))),
        late=rng.choice((3, 3, 1, 0, 5)),
        raise_to=rng.choice(("", NAMES[8])),
        leaders=rng.choice(((), (NAMES[0],), (NAMES[8], NAMES[4]))),
        check=rng.random() < 0.85,
        follow_up=rng.choice(("host", "host", "head", NAMES[5])),
        within=timedelta(hours=rng.choice((24, 24, 48))),
        distribute=rng.choice((1, 1, 2)),
        stale=timedelta(hours=rng.choice((24, 24, 6))),
        quiet=rng.choice((None, (time(21), time(8, 30)), (time(12), time(14)))),
        approval=rng.random() < 0.4,
        off=frozenset(rng.choice(((), (), ("F4",), ("E1", "D6")))),
    )
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    keys = [
        f"off = {sorted(rules.off)}",
        f"remind_days_before = {rules.ahead}",
        f'digest_weekday = "{days[rules.digest_weekday]}"',
        f'digest_time = "{rules.digest_time:%H:%M}"',
        f"late_alert_working_days = {rules.late}",
        f'verification = "{"required" if rules.check else "off"}"',
        f"minutes_within_hours = {int(rules.within.total_seconds()) // 3600}",
        f"distribute_within_working_days = {rules.distribute}",
        f'stale_after = "{int(rules.stale.total_seconds()) // 3600}h"',
    ]
    if rules.quiet:
        keys.append('quiet_hours = "{:%H:%M}-{:%H:%M}"'.format(*rules.quiet))
    return rules, "\n".join(keys).replace("'", '"')


def draw_routes(rng: random.Random) -> list[Route]:
    """Draw the team's channels: mail, and robots of some groups."""
    every = frozenset({"minutes", "reminder", "digest", "alert", "finding", "review"})
    some = frozenset({"reminder", "digest", "alert"})
    routes = [Route(name="mail", personal=True, repeatable=True, sends=every)]
    for name in rng.choice((["group"], ["group"], ["group", "second"], [])):
        sends = rng.choice((every, some))
        routes.append(Route(name=name, personal=False, repeatable=False, sends=sends))
    return routes
