"""What the handbook demands: which notices are due at a moment, and to whom. Pure.

It is worked out from the handbook and from the rules that leave no room, not from the program.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from simulation.year.facts import (
    DAY,
    MONTH,
    WEEK,
    Meeting,
    Rules,
    Task,
    Want,
    is_workday,
    workday_after,
    worked,
)


@dataclass(kw_only=True)
class Hub:
    """A team, as the hub can know it.

    Attributes:
        people: name -> department.
        heads: department -> name, in the team file's order.
        meetings: by the file of their minutes.
        data_at: when each tool was last read.
        alerted: when a service first took a risk alert for a task and its day, and whether the
            hub knows: it died in that pass, or its database was put back.
    """

    rules: Rules
    people: dict[str, str | None] = field(default_factory=dict)
    heads: dict[str, str | None] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    meetings: dict[str, Meeting] = field(default_factory=dict)
    data_at: dict[str, datetime | None] = field(default_factory=dict)
    alerted: dict[tuple[str, date | None], tuple[datetime, bool]] = field(default_factory=dict)

    # --- who ---

    def _known(self, *names: str | None) -> list[str]:
        return list(dict.fromkeys(n for n in names if n and n in self.people))

    def _one(self, *names: str | None) -> str | None:
        return next(iter(self._known(*names)), None)

    def _department(self, task: Task) -> str | None:
        units = (task.department, self.people.get(task.owner or ""))
        headed = (u for u in units if u and self._one(self.heads.get(u)))
        return next(headed, None) or next(filter(None, units), None)

    def _head(self, task: Task) -> str | None:
        return self._one(self.heads.get(self._department(task) or ""))

    def _owner(self, task: Task) -> str | None:
        return self._one(task.owner) or self._head(task)

    def _present(self, meeting: Meeting) -> list[str]:
        return self._known(meeting.host, meeting.recorder, *meeting.attendees)

    def may_see(self, name: str, task: Task) -> bool:
        if not task.sensitive or name in self.rules.leaders:
            return True
        meeting = self.meetings.get(task.meeting)
        return meeting is not None and name in self._present(meeting)

    def _allowed(self, task: Task, *names: str | None) -> list[str]:
        told: dict[str, None] = {}
        for name in dict.fromkeys(filter(None, names)):
            leaders = self._known(*self.rules.leaders)
            told |= dict.fromkeys([name] if self.may_see(name, task) else leaders)
        return list(told)

    def note_alert(self, task: str, now: datetime, *, known: bool) -> None:
        """Take note that a service took a risk alert."""
        if task in self.tasks:
            self.alerted.setdefault((task, self.tasks[task].due), (now, known))

    def forget_alerts(self) -> None:
        """Take note that the hub may not know of them any more."""
        self.alerted = {of: (at, False) for of, (at, _) in self.alerted.items()}

    # --- what is due ---
    def wants(self, now: datetime) -> Iterator[Want]:
        """Return the notices that may leave now, and those that must."""
        digest = self._digest(now)
        for task in self.tasks.values():
            if task.is_open:
                for want in self._of_task(now, task, digest[1]):
                    if want.rule not in self.rules.off:
                        yield want
        for want in (*self._weekly(now, *digest), *self._of_meetings(now), *self._review(now)):
            if want.rule not in self.rules.off:
                yield want

    def _digest(self, now: datetime) -> tuple[date, datetime]:
        """Return the latest digest: its nominal day, and when it began."""
        day = now.date() + WEEK
        while True:
            if day.weekday() == self.rules.digest_weekday:
                begun = self._begins(day, now)
                if begun <= now:
                    return day, begun
            day -= DAY

    def _begins(self, day: date, now: datetime) -> datetime:
        return datetime.combine(workday_after(day - DAY, 1), self.rules.digest_time, now.tzinfo)

    def _digest_after(self, came_at: datetime) -> date:
        """Return the day of the first digest that began later."""
        days = (came_at.date() + n * DAY for n in range(-14, 30))
        begun = (self._begins(d, came_at) for d in days if d.weekday() == self.rules.digest_weekday)
        return next(at for at in begun if at > came_at).date()

    def _came_late(self, task: Task) -> bool:
        return bool(task.came_at and task.due and task.came_at.date() > task.due)

    def _of_task(self, now: datetime, task: Task, digest: datetime) -> Iterator[Want]:
        today, due = now.date(), task.due

        def to(rule: str, form: str, period: object, *names: str | None) -> Iterator[Want]:
            return self._about_task(task, rule, form, period, *names)

        if task.vague:
            yield from self._asked_of(task, "due-vague", must=True)
        if task.owner not in self.people:
            yield from self._asked_of(task, "owner-unknown", must=False)
        if task.refused_at and task.completed is None and now < task.refused_at + WEEK:
            yield from to("D5", "refused", task.refused_at, self._owner(task))
        if any(self._is_stale(name, now) for name in task.trackers):
            return
        late = due is not None and due < today
        if late and self._came_late(task) and task.came_at and task.came_at >= digest:
            return
        owner = self._owner(task)
        if task.completed is not None:
            if self.rules.check:
                period = f"{task.completed} {task.refusals}"
                yield from to("D5", "check", period, self._follow_up(task))
            return
        if due == today:
            yield from to("D2", "today", due, owner)
        elif due and due - self.rules.ahead * DAY <= today < due:
            yield from to("D2", "ahead", due, owner)
        if is_workday(today) and self._is_important(task):
            yield from to("F4", "daily", today, owner)
        ahead = task.promised is not None and task.promised >= today
        asked_now = due is not None and (today == due + DAY or is_workday(today))
        if late and asked_now and not task.blocked and not ahead:
            yield from to("D6", "ask", today, owner)
        if late and due and not (task.blocked and ahead):
            yield from self._risk(now, task, due)
        if task.blocked:
            yield from self._blocked(today, task)

    def _about_task(
        self, task: Task, rule: str, form: str, period: object, *names: str | None
    ) -> Iterator[Want]:
        for name in self._allowed(task, *names):
            yield Want(
                rule=rule,
                form=form,
                subject=task.id,
                period=str(period),
                to=name,
                about=(task.id,),
                sensitive=task.sensitive,
            )

    def _asked_of(self, task: Task, code: str, *, must: bool) -> Iterator[Want]:
        """Ask for what a row leaves open, in each tool that shows it (B3)."""
        for tracker in task.trackers:
            for name in self._allowed(task, self._owner(task)):
                yield Want(
                    rule="B3",
                    form="finding",
                    subject=f"{task.id} {code} {tracker}",
                    period="",
                    to=name,
                    about=(task.id,),
                    sensitive=task.sensitive,
                    must=must and tracker == "board",
                )

    def _risk(self, now: datetime, task: Task, due: date) -> Iterator[Want]:
        head = self._head(task)
        bound, step = self.rules.late, max(1, self.rules.late)
        late = worked(due, now.date())
        if late <= bound:
            return
        since = first = workday_after(due, bound + 1)
        if task.came_at and self._came_late(task):
            since = max(since, self._digest_after(task.came_at))
        if task.blocked and task.promised:
            since = max(since, task.promised + DAY)
        # whole steps: those in which no alert could go, then those since one did
        count = worked(first, since) // step + worked(since, now.date()) // step
        above = self._one(self.rules.raise_to)
        told = list(self._about_task(task, "F3", "alert", f"{due} {count}", head or above))
        yield from told
        alerted, known = self.alerted.get((task.id, due), (None, False))
        if not (head and above) or alerted is None:
            return
        since = max(since, alerted.date())
        if worked(since, now.date()) < step:
            return
        if task.moved_at:
            since = max(since, task.moved_at.date())
        if task.unsure or worked(since, now.date()) >= step:
            for want in self._about_task(task, "F3", "raised", f"{due} {count}", above):
                if want.to not in {t.to for t in told}:
                    yield replace(want, must=known and not task.unsure)

    def _blocked(self, today: date, task: Task) -> Iterator[Want]:
        def to(form: str, period: object, *names: str | None) -> Iterator[Want]:
            return self._about_task(task, "D4", form, period, *names)

        owner, head = self._owner(task), self._head(task)
        monday = today - today.weekday() * DAY
        if task.promised == today:
            yield from to("blocked-today", today, owner)
        elif task.promised is None:
            if worked(monday - DAY, today):
                yield from to("blocked", monday, owner, head)
        elif task.promised < today and worked(task.promised, today):
            yield from to("blocked", f"after {task.promised} {monday}", owner, head)

    def _is_stale(self, tracker: str, now: datetime) -> bool:
        at = self.data_at.get(tracker)
        return at is not None and now - at > self.rules.stale

    def _follow_up(self, task: Task) -> str | None:
        wanted: str | None = self.rules.follow_up
        if wanted == "host":
            meeting = self.meetings.get(task.meeting)
            wanted = meeting.host if meeting else None
        elif wanted == "head":
            wanted = self._head(task)
        return self._one(wanted, self._head(task), *self.rules.leaders)

    def _is_important(self, task: Task) -> bool:
        meeting = self.meetings.get(task.meeting)
        title = meeting.title if meeting else task.title
        return any(word in title for word in self.rules.important)

    def _weekly(self, now: datetime, day: date, begun: datetime) -> Iterator[Want]:
        theirs: dict[tuple[str, str], list[Task]] = defaultdict(list)
        for task in self.tasks.values():
            department = self._department(task)
            head = self._one(self.heads.get(department or ""))
            if department and head and task.is_open and self.may_see(head, task):
                form = "sensitive" if task.sensitive else "digest"
                theirs[department, form].append(task)
        for (department, form), tasks in theirs.items():
            if any(t.came_at is None or t.came_at <= begun for t in tasks):
                yield Want(
                    rule="D3",
                    form=form,
                    subject=department,
                    period=str(day),
                    to=self._one(self.heads[department]) or "",
                    sensitive=form == "sensitive",
                )

    def _of_meetings(self, now: datetime) -> Iterator[Want]:
        series: dict[str, list[Meeting]] = defaultdict(list)
        for meeting in sorted(self.meetings.values(), key=lambda m: m.start):
            series[meeting.title].append(meeting)
        for meeting in self.meetings.values():
            writers = self._known(meeting.host, meeting.recorder)
            for code, line in () if _is_archive(meeting) else meeting.findings:
                subject = f"{line} {code}"
                yield from self._about(meeting, "B3", "finding", writers, "", subject)
            for line, owner in () if _is_archive(meeting) else meeting.owners:
                if owner not in self.people:  # read again when the owner had left
                    for want in self._about(
                        meeting, "B3", "finding", writers, "", f"{line} owner-unknown"
                    ):
                        yield replace(want, must=False)
            yield from self._late(now, meeting)
            yield from self._approval(now, meeting)
            yield from self._distribution(now, meeting)
        for some in series.values():
            yield from self._missing(now, some[-1])
            yield from self._progress(now, some)

    def _about(
        self,
        meeting: Meeting,
        rule: str,
        form: str,
        names: Iterable[str],
        period: object,
        line: str = "",
    ) -> Iterator[Want]:
        tasks = [self.tasks[i] for i in meeting.tasks if i in self.tasks]
        for name in names:
            secret = any(t.sensitive and self.may_see(name, t) for t in tasks)
            yield Want(
                rule=rule,
                form=form,
                subject=f"{meeting.file} {line}".strip(),
                period=str(period),
                to=name,
                sensitive=meeting.sensitive or (secret and form == "distribute"),
            )

    def _late(self, now: datetime, meeting: Meeting) -> Iterator[Want]:
        late = meeting.seen_at > meeting.end + self.rules.within
        if late and now - meeting.end < 2 * WEEK:
            yield from self._c1(meeting, meeting.start.date())

    def _missing(self, now: datetime, last: Meeting) -> Iterator[Want]:
        announced = last.next_start
        if announced is None or last.start.date() >= announced.date():
            return
        since = now - (announced + timedelta(hours=2))
        if self.rules.within <= since < 2 * WEEK:
            yield from self._c1(last, announced.date())

    def _c1(self, meeting: Meeting, day: date) -> Iterator[Want]:
        for name in self._known(meeting.host, meeting.recorder):
            yield Want(
                rule="C1",
                form="late",
                subject=f"{meeting.title} {day}",
                period="",
                to=name,
                sensitive=meeting.sensitive,
            )

    def _approval(self, now: datetime, meeting: Meeting) -> Iterator[Want]:
        if meeting.state == "waiting" and meeting.asked_at:
            asked = meeting.asked_at
            host = self._one(meeting.host, *self.rules.leaders, meeting.recorder)
            names = [host] if host else []
            yield from self._about(meeting, "C3", "approve", names, asked)
            days = worked(asked.date(), now.date())
            if days > self.rules.distribute and is_workday(now.date()):
                yield from self._about(meeting, "C3", "approve-again", names, now.date())
        elif meeting.state == "refused":
            names = self._known(meeting.recorder)
            yield from self._about(meeting, "C3", "refused", names, meeting.said_at)

    def _distribution(self, now: datetime, meeting: Meeting) -> Iterator[Want]:
        if meeting.state in ("waiting", "refused"):
            return
        if _is_archive(meeting) or now - (meeting.said_at or meeting.seen_at) >= MONTH:
            return
        names = self._present(meeting)
        if not meeting.sensitive:
            tasks = [self.tasks[i] for i in meeting.tasks if i in self.tasks]
            names += [h for t in tasks if not t.sensitive and (h := self._head(t))]
        names += self._known(*self.rules.leaders)
        version = f"version {meeting.version}"
        recent = now - meeting.seen_at < 2 * MONTH  # else whose work it is may be forgotten
        for want in self._about(meeting, "C3", "distribute", dict.fromkeys(names), version):
            yield replace(want, must=recent)

    def _progress(self, now: datetime, series: Sequence[Meeting]) -> Iterator[Want]:
        last = series[-1]
        start = last.next_start
        if start is None:
            return
        before = start.date() - DAY
        while not is_workday(before):
            before -= DAY
        if not before <= now.date() or now >= start:
            return
        ids = {i for m in series for i in m.tasks}
        files = {m.file for m in series}
        tasks = [
            t for t in self.tasks.values() if t.is_open and (t.id in ids or t.meeting in files)
        ]
        for name in self._known(last.host, last.recorder):
            seen = [t for t in tasks if self.may_see(name, t)]
            if seen:
                yield Want(
                    rule="D4",
                    form="progress",
                    subject=f"{last.title} {start:%Y-%m-%d %H:%M}",
                    period="",
                    to=name,
                    sensitive=last.sensitive or any(t.sensitive for t in seen),
                )

    def _review(self, now: datetime) -> Iterator[Want]:
        month = 3 * ((now.month - 1) // 3) + 1
        over = date(now.year, month, 1)
        begun = over - 80 * DAY
        begun = date(begun.year, 3 * ((begun.month - 1) // 3) + 1, 1)
        begins = datetime.combine(workday_after(over - DAY, 1), self.rules.digest_time, now.tzinfo)
        if not begins <= now < begins + WEEK:
            return
        existed = any(
            (t.came_at is None or t.came_at.date() < over)
            and (t.is_open or max(filter(None, (t.done, t.closed))) >= begun)
            for t in self.tasks.values()
        )
        names = self._known(*self.rules.leaders) or self._known(*self.heads.values())
        for name in names if existed else ():
            quarter = f"{begun.year}Q{(begun.month + 2) // 3}"
            yield Want(rule="E1", form="review", subject=quarter, period=quarter, to=name)


def _is_archive(meeting: Meeting) -> bool:
    """Say whether minutes came long after their meeting."""
    return meeting.seen_at.date() - meeting.start.date() >= MONTH
