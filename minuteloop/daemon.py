"""``run``: the service. The teams of a configuration, and the signals of the process."""

import logging
import signal
import threading
from pathlib import Path
from types import FrameType

from minuteloop import config, log
from minuteloop.config import Config, TeamConfig
from minuteloop.errors import ConfigError
from minuteloop.team_service import TeamService

logger = logging.getLogger(__name__)


class Service:
    """All teams of a configuration, and the signals of the process."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stop = threading.Event()
        self._reload = threading.Event()
        self._look = threading.Event()

    def run(self) -> int:
        """Work until a signal says to end; return the exit code.

        Raises:
            ConfigError: the configuration cannot be used at the start.
        """
        loaded = self._load()
        for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._signalled)
        before: dict[str, TeamConfig] = {}
        while True:
            teams = [TeamService(team, before.get(team.name)) for team in loaded.teams]
            before = {team.name: team for team in loaded.teams}
            for team in teams:
                team.start()
            loaded = self._until_changed(loaded)
            for team in teams:
                team.stop()
            for team in teams:
                team.join()
            if self._stop.is_set():
                logger.info("ended")
                return 0

    def _until_changed(self, loaded: Config) -> Config:
        """Wait for the end, or for a configuration that is another and can be used."""
        while True:
            self._look.wait()
            self._look.clear()
            if self._stop.is_set():
                return loaded
            if self._reload.is_set():
                self._reload.clear()
                try:
                    loaded = self._load()
                except ConfigError as error:
                    for line in error.lines:
                        logger.error("configuration not taken over", extra={"reason": line})  # noqa: TRY400
                    continue
                logger.info("configuration read again")
                return loaded

    def _load(self) -> Config:
        loaded = config.load(config.find(self._path))
        log.start(loaded.secrets)
        for warning in loaded.warnings:
            logger.warning("configuration", extra={"reason": warning})
        return loaded

    def _signalled(self, number: int, _frame: FrameType | None) -> None:
        if hasattr(signal, "SIGHUP") and number == signal.SIGHUP:
            self._reload.set()
        else:
            self._stop.set()
        self._look.set()
