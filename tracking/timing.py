"""What only the time tells of minutes: that they came late, or their topics did (A1, C1). Pure."""

from datetime import datetime, timedelta

from mapping.calendar import Calendar, add_workdays
from mapping.said import Said
from mapping.values import Finding, Meeting, Severity
from tracking.moments import end_of

RECENT = timedelta(days=14)  # a meeting longer ago was brought in later, on purpose


def findings(
    meeting: Meeting,
    seen_at: datetime,
    calendar: Calendar,
    *,
    within_hours: int,
    off: frozenset[str],
    language: str,
) -> tuple[Finding, ...]:
    """Return what is late about minutes or an agenda that were first seen at a time.

    Args:
        meeting: as it was read.
        seen_at: aware, in the team's zone.
        calendar: which days are worked.
        within_hours: after the meeting's end (C1).
        off: ids of rules that the team does not want.
        language: of the messages.
    """
    out = []
    end = end_of(meeting, seen_at.tzinfo)
    limit = timedelta(hours=within_hours)
    if "C1" not in off and end and limit < seen_at - end < RECENT:
        hours = int((seen_at - end).total_seconds() // 3600)
        told = Said(
            f"会议结束 {hours} 小时后才收到纪要，应在 {within_hours} 小时内整理完成",
            f"the minutes came {hours} hours after the meeting; they are due within "
            f"{within_hours} hours",
        )
        out.append(Finding(code="minutes-late", message=told.text(language), rule="C1"))
    if "A1" not in off and meeting.day and meeting.topics and meeting.day >= seen_at.date():
        ahead = end is not None and seen_at < end
        if ahead and add_workdays(calendar, seen_at.date(), 1) > meeting.day:
            told = Said(
                "会议目标和议题应提前 1-2 个工作日确定，这份议程来得太晚",
                "goal and topics are to be fixed 1-2 working days ahead; this agenda came later",
            )
            message = told.text(language)
            out.append(
                Finding(code="topic-late", message=message, rule="A1", severity=Severity.INFO)
            )
    return tuple(out)
