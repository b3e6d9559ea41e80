"""Names of schools in posts, by the rules of the domain page; the registry is that of the sample county."""

from __future__ import annotations

import re

import pytest

from classifier.schools import SchoolIndex
from config.schema.registry import FormerName, Registry, School

HERE = "清源县"


def codes(index: SchoolIndex, text: str, place: str | None = HERE) -> list[str]:
    """The registry codes of the schools that a text is about."""
    return [m.code for m in index.find(text, place) if m.code and not m.landmark]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("清源县第一中学周末补课", "QY001"),
        ("清源一中周末补课", "QY001"),
        ("县一中周末补课", "QY001"),
        ("一高周末补课", "QY001"),
        ("清源县１中的食堂", "QY001"),
        ("清源縣第一中學", "QY001"),
        ("县十一中门口很堵", "QY006"),
        ("清源县第11中学", "QY006"),
        ("实验二小的作业太多", "QY017"),
        ("二实小的作业太多", "QY017"),
        ("第二实验小学的作业太多", "QY017"),
        ("县实小的作业太多", "QY015"),
        ("柳河中心校收费", "QY023"),
        ("柳河镇小收费", "QY023"),
        ("柳河镇中心小学收费", "QY023"),
        ("双塘中学的宿舍", "QY010"),
        ("职教中心实习工资", "QY061"),
        ("县职高实习工资", "QY061"),
        ("县二幼的伙食", "QY050"),
        ("机关幼儿园的伙食", "QY049"),
        ("云雾村小的厕所", "QY036"),
        ("县特校招老师", "QY062"),
    ],
)
def test_derived_names_lead_to_their_school(index: SchoolIndex, text: str, code: str) -> None:
    assert codes(index, text) == [code]


WORDS = "今天 昨天 昨晚 周一 上周 反映 听说 为什么 请问 关于 投诉 外县老师调入"


@pytest.mark.parametrize("word", re.findall(r"\w+", WORDS))
def test_any_word_may_stand_before_the_county_one(index: SchoolIndex, word: str) -> None:
    assert codes(index, f"{word}县一中的事") == ["QY001"]
    assert codes(index, f"{word}县第二中学的事") == ["QY002"]


def test_a_county_that_a_dictionary_knows_has_its_own_first_school(index: SchoolIndex) -> None:
    [other] = index.find("湘潭县一中的老师", HERE)
    assert (other.span.surface, other.code, other.candidates) == ("湘潭县一中", None, ())


@pytest.mark.parametrize(
    "text",
    [
        "他一中午没有吃饭，孩子饿坏了",
        "这只是其中一中等规模的企业",
        "统一中考时间的通知",
        "十八届三中全会精神",
        "第四中全会",
        "三小时后才回电话",
        "高一高二都要上晚自习",
        "实验室的设备老旧",
        "中山路堵车",
        "育才驾校不退费",
        "朝阳区的房价",
        "一小区停水三天",
    ],
)
def test_pieces_of_other_words_are_no_schools(index: SchoolIndex, text: str) -> None:
    assert codes(index, text) == []


def test_eleventh_is_not_first(index: SchoolIndex) -> None:
    assert codes(index, "清源县十一中和清源县一中都在招生") == ["QY006", "QY001"]
    assert [m.span.surface for m in index.find("二十一中的老师", HERE)] == []


def test_second_experimental_is_not_the_experimental(index: SchoolIndex) -> None:
    assert codes(index, "第二实验小学的家长") == ["QY017"]
    assert codes(index, "实验小学的家长") == ["QY015"]


def test_a_campus_with_its_own_row_is_shown_by_its_own_name(index: SchoolIndex) -> None:
    assert codes(index, "实验小学城东校区的操场") == ["QY016"]


@pytest.mark.parametrize("text", ["一中的食堂涨价了", "实验小学的作业太多"])
def test_a_bare_name_counts_only_with_county_context(index: SchoolIndex, text: str) -> None:
    [unsure] = index.find(text, None)
    assert (unsure.name, unsure.code) == (None, None)
    assert unsure.candidates
    assert len(codes(index, text, HERE)) == 1
    assert len(codes(index, f"清源县的{text}", None)) == 1


def test_the_same_village_name_needs_its_township(index: SchoolIndex) -> None:
    [unsure] = index.find("向阳小学的围墙倒了", HERE)
    assert unsure.code is None
    assert set(unsure.candidates) == {"QY030", "QY033"}
    assert codes(index, "柳河镇向阳小学的围墙倒了") == ["QY030"]
    assert codes(index, "石桥乡有个向阳小学，围墙倒了") == ["QY033"]


@pytest.mark.parametrize("text", ["临川一中的老师", "临川县第一中学的老师", "市一中的老师", "临川县实验小学的老师", "柳河一中的老师"])
def test_another_place_has_schools_of_the_same_name(index: SchoolIndex, text: str) -> None:
    assert codes(index, text) == []


def test_an_alias_that_is_also_a_place_needs_its_type_word(index: SchoolIndex) -> None:
    assert codes(index, "育才小学的校服") == ["QY020"]
    assert codes(index, "育才的校服") == []
    assert codes(index, "白马希望小学缺老师") == ["QY038"]


def test_a_former_name_still_leads_to_the_school(index: SchoolIndex) -> None:
    assert codes(index, "城南中学（现在叫十一中）") == ["QY006"]
    assert codes(index, "原清源县聋校的老师") == ["QY062"]


@pytest.mark.parametrize(
    "text",
    ["某驾校不退费", "县委党校培训", "老年大学报名", "县技校的实习", "阳光托管班", "星火培训学校跑路", "临海大学的学生", "少林武校招生"],
)
def test_bodies_that_are_no_schools_of_ours(index: SchoolIndex, text: str) -> None:
    assert index.find(text, HERE) == ()


@pytest.mark.parametrize(
    "text",
    [
        "清源一中旁边的烧烤摊", "清源一中对面工地", "清源一中附近的网吧", "二手电动车九成新，清源一中门口自提",
        "学区房出售，清源一中学区，首付低，均价六千",
    ],
)
def test_a_place_reference_is_no_subject(index: SchoolIndex, text: str) -> None:
    [mention] = index.find(text, HERE)
    assert mention.landmark


def test_names_that_no_registry_knows_are_reported_with_their_span() -> None:
    text = "👍反映\nA3区博才小学和K8县第一中学都在补课，A市第十一中学也是"
    found = SchoolIndex(Registry()).find(text)
    assert {m.span.surface for m in found} == {"A3区博才小学", "K8县第一中学", "A市第十一中学"}
    assert all(m.name is None and m.code is None and text[m.span.start : m.span.end] == m.span.surface for m in found)


@pytest.mark.parametrize(
    "text",
    ["我们学校收费", "附近的小学太远", "公办幼儿园太少", "农村中学缺老师", "孩子上小学了", "各中小学校", "所有学校停课", "读高中多少钱"],
)
def test_kinds_of_schools_are_no_names(text: str) -> None:
    assert SchoolIndex(Registry()).find(text) == ()


def test_registry_names_with_coded_places() -> None:
    names = ("A7县第一中学", "K9县第一中学", "A7县天华小学", "C市第十六中学")
    index = SchoolIndex(Registry(schools=tuple(School(str(n), name) for n, name in enumerate(names, 1))))
    assert codes(index, "K9县一中补课", None) == ["2"]
    assert codes(index, "我在A7县，一中补课", None) == ["1"]
    assert codes(index, "天华小学补课", None) == ["3"]
    assert codes(index, "C市16中学补课", None) == ["4"]
    assert codes(index, "B2县一中补课", None) == []


def test_each_school_is_named_once_and_the_complaint_first(index: SchoolIndex) -> None:
    found = index.find("清源三中补课\n清源三中离清源四中不远，清源三中的家长都有意见", HERE)
    assert [m.code for m in found] == ["QY004", "QY005"]
    assert found[0].span.start == 0


def test_former_names_and_closed_schools_do_not_break_the_index() -> None:
    school = School("1", "清源县城关镇朝阳小学", former=(FormerName("红星小学"),), state="合并", township="城关镇")
    assert codes(SchoolIndex(Registry(schools=(school,)), ("清源县",)), "红星小学", "清源县") == ["1"]


def test_one_character_names_and_brackets_are_harmless() -> None:
    odd = Registry(schools=(School("1", "校"), School("2", "（）"), School("3", "A县(小学")))
    assert SchoolIndex(odd, ("清源县",)).find("校（）A县(小学", HERE) is not None
