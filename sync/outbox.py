"""The outbox and the drafts in the store: statements only. I/O by handle."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mapping.notices import Notice, NoticeState, Posted
from sync import tables as t
from sync.queries import of
from sync.stored import Draft, dump
from sync.transaction import Transaction

OPEN = (NoticeState.WAITING, NoticeState.LEAVING, NoticeState.FAILED)

_ALL = sa.select(t.notices).where(of(t.notices)).order_by(t.notices.c.first_at)
_OPEN = _ALL.where(t.notices.c.state.in_(OPEN))
_OF_KEYS = _ALL.where(t.notices.c.key.in_(sa.bindparam("of_wanted", expanding=True)))
_SENT = _ALL.where(
    t.notices.c.state == NoticeState.SENT,
    t.notices.c.key.startswith(sa.bindparam("of_prefix")),
)
_COUNTS = (
    sa.select(
        t.notices.c.channel,
        t.notices.c.state,
        sa.func.count().label("times"),
        sa.func.max(t.notices.c.sent_at).label("last"),
    )
    .where(of(t.notices))
    .group_by(t.notices.c.channel, t.notices.c.state)
)
_ERRORS = (
    sa.select(t.notices.c.channel, t.notices.c.error)
    .where(
        of(t.notices),
        t.notices.c.state.in_((NoticeState.WAITING, NoticeState.FAILED)),
        t.notices.c.error.is_not(None),
    )
    .order_by(t.notices.c.first_at)
)
_FORGET = sa.delete(t.notices).where(
    of(t.notices),
    t.notices.c.state.not_in(OPEN),
    t.notices.c.first_at < sa.bindparam("of_before"),
)
_DRAFTS = sa.select(t.drafts).where(of(t.drafts)).order_by(t.drafts.c.asked_at)
_DRAFT = sa.select(t.drafts).where(of(t.drafts, "key"))
_DROP_DRAFT = sa.delete(t.drafts).where(of(t.drafts, "key"))


def posted(tx: Transaction, keys: Iterable[str]) -> dict[tuple[str, str], Posted]:
    """Return the rows of the outbox that are not final, and those with these keys."""
    found = list(tx.rows(_OPEN))
    wanted = sorted(set(keys))
    for start in range(0, len(wanted), 500):
        found += tx.rows(_OF_KEYS, wanted=wanted[start : start + 500])
    return {(row.key, row.channel): _posted(row) for row in found}


def sent(tx: Transaction, rule: str) -> Iterator[tuple[Notice, datetime]]:
    """Return what was sent of a rule, with the time by which it was."""
    for row in map(_posted, tx.rows(_SENT, prefix=f"{rule}|")):
        yield row.notice, row.sent_at or row.first_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How a channel's notices stand.

    Attributes:
        counts: by state.
        sent_at: when the last one was sent, ISO.
        error: of the last one that was not taken, or that nobody can be reached with.
    """

    counts: Mapping[str, int]
    sent_at: str | None = None
    error: str | None = None


def tallies(tx: Transaction) -> dict[str, Tally]:
    """Return, by channel, how its notices stand."""
    counts: dict[str, dict[str, int]] = {}
    sent: dict[str, str | None] = {}
    for row in tx.rows(_COUNTS):
        counts.setdefault(row.channel, {})[row.state] = row.times
        sent[row.channel] = max(filter(None, (sent.get(row.channel), row.last)), default=None)
    errors = {row.channel: row.error for row in tx.rows(_ERRORS)}  # the last one stands last
    return {
        name: Tally(counts=c, sent_at=sent[name], error=errors.get(name))
        for name, c in counts.items()
    }


def used(tx: Transaction) -> set[str]:
    """Return the channels that ever carried a notice."""
    return {row.channel for row in tx.rows(_COUNTS)}


def forget(tx: Transaction, before: datetime) -> None:
    """Let go of notices that came before a time and are over."""
    tx.do(_FORGET, before=before.isoformat())


def put_posted(tx: Transaction, rows: Iterable[Posted]) -> None:
    """Write rows of the outbox."""
    tx.put(
        t.notices,
        [
            {
                "key": p.notice.key,
                "channel": p.channel,
                "state": p.state.value,
                "data": dump(asdict(p.notice)),
                "first_at": p.first_at.isoformat(),
                "tries": p.tries,
                "next_at": _text(p.next_at),
                "error": p.error,
                "message": p.message,
                "sent_at": _text(p.sent_at),
            }
            for p in rows
        ],
    )


def drafts(tx: Transaction) -> list[Draft]:
    """Return the minutes that wait for a host, or were refused; the oldest first."""
    return [_draft(row) for row in tx.rows(_DRAFTS)]


def draft(tx: Transaction, key: str) -> Draft | None:
    """Return the draft of a meeting."""
    rows = tx.rows(_DRAFT, key=key)
    return _draft(rows[0]) if rows else None


def put_draft(tx: Transaction, row: Draft) -> None:
    """Write a draft."""
    data = {
        "meeting": row.meeting,
        "series": row.series,
        "items": row.items,
        "findings": row.findings,
        "by": row.by,
        "at": row.at,
        "reason": row.reason,
    }
    tx.put(
        t.drafts,
        [
            {
                "key": row.key,
                "file": row.file,
                "digest": row.digest,
                "state": row.state,
                "asked_at": row.asked_at,
                "seen_at": row.seen_at,
                "data": dump(data),
            }
        ],
    )


def drop_draft(tx: Transaction, key: str) -> None:
    """Forget a draft."""
    tx.do(_DROP_DRAFT, key=key)


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _posted(row: Any) -> Posted:
    told = json.loads(row.data)
    return Posted(
        notice=Notice(**{**told, "about": tuple(told["about"])}),
        channel=row.channel,
        state=NoticeState(row.state),
        first_at=datetime.fromisoformat(row.first_at),
        tries=row.tries,
        next_at=_at(row.next_at),
        error=row.error,
        message=row.message,
        sent_at=_at(row.sent_at),
    )


def _draft(row: Any) -> Draft:
    data = json.loads(row.data)
    return Draft(
        key=row.key,
        file=row.file,
        digest=row.digest,
        state=row.state,
        asked_at=row.asked_at,
        seen_at=row.seen_at,
        **{**data, "items": tuple(data["items"])},
    )
