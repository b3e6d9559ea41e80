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
    text = "👍反映\nA3区育禾小学和K8县第一中学都在补课，A市第十一中学也是"
    found = SchoolIndex(Registry()).find(text)
    assert {m.span.surface for m in found} == {"A3区育禾小学", "K8县第一中学", "A市第十一中学"}
    assert all(m.name is None and m.code is None and text[m.span.start : m.span.end] == m.span.surface for m in found)


@pytest.mark.parametrize(
    "text",
    ["我们学校收费", "附近的小学太远", "公办幼儿园太少", "农村中学缺老师", "孩子上小学了", "各中小学校", "所有学校停课", "读高中多少钱"],
)
def test_kinds_of_schools_are_no_names(text: str) -> None:
    assert SchoolIndex(Registry()).find(text) == ()


def test_registry_names_with_coded_places() -> None:
    names = ("A7县第一中学", "K9县第一中学", "A7县云溪小学", "C市第十六中学")
    index = SchoolIndex(Registry(schools=tuple(School(str(n), name) for n, name in enumerate(names, 1))))
    assert codes(index, "K9县一中补课", None) == ["2"]
    assert codes(index, "我在A7县，一中补课", None) == ["1"]
    assert codes(index, "云溪小学补课", None) == ["3"]
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


def registry(*names: str) -> SchoolIndex:
    """An index of schools that have nothing but a full name; their codes count from one."""
    return SchoolIndex(Registry(schools=tuple(School(str(n), name) for n, name in enumerate(names, 1))))


def surfaces(text: str) -> list[str]:
    """The names that a text is about where no registry knows any."""
    return [m.span.surface for m in SchoolIndex(Registry()).find(text) if not m.landmark]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("A7县青石坡第二小学", "青二小"),
        ("A7县青石坡第二小学", "青石坡二小"),
        ("A市师范大学附属小学", "师大附小"),
        ("A市第二中学附属小学", "二中附小"),
        ("A3区北岭教育集团云栖学校", "云栖学校"),
        ("A3区北岭教育集团云栖学校", "北岭云栖学校"),
        ("A3区北岭云栖小学", "云栖小学"),
        ("A3区云岭小学（城西校区）", "云岭小学城西校区"),
        ("A3区云岭小学城西校区", "云岭城西校区"),
        ("A7县蓝鲸湾国际幼儿园", "蓝鲸湾幼儿园"),
        ("A7县翠湖名邸幼儿园", "翠湖名邸公办幼儿园"),
        ("A7县翠湖名邸幼儿园", "翠湖名邸小区配套幼儿园"),
        ("A7县翠湖公办幼儿园", "翠湖幼儿园"),
        ("A7县晨川实验学校", "晨川学校"),
        ("A7县职业技术学校", "县职校"),
        ("A7县石坳镇马田完全小学", "马田小学"),
        ("C市第十六中学", "16中"),
    ],
)
def test_the_forms_that_people_use(name: str, said: str) -> None:
    place = name[: 3 if name[2] in "县区" else 2]
    index = registry(name)
    assert codes(index, f"我家在{place}，{said}收费", None) == ["1"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("一直以就近入云溪小学为由", ["云溪小学"]),
        ("如果青禾中学的大门不改", ["青禾中学"]),
        ("我是一名明川学校的家长", ["明川学校"]),
        ("我想咨询一下高新区云溪小学", ["高新区云溪小学"]),
        ("A3区何家湾小学的老师", ["A3区何家湾小学"]),
        ("A4市山杏镇秋田希望小学的老师", ["A4市山杏镇秋田希望小学"]),
        ("对A7县望溪镇马田完全小学的质疑", ["A7县望溪镇马田完全小学"]),
        ("A7县金色小船幼儿园涨价", ["A7县金色小船幼儿园"]),
        ("B市二中附小的位置", ["B市二中附小"]),
        ("C市双岭中心学校的补助", ["C市双岭中心学校"]),
        ("A7县解放小学的操场", ["A7县解放小学"]),
        ("A7县三中学校商店", ["A7县三中"]),
        ("给广大A7县一中学子一个解释", ["A7县一中"]),
        ("云栖幼儿园云溪小学都在招生", ["云栖幼儿园", "云溪小学"]),
    ],
)
def test_a_name_that_no_registry_knows_begins_where_it_begins(text: str, names: list[str]) -> None:
    assert surfaces(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "经网上曝光后学校改了", "七十年代除小学外还有初中", "卢山镇城区中小学划片", "A7县各中小学", "转为惠民幼儿园", "其他楼盘幼儿园",
        "大力发展公立幼儿园", "于该幼儿园的工作", "坚决取缔小学内小卖部", "外来务工人员小学入学", "回去上初三考高中", "几个小学都满了",
        "正规学校", "莫让学校变相收费", "某区幼儿园",
    ],
)  # fmt: skip
def test_a_kind_of_school_is_no_name_whatever_stands_before_it(text: str) -> None:
    assert surfaces(text) == []


@pytest.mark.parametrize(
    "text",
    ["云岭县一中的老师", "听说云岭县一中的老师", "沛县一中的老师", "外县一中的老师", "邻县实验小学", "景川一中的老师", "玉溪湾中心小学"],
)
def test_a_school_that_begins_with_another_name_is_not_ours(index: SchoolIndex, text: str) -> None:
    [other] = index.find(text, HERE)
    assert (other.code, other.candidates) == (None, ())


def test_the_kindergarten_of_another_county_is_any_of_them() -> None:
    index = registry("L5县幼儿园")
    assert codes(index, "在L5县，县幼儿园招生", None) == ["1"]
    assert index.find("反映A7县幼儿园开办的问题") == ()


def test_high_school_years_stand_before_the_first_school(index: SchoolIndex) -> None:
    assert codes(index, "高三一中补课") == ["QY001"]
    assert codes(index, "落实中央的要求") == []


@pytest.mark.parametrize(
    ("names", "text", "named"),
    [
        (("A7县青禾中学",), "反映A7县青禾中学的问题\n我是青禾学校的学生", ["A7县青禾中学"]),
        (("A市第二幼儿园（云湾幼儿园）", "A市云湾幼儿园"), "A市第二幼儿园（云湾幼儿园）招生\n云湾幼儿园", ["A市第二幼儿园"]),
        (("J7县第四中学",), "孩子在城东中学现在的J7县四中读书", ["J7县四中"]),
        (("A7县云溪小学",), "A7县云溪小学即现在的云水小学", ["A7县云溪小学"]),
        ((), "J市第十三中学（原杏园中学）太远", ["J市第十三中学"]),
        ((), "A4区江山郡公园幼儿园未开园\n江山郡幼儿园已移交", ["A4区江山郡公园幼儿园"]),
        ((), "云溪小学（云湾小学每班七十人）", ["云溪小学", "云湾小学"]),
        ((), "A市十一中和A市一中", ["A市十一中", "A市一中"]),
        ((), "A7县云溪小学和B2县云溪小学", ["A7县云溪小学", "B2县云溪小学"]),
        ((), "砂湾小学和砂湾第二小学", ["砂湾小学", "砂湾第二小学"]),
    ],
)
def test_one_school_under_two_names_is_listed_once(names: tuple[str, ...], text: str, named: list[str]) -> None:
    assert [m.span.surface for m in registry(*names).find(text) if not m.landmark] == named


def test_an_unknown_school_named_once_beside_the_one_that_it_is_about_is_background() -> None:
    index = registry("A7县青禾中学", "A7县望山中学")
    text = "反映A7县青禾中学的问题\n为什么不能放半月假？衡岭中学的学生就放。望山中学也补课"
    found = {m.span.surface: m.landmark for m in index.find(text)}
    assert found == {"A7县青禾中学": False, "衡岭中学": True, "望山中学": False}


@pytest.mark.parametrize(
    ("rest", "landmark"),
    [("为什么不放假？一中就放", True), ("老师是从一中调来的", True), ("一中也补课", False), ("一中和二中都补课", False)],
)
def test_a_bare_number_beside_the_school_in_the_title_is_a_measure(index: SchoolIndex, rest: str, landmark: bool) -> None:
    found = {m.code: m.landmark for m in index.find(f"清源三中补课\n{rest}", HERE)}
    assert (found["QY004"], found["QY001"]) == (False, landmark)


def test_a_branch_is_shown_by_its_own_name() -> None:
    assert [m.span.surface for m in registry("G市第一中学").find("反映G市一中云湖学校的校车")] == ["G市一中云湖学校"]
    assert surfaces("师大附中云湖中学的操场") == ["师大附中云湖中学"]


def test_an_unknown_school_counts_where_it_is_the_only_one_or_named_again() -> None:
    index = registry("A7县青禾中学")
    assert [m.landmark for m in index.find("衡岭中学补课")] == [False]
    text = "反映A7县青禾中学的问题\n衡岭中学补课。衡岭中学收费"
    assert {m.span.surface for m in index.find(text) if not m.landmark} == {"A7县青禾中学", "衡岭中学"}


def test_two_schools_are_both_candidates_with_their_spans(index: SchoolIndex) -> None:
    text = "清源三中和清源四中都在补课"
    assert [(m.code, text[m.span.start : m.span.end]) for m in index.find(text, HERE)] == [("QY004", "清源三中"), ("QY005", "清源四中")]


@pytest.mark.parametrize("text", ["", "\n", "学校", "第", "县", "中" * 5000, "一中" * 2000, "A" * 3000 + "小学", "（）（）小学（"])
def test_any_text_is_read_without_harm(index: SchoolIndex, text: str) -> None:
    assert isinstance(index.find(text, HERE), tuple)
