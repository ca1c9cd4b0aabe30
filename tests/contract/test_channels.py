"""One suite over every kind of channel: what sent means, what a lost answer means, what is secret."""

import logging
from collections.abc import Iterator

import pytest
from contract.channel_harnesses import HARNESSES, Harness

from mapping.notices import Message, Section
from mapping.values import Person
from minuteloop.channels.base import ChannelError
from minuteloop.channels.registry import REGISTRY

PERSON = Person(
    name="张三",
    email="zhangsan@example.com",
    mobile="+86 138-0000-0000",
    accounts={"feishu": "ou_1", "wecom": "zhangsan"},
)
MESSAGE = Message(
    id="ml.0001.K7Q4",
    to=(PERSON,),
    title="行动项提醒：2 项即将到期",
    sections=(
        Section(
            title="两天后到期",
            lines=("请按时完成。", "Please finish in time 🙂"),
            bullets=("输出《客户投诉处理流程V2.0》，5月27日", "评估A类功能开发周期，5月24日"),
            link=("打开跟踪表", "https://example.com/board?view=1&row=2"),
        ),
        Section(title="受阻", lines=("谁在什么时候解决？",)),
    ),
)


@pytest.fixture(params=HARNESSES)
def harness(request: pytest.FixtureRequest) -> Iterator[Harness]:
    with HARNESSES[request.param]() as made:
        yield made


def failure(harness: Harness, message: Message = MESSAGE) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        harness.channel.send(message)
    return caught.value


def test_every_kind_has_a_harness() -> None:
    assert {name.partition("-")[0] for name in HARNESSES} == set(REGISTRY)


def test_what_is_sent_is_what_people_see(harness: Harness) -> None:
    harness.channel.send(MESSAGE)
    (text,) = harness.people_see()
    words = [MESSAGE.title]
    for part in MESSAGE.sections:
        words += [part.title, *part.lines, *part.bullets, *([part.link[0]] if part.link else [])]
    places = [text.find(word) for word in words]
    assert -1 not in places, text
    assert places == sorted(places)


def test_nothing_is_wrong_with_it_nor_with_the_person(harness: Harness) -> None:
    assert harness.channel.cannot_reach(PERSON) is None
    assert harness.channel.cannot_mention(PERSON) is None
    harness.channel.doubts()
    assert harness.people_see() == []


def test_a_refusal_is_none_that_may_have_left(harness: Harness) -> None:
    harness.refuse()
    error = failure(harness)
    assert not error.left
    assert harness.people_see() == []
    assert error.said.zh != error.said.en


@pytest.mark.parametrize("place", ["before", "after"])
def test_an_answer_that_is_lost_leaves_it_open(harness: Harness, place: str) -> None:
    """Nobody can tell a message that was taken from one that was not: it was on its way."""
    harness.cut(place)
    error = failure(harness)
    assert error.left
    assert len(harness.people_see()) == (place == "after")


def test_one_call_is_one_try(harness: Harness) -> None:
    harness.cut("before")
    failure(harness)
    assert harness.people_see() == []


def test_secrets_are_never_shown(harness: Harness, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "minuteloop")
    caplog.set_level(logging.INFO)
    told = [repr(harness.channel), str(harness.channel)]
    harness.channel.send(MESSAGE)
    harness.cut("before")
    errors = [failure(harness)]
    harness.refuse()
    errors.append(failure(harness))
    for error in errors:
        assert error.__cause__ is None
        told += [str(error), repr(error), error.said.zh, error.said.en]
    told.append(caplog.text)
    for secret in harness.secrets:
        assert all(secret not in text for text in told)


def test_a_list_that_is_too_long_is_cut_and_says_so(harness: Harness) -> None:
    channel = harness.channel
    assert 0 < channel.size(MESSAGE) < channel.limit
    entries = tuple(f"第{n}项：{'很长的行动项。' * 20}" for n in range(channel.limit // 100))
    sections = (
        Section(title="逾期", bullets=entries, link=("打开", "https://example.com/")),
        Section(title="受阻", lines=("请看。",), bullets=("一项",)),
    )
    message = Message(id="x.1", to=(PERSON,), title="t", sections=sections)
    assert channel.size(message) > channel.limit
    channel.send(message)
    (text,) = harness.people_see()
    shown = text.count("很长的行动项。" * 20)
    assert 0 < shown < len(entries)
    assert all(f"第{n}项：" in text for n in range(shown))
    assert len(text.encode()) > channel.limit * (0.3 if "wecom" in channel.kind else 0.8)
    more = len(entries) - shown
    for words in (
        f"… 另有 {more} 项，见跟踪表或会议纪要",
        "… 另有 1 项，见跟踪表",
        "打开",
        "受阻",
        "请看。",
    ):
        assert words in text
    assert "一项" not in text


def test_a_list_that_was_cut_before_counts_what_was_left_out_then(harness: Harness) -> None:
    entries = tuple(
        f"第{n}项：{'很长的行动项。' * 20}" for n in range(harness.channel.limit // 100)
    )
    section = Section(title="逾期", bullets=(*entries, "… 另有 30 项"), more=30)
    harness.channel.send(Message(id="x.1", to=(PERSON,), title="t", sections=(section,)))
    (text,) = harness.people_see()
    shown = text.count("很长的行动项。" * 20)
    assert f"… 另有 {len(entries) - shown + 30} 项，见" in text
    assert "另有 30 项" not in text


def test_lines_that_are_too_long_never_leave(harness: Harness) -> None:
    long = Section(title="长", lines=("字" * harness.channel.limit,), bullets=("一项",))
    error = failure(harness, Message(id="x.1", to=(PERSON,), title="t", sections=(long,)))
    assert "too long" in error.said.en
    assert not error.left
    assert harness.people_see() == []


def test_what_just_fits_is_shown_whole(harness: Harness) -> None:
    if harness.channel.limit > 100_000:
        pytest.skip("mails are never near their limit")

    def message(length: int) -> Message:
        section = Section(title="长", lines=("字" * length + '"引"' + "终",))
        return Message(id="x.1", to=(PERSON,), title="t", sections=(section,))

    channel = harness.channel
    length = channel.limit
    while channel.size(message(length)) > channel.limit:
        length -= 1 + (channel.size(message(length)) - channel.limit) // 6
    channel.send(message(length))
    (text,) = harness.people_see()
    assert f'{"字" * 3}"引"终' in text


def test_several_messages_keep_the_service_s_pace(harness: Harness) -> None:
    if harness.channel.personal:
        pytest.skip("mail has no pace of its own")
    for _ in range(45):
        harness.channel.send(MESSAGE)
    assert len(harness.people_see()) == 45
