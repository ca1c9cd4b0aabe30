"""Robots of groups: what their answers mean, whom they mention, how fast they are used."""

import json
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import requests
import trustme
from contract.channel_harnesses import made
from fakes.clock import FakeClock
from fakes.robots import KINDS, FakeDingtalk, FakeFeishu, FakeRobot, FakeWecom

from mapping.notices import Message, Section
from mapping.values import Person
from minuteloop.channels import dingtalk, feishu, robot, wecom
from minuteloop.channels.base import Channel, ChannelError

SECRET = "SECa1b2c3d4e5f6"


def message(*people: Person, text: str = "请按时完成") -> Message:
    section = Section(title="两天后到期", bullets=(text,))
    return Message(id="ml.1", to=people, title="提醒", sections=(section,))


def person(name: str = "张三", mobile: str | None = None, **accounts: str) -> Person:
    return Person(name=name, mobile=mobile, accounts=accounts)


def channel(service: FakeRobot, clock: FakeClock, **keys: Any) -> Channel:
    kind = type(service).__name__.removeprefix("Fake").lower()
    return made(kind, clock, url=service.url, **keys)


def failure(sends: Channel, sent: Message | None = None) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        sends.send(sent or message())
    return caught.value


# --- signatures ---


def test_dingtalk_s_signature_is_that_of_the_vendor_s_sample() -> None:
    """Milliseconds and the secret, signed with the secret; encoded once, by who makes the URL."""
    clock = FakeClock()
    sends = dingtalk.Dingtalk(name="g", url="https://x", secret="this is secret", clock=clock)
    told = sends._signature()
    assert told["timestamp"] == str(int(clock.wall().timestamp() * 1000))
    address = requests.Request("POST", "https://x/robot/send?access_token=t", params=told).prepare()
    assert address.url is not None
    assert "%25" not in address.url
    assert "access_token=t&timestamp=1716192000000&sign=" in address.url


def test_feishu_s_signature_has_the_text_as_key_and_signs_nothing() -> None:
    clock = FakeClock(FakeClock().wall().fromtimestamp(1599360473, tz=FakeClock().wall().tzinfo))
    sends = feishu.Feishu(name="g", url="https://x", secret="demo", clock=clock)
    assert sends._signature() == {
        "timestamp": "1599360473",
        "sign": "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=",
    }


@pytest.mark.parametrize("kind", [FakeDingtalk, FakeFeishu])
def test_signatures_are_of_the_machine_s_time(kind: type[FakeRobot]) -> None:
    """``--now`` may be any day: the service compares with its own clock."""
    clock = FakeClock()
    clock.shift = timedelta(days=-400)
    service = kind(clock, secret=SECRET)
    channel(service, clock, secret=SECRET).send(message())
    assert len(service.seen) == 1


@pytest.mark.parametrize("kind", [FakeDingtalk, FakeFeishu])
@pytest.mark.parametrize(
    ("keys", "words"),
    [({}, "wants a signature"), ({"secret": "another"}, "the signature is wrong")],
)
def test_a_wrong_signature_is_told_with_what_to_do(
    kind: type[FakeRobot], keys: dict[str, str], words: str
) -> None:
    clock = FakeClock()
    error = failure(channel(kind(clock, secret=SECRET), clock, **keys))
    assert words in error.said.en
    assert not error.left


@pytest.mark.parametrize("kind", [FakeDingtalk, FakeFeishu])
def test_a_machine_whose_clock_is_wrong_is_told_of_it(kind: type[FakeRobot]) -> None:
    service = kind(FakeClock(), secret=SECRET)
    ahead = FakeClock(FakeClock().wall() + timedelta(hours=2))
    assert "clock" in failure(channel(service, ahead, secret=SECRET)).said.en


# --- what answers mean ---


def gone(service: FakeRobot) -> None:
    service.there = False


def elsewhere(service: FakeRobot) -> None:
    service.here = False


def keyword(service: FakeRobot) -> None:
    service.keyword = "日报"


@pytest.mark.parametrize("kind", KINDS)
def test_a_robot_that_was_removed_is_told(kind: type[FakeRobot]) -> None:
    clock = FakeClock()
    service = kind(clock)
    service.there = False
    error = failure(channel(service, clock))
    assert "there is no such robot" in error.said.en
    assert "机器人不存在" in error.said.zh


@pytest.mark.parametrize("kind", [FakeDingtalk, FakeFeishu])
@pytest.mark.parametrize(
    ("spoil", "words"), [(elsewhere, "this machine's address"), (keyword, "keyword")]
)
def test_security_settings_are_told_one_by_one(
    kind: type[FakeRobot], spoil: Callable[[FakeRobot], None], words: str
) -> None:
    clock = FakeClock()
    service = kind(clock)
    spoil(service)
    assert words in failure(channel(service, clock)).said.en
    assert service.seen == []


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        (FakeDingtalk, {"errcode": 430101, "errmsg": "unsafe link"}, "words or links"),
        (FakeDingtalk, {"errcode": 90030, "errmsg": "webhook over limit"}, "used up"),
        (FakeDingtalk, {"errcode": 400105, "errmsg": "x"}, "fault of the program"),
        (FakeDingtalk, {"errcode": 310000, "errmsg": "something new"}, "something new"),
        (FakeDingtalk, {"errcode": 424242, "errmsg": "new"}, "code 424242"),
        (FakeDingtalk, {"errcode": 1, "errmsg": None}, "code 1"),
        (FakeWecom, {"errcode": 40058, "errmsg": "exceed"}, "fault of the program"),
        (FakeWecom, {"errcode": -1, "errmsg": "system busy"}, "busy"),
        (FakeFeishu, {"code": 9499, "msg": "Bad Request"}, "fault of the program"),
        (FakeFeishu, {"StatusCode": 19001, "StatusMessage": "token"}, "no such robot"),
        (FakeFeishu, {"code": 5, "msg": "x" * 5000}, "x…; code 5"),
    ],
)
def test_the_code_in_a_200_decides(kind: type[FakeRobot], body: Any, words: str) -> None:
    clock = FakeClock()
    service = kind(clock)
    service.fail("answer", body=body)
    error = failure(channel(service, clock))
    assert words in error.said.en
    assert not error.left
    assert len(error.said.en) < 500


def test_an_answer_of_the_older_form_is_success_too() -> None:
    clock = FakeClock()
    service = FakeFeishu(clock)
    service.fail("answer", after=True, body={"StatusCode": 0, "StatusMessage": "success"})
    channel(service, clock).send(message())


@pytest.mark.parametrize(
    ("status", "headers", "left", "wait"),
    [
        (429, {"Retry-After": "7"}, False, 7.0),
        (503, {}, False, None),
        (503, {"Retry-After": "soon"}, False, None),
        (302, {"Location": "https://example.com"}, False, None),
        (404, {}, False, None),
        (403, {}, False, None),
        (500, {}, False, None),
        (502, {}, False, None),
        (504, {}, True, None),  # a gateway passed it on, and heard nothing in time
        (200, {}, True, None),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_that_is_not_the_service_s_own(
    kind: type[FakeRobot], status: int, headers: dict[str, str], left: bool, wait: float | None
) -> None:
    """A gateway's page with 200 proves nothing; one with 502 is a refusal."""
    clock = FakeClock()
    service = kind(clock)
    service.fail("answer", status=status, headers=headers, body=None)
    error = failure(channel(service, clock))
    assert (error.left, error.retry_after_s) == (left, wait)


@pytest.mark.parametrize("body", [[], "ok", {"errcode": "0"}, {"errcode": True}, {}])
def test_a_200_without_a_code_is_no_success(body: Any) -> None:
    clock = FakeClock()
    service = FakeWecom(clock)
    service.fail("answer", body=body)
    assert failure(channel(service, clock)).left


def test_the_service_s_words_are_told_without_what_is_secret() -> None:
    clock = FakeClock()
    service = FakeDingtalk(clock, secret=SECRET)
    words = f"token {service.token} at {service.url} with {SECRET}\nis bad"
    service.fail("answer", body={"errcode": 77, "errmsg": words})
    error = failure(channel(service, clock, secret=SECRET))
    assert error.said.en.endswith("(token *** at *** with *** is bad; code 77)")


# --- what was lost ---


def test_what_cannot_be_reached_never_left() -> None:
    sends = made("wecom", FakeClock(), url="http://127.0.0.1:9/cgi-bin/webhook/send?key=hunter2")
    error = failure(sends)
    assert not error.left
    assert "cannot be reached" in error.said.en
    assert "hunter2" not in str(error) + repr(sends)


@pytest.mark.parametrize(
    "url", ["http://a b/", "https://example.invalid:99999/", "https://*.example/"]
)
def test_an_address_that_is_none_never_left(url: str) -> None:
    assert not failure(wecom.Wecom(name="g", url=url, clock=FakeClock())).left


@pytest.mark.parametrize("after", [False, True])
def test_a_service_that_says_nothing_more_leaves_it_open(
    monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    monkeypatch.setattr(robot, "TIMEOUT_S", (5.0, 0.2))
    clock = FakeClock()
    service = FakeDingtalk(clock)
    service.fail("hang", after=after)
    error = failure(channel(service, clock))
    assert error.left
    assert "ReadTimeout" in error.said.en
    assert len(service.seen) == after
    assert len(service.requests) == 1


def test_a_service_whose_certificate_is_not_trusted_gets_nothing() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                connection, _ = listening.accept()
                with connection, context.wrap_socket(connection, server_side=True) as wrapped:
                    got.append(wrapped.recv(100))

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"https://localhost:{listening.getsockname()[1]}/cgi-bin/webhook/send?key=hunter2"
        error = failure(made("wecom", FakeClock(), url=url))
        thread.join()
    assert not error.left
    assert "SSLError" in error.said.en
    assert got == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_gateway_that_asks_for_a_wait_is_left_alone_for_so_long(kind: type[FakeRobot]) -> None:
    clock = FakeClock()
    service = kind(clock)
    service.fail("answer", status=429, headers={"Retry-After": "7"}, body=None)
    first, other = channel(service, clock), channel(service, clock)
    assert failure(first).retry_after_s == 7
    assert failure(other).retry_after_s == 7
    assert len(service.requests) == 1
    clock.advance(7)
    other.send(message())


def test_a_redirect_is_not_followed() -> None:
    clock = FakeClock()
    service, other = FakeWecom(clock), FakeWecom(clock)
    service.fail("answer", status=307, headers={"Location": other.url})
    failure(channel(service, clock))
    assert other.requests == []


def test_a_password_of_netrc_is_not_added(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password hunter2\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    clock = FakeClock()
    service = FakeWecom(clock)
    channel(service, clock).send(message())
    assert "Authorization" not in service.requests[0][2]


# --- pace ---


@pytest.mark.parametrize(("kind", "most"), [(FakeDingtalk, 20), (FakeWecom, 20), (FakeFeishu, 100)])
def test_no_minute_has_too_many_messages_of_all_teams(kind: type[FakeRobot], most: int) -> None:
    """Failure 70."""
    clock = FakeClock()
    service = kind(clock)
    teams = [channel(service, clock), channel(service, clock)]
    times = []
    for n in range(most + 10):
        teams[n % 2].send(message())
        times.append(clock.monotonic())
    assert all(sum(at <= t < at + 60 for t in times) <= most for at in times)
    assert len(service.seen) == most + 10


@pytest.mark.parametrize(
    ("kind", "wait_s"), [(FakeDingtalk, 600), (FakeWecom, 60), (FakeFeishu, 60)]
)
def test_a_robot_that_was_used_too_fast_is_left_alone(kind: type[FakeRobot], wait_s: int) -> None:
    """Somebody else uses the robot too; a call meanwhile would only make it worse."""
    clock = FakeClock()
    service = kind(clock)
    sends, other = channel(service, clock), channel(service, clock)
    for _ in range(service.per_minute):
        service.over_pace()
    error = failure(sends)
    assert error.retry_after_s == wait_s
    assert not error.left
    clock.advance(wait_s / 2)
    assert failure(other).retry_after_s == wait_s / 2
    assert len(service.requests) == 1
    clock.advance(wait_s / 2 + 60)
    other.send(message())
    assert len(service.seen) == 1


# --- mentions ---


@pytest.mark.parametrize(
    ("mobile", "called"),
    [
        ("13800000000", "13800000000"),
        ("+86 138-0000-0000", "13800000000"),
        ("0086 13800000000", "13800000000"),
        ("+852 6123 4567", "+85261234567"),
    ],
)
def test_mobile_numbers_are_known_however_they_are_written(mobile: str, called: str) -> None:
    assert robot.mobile_of(person(mobile=mobile)) == called


def test_dingtalk_calls_by_mobile_or_account_else_by_name() -> None:
    clock = FakeClock()
    service = FakeDingtalk(clock)
    sends = channel(service, clock)
    people = person("张三", "13800000000"), person("李四", dingtalk="manager4220"), person("王五")
    sends.send(message(*people))
    (seen,) = service.seen
    assert seen.mentions == {"13800000000", "manager4220"}
    assert "王五" in seen.text
    assert [sends.cannot_mention(p) is None for p in people] == [True, True, False]
    assert all(sends.cannot_reach(p) is None for p in people)


def test_wecom_calls_by_account_in_markdown() -> None:
    clock = FakeClock()
    service = FakeWecom(clock)
    channel(service, clock).send(message(person("张三", wecom="zhangsan"), person("王五")))
    (seen,) = service.seen
    assert seen.mentions == {"zhangsan"}
    assert "王五" in seen.text
    assert json.loads(service.requests[0][3])["msgtype"] == "markdown"


def test_wecom_calls_by_mobile_in_a_text() -> None:
    """Markdown mentions by accounts only; a text by both."""
    clock = FakeClock()
    service = FakeWecom(clock)
    sends = channel(service, clock)
    sent = message(person("张三", "13800000000"), person("李四", wecom="lisi"))
    sends.send(sent)
    (seen,) = service.seen
    assert seen.mentions == {"13800000000", "lisi"}
    assert "张三 李四" in seen.text
    assert "**" not in seen.text
    content = json.loads(service.requests[0][3])["text"]["content"]
    assert sends.size(sent) == 2 * len(content.encode())


def test_wecom_s_text_is_never_so_long_that_it_would_be_cut() -> None:
    clock = FakeClock()
    service = FakeWecom(clock)
    sends = channel(service, clock)
    sent = message(person(mobile="13800000000"), text="字" * 700)
    assert sends.size(sent) > sends.limit
    assert "too long" in failure(sends, sent).said.en
    by_account = message(person(wecom="zhangsan"), text="字" * 700)
    assert sends.size(by_account) < sends.limit
    sends.send(by_account)
    assert "字" * 700 in service.seen[0].text


@pytest.mark.parametrize("account", ["all", "ALL", "@all", "a>b", "", "x y"])
def test_an_account_that_is_none_calls_nobody(account: str) -> None:
    clock = FakeClock()
    for kind, name in ((FakeWecom, "wecom"), (FakeFeishu, "feishu"), (FakeDingtalk, "dingtalk")):
        service = kind(clock)
        sends = channel(service, clock)
        who = Person(name="张三", accounts={name: account})
        sends.send(message(who))
        assert service.seen[0].mentions == frozenset()
        assert sends.cannot_mention(who) is not None


def test_feishu_calls_by_its_id_else_by_name() -> None:
    clock = FakeClock()
    service = FakeFeishu(clock)
    sends = channel(service, clock)
    sends.send(message(person("张三", feishu="ou_1"), person("李四", "13800000000")))
    (seen,) = service.seen
    assert seen.mentions == {"ou_1"}
    assert "李四" in seen.text


# --- addresses ---


@pytest.mark.parametrize(
    ("kind", "url", "words"),
    [
        ("dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=a1", []),
        ("dingtalk", "https://oapi.dingtalk.io/robot/send?access_token=a1", []),
        ("dingtalk", "https://oapi.dingtalk.com/robot/send", ["should look like"]),
        (
            "dingtalk",
            "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a",
            ["should look like"],
        ),
        ("wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a-1", []),
        ("wecom", "https://gw.example.com/cgi-bin/webhook/send?key=a-1", []),
        ("wecom", "https://gw.example.com/hook/7", ["for a gateway only"]),
        ("wecom", "http://gw.example.com/cgi-bin/webhook/send?key=a", ["use https"]),
        ("feishu", "https://open.feishu.cn/open-apis/bot/v2/hook/a-1", []),
        ("feishu", "https://open.larksuite.com/open-apis/bot/v2/hook/a-1", []),
        ("feishu", "https://open.feishu.cn/open-apis/bot/hook/a-1", ["should look like"]),
        ("feishu", "http://10.0.0.7/x", ["for a gateway only"]),
    ],
)
def test_an_odd_address_is_told(kind: str, url: str, words: list[str]) -> None:
    told = [said.en for said in made(kind, FakeClock(), url=url).doubts()]
    assert len(told) == len(words)
    assert all(word in line for word, line in zip(words, told, strict=True))
    assert not any("a-1" in line for line in told)
