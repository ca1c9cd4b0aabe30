"""Secrets: what must never be shown, and the references that lead to it."""

import os
from pathlib import Path
from typing import Any

FORMS = '"env:NAME", "file:PATH" or "keyring:SERVICE/USER"'


class SecretError(Exception):
    """A reference leads to no secret; the message says why and holds no value."""


class Secret:
    """A value that prints as ``Secret(***)``.

    Attributes:
        literal: it stands in the configuration itself, where everybody can read it.
    """

    __slots__ = ("_value", "literal")

    def __init__(self, value: str, *, literal: bool = False) -> None:
        self._value = value
        self.literal = literal

    def reveal(self) -> str:
        """Return the value, for the one call that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> Any:
        raise TypeError("a Secret is never written down")


def look_up(reference: str, folder: Path) -> Secret:
    """Return the secret that a reference leads to; other text is the secret itself.

    Args:
        reference: as it stands in the configuration.
        folder: where a relative path of ``file:`` starts.

    Raises:
        SecretError: nothing is there, or it is empty.
    """
    scheme, colon, rest = reference.partition(":")
    read = {"env": _from_environment, "file": _from_file, "keyring": _from_keyring}.get(scheme)
    if not colon or read is None:
        if not reference.strip():
            raise SecretError(f"is empty, must be a secret: {FORMS}")
        return Secret(reference, literal=True)
    value = read(rest, folder)
    if not value:
        raise SecretError(f'"{reference}" is empty')
    return Secret(value)


def _from_environment(name: str, _folder: Path) -> str:
    value = os.environ.get(name)
    if value is None:
        raise SecretError(f"missing secret: the environment variable {name} is not set")
    return value.strip()


def _from_file(name: str, folder: Path) -> str:
    path = folder / Path(name).expanduser()
    try:
        return path.read_text(encoding="utf-8-sig").strip()
    except UnicodeDecodeError:
        raise SecretError(f"missing secret: the file {path} is not UTF-8 text") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SecretError(f"missing secret: the file {path} cannot be read ({reason})") from None


def _from_keyring(name: str, _folder: Path) -> str:
    import keyring  # noqa: PLC0415  # looks for the machine's services: only where one is named
    from keyring.errors import KeyringError  # noqa: PLC0415

    service, slash, user = name.rpartition("/")
    if not (slash and service and user):
        raise SecretError(f'found "keyring:{name}", must be "keyring:SERVICE/USER"')
    try:
        value = keyring.get_password(service, user)
    except KeyringError as error:
        raise SecretError(f"missing secret: the keyring cannot be asked ({error})") from None
    if value is None:
        raise SecretError(
            f"missing secret: the keyring holds nothing for {service}/{user}"
            f" - set it with: keyring set {service} {user}"
        )
    return value
