"""Words that documents and tools use for our fields and statuses, and the folding of text. Pure.

Folded text serves as a match key only: it is never stored or shown.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from mapping.values import Status

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufe0e\ufe0f]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_NOT_WORD = re.compile(r"[\W_]+")

# The names of columns where the team file names none.
COLUMNS = {
    "zh": {
        "description": "行动项描述",
        "owner": "负责人",
        "department": "所属部门",
        "due": "计划完成时间",
        "completed": "实际完成时间",
        "status": "状态",
        "deliverable": "交付成果",
        "note": "备注",
        "acceptance": "交付标准",
        "support": "配合部门",
        "meeting": "会议",
        "id": "编号",
    },
    "en": {
        "description": "Action",
        "owner": "Owner",
        "department": "Department",
        "due": "Due",
        "completed": "Completed",
        "status": "Status",
        "deliverable": "Deliverable",
        "note": "Notes",
        "acceptance": "Acceptance",
        "support": "Support",
        "meeting": "Meeting",
        "id": "ID",
    },
}
FIELDS = tuple(name for name in COLUMNS["zh"] if name != "id")
REQUIRED = ("description", "owner", "due", "status")

STATUSES = {
    "zh": {
        Status.IN_PROGRESS: "进行中",
        Status.DONE: "已完成",
        Status.LATE: "延期",
        Status.BLOCKED: "受阻",
    },
    "en": {
        Status.IN_PROGRESS: "In progress",
        Status.DONE: "Done",
        Status.LATE: "Late",
        Status.BLOCKED: "Blocked",
    },
}

# Words that people write for a status; whole cells only.
STATUS_WORDS = {
    Status.IN_PROGRESS: (
        *("进行中", "进行", "未开始", "待开始", "未完成", "待办", "待处理", "处理中", "推进中"),
        *("跟进中", "持续跟进", "正常", "按计划", "in progress", "open", "not started", "new"),
        *("ongoing", "to do", "todo", "doing", "pending", "started", "wip", "on track", "active"),
    ),
    Status.DONE: (
        *("已完成", "完成", "已办结", "办结", "已关闭", "关闭", "已结束", "已解决", "已落实"),
        *("已交付", "闭环", "已闭环", "done", "completed", "complete", "close", "closed"),
        *("finished", "resolved"),
    ),
    Status.LATE: (
        *("延期", "已延期", "逾期", "已逾期", "延迟", "延误", "滞后", "超期"),
        *("late", "delayed", "overdue", "postponed", "behind", "slipped"),
    ),
    Status.BLOCKED: (
        *("受阻", "阻塞", "卡住", "暂停", "搁置", "阻碍"),
        *("blocked", "on hold", "stuck", "waiting", "impeded"),
    ),
}

# What people call our fields in tables, labels and trackers; simplified, as ``fold`` gives it. The
# fields after ``id`` are met in documents only: a date that replaces the planned one, the running
# number, when a row was raised, an agenda's columns, and what stands for the work where no column
# names it.
HEADERS: Mapping[str, tuple[str, ...]] = {
    field: tuple(words.split(", "))
    for field, words in {
        "description": (
            "行动项描述, 行动项, 行动项目, 行动项目描述, 行动项内容, 行动, 行动计划, 任务, "
            "任务描述, 任务名称, 任务内容, 任务项, 工作, 工作事项, 工作内容, 工作任务, 工作项, "
            "工作安排, 事项, 事项描述, 事项内容, 待办, 待办事项, 待办项, 待办内容, 待追踪事项, "
            "追踪事项, 跟进事项, 跟踪事项, 落实事项, 决议事项, 督办事项, 办理事项, 具体事项, "
            "具体工作, 具体任务, 主要任务, 内容, 描述, 措施, 整改措施, 改进措施, 纠正措施, "
            "解决措施, 应对措施, 后续行动, 后续工作, 后续事项, 下一步行动, 下一步工作, "
            "下一步计划, 安排, 下一步, 要做的事, 做什么, 行动方案, 改善措施, 改善对策, 对策, "
            "整改事项, 待办任务, 待追踪项目, 追踪项目, 工作项目, 待办项目, 执行事项, 执行内容, "
            "工作任务描述, 行动事项, 行动项说明, 任务说明, 工作内容描述, 任务详情, 结论及行动项, "
            "任务事项, 待办描述, 主要工作, 主要工作内容, 行动方案描述, 追踪事项说明, 工作计划, "
            "整改内容, 改进事项, "
            "action, actions, action item, action items, action description, task, tasks, "
            "task name, task description, to do, what, item, items, description, work item, "
            "activity, follow up, follow up action, summary, follow up actions, next step, "
            "next steps, action point, action points, action required, actions required, title, "
            "to do item, corrective action, measure, measures, things to do, action to be taken, "
            "action plan, actions to be taken, required action, key actions, next action, "
            "task item, task details, work to be done"
        ),
        "owner": (
            "负责人, 负责, 责任人, 责任者, 责任, 承办人, 主办人, 主办, 担当, 执行人, 执行者, "
            "牵头人, 主责人, 主责, 第一责任人, 主要负责人, 经办人, 跟进人, 跟踪人, 处理人, "
            "落实人, 归属人, 所有者, 受理人, 办理人, 整改人, 完成人, 整改责任人, 指派给, 分配给, "
            "指派, 经手人, 谁, 谁负责, 人员, 负责人员, 承办, 负责者, 担当者, 对接人, 实施人, "
            "解决人, 项目负责人, 任务负责人, 行动负责人, 责任人员, 责任领导, 负责同学, 权责人, "
            "权责, "
            "认领人, 追踪人, 姓名, 主管, 负责窗口, 窗口, 承办单位人员, 执行人员, "
            "owner, owners, assignee, assignees, assigned to, assigned, assign, responsible, "
            "responsible person, person responsible, responsibility, dri, who, pic, "
            "person in charge, in charge, by whom, lead, action by, action owner, action owners, "
            "accountable, person, member, members, people, led by, responsible party, "
            "lead person, task owner, name, responsible owner, owned by, assigned person"
        ),
        "department": (
            "所属部门, 部门, 责任部门, 负责部门, 牵头部门, 主办部门, 承办部门, 单位, 责任单位, "
            "承办单位, 主办单位, 牵头单位, 负责单位, 主责部门, 执行部门, 归口部门, 所属团队, "
            "团队, 小组, 组别, 办理部门, 实施部门, 权责单位, 权责部门, 担当部门, 所属单位, "
            "整改部门, 落实部门, 主责单位, "
            "department, dept, team, unit, lead department, responsible department, owning team, "
            "group, division, function, lead team"
        ),
        "due": (
            "计划完成时间, 计划完成日期, 计划完成日, 计划完成, 完成时间, 完成日期, 完成日, "
            "预计完成时间, 预计完成日期, 预计完成日, 预计完成, 预定完成日, 预定完成日期, "
            "预定完成时间, 截止时间, 截止日期, 截止日, 截止, 截至日期, 截至时间, 期限, 时限, "
            "完成时限, 完成期限, 办理时限, 整改期限, 整改时限, 时间要求, 时间节点, 时间, 日期, "
            "到期日, 到期时间, 到期, 要求完成时间, 要求完成日期, 目标日期, 原计划, 原定时间, "
            "原计划时间, 原计划完成时间, 原定完成时间, 原定日期, 节点, 期望解决时间, "
            "期望完成时间, 期望时间, 解决时间, 解决期限, 闭环时间, 计划时间, 计划日期, 交付时间, "
            "交付日期, 提交时间, 提交日期, 限期, 何时, 什么时候, 计划完成时限, 应完成日期, "
            "应完成时间, 计划闭环时间, 承诺时间, 原定完成日, 计划完成节点, 完成节点, 预计时间, "
            "预计日期, 目标完成日, 目标完成日期, 目标时间, 截止日前, 日程, 期程, 预定日程, "
            "完成日程, "
            "due, due date, due by, due on, deadline, by, by when, when, date due, target, "
            "target date, planned, planned date, planned completion, date, target completion, "
            "target completion date, completion date, planned finish, original due, "
            "original due date, original date, finish by, end date, eta, expected, "
            "expected date, expected completion, timeline, timing, time frame, complete by, "
            "to be completed by, planned due, planned end, ddl, due day"
        ),
        "completed": (
            "实际完成时间, 实际完成日期, 实际完成日, 实际完成, 实际时间, 实际日期, 办结时间, "
            "办结日期, 实际办结时间, 关闭时间, 关闭日期, 闭环日期, 完成于, 实际办理时间, "
            "完成确认时间, "
            "completed, completed on, completed at, completion, date completed, "
            "actual completion, actual completion date, actual date, actual finish, actual, "
            "done on, closed on, date closed, finished, actual end, completed date, closed, "
            "actual finish date"
        ),
        "status": (
            "状态, 当前状态, 任务状态, 完成状态, 进度, 完成情况, 进展状态, 执行状态, 办理状态, "
            "办理情况, 落实情况, 是否完成, 完成与否, 执行情况, 整改状态, 状况, 目前状态, "
            "进度状态, 整改情况, 处理状态, 完成, 完成率, 完成百分比, 完成度, "
            "status, state, progress status, current status, completion status, done, complete, "
            "task status, completeness, percent complete"
        ),
        "deliverable": (
            "交付成果, 交付物, 成果, 成果物, 输出, 输出物, 产出, 产出物, 交付件, 产出成果, "
            "输出成果, 交付内容, 成果形式, 交付, "
            "deliverable, deliverables, output, outputs, result, artifact"
        ),
        "note": (
            "备注, 说明, 备注说明, 注, 附注, 补充说明, 原因, 未完成原因, 延期原因, "
            "未完成原因及解决办法, 延期说明, 原因说明, 进展, 进展情况, 进展说明, 目前进展, "
            "最新进展, 当前进展, 跟进情况, 跟进记录, 问题说明, 进度说明, 其他, 未完成原因及措施, "
            "存在问题, 执行说明, 备考, 未完成原因说明, "
            "notes, note, remarks, remark, comments, comment, reason, reasons, progress, update, "
            "updates, latest update, details, reason for delay"
        ),
        "acceptance": (
            "交付标准, 验收标准, 验收要求, 完成标准, 衡量标准, 考核标准, 成果标准, 验收条件, "
            "达成标准, 完成要求, 标准, 工作标准, 质量要求, 验收, 交付要求, 目标要求, 成果要求, "
            "验证标准, 完成定义, "
            "acceptance, acceptance criteria, acceptance criterion, acceptance standard, "
            "definition of done, done when, criteria, success criteria, standard, dod, "
            "completion criteria, success measure"
        ),
        "support": (
            "配合部门, 协办部门, 协同部门, 协助部门, 支持部门, 配合单位, 协办单位, 配合人, "
            "配合人员, 协办人, 协助人, 协同人, 支持人, 参与人, 协办, 配合, 协助, 协同, 协同单位, "
            "协助单位, 参与部门, 协作部门, 协作人, 支持, 配合方, 协作方, 配合部门及人员, "
            "support, supported by, supporting, supporting team, supporting department, helpers, "
            "helper, assist, assisted by, support from, with, contributors, "
            "supporting departments, supporting teams, supporting owner, assisting"
        ),
        "meeting": ("会议, 会议名称, 来源会议, 会议来源, meeting, source meeting, source"),
        "id": ("编号, 行动项编号, 任务编号, id, action id, item id"),
        "revised": (
            "调整后, 调整后时间, 调整后完成时间, 调整时间, 变更后, 变更后时间, 新完成时间, "
            "新计划, 新计划时间, 新计划完成时间, 新截止日期, 新截止时间, 延期至, 新时间, 现计划, "
            "现计划时间, 修订后, 修订日期, 修订时间, 调整后日期, 延期后时间, 改为, "
            "revised, revised due, revised due date, revised date, new due, new due date, "
            "new date, rescheduled, rescheduled to, moved to, updated due, current due"
        ),
        "number": (
            "序号, 序, 号, 项次, no, nr, num, number, ref, reference, sn, sr no, item no, action no"
        ),
        "raised": (
            "提出时间, 提出日期, 登记日期, 布置时间, 下达时间, 创建时间, "
            "meeting time, meeting date, date raised, raised on, raised, date opened, opened"
        ),
        "topic": (
            "议题, 议题名称, 会议议题, 主题, 讨论议题, 议程, 议程项, 讨论主题, 讨论事项, "
            "topic, topics, agenda, agenda item, agenda topic, subject, discussion, "
            "discussion topic, discussion item"
        ),
        "conclusion": (
            "结论, 决议, 决定, 讨论结果, 会议结论, 议定事项, 结论/决议, "
            "conclusion, decision, decisions, resolution, outcome of discussion"
        ),
        "presenter": (
            "汇报人, 报告人, 主讲人, 演讲人, 介绍人, 申报人, 发起人, 提出人, 分享人, "
            "presenter, presented by, speaker, reporter, raised by, requester"
        ),
        "duration": (
            "预计时长, 时长, 用时, 计划时长, 预计用时, 分钟, 时段, 起止时间, "
            "duration, minutes, length, planned minutes, time"
        ),
        "problem": (
            "问题, 问题描述, 遗留问题, 存在的问题, 主要问题, 待解决问题, 风险, 隐患, "
            "issue, issues, problem, problems, risk, finding, findings, open issue, "
            "open question, question"
        ),
    }.items()
}


@cache
def _converter() -> Any:
    import opencc  # noqa: PLC0415  # loads its tables: only where Chinese text is folded

    return opencc.OpenCC("t2s")


def clean(text: str) -> str:
    """Remove what nobody sees (zero-width, control, soft hyphen) and outer blanks; NFC."""
    text = _CONTROL.sub("", _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFC", text.replace("\u3000", " ").replace("\xa0", " ")).strip()


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Return a match key: NFKC, lower case, simplified characters, no blanks or punctuation."""
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    if _HAN.search(text):
        text = _converter().convert(text)
    return _NOT_WORD.sub("", text)


@cache
def _status_keys() -> dict[str, Status]:
    return {fold(word): status for status, words in STATUS_WORDS.items() for word in words}


def status_of(text: str) -> Status | None:
    """Return the status that a word stands for, None if it is none that people use."""
    return _status_keys().get(fold(text))


_ASIDE = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")
_PARTS = re.compile(r"[/／|｜\n]+")


@cache
def _header_keys() -> dict[str, str]:
    return {fold(word): name for name, words in HEADERS.items() for word in words}


@lru_cache(maxsize=4096)
def header_of(text: str) -> str | None:
    """Return the field that a column's header or a label names, None if it names none.

    The whole text counts first, then without its brackets (``负责人（姓名）``), then each part of a
    header that names two (``责任/负责人``), the last one first.
    """
    keys = _header_keys()
    if clean(text) == "#":
        return "number"
    for form in (text, _ASIDE.sub("", text)):
        if found := keys.get(fold(form)):
            return found
    parts = [keys.get(fold(part)) for part in _PARTS.split(_ASIDE.sub("", text))]
    return next((found for found in reversed(parts) if found), None)


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """Return a text in the form that patterns are written for, character by character.

    Half-width and simplified, of the same length: a span found in it holds in the text itself.
    """
    half = "".join(
        c if c < "\x80" else n if len(n := unicodedata.normalize("NFKC", c)) == 1 else c
        for c in text
    )
    if not _HAN.search(half):
        return half
    simple: str = _converter().convert(half)
    return simple if len(simple) == len(half) else half


# What people write into a cell to say that there is nothing (template 3), folded.
_NOTHING = frozenset(("", "无", "na", "none", "nil", "暂无", "没有"))


def is_placeholder(text: str) -> bool:
    """Say whether a cell's text only says that nothing is there: ``-``, ``无``, ``N/A``."""
    return fold(text) in _NOTHING
