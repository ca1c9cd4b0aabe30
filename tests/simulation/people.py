"""What people do: in the tools, with minutes, and to the program. All of it is told to the witness."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from fakes.filelike import Copy, File
from simulation.history import (
    DEPARTMENTS,
    FAR,
    LABELS,
    PEOPLE,
    History,
    TeamAtWork,
)
from simulation.seen import NAME
from simulation.tools import POISON, FileDesk, Tool, normal

from mapping import ids
from mapping.cells import Cell
from mapping.values import Entry, Meeting, Reading

DO = ("编写", "整理", "核对", "汇总", "提交", "评估", "更新", "准备")
WHAT = ("报告", "清单", "方案", "预算", "合同", "流程", "手册", "数据")
TYPED = ("description", "note", "note", "deliverable", "acceptance", "due", "due", "status")
ACTS = (
    *(("edit", 46), ("add", 5), ("copy", 3), ("delete", 4), ("restore", 3), ("clear", 4)),
    *(("clear_id", 2), ("mistype_id", 2), ("paste_id", 1), ("sort", 2), ("vague", 2)),
    *(("minutes", 4), ("edit_minutes", 4), ("next_meeting", 2), ("drop_again", 1)),
    *(("type_same", 1), ("mass_delete", 0.6), ("empty_row", 0.6), ("older_copy", 3)),
    *(("close", 0.7), ("verify", 1), ("rename", 0.7), ("robot", 0.4)),
)
NAMES, WEIGHTS = zip(*ACTS, strict=True)


def act(world: History) -> None:
    """Let somebody do something."""
    name = world.rng.choices(NAMES, WEIGHTS)[0]
    _PEOPLE["edit" if name in world.spared else name](world)


def _letters(n: int, length: int) -> str:
    out = ""
    for _ in range(length):
        n, k = divmod(n, 26)
        out += chr(ord("a") + k)
    return out[::-1]


def mark(world: History) -> str:
    """Return a mark that no other text of this history holds."""
    return f"〔{_letters(next(world._numbers), 4)}〕"


def new_work(world: History, team: TeamAtWork) -> str:
    """Return a name for a new piece of work, which no other resembles."""
    while True:
        name = "".join(world.rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(7)).title()
        if name not in world.owners:
            world.owners[name] = team
            return name


def _words(world: History, work: str) -> str:
    return f"{world.rng.choice(DO)}{work}{world.rng.choice(WHAT)}"


def _spot(world: History, *, with_id: bool = False) -> tuple[TeamAtWork, Tool, str] | None:
    """Choose a row, and the team whose it is."""
    tool = world.rng.choice(list(world.tools.values()))
    rows = tool.desk.rows()
    if not rows:
        return None
    uid = world.rng.choice(rows)
    team = team_of(world, tool, uid)
    if with_id and world.row_of(team, tool, uid) is None:
        return None
    return team, tool, uid


def team_of(world: History, tool: Tool, uid: str) -> TeamAtWork:
    work = world.teams[0].witness.names.get((tool.name, uid))
    return world.owners.get(work or "", world.teams[0])


def fill(world: History, tool: Tool, uid: str | None, cells: dict[str, Cell]) -> str:
    """Type into a row, and tell the witness."""
    cells = {n: c for n, c in cells.items() if has(tool, n)}
    if tool.normalises:
        cells = {n: normal(c) for n, c in cells.items()}
    uid = tool.desk.put(uid, cells)
    team = team_of(world, tool, uid)
    if "description" in cells:
        text = str(cells["description"] or "")
        found = next((w for w in world.owners if w in text), None)
        team = world.owners.get(found or "", team)
    for name, cell in cells.items():
        team.witness.typed(tool.name, uid, name, cell, _mark_in(name, cell))
    world.say("person", tool.name, uid, cells)
    return uid


def has(tool: Tool, name: str) -> bool:
    desk = tool.desk
    columns = desk.file.columns if isinstance(desk, FileDesk) else desk.table.columns
    return LABELS[name] in columns


def _mark_in(name: str, cell: Cell) -> str | date | None:
    if isinstance(cell, date):
        return cell if cell >= FAR else None
    if isinstance(cell, str) and "〔" in cell:
        start = cell.index("〔")
        return cell[start : start + 6]
    return None


def value(world: History, tool: Tool, uid: str, name: str) -> Cell:
    """Return something that a person would type into a field."""
    rng = world.rng
    match name:
        case "description":
            team = team_of(world, tool, uid)
            work = team.witness.names.get((tool.name, uid)) or new_work(world, team)
            return f"{_words(world, work)}，{mark(world)}"
        case "due":
            if rng.random() < 0.3:
                return world.now().date() + timedelta(days=rng.randrange(-3, 9))
            return FAR + timedelta(days=next(world._numbers))
        case "completed":
            return world.now().date()
        case "status":
            options = [o for s in tool.setup.statuses.values() for o in s]
            return rng.choice(options)
        case "owner":
            person = rng.choice(PEOPLE).name
            accounts = world.facts[tool.name].accounts
            if accounts is None:
                return person if rng.random() < 0.8 else f"外援{mark(world)}"
            known = {u.name: u for u in tool.desk.table.accounts}  # type: ignore[union-attr]
            return (known[person],) if person in known else ()
        case "department":
            return rng.choice(DEPARTMENTS[:2]).name
        case "support":
            picked = rng.sample([d.name for d in DEPARTMENTS[:2]], rng.randrange(3))
            return tuple(picked) if not tool.is_file else "、".join(picked) or None
    text = f"{mark(world)}{rng.choice(WHAT)}"
    if rng.random() < 0.2:
        world.happened("text-normalised")
        text += " _重要_ \r\n第二行  "
    if rng.random() < 0.15:
        text += "很长" * rng.randrange(10, 40)
    if rng.random() < 0.02:
        text += POISON
    return text if world.facts[tool.name].limits.get(name, 999) >= len(text) else text[:30]


# --- in the tools ---


def edit(world: History) -> None:
    spot = _spot(world)
    if spot is None:
        return
    _, tool, uid = spot
    count = 1 + (world.rng.random() < 0.2)
    names = {
        world.rng.choice((*TYPED, "owner", "department", "support", "completed"))
        for _ in range(count)
    }
    fill(world, tool, uid, {n: value(world, tool, uid, n) for n in sorted(names)})


def clear(world: History) -> None:
    spot = _spot(world)
    if spot:
        name = world.rng.choice(("note", "deliverable", "department", "due", "owner", "completed"))
        empty: Cell = () if isinstance(spot[1].desk.read(spot[2], name), tuple) else None
        fill(world, spot[1], spot[2], {name: empty})
        world.happened("cell-emptied")


def vague(world: History) -> None:
    spot = _spot(world)
    if spot:
        fill(world, spot[1], spot[2], {"due": world.rng.choice(("下周五", "待定", "月底前"))})
        world.happened("vague-date")


def add(world: History) -> None:
    tool = world.rng.choice(list(world.tools.values()))
    team = world.teams[0]
    work = new_work(world, team)
    team.witness.works[work] += 1
    text = f"{_words(world, work)}，{mark(world)}"
    names = world.rng.sample(("due", "owner", "note", "status"), world.rng.randrange(4))
    cells: dict[str, Cell] = {"description": text}
    cells |= {n: value(world, tool, "", n) for n in names}
    fill(world, tool, None, cells)
    world.happened("row-added")


def type_same(world: History) -> None:
    """Type a row by hand for work that minutes told: the same words, without an id."""
    tool = world.rng.choice(list(world.tools.values()))
    team = world.teams[0]
    told = [e for r in team.documents for e in r.entries]
    if not told:
        return
    entry = world.rng.choice(told)
    work = _work_in(entry.description)
    if work is None:
        return
    team.witness.works[work] += 1
    cells: dict[str, Cell] = {"description": entry.description}
    if world.rng.random() < 0.5 and entry.due:
        cells["due"] = entry.due if world.rng.random() < 0.5 else entry.due + timedelta(days=1)
    team.witness.forget_settled(work)
    team.witness.loose.add(work)
    fill(world, tool, None, cells)
    world.happened("same-work-typed")


def _work_in(text: str) -> str | None:
    found = NAME.search(text)
    return found[0] if found else None


def copy(world: History) -> None:
    spot = _spot(world)
    if spot is None or spot[0] is not world.teams[0]:
        return
    copy_row(world, *spot)


def copy_row(world: History, team: TeamAtWork, tool: Tool, uid: str) -> str:
    """Copy a row with its id; return the copy."""
    cells = {n: tool.desk.read(uid, n) for n in LABELS if has(tool, n)}
    work = team.witness.names.get((tool.name, uid))
    team.witness.copied(tool.name, uid)
    made = tool.desk.put(None, {n: c for n, c in cells.items() if c not in (None, ())})
    team.witness.copies.add((tool.name, made))
    if shared := ids.parse(tool.desk.read(made, "id")):
        team.witness.pasted[tool.name, made] = shared
    world.say("person copies", tool.name, uid, made)
    world.happened("id-copied")
    shown = _work_in(str(cells.get("description") or ""))  # another work where an id was pasted
    for name in filter(None, dict.fromkeys((work, shown))):
        team.witness.names[tool.name, made] = name
        team.witness.works[name] += 1
        team.witness.forget_settled(name)
        team.witness.loose.add(name)
    return made


def delete(world: History) -> None:
    spot = _spot(world)
    if spot is None or len(spot[1].desk.rows()) < 4:
        return
    _delete(world, spot[1], spot[2])
    world.happened("row-deleted")


def _delete(world: History, tool: Tool, uid: str) -> None:
    team = team_of(world, tool, uid)
    item = world.row_of(team, tool, uid)
    world.say("person deletes", tool.name, uid, item)
    team.witness.row_gone(tool.name, uid, item)
    tool.desk.delete(uid)


def mass_delete(world: History) -> None:
    """Somebody deletes many rows; mostly by mistake, and takes them back a little later."""
    tool = world.rng.choice(list(world.tools.values()))
    rows = tool.desk.rows()
    if len(rows) < 3:
        return
    many = rows if world.rng.random() < 0.4 else rows[: max(6, len(rows) // 2)]
    for uid in many:
        _delete(world, tool, uid)
    world.happened("mass-deletion")
    world.mistake = (tool, many) if not tool.is_file and world.rng.random() < 0.7 else None


def undo_mistake(world: History) -> None:
    if world.mistake is None:
        return
    tool, rows = world.mistake
    world.mistake = None
    for uid in rows:
        if uid in tool.desk.bin():
            _restore(world, tool, uid)


def restore(world: History) -> None:
    tool = world.rng.choice(list(world.tools.values()))
    gone = tool.desk.bin()
    if gone:
        _restore(world, tool, world.rng.choice(gone))


def _restore(world: History, tool: Tool, uid: str) -> None:
    if team_of(world, tool, uid) is not world.teams[0]:
        return
    world.say("person restores", tool.name, uid)
    tool.desk.put(uid, {})
    tool.made.pop(uid, None)  # a person made it
    witness = team_of(world, tool, uid).witness
    witness.row_back(tool.name, uid)
    witness.twin_back(tool.name, uid)
    item = tool.desk.read(uid, "id")
    work = witness.names.get((tool.name, uid))
    rewritten = witness.edited_elsewhere(work, tool.name)  # or is being written again just now
    if work and (world.fragile or rewritten):  # fragile: the search may lag
        witness.works[work] += 1
    if work and any(tool.desk.read(u, "id") == item for u in tool.desk.rows() if u != uid):
        witness.works[work] += 1  # it had been written again: now somebody has made two of it
        witness.loose.add(work)
    world.happened("row-restored")


def empty_row(world: History) -> None:
    """Empty all cells of a row, the id too."""
    spot = _spot(world, with_id=True)
    if spot is None or len(spot[1].desk.rows()) < 4 or spot[0] is not world.teams[0]:
        return
    team, tool, uid = spot
    if world.renamed is not None and world.renamed[0] is tool:
        return  # what stands in that column would stay
    team.witness.row_gone(tool.name, uid, world.row_of(team, tool, uid))
    cells = {n: tool.desk.read(uid, n) for n in LABELS if has(tool, n)}
    tool.desk.put(uid, {n: () if isinstance(c, tuple) else None for n, c in cells.items()})
    world.say("person empties", tool.name, uid)
    world.happened("row-emptied")


def clear_id(world: History) -> None:
    _id(world, lambda text: None)


def mistype_id(world: History) -> None:
    _id(world, lambda text: text[:-1] + ("7" if text[-1] != "7" else "8"))


def paste_id(world: History) -> None:
    """Paste another row's id over a row's own."""
    spot, other = _spot(world, with_id=True), _spot(world, with_id=True)
    if spot is None or other is None or spot[1] is not other[1] or spot[2] == other[2]:
        return
    if spot[0] is not world.teams[0] or other[0] is not world.teams[0]:
        return
    team, tool, uid = spot
    for _, _, row in (spot, other):
        team.witness.originals.pop((tool.name, row), None)
        work = team.witness.names.get((tool.name, row))
        if work:
            team.witness.works[work] += 1
            team.witness.loose.add(work)
            team.witness.ever_deleted.add(work)
            team.witness.forget_settled(work)
    pasted = str(tool.desk.read(other[2], "id"))
    team.witness.pasted[tool.name, uid] = pasted
    tool.desk.put(uid, {"id": pasted})
    world.say("person pastes id", tool.name, uid, other[2])
    world.happened("id-copied")


def _id(world: History, change: Any) -> None:
    spot = _spot(world, with_id=True)
    if spot is None or spot[0] is not world.teams[0]:
        return
    team, tool, uid = spot
    work = team.witness.names.get((tool.name, uid))
    team.witness.originals.pop((tool.name, uid), None)
    if work:
        team.witness.loose.add(work)
        team.witness.forget_settled(work)
        # whose row was it? A lost database does not know, nor do we of a row of which we had no
        # answer yet, or of two that a late request made
        known = (tool.name, uid) in team.witness.met or tool.is_file
        if world.fragile or not known or (tool.name, work) in team.witness.late:
            team.witness.works[work] += 1
        if tool.is_file:  # if its words are edited too, nothing tells it: it looks deleted
            team.witness.works[work] += 1
            team.witness.ever_deleted.add(work)
    tool.desk.put(uid, {"id": change(str(tool.desk.read(uid, "id")))})
    world.say("person spoils id", tool.name, uid)
    world.happened("id-spoilt")


def sort(world: History) -> None:
    tool = world.rng.choice(list(world.tools.values()))
    order = sorted(tool.desk.rows(), key=lambda uid: str(tool.desk.read(uid, "description")))
    if world.rng.random() < 0.5:
        order.reverse()
    tool.desk.move(order)
    world.say("person sorts", tool.name)
    world.happened("rows-sorted")


def rename(world: History) -> None:
    """Rename a column; it is named back some passes later."""
    tool = world.rng.choice(list(world.tools.values()))
    name = world.rng.choice(("note", "due", "status", "deliverable", "id"))
    if world.renamed is None and has(tool, name):
        _rename(world, tool, name)
        world.happened("column-renamed")


def _rename(world: History, tool: Tool, name: str) -> None:
    tool.desk.rename(LABELS[name], f"{LABELS[name]}（新）")
    world.renamed = (tool, name)
    for team in world.teams:
        team.witness.column_away(tool.name)
    world.say("person renames", tool.name, name)


def rename_back(world: History) -> None:
    if world.renamed is not None:
        tool, name = world.renamed
        world.renamed = None
        tool.desk.rename(f"{LABELS[name]}（新）", LABELS[name])
        for team in world.teams:
            team.witness.column_back(tool.name)
        world.say("person renames back", tool.name, name)


def older_copy(world: History) -> None:
    """Put an older copy of a file back: its very bytes, or saved anew."""
    tools = [t for t in world.tools.values() if isinstance(t.desk, FileDesk)]
    if not tools or world.renamed is not None:
        return
    tool = world.rng.choice(tools)
    assert isinstance(tool.desk, FileDesk)
    file: File = tool.desk.file
    older = [c for c in file.saves[-8:-1] if c.stamp != file.stamp]
    if not older:
        return
    put_back(world, tool, world.rng.choice(older), anew=world.rng.random() < 0.3)
    world.happened("older-copy")


def put_back(world: History, tool: Tool, copy_: Copy, *, anew: bool) -> None:
    """Put an older copy in a file's place, and tell the witness."""
    assert isinstance(tool.desk, FileDesk)
    file: File = tool.desk.file
    before = {uid: _row(tool, uid) for uid in tool.desk.rows()}
    file.put_back(copy_, anew=anew)
    after = {uid: _row(tool, uid) for uid in tool.desk.rows()}
    world.say("older copy", tool.name, copy_.stamp, file.stamp)
    world.put_back[tool.name] = file.stamp
    world.unlooked.add(tool.name)
    certain = not anew and copy_.stamp in world.known_copies.get(tool.name, set())
    for team in world.teams:
        if tool.name in team.tools:
            team.witness.file_put_back(tool.name, before, after, certain=certain)


def _row(tool: Tool, uid: str) -> dict[str, Cell]:
    return {n: tool.desk.read(uid, n) for n in LABELS}


def robot(world: History) -> None:
    """Another automation begins to hold a field of a row at a value."""
    spot = _spot(world, with_id=True)
    if spot is None or world.robots:
        return
    _, tool, uid = spot
    world.robots.append((tool, uid, "status", world.rng.choice(tool.setup.statuses["blocked"])))
    if world.rng.random() < 0.5:
        item = tool.desk.read(uid, "id")
        for other in world.tools.values():
            if other is not tool:
                rows = [u for u in other.desk.rows() if other.desk.read(u, "id") == item]
                if rows:
                    option = other.setup.statuses["in-progress"][-1]
                    world.robots.append((other, rows[0], "status", option))
                    break


def robots_act(world: History) -> None:
    for tool, uid, name, wanted in world.robots:
        if uid in tool.desk.rows() and has(tool, name) and tool.desk.read(uid, name) != wanted:
            fill(world, tool, uid, {name: wanted})
            world.happened("second-automation")


# --- minutes ---


def _tell(
    world: History, team: TeamAtWork, reading: Reading, told: Sequence[tuple[str, object]]
) -> None:
    team.inbox.append((reading, list(told)))
    world.told_again(team, reading)
    world.say(
        *("minutes", team.name, reading.meeting.title, reading.meeting.start),
        *(f"{e.description} {e.owner} {e.due}" for e in reading.entries),
    )


def entry(world: History, team: TeamAtWork, line: int) -> tuple[Entry, list[tuple[str, object]]]:
    rng = world.rng
    work = new_work(world, team)
    team.witness.works[work] += 1
    person = rng.choice(PEOPLE).name
    near = rng.random() < 0.3
    due = (
        world.now().date() + timedelta(days=rng.randrange(-2, 9))
        if near
        else FAR + timedelta(days=next(world._numbers))
    )
    note = mark(world) if rng.random() < 0.3 else None
    made = Entry(
        description=_words(world, work),
        owner=person,
        owners=(person,),
        due=due,
        due_text=due.isoformat(),
        note=note,
        department=rng.choice(DEPARTMENTS).name if rng.random() < 0.3 else None,
        line=line,
        source="",
    )
    told: list[tuple[str, object]] = [] if near else [(work, due)]
    return made, told + ([(work, note)] if note else [])


def minutes(world: History) -> None:
    team = world.rng.choice(world.teams)
    n = len(team.documents)
    entries, told = [], []
    for line in range(world.rng.randrange(1, 4)):
        made, marks = entry(world, team, line + 1)
        entries.append(made)
        told += marks
    meeting = Meeting(
        title="周会" if n % 2 else f"专题{_letters(n, 3)}会",
        start=(date(2024, 5, 1) + timedelta(days=n)).isoformat() + "T10:00",
    )
    reading = Reading(meeting=meeting, entries=tuple(entries))
    team.documents.append(reading)
    _tell(world, team, reading, told)
    world.happened("minutes-arrive")


def edit_minutes(world: History) -> None:
    """Edit minutes that were dropped before, and drop them again."""
    team = world.rng.choice(world.teams)
    if not team.documents:
        return
    k = world.rng.randrange(len(team.documents))
    reading = team.documents[k]
    entries = list(reading.entries)
    told: list[tuple[str, object]] = []
    n = world.rng.randrange(len(entries))
    work = _work_in(entries[n].description) or ""
    choice = world.rng.choice(("due", "note", "owner", "reword", "line", "order"))
    if choice == "due":
        day = FAR + timedelta(days=next(world._numbers))
        entries[n] = replace(entries[n], due=day, due_text=day.isoformat())
        told = [(work, day)]
    elif choice == "note":
        text = mark(world)
        entries[n] = replace(entries[n], note=text)
        told = [(work, text)]
    elif choice == "owner":
        person = world.rng.choice(PEOPLE).name
        entries[n] = replace(entries[n], owner=person, owners=(person,))
    elif choice == "reword":
        entries[n] = replace(entries[n], description=_words(world, work))
        team.witness.works[work] += 1  # with other edits at once it need not be the same line
        team.witness.loose.add(work)
    elif choice == "line":
        made, told = entry(world, team, len(entries) + 1)
        entries.insert(world.rng.randrange(len(entries) + 1), made)
    else:
        entries.reverse()
    field = {"reword": "description"}.get(choice, choice)
    team.witness.touched(work, field, "minutes")
    reading = replace(reading, entries=tuple(entries))
    team.documents[k] = reading
    _tell(world, team, reading, told)
    world.happened("minutes-edited")


def next_meeting(world: History) -> None:
    """The next meeting of the series speaks of work that is known."""
    team = world.rng.choice(world.teams)
    series = [r for r in team.documents if r.meeting.title == "周会"]
    if not series:
        return
    carried = []
    for old in world.rng.choice(series).entries[:2]:
        day = FAR + timedelta(days=next(world._numbers))
        work = _work_in(old.description) or ""
        carried.append(replace(old, due=day, due_text=day.isoformat(), carried=True, note=None))
        for name in ("due", "owner", "status", "department"):
            team.witness.touched(work, name, "minutes")
        team.witness.loose.add(work)
        team.witness.works[work] += 1  # its words may have been edited: not certain, then
    n = len(team.documents) + 1
    meeting = Meeting(
        title="周会", start=(date(2024, 5, 1) + timedelta(days=n)).isoformat() + "T15:00"
    )
    reading = Reading(meeting=meeting, entries=tuple(carried))
    _tell(world, team, reading, [])  # an older meeting may say nothing against a newer one
    world.happened("minutes-carried")


def drop_again(world: History) -> None:
    """The same minutes arrive again, unchanged."""
    team = world.rng.choice(world.teams)
    if team.documents:
        _tell(world, team, world.rng.choice(team.documents), [])
        world.happened("minutes-again")


# --- commands ---


def close(world: History) -> None:
    team = world.rng.choice(world.teams)
    with world.peek(team) as tx:
        known = [s.item for s in tx.items().values() if s.item.is_open]
    if known and team.process:
        item = world.rng.choice(known)
        team.witness.closed_by_command.add(item.id)
        if work := _work_in(item.description):
            team.witness.forget_settled(work)
            team.witness.over.add(work)
        world.say("close", item.id)
        with world.peek(team) as tx:
            tx.request("close", item.id, {"why": "不再需要"}, world.now().isoformat())


def verify(world: History) -> None:
    team = world.rng.choice(world.teams)
    with world.peek(team) as tx:
        known = [s.item for s in tx.items().values() if s.item.is_open and s.item.completed]
    if known:
        item = world.rng.choice(known)
        args = {"by": "李四"} | ({"refuse": "缺图"} if world.rng.random() < 0.4 else {})
        if work := _work_in(item.description):
            team.witness.forget_settled(work)
        world.say("verify", item.id, args)
        world.happened("done-checked")
        with world.peek(team) as tx:
            tx.request("verify", item.id, args, world.now().isoformat())


_PEOPLE = {name: globals()[name] for name in NAMES}
