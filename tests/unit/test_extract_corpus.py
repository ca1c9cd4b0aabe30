"""The structured corpus: invented minutes with gold annotations, and the bars they are held to."""

import json
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mapping.values import Department, Person, Team
from minuteloop import workdays
from minutes.as_json import to_json
from minutes.extract import extract
from minutes.read import read

FOLDER = Path(__file__).parents[1] / "data" / "structured"
GOLD = sorted(FOLDER.glob("*.gold.json"))
ASKED = frozenset({
    "owner-missing", "owner-vague", "owner-multiple", "owner-unknown", "due-missing", "due-vague",
    "due-impossible", "acceptance-missing", "disputed", "duplicate", "too-many-topics",
})  # fmt: skip


@cache
def team() -> Team:
    told = tomllib.loads((FOLDER / "team.toml").read_text(encoding="utf-8"))
    people = tuple(
        Person(name=p["name"], aliases=tuple(p.get("aliases", ())), department=p["department"])
        for p in told["people"]
    )
    units = tuple(Department(name=d["name"], head=d.get("head")) for d in told["departments"])
    return Team(name="structured", people=people, departments=units)


@cache
def answer(path: Path) -> dict[str, Any]:
    document = read(path)
    found = extract(document, name=path.name, team=team(), calendar=workdays.load("CN"))
    return to_json(found)


@cache
def cases() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    found = []
    for gold in GOLD:
        stem = gold.name.removesuffix(".gold.json")
        path = next(p for p in (FOLDER / f"{stem}.md", FOLDER / f"{stem}.docx") if p.exists())
        found.append((stem, answer(path), json.loads(gold.read_text(encoding="utf-8"))))
    return found


def grams(text: str | None) -> Counter[str]:
    flat = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text or "").lower())
    return Counter(flat[n : n + 2] for n in range(max(1, len(flat) - 1)))


def alike(a: str, b: str) -> float:
    x, y = grams(a), grams(b)
    return 2 * sum((x & y).values()) / (sum(x.values()) + sum(y.values()))


def pairs(got: list[dict[str, Any]], gold: list[dict[str, Any]]) -> list[tuple[int, int]]:
    scores = sorted(
        ((alike(p["description"], g["description"]), i, j)
         for i, p in enumerate(got) for j, g in enumerate(gold)), reverse=True)  # fmt: skip
    left, right, found = set(), set(), []
    for score, i, j in scores:
        if score >= 0.5 and i not in left and j not in right:
            left.add(i)
            right.add(j)
            found.append((i, j))
    return found


def matched() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for stem, got, gold in cases():
        for i, j in pairs(got["items"], gold["items"]):
            if not gold["items"][j].get("optional"):
                yield stem, got["items"][i], gold["items"][j]


def test_the_corpus_is_there() -> None:
    assert len(GOLD) == 36


def test_items_are_found_and_no_others() -> None:
    hits = wrong = missed = 0
    for _, got, gold in cases():
        found = pairs(got["items"], gold["items"])
        required = [n for n, g in enumerate(gold["items"]) if not g.get("optional")]
        good = [pair for pair in found if pair[1] in required]
        hits += len(good)
        missed += len(required) - len(good)
        wrong += len(got["items"]) - len(found)
    precision, recall = hits / (hits + wrong), hits / (hits + missed)
    assert 2 * precision * recall / (precision + recall) >= 0.98


@pytest.mark.parametrize(
    ("field", "bar"),
    [("owner", 0.98), ("owners", 0.98), ("due", 0.99), ("status", 0.98), ("department", 0.98),
     ("support", 0.95), ("acceptance", 0.98), ("expected", 1.0), ("completed", 0.98),
     ("deliverable", 0.98), ("note", 0.95), ("carried", 0.98)],
)  # fmt: skip
def test_a_field_of_the_items(field: str, bar: float) -> None:
    def value(item: dict[str, Any]) -> Any:
        told = item.get(field)
        return sorted(told) if isinstance(told, list) else told or None

    told = [(stem, value(got), value(gold)) for stem, got, gold in matched()]
    wrong = [one for one in told if one[1] != one[2]]
    assert 1 - len(wrong) / len(told) >= bar, wrong


def test_no_due_day_is_guessed() -> None:
    guessed = [
        (stem, got["due"]) for stem, got, gold in matched() if not gold["due"] and got["due"]
    ]
    assert guessed == []


@pytest.mark.parametrize(
    "fact",
    ["title", "type", "start", "end", "place", "host", "recorder", "attendees", "absent", "next"],
)
def test_a_fact_of_the_meeting(fact: str) -> None:
    wrong = [
        (stem, got["meeting"][fact], gold["meeting"][fact])
        for stem, got, gold in cases()
        if got["meeting"][fact] != gold["meeting"][fact]
    ]
    assert len(wrong) <= 1, wrong


def test_the_decisions() -> None:
    told = [
        (stem, [(d["text"], d["conclusion"]) for d in got["decisions"]],
         [(d["text"], d["conclusion"]) for d in gold["decisions"]])
        for stem, got, gold in cases()
    ]  # fmt: skip
    wrong = [one for one in told if one[1] != one[2]]
    assert len(wrong) <= 1, wrong


def test_the_findings() -> None:
    """What the annotation demands is found; what it does not know of is not."""
    wrong = []
    for stem, got, gold in cases():
        names = {got["items"][i]["description"]: gold["items"][j]["description"]
                 for i, j in pairs(got["items"], gold["items"])}  # fmt: skip
        about = [*names, *(d["text"] for d in got["decisions"]), got["meeting"]["title"] or ""]
        told = set()
        for finding in got["findings"]:
            if finding["code"] in ASKED:
                what = next((a for a in about if a and a[:79] in finding["message"]), "")
                told.add((finding["code"], names.get(what, what)))
        allowed = {(f["code"], f["about"]) for f in gold["findings"]}
        demanded = {(f["code"], f["about"]) for f in gold["findings"] if not f.get("optional")}
        wrong += [(stem, "missing", one) for one in demanded - told]
        wrong += [(stem, "too much", one) for one in told - allowed]
    assert len(wrong) <= 2, wrong


def test_what_is_quoted_stands_in_the_document() -> None:
    for path in FOLDER.iterdir():
        if path.suffix not in (".md", ".docx") or path.name == "INDEX.md":
            continue
        text = "".join(repr(block) for block in read(path).blocks)
        flat = re.sub(r"\s|\\n", "", text)
        for item in answer(path)["items"]:
            quoted = [item["description"], item["due_text"], item["acceptance"], *item["owners"]]
            for words in filter(None, quoted):
                assert re.sub(r"\s", "", words) in flat, (path.name, words)
