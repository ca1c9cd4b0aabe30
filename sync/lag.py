"""A search that lags: what it may not know yet, and what it may still show. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from connectors.base import Record, Schema
from mapping.cells import from_json
from sync.match import Link

Past = Mapping[str, Sequence[Sequence[Any]]]  # by item, (what was replaced, when)

DEFAULT_LAG_S = 120.0  # where a tool documents no lag of its search


def lag_of(schema: Schema) -> timedelta:
    """Return after how long a row that was made is sure to be found."""
    told = schema.search_lag_s
    return timedelta(seconds=DEFAULT_LAG_S if told is None else told)


def is_within(lag: timedelta, at: str, now: datetime) -> bool:
    """Say whether a moment is so near that a search may not know yet what happened then."""
    return abs(now - datetime.fromisoformat(at)) < lag


def recent(past: Past, lag: timedelta, now: datetime) -> Past:
    """Return, by item, what our writes replaced so lately that the search may still show it."""
    kept = {
        item_id: [(was, at) for was, at in told if is_within(lag, at, now)]
        for item_id, told in past.items()
    }
    return {item_id: told for item_id, told in kept.items() if told}


def is_past(record: Record, superseded: Sequence[Sequence[str]]) -> bool:
    """Say whether a row is shown as it was before we wrote to it.

    Args:
        record: the row.
        superseded: (version, when) of what our writes to it replaced.
    """
    return any(version == record.version for version, _ in superseded)


def less_past(record: Record, replaced: Sequence[Sequence[Any]], link: Link | None) -> Record:
    """Return a row less the cells that show what we wrote over: the search may not know yet.

    The row is none that we ever saw, so nothing but such a cell tells that it is past. Where a
    person did put it back, a look after the lag shows it still.

    Args:
        record: the row; the very same is returned where no cell of it is past.
        replaced: (cells as JSON, when) of what stood where we wrote and no version was checked.
        link: what is known of the row; None if nothing is.
    """
    past = {
        name
        for cells, _ in replaced
        for name, cell in cells.items()
        if name in record.cells and record.cells[name] == from_json(cell)
        if link and name in link.base and record.cells[name] != link.base[name].cell
    }
    kept = {name: cell for name, cell in record.cells.items() if name not in past}
    return replace(record, cells=kept) if past else record
