"""What an answer of the service means: one table from its codes to ``connectors.errors``. Pure.

The code in the body decides, whatever the HTTP status is: many faults come with 200, and one code
comes with several ("Common error codes" and the error tables of bitable-v1, read 2026-05).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from connectors.answers import ELSEWHERE_HINT, failed, no_json, quota_spent
from connectors.errors import (
    AuthError,
    ConnectorError,
    PermanentError,
    SchemaError,
    TransientError,
    at,
    both,
)
from connectors.feishu.wire import Type
from connectors.fit import VALUE_HINT
from mapping.said import Said

QUOTA = 99991403
BAD_PAGE = frozenset({1254002, 1254030})  # a page token that is no longer good
STALE_TOKEN = frozenset({99991661, 99991663, 99991664, 99991665, 99991671})
MOVED = frozenset({1254045, 1254024, 1254018, 1254016})  # a column has another name now
TOO_MANY = 1254104
GONE = 1254043
EXISTS = frozenset({1254013, 1254014})
BUSY = frozenset({1254607})  # of a batch that was too much for the table

# The cells that a row must do without, for the service takes the rest of it.
_UNFIT: Mapping[int, frozenset[int]] = {
    1254060: frozenset({Type.TEXT}),
    1254062: frozenset({Type.SELECT}),
    1254063: frozenset({Type.MULTISELECT}),
    1254064: frozenset({Type.DATE}),
    1254066: frozenset({Type.PERSON}),
    1254068: frozenset({Type.URL}),
    1254130: frozenset({Type.TEXT}),
    99992351: frozenset({Type.PERSON}),
    99992361: frozenset({Type.PERSON}),
}
_ROW = frozenset({1254007, 1254015, 1254026, 1254027, 1254070, 1254303, *range(1254060, 1254075)})
_LATER = frozenset({99991400, 1254036, 1254290, 1254291})  # refused before it was begun
_UNSURE = frozenset(
    {1500, 2200, 5000, 1254002, 1254607, 1254608, *range(1255001, 1255007), 1255040, 131001, 131007}
)
_SIGN_IN = frozenset({10003, 10014, 10015, 20002, 99991662, 99991673, *STALE_TOKEN})
_RIGHTS = frozenset({91403, 91404, 1254301, 1254302, 1254304, 131006, 1069603})
_PLACE = frozenset({91401, 91402, 1254003, 1254004, 1254040, 1254041, 131002, 131005, 99991201})
_FULL = frozenset({1254100, 1254103, 1254105, 1254306})

_CHINA = timezone(timedelta(hours=8))
_LONGEST_TEXT = 200
_SPENT = ("本月的调用次数已用完", "this month's calls of the tenant are used up")
_START = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the service said.

    Attributes:
        status: of HTTP.
        body: the JSON object; empty if it was none.
        wait_s: the seconds that a header asks for.
        write: whether the call was to change something.
        at: when it came, aware.
    """

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    wait_s: float | None = None
    write: bool = False
    at: datetime = _START

    @property
    def code(self) -> int:
        """The code in the body; -1 if there is none."""
        code = self.body.get("code")
        return code if isinstance(code, int) and not isinstance(code, bool) else -1


def to_error(answer: Answer, where: str) -> ConnectorError:
    """Return the error that an answer stands for.

    Args:
        answer: any but one with code 0.
        where: what was asked for, in words for a person.
    """
    code, said = answer.code, _said(answer)

    def told(zh: str, en: str) -> Said:
        return at(where, f"{zh}：{said.zh}", f"{en}: {said}")

    if code == QUOTA:
        return quota_spent(where, answer.at.astimezone(_CHINA), *_SPENT)
    if code in _LATER or answer.status == 429:
        return TransientError(told("服务繁忙", "the service is busy"), retry_after_s=answer.wait_s)
    if code == 99991672:
        lacks = told("应用缺少权限", "the app lacks a permission")
        return AuthError(lacks, hint=_permissions(answer))
    if code == 99991401:
        text = at(where, "应用不允许从这里调用", "the app allows no calls from here")
        return AuthError(text, hint=_ADDRESS_HINT)
    if code in _SIGN_IN:
        return AuthError(told("应用无法登录", "the app cannot sign in"), hint=_SIGN_IN_HINT)
    if code in _RIGHTS:
        text = told("应用无权访问该多维表格", "the app has no right to this base")
        return AuthError(text, hint=_RIGHTS_HINT)
    if code in _PLACE:
        text = told("没有找到该多维表格或数据表", "the base or table was not found")
        return SchemaError(text, hint=_PLACE_HINT)
    if code in MOVED:
        return SchemaError(told("缺少一列", "a column is not there"), hint=_COLUMN_HINT)
    if code in _ROW or code in _UNFIT:
        return PermanentError(at(where, said.zh, said.en), hint=VALUE_HINT)
    if code in _FULL:
        hint = Said("请删除或归档一些行", "delete or archive rows")
        return PermanentError(told("数据表已满", "the table is full"), hint=hint)
    if code in _UNSURE or answer.status >= 500 or (code < 0 and answer.status < 300):
        text = told("服务出错", "the service failed")
        return failed(text, write=answer.write, retry_after_s=answer.wait_s)
    return _by_status(answer, where, at(where, said.zh, said.en))


def _by_status(answer: Answer, where: str, text: Said) -> ConnectorError:
    """Return the error for a code that is not known, or for no code at all."""
    if answer.status in (401, 403, 407):
        return AuthError(text, hint=_ACCESS_HINT)
    if answer.status == 404:
        return SchemaError(text, hint=_ADDRESSES_HINT)
    if 300 <= answer.status < 400:
        return SchemaError(text, hint=ELSEWHERE_HINT)
    if answer.status == 408:
        return TransientError(at(where, "服务繁忙", "the service is busy"))
    return PermanentError(text)


_ADDRESS_HINT = Said(
    "请在应用的“安全设置”中加入本机的 IP 地址",
    "add this machine's address under Security settings of the app",
)
_SIGN_IN_HINT = Said(
    "请检查 app_id 和 app_secret、应用是否已启用，以及 base_url（飞书还是 Lark）",
    "check app_id and app_secret, that the app is enabled, and base_url (Feishu or Lark)",
)
_COLUMN_HINT = Said(
    "有一列被改名、删除或隐藏；请改回来，或在团队配置文件中写明",
    "a column was renamed, deleted or hidden; put it back or name it in the team file",
)
_ACCESS_HINT = Said(
    "请检查 app_id、app_secret、代理和应用的权限",
    "check app_id, app_secret, the proxy, and the app's rights",
)
_ADDRESSES_HINT = Said(
    "请检查 base_url、app_token 或 wiki_token，以及 table_id",
    "check base_url, app_token or wiki_token, and table_id",
)
_RIGHTS_HINT = Said(
    "请打开该多维表格，选择“… > 更多 > 添加文档应用”，以可编辑权限添加该应用"
    "（开启高级权限时为可管理）；在知识库中的，还要让它能阅读该知识库",
    "open the base, choose ... > More > Add document app, add the app with the right to edit (can "
    "manage, where advanced permissions are on); for a base in a wiki let it read that wiki too",
)
_PLACE_HINT = Said(
    "请检查 app_token（地址中 /base/ 之后）或 wiki_token（/wiki/ 之后）、table_id（?table= 之后）"
    "和 base_url（https://open.feishu.cn，Lark 为 https://open.larksuite.com）",
    "check app_token (after /base/ in the address) or wiki_token (after /wiki/), table_id (after "
    "?table=) and base_url (https://open.feishu.cn, or https://open.larksuite.com for Lark)",
)


def is_of_one_row(code: int) -> bool:
    """Say whether a refusal may be for one row's sake, so that the others can be written."""
    return code in _UNFIT or (1254000 <= code < 1254200 and code not in _FULL | MOVED)


def unfit_types(code: int) -> frozenset[int]:
    """Return the types of columns whose cells a code complains of; empty if it does not say."""
    return _UNFIT.get(code, frozenset())


def _said(answer: Answer) -> Said:
    if answer.code < 0:
        return no_json(answer.status)
    said = f"{str(answer.body.get('msg') or '').strip()[:_LONGEST_TEXT]} (code {answer.code})"
    details = [
        f"{v.get('field')}: {v.get('description')}"
        for v in _list(answer.body, "field_violations")
        if isinstance(v, dict)
    ]
    return both(f"{said}: {'; '.join(details)[:_LONGEST_TEXT]}" if details else said)


def _permissions(answer: Answer) -> Said:
    """Say what to do about a permission that the answer names: in one of three places, or none."""
    told = [v for v in _list(answer.body, "permission_violations") if isinstance(v, dict)]
    named = [str(name) for v in told if (name := v.get("scope") or v.get("subject"))]
    listed = re.search(r"\[([\w:.,\s]+)\]", str(answer.body.get("msg") or ""))
    wanted = named or (re.findall(r"[\w:.]+", listed[1]) if listed else [])
    if not wanted:
        return Said(
            "请在应用的“权限管理”中开通上述消息所说的权限，发布新版本并通过审核",
            "add what the message asks for under Permissions of the app, publish a version, have "
            "it approved",
        )
    return Said(
        f"请在应用的“权限管理”中开通 {' 或 '.join(wanted)}，发布新版本并通过审核",
        f"add {' or '.join(wanted)} under Permissions of the app, publish a version, have it "
        "approved",
    )


def _list(body: Mapping[str, Any], key: str) -> list[Any]:
    error = body.get("error")
    found = error.get(key) if isinstance(error, dict) else None
    return found if isinstance(found, list) else []
