"""The documentation says what is: links, commands, keys, connectors, rules, samples."""

import importlib
import re
import shlex
import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from typer.testing import CliRunner

from connectors.registry import REGISTRY
from minuteloop import config_models as models
from minuteloop import workdays
from minuteloop.channels.registry import REGISTRY as CHANNELS
from minuteloop.cli import app
from minuteloop.config_types import RULE_IDS
from minutes.extract import extract
from minutes.read import read_bytes

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
READMES = PAGES[:2]
# pages of docs/ that are about no tracker
GENERAL = {
    *("first-run", "configuration", "operations", "minutes", "design", "reading", "failures"),
    *("simulation", "texts", "channels", "tools-failures", "rules", "two-trackers", "two-weeks"),
}


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


# --- links ---


def anchors(page: Path) -> set[str]:
    """What a heading is linked by: lower case, blanks as dashes, no other signs."""
    prose = re.sub(r"(?ms)^```.*?^```", "", text_of(page))
    titles = re.findall(r"(?m)^#+ (.+)$", prose)
    return {re.sub(r"[^\w\- ]", "", t.strip().lower()).replace(" ", "-") for t in titles}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    prose = re.sub(r"(?ms)^```.*?^```", "", text_of(page))
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{name_of(page)}: {target}"
        if anchor:
            assert anchor in anchors(file), f"{name_of(page)}: {target}"


# --- commands ---


def commands(page: Path) -> Iterator[str]:
    """The program's command lines that a page shows, without the program's name."""
    for block in re.findall(r"(?ms)^ *```console\n(.*?)^ *```", text_of(page)):
        for line in block.splitlines():
            for part in line.split("&&"):
                yield from re.findall(r"^.*?(?:bin/|^\s*)minuteloop (?!=)(.+?)\s*$", part)
    prose = re.sub(r"(?ms)^ *```.*?^ *```", "", text_of(page))
    yield from re.findall(r"`minuteloop ([^`]+)`", prose)


def refusal(words: list[str]) -> str:
    """What the command line has against the names and options of a command; empty if nothing.

    With ``--help`` it looks at all of them, then runs nothing.
    """
    result = CliRunner().invoke(app, [*words, "--help"])
    return "" if result.exit_code == 0 else result.output


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_is_one(page: Path) -> None:
    for line in commands(page):
        assert not refusal(shlex.split(line)), f"{name_of(page)}: minuteloop {line}"


def test_a_wrong_command_would_be_noticed() -> None:
    assert list(commands(ROOT / "docs" / "first-run.md"))
    assert not refusal(["once", "--now", "x"])
    assert refusal(["oncee"])
    assert refusal(["once", "--nau", "x"])


# --- the README ---


def test_the_readme_s_two_commands_are_those_of_the_gates() -> None:
    gates = dict(re.findall(r"(?m)^(DEMO|TESTS)='(.+)'$", text_of(ROOT / ".ci" / "run")))
    for page in READMES:
        lines = text_of(page).splitlines()
        shown = [line for line in lines if line.startswith("python3 -m venv")]
        assert shown == [gates["DEMO"], gates["TESTS"]], name_of(page)
    assert gates["TESTS"] in text_of(ROOT / "CONTRIBUTING.md")


@pytest.mark.parametrize("page", READMES, ids=name_of)
def test_trackers_are_listed_and_have_a_page(page: Path) -> None:
    kinds = set(REGISTRY) - {"memory"}
    listed = dict(re.findall(r"(?m)^\| `([\w-]+)` \|.*\]\(docs/([\w-]+)\.md\) \|$", text_of(page)))
    assert set(listed) == kinds
    assert all(kind == file for kind, file in listed.items())
    pages = {file.stem for file in (ROOT / "docs").glob("*.md")}
    assert pages - GENERAL == kinds


@pytest.mark.parametrize("page", READMES, ids=name_of)
def test_every_page_can_be_found(page: Path) -> None:
    linked = set(re.findall(r"\]\(docs/([\w-]+)\.md\)", text_of(page)))
    pages = {file.stem for file in (ROOT / "docs").glob("*.md")}
    assert pages - linked <= {"simulation"}


# --- channels ---


@pytest.mark.parametrize("page", READMES, ids=name_of)
def test_channels_are_listed(page: Path) -> None:
    part = re.split(r"(?m)^\| (?:channel|渠道) \|.*$", text_of(page))[1].partition("\n\n")[0]
    assert re.findall(r"(?m)^\| `([\w-]+)` \|", part) == list(CHANNELS)


def test_channels_are_told_with_their_limits() -> None:
    page = text_of(ROOT / "docs" / "channels.md")
    rows = dict(re.findall(r"(?m)^\| `([\w-]+)` \| (.+) \|$", page))
    assert set(rows) == set(CHANNELS)
    for kind, place in CHANNELS.items():
        module, _, name = place.partition(":")
        channel = getattr(importlib.import_module(module), name)
        assert f"{channel.limit:,} bytes" in rows[kind], kind
        assert channel.confirmed is ("not confirmed" not in rows[kind]), kind
        assert rows[kind].startswith("a person") is channel.personal, kind


def test_every_channel_s_sample_is_a_configuration() -> None:
    samples = re.findall(r"(?ms)^ *```toml\n(.*?)^ *```", text_of(ROOT / "docs" / "channels.md"))
    tables = tomllib.loads("\n".join(samples))["channels"]
    assert [table["kind"] for table in tables] == list(CHANNELS)
    for table in tables:  # without a folder no secret is looked up
        models.CHANNELS[table["kind"]].model_validate(table)


# --- the configuration ---


def own_keys(model: type[BaseModel], *, but: Collection[str] = ()) -> set[str]:
    return set(model.model_fields) - set(but)


NESTED = {"minutes", "store", "people", "departments", "trackers", "rules", "channels"}
SECTIONS: dict[str, set[str]] = {
    "The file itself": own_keys(models.TeamFile, but=NESTED),
    "`[minutes]`": own_keys(models.Minutes),
    "`[minutes.reader]`": own_keys(models.Reader),
    "`[store]`": own_keys(models.Store),
    "`[[people]]`": own_keys(models.Person),
    "`[[departments]]`": own_keys(models.Department),
    "`[[trackers]]`": own_keys(models.Tracker) | {"kind"},
    "`only`": own_keys(models.Only),
    "`[rules]`": own_keys(models.Rules),
    "`[web]`": own_keys(models.Web),
    "`[[channels]]`": own_keys(models.Channel) | {"kind"},
    **{
        f'`kind = "{kind}"`': own_keys(models.TRACKERS[kind], but={*models.Tracker.model_fields})
        - {"kind"}
        for kind in sorted(set(REGISTRY) - {"memory"})
    },
}


def sections() -> dict[str, list[tuple[str, ...]]]:
    """The rows of the tables under each heading of docs/configuration.md."""
    found: dict[str, list[tuple[str, ...]]] = {}
    title = ""
    for line in text_of(ROOT / "docs" / "configuration.md").splitlines():
        if line.startswith("#"):
            title = line.lstrip("# ")
        elif line.startswith("| `"):
            cells = tuple(cell.strip() for cell in line.strip("|").split("|"))
            found.setdefault(title, []).append(cells)
    return found


@pytest.mark.parametrize("title", SECTIONS)
def test_every_key_is_told_and_exists(title: str) -> None:
    told = [row[0].strip("`") for row in sections()[title]]
    assert len(told) == len(set(told))
    assert set(told) == SECTIONS[title]


@pytest.mark.parametrize(
    ("title", "kinds", "base"),
    [
        (
            "Kinds of trackers that come later",
            {k: v for k, v in models.TRACKERS.items() if k not in REGISTRY},
            models.Tracker,
        ),
        ("Kinds of channels", dict(models.CHANNELS), models.Channel),
    ],
)
def test_every_kind_is_told_with_its_keys(
    title: str, kinds: dict[str, type[BaseModel]], base: type[BaseModel]
) -> None:
    told = {row[0].strip("`"): set(re.findall(r"`(\w+)`", row[1])) for row in sections()[title]}
    wanted = {
        kind: set(model.model_fields) - set(base.model_fields) - {"kind"}
        for kind, model in kinds.items()
    }
    assert told == wanted


def test_no_section_is_left_over() -> None:
    known = {*SECTIONS, "Kinds of trackers that come later", "Kinds of channels"}
    assert set(sections()) == known


def shown(value: Any) -> str:
    """A default as the table shows it."""
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


@pytest.mark.parametrize("title", SECTIONS)
def test_defaults_are_the_real_ones(title: str) -> None:
    """Numbers, words and switches; lists and times are written for people."""
    by_title: dict[str, type[BaseModel]] = {
        "The file itself": models.TeamFile,
        "`[minutes]`": models.Minutes,
        "`[minutes.reader]`": models.Reader,
        "`[store]`": models.Store,
        "`[[trackers]]`": models.Tracker,
        "`[rules]`": models.Rules,
        "`[web]`": models.Web,
    }
    model = by_title.get(title)
    for key, told, *_ in sections()[title]:
        field = model.model_fields.get(key.strip("`")) if model else None
        if field is None:
            continue
        if field.is_required():
            assert told == "required", key
        elif isinstance(field.default, bool | int | float | str):
            assert told == f"`{shown(field.default)}`", key


# --- rules, samples ---


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_rule_is_the_handbook_s(page: Path) -> None:
    prose = re.sub(r"(?ms)^ *```.*?^ *```", "", text_of(page))
    named = set(re.findall(r"(?<![\w-])[A-FS][0-9](?![\w.])", prose))
    assert named <= set(RULE_IDS), name_of(page)


def test_the_samples_of_minutes_are_read_as_they_are_meant() -> None:
    page = ROOT / "docs" / "minutes.md"
    samples = re.findall(r"(?ms)^```markdown\n(.*?)^```", text_of(page))
    calendar = workdays.load("CN")
    dues = []
    for n, sample in enumerate(samples):
        name = f"{n}.md"
        reading = extract(
            read_bytes(sample.encode(), name), name=name, team=None, calendar=calendar
        )
        assert reading.meeting.start is not None
        assert reading.meeting.host
        assert all(entry.owner for entry in reading.entries)
        dues.append([str(entry.due) for entry in reading.entries])
    assert dues == [
        ["2024-05-27", "2024-05-29"],
        ["2024-05-17", "2024-05-27"],
        ["2024-05-24", "2024-05-27"],
        [],
    ]
    assert (reading.agenda, reading.meeting.planned_min) == (True, 45)


CODES = {
    "owner-missing",
    "owner-vague",
    "owner-multiple",
    "owner-unknown",
    "due-missing",
    "due-vague",
    "due-impossible",
    "due-past",
    "due-weekday",
    "no-calendar-data",
    "acceptance-missing",
    "disputed",
    "duplicate",
    "text-cut",
    "option-unknown",
    "possible-item",
    "item-gone",
    "match-uncertain",
    "too-many-topics",
    "topic-late",
    "material-name",
    "role-missing",
    "section-missing",
    "conclusion-missing",
    "minutes-late",
    "encoding",
    "unreadable",
}


def test_every_finding_s_code_is_explained() -> None:
    """All codes that the program names, and none that there is not."""
    source = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("minutes", "sync", "connectors", "tracking", "minuteloop")
        for path in (ROOT / folder).rglob("*.py")
    )
    page = text_of(ROOT / "docs" / "minutes.md")
    told = set(re.findall(r"(?m)^\| `([a-z-]+)` \|", page))
    given = {code for code in CODES if f'"{code}"' in source}
    assert {code for code in given if f"`{code}`" not in page} == set()
    assert told <= CODES
