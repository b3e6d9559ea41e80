"""A post whose page is answered with 404 or 410 was deleted at its source; a page that merely fails was not."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from scrapy.http import HtmlResponse

from config.schema.settings import CrawlSettings
from config.schema.sources import ListPage, Source
from crawlers.forum import ForumSpider
from crawlers.listing import Entry
from crawlers.spider import Run
from pipeline.domain.posts import RawPost
from pipeline.store import posts
from pipeline.store.db import Store

HOME = "http://bbs.example/"
THREAD = f"{HOME}t1"


@pytest.mark.parametrize(
    ("status", "root", "gone"), [(404, False, True), (410, False, True), (500, False, False), (403, False, False), (404, True, False)]
)
def test_only_what_is_not_there_any_more_is_gone(store: Store, now: datetime, status: int, root: bool, gone: bool) -> None:
    posts.add(store, [RawPost("bbs", THREAD, "题", "文")], now, public=True, dormant=[False])
    source = Source(name="论坛", kind="forum", url=HOME, list=ListPage(item="li"))
    spider = ForumSpider(Run("bbs", source, CrawlSettings(), timedelta(days=7), store, lambda: now))
    answer = HtmlResponse(THREAD, status=status, body=b"<html></html>")
    assert list(spider.receive(answer, spider.parse_detail, root, {"entry": Entry(THREAD, "题")})) == []
    assert (store.value("SELECT gone_at FROM post") is not None) is gone
