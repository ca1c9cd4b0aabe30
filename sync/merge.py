"""The three-way merge of one row with its item, field by field. Pure.

The base of a field is a pair: the cell as the tool last returned it, and the hub's value at that
moment. The tool changed a field if its cell differs from the base's cell; the hub changed it if its
value differs from the base's value. So a cell that says less than the hub never echoes (design:
"lossy cells", failures 51-53, 63).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from mapping.cells import Cell, Cells, is_empty, show
from mapping.lens import SETS, Lens, Value, is_cut, read, write
from mapping.values import Finding
from mapping.words import fold


@dataclass(frozen=True, slots=True)
class Based:
    """The base of one field: what the tool showed, and what the hub held then.

    Attributes:
        again: the cell does not say ours, so that it is planned once more.
        away: the column was away since: that the cell is empty is nobody's edit (failure 66).
    """

    cell: Cell
    ours: Value
    again: bool = False
    away: bool = False


Base = Mapping[str, Based]

NEVER_EMPTY = frozenset(("description", "status"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """A field that the tool changed and the hub takes over."""

    field: str
    old: Value
    new: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A field that both sides changed apart.

    Attributes:
        kept: the value that stays; ``lost`` the other one, which the log keeps.
        tool_won: whether the tool's value was kept.
    """

    field: str
    kept: Value
    lost: Value
    tool_won: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What one row's merge came to.

    Attributes:
        base: only the fields whose base moves.
        findings: by field, what its cell says that cannot be read; None where all can be.
    """

    takes: tuple[Take, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    base: Base
    findings: Mapping[str, Finding | None]


def beats(rank: Mapping[str, int], tracker: str, origin: str) -> bool:
    """Say whether an edit in a tracker beats the hub's value, by where that came from.

    Between tools the order of the team file decides; a person's edit in a tool beats the minutes
    and the rules; a command beats a tool.
    """
    kind, _, where = origin.partition(":")
    if kind == "command":
        return False
    other = rank.get(where, len(rank)) if kind in ("tracker", "adopted") else len(rank)
    return rank.get(tracker, len(rank)) <= other


def merge_row(
    lens: Lens,
    base: Base,
    cells: Cells,
    ours: Mapping[str, Value],
    *,
    wins: Mapping[str, bool],
    again: Collection[str] = (),
) -> Merged:
    """Merge what a row shows with what the hub holds.

    Args:
        lens: how the tool's cells are read.
        base: the base by field; a field without one has never been agreed on.
        cells: the row's cells; a field that is absent is not carried and not touched.
        ours: the hub's values by field.
        wins: by field, whether the tool's value wins where both changed apart.
        again: fields that could not be read before and may be now: the team file has changed.
    """
    takes, conflicts = [], []
    findings: dict[str, Finding | None] = {}
    moved: dict[str, Based] = {}
    for name, cell in cells.items():
        if name not in lens.fields or name not in ours:
            continue
        known, mine = base.get(name), ours[name]
        seen = read(lens, name, cell)
        findings[name] = seen.finding
        if known is not None and known.cell == cell and name not in again:
            continue
        theirs = seen.value
        if is_empty(cell) and name in NEVER_EMPTY:
            moved[name] = Based(cell, mine, again=True)  # an item has it: it is written again
            if known is not None:
                conflicts.append(Conflict(field=name, kept=mine, lost=None, tool_won=False))
        elif not seen.readable:
            moved[name] = Based(cell, mine)  # the cell is left as it is, nothing is taken over
        elif theirs == mine:
            moved[name] = Based(cell, mine)
        elif known is None and is_empty(theirs):
            moved[name] = Based(cell, theirs)
        elif is_cut(mine, theirs) or (is_empty(mine) if known is None else known.ours == mine):
            takes.append(Take(field=name, old=mine, new=theirs))
            moved[name] = Based(cell, theirs)
        elif (said := write(lens, name, mine, None).cell) == cell:
            moved[name] = as_said(lens, name, mine, cell)
        elif name in SETS:
            union = _merge_set(known.ours if known else (), mine, theirs)
            if union != mine:
                takes.append(Take(field=name, old=mine, new=union))
            moved[name] = Based(cell, theirs)
        else:
            # our own words in the tool's form are a late request of ours: they win against nothing
            late = known is not None and isinstance(cell, str) and says(cell, said)
            won = wins.get(name, True) and not late
            kept, lost = (theirs, mine) if won else (mine, theirs)
            conflicts.append(Conflict(field=name, kept=kept, lost=lost, tool_won=won))
            moved[name] = Based(cell, theirs)
    return Merged(takes=tuple(takes), conflicts=tuple(conflicts), base=moved, findings=findings)


def says(cell: Cell, sent: Cell) -> bool:
    """Say whether a cell is what was sent, in the form that the tool gives it: its words are."""
    return cell == sent or _letters_of(cell) == _letters_of(sent)


def _letters_of(cell: Cell) -> str:
    return fold(show(cell)).replace("_", "")


def as_said(lens: Lens, name: str, ours: Value, cell: Cell) -> Based:
    """Return the base of a cell that says our value as far as it can; the plan tells what not."""
    return Based(cell, ours, again=write(lens, name, ours, None).finding is not None)


def _merge_set(base: Value, mine: Value, theirs: Value) -> tuple[str, ...]:
    """Apply both sides' additions and removals to a set (failure 31)."""
    b, m, t = (dict.fromkeys(v) if isinstance(v, tuple) else {} for v in (base, mine, theirs))
    return tuple(x for x in (m | t) if (x in m and x in t) or (x not in b))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a document's entry changes in the item it speaks of."""

    takes: tuple[Take, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


def merge_told(
    base: Mapping[str, Value] | None,
    told: Mapping[str, Value],
    ours: Mapping[str, Value],
    *,
    origins: Mapping[str, str],
    latest: bool,
    same_document: bool,
) -> Told:
    """Merge what minutes tell of an item: they are one more side of the merge.

    Args:
        base: what minutes told last; None if the item was not in minutes yet.
        told: what they tell now.
        ours: the hub's values.
        origins: by field, where the hub's value came from.
        latest: no later meeting has spoken of the item.
        same_document: the base is this very document's, so that an emptied value was emptied
            there; in another document a value that is missing says nothing (failure 66).
    """
    takes, conflicts = [], []
    for name, new in told.items():
        old, mine = (base or {}).get(name), ours.get(name)
        if new == mine or (base is not None and new == old):
            continue
        if is_empty(new) and not (same_document and base is not None and not is_empty(old)):
            continue
        if not latest and not same_document and not is_empty(mine):
            continue  # an older meeting says nothing against a newer one
        person = origins.get(name, "").startswith(("tracker:", "adopted:", "command:"))
        unchanged = is_empty(mine) or mine == old
        if unchanged or (not person and (latest or base is None)):
            takes.append(Take(field=name, old=mine, new=new))
        else:
            conflicts.append(Conflict(field=name, kept=mine, lost=new, tool_won=False))
    return Told(takes=tuple(takes), conflicts=tuple(conflicts))
