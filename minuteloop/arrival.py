"""When minutes came, and what only that moment tells of them (A1, C1)."""

from dataclasses import replace
from datetime import datetime

from mapping.calendar import Calendar
from mapping.values import Reading
from minuteloop.config import TeamConfig
from sync import outbox
from sync.transaction import Transaction
from tracking import timing


def first_seen(tx: Transaction, key: str, now: datetime, reading: Reading) -> str:
    """Return when the first version of minutes was there (C1); their agenda is none.

    Args:
        tx: of the team's store.
        key: of the minutes' document.
        now: what holds where they are new.
        reading: this version of them.

    Returns:
        an ISO 8601 moment with its offset.
    """
    row, draft = tx.document(key), outbox.draft(tx, key)
    known = draft if row is None or (row.is_agenda and not reading.agenda) else row
    return (known.seen_at if known else "") or now.isoformat()


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
