"""Calls to the service by its official client: keeping the pace, trying again. I/O.

``notion-client`` tries 500 and 503 again for reads only, other faults never, and gives up on waits
over a minute (read in 3.1.0): its own retries are off. Its methods drop arguments they do not know
in silence, so every call goes through ``request``.
"""

import hashlib
import json
import logging
import weakref
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NoReturn

import httpx
from notion_client import Client as Sdk
from notion_client.errors import (
    HTTPResponseError,
    InvalidPathParameterError,
    RequestTimeoutError,
)

from connectors import calls
from connectors.answers import no_answer, time_of
from connectors.base import Setup
from connectors.errors import (
    AuthError,
    ConnectorError,
    SchemaError,
    TransientError,
    at,
)
from connectors.notion.faults import Answer, to_error
from connectors.notion.wire import Json, as_list
from mapping.said import Said

VERSION = "2025-09-03"  # the first with data sources; 2026-03-11 differs in nothing used here
TIMEOUT = httpx.Timeout(70.0, connect=10.0)  # the service gives up after 60 s
PAGE = 100  # the most of a page ("Pagination", read 2026-11)
PACE_S = 1 / 3  # 180 requests a minute and connection ("Request limits", read 2026-11)
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)

# The client logs texts of the service, which quote what was written: it is kept silent.
_silent = logging.getLogger("connectors.notion.sdk")


class Client:
    """One connection's calls; the pace is shared by all trackers of this process that use it.

    Args:
        setup: ``options`` has ``token`` and ``base_url``.

    Raises:
        AuthError: the token cannot be one.
    """

    def __init__(self, setup: Setup) -> None:
        self._name = setup.name
        self._clock = setup.clock
        self._base = str(setup.options["base_url"]).rstrip("/")
        token = str(setup.options["token"]).strip()
        if not token or not token.isascii() or not token.isprintable():
            raise AuthError(
                at(
                    setup.name,
                    "token 中有不该有的字符",
                    "the token holds signs that no token has",
                ),
                hint=Said(
                    "请重新复制，不要带引号和换行",
                    "copy it anew, without quotes or line breaks",
                ),
            )
        http = httpx.Client(event_hooks={"response": [self._note_time]})
        self._sdk = Sdk(
            auth=token,
            base_url=self._base,
            notion_version=VERSION,
            retry=False,
            client=http,
            logger=_silent,
            log_level=logging.CRITICAL,
        )
        http.timeout = TIMEOUT
        weakref.finalize(self, http.close)
        key = hashlib.sha256(token.encode()).hexdigest()[:16]
        self._pace = calls.pace("notion", self._base, key, interval_s=PACE_S)
        self.calls = 0
        self.server_time: datetime | None = None

    def __repr__(self) -> str:
        return f"Client({self._base!r})"

    def read(self, method: str, path: str, *, body: Json | None = None, **query: Any) -> Json:
        """Do a call that changes nothing, and again after passing faults.

        Raises:
            MissingError: there is no such object, or it may not be seen.
            RefusedError: the call names what is not there.
            ConnectorError: it could not be asked.
        """
        return self._call(method, path, body, query, write=False, repeatable=True)

    def write(self, method: str, path: str, body: Json, *, repeatable: bool) -> Json:
        """Do a call that changes something.

        Args:
            method: POST or PATCH.
            path: below ``/v1/``.
            body: what is sent.
            repeatable: whether it does no harm twice.

        Raises:
            RefusedError: nothing was done.
            CommittedError: it was done, though the service failed.
            UnknownOutcomeError: it may have been done.
            ConnectorError: nothing was done.
        """
        return self._call(method, path, body, {}, write=True, repeatable=repeatable)

    def pages(self, path: str) -> Iterator[Json]:
        """List all of a paged list by GET; raises as ``read``."""
        cursor: str | None = None
        while True:
            query: dict[str, Any] = {"page_size": PAGE}
            if cursor:
                query["start_cursor"] = cursor
            answer = self.read("GET", path, **query)
            yield from as_list(answer.get("results"))
            cursor = self.next_page(answer, cursor)
            if cursor is None:
                return

    def next_page(self, answer: Json, before: str | None) -> str | None:
        """Return where the next page begins; a list that does not end is no list."""
        cursor = answer.get("next_cursor")
        if not answer.get("has_more"):
            return None
        if not isinstance(cursor, str) or not cursor or cursor == before:
            raise TransientError(
                at(
                    self._name,
                    "服务在列表中途中断",
                    "the service broke off in the middle of a list",
                )
            )
        return cursor

    def _call(
        self,
        method: str,
        path: str,
        body: Json | None,
        query: Mapping[str, Any],
        *,
        write: bool,
        repeatable: bool,
    ) -> Json:
        def send() -> Json:
            return self._send(method, path, body, query, write=write)

        return calls.paced(send, self._pace, self._clock, repeatable=repeatable)

    def _send(
        self, method: str, path: str, body: Json | None, query: Mapping[str, Any], *, write: bool
    ) -> Json:
        where = f"{self._name} ({self._base})"
        self.calls += 1
        try:
            found = self._sdk.request(
                path, method, query=dict(query) or None, body=dict(body) if body else None
            )
        except HTTPResponseError as error:
            self._refuse(error.status, _json(error.body), error.headers, write=write)
        except RequestTimeoutError as error:
            raise _unreachable(error.__context__ or error, where, write=write) from None
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise _unreachable(error, where, write=write) from None
        except InvalidPathParameterError:
            text = at(
                where,
                "团队配置文件中的一个 id 不是 Notion 的 id",
                "an id in the team file is no id of Notion",
            )
            raise SchemaError(text) from None
        except ValueError:  # 200, and no JSON
            self._refuse(200, {}, {}, write=write)
        if not isinstance(found, dict) or found.get("object") == "error":
            self._refuse(200, found if isinstance(found, dict) else {}, {}, write=write)
        return found

    def _refuse(
        self, status: int, body: Json, headers: Mapping[str, str], *, write: bool
    ) -> NoReturn:
        answer = Answer(
            status=status,
            body=body,
            headers={k.lower(): v for k, v in headers.items()},
            write=write,
            at=self._clock.wall(),
        )
        raise to_error(answer, f"{self._name} ({self._base})")

    def _note_time(self, response: httpx.Response) -> None:
        """Keep the service's own time: the machine's clock may be wrong."""
        self.server_time = time_of(response.headers)


def _json(text: str) -> Json:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _unreachable(error: BaseException, where: str, *, write: bool) -> ConnectorError:
    """Return what a call without an answer means."""
    kind = type(error).__name__
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL | httpx.LocalProtocolError):
        text = at(where, f"地址不能使用：{kind}", f"the address cannot be used: {kind}")
        return SchemaError(text, hint=Said("请检查 base_url", "check base_url"))
    if isinstance(error, _UNSENT):
        text = Said(f"{where} 无法连接：{kind}", f"{where} cannot be reached: {kind}")
        return TransientError(text, hint=_NETWORK_HINT)
    return no_answer(where, kind, write=write)


_NETWORK_HINT = Said(
    "请检查网络、base_url、代理（HTTPS_PROXY）和 SSL_CERT_FILE",
    "check the network, base_url, the proxy (HTTPS_PROXY) and SSL_CERT_FILE",
)
