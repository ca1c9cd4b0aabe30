"""How an item looks in one tool, and what a tool's cell means for an item. Pure.

A tool may be able to say less than the hub: several statuses may share one option, a person may
have no account, a text may be cut. So a cell is only ever read when it changed there, and only ever
written when the hub's value changed here; what cannot be said is left as it stands (failures 35,
51, 52, 63, 67, 68).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from mapping.cells import LISTS, Cell, Field, Kind, User, is_empty, show
from mapping.days import parse_day
from mapping.people import Directory, split_names
from mapping.values import Finding, Item, Severity, Status
from mapping.words import FIELDS, clean, fold, is_placeholder, status_of

# An item's value of one field: text, a day, names; None and () are empty.
Value = str | date | tuple[str, ...] | None

SETS = frozenset({"support"})
NAMES = frozenset({"owner", "support"})
DAYS = frozenset({"due", "completed"})
CUT = "…"  # ends a text that a tool cannot hold as a whole


def values(item: Item) -> dict[str, Value]:
    """Return an item's values by field, as far as trackers carry them."""
    return {
        "description": item.description,
        "owner": (item.owner,) if item.owner else item.owners,
        "department": item.department,
        "support": item.support,
        "due": item.due,
        "completed": item.completed,
        "status": item.status.value,
        "deliverable": item.deliverable,
        "note": item.note,
        "acceptance": item.acceptance,
        "meeting": item.meeting,
    }


def with_value(item: Item, name: str, value: Value, directory: Directory) -> Item:
    """Return the item with one field changed; what hangs on it is kept in step.

    Raises:
        ValueError: a description is to be emptied.
    """
    if name == "description" and is_empty(value):
        raise ValueError(f"{item.id}: an item has a description")
    if name == "owner":
        names = value if isinstance(value, tuple) else ()
        owner = _one_owner(names, directory)
        return replace(item, owner=owner, owners=names)
    if name == "due":
        day = value if isinstance(value, date) else None
        return replace(item, due=day, due_text=day.isoformat() if day else None, expected=None)
    if name == "status":
        return replace(item, status=Status(str(value)) if value else Status.IN_PROGRESS)
    if name == "meeting":
        return replace(item, meeting=str(value) if value else None)
    changed: dict[str, Any] = {name: value}
    return replace(item, **changed)


def _one_owner(names: tuple[str, ...], directory: Directory) -> str | None:
    if len(names) != 1:
        return None
    person = directory.person(names[0])
    if person:
        return person.name
    return None if directory.unit(names[0]) else names[0]


def value_to_json(value: Value) -> Any:
    """Return a JSON value from which ``value_from_json`` makes the same value of a field."""
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def value_from_json(name: str, value: Any) -> Value:
    """Return the value that ``value_to_json`` was given."""
    if name in NAMES:
        return tuple(value or ())
    if name in DAYS:
        return date.fromisoformat(value) if value else None
    return value if isinstance(value, str) and value else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """What is needed to read and write one tool's cells.

    Attributes:
        fields: the columns that the tool carries.
        statuses: ours -> the tool's options for it; the first is written, all are read.
        today: for days written without a year.
    """

    fields: Mapping[str, Field]
    statuses: Mapping[str, tuple[str, ...]]
    directory: Directory
    today: date
    language: str = "zh"

    def text(self, zh: str, en: str) -> str:
        """Return the sentence in the team's language."""
        return zh if self.language == "zh" else en


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a cell means.

    Attributes:
        value: the value, if ``readable``.
        finding: what a person should look at; a readable cell may have one too.
    """

    value: Value = None
    readable: bool = True
    finding: Finding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """What is to be written for a value.

    Attributes:
        cell: what to write, if ``write``.
        write: False if the cell says it already or the tool cannot say it.
        finding: why the tool cannot say it.
        unread: why what stands there cannot be read, so that it is not overwritten.
    """

    cell: Cell = None
    write: bool = True
    finding: Finding | None = None
    unread: Finding | None = None


def _finding(code: str, message: str, rule: str | None = None) -> Finding:
    return Finding(code=code, message=message, rule=rule, severity=Severity.WARNING)


def read(lens: Lens, name: str, cell: Cell) -> Seen:
    """Tell what a cell of a tool means for an item."""
    label = lens.fields[name].label
    if name == "status":
        return _read_status(lens, label, cell)
    if is_empty(cell) or (name != "description" and is_placeholder(show(cell))):
        return Seen(value=() if name in NAMES else None)
    if name in DAYS:
        day = cell if isinstance(cell, date) else parse_day(show(cell), lens.today)
        if day is not None:
            return Seen(value=day)
        message = lens.text(
            f"“{label}”里的“{show(cell)}”不是一个具体日期，未采用；请写成 2024-05-27 这样的日期",
            f'"{show(cell)}" in "{label}" is no full day and was not taken over; write a date '
            "such as 2024-05-27",
        )
        return Seen(readable=False, finding=_finding("due-vague", message, "F1"))
    if name == "owner":
        return _read_owner(lens, name, cell)
    if name == "support":
        return Seen(value=_names(lens, name, cell, units=True))
    return Seen(value=clean(show(cell)) or None)


def _read_status(lens: Lens, label: str, cell: Cell) -> Seen:
    if is_empty(cell):
        return Seen(readable=False)  # nobody said anything: not the same as "in progress"
    key = fold(show(cell))
    for status in Status:  # as the team file names it; the first that names it
        if any(fold(option) == key for option in lens.statuses.get(status, ())):
            return Seen(value=status.value)
    known = status_of(show(cell))
    if known:
        return Seen(value=known.value)
    message = lens.text(
        f"“{label}”里的“{show(cell)}”不是已知状态，未采用；请选择一个已有的状态",
        f'"{show(cell)}" in "{label}" is no known status and was not taken over; choose one of '
        "the options",
    )
    return Seen(readable=False, finding=_finding("option-unknown", message))


def _names(lens: Lens, name: str, cell: Cell, *, units: bool = False) -> tuple[str, ...]:
    if isinstance(cell, tuple):
        users = lens.fields[name].users
        raw = [c if isinstance(c, str) else _name_of(lens, users, c) for c in cell]
    else:
        whole = lens.directory.person(show(cell))
        raw = [whole.name] if whole else list(split_names(show(cell)))
    out = []
    for text in raw:
        person = lens.directory.person(text)
        unit = lens.directory.unit(text) if units else None
        out.append(person.name if person else unit or clean(text).lstrip("@"))
    return tuple(dict.fromkeys(n for n in out if n))


def _name_of(lens: Lens, users: Mapping[str, User], user: User) -> str:
    """Return whose account it is: known by its id or e-mail, by its name only if nothing objects.

    A namesake, whose account or e-mail is another one, is told with it: that name is nobody's.
    """
    own = [name for name, known in users.items() if known == user]
    for key in (*own, user.key, user.email):
        person = lens.directory.person(key) if key else None
        if person:
            return person.name
    person = lens.directory.person(user.name)
    if person is None:
        return user.name or user.email or user.key
    if person.name in users or (person.email and user.email):
        return f"{user.name} <{user.email or user.key}>"
    return person.name


def _read_owner(lens: Lens, name: str, cell: Cell) -> Seen:
    label, names = lens.fields[name].label, _names(lens, name, cell)
    if len(names) > 1:
        message = lens.text(
            f"“{label}”里有 {len(names)} 个人（{'、'.join(names)}）；请只留一位负责人",
            f'"{label}" names {len(names)} people ({", ".join(names)}); leave exactly one owner',
        )
        return Seen(value=names, finding=_finding("owner-multiple", message, "F2"))
    if names and not lens.directory.person(names[0]) and lens.directory.team.people:
        unit = lens.directory.unit(names[0])
        message = lens.text(
            f"“{label}”里的“{names[0]}”"
            + ("是部门，请写明具体负责人" if unit else "不在团队名单里；请核对姓名或补进配置文件"),
            f'"{names[0]}" in "{label}" '
            + (
                "is a department; name one person"
                if unit
                else "is not in the team file; check the name or add the person there"
            ),
        )
        code, rule = ("owner-vague", "B1") if unit else ("owner-unknown", None)
        return Seen(value=names, finding=_finding(code, message, rule))
    return Seen(value=names)


def write(lens: Lens, name: str, value: Value, current: Cell) -> Put:
    """Tell what to write for a value into a cell that now holds ``current``."""
    target = lens.fields[name]
    if not target.writable:
        return Put(write=False)
    if not is_empty(current):
        seen = read(lens, name, current)
        if not seen.readable:  # what we could not read we do not overwrite
            return Put(write=False, unread=seen.finding)
        if seen.value == value:
            return Put(write=False)
    if value is None or value == ():
        empty: Cell = () if target.kind in LISTS else None
        return Put(cell=empty, write=not is_empty(current))
    if name == "status":
        return _write_status(lens, target, str(value))
    if target.kind is Kind.USERS:
        return _write_users(lens, target, value)
    if isinstance(value, date):
        return Put(cell=value if target.kind is Kind.DATE else value.isoformat())
    if target.kind is Kind.OPTIONS:
        wanted = value if isinstance(value, tuple) else (str(value),)
        return _write_options(lens, target, wanted)
    text = "、".join(value) if isinstance(value, tuple) else str(value)
    if target.kind is Kind.OPTION:
        return _write_options(lens, target, (text,))
    return _write_text(lens, target, text, current)


def _write_text(lens: Lens, target: Field, text: str, current: Cell) -> Put:
    limit = target.text_limit
    if limit is None or len(text) <= limit:
        return Put(cell=text)
    cut = text[: max(0, limit - 1)] + CUT
    message = lens.text(
        f"“{target.label}”最多 {limit} 字，{len(text)} 字的内容在那里被截短；完整内容保存在程序里",
        f'"{target.label}" holds at most {limit} characters; a text of {len(text)} is cut there '
        "and kept whole here",
    )
    return Put(cell=cut, write=cut != current, finding=_finding("text-cut", message))


def is_cut(short: Value, whole: Value) -> bool:
    """Say whether a text is another one as a tool that holds less of it shows it."""
    if not isinstance(short, str) or not isinstance(whole, str) or not short.endswith(CUT):
        return False
    return len(whole) >= len(short) and whole.startswith(short.removesuffix(CUT))


def _write_status(lens: Lens, target: Field, value: str) -> Put:
    names = lens.statuses.get(Status(value), ())
    allowed = names if target.options is None else [n for n in names if n in target.options]
    return Put(cell=allowed[0]) if allowed else _unknown_option(lens, target, names or (value,))


def _write_options(lens: Lens, target: Field, wanted: tuple[str, ...]) -> Put:
    if target.options is not None:
        by_key = {fold(option): option for option in target.options}
        unknown = [w for w in wanted if fold(w) not in by_key]
        if unknown:
            return _unknown_option(lens, target, tuple(unknown))
        wanted = tuple(by_key[fold(w)] for w in wanted)
    return Put(cell=wanted if target.kind is Kind.OPTIONS else wanted[0])


def _unknown_option(lens: Lens, target: Field, wanted: tuple[str, ...]) -> Put:
    message = lens.text(
        f"“{target.label}”没有选项“{'、'.join(wanted)}”，那里保持原样；请在工具里添加该选项",
        f'"{target.label}" has no option "{", ".join(wanted)}"; it is left as it is there; add '
        "the option in the tool",
    )
    return Put(write=False, finding=_finding("option-unknown", message))


def _write_users(lens: Lens, target: Field, value: Value) -> Put:
    names = value if isinstance(value, tuple) else (str(value),)
    unknown = [n for n in names if n not in target.users]
    if unknown or (len(names) > 1 and not target.multiple):
        whom = "、".join(unknown or names)
        message = lens.text(
            f"“{target.label}”里找不到“{whom}”的账号，那里保持原样；请在配置文件里补上其邮箱或账号",
            f'no account for "{whom}" in "{target.label}"; it is left as it is there; add the '
            "e-mail or account id to the team file",
        )
        return Put(write=False, finding=_finding("owner-unknown", message))
    return Put(cell=tuple(target.users[n] for n in names))


def is_blank(cells: Mapping[str, Cell]) -> bool:
    """Say whether nothing that makes a row stands in any of its cells."""
    return all(is_empty(cell) for cell in cells.values())


def item_from(lens: Lens, item: Item, cells: Mapping[str, Cell]) -> tuple[Item, dict[str, Finding]]:
    """Fill a new item from the cells of a row; by field, what a person should look at."""
    findings = {}
    for name in FIELDS:
        if name in cells and name in lens.fields:
            seen = read(lens, name, cells[name])
            if seen.finding:
                findings[name] = seen.finding
            if seen.readable and not (name == "description" and is_empty(seen.value)):
                item = with_value(item, name, seen.value, lens.directory)
    return item, findings
