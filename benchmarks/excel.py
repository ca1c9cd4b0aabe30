"""What the Excel connector costs, as ratios against the plain libraries in one run.

Run ``python benchmarks/excel.py [ROWS]``. Each case has a process of its own, so that its peak of
memory is its own; times are the median of some repeats, the first one left out. The budget: a pull
of 10,000 unchanged rows costs at most twice what calamine takes to read them.
"""

import argparse
import io
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

REPEATS = 5
MAKE = "make the file"
Step = Callable[[int], object]


def main() -> None:
    parser = argparse.ArgumentParser(description="What the Excel connector costs.")
    parser.add_argument("rows", nargs="?", type=int, default=10_000)
    parser.add_argument("--case", help="run one case in this process and print its figures")
    parser.add_argument("--file", type=Path)
    wanted = parser.parse_args()
    if wanted.case == MAKE:
        from fakes.workbooks import big  # noqa: PLC0415  # a parent that is large makes children so

        for number in range(REPEATS + 1):
            wanted.file.with_name(f"{number}.xlsx").write_bytes(big(wanted.rows + number))
        wanted.file.write_bytes(big(wanted.rows))
        return
    if wanted.case:
        print(json.dumps(_measure(CASES[wanted.case], wanted.file)))
        return
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made"
        made.mkdir()
        _child(MAKE, made / "tracker.xlsx", wanted.rows)
        for number, case in enumerate(CASES):
            place = shutil.copytree(made, Path(folder) / str(number))
            figures[case] = json.loads(_child(case, place / "tracker.xlsx", wanted.rows))
    _show(figures, wanted.rows)


def _child(case: str, path: Path, rows: int) -> str:
    command = [sys.executable, __file__, str(rows), "--case", case, "--file", str(path)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _measure(prepare: Callable[[Path], Step], path: Path) -> dict[str, float]:
    warnings.simplefilter("ignore")
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    step = prepare(path)
    times = []
    for number in range(REPEATS + 1):
        begun = time.perf_counter()
        step(number)
        times.append(time.perf_counter() - begun)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": statistics.median(times[1:]), "mb": (peak - base) / 1024}


def _show(figures: dict[str, dict[str, float]], rows: int) -> None:
    print(f"{rows:,} rows x 12 columns, median of {REPEATS}\n")
    print(f"{'case':34}{'seconds':>9}{'ratio':>8}{'MB':>8}   against")
    for case, found in figures.items():
        against = AGAINST.get(case, "")
        ratio = f"{found['seconds'] / figures[against]['seconds']:.2f}" if against else ""
        print(f"{case:34}{found['seconds']:9.4f}{ratio:>8}{found['mb']:8.0f}   {against}")


# --- the plain libraries --------------------------------------------------------------------------


def _calamine(path: Path) -> Step:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415

    def step(_: int) -> object:
        with CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes())) as book:
            return book.get_sheet_by_index(0).to_python(skip_empty_area=False)

    return step


def _openpyxl(cells: int) -> Callable[[Path], Step]:
    def prepare(path: Path) -> Step:
        from openpyxl import load_workbook  # noqa: PLC0415

        def step(number: int) -> None:
            book = load_workbook(path)
            page = book.worksheets[0]
            for row in range(2, 2 + cells):
                page.cell(row, 9).value = f"备注 {number}.{row}"
            book.save(path)

        return step

    return prepare


# --- the connector --------------------------------------------------------------------------------


def _connector(path: Path) -> tuple[Any, Any]:
    from fakes.clock import FakeClock  # noqa: PLC0415
    from fakes.workbooks import SHEET, TEAM  # noqa: PLC0415

    from connectors.base import Setup  # noqa: PLC0415
    from connectors.registry import load  # noqa: PLC0415
    from mapping.words import COLUMNS, STATUSES  # noqa: PLC0415

    clock = FakeClock(datetime.now(UTC) + timedelta(hours=1))
    state = path.parent / "state"
    state.mkdir(exist_ok=True)
    setup = Setup(
        name="board",
        options={"path": path.name, "sheet": SHEET},
        columns=COLUMNS["zh"],
        statuses={status.value: (word,) for status, word in STATUSES["zh"].items()},
        team=TEAM,
        folder=str(path.parent),
        state=str(state),
        clock=clock,
    )
    return load("excel")(setup), clock


def _first_pull(path: Path) -> Step:
    def step(_: int) -> object:
        connector, _clock = _connector(path)
        return connector.pull(None)

    return step


def _unchanged(path: Path) -> Step:
    connector, clock = _connector(path)
    cursor = connector.pull(None).cursor

    def step(_: int) -> object:
        nonlocal cursor
        clock.advance(60)
        changes = connector.pull(cursor)
        cursor = changes.cursor
        return changes

    return step


def _one_changed(path: Path) -> Step:
    versions = [path.with_name(f"{number}.xlsx").read_bytes() for number in range(REPEATS + 1)]
    connector, clock = _connector(path)
    cursor = connector.pull(None).cursor

    def step(number: int) -> object:
        nonlocal cursor
        path.write_bytes(versions[number])  # a few milliseconds that count in
        clock.advance(60)
        changes = connector.pull(cursor)
        cursor = changes.cursor
        return changes

    return step


def _apply(cells: int) -> Callable[[Path], Step]:
    def prepare(path: Path) -> Step:
        from connectors.base import Write  # noqa: PLC0415

        connector, clock = _connector(path)
        rows = connector.pull(None).records[:cells]

        def step(number: int) -> object:
            clock.advance(60)
            batch = [
                Write(id=r.id, cells={"note": f"备注 {number}.{r.row_id}"}, row_id=r.row_id)
                for r in rows
            ]
            outcomes = connector.apply(batch)
            errors = [outcome.error for outcome in outcomes if outcome.error]
            if errors:
                raise errors[0]
            return outcomes

        return step

    return prepare


CASES: dict[str, Callable[[Path], Step]] = {
    "calamine reads all": _calamine,
    "pull, a new process": _first_pull,
    "pull, file untouched": _unchanged,
    "pull, one row more each time": _one_changed,
}
AGAINST = dict.fromkeys(list(CASES)[1:], "calamine reads all")
for _cells in (1, 100, 1000):
    CASES[f"openpyxl loads and saves, {_cells}"] = _openpyxl(_cells)
    CASES[f"apply, {_cells} cells"] = _apply(_cells)
    AGAINST[f"apply, {_cells} cells"] = f"openpyxl loads and saves, {_cells}"


if __name__ == "__main__":
    main()
