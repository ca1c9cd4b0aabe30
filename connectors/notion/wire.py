"""What stands in a page's properties and a cell of ours, both ways. Pure.

The shapes are those of "Page property values" and "Page" (developers.notion.com, API version
2025-09-03, read 2026-11): reading gives rich-text items where writing takes texts of 2,000
characters; an id of a property comes URL-encoded; a day is never a moment.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.base import Record, RowState
from mapping.cells import Cell, Kind, User, is_empty, show
from mapping.cells import to_json as cell_to_json

PIECE = 2000  # characters of one rich-text item, in UTF-16 units as the service counts
PIECES = 100  # items of one text
TEXT_LIMIT = 100_000  # as many as always fit: a rare sign takes two units and four bytes
LIMITS: Mapping[str, int] = {
    "title": TEXT_LIMIT,
    "rich_text": TEXT_LIMIT,
    "url": 2000,
    "email": 200,
    "phone_number": 200,
}
KINDS: Mapping[str, Kind] = {
    "select": Kind.OPTION,
    "status": Kind.OPTION,
    "multi_select": Kind.OPTIONS,
    "date": Kind.DATE,
    "created_time": Kind.DATE,
    "last_edited_time": Kind.DATE,
    "people": Kind.USERS,
    "created_by": Kind.USERS,
    "last_edited_by": Kind.USERS,
}  # all others are text
WRITABLE = frozenset({*LIMITS, "select", "status", "multi_select", "date", "people"})
CUT_AT = 25  # people and mentions beyond are left out of a page ("Page property values")
MOST_LISTED = 100  # people or options in one request ("Request limits", read 2026-11)

Json = Mapping[str, Any]
_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False)
_ID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)


def plain_id(text: str) -> str:
    """Return the id in a text or in an address of Notion, with dashes; the text if there is none.

    In an address the page comes first and the view (``?v=``) after it.
    """
    found = _ID.findall(text.partition("?")[0])
    if not found:
        return text.strip()
    bare = str(found[-1]).replace("-", "").lower()
    return "-".join((bare[:8], bare[8:12], bare[12:16], bare[16:20], bare[20:]))


@lru_cache(maxsize=1024)
def decoded(property_id: str) -> str:
    """Return the id of a property as its own text; the service writes it URL-encoded."""
    return unquote(property_id)


def as_list(value: Any) -> list[Json]:
    """Return the objects of a list; nothing for anything else."""
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def as_dict(value: Any) -> Json:
    """Return an object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


# --- reading ---


def text_of(items: Any) -> str | None:
    """Return rich text as people read it; None for nothing."""
    text = "".join(str(i.get("plain_text") or _content(i)) for i in as_list(items))
    return text.replace("\r\n", "\n").replace("\r", "\n") or None


def _content(item: Json) -> str:
    return str(as_dict(item.get("text")).get("content") or "")


def day_of(value: Any) -> Cell:
    """Return the last day that a date names: of a range its end, for that is when it is due.

    A moment counts as the day that people see: in the zone that it names, else as it is written.
    """
    held = as_dict(value)
    text = str(held.get("end") or held.get("start") or "")
    if not text:
        return None
    try:
        if len(text) <= 10:
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    zone = held.get("time_zone")
    if isinstance(zone, str) and zone and moment.tzinfo is not None:
        try:
            moment = moment.astimezone(ZoneInfo(zone))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return moment.date()
    return moment.date()


def user_of(value: Json, known: Mapping[str, User]) -> User:
    """Return an account; pages may hold no more of it than its id."""
    key = str(value.get("id") or "")
    if key in known:
        return known[key]
    email = as_dict(value.get("person")).get("email")
    return User(key, str(value.get("name") or ""), email if isinstance(email, str) else None)


def cell_of(held: Json, known: Mapping[str, User]) -> Cell:
    """Return the cell that a property of a page stands for.

    Args:
        held: the property, with its ``type``.
        known: id -> account.
    """
    type_ = str(held.get("type") or "")
    value = held.get(type_)
    match type_:
        case "title" | "rich_text":
            return text_of(value)
        case "select" | "status":
            return str(as_dict(value).get("name") or "") or None
        case "multi_select":
            return tuple(str(o.get("name") or "") for o in as_list(value))
        case "date":
            return day_of(value)
        case "people":
            return tuple(user_of(u, known) for u in as_list(value))
        case "created_by" | "last_edited_by":
            return (user_of(as_dict(value), known),)
        case "created_time" | "last_edited_time":
            return day_of({"start": value})
        case "files":
            return "、".join(str(f.get("name") or "") for f in as_list(value)) or None
        case "unique_id":
            parts = (as_dict(value).get("prefix"), as_dict(value).get("number"))
            return "-".join(str(p) for p in parts if p is not None) or None
        case "formula" | "rollup":
            return _derived(as_dict(value), known)
        case _:
            return _plain(value)


def _derived(value: Json, known: Mapping[str, User]) -> Cell:
    inner = str(value.get("type") or "")
    if inner == "array":
        parts = [show(cell_of(part, known)) for part in as_list(value.get(inner))]
        return "、".join(part for part in parts if part) or None
    return day_of(value.get(inner)) if inner == "date" else _plain(value.get(inner))


def _plain(value: Any) -> str | None:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, str | int | float) and value != "" else None


def is_cut(held: Json) -> bool:
    """Say whether a page may show only the beginning of a property's value."""
    type_ = str(held.get("type") or "")
    listed = held.get(type_)
    if not isinstance(listed, list) or len(listed) < CUT_AT:
        return False
    items = as_list(listed)
    if type_ == "people":
        return len(items) >= CUT_AT
    return type_ in ("title", "rich_text") and (
        sum(item.get("type") != "text" for item in items) >= CUT_AT
    )


def moment_of(text: Any) -> datetime | None:
    """Return a moment as the service writes it, aware; None if it is none."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def stamp(moment: datetime) -> str:
    """Return a moment as a filter takes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A page of the table, read.

    Attributes:
        made: when it was made, to the minute.
        edited: when it was changed last, to the minute (the service tells no more).
        source: the data source that it is in; empty if it is in none.
        days: our field -> its date as the service holds it, which may be a range.
    """

    record: Record
    made: datetime | None = None
    edited: datetime | None = None
    source: str = ""
    days: Mapping[str, Json] = field(default_factory=dict)


def held_by_id(page: Json) -> dict[str, Json]:
    """Return a page's properties by their ids, decoded."""
    held = as_dict(page.get("properties")).values()
    return {decoded(str(p.get("id") or "")): p for p in held if isinstance(p, dict)}


def row_of(
    page: Json, found: Mapping[str, Json], known: Mapping[str, User], writable: Sequence[str]
) -> Row:
    """Return a page as a row.

    Args:
        page: as the service shows it.
        found: ours, and ``id``, -> its property, whole where the page shows it cut.
        known: id -> account.
        writable: the fields that tell one version from another; a formula changes by itself.
    """
    cells = {n: cell_of(p, known) for n, p in found.items() if n != "id"}
    made, edited = moment_of(page.get("created_time")), moment_of(page.get("last_edited_time"))
    parent, page_id = as_dict(page.get("parent")), str(page.get("id") or "")
    id_cell = cell_of(found["id"], known) if "id" in found else None
    item = show(id_cell) or None
    editor = known.get(str(as_dict(page.get("last_edited_by")).get("id") or ""))
    link = page.get("url")
    state = RowState.HIDDEN if page.get("is_archived") else RowState.LIVE
    return Row(
        record=Record(
            row_id=page_id,
            id=item,
            cells=cells,
            version=version_of(item, {n: cells[n] for n in writable if n in cells}),
            state=RowState.GONE if page.get("in_trash") else state,
            label=show(cells.get("description")).split("\n")[0][:40] or page_id,
            link=link if isinstance(link, str) else None,
            created=f"{stamp(made)} {page_id}" if made else "",
            editor=editor.name or None if editor else None,
        ),
        made=made,
        edited=edited,
        source=str(parent.get("data_source_id") or ""),
        days={n: as_dict(p.get("date")) for n, p in found.items() if p.get("type") == "date"},
    )


def version_of(item: str | None, cells: Mapping[str, Cell]) -> str:
    """Return what tells one state of a row from another; the service has no version of its own.

    A column that is new, or gone, and empty makes no other version.
    """
    told = {
        n: [c.key for c in cell if isinstance(c, User)]
        if isinstance(cell, tuple) and cell and isinstance(cell[0], User)
        else cell_to_json(cell)
        for n, cell in cells.items()
        if not is_empty(cell)
    }
    whole = _ENCODER.encode([item, told])
    return hashlib.sha256(whole.encode(errors="replace")).hexdigest()[:16]


def moved_out(row: Row, state: RowState) -> Row:
    """Return a row in another state."""
    return replace(row, record=replace(row.record, state=state))


# --- writing ---


def rich_text(text: str) -> list[Json]:
    """Return a text in items of at most 2,000 UTF-16 units; no sign is cut in two."""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    pieces, start, size = [], 0, 0
    for n, char in enumerate(text):
        width = 2 if char > "\uffff" else 1
        if size + width > PIECE:
            pieces.append(text[start:n])
            start, size = n, 0
        size += width
    pieces.append(text[start:])
    return [{"type": "text", "text": {"content": piece}} for piece in pieces if piece]


def date_value(day: date, before: Json) -> Json:
    """Return a date with another last day; the start of a range stays."""
    start = day_of({**before, "end": None}) if before.get("end") else None
    if isinstance(start, date) and start < day:
        return {"start": start.isoformat(), "end": day.isoformat()}
    return {"start": day.isoformat()}


def value_of(type_: str, cell: Cell, options: Mapping[str, str], before: Json) -> Json:
    """Return a property as it is written.

    Args:
        type_: of the column.
        cell: one that the column takes.
        options: name -> id; an unknown name would make a new option, an id never does.
        before: the date that stands there now.
    """
    if type_ in ("title", "rich_text"):
        return {type_: rich_text(show(cell))}
    if type_ == "people":
        users = cell if isinstance(cell, tuple) else ()
        return {type_: [{"id": u.key} for u in users if isinstance(u, User)]}
    if type_ == "multi_select":
        names = cell if isinstance(cell, tuple) else (cell,)
        return {type_: [{"id": options[show(n)]} for n in names if isinstance(n, str) and n]}
    if is_empty(cell):
        return {type_: None}
    if type_ in ("select", "status"):
        return {type_: {"id": options[show(cell)]}}
    if type_ == "date":
        return {type_: date_value(cell, before) if isinstance(cell, date) else None}
    return {type_: show(cell)}
