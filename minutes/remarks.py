"""What a remark on an item promises: the day by which it is expected or unblocked (D4, D6). Pure.

Only a full or yearless day counts, and only beside words that make it a promise: not what was
not done by then. The last one told holds.
"""

import re
from datetime import date

from mapping.calendar import Calendar
from mapping.words import plain
from minutes import dates
from minutes.states import NEW_DATE

_DEED = re.compile(
    r"[^,，;；。.\n已]{0,12}?(?:解决|恢复|解除|完成|交付|提交|到位|上线|答复|给出|"
    r"resolv|unblock|done|finish|complete|deliver|ready)"
)
_DENIED = re.compile(  # what stands before a day that was missed, or behind one that came late
    r"(?:没有?能?|未能?|无法|不能|不了|错过|\bnot|n't|without|failed|missed|unable)[^,，;；。.\n]{0,12}$"
)
_LATE = re.compile(r"\s*(?:才|未能?|没有?|无法|不能|[^,，;；。.\n]{0,4}失败)")


def promised_day(
    note: str, written: date, calendar: Calendar, *, moved: bool = False
) -> date | None:
    """Return the day that a remark promises, None if it promises none.

    Args:
        note: the remark; later lines are later remarks.
        written: the day on which it was; days without a year are near it.
        calendar: which days are worked.
        moved: only what is said to be a new day counts (预计, new date), not every promise.
    """
    promised = None
    for line in note.splitlines():
        form = plain(line)
        for found in dates.search(line, written, calendar):
            words, behind = form[found.start : found.end], form[found.end :]
            if _DENIED.search(form[: found.start]) or _DENIED.search(words) or _LATE.match(behind):
                continue
            told = _is_new(form, found.start, found.end)
            if not moved:
                told = told or found.marked or bool(_DEED.match(behind))
            if told and found.due.kind in ("exact", "range") and found.due.day:
                promised = found.due.day
    return promised


def _is_new(form: str, start: int, end: int) -> bool:
    """Say whether the words of a day, or those right before it, make it a new one."""
    before = NEW_DATE.finditer(form, max(0, start - 32), start)
    return bool(NEW_DATE.search(form[start:end])) or any(m.end() == start for m in before)
