"""`minuteloop run` as a process, with a mail server and a group's robot: signals, kill -9, outages."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fakes import office
from fakes.feishu import APP, TABLE, FakeFeishu, Hand, columns_for
from fakes.mailbox import Mail, Mailbox
from fakes.office import Office
from fakes.robots import FakeDingtalk
from fakes.service import MachineClock, Service

from mapping.words import COLUMNS, STATUSES
from minuteloop.clock import SystemClock
from minuteloop.team_service import END_S

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

SLACK_S = 6.0  # for a machine on which much else runs
TODAY = date.today()  # noqa: DTZ011  # the process has the machine's time; the team is at UTC
SOON, LATER = str(TODAY + timedelta(days=1)), str(TODAY + timedelta(days=40))
PEOPLE = "\n".join(
    f'[[people]]\nname = "{name}"\nemail = "{mail}@example.com"\n'
    for name, mail in (("张三", "zhang"), ("李四", "li"), ("王五", "wang"))
)
BOOK = '[[trackers]]\nname = "board"\nkind = "excel"\npath = "tracker.xlsx"\nevery = "1s"\n'
ALL = ("A1", "B3", "C1", "C3", "D2", "D3", "D4", "D5", "D6", "E1", "F3", "F4")
TWO = (("写报告", "张三", LATER, "含数据"), ("联系客户", "李四", LATER, "有记录"))


def minutes(*rows: Sequence[str], title: str = "产品周会", there: str = "张三") -> str:
    """Return minutes of yesterday, of a meeting that 李四 led."""
    day, extra = str(TODAY - timedelta(days=1)), f"**参会人：** {there}\n\n"
    return office.minutes(*rows, title=title, day=day, extra=extra)


def quick(first_wait_s: float) -> tuple[str, ...]:
    """The program as it is, but that it looks more often."""
    lines = (
        "from datetime import timedelta",
        "from minuteloop import team_service",
        "from tracking import outbox",
        "from minuteloop.__main__ import main",
        f"outbox.FIRST_WAIT = outbox.LONGEST_WAIT = timedelta(seconds={first_wait_s})",
        "team_service.NOTICES_S = 1",
        "main()",
    )
    return ("-c", "\n".join(lines), "run")


def mail(port: int) -> str:
    return (
        f'[[channels]]\nname = "mail"\nkind = "smtp"\nhost = "127.0.0.1"\nport = {port}\n'
        'security = "none"\nsender = "robot@example.com"\n'
    )


def group(robot: FakeDingtalk) -> str:
    return f'[[channels]]\nname = "group"\nkind = "dingtalk"\nurl = "{robot.url}"\n'


def team(*parts: str, rules: tuple[str, ...], more: str = "", tracker: str = BOOK) -> str:
    """Return a team file in which only these rules tell anything."""
    off = ", ".join(f'"{rule}"' for rule in ALL if rule not in rules)
    head = f'team = "产品部"\ntimezone = "UTC"\n{more}\n[rules]\noff = [{off}]\n'
    return "\n".join([head, PEOPLE, tracker, *parts])


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox().running() as running:
        yield running


Start = Callable[..., Service]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Make a team with a workbook, and its service."""
    made: list[Service] = []

    def begin(config: str, *, first_wait_s: float = 1.0) -> Service:
        Office(tmp_path, config)
        made.append(Service(tmp_path, config, python=quick(first_wait_s)))
        made[0].start()
        return made[0]

    yield begin
    for service in made:
        service.kill()


def channel(service: Service, name: str = "mail") -> dict[str, object]:
    (found,) = [c for c in service.told("status")["teams"][0]["channels"] if c["name"] == name]
    return dict(found)


def text_of(mail: Mail) -> str:
    return str(mail.parsed.get_body(("plain",)).get_content())  # type: ignore[union-attr]


def heard(mailbox: Mailbox) -> Counter[str]:
    return Counter(m.to.partition("@")[0] for m in mailbox.read)


def test_from_the_draft_to_the_check_with_commands_beside_it(
    start: Start, mailbox: Mailbox
) -> None:
    """C3 and D5: the host is asked, approves, hears of a completion and checks it."""
    robot = FakeDingtalk(SystemClock(ZoneInfo("UTC")))
    config = team(
        mail(mailbox.port),
        group(robot),
        rules=("C3", "D5"),
        more='[minutes]\napproval = "host"',
    )
    service = start(config)
    service.drop("m.md", minutes(*TWO))
    service.wait(lambda: heard(mailbox) == {"li": 1})
    assert service.told("items") == []
    service.call("approve", "产品周会")
    service.wait(lambda: heard(mailbox) == {"li": 2, "zhang": 1})
    service.wait(lambda: len(robot.seen) == 2)
    assert all("请查收会议纪要" in text_of(m) for m in mailbox.read[1:])

    office = Office(service.folder, config, prepare=False)
    service.wait(lambda: len(office.rows()) == 2)
    for what in ("写报告", "联系客户"):
        office.type(what, 实际完成时间=TODAY, 交付成果="报告")
    service.wait(lambda: heard(mailbox)["li"] >= 3)
    service.wait(lambda: channel(service)["waiting"] == 0)
    before = heard(mailbox)
    service.call("verify", office.item("联系客户")["id"])
    service.wait(lambda: office.row("联系客户")["状态"] == "已完成")
    service.call("verify", office.item("写报告")["id"], "--refuse", "缺少附件")
    service.wait(lambda: heard(mailbox)["zhang"] > before["zhang"])
    assert "缺少附件" in text_of(mailbox.read[-1])

    told = service.call("status")
    assert "mail: ok" in told
    assert "group: ok" in told
    assert service.end() < END_S
    assert "Traceback" not in service.log()


@pytest.mark.parametrize("where", ["in-data", ".", "after"])
def test_killed_while_the_mail_server_hangs(start: Start, mailbox: Mailbox, where: str) -> None:
    """Failure 86: at most one mail more, and a reader's program knows it again."""
    mailbox.hang, mailbox.hang_s = where, 60.0
    service = start(team(mail(mailbox.port), rules=("C3",)))
    service.drop("m.md", minutes(TWO[0]))
    service.wait(lambda: "DATA" in mailbox.lines)
    if where == "after":
        service.wait(lambda: mailbox.read)
    service.kill()
    taken = len(mailbox.read)
    mailbox.hang = ""
    service.start()
    service.wait(lambda: channel(service)["sent"] == 2)  # to the owner and the host
    assert heard(mailbox).total() == 2 + taken
    assert len({m.parsed["Message-ID"] for m in mailbox.read}) == 2
    service.end()


def test_killed_between_messages_a_group_reads_each_once(start: Start) -> None:
    """Failure 86: what waits for the robot's pace is known not to have left."""
    robot = FakeDingtalk(SystemClock(ZoneInfo("UTC")))
    service = start(team(group(robot), rules=("C3",)))
    for n, there in enumerate(("张三", "李四", "王五"), 1):  # to others each: no message for all
        service.drop(f"{n}.md", minutes(TWO[1], title=f"第{n}组周会", there=there))
    service.wait(lambda: robot.seen)
    service.wait(lambda: service.lines(" sent "))
    time.sleep(0.3)  # it waits for the pace, 3.2 s, by now
    service.kill()
    service.start()
    service.wait(lambda: channel(service, "group")["waiting"] == 0)
    told = channel(service, "group")
    assert (told["unknown"], told["failed"]) == (0, 0)
    titles = [f"第{n}组周会" for n in (1, 2, 3) for seen in robot.seen if f"第{n}组" in seen.text]
    assert sorted(titles) == sorted(set(titles))
    assert len(titles) == 3
    service.end()


def test_the_end_comes_within_seconds_though_a_channel_hangs(
    start: Start, mailbox: Mailbox
) -> None:
    mailbox.hang, mailbox.hang_s = "MAIL", 120.0
    service = start(team(mail(mailbox.port), rules=("C3",)))
    service.drop("m.md", minutes(TWO[0]))
    service.wait(lambda: any(line.upper().startswith("MAIL") for line in mailbox.lines))
    assert service.end() < END_S + SLACK_S
    assert "ended" in service.log()
    mailbox.hang = ""
    service.start()
    service.wait(lambda: heard(mailbox).total() == 2)
    assert service.end() < SLACK_S
    assert heard(mailbox) == {"li": 1, "zhang": 1}


def test_a_changed_channel_is_taken_over_and_what_failed_leaves_at_once(
    start: Start, mailbox: Mailbox
) -> None:
    with Mailbox().running() as other:
        pass  # nobody listens there any more
    service = start(team(mail(other.port), rules=("C3",)), first_wait_s=3600)
    service.drop("m.md", minutes(TWO[0]))
    service.wait(lambda: channel(service)["failed"])
    assert channel(service)["state"] == "failed"
    service.configure(team(mail(mailbox.port), rules=("C3",)))
    service.reload()
    service.wait(lambda: heard(mailbox) == {"li": 1, "zhang": 1})
    service.wait(lambda: channel(service)["state"] == "ok")
    service.end()


def test_a_server_that_is_down_is_told_once_and_the_notice_arrives(
    start: Start, mailbox: Mailbox
) -> None:
    mailbox.refuse["CONNECT"] = "421 come back later"
    service = start(team(mail(mailbox.port), rules=("C3",)))
    service.drop("m.md", minutes(TWO[0]))
    service.wait(lambda: tries(service) >= 4)
    assert len(service.lines("WARNING", "not sent", "channel=mail")) == 1
    told = service.call("status")
    assert "mail: failed, 0 notices sent" in told
    assert "421 come back later" in told
    mailbox.refuse.clear()
    service.wait(lambda: heard(mailbox) == {"li": 1, "zhang": 1})
    service.wait(lambda: service.lines("recovered", "channel=mail"))
    assert "mail: ok, 2 notices sent" in service.call("status")
    mailbox.refuse["CONNECT"] = "421 come back later"
    service.drop("n.md", minutes(TWO[1], title="客户例会"))
    service.wait(lambda: len(service.lines("WARNING", "not sent", "channel=mail")) == 2)
    service.end()


def tries(service: Service) -> int:
    """How often the server was asked in vain for the first notice."""
    with service.reading() as tx:
        from sync import outbox  # noqa: PLC0415

        return max((p.tries for p in outbox.posted(tx, ()).values()), default=0)


def test_nothing_leaves_before_every_tracker_was_read(tmp_path: Path, mailbox: Mailbox) -> None:
    """Failure 88: what people did while the service was down counts first."""
    columns = columns_for(COLUMNS["zh"], list(STATUSES["zh"].values()), ())
    columns.append({"field_name": "最后更新时间", "type": 1002})
    users = {"ou_zhang": {"name": "张三", "email": "zhang@example.com"}}
    users |= {"ou_lisi": {"name": "李四", "email": "li@example.com"}, "ou_app": {"name": "app"}}
    fake = FakeFeishu(MachineClock(), columns, users)
    board = (
        f'[[trackers]]\nname = "board"\nkind = "feishu"\nbase_url = "{fake.url}"\nevery = "1s"\n'
        f'app_id = "{fake.app_id}"\napp_secret = "file:secret"\napp_token = "{APP}"\n'
        f'table_id = "{TABLE}"\n'
    )
    (tmp_path / "secret").write_text(fake.secret, encoding="utf-8")
    config = team(mail(mailbox.port), rules=("D2",), tracker=board)
    mailbox.refuse["CONNECT"] = "421 come back later"
    Office(tmp_path, config)
    service = Service(tmp_path, config, python=quick(1.0))
    service.start()
    try:
        service.drop("m.md", minutes(("写报告", "张三", SOON, "含数据")))
        hand = Hand(fake, COLUMNS["zh"])
        service.wait(lambda: hand.rows() and channel(service)["failed"] == 1)
        service.kill()
        (row,) = hand.rows()
        hand.edit(row, due=TODAY + timedelta(days=40))
        mailbox.refuse.clear()
        since = len(service.log())
        fake.fail("", "hang", times=1)
        service.start()
        service.wait(lambda: service.lines("tracker=board state=ok", "taken=1", since=since))
        service.wait(lambda: channel(service)["failed"] == channel(service)["waiting"] == 0)
        assert mailbox.read == []
        assert channel(service)["sent"] == 0
        service.end()
    finally:
        service.kill()
