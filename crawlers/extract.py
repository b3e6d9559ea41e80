"""The one post of a page: by the source's own selectors, or without them by its shape, with rules for Chinese pages."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import date, datetime, time

from htmldate import find_date
from lxml import etree
from parsel import Selector
from readability import Document

from config.schema.sources import DetailPage
from crawlers import dates
from crawlers.drift import Drift, one, some, text_of
from crawlers.numerals import count, folded
from crawlers.page import Page, paragraphs
from pipeline.domain.terms import Precision
from pipeline.moments import LOCAL, local

logging.getLogger("readability").setLevel(logging.ERROR)
logging.getLogger("htmldate").setLevel(logging.ERROR)

META_TITLE = ("ArticleTitle", "og:title")
META_TIME = ("PubDate", "article:published_time", "publishdate", "publish_time", "og:release_date")
META_AUTHOR = ("Author", "author")
DATED = "time, " + ", ".join(f"[{at}*={word}]" for at in ("class", "id") for word in ("time", "date", "pub", "info", "meta"))
SAID_WHEN = re.compile(r"(?:(?:发布|发表|成文|发文|更新|提交|留言|来信)?(?:时间|日期)|(?:发表|发布)于)\s*[:：]?\s*([^\n]{4,40})")
SAID_WHO = re.compile(r"(?:作者|发帖人|楼主|记者|撰稿|网友)\s*[:：]\s*([^\s|｜,，;；<>]{1,30})")
SITE_NAME = re.compile(r"\s*[-_|—–｜·]+\s*")
CUT = ("script", "style", "noscript", "iframe", "form", "nav", "footer")


@dataclass(frozen=True, slots=True)
class Article:
    """What stands on a page with one post. `missing` names the optional selectors that matched nothing there."""

    title: str
    body: str
    published_at: datetime | None
    precision: Precision
    author: str = ""
    views: int | None = None
    missing: tuple[str, ...] = ()


def article(page: Page, detail: DetailPage, source: str, now: datetime) -> Article:
    """Reads a page. Raises `Drift` where the source's selector for title or body matches nothing."""
    title = one(page.sel, detail.title, source, page.url) if detail.title else find_title(page)
    body = body_of(page, detail.body, source) if detail.body else find_body(page)
    when = dates.read(some(page.sel, detail.time), now) if detail.time else dates.UNKNOWN
    when = when if when[0] else find_time(page, now)
    author = some(page.sel, detail.author) if detail.author else find_author(page)
    missing = [css for css in (detail.time, detail.author, detail.views) if css and not page.sel.css(css)]
    views = count(some(page.sel, detail.views)) if detail.views else None
    return Article(title, body, *when, _without_label(author), views, tuple(missing))


def body_of(page: Page, css: str, source: str) -> str:
    """The text of the first match; it may be empty (a picture), but it must be there."""
    hit = next(iter(page.sel.css(css)), None)
    if hit is None:
        raise Drift(source, page.url, css)
    return paragraphs(hit) if isinstance(hit.root, etree._Element) else text_of(hit)


def find_title(page: Page) -> str:
    """The title by meta data, the only headline, or the browser's title without the site's name."""
    for name in META_TITLE:
        if found := meta(page.sel, name):
            return found
    headlines = [text for text in map(text_of, page.sel.css("h1")) if text]
    if len(headlines) == 1:
        return headlines[0]
    bar = page.title
    parts = [part for part in SITE_NAME.split(bar) if part]
    inside = [h for h in headlines if h in bar]
    return inside[0] if inside else max(parts[:1] or headlines[:1] or [bar], key=len)


def find_body(page: Page) -> str:
    """The article by readability, once scripts and navigation are cut; the whole visible text where that finds next to nothing."""
    tree = Selector(text=page.decoded.text.replace("\x00", "") or "<html></html>", type="html")
    for node in tree.xpath("|".join(f"//{tag}" for tag in CUT)):
        node.drop()
    try:
        summary = Document(tree.get()).summary(html_partial=True)
        found = paragraphs(Selector(text=summary, type="html"))
    except (etree.LxmlError, ValueError, TypeError, AttributeError, IndexError):  # readability fails on odd trees
        found = ""
    return found if len(found) >= 10 else paragraphs(tree)


def find_time(page: Page, now: datetime) -> dates.When:
    """The publication time by meta data, by elements called so, by words that announce it; else the day that htmldate sees."""
    for name in META_TIME:
        found = dates.read(meta(page.sel, name), now)
        if found[0]:
            return found
    for node in page.sel.css(DATED)[:40]:
        text = text_of(node)
        found = dates.read(text, now) if len(text) <= 200 else dates.UNKNOWN
        if found[0]:
            return found
    for said in SAID_WHEN.findall(folded(page.visible)[:5000]):
        found = dates.read(said, now)
        if found[0]:
            return found
    return _second_opinion(page, now)


def _second_opinion(page: Page, now: datetime) -> dates.When:
    newest = local(now).date().isoformat()
    try:
        day = find_date(page.decoded.text, extensive_search=False, original_date=True, outputformat="%Y-%m-%d", max_date=newest)
    except (ValueError, TypeError, AttributeError, etree.LxmlError):  # it cannot read every page
        return dates.UNKNOWN
    if not day:
        return dates.UNKNOWN
    return dates.believed((datetime.combine(date.fromisoformat(day), time(), LOCAL), Precision.DAY), now)


def find_author(page: Page) -> str:
    """Who wrote it, by meta data or the words that announce it."""
    for name in META_AUTHOR:
        if found := meta(page.sel, name):
            return found
    said = SAID_WHO.search(page.visible[:3000])
    return said[1] if said else ""


def meta(sel: Selector, name: str) -> str:
    """The content of a meta element by its name or property, whatever its case."""
    lower = "translate({}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"
    hit = sel.xpath(f"//meta[{lower.format('@name')} = $n or {lower.format('@property')} = $n]/@content", n=name.lower()).get()
    return " ".join((hit or "").split())


def _without_label(author: str) -> str:
    said = SAID_WHO.match(author)
    return said[1] if said else author
