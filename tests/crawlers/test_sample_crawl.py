"""The sample county's three sites, crawled over HTTP from end to end."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import timedelta
from importlib.resources import files
from typing import Any

import pytest

from config.schema.sources import Source
from crawlers import sample_sites
from crawlers.sample_sites import Served, running
from pipeline.domain.terms import CrawlOutcome as O
from pipeline.store import leases, sources
from tests.crawlers.conftest import Bureau, clock

pytestmark = pytest.mark.slow

IDS = ("forum", "jyj", "daily")


def sample_sources(served: tuple[Served, ...]) -> dict[str, Source]:
    """The sample's own tables, on the ports of this test."""
    tables = tomllib.loads((files("config") / "sample" / "sources.toml").read_text("utf-8"))
    found = {}
    for id, site in zip(IDS, served, strict=True):
        path = tables[id]["url"].split("/", 3)[3]
        found[id] = Source(**tables[id] | {"url": site.address + path, "delay_seconds": 0.01})
    return found


@pytest.fixture
def sites(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Served, ...]]:
    monkeypatch.setattr(sample_sites, "ROBOTS", "User-agent: *\nDisallow: /admin/\n")  # no Crawl-delay: tests have no time
    with running(clock, ports=(0, 0, 0)) as served:
        yield served


def rows(site: Served) -> list[dict[str, Any]]:
    return site.site.rows


def test_everything_is_collected_once_and_then_only_what_is_new(fresh: Bureau, sites: tuple[Served, ...]) -> None:
    forum, jyj, daily = sites
    fresh.configure(sample_sources(sites))
    assert fresh.crawl().code == 0
    assert {id: run.outcome for id, run in fresh.runs().items()} == dict.fromkeys(IDS, O.OK)
    threads = [p for p in fresh.posts("forum") if p["parent_id"] is None]
    assert {p["title"] for p in threads} == {r["title"] for r in rows(forum)}
    assert {p["body"] for p in threads} == {r["body"] for r in rows(forum)}
    assert len(fresh.posts("forum")) - len(threads) == sum(len(r["replies"]) for r in rows(forum))
    assert {(p["title"], p["body"]) for p in fresh.posts("jyj")} == {(r["title"], "\n".join(r["body"].splitlines())) for r in rows(jyj)}
    assert {p["title"] for p in fresh.posts("daily")} == {r["title"] for r in rows(daily)}
    assert all(p["body"].replace("\n", "").startswith(r["summary"][:30]) for p, r in matched(fresh, daily))
    off = [p["title"] for source, site in (("forum", forum), ("jyj", jyj)) for p, r in matched(fresh, site, source) if wrong(p, site, r)]
    assert off == []

    asked = [run.pages for run in fresh.runs().values()]
    fresh.crawl(*IDS)
    assert {run.outcome for run in fresh.runs().values()} == {O.UNCHANGED}
    assert sum(run.pages for run in fresh.runs().values()) < sum(asked) / 5

    row = rows(forum)[3]
    row["replies"].append({"id": 99_001, "author": "新来的", "age_minutes": 0, "body": "我也看到了"})
    before = len(fresh.posts("forum"))
    fresh.crawl("forum")
    new = fresh.posts("forum")[before:]
    assert [p["body"] for p in new] == ["我也看到了"]
    assert new[0]["parent_id"] == next(p["id"] for p in threads if p["title"] == row["title"])


def matched(fresh: Bureau, site: Served, source: str = "daily") -> list[tuple[dict[str, Any], dict[str, Any]]]:
    by_title = {r["title"]: r for r in rows(site)}
    return [(p, by_title[str(p["title"])]) for p in fresh.posts(source) if p["parent_id"] is None]


def wrong(post: dict[str, Any], site: Served, row: dict[str, Any]) -> bool:
    """Whether the stored time is not the published one, to the minute."""
    meant = site.site.when(row).astimezone(clock().tzinfo).strftime("%Y-%m-%dT%H:%M")
    return not str(post["published_at"]).startswith(meant)


def test_a_killed_crawl_loses_nothing_and_the_next_goes_on(fresh: Bureau, sites: tuple[Served, ...]) -> None:
    fresh.configure({"forum": sample_sources(sites)["forum"]})
    (fresh.root / "die.txt").write_text("60")
    assert "SIGKILL" in fresh.crawl().text
    kept = len(fresh.posts("forum"))
    assert fresh.runs()["forum"].outcome is O.FAILED
    assert fresh.store.value("SELECT count(*) FROM host_lease") == 0
    (fresh.root / "die.txt").unlink()
    fresh.crawl("forum")
    everything = len(rows(sites[0])) + sum(len(r["replies"]) for r in rows(sites[0]))
    assert 60 <= kept < everything == len(fresh.posts("forum"))
    assert fresh.runs()["forum"].outcome is O.OK


def test_a_crawl_that_is_told_to_stop_stores_what_it_has(fresh: Bureau, sites: tuple[Served, ...]) -> None:
    fresh.configure({"forum": sample_sources(sites)["forum"]})
    fresh.crawl(stopped=lambda: bool(fresh.posts("forum")))
    run = fresh.runs()["forum"]
    assert (run.outcome, run.new) == (O.FAILED, len(fresh.posts("forum")))
    assert "被中止" in (run.error or "")


def test_a_hung_crawl_is_ended_and_recorded(fresh: Bureau, sites: tuple[Served, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawlers.child.START_SECONDS", -3)
    monkeypatch.setattr("crawlers.child.GRACE_SECONDS", 0.5)
    fresh.configure({"forum": sample_sources(sites)["forum"]}, run_seconds=5)
    (fresh.root / "hang").touch()
    sources.begin_run(fresh.store, "forum", clock())
    assert "没有结束，已中止" in fresh.crawl("forum").text
    assert fresh.runs()["forum"].outcome is O.TIMEOUT


def test_a_host_that_another_crawl_holds_is_passed_over(fresh: Bureau, sites: tuple[Served, ...]) -> None:
    fresh.configure({"forum": sample_sources(sites)["forum"]})
    leases.take(fresh.store, "127.0.0.1", "somebody", clock(), clock() + timedelta(minutes=1))
    assert "另一个采集正在访问该网站" in fresh.crawl().text
    assert fresh.runs() == {}
