"""What an answer of the service means: one table from its codes to ``connectors.errors``. Pure.

The code in the body decides, whatever the HTTP status is: many faults come with 200, and one code
comes with several ("Common error codes" and the error tables of bitable-v1, read 2026-05).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from connectors.errors import (
    AuthError,
    ConnectorError,
    PermanentError,
    SchemaError,
    TransientError,
    UnknownOutcomeError,
)
from connectors.feishu.wire import Type

QUOTA = 99991403
BAD_PAGE = frozenset({1254002, 1254030})  # a page token that is no longer good
STALE_TOKEN = frozenset({99991661, 99991663, 99991664, 99991665, 99991671})
MOVED = frozenset({1254045, 1254024, 1254018, 1254016})  # a column has another name now
TOO_MANY = 1254104
GONE = 1254043
EXISTS = frozenset({1254013, 1254014})
BUSY = frozenset({1254607})  # of a batch that was too much for the table

# The cells that a row must do without, for the service takes the rest of it.
_UNFIT: Mapping[int, frozenset[int]] = {
    1254060: frozenset({Type.TEXT}),
    1254062: frozenset({Type.SELECT}),
    1254063: frozenset({Type.MULTISELECT}),
    1254064: frozenset({Type.DATE}),
    1254066: frozenset({Type.PERSON}),
    1254068: frozenset({Type.URL}),
    1254130: frozenset({Type.TEXT}),
    99992351: frozenset({Type.PERSON}),
    99992361: frozenset({Type.PERSON}),
}
_ROW = frozenset({1254007, 1254015, 1254026, 1254027, 1254070, 1254303, *range(1254060, 1254075)})
_LATER = frozenset({99991400, 1254036, 1254290, 1254291})  # refused before it was begun
_UNSURE = frozenset(
    {1500, 2200, 5000, 1254002, 1254607, 1254608, *range(1255001, 1255007), 1255040, 131001, 131007}
)
_SIGN_IN = frozenset({10003, 10014, 10015, 20002, 99991662, 99991673, *STALE_TOKEN})
_RIGHTS = frozenset({91403, 91404, 1254301, 1254302, 1254304, 131006, 1069603})
_PLACE = frozenset({91401, 91402, 1254003, 1254004, 1254040, 1254041, 131002, 131005, 99991201})
_FULL = frozenset({1254100, 1254103, 1254105, 1254306})

_CHINA = timezone(timedelta(hours=8))
_LONGEST_TEXT = 200
_START = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the service said.

    Attributes:
        status: of HTTP.
        body: the JSON object; empty if it was none.
        wait_s: the seconds that a header asks for.
        write: whether the call was to change something.
        at: when it came, aware.
    """

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    wait_s: float | None = None
    write: bool = False
    at: datetime = _START

    @property
    def code(self) -> int:
        """The code in the body; -1 if there is none."""
        code = self.body.get("code")
        return code if isinstance(code, int) and not isinstance(code, bool) else -1


def to_error(answer: Answer, where: str) -> ConnectorError:
    """Return the error that an answer stands for.

    Args:
        answer: any but one with code 0.
        where: what was asked for, in words for a person.
    """
    code, said = answer.code, _said(answer)
    text = f"{where}: {said}"
    if code == QUOTA:
        return _quota_spent(answer, where)
    if code in _LATER or answer.status == 429:
        return TransientError(f"{where}: the service is busy: {said}", retry_after_s=answer.wait_s)
    if code == 99991672:
        return AuthError(f"{where}: the app lacks a permission", hint=_permissions(answer))
    if code == 99991401:
        hint = "add this machine's address under Security settings of the app"
        return AuthError(f"{where}: the app allows no calls from here", hint=hint)
    if code in _SIGN_IN:
        hint = "check app_id and app_secret, that the app is enabled, and base_url (Feishu or Lark)"
        return AuthError(f"{where}: the app cannot sign in: {said}", hint=hint)
    if code in _RIGHTS:
        return AuthError(f"{where}: the app has no right to this base: {said}", hint=_RIGHTS_HINT)
    if code in _PLACE:
        return SchemaError(f"{where}: the base or table was not found: {said}", hint=_PLACE_HINT)
    if code in MOVED:
        hint = "a column was renamed, deleted or hidden; put it back or name it in the team file"
        return SchemaError(f"{where}: a column is not there: {said}", hint=hint)
    if code in _ROW or code in _UNFIT:
        return PermanentError(text, hint="correct the value, or the column's type")
    if code in _FULL:
        return PermanentError(f"{where}: the table is full: {said}", hint="delete or archive rows")
    if code in _UNSURE or answer.status >= 500 or (code < 0 and answer.status < 300):
        kind = UnknownOutcomeError if answer.write else TransientError
        return kind(f"{where}: the service failed: {said}", retry_after_s=answer.wait_s)
    return _by_status(answer, where, text)


def _by_status(answer: Answer, where: str, text: str) -> ConnectorError:
    """Return the error for a code that is not known, or for no code at all."""
    if answer.status in (401, 403, 407):
        return AuthError(text, hint="check app_id, app_secret, the proxy, and the app's rights")
    if answer.status == 404:
        return SchemaError(text, hint="check base_url, app_token or wiki_token, and table_id")
    if 300 <= answer.status < 400:
        return SchemaError(text, hint="check base_url: the address leads elsewhere")
    if answer.status == 408:
        return TransientError(f"{where}: the service is busy")
    return PermanentError(text)


_RIGHTS_HINT = (
    "open the base, choose ... > More > Add document app, add the app with the right to edit (can "
    "manage, where advanced permissions are on); for a base in a wiki let it read that wiki too"
)
_PLACE_HINT = (
    "check app_token (after /base/ in the address) or wiki_token (after /wiki/), table_id (after "
    "?table=) and base_url (https://open.feishu.cn, or https://open.larksuite.com for Lark)"
)


def is_of_one_row(code: int) -> bool:
    """Say whether a refusal may be for one row's sake, so that the others can be written."""
    return code in _UNFIT or (1254000 <= code < 1254200 and code not in _FULL | MOVED)


def unfit_types(code: int) -> frozenset[int]:
    """Return the types of columns whose cells a code complains of; empty if it does not say."""
    return _UNFIT.get(code, frozenset())


def _said(answer: Answer) -> str:
    if answer.code < 0:
        return f"HTTP {answer.status}, and no answer of the service (is a proxy in between?)"
    said = f"{str(answer.body.get('msg') or '').strip()[:_LONGEST_TEXT]} (code {answer.code})"
    details = [
        f"{v.get('field')}: {v.get('description')}"
        for v in _list(answer.body, "field_violations")
        if isinstance(v, dict)
    ]
    return f"{said}: {'; '.join(details)[:_LONGEST_TEXT]}" if details else said


def _permissions(answer: Answer) -> str:
    wanted = [
        str(v.get("scope"))
        for v in _list(answer.body, "permission_violations")
        if isinstance(v, dict) and v.get("scope")
    ]
    named = " or ".join(wanted) or "bitable:app"
    return f"add {named} under Permissions of the app, publish a version, have it approved"


def _list(body: Mapping[str, Any], key: str) -> list[Any]:
    error = body.get("error")
    found = error.get(key) if isinstance(error, dict) else None
    return found if isinstance(found, list) else []


def _quota_spent(answer: Answer, where: str) -> TransientError:
    """Say until when nothing can be called: the quota begins anew with the month."""
    now = answer.at.astimezone(_CHINA)
    first = datetime(now.year + now.month // 12, now.month % 12 + 1, 1, tzinfo=_CHINA)
    return TransientError(
        f"{where}: this month's calls of the tenant are used up; tried again on {first.date()}",
        hint="a larger plan raises the quota; a longer `every` spends less of it",
        retry_after_s=(first - now).total_seconds(),
    )
