"""What connectors that call by ``requests`` share: calls that failed on the way. Pure."""

from datetime import datetime

import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from connectors.errors import ConnectorError, TransientError, UnknownOutcomeError
from mapping.said import Said

_UNSENT = (NewConnectionError, ConnectTimeoutError)

NO_ANSWER_HINT = Said(
    "请检查 base_url、代理（HTTPS_PROXY）和自有证书（REQUESTS_CA_BUNDLE）",
    "check base_url, the proxy (HTTPS_PROXY) and own certificates (REQUESTS_CA_BUNDLE)",
)
ELSEWHERE_HINT = Said(
    "请检查 base_url：该地址会跳转到别处", "check base_url: the address leads elsewhere"
)


def as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep ``requests`` from putting a password of ~/.netrc in the token's place."""
    return request


def unreachable(error: requests.RequestException, where: str, *, write: bool) -> ConnectorError:
    """Return what a call without an answer means; the texts of ``requests`` may hold secrets."""
    kind = type(error).__name__
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    unsent = isinstance(error, requests.ConnectTimeout) or isinstance(reason, _UNSENT)
    cannot = Said(f"{where} 无法连接：{kind}", f"{where} cannot be reached: {kind}")
    if isinstance(error, requests.exceptions.SSLError | requests.exceptions.ProxyError):
        return TransientError(cannot, hint=NO_ANSWER_HINT)
    if unsent:
        hint = Said("请检查网络和 base_url", "check the network and base_url")
        return TransientError(cannot, hint=hint)
    return no_answer(where, kind, write=write)


def no_answer(where: str, kind: str, *, write: bool) -> ConnectorError:
    """Return what it means that a call left and no answer came."""
    if write:
        said = Said(f"{where} 没有答复：{kind}", f"{where}: no answer came: {kind}")
        return UnknownOutcomeError(said)
    return TransientError(Said(f"{where} 没有答复：{kind}", f"{where} gave no answer: {kind}"))


def next_month(at: datetime) -> datetime:
    """Return the moment at which the next month begins in a moment's own zone."""
    year, month = at.year + at.month // 12, at.month % 12 + 1
    return at.replace(year=year, month=month, day=1, hour=0, minute=0, second=0, microsecond=0)


def no_json(status: int) -> Said:
    """Say that what answered was not the service."""
    return Said(
        f"HTTP {status}，不是该服务的答复（中间有代理？）",
        f"HTTP {status}, and no answer of the service (is a proxy in between?)",
    )
