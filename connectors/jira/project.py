"""One project: its rights, fields, statuses and people, read. I/O by the client."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any
from urllib.parse import quote

from connectors.base import Setup
from connectors.errors import AuthError, SchemaError
from connectors.jira import jql
from connectors.jira.client import Client
from connectors.jira.columns import Bound, Column, bind, columns_of
from connectors.jira.faults import SERVER_HINT, MissingError, RefusedError, retold
from connectors.jira.people import Finder, People
from connectors.jira.wire import (
    Form,
    Json,
    as_dict,
    as_list,
)
from mapping.said import Said

RIGHTS = ("BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "ASSIGN_ISSUES", "TRANSITION_ISSUES")


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A status of the workflow.

    Attributes:
        category: ``new``, ``indeterminate`` or ``done``; neither renamed nor translated.
    """

    id: str
    name: str
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The project as it was found.

    Attributes:
        project: its id, which a rename does not change.
        key: what people call it.
        type: the id of the type of issue.
        zone: in which the service reads moments.
        statuses: of the type's workflow, in the service's order.
    """

    project: str
    key: str
    type: str
    zone: tzinfo
    bound: Bound
    people: People
    statuses: Sequence[Status] = ()
    notes: tuple[Said, ...] = ()

    def status(self, name: str) -> Status | None:
        """Return the status of a name."""
        return next((s for s in self.statuses if s.name == name), None)


class Project:
    """The project that the team file names.

    Args:
        setup: ``options`` has ``project``, ``issue_type`` and perhaps ``jql``.
        client: asks the service.
    """

    def __init__(self, setup: Setup, client: Client) -> None:
        self._setup = setup
        self._client = client
        self._named = str(setup.options["project"]).strip()
        self._type = str(setup.options["issue_type"]).strip()
        self._jql = str(setup.options.get("jql") or "").strip()

    @property
    def where(self) -> str:
        """What messages call it."""
        return f"{self._setup.name} ({self._named}, {self._type})"

    # --- what it is ---

    def look(self, known: Mapping[str, str]) -> Look:
        """Look at credentials, rights, fields, statuses and people.

        Args:
            known: ours -> the id of the field that it had before.

        Raises:
            AuthError: credentials are wrong, or a right is missing.
            SchemaError: the project, its type, or a field that must be there is not.
        """
        zone = self.check()
        project = self._client.read("GET", f"project/{_path(self._named)}")
        project_id, key = str(project.get("id") or ""), str(project.get("key") or "")
        if project.get("archived"):
            raise SchemaError(
                Said(f"{self.where}：项目已归档", f"{self.where}: the project is archived"),
                hint=Said("请恢复该项目或换一个", "restore it, or name another one"),
            )
        type_id = self._type_of(project)
        statuses = self._statuses(project_id, type_id)
        columns = self._columns(project_id, type_id)
        listed = [*columns, _status_column(statuses, self._setup.language)]
        self._check_labels(columns)
        bound = bind(listed, self._setup, known, self.where, self._all_fields)
        self._check_narrowing(project_id, type_id)
        people = Finder(self._setup, self._client, key).find()
        return Look(
            project=project_id,
            key=key,
            type=type_id,
            zone=zone,
            bound=bound,
            people=people,
            statuses=statuses,
            notes=bound.notes + people.notes + self._unmapped(bound, statuses),
        )

    def check(self) -> tzinfo:
        """Look at credentials and rights; return the zone that the account's moments are in.

        Raises:
            AuthError: credentials are wrong, or a right is missing.
            SchemaError: the project may not be seen.
        """
        try:
            me = self._client.read("GET", "myself")
        except MissingError as error:
            raise SchemaError(retold(error), hint=SERVER_HINT) from None
        self._check_rights()
        return jql.zone_of(me.get("timeZone"))

    def lacking(self) -> list[str]:
        """Return the rights that the account has not in the project.

        Raises:
            MissingError: the project may not be seen.
        """
        by = "projectId" if self._named.isdigit() else "projectKey"
        query: dict[str, Any] = {by: self._named, "permissions": ",".join(RIGHTS)}
        told = self._client.read("GET", "mypermissions", **query)
        held = as_dict(told.get("permissions"))
        return [right for right in RIGHTS if not as_dict(held.get(right)).get("havePermission")]

    def _check_rights(self) -> None:
        lacking = self.lacking()
        if lacking:
            names = ", ".join(lacking)
            raise AuthError(
                Said(
                    f"{self.where}：该账号缺少权限 {names}",
                    f"{self.where}: the account lacks the rights {names}",
                ),
                hint=Said(
                    "请项目管理员在权限方案里补上",
                    "let the project's administrator give them in the permission scheme",
                ),
            )

    def _type_of(self, project: Json) -> str:
        types = as_list(project.get("issueTypes"))
        same = [t for t in types if self._type in (t.get("name"), t.get("id"))]
        same = same or [t for t in types if str(t.get("name")).casefold() == self._type.casefold()]
        if len(same) == 1:
            return str(same[0].get("id"))
        listed = ", ".join(f"{t.get('name')} ({t.get('id')})" for t in types)
        raise SchemaError(
            Said(
                f"{self.where}：项目里没有（或不止一个）事务类型“{self._type}”；有：{listed}",
                f"{self.where}: the project has no type of issue {self._type!r}, or several; it "
                f"has {listed}",
            ),
            hint=Said("请改 issue_type，可以写 id", "correct issue_type; an id will do"),
        )

    def _statuses(self, project: str, type_id: str) -> list[Status]:
        listed = as_list(self._client.read("GET", f"project/{project}/statuses"))
        of_type = next((t for t in listed if str(t.get("id")) == type_id), {})
        return [
            Status(
                id=str(raw.get("id") or ""),
                name=str(raw.get("name") or ""),
                category=str(as_dict(raw.get("statusCategory")).get("key") or ""),
            )
            for raw in as_list(of_type.get("statuses"))
        ]

    def _columns(self, project: str, type_id: str) -> list[Column]:
        """List the screen for new issues; Cloud and Data Center call the list differently."""
        path = f"issue/createmeta/{project}/issuetypes/{type_id}"
        found: list[Json] = []
        while True:
            answer = self._client.read("GET", path, startAt=len(found), maxResults=200)
            page = as_list(answer.get("fields")) or as_list(answer.get("values"))
            found += page
            total = answer.get("total")
            if not page or not isinstance(total, int) or len(found) >= total:
                return columns_of(found)

    def _all_fields(self) -> list[str]:
        listed = as_list(self._client.read("GET", "field"))
        return [str(raw.get(key) or "") for raw in listed for key in ("name", "id")]

    def _check_labels(self, columns: Sequence[Column]) -> None:
        if not any(column.id == "labels" for column in columns):
            raise SchemaError(
                Said(
                    f"{self.where}：新建界面上没有“标签”（labels），编号要写在那里",
                    f"{self.where}: Labels is not on the screen for new issues; ids are kept there",
                ),
                hint=Said(
                    "请项目管理员把“标签”加到新建和编辑界面上",
                    "let the project's administrator add Labels to the create and edit screens",
                ),
            )

    def _check_narrowing(self, project: str, type_id: str) -> None:
        if not self._jql:
            return
        try:
            path = "search/jql" if self._client.cloud else "search"
            body = {"jql": jql.rows(project, type_id, self._jql), "maxResults": 1}
            self._client.read("POST", path, body=body)
        except RefusedError as error:
            raise SchemaError(
                Said(
                    f"{self.where}：jql 不能用：{error.text('zh')}",
                    f"{self.where}: jql cannot be used: {error}",
                ),
                hint=Said(
                    "请改正 jql（只写条件，不写 ORDER BY）",
                    "correct jql: a condition alone, without ORDER BY",
                ),
            ) from None

    def _unmapped(self, bound: Bound, statuses: Sequence[Status]) -> tuple[Said, ...]:
        """Tell which statuses there are, where some of ours have none."""
        column = bound.by_field.get("status")
        there = {s.name for s in statuses}
        if column is None or column.form is not Form.STATUS:
            return ()
        lacking = [o for o, words in self._setup.statuses.items() if not there & set(words)]
        if not lacking:
            return ()
        zh, en = "、".join(s.name for s in statuses), ", ".join(s.name for s in statuses)
        return (
            Said(
                f"{self.where}：工作流的状态是 {zh}；请在 [trackers.statuses] 为 "
                f"{'、'.join(lacking)} 写明对应的状态",
                f"{self.where}: the workflow has the statuses {en} - name those for "
                f"{', '.join(lacking)} under [trackers.statuses]",
            ),
        )


def _status_column(statuses: Sequence[Status], language: str) -> Column:
    return Column(
        id="status",
        name=Said("状态", "Status").text(language),
        form=Form.STATUS,
        options={s.name: s.id for s in statuses},
        type="status",
    )


def _path(part: str) -> str:
    return quote(part, safe="")
