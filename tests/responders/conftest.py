"""The sample county as configuration, and short ways to say what a post was read as."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import config as package
from config.load import load
from config.schema import Config
from pipeline.domain.posts import Post, RawPost
from pipeline.domain.readings import Accusation, Reading, SchoolMention, Span, TopicScore
from pipeline.domain.terms import AccusedKind, Nature, Precision, Scope
from pipeline.moments import to_text
from pipeline.stage import run
from pipeline.store import posts, readings
from pipeline.store.db import Store
from responders.stages import route_stage

SAMPLE = Path(package.__file__).parent / "sample"
DEFAULTS = load(None)
LOADED = load(SAMPLE)


@pytest.fixture
def config() -> Config:
    """清源县 under the default rules alone: what the county has ordered for itself is left out."""
    return replace(LOADED, routing=DEFAULTS.routing, versions={**LOADED.versions, "routing.toml": "0123456789ab"})


@pytest.fixture
def county() -> Config:
    """清源县 with its own routing rule, which may hand over by itself."""
    return LOADED


@pytest.fixture
def post() -> Callable[..., Post]:
    """A public post of the sample forum; its first line is the title."""

    def make(text: str, **given: Any) -> Post:
        title, _, body = text.partition("\n")
        at = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
        values = {"id": 1, "source": "forum", "key": "k", "url": "", "published_at": at, "collected_at": at} | given
        return Post(title=title, body=body, **values)

    return make


@pytest.fixture
def reading() -> Callable[..., Reading]:
    """What a reader said of a text. `schools` maps the words of a name to a code, to `A|B` where it may be either, to nothing where no
    registry knows it; `accused` maps words to the kind of the accused and their school."""

    def make(
        text: str, topics: str = "", schools: dict[str, str] | None = None, accused: dict[str, tuple[str, str | None]] | None = None,
        **given: Any,
    ) -> Reading:
        values = {"model": "test", "scope": Scope.K12, "relevance": 0.95, "nature": Nature.COMPLAINT} | given
        return Reading(
            topics=tuple(TopicScore(c, 0.9) for c in topics.split()),
            schools=tuple(mention(span(text, words), codes) for words, codes in (schools or {}).items()),
            accused=tuple(Accusation(AccusedKind(kind), span(text, words), code) for words, (kind, code) in (accused or {}).items()),
            **values,
        )

    return make


def span(text: str, words: str) -> Span:
    """Where words stand in a text whose first line is the title."""
    return Span(words, text.index(words), text.index(words) + len(words))


def mention(at: Span, codes: str) -> SchoolMention:
    """A school as a reader links it."""
    if codes and "|" not in codes:
        return SchoolMention(at, "全称", codes, 0.9)
    return SchoolMention(at, None, None, 0.35, candidates=tuple(filter(None, codes.split("|"))))


@pytest.fixture
def gathered(store: Store, reading: Callable[..., Reading], now: datetime) -> Callable[..., int]:
    """A case of one post, as the gather stage leaves it: it waits for an owner."""

    def make(
        text: str, topics: str = "", *, read: dict[str, Any] | None = None, at: datetime = now, public: bool = True, **given: Any
    ) -> int:
        number = store.value("SELECT count(*) FROM case_") + 1
        found = reading(text, topics, **(read or {}))
        columns = {"topic": topics.split()[0] if topics else None, "grade": "Ⅳ", "redline": found.redline, "dormant": 0} | given
        with store.transaction():
            case_id = store.insert(
                "case_", bureau=store.bureau, number=f"教舆-2026-{number:05}", state="triage", title=text.split("\n")[0],
                public=int(public), accusation=int(found.nature is Nature.ACCUSATION and bool(found.accused)),
                published_at=to_text(at), found_at=to_text(at),
                opened_by="machine", waiting="route", **columns,
            )
        attach(store, case_id, text, found, at, public)
        return case_id

    return make


@pytest.fixture
def joined(store: Store, reading: Callable[..., Reading]) -> Callable[..., None]:
    """One more post joins a case, which then waits for its owner anew."""

    def make(case_id: int, text: str, topics: str, at: datetime, *, read: dict[str, Any] | None = None, **columns: Any) -> None:
        attach(store, case_id, text, reading(text, topics, **(read or {})), at, True)
        changed = "".join(f", {name} = ?" for name in columns)
        with store.transaction():
            store.execute(f"UPDATE case_ SET waiting = 'route'{changed} WHERE id = ?", *columns.values(), case_id)
            generation = store.value("SELECT generation FROM case_ WHERE id = ?", case_id)
            store.execute("UPDATE case_post SET generation = ? WHERE post_id = (SELECT max(id) FROM post)", generation)

    return make


def attach(store: Store, case_id: int, text: str, found: Reading, at: datetime, public: bool) -> None:
    """Stores a post with its reading and puts it into a case."""
    title, _, body = text.partition("\n")
    key = f"post-{store.value('SELECT count(*) FROM post')}"
    posts.add(store, [RawPost("forum", key, title, body, published_at=at, precision=Precision.MINUTE)], at, public=public, dormant=[False])
    stored = posts.waiting(store, "read", 1)[0]
    with store.transaction():
        readings.save(store, [(stored, found)], at)
        readings.drop(store, stored.id)
        store.insert(
            "case_post", post_id=stored.id, case_id=case_id, generation=1, how="first", attached_at=to_text(at), attached_by="machine",
        )


@pytest.fixture
def routed(store: Store, config: Config) -> Callable[..., None]:
    """Runs the route stage over all that waits."""

    def go(at: datetime, settings: Config = config) -> None:
        run(route_stage(store, settings), store, lambda: at)

    return go
