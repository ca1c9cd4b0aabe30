"""What stands in a Bitable record and a cell of ours, both ways. Pure.

The shapes are those of "Record data structure" and "Search records" (open.feishu.cn, read 2026-05):
reading gives segments where writing takes plain text; an empty cell is not there at all; a day is
midnight in the base's own zone, as milliseconds.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from enum import IntEnum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.fit import ShapeError, UnfitError, every, no_such, too_long
from mapping.cells import Cell, Kind, User, is_empty, show
from mapping.said import Said

TEXT_LIMIT = 100_000  # code 1254130: a text of more characters is refused


class Type(IntEnum):
    """The types of columns that are told apart here."""

    TEXT = 1
    NUMBER = 2
    SELECT = 3
    MULTISELECT = 4
    DATE = 5
    CHECKBOX = 7
    PERSON = 11
    PHONE = 13
    URL = 15
    ATTACHMENT = 17
    LOOKUP = 19
    FORMULA = 20
    STAGE = 24
    CREATED_TIME = 1001
    MODIFIED_TIME = 1002
    CREATOR = 1003
    MODIFIER = 1004
    AUTO_NUMBER = 1005


KINDS: Mapping[int, Kind] = {
    Type.SELECT: Kind.OPTION,
    Type.STAGE: Kind.OPTION,
    Type.MULTISELECT: Kind.OPTIONS,
    Type.DATE: Kind.DATE,
    Type.CREATED_TIME: Kind.DATE,
    Type.MODIFIED_TIME: Kind.DATE,
    Type.PERSON: Kind.USERS,
    Type.CREATOR: Kind.USERS,
    Type.MODIFIER: Kind.USERS,
}  # all others are text
WRITABLE = frozenset(
    {Type.TEXT, Type.SELECT, Type.MULTISELECT, Type.DATE, Type.PERSON, Type.URL},
)
_LISTS = (Kind.OPTIONS, Kind.USERS)
_ADDRESS = re.compile(r"(?:(?P<text>.*\S)\s+)?(?P<link>https?://\S+)", re.DOTALL)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_OFFSET = re.compile(r"(?:UTC|GMT)(?:([+-])(\d{1,2})(?::?(\d\d))?)?", re.IGNORECASE)
_ZONES = {"Asia/Beijing": "Asia/Shanghai"}  # the vendor's own sample; no name that IANA knows


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is needed to read and write cells.

    Attributes:
        zone: the base's, in which its days begin.
        emails: account -> the e-mail by which the team file's person was found.
    """

    zone: tzinfo
    emails: Mapping[str, str] = field(default_factory=dict)


def zone(name: str) -> tzinfo | None:
    """Return the zone that a base names; None if it is none."""
    offset = _OFFSET.fullmatch(name.strip())
    try:
        if offset:
            sign, hours, minutes = offset.groups(default="0")
            shift = timedelta(hours=int(hours), minutes=int(minutes))
            return timezone(-shift if sign == "-" else shift)
        return ZoneInfo(_ZONES.get(name, name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


# --- reading ---


def text_of(value: Any) -> str | None:
    """Return any payload as people read it; None for nothing."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, list):
        parts = [text_of(v) or "" for v in value]
        segments = all(isinstance(v, dict) and "text" in v for v in value)
        return ("" if segments else "、").join(parts) or None
    if isinstance(value, dict):
        for key in ("text", "name", "full_address", "value", "link_record_ids"):
            if key in value:
                return text_of(value[key])
        return str(value.get("id") or "") or None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value is None else str(value)


def cell(value: Any, type_: int, scope: Scope) -> Cell:
    """Return the cell that a payload stands for.

    Args:
        value: as ``search`` or ``batch_get`` returns it, or as a write echoes it; None is empty.
        type_: the column's.
        scope: how days and people are read.

    Raises:
        ShapeError: the column has another type by now.
    """
    if value is None:
        return empty(type_)
    kind = KINDS.get(type_, Kind.TEXT)
    if kind is Kind.USERS:
        users = value if isinstance(value, list) else [value] if value else []
        return tuple(_user(u, scope) for u in users)
    if kind is Kind.OPTIONS:
        return tuple(map(str, value)) if isinstance(value, list) else (value,) if value else ()
    if kind is Kind.DATE:
        return _day(value, scope)
    if type_ in (Type.FORMULA, Type.LOOKUP):
        return _derived(value, scope)
    if type_ == Type.URL and isinstance(value, dict):
        return _address(value)
    return text_of(value)


def empty(type_: int) -> Cell:
    """Return what an empty cell of a column holds."""
    return () if KINDS.get(type_, Kind.TEXT) in _LISTS else None


def _user(value: Any, scope: Scope) -> User:
    if not isinstance(value, dict) or not value.get("id"):
        raise ShapeError("a column of people holds something else")
    key = str(value["id"])
    email = scope.emails.get(key) or value.get("email") or None
    return User(key, str(value.get("name") or value.get("en_name") or ""), email)


def _address(value: Mapping[str, Any]) -> str | None:
    text, link = str(value.get("text") or ""), str(value.get("link") or "")
    return (text if text == link else f"{text} {link}".strip()) or None


def _day(value: Any, scope: Scope) -> Cell:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return text_of(value)
    try:
        moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=value)
        return moment.astimezone(scope.zone).date()
    except OverflowError:
        return str(value)


def _derived(value: Any, scope: Scope) -> Cell:
    """Return what a formula or lookup shows: ``{"type": of its values, "value": [...]}``."""
    if not isinstance(value, dict) or not isinstance(value.get("type"), int):
        return text_of(value)
    inner = value.get("value")
    values = inner if isinstance(inner, list) else [inner]
    if KINDS.get(value["type"]) is Kind.DATE:
        return "、".join(show(_day(v, scope)) for v in values if v is not None) or None
    return text_of(values)


# --- writing ---


def payload(value: Cell, type_: int, scope: Scope) -> Any:
    """Return what is to be sent for a cell; None clears it.

    Raises:
        UnfitError: it is no cell of this column's kind.
    """
    if is_empty(value):
        return None  # "" and [] are not documented to clear
    kind = KINDS.get(type_, Kind.TEXT)
    if kind is Kind.USERS:
        return [{"id": u.key} for u in every(value, User)]
    if kind is Kind.OPTIONS:
        return list(dict.fromkeys(every(value, str)))  # one new name twice would be made twice
    if kind is Kind.DATE and isinstance(value, date):
        return milliseconds(value, scope.zone)
    if kind is Kind.DATE or not isinstance(value, str):
        raise no_such(value)
    if type_ == Type.URL:
        found = _ADDRESS.fullmatch(value.strip())
        if not found:
            said = Said(
                "要填网址，前面可以有文字", "takes a web address, with or without words before it"
            )
            raise UnfitError(said)
        return {"text": found["text"] or found["link"], "link": found["link"]}
    text = _CONTROL.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) > TEXT_LIMIT:
        raise too_long(TEXT_LIMIT)
    return text or None


def milliseconds(day: date, zone_: tzinfo) -> int:
    """Return the midnight with which a day begins in a zone."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone_)
    return round((midnight - datetime.fromtimestamp(0, UTC)) / timedelta(milliseconds=1))


def as_uuid4(*parts: str) -> str:
    """Return a version 4 UUID (a ``client_token`` has to be one) drawn from texts."""
    digits = list(hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32])
    digits[12], digits[16] = "4", "89ab"[int(digits[16], 16) & 3]
    whole = "".join(digits)
    return "-".join((whole[:8], whole[8:12], whole[12:16], whole[16:20], whole[20:]))
