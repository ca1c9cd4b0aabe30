"""What a review proposes, each from one of its figures by a stated threshold (E2). Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mapping.said import Said
from tracking.figures import Review, Tally
from tracking.plain import percent

# What a figure must reach before something is proposed.
MANY_TOPICS = 0.2  # of the meetings had more topics than wanted
LATE_TOPICS = 0.2  # findings topic-late or material-name, by meeting
OVERRUN = 0.1  # of the planned time, by which meetings were longer
MINUTES_IN_TIME = 0.9
VAGUE = 0.2  # findings on owner or due day, by item
REDATED = 0.25  # moved items, by item that was due or moved
BLOCKED_DAYS = 5  # working days that one item was blocked
WAITING = 0.2  # reported and not checked, by item that was due
DEPARTMENT = 0.5  # of a department's items not in time, of at least FEWEST
FEWEST = 3
_VAGUE = ("owner-missing", "owner-vague", "owner-multiple", "due-missing", "due-vague")
_EARLY = ("topic-late", "material-name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Something to do otherwise.

    Attributes:
        code: what is proposed; stays the same between versions.
        figure: the figure it comes from, as the JSON of the review names it.
        value: of that figure.
        threshold: what it was held against.
    """

    code: str
    figure: str
    value: float
    threshold: float
    text: Said


def proposals(review: Review) -> tuple[Proposal, ...]:
    """Return what the figures call for: first the meetings, then minutes, then the tracking."""
    return tuple(proposal for propose in _RULES for proposal in propose(review))


def _topics(review: Review) -> Iterator[Proposal]:
    wanted, held = review.inputs.max_topics, review.meetings
    many = _ratio(review.many_topics, held)
    if many >= MANY_TOPICS:
        yield Proposal(
            code="fewer-topics",
            figure="topics.over_share",
            value=many,
            threshold=MANY_TOPICS,
            text=Said(
                f"减少议题：{held} 次会议中有 {review.many_topics} 次超过 {wanted} 个议题；"
                "把次要议题改为书面沟通，或分成两次开。",
                f"Fewer topics: {review.many_topics} of {held} meetings had more than {wanted}; "
                "settle the lesser ones in writing, or hold two meetings.",
            ),
        )


def _material(review: Review) -> Iterator[Proposal]:
    held = review.meetings
    early = sum(review.findings.get(code, 0) for code in _EARLY)
    if _ratio(early, held) >= LATE_TOPICS:
        yield Proposal(
            code="earlier-material",
            figure="findings",
            value=_ratio(early, held),
            threshold=LATE_TOPICS,
            text=Said(
                f"提前准备材料：{held} 次会议有 {early} 处议题或材料问题；"
                "会前 1-2 个工作日确定议题，并按约定命名发出材料。",
                f"Earlier material: findings on topics or material: {early}, in {held} meetings; "
                "fix the topics 1-2 working days ahead and send the material, named as agreed.",
            ),
        )


def _length(review: Review) -> Iterator[Proposal]:
    lengths = review.lengths
    over = _ratio(lengths.planned_real - lengths.planned, lengths.planned)
    if over >= OVERRUN:
        yield Proposal(
            code="keep-to-time",
            figure="length.overrun_share",
            value=over,
            threshold=OVERRUN,
            text=Said(
                f"控制时长：会议比计划平均长 {over:.0%}；为每个议题写明预计时长，到时即止。",
                f"Keep to the time: meetings ran {over:.0%} over plan; give each topic its "
                "minutes and stop when they are over.",
            ),
        )


def _in_time(review: Review) -> Iterator[Proposal]:
    share, hours = review.in_time_share, review.inputs.within_hours
    if share is not None and share < MINUTES_IN_TIME:
        out = review.minutes_late + review.missing
        yield Proposal(
            code="minutes-in-the-meeting",
            figure="minutes.in_time_share",
            value=share,
            threshold=MINUTES_IN_TIME,
            text=Said(
                f"当场记录：{out} 份纪要没有在会后 {hours} 小时内交出（按时 {share:.0%}）；"
                "会上直接填写行动项清单，散会前逐项确认。",
                f"Write in the meeting: minutes not there within {hours} hours: {out} "
                f"({share:.0%} in time); fill in the list of items there and confirm it before "
                "you part.",
            ),
        )


def _vagueness(review: Review) -> Iterator[Proposal]:
    vague = sum(review.findings.get(code, 0) for code in _VAGUE)
    if _ratio(vague, review.told_items) >= VAGUE:
        yield Proposal(
            code="who-and-when",
            figure="findings",
            value=_ratio(vague, review.told_items),
            threshold=VAGUE,
            text=Said(
                f"当场定人定日：{review.told_items} 个行动项有 {vague} 处负责人或日期不明确；"
                "由主持人在会上逐项问清一位负责人和具体日期。",
                f"Who and when, at once: findings on owners or days: {vague}, in "
                f"{review.told_items} items; let the host ask for one owner and one day for each.",
            ),
        )


def _on_time(review: Review) -> Iterator[Proposal]:
    items, goal = review.items, review.inputs.goal
    if items.share is not None and items.share < goal:
        share = percent(items.share, goal)
        yield Proposal(
            code="tracking-rhythm",
            figure="items.on_time_share",
            value=items.share,
            threshold=goal,
            text=Said(
                f"加密跟踪：按时完成率 {share}，低于目标 {percent(goal)}；"
                "在期限的一半时加一次检查，延期多的部门改为每周两次。",
                f"Track more closely: {share} done on time, the goal is {percent(goal)}; add "
                "a check half-way to the due day, and two a week where much is late.",
            ),
        )


def _departments(review: Review) -> Iterator[Proposal]:
    yield from (_department(one) for one in review.departments if _is_behind(one))


def _redated(review: Review) -> Iterator[Proposal]:
    moved = review.redated_share
    if moved is not None and moved >= REDATED:
        times = sum(a.number for a in review.redated)
        yield Proposal(
            code="smaller-steps",
            figure="redated.share",
            value=moved,
            threshold=REDATED,
            text=Said(
                f"拆小行动项：{len(review.redated)} 项共改期 {times} 次；定日期前先由负责人估工时，"
                "超过两周的拆成几步。",
                f"Smaller steps: items moved: {len(review.redated)}, {times} times in all; let the "
                "owner estimate before the day is set, and split what takes over two weeks.",
            ),
        )


def _blocked(review: Review) -> Iterator[Proposal]:
    longest = max((a.number for a in review.blocked), default=0)
    if longest > BLOCKED_DAYS:
        many = sum(a.number > BLOCKED_DAYS for a in review.blocked)
        yield Proposal(
            code="resolve-sooner",
            figure="blocked.longest_days",
            value=longest,
            threshold=BLOCKED_DAYS,
            text=Said(
                f"尽早解阻：{many} 项受阻超过 {BLOCKED_DAYS} 个工作日（最长 {longest} 个）；"
                "受阻当天定下解决人和日期，到期未解决的上报。",
                f"Resolve sooner: blocked over {BLOCKED_DAYS} working days: {many} (at most "
                f"{longest}); name who resolves it by when on the same day, and raise it when "
                "that day has passed.",
            ),
        )


def _missed(review: Review) -> Iterator[Proposal]:
    if review.missed:
        most = review.inputs.threshold
        yield Proposal(
            code="no-item-left-alone",
            figure="missed.count",
            value=len(review.missed),
            threshold=0,
            text=Said(
                f"不漏项：{len(review.missed)} 项延期超过 {most} 个工作日而无人更新；"
                "由部门负责人每周点名，不再需要的写明原因后关闭。",
                f"Leave none alone: over {most} working days late and touched by nobody: "
                f"{len(review.missed)}; let the head call them up each week, and close with a "
                "reason what is no longer needed.",
            ),
        )


def _unchecked(review: Review) -> Iterator[Proposal]:
    items = review.items
    waiting = _ratio(items.to_check, items.due)
    if waiting >= WAITING:
        yield Proposal(
            code="check-sooner",
            figure="items.to_check",
            value=waiting,
            threshold=WAITING,
            text=Said(
                f"尽快核实：{items.to_check} 项已报完成而未核实；收到提醒的下一个工作日内核实。",
                f"Check sooner: reported as done and not checked: {items.to_check}; do so "
                "within a working day of being asked.",
            ),
        )


def _is_behind(department: Tally) -> bool:
    enough = department.due >= FEWEST and bool(department.name)
    return enough and _ratio(department.not_in_time, department.due) >= DEPARTMENT


def _department(one: Tally) -> Proposal:
    return Proposal(
        code="department",
        figure="departments",
        value=_ratio(one.not_in_time, one.due),
        threshold=DEPARTMENT,
        text=Said(
            f"重点协调 {one.name}：{one.due} 项中有 {one.not_in_time} 项没有按时完成；"
            "由部门负责人核对人力和依赖，必要时重排优先级。",
            f"Coordinate {one.name}: {one.not_in_time} of {one.due} items were not done in time; "
            "let its head look at people and dependencies, and set priorities anew.",
        ),
    )


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


# In the order in which they are told: meetings, minutes, tracking.
_RULES: tuple[Callable[[Review], Iterator[Proposal]], ...] = (
    *(_topics, _material, _length),
    *(_in_time, _vagueness),
    *(_on_time, _departments, _redated, _blocked, _missed, _unchecked),
)
