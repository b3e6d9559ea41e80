"""Forums: boards → threads → replies, each over as many pages as it has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from parsel import Selector

from config.schema.sources import DetailPage
from crawlers import dates
from crawlers.clean import clean
from crawlers.drift import Drift, one, some
from crawlers.extract import find_title
from crawlers.list_page import ListPageSpider, better, post_of
from crawlers.listing import Entry, boards, link_of
from crawlers.page import Page, paragraphs
from crawlers.spider import Batch
from pipeline.domain.posts import Engagement, RawPost

THREAD_PAGES = 20
"""Pages of one thread that are read; a longer one is cut there, and what is beyond counts as seen."""


def opening(page: Page, detail: DetailPage, source: str, entry: Entry, now: datetime) -> tuple[RawPost, bool]:
    """The post that opens a thread, and whether it is the first of the page's floors (楼层)."""
    floors = page.sel.css(detail.reply) if detail.reply else []
    if detail.body or not floors:
        if detail.reply and not detail.body:
            raise Drift(source, page.url, detail.reply)
        post, _ = post_of(page, detail, source, entry, now)
        return post, bool(floors) and _within(floors[0], page.sel.css(detail.body))
    title = one(page.sel, detail.title, source, page.url) if detail.title else find_title(page)
    first = _floor(page, floors[0], detail, source, entry.url, now)
    if first is None:
        raise Drift(source, page.url, detail.reply_body)
    published_at, precision = better((first.published_at, first.precision), (entry.published_at, entry.precision))
    first = replace(first, key=entry.url, url=entry.url, parent=None, title=clean(title), published_at=published_at, precision=precision)
    return replace(first, engagement=Engagement(views=entry.views, replies=entry.replies)), True


def replies(page: Page, detail: DetailPage, source: str, thread: str, now: datetime, *, skip_first: bool) -> tuple[RawPost, ...]:
    """The replies on a page of a thread. Raises `Drift` when none of its floors has a text."""
    floors = page.sel.css(detail.reply)[1 if skip_first else 0 :] if detail.reply else []
    found = [post for floor in floors if (post := _floor(page, floor, detail, source, thread, now))]
    if floors and not found:
        raise Drift(source, page.url, detail.reply_body)
    return tuple(found)


def _floor(page: Page, floor: Selector, detail: DetailPage, source: str, thread: str, now: datetime) -> RawPost | None:
    """One floor as a reply; None where it holds no text (deleted, an advert)."""
    hit = next(iter(floor.css(detail.reply_body)), None) if detail.reply_body else floor
    if hit is None:
        return None
    body, author = clean(paragraphs(hit)), clean(some(floor, detail.reply_author))
    name = some(floor, detail.reply_id) or sha256(f"{author}\0{body}".encode()).hexdigest()[:16]
    when = dates.read(some(floor, detail.reply_time), now)
    key = f"{thread}#{name}"
    return RawPost(source, key, "", body, key, author, *when, parent=thread, evidence=page.evidence)


def _within(outer: Selector, inner: list[Selector]) -> bool:
    """Whether an element holds the first of others."""
    return bool(inner) and (inner[0].root is outer.root or outer.root in inner[0].root.iterancestors())


@dataclass
class Draft:
    """A thread while its pages come in. It is stored whole, with the number of replies only when all of them were read: else the next
    crawl would take it for known."""

    entry: Entry
    posts: dict[str, RawPost] = field(default_factory=dict)
    pages: int = 0

    def batch(self, *, whole: bool) -> Iterator[Batch]:
        """What has been read of the thread."""
        posts = list(self.posts.values())
        if posts and not whole:
            posts[0] = replace(posts[0], engagement=replace(posts[0].engagement, replies=None))
        if posts:
            yield Batch(tuple(posts))


class ForumSpider(ListPageSpider):
    """Goes through boards and threads; a known thread is fetched again only when its number of replies changed."""

    def parse_start(self, page: Page) -> Iterator[Any]:
        """The front page leads to the boards; where none are configured the start page is a board itself."""
        if not self.spec.boards:
            yield from super().parse_start(page)
            return
        for url in boards(page, self.run.id, self.spec.boards):
            yield from self.ask(url, super().parse_start, root=True)

    def wanted(self, entry: Entry, known: dict[str, int | None]) -> bool:
        """Whether a thread has to be fetched: it is new, or it may have new replies."""
        if entry.url not in known:
            return True
        return bool(self.run.source.detail.reply) and (entry.replies is None or known[entry.url] != entry.replies)

    def parse_detail(self, page: Page, entry: Entry) -> Iterator[Any]:
        """The first page of a thread."""
        draft = Draft(entry)
        post, is_floor = opening(page, self.run.source.detail, self.run.id, entry, self.run.clock())
        draft.posts[post.key] = post
        return self.read_on(page, draft, skip_first=is_floor)

    def parse_more(self, page: Page, draft: Draft) -> Iterator[Any]:
        """A further page of a thread."""
        return self.read_on(page, draft, skip_first=False)

    def read_on(self, page: Page, draft: Draft, *, skip_first: bool) -> Iterator[Any]:
        """Takes the replies of a page; asks for the next, or hands the thread on."""
        draft.pages += 1
        detail, thread = self.run.source.detail, draft.entry.url
        for post in replies(page, detail, self.run.id, thread, self.run.clock(), skip_first=skip_first):
            draft.posts.setdefault(post.key, post)
        following = link_of(page, page.sel, detail.next)
        more = list(self.ask(following, self.parse_more, draft=draft)) if following and draft.pages < THREAD_PAGES else []
        if draft.pages >= THREAD_PAGES and following:
            self.run.tally.remark(f"有主题帖超过 {THREAD_PAGES} 页，只读了前面的部分")
        yield from more or draft.batch(whole=not following or draft.pages >= THREAD_PAGES)

    def given_up(self, draft: Draft | None = None, **_: Any) -> Iterator[Any]:
        """A thread whose next page is not to be had is stored as far as it was read."""
        if draft:
            yield from draft.batch(whole=False)
