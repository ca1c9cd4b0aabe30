import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.people import Directory, split_names
from mapping.values import Department, Person, Team

TEAM = Team(
    name="产品部",
    people=(
        Person(
            name="张三",
            aliases=("zhangsan", "三哥"),
            department="技术部",
            email="zhangsan@example.com",
            accounts={"feishu": "ou_1"},
        ),
        Person(name="李四", aliases=("小李",), department="客服部"),
        Person(name="李小明", aliases=("小李",)),
        Person(name="Max"),
        Person(name="MAX", aliases=("Maximilian",)),
        Person(name="陈国"),
    ),
    departments=(Department(name="技术部", head="李四"), Department(name="市场部")),
)
DIRECTORY = Directory(TEAM)


@pytest.mark.parametrize(
    "text",
    [
        "张三",
        " 張三 ",
        "@张三",
        "＠ 张三",
        "ZhangSan",
        "三哥",
        "ZHANGSAN@example.com",
        "ou_1",
        "张 三",
    ],
)
def test_one_person_by_every_name(text: str) -> None:
    person = DIRECTORY.person(text)
    assert person is not None
    assert person.name == "张三"


@pytest.mark.parametrize("text", ["", "王五", "技术部", "小李", "三", "张三丰", "@"])
def test_nobody_and_never_a_guess(text: str) -> None:
    assert DIRECTORY.person(text) is None


def test_names_that_fall_together_only_when_folded_are_kept_apart() -> None:
    assert [getattr(DIRECTORY.person(n), "name", None) for n in ("Max", "MAX")] == ["Max", "MAX"]
    assert DIRECTORY.person("max") is None


def test_traditional_characters_name_the_same_person() -> None:
    person = DIRECTORY.person("陳國")
    assert person is not None
    assert person.name == "陈国"


def test_departments() -> None:
    assert DIRECTORY.unit("技術部") == "技术部"
    assert DIRECTORY.unit("客服部") == "客服部"  # known from a person only
    assert DIRECTORY.unit("法务部") is None
    assert DIRECTORY.head_of(" 技術部") == "李四"
    assert DIRECTORY.head_of("市场部") is None
    assert DIRECTORY.head_of("客服部") is None
    assert DIRECTORY.head_of(None) is None


def test_the_department_of_a_person() -> None:
    assert DIRECTORY.department_of("张三") == "技术部"
    assert DIRECTORY.department_of("Max") is None
    assert DIRECTORY.department_of("王五") is None
    assert DIRECTORY.department_of(None) is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (None, ()),
        ("", ()),
        ("张三", ("张三",)),
        ("张三、李四，王五", ("张三", "李四", "王五")),
        ("张三/李四;王五；赵六", ("张三", "李四", "王五", "赵六")),
        ("张三 和 李四 及 王五", ("张三", "李四", "王五")),
        ("Ann and Bob & Carl", ("Ann", "Bob", "Carl")),
        ("Alexander Sand", ("Alexander Sand",)),
        ("客服部\n市场部\r\n", ("客服部", "市场部")),
        ("、，", ()),
    ],
)
def test_split_names(text: str | None, names: tuple[str, ...]) -> None:
    assert split_names(text) == names


@given(st.lists(st.sampled_from(["张三", "李四", "Ann Lee", "王五"]), max_size=5))
def test_what_is_joined_is_split(names: list[str]) -> None:
    assert split_names("、".join(names)) == tuple(names)
