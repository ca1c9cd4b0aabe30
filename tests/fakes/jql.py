"""Jira's query language, as far as the fake service speaks it; what it does not know it refuses.

``compiled`` returns a test of an issue. An issue answers ``get(name)`` with a text, a moment, a list
of texts or None; names are those of fields in the language.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import Any

Test = Callable[[Callable[[str], Any]], bool]

_TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<sign>!=|>=|<=|[=><~(),])|(?P<word>[^\s"=!<>~(),]+))'
)
_RESERVED = {"and", "or", "not", "in", "is", "empty", "null", "order", "by", "int", "do", "if"}
_FIELDS = {
    *("project", "issuetype", "status", "labels", "id", "key", "updated", "created", "priority"),
    *("assignee", "statuscategory"),
}
_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}


class JqlError(Exception):
    """The question cannot be understood."""


class Query:
    """A question, parsed.

    Args:
        text: as it was sent.
        zone: in which literals are read.
        now: the service's time.
    """

    def __init__(self, text: str, zone: tzinfo, now: datetime) -> None:
        self._zone, self._now = zone, now
        head, _, order = text.partition(" ORDER BY ")
        if re.search(r"\border\s+by\b", head, re.IGNORECASE):
            raise JqlError("ORDER BY stands in the middle")
        self.order = [part.split() for part in order.split(",")] if order else []
        for part in self.order:
            if part[0].lower() not in ("created", "updated", "key", "id") or len(part) > 2:
                raise JqlError(f"cannot order by {part}")
        self._tokens = _tokens(head)
        self.is_bounded = bool(self._tokens)
        self.test: Test = self._or() if self._tokens else lambda get: True
        if self._tokens:
            raise JqlError(f"expected the end, found {self._tokens[0]}")

    def _peek(self) -> str:
        return self._tokens[0][1].lower() if self._tokens and self._tokens[0][0] != "text" else ""

    def _take(self, *wanted: str) -> str:
        if not self._tokens:
            raise JqlError("ends too soon")
        kind, token = self._tokens.pop(0)
        if wanted and token.lower() not in wanted:
            raise JqlError(f"expected {wanted}, found {token}")
        return token if kind != "text" else '"' + token

    def _or(self) -> Test:
        tests = [self._and()]
        while self._peek() == "or":
            self._take()
            tests.append(self._and())
        return lambda get: any(test(get) for test in tests)

    def _and(self) -> Test:
        tests = [self._not()]
        while self._peek() == "and":
            self._take()
            tests.append(self._not())
        return lambda get: all(test(get) for test in tests)

    def _not(self) -> Test:
        if self._peek() == "not":
            self._take()
            inner = self._not()
            return lambda get: not inner(get)
        if self._peek() == "(":
            self._take()
            inner = self._or()
            self._take(")")
            return inner
        return self._clause()

    def _clause(self) -> Test:
        name = self._take().lower()
        if name not in _FIELDS:
            raise JqlError(
                f"Field '{name}' does not exist or you do not have permission to view it."
            )
        sign = self._take("=", "!=", ">=", "<=", "<", ">", "in", "not", "is").lower()
        if sign == "is":
            wants_empty = self._peek() != "not"
            if not wants_empty:
                self._take()
            self._take("empty", "null")
            return lambda get: bool(get(name)) != wants_empty
        if sign == "not":
            self._take("in")
            values = self._list()
            return lambda get: bool(get(name)) and not _holds(get(name), values)
        if sign == "in":
            values = self._list()
            return lambda get: _holds(get(name), values)
        value = self._value()
        if name in ("updated", "created"):
            moment = self._moment(value)
            compare = {
                ">=": lambda a: a >= moment,
                "<=": lambda a: a <= moment,
                "<": lambda a: a < moment,
                ">": lambda a: a > moment,
            }
            if sign not in compare:
                raise JqlError(f"{name} cannot be compared by {sign}")
            return lambda get: bool(compare[sign](get(name)))
        if sign == "=":
            return lambda get: _holds(get(name), [value])
        if sign == "!=":
            return lambda get: bool(get(name)) and not _holds(get(name), [value])
        raise JqlError(f"{name} cannot be compared by {sign}")

    def _list(self) -> list[str]:
        self._take("(")
        values = [self._value()]
        while self._peek() == ",":
            self._take()
            values.append(self._value())
        self._take(")")
        return values

    def _value(self) -> str:
        token = self._take()
        if token.startswith('"'):
            return token[1:]
        if token.lower() in _RESERVED or not re.fullmatch(r"[\w.-]+", token):
            raise JqlError(f"'{token}' is a reserved word; it must be quoted")
        return token

    def _moment(self, value: str) -> datetime:
        relative = re.fullmatch(r"-(\d+)([mhdw])", value)
        if relative:
            return self._now - timedelta(seconds=int(relative[1]) * _UNITS[relative[2]])
        try:
            literal = datetime.strptime(value, "%Y-%m-%d %H:%M")  # noqa: DTZ007  # the zone comes next
        except ValueError:
            raise JqlError(f"Date value '{value}' is invalid.") from None
        # the hour that comes twice is read as its second coming, the one that loses most
        return literal.replace(tzinfo=self._zone, fold=1)


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    text = text.strip()
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise JqlError(f"cannot be read at {at}")
        at = token.end()
        kind = str(token.lastgroup)
        value = token[kind]
        if kind == "text":
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        found.append((kind, value))
    return found


def _holds(there: Any, values: list[str]) -> bool:
    listed = there if isinstance(there, list | tuple) else [there]
    wanted = {value.casefold() for value in values}
    return any(str(one).casefold() in wanted for one in listed if one is not None)
