"""Minutes that wait for their host (C3): nothing goes out before the host has said so."""

from pathlib import Path
from typing import Any

import pytest
from fakes.office import Office, minutes, team_file

THREE = (
    ("写报告", "张三", "2025-05-27", "含数据"),
    ("评估周期", "李四", "2025-05-24", "一页"),
    ("联系客户", "王五", "尽快", "有记录"),
)
LATER = "2025-05-21T10:00"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path, team_file(more='[minutes]\napproval = "host"'))


def state(told: Any) -> str:
    (document,) = told["documents"]
    return str(document["state"])


def rules(told: Any, *states: str) -> set[tuple[str, str]]:
    return {
        (n["rule"], n["to"][0])
        for n in told["notices"]
        if n["state"] in (states or ("waiting", "sent"))
    }


def test_nothing_goes_out_until_the_host_has_approved(office: Office) -> None:
    told = office.read(*THREE)
    assert state(told) == "awaiting-approval"
    assert told["documents"][0]["items"] == 3
    assert told["documents"][0]["findings"] == 1
    assert office.items() == []
    assert office.rows() == []
    assert rules(told) == {("C3", "李四"), ("B3", "李四")}
    assert [a["state"] for a in office.status()["approvals"]] == ["waiting"]
    assert state(office.once()) == "awaiting-approval"

    office.call("approve", "产品周会会议纪要", "--now", LATER)  # whatever it is called
    told = office.once(LATER)
    assert state(told) == "read"
    assert len(office.rows()) == 3
    assert ("C3", "李四") in rules(told, "withdrawn")  # the question; nobody heard it
    assert list(office.inbox.iterdir()) == []
    assert office.status()["approvals"] == []
    assert office.quiet(LATER)


def test_what_is_refused_stays_with_the_reason_beside_it_and_a_new_version_is_asked_for(
    office: Office,
) -> None:
    office.read(*THREE)
    office.call("approve", "m.md", "--refuse", "缺少决策依据")
    told = office.once()
    assert state(told) == "refused"
    assert "缺少决策依据" in told["documents"][0]["error"]
    assert "缺少决策依据" in (office.inbox / "m.md.findings.txt").read_text("utf-8")
    assert office.items() == []
    told = office.read(*THREE, extra="## 决策依据\n\n数据\n\n")
    assert state(told) == "awaiting-approval"
    assert not (office.inbox / "m.md.findings.txt").exists()
    key = office.status()["approvals"][0]["meeting"]
    office.call("approve", key)
    assert state(office.once()) == "read"


def test_an_approval_holds_for_the_version_that_was_seen(office: Office) -> None:
    office.read(*THREE)
    office.call("approve", "产品周会")
    office.drop("m.md", minutes(*THREE, ("另一件事", "张三", "2025-06-01", "有")))
    told = office.once()
    assert state(told) == "awaiting-approval"  # of the new version; the word was on the old one
    assert office.items() == []
    office.call("approve", "产品周会")
    assert state(office.once()) == "read"
    assert len(office.items()) == 4


def test_minutes_read_before_wait_again_when_they_change(office: Office) -> None:
    office.read(*THREE)
    office.call("approve", "产品周会")
    office.once()
    changed = (("写报告", "张三", "2025-06-03", "含数据"), *THREE[1:])
    assert state(office.read(*changed)) == "awaiting-approval"
    assert office.item("写报告")["due"] == "2025-05-27"
    office.call("approve", "产品周会")
    office.once()
    assert office.item("写报告")["due"] == "2025-06-03"


def test_a_draft_that_is_taken_out_of_the_inbox_is_forgotten(office: Office) -> None:
    office.read(*THREE)
    (office.inbox / "m.md").unlink()
    told = office.once()
    assert rules(told) == set()
    assert office.status()["approvals"] == []
    assert office.codes() == []
    assert "wait for approval" in office.call("approve", "产品周会", code=2).err


def test_a_second_file_of_the_same_meeting_waits_for_the_first(office: Office) -> None:
    office.drop("a.md", minutes(*THREE))
    office.once()
    office.drop("b.md", minutes(*THREE[:2]))
    for _ in range(2):
        told = {d["file"]: d for d in office.once()["documents"]}
        assert told["a.md"]["state"] == "awaiting-approval"
        assert told["b.md"]["state"] == "waiting"
        assert "a.md" in told["b.md"]["error"]
    office.call("approve", "a.md", "--refuse", "以 b.md 为准")
    office.once()
    (office.inbox / "a.md").unlink()
    assert state(office.once()) == "awaiting-approval"
    assert not (office.inbox / "a.md.findings.txt").exists()


def test_a_mended_version_under_another_name_takes_the_refused_ones_place(office: Office) -> None:
    office.drop("v1.md", minutes(*THREE))
    office.once()
    office.call("approve", "v1.md", "--refuse", "缺少决策依据")
    office.once()
    office.drop("v2.md", minutes(*THREE, extra="## 决策依据\n\n数据\n\n"))
    for _ in range(2):
        told = {d["file"]: d["state"] for d in office.once()["documents"]}
        assert told["v2.md"] == "awaiting-approval"
    assert told["v1.md"] == "waiting"
    assert "duplicate" in office.codes()
    office.call("approve", "v2.md")
    office.once()
    assert len(office.items()) == 3


def test_an_approval_holds_though_the_file_is_renamed(office: Office) -> None:
    office.read(*THREE)
    office.call("approve", "m.md")
    (office.inbox / "m.md").rename(office.inbox / "最终.md")
    assert state(office.once()) == "read"


def test_a_refusal_needs_its_reason(office: Office) -> None:
    office.read(*THREE)
    assert "--refuse" in office.call("approve", "产品周会", "--refuse", " ", code=2).err
    assert state(office.once()) == "awaiting-approval"


def test_two_that_go_by_one_name_are_told_apart_by_their_ids(office: Office) -> None:
    office.drop("a.md", minutes(*THREE, day="2025-05-12"))
    office.drop("b.md", minutes(*THREE, day="2025-05-19"))
    office.once()
    err = office.call("approve", "产品周会", code=2).err
    assert "a.md" in err
    assert "b.md" in err
    office.call("approve", "b.md")
    told = office.once()
    assert {d["file"]: d["state"] for d in told["documents"]} == {
        "a.md": "awaiting-approval",
        "b.md": "read",
    }


def test_a_plan_changes_nothing(office: Office) -> None:
    office.drop("m.md", minutes(*THREE))
    plan = office.plan()
    assert plan["changes"] == []
    assert {n["state"] for n in plan["notices"]} == {"planned"}
    assert office.status()["approvals"] == []


def test_minutes_that_came_late_say_so_and_count_to_the_first_version(office: Office) -> None:
    """C1: until the first pass that saw the file."""
    late = "2025-05-21T12:00"  # the meeting ended on the 19th at 11:00
    told = office.read(*THREE, now=late)
    assert "minutes-late" in office.codes()
    assert ("C1", "李四") in rules(told)
    (office.folder / "minuteloop.db").unlink()
    office.read(*THREE)  # in time; its new version comes later
    office.read(*THREE, ("第四件", "张三", "2025-06-01", "有"), now=late)
    assert "minutes-late" not in office.codes()


def test_what_a_draft_leaves_open_is_the_same_question_in_each_version(office: Office) -> None:
    told = office.read(*THREE)
    assert ("B3", "李四") in rules(told)
    told = office.read(("另一件事", "张三", "2025-06-01", "有"), *THREE)  # in another line now
    assert ("B3", "李四") not in rules(told, "withdrawn")
    office.call("approve", "产品周会")
    told = office.once()
    assert len(office.items()) == 4
    assert ("B3", "李四") not in rules(told, "withdrawn")
