"""``close``, ``verify``, ``approve``, ``undo`` ...: a decision written down for the next pass."""

import getpass
from pathlib import Path

import typer

from mapping import ids
from mapping.people import Directory
from mapping.titles import subject_of
from mapping.words import fold
from minuteloop import workdays
from minuteloop.commands.passes import clock_for, load
from minuteloop.commands.stores import find_item, reading, told_plainly
from minuteloop.config import TeamConfig
from minuteloop.errors import ConfigError
from minuteloop.scene import items_of, scene_of
from minuteloop.team import open_store
from sync import outbox
from sync.store import StoreError
from sync.stored import Draft
from sync.transaction import Transaction
from sync.undo import select
from tracking.recipients import Recipients
from tracking.scene import Scene


def close(path: Path | None, text: str, *, why: str, now: str | None) -> int:
    """Write down that an item will not be done."""
    loaded = load(path)
    team, item = find_item(loaded, text)
    return _write(team, "close", item, {"why": why, "by": _user()}, now)


def verify(path: Path | None, text: str, *, refuse: str | None, now: str | None) -> int:
    """Write down the follow-up person's check of a reported completion (D5)."""
    loaded = load(path)
    team, item = find_item(loaded, text)
    args = {"by": _follow_up(team, item, now)} | _refusal(refuse)
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
    drafts: list[tuple[TeamConfig, Draft]] = []
    for team in loaded.teams:
        with told_plainly(team), reading(team) as tx:
            drafts += [(team, draft) for draft in outbox.drafts(tx)]
    found = [(team, draft) for team, draft in drafts if _is_named(draft, text)]
    found = found or [(team, draft) for team, draft in drafts if _is_called(draft, text)]
    if not found:
        raise ConfigError(
            [f'no minutes "{text}" wait for approval; `minuteloop status` names them']
        )
    if len(found) > 1:
        those = ", ".join(f"{d.key} ({d.file})" for _, d in found)
        raise ConfigError([f'"{text}" may be {those} - name one by its id'])
    team, draft = found[0]
    with told_plainly(team), reading(team) as tx:
        scene = _scene(team, tx, now)
    minutes = next(m for m in scene.minutes if m.id == draft.key)
    by = next(iter(Recipients(scene).approver(minutes)), None)
    args = {"digest": draft.digest, "by": by or draft.meeting.get("host") or _user()}
    return _write(team, "approve", draft.key, args | _refusal(refuse), now)


def _refusal(reason: str | None) -> dict[str, str]:
    if reason is not None and not reason.strip():
        raise ConfigError(["--refuse: is empty, must be the reason, which the other side is told"])
    return {} if reason is None else {"refuse": reason.strip()}


def _is_named(draft: Draft, text: str) -> bool:
    title = str(draft.meeting.get("title") or "")
    return text.strip() in (draft.key, draft.file) or fold(text) == fold(title)


def _is_called(draft: Draft, text: str) -> bool:
    """Say whether a text is what people call the meeting of a draft, as notices do."""
    subject = subject_of(text)
    return bool(subject) and subject == subject_of(draft.meeting.get("title"))


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


def _follow_up(team: TeamConfig, item_id: str, now: str | None) -> str:
    """Return who was asked to check an item; else who gives the command."""
    with told_plainly(team), reading(team) as tx:
        scene = _scene(team, tx, now)
    return Recipients(scene).follow_up(scene.items[item_id].item) or _user()


def _scene(team: TeamConfig, tx: Transaction, now: str | None) -> Scene:
    calendar = workdays.load(team.settings.calendar, team.workdays)
    at = clock_for(team, now).now()
    items = items_of(tx, at, calendar, everything=True)
    return scene_of(team, tx, at, Directory(team.team()), calendar, items=items)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no account behind this process, as in some containers
        return "minuteloop"
