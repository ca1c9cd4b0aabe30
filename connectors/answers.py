"""What services have in common in what they answer, or do not. Pure."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from connectors.errors import ConnectorError, TransientError, UnknownOutcomeError, at
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


def failed(text: Said, *, write: bool, retry_after_s: float | None = None) -> ConnectorError:
    """Return the error for a fault of the service: a write may have been carried out."""
    kind = UnknownOutcomeError if write else TransientError
    return kind(text, retry_after_s=retry_after_s)


def time_of(headers: Mapping[str, str]) -> datetime | None:
    """Return the service's own time of an answer, aware: the machine's clock may be wrong.

    Args:
        headers: of the answer; a name is found in any case.
    """
    try:
        told = parsedate_to_datetime(headers["Date"])
    except (KeyError, TypeError, ValueError):
        return None
    return told if told.tzinfo else None


def seconds_until(value: object, now: datetime) -> float | None:
    """Return the seconds to wait that a service names; None if that is none of the usual forms.

    Args:
        value: a number of seconds, or a moment as HTTP or ISO 8601 writes it.
        now: aware.
    """
    text = str(value or "")
    for parse in (float, parsedate_to_datetime, datetime.fromisoformat):
        try:
            found = parse(text)
            return (found - now).total_seconds() if isinstance(found, datetime) else found
        except (TypeError, ValueError):
            continue
    return None


def no_json(status: int) -> Said:
    """Say that what answered was not the service."""
    return Said(
        f"HTTP {status}，不是该服务的答复（中间有代理？）",
        f"HTTP {status}, and no answer of the service (is a proxy in between?)",
    )


def quota_spent(where: str, now: datetime, zh: str, en: str) -> TransientError:
    """Say until when nothing can be called: the quota begins anew with the month.

    Args:
        where: the tracker, in words for a person.
        now: aware, in the zone whose months count.
        zh: what is spent, in Chinese.
        en: the same in English.
    """
    year, month = now.year + now.month // 12, now.month % 12 + 1
    first = now.replace(year=year, month=month, day=1, hour=0, minute=0, second=0, microsecond=0)
    return TransientError(
        at(where, f"{zh}；{first.date()} 再试", f"{en}; tried again on {first.date()}"),
        hint=Said(
            "更高的套餐有更多次数；把 `every` 调长可少用一些",
            "a larger plan has more of them; a longer `every` spends fewer",
        ),
        retry_after_s=(first - now).total_seconds(),
    )
