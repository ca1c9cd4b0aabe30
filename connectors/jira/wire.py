"""What stands in an issue's fields and a cell of ours, both ways. Pure.

The shapes are those of "Issues" in the REST API, version 3 of Cloud and version 2 of Data Center
(developer.atlassian.com, read 2026-11): they differ in rich text and in how an account is named.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from connectors.base import Record, RowState
from connectors.jira import adf
from mapping import ids
from mapping.cells import Cell, Kind, User, is_empty, show
from mapping.cells import to_json as cell_to_json

LINE_LIMIT = 255  # of a summary and of a text field of one line
TEXT_LIMIT = 32_767  # of a text field of several lines
PROPERTY = "minuteloop"  # the issue's property that holds our id

Json = Mapping[str, Any]
_OURS = re.compile(re.escape(ids.PREFIX) + r"[0-9A-Z]{9}", re.IGNORECASE)


class Form(StrEnum):
    """How a field of Jira holds its value."""

    LINE = "line"  # text without line breaks
    TEXT = "text"
    DAY = "day"
    MOMENT = "moment"  # read only: shown as its day
    OPTION = "option"
    OPTIONS = "options"
    NAMED = "named"  # one thing with a name: a priority
    NAMES = "names"  # several: components
    USER = "user"
    USERS = "users"
    STATUS = "status"  # changed by transitions alone


KINDS: Mapping[Form, Kind] = {
    Form.LINE: Kind.TEXT,
    Form.TEXT: Kind.TEXT,
    Form.DAY: Kind.DATE,
    Form.MOMENT: Kind.DATE,
    Form.OPTION: Kind.OPTION,
    Form.OPTIONS: Kind.OPTIONS,
    Form.NAMED: Kind.OPTION,
    Form.NAMES: Kind.OPTIONS,
    Form.USER: Kind.USERS,
    Form.USERS: Kind.USERS,
    Form.STATUS: Kind.OPTION,
}
LIMITS: Mapping[Form, int] = {Form.LINE: LINE_LIMIT, Form.TEXT: TEXT_LIMIT}
READ_ONLY = frozenset({Form.MOMENT})


def as_list(value: Any) -> list[Json]:
    """Return the objects of a list; nothing for anything else."""
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def as_dict(value: Any) -> Json:
    """Return an object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


# --- reading ---


def user_of(value: Json, known: Mapping[str, User]) -> User:
    """Return an account; a team member's bears the name of the team file."""
    key = key_of(value)
    if key in known:
        return known[key]
    email = value.get("emailAddress")
    name = str(value.get("displayName") or "")
    return User(key, name, email if isinstance(email, str) and email else None)


def key_of(value: Json) -> str:
    """Return what an account is written by: its id (Cloud), its login (Data Center)."""
    return str(value.get("accountId") or value.get("name") or "")


def moment_of(text: Any) -> datetime | None:
    """Return a moment as the service writes it, aware; None if it is none."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def day_of(value: Any) -> Cell:
    """Return the day of a value; what is no day stays as it is written."""
    text = str(value or "")
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10] if len(text) > 10 and text[10] == "T" else text)
    except ValueError:
        return text


def text_of(value: Any) -> str | None:
    """Return a text, rich or plain; None for nothing."""
    return adf.text_of(value).replace("\r\n", "\n").replace("\r", "\n") or None


def cell_of(form: Form, value: Any, known: Mapping[str, User]) -> Cell:
    """Return the cell that a field's value stands for.

    Args:
        form: how the field holds it.
        value: as the service shows it.
        known: key -> account.
    """
    match form:
        case Form.LINE | Form.TEXT:
            return text_of(value)
        case Form.DAY | Form.MOMENT:
            return day_of(value)
        case Form.OPTION | Form.NAMED | Form.STATUS:
            return name_of(as_dict(value)) or None
        case Form.OPTIONS | Form.NAMES:
            return tuple(name_of(option) for option in as_list(value))
        case Form.USER:
            return (user_of(value, known),) if isinstance(value, dict) else ()
        case Form.USERS:
            return tuple(user_of(user, known) for user in as_list(value))


def name_of(option: Json) -> str:
    """Return what people see of an option or a thing with a name."""
    return str(option.get("value") or option.get("name") or "")


def labels_of(issue: Json) -> list[str]:
    """Return the labels that look like ids of ours, whatever their check character says."""
    listed = as_dict(issue.get("fields")).get("labels")
    labels = [str(label) for label in listed] if isinstance(listed, list) else []
    return [label for label in labels if _OURS.fullmatch(label)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An issue, read.

    Attributes:
        updated: when it was changed last.
        project: the id of the project that it is in.
        type: the id of its type.
        status: the id of its status.
        labels: those that look like ids of ours.
        labelled: it carries any label at all.
    """

    record: Record
    updated: datetime | None = None
    project: str = ""
    type: str = ""
    status: str = ""
    labels: tuple[str, ...] = ()
    labelled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What issues are read with.

    Attributes:
        server: address that people open issues at.
        project: the id of our project.
        forms: our field -> (the service's field, how it holds its value).
        writable: the fields that tell one version from another; what Jira sets by itself does not.
    """

    server: str
    project: str
    forms: Mapping[str, tuple[str, Form]]
    writable: Sequence[str]
    known: Mapping[str, User] = field(default_factory=dict)


def row_of(issue: Json, frame: Frame, *, named: str = "") -> Row:
    """Return an issue as a row.

    Args:
        issue: as the service shows it.
        frame: what it is read with.
        named: the id that the issue's property holds; it decides between several labels.
    """
    fields = as_dict(issue.get("fields"))
    cells = {
        name: cell_of(form, fields.get(field_id), frame.known)
        for name, (field_id, form) in frame.forms.items()
    }
    labels = labels_of(issue)
    valid = [label for label in labels if ids.parse(label)]
    item = next(iter([named] if named in labels else [*valid, *labels]), None)
    row_id, key = str(issue.get("id") or ""), str(issue.get("key") or "")
    project = str(as_dict(fields.get("project")).get("id") or "")
    archived = any(fields.get(n) for n in ("archiveddate", "archivedDate", "archivedby"))
    # another project's row is not ours any more, an archived one cannot be seen by people
    state = RowState.LIVE if project in ("", frame.project) and not archived else RowState.HIDDEN
    listed = fields.get("labels")
    return Row(
        record=Record(
            row_id=row_id,
            id=item,
            cells=cells,
            version=version_of(item, {n: cells[n] for n in frame.writable if n in cells}),
            state=state,
            label=key or row_id,
            link=f"{frame.server}/browse/{key}" if key else None,
            created=row_id.rjust(20, "0"),
        ),
        updated=moment_of(fields.get("updated")),
        project=project,
        type=str(as_dict(fields.get("issuetype")).get("id") or ""),
        status=str(as_dict(fields.get("status")).get("id") or ""),
        labels=tuple(labels),
        labelled=bool(listed),
    )


def version_of(item: str | None, cells: Mapping[str, Cell]) -> str:
    """Return what tells one state of a row from another; the service has no version of its own.

    A field that is new, or gone, and empty makes no other version.
    """
    told = {
        n: [c.key for c in cell if isinstance(c, User)]
        if isinstance(cell, tuple) and cell and isinstance(cell[0], User)
        else cell_to_json(cell)
        for n, cell in cells.items()
        if not is_empty(cell)
    }
    whole = json.dumps([item, told], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(whole.encode(errors="replace")).hexdigest()[:16]


# --- writing ---


def units(text: str) -> int:
    """Return a text's length as the service counts it, in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def one_line(text: str) -> str:
    """Return a text as a line that fits a summary; line breaks become blanks."""
    line = re.sub(r"[ \t]*[\r\n\u2028\u2029]+[ \t]*", " ", text).strip()
    if units(line) <= LINE_LIMIT:
        return line
    while units(line) > LINE_LIMIT - 1:
        line = line[:-1]
    return line + "…"


def value_of(
    form: Form, cell: Cell, options: Mapping[str, str] | None, *, cloud: bool
) -> str | Json | list[Json] | None:
    """Return a field's value as it is written.

    Args:
        form: how the field holds it.
        cell: one that the field takes.
        options: name -> id.
        cloud: Jira Cloud takes documents for texts, and ids of accounts for people.
    """
    person = "accountId" if cloud else "name"
    if form is Form.USERS:
        users = cell if isinstance(cell, tuple) else ()
        return [{person: u.key} for u in users if isinstance(u, User)]
    if form in (Form.OPTIONS, Form.NAMES):
        names = cell if isinstance(cell, tuple) else (cell,)
        return [{"id": (options or {})[n]} for n in names if isinstance(n, str) and n]
    if is_empty(cell):
        return None
    if form is Form.USER:
        users = cell if isinstance(cell, tuple) else ()
        return next(({person: u.key} for u in users if isinstance(u, User)), None)
    if form in (Form.OPTION, Form.NAMED):
        return {"id": (options or {})[show(cell)]}
    if form is Form.TEXT and cloud:
        return adf.document(show(cell))
    return one_line(show(cell)) if form is Form.LINE else show(cell)
