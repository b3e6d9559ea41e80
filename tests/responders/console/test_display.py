"""How times and texts are worded; what a page lists costs the same however long the history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from pipeline.domain.readings import Span
from pipeline.moments import parse
from pipeline.store import desk_views, views
from pipeline.store.db import Store
from pipeline.store.views import Burning, Wanted
from responders.console import display
from responders.wording import remaining

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("left", "says"),
    [
        (timedelta(hours=3, minutes=20), "还剩 3小时20分"), (timedelta(days=2), "还剩 2天"), (timedelta(days=2, hours=5), "还剩 2天5小时"),
        (timedelta(hours=1), "还剩 1小时"), (59 * MINUTE, "还剩 59分钟"), (timedelta(seconds=1), "还剩 不足1分钟"),
        (timedelta(), "还剩 不足1分钟"), (timedelta(seconds=-1), "已超期 不足1分钟"), (timedelta(days=-2), "已超期 2天"),
        (timedelta(hours=-26, minutes=-3), "已超期 1天2小时"),
    ],
)
def test_what_is_left_is_said_in_words(now: datetime, left: timedelta, says: str) -> None:
    assert remaining(now + left, now) == says


@pytest.mark.parametrize(
    ("moment", "says"), [("2026-11-18 09:02", "今天 09:02"), ("2026-11-17 23:59", "11-17 23:59"), ("2025-12-30 08:00", "2025-12-30 08:00")]
)
def test_a_moment_is_as_short_as_it_can_be(now: datetime, moment: str, says: str) -> None:
    assert display.brief(parse(moment), now) == says


def test_a_day_is_named_in_full(now: datetime) -> None:
    assert display.day(now) == "2026年11月18日 星期三"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://a.example/x", "a.example"), ("HTTP://A.Example:8080/", "a.example"), ("javascript:alert(1)", ""),
        ("data:text/html,x", ""), ("//a.example", ""), ("https://bank.example@evil.example/", ""), ("http://[::1", ""), ("", ""),
        ("a.example", ""),
    ],
)
def test_only_web_addresses_have_a_host(url: str, host: str) -> None:
    assert display.host(url) == host


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("一中\u202e", "一中〔U+202E〕"), ("a\r\nb\tc", "a\nb\tc"), ("\u200d甲", "〔U+200D〕甲"), ("👨‍👩‍👧", "👨‍👩‍👧"), ("❤️", "❤️"),
        ("正常文字，ABC 123", "正常文字，ABC 123"), ("\x00\x7f\u2028", "〔U+0000〕〔U+007F〕〔U+2028〕"),
    ],
)
def test_what_cannot_be_seen_is_shown_as_a_mark(text: str, shown: str) -> None:
    assert display.visible(text) == shown


@pytest.mark.parametrize(
    ("text", "spans", "marked"),
    [
        ("食堂发霉了", [(2, 4)], "食堂[发霉]了"),
        ("食堂发霉了", [(0, 2), (1, 4)], "[食堂发霉]了"),
        ("电话13800001111发霉", [(13, 15)], "电话［手机号］[发霉]"),
        ("电话13800001111发霉", [(5, 8), (13, 15)], "电话［手机号］发霉"),
        ("发霉", [(0, 9), (-1, 1), (2, 2)], "发霉"),
        ("发霉\ue000", [(0, 2)], "发霉〔U+E000〕"),
        ("", [], ""),
    ],
)
def test_highlights_stand_where_the_words_stand_and_never_unmask(text: str, spans: list[tuple[int, int]], marked: str) -> None:
    found = display.pieces(text, [Span(text[a:b], a, b) for a, b in spans])
    assert "".join(f"[{p.text}]" if p.hit else p.text for p in found) == marked


def test_a_megabyte_is_cut_for_the_page() -> None:
    assert sum(len(p.text) for p in display.pieces("字" * 1_000_000, [])) == display.LONGEST


def plans(store: Store, ask: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How SQLite means to answer whatever `ask` asks."""
    asked: list[tuple[str, tuple[Any, ...]]] = []
    rows, value = Store.rows, Store.value
    with monkeypatch.context() as patch:
        patch.setattr(Store, "rows", lambda s, sql, *a: asked.append((sql, a)) or rows(s, sql, *a))
        patch.setattr(Store, "value", lambda s, sql, *a: asked.append((sql, a)) or value(s, sql, *a))
        ask()
    return [r["detail"] for sql, a in asked for r in store.rows(f"EXPLAIN QUERY PLAN {sql}", *a)]


DERIVED = ("SCAN c", "SCAN w", "SCAN h", "SCAN e")
"""Rows that a query has gathered itself, and the record read backwards along its key."""
LISTS: dict[str, Callable[[Store, datetime], object]] = {
    **{k.value: (lambda s, n, k=k: views.cases(s, Wanted(burning=k), n)) for k in Burning},
    "troubled": lambda s, n: (desk_views.count_troubled(s), desk_views.mail_counts(s)),
    "live": lambda s, n: views.cases(s, Wanted(states=tuple(views.CaseState)[:3], topic="A5", owner="QY001"), n),
    "found by words": lambda s, n: views.cases(s, Wanted(posts=(1, 2, 3)), n),
    "arrivals": views.arrivals,
    "calls": lambda s, n: desk_views.phone_tasks(s, 20),
    "digests": lambda s, n: desk_views.digests(s, 20),
    "record": lambda s, n: desk_views.record(s, 20),
}


@pytest.mark.parametrize("name", LISTS)
def test_every_list_stands_on_an_index(store: Store, canteen: int, now: datetime, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    found = plans(store, lambda: LISTS[name](store, now), monkeypatch)
    assert found
    assert [p for p in found if p.startswith("SCAN") and "INDEX" not in p and p not in DERIVED] == []
    assert found.count("SCAN c") <= 1, "the table of cases itself is scanned"
    assert [p for p in found if p.startswith("SEARCH c ") and p.endswith("(bureau=?)")] == [], "all history is walked"
