"""A team with two trackers: a Feishu base for all, a Jira project for its engineers."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from contract.jira_harness import Hand as JiraHand
from fakes.feishu import APP, TABLE, FakeFeishu, columns_for
from fakes.feishu import Hand as FeishuHand
from fakes.jira import Account, FakeJira
from fakes.service import MachineClock, Service

from mapping.cells import Cell, User, is_empty
from mapping.words import COLUMNS, STATUSES

UNITS = {"Ada Chen": "Engineering", "Ben Osei": "Engineering", "Mia Roth": "Marketing"}
ENGINEERS = [name for name, unit in UNITS.items() if unit == "Engineering"]
KEYS = {"Ada Chen": "ou_ada", "Ben Osei": "ou_ben", "Mia Roth": "ou_lisi"}  # who edits is Mia
FIELDS = ("description", "owner", "due", "status", "note", "acceptance")
OURS = {"To Do": "In progress", "In Progress": "In progress", "On Hold": "Blocked", "Done": "Done"}
TEAM = """\
team = "Product"
language = "en"
timezone = "UTC"

{people}
[[trackers]]                      # the team's: where two edits meet, the value of the first stays
name = "board"
kind = "feishu"
base_url = "{feishu}"
app_id = "{app_id}"
app_secret = "file:feishu.secret"
app_token = "{app}"
table_id = "{table}"
every = "{every}"

[[trackers]]                      # the engineers'
name = "issues"
kind = "jira"
server = "{jira}"
email = "robot@example.com"
api_token = "file:jira.secret"
project = "ACT"
issue_type = "Task"
every = "{every}"

[trackers.only]                   # of `issues`: what it is not asked to show
departments = ["Engineering"]

[trackers.statuses]
in-progress = ["To Do", "In Progress"]
done = "Done"
late = "In Progress"
blocked = "On Hold"
"""
PERSON = '[[people]]\nname = "{name}"\ndepartment = "{unit}"\nemail = "{mail}"\n'
# the program as it is, but that it gives a call up sooner, and believes sooner what a search shows
QUICK = (
    "-c",
    """
import connectors.calls, connectors.feishu, connectors.jira, sync.lag
from minuteloop.__main__ import main
connectors.feishu.LAG_S = connectors.jira.LAG_S = sync.lag.DEFAULT_LAG_S = 2.0
connectors.calls.TRIES = 2
main()
""",
    "run",
)


class Reaper:
    """Kills the service at a request that changes something, before or after its effect."""

    def __init__(self) -> None:
        self._kill: Callable[[], None] | None = None
        self._left = 0
        self._after = False
        self.struck = 0

    def arm(self, kill: Callable[[], None], at: int, *, after: bool) -> None:
        self._left, self._after, self._kill = at, after, kill

    def disarm(self) -> None:
        self._kill = None

    @contextmanager
    def near(self, *, writes: bool) -> Iterator[None]:
        if writes:
            self._heard(after=False)
        yield
        if writes:
            self._heard(after=True)

    def _heard(self, *, after: bool) -> None:
        kill = self._kill
        if kill is None or after != self._after:
            return
        self._left -= 1
        if self._left == 0:
            self._kill = None
            self.struck += 1
            kill()


class Feishu(FakeFeishu):
    """The base."""

    reaper: Reaper

    def _routed(
        self, command: str, path: str, query: dict[str, str], body: Mapping[str, Any]
    ) -> Any:
        with self.reaper.near(writes=path.endswith(("/batch_create", "/batch_update"))):
            return super()._routed(command, path, query, body)


class Jira(FakeJira):
    """The project."""

    reaper: Reaper

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        with suppress(OSError):  # nobody waits for the answer any more
            super().serve(handler)

    def _route(
        self, method: str, path: str, asked: Mapping[str, list[str]], body: Any
    ) -> tuple[int, Any]:
        writes = method in ("POST", "PUT") and path.startswith("/issue/")
        with self.reaper.near(writes=writes and path != "/issue/bulkfetch"):
            return super()._route(method, path, asked, body)


class TwoTools:
    """The two tools, the people who work in them, and the service between.

    Attributes:
        feishu, jira: the tools.
        board, issues: the hands of somebody who works there.
    """

    def __init__(self, folder: Path) -> None:
        clock, reaper, names = MachineClock(), Reaper(), COLUMNS["en"]
        self.reaper = reaper
        users = {KEYS[n]: {"name": n, "email": mail_of(n)} for n in UNITS}
        units = sorted(set(UNITS.values()))
        columns = columns_for(names, list(STATUSES["en"].values()), units)
        columns.append({"field_name": "Last modified", "type": 1002})
        self.feishu = Feishu(clock, columns, {**users, "ou_app": {"name": "Minuteloop"}})
        self.feishu.reaper = reaper
        flow = {"To Do": "new", "Done": "done"}
        self.jira = Jira(
            clock,
            accounts=[
                Account(f"acct-{n}", name, mail_of(name)) for n, name in enumerate(ENGINEERS)
            ],
            statuses=[(name, flow.get(name, "indeterminate")) for name in OURS],
        )
        self.jira.reaper = reaper
        for name in ("note", "acceptance", "deliverable", "meeting"):
            self.jira.add_field(names[name], "textarea")
        self.jira.add_field(names["completed"], "datepicker")
        self.jira.add_field(names["department"], "select", units)
        self.jira.add_field(names["support"], "multiselect", units)
        self.board = FeishuHand(self.feishu, names)
        self.issues = JiraHand(self.jira, names)
        self.service = Service(folder, self.team(), python=QUICK)
        self.tell_secrets()

    def team(self, *more: str, every: str = "1s", **places: str) -> str:
        """Return the team file, with more people if wanted."""
        known = {**UNITS, **dict.fromkeys(more, "Marketing")}
        people = [PERSON.format(name=n, unit=u, mail=mail_of(n)) for n, u in known.items()]
        where = {
            "feishu": self.feishu.url,
            "app_id": self.feishu.app_id,
            "app": APP,
            "table": TABLE,
            "jira": self.jira.base_url,
        }
        return TEAM.format(people="\n".join(people), every=every, **{**where, **places})

    def tell_secrets(self) -> None:
        """Write the secrets that hold now beside the team file."""
        for name, secret in (("feishu", self.feishu.secret), ("jira", self.jira.token)):
            (self.service.folder / f"{name}.secret").write_text(secret, encoding="utf-8")

    # --- people ---

    def on_board(self, description: str) -> str:
        return _the(self.board, description)

    def in_jira(self, description: str) -> str:
        return _the(self.issues, description)

    # --- what both show ---

    def shown(self) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]], list[str]]:
        """Return rows by id, of the board and of Jira, in the same words; and what is odd."""
        odd: list[str] = []
        tables = []
        for where, hand in (("board", self.board), ("issues", self.issues)):
            table: dict[str, dict[str, Any]] = {}
            for row in hand.rows():
                cells = {n: _plain(hand.read(row, n)) for n in FIELDS}
                key = str(hand.read(row, "id") or "")
                if not key or key in table:
                    odd.append(f"{where}: {'two rows' if key else 'no id'}: {cells}")
                if where == "issues":
                    cells["status"] = OURS[str(cells["status"])]
                table[key] = cells
            tables.append(table)
        return tables[0], tables[1], odd

    def differences(self, closed: frozenset[str] = frozenset()) -> list[str]:
        """Return where the tools do not show the same; ``closed`` were deleted on the board."""
        board, issues, odd = self.shown()
        shared = {key for key, cells in board.items() if cells["owner"] in ENGINEERS}
        there = {key for key, cells in issues.items() if cells["description"] not in closed}
        odd += [f"not in Jira: {board[key]}" for key in shared - there]
        odd += [f"only in Jira: {issues[key]}" for key in there - shared]
        odd += [
            f"{board[key]['description']}: {name}: {board[key][name]} | {issues[key][name]}"
            for key in shared & there
            for name in FIELDS
            if board[key][name] != issues[key][name]
        ]
        return odd

    def writes(self) -> tuple[int, int]:
        return self.feishu.writes, len(self.jira.writes())

    def requests(self) -> tuple[int, int]:
        return len(self.feishu.calls), len(self.jira.calls)


def mail_of(name: str) -> str:
    return name.lower().partition(" ")[0] + "@example.com"


def _the(hand: FeishuHand | JiraHand, description: str) -> str:
    (row,) = [r for r in hand.rows() if hand.read(r, "description") == description]
    return row


def _plain(cell: Cell) -> Any:
    if is_empty(cell):
        return None
    if isinstance(cell, tuple):
        return "、".join(c.name if isinstance(c, User) else c for c in cell)
    return cell
