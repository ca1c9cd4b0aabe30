"""The ids of items: ``ML-K7Q4F7K2C``. Pure.

Three characters from the team, five for the item, one to check, in Crockford's base 32. The check
character is a polynomial over GF(32): it finds every single wrong character and every swap of two.
"""

import hashlib
import unicodedata
from functools import lru_cache

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE = {c: n for n, c in enumerate(_ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_POLYNOMIAL = 0b100101  # x^5 + x^2 + 1, primitive
PREFIX = "ML-"


def _characters(text: str, count: int) -> str:
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return "".join(_ALPHABET[number >> 5 * n & 31] for n in range(count))


def _check(body: str) -> str:
    total = 0
    for char in body:
        total = (total << 1) ^ (_POLYNOMIAL if total & 16 else 0) ^ _VALUE[char]
    # one more step, so that the check character takes part in the swaps that are found
    total = (total << 1) ^ (_POLYNOMIAL if total & 16 else 0)
    return _ALPHABET[total]


@lru_cache(maxsize=256)
def team_code(team: str) -> str:
    """Return the three characters that all ids of a team begin with."""
    return _characters("team\0" + unicodedata.normalize("NFC", team), 3)


def draw(team: str, seed: str, attempt: int = 0) -> str:
    """Draw an item's id.

    Args:
        team: the team's name.
        seed: what the item is drawn from: its meeting and text.
        attempt: 0 first; the next number where the id is taken already.
    """
    body = team_code(team) + _characters(f"item\0{team}\0{seed}\0{attempt}", 5)
    return PREFIX + body + _check(body)


def parse(text: object) -> str | None:
    """Return the id that a cell holds in its one spelling, or None if it is no id.

    Lower case, full-width characters and blanks around it are forgiven, as are O for 0 and I or L
    for 1; a wrong check character is not.
    """
    return _parse(text) if isinstance(text, str) else None


@lru_cache(maxsize=65536)
def _parse(text: str) -> str | None:
    folded = unicodedata.normalize("NFKC", text).strip().upper().replace("\N{MINUS SIGN}", "-")
    if len(folded) != len(PREFIX) + 9 or not folded.startswith(PREFIX):
        return None
    body = folded[len(PREFIX) :]
    if any(c not in _VALUE for c in body):
        return None
    body = "".join(_ALPHABET[_VALUE[c]] for c in body)
    return PREFIX + body if _check(body[:-1]) == body[-1] else None


def is_of(team: str, item_id: str) -> bool:
    """Say whether an id belongs to a team."""
    return item_id.startswith(PREFIX + team_code(team))
