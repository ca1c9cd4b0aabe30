"""Bringing an issue into a status, by the transitions that its workflow offers. I/O by the client.

The service shows only the transitions from the status that an issue is in, and only those that the
account may do ("Get transitions", read 2026-11). So what is learned at one issue is kept, other
issues are asked in statuses that are not known yet, and the shortest way is taken, each step as it
is offered then and there. A repeated transition is not harmless: it is never sent again unseen.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from connectors.calls import TRIES
from connectors.errors import (
    ConflictError,
    PermanentError,
    TransientError,
    UnknownOutcomeError,
)
from connectors.jira import jql
from connectors.jira.client import Client
from connectors.jira.faults import MissingError, RefusedError, retold
from connectors.jira.project import Look, Status
from connectors.jira.wire import Json, as_dict, as_list, name_of
from mapping.said import Said
from mapping.values import Status as Ours
from mapping.words import fold, status_of

MOST_STEPS = 8
_WORDS_OF_DONE = ("done", "完成", "已完成", "fixed", "已解决", "resolved", "解决")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A transition that is offered.

    Attributes:
        to: the id of the status that it leads to.
        fields: of its screen, as the service lists them.
    """

    id: str
    name: str
    to: str
    fields: Mapping[str, Json] = field(default_factory=dict)


def route(ways: Mapping[str, set[str]], start: str, goal: str) -> list[str] | None:
    """Return the statuses on the shortest way, without the first; None if none is known. Pure."""
    before: dict[str, str] = {start: ""}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        if here == goal:
            path = [here]
            while before[path[0]]:
                path.insert(0, before[path[0]])
            return path[1:]
        for there in sorted(ways.get(here, ())):
            if there not in before:
                before[there] = here
                waiting.append(there)
    return None


def reached(ways: Mapping[str, set[str]], start: str) -> Iterator[str]:
    """Yield the statuses that can be reached, the nearest first, the first one too. Pure."""
    known, waiting = {start}, deque([start])
    while waiting:
        here = waiting.popleft()
        yield here
        for there in sorted(ways.get(here, ())):
            if there not in known:
                known.add(there)
                waiting.append(there)


class Workflow:
    """The ways of one type's workflow, as far as they were seen.

    Args:
        client: asks the service.
        where: what messages call the project.
    """

    def __init__(self, client: Client, where: str) -> None:
        self._client = client
        self._where = where
        self._ways: dict[str, set[str]] = {}
        self._empty: set[str] = set()  # statuses that no issue was in, so that nothing is known

    def move(self, look: Look, issue: str, at: str, goal: Status) -> None:
        """Bring an issue into a status.

        Args:
            look: the project.
            issue: its id.
            at: the id of the status that it is in.
            goal: where it is to be.

        Raises:
            PermanentError: there is no way that we know, or its screens want what we do not have;
                the issue is as far as it came.
            ConflictError: somebody moved it meanwhile.
            ConnectorError: as the calls.
        """
        for _ in range(MOST_STEPS):
            if at == goal.id:
                return
            offered = self._offered(issue, at)
            step = self._next(look, offered, at, goal)
            if step is None:
                raise self._no_way(look, at, goal, offered)
            at = self._take(issue, at, step)
        raise self._no_way(look, at, goal, [])

    # --- where to ---

    def _offered(self, issue: str, at: str) -> list[Step]:
        found = self._steps(issue)
        self._ways[at] = {step.to for step in found}
        return found

    def _steps(self, issue: str) -> list[Step]:
        path = f"issue/{quote(issue, safe='')}/transitions"
        answer = self._client.read("GET", path, expand="transitions.fields")
        return [
            Step(
                id=str(raw.get("id") or ""),
                name=str(raw.get("name") or ""),
                to=str(as_dict(raw.get("to")).get("id") or ""),
                fields={k: as_dict(v) for k, v in as_dict(raw.get("fields")).items()},
            )
            for raw in as_list(answer.get("transitions"))
        ]

    def _next(self, look: Look, offered: list[Step], at: str, goal: Status) -> Step | None:
        """Return the step to take; of several to one status the one that asks for least."""
        path = route(self._ways, at, goal.id) or self._survey(look, at, goal)
        if path is None:
            return None
        same = [step for step in offered if step.to == path[0]]
        return min(same, key=lambda s: len(_wanting(s)), default=None)

    def _survey(self, look: Look, at: str, goal: Status) -> list[str] | None:
        """Learn the ways out of further statuses, each from an issue that is in it."""
        while True:
            near = next((s for s in reached(self._ways, at) if s not in self._ways), None)
            if near is None:
                return self._last_resort(look, at, goal)
            self._ways[near] = self._ways_out(look, near)
            path = route(self._ways, at, goal.id)
            if path is not None:
                return path

    def _ways_out(self, look: Look, status: str) -> set[str]:
        path = "search/jql" if self._client.cloud else "search"
        question = jql.in_status(look.project, look.type, status)
        body = {"jql": question, "maxResults": 1, "fields": ["status"]}
        for raw in as_list(self._client.read("POST", path, body=body).get("issues")):
            told = as_dict(as_dict(raw.get("fields")).get("status"))
            if str(told.get("id")) == status:  # the index may lag behind
                return {step.to for step in self._steps(str(raw.get("id")))}
        self._empty.add(status)
        return set()

    def _last_resort(self, look: Look, at: str, goal: Status) -> list[str] | None:
        """Go and see: into a status that no issue was in, but never by way of one that is done."""
        category = {status.id: status.category for status in look.statuses}
        for near in reached(self._ways, at):
            passable = category.get(near) != "done" or goal.category == "done"
            if near in self._empty and near != at and passable:
                path = route(self._ways, at, near)
                del self._ways[near]
                self._empty.discard(near)
                return path
        return None

    def _no_way(self, look: Look, at: str, goal: Status, offered: list[Step]) -> PermanentError:
        names = {status.id: status.name for status in look.statuses}
        here = names.get(at, at)
        zh = "、".join(dict.fromkeys(names.get(s.to, s.to) for s in offered)) or "无"
        en = ", ".join(dict.fromkeys(names.get(s.to, s.to) for s in offered)) or "none"
        return PermanentError(
            Said(
                f"{self._where}：工作流不让事务从“{here}”到“{goal.name}”；可到：{zh}",
                f"{self._where}: the workflow leads from {here!r} to {en}, not to {goal.name!r}",
            ),
            field="status",
            hint=Said(
                "请在 Jira 里手动改状态，或请管理员给工作流加一个转换",
                "move the issue by hand, or let an administrator add a transition",
            ),
        )

    # --- one step ---

    def _take(self, issue: str, at: str, step: Step) -> str:
        """Do one transition; return the status that the issue is in then."""
        body: dict[str, Any] = {"transition": {"id": step.id}}
        filled = self._filled(issue, step)
        if filled:
            body["fields"] = filled
        path = f"issue/{quote(issue, safe='')}/transitions"
        try:
            self._post(issue, path, body, step)
        except MissingError as error:
            raise ConflictError(retold(error)) from None
        except RefusedError as error:
            now = self._status(issue)
            if now not in (at, ""):
                raise ConflictError(retold(error)) from None
            raise self._refused(step, error) from None
        return step.to

    def _post(self, issue: str, path: str, body: Json, step: Step) -> None:
        """Send a transition; again only if the issue is still where it was."""
        for is_last in (*(False,) * (TRIES - 1), True):
            try:
                self._client.write("POST", path, body, repeatable=False)
            except UnknownOutcomeError as error:
                if self._status(issue) == step.to:
                    return
                if is_last:
                    raise TransientError(retold(error)) from None
            else:
                return

    def _status(self, issue: str) -> str:
        try:
            raw = self._client.read("GET", f"issue/{quote(issue, safe='')}", fields="status")
        except MissingError as error:
            raise ConflictError(retold(error)) from None
        fields = as_dict(as_dict(raw).get("fields"))
        return str(as_dict(fields.get("status")).get("id") or "")

    def _refused(self, step: Step, error: RefusedError) -> PermanentError:
        named = [as_dict(step.fields.get(f)).get("name") or f for f in error.fields]
        about = Said(f"（{'、'.join(named)}）", f" ({', '.join(named)})") if named else Said("", "")
        return PermanentError(
            Said(
                f"{self._where}：转换“{step.name}”被拒绝{about.zh}：{error.text('zh')}",
                f"{self._where}: the transition {step.name!r} was refused{about}: {error}",
            ),
            field="status",
        )

    def _filled(self, issue: str, step: Step) -> dict[str, Any]:
        """Return what the step's screen requires and the issue has not, where it is obvious.

        Raises:
            PermanentError: it is not.
        """
        wanting = _wanting(step)
        if not wanting:
            return {}
        path = f"issue/{quote(issue, safe='')}"
        raw = self._client.read("GET", path, fields=",".join(wanting))
        there = as_dict(as_dict(raw).get("fields"))
        filled: dict[str, Any] = {}
        for field_id, about in wanting.items():
            if there.get(field_id) not in (None, "", []):
                continue
            choice = obvious(about)
            if choice is None:
                raise self._unfilled(step, str(about.get("name") or field_id))
            is_list = as_dict(about.get("schema")).get("type") == "array"
            filled[field_id] = [choice] if is_list else choice
        return filled

    def _unfilled(self, step: Step, name: str) -> PermanentError:
        return PermanentError(
            Said(
                f"{self._where}：转换“{step.name}”要求填写“{name}”，无法自动填写",
                f"{self._where}: the transition {step.name!r} wants {name!r}, and nothing here "
                "can fill it",
            ),
            field="status",
            hint=Said(
                "请在 Jira 里手动改状态，或把该字段改为选填",
                "move the issue by hand, or make that field optional",
            ),
        )


def _wanting(step: Step) -> dict[str, Json]:
    """Return the fields that a step's screen requires and does not fill by itself."""
    return {
        field_id: about
        for field_id, about in step.fields.items()
        if about.get("required") and not about.get("hasDefaultValue")
    }


def obvious(about: Json) -> Json | None:
    """Return the one value that a required field can be given, by its id; None if it is not clear.

    Of several the one that says that work is done, as resolutions have it.
    """
    allowed = [o for o in as_list(about.get("allowedValues")) if not o.get("disabled")]
    if len(allowed) != 1:
        by_word = {fold(name_of(option)): option for option in allowed}
        done = [by_word[word] for word in _WORDS_OF_DONE if word in by_word]
        done = done or [o for o in allowed if status_of(name_of(o)) is Ours.DONE]
        allowed = done[:1]
    return {"id": str(allowed[0].get("id"))} if allowed else None
