"""Addresses that stand among names: those of the web and their labels are nobody. Pure."""

import re
from collections.abc import Callable

from mapping.words import plain

_HOST = (
    r"www(?:\.[a-z\d-]{1,63}){1,5}"
    r"|(?:meet|meeting|zoom|teams|join|conf|call|video|vc|live|webex)(?:\.[a-z\d-]{1,63}){2,5}"
    r"|[a-z\d-]{1,63}(?:\.[a-z\d-]{1,63}){0,5}\."
    r"(?-i:com|org|net|io|us|cn|tw|hk|jp|eu|uk|app|dev|edu|gov|info|live|link|chat|cloud)"
)
_REST = "[^\\s、，；;,<>()（）\\[\\]【】\"'\u3000-\u9fff]"
_ADDRESS = re.compile(
    rf"[a-z][a-z\d+]{{1,9}}://{_REST}+|(?<![\w@.+-])(?:{_HOST})(?![\w@-]|\.\w)(?:[:/?#]{_REST}*)?",
    re.IGNORECASE,
)
_OPEN = "(（<【["
_OUTER = frozenset("、，；;,\n" + _OPEN)  # no label goes on before these
_PIECES = 8  # a label has no more, however long the text before it is
_BREAK = re.compile(  # what parts a label from the names before it
    rf"\s*(?:[{re.escape(_OPEN)}、，；;,\n。·|｜/／&)）>\]】:：]|(?<=\w)\.\s|\s[-–—]\s|\s{{2,}}"
    r"|\s(?:and|via|on|at|by|in|through|with)\s|[和及]|(?<!参)与"
    r"|(?<=[\u3400-\u9fff])\s|\s(?=[\u3400-\u9fff]))\s*",
    re.IGNORECASE,
)
_LABEL = re.compile(  # longer words first: what is taken is not given back
    r"(?:(?<![a-z])(?:links?|urls?|websites?|web|sites?|pages?|google|zoom|meetings?|meet|microsoft|ms"
    r"|teams|webex|jitsi|skype|hangouts?|slack|discord|conference|rooms?|calls?|bridge|videos?"
    r"|audio|join|dial|in|channel|documents?|docs?|files?|notes|minutes|agenda|recordings?|slides"
    r"|online|remote|live|streams?|invite|id|address|see|click|here|the|to|for|of|our|this)(?![a-z])"
    r"|腾讯|飞书|钉钉|企业|微信|谷歌|瞩目|会议室|会议号|会议|纪要|议程|记录|链接|连接|网址|网页"
    r"|地址|入口|加入|进入|参会|参与|方式|线上|在线|网上|网络|远程|云端|视频|语音|电话|直播|录音"
    r"|录像|录屏|回放|文档|文件|资料|房间|通话|点击|此处|详见|参见|见|的|为|[\d\s#_.-])++",
    re.IGNORECASE,
)
# behind a name, as in a mail's header; one that stands alone is all that is told of a person
_MAIL = re.compile(
    r"(?<=[^\s、，；;,:：(（/／&+和与及跟])(?<!\band)\s?(?<![a-z\d_.+-])[<＜]?[a-z\d][a-z\d_.+-]{0,63}"
    r"@[a-z\d-]{1,63}(?:\.[a-z\d-]{1,63}){1,5}[>＞]?",
    re.IGNORECASE | re.ASCII,
)
_EMPTY = re.compile(r"[(（<\[【]\s*[)）>\]】]")


def without_addresses(text: str, is_person: Callable[[str], object]) -> str:
    """Return a list of names without the web addresses in it and without their labels.

    ``Zoom: https://…`` leaves nothing, ``Ann Lee (https://…)``, ``Ann Lee: https://…`` and
    ``Ann Lee <ann@…>`` the name.

    Args:
        text: names, in the words of the document.
        is_person: whether words are somebody's name for certain, whatever else they may mean.
    """
    text = _MAIL.sub("", text)
    kept, end = "", 0
    for match in _ADDRESS.finditer(text):
        before = text[end : match.start()]
        words = before.rstrip(f" \t:：-–—{_OPEN}")
        kept += _without_label(words, is_person) + _bracket(before[len(words) :])
        kept += "" if kept.endswith(tuple(_OPEN)) else "、"
        end = match.end()
    return _EMPTY.sub("", kept + text[end:]).strip("、") if end else text


def _without_label(text: str, is_person: Callable[[str], object]) -> str:
    """Return what stands before an address without the words that say what it is.

    Only what stands between two breaks is a label, and only if nothing else is among its words:
    a name that is not told apart from its label would be lost with it.
    """
    for sign in reversed([None, *_BREAK.finditer(text)][-_PIECES:]):
        words = text[sign.end() if sign else 0 :]
        if words and (not _LABEL.fullmatch(plain(words)) or is_person(words)):
            break
        text = text[: sign.start()] + _bracket(sign[0]) if sign else ""
        if sign and not _OUTER.isdisjoint(sign[0]):
            break
    return text


def _bracket(sign: str) -> str:
    return next((c for c in sign if c in _OPEN), "")
