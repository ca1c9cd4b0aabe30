"""A team with two trackers, run as a process: a Feishu base for all, a Jira for its engineers."""

import random
import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from fakes.seen import check_page
from fakes.two_tools import ENGINEERS, KEYS, TwoTools

from mapping.cells import Cell, User

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

PAGE = Path(__file__).parents[2] / "docs" / "two-trackers.md"
DAY = date(2030, 5, 20)
MINUTES = """\
# Product weekly

Date: {day} 10:00
Chair: Mia Roth

## Action items

| Action | Owner | Due | Acceptance |
| --- | --- | --- | --- |
"""


def minutes(*rows: Sequence[str], day: date = DAY) -> str:
    """Return minutes with items: what, who, due, standard."""
    body = "".join("| " + " | ".join(row) + " |\n" for row in rows)
    return MINUTES.format(day=day) + body


@pytest.fixture
def two(tmp_path: Path) -> Iterator[TwoTools]:
    made = TwoTools(tmp_path)
    yield made
    made.service.kill()


class Story:
    """What people did to a team's items, and what must have come of it."""

    def __init__(self, two: TwoTools, seed: int) -> None:
        self.two = two
        self.random = random.Random(seed)
        self.told: list[str] = []  # descriptions of all items there ever were
        self.edits: dict[tuple[str, str, str], Cell] = {}  # by tool, item and field
        self.known: list[str] = []  # shared, and there before the process was started last
        self._count = 0
        self.closed: set[str] = set()

    def shared(self) -> list[str]:
        """Return what engineers do, as both tools show it."""
        board = self.two.board
        rows = {str(board.read(r, "description")): board.read(r, "owner") for r in board.rows()}
        there = {str(self.two.issues.read(r, "description")) for r in self.two.issues.rows()}
        return sorted(there & rows.keys())

    def meet(self) -> None:
        """Drop minutes with an item for an engineer and one for somebody else."""
        n = len(self.told)
        due = str(DAY + timedelta(days=n))
        rows = [
            (f"Build part {n}", self.random.choice(ENGINEERS), due, f"tests {n} pass"),
            (f"Present part {n}", "Mia Roth", due, "slides"),
        ]
        self.two.service.drop(f"m{n}.md", minutes(*rows, day=DAY + timedelta(days=n)))
        self.told += [row[0] for row in rows]

    def edit(self) -> None:
        """Edit one field of an item on the board, another of one in Jira."""
        fields = self.random.sample(("note", "due", "acceptance"), 2)
        for where, name in zip(("board", "issues"), fields, strict=True):
            what = self.random.choice(self.known)
            self._count += 1
            day, text = DAY + timedelta(days=100 + self._count), f"{name} no. {self._count}"
            value: Cell = day if name == "due" else text
            if where == "board":
                self.two.board.edit(self.two.on_board(what), **{name: value})
            else:
                self.two.issues.edit(self.two.in_jira(what), **{name: value})
            self.edits[where, what, name] = value  # over an own one that nobody may have read

    def add(self) -> None:
        """Let somebody add a row to one of the tools."""
        n, who = len(self.told), self.random.choice(ENGINEERS)
        due = DAY + timedelta(days=n)
        if self.random.random() < 0.5:
            mine = (User(KEYS[who], who),)
            self.two.board.add(description=f"Row {n}", owner=mine, due=due, status="In progress")
        else:
            mine = (User(f"acct-{ENGINEERS.index(who)}", who),)
            self.two.issues.add(description=f"Row {n}", owner=mine, due=due)
        self.told.append(f"Row {n}")

    def strike(self) -> None:
        """Let the process be killed at one of the next writes, before or after its effect."""
        kill = self.two.service.process.kill
        after = self.random.random() < 0.5
        self.two.reaper.arm(kill, self.random.randint(1, 3), after=after)

    def settled(self) -> bool:
        board = self.two.shown()[0]
        there = {cells["description"] for cells in board.values()}
        return there == {*self.told} - self.closed and not self.two.differences(
            frozenset(self.closed)
        )


def settle(story: Story) -> None:
    """Wait until both tools show the same, and then for quiet passes: one request, no write."""
    two, service = story.two, story.two.service
    try:
        service.wait(story.settled)
    except AssertionError as late:
        raise AssertionError(two.differences(frozenset(story.closed))) from late
    since = len(service.log())

    def quiet(count: int) -> bool:
        passes = [service.passes(name, since)[-count:] for name in ("board", "issues")]
        return all(len(p) == count and {x["calls"] for x in p} == {"1"} for p in passes)

    service.wait(lambda: quiet(2))
    since, before = len(service.log()), (two.writes(), two.requests())
    service.wait(lambda: all(len(service.passes(n, since)) >= 3 for n in ("board", "issues")))
    assert two.writes() == before[0]
    for name, calls in zip(("board", "issues"), two.requests(), strict=True):
        passes = service.passes(name, since)
        assert {p["calls"] for p in passes} == {"1"}
        counts = ("new", "updated", "taken", "closed", "conflicts")
        assert all(p[c] == "0" for p in passes for c in counts)
        asked = calls - before[1][("board", "issues").index(name)]
        assert len(passes) - 1 <= asked <= len(passes) + 1  # one of them may be under way


def check_nothing_is_lost(story: Story) -> None:
    """Every item is there once, every edit stands or is told in the history."""
    items = {i["description"]: i for i in story.two.service.told("items", "--all")}
    assert sorted(items) == sorted(story.told)
    assert {d for d, i in items.items() if i["closed"]} == story.closed
    board, _, _ = story.two.shown()
    assert sorted(board) == sorted(i["id"] for i in items.values() if not i["closed"])
    for (_, what, name), value in story.edits.items():
        lines = story.two.service.told("history", items[what]["id"])
        said = [line["to"] for line in lines if line["field"] == name]
        assert str(value) in map(str, said), (what, name, value)


@pytest.mark.parametrize("seed", [2024])
def test_killed_again_and_again_both_show_the_same_and_nothing_is_lost(
    two: TwoTools, seed: int
) -> None:
    """Failures 1, 2, 7: kill -9 in the middle of writes, people at work on both sides."""
    story, service = Story(two, seed), two.service
    service.start()
    story.meet()
    service.wait(lambda: story.settled() and service.passes("issues"))
    for n in range(4):
        story.known = story.known or story.shared()
        story.strike()
        story.meet()
        story.edit()
        service.wait(lambda: not service.runs() or story.settled())
        two.reaper.disarm()
        service.kill()
        story.known = story.shared()
        story.edit()  # while nobody looks
        if n % 2:
            story.add()
        service.start()
    settle(story)
    assert two.reaper.struck >= 3
    service.kill()
    gone = story.shared()[0]
    two.board.delete(two.on_board(gone))
    story.closed.add(gone)
    story.edits = {key: value for key, value in story.edits.items() if gone not in key}
    service.configure(two.team("Zoe Lind"))  # who is known changes how rows are read: all are
    service.start()
    settle(story)
    check_nothing_is_lost(story)
    assert str(two.issues.read(two.in_jira(gone), "note")).endswith("]")  # says that it is closed
    assert "Traceback" not in service.log()
    assert service.end() < 10


# --- what one sees: docs/two-trackers.md


BOARD, ISSUES = "tracker=board state=ok", "tracker=issues state=ok"


class Record:
    """What a person at the service's side sees, in the words of the page."""

    def __init__(self, two: TwoTools) -> None:
        self.two, self.seen, self._since = two, dict[str, str](), 0

    def keep(self, name: str, text: str) -> None:
        text = text.replace(self.two.jira.base_url, "https://example.atlassian.net")
        text = text.replace(self.two.feishu.url, "https://open.feishu.cn")
        text = text.replace(self.two.jira.base_url.partition("://")[2], "example.atlassian.net")
        self.seen[name] = text.replace(str(self.two.service.folder), "/home/you/product")

    def call(self, name: str, *words: str, code: int = 0) -> None:
        self.keep(name, self.two.service.call(*words, code=code))

    def log(self, name: str, *wanted: str) -> None:
        """Keep what the log tells since the last time, but for passes without anything.

        Args:
            name: of the block.
            wanted: parts of lines that are waited for, and shown last in this order.
        """
        service, since = self.two.service, self._since
        service.wait(lambda: all(service.lines(part, since=since) for part in wanted))
        self._since = len(service.log())
        at = {part: n for n, part in enumerate(wanted)}
        lines = service.events(since)
        lines.sort(key=lambda line: next((n for part, n in at.items() if part in line), -1))
        self.keep(name, "\n".join(lines))


def test_what_one_sees(two: TwoTools) -> None:
    """Failures 27, 73, 74: edits on both sides, one tool away, one token revoked."""
    record, service = Record(two), two.service
    places = {"app_id": "cli_a1b2c3d4e5", "app": "bascnActions", "table": "tblActions"}
    record.keep("team", two.team(every="60s", **places))
    record.call("check", "check")

    service.start()
    service.wait(lambda: all(service.passes(name) for name in ("board", "issues")))
    rows = (
        ("Fix the login", "Ben Osei", "2030-05-28", "tests pass"),
        ("Write the API sketch", "Ada Chen", "2030-05-27", "one page"),
        ("Plan the launch", "Mia Roth", "2030-05-30", "a list of dates"),
    )
    service.drop("weekly.md", minutes(*rows))
    record.log("minutes", f"{BOARD} new=3", f"{ISSUES} new=2")

    login, sketch = two.on_board(rows[0][0]), two.on_board(rows[1][0])
    two.board.edit(login, due=date(2030, 6, 3))
    record.log("edit-on-the-board", f"{BOARD} new=0 updated=0 taken=1", f"{ISSUES} new=0 updated=1")
    two.issues.edit(two.in_jira(rows[0][0]), status="On Hold", note="waits for the new server")
    record.log("edit-in-jira", f"{ISSUES} new=0 updated=0 taken=2", f"{BOARD} new=0 updated=1")
    assert two.board.read(login, "status") == "Blocked"
    assert two.differences() == []
    two.board.add(description="Order a test phone", owner=(User(KEYS["Ben Osei"], ""),))
    record.log("added", f"{BOARD} new=0 updated=1 taken=1", f"{ISSUES} new=1")

    away = two.jira.fault("", kind="html", status=502, times=10**6)
    with away:
        service.wait(lambda: service.lines("tracker=issues state=failed"))
        two.board.edit(login, due=date(2030, 6, 5))
        service.wait(lambda: service.passes("board")[-1]["taken"] == "0")
        record.log("away", f"{BOARD} new=0 updated=0 taken=1")
        two.issues.edit(two.in_jira(rows[0][0]), due=date(2030, 6, 12))
        record.call("status", "status")
    record.log("back", f"{ISSUES} new=0 updated=1", "recovered")
    assert two.differences() == []
    record.call("history", "history", str(two.board.read(login, "id")))

    two.jira.token = "made-anew"
    record.log("refused", "issues state=failed")
    two.board.delete(sketch)
    two.tell_secrets()
    service.configure(two.team("Zoe Lind"))  # reads all rows: nobody waits a quarter of an hour
    service.reload()
    record.log("reloaded", f"{BOARD} new=0 updated=0 taken=0 closed=1", f"{ISSUES} new=0 updated=1")
    assert two.differences(frozenset({rows[1][0]})) == []

    service.kill()
    two.issues.edit(two.in_jira(rows[0][0]), note="goes on")
    service.start()
    record.log("killed", f"{ISSUES} new=0 updated=0 taken=1", f"{BOARD} new=0 updated=1")
    assert two.differences(frozenset({rows[1][0]})) == []
    service.end()
    check_page(PAGE, record.seen)
