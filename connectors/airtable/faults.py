"""What an answer of the service means: one table to ``connectors.errors``. Pure.

Errors come in three shapes, ``{"error": {"type", "message"}}``, ``{"error": "NOT_FOUND"}`` and
``{"errors": [{"error", "message"}]}`` ("Errors" and "Rate limits",
airtable.com/developers/web/api, read 2026-11). An error in an answer with 200 is an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.errors import (
    AuthError,
    ConnectorError,
    PermanentError,
    SchemaError,
    TransientError,
    UnknownOutcomeError,
)

PENALTY_S = 30.0  # after too many calls to a base all of them fail for so long ("Rate limits")
QUOTA = "PUBLIC_API_BILLING_LIMIT_EXCEEDED"
NO_FIELD = "UNKNOWN_FIELD_NAME"
NO_PAGE = "LIST_RECORDS_ITERATOR_NOT_AVAILABLE"
NO_OPTION = "INVALID_MULTIPLE_CHOICE_OPTIONS"
NO_FORMULA = "INVALID_FILTER_BY_FORMULA"
GONE = frozenset({"ROW_DOES_NOT_EXIST", "MODEL_ID_NOT_FOUND", "NOT_FOUND"})
_LONGEST_TEXT = 200
_START = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the service said.

    Attributes:
        status: of HTTP.
        body: the JSON object; None if it was none.
        wait_s: the seconds that a header asks for.
        write: whether the call was to change something.
        at: when it came, aware: by the service's own clock where it tells it.
    """

    status: int
    body: Mapping[str, Any] | None = field(default_factory=dict)
    wait_s: float | None = None
    write: bool = False
    at: datetime = _START

    @property
    def type(self) -> str:
        """The type of the error in the body; empty if there is none."""
        return self._error()[0]

    @property
    def message(self) -> str:
        """What the body says of the error."""
        return self._error()[1]

    @property
    def is_good(self) -> bool:
        """Whether the call succeeded."""
        return 200 <= self.status < 300 and self.body is not None and not any(self._error())

    def _error(self) -> tuple[str, str]:
        body = self.body or {}
        listed = body.get("errors")
        first = listed[0] if isinstance(listed, list) and listed else None
        told = body.get("error") or first
        if isinstance(told, str):
            return told, str(body.get("message") or "")
        if not isinstance(told, dict):
            return "", ""
        kind = told.get("type") or told.get("error") or "UNKNOWN"
        return str(kind), str(told.get("message") or "")


def to_error(answer: Answer, where: str) -> ConnectorError:
    """Return the error that an answer stands for.

    Args:
        answer: any that is not good.
        where: what was asked for, in words for a person.
    """
    status, said = answer.status, f"{where}: {_said(answer)}"
    if answer.type == QUOTA:
        return _quota_spent(answer, where)
    if status == 429:
        wait = max(PENALTY_S, answer.wait_s or 0.0)
        return TransientError(f"{where}: too many calls to this base", retry_after_s=wait)
    if status == 408:
        return TransientError(f"{where}: the service is busy", retry_after_s=answer.wait_s)
    if status in {401, 407}:
        return AuthError(f"{where}: the token is not accepted", hint=_SIGN_IN)
    if status == 402:
        hint = "see the workspace's plan and billing"
        return AuthError(f"{where}: the plan does not allow this: {_said(answer)}", hint=hint)
    if status == 403:
        return AuthError(f"{where}: no right to this base or table: {_said(answer)}", hint=_RIGHTS)
    if status == 404:
        return SchemaError(f"{where}: not found: {_said(answer)}", hint=_PLACE)
    if 300 <= status < 400:
        return SchemaError(said, hint="check base_url: the address leads elsewhere")
    if answer.type == NO_FIELD:
        hint = "a column was deleted; put it back, or name another in the team file"
        return SchemaError(f"{where}: a column is not there: {_said(answer)}", hint=hint)
    if answer.type == NO_OPTION:
        hint = "add the option in the tool, or run check --prepare"
        return PermanentError(f"{where}: an option is not there: {_said(answer)}", hint=hint)
    if 400 <= status < 500:
        return PermanentError(said, hint="correct the value, or the column's type")
    if 200 <= status < 300 and answer.type:
        return PermanentError(said)
    kind = UnknownOutcomeError if answer.write else TransientError
    return kind(f"{where}: the service failed: {_said(answer)}", retry_after_s=answer.wait_s)


_SIGN_IN = (
    "make a personal access token under airtable.com/create/tokens and set it as token; it starts "
    "with pat, and an old key (key…) no longer works"
)
_RIGHTS = (
    "give the token the scopes data.records:read, data.records:write and schema.bases:read, and "
    "add the base under Access; its user must be an Editor of the base; check base_id (app…) and "
    "table (tbl…) in the address of the table"
)
_PLACE = "check base_id (app…) and table (tbl…) in the address of the table, and base_url"


def _said(answer: Answer) -> str:
    if answer.body is None:
        return f"HTTP {answer.status}, and no answer of the service (is a proxy in between?)"
    parts = (answer.message.strip()[:_LONGEST_TEXT], answer.type)
    return f"{' '.join(p for p in parts if p) or 'no reason given'} (HTTP {answer.status})"


def _quota_spent(answer: Answer, where: str) -> TransientError:
    """Say until when nothing can be called: the quota begins anew with the month."""
    now = answer.at.astimezone(UTC)
    first = datetime(now.year + now.month // 12, now.month % 12 + 1, 1, tzinfo=UTC)
    return TransientError(
        f"{where}: this month's API calls of the workspace are used up; tried again on "
        f"{first.date()}",
        hint="a larger plan raises the number of calls; a longer `every` spends fewer of them",
        retry_after_s=(first - now).total_seconds(),
    )
