"""What services have in common in what they answer, or do not. Pure."""

from datetime import datetime

from connectors.errors import ConnectorError, TransientError, UnknownOutcomeError
from mapping.said import Said

ELSEWHERE_HINT = Said(
    "请检查 base_url：该地址会跳转到别处", "check base_url: the address leads elsewhere"
)


def no_answer(where: str, kind: str, *, write: bool) -> ConnectorError:
    """Return what it means that a call left and no answer came."""
    if write:
        said = Said(f"{where} 没有答复：{kind}", f"{where}: no answer came: {kind}")
        return UnknownOutcomeError(said)
    return TransientError(Said(f"{where} 没有答复：{kind}", f"{where} gave no answer: {kind}"))


def no_json(status: int) -> Said:
    """Say that what answered was not the service."""
    return Said(
        f"HTTP {status}，不是该服务的答复（中间有代理？）",
        f"HTTP {status}, and no answer of the service (is a proxy in between?)",
    )


def next_month(at: datetime) -> datetime:
    """Return the moment at which the next month begins in a moment's own zone."""
    year, month = at.year + at.month // 12, at.month % 12 + 1
    return at.replace(year=year, month=month, day=1, hour=0, minute=0, second=0, microsecond=0)
