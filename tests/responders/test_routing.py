"""Who answers: the table of rules.md, row by row, and what must never happen to the accused."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from config.schema import Config
from config.schema.rules import RoutingRule, When
from pipeline.domain.cases import Decision
from pipeline.domain.posts import Post
from pipeline.domain.readings import Clue, Reading, Span, TopicScore
from pipeline.domain.terms import Nature, OwnerKind, RedLine, Scope
from responders.commands import owner_pieces, owner_text
from responders.facts import of_readings
from responders.routing import route, route_reading

Make = Callable[..., Reading]
MakePost = Callable[..., Post]


@pytest.fixture
def decide(config: Config, post: MakePost, reading: Make) -> Callable[..., Decision]:
    """Routes one text under the default rules."""
    return lambda text, *args, **given: route_reading(reading(text, *args, **given), post(text), config)


# text · topics · schools named · what else was read → kind, party, rule
TABLE = [
    ("清源一中周末补课", "D4", {"清源一中": "QY001"}, {}, "school", "QY001", "one-school"),
    ("云雾教学点操场漏水", "A7", {"云雾教学点": "QY036"}, {}, "school", "QY025", "one-school"),
    ("柳河附设园伙食差", "A5", {"柳河附设园": "QY045"}, {}, "school", "QY023", "one-school"),
    ("实小城东校区收费", "D1", {"实小城东校区": "QY016"}, {}, "school", "QY015", "one-school"),
    ("茶场小学和云雾教学点没热水", "A7", {"茶场小学": "QY035", "云雾教学点": "QY036"}, {}, "school", "QY025", "one-school"),
    ("清源一中和清源二中都在补课", "D4", {"清源一中": "QY001", "清源二中": "QY002"}, {}, "bureau", "basic", "several-schools"),
    ("县里学区怎么划", "C1", {}, {}, "bureau", "basic", "bureau-topic"),
    ("清源三中拖欠绩效", "B2", {"清源三中": "QY004"}, {}, "bureau", "personnel", "bureau-topic"),
    ("新校区何时开工", "E5", {}, {}, "bureau", "finance", "bureau-topic"),
    ("向阳小学食堂有虫", "A5", {"向阳小学": "QY030|QY033"}, {}, "bureau", "desk", "school-ambiguous"),
    ("星辰小学食堂有虫", "A5", {"星辰小学": ""}, {}, "bureau", "desk", "school-unknown"),
    ("食堂有虫", "A5", {}, {}, "bureau", "desk", "default"),
    ("没有主题", "", {}, {}, "bureau", "desk", "default"),
    ("转学籍卡住了 清源二中", "C3", {"清源二中": "QY002"}, {}, "bureau", "basic", "records"),
    ("清源二中分班不公", "C3", {"清源二中": "QY002"}, {}, "school", "QY002", "class-placing"),
    ("县技校实习被骗", "C5", {}, {}, "external", "外部:人力资源和社会保障部门", "technician-school"),
    ("县技工学校不发证", "B2", {"县技工学校": ""}, {}, "external", "外部:人力资源和社会保障部门", "technician-school-named"),
    ("县职教中心实习扣钱", "C5", {"县职教中心": "QY061"}, {}, "school", "QY061", "one-school"),
    ("清源一中门口没有红绿灯", "A6", {"清源一中": "QY001"}, {}, "external", "外部:公安交管和交通部门", "roads"),
    ("柳河初中校车超载", "A6", {"柳河初中": "QY007"}, {}, "school", "QY007", "one-school"),
    ("小区小饭桌不卫生", "D3", {}, {}, "external", "外部:市场监督管理部门", "care-outside"),
    ("补习班跑路", "E1", {}, {}, "bureau", "private", "bureau-topic"),
    ("公办园怎么报名 县二幼", "E3", {"县二幼": "QY050"}, {}, "bureau", "preschool", "kindergarten-places"),
    ("小太阳幼儿园乱收费", "E3", {"小太阳幼儿园": "QY054"}, {}, "school", "QY054", "one-school"),
    ("清源一中老师猥亵", "A3", {"清源一中": "QY001"}, {}, "bureau", "moral", "sexual-topic"),
    ("清源一中老师不轨", "B1", {"清源一中": "QY001"}, {"redline": RedLine.SEXUAL_OFFENCE}, "bureau", "moral", "sexual-offence"),
    ("清源一中有学生想轻生", "A4", {"清源一中": "QY001"}, {"redline": RedLine.SUICIDE_RISK}, "bureau", "moral", "life-at-risk"),
    ("清源一中学生坠亡", "A1", {"清源一中": "QY001"}, {"redline": RedLine.DEATH_OR_INJURY}, "bureau", "safety", "grave"),
    ("会考泄题", "C2", {}, {"redline": RedLine.EXAM_LEAK}, "bureau", "exam", "exam-leak"),
    ("临川一中补课", "D4", {}, {"foreign_place": "临川县"}, "external", "外部:临川县教育主管部门", "elsewhere"),
    ("大学宿舍没空调", "", {}, {"scope": Scope.HIGHER_ED}, "external", "外部:高等教育和成人教育主管部门", "higher-education"),
    ("小区漏水", "", {}, {"scope": Scope.NONE}, "none", "", "not-education"),
    ("小区有人跳楼", "", {}, {"scope": Scope.NONE, "redline": RedLine.DEATH_OR_INJURY}, "bureau", "desk", "redline-outside"),
]


@pytest.mark.parametrize(("text", "topics", "schools", "given", "kind", "party", "rule"), TABLE, ids=[row[0] for row in TABLE])
def test_the_matter_goes_to_whoever_is_in_charge(
    decide: Callable[..., Decision],
    text: str,
    topics: str,
    schools: dict[str, str],
    given: dict[str, object],
    kind: str,
    party: str,
    rule: str,
) -> None:
    found = decide(text, topics, schools, **given)
    assert (found.kind.value, found.party, found.rule) == (kind, party, rule)


QUOTED = [
    ("县里的营养餐资金被挪用要求更严", ["餐资", "求更", "营养餐"], "营养餐", "营养餐"),
    ("县里的营养餐又涨费", ["费", "县里", "营养餐", "又涨"], "营养餐", "营养餐"),
    ("县里的事情真的要查", ["真的", "子有"], "", ""),
]
"""A text, what moved the model there, what a reason may quote of it."""


@pytest.mark.parametrize(("text", "clues", "quoted", "said"), QUOTED, ids=[row[0] for row in QUOTED])
def test_a_reason_quotes_whole_words_of_the_topics_alone(
    config: Config, post: MakePost, reading: Make, text: str, clues: list[str], quoted: str, said: str
) -> None:
    spans = [Span(w, text.find(w), text.find(w) + len(w)) for w in clues if w in text]
    rule = RoutingRule(order=0, owner=OwnerKind.BUREAU, party="desk", reason="按主题办理（{words}）", when=When(topics=("A5",)))
    read = replace(reading(text, "A5"), clues=tuple(Clue(s, "A5", 1.0) for s in spans))
    found = route_reading(read, post(text), replace(config, routing={**config.routing, "quoted": rule}))
    assert [w.surface for w in found.words] == ([quoted] if quoted else [])
    assert found.reason == (f"按主题办理（{said}）" if said else "按主题办理")


def test_a_faint_topic_beside_the_main_one_moves_nothing(config: Config, post: MakePost, reading: Make) -> None:
    text = "清源一中学生打架"
    read = replace(reading(text, "A2", {"清源一中": "QY001"}), topics=(TopicScore("A2", 0.8), TopicScore("A3", 0.3)))
    assert route_reading(read, post(text), config).rule == "one-school"
    surer = replace(read, topics=(TopicScore("A2", 0.8), TopicScore("A3", 0.5)))
    assert route_reading(surer, post(text), config).rule == "sexual-topic"


def test_what_a_reply_guesses_moves_nothing(config: Config, post: MakePost, reading: Make) -> None:
    first, reply = "清源一中食堂有虫", "我家的也是"
    guess = replace(reading(reply), topics=(TopicScore("A3", 0.1),))
    pairs = [(post(first), reading(first, "A5", {"清源一中": "QY001"})), (post(reply, id=2), guess)]
    assert route(of_readings(pairs, config), config).party == "QY001"


def test_several_schools_support_the_bureau(decide: Callable[..., Decision]) -> None:
    found = decide("清源一中和云雾教学点都在补课", "D4", {"清源一中": "QY001", "云雾教学点": "QY036"})
    assert found.supports == ("QY001", "QY025")


def test_the_bureau_leads_serious_bullying_and_tells_the_police(decide: Callable[..., Decision]) -> None:
    found = decide("清源一中四个女生扇耳光逼跪", "A2", {"清源一中": "QY001"}, redline=RedLine.SERIOUS_BULLYING)
    assert (found.party, found.guides, found.supports) == ("moral", ("safety",), ("QY001", "外部:公安机关"))
    assert not found.auto


@pytest.mark.parametrize("topic", ["A5", "A1", ""])
def test_the_bureau_leads_where_several_are_ill_from_food(decide: Callable[..., Decision], topic: str) -> None:
    found = decide("清源一中十三个学生上吐下泻", topic, {"清源一中": "QY001"}, redline=RedLine.FOOD_ILLNESS)
    assert (found.party, found.supports) == ("safety", ("QY001", "外部:市场监督管理部门", "外部:卫生健康部门"))


@pytest.mark.parametrize("text", ["清源一中宿管半夜进女生宿舍掀被子", "清源一中教练借按摩把手伸进衣服"])
def test_who_touches_girls_is_no_everyday_matter(county: Config, post: MakePost, reading: Make, text: str) -> None:
    found = route_reading(reading(text, "A7", {"清源一中": "QY001"}), post(text), county)
    assert (found.rule, found.party, found.auto, found.pending) == ("near-girls", "moral", False, "待确认")


def test_one_school_is_guided_by_the_topics_section_and_its_own(decide: Callable[..., Decision]) -> None:
    assert decide("清源一中食堂有虫", "A5", {"清源一中": "QY001"}).guides == ("safety", "basic")


def test_who_drafted_a_policy_explains_it(decide: Callable[..., Decision]) -> None:
    named = "请问《关于规范普通中小学作息时间和周末双休的通知》还算数吗"
    by_title = decide(named, "D4", nature=Nature.QUESTION)
    assert (by_title.party, by_title.rule) == ("basic", "policy-question")
    by_number = decide("清教〔2026〕25号不合理", "B2")
    assert (by_number.party, by_number.rule) == ("personnel", "policy")


def test_a_decision_says_why_in_words_with_positions(decide: Callable[..., Decision]) -> None:
    found = decide("清源一中门口没有红绿灯", "A6", {"清源一中": "QY001"})
    assert [(w.surface, w.start, w.end) for w in found.words] == [("红绿灯", 8, 11)]
    assert "红绿灯" in found.reason
    assert found.version == "0123456789ab"
    assert 0 < found.confidence <= 1


def test_what_nobody_can_settle_is_marked_unconfirmed(decide: Callable[..., Decision]) -> None:
    for found in (decide("食堂有虫", "A5"), decide("星辰小学食堂", "A5", {"星辰小学": ""})):
        assert found.pending == "待确认"
        assert found.confidence <= 0.5


ACCUSED = [
    ("举报清源一中校长受贿", "F3", {"清源一中": "QY001"}, {"清源一中校长": ("head", "QY001")}),
    ("举报清源一中乱收费", "D1", {"清源一中": "QY001"}, {"清源一中": ("unit", "QY001")}),
    ("举报云雾教学点老师打人", "B1", {"云雾教学点": "QY036"}, {"老师": ("person", "QY036")}),
    ("举报某老师 清源一中 清源二中", "B1", {"清源一中": "QY001", "清源二中": "QY002"}, {"某老师": ("person", None)}),
    ("举报向阳小学老师", "B1", {"向阳小学": "QY030|QY033"}, {"老师": ("person", None)}),
]


@pytest.mark.parametrize(("text", "topics", "schools", "accused"), ACCUSED, ids=[row[0] for row in ACCUSED])
def test_an_accusation_never_reaches_the_accused(
    decide: Callable[..., Decision], text: str, topics: str, schools: dict[str, str], accused: dict[str, tuple[str, str | None]]
) -> None:
    found = decide(text, topics, schools, accused, nature=Nature.ACCUSATION)
    told = {found.party, *found.guides, *found.supports}
    assert found.kind is OwnerKind.BUREAU
    assert found.party == "discipline"
    assert not told & {"QY001", "QY002", "QY036", "QY025", "QY030", "QY033"}
    assert not found.auto


@pytest.mark.parametrize(("text", "topics", "schools", "accused"), ACCUSED, ids=[row[0] for row in ACCUSED])
def test_the_guard_holds_under_any_rules(
    config: Config,
    post: MakePost,
    reading: Make,
    text: str,
    topics: str,
    schools: dict[str, str],
    accused: dict[str, tuple[str, str | None]],
) -> None:
    careless = {
        "all": RoutingRule(
            order=1, owner=OwnerKind.SCHOOL, party="school", guides=("supervising_section",), supports=("schools",), reason="x", auto=True
        ),
        "default": RoutingRule(order=9, owner=OwnerKind.BUREAU, party="desk", supports=("schools",), reason="x"),
    }
    found = route_reading(reading(text, topics, schools, accused, nature=Nature.ACCUSATION), post(text), replace(config, routing=careless))
    assert not {found.party, *found.guides, *found.supports} & {"QY001", "QY002", "QY036", "QY025", "QY030", "QY033"}
    assert not found.auto


def test_a_section_that_is_accused_hears_nothing(config: Config, post: MakePost, reading: Make) -> None:
    text = "举报人事股收钱办调动"
    careless = {"all": RoutingRule(order=1, owner=OwnerKind.BUREAU, party="personnel", guides=("personnel", "basic"), reason="x")}
    read = reading(text, "B2", accused={"人事股": ("bureau", None)}, nature=Nature.ACCUSATION)
    found = route_reading(read, post(text), replace(config, routing=careless))
    assert (found.party, found.guides) == ("discipline", ("basic",))


def test_an_accused_discipline_section_leaves_it_to_the_desk(config: Config, post: MakePost, reading: Make) -> None:
    text = "举报派驻纪检监察组不作为"
    read = reading(text, "F3", accused={"派驻纪检监察组": ("bureau", None)}, nature=Nature.ACCUSATION)
    assert route_reading(read, post(text), config).party == "desk"


def test_an_accusation_in_a_later_post_counts(config: Config, post: MakePost, reading: Make) -> None:
    first, later = "清源一中食堂有虫", "举报清源一中校长吃回扣"
    pairs = [
        (post(first), reading(first, "A5", {"清源一中": "QY001"})),
        (post(later, id=2), reading(later, "F3", {"清源一中": "QY001"}, {"清源一中校长": ("head", "QY001")}, nature=Nature.ACCUSATION)),
    ]
    assert route(of_readings(pairs, config), config).party == "discipline"


def test_a_complaint_about_a_head_is_not_the_schools_to_answer(decide: Callable[..., Decision]) -> None:
    found = decide("清源一中校长骂人", "B1", {"清源一中": "QY001"}, {"清源一中校长": ("head", "QY001")})
    assert found.kind is OwnerKind.BUREAU
    assert "QY001" not in (found.party, *found.guides, *found.supports)


def test_only_the_ordered_everyday_goes_by_itself(county: Config, post: MakePost, reading: Make) -> None:
    def auto(text: str, topics: str, public: bool = True, **given: object) -> bool:
        return route_reading(reading(text, topics, {"清源一中": "QY001"}, **given), post(text, public=public), county).auto

    assert auto("清源一中食堂有虫", "A5")
    assert not auto("清源一中食堂有虫", "A5", public=False)
    assert not auto("清源一中食堂有虫", "A5 B1")
    assert not auto("清源一中食堂有虫", "A5", redline=RedLine.FOOD_ILLNESS)
    assert not auto("清源一中补课", "D4")


def test_where_a_person_must_decide_the_rule_that_needs_none_does_not_speak(county: Config, post: MakePost, reading: Make) -> None:
    text = "清源一中食堂吃坏了一班孩子"
    found = route_reading(reading(text, "A5", {"清源一中": "QY001"}, redline=RedLine.FOOD_ILLNESS), post(text), county)
    assert found.rule != "qingyuan-everyday"
    assert "由系统直接转" not in found.reason


@pytest.mark.parametrize("topic", ["A2", "A3", "A4", "B1", "F3"])
def test_no_rule_hands_delicate_topics_over_by_itself(config: Config, post: MakePost, reading: Make, topic: str) -> None:
    eager = {"all": RoutingRule(order=1, owner=OwnerKind.SCHOOL, party="school", reason="x", auto=True)}
    text = "清源一中出事了"
    assert not route_reading(reading(text, topic, {"清源一中": "QY001"}), post(text), replace(config, routing=eager)).auto


def test_without_any_rule_the_desk_has_it(config: Config, post: MakePost, reading: Make) -> None:
    found = route_reading(reading("清源一中", "A5", {"清源一中": "QY001"}), post("清源一中"), replace(config, routing={}))
    assert (found.party, found.rule, found.pending) == ("desk", "default", "待确认")


def test_rules_are_tried_in_their_order_not_in_the_files(config: Config, post: MakePost, reading: Make) -> None:
    upside_down = dict(reversed(config.routing.items()))
    text = "清源一中门口没有红绿灯"
    assert route_reading(reading(text, "A6", {"清源一中": "QY001"}), post(text), replace(config, routing=upside_down)).rule == "roads"


def test_explain_names_sections_and_offices_instead_of_codes(decide: Callable[..., Decision]) -> None:
    said = owner_text(decide("清源一中有学生想轻生", "A4", {"清源一中": "QY001"}, redline=RedLine.SUICIDE_RISK))
    assert "配合：清源县第一中学、公安机关" in said
    assert "指导：校园安全股、基础教育股" in owner_text(decide("清源一中食堂有虫", "A5", {"清源一中": "QY001"}))
    assert "外部:" not in said + owner_text(decide("大学宿舍没空调", "", scope=Scope.HIGHER_ED))


def test_reasons_have_no_stray_blank(county: Config) -> None:
    assert not [name for name, rule in county.routing.items() if re.search(r"\} [\u4e00-\u9fff]", rule.reason)]


def test_that_nobody_answers_is_said_plainly(decide: Callable[..., Decision]) -> None:
    nobody = decide("小区漏水", "", scope=Scope.NONE)
    assert owner_pieces(nobody) == ["无，不需回应", "与教育无关"]
    assert owner_text(nobody).startswith("回应主体：无，不需回应\n")
    assert "无（无" not in owner_text(nobody)
