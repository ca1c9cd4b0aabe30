"""What an answer of the service means: one table to ``connectors.errors``. Pure.

Errors come in three shapes, ``{"error": {"type", "message"}}``, ``{"error": "NOT_FOUND"}`` and
``{"errors": [{"error", "message"}]}`` ("Errors" and "Rate limits",
airtable.com/developers/web/api, read 2026-11). An error in an answer with 200 is an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.answers import ELSEWHERE_HINT, failed, no_json, quota_spent
from connectors.errors import (
    AuthError,
    ConnectorError,
    PermanentError,
    SchemaError,
    TransientError,
    at,
)
from connectors.fit import OPTION_HINT, VALUE_HINT
from mapping.said import Said

PENALTY_S = 30.0  # after too many calls to a base all of them fail for so long ("Rate limits")
QUOTA = "PUBLIC_API_BILLING_LIMIT_EXCEEDED"
NO_FIELD = "UNKNOWN_FIELD_NAME"
NO_PAGE = "LIST_RECORDS_ITERATOR_NOT_AVAILABLE"
NO_OPTION = "INVALID_MULTIPLE_CHOICE_OPTIONS"
NO_FORMULA = "INVALID_FILTER_BY_FORMULA"
GONE = frozenset({"ROW_DOES_NOT_EXIST", "MODEL_ID_NOT_FOUND", "NOT_FOUND"})
_LONGEST_TEXT = 200
_SPENT = ("工作区本月的 API 调用次数已用完", "this month's API calls of the workspace are used up")
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
    status, said = answer.status, _said(answer)

    def told(zh: str, en: str) -> Said:
        return at(where, f"{zh}：{said.zh}", f"{en}: {said}")

    if answer.type == QUOTA:
        return quota_spent(where, answer.at.astimezone(UTC), *_SPENT)
    if status == 429:
        wait = max(PENALTY_S, answer.wait_s or 0.0)
        text = at(where, "对该 base 的调用过于频繁", "too many calls to this base")
        return TransientError(text, retry_after_s=wait)
    if status == 408:
        text = at(where, "服务繁忙", "the service is busy")
        return TransientError(text, retry_after_s=answer.wait_s)
    if status in {401, 407}:
        return AuthError(at(where, "令牌无效", "the token is not accepted"), hint=_SIGN_IN)
    if status == 402:
        return AuthError(told("当前套餐不允许", "the plan does not allow this"), hint=_PLAN)
    if status == 403:
        text = told("无权访问该 base 或表", "no right to this base or table")
        return AuthError(text, hint=_RIGHTS)
    if status == 404:
        return SchemaError(told("没有找到", "not found"), hint=_PLACE)
    if 300 <= status < 400:
        return SchemaError(at(where, said.zh, said.en), hint=ELSEWHERE_HINT)
    if answer.type == NO_FIELD:
        return SchemaError(told("缺少一列", "a column is not there"), hint=_COLUMN)
    if answer.type == NO_OPTION:
        return PermanentError(told("缺少一个选项", "an option is not there"), hint=OPTION_HINT)
    if 400 <= status < 500:
        return PermanentError(at(where, said.zh, said.en), hint=VALUE_HINT)
    if 200 <= status < 300 and answer.type:
        return PermanentError(at(where, said.zh, said.en))
    text = told("服务出错", "the service failed")
    return failed(text, write=answer.write, retry_after_s=answer.wait_s)


_SIGN_IN = Said(
    "请在 airtable.com/create/tokens 创建 personal access token 并填入 token；它以 pat 开头，"
    "旧的 key… 已不能使用",
    "make a personal access token under airtable.com/create/tokens and set it as token; it starts "
    "with pat, and an old key (key…) no longer works",
)
_PLAN = Said("请查看工作区的套餐和账单", "see the workspace's plan and billing")
_RIGHTS = Said(
    "请给令牌 data.records:read、data.records:write 和 schema.bases:read 权限，并在 Access 中加入该"
    " base；令牌的用户须是该 base 的 Editor；请对照表的地址检查 base_id（app…）和 table（tbl…）",
    "give the token the scopes data.records:read, data.records:write and schema.bases:read, and "
    "add the base under Access; its user must be an Editor of the base; check base_id (app…) and "
    "table (tbl…) in the address of the table",
)
_PLACE = Said(
    "请对照表的地址检查 base_id（app…）、table（tbl…）以及 base_url",
    "check base_id (app…) and table (tbl…) in the address of the table, and base_url",
)
_COLUMN = Said(
    "有一列被删除；请恢复，或在团队配置文件中另写一列",
    "a column was deleted; put it back, or name another in the team file",
)


def _said(answer: Answer) -> Said:
    if answer.body is None:
        return no_json(answer.status)
    parts = [p for p in (answer.message.strip()[:_LONGEST_TEXT], answer.type) if p]
    code = f"HTTP {answer.status}"
    return Said(
        f"{' '.join(parts) or '未说明原因'}（{code}）",
        f"{' '.join(parts) or 'no reason given'} ({code})",
    )
