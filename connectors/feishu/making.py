"""Adding columns and options to a table (``check --prepare``, never in a pass). I/O by the client.

"Create a field" and "Update a field" (read 2026-05). An update replaces the whole of a column: it
is read right before and sent back with what is new, the ids of its options too, for an option
without its id is another one and the cells of the old one are emptied. What is told about a column
is read as text and sent as an object (model ``AppTableFieldDescription`` of lark-oapi 1.7.5).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.base import Setup
from connectors.columns import column_made, match, options_for, options_made
from connectors.feishu import faults
from connectors.feishu.client import Client, CodeError
from connectors.feishu.columns import Column
from connectors.feishu.table import Table
from connectors.feishu.wire import Type, as_uuid4
from mapping.said import Said
from mapping.words import REQUIRED

_LAST_CHANGE = {"zh": "最后更新时间", "en": "Last modified"}
_DAY = {"date_formatter": "yyyy/MM/dd", "auto_fill": False}
_LOOKS = 5
_MOMENT = {"date_formatter": "yyyy/MM/dd HH:mm", "auto_fill": False}


def make(setup: Setup, table: Table, client: Client, known: Mapping[str, str]) -> Sequence[str]:
    """Make what a pass needs and the table lacks; return one sentence for each thing made.

    The id column and columns that the team file names; the required ones too where nothing stands
    in the table yet; a column that tells of last changes; options for statuses and departments.

    Raises:
        CodeError: the service refused it, for want of rights most likely.
        ConnectorError: it could not be asked.
    """
    maker = _Maker(setup, table, client)
    columns = table.columns()
    must = {"id", *setup.named}
    found = match(columns, setup, known)
    if any(name not in found for name in REQUIRED if name not in must) and maker.is_blank():
        must |= set(setup.columns)
    for name, label in setup.columns.items():
        column = found.get(name)
        if column is None and name in must:
            maker.add(label, *_shape(name, setup))
        elif column is not None:
            maker.add_options(column, options_for(name, setup))
    if not any(c.type == Type.MODIFIED_TIME for c in columns):
        label = _LAST_CHANGE.get(setup.language, _LAST_CHANGE["zh"])
        maker.add(label, Type.MODIFIED_TIME, _MOMENT)
    maker.wait_until_shown()
    return maker.made


class _Maker:
    """Makes columns one by one, and tells what it made."""

    def __init__(self, setup: Setup, table: Table, client: Client) -> None:
        self._setup = setup
        self._table = table
        self._client = client
        self.made: list[str] = []
        self._labels: set[str] = set()

    def is_blank(self) -> bool:
        """Say whether no row of the table holds anything."""
        data = self._client.read(
            "POST", self._table.path("/records/search"), params={"page_size": 100}, body={}
        )
        rows = data.get("items") or ()
        return not data.get("has_more") and not any(row.get("fields") for row in rows)

    def add(self, label: str, type_: int, property_: Mapping[str, Any] | None) -> None:
        """Make a column; one that somebody made just now will do."""
        at = self._setup.clock.wall().isoformat()
        token = as_uuid4(self._table.place, label, at)
        try:
            self._client.write(
                self._table.path("/fields"),
                self._table.place,
                repeatable=True,
                params={"client_token": token},
                body={"field_name": label, "type": int(type_), "property": property_},
            )
        except CodeError as refused:
            if refused.code not in faults.EXISTS:
                raise
        else:
            self._labels.add(label)
            self._tell(column_made(self._setup.name, label))

    def wait_until_shown(self) -> None:
        """Wait some seconds until all copies of the service show the columns (Bitable FAQ)."""
        for _ in range(_LOOKS):
            if not self._labels or self._labels <= {c.name for c in self._table.columns()}:
                return
            self._setup.clock.sleep(1.0)

    def add_options(self, column: Column, words: Sequence[str]) -> None:
        """Give a column of options those that it lacks."""
        missing = [word for word in words if word not in (column.options or ())]
        if column.options is None or not missing:
            return
        held = dict(column.raw.get("property") or {})
        held["options"] = [*(held.get("options") or ()), *({"name": word} for word in missing)]
        body = {"field_name": column.name, "type": column.type, "property": held}
        if column.raw.get("ui_type"):
            body["ui_type"] = column.raw["ui_type"]
        if column.raw.get("description"):
            body["description"] = {"text": str(column.raw["description"])}
        self._client.write(
            self._table.path(f"/fields/{column.id}"),
            self._table.place,
            repeatable=True,
            method="PUT",
            body=body,
        )
        self._tell(options_made(self._setup.name, column.name, missing))

    def _tell(self, said: Said) -> None:
        self.made.append(said.text(self._setup.language))


def _shape(name: str, setup: Setup) -> tuple[int, Mapping[str, Any] | None]:
    """Return the type and property of a new column for a field."""
    words = [{"name": word} for word in options_for(name, setup)]
    if name in ("due", "completed"):
        return Type.DATE, _DAY
    if name == "owner":
        return Type.PERSON, {"multiple": False}
    if name == "support" and words:
        return Type.MULTISELECT, {"options": words}
    if name in ("status", "department") and words:
        return Type.SELECT, {"options": words}
    return Type.TEXT, None
