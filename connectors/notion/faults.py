"""What an answer of the service means: one table from its codes to ``connectors.errors``. Pure.

"Status codes" and "Request limits" (developers.notion.com, read 2026-11). The texts of the service
are shown to people and never matched.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.answers import failed, no_json, seconds_until
from connectors.errors import (
    AuthError,
    ConflictError,
    ConnectorError,
    PermanentError,
    SchemaError,
    TransientError,
    UnknownOutcomeError,
    at,
    both,
)
from connectors.fit import VALUE_HINT
from mapping.said import Said

_LONGEST_TEXT = 300
_LONGEST_WAIT_S = 86_400.0  # a header that asks for more is taken for a slip


class MissingError(SchemaError):
    """There is no such object, or it is not shared with the connection: alike to the service."""


class RefusedError(PermanentError):
    """400: a column, an option, an account or a cursor is not what it was."""


class CommittedError(UnknownOutcomeError):
    """The service failed, and says that it has saved what was sent.

    Args:
        message: what happened.
        resource: the id of the page that was made.
    """

    def __init__(self, message: Said | str, *, resource: str) -> None:
        super().__init__(message)
        self.resource = resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the service said.

    Attributes:
        status: of HTTP; 200 with an error in it keeps its 200.
        body: the JSON object; empty if it was none.
        headers: of the answer, names in lower case.
        write: whether the call was to change something.
        at: when it came, aware.
    """

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    write: bool = False
    at: datetime

    @property
    def code(self) -> str:
        """The code in the body; empty if there is none."""
        code = self.body.get("code")
        return code if isinstance(code, str) else ""

    @property
    def more(self) -> Mapping[str, Any]:
        """What the body says beyond code and message."""
        more = self.body.get("additional_data")
        return more if isinstance(more, dict) else {}


_BAD_CALL = frozenset({"invalid_request_url", "invalid_request", "missing_version", "invalid_beta"})
_BUSY = frozenset({"rate_limited", "service_overload"})
_FAILED = frozenset(
    {
        *("internal_server_error", "service_unavailable", "gateway_timeout", "bad_gateway"),
        "database_connection_unavailable",
    }
)


def to_error(answer: Answer, where: str) -> ConnectorError:
    """Return the error that an answer stands for.

    Args:
        answer: any that is no success.
        where: what was asked for, in words for a person.
    """
    code, status, said = answer.code, answer.status, _said(answer)

    def told(zh: str, en: str) -> Said:
        return at(where, f"{zh}：{said.zh}", f"{en}: {said}")

    if code in _BUSY or status in (429, 529):
        if answer.more.get("rate_limit_reason") == "public_api_request_blocked":
            text = told("Notion 已封禁该连接", "Notion has blocked this connection")
            return AuthError(text, hint=_BLOCKED_HINT)
        wait_s = wait_of(answer)
        zh = f"；要求等待 {wait_s:.0f} 秒" if wait_s else ""
        en = f"; it asks to wait {wait_s:.0f} s" if wait_s else ""
        text = at(where, f"请求过多{zh}", f"too many requests{en}")
        return TransientError(text, retry_after_s=wait_s)
    if code in ("unauthorized", "invalid_grant") or status == 401:
        return AuthError(told("token 无效", "the token was refused"), hint=_COPY_HINT)
    if code == "restricted_resource" or status in (403, 407):
        text = told("该连接没有这项权限", "the connection may not do this")
        return AuthError(text, hint=_RIGHTS_HINT)
    if code == "object_not_found":
        text = told("没有找到，或未与该连接共享", "not found, or not shared with it")
        return MissingError(text, hint=_SHARE_HINT)
    if code == "conflict_error" or status == 409:
        if not answer.write:
            return TransientError(at(where, said.zh, said.en))
        return ConflictError(told("该页面正在被修改", "the page is being changed at this moment"))
    if code in _BAD_CALL or status == 404 or 300 <= status < 400:
        return SchemaError(at(where, said.zh, said.en), hint=_ADDRESS_HINT)
    if status == 413:
        text = told("内容超过一次请求的上限", "more than one request may hold")
        return PermanentError(text, hint=_SIZE_HINT)
    if code in ("validation_error", "invalid_json") or status == 400:
        return RefusedError(at(where, said.zh, said.en), hint=VALUE_HINT)
    if code in _FAILED or status >= 500 or status == 408 or status < 300:
        return _failed(answer, told("服务出错", "the service failed"))
    return PermanentError(at(where, said.zh, said.en))


def _failed(answer: Answer, text: Said) -> ConnectorError:
    """Return the error for a fault of the service: a write may have been carried out."""
    made = answer.more.get("committed_resource_id")
    if answer.write and isinstance(made, str) and made:
        return CommittedError(text, resource=made)
    return failed(text, write=answer.write, retry_after_s=wait_of(answer))


_BLOCKED_HINT = Said(
    "请联系 Notion 支持；重试没有用", "ask the support of Notion; trying again does not help"
)
_COPY_HINT = Said(
    "请重新复制该连接的 token（notion.so/profile/integrations，Configuration）",
    "copy the connection's token anew (notion.so/profile/integrations, Configuration)",
)
_RIGHTS_HINT = Said(
    "请给该连接 Read、Update 和 Insert content 能力（Configuration > Capabilities）；"
    "若不能再添加行，可能是免费工作区的块已用完",
    "give the connection the capabilities Read, Update and Insert content (Configuration > "
    "Capabilities); if rows can no longer be added, a free workspace may have used up its blocks",
)
_SHARE_HINT = Said(
    "请在 Notion 中打开该数据库，选择“… > 连接”添加该连接；再检查 data_source_id 或 database_id",
    "open the database in Notion, choose ... > Connections and add the connection; then check "
    "data_source_id or database_id",
)
_SIZE_HINT = Said(
    "一行的全部文字最多约 500 KB：请缩短其中较长的内容",
    "the texts of a row may have some 500 KB in all: shorten the longest of them",
)
_ADDRESS_HINT = Said(
    "请检查 base_url：那里答复的不是 Notion 的 API",
    "check base_url: what answers there is not Notion's API",
)


def wait_of(answer: Answer) -> float | None:
    """Return the seconds that the service asks to wait; None if it says nothing sane."""
    for value in (answer.headers.get("retry-after"), answer.more.get("retry_after")):
        seconds = seconds_until(value, answer.at)
        if seconds is not None and 0 <= seconds <= _LONGEST_WAIT_S:
            return seconds
    return None


def _said(answer: Answer) -> Said:
    """Return what the service said; nothing of what stands in a body that is not its own."""
    message = answer.body.get("message")
    if not isinstance(message, str):
        return no_json(answer.status)
    told = f"{' '.join(message.split())[:_LONGEST_TEXT]} ({answer.code or answer.status})"
    request = answer.body.get("request_id")
    return both(f"{told}, request {request}" if isinstance(request, str) else told)
