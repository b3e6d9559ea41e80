"""The sample's sites: their pages grow old with the clock, and a post's moment never moves."""

from datetime import UTC, datetime, timedelta

import pytest

from crawlers.dates import read
from crawlers.sample_sites import Bureau, Forum, Newspaper
from pipeline.moments import LOCAL
from tests.conftest import NOW


@pytest.mark.parametrize("later", [timedelta(0), timedelta(minutes=7), timedelta(hours=9), timedelta(days=1), timedelta(days=60)])
def test_however_a_time_is_written_it_is_read_as_the_moment_it_means(later: timedelta) -> None:
    present = [NOW]
    forum = Forum(lambda: present[0])
    present[0] = NOW + later
    for row in forum.rows:
        for text in (forum.ago(row), forum.full(row)):
            moment, _ = read(text, present[0])
            assert moment is not None
            assert abs(moment - forum.when(row)) <= timedelta(minutes=1), text


def test_all_the_ways_of_writing_a_time_occur() -> None:
    forum = Forum(lambda: NOW)
    written = {forum.ago(reply)[:2] for row in forum.rows for reply in (row, *row["replies"])}
    assert {"今天", "昨天", "前天"} <= written
    assert any("分钟前" in forum.ago(row) for row in forum.rows)


def test_the_bureau_calls_its_gb18030_gb2312() -> None:
    answer = Bureau(lambda: NOW).answer("/")
    assert answer is not None
    assert answer.content_type == "text/html; charset=gb2312"
    assert "清源县教育局" in answer.body.decode("gb18030")


PATHS = [
    (Forum, "/", True), (Forum, "/forum-1-1.html", True), (Forum, "/thread-1001-1.html", True), (Forum, "/forum-9-1.html", False),
    (Forum, "/thread-1001-9.html", False), (Forum, "/thread-x-1.html", False), (Bureau, "/art-5001.html", True),
    (Bureau, "/art-1.html", False), (Bureau, "/list-0-99.html", False), (Newspaper, "/rss.xml", True),
    (Newspaper, "/news-8001.html", True), (Newspaper, "/robots.txt", True), (Newspaper, "/../../etc/passwd", False),
    (Newspaper, "/news--1.html", False),
]


@pytest.mark.parametrize(("site", "path", "there"), PATHS, ids=[p[1] for p in PATHS])
def test_what_is_there_is_served_and_nothing_else(site: type[Forum], path: str, there: bool) -> None:
    assert (site(lambda: NOW).answer(path) is not None) is there


def test_a_feeds_times_have_their_zone() -> None:
    answer = Newspaper(lambda: datetime(2026, 11, 18, 2, tzinfo=UTC)).answer("/rss.xml")
    assert answer is not None
    assert NOW.astimezone(LOCAL).strftime("%z") in answer.body.decode()
