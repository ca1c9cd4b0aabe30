"""The words of a message, so that none of them means anything to the service. Pure.

What minutes say comes from outside: it must not end a line, begin a list, close a tag or call
everybody. How the messengers' own markdown escapes a sign is not documented, so that signs which
could mean something become their full-width twins, which never do.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import quote

from mapping.notices import Message, Section, left_out

SIGNATURE = "Minuteloop"  # ends what goes to a group: a robot that wants a keyword can have it

_BLANK = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_UNSEEN = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff]")  # they turn the direction of others
_BROKEN = re.compile("[\ud800-\udfff]")  # halves of a character, which cannot be sent
_CALL = re.compile(r"@(?!(?<=[\w.+-]@)[a-z0-9-]+\.[a-z])", re.IGNORECASE | re.ASCII)
_TAG = re.compile(r"<(?=\s*/?\s*at\b)", re.IGNORECASE)
_SIGNS = str.maketrans("<>*`[]~\\", "＜＞＊｀［］～＼")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_UNDERLINE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_START = re.compile(r"^[-+=#|]+")
_START_WIDE = str.maketrans("-+=#|", "－＋＝＃｜")
_NUMBER = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")
_NUMBER_WIDE = str.maketrans(".)", "．）")


def plain(text: str) -> str:
    """Return a text as one line without signs that cannot be seen."""
    return _BLANK.sub(" ", _BROKEN.sub("\ufffd", _UNSEEN.sub("", text))).strip()


def uncalled(text: str) -> str:
    """Return a text as one line that mentions nobody; addresses of mail stay."""
    return _CALL.sub("＠", _TAG.sub("＜", plain(text)))


def unmarked(text: str) -> str:
    """Return a text as one line in which no sign means anything in markdown or HTML."""
    line = _UNDERLINE.sub("＿", _ENTITY.sub("＆", uncalled(text).translate(_SIGNS)))
    line = _START.sub(lambda found: found[0].translate(_START_WIDE), line)
    return _NUMBER.sub(lambda found: found[1] + found[2].translate(_NUMBER_WIDE), line)


def web_address(link: str) -> str | None:
    """Return a link as it can stand between brackets and quotes; None if it leads to no page."""
    if not re.match(r"https?://[^\s/?#]", link, re.IGNORECASE):
        return None
    return quote(_BROKEN.sub("", link), safe="%/?#:!$&*+,;=~")


def text_of(message: Message, calls: str = "", clean: Callable[[str], str] = plain) -> str:
    """Return a message as plain text.

    Args:
        message: what to say.
        calls: a line that mentions people, as the service wants it.
        clean: makes one line of a text.
    """
    head = [clean(message.title), *([calls] if calls else [])]
    blocks = ["\n".join(head), *("\n".join(_lines(part, clean)) for part in message.sections)]
    return "\n\n".join(block for block in blocks if block)


def _lines(section: Section, clean: Callable[[str], str]) -> Iterator[str]:
    yield from filter(None, map(clean, (section.title, *section.lines)))
    yield from (f"• {clean(bullet)}" for bullet in section.bullets)
    if section.link:
        words, address = clean(section.link[0]), web_address(section.link[1])
        yield f"{words}: {address}" if address else words


def markdown_of(message: Message, calls: str, *, bullet: str, between: str) -> str:
    """Return a message in the markdown of a messenger, signed.

    Args:
        message: what to say.
        calls: a line that mentions people, as the service wants it.
        bullet: begins an entry of a list.
        between: ends a line so that the service begins another.
    """
    title = unmarked(message.title) or SIGNATURE
    blocks = [between.join(filter(None, (f"### {title}", calls)))]
    for section in message.sections:
        title = unmarked(section.title)
        lines = [f"**{title}**" if title else "", *map(unmarked, section.lines)]
        lines.append("\n".join(f"{bullet} {unmarked(entry)}" for entry in section.bullets))
        if section.link:
            words, address = unmarked(section.link[0]), web_address(section.link[1])
            lines.append(f"[{words}]({address})" if address else words)
        blocks.append(between.join(filter(None, lines)))
    return "\n\n".join((*blocks, SIGNATURE))


def fitted(message: Message, size: Callable[[Message], int], limit: int) -> Message:
    """Return a message with as many entries of its lists as fit, and how many are missing.

    Args:
        message: what to say.
        size: how many bytes a message takes.
        limit: how many it may take.

    Returns:
        The message itself if it fits, or if not even one entry would.
    """
    if size(message) <= limit:
        return message
    least, most = 0, sum(len(section.bullets) for section in message.sections)
    while least < most:
        middle = (least + most + 1) // 2
        if size(_with_entries(message, middle)) <= limit:
            least = middle
        else:
            most = middle - 1
    return _with_entries(message, least) if least else message


def _with_entries(message: Message, kept: int) -> Message:
    sections = []
    for section in message.sections:
        shown = section.bullets[:kept]
        kept -= len(shown)
        more = len(section.bullets) - bool(section.more) - len(shown) + section.more
        if len(shown) < len(section.bullets):
            rest = left_out(more, message.language)
            sections.append(replace(section, bullets=(*shown, rest), more=more))
        else:
            sections.append(section)
    return replace(message, sections=tuple(sections))
