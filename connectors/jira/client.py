"""Calls to the service by its official client: keeping the pace, trying again. I/O.

``jira`` tries 429, 503 and broken connections again for every method, so that it makes an issue
twice, and waits 60 s at most (read in 3.10.5): its own retries are off. Many of its methods look at
an issue once more, guess a person from a name or drop arguments, so every call is one request of
its session. It is asked for no server information: the team file tells Cloud from Data Center.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn

import requests
from jira import JIRA, JIRAError

from connectors import calls, web
from connectors.answers import time_of
from connectors.base import Setup
from connectors.errors import AuthError, SchemaError, at
from connectors.jira.faults import Answer, to_error
from mapping.said import Said

TIMEOUT_S = (10.0, 60.0)  # to connect; to wait for an answer
PACE_S = 0.05  # Cloud allows bursts of 50 changes a second; what a Data Center allows, it tells
_BAD_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
    requests.TooManyRedirects,
)

Json = Mapping[str, Any]


class Client:
    """One account's calls; the pace is shared by all trackers of this process that use it.

    Args:
        setup: ``options`` has ``server``, perhaps ``base_url`` (where the API is, if it is
            elsewhere), and ``email`` with ``api_token`` (Cloud) or ``token`` (Data Center).

    Raises:
        AuthError: the token cannot be one.
    """

    def __init__(self, setup: Setup) -> None:
        options = setup.options
        self.cloud = bool(options.get("email"))
        self.server = str(options["server"]).rstrip("/")
        self._base = str(options.get("base_url") or self.server).rstrip("/")
        self._clock = setup.clock
        self.where = f"{setup.name} ({self._base})"
        token = str(options["api_token" if self.cloud else "token"]).strip()
        if not token or not token.isascii() or not token.isprintable():
            raise AuthError(
                at(
                    setup.name,
                    "token 里有不该有的字符",
                    "the token holds signs that no token has",
                ),
                hint=Said(
                    "请重新复制，不带引号和换行", "copy it anew, without quotes or line breaks"
                ),
            )
        who = str(options.get("email") or "")
        self._jira = JIRA(
            self._base,
            options={"rest_api_version": "3" if self.cloud else "2"},
            basic_auth=(who, token) if self.cloud else None,
            token_auth=None if self.cloud else token,
            get_server_info=False,
            max_retries=0,
            timeout=TIMEOUT_S,
            logging=False,  # at DEBUG it logs answers whole
        )
        session = self._jira._session  # noqa: SLF001  # the client's own way to unwrapped calls
        session.max_redirects = 0  # a redirect turns a POST into a GET, and may leave the host
        session.hooks["response"] = [self._hear]
        self._heard: requests.Response | None = None
        self._began: datetime | None = None
        self._is_beginning = False
        key = hashlib.sha256(f"{who}\0{token}".encode()).hexdigest()[:16]
        self._pace = calls.pace("jira", self._base, key, interval_s=PACE_S)
        self.calls = 0

    def __repr__(self) -> str:
        return f"Client({self._base!r})"

    def begin(self) -> None:
        """Begin a look: the time of the answer that comes next is its beginning."""
        self._began, self._is_beginning = None, True

    @property
    def began(self) -> datetime | None:
        """When the look began, by the service's own clock; None if it did not tell."""
        return self._began

    def read(self, method: str, path: str, *, body: Json | None = None, **query: Any) -> Any:
        """Do a call that changes nothing, and again after passing faults.

        Returns:
            The answer's object or list.

        Raises:
            MissingError: there is no such object, or it may not be seen.
            RefusedError: the call names what is not there.
            ConnectorError: it could not be asked.
        """
        return self._call(method, path, body, query, write=False, repeatable=True)

    def write(self, method: str, path: str, body: Json | None, *, repeatable: bool) -> Json:
        """Do a call that changes something.

        Args:
            method: POST, PUT or DELETE.
            path: below ``/rest/api/N/``.
            body: what is sent.
            repeatable: whether it does no harm twice.

        Raises:
            RefusedError: nothing was done; or, of a bulk creation, nothing was made.
            UnknownOutcomeError: it may have been done.
            ConnectorError: nothing was done.
        """
        found = self._call(method, path, body, {}, write=True, repeatable=repeatable)
        return found if isinstance(found, dict) else {}

    def _call(
        self,
        method: str,
        path: str,
        body: Json | None,
        query: Mapping[str, Any],
        *,
        write: bool,
        repeatable: bool,
    ) -> Any:
        def send() -> Any:
            return self._send(method, path, body, query, write=write)

        return calls.paced(send, self._pace, self._clock, repeatable=repeatable)

    def _send(
        self, method: str, path: str, body: Json | None, query: Mapping[str, Any], *, write: bool
    ) -> Any:
        self.calls += 1
        self._heard = None
        url = self._jira._get_url(path)  # noqa: SLF001  # as above
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        try:
            self._jira._session.request(method, url, data=data, params=dict(query) or None)  # noqa: SLF001
        except _BAD_ADDRESS as error:
            raise _bad_address(error, self.where) from None
        except requests.RequestException as error:
            if not isinstance(error, requests.exceptions.JSONDecodeError):
                raise web.unreachable(error, self.where, write=write, address="server") from None
        except (JIRAError, ValueError, TypeError):
            pass  # an answer came; what it is, is read below
        return self._answered(write=write)

    def _hear(self, response: requests.Response, *_: Any, **__: Any) -> None:
        """Keep an answer: the client's errors hold neither its fields nor its headers."""
        self._heard = response
        if self._is_beginning:
            self._began, self._is_beginning = time_of(response.headers), False

    def _answered(self, *, write: bool) -> Any:
        """Return what was heard, if it is a success."""
        heard = self._heard
        if heard is None:
            self._refuse(0, {}, {}, write=write)
        headers = {k.lower(): v for k, v in heard.headers.items()}
        found: Any = None
        is_json = True
        try:
            found = heard.json() if heard.content else None
        except ValueError:
            is_json = False
        body = found if isinstance(found, dict) else {}
        answer = Answer(status=heard.status_code, headers=headers, at=self._clock.wall())
        is_good = 200 <= heard.status_code < 300 and is_json and not answer.denied
        if not is_good or body.get("errorMessages") or (found is None and not write):
            self._refuse(heard.status_code, body, headers, write=write)
        return found

    def _refuse(
        self, status: int, body: Json, headers: Mapping[str, str], *, write: bool
    ) -> NoReturn:
        answer = Answer(
            status=status,
            body=body,
            headers=headers,
            write=write,
            cloud=self.cloud,
            at=self._clock.wall(),
        )
        raise to_error(answer, self.where)


def _bad_address(error: Exception, where: str) -> SchemaError:
    kind = type(error).__name__
    text = at(where, f"地址不能使用：{kind}", f"the address cannot be used: {kind}")
    hint = Said(
        "请检查 server：要写 Jira 的准确 https 地址，不带跳转",
        "check server: the exact https address of Jira, that redirects nowhere",
    )
    return SchemaError(text, hint=hint)
