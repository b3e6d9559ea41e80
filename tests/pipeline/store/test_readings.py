"""Readings come back exactly as they were kept, and one of a post is current."""

from __future__ import annotations

from datetime import datetime

from pipeline.domain.posts import RawPost
from pipeline.domain.readings import Accusation, Clue, Reading, SchoolMention, Span, TopicScore
from pipeline.domain.terms import AccusedKind, Grade, Nature, RedLine, Scope, Tag
from pipeline.store import posts, readings
from pipeline.store.db import Store

FULL = Reading(
    model="linear-1+abc", scope=Scope.K12, relevance=0.9312, topics=(TopicScore("A5", 0.81), TopicScore("D1", 0.33)),
    tags=(Tag.PUPIL, Tag.PARENT),
    nature=Nature.ACCUSATION, redline=RedLine.FOOD_ILLNESS, redline_words=(Span("拉肚子", 3, 6),),
    accused=(Accusation(AccusedKind.HEAD, Span("校长王某", 8, 12), "QY1"), Accusation(AccusedKind.PERSON, Span("😀", 0, 1))),
    schools=(
        SchoolMention(Span("一中", 0, 2), "清源县第一中学", "QY1", 0.95, False, ("QY1",)),
        SchoolMention(Span("某校", 3, 5), None, None, 0.5, True),
    ),
    places=("清源县",), foreign_place="临川县", grade=Grade.II, clues=(Clue(Span("食堂", 2, 4), "A5", 1.25),),
)  # fmt: skip


def test_a_reading_round_trips() -> None:
    assert readings.from_json(readings.to_json(FULL)) == FULL
    bare = Reading("m", Scope.NONE, 0.01)
    assert readings.from_json(readings.to_json(bare)) == bare


def test_the_newest_reading_is_current_and_the_post_goes_on(store: Store, now: datetime) -> None:
    posts.add(store, [RawPost("f", "1", "题", "文")], now, public=True, dormant=[False])
    [post] = posts.waiting(store, "read", 9)
    for model in ("a", "b", "b"):
        with store.transaction():
            readings.save(store, [(post, Reading(model, Scope.K12, 0.7))], now)
    found = readings.of_post(store, post.id)
    assert found is not None
    assert found.model == "b"
    assert store.value("SELECT count(*) FROM reading") == 2
    assert posts.count_waiting(store, "read") == 0
    assert posts.count_waiting(store, "gather") == 1


def test_a_post_whose_text_changed_while_it_was_read_waits_again(store: Store, now: datetime) -> None:
    posts.add(store, [RawPost("f", "1", "题", "文")], now, public=True, dormant=[False])
    [post] = posts.waiting(store, "read", 9)
    posts.add(store, [RawPost("f", "1", "题", "改过的文")], now, public=True, dormant=[False])
    with store.transaction():
        readings.save(store, [(post, FULL)], now)
    assert [p.version for p in posts.waiting(store, "read", 9)] == [2]


def test_posts_that_were_not_read_have_no_reading(store: Store) -> None:
    assert readings.current(store, [1, 2, 3]) == {}
    assert readings.of_post(store, 7) is None
    assert readings.of_case(store, 7) == []
