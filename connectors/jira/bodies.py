"""What is sent to make or change an issue. Pure.

"Create issue" and "Edit issue" (developer.atlassian.com, read 2026-11): both products take issue
properties in the same body, so that an issue is never there without its id.
"""

from typing import Any

from connectors.jira.drafts import Draft
from connectors.jira.project import Look
from connectors.jira.wire import PROPERTY, Json, Row, one_line, value_of
from mapping.cells import show


def payload(draft: Draft, look: Look, *, cloud: bool) -> dict[str, Any]:
    """Return the fields of a draft as they are written."""
    columns = look.bound.by_field
    return {
        columns[name].id: value_of(form, cell, columns[name].options, cloud=cloud)
        for name, cell in draft.cells.items()
        if (form := columns[name].form) is not None
    }


def new_issue(draft: Draft, look: Look, *, cloud: bool) -> Json:
    """Return an issue to be made; nobody is assigned whom nobody named."""
    filled = {k: v for k, v in payload(draft, look, cloud=cloud).items() if v not in (None, [])}
    item = draft.write.id
    title = one_line(show(draft.cells.get("description"))) or item
    fields = {
        "project": {"id": look.project},
        "issuetype": {"id": look.type},
        **({} if "summary" in filled else {"summary": title}),
        **({} if draft.bare else {"assignee": None}),  # else the project's default is assigned
        **filled,
        "labels": [item],
    }
    return {"fields": fields, "properties": [_property(item)]}


def change_of(draft: Draft, row: Row, look: Look, *, cloud: bool, names: bool = False) -> Json:
    """Return a change of an issue; empty if there is nothing to change.

    Args:
        draft: what differs.
        row: the issue as it is.
        look: the project.
        cloud: which flavour.
        names: whether the id is written too; labels of people stay.
    """
    body: dict[str, Any] = {}
    if draft.cells:
        body["fields"] = payload(draft, look, cloud=cloud)
    if names:
        item = draft.write.id
        removed = [{"remove": label} for label in row.labels if label != item]
        body["update"] = {"labels": [*removed, {"add": item}]}
        body["properties"] = [_property(item)]
    return body


def _property(item: str) -> Json:
    return {"key": PROPERTY, "value": {"id": item}}
