"""What of a write is sent: what the project's fields take, and what differs. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from connectors.base import Write
from connectors.errors import PermanentError
from connectors.jira.columns import Column
from connectors.jira.faults import RefusedError, texts_of
from connectors.jira.project import Look
from connectors.jira.wire import (
    KINDS,
    LIMITS,
    Form,
    Json,
    Row,
    as_dict,
    as_list,
    one_line,
    units,
)
from mapping.cells import Cell, Kind, User, is_empty, show
from mapping.said import Said
from mapping.words import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One write, on its way.

    Attributes:
        cells: what is sent as fields.
        status: the status that is wanted; None if none is.
        error: the first cell that is not sent, and why.
        stale: a word was not known that a newer look may know.
        bare: nobody is said to be assigned; the project refuses an issue without somebody.
        refused_all: nothing of what was asked for can be written.
    """

    write: Write
    cells: Mapping[str, Cell] = field(default_factory=dict)
    status: str | None = None
    error: PermanentError | None = None
    stale: bool = False
    bare: bool = False
    refused_all: bool = False

    def failed(self, error: PermanentError) -> "Draft":
        """Return it with something that was refused; the first is told."""
        return replace(self, error=self.error or error)

    def only(self, name: str) -> "Draft":
        """Return it with one of its cells."""
        return replace(self, cells={name: self.cells[name]})

    def without(self, refused: RefusedError, look: Look, where: str) -> "Draft | None":
        """Return it without the fields that the service refused by name; None if nothing goes.

        A row is never sent without its description.
        """
        named = [n for f in refused.fields if (n := look.bound.named(f)) in self.cells]
        if "assignee" in refused.fields and "owner" not in self.cells and not self.bare:
            return replace(self, bare=True)
        if not named or ("description" in named and self.write.row_id is None):
            return None
        name = named[0]
        column = look.bound.by_field[name]
        about = refused.fields[column.id]
        error = PermanentError(
            Said(f"{where}：“{column.name}”：{about}", f"{where}: {column.name!r}: {about}"),
            field=name,
            hint=_hint(column),
        )
        rest = {n: c for n, c in self.cells.items() if n not in named}
        return replace(self.failed(error), cells=rest)

    def differing(self, row: Row, look: Look, statuses: Mapping[str, tuple[str, ...]]) -> "Draft":
        """Return it with what the row does not say already."""
        there = row.record.cells
        cells = {
            n: c
            for n, c in self.cells.items()
            if not _same(look.bound.by_field[n], c, there.get(n))
        }
        done = self.status is not None and stands_for(row, self.status, statuses, look)
        nothing = not self.cells and self.status is None and not self.write.set_id
        return replace(
            self,
            cells=cells,
            status=None if done else self.status,
            refused_all=nothing and self.error is not None,
        )


Drafts = dict[int, Draft]


def draft_of(write: Write, look: Look, where: str) -> Draft:
    """Return what the project takes of a write, and what is wrong with the first other cell."""
    cells: dict[str, Cell] = {}
    status: str | None = None
    error: PermanentError | None = None
    stale = False
    for name, cell in write.cells.items():
        column = look.bound.by_field.get(name)
        why = refusal(column, cell)
        if why is not None or column is None:
            label = column.name if column else name
            told = why or Said("那里没有这个字段", "is not there")
            error = error or PermanentError(
                Said(f"{where}：“{label}”{told.zh}", f"{where}: {label!r} {told}"),
                field=name,
                hint=_hint(column) if column else "",
            )
            stale |= column is not None and column.options is not None
        elif column.form is Form.STATUS:
            status = show(cell) or None
        else:
            cells[name] = cell
    return Draft(write=write, cells=cells, status=status, error=error, stale=stale)


def refusal(column: Column | None, cell: Cell) -> Said | None:
    """Say why a column would not take a cell; None if it takes it."""
    if column is None or column.form is None:
        return Said("那里没有这个字段", "is not there")
    if not column.writable:
        return Said("只读", "can only be read")
    if is_empty(cell):
        if column.id == "summary":
            return Said("不能为空", "cannot be empty")
        return None
    limit = LIMITS.get(column.form)
    if limit is not None:
        is_long = column.id != "summary" and units(show(cell)) > limit
        return Said(f"超过 {limit} 个字符", f"more than {limit} characters") if is_long else None
    return _misfit(column, cell)


def _misfit(column: Column, cell: Cell) -> Said | None:
    kind = KINDS[column.form or Form.LINE]
    if kind is Kind.DATE:
        is_day = not isinstance(cell, str | tuple)
        return None if is_day else Said("不是日期", "no day")
    names = cell if isinstance(cell, tuple) else (cell,)
    if kind is Kind.USERS:
        if not all(isinstance(n, User) and n.key for n in names):
            return Said("没有对应的账号", "no account")
        alone = column.form is Form.USER and len(names) > 1
        return Said("只能有一个人", "takes one person") if alone else None
    if kind is Kind.OPTION and len(names) > 1:
        return Said("只能有一个选项", "takes one option")
    unknown = [str(n) for n in names if not isinstance(n, str) or n not in (column.options or {})]
    if not unknown:
        return None
    zh, en = "、".join(unknown), ", ".join(unknown)
    return Said(f"没有选项“{zh}”", f"no option {en}")


def _hint(column: Column) -> Said:
    if column.form in (Form.USER, Form.USERS):
        return Said(
            "请核对该账号是否有效、能否被指派，该字段是否在编辑界面上，"
            "或在配置文件里写明 jira 账号",
            "see whether the account is active and can be assigned, whether the field is on the "
            "edit screen, or write jira = in the team file",
        )
    if column.form is Form.STATUS:
        return Said(
            "请在 [trackers.statuses] 写明该项目的状态",
            "name the project's statuses under [trackers.statuses]",
        )
    return Said(
        "请改正内容，或请管理员把该字段加到界面上、补上选项",
        "correct the value, or let an administrator put the field on the screen, or the option "
        "into it",
    )


def _same(column: Column, cell: Cell, there: Cell) -> bool:
    """Say whether a column shows already what is to be written there."""
    if is_empty(cell) and is_empty(there):
        return True
    if column.form is Form.LINE and isinstance(cell, str) and isinstance(there, str):
        return one_line(cell) == there
    return there == cell


def stands_for(row: Row, wanted: str, statuses: Mapping[str, tuple[str, ...]], look: Look) -> bool:
    """Say whether a row's status expresses the same of ours as the one that is wanted."""
    column = look.bound.by_field.get("status")
    if column is None or column.form is not Form.STATUS:
        return False
    there = show(row.record.cells.get("status"))
    return there == wanted or (bool(there) and _ours(there, statuses) == _ours(wanted, statuses))


def _ours(word: str, statuses: Mapping[str, tuple[str, ...]]) -> str:
    """Return which of ours a word of the tool reads as: the first that names it."""
    key = fold(word)
    found = (ours for ours, words in statuses.items() if key in {fold(w) for w in words})
    return next(found, "tool:" + key)


def answers(body: Json, count: int) -> list[tuple[str, RefusedError | None]]:
    """Return, for each issue of a bulk creation, its id, or why it was refused.

    ``issues`` holds only those that were made, in order ("Bulk create issue", read 2026-11). Where
    the answer does not fit the question, nothing is told.
    """
    refused: dict[int, RefusedError] = {}
    for raw in as_list(body.get("errors")):
        told = as_dict(raw.get("elementErrors"))
        fields = {str(k): str(v) for k, v in as_dict(told.get("errors")).items()}
        text = "; ".join(texts_of(told))[:300] or "?"
        number = raw.get("failedElementNumber")
        if isinstance(number, int):
            message = Said(f"Jira 不接受：{text}", f"Jira does not accept it: {text}")
            refused[number] = RefusedError(message, fields=fields)
    made = [str(raw.get("id") or "") for raw in as_list(body.get("issues"))]
    if len(made) + len(refused) != count or not all(made):
        return [("", None)] * count
    waiting = iter(made)
    return [("", refused[n]) if n in refused else (next(waiting), None) for n in range(count)]
