"""What the robots of groups have in common: one request, its answer, the pace. I/O."""

import hashlib
import io
import ipaddress
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from connectors import calls
from connectors.base import Clock
from mapping.said import Said
from mapping.values import Person
from minuteloop.channels.base import ChannelError
from minuteloop.channels.faults import BUSY, FAST, refused
from minuteloop.channels.wording import plain

TIMEOUT_S = (10.0, 30.0)  # to connect; to wait for an answer
_LONGEST_WAIT_S = 3600.0
_LONGEST = 200
_SHORTEST = 4  # a secret of fewer signs stands in half of all words
_MESSENGERS = ("dingtalk.com", "dingtalk.io", "weixin.qq.com", "feishu.cn", "larksuite.com")

_muted: dict[str, float] = {}  # robot -> until when it is left alone, for all teams of the process


class Robot:
    """One robot's address. Teams of one process that use the same robot share its pace.

    Args:
        service: the service's name, for messages.
        url: the webhook's address, which is a secret.
        secret: what the robot signs with.
        clock: the machine's time.
        interval_s: seconds from one message to the next.
    """

    def __init__(
        self, service: Said, url: str, secret: str | None, clock: Clock, *, interval_s: float
    ) -> None:
        self.service = service
        self._url = url
        self._clock = clock
        self._key = hashlib.sha256(url.encode()).hexdigest()
        self._pace = calls.pace("robot", self._key, interval_s=interval_s)
        self._hidden = _secrets_in(url, secret)

    def __repr__(self) -> str:
        return f"Robot({self.service.en!r})"

    def due_in(self) -> float:
        """Return in how many seconds the pace lets the next message go."""
        return self._pace.left(self._clock)

    def post(
        self,
        body: bytes,
        *,
        codes: Sequence[str],
        words: Sequence[str],
        params: Mapping[str, str] | None = None,
    ) -> tuple[int, str]:
        """Send a message.

        Args:
            body: JSON.
            codes: keys of the answer under which its code may stand.
            words: likewise for the service's words.
            params: for the address, not encoded yet.

        Returns:
            The code of the answer, and the service's words without secrets.

        Raises:
            ChannelError: no answer of the service came, or the robot is to be left alone.
        """
        wait = _muted.get(self._key, 0.0) - self._clock.monotonic()
        if wait > 0:
            raise refused(self.service, FAST, retry_after_s=wait)
        self._pace.wait(self._clock)
        status, headers, answer = self._request(body, params or {})
        code = next((c for key in codes if _is_code(c := answer.get(key))), None)
        if code is None:
            raise self._unclear(status, headers)
        said = next((str(answer[key]) for key in words if answer.get(key)), "")
        return int(code), "; ".join(filter(None, (self._shown(said), f"code {code}")))

    def mute(self, seconds: float) -> None:
        """Leave the robot alone for so long, whoever wants to send by it."""
        _muted[self._key] = self._clock.monotonic() + seconds

    def _request(
        self, body: bytes, params: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], Mapping[str, Any]]:
        """Do the call on a connection of its own: one that was kept may be cut without a word."""
        sent = _Body(body)
        try:
            reply = requests.post(
                self._url,
                params=params,
                data=sent,
                headers={"Content-Type": "application/json; charset=utf-8", "Connection": "close"},
                timeout=TIMEOUT_S,
                auth=_as_it_is,
                allow_redirects=False,  # a redirect would carry the message elsewhere
            )
        except (requests.RequestException, UnicodeError) as error:
            raise self._unanswered(error, left=sent.begun) from None
        try:
            answer = json.loads(reply.content)
        except (ValueError, RecursionError):
            answer = None
        return reply.status_code, reply.headers, answer if isinstance(answer, dict) else {}

    def _unanswered(self, error: Exception, *, left: bool) -> ChannelError:
        kind = type(error).__name__  # its text holds the address
        if left:
            fault = Said(f"没有收到答复（{kind}）", f"no answer came ({kind})")
        else:
            fault = Said(
                f"连接不上（{kind}）：请检查网络、url、代理（HTTPS_PROXY）和证书"
                "（REQUESTS_CA_BUNDLE）",
                f"it cannot be reached ({kind}) - check the network, url, the proxy (HTTPS_PROXY)"
                " and own certificates (REQUESTS_CA_BUNDLE)",
            )
        return refused(self.service, fault, left=left)

    def _unclear(self, status: int, headers: Mapping[str, str]) -> ChannelError:
        """Return what an answer that is not the service's own means."""
        if status in (429, 503):
            wait = _asked_wait(headers)
            self.mute(wait or 0.0)
            fault = FAST if status == 429 else BUSY
            return refused(self.service, fault, f"HTTP {status}", retry_after_s=wait)
        if 300 <= status < 500:
            fault = Said(
                f"答复 HTTP {status}，不是服务本身的答复：请核对 url 和代理",
                f"HTTP {status}, and no answer of the service - check url and the proxy",
            )
            return refused(self.service, fault)
        fault = Said(
            f"答复 HTTP {status}，看不出消息是否已被接收（中间有代理吗？）",
            f"HTTP {status}, and no answer of the service (is a proxy in between?)",
        )
        return refused(self.service, fault, left=True)

    def _shown(self, text: str) -> str:
        """Return the service's words cut short, without what is secret."""
        for value in self._hidden:
            text = text.replace(value, "***")
        words = plain(text)
        return words if len(words) <= _LONGEST else words[:_LONGEST] + "…"


class _Body(io.BytesIO):
    """What is sent; it knows whether the connection stood, so that sending began."""

    begun = False

    def read(self, size: int | None = -1, /) -> bytes:
        self.begun = True
        return super().read(size)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep ``requests`` from adding a password of ~/.netrc."""
    return request


def _is_code(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _asked_wait(headers: Mapping[str, str]) -> float | None:
    try:
        seconds = float(headers.get("Retry-After", ""))
    except ValueError:
        return None
    return min(seconds, _LONGEST_WAIT_S) if seconds >= 0 else None


def _secrets_in(url: str, secret: str | None) -> Sequence[str]:
    """Return what must not be shown: the address, its parameters, the end of its path, the key."""
    parts = urlsplit(url)
    values = [url, *(v for _, v in parse_qsl(parts.query)), parts.path.rsplit("/", 1)[-1]]
    values += [parts.query, parts.password or "", secret or ""]
    return sorted({v for v in values if len(v) >= _SHORTEST} - {"send"}, key=len, reverse=True)


def as_json(body: Mapping[str, Any]) -> bytes:
    """Return a body as it is sent."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def doubts(url: str, *, hosts: tuple[str, ...], rest: str, example: str) -> tuple[Said, ...]:
    """Return what is odd about a robot's address; a gateway may have one of its own.

    Args:
        url: as configured.
        hosts: how the service's own hosts end.
        rest: pattern of what follows the host there.
        example: an address of the service.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    found = []
    path = f"{parts.path}?{parts.query}"
    fits = re.search(f"{rest}$", path) is not None  # a gateway may put something before it
    if host.endswith(_MESSENGERS) and not (host.endswith(hosts) and re.fullmatch(rest, path)):
        found.append(Said(f"url 应形如 {example}", f"url should look like {example}"))
    elif not fits:
        fault = Said(
            f"url 不是 {example} 的形式，只有经过网关时才可能正确",
            f"url is not of the form {example}, which is right for a gateway only",
        )
        found.append(fault)
    if parts.scheme.lower() == "http" and not _is_near(host):
        fault = Said(
            "url 用的是 http，令牌和消息在路上不加密：请用 https",
            "url is http, so that token and messages can be read on the way - use https",
        )
        found.append(fault)
    return tuple(found)


def _is_near(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return address.is_loopback or address.is_private


def mobile_of(person: Person) -> str | None:
    """Return a mobile number as the robots of mainland services know it; None without one."""
    digits = re.sub(r"[^\d+]", "", person.mobile or "")
    mainland = re.fullmatch(r"(?:\+|00)?86(1\d{10})", digits)
    return mainland[1] if mainland else digits or None
