"""When minutes came, and what only that moment tells of them (A1, C1)."""

from dataclasses import replace
from datetime import datetime
from itertools import product

from mapping.calendar import Calendar
from mapping.notices import Notice
from mapping.titles import theme_of
from mapping.values import Meeting, Reading
from minuteloop.config import TeamConfig
from minuteloop.scene import VERSION
from minuteloop.sent_log import SentLog
from sync import outbox
from sync.transaction import Transaction
from tracking import timing
from tracking.moments import end_of


def first_seen(
    tx: Transaction, config: TeamConfig, now: datetime, reading: Reading, *, key: str, digest: str
) -> str:
    """Return when the first version of minutes was there (C1); their agenda is none.

    A database that was lost knew it. Where minutes have been sent to people before and nobody
    was told that they were late, they were there in time: then it is the meeting's end.

    Args:
        tx: of the team's store.
        config: the team's.
        now: what holds where they are new.
        reading: this version of them.
        key: of the minutes' document.
        digest: of this version's bytes.

    Returns:
        an ISO 8601 moment with its offset.
    """
    row, draft = tx.document(key), outbox.draft(tx, key)
    known = draft if row is None or (row.is_agenda and not reading.agenda) else row
    if known and known.seen_at:
        return known.seen_at
    over = end_of(reading.meeting, now.tzinfo)
    if over and over < now and _was_sent_in_time(config, key, digest, reading.meeting):
        return over.isoformat()
    return now.isoformat()


def _was_sent_in_time(config: TeamConfig, key: str, digest: str, meeting: Meeting) -> bool:
    """Say whether ``sent.log`` knows minutes, and not as late (C1, C3).

    Where nobody was to be told that they were late, this cannot be known, and they count as in
    time: most are, and nobody is blamed for a database that was lost.
    """
    sent = SentLog(config.state() / "sent.log")
    carriers = [channel.name for channel in config.settings.channels]

    def left(rule: str, form: str, subject: str, period: str) -> bool:
        notices = (
            Notice(rule=rule, form=form, subject=subject, period=period, to=person.name)
            for person in config.settings.people
        )
        return bool(sent.among(product((n.key for n in notices), carriers)))

    versions = ("", digest[:VERSION])
    return any(left("C3", "distribute", key, version) for version in versions) and not left(
        "C1", "late", theme_of(meeting.title) or key, str(meeting.day)
    )


def timed(reading: Reading, seen_at: str, config: TeamConfig, calendar: Calendar) -> Reading:
    """Add what only the time tells: minutes that came late, topics fixed late (A1, C1)."""
    found = timing.findings(
        reading.meeting,
        datetime.fromisoformat(seen_at),
        calendar,
        within_hours=config.rules.minutes_within_hours,
        off=frozenset(config.rules.off) | ({"C1"} if reading.agenda else set()),
        language=config.settings.language,
    )
    return replace(reading, findings=(*reading.findings, *found))
