"""An event's account (事件概况): its posts' own words, where it began, how far it went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from config.schema import Config
from pipeline.spread import moment, spread
from pipeline.store import accounts, case_views
from pipeline.store.db import Store

COUNTED, DAYS = 5000, 14
"""So many posts are counted, and so many days have a row of their own; the table ends with the rest."""


@dataclass(frozen=True, slots=True)
class Said:
    """A quotation, and the source that it stands in."""

    post_id: int
    source: str
    words: str


@dataclass(frozen=True, slots=True)
class Account:
    """What the page tells of an event; `platforms` and `days` with the number of posts, `later` those after the last day shown."""

    quotes: tuple[Said, ...]
    first: str
    first_url: str
    first_at: datetime
    posts: int
    whole: bool
    hours: float
    platforms: tuple[tuple[str, int], ...]
    days: tuple[tuple[str, int], ...]
    later: int


def compose(store: Store, config: Config, case_id: int) -> Account | None:
    """The account of a case; None for one that has no posts (any more)."""
    traces = case_views.traces(store, case_id, COUNTED)
    if not traces:
        return None
    found = spread(traces)
    days = tuple(found.days.items())
    return Account(
        quotes=tuple(Said(q.post_id, _name(q.source, config), q.words) for q in accounts.quotes(store, case_id)),
        first=_name(found.first.source, config), first_url=found.first.url, first_at=moment(found.first), posts=found.posts,
        whole=len(traces) < COUNTED, hours=found.hours, platforms=tuple((_name(s, config), n) for s, n in found.sources.items()),
        days=days[:DAYS], later=sum(n for _, n in days[DAYS:]),
    )


def _name(source: str, config: Config) -> str:
    known = config.sources.get(source)
    return known.name if known else source
