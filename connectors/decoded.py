"""Rows as they were decoded last: what a service sends again, byte for byte, is the same row. Pure.

A look at a table lists thousands of rows of which few changed. To fetch them cannot be saved; to
decode them again can.
"""

import marshal
from collections.abc import Callable
from hashlib import blake2b
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Decoded(Generic[T]):
    """The rows of one table by the service's id of them, each with a digest of its payload."""

    def __init__(self) -> None:
        self._by: object = None
        self._rows: dict[str, tuple[bytes, T]] = {}

    def row(self, by: object, row_id: str, payload: Any, decode: Callable[[], T]) -> T:
        """Return a row, decoded only if its payload is another one than last time.

        Args:
            by: the columns and people that it is decoded by; other ones begin anew.
            row_id: whose payload it is.
            payload: as JSON was read: all that the row is decoded from, beside ``by``.
            decode: decodes it.
        """
        if self._by is not by:
            self._by, self._rows = by, {}
        # version 2 writes values alone; later ones also tell which objects are one and the same
        told = blake2b(marshal.dumps(payload, 2), digest_size=16).digest()
        known = self._rows.get(row_id)
        if known is not None and known[0] == told:
            return known[1]
        row = decode()
        self._rows[row_id] = (told, row)
        return row
