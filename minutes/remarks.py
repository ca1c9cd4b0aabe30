"""What a remark on an item promises: the day by which it is expected or unblocked (D4, D6). Pure.

Remarks are written in a tool's cell, on a day that nobody knows: only a full or yearless day
counts, and only beside words that make it a promise. The last one told holds.
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


def promised_day(note: str, today: date, calendar: Calendar) -> date | None:
    """Return the day that a remark promises, None if it promises none.

    Args:
        note: the remark; later lines are later remarks.
        today: for days without a year.
        calendar: which days are worked.
    """
    promised = None
    for line in note.splitlines():
        form = plain(line)
        for found in dates.search(line, today, calendar):
            words, behind = form[found.start : found.end], form[found.end :]
            told = found.marked or NEW_DATE.search(words) or _DEED.match(behind)
            if told and found.due.kind in ("exact", "range") and found.due.day:
                promised = found.due.day
    return promised
