"""The item pipeline: it hands posts to the store in small batches, and does nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from scrapy.crawler import Crawler

from crawlers.spider import Batch, Run
from pipeline.domain.posts import RawPost
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
        """One transaction."""
        if not self.held:
            return
        run, now = self.run, self.run.clock()
        dormant = [sleeps(post, run, now) for post in self.held]
        run.tally.stored += posts.add(run.store, self.held, now, public=run.source.public, dormant=dormant)
        run.tally.dormant += sum(dormant)
        self.held = []


def sleeps(post: RawPost, run: Run, now: datetime) -> bool:
    """Whether a post starts no clock: it is old, or belongs to the source's first crawl. A post without a time is taken for new."""
    if run.first and not run.source.first_crawl_counts:
        return True
    return post.published_at is not None and now - post.published_at > run.backfill
