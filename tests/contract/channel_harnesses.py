"""Each kind of channel with its service, for the suite that is run over all of them."""

import json
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme
from fakes.clock import FakeClock
from fakes.mailbox import PASSWORD, USER, Mailbox
from fakes.robots import FakeDingtalk, FakeFeishu, FakeRobot, FakeWecom

from minuteloop.channels import registry, smtp
from minuteloop.channels.base import Channel
from minuteloop.config_models import CHANNELS


@dataclass
class Harness:
    """A channel and its service.

    Attributes:
        people_see: all texts that people have read, in order.
        cut: lets the next answer be lost, before or after people see the message.
        refuse: lets the service refuse the next message.
        secrets: what is never shown.
    """

    channel: Channel
    clock: FakeClock
    people_see: Callable[[], list[str]]
    cut: Callable[[str], None]
    refuse: Callable[[], None]
    secrets: tuple[str, ...]


def made(kind: str, clock: FakeClock, **options: Any) -> Channel:
    """Return a channel as a team file's table makes it; secrets stand in it as they are."""
    table = {"name": "group", "kind": kind, **options}
    config: Any = CHANNELS[kind].model_validate(table, context={"folder": Path()})
    return registry.load(config, clock)


@contextmanager
def _robot(kind: type[FakeRobot], name: str, secret: str) -> Iterator[Harness]:
    clock = FakeClock()
    service = kind(clock, secret=secret, keyword="Minuteloop")
    keys = {"secret": secret} if secret else {}

    def cut(place: str) -> None:
        service.fail("reset", after=place == "after")

    def refuse() -> None:
        service.here = service.there = False

    yield Harness(
        channel=made(name, clock, url=service.url, **keys),
        clock=clock,
        people_see=lambda: [seen.text for seen in service.seen],
        cut=cut,
        refuse=refuse,
        secrets=tuple(filter(None, (service.url, service.token, secret))),
    )


@contextmanager
def _smtp(security: str) -> Iterator[Harness]:
    clock, authority = FakeClock(), trustme.CA()
    box = Mailbox(security, authority, login=True)
    with box.running(), pytest.MonkeyPatch.context() as patch, authority.cert_pem.tempfile() as pem:
        patch.setenv("SSL_CERT_FILE", pem)
        patch.setattr(smtp, "ANSWER_S", 1.0)
        keys = {"host": "localhost", "port": box.port, "security": security}
        keys |= {"user": USER, "password": PASSWORD, "sender": f"会议纪要 <{USER}>"}

        def cut(place: str) -> None:
            box.cut = "." if place == "before" else "after"

        yield Harness(
            channel=made("smtp", clock, **keys),
            clock=clock,
            people_see=lambda: [_words(mail.parsed) for mail in box.read],
            cut=cut,
            refuse=lambda: box.refuse.update({"RCPT": "550 5.1.1 no such mailbox"}),
            secrets=(PASSWORD,),
        )


def _words(mail: Any) -> str:
    return f"{mail['Subject']}\n{mail.get_body(('plain',)).get_content()}"


@contextmanager
def _apprise() -> Iterator[Harness]:
    """Apprise with the plainest of its services: JSON to an address."""
    seen: list[str] = []
    faults: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # http.server's name
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            fault = faults.pop() if faults else ""
            if fault in ("", "after"):
                seen.append(f"{sent['title']}\n{sent['message']}")
            if fault in ("before", "after"):
                self.connection.close()
                return
            self.send_response(403 if fault == "refuse" else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    url = f"json://someone:t0ken-of-them@127.0.0.1:{server.server_address[1]}/hidden-path"
    clock = FakeClock()
    channel = made("apprise", clock, url=url)
    with warnings.catch_warnings():  # its plugins look for modules that Python took out
        warnings.simplefilter("ignore")
        channel.doubts()
    try:
        yield Harness(
            channel=channel,
            clock=clock,
            people_see=lambda: list(seen),
            cut=faults.append,
            refuse=lambda: faults.append("refuse"),
            secrets=(url, "t0ken-of-them", "hidden-path"),
        )
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


HARNESSES: Mapping[str, Callable[[], AbstractContextManager[Harness]]] = {
    "dingtalk": lambda: _robot(FakeDingtalk, "dingtalk", ""),
    "dingtalk-signed": lambda: _robot(FakeDingtalk, "dingtalk", "SEC0123456789abcdef"),
    "wecom": lambda: _robot(FakeWecom, "wecom", ""),
    "feishu": lambda: _robot(FakeFeishu, "feishu", ""),
    "feishu-signed": lambda: _robot(FakeFeishu, "feishu", "feishu-secret"),
    "smtp": lambda: _smtp("tls"),
    "smtp-starttls": lambda: _smtp("starttls"),
    "apprise": _apprise,
}
