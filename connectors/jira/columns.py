"""Which field of the project's issues is which of our fields. Pure.

Without a setting the description is the summary, the owner the assignee, the due day the due date;
the rest is found by the name of a field, or by its id (``customfield_10050``). One that was found
once is known by its id from then on, whatever people call it. Only fields on the screen for new
issues count: no other can be written when an issue is made.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from connectors.base import Setup
from connectors.errors import SchemaError
from connectors.jira.wire import KINDS, LIMITS, READ_ONLY, Form, Json, as_dict, as_list, name_of
from mapping.cells import Field, Kind, User
from mapping.said import Said
from mapping.words import FIELDS, REQUIRED, fold

BY_ITSELF: Mapping[str, str] = {
    "description": "summary",
    "owner": "assignee",
    "due": "duedate",
    "status": "status",
}
_TEXTS = frozenset({Kind.TEXT, Kind.OPTION})
_LISTED = frozenset({Kind.TEXT, Kind.OPTION, Kind.OPTIONS, Kind.USERS})
FITTING: Mapping[str, frozenset[Kind]] = {
    **dict.fromkeys(FIELDS, _TEXTS),
    "description": frozenset({Kind.TEXT}),
    "owner": _LISTED,
    "support": _LISTED,
    "department": frozenset({Kind.TEXT, Kind.OPTION, Kind.OPTIONS}),
    "due": frozenset({Kind.DATE, Kind.TEXT}),
    "completed": frozenset({Kind.DATE, Kind.TEXT}),
}
# filled by us, or by Jira itself, whatever the screen says
_ALWAYS_FILLED = frozenset({"summary", "project", "issuetype", "reporter"})
_LONG = frozenset({"description", "environment"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A field of the screen for new issues ("Get create field metadata", read 2026-11).

    Attributes:
        form: how it holds a value; None for one that can hold none of ours.
        options: name -> id; None where there are none to choose from.
        required: an issue cannot be made without it.
        type: the service's word, for messages.
    """

    id: str
    name: str
    form: Form | None
    options: Mapping[str, str] | None = None
    required: bool = False
    type: str = ""

    @property
    def writable(self) -> bool:
        """Whether a cell of it can be written."""
        return self.form is not None and self.form not in READ_ONLY


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """Our fields and their columns.

    Attributes:
        notes: what is not carried or has another name, one sentence each.
    """

    by_field: Mapping[str, Column]
    notes: tuple[Said, ...] = ()

    @property
    def keys(self) -> dict[str, str]:
        """Ours -> the field's id."""
        return {name: column.id for name, column in self.by_field.items()}

    @property
    def forms(self) -> dict[str, tuple[str, Form]]:
        """Ours -> the field's id, and how it holds a value."""
        return {n: (c.id, c.form) for n, c in self.by_field.items() if c.form is not None}

    @property
    def writable(self) -> list[str]:
        """The fields that can be written."""
        return [n for n, c in self.by_field.items() if c.writable]

    def named(self, field_id: str) -> str:
        """Return ours for a field of the service; empty if it is none of ours."""
        return next((n for n, c in self.by_field.items() if c.id == field_id), "")


def form_of(field_id: str, schema: Json) -> Form | None:
    """Return how a field holds its value, by its schema; None if it can hold nothing of ours."""
    kind, items = str(schema.get("type") or ""), str(schema.get("items") or "")
    custom = str(schema.get("custom") or "").rpartition(":")[2]
    match kind:
        case "string":
            if custom in ("select", "radiobuttons"):
                return Form.OPTION
            return Form.TEXT if custom == "textarea" or field_id in _LONG else Form.LINE
        case "date":
            return Form.DAY
        case "datetime":
            return Form.MOMENT
        case "option":
            return Form.OPTION
        case "user":
            return Form.USER
        case "priority" | "resolution":
            return Form.NAMED
        case "array":
            return {
                "option": Form.OPTIONS,
                "user": Form.USERS,
                "component": Form.NAMES,
                "version": Form.NAMES,
            }.get(items)
    return None


def columns_of(listed: Sequence[Json]) -> list[Column]:
    """Return the fields of a screen."""
    found = []
    for raw in listed:
        field_id = str(raw.get("fieldId") or raw.get("key") or "")
        schema = as_dict(raw.get("schema"))
        allowed = raw.get("allowedValues")
        options = None
        if isinstance(allowed, list):
            usable = [o for o in as_list(allowed) if not o.get("disabled")]
            options = {name_of(o): str(o.get("id") or "") for o in usable if name_of(o)}
        custom = str(schema.get("custom") or "").rpartition(":")[2]
        column = Column(
            id=field_id,
            name=str(raw.get("name") or field_id),
            form=form_of(field_id, schema),
            options=options,
            required=bool(raw.get("required")) and not raw.get("hasDefaultValue"),
            type=custom or str(schema.get("type") or ""),
        )
        found.append(column)
    return found


def match(columns: Sequence[Column], setup: Setup, known: Mapping[str, str]) -> dict[str, Column]:
    """Find the column of each of our fields, whatever its type.

    Args:
        columns: those of the screen, and the status.
        setup: which names are wanted.
        known: ours -> the id of the column that it had before.
    """
    by_id = {c.id: c for c in columns}
    found: dict[str, Column] = {}
    for name, wanted in setup.columns.items():
        if name in BY_ITSELF and name not in setup.named:
            alike = [by_id[BY_ITSELF[name]]] if BY_ITSELF[name] in by_id else []
        else:
            exact = [c for c in columns if wanted in (c.name, c.id)]
            alike = exact or [c for c in columns if fold(c.name) == fold(wanted)]
        if len(alike) == 1 and name != "id":
            found[name] = alike[0]
    for name in setup.columns:
        before = by_id.get(known.get(name, ""))
        if name not in found and before is not None and before not in found.values():
            found[name] = before
    return {name: found[name] for name in setup.columns if name in found}


def bind(
    columns: Sequence[Column],
    setup: Setup,
    known: Mapping[str, str],
    where: str,
    elsewhere: Callable[[], Sequence[str]],
) -> Bound:
    """Find the column of each of our fields; arguments as of ``match``.

    Args:
        columns: those of the screen, and the status.
        setup: which names are wanted.
        known: ours -> the id of the column that it had before.
        where: what messages call the project and its type.
        elsewhere: lists the names and ids of all fields there are, on whatever screen.

    Raises:
        SchemaError: a column that must be there is missing or of a type that does not fit; or an
            issue cannot be made without a field that is none of ours.
    """
    must = [n for n in setup.columns if n != "id" and n in {*REQUIRED, *setup.named}]
    matched = match(columns, setup, known)
    missing = [name for name in must if name not in matched]
    if missing:
        raise _missing(columns, setup, missing[0], where, elsewhere())
    _check_shared(matched, where)
    found: dict[str, Column] = {}
    notes: list[Said] = []
    for name, wanted in setup.columns.items():
        column = matched.get(name)
        if name == "id":
            continue
        if column is None:
            notes.append(_not_kept(where, name, wanted))
            continue
        if column.form is None or KINDS[column.form] not in FITTING[name]:
            error = _misfit(name, column, where)
            if name in must:
                raise error
            notes.append(Said(error.text("zh"), error.text("en")))
            continue
        found[name] = column
        notes += _told(name, column, wanted, where, setup)
    _check_required(columns, found, where)
    return Bound(by_field=found, notes=tuple(notes))


def _not_kept(where: str, name: str, wanted: str) -> Said:
    return Said(
        f"{where} 的新建界面上没有字段“{wanted}”，{name} 不在那里保存",
        f"{where} has no field {wanted!r} on the screen for new issues: {name} is not kept there",
    )


def _told(name: str, column: Column, wanted: str, where: str, setup: Setup) -> list[Said]:
    """Return what a person should know of a column that is used."""
    notes = []
    by_name = name not in BY_ITSELF or name in setup.named
    if by_name and column.id != wanted and fold(column.name) != fold(wanted):
        zh = f"{where}：{name} 用的是字段“{column.name}”（没有“{wanted}”）；"
        en = f"{where}: the field {column.name!r} is used for {name} ({wanted!r} is not there) - "
        notes.append(
            Said(
                zh + "请改回名称，或写入 [trackers.fields]",
                en + "give it that name, or name it under [trackers.fields]",
            )
        )
    if not column.writable:
        notes.append(
            Said(
                f"{where}：“{column.name}”只读，不写入 {name}",
                f"{where}: {column.name!r} can only be read; {name} is not written",
            )
        )
    if column.required and name != "description":
        notes.append(
            Said(
                f"{where}：“{column.name}”必填；没有{name}的行动项无法在那里新建",
                f"{where}: {column.name!r} is required: an item without {name} cannot be made "
                "there",
            )
        )
    return notes


def _misfit(name: str, column: Column, where: str) -> SchemaError:
    kinds = " / ".join(k.value for k in Kind if k in FITTING[name])
    return SchemaError(
        Said(
            f"{where}：字段“{column.name}”的类型（{column.type}）放不下 {name}",
            f"{where}: {column.name!r} is of a type ({column.type}) that cannot hold {name}",
        ),
        field=name,
        hint=Said(
            f"请在 [trackers.fields] 为 {name} 另选一个字段（类型：{kinds}）",
            f"name another field for {name} under [trackers.fields] (types: {kinds})",
        ),
    )


def _missing(
    columns: Sequence[Column],
    setup: Setup,
    name: str,
    where: str,
    elsewhere: Sequence[str],
) -> SchemaError:
    wanted = setup.columns[name]
    if name in BY_ITSELF and name not in setup.named:
        wanted = BY_ITSELF[name]
    same = [c for c in columns if fold(c.name) == fold(wanted)]
    if len(same) > 1:
        listed = ", ".join(c.id for c in same)
        return SchemaError(
            Said(
                f"{where}：有 {len(same)} 个字段叫“{wanted}”（{listed}）",
                f"{where}: {len(same)} fields are called {wanted!r} ({listed})",
            ),
            field=name,
            hint=Said(
                f"请在 [trackers.fields] 写明其中一个的 id，如 {name} = “{same[0].id}”",
                f"name one by its id under [trackers.fields]: {name} = {same[0].id!r}",
            ),
        )
    if any(fold(wanted) == fold(other) for other in elsewhere):
        return SchemaError(
            Said(
                f"{where}：字段“{wanted}”（{name}）不在新建事务的界面上",
                f"{where}: the field {wanted!r} ({name}) is not on the screen for new issues",
            ),
            field=name,
            hint=Said(
                "请项目管理员把它加到该事务类型的新建和编辑界面上",
                "let the project's administrator add it to the create and edit screens of the type",
            ),
        )
    spare = [c.name for c in columns if c.form is not None]
    there = ", ".join(spare[:20])
    return SchemaError(
        Said(
            f"{where} 没有字段“{wanted}”（{name}）；有：{there}",
            f"{where} has no field {wanted!r} ({name}); it has {there}",
        ),
        field=name,
        hint=Said(
            "请改回字段名，或在 [trackers.fields] 写明",
            "rename the field back, or name it under [trackers.fields]",
        ),
    )


def _check_shared(matched: Mapping[str, Column], where: str) -> None:
    by_id: dict[str, str] = {}
    for name, column in matched.items():
        other = by_id.setdefault(column.id, name)
        if other != name:
            raise SchemaError(
                Said(
                    f"{where}：字段“{column.name}”同时用作 {other} 和 {name}",
                    f"{where}: the field {column.name!r} stands for {other} and {name}",
                ),
                field=name,
                hint=Said("请在 [trackers.fields] 分开", "tell them apart in [trackers.fields]"),
            )


def _check_required(columns: Sequence[Column], found: Mapping[str, Column], where: str) -> None:
    """Refuse a project in which no issue can be made with what we know."""
    filled = {c.id for c in found.values() if c.writable} | _ALWAYS_FILLED
    lacking = [c for c in columns if c.required and c.id not in filled]
    if lacking:
        zh = "、".join(f"“{c.name}”" for c in lacking)
        raise SchemaError(
            Said(
                f"{where}：新建事务必须填写 {zh}，本程序没有可填的内容",
                f"{where}: a new issue needs {', '.join(repr(c.name) for c in lacking)}, and "
                "nothing here could fill it",
            ),
            hint=Said(
                "请把这些字段改为选填、设默认值，或换一个事务类型",
                "make them optional, give them a default, or name another issue_type",
            ),
        )


def offered(name: str, column: Column, users: Mapping[str, User]) -> Field:
    """Return a column as the engine is told of it."""
    form = column.form or Form.LINE
    kind = KINDS[form]
    return Field(
        name=name,
        label=column.name,
        kind=kind,
        writable=column.writable,
        options=None if column.options is None else tuple(column.options),
        makes_options=False,
        users=users if kind is Kind.USERS else {},
        text_limit=LIMITS.get(form),
        one_line=form is Form.LINE,
        follows=name == "status",
        multiple=form is Form.USERS,
    )
