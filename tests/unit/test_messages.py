"""What connectors tell people is complete in both languages of teams."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import errors
from connectors.errors import ConnectorError, PermanentError, SchemaError, at
from mapping.said import Said

ROOT = Path(__file__).parents[2] / "connectors"
MODULES = sorted(ROOT.rglob("*.py"))
HAN = re.compile("[\u3400-\u9fff]")
LETTERS = re.compile("[A-Za-z]{3,}")
PLAIN = {name for name, kind in vars(errors).items() if isinstance(kind, type)} - {"Said"}


def calls_in(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func
            yield name if isinstance(name, str) else getattr(name, "id", ""), node


def words(node: ast.expr) -> str | None:
    """Return the fixed words of a text; None if it is something else, made elsewhere."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        fixed = [v.value for v in node.values if isinstance(v, ast.Constant)]
        return "".join(str(part) for part in fixed)
    if isinstance(node, ast.BinOp):
        sides = [words(node.left), words(node.right)]
        return "".join(side or "" for side in sides) if any(s is not None for s in sides) else None
    return None


def errors_in(tree: ast.Module) -> set[str]:
    """Return the classes of errors that a module may raise, its own among them."""
    known = {*PLAIN, "MissingError", "RefusedError", "CommittedError"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
            bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
            known = known | {node.name} if bases & PLAIN else known - {node.name}
    return known


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(ROOT)))
def test_no_error_or_finding_is_told_in_one_language(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    kinds = errors_in(tree)
    for name, call in calls_in(tree):
        keywords = {k.arg: k.value for k in call.keywords}
        told: list[ast.expr | None] = []
        if name in kinds:
            told = [call.args[0] if call.args else None, keywords.get("hint")]
        elif name == "Finding":
            told = [keywords.get("message")]
        for node in told:
            text = words(node) if node is not None else None
            assert not text, f"{module.name}:{call.lineno}: {text!r} is no Said"


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(ROOT)))
def test_each_language_is_in_its_place(module: Path) -> None:
    for name, call in calls_in(ast.parse(module.read_text(encoding="utf-8"))):
        if name not in ("Said", "at", "told") or len(call.args) < 2:
            continue
        zh, en = (words(node) for node in call.args[-2:])
        place = f"{module.name}:{call.lineno}"
        if zh and LETTERS.search(zh) and zh != en:
            assert HAN.search(zh), f"{place}: {zh!r} is not Chinese"
        if en:
            assert not HAN.search(en), f"{place}: {en!r} is not English"
        for one, other in (call.args[-2:], call.args[:-3:-1]):
            is_blank = isinstance(one, ast.Constant) and one.value == ""
            assert not is_blank or not words(other), f"{place}: one language is missing"


def test_a_message_is_told_in_the_team_s_language() -> None:
    hint = Said("请改回来", "put it back")
    error = SchemaError(at("board", "缺少一列", "a column is not there"), hint=hint)
    assert error.text("zh") == "board：缺少一列；请改回来"
    assert error.text("en") == str(error) == "board: a column is not there - put it back"
    again = PermanentError(error.said, field="due", hint=error.advice)
    assert again.text("zh") == error.text("zh")
    assert ConnectorError("as it is").said == Said("as it is", "as it is")
