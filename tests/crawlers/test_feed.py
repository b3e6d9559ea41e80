"""Feeds: what they say, and how much of it is taken."""

import time

import pytest

from crawlers.drift import Drift
from crawlers.feed import MOST, bounded, feed
from crawlers.page import Page
from pipeline.domain.terms import Precision
from pipeline.moments import shown
from tests.conftest import NOW

RSS = '<?xml version="1.0" encoding="{}"?><rss version="2.0"><channel><title>清源日报</title>{}</channel></rss>'
ITEM = (
    "<item><title>{t}</title><link>/n/{n}.html?utm_source=rss</link><guid>g{n}</guid><pubDate>{when}</pubDate>"
    "<description>{body}</description></item>"
)


def item(n: int = 1, title: str = "第{}条", when: str = "Wed, 18 Nov 2026 09:00:00 +0800", body: str = "摘要") -> str:
    return ITEM.format(n=n, t=title.format(n), when=when, body=body)


def page(text: str, charset: str = "utf-8", declared: str = "") -> Page:
    return Page("https://daily.example/rss.xml", text.encode(charset), NOW, content_type=f"application/xml; charset={declared or charset}")


def test_an_entry_is_a_post_named_by_its_canonical_link() -> None:
    found = feed(page(RSS.format("utf-8", item(body="&lt;p&gt;一段&lt;/p&gt;&lt;p&gt;二段&lt;/p&gt;"))), "daily", NOW)
    post = found.entries[0].post
    assert (post.key, post.title, post.body) == ("https://daily.example/n/1.html", "第1条", "一段\n二段")
    assert shown(post.published_at) == "2026-11-18 09:00"
    assert found.entries[0].summary_only


def test_gb18030_that_calls_itself_gb2312_is_read() -> None:
    found = feed(page(RSS.format("gb2312", item(title="喆老师㙍{}")), "gb18030", "gb2312"), "daily", NOW)
    assert found.entries[0].post.title == "喆老师㙍1"


@pytest.mark.parametrize(("said", "when", "precision"), [
    ("2026-11-18 09:00:00", "2026-11-18 09:00", Precision.SECOND),  # no zone: Shanghai's
    ("Wed, 18 Nov 2026 01:00:00 GMT", "2026-11-18 09:00", Precision.SECOND),
    ("Wed, 18 Nov 2027 01:00:00 GMT", "时间不明", Precision.UNKNOWN),
    ("", "时间不明", Precision.UNKNOWN),
])
def test_the_time_of_an_entry(said: str, when: str, precision: Precision) -> None:
    post = feed(page(RSS.format("utf-8", item(when=said))), "daily", NOW).entries[0].post
    assert (shown(post.published_at), post.precision) == (when, precision)


def test_a_full_text_needs_no_page() -> None:
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>题</title><link href="https://daily.example/a"/><id>x</id>
    <updated>2026-11-18T09:00:00+08:00</updated><content type="html">&lt;p&gt;全文&lt;/p&gt;</content></entry></feed>"""
    entry = feed(page(atom), "daily", NOW).entries[0]
    assert (entry.post.body, entry.summary_only, entry.post.precision) == ("全文", False, Precision.SECOND)


def test_a_feed_of_twenty_thousand_is_bounded_and_says_how_many_were_left() -> None:
    text = RSS.format("utf-8", "".join(item(n) for n in range(20_000)))
    begun = time.monotonic()
    found = feed(page(text), "daily", NOW)
    assert (len(found.entries), found.beyond) == (MOST, 20_000 - MOST)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(("open_", "one", "close"), [
    ('<rss version="2.0"><channel>', item(), "</channel></rss>"),
    ('<feed xmlns="http://www.w3.org/2005/Atom">', "<entry><title>a</title><id>x</id><link href='/a'/></entry>", "</feed>"),
])
def test_a_cut_feed_is_still_well_formed(open_: str, one: str, close: str) -> None:
    cut, left = bounded(open_ + one * 5 + close, most=2)
    assert (cut, left) == (open_ + one * 2 + close, 3)


def test_an_empty_feed_is_a_feed() -> None:
    assert feed(page(RSS.format("utf-8", "")), "daily", NOW).entries == ()


@pytest.mark.parametrize("text", ["<html><body>登录</body></html>", "", "{}"])
def test_a_page_that_is_no_feed_is_drift(text: str) -> None:
    with pytest.raises(Drift, match="不是 RSS"):
        feed(page(text), "daily", NOW)
