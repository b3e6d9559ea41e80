"""Every setting of Scrapy that manners or safety hang on, said outright: its defaults are impolite, and change."""

from __future__ import annotations

from typing import Any

from crawlers.spider import Run

REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"


def the_reactor() -> Any:
    """Twisted's reactor. Importing it installs it, so it is imported only when the right one has been."""
    from twisted.internet import reactor

    return reactor


def scrapy_settings(run: Run) -> dict[str, Any]:
    """The settings for one crawl of one source."""
    manners = run.manners
    return MANNERS | {
        "USER_AGENT": manners.user_agent,
        "DOWNLOAD_DELAY": run.delay,
        "AUTOTHROTTLE_START_DELAY": run.delay,
        "DOWNLOAD_TIMEOUT": manners.timeout_seconds,
        "DOWNLOAD_MAXSIZE": manners.page_bytes,
        "CLOSESPIDER_TIMEOUT": manners.run_seconds,
        "DEPTH_LIMIT": run.source.max_pages + 25,
    }


MANNERS: dict[str, Any] = {
    "TWISTED_REACTOR": REACTOR,
    # manners
    "ROBOTSTXT_OBEY": True,
    "CONCURRENT_REQUESTS": 1,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "DOWNLOAD_DELAY_JITTER": 0,  # half of a delay is not the delay
    "AUTOTHROTTLE_ENABLED": True,
    "AUTOTHROTTLE_MAX_DELAY": 60,
    "AUTOTHROTTLE_TARGET_CONCURRENCY": 1,
    "RETRY_ENABLED": True,
    "RETRY_TIMES": 1,
    "RETRY_HTTP_CODES": [500, 502, 503, 504],
    "RETRY_GIVE_UP_LOG_LEVEL": "DEBUG",
    "COOKIES_ENABLED": False,
    "REFERRER_POLICY": "no-referrer",
    "HTTPPROXY_ENABLED": False,
    "DEFAULT_REQUEST_HEADERS": {"Accept": "text/html,application/xml;q=0.9,*/*;q=0.8", "Accept-Language": "zh-CN,zh;q=0.9"},
    # bounds
    "REDIRECT_MAX_TIMES": 5,
    "METAREFRESH_ENABLED": False,
    "DOWNLOAD_WARNSIZE": 0,
    "DNS_TIMEOUT": 20,
    "URLLENGTH_LIMIT": 2083,
    "HTTPERROR_ALLOW_ALL": True,  # the spider records them
    # our own parts
    "DOWNLOADER_MIDDLEWARES": {"crawlers.guard.Guard": 50},
    "ITEM_PIPELINES": {"crawlers.storing.Storing": 100},
    "EXTENSIONS": {"crawlers.guard.CrawlDelay": 0},
    "SCHEDULER_MEMORY_QUEUE": "scrapy.squeues.FifoMemoryQueue",
    # doors and noise
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "LOG_ENABLED": False,
    "STATS_DUMP": False,
    "LOGSTATS_INTERVAL": 0,
    "MEMUSAGE_ENABLED": False,
}
