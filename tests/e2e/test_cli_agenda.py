"""``agenda``: from a team's folder to a file that goes into the next meeting, and back."""

from pathlib import Path

import pytest
from fakes.office import Office, minutes

NEXT = "\n## 下次会议\n\n下次会议：2025-05-26 10:00，3楼会议室\n\n"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path)
    made.drop(
        "m.md",
        minutes(
            ("输出流程图", "张三", "2025-05-21"),
            ("评估周期", "李四", "2025-05-30", "提交《评估表》"),
            extra=NEXT,
        ),
    )
    made.drop("b.md", minutes(("核对预算", "王五", "2025-05-29"), title="预算评审会"))
    made.once("2025-05-20T09:00")
    return made


def test_the_agenda_lists_what_is_open(office: Office) -> None:
    told = office.call("agenda", "--now", "2025-05-23T09:00").out
    assert "| 会议名称 | 产品部 |" in told
    lines = [line for line in told.splitlines() if line.startswith("| ML-")]
    assert [line.split(" | ")[1] for line in lines] == ["输出流程图", "核对预算", "评估周期"]
    assert "已晚 2 个工作日；请说明原因；请定新的日期" in lines[0]


def test_of_one_series_as_markdown_and_docx(office: Office, tmp_path: Path) -> None:
    """D6: carried into the next meeting, and read back there as the same items."""
    words = ("agenda", "--meeting", "产品周会", "--now", "2025-05-23T09:00")
    file = tmp_path / "议程.docx"
    told = office.call(*words, "--docx", str(file)).out
    assert "| 会议时间 | 2025-05-26 10:00 |" in told
    assert "核对预算" not in told
    before = office.items()
    office.drop("下周.docx", file.read_bytes())
    assert office.once("2025-05-26T12:00")["documents"][0]["items"] == 2
    after = office.items()
    same = ("id", "description", "owner", "due", "note", "completed", "department")
    assert [[i[k] for k in same] for i in after] == [[i[k] for k in same] for i in before]


def test_an_unknown_meeting_is_told_with_those_known(office: Office) -> None:
    told = office.call("agenda", "--meeting", "采购会", code=2)
    assert told.err.startswith('--meeting: no single series is called "采购会"; known: ')
    assert "预算评审会" in told.err
    assert "产品周会" in told.err


def test_a_file_that_cannot_be_written_is_told(office: Office, tmp_path: Path) -> None:
    told = office.call("agenda", "--docx", str(tmp_path / "no" / "a.docx"), code=1)
    assert "a.docx: cannot be written: " in told.err


def test_without_anything_read_the_list_is_empty(tmp_path: Path) -> None:
    told = Office(tmp_path, prepare=False).call("agenda").out
    assert "没有未完成的行动项。" in told
    assert not list(tmp_path.glob("*.db"))  # looked at, not made


def test_one_file_holds_one_team(tmp_path: Path) -> None:
    office = Office(tmp_path, prepare=False)
    (tmp_path / "other.toml").write_text('team = "技术部"\n', encoding="utf-8")
    office.config = tmp_path
    told = office.call("agenda", "--docx", str(tmp_path / "a.docx"), code=2)
    assert (
        told.err
        == "--docx: holds one team's agenda - name one with -c: minuteloop.toml, other.toml\n"
    )
    assert office.call("agenda").out.count("# 会议议程") == 2
