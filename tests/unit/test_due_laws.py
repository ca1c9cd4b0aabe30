"""What holds of all notices, whatever the items, the minutes and the moment."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from fakes.scenes import CHINA, TEAM, ZONE, item, minutes
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mapping.people import Directory
from mapping.values import Closed, Finding, MeetingType, Severity, Status
from tracking.due import due
from tracking.moments import moment_of
from tracking.scene import Approval, Found, Minutes, Refusal, Row, Scene, Thresholds, Tracked

MONDAY = date(2024, 5, 6)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
PEOPLE = ("张三", "李四", "王五", "赵六", "钱七", "周总", "zhangsan", "外人")
NAMES = st.sampled_from(PEOPLE)
MAYBE_NAMES = st.none() | NAMES
DAYS = st.integers(-20, 40).map(lambda n: MONDAY + n * DAY)
HOURS = st.sampled_from([time(0), time(8, 59), time(9), time(14), time(16, 30), time(23, 59)])
MOMENTS = st.builds(datetime.combine, DAYS, HOURS, st.just(ZONE))
IDS = ("A", "B", "C", "D")
UNITS = st.sampled_from([None, "技术部", "客服部", "市场部", "某公司"])


def _written(moment: datetime) -> st.SearchStrategy[str]:
    return st.sampled_from([f"{moment:%Y-%m-%dT%H:%M}", f"{moment:%Y-%m-%d}"])


@st.composite
def _tracked(draw: st.DrawFn, key: str) -> Tracked:
    one = replace(
        item(key=key, meeting=draw(st.sampled_from(["产品周会", "战略会"]))),
        owner=draw(MAYBE_NAMES),
        department=draw(UNITS),
        due=draw(st.none() | DAYS),
        status=draw(st.sampled_from(Status)),
        completed=draw(st.none() | DAYS),
        closed=draw(st.none() | st.just(Closed(on=MONDAY, why=""))),
        sensitive=draw(st.booleans()),
        meeting_id=draw(st.sampled_from([None, "M0", "M1"])),
        created_at=draw(st.none() | MOMENTS),
    )
    return Tracked(
        item=one,
        rows=(Row(tracker=draw(st.sampled_from(["board", "other"])), kind="excel"),),
        promised=draw(st.none() | DAYS),
        moved_at=draw(st.none() | MOMENTS),
        refusal=draw(st.none() | st.builds(Refusal, at=MOMENTS, by=NAMES)),
    )


@st.composite
def _minutes(draw: st.DrawFn, key: str) -> Minutes:
    start = draw(MOMENTS)
    found = Found(
        place=f"{key}:0",
        finding=Finding(code="due-vague", message="", severity=draw(st.sampled_from(Severity))),
        first_at=start,
    )
    approval = Approval(
        state=draw(st.sampled_from(["waiting", "approved", "refused"])), asked_at=start
    )
    return minutes(
        draw(st.none() | _written(start)),
        key=key,
        seen=f"{draw(MOMENTS):%Y-%m-%dT%H:%M}",
        then=draw(st.none() | MOMENTS.flatmap(_written)),
        host=draw(MAYBE_NAMES),
        recorder=draw(MAYBE_NAMES),
        attendees=tuple(draw(st.lists(NAMES, max_size=3))),
        sensitive=draw(st.booleans()),
        type=draw(st.sampled_from([None, MeetingType.DECISION])),
        series=draw(st.sampled_from([None, "s"])),
        items=tuple(draw(st.lists(st.sampled_from(IDS), unique=True))),
        findings=(found,),
        approval=draw(st.none() | st.just(approval)),
    )


@st.composite
def _scenes(draw: st.DrawFn) -> Scene:
    rules = Thresholds(
        remind_days_before=draw(st.integers(0, 4)),
        digest_weekday=draw(st.integers(0, 6)),
        late_alert_working_days=draw(st.integers(0, 4)),
        raise_to=draw(st.sampled_from(["", "周总", "外人"])),
        leaders=tuple(draw(st.lists(NAMES, max_size=2))),
        verification=draw(st.booleans()),
        follow_up=draw(st.sampled_from(["host", "head", "钱七"])),
    )
    items = {key: draw(_tracked(key)) for key in draw(st.lists(st.sampled_from(IDS), unique=True))}
    return Scene(
        now=draw(MOMENTS),
        directory=Directory(TEAM),
        calendar=CHINA,
        rules=rules,
        items=items,
        minutes=tuple(draw(_minutes(f"M{n}")) for n in range(draw(st.integers(0, 2)))),
        stale=draw(st.sampled_from([{}, {"other": None}])),
    )


@given(_scenes())
@settings(max_examples=80, deadline=None)
def test_all_go_to_people_of_the_team_each_key_once(scene: Scene) -> None:
    notices = due(scene)
    assert {n.to for n in notices} <= {person.name for person in TEAM.people}
    assert len({n.key for n in notices}) == len(notices)
    assert due(scene) == notices
    turned = replace(
        scene,
        items=dict(sorted(scene.items.items(), reverse=True)),
        minutes=tuple(reversed(scene.minutes)),
    )
    assert due(turned) == notices


@given(_scenes())
@settings(max_examples=80, deadline=None)
def test_f5_nobody_hears_of_what_they_may_not_see(scene: Scene) -> None:
    known = scene.directory
    leaders: set[str | None] = set(scene.rules.leaders)
    there = {
        m.id: {m.meeting.host, m.meeting.recorder, *m.meeting.attendees} for m in scene.minutes
    }
    secret = {m.id for m in scene.minutes if m.meeting.sensitive}
    may_see = {
        key: leaders | there.get(one.item.meeting_id or "", set())
        for key, one in scene.items.items()
        if one.item.sensitive or one.item.meeting_id in secret
    }
    may_see |= {key: leaders | there[key] for key in secret}
    for notice in due(scene):
        for subject in (*notice.about, notice.subject):
            if subject in may_see:
                allowed = {p.name for n in may_see[subject] if n and (p := known.person(n))}
                assert notice.to in allowed
                assert notice.sensitive


def _borders(scene: Scene) -> Iterator[datetime]:
    """Yield the hours within a day at which a period may begin or end, without the day's own."""
    within = timedelta(hours=scene.rules.minutes_within_hours)
    hours = (timedelta(), timedelta(hours=2), DAY)
    lengths = (timedelta(), within, 7 * DAY, 14 * DAY, 30 * DAY)
    told = [
        moment_of(w, ZONE)[0]
        for m in scene.minutes
        for w in (m.meeting.start, m.meeting.next.start)
        if w
    ]
    told += [m.seen_at for m in scene.minutes]
    told += [m.approval.asked_at for m in scene.minutes if m.approval]
    told += [one.refusal.at for one in scene.items.values() if one.refusal]
    yield from (moment + hour + length for moment in told for hour in hours for length in lengths)


@given(_scenes())
@settings(max_examples=80, deadline=None)
def test_a_minute_later_the_same_is_due_unless_a_period_s_border_lies_between(
    scene: Scene,
) -> None:
    """Failure 87: what is due is a matter of periods, not of when one looked."""
    later = scene.now + MINUTE
    borders = {datetime.combine(later, at, ZONE) for at in (time(), scene.rules.digest_time)}
    assume(not any(scene.now < b <= later for b in (*borders, *_borders(scene))))
    assert {n.key for n in due(scene)} == {n.key for n in due(replace(scene, now=later))}


@given(_scenes())
@settings(max_examples=30, deadline=None)
def test_no_period_comes_twice(scene: Scene) -> None:
    """Failure 86: nobody does anything for weeks, and what has been due and gone stays gone."""
    start = datetime.combine(MONDAY, time(), ZONE)
    before: set[str] = set()
    gone: set[str] = set()
    for n in range(28 * 3):
        moment = start + n // 3 * DAY + timedelta(hours=(0, 9, 17)[n % 3])
        there = {i: t for i, t in scene.items.items() if (t.item.created_at or start) <= moment}
        keys = {notice.key for notice in due(replace(scene, now=moment, items=there))}
        assert not keys & gone
        gone |= before - keys
        before = keys


@given(_scenes())
@settings(max_examples=80, deadline=None)
def test_what_is_over_is_in_no_reminder_alert_or_digest(scene: Scene) -> None:
    over = {key for key, one in scene.items.items() if not one.item.is_open}
    notices = [n for n in due(scene) if n.rule in {"D2", "D3", "D4", "D5", "D6", "F3", "F4"}]
    assert not over & {key for n in notices for key in n.about}
    reported = {key for key, one in scene.items.items() if one.item.completed}
    asked = [n for n in notices if n.text not in {"D5-check", "D4-progress"} and n.rule != "D3"]
    assert not reported & {key for n in asked for key in n.about}
