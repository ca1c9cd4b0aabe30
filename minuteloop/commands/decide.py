"""``close``, ``verify``, ``approve``, ``undo`` ...: a decision written down for the next pass."""

import getpass
from pathlib import Path

import typer

from mapping import ids
from mapping.words import fold
from minuteloop.commands.look import find_item, reading, told_plainly
from minuteloop.commands.passes import clock_for, load
from minuteloop.config import TeamConfig
from minuteloop.errors import ConfigError
from minuteloop.team import open_store
from sync import outbox
from sync.store import StoreError
from sync.stored import Draft
from sync.undo import select


def close(path: Path | None, text: str, *, why: str, now: str | None) -> int:
    """Write down that an item will not be done."""
    loaded = load(path)
    team, item = find_item(loaded, text)
    return _write(team, "close", item, {"why": why, "by": _user()}, now)


def verify(path: Path | None, text: str, *, refuse: str | None, now: str | None) -> int:
    """Write down the follow-up person's check of a reported completion (D5)."""
    loaded = load(path)
    team, item = find_item(loaded, text)
    args = {"by": _follow_up(team, item)} | _refusal(refuse)
    return _write(team, "verify", item, args, now)


def release(path: Path | None, plan: str) -> int:
    """Write down that a held plan may go through."""
    loaded = load(path)
    for team in loaded.teams:
        with told_plainly(team), reading(team) as tx:
            held = any(tx.tracker(name).plan == plan for name in tx.tracker_names())
        if held:
            return _write(team, "release", plan, {"by": _user()}, None)
    raise ConfigError([f"no tracker holds the plan {plan}; `minuteloop status` names those held"])


def accept(path: Path | None, text: str, *, now: str | None) -> int:
    """Write down that a possible item is one."""
    loaded = load(path)
    item_id = ids.parse(text)
    for team in loaded.teams:
        with told_plainly(team), reading(team) as tx:
            known = item_id is not None and tx.candidate(item_id) is not None
        if known and item_id is not None:
            return _write(team, "accept", item_id, {"by": _user()}, now)
    raise ConfigError([f"there is no possible item {text}; `minuteloop status` names those found"])


def approve(path: Path | None, text: str, *, refuse: str | None, now: str | None) -> int:
    """Write down the host's approval of minutes, or that they go back (C3)."""
    loaded = load(path)
    found: list[tuple[TeamConfig, Draft]] = []
    for team in loaded.teams:
        with told_plainly(team), reading(team) as tx:
            found += [(team, draft) for draft in outbox.drafts(tx) if _is_meant(draft, text)]
    if not found:
        raise ConfigError(
            [f'no minutes "{text}" wait for approval; `minuteloop status` names them']
        )
    if len(found) > 1:
        those = ", ".join(f"{d.key} ({d.file})" for _, d in found)
        raise ConfigError([f'"{text}" may be {those} - name one by its id'])
    team, draft = found[0]
    args = {"digest": draft.digest, "by": str(draft.meeting.get("host") or _user())}
    return _write(team, "approve", draft.key, args | _refusal(refuse), now)


def _refusal(reason: str | None) -> dict[str, str]:
    if reason is not None and not reason.strip():
        raise ConfigError(["--refuse: is empty, must be the reason, which the other side is told"])
    return {} if reason is None else {"refuse": reason.strip()}


def _is_meant(draft: Draft, text: str) -> bool:
    title = str(draft.meeting.get("title") or "")
    return text.strip() in (draft.key, draft.file) or fold(text) == fold(title)


def undo(path: Path | None, what: str, *, now: str | None) -> int:
    """Write down that a change, a pass or an actor's changes are to be taken back."""
    loaded = load(path)
    known = []
    for team in loaded.teams:
        with told_plainly(team), reading(team) as tx:
            if select(tx, what):
                known.append(team)
    if not known:
        raise ConfigError(
            [f"no change {what}; `minuteloop history ID` shows numbers and passes (17, pass:R-…)"]
        )
    if len(known) > 1 and what.isdecimal():
        names = " and of ".join(team.name for team in known)
        raise ConfigError([f"{what} is a change of {names} - name one team file with -c"])
    return max(_write(team, "undo", what, {"by": _user()}, now) for team in known)


def _write(team: TeamConfig, verb: str, target: str, args: dict[str, str], now: str | None) -> int:
    clock = clock_for(team, now)
    try:
        store = open_store(team)
        with store.transaction() as tx:
            tx.request(verb, target, args, clock.now().isoformat())
        store.close()
    except StoreError as error:
        typer.echo(f"{team.name}: {error}", err=True)
        return 1
    typer.echo(f"{verb} {target}: written down, the next pass carries it out")
    return 0


def _follow_up(team: TeamConfig, item_id: str) -> str:
    """Return who checks an item: the host, the head or the person that the team file names."""
    wanted = team.rules.follow_up
    with told_plainly(team), reading(team) as tx:
        item = tx.some_items([item_id])[item_id].item
        document = tx.document(item.meeting_id) if item.meeting_id else None
    if wanted == "host":
        return str((document.meeting.get("host") if document else None) or _user())
    if wanted == "head":
        people = {p.name: p.department for p in team.team().people}
        department = item.department or people.get(item.owner or "")
        heads = {d.name: d.head for d in team.team().departments}
        return heads.get(department or "") or _user()
    return wanted


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no account behind this process, as in some containers
        return "minuteloop"
