"""The files of a configuration: where they lie, and what they hold before it is checked. I/O."""

import os
import re
import sys
import tomllib
from pathlib import Path

from minuteloop.config_checks import Raw
from minuteloop.errors import ConfigError

SERVICE_FILE = "service.toml"
TEAM_FILE = "minuteloop.toml"
VARIABLE = "MINUTELOOP_CONFIG"


def find(given: Path | None) -> Path:
    """Return the team file, or the folder of them, that the program works with.

    Args:
        given: what ``-c`` named; else the environment, the current folder and the platform's
            configuration folder are looked at, in this order.

    Raises:
        ConfigError: there is none.
    """
    if given is not None:
        return given
    if named := os.environ.get(VARIABLE):
        return Path(named)
    places = (Path(TEAM_FILE), platform_folder())
    for place in places:
        if place.exists():
            return place
    looked = f"-c, ${VARIABLE}, ./{TEAM_FILE} and {places[1]}"
    raise ConfigError(
        [f"no configuration found (looked at {looked}) - `minuteloop init` writes a team file"]
    )


def platform_folder() -> Path:
    """Return the folder where the platform keeps a program's configuration."""
    if sys.platform == "win32":
        base = os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "minuteloop"


def read_all(path: Path, service_file: Path) -> tuple[dict[Path, Raw], list[str]]:
    """Read the files of a configuration; the lines tell those that cannot be read."""
    if path.is_dir():
        files = sorted(f for f in path.glob("*.toml") if not f.name.startswith("."))
    elif path.name == SERVICE_FILE:
        raise ConfigError(
            [f"{path.name}: is what team files share - name a team file or the folder"]
        )
    else:
        files = [path, *([service_file] if service_file.is_file() else [])]
    raws: dict[Path, Raw] = {}
    lines: list[str] = []
    for file in files:
        try:
            raws[file] = tomllib.loads(file.read_bytes().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            lines.append(f"{file.name}: is not UTF-8 text (at byte {error.start})")
        except tomllib.TOMLDecodeError as error:
            place = re.search(r"\(at (.*)\)$", str(error))
            what = str(error)[: place.start()].strip() if place else str(error)
            lines.append(f"{file.name}: {place[1] if place else 'the end'}: invalid TOML: {what}")
        except OSError as error:
            lines.append(f"{file}: cannot be read: {error.strerror or error}")
    for file, raw in list(raws.items()):  # a file of working days is no team file
        raws.pop(file.parent / str(raw.get("workdays")), None)
    if not lines and not raws.keys() - {service_file}:
        lines.append(f"{path}: holds no team file - `minuteloop init` writes one")
    return raws, lines
