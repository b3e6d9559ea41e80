"""What stands between a spider and the network: the address guard, and the delay that a site asks for in its robots.txt."""

from __future__ import annotations

from typing import Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.defer import maybe_deferred_to_future

from config.schema.sources import Source
from crawlers import address, wall
from crawlers.canonical import host_of
from crawlers.settings import the_reactor

LONGEST_DELAY = 60.0


class Guard:
    """Downloader middleware: each request, one after a redirect as much as the first, goes to the source's own site and to a public
    address. The name is resolved through the same cache as the connection, so that both see the same answer."""

    def __init__(self, source: Source) -> None:
        self.source = source

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy for each crawl."""
        return cls(crawler.spider.run.source)  # type: ignore[union-attr]  # only our own spiders are crawled

    async def process_request(self, request: Request) -> None:
        """Raises `Turned` where the request must not be made."""
        host = host_of(request.url)
        if not address.own_site(request.url, self.source.starts):
            asks = wall.address(request.url)
            raise Turned(f"跳转到登录或验证页 {request.url}，不绕过" if asks else f"跳转到其他网站 {request.url}，未跟随", wall=asks)
        if not self.source.private_address:
            try:
                address.check(host, [await resolved(host)], allowed=False)
            except address.OffLimits as error:
                raise Turned(str(error)) from error

    def process_response(self, request: Request, response: Response) -> Response:
        """What came from a private address all the same is not used."""
        if response.ip_address is not None and not self.source.private_address and address.private(str(response.ip_address)):
            raise Turned(f"{host_of(request.url)} 指向内部地址 {response.ip_address}，未采集")
        return response


class Turned(address.OffLimits, IgnoreRequest):
    """`OffLimits`, so that Scrapy drops the request and does not try again."""


async def resolved(host: str) -> str:
    """The address that a connection to this host will go to."""
    found: str = await maybe_deferred_to_future(the_reactor().resolve(host))
    return found


class CrawlDelay:
    """Extension: a `Crawl-delay` in robots.txt makes us slower, never faster."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        crawler.signals.connect(self.obey, signal=signals.robots_parsed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy for each crawl."""
        return cls(crawler)

    def obey(self, robotparser: RobotParser) -> None:
        """Raises AutoThrottle's least delay to what the site asks for; the run's budget shrinks accordingly."""
        asked = robotparser.crawl_delay(self.crawler.settings["USER_AGENT"])
        throttle = self.crawler.get_extension(AutoThrottle)
        if asked and throttle:
            run = self.crawler.spider.run  # type: ignore[union-attr]  # only our own spiders are crawled
            run.tally.crawl_delay = min(asked, LONGEST_DELAY)
            throttle.mindelay = run.delay
