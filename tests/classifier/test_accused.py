"""Who is accused: the words that name the person, the head, the unit or the bureau, and what they are said to have done."""

from __future__ import annotations

import pytest

from classifier import accused, misconduct
from classifier.misconduct import Misconduct
from classifier.schools import SchoolIndex
from classifier.words import fold
from pipeline.domain.readings import Accusation
from pipeline.domain.terms import AccusedKind, Nature, RedLine


def found(index: SchoolIndex, text: str, wholly: bool = True) -> tuple[Accusation, ...]:
    return accused.find(text, fold(text), index.find(text, "清源县"), wholly)


@pytest.mark.parametrize(
    ("text", "kind", "surface"),
    [
        ("举报清源三中校长王某收受回扣", AccusedKind.HEAD, "校长王某"),
        ("实名举报数学老师李某有偿补课", AccusedKind.PERSON, "数学老师李某"),
        ("举报机关幼儿园园长克扣伙食费", AccusedKind.HEAD, "园长"),
        ("举报清源县教育局人事股股长张某受贿", AccusedKind.BUREAU, "县教育局人事股股长张某"),
        ("举报清源三中违规收费办班", AccusedKind.UNIT, "清源三中"),
        ("我要举报班主任陈老师体罚学生", AccusedKind.PERSON, "班主任陈老师"),
        ("举报清源县教育局包庇无证机构", AccusedKind.BUREAU, "县教育局"),
        ("举报清源三中张小明违规考编", AccusedKind.PERSON, "张小明"),
        ("反映清源三中年级组长拿回扣", AccusedKind.PERSON, "年级组长"),
        ("教导主任赵说不交钱就别来，举报他私分补课费，收红包", AccusedKind.PERSON, "教导主任赵"),
    ],
)
def test_the_accused_is_found_with_an_exact_span(index: SchoolIndex, text: str, kind: AccusedKind, surface: str) -> None:
    told_on = found(index, text)
    assert (kind, surface) in [(a.kind, a.span.surface) for a in told_on]
    assert all(text[a.span.start : a.span.end] == a.span.surface for a in told_on)


@pytest.mark.parametrize("text", ["感谢王老师拾金不昧", "孩子的校车太挤了", "尊敬的教育局领导：请问什么时候报名"])
def test_nobody_is_accused_where_nobody_does_wrong(index: SchoolIndex, text: str) -> None:
    assert found(index, text, wholly=False) == ()


def test_the_accused_persons_school_is_known(index: SchoolIndex) -> None:
    assert [a.code for a in found(index, "举报清源三中校长王某收受回扣")] == ["QY004"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("清源三中和清源一中都在补课。举报清源三中校长王某收受回扣", "QY004"),
        ("清源三中和清源一中都在补课。举报校长王某收受回扣", None),
        ("清源三中在补课。举报校长王某收受回扣", "QY004"),
    ],
)
def test_no_school_is_guessed_for_the_accused(index: SchoolIndex, text: str, code: str | None) -> None:
    """With None every school named is kept from the hand-over."""
    assert [a.code for a in found(index, text) if a.kind is AccusedKind.HEAD] == [code]


def test_a_polite_beginning_does_not_undo_an_accusation(index: SchoolIndex) -> None:
    assert found(index, "领导辛苦了，感谢关注。举报清源三中会计刘某挪用公款")


@pytest.mark.parametrize(
    ("text", "accused_ones"),
    [
        ("尊敬的张局长：举报清源三中会计刘某挪用公款，请校长主持公道", ["会计刘某"]),
        ("教育局领导您好，举报清源三中会计刘某挪用公款", ["会计刘某"]),
        ("举报体育老师余某骚扰女生，告诉班主任，没有下文", ["体育老师余某"]),
        ("数学老师袁某体罚学生，德育主任说他没有分寸。举报袁某", ["数学老师袁某"]),
        ("我叫吕某，实名举报食堂承包人克扣肉菜", ["食堂承包人"]),
        ("严禁在职教师补课，举报清源三中会计刘某挪用公款", ["会计刘某"]),
        ("举报现任校长收受礼金", ["校长"]),
    ],
)
def test_those_who_are_asked_told_or_looking_on_are_not_accused(index: SchoolIndex, text: str, accused_ones: list[str]) -> None:
    assert [a.span.surface for a in found(index, text)] == accused_ones


@pytest.mark.parametrize(
    ("text", "surface", "code"),
    [
        ("清源三中体测造假，没跑的孩子也写满分", "清源三中", "QY004"),
        ("居民楼里的蓝天培训学校无证补课，请查封", None, None),
        ("有人在居民楼里开补习班，全是学校里的老师，无证收费", None, None),
    ],
)
def test_an_accusation_that_names_nobody_is_against_the_school_or_body(
    index: SchoolIndex, text: str, surface: str | None, code: str | None
) -> None:
    """Otherwise nobody would be kept from the hand-over."""
    told_on = found(index, text)
    assert told_on
    assert all(a.kind is AccusedKind.UNIT for a in told_on)
    assert surface is None or (surface, code) in [(a.span.surface, a.code) for a in told_on]


def test_an_officer_in_the_text_does_not_lay_the_school_open(index: SchoolIndex) -> None:
    """Where only the bureau's people are named, the schools in the matter are kept from it as well."""
    told_on = found(index, "举报清源县教育局招生股张某给清源三中违规招生打招呼")
    assert {AccusedKind.BUREAU, AccusedKind.UNIT} <= {a.kind for a in told_on}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("投诉食堂饭菜太贵，校长回复说会改进", []),
        ("投诉清源三中，校长带头乱收费，收红包", ["校长"]),
        ("投诉作业太多，班主任很辛苦", []),
        ("校长爆粗口骂人，投诉无门", ["校长"]),
    ],
)
def test_a_mere_complaint_accuses_only_who_does_wrong(index: SchoolIndex, text: str, told: list[str]) -> None:
    assert [a.span.surface for a in found(index, text, wholly=False) if a.kind is AccusedKind.HEAD] == told


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("班主任多次体罚学生", Misconduct.VIOLENCE, "体罚"),
        ("老师在家里办班，一节课一百五", Misconduct.TUTORING, "家里办班"),
        ("园长克扣幼儿伙食费", Misconduct.FUNDS, "克扣"),
        ("年级主任收红包", Misconduct.GIFTS, "收红包"),
        ("体测弄虚作假", Misconduct.FORGERY, "弄虚作假"),
        ("招生违规，请查", Misconduct.RULES, "招生违规"),
        ("强制学生购买平板", Misconduct.SELLING, "强制学生购买"),
        ("教练乱摸队员", Misconduct.ABUSE, "乱摸"),
        ("校长酒后进教室", Misconduct.CONDUCT, "酒后"),
        ("科长给亲戚打招呼", Misconduct.FAVOUR, "打招呼"),
        ("学校包庇老师", Misconduct.NEGLECT, "包庇"),
    ],
)
def test_what_was_done_is_told_in_words_of_the_text(text: str, kind: Misconduct, words: str) -> None:
    assert (kind, words) in [(d.kind, text[d.start : d.end]) for d in misconduct.deeds(fold(text))]


@pytest.mark.parametrize("text", ["学校食堂饭菜太凉", "操场灯光太暗", "孩子每天作业写到十一点", "请问几号开学"])
def test_a_condition_or_a_service_is_no_misconduct(text: str) -> None:
    assert not accused.misconduct(fold(text))


def test_no_vocabulary_of_the_reader_says_that_something_is_untrue() -> None:
    """「疑似不实」「错误看法」 and anything about ideology are set by a person after 核实, never predicted."""
    said = {term.zh for vocabulary in (Nature, RedLine, AccusedKind, Misconduct) for term in vocabulary}
    assert not [zh for zh in said for word in ("不实", "错误", "虚假", "谣言", "意识形态", "失实") if word in zh]


# text · who is accused, and of which school
PLAINLY_TOLD = [
    ("教育局基教股股长收钱办转学，一个名额两万，有转账记录", AccusedKind.BUREAU, "教育局基教股股长", None),
    ("招生办一个名额收三万，家长群里都知道", AccusedKind.BUREAU, "招生办", None),
    ("人事科科长把侄女安排进县二小", AccusedKind.BUREAU, "人事科科长", None),
    ("原教育局人事股长卖岗位，一个城区编八万", AccusedKind.BUREAU, "教育局人事股长", None),
    ("县教育局长吃空饷，侄女在城关小学挂名领工资", AccusedKind.BUREAU, "县教育局长", None),
    ("清源一中高二数学老师王建国在家办补习班，不去补的上课不讲重点", AccusedKind.PERSON, "数学老师王建国", "QY001"),
    ("班主任打了孩子一巴掌，嘴角出血，青山中学初二", AccusedKind.PERSON, "班主任", "QY009"),
    ("实名举报清源一中教师王建国有偿补课", AccusedKind.PERSON, "教师王建国", "QY001"),
    ("清源一中姓王的男老师摸女生", AccusedKind.PERSON, "姓王的男老师", "QY001"),
    ("清源三中班主任李某芳收家长红包", AccusedKind.PERSON, "班主任李某芳", "QY004"),
    ("石佳川校长收了书商的回扣，清源二中", AccusedKind.HEAD, "石佳川校长", "QY002"),
    ("縣實驗小學的老師體罰學生", AccusedKind.PERSON, "老師", "QY015"),
]


@pytest.mark.parametrize(("text", "kind", "surface", "code"), PLAINLY_TOLD)
def test_grave_misconduct_told_of_somebody_accuses_in_whatever_tone(
    index: SchoolIndex, text: str, kind: AccusedKind, surface: str, code: str | None
) -> None:
    assert accused.denounces(fold(text))
    told_on = [a for a in found(index, text) if a.kind is not AccusedKind.UNIT]
    assert [(a.kind, a.span.surface) for a in told_on] == [(kind, surface)]
    assert code is None or told_on[0].code == code


@pytest.mark.parametrize("row", [row for row in PLAINLY_TOLD if row[1] is AccusedKind.PERSON])
def test_the_person_is_accused_rather_than_the_school(index: SchoolIndex, row: tuple[str, AccusedKind, str, str]) -> None:
    assert not [a for a in found(index, row[0]) if a.kind is AccusedKind.UNIT]


@pytest.mark.parametrize(
    "text",
    [
        "清源二中暑假强制补课，一人交两千，举报到12345也没用",
        "清源县第三小学校长龚春安同志到敬老院慰问老人",
        "教育局招生科打了四十多遍电话没人接",
        "三令五申禁止老师有偿补课",
        "园长在群里发了一个红包",
        "县教育局走进小学讲授防性侵课程",
        "食堂校长亲自打饭，打了一个月",
        "感谢班主任，从没打过孩子",
        "中学校长某某涉嫌受贿被提起公诉",
    ],
)
def test_a_plain_complaint_praise_or_news_accuses_nobody(index: SchoolIndex, text: str) -> None:
    assert not accused.denounces(fold(text))
    assert not accused.accuses(fold(text))
    assert not [a for a in found(index, text, wholly=False) if a.kind is not AccusedKind.HEAD or "慰问" in text]
