"""`source new` proposes a table, saves the pages with a test, and `source test` runs it."""

from __future__ import annotations

import runpy
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from config.schema import Config
from config.schema.settings import CrawlSettings, Settings
from config.schema.sources import Source
from crawlers.commands import source_new, source_test
from crawlers.sample_sites import Served, running
from pipeline.faults import Unusable
from pipeline.store import leases
from pipeline.store.db import Store
from tests.conftest import NOW
from tests.crawlers.hostile import hostile

MANNERS = Settings(crawl=CrawlSettings(delay_seconds=0, timeout_seconds=1, page_bytes=1_000_000))
EMPTY = Config(settings=MANNERS)


@pytest.fixture
def sites() -> Iterator[tuple[Served, ...]]:
    with running(lambda: NOW, ports=(0, 0, 0)) as served:
        yield served


def written(root: Path) -> Config:
    """The configuration as the file has it now."""
    tables = tomllib.loads((root / "sources.toml").read_text("utf-8"))
    return Config(settings=MANNERS, sources={id: Source(**table) for id, table in tables.items()})


def test_a_forum_is_proposed_with_boards_pages_and_floors(tmp_path: Path, sites: tuple[Served, ...]) -> None:
    (tmp_path / "sources.toml").write_text('# 已有的\n[other]\nname = "甲"\nkind = "file"\n', "utf-8")
    outcome = source_new(EMPTY, tmp_path, "bbs", f"{sites[0].address}forum-1-1.html", NOW)
    source = written(tmp_path).sources["bbs"]
    assert (source.kind, source.enabled, source.private_address) == ("forum", False, True)
    assert source.list is not None
    assert (source.list.item, source.list.replies, source.detail.reply) == ("table.threads tr.thread", "span.replies::text", "div.post")
    assert "other" in written(tmp_path).sources
    assert "请核对后把 enabled 改为 true" in outcome.text
    assert "内网地址" in outcome.text


def test_a_gb18030_list_and_a_feed_are_proposed_and_their_saved_pages_pass_their_test(tmp_path: Path, sites: tuple[Served, ...]) -> None:
    for id, url in (("jyj", sites[1].address), ("daily", f"{sites[2].address}rss.xml")):
        source_new(EMPTY, tmp_path, id, url, NOW)
        runpy.run_path(str(tmp_path / "tests" / f"test_{id}.py"))[f"test_saved_pages_of_{id}"]()
        assert source_test(written(tmp_path), tmp_path, id, NOW).code == 0
    assert (tmp_path / "tests" / "pages" / "jyj" / "page.html").read_bytes().decode("gb18030").count("清源县教育局")
    assert written(tmp_path).sources["daily"].kind == "feed"


def test_a_table_that_no_longer_fits_its_pages_fails_and_says_how(tmp_path: Path, sites: tuple[Served, ...]) -> None:
    source_new(EMPTY, tmp_path, "jyj", sites[1].address, NOW)
    path = tmp_path / "sources.toml"
    path.write_text(path.read_text("utf-8").replace("h1::text", "h7::text"), "utf-8")
    outcome = source_test(written(tmp_path), tmp_path, "jyj", NOW)
    assert outcome.code == 1
    assert "h7" in outcome.text


def test_without_saved_pages_the_live_ones_are_tried(tmp_path: Path, sites: tuple[Served, ...]) -> None:
    source_new(EMPTY, tmp_path, "bbs", f"{sites[0].address}forum-1-1.html", NOW)
    outcome = source_test(written(tmp_path), tmp_path / "elsewhere", "bbs", NOW)
    assert [read["part"] for read in outcome.data["read"]] == ["list", "thread"]


def test_another_crawl_of_the_host_is_not_disturbed(tmp_path: Path, sites: tuple[Served, ...], store: Store) -> None:
    leases.take(store, "127.0.0.1", "crawl", NOW, NOW + timedelta(minutes=1))
    with pytest.raises(Unusable, match="正在采集这个网站"):
        source_new(EMPTY, tmp_path, "bbs", f"{sites[0].address}forum-1-1.html", NOW, store)


REFUSED = [
    ("login/", "页面要求登录或验证"), ("forbidden/", "robots.txt 不允许"), ("loop/", "重定向次数过多"), ("elsewhere/", "跳转到其他网站"),
    ("tologin/", "登录或验证页"), ("huge/", "超过 1 MB 上限"), ("slow/", "没有读完"), ("binary/", "不是网页文字"), ("broken/", "HTTP 500"),
    ("drift/", "没有找到像列表的部分"),
]


@pytest.mark.parametrize(("path", "said"), REFUSED)
def test_what_cannot_be_a_source_is_said_so_and_nothing_is_written(tmp_path: Path, path: str, said: str) -> None:
    with hostile() as (base, _), pytest.raises(Unusable, match=said):
        source_new(EMPTY, tmp_path, "bad", f"{base}/{path}", NOW)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("id", "url", "said"), [
    ("jyj", "http://127.0.0.1:9/", "已有这个信源"), ("../x", "http://127.0.0.1:9/", "代号写法不对"),
    ("Ab", "http://127.0.0.1:9/", "代号写法不对"), ("ok", "ftp://127.0.0.1/", "不是网址"), ("ok", "http://127.0.0.1:9/", "无法访问"),
])
def test_a_wrong_name_or_address_is_said_so(tmp_path: Path, id: str, url: str, said: str) -> None:
    config = Config(settings=MANNERS, sources={"jyj": Source(name="教育局", kind="file")})
    with pytest.raises(Unusable, match=said):
        source_new(config, tmp_path, id, url, NOW)
