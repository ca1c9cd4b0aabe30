"""What is said of a configuration that does not fit: one line a problem, path first. Pure."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from minuteloop.config_types import shown

# pydantic's error types -> what must stand there
_WANTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a table",
    "mapping_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}
Place = tuple[int | str, ...]


def near(found: object, allowed: Iterable[str]) -> str:
    """Return `` - did you mean "…"?`` if one of the allowed words is close, else nothing."""
    by_key = {word.casefold(): word for word in allowed}
    word = str(found).casefold()
    cutoff = 0.5 if len(word) <= 3 else 0.6  # one character of two, as in most Chinese names
    close = difflib.get_close_matches(word, by_key, n=1, cutoff=cutoff)
    return f' - did you mean "{by_key[close[0]]}"?' if close else ""


def listed(words: Iterable[str]) -> str:
    """Return words as they are listed in a message."""
    return ", ".join(shown(word) for word in words)


def path_of(place: Place, raw: object) -> str:
    """Return the dotted path that people know: entries of lists go by their names."""
    parts: list[str] = []
    for n, step in enumerate(place):
        if isinstance(raw, list) and isinstance(step, int):
            raw = raw[step] if step < len(raw) else None
            name = raw.get("name") if isinstance(raw, Mapping) else None
            parts.append(name if isinstance(name, str) and name.strip() else f"#{step + 1}")
        elif isinstance(raw, Mapping) and step in raw:
            raw = raw[step]
            parts.append(str(step))
        elif n == len(place) - 1:  # a key that is missing; else a kind, which is no key
            parts.append(str(step))
    return ".".join(parts)


def problems(
    error: ValidationError,
    raw: Mapping[str, Any],
    model: type[BaseModel],
    carried_out: Mapping[str, Sequence[str]],
) -> Iterator[tuple[str, str]]:
    """Yield path and message for all that pydantic found wrong.

    Args:
        error: what validation raised.
        raw: the data that were validated.
        model: the model they were held against.
        carried_out: list of tables -> the kinds that this version carries out.
    """
    for detail in error.errors(include_url=False):
        place = detail["loc"]
        kind = detail["type"]
        if kind in ("union_tag_not_found", "union_tag_invalid"):
            known = kinds_at(model, place)
            allowed = listed(carried_out.get(str(place[0])) or known)
            tag = _context(detail).get("tag")
            found = f"found {shown(tag)}, allowed: {allowed}{near(tag, known)}"
            yield path_of((*place, "kind"), raw), found if tag else f"missing - allowed: {allowed}"
        elif kind == "extra_forbidden":
            yield path_of(place, raw), _unknown_key(place[-1], keys_at(model, place[:-1]))
        elif place and place[-1] == "[key]":  # a key of [trackers.fields] or [trackers.statuses]
            words = _quoted(str(_context(detail)["expected"]))
            yield path_of(place[:-1], raw), _unknown_key(place[-2], words)
        else:
            yield path_of(place, raw), _message(detail)


def keys_at(model: type[BaseModel], place: Place) -> Sequence[str]:
    """Return the keys that a place in a configuration may hold."""
    found = _models_at(model, place)
    return sorted(found[0].model_fields) if found else ()


def kinds_at(model: type[BaseModel], place: Place) -> Sequence[str]:
    """Return the kinds that a table at a place may be of."""
    fields = [found.model_fields["kind"] for found in _models_at(model, place)]
    return [kind for field in fields for kind in get_args(field.annotation)]


def _models_at(model: type[BaseModel], place: Place) -> list[type[BaseModel]]:
    found = [model]
    for step in place:
        if isinstance(step, int):
            continue
        if len(found) > 1:  # the step is a kind
            found = [m for m in found if step in get_args(m.model_fields["kind"].annotation)]
        elif found and step in found[0].model_fields:
            found = list(_models(found[0].model_fields[step].annotation))
    return found


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _context(detail: ErrorDetails) -> dict[str, Any]:
    return detail.get("ctx") or {}


def _quoted(text: str) -> list[str]:
    return re.findall(r"'([^']+)'", text)


def _unknown_key(key: object, allowed: Sequence[str]) -> str:
    return f"unknown key{near(key, allowed) or ' - allowed: ' + ', '.join(allowed)}"


def _not_allowed(found: object, detail: ErrorDetails) -> str:
    context = _context(detail)
    allowed = _quoted(str(context["expected"]))
    return f"found {shown(found)}, allowed: {listed(allowed)}{near(found, allowed)}"


def _message(detail: ErrorDetails) -> str:
    kind, context, found = detail["type"], _context(detail), shown(detail["input"])
    if kind == "missing":
        return "missing"
    if kind == "value_error":
        return str(context["error"])
    if kind in ("literal_error", "enum"):
        return _not_allowed(detail["input"], detail)
    if kind in _WANTED:
        return f"found {found}, must be {_WANTED[kind]}"
    if kind == "greater_than_equal":
        return f"found {found}, must be at least {context['ge']:g}"
    if kind == "less_than_equal":
        return f"found {found}, must be at most {context['le']:g}"
    if kind == "too_short":
        return "is empty, must hold at least one text"
    return f"found {found}: {detail['msg']}"
