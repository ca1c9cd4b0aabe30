"""Where a secret is found, what is said where it is not, and that it is never shown."""

import pickle
from pathlib import Path
from typing import ClassVar

import keyring
import keyring.backend
import keyring.errors
import pytest

from minuteloop.secrets import Secret, SecretError, look_up


def test_a_secret_is_never_shown() -> None:
    secret = Secret("hunter2")
    assert f"{secret} {secret!r} {[secret]}" == "Secret(***) Secret(***) [Secret(***)]"
    assert secret.reveal() == "hunter2"
    assert secret == Secret("hunter2")
    assert hash(secret) == hash(Secret("hunter2"))
    assert secret not in (Secret("other"), "hunter2")
    with pytest.raises(TypeError, match="never written down"):
        pickle.dumps(secret)


def test_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROBOT", " hunter2\n")
    secret = look_up("env:ROBOT", tmp_path)
    assert (secret.reveal(), secret.literal) == ("hunter2", False)


def test_a_file_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hunter2\r\n", encoding="utf-8-sig")
    assert look_up("file:token", tmp_path).reveal() == "hunter2"
    assert look_up(f"file:{tmp_path / 'token'}", Path("/elsewhere")).reveal() == "hunter2"


def test_a_literal_is_marked_as_one(tmp_path: Path) -> None:
    for text in ("hunter2", "https://example.com/robot?key=x", "x:y"):
        secret = look_up(text, tmp_path)
        assert (secret.reveal(), secret.literal) == (text, True)


class Ring(keyring.backend.KeyringBackend):
    priority = 1
    known: ClassVar[dict[tuple[str, str], str]] = {("minuteloop/feishu", "robot"): "hunter2"}
    locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise keyring.errors.KeyringLocked("the ring is locked")
        return self.known.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError


def test_the_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", Ring())  # type: ignore[no-untyped-call]
    assert look_up("keyring:minuteloop/feishu/robot", tmp_path).reveal() == "hunter2"
    with pytest.raises(SecretError, match="holds nothing for minuteloop/jira - set it with"):
        look_up("keyring:minuteloop/jira", tmp_path)
    monkeypatch.setattr(Ring, "locked", True)
    with pytest.raises(SecretError, match=r"cannot be asked \(the ring is locked\)"):
        look_up("keyring:minuteloop/feishu/robot", tmp_path)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("env:NOT_THERE", "missing secret: the environment variable NOT_THERE is not set"),
        ("env:EMPTY", '"env:EMPTY" is empty'),
        ("file:nothing", "missing secret: the file .*nothing cannot be read"),
        ("file:.", "missing secret: the file .* cannot be read"),
        ("file:empty", '"file:empty" is empty'),
        ("file:binary", "missing secret: the file .*binary is not UTF-8 text"),
        ("keyring:robot", 'found "keyring:robot", must be "keyring:SERVICE/USER"'),
        (" ", "is empty, must be a secret"),
    ],
)
def test_what_is_said_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: str, message: str
) -> None:
    monkeypatch.delenv("NOT_THERE", raising=False)
    monkeypatch.setenv("EMPTY", "")
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(SecretError, match=message):
        look_up(reference, tmp_path)
