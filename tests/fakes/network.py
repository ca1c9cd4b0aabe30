"""The five faults of a network that every tool must outlive, before a call has effect and after."""

from collections.abc import Mapping
from typing import Any

_KINDS: Mapping[str, Mapping[str, Any]] = {
    "cut": {"kind": "reset"},
    "no answer in time": {"kind": "hang"},
    "broken JSON": {"kind": "garbage"},
    "500": {"status": 500},
    "503": {"status": 503},
}
FAULTS: Mapping[str, dict[str, Any]] = {
    f"{name} {'after' if after else 'before'}": {**kind, "after": after}
    for name, kind in _KINDS.items()
    for after in (False, True)
}
