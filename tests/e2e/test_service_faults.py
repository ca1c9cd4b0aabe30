"""The hub over one table of each service: answers lost, copies that lag, processes killed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.hubs import JIRA, SERVICES, Hub, Killed, Service, only
from fakes.network import FAULTS
from fakes.world import entry

from mapping.values import Status


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> Service:
    return SERVICES[request.param]


def fresh(folder: Path, service: Service) -> Iterator[Hub]:
    """Yield one hub after the other, each over a table of its own."""
    at = 0
    while True:
        home = folder / str(at)
        home.mkdir()
        yield Hub(home, service)
        at += 1


def two_passes(hub: Hub) -> None:
    """Make two rows; then an edit on either side of one of them."""
    hub.a_pass()
    if "写报告" in hub.shown():
        hub.hand.edit(hub.row("写报告"), note="人写的")
    hub.read(entry("写报告", due="2024-05-27", acceptance="含数据"), entry("评估周期", "李四"))
    hub.passes(2)


def has_come_to_rest(hub: Hub, *, at_once: bool = False) -> bool:
    """Make passes until all is done; ``at_once``: the first ones while searches may still lag."""
    if not at_once:
        hub.clock.advance(600)
    hub.passes(6 if at_once else 3)
    row = hub.row("写报告")
    return (
        hub.shown() == ["写报告", "评估周期"]
        and hub.hand.read(row, "acceptance") == "含数据"
        and hub.quiet()
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_struck_at_every_call(
    tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """Failures 1, 2, 26: a fault at any single call is healed, and each item has one row."""
    monkeypatch.setattr(service.client, *service.patience)
    for at, hub in enumerate(fresh(tmp_path, service)):
        hub.read(entry("写报告", due="2024-05-27"), entry("评估周期", "李四"))
        with hub.fake.fault("", skip=at, **FAULTS[fault]):
            two_passes(hub)
            struck = not hub.fake.faults
        if not struck:
            break  # there was no such call any more
        assert has_come_to_rest(hub), f"{fault} at call {at}"
    assert at >= service.calls


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("after", [True, False])
def test_killed_at_every_call(
    tmp_path: Path, service: Service, *, after: bool, at_once: bool
) -> None:
    """Failures 2, 5, 7: whatever was under way, each item has one row, and all comes to rest.

    Also where the next process begins at once, inside the time that a search may lag.
    """
    for at, hub in enumerate(fresh(tmp_path, service), 1):
        hub.read(entry("写报告", due="2024-05-27"), entry("评估周期", "李四"))
        try:
            with hub.dying(at, after=after):
                two_passes(hub)
        except Killed:
            hub.restart()
            hub.read(
                entry("写报告", due="2024-05-27", acceptance="含数据"), entry("评估周期", "李四")
            )
        else:
            break
        assert has_come_to_rest(hub, at_once=at_once), f"killed at call {at}"
    assert at > service.calls


@pytest.mark.parametrize("service", JIRA, indirect=True)
@pytest.mark.parametrize("after", [True, False])
def test_killed_before_a_new_issue_is_in_its_status(
    tmp_path: Path, service: Service, *, after: bool
) -> None:
    """The workflow's first status, in which an issue is made, is nobody's edit."""
    for at, hub in enumerate(fresh(tmp_path, service), 1):
        hub.read(entry("写报告", status=Status.BLOCKED), entry("评估周期", status=Status.BLOCKED))
        try:
            with hub.dying(at, after=after):
                hub.passes(2)
        except Killed:
            hub.restart()
        else:
            break
        hub.clock.advance(600)
        hub.passes(3)
        assert [i.status for i in hub.items()] == [Status.BLOCKED] * 2, f"killed at call {at}"
        assert [hub.hand.read(r, "status") for r in hub.hand.rows()] == ["受阻"] * 2
        assert hub.quiet()
    assert at > 9


@pytest.mark.parametrize(
    ("hub", "call", "times"),
    [
        (
            "airtable",
            "PATCH",
            2,
        ),  # the row is not shown yet, so it is sent again: the upsert finds it
        *((jira, "POST /issue", 1) for jira in JIRA),
        ("notion", "POST /pages", 2),
    ],
    indirect=["hub"],
)
@pytest.mark.parametrize("after", [True, False])
def test_a_lost_creation_while_searches_lag_makes_no_second_row(
    hub: Hub, call: str, times: int, *, after: bool
) -> None:
    """Failure 3: "not found" is no answer before the lag has passed."""
    hub.fake.lag_s = 90.0
    hub.read(entry("写报告", due="2024-05-27"), entry("评估周期", "李四"))
    with hub.fake.fault(call, kind="reset", after=after, times=times):
        first = hub.a_pass()
        hub.passes(7)
    assert (first.state == "failed") == (hub.service.kind == "airtable")  # it makes both in a call
    assert hub.shown() == ["写报告", "评估周期"]
    hub.passes(3)
    assert hub.quiet()


@only("feishu")
def test_copies_that_lag_make_no_second_row_and_close_nothing(hub: Hub) -> None:
    """Failures 3, 19: every look shows the table as it was a minute and a half ago."""
    hub.fake.lag_s = 90.0
    hub.read(entry("写报告", due="2024-05-27"))
    for minute in range(12):
        hub.a_pass()
        if minute == 4:
            hub.hand.edit(hub.row("写报告"), note="人写的")
        if minute == 7:
            hub.read(entry("写报告", due="2024-05-27", acceptance="含数据"))
    assert hub.shown() == ["写报告"]
    assert hub.item("写报告").closed is None
    row = hub.row("写报告")
    assert (hub.hand.read(row, "note"), hub.hand.read(row, "acceptance")) == ("人写的", "含数据")
    hub.clock.advance(900)
    hub.passes(3)
    assert hub.quiet()


@only("feishu")
@pytest.mark.parametrize("kind", ["reset", "hang", "garbage"])
@pytest.mark.parametrize("after", [True, False])
def test_lost_answers_make_one_row_each(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, kind: str, *, after: bool
) -> None:
    """Failures 1 and 2: all tries of the first pass are in vain, with or without effect."""
    monkeypatch.setattr(hub.service.client, "TIMEOUT_S", (1.0, 0.15))
    hub.fake.fail("batch_create", kind, after=after, times=4)
    hub.read(entry("写报告", due="2024-05-27"), entry("评估周期", "李四"))
    assert hub.a_pass().state == "failed"
    hub.restart()
    hub.passes(5)
    assert hub.shown() == ["写报告", "评估周期"]
    assert hub.quiet()
