"""The texts of notices: those of the program, and those that a team puts in their place.

A file ``templates/D2-ahead.txt`` beside the team file stands for the program's own of that name.
"""

from collections.abc import Iterable
from importlib import resources
from pathlib import Path

from minuteloop.config_messages import near
from minuteloop.errors import ConfigError
from tracking.wording import FORMS, TITLE, Templates, Text, WordingError, parse

FOLDER = "templates"
_NAMES = frozenset(f"{name}.txt" for name in (*FORMS, TITLE))


def load(folder: Path | None, language: str) -> Templates:
    """Return all texts of a language by name, a team's own before the program's.

    Args:
        folder: the team's own; it need not exist, nor hold more than one file.
        language: ``zh`` or ``en``.

    Raises:
        ConfigError: with a line for every problem in every file of the folder.
    """
    ours = resources.files("tracking").joinpath("templates", language)
    texts = {
        name: parse(ours.joinpath(f"{name}.txt").read_text(encoding="utf-8"))
        for name in (*FORMS, TITLE)
    }
    return {**texts, **(_own(folder) if folder else {})}


def beside(files: Iterable[Path]) -> tuple[dict[Path, Templates], list[str]]:
    """Return folder -> the texts of its own, and a line for every problem in them.

    Args:
        files: team files; the texts lie in a folder beside them.
    """
    texts: dict[Path, Templates] = {}
    lines: list[str] = []
    for folder in dict.fromkeys(file.parent for file in files):
        try:
            texts[folder] = _own(folder / FOLDER)
        except ConfigError as error:
            lines += error.lines
    return texts, lines


def _own(folder: Path) -> Templates:
    texts: dict[str, Text] = {}
    problems: list[str] = []
    if not folder.is_dir():
        return texts
    try:
        found = sorted(file for file in folder.iterdir() if not file.name.startswith((".", "~")))
    except OSError as error:
        raise ConfigError([f"{folder}: cannot be read: {error.strerror or error}"]) from None
    for file in found:
        where = f"{folder.name}/{file.name}"
        if file.name not in _NAMES:
            hint = near(file.name, _NAMES) or f" - allowed: {', '.join(sorted(_NAMES))}"
            problems.append(f"{where}: is no text of a notice{hint}")
            continue
        try:
            texts[file.stem] = parse(file.read_bytes().decode("utf-8-sig"))
        except WordingError as error:
            problems += [f"{where}: line {number}: {what}" for number, what in error.problems]
        except UnicodeDecodeError as error:
            problems.append(f"{where}: is not UTF-8 text (at byte {error.start})")
        except OSError as error:
            problems.append(f"{where}: cannot be read: {error.strerror or error}")
    if problems:
        raise ConfigError(problems)
    return texts
