"""Days in figures: ``2024/6/15``, ``113.06.15``, ``15/06/24``, ``5.20-5.31``. Pure.

Each function returns a ``Point``; its reason ``unknown`` says that the figures are no day at all
but a version, a ratio or some other number.
"""

from dataclasses import replace

from mapping.days import ROC, make_day, order_pair
from minutes.dates_points import Context, Order, Point, day_of_month, end_range, on, refuse


def _window(ctx: Context) -> range:
    year = ctx.reference.year if ctx.reference else 0
    return range(year - 1, year + 3)


def _pair(a: int, b: int, ctx: Context) -> tuple[int, int] | None:
    """Return month and day of two numbers, None if both orders are possible."""
    if ctx.order is Order.DAY_FIRST and a <= 31 and b <= 12:
        return b, a
    if ctx.order and ctx.order is not Order.DAY_FIRST and a <= 12 and b <= 31:
        return a, b
    return order_pair(a, b)


def _triple(parts: list[str], ctx: Context) -> Point:
    a, b, c = map(int, parts)
    if len(parts[0]) == 4:
        return on(a, b, c, ctx)
    if len(parts[0]) == 3:
        roc = a < 150 and len(parts[1]) <= 2 and len(parts[2]) <= 2
        return on(a + ROC, b, c, ctx) if roc else refuse("unknown")
    if len(parts[2]) == 4:
        proven = replace(ctx, order=None if ctx.order is Order.HAN else ctx.order)
        if pair := _pair(a, b, proven):
            return on(c, *pair, ctx)
        both = [day for day in (make_day(c, a, b), make_day(c, b, a)) if day]
        if both:
            return replace(refuse("ambiguous_order"), alternatives=tuple(both))
        return refuse("impossible_date")
    if not all(len(p) <= 2 for p in parts):
        return refuse("unknown")
    # 24.6.15: one of the numbers is a year of these days, and only one reading may be left
    window = _window(ctx)
    readings = ((2000 + a, b, c), (2000 + c, b, a), (2000 + c, a, b))
    days = {make_day(*r) for r in readings if r[0] in window} - {None}
    if len(days) == 1:
        return Point(day=days.pop(), warnings=("policy",))
    return refuse("ambiguous_order" if days else "unknown")


_MONTHS = frozenset(f"{n:0{width}}" for n in range(1, 13) for width in (1, 2))


def numeric(text: str, ctx: Context) -> Point:
    """Return the day that digits with one kind of mark between them name.

    Reason ``unknown``: no day at all, but a version, a ratio or a number.
    """
    separator = next((c for c in text if c in "-/."), "")
    parts = text.split(separator) if separator else [text]
    if not all(part.isdecimal() for part in parts):
        return refuse("unknown")
    if len(parts) == 1:
        whole = len(text) == 8 and text[:2] in ("19", "20")
        return on(int(text[:4]), int(text[4:6]), int(text[6:]), ctx) if whole else refuse("unknown")
    if len(parts) == 3:
        return _triple(parts, ctx)
    if len(parts) == 2 and len(parts[0]) == 4 and parts[1] in _MONTHS:
        return refuse("period_without_end")
    if len(parts) == 2 and max(map(len, parts)) <= 2:
        return _double(text, parts, ctx)
    return refuse("unknown")


def _double(text: str, parts: list[str], ctx: Context) -> Point:
    a, b = map(int, parts)
    idiom = text == "24/7"
    span = max(a, b) <= 12 and "-" in text and text[0] != "0"  # 3-5 of something
    if idiom or span or not (1 <= a <= 31 and 1 <= b <= 31):
        return refuse("unknown")
    if pair := _pair(a, b, ctx):
        return on(None, *pair, ctx)
    return refuse("ambiguous_order" if min(a, b) <= 12 else "unknown")


def numeric_range(text: str, ctx: Context) -> Point:
    """Return the end of ``5.20-5.31``, ``6/1~6/15``, ``2024.6.1-6.15``, ``5/27-29``."""
    for mark in "~-/":
        left, found, right = _halves(text, mark)
        if not found or (mark == "/" and "-" not in left):
            continue
        if right.isdecimal() and len(right) <= 2:
            start = numeric(left, ctx)
            end = day_of_month(int(right), replace(ctx, start=start.day)) if start.day else start
        else:
            order = ctx.order or _order_in(left) or _order_in(right)
            ctx = replace(ctx, order=order)
            start = numeric(left, ctx)
            end = numeric(right, replace(ctx, start=start.day)) if start.day else start
        if end.day is None or start.day is None:
            return end
        return end_range(start, end)
    return refuse("unknown")


def _halves(text: str, mark: str) -> tuple[str, bool, str]:
    """Cut a text at the mark in its middle, if the two sides are then written alike."""
    parts = text.split(mark)
    if len(parts) not in (2, 6):
        return text, False, ""
    middle = len(parts) // 2
    left, right = mark.join(parts[:middle]), mark.join(parts[middle:])
    if left.isdecimal():
        return left, len(left) == len(right) == 8, right
    marks = [{c for c in side if c in "-/."} for side in (left, right)]
    return left, marks[0] >= marks[1], right


def _order_in(text: str) -> Order | None:
    parts = [int(p) for p in text.replace(".", "/").replace("-", "/").split("/") if p]
    first = parts[:2] if len(parts) == 2 or parts[-1] > 31 else parts[1:]
    if len(first) == 2 and first[0] != first[1] and (pair := order_pair(first[0], first[1])):
        return Order.MONTH_FIRST if pair == (first[0], first[1]) else Order.DAY_FIRST
    return None
