"""A list of links as its source describes it: a column of notices, a board of a forum."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from lxml import etree
from parsel import Selector

from config.schema.sources import ListPage
from crawlers import dates
from crawlers.drift import Drift, some
from crawlers.numerals import count
from crawlers.page import Page
from pipeline.domain.terms import Precision

SAYS_EMPTY = re.compile(r"暂无|没有(?:找到|相关|任何|更多|新的)|无相关|no (?:results|records|posts|data)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of a list, with what the list already says of its post."""

    url: str
    title: str
    published_at: datetime | None = None
    precision: Precision = Precision.UNKNOWN
    replies: int | None = None
    views: int | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list; `next` is empty on its last."""

    entries: tuple[Entry, ...]
    next: str


def listing(page: Page, source: str, spec: ListPage, now: datetime) -> Listing:
    """Reads a page of a list. Raises `Drift` when nothing is an item (and the page does not say that it is empty), or when most
    items have no link or title."""
    items = page.sel.css(spec.item)
    if not items and not SAYS_EMPTY.search(page.visible):
        raise Drift(source, page.url, spec.item)
    read = [entry for entry in (_entry(page, item, spec, now) for item in items) if entry]
    if items and 2 * len(read) < len(items):
        css = f"{spec.item} › {spec.link}, {spec.title}"
        raise Drift(source, page.url, css, f"只在 {len(items)} 条中的 {len(read)} 条里匹配到链接和标题")
    entries: dict[str, Entry] = {}
    for entry in read:
        entries.setdefault(entry.url, entry)  # a post listed twice (置顶) is one
    return Listing(tuple(entries.values()), link_of(page, page.sel, spec.next))


def boards(page: Page, source: str, css: str) -> tuple[str, ...]:
    """The boards that a forum's front page links to."""
    found = [url for url in (_href(page, hit) for hit in page.sel.css(css)) if url]
    if not found:
        raise Drift(source, page.url, css)
    return tuple(dict.fromkeys(found))


def link_of(page: Page, sel: Selector, css: str) -> str:
    """The address that the first match leads to; empty where there is none."""
    hit = next(iter(sel.css(css)), None) if css else None
    return _href(page, hit) if hit is not None else ""


def _href(page: Page, hit: Selector) -> str:
    """The address of a link, whether the selector ends at the element or at its attribute."""
    href = (hit.attrib.get("href") or "") if isinstance(hit.root, etree._Element) else str(hit.get() or "")
    return page.link(href) if href else ""


def _entry(page: Page, item: Selector, spec: ListPage, now: datetime) -> Entry | None:
    url, title = link_of(page, item, spec.link), some(item, spec.title)
    if not url or not title:
        return None
    when = dates.read(some(item, spec.time), now)
    replies = count(some(item, spec.replies)) if spec.replies else None
    return Entry(url, title, *when, replies, count(some(item, spec.views)) if spec.views else None)
