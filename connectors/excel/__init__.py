"""A local Excel workbook as a tracker: people keep it open, sort it and save it meanwhile.

``files`` reads and replaces the file, ``sheet`` finds the rows in it, ``draft`` turns writes into
changes of cells, ``grow`` finds room for new rows, ``patch`` puts both into the sheet's XML.
"""

import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from connectors.base import Changes, Outcome, Record, Schema, Setup, Write
from connectors.errors import BusyError, PermanentError, StaleError
from connectors.excel import calc, columns, draft, files, grow, wire
from connectors.excel.load import Spec, closest, frame_of, open_book, source, survey
from connectors.excel.package import damaged
from connectors.excel.patch import Edits, Look, edit
from connectors.excel.sheet import DAYS, READER, Sheet, open_page, read, sheet_of
from connectors.excel.xml import XmlError
from mapping.cells import Field, Kind
from mapping.said import Said
from mapping.values import Finding, Status
from mapping.words import STATUSES

MAX_BATCH = 100_000
_SHEET = {"zh": "行动项", "en": "Action items"}
_TRIES = 3  # so often columns are added anew when the file changes under it


class Excel:
    """A workbook as a tracker (``connectors.base.Connector``).

    Args:
        setup: ``options`` has ``path`` and, if one is named, ``sheet``.
    """

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        sheet = setup.options.get("sheet")
        self._spec = Spec(str(sheet) if sheet else None, setup.columns, setup.named, setup.language)
        path = Path(setup.folder) / str(setup.options["path"])
        self._file = files.WorkbookFile(path, Path(setup.state), setup.name, setup.clock)
        settings = repr(
            (
                *(READER, setup.language, self._spec.sheet),
                *(sorted(setup.columns.items()), sorted(setup.named)),
            )
        )
        self._settings = hashlib.sha256(settings.encode()).hexdigest()[:8]
        self._seen: tuple[str, Sheet] | None = None  # the state read last, by its digest
        self._looked = ""  # digest of what was pulled, or written since: what a plan is made from

    def describe(self) -> Schema:
        """Return the columns that are there (see ``connectors.base.Reader``)."""
        sheet = self._read(self._file.read())
        texts = sheet.header.texts
        fields = {}
        for name, column in sheet.fields.items():
            kind, options = Kind.TEXT, None
            if name in DAYS:
                kind = Kind.DATE
            elif name == "status":
                kind, options = Kind.OPTION, self._options()
            limit = None if kind is Kind.DATE else wire.TEXT_LIMIT
            fields[name] = Field(
                name=name, label=texts[column], kind=kind, options=options, text_limit=limit
            )
        left_out = [n for n in self._setup.columns if n != "id" and n not in fields]
        return Schema(
            fields=fields,
            max_batch=MAX_BATCH,
            whole_file=True,
            checks_version=True,
            stable_rows=False,
            idempotent_create=True,
            search_lag_s=0.0,
            notes=tuple(self._left_out(sheet, n) for n in left_out),
        )

    def _say(self, zh: str, en: str) -> str:
        """Return a sentence in the team's language."""
        return Said(zh, en).text(self._setup.language)

    def _left_out(self, sheet: Sheet, field: str) -> str:
        book, column = sheet.book.name, self._setup.columns[field]
        return self._say(
            f"{book} 没有“{column}”列，那里不保存这一项",
            f"{book} has no column {column!r}: {field} is not kept there",
        )

    def pull(self, cursor: str | None) -> Changes:
        """Read all rows if any may have changed (see ``connectors.base.Reader``).

        Other bytes need not hold other rows: a file that was only looked at and saved is not read,
        one that another program wrote anew is not compared row by row.
        """
        data = self._file.read()
        digest = self._looked = files.digest(data)
        findings = self._rivals()
        settings, *known = [*(cursor or "").split(":"), "", "", ""][:4]
        if settings != self._settings:
            known = ["", "", ""]
        if known[0] == digest:
            return Changes(records=(), cursor=cursor, calls=1, findings=findings, digest=digest)
        book = open_book(self._file.path.name, data)
        of = source(book, self._spec)
        page = open_page(book, self._spec) if of != known[1] else None
        contents = page.contents if page else known[2]
        now = f"{self._settings}:{digest}:{of}:{contents}"
        if page is None or contents == known[2]:
            return Changes(records=(), cursor=now, calls=1, findings=findings, digest=digest)
        sheet = sheet_of(page, self._setup.language)
        self._seen = (digest, sheet)
        return Changes(
            records=sheet.records,
            cursor=now,
            complete=True,
            calls=1,
            findings=(*sheet.findings, *findings),
            digest=digest,
        )

    def find(self, ids: Sequence[str]) -> Sequence[Record]:
        """Read the file and return the rows that carry these ids."""
        sheet = self._read(self._file.read())
        found = {r.row_id for item_id in ids for r in sheet.by_id.get(item_id, ())}
        return [record for record in sheet.records if record.row_id in found]

    def apply(self, batch: Sequence[Write]) -> Sequence[Outcome]:
        """Write rows, all in one save, or none (see ``connectors.base.Connector``)."""
        if not batch:
            return []
        with self._file.locked():
            return self._apply(batch)

    def prepare(self) -> Sequence[str]:
        """Make the workbook, or the columns that it lacks (see ``connectors.base.Connector``)."""
        if not self._file.exists():
            return self._make()
        with self._file.locked():
            for _ in range(_TRIES):
                try:
                    return self._add_columns()
                except StaleError:
                    continue
        raise self._file.stale()

    def _make(self) -> Sequence[str]:
        from connectors.excel import template  # noqa: PLC0415  # openpyxl: only where it is used

        setup, path = self._setup, self._file.path
        self._file.check_place()
        sheet = self._spec.sheet or _SHEET.get(setup.language, _SHEET["zh"])
        try:
            template.make(
                path,
                sheet=sheet,
                columns=setup.columns,
                statuses=setup.statuses,
                people=[person.name for person in setup.people],
                departments=[department.name for department in setup.departments],
                language=setup.language,
            )
        except FileExistsError:
            raise BusyError(
                Said(f"{path.name} 刚刚已被别人建立", f"{path.name} was made by somebody just now")
            ) from None
        except OSError as error:
            raise files.problem(error, path, "written") from error
        return [
            self._say(
                f"已建立工作簿 {path}，工作表“{sheet}”",
                f"made the workbook {path} with sheet {sheet!r}",
            )
        ]

    def _add_columns(self) -> Sequence[str]:
        old = self._file.read()
        name = self._file.path.name
        found = survey(open_book(name, old), self._spec)
        best = closest(found)
        fields = columns.wanted(best, self._spec)
        if not fields or columns.unnamed(best, self._spec):
            read(name, old, self._spec)  # says what is wrong, if anything is
            return []
        self._file.check_writable()
        try:
            parts, told = columns.add(best, fields)
        except XmlError as error:
            raise damaged(name, error.said.zh, error.said.en) from None
        new = best.book.package.rebuild(parts)
        self._file.replace(old, new, partial(self._check, name))
        return [made.text(self._setup.language) for made in told]

    def _check(self, name: str, data: bytes) -> None:
        read(name, data, self._spec)

    def _options(self) -> tuple[str, ...]:
        """Return the words for statuses that may be written."""
        known = STATUSES.get(self._setup.language, STATUSES["zh"])
        words = [word for s in Status for word in self._setup.statuses.get(s) or (known[s],)]
        return tuple(dict.fromkeys(words))

    def _rivals(self) -> tuple[Finding, ...]:
        return tuple(
            Finding(
                code="duplicate",
                message=self._say(
                    f"{self._file.path.name} 旁边有 {name}：同步软件把一个文件变成了两个；"
                    "请把缺少的内容补过来，再删去它",
                    f"{name} stands beside {self._file.path.name}: a sync program has made two "
                    "of one; take over what is missing, then delete it",
                ),
            )
            for name in self._file.rivals()
        )

    def _read(self, data: bytes) -> Sheet:
        digest = files.digest(data)
        if self._seen is None or self._seen[0] != digest:
            self._seen = (digest, read(self._file.path.name, data, self._spec))
        return self._seen[1]

    def _apply(self, batch: Sequence[Write]) -> Sequence[Outcome]:
        old = self._file.read()
        if self._looked not in ("", files.digest(old)):
            raise self._file.stale()  # it may be an older copy: only a look can tell
        sheet = self._read(old)
        try:
            room = grow.find_room(sheet, draft.creates(sheet, batch))
            made = draft.make(sheet, batch, room)
            if made.cells:
                self._file.check_writable()
                new = sheet.book.package.rebuild(compose(sheet, made, room))
                self._file.replace(old, new, partial(self._judge, sheet, made, room))
                self._looked = files.digest(new)
                sheet = self._read(new)
        except XmlError as error:  # what calamine forgave
            raise damaged(sheet.book.name, error.said.zh, error.said.en) from None
        return [
            Outcome(record=sheet.by_row.get(str(t.row)) if t.row else None, error=t.error)
            for t in made.targets
        ]

    def _judge(self, before: Sheet, made: draft.Draft, room: grow.Room, data: bytes) -> None:
        """See that a draft on the disk reads as it should, before it takes the file's place."""
        after = read(self._file.path.name, data, self._spec)
        after.book.package.check()
        touched = {row for row, _ in made.cells}
        wrong = [
            Said(f"缺少第 {row} 行", f"row {row} is missing")
            for row in made.new
            if str(row) not in after.by_row
        ]
        for record in before.records:
            row = room.moved(int(record.row_id))
            now = after.by_row.get(str(row))
            if row not in touched and (now is None or now.version != record.version):
                wrong.append(Said(f"{record.label} 变了样", f"{record.label} is not the same"))
        if wrong:
            raise PermanentError(
                Said(
                    f"没有写入 {before.book.name}：写后检查发现{wrong[0].zh}",
                    f"{before.book.name} was not written: afterwards {wrong[0]}",
                ),
                hint=Said(
                    "请向程序的维护者报告；暂时请手动添加或修改这一行",
                    "please report this; add or change the row by hand meanwhile",
                ),
            )
        self._seen = (files.digest(data), after)


def compose(sheet: Sheet, made: draft.Draft, room: grow.Room) -> dict[str, bytes | None]:
    """Return all parts of a workbook that a draft changes."""
    xml = grow.make_room(sheet, room)
    formulas = grow.formulas(sheet) if made.new else {}
    like = {row: room.like for row in made.new if room.like} if room.like else {}
    rows = sheet.body.rows
    edits = Edits(made.cells, like, formulas, samples=(*rows[-5:], *rows[:5]))
    frame = sheet.frame if xml is sheet.xml else frame_of(xml)
    parts: dict[str, bytes | None] = {
        sheet.part.part: edit(xml, frame, edits, Look(sheet.book.styles, sheet.book.epoch_1904)),
        **grow.grow_tables(sheet, room),
        **calc.forget(sheet.book, moved=bool(formulas or room.shift)),
    }
    return parts
