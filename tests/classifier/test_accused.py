"""Who is accused: the words that name the person, the head, the unit or the bureau."""

from __future__ import annotations

import pytest

from classifier import accused
from classifier.schools import SchoolIndex
from classifier.words import fold
from pipeline.domain.terms import AccusedKind


@pytest.mark.parametrize(
    ("text", "kind", "surface"),
    [
        ("举报清源三中校长王某收受回扣", AccusedKind.HEAD, "校长王某"),
        ("实名举报数学老师李某有偿补课", AccusedKind.PERSON, "数学老师李某"),
        ("举报机关幼儿园园长克扣伙食费", AccusedKind.HEAD, "园长"),
        ("举报清源县教育局人事股股长张某受贿", AccusedKind.BUREAU, "县教育局人事股股长张某"),
        ("举报清源三中违规收费办班", AccusedKind.UNIT, "清源三中"),
        ("我要举报班主任陈老师体罚学生", AccusedKind.PERSON, "班主任陈老师"),
    ],
)
def test_the_accused_is_found_with_an_exact_span(index: SchoolIndex, text: str, kind: AccusedKind, surface: str) -> None:
    found = accused.find(text, fold(text), index.find(text, "清源县"), wholly=True)
    assert (kind, surface) in [(a.kind, a.span.surface) for a in found]
    assert all(text[a.span.start : a.span.end] == a.span.surface for a in found)


@pytest.mark.parametrize("text", ["感谢王老师拾金不昧", "孩子的校车太挤了", "尊敬的教育局领导：请问什么时候报名"])
def test_nobody_is_accused_where_nobody_does_wrong(index: SchoolIndex, text: str) -> None:
    assert accused.find(text, fold(text), index.find(text, "清源县"), wholly=False) == ()


def test_the_accused_persons_school_is_known(index: SchoolIndex) -> None:
    text = "举报清源三中校长王某收受回扣"
    assert [a.code for a in accused.find(text, fold(text), index.find(text, "清源县"), wholly=True)] == ["QY004"]


def test_those_who_are_asked_for_help_are_not_accused(index: SchoolIndex) -> None:
    text = "尊敬的张局长：举报清源三中会计刘某挪用公款，请校长主持公道"
    assert [a.span.surface for a in accused.find(text, fold(text), index.find(text, "清源县"), wholly=True)] == ["会计刘某"]
