"""What connectors that call by ``requests`` share: calls that failed on the way. Pure."""

import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from connectors.answers import no_answer
from connectors.errors import ConnectorError, TransientError
from mapping.said import Said

_UNSENT = (NewConnectionError, ConnectTimeoutError)


def as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep ``requests`` from putting a password of ~/.netrc in the token's place."""
    return request


def unreachable(
    error: requests.RequestException, where: str, *, write: bool, address: str = "base_url"
) -> ConnectorError:
    """Return what a call without an answer means; the texts of ``requests`` may hold secrets.

    Args:
        error: what ``requests`` raised.
        where: what was asked, in words for a person.
        write: whether the call was to change something.
        address: the key of the team file that holds the service's address.
    """
    kind = type(error).__name__
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    unsent = isinstance(error, requests.ConnectTimeout) or isinstance(reason, _UNSENT)
    cannot = Said(f"{where} 无法连接：{kind}", f"{where} cannot be reached: {kind}")
    if isinstance(error, requests.exceptions.SSLError | requests.exceptions.ProxyError):
        hint = Said(
            f"请检查 {address}、代理（HTTPS_PROXY）和自有证书（REQUESTS_CA_BUNDLE）",
            f"check {address}, the proxy (HTTPS_PROXY) and own certificates (REQUESTS_CA_BUNDLE)",
        )
        return TransientError(cannot, hint=hint)
    if unsent:
        hint = Said(f"请检查网络和 {address}", f"check the network and {address}")
        return TransientError(cannot, hint=hint)
    return no_answer(where, kind, write=write)
