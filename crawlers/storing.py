"""The item pipeline: it hands posts to the store in small batches, and does nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Self

from scrapy.crawler import Crawler

from crawlers.spider import Batch, Run
from pipeline.domain.posts import RawPost
from pipeline.domain.terms import CrawlOutcome
from pipeline.stage import record
from pipeline.store import posts

ENOUGH = 20


class Storing:
    """Keeps posts back until there are enough for a transaction; what a killed crawl held back is fetched again."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.held: list[RawPost] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy for each crawl."""
        return cls(crawler.spider.run)  # type: ignore[union-attr]  # only our own spiders are crawled

    def process_item(self, item: Batch) -> Batch:
        """Takes the posts of a page or a thread; those of one thread are never parted."""
        self.held += item.posts
        if len(self.held) >= ENOUGH:
            self.flush()
        return item

    def close_spider(self) -> None:
        """Stores the rest."""
        self.flush()

    def flush(self) -> None:
        """Stores what is held back. A post that the store cannot take is on record and the others pass; a full disk or a locked file is
        no fault of a post: it is tried again with the next, and the run does not end well."""
        held, self.held = self.held, []
        try:
            self.keep(held)
        except (sqlite3.OperationalError, OSError) as error:
            self.held = held
            self.run.tally.trouble(CrawlOutcome.FAILED, self.run.id, f"帖文未能入库（{error}）", root=True)
        except Exception as error:  # noqa: BLE001 — Scrapy would drop the posts without a word
            for post in held if len(held) > 1 else ():
                self.held = [post]
                self.flush()
            if len(held) == 1:
                self.set_aside(held[0], error)

    def keep(self, held: Sequence[RawPost]) -> None:
        """One transaction."""
        run, now = self.run, self.run.clock()
        dormant = [sleeps(post, run, now) for post in held]
        run.tally.stored += posts.add(run.store, held, now, public=run.source.public, dormant=dormant)
        run.tally.dormant += sum(dormant)

    def set_aside(self, post: RawPost, error: Exception) -> None:
        """Records a post that cannot be stored."""
        run = self.run
        run.tally.trouble(CrawlOutcome.FAILED, post.url, f"帖文未能入库（{type(error).__name__}）")
        with run.store.transaction():
            record(run.store, "crawl", post.key, f"{type(error).__name__}: {error}", run.clock())


def sleeps(post: RawPost, run: Run, now: datetime) -> bool:
    """Whether a post starts no clock: it is old, or belongs to the source's first crawl. A post without a time is taken for new."""
    if run.first and not run.source.first_crawl_counts:
        return True
    return post.published_at is not None and now - post.published_at > run.backfill
