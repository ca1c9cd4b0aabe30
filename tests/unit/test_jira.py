"""The connector to Jira over the fake service, both flavours: errors, faults, traps, budgets."""

import logging
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from contract.jira_harness import USERS, JiraHarness
from contract.shared import COLUMN_NAMES, SECRET
from contract.writes import DAY, change, item_id, new
from fakes.jira import Account, Refused
from jira import JIRA, JIRAError
from unit.test_failures_table import functions_in
from urllib3.exceptions import MaxRetryError, NewConnectionError

from connectors import calls
from connectors.answers import time_of
from connectors.base import Outcome, Record, RowState, Write
from connectors.errors import (
    AuthError,
    ConflictError,
    ConnectorError,
    PermanentError,
    SchemaError,
    TransientError,
    UnknownOutcomeError,
)
from connectors.jira import LAG_S, Jira, client
from connectors.jira.faults import Answer, ForbiddenError, MissingError, RefusedError, to_error
from connectors.jira.jql import zone_of
from connectors.jira.wire import PROPERTY
from connectors.jira.writing import BATCH
from connectors.web import unreachable
from mapping.cells import User
from mapping.values import Person

NOW = datetime(2024, 5, 20, 8, tzinfo=UTC)
LABEL = COLUMN_NAMES
FLAVOURS = pytest.mark.parametrize("cloud", [True, False], ids=["cloud", "data center"])


@pytest.fixture(params=[True, False], ids=["cloud", "data center"])
def site(tmp_path: Path, request: pytest.FixtureRequest) -> JiraHarness:
    return JiraHarness(tmp_path, cloud=request.param)


@pytest.fixture
def cloud(tmp_path: Path) -> JiraHarness:
    return JiraHarness(tmp_path)


@pytest.fixture
def center(tmp_path: Path) -> JiraHarness:
    return JiraHarness(tmp_path, cloud=False)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "TIMEOUT_S", (0.25, 0.25))


def jira(harness: JiraHarness, **changes: Any) -> Jira:
    return Jira(replace(harness.setup, **changes) if changes else harness.setup)


def with_options(harness: JiraHarness, **options: Any) -> Jira:
    return jira(harness, options={**harness.setup.options, **options})


def made(harness: JiraHarness, *writes: Write) -> list[Record]:
    connector = jira(harness)
    outcomes = [
        outcome
        for start in range(0, len(writes), BATCH)
        for outcome in connector.apply(writes[start : start + BATCH])
    ]
    harness.settle()
    assert [o.error for o in outcomes] == [None] * len(writes)
    return [o.record for o in outcomes if o.record is not None]


def one(outcomes: Any) -> Outcome:
    [outcome] = outcomes
    assert isinstance(outcome, Outcome)
    return outcome


def asked(harness: JiraHarness, work: Callable[[], Any]) -> list[str]:
    """Return the requests that a piece of work takes, ids left out."""
    before = len(harness.fake.calls)
    work()
    told = [f"{m} {p}" for m, p, _ in harness.fake.calls[before:]]
    return [re.sub(r"/\d+", "/N", line) for line in told]


# --- what an answer means


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, RefusedError),
        (401, AuthError),
        (403, ForbiddenError),
        (404, MissingError),
        (405, SchemaError),
        (407, AuthError),
        (408, UnknownOutcomeError),
        (409, ConflictError),
        (410, SchemaError),
        (413, RefusedError),
        (422, RefusedError),
        (429, TransientError),
        (500, UnknownOutcomeError),
        (502, UnknownOutcomeError),
        (503, UnknownOutcomeError),
        (504, UnknownOutcomeError),
        (200, UnknownOutcomeError),
        (302, SchemaError),
        (418, RefusedError),
    ],
)
def test_what_a_code_means(status: int, error: type[ConnectorError]) -> None:
    body = {"errorMessages": ["no"], "errors": {"duedate": "bad"}}
    found = to_error(Answer(status=status, body=body, write=True, at=NOW), "board")
    assert type(found) is error
    assert found.text("zh") != found.text("en")
    read = to_error(Answer(status=status, body=body, at=NOW), "board")
    passing = (UnknownOutcomeError, ConflictError)
    assert type(read) is (TransientError if error in passing else error)
    if isinstance(found, RefusedError):
        assert found.fields == {"duedate": "bad"}


def test_a_page_in_place_of_json_is_told_as_what_it_may_be() -> None:
    found = to_error(Answer(status=200, at=NOW), "board")
    assert type(found) is TransientError
    assert "代理的页面" in found.text("zh")
    assert "a login or a proxy" in found.text("en")


def test_a_refused_login_may_come_with_any_status() -> None:
    refused = {"x-seraph-loginreason": "AUTHENTICATED_FAILED"}
    assert type(to_error(Answer(status=200, headers=refused, at=NOW), "board")) is AuthError
    told = {"x-authentication-denied-reason": "CAPTCHA_CHALLENGE; login-url=https://x/login"}
    found = to_error(Answer(status=403, headers=told, cloud=False, at=NOW), "board")
    assert type(found) is AuthError
    assert "CAPTCHA" in found.message
    assert "log in once" in found.hint


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0"}, None),
        ({"retry-after": "Mon, 20 May 2024 08:00:30 GMT"}, 30.0),
        ({"x-ratelimit-reset": "2024-05-20T08:10:00Z"}, 600.0),
        ({"retry-after": "nonsense"}, None),
        ({"retry-after": "1e12"}, None),
        ({}, None),
    ],
)
def test_the_wait_that_is_asked_for(headers: dict[str, str], wait: float | None) -> None:
    found = to_error(Answer(status=429, headers=headers, at=NOW), "board")
    assert isinstance(found, TransientError)
    assert found.retry_after_s == wait


def test_a_spent_quota_is_told_in_words() -> None:
    told = {"ratelimit-reason": "jira-quota-tenant-based", "retry-after": "1200"}
    found = to_error(Answer(status=429, headers=told, at=NOW), "board")
    assert "quota is spent; it asks to wait 1200 s" in found.text("en")
    assert "额度已用完" in found.text("zh")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (requests.ReadTimeout(), UnknownOutcomeError),
        (requests.ConnectionError("reset"), UnknownOutcomeError),
        (requests.exceptions.ChunkedEncodingError(), UnknownOutcomeError),
        (requests.ConnectTimeout(), TransientError),
        (requests.exceptions.SSLError(), TransientError),
        (requests.exceptions.ProxyError(), TransientError),
        (
            requests.ConnectionError(
                MaxRetryError(None, "/", NewConnectionError(None, "refused"))  # type: ignore[arg-type]
            ),
            TransientError,
        ),
    ],
)
def test_what_no_answer_means(error: requests.RequestException, kind: type[ConnectorError]) -> None:
    assert type(unreachable(error, "board", write=True)) is kind
    assert type(unreachable(error, "board", write=False)) is TransientError


def test_the_client_s_own_retries_are_off(site: JiraHarness) -> None:
    """Failure 4: it would send a creation three times more."""
    with site.fake.fault("myself", status=503, times=99), pytest.raises(TransientError):
        jira(site).describe()
    assert len(site.fake.calls) == calls.TRIES
    site.fake.calls.clear()
    connector = jira(site)
    connector.describe()
    for kind in ({"kind": "reset"}, {"status": 429, "headers": {"Retry-After": "600"}}):
        site.fake.calls.clear()
        lost = site.fake.fault("POST /issue/bulk", times=99, **kind)
        with lost, suppress(TransientError):
            connector.apply([new(1)])
        assert len(site.fake.writes()) == 1


def test_a_wait_is_kept_and_a_long_one_is_handed_on(site: JiraHarness) -> None:
    """Failure 70."""
    slow: dict[str, Any] = {"status": 429}
    with site.fake.fault("search", headers={"Retry-After": "20"}, **slow):
        jira(site).pull(None)
    assert site.clock.monotonic() >= 20
    long = site.fake.fault("search", headers={"Retry-After": "600"}, **slow)
    with long, pytest.raises(TransientError) as caught:
        jira(site).pull(None)
    assert caught.value.retry_after_s == 600


def test_a_page_that_redirects_is_no_jira(site: JiraHarness) -> None:
    away = {"Location": "http://127.0.0.1:9/login"}
    with (
        site.fake.fault("", status=302, headers=away, times=9),
        pytest.raises(SchemaError, match="address"),
    ):
        jira(site).describe()


def test_nothing_is_asked_before_something_is_wanted(site: JiraHarness) -> None:
    jira(site)
    assert not site.fake.calls


def test_the_client_says_nothing_in_the_log(
    site: JiraHarness, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made(site, new(1, note="机密内容"))
    failing = site.fake.fault("search", status=500, times=9)
    with failing, pytest.raises(TransientError):
        jira(site).pull(None)
    assert "机密" not in caplog.text
    assert SECRET not in caplog.text
    assert not [r for r in caplog.records if r.name.startswith("jira")]


def test_a_token_that_can_be_none(site: JiraHarness) -> None:
    key = "api_token" if site.fake.cloud else "token"
    for token in ("", "  ", "口令", "a\nb"):
        with pytest.raises(AuthError):
            with_options(site, **{key: token})


# --- five faults at every call, before and after its effect

FAULTS: dict[str, dict[str, Any]] = {
    "reset": {"kind": "reset"},
    "timeout": {"kind": "hang"},
    "server error": {"status": 503},
    "bad gateway": {"kind": "html", "status": 502},
    "half an answer": {"kind": "garbage"},
}
struck = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())


@struck
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.usefixtures("quick")
def test_a_lost_creation_never_makes_a_second_row(
    site: JiraHarness, fault: dict[str, Any], *, after: bool
) -> None:
    """Failures 1-3: the rows are not sent again; they are found by their labels, or not there."""
    connector = jira(site)
    with site.fake.fault("POST /issue/bulk", after=after, **fault):
        outcomes = connector.apply([new(n) for n in range(3)])
    assert len(site.fake.writes()) == 1
    assert all(isinstance(o.error, UnknownOutcomeError) for o in outcomes)
    site.clock.advance(LAG_S)
    found = {record.id for record in jira(site).find([item_id(n) for n in range(3)])}
    assert found == ({item_id(n) for n in range(3)} if after else set())
    assert len(site.fake.rows()) == (3 if after else 0)


@struck
@pytest.mark.parametrize("match", ["POST /issue/bulkfetch", "GET /issue/2"])
@pytest.mark.usefixtures("quick")
def test_a_creation_that_is_not_read_back_is_looked_for(
    site: JiraHarness, fault: dict[str, Any], match: str
) -> None:
    connector = jira(site)
    connector.describe()
    with site.fake.fault(match, times=99, **fault):
        outcomes = connector.apply([new(n) for n in range(2)])
    struck_here = (match == "POST /issue/bulkfetch") == site.fake.cloud
    assert all(isinstance(o.error, UnknownOutcomeError) == struck_here for o in outcomes)
    assert len(site.fake.rows()) == 2
    assert len(site.connector().find([item_id(0), item_id(1)])) == 2


@struck
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.usefixtures("quick")
def test_a_lost_change_is_made_once_more(
    site: JiraHarness, fault: dict[str, Any], *, after: bool
) -> None:
    [record] = made(site, new(1))
    with site.fake.fault("PUT", after=after, **fault):
        outcome = one(jira(site).apply([change(record, note="改")]))
    assert outcome.error is None
    assert site.fake.read(record.row_id, LABEL["note"]) == "改"


@struck
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.usefixtures("quick")
def test_a_lost_transition_is_looked_at_before_it_is_sent_again(
    site: JiraHarness, fault: dict[str, Any], *, after: bool
) -> None:
    [record] = made(site, new(1))
    with site.fake.fault("POST /issue/20001/transitions", after=after, **fault):
        outcome = one(jira(site).apply([change(record, status="受阻")]))
    assert outcome.error is None
    assert site.fake.read(record.row_id, "status") == "受阻"
    moves = [c for c in site.fake.writes() if c[1].endswith("transitions")]
    assert len(moves) == (1 if after else 2)


@struck
@pytest.mark.parametrize(
    "match", ["myself", "mypermissions", "project", "createmeta", "assignable", "search"]
)
@pytest.mark.usefixtures("quick")
def test_a_read_is_tried_again(site: JiraHarness, fault: dict[str, Any], match: str) -> None:
    made(site, *(new(n) for n in range(3)))
    connector = jira(site)
    with site.fake.fault(match, **fault):
        connector.describe()
        assert len(connector.pull(None).records) == 3
    assert len(connector.find([item_id(1)])) == 1


# --- budgets


def test_a_quiet_pass_is_one_request(site: JiraHarness) -> None:
    made(site, *(new(n) for n in range(3)))
    connector = jira(site)
    cursor = connector.pull(None).cursor
    for _ in range(3):
        changes = None

        def look(at: str | None = cursor) -> None:
            nonlocal changes
            changes = connector.pull(at)

        assert len(asked(site, look)) == 1
        assert changes is not None
        cursor = changes.cursor
        site.clock.advance(3600)
    assert not connector.pull(cursor).records or site.fake.rows()


def test_after_a_bulk_of_changes_a_quiet_pass_is_one_request_again(site: JiraHarness) -> None:
    """What was changed last is listed while the index may lag, not for ever."""
    connector = jira(site)
    cursor = connector.pull(None).cursor
    made(site, *(new(n) for n in range(300)))
    changes = connector.pull(cursor)
    assert len(changes.records) == 300
    site.clock.advance(60)
    assert len(connector.pull(changes.cursor).records) == 300
    site.clock.advance(600)
    changes = connector.pull(changes.cursor)
    site.clock.advance(600)
    assert len(asked(site, lambda: connector.pull(changes.cursor))) == 1
    assert not connector.pull(changes.cursor).records


@pytest.mark.parametrize("hours", [-30, 30])
def test_what_the_index_shows_late_is_seen_after_many_quiet_looks(
    site: JiraHarness, hours: int
) -> None:
    """Failure 19: a look is never begun later than the index may lag, whatever our clock says."""
    [record] = made(site, new(1))
    connector = Jira(replace(site.setup, clock=Shifted(site.clock, hours)))
    site.clock.advance(3600)
    cursor = connector.pull(None).cursor
    site.fake.lag_s = LAG_S - 1
    site.fake.edit(record.row_id, {LABEL["note"]: "改"})
    told = []
    for _ in range(12):
        changes = connector.pull(cursor)
        cursor = changes.cursor
        told += [r.cells["note"] for r in changes.records]
        site.clock.advance(30)
    assert "改" in told


@pytest.mark.parametrize("date", [None, "soon", "Mon, 20 May 2024 08:00:00 -0000"])
def test_a_time_that_the_service_does_not_tell_is_none(date: str | None) -> None:
    heard = requests.Response()
    if date:
        heard.headers["Date"] = date
    assert time_of(heard.headers) is None


def test_without_the_service_s_time_the_latest_change_counts(
    site: JiraHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    [record] = made(site, new(1))
    monkeypatch.setattr(client, "time_of", lambda heard: None)
    connector = jira(site)
    site.clock.advance(3600)
    cursor = connector.pull(None).cursor
    assert [r.row_id for r in connector.pull(cursor).records] == [record.row_id]


def test_creating_500_items_takes_10_requests(site: JiraHarness) -> None:
    writes = [new(n) for n in range(500)]
    writes[7] = new(7, status="受阻")
    made(site, *writes)
    sent = [f"{m} {p}" for m, p, _ in site.fake.writes()]
    assert sent.count("POST /issue/bulk") == 10
    assert len(sent) == 11  # and one transition, where the first status is not ours
    assert len(site.fake.rows()) == 500


def test_a_whole_look_checks_rights_and_pages(site: JiraHarness) -> None:
    site.fake.page = 40
    made(site, *(new(n) for n in range(100)))
    connector = jira(site)
    connector.describe()
    told = asked(site, lambda: connector.pull(None))
    search = "POST /search/jql" if site.fake.cloud else "POST /search"
    assert told == ["GET /myself", "GET /mypermissions", *[search] * 3]


def test_labels_of_a_large_project_are_not_all_listed(site: JiraHarness) -> None:
    """What is known of ours and not of the type, or past the narrowing, is asked for by label."""
    kept, other, gone = made(site, new(1), new(2), new(3))
    for n in range(150):
        bug = site.hand.add(description=f"缺陷 {n}")
        site.fake.put(bug, {"labels": ["x"]}, type="10002")
    site.fake.put(other.row_id, {}, type="10002")
    site.fake.delete(gone.row_id)
    connector = site.connector()
    connector.describe()
    search = "POST /search/jql" if site.fake.cloud else "POST /search"
    changes = None

    def look() -> None:
        nonlocal changes
        changes = connector.pull(None)

    assert asked(site, look).count(search) == 2
    assert changes is not None
    assert {r.row_id for r in changes.records} == {kept.row_id, other.row_id}


def test_only_what_differs_is_sent(site: JiraHarness) -> None:
    [record] = made(site, new(1, note="一", acceptance="二"))
    site.fake.calls.clear()
    jira(site).apply([change(record, note="改", acceptance="二", due=DAY, status="进行中")])
    [(_, _, body)] = site.fake.writes()
    assert len(body["fields"]) == 1
    site.fake.calls.clear()
    [fresh] = jira(site).find([item_id(1)])
    jira(site).apply([change(fresh, note="改", status="进行中")])
    assert not site.fake.writes()


# --- the id


def test_the_id_is_a_label_and_a_property(site: JiraHarness) -> None:
    [record] = made(site, new(1))
    issue = site.fake.issues[record.row_id]
    assert site.fake.labels(record.row_id) == [item_id(1)]
    assert issue.properties[PROPERTY] == {"id": item_id(1)}
    assert record.label == "ACT-1"
    assert record.link == f"{site.fake.base_url}/browse/ACT-1"


def test_labels_of_people_stay(site: JiraHarness) -> None:
    [record] = made(site, new(1))
    site.fake.label(record.row_id, "客户", "ML-pipeline", item_id(1), item_id(2))
    [found] = jira(site).pull(None).records
    assert found.id == item_id(1)  # of two the one that the property names
    given = Write(
        id=item_id(3), cells={}, row_id=found.row_id, if_version=found.version, set_id=True
    )
    assert one(jira(site).apply([given])).error is None
    assert site.fake.labels(record.row_id) == ["客户", "ML-pipeline", item_id(3)]
    assert site.fake.issues[record.row_id].properties[PROPERTY] == {"id": item_id(3)}


@pytest.mark.parametrize("act", ["clear_id", "mistype_id"])
def test_a_row_that_lost_its_label_is_known_by_its_own_id(site: JiraHarness, act: str) -> None:
    """Failure 13."""
    [record] = made(site, new(1))
    getattr(site.hand, act)(record.row_id)
    [listed] = jira(site).pull(None).records
    assert listed.row_id == record.row_id
    assert listed.id != item_id(1)
    [found] = jira(site).find([item_id(1)])
    assert (found.row_id, found.id, found.state) == (record.row_id, item_id(1), RowState.LIVE)


@pytest.mark.parametrize(
    ("act", "state"),
    [("delete", RowState.ABSENT), ("move", RowState.HIDDEN), ("archive", RowState.HIDDEN)],
)
def test_where_a_row_went(site: JiraHarness, act: str, state: RowState) -> None:
    """Failures 13, 38: 404 says nothing of why."""
    first, second = made(site, new(1), new(2))
    getattr(site.fake, act)(first.row_id)
    changes = jira(site).pull(None)
    assert changes.complete
    assert [r.id for r in changes.records] == [item_id(2)]
    states = {r.id: r.state for r in jira(site).find([item_id(1), item_id(2)])}
    assert states == {item_id(1): state, item_id(2): RowState.LIVE}
    gone = one(jira(site).apply([change(first, note="改")]))
    assert isinstance(gone.error, ConflictError)
    assert second.row_id in site.fake.issues


@pytest.mark.parametrize("act", ["move", "archive"])
def test_where_an_issue_went_is_told_whatever_its_labels_say(site: JiraHarness, act: str) -> None:
    """Failures 38, 46: an issue's own id says whose row it was."""
    [record] = made(site, new(1))
    site.hand.edit(record.row_id, id=item_id(7))
    getattr(site.fake, act)(record.row_id)
    [found] = jira(site).find([item_id(1)])
    assert (found.row_id, found.id, found.state) == (record.row_id, item_id(1), RowState.HIDDEN)


def test_a_hidden_row_is_told_like_a_deleted_one(site: JiraHarness) -> None:
    """Failure 37."""
    [record] = made(site, new(1))
    site.fake.hidden = {record.row_id}
    assert jira(site).find([item_id(1)])[0].state is RowState.ABSENT
    site.fake.hidden = set()
    assert jira(site).find([item_id(1)])[0].state is RowState.LIVE


def test_a_hidden_row_is_told_beside_its_copy(site: JiraHarness) -> None:
    """Failures 10 and 37, in another process too."""
    [record] = made(site, new(1))
    copy = site.hand.copy(record.row_id)
    site.fake.hidden = {record.row_id}
    site.clock.advance(300)
    connector = jira(site)
    connector.pull(None)
    found = {r.row_id: r.state for r in connector.find([item_id(1)])}
    assert found == {copy: RowState.LIVE, record.row_id: RowState.ABSENT}


def test_a_new_key_is_the_same_row(site: JiraHarness) -> None:
    """A project that is renamed gives its issues other keys; the numbers stay."""
    [record] = made(site, new(1))
    site.fake.issues[record.row_id].keys.append("NEW-1")
    [found] = jira(site).pull(None).records
    assert (found.row_id, found.label) == (record.row_id, "NEW-1")
    assert one(jira(site).apply([change(found, note="改")])).error is None


def test_a_row_of_a_late_request_is_deleted_or_told(site: JiraHarness) -> None:
    [record] = made(site, new(1))
    out = Write(id="", cells={}, row_id=record.row_id, if_version=record.version, remove=True)
    site.fake.rights -= {"DELETE_ISSUES"}
    refused = one(jira(site).apply([out]))
    assert isinstance(refused.error, PermanentError)
    assert site.fake.rows() == [record.row_id]
    site.fake.rights |= {"DELETE_ISSUES"}
    assert one(jira(site).apply([out])).error is None
    assert not site.fake.rows()
    assert not jira(site).find([item_id(1)])


# --- time: the index, zones, pages


@pytest.mark.parametrize(
    "zone",
    [
        "Asia/Shanghai",
        "America/St_Johns",
        "Pacific/Kiritimati",
        "Pacific/Pago_Pago",
        "Asia/Kolkata",
    ],
)
def test_edits_are_found_in_every_zone_of_the_account(site: JiraHarness, zone: str) -> None:
    """Failures 17, 19: a literal is read in the zone of the account's profile."""
    site.fake.zone = zone
    [record] = made(site, new(1))
    connector = jira(site)
    cursor = connector.pull(None).cursor
    site.clock.advance(7200)
    site.fake.edit(record.row_id, {LABEL["note"]: "改"})
    site.clock.advance(7200)
    changes = connector.pull(cursor)
    assert [r.cells["note"] for r in changes.records] == ["改"]
    site.clock.advance(7200)
    assert changes.cursor is not None
    site.fake.edit(record.row_id, {LABEL["note"]: "再改"})
    assert [r.cells["note"] for r in jira(site).pull(changes.cursor).records] == ["再改"]


def test_the_hour_that_comes_twice_loses_nothing(site: JiraHarness) -> None:
    """Failure 17: New York, 3 November 2024, 01:30 means two moments."""
    site.fake.zone = "America/New_York"
    site.clock.advance((datetime(2024, 11, 3, 5, 20, tzinfo=UTC) - NOW).total_seconds())
    [record] = made(site, new(1))
    connector = jira(site)
    cursor = connector.pull(None).cursor  # 01:20, the first time
    for n in range(8):
        site.clock.advance(900)
        site.fake.edit(record.row_id, {LABEL["note"]: f"改 {n}"})
        changes = connector.pull(cursor)
        assert [r.cells["note"] for r in changes.records] == [f"改 {n}"]
        cursor = changes.cursor


def test_a_zone_that_is_not_known_loses_nothing(site: JiraHarness) -> None:
    [record] = made(site, new(1))
    connector = jira(site)
    cursor = connector.pull(None).cursor
    site.fake.edit(record.row_id, {LABEL["note"]: "改"})
    look = replace(connector._look(), zone=zone_of("Mars/Olympus"))
    connector._known = look
    assert [r.cells["note"] for r in connector.pull(cursor).records] == ["改"]


@pytest.mark.parametrize("hours", [-30, 30])
def test_the_machine_s_clock_may_be_wrong(site: JiraHarness, hours: int) -> None:
    """Failure 19: the cursor is the service's own time."""
    [record] = made(site, new(1))
    setup = replace(site.setup, clock=Shifted(site.clock, hours))
    connector = Jira(setup)
    cursor = connector.pull(None).cursor
    site.clock.advance(3600)
    site.fake.edit(record.row_id, {LABEL["note"]: "改"})
    assert [r.cells["note"] for r in connector.pull(cursor).records] == ["改"]


class Shifted:
    """A machine whose clock is wrong."""

    def __init__(self, clock: Any, hours: int) -> None:
        self._clock, self._off = clock, timedelta(hours=hours)

    def wall(self) -> datetime:
        told: datetime = self._clock.wall()
        return told + self._off

    def monotonic(self) -> float:
        told: float = self._clock.monotonic()
        return told

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)


def test_a_cursor_that_cannot_be_read_or_is_of_another_project(site: JiraHarness) -> None:
    """Failure 40."""
    made(site, new(1))
    for cursor in ("nonsense", '["2024-05-20T08:00:00+00:00", "99"]', "[]"):
        changes = jira(site).pull(cursor)
        assert changes.complete
        assert len(changes.records) == 1


def test_an_index_that_lags_is_not_taken_for_an_edit(site: JiraHarness) -> None:
    """Failures 16, 50: what we wrote is not shown as it was before."""
    [record] = made(site, new(1, note="旧"))
    site.clock.advance(600)
    connector = jira(site)
    cursor = connector.pull(None).cursor
    site.fake.lag_s = 60.0
    connector.apply([change(record, note="新")])
    for at in (cursor, None):
        [seen] = connector.pull(at).records
        assert seen.cells["note"] == "新"


def test_a_new_row_that_no_search_shows_yet_is_read_back(site: JiraHarness) -> None:
    site.fake.lag_s = 60.0
    [outcome] = jira(site).apply([new(1)])
    assert outcome.record is not None
    assert outcome.record.cells["description"] == "任务 1"
    assert not jira(site).pull(None).records
    [found] = site.connector().find([item_id(1)])
    assert found.state is RowState.LIVE  # by its own id


def test_a_write_without_a_version_is_for_what_was_told(site: JiraHarness) -> None:
    """The index has not told of an edit: it is not written over."""
    [record] = made(site, new(1))
    site.clock.advance(600)
    connector = jira(site)
    cursor = connector.pull(None).cursor
    site.fake.lag_s = 60.0
    site.fake.edit(record.row_id, {LABEL["note"]: "人写的"})
    blind = replace(change(record, note="我们写的"), if_version=None)
    assert isinstance(one(connector.apply([blind])).error, ConflictError)
    told = {r.row_id: r for r in connector.pull(cursor).records}
    assert told[record.row_id].cells["note"] == "人写的"
    assert one(connector.apply([blind])).error is None


def test_an_issue_that_goes_between_two_pages_hides_no_other(center: JiraHarness) -> None:
    """Failure 20: places move up, and one would be passed over."""
    center.fake.page = 4
    made(center, *(new(n) for n in range(12)))
    first = center.fake.rows()[0]
    connector = jira(center)
    connector.describe()
    count = [0]

    def act(call: str) -> None:
        count[0] += call == "POST /search"
        if count[0] == 3:
            center.fake.before = None
            center.fake.delete(first)

    center.fake.before = act
    changes = connector.pull(None)
    assert changes.complete
    assert {r.id for r in changes.records} >= {item_id(n) for n in range(1, 12)}


@pytest.mark.parametrize("body", [{"issues": None}, {"total": 3}, {"issues": [], "total": 99}])
def test_a_list_that_was_cut_off_is_not_complete(center: JiraHarness, body: Any) -> None:
    """Failure 43."""
    made(center, new(1))
    connector = jira(center)
    connector.describe()
    with (
        center.fake.fault("POST /search", status=200, body=body, times=9),
        pytest.raises(TransientError),
    ):
        connector.pull(None)


def test_a_token_that_comes_again_ends_the_list(cloud: JiraHarness) -> None:
    """Failure 43: the client's own loop would go on for ever."""
    connector = jira(cloud)
    connector.describe()
    body = {"issues": [], "nextPageToken": "again", "isLast": False}
    with (
        cloud.fake.fault("search", status=200, body=body, times=9),
        pytest.raises(TransientError, match="middle of a list"),
    ):
        connector.pull(None)


# --- what an empty list means


def test_an_empty_list_without_rights_is_not_believed(site: JiraHarness) -> None:
    """Failures 36, 37: rights are looked at in each complete look."""
    made(site, new(1))
    connector = jira(site)
    connector.describe()
    site.fake.rights -= {"BROWSE_PROJECTS"}
    with pytest.raises(AuthError, match="BROWSE_PROJECTS"):
        connector.pull(None)
    site.fake.rights |= {"BROWSE_PROJECTS"}
    cursor = connector.pull(None).cursor
    site.fake.token, site.fake.anonymous = "another", True
    with pytest.raises(AuthError):
        connector.pull(cursor)


def test_a_narrowing_is_for_adoption_alone(site: JiraHarness) -> None:
    """Rows of ours beyond it are listed and found."""
    ours = made(site, new(1))[0]
    plain = site.hand.add(description="别人的")
    site.fake.label(plain, "other")
    wanted = site.hand.add(description="会议的")
    site.fake.label(wanted, "meeting")
    site.hand.add(description="没有标签")
    connector = with_options(site, jql='labels = "meeting"')
    shown = {r.row_id for r in connector.pull(None).records}
    assert shown == {ours.row_id, wanted}
    assert connector.find([item_id(1)])[0].row_id == ours.row_id
    assert {r.row_id for r in jira(site).pull(None).records} == set(site.fake.rows())


@pytest.mark.parametrize("text", ["labels = ", "foo = 1", "labels = a ORDER BY created"])
def test_a_narrowing_that_cannot_be_read(site: JiraHarness, text: str) -> None:
    with pytest.raises(SchemaError, match="jql"):
        with_options(site, jql=text).describe()


def test_issues_of_another_type_are_not_ours_unless_they_carry_our_label(
    site: JiraHarness,
) -> None:
    mine, other = made(site, new(1), new(2))
    site.fake.put(other.row_id, {}, type="10002")
    bug = site.hand.add(description="缺陷")
    site.fake.put(bug, {"labels": ["x"]}, type="10002")
    assert {r.row_id for r in jira(site).pull(None).records} == {mine.row_id, other.row_id}


# --- statuses


def test_a_status_is_reached_by_the_shortest_way(site: JiraHarness) -> None:
    site.fake.lead(("进行中", "受阻"), ("受阻", "延期"), ("进行中", "延期"), ("延期", "已完成"))
    [record] = made(site, new(1, status="延期"))
    states = [s.status for s in site.fake.issues[record.row_id].states]
    assert [site.fake.statuses[s][0] for s in dict.fromkeys(states)] == ["进行中", "延期"]
    outcome = one(jira(site).apply([change(record, status="已完成")]))
    assert outcome.error is None
    assert outcome.record is not None
    assert outcome.record.cells["status"] == "已完成"


def test_ways_out_of_a_status_are_learned_from_other_issues(site: JiraHarness) -> None:
    """A way over a done status is only taken if an issue shows that it leads on."""
    site.fake.lead(("进行中", "已完成"), ("进行中", "延期"), ("延期", "受阻"))
    other = site.hand.add(description="别的", status="延期")
    [record] = made(site, new(1))
    outcome = one(jira(site).apply([change(record, status="受阻")]))
    assert outcome.error is None
    visited = [site.fake.statuses[s.status][0] for s in site.fake.issues[record.row_id].states]
    assert "已完成" not in visited
    assert site.fake.read(record.row_id, "status") == "受阻"
    assert site.fake.read(other, "status") == "延期"


def test_a_way_that_no_issue_shows_is_tried(site: JiraHarness) -> None:
    site.fake.lead(("进行中", "已完成"), ("进行中", "延期"), ("延期", "受阻"), ("已完成", "受阻"))
    [record] = made(site, new(1))
    outcome = one(jira(site).apply([change(record, status="受阻")]))
    assert outcome.error is None
    visited = [site.fake.statuses[s.status][0] for s in site.fake.issues[record.row_id].states]
    assert list(dict.fromkeys(visited)) == ["进行中", "延期", "受阻"]


def test_a_transition_that_is_refused_costs_that_field_only(site: JiraHarness) -> None:
    [record] = made(site, new(1))
    body = {"errorMessages": [], "errors": {"resolution": "a validator says no"}}
    with site.fake.fault("POST /issue/20001/transitions", status=400, body=body):
        outcome = one(jira(site).apply([change(record, status="受阻", note="改")]))
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "status"
    assert "a validator says no" in outcome.error.text("zh")
    assert outcome.record is not None
    assert outcome.record.cells["note"] == "改"


def test_an_issue_that_is_locked_in_its_status_is_moved_first(site: JiraHarness) -> None:
    [record] = made(site, new(1, status="已完成"))
    site.fake.locked = {"已完成"}
    connector = jira(site)
    refused = one(connector.apply([change(record, note="改")]))
    assert isinstance(refused.error, PermanentError)
    outcome = one(connector.apply([change(record, note="改", status="进行中")]))
    assert outcome.error is None
    assert outcome.record is not None
    assert (outcome.record.cells["note"], outcome.record.cells["status"]) == ("改", "进行中")


def test_a_status_that_cannot_be_reached_costs_that_field_only(site: JiraHarness) -> None:
    site.fake.lead(("进行中", "已完成"))
    [outcome] = jira(site).apply([new(1, status="受阻", note="备注")])
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "status"
    assert "受阻" in outcome.error.text("zh")
    assert outcome.record is not None
    assert outcome.record.cells["note"] == "备注"
    assert outcome.record.cells["status"] == "进行中"


def test_a_status_that_expresses_ours_already_is_left_alone(site: JiraHarness) -> None:
    words = {**site.setup.statuses, "in-progress": ("受阻", "进行中"), "blocked": ("延期",)}
    connector = jira(site, statuses=words)
    [outcome] = connector.apply([new(1, status="受阻")])
    assert outcome.record is not None
    assert outcome.record.cells["status"] == "进行中"
    assert [p for _, p, _ in site.fake.writes()] == ["/issue/bulk"]


def test_a_resolution_is_filled_where_it_is_obvious(site: JiraHarness) -> None:
    site.fake.lead(("进行中", "已完成"), wants={"已完成": ("resolution",)})
    [record] = made(site, new(1, status="已完成"))
    assert site.fake.issues[record.row_id].now.values["resolution"]["name"] == "Done"


def test_what_a_screen_requires_and_nobody_can_fill_is_named(site: JiraHarness) -> None:
    site.fake.lead(("进行中", "已完成"), wants={"已完成": ("resolution",)})
    site.fake.resolutions = [{"id": "1", "name": "Valid"}, {"id": "2", "name": "Invalid"}]
    [outcome] = jira(site).apply([new(1, status="已完成")])
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "status"
    assert "Resolution" in outcome.error.text("zh")
    assert site.fake.read("20001", "status") == "进行中"


def test_what_a_screen_requires_and_is_there_is_not_sent(site: JiraHarness) -> None:
    note = site.fake.field_named(LABEL["note"]).id
    site.fake.lead(("进行中", "已完成"), wants={"已完成": (note,)})
    with_note, without = new(1, status="已完成", note="写了"), new(2, status="已完成")
    first, second = jira(site).apply([with_note, without])
    assert first.error is None
    assert isinstance(second.error, PermanentError)
    assert LABEL["note"] in second.error.message


def test_somebody_moves_the_issue_between_two_steps(site: JiraHarness) -> None:
    site.fake.lead(("进行中", "受阻"), ("受阻", "延期"), ("已完成", "进行中"))
    site.hand.add(description="别的", status="受阻")
    [record] = made(site, new(1))

    def act(call: str) -> None:
        if call == "POST /issue/20002/transitions":
            site.fake.before = None
            site.fake.edit(record.row_id, {"status": "已完成"})

    site.fake.before = act
    outcome = one(jira(site).apply([change(record, status="延期")]))
    assert isinstance(outcome.error, ConflictError)
    assert site.fake.read(record.row_id, "status") == "已完成"


# --- fields and values


def test_one_bad_field_of_one_issue_stops_no_other(site: JiraHarness) -> None:
    """Failure 72: the batch tells of each issue; the field is left out, the rest is made."""
    site.fake.accounts["acct-1"].assignable = False
    connector = jira(site)
    owner = (USERS[0],)
    outcomes = connector.apply([new(1), new(2, owner=owner), new(3)])
    assert [o.record is not None for o in outcomes] == [True] * 3
    assert isinstance(outcomes[1].error, PermanentError)
    assert outcomes[1].error.field == "owner"
    assert len(site.fake.rows()) == 3


def test_a_batch_that_is_too_large_is_halved(site: JiraHarness) -> None:
    with site.fake.fault("POST /issue/bulk", status=413, body={"message": "too large"}):
        made(site, *(new(n) for n in range(5)))
    assert len(site.fake.writes()) == 3
    assert len(site.fake.rows()) == 5


def test_an_answer_that_does_not_fit_the_question_is_no_answer(site: JiraHarness) -> None:
    body = {"issues": [{"id": "20001"}], "errors": []}
    with site.fake.fault("POST /issue/bulk", status=201, body=body, after=True):
        outcomes = jira(site).apply([new(n) for n in range(3)])
    assert all(isinstance(o.error, UnknownOutcomeError) for o in outcomes)
    assert len(site.connector().find([item_id(n) for n in range(3)])) == 3


def test_an_issue_that_is_refused_whole(site: JiraHarness) -> None:
    """Something is required that was not when we looked."""
    connector = jira(site)
    connector.describe()
    site.fake.field_named("优先级").required = True
    outcomes = connector.apply([new(1), new(2)])
    assert all(isinstance(o.error, PermanentError) and o.record is None for o in outcomes)
    assert "is required" in str(outcomes[0].error)
    assert not site.fake.rows()


def test_a_required_field_that_nobody_fills_is_named_by_check(site: JiraHarness) -> None:
    site.fake.field_named("优先级").required = True
    with pytest.raises(SchemaError, match="优先级"):
        jira(site).describe()


def test_a_field_off_the_screen_is_told_as_such(site: JiraHarness) -> None:
    site.fake.fields["duedate"].on_create = False
    with pytest.raises(SchemaError) as caught:
        jira(site).describe()
    assert "not on the screen" in caught.value.message
    assert "界面" in caught.value.text("zh")


def test_a_field_that_leaves_the_edit_screen_costs_that_field_only(site: JiraHarness) -> None:
    [record] = made(site, new(1))
    site.fake.fields["duedate"].on_edit = False
    outcome = one(jira(site).apply([change(record, note="改", due=date(2024, 6, 3))]))
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "due"
    assert outcome.record is not None
    assert outcome.record.cells["note"] == "改"


def test_labels_off_the_screen_are_told(site: JiraHarness) -> None:
    site.fake.fields["labels"].on_create = False
    with pytest.raises(SchemaError, match="Labels"):
        jira(site).describe()


def test_two_fields_of_one_name_are_told_apart_by_their_ids(site: JiraHarness) -> None:
    second = site.fake.add_field(LABEL["note"], "textarea")
    assert "note" not in jira(site).describe().fields
    named = {**site.setup.columns, "note": second.id}
    schema = jira(site, columns=named, named=frozenset({"note"})).describe()
    assert schema.fields["note"].label == LABEL["note"]
    with pytest.raises(SchemaError, match="2 fields"):
        jira(site, named=frozenset({"note"})).describe()


def test_a_renamed_field_stays_bound_after_a_restart(site: JiraHarness) -> None:
    """Failure 65."""
    made(site, new(1, note="备注"))
    site.rename("note")
    connector = site.connector()
    schema = connector.describe()
    assert schema.fields["note"].label == "别的列"
    assert any("别的列" in note for note in schema.notes)
    assert connector.pull(None).records[0].cells["note"] == "备注"


def test_the_description_may_be_another_field(site: JiraHarness) -> None:
    """The summary, which every issue has, bears its first words then."""
    columns = {**site.setup.columns, "description": "Description"}
    connector = jira(site, columns=columns, named=frozenset({"description"}))
    [outcome] = connector.apply([new(1, description="第一行\n第二行")])
    assert outcome.record is not None
    assert outcome.record.cells["description"] == "第一行\n第二行"
    assert site.fake.read(outcome.record.row_id, "summary") == "第一行 第二行"


def test_a_summary_is_one_line_of_255(site: JiraHarness) -> None:
    """Failure 68."""
    connector = jira(site)
    assert connector.describe().fields["description"].text_limit == 255
    long = "𠮷" * 200
    [outcome] = connector.apply([new(1, description=f"一\n\n二 {long}")])
    assert outcome.record is not None
    shown = str(outcome.record.cells["description"])
    assert shown.startswith("一 二 𠮷")
    assert shown.endswith("𠮷…")
    assert len(shown.encode("utf-16-le")) // 2 <= 255
    site.fake.calls.clear()
    connector.apply([change(outcome.record, description=f"一\n\n二 {long}")])
    assert not site.fake.writes()


def test_what_can_only_be_read(site: JiraHarness) -> None:
    """Failure 22."""
    site.fake.add_field("完成时刻", "datetime")
    columns = {**site.setup.columns, "completed": "完成时刻"}
    connector = jira(site, columns=columns, named=frozenset({"completed"}))
    schema = connector.describe()
    assert not schema.fields["completed"].writable
    [outcome] = connector.apply([new(1, completed=DAY)])
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "completed"
    site.fake.put("20001", {site.fake.field_named("完成时刻").id: "2024-05-20T23:30:00.000+0800"})
    assert connector.pull(None).records[0].cells["completed"] == date(2024, 5, 20)


@pytest.mark.parametrize("kind", ["cascadingselect", "float"])
def test_a_field_that_cannot_hold_it(site: JiraHarness, kind: str) -> None:
    site.fake.add_field("所属", kind)
    columns = {**site.setup.columns, "owner": "所属"}
    with pytest.raises(SchemaError) as caught:
        jira(site, columns=columns, named=frozenset({"owner"})).describe()
    assert caught.value.field == "owner"


def test_an_option_that_is_not_there_is_never_sent(site: JiraHarness) -> None:
    """Failure 64."""
    [outcome] = jira(site).apply([new(1, department="不存在")])
    assert outcome.record is not None
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "department"
    found = site.fake.field_named(LABEL["department"])
    assert found.options is not None
    found.options.append({"id": "777", "value": "不存在"})
    fixed = one(jira(site).apply([change(outcome.record, department="不存在")]))
    assert fixed.error is None
    found.options[-1]["disabled"] = True
    again = one(jira(site).apply([new(2, department="不存在")]))
    assert isinstance(again.error, PermanentError)


def test_a_new_option_counts_when_a_write_meets_it(site: JiraHarness) -> None:
    connector = jira(site)
    connector.describe()
    found = site.fake.field_named(LABEL["department"])
    assert found.options is not None
    found.options.append({"id": "777", "value": "新部门"})
    assert one(connector.apply([new(1, department="新部门")])).error is None


def test_clearing_people_and_days(site: JiraHarness) -> None:
    [record] = made(site, new(1, owner=(USERS[0],)))
    outcome = one(jira(site).apply([change(record, owner=(), due=None)]))
    assert outcome.record is not None
    assert outcome.record.cells["owner"] == ()
    assert outcome.record.cells["due"] is None


# --- people


def test_nobody_is_assigned_where_nobody_is_named(site: JiraHarness) -> None:
    """A project's default assignee is no owner."""
    site.fake.default_assignee = "acct-2"
    [record] = made(site, new(1))
    assert record.cells["owner"] == ()


def test_an_owner_that_was_passed_over_is_set_once_more(center: JiraHarness) -> None:
    center.fake.drops_assignee = True
    [record] = made(center, new(1, owner=(USERS[0],)))
    assert record.cells["owner"] == (USERS[0],)


def test_an_owner_that_cannot_be_set_afterwards_is_told(center: JiraHarness) -> None:
    center.fake.drops_assignee = True
    center.fake.fields["assignee"].on_edit = False
    [outcome] = jira(center).apply([new(1, owner=(USERS[0],), status="受阻")])
    assert outcome.record is not None
    assert isinstance(outcome.error, PermanentError)
    assert outcome.error.field == "owner"
    assert outcome.record.cells["status"] == "受阻"


def test_people_are_found_by_their_own_e_mail_or_id(site: JiraHarness) -> None:
    """Failure 67: another address that begins alike is somebody else."""
    site.fake.accounts["acct-3"] = Account("acct-3", "Wang Wu", "wangwu@example.com.cn")
    site.fake.accounts["acct-4"] = Account("acct-4", "Zhao Liu", "hidden@example.com")
    site.fake.accounts["acct-4"].email_shown = False
    people = (
        *site.setup.people,
        Person(name="王五", email="wangwu@example.com"),
        Person(name="赵六", accounts={"jira": "acct-4"}),
        Person(name="钱七", email="hidden@example.com"),
    )
    users = jira(site, people=people).describe().fields["owner"].users
    assert {name: user.key for name, user in users.items()} == {
        "张三": "acct-1",
        "李四": "acct-2",
        "赵六": "acct-4",
    }
    [record] = made(site, new(1, owner=(users["赵六"],)))
    assert record.cells["owner"] == (User("acct-4"),)


def test_a_login_is_known_by_its_key_too(center: JiraHarness) -> None:
    people = (Person(name="张三", accounts={"jira": "JIRAUSER-acct-1"}),)
    users = jira(center, people=people).describe().fields["owner"].users
    assert users["张三"].key == "acct-1"


def test_people_of_a_site_that_lists_nobody(site: JiraHarness) -> None:
    """Large sites, and some versions, tell only of those whom one asks for."""
    site.fake.lists_assignable = False
    site.fake.accounts["acct-3"] = Account("acct-3", "Wang Wu", "x@example.com", active=False)
    site.fake.accounts["acct-4"] = Account("acct-4", "Zhao Liu", "y@example.com", assignable=False)
    named = [("王五", "acct-3"), ("赵六", "acct-4"), ("钱七", "acct-9")]
    people = (
        *site.setup.people,
        *(Person(name=name, accounts={"jira": key}) for name, key in named),
        Person(name="孙八", email="nobody@example.com"),
        Person(name="周九"),
    )
    schema = jira(site, people=people).describe()
    users = schema.fields["owner"].users
    assert {name: user.key for name, user in users.items()} == {"张三": "acct-1", "李四": "acct-2"}
    told = [n for n in schema.notes if "账号" in n]
    assert len(told) == 2
    assert "王五" in told[0]
    assert "赵六" in told[1]


def test_without_the_right_to_see_people_nobody_is_found(site: JiraHarness) -> None:
    site.fake.lists_assignable = site.fake.browses_users = False
    assert not jira(site).describe().fields["owner"].users


def test_accounts_that_cannot_be_used_are_told(site: JiraHarness) -> None:
    site.fake.accounts["acct-1"].active = False
    site.fake.accounts["acct-2"].assignable = False
    schema = jira(site).describe()
    assert not schema.fields["owner"].users
    told = "\n".join(schema.notes)
    assert "张三：账号已停用" in told
    assert "李四：该账号不能被指派" in told


def test_a_stranger_in_a_row_is_told_by_name(site: JiraHarness) -> None:
    site.fake.accounts["acct-9"] = Account("acct-9", "外部 顾问", "x@example.com")
    row = site.hand.add(description="任务", owner=(User("acct-9"),))
    [record] = jira(site).pull(None).records
    assert record.row_id == row
    cell = record.cells["owner"]
    assert isinstance(cell, tuple)
    assert isinstance(cell[0], User)
    assert (cell[0].key, cell[0].name) == ("acct-9", "外部 顾问")


def test_a_picker_for_several_people(site: JiraHarness) -> None:
    site.fake.add_field("协作人", "multiuserpicker")
    columns = {**site.setup.columns, "support": "协作人"}
    connector = jira(site, columns=columns, named=frozenset({"support"}))
    assert connector.describe().fields["support"].multiple
    [outcome] = connector.apply([new(1, support=USERS)])
    assert outcome.record is not None
    assert outcome.record.cells["support"] == USERS


# --- rights and set-up


@pytest.mark.parametrize("right", ["CREATE_ISSUES", "EDIT_ISSUES", "ASSIGN_ISSUES"])
def test_a_missing_right_is_named(site: JiraHarness, right: str) -> None:
    """Failure 73."""
    site.fake.rights -= {right}
    with pytest.raises(AuthError, match=right) as caught:
        jira(site).describe()
    assert "权限" in caught.value.text("zh")


def test_a_right_that_goes_while_we_write(site: JiraHarness) -> None:
    [record] = made(site, new(1))
    connector = jira(site)
    connector.describe()
    site.fake.rights -= {"EDIT_ISSUES"}
    with pytest.raises(AuthError):
        connector.apply([change(record, note="改")])


def test_one_issue_that_may_not_be_edited_stops_no_other(site: JiraHarness) -> None:
    first, second = made(site, new(1), new(2))
    with site.fake.fault(f"PUT /issue/{first.row_id}", status=403):
        outcomes = jira(site).apply([change(first, note="改"), change(second, note="改")])
    assert isinstance(outcomes[0].error, PermanentError)
    assert outcomes[1].error is None


@pytest.mark.parametrize(
    ("options", "word"),
    [({"project": "NOPE"}, "project"), ({"issue_type": "Epic"}, "Bug"), ({"project": "OLD"}, "")],
)
def test_a_project_or_a_type_that_is_not_there(
    site: JiraHarness, options: dict[str, str], word: str
) -> None:
    connector = with_options(site, **options)
    if not word:
        assert connector.describe().identity.endswith("/10100")
        return
    with pytest.raises(SchemaError) as caught:
        connector.describe()
    assert word in str(caught.value)


def test_ids_serve_as_well_as_names(site: JiraHarness) -> None:
    connector = with_options(site, project="10000", issue_type="10001")
    assert connector.describe().identity == jira(site).describe().identity


def test_statuses_without_a_word_are_listed(site: JiraHarness) -> None:
    words = {**site.setup.statuses, "blocked": ("Blocked",)}
    [note] = [n for n in jira(site, statuses=words).describe().notes if "blocked" in n]
    assert "进行中" in note


def test_a_gateway_before_the_site(cloud: JiraHarness) -> None:
    """Scoped tokens go to another address; people open issues at the site's own."""
    connector = with_options(cloud, server="https://team.example.net", base_url=cloud.fake.base_url)
    [outcome] = connector.apply([new(1)])
    assert outcome.record is not None
    assert outcome.record.link == "https://team.example.net/browse/ACT-1"


def test_prepare_makes_nothing_and_says_what_is_missing(site: JiraHarness) -> None:
    before = site.fingerprint()
    assert list(jira(site).prepare()) == []
    assert site.fingerprint() == before
    assert not site.fake.writes()
    del site.fake.fields["duedate"]
    with pytest.raises(SchemaError):
        jira(site).prepare()


def test_what_is_kept_may_be_lost_or_damaged(site: JiraHarness) -> None:
    made(site, new(1))
    file = Path(site.setup.state) / "jira.json"
    for text in ("", "{", "[]", '{"rows": 3}'):
        file.write_text(text, encoding="utf-8")
        assert len(site.connector().find([item_id(1)])) == 1


def test_looking_keeps_nothing_on_the_disk(site: JiraHarness) -> None:
    """Failure 78."""
    connector = jira(site)
    connector.describe()
    connector.pull(None)
    connector.find([item_id(1)])
    assert not Path(site.setup.state).exists()


# --- the fake is a Jira to the vendor's own client


@FLAVOURS
def test_the_client_works_against_the_fake(tmp_path: Path, *, cloud: bool) -> None:
    fake = JiraHarness(tmp_path, cloud=cloud).fake
    login: dict[str, Any] = (
        {"basic_auth": (fake.email, fake.token)} if cloud else {"token_auth": fake.token}
    )
    sdk = JIRA(fake.base_url, **login, max_retries=0, timeout=5)
    assert sdk.deploymentType == ("Cloud" if cloud else "Server")
    assert sdk.myself()["timeZone"] == "Asia/Shanghai"
    fields = {"project": {"id": "10000"}, "issuetype": {"id": "10001"}, "summary": "一"}
    issue = sdk.create_issue(fields=fields)
    assert issue.fields.summary == "一"
    issue.update(fields={"duedate": "2024-05-27", "labels": ["x"]})
    assert sdk.issue(issue.key).fields.duedate == "2024-05-27"
    [found] = sdk.search_issues("project = ACT AND labels = x")
    assert found.id == issue.id
    sdk.transition_issue(issue, "to 4")
    assert sdk.issue(issue.id).fields.status.name == "已完成"
    with pytest.raises(JIRAError) as caught:
        sdk.search_issues("nonsense = 1")
    assert caught.value.status_code == 400
    issue.delete()  # type: ignore[no-untyped-call]
    with pytest.raises(JIRAError) as caught:
        sdk.issue(issue.id)
    assert caught.value.status_code == 404


def test_the_fake_refuses_what_the_service_refuses(center: JiraHarness) -> None:
    for fields in (
        {"summary": "a\nb"},
        {"summary": "x" * 256},
        {"summary": "x", "labels": ["a b"]},
        {"summary": "x", "duedate": "27.5.2024"},
        {"summary": "x", "assignee": {"accountId": "acct-1"}},
        {"summary": "x", "description": {"type": "doc"}},
        {"summary": "x", "status": {"id": "4"}},
        {"summary": "x", "nonsense": "1"},
        {},
    ):
        told = {"project": {"id": "10000"}, "issuetype": {"id": "10001"}, **fields}
        with pytest.raises(Refused) as caught:
            center.fake._create({"fields": told})
        assert caught.value.status == 400


# --- the page of the documentation


def test_the_page_names_only_tests_that_are_there() -> None:
    """Parts A, B, D, G and H of the list of failures, as far as a connector can meet them."""
    page = (Path(__file__).parents[2] / "docs" / "jira.md").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| (\d+) \| .+? \| (`.+`) \|$", page)
    numbers = [int(number) for number, _ in rows]
    assert numbers == sorted(set(numbers))
    assert {1, 2, 3, 10, 13, 17, 19, 36, 37, 38, 53, 64, 65, 68, 70, 72, 78} <= set(numbers)
    for number, shown in rows:
        for name in re.findall(r"`([^`]+)`", shown):
            file, _, test = name.partition("::")
            assert test in functions_in(file), f"failure {number}: there is no {name}"
