"""The built wheel, installed alone: run by ``.ci/run``, which builds it and says where it is."""

import json
import os
import subprocess
import zipfile
from pathlib import Path

import pytest

WHEEL = os.environ.get("MINUTELOOP_WHEEL", "")
PYTHON = os.environ.get("MINUTELOOP_PYTHON", "")

pytestmark = pytest.mark.skipif(
    not (WHEEL and PYTHON), reason="needs a built wheel and an environment of its own: .ci/run"
)
TOP = {"minuteloop", "connectors", "mapping", "minutes", "sync", "tracking"}


def run(*command: object, cwd: Path) -> str:
    """Run a program of the wheel's environment away from the source tree."""
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(("MINUTELOOP", "PYTHON"))
    }
    done = subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        env=environment,
        check=True,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        stdin=subprocess.DEVNULL,
    )
    return done.stdout


def test_the_program_starts(tmp_path: Path) -> None:
    program = Path(PYTHON).with_name("minuteloop")
    version = Path(WHEEL).name.split("-")[1]
    assert run(program, "--version", cwd=tmp_path) == f"minuteloop {version}\n"
    assert run(PYTHON, "-m", "minuteloop", "--version", cwd=tmp_path) == f"minuteloop {version}\n"


def test_the_demo_runs(tmp_path: Path) -> None:
    told = run(Path(PYTHON).with_name("minuteloop"), "demo", cwd=tmp_path)
    assert "All went as it should" in told


def test_every_name_at_the_top_is_ours_alone(tmp_path: Path) -> None:
    code = (
        "import importlib.metadata as m, json; found = m.packages_distributions();"
        f"print(json.dumps({{name: found.get(name) for name in {sorted(TOP)!r}}}))"
    )
    found = json.loads(run(PYTHON, "-c", code, cwd=tmp_path))
    assert found == {name: ["minuteloop"] for name in TOP}


def test_the_wheel_holds_the_program_and_nothing_else() -> None:
    names = zipfile.ZipFile(WHEEL).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == TOP
    assert not [name for name in names if "test" in name.lower() or "__pycache__" in name]


def test_what_is_no_code_came_along() -> None:
    names = set(zipfile.ZipFile(WHEEL).namelist())
    assert "minuteloop/samples/team.toml" in names
    assert "minuteloop/samples/week1.md" in names
    for text in ("D2-ahead", "C3-distribute", "title"):
        assert {f"tracking/templates/{language}/{text}.txt" for language in ("zh", "en")} <= names
    assert "sync/migrations/script.py.mako" in names
    assert "sync/migrations/versions/0001_first.py" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
