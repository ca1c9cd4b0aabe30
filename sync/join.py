"""Which entry of a document is which item. Pure.

Texts that differ in a number, a name, a date or a quoted title are never one item; whatever is not
certain is told to a person and joined with nothing (failures 81-84).
"""

import difflib
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from mapping.lens import Value
from mapping.values import Entry
from mapping.words import fold
from sync.links import Known

LIKE = 0.6  # folded texts this alike may speak of the same thing
SURE = 0.75  # ... and do, where owner, series, numbers and titles agree too

_NUMBERS = re.compile(
    r"\d+(?:[.,:/-]\d+)*|[一二三四五六七八九十百千]+(?=[个名份次条项月日号期版季周天年])"
)
_QUOTED = re.compile(r"《[^》]*》|“[^”]*”|「[^」]*」|『[^』]*』|\"[^\"]*\"|`[^`]*`")
_LATIN = re.compile(r"[A-Z][\w.-]*|\w*\d\w*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Where a document spoke of an item: the values it told, and its place among the entries."""

    item: str
    place: int
    told: Mapping[str, Value]
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Which entries of a document speak of which items.

    Attributes:
        items: index of the entry -> item id; an entry that is absent is a new item.
        gone: items that an earlier reading of the same document told and this one does not.
        uncertain: index of the entry -> ids of items that it may speak of.
    """

    items: Mapping[int, str]
    gone: Sequence[str]
    uncertain: Mapping[int, Sequence[str]]


@lru_cache(maxsize=16384)
def salient(text: str) -> frozenset[str]:
    """Return what must agree for a reworded text to be the same: numbers, titles, Latin names."""
    text = unicodedata.normalize("NFKC", text)
    quoted = [fold(q) for q in _QUOTED.findall(text)]
    return frozenset(
        (*quoted, *_NUMBERS.findall(text), *(w.casefold() for w in _LATIN.findall(text)))
    )


def alike(a: str, b: str) -> float:
    """Return how alike two texts are when folded, up to 1; 0 for all that is less than LIKE."""
    a, b = fold(a), fold(b)
    if a == b:
        return 1.0
    least = LIKE * (len(a) + len(b)) / 2  # characters that both must have
    if min(len(a), len(b)) < least or len(_letters(a) & _letters(b)) < least:
        return 0.0
    ratio = difflib.SequenceMatcher(None, a, b, autojunk=False).ratio()
    return ratio if ratio >= LIKE else 0.0


@lru_cache(maxsize=16384)
def _letters(text: str) -> frozenset[str]:
    """Return the characters of a text, each with its number among those that are the same."""
    seen: Counter[str] = Counter()
    out = []
    for letter in text:
        seen[letter] += 1
        out.append(f"{letter}{seen[letter]}")
    return frozenset(out)


def _owners(entry: Entry) -> frozenset[str]:
    return frozenset({entry.owner} if entry.owner else entry.owners)


def _names(owner: Value) -> frozenset[str]:
    return frozenset(owner) if isinstance(owner, tuple) else frozenset()


def _no_contrary_owner(entry: Entry, owner: Value) -> bool:
    mine, theirs = _owners(entry), _names(owner)
    return not mine or not theirs or bool(mine & theirs)


def join_again(
    entries: Sequence[Entry], mentions: Sequence[Mention], people: Collection[str] = ()
) -> Joined:
    """Join the entries of a document with the items it told when it was read before.

    The same words are the same item. A reworded line in the same place with the same owner is too,
    unless the texts differ in a number, a name, a date or a quoted title.
    """
    found: dict[int, str] = {}
    open_mentions = {m.item: m for m in mentions}

    def take(n: int, mention: Mention) -> None:
        found[n] = mention.item
        del open_mentions[mention.item]

    for strict in (True, False):
        by_text: dict[str, list[Mention]] = {}
        for mention in open_mentions.values():
            by_text.setdefault(fold(str(mention.told["description"])), []).append(mention)
        for n, entry in enumerate(entries):
            if n in found:
                continue
            same = [m for m in by_text.get(fold(entry.description), []) if m.item in open_mentions]
            if strict:
                same = [m for m in same if _names(m.told["owner"]) == _owners(entry)]
            if same:
                take(n, min(same, key=lambda m: abs(m.place - n)))
    order = sorted(open_mentions.values(), key=lambda m: m.place)
    by_marks: dict[_Marks, list[Mention]] = {}
    for mention in order:
        text = str(mention.told["description"])
        marks = _marks(text, _names(mention.told["owner"]), people)
        by_marks.setdefault(marks, []).append(mention)
    place = {m.item: m.place for m in mentions}
    after = _least_after([place.get(found.get(n, ""), math.inf) for n in range(len(entries))])
    before = -math.inf
    uncertain: dict[int, Sequence[str]] = {}
    for n, entry in enumerate(entries):
        if n not in found:
            marks = _marks(entry.description, _owners(entry), people)
            near = [m for m in by_marks.get(marks, ()) if before < m.place < after[n]]
            reworded = _alike_to(entry, near, open_mentions)
            if len(reworded) == 1:
                take(n, reworded[0])
            elif maybe := _alike_to(entry, order, open_mentions):
                uncertain[n] = [m.item for m in maybe]
        before = max(before, place.get(found.get(n, ""), before))
    return Joined(items=found, gone=list(open_mentions), uncertain=uncertain)


_Marks = tuple[frozenset[str], ...]  # owners, what is salient, people who are named


def _marks(text: str, owners: frozenset[str], people: Collection[str]) -> _Marks:
    """Return what must agree for a text to be a rewording of another one."""
    return owners, salient(text), frozenset(p for p in people if p in text)


def _alike_to(
    entry: Entry, mentions: Sequence[Mention], still: Collection[str]
) -> Sequence[Mention]:
    """Return the mentions, of items that are still to be found, which an entry is like."""
    return [
        m
        for m in mentions
        if m.item in still and alike(entry.description, str(m.told["description"])) >= LIKE
    ]


def _least_after(places: Sequence[float]) -> Sequence[float]:
    """Return, for each place, the smallest of those that come after it."""
    return [*accumulate(reversed(places[1:]), min, initial=math.inf)][::-1]


def join_series(
    entries: Sequence[Entry],
    candidates: Sequence[Known],
    *,
    same_series: Collection[str],
    taken: Collection[str] = (),
) -> Joined:
    """Join the entries of new minutes with the team's open items.

    Args:
        entries: of the new document; a carried row may speak of any open item.
        candidates: the team's open items.
        same_series: ids of those from earlier meetings of the same series: any entry may speak of
            them.
        taken: ids that cannot be meant any more.
    """
    by_text: dict[str, list[Known]] = {}
    for known in candidates:
        if known.id not in taken:
            by_text.setdefault(fold(str(known.values["description"])), []).append(known)
    by_marks: dict[_Marks, list[Known]] = {}  # a follow-up table may word it a little differently
    for known in candidates if any(e.carried for e in entries) else ():
        if known.id in same_series:
            text, owners = str(known.values["description"]), _names(known.values["owner"])
            by_marks.setdefault(_marks(text, owners, ()), []).append(known)
    found: dict[int, str] = {}
    uncertain: dict[int, Sequence[str]] = {}
    used: set[str] = set()
    for n, entry in enumerate(entries):
        same = [
            k
            for k in by_text.get(fold(entry.description), [])
            if k.id not in used and (entry.carried or k.id in same_series)
        ]
        good = [k for k in same if _no_contrary_owner(entry, k.values["owner"])]
        near = [k for k in good if k.id in same_series] or good
        if not near and entry.carried:
            near = [
                k
                for k in by_marks.get(_marks(entry.description, _owners(entry), ()), ())
                if k.id not in used
                and alike(entry.description, str(k.values["description"])) >= SURE
            ]
        if len(near) == 1:
            found[n] = near[0].id
            used.add(near[0].id)
        elif entry.carried or same:
            maybe = near or [
                k
                for k in (candidates if entry.carried else same)
                if k.id not in used
                and alike(entry.description, str(k.values["description"])) >= LIKE
            ]
            if maybe:
                uncertain[n] = [k.id for k in maybe]
    return Joined(items=found, gone=(), uncertain=uncertain)
