"""A search that lags: what it may not know yet, and what it may still show. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.base import Record, Schema
from mapping.cells import from_json
from sync.links import Link
from sync.stored import Intent

DEFAULT_LAG_S = 120.0  # where a tool documents no lag of its search


def lag_of(schema: Schema) -> timedelta:
    """Return after how long a row that was made is sure to be found."""
    told = schema.search_lag_s
    return timedelta(seconds=DEFAULT_LAG_S if told is None else told)


def is_within(lag: timedelta, at: str, now: datetime) -> bool:
    """Say whether a moment is so near that a search may not know yet what happened then."""
    return abs(now - datetime.fromisoformat(at)) < lag


def is_past(record: Record, past: Sequence[Intent]) -> bool:
    """Say whether a row is shown as it was before we wrote to it.

    Args:
        record: the row.
        past: our writes to it, with the ``version`` that each replaced.
    """
    return any(i.data["version"] == record.version for i in past if i.data["version"])


def less_past(record: Record, past: Sequence[Intent], link: Link | None) -> Record:
    """Return a row less the cells that show what we wrote over: the search may not know yet.

    The row is none that we ever saw, so nothing but such a cell tells that it is past. Where a
    person did put it back, a look after the lag shows it still.

    Args:
        record: the row; the very same is returned where no cell of it is past.
        past: our writes within the lag, with the ``cells`` that stood there and were not checked.
        link: what is known of the row; None if nothing is.
    """
    names = {
        name
        for intent in past
        for name, cell in intent.data["cells"].items()
        if name in record.cells and record.cells[name] == from_json(cell)
        if link and name in link.base and record.cells[name] != link.base[name].cell
    }
    kept = {name: cell for name, cell in record.cells.items() if name not in names}
    return replace(record, cells=kept) if names else record
