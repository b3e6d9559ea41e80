"""Sources that are a list leading to pages (list_page): bureau sites, mailboxes, news columns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from config.schema.sources import DetailPage, ListPage
from crawlers import wall
from crawlers.clean import clean
from crawlers.drift import Drift
from crawlers.extract import Article, article
from crawlers.listing import Entry, listing
from crawlers.page import Page
from crawlers.spider import Batch, SourceSpider
from pipeline.domain.posts import Engagement, RawPost
from pipeline.domain.terms import Precision
from pipeline.moments import local


def post_of(page: Page, detail: DetailPage, source: str, entry: Entry, now: datetime) -> tuple[RawPost, Article]:
    """The post on a page, with what the list said of it where the page says nothing better."""
    read = article(page, detail, source, now)
    published_at, precision = better((read.published_at, read.precision), (entry.published_at, entry.precision))
    views = read.views if read.views is not None else entry.views
    post = RawPost(
        source=source, key=entry.url, title=clean(read.title) or clean(entry.title), body=clean(read.body), url=entry.url,
        author=clean(read.author), published_at=published_at, precision=precision,
        engagement=Engagement(views=views, replies=entry.replies), evidence=page.evidence,
    )
    return post, read


def better(own: tuple[datetime | None, Precision], listed: tuple[datetime | None, Precision]) -> tuple[datetime | None, Precision]:
    """The page's own time; the list's where the page has none, or only the day and the list the hour of the same day."""
    (mine, exact), (theirs, _) = own, listed
    if mine is None or (theirs is not None and exact is Precision.DAY and local(mine).date() == local(theirs).date()):
        return listed if theirs is not None else own
    return own


class ListPageSpider(SourceSpider):
    """Goes through a list and fetches what it does not know yet."""

    @property
    def spec(self) -> ListPage:
        """How the list is read."""
        if self.run.source.list is None:
            raise Drift(self.run.id, "sources.toml", "list", "没有配置，无法读取列表")
        return self.run.source.list

    def parse_start(self, page: Page) -> Iterator[Any]:
        """A start page is the first page of a list."""
        self.lists += 1
        return self.parse_list(page)

    def parse_list(self, page: Page) -> Iterator[Any]:
        """Asks for the posts that are new, then for the next page."""
        listed = listing(page, self.run.id, self.spec, self.run.clock())
        known = self.replies_of([entry.url for entry in listed.entries])
        fresh = [entry for entry in listed.entries if self.wanted(entry, known)]
        self.run.tally.seen += len(listed.entries)
        for entry in fresh:
            self.run.tally.details += 1
            yield from self.ask(entry.url, self.parse_detail, entry=entry)
        yield from self.turn(listed, len(fresh), self.parse_list)

    def wanted(self, entry: Entry, known: dict[str, int | None]) -> bool:
        """Whether a post has to be fetched: it is new."""
        return entry.url not in known

    def parse_detail(self, page: Page, entry: Entry) -> Iterator[Any]:
        """Hands on the post of a page."""
        detail = self.run.source.detail
        if not detail.body and wall.found(page):
            raise Drift(self.run.id, page.url, "body")
        post, read = post_of(page, detail, self.run.id, entry, self.run.clock())
        for css in read.missing:
            self.run.tally.remark(f"选择器 {css} 没有匹配到内容")
        yield Batch((post,))
