"""Calls by the vendor's client: keeping the pace, trying again. I/O.

Of pyairtable the session, the addresses and the parameters are used. Its own retries are off: they
send a creation whose answer was lost up to six times, and outlive no penalty (3.5.0, measured).
"""

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import requests
from pyairtable import Api

from connectors import calls, web
from connectors.airtable.faults import Answer, to_error
from connectors.answers import time_of
from connectors.base import Setup
from connectors.errors import ConnectorError, TransientError

TIMEOUT_S = (10, 60)  # to connect; to wait for an answer
BASE_S = 0.25  # 5 calls a second to a base, of all programs together ("Rate limits")
TOKEN_S = 0.025  # 50 a second of one user
PAGE = 100  # most rows of a page
_HEARD = (requests.TooManyRedirects, requests.exceptions.JSONDecodeError, TypeError)

_writers: dict[tuple[str, ...], threading.RLock] = {}
_writers_lock = threading.Lock()

Json = Mapping[str, Any]


class RefusedError(Exception):
    """The service refused a call for good; who asked decides what that means.

    Args:
        type_: the service's word for it.
        message: what it said, for finding out which column is meant.
        error: what it means if nobody knows better.
    """

    def __init__(self, type_: str, message: str, error: ConnectorError) -> None:
        super().__init__(str(error))
        self.type = type_
        self.message = message
        self.error = error


class Client:
    """The calls of one token to one base; the pace is shared by all trackers of this process.

    Args:
        setup: ``options`` has ``token``, ``base_id`` and ``base_url``.
    """

    def __init__(self, setup: Setup) -> None:
        options = setup.options
        self._clock = setup.clock
        self._host = str(options["base_url"]).rstrip("/")
        self.base_id = str(options["base_id"])
        self.where = f"{setup.name} ({self._host}, {self.base_id})"
        token = str(options["token"])
        self._api = Api(
            token,
            timeout=TIMEOUT_S,
            retry_strategy=None,
            endpoint_url=self._host,
            use_field_ids=True,
        )
        session = self._api.session
        session.max_redirects = 0  # a redirect would carry the token elsewhere
        session.auth = web.as_it_is  # a .netrc on this machine would replace the token
        session.hooks["response"] = [self._hear]
        self._heard: requests.Response | None = None
        who = hashlib.sha256(token.encode()).hexdigest()[:16]
        self._paces = (
            calls.pace("airtable", self._host, self.base_id, interval_s=BASE_S),
            calls.pace("airtable", self._host, "token", who, interval_s=TOKEN_S),
        )
        self.calls = 0

    def __repr__(self) -> str:
        return f"Client({self._host!r}, {self.base_id!r})"

    # --- reading ---

    def tables(self) -> Answer:
        """List the base's tables and columns ("Get base schema")."""
        return self._read(self._api.base(self.base_id).urls.tables)

    def base(self) -> Answer:
        """Read who may work in the base ("Get base collaborators")."""
        url = self._api.base(self.base_id).urls.meta
        return self._read(url, params={"include": ["collaborators"]})

    def page(self, table: str, fields: Sequence[str], formula: str, offset: str) -> Answer:
        """Read one page of rows ("List records"); a long address becomes a POST by the client."""
        urls = self._api.table(self.base_id, table).urls
        options: dict[str, Any] = {
            "page_size": PAGE,
            "fields": list(fields),
            "use_field_ids": True,
            **({"formula": formula} if formula else {}),
            **({"offset": offset} if offset else {}),
        }
        return self._read(urls.records, fallback=("POST", urls.records_post), options=options)

    def _read(self, url: str, **sent: Any) -> Answer:
        return calls.call(
            lambda: self._send("GET", url, write=False, **sent), self._clock, repeatable=True
        )

    # --- writing ---

    def upsert(self, table: str, records: Sequence[Json], key: str) -> Json:
        """Make rows, or change those that carry the key already ("Update multiple records")."""
        body = self._rows(records)
        return self._write(
            "PATCH", table, json={**body, "performUpsert": {"fieldsToMergeOn": [key]}}
        )

    def typecast(self, table: str, records: Sequence[Json], key: str) -> Json:
        """Do as ``upsert`` and make options that are missing; for ``check --prepare`` alone."""
        body = {**self._rows(records), "typecast": True}
        return self._write(
            "PATCH", table, json={**body, "performUpsert": {"fieldsToMergeOn": [key]}}
        )

    def update(self, table: str, records: Sequence[Json]) -> Json:
        """Change rows by their own ids; cells that are not sent stay."""
        return self._write("PATCH", table, json=self._rows(records))

    def delete(self, table: str, row_ids: Sequence[str]) -> Json:
        """Take rows out ("Delete multiple records"); people find them in the base's trash."""
        return self._write("DELETE", table, params={"records[]": list(row_ids)})

    def make_table(self, body: Json) -> Json:
        """Make a table ("Create table")."""
        return self._write("POST", "", json=body, url=self._api.base(self.base_id).urls.tables)

    def make_field(self, table: str, body: Json) -> Json:
        """Make a column ("Create field")."""
        url = self._api.table(self.base_id, table).urls.fields
        return self._write("POST", table, json=body, url=url)

    def _rows(self, records: Sequence[Json]) -> dict[str, Any]:
        return {"records": list(records), "typecast": False, "returnFieldsByFieldId": True}

    def _write(self, method: str, table: str, *, url: str = "", **sent: Any) -> Json:
        """Do a call that changes something, as the only one in its table; never sent again.

        Raises:
            RefusedError: the service refused it for good, nothing was done.
            UnknownOutcomeError: it may have been done.
            ConnectorError: nothing was done.
        """
        with _writers_lock:
            key = (self._host, self.base_id, table)
            writer = _writers.setdefault(key, threading.RLock())
        place = url or self._api.table(self.base_id, table).urls.records
        with writer:
            answer = calls.call(
                lambda: self._send(method, place, write=True, **sent),
                self._clock,
                repeatable=False,
            )
        return answer.body or {}

    # --- one request ---

    def _send(self, method: str, url: str, *, write: bool, **sent: Any) -> Answer:
        for pace in self._paces:
            pace.wait(self._clock)
        self.calls += 1
        self._heard, told = None, None
        try:
            told = self._api.request(method, url, **sent)
        except (requests.HTTPError, *_HEARD):
            pass  # an answer came, of whatever kind
        except requests.RequestException as error:
            raise web.unreachable(error, self.where, write=write) from None
        answer = self._answer(told, write=write)
        if answer.is_good:
            return answer
        meant = to_error(answer, self.where)
        if not isinstance(meant, TransientError):
            raise RefusedError(answer.type, answer.message, meant)
        if meant.retry_after_s and meant.retry_after_s <= calls.LONGEST_WAIT_S:
            self._paces[0].hold_off(self._clock, meant.retry_after_s)
        raise meant

    def _hear(self, response: requests.Response, *_: Any, **__: Any) -> None:
        """Keep an answer: the client hands on neither its headers nor, at times, its error."""
        self._heard = response

    def _answer(self, told: Any, *, write: bool) -> Answer:
        """Return what was heard; ``told`` is its body, where the client handed it on."""
        heard = self._heard
        if heard is None:
            return Answer(status=0, body=None, write=write)
        try:
            found = heard.json() if told is None else told
        except ValueError:
            found = None
        answer = Answer(
            status=heard.status_code,
            body=found if isinstance(found, dict) else None,
            wait_s=_wait(heard.headers),
            write=write,
            at=self._clock.wall(),
        )
        date = time_of(heard.headers)
        return replace(answer, at=date) if date else answer


def _wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that are asked for; None if nothing sane is said."""
    try:
        seconds = float(headers.get("Retry-After", ""))
    except ValueError:
        return None
    return min(seconds, calls.LONGEST_WAIT_S) if 0 <= seconds < 1e6 else None
