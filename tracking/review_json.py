"""A review as JSON (E1, E2); its keys stay the same between versions. Pure."""

from typing import Any

from tracking.figures import About, Lengths, Review, Tally
from tracking.proposals import Proposal, proposals


def to_json(review: Review) -> dict[str, Any]:
    """Return a review as JSON; its keys stay the same between versions."""
    span, items = review.inputs, review.items
    language = span.directory.team.language
    return {
        "team": span.directory.team.name,
        "from": span.first.isoformat(),
        "to": span.last.isoformat(),
        "now": span.now.isoformat(timespec="seconds"),
        "items": {
            **_counts(items),
            "goal": span.goal,
            "kept_first_day": review.kept_first,
            "not_due_yet": review.not_yet,
            "closed": review.closed,
        },
        "departments": [{"name": t.name or None, **_counts(t)} for t in review.departments],
        "owners": [{"name": t.name or None, **_counts(t)} for t in review.owners],
        "redated": {
            "items": len(review.redated),
            "times": sum(a.number for a in review.redated),
            "share": _rounded(review.redated_share),
            "list": [_about(a, "times") for a in review.redated],
        },
        "blocked": {
            "items": len(review.blocked),
            "days": sum(a.number for a in review.blocked),
            "longest_days": max((a.number for a in review.blocked), default=0),
            "list": [_about(a, "days") for a in review.blocked],
        },
        "missed": {
            "count": len(review.missed),
            "threshold": span.threshold,
            "list": [_about(a, "days_late") for a in review.missed],
        },
        "findings": dict(review.findings),
        "minutes": {
            "meetings": review.meetings,
            "items": review.told_items,
            "in_time": review.in_time,
            "late": review.minutes_late,
            "missing": review.missing,
            "untimed": review.untimed,
            "in_time_share": _rounded(review.in_time_share),
            "within_hours": span.within_hours,
        },
        "length": _lengths(review.lengths),
        "topics": {
            "over": review.many_topics,
            "over_share": _share(review.many_topics, review.meetings),
            "max": span.max_topics,
        },
        "proposals": [_proposal(p, language) for p in proposals(review)],
        "retention": {"years": span.kept_years, "over_age": span.over_age},
    }


def _counts(tally: Tally) -> dict[str, Any]:
    return {
        "due": tally.due,
        "on_time": tally.on_time,
        "late": tally.late,
        "to_check": tally.to_check,
        "overdue": tally.overdue,
        "on_time_share": _rounded(tally.share),
    }


def _lengths(lengths: Lengths) -> dict[str, Any]:
    return {
        "meetings": lengths.timed,
        "real_minutes": lengths.real,
        "planned_meetings": lengths.planned_meetings,
        "planned_minutes": lengths.planned,
        "planned_real_minutes": lengths.planned_real,
        "over": lengths.over,
        "overrun_share": _share(lengths.planned_real - lengths.planned, lengths.planned),
    }


def _proposal(proposal: Proposal, language: str) -> dict[str, Any]:
    return {
        "code": proposal.code,
        "figure": proposal.figure,
        "value": _rounded(proposal.value),
        "threshold": proposal.threshold,
        "text": proposal.text.text(language),
    }


def _about(about: About, number: str) -> dict[str, Any]:
    item = about.item
    shown = not item.sensitive
    return {
        "id": item.id,
        "description": item.description if shown else None,
        "owner": item.owner if shown else None,
        number: about.number,
    }


def _share(part: float, whole: float) -> float | None:
    return _rounded(part / whole) if whole else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
