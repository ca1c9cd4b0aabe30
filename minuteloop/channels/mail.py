"""A message as a mail: headers, plain text and simple HTML. Pure.

Nothing of a text reaches a header's or a tag's end: headers are made by ``email``, texts are one
line each and escaped.
"""

import html
import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from mapping.notices import Message, Section
from minuteloop.channels.wording import plain, text_of, web_address

_SIGN = re.compile(r"[^\w\s'·-]")
_MOST_NAME = 40  # characters; a line of a header has room for 75
_POLICY = SMTP.clone(cte_type="7bit")  # so that no server has to know 8BITMIME
_ATOM, _LABEL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+", r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=.{{3,254}}$){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")


def is_address(text: str) -> bool:
    """Say whether mail can go to an address (only ASCII: no server has to know SMTPUTF8)."""
    return _ADDRESS.fullmatch(text) is not None


def compose(
    message: Message, *, sender: tuple[str, str], to: tuple[str, str], at: datetime
) -> bytes:
    """Return a message as it goes over the wire.

    Args:
        message: what to say; its ``id`` and the sender's domain make the Message-ID.
        sender: name and address.
        to: likewise.
        at: aware; the mail's date.
    """
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = Address(_name(sender[0]), addr_spec=sender[1])
    mail["To"] = Address(_name(to[0]), addr_spec=to[1])
    mail["Subject"] = _header(message.title)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{message.id}@{sender[1].rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # no answer of a machine is wanted (RFC 3834)
    mail.set_content(text_of(message) + "\n")
    mail.add_alternative(_html(message), subtype="html")
    return mail.as_bytes(policy=_POLICY)


def _header(text: str) -> str:
    """Return a text for a header; one that looks encoded is not taken for it."""
    return " ".join(plain(text).split()).replace("=?", "＝?")


def _name(text: str) -> str:
    """Return a name for a header: signs that need quotes, and great lengths, break its folding."""
    return " ".join(_SIGN.sub(" ", plain(text)).split())[:_MOST_NAME].rstrip()


def _html(message: Message) -> str:
    parts = "".join(_html_section(section) for section in message.sections)
    title = html.escape(plain(message.title))
    head = f'<meta charset="utf-8"><title>{title}</title>'
    language = "zh-CN" if message.language == "zh" else "en"
    return (
        f'<!DOCTYPE html>\n<html lang="{language}"><head>{head}</head>\n'
        f"<body><h2>{title}</h2>\n{parts}</body></html>\n"
    )


def _html_section(section: Section) -> str:
    title, *lines = (html.escape(plain(text)) for text in (section.title, *section.lines))
    bullets = "".join(f"<li>{html.escape(plain(b))}</li>\n" for b in section.bullets)
    parts = [f"<h3>{title}</h3>\n" if title else "", *(f"<p>{line}</p>\n" for line in lines)]
    parts.append(f"<ul>\n{bullets}</ul>\n" if bullets else "")
    if section.link:
        words, address = html.escape(plain(section.link[0])), web_address(section.link[1])
        shown = f'<a href="{html.escape(address)}">{words}</a>' if address else words
        parts.append(f"<p>{shown}</p>\n")
    return "".join(parts)
