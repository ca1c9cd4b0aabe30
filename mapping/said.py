"""A sentence for people, in both languages of teams. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """What is told to people, complete in Chinese and in English; as ``str`` it is English."""

    zh: str
    en: str

    def text(self, language: str) -> str:
        """Return it in a team's language: ``zh``, or else English."""
        return self.zh if language == "zh" else self.en

    def __str__(self) -> str:
        return self.en


class SaidError(Exception):
    """An error whose message is for people.

    Args:
        zh: the message in Chinese: what is wrong and what to do.
        en: the same in English, which is also its ``str``.
    """

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.said = Said(zh, en)

    def text(self, language: str) -> str:
        """Return the message in a team's language."""
        return self.said.text(language)
