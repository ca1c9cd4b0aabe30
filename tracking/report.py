"""A review in words: as blocks, as text, as Markdown (E1, E2). Pure.

Texts of documents and names are one line each; Markdown escapes them.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracking.figures import About, Lengths, Review, Tally
from tracking.plain import escaped, line, percent
from tracking.proposals import proposals

_LISTED = 10  # items that a table names; JSON has all
_DESCRIPTION = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A part of a report.

    Attributes:
        lines: sentences.
        table: its first line is the header; may be empty.
    """

    title: str
    lines: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A review as it is read, from top to bottom."""

    language: str
    title: str
    blocks: tuple[Block, ...]


def report(review: Review) -> Report:
    """Return a review in the words of the team's language."""
    return _Writer(review).report()


class _Writer:
    def __init__(self, review: Review) -> None:
        self.review = review
        team = review.inputs.directory.team
        self.team = team.name
        self.language = team.language
        self.zh = team.language == "zh"

    def say(self, zh: str, en: str) -> str:
        return zh if self.zh else en

    def report(self) -> Report:
        span = self.review.inputs
        title = self.say(
            f"{self.team} 回顾：{span.first} 至 {span.last}",
            f"Review of {self.team}: {span.first} to {span.last}",
        )
        blocks = (
            self.items(),
            self.groups(self.say("按部门", "By department"), self.review.departments),
            self.groups(self.say("按负责人", "By owner"), self.review.owners),
            self.abouts(
                self.say("改期的行动项", "Items that were moved to a later day"),
                self.review.redated,
                self.say("改期次数", "Times"),
            ),
            self.abouts(
                self.say("受阻的行动项", "Items that were blocked"),
                self.review.blocked,
                self.say("受阻工作日", "Working days"),
            ),
            self.abouts(
                self.say("漏跟的行动项", "Items that were missed"),
                self.review.missed,
                self.say("已晚工作日", "Working days late"),
            ),
            self.meetings(),
            self.findings(),
            self.proposals(),
        )
        shown = tuple(block for block in blocks if block.lines or block.table)
        return Report(language=self.language, title=line(title), blocks=shown)

    def items(self) -> Block:
        r, goal = self.review, self.review.inputs.goal
        title = self.say("行动项", "Action items")
        if not r.items.due:
            none = self.say("这段时间没有到期的行动项。", "No action item was due in this time.")
            return Block(title=title, lines=(none,))
        share = r.items.share or 0.0
        met, told, wanted = share >= goal, percent(share, goal), percent(goal)
        return Block(
            title=title,
            lines=(
                self.say(
                    f"按时完成率 {told}，目标 {wanted}，{'达到' if met else '未达到'}目标。",
                    f"{told} done on time; the goal of {wanted} was {'' if met else 'not '}"
                    "reached.",
                ),
            ),
            table=(
                (self.say("项目", "What"), self.say("数量", "Count")),
                (self.say("到期的行动项", "Were due"), str(r.items.due)),
                (self.say("按时完成", "Done on time"), str(r.items.on_time)),
                (self.say("其中守住最初日期", "... by the first planned day"), str(r.kept_first)),
                (self.say("延期完成", "Done late"), str(r.items.late)),
                (self.say("已报完成，待核实", "Reported, to be checked"), str(r.items.to_check)),
                (self.say("过期未完成", "Overdue"), str(r.items.overdue)),
                (self.say("尚未到期", "Not due yet"), str(r.not_yet)),
                (self.say("已关闭", "Closed"), str(r.closed)),
            ),
        )

    def groups(self, title: str, tallies: Sequence[Tally]) -> Block:
        if not tallies:
            return Block(title=title)
        header = (
            self.say("名称", "Name"),
            self.say("到期", "Due"),
            self.say("按时", "On time"),
            self.say("延期完成", "Done late"),
            self.say("待核实", "To check"),
            self.say("过期未完成", "Overdue"),
            self.say("按时完成率", "Share on time"),
        )
        rows = (
            (
                line(t.name, _DESCRIPTION) or self.say("（未定）", "(nobody)"),
                *map(str, (t.due, t.on_time, t.late, t.to_check, t.overdue)),
                percent(t.share or 0.0, self.review.inputs.goal),
            )
            for t in tallies
        )
        return Block(title=title, table=(header, *rows))

    def abouts(self, title: str, abouts: Sequence[About], number: str) -> Block:
        if not abouts:
            return Block(title=title)
        header = (
            self.say("编号", "ID"),
            self.say("行动项描述", "Action"),
            self.say("负责人", "Owner"),
            number,
        )
        rows = tuple(
            (a.item.id, self.description(a), self.owner(a), str(a.number)) for a in abouts[:_LISTED]
        )
        more = len(abouts) - len(rows)
        told = self.say(f"另有 {more} 项未列出。", f"Not listed: {more} more.")
        return Block(title=title, lines=(told,) if more else (), table=(header, *rows))

    def description(self, about: About) -> str:
        """Return an item's text; what is sensitive is not told (F5)."""
        if about.item.sensitive:
            return self.say("（敏感）", "(sensitive)")
        return line(about.item.description, _DESCRIPTION)

    def owner(self, about: About) -> str:
        return "" if about.item.sensitive else line(about.item.owner, _DESCRIPTION)

    def meetings(self) -> Block:
        r = self.review
        title = self.say("会议与纪要", "Meetings and minutes")
        if not r.meetings and not r.missing:
            none = self.say("这段时间没有会议纪要。", "There were no minutes in this time.")
            return Block(title=title, lines=(none, *self.over_age()))
        hours, most = r.inputs.within_hours, r.inputs.max_topics
        lines = [
            self.say(
                f"会议 {r.meetings} 次；会后 {hours} 小时内交出纪要 {r.in_time} 份，"
                f"迟交 {r.minutes_late} 份，未交 {r.missing} 份。",
                f"Meetings: {r.meetings}. Minutes within {hours} hours: {r.in_time}, "
                f"late: {r.minutes_late}, missing: {r.missing}.",
            ),
            self.say(
                f"超过 {most} 个议题的会议 {r.many_topics} 次。",
                f"Meetings with more than {most} topics: {r.many_topics}.",
            ),
            *self.lengths(r.lengths),
            *self.over_age(),
        ]
        return Block(title=title, lines=tuple(lines))

    def over_age(self) -> Iterator[str]:
        number, years = self.review.inputs.over_age, self.review.inputs.kept_years
        if number:
            yield self.say(
                f"归档中超过 {years} 年的文件 {number} 个（minuteloop retention）。",
                f"Older than {years} years in the archive: {number} (minuteloop retention).",
            )

    def lengths(self, lengths: Lengths) -> Iterator[str]:
        if lengths.timed:
            mean = round(lengths.real / lengths.timed)
            yield self.say(
                f"写明起止时间的 {lengths.timed} 次会议平均 {mean} 分钟。",
                f"Meetings that tell their hours: {lengths.timed}, {mean} minutes on average.",
            )
        if lengths.planned_meetings:
            yield self.say(
                f"其中 {lengths.planned_meetings} 次有计划时长：计划 {lengths.planned} 分钟，"
                f"实际 {lengths.planned_real} 分钟，{lengths.over} 次超时。",
                f"Of a planned length: {lengths.planned_meetings}; minutes planned: "
                f"{lengths.planned}, real {lengths.planned_real}; ran over: {lengths.over}.",
            )

    def findings(self) -> Block:
        header = (self.say("类别", "Kind"), self.say("数量", "Count"))
        rows = tuple((code, str(n)) for code, n in self.review.findings.items())
        title = self.say("纪要中的问题", "Findings in minutes")
        return Block(title=title, table=(header, *rows) if rows else ())

    def proposals(self) -> Block:
        told = tuple(line(p.text.text(self.language), 400) for p in proposals(self.review))
        none = self.say("各项指标都在目标之内。", "All figures are within their bounds.")
        return Block(title=self.say("改进建议", "Proposals"), lines=told or (none,))


# --- written down ---


def as_text(report: Report) -> str:
    """Return a report for a terminal."""
    parts = [report.title, ""]
    for block in report.blocks:
        parts += [block.title, *(f"  {text}" for text in block.lines)]
        parts += [f"  {row}" for row in _columns(block.table)]
        parts.append("")
    return "\n".join(parts)


def _columns(table: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(_width, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = (
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        )
        yield "  ".join(cells).rstrip()


def _width(text: str) -> int:
    """Return the columns that a text takes on a terminal."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def as_markdown(report: Report) -> str:
    """Return a report as Markdown."""
    parts = [f"# {escaped(report.title)}", ""]
    for block in report.blocks:
        parts += [f"## {escaped(block.title)}", ""]
        parts += [f"- {escaped(text)}" for text in block.lines]
        parts += [""] if block.lines else []
        for n, row in enumerate(block.table):
            parts.append("| " + " | ".join(map(escaped, row)) + " |")
            if n == 0:
                parts.append("|" + " --- |" * len(row))
        parts += [""] if block.table else []
    return "\n".join(parts)
