import subprocess
import sys
from pathlib import Path

import pytest

from connectors.registry import REGISTRY, load

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("kind", REGISTRY)
def test_every_kind_loads_a_class_of_its_own_package(kind: str) -> None:
    factory = load(kind)
    assert isinstance(factory, type)
    assert factory.__module__ == f"connectors.{kind}"


@pytest.mark.parametrize("kind", REGISTRY)
def test_every_kind_is_a_connector(kind: str) -> None:
    factory = load(kind)
    for method in ("describe", "pull", "find", "apply", "prepare"):
        assert callable(getattr(factory, method))


def test_a_kind_there_is_none_of() -> None:
    with pytest.raises(KeyError):
        load("abacus")


def test_no_connector_is_imported_before_it_is_used() -> None:
    code = "import sys, connectors.registry; print(*sorted(sys.modules))"
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    loaded = set(out.stdout.split())
    assert not loaded & {f"connectors.{kind}" for kind in REGISTRY}
    assert not loaded & {"openpyxl", "python_calamine", "requests", "lxml"}
