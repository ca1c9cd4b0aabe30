"""Adding columns and options to a table (``check --prepare``, never in a pass). I/O by the client.

"Update data source properties" (read 2026-11): what is not named stays; a list of options replaces
the whole list, so those that are there are sent back with their ids. Options of a column of the
type Status could not be made before March 2026, and may still be refused.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.base import Setup
from connectors.columns import column_made, options_for, options_made, required
from connectors.errors import at
from connectors.notion.client import Client
from connectors.notion.columns import Column, columns_of, match
from connectors.notion.faults import RefusedError
from connectors.notion.table import Table
from connectors.notion.wire import Json, as_dict, as_list, held_by_id, plain_id


def make(setup: Setup, table: Table, client: Client, known: Mapping[str, str]) -> Sequence[str]:
    """Make what a pass needs and the table lacks; return one sentence for each thing made.

    The id column and those that the team file names, all of them where nothing stands in the table
    yet; options for statuses and departments. The one title that a table has is given the
    description's name where the team file names it.

    Args:
        setup: what is wanted.
        table: which one.
        client: asks the service.
        known: ours -> the id, decoded, of the column that it had before.

    Raises:
        ConnectorError: the service refused it, for want of rights most likely, or is not there.
    """
    source = table.source()
    columns = columns_of(source)
    found = match(columns, setup, known)
    path = f"data_sources/{plain_id(str(source.get('id')))}"
    title = next((c for c in columns if c.type == "title"), None)
    made: list[str] = []
    properties: dict[str, Any] = {}
    must = {"id", *setup.named}
    if any(name not in found for name in required(setup)) and _is_blank(client, path):
        must |= set(setup.columns)
    for name, label in setup.columns.items():
        if name in found or name not in must:
            continue
        if name == "description" and title is not None and title not in found.values():
            properties[title.id] = {"name": label}
            said = at(
                setup.name,
                f"标题列“{title.name}”已改名为“{label}”",
                f"the title {title.name!r} is now called {label!r}",
            )
            made.append(said.text(setup.language))
        else:
            properties[label] = _shape(name, setup)
            made.append(column_made(setup.name, label).text(setup.language))
    if properties:
        client.write("PATCH", path, {"properties": properties}, repeatable=True)
    for name, column in found.items():
        made += _add_options(setup, client, path, column, options_for(name, setup))
    return made


def _is_blank(client: Client, path: str) -> bool:
    """Say whether no row of the table has a title."""
    answer = client.read(
        "POST", f"{path}/query", body={"page_size": 100}, filter_properties="title"
    )
    pages = as_list(answer.get("results"))
    titles = [p for page in pages for p in held_by_id(page).values() if p.get("title")]
    return not answer.get("has_more") and not titles


def _add_options(
    setup: Setup, client: Client, path: str, column: Column, words: Sequence[str]
) -> Sequence[str]:
    """Give a column of options those that it lacks."""
    missing = [w for w in words if w not in (column.options or {}) and "," not in w]
    if column.options is None or not missing:
        return []
    there = as_list(as_dict(column.raw.get(column.type)).get("options"))
    kept = [{k: o[k] for k in ("id", "name", "color") if k in o} for o in there]
    options = [*kept, *({"name": word} for word in missing)]
    body = {"properties": {column.id: {column.type: {"options": options}}}}
    try:
        client.write("PATCH", path, body, repeatable=True)
    except RefusedError:
        if column.type != "status":
            raise
        return []  # a person has to; check says which option is missing
    return [options_made(setup.name, column.name, missing).text(setup.language)]


def _shape(name: str, setup: Setup) -> Json:
    """Return a new column for a field."""
    options = {"options": [{"name": word} for word in options_for(name, setup) if "," not in word]}
    if name in ("due", "completed"):
        return {"date": {}}
    if name == "owner":
        return {"people": {}}
    if name == "support" and options["options"]:
        return {"multi_select": options}
    if name in ("status", "department") and options["options"]:
        return {"select": options}
    return {"rich_text": {}}
