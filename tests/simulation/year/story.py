"""What happens to a team in a year: its meetings, its people at work, and what breaks.

All chance comes from one number. The ledger is told what people did, and, from the pass on that
could see it, what the hub knows of it.
"""

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from simulation import quick
from simulation.year.ledger import DAY, Ledger, Meeting, Route, Rules, Task, is_workday
from simulation.year.office import ZONE, Clock, Office

from mapping.values import Status
from sync import outbox

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
HOURS = ((2, 10), (8, 20), (9, 5), (10, 30), (12, 10), (14, 40), (17, 50), (20, 30), (23, 40))
WORDS = {Status.IN_PROGRESS: "进行中", Status.BLOCKED: "受阻", Status.DONE: "已完成"}
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


@dataclass(kw_only=True)
class Worked:
    """What people did to a task that the hub has not seen yet."""

    due: date | None = None
    blocked: bool | None = None
    promised: date | None = None
    reported: date | None = None
    marked: bool = False  # as done, in the column of statuses
    vague: bool | None = None
    touched: bool = False


class Story:
    """One team's year.

    Args:
        seed: where all chance comes from.
        folder: for the team's files; empty.
    """

    def __init__(self, seed: int, folder: Path) -> None:
        self.seed, self.rng = seed, random.Random(f"year {seed}")
        self.luck = random.Random(f"luck {seed}")
        self.clock = Clock(datetime.combine(FIRST, time(7), ZONE))
        self.people = {n: UNITS[k % len(UNITS)] for k, n in enumerate(NAMES)}
        self.heads = {unit: NAMES[k] for k, unit in enumerate(UNITS)}
        self.rules, self.keys = self._rules()
        self.channels = self._channels()
        self.boards = ["board", "mirror"] if self.rng.random() < 0.25 else ["board"]
        self.secret = self.rng.random() < 0.5  # sensitive items go to the tool
        self.mailless = {NAMES[9]} if self.rng.random() < 0.5 else set()
        self.office = Office(folder / "team", self._team_file(), self.clock, self.luck)
        self.ledger = Ledger(self.rules, self.channels)
        self._tell_people()
        self.count = Counter[str]()
        self.plans: list[Plan] = []
        self.drafts: dict[str, Plan] = {}
        self.todo: dict[str, Worked] = {}
        self.free: set[str] = set()
        self.odd: set[str] = set()  # of which the hub believes something else
        self.copied: tuple[quick.Database, list[str]] | None = None
        self.number = 0
        self.lost = False  # the database was put back: what it knows is read anew
        self.died = False  # in the last pass
        self.away_until: datetime | None = None
        self.bad_until: dict[str, datetime] = {}
        self._schedule()

    # --- the team ---

    def _rules(self) -> tuple[Rules, str]:
        """Draw the team's thresholds; return them, and as the team file says them."""
        rng = self.rng
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

    def _channels(self) -> list[Route]:
        rng = self.rng
        every = frozenset({"minutes", "reminder", "digest", "alert", "finding", "review"})
        some = frozenset({"reminder", "digest", "alert"})
        routes = [Route(name="mail", personal=True, repeatable=True, sends=every)]
        for name in rng.choice((["group"], ["group"], ["group", "second"], [])):
            sends = rng.choice((every, some))
            routes.append(Route(name=name, personal=False, repeatable=False, sends=sends))
        return routes

    def _team_file(self) -> str:
        rules = self.rules
        lines = [f'team = "队{self.seed}"', "[minutes]"]
        lines.append(f'approval = "{"host" if rules.approval else "none"}"')
        lines += ["[rules]", self.keys, f"leaders = {list(rules.leaders)}".replace("'", '"')]
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
        for route in self.channels:
            sends = str(sorted(route.sends)).replace("'", '"')
            lines.append(f'[[channels]]\nname = "{route.name}"\nsends = {sends}')
            if route.personal:
                lines.append('kind = "smtp"\nhost = "localhost"\nsender = "hub@example.com"')
            else:
                lines.append(f'kind = "wecom"\nurl = "https://qyapi.weixin.qq.com/{route.name}"')
        return "\n".join(lines) + "\n"

    def _tell_people(self) -> None:
        self.ledger.people = dict(self.people)
        self.ledger.heads = {u: h if h in self.people else None for u, h in self.heads.items()}
        self.ledger.unreachable = set(self.mailless)

    # --- meetings ---

    def _schedule(self) -> None:
        """Fix the year's meetings."""
        rng = self.rng
        for number, (title, weeks, sensitive) in enumerate(SERIES):
            day, starts = FIRST + (1 + number) * DAY, []
            while day < FIRST + 380 * DAY:
                if is_workday(day):
                    starts.append(datetime.combine(day, time(10 + 2 * number), ZONE))
                day += weeks * 7 * DAY
            for n, start in enumerate(starts[:-1]):
                told = rng.random() < 0.8
                hours = rng.choices(
                    (rng.uniform(1.5, 20), rng.uniform(30, 120), None), (85, 10, 5)
                )[0]
                self.plans.append(
                    Plan(
                        title=title,
                        start=start,
                        sensitive=sensitive,
                        next_start=starts[n + 1] if told else None,
                        drop_at=start + timedelta(hours=1 + hours) if hours else None,
                    )
                )

    def _hold(self, plan: Plan) -> None:
        """Write a meeting's minutes."""
        rng = self.rng
        here = list(self.people)
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
            self.number += 1
            owner = rng.choice(here)
            unit = self.people[owner] if rng.random() < 0.7 else rng.choice(UNITS)
            due: date | None = plan.start.date() + rng.randint(2, 30) * DAY
            if rng.random() < 0.06:
                due = plan.start.date()  # late when its minutes come late
            told = str(due)
            if rng.random() < 0.08:
                due, told = None, "尽快"
            text = f"完成第{self.number:04d}号材料"
            lines.append(f"| {text} | {owner} | {unit} | {told} | 含第{self.number:04d}号数据 |")
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

    # --- a year ---

    def live(self, day: date) -> None:
        """Live one day; the days follow each other from the first of the year on."""
        hours = [h for h in HOURS if self.rng.random() < (0.5 if is_workday(day) else 0.3)]
        for hour, minute in hours:
            minute += self.rng.randint(-5, 5)
            at = datetime.combine(day, time(hour), ZONE) + timedelta(minutes=minute)
            self.clock.at = at
            self._befall(at)
            self._work(at)
            if self.away_until and at < self.away_until:
                continue
            self._pass(at)

    def _befall(self, at: datetime) -> None:
        """What breaks, and is mended."""
        rng, office = self.rng, self.office
        for name, until in list(self.bad_until.items()):
            if at >= until:
                del self.bad_until[name]
                self._mend(name)
        if rng.random() < 0.008:
            self._break(f"tool {rng.choice(self.boards)}", at, rng.choice((5, 30, 60, 100)))
        if rng.random() < 0.03:
            ill = rng.choice(("down", "muted", "flaky", "flaky", "full"))
            post = rng.choice(self.channels).name
            self._break(f"{ill} {post}", at, rng.choice((2, 10, 30, 100)))
        if rng.random() < 0.002:
            self.away_until = at + rng.choice((1, 3, 6)) * DAY
            self.count["outages"] += 1
        if rng.random() < 0.01:
            self.copied = (office.copy(), [])
        if not self.office.down and not (self.away_until and at < self.away_until):
            if self.copied and rng.random() < (0.15 if self.died else 0.003):
                self._restore(*self.copied)
                self.count["restores"] += 1
            elif rng.random() < 0.0005:
                self._restore(None, [p.file for p in self.plans])
                self.count["lost databases"] += 1
        if rng.random() < 0.002 and len(self.people) > 7:
            self._leave()
        if self.mailless and rng.random() < 0.005:
            self.mailless = set()
            self._reconfigure()

    def _break(self, name: str, at: datetime, hours: float) -> None:
        ill, _, what = name.partition(" ")
        self.bad_until[name] = at + timedelta(hours=hours)
        self.count[f"{ill} for a while"] += 1
        if ill == "tool":
            self.office.down.add(what)
            return
        moods = self.office.posts[what].moods
        if ill == "full":
            moods.full = set(self.rng.sample(list(self.people), min(3, len(self.people))))
        else:
            value = {"down": True, "muted": 600.0, "flaky": 0.5}[ill]
            setattr(moods, ill, value)

    def _mend(self, name: str) -> None:
        ill, _, what = name.partition(" ")
        if ill == "tool":
            self.office.down.discard(what)
            return
        value: Any = {"down": False, "muted": 0.0, "flaky": 0.0, "full": set()}[ill]
        setattr(self.office.posts[what].moods, ill, value)

    def _restore(self, copy: quick.Database | None, read: list[str]) -> None:
        """The administrator restores the database, and drops the minutes since then again."""
        self.office.restore(copy)
        self.office.drop_again(read)
        self.lost = True
        self.copied = None
        self.ledger.meetings = {}
        self.drafts = {p.file: p for p in self.plans if p.meeting}

    def _leave(self) -> None:
        """Somebody leaves the team; another takes the place of a head or leader."""
        gone = self.rng.choice(list(self.people)[1:])
        del self.people[gone]
        others = list(self.people)
        for unit, head in self.heads.items():
            if head == gone:
                self.heads[unit] = self.rng.choice(others)
        rules = self.rules
        rules.leaders = tuple(n for n in rules.leaders if n != gone)
        rules.raise_to = rules.raise_to if rules.raise_to != gone else ""
        rules.follow_up = rules.follow_up if rules.follow_up != gone else "host"
        self.count["people left"] += 1
        self._reconfigure()

    def _reconfigure(self) -> None:
        self.office.configure(self._team_file())
        self._tell_people()

    # --- people at work ---

    def _work(self, at: datetime) -> None:
        for plan in self.plans:
            if plan.drop_at and plan.meeting is None and plan.drop_at <= at:
                if plan.start > at - 40 * DAY:
                    self._hold(plan)
                    self.office.drop(plan.file, plan.text)
                    self.drafts[plan.file] = plan
        if at.hour < 7 or at.hour > 21:
            return
        self._hosts(at)
        for task in list(self.ledger.tasks.values()):
            if task.is_open and self.rng.random() < 0.12:
                self._act(at, task)

    def _hosts(self, at: datetime) -> None:
        """Hosts look at drafts; recorders write a new version of what was refused."""
        for plan in list(self.drafts.values()):
            meeting = self.ledger.meetings.get(plan.file)
            if meeting is None or self.rng.random() > 0.15:
                continue
            if meeting.state == "refused":
                plan.version += 1
                again = plan.text.replace("跟进各项工作", f"跟进各项工作，第{plan.version}稿")
                self.office.drop(plan.file, again)
            elif meeting.state == "waiting":
                with self.office.kept() as tx:
                    found = [d for d in outbox.drafts(tx) if d.file == plan.file]
                for draft in found:
                    refuse = {"refuse": "缺少依据"} if self.rng.random() < 0.2 else {}
                    by = {"digest": draft.digest, "by": meeting.host}
                    self.office.ask("approve", draft.key, **by, **refuse)

    def _act(self, at: datetime, task: Task) -> None:
        """Somebody does something about a task, if the hub has seen what was done last."""
        rng, today = self.rng, at.date()
        if task.id not in self.free:
            return
        shown = bool(task.trackers) and not self.office.down & task.trackers
        if not task.trackers or rng.random() < 0.02:
            if (not task.trackers or shown) and rng.random() < 0.15:
                self.free.discard(task.id)
                self.office.ask("close", task.id, why="不再需要", by="李四")
            return
        if task.completed is not None:
            if shown and self.rules.check and rng.random() < 0.4:
                self.free.discard(task.id)
                refuse = {"refuse": "缺少数据"} if rng.random() < 0.25 else {}
                self.office.ask("verify", task.id, by="李四", **refuse)
            return
        late = task.due is not None and task.due < today
        near = task.due is None or task.due < today + 4 * DAY
        acts = {
            "report": 5 if near else 1,
            "promise": 3 if late or task.blocked else 0,
            "redate": 2 if near else 0,
            "block": 0 if task.blocked else 1,
            "unblock": 2 if task.blocked else 0,
            "touch": 1,
            "vague": 0.3,
        }
        act = rng.choices(list(acts), list(acts.values()))[0]
        self.free.discard(task.id)
        self.count[f"people: {act}"] += 1
        self.todo[task.id] = self._typed(at, task, act)

    def _typed(self, at: datetime, task: Task, act: str) -> Worked:
        """Type into the row; return what the hub is to see."""
        rng, today, board = self.rng, at.date(), self.boards[0]
        type_ = self.office.type
        note = self.office.cell(board, task.id, "note") or ""
        day = today + rng.randint(1, 12) * DAY
        lines = f"{note}\n" if note else ""
        match act:
            case "report":
                how = rng.choice(("status", "both", "both" if task.blocked else "day"))
                cells: dict[str, Any] = {"deliverable": "材料已交"}
                if how != "status":
                    cells["completed"] = today
                if how != "day":
                    cells["status"] = WORDS[Status.DONE]
                type_(board, task.id, **cells)
                return Worked(reported=today if how != "status" else None, marked=how != "day")
            case "promise":
                type_(board, task.id, note=f"{lines}因排期延迟，预计{day}完成")
                return Worked(promised=day)
            case "redate":
                type_(board, task.id, due=str(day))
                return Worked(due=day, vague=False)
            case "block" if rng.random() < 0.5:
                wait = f"{lines}等待供应商，预计{day}解决"
                type_(board, task.id, status=WORDS[Status.BLOCKED], note=wait)
                return Worked(blocked=True, promised=day)
            case "block":
                type_(board, task.id, status=WORDS[Status.BLOCKED])
                return Worked(blocked=True)
            case "unblock":
                type_(board, task.id, status=WORDS[Status.IN_PROGRESS])
                return Worked(blocked=False)
            case "vague":
                type_(board, task.id, due="下周五")
                return Worked(vague=True)
        type_(board, task.id, note=f"{lines}进展正常")
        return Worked(touched=True)

    # --- a pass, and what the hub knows by then ---

    def _pass(self, at: datetime) -> None:
        dies = self.rng.randint(0, 12) if self.rng.random() < 0.03 else None
        waiting = self._requests()
        report, tries = self.office.once(dies_after=dies)
        self.count["passes"] += 1
        self.count["messages"] += len(tries)
        self.count["kills"] += report is None
        if report is not None and report.error:
            self.ledger.wrong.append(f"{at:%Y-%m-%d %H:%M} the pass failed: {report.error}")
        up = {b for b in self.boards if b not in self.office.down}
        for name in up:
            self.ledger.data_at[name] = at
        self.died = report is None
        if not self.lost:
            self._learn_decisions(at, waiting)
        if self.boards[0] in up:
            self._learn_rows(at)
        if self.lost:
            self._learn_anew()
        self._learn_minutes(at)
        self._learn_places()
        self._compare(at)
        self.lost = False
        moods = {name: post.moods for name, post in self.office.posts.items()}
        down = frozenset(n for n, m in moods.items() if m.down or m.muted)
        full = frozenset(moods["mail"].full)
        self.ledger.judge(at, tries, complete=report is not None, down=down, full=full)

    def _requests(self) -> list[tuple[str, str, dict[str, Any]]]:
        with self.office.kept() as tx:
            return [(r.verb, r.target, dict(r.args)) for r in tx.requests()]

    def _learn_decisions(self, at: datetime, asked: list[tuple[str, str, dict[str, Any]]]) -> None:
        for verb, target, args in asked:
            task = self.ledger.tasks.get(target)
            if verb == "approve" or task is None or not task.is_open:
                continue
            if verb == "close":
                task.closed, task.moved_at = at.date(), at
            elif task.completed is not None and "refuse" in args:
                task.completed, task.refused_at, task.moved_at = None, at, at
                task.refusals += 1
                self.count["people: refuse"] += 1
            elif task.completed is not None:
                task.done, task.moved_at = at.date(), at
                self.count["people: verify"] += 1

    def _learn_minutes(self, at: datetime) -> None:
        """Take note of the minutes that the pass read, held, or let go."""
        with self.office.kept() as tx:
            documents = {d.file: d for d in tx.documents()}
            drafts = {d.file: d for d in outbox.drafts(tx)}
            ids = {s.item.description: s for s in tx.items().values()} if self.drafts else {}
        for plan in list(self.drafts.values()):
            draft, document = drafts.get(plan.file), documents.get(plan.file)
            row = draft or document
            if row is None:
                continue
            assert plan.meeting is not None
            meeting = self.ledger.meetings.get(plan.file)
            if meeting is None:
                seen_at = _moment(row.seen_at) if self.lost else at
                meeting = self.ledger.meetings[plan.file] = replace(plan.meeting, seen_at=seen_at)
            state = draft.state if draft else "approved" if self.rules.approval else "plain"
            if state != meeting.state:
                meeting.state, meeting.said_at = state, at
            if draft is not None:
                meeting.asked_at = _moment(draft.asked_at)
                if self.lost:
                    meeting.said_at = _moment(draft.at) if draft.at else None
                continue
            if document and document.approved and self.lost:
                meeting.said_at = _moment(document.approved["at"])
            self._learn_tasks(at, plan, meeting, ids)
            del self.drafts[plan.file]
            if self.copied and not self.lost:
                self.copied[1].append(plan.file)

    def _learn_tasks(self, at: datetime, plan: Plan, meeting: Meeting, ids: Any) -> None:
        known = []
        for made in plan.made:
            stored = ids.get(made["text"])
            if stored is None:
                self.ledger.wrong.append(f"{at:%Y-%m-%d %H:%M} {made['text']} did not come in")
                continue
            known.append(stored.item.id)
            if stored.item.id not in self.ledger.tasks:
                self.ledger.tasks[stored.item.id] = Task(
                    id=stored.item.id,
                    text=made["text"],
                    owner=made["owner"],
                    department=made["department"],
                    meeting=plan.file,
                    title=plan.title,
                    due=made["due"],
                    came_at=at,
                    sensitive=plan.sensitive,
                )
        meeting.tasks = tuple(known)

    def _learn_rows(self, at: datetime) -> None:
        """The hub has seen the tool: what people typed is known."""
        today = at.date()
        for item, did in self.todo.items():
            task = self.ledger.tasks[item]
            if not did.vague and (did.due is None or did.due != task.due):
                task.moved_at, task.unsure = at, False  # else it changed nothing that counts
            if did.due is not None:
                task.due = did.due
            task.vague = task.vague if did.vague is None else did.vague
            task.blocked = task.blocked if did.blocked is None else did.blocked
            task.promised = did.promised or task.promised
            if did.reported or did.marked:
                task.blocked = task.blocked and not did.marked
                task.completed = did.reported or today
                if not self.rules.check:
                    task.done = task.completed
        self.todo = {}
        self.free = {t.id for t in self.ledger.tasks.values() if t.is_open}

    def _learn_places(self) -> None:
        """See in which tools a task has a row by now."""
        labels = self.office.columns["id"]
        for board in self.boards:
            if board in self.office.down:
                continue
            table = self.office.tables[board]
            ids = {s[-1].cells.get(labels) for s in table.history.values() if not s[-1].gone}
            for task in self.ledger.tasks.values():
                if task.id in ids:
                    task.trackers |= {board}

    def _learn_anew(self) -> None:
        """After the database was put back: take what it knows for what the hub knows."""
        before, self.ledger.tasks = self.ledger.tasks, {}
        with self.office.kept() as tx:
            items = [s.item for s in tx.items().values()]
            files = {d.key: d.file for d in tx.documents()}
            log = {item.id: tx.changes(item.id) for item in items}
        for item in items:
            old = before.get(item.id)
            over = item.completed or (item.verified.on if item.verified else None)
            told = [c for c in log[item.id] if c.kind == "refuse"]
            self.ledger.tasks[item.id] = Task(
                id=item.id,
                text=item.description,
                owner=item.owner,
                department=item.department,
                meeting=files.get(item.meeting_id or "", ""),
                title=item.meeting or "",
                due=item.due,
                came_at=item.created_at and item.created_at.astimezone(ZONE),
                sensitive=item.sensitive,
                blocked=item.status is Status.BLOCKED,
                completed=item.completed,
                promised=old.promised if old else None,
                unsure=True,
                vague=old.vague if old else False,
                done=(over or FIRST) if item.status is Status.DONE else None,
                closed=item.closed.on if item.closed else None,
                refusals=len(told),
                refused_at=datetime.fromisoformat(told[-1].at).astimezone(ZONE) if told else None,
            )

    def _compare(self, at: datetime) -> None:
        """Compare what the ledger believes with the items that anybody may list."""
        with self.office.kept() as tx:
            items = {i: s.item for i, s in tx.open_items().items()}
        known = {t.id: t for t in self.ledger.tasks.values() if t.is_open}
        for item_id in items.keys() | known.keys():
            item, task = items.get(item_id), known.get(item_id)
            found = item and (item.due, item.completed, item.status is Status.BLOCKED)
            told = task and (task.due, task.completed, task.blocked)
            if told != found and item_id not in self.odd:
                self.odd.add(item_id)
                self.ledger.wrong.append(
                    f"{at:%Y-%m-%d %H:%M} {item_id} is {told}, and the hub has {found}"
                )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(ZONE)
