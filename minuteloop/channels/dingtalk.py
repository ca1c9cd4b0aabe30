"""A robot of a DingTalk group. I/O.

"Custom robot access" and "Message types", read 2026-11: a message is at most 20,000 bytes; more
than 20 a minute mute the robot for 10 minutes; errors come with HTTP 200.
"""

import base64
import hashlib
import hmac
import re

from connectors.base import Clock
from mapping.notices import Message
from mapping.said import Said
from mapping.values import Person
from minuteloop.channels import faults, robot
from minuteloop.channels.wording import SIGNATURE, fitted, markdown_of, uncalled, unmarked

# The text of 310000 says which of the robot's security settings refused, in Chinese or English.
_SECURITY = (
    (r"关键词|keyword", faults.KEYWORD),
    (r"签名|时间戳|sign|timestamp", faults.SIGN),
    (r"\bip\b|白名单|whitelist", faults.MACHINE),
)
SERVICE = robot.Service(
    name=Said("钉钉", "DingTalk"),
    hosts=("dingtalk.com", "dingtalk.io"),
    path=r"/robot/send\?access_token=\w+",
    example="https://oapi.dingtalk.com/robot/send?access_token=…",
    pace_s=3.2,  # 20 a minute, with some room
    mute_s=600.0,
    codes=("errcode",),
    words=("errmsg",),
    faults={
        **dict.fromkeys((300001, 300005, 400101, 400102, 400106, 400013), faults.GONE),
        **dict.fromkeys((130101, 410100), faults.FAST),
        **dict.fromkeys((430101, 430102, 430103, 430104), faults.CONTENT),
        **dict.fromkeys((40035, 43004, 400105), faults.MALFORMED),
        90030: faults.QUOTA,
        -1: faults.BUSY,
    },
    worded={310000: _SECURITY},
)
_USER = re.compile(r"[\w.-]{1,64}", re.ASCII)
_PREVIEW = 60  # characters of the title, which is what a phone shows first


class Dingtalk:
    """The robot, by its webhook.

    Args:
        name: as in the team file.
        url: of the webhook, with its token.
        secret: where the robot signs.
        clock: the machine's time.
    """

    kind = "dingtalk"
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
        """Return what to add where neither mobile number nor account is known."""
        if robot.mobile_of(person) or _user_of(person):
            return None
        return Said(
            "没有 mobile（钉钉登录的手机号），请加上", "no mobile (of their DingTalk) - add it"
        )

    def size(self, message: Message) -> int:
        """Return the bytes of the whole request."""
        return len(self._body(message))

    def due_in(self) -> float:
        """Return in how many seconds the robot's pace lets the next message go."""
        return self._robot.due_in()

    def send(self, message: Message) -> None:
        """Send it as markdown, with the people mentioned."""
        body = self._body(fitted(message, self.size, self.limit))
        if len(body) > self.limit:
            raise faults.too_long(SERVICE.name, len(body), self.limit)
        self._robot.post(body, self._signature())

    def _signature(self) -> dict[str, str]:
        """Return the signed time; it is encoded for the address later, and only once."""
        secret, clock = self._robot.secret, self._robot.clock
        if secret is None:
            return {}
        at = str(int(clock.wall().timestamp() * 1000))
        text = f"{at}\n{secret}".encode()
        sign = hmac.new(secret.encode(), text, hashlib.sha256).digest()
        return {"timestamp": at, "sign": base64.b64encode(sign).decode()}

    def _body(self, message: Message) -> bytes:
        mobiles, accounts, calls = [], [], []
        for person in message.to:
            mobile, account = robot.mobile_of(person), _user_of(person)
            if mobile:
                mobiles.append(mobile)
            elif account:
                accounts.append(account)
            calls.append(f"@{mobile or account}" if mobile or account else unmarked(person.name))
        # a text says whom it mentions once more, in the place where the name is to be shown
        text = markdown_of(message, " ".join(calls), bullet="-", between="\n\n")
        shown = {"title": uncalled(message.title)[:_PREVIEW] or SIGNATURE, "text": text}
        at = {"atMobiles": mobiles, "atUserIds": accounts, "isAtAll": False}
        return robot.as_json({"msgtype": "markdown", "markdown": shown, "at": at})


def _user_of(person: Person) -> str | None:
    return robot.account_of(person, "dingtalk", _USER)
