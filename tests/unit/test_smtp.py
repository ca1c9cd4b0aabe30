"""Mail: whom it goes to, what a server's answers mean, what was taken when the line broke."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import trustme
from contract.channel_harnesses import made
from fakes.clock import FakeClock
from fakes.mailbox import PASSWORD, USER, Mailbox

from mapping.notices import Message, Section
from mapping.values import Person
from minuteloop.channels import smtp
from minuteloop.channels.base import Channel, ChannelError

PERSON = Person(name="张三", email="zhangsan@example.com")
MESSAGE = Message(
    id="ml.7.K7Q4",
    to=(PERSON,),
    title="提醒：两天后到期",
    sections=(
        Section(
            title="两天后到期",
            lines=(".", "..", "QUIT", '<b>粗</b> & "引"'),
            bullets=("输出《客户投诉处理流程V2.0》",),
            link=("打开", "https://example.com/?a=1&b=2"),
        ),
    ),
)


@pytest.fixture
def ends() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def server(ends: ExitStack, **keys: Any) -> Mailbox:
    return ends.enter_context(Mailbox(**keys).running())


def channel(box: Mailbox, **keys: Any) -> Channel:
    table = {"host": "localhost", "port": box.port, "security": box.security, "sender": USER}
    return made("smtp", FakeClock(), **table | keys)


def failure(sends: Channel, message: Message = MESSAGE) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        sends.send(message)
    return caught.value


def test_a_mail_says_who_when_and_what(ends: ExitStack) -> None:
    box = server(ends)
    channel(box, sender=f"会议纪要 <{USER}>").send(MESSAGE)
    (mail,) = box.read
    assert (mail.sender, mail.to) == (USER, "zhangsan@example.com")
    headers = mail.parsed
    assert headers["From"] == f"会议纪要 <{USER}>"
    assert headers["To"] == "张三 <zhangsan@example.com>"
    assert headers["Subject"] == MESSAGE.title
    assert headers["Message-ID"] == "<ml.7.K7Q4@example.com>"
    assert headers["Date"].datetime == FakeClock().wall()
    assert headers["Auto-Submitted"] == "auto-generated"
    plain, html = (headers.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    assert plain.get_content().splitlines() == [
        *("提醒：两天后到期", "", "两天后到期", ".", "..", "QUIT", '<b>粗</b> & "引"'),
        *("• 输出《客户投诉处理流程V2.0》", "打开: https://example.com/?a=1&b=2"),
    ]
    page = html.get_content()
    assert "<li>输出《客户投诉处理流程V2.0》</li>" in page
    assert "&lt;b&gt;粗&lt;/b&gt; &amp; &quot;引&quot;" in page
    assert '<a href="https://example.com/?a=1&amp;b=2">打开</a>' in page
    assert box.lines[-1].upper() == "QUIT"


def test_a_line_of_one_dot_does_not_end_a_mail(ends: ExitStack) -> None:
    """Only ASCII goes as it stands; other texts are encoded and have no dots."""
    box = server(ends)
    section = Section(title=".", lines=("..", "QUIT", ".x"))
    channel(box).send(Message(id="ml.5", to=(PERSON,), title="t", sections=(section,)))
    (mail,) = box.read
    plain = mail.parsed.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().splitlines() == ["t", "", ".", "..", "QUIT", ".x"]
    assert plain["Content-Transfer-Encoding"] == "7bit"


def test_the_date_is_the_machine_s(ends: ExitStack) -> None:
    box = server(ends)
    clock = FakeClock()
    clock.shift -= clock.wall() - clock.wall().replace(year=2020)
    keys = {"host": "localhost", "port": box.port, "security": "none", "sender": USER}
    made("smtp", clock, **keys).send(MESSAGE)
    assert box.read[0].parsed["Date"].datetime == clock.wall()


def test_a_mail_that_goes_again_has_the_same_id(ends: ExitStack) -> None:
    """The answer was lost: the reader's program sees one mail, not two."""
    box = server(ends)
    sends = channel(box)
    box.cut = "after"
    assert failure(sends).left
    box.cut = ""
    sends.send(MESSAGE)
    assert sends.repeatable
    assert [mail.parsed["Message-ID"] for mail in box.read] == ["<ml.7.K7Q4@example.com>"] * 2


@pytest.mark.parametrize(
    ("place", "left", "came"),
    [
        *(("EHLO", False, 0), ("MAIL", False, 0), ("RCPT", False, 0), ("DATA", False, 0)),
        *((".", True, 0), ("after", True, 1)),
    ],
)
@pytest.mark.parametrize("how", ["cut", "hang"])
def test_where_the_line_broke_says_whether_it_may_have_been_taken(
    ends: ExitStack, monkeypatch: pytest.MonkeyPatch, how: str, place: str, left: bool, came: int
) -> None:
    monkeypatch.setattr(smtp, "ANSWER_S", 0.2)
    box = server(ends)
    setattr(box, how, place)
    error = failure(channel(box))
    assert error.left is left
    assert len(box.read) == came


def test_a_line_that_breaks_in_the_midst_of_a_mail_took_nothing(ends: ExitStack) -> None:
    box = server(ends)
    box.cut = "in-data"
    long = Section(title="长", bullets=("很长的行动项。" * 10,) * 2000)
    message = Message(id="ml.8", to=(PERSON,), title="长", sections=(long,))
    failure(channel(box), message)
    assert box.read == []


def test_a_farewell_that_is_not_answered_takes_nothing_back(ends: ExitStack) -> None:
    box = server(ends)
    box.cut = "QUIT"
    channel(box).send(MESSAGE)
    assert len(box.read) == 1


@pytest.mark.parametrize(
    ("place", "answer", "words"),
    [
        ("RCPT", "550 5.1.1 no such user", "refuses the address zhangsan@example.com"),
        ("RCPT", "452 4.2.2 mailbox full", "tried again later"),
        ("RCPT", "450 4.7.1 greylisted, try in 5 minutes", "tried again later"),
        ("MAIL", "553 5.7.1 not your address", f"refuses the sender {USER}"),
        ("MAIL", "421 4.3.2 shutting down", "tried again later"),
        ("DATA", "554 5.7.1 spam", "refuses the mail"),
        (".", "552 5.3.4 too big", "refuses the mail"),
        (".", "451 4.3.0 try later", "tried again later"),
        ("CONNECT", "554 5.7.1 you are on a list", "refuses the connection"),
        ("CONNECT", "421 4.7.0 too many connections", "tried again later"),
        ("EHLO", "421 4.3.2 later", "does not take the connection now"),
    ],
)
def test_a_refusal_says_what_to_do(ends: ExitStack, place: str, answer: str, words: str) -> None:
    box = server(ends)
    box.refuse[place] = answer
    error = failure(channel(box))
    assert words in error.said.en
    assert answer[:3] in error.said.en
    assert not error.left
    assert box.read == []


@pytest.mark.parametrize(
    ("place", "answer", "alone"),
    [
        ("RCPT", "452 4.2.2 mailbox full", True),
        (".", "552 5.2.2 mailbox full", True),
        ("RCPT", "421 4.3.2 shutting down", False),
        ("MAIL", "553 5.7.1 not your address", False),
        ("CONNECT", "421 4.7.0 too many connections", False),
    ],
)
def test_a_refusal_is_for_one_person_or_for_all(
    ends: ExitStack, place: str, answer: str, alone: bool
) -> None:
    box = server(ends)
    box.refuse[place] = answer
    assert failure(channel(box)).alone is alone


def test_a_refused_person_holds_up_no_other(ends: ExitStack) -> None:
    box = server(ends)
    sends = channel(box)
    box.refuse["RCPT"] = "550 5.1.1 no such user"
    failure(sends)
    box.refuse.clear()
    sends.send(MESSAGE)
    assert len(box.read) == 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_password_goes_over_tls(
    ends: ExitStack, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    authority = trustme.CA()
    monkeypatch.setenv("SSL_CERT_FILE", ends.enter_context(authority.cert_pem.tempfile()))
    box = server(ends, security=security, authority=authority, login=True)
    sends = channel(box, user=USER, password=PASSWORD)
    sends.send(MESSAGE)
    assert len(box.read) == 1
    wrong = failure(channel(box, user=USER, password="wrong-pass"))
    assert "does not take user and password" in wrong.said.en
    assert "wrong-pass" not in str(wrong) + wrong.said.zh
    assert "refuses the sender" in failure(channel(box)).said.en
    box.refuse["AUTH"] = "454 4.7.0 Temporary authentication failure"  # nobody looked at it
    assert failure(sends).said.en == (
        "mail: the server does not take the sign-in now, it is tried again later (454)"
    )
    box.refuse = {"EHLO": "421 4.3.2 later"}
    assert "does not take the connection now" in failure(sends).said.en


def test_a_server_that_knows_only_the_older_hello_takes_mail(ends: ExitStack) -> None:
    box = server(ends)
    box.refuse["EHLO"] = "502 5.5.2 command not recognized"
    channel(box).send(MESSAGE)
    assert len(box.read) == 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_is_not_trusted_is_told(ends: ExitStack, security: str) -> None:
    box = server(ends, security=security, authority=trustme.CA())
    error = failure(channel(box))
    assert "is not trusted" in error.said.en
    assert "SSL_CERT_FILE" in error.said.en
    assert not error.left


@pytest.mark.parametrize(
    ("security", "words"), [("starttls", "has no STARTTLS"), ("tls", "security")]
)
def test_a_server_that_does_not_speak_so_is_told(
    ends: ExitStack, monkeypatch: pytest.MonkeyPatch, security: str, words: str
) -> None:
    monkeypatch.setattr(smtp, "CONNECT_S", 0.5)
    box = server(ends)
    error = failure(channel(box, security=security))
    assert words in error.said.en
    assert not error.left
    assert not any("AUTH" in line for line in box.lines)


def test_a_password_is_not_told_to_a_server_that_wants_none(ends: ExitStack) -> None:
    box = server(ends)
    assert "has no signing in" in failure(channel(box, user=USER, password=PASSWORD)).said.en
    assert not any("AUTH" in line for line in box.lines)


def test_a_server_that_is_not_there_is_told() -> None:
    keys = {"host": "127.0.0.1", "port": 9, "security": "none", "sender": USER}
    error = failure(made("smtp", FakeClock(), **keys))
    assert "127.0.0.1:9 cannot be reached" in error.said.en
    assert not error.left


@pytest.mark.parametrize(
    ("email", "reached"),
    [
        ("zhangsan@example.com", True),
        ("zhang.san+x@mail-1.example.cn", True),
        (None, False),
        *(
            (text, False)
            for text in ("zhangsan", "张三@example.com", "a@b@c", "a b@c.cn", ".a@b.cn")
        ),
        *((text, False) for text in ("a@b.cn\r\nRCPT TO:<x@y.cn>", "a@b.cn>", "<a@b.cn", "a@.cn")),
    ],
)
def test_only_who_has_an_address_is_reached(
    ends: ExitStack, email: str | None, reached: bool
) -> None:
    box = server(ends)
    sends = channel(box)
    person = Person(name="张三", email=email)
    assert (sends.cannot_reach(person) is None) is reached
    message = Message(id="ml.9", to=(person,), title="t", sections=())
    if reached:
        sends.send(message)
        assert box.read[0].to == email
    else:
        assert "张三" in failure(sends, message).said.en
        assert box.lines == []


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({}, []),
        ({"security": "none", "port": 25}, []),
        ({"security": "starttls", "port": 25}, []),
        ({"security": "starttls", "port": 465}, ["465"]),
        ({"port": 587}, ["587"]),
        ({"security": "none", "user": "u", "password": "hunter2"}, ["in the clear"]),
    ],
)
def test_odd_settings_are_told(keys: dict[str, Any], words: list[str]) -> None:
    table = {"host": "localhost", "sender": USER} | keys
    told = [said.en for said in made("smtp", FakeClock(), **table).doubts()]
    assert len(told) == len(words)
    assert all(word in line for word, line in zip(words, told, strict=True))


@pytest.mark.parametrize(("security", "port"), [("tls", 465), ("starttls", 587), ("none", 25)])
def test_the_port_follows_from_the_security(security: str, port: int) -> None:
    sends = made("smtp", FakeClock(), host="localhost", sender=USER, security=security)
    assert isinstance(sends, smtp.Smtp)
    assert sends._port == port


def test_a_sender_that_is_no_address_is_an_error() -> None:
    sends = made("smtp", FakeClock(), host="localhost", sender="robot")
    with pytest.raises(ChannelError, match="sender is no address"):
        sends.doubts()
    assert "sender is no address" in failure(sends).said.en
