"""Addresses that stand among names: those of the web and their labels are nobody. Pure."""

import re

from mapping.words import plain

_HOST = (
    r"(?:www|meet|meeting|zoom|teams|join|conf|call|video|vc|live|webex)(?:\.[a-z\d-]{1,63}){1,5}"
    r"|[a-z\d-]{1,63}(?:\.[a-z\d-]{1,63}){0,5}\."
    r"(?:com|org|net|io|us|cn|tw|hk|jp|eu|uk|app|dev|edu|gov|info|live|link|chat|cloud)"
)
_REST = "[^\\s、，；;,<>()（）\\[\\]【】\"'\u3000-\u9fff]"
_ADDRESS = re.compile(
    rf"[a-z][a-z\d+]{{1,9}}://{_REST}+|(?<![\w@.+-])(?:{_HOST})(?![\w@-]|\.\w)(?:[:/?#]{_REST}*)?",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:^|[、，；;,\n(（])(?P<words>[^、，；;,\n()（）]{1,40}?)\s?(?P<sign>[:：]|\s[-–—])?\s*[<\[]?$"
)
_LINK = re.compile(
    r"\b(?:links?|urls?|zoom|meet|meetings?|teams|webex|jitsi|room|calls?|video|join|channel|docs?|"
    r"document|notes|agenda|recordings?|slides|online|remote|site|web|page)\b"
    r"|链接|会议|网址|地址|入口|线上|视频|直播|录音|录像|录屏|文档|文件|房间|通话",
    re.IGNORECASE,
)
_NAME = re.compile("[\u3400-\u9fff]{2,4}|[A-Z][\\w'’.-]+(?: [A-Z][\\w'’.-]*){1,3}")
# behind a name, as in a mail's header; one that stands alone is all that is told of a person
_MAIL = re.compile(
    r"(?<=[^\s、，；;,:：(（/／&+和与及跟])(?<!\band)\s?(?<![a-z\d_.+-])[<＜]?[a-z\d][a-z\d_.+-]{0,63}"
    r"@[a-z\d-]{1,63}(?:\.[a-z\d-]{1,63}){1,5}[>＞]?",
    re.IGNORECASE | re.ASCII,
)
_EMPTY = re.compile(r"[(（<\[【]\s*[)）>\]】]")


def without_addresses(text: str) -> str:
    """Return a list of names without the web addresses in it and without their labels.

    ``Zoom: https://…`` leaves nothing, ``Ann Lee (https://…)``, ``Ann Lee: https://…`` and
    ``Ann Lee <ann@…>`` the name.
    """
    text = _MAIL.sub("", text)
    kept, end = "", 0
    for match in _ADDRESS.finditer(text):
        before = text[end : match.start()]
        label = _LABEL.search(before)
        if label and _is_nobody(label["words"], told=bool(label["sign"])):
            before = before[: label.start("words")]
        within = before.rstrip().endswith(("(", "（", "<", "[", "【"))
        kept += before.rstrip(" :：-–—") + ("" if within else "、")
        end = match.end()
    return _EMPTY.sub("", kept + text[end:]) if end else text


def _is_nobody(words: str, *, told: bool) -> bool:
    """Say whether the words before an address are its label; ``told`` if a sign says so."""
    words = plain(words).strip()
    return bool(_LINK.search(words)) or (told and not _NAME.fullmatch(words))
