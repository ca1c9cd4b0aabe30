"""Who is meant by a name. Pure.

A name is looked up as it stands first, then folded (full-width, case, traditional characters): two
people whose names fall together only when folded are never taken for each other.
"""

import re

from mapping.values import Department, Person, Team
from mapping.words import clean, fold

_SEPARATORS = re.compile(r"[、,，;；/／\n\r&＆]+|\s+and\s+|\s+及\s*|\s*和\s+|\s{2,}", re.IGNORECASE)


class Directory:
    """The team's people and departments, indexed by every name they go by."""

    def __init__(self, team: Team) -> None:
        self.team = team
        self._exact: dict[str, set[str]] = {}
        self._folded: dict[str, set[str]] = {}
        self.people = {person.name: person for person in team.people}
        for person in team.people:
            names = (person.name, *person.aliases, person.email, *person.accounts.values())
            for name in filter(None, names):
                self._exact.setdefault(clean(name), set()).add(person.name)
                self._folded.setdefault(fold(name), set()).add(person.name)
        self.departments = {department.name: department for department in team.departments}
        units = {d.name for d in team.departments} | {p.department or "" for p in team.people}
        self._units = {fold(unit): unit for unit in sorted(units) if unit}

    def person(self, text: str) -> Person | None:
        """Return the one person that a name, alias, e-mail or account id stands for, else None."""
        text = clean(text).lstrip("@＠").strip()
        for index, key in ((self._exact, text), (self._folded, fold(text))):
            found = index.get(key, set())
            if len(found) == 1:
                return self.people[next(iter(found))]
            if found:
                return None  # two people go by this name: never guess
        return None

    def unit(self, text: str) -> str | None:
        """Return the team file's spelling of a department, None if it names none."""
        return self._units.get(fold(text))

    def head_of(self, department: str | None) -> str | None:
        """Return the name of the head of a department, None if there is none."""
        known: Department | None = self.departments.get(self.unit(department or "") or "")
        return known.head if known else None

    def department_of(self, person: str | None) -> str | None:
        """Return a person's department by the team file."""
        known = self.people.get(person or "")
        return known.department if known else None


def split_names(text: str | None) -> tuple[str, ...]:
    """Split a cell that lists people or departments at the usual signs; blanks fall away."""
    return tuple(n for part in _SEPARATORS.split(text or "") if (n := clean(part)))
