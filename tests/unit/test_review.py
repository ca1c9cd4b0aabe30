"""E1 and E2: the figures of a span, what they propose, and how they are written down."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from fakes.stage import HOSTILE, NOW, ZONE, Weeks, item, people
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.values import Closed, Item, Meeting, NextMeeting, Status
from minuteloop.commands.review import Span, days_of
from minuteloop.errors import ConfigError
from minuteloop.review_html import page
from minutes.read import read_bytes
from tracking.figures import Held, Inputs, Logged, Review
from tracking.plain import percent
from tracking.proposals import proposals
from tracking.report import as_markdown, as_text, report
from tracking.review import review
from tracking.review_json import to_json

FIRST, LAST = date(2024, 4, 1), date(2024, 6, 30)
DONE = Status.DONE


def made(
    *items: Item,
    log: Sequence[Logged] = (),
    meetings: Sequence[Held] = (),
    language: str = "zh",
    **more: Any,
) -> Review:
    given: dict[str, Any] = {"now": NOW, "first": FIRST, "last": LAST, **more}
    directory = people(language=language)
    return review(
        Inputs(
            directory=directory,
            calendar=Weeks(),
            items=items,
            log=log,
            meetings=meetings,
            **given,
        )
    )


def at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=ZONE)


def logged(number: int, field: str, old: object, new: object, day: str, **more: Any) -> Logged:
    return Logged(item=item(number).id, field=field, old=old, new=new, at=at(day), **more)


def held(
    start: str | None = "2024-05-20T14:00", seen: str = "2024-05-20T18:00", **more: Any
) -> Held:
    known = {k: more.pop(k) for k in ("tally", "planned", "series", "agenda") if k in more}
    return Held(meeting=Meeting(start=start, **more), seen_at=at(seen), **known)


DAY = date(2024, 5, 10)
ON_TIME = item(1, due=DAY, status=DONE, completed=DAY)
LATE = item(2, due=DAY, status=DONE, completed=date(2024, 5, 11), owner="王五")
REPORTED = item(3, due=DAY, completed=DAY)
OVERDUE = item(4, due=DAY)
AHEAD = item(5, due=date(2024, 6, 3))
CLOSED = item(6, due=DAY, closed=Closed(on=DAY, why="取消"))
BEFORE = item(7, due=date(2024, 3, 29))
UNDATED = item(8, due=None)
ALL = (ON_TIME, LATE, REPORTED, OVERDUE, AHEAD, CLOSED, BEFORE, UNDATED)


# --- items ---


def test_each_item_that_was_due_counts_once() -> None:
    r = made(*ALL)
    t = r.items
    assert (t.due, t.on_time, t.late, t.to_check, t.overdue) == (4, 1, 1, 1, 1)
    assert (r.not_yet, r.closed) == (1, 1)
    assert t.share == 0.25


def test_the_due_day_itself_is_on_time_and_not_overdue() -> None:
    today = item(1, due=NOW.date())
    assert made(today).items.due == 0
    assert made(today).not_yet == 1
    assert made(item(1, due=NOW.date(), status=DONE, completed=NOW.date())).items.on_time == 1


def test_the_edges_of_the_span_count() -> None:
    inside = [item(1, due=FIRST), item(2, due=LAST)]
    outside = [item(3, due=FIRST - timedelta(days=1)), item(4, due=LAST + timedelta(days=1))]
    later = datetime(2024, 7, 3, tzinfo=ZONE)
    assert made(*inside, *outside, now=later).items.due == 2


def test_without_items_there_is_no_share() -> None:
    r = made()
    assert r.items.share is None
    assert to_json(r)["items"]["on_time_share"] is None
    assert "这段时间没有到期的行动项。" in as_text(report(r))
    assert [p.code for p in proposals(r)] == []


def test_departments_and_owners_with_most_not_in_time_come_first() -> None:
    """A department is the item's own, else its owner's."""
    r = made(ON_TIME, LATE, OVERDUE, item(9, due=DAY, department="市场部"))
    assert [(t.name, t.due, t.not_in_time) for t in r.departments] == [
        ("技术部", 2, 1),
        ("客服部", 1, 1),
        ("市场部", 1, 1),
    ]
    assert [(t.name, t.due) for t in r.owners] == [("张三", 3), ("王五", 1)]


def test_days_that_were_moved_are_told_apart() -> None:
    log = [
        logged(1, "due", date(2024, 5, 3), date(2024, 5, 8), "2024-05-03"),
        logged(1, "due", date(2024, 5, 8), DAY, "2024-05-08"),
        logged(2, "due", date(2024, 5, 20), DAY, "2024-05-01"),  # an earlier day
        logged(3, "due", None, DAY, "2024-05-01"),  # the first day
        logged(4, "due", date(2024, 3, 1), DAY, "2024-03-01"),  # before the span
        logged(9, "due", date(2024, 5, 1), DAY, "2024-05-01"),  # of no item
        logged(1, "note", None, "x", "2024-05-01"),
    ]
    r = made(*ALL, log=log)
    assert [(a.item.id, a.number) for a in r.redated] == [(ON_TIME.id, 2)]
    assert r.items.on_time == 1
    assert r.kept_first == 0


def test_the_first_day_is_the_one_before_any_move() -> None:
    """Moved to an earlier day, and then to a later one that was still before the first."""
    log = [
        logged(1, "due", None, date(2024, 5, 20), "2024-04-20"),
        logged(1, "due", date(2024, 5, 20), date(2024, 5, 3), "2024-04-25"),
        logged(1, "due", date(2024, 5, 3), DAY, "2024-05-03"),
    ]
    assert made(ON_TIME, log=log).kept_first == 1


def test_what_was_moved_is_a_share_also_where_it_is_due_no_more() -> None:
    july = [item(n, due=date(2024, 7, 10)) for n in (11, 12, 13)]
    log = [logged(n, "due", date(2024, 6, 10), date(2024, 7, 10), "2024-05-03") for n in (11, 12)]
    log.append(logged(13, "due", date(2024, 7, 1), date(2024, 7, 10), "2024-05-03"))
    some = made(ON_TIME, LATE, *july, log=log)
    assert to_json(some)["redated"]["share"] == 0.6
    every = made(*july, log=log)  # nothing is due in the span any more
    assert to_json(every)["redated"]["share"] == 1.0
    assert [p.value for p in proposals(every) if p.code == "smaller-steps"] == [1.0]
    assert to_json(made())["redated"]["share"] is None


@pytest.mark.parametrize(
    ("changes", "days"),
    [
        ([("in-progress", "blocked", "2024-05-13"), ("blocked", "in-progress", "2024-05-16")], 3),
        ([("in-progress", "blocked", "2024-05-17")], 5),  # until today, a Friday
        ([("blocked", "in-progress", "2024-05-07")], 1),  # since it came in
        ([("in-progress", "blocked", "2024-03-01"), ("blocked", "done", "2024-04-03")], 2),
        ([("in-progress", "blocked", "2024-03-01"), ("blocked", "late", "2024-03-05")], None),
        ([("in-progress", "late", "2024-05-13")], None),
        (
            [
                ("in-progress", "blocked", "2024-05-13"),
                ("blocked", "late", "2024-05-14"),
                ("late", "blocked", "2024-05-16"),
                ("blocked", "done", "2024-05-17"),
            ],
            2,
        ),
    ],
)
def test_how_long_an_item_was_blocked(
    changes: list[tuple[str, str, str]], days: int | None
) -> None:
    log = [logged(1, "status", old, new, day) for old, new, day in changes]
    found = item(1, created_at=at("2024-05-06"))
    assert [a.number for a in made(found, log=log).blocked] == ([] if days is None else [days])


def test_an_item_that_came_in_blocked_counts_without_a_change() -> None:
    found = item(1, status=Status.BLOCKED, created_at=at("2024-05-20"))
    assert [a.number for a in made(found).blocked] == [4]


def test_missed_is_what_is_long_overdue_and_nobody_touched() -> None:
    long_ago, lately = item(1, due=DAY), item(2, due=date(2024, 5, 21))
    touched = item(3, due=DAY)
    log = [
        logged(1, "note", None, "x", "2024-05-09"),
        logged(1, "status", "in-progress", "late", "2024-05-11", by_rule=True),
        logged(3, "note", None, "x", "2024-05-13"),
    ]
    r = made(long_ago, lately, touched, REPORTED, log=log)
    assert [(a.item.id, a.number) for a in r.missed] == [(long_ago.id, 10)]


# --- meetings ---


@pytest.mark.parametrize(
    ("meeting", "in_time"),
    [
        (held(seen="2024-05-21T14:00"), (1, 0, 0)),
        (held(seen="2024-05-21T14:01"), (0, 1, 0)),
        (held(end="2024-05-20T15:30", seen="2024-05-21T15:30"), (1, 0, 0)),
        (held("2024-05-20", seen="2024-05-21T23:00"), (1, 0, 0)),
        (held(None), (0, 0, 1)),
        (held("2024-03-01"), (0, 0, 0)),
    ],
)
def test_minutes_in_time(meeting: Held, in_time: tuple[int, int, int]) -> None:
    """C1."""
    r = made(meetings=[meeting])
    assert (r.in_time, r.minutes_late, r.untimed) == in_time


def test_announced_meetings_without_minutes_are_missing() -> None:
    """C1: the last minutes of a series name the next meeting."""

    def week(day: str, following: str | None, series: str | None = "周会") -> Held:
        return held(
            f"{day}T14:00", f"{day}T18:00", next=NextMeeting(start=following), series=series
        )

    held_then = [week("2024-05-06", "2024-05-13"), week("2024-05-14", "2024-05-20T14:00")]
    assert made(meetings=held_then).missing == 1
    assert made(meetings=[*held_then, week("2024-05-21", "2024-05-23")]).missing == 0  # not due yet
    assert made(meetings=[week("2024-05-06", "2024-05-13", None)]).missing == 0
    share = made(meetings=held_then).in_time_share
    assert share is not None
    assert round(share, 3) == 0.667


def test_minutes_under_another_title_are_not_missing() -> None:
    """C1."""
    agenda = held("2024-05-20T14:00", series="周会议程", agenda=True)
    agenda = replace(agenda, meeting=replace(agenda.meeting, title="周会议程"))
    came = held("2024-05-20", series="周会纪要")
    came = replace(came, meeting=replace(came.meeting, title="周会纪要"))
    assert made(meetings=[agenda]).missing == 1
    assert made(meetings=[agenda, came]).missing == 0


def test_an_agenda_without_minutes_is_a_meeting_whose_minutes_are_missing() -> None:
    """C1: it is counted only there, and not where the minutes have another title."""
    agenda = held(seen="2024-05-18T09:00", series="周会", agenda=True, tally={"agenda": 1})
    r = made(meetings=[agenda])
    assert (r.meetings, r.in_time, r.missing) == (0, 0, 1)
    assert r.findings == {}
    assert made(meetings=[agenda, held(series="例会")]).missing == 0
    assert made(meetings=[agenda], now=at("2024-05-21T15:59")).missing == 0  # two hours, a day


def test_findings_are_counted_by_code() -> None:
    tallies = [{"items": 3, "topics": 2, "due-vague": 1}, {"due-vague": 1, "owner-missing": 4}]
    r = made(meetings=[held(tally=t) for t in tallies])
    assert r.findings == {"owner-missing": 4, "due-vague": 2}
    assert r.told_items == 3


def test_lengths_and_topics() -> None:
    meetings = [
        held(end="2024-05-20T15:30", planned=60, tally={"topics": 6}),
        held(end="2024-05-20T14:45", planned=60, topics=("a",) * 7),
        held(end="2024-05-20T15:00"),
        held(planned=30, tally={"topics": 5}),
        held("2024-05-20", end="2024-05-20"),
    ]
    r = made(meetings=meetings)
    assert (r.lengths.timed, r.lengths.real) == (3, 195)
    assert (r.lengths.planned_meetings, r.lengths.planned, r.lengths.planned_real) == (2, 120, 135)
    assert r.lengths.over == 1
    assert r.many_topics == 2


# --- proposals ---


def codes(r: Review) -> list[str]:
    return [p.code for p in proposals(r)]


@pytest.mark.parametrize(
    ("r", "code", "words"),
    [
        (made(ON_TIME, LATE), "tracking-rhythm", "50%"),
        (made(meetings=[held(tally={"topics": 6})]), "fewer-topics", "1 次超过 5 个议题"),
        (made(meetings=[held(tally={"topic-late": 1})]), "earlier-material", "1 处"),
        (
            made(meetings=[held(end="2024-05-20T15:30", planned=60)]),
            "keep-to-time",
            "平均长 50%",
        ),
        (made(meetings=[held(seen="2024-05-23")]), "minutes-in-the-meeting", "24 小时"),
        (
            made(meetings=[held(tally={"items": 4, "due-vague": 1})]),
            "who-and-when",
            "4 个行动项有 1 处",
        ),
        (
            made(ON_TIME, log=[logged(1, "due", date(2024, 5, 3), DAY, "2024-05-03")]),
            "smaller-steps",
            "共改期 1 次",
        ),
        (
            made(item(1, status=Status.BLOCKED, created_at=at("2024-05-02"))),
            "resolve-sooner",
            "最长 16 个",
        ),
        (made(OVERDUE), "no-item-left-alone", "1 项延期超过 3 个工作日"),
        (made(REPORTED), "check-sooner", "1 项已报完成"),
        (
            made(*(item(n, due=DAY, status=DONE, completed=date(2024, 5, 12)) for n in (1, 2, 3))),
            "department",
            "技术部",
        ),
    ],
)
def test_each_proposal_names_the_figure_it_comes_from(r: Review, code: str, words: str) -> None:
    """E2."""
    found = {p.code: p for p in proposals(r)}
    assert code in found
    assert words in found[code].text.zh
    assert found[code].text.en
    figure: Any = to_json(r)
    for key in found[code].figure.split("."):
        figure = figure[key]
    if isinstance(figure, float):
        assert figure == round(found[code].value, 4)


def test_good_figures_propose_nothing() -> None:
    r = made(ON_TIME, meetings=[held(tally={"items": 5, "topics": 5, "due-vague": 0})])
    assert codes(r) == []
    assert "各项指标都在目标之内。" in as_text(report(r))


def test_the_goal_itself_is_met() -> None:
    done = [item(n, due=DAY, status=DONE, completed=DAY) for n in range(1, 5)]
    late = item(5, due=DAY, status=DONE, completed=date(2024, 5, 12))
    assert "tracking-rhythm" not in codes(made(*done, late))
    assert "tracking-rhythm" in codes(made(*done, late, goal=0.81))


@pytest.mark.parametrize(
    ("share", "goal", "shown"),
    [
        *((0.7955, 0.8, "79.5%"), (0.7996, 0.8, "79.96%"), (0.796, 0.8, "79.6%")),
        *((0.8, 0.8, "80%"), (0.804, 0.8, "80%"), (0.752, 0.8, "75%")),
        *((0.804, 0.805, "80%"), (0.805, 0.805, "80.5%"), (1.0, 0.999, "100%")),
        *((0.8, None, "80%"), (0.805, None, "80.5%"), (0.999, None, "99.9%"), (0.0, None, "0%")),
    ],
)
def test_a_share_is_shown_so_that_it_does_not_contradict_the_goal(
    share: float, goal: float | None, shown: str
) -> None:
    assert percent(share, goal) == shown


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("zh", ("完成率 79.5%，目标 80%，未达到目标", "完成率 79.5%，低于目标 80%")),
        (
            "en",
            ("79.5% done on time; the goal of 80% was not", "79.5% done on time, the goal is 80%"),
        ),
    ],
)
def test_a_share_just_below_the_goal_is_not_shown_as_the_goal(
    language: str, told: Sequence[str]
) -> None:
    done = [item(n, due=DAY, status=DONE, completed=DAY) for n in range(1, 36)]
    late = [item(n, due=DAY) for n in range(36, 45)]
    text = as_text(report(made(*done, *late, language=language)))
    assert all(words in text for words in told)


# --- written down ---

KEYS = {
    "": "team from to now items departments owners redated blocked missed findings minutes length"
    " topics proposals retention",
    "items": "due on_time late to_check overdue on_time_share goal kept_first_day not_due_yet"
    " closed",
    "redated": "items times share list",
    "blocked": "items days longest_days list",
    "missed": "count threshold list",
    "minutes": "meetings items in_time late missing untimed in_time_share within_hours",
    "length": "meetings real_minutes planned_meetings planned_minutes planned_real_minutes over"
    " overrun_share",
    "topics": "over over_share max",
    "retention": "years over_age",
}


def test_the_keys_of_the_json_stay() -> None:
    told = to_json(made(*ALL, meetings=[held()]))
    for name, keys in KEYS.items():
        assert list(told[name] if name else told) == keys.split(), name
    assert json.loads(json.dumps(told)) == told
    assert (told["from"], told["to"]) == ("2024-04-01", "2024-06-30")
    assert list(told["proposals"][0]) == ["code", "figure", "value", "threshold", "text"]
    assert list(told["missed"]["list"][0]) == ["id", "description", "owner", "days_late"]


def full(language: str = "zh", text: str = "写报告") -> Review:
    items = [
        item(4, text, due=DAY, owner=text, department=text),
        item(5, text, due=DAY, status=Status.BLOCKED, created_at=at("2024-05-02")),
        ON_TIME,
        item(6, "调薪", due=DAY, sensitive=True),
    ]
    log = [logged(1, "due", date(2024, 5, 3), DAY, "2024-05-03")]
    meetings = [
        held(end="2024-05-20T15:30", planned=60, tally={"items": 2, "topics": 6, "due-vague": 1})
    ]
    return made(*items, log=log, meetings=meetings, language=language)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ["产品部 回顾：2024-04-01 至 2024-06-30", "按时完成率 25%，目标 80%，未达到目标。"]),
        ("en", ["Review of 产品部: 2024-04-01 to 2024-06-30", "the goal of 80% was not reached."]),
    ],
)
def test_the_report_in_both_languages(language: str, words: list[str]) -> None:
    text = as_text(report(full(language)))
    assert all(word in text for word in words)
    other = "Proposals" if language == "zh" else "改进建议"
    assert other not in text
    assert ("改进建议" if language == "zh" else "Proposals") in text


def test_sensitive_items_are_counted_and_not_named() -> None:
    """F5."""
    r = full()
    assert r.items.due == 4
    for text in (as_text(report(r)), as_markdown(report(r)), page([report(r)]), str(to_json(r))):
        assert "调薪" not in text
    assert "（敏感）" in as_text(report(r))


def test_a_long_list_says_how_many_are_left_out() -> None:
    items = [
        Item(id=f"ML-K7Q0000{n:02d}", description=str(n), owner="张三", due=DAY) for n in range(13)
    ]
    r = made(*items)
    assert "另有 3 项未列出。" in as_text(report(r))
    assert len(to_json(r)["missed"]["list"]) == 13


def test_columns_line_up_whatever_the_script() -> None:
    lines = as_text(report(full())).splitlines()
    (head,) = [line for line in lines if line.startswith("  项目")]
    (row,) = [line for line in lines if line.startswith("  到期的行动项")]

    def width(text: str) -> int:
        return sum(1 if c < "\x80" else 2 for c in text)

    assert width(head[: head.index("数量")]) == width(row[: row.index("4")])


class Page(HTMLParser):
    """Collects what a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(text: str) -> Page:
    found = Page()
    found.feed(text)
    assert found.open == []
    return found


def test_the_page_is_plain_and_holds_no_script() -> None:
    made_page = page([report(full()), report(full("en"))])
    found = seen(made_page)
    assert set(found.tags) == {
        *("html", "head", "meta", "title", "style", "body", "article", "section", "div"),
        *("h1", "h2", "p", "table", "thead", "tbody", "tr", "th", "td"),
    }
    assert found.attributes <= {"lang", "charset", "name", "content", "http-equiv", "class"}
    assert '<html lang="zh-CN">' in made_page
    assert "prefers-color-scheme: dark" in made_page
    assert "@media print" in made_page
    assert "src=" not in made_page
    assert "http://" not in made_page.replace("http-equiv", "")


@given(st.text(max_size=200))
@settings(max_examples=40, deadline=None)
def test_no_text_breaks_the_page_or_the_tables(text: str) -> None:
    r = report(full(text=text or "x"))
    plain = seen(page([report(full())]))
    assert seen(page([r])).tags == plain.tags
    lines = as_markdown(r).splitlines()
    assert len(lines) == len(as_markdown(report(full())).splitlines())


def test_hostile_text_stays_text() -> None:
    r = report(full(text=HOSTILE + "长" * 10_000))
    found = seen(page([r]))
    assert "<at user_id=" in found.text
    assert "a" not in found.tags
    tables = [b for b in read_bytes(as_markdown(r).encode(), "r.md").blocks if hasattr(b, "rows")]
    assert len(tables) == sum(bool(block.table) for block in r.blocks)
    assert max(map(len, as_text(r).splitlines())) < 400


# --- the span ---


@pytest.mark.parametrize(
    ("span", "today", "expected"),
    [
        (Span(quarter="2024Q2"), "2025-01-01", ("2024-04-01", "2024-06-30")),
        (Span(quarter=" 2024-q4 "), "2025-01-01", ("2024-10-01", "2024-12-31")),
        (Span(), "2024-04-01", ("2024-01-01", "2024-03-31")),
        (Span(), "2024-04-14", ("2024-01-01", "2024-03-31")),
        (Span(), "2024-04-15", ("2024-04-01", "2024-06-30")),
        (Span(), "2024-01-05", ("2023-10-01", "2023-12-31")),
        (Span(), "2024-12-31", ("2024-10-01", "2024-12-31")),
        (Span(first="2024-02-01", last="2024-02-29"), "2025-01-01", ("2024-02-01", "2024-02-29")),
        (Span(first="2024-02-01"), "2024-03-05", ("2024-02-01", "2024-03-05")),
        (Span(first="2024-02-01", last="2024-02-01"), "2025-01-01", ("2024-02-01", "2024-02-01")),
    ],
)
def test_the_span(span: Span, today: str, expected: tuple[str, str]) -> None:
    first, last = days_of(span, date.fromisoformat(today))
    assert (str(first), str(last)) == expected


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (
            Span("2024Q2", "2024-01-01"),
            "--quarter: names a span already - leave out --from and --to",
        ),
        (Span("2024Q5"), '--quarter: found "2024Q5", must be a quarter such as 2024Q2'),
        (Span("Q2"), '--quarter: found "Q2", must be a quarter such as 2024Q2'),
        (Span("0000Q1"), '--quarter: found "0000Q1", must be a quarter such as 2024Q2'),
        (Span("9999Q4"), '--quarter: found "9999Q4", must be a quarter such as 2024Q2'),
        (Span(last="2024-01-01"), "--to: needs --from, the first day"),
        (Span(first="1.2.2024"), '--from: found "1.2.2024", must be a day such as 2024-05-20'),
        (
            Span(first="2024-01-01", last="2024-02-30"),
            '--to: found "2024-02-30", must be a day such as 2024-05-20',
        ),
        (
            Span(first="2024-03-01", last="2024-02-01"),
            "--from: 2024-03-01 is after 2024-02-01, the last day",
        ),
        (Span(first="2025-03-01"), "--from: 2025-03-01 is after 2024-05-24, the last day"),
    ],
)
def test_a_span_that_is_none_is_told(span: Span, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        days_of(span, NOW.date())
    assert caught.value.lines == (words,)
