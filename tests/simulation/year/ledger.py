"""What the handbook demands, by a book of its own: who is to hear of what, and on which day.

The ledger imports nothing of the program. It is told what people did and what the hub could know of
it, and works out from the handbook's rules which notices may leave at a moment, and which must. A
notice is judged by what its reader sees: rule, matter, person; the day that tells it from the last
one is the ledger's own.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cache

import chinese_calendar

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
MONTH = timedelta(days=30)
PATIENCE = timedelta(hours=2)  # the longest wait until what was refused is tried again
GIVEN_UP = timedelta(days=3)
KINDS = {
    **dict.fromkeys(("D2", "D5", "D6", "F4"), "reminder"),
    **dict.fromkeys(("D3", "D4"), "digest"),
    **dict.fromkeys(("F3", "C1"), "alert"),
    **{"C3": "minutes", "B3": "finding", "E1": "review"},
}


@cache
def is_workday(day: date) -> bool:
    """Say whether a day is worked in China, by the State Council's plan."""
    return chinese_calendar.is_workday(day)


def worked(start: date, end: date) -> int:
    """Count the working days after ``start``, up to ``end``."""
    return sum(is_workday(start + n * DAY) for n in range(1, (end - start).days + 1))


def workday_after(day: date, count: int) -> date:
    """Return the working day so many after a day."""
    while count:
        day += DAY
        count -= is_workday(day)
    return day


@dataclass(kw_only=True)
class Rules:
    """The thresholds, as the team file says them."""

    ahead: int = 2
    digest_weekday: int = 0
    digest_time: time = time(9)
    late: int = 3
    raise_to: str = ""
    leaders: tuple[str, ...] = ()
    important: tuple[str, ...] = ("战略", "启动")
    check: bool = True
    follow_up: str = "host"
    within: timedelta = timedelta(hours=24)
    distribute: int = 1
    stale: timedelta = timedelta(hours=24)
    quiet: tuple[time, time] | None = None
    approval: bool = False
    off: frozenset[str] = frozenset()


@dataclass(kw_only=True)
class Route:
    """A channel, as the team file says it."""

    name: str
    personal: bool
    repeatable: bool
    sends: frozenset[str]


@dataclass(kw_only=True)
class Task:
    """A piece of work, as the hub can know it.

    Attributes:
        meeting: file of the minutes it comes from; empty if nobody knows any more.
        came_at: when the hub took it in; None if that is not known.
        promised: the day that its note promises.
        moved_at: when a person last changed it, as far as the hub can tell.
        unsure: the hub lost count of who moved it when.
        vague: there is no day in its cell, but words.
        trackers: those in which it has a row.
    """

    id: str
    text: str
    owner: str | None
    department: str | None
    meeting: str
    title: str
    due: date | None
    came_at: datetime | None
    sensitive: bool = False
    blocked: bool = False
    status_late: bool = False
    completed: date | None = None
    promised: date | None = None
    moved_at: datetime | None = None
    unsure: bool = False
    vague: bool = False
    done: date | None = None
    closed: date | None = None
    refusals: int = 0
    refused_at: datetime | None = None
    trackers: frozenset[str] = frozenset()

    @property
    def is_open(self) -> bool:
        return self.done is None and self.closed is None


@dataclass(kw_only=True)
class Meeting:
    """Minutes that the hub has seen.

    Attributes:
        start: and ``end``: of the meeting.
        next_start: of the next one, as these minutes announce it.
        findings: codes of what they leave open, with the lines.
        owners: of the work they tell of, with the lines.
        state: ``plain`` where nobody is asked, else ``waiting``, ``approved``, ``refused``.
        tasks: ids of the work that they speak of, once it is in.
    """

    file: str
    title: str
    start: datetime
    end: datetime
    host: str
    recorder: str
    attendees: tuple[str, ...]
    next_start: datetime | None
    seen_at: datetime
    sensitive: bool = False
    findings: tuple[tuple[str, str], ...] = ()
    owners: tuple[tuple[str, str], ...] = ()
    state: str = "plain"
    asked_at: datetime | None = None
    said_at: datetime | None = None
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Want:
    """A notice that may leave now.

    Attributes:
        subject: what it is about: an item's id, a file, a series and a day, a department.
        period: what makes it another one than the last.
        must: it has to leave; else it may.
    """

    rule: str
    form: str
    subject: str
    period: str
    to: str
    about: tuple[str, ...] = ()
    sensitive: bool = False
    must: bool = True

    @property
    def matter(self) -> tuple[str, str, str, str]:
        """What its reader sees."""
        return self.rule, self.form, self.subject, self.to

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What tells it from every other."""
        return (*self.matter, self.period)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one section of a message told one person, as it was read."""

    rule: str
    form: str
    subject: str
    to: str
    about: tuple[str, ...]

    @property
    def matter(self) -> tuple[str, str, str, str]:
        return self.rule, self.form, self.subject, self.to


@dataclass(frozen=True, kw_only=True)
class Try:
    """One message that was handed to a channel.

    Attributes:
        answer: ``taken``, ``refused``, ``lost``, or ``killed``: the process died.
        arrived: people can read it.
        alone: it was refused for its person's sake; the channel is well.
        size: of the text, and ``limit``: what one message may have.
    """

    channel: str
    id: str
    to: tuple[str, ...]
    told: tuple[Told, ...]
    answer: str
    arrived: bool
    alone: bool = False
    size: int
    limit: int
    wait_s: float = 0.0


@dataclass
class History:
    """What became of one notice on one channel."""

    arrived: set[str] = field(default_factory=set)  # ids of the messages in which it was read
    taken: bool = False  # the service said so
    over: bool = False  # it may have been read, and is not to leave again
    missed: bool = False  # it did not leave when it had to; that is told once
    failed_at: datetime | None = None
    first_failed: datetime | None = None
    wait: timedelta = PATIENCE


class Ledger:
    """The book of one team; ``wrong`` holds the promises that were broken."""

    def __init__(self, rules: Rules, routes: Sequence[Route]) -> None:
        self.rules = rules
        self.routes = {r.name: r for r in routes}
        self.people: dict[str, str | None] = {}  # name -> department
        self.heads: dict[str, str | None] = {}  # department -> name, in the team file's order
        self.unreachable: set[str] = set()  # have no address for personal channels
        self.tasks: dict[str, Task] = {}
        self.meetings: dict[str, Meeting] = {}
        self.data_at: dict[str, datetime | None] = {}
        self.book: dict[tuple[str, tuple[str, ...]], History] = defaultdict(History)
        self.read: set[tuple[str, str]] = set()  # messages, by channel and id
        self.used: dict[tuple[str, str], set[tuple[str, ...]]] = {}  # what they told
        self.sent: dict[str, int] = defaultdict(int)
        self.wrong: list[str] = []

    # --- judging a pass ---

    def judge(
        self,
        now: datetime,
        tries: Sequence[Try],
        *,
        complete: bool,
        down: frozenset[str] = frozenset(),
        full: frozenset[str] = frozenset(),
    ) -> None:
        """Judge what a pass sent.

        Args:
            now: its time, the team's.
            tries: all messages that were handed to a channel, in their order.
            complete: the process did not die.
            down: channels of which the service took nothing for a while.
            full: people whose mailbox takes nothing.
        """
        wants = {w.matter: w for w in self.wants(now)}
        quiet = self._is_quiet(now)
        if quiet and tries:
            self._blame(now, f"{len(tries)} messages in quiet hours")
        self._judge_together(now, tries)
        for one in tries:
            keys = [k for told in one.told if (k := self._judge_told(now, one, told, wants))]
            self._enter(now, one, keys)
        if complete and not quiet:
            left_alone = {n for n in self.routes if _failed_twice(n, tries)}
            self._judge_missing(now, wants.values(), down | left_alone, full)

    def _judge_told(
        self,
        now: datetime,
        one: Try,
        told: Told,
        wants: Mapping[tuple[str, str, str, str], Want],
    ) -> tuple[str, ...] | None:
        route, want = self.routes[one.channel], wants.get(told.matter)
        if want is None:
            self._blame(now, f"{one.channel}: {_shown(told)} is not due")
            return None
        if KINDS[told.rule] not in route.sends:
            self._blame(now, f"{one.channel}: {_shown(told)} is not carried by this channel")
        secret = [i for i in told.about if i in self.tasks and self.tasks[i].sensitive]
        if (secret or want.sensitive) and not route.personal:
            self._blame(now, f"{one.channel}: {_shown(told)} is sensitive, and told to a group")
        if any(not self._may_see(told.to, self.tasks[i]) for i in secret):
            self._blame(now, f"{one.channel}: {_shown(told)} is not for {told.to}")
        over = [i for i in told.about if i in self.tasks and not self.tasks[i].is_open]
        if over and told.rule != "C3":
            self._blame(now, f"{one.channel}: {_shown(told)} is about what is over: {over}")
        history = self.book[one.channel, want.key]
        known = history.arrived | ({"?"} if history.over else set())
        if known and not (route.repeatable and one.id in known):
            self._blame(now, f"{one.channel}: {_shown(told)} for {want.period} is doubled")
        if want.key not in self.used.get((one.channel, one.id), {want.key}):
            self._blame(now, f"{one.channel}: {_shown(told)} is new, under a message's old id")
        return want.key

    def _enter(self, now: datetime, one: Try, keys: Sequence[tuple[str, ...]]) -> None:
        route = self.routes[one.channel]
        if one.arrived and (one.channel, one.id) not in self.read:
            self.read.add((one.channel, one.id))  # read again, it says nothing new
            for key in keys:
                self.book[one.channel, key].arrived.add(one.id)
                self.sent[key[0]] += 1
        self.used.setdefault((one.channel, one.id), set()).update(keys)
        lost = one.answer in ("lost", "killed") and not route.repeatable
        for key in keys:
            history = self.book[one.channel, key]
            if one.answer == "taken":
                history.taken = True
            elif lost:
                history.over = True  # at most once: it is not to be seen again
            elif one.answer in ("refused", "lost"):
                history.failed_at = now
                history.first_failed = history.first_failed or now
                history.wait = max(PATIENCE, timedelta(seconds=one.wait_s))

    def _judge_missing(
        self, now: datetime, wants: Iterable[Want], down: frozenset[str], full: frozenset[str]
    ) -> None:
        for want in wants:
            for route in self.routes.values() if want.must else ():
                if KINDS[want.rule] not in route.sends or route.name in down:
                    continue
                if want.sensitive and not route.personal:
                    continue
                if route.personal and (want.to in self.unreachable or want.to in full):
                    continue
                history = self.book[route.name, want.key]
                if history.arrived or history.taken or history.over or history.missed:
                    continue
                failed, first = history.failed_at, history.first_failed
                if failed and now - failed <= history.wait:
                    continue
                if first and failed and failed - first > GIVEN_UP:
                    continue
                history.missed = True
                self._blame(now, f"{route.name}: {_shown(want)} for {want.period} did not leave")

    def _judge_together(self, now: datetime, tries: Sequence[Try]) -> None:
        """Several to one person in one pass are one message, as far as it holds them."""
        fresh: dict[tuple[str, tuple[str, ...]], list[Try]] = defaultdict(list)
        for one in tries:
            if (one.channel, one.id) not in self.used and one.answer == "taken":
                fresh[one.channel, one.to].append(one)
        for (channel, to), some in fresh.items():
            if len(some) > 1 and sum(o.size for o in some) < some[0].limit:
                self._blame(now, f"{channel}: {len(some)} messages to {', '.join(to)} at once")

    def _blame(self, now: datetime, what: str) -> None:
        self.wrong.append(f"{now:%Y-%m-%d %H:%M} {what}")

    def _is_quiet(self, now: datetime) -> bool:
        if self.rules.quiet is None:
            return False
        start, end = self.rules.quiet
        at = now.time()
        return start <= at < end if start <= end else at >= start or at < end

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

    def _may_see(self, name: str, task: Task) -> bool:
        if not task.sensitive or name in self.rules.leaders:
            return True
        meeting = self.meetings.get(task.meeting)
        return meeting is not None and name in self._present(meeting)

    def _allowed(self, task: Task, *names: str | None) -> list[str]:
        told: dict[str, None] = {}
        for name in dict.fromkeys(filter(None, names)):
            leaders = self._known(*self.rules.leaders)
            told |= dict.fromkeys([name] if self._may_see(name, task) else leaders)
        return list(told)

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
                first = workday_after(day - DAY, 1)
                begun = datetime.combine(first, self.rules.digest_time, now.tzinfo)
                if begun <= now:
                    return day, begun
            day -= DAY

    def _came_late(self, task: Task) -> bool:
        return bool(task.came_at and task.due and task.came_at.date() > task.due)

    def _of_task(self, now: datetime, task: Task, digest: datetime) -> Iterator[Want]:
        today, due = now.date(), task.due

        def to(rule: str, form: str, period: object, *names: str | None, must: bool = True):  # type: ignore[no-untyped-def]  # noqa: ANN202
            for name in self._allowed(task, *names):
                yield Want(
                    rule=rule,
                    form=form,
                    subject=task.id,
                    period=str(period),
                    to=name,
                    about=(task.id,),
                    sensitive=task.sensitive,
                    must=must,
                )

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
        owner, head = self._owner(task), self._head(task)
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
            yield from self._risk(now, task, due, head, to)
        if task.blocked:
            yield from self._blocked(today, task, owner, head, to)

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

    def _risk(self, now, task, due, head, to):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        bound, step = self.rules.late, max(1, self.rules.late)
        late = worked(due, now.date())
        if late <= bound:
            return
        count = (late - bound - 1) // step
        above = self._one(self.rules.raise_to)
        told = list(to("F3", "alert", f"{due} {count}", head or above))
        yield from told
        if not (head and above and count):
            return
        since = workday_after(due, bound + 1)
        if task.moved_at:
            since = max(since, task.moved_at.date())
        # when the first alert went is another day, where it came in late or waited for a day
        must = not self._came_late(task) and task.promised is None and not task.unsure
        if task.unsure or worked(since, now.date()) >= step:
            for want in to("F3", "raised", f"{due} {count}", above, must=must):
                if want.to not in {t.to for t in told}:
                    yield want

    def _blocked(self, today, task, owner, head, to):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        monday = today - today.weekday() * DAY
        if task.promised == today:
            yield from to("D4", "blocked-today", today, owner)
        elif task.promised is None:
            if worked(monday - DAY, today):
                yield from to("D4", "blocked", monday, owner, head)
        elif task.promised < today and worked(task.promised, today):
            yield from to("D4", "blocked", f"after {task.promised} {monday}", owner, head)

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
            if department and head and task.is_open and self._may_see(head, task):
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
            secret = any(t.sensitive and self._may_see(name, t) for t in tasks)
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
        yield from self._about(meeting, "C3", "distribute", dict.fromkeys(names), "")

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
            seen = [t for t in tasks if self._may_see(name, t)]
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


def _failed_twice(channel: str, tries: Sequence[Try]) -> bool:
    """Say whether a channel failed twice in a row, so that it may be left alone for this time."""
    failed = [t.answer != "taken" for t in tries if t.channel == channel and not t.alone]
    return any(a and b for a, b in zip(failed, failed[1:], strict=False))


def _shown(one: Want | Told) -> str:
    return f"{one.rule} {one.form} {one.subject} > {one.to}"
