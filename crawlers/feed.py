"""Feeds (RSS, Atom), bounded however long they are; what an entry does not say is read from its page."""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import feedparser
from parsel import Selector

from crawlers import dates, wall
from crawlers.address import own_site
from crawlers.canonical import canonical
from crawlers.clean import clean
from crawlers.drift import Drift
from crawlers.list_page import better, post_of
from crawlers.listing import Entry
from crawlers.page import Page, paragraphs
from crawlers.spider import Batch, SourceSpider
from pipeline.domain.posts import RawPost
from pipeline.domain.terms import Precision

MOST = 500
"""Entries of a feed that are read; feeds have their newest first."""

ITEM_END = re.compile(r"</(?:\w+:)?(item|entry)\s*>", re.IGNORECASE)
DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry as a post, and whether its page has to be read for the rest of its text."""

    post: RawPost
    summary_only: bool


@dataclass(frozen=True, slots=True)
class Feed:
    """The newest entries of a feed, and how many more it has."""

    entries: tuple[FeedEntry, ...]
    beyond: int


def feed(page: Page, source: str, now: datetime) -> Feed:
    """Reads a feed. Raises `Drift` when the page is none."""
    text, beyond = bounded(DECLARATION.sub("", page.decoded.text))
    parsed = feedparser.parse(text.encode("utf-8", "replace"), response_headers={"content-type": "application/xml; charset=utf-8"})
    if not parsed.entries and not parsed.get("version"):
        raise Drift(source, page.url, "feed", "不是 RSS 或 Atom")
    found = [entry for entry in (_entry(page, source, raw, now) for raw in parsed.entries) if entry]
    if parsed.entries and not found:
        raise Drift(source, page.url, "item › link, guid", "都没有链接或编号")
    return Feed(tuple({e.post.key: e for e in found}.values()), beyond)


def bounded(text: str, most: int = MOST) -> tuple[str, int]:
    """The feed cut after its first entries, still well-formed, and how many were cut: parsing takes half a millisecond an entry."""
    ends = list(ITEM_END.finditer(text))
    if len(ends) <= most:
        return text, 0
    close = "</feed>" if ends[0][1].lower() == "entry" else "</channel></rss>" if "<rss" in text[:2000] else "</rdf:RDF>"
    return text[: ends[most - 1].end()] + close, len(ends) - most


def _entry(page: Page, source: str, raw: Any, now: datetime) -> FeedEntry | None:
    link = canonical(raw.get("link", ""), page.url)
    key = link or (f"guid:{raw['id']}" if raw.get("id") else "")
    if not key:
        return None
    full = "".join(part.get("value", "") for part in raw.get("content", ()))
    body = paragraphs(Selector(text=full or raw.get("summary", "") or " ", type="html"))
    published_at, precision = _published(raw, now)
    title = paragraphs(Selector(text=raw.get("title") or " ", type="html"))
    author = clean(raw.get("author", ""))
    post = RawPost(source, key, clean(title), clean(body), link, author, published_at, precision, evidence=page.evidence)
    return FeedEntry(post, bool(link) and not full)


def _published(raw: Any, now: datetime) -> dates.When:
    """The entry's time as it is written (without a zone it is Shanghai's), else as feedparser understands it (then UTC)."""
    for name in ("published", "updated", "created"):
        said, parsed = dict.get(raw, name) or "", dict.get(raw, f"{name}_parsed")  # its own `get` guesses one for the other
        found = dates.read(said, now)
        if found[0]:
            return found
        if parsed and not said.isdigit():
            return dates.believed((datetime.fromtimestamp(timegm(parsed), UTC), Precision.MINUTE), now)
    return dates.UNKNOWN


class FeedSpider(SourceSpider):
    """Reads a feed, and the pages of the entries it does not know yet."""

    def parse_start(self, page: Page) -> Iterator[Any]:
        """Hands on what is complete, asks for the pages of what is not."""
        read = feed(page, self.run.id, self.run.clock())
        self.run.tally.seen += len(read.entries)
        if read.beyond:
            self.run.tally.remark(f"信息流过长，只取最新 {MOST} 条，其余 {read.beyond} 条未取")
        known = self.replies_of([entry.post.key for entry in read.entries])
        for entry in read.entries:
            if entry.post.key in known:
                continue
            if entry.summary_only and own_site(entry.post.url, self.run.source.starts):
                self.run.tally.details += 1
                yield from self.ask(entry.post.url, self.parse_detail, post=entry.post)
            else:
                yield Batch((entry.post,))

    def parse_detail(self, page: Page, post: RawPost) -> Iterator[Any]:
        """The page of an entry."""
        if wall.found(page):
            raise Drift(self.run.id, page.url, "body")
        said = Entry(post.url, post.title, post.published_at, post.precision)
        full, _ = post_of(page, self.run.source.detail, self.run.id, said, self.run.clock())
        when = better((post.published_at, post.precision), (full.published_at, full.precision))
        body = full.body if len(full.body) >= len(post.body) else post.body
        yield Batch((RawPost(
            self.run.id, post.key, post.title or full.title, body, post.url, post.author or full.author, *when, evidence=full.evidence,
        ),))

    def given_up(self, post: RawPost | None = None, **_: Any) -> Iterator[Any]:
        """Where the page is not to be had, the summary is the post."""
        if post:
            yield Batch((post,))
