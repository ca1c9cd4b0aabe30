"""The issues of a project, read: by lists, by labels, by their own ids. I/O by the client.

Lists come from an index that lags behind; an issue that is asked for by its own id is told as it is
("Search after write", developer.atlassian.com, read 2026-11).
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from connectors.errors import TransientError
from connectors.jira import jql
from connectors.jira.client import Client
from connectors.jira.faults import MissingError
from connectors.jira.project import Look
from connectors.jira.wire import PROPERTY, Frame, Json, Row, as_dict, as_list, labels_of, row_of
from mapping.said import Said

PAGE = 500  # asked for; the service gives what it likes
BY_ID = 100  # most of one bulk fetch (Cloud)
BY_LABEL = 100
RESTARTS = 3  # of a list that moved under us
MOST_PAGES = 20_000
_ALWAYS = ("labels", "status", "project", "issuetype", "updated", "archiveddate", "archivedDate")


class Issues:
    """The issues of the project.

    Args:
        client: asks the service.
        where: what messages call the project.
        narrowing: which issues people may have taken over, in Jira's query language; may be empty.
    """

    def __init__(self, client: Client, where: str, narrowing: str) -> None:
        self._client = client
        self._jql = narrowing
        self.where = where

    def frame(self, look: Look) -> Frame:
        """Return what issues are read with."""
        return Frame(
            server=self._client.server,
            project=look.project,
            forms=look.bound.forms,
            writable=look.bound.writable,
            known=look.people.known,
        )

    def scan(
        self, look: Look, since: datetime | None, known: Collection[str] = ()
    ) -> dict[str, Row]:
        """List the rows, or those that were changed since a moment, the oldest first.

        A row is an issue of the type that fits the narrowing, or any that carries an id of ours.

        Args:
            look: the project.
            since: inclusive.
            known: the ids of ours that there are, as far as they were seen. A large project has
                far more labels than these, so they are asked for where the list lacks them.

        Raises:
            TransientError: the list was broken off.
        """
        moment = jql.stamp(since, look.zone) if since else ""
        if since is None and known:
            question = jql.own(look.project, look.type, self._jql)
        else:
            question = jql.rows(look.project, look.type, self._jql, moment)
        rows = {row.record.row_id: row for row in self._rows(look, question)}
        if since is None:
            there = {label for row in rows.values() for label in row.labels}
            rows |= self._labelled(look, sorted(set(known) - there))
        doubtful = [i for i, r in rows.items() if self._jql and r.labelled and not r.labels]
        fits = set(self._fitting(look, doubtful))
        return {
            i: row
            for i, row in rows.items()
            if row.labels or (row.type == look.type and (i not in doubtful or i in fits))
        }

    def _labelled(self, look: Look, labels: Sequence[str]) -> dict[str, Row]:
        """List the issues of the project that carry some labels, as the index shows them."""
        found: dict[str, Row] = {}
        for start in range(0, len(labels), BY_LABEL):
            question = jql.labelled(labels[start : start + BY_LABEL])
            for row in self._rows(look, question):
                if row.project == look.project:
                    found[row.record.row_id] = row
        return found

    def _fitting(self, look: Look, issues: Sequence[str]) -> Iterator[str]:
        """Return which of some issues fit the narrowing: their labels may be anybody's."""
        for start in range(0, len(issues), BY_ID):
            question = jql.fitting(look.type, self._jql, issues[start : start + BY_ID])
            for raw in self._issues(question, ("id",)):
                yield str(raw.get("id"))

    def with_labels(self, look: Look, labels: Sequence[str]) -> list[Row]:
        """Find the issues that carry some labels, wherever they are, as they are now."""
        found: list[str] = []
        for start in range(0, len(labels), BY_LABEL):
            question = jql.labelled(labels[start : start + BY_LABEL])
            found += [str(raw.get("id")) for raw in self._issues(question, ("id",))]
        return list(self.by_ids(look, list(dict.fromkeys(found))).values())

    def by_ids(self, look: Look, issues: Sequence[str]) -> dict[str, Row]:
        """Ask for issues by their own ids, past any index; those that cannot be seen are missing.

        Cloud tells of 100 at once ("Bulk fetch issues"), Data Center of one.
        """
        found: list[Json] = []
        if not self._client.cloud or len(issues) == 1:
            for issue in issues:
                raw = self.issue(look, issue)
                found += [raw] if raw else []
        else:
            for start in range(0, len(issues), BY_ID):
                some = list(issues[start : start + BY_ID])
                body = {"issueIdsOrKeys": some, "fields": self._fields(look)}
                answer = self._client.read("POST", "issue/bulkfetch", body=body)
                found += as_list(answer.get("issues"))
        rows = [self._row(look, raw) for raw in found]
        return {row.record.row_id: row for row in rows}

    def issue(self, look: Look, issue: str) -> Json | None:
        """Ask for one issue by its own id; None if it is not there or may not be seen."""
        fields = ",".join(self._fields(look))
        try:
            raw: Json = self._client.read("GET", f"issue/{_quoted(issue)}", fields=fields)
        except MissingError:
            return None
        return raw

    def named(self, issue: str) -> str:
        """Return the id of ours that an issue's property holds; empty if none."""
        try:
            told = self._client.read("GET", f"issue/{_quoted(issue)}/properties/{PROPERTY}")
        except MissingError:
            return ""
        return str(as_dict(told.get("value")).get("id") or "")

    def _row(self, look: Look, raw: Json) -> Row:
        several = len(labels_of(raw)) > 1
        named = self.named(str(raw.get("id"))) if several else ""
        return row_of(raw, self.frame(look), named=named)

    def _rows(self, look: Look, question: str) -> Iterator[Row]:
        for raw in self._issues(question, self._fields(look)):
            yield self._row(look, raw)

    @staticmethod
    def _fields(look: Look) -> list[str]:
        return list(dict.fromkeys([*look.bound.keys.values(), *_ALWAYS]))

    # --- lists ---

    def _issues(self, question: str, fields: Sequence[str]) -> list[Json]:
        body: dict[str, Any] = {"jql": question, "maxResults": PAGE, "fields": list(fields)}
        for _ in range(RESTARTS):
            found = self._by_token(body) if self._client.cloud else self._by_place(body)
            if found is not None:
                return list(found.values())
        raise TransientError(
            Said(
                f"{self.where}：读取时列表一直在变",
                f"{self.where}: the project changes faster than it can be read",
            )
        )

    def _ask(self, body: Json) -> Json:
        path = "search/jql" if self._client.cloud else "search"
        answer = self._client.read("POST", path, body=body)
        if not isinstance(answer, dict) or not isinstance(answer.get("issues"), list):
            raise self._cut_off()
        return answer

    def _by_token(self, body: Json) -> dict[str, Json]:
        """List issues of Cloud: each page names the next."""
        found: dict[str, Json] = {}
        tokens: set[str] = set()
        token = ""
        while True:
            answer = self._ask({**body, "nextPageToken": token} if token else body)
            found |= {str(raw.get("id")): raw for raw in as_list(answer["issues"])}
            token = str(answer.get("nextPageToken") or "")
            if not token or answer.get("isLast"):
                return found
            if token in tokens or len(tokens) > MOST_PAGES:
                raise self._cut_off()
            tokens.add(token)

    def _by_place(self, body: Json) -> dict[str, Json] | None:
        """List issues of Data Center by their places; None if one may have been passed over.

        Each page begins with the last issue of the one before: if that one has moved up, another
        went, and the one behind it was passed over.
        """
        found: dict[str, Json] = {}
        place = 0
        while True:
            answer = self._ask({**body, "startAt": place})
            page = {str(raw.get("id")): raw for raw in as_list(answer["issues"])}
            total = answer.get("total")
            if not isinstance(total, int):
                raise self._cut_off()
            if place and next(iter(page), "") not in found:
                return None
            fresh = [i for i in page if i not in found]
            found |= page
            if place + len(page) >= total:
                return found
            if not fresh:
                raise self._cut_off()
            place += len(page) - 1 or 1

    def _cut_off(self) -> TransientError:
        return TransientError(
            Said(
                f"{self.where}：Jira 的列表不完整",
                f"{self.where}: the service broke off in the middle of a list",
            )
        )


def _quoted(part: str) -> str:
    return quote(part, safe="")
