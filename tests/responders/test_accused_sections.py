"""A section that is accused hears nothing of it, by whatever name it goes and whatever else the writer wants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from config.schema import Config
from config.schema.rules import RoutingRule
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reading
from pipeline.domain.terms import Nature, OwnerKind
from responders.routing import route_reading

Make = Callable[..., Reading]
MakePost = Callable[..., Post]

SECTIONS = [
    ("教育局基教股股长收钱办转学", "教育局基教股股长", "basic"),
    ("基础教育科收钱", "基础教育科", "basic"),
    ("招生办卖名额", "招生办", "exam"),
    ("人事科科长收钱", "人事科科长", "personnel"),
    ("民办股股长拿好处费", "民办股股长", "private"),
    ("教育局计财股收回扣", "教育局计财股", "finance"),
    ("教育局一个股长收钱", "股长", "basic"),
]


@pytest.mark.parametrize("nature", [Nature.OTHER, Nature.QUESTION, Nature.COMPLAINT, Nature.ACCUSATION])
@pytest.mark.parametrize(("text", "words", "section"), SECTIONS)
def test_an_accused_section_stays_out_whatever_was_asked(
    config: Config, post: MakePost, reading: Make, text: str, words: str, section: str, nature: Nature
) -> None:
    """A section goes by its short name too; where nobody can tell which is meant, none of them hears of it."""
    careless = {"all": RoutingRule(order=1, owner=OwnerKind.BUREAU, party=section, guides=(section,), supports=(section,), reason="x")}
    read = reading(text, "C3", accused={words: ("bureau", None)}, nature=nature)
    found = route_reading(read, post(text), replace(config, routing=careless))
    assert section not in (found.party, *found.guides, *found.supports)
    assert found.party == "discipline"


def test_a_section_that_is_not_accused_may_still_hear(config: Config, post: MakePost, reading: Make) -> None:
    text = "招生办卖名额"
    eager = {"all": RoutingRule(order=1, owner=OwnerKind.BUREAU, party="exam", guides=("office",), reason="x")}
    found = route_reading(reading(text, "C2", accused={"招生办": ("bureau", None)}), post(text), replace(config, routing=eager))
    assert found.guides == ("office",)
