"""Every page renders, says what it must, and lets nothing hostile through."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from pipeline.domain.readings import Clue, Span
from pipeline.domain.terms import CrawlOutcome, Nature, RedLine
from pipeline.moments import to_text
from pipeline.store import sources
from pipeline.store.db import Store
from responders.console.security import POLICY

Browser = Any
Go = Callable[..., Any]
PAGES = ("/", "/cases", "/cases?state=all", "/sources", "/mail", "/mail?state=troubled", "/digests", "/login")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_stands_when_there_is_nothing(approver: Browser, path: str) -> None:
    assert approver.open(path).status_code in (200, 303)


def test_today_puts_what_burns_on_top_and_each_number_leads_to_its_list(
    approver: Browser, gathered: Go, routed: Go, canteen: int, now: datetime, clock: Any
) -> None:
    gathered("学生被猥亵\n家长报警", "A3", read={"redline": RedLine.SEXUAL_OFFENCE}, at=now, redline="sexual_offence", grade="Ⅱ")
    routed(now)
    clock.on(hours=20)
    approver.log_in("approver")
    page = approver.open("/").text
    order = [page.index(f'id="{kind}"') for kind in ("redline", "undecided", "hand_over")]
    assert order == sorted(order)
    for kind, number in (("redline", 1), ("undecided", 2), ("hand_over", 2)):
        assert f'href="/cases?burning={kind}"><span class="n">{number}</span>' in page
        assert f"共 {number} 件" in approver.open(f"/cases?burning={kind}").text


def test_old_stock_burns_nothing(approver: Browser, gathered: Go, routed: Go, now: datetime) -> None:
    gathered("学生溺水\n去年的事", "A1", read={"redline": RedLine.DEATH_OR_INJURY}, redline="death_or_injury", dormant=1)
    routed(now)
    assert 'href="/cases?burning=redline"><span class="n">0</span>' in approver.open("/").text


def test_a_case_shows_its_reasons_clocks_and_times(approver: Browser, canteen: int) -> None:
    page = approver.open(f"/cases/{canteen}").text
    for words in (
        "教舆-2026-00001", "建议等级", "Ⅳ级 一般·蓝", "待研判", "首发 <strong>2026-11-18 08:00</strong>（2小时前）", "清源县第一中学",
        "主责", "规则：one-school", "政务舆情回应", "还剩 1天22小时", "国办发〔2016〕61号", "自然小时", "A5", "拟交办",
    ):
        assert words in page, words


def test_numbers_that_identify_a_person_are_masked(approver: Browser, canteen: int) -> None:
    pages = approver.open("/").text + approver.open("/cases").text + approver.open(f"/cases/{canteen}").text
    assert "13800001111" not in pages
    assert "［手机号］" in pages


def test_words_that_fired_are_highlighted_where_they_stand(approver: Browser, gathered: Go, routed: Go, now: datetime) -> None:
    text = "<b>发霉</b>饭菜\n电话13800001111，<i>发霉</i>的饭"
    first, second = text.index("发霉"), text.rindex("发霉")
    clues = tuple(Clue(Span("发霉", at, at + 2), "A5", 1.0) for at in (first, second))
    case_id = gathered(text, "A5", read={"clues": clues})
    routed(now)
    page = approver.open(f"/cases/{case_id}").text
    assert "&lt;b&gt;<mark>发霉</mark>&lt;/b&gt;饭菜" in page
    assert "电话［手机号］，&lt;i&gt;<mark>发霉</mark>&lt;/i&gt;的饭" in page


HOSTILE = {
    "script": "<script>alert(1)</script>", "quotes": "\"'><img src=x onerror=alert(1)>", "template": "{{ 7*7 }}{% raw %}",
    "bidi": "校长\u202e好人\u202c\u2066x\u2069", "zero width": "一\u200b中\ufeff", "control": "a\x00b\x1bc\x7f", "entity": "&lt;script&gt;",
    "long": "长" * 3000, "emoji": "👨‍👩‍👧 👍🏽", "empty": "", "lone surrogate": "坏\ud800字",
}


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_only_text(
    approver: Browser, gathered: Go, routed: Go, store: Store, now: datetime, title: str
) -> None:
    said = title.encode("utf-8", "replace").decode()
    with store.transaction():
        store.execute("UPDATE user SET name = name")
    case_id = gathered(f"{said}\n{said}javascript:alert(1)", "A5", at=now)
    with store.transaction():
        store.execute("UPDATE post SET url = 'javascript:alert(1)'")
    routed(now)
    for path in ("/", "/cases?state=all", f"/cases/{case_id}"):
        reply = approver.open(path)
        assert reply.status_code == 200
        found = Tags()
        found.feed(reply.text)
        assert found.scripts == 1, "the page's own script alone"
        assert found.handlers == []
        assert not [h for h in found.links if h.startswith("javascript:")]
        assert not set(reply.text) & set("\u202e\u202c\u2066\u2069\u200b\ufeff\x00\x1b\x7f")


def test_marks_stand_for_what_cannot_be_seen_and_emoji_stay_whole(approver: Browser, gathered: Go, routed: Go, now: datetime) -> None:
    case_id = gathered("校长\u202e好人\n👨‍👩‍👧", "A5")
    routed(now)
    page = approver.open(f"/cases/{case_id}").text
    assert "校长〔U+202E〕好人" in page
    assert "👨‍👩‍👧" in page


class Tags(HTMLParser):
    """What a page would run or follow."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts, self.handlers, self.links = 0, [], []  # type: ignore[var-annotated]  # lists of strings

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.handlers += [n for n, _ in attrs if n.startswith("on") or n == "style"]
        self.links += [v or "" for n, v in attrs if n in ("href", "src", "action")]


def test_links_to_sources_show_their_host_and_tell_nothing(approver: Browser, canteen: int, store: Store) -> None:
    with store.transaction():
        store.execute("UPDATE post SET url = 'http://forum.example/t/1?a=1&b=2'")
    page = approver.open(f"/cases/{canteen}").text
    assert '<a href="http://forum.example/t/1?a=1&amp;b=2" target="_blank" rel="noreferrer noopener">forum.example ↗</a>' in page


@pytest.mark.parametrize("path", ["/", "/login", "/cases/999", "/nothing", "/static/console.css", "/static/../app.py"])
def test_every_answer_carries_the_headers(approver: Browser, path: str) -> None:
    headers = approver.open(path).headers
    assert headers["content-security-policy"] == POLICY
    assert (headers["x-content-type-options"], headers["referrer-policy"], headers["x-frame-options"]) == ("nosniff", "no-referrer", "DENY")
    assert headers["cache-control"] in ("no-store", "max-age=86400")
    assert "server" not in headers


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1:8600", 303), ("localhost:8600", 303), ("192.168.3.4", 303), ("[::1]:8600", 303), ("evil.example", 400), ("", 400)],
)
def test_only_known_hosts_are_served(browser: Browser, host: str, status: int) -> None:
    assert browser.client.get("/", headers={"host": host}, follow_redirects=False).status_code == status


def test_what_is_larger_than_its_form_is_refused_unread(approver: Browser, canteen: int) -> None:
    assert approver.send(f"/cases/{canteen}/dismiss", reason="长" * 40_000).status_code == 413
    assert approver.send(f"/cases/{canteen}/answer", files={"file": ("a.png", b"x" * 6_000_000)}).status_code == 413
    assert approver.open("/").status_code == 200


@pytest.mark.parametrize("path", ["/nothing", "/cases/999", "/digests/2026-13-45", "/digests/x", "/cases/999/answers/1/copy"])
def test_what_does_not_exist_is_said_so(approver: Browser, path: str) -> None:
    reply = approver.open(path)
    assert reply.status_code == 404
    assert "没有" in reply.text


def test_an_error_is_a_calm_page_without_a_trace(approver: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.store.sources.states", lambda *a: 1 / 0)
    reply = approver.open("/sources")
    assert reply.status_code == 500
    assert "系统出错" in reply.text
    assert "ZeroDivision" not in reply.text
    assert reply.headers["content-security-policy"] == POLICY


def test_sources_that_were_not_seen_are_named_today(approver: Browser, store: Store, now: datetime) -> None:
    run = sources.begin_run(store, "forum", now - timedelta(minutes=5))
    sources.end_run(store, run, CrawlOutcome.WALL, now, error="出现验证码")
    for path in ("/", "/sources"):
        page = approver.open(path).text
        assert "需登录或验证码" in page
        assert "出现验证码" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=发霉", 1), ("q=教舆-2026-00001", 1), ("q=教舆-2026-00009", 0), ("q=没有这个词", 0), ("topic=A5", 1), ("topic=C1", 0),
        ("owner=QY001", 1), ("owner=QY002", 0), ("grade=Ⅳ", 1), ("grade=Ⅰ", 0), ("state=triage", 1), ("state=closed", 0),
        ("state=nonsense", 1),
        ("today=1", 1), ("page=abc", 1), ("page=99999999", 1), ("q=%00", 0), ("q=" + "字" * 500, 0), ('q="OR"', 0), ("burning=nonsense", 1),
    ],
)
def test_the_list_is_filtered_and_survives_any_query(approver: Browser, canteen: int, query: str, found: int) -> None:
    reply = approver.open(f"/cases?{query}")
    assert reply.status_code == 200
    assert f"共 {found} 件" in reply.text


def test_the_list_has_pages_and_what_is_due_next_comes_first(approver: Browser, gathered: Go, routed: Go, now: datetime) -> None:
    for n in range(33):
        gathered(f"清源一中第{n}件\n食堂", "A5", read={"schools": {"清源一中": "QY001"}}, at=now - timedelta(minutes=n))
    routed(now)
    first, second = approver.open("/cases").text, approver.open("/cases?page=2").text
    assert first.count('class="row"') == 30
    assert second.count('class="row"') == 3
    assert "清源一中第32件" in first
    assert "清源一中第0件" in second
    assert first.index("清源一中第32件") < first.index("清源一中第31件")


def test_the_record_is_shown_and_its_chain_checked(browser: Browser, canteen: int) -> None:
    browser.log_in("auditor")
    assert "拟交办" in browser.open("/audit").text
    assert "前后相符，与各期日报所印相符" in browser.open("/audit?verify=1").text


def test_a_digest_is_a_page_of_its_own_in_which_nothing_runs(approver: Browser, store: Store, now: datetime) -> None:
    with store.transaction():
        store.insert(
            "digest", bureau=store.bureau, date="2026-11-18", number=12, since=to_text(now), until=to_text(now),
            subject="日报", audit_count=0, audit_hash="0", html="<h1>日报</h1><script>1</script>", text="一、总体情况 <script>",
            made_at=to_text(now),
        )
    assert "总第 12 期" in approver.open("/digests").text
    assert "&lt;script&gt;" in approver.open("/digests/2026-11-18").text
    policy = approver.open("/digests/2026-11-18/page").headers["content-security-policy"]
    assert "sandbox" in policy
    assert "script" not in policy


def test_an_accusation_is_marked_as_not_to_be_handed_on(approver: Browser, gathered: Go, routed: Go, now: datetime) -> None:
    case_id = gathered("举报清源一中校长收礼", "F3", read={"nature": Nature.ACCUSATION, "accused": {"校长": ("head", "QY001")}})
    routed(now)
    assert "不得转交被举报人" in approver.open(f"/cases/{case_id}").text


def test_the_clocks_of_a_case_are_explained_on_a_page_of_their_own(approver: Browser, canteen: int, known: None) -> None:
    assert f'href="/cases/{canteen}/clock"' in approver.open(f"/cases/{canteen}").text
    page = approver.open(f"/cases/{canteen}/clock").text
    assert "2026-11-18 周三 08:30 至 12:00　工作日，计 3.5 小时" in page
    assert "法定时限，清源县第一中学承担，还剩 1天22小时" in page
    assert "13800001111" not in page
