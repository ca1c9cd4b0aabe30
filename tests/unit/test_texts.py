"""What notices say: every text in both languages, whom and what they name, what a team replaces."""

import dataclasses
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from fakes.stage import HOSTILE, NOW, item, minutes, people, row, scene, tracked
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.notices import KINDS, Notice, Section
from mapping.values import Closed, Finding, MeetingType, NextMeeting, Person, Status
from minuteloop import templates
from minuteloop.errors import ConfigError
from tracking.due import due
from tracking.plain import line
from tracking.scene import Approval, Found, Refusal, Scene, Thresholds
from tracking.texts import MOST_BULLETS, render
from tracking.wording import COMMON, FORMS, NAMES, OF_ITEM, OF_NOTICE, TITLE, WordingError, parse

TEXTS = {language: templates.load(None, language) for language in ("zh", "en")}
HERE = Path(__file__).parents[2]


def notice(name: str, *about: str, to: str = "张三", **more: object) -> Notice:
    rule, _, form = name.partition("-")
    subject = str(more.pop("subject", about[0] if about else "S"))
    facts = {k: str(v) for k, v in more.items()}
    return Notice(
        rule=rule, form=form, subject=subject, period="p", to=to, about=about, facts=facts
    )


def told(*notices: Notice, at: Scene, language: str = "zh") -> tuple[str, tuple[Section, ...]]:
    return render(notices, at, TEXTS[language])


def one(found: Notice, at: Scene, language: str = "zh") -> Section:
    (section,) = told(found, at=at, language=language)[1]
    return section


def text_of(sections: Sequence[Section]) -> str:
    return "\n".join(
        part for s in sections for part in (s.title, *s.lines, *s.bullets, *(s.link or ()))
    )


FIRST, SECOND = item(1), item(2, "评估周期")
APPROVAL = Approval(state="waiting", asked_at=NOW)


# --- every text is there, in both languages ---


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_form_has_a_text_that_is_told_in_full(language: str) -> None:
    folder = HERE / "tracking" / "templates" / language
    assert {f.name for f in folder.iterdir()} == {f"{name}.txt" for name in (*FORMS, TITLE)}
    late = item(1, due=date(2024, 5, 17), status=Status.LATE, note="等评审", meeting="产品周会")
    draft = Found(
        place="f", finding=Finding(code="due-vague", message="缺日期", line=3), first_at=NOW
    )
    document = minutes(drafted=("张三：写报告",), findings=(draft,), approval=APPROVAL)
    at = scene(
        tracked(late, refusal=Refusal(mark="1", at=NOW, by="李四", reason="缺图")),
        documents=[document],
        directory=people(language=language),
    )
    facts = {"title": "产品周会", "day": "2024-05-27", "department": "技术部", "quarter": "2024Q1"}
    facts |= {"finding": "缺日期", "file": "a.md", "line": "3"}
    for name in FORMS:
        subject = document.id if name.startswith("C3") else late.id
        about = () if name in ("C3-approve", "C3-approve-again", "C3-refused") else (late.id,)
        section = one(notice(name, *about, subject=subject, **facts), at, language)
        text = text_of([section])
        assert len(section.lines) >= 2, name  # why it came, and what to do by when
        assert not re.search(r"\$|\[\]|（）|\(\)|《》|：$|: $", text, re.MULTILINE), text
        chinese = re.search("[\u3400-\u9fff]", "\n".join(section.lines).replace("产品周会", ""))
        assert bool(chinese) == (language == "zh") or "技术部" in text, text


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_text_stands_without_any_fact(name: str, language: str) -> None:
    section = one(notice(name), scene(directory=people(language=language)), language)
    assert section.title
    assert not re.search(r"\$|\[|\]|（|）$|《|：$|: $|, $", section.title)
    assert section.lines
    assert section.bullets == ()


def test_both_languages_tell_the_same_things() -> None:
    for name in (*FORMS, TITLE):
        zh, en = TEXTS["zh"][name], TEXTS["en"][name]
        assert zh.head == en.head, name
        assert [b.names for b in zh.bullets] == [b.names for b in en.bullets], name


def test_every_form_belongs_to_a_rule_and_every_rule_has_one() -> None:
    assert {name.split("-")[0] for name in FORMS} == set(KINDS)


def test_every_notice_that_the_rules_give_has_a_text() -> None:
    """And the other way round: no text is there for nothing."""
    found = (*due(busy_friday()), *due(first_of_july()))
    assert {n.text for n in found} == set(FORMS)
    for language in ("zh", "en"):
        for n in found:
            at = first_of_july() if n.rule == "E1" else busy_friday()
            section = one(n, at, language)
            text = text_of([section])
            assert not re.search(r"\$|\[\]|（）|\(\)|《》|：$|: $|，，", text, re.MULTILINE), text
            assert bool(section.bullets) == bool(n.about) or n.rule in ("B3", "C3"), n


def busy_friday() -> Scene:
    """A day on which each rule has something to say, but for the quarter's."""
    told_of = {"sensitive": True, "type": MeetingType.DECISION, "attendees": ("张三",)}
    secret = minutes("财务会", id="M-9", meeting=told_of)
    finding = Finding(code="due-vague", message="“评估”没有写完成时间。", line=4)
    notices = [Found(place="document:M-1:0", finding=finding, first_at=NOW)]
    asked = Approval(state="waiting", asked_at=NOW - timedelta(days=3))
    refused = Approval(state="refused", asked_at=NOW, at=NOW, by="李四", reason="日期不对")
    following = {"next": NextMeeting(start="2024-05-27T14:00")}
    past = {"next": NextMeeting(start="2024-05-21T14:00")}
    return scene(
        item(1, due=date(2024, 5, 26)),
        item(2, due=date(2024, 5, 24)),
        item(3, due=date(2024, 5, 23), meeting_id="M-1"),
        tracked(item(4, due=date(2024, 5, 10)), alerted_at=NOW - timedelta(days=8)),
        item(5, status=Status.BLOCKED),
        tracked(item(6, status=Status.BLOCKED), promised=date(2024, 5, 24)),
        item(7, completed=date(2024, 5, 23), meeting_id="M-1"),
        tracked(
            item(8), refusal=Refusal(mark="1", at=NOW - timedelta(days=1), by="李四", reason="缺图")
        ),
        item(9, meeting_id="M-9", sensitive=True),
        directory=people(Person(name="赵六")),
        rules=Thresholds(raise_to="赵六", approval=True),
        documents=[
            minutes(
                "产品周会", id="M-1", items=("ML-K7Q000003",), findings=notices, meeting=following
            ),
            minutes("复盘会", id="M-2", start="2024-05-14", series="复盘会", meeting=past),
            minutes("评审会", id="M-3", series="评审会", seen_at=NOW, approval=asked),
            minutes("选题会", id="M-4", series="选题会", approval=refused),
            secret,
        ],
    )


def first_of_july() -> Scene:
    rules = Thresholds(leaders=("王五",))
    return scene(
        item(1, due=date(2024, 9, 2)), now=NOW.replace(month=7, day=1, hour=10), rules=rules
    )


def test_each_name_means_one_thing() -> None:
    assert not COMMON & OF_NOTICE
    assert not (COMMON | OF_NOTICE) & OF_ITEM
    used = set().union(*(t.head.union(*(b.names for b in t.bullets)) for t in TEXTS["zh"].values()))
    assert used <= NAMES


def test_the_documentation_names_every_text_and_every_name() -> None:
    page = (HERE / "docs" / "texts.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`([A-Z]\d-[a-z-]+)`", page)) == set(FORMS)
    assert set(re.findall(r"`\$([a-z_]+)`", page)) == NAMES


# --- what is told ---


def test_a_reminder_names_the_item_its_day_and_the_row() -> None:
    found = item(acceptance="提交《报告》", meeting="产品周会")
    at = scene(tracked(found, rows=(row(link="https://x.cn/r1"),)))
    title, (section,) = told(notice("D2-ahead", found.id), at=at)
    assert title == "【产品部】1 项行动项提醒"
    assert section.bullets == (
        f"写报告（{found.id}），计划 2024-05-27 完成，交付标准：提交《报告》，来自：产品周会",
    )
    assert section.link == (f"在 board 中打开 {found.id}", "https://x.cn/r1")
    assert "备注" in text_of([section])
    assert "计划完成时间" in text_of([section])


def test_the_row_is_in_the_tracker_that_the_person_uses() -> None:
    rows = (row("excel"), row("notes", "notion", "https://n"), row("table", "feishu", "https://f"))
    at = scene(tracked(FIRST, rows=rows))
    assert one(notice("D2-today", FIRST.id), at).link == (
        f"在 table 中打开 {FIRST.id}",
        "https://f",
    )
    other = one(notice("D2-today", FIRST.id, to="李四"), at)
    assert other.link == (f"在 notes 中打开 {FIRST.id}", "https://n")


def test_a_row_without_an_address_is_named() -> None:
    section = one(notice("D2-today", FIRST.id), scene(FIRST))
    assert section.link is None
    assert section.bullets[0].endswith("，board 行动项!2")


@pytest.mark.parametrize("link", ["javascript:alert(1)", "https://a b", 'https://a"b', "file:///c"])
def test_what_is_no_address_is_no_link(link: str) -> None:
    section = one(notice("D2-today", FIRST.id), scene(tracked(FIRST, rows=(row(link=link),))))
    assert section.link is None
    assert link not in text_of([section])


def test_several_of_a_kind_are_one_section() -> None:
    rows = (row(link="https://x.cn/r1"),)
    at = scene(tracked(FIRST, rows=rows), tracked(SECOND, rows=rows), item(3, "访谈"))
    found = [notice("D2-ahead", i) for i in (FIRST.id, SECOND.id)]
    title, sections = told(*found, notice("D6-ask", "ML-K7Q000003"), at=at)
    assert title == "【产品部】3 项行动项提醒"
    assert [len(s.bullets) for s in sections] == [2, 1]
    assert sections[0].link is None
    assert all("board https://x.cn/r1" in bullet for bullet in sections[0].bullets)


def test_kinds_are_counted_apart_and_an_item_once() -> None:
    at = scene(FIRST, directory=people(language="en", team="Product"))
    found = [notice("D2-today", FIRST.id), notice("F4-daily", FIRST.id), notice("F3-alert", "X")]
    title, _ = told(*found, at=at, language="en")
    assert title == "Product: 1 action item reminder, 1 risk alert"


def test_blocked_items_are_counted_as_such() -> None:
    """D4: no list, though the channels of lists carry them."""
    found = [notice("D4-blocked", FIRST.id), notice("D4-blocked-today", SECOND.id)]
    title, _ = told(*found, notice("D4-progress"), at=scene(FIRST, SECOND))
    assert title == "【产品部】2 项受阻待解决，1 份进展汇总"


def test_what_several_hear_is_told_once() -> None:
    at = scene(FIRST)
    (section,) = told(
        notice("F3-alert", FIRST.id, to="李四"), notice("F3-alert", FIRST.id, to="王五"), at=at
    )[1]
    assert len(section.bullets) == 1


def test_each_meeting_has_a_section_of_its_own() -> None:
    documents = [minutes(items=(FIRST.id,)), minutes("预算会", id="M-2", file="b.md")]
    at = scene(FIRST, SECOND, documents=documents)
    found = [
        notice("C3-distribute", FIRST.id, SECOND.id, subject=documents[0].id),
        notice("C3-distribute", subject="M-2"),
    ]
    title, sections = told(*found, at=at)
    assert title == "【产品部】2 份会议纪要"
    assert [s.title for s in sections] == ["会议纪要：产品周会", "会议纪要：预算会"]
    assert [len(s.bullets) for s in sections] == [2, 0]
    assert "行动项共 2 项，如下。" in sections[0].lines
    assert not any("行动项共" in text for text in sections[1].lines)


def test_distributed_minutes_hold_the_sentence_of_the_handbook() -> None:
    """C3."""
    at = scene(FIRST, documents=[minutes(items=(FIRST.id,))])
    found = notice("C3-distribute", FIRST.id, subject="M-0000000001")
    assert "请查收会议纪要，行动项请按时完成。" in one(found, at).lines
    english = "Please find the minutes; please complete the action items on time."
    assert english in one(found, at, "en").lines


def test_minutes_tell_where_the_items_stand_that_they_carry() -> None:
    """C3, D6: one that is done is no task any more, one that is late has its new day."""
    carried = (
        item(1, status=Status.DONE, completed=date(2024, 5, 20), note="预计 5月30日完成"),
        item(2, status=Status.LATE, due=date(2024, 5, 20)),
        item(3, completed=date(2024, 5, 23)),
        item(4, closed=Closed(on=date(2024, 5, 23), why="取消")),
        item(5),
    )
    document = minutes(items=tuple(i.id for i in carried))
    new_day = date(2024, 5, 30)
    items = [tracked(i, promised=new_day if i in carried[:2] else None) for i in carried]
    found = notice("C3-distribute", *document.items, subject=document.id)
    shown = one(found, scene(*items, documents=[document])).bullets
    assert [re.sub("^.* 完成(?=，)|，board.*", "", bullet) for bullet in shown] == [
        *("，已完成", "，延期，新的日期 2024-05-30", "，已报完成，待核实", "，已关闭", "")
    ]
    english = scene(*items, documents=[document], directory=people(language="en"))
    assert ", due 2024-05-20, Late, new day 2024-05-30, " in one(found, english, "en").bullets[1]


def test_who_gets_minutes_in_copy_is_told_so() -> None:
    """C3: leaders in copy."""
    at = scene(documents=[minutes()])
    found = notice("C3-distribute", subject="M-0000000001", copy="yes")
    assert "抄送给您，供了解。" in one(found, at).lines
    assert "yes" not in text_of([one(found, at)])
    assert "抄送" not in text_of([one(notice("C3-distribute", subject="M-0000000001"), at)])


def test_the_host_gets_the_drafts_the_findings_and_the_command() -> None:
    """C3: shows the id of the meeting that ``approve`` takes."""
    found = Found(
        place="f",
        finding=Finding(code="due-vague", message="“评估”没有写完成时间。", line=12),
        first_at=NOW,
    )
    document = minutes(
        drafted=("张三：写报告（2024-05-27）",), findings=(found,), approval=APPROVAL
    )
    section = one(notice("C3-approve", subject=document.id, to="李四"), scene(documents=[document]))
    assert section.bullets == (
        "行动项：张三：写报告（2024-05-27）",
        "待补充：第 12 行：“评估”没有写完成时间。",
    )
    assert "请最迟在 2024-05-27 审核。" in section.lines  # a working day later
    assert "minuteloop approve M-0000000001；" in text_of([section])


def test_an_approval_that_is_past_its_day_is_due_today() -> None:
    asked = dataclasses.replace(APPROVAL, asked_at=NOW - timedelta(days=9))
    document = minutes(approval=asked)
    section = one(notice("C3-approve-again", subject=document.id), scene(documents=[document]))
    assert "请最迟在 2024-05-24 审核。" in section.lines


@pytest.mark.parametrize("form", ["C1-late", "C1-missing", "C3-approve", "C3-distribute"])
def test_a_meeting_is_called_by_its_name_not_by_that_of_its_minutes(form: str) -> None:
    document = minutes("产品周会纪要", approval=APPROVAL)
    facts = {"title": "产品周会纪要", "day": "2024-05-20", "file": "m.md"}
    section = one(notice(form, subject=document.id, **facts), scene(documents=[document]))
    assert "产品周会" in text_of([section])
    assert "产品周会纪要" not in text_of([section])


def test_a_refused_completion_comes_with_its_reason() -> None:
    """D5."""
    refusal = Refusal(mark="1", at=NOW, by="李四", reason="缺少流程图")
    section = one(notice("D5-refused", FIRST.id), scene(tracked(FIRST, refusal=refusal)))
    assert "原因：缺少流程图" in section.bullets[0]


def test_findings_say_where() -> None:
    """B3: a line in text, a paragraph in Word."""
    found = [
        notice("B3-finding", subject="1", finding="缺负责人", file="a.md", line=12),
        notice("B3-finding", subject="2", finding="缺日期", file="b.docx", line=7),
        notice("B3-finding", subject="3", finding="没有人名", line="Sheet1!7"),
    ]
    title, (section,) = told(*found, at=scene())
    assert title == "【产品部】3 处待补充"
    assert section.bullets == (
        "a.md，第 12 行：缺负责人",
        "b.docx，第 7 段：缺日期",
        "Sheet1!7：没有人名",
    )


def test_a_digest_sums_up_and_says_how_old_its_data_are() -> None:
    """D3."""
    at = scene(
        item(1, due=date(2024, 5, 17), status=Status.LATE),
        item(2, status=Status.BLOCKED, due=date(2024, 6, 28)),
        item(3, completed=date(2024, 5, 23)),
        item(4, due=date(2024, 6, 28)),
        stale={"board": datetime(2024, 5, 22, 8, tzinfo=NOW.tzinfo)},
    )
    section = one(notice("D3-digest", *at.items, subject="技术部", department="技术部"), at)
    assert section.title == "每周检查：技术部的行动项"
    assert "延期 1，有风险 1，待核实 1，其他 1" in section.lines
    assert "延期，已晚 5 个工作日，数据截至 2024-05-22 08:00" in section.bullets[0]
    assert "已报完成，待核实" in section.bullets[2]
    assert "已晚" not in section.bullets[2]


def test_data_that_was_never_read_is_said_to_be() -> None:
    at = scene(item(1), stale={"board": None})
    section = one(notice("D3-digest", FIRST.id, subject="技术部"), at)
    assert "board 尚未读到" in section.bullets[0]
    assert "有风险 1" in section.lines


def test_a_digest_counts_by_the_parts_that_it_names() -> None:
    """D3: at risk is what is blocked or due within a week; what is late is late, though blocked."""
    at = scene(
        item(1, due=date(2024, 5, 17), status=Status.BLOCKED),
        item(2, due=NOW.date()),
        item(3, due=date(2024, 5, 31)),
        item(4, due=date(2024, 6, 1)),
        item(5, due=None),
    )
    found = notice("D3-digest", *at.items, subject="技术部", department="技术部")
    assert "延期 1，有风险 2，其他 2" in one(found, at).lines
    english = dataclasses.replace(at, directory=people(language="en"))
    assert "1 late, 2 at risk, 2 other" in one(found, english, "en").lines


def test_the_progress_list_names_the_next_meeting_of_its_minutes() -> None:
    """D4: where the notice itself does not tell it."""
    document = minutes(meeting={"next": NextMeeting(start="2024-05-27T14:00")})
    at = scene(FIRST, documents=[document])
    section = one(notice("D4-progress", FIRST.id, subject=document.id), at)
    assert section.lines[0].startswith("下次会议：2024-05-27 14:00。")


@pytest.mark.parametrize(
    ("language", "due", "words"),
    [
        ("zh", date(2024, 5, 20), "已晚 4 个工作日"),
        ("en", date(2024, 5, 23), "1 working day late"),
        ("en", date(2024, 5, 20), "4 working days late"),
    ],
)
def test_lateness_is_counted_in_working_days(language: str, due: date, words: str) -> None:
    at = scene(item(due=due), directory=people(language=language))
    assert words in one(notice("D6-ask", FIRST.id), at, language).bullets[0]


def test_over_a_weekend_an_item_is_past_its_day() -> None:
    at = scene(item(due=date(2024, 5, 24)), now=NOW + timedelta(days=1))
    assert "已过期" in one(notice("D6-ask", FIRST.id), at).bullets[0]


def test_facts_go_before_what_the_scene_tells() -> None:
    at = scene(item(due=date(2024, 5, 20)))
    assert "已晚 9 个工作日" in one(notice("F3-alert", FIRST.id, days=9), at).bullets[0]


def test_who_has_told_the_reason_is_asked_for_the_day() -> None:
    """D6."""
    at = scene(item(due=date(2024, 5, 20), note="等评审"))
    assert "请补上新的日期" in one(notice("D6-ask", FIRST.id, ask="day"), at).bullets[0]
    both = one(notice("D6-ask", FIRST.id, ask="reason,day"), at).bullets[0]
    assert "请补上新的日期" not in both
    assert "reason,day" not in both


def test_who_stands_in_for_an_owner_is_told_so() -> None:
    """F5, and items of people who left: the text is written for the owner."""
    gone = item(owner="赵六", owners=("赵六",))
    assert (
        "负责人 赵六 收不到" in one(notice("D2-ahead", gone.id, to="李四"), scene(gone)).bullets[0]
    )
    nobody = item(owner=None)
    assert "还没有负责人" in one(notice("D6-ask", nobody.id, to="李四"), scene(nobody)).bullets[0]
    assert "收不到" not in text_of([one(notice("D2-ahead", FIRST.id), scene(FIRST))])
    assert "收不到" not in text_of([one(notice("F3-alert", FIRST.id, to="李四"), scene(FIRST))])


def test_an_item_that_is_gone_by_now_leaves_no_empty_line() -> None:
    section = one(notice("D2-ahead", "ML-K7Q000009"), scene())
    assert section.bullets == ()


def test_a_long_list_ends_with_how_many_more() -> None:
    found = [
        notice("B3-finding", subject=str(n), finding=f"缺 {n}") for n in range(MOST_BULLETS + 5)
    ]
    (section,) = told(*found, at=scene())[1]
    assert len(section.bullets) == MOST_BULLETS + 1
    assert section.bullets[-1] == "… 另有 5 项，见跟踪表或会议纪要"
    assert section.more == 5


# --- hostile text ---


def test_text_of_documents_breaks_no_line() -> None:
    """Failure of formats: what stands in a document is one line, whatever is in it."""
    bad = item(1, HOSTILE, note=HOSTILE, acceptance=HOSTILE, meeting=HOSTILE, owner=HOSTILE)
    document = minutes(
        HOSTILE, file=HOSTILE, drafted=(HOSTILE,), approval=APPROVAL, items=(bad.id,)
    )
    at = scene(tracked(bad, rows=(row(HOSTILE, label=HOSTILE),)), documents=[document])
    facts = dict.fromkeys(("reason", "title", "finding", "department", "file", "quarter"), HOSTILE)
    for name in FORMS:
        subject = document.id if name.startswith("C3") else bad.id
        title, sections = told(notice(name, bad.id, subject=subject, **facts), at=at)
        for text in (title, *text_of(sections).split("\n")):
            assert not re.search("[\x00-\x1f\x7f\u2028\u202e]", text), name
        parts = [part for s in sections for part in (s.title, *s.lines, *s.bullets)]
        assert "\n" not in "".join(parts)


def test_text_of_documents_names_nothing() -> None:
    """A ``$`` or a bracket in a document is itself, not a name of the text."""
    at = scene(item(1, "付 $due [$id] $$ ${owner}"))
    assert "付 $due [$id] $$ ${owner}（" in one(notice("D2-ahead", FIRST.id), at).bullets[0]


def test_long_text_is_cut() -> None:
    at = scene(item(1, "长" * 10_000, note="x" * 10_000))
    bullet = one(notice("D6-ask", FIRST.id), at).bullets[0]
    assert bullet.startswith("长" * 119 + "…（")
    assert len(bullet) < 600


@given(st.text(max_size=400), st.integers(1, 300))
@settings(max_examples=200, deadline=None)
def test_a_line_is_one_line_of_at_most_so_many(text: str, longest: int) -> None:
    made = line(text, longest)
    assert len(made) <= longest
    assert len(made.splitlines()) <= 1
    assert made == made.strip()


# --- the language of texts ---


def test_a_text_is_title_sentences_and_lines_of_items() -> None:
    text = parse("\n提醒 $team\n\n请看。\n- $description[，$due]\n- 另：$note\n谢谢\n")
    assert text.title.fill({"team": "A"}) == "提醒 A"
    assert [w.fill({}) for w in text.lines] == ["请看。", "谢谢"]
    assert [w.fill({"description": "写"}) for w in text.bullets] == ["写", ""]


@pytest.mark.parametrize(
    ("source", "values", "made"),
    [
        ("$a_", {}, None),
        ("a[，到 $due]", {}, "a"),
        ("$id[，到 $due]", {"id": "1"}, "1"),
        ("$id[，到 $due]", {"id": "1", "due": "5-1"}, "1，到 5-1"),
        ("$id[，$owner 到 $due]", {"id": "1", "due": "5-1"}, "1"),
        ("[注] $id [$$]", {"id": "1"}, "[注] 1 $"),
        ("价 $$5", {}, "价 $5"),
        ("${id}号", {"id": "1"}, "1号"),
    ],
)
def test_what_a_line_becomes(source: str, values: dict[str, str], made: str | None) -> None:
    if made is None:
        with pytest.raises(WordingError):
            parse(source)
    else:
        assert parse(source).title.fill(values) == made


@pytest.mark.parametrize(
    ("source", "line_number", "words"),
    [
        ("", 1, "is empty"),
        ("  \n \n", 1, "is empty"),
        ("\n- $id", 2, "the first line is the title"),
        ("提醒\n到 $duo 为止", 2, "unknown name $duo - did you mean $due? allowed: acceptance, "),
        ("提醒\n\n共 5$ 元", 3, "a stray $ - write $$"),
        ("x" * 30_000, 1, "is longer than"),
    ],
)
def test_a_wrong_text_is_told_with_its_line(source: str, line_number: int, words: str) -> None:
    with pytest.raises(WordingError) as caught:
        parse(source)
    ((number, what),) = caught.value.problems
    assert number == line_number
    assert words in what


# --- a team's own ---


def test_a_team_replaces_single_texts(tmp_path: Path) -> None:
    own = tmp_path / "D2-ahead.txt"
    own.write_bytes("\ufeff加油\r\n还有 $count 项\r\n- $description\r\n".encode())
    (tmp_path / "title.txt").write_text("关键词 $team：$what", encoding="utf-8")
    (tmp_path / ".hidden").write_bytes(b"\xff")
    texts = templates.load(tmp_path, "zh")
    title, sections = render(
        [notice("D2-ahead", FIRST.id), notice("D2-today", SECOND.id)], scene(FIRST, SECOND), texts
    )
    assert title == "关键词 产品部：2 项行动项提醒"
    assert (sections[0].title, sections[0].lines) == ("加油", ("还有 1 项",))
    assert sections[1].title == "行动项今天到期"


def test_a_sentence_about_one_item_makes_a_section_for_each(tmp_path: Path) -> None:
    own = "$description\n$owner，请在 $due 前完成 $description"
    (tmp_path / "D2-ahead.txt").write_text(own, encoding="utf-8")
    texts = templates.load(tmp_path, "zh")
    found = [notice("D2-ahead", FIRST.id), notice("D2-ahead", SECOND.id)]
    _, sections = render(found, scene(FIRST, SECOND), texts)
    assert [s.title for s in sections] == ["写报告", "评估周期"]
    assert sections[1].lines == ("张三，请在 2024-05-27 前完成 评估周期",)


def test_no_folder_is_no_problem(tmp_path: Path) -> None:
    assert templates.load(tmp_path / "none", "en").keys() == set(FORMS) | {TITLE}


def test_a_folder_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(ConfigError, match="cannot be read: Permission denied"):
        templates.load(tmp_path, "zh")


def test_all_problems_of_a_folder_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "D2-ahed.txt").write_text("x", encoding="utf-8")
    (tmp_path / "D6-ask.txt").write_text("标题\n$nobody $\n", encoding="utf-8")
    (tmp_path / "E1-review.txt").write_bytes("回顾".encode("gbk"))
    (tmp_path / "F4-daily.txt").mkdir()
    with pytest.raises(ConfigError) as caught:
        templates.load(tmp_path, "zh")
    name = tmp_path.name
    lines = list(caught.value.lines)
    assert lines[0] == f'{name}/D2-ahed.txt: is no text of a notice - did you mean "D2-ahead.txt"?'
    assert lines[1].startswith(f"{name}/D6-ask.txt: line 2: unknown name $nobody - ")
    assert lines[2].startswith(f"{name}/D6-ask.txt: line 2: a stray $")
    assert lines[3].startswith(f"{name}/E1-review.txt: is not UTF-8 text")
    assert lines[4].startswith(f"{name}/F4-daily.txt: cannot be read")
    assert len(lines) == 5


def test_a_person_of_the_team_by_any_name_is_the_owner() -> None:
    directory = people(Person(name="赵六", aliases=("小赵",)))
    at = scene(item(owner="小赵"), directory=directory)
    assert "收不到" not in text_of([one(notice("D2-ahead", FIRST.id, to="赵六"), at)])
