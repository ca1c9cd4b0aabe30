"""What the fakes of services share: one HTTP server a process, what goes wrong, how is answered."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import format_datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from connectors.base import Clock

HANG_S = 5.0  # longer than any test lets a client wait


class Fake(Protocol):
    """A service that is played; its address is ``mounted(fake, name)``."""

    def serve(self, http: BaseHTTPRequestHandler) -> None:
        """Answer one request, or let go wrong what is to go wrong."""


_mounted: dict[str, Fake] = {}


def mounted(fake: Fake, name: str) -> str:
    """Put a fake below a name of its own; return its address."""
    _mounted[name] = fake
    return f"{_host()}/{name}"


@cache
def _host() -> str:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def handle_any(self) -> None:
        with suppress(OSError):  # nobody waits for the answer any more
            _mounted[self.path.split("/")[1]].serve(self)
            self.wfile.flush()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815

    def log_message(self, *args: Any) -> None:
        pass


def body_of(http: BaseHTTPRequestHandler) -> bytes:
    """Return a request's body."""
    return http.rfile.read(int(http.headers.get("Content-Length") or 0))


def reply(
    http: BaseHTTPRequestHandler,
    clock: Clock,
    status: int,
    data: bytes,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Send an answer: JSON where the headers do not say otherwise, of the clock's time."""
    http.send_response_only(status)
    shown = {
        "Date": format_datetime(clock.wall(), usegmt=True),
        "Content-Type": "application/json; charset=utf-8",
        **(headers or {}),
    }
    if status != 204:
        shown["Content-Length"] = str(len(data))
    for name, value in shown.items():
        http.send_header(name, value)
    http.end_headers()
    if status != 204:
        http.wfile.write(data)


@dataclass
class Fault:
    """What goes wrong with a call.

    Attributes:
        match: stands in ``METHOD path`` of the call.
        kind: ``reset``, ``hang``, ``garbage``, ``html`` or ``answer``.
        after: whether the call has its effect all the same.
        times: how many calls it strikes.
        skip: so many calls that match go well first.
        committed: the answer names what was made (Notion).
    """

    match: str
    kind: str = "answer"
    after: bool = False
    times: int = 1
    status: int = 503
    body: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    skip: int = 0
    committed: bool = False


class Faults(list[Fault]):
    """The faults that are still to come, in the order in which they were asked for."""

    def strike(self, call: str) -> Fault | None:
        """Return what goes wrong with a call; a fault that is spent is gone."""
        for fault in self:
            if fault.match in call:
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                if fault.times <= 0:
                    self.remove(fault)
                return fault
        return None

    @contextmanager
    def during(self, match: str, kind: str = "answer", **more: Any) -> Iterator[None]:
        """Let calls go wrong while this lasts."""
        fault = Fault(match, kind, **more)
        self.append(fault)
        yield
        if any(other is fault for other in self):
            self.remove(fault)


def cut(http: BaseHTTPRequestHandler, fault: Fault) -> bool:
    """Cut the connection where a fault says so, at once or after a while; say whether it did."""
    if fault.kind not in ("reset", "hang"):
        return False
    if fault.kind == "hang":
        threading.Event().wait(HANG_S)
    http.close_connection = True
    with suppress(OSError):
        http.connection.shutdown(socket.SHUT_RDWR)
    return True
