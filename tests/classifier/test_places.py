"""Whose county a text speaks of."""

from __future__ import annotations

import pytest

from classifier.places import Gazetteer, foreign, known, said


@pytest.mark.parametrize(
    ("own", "text", "other"),
    [
        (("清源县",), "临川县一初中发生踩踏\n今天早上", "临川县"),
        (("清源县",), "清源县一初中发生踩踏\n今天早上", None),
        (("清源县",), "孩子转学\n我们从临川县搬到清源县三年了", None),
        (("a市",), "a7县一初中发生踩踏\n今天早上", None),  # a city's own county, for all we know
        (("a市",), "b市一初中发生踩踏\n今天早上", "b市"),
        ((), "临川县一初中发生踩踏\n今天早上", None),  # nobody has said where we are
    ],
)
def test_another_county_is_told_from_ours(own: tuple[str, ...], text: str, other: str | None) -> None:
    assert foreign(text, Gazetteer.of(own, ()), "", own_school=False) == other


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("今天县一中高三学生", []),
        ("昨晚县二中停电", []),
        ("周一县第二中学收费", []),
        ("反映县一中、听说县一中、为什么县一中", []),
        ("外县老师调入县一中", []),
        ("今天县城关镇中心小学", []),
        ("相应城市管理部门，大城市，非上市公司，各县市", []),
        ("昨日，湘潭县一初中起火", ["湘潭县"]),
        ("临川县通报，临海市来函", ["临川县", "临海市"]),
        ("昨日沛县通报，歙县来函", ["沛县", "歙县"]),
        ("和县里说过，应县里要求，外县的老师，大县城", []),
        ("a7县一初中和b市的学校", ["a7县", "b市"]),
    ],
)
def test_only_coded_and_known_counties_are_places(text: str, names: list[str]) -> None:
    assert [p.name for p in said(text)] == names


def test_a_neighbour_that_no_dictionary_knows_is_foreign() -> None:
    assert foreign("云岭县一初中发生踩踏\n今天早上", Gazetteer.of(("清源县",), ()), "", own_school=False) is None
    assert foreign("云岭县一初中发生踩踏\n今天早上", Gazetteer.of(("清源县",), ("云岭县",)), "", own_school=False) == "云岭县"


def test_the_dictionary_has_counties_and_no_banners() -> None:
    assert len(known()) > 2000
    assert {"临川县", "长沙市", "奈曼旗", "沛县"} <= known()
    assert not {"大城市", "三角旗", "外省市", "自治县", "上市", "外县", "大县", "和县"} & known()
