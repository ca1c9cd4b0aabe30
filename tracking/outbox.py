"""What becomes of notices: which are new, withdrawn, due to leave, and in which message. Pure.

The outbox has one row for each notice and channel. What has been sent never leaves again; what may
have been sent goes again only where it would be known again (failure 86).
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from mapping.notices import Notice, NoticeKind, NoticeState, Posted

GIVEN_UP = timedelta(days=3)  # after the first refusal; said aloud, and tried once a day
DAILY = timedelta(days=1)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=2)

Key = tuple[str, str]
_OPEN = (NoticeState.WAITING, NoticeState.FAILED)
UNHEARD = (*_OPEN, NoticeState.WITHDRAWN)  # nobody was told


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A channel as the outbox sees it.

    Attributes:
        personal: it reaches one person alone.
        repeatable: a message is known again by its id.
    """

    name: str
    kinds: frozenset[NoticeKind]
    personal: bool
    repeatable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What leaves as one message.

    Attributes:
        id: no other message's, nor that of another team.
        people: names; one for a personal channel.
    """

    id: str
    team: str
    channel: str
    people: tuple[str, ...]
    rows: tuple[Posted, ...]

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Return what it tells; the same thing told to several people once, as to the first."""
        told: dict[str, Notice] = {}
        for p in self.rows:
            told.setdefault(_matter(p.notice), p.notice)
        return tuple(told.values())


def reconcile(
    due: Sequence[Notice],
    known: Mapping[Key, Posted],
    routes: Sequence[Route],
    now: datetime,
    *,
    sent: Mapping[Key, str] | None = None,
    used: Collection[str] | None = None,
) -> list[Posted]:
    """Return the rows of the outbox that change: new, withdrawn, wanted again.

    What was told before a channel was there is not told by it once more.

    Args:
        due: all notices that hold now.
        known: rows that are not final, and those of the notices in ``due``.
        routes: the channels; without one that carries a notice it waits.
        now: aware.
        sent: what is known to have left although the outbox may not know it: it was restored
            from an older copy, or lost. Each with the id of the message in which it may have
            left; empty if it was taken.
        used: channels that ever carried anything; None: all did.
    """
    left = sent or {}
    told = {n for (n, _), row in known.items() if row.state is NoticeState.SENT}
    again = {r.name for r in routes if r.repeatable}
    wanted: dict[Key, Notice] = {}
    for notice in due:
        for channel in _channels(notice, routes):
            wanted.setdefault((notice.key, channel), notice)
    out = []
    for key, notice in wanted.items():
        row = known.get(key)
        if row is None:
            is_old = used is not None and key[1] not in used and notice.key in told
            state = NoticeState.SENT if is_old else NoticeState.WAITING
            new = Posted(notice=notice, channel=key[1], state=state, first_at=now)
        elif row.state is NoticeState.WITHDRAWN:
            waiting = NoticeState.WAITING
            new = replace(row, notice=notice, state=waiting, first_at=now, tries=0, error=None)
        elif row.state in _OPEN:
            new = replace(row, notice=notice)
        else:
            continue
        if key in left:
            new = _left(new, left[key], now, repeatable=key[1] in again)
        if new != row:
            out.append(new)
    for key, row in known.items():
        if key not in wanted and row.state in _OPEN:
            out.append(replace(row, state=NoticeState.WITHDRAWN, next_at=None))
    return out


def _left(row: Posted, message: str, now: datetime, *, repeatable: bool) -> Posted:
    """Return a row as it stands when it was taken, or may have left in a message with an id."""
    if not message:
        return replace(row, state=NoticeState.SENT, sent_at=now, next_at=None, error=None)
    if not repeatable:
        return replace(row, state=NoticeState.UNKNOWN, next_at=None, message=message)
    return replace(row, message=message)


def interrupted(
    known: Iterable[Posted], routes: Sequence[Route], sent: Mapping[Key, str], now: datetime
) -> list[Posted]:
    """Return the rows that were on the wire when a process ended, as they stand now.

    What is not noted as leaving had not left, what is noted as taken was. Of the others those go
    again, under the same id, of which a message is known again.

    Args:
        known: rows of the outbox.
        routes: the channels.
        sent: what is noted beside the outbox, as for ``reconcile``.
        now: aware.
    """
    again = {r.name for r in routes if r.repeatable}
    out = []
    for row in known:
        if row.state is not NoticeState.LEAVING:
            continue
        if row.key not in sent:
            out.append(replace(row, state=NoticeState.WAITING, message=None))
        elif not sent[row.key]:
            out.append(replace(row, state=NoticeState.SENT, sent_at=now))
        elif row.channel in again:
            out.append(replace(row, state=NoticeState.WAITING))
        else:
            out.append(replace(row, state=NoticeState.UNKNOWN))
    return out


def ready(
    rows: Iterable[Posted], now: datetime, quiet_hours: tuple[time, time] | None
) -> list[Posted]:
    """Return the rows that may leave now."""
    if is_quiet(now.time(), quiet_hours):
        return []
    return [
        row
        for row in rows
        if row.channel and row.state in _OPEN and (row.next_at is None or row.next_at <= now)
    ]


def is_quiet(at: time, quiet_hours: tuple[time, time] | None) -> bool:
    """Say whether nothing is sent at a time of day; the hours may span midnight."""
    if quiet_hours is None:
        return False
    start, end = quiet_hours
    at = at.replace(tzinfo=None)
    return start <= at < end if start <= end else at >= start or at < end


def given_up(row: Posted, now: datetime) -> bool:
    """Say whether a notice was refused for so long that it is tried once a day only."""
    return row.state is NoticeState.FAILED and now - row.first_at > GIVEN_UP


def bundles(rows: Iterable[Posted], routes: Sequence[Route], team: str = "") -> list[Bundle]:
    """Put together what leaves as one message.

    By a personal channel all that one person is told; to a group, what several people are told in
    the same words is told once, and the rest by person. What may have left before goes as it was.
    """
    personal = {r.name for r in routes if r.personal}
    together: dict[tuple[str, ...], list[Posted]] = {}
    people: dict[tuple[str, str], dict[str, None]] = {}
    rows = list(rows)
    for row in rows:
        people.setdefault((row.channel, _matter(row.notice)), {})[row.notice.to] = None
    for row in rows:
        if row.message:
            key: tuple[str, ...] = (row.channel, "again", row.message)
        elif row.channel in personal:
            key = (row.channel, "one", row.notice.to)
        else:
            key = (row.channel, "some", *people[row.channel, _matter(row.notice)])
        together.setdefault(key, []).append(row)
    return [_bundle(team, key[0], members) for key, members in together.items()]


def halves(bundle: Bundle) -> list[Bundle]:
    """Return a bundle that is too large for one message as two; one notice stays as it is."""
    matters = [_matter(n) for n in bundle.notices]
    if len(matters) < 2 or bundle.rows[0].message:
        return [bundle]
    first = set(matters[: len(matters) // 2])
    parts = (
        [p for p in bundle.rows if _matter(p.notice) in first],
        [p for p in bundle.rows if _matter(p.notice) not in first],
    )
    return [_bundle(bundle.team, bundle.channel, part) for part in parts]


def leaving(bundle: Bundle) -> list[Posted]:
    """Return the rows of a message that goes on the wire now."""
    return [replace(p, state=NoticeState.LEAVING, message=bundle.id) for p in bundle.rows]


def taken(bundle: Bundle, now: datetime) -> list[Posted]:
    """Return the rows of a message that the service says it took."""
    return [
        replace(p, state=NoticeState.SENT, message=bundle.id, sent_at=now, error=None, next_at=None)
        for p in bundle.rows
    ]


def refused(
    bundle: Bundle, now: datetime, error: str, *, retry_after_s: float | None = None
) -> list[Posted]:
    """Return the rows of a message that was not taken: tried again, ever later.

    What is refused for days on end is tried once a day; the time in which it only waited for a
    channel does not count.
    """
    out = []
    for p in bundle.rows:
        first_at = p.first_at if p.tries else now
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(p.tries, 10))
        if now - first_at > GIVEN_UP:
            wait = DAILY
        wait = max(wait, timedelta(seconds=retry_after_s or 0))
        out.append(
            replace(
                p,
                state=NoticeState.FAILED,
                first_at=first_at,
                tries=p.tries + 1,
                next_at=now + wait,
                error=error,
            )
        )
    return out


def unanswered(bundle: Bundle, now: datetime, error: str, *, repeatable: bool) -> list[Posted]:
    """Return the rows of a message that may have been taken."""
    if not repeatable:
        return [
            replace(p, state=NoticeState.UNKNOWN, message=bundle.id, error=error)
            for p in bundle.rows
        ]
    return [replace(p, message=bundle.id) for p in refused(bundle, now, error)]


def offered_again(rows: Iterable[Posted]) -> list[Posted]:
    """Return what was refused, as it waits for a channel that was set up anew."""
    return [
        replace(p, state=NoticeState.WAITING, tries=0, next_at=None, error=None)
        for p in rows
        if p.state is NoticeState.FAILED
    ]


def unreachable(bundle: Bundle, error: str) -> list[Posted]:
    """Return the rows of a message for whom the channel has no address: they wait for one."""
    return [replace(p, state=NoticeState.WAITING, error=error) for p in bundle.rows]


def _channels(notice: Notice, routes: Sequence[Route]) -> list[str]:
    """Return the channels that carry a notice; the empty name if none does."""
    return [
        r.name for r in routes if notice.kind in r.kinds and (r.personal or not notice.sensitive)
    ] or [""]


def _matter(notice: Notice) -> str:
    """Return what tells that two people are told the same thing."""
    return f"{notice.rule}|{notice.form}|{notice.subject}|{notice.period}|{notice.about}"


def _bundle(team: str, channel: str, rows: Sequence[Posted]) -> Bundle:
    people = tuple({p.notice.to: None for p in rows})
    text = "\n".join([team, *sorted("\0".join(p.key) for p in rows)])
    own = hashlib.sha256(text.encode()).hexdigest()[:20]
    message = rows[0].message or f"ml-{own}"
    return Bundle(id=message, team=team, channel=channel, people=people, rows=tuple(rows))
