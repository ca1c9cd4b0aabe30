"""Questions in Jira's query language. Pure.

"Advanced searching - fields" (support.atlassian.com, read 2026-11): a moment is a literal to the
minute, without a zone, read in the zone of the asking account's profile.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ORDER = "ORDER BY created ASC, key ASC"  # in it nothing moves when people edit meanwhile
# Read as any zone's time, a literal of this one is never later than what is meant.
FARTHEST_WEST = timezone(timedelta(hours=-12))
_STEP = timedelta(minutes=30)


def quoted(text: str) -> str:
    """Return a value as it stands in a question, whatever signs or reserved words are in it."""
    text = " ".join(text.split())
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def zone_of(name: object) -> tzinfo:
    """Return the zone of an account's profile; one that is not known here loses nothing."""
    try:
        return ZoneInfo(str(name or ""))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return FARTHEST_WEST


def stamp(moment: datetime, zone: tzinfo) -> str:
    """Return a moment as a literal that is not later, however it is read.

    In the hour that clocks show twice a literal means two moments: an earlier one is taken.
    """
    local = moment.astimezone(UTC)
    while True:
        shown = local.astimezone(zone)
        if shown.replace(fold=0).utcoffset() == shown.replace(fold=1).utcoffset():
            return shown.strftime('"%Y-%m-%d %H:%M"')
        local -= _STEP


def rows(project: str, issue_type: str, narrowing: str, since: str = "") -> str:
    """Return the question for all rows, or those that were changed since a literal.

    Rows are the issues of the type, those of them that fit the narrowing, and whatever carries
    a label: it may be ours.
    """
    parts = [f"project = {project}", f"({_own(issue_type, narrowing)} OR labels is not EMPTY)"]
    if since:
        parts.append(f"updated >= {since}")
    return f"{' AND '.join(parts)} {ORDER}"


def own(project: str, issue_type: str, narrowing: str) -> str:
    """Return the question for the rows that need no label."""
    return f"project = {project} AND {_own(issue_type, narrowing)} {ORDER}"


def _own(issue_type: str, narrowing: str) -> str:
    kind = f"issuetype = {issue_type}"
    return f"({kind} AND ({narrowing}))" if narrowing else kind


def fitting(issue_type: str, narrowing: str, issues: Sequence[str]) -> str:
    """Return the question which of some issues fit the narrowing."""
    return f"id in ({', '.join(issues)}) AND issuetype = {issue_type} AND ({narrowing}) {ORDER}"


def labelled(labels: Sequence[str]) -> str:
    """Return the question for the issues with one of some labels, wherever they are."""
    return f"labels in ({', '.join(quoted(label) for label in labels)}) {ORDER}"


def in_status(project: str, issue_type: str, status: str) -> str:
    """Return the question for the issues of the type that are in a status."""
    return f"project = {project} AND issuetype = {issue_type} AND status = {status} {ORDER}"
