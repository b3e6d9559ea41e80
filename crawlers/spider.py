"""What the spiders share: manners, the budget of a run, and what becomes of a page that is none."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from scrapy import Request, Spider
from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError, IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from config.schema.settings import CrawlSettings
from config.schema.sources import Source
from crawlers import wall
from crawlers.address import OffLimits
from crawlers.charset import Binary
from crawlers.drift import Drift
from crawlers.listing import Entry, Listing
from crawlers.page import Page
from crawlers.tally import Tally
from pipeline.domain.posts import RawPost
from pipeline.domain.terms import CrawlOutcome
from pipeline.moments import WallClock
from pipeline.store import posts, sources
from pipeline.store.db import Store

POSTS_A_LIST = 20
USABLE_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Batch:
    """Posts that are stored together: a post, or a thread with all its replies."""

    posts: tuple[RawPost, ...]


@dataclass(frozen=True)
class Run:
    """One crawl of one source: what it may do, what it knows, and its tally. `thorough` runs do not stop at a list page on which
    everything is known, because the run before did not get to its end."""

    id: str
    source: Source
    manners: CrawlSettings
    backfill: timedelta
    store: Store
    clock: WallClock
    first: bool = False
    thorough: bool = False
    tally: Tally = field(default_factory=Tally)

    @property
    def delay(self) -> float:
        """Seconds between two requests: a source or its robots.txt may be slower than the house rule, never faster."""
        return max(self.manners.delay_seconds, self.source.delay_seconds or 0, self.tally.crawl_delay)

    @property
    def budget(self) -> int:
        """How many pages one run may fetch, so that it ends well before its time is up."""
        in_time = int(USABLE_SHARE * self.manners.run_seconds / max(self.delay, 0.1))
        return max(1, min(self.source.max_pages * POSTS_A_LIST, in_time))


class SourceSpider(Spider):
    """A spider told what to do by one table of sources.toml."""

    def __init__(self, run: Run, **kwargs: Any) -> None:
        super().__init__(name=run.id, **kwargs)
        self.run = run
        self.asked = 0
        self.lists = 0

    async def start(self) -> AsyncIterator[Any]:
        """Asks for the source's start pages."""
        for url in self.run.source.starts:
            for request in self.ask(url, self.parse_start, root=True):
                yield request

    def parse_start(self, page: Page) -> Iterator[Any]:
        """Reads a start page; every kind has its own way."""
        raise NotImplementedError

    def ask(self, url: str, then: Callable[..., Iterable[Any]], *, root: bool = False, **more: Any) -> Iterator[Request]:
        """The request for a page, while the budget lasts. What `then` needs besides the page comes in `more`."""
        if self.asked >= self.run.budget:
            self.run.tally.remaining += 1
            return
        self.asked += 1
        arguments = {"then": then, "root": root, "more": more}
        yield Request(url, self.receive, errback=self.fail, cb_kwargs=arguments, dont_filter=root)

    def turn(self, listed: Listing, fresh: int, then: Callable[..., Iterable[Any]]) -> Iterator[Request]:
        """The request for the next page of a list: only while there is something new, and nothing on it is too old to matter."""
        now = self.run.clock()
        times = [entry.published_at for entry in listed.entries]
        aged = bool(times) and all(moment is not None and now - moment > self.run.backfill for moment in times)
        if listed.next and not aged and (fresh or self.run.thorough) and self.lists < self.run.source.max_pages:
            self.lists += 1
            yield from self.ask(listed.next, then)

    def receive(self, response: Response, then: Callable[..., Iterable[Any]], root: bool, more: dict[str, Any]) -> Iterator[Any]:
        """Hands a page to its reader; records it where it is no page, a wall, or not as the source says."""
        tally = self.run.tally
        tally.pages += 1
        page = self.page(response)
        try:
            if response.status in (404, 410) and not root:
                tally.gone += 1
                tally.remark("有页面已不存在（404）")
                self.gone(**more)
            elif response.status >= 400:
                kind = CrawlOutcome.WALL if response.status == 401 else CrawlOutcome.UNREACHABLE
                tally.trouble(kind, response.url, wall.found(page) or f"HTTP {response.status}", root=root)
            else:
                yield from then(page, **more)
                return
        except Binary as error:
            tally.trouble(CrawlOutcome.FAILED, response.url, str(error), root=root)
        except Drift as drift:
            self.drifted(page, drift, root)
        except Exception as error:  # noqa: BLE001 — a page may surprise any parser: it is recorded, the others go on
            tally.trouble(CrawlOutcome.FAILED, response.url, f"{type(error).__name__}: {error}", root=root)
        yield from self.given_up(**more)

    def page(self, response: Response) -> Page:
        """The response as the parsers know it."""
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        return Page(response.url, response.body, self.run.clock(), response.status, content_type, self.run.source.encoding)

    def drifted(self, page: Page, drift: Drift, root: bool) -> None:
        """A page that does not look as it should is a wall, or a new layout."""
        if said := wall.found(page):
            self.run.tally.trouble(CrawlOutcome.WALL, page.url, f"页面要求登录或验证（“{said}”），已停止，不绕过", root=root)
        else:
            self.run.tally.trouble(CrawlOutcome.DRIFT, page.url, f"选择器 {drift.selector} {drift.what}", root=root)

    def fail(self, failure: Failure) -> Iterator[Any]:
        """Records a page that could not be fetched."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy adds it
        kind, text = why(failure.value, self.run.manners)
        self.run.tally.trouble(kind, request.url, text, root=request.cb_kwargs["root"])
        yield from self.given_up(**request.cb_kwargs["more"])

    def gone(self, entry: Entry | None = None, **_: Any) -> None:
        """Notes that a post which was collected before stands at its source no longer."""
        if entry:
            posts.gone(self.run.store, self.run.id, entry.url, self.run.clock())

    def given_up(self, **_: Any) -> Iterator[Any]:
        """What can still be had of a post one of whose pages is not to be had; nothing, unless a kind knows better."""
        yield from ()

    def replies_of(self, keys: list[str]) -> dict[str, int | None]:
        """What is known of these posts."""
        return sources.replies_of(self.run.store, self.run.id, keys)


def why(error: BaseException | None, manners: CrawlSettings) -> tuple[CrawlOutcome, str]:
    """The outcome and the sentence for a request that failed."""
    text = str(error)
    if isinstance(error, OffLimits):
        return (CrawlOutcome.WALL if error.wall else CrawlOutcome.FAILED), text
    if isinstance(error, IgnoreRequest) and "robots.txt" in text:
        return CrawlOutcome.ROBOTS, "robots.txt 不允许采集，已遵守"
    if isinstance(error, IgnoreRequest):
        return CrawlOutcome.UNREACHABLE, "重定向次数过多" if "redirections" in text else text
    if isinstance(error, DownloadTimeoutError):
        return CrawlOutcome.TIMEOUT, f"{manners.timeout_seconds} 秒内没有读完"
    if isinstance(error, DownloadCancelledError):
        return CrawlOutcome.FAILED, f"页面超过 {manners.page_bytes // 1_000_000} MB 上限，未读取"
    return CrawlOutcome.UNREACHABLE, f"无法访问（{type(error).__name__}）"
