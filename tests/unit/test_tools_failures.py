"""docs/tools-failures.md: every number of its parts, every tool, and a test behind each."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from connectors.registry import REGISTRY

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "tools-failures.md").read_text(encoding="utf-8")
PARTS = (range(1, 27), range(36, 50), range(61, 81))
HEADS = {tuple(re.findall(r"[^|]+", h)) for h in re.findall(r"(?m)^\| number \|.*$", TEXT)}
ROWS = [[c.strip() for c in r.split("|")[1:-1]] for r in re.findall(r"(?m)^\| \d+ \|.*$", TEXT)]


def tools() -> list[str]:
    [head] = HEADS
    return [cell.strip() for cell in head[3:] if cell.strip()]


@cache
def functions_in(file: str) -> frozenset[str]:
    path = ROOT / file
    assert path.is_file(), f"there is no {file}"
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return frozenset(n.name for n in nodes if isinstance(n, ast.FunctionDef))


@cache
def shown_on(tool: str) -> dict[int, str]:
    """Return number -> what shows it, as a tool's page has it."""
    text = (ROOT / "docs" / f"{tool}.md").read_text(encoding="utf-8")
    found = re.findall(r"(?m)^\| (\d+) \| .+? \| (`tests/.+`) \|$", text)
    return {int(number): shown for number, shown in found}


def check_tests(shown: str, place: str) -> None:
    named = re.findall(r"`(tests/[^`]+)`", shown)
    assert named, f"{place}: no test is named"
    for one in named:
        file, _, test = one.partition("::")
        assert test in functions_in(file), f"{place}: there is no {one}"


def test_every_tool_has_a_column() -> None:
    assert set(tools()) == set(REGISTRY) - {"memory"}


def test_every_number_stands_once_and_in_its_order() -> None:
    assert [int(row[0]) for row in ROWS] == [n for part in PARTS for n in part]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_test_stands_behind_each_cell(row: list[str]) -> None:
    number, _, shared, *cells = row
    if shared != "-":
        check_tests(shared, number)
    for tool, cell in zip(tools(), cells, strict=True):
        assert cell in ("own", "same", "none"), f"{number}, {tool}: {cell}"
        own = shown_on(tool).get(int(number))
        assert (cell == "own") == (own is not None), f"{number}, {tool}: its page says otherwise"
        if own is not None:
            check_tests(own, f"{tool} {number}")
        assert cell != "same" or shared != "-", f"{number}, {tool}: nothing is shown"


def test_each_none_has_its_reason() -> None:
    reasons = TEXT.split("## Why none")[1]
    told = set()
    for first, last in re.findall(r"\b(\d+)(?:-(\d+))?(?=[,: ])", reasons):
        told |= set(range(int(first), int(last or first) + 1))
    for number, _, _, *cells in ROWS:
        assert "none" not in cells or int(number) in told, f"{number}: no reason is given"
