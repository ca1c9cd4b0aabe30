"""The types of values in a team file, and what is said of a wrong one.

A validator says what was found and what is allowed; the key before it comes from who loads.
"""

import re
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, ValidationInfo

from mapping.values import MeetingType, Status
from minuteloop.secrets import FORMS, Secret, SecretError, look_up

# The rules of the handbook, by id: what ``rules.off`` may name.
RULE_IDS = (
    *("S1", "A1", "A2", "A3", "A4", "B1", "B2", "B3", "C1", "C2", "C3"),
    *("D1", "D2", "D3", "D4", "D5", "D6", "E1", "E2", "F1", "F2", "F3", "F4", "F5", "F6"),
)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LONGEST_TIMEOUT = timedelta(minutes=5)  # a pass waits for it
_TIME = r"([01]\d|2[0-3]):([0-5]\d)"


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty, must be a text")
    return value.strip()


def _duration(value: object) -> timedelta:
    match = re.fullmatch(r"(\d{1,6})\s*([smhd])", value) if isinstance(value, str) else None
    if match is None or int(match[1]) == 0:
        raise ValueError(f'found {shown(value)}, must be a duration such as "60s", "5m" or "24h"')
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _timeout(value: object) -> timedelta:
    duration = _duration(value)
    if duration > _LONGEST_TIMEOUT:
        raise ValueError(f'found {shown(value)}, must be at most "5m"')
    return duration


def _time_of_day(value: object) -> time:
    if not (isinstance(value, str) and re.fullmatch(_TIME, value)):
        raise ValueError(f'found {shown(value)}, must be a time of day such as "09:00"')
    return time.fromisoformat(value)


def _quiet_hours(value: object) -> tuple[time, time] | None:
    if value == "":
        return None
    match = re.fullmatch(f"({_TIME})-({_TIME})", value) if isinstance(value, str) else None
    if match is None or match[1] == match[4]:
        raise ValueError(f'found {shown(value)}, must be "" or a span such as "21:00-08:30"')
    return time.fromisoformat(match[1]), time.fromisoformat(match[4])


def _secret(value: object, info: ValidationInfo) -> Secret:
    """Look a secret up; the context's ``folder`` is where its paths start (None: do not look)."""
    if not isinstance(value, str):
        raise ValueError(f"must be a text: {FORMS}")  # noqa: TRY004  # pydantic wants ValueError
    folder: Path | None = (info.context or {}).get("folder")
    if folder is None:
        return Secret("")
    try:
        return look_up(value, folder)
    except SecretError as error:
        raise ValueError(str(error)) from None


def _robot_address(value: Secret) -> Secret:
    try:
        parts = urlsplit(value.reveal())
        fits = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # no port, no host; its text holds the address
        fits = False
    if value.reveal() and (not fits or re.search(r"\s", value.reveal())):
        raise ValueError("must be the address of a webhook, such as https://example.com/…")
    return value


def _any_address(value: Secret) -> Secret:
    if value.reveal() and not re.match(r"[A-Za-z][\w+.-]*://", value.reveal()):
        raise ValueError("must be an Apprise address, such as ntfy://example.com/topic")
    return value


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _web_address(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+[^\s]*", value):
        raise ValueError(f"found {shown(value)}, must be an address such as https://example.com")
    return value.rstrip("/")


def _listen(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not (host and port.isdecimal() and 0 < int(port) < 65536):
        raise ValueError(f'found {shown(value)}, must be host:port such as "127.0.0.1:8765"')
    return value


def _rule_id(value: str) -> str:
    if value not in RULE_IDS:
        near = value.strip().upper()
        hint = f' - did you mean "{near}"?' if near in RULE_IDS else ""
        raise ValueError(f"found {shown(value)}, must be a rule's id such as D2 or F3{hint}")
    return value


def shown(value: object) -> str:
    """Return a value as people know it from the file, cut short."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value if len(value) <= 60 else value[:60] + "…"}"'
    if isinstance(value, dict):
        return "a table"
    return "a list" if isinstance(value, list | tuple) else str(value)


Text = Annotated[str, AfterValidator(_not_blank)]
Texts = Annotated[tuple[Text, ...], Field(strict=False)]
Duration = Annotated[timedelta, PlainValidator(_duration)]
Timeout = Annotated[timedelta, PlainValidator(_timeout)]
TimeOfDay = Annotated[time, PlainValidator(_time_of_day)]
QuietHours = Annotated[tuple[time, time] | None, PlainValidator(_quiet_hours)]
SecretText = Annotated[Secret, PlainValidator(_secret)]
RobotAddress = Annotated[SecretText, AfterValidator(_robot_address)]
AppriseAddress = Annotated[SecretText, AfterValidator(_any_address)]
Address = Annotated[str, AfterValidator(_web_address)]
MeetingTypes = Annotated[
    tuple[Annotated[MeetingType, Field(strict=False)], ...], Field(strict=False)
]
Days = Annotated[int, Field(ge=0, le=366)]
Hours = Annotated[int, Field(ge=1, le=744)]  # a month
Topics = Annotated[int, Field(ge=1, le=100)]
Years = Annotated[int, Field(ge=1, le=100)]
Port = Annotated[int, Field(ge=1, le=65535)]
Cloud = Literal["global", "china"]
FieldName = Literal[
    "description",
    "owner",
    "department",
    "due",
    "completed",
    "status",
    "deliverable",
    "note",
    "acceptance",
    "support",
    "meeting",
    "id",
]
StatusName = Annotated[Status, Field(strict=False)]
StatusWords = Annotated[Texts, BeforeValidator(_several), Field(min_length=1)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
NoticeKind = Literal["minutes", "reminder", "digest", "alert", "finding", "review"]
Listen = Annotated[str, AfterValidator(_listen)]
RuleIds = Annotated[tuple[Annotated[str, AfterValidator(_rule_id)], ...], Field(strict=False)]
