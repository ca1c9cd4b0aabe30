"""What stands in an Airtable record and a cell of ours, both ways. Pure.

The shapes are those of "Field types and cell values" (airtable.com/developers/web/api, read
2026-11): an empty cell is not there at all; a ``date`` is a day, a ``dateTime`` a moment in UTC
that the field shows in a zone of its own.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.fit import ShapeError, every, no_such, too_long
from mapping.cells import Cell, Kind, User, is_empty

TEXT_LIMIT = 100_000  # of a long text: told by users, not documented
TEXTS = frozenset({"singleLineText", "multilineText", "richText", "email", "url", "phoneNumber"})
KINDS: Mapping[str, Kind] = {
    "singleSelect": Kind.OPTION,
    "multipleSelects": Kind.OPTIONS,
    "date": Kind.DATE,
    "dateTime": Kind.DATE,
    "createdTime": Kind.DATE,
    "lastModifiedTime": Kind.DATE,
    "singleCollaborator": Kind.USERS,
    "multipleCollaborators": Kind.USERS,
    "createdBy": Kind.USERS,
    "lastModifiedBy": Kind.USERS,
}  # all others are shown as text
WRITABLE = TEXTS | {
    *("singleSelect", "multipleSelects", "date", "dateTime"),
    *("singleCollaborator", "multipleCollaborators"),
}
# What no words stand in: a tick, a button, files, and links, which are ids of other rows.
UNUSABLE = frozenset({"checkbox", "button", "multipleAttachments", "multipleRecordLinks"})
_LISTS = (Kind.OPTIONS, Kind.USERS)
_MENTION = re.compile(r"<airtable:mention\b[^>]*>(.*?)</airtable:mention>", re.DOTALL)
_ENCODER = json.JSONEncoder(separators=(",", ":"))
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def zone(name: str) -> tzinfo | None:
    """Return the zone that a field names; None where each viewer sees his own (``client``)."""
    if name == "utc":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


# --- reading ---


def cell(value: Any, type_: str, zone_: tzinfo | None, emails: Mapping[str, str]) -> Cell:
    """Return the cell that a payload stands for.

    Args:
        value: as a listing or the answer to a write shows it; None for a cell that is absent.
        type_: the column's; of a formula or rollup that of its result.
        zone_: the column's, of a moment.
        emails: account -> the e-mail by which a person of the team was found.

    Raises:
        ShapeError: the column has another type by now.
    """
    kind = KINDS.get(type_, Kind.TEXT)
    if kind is Kind.USERS:
        users = value if isinstance(value, list) else [value] if value else []
        return tuple(_user(u, emails) for u in users)
    if kind is Kind.OPTIONS:
        return tuple(map(str, value)) if isinstance(value, list) else (str(value),) if value else ()
    if kind is Kind.DATE:
        return _day(value, zone_)
    text = text_of(value)
    if text is None or kind is Kind.OPTION:
        return text
    text = _MENTION.sub(r"\1", text)
    if type_ == "richText":
        text = text.removesuffix("\n")  # the service ends it with one of its own
    return text or None


def text_of(value: Any) -> str | None:
    """Return any payload as people read it; None for nothing."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, list):
        return "、".join(t for v in value if (t := text_of(v))) or None
    if isinstance(value, dict):
        for key in ("name", "text", "value", "email", "specialValue", "error", "filename", "label"):
            if value.get(key) not in (None, ""):
                return text_of(value[key])
        return str(value.get("id") or "") or None
    if isinstance(value, bool):
        return "TRUE" if value else None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if value is not None else None


def empty(type_: str) -> Cell:
    """Return what an empty cell of a column holds."""
    return () if KINDS.get(type_, Kind.TEXT) in _LISTS else None


def _user(value: Any, emails: Mapping[str, str]) -> User:
    if not isinstance(value, dict) or not value.get("id"):
        raise ShapeError("a column of collaborators holds something else")
    key = str(value["id"])
    return User(key, str(value.get("name") or ""), emails.get(key) or value.get("email") or None)


def _day(value: Any, zone_: tzinfo | None) -> Cell:
    if not isinstance(value, str):
        return text_of(value)
    try:
        if _DAY.fullmatch(value):
            return date.fromisoformat(value)
        moment = datetime.fromisoformat(value)
        return moment.astimezone(zone_).date() if zone_ and moment.tzinfo else value or None
    except (ValueError, OverflowError):
        return value or None


# --- writing ---


def payload(value: Cell, type_: str, zone_: tzinfo | None) -> Any:
    """Return what is to be sent for a cell; null clears it, an empty list one of several values.

    Raises:
        UnfitError: it is no cell of this column's kind.
    """
    kind = KINDS.get(type_, Kind.TEXT)
    if is_empty(value):
        return [] if type_ in ("multipleSelects", "multipleCollaborators") else None
    if kind is Kind.USERS:
        users = [{"id": u.key} for u in every(value, User)]
        return users if type_ == "multipleCollaborators" else users[0]
    if kind is Kind.OPTIONS:
        return list(dict.fromkeys(every(value, str)))
    if kind is Kind.DATE and isinstance(value, date):
        return value.isoformat() if type_ == "date" else midnight(value, zone_ or UTC)
    if kind is Kind.DATE or not isinstance(value, str):
        raise no_such(value)
    if kind is Kind.TEXT and len(value) > TEXT_LIMIT:
        raise too_long(TEXT_LIMIT)
    return value


def midnight(day: date, zone_: tzinfo) -> str:
    """Return the moment at which a day begins, in UTC as the service writes it.

    A day that begins with the clock put forward has no midnight: the moment before the change,
    told by the old offset, is that of its first hour.
    """
    local = datetime(day.year, day.month, day.day, tzinfo=zone_)
    try:
        moment = local.astimezone(UTC)
    except OverflowError:
        raise no_such(day) from None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
