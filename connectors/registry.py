"""Which kinds of trackers there are. A connector, and the SDK behind it, is imported when used."""

import importlib
from collections.abc import Mapping

from connectors.base import Factory

REGISTRY: Mapping[str, str] = {
    "airtable": "connectors.airtable:Airtable",
    "excel": "connectors.excel:Excel",
    "feishu": "connectors.feishu:Feishu",
    "jira": "connectors.jira:Jira",
    "memory": "connectors.memory:Memory",
    "notion": "connectors.notion:Notion",
}


def load(kind: str) -> Factory:
    """Return the class that makes connectors of a kind; KeyError for a kind there is none of."""
    module, _, name = REGISTRY[kind].partition(":")
    factory: Factory = getattr(importlib.import_module(module), name)
    return factory
