"""Whatever the bytes are: a document or a refusal, within bounded time."""

import os
import random
import zipfile
from io import BytesIO
from pathlib import Path
from time import process_time

import pytest
from fakes.docx import archive, docx, p, tbl, tr
from hypothesis import given, settings
from hypothesis import strategies as st

from minutes.document import Block, Document, RefusedError, Table
from minutes.read import read, read_bytes

STRUCTURED = Path(__file__).parent.parent / "data" / "structured"
SOURCES = sorted(path for path in STRUCTURED.iterdir() if path.suffix in (".md", ".docx"))
CASES = int(os.environ.get("MINUTELOOP_HOSTILE_CASES", "300"))
BATCHES = 10
SECONDS = 5.0


def outcome(data: bytes, name: str) -> Document | None:
    """Read, and check what every document promises; None if it was refused."""
    start = process_time()
    try:
        document = read_bytes(data, name)
    except RefusedError:
        return None
    finally:
        assert process_time() - start < SECONDS
    for block in document.blocks:
        check(block)
    return document


def check(block: Block) -> None:
    assert block.line >= 1
    if isinstance(block, Table):
        assert len({len(row.cells) for row in block.rows}) == 1
        assert 0 <= block.header <= len(block.rows)
        texts = [cell.text for row in block.rows for cell in row.cells]
    else:
        texts = [block.text]
    for text in texts:
        assert text == text.strip()
        assert not set(text) & {"\r", "\x00", "\x01", "\x02", "\x03", "\x04", "\u00ad", "\u200b"}


# --- mutations of real documents ------------------------------------------------------------------


def truncated(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def flipped(data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.randint(1, 20)):
        out[chance.randrange(len(out))] ^= 1 << chance.randrange(8)
    return bytes(out)


def cut_out(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.randint(1, 400) :]


def repeated(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data))
    end = start + chance.randint(1, 200)
    return data[:end] + data[start:end] * chance.randint(1, 50) + data[end:]


def recoded(data: bytes, chance: random.Random) -> bytes:
    text = data.decode("utf-8", "ignore")
    encodings = [
        "gb18030",
        "cp950",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-7",
        "shift_jis",
        "utf-32",
    ]
    return text.encode(chance.choice(encodings), "replace")


def shuffled(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    chance.shuffle(lines)
    return b"\n".join(lines)


def stripped(data: bytes, chance: random.Random) -> bytes:
    """Without one kind of sign that gives structure."""
    for sign in chance.sample([b"|", b"-", b"#", b"\n", b" ", b"<", b">", b"[", b"*"], 2):
        data = data.replace(sign, b"")
    return data


def damaged_part(data: bytes, chance: random.Random) -> bytes:
    """A sound archive with a damaged part: the XML itself is reached."""
    with zipfile.ZipFile(BytesIO(data)) as opened:
        members: dict[str, str | bytes] = {name: opened.read(name) for name in opened.namelist()}
    name = chance.choice([name for name in members if name.endswith((".xml", ".rels"))])
    content = members[name]
    assert isinstance(content, bytes)
    how = chance.choice([truncated, flipped, cut_out, repeated, swapped_tags, recoded])
    members[name] = how(content, chance)
    if chance.random() < 0.2:
        del members[chance.choice(list(members))]
    return archive(members)


def swapped_tags(data: bytes, chance: random.Random) -> bytes:
    """Still well-formed, but elements stand where none belongs."""
    tags = [
        b"w:p",
        b"w:r",
        b"w:t",
        b"w:tbl",
        b"w:tr",
        b"w:tc",
        b"w:sdt",
        b"w:pPr",
        b"w:ins",
        b"w:val",
    ]
    old, new = chance.sample(tags, 2)
    for end in (b">", b" ", b"/", b"="):
        data = data.replace(old + end, new + end)
    return data


TEXT_MUTATIONS = (truncated, flipped, cut_out, repeated, recoded, shuffled, stripped)
WORD_MUTATIONS = (truncated, flipped, cut_out, damaged_part, damaged_part, damaged_part)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_mutated_documents(batch: int) -> None:
    chance = random.Random(batch)
    read_some = 0
    for _ in range(CASES // BATCHES):
        path = chance.choice(SOURCES)
        mutations = TEXT_MUTATIONS if path.suffix == ".md" else WORD_MUTATIONS
        data = chance.choice(mutations)(path.read_bytes(), chance)
        name = path.name if chance.random() < 0.9 else chance.choice(["a.txt", "a.docm", "a.md"])
        read_some += outcome(data, name) is not None
    assert read_some > CASES // BATCHES // 6


# --- texts made of the signs that matter ----------------------------------------------------------

_PIECES = st.sampled_from(
    [
        *("# ", "#", "- ", "1. ", "1、", "一、", "（二）", "> ", "|", "｜", "---", "———", "===", "\n", "\n\n", "\t", "\u3000"),
        *("[ ] ", "[x] ", "【 】", "□", "☑", "**", "*", "__", "~~", "`", "```", "[a](b)", "![", "](", "\\", "&amp;", "&#0;"),
        *("<table>", "</table>", "<tr>", "<td colspan=3>", "<td rowspan=0>", "<br>", "<!--", "-->", "<del>", "</del>", "<li>"),
        *("行动项", "负责人：张三", "6月15日前", "Alice to send", ":::", "a: b", "\r", "\x00", "\u200b", "\ufdd0", "\x01", "    "),
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(_PIECES, max_size=40).map("".join))
def test_any_text(text: str) -> None:
    document = outcome(text.encode("utf-8", "surrogatepass"), "a.md")
    if document:
        lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
        assert all(block.line <= lines for block in document.blocks)


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=200), st.sampled_from(["a.md", "a.txt", "a.docx", "a.docm", "a", "a.pdf"])
)
def test_any_bytes(data: bytes, name: str) -> None:
    outcome(data, name)
    outcome(b"PK\x03\x04" + data, name)


_XML = st.recursive(
    st.sampled_from(["<w:r><w:t>甲</w:t></w:r>", "<w:t>乙</w:t>", "<w:p/>", "<w:tab/>", '<w:fldChar w:fldCharType="begin"/>']),
    lambda inner: st.tuples(
        st.sampled_from(
            ["w:p", "w:r", "w:tbl", "w:tr", "w:tc", "w:sdt", "w:sdtContent", "w:ins", "w:del", "w:pPr", "w:tcPr", "w:txbxContent", "mc:AlternateContent", "mc:Choice"]
        ),
        st.lists(inner, max_size=4),
    ).map(lambda made: f"<{made[0]}>{''.join(made[1])}</{made[0]}>"),
    max_leaves=30,
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(_XML, max_size=5).map("".join))
def test_any_body(body: str) -> None:
    assert outcome(docx(body), "a.docx") is not None


# --- size -----------------------------------------------------------------------------------------

BOMBS = {
    "lists": ("- " * 100 + "a\n") * 2000,
    "quotes": ("> " * 200 + "a\n") * 1000,
    "brackets": "[" * 200_000,
    "ticks": " ".join("`" * size for size in range(1, 700)),
    "stars": "**a " * 50_000,
    "tables": "<table>" * 50_000,
    "cells": "<table><tr>" + "<td>" * 50_000,
    "comments": "<!-- " * 50_000,
    "pipes": "|" * 200_000,
    "definitions": "[a]: /b\n" * 20_000,
    "boxes": "[ ] " * 50_000,
    "headings": "#" * 100_000,
    "entities": "&lt;" * 50_000,
    "links": "[a](" * 50_000,
    "no break": "长" * 200_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_text_bombs(name: str) -> None:
    outcome(BOMBS[name].encode(), "a.md")


def test_long_tables_in_bounded_time() -> None:
    rows = tr("甲", "张三", "6月15日") * 2000
    document = outcome(docx(tbl(rows)), "a.docx")
    assert document is not None
    (made,) = document.blocks
    assert isinstance(made, Table)
    assert len(made.rows) == 2000


# --- kinds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.doc", "save it as .docx"),
        ("a.pdf", "A PDF is not read"),
        ("a.PNG", "A picture is not read"),
        ("a.xlsx", "A workbook is no minutes"),
        ("a.pptx", "Copy the minutes"),
        ("a.html", "Save the page"),
        ("a.eml", "text of the mail"),
        ("a.m4a", "A recording"),
        ("a.zip", "Unpack it"),
        ("a.xyz", "Save the minutes as .docx, .md or .txt"),
        ("minutes", "no ending"),
    ],
)
def test_other_kinds_say_what_to_do(name: str, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        read_bytes(b"text", name)


def test_archive_with_a_text_s_name() -> None:
    with pytest.raises(RefusedError, match="archive"):
        read_bytes(docx(p("甲")), "a.md")


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="cannot be read"):
        read(tmp_path / "none.md")


def test_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "周会.md"
    path.write_bytes("# 周会\n".encode("gb18030"))
    document = read(path)
    assert document.encoding == "gb18030"
    assert "GB18030" in document.notes[0].en
