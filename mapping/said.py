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
