"""Rows that a service sends again as they were are not decoded again."""

import json
from typing import Any

import pytest

from connectors.decoded import Decoded

ROW = {"id": "r1", "fields": {"a": "x", "b": [{"text": "写报告"}], "n": 1.5, "t": True, "e": None}}


class Reader:
    """Counts what it decodes."""

    def __init__(self) -> None:
        self.decoded = Decoded[str]()
        self.count = 0

    def read(self, payload: Any, by: object = "columns", row_id: str = "r1") -> str:
        def decode() -> str:
            self.count += 1
            return json.dumps(payload)

        return self.decoded.row(by, row_id, payload, decode)


@pytest.fixture
def reader() -> Reader:
    made = Reader()
    made.read(ROW)
    return made


def test_the_same_payload_is_the_same_row(reader: Reader) -> None:
    again = json.loads(json.dumps(ROW))
    assert reader.read(again) == json.dumps(ROW)
    assert reader.count == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"a": "y"},
        {"b": [{"text": "写报告", "link": ""}]},
        {"b": []},
        {"n": 1},
        {"t": 1},
        {"e": ""},
        {"a": "\ud800"},
    ],
)
def test_whatever_is_another_value_is_decoded(reader: Reader, fields: dict[str, Any]) -> None:
    other = {**ROW, "fields": {**ROW["fields"], **fields}}  # type: ignore[dict-item]
    assert reader.read(other) == json.dumps(other)
    assert reader.count == 2


def test_other_columns_read_all_anew(reader: Reader) -> None:
    reader.read(ROW, by="other columns")
    assert reader.count == 2


def test_two_rows_of_one_payload_are_two(reader: Reader) -> None:
    reader.read(ROW, row_id="r2")
    assert reader.count == 2


def test_the_same_objects_or_equal_ones_make_no_difference(reader: Reader) -> None:
    word = {"text": "写报告"}
    reader.read({"a": word, "b": word})
    reader.read({"a": dict(word), "b": dict(word)})
    assert reader.count == 2


def test_what_cannot_be_decoded_is_not_kept() -> None:
    def fail() -> str:
        raise ValueError

    decoded = Decoded[str]()
    with pytest.raises(ValueError):
        decoded.row("columns", "r1", ROW, fail)
    assert decoded.row("columns", "r1", ROW, lambda: "read") == "read"
