"""A reading as the JSON that ``parse --json`` prints. Pure."""

from datetime import date
from typing import Any

from mapping.values import Decision, Entry, Finding, Meeting, Reading


def to_json(reading: Reading) -> dict[str, Any]:
    """Return the object of one document, its keys in their fixed order, without ``file``."""
    return {
        "meeting": _meeting(reading.meeting),
        "decisions": [_decision(decision) for decision in reading.decisions],
        "items": [_item(entry) for entry in reading.entries],
        "findings": [_finding(finding) for finding in reading.findings],
    }


def _meeting(meeting: Meeting) -> dict[str, Any]:
    return {
        "title": meeting.title,
        "type": meeting.type,
        "start": meeting.start,
        "end": meeting.end,
        "place": meeting.place,
        "host": meeting.host,
        "recorder": meeting.recorder,
        "attendees": list(meeting.attendees),
        "absent": [{"name": a.name, "reason": a.reason} for a in meeting.absent],
        "goals": list(meeting.goals),
        "topics": list(meeting.topics),
        "next": {
            "start": meeting.next.start,
            "place": meeting.next.place,
            "topic": meeting.next.topic,
        },
        "sensitive": meeting.sensitive,
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {"text": decision.text, "conclusion": decision.conclusion, "line": decision.line}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _item(entry: Entry) -> dict[str, Any]:
    return {
        "description": entry.description,
        "owner": entry.owner,
        "owners": list(entry.owners),
        "department": entry.department,
        "support": list(entry.support),
        "due": _day(entry.due),
        "due_text": entry.due_text,
        "expected": _day(entry.expected),
        "acceptance": entry.acceptance,
        "status": entry.status,
        "completed": _day(entry.completed),
        "deliverable": entry.deliverable,
        "note": entry.note,
        "carried": entry.carried,
        "line": entry.line,
        "source": entry.source,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "rule": finding.rule,
        "severity": finding.severity,
        "line": finding.line,
        "message": finding.message,
    }
