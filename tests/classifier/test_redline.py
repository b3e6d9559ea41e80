"""Red lines: what happened to children counts, what is feared, practised, denied or told of elsewhere does not."""

from __future__ import annotations

import pytest

from classifier import redline
from classifier.words import fold
from pipeline.domain.terms import RedLine


def kind(text: str, relevance: float = 0.9, foreign: bool = False) -> RedLine | None:
    found = redline.find(fold(text), relevance, foreign)
    return found.kind if found else None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("三小一名学生从教学楼坠楼，正在抢救", RedLine.DEATH_OR_INJURY),
        ("体育课上孩子摔成骨折，学校不管", RedLine.DEATH_OR_INJURY),
        ("学校体育老师多次猥亵女学生", RedLine.SEXUAL_OFFENCE),
        ("我女儿在学校压力太大，手腕上全是划的口子，说不想活了", RedLine.SUICIDE_RISK),
        ("二中初二女生离家出走三天，至今下落不明，学校不知情", RedLine.MISSING_CHILD),
        ("儿子在学校厕所被五个同学围殴，还被逼下跪拍视频", RedLine.SERIOUS_BULLYING),
        ("幼儿园十几个孩子中午吃完饭上吐下泻", RedLine.FOOD_ILLNESS),
        ("期末统考数学卷子提前一天有人拿到答案，群里在卖答案", RedLine.EXAM_LEAK),
        ("我们四十多名家长联名反映学校搬迁", RedLine.JOINT_ACTION),
        ("家长在学校门口拉横幅", RedLine.JOINT_ACTION),
        ("有个学生翻过楼顶护栏要跳楼", RedLine.SUICIDE_RISK),
        ("班主任不管，五个同学扇我儿子耳光，逼他下跪拍视频", RedLine.SERIOUS_BULLYING),
        ("告诉班主任以后，几个男生又在宿舍殴打孩子", RedLine.SERIOUS_BULLYING),
        ("我女儿割腕，因为被几个女同学多次围殴拍视频", RedLine.SUICIDE_RISK),
    ],
)
def test_what_happened_is_a_red_line(text: str, wanted: RedLine) -> None:
    assert kind(text) is wanted


@pytest.mark.parametrize(
    "text",
    [
        "学校举行消防演练，模拟有学生受伤昏迷送医抢救",
        "开展防溺水宣传，提醒学生不要到水库游泳以免溺水身亡",
        "学校门口没有红绿灯，万一孩子被撞伤怎么办，难道要等到死人才管吗",
        "担心孩子在学校被霸凌殴打",
        "网传学生坠楼身亡的消息不属实，学校已经报警",
        "法治副校长到学校讲授防性侵知识讲座",
        "孩子作业太多，累死了，气死人",
        "学校预防校园欺凌的主题班会",
        "我父亲去年去世，孩子上学没人接送",
        "电视新闻里看到别的地方幼儿园发生食物中毒，几十个孩子送医院",
        "公务员考试有人卖答案",
        "中学生放学翻越栏杆过马路，太危险",
        "小学门口每天有学生翻护栏横穿马路",
        "操场栏杆坏了，学生爬上栏杆玩",
        "我儿子多次被班主任扇耳光，学校不管",
    ],
)
def test_a_drill_a_fear_a_denial_or_hearsay_is_none(text: str) -> None:
    assert kind(text) is None


def test_another_countys_news_is_none() -> None:
    assert kind("临川县某小学学生坠楼身亡", foreign=True) is None


def test_harm_to_a_child_counts_however_low_the_relevance() -> None:
    assert kind("小区楼下有个八九岁的女孩说被学校老师猥亵", relevance=0.1) is RedLine.SEXUAL_OFFENCE


def test_what_neighbours_do_together_is_none_unless_it_is_about_education() -> None:
    assert kind("我们一百多名业主联名要求更换物业", relevance=0.05) is None
    assert kind("我们一百多名业主联名要求更换物业，配套小学也没有", relevance=0.49) is None


def test_the_words_that_drew_it_are_kept_with_their_place() -> None:
    text = fold("标题\n学生坠楼")
    found = redline.find(text, 0.9, False)
    assert found is not None
    assert [text[s:e] for s, e in found.spans] == ["坠楼"]


def test_the_words_of_all_kinds_are_kept_the_gravest_first() -> None:
    text = fold("我女儿割腕，被几个女同学多次围殴拍视频")
    found = redline.find(text, 0.9, False)
    assert found is not None
    assert [text[s:e] for s, e in found.spans] == ["割腕", "围殴"]
