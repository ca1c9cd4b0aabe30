"""What a team file and a service file may hold, key by key. The models are frozen.

One model for each kind of tracker and of channel, told apart by ``kind``.
"""

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Annotated, ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from mapping.values import MeetingType
from minuteloop.config_types import (
    Address,
    AppriseAddress,
    Cloud,
    Days,
    Duration,
    FieldName,
    Hours,
    Listen,
    MeetingTypes,
    NoticeKind,
    Port,
    QuietHours,
    RobotAddress,
    RuleIds,
    SecretText,
    StatusName,
    StatusWords,
    Text,
    Texts,
    TimeOfDay,
    Timeout,
    Topics,
    Weekday,
    Years,
)

Ways = tuple[tuple[str, ...], ...]


class Model(BaseModel):
    """Unknown keys are errors; values are what TOML says they are."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        arbitrary_types_allowed=True,
        validate_default=False,
    )


class Reader(Model):
    """A language model as a second reader for prose; off without a key."""

    base_url: Address
    model: Text
    key: SecretText | None = None
    timeout: Timeout = timedelta(seconds=30)


class Minutes(Model):
    """Where minutes come in and where they go."""

    inbox: Text = "inbox"
    archive: Text = "archive"
    approval: Literal["none", "host"] = "none"
    reader: Reader | None = None


class Store(Model):
    """Where the hub keeps what it knows."""

    url: Text = "sqlite:///minuteloop.db"


class Person(Model):
    """Somebody of the team."""

    name: Text
    aliases: Texts = ()
    department: Text | None = None
    email: Text | None = None
    feishu: Text | None = None
    jira: Text | None = None
    notion: Text | None = None
    airtable: Text | None = None
    teambition: Text | None = None
    dingtalk: Text | None = None
    wecom: Text | None = None
    mobile: Text | None = None


class Department(Model):
    """An organisational unit."""

    name: Text
    head: Text | None = None


class Only(Model):
    """What goes to a tracker; an empty list means all."""

    departments: Texts = ()
    owners: Texts = ()
    types: MeetingTypes = ()


class Tracker(Model):
    """What all kinds of trackers have.

    Attributes:
        ways: sets of keys of which exactly one has to be there as a whole (empty: no such choice).
    """

    ways: ClassVar[Ways] = ()

    name: Text
    every: Duration = timedelta(seconds=60)
    sensitive: bool = False
    adopt: bool = True
    only: Only = Only()
    fields: Mapping[FieldName, Text] = {}
    statuses: Mapping[StatusName, StatusWords] = {}


class Excel(Tracker):
    """A workbook."""

    kind: Literal["excel"]
    path: Text
    sheet: Text | None = None


class Feishu(Tracker):
    """A table of a Feishu or Lark base."""

    ways: ClassVar[Ways] = (("app_token",), ("wiki_token",))

    kind: Literal["feishu"]
    app_id: Text
    app_secret: SecretText
    app_token: Text | None = None
    wiki_token: Text | None = None
    table_id: Text
    base_url: Address = "https://open.feishu.cn"


class Jira(Tracker):
    """A project of Jira Cloud or Data Center."""

    ways: ClassVar[Ways] = (("email", "api_token"), ("token",))

    kind: Literal["jira"]
    server: Address
    email: Text | None = None
    api_token: SecretText | None = None
    token: SecretText | None = None
    project: Text
    issue_type: Text
    jql: Text | None = None
    base_url: Address | None = None


class Notion(Tracker):
    """A database of Notion."""

    ways: ClassVar[Ways] = (("data_source_id",), ("database_id",))

    kind: Literal["notion"]
    token: SecretText
    data_source_id: Text | None = None
    database_id: Text | None = None
    base_url: Address = "https://api.notion.com"


class Airtable(Tracker):
    """A table of Airtable."""

    kind: Literal["airtable"]
    token: SecretText
    base_id: Text
    table: Text
    base_url: Address = "https://api.airtable.com"


class GraphExcel(Tracker):
    """A workbook in OneDrive or SharePoint; without ``client_secret`` by device sign-in."""

    ways: ClassVar[Ways] = (("drive_id", "item_id"), ("share_url",))

    kind: Literal["graph-excel"]
    cloud: Cloud = "global"
    tenant_id: Text
    client_id: Text
    client_secret: SecretText | None = None
    drive_id: Text | None = None
    item_id: Text | None = None
    share_url: Address | None = None
    table: Text
    base_url: Address | None = None
    authority: Address | None = None


class Teambition(Tracker):
    """A project of Teambition."""

    kind: Literal["teambition"]
    app_id: Text
    app_secret: SecretText
    tenant_id: Text
    operator_id: Text
    project_id: Text
    base_url: Address = "https://open.teambition.com"


class DingtalkTable(Tracker):
    """A sheet of a DingTalk table."""

    kind: Literal["dingtalk"]
    app_key: Text
    app_secret: SecretText
    operator_id: Text
    base_id: Text
    sheet_id: Text
    base_url: Address = "https://api.dingtalk.com"


class WecomTable(Tracker):
    """A sheet of a WeCom smart table."""

    kind: Literal["wecom"]
    corp_id: Text
    secret: SecretText
    docid: Text
    sheet_id: Text
    base_url: Address = "https://qyapi.weixin.qq.com"


AnyTracker = Annotated[
    Excel
    | Feishu
    | Jira
    | Notion
    | Airtable
    | GraphExcel
    | Teambition
    | DingtalkTable
    | WecomTable,
    Field(discriminator="kind"),
]
TRACKERS: Mapping[str, type[Tracker]] = {
    get_args(model.model_fields["kind"].annotation)[0]: model
    for model in get_args(get_args(AnyTracker)[0])
}


class Rules(Model):
    """The thresholds of the handbook's rules."""

    off: RuleIds = ()
    remind_days_before: Days = 2
    digest_weekday: Weekday = "monday"
    digest_time: TimeOfDay = time(9)
    late_alert_working_days: Days = 3
    raise_to: str = ""
    important_types: MeetingTypes = (MeetingType.DECISION,)
    important_words: Texts = ("战略", "启动", "strategy", "kick-off")
    sensitive_words: Texts = ("财务", "战略", "机密", "confidential")
    leaders: Texts = ()
    verification: Literal["required", "off"] = "required"
    follow_up: Text = "host"
    minutes_within_hours: Hours = 24
    distribute_within_working_days: Days = 1
    max_topics: Topics = 5
    on_time_goal: Annotated[float, Field(ge=0, le=1)] = 0.8
    retention_years: Years = 2
    stale_after: Duration = timedelta(hours=24)
    quiet_hours: QuietHours = None


class Channel(Model):
    """What all kinds of channels have."""

    name: Text
    sends: Annotated[tuple[NoticeKind, ...], Field(strict=False)] = (
        *("minutes", "reminder", "digest", "alert", "finding", "review"),
    )


class DingtalkRobot(Channel):
    """A robot of a DingTalk group."""

    kind: Literal["dingtalk"]
    url: RobotAddress
    secret: SecretText | None = None


class WecomRobot(Channel):
    """A robot of a WeCom group."""

    kind: Literal["wecom"]
    url: RobotAddress


class FeishuRobot(Channel):
    """A robot of a Feishu or Lark group."""

    kind: Literal["feishu"]
    url: RobotAddress
    secret: SecretText | None = None


class TeamsWorkflow(Channel):
    """A workflow of Microsoft Teams that takes webhooks."""

    kind: Literal["teams"]
    url: RobotAddress


class Smtp(Channel):
    """Mail by a server."""

    kind: Literal["smtp"]
    host: Text
    port: Port | None = None
    security: Literal["tls", "starttls", "none"] = "tls"
    user: Text | None = None
    password: SecretText | None = None
    sender: Text


class GraphMail(Channel):
    """Mail by Microsoft Graph."""

    kind: Literal["graph-mail"]
    cloud: Cloud = "global"
    tenant_id: Text
    client_id: Text
    client_secret: SecretText
    sender: Text


class Apprise(Channel):
    """Any other service, by an Apprise URL; delivery is not confirmed."""

    kind: Literal["apprise"]
    url: AppriseAddress


AnyChannel = Annotated[
    DingtalkRobot | WecomRobot | FeishuRobot | TeamsWorkflow | Smtp | GraphMail | Apprise,
    Field(discriminator="kind"),
]
CHANNELS: Mapping[str, type[Channel]] = {
    get_args(model.model_fields["kind"].annotation)[0]: model
    for model in get_args(get_args(AnyChannel)[0])
}


class Web(Model):
    """The page and its address."""

    listen: Listen = "127.0.0.1:8765"
    token: SecretText | None = None


class TeamFile(Model):
    """A team file."""

    team: Text
    language: Literal["zh", "en"] = "zh"
    timezone: Text = "Asia/Shanghai"
    calendar: Text = "CN"
    workdays: Text | None = None
    minutes: Minutes = Minutes()
    store: Store = Store()
    people: Annotated[tuple[Person, ...], Field(strict=False)] = ()
    departments: Annotated[tuple[Department, ...], Field(strict=False)] = ()
    trackers: Annotated[tuple[AnyTracker, ...], Field(strict=False)] = ()
    rules: Rules = Rules()
    channels: Annotated[tuple[AnyChannel, ...], Field(strict=False)] = ()


class ServiceFile(Model):
    """What the team files beside it share."""

    store: Store = Store()
    rules: Rules = Rules()
    web: Web = Web()
    channels: Annotated[tuple[AnyChannel, ...], Field(strict=False)] = ()
