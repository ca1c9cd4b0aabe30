"""What the robots of groups have in common: one request, its answer, the pace. I/O.

What differs between services by a value alone stands in a ``Service``; a service's own module has
its limits and codes with their sources, and how a message looks there.
"""

import hashlib
import io
import ipaddress
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from connectors import calls
from connectors.base import Clock
from mapping.said import Said
from mapping.values import Person
from minuteloop.channels.base import ChannelError
from minuteloop.channels.faults import BUSY, FAST, OTHER, SIGN, UNSIGNED, refused
from minuteloop.channels.wording import plain

TIMEOUT_S = (10.0, 30.0)  # to connect; to wait for an answer
_LONGEST_WAIT_S = 3600.0
_LONGEST = 200
_SHORTEST = 4  # a secret of fewer signs stands in half of all words
_MESSENGERS = ("dingtalk.com", "dingtalk.io", "weixin.qq.com", "feishu.cn", "larksuite.com")

_muted: dict[str, float] = {}  # robot -> until when it is left alone, for all teams of the process


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What sets the robots of one service apart.

    Attributes:
        name: as people call it.
        hosts: how the service's own hosts end.
        path: pattern of what follows the host there.
        example: an address of the service.
        pace_s: seconds from one message to the next.
        mute_s: seconds that a robot is left alone once it was too fast.
        codes: keys of an answer under which its code may stand.
        words: likewise for the service's words.
        faults: code -> what is wrong and what to do.
        worded: code -> patterns of the service's words, with what each of them means.
    """

    name: Said
    hosts: tuple[str, ...]
    path: str
    example: str
    pace_s: float
    mute_s: float
    codes: Sequence[str]
    words: Sequence[str]
    faults: Mapping[int, Said]
    worded: Mapping[int, Sequence[tuple[str, Said]]] = field(default_factory=dict)

    def fault(self, code: int, words: str) -> Said:
        """Return what an answer that is no success means."""
        patterns = self.worded.get(code, ())
        told = (f for pattern, f in patterns if re.search(pattern, words, re.IGNORECASE))
        return next(told, self.faults.get(code, OTHER))


class Robot:
    """One robot's address. Teams of one process that use the same robot share its pace.

    Args:
        service: whose robot it is.
        url: the webhook's address, which is a secret.
        secret: what the robot signs with, None where it does not.
        clock: the machine's time.
    """

    def __init__(self, service: Service, url: str, secret: str | None, clock: Clock) -> None:
        self.service = service
        self.secret = secret
        self.clock = clock
        self._url = url
        self._key = hashlib.sha256(url.encode()).hexdigest()
        self._pace = calls.pace("robot", self._key, interval_s=service.pace_s)
        self._hidden = _secrets_in(url, secret)

    def __repr__(self) -> str:
        return f"Robot({self.service.name.en!r})"

    def doubts(self) -> tuple[Said, ...]:
        """Return what is odd about the address."""
        return _doubts(self.service, self._url)

    def due_in(self) -> float:
        """Return in how many seconds the pace lets the next message go."""
        return self._pace.left(self.clock)

    def post(self, body: bytes, params: Mapping[str, str] | None = None) -> None:
        """Send a message; return only if the service's own answer says that it was taken.

        Args:
            body: JSON.
            params: for the address, not encoded yet.

        Raises:
            ChannelError: it was not taken, nobody knows, or the robot is to be left alone.
        """
        wait = _muted.get(self._key, 0.0) - self.clock.monotonic()
        if wait > 0:
            raise self._refused(FAST, retry_after_s=wait)
        self._pace.wait(self.clock)
        status, headers, answer = self._request(body, params or {})
        keys = self.service.codes
        code = next((c for key in keys if _is_code(c := answer.get(key))), None)
        if code is None:
            raise self._unclear(status, headers)
        if code != 0:
            said = next((str(answer[key]) for key in self.service.words if answer.get(key)), "")
            raise self._refusal(code, "; ".join(filter(None, (self._shown(said), f"code {code}"))))

    def _refusal(self, code: int, words: str) -> ChannelError:
        fault = self.service.fault(code, words)
        if fault is SIGN and self.secret is None:
            fault = UNSIGNED
        if fault is not FAST:
            return self._refused(fault, words)
        self._mute(self.service.mute_s)
        return self._refused(fault, words, retry_after_s=self.service.mute_s)

    def _refused(self, fault: Said, words: str = "", **more: Any) -> ChannelError:
        return refused(self.service.name, fault, words, **more)

    def _mute(self, seconds: float) -> None:
        """Leave the robot alone for so long, whoever wants to send by it."""
        _muted[self._key] = self.clock.monotonic() + seconds

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
        return self._refused(fault, left=left)

    def _unclear(self, status: int, headers: Mapping[str, str]) -> ChannelError:
        """Return what an answer that is not the service's own means."""
        if status == 429 or (status >= 500 and status != 504):
            wait = _asked_wait(headers)
            self._mute(wait or 0.0)
            fault = FAST if status == 429 else BUSY
            return self._refused(fault, f"HTTP {status}", retry_after_s=wait)
        if 300 <= status < 500:
            fault = Said(
                f"答复 HTTP {status}，不是服务本身的答复：请核对 url 和代理",
                f"HTTP {status}, and no answer of the service - check url and the proxy",
            )
            return self._refused(fault)
        # with 504 a gateway had passed it on; with less than 300 somebody took it
        fault = Said(
            f"答复 HTTP {status}，看不出消息是否已被接收（中间有代理吗？）",
            f"HTTP {status}, and no answer of the service (is a proxy in between?)",
        )
        return self._refused(fault, left=True)

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


def _doubts(service: Service, url: str) -> tuple[Said, ...]:
    """Return what is odd about a robot's address; a gateway may have one of its own."""
    example = service.example
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    found = []
    path = f"{parts.path}?{parts.query}"
    fits = re.search(f"{service.path}$", path) is not None  # a gateway may put something before it
    if host.endswith(_MESSENGERS) and not (
        host.endswith(service.hosts) and re.fullmatch(service.path, path)
    ):
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


def account_of(person: Person, service: str, pattern: re.Pattern[str]) -> str | None:
    """Return an account's id; one of other signs could mean something else in the text."""
    account = person.accounts.get(service, "")
    return account if pattern.fullmatch(account) and account.lower() != "all" else None


def cannot_reach(person: Person) -> Said | None:  # noqa: ARG001  # the group is reached
    """Return None: whoever is in the group reads it."""
    return None
