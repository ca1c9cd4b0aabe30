"""Robots of DingTalk, WeCom and Feishu groups behind real HTTP: strict, with their vices.

What a robot does follows the vendors' pages as far as they go. It answers 200 to nearly everything
and says in the body what it thinks of it. ``seen`` is what people in the group have read.
"""

import base64
import hashlib
import hmac
import json
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from itertools import count
from typing import Any
from urllib.parse import unquote, urlsplit

from fakes.server import Fault, Faults, body_of, cut, mounted, reply

from connectors.base import Clock

Json = Mapping[str, Any]
_numbers = count(1)


@dataclass(frozen=True)
class Seen:
    """A message as people see it: its text, who is called, whether all are."""

    text: str
    mentions: frozenset[str] = frozenset()
    everybody: bool = False


class Refused(Exception):  # noqa: N818  # an answer, no fault of the fake
    """The robot says no."""

    def __init__(self, code: int, words: str, status: int = 200) -> None:
        super().__init__(words)
        self.code, self.words, self.status = code, words, status


class FakeRobot:
    """One robot in one group.

    Attributes:
        seen: what the group has read, in order.
        requests: (path, query, headers, body) of every call.
        keyword, secret: its security settings; empty where not set.
        here: whether our address is on its list.
        there: whether it is still in the group.
        faults: what goes wrong next.
    """

    path = ""
    per_minute = 20

    def __init__(self, clock: Clock, *, keyword: str = "", secret: str = "") -> None:
        self.clock = clock
        self.keyword, self.secret = keyword, secret
        self.here = self.there = True
        self.token = f"t0ken{next(_numbers):04d}"
        self.seen: list[Seen] = []
        self.requests: list[tuple[str, str, Mapping[str, str], bytes]] = []
        self.faults = Faults()
        self._times: deque[float] = deque()
        self._muted_until = 0.0

    @property
    def url(self) -> str:
        """The webhook's address, behind a gateway of ours."""
        return mounted(self, self.token) + self.path

    def fail(self, kind: str, **more: Any) -> None:
        """Let the next call go wrong."""
        self.faults.append(Fault("", kind, **{"status": 200, "body": None, **more}))

    def serve(self, http: BaseHTTPRequestHandler) -> None:
        """Answer one call, or let go wrong what is to go wrong."""
        data, where = body_of(http), urlsplit(http.path.removeprefix(f"/{self.token}"))
        self.requests.append((where.path, where.query, dict(http.headers.items()), data))
        fault = self.faults.strike(where.path)
        status, answer = 200, self.taken()
        if fault is None or fault.after:
            try:
                self._check_type(http)
                self.seen.append(self.take(where.path, where.query, data))
            except Refused as no:
                status, answer = no.status, self.refusal(no)
        headers: Mapping[str, str] = {}
        if fault is not None:
            if cut(http, fault):
                return
            status, answer, headers = fault.status, fault.body, fault.headers
        data = b"<html>gateway</html>" if answer is None else json.dumps(answer).encode()
        reply(http, self.clock, status, data, headers)

    def _check_type(self, http: BaseHTTPRequestHandler) -> None:
        if not (http.headers.get("Content-Type") or "").startswith("application/json"):
            raise self.malformed()

    def over_pace(self) -> bool:
        """Count a message; whether it is one too many within a minute."""
        now = self.clock.monotonic()
        self._times.append(now)
        while self._times[0] <= now - 60:
            self._times.popleft()
        return len(self._times) > self.per_minute

    def take(self, path: str, query: str, sent: bytes) -> Seen:
        """Return what people see of a request."""
        raise NotImplementedError

    def taken(self) -> Any:
        """Return the answer to a message that was taken."""
        return {"errcode": 0, "errmsg": "ok"}

    def refusal(self, no: Refused) -> Any:
        """Return the answer to one that was not."""
        return {"errcode": no.code, "errmsg": no.words}

    def malformed(self) -> Refused:
        """Return what is said of a body that is none."""
        return Refused(40035, "缺少参数 json")


def _json(sent: bytes, no: Refused) -> Any:
    try:
        body = json.loads(sent.decode("utf-8"))
    except ValueError:
        raise no from None
    if not isinstance(body, dict):
        raise no
    return body


def _once(query: str) -> dict[str, str]:
    """Read a query as a server does: every value is decoded once."""
    pairs = (part.partition("=") for part in query.split("&") if part)
    return {name: unquote(value.replace("+", " ")) for name, _, value in pairs}


class FakeDingtalk(FakeRobot):
    """A DingTalk robot: too much makes it dumb for ten minutes, while it still answers."""

    path = "/robot/send"

    @property
    def url(self) -> str:
        return f"{super().url}?access_token={self.token}"

    def take(self, path: str, query: str, sent: bytes) -> Seen:
        told = _once(query)
        if path != self.path or told.get("access_token") != self.token or not self.there:
            raise Refused(300005, "token is not exist")
        now = self.clock.monotonic()
        if now < self._muted_until or self.over_pace():
            self._muted_until = max(self._muted_until, now + 600)
            raise Refused(130101, "send too fast, exceed 20 times per minute")
        if len(sent) > 20_000:
            raise Refused(460101, "message too long, exceed 20000 bytes")
        body = _json(sent, self.malformed())
        self._check_security(told, sent.decode())
        if body.get("msgtype") != "markdown":
            raise Refused(400105, f"unsupported msgtype {body.get('msgtype')}")
        shown, at = body["markdown"], body.get("at") or {}
        if not shown.get("title") or not shown.get("text"):
            raise self.malformed()
        text = shown["text"]
        wanted = [*at.get("atMobiles", ()), *at.get("atUserIds", ())]
        called = {who for who in wanted if re.search(rf"@{re.escape(who)}(?!\w)", text)}
        return Seen(f"{shown['title']}\n{text}", frozenset(called), at.get("isAtAll") is True)

    def _check_security(self, told: Mapping[str, str], text: str) -> None:
        if not self.here:
            raise Refused(310000, "ip 203.0.113.7 not in whitelist")
        if self.secret:
            at = told.get("timestamp", "")
            wall_ms = self.clock.wall().timestamp() * 1000
            if not re.fullmatch(r"\d{13}", at) or abs(wall_ms - int(at)) > 3_600_000:
                raise Refused(310000, "invalid timestamp")
            words = f"{at}\n{self.secret}".encode()
            sign = hmac.new(self.secret.encode(), words, hashlib.sha256).digest()
            if told.get("sign") != base64.b64encode(sign).decode():
                raise Refused(310000, "description:机器人发送签名不匹配;solution:请确认签名")
        if self.keyword and self.keyword not in text:
            raise Refused(310000, "keywords not in content")


class FakeWecom(FakeRobot):
    """A WeCom robot: markdown that is too long is refused, a text is cut in silence."""

    path = "/cgi-bin/webhook/send"

    @property
    def url(self) -> str:
        return f"{super().url}?key={self.token}"

    def malformed(self) -> Refused:
        return Refused(47001, "data format error")

    def refusal(self, no: Refused) -> Any:
        hint = f"{no.words}, hint: [1704540159128593240839785], from ip: 203.0.113.7, more info"
        return {"errcode": no.code, "errmsg": f"{hint} at https://open.work.weixin.qq.com/devtool"}

    def take(self, path: str, query: str, sent: bytes) -> Seen:
        if path != self.path or _once(query).get("key") != self.token or not self.there:
            raise Refused(93000, "invalid webhook url")
        if self.over_pace():
            raise Refused(45009, "api freq out of limit")
        body = _json(sent, self.malformed())
        kind = body.get("msgtype")
        if kind not in ("text", "markdown"):
            raise Refused(40008, "invalid message type")
        content = body[kind].get("content")
        if not content:
            raise Refused(44004, "empty content")
        # both show <@userid> as a mention; the harder way for a text
        called = set(re.findall(r"<@([^<>]*)>", content))
        if kind == "markdown":
            if len(content.encode()) > 4096:
                raise Refused(40058, "markdown.content exceed max length 4096")
        else:
            content = content.encode()[:2048].decode("utf-8", "ignore")
            for key in ("mentioned_list", "mentioned_mobile_list"):
                called |= set(body[kind].get(key) or ())
        everybody = bool({who for who in called if who.lower() in ("all", "@all", "所有人")})
        return Seen(content, frozenset(called), everybody)


class FakeFeishu(FakeRobot):
    """A Feishu robot: a tag in a text counts as a mention, which is the harder way."""

    path = "/open-apis/bot/v2/hook"
    per_minute = 100

    @property
    def url(self) -> str:
        return f"{super().url}/{self.token}"

    def taken(self) -> Any:
        old = {"Extra": None, "StatusCode": 0, "StatusMessage": "success"}
        return {"code": 0, "msg": "success", "data": {}, **old}

    def refusal(self, no: Refused) -> Any:
        return {"code": no.code, "msg": no.words, "data": {}}

    def malformed(self) -> Refused:
        return Refused(9499, "Bad Request", 400)

    def take(self, path: str, query: str, sent: bytes) -> Seen:
        if path != f"{self.path}/{self.token}" or not self.there:
            raise Refused(19001, "param invalid: incoming webhook access token invalid")
        now = self.clock.monotonic()
        if self.over_pace() or sum(at > now - 1 for at in self._times) > 5:
            raise Refused(11232, "create message trigger rate limit")
        if len(sent) > 20_480:
            raise self.malformed()
        body = _json(sent, self.malformed())
        self._check_security(body, sent.decode())
        if body.get("msg_type") != "post":
            raise Refused(19002, "params error, msg_type need")
        (post,) = body["content"]["post"].values()
        text, called = [post["title"]], set()
        for row in post["content"]:
            for tag in row:
                text.append(tag.get("text") or tag.get("user_name") or "")
                called |= set(self._called(tag))
        everybody = bool(called & {"all"})
        return Seen("\n".join(text), frozenset(called), everybody)

    def _called(self, tag: Mapping[str, Any]) -> Iterator[str]:
        if tag["tag"] == "at":
            yield tag["user_id"]
        elif tag["tag"] in ("text", "a"):
            yield from re.findall(
                r"""<\s*at\s+(?:user_)?id=["']?([^"'>\s]+)""", tag["text"], re.IGNORECASE
            )
            if tag["tag"] == "a" and not re.match("https?://", tag["href"]):
                raise self.malformed()
        else:
            raise self.malformed()

    def _check_security(self, body: Json, text: str) -> None:
        if not self.here:
            raise Refused(19022, "Ip Not Allowed")
        if self.secret:
            at = body.get("timestamp", "")
            now = self.clock.wall().timestamp()
            key = f"{at}\n{self.secret}".encode()
            sign = base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
            fresh = re.fullmatch(r"\d{10}", at) and abs(now - int(at)) <= 3600
            if not fresh or body.get("sign") != sign:
                raise Refused(19021, "sign match fail or timestamp is not within one hour")
        if self.keyword and self.keyword not in text:
            raise Refused(19024, "Key Words Not Found")


KINDS: Sequence[type[FakeRobot]] = (FakeDingtalk, FakeWecom, FakeFeishu)
