"""Calls to the service: signing in, keeping the pace, trying again. I/O.

The official SDK is not used: it takes seconds to import, tries nothing again, and drops the null
that clears a cell (lark-oapi 1.7.5).
"""

import threading
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import quote

import requests

from connectors import calls, web
from connectors.base import Setup
from connectors.errors import ConnectorError, TransientError
from connectors.feishu import faults
from connectors.feishu.faults import Answer, to_error

TIMEOUT_S = (10.0, 60.0)  # to connect; to wait for an answer
READS_S = 0.05  # 20 calls a second ("Frequency control", read 2026-05)
WRITES_S = 0.5  # 50 a second, but "one at a time, 0.5 to 1 s apart" for each table (Bitable FAQ)
WIKI_S = 0.6  # 100 a minute
EARLY_S = 600.0  # a token is renewed so long before it ends; both are good meanwhile

_writers: dict[tuple[str, ...], threading.RLock] = {}
_writers_lock = threading.Lock()

Json = Mapping[str, Any]


class CodeError(Exception):
    """The service refused a call; who asked decides what that means.

    Args:
        code: in the body of the answer.
        error: what it means if nobody knows better.
    """

    def __init__(self, code: int, error: ConnectorError) -> None:
        super().__init__(str(error))
        self.code = code
        self.error = error


class Client:
    """One app's calls; the pace is shared by all trackers of this process that use the app.

    Args:
        setup: ``options`` has ``app_id``, ``app_secret`` and ``base_url``.
    """

    def __init__(self, setup: Setup) -> None:
        self._name = setup.name
        self._clock = setup.clock
        self._base = str(setup.options["base_url"]).rstrip("/")
        self._app_id = str(setup.options["app_id"])
        self._secret = str(setup.options["app_secret"])
        self._session = requests.Session()
        self._token = ""
        self._token_until = 0.0
        self.calls = 0

    def __repr__(self) -> str:
        return f"Client({self._base!r}, {self._app_id!r})"

    def read(self, method: str, path: str, *, pace_s: float = READS_S, **sent: Any) -> Json:
        """Do a call that changes nothing, and again after passing faults.

        Returns:
            What stands under ``data``.

        Raises:
            CodeError: the service refused it for good.
            ConnectorError: it could not be asked.
        """
        pace = calls.pace("feishu", self._base, self._app_id, str(pace_s), interval_s=pace_s)
        return self._call(method, path, pace, write=False, **sent)

    def write(self, path: str, place: str, *, repeatable: bool, **sent: Any) -> Json:
        """Do a call that changes something, as the only one in its place, and keep a distance.

        Args:
            path: to POST to; ``method`` may be among ``sent``.
            place: what only one may write at a time: a table.
            repeatable: whether it does no harm twice.
            sent: ``params``, ``body``, ``method``.

        Raises:
            CodeError: the service refused it for good, nothing was done.
            UnknownOutcomeError: it may have been done.
            ConnectorError: nothing was done.
        """
        key = ("feishu", self._base, place)
        pace = calls.pace(*key, interval_s=WRITES_S)
        with _writers_lock:
            writer = _writers.setdefault(key, threading.RLock())
        with writer:
            method = str(sent.pop("method", "POST"))
            return self._call(method, path, pace, write=True, repeatable=repeatable, **sent)

    def _call(
        self,
        method: str,
        path: str,
        pace: calls.Pace,
        *,
        write: bool,
        repeatable: bool = True,
        params: Json | None = None,
        body: Json | None = None,
    ) -> Json:
        def send() -> Json:
            return self._signed(method, path, params, body, write=write)

        return calls.paced(send, pace, self._clock, repeatable=repeatable)

    def _signed(
        self, method: str, path: str, params: Json | None, body: Json | None, *, write: bool
    ) -> Json:
        """Do a call; with a new token once more if the old one was refused."""
        for is_last in (False, True):
            headers = {"Authorization": f"Bearer {self._sign_in()}"}
            self.calls += 1  # signing in is not counted
            answer = self._send(method, path, headers, params, body, write=write)
            if answer.code == 0:
                data = answer.body.get("data")
                return data if isinstance(data, dict) else {}
            if answer.code not in faults.STALE_TOKEN or is_last:
                self._refuse(answer)
            self._token = ""
        raise AssertionError("the loop returns or raises")

    def _sign_in(self) -> str:
        """Return a tenant token ("Custom app: tenant_access_token": it lives two hours at most)."""
        now = self._clock.monotonic()
        if not self._token or now >= self._token_until:
            body = {"app_id": self._app_id, "app_secret": self._secret}
            path = "/open-apis/auth/v3/tenant_access_token/internal"
            answer = self._send("POST", path, {}, None, body, write=False)
            token = answer.body.get("tenant_access_token")
            if answer.code != 0 or not isinstance(token, str):
                self._refuse(answer)
            life = answer.body.get("expire")
            self._token = token
            self._token_until = now + max(0.0, float(life or 0) - EARLY_S)
        return self._token

    def _refuse(self, answer: Answer) -> NoReturn:
        error = to_error(answer, f"{self._name} ({self._base})")
        if isinstance(error, TransientError) or answer.code < 0:
            raise error
        raise CodeError(answer.code, error)

    def _send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        params: Json | None,
        body: Json | None,
        *,
        write: bool,
    ) -> Answer:
        where = f"{self._name} ({self._base})"
        try:
            reply = self._session.request(
                method,
                self._base + path,
                params=params,
                json=body,
                headers={**headers, "Content-Type": "application/json; charset=utf-8"},
                timeout=TIMEOUT_S,
                auth=web.as_it_is,
                allow_redirects=False,  # a redirect would carry the token elsewhere
            )
        except requests.RequestException as error:
            raise web.unreachable(error, where, write=write) from None
        try:
            found = reply.json()
        except ValueError:
            found = None
        return Answer(
            status=reply.status_code,
            body=found if isinstance(found, dict) else {},
            wait_s=_wait(reply.headers),
            write=write,
            at=self._clock.wall(),
        )


def _wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that the gateway asks to wait; None if it does not say anything sane."""
    for name in ("x-ogw-ratelimit-reset", "Retry-After"):
        try:
            seconds = float(headers.get(name, ""))
        except ValueError:
            continue
        if 0 <= seconds < 1e6:
            return min(seconds, calls.LONGEST_WAIT_S)
    return None


def segment(text: str) -> str:
    """Return a text as one segment of a path."""
    return quote(text, safe="")
