"""The words that stand beside a day and say what it is: a limit, a start, an old day. Pure.

Kinds are those of ``dates_points.Form``.
"""

from mapping.days import MONTH_NAME, WEEKDAY_NAME
from minutes.dates_points import Form

ZH = (
    Form("T", "(?:当日|当天)?(?:下班|收工|打烊|日终)(?:之?前|以前)?|(?:当天|当日)(?:之?内|结束前)"),
    Form(
        ">",
        "(?:现|已|再|又|可|需|拟)?(?:延期|延后|延迟|延长|延缓|延|推迟|推后|顺延|调整|变更|更改|更新"
        "|修改|修订|改期|改|提前|后延|展延|展期|挪|移)(?:至|到|为|成)"
        "|现(?:改|调整|延期|定|计划)?(?:至|到|为)|->|=>|>>|→|⇒|➔|➜",
    ),
    Form(
        "k",
        "原(?![则因有型件])(?:定|计划|订|本|先|来|截止)?(?:完成|截止|交付)?(?:时间|日期|期限|日)?(?:于|为|是|在|:)?",
    ),
    Form(
        "K",
        "(?:(?:计划|要求|预计|预期|拟|应|最晚|最迟|目标)?"
        "(?:完成|交付|提交|截止|到期|截至|反馈|上线|办结)(?:日期|时间|时限|期限|节点|日)"
        "|完成|截止|交付|时限|期限|计划(?:时间|日期))"
        r"(?::|为|是|-{1,2}(?!\d))",
    ),
    Form(
        "p",
        "最晚|最迟|至迟|不得?[晚迟]于|截止[到至于]?|截至到?|赶在|(?<![权有无极受局额上下])限期?于?|期限",
    ),
    Form("n", r"\(?含(?:当[日天]|本[日数]|该日)?\)?|(?:自|从)?(?:即日|即刻)起(?=[至到])"),
    Form(
        "n",
        "不超过|计划于?|预计于?|预期|拟定?于?|定[于在为]|力争|争取|确保|暂定于?|于|在|的|当[天日]"
        "|原则上|时间|日期|初步|目标|节点|约定|现|已|再|时|务必|必须|须|应|需|请|要|可",
    ),
    Form(
        "y",
        "并?(?:完成|提交|提供|交付|上线|反馈|给出|给|输出|定稿|到位|发布|落实|办结|出具|回复|答复"
        "|确认|发出|闭环|结束|解决|更新|汇报|上报|报送)(?:完毕|完成)?",
    ),
    Form(
        "s",
        "(?:或|及|和|以及)?(?:之前|以前)|或更早|(?:之|以)?内|为?止|到期日?"
        # not 前提, 前端, 前期, 前一个 ...; but 前提交
        r"|前(?!提(?![交供出报升请示前醒])|[往台端期沿后景段置者述缀瞻锋辈一几三两十面任半缘\d])",
    ),
    Form("g", "(?:之|以)?后|起|开始|启动|以来|开工|启用"),
    Form("f", "自|从|由"),
    Form("h", "至|到|直到|直至"),
    Form("o", "或者?|和|及|与|并|还是"),
)

_MOVED = (
    "(?:(?:now|has been|was|is|been) ){0,3}(?:moved|postponed|pushed|changed|extended|delayed"
    "|rescheduled|re-scheduled|shifted|slipped|deferred|revised|updated|put|brought|bumped"
    "|amended|adjusted)"
)

EN = (
    Form(
        ">",
        f"{_MOVED}(?: (?:out|back|forward|up))?(?: to| until| till?)|(?:new|revised|updated|now):"
        "|new (?:due |target )?(?:date|deadline)(?: is|:)?|>>"
        rf"|now(?: due)?(?: on| by)?(?= (?:{MONTH_NAME}|{WEEKDAY_NAME}|\d|the |next |end ))",
    ),
    Form(
        "k",
        f"{_MOVED} from|original(?:ly)?(?: (?:planned|due|set|scheduled|date))?(?: for| date)?:?"
        "|previous(?:ly)?:?|formerly|was:?|old:?|instead of|rather than"
        "|not(?! (?:later|after|beyond|before))",
    ),
    Form(
        "K",
        "(?:due|deadline|ddl|target|eta|needed|complete|completion|delivery|finish|end|required)"
        "(?: (?:date|by|on|day|time)){0,2}(?: ?(?:::?|=)| is| -(?= ))"
        "|due(?: (?:by|on|date))?|deadline|ddl|eta|by when:?",
    ),
    Form(
        "p",
        "(?:by )?(?:no|not) later than|nlt|(?:on|by)(?: or |/)before|any ?time before|prior to"
        "|latest by|latest|by|before|until|till?|'til|up to|not after|ahead of|not beyond"
        "|in time for",
    ),
    Form(
        "s",
        "(?:at )?(?:the )?(?:very )?latest|or (?:before|earlier|sooner)|and no later"
        "|max(?:imum)?|at the outside",
    ),
    Form(
        "g",
        "onwards?|starting(?: from| on)?|start(?:s|ing)? (?:on|from)|after|since|begins?"
        "|beginning|from now on|and after|or later|kick-?off|launch",
    ),
    Form("f", "from|between"),
    Form("o", "or|and|&|and/or"),
    Form(
        "y",
        "(?:to be )?(?:done|complete[ds]?|completion|delivery|delivered|submit(?:ted)?|submission"
        "|finish(?:ed)?|ready|finali[sz]ed?|closed|sent|send|shared?|needed|required)",
    ),
    Form("h", "to|through|thru"),
    Form(
        "n",
        "on|at|the|of|for|in|is|but|if possible|please|pls|sharp|planned|target(?:ed)?"
        "|expected|scheduled|aim(?:ing)?(?: for)?|date|time|noon|midday|midnight|morning|afternoon"
        "|evening|am|pm|lunch(?:time)?|first thing|early|late|then|just|this|end|cst|gmt|utc"
        "|est|pst|bst|cet|et|pt|local time|close",
    ),
)
