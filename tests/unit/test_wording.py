"""No text of a document means anything to a service: it breaks no format and calls nobody."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser

import pytest
from contract.channel_harnesses import made
from fakes.clock import FakeClock
from fakes.robots import FakeDingtalk, FakeFeishu, FakeRobot, FakeWecom
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mapping.notices import Message, Section
from mapping.values import Person
from minuteloop.channels.mail import compose
from minuteloop.channels.wording import markdown_of, plain, uncalled, unmarked, web_address

PIECES = [
    *("@all", "@所有人", "＠all", "<@all>", "<@zhangsan>", "@13800000001", '<at user_id="all">'),
    *(
        "<at id=all></at>",
        "< at user_id='all'>所有人</at>",
        "</at>",
        "<AT USER_ID=all>",
        "&lt;@all&gt;",
    ),
    *(
        "**粗",
        "__u__",
        "*",
        "_",
        "`code`",
        "```",
        "~~",
        "[a](javascript:alert(1))",
        "![x](http://x)",
    ),
    *(
        "# 标题",
        "> 引用",
        "- 点",
        "1. 一",
        "2) 二",
        "---",
        "===",
        "| a | b |",
        "<b>",
        "<script>alert(1)",
    ),
    *(
        "\n",
        "\r\n",
        "\n\n# x",
        "\x00",
        "\u2028",
        "\u202e",
        "\ud800",
        "\\",
        "\r\n.\r\nQUIT\r\n",
        ".",
    ),
    *(
        "\r\nBcc: everybody@example.com\r\n",
        "=?utf-8?q?=0D=0ABcc:_x?=",
        "</title>",
        '"',
        "'",
        "a@b.cn",
    ),
    *("张三", "《方案》", " ", "🙂", "V2.0", "R&D", "{{x}}", "%0A", "http://x/?a=1&b=2"),
]
HOSTILE = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=8).map("".join)
PERSON = Person(
    name="张三",
    email="zhangsan@example.com",
    mobile="13800000000",
    accounts={"feishu": "ou_1", "wecom": "zhang.san"},
)
sections = st.builds(
    Section,
    title=HOSTILE,
    lines=st.lists(HOSTILE, max_size=2).map(tuple),
    bullets=st.lists(HOSTILE, max_size=3).map(tuple),
    link=st.none() | st.tuples(HOSTILE, HOSTILE | st.just("https://example.com/a b)('\"<>")),
)
messages = st.builds(
    Message,
    id=st.just("ml.1"),
    to=st.just((PERSON,)),
    title=HOSTILE,
    sections=st.lists(sections, max_size=2).map(tuple),
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("完成 V2.0，a@b.cn，file_v2_final.docx", "完成 V2.0，a@b.cn，file_v2_final.docx"),
        ("R&D & 5 > 3", "R&D & 5 ＞ 3"),
        ("请@所有人 看 <@all>", "请＠所有人 看 ＜＠all＞"),
        ("&lt;b&gt;", "＆lt;b＆gt;"),
        ("# 一\n- 二", "＃ 一 - 二"),
        ("1. 一", "1． 一"),
        ("2024.5 总结", "2024.5 总结"),
        ("__init__", "＿＿init＿＿"),
        ("-5 度", "－5 度"),
        ("", ""),
    ],
)
def test_what_people_wrote_can_still_be_read(text: str, shown: str) -> None:
    assert unmarked(text) == shown


@given(text=HOSTILE)
@settings(max_examples=300)
def test_a_text_is_one_line_and_means_nothing_in_markdown(text: str) -> None:
    line = unmarked(text)
    assert line == unmarked(line)
    assert not re.search(
        r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ud800-\udfff<>*`\[\]~]", line
    )
    tokens = MarkdownIt("commonmark").parse(line)
    kinds = {token.type for token in tokens}
    kinds |= {child.type for token in tokens for child in token.children or ()}
    assert kinds <= {"paragraph_open", "paragraph_close", "inline", "text"}
    seen = "".join(c.content for token in tokens for c in token.children or ())
    assert seen == line


@given(text=HOSTILE)
def test_a_text_calls_nobody(text: str) -> None:
    for shown in (uncalled(text), unmarked(text)):
        for found in re.finditer("@", shown):
            assert re.match(r"@[A-Za-z0-9-]+\.[A-Za-z]", shown[found.start() :])
            assert re.search(r"[\w.+-]$", shown[: found.start()])
        assert not re.search(r"<\s*/?\s*at\b", shown, re.IGNORECASE)


@given(text=HOSTILE)
def test_a_plain_text_keeps_its_words(text: str) -> None:
    words = re.sub(r"[\W_]+", "", re.sub("[\ud800-\udfff]", "", text))
    assert re.sub(r"[\W_]+", "", plain(text)) == words


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("https://example.com/表?a=1&b=2#x", "https://example.com/%E8%A1%A8?a=1&b=2#x"),
        ('https://example.com/a b)("<', "https://example.com/a%20b%29%28%22%3C"),
        ("https://example.com/@all", "https://example.com/%40all"),
        ("https://example.com/%20x", "https://example.com/%20x"),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("//example.com", None),
        ("", None),
    ],
)
def test_only_pages_are_linked(link: str, address: str | None) -> None:
    assert web_address(link) == address


@given(message=messages)
@settings(max_examples=150, deadline=None)
def test_a_message_has_the_blocks_that_it_should(message: Message) -> None:
    text = markdown_of(message, "", bullet="-", between="\n\n")
    tokens = MarkdownIt("commonmark").parse(text)
    count = sum(token.type == "list_item_open" for token in tokens)
    assert count == sum(len(section.bullets) for section in message.sections)
    bold = [
        child for token in tokens for child in token.children or () if child.type == "strong_open"
    ]
    assert len(bold) == sum(bool(unmarked(section.title)) for section in message.sections)
    assert sum(token.type == "heading_open" for token in tokens) == 1
    kinds = {token.type for token in tokens}
    assert not kinds & {"fence", "code_block", "html_block", "blockquote_open", "hr", "table_open"}
    links = [c for t in tokens for c in t.children or () if c.type == "link_open"]
    assert all(str(link.attrs["href"]).lower().startswith("http") for link in links)


@pytest.mark.parametrize("kind", [FakeDingtalk, FakeWecom, FakeFeishu])
@given(message=messages)
@settings(max_examples=60, deadline=None)
def test_a_group_sees_no_mention_but_ours(kind: type[FakeRobot], message: Message) -> None:
    clock = FakeClock()
    service = kind(clock)
    channel = made(kind.__name__.removeprefix("Fake").lower(), clock, url=service.url)
    assert channel.size(message) <= channel.limit
    channel.send(message)
    (seen,) = service.seen
    ours = {FakeDingtalk: "13800000000", FakeWecom: "zhang.san", FakeFeishu: "ou_1"}[kind]
    assert seen.mentions == {ours}
    assert not seen.everybody


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]


@given(message=messages, name=HOSTILE)
@settings(max_examples=150, deadline=None)
def test_a_mail_has_our_headers_and_no_others(message: Message, name: str) -> None:
    raw = compose(
        message,
        sender=("会议纪要", "robot@example.com"),
        to=(name, "zhangsan@example.com"),
        at=FakeClock().wall(),
    )
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    words = plain(message.title).replace("=?", "＝?").split()
    assert "".join(mail["Subject"].split()) == "".join(words)  # a fold may cost a blank
    names = [*("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version")]
    assert sorted(mail.keys()) == sorted([*names, "Content-Type"])
    assert [a.addr_spec for a in mail["To"].addresses] == ["zhangsan@example.com"]
    assert [a.addr_spec for a in mail["From"].addresses] == ["robot@example.com"]
    html = mail.get_body(("html",))
    assert html is not None
    tags = Tags()
    tags.feed(html.get_content())
    assert set(tags.found) <= {
        *["html", "head", "meta", "title", "body", "h2", "h3", "p", "ul", "li", "a"]
    }
    assert tags.found.count("li") == sum(len(part.bullets) for part in message.sections)
    assert all(link.lower().startswith("http") for link in tags.links)
