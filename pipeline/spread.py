"""Where a matter began (首发) and how far it went (传播): counted from its posts, nothing of it guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from pipeline.moments import local


class Dated(Protocol):
    """What is counted of a post: it may be the whole post, or the few columns that stand here."""

    @property
    def id(self) -> int: ...
    @property
    def source(self) -> str: ...
    @property
    def published_at(self) -> datetime | None: ...
    @property
    def collected_at(self) -> datetime: ...


P = TypeVar("P", bound=Dated)


@dataclass(frozen=True, slots=True)
class Spread(Generic[P]):
    """A matter's first post, its posts by source and by day, and the hours between the first and the last."""

    first: P
    posts: int
    sources: Mapping[str, int]
    hours: float
    days: Mapping[str, int]


def moment(post: Dated) -> datetime:
    """When a post was published, as far as that is believed; else when it was collected."""
    known = post.published_at
    return known if known and known <= post.collected_at else post.collected_at


def spread(posts: Sequence[P]) -> Spread[P]:
    """First source and spread of a matter with at least one post."""
    told = sorted(posts, key=lambda p: (moment(p), p.id))
    times = [moment(p) for p in told]
    days = Counter(local(at).date().isoformat() for at in times)
    hours = (times[-1] - times[0]) / timedelta(hours=1)
    return Spread(told[0], len(told), dict(Counter(p.source for p in told).most_common()), round(hours, 1), dict(sorted(days.items())))
