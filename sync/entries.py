"""What a document's entries tell, written into the ledger. I/O by handle."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mapping.lens import Value, values
from mapping.values import Entry, Item, Reading, Status
from mapping.words import fold
from sync.join import Mention
from sync.ledger import Ledger
from sync.merge import merge_told
from sync.stored import Change, Stored


def told_by(entry: Entry, *, same_document: bool) -> dict[str, Value]:
    """Return the values that an entry tells; a later meeting does not reword an item."""
    owner = (entry.owner,) if entry.owner else entry.owners
    told: dict[str, Value] = {
        "owner": owner,
        "department": entry.department,
        "support": entry.support,
        "due": entry.due,
        "completed": entry.completed,
        "deliverable": entry.deliverable,
        "note": entry.note,
        "acceptance": entry.acceptance,
    }
    if same_document:
        told["description"] = entry.description
    if same_document or entry.carried or entry.status is not Status.IN_PROGRESS:
        told["status"] = entry.status.value
    return told


def item_of(
    entry: Entry, item_id: str, *, meeting: str | None, meeting_id: str, sensitive: bool
) -> Item:
    """Return the item that an entry tells, of which nothing else is known yet."""
    return Item(
        id=item_id,
        description=entry.description,
        owner=entry.owner,
        owners=entry.owners,
        department=entry.department,
        support=entry.support,
        due=entry.due,
        due_text=entry.due_text,
        expected=entry.expected,
        completed=entry.completed,
        status=entry.status,
        acceptance=entry.acceptance,
        deliverable=entry.deliverable,
        note=entry.note,
        meeting=meeting,
        meeting_id=meeting_id,
        carried=entry.carried,
        sensitive=sensitive,
    )


def seed_of(key: str, entry: Entry) -> str:
    """Return what an entry's id is drawn from: the same words of the same minutes draw the same."""
    return f"{key}\0{fold(entry.description)}\0{entry.owner or ''}"


class Entries:
    """Writes the entries of one document into the ledger."""

    def __init__(self, ledger: Ledger, reading: Reading, key: str, file: str) -> None:
        self.ledger = ledger
        self.meeting = reading.meeting
        self.key = key
        self.file = file
        self._before: Mapping[str, Mention] = {}
        self._latest: Mapping[str, tuple[str, Mention]] = {}

    @property
    def _zh(self) -> bool:
        return self.ledger.directory.team.language == "zh"

    @property
    def _why(self) -> str:
        return f"纪要 {self.file}" if self._zh else f"minutes {self.file}"

    def know(self, before: Sequence[Mention], latest: Mapping[str, tuple[str, Mention]]) -> None:
        """Take what this document told before, and what minutes told last of each item."""
        self._before = {m.item: m for m in before}
        self._latest = latest

    def entry(self, n: int, entry: Entry, item_id: str | None) -> Mention:
        """Create or change the item that an entry speaks of; return the mention."""
        mine = self._before.get(item_id or "")
        if item_id is None:
            item_id = self._create(entry)
        else:
            self._update(item_id, entry, mine)
        told = told_by(entry, same_document=True)
        return Mention(item=item_id, place=n, told=told, source=entry.source)

    def _create(self, entry: Entry) -> str:
        item_id = self.ledger.draw(seed_of(self.key, entry))
        item = item_of(
            entry,
            item_id,
            meeting=self.meeting.title,
            meeting_id=self.key,
            sensitive=self.meeting.sensitive,
        )
        line = entry.line
        place = f" 第 {line} 行" if self._zh else f", line {line}"
        why = self._why + (place if line else "")
        self.ledger.create(
            item, origin=f"minutes:{self.key}", place="minutes", why=why, actor=self.file
        )
        return item_id

    def _update(self, item_id: str, entry: Entry, mine: Mention | None) -> None:
        stored = self.ledger.get(item_id)
        if stored is None:
            return
        latest = self._latest.get(item_id)
        last = mine or (latest[1] if latest else None)
        is_latest = latest is None or latest[0] == self.key or self._later_than(latest[0])
        told = told_by(entry, same_document=mine is not None)
        if mine is None and last is not None and not entry.carried:
            told.pop("status", None)
        merged = merge_told(
            last.told if last else None,
            told,
            values(stored.item),
            origins=stored.origins,
            latest=is_latest,
            same_document=mine is not None,
        )
        for take in merged.takes:
            self.ledger.change(
                item_id,
                take.field,
                take.new,
                origin=f"minutes:{self.key}",
                place="minutes",
                why=self._why,
                actor=self.file,
            )
        for conflict in merged.conflicts:
            self.ledger.note(
                Change(
                    item=item_id,
                    kind="conflict",
                    place="minutes",
                    why=self._why,
                    field=conflict.field,
                    old=conflict.kept,
                    new=conflict.lost,
                    actor=self.file,
                )
            )
        self._amend(item_id, entry)

    def _later_than(self, other: str) -> bool:
        row = self.ledger.tx.document(other)
        return row is None or (self.meeting.start or "") >= (row.start or "")

    def _amend(self, item_id: str, entry: Entry) -> None:
        """Keep what trackers do not carry: the words of the date, the expected day, carried."""
        stored: Stored | None = self.ledger.get(item_id)
        if stored is None:
            return
        item = stored.item
        new = replace(
            item,
            due_text=entry.due_text if entry.due == item.due and entry.due_text else item.due_text,
            expected=entry.expected or item.expected,
            carried=item.carried or entry.carried,
            meeting_id=item.meeting_id or (None if entry.carried else self.key),
            sensitive=item.sensitive if item.meeting_id else self.meeting.sensitive,
        )
        if new != item:
            self.ledger.amend(
                new,
                Change(
                    item=item_id, kind="mention", place="minutes", why=self._why, actor=self.file
                ),
            )
