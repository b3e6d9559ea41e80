"""First source and spread are counted from the posts' own times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.posts import Post
from pipeline.spread import moment, spread

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)


def post(number: int, published: float | None, collected: float = 99, source: str = "f") -> Post:
    at = None if published is None else NOW + timedelta(hours=published)
    return Post(number, source, str(number), "", "t", "b", at, NOW + timedelta(hours=collected))


def test_first_source_and_spread() -> None:
    found = spread([post(2, 30, source="w"), post(1, 0), post(3, 31)])
    assert (found.first.id, found.posts, found.sources, found.hours) == (1, 3, {"f": 2, "w": 1}, 31.0)
    assert found.days == {"2026-11-18": 1, "2026-11-19": 2}


def test_a_time_that_is_missing_or_lies_after_the_collection_is_not_believed() -> None:
    assert [moment(p) for p in (post(1, None, 5), post(2, 6, 5), post(3, 4, 5))] == [NOW + timedelta(hours=h) for h in (5, 5, 4)]


@given(st.lists(st.tuples(st.none() | st.floats(-500, 500), st.floats(-500, 500), st.sampled_from("fwx")), min_size=1, max_size=20))
def test_every_post_is_counted_once_whatever_the_order(told: list[tuple[float | None, float, str]]) -> None:
    posts = [post(n, *one) for n, one in enumerate(told)]
    found = spread(posts)
    assert found == spread(posts[::-1])
    assert found.posts == sum(found.sources.values()) == sum(found.days.values()) == len(posts)
    assert found.hours >= 0
