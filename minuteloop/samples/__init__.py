"""The team folder of ``minuteloop demo``: its configuration, and minutes with days near today."""

from datetime import date, timedelta
from importlib.resources import files
from string import Template

from minuteloop.samples.word import docx

__all__ = ["docx", "edited", "minutes", "team_file"]


def team_file() -> str:
    """Return the team file."""
    return _text("team.toml")


def minutes(today: date) -> dict[str, bytes]:
    """Return the samples by file name: one in Markdown, the next of its series as DOCX."""
    words = _days(today)
    first = Template(_text("week1.md")).substitute(words)
    second = Template(_text("week2.md")).substitute(words)
    return {
        f"{words['met1']} 上市周例会.md": first.encode(),
        f"{words['met2']} 上市週例會.docx": docx(second),
    }


def edited(today: date) -> dict[str, bytes]:
    """Return the first sample as its recorder saves it again.

    A day stands where a vague word was, one day is another and one standard says more.
    """
    words = _days(today)
    words |= {
        "pack_due": f"{today + timedelta(days=5)}",
        "reply_due": f"{today + timedelta(days=6)}",
        "reply_standard": f"{words['reply_standard']}，并通过客服部评审",
    }
    text = Template(_text("week1.md")).substitute(words)
    return {f"{words['met1']} 上市周例会.md": text.encode()}


def _days(today: date) -> dict[str, str]:
    def day(distance: int) -> date:
        return today + timedelta(days=distance)

    late = day(-3)
    return {
        "met1": f"{day(-8)}",
        "met2": f"{day(-1)}",
        "met3": f"{day(6)}",
        "reply_due": f"{day(4)}",
        "reply_standard": "包含一级响应机制和升级路径",
        "map_due": f"{late.month}月{late.day}日",
        "pack_due": "尽快",
        "stock_due": f"{day(2)}",
        "press_due": f"{day(5)}",
    }


def _text(name: str) -> str:
    return files(__name__).joinpath(name).read_text(encoding="utf-8")
