"""The unit of systemd and the Containerfile start the program as it is."""

import configparser
import json
import re
import shlex
from pathlib import Path

from typer.testing import CliRunner

from minuteloop.cli import app

DEPLOY = Path(__file__).parents[2] / "deploy"


def unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((DEPLOY / "minuteloop.service").read_text(encoding="utf-8"))
    return parser


def accepts(words: list[str]) -> bool:
    """Whether the command line knows the command and its options; nothing is run."""
    return CliRunner().invoke(app, [*words, "--help"]).exit_code == 0


def instructions() -> dict[str, str]:
    """The last of each instruction of the Containerfile."""
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return dict(re.findall(r"(?m)^([A-Z]+) (.+)$", text))


def test_the_unit_starts_the_service() -> None:
    service = unit()["Service"]
    program, *words = shlex.split(service["ExecStart"])
    assert Path(program).name == "minuteloop"
    assert Path(program).is_absolute()
    assert words[:2] == ["run", "-c"]
    assert accepts(words)
    assert not accepts([*words, "--daemon"])
    assert words[2] == service["WorkingDirectory"] == service["ReadWritePaths"]
    assert words[2] == f"/var/lib/{service['StateDirectory']}"


def test_the_unit_speaks_the_service_s_signals() -> None:
    service = unit()["Service"]
    assert service["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert service["Type"] == "exec"
    assert "KillSignal" not in service  # SIGTERM, which ends it cleanly
    assert service["RestartPreventExitStatus"] == "2"


def test_the_unit_grants_little() -> None:
    service = unit()["Service"]
    assert service["User"] != "root"
    assert service["ProtectSystem"] == "strict"
    assert service["NoNewPrivileges"] == "yes"
    assert service["CapabilityBoundingSet"] == ""


def test_the_container_starts_the_service() -> None:
    told = instructions()
    assert json.loads(told["ENTRYPOINT"]) == ["minuteloop"]
    words = json.loads(told["CMD"])
    assert words[:2] == ["run", "-c"]
    assert accepts(words)
    assert words[2] == told["VOLUME"] == told["WORKDIR"]
    program, *check = json.loads(told["HEALTHCHECK"].partition("CMD ")[2])
    assert program == "minuteloop"
    assert accepts(check)


def test_the_container_is_not_root() -> None:
    user = instructions()["USER"].partition(":")[0]
    assert int(user) > 0


def test_the_container_holds_every_package() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    project = (DEPLOY.parent / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r"(?m)^packages = (\[.+\])$", project)
    assert found is not None
    for package in json.loads(found[1]):
        assert f"COPY {package} /src/{package}\n" in text
