"""The store: what goes in comes out, what cannot be used is said, and a copy changes nothing."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.cells import User
from mapping.values import Closed, Finding, Item, Severity, Status, Verified
from sync import store as module
from sync import stored as kinds
from sync import tables, transaction
from sync.join import Mention
from sync.links import Link
from sync.merge import Based
from sync.store import Store, StoreError
from sync.stored import Change, DocumentRow, Intent, Stored, TrackerState

TEAM = "产品部"
AT = "2025-05-20T09:00:00+08:00"
TEXTS = (
    "写报告",
    "",
    " 前后有空格 ",
    "第一行\n第二行\r\n第三行\t制表",
    "引号 ' \" ` \\ 和 % _ :name ?",
    "'; DROP TABLE items; --",
    "🚀👨‍👩‍👧 é é \u200b\ufeff\u2028",
    "\x00\x01\x1f\x7f",
    "null",
    "[1, 2]",
    "長" * 20_000,
)
odd = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
filled = odd.filter(bool)
days = st.dates(date(1900, 1, 1), date(2999, 12, 31))


def a_store() -> Store:
    return Store.open("sqlite://", TEAM)


@cache
def shared_store() -> Store:
    """Return the store of the property tests: to make one anew takes longer than a test of it."""
    return a_store()


@st.composite
def an_item(draw: st.DrawFn) -> Item:
    owner = draw(st.none() | filled)
    return Item(
        id="ML-C517RXVAM",
        description=draw(odd),
        owner=owner,
        owners=tuple(draw(st.lists(filled, max_size=3))),
        department=draw(st.none() | filled),
        support=tuple(draw(st.lists(filled, max_size=3))),
        due=draw(st.none() | days),
        due_text=draw(st.none() | filled),
        expected=draw(st.none() | days),
        completed=draw(st.none() | days),
        status=draw(st.sampled_from(Status)),
        acceptance=draw(st.none() | filled),
        deliverable=draw(st.none() | filled),
        note=draw(st.none() | filled),
        meeting=draw(st.none() | filled),
        meeting_id=draw(st.none() | filled),
        carried=draw(st.booleans()),
        verified=draw(st.none() | st.builds(Verified, by=odd, on=days)),
        closed=draw(st.none() | st.builds(Closed, on=days, why=odd)),
        late_for=draw(st.none() | days),
        created_at=draw(st.none() | st.datetimes(timezones=st.just(UTC))),
    )


# --- what goes in comes out -------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(an_item(), st.integers(0, 2**62), st.dictionaries(filled, odd, max_size=3))
def test_an_item_comes_back_as_it_was(item: Item, rev: int, origins: dict[str, str]) -> None:
    store = shared_store()
    stored = Stored(item=item, rev=rev, born=7, origins=origins)
    with store.transaction() as tx:
        tx.put_items([stored])
    with store.transaction() as tx:
        assert tx.items() == {item.id: stored}
        assert tx.some_items([item.id, "ML-none"]) == {item.id: stored}
        assert tx.item_ids() == {item.id}


@pytest.mark.parametrize("text", TEXTS)
def test_odd_text_comes_back_in_every_kind_of_row(text: str) -> None:
    store = a_store()
    person = User(text, text, text)
    base = {
        "note": Based(text, text or None),
        "due": Based(date(2025, 5, 20), date(2025, 5, 21)),
        "owner": Based((person,), (text,) if text else ()),
        "support": Based((text,), ("甲",)),
        "completed": Based(None, None),
    }
    link = Link(
        item="ML-1",
        row_id=text,
        state="hidden",
        version=text,
        link=text,
        label=text,
        rev=3,
        parked=4,
        naming=True,
        base=base,
    )
    state = TrackerState(
        cursor=text,
        identity=text,
        contacted=True,
        state="halted",
        error=text,
        plan=text,
        released=(text, "P-1"),
        data_at=AT,
        complete_at=AT,
        failed_since=AT,
        seq=12,
        held=(text,),
        again=True,
    )
    document = DocumentRow(
        key="M-1",
        file=text,
        digest=text,
        series=text,
        start=text,
        meeting={"title": text, "attendees": [text]},
        read_at=AT,
    )
    mention = Mention(item="ML-1", place=2, told={"note": text or None}, source=text)
    finding = Finding(
        code="due-vague",
        message=text,
        rule="F1",
        severity=Severity.INFO,
        line=3,
        row=text,
        item=text,
    )
    intent = Intent(token="t", item="ML-1", kind="create", at=AT, data={"cells": {"note": text}})
    change = Change(
        item=text, kind="change", place=text, why=text, field="note", old=text, new=None, actor=text
    )
    with store.transaction() as tx:
        tx.put_links(text, [link])
        tx.put_tracker(text, state)
        tx.put_document(document)
        tx.put_mentions("M-1", [mention])
        tx.put_findings(text, {text: finding}, AT)
        tx.put_intents(text, [intent])
        tx.request(text, text, {"why": text}, AT)
        tx.put_state(text, text, 5)
        tx.remember(text, 1, {"ML-1": base, "ML-2": None})
        tx.log([change], AT)
    with store.transaction() as tx:
        assert tx.links(text) == {"ML-1": link}
        assert tx.all_links() == [(text, link)]
        assert tx.tracker(text) == state
        assert tx.tracker_names() == [text]
        assert tx.document("M-1") == document
        assert tx.documents() == [document]
        assert tx.mentions("M-1") == [mention]
        assert tx.last_told(["ML-1"]) == {"ML-1": ("M-1", mention)}
        assert tx.told_in(["M-1", "M-2"]) == {"ML-1"}
        (found,) = tx.findings(text)
        assert (found.source, found.about, found.finding, found.first_at) == (
            text,
            text,
            finding,
            AT,
        )
        assert tx.intents(text) == [intent]
        (request,) = tx.requests()
        assert (request.verb, request.target, request.args) == (text, text, {"why": text})
        assert tx.state_of(text, text) == 5
        assert tx.remembered(text) == {1: {"ML-1": base, "ML-2": None}}
        (line,) = tx.changes(text)
        assert replace(line, seq=0, at="", run="") == replace(change, old=text or None)
        tx.answer(request.id, text)
        assert tx.requests() == []
        tx.settle(["t"])
        assert tx.intents(text) == []


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(("description", "note", "department", "acceptance")),
        st.tuples(st.none() | odd | days, st.none() | filled),
        max_size=4,
    ),
    st.tuples(st.lists(st.builds(User, odd, odd, odd), max_size=2), st.lists(filled, max_size=2)),
)
def test_a_base_comes_back_as_it_was(
    texts: dict[str, tuple[Any, Any]], people: tuple[list[User], list[str]]
) -> None:
    base = {n: Based(cell, ours) for n, (cell, ours) in texts.items()}
    base["owner"] = Based(tuple(people[0]), tuple(people[1]))
    store = shared_store()
    link = Link(item="ML-1", row_id="1", base=base)
    with store.transaction() as tx:
        tx.put_links("board", [link])
        assert tx.links("board", ["ML-1"]) == {"ML-1": link}


def test_every_key_of_a_tracker_is_kept_by_its_type() -> None:
    """A key that is added later and is no plain value must come back as what it was."""
    store = a_store()
    made: dict[str, Any] = {}
    for f in fields(TrackerState):
        default = f.default
        if isinstance(default, bool):
            made[f.name] = not default
        elif isinstance(default, int):
            made[f.name] = 77
        elif isinstance(default, tuple):
            made[f.name] = ("甲", "乙")
        elif default is None or isinstance(default, str):
            made[f.name] = f"some {f.name}"
    state = TrackerState(**made)
    with store.transaction() as tx:
        tx.put_tracker("board", state)
        assert tx.tracker("board") == state
        assert tx.tracker("another") == TrackerState()


def test_more_rows_than_a_statement_may_name() -> None:
    store = a_store()
    many = [f"ML-{n:05d}" for n in range(1201)]
    with store.transaction() as tx:
        tx.put_items(
            Stored(item=Item(id=i, description=i), rev=n, born=n) for n, i in enumerate(many)
        )
        tx.put_links("board", [Link(item=i, row_id=i, rev=n) for n, i in enumerate(many)])
        tx.put_mentions("M-1", [Mention(item=i, place=n, told={}) for n, i in enumerate(many)])
        assert list(tx.some_items(many)) == many
        assert set(tx.links("board", many)) == set(many)
        assert tx.behind("board") == []
        assert tx.behind("other") == many  # in the order in which they were born
        tx.drop_links("board", many[:2])
        assert tx.behind("board") == many[:2]


def test_a_transaction_is_kept_as_a_whole_or_not_at_all() -> None:
    store = a_store()

    def fail_half_way() -> None:
        with store.transaction() as tx:
            tx.put_items([Stored(item=Item(id="ML-1", description="一"))])
            tx.log([Change(item="ML-1", kind="create", place="minutes", why="")], AT)
            raise KeyError

    with pytest.raises(KeyError):
        fail_half_way()
    with store.transaction() as tx:
        assert tx.items() == {}
        assert tx.changes() == []
        assert tx.log([Change(item="ML-1", kind="create", place="minutes", why="")], AT) == 1


def test_teams_in_one_database_do_not_see_each_other(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    ours, theirs = Store.open(url, "甲"), Store.open(url, "乙")
    link = Link(item="ML-1", row_id="1")
    with ours.transaction() as tx:
        tx.put_items([Stored(item=Item(id="ML-1", description="一"), rev=5)])
        tx.put_links("board", [link])
        tx.put_tracker("board", TrackerState(cursor="c"))
        tx.put_findings("tracker:board", {"a": Finding(code="x", message="m")}, AT)
        tx.put_intents("board", [Intent(token="t", item="ML-1", kind="create", at=AT, data={})])
        tx.request("close", "ML-1", {}, AT)
        tx.log([Change(item="ML-1", kind="create", place="minutes", why="")], AT)
    with theirs.transaction() as tx:
        assert tx.items() == {}
        assert tx.links("board") == {}
        assert tx.tracker("board") == TrackerState()
        assert (tx.findings(), tx.intents("board"), tx.requests(), tx.changes()) == ([], [], [], [])
        tx.settle(["t"])
        tx.drop_findings("tracker:board")
        tx.drop_links("board", ["ML-1"])
        assert tx.behind("board") == []
    with ours.transaction() as tx:
        assert tx.links("board") == {"ML-1": link}
        assert len(tx.findings()) == len(tx.intents("board")) == len(tx.requests()) == 1
    ours.close()
    theirs.close()


def test_the_twenty_last_states_of_a_file_are_kept() -> None:
    store = a_store()
    with store.transaction() as tx:
        for seq in range(1, 31):
            tx.remember("board", seq, {"ML-1": {"note": Based(str(seq), str(seq))}})
            tx.put_state("board", f"digest {seq}", seq)
        kept = tx.remembered("board")
        assert len(kept) == transaction.KEPT_STATES
        assert max(kept) == 30
        assert tx.state_of("board", "digest 30") == 30
        assert tx.state_of("board", "digest 1") is None


def test_the_first_base_before_a_state_stands() -> None:
    """Two transactions may add to one state; what an item was before it is the first told."""
    store = a_store()
    with store.transaction() as tx:
        tx.remember("board", 1, {"ML-1": {"note": Based("旧", "旧")}})
        tx.remember("board", 1, {"ML-1": {"note": Based("新", "新")}, "ML-2": None})
        kept = tx.remembered("board")
    assert kept == {1: {"ML-1": {"note": Based("旧", "旧")}, "ML-2": None}}


def test_findings_keep_the_time_they_were_first_seen_and_close_by_prefix() -> None:
    store = a_store()
    one, two = Finding(code="a", message="1"), Finding(code="a", message="2")
    with store.transaction() as tx:
        tx.put_findings("tracker:b", {"row:1_%": one, "row:2": one, "table:0": one}, AT)
        tx.put_findings("tracker:b", {"row:2": two}, "2026-01-01T00:00:00+08:00")
        (again,) = [f for f in tx.findings("tracker:b") if f.about == "row:2"]
        assert (again.first_at, again.finding) == (AT, two)
        tx.drop_findings("tracker:b", prefix="row:1_%")
        assert [f.about for f in tx.findings("tracker:b")] == ["row:2", "table:0"]
        tx.keep_findings("tracker:b", {"row:2": None, "table:0": two}, AT)
        assert [f.finding for f in tx.findings("tracker:b")] == [two]


def test_what_is_behind() -> None:
    store = a_store()
    items = [Stored(item=Item(id=f"ML-{n}", description="x"), rev=10, born=n) for n in range(4)]
    links = [
        Link(item="ML-0", row_id="0", rev=10),
        Link(item="ML-1", row_id="1", rev=9),
        Link(item="ML-2", row_id="2", rev=10, naming=True),
    ]
    with store.transaction() as tx:
        tx.put_items(reversed(items))
        tx.put_links("board", links)
        assert tx.behind("board") == ["ML-1", "ML-2", "ML-3"]


# --- migrations -------------------------------------------------------------------------------


def test_the_tables_are_those_that_the_migrations_make(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'a.db'}", TEAM)
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
    store.close()


def test_the_revision_is_the_newest_migration() -> None:
    names = sorted(
        p.stem.split("_")[0] for p in Path(module.__file__).parent.glob("migrations/versions/*.py")
    )
    assert names[-1] == module.REVISION


def test_a_database_of_a_newer_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    store = Store.open(f"sqlite:///{file}", TEAM)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    before = file.read_bytes()
    with pytest.raises(StoreError, match=r"9999.*newer program"):
        Store.open(f"sqlite:///{file}", TEAM)
    assert file.read_bytes() == before


def test_a_migration_that_was_cut_short_begins_anew(tmp_path: Path) -> None:
    """Made half and killed: one transaction, so nothing of it stands."""
    file = tmp_path / "a.db"
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("CREATE TABLE items (team TEXT)")
    connection.close()  # as a killed process leaves it
    store = Store.open(f"sqlite:///{file}", TEAM)
    with store.transaction() as tx:
        assert tx.items() == {}
    store.close()


def test_two_programs_may_make_the_database_at_once(tmp_path: Path) -> None:
    script = "import sys; from sync.store import Store; s = Store.open(sys.argv[1], sys.argv[2])\n"
    script += "with s.transaction() as tx: tx.request('x', 'y', {}, 'z')\n"
    url = f"sqlite:///{tmp_path / 'a.db'}"
    running = [
        subprocess.Popen([sys.executable, "-c", script, url, TEAM], stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    told = [(p.communicate(timeout=60)[1].decode(), p.returncode) for p in running]
    assert [code for _, code in told] == [0, 0, 0], told
    store = Store.open(url, TEAM)
    with store.transaction() as tx:
        assert len(tx.requests()) == 3
    store.close()


# --- what cannot be used is said --------------------------------------------------------------


def filled_file(path: Path, items: int = 300) -> Path:
    store = Store.open(f"sqlite:///{path}", TEAM)
    with store.transaction() as tx:
        tx.put_items(
            Stored(item=Item(id=f"ML-{n}", description="很长的描述" * 40), rev=n, born=n)
            for n in range(items)
        )
    store.close()
    return path


def _no_database(data: bytes) -> bytes:
    return b"not a database, " * 400


def _half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _odd_size(data: bytes) -> bytes:
    return data[: len(data) // 2 + 13]


def _zeros_inside(data: bytes) -> bytes:
    return data[:4096] + b"\0" * 8192 + data[4096 + 8192 :]


def _noise_inside(data: bytes) -> bytes:
    return data[:8192] + b"\xa5" * 8192 + data[16384:]


@pytest.mark.parametrize("damage", [_no_database, _half, _odd_size, _zeros_inside, _noise_inside])
def test_a_damaged_file_is_said_with_its_name_and_left_as_it_is(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    """Failures 44 and 75: nothing of it is read, nothing is written into it."""
    file = filled_file(tmp_path / "团队 a.db")
    data = damage(file.read_bytes())
    file.write_bytes(data)
    with pytest.raises(StoreError) as caught:
        Store.open(f"sqlite:///{file}", TEAM)
    assert str(file) in str(caught.value)
    assert "damaged" in str(caught.value)
    assert "move the file" in str(caught.value)
    assert file.read_bytes() == data


def test_an_empty_file_is_a_new_database(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    file.write_bytes(b"")
    store = Store.open(f"sqlite:///{file}", TEAM)
    with store.transaction() as tx:
        assert tx.items() == {}
    store.close()


def test_a_file_that_is_damaged_while_it_is_open_is_said_with_its_name(tmp_path: Path) -> None:
    file = filled_file(tmp_path / "a.db")
    store = Store.open(f"sqlite:///{file}", TEAM)
    file.write_bytes(_no_database(b""))
    store.engine.dispose()
    with pytest.raises(StoreError, match=r"a\.db"), store.transaction() as tx:
        tx.items()


def test_a_folder_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="folder does not exist"):
        Store.open(f"sqlite:///{tmp_path / 'nowhere' / 'a.db'}", TEAM)


def test_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.db").mkdir()
    with pytest.raises(StoreError, match=r"a\.db"):
        Store.open(f"sqlite:///{tmp_path / 'a.db'}", TEAM)


def test_another_kind_of_database_is_said_without_its_password() -> None:
    with pytest.raises(StoreError) as caught:
        Store.open("postgresql://me:geheim@host/db", TEAM)
    assert "SQLite only" in str(caught.value)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "100% 完成",
        "a#b",
        "what?mode=ro",
        "空 格",
        "a&b=c",
    ],
)
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    store = Store.open(f"sqlite:///{folder / 'a.db'}", TEAM)
    with store.transaction() as tx:
        tx.request("x", "y", {}, AT)
    store.close()
    assert (folder / "a.db").is_file()


def test_a_full_disk_is_said_with_the_name_and_nothing_is_half_written(tmp_path: Path) -> None:
    """As SQLite meets it: SQLITE_FULL in the middle of a transaction."""
    file = filled_file(tmp_path / "a.db", items=10)
    store = Store.open(f"sqlite:///{file}", TEAM)

    @sa.event.listens_for(store.engine, "begin")
    def _small(connection: sa.Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    big = [Stored(item=Item(id=f"ML-x{n}", description="长" * 5000)) for n in range(50)]
    with pytest.raises(StoreError) as caught, store.transaction() as tx:
        tx.put_items(big)
    sa.event.remove(store.engine, "begin", _small)
    store.engine.dispose()
    with store.transaction() as tx:
        assert len(tx.items()) == 10
        tx.put_items(big)  # room was made
    store.close()
    assert "full" in str(caught.value)
    assert "a.db" in str(caught.value)


def test_a_writer_that_takes_too_long_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = filled_file(tmp_path / "a.db", items=3)
    monkeypatch.setattr(module, "BUSY_TIMEOUT_S", 0.2)
    store = Store.open(f"sqlite:///{file}", TEAM)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"), store.transaction() as tx:
        tx.items()
    other.execute("ROLLBACK")
    other.close()
    with store.transaction() as tx:
        assert len(tx.items()) == 3
    store.close()


def test_a_writer_waits_for_another(tmp_path: Path) -> None:
    """Two threads that add to the log: every line has its own number, none is lost."""
    store = Store.open(f"sqlite:///{tmp_path / 'a.db'}", TEAM)
    failed: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(25):
                with store.transaction() as tx:
                    tx.log([Change(item=None, kind="x", place="y", why="")] * 2, AT)
        except BaseException as error:  # noqa: BLE001  # the test tells it
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with store.transaction() as tx:
        assert [c.seq for c in tx.changes()] == list(range(1, 201))
    store.close()


# --- a copy changes nothing -------------------------------------------------------------------


def test_a_snapshot_holds_all_and_changes_nothing(tmp_path: Path) -> None:
    file = filled_file(tmp_path / "a.db", items=5)
    store = Store.open(f"sqlite:///{file}", TEAM)
    copy = store.snapshot()
    with copy.transaction() as tx:
        assert len(tx.items()) == 5
        tx.put_items([Stored(item=Item(id="ML-new", description="新"))])
        tx.request("x", "y", {}, AT)
    with store.transaction() as tx:
        assert len(tx.items()) == 5
        assert tx.requests() == []
    with copy.transaction() as tx:
        assert len(tx.items()) == 6
    copy.close()
    store.close()


def test_a_snapshot_takes_in_what_is_still_in_the_wal(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    one = Store.open(f"sqlite:///{file}", TEAM)
    with one.transaction() as tx:
        tx.put_items([Stored(item=Item(id="ML-1", description="一"))])
    two = Store.open(f"sqlite:///{file}", TEAM)  # the first is still open: nothing is merged yet
    copy = two.snapshot()
    with copy.transaction() as tx:
        assert list(tx.items()) == ["ML-1"]
    for store in (copy, two, one):
        store.close()


def test_times_of_the_store_are_aware() -> None:
    made = kinds.item_from_json(
        kinds.item_to_json(
            Item(id="ML-1", description="一", created_at=datetime(2025, 5, 20, tzinfo=UTC))
        )
    )
    assert made.created_at is not None
    assert made.created_at.tzinfo is not None
