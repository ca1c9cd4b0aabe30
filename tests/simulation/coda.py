"""What a history ends with: single acts in the quiet, where what must come of them is known exactly.

Here the performance budget is counted, and who wins is decided.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from simulation import people
from simulation.history import DEPARTMENTS, FAR, PEOPLE, History, TeamAtWork, other_table
from simulation.seen import NAME, Hub, carries
from simulation.tools import BrokenError, Fault, FileDesk, TableDesk, Tool
from simulation.witness import COMPLETE, LATE

from mapping import ids
from mapping.cells import Cell
from mapping.values import Entry, Item, Meeting, Reading

STEP_S = 200.0  # longer than any search lags, shorter than till the next complete look


def run(world: History) -> None:
    """Play the acts that the history has room for."""
    for act, share in ACTS:
        if world.rng.random() < share * world.style.coda:
            act(world, world.teams[0])
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


def _tables(team: TeamAtWork) -> list[Tool]:
    return [tool for tool in team.tools.values() if not tool.is_file]


def _of_work(world: History, team: TeamAtWork, work: str) -> Item:
    return next(i for i in world.hub(team).items.values() if work in i.description)


def _everywhere(team: TeamAtWork, *names: str) -> bool:
    return all(carries(tool, name) for tool in team.tools.values() for name in names)


def _idle(world: History, team: TeamAtWork) -> None:
    calls = _pass(world, team)
    for name, made in calls.items():
        _must(made == Counter(pull=1), f"budget: an idle pass made {dict(made)} calls to {name}")


def _unseen(world: History, team: TeamAtWork) -> None:
    """What a search does not show yet is taken over once it does, without a complete look."""
    slow = [t for t in team.tools.values() if _lag(t)]
    chosen = sorted(_plain_items(world, team, world.hub(team)))
    if not slow or not chosen:
        return
    tool, mark = world.rng.choice(slow), people.mark(world)
    people.fill(world, tool, _rows(tool, chosen[0])[0], {"note": mark})
    _pass(world, team, after_s=_lag(tool) * 0.8)
    _pass(world, team)
    note = world.hub(team).items[chosen[0]].note
    _must(note == mark, f"converges: {mark} in {tool.name} was seen late, the hub has {note}")


def _not_yet(world: History, team: TeamAtWork) -> None:
    """A search that shows a row as it was before our own write takes nothing back."""
    slow = [t for t in team.tools.values() if _lag(t)]
    quick = [t for t in team.tools.values() if not _lag(t)]
    chosen = sorted(_plain_items(world, team, world.hub(team)))
    if not slow or not quick or not chosen or not _everywhere(team, "note", "deliverable"):
        return
    tool, other, mark = world.rng.choice(slow), world.rng.choice(quick), people.mark(world)
    people.fill(world, tool, _rows(tool, chosen[0])[0], {"deliverable": people.mark(world)})
    _pass(world, team, after_s=_lag(tool))  # so lately that the next looks list it again
    people.fill(world, other, _rows(other, chosen[0])[0], {"note": mark})
    for after_s in (0.0, 0.0, STEP_S):  # what is taken back now is "edited" once the search knows
        _pass(world, team, after_s=after_s)
        note = world.hub(team).items[chosen[0]].note
        _must(note == mark, f"converges: {tool.name} showed what we wrote over; {mark}: {note}")


def _lag(tool: Tool) -> float:
    return tool.desk.table.search_lag_s if isinstance(tool.desk, TableDesk) else 0.0


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


def _sets(world: History, team: TeamAtWork) -> None:
    """A set that two people change: what each of them added or took out counts."""
    one, other = (d.name for d in DEPARTMENTS[:2])
    items = _plain_items(world, team, world.hub(team))
    chosen = [i for i in items.values() if one in i.support]
    if not chosen or len(team.tools) < 2 or not _everywhere(team, "support"):
        return
    item, before = chosen[0], {*chosen[0].support}
    first, second = world.rng.sample(list(team.tools.values()), 2)
    for tool, names in ((first, before - {one}), (second, before ^ {other})):
        cell = "、".join(sorted(names)) or None if tool.is_file else tuple(sorted(names))
        people.fill(world, tool, _rows(tool, item.id)[0], {"support": cell})
    _pass(world, team)
    after, wanted = {*world.hub(team).items[item.id].support}, (before - {one}) ^ {other}
    _must(after == wanted, f"conflict: of {before} became {after}, to be {wanted}")


def _column(world: History, team: TeamAtWork) -> None:
    """A column that complete looks missed, and found, shows what was typed elsewhere meanwhile."""
    chosen = sorted(_plain_items(world, team, world.hub(team)))
    if not chosen or len(team.tools) < 2:
        return
    tool, other = world.rng.sample(list(team.tools.values()), 2)
    mark = people.mark(world)
    people._rename(world, tool, "note")
    people.fill(world, other, _rows(other, chosen[0])[0], {"note": mark})
    _pass(world, team, after_s=1000)
    people.rename_back(world)
    _pass(world, team, after_s=1000)
    shown = tool.desk.read(_rows(tool, chosen[0])[0], "note")
    _must(shown == mark, f"converges: a column of {tool.name} was away and shows {shown}")


def _swapped(world: History, team: TeamAtWork) -> None:
    """Pointed at another table, the program asks a person first, and writes nothing there."""
    tables = _tables(team)
    if not tables:
        return
    tool = world.rng.choice(tables)
    tool.moods.other = other_table(tool.setup, full=world.rng.random() < 0.5)
    world._start(team)
    calls = _pass(world, team)[tool.name]
    state = team.reports[tool.name].state
    _must(state == "halted", f"the guard: {tool.name} is another table, and is {state}")
    _must(not calls["apply"], f"the guard: another table than {tool.name} was written to")
    tool.moods.other = None
    world._start(team)
    _pass(world, team)


def _minutes(world: History, team: TeamAtWork) -> None:
    """A person's edit stands against minutes that are edited afterwards."""
    hub = world.hub(team)
    plain = _plain_items(world, team, hub)
    by_work = {NAME.search(i.description)[0]: i for i in plain.values()}  # type: ignore[index]
    for k, reading in enumerate(team.documents):
        for n, entry in enumerate(reading.entries):
            found = NAME.search(entry.description)
            item = by_work.get(found[0]) if found else None
            if item is None or team.witness.epoch or item.description != entry.description:
                continue
            work = NAME.findall(entry.description)[0]
            if work in team.witness.loose or item.meeting_id is None:
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
    team.witness.works[work] += 1
    cells: dict[str, Cell] = {"description": f"整理{work}报告，{people.mark(world)}"}
    if world.rng.random() < 0.5:
        day = FAR + timedelta(days=next(world._numbers))
        cells |= {"note": people.mark(world), "due": day}
    uid = people.fill(world, tool, None, cells)
    _pass(world, team)
    _pass(world, team, after_s=1000)
    hub = world.hub(team)
    made = [i for i in hub.items.values() if work in i.description]
    _must(len(made) == 1, f"one row each: an added row became {len(made)} items")
    found = ids.parse(tool.desk.read(uid, "id"))
    _must(found == made[0].id, f"one row each: an added row shows {found}, it is {made[0].id}")
    now = {"note": made[0].note, "due": made[0].due}
    told = {n: c for n, c in cells.items() if n in now and people.has(tool, n)}
    _must(told.items() <= now.items(), f"converges: of an added row with {told} came {now}")
    for other in team.tools.values():
        _must(len(_rows(other, made[0].id)) == 1, f"converges: no row for it in {other.name}")


def _has_many(world: History, team: TeamAtWork, tool: Tool) -> bool:
    """Say whether the guard does not ask because of one row of a team's that is deleted."""
    return sum(world.row_of(team, tool, uid) is not None for uid in tool.desk.rows()) > 5


def _deleted(world: History, team: TeamAtWork) -> None:
    """A deleted row closes its item, once a complete look missed it; restored, it opens it again."""
    tables = [t for t in _tables(team) if _has_many(world, team, t)]
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


def _deleted_in_file(world: History, team: TeamAtWork) -> None:
    """A row in which a person worked, and which alone is missing then, was deleted."""
    files = [t for t in team.tools.values() if t.is_file and _has_many(world, team, t)]
    chosen = sorted(_plain_items(world, team, world.hub(team)))
    if not files or not chosen:
        return
    item_id, tool = world.rng.choice(chosen), world.rng.choice(files)
    uid = _rows(tool, item_id)[0]
    people.fill(world, tool, uid, {"note": people.mark(world)})
    _pass(world, team)
    people._delete(world, tool, uid)
    _pass(world, team)
    item = world.hub(team).items[item_id]
    _must(item.closed, f"deletes by evidence: {item_id} was deleted in {tool.name}, and is open")


def _outlived(world: History, team: TeamAtWork) -> None:
    """Deleted in one tool and edited in another: the edit stands, the row is written again."""
    tables = [t for t in _tables(team) if not t.is_mute and _has_many(world, team, t)]
    tables = [t for t in tables if not t.poisonous]  # a tool may refuse the row for good
    chosen = sorted(_plain_items(world, team, world.hub(team)))
    if not tables or not chosen or len(team.tools) < 2:
        return
    item_id, mark = chosen[0], people.mark(world)
    tool = world.rng.choice(tables)
    other = world.rng.choice([t for t in team.tools.values() if t is not tool])
    people._delete(world, tool, _rows(tool, item_id)[0])
    people.fill(world, other, _rows(other, item_id)[0], {"note": mark})
    _pass(world, team, after_s=1000)
    _pass(world, team)
    item = world.hub(team).items[item_id]
    _must(not item.closed, f"deletes by evidence: {item_id} was edited, and is closed")
    shown = [tool.desk.read(uid, "note") for uid in _rows(tool, item_id)]
    _must(shown == [mark], f"converges: {item_id} was edited, {tool.name} shows {shown}")


def _unanswered(world: History, team: TeamAtWork) -> None:
    """A row is made and no answer comes; a person empties a cell of it: one row, and it is empty."""
    tables = _tables(team)
    if not tables:
        return
    # where it is unknown how long a search lags, most can go wrong
    tool = min(tables, key=lambda t: (t.tells_lag, not _lag(t), world.rng.random()))
    tool.moods.fate = Fault.ANSWER_LOST
    work, _ = _told(world, team)
    item = _of_work(world, team, work)
    rows = _rows(tool, item.id)
    _must(len(rows) == 1, f"one row each: {tool.name} has {rows} of {item.id}")
    people.fill(world, tool, rows[0], {"note": None})
    if _lag(tool):
        _pass(world, team, after_s=_lag(tool) * 0.8)
    _pass(world, team)
    note = world.hub(team).items[item.id].note
    _must(note is None, f"converges: the note emptied in {tool.name} is {note}")
    _must(_rows(tool, item.id) == rows, f"one row each: {item.id} was made again in {tool.name}")


def _given_up(world: History, team: TeamAtWork) -> None:
    """A creation without an answer never came, and is made anew; hours later its row is copied."""
    tables = _tables(team)
    if not tables:
        return
    tool = world.rng.choice(tables)
    tool.moods.fate = Fault.LATE
    work, _ = _told(world, team)
    tool.late.clear()
    for after_s in (STEP_S, LATE.total_seconds(), COMPLETE.total_seconds()):
        _pass(world, team, after_s=after_s)
    item = _of_work(world, team, work)
    rows = _rows(tool, item.id)
    _must(len(rows) == 1, f"one row each: {tool.name} has {rows} of {item.id}")
    made = people.copy_row(world, team, tool, rows[0])
    for _ in range(2):
        _pass(world, team)
    there = made in tool.desk.rows() and ids.parse(tool.desk.read(made, "id"))
    _must(there, f"loses nothing: {made}, a copy in {tool.name}, was taken out")
    _must(there != item.id, f"one row each: {made}, a copy in {tool.name}, is still {item.id}")


def _told(world: History, team: TeamAtWork) -> tuple[str, Reading]:
    """Let minutes tell new work, and a pass read them; return its name and what was told."""
    work = people.new_work(world, team)
    team.witness.works[work] += 1
    one, due = PEOPLE[0].name, FAR + timedelta(days=next(world._numbers))
    note = people.mark(world)
    made = Entry(
        description=f"提交{work}方案", owner=one, owners=(one,), due=due, note=note, line=1
    )
    reading = Reading(meeting=Meeting(title=f"{work}会", start="2024-05-17T10:00"), entries=(made,))
    people._tell(world, team, reading, [])
    _pass(world, team)
    return work, reading


def _told_anew(world: History, team: TeamAtWork, reading: Reading) -> Reading:
    """Let the minutes be edited, another owner and another day, and a pass read them."""
    other, due = PEOPLE[1].name, FAR + timedelta(days=next(world._numbers))
    entry = replace(reading.entries[0], owner=other, owners=(other,), due=due)
    reading = replace(reading, entries=(entry,))
    people._tell(world, team, reading, [])
    _pass(world, team)
    return reading


def _older_copy(world: History, team: TeamAtWork) -> None:
    """An older copy of a file takes back neither what we wrote nor what people typed since."""
    files = [t for t in team.tools.values() if t.is_file]
    if not files:
        return
    tool = world.rng.choice(files)
    assert isinstance(tool.desk, FileDesk)
    work, reading = _told(world, team)
    copy = tool.desk.file.saves[-1]
    told = _told_anew(world, team, reading).entries[0]
    item = _of_work(world, team, work)
    uid, mark = _rows(tool, item.id)[0], people.mark(world)
    people.fill(world, tool, uid, {"note": mark})
    _pass(world, team)
    people.put_back(world, tool, copy, anew=world.rng.random() < 0.5)
    _pass(world, team)
    item = world.hub(team).items[item.id]
    wanted = (told.owner, told.due, mark)
    now = (item.owner, item.due, item.note)
    _must(now == wanted, f"converges: an older copy of {tool.name} made {now} of {wanted}")
    shown = tuple(tool.desk.read(uid, name) for name in ("owner", "due", "note"))
    _must(shown == wanted, f"converges: after an older copy {tool.name} shows {shown}")


def _lost(world: History, team: TeamAtWork) -> None:
    """With the database lost, rows come first and minutes find the items that they made."""
    if not _everywhere(team, "due", "owner"):
        return
    work, reading = _told(world, team)
    reading = _told_anew(world, team, reading)
    before = [i.id for i in world.hub(team).items.values() if work in i.description]
    world.lose(team)
    people._tell(world, team, reading, [])
    world.settle()
    after = [i.id for i in world.hub(team).items.values() if work in i.description]
    _must(before == after, f"one row each: {before} became {after} when the database was lost")


Act = Callable[[History, TeamAtWork], None]
ACTS: tuple[tuple[Act, float], ...] = (  # with the share of histories in which they are played
    (_idle, 1),
    (_unseen, 1),
    (_edits, 1),
    (_vague, 1),
    (_emptied, 1),
    (_conflict, 1),
    (_sets, 1),
    (_column, 0.4),
    (_swapped, 0.3),
    (_minutes, 1),
    (_done, 1),
    (_added, 1),
    (_deleted, 0.5),
    (_deleted_in_file, 0.5),
    (_outlived, 0.5),
    (_unanswered, 0.5),
    (_older_copy, 1),
    (_given_up, 0.3),
    (_lost, 0.3),
    (_not_yet, 0.5),
)
