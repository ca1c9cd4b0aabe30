"""The patterns by which sentences give work to a document's people. Pure."""

import re
from dataclasses import dataclass
from functools import lru_cache

from minutes.owners import SURNAMES, People

DAY = "\x01"  # stands for each character of a day
_UNIT = (
    r"(?:(?:[一二三四五六七八九]|资讯|财务|行政|业务|企划|总务|技术|工程|采购|研发|人事|会计)组|"
    r"(?!全部|内部|外部|局部|大部|中部|本部|其中|之中|集中|分部)[^\W_]{1,8}?"
    r"(?:部|部门|中心|办公室|委员会|公司|车间|科|院|团队|小组|项目组|工作组|事业部|"
    r"专班|[一二三四五六七八九]组|处(?![理置罚于分在境方])|课(?![程题件堂时本后])|室(?![内外友]))(?![门长分位件署员員]))"
)
_ROLE = "主管|负责人|经理|组长|成员|汇报人|人员|代表|同事|班长|主任|委员|同学"
GROUP = (
    r"(?:各|全体|相关|有关|所有|其他)[\u3400-\u9fff]{0,5}?"
    rf"(?:(?:部门|单位|班组|科室|小组|项目|分公司|团队)的?(?:{_ROLE})|{_ROLE}|部门|单位|班组|"
    rf"科室|分公司|团队|方|人)"
)
_HAN_NAME = f"[{SURNAMES}][\u3400-\u9fff]{{1,2}}"
MODAL = "需要|需|须|应当|应于|应在|应|必须|务必|要|将|会(?![后议上前计员])|来|继续|尽快|负责"
LEAD = "主要负责|具体负责|统一负责|负责|牵头|主导|承担|跟进"
_EN_VERB = (
    r"(?:to|[Ww]ill|needs? to|has to|have to|must|shall|is going to|are going to|agreed to|"
    r"volunteered to|"
    r"offered to|promised to|took (?:an |the )?action(?: item)? to|takes? (?:an |the )?action(?: "
    r"item)? (?:to|of)|"
    r"take the action (?:to|of))"
)
EN_GROUP = (
    r"(?:[Ee]very(?:one|body)|[Aa]ll|[Tt]eam members|[Gg]roup members|[Tt]he team|"
    r"(?:[A-Z]{2,5} )?members|teams)"
)
EN_ROLE = r"(?:[Tt]he )?(?:Clerk|Secretary|Treasurer|Chair(?:man|woman|person)?|President)"


@dataclass(frozen=True, slots=True)
class Han:
    """The patterns of Chinese sentences for a document's people.

    Attributes:
        anchor: who is given work: ``who`` behind 由 or 请, or ``subject``; ``tail`` or ``does`` is
            what ties them to it.
        support: who helps.
    """

    anchor: re.Pattern[str]
    support: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Latin:
    """The patterns of English sentences for a document's people.

    Attributes:
        gives: X will …, X to ….
        orders: X: send …
    """

    gives: re.Pattern[str]
    orders: re.Pattern[str]


def _known(people: People) -> str:
    """Return the names of the people and units that are known, as one pattern."""
    return "|".join(p.pattern for p in (people.known, people.units) if p) or "(?!)"


@lru_cache(maxsize=8)
def han_of(people: People) -> Han:
    """Return the patterns of Chinese sentences; they are large, and made when they are needed."""
    atom = f"(?:(?:{_UNIT})?(?:{_known(people)})|{GROUP}|{_UNIT})"
    anyone = f"(?:{atom}|{_HAN_NAME}(?=(?:同志|老师)?(?:{LEAD}|[于在,]*{DAY})))"
    joint = r"(?:、|和|与|及|,|/)"
    many, many_any = (f"{a}(?:{joint}{a}){{0,4}}" for a in (atom, anyone))
    title = "(?:同志|老师|教授|博士|总|先生|女士|小姐|经理|主任|[处部科课]长)?"
    tail = f"(?:{LEAD}|{MODAL}|[于在]|,?{DAY}+(?:之?前|以前|内|底前)?,?)"
    gap = f"(?:\\s(?={LEAD}))?"  # Ann Lee 牵头
    anchor = re.compile(
        "(?:(?P<by>由)|请|责成|责令|委托|指定|指派|授权)"
        f"(?P<who>{many_any}){title}{gap}(?P<tail>(?:共同|分别|{tail})*)"
        f"|(?:^|(?<=[,:;。]))\\s*(?:[一二三四五六七八九十]是)?(?:后续|会后|同时|并|另|下一步|"
        f"其中)?(?P<subject>{many}){title}{gap}(?P<does>(?:共同|分别)?{tail}+)"
    )
    support = re.compile(
        f"[,;、]\\s*(?:并)?(?:由|请)?(?P<s>{many})\\s?(?:予以|给予|负责|做好|积极)?(?:协助|配合|支持|"
        f"协同|协办)[^,;。{DAY}]*"
    )
    return Han(anchor, support)


@lru_cache(maxsize=8)
def latin_of(people: People) -> Latin:
    """Return the patterns of English sentences."""
    name = f"(?:{_known(people)}|{EN_GROUP})"
    names = f"(?:{name}(?:(?:, and |, | and | & |/){name}){{0,4}})"
    gives = re.compile(
        rf"(?:^|(?<=[.;:,!?)>→–—-] )|(?<=[.;:)] {{2}})|(?<=then )|(?<=and "
        rf")|(?<=that ))@?(?P<s>{names})(?:[:,]| -)? (?P<v>{_EN_VERB}) (?=[a-z])"
    )
    orders = re.compile(rf"(?P<s>{names})\s?(?:,|:| -|–) (?P<w>[a-z]+)\b")
    return Latin(gives, orders)
