"""Whose county a text speaks of."""

from __future__ import annotations

import pytest

from classifier.places import Gazetteer, foreign


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
