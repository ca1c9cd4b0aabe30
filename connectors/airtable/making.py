"""Making what is missing (``check --prepare``, never in a pass). I/O by the client.

"Create table" and "Create field" (read 2026-11). There is no call that gives a column another
option: the only documented way is a row that is written with ``typecast``. So a row is made for
each, without a description, and taken out again.
"""

from collections.abc import Callable, Mapping, Sequence

from pyairtable import formulas

from connectors.airtable.client import Client, Json, RefusedError
from connectors.airtable.columns import Column, column
from connectors.airtable.drafts import BATCH
from connectors.airtable.table import Table, chunks
from connectors.base import Setup
from connectors.columns import column_made, match, options_for, options_made
from connectors.errors import AuthError, at
from mapping.cells import Kind
from mapping.said import Said
from mapping.words import REQUIRED

_TABLE_ID = "tbl"
_MARK = "minuteloop option"  # what stands in the id column of a row that is made and taken out
_MARKS = 50
_HINT = Said(
    "请给令牌 schema.bases:write 权限并让其用户成为 Creator，或手工添加",
    "give the token the scope schema.bases:write and its user the role Creator, or do it by hand",
)


def make(
    setup: Setup,
    table: Table,
    client: Client,
    remembered: Callable[[str], Mapping[str, str]],
) -> Sequence[str]:
    """Make what a pass needs and the base lacks; return one sentence for each thing made.

    The table where it is named by its name; the id column and columns that the team file names; the
    required ones too where no row is in the table yet; options for statuses and departments.

    Raises:
        AuthError: the token may not do this.
        ConnectorError: it could not be asked.
    """
    maker = _Maker(setup, client)
    found = table.choose(table.all_tables())
    if found is None and not table.wanted.startswith(_TABLE_ID):
        maker.make_table(table.wanted)
        return maker.made
    table_id, columns = table.columns()
    known = remembered(table_id)
    matched = match(columns, setup, known)
    there = {name: matched.get(name) for name in setup.columns}
    must = {"id", *setup.named}
    if any(there[name] is None for name in REQUIRED if name not in must) and not _has_rows(
        client, table_id
    ):
        must |= set(setup.columns)
    for name, label in setup.columns.items():
        if there[name] is None and name in must:
            there[name] = maker.make_field(table_id, label, name)
    key = there["id"]
    if key is not None:
        maker.make_options(table_id, key, there)
    return maker.made


def _has_rows(client: Client, table_id: str) -> bool:
    return bool((client.page(table_id, (), "", "").body or {}).get("records"))


class _Maker:
    """Makes things one by one, and tells what it made."""

    def __init__(self, setup: Setup, client: Client) -> None:
        self._setup = setup
        self._client = client
        self.made: list[str] = []

    def make_table(self, name: str) -> None:
        """Make the table with all columns; the first is the primary one."""
        order = ["description", *(n for n in self._setup.columns if n != "description")]
        fields = [_shape(n, self._setup.columns[n], self._setup) for n in order]
        try:
            self._client.make_table({"name": name, "fields": fields})
        except RefusedError as refused:
            raise self._refusal(
                Said(f"无法添加表“{name}”", f"the table {name!r} cannot be made"), refused
            ) from None
        self._tell(at(self._setup.name, f"已添加表“{name}”", f"table {name!r} made"))

    def make_field(self, table_id: str, label: str, name: str) -> Column:
        """Make a column."""
        try:
            made = self._client.make_field(table_id, _shape(name, label, self._setup))
        except RefusedError as refused:
            raise self._refusal(
                Said(f"无法添加“{label}”列", f"column {label!r} cannot be made"), refused
            ) from None
        self._tell(column_made(self._setup.name, label))
        return column(made)

    def make_options(self, table_id: str, key: Column, there: Mapping[str, Column | None]) -> None:
        """Give columns the options that they lack."""
        missing = [
            (c, words)
            for name, c in there.items()
            if c is not None and c.options is not None and c.writable
            if (words := [w for w in options_for(name, self._setup) if w not in c.options])
        ]
        cells = [
            (c.id, [word] if c.kind is Kind.OPTIONS else word)
            for c, words in missing
            for word in words
        ]
        self._take_out(table_id, self._left_behind(table_id, key.id))
        rows = [
            {"fields": {key.id: f"{_MARK} {n}", column_id: cell}}
            for n, (column_id, cell) in enumerate(cells, 1)
        ]
        for some in chunks(rows, BATCH):
            self._make_and_take_out(table_id, some, key.id)
        for c, words in missing:
            self._tell(options_made(self._setup.name, c.name, words))

    def _tell(self, said: Said) -> None:
        self.made.append(said.text(self._setup.language))

    def _make_and_take_out(self, table_id: str, rows: Sequence[Json], key: str) -> None:
        """Write rows and take them out again."""
        try:
            told = self._client.typecast(table_id, rows, key).get("records")
        except RefusedError as refused:
            raise self._refusal(Said("无法添加选项", "options cannot be made"), refused) from None
        self._take_out(table_id, [str(r.get("id")) for r in told or () if isinstance(r, dict)])

    def _left_behind(self, table_id: str, key: str) -> list[str]:
        """Return the rows that an earlier run made and could not take out."""
        marks = (formulas.EQ(formulas.Field(key), f"{_MARK} {n + 1}") for n in range(_MARKS))
        found = self._client.page(table_id, [key], str(formulas.OR(*marks)), "").body or {}
        return [str(r.get("id")) for r in found.get("records") or () if isinstance(r, dict)]

    def _take_out(self, table_id: str, row_ids: Sequence[str]) -> None:
        for some in chunks(row_ids, BATCH):
            try:
                self._client.delete(table_id, some)
            except RefusedError as refused:
                raise refused.error from None

    def _refusal(self, what: Said, refused: RefusedError) -> AuthError:
        why = refused.error.said
        text = at(self._setup.name, f"{what.zh}：{why.zh}", f"{what}: {why}")
        return AuthError(text, hint=_HINT)


def _shape(name: str, label: str, setup: Setup) -> Json:
    """Return the type and options of a new column for a field."""
    choices = {"choices": [{"name": word} for word in options_for(name, setup)]}
    if name in ("due", "completed"):
        return {"name": label, "type": "date", "options": {"dateFormat": {"name": "iso"}}}
    if name == "owner":
        return {"name": label, "type": "singleCollaborator"}
    if name == "support" and choices["choices"]:
        return {"name": label, "type": "multipleSelects", "options": choices}
    if name in ("status", "department") and choices["choices"]:
        return {"name": label, "type": "singleSelect", "options": choices}
    return {"name": label, "type": "singleLineText" if name == "id" else "multilineText"}
