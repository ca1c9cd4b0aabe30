"""One draft of those that tell the same task: conclusion and list, follow-up and new list. Pure.

Texts that differ in a number or a quoted title are never the same task, however alike they are.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mapping.values import Entry, Status
from mapping.words import fold, plain
from minutes.drafts import Draft, Origin
from minutes.owners import NOBODY

_ASIDE = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")
_NUMBERS = re.compile(r"\d+(?:\.\d+)*|[A-Z]类|[一二三四五六七八九十]+(?=期|季度|号|批|轮|阶段|版)")
_TITLES = re.compile(r"[《“「\"]([^》”」\"]+)[》”」\"]")
_COMMON = 64  # drafts that share a pair of characters, from which on the pair tells nothing
_TRIED = 8


@dataclass(frozen=True, slots=True)
class Joined:
    """The drafts that are left, and those that repeat one of them.

    Attributes:
        repeated: pairs of the draft that was kept and of one that repeats it.
    """

    drafts: tuple[Draft, ...]
    repeated: tuple[tuple[Draft, Draft], ...]


def join(drafts: Sequence[Draft]) -> Joined:
    """Join the drafts of one meeting; their order is kept."""
    told = [d for d in drafts if d.origin not in (Origin.PROSE, Origin.MARK)]
    said = [d for d in drafts if d.origin is Origin.PROSE]
    marked, twice = _once([d for d in drafts if d.origin is Origin.MARK])
    listed, repeated = _once([d for d in told if not d.entry.carried])
    carried, again = _once([d for d in told if d.entry.carried])
    listed = _carry(carried, listed)
    explicit = bool(listed)
    listed, others = _told_again(marked, listed)
    listed, others = _told_again(said, listed + others)
    others = [replace(d, certain=False) if d.weak and explicit else d for d in others]
    listed = sorted(listed + _apart(others), key=lambda d: (d.index, d.entry.line or 0))
    return Joined(tuple(listed), (*repeated, *again, *twice))


def _once(drafts: Iterable[Draft]) -> tuple[list[Draft], list[tuple[Draft, Draft]]]:
    """Return the drafts of a list, each task once, and the repetitions."""
    kept: dict[str, int] = {}
    found: list[Draft] = []
    repeated = []
    for one in drafts:
        for key in (fold(one.entry.description), fold(_ASIDE.sub("", one.entry.description))):
            if key and key in kept and not _contrary(found[kept[key]], one):
                first = found[kept[key]]
                found[kept[key]] = _filled(first, one)
                repeated.append((first, one))
                break
        else:
            kept.setdefault(fold(one.entry.description), len(found))
            kept.setdefault(fold(_ASIDE.sub("", one.entry.description)), len(found))
            found.append(one)
    return found, repeated


def _contrary(a: Draft, b: Draft) -> bool:
    """Say whether two drafts name different owners or days, or differ in what must not differ."""
    people = {fold(o) for o in a.entry.owners}, {fold(o) for o in b.entry.owners}
    if a.entry.owner and b.entry.owner:
        if a.entry.owner != b.entry.owner:
            return True
    elif people[0] and people[1] and people[0] != people[1]:
        return True
    if a.entry.due and b.entry.due and a.entry.due != b.entry.due:
        return True
    return _marks(a.entry.description) != _marks(b.entry.description)


def _clash(a: Draft, b: Draft) -> bool:
    """Say whether both texts have numbers, or quoted titles, and share none of them."""
    mine, theirs = _marks(a.entry.description), _marks(b.entry.description)
    return any(x and y and not set(x) & set(y) for x, y in zip(mine, theirs, strict=True))


def _marks(text: str) -> tuple[list[str], list[str]]:
    bare = _ASIDE.sub("", text)
    return sorted(_NUMBERS.findall(bare)), sorted(_TITLES.findall(bare))


class _Index:
    """Finds the drafts that share words with a text, without trying them all."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self._grams = [_grams(d.entry.description) for d in drafts]
        self._places: dict[str, list[int]] = {}
        for place, grams in enumerate(self._grams):
            for gram in grams:
                self._places.setdefault(gram, []).append(place)

    def like(self, text: str) -> list[tuple[float, int]]:
        """Return the likeness, 0 to 1, of the drafts most like a text, and their places."""
        grams = _grams(text)
        shared: Counter[int] = Counter()
        for gram in grams:
            places = self._places.get(gram, ())
            if len(places) <= _COMMON:
                shared.update(places)
        best = []
        for place, _ in shared.most_common(_TRIED):
            best.append((_likeness(grams, self._grams[place]), place))
        return sorted(best, reverse=True)


def _grams(text: str) -> Counter[str]:
    """Return what texts are compared by: Latin words, pairs of Chinese characters."""
    text = plain(_ASIDE.sub("", text) or text).casefold()
    found: Counter[str] = Counter()
    for run in _RUNS.findall(text):
        if run[0] < "\u2e80":
            found[run] += 1
        else:
            found.update(run[n : n + 2] for n in range(max(1, len(run) - 1)))
    for word in _SMALL:
        found.pop(word, None)
    return found or Counter([text])


_RUNS = re.compile(r"[^\W\u2e80-\uffff]+|[\u2e80-\u9fff]+")
_SMALL = (
    "a",
    "an",
    "the",
    "to",
    "of",
    "in",
    "on",
    "at",
    "for",
    "and",
    "or",
    "with",
    "by",
    "this",
    "that",
)


def _likeness(a: Counter[str], b: Counter[str]) -> float:
    both = sum((a & b).values())
    small, large = sorted((sum(a.values()), sum(b.values())))
    dice = 2 * both / (small + large)
    inside = both / small if small >= 2 else 0
    return max(dice, 0.9 * inside)


def _carry(carried: Sequence[Draft], listed: list[Draft]) -> list[Draft]:
    """Join each row of a follow-up table with the new list's row for the same task."""
    index = _Index(listed)
    taken: set[int] = set()
    rest = []
    for old in carried:
        for score, place in index.like(old.entry.description):
            new = listed[place]
            same_owner = _same_owner(old, new)
            if place in taken or score < (0.75 if same_owner else 0.95):
                continue
            if _marks(old.entry.description) != _marks(new.entry.description):
                continue
            listed[place] = _continued(old, new)
            taken.add(place)
            break
        else:
            rest.append(old)
    for place, new in enumerate(listed):
        if new.continued and place not in taken:
            listed[place] = replace(new, entry=replace(new.entry, carried=True))
    return listed + rest


def _continued(old: Draft, new: Draft) -> Draft:
    """Return the new list's row with the state and the remark of the follow-up row."""
    a, b = old.entry, new.entry
    status = b.status if b.status is not Status.IN_PROGRESS else a.status
    entry = replace(
        b,
        status=status,
        completed=b.completed or a.completed,
        note=b.note or a.note,
        deliverable=b.deliverable or a.deliverable,
        department=b.department or a.department,
        acceptance=b.acceptance or a.acceptance,
        support=tuple(dict.fromkeys((*b.support, *a.support))),
        owner=b.owner or (a.owner if not b.owners else None),
        owners=b.owners or a.owners,
        due=b.due or (a.due if not b.due_text else None),
        due_text=b.due_text or a.due_text,
        expected=a.expected if not b.due_text else b.expected,
        carried=True,
    )
    who = new.who if b.owners or b.department else old.who
    due = new.due if b.due_text else old.due
    return replace(new, entry=entry, who=who, due=due)


def _same_owner(a: Draft, b: Draft) -> bool:
    x, y = a.entry, b.entry
    if x.owner and y.owner:
        one, other = sorted((fold(x.owner), fold(y.owner)), key=len)
        return other.startswith(one) or other.endswith(one)  # a given name is the whole name's end
    if not x.owners and not y.owners:
        return bool(x.department) and x.department == y.department
    if not x.owners or not y.owners:
        return bool(x.department) and x.department == y.department
    return bool({fold(o) for o in x.owners} & {fold(o) for o in y.owners})


def _open_owner(a: Draft, b: Draft) -> bool:
    """Say whether one of two drafts names nobody."""
    return not (a.entry.owners and b.entry.owners)


def _told_again(said: Sequence[Draft], listed: list[Draft]) -> tuple[list[Draft], list[Draft]]:
    """Join marks or sentences with the list's entries for the same task.

    Returns:
        the list with what they add, and those that tell a task of their own.
    """
    index = _Index(listed)
    left = []
    for one in said:
        place = _told_as(one, listed, index)
        if place is None:
            left.append(one)
        else:
            listed[place] = _filled(listed[place], one)
    return listed, left


def _told_as(one: Draft, listed: Sequence[Draft], index: _Index) -> int | None:
    """Return which entry of the list tells the task of a sentence."""
    for score, place in index.like(one.entry.description):
        other = listed[place]
        if _clash(one, other):
            continue
        same_day = one.entry.due is not None and one.entry.due == other.entry.due
        if _same_owner(one, other):
            needed = 0.22 if same_day else 0.5
        elif _open_owner(one, other):
            needed = 0.5 if same_day else 0.6
        else:
            needed = 0.9
        if score >= needed:
            return place
    return None


def _apart(said: Sequence[Draft]) -> list[Draft]:
    """Return the sentences, each task once: the later words are the outcome."""
    found: list[Draft] = []
    for one in said:
        for place in range(len(found) - 1, max(-1, len(found) - 1 - _TRIED), -1):
            other = found[place]
            score = _likeness(_grams(one.entry.description), _grams(other.entry.description))
            if score >= 0.44 and _same_owner(one, other) and not _contrary(one, other):
                found[place] = _filled(one, other) if one.certain >= other.certain else other
                break
        else:
            found.append(one)
    return found


def _filled(kept: Draft, other: Draft) -> Draft:
    """Return a draft with what the other one adds; its own words win."""
    a, b = kept.entry, other.entry
    named = not a.owners and not kept.who.owners and bool(b.owners)
    who = kept.who
    if named and kept.who.code == NOBODY.code:
        who = other.who
    dated = not a.due_text and bool(b.due_text)
    support = [s for s in (*a.support, *b.support) if s not in (a.owner, a.department)]
    entry: Entry = replace(
        a,
        owner=b.owner if who is other.who else a.owner,
        owners=b.owners if who is other.who else a.owners,
        department=a.department or b.department,
        support=tuple(dict.fromkeys(support)),
        due=b.due if dated else a.due,
        due_text=b.due_text if dated else a.due_text,
        acceptance=a.acceptance or b.acceptance,
        note=a.note or b.note,
        deliverable=a.deliverable or b.deliverable,
        completed=a.completed or b.completed,
        status=a.status if a.status is not Status.IN_PROGRESS else b.status,
    )
    return replace(
        kept,
        entry=entry,
        who=who,
        due=other.due if dated else kept.due,
        certain=kept.certain or other.certain,
    )
