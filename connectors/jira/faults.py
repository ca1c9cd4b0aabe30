"""What an answer of the service means: one table from its codes to ``connectors.errors``. Pure.

"Status codes" of the REST API, "Rate limiting" and "Basic authentication" (developer.atlassian.com,
read 2026-11). The texts of the service come in the account's language: they are shown to people and
never matched; what is decided by are the status and the keys of ``errors``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.answers import failed, seconds_until
from connectors.errors import (
    AuthError,
    ConflictError,
    ConnectorError,
    PermanentError,
    SchemaError,
    TransientError,
    at,
)
from mapping.said import Said

_LONGEST_TEXT = 300
_LONGEST_WAIT_S = 86_400.0  # a header that asks for more is taken for a slip


class MissingError(SchemaError):
    """There is no such object, or it may not be seen: alike to the service."""


class ForbiddenError(AuthError):
    """403: the account may not do this, to this issue or to all."""


class RefusedError(PermanentError):
    """400 and its like: what was sent is not accepted.

    Args:
        message: what the service said.
        hint: what to do.
        fields: the service's field -> what is wrong with it.
        body: of the answer; a bulk creation tells of each issue.
    """

    def __init__(
        self,
        message: Said | str,
        *,
        hint: Said | str = "",
        fields: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.fields = fields or {}
        self.body = body or {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the service said.

    Attributes:
        status: of HTTP; 200 with an error in it keeps its 200.
        body: the JSON object; empty if it was none.
        headers: of the answer, names in lower case.
        write: whether the call was to change something.
        cloud: whether it is Jira Cloud.
        at: when it came, aware.
    """

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    write: bool = False
    cloud: bool = True
    at: datetime

    @property
    def login(self) -> str:
        """How the service took the login, as far as it says; a refused one may come with 200."""
        return self.headers.get("x-seraph-loginreason", "")

    @property
    def denied(self) -> bool:
        """Whether the account was not let in, whatever the status says."""
        return any(word in self.login for word in ("AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED"))

    @property
    def has_captcha(self) -> bool:
        """Whether the service wants a person to log in by a browser first (Data Center)."""
        told = self.headers.get("x-authentication-denied-reason", "")
        return "CAPTCHA" in told.upper() or "AUTHENTICATION_DENIED" in self.login


def to_error(answer: Answer, where: str) -> ConnectorError:
    """Return the error that an answer stands for.

    Args:
        answer: any that is no success.
        where: what was asked, in words for a person.
    """
    status, said = answer.status, said_by(answer)

    def told(zh: str, en: str) -> Said:
        return at(where, f"{zh}：{said}", f"{en}: {said}")

    if answer.has_captcha and (status in (401, 403) or answer.denied):
        text = at(
            where,
            "Jira 要求该账号先在浏览器里登录一次（验证码）",
            "Jira wants the account to log in by a browser first (CAPTCHA)",
        )
        return AuthError(text, hint=_CAPTCHA_HINT)
    if status in (401, 407) or answer.denied:
        text = told("登录被拒绝", "the login was refused")
        return AuthError(text, hint=_LOGIN_HINT[answer.cloud])
    if status == 403:
        text = told("该账号没有这项权限", "the account may not do this")
        return ForbiddenError(text, hint=_RIGHTS_HINT)
    if status == 404:
        text = told(
            "找不到，或该账号看不到（Jira 不区分）",
            "not found, or not to be seen by this account (Jira does not say)",
        )
        return MissingError(text, hint=_MISSING_HINT)
    if status == 429:
        return _limited(answer, where)
    if status == 409 and answer.write:
        return ConflictError(told("事务正被别人修改", "the issue is being changed"))
    if status in (405, 410) or 300 <= status < 400:
        text = told("地址不对", "the address does not fit")
        return SchemaError(text, hint=SERVER_HINT)
    if status in (408, 409) or status >= 500 or status < 300:
        text = told("Jira 出错", "the service failed")
        if status < 300 and not answer.body:
            text = at(
                where,
                "回答不是 Jira 的 JSON，可能是登录页或代理的页面：请核对 server 和网络",
                "the answer is no JSON of Jira, perhaps the page of a login or a proxy: check "
                "server and the network",
            )
        return failed(
            text,
            write=answer.write,
            retry_after_s=wait_of(answer),
        )
    text = told("Jira 不接受", "Jira does not accept it")
    return RefusedError(text, fields=_fields(answer.body), body=answer.body)


def _limited(answer: Answer, where: str) -> TransientError:
    """Return the error for 429: a bucket is empty, or (Cloud) the hour's quota is spent."""
    wait_s = wait_of(answer)
    zh = f"，{wait_s:.0f} 秒后再试" if wait_s else ""
    en = f"; it asks to wait {wait_s:.0f} s" if wait_s else ""
    if "quota" in answer.headers.get("ratelimit-reason", ""):
        text = at(where, f"Jira 本小时的额度已用完{zh}", f"the hour's quota is spent{en}")
    else:
        text = at(where, f"请求太多{zh}", f"too many requests{en}")
    return TransientError(text, retry_after_s=wait_s)


_LOGIN_HINT = {
    True: Said(
        "请检查 email，并在 id.atlassian.com 重新生成 API token（有效期最长一年）；"
        "限定范围的 token 要把 base_url 设为 https://api.atlassian.com/ex/jira/<cloudId>；"
        "Data Center 只用 token",
        "check email and make a new API token at id.atlassian.com (it lives a year at most); a "
        "scoped token needs base_url = https://api.atlassian.com/ex/jira/<cloudId>; a Data Center "
        "takes token alone",
    ),
    False: Said(
        "请在 Jira 个人资料里重新生成个人访问令牌（Personal Access Token）并检查其有效期；"
        "Jira Cloud 要用 email 加 api_token",
        "make a new personal access token in the account's profile and look at its expiry; Jira "
        "Cloud wants email and api_token",
    ),
}
_CAPTCHA_HINT = Said(
    "请用该账号在浏览器里登录一次，或请管理员重置登录失败次数",
    "log in once by a browser with this account, or let an administrator reset its failed logins",
)
_RIGHTS_HINT = Said(
    "请项目管理员在权限方案里给该账号补上权限",
    "let the project's administrator give the account the right in the permission scheme",
)
_MISSING_HINT = Said(
    "请检查 project，并让该账号能浏览这个项目",
    "check project, and let the account browse that project",
)
SERVER_HINT = Said(
    "请检查 server：要写 Jira 的准确 https 地址（含路径），不带多余的跳转",
    "check server: the exact https address of Jira, with its path, that redirects nowhere",
)


def wait_of(answer: Answer) -> float | None:
    """Return the seconds that the service asks to wait; None if it says nothing sane.

    ``X-RateLimit-Reset`` is a moment (Cloud).
    """
    for name in ("retry-after", "x-ratelimit-reset"):
        seconds = seconds_until(answer.headers.get(name), answer.at)
        if seconds is not None and 0 < seconds <= _LONGEST_WAIT_S:
            return seconds
    return None


def _fields(body: Mapping[str, Any]) -> dict[str, str]:
    errors = body.get("errors")
    return {str(k): _short(v) for k, v in errors.items()} if isinstance(errors, dict) else {}


def said_by(answer: Answer) -> str:
    """Return what the service said; nothing of a body that is not its own."""
    told = texts_of(answer.body)
    if told:
        return f"{_short('; '.join(told))} ({answer.status})"
    return f"HTTP {answer.status}"


def retold(error: ConnectorError) -> Said:
    """Return what an error says, with its hint, for another error to say."""
    return Said(error.text("zh"), error.text("en"))


def not_sent(error: ConnectorError) -> Said:
    """Return what is said of a row that was not sent because of a fault before it."""
    return Said(f"没有发送：{error.text('zh')}", f"not sent: {error}")


def gone(label: str) -> ConflictError:
    """Return the error for an issue that is no longer in the project."""
    return ConflictError(
        Said(f"事务 {label} 已不在这里", f"there is no issue {label} here any more")
    )


def moved(label: str) -> ConflictError:
    """Return the error for an issue that is not as it was read."""
    zh, en = f"事务 {label} 读取后被别人改过", f"somebody has changed {label} since it was read"
    return ConflictError(Said(zh, en))


def texts_of(body: Mapping[str, Any]) -> list[str]:
    """Return the messages of an error's body, those of fields with the field's name."""
    errors = body.get("errorMessages")
    told = [str(e) for e in errors] if isinstance(errors, list) else []
    told += [f"{name}: {text}" for name, text in _fields(body).items()]
    told += [body[k] for k in ("message", "errorMessage") if isinstance(body.get(k), str)]
    return told


def _short(text: Any) -> str:
    return " ".join(str(text).split())[:_LONGEST_TEXT]
