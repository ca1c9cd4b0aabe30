"""``review``: a quarter of a small team, from its folder."""

import json
from pathlib import Path

import pytest
from fakes.office import Office, minutes


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A team in whose quarter one item was done on time, one moved, one left alone."""
    office = Office(tmp_path_factory.mktemp("model"))
    office.drop(
        "m.md",
        minutes(
            ("输出流程图", "张三", "2025-05-21"),
            ("评估周期", "李四", "2025-05-22"),
            ("核对预算", "王五", "2025-05-23"),
            ("整理需求", "张三", "尽快"),
        ),
    )
    office.once("2025-05-19T15:00")
    office.type("输出流程图", 状态="已完成", 实际完成时间="2025-05-21")
    office.type("评估周期", 计划完成时间="2025-06-05", 备注="等评审")
    office.once("2025-05-21T09:00")
    office.call("verify", office.item("输出流程图")["id"], "--now", "2025-05-21T10:00")
    office.once("2025-05-21T11:00")
    return office.folder


@pytest.fixture
def office(model: Path, tmp_path: Path) -> Office:
    return Office.copied(model, tmp_path)


def test_the_figures_of_a_quarter(office: Office) -> None:
    """E1."""
    words = ("review", "--quarter", "2025Q2", "--now", "2025-06-16T09:00")
    (told,) = office.call(*words, "--json").json["teams"]
    assert (told["from"], told["to"]) == ("2025-04-01", "2025-06-30")
    items = told["items"]
    assert (items["due"], items["on_time"], items["overdue"]) == (3, 1, 2)
    assert items["on_time_share"] == 0.3333
    assert [(a["description"], a["times"]) for a in told["redated"]["list"]] == [("评估周期", 1)]
    assert [a["description"] for a in told["missed"]["list"]] == ["核对预算", "评估周期"]
    assert told["findings"]["due-vague"] == 1
    assert told["minutes"]["in_time"] == 1
    assert told["length"]["real_minutes"] == 60
    assert {p["code"] for p in told["proposals"]} >= {"tracking-rhythm", "smaller-steps"}
    text = office.call(*words).out
    assert "按时完成率 33%，目标 80%，未达到目标。" in text


def test_the_default_is_the_quarter_past_at_the_beginning_of_the_next(office: Office) -> None:
    past = office.call("review", "--json", "--now", "2025-07-03T09:00").json["teams"][0]
    present = office.call("review", "--json", "--now", "2025-06-16T09:00").json["teams"][0]
    assert (past["from"], present["from"]) == ("2025-04-01", "2025-04-01")
    later = office.call("review", "--json", "--now", "2025-07-15T09:00").json["teams"][0]
    assert (later["from"], later["items"]["due"]) == ("2025-07-01", 0)


def test_the_page_and_the_markdown(office: Office, tmp_path: Path) -> None:
    page, file = tmp_path / "r.html", tmp_path / "r.md"
    words = ("review", "--from", "2025-05-01", "--to", "2025-05-31", "--now", "2025-06-16T09:00")
    told = office.call(*words, "--json", "--html", str(page), "--markdown", str(file))
    assert json.loads(told.out)["teams"][0]["to"] == "2025-05-31"
    assert page.read_text("utf-8").startswith('<!doctype html>\n<html lang="zh-CN">')
    assert "<td>核对预算</td>" in page.read_text("utf-8")
    assert "| 核对预算 |" in file.read_text("utf-8")


def test_wrong_use_is_told(office: Office, tmp_path: Path) -> None:
    told = office.call("review", "--quarter", "2025Q2", "--to", "2025-05-31", code=2)
    assert told.err == "--quarter: names a span already - leave out --from and --to\n"
    told = office.call("review", "--html", str(tmp_path / "no" / "r.html"), code=1)
    assert "r.html: cannot be written: " in told.err
    assert "回顾" in told.out


def test_before_the_first_pass_there_is_nothing_to_review(tmp_path: Path) -> None:
    office = Office(tmp_path, prepare=False)
    assert "这段时间没有到期的行动项。" in office.call("review").out
    assert not list(tmp_path.glob("*.db"))
