"""A robot of a Feishu or Lark group. I/O.

"Custom bot guide", read 2026-11: a request is at most 20 KB; 5 a second and 100 a minute; it is
signed in its body, in seconds, with the text as the key; errors come with HTTP 200.
"""

import base64
import hashlib
import hmac
import re
from typing import Any

from connectors.base import Clock
from mapping.notices import Message, Section
from mapping.said import Said
from mapping.values import Person
from minuteloop.channels import faults, robot
from minuteloop.channels.wording import SIGNATURE, fitted, plain, uncalled, web_address

SERVICE = robot.Service(
    name=Said("飞书", "Feishu"),
    hosts=("feishu.cn", "larksuite.com"),
    path=r"/open-apis/bot/v2/hook/[\w-]+\?",
    example="https://open.feishu.cn/open-apis/bot/v2/hook/…",
    pace_s=0.65,  # 100 a minute, with some room
    mute_s=60.0,
    codes=("code", "StatusCode"),
    words=("msg", "StatusMessage"),
    faults={
        19001: faults.GONE,
        19021: faults.SIGN,
        19022: faults.MACHINE,
        19024: faults.KEYWORD,
        **dict.fromkeys((11232, 11233, 99991400), faults.FAST),
        **dict.fromkeys((9499, 19002), faults.MALFORMED),
    },
)
_USER = re.compile(r"[A-Za-z0-9][\w-]{0,127}", re.ASCII)

Tag = dict[str, Any]


class Feishu:
    """The robot, by its webhook.

    Args:
        name: as in the team file.
        url: of the webhook, which ends in its token.
        secret: where the robot signs.
        clock: the machine's time.
    """

    kind = "feishu"
    personal = False
    repeatable = False  # there is no id by which it would know a message again
    confirmed = True
    limit = 20_000

    def __init__(self, *, name: str, url: str, secret: str | None = None, clock: Clock) -> None:
        self.name = name
        self._robot = robot.Robot(SERVICE, url, secret, clock)

    cannot_reach = staticmethod(robot.cannot_reach)

    def doubts(self) -> tuple[Said, ...]:
        """Return what is odd about the address."""
        return self._robot.doubts()

    def cannot_mention(self, person: Person) -> Said | None:
        """Return what to add where the account is not known."""
        if _user_of(person):
            return None
        return Said(
            "没有 feishu（open_id 或 user_id），请加上", "no feishu (open_id or user_id) - add it"
        )

    def size(self, message: Message) -> int:
        """Return the bytes of the whole request, signed."""
        return len(self._body(message))

    def due_in(self) -> float:
        """Return in how many seconds the robot's pace lets the next message go."""
        return self._robot.due_in()

    def send(self, message: Message) -> None:
        """Send it as rich text, with the people mentioned."""
        body = self._body(fitted(message, self.size, self.limit))
        if len(body) > self.limit:
            raise faults.too_long(SERVICE.name, len(body), self.limit)
        self._robot.post(body)

    def _body(self, message: Message) -> bytes:
        rows = [[_call(person) for person in message.to]] if message.to else []
        rows += [row for section in message.sections for row in _rows(section)]
        rows.append([_text(SIGNATURE)])
        post = {"title": uncalled(message.title), "content": rows}
        language = "zh_cn" if message.language == "zh" else "en_us"
        body = {"msg_type": "post", "content": {"post": {language: post}}}
        return robot.as_json({**self._signature(), **body})

    def _signature(self) -> dict[str, str]:
        """Return the signed time: here the text is the key, and nothing is what is signed."""
        secret, clock = self._robot.secret, self._robot.clock
        if secret is None:
            return {}
        at = str(int(clock.wall().timestamp()))
        sign = hmac.new(f"{at}\n{secret}".encode(), b"", hashlib.sha256).digest()
        return {"timestamp": at, "sign": base64.b64encode(sign).decode()}


def _user_of(person: Person) -> str | None:
    return robot.account_of(person, "feishu", _USER)


def _text(text: str) -> Tag:
    return {"tag": "text", "text": text}


def _call(person: Person) -> Tag:
    user = _user_of(person)
    if user is None:
        return _text(f"{uncalled(person.name)} ")
    return {"tag": "at", "user_id": user, "user_name": plain(person.name)}


def _rows(section: Section) -> list[list[Tag]]:
    title = uncalled(section.title)
    rows = [[_text(f"【{title}】")]] if title else []
    rows += [[_text(line)] for line in map(uncalled, section.lines) if line]
    rows += [[_text(f"• {uncalled(bullet)}")] for bullet in section.bullets]
    if section.link:
        words, address = uncalled(section.link[0]), web_address(section.link[1])
        rows.append([{"tag": "a", "text": words, "href": address} if address else _text(words)])
    return rows
