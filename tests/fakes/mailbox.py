"""A mail server over a socket, with mailboxes that people read; strict, with its vices.

``read`` is what lies in the mailboxes, one mail an entry, each twice if it came twice: a reader's
program knows a mail again by its Message-ID, which is left to the test.
"""

import base64
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import trustme

USER, PASSWORD = "robot@example.com", "s3cret-pass"


@dataclass(frozen=True)
class Mail:
    """What came in: the envelope and the mail."""

    sender: str
    to: str
    parsed: EmailMessage
    raw: bytes


class _Gone(Exception):  # noqa: N818  # the connection is over
    """Nothing more is said."""


class Mailbox:
    """One server.

    Args:
        security: ``tls``, ``starttls`` or ``none``.
        authority: signs the server's certificate; needed but for ``none``.
        login: whether nobody may send without signing in.

    Attributes:
        read: all mails that were taken.
        lines: what was said to it, but for mails.
        refuse: command (``MAIL``, ``RCPT``, ``DATA``, ``.``, ``EHLO``), or a whole line of it ->
            answer in its place.
        cut: where the connection ends: before a command is answered; ``in-data`` in the midst of a
            mail, ``.`` before the final dot has its effect, ``after`` when it had it.
        hang: likewise, where nothing is said any more, for ``hang_s`` seconds.
    """

    def __init__(
        self, security: str = "none", authority: trustme.CA | None = None, *, login: bool = False
    ) -> None:
        self.read: list[Mail] = []
        self.lines: list[str] = []
        self.refuse: dict[str, str] = {}
        self.cut = self.hang = ""
        self.hang_s = 2.0
        self.over = threading.Event()
        self.security, self.login = security, login
        self._context: ssl.SSLContext | None = None
        if authority:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert("localhost", "127.0.0.1").configure_cert(self._context)
        self._server = _Server(("127.0.0.1", 0), _Session)
        self._server.mailbox = self
        self.port: int = self._server.server_address[1]

    @contextmanager
    def running(self) -> Iterator["Mailbox"]:
        """Serve until the end of the block."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.over.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def wrap(self, connection: socket.socket) -> socket.socket:
        """Begin TLS on a connection."""
        assert self._context is not None
        return self._context.wrap_socket(connection, server_side=True)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    mailbox: Mailbox


class _Session(socketserver.BaseRequestHandler):
    server: _Server
    request: socket.socket

    def handle(self) -> None:
        self.box = self.server.mailbox
        self.secure = self.signed_in = False
        self.sender = self.to = ""
        with suppress(_Gone, OSError):
            if self.box.security == "tls":
                self._begin_tls()
            self.file = self.request.makefile("rb")
            self._say(self.box.refuse.get("CONNECT", "220 localhost ESMTP"))
            while True:
                self._command(self._line())
        with suppress(OSError):
            self.request.close()

    def _begin_tls(self) -> None:
        self.request = self.box.wrap(self.request)
        self.secure = True

    def _line(self) -> str:
        line = self.file.readline(2000)
        if not line.endswith(b"\r\n"):
            raise _Gone
        return line[:-2].decode("ascii")  # neither SMTPUTF8 nor 8BITMIME is offered

    def _say(self, text: str) -> None:
        self.request.sendall(text.encode() + b"\r\n")

    def _stop_at(self, place: str) -> None:
        if self.box.hang == place:
            self.box.over.wait(self.box.hang_s)
        if place in (self.box.cut, self.box.hang):
            with suppress(OSError):
                self.request.shutdown(socket.SHUT_RDWR)
            raise _Gone

    def _command(self, line: str) -> None:
        self.box.lines.append(line)
        verb = line.split(" ", maxsplit=1)[0].upper()
        self._stop_at(verb)
        refused = self.box.refuse.get(line, self.box.refuse.get(verb))
        if refused:
            self._say(refused)
            return
        if verb in ("MAIL", "RCPT", "DATA") and self.box.login and not self.signed_in:
            self._say("530 5.7.0 Authentication required")
            return
        getattr(self, f"_{verb.lower()}", self._unknown)(line)

    def _unknown(self, line: str) -> None:
        self._say("502 5.5.2 Error: command not recognized")

    def _helo(self, line: str) -> None:
        self._say("250 localhost")

    def _ehlo(self, line: str) -> None:
        offers = ["localhost"]
        if self.box.security == "starttls" and not self.secure:
            offers.append("STARTTLS")
        elif self.box.login:
            offers.append("AUTH PLAIN LOGIN")
        for offer in offers[:-1]:
            self._say(f"250-{offer}")
        self._say(f"250 {offers[-1]}")

    def _starttls(self, line: str) -> None:
        self._say("220 go ahead")
        self._begin_tls()
        self.file = self.request.makefile("rb")

    def _auth(self, line: str) -> None:
        _, way, first = line.split(" ")
        told = base64.b64decode(first).split(b"\0")
        if way.upper() != "PLAIN" or told != [b"", USER.encode(), PASSWORD.encode()]:
            self._say("535 5.7.8 Error: authentication failed for " + told[-1].decode())
            return
        self.signed_in = True
        self._say("235 2.7.0 ok")

    def _mail(self, line: str) -> None:
        self.sender = line.partition("<")[2].partition(">")[0]
        self._say("250 ok")

    def _rcpt(self, line: str) -> None:
        self.to = line.partition("<")[2].partition(">")[0]
        self._say("250 ok" if self.sender else "503 5.5.1 MAIL first")

    def _data(self, line: str) -> None:
        if not self.to:
            self._say("503 5.5.1 RCPT first")
            return
        self._say("354 end with a dot")
        self._stop_at("in-data")
        lines: list[bytes] = []
        while (got := self.file.readline(1100)) != b".\r\n":
            if not got.endswith(b"\r\n") or len(got) > 1000 or not got.isascii():
                raise _Gone
            lines.append(got[1:] if got.startswith(b".") else got)
        self._stop_at(".")
        if "." in self.box.refuse:
            self._say(self.box.refuse["."])
            return
        raw = b"".join(lines)
        parsed = message_from_bytes(raw, policy=default)
        assert isinstance(parsed, EmailMessage)
        self.box.read.append(Mail(self.sender, self.to, parsed, raw))
        self._stop_at("after")
        self._say("250 2.0.0 queued")

    def _quit(self, line: str) -> None:
        self._say("221 bye")
        raise _Gone
