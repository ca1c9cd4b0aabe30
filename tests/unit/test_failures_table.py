"""docs/failures.md: every test that it names is there, and every number stands once."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_LAST = 89
_ROW = re.compile(r"^\| (\d+) \| (.+?) \| (`.+`) \|$", re.MULTILINE)
ROWS = _ROW.findall((ROOT / "docs" / "failures.md").read_text(encoding="utf-8"))


@cache
def functions_in(file: str) -> frozenset[str]:
    path = ROOT / file
    assert path.is_file(), f"there is no {file}"
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return frozenset(n.name for n in nodes if isinstance(n, ast.FunctionDef))


@pytest.mark.parametrize(("number", "_holds", "shown"), ROWS, ids=[row[0] for row in ROWS])
def test_what_is_named_is_there(number: str, _holds: str, shown: str) -> None:
    named = re.findall(r"`([^`]+)`", shown)
    assert shown == ", ".join(f"`{one}`" for one in named)
    for one in named:
        file, _, test = one.partition("::")
        assert test.startswith("test_")
        assert test in functions_in(file), f"failure {number}: there is no {one}"


def test_numbers_stand_once_and_in_their_order() -> None:
    numbers = [int(row[0]) for row in ROWS]
    assert numbers == sorted(set(numbers))
    assert numbers[0] >= 1
    assert numbers[-1] <= _LAST


def test_no_row_is_passed_over() -> None:
    text = (ROOT / "docs" / "failures.md").read_text(encoding="utf-8")
    assert len(ROWS) == len(re.findall(r"(?m)^\| \d", text))
