"""What a pass costs, as ratios against the plain reading of the same rows in one run.

Run ``python benchmarks/sync.py [ITEMS]``. Each case has a process of its own, so that its peak of
memory is its own, and takes turns there with what it is measured against, so that a machine that is
busy is so for both; CPU seconds, the median of some repeats. The budget: a quiet pass over a
workbook of 10,000 items that have not changed, with all its notices, costs at most twice what
calamine takes to read and decode their sheet, also when somebody saved the file anew.
"""

import argparse
import gc
import io
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

REPEATS = 5
MAKE = "make the folder"
TEAM = """
team = "产品部"
[[people]]
name = "张三"
[[people]]
name = "李四"
[[trackers]]
name = "board"
kind = "excel"
path = "tracker.xlsx"
"""
Step = Callable[[int], float]


def main() -> None:
    parser = argparse.ArgumentParser(description="What a pass costs.")
    parser.add_argument("items", nargs="?", type=int, default=10_000)
    parser.add_argument("--case", help="run one case in this process and print its figures")
    parser.add_argument("--folder", type=Path)
    wanted = parser.parse_args()
    if wanted.case:
        warnings.simplefilter("ignore")
        gc.set_threshold(50_000)  # as the program's own start does
        print(json.dumps(CASES[wanted.case](wanted.folder, wanted.items)))
        return
    figures: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as base:
        made = Path(base) / "made"
        made.mkdir()
        for number, case in enumerate(CASES):
            place = made if number == 0 else Path(base) / str(number)
            if number:
                shutil.copytree(made, place)
            figures[case] = json.loads(_child(case, place, wanted.items))
            if number:
                shutil.rmtree(place)
    _show(figures, wanted.items)


def _child(case: str, folder: Path, items: int) -> str:
    command = [sys.executable, __file__, str(items), "--case", case, "--folder", str(folder)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _show(figures: dict[str, dict[str, float]], items: int) -> None:
    print(f"{items:,} items x 12 columns, median of {REPEATS} where a case can be repeated\n")
    print(f"{'case':44}{'seconds':>9}{'ratio':>8}{'budget':>8}{'MB':>7}   against")
    for case, found in figures.items():
        budget = BUDGETS.get(case)
        times = found.get("ratio", 0.0)
        against = PULL if case.startswith("memory") else CALAMINE
        print(
            f"{case:44}{found['seconds']:9.4f}{f'{times:.2f}' if times else '':>8}"
            f"{f'{budget:.1f}' if budget else '':>8}{found['mb']:7.0f}   "
            f"{against if times else ''}{'   OVER' if budget and times > budget else ''}"
        )
    for case, most in LIMITS.items():
        took = figures[case]["seconds"]
        print(f"\n{case}: {took:.3f} s{f'   OVER {most} s' if took > most else ''}", end="")
    print()


def _measured(
    step: Step, repeats: int = REPEATS, *, against: Callable[[], object] | None = None
) -> dict[str, float]:
    """Return the median of what the steps say they took, the first left out, and the peak."""
    first = step(0)
    times, plain = [], []
    for number in range(1, repeats + 1):
        if against is not None:
            plain.append(_timed(against))
        times.append(step(number))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = {"seconds": statistics.median(times or [first]), "mb": peak / 1024}
    if plain:
        found["ratio"] = statistics.median(t / p for t, p in zip(times, plain, strict=True))
    return found


def _timed(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


# --- a team's folder ------------------------------------------------------------------------------


class Team:
    """A team at work in a folder, as the program wires it."""

    def __init__(self, folder: Path) -> None:
        from minuteloop import config  # noqa: PLC0415  # the baseline is to be without it
        from minuteloop.clock import SystemClock  # noqa: PLC0415
        from minuteloop.team import TeamWork, open_store  # noqa: PLC0415

        self.folder = folder
        self.book = folder / "tracker.xlsx"
        self.settings = config.load(folder / "minuteloop.toml").teams[0]
        now = datetime(2025, 5, 20, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
        self.store = open_store(self.settings)
        self.work = TeamWork(self.settings, SystemClock(self.settings.zone, now), self.store)

    def once(self) -> Any:
        report = self.work.once(wait_s=0, progress=lambda _: None)
        if report.error or any(t.state != "ok" for t in report.trackers):
            raise RuntimeError(report)
        return report.trackers[0]


def _entries(items: int) -> tuple[Any, ...]:
    from mapping.values import Entry  # noqa: PLC0415

    names = ("张三", "李四")
    return tuple(
        Entry(
            description=f"核对第 {n} 份供应合同的交付条款并回填台账",
            owner=names[n % 2],
            owners=(names[n % 2],),
            due=date(2025, 6, 1) + timedelta(days=n % 200),
            acceptance=f"台账第 {n} 行有签字",
            note="等对方回复" if n % 3 == 0 else None,
            line=n,
        )
        for n in range(items)
    )


def _read_minutes(team: Team, items: int) -> None:
    from mapping.values import Meeting, Reading  # noqa: PLC0415
    from sync.intake import take_in  # noqa: PLC0415

    reading = Reading(
        meeting=Meeting(title="合同核对会", start="2025-05-19T10:00"), entries=_entries(items)
    )
    with team.store.transaction() as tx:
        take_in(
            tx,
            team.work.directory,
            reading,
            file="m.md",
            digest=str(items),
            now=team.work.clock.now(),
        )


def _make(folder: Path, items: int) -> dict[str, float]:
    """Make the folder of all other cases; what is timed is the first write of all items."""
    from minuteloop.commands import check  # noqa: PLC0415

    (folder / "inbox").mkdir()
    (folder / "minuteloop.toml").write_text(TEAM, encoding="utf-8")
    output, sys.stdout = sys.stdout, io.StringIO()
    check.run(folder / "minuteloop.toml", prepare=True, send_test=False)
    sys.stdout = output
    team = Team(folder)
    _read_minutes(team, items)
    return _measured(lambda _: _timed(team.once), repeats=0)


def _plain(folder: Path) -> Callable[[], object]:
    """Return what reads and decodes the sheet, and nothing else."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415

    def read() -> object:
        data = (folder / "tracker.xlsx").read_bytes()
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            return book.get_sheet_by_index(0).to_python(skip_empty_area=False)

    return read


def _calamine(folder: Path, _items: int) -> dict[str, float]:
    read = _plain(folder)
    return _measured(lambda _: _timed(read))


def _minutes(folder: Path, items: int) -> dict[str, float]:
    """The same lines, each time one less."""
    team = Team(folder)
    return _measured(lambda n: _timed(lambda: _read_minutes(team, items - n - 1)), repeats=2)


def _untouched(folder: Path, _items: int) -> dict[str, float]:
    team = Team(folder)
    return _measured(lambda _: _timed(team.once), against=_plain(folder))


def _new_process(folder: Path, _items: int) -> dict[str, float]:
    """The database opened and checked, the configuration read; the file is as it was."""
    Team(folder)  # modules are loaded
    return _measured(lambda _: _timed(lambda: Team(folder).once()), against=_plain(folder))


def _saved_anew(*, whole: bool, rows: bool = False) -> Callable[[Path, int], dict[str, float]]:
    """Other bytes, the sheet's too, and the same in every cell: a look at it, or the whole pass.

    With ``rows`` those of the rows are others too, as when another program saves it for the first
    time.
    """

    def case(folder: Path, _items: int) -> dict[str, float]:
        team = Team(folder)
        team.once()
        data = team.book.read_bytes()
        tracker: Any = team.work.tracker(team.settings.trackers[0])

        def step(n: int) -> float:
            team.book.write_bytes(_saved_again(data, n, rows=rows))
            return _timed(team.once if whole else lambda: team.work.engine.pull(tracker))

        return _measured(step, against=_plain(folder))

    return case


def _notices(*, first: bool) -> Callable[[Path, int], dict[str, float]]:
    """What is due, and the outbox; for a process that has just started, or one that runs."""

    def case(folder: Path, _items: int) -> dict[str, float]:
        team = Team(folder)
        team.once()

        def step(_: int) -> float:
            notifier = Team(folder).work.notifier if first else team.work.notifier
            return _timed(notifier.run)

        return _measured(step)

    return case


def _saved_again(data: bytes, n: int, *, rows: bool) -> bytes:
    """Save a workbook as a person does who only looked: another cell is selected."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            info = zipfile.ZipInfo(entry.filename, (2025, 5, 20, 9, n % 60, 0))
            info.compress_type = entry.compress_type
            part = old.read(entry)
            if entry.filename.endswith("sheet1.xml"):
                part = part.replace(b'activeCell="A1" sqref="A1"', b'activeCell="B%d"' % (n + 2))
                part = part.replace(b"<sheetData>", b"<sheetData>" + b" " * n * rows)
            new.writestr(info, part)
    return target.getvalue()


def _edited(cells: int) -> Callable[[Path, int], dict[str, float]]:
    def case(folder: Path, items: int) -> dict[str, float]:
        team = Team(folder)

        def step(n: int) -> float:
            rows = range(2, items + 2, max(1, items // cells))[:cells]
            _type(team.book, {f"I{row}": f"备注 {n}.{row}" for row in rows})
            begun = time.process_time()
            report = team.once()
            took = time.process_time() - begun
            if report.tally.pulled != cells:
                raise RuntimeError(report)
            return took

        return _measured(step, repeats=3, against=_plain(folder))

    return case


def _type(book: Path, cells: dict[str, str]) -> None:
    """Let a person type into cells, in a process of its own: that memory is not the pass's."""
    script = "import json, sys; from pathlib import Path; from fakes.desk import person_edit\n"
    script += "person_edit(Path(sys.argv[1]), json.loads(sys.argv[2]))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path[:2])}
    command = [sys.executable, "-c", script, str(book), json.dumps(cells)]
    subprocess.run(command, check=True, env=environment)


def _written(count: int) -> Callable[[Path, int], dict[str, float]]:
    """Changes of the hub that the workbook is to be told of."""

    def case(folder: Path, _items: int) -> dict[str, float]:
        from sync.ledger import Ledger  # noqa: PLC0415

        team = Team(folder)
        team.once()

        def step(n: int) -> float:
            with team.store.transaction() as tx:
                ledger = Ledger(tx, team.work.directory, team.work.clock.now().isoformat())
                for item_id in sorted(ledger.load())[:count]:
                    ledger.change(
                        item_id,
                        "acceptance",
                        f"标准 {n}",
                        origin="minutes:x",
                        place="minutes",
                        why="",
                    )
                ledger.flush()
            begun = time.process_time()
            report = team.once()
            took = time.process_time() - begun
            if report.tally.updated != count:
                raise RuntimeError(report)
            return took

        return _measured(step, repeats=3, against=_plain(folder))

    return case


# --- rows in memory, as a tool that can say what changed ------------------------------------------


def _world(items: int) -> Any:
    from fakes.world import World  # noqa: PLC0415

    world = World(page=500, max_batch=500)
    world.read(*_entries(items))
    return world


def _memory_first(_folder: Path, items: int) -> dict[str, float]:
    world = _world(items)
    return _measured(lambda _: _timed(world.once), repeats=0)


def _memory_pull(_folder: Path, items: int) -> dict[str, float]:
    world = _world(items)
    world.once()
    connector = world.trackers["board"].connector
    return _measured(lambda _: _timed(lambda: connector.pull(None)))


def _memory_pass(*, complete: bool) -> Callable[[Path, int], dict[str, float]]:
    def case(_folder: Path, items: int) -> dict[str, float]:
        world = _world(items)
        world.once()
        world.once()

        def step(_: int) -> float:
            world.clock.advance(3600 if complete else 0)
            return _timed(world.once)

        connector = world.trackers["board"].connector
        return _measured(step, against=lambda: connector.pull(None))

    return case


CALAMINE = "calamine reads and decodes the sheet"
UNTOUCHED = "pass, file untouched"
NOTICES, NOTICES_FIRST = "notices of a quiet pass", "notices of a quiet pass, a new process"
PULL = "memory: all rows pulled and decoded"
CASES: dict[str, Callable[[Path, int], dict[str, float]]] = {
    "pass, first write of all items": _make,
    CALAMINE: _calamine,
    UNTOUCHED: _untouched,
    "pass, file untouched, a new process": _new_process,
    "look, file saved anew, no value changed": _saved_anew(whole=False),
    "pass, file saved anew, no value changed": _saved_anew(whole=True),
    "pass, rows written anew, no value changed": _saved_anew(whole=True, rows=True),
    "pass after 1 edit": _edited(1),
    "pass after 100 edits": _edited(100),
    "pass that writes 1 row": _written(1),
    "pass that writes 100 rows": _written(100),
    NOTICES: _notices(first=False),
    NOTICES_FIRST: _notices(first=True),
    "minutes of all items read again": _minutes,
    "memory: pass, first write of all items": _memory_first,
    PULL: _memory_pull,
    "memory: pass, what changed is asked for": _memory_pass(complete=False),
    "memory: pass, all rows looked at": _memory_pass(complete=True),
}
BUDGETS = {
    UNTOUCHED: 2.0,
    "look, file saved anew, no value changed": 2.0,
    "pass, file saved anew, no value changed": 2.0,
}
LIMITS = {UNTOUCHED: 10.0, NOTICES: 0.1, NOTICES_FIRST: 0.2}  # seconds


if __name__ == "__main__":
    main()
