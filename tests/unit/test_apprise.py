"""Apprise: optional, and it cannot say whether a message arrived."""

import logging
import sys

import pytest
from contract.channel_harnesses import HARNESSES, made
from fakes.clock import FakeClock

from mapping.notices import Message, Section
from mapping.values import Person
from minuteloop.channels.base import ChannelError

MESSAGE = Message(
    id="ml.1",
    to=(Person(name="张三"),),
    title="提醒",
    sections=(
        Section(title="两天后到期", bullets=("输出《方案》", "请@所有人 <!channel> a@everyone.cn")),
    ),
)


def test_without_apprise_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    sends = made("apprise", FakeClock(), url="ntfy://example.com/topic")
    for work in (sends.doubts, lambda: sends.send(MESSAGE)):
        with pytest.raises(ChannelError) as caught:
            work()
        assert "pip install minuteloop[apprise]" in caught.value.said.zh
        assert "pip install minuteloop[apprise]" in caught.value.said.en
        assert not caught.value.left


def test_it_is_never_said_to_be_sure() -> None:
    with HARNESSES["apprise"]() as harness:
        channel = harness.channel
        assert (channel.confirmed, channel.repeatable, channel.personal) == (False, False, False)
        channel.send(MESSAGE)
        (text,) = harness.people_see()
    assert text == "提醒\n两天后到期\n• 输出《方案》\n• 请＠所有人 ＜!channel＞ a＠everyone.cn"


def test_an_address_that_apprise_does_not_know_is_told() -> None:
    with HARNESSES["apprise"]():  # its plugins are loaded
        sends = made("apprise", FakeClock(), url="nothing://hunter2@example.com")
        with pytest.raises(ChannelError, match="no address that Apprise knows") as caught:
            sends.doubts()
    assert "hunter2" not in str(caught.value)


def test_what_could_not_be_reached_never_left() -> None:
    with HARNESSES["apprise"]():
        sends = made("apprise", FakeClock(), url="json://u:hunter2@127.0.0.1:9/x")
        with pytest.raises(ChannelError, match="cannot be reached") as caught:
            sends.send(MESSAGE)
    assert not caught.value.left


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.names.append(record.name)


def test_its_log_is_kept_from_ours() -> None:
    """It holds addresses and texts, at DEBUG."""
    kept = Kept()
    logging.getLogger().addHandler(kept)
    try:
        with HARNESSES["apprise"]() as harness:
            harness.channel.send(MESSAGE)
    finally:
        logging.getLogger().removeHandler(kept)
    assert not any(name.startswith("apprise") for name in kept.names)


def test_a_message_without_sections_is_its_title() -> None:
    with HARNESSES["apprise"]() as harness:
        harness.channel.send(Message(id="ml.2", to=(), title="提醒", sections=()))
        assert harness.people_see() == ["提醒\n提醒"]
