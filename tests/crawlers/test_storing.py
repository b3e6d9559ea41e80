"""What the store cannot take is on record; nothing is lost without a word, and no run ends well that stored nothing."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from config.schema.settings import CrawlSettings
from config.schema.sources import Source
from crawlers import storing
from crawlers.health import judge
from crawlers.numerals import count
from crawlers.spider import Batch, Run
from crawlers.storing import Storing
from pipeline.domain.posts import Engagement, RawPost
from pipeline.domain.terms import CrawlOutcome
from pipeline.store.db import Store
from tests.conftest import NOW


def run_of(store: Store) -> Run:
    source = Source(name="论坛", kind="list_page", url="http://bbs.example/")
    run = Run("bbs", source, CrawlSettings(), timedelta(days=7), store, lambda: NOW)
    run.tally.seen = run.tally.details = 3
    return run


def post(n: int, views: int = 1) -> Batch:
    return Batch((RawPost("bbs", f"k{n}", f"第{n}帖", "正文", engagement=Engagement(views=views)),))


def test_a_post_that_the_store_cannot_take_is_set_aside_and_the_others_pass(store: Store) -> None:
    run = run_of(store)
    pipeline = Storing(run)
    for batch in (post(1), post(2, views=10**30), post(3)):
        pipeline.process_item(batch)
    pipeline.close_spider()
    assert [r["key"] for r in store.rows("SELECT key FROM post ORDER BY id")] == ["k1", "k3"]
    assert store.rows("SELECT stage, subject FROM setback") == [{"stage": "crawl", "subject": "k2"}]
    assert "未能入库" in (judge(run.tally, run.source).error or "")


def test_a_locked_store_is_tried_again_and_is_no_good_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of(store)
    pipeline = Storing(run)

    def locked(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(storing.posts, "add", locked)
        pipeline.process_item(post(1))
        pipeline.flush()
    assert judge(run.tally, run.source).outcome is CrawlOutcome.FAILED
    pipeline.close_spider()
    assert store.value("SELECT key FROM post") == "k1"


@pytest.mark.parametrize("said", ["浏览 99999999999999999999999", "9" * 400, "9" * 15 + "亿"])
def test_a_count_that_nobody_counted_is_none(said: str) -> None:
    assert count(said) is None
