"""Any service that Apprise knows, by its address; whether a message arrived it cannot say. I/O.

Apprise (2.2.0) answers yes or no and judges by the HTTP status alone; the reason goes to its log.
"""

import logging
import re
import threading
from typing import Any, Self

from connectors.base import Clock
from mapping.notices import Message
from mapping.said import Said
from mapping.values import Person
from minuteloop.channels import faults
from minuteloop.channels.base import ChannelError
from minuteloop.channels.faults import refused
from minuteloop.channels.wording import fitted, text_of, unmarked

SERVICE = Said("Apprise", "Apprise")
_turn = threading.Lock()
_STATUS = re.compile(r"\berror=(\d{3})\b")
_UNSENT = re.compile(r"NewConnectionError|ConnectTimeout|NameResolutionError")
_SENT = re.compile(r"^Sent ", re.MULTILINE)
MISSING = Said(
    "没有安装 apprise：请运行 pip install minuteloop[apprise]",
    "apprise is not installed - run pip install minuteloop[apprise]",
)
UNKNOWN = Said(
    "url 不是 Apprise 认识的地址：请核对其文档里的写法",
    "url is no address that Apprise knows - compare it with its documentation",
)
UNREACHED = Said(
    "连接不上服务：请检查网络、url 和代理（HTTPS_PROXY）",
    "the service cannot be reached - check the network, url and the proxy (HTTPS_PROXY)",
)
NO_REASON = Said(
    "发送失败，原因和结果都不清楚，因此不会重发",
    "it failed and does not say why or how far it came, so that it is not sent again",
)


class Apprise:
    """One Apprise address.

    Args:
        name: as in the team file.
        url: the address.
        clock: not needed, the same for all channels.
    """

    kind = "apprise"
    personal = False
    repeatable = False
    confirmed = False
    limit = 2_000  # what the narrowest of the usual messengers takes; Apprise may split it further

    def __init__(self, *, name: str, url: str, clock: Clock) -> None:  # noqa: ARG002
        self.name = name
        self._url = url

    def doubts(self) -> tuple[Said, ...]:
        """Look whether Apprise is there and knows the address."""
        self._target()
        return ()

    def cannot_reach(self, person: Person) -> Said | None:  # noqa: ARG002  # who reads it is not known
        """Return None: who reads it is not known."""
        return None

    def cannot_mention(self, person: Person) -> Said | None:  # noqa: ARG002  # it mentions nobody
        """Return None: nothing that could be added would mention anybody."""
        return None

    def size(self, message: Message) -> int:
        """Return the bytes of the text."""
        return len(_body(message).encode())

    def due_in(self) -> float:
        """Return 0: Apprise keeps its own pace."""
        return 0.0

    def send(self, message: Message) -> None:
        """Send it as plain text; that Apprise is content is all that is known."""
        message = fitted(message, self.size, self.limit)
        size = self.size(message)
        if size > self.limit:
            raise faults.too_long(SERVICE, size, self.limit)
        target = self._target()
        with _Heard() as heard:
            done = target.notify(
                title=_safe(message.title), body=_body(message), body_format="text"
            )
        if done:
            return
        raise heard.refusal()

    def _target(self) -> Any:
        """Return what sends.

        Raises:
            ChannelError: Apprise is missing, or does not know the address.
        """
        try:
            import apprise  # noqa: PLC0415  # optional, and a third of a second
        except ImportError:
            raise refused(SERVICE, MISSING) from None
        target = apprise.Apprise()
        with _Heard():
            known = target.add(self._url)
        if not known:
            raise refused(SERVICE, UNKNOWN)
        return target


def _body(message: Message) -> str:
    title, _, rest = text_of(message, clean=_safe).partition("\n\n")
    return rest or title


def _safe(text: str) -> str:
    """Return one line that no service takes for a mark or a mention: which it is is not known."""
    return unmarked(text).replace("@", "＠")


class _Heard(logging.Handler):
    """What Apprise tells its log meanwhile; none of it goes on to ours, for it may hold secrets.

    One at a time: the log does not say to which call a line belongs.
    """

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._log = logging.getLogger("apprise")
        self._lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self._lines.append(record.getMessage())

    def __enter__(self) -> Self:
        _turn.acquire()
        self._log.propagate = False
        self._log.setLevel(logging.DEBUG)
        self._log.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._log.removeHandler(self)
        _turn.release()

    def refusal(self) -> ChannelError:
        """Return what a no means: refused by a status, never sent, or nobody knows."""
        lines = "\n".join(self._lines)
        status, unsent = _STATUS.search(lines), _UNSENT.search(lines)
        if (status or unsent) and not _SENT.search(lines):
            if status:
                return refused(SERVICE, faults.OTHER, f"HTTP {status[1]}")
            return refused(SERVICE, UNREACHED)
        return refused(SERVICE, NO_REASON, left=True)
