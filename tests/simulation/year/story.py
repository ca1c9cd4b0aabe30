"""What happens to a team in a year: its meetings, its people at work, and what breaks.

All chance comes from one number. The ledger is told what people did, and, from the pass on that
could see it, what the hub knows of it.
"""

import itertools
import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from simulation import quick
from simulation.year.demands import Hub
from simulation.year.facts import DAY, Meeting, Task, is_workday
from simulation.year.ledger import Ledger
from simulation.year.minutes import Plan, hold, schedule
from simulation.year.office import ZONE, Clock, Office
from simulation.year.setting import FIRST, Setting

from mapping.values import Status
from sync import outbox

HOURS = ((2, 10), (8, 20), (9, 5), (10, 30), (12, 10), (14, 40), (17, 50), (20, 30), (23, 40))
WORDS = {Status.IN_PROGRESS: "进行中", Status.BLOCKED: "受阻", Status.DONE: "已完成"}


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
        self.team = Setting(seed, self.rng)
        self.office = Office(folder / "team", self.team.file(), self.clock, self.luck)
        self.hub = Hub(rules=self.team.rules)
        self.ledger = Ledger(self.hub, self.team.routes)
        self._tell_people()
        self.count = Counter[str]()
        self.plans = schedule(self.rng)
        self.drafts: dict[str, Plan] = {}
        self.todo: dict[str, Worked] = {}
        self.free: set[str] = set()
        self.odd: set[str] = set()  # of which the hub believes something else
        self.copied: tuple[quick.Database, list[str]] | None = None
        self.numbers = itertools.count(1)
        self.lost = 0  # looks after the database was put back, in which what it knows is read anew
        self.died = False  # in the last pass
        self.away_until: datetime | None = None
        self.bad_until: dict[str, datetime] = {}

    # --- the team ---

    def _tell_people(self) -> None:
        self.hub.people = dict(self.team.people)
        self.hub.heads = {
            u: h if h in self.team.people else None for u, h in self.team.heads.items()
        }
        self.ledger.unreachable = set(self.team.mailless)

    # --- a year ---

    def live(self, day: date) -> None:
        """Live one day; the days follow each other from the first of the year on."""
        hours = [h for h in HOURS if self.rng.random() < (0.5 if is_workday(day) else 0.3)]
        for hour, minute in hours:
            about = timedelta(minutes=minute + self.rng.randint(-5, 5))
            at = datetime.combine(day, time(hour), ZONE) + about
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
            self._break(f"tool {rng.choice(self.team.boards)}", at, rng.choice((5, 30, 60, 100)))
        if rng.random() < 0.03:
            ill = rng.choice(("down", "muted", "flaky", "flaky", "full"))
            post = rng.choice(self.team.routes).name
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
        if rng.random() < 0.002 and len(self.team.people) > 7:
            self._leave()
        if self.team.mailless and rng.random() < 0.005:
            self.team.mailless = set()
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
            moods.full = set(self.rng.sample(list(self.team.people), min(3, len(self.team.people))))
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
        self.lost = 2  # an edit in a tool counts at the latest in the second look
        self.copied = None
        self.hub.meetings = {}
        self.hub.forget_alerts()
        self.drafts = {p.file: p for p in self.plans if p.meeting}

    def _leave(self) -> None:
        """Somebody leaves the team; another takes the place of a head or leader."""
        gone = self.rng.choice(list(self.team.people)[1:])
        self.team.leaves(gone, self.rng)
        self.count["people left"] += 1
        self._reconfigure()

    def _reconfigure(self) -> None:
        self.office.configure(self.team.file())
        self._tell_people()

    # --- people at work ---

    def _work(self, at: datetime) -> None:
        for plan in self.plans:
            ready = plan.drop_at and plan.meeting is None and plan.drop_at <= at
            if ready and plan.start > at - 40 * DAY:
                hold(plan, self.team.people, self.rng, self.numbers)
                self.office.drop(plan.file, plan.text)
                self.drafts[plan.file] = plan
        if at.hour < 7 or at.hour > 21:
            return
        self._hosts(at)
        for task in list(self.hub.tasks.values()):
            if task.is_open and self.rng.random() < 0.12:
                self._act(at, task)

    def _hosts(self, at: datetime) -> None:
        """Hosts look at drafts; recorders write a new version of what was refused."""
        for plan in list(self.drafts.values()):
            meeting = self.hub.meetings.get(plan.file)
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
            if shown and self.team.rules.check and rng.random() < 0.4:
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
        rng, today, board = self.rng, at.date(), self.team.boards[0]
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
        dies: dict[str, Any] = {}
        if self.rng.random() < 0.04:
            channel = self.rng.choice(self.team.routes).name
            steps = {"dies_after": self.rng.randint(0, 12)}
            dies = self.rng.choice((steps, {"dies_on": channel}))
        waiting = self._requests()
        report, tries = self.office.once(**dies)
        self.count["passes"] += 1
        self.count["messages"] += len(tries)
        self.count["kills"] += report is None
        if report is not None and report.error:
            self.ledger.wrong.append(f"{at:%Y-%m-%d %H:%M} the pass failed: {report.error}")
        up = {b for b in self.team.boards if b not in self.office.down}
        for name in up:
            self.hub.data_at[name] = at
        self.died = report is None
        if not self.lost:
            self._learn_decisions(at, waiting)
        if self.team.boards[0] in up:
            self._learn_rows(at)
        if self.lost:
            self._learn_anew()
        self._learn_minutes(at)
        self._learn_places()
        self._compare(at)
        self.lost = max(0, self.lost - (self.team.boards[0] in up))
        moods = {name: post.moods for name, post in self.office.posts.items()}
        down = frozenset(n for n, m in moods.items() if m.down or m.muted)
        full = frozenset(moods["mail"].full)
        self.ledger.judge(at, tries, complete=report is not None, down=down, full=full)

    def _requests(self) -> list[tuple[str, str, dict[str, Any]]]:
        with self.office.kept() as tx:
            return [(r.verb, r.target, dict(r.args)) for r in tx.requests()]

    def _learn_decisions(self, at: datetime, asked: list[tuple[str, str, dict[str, Any]]]) -> None:
        for verb, target, args in asked:
            task = self.hub.tasks.get(target)
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
            meeting = self.hub.meetings.get(plan.file)
            if meeting is None:
                seen_at = _moment(row.seen_at) if self.lost else at
                meeting = self.hub.meetings[plan.file] = replace(plan.meeting, seen_at=seen_at)
            state = draft.state if draft else "approved" if self.team.rules.approval else "plain"
            if state != meeting.state:
                meeting.state, meeting.said_at = state, at
            if draft is not None:
                meeting.asked_at = _moment(draft.asked_at)
                if self.lost:
                    meeting.said_at = _moment(draft.at) if draft.at else None
                continue
            if document and document.approved and self.lost:
                meeting.said_at = _moment(document.approved["at"])
            meeting.version = plan.version
            self._learn_tasks(at, plan, meeting, ids)
            del self.drafts[plan.file]
            if self.copied and document and _moment(document.read_at) == at:
                self.copied[1].append(plan.file)

    def _learn_tasks(self, at: datetime, plan: Plan, meeting: Meeting, ids: Any) -> None:
        known = []
        for made in plan.made:
            stored = ids.get(made["text"])
            if stored is None:
                self.ledger.wrong.append(f"{at:%Y-%m-%d %H:%M} {made['text']} did not come in")
                continue
            known.append(stored.item.id)
            task = self.hub.tasks.get(stored.item.id)
            if task is not None:  # rebuilt from its row: now it is known what it comes from
                task.meeting, task.title, task.sensitive = plan.file, plan.title, plan.sensitive
                task.due = task.due or made["due"]
            else:
                self.hub.tasks[stored.item.id] = Task(
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
            task = self.hub.tasks[item]
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
                if not self.team.rules.check:
                    task.done = task.completed
        self.todo = {}
        self.free = {t.id for t in self.hub.tasks.values() if t.is_open}

    def _learn_places(self) -> None:
        """See in which tools a task has a row by now."""
        labels = self.office.columns["id"]
        for board in self.team.boards:
            if board in self.office.down:
                continue
            table = self.office.tables[board]
            ids = {s[-1].cells.get(labels) for s in table.history.values() if not s[-1].gone}
            for task in self.hub.tasks.values():
                if task.id in ids:
                    task.trackers |= {board}

    def _learn_anew(self) -> None:
        """After the database was put back: take what it knows for what the hub knows."""
        before, self.hub.tasks = self.hub.tasks, {}
        with self.office.kept() as tx:
            items = [s.item for s in tx.items().values()]
            files = {d.key: d.file for d in tx.documents()}
            log = {item.id: tx.changes(item.id) for item in items}
        for item in items:
            old = before.get(item.id)
            over = item.completed or (item.verified.on if item.verified else None)
            told = [c for c in log[item.id] if c.kind == "refuse"]
            self.hub.tasks[item.id] = Task(
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
        known = {t.id: t for t in self.hub.tasks.values() if t.is_open}
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
