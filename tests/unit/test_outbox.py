"""What becomes of notices: once each, never twice, and in which message (failures 86-88)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.notices import Notice, NoticeKind, NoticeState, Posted
from tracking import outbox
from tracking.outbox import Route

NOW = datetime(2024, 5, 25, 9, tzinfo=UTC)
MAIL = Route(name="mail", kinds=frozenset(NoticeKind), personal=True, repeatable=True)
GROUP = Route(name="group", kinds=frozenset(NoticeKind), personal=False, repeatable=False)
Rows = dict[tuple[str, str], Posted]


def notice(to: str = "张三", subject: str = "ML-1", **more: object) -> Notice:
    told = {"rule": "D2", "form": "ahead", "period": "2024-05-27", "about": (subject,), **more}
    return Notice(to=to, subject=subject, **told)  # type: ignore[arg-type]


def after(rows: Rows, changed: Sequence[Posted]) -> Rows:
    return rows | {p.key: p for p in changed}


def posted(due: Sequence[Notice], routes: Sequence[Route] = (MAIL,)) -> Rows:
    return after({}, outbox.reconcile(due, {}, routes, NOW))


def states(rows: Rows) -> list[NoticeState]:
    return [p.state for p in rows.values()]


def test_a_notice_waits_on_every_channel_that_carries_its_kind() -> None:
    digests = replace(GROUP, name="digests", kinds=frozenset({NoticeKind.DIGEST}))
    rows = posted([notice()], [MAIL, GROUP, digests])
    assert [c for _, c in rows] == ["mail", "group"]


def test_what_is_sensitive_goes_to_persons_only_f5() -> None:
    assert [c for _, c in posted([notice(sensitive=True)], [MAIL, GROUP])] == ["mail"]
    assert [c for _, c in posted([notice(sensitive=True)], [GROUP])] == [""]


def test_without_a_channel_it_waits_and_goes_when_there_is_one() -> None:
    rows = posted([notice()], [])
    assert states(rows) == [NoticeState.WAITING]
    assert outbox.ready(rows.values(), NOW, None) == []
    rows = after(rows, outbox.reconcile([notice()], rows, [MAIL], NOW))
    assert {c: p.state for (_, c), p in rows.items()} == {
        "": NoticeState.WITHDRAWN,
        "mail": NoticeState.WAITING,
    }


def test_what_was_sent_is_never_sent_again() -> None:
    rows = posted([notice()])
    bundle = outbox.bundles(rows.values(), [MAIL])[0]
    rows = after(rows, outbox.taken(bundle, NOW))
    assert outbox.reconcile([notice()], rows, [MAIL], NOW) == []
    assert outbox.reconcile([], rows, [MAIL], NOW) == []
    assert outbox.ready(rows.values(), NOW, None) == []


def test_what_left_before_the_database_was_restored_is_known() -> None:
    [row] = outbox.reconcile([notice()], {}, [MAIL], NOW, sent={(notice().key, "mail"): ""})
    assert row.state is NoticeState.SENT


def test_a_reason_that_is_gone_withdraws_and_one_that_is_back_waits_again() -> None:
    rows = posted([notice()])
    rows = after(rows, outbox.reconcile([], rows, [MAIL], NOW))
    assert states(rows) == [NoticeState.WITHDRAWN]
    rows = after(rows, outbox.reconcile([notice()], rows, [MAIL], NOW))
    assert states(rows) == [NoticeState.WAITING]


def test_a_refusal_is_tried_again_ever_later_and_in_the_end_once_a_day() -> None:
    """What is mended after weeks is heard without a person's help (promise 6)."""
    rows, now, waits = posted([notice()]), NOW, []
    while now - NOW < timedelta(days=10):
        bundle = outbox.bundles(outbox.ready(rows.values(), now, None), [MAIL])[0]
        [row] = outbox.refused(bundle, now, "no")
        rows = after(rows, [row])
        assert row.next_at is not None
        waits.append(row.next_at - now)
        assert outbox.given_up(row, now) is (now - NOW > outbox.GIVEN_UP)
        now = row.next_at
    assert waits[0] == timedelta(minutes=1)
    assert waits == sorted(waits)
    assert {outbox.LONGEST_WAIT, outbox.DAILY} <= set(waits)
    assert waits[-1] == outbox.DAILY
    assert states(rows) == [NoticeState.FAILED]


def test_what_waited_for_a_channel_is_not_given_up_at_its_first_refusal() -> None:
    later = NOW + 2 * outbox.GIVEN_UP
    [row] = outbox.refused(outbox.bundles(posted([notice()]).values(), [MAIL])[0], later, "no")
    assert not outbox.given_up(row, later)
    much_later = later + 2 * outbox.GIVEN_UP  # nothing ran meanwhile: it is tried once more
    assert outbox.ready([row], much_later, None) == [row]
    [row] = outbox.refused(outbox.bundles([row], [MAIL])[0], much_later, "no")
    assert outbox.given_up(row, much_later)


def test_what_is_tried_again_tells_what_is_so_by_then() -> None:
    rows = posted([notice(about=("ML-1", "ML-2"))])
    rows = after(rows, outbox.refused(outbox.bundles(rows.values(), [MAIL])[0], NOW, "no"))
    [row] = outbox.reconcile([notice(about=("ML-2",))], rows, [MAIL], NOW)
    assert (row.state, row.notice.about) == (NoticeState.FAILED, ("ML-2",))


def test_what_left_after_the_copy_that_was_restored_is_known_in_any_state() -> None:
    rows = posted([notice()])
    refused = after(rows, outbox.refused(outbox.bundles(rows.values(), [MAIL])[0], NOW, "no"))
    for older in (rows, refused):
        left = {(notice().key, "mail"): ""}
        [row] = outbox.reconcile([notice()], older, [MAIL], NOW, sent=left)
        assert row.state is NoticeState.SENT


def test_a_channel_that_is_set_up_anew_gets_what_it_refused() -> None:
    rows, now = posted([notice()]), NOW
    for _ in range(100):
        ready = outbox.ready(rows.values(), now, None)
        [row] = outbox.refused(outbox.bundles(ready, [MAIL])[0], now, "no")
        rows, now = after(rows, [row]), row.next_at or now
    assert outbox.given_up(row, now)
    rows = after(rows, outbox.offered_again(rows.values()))
    ready = outbox.ready(rows.values(), now, None)
    assert [(p.state, p.tries, p.error) for p in ready] == [(NoticeState.WAITING, 0, None)]
    [row] = outbox.refused(outbox.bundles(ready, [MAIL])[0], now, "no")
    assert row.next_at == now + outbox.FIRST_WAIT  # its days count anew
    assert (
        outbox.offered_again(
            after(rows, outbox.taken(outbox.bundles(ready, [MAIL])[0], now)).values()
        )
        == []
    )


@pytest.mark.parametrize(
    ("route", "state"), [(MAIL, NoticeState.WAITING), (GROUP, NoticeState.UNKNOWN)]
)
def test_what_may_have_left_after_the_copy_goes_only_where_it_is_known_again(
    route: Route, state: NoticeState
) -> None:
    left = {(notice().key, route.name): "ml-1"}
    [row] = outbox.reconcile([notice()], {}, [route], NOW, sent=left)
    assert (row.state, row.message) == (state, "ml-1")


def test_the_service_says_how_long_it_wants_to_be_left_alone() -> None:
    bundle = outbox.bundles(posted([notice()]).values(), [MAIL])[0]
    [row] = outbox.refused(bundle, NOW, "muted", retry_after_s=600)
    assert row.next_at == NOW + timedelta(minutes=10)


@pytest.mark.parametrize(
    ("route", "state"), [(MAIL, NoticeState.WAITING), (GROUP, NoticeState.UNKNOWN)]
)
def test_a_process_that_ended_on_the_wire_86(route: Route, state: NoticeState) -> None:
    rows = posted([notice()], [route])
    bundle = outbox.bundles(rows.values(), [route])[0]
    rows = after(rows, outbox.leaving(bundle))
    [row] = outbox.interrupted(rows.values(), [route], {(notice().key, route.name): bundle.id}, NOW)
    assert row.state is state
    assert row.message == bundle.id
    rows = after(rows, [row])
    assert all(
        p.state is state
        for p in after(rows, outbox.reconcile([notice()], rows, [route], NOW)).values()
    )


@pytest.mark.parametrize("route", [MAIL, GROUP])
def test_what_the_file_beside_knows_of_a_process_that_ended(route: Route) -> None:
    """Killed before it left: it goes; killed after it was taken: it is done."""
    rows = posted([notice()], [route])
    rows = after(rows, outbox.leaving(outbox.bundles(rows.values(), [route])[0]))
    [row] = outbox.interrupted(rows.values(), [route], {}, NOW)
    assert (row.state, row.message) == (NoticeState.WAITING, None)
    [row] = outbox.interrupted(rows.values(), [route], {(notice().key, route.name): ""}, NOW)
    assert row.state is NoticeState.SENT


def test_a_new_channel_does_not_tell_what_was_told_before_it_was_there() -> None:
    rows = posted([notice(), notice("李四", "ML-2")])
    heard = [p for p in rows.values() if p.notice.to == "张三"]
    rows = after(rows, outbox.taken(outbox.bundles(heard, [MAIL])[0], NOW))
    due = [notice(), notice("李四", "ML-2"), notice("王五", "ML-3")]
    new = outbox.reconcile(due, rows, [MAIL, GROUP], NOW, used={"mail"})
    assert {(p.notice.to, p.channel): p.state for p in new} == {
        ("张三", "group"): NoticeState.SENT,
        ("李四", "group"): NoticeState.WAITING,
        ("王五", "mail"): NoticeState.WAITING,
        ("王五", "group"): NoticeState.WAITING,
    }


def test_two_teams_never_send_under_one_id() -> None:
    """Else a reader's program takes the digest of the second for that of the first."""
    rows = posted([notice(rule="D3", form="digest", subject="技术部")]).values()
    ids = {outbox.bundles(rows, [MAIL], team)[0].id for team in ("产品部", "研发部")}
    assert len(ids) == 2


def test_several_in_a_group_are_told_as_the_first_of_them() -> None:
    """A leader in copy does not make those who are meant read that they are in copy (C3)."""
    due = [notice(), notice("李四", facts={"copy": "yes"})]
    [bundle] = outbox.bundles(posted(due, [GROUP]).values(), [GROUP])
    assert [n.facts for n in bundle.notices] == [{}]


def test_a_lost_answer_goes_again_only_where_it_is_known_again() -> None:
    bundle = outbox.bundles(posted([notice()]).values(), [MAIL])[0]
    [mail] = outbox.unanswered(bundle, NOW, "lost", repeatable=True)
    [robot] = outbox.unanswered(bundle, NOW, "lost", repeatable=False)
    assert (mail.state, mail.message) == (NoticeState.FAILED, bundle.id)
    assert robot.state is NoticeState.UNKNOWN
    again = outbox.bundles(
        [mail, replace(mail, notice=notice(subject="ML-2"), message=None)], [MAIL]
    )
    assert [len(b.rows) for b in again] == [1, 1]  # the same message, nothing added to it
    assert again[0].id == bundle.id


def test_several_to_one_person_are_one_message_and_a_group_hears_each_matter_once() -> None:
    due = [
        notice("张三", "ML-1"),
        notice("张三", "ML-2"),
        notice("李四", "ML-3"),
        notice("张三", "M-1", rule="C3", form="distribute"),
        notice("李四", "M-1", rule="C3", form="distribute"),
    ]
    rows = posted(due, [MAIL, GROUP])
    told = [
        (b.channel, b.people, len(b.notices)) for b in outbox.bundles(rows.values(), [MAIL, GROUP])
    ]
    assert sorted(told) == [
        ("group", ("张三",), 2),
        ("group", ("张三", "李四"), 1),
        ("group", ("李四",), 1),
        ("mail", ("张三",), 3),
        ("mail", ("李四",), 2),
    ]


def test_a_message_that_is_too_large_is_halved_by_its_notices() -> None:
    bundle = outbox.bundles(posted([notice(subject=f"ML-{n}") for n in range(5)]).values(), [MAIL])[
        0
    ]
    parts = outbox.halves(bundle)
    assert [len(p.rows) for p in parts] == [2, 3]
    assert len({p.id for p in (*parts, bundle)}) == 3
    assert outbox.halves(outbox.bundles(posted([notice()]).values(), [MAIL])[0])[0].people == (
        "张三",
    )


@pytest.mark.parametrize(
    ("at", "quiet"),
    [("21:00", True), ("23:59", True), ("08:29", True), ("08:30", False), ("20:59", False)],
)
def test_quiet_hours_span_midnight(at: str, *, quiet: bool) -> None:
    hours = (time(21), time(8, 30))
    assert outbox.is_quiet(time.fromisoformat(at), hours) is quiet
    now = datetime.combine(NOW, time.fromisoformat(at), UTC)
    assert (outbox.ready(posted([notice()]).values(), now, hours) == []) is quiet


@given(
    st.lists(
        st.tuples(
            st.sets(st.sampled_from(["ML-1", "ML-2", "ML-3"])),
            st.sampled_from(["sent", "refused", "lost", "killed", "restored"]),
        ),
        max_size=12,
    ),
    st.booleans(),
)
def test_nothing_leaves_twice_whatever_happens(
    passes: list[tuple[set[str], str]],
    personal: bool,
) -> None:
    """A service that took a message never sees its matters in another one (failure 86)."""
    route = MAIL if personal else GROUP
    rows: Rows = {}
    beside: dict[tuple[str, str], str] = {}  # the file beside the database
    heard: dict[str, str] = {}  # key -> the message in which the service took it
    now = NOW
    for subjects, outcome in passes:
        now += timedelta(hours=3)
        if outcome == "restored":
            rows = {}
        due = [notice(subject=s) for s in sorted(subjects)]
        rows = after(rows, outbox.interrupted(rows.values(), [route], beside, now))
        rows = after(rows, outbox.reconcile(due, rows, [route], now, sent=beside))
        for bundle in outbox.bundles(outbox.ready(rows.values(), now, None), [route]):
            before = dict(beside)
            beside |= dict.fromkeys((p.key for p in bundle.rows), bundle.id)
            rows = after(rows, outbox.leaving(bundle))
            if outcome != "refused":
                for row in bundle.rows:
                    assert heard.setdefault(row.notice.key, bundle.id) == bundle.id
            if outcome in ("sent", "restored"):
                beside |= dict.fromkeys((p.key for p in bundle.rows), "")
                rows = after(rows, outbox.taken(bundle, now))
            elif outcome == "refused":
                rows = after(rows, outbox.refused(bundle, now, "no"))
                beside = beside if bundle.rows[0].message else before
            elif outcome == "lost":
                answer = outbox.unanswered(bundle, now, "lost", repeatable=route.repeatable)
                rows = after(rows, answer)
