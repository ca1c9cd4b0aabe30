"""``demo``: the whole loop on a small team folder that it makes, each step looked at afterwards.

What a step prints is what the command named above it prints; what it should have come to is then
read from the store and the workbook, so a demo that ends well is also a test of the installation.
"""

import logging
import os
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import typer
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from rich.console import Console
from rich.markup import escape

from mapping.notices import Message
from mapping.values import Item, Status
from mapping.words import COLUMNS, fold
from minuteloop import config, samples
from minuteloop.channels.wording import text_of
from minuteloop.clock import SystemClock
from minuteloop.commands import check, history, items, passes, status
from minuteloop.commands.stores import reading
from minuteloop.config_files import TEAM_FILE
from minuteloop.config_models import Excel
from minuteloop.errors import ConfigError
from minuteloop.scene import with_rows
from minuteloop.team import TeamWork, open_store
from tracking.due import due
from tracking.texts import render

DEFAULT = "minuteloop-demo"
_AGE_S = 60  # of a dropped file: long enough to count as saved, so that no pass waits for it

# items of the samples, as they are known after the first pass
REPLY = "输出《售后响应流程V1.0》"
MAP = "评估离线地图功能的开发周期"
SHOPS = "确认首批渠道的上架清单"
PACK = "联系包装供应商重新报价"
STOCK = "完成首發倉庫的庫存盤點"
BY_HAND = "补充上市常见问题解答"
_READ = 6  # the first minutes hold four, the second two and one that is known already


class DemoError(Exception):
    """A step did not give what it should."""


def run(folder: Path | None) -> int:
    """Make the folder, run the loop on it, show what came out.

    Args:
        folder: is made; None takes the first free name after ``minuteloop-demo`` here.

    Returns:
        1 if a step did not give what it should.

    Raises:
        ConfigError: the folder holds something already, or cannot be made.
    """
    place = _place(folder)
    before = logging.root.manager.disable
    logging.disable(logging.INFO)  # the story tells what a log would
    try:
        _Demo(place).run()
    except DemoError as error:
        typer.echo(f"demo: {error}\nThe folder is left as it is: {place}", err=True)
        return 1
    finally:
        logging.disable(before)
    return 0


def _place(folder: Path | None) -> Path:
    """Return the folder to work in; one that holds something is never touched."""
    place = folder or Path(DEFAULT)
    try:
        if folder is None:
            place = _free_name()
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise ConfigError([f"{place}: is there already and is left as it is; name another"])
        (place / "inbox").mkdir(parents=True)
    except OSError as error:
        raise ConfigError([f"{place}: cannot be made: {error.strerror or error}"]) from None
    return place


def _free_name() -> Path:
    place, n = Path(DEFAULT), 1
    while place.exists() and (not place.is_dir() or any(place.iterdir())):
        n += 1
        place = Path(f"{DEFAULT}-{n}")
    return place


@dataclass
class _Demo:
    """The steps, in their order; each leaves the folder as the next one needs it."""

    folder: Path
    console: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))
    steps: int = 0

    def run(self) -> None:
        self._say(f"[bold]Minuteloop demo[/bold], in the folder {escape(str(self.folder))}")
        self._set_up()
        self._read_minutes()
        self._edit_workbook()
        self._take_edits_over()
        self._read_minutes_again()
        self._show_history()
        self._fall_quiet()
        self._show_messages()
        self._say_what_next()

    # --- the steps ---

    def _set_up(self) -> None:
        self._title("A team: five people, an inbox for minutes, an Excel workbook")
        file = self.folder / TEAM_FILE
        file.write_text(samples.team_file(), encoding="utf-8")
        self._command(
            f"check --prepare {self._c}",
            lambda: check.run(self.folder, prepare=True, send_test=False),
        )
        (self.team,) = config.load(file).teams
        (tracker,) = (t for t in self.team.trackers if isinstance(t, Excel))
        self.tracker = tracker.name
        self.workbook = self.folder / tracker.path
        self._expect(self.workbook.is_file(), "the workbook was not made")

    def _read_minutes(self) -> None:
        self._title("Minutes of two meetings are dropped into the inbox")
        today = self._today()
        for name, data in samples.minutes(today).items():
            self._drop(name, data)
            self._say(f"  inbox/{name}")
        self._command(f"once {self._c}", self._once)
        self._command(f"items {self._c}", self._list_items)
        items = self._items()
        self._expect(len(items) == _READ, f"{_READ} items were expected, {len(items)} are there")
        late = [i.description for i in items.values() if i.status is Status.LATE]
        self._expect(late == [MAP], "the item that is past its day was not marked as late")
        self._expect(items[fold(PACK)].due is None, "a day was guessed for a vague word")
        rows = self._rows()
        ids = {str(row["id"]) for row in rows.values()}
        self._expect(ids == {i.id for i in items.values()}, "the workbook does not show the items")
        self._expect(rows[fold(MAP)]["status"] == "延期", "the workbook does not show 延期")
        self._command(f"status {self._c}", lambda: status.run(self.folder, as_json=False))
        with reading(self.team) as tx:
            asked = {(found.finding.code, found.finding.line is None) for found in tx.findings()}
        self._expect(("due-vague", False) in asked, "nobody is asked for the day that is missing")
        self._note(
            "The second meeting speaks of an item of the first, in traditional characters: they "
            "are one item.\n"
            "What was due three days ago is 延期, late (D6).\n"
            "尽快, as soon as possible, is no day: none is guessed, it is asked for (F1, B3).\n"
            "Minutes that come eight days late are told, too (C1).\n"
            f"All items are rows of {self.workbook.name} now."
        )

    def _edit_workbook(self) -> None:
        self._title("Somebody edits the workbook and saves it")
        self.moved = self._today() + timedelta(days=9)
        before = self._rows()[fold(REPLY)]["due"]
        _edit(self.workbook, self.moved, self._today() + timedelta(days=7))
        self._say(f"  {REPLY}: 计划完成时间 {_shown(before)} -> {self.moved}")
        self._say(f"  {SHOPS}: 状态 进行中 -> 已完成")
        self._say(f"  a new row, without an id: {BY_HAND}, 陆明远")
        was = self.workbook.read_bytes()
        count = len(self._items())
        self._command(f"plan {self._c}", lambda: passes.plan(self.folder, now=None, as_json=False))
        same = was == self.workbook.read_bytes() and count == len(self._items())
        self._expect(same, "a plan has changed something")
        self._note("A plan changes nothing: neither the workbook nor what is stored.")

    def _take_edits_over(self) -> None:
        self._title("A pass brings the edits back")
        self._command(f"once {self._c}", self._once)
        self._command(f"items {self._c}", self._list_items)
        items, rows = self._items(), self._rows()
        self._expect(items[fold(REPLY)].due == self.moved, "the moved day was not taken over")
        shops = items[fold(SHOPS)]
        reported = shops.completed is not None and shops.verified is None
        self._expect(reported and shops.is_open, "已完成 was not taken as a report (D5)")
        self._expect(fold(BY_HAND) in items, "the row added by hand became no item")
        new = items[fold(BY_HAND)]
        self._expect(rows[fold(BY_HAND)]["id"] == new.id, "the new row did not get its id")
        self._note(
            f"The new row has got its id, {new.id}.\n"
            "已完成 is the owner's report: the item is done once the follow-up person has checked "
            "it (D5)."
        )

    def _read_minutes_again(self) -> None:
        self._title("The recorder mends the first minutes and drops them again")
        before = self._items()
        ((name, data),) = samples.edited(self._today()).items()
        self._drop(name, data)
        self._say(f"  inbox/{name}: a day for 尽快, another due day and standard for {REPLY}")
        self._command(f"once {self._c}", self._once)
        items = self._items()
        same = {i.id for i in items.values()} == {i.id for i in before.values()}
        self._expect(same, "minutes that were read again made other items")
        self._expect(items[fold(PACK)].due is not None, "the new day was not taken over")
        reply = items[fold(REPLY)]
        changed = reply.acceptance != before[fold(REPLY)].acceptance
        self._expect(changed, "the new standard was not taken over")
        self._expect(reply.due == self.moved, "minutes have overwritten a person's edit")
        self._expect(self._rows()[fold(PACK)]["due"] is not None, "the workbook lacks the new day")
        self._note(f"Still {len(items)} items: those that were there have changed.")

    def _show_history(self) -> None:
        self._title("Who changed an item, where, when and why")
        item = self._items()[fold(REPLY)]
        self._command(f"history {item.id} {self._c}", lambda: history.run(self.folder, item.id))
        with reading(self.team) as tx:
            lines = tx.changes(item.id)
        dues = {line.kind: line for line in lines if line.field == "due"}
        told = {"change", "conflict"} <= dues.keys() and dues["change"].place == self.tracker
        self._expect(told, "the history does not tell what happened to the due day")
        self.lost = dues["conflict"].seq
        self._note(
            "Workbook and minutes both moved the due day: the edit in the workbook stays, and what "
            "lost is kept."
        )

    def _fall_quiet(self) -> None:
        self._title("Nothing has changed since: the next pass writes nothing")
        before = _state(self.workbook)
        self._command(f"once {self._c}", self._once)
        self._expect(_state(self.workbook) == before, "a pass without changes wrote the workbook")
        self._note("Not a cell, not even the file's time stamp.")

    def _show_messages(self) -> None:
        self._title("What two of them would be told now; a [[channels]] in the team file sends it")
        for name, rule, wanted in (("何睿", "D2", STOCK), ("沈嘉禾", "D5", SHOPS)):
            text = self._message(name, rule)
            self._say(f"  [bold]to {name}[/bold]")
            for line in filter(None, text.splitlines()):
                self._say(f"    {escape(line)}")
            self._expect(wanted in text, f"{name} would not be told of {wanted} ({rule})")
        self._note(
            "The owner is reminded two days before the day (D2), the host is asked to check what "
            "was reported (D5)."
        )

    def _message(self, name: str, rule: str) -> str:
        """Return what a person would read of one rule, as the outbox would send it now."""
        store = open_store(self.team)
        try:
            work = TeamWork(self.team, SystemClock(self.team.zone), store, dry=True)
            scene = work.notifier.scene()
            notices = [n for n in due(scene) if (n.to, n.rule) == (name, rule)]
            with store.reading() as tx:
                scene = with_rows(self.team, tx, scene, [i for n in notices for i in n.about])
            title, sections = render(notices, scene, work.notifier.templates)
        finally:
            store.close()
        return text_of(Message(id="demo", to=(), title=title, sections=sections))

    def _say_what_next(self) -> None:
        shops = self._items()[fold(SHOPS)].id
        self._say("\n[bold]All went as it should. Try next:[/bold]")
        for what, how in (
            ("look at the workbook", shlex.quote(str(self.workbook))),
            ("health, and what is open", f"minuteloop status {self._c}"),
            ("accept the reported work", f"minuteloop verify {shops} {self._c}"),
            ("who would hear what this week", f"minuteloop forecast --days 7 {self._c}"),
            ("the list for the next meeting", f"minuteloop agenda {self._c}"),
            ("take the day that lost", f"minuteloop undo {self.lost} {self._c}"),
            ("a pass carries both out", f"minuteloop once {self._c}"),
            ("the service (Ctrl-C ends it)", f"minuteloop run {self._c}"),
            ("your own team", "minuteloop init my-team"),
        ):
            self._say(f"  {what:<30} [cyan]{escape(how)}[/cyan]")

    # --- what the steps share ---

    @property
    def _c(self) -> str:
        return f"-c {shlex.quote(str(self.folder))}"

    def _say(self, text: str) -> None:
        self.console.print(text)

    def _title(self, text: str) -> None:
        self.steps += 1
        self._say(f"\n[bold]{self.steps}. {escape(text)}[/bold]")

    def _note(self, text: str) -> None:
        for line in text.splitlines():
            self._say(f"  [green]»[/green] {escape(line)}")

    def _command(self, text: str, work: Callable[[], int]) -> None:
        """Show a command as one would type it, and what it prints."""
        self._say(f"[cyan]$ minuteloop {escape(text)}[/cyan]")
        code = work()
        self._expect(code == 0, f"`minuteloop {text}` ended with {code}")

    def _expect(self, ok: bool, otherwise: str) -> None:  # noqa: FBT001  # reads like an assertion
        if not ok:
            raise DemoError(f"step {self.steps}: {otherwise}")

    def _once(self) -> int:
        return passes.once(self.folder, now=None, as_json=False)

    def _list_items(self) -> int:
        return items.run(
            self.folder, as_json=False, status=None, owner=None, overdue=False, everything=False
        )

    def _today(self) -> date:
        return SystemClock(self.team.zone).now().date()

    def _drop(self, name: str, data: bytes) -> None:
        """Put a file into the inbox as a copy is put there, with the time of its original."""
        path = self.folder / "inbox" / name
        path.write_bytes(data)
        then = path.stat().st_mtime - _AGE_S
        os.utime(path, (then, then))

    def _items(self) -> dict[str, Item]:
        """Return the items by their folded description."""
        with reading(self.team) as tx:
            return {fold(s.item.description): s.item for s in tx.items().values()}

    def _rows(self) -> dict[str, Mapping[str, Any]]:
        """Return the workbook's rows by their folded description, as another program reads them."""
        return {fold(str(row["description"])): row for row in _lines(_page(self.workbook))}


def _page(workbook: Path) -> Worksheet:
    """Return the first sheet of a workbook."""
    page = load_workbook(workbook).worksheets[0]
    assert isinstance(page, Worksheet)  # noqa: S101  # ours has no sheet that is a chart
    return page


def _columns(page: Worksheet) -> dict[str, int]:
    """Return our field -> the number of its column."""
    ours = {name: field for field, name in COLUMNS["zh"].items()}
    texts = enumerate((str(cell.value) for cell in page[1]), 1)
    return {ours[text]: number for number, text in texts if text in ours}


def _lines(page: Worksheet) -> list[dict[str, Any]]:
    """Return the rows that hold an item, by our fields; ``line`` is the row's number."""
    columns = _columns(page)
    found = [
        {name: page.cell(line, column).value for name, column in columns.items()} | {"line": line}
        for line in range(2, page.max_row + 1)
    ]
    return [row for row in found if row["description"]]


def _edit(workbook: Path, moved: date, added: date) -> None:
    """Change a workbook as a person does: open it, type into three places, save it.

    Args:
        workbook: is loaded and saved by a program that knows nothing of ours.
        moved: the new day of one item.
        added: the day of the row that is added below the last one.
    """
    page = _page(workbook)
    columns, rows = _columns(page), _lines(page)
    by_text = {fold(row["description"]): row["line"] for row in rows}
    page.cell(by_text[fold(REPLY)], columns["due"], moved)
    page.cell(by_text[fold(SHOPS)], columns["status"], "已完成")
    last = max(row["line"] for row in rows) + 1
    typed: dict[str, str | date] = {
        "description": BY_HAND,
        "owner": "陆明远",
        "due": added,
        "status": "进行中",
    }
    for name, value in typed.items():
        page.cell(last, columns[name], value)
    for table in page.tables.values():  # typing below a table makes it longer
        start, end = table.ref.split(":")
        table.ref = f"{start}:{end.rstrip('0123456789')}{last}"
    book = page.parent
    assert book is not None  # noqa: S101  # it was loaded with it
    book.save(workbook)


def _shown(cell: Any) -> str:
    """Return a day as the workbook shows it."""
    return f"{cell:%Y-%m-%d}"


def _state(path: Path) -> tuple[bytes, int]:
    """Return a file's bytes and the time of its last change."""
    return path.read_bytes(), path.stat().st_mtime_ns
