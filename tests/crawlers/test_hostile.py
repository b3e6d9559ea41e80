"""A crawl over HTTP through everything that goes wrong: each source ends with its own outcome, and none takes another with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config.schema.sources import DetailPage, ListPage, Source
from crawlers.feed import MOST
from pipeline.domain.terms import CrawlOutcome as O
from pipeline.outcome import Outcome
from tests.crawlers.conftest import Bureau
from tests.crawlers.hostile import hostile

pytestmark = pytest.mark.slow

LIST = ListPage(item="ul.list li", time=".d::text")
DETAIL = DetailPage(title="h1", body=".c", time=".t::text")

WHAT = [
    ("good", O.OK, None),
    ("lying", O.OK, None),
    ("endless", O.OK, f"其余 {20_000 - MOST} 条未取"),
    ("forbidden", O.ROBOTS, "robots.txt 不允许采集"),
    ("login", O.WALL, "用户登录"),
    ("captcha", O.WALL, "5 个正文页"),
    ("unauthorised", O.WALL, "401"),
    ("tologin", O.WALL, "跳转到登录或验证页"),
    ("elsewhere", O.FAILED, "跳转到其他网站"),
    ("private", O.FAILED, "内部地址 127.0.0.1"),
    ("broken", O.UNREACHABLE, "HTTP 500"),
    ("missing", O.UNREACHABLE, "HTTP 404"),
    ("loop", O.UNREACHABLE, "重定向次数过多"),
    ("nobody", O.UNREACHABLE, "无法访问"),
    ("slow", O.TIMEOUT, "2 秒内没有读完"),
    ("huge", O.FAILED, "超过 4 MB 上限"),
    ("binary", O.FAILED, "不是网页文字"),
    ("drift", O.DRIFT, "ul.list li"),
    ("pagedrift", O.DRIFT, "h1"),
    ("notfeed", O.DRIFT, "不是 RSS"),
    ("empty", O.EMPTY, "只看到 0 条"),
]


@pytest.fixture(scope="module")
def ran(bureau: Bureau) -> Iterator[tuple[Bureau, list[tuple[str, dict[str, str]]], Outcome]]:
    """All of them crawled, in one child process."""
    with hostile() as (base, seen):
        table = {name: source(base, name) for name, _, _ in WHAT}
        table["private"] = table["good"].model_copy(update={"private_address": False})
        table["nobody"] = table["good"].model_copy(update={"url": "http://127.0.0.1:9/"})
        bureau.configure(table, page_bytes=4_000_000)
        outcome = bureau.crawl()
        yield bureau, seen, outcome


def source(base: str, name: str) -> Source:
    kind = "feed" if name in ("endless", "notfeed") else "list_page"
    path, counts = ("none" if name == "missing" else name), name == "lying"
    return Source(name=name, kind=kind, url=f"{base}/{path}/", private_address=True, list=LIST, detail=DETAIL, first_crawl_counts=counts)


@pytest.mark.parametrize(("name", "outcome", "said"), WHAT, ids=[w[0] for w in WHAT])
def test_each_trouble_has_its_outcome_and_its_reason(ran: tuple[Bureau, object, object], name: str, outcome: O, said: str | None) -> None:
    run = ran[0].runs()[name]
    assert (run.outcome, run.error if said is None else None) == (outcome, None), run
    assert said is None or said in (run.error or "")


def test_posts_come_from_the_sources_that_were_seen_and_from_no_other(ran: tuple[Bureau, object, object]) -> None:
    counts = {r["source"]: r["n"] for r in ran[0].store.rows("SELECT source, count(*) AS n FROM post GROUP BY source")}
    assert counts == {"good": 5, "lying": 5, "endless": MOST}
    assert {p["body"] for p in ran[0].posts("lying")} == {f"正文{n}，学校和家长。" for n in range(1, 6)}


def test_a_first_crawl_starts_nothing_and_says_so_but_old_posts_sleep_anyway(ran: tuple[Bureau, object, Outcome]) -> None:
    bureau, _, outcome = ran
    assert all(p["dormant"] for p in bureau.posts("endless"))  # without a time, and yet of the first crawl
    assert "endless）：正常，看到 500 条，新帖 500 条；首次采集，所收帖文只入库可查，不起算时限" in outcome.text
    assert "lying）：正常，看到 5 条，新帖 5 条；首次" not in outcome.text
    assert outcome.code == 1


def test_manners_are_kept(ran: tuple[Bureau, list[tuple[str, dict[str, str]]], object]) -> None:
    paths = [path for path, _ in ran[1]]
    assert not [p for p in paths if p.startswith("/forbidden/")]
    assert paths.count("/broken/") == 2  # one retry, no storm
    assert sum(p.startswith("/loop/") for p in paths) == 6
    assert all("Huiyin" in headers["User-Agent"] and "Cookie" not in headers and "Referer" not in headers for _, headers in ran[1])


def test_no_lease_is_left_behind(ran: tuple[Bureau, object, object]) -> None:
    assert ran[0].store.value("SELECT count(*) FROM host_lease") == 0
