"""The hub over one table of each service that is reached by HTTP: what the suites play with."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from contract.airtable_harness import AirtableHarness
from contract.feishu_harness import USERS, FeishuHarness
from contract.jira_harness import JiraHarness, account_of
from contract.notion_harness import NotionHarness
from fakes.world import TEAM, World

from connectors.airtable import client as airtable
from connectors.feishu import client as feishu
from connectors.jira import client as jira
from connectors.notion import client as notion
from connectors.registry import load
from mapping.cells import User
from mapping.values import Item
from sync.tracker import Report


@dataclass(frozen=True, kw_only=True)
class Service:
    """What the suites have to know of a service.

    Attributes:
        kind: of the connector.
        client: the module that sends its requests.
        patience: how long it waits, as the module's constant and a value for tests.
        harness: makes a table.
        zhang, li: the accounts of 张三 and 李四.
        people: what the fake is to know of both, by its attribute's name.
        writes: counts the requests that changed something.
        barred: attributes of the fake once our rights were taken away, and words of the error.
        calls: two passes make at least so many.
        rest_s: seconds until no look repeats a row that was written.
    """

    kind: str
    client: ModuleType
    patience: tuple[str, object]
    harness: Callable[[Path], Any]
    zhang: User
    li: User
    people: Callable[["Service"], Mapping[str, Any]]
    writes: Callable[[Any], int]
    barred: tuple[Mapping[str, Any], str]
    calls: int
    rest_s: float = 0.0


class Killed(BaseException):
    """The process died here."""


class Hub(World):
    """One team's hub over one table of a service."""

    def __init__(self, folder: Path, service: Service) -> None:
        self.folder, self.service = folder, service
        self.harness: Any = None
        super().__init__(verification=False)

    def restart(self) -> None:
        super().restart()
        kind = self.service.kind
        if self.harness is None:
            self.harness = self.service.harness(self.folder)
            self.fake, self.hand = self.harness.fake, self.harness.hand
            self.fake.clock = self.clock
            for name, people in self.service.people(self.service).items():
                setattr(self.fake, name, people)
            self.setup = replace(
                self.harness.setup,
                clock=self.clock,
                people=TEAM.people,
                departments=TEAM.departments,
            )
            load(kind)(self.setup).prepare()
        connector = load(kind)(self.setup)
        self.trackers["board"] = replace(self.trackers["board"], kind=kind, connector=connector)

    def a_pass(self) -> Report:
        return self.once()["board"]

    def passes(self, count: int) -> Report:
        for _ in range(count - 1):
            self.a_pass()
        return self.a_pass()

    def quiet(self) -> bool:
        before = (self.writes, self.log()[-1].seq)
        return self.a_pass().state == "ok" and (self.writes, self.log()[-1].seq) == before

    @property
    def writes(self) -> int:
        return self.service.writes(self.fake)

    def row(self, description: str) -> str:
        [row] = [r for r in self.hand.rows() if self.hand.read(r, "description") == description]
        return str(row)

    def item(self, description: str) -> Item:
        [item] = [i for i in self.items() if i.description == description]
        return item

    def shown(self) -> list[str]:
        return sorted(str(self.hand.read(row, "description")) for row in self.hand.rows())

    @contextmanager
    def dying(self, at: int, *, after: bool) -> Iterator[None]:
        """Let the process die before or after a request."""
        client = self.service.client.Client
        send = client._send
        count = [0]

        def dying_send(client: Any, *args: Any, **more: Any) -> Any:
            count[0] += 1
            if count[0] == at and not after:
                raise Killed
            answer = send(client, *args, **more)
            if count[0] == at:
                raise Killed
            return answer

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(client, "_send", dying_send)
            yield


def _named(service: Service) -> dict[str, dict[str, str]]:
    return {
        service.zhang.key: {"name": "Zhang San", "email": "zhang@example.com"},
        service.li.key: {"name": "李四", "email": "li@example.com"},
    }


def _jira(*, cloud: bool) -> Service:
    zhang = User("acct-a1", "Zhang San", "zhang@example.com")
    li = User("acct-a2", "李四", "li@example.com")
    return Service(
        kind="jira",
        client=jira,
        patience=("TIMEOUT_S", (5.0, 0.3)),
        harness=partial(JiraHarness, cloud=cloud),
        zhang=zhang,
        li=li,
        people=lambda _: {"accounts": {user.key: account_of(user) for user in (zhang, li)}},
        writes=lambda fake: len(fake.writes()),
        barred=({"project_seen": False}, "看不到"),
        calls=9,  # project, fields, people, rows, two creations, rows, row, change
    )


_NOTION = "00000000-0000-4000-8000-0000000000"
SERVICES: Mapping[str, Service] = {
    "airtable": Service(
        kind="airtable",
        client=airtable,
        patience=("TIMEOUT_S", (5, 0.25)),
        harness=AirtableHarness,
        zhang=User("usrZhang", "张三"),
        li=User("usrLi", "李四"),
        people=lambda service: {"users": _named(service)},
        writes=lambda fake: int(fake.writes),
        barred=({"scopes": set()}, "data.records:read"),
        calls=7,  # the base twice, rows, create, rows, read, change
        rest_s=600.0,
    ),
    "feishu": Service(
        kind="feishu",
        client=feishu,
        patience=("TIMEOUT_S", (5.0, 0.25)),
        harness=FeishuHarness,
        zhang=User("ou_zhang", "张三"),
        li=User("ou_li", "李四"),
        people=lambda service: {"users": {**USERS, **_named(service)}},
        writes=lambda fake: int(fake.writes),
        barred=({"advanced": True, "manager": False}, "可管理"),
        calls=9,  # sign-in, base, columns, people, rows, creation, rows, row, change
        rest_s=600.0,
    ),
    "jira cloud": _jira(cloud=True),
    "jira data center": _jira(cloud=False),
    "notion": Service(
        kind="notion",
        client=notion,
        patience=("TIMEOUT", httpx.Timeout(0.3, connect=5.0)),
        harness=partial(NotionHarness, by_database=True),
        zhang=User(f"{_NOTION}a1", "Zhang San", "zhang@example.com"),
        li=User(f"{_NOTION}a2", "李四", "li@example.com"),
        people=lambda s: {"users": {user.key: user for user in (s.zhang, s.li)}},
        writes=lambda fake: len(fake.writes()),
        barred=({"shared": False}, "添加该连接"),
        calls=9,  # database, table, people, rows, two creations, rows, row, change
    ),
}
JIRA = ("jira cloud", "jira data center")


def only(*names: str) -> pytest.MarkDecorator:
    """Let a test of the hub run over these services alone."""
    return pytest.mark.parametrize("hub", names, indirect=True)
