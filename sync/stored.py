"""What the store keeps beside items, as values, and their JSON. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from mapping import cells as cell_json
from mapping.lens import Value, value_from_json, value_to_json
from mapping.values import Closed, Entry, Finding, Item, Severity, Status, Verified
from sync.merge import Base, Based


def dump(value: Any) -> str:
    """Return compact JSON, not escaped to ASCII."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An item with what the store knows beside it.

    Attributes:
        rev: sequence number of its last change; ``born`` of its first.
        origins: by field, where its value came from (``tracker:board``, ``minutes:KEY``,
            ``rule:late``, ``command:close``).
    """

    item: Item
    rev: int = 0
    born: int = 0
    origins: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line of the change log.

    Attributes:
        kind: ``create``, ``change``, ``conflict`` (``new`` is what was lost), ``close``,
            ``reopen``, ``verify``, ``refuse``, ``mention``, ``link``, ``gone``, ``older-file``;
            ``row-create``, ``row-update``, ``row-link`` and ``row-remove`` for what was written to
            a tool.
        place: ``minutes``, a tracker's name, ``rule``, ``command``.
    """

    item: str | None
    kind: str
    place: str
    why: str
    field: str | None = None
    old: Value = None
    new: Value = None
    actor: str | None = None
    at: str = ""
    seq: int = 0
    run: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerState:
    """What is known of one tracker between passes; times are ISO, aware."""

    cursor: str | None = None
    identity: str = ""
    contacted: bool = False
    state: str = "new"
    error: str | None = None
    plan: str | None = None
    released: tuple[str, ...] = ()
    data_at: str | None = None
    complete_at: str | None = None
    failed_since: str | None = None
    seq: int = 0
    looked: tuple[int, ...] = ()  # the states of a file that came of a look: people typed them
    settings: str = ""  # digest of what the team file says that changes how rows are read
    carried: tuple[str, ...] = ()  # fields that the tool carried at the last look
    retried_at: str | None = None  # when what was refused was last planned again
    offered: str = ""  # digest of what its columns could take then
    held: tuple[str, ...] = ()  # items that some row resembles: not written meanwhile
    again: bool = False  # an older copy was put back once already since the last real change
    beat: int = 1  # complete looks are so many times rarer, where their calls are counted
    absent: Mapping[str, str] = field(default_factory=dict)  # item -> since when nobody says why


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """A document that was read: ``key`` tells the same minutes again.

    Attributes:
        seen_at: when its first version was there.
        tally: what was read: how many items and topics, and of each finding.
        approved: ``by`` and ``at``, where the host approved it (C3).
    """

    key: str
    file: str
    digest: str
    series: str | None
    start: str | None
    meeting: Mapping[str, Any]
    read_at: str
    seen_at: str = ""
    tally: Mapping[str, int] = field(default_factory=dict)
    approved: Mapping[str, str] | None = None

    @property
    def is_agenda(self) -> bool:
        """What is known of the meeting is its agenda; its minutes have not come."""
        return "agenda" in self.tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Minutes that wait for the host (C3), or what the host said of these very bytes.

    Attributes:
        state: ``waiting``, ``approved`` or ``refused``.
        asked_at: when this version was first there; ``seen_at``: the first version of it.
        meeting: its facts.
        items: what its items would be called; ``findings`` how many there were.
        by: who decided, ``at`` when, ``reason`` why it was refused.
    """

    key: str
    file: str
    digest: str
    state: str
    asked_at: str
    seen_at: str
    meeting: Mapping[str, Any]
    series: str | None = None
    items: tuple[str, ...] = ()
    findings: int = 0
    by: str | None = None
    at: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A write that was journalled before it left; it is open until its outcome is recorded."""

    token: str
    item: str
    kind: str
    at: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A decision written down by a command, to be carried out by the next pass."""

    id: int
    at: str
    verb: str
    target: str
    args: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What a document tells that may be an item; ``id`` is the one that it would have."""

    id: str
    document: str
    place: int
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFinding:
    """A finding as long as its cause stands."""

    source: str
    about: str
    finding: Finding
    first_at: str


def item_to_json(item: Item) -> dict[str, Any]:
    """Return an item as JSON; what is empty is left out."""
    out: dict[str, Any] = {}
    for f in fields(item):
        value = getattr(item, f.name)
        if value in (None, (), False):
            continue
        if isinstance(value, Verified):
            value = {"by": value.by, "on": value.on.isoformat()}
        elif isinstance(value, Closed):
            value = {"on": value.on.isoformat(), "why": value.why}
        elif isinstance(value, date):  # a datetime is one too
            value = value.isoformat()
        out[f.name] = value
    return out


def item_from_json(data: Mapping[str, Any]) -> Item:
    """Return the item that ``item_to_json`` was given."""
    d = dict(data)
    for name in ("due", "expected", "completed", "late_for"):
        if name in d:
            d[name] = date.fromisoformat(d[name])
    for name in ("owners", "support"):
        d[name] = tuple(d.get(name, ()))
    d["status"] = Status(d.get("status", Status.IN_PROGRESS))
    if "verified" in d:
        v = d["verified"]
        d["verified"] = Verified(by=v["by"], on=date.fromisoformat(v["on"]))
    if "closed" in d:
        c = d["closed"]
        d["closed"] = Closed(on=date.fromisoformat(c["on"]), why=c["why"])
    if "created_at" in d:
        d["created_at"] = datetime.fromisoformat(d["created_at"])
    return Item(**d)


class KeptBase(Mapping[str, Based]):
    """A base as the store keeps it; it is decoded when it is first looked into."""

    __slots__ = ("_decoded", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._decoded: dict[str, Based] | None = None

    def _base(self) -> dict[str, Based]:
        if self._decoded is None:
            self._decoded = base_from_json(json.loads(self.text))
        return self._decoded

    def __getitem__(self, name: str) -> Based:
        return self._base()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._base())

    def __len__(self) -> int:
        return len(self._base())


def base_text(base: Base) -> str:
    """Return a base as the text that the store keeps."""
    return base.text if isinstance(base, KeptBase) else dump(base_to_json(base))


def base_to_json(base: Base) -> dict[str, Any]:
    """Return a base as JSON: field -> [cell, our value], and its marks if it has any."""
    return {
        n: [cell_json.to_json(b.cell), value_to_json(b.ours), *_marks(b)] for n, b in base.items()
    }


def _marks(based: Based) -> list[bool]:
    if based.away:
        return [based.again, True]
    return [True] if based.again else []


def base_from_json(data: Mapping[str, Any]) -> dict[str, Based]:
    """Return the base that ``base_to_json`` was given."""
    return {
        n: Based(cell_json.from_json(c), value_from_json(n, v), *marks)
        for n, (c, v, *marks) in data.items()
    }


def told_to_json(told: Mapping[str, Value]) -> dict[str, Any]:
    """Return values by field as JSON."""
    return {n: value_to_json(v) for n, v in told.items()}


def told_from_json(data: Mapping[str, Any]) -> dict[str, Value]:
    """Return the values that ``told_to_json`` was given."""
    return {n: value_from_json(n, v) for n, v in data.items()}


def entry_to_json(entry: Entry) -> dict[str, Any]:
    """Return an entry as JSON."""
    out = {f.name: getattr(entry, f.name) for f in fields(entry)}
    return {n: v.isoformat() if isinstance(v, date) else v for n, v in out.items()}


def entry_from_json(data: Mapping[str, Any]) -> Entry:
    """Return the entry that ``entry_to_json`` was given."""
    d = dict(data)
    for name in ("due", "expected", "completed"):
        d[name] = date.fromisoformat(d[name]) if d[name] else None
    d |= {"owners": tuple(d["owners"]), "support": tuple(d["support"])}
    return Entry(**{**d, "status": Status(d["status"])})


def finding_to_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON, keys as in the program's own."""
    return {f.name: getattr(finding, f.name) for f in fields(finding)}


def finding_from_json(data: Mapping[str, Any]) -> Finding:
    """Return the finding that ``finding_to_json`` was given."""
    return Finding(**{**data, "severity": Severity(data["severity"])})
