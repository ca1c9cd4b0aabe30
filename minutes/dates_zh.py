"""How Chinese writes days: the forms, in the order in which they are tried. Pure.

Text is plain already (``dates_scan.make_plain``): half-width, simplified, no blanks beside it.
"""

from dataclasses import replace
from datetime import date, timedelta

from mapping.days import HAN_YEAR, MIXED_YEAR, NUMBER, make_day, number, weekday_number, year_number
from minutes import dates_points as points
from minutes.dates_points import Context, Form, Parts, Point, refuse

_YEAR_WORDS = {
    "今": 0,
    "本": 0,
    "当": 0,
    "明": 1,
    "来": 1,
    "次": 1,
    "翌": 1,
    "后": 2,
    "去": -1,
    "前": -2,
}
_OFFSETS = {"下": 1, "次": 1, "下下": 2, "上": -1, "上上": -2}
_UNITS = {
    "工作日": "workday", "工作天": "workday", "天": "day", "日": "day", "周": "week",
    "星期": "week", "礼拜": "week", "月": "month", "年": "year", "小时": "hour",
    "自然日": "day", "日历日": "day", "日历天": "day", "自然天": "day",
}  # fmt: skip
_HOLIDAYS = {"十一": "国庆", "劳动": "五一", "新年": "元旦"}
_DAY_WORDS = {
    **dict.fromkeys(("今天", "今日", "本日", "今晚", "今早", "今夜"), 0),
    **dict.fromkeys(("明天", "明日", "明晚", "明早"), 1),
    **dict.fromkeys(("后天", "后日"), 2),
    **dict.fromkeys(("昨天", "昨日", "昨晚"), -1),
    "大后天": 3,
    "前天": -2,
}


def _offset(word: str | None) -> int:
    return _OFFSETS.get((word or "").rstrip("个一的月"), 0)


def _number(m: Parts, name: str) -> int:
    return number(m.get(name) or "") or 0


def _year(m: Parts, ctx: Context) -> int | None:
    if word := m.get("ry"):
        return (ctx.reference.year if ctx.reference else 0) + _YEAR_WORDS[word[0]]
    return year_number(m.get("y") or "") if m.get("y") else None


def _lost(m: Parts, ctx: Context) -> bool:
    return ctx.reference is None and bool(m.get("ry"))


def _day(m: Parts, ctx: Context) -> Point:
    if _lost(m, ctx):
        return refuse(points.NO_REFERENCE)
    if m.get("rm"):
        return points.in_month(_offset(m.get("rm")), _number(m, "d"), ctx)
    return points.on(_year(m, ctx), _number(m, "m"), _number(m, "d"), ctx)


def _span(m: Parts, ctx: Context) -> Point:
    start = _day(m, ctx) if m.get("m") or m.get("rm") else _day_of_month(m, ctx)
    if start.day is None:
        return start
    end = points.on(start.day.year, start.day.month, _number(m, "e"), ctx)
    return points.end_range(replace(start, floating=False), end)


def _day_of_month(m: Parts, ctx: Context) -> Point:
    return points.day_of_month(_number(m, "d"), ctx)


def _two(m: Parts, ctx: Context) -> Point:  # noqa: ARG001  # whatever they are
    return refuse("two_dates")


def _month_end(m: Parts, ctx: Context) -> Point:
    if _lost(m, ctx):
        return refuse(points.NO_REFERENCE)
    if m.get("m"):
        return points.end_of(_year(m, ctx), _number(m, "m"), ctx)
    return points.in_month(_offset(m.get("rm")), None, ctx)


def _quarter_end(m: Parts, ctx: Context) -> Point:
    if _lost(m, ctx):
        return refuse(points.NO_REFERENCE)
    if m.get("q"):
        return points.end_of(_year(m, ctx), 3 * _number(m, "q"), ctx)
    if m.get("h"):
        return points.end_of(_year(m, ctx), 6 if m.get("h") in ("上", "1") else 12, ctx)
    return points.end_of_quarter(_offset(m.get("rel")), ctx)


def _year_end(m: Parts, ctx: Context) -> Point:
    if _lost(m, ctx):
        return refuse(points.NO_REFERENCE)
    return points.end_of_year(_year(m, ctx), ctx)


def _weekday(m: Parts, ctx: Context) -> Point:
    return points.next_weekday(weekday_number(m.get("w") or ""), ctx)


def _day_of_week(m: Parts, ctx: Context) -> Point:
    return points.in_week(weekday_number(m.get("w") or ""), _offset(m.get("rel")), ctx)


def _week_end(m: Parts, ctx: Context) -> Point:
    weekend = "末" in (m.get("tail") or "")
    return points.end_of_week(_offset(m.get("rel")), ctx, weekend=weekend)


def _nth(m: Parts, ctx: Context) -> Point:
    end = _month_end(m, ctx)
    nth = number(m.get("n") or "") if m.get("n") else 0
    weekday = weekday_number(m.get("w") or "") if m.get("w") else None
    return points.nth_in_month(nth or 0, weekday, end.day and end.day.replace(day=1), ctx)


def _day_word(m: Parts, ctx: Context) -> Point:
    if ctx.reference is None:
        return refuse(points.NO_REFERENCE)
    return points.relative(ctx.reference + timedelta(days=_DAY_WORDS[m.get("day") or ""]))


def _after(m: Parts, ctx: Context) -> Point:
    unit = _UNITS[m.get("unit") or ""]
    if m.get("n") == "半":
        halves = {"year": (6, "month"), "month": (15, "day")}
        return points.after(*halves[unit], ctx) if unit in halves else refuse("vague_word")
    return points.after(number(m.get("n") or "") or 0, unit, ctx)


def _before_holiday(m: Parts, ctx: Context) -> Point:
    if _lost(m, ctx):
        return refuse(points.NO_REFERENCE)
    return points.before_holiday(*_holiday(m, ctx))


def _after_holiday(m: Parts, ctx: Context) -> Point:
    if _lost(m, ctx):
        return refuse(points.NO_REFERENCE)
    name, ctx = _holiday(m, ctx)
    return points.workday_after_holiday(name, _number(m, "n") or 1, ctx)


def _holiday(m: Parts, ctx: Context) -> tuple[str, Context]:
    """Return a holiday's name and, where its year is told, the eve of that year to count from."""
    name, year = m.get("name") or "", _year(m, ctx)
    if year and make_day(year, 1, 1):
        ctx = replace(ctx, reference=date(year - 1, 12, 31))
    return _HOLIDAYS.get(name, name), ctx


_Y = (
    rf"(?:(?P<y>{HAN_YEAR})度?的?|(?P<y>{MIXED_YEAR})(?={NUMBER}月)"
    r"|(?P<ry>今年|本年|当年|明年|来年|次年|翌年|后年|去年|前年)度?的?)"
)
_M = rf"(?P<m>{NUMBER})月"
_RM = r"(?P<rm>(?:本|这个?|当|下下个?|下一?个?|次|上上个?|上一?个?)月)份?的?"
_MONTH = rf"(?:{_Y}?{_M}份?|{_RM})"
_D = rf"(?P<d>{NUMBER})(?:[日号](?![楼线机位文码])|(?![\d个天周月年时点:/%.]))"
_TO = r"(?:~|-{1,2}|至|到)"
_END = r"(?:底|末|内|之内|以内|结束(?:之?前|以前)?|最后一[天日])"
_WEEK = r"(?:周|星期|礼拜)"
_REL = r"(?P<rel>本|这一?个?|下下个?|下一?个?|上上个?|上一?个?)"
# 周一定, 周日常: the sign belongs to the next word
_W = (
    r"(?P<w>[一二三四五六日天]|[1-7](?!\d))"
    "(?!定|些|个|起|直|般|共|并|同|[次名项份轮期年]|日常|常|程|报|志)"
)
_N = r"(?P<n>\d{1,4}|[一二两三四五六七八九十]{1,3})"
_FROM_NOW = (
    r"(?:(?:自|从)?(?:即日|今日|今天|今|本次会议|会议)(?:起|开始)算?的?,?"
    r"|(?:本次|本)?会(?:议)?(?:结束)?(?:后|之后|以后)的?)?(?:未来|接下来|今后)?"
)
_HOLIDAY = (
    r"(?P<name>国庆|元旦|五一|劳动|新年|春节|端午|中秋|清明|十一(?!月))"
    r"(?:国际)?(?:劳动)?节?(?:长假|小长假|假期|放假|假)?"
)
_UNIT = r"(?P<unit>工作[日天]|自然[日天]|日历[日天]|[天日]|周|星期|礼拜|月|年|小时)"
_ROUGH = r"(?:初|上旬|中旬|下旬|中(?![旬国文心美日午]))"

FORMS = (
    # again and again
    Form(
        "r",
        rf"每(?:[个逢隔]?(?:\d{{0,2}}|[一二两三四五六七八九十]{{0,2}})个?)(?:工作日|双周|天|日|季度?|年|月|{_WEEK})"
        r"(?:[一二三四五六日天末底初]|\d{1,2}[日号]?)?",
    ),
    Form(
        "r",
        r"(?:逢|隔)[天日周月年][一二三四五六日]?|双周|按[日周月季年]度?(?![一二三四五六日\d底末])|定期|常态化",
    ),
    # the moon's calendar
    Form(
        "l",
        r"(?:农历|阴历|旧历)[一二三四五六七八九十正冬腊月初廿日\d]{0,10}"
        r"|(?:正月|腊月|冬月)[初十廿二三]?[一二三四五六七八九十]{0,2}|初[一二三四五六七八九十](?![中次步级稿版])|除夕|小年|元宵",
    ),
    # two months for one day, two days for one month: which of them is not told
    Form(
        "d",
        rf"(?<!\d)(?<!\d[-/.]){_Y}?\d{{1,2}}(?:/|{_TO})\d{{1,2}}月\d{{1,2}}(?:[日号]|(?!\d))",
        _two,
        full=True,
    ),
    Form(
        "d",
        rf"(?<!\d){_Y}?\d{{1,2}}月\d{{1,2}}[日号]?/\d{{1,2}}[日号](?![内后]|之内|之后|以内|以后)",
        _two,
        full=True,
    ),
    # days
    Form(
        "d",
        rf"(?:{_Y}?{_M}|{_RM})(?P<d>{NUMBER})[日号]?{_TO}(?P<e>{NUMBER})(?:[日号]|(?![\d月年个天点:./-]))",
        _span,
        full=True,
    ),
    Form("d", rf"(?P<d>{NUMBER})[日号]?{_TO}(?P<e>{NUMBER})[日号]", _span),
    Form("d", rf"(?:{_Y}?{_M}|{_RM}){_D}", _day, full=True),
    Form(
        "d",
        rf"(?P<y>{HAN_YEAR})(?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}})(?![-/.]?\d)[日号]?",
        _day,
        full=True,
    ),
    Form(
        "d",
        rf"{_MONTH}的?(?:第(?P<n>[一二三四五1-5])|最后一?)个?(?:{_WEEK}(?P<w>[一二三四五六日天])|工作日)",
        _nth,
    ),
    Form("d", rf"(?:{_MONTH}|(?<![个\d一二三四五六七八九十])月){_END}", _month_end),
    Form("d", rf"{_Y}?(?:第?(?P<q>[一二三四1-4])季度?){_END}", _quarter_end),
    Form("d", rf"{_Y}?(?:(?P<y>(?:20)?\d\d) ?)?q(?P<q>[1-4])(?:季度)?{_END}", _quarter_end),
    Form("d", rf"(?:(?P<rel>本|这个?|当|下一?个?|上一?个?)季度?|季度?){_END}", _quarter_end),
    Form("d", rf"{_Y}?(?P<h>[上下])半年度?{_END}", _quarter_end),
    Form("d", rf"{_Y}?h(?P<h>[12]){_END}", _quarter_end),
    Form(
        "d",
        rf"{_Y}年?{_END}|(?<![个半\d一二两三四五六七八九十])(?:全年|年度?){_END}|年终",
        _year_end,
    ),
    Form(
        "d",
        rf"{_REL}?{_WEEK}的?(?P<tail>内|之内|以内|末(?=之?前|以前)|末?结束(?:之?前|以前)|最后一?个?工作日)",
        _week_end,
    ),
    Form("d", rf"{_FROM_NOW}(?P<n>半)(?:个)?{_UNIT}(?:之内|以内|内|之?后|以后)(?!的)", _after),
    Form("d", rf"{_FROM_NOW}{_N}个?{_UNIT}(?:之内|以内|内)(?!的)", _after),
    Form(
        "d",
        rf"{_FROM_NOW}{_N}个?(?P<unit>工作[日天]|自然[日天]|天|{_WEEK}|月|年)(?:之后|以后|后)(?!的)",
        _after,
    ),
    Form(
        "d", r"(?P<n>[1-9](?!\d)|[一二两三四五六七八九])(?P<unit>日)(?:之后|以后|后)(?!的)", _after
    ),
    Form(
        "d",
        rf"{_Y}?{_HOLIDAY}(?:之?后|以后)的?(?:上班)?(?:第?(?P<n>[一二三四五1-5]|首)个?(?:工作[日天]|上班日)|(?:上班)?第一天上班"
        "|首日上班)",
        _after_holiday,
    ),
    Form("d", rf"{_Y}?{_HOLIDAY}(?:开始|到来)?(?:之?前|以前)", _before_holiday),
    Form("d", rf"{_REL}{_WEEK}的?(?:{_WEEK})?{_W}", _day_of_week),
    Form("d", rf"(?P<day>大后天|{'|'.join(w for w in _DAY_WORDS if w != '大后天')})", _day_word),
    Form("d", rf"(?:本月)?(?P<d>{NUMBER})[日号](?![楼线机位文码])", _day_of_month),
    Form("w", rf"{_WEEK}{_W}", _weekday),
    # a span of no known end
    Form(
        "v",
        rf"\d{{1,3}}{_TO}\d{{1,3}}个?{_UNIT}(?:内|左右)?|[两三][三五]个?{_UNIT}(?:内)?|(?:这|近|今明|明后"
        "|前)[几两天]天?|数[日天周月]内?|几个?[日天周月]内?",
    ),
    Form("b", rf"{_FROM_NOW}(?:{_N}|半)个?半?{_UNIT}(?!\w)"),
    Form(
        "v",
        rf"{_MONTH}{_ROUGH}|(?:{_Y}|年|月|季度?)(?:{_ROUGH}|上旬)"
        rf"|{_Y}?(?:第?[一二三四1-4]季度?|q[1-4]|[上下]半年)初",
    ),
    Form(
        "b",
        rf"{_MONTH}|{_Y}?(?:第?[一二三四1-4]季度|[上下]半年)|{_Y}|第?\d{{1,2}}周(?!年)"
        r"|(?:q[1-4]|h[12])(?! ?[-a-z\d])",
    ),
    Form(
        "b",
        rf"{_REL}(?:{_WEEK}末?|季度?)|周末|(?:本|这|当)?(?:学期|财年|迭代|版本|阶段)(?:内|末|底)?|{_HOLIDAY}(?:期间|后"
        "|以后|之后)?",
    ),
    Form(
        "v",
        r"待定|待议|待确认|待排期|待安排|待通知|另行通知|另定|未定|不定|暂无|暂缓|视.{0,8}而定|视情况|看情况|长期|持续(?:推进|跟进|进行)?|常年|"
        "近[期日来]|最近|日内|不日|有空|空闲|合适时|适时|后[期续]|以后再|再议|再定|节[前后]|年[前后]|假[前后]|会前|随时|滚动|逐步|陆续|进行中|推进中"
        "|(?:下次|下一次|下个|下回|上次)(?:的)?"
        r"(?:例会|周会|月会|会议|会|汇报|评审)?[前时上]?|.?假结束前?|同步|全程|中长期|短期|中期|阶段性",
    ),
    Form(
        "u",
        r"尽快|尽早|尽速|抓紧|马上|立即|立刻|即刻|即日(?!起[至到])起?|火速|速办|越快越好|越早越好|asap|紧急|加急|第一时间",
    ),
    Form("a", r"左右|前后|上下|大约|大概|约(?![定谈见请束稿])|估计|可能|或许|附近"),
    Form("e", r"(?:之日|之后|后|以后|完成|通过|结束|生效|验收|上线|启动|签订|发布|到货)起"),
)
