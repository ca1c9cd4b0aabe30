"""What people are told of a file of the inbox: in reports, and in a note beside it. I/O."""

import logging
from dataclasses import dataclass
from pathlib import Path

from mapping.said import Said
from minuteloop import inbox as box
from minuteloop.config import TeamConfig

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReport:
    """What became of one file of the inbox.

    Attributes:
        file: its name.
        state: ``read``, ``unchanged``, ``waiting``, ``refused`` or ``awaiting-approval``.
        error: why it was not read, or not put away; in the team's language.
    """

    file: str
    state: str
    items: int = 0
    findings: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Notes:
    """The words and notes on the files of a team's inbox.

    Attributes:
        dry: no note is written or taken away.
    """

    config: TeamConfig
    dry: bool

    def say(self, zh: str, en: str) -> str:
        """Return a sentence in the team's language."""
        return Said(zh, en).text(self.config.settings.language)

    def of(self, name: str, text: str) -> str:
        """Return a sentence about a file, its name first."""
        return self.say(f"{name}：{text}", f"{name}: {text}")

    def refused(self, path: Path, text: str) -> DocumentReport:
        """Leave a note that says why a file was refused; return that as its report."""
        if not self.dry:
            try:
                box.leave_note(path, text)
            except OSError as error:  # the finding says it all the same; tried again in each pass
                extra = {"file": box.name_of(path), "reason": error.strerror}
                log.debug("no note beside it", extra=extra)
        return DocumentReport(file=box.name_of(path), state="refused", findings=1, error=text)

    def take_away(self, names: set[str]) -> None:
        """Remove the notes beside these files, if there are any."""
        for name in () if self.dry else names:
            box.note_of(self.config.inbox / name).unlink(missing_ok=True)
