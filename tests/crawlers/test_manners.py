"""What a crawl may do: its delay, its budget, and the settings that no default may decide."""

from datetime import timedelta

import pytest

from config.schema.settings import CrawlSettings
from config.schema.sources import Source
from crawlers.settings import scrapy_settings
from crawlers.spider import Run
from crawlers.storing import sleeps
from crawlers.tally import Tally
from pipeline.domain.posts import RawPost
from pipeline.store.db import Store
from tests.conftest import NOW


def run(store: Store, *, delay: float | None = None, robots: float = 0, pages: int = 30, first: bool = False, counts: bool = False) -> Run:
    source = Source(name="x", kind="forum", url="https://a.example/", delay_seconds=delay, max_pages=pages, first_crawl_counts=counts)
    return Run("x", source, CrawlSettings(), timedelta(days=7), store, lambda: NOW, first=first, tally=Tally(crawl_delay=robots))


DELAYS = [(None, 0, 3.0), (1.0, 0, 3.0), (8.0, 0, 8.0), (None, 10, 10.0), (8.0, 5, 8.0)]


@pytest.mark.parametrize(("source", "robots", "delay"), DELAYS)
def test_a_source_or_its_robots_may_be_slower_never_faster(store: Store, source: float | None, robots: float, delay: float) -> None:
    assert run(store, delay=source, robots=robots).delay == delay


BUDGETS = [(30, 0, 160), (2, 0, 40), (1000, 0, 160), (30, 60, 8)]


@pytest.mark.parametrize(("pages", "robots", "budget"), BUDGETS)
def test_a_run_asks_for_no_more_than_its_time_allows(store: Store, pages: int, robots: float, budget: int) -> None:
    assert run(store, pages=pages, robots=robots).budget == budget


def test_every_setting_of_manners_and_safety_is_explicit(store: Store) -> None:
    settings = scrapy_settings(run(store, delay=5))
    wanted = {
        "ROBOTSTXT_OBEY": True, "COOKIES_ENABLED": False, "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "AUTOTHROTTLE_ENABLED": True,
        "RETRY_TIMES": 1, "REDIRECT_MAX_TIMES": 5, "DOWNLOAD_DELAY": 5, "DOWNLOAD_DELAY_JITTER": 0,
        "DOWNLOAD_TIMEOUT": 30, "DOWNLOAD_MAXSIZE": 5_000_000,
        "CLOSESPIDER_TIMEOUT": 600, "DEPTH_LIMIT": 55, "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False,
        "HTTPPROXY_ENABLED": False, "METAREFRESH_ENABLED": False,
    }
    assert {key: settings[key] for key in wanted} == wanted
    assert settings["USER_AGENT"].startswith("Huiyin/")


SLEEPS = [
    (False, False, 8, True), (False, False, 6, False), (False, False, None, False), (True, False, 0, True), (True, False, None, True),
    (True, True, 0, False), (True, True, 8, True),
]


@pytest.mark.parametrize(("first", "counts", "days", "dormant"), SLEEPS)
def test_old_posts_and_a_first_crawl_start_no_clock(store: Store, first: bool, counts: bool, days: int | None, dormant: bool) -> None:
    post = RawPost("x", "k", "题", "文", published_at=None if days is None else NOW - timedelta(days=days))
    assert sleeps(post, run(store, first=first, counts=counts), NOW) is dormant
