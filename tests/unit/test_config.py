"""The configuration: what is said of a wrong one, and what a right one gives."""

import re
import tomllib
from datetime import time, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from fakes.clock import FakeClock

from mapping.values import MeetingType, Status
from mapping.words import COLUMNS
from minuteloop import config, config_checks, config_files
from minuteloop import config_models as models
from minuteloop.config import ConfigError, load
from minuteloop.config_checks import carried_out
from minuteloop.config_messages import listed
from minuteloop.config_models import ServiceFile, TeamFile
from minuteloop.config_types import FieldName

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
EXCEL = '[[trackers]]\nname = "board"\nkind = "excel"\npath = "t.xlsx"\n'


def write(folder: Path, text: str, name: str = "product.toml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def lines_of(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(path)
    return list(caught.value.lines)


def test_a_file_with_nothing_but_its_team_has_the_defaults(tmp_path: Path) -> None:
    loaded = load(write(tmp_path, 'team = "产品部"'))
    (team,) = loaded.teams
    assert (team.name, team.settings.language, str(team.zone)) == ("产品部", "zh", "Asia/Shanghai")
    assert team.inbox == tmp_path / "inbox"
    assert team.archive == tmp_path / "archive"
    assert team.workdays is None
    assert team.store_url == f"sqlite:///{tmp_path.as_posix()}/minuteloop.db"
    assert team.trackers == ()
    assert (team.rules.digest_time, team.rules.stale_after) == (time(9), timedelta(hours=24))
    assert team.rules.important_types == (MeetingType.DECISION,)
    assert team.rules.quiet_hours is None
    assert loaded.warnings == ()


# what stands in a file whose team is right -> the one line that is said of it
ALLOWED = listed(carried_out()["trackers"])
CHANNELS = listed(carried_out()["channels"])
ONE_PROBLEM = [
    ("langage = 'zh'", 'langage: unknown key - did you mean "language"?'),
    ("language = 'de'", 'language: found "de", allowed: "zh", "en"'),
    (
        "timezone = 'Asia/Shangai'",
        'timezone: found "Asia/Shangai", which is no time zone - did you mean "Asia/Shanghai"?',
    ),
    ("calendar = 'XX'", 'calendar: "XX" is no country code (ISO 3166, two letters)'),
    ("calendar = 'DE-XX'", 'calendar: "DE-XX" is no part of DE with days of its own'),
    ("workdays = 'days.toml'", 'workdays: found "days.toml", there is no such file'),
    ("minutes = 5", "minutes: found 5, must be a table"),
    ("people = 'x'", 'people: found "x", must be a list'),
    ("[minutes]\ninbox = ''", "minutes.inbox: is empty, must be a text"),
    ("[minutes]\narchive = './inbox'", "minutes.archive: is the same folder as minutes.inbox"),
    (
        "[minutes]\napproval = 'all'",
        'minutes.approval: found "all", allowed: "none", "host"',
    ),
    (
        "[store]\nurl = 'postgresql://u:hunter2@h/db'",
        "store.url: PostgreSQL is not in this version yet, allowed: sqlite:///FILE",
    ),
    (
        "[store]\nurl = 'mysql://u:pw@h'",
        "store.url: found another address, allowed: sqlite:///FILE",
    ),
    ("[store]\nurl = 'sqlite://'", 'store.url: found "sqlite://", allowed: sqlite:///FILE'),
    ("[web]\nlisten = '127.0.0.1:1'", "web: unknown key - allowed: "),
    (
        "[[people]]\nalias = []\nname = '张三'",
        'people.张三.alias: unknown key - did you mean "aliases"?',
    ),
    ("[[people]]\nemail = 'a@b'", "people.#1.name: missing"),
    ("[[people]]\nname = '张三'\naliases = 'z'", 'people.张三.aliases: found "z", must be a list'),
    (
        "[[people]]\nname = '张三'\naliases = ['z', 5]",
        "people.张三.aliases.#2: found 5, must be a text",
    ),
    (
        "[[people]]\nname = '张三'\n[[people]]\nname = '张三'",
        "people.张三: stands here twice, a name must be unique",
    ),
    (
        "[[people]]\nname = '张三'\n[[departments]]\nname = '技术部'\nhead = '张二'",
        'departments.技术部.head: found "张二", who is not among the people - did you mean "张三"?',
    ),
    (
        "[[departments]]\nname = '技术部'\nhead = '张三'",
        (
            'departments.技术部.head: found "张三", who is not among the people'
            " - add [[people]] with this name"
        ),
    ),
    ("[rules]\nleaders = ['王五']", 'rules.leaders.#1: found "王五", who is not among the people'),
    ("[rules]\nfollow_up = 'owner'", 'rules.follow_up: found "owner", who is not among the people'),
    (
        "[rules]\noff = ['d2']",
        'rules.off.#1: found "d2", must be a rule\'s id such as D2 or F3 - did you mean "D2"?',
    ),
    ("[rules]\noff = ['Z9']", 'rules.off.#1: found "Z9", must be a rule\'s id such as D2 or F3'),
    (
        "[rules]\ndigest_weekday = 'Monday'",
        (
            'rules.digest_weekday: found "Monday", allowed: "monday", "tuesday", "wednesday",'
            ' "thursday", "friday", "saturday", "sunday" - did you mean "monday"?'
        ),
    ),
    (
        "[rules]\ndigest_time = '9:00'",
        'rules.digest_time: found "9:00", must be a time of day such as "09:00"',
    ),
    (
        "[rules]\nstale_after = '24'",
        'rules.stale_after: found "24", must be a duration such as "60s", "5m" or "24h"',
    ),
    (
        "[rules]\nquiet_hours = '21-8'",
        'rules.quiet_hours: found "21-8", must be "" or a span such as "21:00-08:30"',
    ),
    ("[rules]\nremind_days_before = -1", "rules.remind_days_before: found -1, must be at least 0"),
    (
        "[rules]\nremind_days_before = 999999999999",
        "rules.remind_days_before: found 999999999999, must be at most 366",
    ),
    (
        "[rules]\nlate_alert_working_days = 367",
        "rules.late_alert_working_days: found 367, must be at most 366",
    ),
    (
        "[rules]\ndistribute_within_working_days = 9999",
        "rules.distribute_within_working_days: found 9999, must be at most 366",
    ),
    (
        "[rules]\nminutes_within_hours = 100000000000000",
        "rules.minutes_within_hours: found 100000000000000, must be at most 744",
    ),
    ("[rules]\nmax_topics = 101", "rules.max_topics: found 101, must be at most 100"),
    ("[rules]\nretention_years = 0", "rules.retention_years: found 0, must be at least 1"),
    ("[rules]\nretention_years = 3000", "rules.retention_years: found 3000, must be at most 100"),
    ("[rules]\nmax_topics = '5'", 'rules.max_topics: found "5", must be a whole number'),
    ("[rules]\nmax_topics = true", "rules.max_topics: found true, must be a whole number"),
    ("[rules]\non_time_goal = 80", "rules.on_time_goal: found 80, must be at most 1"),
    (EXCEL + "feilds = {}", 'trackers.board.feilds: unknown key - did you mean "fields"?'),
    (EXCEL + "token = 'x'", "trackers.board.token: unknown key - allowed: adopt, every, fields, "),
    (EXCEL + "adopt = 'no'", 'trackers.board.adopt: found "no", must be true or false'),
    (
        EXCEL + "every = '0s'",
        'trackers.board.every: found "0s", must be a duration such as "60s", "5m" or "24h"',
    ),
    (
        EXCEL + "only = { types = ['decison'] }",
        (
            'trackers.board.only.types.#1: found "decison", allowed: "regular", "special",'
            ' "cross-department", "decision" - did you mean "decision"?'
        ),
    ),
    (
        EXCEL + "only = { owners = ['王五'] }",
        'trackers.board.only.owners.#1: found "王五", who is not among the people',
    ),
    (
        EXCEL + "[trackers.fields]\ndescripton = 'x'",
        'trackers.board.fields.descripton: unknown key - did you mean "description"?',
    ),
    (
        EXCEL + "[trackers.fields]\nnote = ' '",
        "trackers.board.fields.note: is empty, must be a text",
    ),
    (
        EXCEL + "[trackers.fields]\nnote = '状态'",
        'trackers.board.fields.note: found "状态", which is the column of status',
    ),
    (
        EXCEL + "[trackers.fields]\nnote = 'x'\nowner = 'x'",
        'trackers.board.fields.owner: found "x", which is the column of note',
    ),
    (
        EXCEL + "[trackers.statuses]\nclosed = 'x'",
        'trackers.board.statuses.closed: unknown key - did you mean "blocked"?',
    ),
    (
        EXCEL + "[trackers.statuses]\ndone = []",
        "trackers.board.statuses.done: is empty, must hold at least one text",
    ),
    (
        EXCEL + EXCEL.replace("t.xlsx", "u.xlsx"),
        "trackers.board: stands here twice, a name must be",
    ),
    (
        EXCEL + EXCEL.replace("board", "other").replace("t.xlsx", "./t.xlsx"),
        "trackers.other.path: is the same sheet as that of board",
    ),
    ("[[trackers]]\nname = 'board'\npath = 'x'", 'trackers.board.kind: missing - allowed: "excel"'),
    (
        "[[trackers]]\nname = 'board'\nkind = 'exel'",
        f'trackers.board.kind: found "exel", allowed: {ALLOWED} - did you mean "excel"?',
    ),
    (
        "[[trackers]]\nname = 'board'\nkind = 'memory'",
        'trackers.board.kind: found "memory", allowed: "excel"',
    ),
    ("[[trackers]]\nname = 'board'\nkind = 'excel'", "trackers.board.path: missing"),
    (
        (
            "[[trackers]]\nname = 'b'\nkind = 'teambition'\napp_id = 'a'\napp_secret = 'x'\n"
            "tenant_id = 't'\noperator_id = 'o'\nproject_id = 'p'"
        ),
        'trackers.b.kind: found "teambition", which is not in this version yet, allowed: "excel"',
    ),
    (
        "[[channels]]\nname = 'g'\nkind = 'teams'\nurl = 'https://example.com/hunter2'",
        f'channels.g.kind: found "teams", which is not in this version yet, allowed: {CHANNELS}',
    ),
    (
        "[[channels]]\nname = 'g'\nkind = 'sms'",
        f'channels.g.kind: found "sms", allowed: {CHANNELS}',
    ),
    (
        "[[channels]]\nname = 'g'\nkind = 'apprise'\nurl = 'hunter2'",
        "channels.g.url: must be an Apprise address, such as ntfy://example.com/topic",
    ),
    (
        "[[channels]]\nname = 'g'\nkind = 'smtp'\nhost = 'h'\nsender = 's'\nuser = 'u'",
        "channels.g: found user without password, must be both or neither",
    ),
]


@pytest.mark.parametrize(
    "url",
    ["ftp://x/hunter2", "https://", "http://[x/", "https://x:99999/", "https://a b", "hunter2"],
)
def test_an_address_that_is_none_is_told_and_not_shown(tmp_path: Path, url: str) -> None:
    text = f"team = 'x'\n[[channels]]\nname = 'g'\nkind = 'feishu'\nurl = '{url}'\n"
    (told,) = lines_of(write(tmp_path, text))
    assert told.endswith(
        "channels.g.url: must be the address of a webhook, such as https://example.com/…"
    )


@pytest.mark.parametrize(("text", "line"), ONE_PROBLEM, ids=[line for _, line in ONE_PROBLEM])
def test_a_problem_is_told_in_one_line(tmp_path: Path, text: str, line: str) -> None:
    (told,) = lines_of(write(tmp_path, f'team = "产品部"\n{text}\n'))
    assert told.startswith(f"product.toml: {line}")
    assert "hunter2" not in told


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, 'tem = "x"\n[[departments]]\nname = "d"\nhead = "nobody"\n', "a.toml")
    write(tmp_path, 'team = "b"\nlanguage = 5\n[rules]\nof = []\n', "b.toml")
    write(tmp_path, 'team = "c\n', "c.toml")
    write(tmp_path, '[web]\nlisten = "8765"\n', "service.toml")
    assert lines_of(tmp_path) == [
        "c.toml: line 1, column 10: invalid TOML: Illegal character '\\n'",
        'service.toml: web.listen: found "8765", must be host:port such as "127.0.0.1:8765"',
        "service.toml: web: the page is not in this version yet - take the table out",
        "a.toml: team: missing",
        'a.toml: tem: unknown key - did you mean "team"?',
        (
            'a.toml: departments.d.head: found "nobody", who is not among the people'
            " - add [[people]] with this name"
        ),
        'b.toml: language: found 5, allowed: "zh", "en"',
        'b.toml: rules.of: unknown key - did you mean "off"?',
    ]


JIRA = "[[trackers]]\nname='j'\nkind='jira'\nserver='https://j'\nproject='P'\nissue_type='Task'\n"


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("", "found neither, must be email and api_token, or token"),
        ("email = 'a@b'", "found email, must be email and api_token, or token"),
        (
            "email = 'a@b'\napi_token = 'x'\ntoken = 'y'",
            "found email and api_token and token, must be email and api_token, or token",
        ),
    ],
)
def test_one_way_to_sign_in_is_taken(tmp_path: Path, keys: str, line: str) -> None:
    assert f"product.toml: trackers.j: {line}" in lines_of(
        write(tmp_path, f"team = '产品部'\n{JIRA}{keys}")
    )


def test_a_missing_secret_is_told_and_a_present_one_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config_checks, "REGISTRY", {"jira": ""})
    monkeypatch.setenv("THERE", "hunter2")
    text = f"team = '产品部'\n{JIRA}"
    assert lines_of(write(tmp_path, f"{text}token = 'env:NOT_THERE'")) == [
        (
            "product.toml: trackers.j.token: missing secret:"
            " the environment variable NOT_THERE is not set"
        )
    ]
    assert lines_of(write(tmp_path, f"{text}token = 5"))[0].startswith(
        "product.toml: trackers.j.token: must be a text: "
    )
    loaded = load(write(tmp_path, f"{text}token = 'env:THERE'"))
    assert loaded.warnings == ()
    assert "hunter2" not in repr(loaded)
    assert [secret.reveal() for secret in loaded.secrets] == ["hunter2"]
    setup = loaded.teams[0].setup(loaded.teams[0].trackers[0], FakeClock())
    assert setup.options["token"] == "hunter2"
    assert "hunter2" not in repr(setup)


READER = 'team = "产品部"\n[minutes.reader]\nbase_url = "https://x.example/v1"\nmodel = "m"\n'


def test_a_second_reader_needs_its_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READER_KEY", "hunter2")
    assert load(write(tmp_path, 'team = "产品部"')).teams[0].settings.minutes.reader is None
    off = load(write(tmp_path, READER))
    assert off.warnings == ("product.toml: minutes.reader: has no key, so nobody is asked",)
    on = load(write(tmp_path, READER + 'key = "env:READER_KEY"'))
    assert on.warnings == ()
    assert [secret.reveal() for secret in on.secrets] == ["hunter2"]
    assert "hunter2" not in repr(on)
    reader = on.teams[0].settings.minutes.reader
    assert reader is not None
    assert reader.timeout == timedelta(seconds=30)


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ('ky = "x"', 'ky: unknown key - did you mean "key"?'),
        ('key = "env:NO_KEY"', "key: missing secret: the environment variable NO_KEY is not set"),
        ('timeout = "6m"', 'timeout: found "6m", must be at most "5m"'),
        ("timeout = 6", 'timeout: found 6, must be a duration such as "60s", "5m" or "24h"'),
    ],
)
def test_what_is_wrong_with_a_second_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, line: str
) -> None:
    monkeypatch.delenv("NO_KEY", raising=False)
    assert lines_of(write(tmp_path, READER + told)) == [f"product.toml: minutes.reader.{line}"]


def test_a_literal_secret_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config_checks, "REGISTRY", {"jira": ""})
    loaded = load(write(tmp_path, f"team = '产品部'\n{JIRA}token = 'hunter2'"))
    assert loaded.warnings == (
        (
            'product.toml: trackers.j.token: a secret in the file - better "env:NAME", "file:PATH"'
            ' or "keyring:SERVICE/USER"'
        ),
    )


def test_team_names_are_unique_in_a_folder(tmp_path: Path) -> None:
    write(tmp_path, 'team = "产品部"', "a.toml")
    write(tmp_path, 'team = "产品部"', "b.toml")
    assert lines_of(tmp_path) == ['b.toml: team: found "产品部", which a.toml has already']


def test_two_teams_whose_ids_begin_alike_are_refused(tmp_path: Path) -> None:
    write(tmp_path, 'team = "team-84"', "a.toml")
    write(tmp_path, 'team = "team-296"', "b.toml")
    assert lines_of(tmp_path) == [
        "b.toml: team: ids would begin as those of team-84 - choose another name"
    ]


def test_a_folder_holds_teams_a_service_file_and_working_days(tmp_path: Path) -> None:
    write(tmp_path, 'team = "甲"\nworkdays = "days.toml"\n[rules]\nmax_topics = 7', "a.toml")
    write(tmp_path, 'team = "乙"\n[store]\nurl = "sqlite:///own.db"', "b.toml")
    write(tmp_path, 'holidays = ["2024-12-24"]', "days.toml")
    shared = (
        '[store]\nurl = "sqlite:///all/x.db"\n[rules]\nmax_topics = 9\nquiet_hours = "21:00-08:30"'
    )
    write(tmp_path, shared, "service.toml")
    one, two = load(tmp_path).teams
    assert (one.name, two.name) == ("甲", "乙")
    assert (one.rules.max_topics, two.rules.max_topics) == (7, 9)
    assert one.rules.quiet_hours == two.rules.quiet_hours == (time(21), time(8, 30))
    assert one.store_url.endswith("/all/x.db")
    assert two.store_url.endswith("/own.db")
    assert one.workdays == tmp_path / "days.toml"


def test_a_person_whom_shared_rules_name_must_be_in_each_team(tmp_path: Path) -> None:
    write(tmp_path, 'team = "甲"\n[[people]]\nname = "张三"', "a.toml")
    write(tmp_path, 'team = "乙"\n[rules]\nraise_to = ""', "b.toml")
    write(tmp_path, 'team = "丙"', "c.toml")
    write(tmp_path, '[rules]\nraise_to = "张三"', "service.toml")
    assert lines_of(tmp_path) == [
        (
            'service.toml: rules.raise_to: found "张三", who is not among the people'
            " - add [[people]] with this name"
        )
    ]
    write(tmp_path, 'team = "丙"\n[[people]]\nname = "三"\naliases = ["张三"]', "c.toml")
    assert [team.rules.raise_to for team in load(tmp_path).teams] == ["张三", "", "三"]


def test_a_file_of_working_days_is_checked_with_the_rest(tmp_path: Path) -> None:
    write(tmp_path, 'team = "甲"\nworkdays = "days.toml"\nlanguage = "x"', "a.toml")
    write(tmp_path, 'holiday = []\nworkdays = ["2027-13-01"]', "days.toml")
    assert lines_of(tmp_path / "a.toml") == [
        'a.toml: language: found "x", allowed: "zh", "en"',
        'a.toml: workdays: holiday: unknown key - did you mean "holidays"?',
        (
            'a.toml: workdays: workdays[0]: "2027-13-01" is no day - write 2027-02-05'
            ' or "2027-02-05..2027-02-11"'
        ),
    ]


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("product.toml", b'team = "\xb2\xfa"', "product.toml: is not UTF-8 text (at byte 8)"),
        ("service.toml", b"", "service.toml: is what team files share - name a team file or the"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str, content: bytes, line: str) -> None:
    (tmp_path / name).write_bytes(content)
    (told,) = lines_of(tmp_path / name)
    assert told.startswith(line)


def test_no_file_and_an_empty_folder(tmp_path: Path) -> None:
    assert lines_of(tmp_path / "x.toml") == [
        f"{tmp_path}/x.toml: cannot be read: No such file or directory"
    ]
    assert lines_of(tmp_path) == [f"{tmp_path}: holds no team file - `minuteloop init` writes one"]


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    file = tmp_path / "product.toml"
    file.write_bytes(b'\xef\xbb\xbfteam = "A"\r\nlanguage = "en"\r\n')
    assert load(file).teams[0].settings.language == "en"


PEOPLE = """
[[people]]
name = "张三"
aliases = ["zhangsan", "老张"]
department = "技术部"
feishu = "ou_1"
mobile = "+86"
[[people]]
name = "李四"
aliases = ["老张"]
[[departments]]
name = "技术部"
head = "zhangsan"
"""


def test_the_team_as_the_layers_below_take_it(tmp_path: Path) -> None:
    (team,) = load(write(tmp_path, f'team = "产品部"\nlanguage = "en"\n{PEOPLE}')).teams
    value = team.team()
    assert (value.name, value.language) == ("产品部", "en")
    first, second = value.people
    assert (first.name, first.aliases) == ("张三", ("zhangsan", "老张"))
    assert (first.department, first.mobile, first.email) == ("技术部", "+86", None)
    assert (first.accounts, second.accounts) == ({"feishu": "ou_1"}, {})
    assert value.departments[0].head == "张三"


def test_an_alias_of_two_people_names_nobody(tmp_path: Path) -> None:
    text = f'team = "产品部"\n{PEOPLE}'.replace('head = "zhangsan"', 'head = "老张"')
    assert lines_of(write(tmp_path, text))[0].startswith(
        'product.toml: departments.技术部.head: found "老张", who is not among the people'
    )


def test_what_a_connector_is_built_with(tmp_path: Path) -> None:
    text = f'team = "产品部/一"\n{PEOPLE}{EXCEL}only = {{ owners = ["zhangsan"] }}\n'
    text += '[trackers.fields]\nnote = "说明"\n[trackers.statuses]\nlate = ["延误", "进行中"]\n'
    (team,) = load(write(tmp_path, text)).teams
    (tracker,) = team.trackers
    clock = FakeClock()
    setup = team.setup(tracker, clock)
    assert (setup.name, setup.team, setup.language) == ("board", "产品部/一", "zh")
    assert setup.options == {"path": "t.xlsx", "sheet": None}
    assert setup.columns == {**COLUMNS["zh"], "note": "说明"}
    assert setup.named == {"note"}
    assert setup.statuses[Status.LATE] == ("延误", "进行中")
    assert setup.statuses[Status.IN_PROGRESS] == ("进行中",)
    # so that 进行中 reads as the one the file names it for
    assert next(iter(setup.statuses)) == "late"
    assert setup.folder == str(tmp_path)
    assert Path(setup.state).parent.parent == tmp_path / ".minuteloop"
    assert Path(setup.state).name == "board"
    assert Path(setup.state).parent.name.startswith("产品部_一-")
    assert setup.clock is clock
    assert setup.people == team.team().people
    assert tracker.only.owners == ("张三",)


def test_where_a_configuration_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, here = tmp_path / "home", tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("APPDATA", str(home / "config"))
    monkeypatch.delenv("MINUTELOOP_CONFIG", raising=False)
    with pytest.raises(ConfigError, match=r"no configuration found .*`minuteloop init`"):
        config.find(None)
    platform = config_files.platform_folder()
    platform.mkdir(parents=True)
    assert config.find(None) == platform
    write(here, "", "minuteloop.toml")
    assert config.find(None) == Path("minuteloop.toml")
    monkeypatch.setenv("MINUTELOOP_CONFIG", "elsewhere")
    assert config.find(None) == Path("elsewhere")
    assert config.find(Path("given")) == Path("given")


# --- config.example.toml ---------------------------------------------------------------------------


def whole_example() -> dict[str, Any]:
    """Return the example with the keys that are commented out: a # and no blank."""
    text = EXAMPLE.read_text(encoding="utf-8")
    return tomllib.loads(re.sub(r"^#(?=[^\s#-])", "", text, flags=re.MULTILINE))


def test_the_example_is_a_configuration(tmp_path: Path) -> None:
    file = write(tmp_path, EXAMPLE.read_text(encoding="utf-8"))
    loaded = load(file)
    assert loaded.warnings == ()
    shown = loaded.teams[0].settings.model_dump(exclude={"people", "departments", "trackers"})
    defaults = TeamFile(team="产品部").model_dump(exclude={"people", "departments", "trackers"})
    assert shown == defaults  # the file says of these values that they are what is left out
    tracker = loaded.teams[0].trackers[0]
    assert dict(tracker.fields) == COLUMNS["zh"]


def keys(model: Any) -> set[str]:
    return set(model.model_fields)


def test_the_example_shows_every_key() -> None:
    raw = whole_example()
    web = raw.pop("web")
    ServiceFile.model_validate({"web": web})
    TeamFile.model_validate(raw)  # so it holds none that the models do not have
    first, channel = raw["trackers"][0], raw["channels"][0]
    shown = [
        (models.Web, web),
        (TeamFile, raw),
        (models.Minutes, raw["minutes"]),
        (models.Reader, raw["minutes"]["reader"]),
        (models.Store, raw["store"]),
        (models.Rules, raw["rules"]),
        (models.Person, raw["people"][0]),
        (models.Department, raw["departments"][0]),
        (models.Only, first["only"]),
    ]
    shown += [(models.TRACKERS[t["kind"]], {**first, **t}) for t in raw["trackers"]]
    shown += [(models.CHANNELS[c["kind"]], {**channel, **c}) for c in raw["channels"]]
    for model, table in shown:
        assert keys(model) <= set(table), model
    assert {t["kind"] for t in raw["trackers"]} == set(models.TRACKERS)
    assert {c["kind"] for c in raw["channels"]} == set(models.CHANNELS)
    assert set(first["fields"]) == set(get_args(FieldName)) == set(COLUMNS["zh"])
    assert set(first["statuses"]) == set(Status)


# --- texts of notices ---


def test_a_team_s_own_texts_are_part_of_its_configuration(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "D2-ahead.txt").write_text("加油\n- $description", encoding="utf-8")
    (team,) = load(write(tmp_path, 'team = "产品部"')).teams
    assert team.texts.keys() == {"D2-ahead"}


def test_nothing_runs_with_a_broken_text_told_once_with_all_else(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "D2-ahead.txt").write_text("加油 $nobody", encoding="utf-8")
    (folder / "reminder.txt").write_text("加油", encoding="utf-8")
    write(tmp_path, 'team = "产品部"\nlangage = "zh"', "a.toml")
    write(tmp_path, 'team = "技术部"', "b.toml")
    config_line, text_line, name_line = lines_of(tmp_path)
    assert config_line.startswith("a.toml: langage: unknown key")
    assert text_line.startswith("templates/D2-ahead.txt: line 1: unknown name $nobody")
    assert name_line.startswith("templates/reminder.txt: is no text of a notice")
