"""docs/rules.md: each of the handbook's rules stands there, with tests that exist and are run."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from mapping.notices import KINDS
from minuteloop.commands.check import UNSWITCHED
from minuteloop.config_types import RULE_IDS
from tracking.wording import FORMS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
SECTIONS = {part.partition("\n")[0]: part for part in re.split(r"(?m)^## ", PAGE)}
RULES = re.findall(r"(?m)^\| ([A-FS]\d) \| (.+) \| (.+) \| (.+) \|$", SECTIONS["Rule by rule"])
_PASSED_OVER = ("skip", "skipif", "xfail")


def named(cell: str) -> list[str]:
    return re.findall(r"`(tests/[^`]+)`", cell)


def test_every_rule_stands_once_in_its_order() -> None:
    assert [row[0] for row in RULES] == list(RULE_IDS)


@pytest.mark.parametrize(("rule", "shown"), [(row[0], row[3]) for row in RULES])
def test_what_is_named_is_there_and_not_skipped(rule: str, shown: str) -> None:
    tests = named(shown)
    assert tests, rule
    assert shown == ", ".join(f"`{one}`" for one in tests)
    for one in tests:
        file, _, name = one.partition("::")
        assert name in functions_in(file), f"{rule}: there is no {one}"
        assert not functions_in(file)[name], f"{rule}: {one} is not always run"


@cache
def functions_in(file: str) -> dict[str, bool]:
    """The tests of a file, and whether one may be passed over."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    marks = [n for n in tree.body if isinstance(n, ast.Assign) and "pytestmark" in ast.dump(n)]
    found = [n for n in tree.body if isinstance(n, ast.FunctionDef)]
    return {n.name: any(map(passed_over, (*marks, n))) for n in found}


def passed_over(node: ast.AST) -> bool:
    """Whether ``pytest.skip``, ``pytest.mark.skipif`` and the like are spoken of."""
    named = (n for n in ast.walk(node) if isinstance(n, ast.Attribute | ast.Name))
    return any(getattr(n, "attr", getattr(n, "id", "")) in _PASSED_OVER for n in named)


def test_all_that_is_named_is_collected() -> None:
    tests = sorted({one for row in RULES for one in named(row[3])})
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n", "0", *tests]
    done = subprocess.run(  # noqa: PLW1510  # the test looks at what it says
        command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=120
    )
    collected = {line.partition("[")[0] for line in done.stdout.splitlines() if "::" in line}
    assert collected == set(tests), done.stdout[-2000:]


def test_a_test_that_may_be_skipped_would_be_noticed() -> None:
    skipped = "tests/unit/test_agenda.py::test_an_office_program_opens_it".partition("::")
    assert functions_in(skipped[0])[skipped[2]]


def test_every_text_is_told_with_its_kind() -> None:
    rows = re.findall(r"(?m)^\| `([A-F]\d-[\w-]+)` \| (\w+) \|", SECTIONS["Who hears what"])
    assert {text for text, _ in rows} == set(FORMS)
    assert len(rows) == len(FORMS)
    for text, kind in rows:
        assert kind == KINDS[text[:2]], text


def test_every_rule_is_switched_or_said_to_have_nothing_to_switch() -> None:
    section = SECTIONS["Switching a rule off"]
    told = re.findall(r"(?m)^\| ((?:[A-FS]\d(?:, )?)+) \|", section)
    switched = [rule for ids in told for rule in ids.split(", ")]
    assert len(switched) == len(set(switched))
    assert set(switched) == set(RULE_IDS) - UNSWITCHED
    others = section.partition("The others")[2].partition("\n")[0]
    assert set(re.findall(r"\b[A-FS]\d\b", others)) == UNSWITCHED
