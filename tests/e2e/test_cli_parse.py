"""``parse`` as a process: its JSON, its table, its exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MINUTES = """# 产品周会纪要

会议名称：产品周会
会议时间：2024-05-20 14:00-15:00
主持人：张三

## 行动项清单

| 行动项描述 | 负责人 | 所属部门 | 计划完成时间 | 交付标准 |
| --- | --- | --- | --- | --- |
| 整理用户访谈记录 | 张三 | 产品部 | 2024-05-24 | 访谈纪要一份 |
| 更新接口说明 | 李四 | 技术部 | 尽快 | 说明文档 |
"""
TEAM = """
team = "产品部"
[[people]]
name = "张三"
[[people]]
name = "李四平"
"""


def run(*args: object, cwd: Path, **env: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "minuteloop", *map(str, args)]
    return subprocess.run(  # noqa: PLW1510  # the tests look at the exit code
        command, cwd=cwd, capture_output=True, timeout=60, env={**os.environ, **env}
    )


def objects(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "周会.md").write_text(MINUTES, encoding="utf-8")
    return tmp_path


def test_one_object_a_file_in_the_order_given(folder: Path) -> None:
    (folder / "b.md").write_text(MINUTES.replace("周会", "例会"), encoding="utf-8")
    done = run("parse", "--json", "b.md", "周会.md", cwd=folder)
    assert (done.returncode, done.stderr) == (0, b"")
    first, second = objects(done)
    assert (first["file"], second["file"]) == ("b.md", "周会.md")
    assert set(second) == {"file", "meeting", "decisions", "items", "findings"}
    assert (second["meeting"]["title"], second["meeting"]["start"]) == (
        "产品周会",
        "2024-05-20T14:00",
    )
    one, two = second["items"]
    assert (one["description"], one["owner"], one["due"]) == (
        "整理用户访谈记录",
        "张三",
        "2024-05-24",
    )
    assert (two["due"], two["due_text"]) == (None, "尽快")
    assert {"due-vague"} <= {finding["code"] for finding in second["findings"]}
    assert "产品周会" in done.stdout.decode("utf-8")  # not escaped to ASCII


def test_without_a_team_nobody_is_unknown_and_with_one_they_are(folder: Path) -> None:
    def codes(*options: object) -> set[str]:
        (told,) = objects(run("parse", "--json", "周会.md", *options, cwd=folder))
        return {finding["code"] for finding in told["findings"]}

    (folder / "minuteloop.toml").write_text(TEAM, encoding="utf-8")
    assert "owner-unknown" not in codes()
    assert "owner-unknown" in codes("-c", "minuteloop.toml")
    assert "owner-unknown" in codes("-c", ".")


def test_a_rule_that_is_off_finds_nothing(folder: Path) -> None:
    def rules(team: str) -> set[str]:
        (folder / "minuteloop.toml").write_text(team, encoding="utf-8")
        (told,) = objects(run("parse", "--json", "周会.md", "-c", ".", cwd=folder))
        return {finding["rule"] for finding in told["findings"]}

    assert "F1" in rules(TEAM)
    assert "F1" not in rules(f'{TEAM}\n[rules]\noff = ["F1"]')


def test_of_several_teams_the_inbox_tells_whose_it_is(folder: Path) -> None:
    (folder / "in").mkdir()
    (folder / "周会.md").rename(folder / "in" / "周会.md")
    other = TEAM.replace("产品部", "技术部").replace("李四平", "李四")
    (folder / "a.toml").write_text(TEAM, encoding="utf-8")
    (folder / "b.toml").write_text(f'{other}[minutes]\ninbox = "in"\n', encoding="utf-8")
    (told,) = objects(run("parse", "--json", "in/周会.md", "-c", ".", cwd=folder))
    assert "owner-unknown" not in {finding["code"] for finding in told["findings"]}
    (folder / "x.md").write_text(MINUTES, encoding="utf-8")
    done = run("parse", "--json", "x.md", "-c", ".", cwd=folder)
    assert (done.returncode, done.stdout) == (2, b"")
    assert "is in no team's inbox" in done.stderr.decode()


def test_a_refused_file_stops_no_other(folder: Path) -> None:
    (folder / "scan.pdf").write_bytes(b"%PDF-1.4")
    done = run("parse", "--json", "scan.pdf", "missing.md", ".", "周会.md", cwd=folder)
    assert done.returncode == 1
    pdf, missing, directory, good = objects(done)
    for refused, name in ((pdf, "scan.pdf"), (missing, "missing.md"), (directory, ".")):
        assert set(refused) == {"file", "error"}
        assert refused["file"] == name
        assert refused["error"]
    assert len(good["items"]) == 2


def test_a_refusal_is_told_in_the_team_s_language(folder: Path) -> None:
    (folder / "scan.pdf").write_bytes(b"%PDF-1.4")
    (folder / "a.toml").write_text(TEAM, encoding="utf-8")
    (english,) = objects(run("parse", "--json", "scan.pdf", cwd=folder))
    (chinese,) = objects(run("parse", "--json", "scan.pdf", "-c", "a.toml", cwd=folder))
    assert english["error"].startswith("A file of this kind (.pdf) is not read.")
    assert chinese["error"].startswith("不读取这种文件（.pdf）。")


def test_the_day_comes_from_the_option_where_nothing_tells_it(folder: Path) -> None:
    undated = MINUTES.replace("会议时间：2024-05-20 14:00-15:00\n", "").replace("尽快", "下周五")
    (folder / "x.md").write_text(undated, encoding="utf-8")
    (told,) = objects(run("parse", "--json", "x.md", cwd=folder))
    assert told["items"][1]["due"] is None
    (told,) = objects(run("parse", "--json", "x.md", "--date", "2024-05-20", cwd=folder))
    assert told["items"][1]["due"] == "2024-05-31"


def test_a_table_for_people(folder: Path) -> None:
    (folder / "scan.pdf").write_bytes(b"%PDF-1.4")
    done = run("parse", "周会.md", "scan.pdf", cwd=folder, COLUMNS="160")
    text = done.stdout.decode("utf-8")
    assert done.returncode == 1
    for word in (
        "周会.md",
        "产品周会",
        "整理用户访谈记录",
        "张三",
        "2024-05-24",
        "due-vague",
        "refused:",
    ):
        assert word in text
    assert "\x1b" not in text  # no colour where no terminal is


def test_text_in_brackets_is_no_markup(folder: Path) -> None:
    text = MINUTES.replace("整理用户访谈记录", "整理[red]用户[/red]访谈记录")
    (folder / "x.md").write_text(text, encoding="utf-8")
    assert (
        "整理[red]用户[/red]访谈记录"
        in run("parse", "x.md", cwd=folder, COLUMNS="160").stdout.decode()
    )


@pytest.mark.parametrize("locale", ["C", "POSIX", "zh_CN.GB18030"])
def test_output_is_utf8_whatever_the_locale_says(folder: Path, locale: str) -> None:
    env = {
        "LC_ALL": locale,
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONIOENCODING": "gbk",
    }
    done = run("parse", "--json", "周会.md", cwd=folder, **env)
    assert objects(done)[0]["meeting"]["title"] == "产品周会"


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text elsewhere")
def test_a_file_name_that_is_no_utf8_is_still_json(folder: Path) -> None:
    name = os.fsdecode(b"\xd6\xdc\xbb\xe1.md")
    (folder / name).write_text(MINUTES, encoding="utf-8")
    (told,) = objects(run("parse", "--json", name, cwd=folder))
    assert told["file"] == name


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["parse"], "Missing argument"),
        (["parse", "x.md", "--date", "20.5.2024"], "must be a day such as 2024-05-20"),
        (["parse", "x.md", "--jsn"], "--json"),
        (["prase"], "No such command"),
        (["parse", "周会.md", "-c", "nowhere.toml"], "nowhere.toml: cannot be read"),
    ],
)
def test_wrong_use_ends_with_2(folder: Path, args: list[str], told: str) -> None:
    done = run(*args, cwd=folder)
    assert (done.returncode, done.stdout) == (2, b"")
    assert told in done.stderr.decode()


def test_a_configuration_with_problems_is_told_whole(folder: Path) -> None:
    (folder / "product.toml").write_text('tem = "x"\nlanguage = "fr"\n', encoding="utf-8")
    done = run("parse", "周会.md", "-c", "product.toml", cwd=folder)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().splitlines() == [
        "product.toml: team: missing",
        'product.toml: language: found "fr", allowed: "zh", "en"',
        'product.toml: tem: unknown key - did you mean "team"?',
    ]


def test_the_version_and_the_help(tmp_path: Path) -> None:
    from minuteloop import __version__  # noqa: PLC0415  # only here

    assert run("--version", cwd=tmp_path).stdout.decode().strip() == f"minuteloop {__version__}"
    for option in ("-h", "--help"):
        assert b"parse" in run(option, cwd=tmp_path).stdout


def test_the_help_takes_less_than_0_3_s_of_cpu(tmp_path: Path) -> None:
    run("--help", cwd=tmp_path)  # so that byte code is there
    before = os.times()
    run("--help", cwd=tmp_path)
    after = os.times()
    spent = (
        after.children_user - before.children_user + after.children_system - before.children_system
    )
    assert spent < 0.3
