"""Who is told: who answers for an item, and who may see it (F2, F5). Pure."""

from collections.abc import Iterable, Sequence

from mapping.values import Item
from tracking.scene import Minutes, Scene


class Recipients:
    """The team's people as the rules address them; every name it returns is in the team file."""

    def __init__(self, scene: Scene) -> None:
        self._directory = scene.directory
        self._rules = scene.rules
        self._minutes = {minutes.id: minutes for minutes in scene.minutes}
        self._known: dict[str, str | None] = {}
        self.leaders = self.known(scene.rules.leaders)
        self.raise_to = self.person(scene.rules.raise_to)
        self._departments: dict[tuple[str | None, str | None], str | None] = {}
        secret = {minutes.id for minutes in scene.minutes if minutes.meeting.sensitive}
        self._sensitive = {
            item_id
            for item_id, tracked in scene.items.items()
            if tracked.item.sensitive or tracked.item.meeting_id in secret
        }
        self._present: dict[str, frozenset[str]] = {}

    def person(self, written: str | None) -> str | None:
        """Return the one who is meant by a name; None for somebody unknown or gone."""
        if not written:
            return None
        if written not in self._known:
            found = self._directory.person(written)
            named = written in self._directory.people
            self._known[written] = written if named else found.name if found else None
        return self._known[written]

    def known(self, written: Iterable[str | None]) -> tuple[str, ...]:
        """Return those of some names who are in the team, each once."""
        found = (self.person(name) for name in written)
        return tuple(dict.fromkeys(name for name in found if name))

    def head_of(self, department: str | None) -> str | None:
        """Return the head of a department."""
        return self.person(self._directory.head_of(department))

    def department(self, item: Item) -> str | None:
        """Return the department that answers for an item.

        That is the item's own, else its owner's; the first of them that has a head.
        """
        key = (item.department, item.owner)
        if key not in self._departments:
            named = (item.department, self._directory.department_of(self.person(item.owner)))
            units = [self._directory.unit(name or "") or name for name in named]
            headed = (unit for unit in units if self.head_of(unit))
            self._departments[key] = next(headed, None) or units[0] or units[1]
        return self._departments[key]

    def heads(self) -> tuple[str, ...]:
        """Return the heads of all departments, in the order of the team file."""
        return self.known(unit.head for unit in self._directory.team.departments)

    def head(self, item: Item) -> str | None:
        """Return the head of the department that answers for an item (F3)."""
        return self.head_of(self.department(item))

    def owner(self, item: Item) -> str | None:
        """Return the owner; where nobody in the team owns it the head, the host, a leader."""
        return self.person(item.owner) or self.head(item) or self._last_resort(item)

    def _last_resort(self, item: Item) -> str | None:
        minutes = self.minutes_of(item)
        host = self.person(minutes.meeting.host) if minutes else None
        return host or next(iter(self.leaders), None)

    def follow_up(self, item: Item) -> str | None:
        """Return who checks a completion (D5): as the team file says, else the head, a leader."""
        wanted = self._rules.follow_up
        if wanted == "host":
            minutes = self.minutes_of(item)
            wanted = (minutes.meeting.host if minutes else None) or ""
        asked = self.head(item) if wanted == "head" else self.person(wanted)
        return asked or self.head(item) or self._last_resort(item)

    def approver(self, minutes: Minutes) -> tuple[str, ...]:
        """Return who approves minutes (C3): the host, else the first leader, the recorder."""
        meeting = minutes.meeting
        return self.known((meeting.host, *self.leaders, meeting.recorder))[:1]

    def minutes_of(self, item: Item) -> Minutes | None:
        """Return the minutes that an item comes from."""
        return self._minutes.get(item.meeting_id or "")

    def writers(self, minutes: Minutes) -> tuple[str, ...]:
        """Return host and recorder (B3)."""
        return self.known((minutes.meeting.host, minutes.meeting.recorder))

    def present(self, minutes: Minutes) -> tuple[str, ...]:
        """Return host, recorder and attendees."""
        return self.known((*self.writers(minutes), *minutes.meeting.attendees))

    def is_sensitive(self, item: Item) -> bool:
        """Say whether an item of the scene is one that few may see (F5)."""
        return item.id in self._sensitive

    def may_see(self, person: str, item: Item) -> bool:
        """Say whether a person may hear of an item (F5)."""
        if not self.is_sensitive(item) or person in self.leaders:
            return True
        minutes = self.minutes_of(item)
        if minutes is None:
            return False
        if minutes.id not in self._present:
            self._present[minutes.id] = frozenset(self.present(minutes))
        return person in self._present[minutes.id]

    def seen_by(self, person: str, items: Sequence[Item]) -> Sequence[Item]:
        """Return those of some items that a person may hear of (F5), in their order."""
        if not self._sensitive:
            return items
        return [item for item in items if self.may_see(person, item)]

    def allowed(self, item: Item, *wanted: str | None) -> tuple[str, ...]:
        """Return whom a notice about an item goes to.

        For one who may not see it the leaders hear of it; those who are None fall away.
        """
        named = dict.fromkeys(name for name in wanted if name)
        if not self.is_sensitive(item):
            return tuple(named)
        told: dict[str, None] = {}
        for name in named:
            told |= dict.fromkeys((name,) if self.may_see(name, item) else self.leaders)
        return tuple(told)
