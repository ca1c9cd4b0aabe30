"""What stands in Jira's fields: rich text, days, people, questions, ways. Pure."""

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from fakes.jql import JqlError, Query
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import RowState
from connectors.jira import adf, jql
from connectors.jira.columns import columns_of
from connectors.jira.drafts import answers
from connectors.jira.faults import RefusedError
from connectors.jira.wire import (
    LINE_LIMIT,
    Form,
    Frame,
    cell_of,
    day_of,
    one_line,
    row_of,
    units,
    value_of,
    version_of,
)
from connectors.jira.workflow import obvious, reached, route
from mapping import ids
from mapping.cells import Cell, User

NOW = datetime(2024, 5, 20, 8, tzinfo=UTC)
OURS = ids.draw("产品部", "one")
OTHER = ids.draw("产品部", "two")

# --- rich text


@given(st.text(alphabet=st.sampled_from("a字🚀 \n\t<&*_-"), max_size=60))
@settings(max_examples=200)
def test_a_text_that_we_write_comes_back(text: str) -> None:
    """Failure 68: line breaks and blank lines too."""
    assert adf.text_of(adf.document(text)) == text


def test_a_document_holds_no_empty_text() -> None:
    """The service refuses it."""
    found = str(adf.document("a\n\n\n\nb\n"))
    assert "'text': ''" not in found
    assert adf.document("") is None


def node(kind: str, *content: Any, **more: Any) -> dict[str, Any]:
    return {"type": kind, **({"content": list(content)} if content else {}), **more}


def words(text: str) -> dict[str, Any]:
    return node("text", text=text)


def paragraph(*content: Any) -> dict[str, Any]:
    return node("paragraph", *content)


@pytest.mark.parametrize(
    ("block", "text"),
    [
        (paragraph(words("a "), node("text", text="b", marks=[{"type": "strong"}])), "a b"),
        (paragraph(node("mention", attrs={"id": "x", "text": "@张三"}), words(" 好")), "@张三 好"),
        (paragraph(node("emoji", attrs={"shortName": ":ok:"})), ":ok:"),
        (paragraph(node("inlineCard", attrs={"url": "https://x"})), "https://x"),
        (paragraph(node("date", attrs={"timestamp": "1716163200000"})), "2024-05-20"),
        (paragraph(node("status", attrs={"text": "DONE"})), "DONE"),
        (paragraph(words("a"), node("hardBreak"), words("b")), "a\nb"),
        (
            node(
                "bulletList",
                node("listItem", paragraph(words("一"))),
                node("listItem", paragraph(words("二"))),
            ),
            "- 一\n- 二",
        ),
        (node("orderedList", node("listItem", paragraph(words("一")))), "1. 一"),
        (node("taskList", node("taskItem", words("做"))), "- 做"),
        (
            node(
                "table",
                node(
                    "tableRow",
                    node("tableCell", paragraph(words("a"))),
                    node("tableHeader", paragraph(words("b"))),
                ),
            ),
            "a | b",
        ),
        (node("panel", paragraph(words("注意")), paragraph(words("二"))), "注意\n\n二"),
        (node("heading", words("题"), attrs={"level": 2}), "题"),
        (node("codeBlock", words("x = 1")), "x = 1"),
        (node("rule"), "---"),
        (node("somethingNew", words("旧")), "旧"),
    ],
)
def test_what_people_write_is_read_as_its_words(block: dict[str, Any], text: str) -> None:
    assert adf.text_of(node("doc", block, version=1)) == text


@pytest.mark.parametrize("value", [None, 3, [], {}, {"type": "doc"}, {"type": "doc", "content": 3}])
def test_what_is_no_document_is_nothing(value: Any) -> None:
    assert adf.text_of(value) == ""


# --- cells


@pytest.mark.parametrize(
    ("form", "value", "cell"),
    [
        (Form.DAY, "2024-05-27", date(2024, 5, 27)),
        (Form.DAY, "下周五", "下周五"),
        (Form.DAY, None, None),
        (Form.MOMENT, "2024-05-27T23:30:00.000+0800", date(2024, 5, 27)),
        (Form.OPTION, {"id": "1", "value": "技术部"}, "技术部"),
        (Form.NAMED, {"id": "1", "name": "High"}, "High"),
        (Form.OPTIONS, [{"value": "a"}, {"value": "b"}], ("a", "b")),
        (Form.OPTIONS, None, ()),
        (Form.NAMES, [{"name": "前端"}], ("前端",)),
        (Form.USER, None, ()),
        (Form.USER, {"accountId": "5b1", "displayName": "Li"}, (User("5b1"),)),
        (Form.USER, {"name": "lisi", "key": "JIRAUSER1", "displayName": "Li"}, (User("lisi"),)),
        (Form.USERS, [{"accountId": "1"}, {"accountId": "2"}], (User("1"), User("2"))),
        (Form.LINE, "", None),
        (Form.TEXT, "a\r\nb", "a\nb"),
        (Form.STATUS, {"id": "3", "name": "进行中"}, "进行中"),
    ],
)
def test_what_a_field_says(form: Form, value: Any, cell: Cell) -> None:
    assert cell_of(form, value, {}) == cell


@pytest.mark.parametrize("cloud", [True, False])
def test_how_a_cell_is_written(*, cloud: bool) -> None:
    person = "accountId" if cloud else "name"
    options = {"技术部": "7"}

    def written(form: Form, cell: Cell) -> Any:
        return value_of(form, cell, options, cloud=cloud)

    assert written(Form.USER, (User("5b1"),)) == {person: "5b1"}
    assert written(Form.USER, ()) is None
    assert written(Form.USERS, (User("1"), User("2"))) == [{person: "1"}, {person: "2"}]
    assert written(Form.USERS, ()) == []
    assert written(Form.OPTION, "技术部") == {"id": "7"}
    assert written(Form.OPTIONS, ("技术部",)) == [{"id": "7"}]
    assert written(Form.DAY, date(2024, 5, 27)) == "2024-05-27"
    assert written(Form.DAY, None) is None
    assert written(Form.TEXT, "a") == (adf.document("a") if cloud else "a")
    assert written(Form.LINE, "a\nb") == "a b"


@given(st.text(max_size=600))
def test_a_summary_always_fits(text: str) -> None:
    """Failure 68: no line break, at most 255 as the service counts them."""
    line = one_line(text)
    assert units(line) <= LINE_LIMIT
    assert not set("\r\n\u2028\u2029") & set(line)


@given(
    st.dates(min_value=date(1900, 1, 1)), st.sampled_from(sorted(zoneinfo.available_timezones()))
)
@settings(max_examples=60)
def test_a_day_survives_in_every_zone_of_the_world(day: date, zone: str) -> None:
    """Failure 53: a due date is a day, without a zone, whatever the account's is."""
    assert jql.zone_of(zone) is not None
    written = value_of(Form.DAY, day, None, cloud=True)
    assert day_of(written) == day


# --- rows

FRAME = Frame(
    server="https://x",
    project="10000",
    forms={"description": ("summary", Form.LINE), "note": ("customfield_1", Form.TEXT)},
    writable=["description", "note"],
)


def issue(**fields: Any) -> dict[str, Any]:
    told = {"project": {"id": "10000"}, "issuetype": {"id": "1"}, "summary": "写报告", **fields}
    return {"id": "10001", "key": "ACT-1", "fields": told}


def test_which_label_is_the_id() -> None:
    wrong = OURS[:-1] + ("7" if OURS[-1] != "7" else "8")
    assert row_of(issue(labels=["ML-ops", "x"]), FRAME).record.id is None
    assert row_of(issue(labels=["x", OURS]), FRAME).record.id == OURS
    assert row_of(issue(labels=[wrong, OURS]), FRAME).record.id == OURS
    assert row_of(issue(labels=[wrong]), FRAME).record.id == wrong
    assert row_of(issue(labels=[OTHER, OURS]), FRAME, named=OURS).record.id == OURS
    assert row_of(issue(labels=[OTHER]), FRAME, named=OURS).record.id == OTHER


def test_where_a_row_is() -> None:
    assert row_of(issue(), FRAME).record.state is RowState.LIVE
    assert row_of(issue(project={"id": "9"}), FRAME).record.state is RowState.HIDDEN
    archived = issue(archiveddate="2024-05-20T08:00:00.000+0000")
    assert row_of(archived, FRAME).record.state is RowState.HIDDEN


def test_younger_rows_come_after_older_ones() -> None:
    made = [row_of({"id": n, "fields": {}}, FRAME).record.created for n in ("999", "1000", "20000")]
    assert made == sorted(made)


def test_a_version_tells_what_people_write_and_nothing_else() -> None:
    """Failure 23: neither the time of an edit nor a field that is new and empty."""
    one = row_of(issue(updated="2024-05-20T08:00:00.000+0000"), FRAME).record
    two = row_of(issue(updated="2024-06-20T08:00:00.000+0000"), FRAME).record
    other = row_of(issue(summary="写季报"), FRAME).record
    assert one.version == two.version
    assert one.version != other.version
    assert version_of(OURS, {"note": None}) == version_of(OURS, {})


# --- the screen


def screen(field_id: str, kind: str, **more: Any) -> dict[str, Any]:
    custom = f"com.atlassian.jira.plugin.system.customfieldtypes:{kind}"
    return {"fieldId": field_id, "name": kind, "schema": {**more, "custom": custom}}


def test_what_a_field_can_hold() -> None:
    listed = [
        screen("1", "textfield", type="string"),
        screen("2", "textarea", type="string"),
        screen("3", "select", type="option"),
        screen("4", "multiselect", type="array", items="option"),
        screen("5", "userpicker", type="user"),
        screen("6", "people", type="array", items="user"),
        screen("7", "datepicker", type="date"),
        screen("8", "float", type="number"),
        screen("9", "cascadingselect", type="option-with-child"),
        screen("10", "labels", type="array", items="string"),
    ]
    assert [column.form for column in columns_of(listed)] == [
        *(Form.LINE, Form.TEXT, Form.OPTION, Form.OPTIONS, Form.USER, Form.USERS, Form.DAY),
        *(None, None, None),
    ]


def test_options_that_are_switched_off_are_none() -> None:
    raw = screen("1", "select", type="option")
    raw["allowedValues"] = [{"id": "1", "value": "a"}, {"id": "2", "value": "b", "disabled": True}]
    assert columns_of([raw])[0].options == {"a": "1"}


# --- a bulk creation's answer


def test_who_was_made_and_who_was_refused() -> None:
    errors = {"errorMessages": [], "errors": {"assignee": "no"}}
    body = {
        "issues": [{"id": "1"}, {"id": "2"}],
        "errors": [{"failedElementNumber": 1, "elementErrors": errors}],
    }
    told = answers(body, 3)
    assert [issue for issue, _ in told] == ["1", "", "2"]
    assert isinstance(told[1][1], RefusedError)
    assert told[1][1].fields == {"assignee": "no"}
    assert answers(body, 4) == [("", None)] * 4
    assert answers({}, 1) == [("", None)]


# --- the workflow


def test_the_shortest_way() -> None:
    ways = {"1": {"2", "3"}, "2": {"4"}, "3": {"5"}, "4": {"5"}, "5": {"1"}}
    assert route(ways, "1", "5") == ["3", "5"]
    assert route(ways, "5", "4") == ["1", "2", "4"]
    assert route(ways, "1", "1") == []
    assert route(ways, "1", "9") is None
    assert list(reached(ways, "2")) == ["2", "4", "5", "1", "3"]


@pytest.mark.parametrize(
    ("names", "choice"),
    [
        (["Only"], "0"),
        (["Won't Do", "Done"], "1"),
        (["重复", "已解决"], "1"),
        (["Fixed", "Won't Fix", "Duplicate"], "0"),
        (["Valid", "Invalid"], None),
        ([], None),
    ],
)
def test_the_one_obvious_value(names: list[str], choice: str | None) -> None:
    about = {"allowedValues": [{"id": str(n), "name": name} for n, name in enumerate(names)]}
    found = obvious(about)
    assert (found and found["id"]) == choice


# --- questions


@given(
    st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2037, 1, 1)),  # noqa: DTZ001
    st.sampled_from(sorted(zoneinfo.available_timezones())),
)
@settings(max_examples=150)
def test_a_literal_is_never_later_than_what_is_meant(moment: datetime, zone: str) -> None:
    """Failure 17: in every zone, in the hours that come twice too."""
    meant = moment.replace(tzinfo=UTC)
    there = jql.zone_of(zone)
    literal = datetime.strptime(jql.stamp(meant, there), '"%Y-%m-%d %H:%M"')  # noqa: DTZ007
    for fold in (0, 1):
        read = literal.replace(tzinfo=there, fold=fold).astimezone(UTC)
        assert read <= meant
        assert meant - read < timedelta(hours=27)


@pytest.mark.parametrize("zone", [None, "", "Mars/Olympus", "../etc/passwd"])
def test_a_zone_that_is_none_is_the_farthest_west(zone: Any) -> None:
    assert jql.zone_of(zone) is jql.FARTHEST_WEST


def test_quoting() -> None:
    assert jql.quoted('a "b" \\ c\nd') == '"a \\"b\\" \\\\ c d"'


@pytest.mark.parametrize(
    "question",
    [
        jql.rows("10000", "10001", ""),
        jql.rows("10000", "10001", "labels = x OR priority = 3", '"2024-05-20 16:00"'),
        jql.fitting("10001", "labels = x", ["1", "2"]),
        jql.labelled([OURS, OTHER]),
        jql.in_status("10000", "10001", "3"),
    ],
)
def test_every_question_can_be_read(question: str) -> None:
    assert Query(question, UTC, NOW).is_bounded


@pytest.mark.parametrize("text", ["project = INT", "foo = 1", "labels =", "a", "labels is 3"])
def test_the_fake_ignores_no_clause(text: str) -> None:
    with pytest.raises(JqlError):
        Query(text, UTC, NOW)


def test_a_narrowing_takes_nothing_from_what_is_labelled() -> None:
    question = Query(jql.rows("1", "2", "labels = x OR labels = y"), UTC, NOW)
    row = {"project": ["1"], "issuetype": ["2"], "labels": []}
    assert not question.test(row.get)
    assert question.test({**row, "labels": [OURS], "issuetype": ["3"]}.get)
    assert question.test({**row, "labels": ["y"]}.get)
    assert not question.test({**row, "labels": ["y"], "project": ["9"]}.get)
