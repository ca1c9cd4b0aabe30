"""A robot of a WeCom group. I/O.

"Group robot configuration", read 2026-11: markdown is at most 4,096 bytes and mentions people by
``<@userid>`` only; a text is at most 2,048 bytes and mentions by mobile numbers too; markdown_v2
has lists but mentions nobody, so it is not used. 20 messages a minute; errors come with HTTP 200.
"""

import re

from connectors.base import Clock
from mapping.notices import Message
from mapping.said import Said
from mapping.values import Person
from minuteloop.channels import faults, robot
from minuteloop.channels.wording import SIGNATURE, fitted, markdown_of, text_of, uncalled, unmarked

SERVICE = robot.Service(
    name=Said("企业微信", "WeCom"),
    hosts=("weixin.qq.com",),
    path=r"/cgi-bin/webhook/send\?key=[\w-]+",
    example="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…",
    pace_s=3.2,  # 20 a minute, with some room
    mute_s=60.0,
    codes=("errcode",),
    words=("errmsg",),
    faults={
        **dict.fromkeys((93000, 93004, 93008), faults.GONE),
        **dict.fromkeys((45009, 45033), faults.FAST),
        **dict.fromkeys((40008, 40058, 44004, 45002, 47001), faults.MALFORMED),
        60020: faults.MACHINE,
        -1: faults.BUSY,
    },
)
_USER = re.compile(r"[A-Za-z0-9][\w@.-]{0,63}", re.ASCII)
_TEXT_LIMIT = 2_048


class Wecom:
    """The robot, by its webhook.

    Args:
        name: as in the team file.
        url: of the webhook, with its key.
        clock: the machine's time.
    """

    kind = "wecom"
    personal = False
    repeatable = False  # there is no id by which it would know a message again
    confirmed = True
    limit = 4_096

    def __init__(self, *, name: str, url: str, clock: Clock) -> None:
        self.name = name
        self._robot = robot.Robot(SERVICE, url, None, clock)

    cannot_reach = staticmethod(robot.cannot_reach)

    def doubts(self) -> tuple[Said, ...]:
        """Return what is odd about the address."""
        return self._robot.doubts()

    def cannot_mention(self, person: Person) -> Said | None:
        """Return what to add where neither account nor mobile number is known."""
        if _user_of(person) or robot.mobile_of(person):
            return None
        return Said(
            "没有 wecom（帐号）或 mobile，请加上", "no wecom (account) nor mobile - add one"
        )

    def size(self, message: Message) -> int:
        """Return the bytes of the content; those of a text count double, for it may have half."""
        kind, content, _ = _content(message)
        return len(content.encode()) * (2 if kind == "text" else 1)

    def due_in(self) -> float:
        """Return in how many seconds the robot's pace lets the next message go."""
        return self._robot.due_in()

    def send(self, message: Message) -> None:
        """Send it as markdown, or as a text where somebody can be mentioned by mobile only."""
        kind, content, mentions = _content(fitted(message, self.size, self.limit))
        size, limit = len(content.encode()), _TEXT_LIMIT if kind == "text" else self.limit
        if size > limit:
            raise faults.too_long(SERVICE.name, size, limit)
        self._robot.post(robot.as_json({"msgtype": kind, kind: {"content": content, **mentions}}))


def _user_of(person: Person) -> str | None:
    return robot.account_of(person, "wecom", _USER)


def _content(message: Message) -> tuple[str, str, dict[str, list[str]]]:
    """Return the type of a message, its content, and whom it mentions beside it."""
    users = {person.name: _user_of(person) for person in message.to}
    mobiles = {p.name: robot.mobile_of(p) for p in message.to if not users[p.name]}
    if not any(mobiles.values()):
        calls = [f"<@{user}>" if user else unmarked(name) for name, user in users.items()]
        return "markdown", markdown_of(message, " ".join(calls), bullet="•", between="\n"), {}
    names = " ".join(uncalled(name) for name in users)
    content = f"{text_of(message, names, uncalled)}\n\n{SIGNATURE}"
    return (
        "text",
        content,
        {
            "mentioned_list": [user for user in users.values() if user],
            "mentioned_mobile_list": [mobile for mobile in mobiles.values() if mobile],
        },
    )
