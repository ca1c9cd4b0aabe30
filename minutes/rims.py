"""How owners and days stand at the beginning and at the end of a line. Pure."""

import re
from functools import lru_cache

AT = re.compile(
    r"(?<![\w.])[@＠]\s?([A-Z][A-Za-z.'-]+ [A-Z][A-Za-z'-]+(?=[\s,，)）、/]|$)"
    r"|[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?"
    r"|[\u3400-\u9fff]{1,3}[A-Za-z0-9][\u3400-\u9fffA-Za-z0-9]{0,6}(?=[\s,，:：、(（]|$)"
    r"|[\u3400-\u9fff]{2,4})"
)
BETWEEN = re.compile(r"[\s、,，/和及与&]*(?:and\s+)?")  # two names with an @
BRACKET = re.compile(
    r"\s*(?:【([^】]{1,40})】|\[([^\]]{1,40})\]|[(（]([^()（）]{1,40})[)）])\s*[:：]?\s*"
)
# As HackMD signs: [name=Ann] & [name=Bo]
NAMED = re.compile(r"\[name=([^\]]{1,40})\]")
NAMES_NAMED = re.compile(
    rf"\s*{NAMED.pattern}(?:\s*(?:[,，、/&]|and)?\s*{NAMED.pattern})*\s*[:：]?\s*"
)
COLUMN = re.compile(r"\S(?:[^\t]*?\S)??(?=\t+| {3,}|$)")
HANDLES = re.compile(r"[\w.-]{2,24}(?:\s*[,，、/&]\s*[\w.-]{2,24}){0,4}")
# What people write in brackets before a task and is no name.
TAGS = frozenset({
    "bug", "feature", "docs", "doc", "infra", "wip", "p0", "p1", "p2",
    "p3", "high", "low", "medium", "urgent", "optional", "new", "done", "todo",
    "test", "tests", "fix", "chore", "blocked", "closed", "open", "重要", "紧急",
    "高", "中", "低", "新增", "延续", "同意", "暂缓", "进行中", "已完成",
})  # fmt: skip
TO = re.compile(
    r"\s*([A-Z@][\w.'’-]*(?: [A-Z][\w.'’-]*){0,2}(?:(?:, (?:and )?| and | & | ?/ ?)"
    r"[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,2}){0,4}"
    r"|[Tt]eams?(?: members)?|[Ee]veryone|All|[a-z]{3,12}(?= to ))"
    r" (?:to|will|needs? to|must|should|shall|agreed to|took (?:an |the )?action to|takes? (?:an "
    r"|the )?action (?:to|of))"
    r" (?!be\b|the\b|a\b|an\b|date\b)(?=[a-z])"
)
COLON = re.compile(r"\s*([^:：]{1,60}?)\s*[:：]\s*(?=\S)")
DASH = re.compile(r"\s*([^|｜—–-]{1,60}?)\s*(?:\s[-–—]{1,2}\s|——?|[|｜])\s*(?=\S)")
BLANK = re.compile(
    r"\s*((?:[\u3400-\u9fff]{2,4})(?:[、,，/ ]\s?[\u3400-\u9fff]{2,4}){0,4}?)\s+(?=\S)"
)
CHARGE = re.compile(
    r"[,;:、\s]+由?(?P<who>[\u3400-\u9fff]{2,4}(?:[、,/和与及][\u3400-\u9fff]{2,4}){0,4}?)"
    r"(?:同学|老师|同志)?(?:主要|具体|来)?(?:负责|負責)(?=[,;。.\s]|$)"
)
TAIL = re.compile(r"\s*(?:[(（]([^()（）]{1,70})[)）]|\[([^\[\]]{1,40})\])[\s。.;；,，]*$")
OPEN_OWNER = re.compile(
    r"[,;]?\s*(?:负责人|责任人|跟进人|owner)\s*(?:为|是)?\s*(?:待定|未定|待确认|tbd)(?=[,;。]|$)",
    re.IGNORECASE,
)
ASIDE = re.compile(r"\s[-–—]{1,2}\s([^()（）\[\]—–]{2,30}?)\s*[(（]([^()（）]+)[)）]\s*$")
TAIL_DAY = re.compile(r"\s*[(（]([^()（）]{1,60})[)）]\s*[,，]?\s*([^()（）]{3,20})$")
AFTER_DASH = re.compile(
    r"(?:\s*-{2,}\s*|\s+[-–—]\s+|\s*——?\s*|[:：]\s*)([^-—–:：。]{1,50}?)[\s。.]*$"
)


@lru_cache(maxsize=8)
def joint(known: re.Pattern[str]) -> re.Pattern[str]:
    """Return a pattern for one or several of the known names."""
    return re.compile(
        f"\\s*(?:{known.pattern})(?:(?:、|和|与|及|, ?|/| and | & )(?:{known.pattern}))*"
    )


# What may follow a name directly if it is to do something: no word of speech, no past.
DOES = re.compile(
    r"\s?(?:一起|共同|分别|继续|"
    r"来)?(?=[\u3400-\u9fff])(?!通报|通过|提出|提到|提及|提议|反馈|反映|反对|汇报|表示|介绍)(?![的是说在已曾认也都未没不想要会需须应将必于、和与及])"
    r"(?!负责|牵头|主导|承担)"
)


def pieces(text: str) -> list[str]:
    """Split the inside of a bracket; a comma within an English date does not split it."""
    guarded = re.sub(r"([A-Z][a-z]{2,8}\.? \d{1,2}), (\d{4})", r"\1\0 \2", text)
    return [p.replace("\0", ",").strip() for p in re.split(r"[,，;；]", guarded) if p.strip()]
