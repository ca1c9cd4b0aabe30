"""What a history ends with: single acts in the quiet, where what must come of them is known exactly.

Here the performance budget is counted, and who wins is decided.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from simulation import people
from simulation.history import FAR, PEOPLE, History, TeamAtWork
from simulation.oracle import NAME, Hub, carries
from simulation.tools import BrokenError, Tool

from mapping import ids
from mapping.values import Entry, Item, Meeting, Reading

STEP_S = 200.0  # longer than any search lags, shorter than till the next complete look


def run(world: History) -> None:
    """Play all acts that the history has room for."""
    team = world.teams[0]
    for act in (
        _idle,
        _edits,
        _vague,
        _emptied,
        _conflict,
        _minutes,
        _done,
        _added,
        _deleted,
        _lost,
    ):
        act(world, team)
    world.check()


def _pass(world: History, team: TeamAtWork, *, after_s: float = STEP_S) -> dict[str, Counter[str]]:
    """Let some time pass, run one pass; return the calls by tool."""
    world.time.advance(after_s)
    before = {name: Counter(tool.calls) for name, tool in team.tools.items()}
    world.a_pass(team)
    return {name: Counter(tool.calls) - before[name] for name, tool in team.tools.items()}


def _must(good: object, what: str) -> None:
    if not good:
        raise BrokenError(what)


def _plain_items(world: History, team: TeamAtWork, hub: Hub) -> dict[str, Item]:
    """Return open items with one row in every tool and nothing special about them."""
    noted = {note.item for note in hub.notes}
    count = Counter(m[0] for i in hub.items.values() if (m := NAME.search(i.description)))
    out = {}
    for item_id, item in hub.items.items():
        work = NAME.search(item.description)
        alone = work and count[work[0]] == 1 and item_id not in noted and item.is_open
        if alone and all(len(_rows(tool, item_id)) == 1 for tool in team.tools.values()):
            out[item_id] = item
    return out


def _rows(tool: Tool, item_id: str) -> list[str]:
    return [u for u in tool.desk.rows() if ids.parse(tool.desk.read(u, "id")) == item_id]


def _everywhere(team: TeamAtWork, *names: str) -> bool:
    return all(carries(tool, name) for tool in team.tools.values() for name in names)


def _idle(world: History, team: TeamAtWork) -> None:
    calls = _pass(world, team)
    for name, made in calls.items():
        _must(made == Counter(pull=1), f"budget: an idle pass made {dict(made)} calls to {name}")


def _edits(world: History, team: TeamAtWork) -> None:
    """k edits in one tool: one batch or more in each other, one read of each."""
    hub = world.hub(team)
    chosen = sorted(_plain_items(world, team, hub))[:3]
    if not chosen or not _everywhere(team, "deliverable"):
        return
    tool = world.rng.choice(list(team.tools.values()))
    marks = {}
    for item_id in chosen:
        marks[item_id] = people.mark(world)
        people.fill(world, tool, _rows(tool, item_id)[0], {"deliverable": marks[item_id]})
    calls = _pass(world, team)
    hub = world.hub(team)
    for item_id, mark in marks.items():
        _must(hub.items[item_id].deliverable == mark, f"converges: {mark} did not reach the hub")
    for name, other in team.tools.items():
        size = other.max_batch
        writes = 0 if other is tool else -(-len(chosen) // size)
        expected = Counter(pull=1, apply=writes) + Counter()
        if other.is_file and calls[name]["describe"]:
            expected["describe"] = calls[name]["describe"]  # of a file when it changed
        told = f"budget: {len(chosen)} changes made {dict(calls[name])} calls to {name}"
        _must(calls[name] == expected, told)
        shown = [other.desk.read(_rows(other, i)[0], "deliverable") for i in chosen]
        _must(shown == list(marks.values()), f"converges: {name} shows {shown}")
    calls = _pass(world, team)
    _must(not any(c["apply"] for c in calls.values()), f"falls quiet: an echo, {calls}")


def _vague(world: History, team: TeamAtWork) -> None:
    """A day that is none changes nothing, is told, and is told no more once it is a day."""
    items = _plain_items(world, team, world.hub(team))
    chosen = [items[i] for i in sorted(items) if items[i].due]
    if not chosen or not _everywhere(team, "due"):
        return
    item, tool = chosen[0], world.rng.choice(list(team.tools.values()))
    uid = _rows(tool, item.id)[0]
    for typed, told in (("待定", True), (item.due, False)):
        people.fill(world, tool, uid, {"due": typed})
        _pass(world, team)
        hub = world.hub(team)
        _must(hub.items[item.id].due == item.due, f"not a day: {typed} in {tool.name} was taken")
        _must(tool.desk.read(uid, "due") == typed, f"not a day: {typed} was written over")
        noted = any(n.item == item.id and n.code == "due-vague" for n in hub.notes)
        _must(noted == told, f"not a day: {typed} in {tool.name}, told: {noted}")


def _emptied(world: History, team: TeamAtWork) -> None:
    """An item has its words: where a person empties them, they are written again."""
    items = _plain_items(world, team, world.hub(team))
    if not items:
        return
    item, tool = items[min(items)], world.rng.choice(list(team.tools.values()))
    uid = _rows(tool, item.id)[0]
    people.fill(world, tool, uid, {"description": None})
    _pass(world, team)
    shown = tool.desk.read(uid, "description")
    _must(shown == item.description, f"converges: emptied words are {shown} in {tool.name}")


def _conflict(world: History, team: TeamAtWork) -> None:
    """The same field edited in two tools: the team file's order decides, the loser is logged."""
    chosen = sorted(_plain_items(world, team, world.hub(team)))
    if not chosen or len(team.tools) < 2 or not _everywhere(team, "deliverable"):
        return
    first, second = list(team.tools.values())[:2]
    item_id, marks = chosen[-1], (people.mark(world), people.mark(world))
    for tool, mark in zip((first, second), marks, strict=True):
        people.fill(world, tool, _rows(tool, item_id)[0], {"deliverable": mark})
    _pass(world, team)
    hub = world.hub(team)
    kept = hub.items[item_id].deliverable
    _must(kept == marks[0], f"conflict: {kept} stands, typed into {first.name}: {marks[0]}")
    lost = [li.new for li in hub.log if li.kind == "conflict" and li.item == item_id]
    _must(marks[1] in lost, f"loses nothing: the loser {marks[1]} of a conflict is not in the log")


def _minutes(world: History, team: TeamAtWork) -> None:
    """A person's edit stands against minutes that are edited afterwards."""
    hub = world.hub(team)
    plain = _plain_items(world, team, hub)
    by_work = {NAME.search(i.description)[0]: i for i in plain.values()}  # type: ignore[index]
    for k, reading in enumerate(team.documents):
        for n, entry in enumerate(reading.entries):
            found = NAME.search(entry.description)
            item = by_work.get(found[0]) if found else None
            if item is None or team.oracle.epoch or item.description != entry.description:
                continue
            work = NAME.findall(entry.description)[0]
            if work in team.oracle.loose or item.meeting_id is None:
                continue
            tool = world.rng.choice(list(team.tools.values()))
            mine = FAR + timedelta(days=next(world._numbers))
            people.fill(world, tool, _rows(tool, item.id)[0], {"due": mine})
            for _ in range(2):  # told at once with the edit, then after it
                theirs = FAR + timedelta(days=next(world._numbers))
                entries = list(team.documents[k].entries)
                entries[n] = replace(entries[n], due=theirs, due_text=theirs.isoformat())
                team.documents[k] = replace(reading, entries=tuple(entries))
                people._tell(world, team, team.documents[k], [(work, theirs)])
                _pass(world, team)
                due = world.hub(team).items[item.id].due
                _must(due == mine, f"conflict: minutes made {due} of a person's {mine}")
            return


def _done(world: History, team: TeamAtWork) -> None:
    """A tool's done is a report (D5): it stands there, and is to be checked."""
    chosen = [
        i
        for i in _plain_items(world, team, world.hub(team)).values()
        if i.status == "in-progress" and i.completed is None
    ]
    if not chosen:
        return
    item, tool = chosen[0], world.rng.choice(list(team.tools.values()))
    option = world.facts[tool.name].statuses["done"][0]
    uid = _rows(tool, item.id)[0]
    people.fill(world, tool, uid, {"status": option})
    _pass(world, team)
    after = world.hub(team).items[item.id]
    wanted = "in-progress" if team.verification else "done"
    _must(after.status == wanted, f"D5: reported done, and is {after.status}")
    _must(after.completed is not None, "D5: reported done, and no day of completion")
    shown = tool.desk.read(uid, "status")
    _must(shown == option, f"D5: the row no longer stands as the person left it: {shown}")


def _added(world: History, team: TeamAtWork) -> None:
    """A row added by hand becomes one item, and gets a row everywhere."""
    tool = world.rng.choice(list(team.tools.values()))
    work = people.new_work(world, team)
    team.oracle.works[work] += 1
    text = f"整理{work}报告，{people.mark(world)}"
    uid = people.fill(world, tool, None, {"description": text})
    _pass(world, team)
    _pass(world, team, after_s=1000)
    hub = world.hub(team)
    made = [i for i in hub.items.values() if work in i.description]
    _must(len(made) == 1, f"one row each: an added row became {len(made)} items")
    found = ids.parse(tool.desk.read(uid, "id"))
    _must(found == made[0].id, f"one row each: an added row shows {found}, it is {made[0].id}")
    for other in team.tools.values():
        _must(len(_rows(other, made[0].id)) == 1, f"converges: no row for it in {other.name}")


def _deleted(world: History, team: TeamAtWork) -> None:
    """A deleted row closes its item, once a complete look missed it; restored, it opens it again."""
    tables = [t for t in team.tools.values() if not t.is_file and len(t.desk.rows()) > 5]
    chosen = sorted(_plain_items(world, team, world.hub(team)))
    if not tables or not chosen:
        return
    tool = world.rng.choice(tables)
    uid = _rows(tool, chosen[0])[0]
    people._delete(world, tool, uid)
    _pass(world, team)
    _pass(world, team, after_s=1000)
    item = world.hub(team).items[chosen[0]]
    if tool.is_mute:
        _must(item.closed is None, f"deletes by evidence: {item.id} was closed by one look")
        _pass(world, team, after_s=3600)
        item = world.hub(team).items[chosen[0]]
    _must(item.closed, f"deletes by evidence: {item.id} was deleted in {tool.name}, and is open")
    _pass(world, team, after_s=1000)
    people._restore(world, tool, uid)
    _pass(world, team)
    item = world.hub(team).items[chosen[0]]
    _must(not item.closed, f"deletes by evidence: the row of {item.id} is there, and it is closed")
    _pass(world, team, after_s=1000)


def _lost(world: History, team: TeamAtWork) -> None:
    """With the database lost, rows come first and minutes find the items that they made."""
    if not all(carries(tool, name) for tool in team.tools.values() for name in ("due", "owner")):
        return
    work = people.new_work(world, team)
    team.oracle.works[work] += 1
    due = FAR + timedelta(days=next(world._numbers))
    one, other = PEOPLE[0].name, PEOPLE[1].name
    made = Entry(description=f"提交{work}方案", owner=one, owners=(one,), due=due, line=1)
    reading = Reading(meeting=Meeting(title=f"{work}会", start="2024-05-17T10:00"), entries=(made,))
    people._tell(world, team, reading, [])
    _pass(world, team)
    reading = replace(reading, entries=(replace(made, owner=other, owners=(other,)),))
    people._tell(world, team, reading, [])
    _pass(world, team)
    before = [i.id for i in world.hub(team).items.values() if work in i.description]
    world.lose(team)
    people._tell(world, team, reading, [])
    world.settle()
    after = [i.id for i in world.hub(team).items.values() if work in i.description]
    _must(before == after, f"one row each: {before} became {after} when the database was lost")


Act = Callable[[History, TeamAtWork], None]
