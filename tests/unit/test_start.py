"""The short way into ``parse``: it says the same as the command line's own."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from minuteloop import __main__ as start
from minuteloop.cli import app


@pytest.mark.parametrize(
    ("words", "files"),
    [
        ("parse a.md", ["a.md"]),
        ("parse --json a.md b.md", ["a.md", "b.md"]),
        ("parse a.md --json b.md", ["a.md", "b.md"]),
        ("parse", []),
        ("parse --json", []),
        ("parse a.md --date 2024-05-20", []),
        ("parse -c team.toml a.md", []),
        ("parse -- -a.md", []),
        ("parse --help", []),
        ("--version", []),
        ("once", []),
        ("", []),
    ],
)
def test_only_files_and_json_take_the_short_way(words: str, files: list[str]) -> None:
    assert start.files_to_parse(words.split()) == [Path(file) for file in files]


@pytest.mark.parametrize("words", ["parse", "parse --json"])
@pytest.mark.parametrize("name", ["a.md", "a.pdf"])
def test_both_ways_say_the_same(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    name: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text("# 周会\n\n- [ ] 写报告 @张三 2024-05-27\n", encoding="utf-8")
    argv = [*words.split(), name]
    monkeypatch.setattr("sys.argv", ["minuteloop", *argv])
    with pytest.raises(SystemExit) as ended:
        start.main()
    result = CliRunner().invoke(app, argv)
    assert (ended.value.code, capsys.readouterr().out) == (result.exit_code, result.stdout)
