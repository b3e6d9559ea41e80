"""The suggested grade: base risk, red lines, spread and reach; another county's events never raise ours."""

from __future__ import annotations

import pytest

from classifier.grade import combined, grade_case, grade_post, heat
from config.schema import Config
from config.schema.sources import Source
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reading, Span, TopicScore
from pipeline.domain.terms import Grade, Nature, RedLine, Scope
from tests.classifier.samples import MOMENT

SOURCES = {
    "a": Source(name="甲", kind="forum", platform="论坛"),
    "b": Source(name="乙", kind="feed", platform="微博"),
    "a2": Source(name="丙", kind="forum", platform="论坛"),
    "county": Source(name="县台", kind="feed", reach="county"),
    "city": Source(name="市报", kind="feed", reach="city"),
    "nation": Source(name="央媒", kind="feed", reach="national"),
}


def reading(
    topic: str = "D5", redline: RedLine | None = None, words: str = "", scope: Scope = Scope.K12, foreign: str | None = None,
    nature: Nature = Nature.COMPLAINT,
) -> Reading:
    spans = (Span(words, 0, len(words)),) if words else ()
    return Reading("m", scope, 0.9, (TopicScore(topic, 0.9),), nature=nature, redline=redline, redline_words=spans, foreign_place=foreign)


@pytest.mark.parametrize(
    ("told", "grade"),
    [
        (reading("D5"), Grade.IV),  # base risk 2
        (reading("A5"), Grade.III),  # base risk 3
        (reading("A1"), Grade.III),  # base risk 4 alone is no red line
        (reading("D5", RedLine.DEATH_OR_INJURY), Grade.II),
        (reading("D5", RedLine.JOINT_ACTION, "联名"), Grade.III),
        (reading("D5", RedLine.JOINT_ACTION, "堵校门"), Grade.II),
        (reading("A1", RedLine.DEATH_OR_INJURY, foreign="临川县"), Grade.IV),
        (reading("A5", nature=Nature.PRAISE), Grade.IV),
        (reading("A5", RedLine.FOOD_ILLNESS, nature=Nature.PRAISE), Grade.II),  # irony praises too
        (reading(scope=Scope.NONE), None),
        (reading(redline=RedLine.MISSING_CHILD, scope=Scope.NONE), Grade.II),
    ],
)
def test_grade_of_one_post(county: Config, told: Reading, grade: Grade | None) -> None:
    assert grade_post(told, county.topics) is grade


@pytest.mark.parametrize(
    ("spread", "grade"),
    [
        ({"a": 1}, Grade.IV),
        ({"a": 5}, Grade.IV),
        ({"a": 2, "a2": 2}, Grade.IV),  # two boards of one platform
        ({"a": 2, "b": 1}, Grade.III),
        ({"a": 1, "b": 1}, Grade.IV),
        ({"county": 1}, Grade.III),
        ({"city": 1}, Grade.II),
        ({"unknown": 2, "a": 1}, Grade.III),
        ({}, Grade.IV),
    ],
)
def test_heat(spread: dict[str, int], grade: Grade) -> None:
    assert heat(spread, SOURCES) is grade


def test_two_and_national_spread_make_one() -> None:
    assert combined([Grade.II], {"nation": 1}, SOURCES) is Grade.I
    assert combined([Grade.III], {"nation": 1}, SOURCES) is Grade.II


def test_another_countys_posts_neither_raise_nor_count(county: Config) -> None:
    posts = [Post(i, s, str(i), "", "", "", None, MOMENT) for i, s in enumerate(("a", "b", "city"))]
    told = [reading("D5"), *(reading("A1", RedLine.DEATH_OR_INJURY, foreign="临川县") for _ in range(2))]
    assert grade_case(told, posts, SOURCES, county.topics) is Grade.IV
