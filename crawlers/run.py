"""The crawl itself: every host in its turn, hosts side by side, each under its lease and each source with a run of its own."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from scrapy.crawler import Crawler
from scrapy.resolver import CachingThreadedResolver
from scrapy.utils.reactor import install_reactor
from twisted.internet.defer import Deferred

from config.schema import Config
from crawlers.canonical import host_of
from crawlers.feed import FeedSpider
from crawlers.forum import ForumSpider
from crawlers.health import Verdict, judge
from crawlers.list_page import ListPageSpider
from crawlers.settings import REACTOR, scrapy_settings, the_reactor
from crawlers.spider import Run, SourceSpider
from crawlers.tally import Tally
from pipeline.domain.terms import CrawlOutcome
from pipeline.moments import WallClock
from pipeline.store import leases, sources
from pipeline.store.db import Store

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=90)
BEAT_SECONDS = 20
SPIDERS: dict[str, type[SourceSpider]] = {"feed": FeedSpider, "list_page": ListPageSpider, "forum": ForumSpider}


@dataclass(frozen=True, slots=True)
class Crawled:
    """What became of one source; no verdict where another crawl holds its host."""

    source: str
    verdict: Verdict | None
    tally: Tally
    first: bool = False


def hosts_of(config: Config, source: str) -> tuple[str, ...]:
    """The hosts that a source starts from, sorted, so that two takers of several leases never wait crosswise."""
    return tuple(sorted({host_of(url) for url in config.sources[source].starts}))


def by_host(config: Config, ids: Sequence[str]) -> list[list[str]]:
    """The sources in chains, those with the same first host in one."""
    chains: dict[str, list[str]] = {}
    for source in ids:
        chains.setdefault(next(iter(hosts_of(config, source)), ""), []).append(source)
    return list(chains.values())


def process_name(pid: int) -> str:
    """How a process of this machine signs its leases."""
    return f"{socket.gethostname()}:{pid}"


class Crawl:
    """All crawls of one process."""

    def __init__(self, store: Store, config: Config, clock: WallClock) -> None:
        self.store, self.config, self.clock = store, config, clock
        self.running: set[Crawler] = set()
        self.stopping = False

    async def chains(self, chains: Sequence[Sequence[str]]) -> list[Crawled]:
        """Crawls the chains side by side, each in order."""
        found = await asyncio.gather(*(self.chain(n, chain) for n, chain in enumerate(chains)))
        return [crawled for chain in found for crawled in chain]

    async def chain(self, number: int, ids: Sequence[str]) -> list[Crawled]:
        """Crawls sources one after the other."""
        return [await self.leased(f"{process_name(os.getpid())}/{number}", source) for source in ids if not self.stopping]

    async def leased(self, holder: str, source: str) -> Crawled:
        """Crawls a source while holding the leases of its hosts."""
        held = [host for host in hosts_of(self.config, source) if self.take(host, holder)]
        try:
            if len(held) < len(hosts_of(self.config, source)):
                return Crawled(source, None, Tally())
            return await self.recorded(source, holder, held)
        finally:
            for host in held:
                leases.release(self.store, host, holder)

    def take(self, host: str, holder: str) -> bool:
        """Takes one lease."""
        now = self.clock()
        return leases.take(self.store, host, holder, now, now + LEASE)

    async def recorded(self, source: str, holder: str, hosts: Sequence[str]) -> Crawled:
        """Crawls a source between the beginning and the end of its run."""
        run = self.plan(source)
        run_id = sources.begin_run(self.store, source, self.clock())
        verdict = Verdict(CrawlOutcome.FAILED, "采集程序出错，详见日志")
        try:
            verdict = judge(run.tally, run.source, await self.spider(run, holder, hosts))
        except Exception:  # the other sources of this process must go on; the run says that it failed
            log.exception("crawl of %s failed", source)
        finally:
            tally = run.tally
            sources.end_run(
                self.store, run_id, verdict.outcome, self.clock(), pages=tally.pages, seen=tally.seen, new=tally.stored.new,
                remaining=tally.remaining, error=verdict.error,
            )
        return Crawled(source, verdict, run.tally, run.first and not run.source.first_crawl_counts)

    def plan(self, source: str) -> Run:
        """What the crawl of a source knows before it begins."""
        settings = self.config.settings
        before = sources.latest(self.store, [source]).get(source)
        return Run(
            source, self.config.sources[source], settings.crawl, timedelta(days=settings.clocks.backfill_days), self.store, self.clock,
            first=sources.first_crawl(self.store, source, self.clock()), thorough=before is None or not before.complete,
        )

    async def spider(self, run: Run, holder: str, hosts: Sequence[str]) -> str:
        """Runs the spider to its end and returns why it ended, in Scrapy's words."""
        crawler = Crawler(SPIDERS[run.source.kind], scrapy_settings(run))
        beat = asyncio.ensure_future(self.beat(crawler, holder, hosts))
        self.running.add(crawler)
        try:
            await crawler.crawl_async(run=run)
        finally:
            self.running.discard(crawler)
            beat.cancel()
        return str(crawler.stats.get_value("finish_reason", "unknown")) if crawler.stats else "unknown"

    async def beat(self, crawler: Crawler, holder: str, hosts: Sequence[str]) -> None:
        """Renews the leases; a crawl that lost one stops. A crawl that hangs does not come here, and its leases run out."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            if not all(leases.renew(self.store, host, holder, self.clock() + LEASE) for host in hosts):
                log.warning("a host lease of %s was lost: its crawl stops", holder)
                await crawler.stop_async()
                return

    async def stop(self) -> None:
        """Lets the pages in hand be finished, and begins no other."""
        self.stopping = True
        await asyncio.gather(*(crawler.stop_async() for crawler in list(self.running)))


def crawl_all(store: Store, config: Config, ids: Sequence[str], clock: WallClock) -> list[Crawled]:
    """Crawls these sources in this process, which can do so only once: Twisted's reactor cannot be started again.

    Told to end (SIGTERM), it finishes the pages in hand, stores them, and records the runs as cut off.
    """
    install_reactor(REACTOR)
    reactor = the_reactor()
    CachingThreadedResolver(reactor, 10_000, 20).install_on_reactor()
    crawl = Crawl(store, config, clock)
    work: list[asyncio.Future[list[Crawled]]] = []

    def begin() -> None:
        work.append(asyncio.ensure_future(crawl.chains(by_host(config, ids))))
        work[0].add_done_callback(lambda _: reactor.stop() if not crawl.stopping else None)

    async def end() -> None:
        await crawl.stop()
        await asyncio.wait(work)

    reactor.callWhenRunning(begin)
    reactor.addSystemEventTrigger("before", "shutdown", lambda: Deferred.fromFuture(asyncio.ensure_future(end())))
    reactor.run()
    return work[0].result()
