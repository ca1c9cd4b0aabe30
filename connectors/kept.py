"""A small file of its own that a connector may lose without harm. I/O."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)


def read(file: Path, **same: str) -> Mapping[str, Any]:
    """Return what a file holds; nothing where it is missing, damaged, or about another place.

    Args:
        file: which one.
        same: keys of it that must have these values.
    """
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict) or any(found.get(k) != v for k, v in same.items()):
        return {}
    return found


def write(file: Path, whole: Mapping[str, Any]) -> None:
    """Replace a file as a whole; where that cannot be done nothing is lost."""
    draft = file.with_suffix(".new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(whole), encoding="utf-8")
        draft.replace(file)
    except OSError as error:
        log.warning("not kept", extra={"action": "keep", "reason": str(error)})


def texts(found: Any) -> dict[str, str]:
    """Return the texts of an object that a file held."""
    pairs = found.items() if isinstance(found, dict) else ()
    return {k: v for k, v in pairs if isinstance(v, str)}
