"""Mail by a server of the team's own. I/O.

RFC 5321: a message is taken when the final dot is answered with 250. A mail that goes again has the
same Message-ID, by which mailboxes and readers know it (RFC 5322, 3.6.4).
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.utils import parseaddr

from connectors.base import Clock
from mapping.notices import Message
from mapping.said import Said
from mapping.values import Person
from minuteloop.channels import faults
from minuteloop.channels.base import ChannelError
from minuteloop.channels.faults import refused
from minuteloop.channels.mail import compose, is_address
from minuteloop.channels.wording import fitted, plain, text_of

SERVICE = Said("邮件", "mail")
PORTS = {"tls": 465, "starttls": 587, "none": 25}
CONNECT_S, ANSWER_S = 10.0, 60.0
_LONGEST = 200
_GOING = 421


class Smtp:
    """A mail server and the address that sends.

    Args:
        name: as in the team file.
        host: of the server.
        port: None takes the usual one for ``security``.
        security: ``tls`` from the start, ``starttls``, or ``none``.
        user: signs in, with ``password``; None does not.
        sender: an address, also with a name: ``Minutes <robot@example.com>``.
        clock: the machine's time.
    """

    kind = "smtp"
    personal = True
    repeatable = True
    confirmed = True
    limit = 500_000  # far below what servers take

    def __init__(
        self,
        *,
        name: str,
        host: str,
        port: int | None = None,
        security: str = "tls",
        user: str | None = None,
        password: str | None = None,
        sender: str,
        clock: Clock,
    ) -> None:
        self.name = name
        self._host = host
        self._port = port or PORTS[security]
        self._security = security
        self._user = user
        self._password = password or ""
        self._sender = parseaddr(sender)
        self._clock = clock

    def doubts(self) -> tuple[Said, ...]:
        """Return what is odd about sender, port and security."""
        self._check_sender()
        found = []
        if self._security == "none" and self._user:
            fault = "密码在路上不加密：请把 security 设为 tls 或 starttls"
            told = "the password travels in the clear - set security to tls or starttls"
            found.append(Said(fault, told))
        if self._port in PORTS.values() and (self._port == 465) != (self._security == "tls"):
            zh = f"端口 {self._port} 与 security = {self._security} 不相配"
            en = f"port {self._port} does not go with security = {self._security}"
            found.append(Said(f"{zh}：tls 通常是 465", f"{en} - 465 is that of tls"))
        return tuple(found)

    def cannot_reach(self, person: Person) -> Said | None:
        """Return what to add where there is no address, or one that no mail can go to."""
        name = person.name
        if not person.email:
            return Said(f"{name} 没有 email，请加上", f"{name} has no email - add it")
        if not is_address(person.email):
            zh, en = f"{name} 的 email 不是邮箱地址", f"the email of {name} is no address of mail"
            return Said(f"{zh}，请改正", f"{en} - correct it")
        return None

    def cannot_mention(self, person: Person) -> Said | None:  # noqa: ARG002  # it goes to them
        """Return None: nobody is mentioned."""
        return None

    def size(self, message: Message) -> int:
        """Return the bytes of the text."""
        return len(text_of(message).encode())

    def due_in(self) -> float:
        """Return 0: the server's own pace is not known."""
        return 0.0

    def send(self, message: Message) -> None:
        """Send one mail to the message's one person."""
        (person,) = message.to
        why = self.cannot_reach(person)
        if why:
            raise refused(SERVICE, why)
        self._check_sender()
        message = fitted(message, self.size, self.limit)
        size = self.size(message)
        if size > self.limit:
            raise faults.too_long(SERVICE, size, self.limit)
        to = (person.name, str(person.email))
        mail = compose(message, sender=self._sender, to=to, at=self._clock.wall())
        with self._server() as server:
            _deliver(server, self._sender[1], to[1], mail)

    def _check_sender(self) -> None:
        if not is_address(self._sender[1]):
            fault = Said("sender 不是邮箱地址", "sender is no address of mail")
            raise refused(SERVICE, fault)

    @contextmanager
    def _server(self) -> Iterator[smtplib.SMTP]:
        """Connect and sign in; what goes wrong until then was not sent."""
        server: smtplib.SMTP | None = None
        try:
            server = self._connected()
            if self._user:
                server.login(self._user, self._password)
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            if server:
                server.close()
            raise self._not_connected(error) from None
        try:
            yield server
            if server.sock:
                server.sock.settimeout(CONNECT_S)  # the mail is theirs by now: no long farewell
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
        finally:
            server.close()

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=CONNECT_S, context=context
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=CONNECT_S)
        try:
            if server.sock:
                server.sock.settimeout(ANSWER_S)
            _greet(server)
            if self._security == "starttls":
                server.starttls(context=context)
                _greet(server)
        except BaseException:
            server.close()
            raise
        return server

    def _not_connected(self, error: Exception) -> ChannelError:
        """Return what keeps the server from taking anything; ``error`` may hold what was sent."""
        where = f"{self._host}:{self._port}"
        if isinstance(error, ssl.SSLCertVerificationError):
            why = error.verify_message
            zh = f"{where} 的证书不可信（{why}）：请核对 host，自有证书用 SSL_CERT_FILE 指明"
            en = f"the certificate of {where} is not trusted ({why}) - check host, and name own"
            return refused(SERVICE, Said(zh, f"{en} certificates in SSL_CERT_FILE"))
        if isinstance(error, smtplib.SMTPAuthenticationError):
            if 400 <= error.smtp_code < 500:  # RFC 4954: the password was not looked at
                return _answered(error.smtp_code, "", Said("登录", "the sign-in"))
            zh = "服务器不接受 user 和 password：有的邮箱要用授权码而不是登录密码"
            en = "the server does not take user and password - some want an authorization code"
            detail = f"code {error.smtp_code}"
            return refused(SERVICE, Said(zh, f"{en} in place of the password"), detail)
        if isinstance(error, smtplib.SMTPNotSupportedError) or type(error) is smtplib.SMTPException:
            zh = f"{where} 不支持 {'STARTTLS' if self._security == 'starttls' else '登录'}"
            en = "STARTTLS" if self._security == "starttls" else "signing in"
            fault = Said(f"{zh}：请核对 security", f"{where} has no {en} - check security and port")
            return refused(SERVICE, fault)
        if isinstance(error, smtplib.SMTPResponseException):
            return _answered(error.smtp_code, error.smtp_error, Said("连接", "the connection"))
        kind = type(error).__name__
        if isinstance(error, ssl.SSLError | smtplib.SMTPServerDisconnected):
            zh = f"与 {where} 的连接中断（{kind}）：请核对 security，tls 通常是 465 端口"
            en = f"{where} broke off ({kind}) - check security: tls is usual at port 465"
            return refused(SERVICE, Said(f"{zh}，starttls 是 587", f"{en}, starttls at 587"))
        zh = f"连接不上 {where}（{kind}）：请检查网络、host、port 和 security"
        en = f"{where} cannot be reached ({kind}) - check the network, host, port and security"
        return refused(SERVICE, Said(zh, en))


def _greet(server: smtplib.SMTP) -> None:
    """Say hello, in the older form where the server does not know the newer one.

    Raises:
        smtplib.SMTPHeloError: it wants no connection now; smtplib would go on without extensions.
    """
    code, words = server.ehlo()
    if code >= 500:
        code, words = server.helo()
    if not 200 <= code < 300:
        raise smtplib.SMTPHeloError(code, words)


def _deliver(server: smtplib.SMTP, sender: str, to: str, mail: bytes) -> None:
    """Hand one mail over; it is the server's once the final dot is answered.

    Raises:
        ChannelError: it was refused, or the connection broke; ``left`` after the final dot only.
    """
    dotted = re.sub(rb"(?m)^\.", b"..", mail)
    left = False
    try:
        _expect(server.mail(sender), 250, Said(f"发件人 {sender}", f"the sender {sender}"))
        _expect(server.rcpt(to), 250, Said(f"收件人 {to}", f"the address {to}"), alone=True)
        _expect(server.docmd("DATA"), 354, Said("邮件", "the mail"))
        server.send(dotted + (b".\r\n" if dotted.endswith(b"\r\n") else b"\r\n.\r\n"))
        left = True
        _expect(server.getreply(), 250, Said("邮件", "the mail"), alone=True)
    except (OSError, smtplib.SMTPException) as error:
        kind = type(error).__name__
        if left:
            fault = Said(
                f"邮件已发出，但没有收到答复（{kind}）",
                f"the mail was handed over, but no answer came ({kind})",
            )
        else:
            fault = Said(f"连接中断（{kind}）", f"the connection broke ({kind})")
        raise refused(SERVICE, fault, left=left) from None


def _expect(answer: tuple[int, bytes], code: int, what: Said, *, alone: bool = False) -> None:
    if answer[0] != code and not (code == 250 and answer[0] == 251):
        raise _answered(*answer, what, alone=alone)


def _answered(code: int, words: bytes | str, what: Said, *, alone: bool = False) -> ChannelError:
    """Return what a refusal means: 4xx passes, 5xx does not; with 421 the server goes away."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    detail = f"{code} {plain(text)}".strip()[:_LONGEST]
    if 400 <= code < 500:
        fault = Said(
            f"服务器暂时不接受{what.zh}，稍后会再试",
            f"the server does not take {what.en} now, it is tried again later",
        )
    else:
        fault = Said(
            f"服务器不接受{what.zh}：请核对地址和权限",
            f"the server refuses {what.en} - check the address, and what the account may do",
        )
    return refused(SERVICE, fault, detail, alone=alone and code != _GOING)
