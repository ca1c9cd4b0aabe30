"""Whether words of a line are names, as sure as their place in it allows. Pure."""

import re

from mapping.words import plain
from minutes.owners import Kind, People, is_han_name
from minutes.verbs import IMPERATIVES

_ROLE = re.compile(
    r"[(（](?:主|协|協|副|主[办辦]|主[责責]|[牵牽][头頭]|配合|[协協][办辦助同]|支持|lead|owner|support)[)）]",
    re.IGNORECASE,
)


def are_names(
    text: str, people: People, *, sure: bool, single: bool = False, blank: bool = False
) -> bool:
    """Say whether a text is names and nothing else.

    Args:
        text: one name or several.
        people: whom the document may mean.
        sure: names are expected here, so that unknown ones may stand here.
        single: one Latin word may be a name.
        blank: only a blank parts the text from the task, so that a group or a unit is no name.
    """
    text = _ROLE.sub("", text)
    parts = [p for p in re.split(r"[、,，/&+]|\s+and\s+|和|与|及|\s{1,}(?=@)", text) if p.strip()]
    if not parts or len(parts) > 8:
        return False
    return all(_is_name(p.strip(), people, sure=sure, single=single, blank=blank) for p in parts)


def _is_name(name: str, people: People, *, sure: bool, single: bool, blank: bool) -> bool:
    if people.is_known(name):
        return True
    kind = people.kind(name)
    if kind is Kind.GROUP:
        return not blank
    if kind is Kind.UNIT:
        return sure and not blank
    if kind is not Kind.PERSON:
        read = people.read(name)
        return bool(read.owner and read.department and sure)
    if is_han_name(name):
        return sure and len(name) >= 3
    return sure and (" " in name or single) and not is_deed(name.split(maxsplit=1)[0])


# What may stand before ``to`` at the beginning of a task, and is nobody; and verbs that are names.
_DEEDS = frozenset({
    "ability", "able", "according", "aim", "aims", "attempt", "attempts", "back", "begin",
    "decision", "due", "easy", "expect", "goal", "hard", "hope", "how", "idea", "intend", "offer",
    "option", "permission", "prefer", "prior", "proposal", "proposed", "ready", "related",
    "reminder", "request", "subject", "suggestion", "thanks", "up", "wait", "way", "welcome",
    "where", "wish",
})  # fmt: skip
_ALSO_NAMES = frozenset({"chase", "mark", "pilot"})


def is_deed(word: str) -> bool:
    """Say whether a single word before ``to`` is a part of the task: Try to …, Moving to …."""
    form = word.lower()
    if form in _ALSO_NAMES:
        return False
    stem = form.removesuffix("ing") if form.endswith("ing") else ""
    forms = {form, stem, stem + "e", stem[:-1]}
    return not forms.isdisjoint(IMPERATIVES | _DEEDS)


def is_signature(name: str, people: People, *, dashed: bool = True) -> bool:
    """Say whether words at the end of a line are names; ``dashed`` if a dash stands before them."""
    if dashed and all(is_han_name(n) for n in re.split("[、,，/]", name)):
        return True
    caps = re.fullmatch(r"[A-Z]{2,12}(?:(?:, | and |/| & )[A-Z]{2,12})*", name)
    return bool(caps) or are_names(name, people, sure=True)


def at_name(match: re.Match[str], people: People) -> str:
    """Return the name behind an @ (``rims.AT``), without words of the task that touch it."""
    name = match[1].strip()
    hit = people.known.match(plain(name)) if people.known else None
    if hit and (not name.isascii() or not re.match(r"[\w-]", name[hit.end() :])):
        return name[: hit.end()]
    return name
