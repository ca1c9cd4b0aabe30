"""A team's folder on a desk: minutes dropped, a workbook edited by hand, the program called on it.

The program runs inside this process, which takes a tenth of the time of a process of its own; what
it prints and its exit code are the same.
"""

import hashlib
import io
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
from fakes import desk

from minuteloop.cli import app

NOW = "2025-05-20T09:00"
STRUCTURED = Path(__file__).parents[1] / "data" / "structured"
PEOPLE = {
    "张三": "技术部",
    "李四": "产品部",
    "王五": "客服部",
}
_STALE = 1e9  # seconds: a file so old has settled
HEAD = "| 行动项 | 负责人 | 截止日期 | 交付标准 |\n| --- | --- | --- | --- |\n"


@dataclass(frozen=True)
class Told:
    """What a call came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def team_file(
    *trackers: str,
    team: str = "产品部",
    people: Mapping[str, str] | None = None,
    more: str = "",
) -> str:
    """Return a team file; a tracker is given by its own keys, e.g. ``path = "a.xlsx"``."""
    people = PEOPLE if people is None else people
    lines = [f'team = "{team}"', more]
    lines += [f'[[people]]\nname = "{n}"\ndepartment = "{d}"' for n, d in people.items()]
    lines += [f'[[departments]]\nname = "{d}"' for d in dict.fromkeys(people.values())]
    for n, keys in enumerate(trackers or ('path = "tracker.xlsx"',)):
        name = "board" if n == 0 else f"board{n + 1}"
        lines.append(f'[[trackers]]\nname = "{name}"\nkind = "excel"\n{keys}')
    return "\n".join(lines) + "\n"


def minutes(
    *rows: Sequence[str],
    title: str = "产品周会",
    day: str = "2025-05-19",
    extra: str = "",
) -> str:
    """Return minutes with a list of items: (what, who, due, standard); what is left out is empty."""
    body = "".join("| " + " | ".join((*r, *[""] * (4 - len(r)))) + " |\n" for r in rows)
    start = f"**会议时间：** {day} 10:00～11:00\n" if day else ""
    head = f"# {title}\n\n" if title else ""
    return f"{head}{start}**主持人：** 李四\n\n{extra}## 行动项清单\n\n{HEAD}{body}"


class Office:
    """A team's folder.

    Args:
        folder: where it is made.
        config: the team file.
        prepare: whether ``check --prepare`` makes the workbook.
    """

    def __init__(self, folder: Path, config: str | None = None, *, prepare: bool = True) -> None:
        self.folder = folder
        self.book = folder / "tracker.xlsx"
        self.config = folder / "minuteloop.toml"
        self.inbox = folder / "inbox"
        self.archive = folder / "archive"
        self.store = folder / "minuteloop.db"
        self.inbox.mkdir(parents=True, exist_ok=True)
        self.configure(config or team_file())
        if prepare:
            self.call("check", "--prepare")

    @classmethod
    def copied(cls, model: Path, folder: Path) -> "Office":
        """Return an office in a copy of another's folder: made faster than anew."""
        shutil.copytree(model, folder, dirs_exist_ok=True)
        return cls(folder, (model / "minuteloop.toml").read_text("utf-8"), prepare=False)

    def configure(self, text: str) -> None:
        self.config.write_text(text, encoding="utf-8")

    # --- the program ---

    def call(self, *words: str, code: int | None = 0, config: bool = True) -> Told:
        """Call the program; fail if it does not end with the exit code."""
        line = [*words, *(["-c", str(self.config)] if config else [])]
        told = call(line)
        assert code is None or told.code == code, told
        return told

    def once(self, now: str = NOW, code: int | None = 0) -> Any:
        return self.call("once", "--json", "--now", now, code=code).json

    def plan(self, now: str = NOW, code: int | None = 0) -> Any:
        return self.call("plan", "--json", "--now", now, code=code).json

    def board(self, now: str = NOW, code: int | None = 0) -> Any:
        """One pass; return what it told of the first tracker."""
        return self.once(now, code)["trackers"][0]

    def items(self) -> list[dict[str, Any]]:
        """Return all items, closed ones too."""
        found: list[dict[str, Any]] = self.call("items", "--json", "--all").json
        return found

    def item(self, text: str) -> dict[str, Any]:
        (found,) = [i for i in self.items() if i["description"] == text]
        return found

    def history(self, item_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("history", item_id, "--json").json
        return found

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = self.call("status", "--json", code=None).json["teams"][0]
        return found

    def codes(self) -> list[str]:
        """Return the codes of the open findings but for plain information."""
        return [f["code"] for f in self.status()["findings"] if f["severity"] != "info"]

    def quiet(self, now: str = NOW) -> bool:
        """Run a pass; say whether it left every file but the store as it was, to the time stamp."""
        before = self.files()
        told = self.once(now)
        idle = all(
            not (t["created"] or t["updated"] or t["pulled"] or t["closed"] or t["conflicts"])
            for t in told["trackers"]
        )
        return idle and self.files() == before

    # --- the minutes ---

    def drop(self, name: str, text: str | bytes | None = None) -> Path:
        """Put a file into the inbox: this text, or the sample of that name."""
        path = self.inbox / name
        if text is None:
            shutil.copy(STRUCTURED / name, path)
        else:
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        os.utime(path, (_STALE, _STALE))
        return path

    def read(self, *rows: Sequence[str], now: str = NOW, **told: str) -> Any:
        """Drop minutes with these items and make a pass."""
        self.drop("m.md", minutes(*rows, **told))
        return self.once(now)

    # --- the workbook ---

    def sheet(self, book: Path | None = None) -> list[list[Any]]:
        """Return what stands in the sheet, line by line."""
        page = openpyxl.load_workbook(book or self.book).worksheets[0]
        return [list(row) for row in page.iter_rows(values_only=True)]

    def rows(self, book: Path | None = None) -> list[dict[str, Any]]:
        """Return the rows that hold anything, by header, with their number under ``row``."""
        head, *rest = self.sheet(book)
        names = [str(h) for h in head]
        return [
            {**{n: _day(v) for n, v in zip(names, line, strict=True)}, "row": at}
            for at, line in enumerate(rest, 2)
            if any(v not in (None, "") for v in line)
        ]

    def row(self, text: str) -> dict[str, Any]:
        (found,) = [r for r in self.rows() if r["行动项描述"] == text]
        return found

    def texts(self) -> list[str]:
        return [str(r["行动项描述"]) for r in self.rows()]

    def ref(self, row: int, header: str) -> str:
        head = [str(h) for h in self.sheet()[0]]
        return f"{openpyxl.utils.get_column_letter(head.index(header) + 1)}{row}"

    def type(self, row: int | str, **cells: Any) -> None:
        """Type values into the cells of a row, by header, and save."""
        at = self.row(row)["row"] if isinstance(row, str) else row
        desk.person_edit(self.book, {self.ref(at, h): v for h, v in cells.items()})

    def add(self, **cells: Any) -> int:
        """Type a new row below the others; return its number."""
        at = max([r["row"] for r in self.rows()], default=1) + 1
        self.type(at, **cells)
        return int(at)

    def edit(self, change: Callable[[Any], None]) -> None:
        """Let ``change`` work on the sheet, and save."""
        desk.edit(self.book, lambda book: change(book.worksheets[0]))

    # --- the folder ---

    def files(self) -> dict[str, tuple[str, int]]:
        """Return digest and time of change of all files but the store's."""
        return {
            name: look for name, look in self.everything().items() if "minuteloop.db" not in name
        }

    def everything(self) -> dict[str, tuple[str, int]]:
        """Return digest and time of change of all files."""
        return {
            str(path.relative_to(self.folder)): (
                hashlib.sha256(path.read_bytes()).hexdigest(),
                path.stat().st_mtime_ns,
            )
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }

    def lose_store(self) -> None:
        for path in self.folder.glob("minuteloop.db*"):
            path.unlink()


def call(line: Sequence[str]) -> Told:
    """Call the program inside this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), _own_log():
        try:
            app([*line], prog_name="minuteloop")
        except SystemExit as error:
            code = error.code
    assert isinstance(code, int), code
    return Told(code, out.getvalue(), err.getvalue())


@contextmanager
def _own_log() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers, root.level
    try:
        yield
    finally:
        root.handlers, root.level = before


def process(
    folder: Path, *words: str, timeout: float = 60, **more: Any
) -> subprocess.CompletedProcess[str]:
    """Call the program as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "minuteloop", *words],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
        **more,
    )


def _day(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) else value


__all__ = ["NOW", "Office", "Told", "call", "date", "minutes", "process", "team_file"]
