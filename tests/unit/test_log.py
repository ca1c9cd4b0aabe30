"""The log: one line a record, details after the message, no secret."""

import io
import logging
from collections.abc import Iterator

import pytest

from minuteloop import log
from minuteloop.secrets import Secret


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(stream: io.StringIO) -> str:
    """Return what stands in a log after the time."""
    return "\n".join(line[20:] for line in stream.getvalue().splitlines())


def test_a_record_is_one_line_with_its_details() -> None:
    stream = io.StringIO()
    log.start(stream=stream)
    extra = {"team": "产品部", "tracker": "a b", "rows": 3, "error": "x\ny"}
    logging.getLogger("sync.engine").info("pulled", extra=extra)
    assert told(stream) == "INFO    pulled team=产品部 tracker='a b' rows=3 error='x\\ny'"


def test_others_speak_only_to_warn() -> None:
    stream = io.StringIO()
    log.start(stream=stream)
    logging.getLogger("urllib3").info("chatter")
    logging.getLogger("sync").debug("chatter")
    logging.getLogger("urllib3").warning("trouble")
    assert told(stream) == "WARNING trouble"


def test_a_secret_is_hidden_wherever_it_stands() -> None:
    stream = io.StringIO()
    log.start([Secret("hunter2")], stream)
    logger = logging.getLogger("connectors.http")
    logger.info("calling https://x/?token=%s", "hunter2", extra={"url": "hunter2"})
    try:
        int("hunter2")
    except ValueError:
        logger.exception("failed")
    assert "hunter2" not in stream.getvalue()
    assert "Traceback" in stream.getvalue()
    assert "token=*** url=***" in stream.getvalue()


def test_a_secret_of_few_signs_does_not_eat_the_log() -> None:
    stream = io.StringIO()
    log.start([Secret("o")], stream)
    logging.getLogger("sync").info("two rows")
    assert told(stream) == "INFO    two rows"


def test_colour_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal()
    log.start(stream=terminal)
    logging.getLogger("sync").warning("trouble")
    assert "\x1b[33mWARNING\x1b[0m" in terminal.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Terminal()
    log.start(stream=plain)
    logging.getLogger("sync").warning("trouble")
    assert "\x1b" not in plain.getvalue()
